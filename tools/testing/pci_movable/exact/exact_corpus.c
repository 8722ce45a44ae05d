// SPDX-License-Identifier: GPL-2.0
/*
 * Random layouts with what the planner makes of them, for the exact solver.
 *
 *	exact_corpus [--seed S] [--count N] [--class small|tight]
 *
 * Of the layouts S to S + N - 1 those in which something required is wanted are
 * printed; see case_text.h.
 *
 *	exact_corpus --again
 *
 * Cases are read instead, and planned once more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "case_text.h"
#include "random_layout.h"

static bool wants_something(const struct pmb_layout *lay)
{
	const u32 which = PMB_BAR_WANTED | PMB_BAR_OPTIONAL;
	u32 i;

	for (i = 0; i < lay->nr_bars; i++) {
		if ((lay->bars[i].flags & which) == PMB_BAR_WANTED &&
		    !pmb_bar_fixed(&lay->bars[i]))
			return true;
	}
	return false;
}

static void plan_case(struct exact_case *c)
{
	pmb_plan_make(c->lay, &c->opt, c->plan);
	case_write(c);
}

static void random_case(u64 seed, enum random_class class, const char *name)
{
	struct exact_case c = { .seed = seed };

	snprintf(c.class, sizeof(c.class), "%s", name);
	c.lay = random_layout(seed, class);
	if (!c.lay)
		exit(2);
	random_options(seed, &c.opt);
	if (wants_something(c.lay)) {
		c.plan = pmb_plan_alloc(c.lay);
		if (!c.plan)
			exit(2);
		plan_case(&c);
	}
	case_free(&c);
}

static enum random_class class_of(const char *name)
{
	if (!strcmp(name, "small"))
		return RANDOM_SMALL;
	if (!strcmp(name, "tight"))
		return RANDOM_TIGHT;
	fprintf(stderr, "no class %s\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	u64 seed = 1, count = 1000, i;
	enum random_class class = RANDOM_SMALL;
	const char *name = "small";
	struct exact_case c;
	int a;

	for (a = 1; a < argc; a += 2) {
		if (!strcmp(argv[a], "--again")) {
			while (case_read(&c)) {
				plan_case(&c);
				case_free(&c);
			}
			return 0;
		}
		if (a + 1 == argc)
			return 2;
		if (!strcmp(argv[a], "--seed"))
			seed = strtoull(argv[a + 1], NULL, 0);
		else if (!strcmp(argv[a], "--count"))
			count = strtoull(argv[a + 1], NULL, 0);
		else if (!strcmp(argv[a], "--class"))
			class = class_of(name = argv[a + 1]);
		else
			return 2;
	}
	for (i = seed; i < seed + count; i++)
		random_case(i, class, name);
	return 0;
}
