// SPDX-License-Identifier: GPL-2.0
/*
 * From the PCI core's structures to a layout.
 *
 *   devices, parents first --> hosts, roots, devs, bridges, bars
 *   resource trees          --> holes, and reservations inside of windows
 *
 * A sleeping device is not woken for a look: addresses come from memory.
 */
#include <linux/bsearch.h>
#include <linux/ioport.h>
#include <linux/log2.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "../pci.h"
#include "snapshot.h"

#define SPARE_HOLES	512	/* reservations of others that can be handled */
#define LOW_MEMORY	SZ_1M	/* no BAR goes below: legacy of the PC */

struct foreign {
	u32 bridge;
	bool io;
	struct pmb_range range;
	char name[PMB_NAME_LEN];
};

/* What is needed while the snapshot is made, and not afterwards. */
struct builder {
	struct pmb_snapshot *snap;
	struct pmb_layout *layout;
	struct pci_bus *event;		/* BARs below it are asked for */
	const struct pmb_policy *policy;
	struct pmb_uses *uses;
	struct foreign *foreign;
	u32 nr_foreign;
	u32 nr_devs;
	bool locked;			/* the device that is being added */
	bool strict;			/* there are strict BARs */
};

/**
 * pmb_snapshot_bar - the resource of a BAR
 * @snap: the snapshot
 * @bar: index of the BAR
 *
 * Return: the resource; NULL for a reservation without a device.
 */
struct resource *pmb_snapshot_bar(const struct pmb_snapshot *snap, u32 bar)
{
	const struct pmb_bar *b = &snap->layout->bars[bar];
	struct pci_dev *dev = snap->dev[b->dev];

	return dev ? &dev->resource[b->res] : NULL;
}

/**
 * pmb_snapshot_window - the resource of a bridge window
 * @snap: the snapshot
 * @bridge: index of the bridge
 * @space: kind of the window
 *
 * Return: the resource.
 */
struct resource *pmb_snapshot_window(const struct pmb_snapshot *snap, u32 bridge,
				     enum pmb_space space)
{
	struct pci_dev *dev = snap->dev[snap->layout->bridges[bridge].dev];

	return &dev->resource[PCI_BRIDGE_RESOURCES + space];
}

static int cmp_owned(const void *a, const void *b)
{
	const struct pmb_owned *x = a, *y = b;

	if (x->res == y->res)
		return 0;
	return x->res < y->res ? -1 : 1;
}

/**
 * pmb_snapshot_owner - does a resource belong to a device of this host?
 * @snap: the snapshot
 * @res: any resource
 *
 * Return: what it is, NULL if it is nobody's here.
 */
const struct pmb_owned *pmb_snapshot_owner(const struct pmb_snapshot *snap,
					   const struct resource *res)
{
	struct pmb_owned key = { .res = (struct resource *)res };

	return bsearch(&key, snap->owned, snap->nr_owned, sizeof(key), cmp_owned);
}

static bool res_assigned(const struct resource *res)
{
	return res->parent && (res->flags & (IORESOURCE_IO | IORESOURCE_MEM)) &&
	       !(res->flags & (IORESOURCE_UNSET | IORESOURCE_DISABLED));
}

/* All addresses there are have no size: without the last megabyte they have. */
static struct pmb_range res_range(const struct resource *res)
{
	u64 size = (u64)res->end - res->start + 1;

	return (struct pmb_range){ res->start, size ?: -(u64)SZ_1M };
}

/* VFs go with their PF; what is behind CardBus with the bridge's fixed windows. */
static bool left_out(const struct pci_dev *dev)
{
	const struct pci_bus *bus;

	for (bus = dev->bus; bus->self; bus = bus->parent)
		if (bus->self->hdr_type == PCI_HEADER_TYPE_CARDBUS)
			return true;
	return dev->is_virtfn;
}

static int count_dev(struct pci_dev *dev, void *data)
{
	u32 *nr = data;

	*nr += !left_out(dev);
	return 0;
}

