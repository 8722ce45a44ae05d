// SPDX-License-Identifier: GPL-2.0
/*
 * Bus numbers for bridges for which the bus has none left.
 *
 * Scanning gives each new bridge the number after the last one in use.  Where
 * that is beyond the end of the bus, the bridges above may still be followed by
 * numbers which nobody has.  Then their subordinate numbers grow, from the root
 * downwards, and scanning goes on as if they had been that large before:
 *
 *	00    port 03-03    switch plugged in, which needs 04 to 07
 *	      port 03-ff    switch 04-07, or more where it has slots
 *
 * Numbers in use stay.  buses.c knows which ones are free.
 */
#define pr_fmt(fmt) "pci_movable: " fmt

#include <linux/pci.h>
#include <linux/slab.h>

#include "../pci.h"
#include "buses.h"
#include "enable.h"

/**
 * struct pmb_numbered - all bridges below a host bridge
 * @layout: their bus numbers, and nothing else
 * @dev: the bridges by index
 * @taken: see struct pmb_bus_need
 */
struct pmb_numbered {
	struct pmb_layout *layout;
	struct pci_dev **dev;
	bool taken[PMB_BUSES];
};

static int count_bridge(struct pci_dev *dev, void *data)
{
	u32 *nr = data;

	*nr += pci_is_bridge(dev);
	return 0;
}

static u32 index_of(const struct pmb_numbered *n, const struct pci_dev *dev)
{
	u32 i = n->layout->nr_bridges;

	while (i-- > 0)
		if (n->dev[i] == dev)
			return i;
	return PMB_NONE;
}

/* One that has not been scanned yet keeps what firmware gave it, if that is sane. */
static void read_numbers(struct pci_dev *dev, struct pmb_bridge *br)
{
	u8 primary, first, last;

	if (dev->subordinate) {
		br->bus_first = dev->subordinate->busn_res.start;
		br->bus_last = dev->subordinate->busn_res.end;
		return;
	}
	if (pcibios_assign_all_busses())
		return;
	pci_read_config_byte(dev, PCI_PRIMARY_BUS, &primary);
	pci_read_config_byte(dev, PCI_SECONDARY_BUS, &first);
	pci_read_config_byte(dev, PCI_SUBORDINATE_BUS, &last);
	if (primary != dev->bus->number || first <= primary || last < first)
		return;
	br->bus_first = first;
	br->bus_last = last;
}

static int add_bridge(struct pci_dev *dev, void *data)
{
	struct pmb_numbered *n = data;
	struct pmb_layout *l = n->layout;
	struct pmb_bridge *br = &l->bridges[l->nr_bridges];

	if (!pci_is_bridge(dev) || l->nr_bridges == l->max.bridges)
		return 0;
	*br = (struct pmb_bridge){ .parent = index_of(n, dev->bus->self) };
	pmb_name_set(br->name, pci_name(dev));
	read_numbers(dev, br);
	n->dev[l->nr_bridges++] = dev;
	return 0;
}

/* Virtual functions have buses without a bridge, other host bridges have theirs. */
static void note_taken(struct pmb_numbered *n, struct pci_bus *root)
{
	u32 nr;

	for (nr = 0; nr < PMB_BUSES; nr++)
		n->taken[nr] = pci_find_bus(pci_domain_nr(root), nr);
}

static void forget(struct pmb_numbered *n)
{
	pmb_layout_free(n->layout);
	kvfree(n->dev);
	kfree(n);
}

static struct pmb_numbered *look(struct pci_bus *root)
{
	struct pmb_numbered *n = kzalloc(sizeof(*n), GFP_KERNEL);
	struct pmb_counts max = { .hosts = 1 };
	struct pmb_host *host;

	if (!n)
		return NULL;
	pci_walk_bus(root, count_bridge, &max.bridges);
	n->layout = pmb_layout_alloc(&max);
	n->dev = kvcalloc(max.bridges, sizeof(*n->dev), GFP_KERNEL);
	if (!n->layout || !n->dev) {
		forget(n);
		return NULL;
	}

	host = &n->layout->hosts[n->layout->nr_hosts++];
	snprintf(host->name, sizeof(host->name), "%04x:%02x", pci_domain_nr(root), root->number);
	host->bus_first = root->busn_res.start;
	host->bus_last = min_t(resource_size_t, root->busn_res.end, PMB_BUSES - 1);
	pci_walk_bus(root, add_bridge, n);
	note_taken(n, root);
	return n;
}

