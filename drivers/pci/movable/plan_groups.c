// SPDX-License-Identifier: GPL-2.0
/*
 * Which of the wanted BARs get a place, and in which order that is tried.
 *
 * All required memory BARs of a device or none, and each I/O BAR by itself if the
 * device has its memory; all of it together if that goes.  If
 * not, as many as possible: of a few devices the best set is searched for, of
 * many one after the other is taken, the ones that need little first.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "plan_internal.h"

#define PMB_GROUPS_FEW	6u

/**
 * pmb_commit - what has been found becomes the base for what follows
 * @w: the planner's memory; pmb_find() has just returned true
 */
void pmb_commit(struct pmb_work *w)
{
	const struct pmb_bar *bar;
	u32 obj;

	while (w->nr_list) {
		obj = w->list[--w->nr_list];
		w->free[obj] = false;
		bar = pmb_bar_of(w, obj);
		if (!(bar->flags & PMB_BAR_PLACED) || w->best[obj].start == bar->start ||
		    w->dev_moved[bar->dev])
			continue;
		w->dev_moved[bar->dev] = true;
		w->spent += w->lay->devs[bar->dev].cost;
	}
	pmb_best_commit(w);
}

/* What is to be paid for what has been found. */
static u64 pmb_found_cost(struct pmb_work *w)
{
	const struct pmb_bar *bar;
	u64 cost = 0;
	u32 i;

	for (i = 0; i < w->nr_list; i++) {
		bar = pmb_bar_of(w, w->list[i]);
		if (!(bar->flags & PMB_BAR_PLACED) || w->dev_moved[bar->dev] ||
		    w->dev_seen[bar->dev] || w->best[w->list[i]].start == bar->start)
			continue;
		w->dev_seen[bar->dev] = true;
		cost += w->lay->devs[bar->dev].cost;
	}
	for (i = 0; i < w->nr_list; i++)
		w->dev_seen[pmb_bar_of(w, w->list[i])->dev] = false;
	return cost;
}

static bool pmb_wants(const struct pmb_work *w, u32 obj, bool optional)
{
	const struct pmb_bar *bar = pmb_bar_of(w, obj);

	return (bar->flags & PMB_BAR_WANTED) && !w->at[obj].size &&
	       !(bar->flags & PMB_BAR_OPTIONAL) == !optional &&
	       pmb_obj_host(w, obj) == w->host && pmb_obj_io(w, obj) == w->io;
}

static int pmb_cmp_groups(const void *left, const void *right)
{
	const struct pmb_group *a = left, *b = right;

	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	return a->obj < b->obj ? -1 : a->obj > b->obj;
}

/* One more BAR of a group. */
static void pmb_group_add(const struct pmb_work *w, struct pmb_group *g, u32 obj)
{
	g->nr++;
	g->size += pmb_bar_size(w, obj);
	if (pmb_bar_fixed(pmb_bar_of(w, obj)))
		g->fails = true;
}

/*
 * What belongs together: the memory BARs of a device; each I/O BAR for itself.
 * Small groups come first.
 */
static void pmb_find_groups(struct pmb_work *w)
{
	struct pmb_group *g = NULL;
	u32 obj, dev;

	w->nr_groups = 0;
	for (dev = 0; dev < w->lay->nr_devs; dev++) {
		g = NULL;
		for (obj = w->dev_first[dev]; obj != PMB_NONE; obj = w->dev_next[obj]) {
			if (!pmb_wants(w, obj, false))
				continue;
			if (w->io || !g) {
				g = &w->group[w->nr_groups++];
				memset(g, 0, sizeof(*g));
				g->dev = dev;
				g->obj = w->io ? obj : PMB_NONE;
				g->fails = w->dev_fails[dev];
			}
			pmb_group_add(w, g, obj);
		}
	}
	sort(w->group, w->nr_groups, sizeof(*w->group), pmb_cmp_groups, NULL);
}

static void pmb_add_wanted(struct pmb_work *w, const struct pmb_group *g)
{
	u32 obj = w->dev_first[g->dev];

	if (g->obj != PMB_NONE) {
		w->wanted[w->nr_wanted++] = g->obj;
		return;
	}
	for (; obj != PMB_NONE; obj = w->dev_next[obj]) {
		if (pmb_wants(w, obj, false))
			w->wanted[w->nr_wanted++] = obj;
	}
}

/* Where one of @parts parts of what is left of a budget ends. */
static u64 pmb_share(const struct pmb_work *w, u64 budget, u32 parts)
{
	return w->steps + (budget - min(budget, w->steps)) / parts;
}

