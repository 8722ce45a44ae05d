// SPDX-License-Identifier: GPL-2.0
/* pcibar diff: what differs between two layouts, function by function. */
#include <stdlib.h>
#include <string.h>
#include "json.h"
#include "pcibar.h"
#include "view.h"

static const char help[] =
"usage: pcibar diff A B [--json]\n"
"\n"
"Says what moved from layout A to layout B: windows and BARs that changed, functions\n"
"that appeared or vanished, drivers that changed, BARs that became fixed or movable.\n"
"A or B may be - for standard input.\n"
"\n"
"Exit status: 0 no difference, 1 there is one, 2 bad input.\n";

/* Kinds of differences: in the order of the output, with their names there. */
enum diff_kind { DIFF_ROOT, DIFF_WINDOW, DIFF_BAR, DIFF_STATE, DIFF_DRIVER, DIFF_APPEARED,
	DIFF_VANISHED, DIFFS };

static const struct {
	const char *title, *key;
} names[DIFFS] = {
	[DIFF_ROOT] = { "windows of host bridges:", "roots" },
	[DIFF_WINDOW] = { "windows of bridges:", "windows" },
	[DIFF_BAR] = { "BARs:", "bars" },
	[DIFF_STATE] = { "movable or not:", "movable" },
	[DIFF_DRIVER] = { "drivers:", "drivers" },
	[DIFF_APPEARED] = { "appeared:", "appeared" },
	[DIFF_VANISHED] = { "vanished:", "vanished" },
};

/**
 * struct finding - a difference
 * @what: its kind
 * @name: bridge, function or host bridge
 * @bar: number of the BAR; -1: it is about none
 * @space: of a window
 * @a: range in the first layout
 * @b: range in the second one
 * @from: words instead of ranges; NULL: ranges
 * @to: the same for the second one
 */
struct finding {
	enum diff_kind what;
	const char *name;
	int bar;
	enum pmb_space space;
	struct pmb_range a, b;
	const char *from, *to;
};

struct diff {
	const struct pmb_layout *a, *b;
	struct finding *found;
	u32 nr, room;
};

static struct finding *add(struct diff *d, enum diff_kind what, const char *name)
{
	if (d->nr == d->room) {
		d->room = d->room ? 2 * d->room : 64;
		d->found = realloc(d->found, d->room * sizeof(*d->found));
		if (!d->found)
			exit(pcibar_fail("no memory"));
	}
	d->found[d->nr] = (struct finding){ .what = what, .name = name, .bar = -1 };
	return &d->found[d->nr++];
}

static void add_ranges(struct diff *d, enum diff_kind what, const char *name, int bar,
		       enum pmb_space space, struct pmb_range a, struct pmb_range b)
{
	struct finding *f;

	if (a.size == b.size && (!a.size || a.start == b.start))
		return;
	f = add(d, what, name);
	f->bar = bar;
	f->space = space;
	f->a = a;
	f->b = b;
}

static void add_words(struct diff *d, enum diff_kind what, const char *name, int bar,
		      const char *from, const char *to)
{
	struct finding *f;

	if (!strcmp(from, to))
		return;
	f = add(d, what, name);
	f->bar = bar;
	f->from = from;
	f->to = to;
}

/* Finding what is the same */

static bool has_root(const struct pmb_layout *l, const char *host, const struct pmb_root *root)
{
	u32 i;

	for (i = 0; i < l->nr_roots; i++)
		if (l->roots[i].space == root->space &&
		    !strcmp(l->hosts[l->roots[i].host].name, host) &&
		    l->roots[i].range.start == root->range.start &&
		    l->roots[i].range.size == root->range.size)
			return true;
	return false;
}

static void compare_roots(struct diff *d)
{
	struct pmb_range none = { 0, 0 };
	const char *host;
	u32 i;

	for (i = 0; i < d->a->nr_roots; i++) {
		const struct pmb_root *root = &d->a->roots[i];

		host = d->a->hosts[root->host].name;
		if (!has_root(d->b, host, root))
			add_ranges(d, DIFF_ROOT, host, -1, root->space, root->range, none);
	}
	for (i = 0; i < d->b->nr_roots; i++) {
		const struct pmb_root *root = &d->b->roots[i];

		host = d->b->hosts[root->host].name;
		if (!has_root(d->a, host, root))
			add_ranges(d, DIFF_ROOT, host, -1, root->space, none, root->range);
	}
}

