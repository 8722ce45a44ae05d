// SPDX-License-Identifier: GPL-2.0
/*
 * A libFuzzer target: whatever layout a text gives, the planner comes to an end
 * within a small budget, and both judges accept its plan.
 *
 *	fuzz_plan_text [corpus-dir]
 *
 * Bytes changed at random hardly ever make another layout. Hence most changes
 * are made to the layout that a text stands for: a number becomes a neighbour
 * or that of another object, a flag is turned. What is no layout at all is
 * replaced by a random one, so that there need not be a corpus to start from.
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "checker.h"
#include "layout_tools.h"
#include "libfuzzer.h"
#include "random_layout.h"
#include "text.h"
#include "verify.h"

#define BUDGET		3000	/* search steps: many layouts rather than long searches */
#define SIZE_MAX_TEXT	20000	/* the second judge takes quadratic time */

/* What the planner is told depends on the text, so that a text is a whole case. */
static void options_of(size_t size, struct pmb_options *opt)
{
	memset(opt, 0, sizeof(*opt));
	opt->budget = BUDGET;
	opt->relaxed_pref = size & 1;
	opt->no_reserve = size & 2;
	opt->max_cost = (size & 12) == 12 ? 5 : 0;
}

static void plan_failed(const struct pmb_layout *lay, const struct pmb_options *opt,
			const char *what, const char *one, const char *other)
{
	char *text = layout_text(lay);

	fprintf(stderr, "failed: %s, verify: \"%s\", checker: \"%s\"\n", what, one, other);
	fprintf(stderr, "relaxed_pref %d no_reserve %d max_cost %llu\n%s",
		opt->relaxed_pref, opt->no_reserve, opt->max_cost, text);
	free(text);
	abort();
}

static void try_plan(const struct pmb_layout *lay, const struct pmb_options *opt)
{
	struct pmb_plan *plan = pmb_plan_alloc(lay);
	char one[256] = "", other[256] = "";
	int err, want;

	if (!plan)
		abort();
	err = pmb_plan_make(lay, opt, plan);
	if (err && err != -ENOSPC)
		plan_failed(lay, opt, "pmb_plan_make()", strerror(-err), "");
	want = plan->verdict <= PMB_PLAN_PARTIAL ? 0 : -ENOSPC;
	if (err != want)
		plan_failed(lay, opt, "result and verdict do not fit", "", "");
	err = pmb_verify(lay, opt, plan, one, sizeof(one));
	if (!checker_accepts(lay, opt, plan, other, sizeof(other)) || err)
		plan_failed(lay, opt, "the plan", one, other);
	pmb_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct pmb_text_error error;
	struct pmb_options opt;
	struct pmb_layout *lay;

	if (size > SIZE_MAX_TEXT)
		return -1;
	lay = pmb_text_read((const char *)data, size, &error);
	if (!lay)
		return -1;
	options_of(size, &opt);
	try_plan(lay, &opt);
	pmb_layout_free(lay);
	return 0;
}

/* Changes to a layout */

static u64 other_number(struct rng *r, u64 n, u64 unit)
{
	switch (rng_below(r, 7)) {
	case 0:
		return n + unit;
	case 1:
		return n - unit;
	case 2:
		return n << 1;
	case 3:
		return n >> 1;
	case 4:
		return n ^ 1ull << rng_below(r, 64);
	case 5:
		return -n;
	default:
		return n + unit * rng_below(r, 16);
	}
}

static void change_range(struct rng *r, struct pmb_range *range, u64 unit)
{
	u64 *which = rng_percent(r, 50) ? &range->start : &range->size;

	*which = other_number(r, *which, unit);
}

static void change_bar(struct rng *r, struct pmb_layout *lay, struct pmb_bar *bar)
{
	const struct pmb_bar *like = &lay->bars[rng_below(r, lay->nr_bars)];
	u32 flag;

	switch (rng_below(r, 9)) {
	case 0:
		bar->size = other_number(r, bar->size, bar->align);
		break;
	case 1:
		bar->align = other_number(r, bar->align, bar->align);
		break;
	case 2:
		bar->start = other_number(r, bar->start, bar->align);
		break;
	case 3:
		bar->start = like->start;
		break;
	case 4:
		bar->dev = rng_below(r, lay->nr_devs);
		break;
	case 5:
		bar->why = bar->why ? PMB_MAY_MOVE : PMB_WHY_DRIVER;
		break;
	case 6:
		bar->sizes ^= 1ull << rng_below(r, 44);
		break;
	case 7:
		bar->size = like->size;
		bar->align = like->align;
		break;
	default:
		flag = 1u << rng_below(r, 9);
		bar->flags ^= flag;
		if (flag & (PMB_BAR_PLACED | PMB_BAR_WANTED))
			bar->flags &= ~(flag ^ (PMB_BAR_PLACED | PMB_BAR_WANTED));
	}
}

