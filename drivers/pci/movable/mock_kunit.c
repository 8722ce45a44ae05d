// SPDX-License-Identifier: GPL-2.0
/* Is the mock host like hardware, and does its checker see what is wrong? */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "../pci.h"
#include "mock_driver.h"
#include "mock_host.h"
#include "text.h"

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

	/* A read that fails, once */
	mock_arm(host, &(struct mock_fault){
		.fn = A, .reg = PCI_INTERRUPT_LINE, .reads = true, .times = 1 });
	pci_read_config_dword(dev, PCI_INTERRUPT_LINE, &val);
	KUNIT_EXPECT_EQ(test, val, U32_MAX);
	KUNIT_EXPECT_FALSE(test, mock_armed(host));
	pci_read_config_dword(dev, PCI_INTERRUPT_LINE, &val);
	KUNIT_EXPECT_EQ(test, val & 0xff, 0);

	/* And a function that goes away with a write */
	mock_arm(host, &(struct mock_fault){ .fn = A, .times = 1, .vanish = true });
	pci_write_config_byte(dev, PCI_INTERRUPT_LINE, 9);
	pci_read_config_dword(dev, PCI_VENDOR_ID, &val);
	KUNIT_EXPECT_EQ(test, val, U32_MAX);
}

/* A card with everything, behind a port */
static const struct mock_desc rich_desc[] = {
	{
		.name = "port",
		.up = PMB_NONE,
		.devfn = PCI_DEVFN(1, 0),
		.kind = MOCK_ROOT_PORT,
		.win = {
			[PMB_MEM] = { 0x80000000, SZ_1M },
			[PMB_PREF] = { 0x1000000000, SZ_32M },
		},
	}, {
		.name = "rich",
		.up = 0,
		.flags = MOCK_PM | MOCK_FLR,
		.vfs = 4,
		.msix = 8,
		.bar[0] = { SZ_8K, 0, 0x80000000 },
		.bar[2] = { SZ_1M, PMB_BAR_64 | PMB_BAR_PREF, 0x1000000000, 0x13 },
		.bar[MOCK_VF_BAR] = { SZ_64K, 0, 0x80040000 },
	},
};

static void mock_capabilities(struct kunit *test)
{
	struct mock_host *host = mock_host_create(test, rich_desc, ARRAY_SIZE(rich_desc), roots,
						  ARRAY_SIZE(roots));
	struct pci_dev *dev = mock_dev(host, 1);
	u32 low;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	KUNIT_EXPECT_EQ(test, dev->pm_cap, pci_find_capability(dev, PCI_CAP_ID_PM));
	KUNIT_EXPECT_GT(test, dev->pm_cap, 0);
	KUNIT_EXPECT_TRUE(test, dev->devcap & PCI_EXP_DEVCAP_FLR);
	KUNIT_EXPECT_EQ(test, pci_msix_vec_count(dev), 8);
	KUNIT_EXPECT_EQ(test, pci_find_ext_capability(dev, PCI_EXT_CAP_ID_DSN), 0);

	/* Smaller sizes, then larger: the BAR has fewer address bits. */
	KUNIT_EXPECT_EQ(test, pci_rebar_get_possible_sizes(dev, 2), 0x13);
	KUNIT_EXPECT_EQ(test, pci_rebar_get_current_size(dev, 2), 0);
	KUNIT_EXPECT_EQ(test, pci_rebar_set_size(dev, 2, 4), 0);
	KUNIT_EXPECT_EQ(test, mock_bar_range(&host->fn[1], 2).size, (u64)SZ_16M);
	pci_write_config_dword(dev, PCI_BASE_ADDRESS_2, U32_MAX);
	pci_read_config_dword(dev, PCI_BASE_ADDRESS_2, &low);
	KUNIT_EXPECT_EQ(test, low & PCI_BASE_ADDRESS_MEM_MASK, (u32)-SZ_16M);

#ifdef CONFIG_PCI_IOV
	KUNIT_EXPECT_EQ(test, pci_sriov_get_totalvfs(dev), 4);
	KUNIT_EXPECT_EQ(test, pci_resource_start(dev, PCI_IOV_RESOURCES), 0x80040000);
	KUNIT_EXPECT_EQ(test, pci_resource_len(dev, PCI_IOV_RESOURCES), SZ_256K);
#endif
}

