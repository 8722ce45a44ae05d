// SPDX-License-Identifier: GPL-2.0
/*
 * Which bridge leads to which bus.
 *
 * A bus has the bridge whose secondary number it is.  Where the report has no
 * such bridge, in this order: one that lost its numbers; one made up behind the
 * deepest bridge, or on the host bridge, whose numbers the bus is among; and if
 * nothing is known, the bus is a root bus, or one behind root bus 0.
 *
 * A bridge leads to a higher bus than it is on, so there are no loops, and in
 * the order of bus numbers parents come before children.
 */
#include <stdlib.h>
#include "builder.h"

static int by_place(const void *a, const void *b)
{
	const struct function *x = *(struct function * const *)a;
	const struct function *y = *(struct function * const *)b;

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	if (x->bus != y->bus)
		return x->bus < y->bus ? -1 : 1;
	return (x->devfn > y->devfn) - (x->devfn < y->devfn);
}

static int hosts_by_place(const void *a, const void *b)
{
	const struct host_fact *x = *(struct host_fact * const *)a;
	const struct host_fact *y = *(struct host_fact * const *)b;

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	return (x->bus > y->bus) - (x->bus < y->bus);
}

/* Numbers of one bus belong to one bridge: the first. */
static void drop_doubles(struct builder *b)
{
	struct function *f;
	u32 i;

	for (i = 0; i < b->nr_funs; i++) {
		f = b->fun[i];
		if (f->gone || !f->bridge || !f->bus_told ||
		    builder_bridge_to(b, f->domain, f->bus_first) == f)
			continue;
		note_function(b, NOTE_BUS_NUMBERS, f);
		f->bus_told = false;
		f->fresh = false;
		if (f->devfn >= BUILDER_NO_FN)
			f->gone = true;
	}
}

/* The deepest bridge that has @bus among its numbers, and is not the one to it. */
static struct function *deepest(struct builder *b, u32 domain, u8 bus)
{
	struct function *f, *found = NULL;
	u32 i;

	for (i = 0; i < b->nr_funs; i++) {
		f = b->fun[i];
		if (!f->gone && f->bridge && f->bus_told && f->domain == domain &&
		    f->bus_first < bus && bus <= f->bus_last &&
		    (!found || f->bus_first > found->bus_first))
			found = f;
	}
	return found;
}

/* A window of just the size that what is on a bus needs, and both got no place. */
static bool lacks_the_same(struct builder *b, const struct function *bridge, u8 bus)
{
	struct function *f;
	u32 i, n, s;

	for (i = 0; i < b->nr_funs; i++) {
		f = b->fun[i];
		if (f->gone || f->domain != bridge->domain || f->bus != bus)
			continue;
		for (n = 0; n < BUILDER_ROM; n++)
			for (s = PMB_MEM; f->bar[n].asked && s < PMB_SPACES; s++)
				if (bridge->win[s].wanted >= f->bar[n].asked &&
				    bridge->win[s].wanted / 2 < f->bar[n].asked)
					return true;
	}
	return false;
}

/*
 * A bridge without numbers that the bus could be behind.  Bus numbers are given
 * in the order of the bridges, so it is on the highest bus before.
 */
static struct function *unnumbered(struct builder *b, u32 domain, u8 bus, u8 from)
{
	struct function *f, *fresh = NULL, *only = NULL, *fits = NULL;
	u32 i, nr = 0;

	for (i = 0; i < b->nr_funs; i++) {
		f = b->fun[i];
		if (f->gone || !f->bridge || f->bus_told || f->domain != domain || f->bus >= bus ||
		    f->bus < from)
			continue;
		only = f;
		nr++;
		if (lacks_the_same(b, f, bus) && (!fits || f->bus > fits->bus))
			fits = f;
		if (f->fresh && (!fresh || f->bus > fresh->bus ||
				 (f->bus == fresh->bus && f->devfn < fresh->devfn)))
			fresh = f;
	}
	return fresh ? fresh : nr == 1 ? only : fits;
}

static struct host_fact *host_before(struct builder *b, u32 domain, u8 bus, bool told)
{
	struct host_fact *host, *found = NULL;
	u32 i;

	for (i = 0; i < b->nr_hosts; i++) {
		host = b->host[i];
		if (host->domain == domain && host->bus < bus && bus <= host->bus_last &&
		    (!told || host->bus_told) && (!found || host->bus > found->bus))
			found = host;
	}
	return found;
}

