// SPDX-License-Identifier: GPL-2.0
/*
 * The mock host: topology and life cycle.
 *
 *   table or layout --> functions as firmware left them --> pci_scan_root_bus_bridge()
 *                                                       --> claimed as on a PC
 *
 * The topology is the test's; all that the PCI core sees comes from config
 * space.  At the end of a test everything is taken down again, and the PCI core
 * must have dropped its last reference then.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "../pci.h"
#include "again.h"
#include "mock_host.h"

#define MOCK_DOMAIN	0x7ffe		/* where there are domains */
#define MOCK_BUS	0x10		/* a root bus that no machine has */

static void put_window(struct mock_fn *fn, enum pmb_space space, const struct pmb_range *range)
{
	u64 base = range->start, limit = pmb_last(range);

	if (!range->size) {		/* base above limit: closed */
		base = 0xfff00000;
		limit = 0;
	}
	switch (space) {
	case PMB_IO:
		mock_cfg_put(fn, PCI_IO_BASE, 1, range->size ? base >> 8 : 0xf0);
		mock_cfg_put(fn, PCI_IO_LIMIT, 1, limit >> 8);
		break;
	case PMB_MEM:
		mock_cfg_put(fn, PCI_MEMORY_BASE, 2, base >> 16);
		mock_cfg_put(fn, PCI_MEMORY_LIMIT, 2, limit >> 16);
		break;
	default:
		mock_cfg_put(fn, PCI_PREF_MEMORY_BASE, 2, base >> 16);
		mock_cfg_put(fn, PCI_PREF_MEMORY_LIMIT, 2, limit >> 16);
		mock_cfg_put(fn, PCI_PREF_BASE_UPPER32, 4, base >> 32);
		mock_cfg_put(fn, PCI_PREF_LIMIT_UPPER32, 4, limit >> 32);
	}
}

/* Returns which decoding it needs. */
static u16 put_bar(struct mock_fn *fn, int i)
{
	const struct mock_bar *bar = &fn->desc.bar[i];
	u16 reg = mock_bar_reg(fn, i);

	if (!bar->size || !bar->addr)
		return 0;
	mock_cfg_put(fn, reg, 4, bar->addr);
	if (bar->flags & PMB_BAR_64)
		mock_cfg_put(fn, reg + 4, 4, bar->addr >> 32);
	if (i >= PCI_ROM_RESOURCE)
		return 0;
	return bar->flags & PMB_BAR_IO ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
}

static void put_addresses(struct mock_fn *fn)
{
	u16 cmd = 0;
	int i;

	for (i = 0; i < MOCK_RES; i++)
		cmd |= put_bar(fn, i);
	if (mock_is_bridge(fn)) {
		for (i = 0; i < PMB_SPACES; i++)
			put_window(fn, i, &fn->desc.win[i]);
		cmd |= PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	}
	mock_cfg_put(fn, PCI_COMMAND, 2, fn->desc.flags & MOCK_OFF ? 0 : cmd);
}

/**
 * mock_is_below - is a function behind another?
 * @host: the host
 * @fn: index of the function
 * @top: index of the other
 *
 * Return: true if it is, or is the same.
 */
bool mock_is_below(const struct mock_host *host, u32 fn, u32 top)
{
	while (fn != PMB_NONE && fn != top)
		fn = host->fn[fn].desc.up;
	return fn == top;
}

/**
 * mock_alive - is a function there, and all above?
 * @host: the host
 * @fn: index of the function
 *
 * Return: true if none of them has gone away.
 */
bool mock_alive(const struct mock_host *host, u32 fn)
{
	for (; fn != PMB_NONE; fn = host->fn[fn].desc.up)
		if (!host->fn[fn].present)
			return false;
	return true;
}

/* Depth first, as firmware does it; returns the next free number. */
static u32 number_buses(struct mock_host *host, u32 up, u32 next)
{
	u32 i;

	for (i = 0; i < host->nr_fns; i++) {
		struct mock_fn *fn = &host->fn[i];

		if (fn->desc.up != up || !mock_is_bridge(fn) || !fn->present)
			continue;
		mock_cfg_put(fn, PCI_PRIMARY_BUS, 1, mock_bus_of(host, i));
		mock_cfg_put(fn, PCI_SECONDARY_BUS, 1, next);
		next = number_buses(host, i, next + 1) + fn->desc.spare;
		mock_cfg_put(fn, PCI_SUBORDINATE_BUS, 1, next - 1);
	}
	return next;
}

