// SPDX-License-Identifier: GPL-2.0
/* The planner where space is short, odd or missing. */
#include "plan_bench.h"

static void test_reserve_for_new_windows(void)
{
	const struct pmb_options none = { .no_reserve = true };
	struct pmb_plan *plan;
	u32 b;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	lay->bridges[b].win[PMB_MEM].reserve = 4 * MB;
	wanted(dev(b, PMB_WAY_FREE), 0, 64 * KB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(at(plan, b, PMB_MEM).size, 4 * MB);
	pmb_plan_free(plan);
	plan = plan_opt(&none, 0);
	CHECK_EQ(at(plan, b, PMB_MEM).size, MB);
	pmb_plan_free(plan);
	/* It never is a reason to fail. */
	lay->roots[0].range.size = 2 * MB;
	plan = plan_opt(NULL, 0);
	CHECK_EQ(at(plan, b, PMB_MEM).size, 2 * MB);
	end(plan);
}

/* Three empty slots have all the room: two keep theirs, one shrinks. */
static void test_empty_slots_give(void)
{
	struct pmb_plan *plan;
	u32 slot[4], i, w, changed = 0, open = 0;

	begin();
	root(PMB_MEM, 0x80000000, 12 * MB, 0);
	for (i = 0; i < 4; i++)
		slot[i] = bridge(PMB_NONE, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	for (i = 0; i < 3; i++) {
		win(slot[i], PMB_MEM, 0x80000000 + i * 4 * MB, 4 * MB);
		lay->bridges[slot[i]].win[PMB_MEM].reserve = 4 * MB;
	}
	w = wanted(dev(slot[3], PMB_WAY_FREE), 0, 2 * MB);
	plan = plan_opt(NULL, 0);
	CHECK(in(plan, w, slot[3], PMB_MEM));
	for (i = 0; i < 3; i++) {
		changed += at(plan, slot[i], PMB_MEM).size != 4 * MB;
		open += at(plan, slot[i], PMB_MEM).size >= 2 * MB;
	}
	CHECK_EQ(changed, 1);
	CHECK_EQ(open, 3);
	end(plan);
}

static void test_optional_never_costs(void)
{
	struct pmb_plan *plan;
	u32 rom, idle;

	begin();
	root(PMB_MEM, 0x80000000, 4 * MB, 0);
	placed(dev(PMB_NONE, PMB_WAY_LIVE), 0, MB, 0x80100000);
	idle = placed(dev(PMB_NONE, PMB_WAY_FREE), 0, MB, 0x80300000);
	rom = wanted(dev(PMB_NONE, PMB_WAY_FREE), PMB_BAR_OPTIONAL | PMB_BAR_ROM, 2 * MB);
	/* the idle one moves, the live one would not have */
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK_EQ(plan->cost, 0);
	CHECK_EQ(plan->bar[rom].start, 0x80200000);
	CHECK_EQ(plan->bar[idle].start, 0x80000000);
	pmb_plan_free(plan);

	lay->bars[idle].why = PMB_WHY_CLAIMED;
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK_EQ(plan->unplaced_optional, 1);
	CHECK_EQ(plan->cost, 0);
	CHECK(unchanged(plan));
	end(plan);
}

/* Two BARs of one device, room for one; then three devices, room for two. */
static void test_whole_devices(void)
{
	struct pmb_plan *plan;
	u32 d, e, a, b, c;

	begin();
	root(PMB_MEM, 0x80000000, 4 * MB, 0);
	d = dev(PMB_NONE, PMB_WAY_FREE);
	e = dev(PMB_NONE, PMB_WAY_FREE);
	a = wanted(d, 0, 4 * MB);
	b = wanted(d, 0, MB);
	c = wanted(e, 0, 2 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_PARTIAL);
	CHECK_EQ(plan->unplaced, 2);
	CHECK(!plan->bar[a].size);
	CHECK(!plan->bar[b].size);
	CHECK(plan->bar[c].size);
	end(plan);

	begin();
	root(PMB_MEM, 0x80000000, 4 * MB, 0);
	a = wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 4 * MB);
	b = wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 2 * MB);
	c = wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 2 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->unplaced, 1);
	CHECK(!plan->bar[a].size);
	CHECK(plan->bar[b].size && plan->bar[c].size);
	end(plan);
}

