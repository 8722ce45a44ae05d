// SPDX-License-Identifier: GPL-2.0
/*
 * What others than CPUs reach stays, though its driver could be paused: peers that
 * use memory of a BAR (a controller memory buffer, for example), and whoever a
 * driver hands the device to.
 */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/pci-p2pdma.h>
#include <linux/sizes.h>

#include "mock_scene.h"

static void expect_fixed(struct mock_host *host)
{
	u32 from = scene_event(host, NULL, 0);

	KUNIT_EXPECT_TRUE(host->test, scene_log_has("fixed p2p"));
	scene_expect_in_vain(host, from, 0);
}

/* Registered memory in one BAR keeps all of them; it goes with the driver. */
static void p2p_memory(struct kunit *test)
{
	struct mock_host *host;
	struct pci_dev *dev;

	if (!IS_ENABLED(CONFIG_PCI_P2PDMA))
		kunit_skip(test, "no CONFIG_PCI_P2PDMA");
	host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, TIGHT_TABLE);
	dev = mock_dev(host, T_A);
	KUNIT_ASSERT_EQ(test, pci_p2pdma_add_resource(dev, 2, 0, 0), 0);
	expect_fixed(host);

	device_release_driver(&dev->dev);
	scene_attach(host, T_A);
	scene_expect_a_moves(host);
}

/* As vfio does it, with hooks, which no driver of that kind should have. */
static void p2p_managed_dma(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	struct pci_driver *drv = mock_dev(host, T_A)->driver;

	drv->driver_managed_dma = true;
	expect_fixed(host);
	drv->driver_managed_dma = false;
	scene_expect_a_moves(host);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(p2p_memory),
	KUNIT_CASE(p2p_managed_dma),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_p2p",
	.test_cases = cases,
};

kunit_test_suite(suite);
