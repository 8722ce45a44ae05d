// SPDX-License-Identifier: GPL-2.0
/* What firmware leaves behind at its worst: the plan is one all the same, or none. */
#include "plan_bench.h"

/*
 * In no window, and not prefetchable: the prefetchable window does not grow over
 * it, and there is another way.
 *
 *	| pref |  | BAR |         |
 *	| pref  ........... wanted |	not this
 */
static void test_grows_elsewhere(void)
{
	struct pmb_plan *plan;
	u32 b, lost, w;

	begin();
	root(PMB_MEM, 0x80000000, 16 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_PREF, 0x80000000, MB);
	placed(dev(b, PMB_WAY_NEVER), PMB_BAR_PREF, MB, 0x80000000);
	lost = placed(dev(b, PMB_WAY_NEVER), 0, MB, 0x80200000);
	w = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_PREF | PMB_BAR_64, 4 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	CHECK(in(plan, w, b, PMB_MEM));
	CHECK(!in(plan, lost, b, PMB_PREF));
	end(plan);
}

/* Half of it is in the window now; all of it would be. */
static void test_no_whole_from_half(void)
{
	struct pmb_plan *plan;
	u32 b, half, w;

	begin();
	root(PMB_MEM, 0x80000000, 16 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_PREF, 0x80000000, 2 * MB);
	placed(dev(b, PMB_WAY_NEVER), PMB_BAR_PREF, MB, 0x80000000);
	half = placed(dev(b, PMB_WAY_NEVER), 0, 2 * MB, 0x80100000);
	lay->bars[half].align = MB;
	w = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_PREF | PMB_BAR_64, 4 * MB);
	plan = plan_opt(NULL, 0);
	CHECK(in(plan, w, b, PMB_MEM));
	CHECK(!in(plan, half, b, PMB_PREF));
	end(plan);
}