static void test_holes(void)
{
	struct pmb_plan *plan;
	u32 w;

	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 0);
	hole(false, 0x80100000, 0x1000);
	w = wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 4 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->bar[w].start, 0x80400000);
	pmb_plan_free(plan);
	hole(false, 0x80700000, 0x1000);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK_EQ(plan->verdict, PMB_PLAN_IMPOSSIBLE);
	end(plan);
}

/* The window above a strict BAR grows at its end and does not let go. */
static void test_strict(void)
{
	struct pmb_plan *plan;
	struct pmb_range r;
	u32 b, s, w;

	begin();
	root(PMB_MEM, 0x80000000, 16 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, 0x80400000, 4 * MB);
	s = placed(dev(b, PMB_WAY_LIVE), PMB_BAR_STRICT, MB, 0x80500000);
	w = wanted(dev(b, PMB_WAY_FREE), 0, 4 * MB);
	plan = plan_opt(NULL, 0);
	r = at(plan, b, PMB_MEM);
	CHECK(pmb_range_holds(&r, &lay->bridges[b].win[PMB_MEM].cur));
	CHECK(in(plan, w, b, PMB_MEM));
	CHECK_EQ(plan->bar[s].start, 0x80500000);
	end(plan);
}

/* All of the root window is above a strict BAR; nothing of it can be had. */
static void test_strict_does_not_shrink(void)
{
	struct pmb_plan *plan;
	u32 b, s;

	begin();
	root(PMB_MEM, 0x80000000, 4 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, 0x80000000, 4 * MB);
	s = placed(dev(b, PMB_WAY_LIVE), PMB_BAR_STRICT, MB, 0x80300000);
	wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 2 * MB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK(unchanged(plan));
	pmb_plan_free(plan);
	lay->bars[s].flags &= ~PMB_BAR_STRICT;
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->bars_moved, 0);
	CHECK_EQ(at(plan, b, PMB_MEM).size, 2 * MB);
	end(plan);
}

/* Two strict windows, one in the other, grow down to where a live BAR has been. */
static void test_strict_nested(void)
{
	struct pmb_plan *plan;
	u32 a, b, w, live;

	begin();
	root(PMB_MEM, 0x88800000, 32 * MB, 0);
	a = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	b = bridge(a, PMB_BRIDGE_PCIE);
	win(a, PMB_MEM, 0x88c00000, 7 * MB);
	win(b, PMB_MEM, 0x88c00000, 6 * MB);
	placed(dev(b, PMB_WAY_NEVER), PMB_BAR_STRICT, 4 * MB, 0x88c00000);
	placed(dev(b, PMB_WAY_NEVER), 0, 2 * MB, 0x89000000);
	live = placed(dev(PMB_NONE, PMB_WAY_LIVE), 0, 256 * KB, 0x88800000);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, 2 * MB, 0x89600000);
	w = wanted(dev(b, PMB_WAY_FREE), 0, 4 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->cost, PMB_COST_LIVE);
	CHECK(plan->bar[live].start != 0x88800000);
	CHECK_EQ(plan->bar[w].start, 0x88800000);
	CHECK(in(plan, w, b, PMB_MEM));
	end(plan);
}

