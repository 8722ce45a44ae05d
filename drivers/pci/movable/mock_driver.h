/* SPDX-License-Identifier: GPL-2.0 */
/* Drivers for functions of the mock host, of all kinds that the engine knows. */
#ifndef _PCI_MOVABLE_MOCK_DRIVER_H
#define _PCI_MOVABLE_MOCK_DRIVER_H

#include "mock_host.h"

/**
 * struct mock_driver_knobs - how the drivers behave, and what was asked of them
 * @refuse: device for which rescan_prepare() refuses; NULL: none
 * @done_fails: so many calls of rescan_done() fail
 * @fixed: device of which bar_fixed() says that every BAR is; NULL: none
 * @mapped: device that user space maps while its rescan_prepare() runs; NULL: none
 * @prepared: successful calls of rescan_prepare()
 * @done: successful calls of rescan_done()
 * @bad_order: calls that the contract does not allow
 * @touched: accesses of drivers to their BARs, see mock_drivers_watch()
 * @lost: those of them which did not reach their device
 */
struct mock_driver_knobs {
	const struct pci_dev *refuse;
	u32 done_fails;
	const struct pci_dev *fixed;
	const struct pci_dev *mapped;
	u32 prepared;
	u32 done;
	u32 bad_order;
	u32 touched;
	u32 lost;
};

extern struct mock_driver_knobs mock_knobs;

void mock_drivers_register(struct kunit *test);
bool mock_driver_bound(struct mock_host *host, u32 fn);
bool mock_driver_works(struct mock_host *host, u32 fn);
void mock_drivers_watch(struct mock_host *host, bool on);

#endif /* _PCI_MOVABLE_MOCK_DRIVER_H */
