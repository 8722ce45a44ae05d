// SPDX-License-Identifier: GPL-2.0
/*
 * Which addresses count, which drivers are there, what is wanted and what is
 * fixed.  The kernel decides the same in reasons.c and snapshot.c of
 * drivers/pci/movable; where it can look, reports leave gaps, and what fills
 * them is noted.
 */
#include <string.h>
#include "builder.h"

#define CLASS_UNDEFINED	0x0000
#define CLASS_HOST	0x0600
#define CLASS_PIC	0x0800
#define CLASS_NVME	0x0108

/* Drivers that the series teaches to let BARs move under them. */
static const char * const live[] = { "pcieport", "nvme", "e1000e" };

bool settle_counts(const struct bar_fact *bar)
{
	return bar->known && !bar->hidden && bar->size;
}

static u16 class_of(const struct function *f)
{
	return f->class_told ? f->class >> 8 : 0xffff;
}

/* Does a window of the bridge above let the address through, or a root window? */
static bool reached(const struct function *f, const struct bar_fact *bar)
{
	struct pmb_range range = { bar->start, bar->size };
	bool io = bar->kind & PMB_BAR_IO, told = false;
	const struct function *up = f->up;
	u32 s;

	for (; up; up = up->up) {
		for (s = 0; s < PMB_SPACES; s++) {
			told |= up->win[s].state != WINDOW_UNKNOWN;
			if (space_is_io(s) == io && up->win[s].state == WINDOW_OPEN &&
			    pmb_range_holds(&up->win[s].range, &range))
				return true;
		}
		if (!up->transparent)
			return !told;
	}
	for (s = 0; s < f->host->nr_roots; s++) {
		if (space_is_io(f->host->root[s].space) != io)
			continue;
		told = true;
		if (pmb_range_holds(&f->host->root[s].range, &range))
			return true;
	}
	return !told;
}

/*
 * The kernel prints what the hardware has got; it does not take addresses that
 * cannot be reached, and does not say so in every version.
 */
static void drop_unreached(struct builder *b, struct function *f)
{
	u32 n;

	for (n = 0; n < BUILDER_BARS; n++) {
		struct bar_fact *bar = &f->bar[n];

		if (bar->placed && bar->size && !is_range(bar->start, bar->size))
			bar_drop(bar);
		if (!bar->placed || !bar->scanned || reached(f, bar))
			continue;
		/* On the root bus the firmware may know of more than the windows. */
		if (!f->up && n != BUILDER_ROM)
			continue;
		bar_drop(bar);
		if (n < BUILDER_ROM)
			note_function(b, NOTE_OUTSIDE, f);
	}
}

/* A memory BAR that a driver cannot do without: the first that lacks a place. */
static const struct bar_fact *lacking(const struct function *f)
{
	u32 n;

	for (n = 0; n < BUILDER_ROM; n++)
		if (settle_counts(&f->bar[n]) && !f->bar[n].placed && !f->bar[n].unlisted &&
		    !(f->bar[n].kind & PMB_BAR_IO))
			return &f->bar[n];
	return NULL;
}

static bool has_places(const struct function *f)
{
	u32 n;

	for (n = 0; n < BUILDER_BARS; n++)
		if (settle_counts(&f->bar[n]) && f->bar[n].placed)
			return true;
	return false;
}

static void bridge_driver(struct builder *b, struct function *f)
{
	if (f->pcie == TOLD_NO || f->transparent || f->cardbus) {
		f->bound = TOLD_NO;
		return;
	}
	pmb_name_set(f->driver, "pcieport");
	f->bound = TOLD_YES;
	if (has_places(f))
		note_function(b, NOTE_PORT_DRIVER, f);
}

