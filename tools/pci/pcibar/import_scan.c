// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel prints about a function when it finds it, since 2.6.27:
 *
 *	[8086:1901] type 01 class 0x060400 PCIe Root Port
 *	reg 0x10: [mem 0xdf200000-0xdf23ffff]
 *	BAR 0 [mem 0xdf200000-0xdf23ffff]
 *	VF(n) BAR0 space: [mem ...] (contains BAR0 for 31 VFs)
 *	PCI bridge to [bus 01-13]
 */
#include <string.h>
#include "report.h"

#define REG_BAR0	0x10
#define REG_BAR5	0x24
#define REG_ROM		0x30
#define REG_ROM_BRIDGE	0x38
#define REG_CAPS	0x40

static void header(struct import *im, struct function *f, u64 type, u64 class)
{
	struct builder *b = im->b;
	u32 i;

	builder_rescan(b, f);
	for (i = 0; i < b->nr_hosts; i++)
		if (b->host[i]->domain == f->domain && b->host[i]->bus <= f->bus)
			b->host[i]->scanned = true;
	f->class = class;
	f->class_told = true;
	type &= 0x7f;
	f->bridge = type == 1;
	f->cardbus = type == 2;
	if (type != 1)
		f->bus_told = false;
	if (class == 0x060401)
		f->transparent = true;
}

static void port_type(struct function *f, const char *text)
{
	if (has(text, "conventional PCI")) {
		f->pcie = TOLD_NO;
	} else if (has(text, "PCIe ") || has(text, "to PCIe")) {
		f->pcie = TOLD_YES;
		f->root_port = has(text, "PCIe Root");
		f->below_port = has(text, "Switch") || has(text, "PCIe Endpoint") ||
				has(text, "PCIe Legacy");
	}
}

/* "[8086:1901] type 01 class 0x060400", "found [8086:2941] class 000604 header type 01" */
static bool found_message(struct import *im, struct function *f, const char *text)
{
	u64 vendor, device, type, class;
	const char *p = text, *digits;
	bool old;

	skip_blanks(&p);
	old = take_word(&p, "found ");
	if (!take_word(&p, "[") || !take_hex(&p, &vendor) || !take_word(&p, ":") ||
	    !take_hex(&p, &device) || !take_word(&p, "]"))
		return false;
	if (!find_hex(p, "class ", &class) || !find_hex(p, "type ", &type))
		return false;
	/* They used to leave the programming interface away. */
	digits = strstr(p, "type ");
	old |= digits && digits[6] == ' ';
	if (old && class <= 0xffff)
		class <<= 8;
	header(im, f, type, class);
	port_type(f, p);
	return true;
}

static void bar_found(struct bar_fact *bar, const struct res_text *res)
{
	bar->known = true;
	bar->kind = res_flags(res);
	bar->kind_guessed = false;
	if (res->placed && res->start && res->size)
		bar_place(bar, res->start, res->size, true);
	else if (res->size)
		bar->size = res->size;
	if (!res->placed || !res->start)
		bar_drop(bar);
}

static bool number_of_bar(u64 reg, u32 *nr)
{
	if (reg == REG_ROM || reg == REG_ROM_BRIDGE)
		*nr = BUILDER_ROM;
	else if (reg >= REG_BAR0 && reg <= REG_BAR5 && !(reg & 3))
		*nr = (reg - REG_BAR0) / 4;
	else
		return false;
	return true;
}

static void vf_single(struct import *im, struct function *f, const struct res_text *res, u64 reg)
{
	im->vf = f;
	im->vf_res = *res;
	im->vf_reg = reg < 0x1000 ? reg : 0;
}

/* All the VFs' BARs together. */
static void vf_total(struct import *im, struct function *f, u64 nr, const struct res_text *res)
{
	struct bar_fact *bar = &f->bar[BUILDER_VF + nr];

	bar_found(bar, res);
	if (im->vf != f)
		return;
	bar->align = im->vf_res.size;
	bar->reg = im->vf_reg;
	im->vf = NULL;
}

