// SPDX-License-Identifier: GPL-2.0
/*
 * BARs move when others need their place.  To move them without need, somebody
 * is made up who needs it:
 *
 *	layout       [ BAR ]                 has a place, may move
 *	between      [ghost]   [ BAR ]       the ghost has it, the BAR wants one
 *	afterwards             [ BAR ]       the ghost is gone, the BAR moves
 *
 * The ghost may move, too, for what is fixed holds the windows around it; but to
 * move it costs more than to move anybody else.  Planner and verifier see what is
 * in between, the rest of the engine what is before and afterwards.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "force.h"

#define GHOST_COST	U32_MAX

static u32 find_dev(const struct pmb_layout *l, const char *name)
{
	u32 i;

	for (i = 0; i < l->nr_devs; i++)
		if (!strcmp(l->devs[i].name, name))
			return i;
	return PMB_NONE;
}

static bool asked_for(const struct pmb_force *f, const struct pmb_layout *l, u32 dev, u32 bar)
{
	const struct pmb_bar *b = &l->bars[bar];

	if (b->dev != dev || b->res >= PMB_FORCE_BARS || !b->reg ||
	    !(b->flags & PMB_BAR_PLACED))
		return false;
	if (f->bars)
		return f->bars & BIT(b->res);
	return b->res < PMB_FORCE_OWN && !pmb_bar_fixed(b);
}

/* It may be so for a moment only. */
static bool passing(enum pmb_why why)
{
	return why == PMB_WHY_BUSY || why == PMB_WHY_REFUSED;
}

static int choose(struct pmb_force *f, const struct pmb_layout *l, u32 dev)
{
	bool busy = false;
	u32 i;

	f->nr = 0;
	for (i = 0; i < l->nr_bars; i++) {
		busy |= l->bars[i].dev == dev && passing(l->bars[i].why);
		if (!asked_for(f, l, dev, i))
			continue;
		if (pmb_bar_fixed(&l->bars[i]))
			return passing(l->bars[i].why) ? -EBUSY : -EPERM;
		if (f->nr < PMB_FORCE_BARS)
			f->index[f->nr++] = i;
	}
	if (f->nr)
		return 0;
	if (f->bars)
		return -ENOENT;
	return busy ? -EBUSY : -EPERM;
}

static void add_ghost(const struct pmb_force *f, struct pmb_layout *l, u32 dev)
{
	struct pmb_dev *ghost = &l->devs[l->nr_devs];
	u32 i;

	*ghost = (struct pmb_dev){
		.host = l->devs[dev].host,
		.bridge = l->devs[dev].bridge,
		.way = PMB_WAY_PAUSE,
		.cost = GHOST_COST,
	};
	snprintf(ghost->name, sizeof(ghost->name), "forces@%.24s", f->dev);
	for (i = 0; i < f->nr; i++) {
		l->bars[l->nr_bars] = f->was[i];
		l->bars[l->nr_bars++].dev = l->nr_devs;
	}
	l->nr_devs++;
}

/**
 * pmb_force_begin - let a ghost take the place of the BARs that are to move
 * @force: what is to move; NULL: nothing happens
 * @layout: the layout; nothing else is wanted in it from now on
 *
 * Plans have to be allocated afterwards.
 *
 * Return: 0, and pmb_force_end() has to be called; or nothing has happened:
 * -ENOENT if there is no such function or BAR with a place, -EPERM if the BAR is
 * fixed, or all of them, -EBUSY if that may soon be over, -ENOSPC if the layout
 * has no room for the ghost.
 */
int pmb_force_begin(struct pmb_force *force, struct pmb_layout *layout)
{
	u32 i, dev;
	int err;

	if (!force)
		return 0;
	dev = find_dev(layout, force->dev);
	if (dev == PMB_NONE)
		return -ENOENT;
	err = choose(force, layout, dev);
	if (!err && (layout->nr_devs == layout->max.devs ||
		     layout->nr_bars + force->nr > layout->max.bars))
		err = -ENOSPC;
	if (err) {
		force->nr = 0;
		return err;
	}

	for (i = 0; i < layout->nr_bars; i++)
		layout->bars[i].flags &= ~PMB_BAR_WANTED;
	for (i = 0; i < force->nr; i++) {
		struct pmb_bar *b = &layout->bars[force->index[i]];

		force->was[i] = *b;
		b->flags &= ~(PMB_BAR_PLACED | PMB_BAR_OPTIONAL);
		b->flags |= PMB_BAR_WANTED;
		b->sizes = 0;
	}
	add_ghost(force, layout, dev);
	return 0;
}

static bool moves(const struct pmb_layout *l, const struct pmb_plan *plan, u32 bar)
{
	return (l->bars[bar].flags & PMB_BAR_PLACED) &&
	       l->bars[bar].start != plan->bar[bar].start;
}

/* What the plan says about itself, without the ghost.  BARs of a device are neighbours. */
static void count_again(const struct pmb_layout *l, struct pmb_plan *plan)
{
	u32 i, last = PMB_NONE;

	plan->bars_placed = 0;
	plan->bars_moved = 0;
	plan->devs_live = 0;
	plan->devs_paused = 0;
	plan->cost = 0;
	for (i = 0; i < l->nr_bars; i++) {
		const struct pmb_dev *dev = &l->devs[l->bars[i].dev];

		if (!moves(l, plan, i))
			continue;
		plan->bars_moved++;
		if (l->bars[i].dev == last)
			continue;
		last = l->bars[i].dev;
		plan->cost += dev->cost;
		plan->devs_live += dev->way == PMB_WAY_LIVE;
		plan->devs_paused += dev->way == PMB_WAY_PAUSE;
	}
}

static void forget_ghost(const struct pmb_layout *l, struct pmb_plan *plan)
{
	struct pmb_lack *lack = &plan->lack;
	u32 i, nr = 0;

	plan->nr_bars = l->nr_bars;
	for (i = 0; i < lack->nr_blockers; i++)
		if (lack->blockers[i] < l->nr_bars)
			lack->blockers[nr++] = lack->blockers[i];
	lack->nr_blockers = nr;
}

/**
 * pmb_force_end - the ghost goes
 * @force: as given to pmb_force_begin(); NULL: nothing happens
 * @layout: the layout; it is as before but for what was wanted
 * @plan: a plan that was made in between; becomes one of @layout in which the
 *	BARs move; NULL: there is none
 *
 * Return: 0; -ENOSPC if there is no other place for one of the BARs: the plan must
 * not be carried out.
 */
int pmb_force_end(struct pmb_force *force, struct pmb_layout *layout, struct pmb_plan *plan)
{
	u32 i;
	int err = 0;

	if (!force || !force->nr)
		return 0;
	for (i = 0; i < force->nr; i++) {
		u32 bar = force->index[i];

		layout->bars[bar] = force->was[i];
		if (!plan || !plan->bar[bar].size || !moves(layout, plan, bar))
			err = -ENOSPC;
	}
	layout->nr_bars -= force->nr;
	layout->nr_devs--;
	force->nr = 0;
	if (plan)
		forget_ghost(layout, plan);
	if (!err)
		count_again(layout, plan);
	return err;
}