static int request_root(struct mock_host *host, u32 i)
{
	const struct pmb_root *root = &host->roots[i];
	struct resource *res = &host->res[i];

	*res = (struct resource){
		.name = "mock PCI host bridge",
		.start = root->range.start,
		.end = pmb_last(&root->range),
		.flags = root->space == PMB_IO ? IORESOURCE_IO : IORESOURCE_MEM,
	};
	if (root->space == PMB_PREF)
		res->flags |= IORESOURCE_PREFETCH;
	if (root->space != PMB_IO && res->end - root->offset > U32_MAX)
		res->flags |= IORESOURCE_MEM_64;
	return request_resource(root->space == PMB_IO ? &ioport_resource :
				mock_mmio_parent(res), res);
}

static void note_release(struct pci_host_bridge *bridge)
{
	struct mock_host *host = bridge->release_data;

	host->released = true;
}

static int add_bridge(struct mock_host *host)
{
	struct pci_host_bridge *bridge;
	struct pci_bus *bus;
	u32 i;
	int err;

	bridge = pci_alloc_host_bridge(sizeof(host));
	if (!bridge)
		return -ENOMEM;
	*(struct mock_host **)pci_host_bridge_priv(bridge) = host;
	for (i = 0; i < host->nr_roots; i++)
		pci_add_resource_offset(&bridge->windows, &host->res[i], host->roots[i].offset);
	bridge->ops = &mock_pci_ops;
	bridge->busnr = host->busnr;
	pci_set_host_bridge_release(bridge, note_release, host);
#ifdef CONFIG_X86
	host->sysdata.domain = MOCK_DOMAIN;
	host->sysdata.node = NUMA_NO_NODE;
	bridge->sysdata = &host->sysdata;
#endif

	pci_lock_rescan_remove();
	err = pci_scan_root_bus_bridge(bridge);
	bus = bridge->bus;
	if (err || !bus) {
		pci_unlock_rescan_remove();
		pci_free_host_bridge(bridge);
		return err ?: -ENODEV;
	}
	host->bridge = bridge;
	pci_bus_claim_resources(bus);
	pci_bus_add_devices(bus);
	pci_unlock_rescan_remove();
	return 0;
}

static void remove_bridge(struct mock_host *host)
{
	pci_lock_rescan_remove();
	pci_stop_root_bus(host->bridge->bus);
	pci_remove_root_bus(host->bridge->bus);
	pci_unlock_rescan_remove();
	pci_free_host_bridge(host->bridge);
	KUNIT_EXPECT_TRUE_MSG(host->test, host->released,
			      "a reference to the bus is left");
}

/* As long as the PCI core refers to it, the host must not go. */
static void destroy(void *data)
{
	struct mock_host *host = data;
	u32 i;

	/* The next host has the same number. */
	pmb_again_cancel();
	if (host->bridge)
		remove_bridge(host);
	mock_mmio_detach(host);
	if (host->bus_size)
		pci_hotplug_bus_size = host->bus_size;
	for (i = 0; host->res && i < host->nr_roots; i++)
		if (host->res[i].parent)
			release_resource(&host->res[i]);
	if (host->bridge && !host->released)
		return;
	kvfree(host->writes);
	kvfree(host->fn);
	kfree(host->res);
	kfree(host->roots);
	kfree(host);
}

static void init_fns(struct mock_host *host, const struct mock_desc *desc)
{
	u32 i;

	for (i = 0; i < host->nr_fns; i++) {
		host->fn[i].desc = desc[i];
		host->strict |= desc[i].device == MOCK_ID_STRICT;
		host->fn[i].magic = 0x4d420000 + 16 * i;
		host->fn[i].present = !(desc[i].flags & MOCK_EMPTY);
		if (desc[i].up != PMB_NONE) {
			KUNIT_ASSERT_LT(host->test, desc[i].up, i);
			host->fn[i].present &= host->fn[desc[i].up].present;
		}
	}
	for (i = 0; i < host->nr_fns; i++) {
		mock_cfg_init(host, i);
		if (host->fn[i].present)
			put_addresses(&host->fn[i]);
	}
	host->bus_size = pci_hotplug_bus_size;
	for (i = 0; i < host->nr_fns; i++)
		pci_hotplug_bus_size = max(pci_hotplug_bus_size, desc[i].spare + 1UL);
	KUNIT_ASSERT_LE(host->test, number_buses(host, PMB_NONE, host->busnr + 1), 0x100);
}

/**
 * mock_host_create - a host bridge with all below it, scanned and claimed
 * @test: the test; it is skipped when the root windows are in use on this
 *	machine, and the host is destroyed when it ends
 * @desc: functions, bridges first
 * @nr: entries in @desc
 * @roots: windows of the host bridge, CPU addresses
 * @nr_roots: entries in @roots
 *
 * Context: may sleep; takes pci_lock_rescan_remove().
 *
 * Return: the host, never NULL: the test fails instead.
 */
