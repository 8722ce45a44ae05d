// SPDX-License-Identifier: GPL-2.0
/*
 * What can be seen and said from outside: dry runs tell what the event does then,
 * events are remembered, BARs are forced to move, and what is declared by hand
 * counts.  All of it on the tight scene, where A moves from MiB 1 to MiB 3.
 */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "../pci.h"
#include "dryrun.h"
#include "force.h"
#include "hand.h"
#include "history.h"
#include "mock_scene.h"
#include "rescan.h"
#include "snapshot.h"
#include "sysfs.h"
#include "text.h"

#define AT_A	(SCENE_LOW + SZ_1M)
#define AT_B	(SCENE_LOW + SZ_2M)

static struct mock_host *scene(struct kunit *test)
{
	return scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
}

static const char *name(struct mock_host *host, u32 fn)
{
	return pci_name(mock_dev(host, fn));
}

/* The last event */

static char last_event[512];

static void keep_event(void *data, u64 ns, const char *line)
{
	strscpy(last_event, line);
}

static const char *last(void)
{
	last_event[0] = 0;
	pmb_history_show(keep_event, NULL);
	return last_event;
}

/* "key=value" of a line, up to the blank. */
static void word_of(const char *line, const char *key, char *word, size_t len)
{
	const char *at = strstr(line, key);

	strscpy(word, at ?: "", min(len, at ? strcspn(at, "\n ") + 1 : 1));
}

/* Dry runs */

static char told[4096];

static void keep_line(void *data, const char *line)
{
	size_t len = strlen(told);

	snprintf(told + len, sizeof(told) - len, "%s\n", line);
}

static int dry_run(struct mock_host *host, const char *requests)
{
	int err;

	told[0] = 0;
	pci_lock_rescan_remove();
	err = pmb_dryrun_host(host->bridge->bus, requests, keep_line, NULL);
	pci_unlock_rescan_remove();
	return err;
}

static void seeing_dry_run(struct kunit *test)
{
	static const char * const keys[] = {
		" result=", " wanted=", " placed=", " moved=", " live=", " paused=",
	};
	struct mock_host *host = scene(test);
	char why[128] = "", line[128], event[32], run[32];
	u32 from, i;

	snprintf(line, sizeof(line), "add %s:2M,mem\n", name(host, T_SLOT2));
	KUNIT_EXPECT_EQ(test, dry_run(host, line), 0);
	KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);
	snprintf(line, sizeof(line),
		 "move %s BAR 0 pause from 0x80100000-0x801fffff to 0x80300000-", name(host, T_A));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(told, line), "%s", told);

	from = scene_event(host, NULL, 0);
	scene_expect_a_moved(host, from);
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		word_of(told, keys[i] + 1, run, sizeof(run));
		word_of(last(), keys[i] + 1, event, sizeof(event));
		KUNIT_EXPECT_STREQ(test, run, event);
		KUNIT_EXPECT_TRUE(test, *run);
	}
}

/* Several in one go: the card, too large as it is, fits when B is gone. */
static void seeing_several_requests(struct kunit *test)
{
	struct mock_host *host = scene(test);
	char lines[128];

	snprintf(lines, sizeof(lines), "add %s:3M,mem\n", name(host, T_SLOT2));
	KUNIT_EXPECT_EQ(test, dry_run(host, lines), -EINVAL);
	snprintf(lines, sizeof(lines), "add %s:2M,mem:1M,mem", name(host, T_SLOT2));
	KUNIT_EXPECT_EQ(test, dry_run(host, lines), 0);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(told, "result=no-space"), "%s", told);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(told, "no-place "), "%s", told);
	snprintf(lines, sizeof(lines), "remove %s\n\nadd %s:2M,mem:1M,mem\n", name(host, T_B),
		 name(host, T_SLOT2));
	KUNIT_EXPECT_EQ(test, dry_run(host, lines), 0);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(told, "result=ok"), "%s", told);
}

static void seeing_bad_requests(struct kunit *test)
{
	static const char * const bad[] = {
		"explode", "add", "remove nobody", "resize 0000:00:00.0", "add x:1M,mem", "\"",
	};
	struct mock_host *host = scene(test);
	char lines[128];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ(test, dry_run(host, bad[i]), -EINVAL);
		KUNIT_EXPECT_TRUE_MSG(test, strstarts(told, "error: request 1, character "),
				      "%s", told);
	}
	snprintf(lines, sizeof(lines), "remove %s\nremove %s\n", name(host, T_B), name(host, T_B));
	KUNIT_EXPECT_EQ(test, dry_run(host, lines), -EINVAL);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(told, "error: request 2, character 8: "), "%s", told);
}

