// SPDX-License-Identifier: GPL-2.0
/*
 * The quick way: places near what is there, and windows that grow as little as
 * possible.
 *
 * Bus by bus, from the leaves to the root, what is to be placed goes, largest
 * alignment first,
 *
 *	1. into the smallest gap inside of a window that suits, else
 *	2. next to what is inside of the window, which grows at one of its ends,
 *	   and so do the windows around it as far as they have to, else
 *	3. if nothing is inside of the window, into a block: all of it, packed.
 *	   The block is one more thing to be placed on the bus above, so that the
 *	   window opens where it wastes least.
 *
 *	2:	|= W =======|new|  sibling		3:	|new|new|
 *		|= window above W ==...|			\_block_/ --> bus above
 *
 * Something prefetchable that can be beyond 4 GiB goes there if the windows that
 * lead to it allow.  There is no search: it finds the common cases in the time
 * that looking at the buses on the way takes, and where it fails, nothing is
 * proved.  Tried with other windows as they are, with those next to it giving way
 * where they are larger than they need to be, with empty ones giving way, wherever
 * they are, with all of them being as small as possible; pmb_settle() gives back
 * what has not been used.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "plan_internal.h"

#define PMB_4G	BIT_ULL(32)

/* What is tried, one after the other. */
static const struct pmb_near_try {
	enum pmb_others others;
	bool low;			/* memory windows before prefetchable ones */
	bool inside;			/* no window grows, and no reserve is lost */
} pmb_near_tries[] = {
	{ PMB_OTHERS_STAY, false, false },
	{ PMB_OTHERS_SHRINK, false, true },
	{ PMB_OTHERS_SLIDE, false, false },
	{ PMB_OTHERS_STAY, true, false },
	{ PMB_OTHERS_SHRINK, false, false },
	{ PMB_OTHERS_SHRINK, true, false },
};

/*
 * How much more than is needed there is in a block: what has to be reserved for
 * the future, all of it, the same part of it for everybody, nothing.
 */
#define PMB_NO_SPARE	3u		/* shift: all, a half, a quarter */

static int pmb_cmp_bus_down(const void *left, const void *right)
{
	u32 a = *(const u32 *)left, b = *(const u32 *)right;

	return a > b ? -1 : a < b;
}

/* Everything is as it is, but for windows that give way and what is to move. */
static void pmb_near_begin(struct pmb_work *w, const struct pmb_near_try *try)
{
	const struct pmb_range none = { 0, 0 };
	u32 i, k, o;

	pmb_best_reset(w);
	for (i = 0; i < w->nr_list; i++)
		pmb_set_best(w, w->list[i], &none);
	if (try->others == PMB_OTHERS_STAY)
		return;
	pmb_index_hulls(w);
	for (i = 0; i < w->nr_bus_list; i++) {
		for (k = w->first[w->bus_list[i]];
		     k < w->first[w->bus_list[i] + 1]; k++) {
			o = w->by_bus[k];
			if (o >= w->nr_wins || pmb_obj_io(w, o) != w->io || w->keep[o])
				continue;
			if (try->inside && w->mark[o / PMB_SPACES] == w->stamp)
				continue;
			if (try->others == PMB_OTHERS_SHRINK || !w->hull[o].size)
				pmb_set_best(w, o, &w->hull[o]);
		}
	}
}

/* Nothing is inside of a window: it may be anywhere.  @w->line is behind it. */
static bool pmb_near_loose(const struct pmb_work *w, u32 obj)
{
	struct pmb_stretch span;

	if (w->keep[obj] || (w->strict[obj] && w->at[obj].size))
		return false;
	return !pmb_line_span(w, &w->best[obj], &span);
}

static bool pmb_pref_first(const struct pmb_work *w, const struct pmb_item *item)
{
	if (item->obj < w->nr_wins)
		return item->obj % PMB_SPACES == PMB_PREF;
	return pmb_bar_of(w, item->obj)->flags & PMB_BAR_PREF;
}

/* Beyond 4 GiB? */
static bool pmb_near_far(const struct pmb_work *w, u32 root)
{
	return w->lay->roots[root].range.start - w->lay->roots[root].offset >= PMB_4G;
}

