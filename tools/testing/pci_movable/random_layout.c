// SPDX-License-Identifier: GPL-2.0
/*
 * Random layouts.
 *
 * A layout is made as firmware and time make one:
 *
 * 1. root windows, holes, a tree of bridges, functions with BARs;
 * 2. everything gets an address, from the leaves to the root: what is behind a
 *    bridge is packed, with gaps, into windows which then are packed in turn;
 * 3. what found no room in a root window stays without address;
 * 4. (random_history.c) time passes: cards are pulled, others plugged in, windows grow into free
 *    room or are trimmed, drivers bind, and now and then firmware was broken.
 *
 * So the placed part obeys the rules (but for the broken ones), whatever else
 * is random.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "random_maker.h"

#define MAX_HOSTS	2
#define MAX_ROOTS	(MAX_HOSTS * 5)
#define MAX_HOLES	8
#define TRIES		24

static const struct shape shapes[RANDOM_CLASSES] = {
	[RANDOM_SMALL] = { 4, 3, 3, 3, 12, 4 * KB, 64 * MB, false },
	[RANDOM_MEDIUM] = { 24, 4, 4, 4, 120, 256, 32 * MB, false },
	[RANDOM_LARGE] = { 300, 4, 4, 4, 1600, 256, 4 * MB, false },
	[RANDOM_TIGHT] = { 4, 3, 3, 3, 12, 256 * KB, 16 * MB, true },
};

/* A power of two between two others; small ones are more frequent. */
static u64 random_power(struct rng *r, u64 lo, u64 hi)
{
	u32 steps = __builtin_ctzll(hi) - __builtin_ctzll(lo);
	u32 a = rng_below(r, steps + 1), b = rng_below(r, steps + 1);

	return lo << (rng_percent(r, 50) ? min(a, b) : a);
}

/* Domain, bus and number say which bus it is on and the how many-th there. */
static void name_dev(const struct pmb_layout *lay, struct pmb_dev *dev)
{
	u32 bus = dev->bridge == PMB_NONE ? 0 : dev->bridge + 1, nr = 0, i;

	for (i = 0; i < lay->nr_devs; i++)
		nr += lay->devs[i].host == dev->host &&
		      lay->devs[i].bridge == dev->bridge;
	snprintf(dev->name, PMB_NAME_LEN, "%04x:%02x:%02x.%x",
		 (dev->host << 8) + (bus >> 8) + (nr >> 8 << 4), bus & 0xff,
		 nr >> 3 & 0x1f, nr & 7);
}

static void add_root(struct maker *m, u32 host, enum pmb_space space, u64 bus,
		     u64 size, u64 offset)
{
	struct pmb_root *root = &m->lay->roots[m->lay->nr_roots];
	u32 i;

	root->host = host;
	root->space = space;
	root->range.start = bus + offset;
	root->range.size = size;
	root->offset = offset;
	for (i = 0; i < m->lay->nr_roots; i++) {
		if (is_io(m->lay->roots[i].space) == is_io(space) &&
		    pmb_ranges_overlap(&m->lay->roots[i].range, &root->range))
			return;
	}
	m->lay->nr_roots++;
}

/*
 * The memory map of a host bridge. The hosts lie apart as CPUs see them; their
 * bus addresses may be the same.
 */
