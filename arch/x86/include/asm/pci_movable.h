/* SPDX-License-Identifier: GPL-2.0 */
/* What an architecture does to make kernel mappings follow a moved PCI BAR. */
#ifndef _ASM_X86_PCI_MOVABLE_H
#define _ASM_X86_PCI_MOVABLE_H

#include <linux/types.h>

bool arch_pmb_can_follow(void);

/*
 * Page table entries. Called with every other CPU stopped. An architecture
 * which must break an entry before it makes another does so, and tells the
 * other CPUs, inside of arch_pmb_set_leaf().
 */
int arch_pmb_leaf(unsigned long addr, phys_addr_t *phys, unsigned long *size);
bool arch_pmb_leaf_fits(phys_addr_t phys, unsigned long size);
void arch_pmb_set_leaf(unsigned long addr, phys_addr_t phys);

/* What is recorded elsewhere about the physical addresses of a mapping. */
void *arch_pmb_detach(phys_addr_t start, phys_addr_t end);
int arch_pmb_attach(void *record, phys_addr_t start, phys_addr_t end);

/* Called on each CPU after the entries have changed. */
void arch_pmb_flush(void);

#endif /* _ASM_X86_PCI_MOVABLE_H */
