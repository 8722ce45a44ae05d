// SPDX-License-Identifier: GPL-2.0
/*
 * Which BARs may move, which way, and why the others may not.
 *
 * In doubt a BAR is fixed: a driver has to say that it can be moved, and a
 * BAR without a driver must not be used by anybody.
 */
#include <linux/fs.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/vgaarb.h>

#include "../pci.h"
#include "follow.h"
#include "hand.h"
#include "snapshot.h"

/**
 * struct pmb_uses - kernel mappings of device memory, to find hidden users
 * @map: mappings, sorted by address
 * @nr: entries in @map
 */
struct pmb_uses {
	struct pmb_mapping *map;
	unsigned int nr;
};

/**
 * pmb_uses_find - list all kernel mappings of device memory
 *
 * Context: may sleep.
 *
 * Return: the list, NULL if there is no memory for it.
 */
struct pmb_uses *pmb_uses_find(void)
{
	struct pmb_uses *uses = kzalloc(sizeof(*uses), GFP_KERNEL);

	if (!uses)
		return NULL;

	if (pmb_follow_list(&uses->map, &uses->nr)) {
		kfree(uses);
		return NULL;
	}
	return uses;
}

/**
 * pmb_uses_free - release what pmb_uses_find() returned
 * @uses: the list, may be NULL
 */
void pmb_uses_free(struct pmb_uses *uses)
{
	if (!uses)
		return;
	kvfree(uses->map);
	kfree(uses);
}

static bool mapped_by_kernel(const struct pmb_uses *uses, const struct resource *res)
{
	unsigned int i;

	for (i = 0; i < uses->nr; i++) {
		const struct pmb_mapping *m = &uses->map[i];

		if (m->phys <= res->end && m->phys + m->size > res->start)
			return true;
	}
	return false;
}

/**
 * pmb_uses_next - the next kernel mapping of any of some addresses
 * @uses: the list
 * @i: where to go on in the list, 0 at first; moved on
 * @within: the addresses
 * @part: set to those of them that are mapped
 *
 * Return: false if there are no more.
 */
bool pmb_uses_next(const struct pmb_uses *uses, unsigned int *i,
		   const struct pmb_range *within, struct pmb_range *part)
{
	u64 last = pmb_last(within), end;

	for (; *i < uses->nr; ++*i) {
		const struct pmb_mapping *m = &uses->map[*i];

		if (m->phys > last)
			return false;
		end = m->phys + m->size - 1;
		if (end < within->start)
			continue;
		part->start = max_t(u64, m->phys, within->start);
		part->size = min(end, last) - part->start + 1;
		++*i;
		return true;
	}
	return false;
}

/**
 * pmb_mapped_by_user - is any of a memory resource mapped into a process?
 * @res: the resource
 *
 * sysfs resourceN, /proc/bus/pci and /dev/mem share one address space, whose
 * offsets are physical page numbers.
 *
 * Context: may sleep.
 *
 * Return: true if there is such a mapping.
 */
bool pmb_mapped_by_user(const struct resource *res)
{
	struct address_space *mapping = iomem_get_mapping();
	bool found;

	if (!mapping || !(res->flags & IORESOURCE_MEM))
		return false;

	i_mmap_lock_read(mapping);
	found = vma_interval_tree_iter_first(&mapping->i_mmap,
					     res->start >> PAGE_SHIFT,
					     res->end >> PAGE_SHIFT);
	i_mmap_unlock_read(mapping);
	return found;
}

static bool has_pause(const struct pci_driver *drv)
{
	return drv->rescan_prepare && drv->rescan_done;
}

/**
 * pmb_way_of - how the BARs of a device move, if they have to
 * @dev: the device
 * @policy: what the administrator allows
 *
 * Context: the driver may come and go meanwhile; who acts on the answer locks
 * the device and asks again.
 *
 * Return: the way; %PMB_WAY_NEVER for a driver without hooks.
 */
enum pmb_way pmb_way_of(struct pci_dev *dev, const struct pmb_policy *policy)
{
	struct pci_driver *drv = READ_ONCE(dev->driver);

	if (dev == policy->owner)
		return PMB_WAY_FREE;

	/* In probe or remove, or not a driver of the PCI core's kind. */
	if (!drv)
		return READ_ONCE(dev->dev.driver) ? PMB_WAY_NEVER : PMB_WAY_FREE;

	if (drv->movable_live && pmb_follow_supported() &&
	    !(policy->force_pause && has_pause(drv)))
		return PMB_WAY_LIVE;

	return has_pause(drv) ? PMB_WAY_PAUSE : PMB_WAY_NEVER;
}

/* Bridges to other buses, and what legacy code relies on. */
static bool odd_kind(const struct pci_dev *dev)
{
	u16 class = dev->class >> 8;

	return dev->hdr_type == PCI_HEADER_TYPE_CARDBUS || dev->is_virtfn ||
	       class == PCI_CLASS_NOT_DEFINED || class == PCI_CLASS_BRIDGE_HOST ||
	       class == PCI_CLASS_SYSTEM_PIC || dev->mmio_always_on;
}

static bool has_vfs(const struct pci_dev *dev)
{
#ifdef CONFIG_PCI_IOV
	return dev->is_physfn && dev->sriov->num_VFs;
#else
	return false;
#endif
}

