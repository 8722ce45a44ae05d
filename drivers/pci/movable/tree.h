/* SPDX-License-Identifier: GPL-2.0 */
/* The resource tree follows a plan: all of it, or nothing. */
#ifndef _PCI_MOVABLE_TREE_H
#define _PCI_MOVABLE_TREE_H

#include "plan.h"
#include "snapshot.h"

struct pmb_tree;

struct pmb_tree *pmb_tree_prepare(const struct pmb_snapshot *snap, const struct pmb_plan *plan);
struct pmb_tree *pmb_tree_reverse(const struct pmb_tree *tree);
void pmb_tree_free(struct pmb_tree *tree);
int pmb_tree_apply(struct pmb_tree *tree);
void pmb_tree_undo(struct pmb_tree *tree);

#endif /* _PCI_MOVABLE_TREE_H */
