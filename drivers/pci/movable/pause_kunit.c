// SPDX-License-Identifier: GPL-2.0
/*
 * The contract with drivers: who is held, paused and let go, and in which order,
 * when drivers refuse, are slow, cannot go on, and when devices are busy.
 *
 * After each event: what is fixed was not touched, what decoded before decodes
 * at its new place or at its old one, every pause has ended once, nothing is
 * held any more, and the log tells what happened.
 */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>

#include "actor.h"
#include "back.h"
#include "mock_driver.h"
#include "mock_scene.h"

/* Room for a card of 2 MiB, if one of three moves to another free megabyte. */
static struct mock_host *one_moves(struct kunit *test)
{
	actor_register(test);
	return actor_host(test, 6 * SZ_1M, ACTOR_ID);
}

/* The same for a card of 4 MiB, if both A and B move; the drivers are there. */
static struct mock_host *two_move_again(struct kunit *test)
{
	struct mock_host *host = actor_host(test, 8 * SZ_1M, MOCK_ID_FIXED);

	memset(&actor_play, 0, sizeof(actor_play));
	host->fn[ROW_CARD].desc.bar[0].size = SZ_4M;
	mock_plug(host, ROW_CARD);
	mock_save(host);
	return host;
}

static struct mock_host *two_move(struct kunit *test)
{
	mock_drivers_register(test);
	actor_register(test);
	return two_move_again(test);
}

/* Which of three has moved? */
static u32 mover(struct mock_host *host)
{
	if (actor_at(host, ROW_A) != ROW_AT_A)
		return ROW_A;
	if (actor_at(host, ROW_B) != ROW_AT_B)
		return ROW_B;
	return actor_at(host, ROW_C) != ROW_AT_C ? ROW_C : ROW_NR;
}

/* The same, and which one it is if nothing keeps it from moving. */
static struct mock_host *one_moves_rather(struct kunit *test, u32 *which)
{
	struct mock_host *host = one_moves(test);

	actor_rescan(host);
	*which = mover(host);
	KUNIT_ASSERT_NE(test, *which, ROW_NR);
	mock_host_destroy(host);
	memset(&actor_play, 0, sizeof(actor_play));
	return actor_host(test, 6 * SZ_1M, ACTOR_ID);
}

static void expect_all_work(struct mock_host *host)
{
	KUNIT_EXPECT_TRUE(host->test, actor_works(host, ROW_A));
	KUNIT_EXPECT_TRUE(host->test, actor_works(host, ROW_B));
	if (actor_of(host, ROW_C))
		KUNIT_EXPECT_TRUE(host->test, actor_works(host, ROW_C));
}

static void expect_card(struct mock_host *host)
{
	KUNIT_EXPECT_TRUE(host->test, actor_works(host, ROW_CARD));
}

static void expect_as_before(struct mock_host *host)
{
	char why[128] = "";

	KUNIT_EXPECT_EQ(host->test, actor_at(host, ROW_CARD), 0);
	KUNIT_EXPECT_TRUE_MSG(host->test, mock_same(host, why, sizeof(why)), "%s", why);
}

static void pause_in_reverse_order(struct kunit *test)
{
	struct mock_host *host = two_move(test);
	struct actor *a = actor_of(host, ROW_A), *b = actor_of(host, ROW_B);
	u32 from = actor_rescan(host);

	KUNIT_EXPECT_EQ(test, a->prepared, 1);
	KUNIT_EXPECT_EQ(test, b->prepared, 1);
	KUNIT_EXPECT_LT(test, a->prepared_as, b->prepared_as);
	KUNIT_EXPECT_GT(test, a->resumed_as, b->resumed_as);
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=ok"));
	KUNIT_EXPECT_TRUE(test, actor_log_has(" paused=2 "));
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, ROW_C, false), 0);
	expect_all_work(host);
	expect_card(host);
	actor_expect_sane(host, from);
}

/* The first one is let go when the second one refuses, and there is no other way. */
static void pause_second_refuses(struct kunit *test)
{
	struct mock_host *host = two_move(test);
	u32 from;

	actor_of(host, ROW_B)->refuse_after = 0;
	from = actor_rescan(host);

	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_A)->prepared, 1);
	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_A)->resumed, 1);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=no-space"));
	expect_as_before(host);
	expect_all_work(host);
	actor_expect_sane(host, from);
}