static int collect_dev(struct pci_dev *dev, void *data)
{
	struct builder *b = data;

	if (!left_out(dev))
		b->snap->dev[b->nr_devs++] = pci_dev_get(dev);
	return 0;
}

static bool is_bridge(const struct pci_dev *dev)
{
	return dev->subordinate && dev->hdr_type == PCI_HEADER_TYPE_BRIDGE;
}

static bool below(const struct pci_bus *bus, const struct pci_bus *top)
{
	for (; bus; bus = bus->parent)
		if (bus == top)
			return true;
	return false;
}

/* Devices come parents first, so the bridge of one is the last one or above it. */
static u32 bridge_of(const struct builder *b, const struct pci_dev *dev)
{
	const struct pmb_layout *l = b->layout;
	u32 i = l->nr_bridges ? l->nr_bridges - 1 : PMB_NONE;

	while (i != PMB_NONE && b->snap->dev[l->bridges[i].dev] != dev->bus->self)
		i = l->bridges[i].parent;
	return i;
}

static void own(struct builder *b, struct resource *res, u32 bridge, enum pmb_space space)
{
	b->snap->owned[b->snap->nr_owned++] = (struct pmb_owned){ res, bridge, space };
}

static bool is_pow2(u64 n)
{
	return n && !(n & (n - 1));
}

static u64 pow2_align(u64 start, u64 size)
{
	u64 align = start ? 1ULL << __ffs64(start) : size;

	return min(align, 1ULL << (fls64(size) - 1));
}

static u64 bar_align(struct pci_dev *dev, int resno, u64 size)
{
	const struct resource *res = &dev->resource[resno];

	/* Off the ports that ISA devices alias to, as stock assignment does. */
	if ((res->flags & IORESOURCE_IO) && IS_ALIGNED(res->start, SZ_1K))
		return max_t(u64, size, SZ_1K);
#ifdef CONFIG_PCI_IOV
	if (resno >= PCI_IOV_RESOURCES && resno <= PCI_IOV_RESOURCE_END)
		return pci_sriov_resource_alignment(dev, resno);
#endif
	return size;
}

static u16 bar_reg(const struct pci_dev *dev, int resno)
{
	if (resno < PCI_ROM_RESOURCE)
		return PCI_BASE_ADDRESS_0 + 4 * resno;
	if (resno == PCI_ROM_RESOURCE)
		return dev->rom_base_reg;
#ifdef CONFIG_PCI_IOV
	if (resno >= PCI_IOV_RESOURCES && resno <= PCI_IOV_RESOURCE_END && dev->sriov)
		return dev->sriov->pos + PCI_SRIOV_BAR + 4 * (resno - PCI_IOV_RESOURCES);
#endif
	return 0;
}

static u32 bar_flags(int resno, unsigned long flags)
{
	u32 f = 0;

	if (flags & IORESOURCE_IO)
		f |= PMB_BAR_IO;
	if (flags & IORESOURCE_PREFETCH)
		f |= PMB_BAR_PREF;
	if (flags & IORESOURCE_MEM_64)
		f |= PMB_BAR_64;
	if (resno == PCI_ROM_RESOURCE)
		f |= PMB_BAR_ROM | PMB_BAR_OPTIONAL;
	else if (resno > PCI_ROM_RESOURCE)
		f |= PMB_BAR_VF | PMB_BAR_OPTIONAL;
	return f;
}

/* Somebody else than a CPU may reach it: peers, a guest through the IOMMU. */
static bool is_strict(const struct pci_dev *dev, enum pmb_why why)
{
	struct pci_driver *drv = READ_ONCE(dev->driver);

	return why == PMB_WHY_P2P ||
	       (drv && drv->driver_managed_dma && !dev->subordinate);
}

