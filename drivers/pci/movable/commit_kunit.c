// SPDX-License-Identifier: GPL-2.0
/*
 * The whole engine on the mock host: hot-add, refusals, faults.
 *
 * After each event the same things must hold, whatever went wrong: see
 * expect_sane().
 */
#include <linux/delay.h>
#include <kunit/test.h>
#include <linux/kmsg_dump.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "mock_driver.h"
#include "mock_host.h"

/* Follows the kernel log from the beginning of an event. */
static struct kmsg_dump_iter log_begin;

static void log_mark(void)
{
	kmsg_dump_rewind(&log_begin);
	while (kmsg_dump_get_line(&log_begin, false, NULL, 0, NULL))
		;
}

/* Has the engine said this since log_mark()? */
static bool log_has(const char *text)
{
	struct kmsg_dump_iter iter = log_begin;
	static char line[512];
	size_t len;

	while (kmsg_dump_get_line(&iter, false, line, sizeof(line) - 1, &len)) {
		line[len] = 0;
		if (strstr(line, "pci_movable") && strstr(line, text))
			return true;
	}
	return false;
}

/* An event: the record of it begins at the return value. */
static u32 rescan(struct mock_host *host)
{
	u32 from = host->nr_writes;

	log_mark();
	mock_rescan(host);
	return from;
}

static void expect_sane(struct mock_host *host, u32 from)
{
	struct kunit *test = host->test;
	char why[160] = "";

	KUNIT_EXPECT_TRUE_MSG(test, mock_check_decode(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_core(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_writes(host, from, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, mock_knobs.done);
	KUNIT_EXPECT_EQ(test, mock_knobs.bad_order, 0);
}

static u64 bar_start(struct mock_host *host, u32 fn, int bar)
{
	return mock_bar_res(host, fn, bar)->start;
}

static bool placed(struct mock_host *host, u32 fn, int bar)
{
	return mock_dev(host, fn) && mock_bar_res(host, fn, bar)->parent;
}

/* A driver does not come back by itself when its first probe has failed. */
static void attach(struct mock_host *host, u32 fn)
{
	KUNIT_EXPECT_EQ(host->test, device_attach(&mock_dev(host, fn)->dev), 1);
}

/*
 * A switch whose windows are just large enough for what firmware found, with
 * room behind:
 *
 *    root    [---------------------- 256 MiB, and 1 GiB above 4 GiB -----]
 *    port      [-- 4 MiB --]     prefetchable [-- 8 MiB --]
 *    switch    [-- 4 MiB --]                  [-- 8 MiB --]
 *    slots     [0][1][2][3]                   [0 ][1 ][2 ][3 ]
 */
enum { PORT, UP, SLOT0, SLOT1, SLOT2, SLOT3, DRIVE, CARD, CARD2, HUB, HUB_DOWN, HUB_CARD, NR };

#define LOW	0x80000000ULL
#define HIGH	0x1000000000ULL

static const struct mock_desc switch_desc[NR] = {
	[PORT] = {
		.name = "port",
		.up = PMB_NONE,
		.devfn = PCI_DEVFN(1, 0),
		.kind = MOCK_ROOT_PORT,
		.win = { [PMB_MEM] = { LOW, SZ_4M }, [PMB_PREF] = { HIGH, SZ_8M } },
	},
	[UP] = {
		.name = "up",
		.up = PORT,
		.kind = MOCK_UPSTREAM,
		.win = { [PMB_MEM] = { LOW, SZ_4M }, [PMB_PREF] = { HIGH, SZ_8M } },
	},
	[DRIVE] = {
		.name = "drive",
		.up = SLOT0,
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_16K, PMB_BAR_64, LOW },
	},
	[CARD] = {
		.name = "card",
		.up = SLOT1,
		.flags = MOCK_EMPTY,
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_16M, PMB_BAR_64 | PMB_BAR_PREF },
	},
	[CARD2] = {
		.name = "card2",
		.up = SLOT2,
		.flags = MOCK_EMPTY,
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_2M },
		.bar[2] = { SZ_32M, PMB_BAR_64 | PMB_BAR_PREF },
	},
	[HUB] = {
		.name = "hub",
		.up = SLOT3,
		.kind = MOCK_UPSTREAM,
		.flags = MOCK_EMPTY,
	},
	[HUB_DOWN] = {
		.name = "hub down",
		.up = HUB,
		.kind = MOCK_DOWNSTREAM,
		.flags = MOCK_EMPTY,
	},
	[HUB_CARD] = {
		.name = "hub card",
		.up = HUB_DOWN,
		.flags = MOCK_EMPTY,
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_4M, PMB_BAR_64 | PMB_BAR_PREF },
		.bar[2] = { SZ_1M },
	},
};

