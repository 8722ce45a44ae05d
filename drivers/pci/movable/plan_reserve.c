// SPDX-License-Identifier: GPL-2.0
/*
 * Room for what may be plugged in later.
 *
 * When everything has its place, empty hot-plug slots get back what was taken from
 * them, if there still is room somewhere; and those inside of what has just been
 * plugged in get what they would have got if it had been there at boot.  All of
 * them together if that goes, the same part for each, else as many as possible.
 * Nothing moves for that, and no window of anything else gives way.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "plan_internal.h"

/* No window of this bridge is open: it is new. */
static bool pmb_is_new(const struct pmb_layout *lay, u32 bridge)
{
	u32 s;

	for (s = 0; s < PMB_SPACES; s++) {
		if (lay->bridges[bridge].win[s].cur.size)
			return false;
	}
	return true;
}

/* Mark the buses above all that got a place. */
static bool pmb_mark_placed(struct pmb_work *w)
{
	bool some = false;
	u32 obj, bus;

	memset(w->came, 0, w->nr_buses * sizeof(*w->came));
	for (obj = w->nr_wins; obj < w->nr_objs; obj++) {
		if (!(pmb_bar_of(w, obj)->flags & PMB_BAR_WANTED) || !w->at[obj].size)
			continue;
		some = true;
		for (bus = pmb_obj_bus(w, obj); !w->came[bus];
		     bus = pmb_bus_above(w->lay, bus)) {
			w->came[bus] = true;
			if (pmb_is_root(w->lay, bus))
				break;
		}
	}
	return some;
}

/* Is a slot part of something new that got a place? */
static bool pmb_came_along(const struct pmb_work *w, u32 bridge)
{
	u32 bus = pmb_bus_above(w->lay, bridge);

	for (; !pmb_is_root(w->lay, bus); bus = pmb_bus_above(w->lay, bus)) {
		if (!pmb_is_new(w->lay, bus))
			return false;
		if (w->came[bus])
			return true;
	}
	return false;
}

/* Is a window inside of this one open?  Then this one cannot go elsewhere. */
static bool pmb_has_open(const struct pmb_work *w, u32 obj)
{
	u32 bus = obj / PMB_SPACES, k, o;

	for (k = w->first[bus]; k < w->first[bus + 1]; k++) {
		o = w->by_bus[k];
		if (w->at[o].size && w->seat[o] == obj)
			return true;
	}
	return false;
}

/* What an empty slot should have, and has not; 0: nothing. */
static u64 pmb_owed(const struct pmb_work *w, u32 obj)
{
	const struct pmb_window *win = pmb_win(w->lay, obj);
	u32 bridge = obj / PMB_SPACES;
	u64 had = min(win->cur.size, win->reserve);

	if (!win->align || !win->reserve || w->keep[obj] || w->hull[obj].size ||
	    !(w->lay->bridges[bridge].flags & PMB_BRIDGE_HOTPLUG) ||
	    w->lay->bridges[bridge].host != w->host ||
	    pmb_space_io(obj % PMB_SPACES) != w->io)
		return 0;
	if (!had && pmb_came_along(w, bridge))
		had = win->reserve;
	had = pmb_up(had, win->align);
	return w->at[obj].size < had && !pmb_has_open(w, obj) ? had : 0;
}

static bool pmb_give(struct pmb_work *w)
{
	bool found = w->nr_list && pmb_near_reserve(w);

	pmb_list_cut(w, 0);
	if (found)
		pmb_best_commit(w);
	return found;
}

static void pmb_reserve_host(struct pmb_work *w)
{
	u32 obj;

	w->widest = w->lay->nr_bridges + w->host;
	pmb_list_cut(w, 0);
	pmb_index_hulls(w);
	for (obj = 0; obj < w->nr_wins; obj++) {
		if (pmb_owed(w, obj))
			pmb_list_add(w, obj);
	}
	if (!w->nr_list || pmb_give(w))
		return;
	for (obj = 0; obj < w->nr_wins && w->steps < w->budget; obj++) {
		pmb_index_hulls(w);
		if (!pmb_owed(w, obj))
			continue;
		pmb_list_add(w, obj);
		pmb_give(w);
	}
}

/**
 * pmb_reserve_size - how large the window of an empty slot should be
 * @w: the planner's memory
 * @obj: the window, one of w->list
 *
 * Return: bytes.
 */
u64 pmb_reserve_size(const struct pmb_work *w, u32 obj)
{
	const struct pmb_window *win = pmb_win(w->lay, obj);

	return pmb_up(win->cur.size ? min(win->cur.size, win->reserve) : win->reserve,
		      win->align);
}

/**
 * pmb_place_reserve - give empty slots room, after all else
 * @w: the planner's memory
 */
void pmb_place_reserve(struct pmb_work *w)
{
	u64 budget = w->budget;
	u32 host;

	if (w->opt->no_reserve || w->chaos || !pmb_mark_placed(w))
		return;
	w->budget = max(w->budget, w->steps) + min_t(u64, w->loan, PMB_LENT);
	for (host = 0; host < w->lay->nr_hosts; host++) {
		w->host = host;
		w->io = false;
		pmb_reserve_host(w);
		w->io = true;
		pmb_reserve_host(w);
	}
	w->budget = budget;
}
