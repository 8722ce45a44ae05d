// SPDX-License-Identifier: GPL-2.0
/*
 * The way back, through the whole engine: A moves, its driver does not go on at
 * the new address, and a second stop takes it to the old one.
 *
 *    80000000    80100000    80200000    80300000    80400000
 *    |           | A         | B         |           |      before
 *    | A         |           | B         |           |      moved without need: it
 *    |        -> | A         | B         |           |      goes back alone, and the
 *                                                           window above grows
 *    | card                  | B         | A         |      moved for a card: all goes
 *    |           | A         | B         |        <- |      back, the card has no place
 */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "mock_scene.h"

#define LOW	SCENE_LOW
#define OLD	(LOW + SZ_1M)
#define TWICE	(PCI_RESCAN_DONE_TRIES - 1)	/* the next try is at the old address */
#define STEPS	500				/* something is wrong if there are more */

/**
 * struct way - who goes back, and why
 * @name: for messages
 * @alone: A has moved without need and goes back alone; else for the card, and
 *	all goes back
 * @flags: TIGHT_*
 */
struct way {
	const char *name;
	bool alone;
	u32 flags;
};

static const struct way ways[] = {
	{ "alone", true, 0 },
	{ "alone, with ports", true, TIGHT_PORTS },
	{ "alone, with a ROM", true, TIGHT_ROM },
	{ "alone, with VFs", true, TIGHT_SRIOV },
	{ "all", false, 0 },
	{ "all, with ports", false, TIGHT_PORTS },
	{ "all, with a ROM", false, TIGHT_ROM },
};

static struct mock_host *make(struct kunit *test, const struct way *way)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, way->flags);

	if (way->alone)
		host->fn[T_CARD].present = false;
	mock_save(host);
	return host;
}

static u32 run_with(struct mock_host *host, const struct way *way, const struct mock_fault *fault)
{
	u32 from;
	int err;

	if (!way->alone)
		return scene_event(host, fault, !!fault);
	if (fault)
		mock_arm(host, fault);
	err = scene_force(host, T_A, 0, &from);
	if (fault)
		return from;
	KUNIT_EXPECT_EQ(host->test, err, scene_start(host, T_A, 0) == OLD ? -EIO : 0);
	return from;
}

static u32 run(struct mock_host *host, const struct way *way)
{
	return run_with(host, way, NULL);
}

static void expect_at_old_place(struct mock_host *host)
{
	struct resource *res = mock_bar_res(host, T_A, 0);

	scene_expect_a_at(host, OLD);
	/* The region that the driver has requested came along. */
	KUNIT_ASSERT_NOT_NULL(host->test, res->child);
	KUNIT_EXPECT_EQ(host->test, res->child->start, OLD);
}

static void expect_way(struct mock_host *host, const struct way *way, u32 from)
{
	struct kunit *test = host->test;
	char why[128] = "";

	KUNIT_EXPECT_EQ_MSG(test, scene_log_has("gets its old address back"), way->alone, "%s",
			    way->name);
	KUNIT_EXPECT_EQ_MSG(test, scene_log_has("everything is back"), !way->alone, "%s",
			    way->name);
	if (way->alone) {
		KUNIT_EXPECT_EQ(test, scene_told("moved"), 0);
		KUNIT_EXPECT_EQ(test, scene_told("writes"),
				mock_count_writes(host, from, MOCK_ANY, true));
	} else {
		KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);
	}
	expect_at_old_place(host);
	scene_expect_untouched(host, T_B, from, LOW + 2 * SZ_1M);
	scene_expect_sane(host, from);
	scene_expect_truth(host, from);
}

/* What is saved leads to the old place as well; and the next event is served. */
static void expect_all_is_well(struct mock_host *host, const struct way *way)
{
	struct kunit *test = host->test;
	u32 from;

	scene_power_lost(host, T_PORT);
	scene_restore(host, T_PORT);
	expect_at_old_place(host);

	mock_save(host);
	if (way->alone) {
		KUNIT_EXPECT_EQ(test, scene_force(host, T_A, 0, &from), 0);
		KUNIT_EXPECT_NE(test, scene_start(host, T_A, 0), OLD);
	} else {
		from = scene_event(host, NULL, 0);
		KUNIT_EXPECT_TRUE(test, scene_placed(host, T_CARD, 0));
		if (!mock_driver_bound(host, T_CARD))
			scene_attach(host, T_CARD);
	}
	/* It has a driver now. */
	host->fn[T_CARD].users += mock_driver_bound(host, T_CARD);
	scene_expect_all_work(host);
	scene_expect_sane(host, from);
}