static bool reg_message(struct import *im, struct function *f, const char *text)
{
	const char *p = text;
	struct res_text res;
	bool legacy;
	u64 reg;
	u32 nr;

	skip_blanks(&p);
	legacy = take_word(&p, "legacy IDE quirk: ");
	if (!take_word(&p, "reg ") || !take_hex(&p, &reg))
		return false;
	if (!find_res(text, &res))
		return true;
	if (number_of_bar(reg, &nr)) {
		bar_found(&f->bar[nr], &res);
		if (nr == BUILDER_ROM)
			f->bar[nr].reg = reg;
		f->bar[nr].hardwired |= legacy;
	} else if (reg >= REG_CAPS) {
		vf_single(im, f, &res, reg);
	}
	return true;
}

/* "BAR 0 [mem ...]" and nothing behind it, "VF BAR 0 [mem ...]: contains BAR 0 for 7 VFs" */
static bool bar_message(struct import *im, struct function *f, const char *text)
{
	bool vf, ea, rom = false;
	const char *p = text;
	struct res_text res;
	u64 nr = 0;

	skip_blanks(&p);
	vf = take_word(&p, "VF BAR ") || take_word(&p, "VF(n) BAR");
	if (!vf)
		rom = take_word(&p, "ROM");
	if (!vf && !rom && !take_word(&p, "BAR "))
		return false;
	if (!rom && (!take_number(&p, &nr) || nr >= BUILDER_VFS))
		return false;
	take_word(&p, " space");
	take_word(&p, ":");
	skip_blanks(&p);
	if (!take_res(&p, &res) || res.kind == RES_BUS)
		return false;
	skip_blanks(&p);
	ea = has(p, "Enhanced Allocation");
	if (vf && has(p, "contains BAR"))
		vf_total(im, f, nr, &res);
	else if (*p && !ea)
		return false;
	else if (vf)
		vf_single(im, f, &res, 0);
	else
		bar_found(&f->bar[rom ? BUILDER_ROM : nr], &res);
	if (ea && !vf)
		f->bar[rom ? BUILDER_ROM : nr].hardwired = true;
	return true;
}

/* The bus numbers that it had are worth nothing: no device can be behind it. */
static void numbers_lost(struct import *im, struct function *f)
{
	builder_remove(im->b, f, false);
	f->bus_told = false;
	f->fresh = true;
	f->bridge = true;
}

static bool bridge_message(struct import *im, struct function *f, const char *text)
{
	const char *p = text;
	u8 first, last;
	u32 domain;

	if (has(text, "bridge configuration invalid")) {
		numbers_lost(im, f);
		return true;
	}
	if (has(text, "devices behind bridge are unusable") &&
	    find_bus_range(text, &first, &last)) {
		builder_bus_range(im->b, f, first, last);
		return true;
	}
	if (has(text, "transparent bridge")) {
		f->transparent = true;
		f->bridge = true;
		return true;
	}
	if (has(text, "Video device with shadowed ROM")) {
		f->bar[BUILDER_ROM].hidden = true;
		return true;
	}
	skip_blanks(&p);
	if (take_word(&p, "PCI bridge, secondary bus ")) {
		if (take_bus(&p, &domain, &first))
			last = f->bus_told && f->bus_first == first ? f->bus_last : first;
		else
			return true;
		builder_bus_range(im->b, f, first, last);
		im->listed = f;
		im->listed_any = false;
		memset(im->listed_win, 0, sizeof(im->listed_win));
		return true;
	}
	if (!take_word(&p, "PCI bridge to ") && !take_word(&p, "bridge to "))
		return false;
	if (!find_bus_range(p, &first, &last))
		return true;
	assign_listing_end(im);
	if (has(p, "subtractive decode"))
		f->transparent = true;
	if (!first || first <= f->bus)
		numbers_lost(im, f);
	else
		builder_bus_range(im->b, f, first, last);
	im->listed = f;
	im->listed_any = false;
	memset(im->listed_win, 0, sizeof(im->listed_win));
	return true;
}

bool scan_message(struct import *im, struct function *f, const char *text)
{
	return found_message(im, f, text) || reg_message(im, f, text) ||
	       bar_message(im, f, text) || bridge_message(im, f, text);
}
