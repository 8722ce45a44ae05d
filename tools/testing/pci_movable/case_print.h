/* SPDX-License-Identifier: GPL-2.0 */
/* What a plan does, as comments between the lines of TAP. */
#ifndef _PCI_MOVABLE_CASE_PRINT_H
#define _PCI_MOVABLE_CASE_PRINT_H

#include "plan.h"

void case_print(const struct pmb_layout *layout, const struct pmb_plan *plan);

#endif /* _PCI_MOVABLE_CASE_PRINT_H */
