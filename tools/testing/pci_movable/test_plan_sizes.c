// SPDX-License-Identifier: GPL-2.0
/* Resizable BARs: as many as possible, then as large as possible. */
#include "plan_bench.h"

#define SIZES(lo, hi)	(((hi) << 1) / MB - (lo) / MB)

static u32 card(u32 bridge, u64 lo, u64 hi)
{
	u32 b = wanted(dev(bridge, PMB_WAY_FREE), PMB_BAR_64 | PMB_BAR_PREF, lo);

	lay->bars[b].sizes = SIZES(lo, hi);
	return b;
}

static void test_largest_that_fits(void)
{
	struct pmb_plan *plan;
	u32 b, w;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	root(PMB_MEM, 0x4000000000ull, 24 * GB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	w = card(b, 256 * MB, 32 * GB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK_EQ(plan->bar[w].size, 16 * GB);
	CHECK(in(plan, w, b, PMB_PREF));
	end(plan);
}

/* Six GPUs; something in the way leaves room for five of the largest size. */
static void test_six_gpus(void)
{
	u32 i, w[6], large = 0, half = 0;
	struct pmb_plan *plan;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	root(PMB_MEM, 0x4000000000ull, 256 * GB, 0);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), PMB_BAR_64 | PMB_BAR_PREF, 32 * GB,
	       0x4000000000ull);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), PMB_BAR_64 | PMB_BAR_PREF, 32 * GB,
	       0x5000000000ull);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), PMB_BAR_64 | PMB_BAR_PREF, 8 * GB,
	       0x6000000000ull);
	for (i = 0; i < 6; i++)
		w[i] = card(bridge(PMB_NONE, PMB_BRIDGE_PCIE), 256 * MB, 32 * GB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	for (i = 0; i < 6; i++) {
		large += plan->bar[w[i]].size == 32 * GB;
		half += plan->bar[w[i]].size == 16 * GB;
	}
	CHECK_EQ(large, 5);
	CHECK_EQ(half, 1);
	end(plan);
}

/* Nobody is left out for another one's size. */
static void test_places_before_sizes(void)
{
	struct pmb_plan *plan;
	u32 a, b, c;

	begin();
	root(PMB_MEM, 0x4000000000ull, 32 * GB, 0);
	a = card(bridge(PMB_NONE, PMB_BRIDGE_PCIE), GB, 32 * GB);
	b = card(bridge(PMB_NONE, PMB_BRIDGE_PCIE), GB, 32 * GB);
	c = wanted(dev(PMB_NONE, PMB_WAY_FREE), PMB_BAR_64 | PMB_BAR_PREF, 8 * GB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK_EQ(plan->bar[a].size + plan->bar[b].size, 24 * GB);
	CHECK_EQ(plan->bar[c].size, 8 * GB);
	end(plan);
}

/* A running device moves for a larger size only if that is asked for. */
static void test_price_of_a_size(void)
{
	const struct pmb_options dear = { .resize_cost = PMB_COST_LIVE };
	struct pmb_plan *plan;
	u32 w, live;

	begin();
	root(PMB_MEM, 0x4000000000ull, 8 * GB, 0);
	live = placed(dev(PMB_NONE, PMB_WAY_LIVE), PMB_BAR_64 | PMB_BAR_PREF, GB,
		      0x4040000000ull);
	w = card(PMB_NONE, GB, 4 * GB);
	lay->bars[live].start = 0x4080000000ull;
	placed(dev(PMB_NONE, PMB_WAY_NEVER), PMB_BAR_64 | PMB_BAR_PREF, GB, 0x4180000000ull);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->cost, 0);
	CHECK_EQ(plan->bar[w].size, 2 * GB);
	pmb_plan_free(plan);
	plan = plan_opt(&dear, 0);
	CHECK_EQ(plan->cost, PMB_COST_LIVE);
	CHECK_EQ(plan->bar[w].size, 4 * GB);
	end(plan);
}

/* The least size may cost what it costs, a larger one no more than that. */
static void test_least_size_may_cost(void)
{
	struct pmb_plan *plan;
	u32 w;

	begin();
	root(PMB_MEM, 0x4000000000ull, 4 * GB, 0);
	placed(dev(PMB_NONE, PMB_WAY_LIVE), PMB_BAR_64 | PMB_BAR_PREF, GB, 0x4040000000ull);
	placed(dev(PMB_NONE, PMB_WAY_PAUSE), PMB_BAR_64 | PMB_BAR_PREF, GB, 0x4080000000ull);
	w = card(PMB_NONE, 2 * GB, 4 * GB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->cost, PMB_COST_LIVE);
	CHECK_EQ(plan->bar[w].size, 2 * GB);
	end(plan);
}

/* What has a place keeps its size. */
static void test_placed_keeps_size(void)
{
	struct pmb_plan *plan;
	u32 b;

	begin();
	root(PMB_MEM, 0x4000000000ull, 64 * GB, 0);
	b = placed(dev(PMB_NONE, PMB_WAY_FREE), PMB_BAR_64 | PMB_BAR_PREF, GB,
		   0x4000000000ull);
	lay->bars[b].sizes = SIZES(256 * MB, 32 * GB);
	card(PMB_NONE, GB, 32 * GB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->bar[b].size, GB);
	CHECK_EQ(plan->bars_moved, 0);
	end(plan);
}

/* Sizes with gaps between them, and none of them is the present one. */
static void test_odd_sizes(void)
{
	struct pmb_plan *plan;
	u32 w;

	begin();
	root(PMB_MEM, 0x4000000000ull, 6 * GB, 0);
	w = card(PMB_NONE, 256 * MB, 256 * MB);
	lay->bars[w].sizes = BIT(3) | BIT(11) | BIT(14);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->bar[w].size, 2 * GB);
	end(plan);
}

int main(void)
{
	RUN(test_largest_that_fits);
	RUN(test_six_gpus);
	RUN(test_places_before_sizes);
	RUN(test_price_of_a_size);
	RUN(test_least_size_may_cost);
	RUN(test_placed_keeps_size);
	RUN(test_odd_sizes);
	return tap_end();
}
