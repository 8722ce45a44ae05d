// SPDX-License-Identifier: GPL-2.0
/* The planner on layouts whose answer is known: who moves, and who does not. */
#include "plan_bench.h"

static void test_free_hole(void)
{
	struct pmb_plan *plan;
	u32 b, w;

	begin();
	root(PMB_MEM, 0x80000000, GB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, 0x80000000, 2 * MB);
	placed(dev(b, PMB_WAY_LIVE), 0, 64 * KB, 0x80000000);
	w = wanted(dev(b, PMB_WAY_FREE), 0, MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK_EQ(plan->wins_changed, 0);
	CHECK_EQ(plan->bars_moved, 0);
	CHECK_EQ(plan->bar[w].start, 0x80100000);
	end(plan);
}

/* A q35 with one x3130, four xio3130; a drive in slot 0, a card for slot 1. */
static void test_q35_x3130(void)
{
	u32 port, up, slot[4], nvme, pref, mem, io, i, p;
	struct pmb_plan *plan;

	begin();
	root(PMB_IO, 0x1000, 0xf000, 0);
	root(PMB_MEM, 0xc0000000, 0x3ec00000, 0);
	root(PMB_MEM, 0x100000000ull * 8, 32 * GB, 0);
	port = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	up = bridge(port, PMB_BRIDGE_PCIE);
	for (i = 0; i < 4; i++)
		slot[i] = bridge(up, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	win(port, PMB_IO, 0x1000, 0x4000);
	win(up, PMB_IO, 0x1000, 0x4000);
	win(port, PMB_MEM, 0xc0000000, 8 * MB);
	win(up, PMB_MEM, 0xc0000000, 8 * MB);
	win(port, PMB_PREF, 0x800000000ull, 8 * MB);
	win(up, PMB_PREF, 0x800000000ull, 8 * MB);
	for (i = 0; i < 4; i++) {
		win(slot[i], PMB_IO, 0x1000 + i * 0x1000, 0x1000);
		win(slot[i], PMB_MEM, 0xc0000000 + i * 2 * MB, 2 * MB);
		win(slot[i], PMB_PREF, 0x800000000ull + i * 2 * MB, 2 * MB);
		lay->bridges[slot[i]].win[PMB_MEM].reserve = 2 * MB;
		lay->bridges[slot[i]].win[PMB_PREF].reserve = 2 * MB;
	}
	nvme = placed(dev(slot[0], PMB_WAY_LIVE), PMB_BAR_64, 16 * KB, 0xc0000000);
	/* a neighbour right behind the root port's prefetchable window */
	p = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(p, PMB_PREF, 0x800800000ull, 16 * MB);
	placed(dev(p, PMB_WAY_NEVER), PMB_BAR_64 | PMB_BAR_PREF, 16 * MB, 0x801000000ull);
	win(p, PMB_PREF, 0x800800000ull, 24 * MB);
	i = dev(slot[1], PMB_WAY_FREE);
	pref = wanted(i, PMB_BAR_64 | PMB_BAR_PREF, 16 * MB);
	mem = wanted(i, 0, 4 * KB);
	io = wanted(i, PMB_BAR_IO, 256);

	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK_EQ(plan->cost, 0);
	CHECK_EQ(plan->bars_moved, 0);
	CHECK(in(plan, pref, slot[1], PMB_PREF));
	CHECK(in(plan, pref, port, PMB_PREF));
	CHECK(in(plan, mem, slot[1], PMB_MEM));
	CHECK(in(plan, io, slot[1], PMB_IO));
	CHECK_EQ(plan->bar[nvme].start, 0xc0000000);
	for (i = 0; i < 4; i++) {
		CHECK_EQ(at(plan, slot[i], PMB_MEM).start, 0xc0000000 + i * 2 * MB);
		CHECK_EQ(at(plan, slot[i], PMB_MEM).size, 2 * MB);
		/* nobody has to give anything up: the root is nearly empty */
		CHECK(at(plan, slot[i], PMB_PREF).size >= 2 * MB);
	}
	CHECK(plan->bar[pref].start >= 0x800000000ull);
	end(plan);
}

/* Two switches whose windows touch, drives behind both. */
static void test_two_switches(void)
{
	u32 port[2], up[2], slot[2][4], i, k, w[7];
	struct pmb_plan *plan;
	u64 base;

	begin();
	root(PMB_MEM, 0xc0000000, 256 * MB, 0);
	for (i = 0; i < 2; i++) {
		base = 0xc0000000 + i * 4 * MB;
		port[i] = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
		up[i] = bridge(port[i], PMB_BRIDGE_PCIE);
		win(port[i], PMB_MEM, base, 4 * MB);
		win(up[i], PMB_MEM, base, 4 * MB);
		for (k = 0; k < 4; k++) {
			slot[i][k] = bridge(up[i], PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
			win(slot[i][k], PMB_MEM, base + k * MB, MB);
		}
	}
	placed(dev(slot[0][0], PMB_WAY_LIVE), PMB_BAR_64, 16 * KB, 0xc0000000);
	placed(dev(slot[1][0], PMB_WAY_LIVE), PMB_BAR_64, 16 * KB, 0xc0400000);
	placed(dev(slot[1][1], PMB_WAY_LIVE), PMB_BAR_64, 16 * KB, 0xc0500000);
	for (k = 0; k < 7; k++)
		w[k] = wanted(dev(slot[0][1], PMB_WAY_FREE), 0, MB);

	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK_EQ(plan->cost, 1);
	CHECK_EQ(plan->devs_live, 1);
	CHECK_EQ(plan->bars_moved, 1);
	for (k = 0; k < 7; k++)
		CHECK(in(plan, w[k], slot[0][1], PMB_MEM));
	end(plan);
}

/* A slot behind two bridges; every window above it has to grow. */
static void test_windows_several_levels(void)
{
	u32 a, b, c, w, keep;
	struct pmb_plan *plan;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	a = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	b = bridge(a, PMB_BRIDGE_PCIE);
	c = bridge(b, PMB_BRIDGE_PCIE);
	win(a, PMB_MEM, 0x80000000, 2 * MB);
	win(b, PMB_MEM, 0x80000000, 2 * MB);
	keep = bridge(b, PMB_BRIDGE_PCIE);
	win(keep, PMB_MEM, 0x80000000, MB);
	win(c, PMB_MEM, 0x80100000, MB);
	placed(dev(keep, PMB_WAY_NEVER), 0, MB, 0x80000000);
	w = wanted(dev(c, PMB_WAY_FREE), 0, 8 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->bars_moved, 0);
	CHECK_EQ(plan->wins_changed, 3);
	CHECK_EQ(at(plan, keep, PMB_MEM).start, 0x80000000);
	CHECK_EQ(at(plan, keep, PMB_MEM).size, MB);
	CHECK(in(plan, w, c, PMB_MEM));
	CHECK(in(plan, w, a, PMB_MEM));
	end(plan);
}

/* The device in the middle of the root window has no driver. */
static void test_driverless_moved(void)
{
	struct pmb_plan *plan;
	u32 idle, live, w;

	begin();
	root(PMB_MEM, 0x80000000, 4 * MB, 0);
	idle = placed(dev(PMB_NONE, PMB_WAY_FREE), 0, MB, 0x80100000);
	live = placed(dev(PMB_NONE, PMB_WAY_LIVE), 0, MB, 0x80200000);
	w = wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 2 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->cost, 0);
	CHECK_EQ(plan->bars_moved, 1);
	CHECK_EQ(plan->bar[live].start, 0x80200000);
	CHECK_EQ(plan->bar[idle].start, 0x80300000);
	CHECK_EQ(plan->bar[w].start, 0x80000000);
	end(plan);
}

/* Three live devices could make room, one of them is enough. */
static void test_one_live_and_not_more(void)
{
	struct pmb_plan *plan;

	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 0);
	placed(dev(PMB_NONE, PMB_WAY_LIVE), 0, MB, 0x80000000);
	placed(dev(PMB_NONE, PMB_WAY_LIVE), 0, MB, 0x80300000);
	placed(dev(PMB_NONE, PMB_WAY_LIVE), 0, MB, 0x80600000);
	wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 4 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->cost, PMB_COST_LIVE);
	CHECK_EQ(plan->devs_live, 1);
	CHECK_EQ(plan->devs_paused, 0);
	CHECK_EQ(plan->bars_moved, 1);
	end(plan);
}

