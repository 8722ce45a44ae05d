// SPDX-License-Identifier: GPL-2.0
/*
 * Config space, read and never written: kinds of windows, slots, Resizable
 * BARs, Enhanced Allocation, SR-IOV.
 */
#include "sysfs.h"

#define CFG_COMMAND		0x04
#define CFG_HEADER		0x0e
#define CFG_BAR0		0x10
#define CFG_IO_BASE		0x1c
#define CFG_MEM_BASE		0x20
#define CFG_PREF_BASE		0x24
#define CFG_PREF_HIGH		0x28
#define CFG_CAPS		0x34
#define CFG_EXT_CAPS		0x100

#define CAP_PCIE		0x10
#define CAP_EA			0x14
#define CAP_SHPC		0x0c
#define EXT_SRIOV		0x0010
#define EXT_REBAR		0x0015

#define PCIE_SLOT		0x0100	/* in the flags: it has a slot */
#define PCIE_HOTPLUG		0x0040	/* in the slot capabilities */

static u32 get16(const struct config_space *c, u32 at)
{
	return at + 2 <= CONFIG_BYTES ? c->byte[at] | c->byte[at + 1] << 8 : 0;
}

static u32 get32(const struct config_space *c, u32 at)
{
	return get16(c, at) | get16(c, at + 2) << 16;
}

static void pcie_facts(struct function *f, const struct config_space *c, u32 at)
{
	f->pcie = TOLD_YES;
	if ((get16(c, at + 2) & PCIE_SLOT) && (get32(c, at + 0x14) & PCIE_HOTPLUG) && f->bridge)
		f->hotplug = true;
}

/* An entry of the EA capability has a BAR: one below 6, 8 for the ROM, 9 on for VFs. */
static void ea_facts(struct function *f, const struct config_space *c, u32 at)
{
	u32 nr = c->byte[at + 2] & 0x3f, head, which;

	at += f->bridge ? 8 : 4;
	while (nr-- && at + 4 <= c->len && at < 0x100) {
		head = get32(c, at);
		which = head >> 4 & 0xf;
		if (!(head & BIT_ULL(31)))
			;
		else if (which < 6)
			f->bar[which].hardwired = true;
		else if (which == 8)
			f->bar[BUILDER_ROM].hardwired = true;
		else if (which >= 9 && which < 15)
			f->bar[BUILDER_VF + which - 9].hardwired = true;
		at += 4 * ((head & 7) + 1);
	}
}

static void rebar_facts(struct function *f, const struct config_space *c, u32 at)
{
	u32 i, nr = get32(c, at + 8) >> 5 & 7, which;
	u64 cap, control;

	for (i = 0; i < nr && i < 6; i++, at += 8) {
		cap = get32(c, at + 4);
		control = get32(c, at + 8);
		which = control & 7;
		/* 1 MiB is bit 4 here and goes on in the control register. */
		if (which < 6)
			f->bar[which].sizes = cap >> 4 | (control >> 16) << 28;
	}
}

static void sriov_facts(struct function *f, const struct config_space *c, u32 at)
{
	u32 i, total = get16(c, at + 0x0e);

	if (get16(c, at + 0x10) && (get16(c, at + 0x08) & 1))
		f->vfs_on = true;
	for (i = 0; i < BUILDER_VFS; i++) {
		struct bar_fact *bar = &f->bar[BUILDER_VF + i];

		bar->reg = at + 0x24 + 4 * i;
		if (total && bar->size && bar->size % total == 0)
			bar->align = bar->size / total;
	}
}

static void old_caps(struct function *f, const struct config_space *c)
{
	u32 at = c->byte[CFG_CAPS] & 0xfc, left = 48;

	/* Lists of broken devices may run in circles. */
	while (at >= 0x40 && at + 4 <= c->len && left--) {
		switch (c->byte[at]) {
		case CAP_PCIE:
			pcie_facts(f, c, at);
			break;
		case CAP_EA:
			ea_facts(f, c, at);
			break;
		case CAP_SHPC:
			f->hotplug |= f->bridge;
			break;
		}
		at = c->byte[at + 1] & 0xfc;
	}
}

static void ext_caps(struct function *f, const struct config_space *c)
{
	u32 at = CFG_EXT_CAPS, left = 480;

	while (at >= CFG_EXT_CAPS && at + 4 <= c->len && left--) {
		u32 head = get32(c, at);

		if (!head || head == U32_MAX)
			break;
		if ((head & 0xffff) == EXT_REBAR)
			rebar_facts(f, c, at);
		else if ((head & 0xffff) == EXT_SRIOV)
			sriov_facts(f, c, at);
		at = head >> 20 & 0xffc;
	}
}

