// SPDX-License-Identifier: GPL-2.0
/*
 * What has to follow when a BAR moves, or keeps it from moving: saved config
 * space, resets, ROM, requested regions, SR-IOV, strict windows at a 4 GiB
 * line.
 *
 * In each test device A of the tight scene has to move from MiB 1 to MiB 3.
 */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "../pci.h"
#include "mock_scene.h"

#define LOW	SCENE_LOW
#define HIGH	SCENE_HIGH
#define OLD	(LOW + SZ_1M)
#define NEW	(LOW + 3 * SZ_1M)

/* Power was lost; nobody has saved anything since before the move. */
static void state_restored_from_before(struct kunit *test)
{
	struct mock_host *host = scene_tight_moved(test, 0);
	u64 cpu;
	u32 i;

	for (i = 0; i < host->nr_fns; i++)
		KUNIT_EXPECT_TRUE_MSG(test, mock_dev(host, i)->state_saved, "%s",
				      host->fn[i].desc.name);
	scene_power_lost(host, T_PORT);
	KUNIT_EXPECT_FALSE(test, mock_decoded(host, T_A, 0, &cpu));
	scene_restore(host, T_PORT);
	scene_expect_a_at(host, NEW);
}

/* A device, or a bridge with all below, is gone in the middle and comes back reset. */
static bool comes_back(struct kunit *test, u32 victim, u32 step)
{
	struct mock_fault fault = {
		.fn = MOCK_ANY, .reads = true, .after = step, .times = 1,
		.vanish = true, .victim = 1 + victim,
	};
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	char why[128] = "";
	bool happened;

	scene_event(host, &fault, 1);
	happened = !mock_armed(host);
	mock_disarm(host);
	if (happened) {
		mock_plug(host, victim);
		scene_restore(host, victim);
	}
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_core(host, why, sizeof(why)),
			      "%s, step %u", why, step);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_decode(host, why, sizeof(why)),
			      "%s, step %u", why, step);
	mock_host_destroy(host);
	return happened && READ_ONCE(test->status) != KUNIT_FAILURE;
}

static void state_vanished_comes_back(struct kunit *test)
{
	static const u32 victims[] = { T_A, T_SLOT0 };
	u32 i, step;

	for (i = 0; i < ARRAY_SIZE(victims); i++) {
		for (step = 0; comes_back(test, victims[i], step); step++)
			;
		KUNIT_EXPECT_GT(test, step, 20);
	}
}

static void reset(struct mock_host *host, u32 fn, const char *how)
{
	u32 from = host->nr_writes, i, resets = 0;
	u16 ctrl = MOCK_CAP_PCIE + PCI_EXP_DEVCTL;

	KUNIT_EXPECT_EQ_MSG(host->test, pci_reset_function(mock_dev(host, fn)), 0, "%s", how);

	/* Was it a reset at all?  The BAR's register was cleared then. */
	for (i = from; i < host->nr_writes; i++) {
		const struct mock_write *w = &host->writes[i];

		resets += (w->reg == ctrl && w->val & PCI_EXP_DEVCTL_BCR_FLR) ||
			  (w->reg == PCI_BRIDGE_CONTROL && w->val & PCI_BRIDGE_CTL_BUS_RESET) ||
			  (w->fn == fn && w->reg == PCI_BASE_ADDRESS_0 &&
			   !(w->old & PCI_BASE_ADDRESS_MEM_MASK) &&
			   w->new & PCI_BASE_ADDRESS_MEM_MASK);
	}
	KUNIT_EXPECT_GE_MSG(host->test, resets, 2, "%s", how);
	scene_expect_a_at(host, NEW);
}

static void state_function_reset(struct kunit *test)
{
	reset(scene_tight_moved(test, TIGHT_FLR), T_A, "function level");
}

static void state_power_reset(struct kunit *test)
{
	struct mock_host *host = scene_tight_moved(test, TIGHT_PM);
	u64 cpu;

	/* In D3hot it answers to nobody; out of it, all is lost. */
	pci_set_power_state(mock_dev(host, T_A), PCI_D3hot);
	KUNIT_EXPECT_FALSE(test, mock_decoded(host, T_A, 0, &cpu));
	mock_cfg_put(&host->fn[T_A], PCI_INTERRUPT_LINE, 1, 5);
	pci_set_power_state(mock_dev(host, T_A), PCI_D0);
	KUNIT_EXPECT_EQ(test, mock_cfg_get(&host->fn[T_A], PCI_INTERRUPT_LINE, 1), 0);
	KUNIT_EXPECT_EQ(test, mock_bar_range(&host->fn[T_A], 0).start, NEW);
	pci_restore_state(mock_dev(host, T_A));
	scene_expect_a_at(host, NEW);
}

static void state_bus_reset(struct kunit *test)
{
	reset(scene_tight_moved(test, 0), T_A, "secondary bus");
}

