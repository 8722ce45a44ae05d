// SPDX-License-Identifier: GPL-2.0
/*
 * Capabilities of the functions of the mock host, and what writing to them
 * does besides changing a register.
 *
 *	 40  power management		100  start of the extended list
 *	 50  PCI Express		110  SR-IOV
 *	 90  MSI-X			150  Resizable BAR
 */
#include <linux/log2.h>
#include <linux/pci.h>

#include "mock_host.h"

#define CAP_PM		0x40
#define CAP_MSIX	0x90
#define CAP_EXT		PCI_CFG_SPACE_SIZE
#define CAP_SRIOV	0x110
#define CAP_REBAR	0x150
#define REBAR_SHIFT	20		/* the smallest size is 1 MiB */

/* Ahead of those that are there already. */
static void add_cap(struct mock_fn *fn, u8 at, u8 id)
{
	mock_cfg_field(fn, at + PCI_CAP_LIST_ID, 1, id, 0);
	mock_cfg_field(fn, at + PCI_CAP_LIST_NEXT, 1, mock_cfg_get(fn, PCI_CAPABILITY_LIST, 1), 0);
	mock_cfg_field(fn, PCI_CAPABILITY_LIST, 1, at, 0);
	mock_cfg_field(fn, PCI_STATUS, 2, PCI_STATUS_CAP_LIST, 0);
}

static void add_ext_cap(struct mock_fn *fn, u16 at, u16 id)
{
	u32 first = mock_cfg_get(fn, CAP_EXT, 4);

	mock_cfg_field(fn, at, 4, id | 1 << 16 | (first & 0xfff00000), 0);
	mock_cfg_field(fn, CAP_EXT, 4, 1 << 16 | at << 20, 0);
}

static void init_pcie(struct mock_fn *fn)
{
	static const u8 type[] = {
		[MOCK_ENDPOINT] = PCI_EXP_TYPE_ENDPOINT,
		[MOCK_ROOT_PORT] = PCI_EXP_TYPE_ROOT_PORT,
		[MOCK_UPSTREAM] = PCI_EXP_TYPE_UPSTREAM,
		[MOCK_DOWNSTREAM] = PCI_EXP_TYPE_DOWNSTREAM,
		[MOCK_VF] = PCI_EXP_TYPE_ENDPOINT,
	};
	const u16 at = MOCK_CAP_PCIE;
	bool slot = fn->desc.flags & MOCK_SLOT;

	add_cap(fn, at, PCI_CAP_ID_EXP);
	mock_cfg_field(fn, at + PCI_EXP_FLAGS, 2,
		       2 | type[fn->desc.kind] << 4 | (slot ? PCI_EXP_FLAGS_SLOT : 0), 0);
	mock_cfg_field(fn, at + PCI_EXP_DEVCAP, 4,
		       (fn->desc.flags & MOCK_FLR ? PCI_EXP_DEVCAP_FLR : 0) |
		       (fn->desc.flags & MOCK_MPS ? 2 : 0), 0);
	mock_cfg_field(fn, at + PCI_EXP_DEVCTL, 2, 0, 0xffff);
	mock_cfg_field(fn, at + PCI_EXP_LNKCAP, 4, PCI_EXP_LNKCAP_SLS_2_5GB | BIT(4), 0);
	mock_cfg_field(fn, at + PCI_EXP_LNKCTL, 2, 0, 0xffff);
	mock_cfg_field(fn, at + PCI_EXP_LNKSTA, 2, PCI_EXP_LNKSTA_CLS_2_5GB | BIT(4), 0);
	if (slot)
		mock_cfg_field(fn, at + PCI_EXP_SLTCAP, 4, PCI_EXP_SLTCAP_HPC, 0);
	mock_cfg_field(fn, at + PCI_EXP_SLTCTL, 2, 0, 0xffff);
	mock_cfg_field(fn, at + PCI_EXP_RTCTL, 2, 0, 0xffff);
	mock_cfg_field(fn, at + PCI_EXP_DEVCTL2, 2, 0, 0xffff);
}

static void init_pm(struct mock_fn *fn)
{
	add_cap(fn, CAP_PM, PCI_CAP_ID_PM);
	mock_cfg_field(fn, CAP_PM + PCI_PM_PMC, 2, 3, 0);
	mock_cfg_field(fn, CAP_PM + PCI_PM_CTRL, 2, 0, PCI_PM_CTRL_STATE_MASK);
}

