// SPDX-License-Identifier: GPL-2.0
/*
 * Layouts: allocation, the check that every other part relies on, and the
 * words for what is in them.
 *
 * The check is about safety and not about taste.  It refuses what could lead
 * the planner or the script builder astray: an index out of range, a loop in
 * the tree, an address that wraps.  It lets pass what broken firmware leaves
 * behind: overlaps, BARs that no window covers, misaligned BARs.  These are
 * facts a plan has to live with.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "layout.h"

#define PMB_OBJECTS_MAX	1048576		/* of one kind; far above real machines */

#define PMB_BRIDGE_FLAGS (PMB_BRIDGE_TRANSPARENT | PMB_BRIDGE_HOTPLUG | \
			  PMB_BRIDGE_PCIE)
#define PMB_BAR_FLAGS (PMB_BAR_IO | PMB_BAR_PREF | PMB_BAR_64 | \
		       PMB_BAR_OPTIONAL | PMB_BAR_ROM | PMB_BAR_VF | \
		       PMB_BAR_PLACED | PMB_BAR_STRICT | PMB_BAR_WANTED)
#define PMB_REBAR_BITS	44		/* 2^20 to 2^63 bytes */

/**
 * pmb_layout_alloc - allocate an empty layout
 * @max: how many objects of each kind there shall be room for
 *
 * May sleep.
 *
 * Return: a layout without any object, to be freed with pmb_layout_free();
 * NULL without memory or when a count is beyond all reason.
 */
struct pmb_layout *pmb_layout_alloc(const struct pmb_counts *max)
{
	struct pmb_layout *layout;
	u32 i;

	if (max->hosts > PMB_OBJECTS_MAX || max->roots > PMB_OBJECTS_MAX ||
	    max->holes > PMB_OBJECTS_MAX || max->bridges > PMB_OBJECTS_MAX ||
	    max->devs > PMB_OBJECTS_MAX || max->bars > PMB_OBJECTS_MAX)
		return NULL;

	layout = kvzalloc(sizeof(*layout), GFP_KERNEL);
	if (!layout)
		return NULL;

	/* An array each: an index gone astray meets a sanitizer at once. */
	layout->max = *max;
	layout->hosts = kvcalloc(max->hosts, sizeof(*layout->hosts), GFP_KERNEL);
	layout->roots = kvcalloc(max->roots, sizeof(*layout->roots), GFP_KERNEL);
	layout->holes = kvcalloc(max->holes, sizeof(*layout->holes), GFP_KERNEL);
	layout->bridges = kvcalloc(max->bridges, sizeof(*layout->bridges),
				   GFP_KERNEL);
	layout->devs = kvcalloc(max->devs, sizeof(*layout->devs), GFP_KERNEL);
	layout->bars = kvcalloc(max->bars, sizeof(*layout->bars), GFP_KERNEL);

	if (!layout->hosts || !layout->roots || !layout->holes ||
	    !layout->bridges || !layout->devs || !layout->bars) {
		pmb_layout_free(layout);
		return NULL;
	}
	for (i = 0; i < max->hosts; i++)
		layout->hosts[i].bus_last = U8_MAX;
	return layout;
}

/**
 * pmb_layout_free - free a layout
 * @layout: from pmb_layout_alloc(); NULL does nothing
 */
void pmb_layout_free(struct pmb_layout *layout)
{
	if (!layout)
		return;
	kvfree(layout->hosts);
	kvfree(layout->roots);
	kvfree(layout->holes);
	kvfree(layout->bridges);
	kvfree(layout->devs);
	kvfree(layout->bars);
	kvfree(layout);
}

