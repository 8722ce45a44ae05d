// SPDX-License-Identifier: GPL-2.0
/* Of plans that disturb equally little, the one that wastes the least space. */
#include "plan_bench.h"

/* By how much the windows of one kind grow, of all bridges. */
static u64 growth(const struct pmb_plan *plan, enum pmb_space space)
{
	u64 sum = 0, now;
	u32 i;

	for (i = 0; i < lay->nr_bridges; i++) {
		now = lay->bridges[i].win[space].cur.size;
		if (at(plan, i, space).size > now)
			sum += at(plan, i, space).size - now;
	}
	return sum;
}

/*
 * A port, a switch, four slots; firmware has given 2 MiB of each kind to every
 * slot, right below the ports of the chipset.
 */
static u32 slot[4], up, port;

static void firmware_tree(void)
{
	u32 i;

	root(PMB_MEM, 0xc0000000, 0x3ec00000, 0);
	port = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	up = bridge(port, PMB_BRIDGE_PCIE);
	for (i = 0; i < 4; i++)
		slot[i] = bridge(up, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	win(port, PMB_MEM, 0xfda00000, 8 * MB);
	win(up, PMB_MEM, 0xfda00000, 8 * MB);
	win(port, PMB_PREF, 0xfd200000, 8 * MB);
	win(up, PMB_PREF, 0xfd200000, 8 * MB);
	for (i = 0; i < 4; i++) {
		win(slot[i], PMB_MEM, 0xfda00000 + i * 2 * MB, 2 * MB);
		win(slot[i], PMB_PREF, 0xfd200000 + i * 2 * MB, 2 * MB);
	}
	placed(dev(slot[0], PMB_WAY_NEVER), PMB_BAR_64, 16 * KB, 0xfda00000);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, 4 * KB, 0xfe200000);
}

/*
 * Nothing needs the prefetchable windows to be low, and where they are they cannot
 * grow: they go, all together.
 */
static void test_beyond_4g(void)
{
	struct pmb_plan *plan;
	u32 w, i;

	begin();
	firmware_tree();
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0xfd100000);
	root(PMB_MEM, 0x800000000ull, 32 * GB, 0);
	w = wanted(dev(slot[1], PMB_WAY_FREE), PMB_BAR_64 | PMB_BAR_PREF, 16 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK(in(plan, w, slot[1], PMB_PREF));
	CHECK(plan->bar[w].start >= 0x800000000ull);
	CHECK_EQ(growth(plan, PMB_MEM), 0);
	CHECK(growth(plan, PMB_PREF) <= 3 * 32 * MB);
	for (i = 0; i < 4; i++) {
		CHECK_EQ(at(plan, slot[i], PMB_MEM).start, 0xfda00000 + i * 2 * MB);
		CHECK(at(plan, slot[i], PMB_PREF).size >= 2 * MB);
	}
	end(plan);
}

/* Below 4 GiB windows grow next to where they are. */
static void test_next_to_it(void)
{
	struct pmb_plan *plan;
	u32 w;

	begin();
	firmware_tree();
	w = wanted(dev(slot[1], PMB_WAY_FREE), PMB_BAR_64 | PMB_BAR_PREF, 16 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK(plan->bar[w].size);
	CHECK(growth(plan, PMB_MEM) + growth(plan, PMB_PREF) <= 3 * 32 * MB);
	end(plan);
}

/* The end at which less is lost: 3 MiB are free before, 16 MiB behind. */
static void test_better_end(void)
{
	struct pmb_plan *plan;
	u32 b, w;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, 0x80900000, 2 * MB);
	placed(dev(b, PMB_WAY_NEVER), 0, 2 * MB, 0x80900000);
	w = wanted(dev(b, PMB_WAY_FREE), 0, 8 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->bar[w].start, 0x80000000);
	CHECK_EQ(at(plan, b, PMB_MEM).size, 11 * MB);
	end(plan);
}

/* A new window goes into the smallest gap that is large enough. */
static void test_smallest_gap(void)
{
	struct pmb_plan *plan;
	u32 b, w;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x82000000);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x82500000);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	w = wanted(dev(b, PMB_WAY_FREE), 0, 2 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->bar[w].start, 0x82200000);
	CHECK_EQ(plan->wins_changed, 1);
	end(plan);
}

/* The slot of another switch has nothing to do with it. */
static void test_others_untouched(void)
{
	struct pmb_plan *plan;
	u32 a, b, w;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	a = bridge(PMB_NONE, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	win(a, PMB_MEM, 0x80800000, 2 * MB);
	lay->bridges[a].win[PMB_MEM].reserve = 16 * MB;
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	w = wanted(dev(b, PMB_WAY_FREE), 0, MB);
	plan = plan_opt(NULL, 0);
	CHECK(in(plan, w, b, PMB_MEM));
	CHECK_EQ(at(plan, a, PMB_MEM).start, 0x80800000);
	CHECK_EQ(at(plan, a, PMB_MEM).size, 2 * MB);
	CHECK_EQ(plan->wins_changed, 1);
	end(plan);
}

/*
 * A window on the same bus is larger than it has to be: that is where room is
 * taken from, and not from the empty slot of another port.
 *
 *	| slot |      port      | fixed |
 *	       | BAR | (room)   |
 */
static void test_neighbour_shrinks(void)
{
	struct pmb_plan *plan;
	u32 a, b, c, w;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	a = bridge(PMB_NONE, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	win(a, PMB_MEM, 0x80000000, MB);
	lay->bridges[a].win[PMB_MEM].reserve = MB;
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, 0x80100000, 2 * MB);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x80300000);
	c = bridge(b, PMB_BRIDGE_PCIE);
	win(c, PMB_MEM, 0x80100000, 2 * MB);
	placed(dev(c, PMB_WAY_NEVER), 0, 64 * KB, 0x80100000);
	w = wanted(dev(b, PMB_WAY_FREE), 0, 64 * KB);
	plan = plan_opt(NULL, 0);
	CHECK(in(plan, w, b, PMB_MEM));
	CHECK_EQ(at(plan, a, PMB_MEM).start, 0x80000000);
	CHECK_EQ(at(plan, a, PMB_MEM).size, MB);
	CHECK_EQ(at(plan, b, PMB_MEM).size, 2 * MB);
	CHECK_EQ(plan->wins_changed, 1);
	end(plan);
}

int main(void)
{
	RUN(test_beyond_4g);
	RUN(test_next_to_it);
	RUN(test_better_end);
	RUN(test_smallest_gap);
	RUN(test_others_untouched);
	RUN(test_neighbour_shrinks);
	return tap_end();
}
