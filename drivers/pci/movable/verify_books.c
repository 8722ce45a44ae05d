// SPDX-License-Identifier: GPL-2.0
/*
 * The judge of plans, second part: does a plan tell the truth about itself, and
 * is what it disturbs in proportion to what it brings?
 *
 * Everything is counted anew from the layout and from the new places.
 */
#include <linux/types.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/bits.h>
#include "verify_judge.h"

/* What the judge remembers about a function, pmb_judge.dev */
#define SEEN_MOVED	BIT(0)	/* a placed BAR of it changes its address */
#define SEEN_PLACED	BIT(1)	/* a wanted required memory BAR gets a place */
#define SEEN_LEFT	BIT(2)	/* another one gets none */

/**
 * struct pmb_books - what the judge counts
 * @cost: sum of the costs of functions with a moved BAR
 * @moved: placed BARs which change their address
 * @placed: BARs which get a first address
 * @placed_required: those of them that are required
 * @wins: windows which change
 * @live: functions moved live
 * @paused: functions to be paused
 * @unplaced: wanted required BARs without a place
 * @unplaced_optional: wanted optional BARs without a place
 */
struct pmb_books {
	u64 cost;
	u32 moved;
	u32 placed;
	u32 placed_required;
	u32 wins;
	u32 live;
	u32 paused;
	u32 unplaced;
	u32 unplaced_optional;
};

static void count_bar(struct pmb_judge *j, u32 i, struct pmb_books *books)
{
	const struct pmb_bar *bar = &j->lay->bars[i];
	bool optional = bar->flags & PMB_BAR_OPTIONAL;
	bool placed = j->plan->bar[i].size;
	u8 *seen = &j->dev[bar->dev];

	if (bar->flags & PMB_BAR_PLACED) {
		if (!bar_kept(j, i)) {
			books->moved++;
			*seen |= SEEN_MOVED;
		}
		return;
	}
	if (!(bar->flags & PMB_BAR_WANTED))
		return;
	books->placed += placed;
	books->placed_required += placed && !optional;
	books->unplaced += !placed && !optional;
	books->unplaced_optional += !placed && optional;
	if (!optional && !(bar->flags & PMB_BAR_IO))
		*seen |= placed ? SEEN_PLACED : SEEN_LEFT;
}

static void count_all(struct pmb_judge *j, struct pmb_books *books)
{
	const struct pmb_layout *lay = j->lay;
	enum pmb_space s;
	u32 i;

	for (i = 0; i < lay->nr_bars; i++)
		count_bar(j, i, books);
	for (i = 0; i < lay->nr_bridges; i++) {
		for (s = 0; s < PMB_SPACES; s++)
			books->wins += !same(win_now(j, i, s), win_then(j, i, s));
	}
	for (i = 0; i < lay->nr_devs; i++) {
		if (!(j->dev[i] & SEEN_MOVED))
			continue;
		books->cost += lay->devs[i].cost;
		books->live += lay->devs[i].way == PMB_WAY_LIVE;
		books->paused += lay->devs[i].way == PMB_WAY_PAUSE;
	}
}

static int judge_number(struct pmb_judge *j, const char *what, u64 says, u64 is)
{
	if (says == is)
		return 0;
	return pmb_judge_guilty(j, "the plan says %s %llu, but it is %llu", what,
				(unsigned long long)says, (unsigned long long)is);
}

/* R11: is the word for the outcome the right one? */
static int judge_verdict(struct pmb_judge *j, const struct pmb_books *books)
{
	bool right;

	switch (j->plan->verdict) {
	case PMB_PLAN_COMPLETE:
		right = !books->unplaced;
		break;
	case PMB_PLAN_PARTIAL:
		right = books->unplaced && books->placed_required;
		break;
	case PMB_PLAN_NOT_FOUND:
	case PMB_PLAN_IMPOSSIBLE:
		right = books->unplaced && !books->placed_required;
		break;
	default:
		right = false;
	}
	if (right)
		return 0;
	return pmb_judge_guilty(j, "verdict %u does not fit %u required BARs placed and %u not",
				(unsigned int)j->plan->verdict, books->placed_required,
				books->unplaced);
}

/* R9, R10: nothing is disturbed for less than it is worth */
static int judge_price(struct pmb_judge *j, const struct pmb_books *books)
{
	u32 i;

	for (i = 0; i < j->lay->nr_devs; i++) {
		if ((j->dev[i] & SEEN_PLACED) && (j->dev[i] & SEEN_LEFT))
			return pmb_judge_guilty(j, "%.*s gets only some of its memory BARs",
						PMB_NAME_LEN, j->lay->devs[i].name);
	}
	if (!books->placed && (books->moved || books->wins))
		return pmb_judge_guilty(j, "%u BARs and %u windows change for nothing",
					books->moved, books->wins);
	if (!books->placed_required && books->cost)
		return pmb_judge_guilty(j, "optional BARs cost %llu",
					(unsigned long long)books->cost);
	if (j->opt->max_cost && books->cost > j->opt->max_cost)
		return pmb_judge_guilty(j, "the cost %llu is above the limit %llu",
					(unsigned long long)books->cost,
					(unsigned long long)j->opt->max_cost);
	return 0;
}

/* What the plan says is in the way gets looked up by index later. */
static int judge_lack(struct pmb_judge *j)
{
	const struct pmb_lack *lack = &j->plan->lack;
	bool bad = lack->nr_blockers > PMB_MAX_BLOCKERS;
	u32 i;

	if (!j->plan->unplaced)
		return 0;
	for (i = 0; !bad && i < lack->nr_blockers; i++)
		bad = lack->blockers[i] >= j->lay->nr_bars;
	if (lack->bar != PMB_NONE && lack->bar >= j->lay->nr_bars)
		bad = true;
	if (lack->bridge != PMB_NONE && lack->bridge >= j->lay->nr_bridges)
		bad = true;
	if (bad)
		return pmb_judge_guilty(j, "the reason names an object which is not there");
	return 0;
}

/**
 * pmb_judge_books - check the numbers that a plan gives about itself
 * @j: the trial; only @lay, @opt, @plan and @dev are looked at
 *
 * Context: any.
 * Return: 0, or -EINVAL and a sentence in @j->why.
 */
int pmb_judge_books(struct pmb_judge *j)
{
	const struct pmb_plan *p = j->plan;
	struct pmb_books is = { 0 };

	count_all(j, &is);
	return judge_number(j, "cost", p->cost, is.cost) ?:
	       judge_number(j, "bars_moved", p->bars_moved, is.moved) ?:
	       judge_number(j, "bars_placed", p->bars_placed, is.placed) ?:
	       judge_number(j, "wins_changed", p->wins_changed, is.wins) ?:
	       judge_number(j, "devs_live", p->devs_live, is.live) ?:
	       judge_number(j, "devs_paused", p->devs_paused, is.paused) ?:
	       judge_number(j, "unplaced", p->unplaced, is.unplaced) ?:
	       judge_number(j, "unplaced_optional", p->unplaced_optional,
			    is.unplaced_optional) ?:
	       judge_verdict(j, &is) ?:
	       judge_price(j, &is) ?:
	       judge_lack(j);
}

