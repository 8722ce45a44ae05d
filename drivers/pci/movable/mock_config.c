// SPDX-License-Identifier: GPL-2.0
/*
 * Config space of the mock host.
 *
 * A function is its registers and a mask of the bits that can be written.
 * Sizing a BAR by writing all ones then needs no code of its own: the mask has
 * a bit for each address bit which the BAR decodes, and the rest stays.
 */
#include <linux/pci.h>

#include "mock_host.h"

#define PCIE_CAP	0x40		/* offset of the PCI Express capability */
#define PCIE_CAP_END	(PCIE_CAP + PCI_EXP_SLTSTA2 + 2)

static u32 ones(u8 width)
{
	return U32_MAX >> (32 - 8 * width);
}

static u32 get_le(const u8 *p, u8 width)
{
	u32 val = 0;

	while (width--)
		val = val << 8 | p[width];
	return val;
}

static void put_le(u8 *p, u8 width, u32 val)
{
	for (; width--; val >>= 8)
		*p++ = val;
}

/**
 * mock_cfg_get - look at a register, past the bus
 * @fn: the function
 * @reg: offset, below MOCK_CFG_SIZE
 * @width: bytes: 1, 2 or 4
 *
 * Return: the value, zero-extended.
 */
u32 mock_cfg_get(const struct mock_fn *fn, u16 reg, u8 width)
{
	return get_le(&fn->cfg[reg], width);
}

/**
 * mock_cfg_put - set a register as firmware or hardware does: not recorded
 * @fn: the function
 * @reg: offset, below MOCK_CFG_SIZE
 * @width: bytes: 1, 2 or 4
 * @val: the value; read-only bits stay as they are
 */
void mock_cfg_put(struct mock_fn *fn, u16 reg, u8 width, u32 val)
{
	u32 mask = get_le(&fn->wmask[reg], width);

	put_le(&fn->cfg[reg], width, (mock_cfg_get(fn, reg, width) & ~mask) | (val & mask));
}

/**
 * mock_is_bridge - does it have a type 1 header?
 * @fn: the function
 *
 * Return: true for bridges and ports.
 */
bool mock_is_bridge(const struct mock_fn *fn)
{
	switch (fn->desc.kind) {
	case MOCK_ENDPOINT:
	case MOCK_PCI:
		return false;
	default:
		return true;
	}
}

static void field(struct mock_fn *fn, u16 reg, u8 width, u32 val, u32 mask)
{
	put_le(&fn->cfg[reg], width, val);
	put_le(&fn->wmask[reg], width, mask);
}

static void init_bar(struct mock_fn *fn, int i)
{
	const struct mock_bar *bar = &fn->desc.bar[i];
	u16 reg = PCI_BASE_ADDRESS_0 + 4 * i;
	u64 mask = -bar->size;

	if (!bar->size)
		return;

	if (i == PCI_ROM_RESOURCE) {
		reg = mock_is_bridge(fn) ? PCI_ROM_ADDRESS1 : PCI_ROM_ADDRESS;
		field(fn, reg, 4, 0, (mask & PCI_ROM_ADDRESS_MASK) | PCI_ROM_ADDRESS_ENABLE);
	} else if (bar->flags & PMB_BAR_IO) {
		field(fn, reg, 4, PCI_BASE_ADDRESS_SPACE_IO, mask & PCI_BASE_ADDRESS_IO_MASK);
	} else {
		field(fn, reg, 4,
		      (bar->flags & PMB_BAR_PREF ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0) |
		      (bar->flags & PMB_BAR_64 ? PCI_BASE_ADDRESS_MEM_TYPE_64 : 0),
		      mask & PCI_BASE_ADDRESS_MEM_MASK);
		if (bar->flags & PMB_BAR_64)
			field(fn, reg + 4, 4, 0, mask >> 32);
	}
}

static void init_bridge(struct mock_fn *fn)
{
	u32 flags = fn->desc.flags;

	field(fn, PCI_PRIMARY_BUS, 4, 0, U32_MAX);
	field(fn, PCI_BRIDGE_CONTROL, 2, 0, 0xfff);
	field(fn, PCI_MEMORY_BASE, 2, 0, 0xfff0);
	field(fn, PCI_MEMORY_LIMIT, 2, 0, 0xfff0);
	if (!(flags & MOCK_NO_IO)) {
		field(fn, PCI_IO_BASE, 1, 0, 0xf0);
		field(fn, PCI_IO_LIMIT, 1, 0, 0xf0);
	}
	if (flags & MOCK_NO_PREF)
		return;
	field(fn, PCI_PREF_MEMORY_BASE, 2, !(flags & MOCK_PREF_32), 0xfff0);
	field(fn, PCI_PREF_MEMORY_LIMIT, 2, !(flags & MOCK_PREF_32), 0xfff0);
	if (flags & MOCK_PREF_32)
		return;
	field(fn, PCI_PREF_BASE_UPPER32, 4, 0, U32_MAX);
	field(fn, PCI_PREF_LIMIT_UPPER32, 4, 0, U32_MAX);
}

