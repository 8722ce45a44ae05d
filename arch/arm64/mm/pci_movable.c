// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel mappings that follow a moved PCI BAR: the part of arm64.
 *
 * Kernel mappings of device memory lie in the vmalloc range, which all tasks
 * see through one set of page tables, swapper_pg_dir.
 *
 * The architecture forbids to replace a valid entry by another one with a
 * different address: a TLB might hold both. So an entry is broken first, which
 * nobody can run into while all other CPUs are stopped, then the TLBs of all
 * CPUs are invalidated by broadcast, which needs no interrupt, then the new
 * entry is made.
 */
#include <linux/align.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include <asm/memory.h>
#include <asm/pci_movable.h>
#include <asm/tlbflush.h>

/**
 * struct leaf - what the page tables say about an address
 * @entry: the entry, or the first one of a contiguous group, which a TLB may
 *	hold as one; entries of all levels look alike
 * @step: bytes which an entry maps, PAGE_SIZE, PMD_SIZE or PUD_SIZE
 * @nr: entries of the group, or 1
 */
struct leaf {
	pte_t *entry;
	unsigned long step;
	unsigned int nr;
};

static unsigned long leaf_size(const struct leaf *leaf)
{
	return leaf->step * leaf->nr;
}

/* The first entry of the group which @entry, the one of @addr, belongs to. */
static void set_group(struct leaf *leaf, pte_t *entry, unsigned long addr, unsigned long step,
		      unsigned int group)
{
	leaf->step = step;
	leaf->nr = pte_cont(__ptep_get(entry)) ? group : 1;
	leaf->entry = entry - (addr / step & (leaf->nr - 1));
}

/* False: nothing is mapped there. */
static bool find_leaf(unsigned long addr, struct leaf *leaf)
{
	pgd_t *pgd = pgd_offset_k(addr);
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;
	pte_t *pte;

	if (pgd_none(READ_ONCE(*pgd)))
		return false;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(READ_ONCE(*p4d)))
		return false;

	pud = pud_offset(p4d, addr);
	if (pud_none(READ_ONCE(*pud)))
		return false;
	if (pud_leaf(READ_ONCE(*pud))) {
		set_group(leaf, (pte_t *)pud, addr, PUD_SIZE, 1);
		return true;
	}

	pmd = pmd_offset(pud, addr);
	if (pmd_none(READ_ONCE(*pmd)))
		return false;
	if (pmd_leaf(READ_ONCE(*pmd))) {
		set_group(leaf, (pte_t *)pmd, addr, PMD_SIZE, CONT_PMDS);
		return true;
	}

	pte = pte_offset_kernel(pmd, addr);
	if (pte_none(__ptep_get(pte)))
		return false;
	set_group(leaf, pte, addr, PAGE_SIZE, CONT_PTES);
	return true;
}

/* Dirty cache lines would be written back to the place where a BAR was. */
static bool cached(pte_t entry)
{
	switch (pte_val(entry) & PTE_ATTRINDX_MASK) {
	case PTE_ATTRINDX(MT_DEVICE_nGnRnE):
	case PTE_ATTRINDX(MT_DEVICE_nGnRE):
	case PTE_ATTRINDX(MT_NORMAL_NC):
		return false;
	default:
		return true;
	}
}

static void set_entry(const struct leaf *leaf, unsigned int i, pte_t value)
{
	if (leaf->step == PAGE_SIZE)
		__set_pte(leaf->entry + i, value);
	else if (leaf->step == PMD_SIZE)
		set_pmd((pmd_t *)leaf->entry + i, pte_pmd(value));
	else
		set_pud((pud_t *)leaf->entry + i, pte_pud(value));
}

/**
 * arch_pmb_can_follow - can kernel mappings follow on this machine?
 *
 * A hook in ioremap() tells a hypervisor of each place that is mapped; it
 * would have to be told of the new ones.
 *
 * Return: true if they can.
 */
bool arch_pmb_can_follow(void)
{
	return !arm64_ioremap_prot_hooked();
}

/**
 * arch_pmb_leaf - look up the page table entry behind a kernel address
 * @addr: page aligned address in the vmalloc range
 * @phys: set to the physical address which the entry maps
 * @size: set to the bytes which it maps; of a contiguous group, all
 *
 * Context: the page tables below @addr must not go away meanwhile.
 *
 * Return: 0; -EAGAIN if nothing is mapped there; -EBUSY if the entry is not
 *	valid, or caches may hold some of the memory.
 */
int arch_pmb_leaf(unsigned long addr, phys_addr_t *phys, unsigned long *size)
{
	struct leaf leaf;
	pte_t first;

	if (!find_leaf(addr, &leaf))
		return -EAGAIN;

	first = __ptep_get(leaf.entry);
	if (!pte_valid(first) || cached(first))
		return -EBUSY;

	*phys = PFN_PHYS(pte_pfn(first));
	*size = leaf_size(&leaf);
	return 0;
}

/**
 * arch_pmb_leaf_fits - may an entry map the memory at a physical address?
 * @phys: physical address
 * @size: bytes which the entry maps
 *
 * Return: true if it may.
 */
bool arch_pmb_leaf_fits(phys_addr_t phys, unsigned long size)
{
	return IS_ALIGNED(phys, size) && !((phys + size - 1) & ~PHYS_MASK);
}

/**
 * arch_pmb_set_leaf - point an existing entry at another physical address
 * @addr: address that arch_pmb_leaf() was asked for
 * @phys: new physical address; all other bits of the entry stay
 *
 * Context: every other CPU is stopped, and calls arch_pmb_flush() afterwards.
 */
void arch_pmb_set_leaf(unsigned long addr, phys_addr_t phys)
{
	struct leaf leaf;
	pgprot_t prot;
	unsigned int i;

	if (WARN_ON_ONCE(!find_leaf(addr, &leaf)))
		return;
	prot = pte_pgprot(__ptep_get(leaf.entry));
	addr = ALIGN_DOWN(addr, leaf_size(&leaf));

	for (i = 0; i < leaf.nr; i++)
		set_entry(&leaf, i, __pte(0));
	/* One address is enough to find an entry, however much it maps. */
	for (i = 0; i < leaf.nr; i++)
		flush_tlb_kernel_range(addr + i * leaf.step, addr + i * leaf.step + PAGE_SIZE);
	for (i = 0; i < leaf.nr; i++)
		set_entry(&leaf, i, pfn_pte(PHYS_PFN(phys + i * leaf.step), prot));
}
