// SPDX-License-Identifier: GPL-2.0
/*
 * What time does to a layout: cards are pulled and plugged in, drivers bind,
 * windows lose what they do not need, and firmware turns out to be broken.
 */
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "random_maker.h"

/* A window loses what it does not need at one of its ends. */
static void trim_window(struct maker *m, u32 bridge, enum pmb_space s)
{
	const struct pmb_layout *lay = m->lay;
	struct pmb_window *w = &m->lay->bridges[bridge].win[s];
	u64 lo = U64_MAX, hi = 0;
	struct pmb_range r;
	u32 i;

	for (i = 0; i < m->nr_wins + lay->nr_bars; i++) {
		if (m->up[i] != bridge * PMB_SPACES + s)
			continue;
		if (i < m->nr_wins) {
			r = lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur;
		} else {
			r.start = lay->bars[i - m->nr_wins].start;
			r.size = lay->bars[i - m->nr_wins].size;
			if (!(lay->bars[i - m->nr_wins].flags & PMB_BAR_PLACED))
				continue;
		}
		if (!r.size)
			continue;
		lo = min(lo, r.start);
		hi = max(hi, pmb_last(&r));
	}
	if (lo > hi)
		return;
	lo &= ~(w->align - 1);
	hi |= w->align - 1;
	if (rng_percent(&m->rng, 70))
		w->cur.size = hi - w->cur.start + 1;
	if (rng_percent(&m->rng, 50)) {
		w->cur.size -= lo - w->cur.start;
		w->cur.start = lo;
	}
}

/* A card is pulled; or it has never had addresses and wants them now. */
static void unplug(struct maker *m, u32 dev, bool want)
{
	struct pmb_bar *bar = m->lay->bars;
	u32 i;

	for (i = 0; i < m->lay->nr_bars; i++, bar++) {
		if (bar->dev != dev)
			continue;
		bar->flags &= ~(PMB_BAR_PLACED | PMB_BAR_STRICT);
		bar->start = 0;
		if (want)
			bar->flags |= PMB_BAR_WANTED;
	}
}

static void plug_something(struct maker *m)
{
	struct pmb_layout *lay = m->lay;
	u32 first = lay->nr_bars, i, dev, b = PMB_NONE;

	if (lay->nr_devs == lay->max.devs)
		return;
	if (lay->nr_bridges && rng_percent(&m->rng, 90))
		b = rng_below(&m->rng, lay->nr_bridges);
	dev = random_dev(m, b == PMB_NONE ? rng_below(&m->rng, lay->nr_hosts) :
		      lay->bridges[b].host, b);
	lay->devs[dev].way = PMB_WAY_FREE;
	lay->devs[dev].cost = 0;
	lay->devs[dev].driver[0] = '\0';
	random_bars(m, dev);
	for (i = first; i < lay->nr_bars; i++)
		lay->bars[i].flags |= PMB_BAR_WANTED;
}

/* How much of a root window is nobody's, in one piece or not? */
static u64 free_room(const struct maker *m, const struct pmb_root *root)
{
	const struct pmb_layout *lay = m->lay;
	u64 room = root->range.size;
	struct pmb_range r;
	u32 i;

	for (i = 0; i < m->nr_wins + lay->nr_bars; i++) {
		if (i < m->nr_wins) {
			if (lay->bridges[i / PMB_SPACES].parent != PMB_NONE)
				continue;
			r = lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur;
		} else {
			const struct pmb_bar *bar = &lay->bars[i - m->nr_wins];

			if (lay->devs[bar->dev].bridge != PMB_NONE ||
			    !(bar->flags & PMB_BAR_PLACED))
				continue;
			r = (struct pmb_range){ bar->start, bar->size };
		}
		if (pmb_range_holds(&root->range, &r))
			room -= min(room, r.size);
	}
	return room;
}

/*
 * A device is plugged in that wants about what is free in a root window. Since that is
 * hardly ever in one piece, others have to move.
 */
