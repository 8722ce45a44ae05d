// SPDX-License-Identifier: GPL-2.0
/*
 * pcibar import: a layout from reports as people send them.
 *
 * Lines are taken in the order in which they come, whatever they are of; what
 * is true at the end is the layout.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "report.h"
#include "text.h"

#define WARNINGS_SHOWN	20

static const char help[] =
	"usage: pcibar import [OPTIONS] FILE...\n"
	"\n"
	"Make a layout of a report: dmesg, lspci -vv, lspci -t, /proc/iomem, /proc/ioports,\n"
	"alone or together, in one file or several, in the order of time; - is standard\n"
	"input. Text around them does not matter. A layout that the kernel printed is taken\n"
	"as it is. What the report does not tell is assumed, and said on standard error and\n"
	"in comments of the layout.\n"
	"\n"
	"  --no-driver-is-free  a device whose driver the report does not name has none;\n"
	"                       without it its BARs are taken as fixed\n"
	"  --all-sections       also those under ==== headings ==== that speak of a good\n"
	"                       kernel, or of what is desired\n"
	"  --section TEXT       only what is above the first heading, and under those that\n"
	"                       have TEXT in them: for reports on several machines\n"
	"  --as-it-is           a BAR that could not be made larger, or a card behind a window\n"
	"                       that could not, is not wanted\n"
	"\n"
	"Exit status: 0 done, 1 there is nothing of PCI in it, 2 wrong usage or bad input.\n";

void import_warn(struct import *im, const char *format, ...)
{
	va_list args;

	if (im->warnings++ >= WARNINGS_SHOWN)
		return;
	fprintf(stderr, "%s:%u: ", im->file, im->line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

/* A comparison of two kernels: the lines of the other one do not count. */
static bool other_kernel(struct import *im, const char *line)
{
	bool minus = *line == '-' && (!strncmp(line + 1, "pci", 3) || !strncmp(line + 1, "[ ", 2));

	if (minus || !strncmp(line, "//", 2)) {
		note(im->b, NOTE_DIFF, NULL);
		return true;
	}
	return false;
}

/* "==== dmesg, good kernel ====": a heading of a report that was put in order */
static bool is_heading(const char *line)
{
	size_t len = strlen(line);

	return len > 8 && !strncmp(line, "===", 3) && !strcmp(line + len - 3, "===");
}

static bool of_no_problem(const char *heading)
{
	static const char * const words[] = {
		"good", "working", "works", "desired", "wanted result", "expected", "wrong result",
		"with the fix", "with fix", "fixed kernel",
	};

	if (strcasestr(heading, "not working"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasestr(heading, words[i]))
			return true;
	return false;
}

/* Left out is only what stands beside something else. */
static void look_at_headings(struct import *im, const char *text, size_t len)
{
	const char *p = text, *end = text + len, *nl;
	char line[256];

	im->skip = false;
	im->may_skip = false;
	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', end - p) ?: end;
		snprintf(line, sizeof(line), "%.*s", (int)(nl - p < 255 ? nl - p : 255), p);
		im->may_skip |= is_heading(line) && !of_no_problem(line);
	}
	im->may_skip &= !im->all_sections;
}

/* "root window 0x4000000000-0x7fffffffff": people tell it in words */
static void loose_root(struct import *im, const char *line)
{
	struct builder *b = im->b;
	const char *p;
	u64 start, last;

	for (p = strcasestr(line, "root "); p; p = strcasestr(p + 1, "root ")) {
		const char *s = p + 5;

		take_word(&s, "bus ");
		if (!take_word(&s, "window"))
			continue;
		while (*s == ' ' || *s == ':' || *s == '(')
			s++;
		if (!take_span(&s, &start, &last) || last <= start || last - start == U64_MAX)
			continue;
		b->loose = builder_room(b->loose, b->nr_loose, sizeof(*b->loose));
		b->loose[b->nr_loose++] = (struct pmb_range){ start, last - start + 1 };
	}
}

static void import_line(struct import *im, const char *line)
{
	bool told;

	if (is_heading(line)) {
		iomem_end(im);
		dmesg_end(im);
		im->lspci.f = NULL;
		im->skip = im->section ? !strstr(line, im->section) :
			   im->may_skip && of_no_problem(line);
		if (im->skip)
			note(im->b, NOTE_SECTION, NULL);
	}
	if (im->skip)
		return;

	if (other_kernel(im, line))
		return;
	if (*line == '+' && (!strncmp(line + 1, "pci", 3) || line[1] == '['))
		line++;
	if (!*line) {
		im->drawing.depth = 0;
		return;
	}
	told = iomem_line(im, line);
	if (told) {
		im->facts++;
		return;
	}
	iomem_end(im);
	if (has(line, "ioports"))
		im->ioports = true;
	else if (has(line, "iomem"))
		im->ioports = false;
	told = drawing_line(im, line);
	told |= sysfs_line(im, line) || tree_line(im, line) || dmesg_line(im, line) ||
	       table_line(im, line) || lspci_line(im, line);
	im->facts += told;
	if (!told)
		loose_root(im, line);
}