/* One more group, with a part of what is left of the budget. */
static bool pmb_place_one(struct pmb_work *w, struct pmb_group *g,
			  enum pmb_moves moves, u64 budget, u32 part, bool *proved)
{
	*proved = false;
	w->nr_wanted = 0;
	pmb_add_wanted(w, g);
	w->budget = pmb_share(w, budget, part);
	g->placed = pmb_find(w, moves, proved);
	if (g->placed)
		pmb_commit(w);
	w->budget = budget;
	return g->placed;
}

/* Groups @from to @to - 1 that are left, at once. */
static bool pmb_place_some(struct pmb_work *w, u32 from, u32 to)
{
	bool proved;
	u32 i;

	w->nr_wanted = 0;
	for (i = from; i < to; i++) {
		if (!w->group[i].fails)
			pmb_add_wanted(w, &w->group[i]);
	}
	if (!w->nr_wanted)
		return true;
	if (!pmb_find(w, PMB_MOVE_WINDOWS, &proved))
		return false;
	pmb_commit(w);
	for (i = from; i < to; i++)
		w->group[i].placed = !w->group[i].fails;
	return true;
}

/*
 * Places that disturb nothing but windows, for as many groups as possible: more
 * and more at once as long as that goes, less and less when it does not.
 */
static void pmb_place_chunks(struct pmb_work *w, u64 budget)
{
	u32 i = 0, chunk = (w->nr_groups + 1) / 2;

	while (i < w->nr_groups) {
		chunk = min(chunk, w->nr_groups - i);
		w->budget = pmb_share(w, budget, 8);
		if (pmb_place_some(w, i, i + chunk)) {
			i += chunk;
			chunk *= 2;
		} else if (chunk > 1) {
			chunk /= 2;
		} else {
			i++;
		}
		if (w->steps >= budget)
			break;
	}
	w->budget = budget;
}

/* First what disturbs nothing but windows, then one group after the other. */
static void pmb_place_singly(struct pmb_work *w)
{
	u64 budget = w->budget;
	struct pmb_group *g;
	u32 i, left = 0;
	bool proved;

	pmb_place_chunks(w, pmb_share(w, budget, 2));
	w->budget = budget;
	for (i = 0; i < w->nr_groups; i++)
		left += !w->group[i].fails && !w->group[i].placed;
	for (i = 0; i < w->nr_groups; i++) {
		g = &w->group[i];
		if (g->fails || g->placed)
			continue;
		if (pmb_place_one(w, g, PMB_MOVE_ALL, budget, left--, &proved))
			continue;
		g->fails = true;
		w->unproved += !proved;
	}
}

static bool pmb_find_set(struct pmb_work *w, u32 set, bool *proved)
{
	u32 i;

	w->nr_wanted = 0;
	for (i = 0; i < w->nr_groups; i++) {
		if (set & BIT(i))
			pmb_add_wanted(w, &w->group[i]);
	}
	return pmb_find(w, PMB_MOVE_ALL, proved);
}

/* Of a few groups, the set with the most BARs; all together has failed. */
static void pmb_place_best_set(struct pmb_work *w)
{
	u32 alone = 0, set, most, nr, i, best, won = 0, won_nr = 0;
	u64 cost, won_cost = 0, won_budget = 0, budget = w->budget;
	u32 all = BIT(w->nr_groups) - 1, failed[BIT(PMB_GROUPS_FEW)], nr_failed = 0;
	bool proved;
	u64 share;

	for (i = 0; i < w->nr_groups; i++) {
		if (w->group[i].fails)
			continue;
		w->budget = pmb_share(w, budget, w->nr_groups + 1 - i);
		if (pmb_find_set(w, BIT(i), &proved))
			alone |= BIT(i);
		else
			w->unproved += !proved;
	}
	failed[nr_failed++] = all;
	for (;;) {
		for (most = 0, best = 0, set = 1; set <= alone; set++) {
			if (set & ~alone)
				continue;
			for (i = 0; i < nr_failed; i++) {
				if (!(failed[i] & ~set))
					break;
			}
			if (i < nr_failed)
				continue;
			for (nr = 0, i = 0; i < w->nr_groups; i++)
				nr += set & BIT(i) ? w->group[i].nr : 0;
			if (nr > most) {
				most = nr;
				best = set;
			}
		}
		if (!best)
			break;
		if (won && most < won_nr)
			break;
		w->budget = pmb_share(w, budget, 3);
		share = w->budget - min(w->budget, w->steps);
		if (pmb_find_set(w, best, &proved)) {
			cost = pmb_found_cost(w);
			if (!won || cost < won_cost) {
				won_budget = share;
				won = best;
				won_nr = most;
				won_cost = cost;
			}
		}
		failed[nr_failed++] = best;
	}
	if (won) {
		/* It has been found once; whatever has been spent since. */
		w->budget = w->steps + won_budget;
		if (pmb_find_set(w, won, &proved))
			pmb_commit(w);
		else
			won = 0;
		w->unproved += !won;
	}
	w->budget = max(budget, w->steps);
	for (i = 0; i < w->nr_groups; i++)
		w->group[i].fails |= !(won & BIT(i));
}