static void change_bridge(struct rng *r, struct pmb_layout *lay, u32 nr)
{
	struct pmb_bridge *bridge = &lay->bridges[nr];
	struct pmb_window *win = &bridge->win[rng_below(r, PMB_SPACES)];
	const struct pmb_bridge *like = &lay->bridges[rng_below(r, lay->nr_bridges)];

	switch (rng_below(r, 8)) {
	case 0:
		bridge->flags ^= 1u << rng_below(r, 3);
		break;
	case 1:
		win->align = other_number(r, win->align ? win->align : 0x100000, 1);
		break;
	case 2:
		win->max = other_number(r, win->max, win->align);
		break;
	case 3:
		win->reserve = other_number(r, win->reserve, win->align);
		break;
	case 4:
		win->cur = like->win[rng_below(r, PMB_SPACES)].cur;
		break;
	case 5:
		win->cur.size = 0;
		break;
	default:
		change_range(r, &win->cur, win->align);
	}
}

static void change_dev(struct rng *r, struct pmb_layout *lay, struct pmb_dev *dev)
{
	switch (rng_below(r, 3)) {
	case 0:
		dev->way = rng_below(r, PMB_WAYS);
		break;
	case 1:
		dev->cost = other_number(r, dev->cost, 1);
		break;
	default:
		dev->bridge = rng_below(r, lay->nr_bridges + 1);
		if (dev->bridge == lay->nr_bridges)
			dev->bridge = PMB_NONE;
	}
}

static void change_layout(struct rng *r, struct pmb_layout *lay)
{
	u32 what = rng_below(r, 100);

	if (what < 45 && lay->nr_bars) {
		change_bar(r, lay, &lay->bars[rng_below(r, lay->nr_bars)]);
	} else if (what < 70 && lay->nr_bridges) {
		change_bridge(r, lay, rng_below(r, lay->nr_bridges));
	} else if (what < 80 && lay->nr_devs) {
		change_dev(r, lay, &lay->devs[rng_below(r, lay->nr_devs)]);
	} else if (what < 90 && lay->nr_roots) {
		struct pmb_root *root = &lay->roots[rng_below(r, lay->nr_roots)];

		if (rng_percent(r, 30))
			root->offset = other_number(r, root->offset, 0x100000);
		else if (rng_percent(r, 20))
			root->space = rng_below(r, PMB_SPACES);
		else
			change_range(r, &root->range, 0x100000);
	} else if (lay->nr_holes) {
		change_range(r, &lay->holes[rng_below(r, lay->nr_holes)].range, 0x1000);
	}
}

static size_t to_data(struct pmb_layout *lay, u8 *data, size_t size, size_t max)
{
	char *text = layout_text(lay);
	size_t len = strlen(text);

	if (len <= max && len <= SIZE_MAX_TEXT) {
		memcpy(data, text, len);
		size = len;
	}
	free(text);
	return size;
}

/* The change as a whole has to give a layout, else there is none. */
static size_t change_text(struct rng *r, struct pmb_layout *lay, u8 *data, size_t size,
			  size_t max)
{
	u32 n = rng_from(r, 1, 4);

	while (n--)
		change_layout(r, lay);
	if (!pmb_layout_check(lay, NULL, 0))
		size = to_data(lay, data, size, max);
	return size;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	struct pmb_text_error error;
	struct rng r = { seed };
	struct pmb_layout *lay;

	lay = pmb_text_read((const char *)data, size, &error);
	if (!lay || rng_percent(&r, 1)) {
		pmb_layout_free(lay);
		lay = random_layout(rng_next(&r) >> 8, rng_percent(&r, 50) ?
				    RANDOM_TIGHT : RANDOM_SMALL);
		size = to_data(lay, data, size, max);
	} else if (rng_percent(&r, 10)) {
		size = LLVMFuzzerMutate(data, size, max);
	} else {
		size = change_text(&r, lay, data, size, max);
	}
	pmb_layout_free(lay);
	return size;
}