static void make_roots(struct maker *m, u32 host)
{
	struct rng *r = &m->rng;
	u64 apart = host * 0x100000000000ull, offset = apart, size, at;
	u64 unit = m->shape->bridges == 4 ? 16 * MB :
		   m->shape == &shapes[RANDOM_MEDIUM] ? 64 * MB : 256 * MB;

	if (rng_percent(r, 25))
		offset += random_power(r, MB, 512 * GB);
	at = 0x80000000ull + rng_below(r, 512) * MB;
	size = rng_from(r, 1, 24) * unit / (rng_percent(r, 30) ? 4 : 1);
	size = min(size, 0xfec00000ull - at);
	if (rng_percent(r, 15) && size > 8 * MB) {
		add_root(m, host, PMB_MEM, at, size / 2, offset);
		add_root(m, host, rng_percent(r, 30) ? PMB_PREF : PMB_MEM,
			 at + size / 2 + MB * rng_below(r, 3), size / 2, offset);
	} else {
		add_root(m, host, PMB_MEM, at, size, offset);
	}
	if (rng_percent(r, 70)) {
		at = 4 * GB + random_power(r, GB, 256 * GB) + rng_below(r, 64) * MB;
		size = rng_from(r, 1, 64) * unit;
		add_root(m, host, rng_percent(r, 40) ? PMB_MEM : PMB_PREF, at,
			 size, rng_percent(r, 70) ? apart : offset);
	}
	if (rng_percent(r, 5))	/* across 4 GiB */
		add_root(m, host, PMB_PREF, 4 * GB - 16 * MB, 2 * unit, apart);
	if (rng_percent(r, 80)) {
		size = rng_percent(r, 80) ? 0xf000 : rng_from(r, 1, 8) * 0x1000;
		at = host && rng_percent(r, 50) ? host * 0x100000ull : 0;
		add_root(m, host, PMB_IO, 0x1000, size, at + host * 0x10000000ull);
	}
}

static void make_holes(struct maker *m)
{
	struct rng *r = &m->rng;
	struct pmb_layout *lay = m->lay;
	struct pmb_hole *hole;
	const struct pmb_root *root;

	while (lay->nr_holes < MAX_HOLES && rng_percent(r, 35)) {
		root = &lay->roots[rng_below(r, lay->nr_roots)];
		hole = &lay->holes[lay->nr_holes];
		hole->host = root->host;
		hole->io = is_io(root->space);
		hole->range.size = hole->io ? rng_from(r, 1, 64) * 4 :
			random_power(r, 4 * KB, 32 * MB);
		if (hole->range.size >= root->range.size)
			continue;
		hole->range.start = root->range.start + rng_below(r, (root->range.size -
				hole->range.size) / hole->range.size + 1) * hole->range.size;
		snprintf(hole->name, sizeof(hole->name), "hole %u", lay->nr_holes++);
	}
}

/**
 * random_dev - one more function without BARs
 * @m: the layout in the making
 * @host: its host bridge
 * @bridge: the bridge above; PMB_NONE: it is on the root bus
 *
 * Return: its index.
 */
u32 random_dev(struct maker *m, u32 host, u32 bridge)
{
	struct pmb_layout *lay = m->lay;
	struct pmb_dev *dev = &lay->devs[lay->nr_devs];
	struct rng *r = &m->rng;
	u32 kind = rng_below(r, 100), odd = 20;

	if (m->shape->tight) {		/* most can be moved, at a price */
		kind = rng_percent(r, 60) ? rng_from(r, 40, 81) : kind;
		odd = 60;
	}
	dev->host = host;
	dev->bridge = bridge;
	name_dev(lay, dev);
	dev->way = kind < 40 ? PMB_WAY_FREE : kind < 65 ? PMB_WAY_LIVE :
		   kind < 82 ? PMB_WAY_PAUSE : PMB_WAY_NEVER;
	if (dev->way != PMB_WAY_FREE)
		snprintf(dev->driver, sizeof(dev->driver), "driver%u", kind);
	dev->cost = dev->way == PMB_WAY_LIVE ? PMB_COST_LIVE :
		    dev->way == PMB_WAY_PAUSE ? PMB_COST_PAUSE : 0;
	if (dev->cost && rng_percent(r, odd))
		dev->cost = rng_from(r, 1, 2 * dev->cost);
	return lay->nr_devs++;
}

