/* SPDX-License-Identifier: GPL-2.0 */
/* Does the engine act at all? */
#ifndef _PCI_MOVABLE_ENABLE_H
#define _PCI_MOVABLE_ENABLE_H

#include <linux/types.h>

struct pci_bus;

bool pmb_enabled(struct pci_bus *bus);

#endif /* _PCI_MOVABLE_ENABLE_H */