/* Printable ASCII that needs no escapes when it stands between quotes. */
static bool pmb_name_char(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/**
 * pmb_name_set - give an object a name from anywhere
 * @name: where to put it
 * @from: the name; cut when it is too long
 *
 * Characters that a name cannot have (control characters, quotes, backslashes,
 * anything beyond ASCII) become a question mark.
 */
void pmb_name_set(char name[PMB_NAME_LEN], const char *from)
{
	u32 i;

	for (i = 0; i < PMB_NAME_LEN - 1 && from[i]; i++)
		name[i] = pmb_name_char(from[i]) ? from[i] : '?';
	name[i] = '\0';
}

static bool pmb_power_of_2(u64 n)
{
	return n && !(n & (n - 1));
}

/* What is wrong with one object by itself, or NULL. */

static const char *pmb_name_error(const char *name, bool may_be_empty)
{
	u32 i;

	for (i = 0; i < PMB_NAME_LEN && name[i]; i++) {
		if (!pmb_name_char(name[i]))
			return "bad character in a name";
	}
	if (i == PMB_NAME_LEN)
		return "name without an end";
	if (!i && !may_be_empty)
		return "no name";
	return NULL;
}

static const char *pmb_range_error(const struct pmb_range *range)
{
	if (!range->size)
		return "empty range";
	if (pmb_last(range) < range->start)
		return "range ends beyond all addresses";
	return NULL;
}

/**
 * pmb_host_error - what is wrong with a host bridge by itself
 * @host: the host bridge
 *
 * Return: a constant string, NULL: nothing.
 */
const char *pmb_host_error(const struct pmb_host *host)
{
	if (host->bus_first > host->bus_last)
		return "last bus number below the first";
	return pmb_name_error(host->name, false);
}

/**
 * pmb_root_error - what is wrong with a root window by itself
 * @root: the root window; its host is not looked at
 *
 * Return: a constant string, NULL: nothing.
 */
const char *pmb_root_error(const struct pmb_root *root)
{
	struct pmb_range bus = root->range;
	const char *why;

	if ((u32)root->space >= PMB_SPACES)
		return "no such space";
	why = pmb_range_error(&root->range);
	if (why)
		return why;
	bus.start -= root->offset;
	if (pmb_last(&bus) < bus.start)
		return "bus addresses wrap with this offset";
	return NULL;
}

static bool pmb_root_io(const struct pmb_root *root)
{
	return root->space == PMB_IO;
}

/**
 * pmb_root_clash - does a root window contradict one before it?
 * @layout: the layout; root windows behind @nr are not looked at
 * @nr: index of the root window
 *
 * Root windows that overlap exist, but a CPU address has one bus address.
 *
 * Return: a constant string that says so, NULL: it does not.
 */
const char *pmb_root_clash(const struct pmb_layout *layout, u32 nr)
{
	const struct pmb_root *root = &layout->roots[nr], *other;

	for (other = layout->roots; other < root; other++) {
		if (other->host == root->host && other->offset != root->offset &&
		    pmb_root_io(other) == pmb_root_io(root) &&
		    pmb_ranges_overlap(&other->range, &root->range))
			return "overlaps another root window with another offset";
	}
	return NULL;
}

/**
 * pmb_hole_error - what is wrong with a hole by itself
 * @hole: the hole; its host is not looked at
 *
 * Return: a constant string, NULL: nothing.
 */
const char *pmb_hole_error(const struct pmb_hole *hole)
{
	return pmb_range_error(&hole->range) ?: pmb_name_error(hole->name, true);
}

/**
 * pmb_window_error - what is wrong with a bridge window by itself
 * @win: the window
 *
 * Return: a constant string, NULL: nothing.
 */
const char *pmb_window_error(const struct pmb_window *win)
{
	if (!win->align)
		return win->cur.size ? "open window without an alignment" : NULL;
	if (!pmb_power_of_2(win->align))
		return "alignment is no power of two";
	if (!win->cur.size)
		return NULL;
	if ((win->cur.start | win->cur.size) & (win->align - 1))
		return "window is not aligned";
	return pmb_range_error(&win->cur);
}

/**
 * pmb_bar_error - what is wrong with a BAR by itself
 * @bar: the BAR; its function is not looked at
 *
 * Return: a constant string, NULL: nothing.
 */
const char *pmb_bar_error(const struct pmb_bar *bar)
{
	struct pmb_range range = { .start = bar->start, .size = bar->size };

	if (bar->flags & ~PMB_BAR_FLAGS)
		return "unknown flag";
	if ((bar->flags & PMB_BAR_IO) && (bar->flags & (PMB_BAR_PREF | PMB_BAR_64)))
		return "I/O BAR with the flags of a memory BAR";
	if ((bar->flags & PMB_BAR_PLACED) && (bar->flags & PMB_BAR_WANTED))
		return "placed and wanted at once";
	if ((u32)bar->why >= PMB_WHYS)
		return "no such reason";
	if (!bar->reg && bar->why == PMB_MAY_MOVE)
		return "no register, and yet not fixed";
	if (!bar->size)
		return "BAR without a size";
	if (!pmb_power_of_2(bar->align))
		return "alignment is no power of two";
	if (bar->sizes >> PMB_REBAR_BITS)
		return "no such size of a Resizable BAR";
	if (bar->flags & PMB_BAR_PLACED)
		return pmb_range_error(&range);
	return NULL;
}

/* What is wrong with an object in its layout, or NULL. */

static const char *pmb_check_host(const struct pmb_layout *layout, u32 nr)
{
	return pmb_host_error(&layout->hosts[nr]);
}

static const char *pmb_check_root(const struct pmb_layout *layout, u32 nr)
{
	if (layout->roots[nr].host >= layout->nr_hosts)
		return "no such host bridge";
	return pmb_root_error(&layout->roots[nr]) ?: pmb_root_clash(layout, nr);
}

static const char *pmb_check_hole(const struct pmb_layout *layout, u32 nr)
{
	if (layout->holes[nr].host >= layout->nr_hosts)
		return "no such host bridge";
	return pmb_hole_error(&layout->holes[nr]);
}

static const char *pmb_check_bridge(const struct pmb_layout *layout, u32 nr)
{
	const struct pmb_bridge *bridge = &layout->bridges[nr];
	const struct pmb_dev *dev;
	const char *why;
	u32 space;

	why = pmb_name_error(bridge->name, false);
	if (why)
		return why;
	if (bridge->host >= layout->nr_hosts)
		return "no such host bridge";
	if (bridge->parent != PMB_NONE && bridge->parent >= nr)
		return "comes before the bridge above";
	if (bridge->parent != PMB_NONE &&
	    layout->bridges[bridge->parent].host != bridge->host)
		return "bridge above is of another host bridge";
	if (bridge->dev >= layout->nr_devs)
		return "no such function";
	dev = &layout->devs[bridge->dev];
	if (dev->host != bridge->host || dev->bridge != bridge->parent)
		return "its function is on another bus";
	if (bridge->flags & ~PMB_BRIDGE_FLAGS)
		return "unknown flag";

	for (space = 0; space < PMB_SPACES; space++) {
		why = pmb_window_error(&bridge->win[space]);
		if (why)
			return why;
	}
	return NULL;
}

static const char *pmb_check_dev(const struct pmb_layout *layout, u32 nr)
{
	const struct pmb_dev *dev = &layout->devs[nr];

	if (dev->host >= layout->nr_hosts)
		return "no such host bridge";
	if (dev->bridge != PMB_NONE && dev->bridge >= layout->nr_bridges)
		return "no such bridge";
	if (dev->bridge != PMB_NONE &&
	    layout->bridges[dev->bridge].host != dev->host)
		return "its bridge is of another host bridge";
	if ((u32)dev->way >= PMB_WAYS)
		return "no such way to move";
	return pmb_name_error(dev->name, false) ?:
	       pmb_name_error(dev->driver, true);
}

static const char *pmb_check_bar(const struct pmb_layout *layout, u32 nr)
{
	if (layout->bars[nr].dev >= layout->nr_devs)
		return "no such function";
	return pmb_bar_error(&layout->bars[nr]);
}

/**
 * pmb_layout_check - is a layout safe to work on?
 * @layout: the layout
 * @why: where to say what is wrong; may be NULL when @len is 0
 * @len: size of @why in bytes
 *
 * What broken firmware can leave behind is not refused: overlaps, BARs that
 * are misaligned or outside of every window.  Neither are names that are given
 * twice, but a text which has them cannot be read back.
 *
 * Return: 0, or -EINVAL.
 */
int pmb_layout_check(const struct pmb_layout *layout, char *why, size_t len)
{
	/* All counts are right before the first index is followed. */
	const struct {
		const char *kind;
		u32 nr, max;
		const char *(*check)(const struct pmb_layout *layout, u32 nr);
	} all[] = {
		{ "host", layout->nr_hosts, layout->max.hosts, pmb_check_host },
		{ "root", layout->nr_roots, layout->max.roots, pmb_check_root },
		{ "hole", layout->nr_holes, layout->max.holes, pmb_check_hole },
		{ "bridge", layout->nr_bridges, layout->max.bridges,
		  pmb_check_bridge },
		{ "dev", layout->nr_devs, layout->max.devs, pmb_check_dev },
		{ "bar", layout->nr_bars, layout->max.bars, pmb_check_bar },
	};
	const char *what;
	u32 i, nr;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		if (all[i].nr > all[i].max) {
			scnprintf(why, len, "%s %u: there is no room for it",
				  all[i].kind, all[i].max);
			return -EINVAL;
		}
	}

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		for (nr = 0; nr < all[i].nr; nr++) {
			what = all[i].check(layout, nr);
			if (!what)
				continue;
			scnprintf(why, len, "%s %u: %s", all[i].kind, nr, what);
			return -EINVAL;
		}
	}
	return 0;
}

