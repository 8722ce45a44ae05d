// SPDX-License-Identifier: GPL-2.0
/*
 * A plan has been carried out, but a driver does not resume at its new address.
 * It may well do at its old one, so a second stop takes it there:
 *
 * - alone, if nobody has come to its old place, and the windows above can be
 *   stretched to cover it without getting in anybody's way:
 *
 *      before          | A |          | B |
 *      after           | new card     | B |   | A |      A does not resume
 *
 *      before          | A |                  | B |
 *      after               | B, grown in front    | A |  old place of A is free
 *      alone back      | A | B, grown in front    |
 *
 * - else everything goes back to where it was.  All other drivers that have been
 *   paused are paused again for that.  Then there can be another plan, in which
 *   this device is fixed.
 *
 * If neither can be, it is asked for the last time where it is.
 *
 * Whether going back alone is legal is left to the verifier.  For it the device
 * is one that has lost its BARs, and the plan gives it the places that it had.
 */
#define pr_fmt(fmt) "pci_movable: " fmt

#include <linux/align.h>
#include <linux/pci.h>
#include <trace/events/pci_movable.h>

#include "back.h"
#include "pin.h"
#include "verify.h"

/**
 * struct back - how things are now, and how they shall be
 * @was: layout before the move
 * @snap: as the snapshot of the move, with the layout that is in force now
 * @plan: from there to where the devices which fail are back alone
 */
struct back {
	const struct pmb_layout *was;
	struct pmb_snapshot snap;
	struct pmb_plan *plan;
};

static bool same(const struct pmb_range *a, const struct pmb_range *b)
{
	return a->size == b->size && (!a->size || a->start == b->start);
}

static bool has_moved(const struct pmb_layout *was, const struct pmb_plan *plan, u32 bar)
{
	return (was->bars[bar].flags & PMB_BAR_PLACED) &&
	       was->bars[bar].start != plan->bar[bar].start;
}

static bool goes_back(const struct back *b, const struct pmb_plan *done,
		      const struct pmb_pause *pause, u32 bar)
{
	return pmb_pause_failed(pause, b->was->bars[bar].dev) && has_moved(b->was, done, bar);
}

static struct pmb_layout *copy_layout(const struct pmb_layout *from)
{
	struct pmb_layout *to = pmb_layout_alloc(&from->max);

	if (!to)
		return NULL;
	to->nr_hosts = from->nr_hosts;
	to->nr_roots = from->nr_roots;
	to->nr_holes = from->nr_holes;
	to->nr_bridges = from->nr_bridges;
	to->nr_devs = from->nr_devs;
	to->nr_bars = from->nr_bars;
	memcpy(to->hosts, from->hosts, from->nr_hosts * sizeof(*from->hosts));
	memcpy(to->roots, from->roots, from->nr_roots * sizeof(*from->roots));
	memcpy(to->holes, from->holes, from->nr_holes * sizeof(*from->holes));
	memcpy(to->bridges, from->bridges, from->nr_bridges * sizeof(*from->bridges));
	memcpy(to->devs, from->devs, from->nr_devs * sizeof(*from->devs));
	memcpy(to->bars, from->bars, from->nr_bars * sizeof(*from->bars));
	return to;
}

static struct pmb_layout *layout_after(const struct pmb_layout *was, const struct pmb_plan *done)
{
	struct pmb_layout *l = copy_layout(was);
	u32 i;

	if (!l)
		return NULL;
	for (i = 0; i < done->nr_wins; i++)
		l->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur = done->win[i];
	for (i = 0; i < done->nr_bars; i++) {
		l->bars[i].flags &= ~PMB_BAR_WANTED;
		if (!done->bar[i].size)
			continue;
		l->bars[i].flags |= PMB_BAR_PLACED;
		l->bars[i].start = done->bar[i].start;
	}
	return l;
}

/* Through which window of a bridge did an address lead?  PMB_SPACES: through none. */
static enum pmb_space window_then(const struct back *b, u32 bridge, bool io,
				  const struct pmb_range *range)
{
	enum pmb_space s;

	for (s = 0; s < PMB_SPACES; s++) {
		bool ports = s == PMB_IO;

		if (ports == io && pmb_range_holds(&b->was->bridges[bridge].win[s].cur, range))
			break;
	}
	return s;
}

static void stretch(struct pmb_range *win, const struct pmb_range *over, u64 align)
{
	u64 start = ALIGN_DOWN(over->start, align);
	u64 last = pmb_last(over) | (align - 1);

	if (win->size) {
		start = min(start, win->start);
		last = max(last, pmb_last(win));
	}
	win->start = start;
	win->size = last - start + 1;
}

/* Windows above that do not lead to the old place any more grow to it. */
static void reach(struct back *b, u32 bar)
{
	const struct pmb_bar *old = &b->was->bars[bar];
	struct pmb_range place = { old->start, old->size };
	struct pmb_range range = place;
	u32 up;

	for (up = b->was->devs[old->dev].bridge; up != PMB_NONE; up = b->was->bridges[up].parent) {
		enum pmb_space s = window_then(b, up, old->flags & PMB_BAR_IO, &place);
		struct pmb_range *win;

		if (s == PMB_SPACES)
			continue;
		win = &b->plan->win[up * PMB_SPACES + s];
		if (win->size && pmb_range_holds(win, &range))
			return;
		stretch(win, &range, b->was->bridges[up].win[s].align);
		range = *win;
	}
}

static void count_windows(struct pmb_plan *plan, const struct pmb_layout *l)
{
	u32 i;

	plan->wins_changed = 0;
	for (i = 0; i < plan->nr_wins; i++)
		plan->wins_changed += !same(&plan->win[i],
					    &l->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur);
}

