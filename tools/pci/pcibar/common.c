// SPDX-License-Identifier: GPL-2.0
/* What all commands need: files, messages, sizes, names. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "pcibar.h"
#include "text.h"

int pcibar_fail(const char *format, ...)
{
	va_list args;

	fputs("pcibar: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return PCIBAR_BAD;
}

void *pcibar_alloc(size_t nr, size_t size)
{
	void *p = calloc(nr ? nr : 1, size);

	if (!p)
		exit(pcibar_fail("no memory"));
	return p;
}

char *pcibar_print(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		exit(pcibar_fail("no memory"));
	return text;
}

static char *read_stream(FILE *file, size_t *len)
{
	size_t room = 65536;
	char *text = pcibar_alloc(room, 1);

	*len = 0;
	for (;;) {
		*len += fread(text + *len, 1, room - *len - 1, file);
		if (*len < room - 1)
			break;
		room *= 2;
		text = realloc(text, room);
		if (!text)
			exit(pcibar_fail("no memory"));
	}
	text[*len] = 0;
	return text;
}

char *pcibar_read_file(const char *path, size_t *len)
{
	bool standard = !strcmp(path, "-");
	FILE *file = standard ? stdin : fopen(path, "r");
	char *text;

	if (!file) {
		pcibar_fail("%s: %s", path, strerror(errno));
		return NULL;
	}
	errno = 0;
	text = read_stream(file, len);
	if (ferror(file)) {
		pcibar_fail("%s: %s", path, strerror(errno ? errno : EIO));
		free(text);
		text = NULL;
	}
	if (!standard)
		fclose(file);
	return text;
}

static bool assumed;

bool pcibar_roots_assumed(void)
{
	return assumed;
}

struct pmb_layout *pcibar_load(const char *path)
{
	const char *name = strcmp(path, "-") ? path : "standard input";
	struct pmb_text_error error = { .why = NULL };
	struct pmb_layout *layout;
	size_t len;
	char *text;

	text = pcibar_read_file(path, &len);
	if (!text)
		return NULL;
	layout = pmb_text_read(text, len, &error);
	if (memmem(text, len, "\n# " NO_ROOTS, strlen("\n# " NO_ROOTS)))
		assumed = true;
	free(text);
	if (layout)
		return layout;
	if (!error.why)
		pcibar_fail("no memory");
	else if (!len)
		pcibar_fail("%s: empty", name);
	else
		pcibar_fail("%s:%u:%u: %s", name, error.line, error.column, error.why);
	return NULL;
}

struct pmb_layout *pcibar_argument(int argc, char **argv)
{
	if (argc - optind > 1) {
		pcibar_fail("%s: one layout only, not %s as well", argv[0], argv[optind + 1]);
		return NULL;
	}
	if (argc > optind)
		return pcibar_load(argv[optind]);
	return pcibar_capture();
}

FILE *pcibar_create(const char *path)
{
	FILE *file;

	if (!strcmp(path, "-"))
		return stdout;
	file = fopen(path, "w");
	if (!file)
		pcibar_fail("%s: %s", path, strerror(errno));
	return file;
}

int pcibar_close(FILE *file, const char *path)
{
	bool bad = fflush(file) || ferror(file);

	if (file != stdout)
		bad |= fclose(file);
	return bad ? pcibar_fail("%s: %s", path, strerror(errno)) : PCIBAR_OK;
}

const char *pcibar_size(char buf[24], u64 size)
{
	static const char units[] = " KMGTPE";
	unsigned int n = 0;

	while (size && !(size & 1023) && n < 6) {
		size >>= 10;
		n++;
	}
	/* An odd number of bytes reads better in hexadecimal. */
	if (!n)
		snprintf(buf, 24, size > 9999 ? "%#llx" : "%llu", size);
	else
		snprintf(buf, 24, "%llu%c", size, units[n]);
	return buf;
}

const char *pcibar_about(char buf[24], u64 size)
{
	static const char units[] = " KMGTPE";
	u64 whole = size, rest = 0;
	unsigned int n = 0;

	while (whole >= 1024 && n < 6) {
		rest = whole & 1023;
		whole >>= 10;
		n++;
	}
	if (!n)
		snprintf(buf, 24, "%llu", whole);
	else if (whole < 100 && rest)
		snprintf(buf, 24, "%llu.%llu%c", whole, rest * 10 / 1024, units[n]);
	else
		snprintf(buf, 24, "%llu%c", whole, units[n]);
	return buf;
}

const char *pcibar_kind(const struct pmb_bar *bar)
{
	if (bar->flags & PMB_BAR_IO)
		return "io";
	if (bar->flags & PMB_BAR_PREF)
		return bar->flags & PMB_BAR_64 ? "pref64" : "pref";
	return bar->flags & PMB_BAR_64 ? "mem64" : "mem";
}

/* "01:00.0" is "0000:01:00.0", too. */
static bool same_name(const char *full, const char *name)
{
	return !strcmp(full, name) || (!strncmp(full, "0000:", 5) && !strcmp(full + 5, name));
}