static void back_and_going_on(struct kunit *test)
{
	u32 i, from;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		struct mock_host *host = make(test, &ways[i]);

		mock_knobs.done_fails = TWICE;
		from = run(host, &ways[i]);
		KUNIT_EXPECT_EQ(test, mock_knobs.returned, 1);
		KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_A));
		expect_way(host, &ways[i], from);
		expect_all_is_well(host, &ways[i]);
		mock_host_destroy(host);
	}
}

/* Nor does it at the old address: it is detached there, and can be had again. */
static void back_and_detached(struct kunit *test)
{
	u32 i, from;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		struct mock_host *host = make(test, &ways[i]);

		mock_knobs.done_fails = PCI_RESCAN_DONE_TRIES;
		from = run(host, &ways[i]);
		KUNIT_EXPECT_EQ(test, mock_knobs.detached, 1);
		KUNIT_EXPECT_EQ(test, mock_knobs.returned, 0);
		scene_wait_detached(host, T_A);
		scene_attach(host, T_A);
		expect_way(host, &ways[i], from);
		expect_all_is_well(host, &ways[i]);
		mock_host_destroy(host);
	}
}

/* One allocation after the other fails, or all of them, once A is to go back. */
static bool without_memory(struct kunit *test, const struct way *way, unsigned int nth)
{
	struct mock_host *host = make(test, way);
	bool happened, no_way;
	u32 from;

	mock_knobs.done_fails = TWICE;
	mock_knobs.back_fails = nth;
	from = run(host, way);
	happened = !mock_knobs.memory_left;
	no_way = scene_log_has("no way back");
	KUNIT_EXPECT_EQ(test, mock_knobs.returned, 1);
	KUNIT_EXPECT_EQ(test, scene_start(host, T_A, 0) == OLD, !no_way);
	KUNIT_EXPECT_EQ(test, scene_placed(host, T_CARD, 0), no_way && !way->alone);
	scene_expect_untouched(host, T_B, from, LOW + 2 * SZ_1M);
	scene_expect_all_work(host);
	scene_expect_sane(host, from);
	scene_expect_truth(host, from);
	if (nth == MOCK_ALL_MEMORY)
		KUNIT_EXPECT_TRUE(test, no_way);
	mock_host_destroy(host);
	return happened;
}

static void back_without_memory(struct kunit *test)
{
	u32 i;

	mock_memory_arm(test);
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		unsigned int nth = 1;

		while (without_memory(test, &ways[i], nth) && nth < STEPS &&
		       READ_ONCE(test->status) != KUNIT_FAILURE)
			nth++;
		kunit_info(test, "%s: %u steps", ways[i].name, nth - 1);
		KUNIT_EXPECT_GT(test, nth, 10);
		without_memory(test, &ways[i], MOCK_ALL_MEMORY);
	}
}

/* All goes back, and B moves instead: the summary is about both stops. */
static void back_and_another(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_PAUSE, 0);
	u32 from;

	mock_knobs.done_fails = TWICE;
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=ok"));
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 2);
	KUNIT_EXPECT_EQ(test, scene_told("returned"), 1);
	KUNIT_EXPECT_EQ(test, scene_told("attempts"), 2);
	KUNIT_EXPECT_TRUE(test, scene_placed(host, T_CARD, 0));
	scene_expect_all_work(host);
	scene_expect_sane(host, from);
	scene_expect_truth(host, from);
}

/* Device after device vanishes, at one access after the other, before and after. */
static bool vanishes(struct kunit *test, const struct way *way, u32 step)
{
	struct mock_fault fault = {
		.fn = MOCK_ANY, .reads = true, .after = step, .times = 1, .vanish = true,
	};
	struct mock_host *host = make(test, way);
	bool happened;
	u32 from;

	mock_knobs.done_fails = TWICE;
	from = run_with(host, way, &fault);
	happened = !mock_armed(host);
	mock_disarm(host);
	scene_expect_all_work(host);
	scene_expect_sane(host, from);
	scene_expect_truth(host, from);
	mock_host_destroy(host);
	return happened;
}

static void back_vanishes(struct kunit *test)
{
	u32 i, step;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		for (step = 0; vanishes(test, &ways[i], step) && step < STEPS; step++)
			if (READ_ONCE(test->status) == KUNIT_FAILURE)
				break;
		kunit_info(test, "%s: %u steps", ways[i].name, step);
		KUNIT_EXPECT_GT(test, step, 10);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(back_and_going_on),
	KUNIT_CASE(back_and_detached),
	KUNIT_CASE(back_and_another),
	KUNIT_CASE_SLOW(back_without_memory),
	KUNIT_CASE_SLOW(back_vanishes),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_back",
	.test_cases = cases,
};

kunit_test_suite(suite);
