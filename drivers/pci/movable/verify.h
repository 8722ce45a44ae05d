/* SPDX-License-Identifier: GPL-2.0 */
/* An independent judge of plans: shares no code with the planner. */
#ifndef _PCI_MOVABLE_VERIFY_H
#define _PCI_MOVABLE_VERIFY_H

#include "plan.h"

int pmb_verify(const struct pmb_layout *layout, const struct pmb_options *opt,
	       const struct pmb_plan *plan, char *why, size_t len);

#endif /* _PCI_MOVABLE_VERIFY_H */
