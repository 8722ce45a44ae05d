/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pcibar: address layouts of PCI host bridges, looked at, planned, compared
 * and brought to other machines.
 *
 *	main.c			table of commands
 *	common.c		files, options, sizes
 *	view.c			a layout as windows in windows, with what is free
 *	show.c paint.c		that as text; colours and the width of the terminal
 *	svg.c			that as a picture
 *	plan_cmd.c answer.c	what a request would take, as text and as JSON
 *	diff.c			what differs between two layouts
 *	qemu.c qemu_pick.c	the case under QEMU
 *	kunit.c kunit_place.c	the case on the mock host
 *	capture.c import*.c	layouts of this machine, and from old reports
 */
#ifndef _PCIBAR_H
#define _PCIBAR_H

#include <getopt.h>
#include <stdio.h>
#include "layout.h"
#include "plan.h"

/* Exit status of every command. */
#define PCIBAR_OK	0	/* done; a plan was found; no difference */
#define PCIBAR_NO	1	/* no plan, or not for all; there are differences */
#define PCIBAR_BAD	2	/* wrong usage, bad input, or something failed */

/* Each gets its own name as argv[0], and returns the exit status. */
int cmd_capture(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_qemu(int argc, char **argv);
int cmd_kunit(int argc, char **argv);

/* common.c */

/* Print "pcibar: ..." with a line break to stderr. Return: PCIBAR_BAD. */
int pcibar_fail(const char *format, ...) __printf(1, 2);

/* A whole file, "-": stdin, 0 behind its end; NULL: it has been said why. */
char *pcibar_read_file(const char *path, size_t *len);

/*
 * The layout in a file, "-": stdin; a dmesg will do. NULL: it has been said
 * why, with line and column.
 */
struct pmb_layout *pcibar_load(const char *path);
/* What pcibar import says where it does not know the windows of a host bridge. */
#define NO_ROOTS	"not known: host bridge windows"
/* Has a layout that was loaded such a comment? */
bool pcibar_roots_assumed(void);
/* The layout that is the only argument left, this machine's if there is none. */
struct pmb_layout *pcibar_argument(int argc, char **argv);

/* Memory, or the end of the program. */
void *pcibar_alloc(size_t nr, size_t size);
char *pcibar_print(const char *format, ...) __printf(1, 2);

/* A file to write to, "-": stdout; NULL: it has been said why. */
FILE *pcibar_create(const char *path);
/* Return: PCIBAR_OK, or PCIBAR_BAD when not all could be written. */
int pcibar_close(FILE *file, const char *path);

/* "16K", "1M", "0x1001": exact, in the unit that fits. */
const char *pcibar_size(char buf[24], u64 size);
/* "1.5G": for people, rounded. */
const char *pcibar_about(char buf[24], u64 size);
/* "mem64", "pref", ... */
const char *pcibar_kind(const struct pmb_bar *bar);

/* Index of a function or bridge by its name, the domain may be left out. */
u32 pcibar_find_dev(const struct pmb_layout *layout, const char *name);
u32 pcibar_find_bridge(const struct pmb_layout *layout, const char *name);

/*
 * A copy with one host bridge only: the one of this name; NULL: the first one
 * with something wanted, or the first one at all. NULL: it has been said why.
 */
struct pmb_layout *pcibar_one_host(const struct pmb_layout *layout, const char *name);

/* Does anything ask for a place? */
bool pcibar_wants(const struct pmb_layout *layout);

/*
 * Options of a command: those of the table, -h, --help, which prints @help, and
 * -o, where the table has --output.
 * Return: the option's value; -1: no more; '?': stop, with status @status.
 */
int pcibar_option(int argc, char **argv, const struct option *options,
		  const char *help, int *status);

/* plan_cmd.c */

/*
 * A plan that the verifier has accepted; NULL: it has been said why, and that
 * is a fault of the program or of the layout, not "no room".
 */
struct pmb_plan *pcibar_plan(const struct pmb_layout *layout, const struct pmb_options *opt);

/* svg.c */

/*
 * A picture of @before, and, when there is a @plan for @after, of that beside.
 * @after is @before with a request applied, or the same.  Return: exit status.
 */
int pcibar_svg(const char *path, const struct pmb_layout *before,
	       const struct pmb_layout *after, const struct pmb_plan *plan);

/* capture.c */

/* This machine as pcibar capture sees it; NULL: it has been said why. */
struct pmb_layout *pcibar_capture(void);

#endif /* _PCIBAR_H */
