// SPDX-License-Identifier: GPL-2.0
/*
 * What the planner wants to know about a layout before it begins: what is on
 * which bus, which window is around what, which windows have to stay.
 *
 * Firmware leaves odd layouts behind.  An object which no window covers, and
 * one below a transparent bridge that only a window further up covers, takes
 * addresses of other buses without being in a window there: a "ghost".  A
 * window that breaks a rule at present keeps its place; that is always legal.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "plan_internal.h"

static void pmb_add_ghost(struct pmb_work *w, u32 bus, u32 obj)
{
	if (w->ghost) {
		w->ghost[w->nr_ghosts].bus = bus;
		w->ghost[w->nr_ghosts].obj = obj;
	}
	w->nr_ghosts++;
}

static u32 pmb_find_root(const struct pmb_layout *lay, u32 host, bool io,
			 const struct pmb_range *r)
{
	u32 i;

	for (i = 0; i < lay->nr_roots; i++) {
		if (lay->roots[i].host == host &&
		    pmb_space_io(lay->roots[i].space) == io &&
		    pmb_range_holds(&lay->roots[i].range, r))
			return i;
	}
	return PMB_NONE;
}

/* The window of the bridge above @bus that holds @r. */
static u32 pmb_find_win(const struct pmb_work *w, u32 bus, bool io,
			const struct pmb_range *r)
{
	u32 space, obj;

	for (space = 0; space < PMB_SPACES; space++) {
		obj = bus * PMB_SPACES + space;
		if (pmb_space_io(space) == io && pmb_range_holds(&w->at[obj], r))
			return obj;
	}
	return PMB_NONE;
}

static void pmb_find_seat(struct pmb_work *w, u32 obj)
{
	const struct pmb_layout *lay = w->lay;
	const struct pmb_range *r = &w->at[obj];
	u32 own = pmb_obj_bus(w, obj), bus = own, seat = PMB_NONE;
	bool io = pmb_obj_io(w, obj);

	while (r->size && !pmb_is_root(lay, bus)) {
		seat = pmb_find_win(w, bus, io, r);
		if (seat != PMB_NONE)
			break;
		pmb_add_ghost(w, bus, obj);
		if (!(lay->bridges[bus].flags & PMB_BRIDGE_TRANSPARENT)) {
			bus = own;
			break;
		}
		bus = pmb_bus_above(lay, bus);
	}
	if (r->size && pmb_is_root(lay, bus)) {
		seat = pmb_find_root(lay, bus - lay->nr_bridges, io, r);
		if (seat == PMB_NONE)
			pmb_add_ghost(w, bus, obj);
		else
			seat += w->nr_wins;
	}
	if (w->seat) {
		w->seat[obj] = seat;
		w->home[obj] = seat == PMB_NONE ? own : bus;
	}
}

/**
 * pmb_index_ghosts - count what takes addresses outside of windows
 * @w: memory of which only the layout and w->at have been set
 *
 * Return: how many ghosts there are at most.
 */
u32 pmb_index_ghosts(struct pmb_work *w)
{
	u32 obj;

	w->nr_ghosts = 0;
	for (obj = 0; obj < w->nr_objs; obj++)
		pmb_find_seat(w, obj);
	return w->nr_ghosts;
}

/* Insertion sort up to so many objects */
#define PMB_FEW_ON_BUS	24u

/* By kind, address.  What has no place comes first. */
static int pmb_cmp_place(const void *left, const void *right, const void *priv)
{
	const struct pmb_work *w = priv;
	u32 a = *(const u32 *)left, b = *(const u32 *)right;
	int io_a = pmb_obj_io(w, a), io_b = pmb_obj_io(w, b);
	u64 at_a = w->at[a].size ? w->at[a].start : 0;
	u64 at_b = w->at[b].size ? w->at[b].start : 0;

	if (io_a != io_b)
		return io_a - io_b;
	if (at_a != at_b)
		return at_a < at_b ? -1 : 1;
	return a < b ? -1 : a > b;
}

