// SPDX-License-Identifier: GPL-2.0
/*
 * What has to be moved, so that there is a way: the cheapest set.
 *
 * BARs are unlocked in units.  A unit is a device that has a cost, with all its
 * BARs, or a single BAR which nobody uses.  Where there are many of one kind behind
 * a bridge, and nothing else, they are one unit: they move with its window.
 *
 * Units near the wanted BARs are unlocked first, more and more of them, until there
 * is a way.  Then whole stretches of them are locked again.  For the few that remain,
 * the cheapest set is found by branch and bound: going from the dearest unit to the
 * cheapest one, each is locked first, and unlocked second:
 *
 *	dearest                                                  cheapest
 *	[locked][unlocked][locked] ... decided | undecided ... [ ][ ][ ]
 *
 * A branch is dead if there is no way with all undecided ones unlocked; it is
 * done if there is a way with all of them locked.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "plan_internal.h"

/* What kind of units? */
enum pmb_unit_kind {
	PMB_UNITS_FREE,			/* may be moved and cost nothing */
	PMB_UNITS_DEAR,			/* may be moved and cost something */
	PMB_UNITS_FIXED,		/* may not be moved; what if they were? */
};

/* How many units are looked at in turn, nearest ones first. */
static const u32 pmb_most[] = { 12, 48, 192, U32_MAX };

#define PMB_UNITS_STEPS	30000ull	/* for finding the cheapest set */
#define PMB_UNITS_FEW	16u		/* good for branch and bound */
#define PMB_UNITS_JOIN	8u		/* so many behind one bridge are one */
#define PMB_ONE_PART	16u		/* of the steps, for a single unit */
#define PMB_PATIENCE	5u		/* when all else has failed */

/* Does moving this BAR again, or at all, cost nothing? */
static bool pmb_costs_nothing(const struct pmb_work *w, u32 obj)
{
	const struct pmb_bar *bar = pmb_bar_of(w, obj);

	return (bar->flags & PMB_BAR_WANTED) || !w->lay->devs[bar->dev].cost ||
	       w->dev_moved[bar->dev];
}

/**
 * pmb_may_move - may a BAR, which has a place, get another one?
 * @w: the planner's memory
 * @obj: the BAR
 *
 * Return: true if so, and if it is of the kind that is being planned for.
 */
bool pmb_may_move(const struct pmb_work *w, u32 obj)
{
	const struct pmb_bar *bar = pmb_bar_of(w, obj);

	if (!w->at[obj].size || w->free[obj] || w->host != pmb_obj_host(w, obj) ||
	    pmb_obj_io(w, obj) != w->io)
		return false;
	if (bar->flags & PMB_BAR_WANTED)
		return true;
	return !pmb_bar_fixed(bar) && !(bar->flags & PMB_BAR_STRICT) &&
	       w->lay->devs[bar->dev].way != PMB_WAY_NEVER;
}

/* Something with a place has been locked or unlocked. */
static void pmb_stale(struct pmb_work *w, u32 obj)
{
	if (!w->at[obj].size)
		return;
	w->hull_stale = true;
	w->limits_stale = true;
}

/**
 * pmb_list_add - unlock a BAR
 * @w: the planner's memory
 * @obj: the BAR
 */
void pmb_list_add(struct pmb_work *w, u32 obj)
{
	w->list[w->nr_list++] = obj;
	w->free[obj] = true;
	pmb_stale(w, obj);
}

/**
 * pmb_list_cut - lock what has been unlocked last
 * @w: the planner's memory
 * @nr: how many BARs stay unlocked
 */
void pmb_list_cut(struct pmb_work *w, u32 nr)
{
	while (w->nr_list > nr) {
		w->free[w->list[--w->nr_list]] = false;
		pmb_stale(w, w->list[w->nr_list]);
	}
}

/* Is a BAR of this kind of units? */
static bool pmb_unit_fits(const struct pmb_work *w, u32 obj, enum pmb_unit_kind kind)
{
	if (kind == PMB_UNITS_FIXED)
		return w->at[obj].size && !w->free[obj] && !pmb_may_move(w, obj) &&
		       w->host == pmb_obj_host(w, obj) && pmb_obj_io(w, obj) == w->io;
	return pmb_may_move(w, obj) &&
	       pmb_costs_nothing(w, obj) == (kind == PMB_UNITS_FREE);
}

