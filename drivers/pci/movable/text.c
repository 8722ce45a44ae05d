// SPDX-License-Identifier: GPL-2.0
/*
 * Layouts as text: the writer.  A line for each object, in an order that keeps
 * the indices of the layout and puts a function, its windows and its BARs
 * together.  What a reader would assume anyway is left out.
 *
 * Documentation/PCI/movable-bars.rst has the grammar and an example.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "text.h"
#include "text_words.h"

#define PMB_SIZE_RUNS	3	/* more runs of Resizable BAR sizes: a mask */

const struct pmb_word pmb_bridge_words[PMB_BRIDGE_WORDS] = {
	{ PMB_BRIDGE_TRANSPARENT, "transparent" },
	{ PMB_BRIDGE_HOTPLUG, "hotplug" },
	{ PMB_BRIDGE_PCIE, "pcie" },
};

const struct pmb_word pmb_bar_words[PMB_BAR_WORDS] = {
	{ PMB_BAR_WANTED, "wanted" },
	{ PMB_BAR_OPTIONAL, "optional" },
	{ PMB_BAR_ROM, "rom" },
	{ PMB_BAR_VF, "vf" },
	{ PMB_BAR_STRICT, "strict" },
};

/**
 * pmb_default_align - granularity of a window
 * @space: enum pmb_space
 *
 * Return: bytes.
 */
u64 pmb_default_align(u32 space)
{
	return space == PMB_IO ? 0x1000 : 0x100000;
}

/**
 * pmb_default_max - highest bus address that a window can hold
 * @space: enum pmb_space
 *
 * Return: what an I/O window of 16 bits, a memory window of 32 bits or a
 * prefetchable one of 64 bits can hold.
 */
u64 pmb_default_max(u32 space)
{
	static const u64 max[PMB_SPACES] = { 0xffff, U32_MAX, U64_MAX };

	return max[space];
}

/**
 * pmb_default_way - how the BARs of a function move
 * @dev: the function; only @dev->driver is looked at
 *
 * Return: never with a driver, freely without.
 */
enum pmb_way pmb_default_way(const struct pmb_dev *dev)
{
	return dev->driver[0] ? PMB_WAY_NEVER : PMB_WAY_FREE;
}

/**
 * pmb_default_cost - cost of a way to move
 * @way: the way
 *
 * Return: the cost, see struct pmb_dev.
 */
u32 pmb_default_cost(enum pmb_way way)
{
	static const u32 cost[PMB_WAYS] = {
		PMB_COST_FREE, PMB_COST_LIVE, PMB_COST_PAUSE, 0
	};

	return cost[way];
}

/**
 * pmb_default_reg - register of a BAR
 * @res: resource number
 *
 * Return: offset in config space; 0 beyond the ROM, where there is no default.
 */
u16 pmb_default_reg(u16 res)
{
	if (res < 6)
		return 0x10 + 4 * res;
	return res == 6 ? 0x30 : 0;
}

/**
 * pmb_default_bar_align - alignment of a BAR
 * @size: its size in bytes
 *
 * Return: the size itself; 0 if it is no power of two and there is no default.
 */
u64 pmb_default_bar_align(u64 size)
{
	return size & (size - 1) ? 0 : size;
}

struct pmb_line {
	pmb_text_sink sink;
	void *data;
	u32 lines;
	u32 len;
	char text[PMB_TEXT_LINE];
};

static __printf(2, 3) void pmb_add(struct pmb_line *line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line->len += vscnprintf(line->text + line->len,
				sizeof(line->text) - line->len, fmt, args);
	va_end(args);
}

static void pmb_end_line(struct pmb_line *line)
{
	line->sink(line->data, line->text);
	line->lines++;
	line->len = 0;
}

/* Does a name stand without quotes? */
static bool pmb_plain_name(const char *name)
{
	const char *c;

	for (c = name; *c; c++) {
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') &&
		    !(*c >= '0' && *c <= '9') && !strchr(":._-+/", *c))
			return false;
	}
	return name[0];
}

static void pmb_add_name(struct pmb_line *line, const char *name)
{
	pmb_add(line, pmb_plain_name(name) ? " %s" : " \"%s\"", name);
}

static void pmb_add_range(struct pmb_line *line, const struct pmb_range *range)
{
	pmb_add(line, " 0x%llx-0x%llx", range->start, pmb_last(range));
}