static bool has_p2p(const struct pci_dev *dev)
{
#ifdef CONFIG_PCI_P2PDMA
	return rcu_access_pointer(dev->p2pdma);
#else
	return false;
#endif
}

/* The core has it mapped, and no pause of the driver unmaps it. */
static bool holds_msix_table(struct pci_dev *dev, int resno)
{
	u32 table;

	if (!dev->msix_enabled)
		return false;
	return pci_read_config_dword(dev, dev->msix_cap + PCI_MSIX_TABLE, &table) ||
	       PCI_POSSIBLE_ERROR(table) || (table & PCI_MSIX_TABLE_BIR) == resno;
}

/**
 * pmb_out_of_action - is a device being recovered, or suspended with the system?
 * @dev: the device
 *
 * Context: any; the answer may be old unless the device is locked.
 *
 * Return: true if it is, so that neither its registers nor its driver are in a
 * state to move.
 */
bool pmb_out_of_action(const struct pci_dev *dev)
{
	return dev->error_state != pci_channel_io_normal || dev->dev.power.is_suspended;
}

/**
 * pmb_used_by_others - may others than CPUs in the kernel use a device's BARs?
 * @dev: the device
 *
 * Context: any, with every CPU stopped, too.
 *
 * Return: true if user space has mapped one of them ever, peers use them, or
 * virtual functions are enabled.
 */
bool pmb_used_by_others(const struct pci_dev *dev)
{
	return READ_ONCE(dev->user_mapped) || has_vfs(dev) || has_p2p(dev);
}

/**
 * pci_movable_user_maps - user space is about to map a BAR
 * @dev: the device
 *
 * From now on its BARs stay: between the moment when mmap() reads the address
 * and that when the mapping can be found, a move would go unnoticed.  To be
 * called before the address is read.
 */
void pci_movable_user_maps(struct pci_dev *dev)
{
	WRITE_ONCE(dev->user_mapped, true);
	smp_mb();	/* with the stop: the flag is seen, or the new address read */
}

static enum pmb_why why_under_driver(struct pci_dev *dev, int resno, enum pmb_way way)
{
	struct pci_driver *drv = READ_ONCE(dev->driver);

	if (way == PMB_WAY_NEVER || !drv)
		return PMB_WHY_DRIVER;
	if (way == PMB_WAY_LIVE && !(dev->resource[resno].flags & IORESOURCE_MEM))
		return PMB_WHY_IO_PORTS;
	if (!pmb_follow_supported() && holds_msix_table(dev, resno))
		return PMB_WHY_MAPPING;
	if (drv->bar_fixed && drv->bar_fixed(dev, resno))
		return PMB_WHY_DRIVER_SAYS;
	return PMB_MAY_MOVE;
}

static enum pmb_why why_without_driver(struct pci_dev *dev, const struct resource *res,
				       const struct pmb_uses *uses,
				       const struct pmb_policy *policy)
{
	bool own = dev == policy->owner;

	if (!own && dev == vga_default_device())
		return PMB_WHY_CONSOLE;
	if (res->child)
		return PMB_WHY_CLAIMED;
	if ((res->flags & IORESOURCE_MEM) && mapped_by_kernel(uses, res))
		return PMB_WHY_CLAIMED;
	if (!own && pci_is_root_bus(dev->bus) && !policy->root_bus &&
	    pmb_hand_of(dev) != PMB_HAND_MOVABLE)
		return PMB_WHY_ROOT_BUS;
	return PMB_MAY_MOVE;
}

/**
 * pmb_why_fixed - why a BAR may not move now
 * @dev: the device
 * @resno: resource number of an assigned BAR
 * @way: what pmb_way_of() said
 * @uses: kernel mappings
 * @policy: what the administrator allows
 *
 * Context: may sleep; calls the driver's bar_fixed().
 *
 * Return: the reason, %PMB_MAY_MOVE if there is none.
 */
enum pmb_why pmb_why_fixed(struct pci_dev *dev, int resno, enum pmb_way way,
			   const struct pmb_uses *uses, const struct pmb_policy *policy)
{
	const struct resource *res = &dev->resource[resno];
	enum pmb_hand hand = pmb_hand_of(dev);

	if (res->flags & IORESOURCE_PCI_FIXED)
		return PMB_WHY_HARDWIRED;
	if (odd_kind(dev))
		return PMB_WHY_KIND;
	if (has_vfs(dev))
		return PMB_WHY_VFS;
	if (has_p2p(dev))
		return PMB_WHY_P2P;
	if (pmb_out_of_action(dev))
		return PMB_WHY_BUSY;
	if (READ_ONCE(dev->user_mapped) || pmb_mapped_by_user(res))
		return PMB_WHY_MMAP;
	if (hand == PMB_HAND_FIXED)
		return PMB_WHY_ADMIN;
	if (policy->keep && hand != PMB_HAND_MOVABLE)
		return PMB_WHY_PRESERVE;
	if (dev == policy->owner && (policy->exclude & BIT(resno)))
		return PMB_WHY_DRIVER_SAYS;
	if (way == PMB_WAY_FREE)
		return why_without_driver(dev, res, uses, policy);
	return why_under_driver(dev, resno, way);
}
