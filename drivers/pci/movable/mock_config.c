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
	case MOCK_VF:
		return false;
	default:
		return true;
	}
}

/**
 * mock_cfg_field - define a register, as it is after power-on
 * @fn: the function
 * @reg: offset, below MOCK_CFG_SIZE
 * @width: bytes: 1, 2 or 4
 * @val: the value
 * @mask: bits that can be written
 */
void mock_cfg_field(struct mock_fn *fn, u16 reg, u8 width, u32 val, u32 mask)
{
	put_le(&fn->cfg[reg], width, val);
	put_le(&fn->wmask[reg], width, mask);
}

/**
 * mock_bar_reg - where the register of a BAR is
 * @fn: the function
 * @bar: number of the BAR, by the PCI core's count
 *
 * Return: offset in config space.
 */
u16 mock_bar_reg(const struct mock_fn *fn, int bar)
{
	if (bar >= MOCK_VF_BAR)
		return mock_vf_reg(bar);
	if (bar < PCI_ROM_RESOURCE)
		return PCI_BASE_ADDRESS_0 + 4 * bar;
	return mock_is_bridge(fn) ? PCI_ROM_ADDRESS1 : PCI_ROM_ADDRESS;
}

/**
 * mock_bar_init - a BAR without an address, of the size that it has now
 * @fn: the function
 * @bar: number of the BAR
 */
void mock_bar_init(struct mock_fn *fn, int bar)
{
	const struct mock_bar *b = &fn->desc.bar[bar];
	u16 reg = mock_bar_reg(fn, bar);
	u64 mask = -b->size;

	if (!b->size)
		return;

	if (bar == PCI_ROM_RESOURCE) {
		mock_cfg_field(fn, reg, 4, 0,
			       (mask & PCI_ROM_ADDRESS_MASK) | PCI_ROM_ADDRESS_ENABLE);
	} else if (b->flags & PMB_BAR_IO) {
		mock_cfg_field(fn, reg, 4, PCI_BASE_ADDRESS_SPACE_IO,
			       mask & PCI_BASE_ADDRESS_IO_MASK);
	} else {
		mock_cfg_field(fn, reg, 4,
			       (b->flags & PMB_BAR_PREF ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0) |
			       (b->flags & PMB_BAR_64 ? PCI_BASE_ADDRESS_MEM_TYPE_64 : 0),
			       mask & PCI_BASE_ADDRESS_MEM_MASK);
		if (b->flags & PMB_BAR_64)
			mock_cfg_field(fn, reg + 4, 4, 0, mask >> 32);
	}
}

