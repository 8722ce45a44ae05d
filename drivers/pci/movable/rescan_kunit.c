// SPDX-License-Identifier: GPL-2.0
/* Events from their outside: several at once, and what comes after. */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <trace/events/pci_movable.h>

#include "actor.h"
#include "mock_driver.h"

/* A card with no room is there without a driver, and gets one when there is room. */
static void rescan_probes_again(struct kunit *test)
{
	struct mock_host *host;
	u32 from, probes;

	actor_register(test);
	host = actor_host(test, 6 * SZ_1M, ACTOR_ID);
	actor_of(host, ROW_A)->refuse_after = 0;
	actor_of(host, ROW_B)->refuse_after = 0;
	actor_of(host, ROW_C)->refuse_after = 0;
	actor_rescan(host);
	KUNIT_ASSERT_NOT_NULL(test, mock_dev(host, ROW_CARD));
	KUNIT_EXPECT_NULL(test, actor_of(host, ROW_CARD));
	KUNIT_EXPECT_EQ(test, actor_at(host, ROW_CARD), 0);

	/* As long as nothing has changed for it, it is left alone. */
	probes = actor_play.probes;
	actor_rescan(host);
	KUNIT_EXPECT_EQ(test, actor_play.probes, probes);

	actor_of(host, ROW_B)->refuse_after = U32_MAX;
	from = actor_rescan(host);
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=ok"));
	KUNIT_EXPECT_EQ(test, actor_play.probes, probes + 1);
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_CARD));
	actor_expect_sane(host, from);

	/* Once: whoever unbinds the driver means it. */
	device_release_driver(&mock_dev(host, ROW_CARD)->dev);
	actor_rescan(host);
	KUNIT_EXPECT_EQ(test, actor_play.probes, probes + 1);
}

/* The same when it is stock assignment that finds room, after a removal. */
static void rescan_probes_after_removal(struct kunit *test)
{
	struct mock_host *host;
	u32 from;

	actor_register(test);
	host = actor_host(test, 6 * SZ_1M, ACTOR_ID);
	actor_of(host, ROW_A)->refuse_after = 0;
	actor_of(host, ROW_B)->refuse_after = 0;
	actor_of(host, ROW_C)->refuse_after = 0;
	actor_rescan(host);
	KUNIT_EXPECT_NULL(test, actor_of(host, ROW_CARD));

	mock_unplug(host, ROW_A);
	from = actor_rescan(host);
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_CARD));
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_B));
	actor_expect_sane(host, from);
}

struct helper {
	struct mock_host *host;
	struct completion done;
};

static int rescan_too(void *data)
{
	struct helper *helper = data;

	mock_rescan(helper->host);
	complete(&helper->done);
	return 0;
}

/*
 * While a driver takes its time to pause, a card arrives in another slot.  The
 * second event comes after the first one, and both cards get what they need:
 *
 *    0       1M      2M      3M      4M      5M      6M      7M
 *    |       | A     |       | B     |       | -     |       |   slot of C empty
 *    | card or C     |       | B     | C or card     | A     |
 */
static void rescan_two_at_once(struct kunit *test)
{
	struct helper helper = { };
	struct task_struct *task;
	struct mock_host *host;
	u32 from, tries;

	actor_register(test);
	host = actor_host(test, 7 * SZ_1M, ACTOR_ID);
	mock_unplug(host, ROW_C);
	host->fn[ROW_C].desc.bar[0].size = SZ_2M;
	actor_of(host, ROW_A)->slow_ms = 300;
	actor_of(host, ROW_B)->slow_ms = 300;
	from = host->nr_writes;

	helper.host = host;
	init_completion(&helper.done);
	task = kthread_run(rescan_too, &helper, "pci_movable_test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	for (tries = 0; !actor_play.calls && tries < 100; tries++)
		msleep(20);
	mock_plug(host, ROW_C);
	actor_rescan(host);
	wait_for_completion(&helper.done);

	KUNIT_EXPECT_GE(test, actor_play.calls, 2);
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_CARD));
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_C));
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_A));
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_B));
	actor_expect_sane(host, from);
}

/* What the tracepoints told. */
struct trace_log {
	u32 begins, plans, pauses, refusals, resumes, bars, windows, backs, ends;
	u64 from, to;
};

static void see_begin(void *data, u32 event, const char *trigger, const char *host, u32 wanted)
{
	struct trace_log *log = data;

	log->begins++;
}

