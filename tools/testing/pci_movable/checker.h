/* SPDX-License-Identifier: GPL-2.0 */
/* A second judge of plans, slow and simple, to check the first one with. */
#ifndef _PCI_MOVABLE_CHECKER_H
#define _PCI_MOVABLE_CHECKER_H

#include "plan.h"

bool checker_accepts(const struct pmb_layout *layout, const struct pmb_options *opt,
		     const struct pmb_plan *plan, char *why, size_t len);
void checker_count(const struct pmb_layout *layout, struct pmb_plan *plan);

#endif /* _PCI_MOVABLE_CHECKER_H */
