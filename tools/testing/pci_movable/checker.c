// SPDX-License-Identifier: GPL-2.0
/*
 * The second judge.
 *
 * It is written from the rules and not from verify.c: every address space of
 * every bus becomes a list of "tenants", each with its place before and after;
 * all pairs of tenants are compared; accesses are followed down the tree by
 * recursion. Addresses have 128 bits, so nothing ever wraps, and ends are
 * exclusive.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "checker.h"

struct span {
	__int128 lo, hi;		/* hi is the first address behind; empty: equal */
};

struct world {
	const struct pmb_layout *lay;
	const struct pmb_options *opt;
	const struct pmb_plan *plan;
	char *why;
	size_t len;
};

enum when { BEFORE, AFTER };

static bool is_io(int space)
{
	return space == PMB_IO;
}

static struct span to_span(const struct pmb_range *r)
{
	struct span s = { r->start, (__int128)r->start + r->size };

	if (!r->size)
		return (struct span){ 0, 0 };
	return s;
}

static bool empty(struct span s)
{
	return s.lo >= s.hi;
}

static bool within(struct span in, struct span out)
{
	return !empty(in) && in.lo >= out.lo && in.hi <= out.hi;
}

static bool meet(struct span a, struct span b)
{
	return !empty(a) && !empty(b) && a.lo < b.hi && b.lo < a.hi;
}

static bool equal(struct span a, struct span b)
{
	return (empty(a) && empty(b)) || (a.lo == b.lo && a.hi == b.hi);
}

static bool complain(const struct world *w, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(w->why, w->len, fmt, args);
	va_end(args);
	return false;
}

static struct span window(const struct world *w, u32 b, int s, enum when when)
{
	if (when == AFTER)
		return to_span(&w->plan->win[b * PMB_SPACES + s]);
	return to_span(&w->lay->bridges[b].win[s].cur);
}

static struct span bar_place(const struct world *w, u32 i, enum when when)
{
	const struct pmb_bar *bar = &w->lay->bars[i];
	struct pmb_range r = { bar->start, bar->size };

	if (when == AFTER)
		return to_span(&w->plan->bar[i]);
	if (!(bar->flags & PMB_BAR_PLACED))
		r.size = 0;
	return to_span(&r);
}

static bool in_root(const struct world *w, u32 host, bool io, struct span s)
{
	u32 i;

	for (i = 0; i < w->lay->nr_roots; i++) {
		if (w->lay->roots[i].host == host &&
		    is_io(w->lay->roots[i].space) == io &&
		    within(s, to_span(&w->lay->roots[i].range)))
			return true;
	}
	return false;
}

static bool any_window_has(const struct world *w, u32 b, bool io, struct span s,
			   enum when when)
{
	if (io)
		return within(s, window(w, b, PMB_IO, when));
	return within(s, window(w, b, PMB_MEM, when)) ||
	       within(s, window(w, b, PMB_PREF, when));
}

/* R4, R5: is an old object on the bus behind @b covered? See the rules. */
static bool covered(const struct world *w, u32 host, u32 b, bool io, struct span s,
		    enum when when)
{
	if (b == PMB_NONE)
		return in_root(w, host, io, s);
	if (any_window_has(w, b, io, s, when))
		return true;
	if (!(w->lay->bridges[b].flags & PMB_BRIDGE_TRANSPARENT))
		return false;
	if (when == AFTER && any_window_has(w, b, io, s, BEFORE))
		return false;
	return covered(w, host, w->lay->bridges[b].parent, io, s, when);
}

/* Which kinds of window may take something new: a set of BIT(space) */
static u32 homes(int space)
{
	return space == PMB_PREF ? BIT(PMB_PREF) | BIT(PMB_MEM) : BIT(space);
}

static bool new_inside(const struct world *w, u32 host, u32 b, u32 kinds,
		       struct span s)
{
	u32 i;

	for (i = 0; b != PMB_NONE && i < PMB_SPACES; i++) {
		if ((kinds & BIT(i)) && within(s, window(w, b, i, AFTER)))
			return true;
	}
	for (i = 0; b == PMB_NONE && i < w->lay->nr_roots; i++) {
		if (w->lay->roots[i].host == host &&
		    (kinds & BIT(w->lay->roots[i].space)) &&
		    within(s, to_span(&w->lay->roots[i].range)))
			return true;
	}
	return false;
}

