/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known about a machine, piece by piece, until it is a layout.
 *
 *	reader (log, lspci, /proc/iomem, sysfs)
 *	   | functions, BARs, windows, root windows, reservations, in any order
 *	   v
 *	builder.c	keeps them; what comes later replaces what came before
 *	   |
 *	topology.c	which bridge leads to which bus; what lacks is made up
 *	settle.c	which addresses count, what is wanted, what is fixed
 *	emit.c		the layout, with holes
 *	notes.c		what was assumed and could not be known
 */
#ifndef _PCIBAR_BUILDER_H
#define _PCIBAR_BUILDER_H

#include <linux/array_size.h>
#include "pcibar.h"

#define BUILDER_ROM	6	/* resource numbers, as the kernel counts them */
#define BUILDER_VF	7
#define BUILDER_BARS	13	/* 6 BARs, ROM, 6 BARs of virtual functions */
#define BUILDER_VFS	(BUILDER_BARS - BUILDER_VF)
#define BUILDER_NO_FN	0x100	/* devfn of a bridge that no report names */

/* A yes or no that nobody may have told us. */
enum told { TOLD_NOTHING, TOLD_NO, TOLD_YES };

/**
 * struct bar_fact - what is known about a BAR
 * @known: it exists
 * @kind: PMB_BAR_IO, PMB_BAR_PREF, PMB_BAR_64
 * @kind_guessed: nobody has told @kind
 * @size: bytes; 0: not known
 * @start: CPU address, with @placed
 * @bus: bus address, as its register has it; 0: not known
 * @align: of one virtual function; 0: as @size
 * @sizes: of a Resizable BAR, as in struct pmb_bar
 * @reg: offset in config space; 0: the usual one
 * @placed: it has an address
 * @scanned: @start is what the hardware had when it was found, and nobody has
 *	said since that the kernel agrees
 * @failed: the kernel has tried to place it and could not
 * @was_failed: it was @failed, and only /proc/iomem has it in a place since
 * @hardwired: its address cannot change
 * @hidden: it is there, but nothing decodes it (shadowed ROM)
 * @failed_at: line of the first failure since it had a place
 * @unlisted: /proc/iomem does not have it, though nobody has said it failed
 * @asked: the largest size for which there was no room
 * @mark: for readers: when it was seen last
 */
struct bar_fact {
	bool known;
	bool kind_guessed;
	bool placed;
	bool scanned;
	bool failed;
	bool was_failed;
	bool hardwired;
	bool hidden;
	bool unlisted;
	u16 reg;
	u32 kind;
	u32 failed_at;
	u32 mark;
	u64 size;
	u64 start;
	u64 bus;
	u64 align;
	u64 sizes;
	u64 asked;
};

enum window_state { WINDOW_UNKNOWN, WINDOW_ABSENT, WINDOW_CLOSED, WINDOW_OPEN };

/**
 * struct window_fact - what is known about a window of a bridge
 * @state: what it is
 * @range: where, when open
 * @wide: 64-bit registers of a prefetchable window, 32-bit ones for I/O
 * @fine: I/O windows of 1 KiB
 * @ever: where it has ever been
 * @released: taken away, and nothing was said of it since
 * @wanted: size that it should have, and did not get; 0: none
 * @required: @wanted is what is behind it, and not what would be nice to have
 * @mark: for readers: when it was seen last
 */
struct window_fact {
	enum window_state state;
	struct pmb_range range;
	struct pmb_range ever;
	enum told wide;
	bool fine;
	bool released;
	bool required;
	u64 wanted;
	u32 mark;
};

/**
 * struct function - what is known about a function
 * @domain: PCI domain
 * @bus: bus number
 * @devfn: device and function number; BUILDER_NO_FN: a bridge of no name
 * @gone: it has been removed
 * @from_log: found by the kernel's scan
 * @class: 24-bit class; @class_told
 * @pcie: it has a PCIe capability
 * @root_port: it is on a root bus, as its type says
 * @below_port: it is not on a root bus, as its type says
 * @bridge: it is a PCI-to-PCI bridge
 * @cardbus: it is a CardBus bridge
 * @transparent: subtractive decode
 * @hotplug: it has a slot for hot-plug
 * @console: it is the default VGA device
 * @vfs_on: virtual functions are enabled
 * @bus_told: @bus_first and @bus_last are known
 * @fresh: a bridge without bus numbers
 * @drawn: its bus numbers follow from a picture of the tree
 * @in_iomem: /proc/iomem has one of its BARs
 * @in_lspci: lspci has it, with a driver if it has one
 * @claimed: without a driver, and yet somebody has requested a BAR
 * @bound: has it a driver? @driver is its name if that is known
 * @sure: @bound is no conclusion, somebody has said so
 * @driver_at: line where the driver was seen first since @scan_at
 * @scan_at: line where the function was found last
 * @mark: for readers: when it was seen last
 * @bar: BARs, by resource number
 * @win: windows, by enum pmb_space
 * @up: the bridge above, NULL: on the root bus; made by topology.c
 * @host: the host bridge; made by topology.c
 * @index: in the layout, of the device
 * @bridge_index: in the layout, of the bridge
 */
