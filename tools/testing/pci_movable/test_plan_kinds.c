// SPDX-License-Identifier: GPL-2.0
/* Kinds of windows and BARs, what is optional, and what the planner says. */
#include "plan_bench.h"

/* One port BAR cannot be placed, ever; the other one is not to blame. */
static void test_io_best_effort(void)
{
	struct pmb_plan *plan;
	u32 d, a, b;

	begin();
	root(PMB_IO, 0x1000, 0x1000, 0);
	d = dev(PMB_NONE, PMB_WAY_FREE);
	a = wanted(d, PMB_BAR_IO, 32);
	b = wanted(d, PMB_BAR_IO, 64);
	lay->bars[a].why = PMB_WHY_HARDWIRED;
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_PARTIAL);
	CHECK(!plan->bar[a].size);
	CHECK_EQ(plan->bar[b].size, 64);
	CHECK_EQ(plan->lack.bar, a);
	end(plan);
}

/* What is optional gets its place although something required has none. */
static void test_optional_of_partial(void)
{
	struct pmb_plan *plan;
	u32 d, io, mem, rom, other;

	begin();
	root(PMB_MEM, 0x80000000, 16 * MB, 0);
	d = dev(PMB_NONE, PMB_WAY_FREE);
	io = wanted(d, PMB_BAR_IO, 32);
	mem = wanted(d, 0, MB);
	rom = wanted(d, PMB_BAR_OPTIONAL | PMB_BAR_ROM, 64 * KB);
	other = wanted(dev(PMB_NONE, PMB_WAY_FREE), PMB_BAR_OPTIONAL | PMB_BAR_ROM, MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_PARTIAL);
	CHECK(!plan->bar[io].size);
	CHECK(plan->bar[mem].size);
	CHECK(plan->bar[rom].size);
	CHECK(plan->bar[other].size);
	CHECK_EQ(plan->unplaced_optional, 0);
	end(plan);
}

/* Too much that is optional: as much of it as there is room for. */
static void test_optional_one_by_one(void)
{
	struct pmb_plan *plan;
	u32 need, a, b, c;

	begin();
	root(PMB_MEM, 0x80000000, 4 * MB, 0);
	need = wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 2 * MB);
	a = wanted(dev(PMB_NONE, PMB_WAY_FREE), PMB_BAR_OPTIONAL, 8 * MB);
	b = wanted(dev(PMB_NONE, PMB_WAY_FREE), PMB_BAR_OPTIONAL, MB);
	c = wanted(dev(PMB_NONE, PMB_WAY_FREE), PMB_BAR_OPTIONAL | PMB_BAR_ROM, MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK(plan->bar[need].size && plan->bar[b].size && plan->bar[c].size);
	CHECK(!plan->bar[a].size);
	end(plan);
}

/* VF BARs: many of one size, aligned to one. */
static void test_vf(void)
{
	struct pmb_plan *plan;
	u32 b, w;

	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 0);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x80000000);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	w = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_64 | PMB_BAR_OPTIONAL | PMB_BAR_VF, 7 * MB);
	lay->bars[w].align = MB;
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->bar[w].start, 0x80100000);
	end(plan);
}

/* 1 KiB: four windows where there would be room for one. */
static void test_io_1k(void)
{
	struct pmb_plan *plan;
	u32 b[4], w[4], i;

	begin();
	root(PMB_IO, 0x1000, 0x1000, 0);
	for (i = 0; i < 4; i++) {
		b[i] = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
		lay->bridges[b[i]].win[PMB_IO].align = KB;
		w[i] = wanted(dev(b[i], PMB_WAY_FREE), PMB_BAR_IO, 32);
	}
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	for (i = 0; i < 4; i++) {
		CHECK(in(plan, w[i], b[i], PMB_IO));
		CHECK_EQ(at(plan, b[i], PMB_IO).size, KB);
	}
	pmb_plan_free(plan);
	for (i = 0; i < 4; i++)
		lay->bridges[b[i]].win[PMB_IO].align = 4 * KB;
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->unplaced, 3);
	end(plan);
}

