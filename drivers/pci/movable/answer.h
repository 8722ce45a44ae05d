/* SPDX-License-Identifier: GPL-2.0 */
/* What a plan would do, or why there is none, in words. */
#ifndef _PCI_MOVABLE_ANSWER_H
#define _PCI_MOVABLE_ANSWER_H

#include "plan.h"
#include "text.h"

void pmb_answer_lack(const struct pmb_layout *layout, const struct pmb_plan *plan,
		     pmb_text_sink sink, void *data);
void pmb_answer_plan(const struct pmb_layout *layout, const struct pmb_plan *plan,
		     pmb_text_sink sink, void *data);

#endif /* _PCI_MOVABLE_ANSWER_H */
