/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A PCI host bridge in software, for tests: any topology, config space that
 * answers as hardware does, and a record of every write.
 *
 *   mock_host.c    topology, life cycle
 *   mock_config.c  config space, faults, the record
 *   mock_caps.c    capabilities
 *   mock_check.c   what the hardware would decode now, and whether that is sane
 *   mock_mmio.c    drivers can touch the BARs (only where MMIO is emulated: UML)
 *   mock_driver.c  drivers with and without hooks
 *   mock_memory.c  memory that runs out
 */
#ifndef _PCI_MOVABLE_MOCK_HOST_H
#define _PCI_MOVABLE_MOCK_HOST_H

#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>

#include "layout.h"

#define MOCK_VENDOR	0x7ffe		/* nobody's */
#define MOCK_CFG_SIZE	512		/* bytes of config space that are not 0 */
#define MOCK_CAP_PCIE	0x50		/* where the PCI Express capability is */
#define MOCK_CAP_PCIE_END (MOCK_CAP_PCIE + PCI_EXP_SLTSTA2 + 2)
#define MOCK_VF_BAR	(PCI_ROM_RESOURCE + 1)	/* first of the VF BARs */
#define MOCK_RES	(MOCK_VF_BAR + 6)	/* six BARs, the ROM, six VF BARs */
#define MOCK_VF_OFFSET	8		/* first VF: so much behind its PF */
#define MOCK_WRITES	16384		/* writes that the record has room for */
#define MOCK_FAULTS	4
#define MOCK_MSIX	16		/* most vectors of a function */
#define MOCK_MSIX_TABLE	SZ_4K		/* where their table is in its BAR */
#define MOCK_ANY	U32_MAX		/* any function */
#define MOCK_ALL_MEMORY	U32_MAX		/* every allocation */

/* Device IDs; a test driver goes by them. */
#define MOCK_ID_NONE	0x1000		/* nobody drives it */
#define MOCK_ID_FIXED	0x1001		/* driver without hooks */
#define MOCK_ID_LIVE	0x1002
#define MOCK_ID_PAUSE	0x1003
#define MOCK_ID_STRICT	0x1004		/* its BARs are reached by others than CPUs */
#define MOCK_ID_VF	0x1005

enum mock_kind {
	MOCK_ENDPOINT,			/* PCIe endpoint */
	MOCK_ROOT_PORT,
	MOCK_UPSTREAM,
	MOCK_DOWNSTREAM,
	MOCK_PCI,			/* conventional device */
	MOCK_PCI_BRIDGE,		/* conventional bridge */
	MOCK_VF,			/* virtual function; there when its PF says so */
};

#define MOCK_SLOT	BIT(0)	/* hot-plug slot behind this port */
#define MOCK_EMPTY	BIT(1)	/* not there until mock_plug() */
#define MOCK_TRANSPARENT BIT(2)	/* subtractive decode */
#define MOCK_NO_IO	BIT(3)	/* bridge without an I/O window */
#define MOCK_NO_PREF	BIT(4)	/* bridge without a prefetchable window */
#define MOCK_PREF_32	BIT(5)	/* its prefetchable window is of 32 bits */
#define MOCK_OFF	BIT(6)	/* firmware left the decoding off */
#define MOCK_PM		BIT(7)	/* power management capability */
#define MOCK_FLR	BIT(8)	/* can be reset by itself */
#define MOCK_MPS	BIT(9)	/* takes payloads of 512 bytes */

/**
 * struct mock_bar - a BAR as the hardware has it
 * @size: bytes, a power of two; 0: not implemented; a VF BAR: of one VF
 * @flags: PMB_BAR_IO, PMB_BAR_PREF, PMB_BAR_64
 * @addr: bus address that firmware wrote; 0: none
 * @sizes: Resizable BAR: bit n set: 2^(n + 20) bytes possible; 0: not resizable
 */
struct mock_bar {
	u64 size;
	u32 flags;
	u64 addr;
	u64 sizes;
};

/**
 * struct mock_desc - a function of a topology, bridges before what is behind
 * @name: for messages
 * @up: index of the bridge above, PMB_NONE: on the root bus
 * @devfn: where on its bus
 * @kind: enum mock_kind
 * @flags: MOCK_*
 * @device: device ID; 0: MOCK_ID_NONE
 * @spare: bus numbers to keep behind this bridge, besides those in use; a
 *	MOCK_SLOT of UML, where the core numbers buses, gets the most of any
 * @pf: index of the physical function of a MOCK_VF
 * @vfs: virtual functions it can have; 0: no SR-IOV
 * @msix: MSI-X vectors, up to MOCK_MSIX; 0: none
 * @msix_bar: BAR with their table
 * @bar: BARs, ROM, VF BARs
 * @win: windows that firmware opened, in bus addresses, by enum pmb_space
 */
