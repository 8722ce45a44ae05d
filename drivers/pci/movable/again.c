// SPDX-License-Identifier: GPL-2.0
/*
 * A device was busy, or its driver refused, and so a BAR is still without a
 * place.  Such reasons pass.  Nobody plugs the card in once more because of them,
 * so the engine looks again by itself: after 2, 4, 8, 16 and 32 s, and then
 * no more until the next event below that host bridge.
 *
 * Host bridges are remembered by number.  Whoever looks one up holds the lock of
 * rescan and removal, so none has to be kept from going away.
 */
#define pr_fmt(fmt) "pci_movable: " fmt

#include <linux/list.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "again.h"
#include "rescan.h"

#define TRIES		5

/**
 * struct again - a host bridge to be served again
 * @node: in @waiting
 * @domain: its domain
 * @nr: number of its root bus
 * @tries: so many have been tried, or are about to be
 * @due: when, in jiffies
 */
struct again {
	struct list_head node;
	int domain;
	u8 nr;
	u32 tries;
	unsigned long due;
};

/* Until the first try; each of the others waits twice as long.  Tests wait less. */
unsigned int pmb_again_wait_ms = 2000;

static LIST_HEAD(waiting);	/* under pci_lock_rescan_remove() */

static void serve_again(struct work_struct *work);
static DECLARE_DELAYED_WORK(later, serve_again);

static struct again *find(struct pci_bus *bus)
{
	struct pci_bus *root = pci_find_host_bridge(bus)->bus;
	struct again *a;

	list_for_each_entry(a, &waiting, node)
		if (a->domain == pci_domain_nr(root) && a->nr == root->number)
			return a;
	return NULL;
}

static void drop(struct again *a)
{
	list_del(&a->node);
	kfree(a);
}

static void schedule_next(void)
{
	unsigned long wait = MAX_JIFFY_OFFSET;
	struct again *a;

	list_for_each_entry(a, &waiting, node) {
		if (time_before_eq(a->due, jiffies))
			wait = 0;
		else
			wait = min(wait, a->due - jiffies);
	}
	if (!list_empty(&waiting))
		mod_delayed_work(system_long_wq, &later, wait);
}

/* It may be gone, and it takes itself off the list when it has been served. */
static bool serve_one(void)
{
	struct pci_bus *bus;
	struct again *a;

	list_for_each_entry(a, &waiting, node) {
		if (time_after(a->due, jiffies))
			continue;
		bus = pci_find_bus(a->domain, a->nr);
		if (!bus) {
			drop(a);
			return true;
		}
		a->due = jiffies + MAX_JIFFY_OFFSET;
		pmb_rescan_again(bus);
		pci_bus_add_devices(bus);
		return true;
	}
	return false;
}

static void serve_again(struct work_struct *work)
{
	pci_lock_rescan_remove();
	while (serve_one())
		;
	schedule_next();
	pci_unlock_rescan_remove();
}

/**
 * pmb_again_later - an event failed for a reason that passes
 * @bus: a bus below the host bridge that is to be served again
 * @new_event: what has been tried before does not count
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove().
 */
void pmb_again_later(struct pci_bus *bus, bool new_event)
{
	struct pci_bus *root = pci_find_host_bridge(bus)->bus;
	struct again *a = find(bus);

	if (!a) {
		a = kzalloc(sizeof(*a), GFP_KERNEL);
		if (!a)
			return;
		a->domain = pci_domain_nr(root);
		a->nr = root->number;
		list_add_tail(&a->node, &waiting);
	}
	if (new_event)
		a->tries = 0;
	if (a->tries == TRIES) {
		pr_info("%04x:%02x: tried %u times again, waiting for the next event now\n",
			a->domain, a->nr, TRIES);
		drop(a);
		return;
	}
	a->due = jiffies + (msecs_to_jiffies(pmb_again_wait_ms) << a->tries++);
	schedule_next();
}

/**
 * pmb_again_needless - nothing is left that waiting could help
 * @bus: a bus below the host bridge
 *
 * Context: as pmb_again_later().
 */
void pmb_again_needless(struct pci_bus *bus)
{
	struct again *a = find(bus);

	if (a)
		drop(a);
}

/**
 * pmb_again_cancel - forget all that is waiting
 *
 * For tests, whose host bridges have the same numbers.
 *
 * Context: may sleep; takes pci_lock_rescan_remove().
 */
void pmb_again_cancel(void)
{
	struct again *a, *next;

	cancel_delayed_work_sync(&later);
	pci_lock_rescan_remove();
	list_for_each_entry_safe(a, next, &waiting, node)
		drop(a);
	pci_unlock_rescan_remove();
}
