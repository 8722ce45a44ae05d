/* SPDX-License-Identifier: GPL-2.0 */
/* The "#: expect" lines of a case, and whether a plan meets them. */
#ifndef _PCI_MOVABLE_CASE_EXPECT_H
#define _PCI_MOVABLE_CASE_EXPECT_H

#include "plan.h"

#define CASE_WORDS	16

/**
 * struct case_words - a line, split at blanks
 * @word: the words, in the line itself
 * @nr: how many
 */
struct case_words {
	char *word[CASE_WORDS];
	u32 nr;
};

/**
 * struct case_answer - what the planner said
 * @layout: what it was asked about, all requests applied
 * @plan: its plan
 * @ret: what pmb_plan_make() returned
 */
struct case_answer {
	const struct pmb_layout *layout;
	const struct pmb_plan *plan;
	int ret;
};

/*
 * Does the answer meet the expectation? If not, why; so for one which is
 * malformed or names what is not there.
 */
bool case_expect(const struct case_answer *answer, const struct case_words *words,
		 char *why, size_t len);

/* Expectations about bus numbers, which take no plan: the same. */
bool case_expect_buses(const struct pmb_layout *layout, const struct case_words *words,
		       char *why, size_t len);

/* Is it one of these, or a verdict? A group needs one of both. */
bool case_is_about_buses(const struct case_words *words);
bool case_is_verdict(const struct case_words *words);

/* Numbers, sizes and ranges as in a layout text. */
bool case_size(const char *word, u64 *size);
bool case_range(const char *word, struct pmb_range *range);

u32 case_find_bridge(const struct pmb_layout *layout, const char *name);

#endif /* _PCI_MOVABLE_CASE_EXPECT_H */