static void test_paused_only_when_unavoidable(void)
{
	const struct pmb_options cheap = { .max_cost = 10 };
	struct pmb_plan *plan;
	u32 pause;

	/* Either two live ones, or a single one that has to be paused. */
	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 0);
	placed(dev(PMB_NONE, PMB_WAY_LIVE), 0, MB, 0x80000000);
	placed(dev(PMB_NONE, PMB_WAY_LIVE), 0, MB, 0x80200000);
	pause = placed(dev(PMB_NONE, PMB_WAY_PAUSE), 0, MB, 0x80500000);
	wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 4 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->cost, 2 * PMB_COST_LIVE);
	CHECK_EQ(plan->devs_paused, 0);
	CHECK_EQ(plan->bar[pause].start, 0x80500000);
	pmb_plan_free(plan);

	/* Without the live ones it has to be. */
	lay->devs[0].way = PMB_WAY_NEVER;
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->cost, PMB_COST_PAUSE);
	CHECK_EQ(plan->devs_paused, 1);
	pmb_plan_free(plan);

	/* But not if that is too dear. */
	plan = plan_opt(&cheap, -ENOSPC);
	CHECK_EQ(plan->verdict, PMB_PLAN_NOT_FOUND);
	CHECK(unchanged(plan));
	end(plan);
}

