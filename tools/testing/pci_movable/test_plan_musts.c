// SPDX-License-Identifier: GPL-2.0
/* What the planner must know, as far as no other test asks for it. */
#include "plan_bench.h"

/* An architecture whose windows are multiples of 16 MiB, with 64 MiB if they prefetch. */
static void test_window_alignment(void)
{
	const u64 align[PMB_SPACES] = { 4 * KB, 16 * MB, 64 * MB };
	struct pmb_plan *plan;
	u32 up, b, w, p, s;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	root(PMB_PREF, 0x4000000000ull, GB, 0);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x80000000);
	up = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	b = bridge(up, PMB_BRIDGE_PCIE);
	for (s = 0; s < PMB_SPACES; s++) {
		lay->bridges[up].win[s].align = align[s];
		lay->bridges[b].win[s].align = align[s];
	}
	w = wanted(dev(b, PMB_WAY_FREE), 0, 64 * KB);
	p = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_PREF | PMB_BAR_64, MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK(in(plan, w, b, PMB_MEM) && in(plan, p, b, PMB_PREF));
	for (s = PMB_MEM; s < PMB_SPACES; s++) {
		CHECK(!(at(plan, b, s).start & (align[s] - 1)));
		CHECK_EQ(at(plan, b, s).size, align[s]);
		CHECK_EQ(at(plan, up, s).size, align[s]);
	}
	end(plan);
}

/* 16 MiB are free, but not aligned: a window of that alignment finds nothing. */
static void test_window_alignment_proved(void)
{
	struct pmb_plan *plan;
	u32 b, fixed;

	begin();
	root(PMB_MEM, 0x80000000, 17 * MB, 0);
	fixed = placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x80000000);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	lay->bridges[b].win[PMB_MEM].align = 16 * MB;
	lay->bridges[b].win[PMB_PREF].align = 16 * MB;
	wanted(dev(b, PMB_WAY_FREE), 0, 64 * KB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK_EQ(plan->verdict, PMB_PLAN_IMPOSSIBLE);
	CHECK_EQ(plan->lack.nr_blockers, 1);
	CHECK_EQ(plan->lack.blockers[0], fixed);
	end(plan);
}

/*
 * The BAR of a switch lies beside its window and inside of that of the port.  It
 * moves, live, for what comes in behind the switch; and it is wanted itself.
 */
