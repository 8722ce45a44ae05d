// SPDX-License-Identifier: GPL-2.0
/* What is told about a plan is what the plan does. */
#include <linux/slab.h>
#include "answer.h"
#include "plan_bench.h"

#define LOW	0x80000000ull

static char told[16384];

static void keep(void *data, const char *line)
{
	size_t len = strlen(told);

	(void)data;
	CHECK(strlen(line) < PMB_TEXT_LINE);
	snprintf(told + len, sizeof(told) - len, "%s\n", line);
}

static bool tells(const char *text)
{
	return strstr(told, text);
}

static void tell(const struct pmb_plan *plan)
{
	told[0] = 0;
	pmb_answer_plan(lay, plan, keep, NULL);
}

/* Of two slots beside each other, the second is full and the first one cannot grow. */
static u32 machine(enum pmb_way way)
{
	u32 a, b, d;

	begin();
	root(PMB_MEM, LOW, 4 * MB, 0);
	a = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(a, PMB_MEM, LOW, MB);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, LOW + MB, MB);
	d = dev(b, way);
	pmb_name_set(lay->devs[d].driver, "tester");
	placed(d, 0, MB, LOW + MB);
	d = dev(a, PMB_WAY_FREE);
	wanted(d, 0, 2 * MB);
	return lay->nr_bars - 2;
}

static void test_moves_and_pauses(void)
{
	u32 b = machine(PMB_WAY_PAUSE);
	struct pmb_plan *plan;
	char line[256];

	/* There is no other way: the root window ends behind. */
	lay->roots[0].range.size = 3 * MB;
	plan = plan_opt(NULL, 0);
	tell(plan);
	CHECK_MSG(tells("host=0000:00 result=ok wanted=1 placed=1 windows=2 moved=1 "),
		  "%s", told);
	CHECK_MSG(tells(" live=0 paused=1 cost=100000\n"), "%s", told);
	snprintf(line, sizeof(line), "move %s BAR 0 pause from 0x80100000-0x801fffff to %#llx-",
		 lay->devs[lay->bars[b].dev].name, plan->bar[b].start);
	CHECK_MSG(tells(line), "%s", told);
	snprintf(line, sizeof(line), "place %s BAR 0 size 0x200000 at %#llx-",
		 lay->devs[lay->bars[b + 1].dev].name, plan->bar[b + 1].start);
	CHECK_MSG(tells(line), "%s", told);
	snprintf(line, sizeof(line), "window %s mem from 0x80000000-0x800fffff to %#llx-",
		 lay->bridges[0].name, at(plan, 0, PMB_MEM).start);
	CHECK_MSG(tells(line), "%s", told);
	CHECK(tells("pause ") && tells(" driver tester cost 100000"));
	CHECK(!tells("in the way") && !tells("no-place") && !tells("live "));
	end(plan);
}

/* Whoever is in the way is named, with what would help: tried, not guessed. */
static void test_who_is_in_the_way(void)
{
	u32 b = machine(PMB_WAY_NEVER);
	struct pmb_plan *plan;

	lay->roots[0].range.size = 3 * MB;
	lay->bars[b].why = PMB_WHY_DRIVER;
	plan = plan_opt(NULL, -ENOSPC);
	tell(plan);
	CHECK_MSG(tells("result=no-space wanted=1 placed=0"), "%s", told);
	CHECK(tells("no-place "));
	CHECK_MSG(tells("BAR 0 at 0x80100000 size 0x100000 driver tester: "), "%s", told);
	CHECK_MSG(tells("it could move if its driver supported it"), "%s", told);
	CHECK_MSG(tells("it would fit if these could move"), "%s", told);
	CHECK_EQ(lay->bars[b].why, PMB_WHY_DRIVER);
	CHECK_EQ(lay->devs[lay->bars[b].dev].way, PMB_WAY_NEVER);
	end(plan);
}

static void test_moving_would_not_help(void)
{
	u32 b = machine(PMB_WAY_NEVER);
	struct pmb_plan *plan;

	lay->roots[0].range.size = 3 * MB;
	lay->bars[b].why = PMB_WHY_HARDWIRED;
	plan = plan_opt(NULL, -ENOSPC);
	tell(plan);
	CHECK_MSG(tells("it would still not fit if these could move"), "%s", told);
	CHECK_MSG(!tells("it could move"), "%s", told);
	end(plan);
}

/* Nothing is claimed without memory to try it. */
static void test_no_memory(void)
{
	u32 b = machine(PMB_WAY_NEVER), i;
	struct pmb_plan *plan;

	lay->roots[0].range.size = 3 * MB;
	lay->bars[b].why = PMB_WHY_DRIVER;
	plan = plan_opt(NULL, -ENOSPC);
	for (i = 0; i < 3; i++) {
		shim_allocs_left = i;
		tell(plan);
		shim_allocs_left = -1;
		CHECK_MSG(!tells("it would fit"), "%s", told);
	}
	end(plan);
}

/* No reason is so long that a line is cut. */
static void test_reasons_fit(void)
{
	u32 b = machine(PMB_WAY_NEVER), why;
	struct pmb_plan *plan;

	lay->roots[0].range.size = 3 * MB;
	for (why = PMB_MAY_MOVE + 1; why < PMB_WHYS; why++) {
		lay->bars[b].why = why;
		plan = plan_opt(NULL, -ENOSPC);
		tell(plan);
		CHECK_MSG(tells(pmb_why_text(why)), "%s", told);
		pmb_plan_free(plan);
	}
	end(NULL);
}

int main(void)
{
	RUN(test_moves_and_pauses);
	RUN(test_who_is_in_the_way);
	RUN(test_moving_would_not_help);
	RUN(test_no_memory);
	RUN(test_reasons_fit);
	return tap_end();
}
