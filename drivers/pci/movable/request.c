// SPDX-License-Identifier: GPL-2.0
/*
 * Requests: one event, told in a line, applied to a copy of a layout.
 *
 *	add PORT:SIZE,KIND[,optional][,rom][:SIZE,KIND...]
 *		A new function behind the bridge PORT, with a BAR for each
 *		SIZE,KIND.  KIND is a word of the text form: io, mem, pref,
 *		mem64, pref64.  All of them are wanted.  256M-16G as SIZE is a
 *		Resizable BAR.
 *	resize BDF BAR SIZE
 *		The BAR loses its place and is wanted with just this size, or
 *		with "any" of those that it can have.  Who asks for that has
 *		let go of it, so it is not fixed any more.
 *	remove BDF
 *		The function is gone, and everything behind it if it is a
 *		bridge.  Windows above stay as they are.
 *	unfix BDF BAR
 *	fix BDF BAR
 *		The BAR may move, or may not, whatever its driver thinks.
 *
 * First the line is understood (parse), which leaves the layout alone, then
 * it is done to a copy (apply), which cannot fail but for want of memory.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "request.h"
#include "text_scan.h"
#include "text_words.h"

#define PMB_BAR_REGS	6		/* a 64-bit BAR takes two */
#define PMB_ROM_RES	6
#define PMB_NEW_BARS	(PMB_BAR_REGS + 1)
#define PMB_FUNCTIONS	8

enum pmb_verb {
	PMB_ADD,
	PMB_RESIZE,
	PMB_REMOVE,
	PMB_UNFIX,
	PMB_FIX,
	PMB_VERBS
};

/**
 * struct pmb_request - a request that has been understood
 * @verb: what to do
 * @port: add: index of the bridge
 * @name: add: name of the new function
 * @dev: all others: index of the function
 * @bar: resize, fix, unfix: index of the BAR
 * @size: resize: bytes; 0: any size that the BAR can have
 * @bars: add: its BARs; their function is not known yet
 * @nr_bars: add: how many
 */
struct pmb_request {
	enum pmb_verb verb;
	u32 port;
	char name[PMB_NAME_LEN];
	u32 dev;
	u32 bar;
	u64 size;
	struct pmb_bar bars[PMB_NEW_BARS];
	u32 nr_bars;
};

static u32 pmb_find_dev(const struct pmb_layout *layout, const char *name)
{
	u32 i;

	for (i = 0; i < layout->nr_devs; i++) {
		if (!strcmp(layout->devs[i].name, name))
			return i;
	}
	return PMB_NONE;
}

/* Parse: add. */

/* What stands before the next delimiter; the position moves behind that. */
static struct pmb_scan pmb_piece(struct pmb_scan *s, char delimiter)
{
	struct pmb_scan piece = *s;

	while (s->p < s->stop && *s->p != delimiter)
		s->p++;
	piece.stop = s->p;
	if (s->p < s->stop)
		s->p++;
	return piece;
}

/* There are colons in names as well: the longest one that fits is meant. */
static u32 pmb_scan_port(struct pmb_scan *s, const struct pmb_layout *layout)
{
	u32 i, len, longest = 0, port = PMB_NONE;
	const char *name;

	for (i = 0; i < layout->nr_bridges; i++) {
		name = layout->bridges[i].name;
		len = strlen(name);
		if (len > longest && len < s->stop - s->p &&
		    s->p[len] == ':' && !memcmp(s->p, name, len)) {
			longest = len;
			port = i;
		}
	}
	if (port != PMB_NONE)
		s->p += longest + 1;
	return port;
}

static int pmb_scan_kind(struct pmb_scan *s, u32 *flags)
{
	static const char * const kinds[] = { "io", "mem", "pref", "mem64", "pref64" };
	static const u32 kind_flags[] = {
		PMB_BAR_IO, 0, PMB_BAR_PREF, PMB_BAR_64, PMB_BAR_PREF | PMB_BAR_64
	};
	int kind;

	kind = pmb_scan_word(s, kinds, ARRAY_SIZE(kinds),
			     "io, mem, pref, mem64 or pref64 expected");
	if (kind < 0)
		return kind;
	*flags = kind_flags[kind];
	return 0;
}

