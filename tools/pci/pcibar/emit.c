// SPDX-License-Identifier: GPL-2.0
/*
 * What is known, as a layout.
 *
 *	root window  |-----------------------------------------------|
 *	root bus        |window|   |BAR|        |window          |
 *	reserved  |xxxxxxxxxx|   |xxxxxxxxx|        |xxx|
 *	holes     |xxxx|         |x|   |xxx|
 *	fixed BARs                                  |xxx|
 *
 * A reservation is a hole where nothing of PCI is, and a fixed BAR where it is
 * inside of a window.
 */
#include <stdlib.h>
#include <string.h>
#include "builder.h"
#include "text.h"

#define LOW_IO		0x1000ULL	/* as the kernel's snapshot has them */
#define LOW_MEMORY	0x100000ULL
#define HOTPLUG_SIZE	0x200000ULL
#define HOTPLUG_IO	0x1000ULL

struct inside {
	const struct function *bridge;
	struct pmb_range range;
	bool io;
};

struct emitter {
	struct builder *b;
	struct pmb_layout *layout;
	struct pmb_hole *hole;
	u32 nr_holes;
	struct inside *inside;
	u32 nr_inside;
};

static bool io_bar(const struct bar_fact *bar)
{
	return bar->kind & PMB_BAR_IO;
}

static const struct pmb_range *bar_range(const struct bar_fact *bar, struct pmb_range *range)
{
	*range = (struct pmb_range){ bar->start, bar->size };
	return range;
}

/* Root windows. */

enum hull { HULL_IO, HULL_LOW, HULL_HIGH, HULLS };

static enum hull hull_of(bool io, u64 last)
{
	return io ? HULL_IO : last > U32_MAX ? HULL_HIGH : HULL_LOW;
}

static void hull_add(struct pmb_range hull[HULLS], bool io, const struct pmb_range *range)
{
	range_add(&hull[hull_of(io, pmb_last(range))], range);
}

/* "root window 0x4000000000-0x7fffffffff", and what decodes is in it */
static bool loose_root(const struct builder *b, enum hull kind, struct pmb_range *hull)
{
	u32 i;

	for (i = 0; kind != HULL_IO && i < b->nr_loose; i++) {
		if (hull_of(false, pmb_last(&b->loose[i])) != kind)
			continue;
		if (hull->size ? !pmb_range_holds(&b->loose[i], hull) : b->nr_hosts > 1)
			continue;
		*hull = b->loose[i];
		return true;
	}
	return false;
}

/* Nobody told the windows of a host bridge: what decodes must be in one. */
static void guess_roots(struct builder *b, struct host_fact *host)
{
	struct pmb_range hull[HULLS] = { };
	bool have[HULLS] = { }, loose;
	char name[PMB_NAME_LEN];
	struct function *f;
	u32 i, n;

	for (i = 0; i < host->nr_roots; i++)
		have[hull_of(host->root[i].space == PMB_IO, pmb_last(&host->root[i].range))] = true;
	for (i = 0; i < b->nr_funs; i++) {
		f = b->fun[i];
		if (f->host != host)
			continue;
		for (n = 0; n < PMB_SPACES; n++)
			if (f->win[n].ever.size)
				hull_add(hull, n == PMB_IO, &f->win[n].ever);
		for (n = 0; n < BUILDER_BARS; n++)
			if (settle_counts(&f->bar[n]) && f->bar[n].placed)
				hull_add(hull, io_bar(&f->bar[n]),
					 &(struct pmb_range){ f->bar[n].start, f->bar[n].size });
	}
	snprintf(name, sizeof(name), "%04x:%02x", host->domain, host->bus);
	for (i = 0; i < HULLS; i++) {
		if (have[i])
			continue;
		loose = loose_root(b, i, &hull[i]);
		if (!hull[i].size)
			continue;
		/* Legacy ports and BIOS leftovers of a host that is known otherwise. */
		if (host->nr_roots && i == HULL_LOW && have[HULL_HIGH])
			continue;
		host->root = builder_room(host->root, host->nr_roots, sizeof(*host->root));
		host->root[host->nr_roots++] = (struct root_fact){
			.space = i == HULL_IO ? PMB_IO : PMB_MEM,
			.range = hull[i],
		};
		note(b, loose ? NOTE_LOOSE : i == HULL_IO ? NOTE_NO_IO_ROOT : NOTE_NO_ROOT, name);
	}
	if (!have[HULL_LOW] && !have[HULL_HIGH] && !hull[HULL_LOW].size && !hull[HULL_HIGH].size)
		note(b, NOTE_NO_ROOT, name);
}