/**
 * pmb_place_required - place the required BARs below w->host, in I/O or memory
 * @w: the planner's memory
 */
void pmb_place_required(struct pmb_work *w)
{
	u64 budget = w->budget;
	bool proved, found;
	u32 i, n = 0;

	pmb_find_groups(w);
	w->nr_wanted = 0;
	for (i = 0; i < w->nr_groups; i++) {
		if (!w->group[i].fails) {
			pmb_add_wanted(w, &w->group[i]);
			n++;
		}
	}
	if (n > 1)			/* leave something for the rest */
		w->budget = pmb_share(w, budget, n > PMB_GROUPS_FEW ? 4 : 2);
	found = n && pmb_sizes_largest(w, true) && pmb_find(w, PMB_MOVE_WINDOWS, &proved);
	if (n && !found) {
		pmb_sizes_largest(w, false);
		found = pmb_find(w, PMB_MOVE_ALL, &proved);
	}
	w->budget = budget;
	if (found) {
		pmb_commit(w);
	} else if (n == 1) {
		w->unproved += !proved;
		for (i = 0; i < w->nr_groups; i++)
			w->group[i].fails = true;
	} else if (n && w->nr_groups <= PMB_GROUPS_FEW) {
		pmb_place_best_set(w);
	} else {
		pmb_place_singly(w);
	}
	/* A device without its ports may do. */
	for (i = 0; i < w->nr_groups && !w->io; i++)
		w->dev_fails[w->group[i].dev] |= w->group[i].fails;
}

/* The optional BARs that are still to be placed, as w->wanted. */
static void pmb_want_optional(struct pmb_work *w)
{
	u32 obj;

	w->nr_wanted = 0;
	for (obj = w->nr_wins; obj < w->nr_objs; obj++) {
		if (pmb_wants(w, obj, true) && !pmb_bar_fixed(pmb_bar_of(w, obj)))
			w->wanted[w->nr_wanted++] = obj;
	}
}

/* All of them at once.  Returns whether nothing is left to be done. */
static bool pmb_optional_together(struct pmb_work *w, enum pmb_moves moves)
{
	u64 budget = w->budget;
	bool proved, found;

	pmb_want_optional(w);
	if (!w->nr_wanted)
		return true;
	w->budget = pmb_share(w, budget, 3);
	found = pmb_find(w, moves, &proved);
	w->budget = budget;
	if (found)
		pmb_commit(w);
	pmb_list_cut(w, 0);
	return found;
}

/* One after the other, with the same part of what is left of @budget for each. */
static void pmb_optional_singly(struct pmb_work *w, enum pmb_moves moves, u64 budget)
{
	u64 all = w->budget;
	bool proved;
	u32 obj, left;

	pmb_want_optional(w);
	left = w->nr_wanted;
	for (obj = w->nr_wins; obj < w->nr_objs; obj++) {
		if (!pmb_wants(w, obj, true) || pmb_bar_fixed(pmb_bar_of(w, obj)))
			continue;
		w->nr_wanted = 1;
		w->wanted[0] = obj;
		w->budget = pmb_share(w, budget, left);
		left -= left > 1;
		if (pmb_find(w, moves, &proved))
			pmb_commit(w);
	}
	w->budget = all;
	pmb_list_cut(w, 0);
}

/**
 * pmb_place_optional - place optional BARs where that costs nothing
 * @w: the planner's memory
 *
 * As many as possible without moving anything.  The others together, as what has
 * to be moved for one of them may be enough for all; else one after the other.
 * Whatever has been spent before, there are some steps for that.
 */
void pmb_place_optional(struct pmb_work *w)
{
	u64 budget = w->budget, base = max(budget, w->steps);

	w->budget = base + w->loan / 2;
	if (!pmb_optional_together(w, PMB_MOVE_WINDOWS)) {
		pmb_optional_singly(w, PMB_MOVE_WINDOWS, pmb_share(w, w->budget, 2));
		if (!pmb_optional_together(w, PMB_MOVE_FREE))
			pmb_optional_singly(w, PMB_MOVE_FREE, w->budget);
	}
	w->loan -= min(w->loan, w->steps - min(w->steps, base));
	w->budget = max(budget, w->steps);
}