/* There are many buses with little on them, and few with much. */
static void pmb_sort_bus(struct pmb_work *w, u32 bus)
{
	u32 *objs = &w->by_bus[w->first[bus]], one;
	u32 nr = w->first[bus + 1] - w->first[bus], i, k;

	if (nr > PMB_FEW_ON_BUS) {
		for (i = 1; i < nr; i++) {
			if (pmb_cmp_place(&objs[i - 1], &objs[i], w) > 0)
				break;
		}
		if (i < nr)
			sort_r(objs, nr, sizeof(*objs), pmb_cmp_place, NULL, w);
		return;
	}
	for (i = 1; i < nr; i++) {
		one = objs[i];
		for (k = i; k > 0 && pmb_cmp_place(&objs[k - 1], &one, w) > 0; k--)
			objs[k] = objs[k - 1];
		objs[k] = one;
	}
}

static void pmb_add_shadow(struct pmb_work *w, u32 win, u32 obj)
{
	u32 i;

	if (win >= w->nr_wins)
		return;
	for (i = 0; i < w->nr_ghosts; i++) {
		if (w->ghost[i].bus == win / PMB_SPACES && w->ghost[i].obj == obj)
			return;
	}
	if (w->nr_ghosts < w->max_ghosts)
		pmb_add_ghost(w, win / PMB_SPACES, obj);
	else
		w->chaos = true;
}

/* If two objects on one bus overlap, each is in the way behind the other. */
static bool pmb_shade(struct pmb_work *w, u32 a, u32 b)
{
	if (a == b || !w->at[a].size || !w->at[b].size ||
	    pmb_obj_io(w, a) != pmb_obj_io(w, b) ||
	    !pmb_ranges_overlap(&w->at[a], &w->at[b]))
		return false;
	pmb_add_shadow(w, a, b);
	pmb_add_shadow(w, b, a);
	return true;
}

/*
 * Where a window overlaps something on its bus, nobody knows who answers: what it
 * overlaps is in the way behind the window, too.
 *
 *	bus	|---- window ----|
 *	bus	           |-- BAR --|
 *	behind	           |#####|		in the way
 */
static void pmb_add_shadows(struct pmb_work *w)
{
	u32 bus, i, k, b, g, end;

	for (bus = 0; bus < w->nr_buses; bus++) {
		end = w->first[bus + 1];
		for (i = w->first[bus]; i < end; i++) {
			for (k = i + 1; w->at[w->by_bus[i]].size && k < end; k++) {
				b = w->by_bus[k];
				if (w->at[b].size && !pmb_shade(w, w->by_bus[i], b))
					break;
			}
		}
	}
	/* What is in no window here, or already in the way; those that are found, too. */
	for (g = 0; g < w->nr_ghosts; g++) {
		bus = w->ghost[g].bus;
		for (k = w->first[bus]; k < w->first[bus + 1]; k++)
			pmb_shade(w, w->ghost[g].obj, w->by_bus[k]);
		for (k = 0; k < g; k++) {
			if (w->ghost[k].bus == bus)
				pmb_shade(w, w->ghost[g].obj, w->ghost[k].obj);
		}
	}
}

/**
 * pmb_index_seats - find out which window is around what, by w->at
 * @w: the planner's memory
 *
 * What is on a bus is sorted by kind and address.
 */
void pmb_index_seats(struct pmb_work *w)
{
	u32 obj, bus;

	w->nr_ghosts = 0;
	for (obj = 0; obj < w->nr_objs; obj++)
		pmb_find_seat(w, obj);

	memset(w->first, 0, (w->nr_buses + 1) * sizeof(*w->first));
	for (obj = 0; obj < w->nr_objs; obj++)
		w->first[w->home[obj] + 1]++;
	for (bus = 0; bus < w->nr_buses; bus++)
		w->first[bus + 1] += w->first[bus];
	for (obj = 0; obj < w->nr_objs; obj++)
		w->by_bus[w->first[w->home[obj]]++] = obj;
	for (bus = w->nr_buses; bus > 0; bus--)
		w->first[bus] = w->first[bus - 1];
	w->first[0] = 0;
	for (bus = 0; bus < w->nr_buses; bus++)
		pmb_sort_bus(w, bus);
	pmb_add_shadows(w);
}

/**
 * pmb_index_again - find the seats of what has changed, by w->at
 * @w: the planner's memory; what is in w->dirty may have changed
 */