static void init_pcie(struct mock_fn *fn)
{
	static const u8 type[] = {
		[MOCK_ENDPOINT] = PCI_EXP_TYPE_ENDPOINT,
		[MOCK_ROOT_PORT] = PCI_EXP_TYPE_ROOT_PORT,
		[MOCK_UPSTREAM] = PCI_EXP_TYPE_UPSTREAM,
		[MOCK_DOWNSTREAM] = PCI_EXP_TYPE_DOWNSTREAM,
	};
	bool slot = fn->desc.flags & MOCK_SLOT;

	field(fn, PCI_STATUS, 2, PCI_STATUS_CAP_LIST, 0);
	field(fn, PCI_CAPABILITY_LIST, 1, PCIE_CAP, 0);
	field(fn, PCIE_CAP + PCI_CAP_LIST_ID, 1, PCI_CAP_ID_EXP, 0);
	field(fn, PCIE_CAP + PCI_EXP_FLAGS, 2,
	      2 | type[fn->desc.kind] << 4 | (slot ? PCI_EXP_FLAGS_SLOT : 0), 0);
	field(fn, PCIE_CAP + PCI_EXP_DEVCTL, 2, 0, 0xffff);
	field(fn, PCIE_CAP + PCI_EXP_LNKCAP, 4, PCI_EXP_LNKCAP_SLS_2_5GB | BIT(4), 0);
	field(fn, PCIE_CAP + PCI_EXP_LNKCTL, 2, 0, 0xffff);
	field(fn, PCIE_CAP + PCI_EXP_LNKSTA, 2, PCI_EXP_LNKSTA_CLS_2_5GB | BIT(4), 0);
	if (slot)
		field(fn, PCIE_CAP + PCI_EXP_SLTCAP, 4, PCI_EXP_SLTCAP_HPC, 0);
	field(fn, PCIE_CAP + PCI_EXP_SLTCTL, 2, 0, 0xffff);
	field(fn, PCIE_CAP + PCI_EXP_RTCTL, 2, 0, 0xffff);
	field(fn, PCIE_CAP + PCI_EXP_DEVCTL2, 2, 0, 0xffff);
}

static bool multifunction(const struct mock_host *host, u32 fn)
{
	const struct mock_desc *d = &host->fn[fn].desc;
	u32 i;

	for (i = 0; i < host->nr_fns; i++)
		if (i != fn && host->fn[i].desc.up == d->up &&
		    PCI_SLOT(host->fn[i].desc.devfn) == PCI_SLOT(d->devfn))
			return true;
	return false;
}

/**
 * mock_cfg_init - bring a function into the state after power-on
 * @host: the host
 * @fn: index of the function
 */