/* A window that sticks out of the one above is of no use: it goes elsewhere. */
static void test_lost_window(void)
{
	struct pmb_plan *plan;
	u32 a, b, w;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	a = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	b = bridge(a, PMB_BRIDGE_PCIE);
	win(a, PMB_MEM, 0x80000000, 2 * MB);
	placed(dev(a, PMB_WAY_NEVER), 0, MB, 0x80000000);
	win(b, PMB_MEM, 0x80100000, 2 * MB);
	w = wanted(dev(b, PMB_WAY_FREE), 0, 4 * MB);
	plan = plan_opt(NULL, 0);
	CHECK(in(plan, w, b, PMB_MEM));
	CHECK(in(plan, w, a, PMB_MEM));
	end(plan);
}

/* Firmware left a BAR outside of all windows; nothing is put over it. */
static void test_uncovered(void)
{
	struct pmb_plan *plan;
	u32 b, w, out;

	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, 0x80000000, MB);
	out = placed(dev(b, PMB_WAY_NEVER), 0, MB, 0x80300000);
	placed(dev(b, PMB_WAY_NEVER), 0, 64 * KB, 0x80000000);
	w = wanted(dev(b, PMB_WAY_FREE), 0, 2 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->bar[out].start, 0x80300000);
	CHECK(in(plan, w, b, PMB_MEM));
	CHECK(!pmb_ranges_overlap(&plan->bar[w], &plan->bar[out]));
	end(plan);
}

/* Something below a transparent bridge that only the root window covers. */
static void test_transparent(void)
{
	struct pmb_plan *plan;
	u32 b, w, out;

	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_TRANSPARENT);
	win(b, PMB_MEM, 0x80000000, MB);
	out = placed(dev(b, PMB_WAY_LIVE), 0, MB, 0x80300000);
	w = wanted(dev(b, PMB_WAY_FREE), 0, 2 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->bar[out].start, 0x80300000);
	CHECK(in(plan, w, b, PMB_MEM));
	CHECK_EQ(plan->bars_moved, 0);
	end(plan);
}

static void test_several_roots(void)
{
	struct pmb_plan *plan;
	u32 b, w;

	begin();
	root(PMB_MEM, 0x80000000, 3 * MB, 0);
	root(PMB_MEM, 0x80300000, 2 * MB, 0);
	root(PMB_MEM, 0x90000000, 8 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, 0x80000000, 2 * MB);
	w = wanted(dev(b, PMB_WAY_FREE), 0, 4 * MB);
	plan = plan_opt(NULL, 0);
	CHECK(plan->bar[w].start >= 0x90000000);
	CHECK(in(plan, w, b, PMB_MEM));
	end(plan);
}

/* An answer that needs a search, and no budget for it. */
static void test_budget(void)
{
	const struct pmb_options tiny = { .budget = 3 };
	struct pmb_plan *plan;
	u32 i;

	begin();
	root(PMB_MEM, 0x80000000, 16 * MB, 0);
	for (i = 0; i < 4; i++)
		placed(dev(PMB_NONE, PMB_WAY_LIVE), 0, MB, 0x80000000 + (4 * i + 1) * MB);
	wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 8 * MB);
	plan = plan_opt(&tiny, -ENOSPC);
	CHECK_EQ(plan->verdict, PMB_PLAN_NOT_FOUND);
	CHECK(unchanged(plan));
	CHECK(!plan->lack.proved);
	pmb_plan_free(plan);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->cost, 2);
	end(plan);
}

/*
 * Functions behind a bridge, @nr of them, have to leave the larger room:
 *
 *	|    |many|          |fixed|      |	7 MiB, 1, 3
 *	|seven that are new  |fixed|many| |
 */
