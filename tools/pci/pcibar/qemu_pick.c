// SPDX-License-Identifier: GPL-2.0
/*
 * Which devices of QEMU stand for those of a layout.
 *
 * Bridges: root ports, switches and conventional bridges are there as such.
 * Functions: QEMU has few devices whose BARs can have any size, so that one
 * function may need several, which then sit in the same slot:
 *
 *	BAR of the layout		stands for it
 *	64-bit prefetchable		pci-testdev, membar=SIZE
 *	32-bit prefetchable, to 256M	bochs-display, vgamem=SIZE
 *	others, to 16K, driver		nvme (may move), qemu-xhci (may not)
 *	others, to 128K, fixed		e1000: its driver has no hooks
 *	others, to 8M			edu, 1M each, as many as needed
 *	others				none, bochs-display comes nearest
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "qemu_pick.h"
#include "view.h"

#define K	1024ULL
#define M	(1024 * K)
#define SLOTS	32
#define FNS	8

/* Slots of a bus, by index of the bridge above + 1. */
struct slots {
	unsigned char used[SLOTS];	/* functions, as a mask */
};

struct picker {
	struct qemu_case *c;
	const struct pmb_layout *layout;
	struct slots *slots;
	u32 room;
	u32 no_bars;			/* functions without BARs, left out */
	u32 roms, vfs, ports;		/* BARs left out */
};

void qemu_note(struct qemu_case *c, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	c->note = realloc(c->note, (c->nr_notes + 1) * sizeof(*c->note));
	if (len < 0 || !c->note)
		exit(pcibar_fail("no memory"));
	c->note[c->nr_notes++] = text;
}

/* "0000:02:01.0": device 1, function 0 */
static bool parse_name(const char *name, unsigned int *slot, unsigned int *fn)
{
	const char *colon = strrchr(name, ':');
	unsigned int s, f;
	char end;

	if (!colon || sscanf(colon + 1, "%x.%u%c", &s, &f, &end) != 2 || s >= SLOTS || f >= FNS)
		return false;
	*slot = s;
	*fn = f;
	return true;
}

/* "b02-01.0": QEMU wants a letter first, and no colons. */
static char *make_id(char first, const char *name, unsigned int nr)
{
	char *id, *p;

	if (!strncmp(name, "0000:", 5))
		name += 5;
	id = nr ? pcibar_print("%c%s-%u", first, name, nr) : pcibar_print("%c%s", first, name);
	for (p = id; *p; p++)
		if (*p == ':')
			*p = '-';
	return id;
}

static bool is_conventional(const struct picker *p, u32 bridge)
{
	return bridge != PMB_NONE && !(p->layout->bridges[bridge].flags & PMB_BRIDGE_PCIE);
}

static const struct qemu_fn *fn_of_bridge(const struct picker *p, u32 bridge)
{
	u32 i;

	for (i = 0; i < p->c->nr; i++)
		if (p->c->fn[i].bridge == bridge)
			return &p->c->fn[i];
	return NULL;
}

/* Only one device fits into a PCIe port. */
static bool is_port(const struct picker *p, u32 bridge)
{
	const struct qemu_fn *fn = bridge == PMB_NONE ? NULL : fn_of_bridge(p, bridge);

	return fn && (!strcmp(fn->driver, "pcie-root-port") ||
		      !strcmp(fn->driver, "xio3130-downstream"));
}

static bool slot_taken(const struct picker *p, u32 bus, unsigned int slot)
{
	/* What q35 has by itself; conventional bridges have their controller in 0. */
	if (bus == PMB_NONE)
		return slot == 0 || slot == 0x1f;
	return is_conventional(p, bus) && slot == 0;
}

/*
 * Where a function goes: where it was, another function of its slot, or, when
 * QEMU cannot have that slot, another slot. False: the bus is full.
 */
