// SPDX-License-Identifier: GPL-2.0
/*
 * After a move, what is reset comes back at its new address; and what is being
 * recovered does not move.  The PCI core and drivers do here what they do for AER
 * and DPC, one device after the other, each with its lock held:
 *
 *	error_detected --> reset of the bus --> slot_reset --> resume
 *
 * Ports do in slot_reset() what their driver does, which this kernel may not have.
 */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "../pci.h"
#include "mock_scene.h"

#define OLD	(SCENE_LOW + SZ_1M)

static int report_error(struct pci_dev *dev, void *data)
{
	device_lock(&dev->dev);
	pci_dev_set_io_state(dev, pci_channel_io_frozen);
	if (dev->driver && dev->driver->err_handler)
		dev->driver->err_handler->error_detected(dev, pci_channel_io_frozen);
	device_unlock(&dev->dev);
	return 0;
}

static int report_reset(struct pci_dev *dev, void *data)
{
	device_lock(&dev->dev);
	if (dev->driver && dev->driver->err_handler) {
		dev->driver->err_handler->slot_reset(dev);
	} else {
		pci_restore_state(dev);
		pci_save_state(dev);
	}
	device_unlock(&dev->dev);
	return 0;
}

static int report_resume(struct pci_dev *dev, void *data)
{
	device_lock(&dev->dev);
	pci_dev_set_io_state(dev, pci_channel_io_normal);
	device_unlock(&dev->dev);
	return 0;
}

static void begin_recovery(struct mock_host *host, u32 port)
{
	pci_walk_bus(mock_dev(host, port)->subordinate, report_error, NULL);
}

/* All that is behind the port has lost its registers in between. */
static void end_recovery(struct mock_host *host, u32 port)
{
	struct pci_dev *dev = mock_dev(host, port);
	struct kunit *test = host->test;
	u32 i;

	KUNIT_EXPECT_EQ(test, pci_bus_error_reset(dev), 0);
	for (i = port + 1; i < host->nr_fns; i++)
		if (mock_is_below(host, i, port))
			KUNIT_EXPECT_EQ(test, mock_cfg_get(&host->fn[i], PCI_COMMAND, 2), 0);
	pci_walk_bus(dev->subordinate, report_reset, NULL);
	pci_walk_bus(dev->subordinate, report_resume, NULL);
}

/* A alone, all of the switch, twice: what was saved in a recovery is right, too. */
static void recover_after_move(struct kunit *test)
{
	static const u32 ports[] = { T_SLOT0, T_UP, T_PORT, T_SLOT0, T_PORT };
	struct mock_host *host = scene_tight_moved(test, 0);
	u64 addr = scene_start(host, T_A, 0);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		u32 reset = mock_knobs.reset;

		begin_recovery(host, ports[i]);
		end_recovery(host, ports[i]);
		KUNIT_EXPECT_EQ(test, mock_knobs.reset - reset, ports[i] == T_SLOT0 ? 1 : 3);
		scene_expect_a_at(host, addr);
	}
}

/* And after it was taken back. */
static void recover_after_way_back(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);

	mock_knobs.done_fails = PCI_RESCAN_DONE_TRIES - 1;
	scene_event(host, NULL, 0);
	KUNIT_EXPECT_EQ(test, mock_knobs.returned, 1);
	begin_recovery(host, T_PORT);
	end_recovery(host, T_PORT);
	scene_expect_a_at(host, OLD);
}

/*
 * A card arrives in the middle of a recovery: what is in it has to stay, its
 * bridges, too, and its driver is not asked for anything.
 */
static void recover_meanwhile(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	u32 from;

	begin_recovery(host, T_SLOT0);
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("fixed busy"));
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 0);
	end_recovery(host, T_SLOT0);
	scene_expect_nothing_moved(host, host->nr_writes);
	scene_expect_a_at(host, OLD);

	/* Next time it may. */
	scene_expect_a_moves(host);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(recover_after_move),
	KUNIT_CASE_SLOW(recover_after_way_back),
	KUNIT_CASE_SLOW(recover_meanwhile),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_recover",
	.test_cases = cases,
};

kunit_test_suite(suite);