struct mock_host *mock_host_create(struct kunit *test, const struct mock_desc *desc, u32 nr,
				   const struct pmb_root *roots, u32 nr_roots)
{
	struct mock_host *host = kzalloc(sizeof(*host), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, host);
	host->test = test;
	host->busnr = MOCK_BUS;
	host->nr_roots = nr_roots;
	host->nr_fns = nr;
	raw_spin_lock_init(&host->lock);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy, host));

	host->roots = kmemdup_array(roots, nr_roots, sizeof(*roots), GFP_KERNEL);
	host->res = kcalloc(nr_roots, sizeof(*host->res), GFP_KERNEL);
	host->fn = kvcalloc(nr, sizeof(*host->fn), GFP_KERNEL);
	host->writes = kvcalloc(MOCK_WRITES, sizeof(*host->writes), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, host->roots && host->res && host->fn && host->writes);

	init_fns(host, desc);
	mock_mmio_attach(host);
	for (i = 0; i < nr_roots; i++)
		if (request_root(host, i))
			kunit_skip(test, "root window %#llx is in use here",
				   roots[i].range.start);
	KUNIT_ASSERT_EQ(test, 0, add_bridge(host));
	return host;
}

static enum mock_kind bridge_kind(const struct pmb_layout *layout, u32 bridge,
				  const struct mock_desc *desc)
{
	const struct pmb_bridge *b = &layout->bridges[bridge];

	if (!(b->flags & PMB_BRIDGE_PCIE))
		return MOCK_PCI_BRIDGE;
	if (b->parent == PMB_NONE)
		return MOCK_ROOT_PORT;
	if (desc[layout->bridges[b->parent].dev].kind == MOCK_UPSTREAM)
		return MOCK_DOWNSTREAM;
	return MOCK_UPSTREAM;
}

static void desc_windows(struct mock_desc *desc, const struct pmb_layout *layout, u32 bridge)
{
	const struct pmb_bridge *b = &layout->bridges[bridge];
	u32 space;

	desc->kind = bridge_kind(layout, bridge, desc - b->dev);
	desc->device = MOCK_ID_NONE;
	desc->flags |= b->flags & PMB_BRIDGE_HOTPLUG ? MOCK_SLOT : 0;
	desc->flags |= b->flags & PMB_BRIDGE_TRANSPARENT ? MOCK_TRANSPARENT : 0;
	desc->flags |= b->win[PMB_IO].align ? 0 : MOCK_NO_IO;
	desc->flags |= b->win[PMB_PREF].align ? 0 : MOCK_NO_PREF;
	desc->flags |= b->win[PMB_PREF].max > U32_MAX ? 0 : MOCK_PREF_32;
	for (space = 0; space < PMB_SPACES; space++) {
		u64 offset = 0;

		desc->win[space] = b->win[space].cur;
		if (desc->win[space].size)
			pmb_bus_offset(layout, b->host, space == PMB_IO, &desc->win[space],
				       &offset);
		desc->win[space].start -= offset;
	}
}

static void desc_bar(struct mock_desc *desc, const struct pmb_layout *layout,
		     const struct pmb_bar *bar)
{
	struct pmb_range range = { bar->start, bar->size };
	u64 size = bar->flags & PMB_BAR_VF ? bar->align : bar->size;
	u64 offset = 0;

	if (bar->res >= MOCK_RES || !is_power_of_2(size))
		return;
	desc->bar[bar->res] = (struct mock_bar){
		.size = size,
		.flags = bar->flags & (PMB_BAR_IO | PMB_BAR_PREF | PMB_BAR_64),
		.sizes = bar->sizes,
	};
	if (bar->flags & PMB_BAR_VF)
		desc->vfs = div64_u64(bar->size, bar->align);
	if (!(bar->flags & PMB_BAR_PLACED))
		return;
	pmb_bus_offset(layout, layout->devs[bar->dev].host, bar->flags & PMB_BAR_IO, &range,
		       &offset);
	desc->bar[bar->res].addr = bar->start - offset;
}

static void desc_dev(struct mock_desc *desc, const struct pmb_layout *layout, u32 dev)
{
	static const u16 id[] = {
		[PMB_WAY_FREE] = MOCK_ID_NONE,
		[PMB_WAY_LIVE] = MOCK_ID_LIVE,
		[PMB_WAY_PAUSE] = MOCK_ID_PAUSE,
		[PMB_WAY_NEVER] = MOCK_ID_FIXED,
	};
	const struct pmb_dev *d = &layout->devs[dev];
	const struct pmb_bridge *up = d->bridge == PMB_NONE ? NULL : &layout->bridges[d->bridge];
	unsigned int slot = 0, func = 0;

	/* domain:bus:device.function */
	if (strlen(d->name) > 4)
		sscanf(d->name + strlen(d->name) - 4, "%x.%u", &slot, &func);
	*desc = (struct mock_desc){
		.name = d->name,
		.up = up ? up->dev : PMB_NONE,
		.devfn = PCI_DEVFN(slot & 0x1f, func & 7),
		.kind = !up || (up->flags & PMB_BRIDGE_PCIE) ? MOCK_ENDPOINT : MOCK_PCI,
		.device = id[d->way],
	};
}

