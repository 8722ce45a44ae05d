// SPDX-License-Identifier: GPL-2.0
/*
 * What the mock hardware decodes, from its registers alone, and whether that
 * is sane.  This is the truth that a test compares the PCI core with.
 *
 * A claim is an address range which somebody on a bus answers to: a BAR of a
 * function that decodes, or an open window of a bridge that forwards.
 *
 *   bus 0   [-- window of bridge A ----]  [window of B]  [BAR]    disjoint
 *   behind A  [BAR] [- window of C -]                             each inside of
 *   behind C          [BAR] [BAR]                                 a window above
 */
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "mock_host.h"

struct claim {
	u32 fn;
	int what;			/* number of a BAR, or WINDOW + enum pmb_space */
	u32 up;				/* the bridge above: which bus it is on */
	bool io;
	struct pmb_range range;		/* bus addresses */
};

#define WINDOW	16

static bool has_bar(const struct mock_fn *fn, int bar)
{
	if (bar >= MOCK_VF_BAR && (!IS_ENABLED(CONFIG_PCI_IOV) || !fn->desc.vfs))
		return false;
	return fn->desc.bar[bar].size;
}

/**
 * mock_bar_range - where a BAR is, whether it decodes or not
 * @fn: the function
 * @bar: number of the BAR by the PCI core's count: ROM and VF BARs, too
 *
 * Return: the range in bus addresses, a VF BAR's for all VFs that there can be;
 * size 0: there is no such BAR.
 */
struct pmb_range mock_bar_range(const struct mock_fn *fn, int bar)
{
	const struct mock_bar *b = &fn->desc.bar[bar];
	u16 reg = mock_bar_reg(fn, bar);
	u64 addr;

	if (!has_bar(fn, bar))
		return (struct pmb_range){ 0, 0 };
	addr = mock_cfg_get(fn, reg, 4);
	if (b->flags & PMB_BAR_64)
		addr |= (u64)mock_cfg_get(fn, reg + 4, 4) << 32;
	return (struct pmb_range){
		addr & -b->size, bar < MOCK_VF_BAR ? b->size : b->size * fn->desc.vfs
	};
}

/**
 * mock_window_range - where a window of a bridge is
 * @fn: the bridge
 * @space: kind of the window
 *
 * Return: the range in bus addresses; size 0: it is closed, or not there.
 */
struct pmb_range mock_window_range(const struct mock_fn *fn, enum pmb_space space)
{
	u64 base, limit;

	switch (space) {
	case PMB_IO:
		if (fn->desc.flags & MOCK_NO_IO)
			return (struct pmb_range){ 0, 0 };
		base = (mock_cfg_get(fn, PCI_IO_BASE, 1) & 0xf0) << 8;
		limit = (mock_cfg_get(fn, PCI_IO_LIMIT, 1) & 0xf0) << 8 | 0xfff;
		break;
	case PMB_MEM:
		base = (mock_cfg_get(fn, PCI_MEMORY_BASE, 2) & 0xfff0) << 16;
		limit = (mock_cfg_get(fn, PCI_MEMORY_LIMIT, 2) & 0xfff0) << 16 | 0xfffff;
		break;
	default:
		if (fn->desc.flags & MOCK_NO_PREF)
			return (struct pmb_range){ 0, 0 };
		base = (mock_cfg_get(fn, PCI_PREF_MEMORY_BASE, 2) & 0xfff0) << 16;
		limit = (mock_cfg_get(fn, PCI_PREF_MEMORY_LIMIT, 2) & 0xfff0) << 16 | 0xfffff;
		base |= (u64)mock_cfg_get(fn, PCI_PREF_BASE_UPPER32, 4) << 32;
		limit |= (u64)mock_cfg_get(fn, PCI_PREF_LIMIT_UPPER32, 4) << 32;
	}
	if (base > limit)
		return (struct pmb_range){ 0, 0 };
	return (struct pmb_range){ base, limit - base + 1 };
}

