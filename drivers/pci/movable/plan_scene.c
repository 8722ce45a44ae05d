// SPDX-License-Identifier: GPL-2.0
/*
 * From a layout to what the sweep works on: boxes, items and events.
 *
 * Only what is behind one bus, the scope, may change.  The windows that lead
 * from there to the items become boxes.  All else on the buses on the way is
 * an obstacle, however many buses are behind it:
 *
 *	scope ---+--- window A ---+--- window B --- item
 *		 |                +--- window C			obstacle
 *		 +--- window D --- (anything)			obstacle
 *		 +--- BAR					obstacle
 *
 * A, B: boxes.  C and D are as large as they are, or only as large as what is
 * inside, or they are empty and become items themselves: see enum pmb_others.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "plan_internal.h"

#define PMB_4G	BIT_ULL(32)

/**
 * pmb_behind - is a bus behind another one, or the same?
 * @w: the planner's memory
 * @bus: the bus
 * @scope: the other one
 *
 * Return: true if so.
 */
bool pmb_behind(const struct pmb_work *w, u32 bus, u32 scope)
{
	while (bus != scope) {
		if (pmb_is_root(w->lay, bus))
			return false;
		bus = pmb_bus_above(w->lay, bus);
	}
	return true;
}

/**
 * pmb_bar_into - the kinds of window that a BAR may be in
 * @w: the planner's memory
 * @obj: the BAR
 *
 * Return: a BIT() of each kind.
 */
u32 pmb_bar_into(const struct pmb_work *w, u32 obj)
{
	const struct pmb_bar *bar = pmb_bar_of(w, obj);
	u32 bridge = w->lay->devs[bar->dev].bridge;
	const struct pmb_bridge *b;

	if (bar->flags & PMB_BAR_IO)
		return BIT(PMB_IO);
	if (bar->flags & PMB_BAR_PREF)
		return BIT(PMB_MEM) | BIT(PMB_PREF);
	if (!w->opt->relaxed_pref || !(bar->flags & PMB_BAR_64))
		return BIT(PMB_MEM);
	if (bridge == PMB_NONE)
		return BIT(PMB_MEM) | BIT(PMB_PREF);
	b = &w->lay->bridges[bridge];
	if ((b->flags & PMB_BRIDGE_PCIE) && b->win[PMB_PREF].max >= PMB_4G)
		return BIT(PMB_MEM) | BIT(PMB_PREF);
	return BIT(PMB_MEM);
}

/* The lowest address above which everything is beyond 4 GiB; 0: nothing is. */
static u64 pmb_high(const struct pmb_work *w)
{
	const struct pmb_root *root = w->lay->roots;
	u64 high = 0;
	u32 i;

	if (w->io)
		return 0;
	for (i = 0; i < w->lay->nr_roots; i++, root++) {
		if (root->host != w->host || root->space == PMB_IO ||
		    root->range.start - root->offset < PMB_4G)
			continue;
		if (!high || root->range.start < high)
			high = root->range.start;
	}
	if (high && !pmb_is_root(w->lay, w->scope) &&
	    w->at[w->scope * PMB_SPACES + PMB_PREF].start < high)
		high = 0;
	return high;
}

/**
 * pmb_mark_buses - find the buses from the scope to what is to be placed
 * @w: the planner's memory; the result is w->bus_list and w->mark
 *
 * Return: false: something is not behind the scope.
 */
bool pmb_mark_buses(struct pmb_work *w)
{
	u32 i, bus;

	w->stamp++;
	w->nr_bus_list = 0;
	w->mark[w->scope] = w->stamp;
	w->bus_list[w->nr_bus_list++] = w->scope;
	for (i = 0; i < w->nr_list; i++) {
		bus = pmb_obj_bus(w, w->list[i]);
		while (w->mark[bus] != w->stamp) {
			if (pmb_is_root(w->lay, bus))
				return false;
			w->mark[bus] = w->stamp;
			w->bus_list[w->nr_bus_list++] = bus;
			bus = pmb_bus_above(w->lay, bus);
		}
	}
	for (bus = 0; w->latitude == PMB_THOROUGH && bus < w->lay->nr_bridges; bus++) {
		if (w->mark[bus] == w->stamp || !pmb_behind(w, bus, w->scope))
			continue;
		w->mark[bus] = w->stamp;
		w->bus_list[w->nr_bus_list++] = bus;
	}
	return true;
}