struct mock_desc {
	const char *name;
	u32 up;
	u8 devfn;
	enum mock_kind kind;
	u32 flags;
	u16 device;
	u8 spare;
	u32 pf;
	u16 vfs;
	u16 msix;
	u8 msix_bar;
	struct mock_bar bar[MOCK_RES];
	struct pmb_range win[PMB_SPACES];
};

/**
 * struct mock_fn - a function of the host
 * @desc: what it is
 * @present: answers to config accesses
 * @cfg: config space
 * @wmask: bits of it that can be written
 * @magic: each register of its memory BARs, but for those of the MSI-X table, reads
 *	as this + BAR number
 * @msix: MSI-X table, as the device has it, wherever the BAR is
 * @saved: config space at mock_save()
 * @users: runtime PM count at mock_save(); -1: the PCI core did not know it
 */
struct mock_fn {
	struct mock_desc desc;
	bool present;
	u8 cfg[MOCK_CFG_SIZE];
	u8 wmask[MOCK_CFG_SIZE];
	u32 magic;
	u32 msix[MOCK_MSIX * PCI_MSIX_ENTRY_SIZE / 4];
	u8 saved[MOCK_CFG_SIZE];
	int users;
};

/**
 * struct mock_write - a config space write as it happened
 * @fn: index of the function
 * @reg: offset in config space
 * @width: bytes
 * @stopped: interrupts were off: the engine in its stop, not the PCI core
 * @decoding: the function decoded memory (a memory BAR) or I/O (an I/O BAR)
 * @dropped: a fault swallowed it
 * @old: register before
 * @val: value written
 * @new: register after
 */
struct mock_write {
	u32 fn;
	u16 reg;
	u8 width;
	bool stopped;
	bool decoding;
	bool dropped;
	u32 old;
	u32 val;
	u32 new;
};

/**
 * struct mock_fault - what goes wrong, once it is armed
 * @fn: index of the function accessed; MOCK_ANY: any
 * @reg: register accessed; 0: any
 * @stopped: count only accesses of the engine in its stop
 * @reads: count reads, too
 * @after: so many accesses that match pass
 * @times: so many fail then
 * @vanish: a function goes away, with all below; else a written value does not
 *	stick, or a read returns all ones
 * @victim: 1 + index of the function that goes away; 0: the one accessed
 */
struct mock_fault {
	u32 fn;
	u16 reg;
	bool stopped;
	bool reads;
	u32 after;
	u32 times;
	bool vanish;
	u32 victim;
};

/**
 * struct mock_host - the host bridge
 * @test: the test it belongs to
 * @bridge: host bridge of the PCI core
 * @busnr: number of its root bus
 * @roots: its windows
 * @res: their resources
 * @nr_roots: entries in @roots and @res
 * @fn: its functions
 * @nr_fns: entries in @fn
 * @lock: protects all below, and config space
 * @writes: the record
 * @nr_writes: entries in @writes
 * @fault: armed faults
 * @strict: there are MOCK_ID_STRICT among them
 * @last: function of the last config access: a guess for the next
 * @nr_cfg: config accesses so far
 * @cfg_stopped: the last of them in the stop, counted from 1
 * @cfg_failed: the last one with a fault
 * @torn: writes in the stop after which a strict BAR did not decode
 * @idle: called between config accesses, where drivers may run; NULL: nobody
 * @accesses: MMIO accesses that reached a function
 * @astray: MMIO accesses that reached none, or more than one
 * @bus_size: pci_hotplug_bus_size as it was before
 * @released: set when the PCI core has dropped its last reference
 * @sysdata: what x86 expects behind bus->sysdata
 */
