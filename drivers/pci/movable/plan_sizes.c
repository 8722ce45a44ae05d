// SPDX-License-Identifier: GPL-2.0
/*
 * How large a Resizable BAR becomes.
 *
 * A BAR that has a place keeps its size.  One that wants a place may get any size
 * which its device can do.  Everything is tried at its largest first.  If that
 * does not fit, all get a place at their least size, so that none is left out for
 * another one's size; and then they grow, one after the other, each as far as that
 * goes.  Those that wanted a place may be placed anew for it, others only as far
 * as opt->resize_cost allows:
 *
 *	| A least | B least | C least |		all have a place
 *	| A largest    | B | C |		A grows
 *	| A largest    | B largest    | C larger |
 */
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include "plan_internal.h"

#define PMB_SIZE_STEPS	40000u	/* for one BAR to grow to one size */

static bool pmb_resizable(const struct pmb_work *w, u32 obj)
{
	const struct pmb_bar *bar = pmb_bar_of(w, obj);

	return (bar->flags & PMB_BAR_WANTED) && bar->sizes;
}

/* The size with number @n, counted from the smallest one; 0: there is none. */
static u64 pmb_nth_size(u64 sizes, u32 n)
{
	while (sizes && n--)
		sizes &= sizes - 1;
	return (sizes & -sizes) << 20;
}

/**
 * pmb_sizes_start - every BAR has the least size that it can have
 * @w: the planner's memory
 */
void pmb_sizes_start(struct pmb_work *w)
{
	u32 i;

	w->nr_resizable = 0;
	for (i = 0; i < w->lay->nr_bars; i++) {
		w->size[i] = w->lay->bars[i].size;
		if (!pmb_resizable(w, w->nr_wins + i))
			continue;
		w->size[i] = pmb_nth_size(w->lay->bars[i].sizes, 0);
		w->nr_resizable++;
	}
}

/**
 * pmb_sizes_largest - choose the size of what is wanted
 * @w: the planner's memory; the BARs in w->wanted are concerned
 * @largest: the largest sizes rather than the least ones
 *
 * Return: how many of the BARs have a choice.
 */
u32 pmb_sizes_largest(struct pmb_work *w, bool largest)
{
	u32 i, obj, nr = 0;
	u64 sizes;

	for (i = 0; w->nr_resizable && i < w->nr_wanted; i++) {
		obj = w->wanted[i];
		if (!pmb_resizable(w, obj))
			continue;
		sizes = pmb_bar_of(w, obj)->sizes;
		w->size[obj - w->nr_wins] = largest ? BIT_ULL(fls64(sizes) + 19) :
						      pmb_nth_size(sizes, 0);
		nr++;
	}
	return nr;
}

/* One BAR gets a larger size, if there is a way. */
static bool pmb_grow_to(struct pmb_work *w, u32 obj, u64 size, u64 budget)
{
	u64 old = w->size[obj - w->nr_wins];
	bool proved;

	w->nr_wanted = 1;
	w->wanted[0] = obj;
	w->size[obj - w->nr_wins] = size;
	w->budget = min(budget, w->steps + PMB_SIZE_STEPS);
	if (pmb_find(w, PMB_MOVE_FREE, &proved) ||
	    (w->opt->resize_cost && pmb_find(w, PMB_MOVE_ALL, &proved))) {
		pmb_commit(w);
		return true;
	}
	w->size[obj - w->nr_wins] = old;
	return false;
}

/* The largest size for which there is a way, by bisection. */
static void pmb_grow_one(struct pmb_work *w, u32 obj, u64 budget)
{
	u64 sizes = pmb_bar_of(w, obj)->sizes;
	u32 lo = 0, hi = hweight64(sizes), mid;

	if (lo + 1 < hi && pmb_grow_to(w, obj, pmb_nth_size(sizes, hi - 1), budget))
		return;
	for (hi--; lo + 1 < hi && w->steps < budget;) {
		mid = lo + (hi - lo) / 2;
		if (pmb_grow_to(w, obj, pmb_nth_size(sizes, mid), budget))
			lo = mid;
		else
			hi = mid;
	}
}

/**
 * pmb_sizes_grow - let BARs that have got a place become larger
 * @w: the planner's memory
 */
void pmb_sizes_grow(struct pmb_work *w)
{
	u64 budget = w->budget, limit = w->limit_cost;
	u32 obj;

	if (!w->nr_resizable)
		return;
	w->limit_cost = min(limit, w->spent + w->opt->resize_cost);
	for (obj = w->nr_wins; obj < w->nr_objs; obj++) {
		if (!pmb_resizable(w, obj) || !w->at[obj].size ||
		    pmb_obj_host(w, obj) != w->host || pmb_obj_io(w, obj) != w->io)
			continue;
		if (w->at[obj].size == pmb_nth_size(pmb_bar_of(w, obj)->sizes, 0))
			pmb_grow_one(w, obj, budget);
	}
	w->limit_cost = limit;
	w->budget = budget;
}
