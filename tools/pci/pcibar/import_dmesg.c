// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of the kernel that name a function:
 *
 *	[    0.4] host kernel: pcieport 0000:00:01.0: bridge window [mem ...]: assigned
 *	          what is before    who  which         what
 *
 * What is before the word in front of the address does not matter, so any
 * time stamp or quoting will do.
 */
#include <ctype.h>
#include <string.h>
#include "report.h"

/* Where a function is named and what was said of it. */
struct message {
	struct bdf bdf;
	char who[PMB_NAME_LEN];
	const char *text;
};

static bool word_char(char c)
{
	return c && !isspace((unsigned char)c);
}

/* The word that ends before @end. */
static void word_before(const char *line, const char *end, char who[PMB_NAME_LEN])
{
	const char *start;
	size_t len;

	while (end > line && !word_char(end[-1]))
		end--;
	for (start = end; start > line && word_char(start[-1]); start--)
		;
	len = end - start;
	if (len >= PMB_NAME_LEN)
		len = PMB_NAME_LEN - 1;
	memcpy(who, start, len);
	who[len] = 0;
}

static bool find_message(const char *line, struct message *m)
{
	const char *p, *s;

	for (p = line; *p; p++) {
		if (p > line && word_char(p[-1]))
			continue;
		s = p;
		if (!take_bdf(&s, &m->bdf) || s - p < 12)
			continue;
		word_before(line, p, m->who);
		/* Very old kernels: "PCI: 0000:00:1f.2 reg 10 io port: [...]" */
		if (*s != ':' && strcmp(m->who, "PCI:"))
			continue;
		m->text = s + (*s == ':');
		return true;
	}
	return false;
}

static bool is_port_service(const char *who)
{
	static const char * const names[] = {
		"pcieport", "pcieport-driver", "pciehp", "aer", "dpc", "pcie_pme",
		"pcie_dpc", "pcie_bwctrl", "bwctrl",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(who, names[i]))
			return true;
	return false;
}

/* Names of drivers look like this; words of a sentence and of a time stamp do not. */
static bool is_driver(const char *who)
{
	static const char * const others[] = {
		"pci", "PCI", "pci_bus", "device", "function", "for", "of", "on", "to",
		"from", "with", "and", "by", "at", "dev", "root", "bus", "adapter",
		"bridge", "port", "pci_hp", "host", "kernel", "segment", "requester",
	};
	const char *c;

	if (!isalpha((unsigned char)who[0]))
		return false;
	for (c = who; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(who, others[i]))
			return false;
	return true;
}

static void driver_seen(struct import *im, struct function *f, const char *who)
{
	if (is_port_service(who)) {
		f->pcie = TOLD_YES;
		/* It drives event collectors, too. */
		if (!f->class_told)
			f->bridge = true;
		builder_driver(im->b, f, "pcieport");
	} else if (is_driver(who)) {
		if (!strcmp(who, "shpchp"))
			f->hotplug = true;
		builder_driver(im->b, f, who);
	}
}

/* "Slot(12): Card present", "Slot(0): Link Down", "powering off due to button press" */
static bool slot_message(struct import *im, struct function *f, const struct message *m)
{
	static const char * const off[] = {
		"Link Down", "Card not present", "will power off", "owering off",
	};
	bool native = has(m->text, "pciehp: ") || !strcmp(m->who, "pciehp");

	if (!native && strcmp(m->who, "shpchp"))
		return false;
	if (!has(m->text, "Slot") && !has(m->text, "slot"))
		return false;
	f->hotplug = true;
	f->bridge = true;
	for (size_t i = 0; i < ARRAY_SIZE(off); i++) {
		if (has(m->text, off[i])) {
			builder_remove(im->b, f, false);
			break;
		}
	}
	return true;
}

static bool other_message(struct import *im, struct function *f, const char *text)
{
	struct res_text res;

	if (has(text, "probe with driver ") && has(text, "failed")) {
		f->bound = TOLD_NO;
		f->driver[0] = 0;
		note_function(im->b, NOTE_PROBE, f);
		return true;
	}
	if (has(text, "vgaarb: setting as boot")) {
		f->console = true;
		return true;
	}
	if (has(text, "Removing from iommu group")) {
		builder_remove(im->b, f, true);
		return true;
	}
	if (has(text, "distributing available resources")) {
		f->bridge = true;
		return true;
	}
	if (has(text, "claimed by") && find_res(text, &res) && res.kind == RES_IO && res.size) {
		builder_reserve(im->b, true, false, res.start, res.last, "quirk");
		return true;
	}
	return false;
}

/* "igb: probe of 0000:01:00.0 failed with error -5" */
static bool probe_failed(struct import *im, const char *line)
{
	const char *p = strstr(line, "probe of ");
	struct function *f;
	struct bdf bdf;

	if (!p)
		return false;
	p += strlen("probe of ");
	if (!take_bdf(&p, &bdf) || !has(p, "failed"))
		return false;
	f = builder_function(im->b, bdf.domain, bdf.bus, bdf.devfn);
	f->bound = TOLD_NO;
	f->driver[0] = 0;
	note_function(im->b, NOTE_PROBE, f);
	return true;
}

bool dmesg_line(struct import *im, const char *line)
{
	struct function *f;
	struct message m;
	bool told;

	if (host_message(im, line) || probe_failed(im, line)) {
		assign_listing_end(im);
		return true;
	}
	if (!find_message(line, &m))
		return false;

	/* Drivers say good-bye after the slot is off; that brings nothing back. */
	if (builder_is_gone(im->b, m.bdf.domain, m.bdf.bus, m.bdf.devfn) &&
	    !has(m.text, "] type ") && !has(m.text, "found ["))
		return true;
	f = builder_function(im->b, m.bdf.domain, m.bdf.bus, m.bdf.devfn);
	if (im->listed && im->listed != f)
		assign_listing_end(im);
	if (im->vf && im->vf != f)
		im->vf = NULL;
	/* Numbers of resources mean something else for a bridge. */
	if (is_port_service(m.who) && !f->class_told)
		f->bridge = true;
	told = scan_message(im, f, m.text) || assign_message(im, f, m.text) ||
	       slot_message(im, f, &m) || other_message(im, f, m.text);
	if (f->gone)
		return true;
	/* A driver of the kind that probes again and again is not a driver yet. */
	if (f->bound != TOLD_NO || !has(m.text, "probe"))
		driver_seen(im, f, m.who);
	return told || f->driver[0];
}

void dmesg_end(struct import *im)
{
	assign_listing_end(im);
	im->vf = NULL;
}
