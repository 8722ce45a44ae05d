// SPDX-License-Identifier: GPL-2.0
/*
 * The judge of plans.
 *
 * A plan is only ever carried out after this file has found nothing wrong
 * with it.  The judge shares no code with the planner, and it looks at the
 * result alone: where every window and BAR was ("now") and where the plan
 * puts it ("then").  It goes through these questions:
 *
 * 1. Single objects: is a fixed BAR where it was, has every placed BAR still a
 *    place, is everything aligned, in reach of its registers, clear of holes?
 * 2. Ways: an access comes from the CPU through a root window and through a
 *    window of each bridge on the way.  What stays where it was has to be
 *    covered as before; what the plan puts somewhere has to be in a window of a
 *    kind that suits it, and no bridge further up may cut a BAR off.
 * 3. Buses: all that answers on one bus, windows and BARs, is sorted by
 *    address; one sweep finds what overlaps.
 * 4. The books: the numbers which the plan gives about itself.
 *
 * What was wrong before (firmware does such things) and is left exactly as it
 * was is not held against the plan.  Hence most checks are about what changes.
 *
 * Below a bridge with subtractive decode, an object may be outside of all
 * windows of its bridge.  It answers on the bus above then, next to the
 * bridge itself, and perhaps one further up:
 *
 *	root bus	|-- A --|-------- window of T ---|---- X ----|
 *	behind T	         |--- Y ---|                  X
 *
 * T is transparent, X is behind T.  X takes part in both lines of the drawing.
 */
#include <linux/types.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "verify_judge.h"

#define PMB_NAMED_LEN	(PMB_NAME_LEN + 32)

static const struct pmb_options pmb_no_options;

/**
 * pmb_judge_guilty - say why a plan is rejected
 * @j: the trial
 * @fmt: a sentence without a full stop
 *
 * Context: any.
 * Return: -EINVAL.
 */
int pmb_judge_guilty(struct pmb_judge *j, const char *fmt, ...)
{
	va_list args;

	if (j->why && j->len) {
		va_start(args, fmt);
		vsnprintf(j->why, j->len, fmt, args);
		va_end(args);
	}
	return -EINVAL;
}

static bool wraps(const struct pmb_range *r)
{
	return r->size && pmb_last(r) < r->start;
}

static bool holds(const struct pmb_range *outer, const struct pmb_range *inner)
{
	return outer->size && inner->size && outer->start <= inner->start &&
	       pmb_last(inner) <= pmb_last(outer);
}

/* Objects by number: all windows, then all BARs */

static u32 bar_id(const struct pmb_judge *j, u32 bar)
{
	return j->lay->nr_bridges * PMB_SPACES + bar;
}

static const char *pmb_name_object(const struct pmb_judge *j, u32 id, char *buf)
{
	u32 nr_wins = j->lay->nr_bridges * PMB_SPACES;
	const struct pmb_bar *bar;

	if (id < nr_wins) {
		snprintf(buf, PMB_NAMED_LEN, "%.*s %s window", PMB_NAME_LEN,
			 j->lay->bridges[id / PMB_SPACES].name,
			 pmb_space_text(id % PMB_SPACES));
	} else {
		bar = &j->lay->bars[id - nr_wins];
		snprintf(buf, PMB_NAMED_LEN, "%.*s BAR %u", PMB_NAME_LEN,
			 j->lay->devs[bar->dev].name, bar->res);
	}
	return buf;
}

/* Does a window of a bridge, now or then, hold @r? */
static bool held(const struct pmb_judge *j, u32 bridge, bool io,
		 const struct pmb_range *r, bool then)
{
	enum pmb_space s;

	for (s = 0; s < PMB_SPACES; s++) {
		if (space_io(s) == io &&
		    holds(then ? win_then(j, bridge, s) : win_now(j, bridge, s), r))
			return true;
	}
	return false;
}

static const struct pmb_root *root_of(const struct pmb_judge *j, u32 host,
				      bool io, const struct pmb_range *r)
{
	const struct pmb_root *root = j->lay->roots;
	u32 i;

	for (i = 0; i < j->lay->nr_roots; i++, root++) {
		if (root->host == host && space_io(root->space) == io &&
		    holds(&root->range, r))
			return root;
	}
	return NULL;
}