static void find_driver(struct builder *b, struct function *f)
{
	const struct bar_fact *bar = lacking(f);

	if (f->sure)
		return;
	/* A driver that came before the BAR was lost goes on, one after it gives up. */
	if (bar && !f->bridge &&
	    !(f->bound == TOLD_YES && f->driver_at > f->scan_at && bar->failed &&
	      f->driver_at <= bar->failed_at)) {
		note_function(b, f->bound == TOLD_YES ? NOTE_PROBE : NOTE_UNBOUND, f);
		f->bound = TOLD_NO;
		f->driver[0] = 0;
		return;
	}
	if (f->bound != TOLD_NOTHING)
		return;
	if (f->in_lspci && b->drivers_told) {
		f->bound = TOLD_NO;
	} else if (f->bridge) {
		bridge_driver(b, f);
	} else if (!has_places(f)) {
		f->bound = TOLD_NO;
	} else if (b->assume_unbound) {
		f->bound = TOLD_NO;
		note_function(b, NOTE_UNBOUND, f);
	} else if (class_of(f) == CLASS_NVME) {
		pmb_name_set(f->driver, "nvme");
		f->bound = TOLD_YES;
		note_function(b, NOTE_NVME, f);
	} else if (class_of(f) != CLASS_HOST) {
		note_function(b, NOTE_DRIVER, f);
	}
}

static void check_bars(struct builder *b, struct function *f)
{
	u32 n;

	for (n = 0; n < BUILDER_BARS; n++) {
		struct bar_fact *bar = &f->bar[n];

		if (bar->known && !bar->hidden && !bar->size)
			note_function(b, NOTE_SIZE, f);
		if (!settle_counts(bar) || n < BUILDER_VF || bar->reg)
			continue;
		/* Where the capability is was not told; nobody uses the number. */
		bar->reg = 0x184 + 4 * (n - BUILDER_VF);
		if (!b->live)
			note_function(b, NOTE_VF_REG, f);
	}
}

static void check_bridge(struct builder *b, struct function *f)
{
	struct window_fact *pref = &f->win[PMB_PREF];

	if (b->live)
		return;
	if (f->win[PMB_IO].state == WINDOW_UNKNOWN && f->win[PMB_MEM].state == WINDOW_UNKNOWN &&
	    pref->state == WINDOW_UNKNOWN)
		note_function(b, NOTE_WINDOWS, f);
	else if (pref->state == WINDOW_OPEN && pref->wide == TOLD_NOTHING &&
		 pmb_last(&pref->range) <= U32_MAX)
		note_function(b, NOTE_PREF_WIDTH, f);
	if (f->pcie == TOLD_NOTHING && !f->transparent)
		note_function(b, NOTE_PCIE, f);
	for (u32 s = 0; s < PMB_SPACES; s++)
		if (f->win[s].released)
			note_function(b, NOTE_RELEASED, f);
}

static bool through_other(const struct function *up, u32 space, const struct pmb_range *range)
{
	u32 s;

	for (s = PMB_MEM; s < PMB_SPACES; s++)
		if (s != space && up->win[s].state == WINDOW_OPEN &&
		    pmb_range_holds(&up->win[s].range, range))
			return true;
	return false;
}

/* Nobody told the window of @up: it is as large as what decodes behind it. */
static void infer_window(struct builder *b, struct function *up, u32 space)
{
	u64 align = space == PMB_IO ? 0x1000 : 0x100000, last;
	struct pmb_range all = { }, range;
	const struct function *f;
	bool high;
	u32 i, n;

	for (i = 0; i < b->nr_funs; i++) {
		f = b->fun[i];
		if (f->up != up)
			continue;
		/* It has not changed since its children were elsewhere, or we knew. */
		if (f->win[space].ever.size &&
		    !(space != PMB_IO && through_other(up, space, &f->win[space].ever)))
			range_add(&all, &f->win[space].ever);
		for (n = 0; n < BUILDER_BARS; n++) {
			const struct bar_fact *bar = &f->bar[n];

			range = (struct pmb_range){ bar->start, bar->size };
			if (!settle_counts(bar) || !bar->placed || up->transparent ||
			    !!(bar->kind & PMB_BAR_IO) != space_is_io(space))
				continue;
			high = pmb_last(&range) > U32_MAX;
			if ((high && space == PMB_MEM) || (!high && space == PMB_PREF))
				continue;
			if (space != PMB_IO && through_other(up, space, &range))
				continue;
			range_add(&all, &range);
		}
	}
	if (!all.size)
		return;
	last = pmb_last(&all) | (align - 1);
	all.start &= ~(align - 1);
	window_open(&up->win[space], all.start, last - all.start + 1);
	note_function(b, NOTE_WINDOW_INSIDE, up);
}