static const struct pmb_root switch_roots[] = {
	{ .space = PMB_MEM, .range = { LOW, SZ_256M } },
	{ .space = PMB_PREF, .range = { HIGH, SZ_1G } },
};

static struct mock_desc *copy_desc(struct kunit *test, const struct mock_desc *desc, u32 nr)
{
	struct mock_desc *copy = kunit_kcalloc(test, nr, sizeof(*copy), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, desc, nr * sizeof(*copy));
	return copy;
}

static struct mock_host *switch_host_at(struct kunit *test, const struct pmb_root *roots,
					u32 nr_roots)
{
	struct mock_desc *desc = copy_desc(test, switch_desc, NR);
	u32 n;

	for (n = 0; n < 4; n++)
		desc[SLOT0 + n] = (struct mock_desc){
			.name = "slot",
			.up = UP,
			.devfn = PCI_DEVFN(n, 0),
			.kind = MOCK_DOWNSTREAM,
			.flags = MOCK_SLOT,
			.spare = 4,
			.win = {
				[PMB_MEM] = { LOW + n * SZ_1M, SZ_1M },
				[PMB_PREF] = { HIGH + n * SZ_2M, SZ_2M },
			},
		};
	mock_drivers_register(test);
	return mock_host_create(test, desc, NR, roots, nr_roots);
}

static struct mock_host *switch_host(struct kunit *test)
{
	return switch_host_at(test, switch_roots, ARRAY_SIZE(switch_roots));
}

/* The drive was never touched, and everything works. */
static void expect_drive_untouched(struct mock_host *host, u32 from)
{
	struct kunit *test = host->test;

	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, DRIVE, false), 0);
	KUNIT_EXPECT_EQ(test, bar_start(host, DRIVE, 0), LOW);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, DRIVE));
	expect_sane(host, from);
}

static void commit_windows_only(struct kunit *test)
{
	struct mock_host *host = switch_host(test);
	u32 from;
	u64 cpu;

	mock_plug(host, CARD);
	from = rescan(host);

	KUNIT_ASSERT_TRUE(test, placed(host, CARD, 0));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, CARD));
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, CARD, 0, &cpu));
	KUNIT_EXPECT_EQ(test, cpu, bar_start(host, CARD, 0));
	KUNIT_EXPECT_GT(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_TRUE(test, log_has("result=ok"));
	expect_drive_untouched(host, from);

	/* And nothing is left to do. */
	from = rescan(host);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_FALSE(test, log_has("result="));
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
	struct mock_host *host = switch_host_at(test, roots, ARRAY_SIZE(roots));
	u32 from;
	u64 cpu;

	mock_plug(host, CARD);
	mock_plug(host, CARD2);
	from = rescan(host);

	KUNIT_ASSERT_TRUE(test, placed(host, CARD, 0));
	KUNIT_ASSERT_TRUE(test, placed(host, CARD2, 0));
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, CARD, 0, &cpu));
	KUNIT_EXPECT_EQ(test, cpu, bar_start(host, CARD, 0));
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, CARD2, 0, &cpu));
	KUNIT_EXPECT_EQ(test, cpu, bar_start(host, CARD2, 0));
	KUNIT_EXPECT_EQ(test, bar_start(host, DRIVE, 0), HIGH + 0x800000000);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, DRIVE, false), 0);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, DRIVE));
	expect_sane(host, from);
}