static const char rich_text[] =
	"pmb-layout 1\n"
	"host 0000:10\n"
	"root 0000:10 mem 0x80000000-0x8fffffff\n"
	"dev 0000:10:01.0 on 0000:10\n"
	"bridge 0000:10:01.0 bus 11-11 pcie\n"
	"window 0000:10:01.0 mem 0x80000000-0x803fffff\n"
	"dev 0000:11:00.0 behind 0000:10:01.0\n"
	"bar 0000:11:00.0 0 mem at 0x80000000-0x800fffff sizes 1M,2M\n"
	"bar 0000:11:00.0 7 mem at 0x80200000-0x8027ffff align 128K vf optional reg 0x134\n"
	"end 8\n";

static void mock_capabilities_from_text(struct kunit *test)
{
	struct pmb_text_error error = { };
	struct pmb_layout *layout = pmb_text_read(rich_text, strlen(rich_text), &error);
	struct mock_host *host;

	KUNIT_ASSERT_NOT_NULL_MSG(test, layout, "line %u: %s", error.line, error.why);
	host = mock_host_from_layout(test, layout);
	KUNIT_EXPECT_EQ(test, pci_rebar_get_possible_sizes(mock_dev(host, 1), 0), 3);
	KUNIT_EXPECT_EQ(test, host->fn[1].desc.vfs, 4);
	if (IS_ENABLED(CONFIG_PCI_IOV))
		KUNIT_EXPECT_EQ(test, mock_bar_range(&host->fn[1], MOCK_VF_BAR).size,
				(u64)SZ_512K);
	mock_host_destroy(host);
	pmb_layout_free(layout);
}

/* A write to a device that may not move, and a strict BAR that loses its path */
static void mock_sees_disturbance(struct kunit *test)
{
	struct mock_desc *fns = kunit_kmalloc(test, sizeof(desc), GFP_KERNEL);
	struct mock_host *host;
	unsigned long flags;
	char why[128];
	u32 from;

	KUNIT_ASSERT_NOT_NULL(test, fns);
	memcpy(fns, desc, sizeof(desc));
	mock_drivers_register(test);
	fns[B].device = MOCK_ID_STRICT;
	host = mock_host_create(test, fns, NR, roots, ARRAY_SIZE(roots));

	from = host->nr_writes;
	pci_write_config_byte(mock_dev(host, PORT), PCI_INTERRUPT_LINE, 1);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_fixed(host, from, why, sizeof(why)), "%s", why);
	pci_write_config_byte(mock_dev(host, A), PCI_INTERRUPT_LINE, 0);
	KUNIT_EXPECT_FALSE(test, mock_check_fixed(host, from, why, sizeof(why)));

	/* Only in the stop nobody else can be to blame. */
	from = host->nr_writes;
	local_irq_save(flags);
	pci_bus_write_config_dword(mock_dev(host, PORT)->bus, PCI_DEVFN(1, 0),
				   PCI_PREF_LIMIT_UPPER32, 0);
	local_irq_restore(flags);
	KUNIT_EXPECT_FALSE(test, mock_check_writes(host, from, why, sizeof(why)));
	mock_cfg_put(&host->fn[PORT], PCI_PREF_LIMIT_UPPER32, 4, 0x10);

	/* A lock that nobody lets go of */
	mock_save(host);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_held(host, why, sizeof(why)), "%s", why);
	device_lock(&mock_dev(host, A)->dev);
	KUNIT_EXPECT_FALSE(test, mock_check_held(host, why, sizeof(why)));
	device_unlock(&mock_dev(host, A)->dev);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(mock_enumerate),
	KUNIT_CASE(mock_sees_faulty_decoding),
	KUNIT_CASE(mock_sees_faulty_writes),
	KUNIT_CASE(mock_sees_disturbance),
	KUNIT_CASE(mock_capabilities),
	KUNIT_CASE(mock_capabilities_from_text),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_mock",
	.test_cases = cases,
};

kunit_test_suite(suite);
