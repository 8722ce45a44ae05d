// SPDX-License-Identifier: GPL-2.0
/*
 * After a sweep: windows which it made as small as possible, or left out, get
 * back what they had, as far as it is still free.
 *
 * From the top of the tree downwards, and on each bus in this order: windows
 * which can have their old range, all of it; windows which have to change, as
 * much of the old range as is free around what they cover; empty windows of
 * hot-plug slots, the largest free piece of the old range, or else another
 * place; last, the reserve of windows which change anyway.
 *
 *	old range	|------------------|
 *	free		     |-------|#####|-------|
 *	must cover	        |-|
 *	new range	     |-------|
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "plan_internal.h"

/* A stretch of addresses, @hi is behind it. */
struct pmb_gap {
	u64 lo;
	u64 hi;
};

/* Cut a gap around @seed at @r; false: they overlap. */
static bool pmb_gap_cut(struct pmb_gap *gap, const struct pmb_range *seed,
			const struct pmb_range *r)
{
	if (!r->size)
		return true;
	if (pmb_ranges_overlap(seed, r))
		return false;
	if (r->start < seed->start)
		gap->lo = max(gap->lo, pmb_end(r));
	else
		gap->hi = min(gap->hi, r->start);
	return true;
}

/* The window that a window may be in if it is at @seed. */
static bool pmb_gap_outer(const struct pmb_work *w, u32 obj,
			  const struct pmb_range *seed, struct pmb_gap *gap)
{
	const struct pmb_layout *lay = w->lay;
	enum pmb_space space = obj % PMB_SPACES, s;
	u32 bus = pmb_obj_bus(w, obj), i, nr;
	const struct pmb_range *r;

	nr = pmb_is_root(lay, bus) ? lay->nr_roots : PMB_SPACES;
	for (i = 0; i < nr; i++) {
		if (pmb_is_root(lay, bus)) {
			if (lay->roots[i].host != w->host)
				continue;
			s = lay->roots[i].space;
			r = &lay->roots[i].range;
		} else {
			s = i;
			r = &w->best[bus * PMB_SPACES + i];
		}
		if (s != space && !(space == PMB_PREF && s == PMB_MEM))
			continue;
		if (!pmb_range_holds(r, seed))
			continue;
		gap->lo = r->start;
		gap->hi = pmb_end(r);
		return true;
	}
	return false;
}

/* What is free around @seed, for window @obj; false: @seed is not. */
static bool pmb_gap_find(const struct pmb_work *w, u32 obj,
			 const struct pmb_range *seed, struct pmb_gap *gap)
{
	const struct pmb_layout *lay = w->lay;
	u32 bus = pmb_obj_bus(w, obj), k, o;

	if (!pmb_gap_outer(w, obj, seed, gap))
		return false;
	for (k = w->first[bus]; k < w->first[bus + 1]; k++) {
		o = w->by_bus[k];
		if (o != obj && pmb_obj_io(w, o) == w->io &&
		    !pmb_gap_cut(gap, seed, &w->best[o]))
			return false;
	}
	for (k = 0; k < w->nr_ghosts; k++) {
		if (w->ghost[k].bus == bus && pmb_obj_io(w, w->ghost[k].obj) == w->io &&
		    !pmb_gap_cut(gap, seed, &w->best[w->ghost[k].obj]))
			return false;
	}
	for (k = 0; k < lay->nr_holes; k++) {
		if (lay->holes[k].host == w->host && lay->holes[k].io == w->io &&
		    !pmb_gap_cut(gap, seed, &lay->holes[k].range))
			return false;
	}
	return true;
}

/* The part of a gap that window @obj can have, inside of @lo and @hi. */
static bool pmb_gap_use(const struct pmb_work *w, u32 obj, const struct pmb_gap *gap,
			u64 lo, u64 hi, struct pmb_range *r)
{
	const struct pmb_window *win = pmb_win(w->lay, obj);
	u64 offset;

	lo = pmb_up(max(lo, gap->lo), win->align);
	hi = pmb_down(min(hi, gap->hi), win->align);
	if (lo >= hi)
		return false;
	r->start = lo;
	r->size = hi - lo;
	if (pmb_bus_offset(w->lay, w->host, w->io, r, &offset) ||
	    (offset & (win->align - 1)))
		return false;
	if (lo - offset > win->max)
		return false;
	if (pmb_last(r) - offset > win->max)
		r->size = pmb_down(win->max - (lo - offset) + 1, win->align);
	return r->size;
}