static void pmb_unit_unlock(struct pmb_work *w, const struct pmb_unit *unit)
{
	u32 obj, i;

	if (unit->bus != PMB_NONE) {
		for (i = w->first[unit->bus]; i < w->first[unit->bus + 1]; i++) {
			obj = w->by_bus[i];
			if (obj >= w->nr_wins && pmb_may_move(w, obj))
				pmb_list_add(w, obj);
		}
		return;
	}
	if (unit->dev == PMB_NONE) {
		pmb_list_add(w, unit->obj);
		return;
	}
	for (obj = w->dev_first[unit->dev]; obj != PMB_NONE; obj = w->dev_next[obj]) {
		if (pmb_may_move(w, obj))
			pmb_list_add(w, obj);
	}
}

/* The entries @from to @to - 1 leave the list. */
static void pmb_list_take(struct pmb_work *w, u32 from, u32 to)
{
	u32 i;

	for (i = from; i < to; i++)
		w->free[w->list[i]] = false;
	w->hull_stale = true;
	w->limits_stale = true;
	for (i = to; i < w->nr_list; i++)
		w->list[from + i - to] = w->list[i];
	w->nr_list -= to - from;
}

/* Which way the wanted BARs are, seen from each bus above them. */
static void pmb_mark_ways(struct pmb_work *w)
{
	u32 i, bus, child;

	w->stamp++;
	for (i = 0; i < w->nr_wanted; i++) {
		child = PMB_NONE;
		bus = pmb_obj_bus(w, w->wanted[i]);
		while (w->mark[bus] != w->stamp) {
			w->mark[bus] = w->stamp;
			w->toward[bus] = child;
			child = bus;
			if (pmb_is_root(w->lay, bus))
				break;
			bus = pmb_bus_above(w->lay, bus);
		}
	}
}

/* How far a BAR is from the windows above the wanted ones. */
static u64 pmb_nearness(const struct pmb_work *w, u32 obj)
{
	u64 at = w->at[obj].start, near = U64_MAX, far;
	const struct pmb_range *win;
	u32 bus = pmb_obj_bus(w, obj), s;

	while (w->mark[bus] != w->stamp)
		bus = pmb_bus_above(w->lay, bus);
	if (w->toward[bus] == PMB_NONE)
		return 0;
	for (s = 0; s < PMB_SPACES; s++) {
		win = &w->at[w->toward[bus] * PMB_SPACES + s];
		if (pmb_space_io(s) != w->io || !win->size)
			continue;
		far = at < win->start ? win->start - at :
		      at > pmb_last(win) ? at - pmb_last(win) : 0;
		near = min(near, far);
	}
	return near;
}

static int pmb_cmp_near(const void *left, const void *right)
{
	const struct pmb_unit *a = left, *b = right;

	if (a->near != b->near)
		return a->near < b->near ? -1 : 1;
	return a->obj < b->obj ? -1 : 1;
}

static int pmb_cmp_cost(const void *left, const void *right)
{
	const struct pmb_unit *a = left, *b = right;

	if (a->cost != b->cost)
		return a->cost > b->cost ? -1 : 1;
	if (a->near != b->near)
		return a->near > b->near ? -1 : 1;
	return a->obj < b->obj ? -1 : 1;
}

/* The unit of a BAR: the one it starts, or the one of its device so far. */
static struct pmb_unit *pmb_unit_of(struct pmb_work *w, u32 obj, bool dear)
{
	u32 dev = pmb_bar_of(w, obj)->dev;
	struct pmb_unit *unit;

	if (dear && w->dev_seen[dev])
		return &w->unit[w->dev_unit[dev]];
	unit = &w->unit[w->nr_units];
	if (dear) {
		w->dev_seen[dev] = true;
		w->dev_unit[dev] = w->nr_units;
	}
	w->nr_units++;
	unit->obj = obj;
	unit->dev = dear ? dev : PMB_NONE;
	unit->bus = PMB_NONE;
	unit->cost = dear ? w->lay->devs[dev].cost : 1;
	unit->near = U64_MAX;
	unit->open = false;
	unit->best = false;
	return unit;
}