static void many_give_way(u32 nr, enum pmb_way way)
{
	struct pmb_plan *plan;
	u32 many, slot, i;

	begin();
	root(PMB_MEM, 0x80000000, 11 * MB, 0);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x80700000);
	many = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(many, PMB_MEM, 0x80200000, MB);
	for (i = 0; i < nr; i++)
		placed(dev(many, way), 0, 4 * KB, 0x80200000 + i * 4 * KB);
	slot = bridge(PMB_NONE, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	for (i = 0; i < 7; i++)
		wanted(dev(slot, PMB_WAY_FREE), 0, MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK_EQ(plan->bars_moved, nr);
	CHECK(at(plan, many, PMB_MEM).start >= 0x80800000);
	end(plan);
}

static void test_many_give_way(void)
{
	static const u32 nr[] = { 4, 20, 60, 248 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(nr); i++) {
		many_give_way(nr[i], PMB_WAY_FREE);
		many_give_way(nr[i], PMB_WAY_LIVE);
		many_give_way(nr[i], PMB_WAY_PAUSE);
	}
}

/* Between two calls the caller learns that a device does not move after all. */
static void test_plan_again(void)
{
	struct pmb_plan *plan;
	u32 a, b;

	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 0);
	a = placed(dev(PMB_NONE, PMB_WAY_LIVE), 0, MB, 0x80100000);
	b = placed(dev(PMB_NONE, PMB_WAY_PAUSE), 0, MB, 0x80500000);
	wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 4 * MB);
	plan = plan_opt(NULL, 0);
	CHECK(plan->bar[a].start != 0x80100000);
	CHECK_EQ(plan->devs_paused, 0);
	lay->bars[a].why = PMB_WHY_REFUSED;
	CHECK_EQ(pmb_plan_make(lay, NULL, plan), 0);
	CHECK_EQ(plan->bar[a].start, 0x80100000);
	CHECK_EQ(plan->devs_paused, 1);
	lay->bars[b].why = PMB_WHY_REFUSED;
	CHECK_EQ(pmb_plan_make(lay, NULL, plan), -ENOSPC);
	CHECK_EQ(plan->lack.nr_blockers, 1);
	end(plan);
}

/* Everything is to be placed: 512 bridges, some 4000 BARs. */
static void test_from_nothing(void)
{
	u32 r, s, up, i, slot, d;
	struct pmb_plan *plan;

	begin();
	root(PMB_MEM, 0x80000000, 0x7ec00000, 0);
	root(PMB_MEM, 0x4000000000ull, 0x4000000000ull, 0);
	for (r = 0; r < 8; r++) {
		up = bridge(bridge(PMB_NONE, PMB_BRIDGE_PCIE), PMB_BRIDGE_PCIE);
		for (s = 0; s < 62; s++) {
			slot = bridge(up, PMB_BRIDGE_PCIE);
			for (i = 0; i < 4; i++) {
				d = dev(slot, PMB_WAY_FREE);
				wanted(d, 0, 16 * KB << (i & 1));
				wanted(d, PMB_BAR_64 | PMB_BAR_PREF, i & 1 ? MB : 64 * KB);
			}
		}
	}
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK_EQ(plan->bars_placed, 8 * 62 * 8);
	end(plan);
}

/* A layout that is no layout, and a plan for another one. */
static void test_malformed(void)
{
	struct pmb_plan *plan;

	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 0);
	wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, MB);
	plan = pmb_plan_alloc(lay);
	lay->bars[0].align = 3;
	CHECK_EQ(pmb_plan_make(lay, NULL, plan), -EINVAL);
	lay->bars[0].align = MB;
	CHECK_EQ(pmb_plan_make(lay, NULL, plan), 0);
	bridge(PMB_NONE, 0);
	CHECK_EQ(pmb_plan_make(lay, NULL, plan), -EINVAL);
	end(plan);
}

int main(void)
{
	RUN(test_reserve_for_new_windows);
	RUN(test_empty_slots_give);
	RUN(test_optional_never_costs);
	RUN(test_whole_devices);
	RUN(test_holes);
	RUN(test_strict);
	RUN(test_strict_does_not_shrink);
	RUN(test_strict_nested);
	RUN(test_lost_window);
	RUN(test_uncovered);
	RUN(test_transparent);
	RUN(test_several_roots);
	RUN(test_budget);
	RUN(test_many_give_way);
	RUN(test_plan_again);
	RUN(test_from_nothing);
	RUN(test_malformed);
	return tap_end();
}
