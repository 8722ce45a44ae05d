// SPDX-License-Identifier: GPL-2.0
/*
 * How much room there is, and what does not fit anywhere.
 *
 * A BAR that is as large as its alignment takes one cell of a grid of such cells.
 * If something that never moves, or a hole, is in each of them, then there is no
 * place, whatever else is moved:
 *
 *	root window	   |-------------------------------|
 *	never moves	         #            ##      #
 *	cells		|.......|.......|.......|.......|.......|
 */
#include <linux/bits.h>
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "plan_internal.h"

/* The largest block, aligned to its size, between @lo and @hi. */
static u64 pmb_block_between(u64 lo, u64 hi, u64 offset)
{
	u64 size;

	if (lo >= hi)
		return 0;
	for (size = BIT_ULL(fls64(hi - lo) - 1); size; size /= 2) {
		if (!(offset & (size - 1)) && pmb_up(lo, size) < hi &&
		    hi - pmb_up(lo, size) >= size)
			return size;
	}
	return 0;
}

/**
 * pmb_line_block - the largest block that is free, aligned to its size
 * @w: the planner's memory, with what is taken in w->line
 * @in: where it has to be
 * @offset: CPU minus bus address there
 * @max: highest bus address that is of use
 *
 * Return: bytes.
 */
u64 pmb_line_block(const struct pmb_work *w, const struct pmb_range *in, u64 offset,
		   u64 max)
{
	u64 cover = in->start, end, best = 0;
	u32 k;

	if (!in->size || cover - offset > max)
		return 0;
	end = pmb_last(in) - offset > max ? max + offset + 1 : pmb_end(in);
	for (k = 0; k < w->nr_line && cover < end; k++) {
		if (w->line[k].lo > cover)
			best = max(best, pmb_block_between(cover, min(w->line[k].lo, end),
							   offset));
		cover = max(cover, w->line[k].hi);
	}
	return max(best, pmb_block_between(cover, end, offset));
}

/* Highest bus address that a BAR can have, with the windows above it. */
static u64 pmb_reach(const struct pmb_work *w, u32 obj)
{
	const struct pmb_bar *bar = pmb_bar_of(w, obj);
	u32 bridge = w->lay->devs[bar->dev].bridge, into = pmb_bar_into(w, obj), s;
	const struct pmb_window *win;
	u64 reach = 0;

	if (bridge == PMB_NONE)
		reach = U64_MAX;
	for (s = 0; bridge != PMB_NONE && s < PMB_SPACES; s++) {
		win = &w->lay->bridges[bridge].win[s];
		if ((into & BIT(s)) && win->align)
			reach = max(reach, win->max);
	}
	if ((bar->flags & (PMB_BAR_64 | PMB_BAR_IO)) != PMB_BAR_64)
		reach = min_t(u64, reach, U32_MAX);
	return reach;
}

/**
 * pmb_room_block - the largest block for a BAR in the root windows
 * @w: the planner's memory, with what is taken in w->line
 * @obj: the BAR
 *
 * Return: bytes.
 */
u64 pmb_room_block(const struct pmb_work *w, u32 obj)
{
	const struct pmb_root *root = w->lay->roots;
	u64 best = 0, max = pmb_reach(w, obj);
	u32 i;

	for (i = 0; i < w->lay->nr_roots; i++, root++) {
		if (root->host == w->host && pmb_space_io(root->space) == w->io)
			best = max(best, pmb_line_block(w, &root->range, root->offset,
							max));
	}
	return best;
}

static void pmb_line_fixed(struct pmb_work *w)
{
	u32 obj, i;

	w->nr_line = 0;
	for (obj = w->nr_wins; obj < w->nr_objs; obj++) {
		if (w->at[obj].size && !pmb_may_move(w, obj) && !w->free[obj] &&
		    pmb_obj_host(w, obj) == w->host && pmb_obj_io(w, obj) == w->io)
			pmb_line_note(w, &w->at[obj]);
	}
	for (i = 0; i < w->lay->nr_holes; i++) {
		if (w->lay->holes[i].host == w->host && w->lay->holes[i].io == w->io)
			pmb_line_note(w, &w->lay->holes[i].range);
	}
	pmb_line_sort(w);
}

/**
 * pmb_room_never - is it certain that something wanted has no place?
 * @w: the planner's memory; w->wanted is looked at, one BAR at a time
 *
 * Quick, compared to what it takes to find nothing.
 *
 * Return: true if so, whatever is moved.
 */
bool pmb_room_never(struct pmb_work *w)
{
	u64 size, best = 0, reach = 0, now;
	u32 i, obj;

	if (w->odd || w->nr_ghosts)
		return false;
	w->steps += w->nr_objs / 32;
	pmb_line_fixed(w);
	for (i = 0; i < w->nr_wanted; i++) {
		obj = w->wanted[i];
		size = pmb_bar_size(w, obj);
		/* Not for those of virtual functions, which need less alignment. */
		if (size != pmb_bar_align(w, obj))
			continue;
		now = pmb_reach(w, obj);
		if (!i || now != reach)
			best = pmb_room_block(w, obj);
		reach = now;
		if (size > best)
			return true;
	}
	return false;
}

static void pmb_raise(u64 *most, u64 more)
{
	*most = max(*most, more);
}

static void pmb_room_of_host(struct pmb_work *w, u64 *slack)
{
	const struct pmb_root *root = w->lay->roots;
	u32 i;

	pmb_line_build(w, w->lay->nr_bridges + w->host);
	for (i = 0; i < w->lay->nr_roots; i++, root++) {
		if (root->host != w->host || pmb_space_io(root->space) != w->io)
			continue;
		if (root->space != PMB_PREF)
			pmb_raise(&slack[root->space],
				  pmb_line_block(w, &root->range, root->offset, U32_MAX));
		if (!w->io)
			pmb_raise(&slack[PMB_PREF],
				  pmb_line_block(w, &root->range, root->offset, U64_MAX));
	}
}

/**
 * pmb_room_left - what is left of the root windows
 * @w: the planner's memory, after all has been placed
 * @plan: plan->slack is written
 */
void pmb_room_left(struct pmb_work *w, struct pmb_plan *plan)
{
	u32 host;

	pmb_best_reset(w);
	for (host = 0; host < w->lay->nr_hosts; host++) {
		w->host = host;
		w->io = false;
		pmb_room_of_host(w, plan->slack);
		w->io = true;
		pmb_room_of_host(w, plan->slack);
	}
}
