// SPDX-License-Identifier: GPL-2.0
/* What arrives, goes and comes back, beside drivers that must not notice. */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "../pci.h"
#include "mock_scene.h"

/* Nothing but @fn has changed since mock_save(). */
static void expect_others_same(struct mock_host *host, u32 fn)
{
	u32 i, k;

	for (i = 0; i < host->nr_fns; i++) {
		const struct mock_fn *f = &host->fn[i];

		if (i == fn || !f->present)
			continue;
		for (k = 0; k < MOCK_CFG_SIZE; k++)
			KUNIT_EXPECT_EQ_MSG(host->test, f->cfg[k], f->saved[k],
					    "%s, register %#x", f->desc.name, k);
	}
}

/* One function goes by sysfs, and is found again; the one beside it runs on. */
static void arrive_again(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_LIVE, MOCK_ID_FIXED, 0);
	struct pci_dev *dev = mock_dev(host, T_A);
	u32 from;

	host->fn[T_CARD].present = false;
	mock_save(host);
	from = scene_begin(host);
	pci_stop_and_remove_bus_device_locked(dev);
	expect_others_same(host, T_A);
	mock_rescan(host);
	expect_others_same(host, T_A);
	KUNIT_EXPECT_EQ(test, scene_start(host, T_A, 0), SCENE_LOW + SZ_1M);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_A));
	scene_expect_untouched(host, T_B, from, SCENE_LOW + SZ_2M);
	scene_expect_sane(host, from);
}

/* An FPGA comes back with 2 MiB instead of one, though its port is no slot. */
static void arrive_larger(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	u32 from;

	host->fn[T_CARD].present = false;
	mock_unplug(host, T_A);
	host->fn[T_A].desc.bar[0].size = SZ_2M;
	mock_plug(host, T_A);
	from = scene_rescan(host);
	KUNIT_EXPECT_TRUE(test, scene_placed(host, T_A, 0));
	KUNIT_EXPECT_EQ(test, pci_resource_len(mock_dev(host, T_A), 0), SZ_2M);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_A));
	scene_expect_untouched(host, T_B, from, SCENE_LOW + SZ_2M);
	scene_expect_sane(host, from);
}

/* Removal frees, and nobody else sees a write. */
static void arrive_no_more(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	u32 from;

	mock_unplug(host, T_A);
	mock_save(host);
	from = scene_begin(host);
	mock_unplug(host, T_B);
	expect_others_same(host, T_B);
	KUNIT_EXPECT_FALSE(test, scene_log_has("event="));
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);

	/* What is free now is enough for the card, without the engine's help or with it. */
	from = scene_rescan(host);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_CARD));
	scene_expect_sane(host, from);
}

/* Two slots at once, whose devices are both found by the first one's event. */
static void arrive_in_two_slots(struct kunit *test)
{
	struct mock_host *host = scene_switch(test);
	u32 from;

	mock_plug(host, CARD);
	mock_plug(host, HUB);
	from = scene_rescan(host);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, CARD));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, HUB_CARD));
	mock_plug(host, CARD2);
	scene_rescan(host);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, CARD2));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, DRIVE));
	scene_expect_sane(host, from);
}

/* In steps: the hub first, then what stands in its slot. */
static void arrive_in_steps(struct kunit *test)
{
	struct mock_host *host = scene_switch(test);
	u32 from;

	mock_plug(host, HUB);
	host->fn[HUB_CARD].present = false;
	scene_rescan(host);
	KUNIT_ASSERT_NOT_NULL(test, mock_dev(host, HUB_DOWN));
	mock_plug(host, HUB_CARD);
	from = scene_rescan(host);
	KUNIT_EXPECT_TRUE(test, scene_placed(host, HUB_CARD, 0));
	KUNIT_EXPECT_TRUE(test, scene_placed(host, HUB_CARD, 2));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, HUB_CARD));
	scene_expect_sane(host, from);
}

/* Whoever wants firmware's layout to stay gets stock's answer, and nothing moves. */
static void arrive_where_preserved(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	u32 from;

	host->bridge->preserve_config = 1;
	from = scene_rescan(host);
	KUNIT_EXPECT_FALSE(test, scene_log_has("event="));
	scene_expect_nothing_moved(host, from);

	host->bridge->preserve_config = 0;
	from = scene_rescan(host);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_CARD));
	scene_expect_sane(host, from);
}

#ifdef CONFIG_PCI_IOV
/* Its virtual functions have no place unless somebody moves. */
static void arrive_with_vfs(struct kunit *test)
{
	struct mock_desc *desc = scene_switch_desc(test);
	struct mock_host *host;
	struct pci_dev *pf;
	u32 from;

	desc[CARD].vfs = 4;
	desc[CARD].bar[MOCK_VF_BAR] = (struct mock_bar){ SZ_4M, PMB_BAR_64 | PMB_BAR_PREF };
	host = scene_switch_of(test, desc);
	mock_plug(host, CARD);
	from = scene_rescan(host);
	pf = mock_dev(host, CARD);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, CARD));
	KUNIT_EXPECT_NOT_NULL(test, pf->resource[PCI_IOV_RESOURCES].parent);
	KUNIT_EXPECT_EQ(test, resource_size(&pf->resource[PCI_IOV_RESOURCES]), SZ_16M);
	scene_expect_sane(host, from);
}
#else
static void arrive_with_vfs(struct kunit *test)
{
	kunit_skip(test, "no CONFIG_PCI_IOV");
}
#endif

static u16 payload(struct mock_host *host, u32 fn)
{
	return mock_cfg_get(&host->fn[fn], MOCK_CAP_PCIE + PCI_EXP_DEVCTL, 2) &
	       PCI_EXP_DEVCTL_PAYLOAD;
}

/* With pci=pcie_bus_perf they are used as far as everybody on the way can do it. */
static void arrive_and_be_configured(struct kunit *test)
{
	enum pcie_bus_config_types was = pcie_bus_config;
	struct mock_host *host;
	u32 i, from;

	host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	mock_unplug(host, T_A);
	for (i = 0; i < T_NR; i++)
		host->fn[i].desc.flags |= MOCK_MPS;
	/* The ports were there before, and take large payloads as well. */
	for (i = T_PORT; i <= T_SLOT2; i++) {
		mock_dev(host, i)->pcie_mpss = 2;
		mock_cfg_put(&host->fn[i], MOCK_CAP_PCIE + PCI_EXP_DEVCTL, 2,
			     PCI_EXP_DEVCTL_PAYLOAD_512B);
	}
	host->fn[T_CARD].present = false;
	mock_plug(host, T_A);
	mock_save(host);
	from = host->nr_writes;
	pcie_bus_config = PCIE_BUS_PERFORMANCE;
	mock_rescan(host);
	pcie_bus_config = was;

	KUNIT_EXPECT_EQ(test, payload(host, T_A), PCI_EXP_DEVCTL_PAYLOAD_512B);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, T_B, false), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(arrive_again),
	KUNIT_CASE(arrive_larger),
	KUNIT_CASE(arrive_no_more),
	KUNIT_CASE(arrive_in_two_slots),
	KUNIT_CASE(arrive_in_steps),
	KUNIT_CASE(arrive_where_preserved),
	KUNIT_CASE(arrive_with_vfs),
	KUNIT_CASE(arrive_and_be_configured),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_arrive",
	.test_cases = cases,
};

kunit_test_suite(suite);