static struct pmb_box *pmb_add_box(struct pmb_work *w, u32 obj)
{
	struct pmb_box *box = &w->box[w->nr_boxes];

	memset(box, 0, sizeof(*box));
	w->box_of[obj] = w->nr_boxes++;
	box->obj = obj;
	box->up0 = PMB_NONE;
	box->up = PMB_NONE;
	box->root = PMB_NONE;
	return box;
}

static void pmb_add_tops(struct pmb_work *w)
{
	const struct pmb_layout *lay = w->lay;
	struct pmb_box *box;
	bool found;
	u32 i, obj;

	for (i = 0; pmb_is_root(lay, w->scope) && i < lay->nr_roots; i++) {
		if (lay->roots[i].host != w->host || !lay->roots[i].range.size ||
		    pmb_space_io(lay->roots[i].space) != w->io)
			continue;
		box = pmb_add_box(w, w->nr_wins + i);
		box->root = i;
		box->space = lay->roots[i].space;
		box->cur = lay->roots[i].range;
		box->offset = lay->roots[i].offset;
		box->top = true;
		box->locked = true;
	}
	for (i = 0; !pmb_is_root(lay, w->scope) && i < PMB_SPACES; i++) {
		obj = w->scope * PMB_SPACES + i;
		if (pmb_space_io(i) != w->io || !w->at[obj].size)
			continue;
		box = pmb_add_box(w, obj);
		box->space = i;
		box->cur = w->at[obj];
		box->offset = pmb_index_offset(w, obj, &found);
		box->top = true;
		box->locked = true;
		if (!found) {
			w->nr_boxes--;
			w->box_of[obj] = PMB_NONE;
		}
	}
}

/* May a prefetchable window be beyond 4 GiB, and those around it, too? */
static bool pmb_tall(const struct pmb_work *w, u32 bus)
{
	for (; bus != w->scope; bus = pmb_bus_above(w->lay, bus)) {
		if (w->lay->bridges[bus].win[PMB_PREF].max < PMB_4G ||
		    !w->lay->bridges[bus].win[PMB_PREF].align)
			return false;
	}
	return true;
}

/* No address below this one for a window, see enum pmb_latitude. */
static u64 pmb_low(const struct pmb_work *w, u32 obj, u64 high, u64 reach)
{
	u32 bus = obj / PMB_SPACES;
	const struct pmb_range *cur = &w->at[obj];

	if (w->latitude >= PMB_ANYWHERE)
		return 0;
	if (!cur->size)
		return obj % PMB_SPACES == PMB_PREF && pmb_tall(w, bus) ? high : 0;
	if (w->latitude == PMB_GROW_UP)
		return cur->start;
	if (w->latitude == PMB_GROW_NEAR)
		return cur->start > reach ? cur->start - reach : 0;
	return cur->start >= high ? high : 0;
}

/*
 * Windows which are open, but where no access gets to, for some window above does
 * not cover them: they stay as they are, and nothing is put there.
 */
static void pmb_drop_boxes(struct pmb_work *w)
{
	u32 i, b;

	for (i = 0; i < w->nr_boxes; i++) {
		for (b = i; !w->box[b].top && w->box[b].up0 != PMB_NONE;)
			b = w->box[b].up0;
		if (w->box[b].top || !w->box[b].cur.size)
			continue;
		w->box[i].locked = true;
		w->box_of[w->box[i].obj] = PMB_NONE;
	}
}

/*
 * A window that no window above covers, and with nothing inside that stays: it is
 * of no use where it is, and may as well be closed.
 */
static bool pmb_lost(const struct pmb_work *w, u32 obj)
{
	u32 bus = obj / PMB_SPACES, k, o;

	if (!w->at[obj].size || w->seat[obj] != PMB_NONE || w->strict[obj])
		return false;
	for (k = w->first[bus]; k < w->first[bus + 1]; k++) {
		o = w->by_bus[k];
		if (w->at[o].size && !w->free[o] && w->seat[o] == obj)
			return false;
	}
	return true;
}

