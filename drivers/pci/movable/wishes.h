/* SPDX-License-Identifier: GPL-2.0 */
/* What hardware wants and has not got. */
#ifndef _PCI_MOVABLE_WISHES_H
#define _PCI_MOVABLE_WISHES_H

#include <linux/pci.h>
#include "layout.h"

/**
 * struct pmb_wish - a BAR that has no place, as the hardware wants it
 * @size: bytes; 0: nothing is wanted
 * @align: bytes, a power of two
 * @flags: IORESOURCE_*
 */
struct pmb_wish {
	u64 size;
	u64 align;
	unsigned long flags;
};

/**
 * struct pmb_wishes - what one device wants and has not
 * @bar: by resource number
 * @window: windows of a bridge as they were; no parent: nothing to remember
 * @retry: it has got a BAR since it was added; a driver may take it now
 */
struct pmb_wishes {
	struct pmb_wish bar[PCI_BRIDGE_RESOURCES];
	struct resource window[PMB_SPACES];
	bool retry;
};

struct pmb_wishes *pmb_wishes_of(struct pci_dev *dev);
int pmb_wish(struct pci_dev *dev, int resno, u64 size, unsigned long flags);
void pmb_wish_forget(struct pci_dev *dev, int resno);
u32 pmb_wishes_settle(struct pci_bus *bus);

#endif /* _PCI_MOVABLE_WISHES_H */
