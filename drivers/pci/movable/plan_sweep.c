// SPDX-License-Identifier: GPL-2.0
/*
 * The search for places, in one pass over the addresses.
 *
 * A sweep goes from low to high addresses.  What is fixed comes as a list of
 * events.  Between two events the sweep puts items, one behind the other, each
 * at the first aligned address; before an item it ends the boxes (windows) in
 * which the item is not, and begins those in which it is:
 *
 *	   +-- box A ---------------+  +-- box B --------+
 *	   | item  item |fixed| item|  | item |fixed| ...
 *	---+------------+-----+-----+--+------+-----+------------> x
 *
 * Nothing is lost by putting everything as low as possible: any arrangement can
 * be pushed down, without changing the order along the line, until every item
 * touches what is before it.  So only the order is searched for.  And of two
 * ways that placed the same items and ended the same boxes, the one that has
 * come less far can do whatever the other one can do.  The search goes depth
 * first, largest alignment first, and remembers where it has been in vain.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "plan_internal.h"

/* Where a new frame would start. */
struct pmb_way_in {
	u32 join;			/* innermost box that stays begun */
	u32 nr;				/* boxes to begin: w->path, inner first */
	u64 x;				/* where the next item may begin */
};

static u64 pmb_hash(u64 n)
{
	n += 0x9e3779b97f4a7c15ull;
	n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9ull;
	n = (n ^ (n >> 27)) * 0x94d049bb133111ebull;
	return n ^ (n >> 31);
}

static u64 pmb_item_key(const struct pmb_work *w, u32 item)
{
	return pmb_hash(w->salt + item);
}

static u64 pmb_box_key(const struct pmb_work *w, u32 box, enum pmb_box_state state)
{
	return pmb_hash(w->salt + ((u64)(state + 1) << 32) + box);
}

/* It is about to get a place like everything else. */
static bool pmb_exorcised(const struct pmb_work *w, u32 obj)
{
	if (obj >= w->nr_wins)
		return w->free[obj];
	return w->box_of[obj] != PMB_NONE && !w->box[w->box_of[obj]].cur.size;
}

/* @block: a window that is placed with all that is inside, or PMB_NONE */
static bool pmb_meets_ghost(const struct pmb_work *w, u32 bus, u32 block, u64 start,
			    u64 end, u64 *behind)
{
	const struct pmb_range *r;
	u32 i;

	for (i = 0; i < w->nr_ghosts; i++) {
		if (w->ghost[i].bus != bus &&
		    (block == PMB_NONE ||
		     !pmb_behind(w, w->ghost[i].bus, block / PMB_SPACES)))
			continue;
		if (pmb_exorcised(w, w->ghost[i].obj))
			continue;
		r = &w->at[w->ghost[i].obj];
		if (r->size && start < pmb_end(r) && r->start < end) {
			*behind = pmb_end(r);
			return true;
		}
	}
	return false;
}

static u64 pmb_offset(const struct pmb_work *w, u32 top)
{
	return top == PMB_NONE ? 0 : w->box[top].offset;
}

/* Could the innermost box of @f and those around it, up to @join, end now? */
static bool pmb_may_end(const struct pmb_work *w, const struct pmb_frame *f,
			u32 join, u64 *x)
{
	u64 offset = pmb_offset(w, f->top), behind;
	const struct pmb_box *box;
	struct pmb_range r;
	u32 b;

	for (b = f->box; b != join; b = box->up) {
		if (b == PMB_NONE)
			return false;
		box = &w->box[b];
		if (box->locked || box->pins)
			return false;
		*x = pmb_up(*x, box->align);
		if (*x == U64_MAX || *x - 1 - offset > box->max)
			return false;
		if (w->nr_ghosts &&
		    pmb_meets_ghost(w, pmb_bus_above(w->lay, box->obj / PMB_SPACES),
				    PMB_NONE, box->start, *x, &behind))
			return false;
		r.start = box->start;
		r.size = *x - r.start;
		if (pmb_ghost_bars(w, box->obj, &r))
			return false;
	}
	return true;
}

