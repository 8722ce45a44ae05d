/* SPDX-License-Identifier: GPL-2.0 */
/* The way back for drivers that cannot go on at their new address. */
#ifndef _PCI_MOVABLE_BACK_H
#define _PCI_MOVABLE_BACK_H

#include "commit.h"
#include "pause.h"
#include "plan.h"
#include "snapshot.h"

int pmb_back(struct pmb_snapshot *snap, struct pmb_plan *plan, struct pmb_commit *done,
	     struct pmb_pause *pause, struct pmb_outcome *outcome);

#endif /* _PCI_MOVABLE_BACK_H */