/* A fixed BAR in the only place that is large enough: said so, and proved. */
static void test_blocked(void)
{
	struct pmb_plan *plan;
	u32 b, fixed, w;

	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, 0x80000000, MB);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x80600000);
	fixed = placed(dev(PMB_NONE, PMB_WAY_LIVE), 0, MB, 0x80200000);
	lay->bars[fixed].why = PMB_WHY_MMAP;
	w = wanted(dev(b, PMB_WAY_FREE), 0, 4 * MB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK_EQ(plan->verdict, PMB_PLAN_IMPOSSIBLE);
	CHECK_EQ(plan->unplaced, 1);
	CHECK(unchanged(plan));
	CHECK_EQ(plan->lack.bar, w);
	CHECK(plan->lack.proved);
	CHECK_EQ(plan->lack.bridge, b);
	CHECK_EQ(plan->lack.space, PMB_MEM);
	CHECK_EQ(plan->lack.nr_blockers, 1);
	end(plan);
}

static void test_too_large(void)
{
	struct pmb_plan *plan;
	u32 w;

	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 0);
	w = wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 16 * MB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK_EQ(plan->verdict, PMB_PLAN_IMPOSSIBLE);
	CHECK_EQ(plan->lack.bar, w);
	CHECK_EQ(plan->lack.bridge, PMB_NONE);
	CHECK_EQ(plan->lack.missing, 8 * MB);
	CHECK_EQ(plan->lack.nr_blockers, 0);
	end(plan);
}

/* What is checked is the bus address; the CPU's is beyond 4 GiB here. */
static void test_32_bit_limit(void)
{
	struct pmb_plan *plan;
	u32 b, low, high;

	begin();
	root(PMB_MEM, 0x6000000000ull, 16 * MB, 0x6000000000ull - 0x80000000ull);
	root(PMB_PREF, 0x7000000000ull, GB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	low = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_PREF, 8 * MB);
	high = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_PREF | PMB_BAR_64, 8 * MB);
	plan = plan_opt(NULL, 0);
	CHECK(plan->bar[low].start < 0x6001000000ull);
	CHECK(plan->bar[high].start >= 0x7000000000ull);
	CHECK(in(plan, high, b, PMB_PREF));
	end(plan);

	begin();
	root(PMB_PREF, 0x7000000000ull, GB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	wanted(dev(b, PMB_WAY_FREE), PMB_BAR_PREF, 8 * MB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK_EQ(plan->verdict, PMB_PLAN_IMPOSSIBLE);
	end(plan);
}

static void test_pref_falls_back(void)
{
	struct pmb_plan *plan;
	u32 b, w;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	lay->bridges[b].win[PMB_PREF].align = 0;
	lay->bridges[b].win[PMB_PREF].max = 0;
	w = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_PREF | PMB_BAR_64, 16 * MB);
	plan = plan_opt(NULL, 0);
	CHECK(in(plan, w, b, PMB_MEM));
	end(plan);
}