/* Pending bits are behind the table.  Every vector is masked. */
static void init_msix(struct mock_fn *fn)
{
	u8 bir = fn->desc.msix_bar;
	u32 i;

	memset(fn->msix, 0, sizeof(fn->msix));
	for (i = PCI_MSIX_ENTRY_VECTOR_CTRL / 4; i < ARRAY_SIZE(fn->msix);
	     i += PCI_MSIX_ENTRY_SIZE / 4)
		fn->msix[i] = PCI_MSIX_ENTRY_CTRL_MASKBIT;

	add_cap(fn, CAP_MSIX, PCI_CAP_ID_MSIX);
	mock_cfg_field(fn, CAP_MSIX + PCI_MSIX_FLAGS, 2, fn->desc.msix - 1,
		       PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	mock_cfg_field(fn, CAP_MSIX + PCI_MSIX_TABLE, 4, MOCK_MSIX_TABLE | bir, 0);
	mock_cfg_field(fn, CAP_MSIX + PCI_MSIX_PBA, 4, (MOCK_MSIX_TABLE + SZ_2K) | bir, 0);
}

/* VFs follow their PF on the same bus, from the next device number on. */
static void init_sriov(struct mock_fn *fn)
{
	add_ext_cap(fn, CAP_SRIOV, PCI_EXT_CAP_ID_SRIOV);
	mock_cfg_field(fn, CAP_SRIOV + PCI_SRIOV_CTRL, 2, 0,
		       PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
	mock_cfg_field(fn, CAP_SRIOV + PCI_SRIOV_INITIAL_VF, 2, fn->desc.vfs, 0);
	mock_cfg_field(fn, CAP_SRIOV + PCI_SRIOV_TOTAL_VF, 2, fn->desc.vfs, 0);
	mock_cfg_field(fn, CAP_SRIOV + PCI_SRIOV_NUM_VF, 2, 0, 0xffff);
	mock_cfg_field(fn, CAP_SRIOV + PCI_SRIOV_FUNC_LINK, 1, fn->desc.devfn, 0);
	mock_cfg_field(fn, CAP_SRIOV + PCI_SRIOV_VF_OFFSET, 2, MOCK_VF_OFFSET, 0);
	mock_cfg_field(fn, CAP_SRIOV + PCI_SRIOV_VF_STRIDE, 2, 1, 0);
	mock_cfg_field(fn, CAP_SRIOV + PCI_SRIOV_VF_DID, 2, MOCK_ID_VF, 0);
	mock_cfg_field(fn, CAP_SRIOV + PCI_SRIOV_SUP_PGSIZE, 4, PAGE_SIZE / SZ_4K, 0);
	mock_cfg_field(fn, CAP_SRIOV + PCI_SRIOV_SYS_PGSIZE, 4, 1, U32_MAX);
}

static u32 count_resizable(const struct mock_fn *fn)
{
	u32 i, nr = 0;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		nr += !!fn->desc.bar[i].sizes;
	return nr;
}

static void init_rebar(struct mock_fn *fn)
{
	u32 i, nr = count_resizable(fn), at = CAP_REBAR;

	add_ext_cap(fn, CAP_REBAR, PCI_EXT_CAP_ID_REBAR);
	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		const struct mock_bar *bar = &fn->desc.bar[i];

		if (!bar->sizes)
			continue;
		mock_cfg_field(fn, at + PCI_REBAR_CAP, 4, bar->sizes << 4, 0);
		mock_cfg_field(fn, at + PCI_REBAR_CTRL, 4,
			       i | nr << PCI_REBAR_CTRL_NBAR_SHIFT |
			       (ilog2(bar->size) - REBAR_SHIFT) << PCI_REBAR_CTRL_BAR_SHIFT,
			       PCI_REBAR_CTRL_BAR_SIZE);
		at += 8;
	}
}

static bool has_sriov(const struct mock_fn *fn)
{
	return IS_ENABLED(CONFIG_PCI_IOV) && fn->desc.vfs;
}

/**
 * mock_caps_init - give a function its capabilities
 * @fn: the function; the header is there
 */
void mock_caps_init(struct mock_fn *fn)
{
	if (has_sriov(fn))
		init_sriov(fn);
	if (count_resizable(fn))
		init_rebar(fn);
	if (fn->desc.msix)
		init_msix(fn);
	if (fn->desc.kind != MOCK_PCI && fn->desc.kind != MOCK_PCI_BRIDGE)
		init_pcie(fn);
	if (fn->desc.flags & MOCK_PM)
		init_pm(fn);
}

/**
 * mock_vf_reg - where the register of a VF BAR is
 * @bar: number of the BAR, from MOCK_VF_BAR on
 *
 * Return: offset in config space of the PF.
 */
u16 mock_vf_reg(int bar)
{
	return CAP_SRIOV + PCI_SRIOV_BAR + 4 * (bar - MOCK_VF_BAR);
}

/**
 * mock_vfs_enabled - how many virtual functions are there?
 * @fn: the physical function
 *
 * Return: as many as its registers say; 0: they are not enabled.
 */
u16 mock_vfs_enabled(const struct mock_fn *fn)
{
	if (!has_sriov(fn) ||
	    !(mock_cfg_get(fn, CAP_SRIOV + PCI_SRIOV_CTRL, 2) & PCI_SRIOV_CTRL_VFE))
		return 0;
	return mock_cfg_get(fn, CAP_SRIOV + PCI_SRIOV_NUM_VF, 2);
}

/**
 * mock_vfs_decode - do the virtual functions decode memory?
 * @fn: the physical function
 *
 * Return: true if some are enabled, and so is their memory.
 */
bool mock_vfs_decode(const struct mock_fn *fn)
{
	return mock_vfs_enabled(fn) &&
	       mock_cfg_get(fn, CAP_SRIOV + PCI_SRIOV_CTRL, 2) & PCI_SRIOV_CTRL_MSE;
}

/**
 * mock_asleep - is a function in a sleep state, where it decodes nothing?
 * @fn: the function
 *
 * Return: true if it is.
 */
bool mock_asleep(const struct mock_fn *fn)
{
	return fn->desc.flags & MOCK_PM &&
	       mock_cfg_get(fn, CAP_PM + PCI_PM_CTRL, 2) & PCI_PM_CTRL_STATE_MASK;
}

static void reset_below(struct mock_host *host, u32 top)
{
	u32 i;

	for (i = top + 1; i < host->nr_fns; i++)
		if (mock_is_below(host, i, top))
			mock_cfg_init(host, i);
}

/* The address bits below the new size are gone. */
static void resize(struct mock_fn *fn, u16 reg)
{
	u32 ctrl = mock_cfg_get(fn, reg, 4);
	struct mock_bar *bar = &fn->desc.bar[ctrl & PCI_REBAR_CTRL_BAR_IDX];

	bar->size = 1ULL << (((ctrl & PCI_REBAR_CTRL_BAR_SIZE) >> PCI_REBAR_CTRL_BAR_SHIFT) +
			     REBAR_SHIFT);
	mock_bar_init(fn, ctrl & PCI_REBAR_CTRL_BAR_IDX);
}

/**
 * mock_caps_wrote - what hardware does when a register has been written
 * @host: the host
 * @w: the write, just done
 *
 * Resets (function level, secondary bus, out of D3hot) bring functions back to
 * the state after power-on; a resizable BAR changes its size.
 *
 * Context: the host's lock is held.
 */
void mock_caps_wrote(struct mock_host *host, const struct mock_write *w)
{
	struct mock_fn *fn = &host->fn[w->fn];
	u32 nr = count_resizable(fn);

	if (mock_is_bridge(fn) && w->reg == PCI_BRIDGE_CONTROL &&
	    w->new & ~w->old & PCI_BRIDGE_CTL_BUS_RESET)
		reset_below(host, w->fn);
	else if (fn->desc.flags & MOCK_FLR && w->reg == MOCK_CAP_PCIE + PCI_EXP_DEVCTL &&
		 w->new & PCI_EXP_DEVCTL_BCR_FLR)
		mock_cfg_init(host, w->fn);
	else if (fn->desc.flags & MOCK_PM && w->reg == CAP_PM + PCI_PM_CTRL &&
		 w->old & PCI_PM_CTRL_STATE_MASK && !(w->new & PCI_PM_CTRL_STATE_MASK))
		mock_cfg_init(host, w->fn);
	else if (nr && w->reg >= CAP_REBAR + PCI_REBAR_CTRL && w->reg < CAP_REBAR + 4 + 8 * nr &&
		 w->reg % 8 == (CAP_REBAR + PCI_REBAR_CTRL) % 8)
		resize(fn, w->reg);
}