/*
 * How to get from @f to something on @bus, with @j prefetchable windows above it;
 * @into: kinds of window it may be in, @depth: bridges on the way.
 */
static bool pmb_way_to_bus(struct pmb_work *w, const struct pmb_frame *f, u32 bus,
			   u32 into, u32 depth, u32 j, struct pmb_way_in *in)
{
	enum pmb_space low = w->io ? PMB_IO : PMB_MEM, space = low;
	u64 offset = pmb_offset(w, f->top);
	const struct pmb_box *box;
	u32 k = 0, b, i;

	in->nr = 0;
	in->join = PMB_NONE;
	for (; bus != w->scope; bus = pmb_bus_above(w->lay, bus), k++) {
		space = k < j ? PMB_PREF : low;
		if (!k && !(into & BIT(space)))
			return false;
		b = w->box_of[bus * PMB_SPACES + space];
		if (b == PMB_NONE)
			return false;
		box = &w->box[b];
		if (box->state == PMB_BOX_OPEN) {
			in->join = b;
			break;
		}
		if (box->state == PMB_BOX_DONE || box->locked)
			return false;
		w->path[in->nr++] = b;
	}

	if (in->join == PMB_NONE) {
		if (f->top == PMB_NONE)
			return false;
		box = &w->box[f->top];
		if (!k && !(into & BIT(box->space)))
			return false;
		if (k && space != box->space &&
		    !(space == PMB_PREF && box->space == PMB_MEM))
			return false;
		in->join = f->top;
	}
	/* The same way has been found with one more prefetchable window? */
	if (k < j && j < depth)
		return false;

	in->x = f->x;
	if (!pmb_may_end(w, f, in->join, &in->x))
		return false;
	for (i = in->nr; i-- > 0;) {
		box = &w->box[w->path[i]];
		if (offset & (box->align - 1))
			return false;
		in->x = pmb_up(max(in->x, box->low), box->align);
	}
	return true;
}

/* How to get from @f to something at @addr that is fixed inside of @b. */
static bool pmb_way_to_box(struct pmb_work *w, const struct pmb_frame *f, u32 b,
			   u64 addr, struct pmb_way_in *in)
{
	u64 offset = pmb_offset(w, f->top);
	const struct pmb_box *box;
	u32 i;

	in->nr = 0;
	for (; b != PMB_NONE; b = box->up0) {
		box = &w->box[b];
		if (box->state == PMB_BOX_OPEN)
			break;
		if (box->state == PMB_BOX_DONE || box->locked)
			return false;
		w->path[in->nr++] = b;
	}
	if (b == PMB_NONE && in->nr)
		return false;
	in->join = b;
	in->x = f->x;
	if (!pmb_may_end(w, f, b, &in->x))
		return false;
	for (i = in->nr; i-- > 0;) {
		box = &w->box[w->path[i]];
		if (offset & (box->align - 1))
			return false;
		in->x = pmb_up(in->x, box->align);
	}
	return in->x <= addr;
}

static void pmb_remember(struct pmb_work *w, u32 b)
{
	struct pmb_trail *t = &w->trail[w->nr_trail++];

	t->box = b;
	t->state = w->box[b].state;
	t->up = w->box[b].up;
	t->start = w->box[b].start;
	t->end = w->box[b].end;
}

static void pmb_box_begin(struct pmb_work *w, struct pmb_frame *to, u32 b, u64 start)
{
	struct pmb_box *box = &w->box[b];

	pmb_remember(w, b);
	to->key ^= pmb_box_key(w, b, PMB_BOX_OPEN);
	box->state = PMB_BOX_OPEN;
	box->up = to->box;
	box->start = start;
	to->box = b;
}