void mock_cfg_init(struct mock_host *host, u32 fn)
{
	struct mock_fn *f = &host->fn[fn];
	bool bridge = mock_is_bridge(f);
	u32 class = bridge ? PCI_CLASS_BRIDGE_PCI_NORMAL : PCI_CLASS_OTHERS << 16;
	int i;

	memset(f->cfg, 0, sizeof(f->cfg));
	memset(f->wmask, 0, sizeof(f->wmask));

	if (f->desc.flags & MOCK_TRANSPARENT)
		class |= 1;
	field(f, PCI_VENDOR_ID, 2, MOCK_VENDOR, 0);
	field(f, PCI_DEVICE_ID, 2, f->desc.device ?: MOCK_ID_NONE, 0);
	field(f, PCI_COMMAND, 2, 0, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
	      PCI_COMMAND_PARITY | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	field(f, PCI_CLASS_REVISION, 4, class << 8, 0);
	field(f, PCI_HEADER_TYPE, 1, bridge | (multifunction(host, fn) ? PCI_HEADER_TYPE_MFD : 0),
	      0);
	field(f, PCI_INTERRUPT_LINE, 1, 0, 0xff);
	for (i = 0; i < MOCK_RES; i++)
		init_bar(f, i);
	if (bridge)
		init_bridge(f);
	if (f->desc.kind != MOCK_PCI && f->desc.kind != MOCK_PCI_BRIDGE)
		init_pcie(f);
}

/**
 * mock_bus_of - the bus that a function is on, as the bridge above has it
 * @host: the host
 * @fn: index of the function
 *
 * Return: bus number; 0: none yet.
 */
u8 mock_bus_of(const struct mock_host *host, u32 fn)
{
	u32 up = host->fn[fn].desc.up;

	return up == PMB_NONE ? host->busnr : host->fn[up].cfg[PCI_SECONDARY_BUS];
}

/* A type 1 request finds its way only past bridges that forward it. */
static bool reachable(const struct mock_host *host, u32 fn, u8 bus)
{
	const struct mock_fn *f = &host->fn[fn];

	while (f->present && f->desc.up != PMB_NONE) {
		f = &host->fn[f->desc.up];
		if (bus < f->cfg[PCI_SECONDARY_BUS] || bus > f->cfg[PCI_SUBORDINATE_BUS])
			return false;
	}
	return f->present;
}

static u32 find(const struct mock_host *host, u8 bus, u8 devfn)
{
	u32 i;

	for (i = 0; i < host->nr_fns; i++)
		if (host->fn[i].desc.devfn == devfn && mock_bus_of(host, i) == bus &&
		    reachable(host, i, bus))
			return i;
	return PMB_NONE;
}

/**
 * mock_vanish - a function and all below it are gone
 * @host: the host
 * @fn: index of the function
 *
 * Context: any; the host's lock is held, or no test runs yet.
 */
void mock_vanish(struct mock_host *host, u32 fn)
{
	host->fn[fn].present = false;
}

static bool fault_hits(struct mock_fault *f, const struct mock_write *w)
{
	if (!f->times || (f->fn != MOCK_ANY && f->fn != w->fn) ||
	    (f->reg && f->reg != w->reg) || (f->stopped && !w->stopped))
		return false;
	if (f->after) {
		f->after--;
		return false;
	}
	f->times--;
	return true;
}

static void apply_faults(struct mock_host *host, struct mock_write *w)
{
	u32 i;

	for (i = 0; i < MOCK_FAULTS; i++) {
		if (!fault_hits(&host->fault[i], w))
			continue;
		w->dropped = true;
		if (host->fault[i].vanish)
			mock_vanish(host, w->fn);
	}
}

static bool decodes(const struct mock_fn *fn, u16 reg)
{
	int i = (reg - PCI_BASE_ADDRESS_0) / 4;
	u32 bit = PCI_COMMAND_MEMORY;

	if (reg >= PCI_BASE_ADDRESS_0 && i < PCI_STD_NUM_BARS &&
	    fn->desc.bar[i].flags & PMB_BAR_IO)
		bit = PCI_COMMAND_IO;
	return mock_cfg_get(fn, PCI_COMMAND, 2) & bit;
}

static void do_write(struct mock_host *host, u32 i, u16 reg, u8 width, u32 val, bool stopped)
{
	struct mock_fn *fn = &host->fn[i];
	struct mock_write w = {
		.fn = i,
		.reg = reg,
		.width = width,
		.stopped = stopped,
		.decoding = decodes(fn, reg),
		.old = mock_cfg_get(fn, reg, width),
		.val = val & ones(width),
	};

	apply_faults(host, &w);
	if (!w.dropped)
		mock_cfg_put(fn, reg, width, val);
	w.new = mock_cfg_get(fn, reg, width);
	if (host->nr_writes < MOCK_WRITES)
		host->writes[host->nr_writes++] = w;
}

static struct mock_host *mock_of(struct pci_bus *bus)
{
	return *(struct mock_host **)pci_host_bridge_priv(pci_find_host_bridge(bus));
}

/*
 * On a kernel that takes no lock around config accesses (UML, x86), interrupts
 * are off here only while the machine is stopped, and while the core changes
 * bits of the PCI Express capability, where the engine never writes.
 */
static bool in_stop(int where)
{
	return irqs_disabled() && (where < PCIE_CAP || where >= PCIE_CAP_END);
}

static int mock_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 val)
{
	struct mock_host *host = mock_of(bus);
	bool stopped = in_stop(where);
	unsigned long flags;
	u32 fn;

	raw_spin_lock_irqsave(&host->lock, flags);
	fn = find(host, bus->number, devfn);
	if (fn != PMB_NONE && where + size <= MOCK_CFG_SIZE)
		do_write(host, fn, where, size, val, stopped);
	raw_spin_unlock_irqrestore(&host->lock, flags);
	return PCIBIOS_SUCCESSFUL;
}

static int mock_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *val)
{
	struct mock_host *host = mock_of(bus);
	unsigned long flags;
	u32 fn;

	raw_spin_lock_irqsave(&host->lock, flags);
	fn = find(host, bus->number, devfn);
	if (fn == PMB_NONE)
		*val = ones(size);
	else if (where + size <= MOCK_CFG_SIZE)
		*val = mock_cfg_get(&host->fn[fn], where, size);
	else
		*val = 0;
	raw_spin_unlock_irqrestore(&host->lock, flags);
	return PCIBIOS_SUCCESSFUL;
}

struct pci_ops mock_pci_ops = {
	.read = mock_read,
	.write = mock_write,
};

/**
 * mock_arm - let something go wrong
 * @host: the host
 * @fault: what; a copy is kept
 *
 * At most MOCK_FAULTS can be armed at a time.
 */
void mock_arm(struct mock_host *host, const struct mock_fault *fault)
{
	unsigned long flags;
	bool done = false;
	u32 i;

	raw_spin_lock_irqsave(&host->lock, flags);
	for (i = 0; i < MOCK_FAULTS && !done; i++) {
		done = !host->fault[i].times;
		if (done)
			host->fault[i] = *fault;
	}
	raw_spin_unlock_irqrestore(&host->lock, flags);
	KUNIT_ASSERT_TRUE(host->test, done);
}

/**
 * mock_disarm - nothing goes wrong any more
 * @host: the host
 */
void mock_disarm(struct mock_host *host)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&host->lock, flags);
	memset(host->fault, 0, sizeof(host->fault));
	raw_spin_unlock_irqrestore(&host->lock, flags);
}