/**
 * struct pmb_carrier - who passes accesses on to an object which keeps its place
 * @found: somebody does
 * @bridge: the bridge, or PMB_NONE: a root window
 */
struct pmb_carrier {
	bool found;
	u32 bridge;
};

/*
 * Climb from the bus where an object is to the bridge which decodes it
 * positively; only transparent bridges may be climbed over.  Then, no bridge
 * may be climbed over of which a window held the object before.
 */
static struct pmb_carrier carrier_of(const struct pmb_judge *j, u32 host,
				     u32 bridge, bool io,
				     const struct pmb_range *r, bool then)
{
	struct pmb_carrier c = { .found = false };

	for (; bridge != PMB_NONE; bridge = j->lay->bridges[bridge].parent) {
		c.bridge = bridge;
		c.found = held(j, bridge, io, r, then);
		if (c.found)
			return c;
		if (!(j->lay->bridges[bridge].flags & PMB_BRIDGE_TRANSPARENT))
			return c;
		if (then && held(j, bridge, io, r, false))
			return c;
	}
	c.bridge = PMB_NONE;
	c.found = root_of(j, host, io, r);
	return c;
}

/*
 * May a range of @space (of a window, or of a BAR) that is new where it is be
 * in @outer?  Memory goes into memory windows, prefetchable memory into both.
 */
static bool space_suits(enum pmb_space space, enum pmb_space outer)
{
	return space == outer || (space == PMB_PREF && outer == PMB_MEM);
}

/* The exception for 64-bit BARs which are not prefetchable. */
static bool relaxed_suits(const struct pmb_judge *j, const struct pmb_bar *bar,
			  u32 bridge, enum pmb_space outer)
{
	const struct pmb_bridge *b;

	if (!j->opt->relaxed_pref || outer != PMB_PREF ||
	    !(bar->flags & PMB_BAR_64) || (bar->flags & PMB_BAR_IO))
		return false;
	if (bridge == PMB_NONE)
		return true;
	b = &j->lay->bridges[bridge];
	return (b->flags & PMB_BRIDGE_PCIE) && b->win[PMB_PREF].max > U32_MAX;
}

/*
 * What is not prefetchable and stays must not find itself in a prefetchable window
 * in which it has not been.  @bar: NULL for a window.
 */
static bool kept_suits(const struct pmb_judge *j, u32 bridge, enum pmb_space space,
		       const struct pmb_bar *bar, const struct pmb_range *r)
{
	if (space != PMB_MEM || bridge == PMB_NONE)
		return true;
	if (holds(win_then(j, bridge, PMB_MEM), r) ||
	    !holds(win_then(j, bridge, PMB_PREF), r))
		return true;
	return holds(win_now(j, bridge, PMB_PREF), r) ||
	       (bar && relaxed_suits(j, bar, bridge, PMB_PREF));
}

/* An object stays where it is: is it lost although it was not before? */
static int judge_kept(struct pmb_judge *j, u32 id, u32 host, u32 bridge,
		      enum pmb_space space, const struct pmb_bar *bar,
		      const struct pmb_range *r)
{
	struct pmb_carrier now, then;
	bool io = space_io(space);
	char name[PMB_NAMED_LEN];

	then = carrier_of(j, host, bridge, io, r, true);
	if (then.found && !kept_suits(j, then.bridge, space, bar, r))
		return pmb_judge_guilty(j, "a prefetchable window is put over %s, kept at %#llx",
					pmb_name_object(j, id, name),
					(unsigned long long)r->start);
	if (then.found)
		return 0;
	now = carrier_of(j, host, bridge, io, r, false);
	if (!now.found)
		return 0;
	return pmb_judge_guilty(j, "%s stays at %#llx, but no window covers it any more",
				pmb_name_object(j, id, name),
				(unsigned long long)r->start);
}

/*
 * Is a range that is new on a bus inside a window of the bridge above, or a root
 * window, of a kind that suits it?  @bar: NULL for a window.
 */