/* What stock assignment can serve is none of the engine's business. */
static void commit_stock_is_enough(struct kunit *test)
{
	struct mock_host *host = switch_host(test);
	u32 from;

	host->fn[CARD].desc.bar[0].size = SZ_1M;
	mock_plug(host, CARD);
	from = rescan(host);

	KUNIT_ASSERT_TRUE(test, placed(host, CARD, 0));
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_FALSE(test, log_has("result="));
	expect_drive_untouched(host, from);
}

static void commit_fits_nowhere(struct kunit *test)
{
	struct mock_host *host = switch_host(test);
	char why[128] = "";
	u32 from;

	host->fn[CARD].desc.bar[0].size = SZ_1G * 1024ULL;
	mock_plug(host, CARD);
	mock_save(host);
	from = rescan(host);

	KUNIT_EXPECT_FALSE(test, placed(host, CARD, 0));
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE(test, log_has("result=no-space"));
	expect_drive_untouched(host, from);
}

static void commit_two_cards_and_a_hub(struct kunit *test)
{
	struct mock_host *host = switch_host(test);
	u32 from;

	mock_plug(host, CARD2);
	mock_plug(host, CARD);
	mock_plug(host, HUB);
	from = rescan(host);

	KUNIT_ASSERT_TRUE(test, placed(host, CARD, 0));
	KUNIT_ASSERT_TRUE(test, placed(host, CARD2, 0));
	KUNIT_ASSERT_TRUE(test, placed(host, CARD2, 2));
	KUNIT_ASSERT_TRUE(test, placed(host, HUB_CARD, 0));
	KUNIT_ASSERT_TRUE(test, placed(host, HUB_CARD, 2));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, CARD));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, CARD2));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, HUB_CARD));
	expect_drive_untouched(host, from);
}

static void commit_plug_again_and_again(struct kunit *test)
{
	static const u64 size[] = { SZ_16M, SZ_64M, SZ_1M, SZ_256M, SZ_32M, SZ_512M };
	struct mock_host *host = switch_host(test);
	u32 from = 0, i;

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		u32 card = i % 2 ? CARD2 : CARD;
		int bar = i % 2 ? 2 : 0;

		host->fn[card].desc.bar[bar].size = size[i];
		mock_plug(host, card);
		from = rescan(host);
		KUNIT_EXPECT_TRUE_MSG(test, placed(host, card, bar), "round %u", i);
		KUNIT_EXPECT_TRUE_MSG(test, mock_driver_works(host, card), "round %u", i);
		expect_drive_untouched(host, from);
		mock_unplug(host, card);
	}
}

/*
 * One of two running devices has to move, so that there are 2 MiB in a row:
 *
 *    80000000    80100000    80200000    80300000    80400000
 *    | port, up -------------------------------------|       end of the root
 *    |           | slot0, A  | slot1, B  |           |       before
 *    | slot2, card           | slot1, B  | slot0, A  |       A moved
 *    | slot1, B  | slot0, A  | slot2, card           |       B moved
 */
enum { T_PORT, T_UP, T_SLOT0, T_SLOT1, T_SLOT2, T_A, T_B, T_CARD, T_NR };