/* "256K", or "256M-16G": the least is the size until a plan chooses another. */
static int pmb_scan_new_size(struct pmb_scan *s, struct pmb_bar *bar)
{
	const char *at = s->p;
	int ret;

	if (memchr(s->p, '-', s->stop - s->p)) {
		ret = pmb_scan_sizes(s, &bar->sizes);
		bar->size = (bar->sizes & -bar->sizes) << 20;
	} else {
		ret = pmb_scan_size(s, &bar->size);
	}
	if (ret < 0)
		return ret;
	if (!bar->size || (bar->size & (bar->size - 1)))
		return pmb_scan_fail(s, at, "size is no power of two");
	bar->align = bar->size;
	return 0;
}

/* What stands between two colons: "256K,mem64,optional" */
static int pmb_scan_new_bar(struct pmb_scan *s, struct pmb_bar *bar)
{
	static const char * const words[] = { "optional", "rom" };
	static const u32 word_flags[] = { PMB_BAR_OPTIONAL, PMB_BAR_ROM };
	const char *at = s->p;
	struct pmb_scan piece;
	int ret, word;

	piece = pmb_piece(s, ',');
	ret = pmb_scan_new_size(&piece, bar);
	if (ret < 0)
		return ret;

	piece = pmb_piece(s, ',');
	ret = pmb_scan_kind(&piece, &bar->flags);
	if (ret < 0)
		return ret;
	bar->flags |= PMB_BAR_WANTED;

	while (s->p[-1] == ',') {
		piece = pmb_piece(s, ',');
		word = pmb_scan_word(&piece, words, ARRAY_SIZE(words),
				     "optional or rom expected");
		if (word < 0)
			return word;
		bar->flags |= word_flags[word];
	}
	if ((bar->flags & PMB_BAR_ROM) && (bar->flags & (PMB_BAR_IO | PMB_BAR_64)))
		return pmb_scan_fail(s, at, "a ROM is mem or pref");
	if (bar->sizes && (bar->flags & (PMB_BAR_IO | PMB_BAR_ROM)))
		return pmb_scan_fail(s, at, "this has one size only");
	return 0;
}

/* The registers of a function one after the other: which one does it get? */
static int pmb_take_register(struct pmb_bar *bar, u32 *next, bool *rom)
{
	if (bar->flags & PMB_BAR_ROM) {
		if (*rom)
			return -ENOSPC;
		*rom = true;
		bar->res = PMB_ROM_RES;
	} else {
		bar->res = *next;
		*next += bar->flags & PMB_BAR_64 ? 2 : 1;
		if (*next > PMB_BAR_REGS)
			return -ENOSPC;
	}
	bar->reg = pmb_default_reg(bar->res);
	return 0;
}

/* The name that the kernel would give it: the first free one on the bus. */
static int pmb_name_new(struct pmb_request *req, const struct pmb_layout *layout)
{
	const struct pmb_bridge *port = &layout->bridges[req->port];
	const char *host = layout->hosts[port->host].name;
	const char *colon = strrchr(host, ':');
	u32 function;
	int len;

	for (function = 0; function < PMB_FUNCTIONS; function++) {
		len = snprintf(req->name, sizeof(req->name), "%.*s:%02x:00.%u",
			       colon ? (int)(colon - host) : PMB_NAME_LEN, host,
			       port->bus_first, function);
		if (len >= sizeof(req->name))
			return -ENAMETOOLONG;
		if (pmb_find_dev(layout, req->name) == PMB_NONE)
			return 0;
	}
	return -ENOSPC;
}

static int pmb_parse_add(struct pmb_scan *s, const struct pmb_layout *layout,
			 struct pmb_request *req)
{
	struct pmb_scan all, piece;
	struct pmb_token token;
	bool rom = false;
	const char *at;
	u32 next = 0;
	int ret;

	ret = pmb_scan_need(s, &token, "PORT:SIZE,KIND expected");
	if (ret < 0)
		return ret;
	if (token.quoted)
		return pmb_scan_fail(s, token.at - 1, "PORT:SIZE,KIND expected");
	all = *s;
	all.p = token.at;
	all.stop = token.at + token.len;
	req->port = pmb_scan_port(&all, layout);
	if (req->port == PMB_NONE)
		return pmb_scan_fail(s, token.at, "no bridge with a ':' behind its name");
	if (pmb_name_new(req, layout))
		return pmb_scan_fail(s, token.at, "no free function behind this bridge");