static void pmb_add_boxes(struct pmb_work *w, u64 high)
{
	const struct pmb_window *win;
	struct pmb_box *box;
	u64 reach = 0, big = 0;
	u32 i, space, obj;

	for (i = 0; i < w->nr_list; i++) {
		reach += pmb_bar_size(w, w->list[i]);
		big = max(big, pmb_bar_align(w, w->list[i]));
	}
	reach = pmb_up(2 * reach, big);

	for (i = 1; i < w->nr_bus_list; i++) {
		for (space = 0; space < PMB_SPACES; space++) {
			obj = w->bus_list[i] * PMB_SPACES + space;
			win = pmb_win(w->lay, obj);
			if (pmb_space_io(space) != w->io || !win->align)
				continue;
			if (w->keep[obj] && !w->at[obj].size)
				continue;
			box = pmb_add_box(w, obj);
			box->space = space;
			box->locked = w->keep[obj];
			box->align = win->align;
			box->max = win->max;
			box->cur = w->at[obj];
			if (pmb_lost(w, obj)) {
				box->locked = false;
				box->cur.size = 0;
			}
			box->low = pmb_low(w, obj, high, reach);
		}
	}
	for (i = 0; i < w->nr_boxes; i++) {
		box = &w->box[i];
		if (!box->top && box->cur.size && w->seat[box->obj] != PMB_NONE)
			box->up0 = w->box_of[w->seat[box->obj]];
	}
	pmb_drop_boxes(w);
}

static void pmb_add_event(struct pmb_work *w, enum pmb_event_kind kind, u32 b,
			  u64 addr, u64 end, bool after)
{
	struct pmb_event *ev = &w->event[w->nr_events++];
	u32 depth = 0, i;

	for (i = b; i != PMB_NONE; i = w->box[i].up0)
		depth++;
	memset(ev, 0, sizeof(*ev));
	ev->kind = kind;
	ev->box = b;
	ev->addr = addr;
	ev->end = end;
	/* What ends is first, inner boxes before outer ones. */
	if (kind == PMB_EV_BLOCK && !after && end != addr)
		ev->order = U32_MAX;
	else if (kind == PMB_EV_END || after)
		ev->order = S32_MAX - depth;
	else
		ev->order = S32_MAX + depth;
}

/**
 * pmb_depth - bridges on the way
 * @w: the planner's memory
 * @bus: a bus behind w->scope
 *
 * Return: how many bridges are between the two.
 */
u32 pmb_depth(const struct pmb_work *w, u32 bus)
{
	u32 depth = 0;

	for (; bus != w->scope; bus = pmb_bus_above(w->lay, bus))
		depth++;
	return depth;
}

/* The kinds of window that something may be in which keeps its address. */
static u32 pmb_kept_into(const struct pmb_work *w, u32 obj)
{
	if (obj >= w->nr_wins)
		return pmb_bar_into(w, obj);
	if (obj % PMB_SPACES == PMB_PREF)
		return BIT(PMB_MEM) | BIT(PMB_PREF);
	return BIT(PMB_MEM);
}

/* Object @obj, as far as it needs @r, is in the way. */
static void pmb_add_block(struct pmb_work *w, u32 obj, const struct pmb_range *r)
{
	u32 seat = w->seat[obj];
	struct pmb_event *ev;

	if (seat == PMB_NONE || w->box_of[seat] == PMB_NONE)
		return;
	pmb_add_event(w, PMB_EV_BLOCK, w->box_of[seat], r->start, pmb_end(r), false);
	if (w->latitude < PMB_THOROUGH || w->io || w->box[w->box_of[seat]].locked ||
	    w->home[obj] != pmb_obj_bus(w, obj))
		return;
	ev = &w->event[w->nr_events - 1];
	ev->bus = w->home[obj];
	ev->depth = pmb_depth(w, ev->bus);
	ev->into = pmb_kept_into(w, obj) | BIT(w->box[w->box_of[seat]].space);
}

/**
 * pmb_add_item - one more thing that needs a place
 * @w: the planner's memory
 * @obj: which
 *
 * Return: the item; what depends on its kind is not filled in.
 */
struct pmb_item *pmb_add_item(struct pmb_work *w, u32 obj)
{
	struct pmb_item *item = &w->item[w->nr_items++];

