/* SPDX-License-Identifier: GPL-2.0 */
/* The engine, for triggers that have files of their own. */
#ifndef _PCI_MOVABLE_RESCAN_H
#define _PCI_MOVABLE_RESCAN_H

#include <linux/pci.h>

struct pmb_force;
struct pmb_policy;

const struct pmb_policy *pmb_administrator(void);
void pmb_rescan_again(struct pci_bus *root);
int pmb_rescan_force(struct pci_dev *dev, struct pmb_force *force);
int pmb_rescan_resize(struct pci_dev *dev, unsigned long exclude);

/* probing.c */
bool pmb_probing_enter(struct pci_dev *dev);
void pmb_probing_leave(void);

/* sizes.c */
extern bool pmb_largest_bars;
void pmb_sizes_choose(struct pci_bus *bus);

#endif /* _PCI_MOVABLE_RESCAN_H */