static bool new_suits(const struct pmb_judge *j, u32 host, u32 bridge,
		      enum pmb_space space, const struct pmb_bar *bar,
		      const struct pmb_range *r)
{
	const struct pmb_root *root = j->lay->roots;
	enum pmb_space s;
	u32 i;

	for (s = 0; bridge != PMB_NONE && s < PMB_SPACES; s++) {
		if (holds(win_then(j, bridge, s), r) &&
		    (space_suits(space, s) ||
		     (bar && relaxed_suits(j, bar, bridge, s))))
			return true;
	}
	for (i = 0; bridge == PMB_NONE && i < j->lay->nr_roots; i++, root++) {
		if (root->host == host && holds(&root->range, r) &&
		    (space_suits(space, root->space) ||
		     (bar && relaxed_suits(j, bar, bridge, root->space))))
			return true;
	}
	return false;
}

/*
 * Do all bridges from @bridge upwards pass accesses to @r on?  That is not
 * certain even inside of a suitable window: firmware may have left a window
 * which sticks out of the one above.
 */
static bool passed_on(const struct pmb_judge *j, u32 bridge, bool io,
		      const struct pmb_range *r)
{
	const struct pmb_bridge *b;

	for (; bridge != PMB_NONE; bridge = b->parent) {
		b = &j->lay->bridges[bridge];
		if (!held(j, bridge, io, r, true) &&
		    !(b->flags & PMB_BRIDGE_TRANSPARENT))
			return false;
	}
	return true;
}

/*
 * A hole that overlaps @r.  Up to the first entry of the table that ends at or
 * behind the start of @r every hole ends before; if that one begins behind @r,
 * so do the others.
 */
static const struct pmb_hole *hole_in(const struct pmb_judge *j, u32 host, bool io,
				      const struct pmb_range *r)
{
	u32 lo = 0, hi = j->nr_holes, mid;
	const struct pmb_seat *h;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		h = &j->hole[mid];
		if (h->bus < host || (h->bus == host && h->io < io) ||
		    (h->bus == host && h->io == io && h->last < r->start))
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == j->nr_holes)
		return NULL;
	h = &j->hole[lo];
	if (h->bus == host && h->io == io && h->start <= pmb_last(r))
		return &j->lay->holes[h->id];
	return NULL;
}

/* What holds for every range that is new, window or BAR */
static int judge_new(struct pmb_judge *j, u32 id, u32 host, bool io,
		     const struct pmb_range *r, u64 align, u64 max)
{
	const struct pmb_root *root = root_of(j, host, io, r);
	const struct pmb_hole *hole = hole_in(j, host, io, r);
	char name[PMB_NAMED_LEN];

	pmb_name_object(j, id, name);
	if (hole)
		return pmb_judge_guilty(j, "%s at %#llx is put over the hole \"%.*s\"",
					name, (unsigned long long)r->start,
					PMB_NAME_LEN, hole->name);
	if (!root)
		return pmb_judge_guilty(j, "%s at %#llx is put outside of every root window",
					name, (unsigned long long)r->start);
	/* The registers hold bus addresses; both have to be aligned. */
	if ((r->start | (r->start - root->offset)) & (align - 1))
		return pmb_judge_guilty(j, "%s at %#llx (on the bus %#llx) is not aligned to %#llx",
					name, (unsigned long long)r->start,
					(unsigned long long)(r->start - root->offset),
					(unsigned long long)align);
	if (pmb_last(r) - root->offset > max)
		return pmb_judge_guilty(j, "%s ends at bus address %#llx, its registers at %#llx",
					name,
					(unsigned long long)(pmb_last(r) - root->offset),
					(unsigned long long)max);
	return 0;
}

/*
 * One object on one bus.  Counts only while there is no memory yet, so that the
 * same code says how much is needed.
 */
static void seat(struct pmb_judge *j, u32 id, u32 host, u32 bridge, bool io,
		 bool kept, const struct pmb_range *r)
{
	struct pmb_seat *s;

	if (j->seat) {
		s = &j->seat[j->nr_seats];
		s->bus = bridge == PMB_NONE ? j->lay->nr_bridges + host : bridge;
		s->io = io;
		s->kept = kept;
		s->id = id;
		s->start = r->start;
		s->last = pmb_last(r);
	}
	j->nr_seats++;
}

