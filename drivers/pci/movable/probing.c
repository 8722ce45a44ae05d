// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers that resize a BAR in their probe.
 *
 * When the device has just arrived, whoever handles the event holds the lock of
 * rescan and removal, and waits for the probe: nobody else can be at work on the
 * tree, and the driver may do what the lock allows.  The probe may be run by
 * another task (on a CPU near the device), so it is the device that tells:
 *
 *	event			driver
 *	lock
 *	probing = device
 *	bind, wait -----------> probe
 *				probing_lock, it is the own device, resize
 *	probing = NULL <------- end of the probe
 *	unlock
 *
 * What a driver has started in its probe and goes on after it is waited for.
 */
#include <linux/mutex.h>
#include <linux/pci.h>

#include "../pci.h"
#include "rescan.h"

static DEFINE_MUTEX(probing_lock);
static struct pci_dev *probing;		/* protected by the lock above */

/**
 * pci_movable_probing - drivers are offered a device, or have been
 * @dev: the device; when that is over, what was returned before
 *
 * Does nothing unless the caller holds pci_lock_rescan_remove().
 *
 * Context: may sleep; no device lock held.
 *
 * Return: the device that drivers were offered until now; NULL: none.
 */
struct pci_dev *pci_movable_probing(struct pci_dev *dev)
{
	struct pci_dev *was;

	if (!pci_owns_rescan_remove())
		return NULL;

	mutex_lock(&probing_lock);
	was = probing;
	probing = dev;
	mutex_unlock(&probing_lock);
	return was;
}

/**
 * pmb_probing_enter - act for the one who holds pci_lock_rescan_remove()
 * @dev: a device whose driver wants something done
 *
 * Context: may sleep; the caller may hold the lock of @dev.
 *
 * Return: true if the holder waits for a probe of @dev, until
 * pmb_probing_leave().
 */
bool pmb_probing_enter(struct pci_dev *dev)
{
	mutex_lock(&probing_lock);
	if (probing == dev)
		return true;
	mutex_unlock(&probing_lock);
	return false;
}

/**
 * pmb_probing_leave - the holder of pci_lock_rescan_remove() may go on
 */
void pmb_probing_leave(void)
{
	mutex_unlock(&probing_lock);
}