static bool pmb_give_back_all(struct pmb_work *w, u32 obj)
{
	struct pmb_gap gap;

	if (!pmb_range_holds(&w->at[obj], &w->best[obj]) ||
	    !pmb_gap_find(w, obj, &w->at[obj], &gap) ||
	    pmb_ghost_bars(w, obj, &w->at[obj]))
		return false;
	pmb_set_best(w, obj, &w->at[obj]);
	return true;
}

/* A window that has to cover something is widened towards where it was. */
static void pmb_give_back_part(struct pmb_work *w, u32 obj)
{
	const struct pmb_range *at = &w->at[obj];
	const struct pmb_range *best = &w->best[obj];
	struct pmb_range r;
	struct pmb_gap gap;
	u64 lo, hi;

	if (!pmb_ranges_overlap(at, best) || !pmb_gap_find(w, obj, best, &gap))
		return;
	lo = min(at->start, best->start);
	hi = max(pmb_end(at), pmb_end(best));
	if (pmb_gap_use(w, obj, &gap, lo, hi, &r) && pmb_range_holds(&r, best) &&
	    !pmb_ghost_bars(w, obj, &r))
		pmb_set_best(w, obj, &r);
}

/* The best use that window @obj can make of what is free at and above @addr. */
static void pmb_try_at(const struct pmb_work *w, u32 obj, u64 addr, u64 lo, u64 hi,
		       u64 size, struct pmb_range *best)
{
	struct pmb_range seed, r;
	struct pmb_gap gap;

	seed.size = pmb_win(w->lay, obj)->align;
	seed.start = pmb_up(addr, seed.size);
	if (seed.start < lo || seed.start >= hi || hi - seed.start < seed.size)
		return;
	if (!pmb_gap_find(w, obj, &seed, &gap) ||
	    !pmb_gap_use(w, obj, &gap, max(lo, seed.start), hi, &r))
		return;
	r.size = min(r.size, size);
	if (r.size > best->size && !pmb_ghost_bars(w, obj, &r))
		*best = r;
}

/* Look for a place of up to @size bytes between @lo and @hi. */
static void pmb_try_all(const struct pmb_work *w, u32 obj, u64 lo, u64 hi, u64 size,
			struct pmb_range *best)
{
	const struct pmb_layout *lay = w->lay;
	u32 bus = pmb_obj_bus(w, obj), k, nr = 0;

	pmb_try_at(w, obj, lo, lo, hi, size, best);
	for (k = 0; !pmb_is_root(lay, bus) && k < PMB_SPACES; k++)
		pmb_try_at(w, obj, w->best[bus * PMB_SPACES + k].start, lo, hi,
			   size, best);
	for (k = 0; pmb_is_root(lay, bus) && k < lay->nr_roots; k++)
		pmb_try_at(w, obj, lay->roots[k].range.start, lo, hi, size, best);
	for (k = w->first[bus]; k < w->first[bus + 1] && best->size < size; k++) {
		if (!w->best[w->by_bus[k]].size || nr++ > 256)
			continue;
		pmb_try_at(w, obj, pmb_end(&w->best[w->by_bus[k]]), lo, hi, size, best);
	}
	for (k = 0; k < lay->nr_holes && best->size < size; k++) {
		if (lay->holes[k].host == w->host && lay->holes[k].io == w->io)
			pmb_try_at(w, obj, pmb_end(&lay->holes[k].range), lo, hi,
				   size, best);
	}
}

/* An empty window that cannot stay. */
static void pmb_give_back_empty(struct pmb_work *w, u32 obj)
{
	const struct pmb_range *at = &w->at[obj];
	struct pmb_range r = { 0, 0 };
	u32 outer = w->seat[obj];
	u64 lo;

	/* Along with the window around it? */
	if (outer < w->nr_wins && w->best[outer].start != w->at[outer].start) {
		lo = at->start - w->at[outer].start + w->best[outer].start;
		pmb_try_at(w, obj, lo, lo, lo + at->size, at->size, &r);
	}
	if (r.size < at->size)
		pmb_try_all(w, obj, at->start, pmb_end(at), at->size, &r);
	if (!r.size && !w->opt->no_reserve &&
	    (w->lay->bridges[obj / PMB_SPACES].flags & PMB_BRIDGE_HOTPLUG))
		pmb_try_all(w, obj, 0, U64_MAX, at->size, &r);
	pmb_set_best(w, obj, &r);
}

