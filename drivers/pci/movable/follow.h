/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel mappings (ioremap) of a BAR get its new address when it moves. */
#ifndef _PCI_MOVABLE_FOLLOW_H
#define _PCI_MOVABLE_FOLLOW_H

#include <linux/types.h>

/**
 * struct pmb_move - a memory BAR on its way
 * @from: CPU address before
 * @to: CPU address after; equal to @from for a BAR that stays
 * @size: bytes
 *
 * A BAR that stays has to be named if it shares a page with one that moves:
 * both are smaller than a page then, and a mapping of the page may be meant
 * for either.  Naming any other BAR that stays does no harm.
 */
struct pmb_move {
	phys_addr_t from;
	phys_addr_t to;
	resource_size_t size;
};

/**
 * struct pmb_mapping - a kernel mapping of device memory
 * @phys: first CPU physical address, page aligned
 * @size: bytes, whole pages
 * @caller: code that made it, for %pS; NULL: not known
 */
struct pmb_mapping {
	phys_addr_t phys;
	resource_size_t size;
	const void *caller;
};

struct pmb_follow;

/* Every architecture. */
int pmb_follow_list(struct pmb_mapping **list, unsigned int *nr);

/*
 * Where mappings can follow:
 *
 *	prepare		may sleep
 *	  [ move	one CPU, all others stopped
 *	  [ undo	likewise, if something fails after all
 *	  [ flush	every CPU, after the one that moved (or undid) is done
 *	finish		may sleep
 *
 * Where they cannot, all this does nothing; NULL stands for nothing to do.
 */
#ifdef CONFIG_PCI_MOVABLE_FOLLOW
bool pmb_follow_supported(void);
unsigned int pmb_follow_obstacle(const struct pmb_move *moves, unsigned int nr);
struct pmb_follow *pmb_follow_prepare(const struct pmb_move *moves, unsigned int nr);
int pmb_follow_move(struct pmb_follow *follow);
unsigned int pmb_follow_culprit(const struct pmb_follow *follow);
void pmb_follow_undo(struct pmb_follow *follow);
void pmb_follow_flush(void);
void pmb_follow_finish(struct pmb_follow *follow, bool moved);
#else
static inline bool pmb_follow_supported(void)
{
	return false;
}

static inline unsigned int pmb_follow_obstacle(const struct pmb_move *moves, unsigned int nr)
{
	return nr;
}

static inline struct pmb_follow *pmb_follow_prepare(const struct pmb_move *moves,
						    unsigned int nr)
{
	return NULL;
}

static inline int pmb_follow_move(struct pmb_follow *follow)
{
	return 0;
}

static inline unsigned int pmb_follow_culprit(const struct pmb_follow *follow)
{
	return 0;
}

static inline void pmb_follow_undo(struct pmb_follow *follow) { }
static inline void pmb_follow_flush(void) { }
static inline void pmb_follow_finish(struct pmb_follow *follow, bool moved) { }
#endif

#endif /* _PCI_MOVABLE_FOLLOW_H */
