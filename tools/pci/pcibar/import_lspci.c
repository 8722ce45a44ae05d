// SPDX-License-Identifier: GPL-2.0
/*
 * lspci -v, -vv, -vvv, with or without -k, -nn, -D, of any version:
 *
 *	01:00.0 PCI bridge [0604]: Some Switch [10b5:8725] (prog-if 00 [Normal decode])
 *		Region 0: Memory at df200000 (32-bit, non-prefetchable) [size=256K]
 *		Bus: primary=01, secondary=02, subordinate=13, sec-latency=0
 *		Memory behind bridge: df000000-df1fffff [size=2M] [32-bit]
 *		Capabilities: [68] Express (v2) Upstream Port, MSI 00
 *		Kernel driver in use: pcieport
 *
 * With -v the regions have no numbers; they are counted then.
 */
#include <ctype.h>
#include <string.h>
#include "report.h"

static const struct {
	const char *name;
	u32 class;
} classes[] = {
	{ "PCI bridge", 0x060400 },
	{ "Host bridge", 0x060000 },
	{ "ISA bridge", 0x060100 },
	{ "CardBus bridge", 0x060700 },
	{ "VGA compatible controller", 0x030000 },
	{ "3D controller", 0x030200 },
	{ "Display controller", 0x038000 },
	{ "Non-Volatile memory controller", 0x010802 },
	{ "PIC", 0x080000 },
};

static void class_of(struct function *f, const char *text)
{
	const char *p;
	u64 class;

	/* "PCI bridge [0604]: ..." */
	for (p = strchr(text, '['); p && p < (strchr(text, ':') ?: p); p = strchr(p + 1, '[')) {
		const char *s = p + 1;

		if (take_hex(&s, &class) && s - p == 5 && *s == ']') {
			f->class = class << 8;
			f->class_told = true;
			break;
		}
	}
	for (size_t i = 0; !f->class_told && i < ARRAY_SIZE(classes); i++) {
		if (strncmp(text, classes[i].name, strlen(classes[i].name)))
			continue;
		f->class = classes[i].class;
		f->class_told = true;
	}
	if (!f->class_told)
		return;
	if (f->class >> 8 == 0x0604)
		f->bridge = true;
	if (f->class >> 8 == 0x0607)
		f->cardbus = true;
	if (f->bridge && (has(text, "Subtractive decode") || has(text, "prog-if 01")))
		f->transparent = true;
}

/* A device that is there again has been looked at anew. */
static void start(struct import *im, struct function *f)
{
	struct lspci_state *l = &im->lspci;

	memset(l, 0, sizeof(*l));
	l->f = f;
	f->in_lspci = true;
	im->b->mark++;
	f->scan_at = im->b->line;
	f->driver_at = im->b->line;
}

/* "01:00.0 PCI bridge: ..."; the class is words and a colon, or a number in brackets */
static bool header(struct import *im, const char *line)
{
	const char *p = line;
	struct function *f;
	struct bdf bdf;

	skip_blanks(&p);
	if (!take_bdf(&p, &bdf) || *p != ' ' || !isalnum((unsigned char)p[1]) || !has(p, ":"))
		return false;
	f = builder_function(im->b, bdf.domain, bdf.bus, bdf.devfn);
	start(im, f);
	class_of(f, p + 1);
	return true;
}

/* "(64-bit, prefetchable)" */
static u32 memory_kind(const char *p)
{
	u32 kind = 0;

	if (has(p, "64-bit"))
		kind |= PMB_BAR_64;
	if (has(p, "prefetchable") && !has(p, "non-prefetchable"))
		kind |= PMB_BAR_PREF;
	return kind;
}

static bool region_size(const char *p, u64 *size)
{
	p = strstr(p, "[size=");
	if (!p)
		return false;
	p += strlen("[size=");
	return take_size(&p, size) && *size;
}

/* Without a number: the BAR that is known to be there, or else the next. */
static u64 count_region(struct import *im, const char *p)
{
	struct lspci_state *l = &im->lspci;
	u32 first = l->sriov ? BUILDER_VF : 0, n;
	u64 start;

	if (find_hex(p, " at ", &start)) {
		for (n = first; n < first + BUILDER_VFS; n++)
			if (l->f->bar[n].placed && l->f->bar[n].start == start)
				return n - first;
	}
	if (l->next_bar && l->next_bar < BUILDER_VFS)
		note_function(im->b, NOTE_INDEX, l->f);
	return l->next_bar;
}

