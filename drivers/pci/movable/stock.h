/* SPDX-License-Identifier: GPL-2.0 */
/* What stock assignment gives up when it fails, and should not. */
#ifndef _PCI_MOVABLE_STOCK_H
#define _PCI_MOVABLE_STOCK_H

#include <linux/pci.h>

void pmb_stock_note(struct pci_bus *bus);
void pmb_stock_restore(struct pci_bus *bus);

#endif /* _PCI_MOVABLE_STOCK_H */
