// SPDX-License-Identifier: GPL-2.0
/*
 * The whole engine on the mock host: hot-add, refusals, drivers that do not
 * resume.  What else can go wrong is in fault_kunit.c.
 *
 * After each event the same things must hold, whatever went wrong: see
 * scene_expect_sane().
 */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "mock_scene.h"

#define LOW	SCENE_LOW
#define HIGH	SCENE_HIGH

/* The drive was never touched, and everything works. */
static void expect_drive_untouched(struct mock_host *host, u32 from)
{
	struct kunit *test = host->test;

	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, DRIVE, false), 0);
	KUNIT_EXPECT_EQ(test, scene_start(host, DRIVE, 0), LOW);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, DRIVE));
	scene_expect_sane(host, from);
}

static void commit_windows_only(struct kunit *test)
{
	struct mock_host *host = scene_switch(test);
	u32 from;
	u64 cpu;

	mock_plug(host, CARD);
	from = scene_rescan(host);

	KUNIT_ASSERT_TRUE(test, scene_placed(host, CARD, 0));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, CARD));
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, CARD, 0, &cpu));
	KUNIT_EXPECT_EQ(test, cpu, scene_start(host, CARD, 0));
	KUNIT_EXPECT_GT(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=ok"));
	expect_drive_untouched(host, from);

	/* And nothing is left to do. */
	from = scene_rescan(host);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_FALSE(test, scene_log_has("result="));
	expect_drive_untouched(host, from);
}

/* A host bridge that translates: registers hold other addresses than CPUs use. */
static void commit_translated(struct kunit *test)
{
	static const struct pmb_root roots[] = {
		{ .space = PMB_MEM, .range = { HIGH + 0x800000000, SZ_256M },
		  .offset = HIGH + 0x800000000 - LOW },
		{ .space = PMB_PREF, .range = { HIGH + 0xc00000000, SZ_1G },
		  .offset = 0xc00000000 },
	};
	struct mock_host *host = scene_switch_at(test, scene_switch_desc(test), roots,
						  ARRAY_SIZE(roots));
	u32 from;
	u64 cpu;

	mock_plug(host, CARD);
	mock_plug(host, CARD2);
	from = scene_rescan(host);

	KUNIT_ASSERT_TRUE(test, scene_placed(host, CARD, 0));
	KUNIT_ASSERT_TRUE(test, scene_placed(host, CARD2, 0));
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, CARD, 0, &cpu));
	KUNIT_EXPECT_EQ(test, cpu, scene_start(host, CARD, 0));
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, CARD2, 0, &cpu));
	KUNIT_EXPECT_EQ(test, cpu, scene_start(host, CARD2, 0));
	KUNIT_EXPECT_EQ(test, scene_start(host, DRIVE, 0), HIGH + 0x800000000);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, DRIVE, false), 0);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, DRIVE));
	scene_expect_sane(host, from);
}

/* What stock assignment can serve is none of the engine's business. */
static void commit_stock_is_enough(struct kunit *test)
{
	struct mock_host *host = scene_switch(test);
	u32 from;

	host->fn[CARD].desc.bar[0].size = SZ_1M;
	mock_plug(host, CARD);
	from = scene_rescan(host);

	KUNIT_ASSERT_TRUE(test, scene_placed(host, CARD, 0));
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_FALSE(test, scene_log_has("result="));
	expect_drive_untouched(host, from);
}

static void commit_fits_nowhere(struct kunit *test)
{
	struct mock_host *host = scene_switch(test);
	char why[128] = "";
	u32 from;

	host->fn[CARD].desc.bar[0].size = SZ_1G * 1024ULL;
	mock_plug(host, CARD);
	mock_save(host);
	from = scene_rescan(host);

	KUNIT_EXPECT_FALSE(test, scene_placed(host, CARD, 0));
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=no-space"));
	expect_drive_untouched(host, from);
}

static void commit_two_cards_and_a_hub(struct kunit *test)
{
	struct mock_host *host = scene_switch(test);
	u32 from;

	mock_plug(host, CARD2);
	mock_plug(host, CARD);
	mock_plug(host, HUB);
	from = scene_rescan(host);

	KUNIT_ASSERT_TRUE(test, scene_placed(host, CARD, 0));
	KUNIT_ASSERT_TRUE(test, scene_placed(host, CARD2, 0));
	KUNIT_ASSERT_TRUE(test, scene_placed(host, CARD2, 2));
	KUNIT_ASSERT_TRUE(test, scene_placed(host, HUB_CARD, 0));
	KUNIT_ASSERT_TRUE(test, scene_placed(host, HUB_CARD, 2));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, CARD));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, CARD2));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, HUB_CARD));
	expect_drive_untouched(host, from);
}

