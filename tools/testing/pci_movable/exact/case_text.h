/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cases for the exact solver, as text: what the planner was told, what it said,
 * and the layout.
 *
 *	case SEED class small relaxed 0 max-cost 0 verdict complete cost 0
 *	     unplaced 0 lack - proved 0 blockers -		(one line)
 *	win NR START SIZE		every window that is open, hexadecimal
 *	bar NR START SIZE		every BAR that has a place
 *	pmb-layout 1
 *	...
 *	end NR
 */
#ifndef _PCI_MOVABLE_CASE_TEXT_H
#define _PCI_MOVABLE_CASE_TEXT_H

#include "plan.h"

struct exact_case {
	u64 seed;
	char class[16];
	struct pmb_options opt;
	struct pmb_layout *lay;
	struct pmb_plan *plan;
};

void case_write(const struct exact_case *c);
bool case_read(struct exact_case *c);
void case_free(struct exact_case *c);

#endif /* _PCI_MOVABLE_CASE_TEXT_H */