static void add_placed(struct builder *b, u32 d, int resno)
{
	struct pmb_layout *l = b->layout;
	struct pci_dev *dev = b->snap->dev[d];
	struct resource *res = &dev->resource[resno];
	struct pmb_bar *bar = &l->bars[l->nr_bars++];

	*bar = (struct pmb_bar){
		.dev = d,
		.res = resno,
		.reg = bar_reg(dev, resno),
		.flags = PMB_BAR_PLACED | bar_flags(resno, res->flags),
		.size = resource_size(res),
		.start = res->start,
	};
	bar->align = bar_align(dev, resno, bar->size);
	bar->why = b->locked ? pmb_why_fixed(dev, resno, l->devs[d].way, b->uses, b->policy) :
			       PMB_WHY_BUSY;
	if (!is_pow2(bar->align) || !IS_ALIGNED(bar->start, bar->align)) {
		bar->align = pow2_align(bar->start, bar->size);
		if (bar->why == PMB_MAY_MOVE)
			bar->why = PMB_WHY_KIND;
	}
	if (!bar->reg && bar->why == PMB_MAY_MOVE)
		bar->why = PMB_WHY_HARDWIRED;
	if (!b->locked || is_strict(dev, bar->why)) {
		bar->flags |= PMB_BAR_STRICT;
		b->strict = true;
		if (bar->why == PMB_MAY_MOVE)
			bar->why = PMB_WHY_P2P;
	}
	own(b, res, PMB_NONE, 0);
}

static void add_wish(struct builder *b, u32 d, int resno, const struct pmb_wish *wish)
{
	struct pmb_layout *l = b->layout;
	struct pci_dev *dev = b->snap->dev[d];
	u16 reg = bar_reg(dev, resno);

	if (!reg || !is_pow2(wish->align))
		return;

	l->bars[l->nr_bars] = (struct pmb_bar){
		.dev = d,
		.res = resno,
		.reg = reg,
		.flags = bar_flags(resno, wish->flags),
		.size = wish->size,
		.align = wish->align,
	};
	/* A driver that lives without this BAR is not surprised with it. */
	if (l->devs[d].way == PMB_WAY_FREE && below(dev->bus, b->event) &&
	    !pci_dev_is_disconnected(dev))
		l->bars[l->nr_bars].flags |= PMB_BAR_WANTED;
	l->nr_bars++;
}

static void add_bars(struct builder *b, u32 d)
{
	struct pci_dev *dev = b->snap->dev[d];
	int i;

	for (i = 0; i < PCI_BRIDGE_RESOURCES; i++) {
		if (res_assigned(&dev->resource[i]))
			add_placed(b, d, i);
		else if (dev->wishes && dev->wishes->bar[i].size)
			add_wish(b, d, i, &dev->wishes->bar[i]);
	}
	if (dev->hdr_type != PCI_HEADER_TYPE_CARDBUS)
		return;
	for (; i <= PCI_BRIDGE_RESOURCE_END; i++)
		if (res_assigned(&dev->resource[i]))
			add_placed(b, d, i);
}

static void add_window(struct builder *b, struct pmb_bridge *br, struct pci_dev *dev,
		       enum pmb_space space, u64 align, u64 max, u64 reserve)
{
	struct resource *res = &dev->resource[PCI_BRIDGE_RESOURCES + space];
	struct pmb_window *win = &br->win[space];
	unsigned long type = space == PMB_IO ? IORESOURCE_IO : IORESOURCE_MEM;

	win->align = max_t(u64, align, pcibios_window_alignment(dev->subordinate, type));
	win->max = max;
	win->reserve = dev->is_hotplug_bridge ? ALIGN(reserve, win->align) : 0;
	if (!res_assigned(res))
		return;

	win->cur = res_range(res);
	if (!IS_ALIGNED(win->cur.start | win->cur.size, win->align))
		win->align = 1ULL << __ffs64(win->cur.start | win->cur.size);
	own(b, res, br - b->layout->bridges, space);
}

