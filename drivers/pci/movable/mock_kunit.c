// SPDX-License-Identifier: GPL-2.0
/* Is the mock host like hardware, and does its checker see what is wrong? */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "mock_driver.h"
#include "mock_host.h"

/*
 *   80000000         80100000         80200000         80300000
 *   | port ----------------------------------------------------|
 *   | a (1 MiB)      | b 64K          |                        |
 *
 *   1000000000                        1000400000
 *   | port, prefetchable -------------|
 *   | b, BAR 2 (2 MiB) |
 */
enum { PORT, A, B, EMPTY, NR };

static const struct mock_desc desc[NR] = {
	[PORT] = {
		.name = "port",
		.up = PMB_NONE,
		.devfn = PCI_DEVFN(1, 0),
		.kind = MOCK_ROOT_PORT,
		.flags = MOCK_SLOT,
		.spare = 1,
		.win = {
			[PMB_MEM] = { 0x80000000, 3 * SZ_1M },
			[PMB_PREF] = { 0x1000000000, 4 * SZ_1M },
		},
	},
	[A] = {
		.name = "a",
		.up = PORT,
		.devfn = PCI_DEVFN(0, 0),
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_1M, 0, 0x80000000 },
	},
	[B] = {
		.name = "b",
		.up = PORT,
		.devfn = PCI_DEVFN(0, 1),
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_64K, PMB_BAR_64, 0x80100000 },
		.bar[2] = { SZ_2M, PMB_BAR_64 | PMB_BAR_PREF, 0x1000000000 },
	},
	[EMPTY] = {
		.name = "later",
		.up = PORT,
		.devfn = PCI_DEVFN(0, 2),
		.flags = MOCK_EMPTY,
		.bar[0] = { SZ_8G, PMB_BAR_64 | PMB_BAR_PREF },
		.bar[PCI_ROM_RESOURCE] = { SZ_64K },
	},
};

static const struct pmb_root roots[] = {
	{ .space = PMB_MEM, .range = { 0x80000000, SZ_256M } },
	{ .space = PMB_PREF, .range = { 0x1000000000, SZ_1G } },
};

static struct mock_host *create(struct kunit *test)
{
	mock_drivers_register(test);
	return mock_host_create(test, desc, NR, roots, ARRAY_SIZE(roots));
}

static void mock_enumerate(struct kunit *test)
{
	struct mock_host *host = create(test);
	char why[128] = "";
	u64 cpu;

	KUNIT_ASSERT_NOT_NULL(test, mock_dev(host, PORT));
	KUNIT_ASSERT_NOT_NULL(test, mock_dev(host, A));
	KUNIT_ASSERT_NOT_NULL(test, mock_dev(host, B));
	KUNIT_EXPECT_NULL(test, mock_dev(host, EMPTY));
	KUNIT_EXPECT_TRUE(test, mock_dev(host, PORT)->is_hotplug_bridge);

	KUNIT_EXPECT_EQ(test, mock_bar_res(host, A, 0)->start, 0x80000000ULL);
	KUNIT_EXPECT_EQ(test, resource_size(mock_bar_res(host, A, 0)), SZ_1M);
	KUNIT_EXPECT_EQ(test, resource_size(mock_bar_res(host, B, 0)), SZ_64K);
	KUNIT_EXPECT_EQ(test, resource_size(mock_bar_res(host, B, 2)), SZ_2M);
	KUNIT_EXPECT_PTR_EQ(test, mock_bar_res(host, B, 2)->parent,
			    &mock_dev(host, PORT)->resource[PCI_BRIDGE_PREF_MEM_WINDOW]);

	KUNIT_EXPECT_TRUE(test, mock_decoded(host, B, 2, &cpu));
	KUNIT_EXPECT_EQ(test, cpu, 0x1000000000ULL);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, A));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, B));
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_decode(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_core(host, why, sizeof(why)), "%s", why);

	mock_plug(host, EMPTY);
	mock_rescan(host);
	KUNIT_ASSERT_NOT_NULL(test, mock_dev(host, EMPTY));
	KUNIT_EXPECT_EQ(test, mock_bar_range(&host->fn[EMPTY], 0).size, (u64)SZ_8G);
	mock_unplug(host, EMPTY);
	KUNIT_EXPECT_NULL(test, mock_dev(host, EMPTY));

	mock_host_destroy(host);
}

