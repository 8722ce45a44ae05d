/* SPDX-License-Identifier: GPL-2.0 */
/* What a plan says, for people and for programs. */
#ifndef _PCIBAR_ANSWER_H
#define _PCIBAR_ANSWER_H

#include "pcibar.h"

/**
 * struct answer - a plan and what belongs to it
 * @layout: what was planned
 * @plan: the plan, accepted by the verifier
 * @opt: what it was allowed to do
 * @hint: bit HINT_*: what would help, where something lacks
 */
struct answer {
	const struct pmb_layout *layout;
	const struct pmb_plan *plan;
	const struct pmb_options *opt;
	unsigned int hint;
};

#define HINT_UNFIX	BIT(0)	/* if the BARs in the way could move */
#define HINT_RELAXED	BIT(1)	/* with --relaxed-pref */

void answer_text(const struct answer *answer);
void answer_json(const struct answer *answer);

#endif /* _PCIBAR_ANSWER_H */
