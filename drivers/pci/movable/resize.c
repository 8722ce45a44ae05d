// SPDX-License-Identifier: GPL-2.0
/*
 * A BAR gets another size, and its neighbours make room.
 *
 * Stock assignment has tried first: it releases windows that are empty without
 * the device, and nothing else.  When that fails, it puts back what it has
 * released; windows which it has opened meanwhile, for slots that are empty, may
 * be in the way of that and are closed before.  Then the engine is asked:
 *
 *	the BAR		taken out, new size set, wanted
 *	its device	decode is off; its other BARs may move
 *	all others	as in any event
 *	failure		old size, old place; nothing else has been touched
 */
#include <linux/ioport.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "../pci.h"
#include "enable.h"
#include "layout.h"
#include "rescan.h"
#include "wishes.h"

/**
 * struct pmb_windows - bridge windows as they were
 * @nr: entries in @win
 * @max: room in @win
 * @win: the windows, bridges above before those below
 */
struct pmb_windows {
	u32 nr, max;
	struct pmb_window_was {
		struct pci_dev *dev;
		struct resource *res;
		struct resource was;
	} win[] __counted_by(max);
};

static int count_windows(struct pci_dev *dev, void *data)
{
	u32 *nr = data;

	*nr += dev->subordinate ? PMB_SPACES : 0;
	return 0;
}

static int note_windows(struct pci_dev *dev, void *data)
{
	struct pmb_windows *w = data;
	int i;

	for (i = 0; dev->subordinate && i < PMB_SPACES && w->nr < w->max; i++) {
		struct resource *res = &dev->resource[PCI_BRIDGE_RESOURCES + i];

		w->win[w->nr++] = (struct pmb_window_was){ pci_dev_get(dev), res, *res };
	}
	return 0;
}

/**
 * pci_movable_resize_begin - remember the windows before stock assignment
 * @dev: the device of which a BAR is to be resized
 *
 * Context: may sleep.
 *
 * Return: for pci_movable_resize_end(); NULL without memory or engine.
 */
struct pmb_windows *pci_movable_resize_begin(struct pci_dev *dev)
{
	struct pci_bus *root = pci_find_host_bridge(dev->bus)->bus;
	struct pmb_windows *w;
	u32 max = 0;

	if (!pmb_enabled(dev->bus))
		return NULL;
	pci_walk_bus(root, count_windows, &max);
	w = kvzalloc(struct_size(w, win, max), GFP_KERNEL);
	if (!w)
		return NULL;
	w->max = max;
	pci_walk_bus(root, note_windows, w);
	return w;
}

/**
 * pci_movable_resize_undo - close the windows that were not open before
 * @w: from pci_movable_resize_begin(); may be NULL
 *
 * To be called when stock assignment has failed, before it puts back the old
 * windows and BARs.
 *
 * Context: may sleep.
 */
void pci_movable_resize_undo(struct pmb_windows *w)
{
	u32 i = w ? w->nr : 0;

	while (i--) {
		struct pmb_window_was *win = &w->win[i];

		if (win->was.parent || !win->res->parent || win->res->child)
			continue;
		release_resource(win->res);
		win->res->start = win->was.start;
		win->res->end = win->was.end;
		win->res->flags = win->was.flags;
		pci_setup_bridge(win->dev->subordinate);
	}
}

/**
 * pci_movable_resize_end - forget the windows
 * @w: from pci_movable_resize_begin(); may be NULL
 *
 * Context: may sleep.
 */
void pci_movable_resize_end(struct pmb_windows *w)
{
	u32 i = w ? w->nr : 0;

	while (i--)
		pci_dev_put(w->win[i].dev);
	kvfree(w);
}

/* The wish is what the snapshot goes by. */
static int take_out(struct pci_dev *dev, int resno, int size)
{
	struct resource *res = &dev->resource[resno];
	int err;

	err = pmb_wish(dev, resno, pci_rebar_size_to_bytes(size), res->flags);
	if (err)
		return err;
	if (res->parent)
		release_resource(res);
	res->start = 0;
	res->end = 0;
	res->flags = 0;
	return pci_rebar_set_size(dev, resno, size);
}

/* Its size comes first: which address bits there are depends on it. */
static void put_back(struct pci_dev *dev, int resno, int size, const struct resource *was)
{
	struct resource *res = &dev->resource[resno];

	pci_rebar_set_size(dev, resno, size);
	res->start = was->start;
	res->end = was->end;
	res->flags = was->flags;
	if (!was->parent)
		return;
	if (pci_claim_resource(dev, resno))
		pci_err(dev, "%s is lost\n", pci_resource_name(dev, resno));
	else
		pci_update_resource(dev, resno);
}

/**
 * pci_movable_resize - make room for a BAR of another size
 * @dev: the device; memory decode is off, and nobody uses its BARs
 * @resno: the BAR
 * @size: as in the Resizable BAR capability (PCIe r6.0, sec 7.8.6), 0: 1 MiB
 * @exclude: bitmap of BARs of the device that must not move
 *
 * To be called after stock assignment has failed and everything is as it was.
 * The caller may hold the device's lock, which comes after that of rescan and
 * removal, so this one cannot be waited for.  It need not be when it is held by
 * those who wait for the caller, see pci_movable_probing().
 *
 * Context: may sleep.
 *
 * Return: 0 if the BAR has the size, and a place; else a negative errno, and
 * everything is as it was: -ENOSPC without room, -EBUSY if a rescan or a removal
 * of others is under way, -EPERM if the engine is turned off, -ENOMEM.
 */
int pci_movable_resize(struct pci_dev *dev, int resno, int size, unsigned long exclude)
{
	struct resource was = dev->resource[resno];
	int old = pci_rebar_get_current_size(dev, resno);
	bool locked;
	int err;

	if (old < 0)
		return old;
	locked = pci_trylock_rescan_remove();
	if (!locked && !pmb_probing_enter(dev))
		return -EBUSY;

	err = take_out(dev, resno, size);
	if (!err)
		err = pmb_rescan_resize(dev, exclude);
	if (!err && !dev->resource[resno].parent)
		err = -ENOSPC;
	if (err)
		put_back(dev, resno, old, &was);
	pmb_wish_forget(dev, resno);
	if (locked)
		pci_unlock_rescan_remove();
	else
		pmb_probing_leave();
	return err;
}