/* One more try at the new place is enough: no second stop. */
static void pause_done_fails_once(struct kunit *test)
{
	struct mock_host *host = two_move(test);
	u32 from;

	actor_of(host, ROW_A)->fail = 1;
	from = actor_rescan(host);

	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_A)->prepared, 1);
	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_B)->prepared, 1);
	KUNIT_EXPECT_NE(test, actor_at(host, ROW_A), ROW_AT_A);
	KUNIT_EXPECT_FALSE(test, actor_log_has("old address"));
	expect_all_work(host);
	expect_card(host);
	actor_expect_sane(host, from);
}

/*
 * Its old place is the card's now: all go back, it resumes there, and another
 * one moves.
 */
static void pause_done_fails_at_new_place(struct kunit *test)
{
	u32 from, first;
	struct mock_host *host = one_moves_rather(test, &first);

	actor_of(host, first)->fail_unless_at = actor_at(host, first);
	from = actor_rescan(host);

	KUNIT_EXPECT_EQ(test, actor_of(host, first)->prepared, 1);
	KUNIT_EXPECT_EQ(test, actor_of(host, first)->resumed, 1);
	KUNIT_EXPECT_EQ(test, actor_of(host, first)->failed, 2);
	KUNIT_EXPECT_NE(test, mover(host), first);
	KUNIT_EXPECT_EQ(test, actor_of(host, mover(host))->prepared, 1);
	KUNIT_EXPECT_TRUE(test, actor_log_has("everything is back at its old address"));
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=ok"));
	KUNIT_EXPECT_TRUE(test, actor_log_has(" returned=1 detached=0 "));
	expect_all_work(host);
	expect_card(host);
	actor_expect_sane(host, from);
}

/* Only that one is lost, and it can come back. */
static void pause_done_fails_for_good(struct kunit *test)
{
	struct mock_host *host = two_move(test);
	u32 from;

	actor_of(host, ROW_A)->fail = U32_MAX;
	from = actor_rescan(host);
	scene_wait_detached(host, ROW_A);

	KUNIT_EXPECT_EQ(test, actor_play.lost, 1);
	KUNIT_EXPECT_TRUE(test, actor_log_has(" returned=0 detached=1 "));
	KUNIT_EXPECT_EQ(test, actor_at(host, ROW_A), ROW_AT_A);
	KUNIT_EXPECT_EQ(test, actor_at(host, ROW_B), ROW_AT_B);
	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_B)->prepared, 2);
	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_B)->resumed, 2);
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_B));
	actor_expect_sane(host, from);

	KUNIT_EXPECT_EQ(test, device_attach(&mock_dev(host, ROW_A)->dev), 1);
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_A));
}

/* B runs at its new place when A fails: it is paused again, and all go back. */
static void pause_again_to_go_back(struct kunit *test)
{
	struct mock_host *host = two_move(test);
	u32 from;

	actor_of(host, ROW_A)->fail_unless_at = ROW_AT_A;
	from = actor_rescan(host);

	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_A)->prepared, 1);
	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_A)->resumed, 1);
	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_B)->prepared, 2);
	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_B)->resumed, 2);
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=no-space"));
	KUNIT_EXPECT_TRUE(test, actor_log_has(" returned=1 detached=0 "));
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, ROW_C, false), 0);
	expect_as_before(host);
	expect_all_work(host);
	actor_expect_sane(host, from);

	/* And it is not remembered against it. */
	actor_of(host, ROW_A)->fail_unless_at = 0;
	from = actor_rescan(host);
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=ok"));
	expect_all_work(host);
	expect_card(host);
	actor_expect_sane(host, from);
}