static bool find_place(struct picker *p, struct qemu_fn *fn, unsigned int slot, unsigned int nr)
{
	struct slots *slots = &p->slots[fn->bus + 1];
	unsigned int i, s;

	if (is_port(p, fn->bus))
		slot = 0;
	for (s = 0; s < SLOTS; s++, slot = (slot + 1) % SLOTS) {
		if (slot_taken(p, fn->bus, slot))
			continue;
		for (i = 0; i < FNS; i++, nr = (nr + 1) % FNS) {
			if (slots->used[slot] & 1U << nr)
				continue;
			slots->used[slot] |= 1U << nr;
			fn->slot = slot;
			fn->fn = nr;
			return true;
		}
		if (is_port(p, fn->bus))
			break;
	}
	return false;
}

static struct qemu_fn *add(struct picker *p, u32 dev, u32 bus, const char *driver, char *id,
			   char *more)
{
	unsigned int slot = 0, nr = 0;
	struct qemu_fn *fn;

	if (p->c->nr == p->room) {
		p->room = p->room ? 2 * p->room : 64;
		p->c->fn = realloc(p->c->fn, p->room * sizeof(*p->c->fn));
		if (!p->c->fn)
			exit(pcibar_fail("no memory"));
	}
	fn = &p->c->fn[p->c->nr];
	*fn = (struct qemu_fn){ .id = id, .driver = driver, .more = more, .bus = bus,
				.bridge = PMB_NONE, .dev = dev };
	parse_name(p->layout->devs[dev].name, &slot, &nr);
	if (!find_place(p, fn, slot, nr)) {
		qemu_note(p->c, "%s: no room for %s on its bus", p->layout->devs[dev].name, driver);
		free(id);
		free(more);
		return NULL;
	}
	p->c->nr++;
	return fn;
}

/* Bridges */

static const char *bridge_driver(const struct picker *p, u32 nr)
{
	const struct pmb_bridge *bridge = &p->layout->bridges[nr];
	const struct qemu_fn *up;

	if (!(bridge->flags & PMB_BRIDGE_PCIE))
		return is_conventional(p, bridge->parent) ? "pci-bridge" : "pcie-pci-bridge";
	if (bridge->parent == PMB_NONE)
		return "pcie-root-port";
	up = fn_of_bridge(p, bridge->parent);
	if (up && !strcmp(up->driver, "x3130-upstream"))
		return "xio3130-downstream";
	return "x3130-upstream";
}

/* SeaBIOS and OVMF give a root port what it asks for. */
static char *reservations(const struct pmb_bridge *bridge)
{
	static const char * const key[PMB_SPACES] = {
		[PMB_IO] = "io-reserve",
		[PMB_MEM] = "mem-reserve",
		[PMB_PREF] = "pref64-reserve",
	};
	char *text = pcibar_print("%s", ""), *more, size[24];
	u32 k;

	for (k = 0; k < PMB_SPACES; k++) {
		const struct pmb_range *cur = &bridge->win[k].cur;
		bool low = k == PMB_PREF && pmb_last(cur) <= U32_MAX;

		if (!cur->size)
			continue;
		more = pcibar_print("%s,%s=%s", text, low ? "pref32-reserve" : key[k],
				    pcibar_size(size, cur->size));
		free(text);
		text = more;
	}
	return text;
}

static void pick_bridge(struct picker *p, u32 nr)
{
	const struct pmb_bridge *bridge = &p->layout->bridges[nr];
	const char *driver = bridge_driver(p, nr);
	char *id = make_id('b', bridge->name, 0), *more, *sizes;
	struct qemu_fn *fn;

	if (bridge->parent != PMB_NONE && !p->c->bus[bridge->parent]) {
		free(id);
		return;
	}
	if (!strcmp(driver, "pcie-root-port")) {
		sizes = reservations(bridge);
		more = pcibar_print(",chassis=%u,slot=%u%s", nr % 255 + 1, nr + 1, sizes);
		free(sizes);
	} else if (!strcmp(driver, "xio3130-downstream")) {
		more = pcibar_print(",chassis=%u,slot=%u", nr % 255 + 1, nr + 1);
	} else if (!strcmp(driver, "pci-bridge")) {
		more = pcibar_print(",chassis_nr=%u", nr % 255 + 1);
	} else {
		more = pcibar_print("%s", "");
	}
	fn = add(p, bridge->dev, bridge->parent, driver, id, more);
	if (!fn)
		return;
	fn->bridge = nr;
	p->c->bus[nr] = fn->id;
	if (bridge->flags & PMB_BRIDGE_TRANSPARENT)
		qemu_note(p->c, "%s: transparent here, not under QEMU", bridge->name);
}