static u32 region_number(struct import *im, const char **p, u32 kind)
{
	struct lspci_state *l = &im->lspci;
	u64 nr;

	if (take_word(p, "Region ")) {
		if (!take_number(p, &nr) || !take_word(p, ":") || nr > 5)
			return BUILDER_BARS;
		skip_blanks(p);
	} else {
		nr = count_region(im, *p);
		if (nr > 5)
			return BUILDER_BARS;
	}
	l->next_bar = nr + (kind & PMB_BAR_64 ? 2 : 1);
	return l->sriov ? BUILDER_VF + nr : nr;
}

static void region_facts(struct import *im, u32 nr, u32 kind, const char *p)
{
	struct bar_fact *bar = &im->lspci.f->bar[nr];
	bool unassigned;
	u64 start, size;

	bar->kind = kind;
	bar->kind_guessed = false;
	bar->known = true;
	bar->mark = im->b->mark;
	if (!region_size(p, &size))
		size = bar->size;
	unassigned = has(p, "<unassigned>") || has(p, "<ignored>");
	if (has(p, "[enhanced]"))
		bar->hardwired = true;
	if (take_word(&p, "<") || unassigned || !take_hex(&p, &start) || !start) {
		bar_drop(bar);
		bar->size = size;
		return;
	}
	if (size)
		bar_place(bar, start, size, false);
	else
		bar->start = start;
}

/* "Region 0: Memory at df200000 (...)", "I/O ports at e000 [size=32]", "Memory at ..." */
static bool region(struct import *im, const char *p)
{
	static const char * const marks[] = { "[virtual] ", "[enhanced] " };
	const char *at = strstr(p, "Memory at ") ?: strstr(p, "I/O ports at ");
	u32 kind, nr;

	if (!at || (strncmp(p, "Region ", 7) && strncmp(p, "[virtual] ", 10) &&
		    strncmp(p, "[enhanced] ", 11) && at != p))
		return false;
	kind = *at == 'M' ? memory_kind(at) : PMB_BAR_IO;
	nr = region_number(im, &p, kind);
	for (size_t i = 0; i < 2; i++)
		take_word(&p, marks[i]);
	if (nr < BUILDER_BARS && (take_word(&p, "Memory at ") || take_word(&p, "I/O ports at ")))
		region_facts(im, nr, kind, p);
	return true;
}

static bool rom(struct import *im, const char *p)
{
	struct bar_fact *bar = &im->lspci.f->bar[BUILDER_ROM];

	take_word(&p, "[virtual] ");
	if (!take_word(&p, "Expansion ROM at "))
		return false;
	/* The copy in low memory is no BAR. */
	if (has(p, "[virtual]") && has(p, "000c0000")) {
		bar->hidden = true;
		return true;
	}
	region_facts(im, BUILDER_ROM, 0, p);
	bar->kind = PMB_BAR_PREF;
	return true;
}

static bool numbers(struct import *im, const char *p)
{
	u64 first, last;

	if (strncmp(p, "Bus:", 4) || !find_hex(p, "secondary=", &first) ||
	    !find_hex(p, "subordinate=", &last))
		return false;
	if (first > 0xff || last > 0xff) {
		import_warn(im, "bus number beyond ff");
		return true;
	}
	/* A bridge whose bus numbers are gone leads nowhere. */
	if (first && first <= last)
		builder_bus_range(im->b, im->lspci.f, first, last);
	else
		im->lspci.f->bridge = true;
	return true;
}

/* Old versions show what the registers have. */
static void open_window(struct import *im, enum pmb_space space, u64 start, u64 size)
{
	struct function *f = im->lspci.f;

	builder_bus_address(im->b, f, space_is_io(space), &start, size);
	window_open(&f->win[space], start, size);
}

static bool window(struct import *im, const char *p)
{
	enum pmb_space space;
	struct window_fact *win;
	const char *s;
	u64 start, last;

	if (take_word(&p, "I/O behind bridge"))
		space = PMB_IO;
	else if (take_word(&p, "Memory behind bridge"))
		space = PMB_MEM;
	else if (take_word(&p, "Prefetchable memory behind bridge"))
		space = PMB_PREF;
	else
		return false;
	if (!take_word(&p, ":"))
		return true;
	skip_blanks(&p);
	im->lspci.f->bridge = true;
	win = &im->lspci.f->win[space];
	s = p;
	if (take_span(&p, &start, &last)) {
		/* Old versions: 16 digits for a window of 64 bits, 8 else. */
		if (space == PMB_PREF && p - s > 18)
			win->wide = TOLD_YES;
		else if (space == PMB_PREF && p - s == 17 && !has(p, "-bit]") &&
			 win->wide == TOLD_NOTHING)
			win->wide = TOLD_NO;
		if (start > last || (!start && space != PMB_IO) || has(p, "[disabled]"))
			window_close(win);
		else if (!start && last < 0x1000)
			window_close(win);
		else
			open_window(im, space, start, last - start + 1);
	} else {
		window_close(win);
	}
	if (has(p, "[64-bit]"))
		win->wide = TOLD_YES;
	return true;
}