static int pmb_cmp_home(const void *left, const void *right, const void *priv)
{
	const struct pmb_unit *a = left, *b = right;
	const struct pmb_work *w = priv;

	if (w->home[a->obj] != w->home[b->obj])
		return w->home[a->obj] < w->home[b->obj] ? -1 : 1;
	return a->obj < b->obj ? -1 : 1;
}

/* Is there nothing behind a bridge but BARs of this kind of units? */
static bool pmb_all_alike(const struct pmb_work *w, u32 bus, enum pmb_unit_kind kind)
{
	u32 i, obj;

	for (i = w->first[bus]; i < w->first[bus + 1]; i++) {
		obj = w->by_bus[i];
		if (!w->at[obj].size || pmb_obj_io(w, obj) != w->io)
			continue;
		if (obj < w->nr_wins || !pmb_unit_fits(w, obj, kind))
			return false;
	}
	return !pmb_is_root(w->lay, bus);
}

/* Of many units, those behind one bridge become one. */
static void pmb_join_units(struct pmb_work *w, enum pmb_unit_kind kind)
{
	struct pmb_unit *unit;
	u32 i, end, bus, nr = 0;

	if (w->nr_units <= PMB_UNITS_FEW || kind == PMB_UNITS_FIXED)
		return;
	sort_r(w->unit, w->nr_units, sizeof(*w->unit), pmb_cmp_home, NULL, w);
	for (i = 0; i < w->nr_units; i = end) {
		bus = w->home[w->unit[i].obj];
		for (end = i; end < w->nr_units && w->home[w->unit[end].obj] == bus;)
			end++;
		if (end - i < PMB_UNITS_JOIN || !pmb_all_alike(w, bus, kind)) {
			while (i < end)
				w->unit[nr++] = w->unit[i++];
			continue;
		}
		unit = &w->unit[nr++];
		*unit = w->unit[i];
		unit->bus = bus;
		while (++i < end) {
			unit->cost += w->unit[i].cost;
			unit->near = min(unit->near, w->unit[i].near);
		}
	}
	w->nr_units = nr;
}

/*
 * The units of a kind that are nearest to the wanted BARs, @most of them, dearest
 * first.  Returns whether these are all.
 */
static bool pmb_collect(struct pmb_work *w, enum pmb_unit_kind kind, u32 most)
{
	bool dear = kind == PMB_UNITS_DEAR;
	struct pmb_unit *unit;
	u32 obj, i;
	bool all;

	w->steps += w->nr_objs / 32;
	w->nr_units = 0;
	pmb_mark_ways(w);
	for (obj = w->nr_wins; obj < w->nr_objs; obj++) {
		if (!pmb_unit_fits(w, obj, kind))
			continue;
		unit = pmb_unit_of(w, obj, dear);
		unit->near = min(unit->near, pmb_nearness(w, obj));
	}
	for (i = 0; dear && i < w->nr_units; i++)
		w->dev_seen[w->unit[i].dev] = false;
	pmb_join_units(w, kind);
	all = w->nr_units <= most;
	if (!all) {
		sort(w->unit, w->nr_units, sizeof(*w->unit), pmb_cmp_near, NULL);
		w->nr_units = most;
	}
	sort(w->unit, w->nr_units, sizeof(*w->unit), pmb_cmp_cost, NULL);
	return all;
}

/* Is there a way with the decided units as they are, the others all alike? */
static bool pmb_way_with(struct pmb_work *w, u32 decided, bool rest_open)
{
	u32 keep = w->nr_list, i;
	bool found;

	for (i = 0; i < w->nr_units; i++) {
		if (i < decided ? w->unit[i].open : rest_open)
			pmb_unit_unlock(w, &w->unit[i]);
	}
	found = pmb_oracle(w);
	pmb_list_cut(w, keep);
	return found;
}

static void pmb_units_best(struct pmb_work *w, u32 decided)
{
	u32 i;

	for (i = 0; i < w->nr_units; i++)
		w->unit[i].best = i < decided && w->unit[i].open;
}

