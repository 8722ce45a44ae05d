// SPDX-License-Identifier: GPL-2.0
/*
 * Many items become few.
 *
 * A box that has nothing fixed inside can be anywhere, so what goes into it can
 * be packed beforehand, from the leaves of the tree upwards; the box then is a
 * single item, a block, in the box above.  Largest alignment first, and what is
 * small into the gaps, leaves no room unused but for the ends of blocks:
 *
 *	| 16M ............ | 4M . | 1M | gap |	block, aligned to 16M
 *
 * This is not as good as the search, which also tries other orders, but it
 * takes n log n steps where the search has no end.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "plan_internal.h"

#define PMB_GAPS	16

static bool pmb_packable(const struct pmb_work *w, const struct pmb_box *box)
{
	return !box->top && !box->locked && !box->pins && !w->strict[box->obj];
}

/* Which box does an item go into? */
static u32 pmb_pack_box(const struct pmb_work *w, const struct pmb_item *item)
{
	u32 base = item->bus * PMB_SPACES, b = PMB_NONE;

	if (pmb_is_root(w->lay, item->bus) || item->bus == w->scope)
		return PMB_NONE;
	if (item->into & BIT(PMB_IO))
		return w->box_of[base + PMB_IO];
	if (item->into & BIT(PMB_PREF))
		b = w->box_of[base + PMB_PREF];
	if (b == PMB_NONE && (item->into & BIT(PMB_MEM)))
		b = w->box_of[base + PMB_MEM];
	return b;
}

/**
 * pmb_cmp_packed - order in which items are packed
 * @left: index of an item
 * @right: another one
 * @priv: the planner's memory
 *
 * Return: less than 0: @left is packed first; greater than 0: @right is.
 */
int pmb_cmp_packed(const void *left, const void *right, const void *priv)
{
	const struct pmb_work *w = priv;
	const struct pmb_item *a = &w->item[*(const u32 *)left];
	const struct pmb_item *b = &w->item[*(const u32 *)right];

	if (a->align != b->align)
		return a->align > b->align ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return a->obj < b->obj ? -1 : 1;
}

/**
 * pmb_pack_offsets - pack items into a block
 * @w: the planner's memory; w->order has the indices of the items
 * @nr: how many there are; sorted by pmb_cmp_packed()
 *
 * Return: bytes that they need; the offset of each is item->at.  U64_MAX: there are
 * not that many addresses.
 */
u64 pmb_pack_offsets(struct pmb_work *w, u32 nr)
{
	struct {
		u64 lo, hi;
	} gap[PMB_GAPS];
	struct pmb_item *item;
	u64 end = 0, at;
	u32 i, k, gaps = 0;

	for (i = 0; i < nr; i++) {
		item = &w->item[w->order[i]];
		for (k = 0; k < gaps; k++) {
			at = pmb_up(gap[k].lo, item->align);
			if (at < gap[k].hi && gap[k].hi - at >= item->size)
				break;
		}
		if (k < gaps) {
			item->at = at;
			gap[k].lo = at + item->size;
			continue;
		}
		at = pmb_up(end, item->align);
		if (at > end && gaps < PMB_GAPS) {
			gap[gaps].lo = end;
			gap[gaps++].hi = at;
		}
		item->at = at;
		end = at + item->size;
		if (at == U64_MAX || end < at)
			return U64_MAX;
	}
	return end;
}