/* An object on its own bus and, below transparent bridges, on those above */
static void seat_all(struct pmb_judge *j, u32 id, u32 host, u32 bridge, bool io,
		     bool kept, const struct pmb_range *r)
{
	struct pmb_carrier c;

	if (!r->size)
		return;
	seat(j, id, host, bridge, io, kept, r);
	if (!kept)
		return;
	c = carrier_of(j, host, bridge, io, r, true);
	if (!c.found)
		return;
	while (bridge != c.bridge) {
		bridge = j->lay->bridges[bridge].parent;
		seat(j, id, host, bridge, io, kept, r);
	}
}

static void seat_everything(struct pmb_judge *j)
{
	const struct pmb_layout *lay = j->lay;
	const struct pmb_bar *bar;
	const struct pmb_dev *dev;
	enum pmb_space s;
	u32 i;

	j->nr_seats = 0;
	for (i = 0; i < lay->nr_bridges; i++) {
		for (s = 0; s < PMB_SPACES; s++)
			seat_all(j, win_id(i, s), lay->bridges[i].host,
				 lay->bridges[i].parent, space_io(s),
				 same(win_now(j, i, s), win_then(j, i, s)),
				 win_then(j, i, s));
	}
	for (i = 0; i < lay->nr_bars; i++) {
		bar = &lay->bars[i];
		dev = &lay->devs[bar->dev];
		seat_all(j, bar_id(j, i), dev->host, dev->bridge,
			 bar->flags & PMB_BAR_IO, bar_kept(j, i), &j->plan->bar[i]);
	}
}