static void make_windows(struct maker *m, struct pmb_bridge *b, bool small)
{
	struct rng *r = &m->rng;
	u64 align = rng_percent(r, 5) ? random_power(r, 2 * MB, 16 * MB) : MB;

	b->win[PMB_MEM] = (struct pmb_window){ .align = align, .max = U32_MAX };
	b->win[PMB_PREF] = (struct pmb_window){ .align = align, .max = U64_MAX };
	if (rng_percent(r, 10))
		b->win[PMB_PREF].max = U32_MAX;
	else if (rng_percent(r, 8))
		b->win[PMB_PREF].align = 0;
	b->win[PMB_IO] = (struct pmb_window){ .align = 0x1000, .max = 0xffff };
	if (rng_percent(r, 10))
		b->win[PMB_IO].align = 0x400;
	else if (rng_percent(r, small ? 40 : 10))
		b->win[PMB_IO].align = 0;
	if (rng_percent(r, 15))
		b->win[PMB_IO].max = U32_MAX;
	if (!b->win[PMB_PREF].align)
		b->win[PMB_PREF].max = 0;
	if (!b->win[PMB_IO].align)
		b->win[PMB_IO].max = 0;
}

static void make_bridges(struct maker *m)
{
	struct pmb_layout *lay = m->lay;
	struct rng *r = &m->rng;
	u32 want = rng_below(r, m->shape->bridges + 1), i, depth, p;
	u32 transparent = rng_percent(r, 10) ? 50 : 2;
	struct pmb_bridge *b;

	for (i = 0; i < want; i++) {
		b = &lay->bridges[i];
		b->host = rng_below(r, lay->nr_hosts);
		b->parent = PMB_NONE;
		if (i && rng_percent(r, 80)) {
			p = rng_percent(r, 50) ? i - 1 : rng_below(r, i);
			depth = 1;
			while (p != PMB_NONE && depth < m->shape->depth) {
				depth++;
				p = lay->bridges[p].parent;
			}
			if (p == PMB_NONE) {
				b->parent = rng_below(r, i);
				/* Not deeper than this class is. */
				for (p = b->parent, depth = 1; p != PMB_NONE; depth++)
					p = lay->bridges[p].parent;
				if (depth > m->shape->depth)
					b->parent = lay->bridges[b->parent].parent;
				if (b->parent != PMB_NONE)
					b->host = lay->bridges[b->parent].host;
			}
		}
		b->bus_first = i + 1;
		b->bus_last = i + 1;
		if (rng_percent(r, transparent))
			b->flags |= PMB_BRIDGE_TRANSPARENT;
		else if ((b->parent == PMB_NONE || lay->bridges[b->parent].flags &
			  PMB_BRIDGE_PCIE) && rng_percent(r, 85))
			b->flags |= PMB_BRIDGE_PCIE;
		if (rng_percent(r, 30))
			b->flags |= PMB_BRIDGE_HOTPLUG;
		make_windows(m, b, m->shape == &shapes[RANDOM_SMALL]);
		lay->nr_bridges++;
		b->dev = random_dev(m, b->host, b->parent);
		memcpy(b->name, lay->devs[b->dev].name, sizeof(b->name));
	}
}

static bool is_bridge_dev(const struct pmb_layout *lay, u32 dev)
{
	return dev < lay->nr_bridges;	/* their functions come first */
}

/* One more BAR of a function; false: no register is left. */
static bool add_bar(struct maker *m, u32 dev, u32 *slot)
{
	struct pmb_layout *lay = m->lay;
	struct pmb_bar *bar = &lay->bars[lay->nr_bars];
	struct rng *r = &m->rng;
	u32 slots = is_bridge_dev(lay, dev) ? 2 : 6, kind = rng_below(r, 100);

	if (lay->nr_bars + m->spare >= m->shape->bars)
		return false;
	memset(bar, 0, sizeof(*bar));
	bar->dev = dev;
	bar->size = random_power(r, m->shape->mem_min, m->shape->mem_max);
	bar->res = *slot;
	bar->reg = 0x10 + *slot * 4;
	if (kind < 18)
		bar->flags = PMB_BAR_IO;
	else if (kind < 38)
		bar->flags = PMB_BAR_64;
	else if (kind < 68)
		bar->flags = PMB_BAR_64 | PMB_BAR_PREF;
	else if (kind < 76)
		bar->flags = PMB_BAR_PREF;
	if (bar->flags & PMB_BAR_IO)
		bar->size = random_power(r, 4, 256);
	*slot += 1 + !!(bar->flags & PMB_BAR_64);
	if (*slot > slots)
		return false;
	bar->align = bar->size;
	lay->nr_bars++;
	return true;
}