static const struct mock_desc tight_desc[T_NR] = {
	[T_PORT] = {
		.name = "port",
		.up = PMB_NONE,
		.devfn = PCI_DEVFN(1, 0),
		.kind = MOCK_ROOT_PORT,
		.win = { [PMB_MEM] = { LOW, SZ_4M } },
	},
	[T_UP] = {
		.name = "up",
		.up = T_PORT,
		.kind = MOCK_UPSTREAM,
		.win = { [PMB_MEM] = { LOW, SZ_4M } },
	},
	[T_SLOT0] = {
		.name = "slot0",
		.up = T_UP,
		.devfn = PCI_DEVFN(0, 0),
		.kind = MOCK_DOWNSTREAM,
		.win = { [PMB_MEM] = { LOW + SZ_1M, SZ_1M } },
	},
	[T_SLOT1] = {
		.name = "slot1",
		.up = T_UP,
		.devfn = PCI_DEVFN(1, 0),
		.kind = MOCK_DOWNSTREAM,
		.win = { [PMB_MEM] = { LOW + SZ_2M, SZ_1M } },
	},
	[T_SLOT2] = {
		.name = "slot2",
		.up = T_UP,
		.devfn = PCI_DEVFN(2, 0),
		.kind = MOCK_DOWNSTREAM,
	},
	[T_A] = {
		.name = "a",
		.up = T_SLOT0,
		.device = MOCK_ID_PAUSE,
		.bar[0] = { SZ_1M, PMB_BAR_64, LOW + SZ_1M },
	},
	[T_B] = {
		.name = "b",
		.up = T_SLOT1,
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_1M, 0, LOW + SZ_2M },
	},
	[T_CARD] = {
		.name = "card",
		.up = T_SLOT2,
		.flags = MOCK_EMPTY,
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_2M },
	},
};

static const struct pmb_root tight_roots[] = {
	{ .space = PMB_MEM, .range = { LOW, SZ_4M } },
};

static struct mock_host *tight_host(struct kunit *test, u16 a, u16 b)
{
	struct mock_desc *desc = copy_desc(test, tight_desc, T_NR);
	struct mock_host *host;
	u32 i;

	desc[T_A].device = a;
	desc[T_B].device = b;
	host = mock_host_create(test, desc, T_NR, tight_roots, ARRAY_SIZE(tight_roots));

	/* As portdrv does it. */
	for (i = T_PORT; i <= T_SLOT2; i++)
		pci_save_state(mock_dev(host, i));
	KUNIT_ASSERT_TRUE(test, mock_driver_works(host, T_A));
	KUNIT_ASSERT_TRUE(test, mock_driver_works(host, T_B));
	mock_plug(host, T_CARD);
	mock_save(host);
	mock_knobs = (struct mock_driver_knobs){ };
	return host;
}

static void expect_untouched(struct mock_host *host, u32 fn, u32 from, u64 start)
{
	struct kunit *test = host->test;

	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, fn, false), 0);
	KUNIT_EXPECT_EQ(test, bar_start(host, fn, 0), start);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, fn));
}

/* All is as before, and both drivers are at work. */
static void expect_nothing_moved(struct mock_host *host, u32 from)
{
	struct kunit *test = host->test;
	char why[128] = "";

	KUNIT_EXPECT_FALSE(test, placed(host, T_CARD, 0));
	KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_EQ(test, bar_start(host, T_A, 0), LOW + SZ_1M);
	KUNIT_EXPECT_EQ(test, bar_start(host, T_B, 0), LOW + SZ_2M);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_A));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_B));
	expect_sane(host, from);
}

static void expect_a_moved(struct mock_host *host, u32 from)
{
	struct kunit *test = host->test;

	KUNIT_EXPECT_EQ(test, bar_start(host, T_A, 0), LOW + 3 * SZ_1M);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_A));
	KUNIT_EXPECT_EQ(test, bar_start(host, T_CARD, 0), LOW);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_CARD));
	expect_untouched(host, T_B, from, LOW + SZ_2M);
	/* The region that the driver requested went along. */
	KUNIT_ASSERT_NOT_NULL(test, mock_bar_res(host, T_A, 0)->child);
	KUNIT_EXPECT_EQ(test, mock_bar_res(host, T_A, 0)->child->start, LOW + 3 * SZ_1M);
	expect_sane(host, from);
}

