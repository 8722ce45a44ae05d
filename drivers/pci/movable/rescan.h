/* SPDX-License-Identifier: GPL-2.0 */
/* The engine, for triggers that have files of their own. */
#ifndef _PCI_MOVABLE_RESCAN_H
#define _PCI_MOVABLE_RESCAN_H

#include <linux/pci.h>

struct pmb_force;
struct pmb_policy;

const struct pmb_policy *pmb_administrator(void);
int pmb_rescan_force(struct pci_dev *dev, struct pmb_force *force);
int pmb_rescan_resize(struct pci_dev *dev, unsigned long exclude);

#endif /* _PCI_MOVABLE_RESCAN_H */
