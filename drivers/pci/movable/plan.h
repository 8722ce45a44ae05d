/* SPDX-License-Identifier: GPL-2.0 */
/* From a layout with BARs that want a place to one in which they have it. */
#ifndef _PCI_MOVABLE_PLAN_H
#define _PCI_MOVABLE_PLAN_H

#include "layout.h"

#define PMB_MAX_BLOCKERS	16

/**
 * struct pmb_options - what a plan may do
 * @budget: search steps before giving up; 0: 250,000 and 32 for each BAR, which
 *	suits a running machine.  As many again, at most, are for what is optional
 *	and for reserve, and as many, but no more than 100,000, for finding out why
 *	there is no plan.  A step takes 0.1 to 1 us
 * @max_cost: no plan that costs more than this, 0: any
 * @relaxed_pref: 64-bit non-prefetchable BARs may use 64-bit prefetchable
 *	windows where PMB_BRIDGE_PCIE holds
 * @resize_cost: what Resizable BARs may cost beyond what they cost at their least
 *	size; 0: they become larger only where that costs nothing
 * @no_reserve: forget about space for future hot-plug
 */
struct pmb_options {
	u32 budget;
	u64 max_cost;
	u64 resize_cost;
	bool relaxed_pref;
	bool no_reserve;
};

enum pmb_verdict {
	PMB_PLAN_COMPLETE,	/* every wanted BAR has a place */
	PMB_PLAN_PARTIAL,	/* some required ones have, some have not */
	PMB_PLAN_NOT_FOUND,	/* no required one has; it may still be possible */
	PMB_PLAN_IMPOSSIBLE,	/* no required one has; proved */
	PMB_VERDICTS
};

/**
 * struct pmb_lack - why some required BAR got no place
 * @bar: index of the BAR, PMB_NONE: nothing lacks
 * @bridge: index of the bridge whose window cannot be made large enough;
 *	PMB_NONE: a root window
 * @space: kind of that window
 * @missing: bytes by which the largest free block in that kind of space, aligned to
 *	its size, is too small for the BAR; 0: it is not too small, or unknown
 * @proved: no placement exists, by proof and not by a search that gave up
 * @nr_blockers: entries in @blockers
 * @blockers: indices of fixed BARs that stand in the way
 */
struct pmb_lack {
	u32 bar;
	u32 bridge;
	enum pmb_space space;
	u64 missing;
	bool proved;
	u32 nr_blockers;
	u32 blockers[PMB_MAX_BLOCKERS];
};

/**
 * struct pmb_plan - the answer of the planner
 * @verdict: what came out
 * @win: new place of every window, [bridge * PMB_SPACES + space]; size 0: closed
 * @bar: new place of every BAR, by index; size 0: no place.  The size is that of
 *	the BAR, or, of a wanted Resizable BAR, the one that has been chosen
 * @nr_wins: entries in @win
 * @nr_bars: entries in @bar
 * @cost: sum of the costs of all devices with a moved BAR
 * @bars_moved: placed BARs which change their address
 * @bars_placed: BARs which get a first address
 * @wins_changed: windows which are not as they were
 * @devs_live: devices moved live
 * @devs_paused: devices to be paused
 * @unplaced: required BARs that were wanted and got no place
 * @unplaced_optional: optional ones
 * @slack: largest block, aligned to its size, that is left in a root window: by
 *	PMB_IO; PMB_MEM: for a 32-bit BAR; PMB_PREF: for a 64-bit prefetchable one
 * @steps: search steps taken
 * @lack: why, if @unplaced is not 0
 * @work: the planner's own memory, allocated with the plan
 */
struct pmb_plan {
	enum pmb_verdict verdict;
	struct pmb_range *win;
	struct pmb_range *bar;
	u32 nr_wins;
	u32 nr_bars;
	u64 cost;
	u32 bars_moved;
	u32 bars_placed;
	u32 wins_changed;
	u32 devs_live;
	u32 devs_paused;
	u32 unplaced;
	u32 unplaced_optional;
	u64 slack[PMB_SPACES];
	u32 steps;
	struct pmb_lack lack;
	struct pmb_work *work;
};

struct pmb_plan *pmb_plan_alloc(const struct pmb_layout *layout);
void pmb_plan_free(struct pmb_plan *plan);
int pmb_plan_make(const struct pmb_layout *layout, const struct pmb_options *opt,
		  struct pmb_plan *plan);
const char *pmb_verdict_key(enum pmb_verdict verdict);

#endif /* _PCI_MOVABLE_PLAN_H */