	memset(item, 0, sizeof(*item));
	item->obj = obj;
	item->bus = pmb_obj_bus(w, obj);
	item->twin = PMB_NONE;
	item->depth = pmb_depth(w, item->bus);
	return item;
}

/* A window that leads to no item. */
static void pmb_add_other(struct pmb_work *w, u32 obj, u64 high)
{
	const struct pmb_window *win = pmb_win(w->lay, obj);
	struct pmb_item *item;

	if (w->others == PMB_OTHERS_STAY || w->keep[obj]) {
		pmb_add_block(w, obj, &w->at[obj]);
		return;
	}
	if (w->hull[obj].size) {
		pmb_add_block(w, obj, &w->hull[obj]);
		return;
	}
	if (w->others != PMB_OTHERS_SLIDE)
		return;
	item = pmb_add_item(w, obj);
	item->into = BIT(obj % PMB_SPACES);
	if (obj % PMB_SPACES == PMB_PREF)
		item->into |= BIT(PMB_MEM);
	item->size = w->at[obj].size;
	item->align = win->align;
	item->max = win->max;
	if (w->latitude < PMB_ANYWHERE && w->at[obj].start >= high)
		item->floor = high;
}

/**
 * pmb_add_bar - one more BAR that needs a place
 * @w: the planner's memory
 * @obj: which
 * @high: lowest address beyond 4 GiB, 0: none
 *
 * Return: the item.
 */
struct pmb_item *pmb_add_bar(struct pmb_work *w, u32 obj, u64 high)
{
	const struct pmb_bar *bar = pmb_bar_of(w, obj);
	struct pmb_item *item = pmb_add_item(w, obj);
	bool far = (bar->flags & (PMB_BAR_64 | PMB_BAR_IO)) == PMB_BAR_64;
	u32 b;

	item->into = pmb_bar_into(w, obj);
	if (w->proof && w->seat[obj] < w->nr_wins)
		item->into |= BIT(w->seat[obj] % PMB_SPACES);
	item->size = pmb_bar_size(w, obj);
	item->align = pmb_bar_align(w, obj);
	item->max = far ? U64_MAX : U32_MAX;
	if (w->latitude >= PMB_ANYWHERE || item->into != (BIT(PMB_MEM) | BIT(PMB_PREF)))
		return item;

	/* What is preferred */
	if (!(bar->flags & PMB_BAR_PREF)) {
		item->into = BIT(PMB_MEM);
		return item;
	}
	if (pmb_is_root(w->lay, item->bus)) {
		item->floor = far ? high : 0;
		return item;
	}
	b = w->box_of[item->bus * PMB_SPACES + PMB_PREF];
	if (b == PMB_NONE || (!far && high && w->box[b].low >= high))
		item->into = BIT(PMB_MEM);
	else
		item->into = BIT(PMB_PREF);
	return item;
}

static int pmb_cmp_items(const void *left, const void *right)
{
	const struct pmb_item *a = left, *b = right;

	if (a->align != b->align)
		return a->align > b->align ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	if (a->bus != b->bus)
		return a->bus < b->bus ? -1 : 1;
	if (a->into != b->into)
		return a->into < b->into ? -1 : 1;
	if (a->max != b->max)
		return a->max < b->max ? -1 : 1;
	if (a->floor != b->floor)
		return a->floor < b->floor ? -1 : 1;
	return a->obj < b->obj ? -1 : 1;
}

static void pmb_add_items(struct pmb_work *w, u64 high)
{
	u32 i;

	for (i = 0; i < w->nr_list; i++)
		pmb_add_bar(w, w->list[i], high);
}

/* Largest alignment first; items without a difference are twins. */
static void pmb_sort_items(struct pmb_work *w)
{
	struct pmb_item *a, *b;
	u32 i;

	sort(w->item, w->nr_items, sizeof(*w->item), pmb_cmp_items, NULL);
	for (i = 1; i < w->nr_items; i++) {
		a = &w->item[i - 1];
		b = &w->item[i];
		if (a->align == b->align && a->size == b->size && a->bus == b->bus &&
		    a->into == b->into && a->max == b->max && a->floor == b->floor)
			b->twin = i - 1;
	}
}