static bool bar_decodes(const struct mock_fn *fn, int bar)
{
	u32 cmd = mock_cfg_get(fn, PCI_COMMAND, 2);

	if (!has_bar(fn, bar) || mock_asleep(fn))
		return false;
	if (bar >= MOCK_VF_BAR)
		return mock_vfs_decode(fn);
	if (fn->desc.bar[bar].flags & PMB_BAR_IO)
		return cmd & PCI_COMMAND_IO;
	if (bar == PCI_ROM_RESOURCE &&
	    !(mock_cfg_get(fn, mock_bar_reg(fn, bar), 4) & PCI_ROM_ADDRESS_ENABLE))
		return false;
	return cmd & PCI_COMMAND_MEMORY;
}

/* As many VFs as are enabled answer. */
static struct pmb_range claimed(const struct mock_fn *fn, int bar)
{
	struct pmb_range range = mock_bar_range(fn, bar);

	if (bar >= MOCK_VF_BAR)
		range.size = fn->desc.bar[bar].size * mock_vfs_enabled(fn);
	return range;
}

static bool forwards(const struct mock_fn *fn, enum pmb_space space)
{
	return mock_cfg_get(fn, PCI_COMMAND, 2) &
	       (space == PMB_IO ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY);
}

static u32 add_claims(struct mock_host *host, u32 i, struct claim *claim)
{
	const struct mock_fn *fn = &host->fn[i];
	u32 nr = 0;
	int k;

	for (k = 0; k < MOCK_RES; k++)
		if (bar_decodes(fn, k))
			claim[nr++] = (struct claim){
				i, k, fn->desc.up, fn->desc.bar[k].flags & PMB_BAR_IO,
				claimed(fn, k)
			};
	for (k = 0; mock_is_bridge(fn) && k < PMB_SPACES; k++)
		if (forwards(fn, k) && mock_window_range(fn, k).size)
			claim[nr++] = (struct claim){
				i, WINDOW + k, fn->desc.up, k == PMB_IO,
				mock_window_range(fn, k)
			};
	return nr;
}

static struct claim *all_claims(struct mock_host *host, u32 *nr)
{
	struct claim *claim = kvcalloc(host->nr_fns, (MOCK_RES + PMB_SPACES) * sizeof(*claim),
				       GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(host->test, claim);
	*nr = 0;
	for (i = 0; i < host->nr_fns; i++)
		if (mock_alive(host, i))
			*nr += add_claims(host, i, claim + *nr);
	return claim;
}

static bool root_holds(const struct mock_host *host, const struct claim *c)
{
	u32 i;

	for (i = 0; i < host->nr_roots; i++) {
		struct pmb_range bus = host->roots[i].range;
		bool io = host->roots[i].space == PMB_IO;

		bus.start -= host->roots[i].offset;
		if (io == c->io && pmb_range_holds(&bus, &c->range))
			return true;
	}
	return false;
}

/* A BAR that is not prefetchable must not be read ahead of. */
static bool window_suits(const struct mock_host *host, const struct claim *c, int space)
{
	bool io = space == PMB_IO;

	if (io != c->io)
		return false;
	if (space != PMB_PREF || c->what >= WINDOW || c->what == PCI_ROM_RESOURCE)
		return true;
	return host->fn[c->fn].desc.bar[c->what].flags & PMB_BAR_PREF;
}

static bool inside(const struct mock_host *host, const struct claim *c)
{
	u32 up = c->up;
	int k;

	for (; up != PMB_NONE; up = host->fn[up].desc.up) {
		for (k = 0; k < PMB_SPACES; k++) {
			struct pmb_range win = mock_window_range(&host->fn[up], k);

			if (window_suits(host, c, k) && pmb_range_holds(&win, &c->range))
				return true;
		}
		if (!(host->fn[up].desc.flags & MOCK_TRANSPARENT))
			return false;
	}
	return root_holds(host, c);
}

static int cmp_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->up != y->up)
		return x->up < y->up ? -1 : 1;
	if (x->io != y->io)
		return x->io ? -1 : 1;
	if (x->range.start != y->range.start)
		return x->range.start < y->range.start ? -1 : 1;
	return 0;
}