static void expect_rom_at(struct mock_host *host, u64 addr)
{
	u64 cpu = 0;

	KUNIT_EXPECT_EQ(host->test, scene_start(host, T_A, PCI_ROM_RESOURCE), addr);
	KUNIT_EXPECT_TRUE(host->test, mock_decoded(host, T_A, PCI_ROM_RESOURCE, &cpu));
	KUNIT_EXPECT_EQ(host->test, cpu, addr);
}

static void state_rom(struct kunit *test)
{
	struct mock_host *host = scene_tight_moved(test, TIGHT_ROM);

	expect_rom_at(host, scene_start(host, T_A, PCI_ROM_RESOURCE));
	KUNIT_EXPECT_NE(test, scene_start(host, T_A, PCI_ROM_RESOURCE), OLD + SZ_512K);
	mock_host_destroy(host);

	/* One that is off stays off, and is at the new place when it is needed. */
	host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, TIGHT_ROM);
	mock_cfg_put(&host->fn[T_A], PCI_ROM_ADDRESS, 4, OLD + SZ_512K);
	mock_dev(host, T_A)->resource[PCI_ROM_RESOURCE].flags &= ~IORESOURCE_ROM_ENABLE;
	scene_expect_a_moved(host, scene_event(host, NULL, 0));
	KUNIT_EXPECT_EQ(test, mock_cfg_get(&host->fn[T_A], PCI_ROM_ADDRESS, 4),
			scene_start(host, T_A, PCI_ROM_RESOURCE));
	KUNIT_EXPECT_EQ(test, pci_enable_rom(mock_dev(host, T_A)), 0);
	expect_rom_at(host, scene_start(host, T_A, PCI_ROM_RESOURCE));
	pci_disable_rom(mock_dev(host, T_A));
}

/* Children of children of a BAR, in two branches. */
static void state_regions(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	struct resource *region = mock_bar_res(host, T_A, 0)->child;
	struct resource part[] = {
		DEFINE_RES_MEM(OLD + SZ_4K, SZ_4K),
		DEFINE_RES_MEM(OLD + SZ_64K, SZ_64K),
		DEFINE_RES_MEM(OLD + SZ_64K + SZ_4K, SZ_4K),
	};
	u32 from;

	KUNIT_ASSERT_NOT_NULL(test, region);
	KUNIT_ASSERT_EQ(test, request_resource(region, &part[0]), 0);
	KUNIT_ASSERT_EQ(test, request_resource(region, &part[1]), 0);
	KUNIT_ASSERT_EQ(test, request_resource(&part[1], &part[2]), 0);
	from = scene_event(host, NULL, 0);
	scene_expect_a_moved(host, from);

	KUNIT_EXPECT_EQ(test, part[0].start, NEW + SZ_4K);
	KUNIT_EXPECT_EQ(test, part[1].start, NEW + SZ_64K);
	KUNIT_EXPECT_EQ(test, part[1].end, NEW + SZ_128K - 1);
	KUNIT_EXPECT_EQ(test, part[2].start, NEW + SZ_64K + SZ_4K);
	KUNIT_EXPECT_PTR_EQ(test, part[2].parent, &part[1]);
	KUNIT_EXPECT_PTR_EQ(test, part[1].parent, region);
	KUNIT_EXPECT_EQ(test, release_resource(&part[2]), 0);
	KUNIT_EXPECT_EQ(test, release_resource(&part[1]), 0);
	KUNIT_EXPECT_EQ(test, release_resource(&part[0]), 0);
}

#ifdef CONFIG_PCI_IOV
static void expect_vfs_at(struct mock_host *host, u64 pf)
{
	struct kunit *test = host->test;
	u64 vf = pci_resource_start(mock_dev(host, T_A), PCI_IOV_RESOURCES);
	char why[128] = "";
	u64 cpu = 0;
	u32 i;

	KUNIT_EXPECT_EQ(test, scene_start(host, T_A, 0), pf);
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, T_A, MOCK_VF_BAR, &cpu));
	KUNIT_EXPECT_EQ(test, cpu, vf);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_decode(host, why, sizeof(why)), "%s", why);
	for (i = 0; i < T_VFS; i++) {
		KUNIT_ASSERT_NOT_NULL(test, mock_dev(host, T_NR + i));
		KUNIT_EXPECT_EQ(test, scene_start(host, T_NR + i, 0), vf + i * SZ_512K / T_VFS);
	}
}

