// SPDX-License-Identifier: GPL-2.0
/* What is known about a machine: kept by name, replaced by what comes later. */
#include <stdlib.h>
#include <string.h>
#include "builder.h"

void *builder_room(void *array, u32 nr, size_t size)
{
	if (nr & (nr - 1))
		return array;
	array = reallocarray(array, nr ? 2 * (size_t)nr : 1, size);
	if (!array)
		exit(pcibar_fail("no memory"));
	return array;
}

struct builder *builder_new(void)
{
	struct builder *b = pcibar_alloc(1, sizeof(*b));

	b->notes = notes_new();
	return b;
}

void builder_free(struct builder *b)
{
	u32 i;

	if (!b)
		return;
	for (i = 0; i < b->nr_funs; i++)
		free(b->fun[i]);
	for (i = 0; i < b->nr_hosts; i++) {
		free(b->host[i]->root);
		free(b->host[i]);
	}
	free(b->fun);
	free(b->host);
	free(b->res);
	free(b->loose);
	notes_free(b->notes);
	free(b);
}

/* Functions. */

static u32 hash(u32 domain, u8 bus, u16 devfn)
{
	return (domain * 31 + bus * 259 + devfn) % BUILDER_HASH;
}

static struct function *find_any(struct builder *b, u32 domain, u8 bus, u16 devfn)
{
	struct function *f;

	for (f = b->hash[hash(domain, bus, devfn)]; f; f = f->next)
		if (f->domain == domain && f->bus == bus && f->devfn == devfn)
			return f;
	return NULL;
}

static void make_blank(struct function *f)
{
	struct function old = *f;
	u32 s;

	memset(f, 0, sizeof(*f));
	f->domain = old.domain;
	f->bus = old.bus;
	f->devfn = old.devfn;
	f->next = old.next;
	for (s = 0; s < PMB_SPACES; s++)
		f->win[s].ever = old.win[s].ever;
}

struct function *builder_find(struct builder *b, u32 domain, u8 bus, u16 devfn)
{
	struct function *f = find_any(b, domain, bus, devfn);

	return f && !f->gone ? f : NULL;
}

bool builder_is_gone(struct builder *b, u32 domain, u8 bus, u16 devfn)
{
	struct function *f = find_any(b, domain, bus, devfn);

	return f && f->gone;
}

struct function *builder_function(struct builder *b, u32 domain, u8 bus, u16 devfn)
{
	struct function *f = find_any(b, domain, bus, devfn);
	u32 h = hash(domain, bus, devfn);

	if (f) {
		if (f->gone)
			make_blank(f);
		return f;
	}
	f = pcibar_alloc(1, sizeof(*f));
	f->domain = domain;
	f->bus = bus;
	f->devfn = devfn;
	f->next = b->hash[h];
	b->hash[h] = f;
	b->fun = builder_room(b->fun, b->nr_funs, sizeof(*b->fun));
	b->fun[b->nr_funs++] = f;
	return f;
}

void builder_name(const struct function *f, char name[PMB_NAME_LEN])
{
	/* The bus behind it is the only thing that is known of such a bridge. */
	if (f->devfn >= BUILDER_NO_FN)
		snprintf(name, PMB_NAME_LEN, "bridge-to-%04x:%02x", f->domain, f->bus_first);
	else
		snprintf(name, PMB_NAME_LEN, "%04x:%02x:%02x.%x", f->domain, f->bus,
			 f->devfn >> 3, f->devfn & 7);
}

struct function *builder_bridge_to(struct builder *b, u32 domain, u8 bus)
{
	struct function *f, *found = NULL;
	u32 i;

	for (i = 0; i < b->nr_funs; i++) {
		f = b->fun[i];
		if (!f->gone && f->bridge && f->bus_told && f->domain == domain &&
		    f->bus_first == bus && f->bus < bus &&
		    (!found || found->devfn >= BUILDER_NO_FN))
			found = f;
	}
	return found;
}

struct function *builder_bridge_made(struct builder *b, u32 domain, u8 bus, u8 up)
{
	struct function *f = builder_bridge_to(b, domain, bus);

	if (f || up >= bus)
		return f;
	/* One for each bus, out of the way of all real functions. */
	f = builder_function(b, domain, up, BUILDER_NO_FN + bus);
	f->bridge = true;
	f->bus_told = true;
	f->bus_first = bus;
	f->bus_last = bus;
	return f;
}

