/* SPDX-License-Identifier: GPL-2.0 */
/* Which BARs of a device may move, for user space. */
#ifndef _PCI_MOVABLE_SYSFS_H
#define _PCI_MOVABLE_SYSFS_H

struct pci_dev;

int pmb_sysfs_bars(struct pci_dev *dev, char *buf);

#endif /* _PCI_MOVABLE_SYSFS_H */