/* "64K", "256", or hexadecimal where neither is short. */
static void pmb_add_size(struct pmb_line *line, u64 size)
{
	u32 unit = 0;

	if (size < 1024) {
		pmb_add(line, "%llu", size);
		return;
	}
	if (size & 1023) {
		pmb_add(line, "0x%llx", size);
		return;
	}
	for (size >>= 10; !(size & 1023); size >>= 10)
		unit++;
	pmb_add(line, "%llu%c", size, PMB_UNITS[unit]);
}

/* Sizes of a Resizable BAR: "256M-8G,32G", or a mask if that gets long. */
static void pmb_add_sizes(struct pmb_line *line, u64 sizes)
{
	u64 starts = sizes & ~(sizes << 1);
	u32 first, last, run;

	for (run = 0; starts && run <= PMB_SIZE_RUNS; run++)
		starts &= starts - 1;
	if (run > PMB_SIZE_RUNS) {
		pmb_add(line, " sizes 0x%llx", sizes);
		return;
	}

	pmb_add(line, " sizes ");
	for (first = 0; sizes >> first; first = last + 1) {
		last = first;
		if (!(sizes & BIT_ULL(first)))
			continue;
		while (sizes & BIT_ULL(last + 1))
			last++;
		if (sizes & (BIT_ULL(first) - 1))
			pmb_add(line, ",");
		pmb_add_size(line, BIT_ULL(first + 20));
		if (last > first) {
			pmb_add(line, "-");
			pmb_add_size(line, BIT_ULL(last + 20));
		}
	}
}

static void pmb_write_host(struct pmb_line *line, const struct pmb_host *host)
{
	pmb_add(line, "host");
	pmb_add_name(line, host->name);
	if (host->bus_first || host->bus_last != U8_MAX)
		pmb_add(line, " bus %02x-%02x", host->bus_first, host->bus_last);
	pmb_end_line(line);
}

static void pmb_write_root(struct pmb_line *line, const struct pmb_layout *layout,
			   const struct pmb_root *root)
{
	pmb_add(line, "root");
	pmb_add_name(line, layout->hosts[root->host].name);
	pmb_add(line, " %s", pmb_space_key(root->space));
	pmb_add_range(line, &root->range);
	if (root->offset)
		pmb_add(line, " offset 0x%llx", root->offset);
	pmb_end_line(line);
}

static void pmb_write_hole(struct pmb_line *line, const struct pmb_layout *layout,
			   const struct pmb_hole *hole)
{
	pmb_add(line, "hole");
	pmb_add_name(line, layout->hosts[hole->host].name);
	pmb_add(line, hole->io ? " io" : " mem");
	pmb_add_range(line, &hole->range);
	if (hole->name[0])
		pmb_add_name(line, hole->name);
	pmb_end_line(line);
}

static void pmb_write_dev(struct pmb_line *line, const struct pmb_layout *layout,
			  const struct pmb_dev *dev)
{
	pmb_add(line, "dev");
	pmb_add_name(line, dev->name);
	if (dev->bridge == PMB_NONE) {
		pmb_add(line, " on");
		pmb_add_name(line, layout->hosts[dev->host].name);
	} else {
		pmb_add(line, " behind");
		pmb_add_name(line, layout->bridges[dev->bridge].name);
	}
	if (dev->driver[0]) {
		pmb_add(line, " driver");
		pmb_add_name(line, dev->driver);
	}
	if (dev->way != pmb_default_way(dev))
		pmb_add(line, " way %s", pmb_way_key(dev->way));
	if (dev->cost != pmb_default_cost(dev->way))
		pmb_add(line, " cost %u", dev->cost);
	pmb_end_line(line);
}

static void pmb_write_window(struct pmb_line *line, const struct pmb_bridge *bridge,
			     u32 space)
{
	const struct pmb_window *win = &bridge->win[space];

	pmb_add(line, "window");
	pmb_add_name(line, bridge->name);
	pmb_add(line, " %s", pmb_space_key(space));
	if (win->cur.size)
		pmb_add_range(line, &win->cur);
	else
		pmb_add(line, " closed");
	if (win->align != pmb_default_align(space)) {
		pmb_add(line, " align ");
		pmb_add_size(line, win->align);
	}
	if (win->max != pmb_default_max(space))
		pmb_add(line, " max 0x%llx", win->max);
	if (win->reserve) {
		pmb_add(line, " reserve ");
		pmb_add_size(line, win->reserve);
	}
	pmb_end_line(line);
}