/*
 * The kernel closes a window with its base above its limit; registers that
 * still read as zero then are none.
 */
static void window_facts(struct function *f, const struct config_space *c)
{
	struct window_fact *pref = &f->win[PMB_PREF], *io = &f->win[PMB_IO];
	u32 value = get16(c, CFG_IO_BASE);

	if (!value && io->state != WINDOW_OPEN)
		io->state = WINDOW_ABSENT;
	value = get32(c, CFG_PREF_BASE);
	pref->wide = (value & 0xf) == 1 ? TOLD_YES : TOLD_NO;
	if (!value && pref->state != WINDOW_OPEN)
		pref->state = WINDOW_ABSENT;
}

/* A BAR that the kernel has lost says at least of what kind it is. */
static void bar_facts(struct function *f, const struct config_space *c)
{
	u32 nr = f->bridge ? 2 : 6, i, value;

	for (i = 0; i < nr; i++) {
		struct bar_fact *bar = &f->bar[i];

		value = get32(c, CFG_BAR0 + 4 * i);
		if (bar->known) {
			i += !!(bar->kind & PMB_BAR_64);
			continue;
		}
		if (!value || value == U32_MAX)
			continue;
		bar->known = true;
		bar->kind = value & 1 ? PMB_BAR_IO :
			    (value & 4 ? PMB_BAR_64 : 0) | (value & 8 ? PMB_BAR_PREF : 0);
		i += !!(bar->kind & PMB_BAR_64);
	}
}

/* What the bus sees where CPUs see @start. */
static void bus_address(struct function *f, const struct config_space *c, u32 nr)
{
	struct bar_fact *bar = &f->bar[nr];
	u32 at = CFG_BAR0 + 4 * nr;

	if (!bar->placed)
		return;
	if (bar->kind & PMB_BAR_IO) {
		bar->bus = get32(c, at) & ~3U;
		return;
	}
	bar->bus = get32(c, at) & ~0xfU;
	if ((bar->kind & PMB_BAR_64) && nr < 5)
		bar->bus |= (u64)get32(c, at + 4) << 32;
}

static void offset_of_root(struct builder *b, struct host_fact *host, const struct function *f,
			   const struct bar_fact *bar)
{
	struct pmb_range range = { bar->start, bar->size };
	struct root_fact *root;
	u64 bus;
	u32 i;

	for (i = 0; i < host->nr_roots; i++) {
		root = &host->root[i];
		if (space_is_io(root->space) != !!(bar->kind & PMB_BAR_IO) || root->offset ||
		    !pmb_range_holds(&root->range, &range))
			continue;
		/* A register that was lost tells nonsense. */
		bus = root->range.start - (bar->start - bar->bus);
		if (bus + root->range.size - 1 < bus)
			continue;
		root->offset = bar->start - bar->bus;
		note_function(b, NOTE_OFFSET, f);
	}
}

/* A root window does not tell its offset, but each BAR in it does. */
void config_offsets(struct builder *b)
{
	struct function *f;
	u32 i, n, h;

	for (i = 0; i < b->nr_funs; i++) {
		f = b->fun[i];
		for (n = 0; n < BUILDER_ROM; n++) {
			if (!f->bar[n].placed || !f->bar[n].bus || f->bar[n].bus == f->bar[n].start)
				continue;
			for (h = 0; h < b->nr_hosts; h++)
				if (b->host[h]->domain == f->domain)
					offset_of_root(b, b->host[h], f, &f->bar[n]);
		}
	}
}

void config_facts(struct builder *b, struct function *f, const struct config_space *c)
{
	u32 n;

	if (c->len < 64 || get32(c, 0) == U32_MAX)
		return;
	f->cardbus |= (c->byte[CFG_HEADER] & 0x7f) == 2;
	if (c->len == 64)
		note(b, NOTE_CONFIG, NULL);
	if (f->cardbus)
		return;
	bar_facts(f, c);
	for (n = 0; n < (f->bridge ? 2 : BUILDER_ROM); n++)
		bus_address(f, c, n);
	old_caps(f, c);
	ext_caps(f, c);
	if (f->bridge)
		window_facts(f, c);
}
