/* SPDX-License-Identifier: GPL-2.0 */
/* The running machine as a layout, and the way back from indices to objects. */
#ifndef _PCI_MOVABLE_SNAPSHOT_H
#define _PCI_MOVABLE_SNAPSHOT_H

#include <linux/pci.h>
#include "layout.h"
#include "wishes.h"

struct pmb_force;

/**
 * struct pmb_owned - a resource of a PCI device below the host bridge
 * @res: the resource
 * @bridge: index of the bridge whose window it is; PMB_NONE: a BAR
 * @space: kind of the window
 */
struct pmb_owned {
	struct resource *res;
	u32 bridge;
	enum pmb_space space;
};

/**
 * struct pmb_snapshot - a layout and what its indices stand for
 * @host: the host bridge
 * @layout: the layout
 * @dev: devices by index, with a reference; NULL: a reservation, no device
 * @root: resources of the root windows by index
 * @owned: all placed BARs and open windows, sorted by address of the struct
 * @nr_owned: entries in @owned
 */
struct pmb_snapshot {
	struct pci_host_bridge *host;
	struct pmb_layout *layout;
	struct pci_dev **dev;
	struct resource **root;
	struct pmb_owned *owned;
	u32 nr_owned;
};

/**
 * struct pmb_policy - what the administrator allows, and what the event does
 * @force_pause: pause drivers that could be moved live
 * @root_bus: driverless devices on a root bus may move
 * @keep: nothing that has a place may move
 * @persist: what fails for a reason that passes is tried again later
 * @again: this is such a try; the details have been told before
 * @owner: the caller has this device, and wants its BARs to move; NULL: none
 * @exclude: bitmap of BARs of @owner that must not
 * @force: what is to move without need; NULL: nothing
 */
struct pmb_policy {
	bool force_pause;
	bool root_bus;
	bool keep;
	bool persist;
	bool again;
	struct pci_dev *owner;
	unsigned long exclude;
	struct pmb_force *force;
};

struct pmb_snapshot *pmb_snapshot_take(struct pci_bus *bus, const struct pmb_policy *policy);
void pmb_snapshot_free(struct pmb_snapshot *snap);
struct resource *pmb_snapshot_bar(const struct pmb_snapshot *snap, u32 bar);
struct resource *pmb_snapshot_window(const struct pmb_snapshot *snap, u32 bridge,
				     enum pmb_space space);
const struct pmb_owned *pmb_snapshot_owner(const struct pmb_snapshot *snap,
					   const struct resource *res);

/* reasons.c */
struct pmb_uses;
struct pmb_uses *pmb_uses_find(void);
void pmb_uses_free(struct pmb_uses *uses);
bool pmb_uses_next(const struct pmb_uses *uses, unsigned int *i,
		   const struct pmb_range *within, struct pmb_range *part);
enum pmb_way pmb_way_of(struct pci_dev *dev, const struct pmb_policy *policy);
enum pmb_why pmb_why_fixed(struct pci_dev *dev, int resno, enum pmb_way way,
			   const struct pmb_uses *uses, const struct pmb_policy *policy);
bool pmb_out_of_action(const struct pci_dev *dev);
bool pmb_used_by_others(const struct pci_dev *dev);
bool pmb_mapped_by_user(const struct resource *res);

#endif /* _PCI_MOVABLE_SNAPSHOT_H */
