// SPDX-License-Identifier: GPL-2.0
/*
 * The planner: from a layout with BARs that want a place to a plan.
 *
 * One host bridge and one kind of space after the other, memory first.  All
 * that is wanted is tried together.  What may change is widened step by step,
 * so that the first success is the one that disturbs least:
 *
 *	1. a free hole in the windows above the wanted BARs, or windows that grow
 *	   next to where they are: plan_near.c, without a search;
 *	2. other windows as well: empty ones slide, then shrink or close;
 *	3. the same with a search for the order of things: plan_search.c;
 *	4. BARs that nobody uses are moved, too: plan_units.c;
 *	5. and BARs of devices with a cost, sets of devices by rising cost.
 *
 * A success with more than is needed is followed by locking again, one by one,
 * all that can be locked.  Where not everything has a place, device by device
 * is added as long as there is one.  Then Resizable BARs grow as far as they can,
 * optional BARs follow, which move nothing that has a cost, and last the reserve
 * of empty hot-plug slots.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "plan_internal.h"

#define PMB_DEFAULT_BUDGET	250000u
#define PMB_SHADOWS		64u		/* see pmb_add_shadows() */
#define PMB_BUDGET_BAR		32u		/* for each BAR */

static const struct pmb_options pmb_no_options;

/* Carve the arrays out of one piece of memory; without @base only count. */
struct pmb_carver {
	char *base;
	size_t used;
};

static void *pmb_carve(struct pmb_carver *c, size_t nr, size_t size)
{
	void *p = c->base ? c->base + c->used : NULL;

	c->used += ALIGN(nr * size, sizeof(u64));
	return p;
}

static void pmb_carve_all(struct pmb_carver *c, const struct pmb_layout *lay,
			  struct pmb_work *w)
{
	u32 nr_holes = lay->nr_holes * (lay->nr_roots + PMB_SPACES);
	u32 nr_tops = lay->nr_roots + PMB_SPACES;
	u32 nr_boxes = w->nr_wins + nr_tops;

