// SPDX-License-Identifier: GPL-2.0
/*
 * The MSI-X table of a device that has to move.  The PCI core has it mapped, and no
 * pause of the driver unmaps it:
 *
 *	BAR 0		  [ ...... table ...... ]	stays as long as MSI-X is on
 *
 *	BAR 0		  [ ................... ]	moves
 *	BAR 2		  [ ...... table ...... ]	stays
 *
 * The table is the device's memory: what it holds must neither be lost nor change,
 * and the core must reach it all the time.  So it is where mappings cannot follow.
 * Where they can, there is no table behind the mock host's BARs, but the mapping:
 *
 *	BAR 0		  [ ...... table ...... ]	moves, and the mapping with it
 */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#ifdef CONFIG_PCI_MOVABLE_FOLLOW
#include <asm/pci_movable.h>
#endif

#include "mock_scene.h"

#define VECTORS		4
#define WORDS		(PCI_MSIX_ENTRY_SIZE / 4)

static struct irq_data *irq_of(struct pci_dev *dev, u32 vector)
{
	return irq_get_irq_data(pci_irq_vector(dev, vector));
}

static bool is_masked(struct mock_host *host, u32 vector)
{
	return host->fn[T_A].msix[vector * WORDS + PCI_MSIX_ENTRY_VECTOR_CTRL / 4] &
	       PCI_MSIX_ENTRY_CTRL_MASKBIT;
}

static void need_table(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_PCI_MSI) || !IS_ENABLED(CONFIG_INDIRECT_IOMEM) ||
	    IS_ENABLED(CONFIG_PCI_MOVABLE_FOLLOW))
		kunit_skip(test, "no MSI-X table, or its mapping can follow");
}

/* Vectors 0 and 2 are in use, the others masked; each has a message. */
static void enable(struct mock_host *host)
{
	struct pci_dev *dev = mock_dev(host, T_A);
	struct kunit *test = host->test;
	u32 i;

	KUNIT_ASSERT_EQ(test, pci_alloc_irq_vectors(dev, VECTORS, VECTORS, PCI_IRQ_MSIX), VECTORS);
	pci_msi_unmask_irq(irq_of(dev, 0));
	pci_msi_unmask_irq(irq_of(dev, 2));
	for (i = 0; i < VECTORS; i++) {
		KUNIT_EXPECT_EQ(test, is_masked(host, i), i % 2);
		KUNIT_EXPECT_EQ(test, host->fn[T_A].msix[i * WORDS + PCI_MSIX_ENTRY_DATA / 4],
				pci_irq_vector(dev, i));
	}
	mock_save(host);
}

/* What the core reads and writes is the device's table. */
static void expect_reached(struct mock_host *host)
{
	struct pci_dev *dev = mock_dev(host, T_A);
	const u32 *table = host->fn[T_A].msix;
	struct kunit *test = host->test;
	u32 i, astray = host->astray;

	for (i = 0; i < VECTORS * WORDS; i++)
		KUNIT_EXPECT_EQ_MSG(test, readl(dev->msix_base + 4 * i), table[i], "word %u", i);
	pci_msi_unmask_irq(irq_of(dev, 3));
	KUNIT_EXPECT_FALSE(test, is_masked(host, 3));
	pci_msi_mask_irq(irq_of(dev, 3));
	KUNIT_EXPECT_TRUE(test, is_masked(host, 3));
	KUNIT_EXPECT_EQ(test, host->astray, astray);
}

static void expect_same_table(struct mock_host *host, const u32 *table)
{
	u32 i;

	for (i = 0; i < VECTORS * WORDS; i++)
		KUNIT_EXPECT_EQ_MSG(host->test, host->fn[T_A].msix[i], table[i], "word %u", i);
}

/* On: it stays.  Off: it moves, and the next one who turns it on finds the table. */
static void msix_keeps_bar(struct kunit *test)
{
	u32 table[VECTORS * WORDS], from;
	struct mock_host *host;
	struct pci_dev *dev;

	need_table(test);
	host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, TIGHT_MSIX | TIGHT_FLR);
	dev = mock_dev(host, T_A);
	enable(host);
	memcpy(table, host->fn[T_A].msix, sizeof(table));
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("fixed mapping"));
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 0);
	scene_expect_nothing_moved(host, from);
	expect_same_table(host, table);
	expect_reached(host);

	pci_free_irq_vectors(dev);
	scene_expect_a_moves(host);
	enable(host);
	expect_reached(host);

	/* A reset loses all of the table; it is written anew, at the new place. */
	memcpy(table, host->fn[T_A].msix, sizeof(table));
	KUNIT_EXPECT_EQ(test, pci_reset_function(dev), 0);
	expect_same_table(host, table);
	expect_reached(host);
	scene_expect_all_work(host);
	pci_free_irq_vectors(dev);
}

/* Somebody changes the affinity of vector 1, and takes 3 into use instead of 2. */
static void change_meanwhile(struct pci_dev *dev)
{
	struct msi_msg msg = { .address_lo = 0xfee00000, .data = 0x4711 };

	pci_write_msi_msg(pci_irq_vector(dev, 1), &msg);
	pci_msi_mask_irq(irq_of(dev, 2));
	pci_msi_unmask_irq(irq_of(dev, 3));
}

