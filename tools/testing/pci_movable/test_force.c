// SPDX-License-Identifier: GPL-2.0
/* Moves without need: the plan that comes out is one of the layout as it is. */
#include "force.h"
#include "plan_bench.h"

#define LOW	0x80000000ull

static struct pmb_force force;

/* A port with a window of @span MiB, and a device in its first one. */
static u32 machine(u64 span, u64 root_size, enum pmb_way way)
{
	u32 b;

	begin();
	root(PMB_MEM, LOW, root_size, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, LOW, span * MB);
	return dev(b, way);
}

static void ask(u32 d, u32 bars)
{
	memset(&force, 0, sizeof(force));
	pmb_name_set(force.dev, lay->devs[d].name);
	force.bars = bars;
}

/* The error of the first step that fails. */
static int run(struct pmb_plan **plan)
{
	u32 nr_devs = lay->nr_devs, nr_bars = lay->nr_bars;
	char why[256] = "";
	int err, second;

	*plan = NULL;
	err = pmb_force_begin(&force, lay);
	if (err) {
		CHECK_EQ(lay->nr_bars, nr_bars);
		return err;
	}
	CHECK(!pmb_layout_check(lay, why, sizeof(why)));
	*plan = pmb_plan_alloc(lay);
	err = pmb_plan_make(lay, NULL, *plan);
	CHECK_MSG(!pmb_verify(lay, NULL, *plan, why, sizeof(why)), "%s", why);
	second = pmb_force_end(&force, lay, *plan);
	CHECK_EQ(lay->nr_devs, nr_devs);
	CHECK_EQ(lay->nr_bars, nr_bars);
	CHECK_EQ((*plan)->nr_bars, nr_bars);
	return err ? err : second;
}

static void test_moves_inside_its_window(void)
{
	u32 d = machine(2, GB, PMB_WAY_PAUSE);
	u32 b = placed(d, 0, 16 * KB, LOW);
	struct pmb_bar was = lay->bars[b];
	struct pmb_plan *plan;

	ask(d, BIT(0));
	CHECK_EQ(run(&plan), 0);
	CHECK(!memcmp(&was, &lay->bars[b], sizeof(was)));
	CHECK(plan->bar[b].start != LOW);
	CHECK(in(plan, b, 0, PMB_MEM));
	CHECK_EQ(plan->bars_moved, 1);
	CHECK_EQ(plan->bars_placed, 0);
	CHECK_EQ(plan->devs_paused, 1);
	CHECK_EQ(plan->cost, PMB_COST_PAUSE);
	CHECK_EQ(plan->wins_changed, 0);
	end(plan);
}

/* The BAR of virtual functions moves when it is named, and not with the others. */
static void test_virtual_functions(void)
{
	u32 d = machine(4, GB, PMB_WAY_FREE), own, vfs;
	struct pmb_plan *plan;

	own = placed(d, 0, 16 * KB, LOW);
	vfs = placed(d, PMB_BAR_VF | PMB_BAR_OPTIONAL, MB, LOW + MB);
	lay->bars[vfs].res = 7;
	ask(d, 0);
	CHECK_EQ(run(&plan), 0);
	CHECK(plan->bar[own].start != LOW && plan->bar[vfs].start == LOW + MB);
	pmb_plan_free(plan);
	ask(d, BIT(7));
	CHECK_EQ(run(&plan), 0);
	CHECK(plan->bar[own].start == LOW && plan->bar[vfs].start != LOW + MB);
	CHECK(in(plan, vfs, 0, PMB_MEM));
	end(plan);
}

/* Its window is full: the window grows, and one BAR after the other is counted once. */
static void test_window_grows(void)
{
	u32 d = machine(2, GB, PMB_WAY_LIVE), a, b;
	struct pmb_plan *plan;

	a = placed(d, 0, MB, LOW);
	b = placed(d, 0, MB, LOW + MB);
	lay->bars[b].res = 1;
	lay->bars[b].reg = 0x14;
	ask(d, 0);
	CHECK_EQ(run(&plan), 0);
	CHECK(plan->bar[a].start != LOW);
	CHECK(plan->bar[b].start != LOW + MB);
	CHECK_EQ(plan->bars_moved, 2);
	CHECK_EQ(plan->devs_live, 1);
	CHECK_EQ(plan->cost, PMB_COST_LIVE);
	CHECK_EQ(plan->wins_changed, 1);
	end(plan);
}