struct mock_host {
	struct kunit *test;
	struct pci_host_bridge *bridge;
	u8 busnr;
	struct pmb_root *roots;
	struct resource *res;
	u32 nr_roots;
	struct mock_fn *fn;
	u32 nr_fns;
	raw_spinlock_t lock;
	struct mock_write *writes;
	u32 nr_writes;
	struct mock_fault fault[MOCK_FAULTS];
	bool strict;
	u32 last;
	u32 nr_cfg;
	u32 cfg_stopped;
	u32 cfg_failed;
	u32 torn;
	void (*idle)(struct mock_host *host);
	u32 accesses;
	u32 astray;
	unsigned long bus_size;
	bool released;
#ifdef CONFIG_X86
	struct pci_sysdata sysdata;
#endif
};

/* mock_host.c */
struct mock_host *mock_host_create(struct kunit *test, const struct mock_desc *desc, u32 nr,
				   const struct pmb_root *roots, u32 nr_roots);
struct mock_host *mock_host_from_layout(struct kunit *test, const struct pmb_layout *layout);
void mock_host_destroy(struct mock_host *host);
void mock_plug(struct mock_host *host, u32 fn);
void mock_unplug(struct mock_host *host, u32 fn);
void mock_rescan(struct mock_host *host);
struct pci_dev *mock_dev(struct mock_host *host, u32 fn);
struct resource *mock_bar_res(struct mock_host *host, u32 fn, int bar);
bool mock_is_below(const struct mock_host *host, u32 fn, u32 top);
bool mock_alive(const struct mock_host *host, u32 fn);

/* mock_config.c */
extern struct pci_ops mock_pci_ops;
void mock_cfg_init(struct mock_host *host, u32 fn);
u32 mock_cfg_get(const struct mock_fn *fn, u16 reg, u8 width);
void mock_cfg_put(struct mock_fn *fn, u16 reg, u8 width, u32 val);
void mock_cfg_field(struct mock_fn *fn, u16 reg, u8 width, u32 val, u32 mask);
void mock_bar_init(struct mock_fn *fn, int bar);
u16 mock_bar_reg(const struct mock_fn *fn, int bar);
bool mock_is_bridge(const struct mock_fn *fn);
u8 mock_bus_of(const struct mock_host *host, u32 fn);
u32 mock_find(struct mock_host *host, u8 bus, u8 devfn);
void mock_vanish(struct mock_host *host, u32 fn);
void mock_arm(struct mock_host *host, const struct mock_fault *fault);
void mock_disarm(struct mock_host *host);
bool mock_armed(struct mock_host *host);

/* mock_caps.c */
void mock_caps_init(struct mock_fn *fn);
void mock_caps_wrote(struct mock_host *host, const struct mock_write *w);
u16 mock_vf_reg(int bar);
u16 mock_vfs_enabled(const struct mock_fn *fn);
bool mock_vfs_decode(const struct mock_fn *fn);
bool mock_asleep(const struct mock_fn *fn);

/* mock_check.c */
struct pmb_range mock_bar_range(const struct mock_fn *fn, int bar);
struct pmb_range mock_window_range(const struct mock_fn *fn, enum pmb_space space);
bool mock_decoded(struct mock_host *host, u32 fn, int bar, u64 *cpu);
int mock_route(struct mock_host *host, u64 cpu, u32 *fn, int *bar, u64 *offset);
bool mock_check_decode(struct mock_host *host, char *why, size_t len);
bool mock_check_writes(struct mock_host *host, u32 from, char *why, size_t len);
bool mock_check_core(struct mock_host *host, char *why, size_t len);
bool mock_strict_decode(struct mock_host *host);
bool mock_check_held(struct mock_host *host, char *why, size_t len);
bool mock_check_fixed(struct mock_host *host, u32 from, char *why, size_t len);
u32 mock_count_writes(struct mock_host *host, u32 from, u32 fn, bool stopped);
void mock_save(struct mock_host *host);
bool mock_same(struct mock_host *host, char *why, size_t len);

/* mock_memory.c */
void mock_memory_arm(struct kunit *test);
void mock_memory_fails(unsigned int nth);
unsigned int mock_memory_left(void);

/* mock_mmio.c */
#ifdef CONFIG_INDIRECT_IOMEM
struct resource *mock_mmio_parent(const struct resource *res);
void mock_mmio_attach(struct mock_host *host);
void mock_mmio_detach(struct mock_host *host);
#else
static inline struct resource *mock_mmio_parent(const struct resource *res)
{
	return &iomem_resource;
}

static inline void mock_mmio_attach(struct mock_host *host) { }
static inline void mock_mmio_detach(struct mock_host *host) { }
#endif

#endif /* _PCI_MOVABLE_MOCK_HOST_H */