static u64 offset_of(const struct host_fact *host, bool io, const struct pmb_range *range)
{
	u32 i;

	for (i = 0; i < host->nr_roots; i++)
		if (space_is_io(host->root[i].space) == io &&
		    pmb_range_holds(&host->root[i].range, range))
			return host->root[i].offset;
	return 0;
}

/* Holes. */

static void add_hole(struct emitter *e, u32 host, bool io, u64 start, u64 last, const char *name)
{
	struct pmb_hole *hole;

	e->hole = builder_room(e->hole, e->nr_holes, sizeof(*e->hole));
	hole = &e->hole[e->nr_holes++];
	memset(hole, 0, sizeof(*hole));
	hole->host = host;
	hole->io = io;
	hole->range = (struct pmb_range){ start, last - start + 1 };
	pmb_name_set(hole->name, name);
}

static void low_hole(struct emitter *e, const struct host_fact *host, const struct root_fact *root)
{
	bool io = root->space == PMB_IO;
	u64 low = io ? LOW_IO : LOW_MEMORY, last = pmb_last(&root->range);

	if (root->range.start < low)
		add_hole(e, host->index, io, root->range.start, last < low ? last : low - 1,
			 "low addresses");
}

/*
 * The first thing on the root bus, or hole, that ends at or behind @from.
 * size 0: there is none.
 */
static struct pmb_range next_taken(const struct emitter *e, const struct host_fact *host, bool io,
				   u64 from)
{
	struct pmb_range best = { }, range;
	const struct function *f;
	u32 i, n;

	for (i = 0; i < e->b->nr_funs; i++) {
		f = e->b->fun[i];
		if (f->host != host || f->up)
			continue;
		for (n = 0; n < PMB_SPACES + BUILDER_BARS; n++) {
			if (n < PMB_SPACES) {
				if (f->win[n].state != WINDOW_OPEN || space_is_io(n) != io)
					continue;
				range = f->win[n].range;
			} else {
				const struct bar_fact *bar = &f->bar[n - PMB_SPACES];

				if (!settle_counts(bar) || !bar->placed || io_bar(bar) != io)
					continue;
				range = (struct pmb_range){ bar->start, bar->size };
			}
			if (pmb_last(&range) >= from && (!best.size || range.start < best.start))
				best = range;
		}
	}
	for (i = 0; i < e->nr_holes; i++) {
		range = e->hole[i].range;
		if (e->hole[i].host == host->index && e->hole[i].io == io &&
		    pmb_last(&range) >= from && (!best.size || range.start < best.start))
			best = range;
	}
	return best;
}

static void holes_of(struct emitter *e, const struct host_fact *host, const struct root_fact *root,
		     const struct reservation *r)
{
	bool io = root->space == PMB_IO;
	u64 from = r->range.start > root->range.start ? r->range.start : root->range.start;
	u64 last = pmb_last(&r->range) < pmb_last(&root->range) ? pmb_last(&r->range) :
		   pmb_last(&root->range);
	struct pmb_range taken;

	if (r->io != io || !r->range.size)
		return;
	/* Something may be there by mistake; nothing else shall follow it. */
	if (from <= last && (strstr(r->name, "ECAM") || strstr(r->name, "MMCONFIG"))) {
		add_hole(e, host->index, io, from, last, r->name);
		return;
	}
	while (from <= last) {
		taken = next_taken(e, host, io, from);
		if (!taken.size || taken.start > last) {
			add_hole(e, host->index, io, from, last, r->name);
			return;
		}
		if (taken.start > from)
			add_hole(e, host->index, io, from, taken.start - 1, r->name);
		if (pmb_last(&taken) >= last)
			return;
		from = pmb_last(&taken) + 1;
	}
}

