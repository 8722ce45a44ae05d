// SPDX-License-Identifier: GPL-2.0
/*
 * A copy of a function's resource file, named in the line before:
 *
 *	$ cat /sys/bus/pci/devices/0000:03:00.0/resource
 *	0x000000fc00000000 0x000000fc0fffffff 0x000000000014220c
 *
 * and what somebody has tried there:
 *
 *	# echo 13 > /sys/bus/pci/devices/0000:03:00.0/resource2_resize
 *	bash: echo: write error: No space left on device
 */
#include <ctype.h>
#include <string.h>
#include "report.h"
#include "sysfs.h"

static bool names_file(struct import *im, const char *line)
{
	const char *p, *s;
	struct bdf bdf;

	for (p = strstr(line, "/devices/"); p; p = strchr(p + 1, '/')) {
		s = p + 1;
		if (!take_bdf(&s, &bdf) || !take_word(&s, "/resource") || (*s && *s != ' '))
			continue;
		im->file_of = builder_function(im->b, bdf.domain, bdf.bus, bdf.devfn);
		im->file_line = 0;
		return true;
	}
	return false;
}

/* Bit n of what is written is for 2^(n + 20) bytes: "echo 13" asks for 8G. */
static bool asks_for_size(struct import *im, const char *line)
{
	char path[256];
	const char *p = strstr(line, "echo "), *s;
	struct bdf bdf;
	u64 power, nr;
	size_t n = 0;

	if (!p || !strstr(p, "_resize"))
		return false;
	p += strlen("echo ");
	if (!take_number(&p, &power) || power > 43)
		return false;
	/* Shells want colons escaped. */
	for (; *p && n < sizeof(path) - 1; p++)
		if (*p != '\\')
			path[n++] = *p;
	path[n] = 0;
	for (p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		s = p + 1;
		if (!take_bdf(&s, &bdf) || !take_word(&s, "/resource") ||
		    !isdigit((unsigned char)*s) || !take_number(&s, &nr) ||
		    nr >= BUILDER_ROM || !take_word(&s, "_resize"))
			continue;
		im->resize_of = builder_function(im->b, bdf.domain, bdf.bus, bdf.devfn);
		im->resize_bar = nr;
		im->resize_size = 1ULL << (power + 20);
		return true;
	}
	return false;
}

/* The answer to it, a line or two later. */
static bool found_no_space(struct import *im, const char *line)
{
	struct bar_fact *bar;

	if (!im->resize_of || im->resize_of->gone || !has(line, "No space left on device"))
		return false;
	bar = &im->resize_of->bar[im->resize_bar];
	bar->known = true;
	if (bar->asked < im->resize_size)
		bar->asked = im->resize_size;
	im->resize_of = NULL;
	return true;
}

bool sysfs_line(struct import *im, const char *line)
{
	u64 start, last, flags;
	const char *p = line;

	if (asks_for_size(im, line) || found_no_space(im, line))
		return true;
	if (names_file(im, line))
		return true;
	if (!im->file_of || im->file_of->gone)
		return false;
	skip_blanks(&p);
	if (strncmp(p, "0x", 2) || !take_hex(&p, &start) || !take_word(&p, " 0x") ||
	    !take_hex(&p, &last) || !take_word(&p, " 0x") || !take_hex(&p, &flags) || *p) {
		im->file_of = NULL;
		return false;
	}
	/* Where the windows of a bridge are depends on the kernel. */
	if (im->file_line <= BUILDER_ROM)
		sysfs_bar(im->file_of, im->file_line, start, last, flags);
	im->file_line++;
	return true;
}
