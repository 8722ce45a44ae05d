// SPDX-License-Identifier: GPL-2.0
/*
 * BARs of the mock host that drivers can touch, where MMIO is emulated.
 *
 * A mapping holds a CPU address, as a page table entry does.  Each access goes
 * the way of hardware: root window, bridge windows, BAR, by the registers as
 * they are at that moment.  So a mapping of an address which the device has
 * left reads all ones, or another device.
 *
 * Every dword of a memory BAR reads as the magic number of the function plus the
 * number of the BAR; writes are counted and forgotten.  Only the MSI-X table keeps
 * what is written to it.
 */
#include <linux/bits.h>
#include <linux/ioport.h>
#include <linux/logic_iomem.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "mock_host.h"

/* Never unregistered: there is no call for that. Below and in between is what UML has. */
static struct resource area[] = {
	{ .name = "mock MMIO", .start = SZ_2G, .end = 0xdfffffff, .flags = IORESOURCE_MEM },
	{ .name = "mock MMIO", .start = SZ_4G, .end = BIT_ULL(52) - 1, .flags = IORESOURCE_MEM },
};

static struct mock_host *current_host;

struct mapping {
	u64 cpu;
};

static u32 *msix_reg(struct mock_fn *fn, int bar, u64 where)
{
	u64 at = where - MOCK_MSIX_TABLE;

	if (bar != fn->desc.msix_bar || where < MOCK_MSIX_TABLE ||
	    at >= fn->desc.msix * PCI_MSIX_ENTRY_SIZE)
		return NULL;
	return &fn->msix[at / 4];
}

static bool reach(const struct mapping *map, unsigned int offset, u32 *val, bool write)
{
	struct mock_host *host = READ_ONCE(current_host);
	unsigned long flags;
	bool found = false;
	u64 where;
	int bar;
	u32 fn;

	if (!host)
		return false;
	raw_spin_lock_irqsave(&host->lock, flags);
	found = !mock_route(host, map->cpu + offset, &fn, &bar, &where);
	if (found) {
		u32 *msix = msix_reg(&host->fn[fn], bar, where);

		host->accesses++;
		if (msix && write)
			*msix = *val;
		else if (!write)
			*val = msix ? *msix : host->fn[fn].magic + bar;
	} else {
		host->astray++;
	}
	raw_spin_unlock_irqrestore(&host->lock, flags);
	return found;
}

static unsigned long mmio_read(void *priv, unsigned int offset, int size)
{
	u32 val;

	if (!reach(priv, offset, &val, false))
		return -1UL;
	return val;
}

static void mmio_write(void *priv, unsigned int offset, int size, unsigned long val)
{
	u32 word = val;

	reach(priv, offset, &word, true);
}

static void mmio_unmap(void *priv)
{
	kfree(priv);
}

static const struct logic_iomem_ops mmio_ops = {
	.read = mmio_read,
	.write = mmio_write,
	.unmap = mmio_unmap,
};

static long map_in(const struct resource *res, unsigned long offset,
		   const struct logic_iomem_ops **ops, void **priv)
{
	struct mapping *map = kmalloc(sizeof(*map), GFP_KERNEL);

	if (!map)
		return -ENOMEM;
	map->cpu = res->start + offset;
	*ops = &mmio_ops;
	*priv = map;
	return 0;
}

static long map_low(unsigned long offset, size_t size, const struct logic_iomem_ops **ops,
		    void **priv)
{
	return map_in(&area[0], offset, ops, priv);
}

static long map_high(unsigned long offset, size_t size, const struct logic_iomem_ops **ops,
		     void **priv)
{
	return map_in(&area[1], offset, ops, priv);
}

static const struct logic_iomem_region_ops map_ops[] = {
	{ .map = map_low },
	{ .map = map_high },
};

/**
 * mock_mmio_parent - where something is emulated
 * @res: a root window, which is to be requested there, or a BAR
 *
 * Return: the emulated area which holds it, else all of memory.
 */
struct resource *mock_mmio_parent(const struct resource *res)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(area); i++)
		if (area[i].parent && area[i].start <= res->start && area[i].end >= res->end)
			return &area[i];
	return &iomem_resource;
}

/**
 * mock_mmio_attach - accesses to the emulated areas go to this host from now on
 * @host: the host
 *
 * Context: may sleep; one host at a time.
 */
void mock_mmio_attach(struct mock_host *host)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(area); i++)
		if (!area[i].parent)
			KUNIT_ASSERT_EQ(host->test, 0,
					logic_iomem_add_region(&area[i], &map_ops[i]));
	KUNIT_ASSERT_NULL(host->test, current_host);
	WRITE_ONCE(current_host, host);
}

/**
 * mock_mmio_detach - and from now on they do not
 * @host: the host
 */
void mock_mmio_detach(struct mock_host *host)
{
	if (current_host == host)
		WRITE_ONCE(current_host, NULL);
}