/* Nor does the reserve of a slot come to lie over it. */
static void test_reserve_elsewhere(void)
{
	struct pmb_range lost = { .start = 0x80600000, .size = 64 * KB }, pref;
	struct pmb_plan *plan;
	u32 up, slot, w;

	begin();
	root(PMB_MEM, 0x80000000, 12 * MB, 0);
	up = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	slot = bridge(up, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	lay->bridges[slot].win[PMB_PREF].reserve = 8 * MB;
	placed(dev(slot, PMB_WAY_NEVER), 0, lost.size, lost.start);
	w = wanted(dev(up, PMB_WAY_FREE), 0, MB);
	plan = plan_opt(NULL, 0);
	CHECK(in(plan, w, up, PMB_MEM));
	pref = at(plan, slot, PMB_PREF);
	CHECK(pref.size >= 2 * MB);
	CHECK(!pmb_ranges_overlap(&pref, &lost));
	end(plan);
}

/* Two fixed BARs at one address: a window has to suit both. */
static void test_two_at_one_address(void)
{
	struct pmb_plan *plan;
	u32 b;

	begin();
	root(PMB_MEM, 0x80000000, 16 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, 0x80000000, 4 * MB);
	placed(dev(b, PMB_WAY_NEVER), 0, 2 * MB, 0x80200000);
	placed(dev(b, PMB_WAY_NEVER), PMB_BAR_PREF, 2 * MB, 0x80200000);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, MB, 0x80400000);
	wanted(dev(b, PMB_WAY_FREE), 0, 8 * MB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK(unchanged(plan));
	end(plan);
}

/*
 * An empty slot with a slot inside, both have lost their room: the outer one gets
 * as much as the inner one needs.
 */
static void test_slot_in_slot(void)
{
	struct pmb_range outer, inner;
	struct pmb_plan *plan;
	u32 a, b, c;

	begin();
	root(PMB_MEM, 0x92200000, 27 * MB, 0);
	root(PMB_PREF, 0x180700000ull, GB, 0);
	a = bridge(PMB_NONE, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	win(a, PMB_PREF, 0x92200000, 22 * MB);
	lay->bridges[a].win[PMB_PREF].reserve = 15 * MB;
	c = bridge(a, PMB_BRIDGE_PCIE);
	b = bridge(a, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	win(b, PMB_PREF, 0x92400000, 20 * MB);
	lay->bridges[b].win[PMB_PREF].reserve = 58 * MB;
	wanted(dev(a, PMB_WAY_FREE), PMB_BAR_PREF, 8 * KB);
	wanted(dev(c, PMB_WAY_FREE), PMB_BAR_PREF, 8 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	outer = at(plan, a, PMB_PREF);
	inner = at(plan, b, PMB_PREF);
	CHECK_EQ(inner.size, 20 * MB);
	CHECK(pmb_range_holds(&outer, &inner));
	end(plan);
}

/*
 * The window of a slot has become smaller, with an open one inside: it does not go
 * elsewhere, for the sake of its reserve, without the one inside.
 */
static void test_slot_with_open_window(void)
{
	struct pmb_range outer, inner, other;
	struct pmb_plan *plan;
	u32 top, slot, a, b, root_dev;

	begin();
	root(PMB_MEM, 0x9c000000, 48 * MB, 0);
	top = bridge(PMB_NONE, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	win(top, PMB_MEM, 0x9c000000, 24 * MB);
	slot = bridge(top, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	win(slot, PMB_MEM, 0x9c000000, 24 * MB);
	lay->bridges[slot].win[PMB_MEM].reserve = 27 * MB;
	a = bridge(slot, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	win(a, PMB_MEM, 0x9c000000, 9 * MB);
	b = bridge(slot, PMB_BRIDGE_PCIE | PMB_BRIDGE_HOTPLUG);
	win(b, PMB_MEM, 0x9c900000, 15 * MB);
	lay->bridges[b].win[PMB_MEM].reserve = 14 * MB;
	root_dev = dev(PMB_NONE, PMB_WAY_FREE);
	wanted(root_dev, PMB_BAR_PREF | PMB_BAR_64, 8 * KB);
	wanted(root_dev, 0, MB);
	wanted(dev(top, PMB_WAY_FREE), PMB_BAR_PREF | PMB_BAR_64, 32 * MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	outer = at(plan, slot, PMB_MEM);
	inner = at(plan, a, PMB_MEM);
	other = at(plan, b, PMB_MEM);
	CHECK(!inner.size || pmb_range_holds(&outer, &inner));
	CHECK(!other.size || pmb_range_holds(&outer, &other));
	CHECK(!pmb_ranges_overlap(&inner, &other));
	end(plan);
}

/* Something without an address does not hide what is behind it in the order. */
static void test_nothing_hides(void)
{
	struct pmb_range chaos = { .start = 0x80000000, .size = 64 * MB };
	struct pmb_plan *plan;
	u32 b, c, w;

	begin();
	root(PMB_MEM, 0x80000000, 128 * MB, 0);
	placed(dev(PMB_NONE, PMB_WAY_NEVER), 0, chaos.start + chaos.size, 0);
	lay->bars[0].align = MB;
	wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 4 * KB);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, 0x81000000, 2 * MB);
	c = bridge(b, PMB_BRIDGE_PCIE);
	win(c, PMB_MEM, 0x81000000, MB);
	placed(dev(b, PMB_WAY_NEVER), 0, 8 * KB, 0x81100000);
	w = wanted(dev(c, PMB_WAY_FREE), 0, 512 * KB);
	plan = plan_opt(NULL, 0);
	CHECK(!plan->bar[w].size || !pmb_ranges_overlap(&plan->bar[w], &chaos));
	end(plan);
}

/* A BAR of nearly all addresses does not wrap to a small one. */
static void test_nearly_everything(void)
{
	struct pmb_plan *plan;
	u32 b, c, small, huge, w;

	begin();
	root(PMB_MEM, 0x80000000, 512 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	c = dev(b, PMB_WAY_FREE);
	small = wanted(c, PMB_BAR_64, 16 * MB);
	huge = wanted(c, PMB_BAR_64, -16 * MB);
	lay->bars[huge].align = 256 * MB;
	w = wanted(dev(b, PMB_WAY_FREE), 0, MB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_PARTIAL);
	CHECK(!plan->bar[huge].size && !plan->bar[small].size);
	CHECK(in(plan, w, b, PMB_MEM));
	end(plan);
}

/*
 * A window that hangs out of a transparent bridge, over a BAR that hangs out of
 * the root window: nothing is put where both answer.
 *
 *	root	|------------------------|
 *	top	|--------------|
 *	inner	     |-------------------|
 *	top's BAR	  |----------------------|
 */
static void test_shadow_past_transparent(void)
{
	struct pmb_plan *plan;
	u32 top, inner;

	begin();
	root(PMB_PREF, 0x180000000, 32 * MB, 0);
	top = bridge(PMB_NONE, PMB_BRIDGE_TRANSPARENT);
	win(top, PMB_PREF, 0x180000000, 16 * MB);
	inner = bridge(top, 0);
	win(inner, PMB_PREF, 0x180800000, 24 * MB);
	placed(dev(inner, PMB_WAY_NEVER), PMB_BAR_PREF | PMB_BAR_64, MB, 0x180800000);
	placed(dev(top, PMB_WAY_NEVER), PMB_BAR_PREF | PMB_BAR_64, 2 * GB, 0x180900000);
	lay->bars[1].align = MB;
	wanted(dev(inner, PMB_WAY_FREE), PMB_BAR_PREF | PMB_BAR_64, 8 * KB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK(unchanged(plan));
	end(plan);
}

/* Two windows at one address, a strict BAR in both: neither may move. */
static void test_strict_in_two_windows(void)
{
	const struct pmb_options relaxed = { .relaxed_pref = true };
	struct pmb_range pref = { .start = 0x8b000000, .size = 48 * MB };
	struct pmb_plan *plan;
	u32 top, b, strict;

	begin();
	root(PMB_MEM, 0x86000000, 256 * MB, 0);
	top = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(top, PMB_MEM, 0x86000000, 2 * MB);
	b = bridge(top, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, pref.start, pref.size);
	win(b, PMB_PREF, pref.start, pref.size);
	strict = placed(dev(b, PMB_WAY_NEVER), PMB_BAR_PREF | PMB_BAR_64 | PMB_BAR_STRICT,
			16 * MB, 0x8d000000);
	wanted(dev(b, PMB_WAY_FREE), PMB_BAR_64, 8 * MB);
	plan = plan_opt(&relaxed, -ENOSPC);
	CHECK(in(plan, strict, b, PMB_MEM) && in(plan, strict, b, PMB_PREF));
	end(plan);
}

/* A window with bus addresses that its registers cannot hold stays as it is. */
static void test_beyond_its_registers(void)
{
	struct pmb_plan *plan;
	u32 b;

	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 0x8000000000);
	b = bridge(PMB_NONE, 0);
	win(b, PMB_MEM, 0x80000000, 8 * MB);
	placed(dev(b, PMB_WAY_FREE), PMB_BAR_PREF, 64 * KB, 0x80000000);
	wanted(dev(PMB_NONE, PMB_WAY_FREE), PMB_BAR_64, MB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK(unchanged(plan));
	end(plan);
}

/* Nor does one change that is aligned for the CPU, but not on the bus. */
static void test_misaligned_on_the_bus(void)
{
	struct pmb_plan *plan;
	u32 b, c;

	begin();
	root(PMB_MEM, 0x80000000, 8 * MB, 256 * KB);
	b = bridge(PMB_NONE, 0);
	win(b, PMB_MEM, 0x80000000, 8 * MB);
	c = bridge(b, 0);
	win(c, PMB_MEM, 0x80000000, 8 * MB);
	placed(dev(c, PMB_WAY_NEVER), 0, 64 * KB, 0x80000000);
	wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, 256 * KB);
	plan = plan_opt(NULL, -ENOSPC);
	CHECK(unchanged(plan));
	end(plan);
}

/* Many BARs are placed as one block: not over what is behind the bridge in no window. */
static void test_many_beside_the_lost(void)
{
	struct pmb_range lost = { .start = 0x80080000, .size = 64 * KB }, r;
	struct pmb_plan *plan;
	u32 b, i;

	begin();
	root(PMB_MEM, 0x80000000, 16 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	placed(dev(b, PMB_WAY_NEVER), 0, lost.size, lost.start);
	for (i = 0; i < 60; i++)
		wanted(dev(b, PMB_WAY_FREE), 0, 64 * KB);
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	for (i = 1; i < plan->nr_bars; i++)
		CHECK(!pmb_ranges_overlap(&plan->bar[i], &lost));
	r = at(plan, b, PMB_MEM);
	CHECK(r.size >= 4 * MB);
	end(plan);
}

int main(void)
{
	RUN(test_grows_elsewhere);
	RUN(test_no_whole_from_half);
	RUN(test_reserve_elsewhere);
	RUN(test_two_at_one_address);
	RUN(test_slot_in_slot);
	RUN(test_slot_with_open_window);
	RUN(test_nothing_hides);
	RUN(test_nearly_everything);
	RUN(test_shadow_past_transparent);
	RUN(test_strict_in_two_windows);
	RUN(test_beyond_its_registers);
	RUN(test_misaligned_on_the_bus);
	RUN(test_many_beside_the_lost);
	return tap_end();
}