static void init_bridge(struct mock_fn *fn)
{
	u32 flags = fn->desc.flags;

	mock_cfg_field(fn, PCI_PRIMARY_BUS, 4, 0, U32_MAX);
	mock_cfg_field(fn, PCI_BRIDGE_CONTROL, 2, 0, 0xfff);
	mock_cfg_field(fn, PCI_MEMORY_BASE, 2, 0, 0xfff0);
	mock_cfg_field(fn, PCI_MEMORY_LIMIT, 2, 0, 0xfff0);
	if (!(flags & MOCK_NO_IO)) {
		mock_cfg_field(fn, PCI_IO_BASE, 1, 0, 0xf0);
		mock_cfg_field(fn, PCI_IO_LIMIT, 1, 0, 0xf0);
	}
	if (flags & MOCK_NO_PREF)
		return;
	mock_cfg_field(fn, PCI_PREF_MEMORY_BASE, 2, !(flags & MOCK_PREF_32), 0xfff0);
	mock_cfg_field(fn, PCI_PREF_MEMORY_LIMIT, 2, !(flags & MOCK_PREF_32), 0xfff0);
	if (flags & MOCK_PREF_32)
		return;
	mock_cfg_field(fn, PCI_PREF_BASE_UPPER32, 4, 0, U32_MAX);
	mock_cfg_field(fn, PCI_PREF_LIMIT_UPPER32, 4, 0, U32_MAX);
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
	mock_cfg_field(f, PCI_VENDOR_ID, 2, MOCK_VENDOR, 0);
	mock_cfg_field(f, PCI_DEVICE_ID, 2, f->desc.device ?: MOCK_ID_NONE, 0);
	mock_cfg_field(f, PCI_COMMAND, 2, 0,
		       PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
		       PCI_COMMAND_PARITY | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	mock_cfg_field(f, PCI_CLASS_REVISION, 4, class << 8, 0);
	mock_cfg_field(f, PCI_HEADER_TYPE, 1,
		       bridge | (multifunction(host, fn) ? PCI_HEADER_TYPE_MFD : 0), 0);
	mock_cfg_field(f, PCI_INTERRUPT_LINE, 1, 0, 0xff);
	if (bridge)
		init_bridge(f);
	mock_caps_init(f);
	for (i = 0; i < (IS_ENABLED(CONFIG_PCI_IOV) ? MOCK_RES : MOCK_VF_BAR); i++)
		mock_bar_init(f, i);
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

static bool vf_enabled(const struct mock_host *host, const struct mock_fn *vf)
{
	const struct mock_fn *pf = &host->fn[vf->desc.pf];

	return vf->desc.devfn - pf->desc.devfn - MOCK_VF_OFFSET < mock_vfs_enabled(pf);
}

/* A type 1 request finds its way only past bridges that forward it. */
static bool reachable(const struct mock_host *host, u32 fn, u8 bus)
{
	const struct mock_fn *f = &host->fn[fn];

	if (f->desc.kind == MOCK_VF && !vf_enabled(host, f))
		return false;
	while (f->present && f->desc.up != PMB_NONE) {
		f = &host->fn[f->desc.up];
		if (bus < f->cfg[PCI_SECONDARY_BUS] || bus > f->cfg[PCI_SUBORDINATE_BUS])
			return false;
	}
	return f->present;
}

static bool is_at(const struct mock_host *host, u32 fn, u8 bus, u8 devfn)
{
	return host->fn[fn].desc.devfn == devfn && mock_bus_of(host, fn) == bus &&
	       reachable(host, fn, bus);
}

static u32 find(struct mock_host *host, u8 bus, u8 devfn)
{
	u32 i;

	if (is_at(host, host->last, bus, devfn))
		return host->last;
	for (i = 0; i < host->nr_fns; i++) {
		if (is_at(host, i, bus, devfn)) {
			host->last = i;
			return i;
		}
	}
	return PMB_NONE;
}

/**
 * mock_find - who answers config accesses at an address?
 * @host: the host
 * @bus: bus number
 * @devfn: device and function
 *
 * Return: index of the function; %PMB_NONE: nobody.
 */
u32 mock_find(struct mock_host *host, u8 bus, u8 devfn)
{
	unsigned long flags;
	u32 fn;

	raw_spin_lock_irqsave(&host->lock, flags);
	fn = find(host, bus, devfn);
	raw_spin_unlock_irqrestore(&host->lock, flags);
	return fn;
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

struct access {
	u32 fn;
	u16 reg;
	bool read;
	bool stopped;
};

static bool fault_hits(struct mock_fault *f, const struct access *a)
{
	if (!f->times || (f->fn != MOCK_ANY && f->fn != a->fn) || (a->read && !f->reads) ||
	    (f->reg && f->reg != a->reg) || (f->stopped && !a->stopped))
		return false;
	if (f->after) {
		f->after--;
		return false;
	}
	f->times--;
	return true;
}

/* Returns whether this access fails. */
static bool apply_faults(struct mock_host *host, const struct access *a)
{
	bool fails = false;
	u32 i;

	host->nr_cfg++;
	if (a->stopped)
		host->cfg_stopped = host->nr_cfg;
	for (i = 0; i < MOCK_FAULTS; i++) {
		const struct mock_fault *f = &host->fault[i];

		if (!fault_hits(&host->fault[i], a))
			continue;
		host->cfg_failed = host->nr_cfg;
		if (f->vanish)
			mock_vanish(host, f->victim ? f->victim - 1 : a->fn);
		fails |= !f->vanish || !mock_alive(host, a->fn);
	}
	return fails;
}

static bool decodes(const struct mock_fn *fn, u16 reg)
{
	int i = (reg - PCI_BASE_ADDRESS_0) / 4;
	u16 rom = mock_bar_reg(fn, PCI_ROM_RESOURCE);
	u32 bit = PCI_COMMAND_MEMORY;

	if (mock_asleep(fn))
		return false;
	if (reg >= mock_vf_reg(MOCK_VF_BAR) && reg < mock_vf_reg(MOCK_RES))
		return mock_vfs_decode(fn);
	if (reg == rom && !(mock_cfg_get(fn, rom, 4) & PCI_ROM_ADDRESS_ENABLE))
		return false;
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

	w.dropped = apply_faults(host, &(struct access){ i, reg, false, stopped });
	if (!w.dropped)
		mock_cfg_put(fn, reg, width, val);
	w.new = mock_cfg_get(fn, reg, width);
	if (!w.dropped)
		mock_caps_wrote(host, &w);
	if (host->nr_writes < MOCK_WRITES)
		host->writes[host->nr_writes++] = w;
	if (stopped && host->strict)
		host->torn += !mock_strict_decode(host);
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
	return irqs_disabled() && (where < MOCK_CAP_PCIE || where >= MOCK_CAP_PCIE_END);
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
	if (host->idle && !irqs_disabled())
		host->idle(host);
	return PCIBIOS_SUCCESSFUL;
}

static u32 do_read(struct mock_host *host, u32 fn, u16 reg, u8 width, bool stopped)
{
	if (fn == PMB_NONE)
		return ones(width);
	if (reg + width > MOCK_CFG_SIZE)
		return 0;
	if (apply_faults(host, &(struct access){ fn, reg, true, stopped }))
		return ones(width);
	return mock_cfg_get(&host->fn[fn], reg, width);
}

static int mock_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *val)
{
	struct mock_host *host = mock_of(bus);
	bool stopped = in_stop(where);
	unsigned long flags;

	raw_spin_lock_irqsave(&host->lock, flags);
	*val = do_read(host, find(host, bus->number, devfn), where, size, stopped);
	raw_spin_unlock_irqrestore(&host->lock, flags);
	if (host->idle && !irqs_disabled())
		host->idle(host);
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

/**
 * mock_armed - is something still to go wrong?
 * @host: the host
 *
 * Return: true if a fault is left; false: all have happened.
 */
bool mock_armed(struct mock_host *host)
{
	u32 i;

	for (i = 0; i < MOCK_FAULTS; i++)
		if (host->fault[i].times)
			return true;
	return false;
}