static u32 same_dev(const struct pmb_layout *l, const char *name)
{
	u32 i;

	for (i = 0; i < l->nr_devs; i++)
		if (!strcmp(l->devs[i].name, name))
			return i;
	return PMB_NONE;
}

static u32 same_bridge(const struct pmb_layout *l, const char *name)
{
	u32 i;

	for (i = 0; i < l->nr_bridges; i++)
		if (!strcmp(l->bridges[i].name, name))
			return i;
	return PMB_NONE;
}

static u32 same_bar(const struct pmb_layout *l, u32 dev, const struct pmb_bar *bar)
{
	u32 i;

	for (i = 0; i < l->nr_bars; i++)
		if (l->bars[i].dev == dev && l->bars[i].res == bar->res &&
		    l->bars[i].reg == bar->reg)
			return i;
	return PMB_NONE;
}

/* Comparing */

static void compare_windows(struct diff *d)
{
	struct pmb_range none = { 0, 0 };
	u32 i, k, other;

	for (i = 0; i < d->a->nr_bridges; i++) {
		const struct pmb_bridge *bridge = &d->a->bridges[i];

		other = same_bridge(d->b, bridge->name);
		for (k = 0; k < PMB_SPACES; k++)
			add_ranges(d, DIFF_WINDOW, bridge->name, -1, k, bridge->win[k].cur,
				   other == PMB_NONE ? none : d->b->bridges[other].win[k].cur);
	}
	for (i = 0; i < d->b->nr_bridges; i++) {
		const struct pmb_bridge *bridge = &d->b->bridges[i];

		if (same_bridge(d->a, bridge->name) != PMB_NONE)
			continue;
		for (k = 0; k < PMB_SPACES; k++)
			add_ranges(d, DIFF_WINDOW, bridge->name, -1, k, none, bridge->win[k].cur);
	}
}

static const char *movable(const struct pmb_layout *l, const struct pmb_bar *bar)
{
	if (pmb_bar_fixed(bar))
		return pmb_why_text(bar->why);
	return view_fixed(l, bar) ? "its device never moves" : "movable";
}

static void compare_bars(struct diff *d)
{
	struct pmb_range none = { 0, 0 };
	u32 i, dev, other;

	for (i = 0; i < d->a->nr_bars; i++) {
		const struct pmb_bar *bar = &d->a->bars[i];
		const char *name = d->a->devs[bar->dev].name;

		dev = same_dev(d->b, name);
		other = dev == PMB_NONE ? PMB_NONE : same_bar(d->b, dev, bar);
		add_ranges(d, DIFF_BAR, name, bar->res, 0, view_bar(d->a, NULL, i),
			   other == PMB_NONE ? none : view_bar(d->b, NULL, other));
		if (other != PMB_NONE)
			add_words(d, DIFF_STATE, name, bar->res, movable(d->a, bar),
				  movable(d->b, &d->b->bars[other]));
	}
	for (i = 0; i < d->b->nr_bars; i++) {
		const struct pmb_bar *bar = &d->b->bars[i];
		const char *name = d->b->devs[bar->dev].name;

		dev = same_dev(d->a, name);
		if (dev == PMB_NONE || same_bar(d->a, dev, bar) == PMB_NONE)
			add_ranges(d, DIFF_BAR, name, bar->res, 0, none, view_bar(d->b, NULL, i));
	}
}

static void compare_devs(struct diff *d)
{
	u32 i, other;

	for (i = 0; i < d->a->nr_devs; i++) {
		const struct pmb_dev *dev = &d->a->devs[i];

		other = same_dev(d->b, dev->name);
		if (other == PMB_NONE)
			add_words(d, DIFF_VANISHED, dev->name, -1,
				  *dev->driver ? dev->driver : "no driver", "");
		else
			add_words(d, DIFF_DRIVER, dev->name, -1, dev->driver,
				  d->b->devs[other].driver);
	}
	for (i = 0; i < d->b->nr_devs; i++)
		if (same_dev(d->a, d->b->devs[i].name) == PMB_NONE)
			add_words(d, DIFF_APPEARED, d->b->devs[i].name, -1, "",
				  *d->b->devs[i].driver ? d->b->devs[i].driver : "no driver");
}