/* Functions */

static bool counts(const struct picker *p, const struct pmb_bar *bar)
{
	(void)p;
	return !(bar->flags & (PMB_BAR_IO | PMB_BAR_ROM | PMB_BAR_VF)) && bar->res <= 6;
}

static u32 count_bars(const struct picker *p, u32 dev, const struct pmb_bar **one)
{
	u32 i, nr = 0;

	for (i = 0; i < p->layout->nr_bars; i++) {
		if (p->layout->bars[i].dev != dev || !counts(p, &p->layout->bars[i]))
			continue;
		*one = &p->layout->bars[i];
		nr++;
	}
	return nr;
}

static bool dev_wants(const struct picker *p, u32 dev)
{
	u32 i;

	for (i = 0; i < p->layout->nr_bars; i++)
		if (p->layout->bars[i].dev == dev && (p->layout->bars[i].flags & PMB_BAR_WANTED))
			return true;
	return false;
}

static void add_fn(struct picker *p, u32 dev, u32 bus, const char *driver, char *more)
{
	unsigned int nr = 0, i;
	struct qemu_fn *fn;

	for (i = 0; i < p->c->nr; i++)
		nr += p->c->fn[i].dev == dev && p->c->fn[i].bridge == PMB_NONE;
	fn = add(p, dev, bus, driver, make_id('d', p->layout->devs[dev].name, nr), more);
	if (!fn)
		return;
	fn->drive = !strcmp(driver, "nvme");
	fn->plug = dev_wants(p, dev) && bus != PMB_NONE;
}

static bool is_bridge(const struct pmb_layout *l, u32 dev)
{
	u32 i;

	for (i = 0; i < l->nr_bridges; i++)
		if (l->bridges[i].dev == dev)
			return true;
	return false;
}

static void add_edus(struct picker *p, u32 dev, u32 bus, u64 size)
{
	u64 left = (size + M - 1) / M;

	for (; left; left--)
		add_fn(p, dev, bus, "edu", pcibar_print("%s", ""));
}