static void pmb_box_end(struct pmb_work *w, struct pmb_frame *to, u32 b, u64 end)
{
	struct pmb_box *box = &w->box[b];

	pmb_remember(w, b);
	to->key ^= pmb_box_key(w, b, PMB_BOX_OPEN) ^ pmb_box_key(w, b, PMB_BOX_DONE);
	box->state = PMB_BOX_DONE;
	box->end = end;
	to->box = box->up;
}

/* A new frame: @f with the boxes ended and begun for something at @addr. */
static struct pmb_frame *pmb_push(struct pmb_work *w, const struct pmb_frame *f,
				  const struct pmb_way_in *in, u64 addr)
{
	struct pmb_frame *to = &w->frame[w->nr_frames++];
	u64 x = f->x, start;
	u32 i, k;

	*to = *f;
	to->trail = w->nr_trail;
	to->item = PMB_NONE;
	to->entered = false;
	while (to->box != in->join) {
		x = pmb_up(x, w->box[to->box].align);
		pmb_box_end(w, to, to->box, x);
	}
	/* Rounded down once for each box around the address, inner first. */
	for (i = in->nr; i-- > 0;) {
		start = addr;
		for (k = 0; k <= i; k++)
			start = pmb_down(start, w->box[w->path[k]].align);
		pmb_box_begin(w, to, w->path[i], start);
	}
	return to;
}

static void pmb_pins(struct pmb_work *w, const struct pmb_event *ev, bool add)
{
	u32 b = ev->kind == PMB_EV_BLOCK ? ev->box : w->box[ev->box].up0;

	if (ev->into)
		return;
	for (; b != PMB_NONE; b = w->box[b].up0)
		w->box[b].pins += add ? 1 : -1;
}

static void pmb_pop(struct pmb_work *w)
{
	struct pmb_frame *f = &w->frame[--w->nr_frames];
	struct pmb_trail *t;
	struct pmb_box *box;

	while (w->nr_trail > f->trail) {
		t = &w->trail[--w->nr_trail];
		box = &w->box[t->box];
		box->state = t->state;
		box->up = t->up;
		box->start = t->start;
		box->end = t->end;
	}
	if (!w->nr_frames)
		return;
	if (f->item != PMB_NONE) {
		w->item[f->item].placed = false;
		w->nr_left++;
		w->left += w->item[f->item].size;
	} else {
		pmb_pins(w, &w->event[f->ev - 1], true);
	}
}

/* Pass the next event; false: it is not possible from @f. */
static bool pmb_pass(struct pmb_work *w, const struct pmb_frame *f, u32 j)
{
	const struct pmb_event *ev = &w->event[f->ev];
	struct pmb_box *box = &w->box[ev->box];
	struct pmb_way_in in;
	struct pmb_frame *to;

	switch (ev->kind) {
	case PMB_EV_BLOCK:
		if (ev->into) {
			if (!pmb_way_to_bus(w, f, ev->bus, ev->into, ev->depth, j, &in) ||
			    in.x > ev->addr)
				return false;
			break;
		}
		/* The mark of a strict window: it has begun, whatever is inside. */
		if (ev->end == ev->addr && box->state == PMB_BOX_OPEN) {
			in.nr = 0;
			in.join = f->box;
			in.x = f->x;
			if (in.x > ev->addr)
				return false;
			break;
		}
		if (!pmb_way_to_box(w, f, ev->box, ev->addr, &in))
			return false;
		break;
	case PMB_EV_BEGIN:
		if (!pmb_way_to_box(w, f, box->up0, ev->addr, &in))
			return false;
		break;
	default:
		in.nr = 0;
		in.join = ev->box;
		in.x = f->x;
		if (box->state != PMB_BOX_OPEN ||
		    !pmb_may_end(w, f, ev->box, &in.x) || in.x > ev->addr)
			return false;
		break;
	}

	to = pmb_push(w, f, &in, ev->addr);
	if (ev->kind == PMB_EV_BEGIN) {
		pmb_box_begin(w, to, ev->box, ev->addr);
		if (box->top)
			to->top = ev->box;
	} else if (ev->kind == PMB_EV_END) {
		pmb_box_end(w, to, ev->box, ev->addr);
		if (box->top)
			to->top = PMB_NONE;
	}
	to->x = ev->end;
	to->ev = f->ev + 1;
	pmb_pins(w, ev, false);
	return true;
}