/* What was said of a bridge without a name belongs to the one that has one. */
static void take_over(struct builder *b, struct function *f)
{
	struct function *a;
	u32 i;

	for (i = 0; i < b->nr_funs; i++) {
		a = b->fun[i];
		if (a == f || a->gone || a->devfn < BUILDER_NO_FN || a->domain != f->domain ||
		    a->bus_first != f->bus_first)
			continue;
		for (int s = 0; s < PMB_SPACES; s++)
			if (f->win[s].state == WINDOW_UNKNOWN)
				f->win[s] = a->win[s];
		if (a->bus_last > f->bus_last)
			f->bus_last = a->bus_last;
		a->gone = true;
	}
}

void builder_bus_range(struct builder *b, struct function *f, u8 first, u8 last)
{
	f->bridge = true;
	if (!first || first <= f->bus) {
		f->bus_told = false;
		f->fresh = true;
		return;
	}
	f->fresh = false;
	f->drawn = false;
	f->bus_told = true;
	f->bus_first = first;
	f->bus_last = last < first ? first : last;
	take_over(b, f);
}

void builder_driver(struct builder *b, struct function *f, const char *name)
{
	/* In between, other names may have been before the messages. */
	if (strncmp(f->driver, name, PMB_NAME_LEN - 1) || f->driver_at <= f->scan_at) {
		pmb_name_set(f->driver, name);
		f->driver_at = b->line;
	}
	f->bound = TOLD_YES;
}

void builder_remove(struct builder *b, struct function *top, bool self)
{
	struct function *f;
	u32 i;

	if (top->bridge && top->bus_told) {
		for (i = 0; i < b->nr_funs; i++) {
			f = b->fun[i];
			if (f != top && f->domain == top->domain && f->bus >= top->bus_first &&
			    f->bus <= top->bus_last)
				f->gone = true;
		}
	}
	if (self)
		top->gone = true;
}

void builder_rescan(struct builder *b, struct function *f)
{
	struct function old = *f;

	make_blank(f);
	f->scan_at = b->line;
	f->from_log = true;
	/* What the scan does not print, and what does not change. */
	f->pcie = old.pcie;
	f->root_port = old.root_port;
	f->below_port = old.below_port;
	f->hotplug = old.hotplug;
	f->bound = old.bound;
	f->console = old.console;
	memcpy(f->driver, old.driver, sizeof(f->driver));
	if (!old.from_log) {
		f->sure = old.sure;
		f->driver_at = old.driver_at ? b->line : 0;
		for (int i = 0; i < BUILDER_BARS; i++)
			f->bar[i].sizes = old.bar[i].sizes;
	}
	if (old.bridge) {
		f->bridge = true;
		f->bus_told = old.bus_told;
		f->bus_first = old.bus_first;
		f->bus_last = old.bus_last;
		f->transparent = old.transparent;
	}
}

/* Hosts. */

struct host_fact *builder_find_host(struct builder *b, u32 domain, u8 bus)
{
	u32 i;

	for (i = 0; i < b->nr_hosts; i++)
		if (b->host[i]->domain == domain && b->host[i]->bus == bus)
			return b->host[i];
	return NULL;
}

struct host_fact *builder_host(struct builder *b, u32 domain, u8 bus)
{
	struct host_fact *host = builder_find_host(b, domain, bus);

	if (host)
		return host;
	host = pcibar_alloc(1, sizeof(*host));
	host->domain = domain;
	host->bus = bus;
	host->bus_last = 0xff;
	b->host = builder_room(b->host, b->nr_hosts, sizeof(*b->host));
	b->host[b->nr_hosts++] = host;
	return host;
}

void builder_root(struct builder *b, struct host_fact *host, const struct root_fact *root)
{
	struct root_fact *old;
	u32 i;

	(void)b;
	host->guessed = false;
	for (i = 0; i < host->nr_roots; i++) {
		old = &host->root[i];
		if (space_is_io(old->space) != space_is_io(root->space) ||
		    !pmb_ranges_overlap(&old->range, &root->range))
			continue;
		/* The same again; the log tells more of it than /proc/iomem. */
		if (!root->weak)
			*old = *root;
		return;
	}
	host->root = builder_room(host->root, host->nr_roots, sizeof(*host->root));
	host->root[host->nr_roots++] = *root;
}

