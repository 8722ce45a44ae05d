// SPDX-License-Identifier: GPL-2.0
/*
 * Layouts as text: the reader.
 *
 * An object may be named before the line that describes it, so the text is
 * gone over four times:
 *
 *	count	how many objects of each kind are there? Allocate them.
 *	name	read the names of hosts, bridges and functions; sort them.
 *	fill	read everything else; names become indices.
 *	link	a bridge is on the bus that its function is on.
 *
 * What is allocated is in proportion to the length of the text.  Functions
 * that return an int give -EINVAL after they have said where and why.
 *
 * Documentation/PCI/movable-bars.rst has the grammar and an example.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "text.h"
#include "text_scan.h"
#include "text_words.h"

/* The first words of lines. */
enum pmb_kind {
	PMB_K_HOST,
	PMB_K_ROOT,
	PMB_K_HOLE,
	PMB_K_BRIDGE,
	PMB_K_WINDOW,
	PMB_K_DEV,
	PMB_K_BAR,
	PMB_K_END,
	PMB_KINDS
};

/* The names of one kind of object, sorted. */
struct pmb_names {
	struct pmb_name {
		const char *name;
		u32 index;
	} *name;
	u32 nr;
};

struct pmb_reader {
	struct pmb_scan s;
	const char *key;		/* first word of the current line */
	u32 lines;			/* objects so far, windows included */
	struct pmb_counts at;		/* the same by kind */
	struct pmb_names hosts, bridges, devs;
	u32 *given;			/* for each function: BARs seen, by number */
	struct pmb_layout *layout;
};

/* What is wrong with a line as a whole is said at its start. */
static int pmb_blame(struct pmb_reader *r, const char *why)
{
	return why ? pmb_scan_fail(&r->s, r->key, why) : 0;
}

/* Names. */

/* By name; the same name by index. */
static int pmb_cmp_names(const void *a, const void *b)
{
	const struct pmb_name *x = a, *y = b;

	return strcmp(x->name, y->name) ?:
	       (x->index > y->index) - (x->index < y->index);
}