/* Free in the window of a bridge, but for @r: no BAR and no window below it there. */
static bool nothing_else(const struct emitter *e, const struct function *up,
			 const struct reservation *r)
{
	const struct function *f;
	struct pmb_range range;
	u32 i, n;

	for (i = 0; i < e->b->nr_funs; i++) {
		f = e->b->fun[i];
		if (f->up != up)
			continue;
		for (n = 0; n < PMB_SPACES; n++)
			if (f->win[n].state == WINDOW_OPEN && space_is_io(n) == r->io &&
			    pmb_ranges_overlap(&f->win[n].range, &r->range))
				return false;
		for (n = 0; n < BUILDER_BARS; n++)
			if (f->bar[n].placed && io_bar(&f->bar[n]) == r->io &&
			    pmb_ranges_overlap(bar_range(&f->bar[n], &range), &r->range))
				return false;
	}
	return true;
}

static void inside_of(struct emitter *e, const struct reservation *r)
{
	const struct function *f, *found = NULL;
	u32 i, n;

	for (i = 0; i < e->b->nr_funs; i++) {
		f = e->b->fun[i];
		for (n = 0; n < PMB_SPACES; n++)
			if (f->win[n].state == WINDOW_OPEN && space_is_io(n) == r->io &&
			    pmb_range_holds(&f->win[n].range, &r->range))
				found = f;	/* parents come first */
	}
	if (!found || !r->range.size || !nothing_else(e, found, r))
		return;
	e->inside = builder_room(e->inside, e->nr_inside, sizeof(*e->inside));
	e->inside[e->nr_inside++] = (struct inside){ found, r->range, r->io };
}

static void make_holes(struct emitter *e)
{
	struct builder *b = e->b;
	u32 h, i, n, weak;

	for (h = 0; h < b->nr_hosts; h++)
		for (i = 0; i < b->host[h]->nr_roots; i++)
			low_hole(e, b->host[h], &b->host[h]->root[i]);
	for (weak = 0; weak < (b->ignore_weak ? 1 : 2); weak++) {
		for (n = 0; n < b->nr_res; n++) {
			if (b->res[n].weak != weak)
				continue;
			for (h = 0; h < b->nr_hosts; h++)
				for (i = 0; i < b->host[h]->nr_roots; i++)
					holes_of(e, b->host[h], &b->host[h]->root[i], &b->res[n]);
			if (!weak)
				inside_of(e, &b->res[n]);
		}
	}
}

/* Objects of the layout. */

static u64 lowest_bit(u64 n)
{
	return n & -n;
}

static u64 highest_bit(u64 n)
{
	return 1ULL << (63 - __builtin_clzll(n));
}

/* Of what is where firmware put it. */
static u64 natural_align(u64 start, u64 size)
{
	u64 align = start ? lowest_bit(start) : highest_bit(size);

	return align < highest_bit(size) ? align : highest_bit(size);
}

static u64 bar_align(const struct bar_fact *bar)
{
	u64 align = bar->align ?: bar->size;

	/* Off the ports that ISA devices alias to, as the kernel assigns them. */
	if (io_bar(bar) && align < 1024 && (!bar->placed || !(bar->start & 1023)))
		return 1024;
	return align;
}

static void emit_bar(struct pmb_layout *l, const struct function *f, u32 nr)
{
	const struct bar_fact *fact = &f->bar[nr];
	struct pmb_bar *bar = &l->bars[l->nr_bars++];

	*bar = (struct pmb_bar){
		.dev = f->index,
		.res = nr,
		.reg = fact->reg ?: nr < BUILDER_ROM ? 0x10 + 4 * nr : f->bridge ? 0x38 : 0x30,
		.flags = fact->kind,
		.size = fact->size,
		.align = bar_align(fact),
		.sizes = fact->sizes & (BIT_ULL(44) - 1),
	};
	if (nr == BUILDER_ROM)
		bar->flags |= PMB_BAR_ROM | PMB_BAR_OPTIONAL;
	else if (nr > BUILDER_ROM)
		bar->flags |= PMB_BAR_VF | PMB_BAR_OPTIONAL;
	if (fact->placed) {
		bar->flags |= PMB_BAR_PLACED;
		bar->start = fact->start;
		bar->why = settle_why(f, nr);
		if (!strcmp(f->driver, "vfio-pci"))
			bar->flags |= PMB_BAR_STRICT;
	} else if (settle_wanted(f, nr)) {
		bar->flags |= PMB_BAR_WANTED;
	}
	if (!bar->align || bar->align & (bar->align - 1) ||
	    (fact->placed && bar->start & (bar->align - 1))) {
		bar->align = fact->placed ? natural_align(bar->start, bar->size) :
			     highest_bit(bar->size);
		if (bar->why == PMB_MAY_MOVE && fact->placed)
			bar->why = PMB_WHY_KIND;
	}
}