static bool has_function(const struct pmb_layout *layout, u32 dev)
{
	return !strchr(layout->devs[dev].name, '@');
}

/**
 * mock_host_from_layout - as mock_host_create(), from a layout
 * @test: the test
 * @layout: one host bridge; what it has as wanted BARs has no address yet
 *
 * Functions keep their indices.  Bus numbers do not stay.  A function that
 * has a driver in the layout gets a device ID by the way in which it moves.
 * Reservations of firmware are left out; virtual functions are not enabled.
 *
 * Return: the host, never NULL: the test fails instead.
 */
struct mock_host *mock_host_from_layout(struct kunit *test, const struct pmb_layout *layout)
{
	struct mock_desc *desc;
	u32 i;

	desc = kunit_kcalloc(test, layout->nr_devs, sizeof(*desc), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, desc);
	KUNIT_ASSERT_EQ(test, layout->nr_hosts, 1);

	for (i = 0; i < layout->nr_devs; i++) {
		desc_dev(&desc[i], layout, i);
		if (!has_function(layout, i))
			desc[i].flags |= MOCK_EMPTY;
	}
	for (i = 0; i < layout->nr_bridges; i++)
		if (layout->bridges[i].dev != PMB_NONE)
			desc_windows(&desc[layout->bridges[i].dev], layout, i);
	for (i = 0; i < layout->nr_bars; i++)
		desc_bar(&desc[layout->bars[i].dev], layout, &layout->bars[i]);
	return mock_host_create(test, desc, layout->nr_devs, layout->roots, layout->nr_roots);
}

/**
 * mock_host_destroy - take the host down before the test ends
 * @host: the host
 *
 * Context: may sleep; takes pci_lock_rescan_remove().
 */
void mock_host_destroy(struct mock_host *host)
{
	kunit_release_action(host->test, destroy, host);
}

/**
 * mock_plug - put a function with all below it into its slot
 * @host: the host
 * @fn: index of the function
 *
 * It is in the state after power-on.  Nobody is told: see mock_rescan().
 */
void mock_plug(struct mock_host *host, u32 fn)
{
	unsigned long flags;
	u32 i;

	raw_spin_lock_irqsave(&host->lock, flags);
	for (i = fn; i < host->nr_fns; i++) {
		if (!mock_is_below(host, i, fn))
			continue;
		mock_cfg_init(host, i);
		host->fn[i].present = true;
	}
	raw_spin_unlock_irqrestore(&host->lock, flags);
}

/**
 * mock_unplug - a function with all below it is gone
 * @host: the host
 * @fn: index of the function
 *
 * Context: may sleep; takes pci_lock_rescan_remove().
 */
void mock_unplug(struct mock_host *host, u32 fn)
{
	struct pci_dev *dev = mock_dev(host, fn);
	unsigned long flags;

	raw_spin_lock_irqsave(&host->lock, flags);
	mock_vanish(host, fn);
	raw_spin_unlock_irqrestore(&host->lock, flags);

	pci_lock_rescan_remove();
	if (dev)
		pci_stop_and_remove_bus_device(dev);
	pci_unlock_rescan_remove();
}

/**
 * mock_rescan - as writing to the rescan file in sysfs
 * @host: the host
 *
 * Context: may sleep; takes pci_lock_rescan_remove().
 */
void mock_rescan(struct mock_host *host)
{
	pci_lock_rescan_remove();
	pci_rescan_bus(host->bridge->bus);
	pci_unlock_rescan_remove();
}

/**
 * mock_dev - the PCI core's view of a function
 * @host: the host
 * @fn: index of the function
 *
 * Return: the device, without a reference: the test decides how long it stays;
 * NULL if the PCI core has none.
 */
struct pci_dev *mock_dev(struct mock_host *host, u32 fn)
{
	u8 bus = mock_bus_of(host, fn);
	struct pci_dev *dev = NULL;

	if (bus)
		dev = pci_get_domain_bus_and_slot(pci_domain_nr(host->bridge->bus), bus,
						  host->fn[fn].desc.devfn);
	pci_dev_put(dev);
	return dev;
}

/**
 * mock_bar_res - the resource of a BAR
 * @host: the host
 * @fn: index of the function; the PCI core knows it
 * @bar: number of the BAR
 *
 * Return: the resource.
 */
struct resource *mock_bar_res(struct mock_host *host, u32 fn, int bar)
{
	struct pci_dev *dev = mock_dev(host, fn);

	KUNIT_ASSERT_NOT_NULL_MSG(host->test, dev, "function %u is unknown", fn);
	return &dev->resource[bar];
}
