/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The address layout below one PCI host bridge, as plain data.
 *
 * Everything here can be built from text as well as from a running machine:
 * no struct pci_dev, no lock, no I/O.  The planner, the verifier, the text
 * form and the script builder work on this and on nothing else.
 */
#ifndef _PCI_MOVABLE_LAYOUT_H
#define _PCI_MOVABLE_LAYOUT_H

#include <linux/types.h>

#define PMB_NONE	U32_MAX		/* "no such object": an absent index */
#define PMB_NAME_LEN	32		/* names are cut to fit, always terminated */

/* The three kinds of window that a PCI-to-PCI bridge can have. */
enum pmb_space {
	PMB_IO,
	PMB_MEM,			/* below the non-prefetchable window */
	PMB_PREF,			/* below the prefetchable window */
	PMB_SPACES
};

/**
 * struct pmb_range - addresses as CPUs see them (struct resource addresses)
 * @start: first address
 * @size: length in bytes; 0: nothing, @start means nothing then
 *
 * @start + @size may be 2^64 and wrap to 0; use pmb_last().
 */
struct pmb_range {
	u64 start;
	u64 size;
};

/**
 * struct pmb_host - a host bridge
 * @name: "domain:bus" of its root bus
 * @bus_first: its first bus number
 * @bus_last: its last one; pmb_layout_alloc() gives it all from 0 to 0xff
 */
struct pmb_host {
	char name[PMB_NAME_LEN];
	u8 bus_first;
	u8 bus_last;
};

/**
 * struct pmb_root - one window of a host bridge
 * @host: index of its host bridge
 * @space: PMB_IO; PMB_MEM: takes every memory BAR; PMB_PREF: prefetchable only
 * @range: where it is
 * @offset: CPU address minus bus address, modulo 2^64
 */
struct pmb_root {
	u32 host;
	enum pmb_space space;
	struct pmb_range range;
	u64 offset;
};

/**
 * struct pmb_hole - addresses in a root window that belong to nobody
 * @host: index of the host bridge
 * @io: I/O ports rather than memory
 * @range: where; no window and no BAR may overlap it
 * @name: who says so ("ECAM", "pnp 00:01", "Reserved")
 *
 * A reservation inside of a bridge window is a fixed BAR instead.
 */
struct pmb_hole {
	u32 host;
	bool io;
	struct pmb_range range;
	char name[PMB_NAME_LEN];
};

/**
 * struct pmb_window - one window of a bridge
 * @cur: where it is open now; size 0: closed
 * @align: granularity of start and size, a power of two; 0: the bridge has no
 *	such window
 * @max: highest bus address the window's registers can hold
 * @reserve: size that should be kept for future hot-plug, 0: none. Optional.
 */
struct pmb_window {
	struct pmb_range cur;
	u64 align;
	u64 max;
	u64 reserve;
};

#define PMB_BRIDGE_TRANSPARENT	BIT(0)	/* subtractive decode */
#define PMB_BRIDGE_HOTPLUG	BIT(1)	/* a hot-plug slot */
#define PMB_BRIDGE_PCIE		BIT(2)	/* this bridge and all above are PCIe */

/**
 * struct pmb_bridge - a PCI-to-PCI bridge and the bus behind it
 * @name: domain:bus:device.function
 * @host: index of the host bridge
 * @parent: index of the bridge above, always smaller than the own one;
 *	PMB_NONE: on the root bus
 * @dev: index of the device that the bridge itself is (its own BARs)
 * @flags: PMB_BRIDGE_*
 * @bus_first: secondary bus number
 * @bus_last: subordinate bus number
 * @win: its windows, by enum pmb_space
 */
struct pmb_bridge {
	char name[PMB_NAME_LEN];
	u32 host;
	u32 parent;
	u32 dev;
	u32 flags;
	u8 bus_first;
	u8 bus_last;
	struct pmb_window win[PMB_SPACES];
};

/* How the BARs of a function move, if one has to. */
enum pmb_way {
	PMB_WAY_FREE,			/* nobody uses it */
	PMB_WAY_LIVE,			/* under a driver that does not notice */
	PMB_WAY_PAUSE,			/* its driver is paused meanwhile */
	PMB_WAY_NEVER,			/* every BAR of it is fixed */
	PMB_WAYS
};

/* Costs when nobody has a better idea. A pause outweighs any number of live moves. */
#define PMB_COST_FREE	0
#define PMB_COST_LIVE	1
#define PMB_COST_PAUSE	100000

/**
 * struct pmb_dev - a function, bridges included
 * @name: domain:bus:device.function
 * @driver: name of its driver; empty: none
 * @host: index of the host bridge
 * @bridge: index of the bridge that it is behind; PMB_NONE: on the root bus
 * @way: how its BARs move
 * @cost: cost of moving one or more of its BARs, counted once
 */
struct pmb_dev {
	char name[PMB_NAME_LEN];
	char driver[PMB_NAME_LEN];
	u32 host;
	u32 bridge;
	enum pmb_way way;
	u32 cost;
};