	do {
		at = all.p;
		if (req->nr_bars == PMB_NEW_BARS)
			return pmb_scan_fail(s, at, "more than a function can have");
		piece = pmb_piece(&all, ':');
		ret = pmb_scan_new_bar(&piece, &req->bars[req->nr_bars]);
		if (ret < 0)
			return ret;
		if (pmb_take_register(&req->bars[req->nr_bars], &next, &rom))
			return pmb_scan_fail(s, at, "more than a function can have");
		req->nr_bars++;
	} while (all.p[-1] == ':');
	return 0;
}

/* Parse: all others. */

static int pmb_scan_dev(struct pmb_scan *s, const struct pmb_layout *layout, u32 *dev)
{
	char name[PMB_NAME_LEN] = "";
	const char *at;
	int ret;

	pmb_scan_more(s);
	at = s->p;
	ret = pmb_scan_name(s, name);
	if (ret < 0)
		return ret;
	*dev = pmb_find_dev(layout, name);
	return *dev == PMB_NONE ? pmb_scan_fail(s, at, "no such function") : 0;
}

/* A reservation without a register can have the number of a BAR: that is it. */
static u32 pmb_find_bar(const struct pmb_layout *layout, u32 dev, u32 res)
{
	u32 i, found = PMB_NONE;

	for (i = 0; i < layout->nr_bars; i++) {
		if (layout->bars[i].dev != dev || layout->bars[i].res != res)
			continue;
		if (found == PMB_NONE || layout->bars[i].reg)
			found = i;
		if (layout->bars[i].reg)
			break;
	}
	return found;
}

static int pmb_scan_bar(struct pmb_scan *s, const struct pmb_layout *layout,
			struct pmb_request *req)
{
	const struct pmb_bar *bar;
	const char *at;
	u64 res = 0;
	int ret;

	ret = pmb_scan_dev(s, layout, &req->dev);
	if (ret < 0)
		return ret;
	pmb_scan_more(s);
	at = s->p;
	ret = pmb_scan_number(s, U16_MAX, &res);
	if (ret < 0)
		return ret;
	req->bar = pmb_find_bar(layout, req->dev, res);
	if (req->bar == PMB_NONE)
		return pmb_scan_fail(s, at, "no such BAR");
	bar = &layout->bars[req->bar];
	if (req->verb != PMB_FIX && !bar->reg)
		return pmb_scan_fail(s, at, "this BAR has no register");
	if (req->verb == PMB_RESIZE && bar->why == PMB_WHY_HARDWIRED)
		return pmb_scan_fail(s, at, "this BAR is hardwired");
	return 0;
}

/*
 * The size of one, where a BAR is for several virtual functions. Their number
 * stays, so that the whole grows by a power of two. 0: it does not.
 */
static u64 pmb_size_of_one(const struct pmb_bar *bar, u64 size)
{
	u64 vfs = bar->flags & PMB_BAR_VF ? bar->size >> ilog2(bar->align) : 1;
	u32 shift;

	for (shift = 0; vfs && shift <= ilog2(size); shift++) {
		if (vfs == size >> shift && vfs << shift == size)
			return BIT_ULL(shift);
	}
	return 0;
}

/* "any" */
static int pmb_resize_any(struct pmb_scan *s, const struct pmb_bar *bar)
{
	static const char * const any[] = { "any" };
	const char *at = s->p;

	if (pmb_scan_word(s, any, ARRAY_SIZE(any), "size or 'any' expected") < 0)
		return -EINVAL;
	if (!bar->sizes || (bar->flags & PMB_BAR_VF))
		return pmb_scan_fail(s, at, "the sizes of this BAR are not known");
	return 0;
}

static int pmb_resize_to(struct pmb_scan *s, const struct pmb_bar *bar, u64 *size)
{
	const char *at = s->p;
	u64 one;
	int ret;

	ret = pmb_scan_size(s, size);
	if (ret < 0)
		return ret;
	one = *size ? pmb_size_of_one(bar, *size) : 0;
	if (!one)
		return pmb_scan_fail(s, at, bar->flags & PMB_BAR_VF ?
				     "not a power of two for each virtual function" :
				     "size is no power of two");
	if (bar->sizes && !(bar->sizes & (one >> 20)))
		return pmb_scan_fail(s, at, "not one of its sizes");
	return 0;
}

static int pmb_parse_resize(struct pmb_scan *s, const struct pmb_layout *layout,
			    struct pmb_request *req)
{
	const struct pmb_bar *bar;
	int ret;

	ret = pmb_scan_bar(s, layout, req);
	if (ret < 0)
		return ret;
	bar = &layout->bars[req->bar];
	if (pmb_scan_more(s) && *s->p >= '0' && *s->p <= '9')
		return pmb_resize_to(s, bar, &req->size);
	return pmb_resize_any(s, bar);
}