static void plug_large(struct maker *m)
{
	struct pmb_layout *lay = m->lay;
	const struct pmb_root *root = &lay->roots[rng_below(&m->rng, lay->nr_roots)];
	u32 b = PMB_NONE, dev, n = rng_from(&m->rng, 1, 2);
	struct pmb_bar *bar;
	u64 room;

	if (is_io(root->space))
		root = &lay->roots[0];
	if (lay->nr_bridges && rng_percent(&m->rng, 80)) {
		b = rng_below(&m->rng, lay->nr_bridges);
		if (lay->bridges[b].host != root->host)
			b = PMB_NONE;
	}
	dev = random_dev(m, root->host, b);
	lay->devs[dev].way = PMB_WAY_FREE;
	lay->devs[dev].cost = 0;
	lay->devs[dev].driver[0] = '\0';
	room = free_room(m, root);
	while (n-- && lay->nr_bars < m->shape->bars && room >= 8 * KB) {
		bar = &lay->bars[lay->nr_bars++];
		memset(bar, 0, sizeof(*bar));
		bar->dev = dev;
		bar->res = 2 * n;
		bar->reg = 0x10 + 8 * n;
		bar->flags = PMB_BAR_WANTED;
		if (root->space == PMB_PREF || rng_percent(&m->rng, 50))
			bar->flags |= PMB_BAR_PREF;
		if (root->range.start - root->offset > U32_MAX || rng_percent(&m->rng, 50))
			bar->flags |= PMB_BAR_64;
		bar->size = 1ull << (63 - __builtin_clzll(room));
		bar->size >>= rng_below(&m->rng, 3);
		bar->align = bar->size;
		room -= bar->size;
	}
}

static void fix_bars(struct maker *m)
{
	static const enum pmb_why whys[] = {
		PMB_WHY_DRIVER, PMB_WHY_MMAP, PMB_WHY_CONSOLE, PMB_WHY_ROOT_BUS,
		PMB_WHY_FIRMWARE, PMB_WHY_BUSY,
	};
	struct rng *r = &m->rng;
	u32 strict = rng_percent(r, 20) ? 15 : 0, fixed = rng_below(r, 15), i;
	u32 wanted = m->shape->tight ? 0 : 1;
	struct pmb_bar *bar = m->lay->bars;

	for (i = 0; i < m->lay->nr_bars; i++, bar++) {
		if (rng_percent(r, bar->flags & PMB_BAR_PLACED ? fixed : wanted))
			bar->why = whys[rng_below(r, ARRAY_SIZE(whys))];
		if (bar->flags & PMB_BAR_PLACED && rng_percent(r, strict)) {
			bar->flags |= PMB_BAR_STRICT;
			bar->why = PMB_WHY_P2P;
		}
		if (bar->flags & PMB_BAR_PLACED && bar->flags & PMB_BAR_IO &&
		    m->lay->devs[bar->dev].way != PMB_WAY_FREE)
			bar->why = PMB_WHY_IO_PORTS;
	}
}

/*
 * Some memory BARs can be resized. They have random numbers of their own, so that
 * without them a layout would be the same.
 */
static void make_resizable(struct maker *m)
{
	struct rng r = { ~m->rng.state };
	struct pmb_bar *bar = m->lay->bars;
	u32 i, n;

	for (i = 0; i < m->lay->nr_bars; i++, bar++) {
		if (!rng_percent(&r, 4) || bar->size < MB || bar->size != bar->align ||
		    bar->flags & (PMB_BAR_IO | PMB_BAR_OPTIONAL))
			continue;
		bar->sizes = bar->size >> 20;
		for (n = rng_below(&r, 4); n--;)
			bar->sizes |= 1ull << rng_below(&r, 9);
	}
}

/* What a subtractive bridge passes on although no window of it says so */
static void use_transparent(struct maker *m)
{
	struct pmb_layout *lay = m->lay;
	const struct pmb_root *root;
	struct pmb_bar *bar;
	u32 i, b;
	u64 at;

	for (i = 0; i < lay->nr_bars; i++) {
		bar = &lay->bars[i];
		b = lay->devs[bar->dev].bridge;
		if (b == PMB_NONE || !(lay->bridges[b].flags & PMB_BRIDGE_TRANSPARENT) ||
		    bar->flags & PMB_BAR_PLACED || !rng_percent(&m->rng, 50))
			continue;
		root = &lay->roots[rng_below(&m->rng, lay->nr_roots)];
		if (root->host != lay->devs[bar->dev].host || bar->flags & PMB_BAR_IO ||
		    is_io(root->space) || root->range.size < bar->size)
			continue;
		bar->flags &= ~PMB_BAR_WANTED;
		at = root->range.start +
		     rng_below(&m->rng, root->range.size - bar->size + 1);
		place_bar(bar, round_to(at, bar->align));
	}
}

