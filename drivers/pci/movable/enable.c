// SPDX-License-Identifier: GPL-2.0
/* Does the engine act at all? */
#include <linux/pci.h>

#include "../pci.h"
#include "enable.h"
#include "hand.h"

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
	struct pci_host_bridge *host = pci_find_host_bridge(bus);

	return !disabled && !host->preserve_config && !pci_has_flag(PCI_PROBE_ONLY) &&
	       !pmb_hand_off(host);
}

/**
 * pci_movable_acts - is what stock assignment leaves out the engine's business?
 * @bus: the bus
 *
 * Return: as pmb_enabled(), for the PCI core.
 */
bool pci_movable_acts(struct pci_bus *bus)
{
	return pmb_enabled(bus);
}