static void see_plan(void *data, u32 event, int error, u32 placed, u32 unplaced, u32 moved,
		     u32 windows, u64 cost, u64 ns)
{
	struct trace_log *log = data;

	log->plans++;
}

static void see_pause(void *data, const char *dev, const char *driver, int error, u64 ns)
{
	struct trace_log *log = data;

	log->pauses += !error;
	log->refusals += !!error;
}

static void see_resume(void *data, const char *dev, const char *driver, int error, u64 ns)
{
	struct trace_log *log = data;

	log->resumes += !error;
}

static void see_bar(void *data, const char *dev, u32 bar, u64 from, u64 to, u64 size)
{
	struct trace_log *log = data;

	log->bars++;
	if (!from)
		return;
	log->from = from;
	log->to = to;
}

static void see_window(void *data, const char *dev, const char *space, u64 from, u64 from_size,
		       u64 to, u64 to_size)
{
	struct trace_log *log = data;

	log->windows++;
}

static void see_back(void *data, const char *dev, const char *what)
{
	struct trace_log *log = data;

	log->backs++;
}

static void see_end(void *data, u32 event, const char *result, u32 writes, u64 held_ns,
		    u64 stop_ns, u64 pause_ns)
{
	struct trace_log *log = data;

	log->ends++;
}

static void trace_all(struct kunit *test, struct trace_log *log)
{
	int err = register_trace_pci_movable_begin(see_begin, log) ?:
		  register_trace_pci_movable_plan(see_plan, log) ?:
		  register_trace_pci_movable_pause(see_pause, log) ?:
		  register_trace_pci_movable_resume(see_resume, log) ?:
		  register_trace_pci_movable_bar(see_bar, log) ?:
		  register_trace_pci_movable_window(see_window, log) ?:
		  register_trace_pci_movable_roll_back(see_back, log) ?:
		  register_trace_pci_movable_end(see_end, log);

	KUNIT_EXPECT_EQ(test, err, 0);
}

static void trace_none(struct trace_log *log)
{
	unregister_trace_pci_movable_begin(see_begin, log);
	unregister_trace_pci_movable_plan(see_plan, log);
	unregister_trace_pci_movable_pause(see_pause, log);
	unregister_trace_pci_movable_resume(see_resume, log);
	unregister_trace_pci_movable_bar(see_bar, log);
	unregister_trace_pci_movable_window(see_window, log);
	unregister_trace_pci_movable_roll_back(see_back, log);
	unregister_trace_pci_movable_end(see_end, log);
	tracepoint_synchronize_unregister();
}

/* One refuses, one cannot go on where it came to, the third one moves. */
static void rescan_is_traced(struct kunit *test)
{
	static const u64 at[] = { ROW_AT_A, ROW_AT_B, ROW_AT_C };
	struct trace_log log = { };
	struct mock_host *host;
	u32 i, moved = 0;

	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		kunit_skip(test, "no tracepoints in this kernel");
	actor_register(test);
	host = actor_host(test, 6 * SZ_1M, ACTOR_ID);
	actor_of(host, ROW_A)->refuse_after = 0;
	for (i = 0; i < ARRAY_SIZE(at); i++)
		actor_of(host, ROW_A + i)->fail = i == 1 ? 2 : 0;
	trace_all(test, &log);
	actor_rescan(host);
	trace_none(&log);

	for (i = 0; i < ARRAY_SIZE(at); i++)
		if (actor_at(host, ROW_A + i) != at[i])
			moved = i;
	KUNIT_EXPECT_EQ(test, log.begins, 1);
	KUNIT_EXPECT_EQ(test, log.ends, 1);
	KUNIT_EXPECT_EQ(test, log.from, at[moved]);
	KUNIT_EXPECT_EQ(test, log.to, actor_at(host, ROW_A + moved));
	KUNIT_EXPECT_EQ(test, log.bars, 2);
	KUNIT_EXPECT_EQ(test, log.windows, 2);
	KUNIT_EXPECT_EQ(test, log.pauses, log.resumes);
	KUNIT_EXPECT_EQ(test, log.plans, log.pauses + log.refusals);
	KUNIT_EXPECT_EQ(test, log.backs, actor_of(host, ROW_B)->failed == 2);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(rescan_probes_again),
	KUNIT_CASE(rescan_probes_after_removal),
	KUNIT_CASE_SLOW(rescan_two_at_once),
	KUNIT_CASE(rescan_is_traced),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_rescan",
	.test_cases = cases,
};

kunit_test_suite(suite);