static void infer_windows(struct builder *b)
{
	static const enum pmb_space order[] = { PMB_IO, PMB_PREF, PMB_MEM };
	struct function *f;
	u32 i, s;

	/* Children first: they come behind the bridge above. */
	for (i = b->nr_funs; i-- > 0;) {
		f = b->fun[i];
		for (s = 0; f->bridge && s < PMB_SPACES; s++) {
			if (f->win[order[s]].state == WINDOW_UNKNOWN)
				infer_window(b, f, order[s]);
			if (f->up && f->win[order[s]].ever.size && f->win[order[s]].wide != TOLD_NO)
				range_add(&f->up->win[order[s]].ever, &f->win[order[s]].ever);
		}
	}
}

void settle_make(struct builder *b)
{
	bool bridges = false, hotplug = false;
	struct function *f;
	u32 i;

	for (i = 0; i < b->nr_funs; i++) {
		f = b->fun[i];
		drop_unreached(b, f);
		find_driver(b, f);
		check_bars(b, f);
		if (f->bridge)
			check_bridge(b, f);
		bridges |= f->bridge;
		hotplug |= f->hotplug;
	}
	if (b->live)
		return;
	infer_windows(b);
	if (bridges && !hotplug)
		note(b, NOTE_HOTPLUG, NULL);
	if (!b->reservations_told)
		note(b, NOTE_RESERVED, NULL);
}

enum pmb_way settle_way(const struct function *f)
{
	if (f->bound == TOLD_NO)
		return PMB_WAY_FREE;
	for (size_t i = 0; i < ARRAY_SIZE(live); i++)
		if (!strcmp(f->driver, live[i]))
			return PMB_WAY_LIVE;
	return PMB_WAY_NEVER;
}

static bool odd_kind(const struct function *f)
{
	u16 class = class_of(f);

	return f->cardbus || class == CLASS_UNDEFINED || class == CLASS_HOST || class == CLASS_PIC;
}

enum pmb_why settle_why(const struct function *f, u32 nr)
{
	const struct bar_fact *bar = &f->bar[nr];
	enum pmb_way way = settle_way(f);

	if (bar->hardwired)
		return PMB_WHY_HARDWIRED;
	if (odd_kind(f))
		return PMB_WHY_KIND;
	if (f->vfs_on)
		return PMB_WHY_VFS;
	if (way == PMB_WAY_NEVER)
		return PMB_WHY_DRIVER;
	if (way == PMB_WAY_LIVE)
		return bar->kind & PMB_BAR_IO ? PMB_WHY_IO_PORTS : PMB_MAY_MOVE;
	if (f->console)
		return PMB_WHY_CONSOLE;
	if (f->claimed)
		return PMB_WHY_CLAIMED;
	return f->up ? PMB_MAY_MOVE : PMB_WHY_ROOT_BUS;
}

bool settle_wanted(const struct function *f, u32 nr)
{
	const struct bar_fact *bar = &f->bar[nr];

	if (bar->placed || bar->hardwired || odd_kind(f))
		return false;
	/* Drivers live without ROM and virtual functions, and nobody misses them. */
	if (nr >= BUILDER_ROM)
		return bar->failed;
	return bar->failed || (f->bound == TOLD_NO && !bar->unlisted);
}
