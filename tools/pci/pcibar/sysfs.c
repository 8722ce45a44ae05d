// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/bus/pci/devices/0000:01:00.0/: what the kernel knows of a function.
 *
 *	resource	a line each: 6 BARs, ROM, 6 VF BARs if it can have them,
 *			and of a bridge 4 windows: "start end flags"
 *	driver		a link
 *	config		all of it for root, 64 bytes for others
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "report.h"
#include "sysfs.h"

#define RES_FLAG_IO		0x00000100ULL
#define RES_FLAG_MEM		0x00000200ULL
#define RES_FLAG_PREF		0x00002000ULL
#define RES_FLAG_64		0x00100000ULL
#define RES_FLAG_DISABLED	0x10000000ULL
#define RES_FLAG_UNSET		0x20000000ULL
#define RES_FLAG_SHADOW		0x00000002ULL	/* of a ROM */
#define RES_FLAG_FIXED		0x00000010ULL

#define RES_LINES		32
#define RES_WINDOWS		4	/* I/O, memory, prefetchable, CardBus */

struct res_line {
	u64 start, last, flags;
};

char *sysfs_read(const char *root, const char *path, size_t *len)
{
	char *name = pcibar_print("%s%s", root, path), *text = NULL;
	FILE *file = fopen(name, "r");
	size_t room = 0;

	free(name);
	*len = 0;
	if (!file)
		return NULL;
	do {
		text = reallocarray(text, room + 4096 + 1, 1);
		if (!text)
			exit(pcibar_fail("no memory"));
		room += 4096;
		*len += fread(text + *len, 1, room - *len, file);
	} while (*len == room && room < 1 << 26);
	text[*len] = 0;
	fclose(file);
	return text;
}

bool sysfs_link(const char *root, const char *path, char *name, size_t size)
{
	char *from = pcibar_print("%s%s", root, path), to[4096];
	ssize_t len = readlink(from, to, sizeof(to) - 1);
	const char *last;

	free(from);
	if (len <= 0)
		return false;
	to[len] = 0;
	last = strrchr(to, '/');
	snprintf(name, size, "%s", last ? last + 1 : to);
	return true;
}

static u64 number(const char *root, const char *dir, const char *file, u64 none)
{
	char *path = pcibar_print("%s/%s", dir, file), *text;
	const char *p;
	u64 value = none;
	size_t len;

	text = sysfs_read(root, path, &len);
	p = text;
	if (text && !take_number(&p, &value))
		value = none;
	free(text);
	free(path);
	return value;
}

static bool exists(const char *root, const char *dir, const char *file)
{
	char *path = pcibar_print("%s%s/%s", root, dir, file);
	bool there = !access(path, F_OK);

	free(path);
	return there;
}

static u32 read_lines(const char *root, const char *dir, struct res_line line[RES_LINES])
{
	char *path = pcibar_print("%s/resource", dir), *text;
	const char *p;
	size_t len;
	u32 nr = 0;

	text = sysfs_read(root, path, &len);
	free(path);
	for (p = text; p && *p && nr < RES_LINES; nr++) {
		struct res_line *l = &line[nr];

		if (!take_hex(&p, &l->start) || !take_word(&p, " ") || !take_hex(&p, &l->last) ||
		    !take_word(&p, " ") || !take_hex(&p, &l->flags))
			break;
		p = strchr(p, '\n');
		p = p ? p + 1 : "";
	}
	free(text);
	return nr;
}

static bool placed(const struct res_line *l)
{
	return l->start && l->last >= l->start &&
	       !(l->flags & (RES_FLAG_UNSET | RES_FLAG_DISABLED));
}

static void take_bar(struct function *f, u32 nr, const struct res_line *l)
{
	struct bar_fact *bar = &f->bar[nr];

	if (!(l->flags & (RES_FLAG_IO | RES_FLAG_MEM)) || l->last < l->start)
		return;
	bar->known = true;
	bar->kind = l->flags & RES_FLAG_IO ? PMB_BAR_IO :
		    (l->flags & RES_FLAG_PREF ? PMB_BAR_PREF : 0) |
		    (l->flags & RES_FLAG_64 ? PMB_BAR_64 : 0);
	bar->size = l->last - l->start + 1;
	bar->hardwired = l->flags & RES_FLAG_FIXED;
	bar->hidden = nr == BUILDER_ROM && (l->flags & RES_FLAG_SHADOW);
	if (placed(l))
		bar_place(bar, l->start, bar->size, false);
}

void sysfs_bar(struct function *f, u32 nr, u64 start, u64 last, u64 flags)
{
	take_bar(f, nr, &(struct res_line){ start, last, flags });
}

static void take_window(struct function *f, u32 space, const struct res_line *l)
{
	struct window_fact *win = &f->win[space];

	if (placed(l) && (l->flags & (RES_FLAG_IO | RES_FLAG_MEM)))
		window_open(win, l->start, l->last - l->start + 1);
	else
		window_close(win);
	if (space == PMB_PREF && l->flags)
		win->wide = l->flags & RES_FLAG_64 ? TOLD_YES : TOLD_NO;
}

static void take_resources(struct function *f, const char *root, const char *dir)
{
	struct res_line line[RES_LINES];
	u32 nr = read_lines(root, dir, line), windows = nr, n;

	/* The windows are the last ones, however many there are before. */
	if (f->bridge && nr > BUILDER_ROM + RES_WINDOWS)
		windows = nr - RES_WINDOWS;
	for (n = 0; n < windows && n < BUILDER_BARS; n++)
		take_bar(f, n, &line[n]);
	for (n = 0; f->bridge && n < PMB_SPACES && windows + n < nr; n++)
		take_window(f, n, &line[windows + n]);
}