/* A Resizable BAR keeps its size, and what is wanted elsewhere stays so. */
static void test_asks_for_nothing_else(void)
{
	u32 d = machine(2, GB, PMB_WAY_FREE);
	u32 b = placed(d, 0, MB, LOW), other;
	struct pmb_plan *plan;

	lay->bars[b].sizes = 7;
	other = wanted(dev(PMB_NONE, PMB_WAY_FREE), 0, MB);
	ask(d, BIT(0));
	CHECK_EQ(run(&plan), 0);
	CHECK_EQ(plan->bar[b].size, MB);
	CHECK_EQ(lay->bars[b].sizes, 7);
	CHECK_EQ(plan->bar[other].size, 0);
	CHECK_EQ(plan->bars_placed, 0);
	end(plan);
}

static void test_no_other_place(void)
{
	u32 d = machine(1, MB, PMB_WAY_LIVE), i;
	u32 b = placed(d, 0, MB, LOW);
	struct pmb_plan *plan;

	ask(d, BIT(0));
	CHECK_EQ(run(&plan), -ENOSPC);
	CHECK(lay->bars[b].flags & PMB_BAR_PLACED);
	for (i = 0; i < plan->lack.nr_blockers; i++)
		CHECK(plan->lack.blockers[i] < lay->nr_bars);
	end(plan);
}

static void test_refusals(void)
{
	u32 d = machine(2, GB, PMB_WAY_PAUSE);
	u32 b = placed(d, 0, MB, LOW);
	struct pmb_plan *plan;

	ask(d, BIT(0));
	lay->bars[b].why = PMB_WHY_DRIVER;
	CHECK_EQ(run(&plan), -EPERM);
	lay->bars[b].why = PMB_WHY_BUSY;
	CHECK_EQ(run(&plan), -EBUSY);
	force.bars = 0;
	CHECK_EQ(run(&plan), -EBUSY);
	lay->bars[b].why = PMB_WHY_ADMIN;
	CHECK_EQ(run(&plan), -EPERM);
	force.bars = BIT(1);
	CHECK_EQ(run(&plan), -ENOENT);
	pmb_name_set(force.dev, "nobody");
	CHECK_EQ(run(&plan), -ENOENT);
	CHECK_EQ(pmb_force_end(&force, lay, NULL), 0);
	end(NULL);
}

/* Of several BARs those that may move do, and the fixed one keeps its window. */
static void test_some_are_fixed(void)
{
	u32 d = machine(2, GB, PMB_WAY_LIVE), a, b;
	struct pmb_plan *plan;

	a = placed(d, 0, MB, LOW);
	b = placed(d, 0, MB, LOW + MB);
	lay->bars[b].res = 1;
	lay->bars[b].why = PMB_WHY_DRIVER_SAYS;
	ask(d, 0);
	CHECK_EQ(run(&plan), 0);
	CHECK(plan->bar[a].start != LOW);
	CHECK_EQ(plan->bar[b].start, LOW + MB);
	CHECK_EQ(plan->bars_moved, 1);
	end(plan);
}

static void test_no_room_for_the_ghost(void)
{
	u32 d = machine(2, GB, PMB_WAY_LIVE);
	struct pmb_plan *plan;

	placed(d, 0, MB, LOW);
	ask(d, BIT(0));
	lay->max.devs = lay->nr_devs;
	CHECK_EQ(run(&plan), -ENOSPC);
	lay->max.devs = room.devs;
	end(NULL);
}

int main(void)
{
	RUN(test_moves_inside_its_window);
	RUN(test_virtual_functions);
	RUN(test_window_grows);
	RUN(test_asks_for_nothing_else);
	RUN(test_no_other_place);
	RUN(test_refusals);
	RUN(test_some_are_fixed);
	RUN(test_no_room_for_the_ghost);
	return tap_end();
}
