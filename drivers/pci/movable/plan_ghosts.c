// SPDX-License-Identifier: GPL-2.0
/*
 * What must not come to lie behind a prefetchable window.
 *
 * Firmware leaves memory behind that no window of its bridge covers.  If it is not
 * prefetchable, a prefetchable window that comes to cover it would do harm: a bridge
 * may read ahead from it.  So such a window has to end before, or begin behind:
 *
 *	behind the bridge	       |-- not prefetchable, in no window --|
 *	prefetchable window	|-----|   or   |---------- never ----------------|
 *
 * A window that covers it already may go on doing so.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include "plan_internal.h"

/* May a window of the bridge above @bus that reads ahead not be over this object? */
static bool pmb_ghost_touchy(const struct pmb_work *w, u32 obj, u32 bus)
{
	const struct pmb_bridge *bridge = &w->lay->bridges[bus];
	u32 flags;

	if (obj < w->nr_wins)
		return obj % PMB_SPACES == PMB_MEM;
	flags = pmb_bar_of(w, obj)->flags;
	if (flags & (PMB_BAR_IO | PMB_BAR_PREF))
		return false;
	return !w->opt->relaxed_pref || !(flags & PMB_BAR_64) ||
	       !(bridge->flags & PMB_BRIDGE_PCIE) || bridge->win[PMB_PREF].max <= U32_MAX;
}

/* Will it be where it is now?  Otherwise it gets a place that suits. */
static bool pmb_ghost_stays(const struct pmb_work *w, u32 obj)
{
	if (!w->at[obj].size)
		return false;
	if (obj >= w->nr_wins)
		return !w->free[obj];
	return pmb_same(&w->at[obj], &w->best[obj]);
}

/**
 * pmb_ghost_bars - does something that is in no window forbid a window its place?
 * @w: the planner's memory
 * @obj: the window
 * @r: the place
 *
 * Return: true if so.
 */
bool pmb_ghost_bars(const struct pmb_work *w, u32 obj, const struct pmb_range *r)
{
	const struct pmb_ghost *g = w->ghost;
	u32 i;

	if (!w->nr_ghosts || obj % PMB_SPACES != PMB_PREF || pmb_same(r, &w->at[obj]))
		return false;
	for (i = 0; i < w->nr_ghosts; i++, g++) {
		if (g->bus == obj / PMB_SPACES && pmb_ghost_touchy(w, g->obj, g->bus) &&
		    pmb_ghost_stays(w, g->obj) &&
		    pmb_range_holds(r, &w->at[g->obj]) &&
		    !pmb_range_holds(&pmb_win(w->lay, obj)->cur, &w->at[g->obj]))
			return true;
	}
	return false;
}

/**
 * pmb_ghosts_fine - is every window in w->best where it may be?
 * @w: the planner's memory
 *
 * Return: true if so.
 */
bool pmb_ghosts_fine(const struct pmb_work *w)
{
	u32 i, obj;

	for (i = 0; w->nr_ghosts && i < w->nr_dirty; i++) {
		obj = w->dirty[i];
		if (obj < w->nr_wins && pmb_ghost_bars(w, obj, &w->best[obj]))
			return false;
	}
	return true;
}
