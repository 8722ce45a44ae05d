// SPDX-License-Identifier: GPL-2.0
/*
 * What hardware wants and has not got.
 *
 * When stock assignment fails for a BAR, it clears the resource, size and all.
 * So the wish is noted before, and kept until it is met: a later event can make
 * room without a new look at the hardware.
 */
#include <linux/pci.h>
#include <linux/slab.h>

#include "../pci.h"
#include "stock.h"
#include "wishes.h"

static bool may_wish(const struct pci_dev *dev)
{
	u16 class = dev->class >> 8;

	return !dev->is_virtfn && class != PCI_CLASS_NOT_DEFINED &&
	       class != PCI_CLASS_BRIDGE_HOST && class != PCI_CLASS_SYSTEM_PIC;
}

static bool unassigned(const struct resource *res)
{
	return !res->parent && (res->flags & (IORESOURCE_IO | IORESOURCE_MEM)) &&
	       !(res->flags & IORESOURCE_PCI_FIXED) && resource_size(res);
}

/* I/O ports: off those that ISA devices alias to, as stock assignment does. */
static u64 wished_align(struct pci_dev *dev, int resno)
{
	struct resource *res = &dev->resource[resno];
	u64 align = pci_resource_alignment(dev, res);

	if (!align)
		align = resource_size(res);
	return res->flags & IORESOURCE_IO ? max_t(u64, align, SZ_1K) : align;
}

/**
 * pmb_wishes_of - the wishes of a device, made if there are none
 * @dev: the device
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove(), or it is boot.
 *
 * Return: the wishes; NULL without memory.
 */
struct pmb_wishes *pmb_wishes_of(struct pci_dev *dev)
{
	if (!dev->wishes)
		dev->wishes = kzalloc(sizeof(*dev->wishes), GFP_KERNEL);
	return dev->wishes;
}

static int note(struct pci_dev *dev, void *data)
{
	int i;

	if (!may_wish(dev))
		return 0;

	for (i = 0; i < PCI_BRIDGE_RESOURCES; i++) {
		struct resource *res = &dev->resource[i];

		if (!unassigned(res))
			continue;
		if (!pmb_wishes_of(dev))
			return 0;
		dev->wishes->bar[i] = (struct pmb_wish){
			.size = resource_size(res),
			.align = wished_align(dev, i),
			.flags = res->flags & ~IORESOURCE_UNSET,
		};
	}
	return 0;
}

/**
 * pci_movable_note - remember what the devices below a bus want
 * @bus: the bus
 *
 * To be called before resources are assigned.  Without memory a wish is
 * forgotten, as it always was.
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove(), or it is boot.
 */
void pci_movable_note(struct pci_bus *bus)
{
	pci_walk_bus(bus, note, NULL);
	pmb_stock_note(bus);
}

/**
 * pci_movable_forget - release what was remembered about a device
 * @dev: the device, about to be freed
 */
void pci_movable_forget(struct pci_dev *dev)
{
	kfree(dev->wishes);
	dev->wishes = NULL;
}

static bool required(int resno)
{
	return resno < PCI_ROM_RESOURCE;
}

static int settle(struct pci_dev *dev, void *data)
{
	u32 *open = data;
	bool any = false;
	int i;

	if (!dev->wishes)
		return 0;

	for (i = 0; i < PCI_BRIDGE_RESOURCES; i++) {
		struct pmb_wish *wish = &dev->wishes->bar[i];

		if (dev->resource[i].parent) {
			/* Its first probe is over, and must have failed. */
			dev->wishes->retry |= wish->size && required(i) &&
					      pci_dev_is_added(dev);
			wish->size = 0;
		}
		any |= wish->size;
		*open += wish->size && i != PCI_ROM_RESOURCE && !dev->dev.driver;
	}
	if (!any && !dev->wishes->retry)
		pci_movable_forget(dev);
	return 0;
}

/**
 * pci_movable_retry - a device that lacked a BAR may have a driver now
 * @dev: the device, added to the driver core before
 *
 * When it was added, no driver could do without the BAR.  Now that it has all
 * that are required, it is offered to the drivers again.
 *
 * Context: may sleep; binds drivers: locks as for pci_bus_add_device().
 */
void pci_movable_retry(struct pci_dev *dev)
{
	struct pci_dev *was;
	int i;

	if (!dev->wishes || !dev->wishes->retry)
		return;
	for (i = 0; i < PCI_BRIDGE_RESOURCES; i++)
		if (required(i) && dev->wishes->bar[i].size)
			return;

	dev->wishes->retry = false;
	was = pci_movable_probing(dev);
	if (device_attach(&dev->dev) < 0)
		pci_warn(dev, "device attach failed\n");
	pci_movable_probing(was);
}

/**
 * pmb_wish - note that a BAR is wanted
 * @dev: the device
 * @resno: the BAR, without a place
 * @size: bytes, a power of two
 * @flags: IORESOURCE_*
 *
 * Context: as pmb_wishes_of().
 *
 * Return: 0, or -ENOMEM.
 */
int pmb_wish(struct pci_dev *dev, int resno, u64 size, unsigned long flags)
{
	if (!pmb_wishes_of(dev))
		return -ENOMEM;
	dev->wishes->bar[resno] = (struct pmb_wish){
		.size = size,
		.align = size,
		.flags = flags & ~IORESOURCE_UNSET,
	};
	return 0;
}

/**
 * pmb_wish_forget - what pmb_wish() has noted is met, or given up
 * @dev: the device
 * @resno: the BAR
 *
 * Context: as pmb_wishes_of().
 */
void pmb_wish_forget(struct pci_dev *dev, int resno)
{
	if (dev->wishes)
		dev->wishes->bar[resno].size = 0;
}

/**
 * pmb_wishes_settle - cross off what has been assigned
 * @bus: the bus
 *
 * Context: as pci_movable_note().
 *
 * Return: BARs below @bus that still have no place, without ROMs.
 */
u32 pmb_wishes_settle(struct pci_bus *bus)
{
	u32 open = 0;

	pci_walk_bus(bus, settle, &open);
	return open;
}