static void pmb_add_events(struct pmb_work *w, u64 high)
{
	const struct pmb_layout *lay = w->lay;
	struct pmb_range r;
	struct pmb_box *box;
	u32 i, k, bus, obj;
	u64 end;

	for (i = 0; i < w->nr_bus_list; i++) {
		bus = w->bus_list[i];
		for (k = w->first[bus]; k < w->first[bus + 1]; k++) {
			obj = w->by_bus[k];
			if (!w->at[obj].size || pmb_obj_io(w, obj) != w->io)
				continue;
			if (obj >= w->nr_wins) {
				if (!w->free[obj])
					pmb_add_block(w, obj, &w->at[obj]);
			} else if (w->mark[obj / PMB_SPACES] != w->stamp) {
				pmb_add_other(w, obj, high);
			}
		}
	}
	for (i = 0; i < w->nr_boxes; i++) {
		box = &w->box[i];
		if (w->box_of[box->obj] != i || !box->cur.size)
			continue;
		end = pmb_end(&box->cur);
		if (box->locked) {
			pmb_add_event(w, PMB_EV_BEGIN, i, box->cur.start,
				      box->cur.start, false);
			pmb_add_event(w, PMB_EV_END, i, end, end, false);
		} else if (w->strict[box->obj]) {
			pmb_add_event(w, PMB_EV_BLOCK, i, box->cur.start,
				      box->cur.start, false);
			pmb_add_event(w, PMB_EV_BLOCK, i, end, end, true);
		}
	}
	for (i = 0; i < lay->nr_holes; i++) {
		if (lay->holes[i].host != w->host || lay->holes[i].io != w->io)
			continue;
		for (k = 0; k < w->nr_boxes && w->box[k].top; k++) {
			box = &w->box[k];
			r = lay->holes[i].range;
			if (!pmb_ranges_overlap(&r, &box->cur))
				continue;
			end = min(pmb_end(&r), pmb_end(&box->cur));
			pmb_add_event(w, PMB_EV_BLOCK, k,
				      max(r.start, box->cur.start), end, false);
		}
	}
}

static int pmb_cmp_events(const void *left, const void *right)
{
	const struct pmb_event *a = left, *b = right;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return 0;
}

static bool pmb_inside(const struct pmb_work *w, u32 b, u32 outer)
{
	while (b != PMB_NONE && b != outer)
		b = w->box[b].up0;
	return b == outer;
}

/*
 * What overlaps already.  Two obstacles in one box become one; an obstacle that
 * is in the way of a locked box counts as one inside of it.
 */
static bool pmb_mend_events(struct pmb_work *w)
{
	struct pmb_event *ev, *last = NULL;
	u32 i, n = 0, inner = PMB_NONE;

	for (i = 0; i < w->nr_events; i++) {
		ev = &w->event[i];
		if (ev->kind == PMB_EV_BEGIN) {
			inner = ev->box;
		} else if (ev->kind == PMB_EV_END) {
			inner = w->box[ev->box].up0;
			while (inner != PMB_NONE && !w->box[inner].locked)
				inner = w->box[inner].up0;
		} else if (inner != PMB_NONE && !pmb_inside(w, ev->box, inner)) {
			if (ev->end > pmb_end(&w->box[inner].cur))
				return false;
			ev->box = inner;
			ev->into = 0;
			ev->depth = 0;
		}
		if (last && ev->kind == PMB_EV_BLOCK && last->box == ev->box &&
		    last->end > ev->addr) {
			last->end = max(last->end, ev->end);
			last->into &= ev->into;
			continue;
		}
		w->event[n] = *ev;
		if (ev->kind == PMB_EV_BLOCK)
			last = &w->event[n];
		n++;
	}
	w->nr_events = n;
	return true;
}

/* How many bytes are free behind each event, in all. */
static void pmb_count_room(struct pmb_work *w)
{
	u64 cover = 0;
	u32 i, tops = 0;

	for (i = 0; i < w->nr_events; i++) {
		w->room[i] = tops && w->event[i].addr > cover ?
			     w->event[i].addr - cover : 0;
		cover = max(cover, w->event[i].end);
		if (w->box[w->event[i].box].top && w->event[i].kind == PMB_EV_BEGIN)
			tops++;
		if (w->box[w->event[i].box].top && w->event[i].kind == PMB_EV_END)
			tops--;
	}
	/* The room before an event becomes the sum of those behind it. */
	w->room[w->nr_events] = 0;
	for (cover = 0; i-- > 0;) {
		u64 before = w->room[i];

		w->room[i] = cover;
		cover += before;
	}
}

