// SPDX-License-Identifier: GPL-2.0
/* Messages of the kernel about host bridges, buses, and what the firmware keeps. */
#include <stdlib.h>
#include <string.h>
#include "report.h"

/* "root bus resource [mem A-B window] (bus address [C-D])" */
static void root_resource(struct import *im, struct host_fact *host, const char *text, bool weak)
{
	struct root_fact root = { .weak = weak };
	struct res_text res;
	u64 start, last;
	const char *p;

	if (!find_res(text, &res) || !res.placed || !res.size)
		return;
	root.space = res_space(&res);
	root.range = (struct pmb_range){ res.start, res.size };
	p = strstr(text, "(bus address [");
	if (p) {
		p += strlen("(bus address [");
		/* The end of a spoilt one is beyond all addresses. */
		if (take_span(&p, &start, &last) && is_range(start, res.size))
			root.offset = res.start - start;
	}
	builder_root(im->b, host, &root);
}

static void bus_resource(struct import *im, u32 domain, u8 bus, const char *text)
{
	struct function *bridge = builder_bridge_to(im->b, domain, bus);
	struct window_fact *win;
	struct res_text res;
	u64 nr;

	if (!take_number(&text, &nr) || !find_res(text, &res))
		return;
	/* Up to 3 they are those of the bridge; very old kernels count from 0 always. */
	if (!bridge) {
		if (nr >= 4 || !bus || builder_find_host(im->b, domain, bus))
			root_resource(im, builder_host(im->b, domain, bus), text, true);
		return;
	}
	if (nr >= PMB_SPACES)
		return;
	win = &bridge->win[res_space(&res)];
	if (res.placed && res.start)
		window_open(win, res.start, res.size);
	else
		window_close(win);
}

/* "busn_res: [bus 42-7e] end is updated to 42", "[bus 0c] is released" */
static void bus_numbers(struct import *im, u32 domain, u8 bus, const char *text)
{
	struct function *bridge = builder_bridge_to(im->b, domain, bus);
	struct host_fact *host;
	u8 first, last;
	u64 end;

	if (!find_bus_range(text, &first, &last) || has(text, "can not insert"))
		return;
	if (has(text, "is released")) {
		if (bridge)
			builder_remove(im->b, bridge, false);
		return;
	}
	if (!find_hex(text, "updated to ", &end) || end > 0xff || end < bus)
		return;
	if (bridge)
		bridge->bus_last = end;
	host = builder_find_host(im->b, domain, bus);
	if (host && !host->bus_told)
		host->bus_last = end;
}

static bool bus_message(struct import *im, const char *line)
{
	const char *p = strstr(line, "pci_bus ");
	struct host_fact *host;
	u8 bus, first, last;
	u32 domain;

	if (!p)
		return false;
	p += strlen("pci_bus ");
	if (!take_bus(&p, &domain, &bus) || !take_word(&p, ":"))
		return false;
	skip_blanks(&p);

	if (take_word(&p, "root bus resource ")) {
		host = builder_host(im->b, domain, bus);
		/* What was found before belongs to an earlier boot. */
		if (host->scanned || !host->nr_roots)
			builder_reboot(im->b, host);
		if (find_bus_range(p, &first, &last)) {
			host->bus_told = true;
			host->bus_last = last;
		} else {
			root_resource(im, host, p, false);
		}
	} else if (take_word(&p, "resource ")) {
		bus_resource(im, domain, bus, p);
	} else if (take_word(&p, "busn_res: ")) {
		bus_numbers(im, domain, bus, p);
	}
	return true;
}

/* "ACPI: PCI Root Bridge [PCI0] (domain 0000 [bus 00-fe])", "(0000:00)" */
static bool acpi_host(struct import *im, const char *line)
{
	const char *p = strstr(line, "PCI Root Bridge [");
	struct host_fact *host;
	u8 first, last, bus;
	u32 domain;
	u64 nr;

	if (p && find_hex(p, "(domain ", &nr) && find_bus_range(p, &first, &last)) {
		host = builder_host(im->b, nr, first);
		host->bus_told = true;
		host->bus_last = last;
		domain = nr;
		bus = first;
	} else if (p) {
		p = strchr(p, '(');
		if (!p++ || !take_bus(&p, &domain, &bus))
			return false;
		host = builder_host(im->b, domain, bus);
	} else {
		p = strstr(line, "PCI host bridge to bus ");
		if (!p)
			return false;
		p += strlen("PCI host bridge to bus ");
		if (!take_bus(&p, &domain, &bus))
			return false;
		host = builder_host(im->b, domain, bus);
	}
	im->host_told = true;
	im->acpi_domain = host->domain;
	im->acpi_bus = host->bus;
	return true;
}

/* "pci_root PNP0A08:00: host bridge window [mem 0x80000000-0xdfffffff]" */
static bool acpi_window(struct import *im, const char *line)
{
	const char *p = strstr(line, "host bridge window [");

	if (!p || !im->host_told)
		return false;
	if (!has(p, "ignored") && !has(p, "expanded"))
		root_resource(im, builder_host(im->b, im->acpi_domain, im->acpi_bus), p, true);
	return true;
}