static int pmb_parse(struct pmb_scan *s, const struct pmb_layout *layout,
		     struct pmb_request *req)
{
	static const char * const verbs[PMB_VERBS] = {
		[PMB_ADD]	= "add",
		[PMB_RESIZE]	= "resize",
		[PMB_REMOVE]	= "remove",
		[PMB_UNFIX]	= "unfix",
		[PMB_FIX]	= "fix",
	};
	int ret;

	ret = pmb_scan_word(s, verbs, PMB_VERBS,
			    "add, resize, remove, unfix or fix expected");
	if (ret < 0)
		return ret;
	req->verb = ret;

	switch (req->verb) {
	case PMB_ADD:
		ret = pmb_parse_add(s, layout, req);
		break;
	case PMB_RESIZE:
		ret = pmb_parse_resize(s, layout, req);
		break;
	case PMB_REMOVE:
		ret = pmb_scan_dev(s, layout, &req->dev);
		break;
	default:
		ret = pmb_scan_bar(s, layout, req);
		break;
	}
	return ret < 0 ? ret : pmb_scan_nothing(s);
}

/* Apply. */

static bool pmb_behind(const struct pmb_layout *layout, u32 bridge, u32 dev)
{
	if (dev == PMB_NONE)
		return false;
	for (; bridge != PMB_NONE; bridge = layout->bridges[bridge].parent) {
		if (layout->bridges[bridge].dev == dev)
			return true;
	}
	return false;
}

/*
 * A copy without a function and all that is behind it. New indices are handed
 * out on the way; the ones of bridges are needed for the functions, and theirs
 * for bridges and BARs.
 *
 * @bridge_map, @dev_map: new index by old one, PMB_NONE: gone
 */
static void pmb_copy_without(const struct pmb_layout *from, u32 gone,
			     struct pmb_layout *to, u32 *bridge_map, u32 *dev_map)
{
	struct pmb_bridge *bridge;
	struct pmb_dev *dev;
	struct pmb_bar *bar;
	u32 i;

	for (i = 0; i < from->nr_bridges; i++) {
		bridge_map[i] = PMB_NONE;
		if (!pmb_behind(from, i, gone))
			bridge_map[i] = to->nr_bridges++;
	}
	for (i = 0; i < from->nr_devs; i++) {
		dev_map[i] = PMB_NONE;
		if (i == gone || pmb_behind(from, from->devs[i].bridge, gone))
			continue;
		dev_map[i] = to->nr_devs;
		dev = &to->devs[to->nr_devs++];
		*dev = from->devs[i];
		if (dev->bridge != PMB_NONE)
			dev->bridge = bridge_map[dev->bridge];
	}
	for (i = 0; i < from->nr_bridges; i++) {
		if (bridge_map[i] == PMB_NONE)
			continue;
		bridge = &to->bridges[bridge_map[i]];
		*bridge = from->bridges[i];
		bridge->dev = dev_map[bridge->dev];
		if (bridge->parent != PMB_NONE)
			bridge->parent = bridge_map[bridge->parent];
	}
	for (i = 0; i < from->nr_bars; i++) {
		if (dev_map[from->bars[i].dev] == PMB_NONE)
			continue;
		bar = &to->bars[to->nr_bars++];
		*bar = from->bars[i];
		bar->dev = dev_map[bar->dev];
	}
}

/* @gone: PMB_NONE: everything */
static struct pmb_layout *pmb_copy(const struct pmb_layout *from, u32 gone,
				   u32 new_devs, u32 new_bars)
{
	const struct pmb_counts max = {
		.hosts = from->nr_hosts,
		.roots = from->nr_roots,
		.holes = from->nr_holes,
		.bridges = from->nr_bridges,
		.devs = from->nr_devs + new_devs,
		.bars = from->nr_bars + new_bars,
	};
	struct pmb_layout *to = pmb_layout_alloc(&max);
	u32 *map = kvcalloc(from->nr_bridges + from->nr_devs, sizeof(*map), GFP_KERNEL);

	if (!to || !map) {
		pmb_layout_free(to);
		kvfree(map);
		return NULL;
	}
	memcpy(to->hosts, from->hosts, from->nr_hosts * sizeof(*to->hosts));
	memcpy(to->roots, from->roots, from->nr_roots * sizeof(*to->roots));
	memcpy(to->holes, from->holes, from->nr_holes * sizeof(*to->holes));
	to->nr_hosts = from->nr_hosts;
	to->nr_roots = from->nr_roots;
	to->nr_holes = from->nr_holes;
	pmb_copy_without(from, gone, to, map, map + from->nr_bridges);
	kvfree(map);
	return to;
}