static const char *name(const struct mock_host *host, u32 fn)
{
	return host->fn[fn].desc.name ?: "?";
}

/**
 * mock_check_decode - can all that is decoded live together?
 * @host: the host
 * @why: filled in with the first that cannot
 * @len: size of @why
 *
 * Every claim must be inside of a window above, and no two on one bus may have
 * an address in common.
 *
 * Context: may sleep.
 *
 * Return: true if all is well.
 */
bool mock_check_decode(struct mock_host *host, char *why, size_t len)
{
	struct claim *claim;
	bool good = true;
	u32 i, nr;

	claim = all_claims(host, &nr);
	sort(claim, nr, sizeof(*claim), cmp_claims, NULL);
	for (i = 0; i < nr && good; i++) {
		const struct claim *c = &claim[i], *next = &claim[i + 1];

		good = inside(host, c);
		if (!good)
			snprintf(why, len, "%s %d at %#llx size %#llx is in no window",
				 name(host, c->fn), c->what, c->range.start, c->range.size);
		if (!good || i + 1 == nr || next->up != c->up || next->io != c->io)
			continue;
		good = !pmb_ranges_overlap(&c->range, &next->range);
		if (!good)
			snprintf(why, len, "%s %d and %s %d both claim %#llx",
				 name(host, c->fn), c->what, name(host, next->fn), next->what,
				 next->range.start);
	}
	kvfree(claim);
	return good;
}

static bool holds(const struct pmb_range *range, u64 addr)
{
	return addr - range->start < range->size;
}

/* Who on the bus behind @up answers?  Only one may. */
static int find_claim(struct mock_host *host, u32 up, u64 addr, u32 *fn, int *what)
{
	struct claim claim[MOCK_RES + PMB_SPACES];
	int found = -ENXIO;
	u32 i, k, nr;

	for (i = 0; i < host->nr_fns; i++) {
		if (host->fn[i].desc.up != up || !host->fn[i].present)
			continue;
		nr = add_claims(host, i, claim);
		for (k = 0; k < nr; k++) {
			if (claim[k].io || !holds(&claim[k].range, addr))
				continue;
			if (!found)
				return -EBUSY;
			found = 0;
			*fn = i;
			*what = claim[k].what;
		}
	}
	return found;
}

/**
 * mock_route - which BAR answers a memory access of a CPU?
 * @host: the host
 * @cpu: CPU address
 * @fn: index of the function
 * @bar: number of the BAR
 * @offset: in the BAR
 *
 * Transparent bridges forward what is in their windows, here.
 *
 * Context: any; the caller keeps config writes away.
 *
 * Return: 0; -ENXIO if nobody answers, -EBUSY if more than one do.
 */
int mock_route(struct mock_host *host, u64 cpu, u32 *fn, int *bar, u64 *offset)
{
	u64 addr = cpu;
	int err = -ENXIO;
	u32 i, up = PMB_NONE;

	for (i = 0; i < host->nr_roots && err; i++) {
		if (host->roots[i].space == PMB_IO || !holds(&host->roots[i].range, cpu))
			continue;
		addr = cpu - host->roots[i].offset;
		err = 0;
	}
	while (!err) {
		err = find_claim(host, up, addr, fn, bar);
		if (err)
			break;
		if (*bar < WINDOW) {
			*offset = addr - mock_bar_range(&host->fn[*fn], *bar).start;
			break;
		}
		up = *fn;
	}
	return err;
}