/* Firmware that should never have been shipped */
static void break_something(struct maker *m)
{
	struct pmb_layout *lay = m->lay;
	struct rng *r = &m->rng;
	struct pmb_bar *bar;
	struct pmb_window *w;
	u32 n = rng_from(r, 1, 3), i;

	while (n-- && lay->nr_bars) {
		bar = &lay->bars[rng_below(r, lay->nr_bars)];
		switch (rng_below(r, 4)) {
		case 0:			/* overlaps another one */
			i = rng_below(r, lay->nr_bars);
			if (bar->flags & lay->bars[i].flags & PMB_BAR_PLACED &&
			    !((bar->flags ^ lay->bars[i].flags) & PMB_BAR_IO))
				bar->start = lay->bars[i].start;
			break;
		case 1:			/* outside of its window */
			if (bar->flags & PMB_BAR_PLACED && bar->start > 4 * bar->size)
				bar->start -= bar->size;
			break;
		case 2:			/* misaligned */
			if (bar->flags & PMB_BAR_PLACED && bar->align > 16)
				bar->start += bar->align / 2;
			break;
		default:		/* a window slips */
			if (!lay->nr_bridges)
				break;
			w = &lay->bridges[rng_below(r, lay->nr_bridges)].win[rng_below(r, 3)];
			if (w->cur.size)
				w->cur.start += w->align;
		}
		if (rng_percent(r, 60))
			bar->why = PMB_WHY_HARDWIRED;
	}
}

/* Hosts with no more address space than what is in use, and some MiB */
static void tighten_root(struct maker *m, struct pmb_root *root)
{
	const struct pmb_layout *lay = m->lay;
	u64 lo = U64_MAX, hi = 0, last = pmb_last(&root->range);
	struct pmb_range r;
	u32 i;

	for (i = 0; i < m->nr_wins + lay->nr_bars; i++) {
		if (m->up[i] != UP_ROOT)
			continue;
		if (i < m->nr_wins) {
			r = lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur;
			if (is_io(i % PMB_SPACES) != is_io(root->space))
				continue;
		} else {
			r.start = lay->bars[i - m->nr_wins].start;
			r.size = lay->bars[i - m->nr_wins].size;
			if (!(lay->bars[i - m->nr_wins].flags & PMB_BAR_PLACED) ||
			    !!(lay->bars[i - m->nr_wins].flags & PMB_BAR_IO) !=
			    is_io(root->space))
				continue;
		}
		if (!pmb_range_holds(&root->range, &r) || !r.size)
			continue;
		lo = min(lo, r.start);
		hi = max(hi, pmb_last(&r));
	}
	if (lo > hi)
		return;
	lo &= ~(root->space == PMB_IO ? 0xfffull : MB - 1);
	hi |= root->space == PMB_IO ? 0xfffull : MB - 1;
	if (root->space != PMB_IO)
		hi += rng_below(&m->rng, m->shape->tight ? 3 : 8) * MB;
	lo = max(lo, root->range.start);
	hi = min(hi, last);
	root->range.start = lo;
	root->range.size = hi - lo + 1;
}

/**
 * random_history - what happens to a layout after firmware is done with it
 * @m: the layout in the making
 */
void random_history(struct maker *m)
{
	struct pmb_layout *lay = m->lay;
	struct rng *r = &m->rng;
	u32 pulled = rng_below(r, 40), wanting = rng_below(r, 30), trim, i, n;
	struct pmb_bar *bar;

	m->spare = 0;
	if (m->shape->tight) {
		pulled = min(pulled, 30u);
		wanting = 3;
	}
	for (i = 0; i < lay->nr_roots; i++) {
		if (rng_percent(r, m->shape->tight ? 95 : 60))
			tighten_root(m, &lay->roots[i]);
	}
	trim = rng_percent(r, 60) ? 70 : 0;
	for (i = m->nr_wins; i--;) {
		if (lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur.size &&
		    rng_percent(r, trim))
			trim_window(m, i / PMB_SPACES, i % PMB_SPACES);
	}
	for (i = lay->nr_bridges; i < lay->nr_devs; i++) {
		if (rng_percent(r, pulled / 2))
			unplug(m, i, false);
		else if (rng_percent(r, wanting / 2))
			unplug(m, i, true);
	}
	/* What found no room wants some, mostly; optional ones less often. */
	n = lay->nr_bars;
	for (i = 0; i < n; i++) {
		bar = &lay->bars[i];
		if (!(bar->flags & (PMB_BAR_PLACED | PMB_BAR_WANTED)) &&
		    rng_percent(r, bar->flags & PMB_BAR_OPTIONAL ? 40 : 60))
			bar->flags |= PMB_BAR_WANTED;
	}
	if (m->shape->tight)
		plug_large(m);
	else
		for (n = rng_below(r, 3); n--;)
			plug_something(m);
	use_transparent(m);
	fix_bars(m);
	if (rng_percent(r, 10))
		break_something(m);
	make_resizable(m);
}