/* Why a BAR may not move. */
enum pmb_why {
	PMB_MAY_MOVE,			/* it is not fixed */
	PMB_WHY_DRIVER,			/* its driver has no hooks */
	PMB_WHY_DRIVER_SAYS,		/* bar_fixed() says so */
	PMB_WHY_HARDWIRED,		/* IORESOURCE_PCI_FIXED, Enhanced Allocation */
	PMB_WHY_PRESERVE,		/* firmware's layout is to be preserved */
	PMB_WHY_CONSOLE,		/* framebuffer or console */
	PMB_WHY_MMAP,			/* mapped by user space */
	PMB_WHY_CLAIMED,		/* no driver, but somebody requested or mapped it */
	PMB_WHY_P2P,			/* peer-to-peer memory */
	PMB_WHY_VFS,			/* virtual functions are enabled */
	PMB_WHY_ROOT_BUS,		/* no driver, on the root bus: firmware may use it */
	PMB_WHY_FIRMWARE,		/* reserved by firmware inside of a window */
	PMB_WHY_IO_PORTS,		/* I/O ports cannot follow under a driver */
	PMB_WHY_BUSY,			/* in probe, remove, reset, recovery, suspended */
	PMB_WHY_REFUSED,		/* rescan_prepare() refused */
	PMB_WHY_ADMIN,			/* the administrator says so */
	PMB_WHY_KIND,			/* not a kind that can be moved (CardBus, ...) */
	PMB_WHY_MAPPING,		/* a kernel mapping of it cannot follow */
	PMB_WHYS
};

#define PMB_BAR_IO		BIT(0)
#define PMB_BAR_PREF		BIT(1)	/* prefetchable */
#define PMB_BAR_64		BIT(2)	/* can hold 64-bit bus addresses */
#define PMB_BAR_OPTIONAL	BIT(3)	/* nice to have: ROM, VF BARs */
#define PMB_BAR_ROM		BIT(4)
#define PMB_BAR_VF		BIT(5)
#define PMB_BAR_PLACED		BIT(6)	/* has an address now, at @start */
#define PMB_BAR_STRICT		BIT(7)	/* reached by others than CPUs */
#define PMB_BAR_WANTED		BIT(8)	/* not placed, and asked for now */

/**
 * struct pmb_bar - a BAR: anything below a bus that is not a window
 * @dev: index of its function
 * @res: resource number in struct pci_dev (0-5 BARs, 6 ROM, then VF BARs)
 * @reg: offset of its register in config space; 0: none (@why is set then)
 * @flags: PMB_BAR_*
 * @why: why it may not move; PMB_MAY_MOVE: it may
 * @size: bytes
 * @align: power of two; equals @size but for VF BARs (one VF's size)
 * @start: CPU address; valid with PMB_BAR_PLACED
 * @sizes: Resizable BAR: bit n set: 2^(n + 20) bytes possible; 0: not resizable.
 *	As long as it is WANTED, its size is one of these, aligned to itself
 *
 * A BAR which is neither PLACED nor WANTED is only known about.
 */
struct pmb_bar {
	u32 dev;
	u16 res;
	u16 reg;
	u32 flags;
	enum pmb_why why;
	u64 size;
	u64 align;
	u64 start;
	u64 sizes;
};

/**
 * struct pmb_layout - all below one or more host bridges
 * @hosts: host bridges
 * @roots: their windows
 * @holes: what nobody may use
 * @bridges: parents before children
 * @devs: functions
 * @bars: BARs
 * @nr_hosts: entries in @hosts
 * @nr_roots: entries in @roots
 * @nr_holes: entries in @holes
 * @nr_bridges: entries in @bridges
 * @nr_devs: entries in @devs
 * @nr_bars: entries in @bars
 * @max: how many of each there is room for, in the order above
 */
struct pmb_layout {
	struct pmb_host *hosts;
	struct pmb_root *roots;
	struct pmb_hole *holes;
	struct pmb_bridge *bridges;
	struct pmb_dev *devs;
	struct pmb_bar *bars;
	u32 nr_hosts;
	u32 nr_roots;
	u32 nr_holes;
	u32 nr_bridges;
	u32 nr_devs;
	u32 nr_bars;
	struct pmb_counts {
		u32 hosts, roots, holes, bridges, devs, bars;
	} max;
};

static inline u64 pmb_last(const struct pmb_range *r)
{
	return r->start + r->size - 1;
}

static inline bool pmb_bar_fixed(const struct pmb_bar *bar)
{
	return bar->why != PMB_MAY_MOVE;
}

struct pmb_layout *pmb_layout_alloc(const struct pmb_counts *max);
void pmb_layout_free(struct pmb_layout *layout);
int pmb_layout_check(const struct pmb_layout *layout, char *why, size_t len);
bool pmb_ranges_overlap(const struct pmb_range *a, const struct pmb_range *b);
bool pmb_range_holds(const struct pmb_range *outer, const struct pmb_range *inner);
int pmb_bus_offset(const struct pmb_layout *layout, u32 host, bool io,
		   const struct pmb_range *range, u64 *offset);
void pmb_name_set(char name[PMB_NAME_LEN], const char *from);
const char *pmb_host_error(const struct pmb_host *host);
const char *pmb_root_error(const struct pmb_root *root);
const char *pmb_root_clash(const struct pmb_layout *layout, u32 nr);
const char *pmb_hole_error(const struct pmb_hole *hole);
const char *pmb_window_error(const struct pmb_window *win);
const char *pmb_bar_error(const struct pmb_bar *bar);
const char *pmb_why_text(enum pmb_why why);
const char *pmb_why_key(enum pmb_why why);
const char *pmb_way_key(enum pmb_way way);
const char *pmb_space_key(enum pmb_space space);
const char *pmb_space_text(enum pmb_space space);

#endif /* _PCI_MOVABLE_LAYOUT_H */