static void pick_bar(struct picker *p, u32 dev, u32 bus, const struct pmb_bar *bar)
{
	const char *name = p->layout->devs[dev].name;
	bool fixed = view_fixed(p->layout, bar), has_driver = *p->layout->devs[dev].driver;
	char size[24];

	if ((bar->flags & PMB_BAR_PREF) && (bar->flags & PMB_BAR_64)) {
		u64 least = bar->size < 4 * K ? 4 * K : bar->size;

		add_fn(p, dev, bus, "pci-testdev", pcibar_print(",membar=%s",
								pcibar_size(size, least)));
		if (fixed)
			qemu_note(p->c, "%s BAR %u is fixed here, nobody uses it under QEMU: %s",
				  name, bar->res, "map its file resource2 in sysfs once");
	} else if (!(bar->flags & PMB_BAR_PREF) && bar->size <= 16 * K && has_driver) {
		add_fn(p, dev, bus, fixed ? "qemu-xhci" : "nvme",
		       fixed ? pcibar_print("%s", "") : pcibar_print(",serial=%s", name));
	} else if (!(bar->flags & PMB_BAR_PREF) && bar->size <= 128 * K && has_driver && fixed) {
		add_fn(p, dev, bus, "e1000", pcibar_print(",romfile="));
	} else if (!(bar->flags & PMB_BAR_PREF) && bar->size <= 8 * M) {
		add_edus(p, dev, bus, bar->size);
		if (bar->size < M)
			qemu_note(p->c, "%s BAR %u: %s here, 1M there", name, bar->res,
				  pcibar_size(size, bar->size));
		if (has_driver && !is_bridge(p->layout, dev))
			qemu_note(p->c, "%s BAR %u: driver %s is not there, nobody uses it",
				  name, bar->res, p->layout->devs[dev].driver);
	} else if (bar->size >= M && bar->size <= 256 * M) {
		add_fn(p, dev, bus, "bochs-display", pcibar_print(",vgamem=%s",
								  pcibar_size(size, bar->size)));
		if (!(bar->flags & PMB_BAR_PREF))
			qemu_note(p->c, "%s BAR %u: %s is prefetchable under QEMU", name, bar->res,
				  pcibar_size(size, bar->size));
	} else if (bar->size < M) {
		add_fn(p, dev, bus, "bochs-display", pcibar_print(",vgamem=1M"));
		qemu_note(p->c, "%s BAR %u: %s here, 1M there", name, bar->res,
			  pcibar_size(size, bar->size));
	} else {
		qemu_note(p->c, "%s BAR %u: QEMU has nothing like %s of %s, left out", name,
			  bar->res, pcibar_kind(bar), pcibar_size(size, bar->size));
	}
}

/* Devices that QEMU has as they are. */
static const char *known(const struct picker *p, u32 dev)
{
	const struct pmb_bar *bar = NULL;
	u32 nr = count_bars(p, dev, &bar);
	const char *driver = p->layout->devs[dev].driver;

	if (!strcmp(driver, "nvme") && nr == 1 && bar->size == 16 * K && bar->res == 0)
		return "nvme";
	if (!strcmp(driver, "xhci_hcd") && nr == 1 && bar->size == 16 * K)
		return "qemu-xhci";
	if (!strcmp(driver, "e1000e") && nr == 3)
		return "e1000e";
	if (!strcmp(driver, "virtio-pci") && nr == 2)
		return "virtio-rng-pci";
	return NULL;
}

static void pick_dev(struct picker *p, u32 dev)
{
	const struct pmb_layout *l = p->layout;
	const struct pmb_dev *d = &l->devs[dev];
	unsigned int slot, fn;
	const char *driver;
	bool any = false;
	u32 i;

	if (!parse_name(d->name, &slot, &fn)) {
		qemu_note(p->c, "%s: no function, left out", d->name);
		return;
	}
	if (d->bridge != PMB_NONE && !p->c->bus[d->bridge]) {
		qemu_note(p->c, "%s: its bus is not there", d->name);
		return;
	}
	/* Chipset functions: q35 has its own. */
	if (d->bridge == PMB_NONE && (slot == 0 || slot == 0x1f))
		return;
	driver = known(p, dev);
	if (driver) {
		add_fn(p, dev, d->bridge, driver, !strcmp(driver, "nvme") ?
		       pcibar_print(",serial=%s", d->name) :
		       pcibar_print("%s", !strcmp(driver, "e1000e") ? ",romfile=" : ""));
		return;
	}
	for (i = 0; i < l->nr_bars; i++) {
		const struct pmb_bar *bar = &l->bars[i];

		if (bar->dev != dev)
			continue;
		any = true;
		if (counts(p, bar))
			pick_bar(p, dev, d->bridge, bar);
		else if (bar->flags & PMB_BAR_ROM)
			p->roms++;
		else if (bar->flags & PMB_BAR_IO)
			p->ports++;
		else
			p->vfs++;
	}
	p->no_bars += !any && !fn_of_bridge(p, d->bridge);
}