/* B does not stop once more, so A has to stay, and is asked for the last time. */
static void pause_no_way_back(struct kunit *test)
{
	struct mock_host *host = two_move(test);
	u32 from;

	actor_of(host, ROW_A)->fail = 2;
	actor_of(host, ROW_B)->refuse_after = 1;
	from = actor_rescan(host);

	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_A)->resumed, 1);
	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_B)->prepared, 1);
	KUNIT_EXPECT_NE(test, actor_at(host, ROW_A), ROW_AT_A);
	KUNIT_EXPECT_TRUE(test, actor_log_has("no way back"));
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=ok"));
	expect_all_work(host);
	expect_card(host);
	actor_expect_sane(host, from);
	mock_host_destroy(host);

	host = two_move_again(test);
	actor_of(host, ROW_A)->fail = U32_MAX;
	actor_of(host, ROW_B)->refuse_after = 1;
	from = actor_rescan(host);
	scene_wait_detached(host, ROW_A);

	KUNIT_EXPECT_EQ(test, actor_play.lost, 1);
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=partial"));
	KUNIT_EXPECT_TRUE(test, actor_log_has(" returned=0 detached=1 "));
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_B));
	expect_card(host);
	actor_expect_sane(host, from);
}

/* How many writes does one move of the two take? */
static u32 writes_of_one_stop(struct kunit *test)
{
	struct mock_host *host = two_move(test);
	u32 from = actor_rescan(host);
	u32 nr = mock_count_writes(host, from, MOCK_ANY, true);

	mock_host_destroy(host);
	KUNIT_ASSERT_GT(test, nr, 4);
	return nr;
}

/* The second stop fails, too: register after register does not take its value. */
static void pause_way_back_does_not_stick(struct kunit *test)
{
	u32 i, nr = writes_of_one_stop(test), from;

	for (i = 0; i < nr; i++) {
		struct mock_host *host = two_move_again(test);

		actor_of(host, ROW_A)->fail = 2;
		mock_arm(host, &(struct mock_fault){
			.fn = MOCK_ANY, .stopped = true, .after = nr + i, .times = 1 });
		from = actor_rescan(host);

		KUNIT_EXPECT_TRUE_MSG(test, actor_log_has("no way back"), "write %u", i);
		expect_all_work(host);
		expect_card(host);
		actor_expect_sane(host, from);
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

/* Device after device vanishes in the second stop: the others go back. */
static void pause_way_back_vanishes(struct kunit *test)
{
	u32 i, nr = writes_of_one_stop(test), from;

	for (i = 0; i < nr; i++) {
		struct mock_host *host = two_move_again(test);

		actor_of(host, ROW_A)->fail = 2;
		mock_arm(host, &(struct mock_fault){
			.fn = MOCK_ANY, .stopped = true, .after = nr + i, .times = 1,
			.vanish = true });
		from = actor_rescan(host);

		KUNIT_EXPECT_TRUE_MSG(test, actor_log_has("everything is back"), "write %u", i);
		KUNIT_EXPECT_TRUE_MSG(test, is_gone(host, ROW_A) || actor_works(host, ROW_A),
				      "write %u", i);
		KUNIT_EXPECT_TRUE_MSG(test, is_gone(host, ROW_B) || actor_works(host, ROW_B),
				      "write %u", i);
		actor_expect_sane(host, from);
		mock_host_destroy(host);
	}
}

/* The layout as it is, but for one BAR: what a planner would never do. */
static struct pmb_plan *plan_alone(struct kunit *test, const struct pmb_snapshot *snap,
				   struct mock_host *host, u32 fn, u64 to)
{
	struct pmb_plan *plan = pmb_plan_alloc(snap->layout);
	struct pmb_layout *l = snap->layout;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, plan);
	for (i = 0; i < plan->nr_wins; i++) {
		plan->win[i] = l->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur;
		if (snap->dev[l->bridges[i / PMB_SPACES].dev] == mock_dev(host, fn)->bus->self &&
		    i % PMB_SPACES == PMB_MEM)
			plan->win[i].start = to;
	}
	for (i = 0; i < plan->nr_bars; i++) {
		if (l->bars[i].flags & PMB_BAR_PLACED)
			plan->bar[i] = (struct pmb_range){ l->bars[i].start, l->bars[i].size };
		if (snap->dev[l->bars[i].dev] == mock_dev(host, fn))
			plan->bar[i].start = to;
	}
	plan->bars_moved = 1;
	plan->wins_changed = 1;
	return plan;
}

/* Nobody came to its old place: it goes back alone, and B does not notice. */
static void pause_back_alone(struct kunit *test)
{
	struct mock_host *host = one_moves(test);
	struct pmb_policy policy = { };
	u32 stuck, from = host->nr_writes;
	struct pmb_outcome outcome;
	struct pmb_snapshot *snap;
	struct pmb_commit *commit;
	struct pmb_pause *pause;
	struct pmb_plan *plan;
	unsigned int noio;

	actor_of(host, ROW_A)->fail_unless_at = ROW_AT_A;
	pci_lock_rescan_remove();
	snap = pmb_snapshot_take(host->bridge->bus, &policy);
	KUNIT_ASSERT_FALSE(test, IS_ERR(snap));
	plan = plan_alone(test, snap, host, ROW_A, ROW_LOW + SZ_2M);
	pause = pmb_pause_alloc(snap, &policy);
	KUNIT_ASSERT_NOT_NULL(test, pause);
	KUNIT_EXPECT_EQ(test, pmb_pause_hold(pause, plan), 0);
	commit = pmb_commit_prepare(snap, plan, &stuck);
	KUNIT_ASSERT_FALSE(test, IS_ERR(commit));
	noio = memalloc_noio_save();

	KUNIT_EXPECT_EQ(test, pmb_pause_drivers(pause), 0);
	pmb_commit_run(commit, &outcome);
	KUNIT_EXPECT_EQ(test, outcome.error, 0);
	KUNIT_EXPECT_EQ(test, actor_at(host, ROW_A), ROW_LOW + SZ_2M);
	KUNIT_EXPECT_EQ(test, pmb_pause_resume(pause), 1);
	KUNIT_EXPECT_EQ(test, pmb_back(snap, plan, commit, pause, &outcome), 0);
	KUNIT_EXPECT_EQ(test, plan->bars_moved, 0);
	pmb_pause_finish(pause);

	memalloc_noio_restore(noio);
	pmb_commit_free(commit);
	pmb_pause_release(pause);
	KUNIT_EXPECT_EQ(test, pmb_pause_lost(pause), 0);
	pmb_pause_free(pause);
	pmb_plan_free(plan);
	pmb_snapshot_free(snap);
	pci_unlock_rescan_remove();

	KUNIT_EXPECT_EQ(test, actor_at(host, ROW_A), ROW_AT_A);
	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_A)->failed, 2);
	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_A)->resumed, 1);
	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_B)->prepared, 0);
	expect_all_work(host);
	actor_expect_sane(host, from);
}