static u64 window_max(const struct function *f, u32 space)
{
	const struct window_fact *fact = &f->win[space];
	u64 last = 0;

	if (fact->state == WINDOW_OPEN)
		last = pmb_last(&fact->range) - offset_of(f->host, space == PMB_IO, &fact->range);
	if (space == PMB_IO)
		return last > U16_MAX ? U32_MAX : U16_MAX;
	if (space == PMB_MEM)
		return last > U32_MAX ? U64_MAX : U32_MAX;
	return fact->wide == TOLD_NO && last <= U32_MAX ? U32_MAX : U64_MAX;
}

static void emit_window(struct pmb_window *win, const struct function *f, u32 space)
{
	const struct window_fact *fact = &f->win[space];

	if (fact->state == WINDOW_ABSENT)
		return;
	win->align = space == PMB_IO ? (fact->fine ? 0x400 : 0x1000) : 0x100000;
	win->max = window_max(f, space);
	if (f->hotplug)
		win->reserve = space == PMB_IO ? HOTPLUG_IO : HOTPLUG_SIZE;
	if (fact->state != WINDOW_OPEN)
		return;
	win->cur = fact->range;
	if ((win->cur.start | win->cur.size) & (win->align - 1))
		win->align = lowest_bit(win->cur.start | win->cur.size);
}

static void emit_bridge(struct pmb_layout *l, struct function *f)
{
	struct pmb_bridge *br = &l->bridges[l->nr_bridges];
	bool pcie_above = !f->up || (l->bridges[f->up->bridge_index].flags & PMB_BRIDGE_PCIE);
	u32 s;

	f->bridge_index = l->nr_bridges++;
	*br = (struct pmb_bridge){
		.host = f->host->index,
		.parent = f->up ? f->up->bridge_index : PMB_NONE,
		.dev = f->index,
	};
	builder_name(f, br->name);
	if (f->bus_told) {
		br->bus_first = f->bus_first;
		br->bus_last = f->bus_last;
	}
	if (f->transparent)
		br->flags |= PMB_BRIDGE_TRANSPARENT;
	if (f->hotplug)
		br->flags |= PMB_BRIDGE_HOTPLUG;
	if (pcie_above && !f->transparent && f->pcie != TOLD_NO)
		br->flags |= PMB_BRIDGE_PCIE;
	for (s = 0; s < PMB_SPACES; s++)
		emit_window(&br->win[s], f, s);
}

static void emit_function(struct pmb_layout *l, struct function *f)
{
	struct pmb_dev *dev = &l->devs[l->nr_devs];
	u32 n;

	f->index = l->nr_devs++;
	*dev = (struct pmb_dev){
		.host = f->host->index,
		.bridge = f->up ? f->up->bridge_index : PMB_NONE,
		.way = settle_way(f),
	};
	dev->cost = dev->way == PMB_WAY_LIVE ? PMB_COST_LIVE : 0;
	builder_name(f, dev->name);
	if (f->bound == TOLD_YES)
		pmb_name_set(dev->driver, f->driver);
	for (n = 0; n < BUILDER_BARS; n++)
		if (settle_counts(&f->bar[n]))
			emit_bar(l, f, n);
	if (f->bridge)
		emit_bridge(l, f);
}

static void emit_host(struct pmb_layout *l, struct host_fact *host)
{
	u32 i;

	snprintf(l->hosts[host->index].name, PMB_NAME_LEN, "%04x:%02x", host->domain, host->bus);
	l->hosts[host->index].bus_first = host->bus;
	l->hosts[host->index].bus_last = host->bus_last;
	for (i = 0; i < host->nr_roots; i++)
		l->roots[l->nr_roots++] = (struct pmb_root){
			.host = host->index,
			.space = host->root[i].space,
			.range = host->root[i].range,
			.offset = host->root[i].offset,
		};
}

