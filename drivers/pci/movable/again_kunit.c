// SPDX-License-Identifier: GPL-2.0
/* What fails for a reason that passes is tried again, and not for ever. */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "actor.h"
#include "again.h"

#define WAIT_MS	20	/* instead of seconds */

/* Room for a card of 2 MiB, if one of three moves to another free megabyte. */
static struct mock_host *one_moves(struct kunit *test)
{
	pmb_again_wait_ms = WAIT_MS;
	actor_register(test);
	return actor_host(test, 6 * SZ_1M, ACTOR_ID);
}

static void all_refuse_after(struct mock_host *host, u32 nr)
{
	u32 i;

	for (i = ROW_A; i <= ROW_C; i++)
		actor_of(host, i)->refuse_after = nr;
}

static void wait_for_card(struct mock_host *host)
{
	int tries;

	for (tries = 0; !actor_of(host, ROW_CARD) && tries < 100; tries++)
		msleep(WAIT_MS);
}

/* No further event: the slot's lock is free again, and that is all. */
static void again_when_not_busy(struct kunit *test)
{
	struct mock_host *host = one_moves(test);
	u32 from;

	device_lock(&mock_dev(host, ROW_SLOT)->dev);
	from = actor_rescan(host);
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=refused"));
	KUNIT_EXPECT_EQ(test, actor_at(host, ROW_CARD), 0);
	device_unlock(&mock_dev(host, ROW_SLOT)->dev);

	wait_for_card(host);
	KUNIT_EXPECT_TRUE(test, actor_log_has("trigger=retry"));
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_CARD));
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_A));
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_B));
	pmb_again_cancel();
	actor_expect_sane(host, from);
}

static void again_when_willing(struct kunit *test)
{
	struct mock_host *host = one_moves(test);

	all_refuse_after(host, 0);
	actor_rescan(host);
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=no-space"));
	all_refuse_after(host, U32_MAX);

	wait_for_card(host);
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_CARD));
	pmb_again_cancel();
}

/* Five times, and then it is quiet until something happens. */
static void again_not_for_ever(struct kunit *test)
{
	struct mock_host *host = one_moves(test);
	u32 calls;

	all_refuse_after(host, 0);
	actor_rescan(host);
	calls = actor_play.calls;
	KUNIT_EXPECT_GT(test, calls, 0);

	msleep(40 * WAIT_MS);
	KUNIT_EXPECT_EQ(test, actor_play.calls, 6 * calls);
	KUNIT_EXPECT_TRUE(test, actor_log_has("tried 5 times again"));
	all_refuse_after(host, U32_MAX);
	msleep(10 * WAIT_MS);
	KUNIT_EXPECT_EQ(test, actor_at(host, ROW_CARD), 0);

	actor_rescan(host);
	KUNIT_EXPECT_TRUE(test, actor_works(host, ROW_CARD));
}

/* A lack of space does not pass by waiting. */
static void again_not_without_hope(struct kunit *test)
{
	struct mock_host *host = one_moves(test);

	host->fn[ROW_CARD].desc.bar[0].size = SZ_32M;
	mock_unplug(host, ROW_CARD);
	mock_plug(host, ROW_CARD);
	actor_rescan(host);
	KUNIT_EXPECT_TRUE(test, actor_log_has("result=no-space"));
	msleep(5 * WAIT_MS);
	KUNIT_EXPECT_FALSE(test, actor_log_has("trigger=retry"));
}

/* The host bridge is gone when its time comes. */
static void again_host_gone(struct kunit *test)
{
	struct mock_host *host = one_moves(test);

	all_refuse_after(host, 0);
	actor_rescan(host);
	pci_lock_rescan_remove();
	pci_stop_root_bus(host->bridge->bus);
	pci_remove_root_bus(host->bridge->bus);
	pci_unlock_rescan_remove();
	msleep(5 * WAIT_MS);
	KUNIT_EXPECT_FALSE(test, actor_log_has("trigger=retry"));
	pci_free_host_bridge(host->bridge);
	host->bridge = NULL;
}

static void restore_patience(struct kunit *test)
{
	pmb_again_cancel();
	pmb_again_wait_ms = 2000;
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(again_when_not_busy),
	KUNIT_CASE(again_when_willing),
	KUNIT_CASE_SLOW(again_not_for_ever),
	KUNIT_CASE(again_not_without_hope),
	KUNIT_CASE(again_host_gone),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_again",
	.exit = restore_patience,
	.test_cases = cases,
};

kunit_test_suite(suite);