static void commit_pause_one(struct kunit *test)
{
	struct mock_host *host;
	u32 from;

	mock_drivers_register(test);
	host = tight_host(test, MOCK_ID_PAUSE, MOCK_ID_FIXED);
	from = rescan(host);

	expect_a_moved(host, from);
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 1);
	KUNIT_EXPECT_TRUE(test, log_has("result=ok"));
}

/* Only one of two needs to be paused. */
static void commit_pause_no_more(struct kunit *test)
{
	struct mock_host *host;
	u32 from;

	mock_drivers_register(test);
	host = tight_host(test, MOCK_ID_PAUSE, MOCK_ID_PAUSE);
	from = rescan(host);

	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_A));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_B));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_CARD));
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 1);
	expect_sane(host, from);
}

/* A device without a driver goes before one that would have to be paused. */
static void commit_driverless_first(struct kunit *test)
{
	struct mock_host *host;
	u32 from;

	mock_drivers_register(test);
	host = tight_host(test, MOCK_ID_PAUSE, MOCK_ID_PAUSE);
	device_release_driver(&mock_dev(host, T_A)->dev);
	from = rescan(host);

	KUNIT_EXPECT_EQ(test, bar_start(host, T_A, 0), LOW + 3 * SZ_1M);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_CARD));
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 0);
	expect_untouched(host, T_B, from, LOW + SZ_2M);
	expect_sane(host, from);
}

static void commit_refused_once(struct kunit *test)
{
	struct mock_host *host;
	u32 from;

	mock_drivers_register(test);
	host = tight_host(test, MOCK_ID_PAUSE, MOCK_ID_PAUSE);
	mock_knobs.refuse = mock_dev(host, T_B);
	from = rescan(host);
	expect_a_moved(host, from);
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 1);
	mock_host_destroy(host);

	host = tight_host(test, MOCK_ID_PAUSE, MOCK_ID_PAUSE);
	mock_knobs.refuse = mock_dev(host, T_A);
	from = rescan(host);
	expect_untouched(host, T_A, from, LOW + SZ_1M);
	KUNIT_EXPECT_EQ(test, bar_start(host, T_B, 0), LOW);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_B));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_CARD));
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 1);
	expect_sane(host, from);
}

static void commit_all_refuse(struct kunit *test)
{
	struct mock_host *host;
	u32 from;

	mock_drivers_register(test);
	host = tight_host(test, MOCK_ID_PAUSE, MOCK_ID_FIXED);
	mock_knobs.refuse = mock_dev(host, T_A);
	from = rescan(host);
	expect_nothing_moved(host, from);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 0);

	/* Later it does not refuse any more. */
	mock_knobs.refuse = NULL;
	from = rescan(host);
	attach(host, T_CARD);
	expect_a_moved(host, from);
}

static void commit_driver_says_fixed(struct kunit *test)
{
	struct mock_host *host;
	u32 from;

	mock_drivers_register(test);
	host = tight_host(test, MOCK_ID_PAUSE, MOCK_ID_FIXED);
	mock_knobs.fixed = mock_dev(host, T_A);
	from = rescan(host);
	expect_nothing_moved(host, from);
	KUNIT_EXPECT_TRUE(test, log_has("result=no-space"));
	mock_host_destroy(host);

	/* Mappings cannot follow under UML: live is fixed. */
	if (IS_ENABLED(CONFIG_PCI_MOVABLE_FOLLOW))
		return;
	host = tight_host(test, MOCK_ID_LIVE, MOCK_ID_LIVE);
	from = rescan(host);
	expect_nothing_moved(host, from);
}

static void commit_done_fails_once(struct kunit *test)
{
	struct mock_host *host;
	u32 from;

	mock_drivers_register(test);
	host = tight_host(test, MOCK_ID_PAUSE, MOCK_ID_FIXED);
	mock_knobs.done_fails = 1;
	from = rescan(host);

	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_A));
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 1);
	expect_untouched(host, T_B, from, LOW + SZ_2M);
	expect_sane(host, from);
}