static void emit_inside(struct pmb_layout *l, const struct inside *in)
{
	struct pmb_dev *dev = &l->devs[l->nr_devs];

	*dev = (struct pmb_dev){
		.host = in->bridge->host->index,
		.bridge = in->bridge->bridge_index,
		.way = PMB_WAY_NEVER,
	};
	snprintf(dev->name, sizeof(dev->name), "reserved@%s%llx", in->io ? "io:" : "",
		 in->range.start);
	l->bars[l->nr_bars++] = (struct pmb_bar){
		.dev = l->nr_devs++,
		.flags = PMB_BAR_PLACED | (in->io ? PMB_BAR_IO : PMB_BAR_64),
		.why = PMB_WHY_FIRMWARE,
		.size = in->range.size,
		.align = natural_align(in->range.start, in->range.size),
		.start = in->range.start,
	};
}

static void emit_all(struct emitter *e)
{
	struct pmb_layout *l = e->layout;
	struct builder *b = e->b;
	u32 i;

	l->nr_hosts = b->nr_hosts;
	for (i = 0; i < b->nr_hosts; i++)
		emit_host(l, b->host[i]);
	for (i = 0; i < e->nr_holes; i++)
		l->holes[l->nr_holes++] = e->hole[i];
	for (i = 0; i < b->nr_funs; i++)
		emit_function(l, b->fun[i]);
	for (i = 0; i < e->nr_inside; i++)
		emit_inside(l, &e->inside[i]);
}

/* Two reservations that start at the same address would have the same name. */
static void drop_same_inside(struct emitter *e)
{
	u32 i, n, nr = 0;

	for (i = 0; i < e->nr_inside; i++) {
		for (n = 0; n < nr; n++)
			if (e->inside[n].io == e->inside[i].io &&
			    pmb_ranges_overlap(&e->inside[n].range, &e->inside[i].range))
				break;
		if (n == nr)
			e->inside[nr++] = e->inside[i];
	}
	e->nr_inside = nr;
}

static void append(void *data, const char *line)
{
	FILE *to = data;

	fprintf(to, "%s\n", line);
}

/* What is printed must be readable: names given twice are not found otherwise. */
static bool reads_back(const struct pmb_layout *layout, char *why, size_t len)
{
	struct pmb_text_error error = { .why = NULL };
	struct pmb_layout *again;
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return true;
	pmb_text_write(layout, append, to);
	fclose(to);
	again = pmb_text_read(text, size, &error);
	if (!again)
		snprintf(why, len, "line %u: %s", error.line, error.why ?: "no memory");
	pmb_layout_free(again);
	free(text);
	return again;
}

struct pmb_layout *builder_layout(struct builder *b)
{
	struct emitter e = { .b = b };
	struct pmb_counts max = { };
	char why[128] = "";
	u32 i;

	topology_make(b);
	settle_make(b);
	if (!b->as_it_is && !b->live)
		wishes_make(b);
	for (i = 0; i < b->nr_hosts; i++) {
		b->host[i]->index = i;
		guess_roots(b, b->host[i]);
		max.roots += b->host[i]->nr_roots;
	}
	make_holes(&e);
	drop_same_inside(&e);
	max.hosts = b->nr_hosts;
	max.holes = e.nr_holes;
	max.bridges = b->nr_funs;
	max.devs = b->nr_funs + e.nr_inside;
	max.bars = b->nr_funs * BUILDER_BARS + e.nr_inside;
	e.layout = pmb_layout_alloc(&max);
	if (!e.layout) {
		pcibar_fail("no memory, or too much for a layout");
	} else {
		emit_all(&e);
		if (pmb_layout_check(e.layout, why, sizeof(why)) ||
		    !reads_back(e.layout, why, sizeof(why))) {
			pcibar_fail("what is known makes no layout: %s", why);
			pmb_layout_free(e.layout);
			e.layout = NULL;
		}
	}
	free(e.hole);
	free(e.inside);
	return e.layout;
}
