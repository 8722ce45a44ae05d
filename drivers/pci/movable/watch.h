/* SPDX-License-Identifier: GPL-2.0 */
/* Names a driver that keeps everybody waiting. */
#ifndef _PCI_MOVABLE_WATCH_H
#define _PCI_MOVABLE_WATCH_H

#include <linux/timer.h>
#include <linux/types.h>

struct pci_dev;

/**
 * struct pmb_watch - a look at a hook of a driver while it runs
 * @timer: complains, again and again, each time after twice the time
 * @dev: the device
 * @what: what its driver has been asked to do
 * @begin: when, in ns
 * @wait: jiffies to the next complaint
 */
struct pmb_watch {
	struct timer_list timer;
	const struct pci_dev *dev;
	const char *what;
	u64 begin;
	unsigned long wait;
};

void pmb_watch_init(struct pmb_watch *watch);
void pmb_watch_begin(struct pmb_watch *watch, const struct pci_dev *dev, const char *what);
void pmb_watch_end(struct pmb_watch *watch);

#endif /* _PCI_MOVABLE_WATCH_H */
