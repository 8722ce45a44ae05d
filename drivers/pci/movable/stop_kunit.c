// SPDX-License-Identifier: GPL-2.0
/*
 * How long does the machine stand still, by the number of registers written?
 *
 * New BARs of 4 KiB, without drivers, behind two bridges; each takes one write.
 * The times are those of the mock host, whose config accesses are memory
 * accesses: real ones take a microsecond or more.  So what counts is how the
 * times grow.  Nothing is said about how long they are.
 */
#include <kunit/test.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "../pci.h"
#include "commit.h"
#include "mock_host.h"
#include "plan.h"
#include "snapshot.h"
#include "verify.h"

#define BARS_PER_FN	PCI_STD_NUM_BARS
#define FNS_PER_BUS	248
#define ROUNDS		3		/* the shortest counts */

static const struct pmb_root roots[] = {
	{ .space = PMB_MEM, .range = { 0x80000000, SZ_256M } },
};

/* Bridges first, then functions with @bars BARs altogether. */
static struct mock_host *make_host(struct kunit *test, u32 bars)
{
	u32 fns = DIV_ROUND_UP(bars, BARS_PER_FN), i, k;
	struct mock_desc *desc = kunit_kcalloc(test, fns + 2, sizeof(*desc), GFP_KERNEL);
	struct mock_host *host;

	KUNIT_ASSERT_NOT_NULL(test, desc);
	KUNIT_ASSERT_LE(test, fns, 2 * FNS_PER_BUS);
	for (i = 0; i < 2; i++)
		desc[i] = (struct mock_desc){
			.name = "bridge",
			.up = PMB_NONE,
			.devfn = PCI_DEVFN(1 + i, 0),
			.kind = MOCK_PCI_BRIDGE,
		};
	for (i = 0; i < fns; i++) {
		struct mock_desc *d = &desc[2 + i];

		d->name = "function";
		d->up = i / FNS_PER_BUS;
		d->devfn = i % FNS_PER_BUS;
		d->kind = MOCK_PCI;
		for (k = 0; k < BARS_PER_FN && bars; k++, bars--)
			d->bar[k].size = SZ_4K;
	}
	host = mock_host_create(test, desc, fns + 2, roots, ARRAY_SIZE(roots));
	kunit_kfree(test, desc);
	return host;
}

/* Straight to the commit: stock assignment would do it all alone. */
static void stop_once(struct mock_host *host, struct pmb_outcome *outcome)
{
	static const struct pmb_options options;
	static const struct pmb_policy policy;
	struct kunit *test = host->test;
	struct pmb_snapshot *snap;
	struct pmb_commit *commit;
	struct pmb_plan *plan;
	char why[128] = "";
	u32 stuck;

	pci_lock_rescan_remove();
	pci_movable_note(host->bridge->bus);
	snap = pmb_snapshot_take(host->bridge->bus, &policy);
	KUNIT_ASSERT_FALSE(test, IS_ERR(snap));
	plan = pmb_plan_alloc(snap->layout);
	KUNIT_ASSERT_NOT_NULL(test, plan);
	KUNIT_EXPECT_EQ(test, pmb_plan_make(snap->layout, &options, plan), 0);
	KUNIT_EXPECT_EQ_MSG(test, pmb_verify(snap->layout, &options, plan, why, sizeof(why)), 0,
			    "%s", why);
	commit = pmb_commit_prepare(snap, plan, &stuck);
	KUNIT_ASSERT_FALSE(test, IS_ERR(commit));
	pmb_commit_run(commit, outcome);
	pmb_commit_free(commit);
	pmb_plan_free(plan);
	pmb_snapshot_free(snap);
	pmb_wishes_settle(host->bridge->bus);
	pci_unlock_rescan_remove();
}

/* Nanoseconds of the shortest of some stops; *writes is set. */
static u64 shortest(struct kunit *test, u32 bars, u32 *writes)
{
	u64 best = U64_MAX;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct mock_host *host = make_host(test, bars);
		struct pmb_outcome outcome;
		char why[128] = "";

		stop_once(host, &outcome);
		KUNIT_EXPECT_EQ(test, outcome.error, 0);
		KUNIT_EXPECT_GE(test, outcome.writes, bars);
		KUNIT_EXPECT_LE(test, outcome.writes, bars + 2);
		KUNIT_EXPECT_LE(test, outcome.held_ns, outcome.stop_ns);
		KUNIT_EXPECT_TRUE_MSG(test, mock_check_core(host, why, sizeof(why)), "%s", why);
		*writes = outcome.writes;
		best = min(best, outcome.held_ns);
		mock_host_destroy(host);
	}
	return best;
}

static void stop_length(struct kunit *test)
{
	static const u32 bars[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000 };
	u64 each = 0, at_100 = 1;
	u32 i, writes;

	kunit_info(test, "writes  held, us  ns a write\n");
	for (i = 0; i < ARRAY_SIZE(bars); i++) {
		u64 ns = shortest(test, bars[i], &writes);

		each = div_u64(ns, writes);
		if (bars[i] == 100)
			at_100 = max(each, 1ULL);
		kunit_info(test, "%6u  %8llu  %10llu\n", writes, div_u64(ns, 1000), each);
	}
	kunit_info(test, "a write of 2000 takes %llu %% of a write of 100\n",
		   div64_u64(100 * each, at_100));
	/* Twenty times as many: were it quadratic, each would take 20 times as long. */
	KUNIT_EXPECT_LT(test, each, 10 * at_100);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(stop_length),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_stop",
	.test_cases = cases,
};

kunit_test_suite(suite);