/* The saved number comes back after an error recovery. */
static int set_last(struct pci_dev *dev, u8 last)
{
	u32 *saved = &dev->saved_config_space[PCI_PRIMARY_BUS / 4];
	u8 now;
	int err;

	pci_write_config_byte(dev, PCI_SUBORDINATE_BUS, last);
	pci_read_config_byte(dev, PCI_SUBORDINATE_BUS, &now);
	if (now != last)
		return -EIO;
	err = pci_bus_update_busn_res_end(dev->subordinate, last);
	if (!err)
		*saved = (*saved & ~0x00ff0000) | last << 16;
	return err;
}

/* From the bridge that failed upwards: what is behind one shrinks before it does. */
static void shrink(const struct pmb_numbered *n, u32 bridge, u8 last)
{
	const struct pmb_bridge *b;

	for (; bridge != PMB_NONE; bridge = b->parent) {
		b = &n->layout->bridges[bridge];
		if (b->bus_last < last && set_last(n->dev[bridge], b->bus_last))
			pci_err(n->dev[bridge], "pci_movable: cannot end at bus %02x again\n",
				b->bus_last);
	}
}

static bool grow(const struct pmb_numbered *n, u32 bridge, u8 last)
{
	u32 i = PMB_NONE;

	while ((i = pmb_buses_grows(n->layout, bridge, last, i)) != PMB_NONE) {
		if (!set_last(n->dev[i], last))
			continue;
		pr_warn("buses: %s does not take %02x as its last bus number\n",
			n->layout->bridges[i].name, last);
		shrink(n, i, last);
		return false;
	}
	return true;
}

/* What is missing is told; what there is can be had all the same. */
static int find(const struct pmb_numbered *n, struct pmb_bus_need *need,
		struct pmb_bus_answer *answer)
{
	int err = pmb_buses_find(n->layout, need, answer);
	char why[192];

	if (err != -ENOSPC)
		return err;
	pmb_buses_explain(n->layout, need, answer, why, sizeof(why));
	pr_warn("buses: %s\n", why);
	need->least -= answer->missing;
	return need->least ? pmb_buses_find(n->layout, need, answer) : err;
}

/* Is there a bridge that has no numbers yet, and gets them after those behind @bridge? */
static bool others_wait(const struct pmb_layout *l, u32 bridge)
{
	u32 i;

	for (; bridge != PMB_NONE; bridge = l->bridges[bridge].parent)
		for (i = 0; i < l->nr_bridges; i++)
			if (!l->bridges[i].bus_first &&
			    l->bridges[i].parent == l->bridges[bridge].parent)
				return true;
	return false;
}

/*
 * @nr numbers right after @max.  When somebody has to grow, then into all that is
 * free: nobody else can have that, and those who are plugged in behind what is
 * plugged in now get their share, as scanning hands it out.  Only not as long as
 * others have to get theirs.
 */
static bool find_and_grow(struct pci_bus *bus, u32 max, u32 nr)
{
	struct pmb_numbered *n = look(pci_find_host_bridge(bus)->bus);
	struct pmb_bus_need need = { .least = nr, .most = PMB_BUSES };
	struct pmb_bus_answer answer;
	bool done = false;
	u32 i;

	if (!n)
		return false;
	need.bridge = bus->self ? index_of(n, bus->self) : PMB_NONE;
	need.taken = n->taken;
	for (i = 0; i <= max; i++)
		n->taken[i] = true;
	if (others_wait(n->layout, need.bridge))
		need.most = nr;

	if (!find(n, &need, &answer) && need.bridge != PMB_NONE &&
	    answer.last > bus->busn_res.end) {
		pr_info("buses: %s ends at %02x, not %02x: %u wanted\n",
			n->layout->bridges[need.bridge].name, answer.last,
			(u8)bus->busn_res.end, nr);
		done = grow(n, need.bridge, answer.last);
	}
	forget(n);
	return done;
}

/* Those with fixed numbers have them in Enhanced Allocation. */
static u32 count_waiting(struct pci_bus *bus)
{
	struct pci_dev *dev;
	u32 nr = 0;

	for_each_pci_bridge(dev, bus)
		nr += !dev->subordinate && !pci_find_capability(dev, PCI_CAP_ID_EA);
	return nr;
}

/**
 * pci_movable_buses - let bridges grow when there are too few bus numbers
 * @bus: the bus; its bridges that have numbers have been scanned, the others wait
 * @max: the last number in use on @bus and behind it; the others get those after it
 * @available: how many there are to hand out, besides that of @bus itself
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove(), or it is boot.
 *
 * Return: @available; or what it is now that @bus has become larger.
 */
unsigned int pci_movable_buses(struct pci_bus *bus, unsigned int max, unsigned int available)
{
	unsigned int end = bus->busn_res.end;
	u32 nr = count_waiting(bus);

	if (!nr || max > end || max + nr <= end || !pmb_enabled(bus))
		return available;
	if (!find_and_grow(bus, max, nr))
		return available;
	return bus->busn_res.end - bus->busn_res.start;
}