/* An access on its way down from the root: does it get behind bridge @b? */
static bool gets_behind(const struct world *w, u32 b, bool io, struct span s)
{
	if (b == PMB_NONE)
		return true;
	if (!gets_behind(w, w->lay->bridges[b].parent, io, s))
		return false;
	return any_window_has(w, b, io, s, AFTER) ||
	       w->lay->bridges[b].flags & PMB_BRIDGE_TRANSPARENT;
}

/* The exception for 64-bit BARs that are not prefetchable */
static bool relaxed(const struct world *w, const struct pmb_bar *bar, u32 b)
{
	if (!w->opt->relaxed_pref || !(bar->flags & PMB_BAR_64) || bar->flags & PMB_BAR_IO)
		return false;
	return b == PMB_NONE || (w->lay->bridges[b].win[PMB_PREF].max > U32_MAX &&
				 w->lay->bridges[b].flags & PMB_BRIDGE_PCIE);
}

/*
 * D1: something that is not prefetchable stays; is it in a prefetchable window now
 * in which it was not?
 */
static bool prefetched(const struct world *w, u32 b, struct span s,
		       const struct pmb_bar *bar)
{
	while (b != PMB_NONE && !any_window_has(w, b, false, s, AFTER)) {
		if (!(w->lay->bridges[b].flags & PMB_BRIDGE_TRANSPARENT) ||
		    any_window_has(w, b, false, s, BEFORE))
			return false;
		b = w->lay->bridges[b].parent;
	}
	return b != PMB_NONE && within(s, window(w, b, PMB_PREF, AFTER)) &&
	       !within(s, window(w, b, PMB_PREF, BEFORE)) &&
	       !within(s, window(w, b, PMB_MEM, AFTER)) && !(bar && relaxed(w, bar, b));
}

/* R3, R5, R7 for what is new where it is */
static bool fits(const struct world *w, const char *what, u32 nr, u32 host, bool io,
		 struct span s, u64 align, u64 max)
{
	const struct pmb_root *root = NULL;
	u64 bus;
	u32 i;

	for (i = 0; i < w->lay->nr_holes; i++) {
		if (w->lay->holes[i].host == host && w->lay->holes[i].io == io &&
		    meet(s, to_span(&w->lay->holes[i].range)))
			return complain(w, "R7: %s %u on hole %u", what, nr, i);
	}
	for (i = 0; i < w->lay->nr_roots && !root; i++) {
		if (w->lay->roots[i].host == host &&
		    is_io(w->lay->roots[i].space) == io &&
		    within(s, to_span(&w->lay->roots[i].range)))
			root = &w->lay->roots[i];
	}
	if (!root)
		return complain(w, "R5: %s %u in no root", what, nr);
	bus = (u64)s.lo - root->offset;
	if ((u64)s.lo % align || bus % align)
		return complain(w, "R3: %s %u misaligned", what, nr);
	if ((__int128)bus + (s.hi - s.lo) - 1 > (__int128)max)
		return complain(w, "R3: %s %u too high", what, nr);
	return true;
}

static bool check_window(const struct world *w, u32 b, int space)
{
	const struct pmb_bridge *br = &w->lay->bridges[b];
	struct span was = window(w, b, space, BEFORE), is = window(w, b, space, AFTER);
	u32 id = b * PMB_SPACES + space;
	bool io = space == PMB_IO;

	if (empty(is)) {
		if (w->plan->win[id].start || w->plan->win[id].size)
			return complain(w, "R12: closed window %u not {0,0}", id);
		return true;
	}
	if (equal(was, is)) {
		if (covered(w, br->host, br->parent, io, was, BEFORE) &&
		    !covered(w, br->host, br->parent, io, is, AFTER))
			return complain(w, "R5: old window %u lost", id);
		if (space == PMB_MEM && prefetched(w, br->parent, is, NULL))
			return complain(w, "D1: old window %u prefetched", id);
		return true;
	}
	if (!br->win[space].align)
		return complain(w, "R5: window %u does not exist", id);
	if (is.hi > (__int128)1 << 64 || (u64)(is.hi - is.lo) % br->win[space].align)
		return complain(w, "R5: window %u has a bad size", id);
	if (!fits(w, "window", id, br->host, io, is, br->win[space].align,
		  br->win[space].max))
		return false;
	if (!new_inside(w, br->host, br->parent, homes(space), is))
		return complain(w, "R5: window %u not inside", id);
	return true;
}