/* A window that changes anyway gets its reserve, if it is there for the taking. */
static void pmb_give_reserve(struct pmb_work *w, u32 obj)
{
	const struct pmb_window *win = pmb_win(w->lay, obj);
	const struct pmb_range *best = &w->best[obj];
	struct pmb_range r;
	u64 more = win->reserve, end = pmb_end(best);
	struct pmb_gap gap;

	if (w->opt->no_reserve || best->size >= more)
		return;
	more = pmb_up(more - best->size, win->align);
	if (end + more < end || !pmb_gap_find(w, obj, best, &gap))
		return;
	if (pmb_gap_use(w, obj, &gap, best->start, end + more, &r) &&
	    pmb_range_holds(&r, best) && !pmb_ghost_bars(w, obj, &r))
		pmb_set_best(w, obj, &r);
	more = win->reserve > best->size ?
	       pmb_up(win->reserve - best->size, win->align) : 0;
	if (!more || best->start < more || !pmb_gap_find(w, obj, best, &gap))
		return;
	if (pmb_gap_use(w, obj, &gap, best->start - more, pmb_end(best), &r) &&
	    pmb_range_holds(&r, best) && !pmb_ghost_bars(w, obj, &r))
		pmb_set_best(w, obj, &r);
}

static bool pmb_is_box(const struct pmb_work *w, u32 obj)
{
	return w->box_of[obj] != PMB_NONE || w->is_packed[obj];
}

/* The least that the windows on a bus need. */
static void pmb_settle_least(struct pmb_work *w, u32 bus)
{
	bool marked = w->mark[bus] == w->stamp;
	u32 k, o;

	if (marked && (w->near || w->others == PMB_OTHERS_STAY))
		return;
	for (k = w->first[bus]; k < w->first[bus + 1]; k++) {
		o = w->by_bus[k];
		if (o >= w->nr_wins || pmb_obj_io(w, o) != w->io ||
		    pmb_is_box(w, o) || !w->at[o].size || w->keep[o])
			continue;
		if (marked && w->others == PMB_OTHERS_SLIDE && !w->hull[o].size)
			continue;		/* the sweep has found a place */
		pmb_set_best(w, o, &w->hull[o]);
	}
}

static void pmb_settle_bus(struct pmb_work *w, u32 bus)
{
	u32 pass, k, o;
	bool fine;

	pmb_settle_least(w, bus);
	for (pass = 0; pass < 4; pass++) {
		for (k = w->first[bus]; k < w->first[bus + 1]; k++) {
			o = w->by_bus[k];
			if (o >= w->nr_wins || pmb_obj_io(w, o) != w->io || w->keep[o])
				continue;
			fine = pmb_same(&w->at[o], &w->best[o]);
			if (fine)
				continue;
			if (pass == 0 && w->at[o].size)
				pmb_give_back_all(w, o);
			else if (pass == 1 && w->at[o].size && w->best[o].size)
				pmb_give_back_part(w, o);
			else if (pass == 2 && w->at[o].size && !w->best[o].size)
				pmb_give_back_empty(w, o);
			else if (pass == 3 && w->best[o].size)
				pmb_give_reserve(w, o);
		}
	}
}

static bool pmb_bus_touched(const struct pmb_work *w, u32 bus)
{
	u32 s, o;

	for (s = 0; s < PMB_SPACES; s++) {
		o = bus * PMB_SPACES + s;
		if (!pmb_same(&w->at[o], &w->best[o]))
			return true;
	}
	return false;
}

static void pmb_settle_once(struct pmb_work *w, u32 bus)
{
	if (w->seen[bus] == w->pass)
		return;
	w->seen[bus] = w->pass;
	pmb_settle_bus(w, bus);
}

static int pmb_cmp_bus(const void *left, const void *right)
{
	u32 a = *(const u32 *)left, b = *(const u32 *)right;

	return a < b ? -1 : a > b;
}

/**
 * pmb_settle - give windows back what the sweep took without need
 * @w: the planner's memory, right after pmb_sweep() has returned true
 */
void pmb_settle(struct pmb_work *w)
{
	u32 i, bus;

	if (w->others == PMB_OTHERS_STAY && (!w->near || w->spare))
		pmb_index_hulls(w);
	w->pass++;
	/* From the root downwards; every bus comes before those behind it. */
	sort(w->bus_list + 1, w->nr_bus_list - 1, sizeof(*w->bus_list), pmb_cmp_bus,
	     NULL);
	for (i = 0; i < w->nr_bus_list; i++)
		pmb_settle_once(w, w->bus_list[i]);
	/* What that has changed, and what it changes in turn. */
	for (i = 0; i < w->nr_dirty; i++) {
		bus = w->dirty[i] / PMB_SPACES;
		if (w->dirty[i] < w->nr_wins && pmb_bus_touched(w, bus))
			pmb_settle_once(w, bus);
	}
}
