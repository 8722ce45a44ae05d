// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/iomem and /proc/ioports:
 *
 *	90000000-dfffffff : PCI Bus 0000:00
 *	  90000000-923fffff : PCI Bus 0000:01
 *	    90000000-9000ffff : 0000:01:00.0
 *	      90000000-9000ffff : nvme
 *	  dffe0000-dfffffff : pnp 00:03
 *
 * A run of such lines is kept until it ends.  What is in what follows from the
 * addresses; mails do not keep indents.  Then it replaces what was known: where
 * the listing covers a root window, what it does not list is not there.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "report.h"

#define NOBODY U32_MAX

enum entry_kind { ENTRY_OTHER, ENTRY_BUS, ENTRY_FUNCTION };

struct entry {
	struct pmb_range range;
	enum entry_kind kind;
	u32 up;			/* entry around it */
	u32 bus_up;		/* bus around it */
	u32 indent;
	u32 domain;
	u8 bus;
	enum pmb_space space;	/* of the window that it is, if it is a bus */
	struct bdf bdf;
	bool used;
	char name[PMB_NAME_LEN];
};

struct iomem_block {
	struct entry *entry;
	u32 nr;
	bool io;
	bool cut;		/* somebody has left lines away */
};

static void name_entry(struct entry *e, const char *name)
{
	const char *p = name;
	size_t len;
	u64 bus;

	pmb_name_set(e->name, name);
	for (len = strlen(e->name); len && e->name[len - 1] == ' '; len--)
		e->name[len - 1] = 0;
	if (take_word(&p, "PCI Bus ") || take_word(&p, "PCI CardBus ")) {
		if (name[4] == 'B' && take_bus(&p, &e->domain, &e->bus)) {
			e->kind = ENTRY_BUS;
		} else if (name[4] == 'B' && take_word(&p, "#") && take_hex(&p, &bus) &&
			   bus <= 0xff) {
			/* Before 2.6.28, when root buses were not listed. */
			e->kind = ENTRY_BUS;
			e->bus = bus;
			e->indent++;
		}
	} else if (take_bdf(&p, &e->bdf) && !isalnum((unsigned char)*p)) {
		e->kind = ENTRY_FUNCTION;
		e->domain = e->bdf.domain;
	}
}

/* What is around an entry: the last one that holds it. */
static void find_up(struct iomem_block *block, struct entry *e)
{
	u32 up = block->nr ? block->nr - 1 : NOBODY;

	while (up != NOBODY && !pmb_range_holds(&block->entry[up].range, &e->range))
		up = block->entry[up].up;
	e->up = up;
	e->bus_up = NOBODY;
	if (up != NOBODY)
		e->bus_up = block->entry[up].kind == ENTRY_BUS ? up : block->entry[up].bus_up;
}

/* Ports have four digits, where there are no more of them than that. */
static bool is_ports(struct import *im, const char *line, const struct entry *e)
{
	const char *p = line;
	u32 digits = 0;

	skip_blanks(&p);
	while (isxdigit((unsigned char)*p++))
		digits++;
	if (digits <= 4)
		return true;
	return im->ioports && digits == 8 && pmb_last(&e->range) < 0x1000000;
}

bool iomem_line(struct import *im, const char *line)
{
	struct entry e = { .up = NOBODY, .space = PMB_MEM };
	const char *p = line, *digits;
	u64 start, last;
	bool io;

	skip_blanks(&p);
	if (im->block && (!strcmp(p, "...") || !strcmp(p, "[...]"))) {
		im->block->cut = true;
		return true;
	}
	e.indent = p - line;
	digits = p;
	if (*p == '0' && p[1] == 'x')
		return false;
	if (!take_hex(&p, &start) || p - digits < 4 || *p++ != '-' || !take_hex(&p, &last))
		return false;
	if (!take_word(&p, " : "))
		return false;
	if (last < start) {
		import_warn(im, "range ends before it begins");
		return true;
	}
	/* All of it, or without root: nothing is told by that. */
	if (last - start == U64_MAX)
		return true;
	if (!last) {
		note(im->b, NOTE_IOMEM, NULL);
		return true;
	}
	e.range = (struct pmb_range){ start, last - start + 1 };
	name_entry(&e, p);
	io = is_ports(im, line, &e);
	if (im->block && im->block->io != io)
		iomem_end(im);
	if (!im->block) {
		im->block = pcibar_alloc(1, sizeof(*im->block));
		im->block->io = io;
	}
	find_up(im->block, &e);
	im->block->entry = builder_room(im->block->entry, im->block->nr, sizeof(e));
	im->block->entry[im->block->nr++] = e;
	return true;
}

