// SPDX-License-Identifier: GPL-2.0
/* Does the engine act at all? */
#include <linux/pci.h>

#include "../pci.h"
#include "enable.h"

static bool disabled;

/**
 * pci_movable_disable - leave everything to stock assignment
 *
 * Context: boot, from the pci= parameter.
 */
void pci_movable_disable(void)
{
	disabled = true;
}

/**
 * pmb_enabled - may the engine act below the host bridge of a bus?
 * @bus: the bus
 *
 * Return: false if the administrator or the platform does not want it.
 */
bool pmb_enabled(struct pci_bus *bus)
{
	return !disabled && !pci_find_host_bridge(bus)->preserve_config &&
	       !pci_has_flag(PCI_PROBE_ONLY);
}
