// SPDX-License-Identifier: GPL-2.0
/*
 * When stock assignment fails below a bridge, it releases windows and tries
 * once more.  If that fails too, they are lost:
 *
 * - the windows of the bridge itself, which are put back here;
 * - if it is the bridge's own window that does not fit, the windows of the
 *   bridge above, with all that is below them, running devices included.  That
 *   must not happen at all: making room is the engine's job then.
 *
 * And what it writes successfully has to be saved, too.
 */
#include <linux/ioport.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "../pci.h"
#include "commit.h"
#include "enable.h"
#include "stock.h"
#include "wishes.h"

static struct resource *window(struct pci_bus *bus, int i)
{
	return &bus->self->resource[PCI_BRIDGE_RESOURCES + i];
}

/**
 * pmb_stock_note - remember the windows of a bus before stock assignment
 * @bus: the bus; a root bus has none that could be lost
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove(), or it is boot.
 */
void pmb_stock_note(struct pci_bus *bus)
{
	struct pmb_wishes *wishes;
	int i;

	if (!bus->self)
		return;
	wishes = pmb_wishes_of(bus->self);
	for (i = 0; wishes && i < PMB_SPACES; i++)
		wishes->window[i] = *window(bus, i);
}

static bool put_back(struct pci_bus *bus, int i, const struct resource *was)
{
	struct resource *res = window(bus, i);
	struct resource *parent;

	if (!was->parent || res->parent)
		return false;

	res->start = was->start;
	res->end = was->end;
	res->flags = was->flags;
	parent = pci_find_parent_resource(bus->self, res);
	if (parent && !request_resource(parent, res))
		return true;

	res->start = 0;
	res->end = 0;
	res->flags = 0;
	return false;
}

/**
 * pmb_stock_restore - put back windows of a bus that stock assignment lost
 * @bus: the bus, given to pmb_stock_note() before
 *
 * Nothing decodes below them: they have just been released, with all below.
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove().
 */
void pmb_stock_restore(struct pci_bus *bus)
{
	bool any = false;
	int i;

	if (!bus->self || !bus->self->wishes)
		return;
	for (i = 0; i < PMB_SPACES; i++) {
		any |= put_back(bus, i, &bus->self->wishes->window[i]);
		bus->self->wishes->window[i].parent = NULL;
	}
	if (any)
		pci_setup_bridge(bus);
}

/**
 * pci_movable_windows_set - stock assignment has written the windows of a bridge
 * @bridge: the bridge
 *
 * A driver has saved the old ones, and what recovers the bridge would bring them
 * back: whatever is behind it would be cut off.
 *
 * Context: may sleep.
 */
void pci_movable_windows_set(struct pci_dev *bridge)
{
	if (pmb_enabled(bridge->bus))
		pmb_save_windows(bridge);
}

/**
 * pci_movable_spares - must stock assignment leave the windows of a bus alone?
 * @bus: the bus whose bridge's windows would be released
 * @top: the bus that assignment is done for
 *
 * Return: true if there are others than @top below @bus.
 */
bool pci_movable_spares(struct pci_bus *bus, struct pci_bus *top)
{
	if (!pmb_enabled(bus))
		return false;

	for (; bus; bus = bus->parent)
		if (bus == top)
			return false;
	return true;
}