/* Make one item of all that is in a box; false: it cannot be. */
static bool pmb_pack_one(struct pmb_work *w, u32 b, u64 high, bool reserve)
{
	struct pmb_box *box = &w->box[b];
	const struct pmb_window *win = pmb_win(w->lay, box->obj);
	struct pmb_packed *p;
	struct pmb_item *item, *block;
	u64 end, align = win->align, max = win->max;
	u32 i, nr = 0;

	for (i = box->content; i != PMB_NONE; i = w->item[i].next)
		w->order[nr++] = i;
	sort_r(w->order, nr, sizeof(*w->order), pmb_cmp_packed, NULL, w);
	end = pmb_pack_offsets(w, nr);
	for (i = 0; i < nr; i++) {
		item = &w->item[w->order[i]];
		align = max(align, item->align);
		max = min(max, item->max);
		p = &w->packed[w->nr_packed++];
		p->obj = item->obj;
		p->up = box->obj;
		p->offset = item->at;
		p->size = item->size;
		item->placed = true;
	}
	if (reserve)
		end = max(end, win->reserve);
	end = pmb_up(end, win->align);
	if (end == U64_MAX)
		return false;

	block = pmb_add_item(w, box->obj);
	block->into = BIT(box->space);
	if (box->space == PMB_PREF)
		block->into |= BIT(PMB_MEM);
	block->size = end;
	block->align = align;
	block->max = max;
	block->floor = max > U32_MAX ? max(box->low, high) : box->low;
	if (box->space != PMB_PREF || w->latitude >= PMB_ANYWHERE)
		block->floor = box->low;
	w->is_packed[box->obj] = true;
	w->box_of[box->obj] = PMB_NONE;
	box->locked = true;
	return true;
}

static void pmb_pack_link(struct pmb_work *w, u32 i)
{
	u32 b = pmb_pack_box(w, &w->item[i]);

	w->item[i].next = PMB_NONE;
	if (b == PMB_NONE || !pmb_packable(w, &w->box[b]))
		return;
	w->item[i].next = w->box[b].content;
	w->box[b].content = i;
}

/**
 * pmb_pack - pack what can be packed beforehand
 * @w: the planner's memory with boxes, items and events
 * @high: lowest address beyond 4 GiB, 0: none
 * @reserve: blocks shall be as large as their reserve, at least
 *
 * The items that are left are where w->item begins.
 *
 * Return: false: there is more than there are addresses.
 */
bool pmb_pack(struct pmb_work *w, u64 high, bool reserve)
{
	u32 i, n, bus, s, b;

	for (i = 0; i < w->nr_boxes; i++)
		w->box[i].content = PMB_NONE;
	for (i = 0; i < w->nr_items; i++)
		pmb_pack_link(w, i);
	for (bus = w->lay->nr_bridges; bus-- > 0;) {
		if (w->mark[bus] != w->stamp || bus == w->scope)
			continue;
		for (s = 0; s < PMB_SPACES; s++) {
			b = w->box_of[bus * PMB_SPACES + s];
			if (b == PMB_NONE || w->box[b].content == PMB_NONE)
				continue;
			if (!pmb_pack_one(w, b, high, reserve))
				return false;
			pmb_pack_link(w, w->nr_items - 1);
		}
	}
	for (i = 0, n = 0; i < w->nr_items; i++) {
		if (w->item[i].placed)
			continue;
		w->item[n++] = w->item[i];
	}
	w->nr_items = n;
	return true;
}

/* Is something of a block where somebody is who is in no window? */
static bool pmb_haunted(const struct pmb_work *w)
{
	const struct pmb_packed *p;
	const struct pmb_ghost *g;
	u32 i, k;

	for (i = 0; i < w->nr_packed; i++) {
		p = &w->packed[i];
		for (k = 0; k < w->nr_ghosts; k++) {
			g = &w->ghost[k];
			if (g->bus == p->up / PMB_SPACES && g->obj != p->obj &&
			    pmb_ranges_overlap(&w->best[g->obj], &w->best[p->obj]))
				return true;
		}
	}
	return false;
}

/**
 * pmb_unpack - give the contents of blocks their places
 * @w: the planner's memory; the places of the blocks are in w->best
 *
 * A block is placed without a look at what is behind its bridge in no window.
 *
 * Return: false: something of a block would be where that is.
 */
bool pmb_unpack(struct pmb_work *w)
{
	const struct pmb_packed *p;
	struct pmb_range r;
	u32 i;

	for (i = w->nr_packed; i-- > 0;) {
		p = &w->packed[i];
		r.start = w->best[p->up].start + p->offset;
		r.size = p->size;
		pmb_set_best(w, p->obj, &r);
	}
	return !w->nr_ghosts || !pmb_haunted(w);
}