/* 64-bit BARs that are not prefetchable, and room only beyond 4 GiB. */
static void test_relaxed(void)
{
	const struct pmb_options relaxed = { .relaxed_pref = true };
	struct pmb_plan *plan;
	u32 b, w;

	begin();
	root(PMB_MEM, 0x80000000, MB, 0);
	root(PMB_PREF, 0x7000000000ull, GB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	w = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_64, 4 * MB);
	plan = plan_opt(NULL, -ENOSPC);
	pmb_plan_free(plan);
	plan = plan_opt(&relaxed, 0);
	CHECK(in(plan, w, b, PMB_PREF));
	pmb_plan_free(plan);
	lay->bridges[b].flags = 0;
	plan = plan_opt(&relaxed, -ENOSPC);
	end(plan);
}

static void test_io_windows(void)
{
	struct pmb_plan *plan;
	u32 a, b, w, x, m;

	begin();
	root(PMB_IO, 0x1000, 0x3000, 0);
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	a = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	lay->bridges[b].win[PMB_IO].align = KB;
	placed(dev(PMB_NONE, PMB_WAY_NEVER), PMB_BAR_IO, 256, 0x3000);
	w = wanted(dev(a, PMB_WAY_FREE), PMB_BAR_IO, 256);
	x = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_IO, 256);
	m = wanted(dev(b, PMB_WAY_FREE), 0, MB);
	plan = plan_opt(NULL, 0);
	CHECK(in(plan, w, a, PMB_IO));
	CHECK(in(plan, x, b, PMB_IO));
	CHECK(in(plan, m, b, PMB_MEM));
	CHECK_EQ(at(plan, a, PMB_IO).size, 4 * KB);
	end(plan);
}

/* Ports are a matter of each BAR. */
static void test_io_one_by_one(void)
{
	struct pmb_plan *plan;
	u32 d, a, b;

	begin();
	root(PMB_IO, 0x1000, 256, 0);
	d = dev(PMB_NONE, PMB_WAY_FREE);
	a = wanted(d, PMB_BAR_IO, 256);
	b = wanted(d, PMB_BAR_IO, 32);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_PARTIAL);
	CHECK_EQ(plan->unplaced, 1);
	CHECK(!plan->bar[a].size != !plan->bar[b].size);
	end(plan);
}

/* I/O is required but does not undo the memory of the same device. */
static void test_io_fails_alone(void)
{
	struct pmb_plan *plan;
	u32 b, d, io, mem;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	d = dev(b, PMB_WAY_FREE);
	io = wanted(d, PMB_BAR_IO, 256);
	mem = wanted(d, 0, MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_PARTIAL);
	CHECK_EQ(plan->unplaced, 1);
	CHECK(!plan->bar[io].size);
	CHECK(in(plan, mem, b, PMB_MEM));
	CHECK_EQ(plan->lack.bar, io);
	end(plan);
}

int main(void)
{
	RUN(test_free_hole);
	RUN(test_q35_x3130);
	RUN(test_two_switches);
	RUN(test_windows_several_levels);
	RUN(test_driverless_moved);
	RUN(test_one_live_and_not_more);
	RUN(test_paused_only_when_unavoidable);
	RUN(test_blocked);
	RUN(test_too_large);
	RUN(test_32_bit_limit);
	RUN(test_pref_falls_back);
	RUN(test_relaxed);
	RUN(test_io_windows);
	RUN(test_io_one_by_one);
	RUN(test_io_fails_alone);
	return tap_end();
}