/* R2, R13 */
static bool size_possible(const struct pmb_bar *bar, u64 size)
{
	u32 n;

	if (!(bar->flags & PMB_BAR_WANTED) || !bar->sizes)
		return size == bar->size;
	for (n = 0; n < 44; n++) {
		if (bar->sizes >> n & 1 && size == 1ull << (n + 20))
			return true;
	}
	return false;
}

static bool check_bar(const struct world *w, u32 i)
{
	const struct pmb_bar *bar = &w->lay->bars[i];
	const struct pmb_dev *dev = &w->lay->devs[bar->dev];
	struct span was = bar_place(w, i, BEFORE), is = bar_place(w, i, AFTER);
	bool io = bar->flags & PMB_BAR_IO, moves;
	u64 align = bar->align;
	u32 kinds;

	if (!empty(was) && empty(is))
		return complain(w, "R2: BAR %u lost", i);
	if (empty(is))
		return true;
	if (!size_possible(bar, w->plan->bar[i].size) || is.hi > (__int128)1 << 64)
		return complain(w, "R2: BAR %u has a bad size", i);
	if (empty(was) && bar->sizes)
		align = w->plan->bar[i].size;
	moves = !equal(was, is);
	if (!moves) {
		if (covered(w, dev->host, dev->bridge, io, was, BEFORE) &&
		    !covered(w, dev->host, dev->bridge, io, is, AFTER))
			return complain(w, "R4: old BAR %u lost", i);
		if (!io && !(bar->flags & PMB_BAR_PREF) &&
		    prefetched(w, dev->bridge, is, bar))
			return complain(w, "D1: old BAR %u prefetched", i);
		return true;
	}
	if (bar->why != PMB_MAY_MOVE)
		return complain(w, "R1: BAR %u is fixed", i);
	if (!empty(was) && dev->way == PMB_WAY_NEVER)
		return complain(w, "R1: BAR %u never moves", i);
	if (!empty(was) && (bar->flags & PMB_BAR_STRICT))
		return complain(w, "R8: BAR %u is strict", i);
	if (empty(was) && !(bar->flags & PMB_BAR_WANTED))
		return complain(w, "R2: BAR %u unwanted", i);
	if (!fits(w, "BAR", i, dev->host, io, is, align,
		  !io && (bar->flags & PMB_BAR_64) ? U64_MAX : U32_MAX))
		return false;
	kinds = homes(io ? PMB_IO : bar->flags & PMB_BAR_PREF ? PMB_PREF : PMB_MEM);
	if (relaxed(w, bar, dev->bridge))
		kinds |= BIT(PMB_PREF);
	if (!new_inside(w, dev->host, dev->bridge, kinds, is))
		return complain(w, "R4: BAR %u not inside", i);
	if (!gets_behind(w, dev->bridge, io, is))
		return complain(w, "R4: BAR %u cut off", i);
	return true;
}

/* R6 */

struct tenant {
	u32 host, bus;		/* bus: bridge above, PMB_NONE: root */
	bool io, old;
	u32 id;
	struct span at;
};

static u32 tenants(const struct world *w, u32 host, u32 bus, bool io, u32 id,
		   struct span was, struct span is, struct tenant *t)
{
	u32 n = 0;
	bool climbs;

	if (empty(is))
		return 0;
	climbs = equal(was, is) && covered(w, host, bus, io, is, AFTER);
	for (;;) {
		t[n++] = (struct tenant){ host, bus, io, equal(was, is), id, is };
		if (!climbs || bus == PMB_NONE || any_window_has(w, bus, io, is, AFTER))
			return n;
		bus = w->lay->bridges[bus].parent;
	}
}

static bool is_behind(const struct world *w, u32 bus, u32 bridge)
{
	while (bus != PMB_NONE && bus != bridge)
		bus = w->lay->bridges[bus].parent;
	return bus == bridge;
}

/* D2: @win and @other overlap as before; nothing new is where they do, behind @win. */
static bool check_shadow(const struct world *w, const struct tenant *t, u32 n,
			 const struct tenant *win, const struct tenant *other)
{
	u32 i;

	if (win->id >= w->lay->nr_bridges * PMB_SPACES)
		return true;
	for (i = 0; i < n; i++) {
		if (t[i].host == win->host && t[i].io == win->io && !t[i].old &&
		    meet(t[i].at, win->at) && meet(t[i].at, other->at) &&
		    is_behind(w, t[i].bus, win->id / PMB_SPACES))
			return complain(w, "D2: object %u behind window %u on object %u",
					t[i].id, win->id, other->id);
	}
	return true;
}