/* Windows. */

static bool same_place(const struct window_fact *win, const struct pmb_range *range)
{
	return win->state == WINDOW_OPEN && win->range.start == range->start &&
	       win->range.size == range->size;
}

/* Is something prefetchable among what is in an entry? */
static bool holds_pref(struct import *im, u32 nr)
{
	const struct iomem_block *block = im->block;
	const struct function *f;
	u32 i, n;

	for (i = nr + 1; i < block->nr; i++) {
		const struct entry *e = &block->entry[i];

		if (!pmb_range_holds(&block->entry[nr].range, &e->range))
			break;
		if (e->kind != ENTRY_FUNCTION)
			continue;
		f = builder_find(im->b, e->bdf.domain, e->bdf.bus, e->bdf.devfn);
		for (n = 0; f && n < BUILDER_ROM; n++)
			if (f->bar[n].known && f->bar[n].size == e->range.size &&
			    (f->bar[n].kind & PMB_BAR_PREF))
				return true;
	}
	return false;
}

/* On the bus, which may be elsewhere than CPUs see it. */
static bool above_4g(struct import *im, const struct function *f, const struct pmb_range *range)
{
	const struct root_fact *root;
	u32 h, i;

	for (h = 0; h < im->b->nr_hosts; h++) {
		if (im->b->host[h]->domain != f->domain)
			continue;
		for (i = 0; i < im->b->host[h]->nr_roots; i++) {
			root = &im->b->host[h]->root[i];
			if (root->space != PMB_IO && pmb_range_holds(&root->range, range))
				return root->space == PMB_PREF ||
				       pmb_last(range) - root->offset > U32_MAX;
		}
	}
	return pmb_last(range) > U32_MAX;
}

static enum pmb_space space_of(struct import *im, const struct function *f, u32 nr)
{
	const struct entry *e = &im->block->entry[nr];
	u32 s;

	if (im->block->io)
		return PMB_IO;
	for (s = PMB_MEM; s <= PMB_PREF; s++)
		if (same_place(&f->win[s], &e->range) && f->win[s].mark != im->b->mark)
			return s;
	/* In a prefetchable window all is prefetchable, and what is not is below 4G. */
	if (e->bus_up != NOBODY && im->block->entry[e->bus_up].space == PMB_PREF)
		return PMB_PREF;
	if (above_4g(im, f, &e->range))
		return PMB_PREF;
	for (s = PMB_MEM; s <= PMB_PREF; s++)
		if (f->win[s].state == WINDOW_OPEN && f->win[s].mark != im->b->mark &&
		    pmb_ranges_overlap(&f->win[s].range, &e->range))
			return s;
	if (f->win[PMB_MEM].mark == im->b->mark)
		return PMB_PREF;
	return holds_pref(im, nr) ? PMB_PREF : PMB_MEM;
}

static void take_window(struct import *im, struct function *f, u32 nr)
{
	struct entry *e = &im->block->entry[nr];
	enum pmb_space space = space_of(im, f, nr);

	window_open(&f->win[space], e->range.start, e->range.size);
	f->win[space].mark = im->b->mark;
	e->space = space;
}

/* What is around the outermost bus, if it is the window of the host bridge. */
static bool device_tree_root(const struct iomem_block *block, const struct entry *e)
{
	const char *name;

	if (e->up == NOBODY)
		return false;
	name = block->entry[e->up].name;
	return has(name, "pci") || has(name, "PCI MEM") || has(name, "PCI IO");
}

static void take_root(struct import *im, u32 domain, u8 bus, const struct entry *e)
{
	struct root_fact root = {
		.space = im->block->io ? PMB_IO : PMB_MEM,
		.range = e->range,
		.weak = true,
	};

	builder_root(im->b, builder_host(im->b, domain, bus), &root);
}