void pmb_index_again(struct pmb_work *w)
{
	u32 i, k, bus, obj;
	bool all = w->nr_ghosts;

	for (i = 0; i < w->nr_dirty && !all; i++)
		all = w->home[w->dirty[i]] != pmb_obj_bus(w, w->dirty[i]);
	if (all) {
		w->steps += w->nr_objs / 8;
		pmb_index_seats(w);
		return;
	}
	for (i = 0; i < w->nr_dirty; i++) {
		obj = w->dirty[i];
		pmb_find_seat(w, obj);
		if (obj >= w->nr_wins)
			continue;
		bus = obj / PMB_SPACES;
		for (k = w->first[bus]; k < w->first[bus + 1]; k++)
			pmb_find_seat(w, w->by_bus[k]);
	}
	w->pass++;
	for (i = 0; i < w->nr_dirty; i++) {
		bus = w->home[w->dirty[i]];
		if (w->seen[bus] == w->pass)
			continue;
		w->seen[bus] = w->pass;
		pmb_sort_bus(w, bus);
	}
}

/**
 * pmb_index_offset - how CPU addresses inside of a window become bus addresses
 * @w: the planner's memory
 * @obj: the window, or nr_wins + n for root window n
 * @found: set to true if there is a root window around it
 *
 * Return: CPU minus bus address.
 */
u64 pmb_index_offset(const struct pmb_work *w, u32 obj, bool *found)
{
	while (obj < w->nr_wins)
		obj = w->seat[obj];
	*found = obj != PMB_NONE;
	return *found ? w->lay->roots[obj - w->nr_wins].offset : 0;
}

/* Windows above strict BARs, see rule R8. */
static void pmb_mark_strict(struct pmb_work *w)
{
	const struct pmb_layout *lay = w->lay;
	u32 obj, bus, space, win;

	for (obj = w->nr_wins; obj < w->nr_objs; obj++) {
		if (!(pmb_bar_of(w, obj)->flags & PMB_BAR_STRICT) || !w->at[obj].size ||
		    w->free[obj])
			continue;
		bus = pmb_obj_bus(w, obj);
		for (; !pmb_is_root(lay, bus); bus = pmb_bus_above(lay, bus)) {
			for (space = 0; space < PMB_SPACES; space++) {
				win = bus * PMB_SPACES + space;
				if (pmb_space_io(space) == pmb_obj_io(w, obj) &&
				    pmb_range_holds(&w->at[win], &w->at[obj]))
					w->strict[win] = true;
			}
		}
	}
}

/* Is a window where a new one could not be, or in the way of something? */
static bool pmb_misplaced(const struct pmb_work *w, u32 obj)
{
	const struct pmb_layout *lay = w->lay;
	enum pmb_space space = obj % PMB_SPACES, outer;
	const struct pmb_window *win = pmb_win(lay, obj);
	u32 seat = w->seat[obj], i;
	u64 offset;
	bool found;

	if (seat == PMB_NONE || w->home[obj] != pmb_obj_bus(w, obj))
		return true;
	offset = pmb_index_offset(w, obj, &found);
	if (pmb_last(&w->at[obj]) - offset > win->max || (offset & (win->align - 1)))
		return true;
	outer = seat < w->nr_wins ? seat % PMB_SPACES :
		lay->roots[seat - w->nr_wins].space;
	if (outer != space && !(space == PMB_PREF && outer == PMB_MEM))
		return true;
	for (i = 0; i < lay->nr_holes; i++) {
		if (lay->holes[i].host == pmb_obj_host(w, obj) &&
		    lay->holes[i].io == pmb_space_io(space) &&
		    pmb_ranges_overlap(&lay->holes[i].range, &w->at[obj]))
			return true;
	}
	for (i = 0; i < w->nr_ghosts; i++) {
		if (w->ghost[i].bus == w->home[obj] && w->ghost[i].obj != obj &&
		    pmb_obj_io(w, w->ghost[i].obj) == pmb_space_io(space) &&
		    pmb_ranges_overlap(&w->at[w->ghost[i].obj], &w->at[obj]))
			return true;
	}
	return false;
}

/* Windows that overlap something on their bus stay as they are. */
static void pmb_keep_overlaps(struct pmb_work *w)
{
	u32 i, far, obj, bus;

	for (bus = 0; bus < w->nr_buses; bus++) {
		far = PMB_NONE;
		for (i = w->first[bus]; i < w->first[bus + 1]; i++) {
			obj = w->by_bus[i];
			if (!w->at[obj].size || w->free[obj])
				continue;
			if (far == PMB_NONE || pmb_obj_io(w, far) != pmb_obj_io(w, obj)) {
				far = obj;
				continue;
			}
			if (pmb_ranges_overlap(&w->at[far], &w->at[obj])) {
				if (obj < w->nr_wins)
					w->keep[obj] = true;
				if (far < w->nr_wins)
					w->keep[far] = true;
				w->odd = true;
			}
			if (pmb_end(&w->at[far]) < pmb_end(&w->at[obj]))
				far = obj;
		}
	}
}