static void add_rom_or_vf(struct maker *m, u32 dev, bool vf)
{
	struct pmb_layout *lay = m->lay;
	struct pmb_bar *bar = &lay->bars[lay->nr_bars];
	struct rng *r = &m->rng;

	if (lay->nr_bars + m->spare >= m->shape->bars)
		return;
	memset(bar, 0, sizeof(*bar));
	bar->dev = dev;
	bar->flags = PMB_BAR_OPTIONAL;
	bar->align = random_power(r, 4 * KB, MB);
	bar->size = bar->align;
	if (vf) {
		bar->res = 7;
		bar->reg = 0x184;
		bar->flags |= PMB_BAR_VF | PMB_BAR_64;
		if (rng_percent(r, 50))
			bar->flags |= PMB_BAR_PREF;
		bar->size *= rng_from(r, 1, 16);
	} else {
		bar->res = 6;
		bar->reg = is_bridge_dev(lay, dev) ? 0x38 : 0x30;
		bar->flags |= PMB_BAR_ROM;
		if (rng_percent(r, 50))
			bar->flags |= PMB_BAR_PREF;
	}
	lay->nr_bars++;
}

/**
 * random_bars - give a function its BARs
 * @m: the layout in the making
 * @dev: index of the function
 */
void random_bars(struct maker *m, u32 dev)
{
	struct rng *r = &m->rng;
	u32 n = rng_from(r, 1, m->shape->bars_per_dev), slot = 0;

	if (is_bridge_dev(m->lay, dev))
		n = rng_percent(r, 12);
	while (n-- && add_bar(m, dev, &slot))
		;
	if (rng_percent(r, 12))
		add_rom_or_vf(m, dev, false);
	if (rng_percent(r, 6) && !is_bridge_dev(m->lay, dev))
		add_rom_or_vf(m, dev, true);
}

static void make_devs(struct maker *m)
{
	struct pmb_layout *lay = m->lay;
	struct rng *r = &m->rng;
	u32 b, n, i;

	for (i = 0; i < lay->nr_bridges; i++)
		random_bars(m, i);
	for (b = 0; b <= lay->nr_bridges; b++) {
		n = rng_below(r, m->shape->devs_per_bus + 1);
		if (b < lay->nr_bridges && lay->bridges[b].flags & PMB_BRIDGE_HOTPLUG &&
		    rng_percent(r, 50))
			n = 0;
		while (n-- && lay->nr_devs < lay->max.devs) {
			i = b < lay->nr_bridges ?
				random_dev(m, lay->bridges[b].host, b) :
				random_dev(m, rng_below(r, lay->nr_hosts), PMB_NONE);
			random_bars(m, i);
		}
	}
}

/* Step 2: packing */

static enum pmb_space bar_space(const struct pmb_bar *bar)
{
	if (bar->flags & PMB_BAR_IO)
		return PMB_IO;
	return bar->flags & PMB_BAR_PREF ? PMB_PREF : PMB_MEM;
}