static void outermost(struct import *im, u32 nr)
{
	struct entry *e = &im->block->entry[nr];
	struct function *bridge = builder_bridge_to(im->b, e->domain, e->bus);
	struct host_fact *host = NULL;
	u32 i;

	for (i = 0; i < im->b->nr_hosts; i++)
		if (im->b->host[i]->domain == e->domain && im->b->host[i]->bus <= e->bus &&
		    (!host || host->bus < im->b->host[i]->bus))
			host = im->b->host[i];
	/* An excerpt may begin below the root bus. */
	if (!bridge && (!host || host->bus != e->bus) &&
	    (device_tree_root(im->block, e) || (e->indent && e->bus)))
		bridge = builder_bridge_made(im->b, e->domain, e->bus, host ? host->bus : 0);
	if (!bridge || bridge->bus == e->bus) {
		take_root(im, e->domain, e->bus, e);
		return;
	}
	if (device_tree_root(im->block, e))
		take_root(im, e->domain, host ? host->bus : bridge->bus,
			  &im->block->entry[e->up]);
	take_window(im, bridge, nr);
}

static void take_buses(struct import *im)
{
	struct iomem_block *block = im->block;
	const struct entry *up;
	struct function *f;
	struct entry *e;
	u32 i;

	for (i = 0; i < block->nr; i++) {
		e = &block->entry[i];
		if (e->kind != ENTRY_BUS)
			continue;
		if (e->bus_up == NOBODY) {
			outermost(im, i);
			continue;
		}
		/* The ECAM of a bus carries its name as well. */
		up = &block->entry[e->bus_up];
		if (up->bus == e->bus || up->domain != e->domain)
			continue;
		f = builder_bridge_made(im->b, e->domain, e->bus, up->bus);
		if (!f)
			import_warn(im, "bus %02x inside of bus %02x", e->bus, up->bus);
		else
			take_window(im, f, i);
	}
}

/* BARs. */

static struct bar_fact *find_bar(struct import *im, struct function *f, const struct entry *e,
				 u32 how)
{
	struct bar_fact *bar;
	u32 n;

	for (n = 0; n < BUILDER_BARS; n++) {
		bar = &f->bar[n];
		if (!bar->known || bar->hidden || bar->mark == im->b->mark ||
		    !!(bar->kind & PMB_BAR_IO) != im->block->io)
			continue;
		if (how == 0 && bar->placed && bar->start == e->range.start &&
		    bar->size == e->range.size)
			return bar;
		/* Placed or moved since, then resized since. */
		if (how == 1 && bar->size == e->range.size)
			return bar;
		if (how == 2 && bar->start == e->range.start)
			return bar;
		if (how == 3 && n < BUILDER_ROM && !bar->placed && !bar->kind_guessed &&
		    (pmb_last(&e->range) <= U32_MAX || (bar->kind & PMB_BAR_64)))
			return bar;
	}
	return NULL;
}

static struct bar_fact *new_bar(struct import *im, struct function *f, const struct entry *e)
{
	struct bar_fact *bar;
	u32 n;

	for (n = 0; n < BUILDER_ROM; n++) {
		bar = &f->bar[n];
		/* The upper half of the one before. */
		if (bar->known || (n && f->bar[n - 1].known && (f->bar[n - 1].kind & PMB_BAR_64)))
			continue;
		bar->known = true;
		bar->kind_guessed = true;
		bar->kind = im->block->io ? PMB_BAR_IO :
			    pmb_last(&e->range) > U32_MAX ? PMB_BAR_64 | PMB_BAR_PREF : 0;
		note_function(im->b, NOTE_INDEX, f);
		if (!im->block->io)
			note_function(im->b, NOTE_KIND, f);
		return bar;
	}
	return NULL;
}

/* Regions of a driver have its name: the first one below the BAR. */
static void claimed_by(struct import *im, struct function *f, u32 nr)
{
	const struct iomem_block *block = im->block;
	const char *name;

	if (nr + 1 >= block->nr || block->entry[nr + 1].up != nr)
		return;
	name = block->entry[nr + 1].name;
	if (block->entry[nr + 1].kind != ENTRY_OTHER)
		return;
	if (!strcmp(name, "efifb") || !strcmp(name, "BOOTFB") || !strcmp(name, "simplefb") ||
	    !strcmp(name, "vesafb")) {
		f->console = true;
		return;
	}
	if (f->sure)
		f->claimed = f->bound == TOLD_NO;
	else if (f->bound != TOLD_YES || !f->driver[0])
		builder_driver(im->b, f, name);
}