/**
 * pmb_ranges_overlap - do two ranges have an address in common?
 * @a: a range
 * @b: another one
 *
 * Return: true if so. An empty range overlaps nothing.
 */
bool pmb_ranges_overlap(const struct pmb_range *a, const struct pmb_range *b)
{
	return a->size && b->size &&
	       a->start <= pmb_last(b) && b->start <= pmb_last(a);
}

/**
 * pmb_range_holds - is a range inside another one?
 * @outer: the other one
 * @inner: the range
 *
 * Return: true if every address of @inner is in @outer. An empty @inner is in
 * every range; an empty @outer holds nothing else.
 */
bool pmb_range_holds(const struct pmb_range *outer, const struct pmb_range *inner)
{
	if (!inner->size)
		return true;
	return outer->size && outer->start <= inner->start &&
	       pmb_last(inner) <= pmb_last(outer);
}

/**
 * pmb_bus_offset - how CPU addresses become bus addresses
 * @layout: the layout
 * @host: index of the host bridge
 * @io: I/O ports rather than memory
 * @range: CPU addresses
 * @offset: what to subtract from a CPU address, modulo 2^64; 0 on failure
 *
 * The first root window which holds the whole of @range decides.
 *
 * Return: 0, or -ENOENT if @range is empty or no root window holds it.
 */