	w->max_events = w->nr_objs + 2 * nr_boxes + nr_holes;
	w->max_frames = w->nr_objs + w->max_events + 2;
	w->max_trail = 2 * nr_boxes + 2;
	w->at = pmb_carve(c, w->nr_objs, sizeof(*w->at));
	w->best = pmb_carve(c, w->nr_objs, sizeof(*w->best));
	w->saved = pmb_carve(c, w->nr_objs, sizeof(*w->saved));
	w->saved_obj = pmb_carve(c, w->nr_objs, sizeof(*w->saved_obj));
	w->dirty = pmb_carve(c, w->nr_objs, sizeof(*w->dirty));
	w->is_dirty = pmb_carve(c, w->nr_objs, sizeof(*w->is_dirty));
	w->seat = pmb_carve(c, w->nr_objs, sizeof(*w->seat));
	w->home = pmb_carve(c, w->nr_objs, sizeof(*w->home));
	w->free = pmb_carve(c, w->nr_objs, sizeof(*w->free));
	w->keep = pmb_carve(c, w->nr_objs, sizeof(*w->keep));
	w->strict = pmb_carve(c, w->nr_objs, sizeof(*w->strict));
	w->hull = pmb_carve(c, w->nr_objs, sizeof(*w->hull));
	w->first = pmb_carve(c, w->nr_buses + 1, sizeof(*w->first));
	w->by_bus = pmb_carve(c, w->nr_objs, sizeof(*w->by_bus));
	w->order = pmb_carve(c, w->nr_objs, sizeof(*w->order));
	w->relock = pmb_carve(c, w->nr_wins, sizeof(*w->relock));
	w->tried = pmb_carve(c, w->nr_wins, sizeof(*w->tried));
	w->bus_list = pmb_carve(c, w->nr_buses, sizeof(*w->bus_list));
	w->seen = pmb_carve(c, w->nr_buses, sizeof(*w->seen));
	w->came = pmb_carve(c, w->nr_buses, sizeof(*w->came));
	w->mark = pmb_carve(c, w->nr_buses, sizeof(*w->mark));
	w->ghost = pmb_carve(c, w->max_ghosts, sizeof(*w->ghost));
	w->item = pmb_carve(c, w->nr_objs, sizeof(*w->item));
	w->box = pmb_carve(c, nr_boxes, sizeof(*w->box));
	w->box_of = pmb_carve(c, w->nr_wins + lay->nr_roots, sizeof(*w->box_of));
	w->event = pmb_carve(c, w->max_events, sizeof(*w->event));
	w->room = pmb_carve(c, w->max_events + 1, sizeof(*w->room));
	w->frame = pmb_carve(c, w->max_frames, sizeof(*w->frame));
	w->trail = pmb_carve(c, w->max_trail, sizeof(*w->trail));
	w->path = pmb_carve(c, nr_boxes, sizeof(*w->path));
	w->line = pmb_carve(c, w->nr_objs + w->max_ghosts + lay->nr_holes,
			    sizeof(*w->line));
	w->on_bus = pmb_carve(c, w->nr_buses, sizeof(*w->on_bus));
	w->content = pmb_carve(c, w->nr_wins, sizeof(*w->content));
	w->memo = pmb_carve(c, BIT(PMB_MEMO_BITS), sizeof(*w->memo));
	w->list = pmb_carve(c, w->nr_objs, sizeof(*w->list));
	w->size = pmb_carve(c, lay->nr_bars, sizeof(*w->size));
	w->wanted = pmb_carve(c, lay->nr_bars, sizeof(*w->wanted));
	w->unit = pmb_carve(c, lay->nr_bars, sizeof(*w->unit));
	w->dev_unit = pmb_carve(c, lay->nr_devs, sizeof(*w->dev_unit));
	w->toward = pmb_carve(c, w->nr_buses, sizeof(*w->toward));
	w->packed = pmb_carve(c, w->nr_objs, sizeof(*w->packed));
	w->is_packed = pmb_carve(c, w->nr_wins, sizeof(*w->is_packed));
	w->dev_first = pmb_carve(c, lay->nr_devs, sizeof(*w->dev_first));
	w->dev_next = pmb_carve(c, w->nr_objs, sizeof(*w->dev_next));
	w->dev_seen = pmb_carve(c, lay->nr_devs, sizeof(*w->dev_seen));
	w->dev_moved = pmb_carve(c, lay->nr_devs, sizeof(*w->dev_moved));
	w->dev_fails = pmb_carve(c, lay->nr_devs, sizeof(*w->dev_fails));
	w->group = pmb_carve(c, lay->nr_bars, sizeof(*w->group));
}

/* Everything that depends on the layout's counts. */
static struct pmb_work *pmb_work_alloc(const struct pmb_layout *lay)
{
	struct pmb_carver c = { NULL, 0 };
	struct pmb_work *w;
	u32 i;

	w = kvzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return NULL;
	w->lay = lay;
	w->opt = &pmb_no_options;
	w->nr_wins = lay->nr_bridges * PMB_SPACES;
	w->nr_objs = w->nr_wins + lay->nr_bars;
	w->nr_buses = lay->nr_bridges + lay->nr_hosts;

	/* A window never becomes a ghost by a plan, nor does a BAR. */
	w->at = kvcalloc(w->nr_objs, sizeof(*w->at), GFP_KERNEL);
	if (!w->at)
		goto fail;
	pmb_index_places(w);
	w->max_ghosts = pmb_index_ghosts(w) + 2 * w->nr_wins + PMB_SHADOWS;
	kvfree(w->at);

	pmb_carve_all(&c, lay, w);
	c.base = kvzalloc(c.used, GFP_KERNEL);
	if (!c.base)
		goto fail;
	c.used = 0;
	w->memory = c.base;
	pmb_carve_all(&c, lay, w);
	for (i = 0; i < w->nr_wins + lay->nr_roots; i++)
		w->box_of[i] = PMB_NONE;
	return w;
fail:
	kvfree(w);
	return NULL;
}