static bool check_overlaps(const struct world *w)
{
	const struct pmb_layout *lay = w->lay;
	u32 objects = lay->nr_bridges * PMB_SPACES + lay->nr_bars, n = 0, i, j;
	/* Nothing answers on more buses than there are. */
	struct tenant *t = calloc((size_t)objects * (lay->nr_bridges + 1) + 1, sizeof(*t));
	bool ok = true;

	for (i = 0; i < objects; i++) {
		if (i < lay->nr_bridges * PMB_SPACES) {
			u32 b = i / PMB_SPACES, s = i % PMB_SPACES;

			n += tenants(w, lay->bridges[b].host, lay->bridges[b].parent,
				     s == PMB_IO, i, window(w, b, s, BEFORE),
				     window(w, b, s, AFTER), t + n);
		} else {
			u32 b = i - lay->nr_bridges * PMB_SPACES;
			const struct pmb_dev *dev = &lay->devs[lay->bars[b].dev];

			n += tenants(w, dev->host, dev->bridge,
				     lay->bars[b].flags & PMB_BAR_IO, i,
				     bar_place(w, b, BEFORE), bar_place(w, b, AFTER),
				     t + n);
		}
	}
	for (i = 0; i < n && ok; i++) {
		for (j = i + 1; j < n && ok; j++) {
			if (t[i].host != t[j].host || t[i].bus != t[j].bus ||
			    t[i].io != t[j].io || !meet(t[i].at, t[j].at))
				continue;
			if (t[i].old && t[j].old)
				ok = check_shadow(w, t, n, &t[i], &t[j]) &&
				     check_shadow(w, t, n, &t[j], &t[i]);
			else
				ok = complain(w, "R6: objects %u and %u", t[i].id, t[j].id);
		}
	}
	free(t);
	return ok;
}

static bool check_strict(const struct world *w, u32 i)
{
	const struct pmb_bar *bar = &w->lay->bars[i];
	struct span at = bar_place(w, i, BEFORE);
	int s;
	u32 b;

	if (!(bar->flags & PMB_BAR_STRICT) || empty(at))
		return true;
	for (b = w->lay->devs[bar->dev].bridge; b != PMB_NONE;
	     b = w->lay->bridges[b].parent) {
		for (s = 0; s < PMB_SPACES; s++) {
			if (is_io(s) != !!(bar->flags & PMB_BAR_IO))
				continue;
			if (within(at, window(w, b, s, BEFORE)) &&
			    !within(window(w, b, s, BEFORE), window(w, b, s, AFTER)))
				return complain(w, "R8: window %u.%d above BAR %u",
						b, s, i);
		}
	}
	return true;
}

/* R9, one function at a time */
static bool check_group(const struct world *w, u32 dev)
{
	u32 with = 0, without = 0, i;

	for (i = 0; i < w->lay->nr_bars; i++) {
		if (w->lay->bars[i].dev != dev ||
		    !(w->lay->bars[i].flags & PMB_BAR_WANTED) ||
		    w->lay->bars[i].flags & (PMB_BAR_OPTIONAL | PMB_BAR_IO))
			continue;
		if (w->plan->bar[i].size)
			with++;
		else
			without++;
	}
	return !with || !without || complain(w, "R9: half of dev %u", dev);
}

static bool dev_moves(const struct pmb_layout *lay, const struct pmb_plan *plan,
		      u32 dev)
{
	u32 i;

	for (i = 0; i < lay->nr_bars; i++) {
		if (lay->bars[i].dev == dev && lay->bars[i].flags & PMB_BAR_PLACED &&
		    lay->bars[i].start != plan->bar[i].start)
			return true;
	}
	return false;
}

/**
 * checker_count - set the numbers of a plan, and its verdict
 * @layout: what it is for
 * @plan: the plan; from @win and @bar all else is worked out
 */
