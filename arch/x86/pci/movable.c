// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel mappings that follow a moved PCI BAR: the part of x86-64.
 *
 * Kernel mappings of device memory lie in the vmalloc range, whose page
 * tables all processes share: an entry exists once, under init_mm.
 */
#include <linux/cpufeature.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include <asm/memtype.h>
#include <asm/mtrr.h>
#include <asm/pci_movable.h>
#include <asm/tlbflush.h>

/**
 * arch_pmb_can_follow - can kernel mappings follow on this machine?
 *
 * The page tables of a Xen PV guest belong to the hypervisor, which would have
 * to be called for each entry and for each flush.
 *
 * Return: true if they can.
 */
bool arch_pmb_can_follow(void)
{
	return !cpu_feature_enabled(X86_FEATURE_XENPV);
}

/* Dirty cache lines would be written back to the place where a BAR was. */
static bool cached(pgprot_t prot)
{
	switch (pgprot2cachemode(prot)) {
	case _PAGE_CACHE_MODE_UC:
	case _PAGE_CACHE_MODE_UC_MINUS:
	case _PAGE_CACHE_MODE_WC:
		return false;
	default:
		return true;
	}
}

/**
 * arch_pmb_leaf - look up the page table entry behind a kernel address
 * @addr: page aligned address in the vmalloc range
 * @phys: set to the physical address which the entry maps
 * @size: set to the bytes which it maps: 4 KiB, 2 MiB or 1 GiB
 *
 * Context: the page tables below @addr must not go away meanwhile.
 *
 * Return: 0; -EAGAIN if nothing is mapped there; -EBUSY if somebody has plans
 *	with the entry (mmiotrace keeps it not present, and a copy of it), or
 *	if caches may hold some of the memory.
 */
int arch_pmb_leaf(unsigned long addr, phys_addr_t *phys, unsigned long *size)
{
	unsigned int level;
	pte_t *entry = lookup_address(addr, &level);
	pgprot_t prot;

	if (!entry || pte_none(*entry))
		return -EAGAIN;
	if (!(pte_flags(*entry) & _PAGE_PRESENT))
		return -EBUSY;

	switch (level) {
	case PG_LEVEL_4K:
		*phys = PFN_PHYS(pte_pfn(*entry));
		prot = pte_pgprot(*entry);
		break;
	case PG_LEVEL_2M:
		*phys = PFN_PHYS(pmd_pfn(*(pmd_t *)entry));
		prot = pgprot_large_2_4k(pmd_pgprot(*(pmd_t *)entry));
		break;
	case PG_LEVEL_1G:
		*phys = PFN_PHYS(pud_pfn(*(pud_t *)entry));
		prot = pgprot_large_2_4k(pud_pgprot(*(pud_t *)entry));
		break;
	default:
		return -EBUSY;
	}
	if (cached(prot))
		return -EBUSY;

	*size = page_level_size(level);
	return 0;
}

/**
 * arch_pmb_leaf_fits - may an entry map the memory at a physical address?
 * @phys: physical address
 * @size: bytes which the entry maps
 *
 * The same rule for MTRRs which the making of a large entry obeys, and no
 * write-combining by MTRR: it would take precedence over UC- in the entry.
 *
 * Return: true if it may.
 */
bool arch_pmb_leaf_fits(phys_addr_t phys, unsigned long size)
{
	u8 uniform, type;

	if (!IS_ALIGNED(phys, size))
		return false;

	type = mtrr_type_lookup(phys, phys + size, &uniform);
	return type != MTRR_TYPE_WRCOMB && (uniform || size == PAGE_SIZE);
}

/**
 * arch_pmb_set_leaf - point an existing entry at another physical address
 * @addr: address that arch_pmb_leaf() was asked for
 * @phys: new physical address; all other bits of the entry stay
 *
 * Context: every other CPU is stopped, and flushes with arch_pmb_flush().
 */
void arch_pmb_set_leaf(unsigned long addr, phys_addr_t phys)
{
	unsigned long pfn = PHYS_PFN(phys);
	unsigned int level;
	pte_t *pte = lookup_address(addr, &level);
	pmd_t *pmd = (pmd_t *)pte;
	pud_t *pud = (pud_t *)pte;

	switch (level) {
	case PG_LEVEL_4K:
		set_pte(pte, pfn_pte(pfn, pte_pgprot(*pte)));
		break;
	case PG_LEVEL_2M:
		set_pmd(pmd, pfn_pmd(pfn, pmd_pgprot(*pmd)));
		break;
	case PG_LEVEL_1G:
		set_pud(pud, pfn_pud(pfn, pud_pgprot(*pud)));
		break;
	}
}

/**
 * arch_pmb_detach - take the record of a mapping's memory type
 * @start: its first physical address
 * @end: address behind it
 *
 * Context: does not sleep.
 *
 * Return: the record, to be given to arch_pmb_attach(), or ERR_PTR().
 */
void *arch_pmb_detach(phys_addr_t start, phys_addr_t end)
{
	return memtype_detach(start, end);
}

/**
 * arch_pmb_attach - put the record of a mapping's memory type elsewhere
 * @record: from arch_pmb_detach()
 * @start: new first physical address
 * @end: address behind it
 *
 * Context: does not sleep.
 *
 * Return: 0, or -EBUSY if the new place is in use with another memory type.
 */
int arch_pmb_attach(void *record, phys_addr_t start, phys_addr_t end)
{
	return memtype_attach(record, start, end);
}

/**
 * arch_pmb_flush - make the own CPU forget all kernel translations
 *
 * Like the big part of flush_tlb_kernel_range(): of all sizes, global or not,
 * and for all PCIDs, which matters with page table isolation, where kernel
 * entries are not global.
 *
 * Context: interrupts off.
 */
void arch_pmb_flush(void)
{
	__flush_tlb_all();
}