/* The lowest index of a name, or PMB_NONE. */
static u32 pmb_find_name(const struct pmb_names *names, const char *name)
{
	u32 lo = 0, hi = names->nr, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(names->name[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == names->nr || strcmp(names->name[lo].name, name))
		return PMB_NONE;
	return names->name[lo].index;
}

/* Take the name of an object that is in the text: its index. */
static int pmb_ref(struct pmb_reader *r, const struct pmb_names *names, u32 *index)
{
	char name[PMB_NAME_LEN];
	const char *at;
	int ret;

	pmb_scan_more(&r->s);
	at = r->s.p;
	ret = pmb_scan_name(&r->s, name);
	if (ret < 0)
		return ret;
	*index = pmb_find_name(names, name);
	if (*index != PMB_NONE)
		return 0;
	return pmb_scan_fail(&r->s, at, names == &r->hosts ? "no such host" :
			     names == &r->bridges ? "no such bridge" : "no such dev");
}

/* Take the name of the object that the current line describes. */
static int pmb_own_name(struct pmb_reader *r, const struct pmb_names *names, u32 index)
{
	const char *at;
	u32 first;
	int ret;

	pmb_scan_more(&r->s);
	at = r->s.p;
	ret = pmb_ref(r, names, &first);
	if (ret < 0)
		return ret;
	return first == index ? 0 : pmb_scan_fail(&r->s, at, "name given before");
}

/* Words. */

static int pmb_space(struct pmb_reader *r, bool hole, enum pmb_space *space)
{
	static const char * const keys[] = { "io", "mem", "pref" };
	int ret;

	if (hole)
		ret = pmb_scan_word(&r->s, keys, 2, "io or mem expected");
	else
		ret = pmb_scan_word(&r->s, keys, 3, "io, mem or pref expected");
	if (ret < 0)
		return ret;
	*space = ret;
	return 0;
}

static int pmb_way(struct pmb_reader *r, enum pmb_way *way)
{
	const char *keys[PMB_WAYS];
	int ret, i;

	for (i = 0; i < PMB_WAYS; i++)
		keys[i] = pmb_way_key(i);
	ret = pmb_scan_word(&r->s, keys, PMB_WAYS, "free, live, pause or never expected");
	if (ret < 0)
		return ret;
	*way = ret;
	return 0;
}

static int pmb_why(struct pmb_reader *r, enum pmb_why *why)
{
	const char *keys[PMB_WHYS];
	int ret, i;

	for (i = 0; i < PMB_WHYS; i++)
		keys[i] = i == PMB_MAY_MOVE ? "" : pmb_why_key(i);
	ret = pmb_scan_word(&r->s, keys, PMB_WHYS, "no such reason");
	if (ret < 0)
		return ret;
	*why = ret;
	return 0;
}

/* The kind of a BAR, as flags. */
static int pmb_bar_kind(struct pmb_reader *r, u32 *flags)
{
	static const char * const keys[] = { "io", "mem", "pref", "mem64", "pref64" };
	static const u32 kinds[] = {
		PMB_BAR_IO, 0, PMB_BAR_PREF, PMB_BAR_64, PMB_BAR_PREF | PMB_BAR_64
	};
	int ret;

	ret = pmb_scan_word(&r->s, keys, ARRAY_SIZE(keys),
			    "io, mem, pref, mem64 or pref64 expected");
	if (ret < 0)
		return ret;
	*flags = kinds[ret];
	return 0;
}

/* Lines, behind their first word, in the pass that fills the layout. */

static int pmb_fill_host(struct pmb_reader *r)
{
	static const char * const keys[] = { "bus" };
	struct pmb_line_options opt = { .keys = keys, .nr_keys = ARRAY_SIZE(keys) };
	struct pmb_host *host = &r->layout->hosts[r->at.hosts];
	int ret;

	for (ret = pmb_own_name(r, &r->hosts, r->at.hosts); ret >= 0;) {
		ret = pmb_scan_option(&r->s, &opt);
		if (ret >= 0)
			ret = pmb_scan_buses(&r->s, &host->bus_first,
					     &host->bus_last);
	}
	return ret == -ENOENT ? pmb_blame(r, pmb_host_error(host)) : ret;
}

static int pmb_fill_root(struct pmb_reader *r)
{
	static const char * const keys[] = { "offset" };
	struct pmb_line_options opt = { .keys = keys, .nr_keys = ARRAY_SIZE(keys) };
	struct pmb_root *root = &r->layout->roots[r->at.roots];
	int ret;

	ret = pmb_ref(r, &r->hosts, &root->host) ?:
	      pmb_space(r, false, &root->space) ?:
	      pmb_scan_range(&r->s, &root->range);
	while (ret >= 0) {
		ret = pmb_scan_option(&r->s, &opt);
		if (ret >= 0)
			ret = pmb_scan_number(&r->s, U64_MAX, &root->offset);
	}
	if (ret != -ENOENT)
		return ret;
	return pmb_blame(r, pmb_root_error(root) ?:
			    pmb_root_clash(r->layout, r->at.roots));
}

static int pmb_fill_hole(struct pmb_reader *r)
{
	struct pmb_hole *hole = &r->layout->holes[r->at.holes];
	enum pmb_space space = PMB_IO;
	int ret;

	ret = pmb_ref(r, &r->hosts, &hole->host) ?:
	      pmb_space(r, true, &space) ?:
	      pmb_scan_range(&r->s, &hole->range);
	if (!ret && pmb_scan_more(&r->s))
		ret = pmb_scan_name(&r->s, hole->name);
	ret = ret ?: pmb_scan_nothing(&r->s);
	if (ret < 0)
		return ret;
	hole->io = space == PMB_IO;
	return pmb_blame(r, pmb_hole_error(hole));
}

static int pmb_fill_dev(struct pmb_reader *r)
{
	enum { ON, BEHIND, DRIVER, WAY, COST };
	static const char * const keys[] = { "on", "behind", "driver", "way", "cost" };
	struct pmb_line_options opt = { .keys = keys, .nr_keys = ARRAY_SIZE(keys) };
	struct pmb_dev *dev = &r->layout->devs[r->at.devs];
	u64 cost = 0;
	int ret;

	dev->bridge = PMB_NONE;
	for (ret = pmb_own_name(r, &r->devs, r->at.devs); ret >= 0;) {
		ret = pmb_scan_option(&r->s, &opt);
		switch (ret) {
		case ON:
			ret = pmb_ref(r, &r->hosts, &dev->host);
			break;
		case BEHIND:
			ret = pmb_ref(r, &r->bridges, &dev->bridge);
			break;
		case DRIVER:
			ret = pmb_scan_name(&r->s, dev->driver);
			break;
		case WAY:
			ret = pmb_way(r, &dev->way);
			break;
		case COST:
			ret = pmb_scan_number(&r->s, U32_MAX, &cost);
			break;
		}
	}
	if (ret != -ENOENT)
		return ret;

	if (!(opt.seen & BIT(ON)) == !(opt.seen & BIT(BEHIND)))
		return pmb_blame(r, "either 'on' or 'behind' expected");
	if (!(opt.seen & BIT(WAY)))
		dev->way = pmb_default_way(dev);
	dev->cost = opt.seen & BIT(COST) ? cost : pmb_default_cost(dev->way);
	return 0;
}

static int pmb_fill_bridge(struct pmb_reader *r)
{
	enum { DEV, BUS };
	static const char * const keys[] = { "dev", "bus" };
	struct pmb_line_options opt = {
		.keys = keys,
		.nr_keys = ARRAY_SIZE(keys),
		.words = pmb_bridge_words,
		.nr_words = ARRAY_SIZE(pmb_bridge_words),
	};
	struct pmb_bridge *bridge = &r->layout->bridges[r->at.bridges];
	int ret;

	for (ret = pmb_own_name(r, &r->bridges, r->at.bridges); ret >= 0;) {
		ret = pmb_scan_option(&r->s, &opt);
		if (ret == DEV)
			ret = pmb_ref(r, &r->devs, &bridge->dev);
		else if (ret == BUS)
			ret = pmb_scan_buses(&r->s, &bridge->bus_first,
					     &bridge->bus_last);
	}
	if (ret != -ENOENT)
		return ret;

	bridge->flags = opt.flags;
	if (!(opt.seen & BIT(DEV)))
		bridge->dev = pmb_find_name(&r->devs, bridge->name);
	if (bridge->dev == PMB_NONE)
		return pmb_blame(r, "no dev of the same name, and none given");
	return 0;
}

static int pmb_fill_window(struct pmb_reader *r)
{
	enum { ALIGN, MAX, RESERVE };
	static const char * const keys[] = { "align", "max", "reserve" };
	struct pmb_line_options opt = { .keys = keys, .nr_keys = ARRAY_SIZE(keys) };
	enum pmb_space space = PMB_IO;
	struct pmb_window *win;
	u32 bridge = 0;
	int ret;

	ret = pmb_ref(r, &r->bridges, &bridge) ?: pmb_space(r, false, &space);
	if (ret < 0)
		return ret;
	win = &r->layout->bridges[bridge].win[space];
	if (win->align)
		return pmb_blame(r, "window given before");
	win->align = pmb_default_align(space);
	win->max = pmb_default_max(space);

	for (ret = pmb_scan_range(&r->s, &win->cur); ret >= 0;) {
		ret = pmb_scan_option(&r->s, &opt);
		if (ret == ALIGN)
			ret = pmb_scan_size(&r->s, &win->align);
		else if (ret == MAX)
			ret = pmb_scan_number(&r->s, U64_MAX, &win->max);
		else if (ret == RESERVE)
			ret = pmb_scan_size(&r->s, &win->reserve);
	}
	if (ret != -ENOENT)
		return ret;
	if (!win->align)
		return pmb_blame(r, "alignment is no power of two");
	return pmb_blame(r, pmb_window_error(win));
}

/* A register of a function has one BAR; reservations have no register. */
static bool pmb_bar_again(struct pmb_reader *r, const struct pmb_bar *bar)
{
	u32 *given = &r->given[bar->dev];

	if (!bar->reg || bar->res > 31)
		return false;
	if (*given & BIT(bar->res))
		return true;
	*given |= BIT(bar->res);
	return false;
}

static int pmb_fill_bar(struct pmb_reader *r)
{
	enum { AT, SIZE, ALIGN, REG, SIZES, FIXED };
	static const char * const keys[] = {
		"at", "size", "align", "reg", "sizes", "fixed"
	};
	struct pmb_line_options opt = {
		.keys = keys,
		.nr_keys = ARRAY_SIZE(keys),
		.words = pmb_bar_words,
		.nr_words = ARRAY_SIZE(pmb_bar_words),
	};
	struct pmb_bar *bar = &r->layout->bars[r->at.bars];
	struct pmb_range range = {};
	u64 res = 0, reg = 0;
	int ret;

	ret = pmb_ref(r, &r->devs, &bar->dev) ?:
	      pmb_scan_number(&r->s, U16_MAX, &res) ?:
	      pmb_bar_kind(r, &bar->flags);
	while (ret >= 0) {
		ret = pmb_scan_option(&r->s, &opt);
		switch (ret) {
		case AT:
			ret = pmb_scan_range(&r->s, &range);
			break;
		case SIZE:
			ret = pmb_scan_size(&r->s, &range.size);
			break;
		case ALIGN:
			ret = pmb_scan_size(&r->s, &bar->align);
			break;
		case REG:
			ret = pmb_scan_number(&r->s, U16_MAX, &reg);
			break;
		case SIZES:
			ret = pmb_scan_sizes(&r->s, &bar->sizes);
			break;
		case FIXED:
			ret = pmb_why(r, &bar->why);
			break;
		}
	}
	if (ret != -ENOENT)
		return ret;

	if (!(opt.seen & BIT(AT)) == !(opt.seen & BIT(SIZE)))
		return pmb_blame(r, "either 'at' or 'size' expected");
	bar->res = res;
	bar->reg = opt.seen & BIT(REG) ? reg : pmb_default_reg(res);
	bar->flags |= opt.flags;
	if (opt.seen & BIT(AT))
		bar->flags |= PMB_BAR_PLACED;
	bar->start = range.start;
	bar->size = range.size;
	if (!(opt.seen & BIT(ALIGN)))
		bar->align = pmb_default_bar_align(bar->size);
	if (pmb_bar_again(r, bar))
		return pmb_blame(r, "BAR given before");
	return pmb_blame(r, pmb_bar_error(bar));
}

/* The passes: what each does with a line. Counting is done in all of them. */

static int pmb_pass_name(struct pmb_reader *r, enum pmb_kind kind)
{
	switch (kind) {
	case PMB_K_HOST:
		return pmb_scan_name(&r->s, r->layout->hosts[r->at.hosts].name);
	case PMB_K_BRIDGE:
		return pmb_scan_name(&r->s, r->layout->bridges[r->at.bridges].name);
	case PMB_K_DEV:
		return pmb_scan_name(&r->s, r->layout->devs[r->at.devs].name);
	default:
		return 0;
	}
}

static int pmb_pass_fill(struct pmb_reader *r, enum pmb_kind kind)
{
	static int (* const fill[PMB_K_END])(struct pmb_reader *r) = {
		[PMB_K_HOST]	= pmb_fill_host,
		[PMB_K_ROOT]	= pmb_fill_root,
		[PMB_K_HOLE]	= pmb_fill_hole,
		[PMB_K_BRIDGE]	= pmb_fill_bridge,
		[PMB_K_WINDOW]	= pmb_fill_window,
		[PMB_K_DEV]	= pmb_fill_dev,
		[PMB_K_BAR]	= pmb_fill_bar,
	};

	return fill[kind](r);
}

/* Bridges come after the one above, so that one knows its host already. */
static int pmb_pass_link(struct pmb_reader *r, enum pmb_kind kind)
{
	struct pmb_bridge *bridge;
	struct pmb_dev *dev;

	if (kind != PMB_K_BRIDGE)
		return 0;
	bridge = &r->layout->bridges[r->at.bridges];
	dev = &r->layout->devs[bridge->dev];
	bridge->parent = dev->bridge;
	if (dev->bridge == PMB_NONE) {
		bridge->host = dev->host;
		return 0;
	}
	if (dev->bridge >= r->at.bridges)
		return pmb_blame(r, "comes before the bridge above");
	bridge->host = r->layout->bridges[dev->bridge].host;
	return 0;
}

static void pmb_count(struct pmb_reader *r, enum pmb_kind kind)
{
	r->lines++;
	r->at.hosts += kind == PMB_K_HOST;
	r->at.roots += kind == PMB_K_ROOT;
	r->at.holes += kind == PMB_K_HOLE;
	r->at.bridges += kind == PMB_K_BRIDGE;
	r->at.devs += kind == PMB_K_DEV;
	r->at.bars += kind == PMB_K_BAR;
}

/* "end", maybe with a count; only comments behind it, but for a log. */
static int pmb_end(struct pmb_reader *r)
{
	u64 lines = r->lines;
	const char *at;
	int ret = 0;

	if (pmb_scan_more(&r->s)) {
		at = r->s.p;
		ret = pmb_scan_number(&r->s, U32_MAX, &lines) ?:
		      pmb_scan_nothing(&r->s);
		if (!ret && lines != r->lines)
			ret = pmb_scan_fail(&r->s, at, "not the number of lines above");
	}
	if (ret < 0 || r->s.log)
		return ret;
	ret = pmb_scan_line(&r->s);
	return ret > 0 ? pmb_scan_fail(&r->s, r->s.p, "text after the end") : ret;
}

/* Go over all lines, from behind the header on. */
static int pmb_pass(struct pmb_reader *r, const struct pmb_scan *start,
		    int (*pass)(struct pmb_reader *r, enum pmb_kind kind))
{
	static const char * const kinds[PMB_KINDS] = {
		"host", "root", "hole", "bridge", "window", "dev", "bar", "end"
	};
	int ret, kind;

	r->s = *start;
	r->lines = 0;
	memset(&r->at, 0, sizeof(r->at));

	for (;;) {
		ret = pmb_scan_line(&r->s);
		if (ret < 0)
			return ret;
		if (!ret)
			return pmb_scan_fail(&r->s, r->s.p, "'end' expected");

		r->key = r->s.p;
		kind = pmb_scan_word(&r->s, kinds, PMB_KINDS, "unknown kind of line");
		if (kind < 0)
			return kind;
		if (kind == PMB_K_END)
			return pmb_end(r);
		ret = pass ? pass(r, kind) : 0;
		if (ret < 0)
			return ret;
		pmb_count(r, kind);
	}
}

static int pmb_no_memory(struct pmb_reader *r)
{
	r->s.error->line = 0;
	r->s.error->column = 0;
	r->s.error->why = "no memory";
	return -ENOMEM;
}

static int pmb_alloc(struct pmb_reader *r)
{
	const struct pmb_counts *max = &r->at;

	r->layout = pmb_layout_alloc(max);
	r->hosts.name = kvcalloc(max->hosts, sizeof(*r->hosts.name), GFP_KERNEL);
	r->bridges.name = kvcalloc(max->bridges, sizeof(*r->bridges.name), GFP_KERNEL);
	r->devs.name = kvcalloc(max->devs, sizeof(*r->devs.name), GFP_KERNEL);
	r->given = kvcalloc(max->devs, sizeof(*r->given), GFP_KERNEL);
	if (!r->layout || !r->hosts.name || !r->bridges.name || !r->devs.name ||
	    !r->given)
		return pmb_no_memory(r);

	r->layout->nr_hosts = max->hosts;
	r->layout->nr_roots = max->roots;
	r->layout->nr_holes = max->holes;
	r->layout->nr_bridges = max->bridges;
	r->layout->nr_devs = max->devs;
	r->layout->nr_bars = max->bars;
	return 0;
}

static void pmb_add_name(struct pmb_names *names, const char *name)
{
	names->name[names->nr].name = name;
	names->name[names->nr].index = names->nr;
	names->nr++;
}

static void pmb_sort_names(struct pmb_reader *r)
{
	const struct pmb_layout *layout = r->layout;
	u32 i;

	for (i = 0; i < layout->nr_hosts; i++)
		pmb_add_name(&r->hosts, layout->hosts[i].name);
	for (i = 0; i < layout->nr_bridges; i++)
		pmb_add_name(&r->bridges, layout->bridges[i].name);
	for (i = 0; i < layout->nr_devs; i++)
		pmb_add_name(&r->devs, layout->devs[i].name);

	sort(r->hosts.name, r->hosts.nr, sizeof(*r->hosts.name), pmb_cmp_names, NULL);
	sort(r->bridges.name, r->bridges.nr, sizeof(*r->bridges.name),
	     pmb_cmp_names, NULL);
	sort(r->devs.name, r->devs.nr, sizeof(*r->devs.name), pmb_cmp_names, NULL);
}

static int pmb_read(struct pmb_reader *r)
{
	struct pmb_scan start;
	struct pmb_dev *dev;
	int ret;
	u32 i;

	ret = pmb_scan_header(&r->s);
	if (ret < 0)
		return ret;
	start = r->s;

	ret = pmb_pass(r, &start, NULL) ?: pmb_alloc(r);
	if (ret < 0)
		return ret;
	ret = pmb_pass(r, &start, pmb_pass_name);
	if (ret < 0)
		return ret;
	pmb_sort_names(r);
	ret = pmb_pass(r, &start, pmb_pass_fill) ?: pmb_pass(r, &start, pmb_pass_link);
	if (ret < 0)
		return ret;

	for (i = 0; i < r->layout->nr_devs; i++) {
		dev = &r->layout->devs[i];
		if (dev->bridge != PMB_NONE)
			dev->host = r->layout->bridges[dev->bridge].host;
	}

	/* Each line has been checked, so this does not happen. */
	if (pmb_layout_check(r->layout, NULL, 0))
		return pmb_scan_fail(&r->s, r->s.line, "inconsistent layout");
	return 0;
}

/**
 * pmb_text_read - read a layout from text
 * @text: the text; may hold anything and need not end with a zero
 * @len: its length
 * @error: where and why, if it was not understood; line 0: not for a fault of
 *	the text
 *
 * The text is what pmb_text_write() gives, a line break behind each line; or a
 * log which contains that.  May sleep.
 *
 * Return: a layout which pmb_layout_check() accepts, to be freed with
 * pmb_layout_free(); NULL on failure.
 */
struct pmb_layout *pmb_text_read(const char *text, size_t len,
				 struct pmb_text_error *error)
{
	struct pmb_reader r = {
		.s = { .end = text + len, .next = text, .error = error },
	};
	int ret;

	memset(error, 0, sizeof(*error));
	ret = pmb_read(&r);

	kvfree(r.hosts.name);
	kvfree(r.bridges.name);
	kvfree(r.devs.name);
	kvfree(r.given);
	if (ret < 0) {
		pmb_layout_free(r.layout);
		return NULL;
	}
	return r.layout;
}