static void add_bridge(struct builder *b, u32 d)
{
	struct pci_dev *dev = b->snap->dev[d];
	struct pmb_layout *l = b->layout;
	struct pmb_bridge *br = &l->bridges[l->nr_bridges];
	u32 up = l->devs[d].bridge;
	struct resource *io = &dev->resource[PCI_BRIDGE_IO_WINDOW];

	*br = (struct pmb_bridge){
		.parent = up,
		.dev = d,
		.bus_first = dev->subordinate->busn_res.start,
		.bus_last = dev->subordinate->busn_res.end,
	};
	pmb_name_set(br->name, pci_name(dev));
	if (dev->transparent)
		br->flags |= PMB_BRIDGE_TRANSPARENT;
	if (dev->is_hotplug_bridge)
		br->flags |= PMB_BRIDGE_HOTPLUG;
	if (pci_is_pcie(dev) && (up == PMB_NONE || (l->bridges[up].flags & PMB_BRIDGE_PCIE)))
		br->flags |= PMB_BRIDGE_PCIE;

	if (dev->io_window)
		add_window(b, br, dev, PMB_IO, dev->io_window_1k ? SZ_1K : SZ_4K,
			   res_assigned(io) && io->end > U16_MAX ? U32_MAX : U16_MAX,
			   pci_hotplug_io_size);
	add_window(b, br, dev, PMB_MEM, SZ_1M, U32_MAX, pci_hotplug_mmio_size);
	if (dev->pref_window)
		add_window(b, br, dev, PMB_PREF, SZ_1M,
			   dev->pref_64_window ? U64_MAX : U32_MAX,
			   pci_hotplug_mmio_pref_size);
	l->nr_bridges++;
}

static void add_dev(struct builder *b, u32 d)
{
	static const u32 cost[] = {
		[PMB_WAY_FREE] = PMB_COST_FREE,
		[PMB_WAY_LIVE] = PMB_COST_LIVE,
		[PMB_WAY_PAUSE] = PMB_COST_PAUSE,
		[PMB_WAY_NEVER] = PMB_COST_PAUSE,
	};
	struct pci_dev *dev = b->snap->dev[d];
	struct pmb_dev *ld = &b->layout->devs[b->layout->nr_devs++];
	bool owned = dev == b->policy->owner;

	/* Its driver must not go away while it is asked. */
	b->locked = owned || device_trylock(&dev->dev);
	*ld = (struct pmb_dev){
		.bridge = bridge_of(b, dev),
		.way = b->locked ? pmb_way_of(dev, b->policy) : PMB_WAY_NEVER,
	};
	ld->cost = cost[ld->way];
	pmb_name_set(ld->name, pci_name(dev));
	if (b->locked && dev->driver)
		pmb_name_set(ld->driver, dev->driver->name);

	add_bars(b, d);
	if (b->locked && !owned)
		device_unlock(&dev->dev);
	if (is_bridge(dev))
		add_bridge(b, d);
}

static void add_hole(struct builder *b, bool io, u64 start, u64 last, const char *name)
{
	struct pmb_layout *l = b->layout;
	struct pmb_hole *hole = &l->holes[l->nr_holes];

	if (start > last || l->nr_holes == l->max.holes)
		return;
	*hole = (struct pmb_hole){ .io = io, .range = { start, last - start + 1 } };
	pmb_name_set(hole->name, name);
	l->nr_holes++;
}

/* Where stock assignment never goes, either. */
static void add_low_hole(struct builder *b, const struct resource *win)
{
	bool io = win->flags & IORESOURCE_IO;
	u64 low = io ? PCIBIOS_MIN_IO : LOW_MEMORY;

	if (!io && !win->start)
		low = max_t(u64, low, PCIBIOS_MIN_MEM);
	if (win->start < low)
		add_hole(b, io, win->start, min_t(u64, low - 1, win->end), "low addresses");
}

static void add_roots(struct builder *b)
{
	struct pmb_layout *l = b->layout;
	struct resource_entry *win;

	resource_list_for_each_entry(win, &b->snap->host->windows) {
		struct pmb_root *root = &l->roots[l->nr_roots];

		if (resource_type(win->res) != IORESOURCE_IO &&
		    resource_type(win->res) != IORESOURCE_MEM)
			continue;
		root->range = res_range(win->res);
		root->offset = win->offset;
		root->space = PMB_MEM;
		if (win->res->flags & IORESOURCE_IO)
			root->space = PMB_IO;
		else if (win->res->flags & IORESOURCE_PREFETCH)
			root->space = PMB_PREF;
		b->snap->root[l->nr_roots++] = win->res;
		add_low_hole(b, win->res);
	}
}

