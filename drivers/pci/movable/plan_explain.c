// SPDX-License-Identifier: GPL-2.0
/*
 * Why a BAR got no place.
 *
 * The planner asks itself what would help: if a small set of fixed BARs could be
 * moved, would there be a way?  These are the blockers.  Where the ways to the
 * first of them and to the BAR part, the window towards the BAR is the one that
 * cannot become large enough:
 *
 *	--- bus ---+--- window (the limit) --- ... --- BAR without a place
 *	           +--- window            --- ... --- blocker
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "plan_internal.h"

#define PMB_EXPLAIN_STEPS	100000u

/* A memory BAR whose device wants another one that cannot be placed. */
static bool pmb_hopeless(const struct pmb_work *w, const struct pmb_bar *bar)
{
	const u32 flags = PMB_BAR_WANTED | PMB_BAR_OPTIONAL | PMB_BAR_IO;
	u32 obj = w->dev_first[bar->dev];

	if (bar->flags & PMB_BAR_IO)
		return false;
	for (; obj != PMB_NONE; obj = w->dev_next[obj]) {
		if ((pmb_bar_of(w, obj)->flags & flags) == PMB_BAR_WANTED &&
		    pmb_bar_fixed(pmb_bar_of(w, obj)))
			return true;
	}
	return false;
}

/* The first required BAR that got nothing, if possible one that could have. */
static u32 pmb_first_unplaced(const struct pmb_work *w, const struct pmb_plan *plan)
{
	const struct pmb_bar *bar;
	u32 i, fixed = PMB_NONE, ports = PMB_NONE;

	for (i = 0; i < plan->nr_bars; i++) {
		bar = &w->lay->bars[i];
		if (!(bar->flags & PMB_BAR_WANTED) || plan->bar[i].size ||
		    (bar->flags & PMB_BAR_OPTIONAL))
			continue;
		/* Ports are not tried for where memory is missing. */
		if ((bar->flags & PMB_BAR_IO) && w->dev_fails[bar->dev])
			continue;
		if (!pmb_bar_fixed(bar) && !pmb_hopeless(w, bar)) {
			if (!(bar->flags & PMB_BAR_IO))
				return i;
			ports = min(ports, i);
			continue;
		}
		if (fixed == PMB_NONE && pmb_bar_fixed(bar))
			fixed = i;
	}
	return ports != PMB_NONE ? ports : fixed;
}

/* A bridge above that has no window for such a BAR at all. */
static u32 pmb_no_window(const struct pmb_work *w, const struct pmb_bar *bar)
{
	u32 b = w->lay->devs[bar->dev].bridge;
	const struct pmb_window *win;

	for (; b != PMB_NONE; b = w->lay->bridges[b].parent) {
		win = w->lay->bridges[b].win;
		if (bar->flags & PMB_BAR_IO) {
			if (!win[PMB_IO].align)
				return b;
		} else if (!win[PMB_MEM].align &&
			   (!(bar->flags & PMB_BAR_PREF) || !win[PMB_PREF].align)) {
			return b;
		}
	}
	return PMB_NONE;
}

/* The bridge whose window ends where @obj begins to be in the way. */
static u32 pmb_limit(const struct pmb_work *w, u32 bus, u32 obj)
{
	u32 other = pmb_obj_bus(w, obj), below = PMB_NONE;

	while (!pmb_behind(w, other, bus)) {
		below = bus;
		bus = pmb_bus_above(w->lay, bus);
	}
	if (below != PMB_NONE)
		return below;
	return pmb_is_root(w->lay, bus) ? PMB_NONE : bus;
}

/* The BAR is wanted, and the other memory BARs of the device with it. */
static void pmb_want_group(struct pmb_work *w, const struct pmb_plan *plan, u32 nr)
{
	const struct pmb_bar *bar = &w->lay->bars[nr];
	u32 obj = w->dev_first[bar->dev];

	w->nr_wanted = 0;
	if (w->io) {
		w->wanted[w->nr_wanted++] = w->nr_wins + nr;
		return;
	}
	for (; obj != PMB_NONE; obj = w->dev_next[obj]) {
		bar = pmb_bar_of(w, obj);
		if ((bar->flags & PMB_BAR_WANTED) && !(bar->flags & PMB_BAR_OPTIONAL) &&
		    !plan->bar[obj - w->nr_wins].size && !pmb_bar_fixed(bar) &&
		    pmb_obj_io(w, obj) == w->io)
			w->wanted[w->nr_wanted++] = obj;
	}
}