/* Of the host bridges of a domain, the one whose bus numbers come last before. */
static bool below_host(struct builder *b, const struct host_fact *host, const struct function *f)
{
	u32 i;

	if (f->domain != host->domain || f->bus < host->bus || f->bus > host->bus_last)
		return false;
	for (i = 0; i < b->nr_hosts; i++)
		if (b->host[i]->domain == f->domain && b->host[i]->bus > host->bus &&
		    b->host[i]->bus <= f->bus)
			return false;
	return true;
}

void builder_reboot(struct builder *b, struct host_fact *host)
{
	struct function *f;
	u32 i;

	host->nr_roots = 0;
	free(host->root);
	host->root = NULL;
	host->scanned = false;
	for (i = 0; i < b->nr_funs; i++) {
		f = b->fun[i];
		if (f->from_log && below_host(b, host, f))
			f->gone = true;
	}
}

void builder_bus_address(struct builder *b, const struct function *f, bool io, u64 *start,
			 u64 size)
{
	const struct pmb_range as_cpu = { *start, size };
	const struct root_fact *root, *found = NULL;
	u32 h, i;

	for (h = 0; h < b->nr_hosts; h++) {
		if (b->host[h]->domain != f->domain)
			continue;
		for (i = 0; i < b->host[h]->nr_roots; i++) {
			struct pmb_range range = as_cpu;

			root = &b->host[h]->root[i];
			if (space_is_io(root->space) != io)
				continue;
			if (pmb_range_holds(&root->range, &as_cpu))
				return;
			range.start += root->offset;
			if (root->offset && pmb_last(&range) >= range.start &&
			    pmb_range_holds(&root->range, &range))
				found = root;
		}
	}
	if (found)
		*start += found->offset;
}

void builder_reserve(struct builder *b, bool io, bool weak, u64 start, u64 last,
		     const char *name)
{
	struct reservation *r;
	u32 i;

	b->reservations_told = true;
	if (last < start || last - start == U64_MAX)
		return;
	for (i = 0; i < b->nr_res; i++) {
		r = &b->res[i];
		if (r->io == io && r->weak == weak && r->range.start == start &&
		    pmb_last(&r->range) == last)
			return;
	}
	b->res = builder_room(b->res, b->nr_res, sizeof(*b->res));
	r = &b->res[b->nr_res++];
	memset(r, 0, sizeof(*r));
	r->io = io;
	r->weak = weak;
	r->range.start = start;
	r->range.size = last - start + 1;
	pmb_name_set(r->name, name);
}

/* BARs and windows. */

bool is_range(u64 start, u64 size)
{
	return size && start + size - 1 >= start;
}

void bar_place(struct bar_fact *bar, u64 start, u64 size, bool scanned)
{
	if (!is_range(start, size))
		return;
	bar->known = true;
	bar->placed = true;
	bar->failed = false;
	bar->was_failed = false;
	bar->unlisted = false;
	bar->scanned = scanned;
	bar->start = start;
	bar->size = size;
}

void bar_drop(struct bar_fact *bar)
{
	bar->placed = false;
	bar->scanned = false;
}

void bar_fail(struct builder *b, struct bar_fact *bar, u64 size)
{
	bar_drop(bar);
	bar->known = true;
	if (size)
		bar->size = size;
	if (bar->asked < size)
		bar->asked = size;
	if (!bar->failed)
		bar->failed_at = b->line;
	bar->failed = true;
	bar->was_failed = true;
}

void range_add(struct pmb_range *all, const struct pmb_range *range)
{
	u64 start = range->start, last = pmb_last(range);

	if (all->size) {
		start = start < all->start ? start : all->start;
		last = last > pmb_last(all) ? last : pmb_last(all);
	}
	all->start = start;
	all->size = last - start + 1;
}

void window_open(struct window_fact *win, u64 start, u64 size)
{
	if (!size) {
		window_close(win);
		return;
	}
	if (!is_range(start, size))
		return;
	win->state = WINDOW_OPEN;
	win->range.start = start;
	win->range.size = size;
	win->released = false;
	if (win->wanted <= size)
		win->wanted = 0;
	range_add(&win->ever, &win->range);
}

void window_close(struct window_fact *win)
{
	win->state = WINDOW_CLOSED;
	win->released = false;
}
