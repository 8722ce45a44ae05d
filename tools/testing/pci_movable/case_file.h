/* SPDX-License-Identifier: GPL-2.0 */
/* A case: a layout text, with requests and expectations in its comments. */
#ifndef _PCI_MOVABLE_CASE_FILE_H
#define _PCI_MOVABLE_CASE_FILE_H

#include "plan.h"

struct case_line;

/**
 * struct case_file - a case that has been read
 * @name: for messages
 * @layout: the layout before any request
 * @text: the directives, split into strings
 * @lines: the directives
 * @nr_lines: how many
 * @nr_groups: groups of them, that is plans
 * @complain: says what is wrong, with the number of the line
 * @data: for @complain
 * @damage: called with each plan before it is judged; NULL in earnest
 * @verbose: print what each plan does
 */
struct case_file {
	const char *name;
	struct pmb_layout *layout;
	char *text;
	struct case_line *lines;
	u32 nr_lines;
	u32 nr_groups;
	void (*complain)(const struct case_file *file, u32 line, const char *what);
	void *data;
	void (*damage)(struct pmb_plan *plan);
	bool verbose;
};

/* @file with its name and how to complain; false after a complaint */
bool case_open(struct case_file *file, const char *text, size_t len);
void case_close(struct case_file *file);

/* The text behind "again"; of the first group the last "event". */
const char *case_group_title(const struct case_file *file, u32 group);

/* Apply the requests of a group, plan, judge the plan, meet expectations. */
void case_run(const struct case_file *file, u32 group);

#endif /* _PCI_MOVABLE_CASE_FILE_H */