int pmb_bus_offset(const struct pmb_layout *layout, u32 host, bool io,
		   const struct pmb_range *range, u64 *offset)
{
	const struct pmb_root *root;
	u32 i;

	*offset = 0;
	if (!range->size)
		return -ENOENT;

	for (i = 0; i < layout->nr_roots; i++) {
		root = &layout->roots[i];
		if (root->host == host && pmb_root_io(root) == io &&
		    pmb_range_holds(&root->range, range)) {
			*offset = root->offset;
			return 0;
		}
	}
	return -ENOENT;
}

static const struct {
	const char *key;
	const char *text;
} pmb_whys[PMB_WHYS] = {
	[PMB_MAY_MOVE]		= { "movable", "it may move" },
	[PMB_WHY_DRIVER]	= { "driver",
				    "its driver has no hooks for it" },
	[PMB_WHY_DRIVER_SAYS]	= { "driver-says",
				    "its driver says that it may not move now" },
	[PMB_WHY_HARDWIRED]	= { "hardwired",
				    "its address cannot be changed" },
	[PMB_WHY_PRESERVE]	= { "preserve",
				    "the layout of the firmware is to be preserved" },
	[PMB_WHY_CONSOLE]	= { "console",
				    "the console or its framebuffer uses it" },
	[PMB_WHY_MMAP]		= { "mmap", "user space has mapped it" },
	[PMB_WHY_CLAIMED]	= { "claimed",
				    "it has no driver, but somebody uses it" },
	[PMB_WHY_P2P]		= { "p2p",
				    "its memory is used by other devices" },
	[PMB_WHY_VFS]		= { "vfs",
				    "its virtual functions are enabled" },
	[PMB_WHY_ROOT_BUS]	= { "root-bus",
				    "it is on the root bus, firmware may use it" },
	[PMB_WHY_FIRMWARE]	= { "firmware", "firmware has reserved it" },
	[PMB_WHY_IO_PORTS]	= { "io-ports",
				    "I/O ports cannot move under a driver" },
	[PMB_WHY_BUSY]		= { "busy",
				    "it is in probe, remove, reset or recovery, or suspended" },
	[PMB_WHY_REFUSED]	= { "refused", "its driver refused to pause" },
	[PMB_WHY_ADMIN]		= { "admin", "the administrator says so" },
	[PMB_WHY_KIND]		= { "kind",
				    "it is not of a kind that can be moved" },
	[PMB_WHY_MAPPING]	= { "mapping",
				    "a kernel mapping of it cannot follow" },
};