static void pmb_near_put(struct pmb_work *w, struct pmb_item *item, u64 at)
{
	struct pmb_range r = { .start = at, .size = item->size };

	item->at = at;
	item->placed = true;
	pmb_set_best(w, item->obj, &r);
	pmb_line_add(w, &r);
}

/* Where a window has been; BARs have no wish. */
static u64 pmb_near_wish(const struct pmb_work *w, u32 obj)
{
	if (obj >= w->nr_wins)
		return U64_MAX;
	if (w->at[obj].size)
		return w->at[obj].start;
	return pmb_win(w->lay, obj)->cur.size ? pmb_win(w->lay, obj)->cur.start : U64_MAX;
}

/* A gap in one of the root windows. */
static bool pmb_near_root(struct pmb_work *w, struct pmb_item *item)
{
	const struct pmb_root *root;
	struct pmb_fit fit = { .wish = pmb_near_wish(w, item->obj) };
	bool high = pmb_pref_first(w, item) && item->max > U32_MAX;
	u32 i, pass;

	for (pass = 0; pass < 2 && !fit.found; pass++) {
		root = w->lay->roots;
		for (i = 0; i < w->lay->nr_roots; i++, root++) {
			if (root->host == w->host && (item->into & BIT(root->space)) &&
			    pmb_near_far(w, i) == (pass ? !high : high))
				pmb_line_fit(w, &root->range, root->offset, item, &fit);
		}
	}
	if (fit.found)
		pmb_near_put(w, item, fit.at);
	return fit.found;
}

/* A gap in a window of the bridge above, the window being as it is. */
static bool pmb_near_gap(struct pmb_work *w, struct pmb_item *item, bool low)
{
	u32 base = item->bus * PMB_SPACES, s, obj, k;
	bool pref = pmb_pref_first(w, item);
	struct pmb_fit fit = { .wish = pmb_near_wish(w, item->obj) };
	bool found;
	u64 offset;

	for (k = 0; k < 2 && !fit.found; k++) {
		s = w->io ? PMB_IO : k == pref ? PMB_MEM : PMB_PREF;
		obj = base + s;
		if (!(item->into & BIT(s)) || !w->best[obj].size)
			continue;
		/* A window would rather have the one above grow than be low. */
		if (k && item->obj < w->nr_wins && !low)
			continue;
		offset = pmb_index_offset(w, obj, &found);
		if (found)
			pmb_line_fit(w, &w->best[obj], offset, item, &fit);
	}
	if (fit.found)
		pmb_near_put(w, item, fit.at);
	return fit.found;
}

/* Is something on the bus of window @obj, but not the window, in @r? */
static bool pmb_near_taken(const struct pmb_work *w, u32 obj, const struct pmb_range *r)
{
	const struct pmb_layout *lay = w->lay;
	u32 bus = w->home[obj], k, o;

	for (k = w->first[bus]; k < w->first[bus + 1]; k++) {
		o = w->by_bus[k];
		if (o != obj && pmb_obj_io(w, o) == w->io &&
		    pmb_ranges_overlap(r, &w->best[o]))
			return true;
	}
	for (k = 0; k < w->nr_ghosts; k++) {
		o = w->ghost[k].obj;
		if (w->ghost[k].bus == bus && o != obj && pmb_obj_io(w, o) == w->io &&
		    pmb_ranges_overlap(r, &w->best[o]))
			return true;
	}
	for (k = 0; k < lay->nr_holes; k++) {
		if (lay->holes[k].host == w->host && lay->holes[k].io == w->io &&
		    pmb_ranges_overlap(r, &lay->holes[k].range))
			return true;
	}
	return false;
}

/*
 * Window @obj becomes @r, which holds what it is now; so do those around it as
 * far as they have to.  Without @doit nothing is written.  Returns by how much
 * they grow, in all; U64_MAX: they cannot.
 */