/* "PCI: ECAM [mem ...]", "PCI: MMCONFIG for domain 0000 [bus 00-ff] at [mem ...]" */
static bool ecam(struct import *im, const char *line)
{
	struct res_text res;
	const char *p;

	p = strstr(line, "PCI: ECAM ") ?: strstr(line, "PCI: MMCONFIG ") ?:
	    strstr(line, "ECAM at ");
	if (!p || !find_res(p, &res) || res.kind != RES_MEM || !res.size)
		return false;
	builder_reserve(im->b, false, false, res.start, res.last, "ECAM");
	return true;
}

/* "system 00:05: [mem ...] has been reserved", "... iomem range 0xfed1c000-0xfed1ffff could ..." */
static bool pnp_line(struct import *im, const char *line)
{
	const char *p = strstr(line, "system 00:") ?: strstr(line, "pnp 00:");
	char name[PMB_NAME_LEN];
	struct res_text res;
	u64 start, last;
	const char *r;

	if (!p || (!has(p, "been reserved") && !has(p, "not be reserved")))
		return false;
	snprintf(name, sizeof(name), "pnp 00:%.2s", strstr(p, "00:") + 3);
	if (find_res(p, &res)) {
		if (res.size)
			builder_reserve(im->b, res.kind == RES_IO, false, res.start, res.last,
					name);
		return true;
	}
	r = strstr(p, "range ");
	if (!r)
		return false;
	r += strlen("range ");
	if (take_span(&r, &start, &last))
		builder_reserve(im->b, has(p, "ioport"), false, start, last, name);
	return true;
}

static bool firmware_keeps(const char *p)
{
	return has(p, "reserved") || has(p, "ACPI") || has(p, "unusable") || has(p, "soft") ||
	       has(p, "persistent");
}

/* " BIOS-e820: 00000000e0000000 - 00000000f0000000 (reserved)", "... [mem A-B] reserved" */
static bool e820_line(struct import *im, const char *line)
{
	const char *p = strstr(line, "BIOS-e820: ");
	struct res_text res;
	u64 start, last;

	if (!p)
		return false;
	p += strlen("BIOS-e820: ");
	if (find_res(p, &res)) {
		if (firmware_keeps(p) && res.size)
			builder_reserve(im->b, false, true, res.start, res.last, "Reserved");
		return true;
	}
	skip_blanks(&p);
	if (!take_span(&p, &start, &last))
		return false;
	/* The old form has the first address behind the range. */
	if (firmware_keeps(p) && last > start)
		builder_reserve(im->b, false, true, start, last - 1, "Reserved");
	return true;
}

/* The kernel knows better than the memory map: "e820: remove [mem A-B] reserved" */
static bool e820_remove(struct import *im, const char *line)
{
	const char *p = strstr(line, "e820: remove ");
	struct reservation *r;
	struct res_text res;
	u64 end;
	u32 i;

	if (!p || !find_res(p, &res) || !res.size)
		return false;
	for (i = 0; i < im->b->nr_res; i++) {
		r = &im->b->res[i];
		end = pmb_last(&r->range);
		if (r->io || !r->weak || r->range.start > res.last || end < res.start)
			continue;
		if (r->range.start < res.start)
			r->range.size = res.start - r->range.start;
		else if (end > res.last)
			r->range = (struct pmb_range){ res.last + 1, end - res.last };
		else
			r->range.size = 0;
	}
	return true;
}

/* "PCI: Ignoring E820 reservations for host bridge windows" */
static bool e820_ignored(struct import *im, const char *line)
{
	if (!has(line, " E820 reservations for host bridge windows"))
		return false;
	im->b->ignore_weak = has(line, "Ignoring");
	return true;
}

static bool child_released(struct import *im, const char *line)
{
	const char *p = strstr(line, "release child resource ");
	struct res_text res;

	if (!p)
		return false;
	if (find_res(p, &res) && res.placed && res.size) {
		im->released = builder_room(im->released, im->nr_released, sizeof(res));
		im->released[im->nr_released++] = res;
	}
	return true;
}

static bool boot(struct import *im, const char *line)
{
	bool again = false;
	u32 i;

	if (!has(line, "Linux version ") || !has(line, "("))
		return false;
	for (i = 0; i < im->b->nr_funs; i++) {
		again |= im->b->fun[i]->from_log;
		if (im->b->fun[i]->from_log)
			im->b->fun[i]->gone = true;
	}
	for (i = 0; again && i < im->b->nr_hosts; i++)
		builder_reboot(im->b, im->b->host[i]);
	if (again)
		im->b->nr_res = 0;
	im->host_told = false;
	return true;
}

/* "vgaarb: setting as boot device: PCI:0000:00:02.0" */
static bool vgaarb_line(struct import *im, const char *line)
{
	const char *p = strstr(line, "vgaarb: setting as boot device: PCI:");
	struct bdf bdf;

	if (!p)
		return false;
	p += strlen("vgaarb: setting as boot device: PCI:");
	if (!take_bdf(&p, &bdf))
		return false;
	builder_function(im->b, bdf.domain, bdf.bus, bdf.devfn)->console = true;
	return true;
}

bool host_message(struct import *im, const char *line)
{
	return bus_message(im, line) || acpi_host(im, line) || acpi_window(im, line) ||
	       ecam(im, line) || pnp_line(im, line) || e820_line(im, line) ||
	       e820_remove(im, line) || e820_ignored(im, line) ||
	       child_released(im, line) || boot(im, line) || vgaarb_line(im, line);
}