/**
 * mock_decoded - does a memory BAR answer to CPUs, from its first byte to its last?
 * @host: the host
 * @fn: index of the function
 * @bar: number of the BAR
 * @cpu: where, if it does
 *
 * Return: true if it does.
 */
bool mock_decoded(struct mock_host *host, u32 fn, int bar, u64 *cpu)
{
	struct pmb_range range = mock_bar_range(&host->fn[fn], bar);
	u64 offset;
	u32 i, who;
	int what;

	for (i = 0; i < host->nr_roots && range.size; i++) {
		struct pmb_range bus = host->roots[i].range;

		bus.start -= host->roots[i].offset;
		if (host->roots[i].space == PMB_IO || !pmb_range_holds(&bus, &range))
			continue;
		*cpu = range.start + host->roots[i].offset;
		return !mock_route(host, *cpu, &who, &what, &offset) &&
		       who == fn && what == bar &&
		       !mock_route(host, *cpu + range.size - 1, &who, &what, &offset) &&
		       who == fn && what == bar;
	}
	return false;
}

static bool is_bar_reg(const struct mock_fn *fn, u16 reg)
{
	int k;

	for (k = 0; k < MOCK_RES; k++) {
		const struct mock_bar *b = &fn->desc.bar[k];

		if (!has_bar(fn, k))
			continue;
		if (reg == mock_bar_reg(fn, k) ||
		    (b->flags & PMB_BAR_64 && reg == mock_bar_reg(fn, k) + 4))
			return true;
	}
	return false;
}

/**
 * mock_strict_decode - are all strict BARs within reach?
 * @host: the host
 *
 * Context: any; the caller keeps config writes away.
 *
 * Return: false if a memory BAR which firmware placed, of a MOCK_ID_STRICT, does
 * not decode.
 */
bool mock_strict_decode(struct mock_host *host)
{
	u32 i;
	u64 cpu;
	int k;

	for (i = 0; i < host->nr_fns; i++) {
		const struct mock_desc *d = &host->fn[i].desc;

		for (k = 0; d->device == MOCK_ID_STRICT && k < PCI_STD_NUM_BARS; k++)
			if (d->bar[k].addr && !(d->bar[k].flags & PMB_BAR_IO) &&
			    mock_alive(host, i) && !mock_decoded(host, i, k, &cpu))
				return false;
	}
	return true;
}

/**
 * mock_check_writes - did the engine keep the rules for its writes?
 * @host: the host
 * @from: number of writes in the record to skip
 * @why: filled in with the first breach
 * @len: size of @why
 *
 * In the stop, no BAR is written while it decodes, no strict BAR is out of
 * reach for a moment, and no register is given the value that it holds (unless
 * a fault came first: undoing may do that).
 *
 * Return: true if it did.
 */
bool mock_check_writes(struct mock_host *host, u32 from, char *why, size_t len)
{
	bool fault = false;
	u32 i;

	if (host->nr_writes == MOCK_WRITES) {
		snprintf(why, len, "the record is full");
		return false;
	}
	if (host->torn) {
		snprintf(why, len, "a strict BAR was out of reach after %u writes", host->torn);
		return false;
	}
	for (i = from; i < host->nr_writes; i++) {
		const struct mock_write *w = &host->writes[i];
		const char *what = NULL;

		fault |= w->dropped;
		if (!w->stopped)
			continue;
		if (w->decoding && is_bar_reg(&host->fn[w->fn], w->reg))
			what = "written while it decodes";
		else if (!fault && w->old == w->new)
			what = "written without a change";
		if (!what)
			continue;
		snprintf(why, len, "write %u: %s register %#x, value %#x: %s", i,
			 name(host, w->fn), w->reg, w->val, what);
		return false;
	}
	return true;
}

/**
 * mock_count_writes - how often was a function written to?
 * @host: the host
 * @from: number of writes in the record to skip
 * @fn: index of the function; MOCK_ANY: all
 * @stopped: count the engine's writes in its stop only
 *
 * Return: how many writes.
 */
