// SPDX-License-Identifier: GPL-2.0
/*
 * Resizable BARs of hot-added devices, before drivers bind.
 *
 * They come up at the size which the device has after reset.  With
 * pci_movable.largest_bars=1 each of those that got a place then becomes as large
 * as it can without moving any BAR that has a place already: windows change at
 * most.  Off by default: drivers know best what their device is good for, and what
 * one takes the next one cannot have.
 *
 * The planner finds the size; the change is one of resize.c.
 */
#define pr_fmt(fmt) "pci_movable: " fmt

#include <linux/log2.h>
#include <linux/module.h>
#include <linux/pci.h>

#include "../pci.h"
#include "enable.h"
#include "plan.h"
#include "rescan.h"
#include "snapshot.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "pci_movable."

bool pmb_largest_bars;
module_param_named(largest_bars, pmb_largest_bars, bool, 0644);
MODULE_PARM_DESC(largest_bars, "Resizable BARs of hot-added devices become as large as fits");

/* Returns the BAR as one that has no place, and may have any of @sizes. */
static struct pmb_bar *take_out(struct pmb_snapshot *snap, struct pci_dev *dev, int resno,
				u64 sizes)
{
	struct pmb_layout *l = snap->layout;
	u32 i;

	for (i = 0; i < l->nr_bars; i++) {
		struct pmb_bar *bar = &l->bars[i];

		if (snap->dev[bar->dev] != dev || bar->res != resno)
			continue;
		bar->flags &= ~PMB_BAR_PLACED;
		bar->flags |= PMB_BAR_WANTED;
		bar->why = PMB_MAY_MOVE;
		bar->sizes = sizes;
		return bar;
	}
	return NULL;
}

/* The largest of @sizes for which there is room; 0: do not know. */
static u64 largest(struct pci_dev *dev, int resno, u64 sizes)
{
	const struct pmb_policy policy = { .owner = dev, .keep = true };
	const struct pmb_options options = { };
	struct pmb_snapshot *snap = pmb_snapshot_take(dev->bus, &policy);
	struct pmb_plan *plan;
	struct pmb_bar *bar;
	u64 size = 0;

	if (IS_ERR(snap))
		return 0;
	bar = take_out(snap, dev, resno, sizes);
	plan = pmb_plan_alloc(snap->layout);
	if (bar && plan && !pmb_plan_make(snap->layout, &options, plan))
		size = plan->bar[bar - snap->layout->bars].size;
	pmb_plan_free(plan);
	pmb_snapshot_free(snap);
	return size;
}

static void choose_size(struct pci_dev *dev, int resno)
{
	u64 sizes = pci_rebar_get_possible_sizes(dev, resno), size;
	int now = pci_rebar_get_current_size(dev, resno), err;
	struct pci_dev *was;

	if (now < 0 || !dev->resource[resno].parent)
		return;
	sizes &= ~(BIT_ULL(now) - 1);
	if (is_power_of_2(sizes))
		return;
	size = largest(dev, resno, sizes);
	if (size <= pci_rebar_size_to_bytes(now))
		return;

	was = pci_movable_probing(dev);
	err = pci_resize_resource(dev, resno, pci_rebar_bytes_to_size(size), 0);
	pci_movable_probing(was);
	pr_info("sizes: %s %s: %llu MiB instead of %llu MiB%s\n", pci_name(dev),
		pci_resource_name(dev, resno), size >> 20,
		pci_rebar_size_to_bytes(now) >> 20, err ? ": failed" : "");
}

static void choose_below(struct pci_bus *bus)
{
	struct pci_dev *dev;
	int i;

	list_for_each_entry(dev, &bus->devices, bus_list) {
		for (i = 0; i < PCI_STD_NUM_BARS && !pci_dev_is_added(dev); i++)
			if (pci_rebar_get_possible_sizes(dev, i))
				choose_size(dev, i);
		if (dev->subordinate)
			choose_below(dev->subordinate);
	}
}

/**
 * pmb_sizes_choose - let Resizable BARs of new devices become larger
 * @bus: devices below it that are not added yet are meant
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove().
 */
void pmb_sizes_choose(struct pci_bus *bus)
{
	if (pmb_largest_bars && pmb_enabled(bus))
		choose_below(bus);
}