/**
 * pmb_index_places - everything is where it is now
 * @w: the planner's memory; only w->at is written
 */
void pmb_index_places(struct pmb_work *w)
{
	const struct pmb_bar *bar;
	u32 obj;

	for (obj = 0; obj < w->nr_wins; obj++)
		w->at[obj] = pmb_win(w->lay, obj)->cur;
	for (; obj < w->nr_objs; obj++) {
		bar = pmb_bar_of(w, obj);
		w->at[obj].start = bar->start;
		w->at[obj].size = bar->flags & PMB_BAR_PLACED ? bar->size : 0;
	}
}

static void pmb_find_limits(struct pmb_work *w)
{
	u32 obj;

	w->limits_stale = false;
	memset(w->keep, 0, w->nr_objs * sizeof(*w->keep));
	memset(w->strict, 0, w->nr_objs * sizeof(*w->strict));
	pmb_mark_strict(w);
	for (obj = 0; obj < w->nr_wins; obj++) {
		if (w->at[obj].size && pmb_misplaced(w, obj)) {
			w->keep[obj] = true;
			w->odd = true;
		}
	}
	pmb_keep_overlaps(w);
}

/**
 * pmb_index_start - begin with a layout as it is
 * @w: the planner's memory
 */
void pmb_index_start(struct pmb_work *w)
{
	u32 obj;

	w->odd = false;
	w->chaos = false;
	w->proof = false;
	w->hull_stale = true;
	pmb_index_places(w);
	memcpy(w->best, w->at, w->nr_objs * sizeof(*w->best));
	memset(w->is_dirty, 0, w->nr_objs * sizeof(*w->is_dirty));
	w->nr_dirty = 0;
	for (obj = 0; obj < w->lay->nr_roots; obj++)
		w->odd |= pmb_last(&w->lay->roots[obj].range) == U64_MAX;
	memset(w->free, 0, w->nr_objs * sizeof(*w->free));
	pmb_index_seats(w);
	pmb_find_limits(w);
}

/**
 * pmb_index_limits - find out which windows have to stay, if that may have changed
 * @w: the planner's memory
 *
 * What overlaps something is kept as long as that does not move; a window may
 * only grow as long as something strict is inside of it.
 */
void pmb_index_limits(struct pmb_work *w)
{
	if (!w->limits_stale)
		return;
	w->limits_stale = false;
	if (!w->odd && !w->what_if)
		return;
	w->steps += w->nr_objs / 32;
	w->hull_stale = true;
	pmb_find_limits(w);
}

static void pmb_cover(struct pmb_range *hull, const struct pmb_range *r)
{
	u64 last;

	if (!r->size)
		return;
	if (!hull->size) {
		*hull = *r;
		return;
	}
	last = max(pmb_last(hull), pmb_last(r));
	hull->start = min(hull->start, r->start);
	hull->size = last - hull->start + 1;
}

/**
 * pmb_index_hulls - find out what every window has to cover, at least
 * @w: the planner's memory
 *
 * What is w->free does not count.
 */
void pmb_index_hulls(struct pmb_work *w)
{
	struct pmb_range *hull;
	u64 align, last;
	u32 obj;

	if (!w->hull_stale)
		return;
	w->hull_stale = false;
	w->steps += w->nr_objs / 64;
	memset(w->hull, 0, w->nr_wins * sizeof(*w->hull));
	for (obj = w->nr_wins; obj < w->nr_objs; obj++) {
		if (w->at[obj].size && !w->free[obj] && w->seat[obj] < w->nr_wins)
			pmb_cover(&w->hull[w->seat[obj]], &w->at[obj]);
	}
	for (obj = w->nr_wins; obj-- > 0;) {
		hull = &w->hull[obj];
		if (w->at[obj].size && (w->keep[obj] || w->strict[obj])) {
			*hull = w->at[obj];
		} else if (hull->size) {
			align = pmb_win(w->lay, obj)->align;
			last = pmb_last(hull) | (align - 1);
			hull->start = pmb_down(hull->start, align);
			hull->size = last - hull->start + 1;
		}
		if (hull->size && w->seat[obj] < w->nr_wins)
			pmb_cover(&w->hull[w->seat[obj]], hull);
	}
}