/**
 * pmb_plan_alloc - allocate a plan, and all that it takes to make it
 * @layout: the layout to plan for; pmb_layout_check() has found nothing wrong
 *
 * May sleep.  The counts of the layout, and where things are, must not change
 * afterwards; whether BARs are fixed, and which are wanted, may.
 *
 * Return: the plan, to be freed with pmb_plan_free(); NULL without memory.
 */
struct pmb_plan *pmb_plan_alloc(const struct pmb_layout *layout)
{
	struct pmb_plan *plan = kvzalloc(sizeof(*plan), GFP_KERNEL);

	if (!plan)
		return NULL;
	plan->nr_wins = layout->nr_bridges * PMB_SPACES;
	plan->nr_bars = layout->nr_bars;
	plan->win = kvcalloc(plan->nr_wins, sizeof(*plan->win), GFP_KERNEL);
	plan->bar = kvcalloc(plan->nr_bars, sizeof(*plan->bar), GFP_KERNEL);
	plan->work = pmb_work_alloc(layout);
	if (!plan->win || !plan->bar || !plan->work) {
		pmb_plan_free(plan);
		return NULL;
	}
	return plan;
}

/**
 * pmb_plan_free - free a plan
 * @plan: from pmb_plan_alloc(); NULL does nothing
 */
void pmb_plan_free(struct pmb_plan *plan)
{
	if (!plan)
		return;
	if (plan->work)
		kvfree(plan->work->memory);
	kvfree(plan->work);
	kvfree(plan->win);
	kvfree(plan->bar);
	kvfree(plan);
}

/* The plan's numbers, from the places alone. */
static void pmb_count(struct pmb_work *w, struct pmb_plan *plan)
{
	const struct pmb_layout *lay = w->lay;
	const struct pmb_bar *bar;
	const struct pmb_dev *dev;
	u32 i, required = 0;

	for (i = 0; i < plan->nr_wins; i++) {
		if (w->at[i].size)
			plan->win[i] = w->at[i];
		plan->wins_changed += !pmb_same(&w->at[i], &pmb_win(lay, i)->cur);
	}
	memset(w->dev_seen, 0, lay->nr_devs * sizeof(*w->dev_seen));
	for (i = 0; i < plan->nr_bars; i++) {
		bar = &lay->bars[i];
		dev = &lay->devs[bar->dev];
		if (w->at[w->nr_wins + i].size)
			plan->bar[i] = w->at[w->nr_wins + i];
		if (bar->flags & PMB_BAR_WANTED) {
			if (plan->bar[i].size) {
				plan->bars_placed++;
				required += !(bar->flags & PMB_BAR_OPTIONAL);
			} else if (bar->flags & PMB_BAR_OPTIONAL) {
				plan->unplaced_optional++;
			} else {
				plan->unplaced++;
			}
		}
		if (!(bar->flags & PMB_BAR_PLACED) || plan->bar[i].start == bar->start)
			continue;
		plan->bars_moved++;
		if (w->dev_seen[bar->dev])
			continue;
		w->dev_seen[bar->dev] = true;
		plan->cost += dev->cost;
		plan->devs_live += dev->way == PMB_WAY_LIVE;
		plan->devs_paused += dev->way == PMB_WAY_PAUSE;
	}
	if (!plan->unplaced)
		plan->verdict = PMB_PLAN_COMPLETE;
	else if (required)
		plan->verdict = PMB_PLAN_PARTIAL;
	else
		plan->verdict = w->unproved ? PMB_PLAN_NOT_FOUND :
					      PMB_PLAN_IMPOSSIBLE;
}

static void pmb_clear(struct pmb_plan *plan)
{
	struct pmb_plan empty = {
		.win = plan->win, .bar = plan->bar, .nr_wins = plan->nr_wins,
		.nr_bars = plan->nr_bars, .work = plan->work,
		.lack.bar = PMB_NONE, .lack.bridge = PMB_NONE,
	};

	*plan = empty;
	memset(plan->win, 0, plan->nr_wins * sizeof(*plan->win));
	memset(plan->bar, 0, plan->nr_bars * sizeof(*plan->bar));
}