/*
 * Branch and bound over w->unit: the cheapest set below @bound, as unit->best.
 * There is a way with all of them unlocked, and none with all locked.  After @stop
 * steps what has been found has to do, after @limit even if that is nothing.
 */
static bool pmb_cheapest(struct pmb_work *w, u64 bound, u64 stop, u64 limit)
{
	u64 cost = 0, least;
	bool found = false;
	u32 i = 0;

	if (!w->nr_units)
		return false;
	least = w->unit[w->nr_units - 1].cost;
	for (;;) {
		/* Down: unit i is the next to be decided, locked at first. */
		if (i < w->nr_units && cost + least < bound &&
		    !(found && w->steps > stop)) {
			w->unit[i].open = false;
			if (pmb_way_with(w, i + 1, true)) {
				i++;
				continue;
			}
			i++;
		}
		/* Up to the last one that is still locked; unlock it. */
		for (;;) {
			while (i > 0 && w->unit[i - 1].open) {
				i--;
				cost -= w->unit[i].cost;
				w->unit[i].open = false;
			}
			if (!i)
				return found;
			w->unit[i - 1].open = true;
			cost += w->unit[i - 1].cost;
			if (cost >= bound || (found && w->steps > stop))
				continue;
			if (!pmb_way_with(w, i, false))
				break;
			pmb_units_best(w, i);
			bound = cost;
			found = true;
		}
		if (w->steps >= limit)
			return found;
	}
}

/*
 * There is a way with all units open.  Drop units without which there still is
 * one, many at a time, the dearest first, until few are left.
 *
 * Returns whether each one that is left has been tried alone, and is needed.
 */
static bool pmb_drop_units(struct pmb_work *w, u64 stop)
{
	u32 chunk, i, n, k;

	for (chunk = w->nr_units / 2; chunk && w->nr_units > PMB_UNITS_FEW; chunk /= 2) {
		for (i = 0; i < w->nr_units && w->steps < stop;) {
			n = min(chunk, w->nr_units - i);
			for (k = 0; k < w->nr_units; k++)
				w->unit[k].open = k < i || k >= i + n;
			if (!pmb_way_with(w, w->nr_units, true)) {
				i += n;
				continue;
			}
			memmove(&w->unit[i], &w->unit[i + n],
				(w->nr_units - i - n) * sizeof(*w->unit));
			w->nr_units -= n;
		}
		if (chunk == 1 && i == w->nr_units)
			return true;
	}
	return false;
}

/* A set that has been found in haste: is each unit of it needed? */
static void pmb_thin_out(struct pmb_work *w, u64 stop)
{
	u32 i, k;

	for (i = 0; i < w->nr_units && w->steps < stop; i++) {
		if (!w->unit[i].best)
			continue;
		for (k = 0; k < w->nr_units; k++)
			w->unit[k].open = k != i && w->unit[k].best;
		w->unit[i].best = !pmb_way_with(w, w->nr_units, false);
	}
}

static u64 pmb_units_cost(const struct pmb_work *w)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < w->nr_units; i++)
		sum += w->unit[i].cost;
	return sum;
}

/*
 * The cheapest set of the units; see above.  Joins the list.  All of them are a
 * set, too: the search for a better one leaves enough steps for the plan itself.
 */
static bool pmb_choose(struct pmb_work *w, u64 bound)
{
	u64 share = min((w->budget - min(w->budget, w->steps)) / 4, PMB_UNITS_STEPS);
	bool needed = pmb_drop_units(w, w->steps + share);
	bool all_do = pmb_units_cost(w) < bound;
	u64 stop = w->steps + share;
	u32 i;

	if (needed || !pmb_cheapest(w, bound, stop, all_do ? stop : w->budget)) {
		if (!all_do)
			return false;
		for (i = 0; i < w->nr_units; i++)
			w->unit[i].best = true;
	}
	if (!needed && w->steps > stop)
		pmb_thin_out(w, w->steps + share);
	for (i = 0; i < w->nr_units; i++) {
		if (w->unit[i].best)
			pmb_unit_unlock(w, &w->unit[i]);
	}
	return true;
}

