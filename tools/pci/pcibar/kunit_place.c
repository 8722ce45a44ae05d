// SPDX-License-Identifier: GPL-2.0
/*
 * Where functions are on the mock host of drivers/pci/movable: the PCI core looks
 * for function 0 of a slot first, and behind a PCIe link at one slot only. A report
 * may name function 4 alone, or a bridge of which only the bus is known.
 */
#include <stdlib.h>
#include <string.h>
#include "kunit_place.h"

#define SLOTS	32
#define FNS	8

/* Functions taken on each bus: [0] is the root bus, then by bridge. */
struct places {
	const struct pmb_layout *layout;
	u8 (*used)[SLOTS];
	bool *upstream;		/* by bridge: many slots behind it, though it is PCIe */
};

static u32 bus_of(const struct pmb_dev *dev)
{
	return dev->bridge == PMB_NONE ? 0 : dev->bridge + 1;
}

/* As the mock host takes bridges: root ports, then upstream and downstream by turns. */
static void find_upstream(struct places *p)
{
	const struct pmb_layout *l = p->layout;
	u32 i, up;

	for (i = 0; i < l->nr_bridges; i++) {
		up = l->bridges[i].parent;
		p->upstream[i] = (l->bridges[i].flags & PMB_BRIDGE_PCIE) && up != PMB_NONE &&
				 !p->upstream[up];
	}
}

/* A link leads to slot 0 and no other. */
static bool one_slot(const struct places *p, u32 bus)
{
	return bus && (p->layout->bridges[bus - 1].flags & PMB_BRIDGE_PCIE) &&
	       !p->upstream[bus - 1];
}

static bool named_place(const char *name, u32 *slot, u32 *fn)
{
	const char *colon = strrchr(name, ':');
	u32 s, f;
	char end;

	if (!colon || sscanf(colon + 1, "%x.%u%c", &s, &f, &end) != 2 || s >= SLOTS || f >= FNS)
		return false;
	*slot = s;
	*fn = f;
	return true;
}

static bool take(struct places *p, u32 bus, u32 slot, u32 fn)
{
	if (p->used[bus][slot] & 1U << fn)
		return false;
	p->used[bus][slot] |= 1U << fn;
	return true;
}

/* The next place that the PCI core will look at; false: the bus is full. */
static bool next_place(struct places *p, u32 bus, u32 *slot, u32 *fn)
{
	u32 slots = one_slot(p, bus) ? 1 : SLOTS, s, f;

	/* A slot of its own, if there is one. */
	for (s = 0; s < slots; s++) {
		*slot = (*slot + (s ? 1 : 0)) % slots;
		*fn = 0;
		if (!p->used[bus][*slot] && take(p, bus, *slot, 0))
			return true;
	}
	for (s = 0; s < slots; s++)
		for (f = 1; f < FNS; f++)
			if (take(p, bus, s, f)) {
				*slot = s;
				*fn = f;
				return true;
			}
	return false;
}

/* The last four characters are what the mock host reads of a name. */
static void rename_dev(struct pmb_layout *l, u32 nr, u32 slot, u32 fn)
{
	char name[PMB_NAME_LEN + 8], old[PMB_NAME_LEN];
	size_t keep = strlen(l->devs[nr].name);
	u32 s, f, i;

	if (keep > PMB_NAME_LEN - 6)
		keep = PMB_NAME_LEN - 6;

	pmb_name_set(old, l->devs[nr].name);
	if (named_place(old, &s, &f))
		keep = strrchr(old, ':') - old;	/* shorter than that */
	snprintf(name, sizeof(name), "%.*s:%02x.%x", (int)keep, old, slot, fn);
	pmb_name_set(l->devs[nr].name, name);
	for (i = 0; i < l->nr_bridges; i++)
		if (l->bridges[i].dev == nr && !strcmp(l->bridges[i].name, old))
			pmb_name_set(l->bridges[i].name, l->devs[nr].name);
}

/* First all whose place is fine as it is, function 0 before the others. */
static bool stays(struct places *p, u32 nr, u32 pass)
{
	const struct pmb_dev *dev = &p->layout->devs[nr];
	u32 bus = bus_of(dev), slot, fn;

	if (!named_place(dev->name, &slot, &fn) || (one_slot(p, bus) && slot) || !fn != !pass)
		return false;
	return (!fn || (p->used[bus][slot] & 1)) && take(p, bus, slot, fn);
}

u32 kunit_place(struct pmb_layout *layout, char **moved)
{
	struct places p = {
		.layout = layout,
		.used = pcibar_alloc(layout->nr_bridges + 1, sizeof(*p.used)),
		.upstream = pcibar_alloc(layout->nr_bridges + 1, sizeof(*p.upstream)),
	};
	bool *done = pcibar_alloc(layout->nr_devs + 1, sizeof(*done));
	u32 i, pass, slot, fn, nr = 0;
	char *more;

	find_upstream(&p);
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < layout->nr_devs; i++)
			if (!done[i])
				done[i] = strchr(layout->devs[i].name, '@') || stays(&p, i, pass);
	*moved = pcibar_print("%s", "");
	for (i = 0; i < layout->nr_devs; i++) {
		char old[PMB_NAME_LEN];

		slot = 0;
		if (done[i])
			continue;
		if (named_place(layout->devs[i].name, &slot, &fn) &&
		    one_slot(&p, bus_of(&layout->devs[i])))
			slot = 0;
		if (!next_place(&p, bus_of(&layout->devs[i]), &slot, &fn))
			continue;
		pmb_name_set(old, layout->devs[i].name);
		rename_dev(layout, i, slot, fn);
		more = pcibar_print("%s *\t%s is %s\n", *moved, old, layout->devs[i].name);
		free(*moved);
		*moved = more;
		nr++;
	}
	free(p.used);
	free(p.upstream);
	free(done);
	return nr;
}
