/* SPDX-License-Identifier: GPL-2.0 */
/* A move for its own sake, so that a driver can be tried. */
#ifndef _PCI_MOVABLE_FORCE_H
#define _PCI_MOVABLE_FORCE_H

#include "plan.h"

#define PMB_FORCE_OWN	6	/* BARs of the function itself; behind them is its ROM */
#define PMB_FORCE_ROM	6
#define PMB_FORCE_BARS	13	/* with those of its virtual functions */

/**
 * struct pmb_force - BARs of a function that are to move
 * @dev: name of the function
 * @bars: bitmap of resource numbers, without the ROM's; 0: all of its own that may move
 * @asked: how many were asked for, for the log
 * @nr: entries in @index and @was, between begin and end
 * @index: those BARs
 * @was: how they were
 */
struct pmb_force {
	char dev[PMB_NAME_LEN];
	u32 bars;
	u32 asked;
	u32 nr;
	u32 index[PMB_FORCE_BARS];
	struct pmb_bar was[PMB_FORCE_BARS];
};

int pmb_force_begin(struct pmb_force *force, struct pmb_layout *layout);
int pmb_force_end(struct pmb_force *force, struct pmb_layout *layout, struct pmb_plan *plan);

#endif /* _PCI_MOVABLE_FORCE_H */
