// SPDX-License-Identifier: GPL-2.0
/*
 * The ladder of attempts.
 *
 * A rung is a scope (how far up windows may change), what may happen to windows
 * that lead to nothing wanted, and how freely addresses are chosen.  The first
 * rung that holds disturbs windows least; then windows which have changed without
 * need are locked again.
 *
 * The wanted BARs alone are tried first.  If no rung holds, something that has a
 * place has to be moved, too; what, is found in plan_units.c, and then the ladder
 * is climbed once more.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "plan_internal.h"

#define PMB_LIMIT_QUICK		3000u	/* steps of an attempt */
#define PMB_LIMIT_ORACLE	20000u
#define PMB_THOROUGH_MAX	64u	/* bridges; beyond, it takes too long */

static bool pmb_attempt(struct pmb_work *w, u32 scope, enum pmb_others others,
			enum pmb_latitude latitude, u64 limit)
{
	w->scope = scope;
	w->others = others;
	w->latitude = latitude;
	w->limit = limit * w->patience;
	w->steps += 1 + w->nr_list / 8;
	w->cut = w->steps >= w->budget || (latitude == PMB_THOROUGH &&
					   w->lay->nr_bridges > PMB_THOROUGH_MAX);
	if (w->cut)
		return false;
	pmb_index_limits(w);
	if (others != PMB_OTHERS_STAY)
		pmb_index_hulls(w);
	return pmb_scene_build(w) && pmb_sweep(w);
}

/**
 * pmb_oracle - is there a way at all?
 * @w: the planner's memory; w->list is what may be placed anew
 *
 * Return: true if there is one, with places in w->best; false if there is none,
 * or, with w->cut, if none has been found.
 */
bool pmb_oracle(struct pmb_work *w)
{
	bool found;

	if (w->nr_list > PMB_LIST_MANY) {
		w->packing = PMB_PACKED;
		found = pmb_attempt(w, w->widest, PMB_OTHERS_SHRINK, PMB_ROAM,
				    PMB_LIMIT_ORACLE) ||
			pmb_attempt(w, w->widest, PMB_OTHERS_SHRINK, PMB_ANYWHERE,
				    PMB_LIMIT_ORACLE);
		w->packing = PMB_UNPACKED;
		w->cut = true;
		return found;
	}
	if (pmb_attempt(w, w->widest, PMB_OTHERS_SHRINK, PMB_ANYWHERE,
			PMB_LIMIT_ORACLE))
		return true;
	if (w->cut || w->io)
		return false;
	return pmb_attempt(w, w->widest, PMB_OTHERS_SHRINK, PMB_THOROUGH,
			   PMB_LIMIT_ORACLE);
}

/**
 * pmb_room_wanted - find out how much too little space there is, w->lacking
 * @w: the planner's memory; w->list is all that may move, and what is wanted
 */
void pmb_room_wanted(struct pmb_work *w)
{
	pmb_attempt(w, w->widest, PMB_OTHERS_SHRINK, PMB_ANYWHERE, 1);
}

/**
 * pmb_prove - is it certain that there is no way?
 * @w: the planner's memory; w->list is all that may move, and what is wanted
 *
 * What firmware has put into a window of the wrong kind may stay there, but not
 * move there.  Being unlocked takes nothing away from it here.
 *
 * Return: true if so.
 */
bool pmb_prove(struct pmb_work *w)
{
	bool found;
	u32 i;

	if (w->odd || w->nr_ghosts)
		return false;
	w->proof = true;
	found = pmb_attempt(w, w->widest, PMB_OTHERS_SHRINK, PMB_THOROUGH,
			    PMB_LIMIT_ORACLE);
	w->proof = false;
	/* A sweep puts nothing across the end of a strict window, rules allow it. */
	for (i = 0; i < w->nr_boxes; i++) {
		if (!w->box[i].top && w->strict[w->box[i].obj])
			return false;
	}
	return !found && !w->cut;
}

/* The lowest bus behind which all that is to be placed is. */
static u32 pmb_common_bus(struct pmb_work *w)
{
	u32 i, bus;

	bus = pmb_obj_bus(w, w->list[0]);
	for (i = 1; i < w->nr_list; i++) {
		while (!pmb_behind(w, pmb_obj_bus(w, w->list[i]), bus))
			bus = pmb_bus_above(w->lay, bus);
	}
	return bus;
}

/* The attempts of one kind, from the lowest bus to the root. */
static bool pmb_rungs(struct pmb_work *w, u32 scope, enum pmb_others others,
		      enum pmb_latitude first, enum pmb_latitude last)
{
	enum pmb_latitude latitude;

	for (;;) {
		for (latitude = first; latitude <= last; latitude++) {
			if (pmb_attempt(w, scope, others, latitude, PMB_LIMIT_QUICK))
				return true;
		}
		if (pmb_is_root(w->lay, scope))
			return false;
		scope = pmb_bus_above(w->lay, scope);
	}
}

/* The windows which w->best changes, and which are open now, as w->order. */
static u32 pmb_changed(struct pmb_work *w, u32 *nr_all)
{
	u32 obj, i, nr = 0;

	*nr_all = 0;
	for (i = 0; i < w->nr_dirty; i++) {
		obj = w->dirty[i];
		if (obj >= w->nr_wins || pmb_same(&w->at[obj], &w->best[obj]))
			continue;
		(*nr_all)++;
		if (w->at[obj].size && !w->keep[obj])
			w->order[nr++] = obj;
	}
	return nr;
}

/*
 * Windows have changed that need not: with the same attempt again and again,
 * see whether many, fewer, at last single ones can be locked.
 */
