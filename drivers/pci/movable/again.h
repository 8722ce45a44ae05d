/* SPDX-License-Identifier: GPL-2.0 */
/* Events that failed for a reason which passes are tried again. */
#ifndef _PCI_MOVABLE_AGAIN_H
#define _PCI_MOVABLE_AGAIN_H

#include <linux/pci.h>

extern unsigned int pmb_again_wait_ms;

void pmb_again_later(struct pci_bus *bus, bool new_event);
void pmb_again_needless(struct pci_bus *bus);
void pmb_again_cancel(void);

#endif /* _PCI_MOVABLE_AGAIN_H */