/* 16 bits of ports: what is above 64 KiB on the bus is out of reach. */
static void test_io_16_bit(void)
{
	struct pmb_plan *plan;
	u32 b, w;

	begin();
	root(PMB_IO, 0x20000, 0x10000, 0x10000);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	w = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_IO, 32);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK_EQ(plan->verdict, PMB_PLAN_IMPOSSIBLE);
	pmb_plan_free(plan);
	lay->bridges[b].win[PMB_IO].max = U32_MAX;
	plan = plan_opt(NULL, 0);
	CHECK(in(plan, w, b, PMB_IO));
	end(plan);
}

/* No memory window at all, and none that is prefetchable either. */
static void test_no_window(void)
{
	struct pmb_plan *plan;
	u32 b, w;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	lay->bridges[b].win[PMB_MEM].align = 0;
	lay->bridges[b].win[PMB_MEM].max = 0;
	w = wanted(dev(b, PMB_WAY_FREE), 0, MB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK_EQ(plan->verdict, PMB_PLAN_IMPOSSIBLE);
	CHECK_EQ(plan->lack.bar, w);
	CHECK_EQ(plan->lack.bridge, b);
	end(plan);
}

/* Enhanced Allocation: an address for ever, or none for ever. */
static void test_hardwired(void)
{
	struct pmb_plan *plan;
	u32 b, ea, never, w;

	begin();
	root(PMB_MEM, 0x80000000, 16 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, 0x80400000, MB);
	ea = placed(dev(b, PMB_WAY_FREE), 0, MB, 0x80400000);
	lay->bars[ea].why = PMB_WHY_HARDWIRED;
	lay->bars[ea].reg = 0;
	never = wanted(dev(b, PMB_WAY_FREE), 0, MB);
	lay->bars[never].why = PMB_WHY_HARDWIRED;
	lay->bars[never].reg = 0;
	w = wanted(dev(b, PMB_WAY_FREE), 0, 4 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_PARTIAL);
	CHECK_EQ(plan->bar[ea].start, 0x80400000);
	CHECK(!plan->bar[never].size);
	CHECK(in(plan, ea, b, PMB_MEM));
	CHECK(in(plan, w, b, PMB_MEM));
	CHECK_EQ(plan->lack.bar, never);
	CHECK_EQ(plan->lack.nr_blockers, 0);
	end(plan);
}

/*
 * The fixed BAR is in the only place for the new one, unless a prefetchable window
 * comes to lie over it and the memory window elsewhere: the kernel would not have
 * that.  Where the option allows it, that is how it is done.
 */
static void test_not_in_prefetchable(void)
{
	const struct pmb_options relaxed = { .relaxed_pref = true };
	struct pmb_plan *plan;
	u32 b, fixed, w;

	begin();
	root(PMB_MEM, 0x80000000, 2 * MB, 0);
	root(PMB_MEM, 0x90000000, 16 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, 0x80000000, MB);
	fixed = placed(dev(b, PMB_WAY_NEVER), PMB_BAR_64, MB, 0x80000000);
	w = wanted(dev(b, PMB_WAY_FREE), 0, 8 * MB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK_EQ(plan->verdict, PMB_PLAN_IMPOSSIBLE);
	CHECK_EQ(plan->lack.nr_blockers, 1);
	CHECK_EQ(plan->lack.blockers[0], fixed);
	pmb_plan_free(plan);
	plan = plan_opt(&relaxed, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK(in(plan, fixed, b, PMB_PREF));
	CHECK(in(plan, w, b, PMB_MEM));
	pmb_plan_free(plan);
	lay->bars[fixed].flags &= ~PMB_BAR_64;
	plan = plan_opt(&relaxed, -ENOSPC);
	end(plan);
}

/* What firmware has put into a prefetchable window may stay there. */
static void test_stays_in_prefetchable(void)
{
	struct pmb_plan *plan;
	u32 b, fixed, w;

	begin();
	root(PMB_MEM, 0x80000000, 16 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_PREF, 0x80000000, MB);
	fixed = placed(dev(b, PMB_WAY_NEVER), 0, MB, 0x80000000);
	w = wanted(dev(b, PMB_WAY_FREE), 0, 8 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK(in(plan, fixed, b, PMB_PREF));
	CHECK(in(plan, w, b, PMB_MEM));
	end(plan);
}

/* Two fixed BARs, but only one of them is to blame. */
static void test_blockers_are_few(void)
{
	struct pmb_plan *plan;
	u32 one, w;

	begin();
	root(PMB_MEM, 0x80000000, 16 * MB, 0);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x80000000);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x80300000);
	one = placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x80a00000);
	w = wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 8 * MB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK_EQ(plan->verdict, PMB_PLAN_IMPOSSIBLE);
	CHECK_EQ(plan->lack.bar, w);
	CHECK_EQ(plan->lack.nr_blockers, 1);
	CHECK_EQ(plan->lack.blockers[0], one);
	CHECK_EQ(plan->lack.missing, 4 * MB);
	end(plan);
}

/* The reason is given although another device has got its place. */
static void test_lack_of_partial(void)
{
	struct pmb_plan *plan;
	u32 big;

	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 0);
	big = wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 32 * MB);
	wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_PARTIAL);
	CHECK_EQ(plan->lack.bar, big);
	CHECK(plan->lack.proved);
	CHECK(plan->lack.missing >= 24 * MB);
	end(plan);
}