static void port_type(struct function *f, const char *p)
{
	f->pcie = TOLD_YES;
	if (has(p, "Root Port") || has(p, "Root Complex"))
		f->root_port = true;
	else
		f->below_port = true;
}

/* "Capabilities: [68] Express (v2) Downstream Port (Slot+), MSI 00" */
static bool capability(struct import *im, const char *p)
{
	struct lspci_state *l = &im->lspci;

	if (strncmp(p, "Capabilities:", 13))
		return false;
	l->in_capability = true;
	l->verbose = true;
	l->sriov = has(p, "SR-IOV") || has(p, "Single Root I/O");
	l->rebar = has(p, "Resizable BAR") && !has(p, "Virtual Resizable");
	if (l->sriov)
		l->next_bar = 0;
	if (has(p, "] Express"))
		port_type(l->f, p);
	if (has(p, "Enhanced Allocation"))
		for (u32 i = 0; i <= BUILDER_ROM; i++)
			l->f->bar[i].hardwired = true;
	return true;
}

/* "BAR 0: current size: 16GB, supported: 256MB 512MB 1GB" */
static bool resizable(struct import *im, const char *p)
{
	struct bar_fact *bar;
	const char *current;
	u64 nr, size;

	if (!im->lspci.rebar || !take_word(&p, "BAR ") || !take_number(&p, &nr) || nr > 5)
		return false;
	bar = &im->lspci.f->bar[nr];
	/* Of a BAR without an address the line of the region does not tell it. */
	current = strstr(p, "current size: ");
	if (current && !bar->size) {
		current += strlen("current size: ");
		if (take_size(&current, &size))
			bar->size = size;
	}
	p = strstr(p, "supported:");
	if (!p)
		return true;
	p += strlen("supported:");
	bar->sizes = 0;
	for (;;) {
		while (*p == ' ' || *p == ',')
			p++;
		if (!take_size(&p, &size))
			break;
		if (size >= 0x100000 && !(size & (size - 1)))
			bar->sizes |= size >> 20;
	}
	return true;
}

static bool virtual_functions(struct import *im, const char *p)
{
	const char *nr = strstr(p, "Number of VFs: ");
	u64 on;

	if (!im->lspci.sriov || !nr)
		return false;
	nr += strlen("Number of VFs: ");
	if (take_number(&nr, &on) && on)
		im->lspci.f->vfs_on = true;
	return true;
}

static bool driver_line(struct import *im, const char *p)
{
	struct lspci_state *l = &im->lspci;

	if (!take_word(&p, "Kernel driver in use: "))
		return false;
	builder_driver(im->b, l->f, p);
	l->f->sure = true;
	im->b->drivers_told = true;
	return true;
}

static bool other(struct import *im, const char *p)
{
	struct function *f = im->lspci.f;

	if (has(p, "SltCap:") || (im->lspci.in_capability && has(p, "HotPlug"))) {
		if (has(p, "HotPlug+"))
			f->hotplug = true;
		return true;
	}
	/* With these lines there would be one for a driver, if there were one. */
	if (!strncmp(p, "Kernel modules:", 15)) {
		im->b->drivers_told = true;
		return true;
	}
	return !strncmp(p, "Control:", 8) || !strncmp(p, "Status:", 7) ||
	       !strncmp(p, "Flags:", 6) || !strncmp(p, "Subsystem:", 10);
}

bool lspci_line(struct import *im, const char *line)
{
	const char *p = line;

	if (header(im, line))
		return true;
	if (!im->lspci.f || im->lspci.f->gone || !isspace((unsigned char)*line))
		return false;
	skip_blanks(&p);
	return region(im, p) || rom(im, p) || numbers(im, p) || window(im, p) ||
	       capability(im, p) || resizable(im, p) || virtual_functions(im, p) ||
	       driver_line(im, p) || other(im, p);
}