/* Slow is allowed, but is not kept quiet about. */
static void pause_slow(struct kunit *test)
{
	struct mock_host *host = two_move(test);
	char text[64];
	u32 from;

	actor_of(host, ROW_B)->slow_ms = 1100;
	from = actor_rescan(host);

	snprintf(text, sizeof(text), "%s: waiting for actor to pause",
		 pci_name(mock_dev(host, ROW_B)));
	KUNIT_EXPECT_TRUE(test, actor_log_has(text));
	snprintf(text, sizeof(text), "%s: actor took ", pci_name(mock_dev(host, ROW_B)));
	KUNIT_EXPECT_TRUE(test, actor_log_has(text));
	KUNIT_EXPECT_TRUE(test, actor_log_has(" ms to resume"));
	snprintf(text, sizeof(text), "%s: actor took ", pci_name(mock_dev(host, ROW_A)));
	KUNIT_EXPECT_FALSE(test, actor_log_has(text));
	expect_all_work(host);
	expect_card(host);
	actor_expect_sane(host, from);
}

/* Another one moves, and this one is not touched, nor is its bridge. */
static void expect_another_moved(struct mock_host *host, u32 from, u32 fn)
{
	struct kunit *test = host->test;

	KUNIT_EXPECT_NE(test, mover(host), fn);
	KUNIT_EXPECT_NE(test, mover(host), ROW_NR);
	KUNIT_EXPECT_EQ(test, actor_of(host, fn)->prepared, 0);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, fn, false), 0);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, host->fn[fn].desc.up, true), 0);
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=ok"));
	expect_all_work(host);
	expect_card(host);
	actor_expect_sane(host, from);
}

/* In probe, remove or reset: somebody else holds its lock. */
static void pause_busy_device(struct kunit *test)
{
	u32 from, first;
	struct mock_host *host = one_moves_rather(test, &first);
	struct pci_dev *dev = mock_dev(host, first);

	device_lock(&dev->dev);
	from = actor_rescan(host);
	device_unlock(&dev->dev);
	expect_another_moved(host, from, first);
}