/**
 * pmb_why_text - a reason for people
 * @why: the reason
 *
 * Return: a short sentence about the BAR, such as "user space has mapped it".
 */
const char *pmb_why_text(enum pmb_why why)
{
	return (u32)why < PMB_WHYS ? pmb_whys[why].text : "?";
}

/**
 * pmb_why_key - a reason for programs
 * @why: the reason
 *
 * Return: a word that never changes, such as "mmap".
 */
const char *pmb_why_key(enum pmb_why why)
{
	return (u32)why < PMB_WHYS ? pmb_whys[why].key : "?";
}

/**
 * pmb_way_key - name of a way to move
 * @way: the way
 *
 * Return: "free", "live", "pause" or "never".
 */
const char *pmb_way_key(enum pmb_way way)
{
	static const char * const keys[PMB_WAYS] = {
		[PMB_WAY_FREE]	= "free",
		[PMB_WAY_LIVE]	= "live",
		[PMB_WAY_PAUSE]	= "pause",
		[PMB_WAY_NEVER]	= "never",
	};

	return (u32)way < PMB_WAYS ? keys[way] : "?";
}

/**
 * pmb_space_key - name of a kind of window
 * @space: the kind
 *
 * Return: "io", "mem" or "pref".
 */
const char *pmb_space_key(enum pmb_space space)
{
	static const char * const keys[PMB_SPACES] = {
		[PMB_IO]	= "io",
		[PMB_MEM]	= "mem",
		[PMB_PREF]	= "pref",
	};

	return (u32)space < PMB_SPACES ? keys[space] : "?";
}

/**
 * pmb_space_text - a kind of window for people
 * @space: the kind
 *
 * Return: "I/O", "memory" or "prefetchable", to be followed by "window".
 */
const char *pmb_space_text(enum pmb_space space)
{
	static const char * const text[PMB_SPACES] = {
		[PMB_IO]	= "I/O",
		[PMB_MEM]	= "memory",
		[PMB_PREF]	= "prefetchable",
	};

	return (u32)space < PMB_SPACES ? text[space] : "?";
}