static void note_range(struct builder *b, u32 bridge, bool io, u64 start, u64 last,
		       const char *name)
{
	struct foreign *f;

	if (start > last || b->nr_foreign == SPARE_HOLES)
		return;
	f = &b->foreign[b->nr_foreign++];
	f->bridge = bridge;
	f->io = io;
	f->range = (struct pmb_range){ start, last - start + 1 };
	pmb_name_set(f->name, name);
}

static void note_foreign(struct builder *b, const struct resource *parent, u32 bridge)
{
	const struct resource *c;

	for (c = parent->child; c; c = c->sibling)
		if (!pmb_snapshot_owner(b->snap, c))
			note_range(b, bridge, c->flags & IORESOURCE_IO, c->start, c->end,
				   c->name ?: "reserved");
}

/*
 * Nobody has requested it, and yet it is mapped: firmware's, perhaps.  Inside of a
 * bridge window it would be a mapping that somebody has forgotten.  Without end
 * such mappings must not make a snapshot impossible.
 */
static void note_mapped(struct builder *b, u64 start, u64 end)
{
	struct pmb_range gap = { start, end - start + 1 }, part;
	unsigned int i = 0;

	while (b->nr_foreign < SPARE_HOLES / 2 && pmb_uses_next(b->uses, &i, &gap, &part))
		note_range(b, PMB_NONE, false, part.start, pmb_last(&part), "mapped");
}

/* What the architecture takes away from free space, such as e820 reservations. */
static void note_gap(struct builder *b, const struct resource *root, u64 start, u64 end)
{
	bool io = root->flags & IORESOURCE_IO;
	struct resource avail = *root;

	if (!io)
		note_mapped(b, start, end);

	avail.start = start;
	avail.end = end;
	arch_remove_reservations(&avail);
	if (avail.end < avail.start || avail.start < start || avail.end > end) {
		note_range(b, PMB_NONE, io, start, end, "reserved");
		return;
	}
	if (avail.start > start)
		note_range(b, PMB_NONE, io, start, avail.start - 1, "reserved");
	if (avail.end < end)
		note_range(b, PMB_NONE, io, avail.end + 1, end, "reserved");
}

static void note_gaps(struct builder *b, const struct resource *root)
{
	const struct resource *c;
	u64 next = root->start;

	for (c = root->child; c; c = c->sibling) {
		if (c->start > next)
			note_gap(b, root, next, c->start - 1);
		if (c->end == root->end)
			return;
		next = c->end + 1;
	}
	note_gap(b, root, next, root->end);
}

/* Under the lock of the resource trees: must not sleep or allocate. */
static int find_foreign(void *data)
{
	struct builder *b = data;
	u32 i;

	for (i = 0; i < b->layout->nr_roots; i++) {
		note_foreign(b, b->snap->root[i], PMB_NONE);
		note_gaps(b, b->snap->root[i]);
	}

	for (i = 0; i < b->snap->nr_owned; i++) {
		const struct pmb_owned *o = &b->snap->owned[i];

		if (o->bridge != PMB_NONE)
			note_foreign(b, o->res, o->bridge);
	}
	return b->nr_foreign == SPARE_HOLES ? -E2BIG : 0;
}

/* Inside of a window a reservation is a fixed BAR of a device that is none. */
static void add_reservation(struct builder *b, const struct foreign *f)
{
	struct pmb_layout *l = b->layout;
	struct pmb_dev *dev = &l->devs[l->nr_devs];

	*dev = (struct pmb_dev){
		.bridge = f->bridge,
		.way = PMB_WAY_NEVER,
		.cost = PMB_COST_PAUSE,
	};
	snprintf(dev->name, sizeof(dev->name), "reserved@%llx", f->range.start);
	l->bars[l->nr_bars++] = (struct pmb_bar){
		.dev = l->nr_devs++,
		.flags = PMB_BAR_PLACED | (f->io ? PMB_BAR_IO : PMB_BAR_64),
		.why = PMB_WHY_FIRMWARE,
		.size = f->range.size,
		.align = pow2_align(f->range.start, f->range.size),
		.start = f->range.start,
	};
}