static void test_bridge_bar(void)
{
	struct pmb_plan *plan;
	u32 port, up, own, w;

	begin();
	root(PMB_MEM, 0x80000000, 32 * MB, 0);
	port = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(port, PMB_MEM, 0x80000000, 9 * MB);
	up = bridge(port, PMB_BRIDGE_PCIE);
	win(up, PMB_MEM, 0x80000000, MB);
	placed(dev(up, PMB_WAY_NEVER), 0, MB, 0x80000000);
	own = placed(lay->bridges[up].dev, 0, 256 * KB, 0x80800000);
	lay->devs[lay->bridges[up].dev].cost = PMB_COST_LIVE;
	w = wanted(dev(up, PMB_WAY_FREE), 0, 8 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK(in(plan, w, up, PMB_MEM) && in(plan, own, port, PMB_MEM));
	CHECK(!in(plan, own, up, PMB_MEM));
	CHECK_EQ(plan->devs_live, 1);
	CHECK_EQ(plan->bars_moved, 1);
	pmb_plan_free(plan);

	lay->bars[own].flags = PMB_BAR_WANTED;
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK(in(plan, own, port, PMB_MEM) && !in(plan, own, up, PMB_MEM));
	end(plan);
}

/*
 * Space is short: the empty slots give up their reserve before the device with a
 * driver moves, and share what is left by what each needs, 16 MiB to 4 MiB.
 */
static void test_reserve_shared_by_need(void)
{
	struct pmb_plan *plan;
	u32 up, a, b, c, live, w;

	begin();
	root(PMB_MEM, 0x80000000, 32 * MB, 0);
	live = placed(dev(PMB_NONE, PMB_WAY_LIVE), 0, MB, 0x81f00000);
	up = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(up, PMB_MEM, 0x80000000, 20 * MB);
	a = bridge(up, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	win(a, PMB_MEM, 0x80000000, 16 * MB);
	lay->bridges[a].win[PMB_MEM].reserve = 16 * MB;
	b = bridge(up, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	win(b, PMB_MEM, 0x81000000, 4 * MB);
	lay->bridges[b].win[PMB_MEM].reserve = 4 * MB;
	c = bridge(PMB_NONE, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	w = wanted(dev(c, PMB_WAY_FREE), 0, 16 * MB);
	plan = plan_opt(NULL, 0);
	CHECK(in(plan, w, c, PMB_MEM));
	CHECK_EQ(plan->bar[live].start, 0x81f00000);
	CHECK_EQ(plan->cost, 0);
	CHECK(at(plan, a, PMB_MEM).size >= 8 * MB);
	CHECK(at(plan, b, PMB_MEM).size >= MB);
	end(plan);
}

/* There is no room for any reserve: what is required has its place all the same. */
static void test_reserve_undoes_nothing(void)
{
	struct pmb_plan *plan;
	u32 up, slot[3], i, w;

	begin();
	root(PMB_MEM, 0x80000000, 4 * MB, 0);
	up = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	for (i = 0; i < 3; i++) {
		slot[i] = bridge(up, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
		lay->bridges[slot[i]].win[PMB_MEM].reserve = 64 * MB;
	}
	w = wanted(dev(slot[0], PMB_WAY_FREE), 0, 4 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK(in(plan, w, slot[0], PMB_MEM));
	CHECK_EQ(at(plan, slot[1], PMB_MEM).size, 0);
	end(plan);
}

/* Each function by itself, all of it or nothing; the optional one gets the rest. */
static void test_optional_after_whole_devices(void)
{
	struct pmb_plan *plan;
	u32 d, e, one, two, whole, vf;

	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 0);
	d = dev(PMB_NONE, PMB_WAY_FREE);
	e = dev(PMB_NONE, PMB_WAY_FREE);
	vf = wanted(e, PMB_BAR_OPTIONAL | PMB_BAR_VF | PMB_BAR_64, 4 * MB);
	lay->bars[vf].align = 64 * KB;
	one = wanted(d, 0, MB);
	two = wanted(d, 0, 16 * MB);
	whole = wanted(e, 0, 4 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_PARTIAL);
	CHECK(!plan->bar[one].size && !plan->bar[two].size);
	CHECK(plan->bar[whole].size && plan->bar[vf].size);
	CHECK_EQ(plan->unplaced, 2);
	CHECK_EQ(plan->unplaced_optional, 0);
	end(plan);
}

/* Two root windows of one kind; the bus sees each of them somewhere else. */
static void test_roots_translate(void)
{
	struct pmb_plan *plan;
	u32 b, low, high;

	begin();
	root(PMB_MEM, 0xa00000000ull, 16 * MB, 0xa00000000ull - 0x80000000);
	root(PMB_MEM, 0xb00000000ull, 64 * MB, 0xb00000000ull - 0x200000000ull);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	low = wanted(dev(b, PMB_WAY_FREE), 0, 8 * MB);
	high = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_PREF | PMB_BAR_64, 32 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK(plan->bar[low].start < 0xa01000000ull);
	CHECK(in(plan, low, b, PMB_MEM));
	CHECK(plan->bar[high].start >= 0xb00000000ull);
	CHECK(in(plan, high, b, PMB_PREF));
	pmb_plan_free(plan);
	/* 32 MiB of 32-bit addresses are in none of the two. */
	lay->bars[high].flags = PMB_BAR_PREF | PMB_BAR_WANTED;
	plan = plan_opt(NULL, 0);
	CHECK(!plan->bar[high].size && plan->bar[low].size);
	CHECK(plan->lack.proved);
	CHECK_EQ(plan->lack.bar, high);
	end(plan);
}

/* Of three that are in the way in two places, the place with one of them. */
static void test_least_blockers(void)
{
	struct pmb_plan *plan;
	u32 pair[2], one;

	begin();
	root(PMB_MEM, 0x80000000, 32 * MB, 0);
	pair[0] = placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x80100000);
	pair[1] = placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x80e00000);
	one = placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x81700000);
	wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 16 * MB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK(plan->lack.proved);
	CHECK_EQ(plan->lack.nr_blockers, 1);
	CHECK_EQ(plan->lack.blockers[0], one);
	pmb_plan_free(plan);
	/* With that one in a hole, it takes the two. */
	hole(false, 0x81800000, MB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK_EQ(plan->lack.nr_blockers, 2);
	CHECK(plan->lack.blockers[0] != one && plan->lack.blockers[1] != one);
	CHECK_EQ(plan->lack.blockers[0] + plan->lack.blockers[1], pair[0] + pair[1]);
	end(plan);
}

/* Hundreds that do not fit: the steps stay within what has been granted. */
static void test_steps_are_bounded(void)
{
	static const u32 budgets[] = { 1000, 20000 };
	struct pmb_options opt = { 0 };
	struct pmb_plan *plan;
	u32 i, k, optional, b = 0;

	for (k = 0; k < 4; k++) {
		opt.budget = budgets[k / 2];
		optional = k % 2 ? PMB_BAR_OPTIONAL : 0;
		begin();
		root(PMB_MEM, 0x80000000, 64 * MB, 0);
		for (i = 0; i < 400; i++) {
			if (i % 4 == 0)
				b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
			wanted(dev(b, PMB_WAY_FREE), optional, (64 * KB) << i % 6);
		}
		plan = pmb_plan_alloc(lay);
		pmb_plan_make(lay, &opt, plan);
		CHECK_MSG(plan->steps <= 3ull * opt.budget + 8 * lay->nr_bars,
			  "%u of %u", plan->steps, opt.budget);
		end(plan);
	}
}

int main(void)
{
	RUN(test_window_alignment);
	RUN(test_window_alignment_proved);
	RUN(test_bridge_bar);
	RUN(test_reserve_shared_by_need);
	RUN(test_reserve_undoes_nothing);
	RUN(test_optional_after_whole_devices);
	RUN(test_roots_translate);
	RUN(test_least_blockers);
	RUN(test_steps_are_bounded);
	return tap_end();
}