/* Which window of a bridge takes what is of this kind? */
static u32 window_for(struct maker *m, u32 bridge, enum pmb_space s, bool low)
{
	const struct pmb_bridge *b;

	if (bridge == PMB_NONE)
		return UP_ROOT;
	b = &m->lay->bridges[bridge];
	if (s == PMB_PREF && (!b->win[s].align || (low && rng_percent(&m->rng, 60))))
		s = PMB_MEM;
	if (!b->win[s].align)
		return UP_NOWHERE;
	return bridge * PMB_SPACES + s;
}

static void assign_bars(struct maker *m)
{
	const struct pmb_bar *bar = m->lay->bars;
	enum pmb_space s;
	u32 i, bridge;
	bool low;

	for (i = 0; i < m->lay->nr_bars; i++, bar++) {
		s = bar_space(bar);
		bridge = m->lay->devs[bar->dev].bridge;
		low = !(bar->flags & PMB_BAR_64);
		/* Firmware may have been liberal */
		if (s == PMB_MEM && bar->flags & PMB_BAR_64 && rng_percent(&m->rng, 5))
			s = PMB_PREF;
		m->up[m->nr_wins + i] = window_for(m, bridge, s, low);
		if (low && m->up[m->nr_wins + i] < m->nr_wins)
			m->low[m->up[m->nr_wins + i]] = true;
	}
}

static u32 collect(struct maker *m, u32 up)
{
	u32 i, n = 0;

	for (i = up + 1; i < m->nr_wins + m->lay->nr_bars; i++) {
		const struct pmb_window *w = NULL;
		const struct pmb_bar *bar = NULL;

		if (m->up[i] != up)
			continue;
		if (i < m->nr_wins)
			w = &m->lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES];
		else
			bar = &m->lay->bars[i - m->nr_wins];
		if (w && !w->cur.size)
			continue;
		m->items[n++] = (struct item){ i, w ? w->cur.size : bar->size,
					       w ? m->align[i] : bar->align, 0 };
	}
	return n;
}

static int cmp_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;

	if (a->align != b->align)
		return a->align < b->align ? 1 : -1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* Pack what goes into one window, and give it a size. */
static void pack_window(struct maker *m, u32 id)
{
	struct pmb_bridge *b = &m->lay->bridges[id / PMB_SPACES];
	enum pmb_space s = id % PMB_SPACES;
	struct pmb_window *w = &b->win[s];
	struct rng *r = &m->rng;
	u32 n = collect(m, id), i, j;
	u64 at = 0;

	w->cur = (struct pmb_range){ 0, 0 };
	m->align[id] = w->align;
	if (!w->align)
		return;
	qsort(m->items, n, sizeof(*m->items), cmp_items);
	for (i = 0; n && rng_percent(r, 40) && i < n; i++) {
		j = rng_below(r, n);
		swap(m->items[i], m->items[j]);
	}
	for (i = 0; i < n; i++) {
		if (rng_percent(r, 10))
			at += rng_below(r, 3) * m->items[i].align;
		at = round_to(at, m->items[i].align);
		m->rel[m->items[i].id] = at;
		at += m->items[i].size;
		m->align[id] = max(m->align[id], m->items[i].align);
	}
	if (!n && b->flags & PMB_BRIDGE_HOTPLUG && rng_percent(r, 60))
		at = w->align * rng_from(r, 1, s == PMB_IO ? 2 : 16);
	if (rng_percent(r, 20) && b->flags & PMB_BRIDGE_HOTPLUG)
		w->reserve = w->align * rng_from(r, 1, s == PMB_IO ? 2 : 32);
	if (n && rng_percent(r, 15))
		at += w->align * rng_below(r, 4);
	w->cur.size = round_to(at, w->align);
	if (!w->cur.size)
		return;
	m->up[id] = window_for(m, b->parent, s, m->low[id] || w->max == U32_MAX);
	if (m->up[id] == UP_NOWHERE)
		w->cur.size = 0;
	else if (m->up[id] != UP_ROOT && (m->low[id] || w->max == U32_MAX))
		m->low[m->up[id]] = true;
}