/* Output */

static void print_range(const struct pmb_range *range)
{
	char size[24];

	if (range->size)
		printf("0x%llx-0x%llx (%s)", range->start, pmb_last(range),
		       pcibar_about(size, range->size));
	else
		fputs("none", stdout);
}

static void print_finding(const struct finding *f)
{
	printf("  %s", f->name);
	if (f->bar >= 0)
		printf(" BAR %d", f->bar);
	if (f->what == DIFF_ROOT || f->what == DIFF_WINDOW)
		printf(" %s", pmb_space_text(f->space));
	if (f->what == DIFF_APPEARED || f->what == DIFF_VANISHED) {
		printf(" (%s%s)\n", f->from, f->to);
		return;
	}
	fputs(": ", stdout);
	if (f->from) {
		printf("%s -> %s\n", *f->from ? f->from : "none", *f->to ? f->to : "none");
		return;
	}
	print_range(&f->a);
	fputs(" -> ", stdout);
	print_range(&f->b);
	putchar('\n');
}

static void print_text(const struct diff *d)
{
	u32 what, i;
	bool any;

	for (what = 0; what < DIFFS; what++) {
		any = false;
		for (i = 0; i < d->nr; i++) {
			if (d->found[i].what != what)
				continue;
			if (!any)
				puts(names[what].title);
			any = true;
			print_finding(&d->found[i]);
		}
	}
	if (!d->nr)
		puts("no difference");
}

static void put_finding(struct json *json, const struct finding *f)
{
	json_open(json, NULL, '{');
	if (f->what == DIFF_ROOT)
		json_string(json, "host", f->name);
	else if (f->what == DIFF_WINDOW)
		json_string(json, "bridge", f->name);
	else
		json_string(json, "device", f->name);
	if (f->bar >= 0)
		json_number(json, "bar", f->bar);
	if (f->what == DIFF_ROOT || f->what == DIFF_WINDOW)
		json_string(json, "space", pmb_space_key(f->space));
	if (f->what == DIFF_APPEARED) {
		json_string(json, "driver", f->to);
	} else if (f->what == DIFF_VANISHED) {
		json_string(json, "driver", f->from);
	} else if (f->from) {
		json_string(json, "from", f->from);
		json_string(json, "to", f->to);
	} else {
		json_range(json, "from", &f->a);
		json_range(json, "to", &f->b);
	}
	json_close(json);
}

static void print_json(const struct diff *d)
{
	struct json json = { .to = stdout };
	u32 what, i;

	json_open(&json, NULL, '{');
	json_number(&json, "differences", d->nr);
	for (what = 0; what < DIFFS; what++) {
		json_open(&json, names[what].key, '[');
		for (i = 0; i < d->nr; i++)
			if (d->found[i].what == what)
				put_finding(&json, &d->found[i]);
		json_close(&json);
	}
	json_close(&json);
}

static const struct option options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "json", no_argument, NULL, 'j' },
	{ }
};

int cmd_diff(int argc, char **argv)
{
	struct pmb_layout *a, *b = NULL;
	int o, status = PCIBAR_BAD;
	struct diff d = { };
	bool json = false;

	while ((o = pcibar_option(argc, argv, options, help, &status)) != -1) {
		if (o != 'j')
			return status;
		json = true;
	}
	if (argc - optind != 2)
		return pcibar_fail("diff: two layouts are needed; see pcibar diff --help");
	if (!strcmp(argv[optind], "-") && !strcmp(argv[optind + 1], "-"))
		return pcibar_fail("diff: only one of them can be standard input");

	a = pcibar_load(argv[optind]);
	if (a)
		b = pcibar_load(argv[optind + 1]);
	if (a && b) {
		d.a = a;
		d.b = b;
		compare_roots(&d);
		compare_windows(&d);
		compare_bars(&d);
		compare_devs(&d);
		if (json)
			print_json(&d);
		else
			print_text(&d);
		status = d.nr ? PCIBAR_NO : PCIBAR_OK;
		free(d.found);
	} else {
		status = PCIBAR_BAD;
	}
	pmb_layout_free(a);
	pmb_layout_free(b);
	return status;
}