/*
 * Is one unit, which costs nothing, enough?  It joins the list.  Cheaper than to
 * find the smallest set, and what is needed most often.
 */
static bool pmb_one_will_do(struct pmb_work *w)
{
	u64 budget = w->budget;
	u64 share = min((budget - min(budget, w->steps)) / 3, PMB_UNITS_STEPS);
	u64 stop = w->steps + share;
	u32 i, keep = w->nr_list;
	bool found = false;

	for (i = w->nr_units; !found && i-- > 0 && w->steps < stop;) {
		w->budget = min(stop, w->steps + share / PMB_ONE_PART);
		pmb_unit_unlock(w, &w->unit[i]);
		found = pmb_oracle(w);
		if (!found)
			pmb_list_cut(w, keep);
	}
	w->budget = budget;
	return found;
}

static void pmb_open_all(struct pmb_work *w)
{
	u32 i;

	for (i = 0; i < w->nr_units; i++)
		pmb_unit_unlock(w, &w->unit[i]);
}

/* A set of units has to cost less than this. */
static u64 pmb_bound(const struct pmb_work *w)
{
	if (w->limit_cost == U64_MAX)
		return U64_MAX;
	return w->limit_cost >= w->spent ? w->limit_cost - w->spent + 1 : 0;
}

/**
 * pmb_find_units - find out what has to be moved
 * @w: the planner's memory; w->wanted and w->list are the wanted BARs
 * @dear: unlock units with a cost, too; not doing so has led to nothing
 * @proved: with @dear, set to true if there is no way, whatever the budget
 *
 * Return: true: what has to be moved has joined w->list; false: nothing helps,
 * and the list is as it was.
 */
bool pmb_find_units(struct pmb_work *w, bool dear, bool *proved)
{
	u32 wanted = w->nr_list, keep, step;
	bool all, found = false;

	for (step = 0; !found; step++) {
		all = pmb_collect(w, PMB_UNITS_FREE, pmb_most[step]);
		pmb_open_all(w);
		keep = w->nr_list;
		if (dear) {
			all &= pmb_collect(w, PMB_UNITS_DEAR, pmb_most[step]);
			pmb_open_all(w);
		}
		found = pmb_oracle(w);
		if (!found && all && dear && w->cut && w->nr_list <= PMB_LIST_MANY) {
			w->patience = PMB_PATIENCE;
			found = pmb_oracle(w);
		}
		if (!found && all && dear)
			*proved = pmb_prove(w);
		if (found)
			break;
		pmb_list_cut(w, wanted);
		if (all || w->steps >= w->budget)
			return false;
	}

	pmb_list_cut(w, keep);
	if (dear) {
		found = pmb_choose(w, pmb_bound(w));
		pmb_list_take(w, wanted, keep);
		if (!found) {
			pmb_list_cut(w, wanted);
			return false;
		}
		keep = w->nr_list;
	} else {
		keep = wanted;
	}
	/* Of what costs nothing, as little as possible. */
	pmb_list_cut(w, keep);
	if (pmb_oracle(w))
		return true;
	pmb_collect(w, PMB_UNITS_FREE, pmb_most[step]);
	return pmb_one_will_do(w) || pmb_choose(w, U64_MAX);
}

/**
 * pmb_units_lack - how much too little space is there in all?
 * @w: the planner's memory; w->wanted is what got no place
 *
 * Everything that may move is packed as tightly as it goes.
 *
 * Return: bytes; 0: as much as needed, it does not fit all the same.
 */
u64 pmb_units_lack(struct pmb_work *w)
{
	u32 i;

	pmb_list_cut(w, 0);
	for (i = 0; i < w->nr_wanted; i++)
		pmb_list_add(w, w->wanted[i]);
	pmb_collect(w, PMB_UNITS_FREE, U32_MAX);
	pmb_open_all(w);
	pmb_collect(w, PMB_UNITS_DEAR, U32_MAX);
	pmb_open_all(w);
	w->lacking = 0;
	w->budget = w->steps + PMB_LENT;
	w->packing = PMB_PACKED;
	pmb_room_wanted(w);
	w->packing = PMB_UNPACKED;
	pmb_list_cut(w, 0);
	return w->lacking;
}