static void pmb_apply_add(struct pmb_layout *layout, const struct pmb_request *req)
{
	struct pmb_dev *dev = &layout->devs[layout->nr_devs];
	struct pmb_bar *bar;
	u32 i;

	pmb_name_set(dev->name, req->name);
	dev->host = layout->bridges[req->port].host;
	dev->bridge = req->port;
	dev->way = PMB_WAY_FREE;
	dev->cost = PMB_COST_FREE;
	for (i = 0; i < req->nr_bars; i++) {
		bar = &layout->bars[layout->nr_bars++];
		*bar = req->bars[i];
		bar->dev = layout->nr_devs;
	}
	layout->nr_devs++;
}

/* A size that has been asked for leaves the planner no choice. */
static void pmb_apply_resize(struct pmb_bar *bar, u64 size)
{
	if (size) {
		bar->align = pmb_size_of_one(bar, size);
		bar->size = size;
		bar->sizes = 0;
	} else {
		bar->size = (bar->sizes & -bar->sizes) << 20;
		bar->align = bar->size;
	}
	bar->start = 0;
	bar->why = PMB_MAY_MOVE;
	bar->flags &= ~PMB_BAR_PLACED;
	bar->flags |= PMB_BAR_WANTED;
}

/*
 * A function that never moves has to be able to, for one of its BARs; so the
 * others become fixed each by itself.
 */
static void pmb_apply_unfix(struct pmb_layout *layout, const struct pmb_request *req)
{
	struct pmb_dev *dev = &layout->devs[req->dev];
	u32 i;

	if (dev->way == PMB_WAY_NEVER) {
		for (i = 0; i < layout->nr_bars; i++) {
			if (layout->bars[i].dev == req->dev &&
			    layout->bars[i].why == PMB_MAY_MOVE)
				layout->bars[i].why = PMB_WHY_DRIVER;
		}
		dev->way = dev->driver[0] ? PMB_WAY_PAUSE : PMB_WAY_FREE;
		dev->cost = pmb_default_cost(dev->way);
	}
	layout->bars[req->bar].why = PMB_MAY_MOVE;
}

static struct pmb_layout *pmb_apply(const struct pmb_layout *layout,
				    const struct pmb_request *req)
{
	struct pmb_layout *copy;

	copy = pmb_copy(layout, req->verb == PMB_REMOVE ? req->dev : PMB_NONE,
			req->verb == PMB_ADD, req->nr_bars);
	if (!copy)
		return NULL;

	switch (req->verb) {
	case PMB_ADD:
		pmb_apply_add(copy, req);
		break;
	case PMB_RESIZE:
		pmb_apply_resize(&copy->bars[req->bar], req->size);
		break;
	case PMB_UNFIX:
		pmb_apply_unfix(copy, req);
		break;
	case PMB_FIX:
		if (!pmb_bar_fixed(&copy->bars[req->bar]))
			copy->bars[req->bar].why = PMB_WHY_ADMIN;
		break;
	default:
		break;
	}
	return copy;
}

/**
 * pmb_request_apply - apply a request to a layout
 * @layout: the layout; it stays as it is
 * @request: the request, one line; a line break may end it
 * @error: where and why, if the request was not understood or cannot be met;
 *	line 0: for want of memory
 *
 * The top of this file tells what can be requested.  May sleep.
 *
 * Return: a new layout, to be freed with pmb_layout_free(); NULL on failure.
 */
struct pmb_layout *pmb_request_apply(const struct pmb_layout *layout,
				     const char *request,
				     struct pmb_text_error *error)
{
	size_t len = strlen(request);
	struct pmb_request req = {};
	struct pmb_layout *copy;
	struct pmb_scan s = {
		.line = request,
		.p = request,
		.nr = 1,
		.error = error,
	};

	if (len && request[len - 1] == '\n')
		len--;
	s.stop = request + len;
	s.next = s.stop;
	s.end = s.stop;

	memset(error, 0, sizeof(*error));
	if (pmb_parse(&s, layout, &req) < 0)
		return NULL;
	copy = pmb_apply(layout, &req);
	if (!copy)
		error->why = "no memory";
	return copy;
}
