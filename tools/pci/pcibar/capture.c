// SPDX-License-Identifier: GPL-2.0
/*
 * pcibar capture: the layout of this machine, on any kernel.
 *
 *	sysfs, config space	functions, BARs, windows, drivers
 *	/proc/iomem, ioports	windows of host bridges, reservations, claims
 *	kernel log		sizes of BARs that the kernel has given up
 *
 * Ways to move are those of a kernel with movable BARs, whatever runs here: the
 * question is what it could do.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include "report.h"
#include "sysfs.h"
#include "text.h"

#define KLOG_READ_ALL	3
#define KLOG_SIZE	10

static const char help[] =
	"usage: pcibar capture [--root DIR] [--dmesg FILE]\n"
	"\n"
	"Print the layout of this machine, as a kernel with movable BARs would see it.\n"
	"It is more complete for root: windows of host bridges, reservations, slots.\n"
	"\n"
	"  --root DIR    read DIR/sys and DIR/proc, copied from another machine, and\n"
	"                DIR/dmesg if it is there\n"
	"  --dmesg FILE  this kernel log, for the sizes of BARs that got no address;\n"
	"                otherwise that of the running kernel if it may be read\n"
	"\n"
	"Exit status: 0 done, 1 no PCI here, 2 wrong usage or bad input.\n";

/* The running kernel's log; NULL: it may not be read. */
static char *kernel_log(size_t *len)
{
	int size = klogctl(KLOG_SIZE, NULL, 0), got;
	char *text;

	if (size <= 0)
		return NULL;
	text = pcibar_alloc(size + 1, 1);
	got = klogctl(KLOG_READ_ALL, text, size);
	if (got <= 0) {
		free(text);
		return NULL;
	}
	*len = got;
	return text;
}

static char *find_log(const char *root, const char *file, size_t *len)
{
	if (file)
		return pcibar_read_file(file, len);
	return *root ? sysfs_read(root, "/dmesg", len) : kernel_log(len);
}

/* What the log knows of a BAR that the kernel has thrown away since. */
static void take_lost(struct function *f, const struct function *log)
{
	u32 n;

	for (n = 0; n < BUILDER_BARS; n++) {
		const struct bar_fact *from = &log->bar[n];
		struct bar_fact *bar = &f->bar[n];

		if (!from->known || !from->size || bar->placed || bar->size || bar->hidden)
			continue;
		/* Its place is unknown, or it would not be missing. */
		bar->known = true;
		bar->kind = from->kind;
		bar->size = from->size;
		bar->align = from->align;
		bar->failed = from->failed;
		if (!bar->reg)
			bar->reg = from->reg;
	}
}

static void take_log(struct builder *b, char *text, size_t len)
{
	struct import im = { .file = "kernel log" };
	struct function *log;
	struct host_fact *host;
	u32 i;

	im.b = builder_new();
	import_text(&im, text, len);
	for (i = 0; i < b->nr_funs; i++) {
		struct function *f = b->fun[i];

		log = builder_find(im.b, f->domain, f->bus, f->devfn);
		if (log)
			take_lost(f, log);
	}
	for (i = 0; i < b->nr_hosts; i++) {
		host = builder_find_host(im.b, b->host[i]->domain, b->host[i]->bus);
		if (!host)
			continue;
		if (host->bus_told) {
			b->host[i]->bus_told = true;
			b->host[i]->bus_last = host->bus_last;
		}
		/* /proc/iomem tells neither prefetchable from other, nor offsets. */
		for (u32 r = 0; r < host->nr_roots; r++)
			builder_root(b, b->host[i], &host->root[r]);
	}
	free(im.released);
	builder_free(im.b);
}

static void take_proc(struct builder *b, const char *root, const char *path)
{
	struct import im = { .file = path, .b = b, .ioports = has(path, "ioports") };
	size_t len;
	char *text = sysfs_read(root, path, &len);

	if (!text) {
		note_text(b, "not known: %s%s cannot be read", root, path);
		return;
	}
	import_text(&im, text, len);
	free(text);
}

static struct builder *capture(const char *root, const char *log)
{
	struct builder *b = builder_new();
	size_t len;
	char *text;

	b->live = true;
	if (sysfs_functions(b, root) < 0) {
		builder_free(b);
		return NULL;
	}
	take_proc(b, root, "/proc/iomem");
	take_proc(b, root, "/proc/ioports");
	text = find_log(root, log, &len);
	if (text)
		take_log(b, text, len);
	else
		note_text(b, "not known: sizes of BARs that got no address (no kernel log)");
	free(text);
	config_offsets(b);
	note_text(b, "not known: what user space has mapped");
	return b;
}

struct pmb_layout *pcibar_capture(void)
{
	struct builder *b = capture("", NULL);
	struct pmb_layout *layout = NULL;

	if (b)
		layout = builder_layout(b);
	builder_free(b);
	return layout;
}

static void put_line(void *to, const char *line)
{
	fprintf(to, "%s\n", line);
}

int cmd_capture(int argc, char **argv)
{
	static const struct option options[] = {
		{ "root", required_argument, NULL, 'r' },
		{ "dmesg", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	const char *root = "", *log = NULL;
	struct pmb_layout *layout;
	struct builder *b;
	int opt, status;

	while ((opt = pcibar_option(argc, argv, options, help, &status)) != -1) {
		if (opt == '?')
			return status;
		if (opt == 'r')
			root = optarg;
		else
			log = optarg;
	}
	if (optind < argc)
		return pcibar_fail("capture: %s: no such argument; see pcibar capture --help",
				   argv[optind]);
	b = capture(root, log);
	if (!b)
		return PCIBAR_NO;
	layout = builder_layout(b);
	if (!layout) {
		builder_free(b);
		return PCIBAR_NO;
	}
	notes_print(b->notes, stderr, "");
	notes_print(b->notes, stdout, "# ");
	pmb_text_write(layout, put_line, stdout);
	pmb_layout_free(layout);
	builder_free(b);
	return PCIBAR_OK;
}