struct function {
	u32 domain;
	u16 devfn;
	u8 bus;
	u8 bus_first;
	u8 bus_last;
	bool gone;
	bool from_log;
	bool class_told;
	bool bus_told;
	bool fresh;
	bool drawn;
	bool root_port;
	bool below_port;
	bool bridge;
	bool cardbus;
	bool transparent;
	bool hotplug;
	bool console;
	bool vfs_on;
	bool in_iomem;
	bool in_lspci;
	bool claimed;
	bool sure;
	enum told pcie;
	enum told bound;
	u32 class;
	u32 driver_at;
	u32 scan_at;
	u32 mark;
	char driver[PMB_NAME_LEN];
	struct bar_fact bar[BUILDER_BARS];
	struct window_fact win[PMB_SPACES];
	struct function *up;
	struct host_fact *host;
	struct function *next;	/* of the same hash */
	u32 index;
	u32 bridge_index;
};

/**
 * struct root_fact - a window of a host bridge
 * @space: as in struct pmb_root
 * @range: CPU addresses
 * @offset: as in struct pmb_root
 * @weak: from a source that others overrule
 */
struct root_fact {
	enum pmb_space space;
	struct pmb_range range;
	u64 offset;
	bool weak;
};

/**
 * struct host_fact - a host bridge
 * @domain: PCI domain
 * @bus: number of its root bus
 * @bus_last: last bus number, with @bus_told
 * @bus_told: somebody has told the bus numbers
 * @guessed: nobody has spoken of this host bridge
 * @scanned: devices were found below it since its windows were told
 * @root: its windows
 * @nr_roots: entries in @root
 * @index: in the layout
 */
struct host_fact {
	u32 domain;
	u8 bus;
	u8 bus_last;
	bool bus_told;
	bool guessed;
	bool scanned;
	struct root_fact *root;
	u32 nr_roots;
	u32 index;
};

/**
 * struct reservation - addresses that somebody else has
 * @io: I/O ports
 * @weak: only free space can be reserved by it (the memory map of the firmware)
 * @range: CPU addresses
 * @name: whose
 */
struct reservation {
	bool io;
	bool weak;
	struct pmb_range range;
	char name[PMB_NAME_LEN];
};

#define BUILDER_HASH	1024

struct notes;

/**
 * struct builder - all that is known
 * @line: line of the input that is being read, for the order of events
 * @assume_unbound: devices without a known driver have none
 * @as_it_is: what was tried in vain is not wanted
 * @reservations_told: somebody has told what the firmware reserves
 * @ignore_weak: the kernel does not believe the memory map of the firmware
 * @loose: root windows that a text speaks of, without saying whose
 * @nr_loose: entries in @loose
 * @notes: what has been assumed
 */
struct builder {
	struct function **fun;
	struct host_fact **host;
	struct reservation *res;
	u32 nr_funs;
	u32 nr_hosts;
	u32 nr_res;
	u32 line;
	u32 mark;
	bool assume_unbound;
	bool as_it_is;
	bool drivers_told;
	bool reservations_told;
	bool ignore_weak;
	struct pmb_range *loose;
	u32 nr_loose;
	bool live;		/* of this machine: nothing has to be guessed */
	struct function *hash[BUILDER_HASH];
	struct notes *notes;
};

/* builder.c */

static inline bool space_is_io(enum pmb_space space)
{
	return space == PMB_IO;
}

struct builder *builder_new(void);
void builder_free(struct builder *b);
/* Make room for entry @nr of an array that doubles. */
void *builder_room(void *array, u32 nr, size_t size);