/* Forced moves */

/* To and fro, while the drivers work. */
static void seeing_forced_move(struct kunit *test)
{
	struct mock_host *host = scene(test);
	u32 from, i;
	u64 was;

	for (i = 0; i < 4; i++) {
		was = scene_start(host, T_A, 0);
		KUNIT_EXPECT_EQ(test, scene_force(host, T_A, i & 1 ? 0 : BIT(0), &from), 0);
		KUNIT_EXPECT_NE(test, scene_start(host, T_A, 0), was);
		KUNIT_EXPECT_NOT_NULL(test, strstr(last(), "trigger=forced"));
		KUNIT_EXPECT_NOT_NULL(test, strstr(last(), "result=ok wanted=1 placed=0"));
		KUNIT_EXPECT_NOT_NULL(test, strstr(last(), "moved=1 live=0 paused=1"));
		KUNIT_EXPECT_EQ(test, mock_knobs.prepared, i + 1);
		scene_expect_untouched(host, T_B, from, AT_B);
		scene_expect_all_work(host);
		scene_expect_sane(host, from);
	}
}

static void seeing_forced_in_vain(struct kunit *test)
{
	struct mock_host *host = scene(test);
	char why[128] = "";
	u32 from;

	KUNIT_EXPECT_EQ(test, scene_force(host, T_B, BIT(0), &from), -EPERM);
	KUNIT_EXPECT_NOT_NULL(test, strstr(last(), "trigger=forced"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(last(), "result=refused"));
	KUNIT_EXPECT_EQ(test, scene_force(host, T_B, 0, &from), -EPERM);
	KUNIT_EXPECT_EQ(test, scene_force(host, T_A, BIT(3), &from), -ENOENT);

	mock_knobs.refuse = mock_dev(host, T_A);
	KUNIT_EXPECT_EQ(test, scene_force(host, T_A, BIT(0), &from), -EBUSY);
	KUNIT_EXPECT_NOT_NULL(test, strstr(last(), "result=refused"));
	mock_knobs.refuse = NULL;

	mock_dev(host, T_A)->bars_policy = PMB_HAND_FIXED;
	KUNIT_EXPECT_EQ(test, scene_force(host, T_A, BIT(0), &from), -EPERM);
	mock_dev(host, T_A)->bars_policy = PMB_HAND_AUTO;

	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_EQ(test, scene_start(host, T_A, 0), AT_A);
	scene_expect_all_work(host);
	scene_expect_sane(host, from);
}

/* A driver that cannot go on at the new place has its old one back. */
static void seeing_forced_and_back(struct kunit *test)
{
	struct mock_host *host = scene(test);
	u32 from;

	mock_knobs.done_fails = 2;
	KUNIT_EXPECT_EQ(test, scene_force(host, T_A, BIT(0), &from), -EIO);
	KUNIT_EXPECT_NOT_NULL(test, strstr(last(), "returned=1"));
	KUNIT_EXPECT_EQ(test, scene_start(host, T_A, 0), AT_A);
	scene_expect_all_work(host);
	scene_expect_sane(host, from);
}

/* Declared by hand */

static void expect_bars(struct mock_host *host, u32 fn, const char *words)
{
	char *page = kunit_kzalloc(host->test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(host->test, page);
	KUNIT_EXPECT_EQ(host->test, pmb_sysfs_bars(mock_dev(host, fn), page),
			strlen(words));
	KUNIT_EXPECT_STREQ(host->test, page, words);
}

static void seeing_fixed_by_hand(struct kunit *test)
{
	struct mock_host *host = scene(test);
	char line[64];
	u32 from;

	expect_bars(host, T_A, "0:pause\n");
	expect_bars(host, T_UP, "\n");
	/* Either of the two would make room: whoever is named is fixed by hand. */
	expect_bars(host, T_B, "0:driver\n");
	mock_dev(host, T_A)->bars_policy = PMB_HAND_FIXED;
	mock_dev(host, T_B)->bars_policy = PMB_HAND_FIXED;
	expect_bars(host, T_A, "0:admin\n");
	expect_bars(host, T_B, "0:admin\n");
	snprintf(line, sizeof(line), "add %s:2M,mem", name(host, T_SLOT2));
	KUNIT_EXPECT_EQ(test, dry_run(host, line), 0);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(told, pmb_why_text(PMB_WHY_ADMIN)), "%s", told);
	KUNIT_EXPECT_NOT_NULL(test, strstr(told, "it would fit if these could move"));
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=no-space"));
	scene_expect_nothing_moved(host, from);

	mock_dev(host, T_A)->bars_policy = PMB_HAND_AUTO;
	from = scene_event(host, NULL, 0);
	scene_expect_a_moved(host, from);
}

/* A driver without hooks has the last word. */
static void seeing_movable_by_hand(struct kunit *test)
{
	struct mock_host *host = scene(test);
	u32 from;

	mock_dev(host, T_A)->bars_policy = PMB_HAND_FIXED;
	mock_dev(host, T_B)->bars_policy = PMB_HAND_MOVABLE;
	expect_bars(host, T_B, "0:driver\n");
	from = scene_event(host, NULL, 0);
	scene_expect_nothing_moved(host, from);
	scene_expect_untouched(host, T_B, from, AT_B);
}

static void seeing_host_off(struct kunit *test)
{
	struct mock_host *host = scene(test);
	u32 from;

	host->bridge->bars_policy = PMB_HAND_FIXED;
	expect_bars(host, T_A, "0:off\n");
	KUNIT_EXPECT_EQ(test, scene_force(host, T_A, BIT(0), &from), -EPERM);
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_FALSE(test, scene_log_has("event="));
	scene_expect_nothing_moved(host, from);

	host->bridge->bars_policy = PMB_HAND_AUTO;
	from = scene_event(host, NULL, 0);
	scene_expect_a_moved(host, from);
}

/* What firmware might use moves if somebody says that it does not. */
static void seeing_root_bus(struct kunit *test)
{
	static const char text[] =
		"pmb-layout 1\n"
		"host 0000:10\n"
		"root 0000:10 mem 0x80000000-0x803fffff\n"
		"dev 0000:10:02.0 on 0000:10\n"
		"bar 0000:10:02.0 0 mem at 0x80100000-0x801fffff\n"
		"end\n";
	struct pmb_text_error error = { };
	struct pmb_layout *layout = pmb_text_read(text, strlen(text), &error);
	struct mock_host *host;
	u32 from;

	KUNIT_ASSERT_NOT_NULL_MSG(test, layout, "line %u: %s", error.line, error.why);
	mock_drivers_register(test);
	host = mock_host_from_layout(test, layout);
	mock_save(host);
	expect_bars(host, 0, "0:root-bus\n");
	KUNIT_EXPECT_EQ(test, scene_force(host, 0, BIT(0), &from), -EPERM);
	mock_dev(host, 0)->bars_policy = PMB_HAND_MOVABLE;
	expect_bars(host, 0, "0:free\n");
	KUNIT_EXPECT_EQ(test, scene_force(host, 0, BIT(0), &from), 0);
	KUNIT_EXPECT_NE(test, scene_start(host, 0, 0), AT_A);
	scene_expect_sane(host, from);
	/* The host has the names from there. */
	mock_host_destroy(host);
	pmb_layout_free(layout);
}

static void count_event(void *data, u64 ns, const char *line)
{
	u32 *nr = data;

	++*nr;
}

/* The oldest ones go. */
static void seeing_old_events(struct kunit *test)
{
	u32 i, nr = 0;

	for (i = 0; i < PMB_HISTORY + 3; i++)
		pmb_history_info("note %u", i);
	pmb_history_show(count_event, &nr);
	KUNIT_EXPECT_EQ(test, nr, PMB_HISTORY);
	KUNIT_EXPECT_STREQ(test, last(), "note 34");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(seeing_dry_run),
	KUNIT_CASE(seeing_several_requests),
	KUNIT_CASE(seeing_bad_requests),
	KUNIT_CASE(seeing_forced_move),
	KUNIT_CASE(seeing_forced_in_vain),
	KUNIT_CASE(seeing_forced_and_back),
	KUNIT_CASE(seeing_fixed_by_hand),
	KUNIT_CASE(seeing_movable_by_hand),
	KUNIT_CASE(seeing_host_off),
	KUNIT_CASE(seeing_root_bus),
	KUNIT_CASE(seeing_old_events),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_seeing",
	.test_cases = cases,
};

kunit_test_suite(suite);