static u64 pmb_near_widen(struct pmb_work *w, u32 obj, struct pmb_range r, bool doit)
{
	const struct pmb_window *win;
	const struct pmb_range *outer;
	u64 offset, sum = 0, last;
	bool found;
	u32 seat;

	offset = pmb_index_offset(w, obj, &found);
	if (!found)
		return U64_MAX;
	for (;; obj = seat) {
		win = pmb_win(w->lay, obj);
		last = pmb_last(&r) | (win->align - 1);
		r.start = pmb_down(r.start, win->align);
		r.size = last - r.start + 1;
		if (w->keep[obj] || last < r.start || last - offset > win->max ||
		    (offset & (win->align - 1)) || pmb_near_taken(w, obj, &r) ||
		    pmb_ghost_bars(w, obj, &r))
			return U64_MAX;
		sum += r.size - w->best[obj].size;
		if (doit)
			pmb_set_best(w, obj, &r);
		seat = w->seat[obj];
		outer = seat < w->nr_wins ? &w->best[seat] :
			&w->lay->roots[seat - w->nr_wins].range;
		if (pmb_range_holds(outer, &r))
			return sum;
		if (seat >= w->nr_wins)
			return U64_MAX;
		last = max(pmb_last(outer), pmb_last(&r));
		r.start = min(outer->start, r.start);
		r.size = last - r.start + 1;
	}
}

/* Window @obj with @item at @at, as it was otherwise. */
static u64 pmb_near_try_at(struct pmb_work *w, u32 obj, struct pmb_item *item, u64 at,
			   bool doit)
{
	const struct pmb_range *best = &w->best[obj];
	u64 offset, last;
	struct pmb_range r;
	bool found;

	offset = pmb_index_offset(w, obj, &found);
	if (!found || (offset & (item->align - 1)) || at + item->size <= at ||
	    at + item->size - 1 - offset > item->max || at < item->floor ||
	    pmb_line_meets(w, at, at + item->size))
		return U64_MAX;
	last = max(pmb_last(best), at + item->size - 1);
	r.start = min(best->start, at);
	r.size = last - r.start + 1;
	return pmb_near_widen(w, obj, r, doit);
}

/* Let window @obj grow at that end where less is wasted. */
static bool pmb_near_grow(struct pmb_work *w, u32 obj, struct pmb_item *item)
{
	u64 up, down, up_cost, down_cost = U64_MAX;
	struct pmb_stretch span;

	if (w->keep[obj] || !w->best[obj].size)
		return false;
	if (!pmb_line_span(w, &w->best[obj], &span)) {
		span.lo = pmb_end(&w->best[obj]);
		span.hi = w->best[obj].start;
	}
	up = pmb_up(span.hi, item->align);
	up_cost = pmb_near_try_at(w, obj, item, up, false);
	down = pmb_down(span.lo - min(span.lo, item->size), item->align);
	if (span.lo >= item->size)
		down_cost = pmb_near_try_at(w, obj, item, down, false);
	if (up_cost == U64_MAX && down_cost == U64_MAX)
		return false;
	if (up_cost > down_cost)
		up = down;
	pmb_near_try_at(w, obj, item, up, true);
	pmb_near_put(w, item, up);
	return true;
}

/* Would a 64-bit window at @bus, and those above, be open beyond 4 GiB? */
static bool pmb_near_tall(const struct pmb_work *w, u32 bus)
{
	u32 i;

	for (; !pmb_is_root(w->lay, bus); bus = pmb_bus_above(w->lay, bus)) {
		if (w->lay->bridges[bus].win[PMB_PREF].max < PMB_4G ||
		    !w->lay->bridges[bus].win[PMB_PREF].align)
			return false;
	}
	for (i = 0; i < w->lay->nr_roots; i++) {
		if (w->lay->roots[i].host == w->host && pmb_near_far(w, i) &&
		    w->lay->roots[i].space != PMB_IO)
			return true;
	}
	return false;
}

/* What is preferred for an item for which there is no gap? */
static bool pmb_near_prefers_pref(struct pmb_work *w, const struct pmb_item *item,
				  bool low)
{
	u32 obj = item->bus * PMB_SPACES + PMB_PREF;

	if (!pmb_pref_first(w, item) || low)
		return false;
	if (item->max > U32_MAX)
		return true;
	/* A window for low addresses must not keep others from going beyond. */
	return pmb_near_loose(w, obj) ? !pmb_near_tall(w, item->bus) :
					w->at[obj].start < PMB_4G;
}