static void commit_plug_again_and_again(struct kunit *test)
{
	static const u64 size[] = { SZ_16M, SZ_64M, SZ_1M, SZ_256M, SZ_32M, SZ_512M };
	struct mock_host *host = scene_switch(test);
	u32 from = 0, i;

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		u32 card = i % 2 ? CARD2 : CARD;
		int bar = i % 2 ? 2 : 0;

		host->fn[card].desc.bar[bar].size = size[i];
		mock_plug(host, card);
		from = scene_rescan(host);
		KUNIT_EXPECT_TRUE_MSG(test, scene_placed(host, card, bar), "round %u", i);
		KUNIT_EXPECT_TRUE_MSG(test, mock_driver_works(host, card), "round %u", i);
		expect_drive_untouched(host, from);
		mock_unplug(host, card);
	}
}

static void commit_pause_one(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	u32 from;

	from = scene_rescan(host);

	scene_expect_a_moved(host, from);
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 1);
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=ok"));
}

/* Only one of two needs to be paused. */
static void commit_pause_no_more(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_PAUSE, 0);
	u32 from;

	from = scene_rescan(host);

	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_A));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_B));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_CARD));
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 1);
	scene_expect_sane(host, from);
}

/* A device without a driver goes before one that would have to be paused. */
static void commit_driverless_first(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_PAUSE, 0);
	u32 from;

	device_release_driver(&mock_dev(host, T_A)->dev);
	mock_save(host);
	from = scene_rescan(host);

	KUNIT_EXPECT_EQ(test, scene_start(host, T_A, 0), LOW + 3 * SZ_1M);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_CARD));
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 0);
	scene_expect_untouched(host, T_B, from, LOW + SZ_2M);
	scene_expect_sane(host, from);
}

static void commit_refused_once(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_PAUSE, 0);
	u32 from;

	mock_knobs.refuse = mock_dev(host, T_B);
	from = scene_rescan(host);
	scene_expect_a_moved(host, from);
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 1);
	mock_host_destroy(host);

	host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_PAUSE, 0);
	mock_knobs.refuse = mock_dev(host, T_A);
	from = scene_rescan(host);
	scene_expect_untouched(host, T_A, from, LOW + SZ_1M);
	KUNIT_EXPECT_EQ(test, scene_start(host, T_B, 0), LOW);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_B));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_CARD));
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 1);
	scene_expect_sane(host, from);
}

static void commit_all_refuse(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	u32 from;

	mock_knobs.refuse = mock_dev(host, T_A);
	from = scene_rescan(host);
	scene_expect_nothing_moved(host, from);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 0);

	/* Later it does not refuse any more. */
	mock_knobs.refuse = NULL;
	from = scene_rescan(host);
	scene_attach(host, T_CARD);
	scene_expect_a_moved(host, from);
}

static void commit_driver_says_fixed(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	u32 from;

	mock_knobs.fixed = mock_dev(host, T_A);
	from = scene_rescan(host);
	scene_expect_nothing_moved(host, from);
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=no-space"));
	mock_host_destroy(host);

	/* Mappings cannot follow under UML: live is fixed. */
	if (IS_ENABLED(CONFIG_PCI_MOVABLE_FOLLOW))
		return;
	host = scene_tight(test, MOCK_ID_LIVE, MOCK_ID_LIVE, 0);
	from = scene_rescan(host);
	scene_expect_nothing_moved(host, from);
}

static void commit_done_fails_once(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	u32 from;

	mock_knobs.done_fails = 1;
	from = scene_rescan(host);

	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_A));
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 1);
	scene_expect_untouched(host, T_B, from, LOW + SZ_2M);
	scene_expect_sane(host, from);
}

static void commit_done_fails_for_good(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	u32 from;

	mock_knobs.done_fails = U32_MAX;
	from = scene_rescan(host);

	KUNIT_ASSERT_NOT_NULL(test, mock_dev(host, T_A));
	scene_wait_detached(host, T_A);
	scene_expect_untouched(host, T_B, from, LOW + SZ_2M);
	KUNIT_EXPECT_EQ(test, mock_knobs.detached, 1);
	mock_save(host);
	scene_expect_sane(host, from);

	/* Its driver can have it back. */
	scene_attach(host, T_A);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_A));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(commit_windows_only),
	KUNIT_CASE(commit_translated),
	KUNIT_CASE(commit_stock_is_enough),
	KUNIT_CASE(commit_fits_nowhere),
	KUNIT_CASE(commit_two_cards_and_a_hub),
	KUNIT_CASE(commit_plug_again_and_again),
	KUNIT_CASE(commit_pause_one),
	KUNIT_CASE(commit_pause_no_more),
	KUNIT_CASE(commit_driverless_first),
	KUNIT_CASE(commit_refused_once),
	KUNIT_CASE(commit_all_refuse),
	KUNIT_CASE(commit_driver_says_fixed),
	KUNIT_CASE(commit_done_fails_once),
	KUNIT_CASE(commit_done_fails_for_good),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_commit",
	.test_cases = cases,
};

kunit_test_suite(suite);