static void commit_done_fails_for_good(struct kunit *test)
{
	struct mock_host *host;
	int tries;
	u32 from;

	mock_drivers_register(test);
	host = tight_host(test, MOCK_ID_PAUSE, MOCK_ID_FIXED);
	mock_knobs.done_fails = U32_MAX;
	from = rescan(host);

	KUNIT_ASSERT_NOT_NULL(test, mock_dev(host, T_A));
	/* From a work item, without the locks of the event. */
	for (tries = 0; mock_driver_bound(host, T_A) && tries < 100; tries++)
		msleep(20);
	KUNIT_EXPECT_FALSE(test, mock_driver_bound(host, T_A));
	expect_untouched(host, T_B, from, LOW + SZ_2M);
	mock_knobs.prepared = mock_knobs.done;
	expect_sane(host, from);

	/* Its driver can have it back. */
	attach(host, T_A);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_A));
}

/* How many writes the engine needs when nothing goes wrong. */
static u32 script_length(struct kunit *test)
{
	struct mock_host *host = tight_host(test, MOCK_ID_PAUSE, MOCK_ID_FIXED);
	u32 from = rescan(host), nr;

	nr = mock_count_writes(host, from, MOCK_ANY, true);
	expect_a_moved(host, from);
	mock_host_destroy(host);
	KUNIT_ASSERT_GT(test, nr, 4);
	return nr;
}

static void commit_write_does_not_stick(struct kunit *test)
{
	u32 i, nr, from;

	mock_drivers_register(test);
	nr = script_length(test);
	for (i = 0; i < nr; i++) {
		struct mock_host *host = tight_host(test, MOCK_ID_PAUSE, MOCK_ID_FIXED);

		mock_arm(host, &(struct mock_fault){
			.fn = MOCK_ANY, .stopped = true, .after = i, .times = 1 });
		from = rescan(host);
		expect_nothing_moved(host, from);
		KUNIT_EXPECT_TRUE_MSG(test, log_has("result=failed"), "write %u", i);
		KUNIT_EXPECT_EQ_MSG(test, mock_knobs.prepared, 1, "write %u", i);
		expect_untouched(host, T_B, from, LOW + SZ_2M);

		/* It was not the end of the world. */
		mock_disarm(host);
		from = rescan(host);
		attach(host, T_CARD);
		expect_a_moved(host, from);
		mock_host_destroy(host);
	}
}

static bool is_gone(struct mock_host *host, u32 fn)
{
	for (; fn != PMB_NONE; fn = host->fn[fn].desc.up)
		if (!host->fn[fn].present)
			return true;
	return false;
}

/* Whoever is left works, at the old place or at the new one. */
static void commit_device_vanishes(struct kunit *test)
{
	u32 i, nr, from;

	mock_drivers_register(test);
	nr = script_length(test);
	for (i = 0; i < nr; i++) {
		struct mock_host *host = tight_host(test, MOCK_ID_PAUSE, MOCK_ID_FIXED);

		mock_arm(host, &(struct mock_fault){
			.fn = MOCK_ANY, .stopped = true, .after = i, .times = 1,
			.vanish = true });
		from = rescan(host);
		KUNIT_EXPECT_TRUE_MSG(test, is_gone(host, T_A) || mock_driver_works(host, T_A),
				      "write %u", i);
		KUNIT_EXPECT_TRUE_MSG(test, is_gone(host, T_B) || mock_driver_works(host, T_B),
				      "write %u", i);
		KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, T_B, false), 0);
		expect_sane(host, from);
		mock_host_destroy(host);
	}
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
	KUNIT_CASE(commit_write_does_not_stick),
	KUNIT_CASE(commit_device_vanishes),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_commit",
	.test_cases = cases,
};

kunit_test_suite(suite);