/* A window that is closed needs its granularity at least. */
static u64 pmb_needs(const struct pmb_work *w, const struct pmb_lack *lack)
{
	u32 obj = w->nr_wins + lack->bar;
	u32 bridge = w->lay->devs[w->lay->bars[lack->bar].dev].bridge;
	const struct pmb_window *win;

	if (bridge == PMB_NONE)
		return pmb_bar_size(w, obj);
	win = &w->lay->bridges[bridge].win[lack->space];
	if (win->cur.size)
		return pmb_bar_size(w, obj);
	return max(pmb_bar_size(w, obj), win->align);
}

/*
 * By how much is the largest free block too small?  First of all in the root
 * windows; if one there would do, on the bus where the way to it is closed.
 */
static u64 pmb_missing(struct pmb_work *w, const struct pmb_lack *lack)
{
	u32 obj = w->nr_wins + lack->bar, bus, s, outer;
	u64 size = pmb_needs(w, lack), block, offset;
	bool found;

	pmb_best_reset(w);
	pmb_line_build(w, w->lay->nr_bridges + w->host);
	block = pmb_room_block(w, obj);
	if (block < size || lack->bridge == PMB_NONE)
		return size - min(size, block);
	bus = pmb_bus_above(w->lay, lack->bridge);
	if (pmb_is_root(w->lay, bus))
		return 0;
	pmb_line_build(w, bus);
	for (block = 0, s = 0; s < PMB_SPACES; s++) {
		outer = bus * PMB_SPACES + s;
		offset = pmb_index_offset(w, outer, &found);
		if (pmb_space_io(s) == w->io && found)
			block = max(block, pmb_line_block(w, &w->at[outer], offset,
							  U64_MAX));
	}
	return size - min(size, block);
}

/**
 * pmb_explain - say why something that is required got no place
 * @w: the planner's memory, after the plan has been made
 * @plan: the plan; plan->lack is written
 */
void pmb_explain(struct pmb_work *w, struct pmb_plan *plan)
{
	struct pmb_lack *lack = &plan->lack;
	const struct pmb_bar *bar;
	u32 first, nr, i, bus;
	u64 lacking;

	lack->bar = pmb_first_unplaced(w, plan);
	if (lack->bar == PMB_NONE)
		return;
	bar = &w->lay->bars[lack->bar];
	w->host = w->lay->devs[bar->dev].host;
	w->io = bar->flags & PMB_BAR_IO;
	bus = pmb_bus(w->lay, w->host, w->lay->devs[bar->dev].bridge);
	lack->space = w->io ? PMB_IO : bar->flags & PMB_BAR_PREF ? PMB_PREF : PMB_MEM;
	lack->proved = plan->verdict == PMB_PLAN_IMPOSSIBLE;
	lack->bridge = pmb_no_window(w, bar);
	if (pmb_bar_fixed(bar) || lack->bridge != PMB_NONE)
		return;

	w->budget = w->steps + min(w->opt->budget ?: PMB_EXPLAIN_STEPS, PMB_EXPLAIN_STEPS);
	w->patience = 1;
	w->widest = w->lay->nr_bridges + w->host;
	pmb_want_group(w, plan, lack->bar);
	if (plan->verdict == PMB_PLAN_PARTIAL)
		lack->proved = pmb_room_never(w);
	w->what_if = true;
	first = pmb_find_blockers(w, &nr);
	if (nr) {
		lack->bridge = pmb_limit(w, bus, w->list[first]);
		lack->nr_blockers = min_t(u32, nr, PMB_MAX_BLOCKERS);
		for (i = 0; i < lack->nr_blockers; i++)
			lack->blockers[i] = w->list[first + i] - w->nr_wins;
	}
	lacking = pmb_units_lack(w);
	pmb_list_cut(w, 0);
	lack->missing = max(pmb_missing(w, lack), lacking);
	if (lack->bridge != PMB_NONE && lack->space == PMB_PREF &&
	    !w->lay->bridges[lack->bridge].win[PMB_PREF].align)
		lack->space = PMB_MEM;
}