/* MSI-X stays on while the other BAR moves, or moves and goes back. */
static void table_elsewhere(struct kunit *test, u32 done_fails)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED,
					     TIGHT_TABLE | TIGHT_FLR);
	struct pci_dev *dev = mock_dev(host, T_A);
	u32 table[VECTORS * WORDS], from;

	enable(host);
	memcpy(table, host->fn[T_A].msix, sizeof(table));
	table[1 * WORDS + PCI_MSIX_ENTRY_LOWER_ADDR / 4] = 0xfee00000;
	table[1 * WORDS + PCI_MSIX_ENTRY_DATA / 4] = 0x4711;
	table[2 * WORDS + PCI_MSIX_ENTRY_VECTOR_CTRL / 4] |= PCI_MSIX_ENTRY_CTRL_MASKBIT;
	table[3 * WORDS + PCI_MSIX_ENTRY_VECTOR_CTRL / 4] &= ~PCI_MSIX_ENTRY_CTRL_MASKBIT;
	mock_knobs.meanwhile = change_meanwhile;
	mock_knobs.done_fails = done_fails;
	from = scene_event(host, NULL, 0);
	if (done_fails)
		scene_expect_nothing_moved(host, from);
	else
		scene_expect_a_moved(host, from);
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 1);
	KUNIT_EXPECT_EQ(test, scene_start(host, T_A, 2), SCENE_HIGH);
	KUNIT_EXPECT_TRUE(test, dev->msix_enabled);
	expect_same_table(host, table);

	KUNIT_EXPECT_EQ(test, pci_reset_function(dev), 0);
	expect_same_table(host, table);
	expect_reached(host);
	scene_expect_all_work(host);
	pci_free_irq_vectors(dev);
	mock_host_destroy(host);
}

static void msix_table_elsewhere(struct kunit *test)
{
	need_table(test);
	table_elsewhere(test, 0);
	table_elsewhere(test, PCI_RESCAN_DONE_TRIES - 1);
}

#ifdef CONFIG_PCI_MOVABLE_FOLLOW
/* By the page table. */
static phys_addr_t base_leads_to(struct pci_dev *dev)
{
	phys_addr_t phys = 0;
	unsigned long size;

	if (arch_pmb_leaf((unsigned long)dev->msix_base, &phys, &size))
		return 0;
	return phys;
}

/* Live: nobody is paused, and MSI-X stays on. */
static void msix_base_follows(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_LIVE, MOCK_ID_FIXED, TIGHT_MSIX);
	struct pci_dev *dev = mock_dev(host, T_A);
	void __iomem *base, *table;
	u32 from, ctrl;

	KUNIT_ASSERT_EQ(test, pci_alloc_irq_vectors(dev, VECTORS, VECTORS, PCI_IRQ_MSIX), VECTORS);
	mock_save(host);
	base = dev->msix_base;
	KUNIT_EXPECT_EQ(test, base_leads_to(dev), SCENE_LOW + SZ_1M + MOCK_MSIX_TABLE);
	from = scene_event(host, NULL, 0);
	scene_expect_a_moved(host, from);
	KUNIT_EXPECT_GE(test, scene_told("mappings"), 1);
	KUNIT_EXPECT_TRUE(test, dev->msix_base == base);
	KUNIT_EXPECT_EQ(test, base_leads_to(dev), scene_start(host, T_A, 0) + MOCK_MSIX_TABLE);

	/* Mask bits, if there is memory behind that address (mem=2G of 3 GiB). */
	table = ioremap(scene_start(host, T_A, 0) + MOCK_MSIX_TABLE, SZ_4K);
	KUNIT_ASSERT_TRUE(test, table);
	ctrl = 2 * PCI_MSIX_ENTRY_SIZE + PCI_MSIX_ENTRY_VECTOR_CTRL;
	writel(0x55, table + ctrl);
	if (readl(table + ctrl) == 0x55) {
		pci_msi_unmask_irq(irq_of(dev, 2));
		KUNIT_EXPECT_EQ(test, readl(table + ctrl), 0);
		pci_msi_mask_irq(irq_of(dev, 2));
		KUNIT_EXPECT_EQ(test, readl(table + ctrl), PCI_MSIX_ENTRY_CTRL_MASKBIT);
		KUNIT_EXPECT_EQ(test, readl(base + ctrl), PCI_MSIX_ENTRY_CTRL_MASKBIT);
	} else {
		kunit_info(test, "no memory there: not accessed");
	}
	iounmap(table);
	pci_free_irq_vectors(dev);
}
#else
static void msix_base_follows(struct kunit *test)
{
	kunit_skip(test, "mappings cannot follow");
}
#endif

static struct kunit_case cases[] = {
	KUNIT_CASE(msix_keeps_bar),
	KUNIT_CASE(msix_table_elsewhere),
	KUNIT_CASE(msix_base_follows),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_msix",
	.test_cases = cases,
};

kunit_test_suite(suite);