/* Is there something on a root bus already, or a hole? */
static bool taken(struct maker *m, u32 host, bool io, const struct pmb_range *r,
		  const u32 *done, u32 nr_done)
{
	const struct pmb_layout *lay = m->lay;
	struct pmb_range at;
	u32 i, id;

	for (i = 0; i < lay->nr_holes; i++) {
		if (lay->holes[i].host == host && lay->holes[i].io == io &&
		    pmb_ranges_overlap(&lay->holes[i].range, r))
			return true;
	}
	for (i = 0; i < nr_done; i++) {
		id = done[i];
		if (id < m->nr_wins) {
			at = lay->bridges[id / PMB_SPACES].win[id % PMB_SPACES].cur;
			if (is_io(id % PMB_SPACES) != io)
				continue;
		} else {
			at.start = lay->bars[id - m->nr_wins].start;
			at.size = lay->bars[id - m->nr_wins].size;
			if (!!(lay->bars[id - m->nr_wins].flags & PMB_BAR_IO) != io)
				continue;
		}
		if (pmb_ranges_overlap(&at, r))
			return true;
	}
	return false;
}

/* Find a place for an object on the root bus. */
static bool place_at_root(struct maker *m, u32 host, enum pmb_space s, u64 size,
			  u64 align, u64 max, const u32 *done, u32 nr_done, u64 *at)
{
	const struct pmb_root *root;
	struct pmb_range r = { .size = size };
	u64 bus, cells;
	u32 i;

	for (i = 0; i < TRIES; i++) {
		root = &m->lay->roots[rng_below(&m->rng, m->lay->nr_roots)];
		if (root->host != host || (root->space != s &&
					   !(s == PMB_PREF && root->space == PMB_MEM)))
			continue;
		bus = round_to(root->range.start - root->offset, align);
		if (bus + size > pmb_last(&root->range) - root->offset + 1 ||
		    bus + size < bus)
			continue;
		cells = (pmb_last(&root->range) - root->offset + 1 - bus - size) / align + 1;
		/* Mostly at the bottom, as firmware does it */
		bus += align * (rng_percent(&m->rng, m->shape->tight ? 90 : 50) ?
				min(cells - 1, (u64)i) : rng_below(&m->rng, cells));
		r.start = bus + root->offset;
		if (bus + size - 1 > max || r.start & (align - 1) ||
		    taken(m, host, is_io(s), &r, done, nr_done))
			continue;
		*at = r.start;
		return true;
	}
	return false;
}

/* The objects on the root buses get places; what finds none is closed. */
static void place_roots(struct maker *m)
{
	struct pmb_layout *lay = m->lay;
	u32 i, n = m->nr_wins + lay->nr_bars, nr_done = 0;
	u32 *done = calloc(n + 1, sizeof(*done));
	struct pmb_window *w;
	struct pmb_bar *bar;
	u64 at;

	for (i = 0; i < n; i++) {
		if (m->up[i] != UP_ROOT)
			continue;
		if (i < m->nr_wins) {
			w = &lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES];
			if (!w->cur.size)
				continue;
			if (!place_at_root(m, lay->bridges[i / PMB_SPACES].host,
					   i % PMB_SPACES, w->cur.size, m->align[i],
					   m->low[i] ? min_t(u64, w->max, U32_MAX) : w->max,
					   done, nr_done, &at)) {
				w->cur.size = 0;
				continue;
			}
			w->cur.start = at;
		} else {
			bar = &lay->bars[i - m->nr_wins];
			if (!place_at_root(m, lay->devs[bar->dev].host,
					   bar_space(bar), bar->size, bar->align,
					   bar->flags & PMB_BAR_64 ? U64_MAX : U32_MAX,
					   done, nr_done, &at))
				continue;
			place_bar(bar, at);
		}
		done[nr_done++] = i;
	}
	free(done);
}