u32 mock_count_writes(struct mock_host *host, u32 from, u32 fn, bool stopped)
{
	u32 i, nr = 0;

	for (i = from; i < host->nr_writes; i++)
		nr += (fn == MOCK_ANY || host->writes[i].fn == fn) &&
		      (!stopped || host->writes[i].stopped);
	return nr;
}

static int count_users(const struct pci_dev *dev)
{
#ifdef CONFIG_PM
	return dev ? atomic_read(&dev->dev.power.usage_count) : -1;
#else
	return dev ? 0 : -1;
#endif
}

/**
 * mock_save - remember all registers, and who keeps devices awake
 * @host: the host
 */
void mock_save(struct mock_host *host)
{
	u32 i;

	for (i = 0; i < host->nr_fns; i++) {
		struct mock_fn *fn = &host->fn[i];

		memcpy(fn->saved, fn->cfg, sizeof(fn->saved));
		fn->users = count_users(mock_alive(host, i) ? mock_dev(host, i) : NULL);
	}
}

/**
 * mock_check_held - does anybody hold a device still?
 * @host: the host, after mock_save()
 * @why: filled in with the first that is held
 * @len: size of @why
 *
 * Return: true if no device is locked, or kept awake more than at mock_save().
 */
bool mock_check_held(struct mock_host *host, char *why, size_t len)
{
	u32 i;

	for (i = 0; i < host->nr_fns; i++) {
		const struct mock_fn *fn = &host->fn[i];
		struct pci_dev *dev = mock_alive(host, i) ? mock_dev(host, i) : NULL;

		if (!dev || fn->users < 0)
			continue;
		if (!device_trylock(&dev->dev)) {
			snprintf(why, len, "%s is locked", name(host, i));
			return false;
		}
		device_unlock(&dev->dev);
		if (count_users(dev) == fn->users)
			continue;
		snprintf(why, len, "%s has %d users, had %d", name(host, i), count_users(dev),
			 fn->users);
		return false;
	}
	return true;
}

static bool is_fixed(const struct mock_desc *desc)
{
	int k;

	if (desc->device != MOCK_ID_FIXED && desc->device != MOCK_ID_STRICT)
		return false;
	for (k = 0; k < MOCK_RES; k++)
		if (desc->bar[k].addr)
			return true;
	return false;
}

/**
 * mock_check_fixed - has nobody written to a device that may not move?
 * @host: the host
 * @from: number of writes in the record to skip
 * @why: filled in with the first such write
 * @len: size of @why
 *
 * What firmware placed, of drivers without hooks, has none of its registers
 * written at all, with the same value neither; whatever goes wrong.
 *
 * Return: true if nobody has.
 */
bool mock_check_fixed(struct mock_host *host, u32 from, char *why, size_t len)
{
	u32 i;

	for (i = from; i < host->nr_writes; i++) {
		const struct mock_write *w = &host->writes[i];

		if (!is_fixed(&host->fn[w->fn].desc))
			continue;
		snprintf(why, len, "write %u: %s register %#x", i, name(host, w->fn), w->reg);
		return false;
	}
	return true;
}

/**
 * mock_same - are all registers as they were at mock_save()?
 * @host: the host
 * @why: filled in with the first that is not
 * @len: size of @why
 *
 * Return: true if they are.
 */
bool mock_same(struct mock_host *host, char *why, size_t len)
{
	u32 i, k;

	for (i = 0; i < host->nr_fns; i++) {
		const struct mock_fn *fn = &host->fn[i];

		for (k = 0; k < MOCK_CFG_SIZE; k++) {
			if (fn->cfg[k] == fn->saved[k])
				continue;
			snprintf(why, len, "%s register %#x was %#x, is %#x", name(host, i), k,
				 fn->saved[k], fn->cfg[k]);
			return false;
		}
	}
	return true;
}