static void state_sriov(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, TIGHT_SRIOV);
	struct pci_dev *pf = mock_dev(host, T_A);
	u32 from;

	/* Enabled, they are used by somebody whom nobody could ask. */
	KUNIT_ASSERT_EQ(test, pci_enable_sriov(pf, T_VFS), 0);
	expect_vfs_at(host, OLD);
	mock_save(host);
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("fixed vfs"));
	scene_expect_nothing_moved(host, from);
	expect_vfs_at(host, OLD);

	/* Disabled, their BAR goes with their PF's. */
	pci_disable_sriov(pf);
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=ok"));
	scene_expect_sane(host, from);
	KUNIT_ASSERT_EQ(test, pci_enable_sriov(pf, T_VFS), 0);
	expect_vfs_at(host, scene_start(host, T_A, 0));
	KUNIT_EXPECT_NE(test, scene_start(host, T_A, 0), OLD);
	pci_disable_sriov(pf);
}
#else
static void state_sriov(struct kunit *test)
{
	kunit_skip(test, "no CONFIG_PCI_IOV");
}
#endif

/* As ioremap() leaves it behind, where that makes page table entries. */
static struct vm_struct *map_secretly(struct kunit *test, u64 where)
{
	struct vm_struct *area = get_vm_area(SZ_64K, VM_IOREMAP);

	KUNIT_ASSERT_NOT_NULL(test, area);
	area->phys_addr = where;
	return area;
}

/* No driver, no request, but somebody has mapped it. */
static void state_mapped_secretly(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_NONE, MOCK_ID_FIXED, 0);
	struct vm_struct *area = map_secretly(test, OLD + SZ_64K);
	u32 from = scene_event(host, NULL, 0);

	scene_expect_nothing_moved(host, from);
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=no-space"));
	free_vm_area(area);
	mock_host_destroy(host);

	/* The windows go round it, too, where it is nobody's. */
	host = scene_switch(test);
	area = map_secretly(test, HIGH + SZ_16M + SZ_1M);
	mock_plug(host, CARD);
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=ok"));
	KUNIT_EXPECT_GE(test, scene_start(host, CARD, 0), HIGH + SZ_32M);
	scene_expect_sane(host, from);
	free_vm_area(area);
}

/*
 * The drive's window lies between two multiples of 4 GiB, and to make room for
 * the card it would have to cross one of them.
 */
static void strict_at_line(struct kunit *test, u64 start, const struct pmb_root *root)
{
	const struct pmb_root roots[] = {
		{ .space = PMB_MEM, .range = { LOW, SZ_4M } }, *root
	};
	struct mock_desc *desc = scene_switch_desc(test);
	struct mock_host *host;
	char why[128] = "";
	u32 i, from;

	for (i = 0; i < NR; i++)
		if (desc[i].win[PMB_PREF].size)
			desc[i].win[PMB_PREF].start += start - HIGH;
	desc[DRIVE].device = MOCK_ID_STRICT;
	desc[DRIVE].bar[0] = (struct mock_bar){
		SZ_1M, PMB_BAR_64 | PMB_BAR_PREF, start + SZ_1M
	};
	host = scene_switch_at(test, desc, roots, ARRAY_SIZE(roots));
	mock_plug(host, CARD);
	mock_save(host);
	from = scene_event(host, NULL, 0);

	/* The planner knows: it is a lack of space, not a failure. */
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=no-space"));
	KUNIT_EXPECT_FALSE(test, scene_placed(host, CARD, 0));
	KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);
	scene_expect_all_work(host);
	scene_expect_sane(host, from);
	mock_host_destroy(host);
}

static void state_strict_at_line(struct kunit *test)
{
	const u64 line = HIGH + SZ_4G;

	strict_at_line(test, line - SZ_8M, &(struct pmb_root){
		.space = PMB_PREF, .range = { line - SZ_8M, SZ_1G } });
	strict_at_line(test, line, &(struct pmb_root){
		.space = PMB_PREF, .range = { line - SZ_1G, SZ_1G + SZ_8M } });
}

/* Nowhere near a line it grows, by writes that never close it. */
static void state_strict_grows(struct kunit *test)
{
	struct mock_host *host = scene_switch_strict(test);
	u32 from;

	mock_plug(host, CARD);
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=ok"));
	KUNIT_EXPECT_TRUE(test, scene_placed(host, CARD, 0));
	scene_expect_untouched(host, DRIVE, from, HIGH + SZ_1M);
	scene_expect_sane(host, from);
	/* Its driver has used it meanwhile, and lost nothing. */
	if (IS_ENABLED(CONFIG_INDIRECT_IOMEM))
		KUNIT_EXPECT_GT(test, mock_knobs.touched, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(state_restored_from_before),
	KUNIT_CASE_SLOW(state_vanished_comes_back),
	KUNIT_CASE(state_function_reset),
	KUNIT_CASE(state_power_reset),
	KUNIT_CASE_SLOW(state_bus_reset),
	KUNIT_CASE(state_rom),
	KUNIT_CASE(state_regions),
	KUNIT_CASE_SLOW(state_sriov),
	KUNIT_CASE(state_mapped_secretly),
	KUNIT_CASE(state_strict_at_line),
	KUNIT_CASE(state_strict_grows),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_state",
	.test_cases = cases,
};

kunit_test_suite(suite);
