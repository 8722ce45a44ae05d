/* SPDX-License-Identifier: GPL-2.0 */
/* What the administrator has declared by hand, for a device or a host bridge. */
#ifndef _PCI_MOVABLE_HAND_H
#define _PCI_MOVABLE_HAND_H

#include <linux/types.h>

struct pci_dev;
struct pci_host_bridge;

enum pmb_hand {
	PMB_HAND_BOOT,		/* what the boot parameters say */
	PMB_HAND_AUTO,		/* nothing is declared */
	PMB_HAND_FIXED,
	PMB_HAND_MOVABLE,	/* if neither its driver nor a user of it objects */
};

enum pmb_hand pmb_hand_of(struct pci_dev *dev);
bool pmb_hand_off(struct pci_host_bridge *host);

#endif /* _PCI_MOVABLE_HAND_H */