static int add_foreign(struct builder *b)
{
	u32 i;
	int err;

	sort(b->snap->owned, b->snap->nr_owned, sizeof(*b->snap->owned), cmp_owned, NULL);
	err = resource_tree_edit(find_foreign, b);
	if (err)
		return err;

	for (i = 0; i < b->nr_foreign; i++) {
		const struct foreign *f = &b->foreign[i];

		if (f->bridge == PMB_NONE)
			add_hole(b, f->io, f->range.start, pmb_last(&f->range), f->name);
		else
			add_reservation(b, f);
	}
	return 0;
}

/* Where the upper halves of a base or limit register change, see script.c. */
static u64 line_size(enum pmb_space space)
{
	return space == PMB_IO ? SZ_64K : SZ_4G;
}

/*
 * A fixed BAR just below a line, on the bus that the bridge is on, which keeps
 * its window from growing across.
 */
static void add_barrier(struct builder *b, const struct pmb_bridge *br, enum pmb_space space,
			u64 line)
{
	struct pmb_layout *l = b->layout;
	u64 size = space == PMB_IO ? SZ_4K : SZ_1M;

	l->bars[l->nr_bars++] = (struct pmb_bar){
		.dev = l->nr_devs,
		.flags = PMB_BAR_PLACED | (space == PMB_IO ? PMB_BAR_IO : PMB_BAR_64),
		.why = PMB_WHY_KIND,
		.size = size,
		.align = size,
		.start = line - size,
	};
	l->devs[l->nr_devs] = (struct pmb_dev){
		.bridge = br->parent,
		.way = PMB_WAY_NEVER,
		.cost = PMB_COST_PAUSE,
	};
	snprintf(l->devs[l->nr_devs].name, PMB_NAME_LEN, "%s@%.23s",
		 space == PMB_IO ? "io-line" : "line", br->name);
	l->nr_devs++;
}

/*
 * A strict window must hold what it holds at every moment.  Base and limit are
 * spread over two registers each, and no order of writes is right when an edge
 * crosses a line where the upper half changes:
 *
 *	line (4 GiB)          line                  line
 *	|                     |                     |
 *	|                  [#]|<--- [ window ] ---->|
 *	                 barrier                   max
 *
 * So it gets no further than that.
 */
static void keep_between_lines(struct builder *b, struct pmb_bridge *br, enum pmb_space space)
{
	struct pmb_window *win = &br->win[space];
	u64 line = line_size(space), offset, first, last;

	if (win->max < line ||
	    pmb_bus_offset(b->layout, br->host, space == PMB_IO, &win->cur, &offset))
		return;
	first = round_down(win->cur.start - offset, line);
	last = (pmb_last(&win->cur) - offset) | (line - 1);
	win->max = min(win->max, last);
	if (first)
		add_barrier(b, br, space, first + offset);
}

/* Once for each window, though there may be several strict BARs behind it. */
static bool holds_strict(const struct pmb_layout *l, u32 bridge, enum pmb_space space)
{
	const struct pmb_range *cur = &l->bridges[bridge].win[space].cur;
	bool io = space == PMB_IO;
	u32 i, up;

	for (i = 0; cur->size && i < l->nr_bars; i++) {
		const struct pmb_bar *bar = &l->bars[i];
		struct pmb_range range = { bar->start, bar->size };

		if (!(bar->flags & PMB_BAR_STRICT) || !(bar->flags & PMB_BAR_PLACED) ||
		    !!(bar->flags & PMB_BAR_IO) != io || !pmb_range_holds(cur, &range))
			continue;
		up = l->devs[bar->dev].bridge;
		while (up != PMB_NONE && up != bridge)
			up = l->bridges[up].parent;
		if (up == bridge)
			return true;
	}
	return false;
}