static bool pmb_near_assign(struct pmb_work *w, u32 i, bool low)
{
	struct pmb_item *item = &w->item[i];
	bool pref = pmb_near_prefers_pref(w, item, low);
	u32 k, s, obj;

	for (k = 0; k < 2; k++) {
		s = w->io ? PMB_IO : k == pref ? PMB_MEM : PMB_PREF;
		obj = item->bus * PMB_SPACES + s;
		if (!(item->into & BIT(s)) || !pmb_win(w->lay, obj)->align)
			continue;
		if (pmb_near_loose(w, obj)) {
			item->next = w->content[obj];
			w->content[obj] = i;
			return true;
		}
		if (pmb_near_grow(w, obj, item))
			return true;
		/* Rather let others give way than be below 4 GiB. */
		if (w->io || (pref && item->max > U32_MAX &&
			      pmb_near_tall(w, item->bus)))
			break;
	}
	return false;
}

/* What gave way inside of window @obj comes along into its block. */
static void pmb_near_company(struct pmb_work *w, u32 obj, u32 spare)
{
	const struct pmb_window *win;
	struct pmb_item *item;
	u32 bus = obj / PMB_SPACES, k, o;

	for (k = w->first[bus]; k < w->first[bus + 1]; k++) {
		o = w->by_bus[k];
		if (o >= w->nr_wins || w->mark[o / PMB_SPACES] == w->stamp ||
		    o % PMB_SPACES != obj % PMB_SPACES || w->keep[o] || w->free[o])
			continue;
		win = pmb_win(w->lay, o);
		if (w->best[o].size || !win->align || (!w->at[o].size && !win->reserve))
			continue;
		if (w->at[o].size && w->seat[o] != obj)
			continue;
		item = pmb_add_item(w, o);
		item->into = BIT(obj % PMB_SPACES);
		item->size = pmb_up((w->at[o].size ?: win->reserve) >> spare, win->align);
		item->align = win->align;
		item->max = win->max;
		item->next = w->content[obj];
		w->content[obj] = w->nr_items - 1;
		w->spare += item->size;
	}
}

/* A slot that something comes into is placed as a block, and not as itself too. */
static void pmb_near_no_slot(struct pmb_work *w, u32 bus, u32 obj)
{
	u32 *i = &w->on_bus[bus];

	while (*i != PMB_NONE) {
		if (w->item[*i].obj == obj)
			*i = w->item[*i].next;
		else
			i = &w->item[*i].next;
	}
}

/* A block of all that is to be in window @obj, for the bus above; false: too much. */
static bool pmb_near_block(struct pmb_work *w, u32 obj, u32 spare)
{
	const struct pmb_window *win = pmb_win(w->lay, obj);
	u64 end, align = win->align, max = win->max;
	const struct pmb_range none = { 0, 0 };
	struct pmb_packed *p;
	struct pmb_item *item;
	u32 i, nr = 0;

	if (spare < PMB_NO_SPARE)
		pmb_near_company(w, obj, spare);
	for (i = w->content[obj]; i != PMB_NONE; i = w->item[i].next)
		w->order[nr++] = i;
	if (nr > 1)
		sort_r(w->order, nr, sizeof(*w->order), pmb_cmp_packed, NULL, w);
	end = pmb_pack_offsets(w, nr);
	for (i = 0; i < nr; i++) {
		item = &w->item[w->order[i]];
		align = max(align, item->align);
		max = min(max, item->max);
		item->placed = true;
		p = &w->packed[w->nr_packed++];
		p->obj = item->obj;
		p->up = obj;
		p->offset = item->at;
		p->size = item->size;
	}
	if (spare < PMB_NO_SPARE && win->reserve >> spare > end) {
		w->spare += (win->reserve >> spare) - end;
		end = win->reserve >> spare;
	}
	end = pmb_up(end, win->align);
	if (end == U64_MAX)
		return false;
	item = pmb_add_item(w, obj);
	item->into = BIT(obj % PMB_SPACES);
	if (obj % PMB_SPACES == PMB_PREF)
		item->into |= BIT(PMB_MEM);
	item->size = end;
	item->align = align;
	item->max = max;
	w->content[obj] = PMB_NONE;
	pmb_set_best(w, obj, &none);
	i = w->nr_items - 1;
	if (w->free[obj])
		pmb_near_no_slot(w, item->bus, obj);
	item->next = w->on_bus[item->bus];
	w->on_bus[item->bus] = i;
	return true;
}