static void take_bars(struct import *im, u32 how)
{
	struct iomem_block *block = im->block;
	struct bar_fact *bar;
	struct function *f;
	const struct bdf *pf;
	struct entry *e;
	bool failed;
	u32 i;

	for (i = 0; i < block->nr; i++) {
		e = &block->entry[i];
		if (e->kind != ENTRY_FUNCTION || e->used)
			continue;
		/* Virtual functions have theirs inside of those of the physical one. */
		if (e->up != NOBODY && block->entry[e->up].kind == ENTRY_FUNCTION) {
			e->used = true;
			pf = &block->entry[e->up].bdf;
			f = builder_find(im->b, pf->domain, pf->bus, pf->devfn);
			if (f && pf->devfn != e->bdf.devfn)
				f->vfs_on = true;
			continue;
		}
		f = builder_function(im->b, e->bdf.domain, e->bdf.bus, e->bdf.devfn);
		f->in_iomem = true;
		/* Beyond all buses: a BAR that was lost, or the copy of a ROM. */
		if (!block->io && e->bus_up == NOBODY && (e->up == NOBODY || im->b->live))
			continue;
		bar = how < 4 ? find_bar(im, f, e, how) : new_bar(im, f, e);
		if (!bar)
			continue;
		e->used = true;
		bar->mark = im->b->mark;
		f->mark = im->b->mark;
		failed = bar->was_failed;
		bar_place(bar, e->range.start, e->range.size, false);
		bar->was_failed = failed;
		claimed_by(im, f, i);
	}
}

/* What is in a root window and not in the list. */

static bool covered(const struct iomem_block *block, u32 domain, const struct pmb_range *range)
{
	u32 i;

	for (i = 0; i < block->nr; i++)
		if (block->entry[i].kind == ENTRY_BUS && block->entry[i].bus_up == NOBODY &&
		    block->entry[i].domain == domain &&
		    pmb_range_holds(&block->entry[i].range, range))
			return true;
	return false;
}

static bool has_functions(const struct iomem_block *block)
{
	u32 i;

	for (i = 0; i < block->nr; i++)
		if (block->entry[i].kind == ENTRY_FUNCTION)
			return true;
	return false;
}

static void drop_rest(struct import *im)
{
	struct iomem_block *block = im->block;
	bool bars = has_functions(block);
	struct pmb_range range;
	struct function *f;
	u32 i, n;

	for (i = 0; i < im->b->nr_funs; i++) {
		f = im->b->fun[i];
		if (f->gone)
			continue;
		for (n = 0; n < PMB_SPACES; n++)
			if (f->win[n].state == WINDOW_OPEN && f->win[n].mark != im->b->mark &&
			    space_is_io(n) == block->io &&
			    covered(block, f->domain, &f->win[n].range))
				window_close(&f->win[n]);
		for (n = 0; bars && n < BUILDER_BARS; n++) {
			range = (struct pmb_range){ f->bar[n].start, f->bar[n].size };
			if (!f->bar[n].placed || f->bar[n].mark == im->b->mark ||
			    !!(f->bar[n].kind & PMB_BAR_IO) != block->io ||
			    !covered(block, f->domain, &range))
				continue;
			bar_drop(&f->bar[n]);
			/* The device is there, and this BAR has been lost; or all is gone. */
			f->bar[n].failed = f->bar[n].was_failed || f->mark == im->b->mark;
			f->bar[n].unlisted = !f->bar[n].failed;
			note_function(im->b, NOTE_NOT_LISTED, f);
		}
	}
}

/* Others than PCI functions that have something in a root window, or beside. */
static void take_reservations(struct import *im)
{
	struct iomem_block *block = im->block;
	const struct entry *e, *up;
	u32 i;

	for (i = 0; i < block->nr; i++) {
		e = &block->entry[i];
		if (e->kind != ENTRY_OTHER)
			continue;
		up = e->up == NOBODY ? NULL : &block->entry[e->up];
		/* Inside of a window, and not in something that is reserved as a whole. */
		if ((up && up->kind == ENTRY_BUS) || has(e->name, "ECAM") ||
		    has(e->name, "MMCONFIG"))
			builder_reserve(im->b, block->io, false, e->range.start,
					pmb_last(&e->range), e->name);
	}
	im->b->reservations_told = true;
}

void iomem_end(struct import *im)
{
	struct iomem_block *block = im->block;
	u32 how;

	if (!block)
		return;
	im->b->mark++;
	take_buses(im);
	for (how = 0; how <= 4; how++)
		take_bars(im, how);
	if (!block->cut)
		drop_rest(im);
	take_reservations(im);
	free(block->entry);
	free(block);
	im->block = NULL;
}