static void test_slack(void)
{
	struct pmb_plan *plan;

	begin();
	root(PMB_IO, 0x1000, 0xf000, 0);
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	root(PMB_PREF, 0x4000000000ull, 3 * GB, 0);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x81000000);
	wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->slack[PMB_IO], 32 * KB);
	CHECK_EQ(plan->slack[PMB_MEM], 32 * MB);
	CHECK_EQ(plan->slack[PMB_PREF], 2 * GB);
	end(plan);
}

/* A new switch: its empty slots get what stock would leave them, or a part. */
static void test_reserve_of_new_switch(void)
{
	u32 up, down[4], i, w;
	struct pmb_plan *plan;
	u64 size;

	for (size = 128 * MB; size >= 4 * MB; size /= 4) {
		begin();
		root(PMB_MEM, 0x80000000, size, 0);
		up = bridge(bridge(PMB_NONE, PMB_BRIDGE_PCIE), PMB_BRIDGE_PCIE);
		for (i = 0; i < 4; i++) {
			down[i] = bridge(up, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
			lay->bridges[down[i]].win[PMB_MEM].reserve = 16 * MB;
		}
		w = wanted(dev(down[0], PMB_WAY_FREE), 0, MB);
		plan = plan_opt(NULL, 0);
		CHECK(in(plan, w, down[0], PMB_MEM));
		for (i = 0; i < 4; i++) {
			u64 got = at(plan, down[i], PMB_MEM).size;

			if (size == 128 * MB)
				CHECK_EQ(got, 16 * MB);
			else if (size == 32 * MB)
				CHECK(got >= 4 * MB);
		}
		end(plan);
	}
}

/* With relaxed_pref and not without; and a window that reaches far enough. */
static void test_relaxed_limits(void)
{
	const struct pmb_options relaxed = { .relaxed_pref = true };
	struct pmb_plan *plan;
	u32 b, w;

	begin();
	root(PMB_PREF, 0x4000000000ull, GB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	w = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_64, MB);
	plan = plan_opt(NULL, -ENOSPC);
	pmb_plan_free(plan);
	plan = plan_opt(&relaxed, 0);
	CHECK(in(plan, w, b, PMB_PREF));
	pmb_plan_free(plan);
	lay->bars[w].flags &= ~PMB_BAR_64;
	plan = plan_opt(&relaxed, -ENOSPC);
	pmb_plan_free(plan);
	lay->bars[w].flags |= PMB_BAR_64;
	lay->bridges[b].win[PMB_PREF].max = U32_MAX;
	plan = plan_opt(&relaxed, -ENOSPC);
	end(plan);
}

int main(void)
{
	RUN(test_io_best_effort);
	RUN(test_optional_of_partial);
	RUN(test_optional_one_by_one);
	RUN(test_vf);
	RUN(test_io_1k);
	RUN(test_io_16_bit);
	RUN(test_no_window);
	RUN(test_hardwired);
	RUN(test_not_in_prefetchable);
	RUN(test_stays_in_prefetchable);
	RUN(test_blockers_are_few);
	RUN(test_lack_of_partial);
	RUN(test_slack);
	RUN(test_reserve_of_new_switch);
	RUN(test_relaxed_limits);
	return tap_end();
}
