// SPDX-License-Identifier: GPL-2.0
/*
 * Bridges are enabled for what is behind them.
 *
 *	port 1, closed by firmware	two functions, with drivers that start at once
 *	port 2, without windows		nothing at boot; a card comes later, though
 *					this is no hot-plug port
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "../pci.h"
#include "mock_scene.h"

enum { PORT1, PORT2, FIRST, SECOND, LATE, FUNCTIONS };

#define DECODE	PCI_COMMAND_MEMORY

static const struct mock_desc ports[FUNCTIONS] = {
	[PORT1] = {
		.name = "port 1",
		.up = PMB_NONE,
		.devfn = PCI_DEVFN(1, 0),
		.kind = MOCK_ROOT_PORT,
		.flags = MOCK_OFF,
		.win[PMB_MEM] = { SCENE_LOW, SZ_1M },
	},
	[PORT2] = {
		.name = "port 2",
		.up = PMB_NONE,
		.devfn = PCI_DEVFN(2, 0),
		.kind = MOCK_ROOT_PORT,
		.flags = MOCK_OFF,
	},
	[FIRST] = {
		.name = "first",
		.up = PORT1,
		.devfn = PCI_DEVFN(0, 0),
		.bar[0] = { SZ_16K, 0, SCENE_LOW },
	},
	[SECOND] = {
		.name = "second",
		.up = PORT1,
		.devfn = PCI_DEVFN(0, 1),
		.bar[0] = { SZ_16K, 0, SCENE_LOW + SZ_16K },
	},
	[LATE] = {
		.name = "late",
		.up = PORT2,
		.flags = MOCK_EMPTY,
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_1M },
	},
};

static const struct pmb_root root = {
	.space = PMB_MEM, .range = { SCENE_LOW, SZ_16M },
};

static u16 command(struct mock_host *host, u32 fn)
{
	return mock_cfg_get(&host->fn[fn], PCI_COMMAND, 2);
}

/* Who of the two is where. */
static struct race {
	struct mock_host *host;
	struct task_struct *first;
	struct completion half_way;
	struct completion second_done;
	u16 seen;
	int err;
} race;

/* The bridge counts as enabled, but its register has not been written yet. */
static void wait_half_way(struct mock_host *host)
{
	if (current != race.first || !pci_is_enabled(mock_dev(host, PORT1)) ||
	    command(host, PORT1) & DECODE)
		return;
	race.first = NULL;
	complete(&race.half_way);
	wait_for_completion_timeout(&race.second_done, msecs_to_jiffies(200));
}

static int enable_second(void *data)
{
	wait_for_completion(&race.half_way);
	race.err = pci_enable_device_mem(mock_dev(race.host, SECOND));
	race.seen = command(race.host, PORT1);
	complete(&race.second_done);
	return 0;
}

/* Whoever has enabled his device can reach it. */
static void enable_two_at_once(struct kunit *test)
{
	struct mock_host *host = mock_host_create(test, ports, FUNCTIONS, &root, 1);
	struct task_struct *task;

	KUNIT_ASSERT_EQ(test, command(host, PORT1) & DECODE, 0);
	race = (struct race){ .host = host, .first = current };
	init_completion(&race.half_way);
	init_completion(&race.second_done);
	task = kthread_run(enable_second, NULL, "pci_movable_test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));

	host->idle = wait_half_way;
	KUNIT_EXPECT_EQ(test, pci_enable_device_mem(mock_dev(host, FIRST)), 0);
	complete_all(&race.half_way);
	wait_for_completion(&race.second_done);
	host->idle = NULL;

	KUNIT_EXPECT_NULL_MSG(test, race.first, "the first one was never half way");
	KUNIT_EXPECT_EQ(test, race.err, 0);
	KUNIT_EXPECT_EQ(test, race.seen & DECODE, DECODE);
	KUNIT_EXPECT_EQ(test, command(host, PORT1) & PCI_COMMAND_MASTER, PCI_COMMAND_MASTER);
	KUNIT_EXPECT_EQ(test, atomic_read(&mock_dev(host, PORT1)->enable_cnt), 1);
	pci_disable_device(mock_dev(host, FIRST));
	pci_disable_device(mock_dev(host, SECOND));
}

/* The port's own driver has enabled it when there was nothing to decode. */
static void enable_before_windows(struct kunit *test)
{
	struct mock_host *host;
	struct pci_dev *port;
	u64 cpu;

	mock_drivers_register(test);
	host = mock_host_create(test, ports, FUNCTIONS, &root, 1);
	port = mock_dev(host, PORT2);
	KUNIT_ASSERT_EQ(test, pci_enable_device(port), 0);
	KUNIT_ASSERT_EQ(test, command(host, PORT2) & DECODE, 0);
	KUNIT_ASSERT_EQ(test, pci_save_state(port), 0);

	mock_plug(host, LATE);
	scene_rescan(host);
	KUNIT_EXPECT_TRUE(test, scene_placed(host, LATE, 0));
	KUNIT_EXPECT_EQ(test, command(host, PORT2) & DECODE, DECODE);
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, LATE, 0, &cpu));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, LATE));

	/* An error recovery */
	pci_restore_state(port);
	KUNIT_EXPECT_EQ(test, command(host, PORT2) & DECODE, DECODE);
	pci_disable_device(port);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(enable_two_at_once),
	KUNIT_CASE(enable_before_windows),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_enable",
	.test_cases = cases,
};

kunit_test_suite(suite);