/* Place what is on a bus, or send it up. */
static bool pmb_near_bus(struct pmb_work *w, u32 bus, const struct pmb_near_try *try,
			 u32 spare)
{
	bool root = pmb_is_root(w->lay, bus);
	u32 i, s, nr = 0, left = 0;

	for (i = w->on_bus[bus]; i != PMB_NONE; i = w->item[i].next)
		w->order[nr++] = i;
	w->on_bus[bus] = PMB_NONE;
	if (!nr)
		return true;
	w->steps += 1 + nr / 4 + (w->first[bus + 1] - w->first[bus]) / 16;
	if (nr > 1)
		sort_r(w->order, nr, sizeof(*w->order), pmb_cmp_packed, NULL, w);
	pmb_line_build(w, bus);
	for (i = 0; i < nr; i++) {
		if (root ? pmb_near_root(w, &w->item[w->order[i]]) :
			   pmb_near_gap(w, &w->item[w->order[i]], try->low))
			continue;
		w->order[left++] = w->order[i];
	}
	if (root || try->inside)
		return !left;
	for (i = 0; i < left; i++) {
		if (!pmb_near_assign(w, w->order[i], try->low))
			return false;
	}
	for (s = 0; s < PMB_SPACES; s++) {
		if (w->content[bus * PMB_SPACES + s] != PMB_NONE &&
		    !pmb_near_block(w, bus * PMB_SPACES + s, spare))
			return false;
	}
	return true;
}

/* The window of an empty slot is to be placed. */
static struct pmb_item *pmb_near_slot(struct pmb_work *w, u32 obj, u32 spare)
{
	const struct pmb_window *win = pmb_win(w->lay, obj);
	struct pmb_item *item = pmb_add_item(w, obj);

	item->into = BIT(obj % PMB_SPACES);
	if (obj % PMB_SPACES == PMB_PREF)
		item->into |= BIT(PMB_MEM);
	item->size = pmb_up(pmb_reserve_size(w, obj) >> spare, win->align);
	item->align = win->align;
	item->max = win->max;
	return item;
}

/* Has every window as much as it had of its reserve? */
static bool pmb_near_keeps_reserve(const struct pmb_work *w)
{
	u32 i, obj;

	for (i = 0; i < w->nr_dirty && !w->opt->no_reserve; i++) {
		obj = w->dirty[i];
		if (obj < w->nr_wins && w->best[obj].size <
		    min(w->at[obj].size, pmb_win(w->lay, obj)->reserve))
			return false;
	}
	return true;
}

static bool pmb_near_once(struct pmb_work *w, const struct pmb_near_try *try, u32 spare)
{
	struct pmb_item *item;
	bool good = true;
	u32 i, s, bus;

	w->nr_items = 0;
	w->nr_packed = 0;
	w->spare = 0;
	w->others = try->others;
	pmb_near_begin(w, try);
	for (i = 0; i < w->nr_bus_list; i++) {
		bus = w->bus_list[i];
		w->on_bus[bus] = PMB_NONE;
		for (s = 0; s < PMB_SPACES && !pmb_is_root(w->lay, bus); s++)
			w->content[bus * PMB_SPACES + s] = PMB_NONE;
	}
	for (i = 0; i < w->nr_list; i++) {
		item = w->list[i] < w->nr_wins ?
			pmb_near_slot(w, w->list[i], spare) :
			pmb_add_bar(w, w->list[i], 0);
		item->next = w->on_bus[item->bus];
		w->on_bus[item->bus] = i;
	}
	/* The root bus, the scope, is the first one in the list. */
	sort(w->bus_list + 1, w->nr_bus_list - 1, sizeof(*w->bus_list),
	     pmb_cmp_bus_down, NULL);
	for (i = 1; good && i < w->nr_bus_list; i++)
		good = pmb_near_bus(w, w->bus_list[i], try, spare);
	if (!good || !pmb_near_bus(w, w->bus_list[0], try, spare))
		return false;
	if (!pmb_unpack(w) || !pmb_ghosts_fine(w))
		return false;
	pmb_settle(w);
	return !try->inside || pmb_near_keeps_reserve(w);
}