/* Place an item behind @j prefetchable windows; false: it is not possible. */
static bool pmb_put(struct pmb_work *w, const struct pmb_frame *f, u32 i, u32 j,
		    bool waste)
{
	struct pmb_item *item = &w->item[i];
	u64 offset = pmb_offset(w, f->top), p, behind;
	u32 block = item->obj < w->nr_wins && w->is_packed[item->obj] ? item->obj : PMB_NONE;
	struct pmb_way_in in;
	struct pmb_frame *to;
	bool wasted;

	if (offset & (item->align - 1))
		return false;
	if (!pmb_way_to_bus(w, f, item->bus, item->into, item->depth, j, &in))
		return false;
	p = pmb_up(max(in.x, item->floor), item->align);
	while (w->nr_ghosts && p + item->size > p &&
	       pmb_meets_ghost(w, item->bus, block, p, p + item->size, &behind))
		p = pmb_up(behind, item->align);
	wasted = p != in.x;
	if (wasted != waste)
		return false;
	if (p == U64_MAX || p + item->size < p ||
	    p + item->size > w->event[f->ev].addr)
		return false;
	if (p + item->size - 1 - offset > item->max)
		return false;

	to = pmb_push(w, f, &in, p);
	to->item = i;
	to->x = p + item->size;
	to->key ^= pmb_item_key(w, i);
	item->at = p;
	item->placed = true;
	w->nr_left--;
	w->left -= item->size;
	return true;
}

/* Has the search been here before, no further along the line? */
static bool pmb_in_vain(struct pmb_work *w, const struct pmb_frame *f)
{
	u64 key = f->key ^ pmb_hash(w->salt ^ ((u64)f->ev << 40));
	struct pmb_memo *memo = &w->memo[key & (BIT(PMB_MEMO_BITS) - 1)];

	if (memo->key == key && memo->x <= f->x)
		return true;
	memo->key = key;
	memo->x = f->x;
	return false;
}

/* Not even the sum of what is left fits into the sum of what is free. */
static bool pmb_too_much(const struct pmb_work *w, const struct pmb_frame *f)
{
	u64 addr = w->event[f->ev].addr;
	u64 here = f->top != PMB_NONE && addr > f->x ? addr - f->x : 0;

	return w->left > here && w->left - here > w->room[f->ev];
}

/* Is some window left for an item, from @x on? */
static bool pmb_has_way(const struct pmb_work *w, const struct pmb_item *item, u64 x)
{
	const struct pmb_box *box;
	u32 s, b;
	u64 last;

	if (x > item->last || item->last - x < item->size - 1)
		return false;
	if (item->bus == w->scope)
		return true;
	for (s = 0; s < PMB_SPACES; s++) {
		b = w->box_of[item->bus * PMB_SPACES + s];
		if (!(item->into & BIT(s)) || b == PMB_NONE)
			continue;
		box = &w->box[b];
		last = min(box->last, item->last);
		if (box->state != PMB_BOX_DONE && x <= last && last - x >= item->size - 1)
			return true;
	}
	return false;
}

/*
 * Some item can get no place any more: its windows have ended, or are far below;
 * or those that must be below 4 GiB are too many.
 */
static bool pmb_doomed(const struct pmb_work *w, const struct pmb_frame *f)
{
	u64 addr = w->event[f->ev].addr, low = 0, room;
	const struct pmb_item *item;
	u32 i;

	for (i = 0; i < w->nr_items; i++) {
		item = &w->item[i];
		if (item->placed)
			continue;
		if (!pmb_has_way(w, item, f->x))
			return true;
		if (item->last <= w->low_last)
			low += item->size;
	}
	if (!low || f->ev > w->low_event)
		return low > 0;
	room = f->top != PMB_NONE && addr > f->x ? addr - f->x : 0;
	return low > room + w->room[f->ev] - w->room[w->low_event];
}

