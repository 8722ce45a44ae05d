// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel mappings of device memory: who has mapped which BAR?
 *
 * ioremap() and all that is built on it make a vm area with VM_IOREMAP, which
 * knows the physical address.  Not found are fixmap and early_ioremap()
 * mappings, which serve early consoles, and what an architecture reaches
 * without page tables of its own.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>

#include "follow.h"

struct list_walk {
	struct pmb_mapping *list;
	unsigned int nr;
	unsigned int max;
};

/* Counts on when the list is full, so that the next one is large enough. */
static int note(struct vm_struct *area, void *data)
{
	struct list_walk *walk = data;
	phys_addr_t phys = READ_ONCE(area->phys_addr);

	/* Not mapped yet, or the pages of vmap() and vmap_pfn(). */
	if (!phys)
		return 0;

	if (walk->nr < walk->max) {
		walk->list[walk->nr].phys = phys;
		walk->list[walk->nr].size = get_vm_area_size(area);
		walk->list[walk->nr].caller = area->caller;
	}
	walk->nr++;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct pmb_mapping *l = a, *r = b;

	if (l->phys != r->phys)
		return l->phys < r->phys ? -1 : 1;
	return 0;
}

/**
 * pmb_follow_list - list all kernel mappings of device memory
 * @list: set to the mappings, sorted by address; kvfree() it
 * @nr: set to how many
 *
 * Context: may sleep.  Mappings may come and go any time.
 *
 * Return: 0 or -ENOMEM; on failure @list and @nr are untouched.
 */
int pmb_follow_list(struct pmb_mapping **list, unsigned int *nr)
{
	struct list_walk walk = { .max = 256 };

	for (;;) {
		walk.list = kvcalloc(walk.max, sizeof(*walk.list), GFP_KERNEL);
		if (!walk.list)
			return -ENOMEM;

		walk.nr = 0;
		walk_vm_areas(VM_IOREMAP, note, &walk);
		if (walk.nr <= walk.max)
			break;

		kvfree(walk.list);
		walk.max = walk.nr + walk.nr / 4;
	}

	sort(walk.list, walk.nr, sizeof(*walk.list), by_address, NULL);
	*list = walk.list;
	*nr = walk.nr;
	return 0;
}