/* From the root downwards, relative places become addresses. */
static void place_below(struct maker *m)
{
	struct pmb_layout *lay = m->lay;
	u32 i, up, n = m->nr_wins + lay->nr_bars;
	struct pmb_range *above;
	struct pmb_window *w;

	for (i = 0; i < n; i++) {
		up = m->up[i];
		if (up >= m->nr_wins)
			continue;
		above = &lay->bridges[up / PMB_SPACES].win[up % PMB_SPACES].cur;
		if (i < m->nr_wins) {
			w = &lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES];
			w->cur.start = above->start + m->rel[i];
			if (!above->size)
				w->cur.size = 0;
		} else if (above->size) {
			place_bar(&lay->bars[i - m->nr_wins], above->start + m->rel[i]);
		}
	}
	for (i = 0; i < m->nr_wins; i++) {
		w = &lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES];
		if (!w->cur.size)
			w->cur.start = 0;
	}
}

static void place_all(struct maker *m)
{
	u32 i;

	for (i = 0; i < m->nr_wins; i++)
		m->up[i] = UP_NOWHERE;
	assign_bars(m);
	for (i = m->nr_wins; i--;)
		pack_window(m, i);
	place_roots(m);
	place_below(m);
}

static bool maker_init(struct maker *m, u64 seed, enum random_class size)
{
	const struct shape *shape = &shapes[size];
	u32 bars = shape->bars, objects;
	struct pmb_counts max = {
		.hosts = MAX_HOSTS, .roots = MAX_ROOTS, .holes = MAX_HOLES,
		.bridges = shape->bridges, .bars = bars,
		.devs = shape->bridges * (shape->devs_per_bus + 1) + 16,
	};

	memset(m, 0, sizeof(*m));
	m->rng.state = seed * 3 + (shape->tight ? ~0x7469676874ull : size);
	m->shape = shape;
	m->spare = shape->tight ? 2 : 0;
	m->lay = pmb_layout_alloc(&max);
	objects = shape->bridges * PMB_SPACES + bars + 1;
	m->up = calloc(objects, sizeof(*m->up));
	m->rel = calloc(objects, sizeof(*m->rel));
	m->align = calloc(objects, sizeof(*m->align));
	m->low = calloc(objects, sizeof(*m->low));
	m->items = calloc(objects, sizeof(*m->items));
	return m->lay && m->up && m->rel && m->align && m->low && m->items;
}

/**
 * random_layout - make a layout
 * @seed: which one
 * @size: how large
 *
 * Return: a layout which pmb_layout_check() accepts, to be freed with
 * pmb_layout_free(); NULL: no memory.
 */
struct pmb_layout *random_layout(u64 seed, enum random_class size)
{
	struct pmb_layout *lay = NULL;
	struct maker m;
	u32 i;

	if (maker_init(&m, seed, size)) {
		lay = m.lay;
		lay->nr_hosts = rng_percent(&m.rng, 10) ? 2 : 1;
		for (i = 0; i < lay->nr_hosts; i++) {
			snprintf(lay->hosts[i].name, PMB_NAME_LEN, "%04x:00", i * 0x100);
			make_roots(&m, i);
		}
		make_holes(&m);
		make_bridges(&m);
		m.nr_wins = lay->nr_bridges * PMB_SPACES;
		make_devs(&m);
		place_all(&m);
		random_history(&m);
	}
	free(m.items);
	free(m.low);
	free(m.align);
	free(m.rel);
	free(m.up);
	return lay;
}

/**
 * random_options - options for the planner that go with a layout
 * @seed: which ones
 * @opt: gets them
 */
void random_options(u64 seed, struct pmb_options *opt)
{
	struct rng r = { ~seed };

	memset(opt, 0, sizeof(*opt));
	opt->relaxed_pref = rng_percent(&r, 25);
	opt->no_reserve = rng_percent(&r, 15);
	if (rng_percent(&r, 10))
		opt->max_cost = rng_percent(&r, 50) ? 5 : 150000;
}