/* The last CPU address in a top box with a bus address up to @max; 0: none. */
static u64 pmb_top_last(const struct pmb_box *top, u64 max)
{
	u64 last = pmb_last(&top->cur), first = top->cur.start - top->offset;

	if (first > last - top->offset || last - top->offset <= max)
		return last;
	return first <= max ? max + top->offset : 0;
}

static u64 pmb_reach_last(const struct pmb_work *w, u64 max)
{
	u64 last = 0;
	u32 i;

	for (i = 0; i < w->nr_boxes && w->box[i].top; i++)
		last = max(last, pmb_top_last(&w->box[i], max));
	return last;
}

/*
 * How far up may each item be, and each box?  What cannot be beyond 4 GiB should
 * not be found to lack a place only when everything beyond has been tried.
 */
static void pmb_mark_last(struct pmb_work *w)
{
	struct pmb_box *box;
	u64 most = 0;
	u32 i;

	for (i = 0; i < w->nr_boxes; i++) {
		box = &w->box[i];
		box->last = box->locked ? pmb_last(&box->cur) :
					  pmb_reach_last(w, box->max);
	}
	for (i = 0; i < w->nr_items; i++) {
		w->item[i].last = pmb_reach_last(w, w->item[i].max);
		most = max(most, w->item[i].last);
	}
	w->low_last = 0;
	for (i = 0; i < w->nr_items; i++) {
		if (w->item[i].last < most)
			w->low_last = max(w->low_last, w->item[i].last);
	}
	for (i = 0; i < w->nr_events && w->event[i].addr <= w->low_last; i++)
		;
	w->low_event = i;
}

/* How many bytes more than there are free ones have to be placed? */
static void pmb_count_lack(struct pmb_work *w)
{
	u64 sum = 0, room = 0;
	u32 i;

	for (i = 0; i < w->nr_items; i++)
		sum += w->item[i].size;
	if (w->nr_events)
		room = w->room[0];
	w->lacking = sum > room ? sum - room : 0;
}

/**
 * pmb_scene_clear - forget the last scene
 * @w: the planner's memory
 */
void pmb_scene_clear(struct pmb_work *w)
{
	u32 i;

	for (i = 0; i < w->nr_boxes; i++)
		w->box_of[w->box[i].obj] = PMB_NONE;
	for (i = 0; i < w->nr_packed; i++)
		w->is_packed[w->packed[i].up] = false;
	w->nr_packed = 0;
	w->nr_boxes = 0;
	w->nr_items = 0;
	w->nr_events = 0;
}

/**
 * pmb_scene_build - prepare a sweep
 * @w: the planner's memory; of it count: at, seat, free and list (what to
 *	place), keep, strict, hull (unless others stay), scope, others, latitude
 *
 * Return: true: pmb_sweep() may begin; false: it would be pointless.
 */
bool pmb_scene_build(struct pmb_work *w)
{
	u64 high;
	u32 i;

	pmb_scene_clear(w);
	high = pmb_high(w);
	if (!pmb_mark_buses(w))
		return false;
	pmb_add_tops(w);
	if (!w->nr_boxes)
		return false;
	pmb_add_boxes(w, high);
	pmb_add_events(w, high);
	pmb_add_items(w, high);
	sort(w->event, w->nr_events, sizeof(*w->event), pmb_cmp_events, NULL);
	if (!pmb_mend_events(w))
		return false;
	for (i = 0; i < w->nr_events; i++) {
		u32 b = w->event[i].kind == PMB_EV_BLOCK ? w->event[i].box :
			w->box[w->event[i].box].up0;

		if (w->event[i].into)
			continue;
		for (; b != PMB_NONE; b = w->box[b].up0)
			w->box[b].pins++;
	}
	pmb_count_room(w);
	if (w->packing && !pmb_pack(w, high, w->packing == PMB_PACKED_RESERVE))
		return false;
	pmb_count_lack(w);
	pmb_sort_items(w);
	pmb_mark_last(w);
	return true;
}
