/* SPDX-License-Identifier: GPL-2.0 */
/* What an architecture does to make kernel mappings follow a moved PCI BAR. */
#ifndef _ASM_ARM64_PCI_MOVABLE_H
#define _ASM_ARM64_PCI_MOVABLE_H

#include <linux/types.h>

#include <asm/barrier.h>

bool arch_pmb_can_follow(void);

/* Page table entries. Called with every other CPU stopped. */
int arch_pmb_leaf(unsigned long addr, phys_addr_t *phys, unsigned long *size);
bool arch_pmb_leaf_fits(phys_addr_t phys, unsigned long size);
void arch_pmb_set_leaf(unsigned long addr, phys_addr_t phys);

/* The memory type is in the entry, and nowhere else. */
static inline void *arch_pmb_detach(phys_addr_t start, phys_addr_t end)
{
	return NULL;
}

static inline int arch_pmb_attach(void *record, phys_addr_t start, phys_addr_t end)
{
	return 0;
}

/*
 * Called on each CPU after the entries have changed. arch_pmb_set_leaf() has
 * invalidated the TLBs of all; what is in a pipeline is for each to drop.
 */
static inline void arch_pmb_flush(void)
{
	isb();
}

#endif /* _ASM_ARM64_PCI_MOVABLE_H */