/* Bytes by which windows have grown: all that scarce 32-bit space counts. */
static u64 pmb_near_waste(const struct pmb_work *w)
{
	u64 waste = 0;
	u32 i, obj;

	for (i = 0; i < w->nr_dirty; i++) {
		obj = w->dirty[i];
		if (obj < w->nr_wins && w->best[obj].size > w->at[obj].size &&
		    w->best[obj].start < PMB_4G)
			waste += w->best[obj].size - w->at[obj].size;
	}
	return waste;
}

/* What nobody would call waste. */
static u64 pmb_near_need(const struct pmb_work *w)
{
	u64 need = 0;
	u32 i;

	for (i = 0; i < w->nr_list; i++)
		need += pmb_up(pmb_bar_size(w, w->list[i]), 0x100000) *
			(1 + pmb_depth(w, pmb_obj_bus(w, w->list[i])));
	return 2 * need;
}

/* Is all that is to be placed, and every bus above, where it seems to be? */
static bool pmb_near_suits(const struct pmb_work *w)
{
	u32 i;

	for (i = 0; w->nr_ghosts && i < w->nr_list; i++) {
		if (w->home[w->list[i]] != pmb_obj_bus(w, w->list[i]))
			return false;
	}
	return true;
}

/* One try, with as much to spare as there is room for. */
static bool pmb_near_generous(struct pmb_work *w, const struct pmb_near_try *try)
{
	u32 spare = w->opt->no_reserve ? PMB_NO_SPARE : 0;

	for (; spare <= PMB_NO_SPARE; spare++) {
		w->steps += 1 + w->nr_list / 4;
		if (w->steps >= w->budget)
			return false;
		if (pmb_near_once(w, try, spare))
			return true;
		if (!w->spare)
			return false;
	}
	return false;
}

static bool pmb_near_start(struct pmb_work *w)
{
	pmb_index_limits(w);
	w->scope = w->widest;
	w->latitude = PMB_ANYWHERE;
	pmb_scene_clear(w);
	w->near = pmb_near_suits(w) && pmb_mark_buses(w);
	return w->near;
}

/**
 * pmb_near - place what is wanted without a search
 * @w: the planner's memory; w->list is what to place
 *
 * Return: true: w->best is where everything shall be; false: nothing is known.
 */
bool pmb_near(struct pmb_work *w)
{
	u64 waste, least = U64_MAX, need;
	bool found = false;
	u32 i;

	if (!pmb_near_start(w))
		return false;
	need = pmb_near_need(w);
	for (i = 0; i < ARRAY_SIZE(pmb_near_tries); i++) {
		if (!pmb_near_generous(w, &pmb_near_tries[i]))
			continue;
		waste = pmb_near_waste(w);
		waste -= min(waste, w->spare);
		if (found && waste >= least)
			continue;
		least = waste;
		found = true;
		if (waste <= need)
			break;
		pmb_best_save(w);
	}
	w->near = false;
	if (found && least > need)
		pmb_best_restore(w);
	return found;
}

/**
 * pmb_near_reserve - place the windows of empty slots
 * @w: the planner's memory; w->list is the windows, and their size pmb_reserve_size()
 *
 * Return: true: w->best is where they shall be, perhaps smaller than that.
 */
bool pmb_near_reserve(struct pmb_work *w)
{
	u32 spare;
	bool found = false;

	if (!pmb_near_start(w))
		return false;
	for (spare = 0; spare < PMB_NO_SPARE && !found && w->steps < w->budget; spare++) {
		w->steps += 1 + w->nr_list / 4;
		found = pmb_near_once(w, &pmb_near_tries[0], spare);
	}
	w->near = false;
	return found;
}