void checker_count(const struct pmb_layout *layout, struct pmb_plan *plan)
{
	u32 i, s, required = 0;

	plan->cost = 0;
	plan->bars_moved = 0;
	plan->bars_placed = 0;
	plan->wins_changed = 0;
	plan->devs_live = 0;
	plan->devs_paused = 0;
	plan->unplaced = 0;
	plan->unplaced_optional = 0;
	for (i = 0; i < layout->nr_bars; i++) {
		u32 flags = layout->bars[i].flags;

		if (flags & PMB_BAR_PLACED)
			plan->bars_moved += !plan->bar[i].size ||
				plan->bar[i].start != layout->bars[i].start;
		if (!(flags & PMB_BAR_WANTED))
			continue;
		if (plan->bar[i].size) {
			plan->bars_placed++;
			required += !(flags & PMB_BAR_OPTIONAL);
		} else if (flags & PMB_BAR_OPTIONAL) {
			plan->unplaced_optional++;
		} else {
			plan->unplaced++;
		}
	}
	for (i = 0; i < layout->nr_devs; i++) {
		if (!dev_moves(layout, plan, i))
			continue;
		plan->cost += layout->devs[i].cost;
		plan->devs_live += layout->devs[i].way == PMB_WAY_LIVE;
		plan->devs_paused += layout->devs[i].way == PMB_WAY_PAUSE;
	}
	for (i = 0; i < layout->nr_bridges; i++) {
		for (s = 0; s < PMB_SPACES; s++)
			plan->wins_changed +=
				!equal(to_span(&layout->bridges[i].win[s].cur),
				       to_span(&plan->win[i * PMB_SPACES + s]));
	}
	if (!plan->unplaced)
		plan->verdict = PMB_PLAN_COMPLETE;
	else if (required)
		plan->verdict = PMB_PLAN_PARTIAL;
	else if (plan->verdict != PMB_PLAN_IMPOSSIBLE)
		plan->verdict = PMB_PLAN_NOT_FOUND;
}

/* R9 to R11: the numbers, by working them out again */
static bool check_numbers(const struct world *w)
{
	const struct pmb_plan *p = w->plan;
	struct pmb_plan copy = *p;
	u32 required = 0, i;

	checker_count(w->lay, &copy);
	if (copy.cost != p->cost || copy.bars_moved != p->bars_moved ||
	    copy.bars_placed != p->bars_placed || copy.wins_changed != p->wins_changed ||
	    copy.devs_live != p->devs_live || copy.devs_paused != p->devs_paused ||
	    copy.unplaced != p->unplaced ||
	    copy.unplaced_optional != p->unplaced_optional)
		return complain(w, "R11: a number is wrong");
	if (copy.verdict != p->verdict)
		return complain(w, "R11: verdict %d, not %d", p->verdict, copy.verdict);
	for (i = 0; i < w->lay->nr_bars; i++)
		required += w->lay->bars[i].flags & PMB_BAR_WANTED &&
			    !(w->lay->bars[i].flags & PMB_BAR_OPTIONAL) &&
			    p->bar[i].size;
	if (!p->bars_placed && (p->bars_moved || p->wins_changed))
		return complain(w, "R10: changes for nothing");
	if (!required && p->cost)
		return complain(w, "R10: optional BARs cost something");
	if (w->opt->max_cost && p->cost > w->opt->max_cost)
		return complain(w, "cost limit");
	return true;
}

/**
 * checker_accepts - is a plan good?
 * @layout: what it is for
 * @opt: what the planner was told
 * @plan: the plan
 * @why: why not, if it is not
 * @len: size of @why
 *
 * Takes quadratic time and more.
 *
 * Return: true: it is.
 */
bool checker_accepts(const struct pmb_layout *layout, const struct pmb_options *opt,
		     const struct pmb_plan *plan, char *why, size_t len)
{
	const struct world w = { layout, opt, plan, why, len };
	u32 i;
	int s;

	if (plan->nr_wins != layout->nr_bridges * PMB_SPACES ||
	    plan->nr_bars != layout->nr_bars)
		return complain(&w, "not a plan for this layout");
	for (i = 0; i < layout->nr_bridges; i++) {
		for (s = 0; s < PMB_SPACES; s++) {
			if (!check_window(&w, i, s))
				return false;
		}
	}
	for (i = 0; i < layout->nr_bars; i++) {
		if (!check_bar(&w, i) || !check_strict(&w, i))
			return false;
	}
	for (i = 0; i < layout->nr_devs; i++) {
		if (!check_group(&w, i))
			return false;
	}
	return check_overlaps(&w) && check_numbers(&w);
}
