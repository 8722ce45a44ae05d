// SPDX-License-Identifier: GPL-2.0
/*
 * A copy of a function's resource file, named in the line before:
 *
 *	$ cat /sys/bus/pci/devices/0000:03:00.0/resource
 *	0x000000fc00000000 0x000000fc0fffffff 0x000000000014220c
 */
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

bool sysfs_line(struct import *im, const char *line)
{
	u64 start, last, flags;
	const char *p = line;

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