static void pmb_start(struct pmb_work *w)
{
	const struct pmb_layout *lay = w->lay;
	u32 i;

	w->budget = w->opt->budget ?: PMB_DEFAULT_BUDGET + PMB_BUDGET_BAR * lay->nr_bars;
	w->loan = w->budget;
	w->steps = 0;
	w->spent = 0;
	w->limit_cost = w->opt->max_cost ?: U64_MAX;
	w->unproved = 0;
	w->what_if = false;
	w->nr_list = 0;
	memset(w->dev_moved, 0, lay->nr_devs * sizeof(*w->dev_moved));
	memset(w->dev_fails, 0, lay->nr_devs * sizeof(*w->dev_fails));
	memset(w->dev_seen, 0, lay->nr_devs * sizeof(*w->dev_seen));
	for (i = 0; i < lay->nr_devs; i++)
		w->dev_first[i] = PMB_NONE;
	for (i = lay->nr_bars; i-- > 0;) {
		w->dev_next[w->nr_wins + i] = w->dev_first[lay->bars[i].dev];
		w->dev_first[lay->bars[i].dev] = w->nr_wins + i;
	}
	pmb_sizes_start(w);
	pmb_index_start(w);
}

/**
 * pmb_plan_make - find a place for every BAR that wants one
 * @layout: the one which the plan has been allocated for, or one which differs
 *	in what is fixed or wanted only
 * @opt: what the plan may do; NULL: nothing unusual
 * @plan: the plan; what it held before is forgotten
 *
 * Allocates nothing and takes no locks.
 *
 * Context: any that may take some milliseconds.
 * Return: 0: all of it (PMB_PLAN_COMPLETE) or some of it (PMB_PLAN_PARTIAL);
 * -ENOSPC: nothing that is required, the plan changes nothing for it; -EINVAL:
 * the layout is not one the plan has been allocated for, or malformed.
 */
int pmb_plan_make(const struct pmb_layout *layout, const struct pmb_options *opt,
		  struct pmb_plan *plan)
{
	struct pmb_work *w = plan->work;
	u32 host;

	pmb_clear(plan);
	if (plan->nr_wins != layout->nr_bridges * PMB_SPACES ||
	    plan->nr_bars != layout->nr_bars ||
	    w->nr_buses != layout->nr_bridges + layout->nr_hosts ||
	    pmb_layout_check(layout, NULL, 0))
		return -EINVAL;

	w->lay = layout;
	w->opt = opt ?: &pmb_no_options;
	pmb_start(w);
	for (host = 0; host < layout->nr_hosts; host++) {
		w->host = host;
		w->io = false;
		pmb_place_required(w);
		w->io = true;
		pmb_place_required(w);
	}
	for (host = 0; host < layout->nr_hosts; host++) {
		w->host = host;
		w->io = false;
		pmb_sizes_grow(w);
	}
	for (host = 0; host < layout->nr_hosts; host++) {
		w->host = host;
		w->io = false;
		pmb_place_optional(w);
		w->io = true;
		pmb_place_optional(w);
	}
	pmb_place_reserve(w);
	pmb_count(w, plan);
	pmb_room_left(w, plan);
	plan->steps = min_t(u64, w->steps, U32_MAX);
	if (plan->unplaced)
		pmb_explain(w, plan);
	return plan->verdict <= PMB_PLAN_PARTIAL ? 0 : -ENOSPC;
}

/**
 * pmb_verdict_key - name of a verdict
 * @verdict: the verdict
 *
 * Return: "complete", "partial", "not-found" or "impossible".
 */
const char *pmb_verdict_key(enum pmb_verdict verdict)
{
	static const char * const keys[PMB_VERDICTS] = {
		[PMB_PLAN_COMPLETE]	= "complete",
		[PMB_PLAN_PARTIAL]	= "partial",
		[PMB_PLAN_NOT_FOUND]	= "not-found",
		[PMB_PLAN_IMPOSSIBLE]	= "impossible",
	};

	return (u32)verdict < PMB_VERDICTS ? keys[verdict] : "?";
}