static void mock_sees_faulty_decoding(struct kunit *test)
{
	struct mock_host *host = create(test);
	char why[128];
	u64 cpu;

	/* B in the middle of A */
	mock_cfg_put(&host->fn[B], PCI_BASE_ADDRESS_0, 4, 0x80080000);
	KUNIT_EXPECT_FALSE(test, mock_check_decode(host, why, sizeof(why)));
	KUNIT_EXPECT_FALSE(test, mock_check_core(host, why, sizeof(why)));
	KUNIT_EXPECT_FALSE(test, mock_decoded(host, B, 0, &cpu));

	/* B behind the end of the window */
	mock_cfg_put(&host->fn[B], PCI_BASE_ADDRESS_0, 4, 0x80300000);
	KUNIT_EXPECT_FALSE(test, mock_check_decode(host, why, sizeof(why)));
	KUNIT_EXPECT_FALSE(test, mock_decoded(host, B, 0, &cpu));
	if (IS_ENABLED(CONFIG_INDIRECT_IOMEM))
		KUNIT_EXPECT_FALSE(test, mock_driver_works(host, B));

	/* A window which does not reach */
	mock_cfg_put(&host->fn[B], PCI_BASE_ADDRESS_0, 4, 0x80100000);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_decode(host, why, sizeof(why)), "%s", why);
	mock_cfg_put(&host->fn[PORT], PCI_PREF_LIMIT_UPPER32, 4, 0);
	KUNIT_EXPECT_FALSE(test, mock_check_decode(host, why, sizeof(why)));
	KUNIT_EXPECT_FALSE(test, mock_decoded(host, B, 2, &cpu));
	mock_cfg_put(&host->fn[PORT], PCI_PREF_LIMIT_UPPER32, 4, 0x10);

	/* A prefetchable window for what is not prefetchable */
	mock_cfg_put(&host->fn[B], PCI_BASE_ADDRESS_0, 4, 0x00300000);
	mock_cfg_put(&host->fn[B], PCI_BASE_ADDRESS_1, 4, 0x10);
	KUNIT_EXPECT_FALSE(test, mock_check_decode(host, why, sizeof(why)));
}

static void mock_sees_faulty_writes(struct kunit *test)
{
	struct mock_host *host = create(test);
	struct pci_dev *dev = mock_dev(host, A);
	u32 from = host->nr_writes;
	unsigned long flags;
	char why[128];
	u32 val;

	/* The core may do so, the engine must not. */
	pci_write_config_dword(dev, PCI_BASE_ADDRESS_0, 0x80000000);
	KUNIT_EXPECT_TRUE(test, mock_check_writes(host, from, why, sizeof(why)));
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, A, false), 1);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, A, true), 0);

	from = host->nr_writes;
	local_irq_save(flags);
	pci_bus_write_config_dword(dev->bus, dev->devfn, PCI_BASE_ADDRESS_0, 0x80200000);
	local_irq_restore(flags);
	KUNIT_EXPECT_FALSE(test, mock_check_writes(host, from, why, sizeof(why)));

	pci_write_config_dword(dev, PCI_BASE_ADDRESS_0, 0x80000000);
	from = host->nr_writes;
	local_irq_save(flags);
	pci_bus_write_config_byte(dev->bus, dev->devfn, PCI_INTERRUPT_LINE, 0);
	local_irq_restore(flags);
	KUNIT_EXPECT_FALSE(test, mock_check_writes(host, from, why, sizeof(why)));

	/* A write that does not stick, after one that does */
	mock_save(host);
	mock_arm(host, &(struct mock_fault){
		.fn = A, .reg = PCI_INTERRUPT_LINE, .after = 1, .times = 1 });
	pci_write_config_byte(dev, PCI_INTERRUPT_LINE, 7);
	pci_write_config_byte(dev, PCI_INTERRUPT_LINE, 8);
	pci_read_config_dword(dev, PCI_INTERRUPT_LINE, &val);
	KUNIT_EXPECT_EQ(test, val & 0xff, 7);
	KUNIT_EXPECT_FALSE(test, mock_same(host, why, sizeof(why)));
	pci_write_config_byte(dev, PCI_INTERRUPT_LINE, 0);
	KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);

	/* And a function that goes away with a write */
	mock_arm(host, &(struct mock_fault){ .fn = A, .times = 1, .vanish = true });
	pci_write_config_byte(dev, PCI_INTERRUPT_LINE, 9);
	pci_read_config_dword(dev, PCI_VENDOR_ID, &val);
	KUNIT_EXPECT_EQ(test, val, U32_MAX);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(mock_enumerate),
	KUNIT_CASE(mock_sees_faulty_decoding),
	KUNIT_CASE(mock_sees_faulty_writes),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_mock",
	.test_cases = cases,
};

kunit_test_suite(suite);
