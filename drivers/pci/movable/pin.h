/* SPDX-License-Identifier: GPL-2.0 */
/* What cannot be had becomes fixed, and the planner looks for another way. */
#ifndef _PCI_MOVABLE_PIN_H
#define _PCI_MOVABLE_PIN_H

#include "layout.h"

void pmb_pin_device(struct pmb_layout *layout, u32 dev, enum pmb_why why);
int pmb_pin_bridge(struct pmb_layout *layout, u32 bridge, enum pmb_why why);

#endif /* _PCI_MOVABLE_PIN_H */