static bool pmb_enter(struct pmb_work *w, struct pmb_frame *f)
{
	f->entered = true;
	f->next = 0;
	f->path = 0;
	f->pass = 0;
	if (!w->nr_left)
		return true;
	if (f->ev == w->nr_events)
		return false;
	return !pmb_too_much(w, f) && !pmb_doomed(w, f) && !pmb_in_vain(w, f);
}

/* Try what has not been tried from @f; false: nothing is left. */
static bool pmb_advance(struct pmb_work *w, struct pmb_frame *f)
{
	const struct pmb_item *item;
	u32 i, j;

	if (f->ev == w->nr_events)
		return false;
	for (; f->pass < 2 && w->nr_left; f->pass++, f->next = 0) {
		for (; f->next < w->nr_items; f->next++, f->path = 0) {
			item = &w->item[f->next];
			if (item->placed || (item->twin != PMB_NONE &&
					     !w->item[item->twin].placed))
				continue;
			while (f->path <= item->depth) {
				i = f->next;
				j = item->depth - f->path++;
				if (pmb_put(w, f, i, j, f->pass))
					return true;
			}
		}
	}
	for (f->pass = 2; f->path <= w->event[f->ev].depth;) {
		j = w->event[f->ev].depth - f->path++;
		if (pmb_pass(w, f, j))
			return true;
	}
	return false;
}

/*
 * What the sweep has found becomes w->best of the objects concerned; false: not all
 * of it can be there.
 */
static bool pmb_harvest(struct pmb_work *w)
{
	const struct pmb_item *item;
	const struct pmb_box *box;
	struct pmb_range r;
	u32 i;

	pmb_best_reset(w);
	for (i = 0; i < w->nr_items; i++) {
		item = &w->item[i];
		r.start = item->at;
		r.size = item->size;
		pmb_set_best(w, item->obj, &r);
	}
	for (i = 0; i < w->nr_boxes; i++) {
		box = &w->box[i];
		if (box->top || box->locked)
			continue;
		r.start = box->state == PMB_BOX_DONE ? box->start : 0;
		r.size = box->state == PMB_BOX_DONE ? box->end - box->start : 0;
		pmb_set_best(w, box->obj, &r);
	}
	return pmb_unpack(w);
}

/**
 * pmb_sweep - find a place for every item of the scene
 * @w: the planner's memory, with a scene from pmb_scene_build()
 *
 * Takes at most w->limit steps, and at most what is left of w->budget.
 *
 * Return: true: w->best of every item and of every box has been set; false:
 * there is no way, or, with w->cut, none has been found.
 */
bool pmb_sweep(struct pmb_work *w)
{
	u64 stop = min(w->budget, w->steps + w->limit);
	struct pmb_frame *f;
	u32 i;

	w->cut = false;
	w->salt = pmb_hash(w->salt);
	w->nr_trail = 0;
	w->nr_frames = 1;
	w->nr_left = w->nr_items;
	w->left = 0;
	for (i = 0; i < w->nr_items; i++)
		w->left += w->item[i].size;

	f = &w->frame[0];
	memset(f, 0, sizeof(*f));
	f->box = PMB_NONE;
	f->top = PMB_NONE;
	f->item = PMB_NONE;
	while (w->nr_frames) {
		f = &w->frame[w->nr_frames - 1];
		if (!w->nr_left && f->ev == w->nr_events) {
			if (pmb_harvest(w))
				return true;
			/* Blocks are not all there is: this is no proof. */
			w->cut = true;
			return false;
		}
		if (!f->entered) {
			w->steps += 1 + w->nr_left / 8;
			if (w->steps > stop) {
				w->cut = true;
				return false;
			}
			if (!pmb_enter(w, f)) {
				pmb_pop(w);
				continue;
			}
		}
		if (!pmb_advance(w, f))
			pmb_pop(w);
	}
	return false;
}
