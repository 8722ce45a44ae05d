/* SPDX-License-Identifier: GPL-2.0 */
/* Drivers for functions of the mock host, of all kinds that the engine knows. */
#ifndef _PCI_MOVABLE_MOCK_DRIVER_H
#define _PCI_MOVABLE_MOCK_DRIVER_H

#include "mock_host.h"

/**
 * struct mock_driver_knobs - how the drivers behave, and what was asked of them
 * @refuse: device for which rescan_prepare() refuses; NULL: none
 * @done_fails: so many calls of rescan_done() fail
 * @back_fails: what mock_memory_fails() is told when a device is to be taken back
 * @fixed: device of which bar_fixed() says that every BAR is; NULL: none
 * @memory_fails: what mock_memory_fails() is told for the engine's part of an event
 * @memory_left: what of it has not happened by its end
 * @meanwhile: called for a device while its rescan_prepare() runs; NULL: nothing
 * @prepared: successful calls of rescan_prepare()
 * @done: successful calls of rescan_done()
 * @returned: those of them that were the last try
 * @detached: pauses that ended with the last try, which failed
 * @reset: calls of slot_reset()
 * @bad_order: calls that the contract does not allow
 * @touched: accesses of drivers to their BARs, see mock_drivers_watch()
 * @lost: those of them which did not reach their device
 */
struct mock_driver_knobs {
	const struct pci_dev *refuse;
	u32 done_fails;
	unsigned int back_fails;
	const struct pci_dev *fixed;
	unsigned int memory_fails;
	unsigned int memory_left;
	void (*meanwhile)(struct pci_dev *dev);
	u32 prepared;
	u32 done;
	u32 returned;
	u32 detached;
	u32 reset;
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