/* Without a word about it: do functions like these live on a root bus? */
static bool looks_like_root(struct builder *b, u32 domain, u8 bus)
{
	struct function *f, *other = NULL;
	bool host = host_before(b, domain, bus, false);
	u32 i;

	if (!bus)
		return true;
	for (i = 0; i < b->nr_funs; i++) {
		f = b->fun[i];
		if (f->gone || f->domain != domain || f->bus != bus)
			continue;
		if (f->root_port)
			return true;
		if (f->below_port)
			return false;
		/* A PCIe link has a single device at its end. */
		if (!host && (f->bridge || (other && other->devfn >> 3 != f->devfn >> 3)))
			return true;
		other = f;
	}
	return false;
}

static struct function *made_up(struct builder *b, u32 domain, u8 bus, u8 up)
{
	struct function *f = builder_bridge_made(b, domain, bus, up);

	note_function(b, NOTE_NO_BRIDGE, f);
	return f;
}

static struct host_fact *guessed_host(struct builder *b, u32 domain, u8 bus)
{
	struct host_fact *host = builder_host(b, domain, bus);
	char name[PMB_NAME_LEN];

	host->guessed = true;
	snprintf(name, sizeof(name), "%04x:%02x", domain, bus);
	note(b, NOTE_NO_HOST, name);
	return host;
}

/* NULL: it is a root bus, which has a host bridge now. */
static struct function *missing_bridge(struct builder *b, const struct function *f)
{
	struct function *up = deepest(b, f->domain, f->bus);
	struct host_fact *host = host_before(b, f->domain, f->bus, true);
	struct function *lost;

	if (!up && looks_like_root(b, f->domain, f->bus)) {
		guessed_host(b, f->domain, f->bus);
		return NULL;
	}
	lost = unnumbered(b, f->domain, f->bus, up ? up->bus_first : host ? host->bus : 0);
	if (lost) {
		builder_bus_range(b, lost, f->bus, f->bus);
		note_function(b, NOTE_BUS_GUESSED, lost);
		return lost;
	}
	if (up)
		return made_up(b, f->domain, f->bus, up->bus_first);
	host = host ?: host_before(b, f->domain, f->bus, false);
	if (!host)
		host = guessed_host(b, f->domain, 0);
	return made_up(b, f->domain, f->bus, host->bus);
}

static void place(struct builder *b, struct function *f)
{
	struct function *up;

	if (f->host)
		return;
	up = builder_bridge_to(b, f->domain, f->bus);
	if (!up && !builder_find_host(b, f->domain, f->bus))
		up = missing_bridge(b, f);
	if (up)
		place(b, up);
	f->up = up;
	f->host = up ? up->host : builder_host(b, f->domain, f->bus);
}

/* A bridge that was made up has all the numbers that are used behind it. */
static void widen(struct function *f)
{
	struct function *up;

	for (up = f->up; up; up = up->up) {
		if (up->devfn < BUILDER_NO_FN)
			continue;
		if (up->bus_last < f->bus)
			up->bus_last = f->bus;
		if (f->bridge && f->bus_told && up->bus_last < f->bus_last)
			up->bus_last = f->bus_last;
	}
}

/* Host bridges share the numbers of a domain. */
static void end_hosts(struct builder *b)
{
	struct host_fact *host;
	u32 i;

	if (!b->nr_hosts)
		return;
	qsort(b->host, b->nr_hosts, sizeof(*b->host), hosts_by_place);
	for (i = 0; i + 1 < b->nr_hosts; i++) {
		host = b->host[i];
		if (host->domain == b->host[i + 1]->domain && host->bus_last >= b->host[i + 1]->bus)
			host->bus_last = b->host[i + 1]->bus - 1;
	}
	for (i = 0; i < b->nr_hosts; i++)
		if (b->host[i]->bus_last < b->host[i]->bus)
			b->host[i]->bus_last = b->host[i]->bus;
}

static void drop_gone(struct builder *b)
{
	u32 i, nr = 0;

	for (i = 0; i < b->nr_funs; i++) {
		if (b->fun[i]->gone)
			free(b->fun[i]);
		else
			b->fun[nr++] = b->fun[i];
	}
	b->nr_funs = nr;
}

void topology_make(struct builder *b)
{
	u32 i, nr;

	drop_doubles(b);
	drop_gone(b);
	/* No look-ups by name from here on but for new ones. */
	for (i = 0; i < BUILDER_HASH; i++)
		b->hash[i] = NULL;
	if (b->nr_funs)
		qsort(b->fun, b->nr_funs, sizeof(*b->fun), by_place);
	end_hosts(b);
	/* Those that are made up on the way have their place already. */
	nr = b->nr_funs;
	for (i = 0; i < nr; i++)
		place(b, b->fun[i]);
	for (i = 0; i < b->nr_funs; i++)
		widen(b->fun[i]);
	if (b->nr_funs)
		qsort(b->fun, b->nr_funs, sizeof(*b->fun), by_place);
	end_hosts(b);
}