static int cmp_seats(const void *left, const void *right)
{
	const struct pmb_seat *a = left, *b = right;

	if (a->bus != b->bus)
		return a->bus < b->bus ? -1 : 1;
	if (a->io != b->io)
		return a->io < b->io ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static int judge_pair(struct pmb_judge *j, const struct pmb_seat *a,
		      const struct pmb_seat *b)
{
	char one[PMB_NAMED_LEN], other[PMB_NAMED_LEN];

	return pmb_judge_guilty(j, "%s and %s overlap at %#llx on one bus",
				pmb_name_object(j, a->id, one),
				pmb_name_object(j, b->id, other),
				(unsigned long long)b->start);
}

/*
 * R6: one sweep over each bus by rising start.  Of what lies before, only the
 * object that ends last matters: if any of them overlaps the next one, that one
 * does.  Two objects which both keep their place may overlap; hence the last
 * end is known twice, of all objects and of those that are new.
 */
static int judge_buses(struct pmb_judge *j)
{
	const struct pmb_seat *any = NULL, *fresh = NULL, *s = j->seat;
	size_t i;

	sort(j->seat, j->nr_seats, sizeof(*j->seat), cmp_seats, NULL);
	for (i = 0; i < j->nr_seats; i++, s++) {
		if (any && (any->bus != s->bus || any->io != s->io)) {
			any = NULL;
			fresh = NULL;
		}
		if (!s->kept && any && any->last >= s->start)
			return judge_pair(j, any, s);
		if (fresh && fresh->last >= s->start)
			return judge_pair(j, fresh, s);
		if (!any || any->last < s->last)
			any = s;
		if (!s->kept && (!fresh || fresh->last < s->last))
			fresh = s;
	}
	return 0;
}

/* R5 and R7 for one window */
static int judge_window(struct pmb_judge *j, u32 bridge, enum pmb_space s)
{
	const struct pmb_bridge *b = &j->lay->bridges[bridge];
	const struct pmb_window *w = &b->win[s];
	const struct pmb_range *then = win_then(j, bridge, s);
	u32 id = win_id(bridge, s);
	char name[PMB_NAMED_LEN];
	int err;

	if (!then->size && then->start)
		return pmb_judge_guilty(j, "%s is closed, but not written as {0, 0}",
					pmb_name_object(j, id, name));
	if (!then->size)
		return 0;
	if (same(&w->cur, then))
		return judge_kept(j, id, b->host, b->parent, s, NULL, then);
	if (!w->align)
		return pmb_judge_guilty(j, "%s is opened, but the bridge has none",
					pmb_name_object(j, id, name));
	if (wraps(then) || then->size & (w->align - 1))
		return pmb_judge_guilty(j, "%s has the impossible size %#llx",
					pmb_name_object(j, id, name),
					(unsigned long long)then->size);
	err = judge_new(j, id, b->host, space_io(s), then, w->align, w->max);
	if (err)
		return err;
	if (!new_suits(j, b->host, b->parent, s, NULL, then))
		return pmb_judge_guilty(j, "%s at %#llx is not inside a window above that suits",
					pmb_name_object(j, id, name),
					(unsigned long long)then->start);
	return 0;
}

static enum pmb_space bar_space(const struct pmb_bar *bar)
{
	if (bar->flags & PMB_BAR_IO)
		return PMB_IO;
	return bar->flags & PMB_BAR_PREF ? PMB_PREF : PMB_MEM;
}

static bool is_behind(const struct pmb_judge *j, u32 bridge, u32 above)
{
	while (bridge != PMB_NONE && bridge != above)
		bridge = j->lay->bridges[bridge].parent;
	return bridge == above;
}

/* Something new at @r behind @bridge: is it where @win and @other overlap? */
static int judge_shaded(struct pmb_judge *j, u32 id, u32 bridge,
			const struct pmb_range *r, const struct pmb_seat *win,
			const struct pmb_seat *other)
{
	char name[PMB_NAMED_LEN], of[PMB_NAMED_LEN];

	if (!r->size || r->start > min(win->last, other->last) ||
	    pmb_last(r) < max(win->start, other->start) ||
	    !is_behind(j, bridge, win->id / PMB_SPACES))
		return 0;
	return pmb_judge_guilty(j, "%s at %#llx is put where %s answers further up",
				pmb_name_object(j, id, name),
				(unsigned long long)r->start,
				pmb_name_object(j, other->id, of));
}

/*
 * R6: a window and something else overlap as they did before.  Nobody knows who
 * answers there, so nothing new may be there behind the window.
 */
static int judge_shadow(struct pmb_judge *j, const struct pmb_seat *win,
			const struct pmb_seat *other)
{
	const struct pmb_layout *lay = j->lay;
	u32 i, nr_wins = lay->nr_bridges * PMB_SPACES;
	int err = 0;

	if (win->id >= nr_wins)
		return 0;
	for (i = 0; i < nr_wins && !err; i++) {
		if (space_io(i % PMB_SPACES) == win->io &&
		    !same(&lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur,
			  &j->plan->win[i]))
			err = judge_shaded(j, i, lay->bridges[i / PMB_SPACES].parent,
					   &j->plan->win[i], win, other);
	}
	for (i = 0; i < lay->nr_bars && !err; i++) {
		if (!(lay->bars[i].flags & PMB_BAR_IO) == !win->io && !bar_kept(j, i))
			err = judge_shaded(j, bar_id(j, i),
					   lay->devs[lay->bars[i].dev].bridge,
					   &j->plan->bar[i], win, other);
	}
	return err;
}

/* All pairs that overlap now as before; as a rule there are none. */
static int judge_shadows(struct pmb_judge *j)
{
	const struct pmb_seat *s, *t, *end = j->seat + j->nr_seats;
	int err = 0;

	for (s = j->seat; s < end && !err; s++) {
		for (t = s + 1; t < end && !err; t++) {
			if (t->bus != s->bus || t->io != s->io || t->start > s->last)
				break;
			err = judge_shadow(j, s, t) ?: judge_shadow(j, t, s);
		}
	}
	return err;
}

static u64 bar_max(const struct pmb_bar *bar)
{
	if ((bar->flags & (PMB_BAR_IO | PMB_BAR_64)) == PMB_BAR_64)
		return U64_MAX;
	return U32_MAX;
}

/* R13: only a Resizable BAR that had no place may choose among its sizes. */
static bool chooses_size(const struct pmb_bar *bar)
{
	return bar->sizes && (bar->flags & PMB_BAR_WANTED);
}

static bool size_allowed(const struct pmb_bar *bar, u64 size)
{
	if (!chooses_size(bar))
		return size == bar->size;
	return !(size & (size - 1)) && (bar->sizes & (size >> 20));
}

/* R1, R2: does a BAR have the place that it must have, or may not have? */
static int judge_claim(struct pmb_judge *j, u32 i)
{
	const struct pmb_bar *bar = &j->lay->bars[i];
	const struct pmb_range *then = &j->plan->bar[i];
	bool placed = bar->flags & PMB_BAR_PLACED;
	char name[PMB_NAMED_LEN];

	pmb_name_object(j, bar_id(j, i), name);
	if (placed && !then->size)
		return pmb_judge_guilty(j, "%s loses its place", name);
	if (then->size && !size_allowed(bar, then->size))
		return pmb_judge_guilty(j, "%s changes its size to %#llx", name,
					(unsigned long long)then->size);
	if (wraps(then))
		return pmb_judge_guilty(j, "%s goes past the last address", name);
	if (placed && !bar_kept(j, i) &&
	    (pmb_bar_fixed(bar) || j->lay->devs[bar->dev].way == PMB_WAY_NEVER))
		return pmb_judge_guilty(j, "%s is fixed, but moves to %#llx", name,
					(unsigned long long)then->start);
	if (placed && !bar_kept(j, i) && (bar->flags & PMB_BAR_STRICT))
		return pmb_judge_guilty(j, "%s is strict, but moves to %#llx", name,
					(unsigned long long)then->start);
	if (!placed && then->size && pmb_bar_fixed(bar))
		return pmb_judge_guilty(j, "%s is fixed without a place, but gets one",
					name);
	if (!placed && then->size && !(bar->flags & PMB_BAR_WANTED))
		return pmb_judge_guilty(j, "%s gets a place that nobody wants", name);
	return 0;
}

/* R3, R4, R7 for one BAR */
static int judge_bar(struct pmb_judge *j, u32 i)
{
	const struct pmb_bar *bar = &j->lay->bars[i];
	const struct pmb_dev *dev = &j->lay->devs[bar->dev];
	const struct pmb_range *then = &j->plan->bar[i];
	bool io = bar->flags & PMB_BAR_IO;
	char name[PMB_NAMED_LEN];
	int err;

	err = judge_claim(j, i);
	if (err || !then->size)
		return err;
	if (bar_kept(j, i))
		return judge_kept(j, bar_id(j, i), dev->host, dev->bridge,
				  bar_space(bar), bar, then);
	err = judge_new(j, bar_id(j, i), dev->host, io, then,
			chooses_size(bar) ? then->size : bar->align, bar_max(bar));
	if (err)
		return err;
	pmb_name_object(j, bar_id(j, i), name);
	if (!new_suits(j, dev->host, dev->bridge, bar_space(bar), bar, then))
		return pmb_judge_guilty(j, "%s at %#llx is not inside a window above that suits",
					name, (unsigned long long)then->start);
	if (!passed_on(j, dev->bridge, io, then))
		return pmb_judge_guilty(j, "%s at %#llx is cut off by a bridge further up",
					name, (unsigned long long)then->start);
	return 0;
}

/* R8: a window that held a strict BAR holds all that it held */
static int judge_strict(struct pmb_judge *j, u32 i)
{
	const struct pmb_bar *bar = &j->lay->bars[i];
	struct pmb_range now = bar_now(bar);
	u32 b = j->lay->devs[bar->dev].bridge;
	bool io = bar->flags & PMB_BAR_IO;
	char name[PMB_NAMED_LEN], of[PMB_NAMED_LEN];
	enum pmb_space s;

	for (; b != PMB_NONE; b = j->lay->bridges[b].parent) {
		for (s = 0; s < PMB_SPACES; s++) {
			if (space_io(s) != io || !holds(win_now(j, b, s), &now) ||
			    holds(win_then(j, b, s), win_now(j, b, s)))
				continue;
			return pmb_judge_guilty(j, "%s above the strict %s shrinks or moves",
						pmb_name_object(j, win_id(b, s), of),
						pmb_name_object(j, bar_id(j, i), name));
		}
	}
	return 0;
}

/* Everything about addresses, from the root downwards */
static int judge_places(struct pmb_judge *j)
{
	const struct pmb_layout *lay = j->lay;
	enum pmb_space s;
	int err = 0;
	u32 i;

	for (i = 0; i < lay->nr_bridges && !err; i++) {
		for (s = 0; s < PMB_SPACES && !err; s++)
			err = judge_window(j, i, s);
	}
	for (i = 0; i < lay->nr_bars && !err; i++)
		err = judge_bar(j, i);
	for (i = 0; i < lay->nr_bars && !err; i++) {
		if ((lay->bars[i].flags & PMB_BAR_STRICT) &&
		    (lay->bars[i].flags & PMB_BAR_PLACED))
			err = judge_strict(j, i);
	}
	return err;
}

/* The holes by host, kind and address, with the furthest end up to each */
static void sort_holes(struct pmb_judge *j)
{
	const struct pmb_hole *hole = j->lay->holes;
	struct pmb_seat *h = j->hole;
	u32 i, n = 0;

	for (i = 0; i < j->lay->nr_holes; i++, hole++) {
		if (!hole->range.size)
			continue;
		h[n].bus = hole->host;
		h[n].io = hole->io;
		h[n].id = i;
		h[n].start = hole->range.start;
		h[n].last = pmb_last(&hole->range);
		n++;
	}
	j->nr_holes = n;
	sort(h, n, sizeof(*h), cmp_seats, NULL);
	for (i = 1; i < n; i++) {
		if (h[i].bus == h[i - 1].bus && h[i].io == h[i - 1].io)
			h[i].last = max(h[i].last, h[i - 1].last);
	}
}

static int judge_all(struct pmb_judge *j)
{
	int err;

	sort_holes(j);
	err = judge_places(j);
	if (err)
		return err;
	seat_everything(j);	/* only counts */
	j->seat = kvcalloc(j->nr_seats + 1, sizeof(*j->seat), GFP_KERNEL);
	if (!j->seat)
		return -ENOMEM;
	seat_everything(j);
	return judge_buses(j) ?: judge_shadows(j) ?: pmb_judge_books(j);
}

/**
 * pmb_verify - find out whether a plan may be carried out
 * @layout: how things are; pmb_layout_check() has found nothing wrong with it
 * @opt: what the planner was told, NULL: nothing
 * @plan: how things shall be
 * @why: gets a sentence which names the objects when the plan is rejected;
 *	left alone otherwise; may be NULL
 * @len: size of @why in bytes
 *
 * A plan is judged against the rules which every plan obeys: what is fixed
 * stays, nothing is lost, everything decodes and nothing overlaps afterwards,
 * and the plan's own numbers are right.  Whether a cheaper plan exists is not
 * asked.  Takes time in proportion to n log n for n BARs and windows, times the
 * depth of the tree where bridges are transparent or BARs strict.
 *
 * Context: process context, may sleep (allocates).
 * Return: 0; -EINVAL when the plan breaks a rule; -ENOMEM.
 */
int pmb_verify(const struct pmb_layout *layout, const struct pmb_options *opt,
	       const struct pmb_plan *plan, char *why, size_t len)
{
	struct pmb_judge j = {
		.lay = layout, .opt = opt ?: &pmb_no_options, .plan = plan,
		.why = why, .len = len,
	};
	int err = -ENOMEM;

	if (plan->nr_wins != layout->nr_bridges * PMB_SPACES ||
	    plan->nr_bars != layout->nr_bars)
		return pmb_judge_guilty(&j, "the plan is for another layout");

	j.hole = kvcalloc(layout->nr_holes + 1, sizeof(*j.hole), GFP_KERNEL);
	j.dev = kvcalloc(layout->nr_devs + 1, sizeof(*j.dev), GFP_KERNEL);
	if (j.hole && j.dev)
		err = judge_all(&j);
	kvfree(j.seat);
	kvfree(j.dev);
	kvfree(j.hole);
	return err;
}