static void plan_way_back(struct back *b, const struct pmb_plan *done,
			  const struct pmb_pause *pause)
{
	struct pmb_layout *l = b->snap.layout;
	u32 i;

	b->plan->verdict = PMB_PLAN_COMPLETE;
	b->plan->lack.bar = PMB_NONE;
	memcpy(b->plan->win, done->win, done->nr_wins * sizeof(*done->win));
	memcpy(b->plan->bar, done->bar, done->nr_bars * sizeof(*done->bar));
	for (i = 0; i < l->nr_bars; i++) {
		if (!goes_back(b, done, pause, i))
			continue;
		b->plan->bar[i].start = b->was->bars[i].start;
		b->plan->bars_placed++;
		reach(b, i);

		/* For the verifier: see above. */
		l->bars[i].flags &= ~PMB_BAR_PLACED;
		l->bars[i].flags |= PMB_BAR_WANTED;
	}
	count_windows(b->plan, l);
}

/* Now for those who carry it out. */
static void place_again(struct back *b)
{
	struct pmb_layout *l = b->snap.layout;
	u32 i;

	for (i = 0; i < l->nr_bars; i++) {
		if (!(l->bars[i].flags & PMB_BAR_WANTED))
			continue;
		l->bars[i].flags &= ~PMB_BAR_WANTED;
		l->bars[i].flags |= PMB_BAR_PLACED;
	}
	b->plan->bars_moved = b->plan->bars_placed;
	b->plan->bars_placed = 0;
}

static int run(struct pmb_commit *commit, struct pmb_outcome *sum)
{
	struct pmb_outcome outcome;

	if (IS_ERR(commit))
		return PTR_ERR(commit);
	pmb_commit_run(commit, &outcome);
	pmb_commit_free(commit);
	pmb_outcome_add(sum, &outcome);
	return outcome.error;
}

static void take_over(struct pmb_plan *done, const struct back *b)
{
	memcpy(done->win, b->plan->win, done->nr_wins * sizeof(*done->win));
	memcpy(done->bar, b->plan->bar, done->nr_bars * sizeof(*done->bar));
	done->bars_moved -= b->plan->bars_moved;
	count_windows(done, b->was);
}

static int prepare_alone(struct back *b, const struct pmb_plan *done,
			 const struct pmb_pause *pause)
{
	static const struct pmb_options options;

	b->snap.layout = layout_after(b->was, done);
	b->plan = b->snap.layout ? pmb_plan_alloc(b->snap.layout) : NULL;
	if (!b->plan)
		return -ENOMEM;
	plan_way_back(b, done, pause);
	return pmb_verify(b->snap.layout, &options, b->plan, NULL, 0);
}

static int back_alone(struct pmb_snapshot *snap, struct pmb_plan *done,
		      const struct pmb_pause *pause, struct pmb_outcome *outcome)
{
	struct back b = { .was = snap->layout, .snap = *snap };
	u32 stuck;
	int err;

	err = prepare_alone(&b, done, pause);
	if (!err) {
		place_again(&b);
		err = run(pmb_commit_prepare(&b.snap, b.plan, &stuck), outcome);
	}
	if (!err)
		take_over(done, &b);
	pmb_plan_free(b.plan);
	pmb_layout_free(b.snap.layout);
	return err;
}

static int back_as_a_whole(struct pmb_commit *done, struct pmb_pause *pause,
			   struct pmb_outcome *outcome)
{
	u32 stuck;
	int err = pmb_pause_drivers(pause);

	return err ?: run(pmb_commit_reverse(done, &stuck), outcome);
}

static void pin_failed(struct pmb_layout *l, const struct pmb_pause *pause)
{
	u32 i;

	for (i = 0; i < l->nr_devs; i++)
		if (pmb_pause_failed(pause, i))
			pmb_pin_device(l, i, PMB_WHY_REFUSED);
}

static void tell(const struct pmb_snapshot *snap, const struct pmb_pause *pause, const char *how)
{
	u32 i;

	for (i = 0; i < snap->layout->nr_devs; i++) {
		if (!pmb_pause_failed(pause, i))
			continue;
		trace_pci_movable_roll_back(pci_name(snap->dev[i]), how);
		pr_warn("%s: %s\n", pci_name(snap->dev[i]), how);
	}
}

/**
 * pmb_back - take drivers that do not resume back to where they were
 * @snap: the snapshot before the move
 * @plan: what was carried out; what is in force when this returns
 * @done: the commit that did it
 * @pause: has drivers that failed, see pmb_pause_resume()
 * @outcome: what is done here is added
 *
 * pmb_pause_finish() has to follow.
 *
 * Context: may sleep; locks and scope as for pmb_pause_resume().
 *
 * Return: 0: @plan says how things are now; -EAGAIN: all are back where they
 * were before, and the devices that failed are fixed in @snap.
 */
int pmb_back(struct pmb_snapshot *snap, struct pmb_plan *plan, struct pmb_commit *done,
	     struct pmb_pause *pause, struct pmb_outcome *outcome)
{
	pmb_commit_settle(done);
	if (!back_alone(snap, plan, pause, outcome)) {
		tell(snap, pause, "gets its old address back");
		return 0;
	}
	if (!back_as_a_whole(done, pause, outcome)) {
		tell(snap, pause, "everything is back at its old address");
		pin_failed(snap->layout, pause);
		return -EAGAIN;
	}
	tell(snap, pause, "there is no way back to its old address");
	return 0;
}