u32 pcibar_find_dev(const struct pmb_layout *layout, const char *name)
{
	u32 i;

	for (i = 0; i < layout->nr_devs; i++)
		if (same_name(layout->devs[i].name, name))
			return i;
	return PMB_NONE;
}

u32 pcibar_find_bridge(const struct pmb_layout *layout, const char *name)
{
	u32 i;

	for (i = 0; i < layout->nr_bridges; i++)
		if (same_name(layout->bridges[i].name, name))
			return i;
	return PMB_NONE;
}

static u32 choose_host(const struct pmb_layout *l, const char *name)
{
	u32 i;

	if (name) {
		for (i = 0; i < l->nr_hosts; i++)
			if (same_name(l->hosts[i].name, name))
				return i;
		return PMB_NONE;
	}
	for (i = 0; i < l->nr_bars; i++)
		if (l->bars[i].flags & PMB_BAR_WANTED)
			return l->devs[l->bars[i].dev].host;
	return l->nr_hosts ? 0 : PMB_NONE;
}

/* Indices of what stays: objects keep their order. */
static void copy_host(const struct pmb_layout *from, u32 host, struct pmb_layout *to)
{
	u32 *bridge = pcibar_alloc(from->nr_bridges, sizeof(u32));
	u32 *dev = pcibar_alloc(from->nr_devs, sizeof(u32));
	u32 i;

	to->hosts[to->nr_hosts++] = from->hosts[host];
	for (i = 0; i < from->nr_roots; i++)
		if (from->roots[i].host == host)
			to->roots[to->nr_roots++] = from->roots[i];
	for (i = 0; i < from->nr_holes; i++)
		if (from->holes[i].host == host)
			to->holes[to->nr_holes++] = from->holes[i];
	for (i = 0; i < from->nr_bridges; i++) {
		bridge[i] = to->nr_bridges;
		if (from->bridges[i].host == host)
			to->bridges[to->nr_bridges++] = from->bridges[i];
	}
	for (i = 0; i < from->nr_devs; i++) {
		dev[i] = to->nr_devs;
		if (from->devs[i].host == host)
			to->devs[to->nr_devs++] = from->devs[i];
	}
	for (i = 0; i < from->nr_bars; i++)
		if (from->devs[from->bars[i].dev].host == host)
			to->bars[to->nr_bars++] = from->bars[i];

	for (i = 0; i < to->nr_roots; i++)
		to->roots[i].host = 0;
	for (i = 0; i < to->nr_holes; i++)
		to->holes[i].host = 0;
	for (i = 0; i < to->nr_bridges; i++) {
		to->bridges[i].host = 0;
		to->bridges[i].dev = dev[to->bridges[i].dev];
		if (to->bridges[i].parent != PMB_NONE)
			to->bridges[i].parent = bridge[to->bridges[i].parent];
	}
	for (i = 0; i < to->nr_devs; i++) {
		to->devs[i].host = 0;
		if (to->devs[i].bridge != PMB_NONE)
			to->devs[i].bridge = bridge[to->devs[i].bridge];
	}
	for (i = 0; i < to->nr_bars; i++)
		to->bars[i].dev = dev[to->bars[i].dev];
	free(bridge);
	free(dev);
}

struct pmb_layout *pcibar_one_host(const struct pmb_layout *layout, const char *name)
{
	const struct pmb_counts max = {
		.hosts = 1,
		.roots = layout->nr_roots,
		.holes = layout->nr_holes,
		.bridges = layout->nr_bridges,
		.devs = layout->nr_devs,
		.bars = layout->nr_bars,
	};
	u32 host = choose_host(layout, name);
	struct pmb_layout *to;

	if (host == PMB_NONE) {
		pcibar_fail("no host bridge %s in this layout", name ? name : "at all");
		return NULL;
	}
	to = pmb_layout_alloc(&max);
	if (!to) {
		pcibar_fail("no memory");
		return NULL;
	}
	copy_host(layout, host, to);
	return to;
}

bool pcibar_wants(const struct pmb_layout *layout)
{
	u32 i;

	for (i = 0; i < layout->nr_bars; i++)
		if (layout->bars[i].flags & PMB_BAR_WANTED)
			return true;
	return false;
}

int pcibar_option(int argc, char **argv, const struct option *options,
		  const char *help, int *status)
{
	const struct option *o;
	bool output = false;
	int opt;

	for (o = options; o->name; o++)
		output |= o->val == 'o';
	opterr = 0;
	opt = getopt_long(argc, argv, output ? ":ho:" : ":h", options, NULL);
	switch (opt) {
	case 'h':
		fputs(help, stdout);
		*status = PCIBAR_OK;
		return '?';
	case ':':
		*status = pcibar_fail("%s: %s needs a value", argv[0], argv[optind - 1]);
		return '?';
	case '?':
		*status = pcibar_fail("%s: unknown option %s; see pcibar %s --help", argv[0],
				      argv[optind - 1], argv[0]);
		return '?';
	}
	return opt;
}