static void take_driver(struct builder *b, struct function *f, const char *root,
			const char *dir)
{
	char *path = pcibar_print("%s/driver", dir), name[PMB_NAME_LEN];

	f->sure = true;
	if (sysfs_link(root, path, name, sizeof(name)))
		builder_driver(b, f, name);
	/* A copy of a tree may have a directory instead of a link. */
	else if (exists(root, dir, "driver"))
		f->sure = false;
	else
		f->bound = TOLD_NO;
	free(path);
}

/* "../../../devices/pci0000:00/0000:00:1c.0/0000:01:00.0": its host bridge */
static void take_host(struct builder *b, const char *root, const char *dir)
{
	char *from = pcibar_print("%s%s", root, dir), to[4096];
	ssize_t len = readlink(from, to, sizeof(to) - 1);
	const char *p;
	u32 domain;
	u8 bus;

	free(from);
	if (len <= 0)
		return;
	to[len] = 0;
	for (p = strstr(to, "/pci"); p; p = strstr(p + 1, "/pci")) {
		const char *s = p + 4;

		if (take_bus(&s, &domain, &bus) && *s == '/') {
			builder_host(b, domain, bus);
			return;
		}
	}
}

static void take_sizes(struct function *f, const char *root, const char *dir)
{
	char name[24];
	u64 mask;
	u32 n;

	for (n = 0; n < 6; n++) {
		snprintf(name, sizeof(name), "resource%u_resize", n);
		if (!exists(root, dir, name))
			continue;
		{
			char *path = pcibar_print("%s/%s", dir, name);
			size_t len;
			char *text = sysfs_read(root, path, &len);
			const char *p = text;

			/* Hexadecimal, without 0x. */
			if (text && take_hex(&p, &mask))
				f->bar[n].sizes = mask;
			free(text);
			free(path);
		}
	}
}

static void take_function(struct builder *b, const char *root, const char *dir,
			  const struct bdf *bdf)
{
	struct function *f = builder_function(b, bdf->domain, bdf->bus, bdf->devfn);
	struct config_space config = { .len = 0 };
	char *path, *text;
	u64 first, last;
	size_t len;

	f->class = number(root, dir, "class", 0);
	f->class_told = f->class;
	f->bridge = f->class >> 8 == 0x0604;
	f->cardbus = f->class >> 8 == 0x0607;
	f->transparent = f->class == 0x060401;
	first = number(root, dir, "secondary_bus_number", 0);
	last = number(root, dir, "subordinate_bus_number", 0);
	if (f->bridge && first && first <= 0xff && last <= 0xff)
		builder_bus_range(b, f, first, last);
	f->pcie = exists(root, dir, "current_link_speed") ? TOLD_YES : TOLD_NO;
	f->console = number(root, dir, "boot_vga", 0) == 1;
	f->vfs_on = number(root, dir, "sriov_numvfs", 0);
	take_host(b, root, dir);
	take_resources(f, root, dir);
	take_driver(b, f, root, dir);

	path = pcibar_print("%s/config", dir);
	text = sysfs_read(root, path, &len);
	if (text) {
		config.len = len < CONFIG_BYTES ? len : CONFIG_BYTES;
		memcpy(config.byte, text, config.len);
	}
	free(text);
	free(path);
	config_facts(b, f, &config);
	take_sizes(f, root, dir);
	first = number(root, dir, "sriov_totalvfs", 0);
	for (u32 n = BUILDER_VF; first && n < BUILDER_BARS; n++)
		if (f->bar[n].size && !f->bar[n].align && f->bar[n].size % first == 0)
			f->bar[n].align = f->bar[n].size / first;
}

/* "0000:01:00": a slot, on the bus behind its bridge */
static void take_slots(struct builder *b, const char *root)
{
	char *path = pcibar_print("%s/sys/bus/pci/slots", root), *file, *text;
	DIR *dir = opendir(path);
	struct function *f;
	struct dirent *e;
	const char *p;
	u32 domain;
	size_t len;
	u8 bus;

	free(path);
	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		file = pcibar_print("/sys/bus/pci/slots/%s/address", e->d_name);
		text = sysfs_read(root, file, &len);
		free(file);
		/* Slots without a power switch are just numbers on the board. */
		file = pcibar_print("/sys/bus/pci/slots/%s", e->d_name);
		p = text;
		if (text && take_bus(&p, &domain, &bus) && exists(root, file, "power")) {
			f = builder_bridge_to(b, domain, bus);
			if (f)
				f->hotplug = true;
		}
		free(file);
		free(text);
	}
	if (dir)
		closedir(dir);
}

int sysfs_functions(struct builder *b, const char *root)
{
	char *path = pcibar_print("%s/sys/bus/pci/devices", root), *device;
	DIR *dir = opendir(path);
	struct dirent *e;
	struct bdf bdf;
	const char *p;
	int nr = 0;

	if (!dir) {
		pcibar_fail("%s: %s", path, strerror(errno));
		free(path);
		return -1;
	}
	free(path);
	while ((e = readdir(dir))) {
		p = e->d_name;
		if (!take_bdf(&p, &bdf) || *p)
			continue;
		device = pcibar_print("/sys/bus/pci/devices/%s", e->d_name);
		/* Virtual functions go with the physical one. */
		if (!exists(root, device, "physfn")) {
			take_function(b, root, device, &bdf);
			nr++;
		}
		free(device);
	}
	closedir(dir);
	take_slots(b, root);
	return nr;
}