struct function *builder_find(struct builder *b, u32 domain, u8 bus, u16 devfn);
/* It was there, and has been removed. */
bool builder_is_gone(struct builder *b, u32 domain, u8 bus, u16 devfn);
struct function *builder_function(struct builder *b, u32 domain, u8 bus, u16 devfn);
struct host_fact *builder_find_host(struct builder *b, u32 domain, u8 bus);
struct host_fact *builder_host(struct builder *b, u32 domain, u8 bus);
/* The bridge to a bus, NULL: not known. */
struct function *builder_bridge_to(struct builder *b, u32 domain, u8 bus);
/* The same; made up on bus @up if it is not known. */
struct function *builder_bridge_made(struct builder *b, u32 domain, u8 bus, u8 up);
void builder_name(const struct function *f, char name[PMB_NAME_LEN]);

void builder_bus_range(struct builder *b, struct function *f, u8 first, u8 last);
void builder_root(struct builder *b, struct host_fact *host, const struct root_fact *root);
void builder_reserve(struct builder *b, bool io, bool weak, u64 start, u64 last,
		     const char *name);
void builder_driver(struct builder *b, struct function *f, const char *name);
/* All below a bridge is gone; also the device itself, with @self. */
void builder_remove(struct builder *b, struct function *f, bool self);
/* The function has been found anew: nothing of before counts. */
void builder_rescan(struct builder *b, struct function *f);
/* All that the kernel's scan has found below a host bridge is gone. */
void builder_reboot(struct builder *b, struct host_fact *host);

/* Nothing is beyond the last address; such numbers have been spoilt. */
bool is_range(u64 start, u64 size);
void bar_place(struct bar_fact *bar, u64 start, u64 size, bool scanned);
void bar_drop(struct bar_fact *bar);
void bar_fail(struct builder *b, struct bar_fact *bar, u64 size);
/* The least range that holds both. */
void range_add(struct pmb_range *all, const struct pmb_range *range);
void window_open(struct window_fact *win, u64 start, u64 size);
void window_close(struct window_fact *win);
/* CPU addresses of a range of bus addresses, if only that can be meant. */
void builder_bus_address(struct builder *b, const struct function *f, bool io, u64 *start,
			 u64 size);

/* topology.c: @up and @host of every function; functions in order of their bus */
void topology_make(struct builder *b);
/* settle.c */
void settle_make(struct builder *b);
enum pmb_way settle_way(const struct function *f);
enum pmb_why settle_why(const struct function *f, u32 nr);
bool settle_wanted(const struct function *f, u32 nr);
/* Has a BAR all that it takes to be in a layout? */
bool settle_counts(const struct bar_fact *bar);
/* wishes.c: what the kernel has tried in vain, after settle_make() */
void wishes_make(struct builder *b);
/* emit.c; NULL: it has been said why. */
struct pmb_layout *builder_layout(struct builder *b);

/* notes.c */

enum note {
	NOTE_NO_HOST,
	NOTE_NO_BRIDGE,
	NOTE_NO_ROOT,
	NOTE_NO_IO_ROOT,
	NOTE_BUS_NUMBERS,
	NOTE_BUS_GUESSED,
	NOTE_DRIVER,
	NOTE_UNBOUND,
	NOTE_PORT_DRIVER,
	NOTE_NVME,
	NOTE_PROBE,
	NOTE_WINDOWS,
	NOTE_WINDOW_INSIDE,
	NOTE_RELEASED,
	NOTE_WINDOW_OUTSIDE,
	NOTE_PREF_WIDTH,
	NOTE_PCIE,
	NOTE_HOTPLUG,
	NOTE_OUTSIDE,
	NOTE_NOT_LISTED,
	NOTE_SIZE,
	NOTE_INDEX,
	NOTE_KIND,
	NOTE_VF_REG,
	NOTE_RESIZE,
	NOTE_CARD,
	NOTE_OFFSET,
	NOTE_RESERVED,
	NOTE_CONFIG,
	NOTE_IOMEM,
	NOTE_LOOSE,
	NOTE_SECTION,
	NOTE_DIFF,
	NOTES
};

struct notes *notes_new(void);
void notes_free(struct notes *notes);
void note(struct builder *b, enum note what, const char *name);
void note_function(struct builder *b, enum note what, const struct function *f);
/* A line of its own, once. */
__printf(2, 3)
void note_text(struct builder *b, const char *format, ...);
/* Every note as a line, behind @prefix. */
void notes_print(const struct notes *notes, FILE *to, const char *prefix);

#endif /* _PCIBAR_BUILDER_H */
