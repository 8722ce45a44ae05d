// SPDX-License-Identifier: GPL-2.0
/*
 * What is on a bus, as a line of stretches sorted by address, and the gaps in it.
 *
 *	line	|###|   |####|####|        |##|
 *	in	      [--------------------------)	a window or root window
 *	gaps	      |-|         |--------|  |--|
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "plan_internal.h"

/* Moves of an insertion sort before a better one takes over. */
#define PMB_LINE_MOVES	8u

static int pmb_cmp_stretch(const void *left, const void *right)
{
	const struct pmb_stretch *a = left, *b = right;

	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return 0;
}

/**
 * pmb_line_sort - sort a line by address
 * @w: the planner's memory
 */
void pmb_line_sort(struct pmb_work *w)
{
	struct pmb_stretch *line = w->line, one;
	u32 i, k, moves = 0;

	/* Nearly sorted as a rule: a bus is indexed by the old addresses. */
	for (i = 1; i < w->nr_line; i++) {
		one = line[i];
		for (k = i; k > 0 && line[k - 1].lo > one.lo; k--, moves++)
			line[k] = line[k - 1];
		line[k] = one;
		if (moves <= PMB_LINE_MOVES * (i + 4))
			continue;
		sort(line, w->nr_line, sizeof(*line), pmb_cmp_stretch, NULL);
		return;
	}
}

/**
 * pmb_line_note - put something on the line, unsorted
 * @w: the planner's memory
 * @r: where it is
 */
void pmb_line_note(struct pmb_work *w, const struct pmb_range *r)
{
	struct pmb_stretch *s = &w->line[w->nr_line];

	if (!r->size)
		return;
	s->lo = r->start;
	s->hi = pmb_end(r);
	w->nr_line++;
}

/**
 * pmb_line_build - find out what is on a bus, by w->best
 * @w: the planner's memory; the result is w->line
 * @bus: the bus
 */
void pmb_line_build(struct pmb_work *w, u32 bus)
{
	const struct pmb_layout *lay = w->lay;
	u32 k;

	w->nr_line = 0;
	for (k = w->first[bus]; k < w->first[bus + 1]; k++) {
		if (pmb_obj_io(w, w->by_bus[k]) == w->io)
			pmb_line_note(w, &w->best[w->by_bus[k]]);
	}
	for (k = 0; k < w->nr_ghosts; k++) {
		if (w->ghost[k].bus == bus && pmb_obj_io(w, w->ghost[k].obj) == w->io)
			pmb_line_note(w, &w->best[w->ghost[k].obj]);
	}
	for (k = 0; k < lay->nr_holes; k++) {
		if (lay->holes[k].host == w->host && lay->holes[k].io == w->io)
			pmb_line_note(w, &lay->holes[k].range);
	}
	pmb_line_sort(w);
}

/**
 * pmb_line_add - one more thing is on the bus
 * @w: the planner's memory
 * @r: where
 */
void pmb_line_add(struct pmb_work *w, const struct pmb_range *r)
{
	struct pmb_stretch one = { .lo = r->start, .hi = pmb_end(r) };
	u32 k;

	for (k = w->nr_line++; k > 0 && w->line[k - 1].lo > one.lo; k--)
		w->line[k] = w->line[k - 1];
	w->line[k] = one;
}

/**
 * pmb_line_meets - is something on the line in the way?
 * @w: the planner's memory
 * @lo: first address
 * @hi: address behind
 *
 * Return: true if so.
 */
bool pmb_line_meets(const struct pmb_work *w, u64 lo, u64 hi)
{
	u32 k;

	for (k = 0; k < w->nr_line && w->line[k].lo < hi; k++) {
		if (w->line[k].hi > lo)
			return true;
	}
	return false;
}

/**
 * pmb_line_span - what is inside of a window, from the first to the last
 * @w: the planner's memory
 * @in: the window
 * @span: set to it; untouched if there is nothing
 *
 * Return: true if there is something.
 */
bool pmb_line_span(const struct pmb_work *w, const struct pmb_range *in,
		   struct pmb_stretch *span)
{
	u64 end = pmb_end(in);
	bool found = false;
	u32 k;

	if (!in->size)
		return false;
	for (k = 0; k < w->nr_line && w->line[k].lo < end; k++) {
		if (w->line[k].hi <= in->start)
			continue;
		if (!found)
			span->lo = max(w->line[k].lo, in->start);
		span->hi = found ? max(span->hi, w->line[k].hi) : w->line[k].hi;
		found = true;
	}
	if (found)
		span->hi = min(span->hi, end);
	return found;
}

/* Does @item fit between @lo and @hi, and better than @fit? */
static void pmb_fit_gap(const struct pmb_item *item, u64 lo, u64 hi, u64 offset,
			struct pmb_fit *fit)
{
	u64 at = pmb_up(max(lo, item->floor), item->align), room = hi - lo;

	if (at >= hi || hi - at < item->size ||
	    at + item->size - 1 - offset > item->max)
		return;
	/* Where it is now, if it is there. */
	if (fit->wish >= lo && fit->wish < hi && hi - fit->wish >= item->size &&
	    !(fit->wish & (item->align - 1)) && fit->wish >= item->floor &&
	    fit->wish + item->size - 1 - offset <= item->max) {
		at = fit->wish;
		room = 0;
	}
	if (fit->found && fit->room <= room)
		return;
	fit->found = true;
	fit->room = room;
	fit->at = at;
}

/**
 * pmb_line_fit - the smallest gap on the line in which an item has room
 * @w: the planner's memory
 * @in: the window or root window where it has to be
 * @offset: of that window, CPU minus bus address
 * @item: the item
 * @fit: the result, or a better one that it holds already; @fit->wish is the
 *	address where it should be if that is free
 */
void pmb_line_fit(const struct pmb_work *w, const struct pmb_range *in, u64 offset,
		  const struct pmb_item *item, struct pmb_fit *fit)
{
	u64 end = pmb_end(in), cover = in->start;
	u32 k;

	if (!in->size || (offset & (item->align - 1)) || in->size < item->size)
		return;
	for (k = 0; k < w->nr_line && cover < end; k++) {
		if (w->line[k].hi <= cover)
			continue;
		if (w->line[k].lo > cover)
			pmb_fit_gap(item, cover, min(w->line[k].lo, end), offset, fit);
		cover = w->line[k].hi;
	}
	if (cover < end)
		pmb_fit_gap(item, cover, end, offset, fit);
}