/* Somebody takes the lock when the plan is being made. */
static void pause_device_gets_busy(struct kunit *test)
{
	struct mock_host *host = two_move(test);
	struct pci_dev *a = mock_dev(host, ROW_A);
	u32 from;

	actor_of(host, ROW_B)->lock = a;
	from = actor_rescan(host);
	KUNIT_ASSERT_NULL(test, actor_of(host, ROW_B)->lock);
	device_unlock(&a->dev);

	KUNIT_EXPECT_EQ(test, actor_play.calls, 0);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	expect_as_before(host);
	expect_all_work(host);
	actor_expect_sane(host, from);

	/* Next time it is not. */
	from = actor_rescan(host);
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=ok"));
	expect_all_work(host);
	expect_card(host);
	actor_expect_sane(host, from);
}

/* Its bridge is in a reset: the windows of the bridge stay, as well as the device. */
static void pause_busy_bridge(struct kunit *test)
{
	u32 from, first;
	struct mock_host *host = one_moves_rather(test, &first);
	struct pci_dev *bridge = mock_dev(host, first)->bus->self;

	device_lock(&bridge->dev);
	from = actor_rescan(host);
	device_unlock(&bridge->dev);
	expect_another_moved(host, from, first);
}

/* The window of an empty slot is given away first, but not while it is in a reset. */
static void pause_busy_empty_slot(struct kunit *test)
{
	struct mock_host *host = one_moves(test);
	struct pci_dev *bridge = mock_dev(host, ROW_SLOT_C);
	u32 from;

	mock_unplug(host, ROW_C);
	device_lock(&bridge->dev);
	from = actor_rescan(host);
	device_unlock(&bridge->dev);

	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, ROW_SLOT_C, true), 0);
	KUNIT_EXPECT_EQ(test, actor_of(host, ROW_A)->prepared + actor_of(host, ROW_B)->prepared,
			1);
	expect_all_work(host);
	expect_card(host);
	actor_expect_sane(host, from);
}

/* Nobody can do without the bridge above the card. */
static void pause_busy_slot(struct kunit *test)
{
	struct mock_host *host = one_moves(test);
	u32 from;

	device_lock(&mock_dev(host, ROW_SLOT)->dev);
	from = actor_rescan(host);
	device_unlock(&mock_dev(host, ROW_SLOT)->dev);

	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_EQ(test, actor_play.calls, 0);
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=refused"));
	expect_as_before(host);
	expect_all_work(host);
	actor_expect_sane(host, from);
}

/* It sleeps, and cannot be woken. */
static void pause_asleep(struct kunit *test)
{
#ifdef CONFIG_PM
	u32 from, first;
	struct mock_host *host = one_moves_rather(test, &first);
	struct pci_dev *dev = mock_dev(host, first);

	dev->dev.power.runtime_error = -EIO;
	from = actor_rescan(host);
	dev->dev.power.runtime_error = 0;
	expect_another_moved(host, from, first);
#else
	kunit_skip(test, "no runtime power management in this kernel");
#endif
}

static struct kunit_case cases[] = {
	KUNIT_CASE(pause_in_reverse_order),
	KUNIT_CASE(pause_second_refuses),
	KUNIT_CASE(pause_done_fails_once),
	KUNIT_CASE(pause_done_fails_at_new_place),
	KUNIT_CASE(pause_done_fails_for_good),
	KUNIT_CASE(pause_again_to_go_back),
	KUNIT_CASE(pause_no_way_back),
	KUNIT_CASE(pause_way_back_does_not_stick),
	KUNIT_CASE(pause_way_back_vanishes),
	KUNIT_CASE(pause_back_alone),
	KUNIT_CASE_SLOW(pause_slow),
	KUNIT_CASE(pause_busy_device),
	KUNIT_CASE(pause_device_gets_busy),
	KUNIT_CASE_SLOW(pause_busy_bridge),
	KUNIT_CASE_SLOW(pause_busy_empty_slot),
	KUNIT_CASE_SLOW(pause_busy_slot),
	KUNIT_CASE(pause_asleep),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_pause",
	.test_cases = cases,
};

kunit_test_suite(suite);
