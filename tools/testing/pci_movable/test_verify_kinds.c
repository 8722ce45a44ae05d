// SPDX-License-Identifier: GPL-2.0
/*
 * The judge of plans: what stays in a prefetchable window, what windows and others
 * overlap, and sizes of Resizable BARs.
 */
#include "plan_bench.h"

static struct pmb_plan *plan;
static char why[256];

/* The plan that changes nothing; everything wanted is optional here. */
static void plan_nothing(void)
{
	u32 i;

	plan = pmb_plan_alloc(lay);
	for (i = 0; i < plan->nr_wins; i++)
		plan->win[i] = lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur;
	for (i = 0; i < plan->nr_bars; i++) {
		if (!(lay->bars[i].flags & PMB_BAR_PLACED)) {
			plan->unplaced_optional++;
			continue;
		}
		plan->bar[i].start = lay->bars[i].start;
		plan->bar[i].size = lay->bars[i].size;
	}
	plan->lack.bar = PMB_NONE;
	plan->lack.bridge = PMB_NONE;
}

static void put(u32 b, u64 start, u64 size)
{
	plan->bar[b].start = start;
	plan->bar[b].size = size;
	plan->bars_placed++;
	plan->unplaced_optional--;
}

static void move_window(u32 nr, enum pmb_space space, u64 start, u64 size)
{
	plan->win[nr * PMB_SPACES + space].start = start;
	plan->win[nr * PMB_SPACES + space].size = size;
	plan->wins_changed++;
}

static bool good(const struct pmb_options *opt)
{
	why[0] = '\0';
	return !pmb_verify(lay, opt, plan, why, sizeof(why));
}

/* A prefetchable window comes to lie over a BAR that has been in the other one. */
static void test_put_over(void)
{
	const struct pmb_options relaxed = { .relaxed_pref = true };
	u32 b, fixed, w;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	b = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	win(b, PMB_MEM, 0x80000000, MB);
	fixed = placed(dev(b, PMB_WAY_NEVER), PMB_BAR_64, MB, 0x80000000);
	w = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_OPTIONAL, MB);
	plan_nothing();
	CHECK_MSG(good(NULL), "%s", why);
	put(w, 0x80100000, MB);
	move_window(b, PMB_MEM, 0x80100000, MB);
	move_window(b, PMB_PREF, 0x80000000, MB);
	CHECK(!good(NULL));
	CHECK_MSG(strstr(why, "a prefetchable window is put over"), "%s", why);
	CHECK_MSG(good(&relaxed), "%s", why);
	lay->bars[fixed].flags &= ~PMB_BAR_64;
	CHECK(!good(&relaxed));
	/* prefetchable itself */
	lay->bars[fixed].flags |= PMB_BAR_PREF;
	CHECK_MSG(good(NULL), "%s", why);
	end(plan);
}

/* A memory window in a prefetchable one, where it has been before, or has not. */
static void test_put_over_window(void)
{
	u32 a, b, w;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	a = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	b = bridge(a, PMB_BRIDGE_PCIE);
	win(a, PMB_PREF, 0x80000000, 2 * MB);
	win(b, PMB_MEM, 0x80000000, MB);
	w = wanted(dev(a, PMB_WAY_FREE), PMB_BAR_OPTIONAL | PMB_BAR_PREF, MB);
	plan_nothing();
	put(w, 0x80200000, MB);
	move_window(a, PMB_PREF, 0x80000000, 3 * MB);
	CHECK_MSG(good(NULL), "%s", why);
	win(a, PMB_PREF, 0, 0);
	win(a, PMB_MEM, 0x80000000, 2 * MB);
	move_window(a, PMB_MEM, 0, 0);
	CHECK(!good(NULL));
	CHECK_MSG(strstr(why, "a prefetchable window is put over"), "%s", why);
	end(plan);
}

/* The window and the BAR of another device overlap; behind it, nothing new there. */
static void test_shadow(void)
{
	u32 a, b, x, w;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	a = bridge(PMB_NONE, PMB_BRIDGE_PCIE);
	b = bridge(a, PMB_BRIDGE_PCIE);
	win(a, PMB_MEM, 0x80000000, 4 * MB);
	win(b, PMB_MEM, 0x80000000, 4 * MB);
	x = placed(dev(PMB_NONE, PMB_WAY_FREE), 0, MB, 0x80000000);
	w = wanted(dev(b, PMB_WAY_FREE), PMB_BAR_OPTIONAL, MB);
	plan_nothing();
	put(w, 0x80100000, MB);
	CHECK_MSG(good(NULL), "%s", why);
	plan->bar[w].start = 0x80000000;
	CHECK(!good(NULL));
	CHECK_MSG(strstr(why, "answers further up"), "%s", why);
	/* It moves away. */
	plan->bar[x].start = 0x81000000;
	plan->bars_moved++;
	CHECK_MSG(good(NULL), "%s", why);
	pmb_plan_free(plan);
	/* The planner knows. */
	lay->bars[x].why = PMB_WHY_ADMIN;
	plan = plan_opt(NULL, 0);
	CHECK(plan->bar[w].size && plan->bar[w].start != 0x80000000);
	end(plan);
}

static void test_sizes(void)
{
	u32 w, p;

	begin();
	root(PMB_MEM, 0x80000000, 64 * MB, 0);
	w = wanted(dev(PMB_NONE, PMB_WAY_FREE), PMB_BAR_OPTIONAL, MB);
	lay->bars[w].sizes = BIT(1) | BIT(3);
	p = placed(dev(PMB_NONE, PMB_WAY_FREE), 0, MB, 0x83000000);
	lay->bars[p].sizes = BIT(0) | BIT(1);
	plan_nothing();
	put(w, 0x80000000, 8 * MB);
	CHECK_MSG(good(NULL), "%s", why);
	plan->bar[w].size = 2 * MB;
	CHECK_MSG(good(NULL), "%s", why);
	plan->bar[w].size = MB;		/* its size now, but none of the others */
	CHECK(!good(NULL));
	plan->bar[w].size = 4 * MB;
	CHECK(!good(NULL));
	plan->bar[w].size = 10 * MB;	/* two sizes together are no size */
	CHECK(!good(NULL));
	plan->bar[w].size = 8 * MB;
	plan->bar[w].start = 0x80100000;
	CHECK(!good(NULL));
	CHECK_MSG(strstr(why, "not aligned"), "%s", why);
	plan->bar[w].start = 0x80000000;
	plan->bar[p].size = 2 * MB;	/* what has a place keeps its size */
	CHECK(!good(NULL));
	end(plan);
}

int main(void)
{
	RUN(test_put_over);
	RUN(test_put_over_window);
	RUN(test_shadow);
	RUN(test_sizes);
	return tap_end();
}