static bool same_range(struct pci_dev *dev, struct resource *res, const struct pmb_range *hw)
{
	struct pci_bus_region region;

	pcibios_resource_to_bus(dev->bus, &region, res);
	return hw->size && region.start == hw->start && region.end == pmb_last(hw);
}

static bool check_resources(struct mock_host *host, u32 i, struct pci_dev *dev, char *why,
			    size_t len)
{
	static const u32 no_window[PMB_SPACES] = {
		[PMB_IO] = MOCK_NO_IO, [PMB_PREF] = MOCK_NO_PREF
	};
	const struct mock_fn *fn = &host->fn[i];
	struct pmb_range hw;
	int k;

	for (k = 0; k < MOCK_RES; k++) {
		hw = mock_bar_range(fn, k);
		if (!hw.size || !dev->resource[k].parent ||
		    same_range(dev, &dev->resource[k], &hw))
			continue;
		snprintf(why, len, "%s BAR %d: core %pR, hardware %#llx", name(host, i), k,
			 &dev->resource[k], hw.start);
		return false;
	}
	for (k = 0; mock_is_bridge(fn) && k < PMB_SPACES; k++) {
		struct resource *res = &dev->resource[PCI_BRIDGE_RESOURCES + k];

		/* The core takes registers that read 0 for a window. */
		if (fn->desc.flags & no_window[k])
			continue;
		hw = mock_window_range(fn, k);
		if (res->parent ? same_range(dev, res, &hw) : !hw.size || !forwards(fn, k))
			continue;
		snprintf(why, len, "%s window %d: core %pR, hardware %#llx size %#llx",
			 name(host, i), k, res, hw.start, hw.size);
		return false;
	}
	return true;
}

/* Only where somebody has called pci_save_state(). */
static bool check_saved(struct mock_host *host, u32 i, struct pci_dev *dev, char *why, size_t len)
{
	const struct mock_fn *fn = &host->fn[i];
	u16 reg, last = mock_is_bridge(fn) ? PCI_IO_BASE_UPPER16 : PCI_BASE_ADDRESS_5;

	if (dev->saved_config_space[0] != mock_cfg_get(fn, PCI_VENDOR_ID, 4))
		return true;
	for (reg = PCI_BASE_ADDRESS_0; reg <= last; reg += 4) {
		if (dev->saved_config_space[reg / 4] == mock_cfg_get(fn, reg, 4))
			continue;
		snprintf(why, len, "%s register %#x: saved %#x, hardware %#x", name(host, i), reg,
			 dev->saved_config_space[reg / 4], mock_cfg_get(fn, reg, 4));
		return false;
	}
	return true;
}

/* Resources in the tree: each inside of its parent, in order, disjoint. */
static bool check_tree(const struct resource *root, char *why, size_t len)
{
	const struct resource *c;

	for (c = root->child; c; c = c->sibling) {
		if (c->parent != root || c->start < root->start || c->end > root->end ||
		    (c->sibling && c->sibling->start <= c->end)) {
			snprintf(why, len, "%pR does not fit below %pR", c, root);
			return false;
		}
		if (!check_tree(c, why, len))
			return false;
	}
	return true;
}

/**
 * mock_check_core - do resources, registers and saved state agree?
 * @host: the host
 * @why: filled in with the first that does not
 * @len: size of @why
 *
 * Return: true if they do.
 */
bool mock_check_core(struct mock_host *host, char *why, size_t len)
{
	u32 i;

	for (i = 0; i < host->nr_roots; i++)
		if (!check_tree(&host->res[i], why, len))
			return false;
	for (i = 0; i < host->nr_fns; i++) {
		struct pci_dev *dev = mock_alive(host, i) ? mock_dev(host, i) : NULL;

		if (dev && (!check_resources(host, i, dev, why, len) ||
			    !check_saved(host, i, dev, why, len)))
			return false;
	}
	return true;
}