static void mark_strict_windows(struct builder *b)
{
	struct pmb_layout *l = b->layout;
	u32 i, k;

	for (i = 0; b->strict && i < l->nr_bridges; i++)
		for (k = 0; k < PMB_SPACES; k++)
			if (holds_strict(l, i, k))
				keep_between_lines(b, &l->bridges[i], k);
}

static int build(struct builder *b)
{
	struct pmb_snapshot *snap = b->snap;
	struct pmb_counts max = { .hosts = 1, .holes = 2 * SPARE_HOLES };
	struct resource_entry *win;
	u32 i, nr = 0;
	int err;

	pci_walk_bus(snap->host->bus, count_dev, &nr);
	resource_list_for_each_entry(win, &snap->host->windows)
		max.roots++;
	max.holes += 3 * max.roots;
	max.devs = nr + SPARE_HOLES + 2 * nr;
	max.bridges = nr;
	max.bars = nr * PCI_BRIDGE_RESOURCES + PCI_NUM_RESOURCES + SPARE_HOLES + 2 * nr;

	snap->dev = kvcalloc(max.devs, sizeof(*snap->dev), GFP_KERNEL);
	snap->root = kvcalloc(max.roots, sizeof(*snap->root), GFP_KERNEL);
	snap->owned = kvcalloc(max.bars + PMB_SPACES * nr, sizeof(*snap->owned), GFP_KERNEL);
	snap->layout = pmb_layout_alloc(&max);
	if (!snap->dev || !snap->root || !snap->owned || !snap->layout)
		return -ENOMEM;

	b->layout = snap->layout;
	b->layout->nr_hosts = 1;
	snprintf(b->layout->hosts[0].name, PMB_NAME_LEN, "%04x:%02x",
		 pci_domain_nr(snap->host->bus), snap->host->bus->number);
	add_roots(b);
	pci_walk_bus(snap->host->bus, collect_dev, b);
	for (i = 0; i < b->nr_devs; i++)
		add_dev(b, i);
	err = add_foreign(b);
	if (!err)
		mark_strict_windows(b);
	return err;
}

/**
 * pmb_snapshot_take - describe all below the host bridge of a bus
 * @bus: BARs without a place below it are marked as wanted
 * @policy: what the administrator allows
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove().
 *
 * Return: the snapshot, to be freed with pmb_snapshot_free(), or an ERR_PTR:
 * -ENOMEM, -E2BIG with more firmware reservations than can be handled.
 */
struct pmb_snapshot *pmb_snapshot_take(struct pci_bus *bus, const struct pmb_policy *policy)
{
	struct builder b = { .event = bus, .policy = policy };
	int err = -ENOMEM;

	b.snap = kzalloc(sizeof(*b.snap), GFP_KERNEL);
	if (!b.snap)
		return ERR_PTR(-ENOMEM);

	b.snap->host = pci_find_host_bridge(bus);
	b.foreign = kvcalloc(SPARE_HOLES, sizeof(*b.foreign), GFP_KERNEL);
	b.uses = pmb_uses_find();
	if (b.foreign && b.uses)
		err = build(&b);

	pmb_uses_free(b.uses);
	kvfree(b.foreign);
	if (!err)
		return b.snap;

	pmb_snapshot_free(b.snap);
	return ERR_PTR(err);
}

/**
 * pmb_snapshot_free - drop a snapshot and its references
 * @snap: the snapshot
 */
void pmb_snapshot_free(struct pmb_snapshot *snap)
{
	u32 i;

	for (i = 0; snap->dev && snap->layout && i < snap->layout->max.devs; i++)
		pci_dev_put(snap->dev[i]);
	pmb_layout_free(snap->layout);
	kvfree(snap->owned);
	kvfree(snap->root);
	kvfree(snap->dev);
	kfree(snap);
}