/* What it costs to move the BARs from @from in the list on. */
static u64 pmb_list_cost(struct pmb_work *w, u32 from)
{
	u64 cost = 0;
	u32 i, dev;

	for (i = from; i < w->nr_list; i++) {
		dev = pmb_bar_of(w, w->list[i])->dev;
		if (!w->dev_seen[dev] && !w->dev_moved[dev])
			cost += w->lay->devs[dev].cost;
		w->dev_seen[dev] = true;
	}
	for (i = from; i < w->nr_list; i++)
		w->dev_seen[pmb_bar_of(w, w->list[i])->dev] = false;
	return cost;
}

/*
 * The blockers, which begin at @first in the list, come right behind what is
 * wanted.  Would it help at a cost within the limit if they could be moved?
 */
static bool pmb_affordable(struct pmb_work *w, u32 first)
{
	u64 bound = pmb_bound(w), cost = pmb_list_cost(w, first);
	u32 i, nr = w->nr_list - first, keep;
	bool found;

	memcpy(&w->wanted[w->nr_wanted], &w->list[first], nr * sizeof(*w->wanted));
	pmb_list_cut(w, w->nr_wanted);
	for (i = 0; i < nr; i++)
		pmb_list_add(w, w->wanted[w->nr_wanted + i]);
	if (bound == U64_MAX)
		return true;
	pmb_collect(w, PMB_UNITS_FREE, U32_MAX);
	pmb_open_all(w);
	keep = w->nr_list;
	pmb_collect(w, PMB_UNITS_DEAR, U32_MAX);
	pmb_open_all(w);
	found = cost < bound && pmb_oracle(w);
	pmb_list_cut(w, keep);
	found = found && pmb_choose(w, bound - cost);
	pmb_list_cut(w, w->nr_wanted + nr);
	return found;
}

/* One of the fixed BARs near by joins the list, if that one is enough. */
static bool pmb_single_blocker(struct pmb_work *w, u32 most)
{
	u32 i, keep = w->nr_list;

	most = min(most, w->nr_units);
	for (i = 0; i < most && w->steps < w->budget; i++) {
		pmb_unit_unlock(w, &w->unit[w->nr_units - 1 - i]);
		if (pmb_oracle(w))
			return true;
		pmb_list_cut(w, keep);
	}
	return false;
}

/* A small set of them joins the list. */
static bool pmb_blocker_set(struct pmb_work *w)
{
	u32 keep = w->nr_list;
	bool found;

	pmb_open_all(w);
	found = pmb_oracle(w);
	pmb_list_cut(w, keep);
	return found && pmb_choose(w, U64_MAX);
}

/**
 * pmb_find_blockers - which fixed BARs are in the way?
 * @w: the planner's memory; w->wanted is what got no place
 * @nr: how many there are
 *
 * Return: where they begin in w->list, a small set of fixed BARs: could they be
 * moved, there would be a way.  Without such a set *nr is 0.
 */
u32 pmb_find_blockers(struct pmb_work *w, u32 *nr)
{
	u32 i, keep;
	bool all;

	*nr = 0;
	pmb_list_cut(w, 0);
	for (i = 0; i < w->nr_wanted; i++)
		pmb_list_add(w, w->wanted[i]);
	for (i = 0; i < ARRAY_SIZE(pmb_most); i++) {
		pmb_list_cut(w, w->nr_wanted);
		all = pmb_collect(w, PMB_UNITS_FREE, pmb_most[i]);
		pmb_open_all(w);
		all &= pmb_collect(w, PMB_UNITS_DEAR, pmb_most[i]);
		pmb_open_all(w);
		keep = w->nr_list;
		all &= pmb_collect(w, PMB_UNITS_FIXED, pmb_most[i]);
		if (pmb_single_blocker(w, i ? 0 : pmb_most[i]) ||
		    pmb_blocker_set(w)) {
			if (pmb_affordable(w, keep))
				*nr = w->nr_list - w->nr_wanted;
			return w->nr_wanted;
		}
		pmb_list_cut(w, keep);
		if (all || w->steps >= w->budget)
			break;
	}
	return 0;
}