/* A BAR of a bridge pins windows as any other: something beside the bridge has it. */
static void pick_bridge_bars(struct picker *p, u32 nr)
{
	const struct pmb_bridge *bridge = &p->layout->bridges[nr];
	u32 i;

	if (!p->c->bus[nr])
		return;
	for (i = 0; i < p->layout->nr_bars; i++) {
		const struct pmb_bar *bar = &p->layout->bars[i];
		char size[24];

		if (bar->dev != bridge->dev || !counts(p, bar))
			continue;
		/* QEMU's ports have a BAR of their own for MSI-X. */
		if (bar->size <= 4 * K && !strcmp(bridge_driver(p, nr), "pcie-root-port"))
			continue;
		qemu_note(p->c, "%s BAR %u (%s) is the bridge's own: a function beside it here",
			  bridge->name, bar->res, pcibar_size(size, bar->size));
		pick_bar(p, bridge->dev, bridge->parent, bar);
	}
}

/* Function 0 must be there, and say that there are others. */
static void finish_slots(struct picker *p)
{
	u32 i;

	for (i = 0; i < p->c->nr; i++) {
		struct qemu_fn *fn = &p->c->fn[i];
		unsigned char *used = &p->slots[fn->bus + 1].used[fn->slot];

		if (!(*used & 1)) {
			*used &= ~(1U << fn->fn);
			*used |= 1;
			fn->fn = 0;
		}
	}
	for (i = 0; i < p->c->nr; i++) {
		struct qemu_fn *fn = &p->c->fn[i];

		fn->multi = p->slots[fn->bus + 1].used[fn->slot] & ~(1U << fn->fn);
	}
}

static void left_out(struct qemu_case *c, u32 nr, const char *what)
{
	if (nr)
		qemu_note(c, "left out: %u %s", nr, what);
}

static void general_notes(struct picker *p)
{
	struct qemu_case *c = p->c;
	const struct pmb_layout *l = p->layout;
	u32 i;

	qemu_note(c, "the firmware of QEMU hands out addresses; root ports ask for their sizes");
	qemu_note(c, "windows of ports of a switch are of 2M, whatever they were");
	left_out(c, p->ports, "I/O BARs (stand-ins may have some)");
	left_out(c, p->roms, "ROMs");
	left_out(c, p->vfs, "BARs of virtual functions");
	left_out(c, p->no_bars, "functions without BARs");
	if (l->nr_holes)
		qemu_note(c, "reserved ranges of the machine are not there");
	for (i = 0; i < l->nr_bars; i++)
		if (l->bars[i].sizes) {
			qemu_note(c, "Resizable BARs have one size under QEMU");
			break;
		}
	for (i = 0; i < c->nr; i++)
		if (c->fn[i].plug && !(l->bridges[c->fn[i].bus].flags & PMB_BRIDGE_HOTPLUG))
			qemu_note(c, "%s: its port %s has no slot here, but one under QEMU",
				  l->devs[c->fn[i].dev].name, l->bridges[c->fn[i].bus].name);
}

void qemu_pick(struct qemu_case *c, const struct pmb_layout *layout)
{
	struct picker p = { .c = c, .layout = layout };
	u32 i;

	*c = (struct qemu_case){ .layout = layout };
	c->bus = pcibar_alloc(layout->nr_bridges, sizeof(*c->bus));
	p.slots = pcibar_alloc(layout->nr_bridges + 1, sizeof(*p.slots));
	for (i = 0; i < layout->nr_bridges; i++)
		pick_bridge(&p, i);
	for (i = 0; i < layout->nr_devs; i++)
		if (!is_bridge(layout, i))
			pick_dev(&p, i);
	for (i = 0; i < layout->nr_bridges; i++)
		pick_bridge_bars(&p, i);
	finish_slots(&p);
	general_notes(&p);
	free(p.slots);
}

void qemu_free(struct qemu_case *c)
{
	u32 i;

	for (i = 0; i < c->nr; i++) {
		free(c->fn[i].id);
		free(c->fn[i].more);
	}
	for (i = 0; i < c->nr_notes; i++)
		free(c->note[i]);
	free(c->fn);
	free(c->note);
	free(c->bus);
}