static void pmb_write_bridge(struct pmb_line *line, const struct pmb_layout *layout,
			     const struct pmb_bridge *bridge)
{
	const char *dev = layout->devs[bridge->dev].name;
	u32 i;

	pmb_add(line, "bridge");
	pmb_add_name(line, bridge->name);
	if (strcmp(dev, bridge->name)) {
		pmb_add(line, " dev");
		pmb_add_name(line, dev);
	}
	pmb_add(line, " bus %02x-%02x", bridge->bus_first, bridge->bus_last);
	for (i = 0; i < ARRAY_SIZE(pmb_bridge_words); i++) {
		if (bridge->flags & pmb_bridge_words[i].flag)
			pmb_add(line, " %s", pmb_bridge_words[i].key);
	}
	pmb_end_line(line);

	for (i = 0; i < PMB_SPACES; i++) {
		if (bridge->win[i].align)
			pmb_write_window(line, bridge, i);
	}
}

static void pmb_write_bar(struct pmb_line *line, const struct pmb_layout *layout,
			  const struct pmb_bar *bar)
{
	struct pmb_range range = { .start = bar->start, .size = bar->size };
	u32 i;

	pmb_add(line, "bar");
	pmb_add_name(line, layout->devs[bar->dev].name);
	pmb_add(line, " %u %s%s", bar->res,
		bar->flags & PMB_BAR_IO ? "io" :
		bar->flags & PMB_BAR_PREF ? "pref" : "mem",
		bar->flags & PMB_BAR_64 ? "64" : "");
	if (bar->flags & PMB_BAR_PLACED) {
		pmb_add(line, " at");
		pmb_add_range(line, &range);
	} else {
		pmb_add(line, " size ");
		pmb_add_size(line, bar->size);
	}
	if (bar->align != pmb_default_bar_align(bar->size)) {
		pmb_add(line, " align ");
		pmb_add_size(line, bar->align);
	}
	if (bar->reg != pmb_default_reg(bar->res))
		pmb_add(line, " reg 0x%x", bar->reg);
	if (bar->sizes)
		pmb_add_sizes(line, bar->sizes);
	for (i = 0; i < ARRAY_SIZE(pmb_bar_words); i++) {
		if (bar->flags & pmb_bar_words[i].flag)
			pmb_add(line, " %s", pmb_bar_words[i].key);
	}
	if (pmb_bar_fixed(bar))
		pmb_add(line, " fixed %s", pmb_why_key(bar->why));
	pmb_end_line(line);
}

/**
 * pmb_text_write - write a layout as text
 * @layout: the layout; pmb_layout_check() accepts it
 * @sink: gets the lines one by one, without an end-of-line character, shorter
 *	than PMB_TEXT_LINE; it may keep a line until it returns
 * @data: for @sink
 *
 * Reading the text gives the same layout again, but for what means nothing:
 * addresses of BARs without a place and of closed windows, windows that a
 * bridge does not have. Allocates nothing and sleeps only if @sink does.
 */
void pmb_text_write(const struct pmb_layout *layout, pmb_text_sink sink, void *data)
{
	struct pmb_line line = { .sink = sink, .data = data };
	u32 i, bridge = 0, bar = 0;

	pmb_add(&line, PMB_TEXT_HEADER " %u", PMB_TEXT_VERSION);
	pmb_end_line(&line);
	line.lines = 0;

	for (i = 0; i < layout->nr_hosts; i++)
		pmb_write_host(&line, &layout->hosts[i]);
	for (i = 0; i < layout->nr_roots; i++)
		pmb_write_root(&line, layout, &layout->roots[i]);
	for (i = 0; i < layout->nr_holes; i++)
		pmb_write_hole(&line, layout, &layout->holes[i]);

	/* Bridges and BARs keep their order, and follow their function if it allows. */
	for (i = 0; i < layout->nr_devs; i++) {
		pmb_write_dev(&line, layout, &layout->devs[i]);
		while (bridge < layout->nr_bridges && layout->bridges[bridge].dev <= i)
			pmb_write_bridge(&line, layout, &layout->bridges[bridge++]);
		while (bar < layout->nr_bars && layout->bars[bar].dev <= i)
			pmb_write_bar(&line, layout, &layout->bars[bar++]);
	}

	pmb_add(&line, "end %u", line.lines);
	pmb_end_line(&line);
}