static void pmb_relock_windows(struct pmb_work *w)
{
	u32 nr, all, least, chunk, i, k, n;
	u64 stop = w->steps + (w->budget - min(w->budget, w->steps)) / 4;
	u64 limit = w->limit / w->patience;

	pmb_settle(w);
	nr = pmb_changed(w, &least);
	pmb_best_save(w);
	memcpy(w->relock, w->order, nr * sizeof(*w->relock));
	for (chunk = nr; chunk > nr / 64 && w->steps < stop; chunk /= 2) {
		for (i = 0; i < nr && w->steps < stop; i += chunk) {
			n = min(chunk, nr - i);
			for (k = i; k < i + n; k++)
				w->tried[w->relock[k]] = !w->keep[w->relock[k]];
			for (k = i; k < i + n; k++)
				w->keep[w->relock[k]] = true;
			w->hull_stale = true;
			all = U32_MAX;
			if (pmb_attempt(w, w->scope, w->others, w->latitude, limit)) {
				pmb_settle(w);
				pmb_changed(w, &all);
			}
			if (all < least) {
				least = all;
				pmb_best_save(w);
			}
			for (k = i; all > least && k < i + n; k++) {
				if (w->tried[w->relock[k]])
					w->keep[w->relock[k]] = false;
			}
			w->hull_stale = true;
		}
	}
	for (i = 0; i < nr; i++)
		w->keep[w->relock[i]] = false;
	w->hull_stale = true;
	pmb_best_restore(w);
}

/* Too many for a search */
static bool pmb_ladder_packed(struct pmb_work *w, u32 low)
{
	enum pmb_others others;
	bool found = false;

	for (w->packing = PMB_PACKED_RESERVE; !found && w->packing; w->packing--) {
		for (others = 0; !found && others < PMB_OTHERS; others++)
			found = pmb_rungs(w, low, others, PMB_GROW_UP, PMB_ANYWHERE);
		if (found)
			pmb_relock_windows(w);
	}
	w->packing = PMB_UNPACKED;
	return found;
}

/* With what is unlocked now, the way that disturbs windows least. */
static bool pmb_climb(struct pmb_work *w)
{
	u32 low = pmb_common_bus(w);
	enum pmb_others others;
	bool found = false;

	if (w->nr_list > PMB_LIST_MANY)
		return pmb_ladder_packed(w, low);

	/* A free hole, of whatever kind. */
	found = pmb_attempt(w, low, PMB_OTHERS_STAY, PMB_GROW_UP, PMB_LIMIT_QUICK) ||
		pmb_attempt(w, low, PMB_OTHERS_STAY, PMB_ANYWHERE, PMB_LIMIT_QUICK);
	for (others = 0; !found && others < PMB_OTHERS; others++)
		found = pmb_rungs(w, low, others, PMB_GROW_UP, PMB_ROAM);
	for (others = 0; !found && others < PMB_OTHERS; others++)
		found = pmb_rungs(w, low, others, PMB_ANYWHERE, PMB_ANYWHERE);
	if (found)
		pmb_relock_windows(w);
	return found;
}

/*
 * It is known that there is a way.  Half of the steps that are left go into one which
 * disturbs windows least; whatever comes of that, the way is not lost.
 */
static bool pmb_ladder(struct pmb_work *w)
{
	u64 budget = w->budget;
	bool found;

	w->budget = w->steps + (budget - min(budget, w->steps)) / 2;
	found = pmb_near(w) || pmb_climb(w);
	if (!found) {
		w->budget = max(budget, w->steps + 2 * PMB_LIMIT_ORACLE);
		found = pmb_oracle(w);
		if (found)
			pmb_relock_windows(w);
	}
	w->budget = budget;
	return found;
}

/* Is it certain that other windows alone are not enough? */
static bool pmb_windows_do_not_help(struct pmb_work *w)
{
	return w->nr_list <= PMB_LIST_MANY && !pmb_oracle(w) && !w->cut;
}

static void pmb_list_wanted(struct pmb_work *w)
{
	u32 i;

	pmb_list_cut(w, 0);
	for (i = 0; i < w->nr_wanted; i++)
		pmb_list_add(w, w->wanted[i]);
}

/* The places for what is in w->wanted, see pmb_find(). */
static bool pmb_find_places(struct pmb_work *w, enum pmb_moves moves, bool *proved)
{
	*proved = false;
	w->patience = 1;
	pmb_list_wanted(w);
	if (!w->nr_list || w->chaos || w->steps >= w->budget)
		return false;
	w->widest = w->lay->nr_bridges + w->host;
	if (pmb_near(w))
		return true;
	if (pmb_room_never(w)) {
		*proved = true;
		return false;
	}
	if (!pmb_windows_do_not_help(w) && pmb_climb(w))
		return true;
	if (moves == PMB_MOVE_WINDOWS)
		return false;
	if (pmb_find_units(w, false, proved))
		return pmb_ladder(w);
	if (moves < PMB_MOVE_ALL)
		return false;
	return pmb_find_units(w, true, proved) && pmb_ladder(w);
}

/**
 * pmb_find - find places for BARs, and disturb as little as possible
 * @w: the planner's memory; w->wanted is what to place
 * @moves: what may be moved for them
 * @proved: set to true if there is no way, whatever the budget
 *
 * Return: true: w->best is where everything shall be.
 */
bool pmb_find(struct pmb_work *w, enum pmb_moves moves, bool *proved)
{
	return pmb_find_places(w, moves, proved) && pmb_ghosts_fine(w);
}