void import_text(struct import *im, const char *text, size_t len)
{
	struct report_text lines;
	char line[REPORT_LINE];

	look_at_headings(im, text, len);
	report_text_start(&lines, text, len);
	while (report_text_line(&lines, line)) {
		im->line = lines.first;
		im->b->line++;
		import_line(im, line);
	}
	iomem_end(im);
	dmesg_end(im);
	memset(&im->lspci, 0, sizeof(im->lspci));
	im->tree.depth = 0;
	im->drawing.depth = 0;
	im->nr_released = 0;
	im->file_of = NULL;
	im->resize_of = NULL;
}

/* The last layout in a text: where it starts, NULL: there is none. */
static const char *find_layout(const char *text, size_t len)
{
	const char *p = text, *end = text + len, *found = NULL, *line, *nl;
	const size_t mark = strlen(PMB_TEXT_MARK);

	for (line = p; line < end; line = nl + 1) {
		nl = memchr(line, '\n', end - line);
		if (!nl)
			nl = end - 1;
		p = memmem(line, nl - line, "pmb-layout 1", 12);
		if (p && (p == line || memmem(line, p - line, PMB_TEXT_MARK, mark)))
			found = line;
	}
	return found;
}

static void put_line(void *to, const char *line)
{
	fprintf(to, "%s\n", line);
}

/* 0: there is no layout in it that can be read, 1: there is one, it is printed */
static int as_it_is(const char *file, const char *text, size_t len)
{
	const char *found = find_layout(text, len), *p;
	struct pmb_text_error error = { .why = NULL };
	struct pmb_layout *layout;
	u32 line = 0;

	if (!found)
		return 0;
	for (p = text; p < found; p++)
		line += *p == '\n';
	layout = pmb_text_read(found, text + len - found, &error);
	if (!layout) {
		fprintf(stderr, "%s:%u:%u: the layout in it cannot be read: %s\n", file,
			line + error.line, error.column, error.why ?: "no memory");
		return 0;
	}
	fprintf(stderr, "%s:%u: the layout there is taken as it is\n", file, line + 1);
	printf("# pcibar import: the layout at %s:%u\n", file, line + 1);
	pmb_text_write(layout, put_line, stdout);
	pmb_layout_free(layout);
	return 1;
}

/* Comments must not break the line format, whatever the name of a file is. */
static void comment(const char *what, const char *text)
{
	printf("# %s", what);
	for (; *text; text++)
		putchar(isprint((unsigned char)*text) ? *text : '?');
	putchar('\n');
}

static int print_all(struct import *im, int argc, char **argv)
{
	struct pmb_layout *layout = builder_layout(im->b);
	int i;

	if (!layout)
		return PCIBAR_NO;
	notes_print(im->b->notes, stderr, "");
	for (i = optind; i < argc; i++)
		comment("pcibar import: ", argv[i]);
	notes_print(im->b->notes, stdout, "# ");
	pmb_text_write(layout, put_line, stdout);
	pmb_layout_free(layout);
	return PCIBAR_OK;
}

static int import_files(struct import *im, int argc, char **argv)
{
	char *text;
	size_t len;
	int i;

	for (i = optind; i < argc; i++) {
		text = pcibar_read_file(argv[i], &len);
		if (!text)
			return PCIBAR_BAD;
		im->file = strcmp(argv[i], "-") ? argv[i] : "standard input";
		im->ioports = has(im->file, "ioports");
		if (as_it_is(im->file, text, len)) {
			free(text);
			return PCIBAR_OK;
		}
		import_text(im, text, len);
		free(text);
	}
	if (im->warnings > WARNINGS_SHOWN)
		fprintf(stderr, "and %u more\n", im->warnings - WARNINGS_SHOWN);
	if (im->b->nr_funs || im->b->nr_hosts)
		return print_all(im, argc, argv);
	pcibar_fail("%s: no line of it is known: no dmesg, lspci or /proc/iomem", im->file);
	return PCIBAR_NO;
}

int cmd_import(int argc, char **argv)
{
	static const struct option options[] = {
		{ "no-driver-is-free", no_argument, NULL, 'f' },
		{ "all-sections", no_argument, NULL, 'a' },
		{ "section", required_argument, NULL, 's' },
		{ "as-it-is", no_argument, NULL, 'i' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct import im = { .file = "" };
	int opt, status;

	im.b = builder_new();
	while ((opt = pcibar_option(argc, argv, options, help, &status)) != -1) {
		if (opt == '?')
			goto out;
		if (opt == 'f')
			im.b->assume_unbound = true;
		else if (opt == 'i')
			im.b->as_it_is = true;
		else if (opt == 's')
			im.section = optarg;
		else
			im.all_sections = true;
	}
	if (optind == argc)
		status = pcibar_fail("import: no file named; see pcibar import --help");
	else
		status = import_files(&im, argc, argv);
out:
	free(im.released);
	builder_free(im.b);
	return status;
}
