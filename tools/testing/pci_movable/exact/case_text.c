// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "case_text.h"
#include "layout_tools.h"
#include "text.h"

static void write_ranges(const char *word, const struct pmb_range *r, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		if (r[i].size)
			printf("%s %u %llx %llx\n", word, i, r[i].start, r[i].size);
	}
}

static void write_lack(const struct pmb_plan *plan)
{
	const struct pmb_lack *lack = &plan->lack;
	u32 i;

	if (!plan->unplaced || lack->bar == PMB_NONE) {
		printf(" lack - proved 0 blockers -\n");
		return;
	}
	printf(" lack %u proved %u blockers ", lack->bar, lack->proved);
	for (i = 0; i < lack->nr_blockers; i++)
		printf("%s%u", i ? "," : "", lack->blockers[i]);
	printf("%s\n", lack->nr_blockers ? "" : "-");
}

/**
 * case_write - print a case
 * @c: the case, with a plan
 */
void case_write(const struct exact_case *c)
{
	char *text = layout_text(c->lay);

	printf("case %llu class %s relaxed %u max-cost %llu verdict %s cost %llu",
	       c->seed, c->class, c->opt.relaxed_pref, c->opt.max_cost,
	       pmb_verdict_key(c->plan->verdict), c->plan->cost);
	printf(" unplaced %u", c->plan->unplaced);
	write_lack(c->plan);
	write_ranges("win", c->plan->win, c->plan->nr_wins);
	write_ranges("bar", c->plan->bar, c->plan->nr_bars);
	fputs(text, stdout);
	free(text);
}

static char *read_layout_text(FILE *in, char *line, size_t *cap)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	do {
		fputs(line, out);
		if (!strncmp(line, "end", 3))
			break;
	} while (getline(&line, cap, in) > 0);
	fclose(out);
	free(line);
	return text;
}

struct given {
	char kind;
	u32 nr;
	struct pmb_range at;
};

static void use_ranges(struct exact_case *c, const struct given *given, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		if (given[i].kind == 'w' && given[i].nr < c->plan->nr_wins)
			c->plan->win[given[i].nr] = given[i].at;
		if (given[i].kind == 'b' && given[i].nr < c->plan->nr_bars)
			c->plan->bar[given[i].nr] = given[i].at;
	}
}

/**
 * case_read - read a case, or one with a plan of somebody else
 * @c: gets it, but for verdict, lack and numbers; to be freed with case_free()
 *
 * Return: false at the end of the input. What cannot be understood ends the
 * program.
 */
bool case_read(struct exact_case *c)
{
	static struct given given[4096];
	struct pmb_text_error error;
	char *line = NULL, *text;
	u32 n = 0, relaxed = 0;
	size_t cap = 0;

	memset(c, 0, sizeof(*c));
	for (;;) {
		if (getline(&line, &cap, stdin) <= 0) {
			free(line);
			return false;
		}
		if (sscanf(line, "case %llu class %15s relaxed %u max-cost %llu",
			   &c->seed, c->class, &relaxed, &c->opt.max_cost) == 4)
			continue;
		if (!strncmp(line, "pmb-layout", 10))
			break;
		if (n < ARRAY_SIZE(given) &&
		    sscanf(line, "%c%*s %u %llx %llx", &given[n].kind, &given[n].nr,
			   &given[n].at.start, &given[n].at.size) == 4)
			n++;
	}
	c->opt.relaxed_pref = relaxed;
	text = read_layout_text(stdin, line, &cap);
	c->lay = pmb_text_read(text, strlen(text), &error);
	if (!c->lay) {
		fprintf(stderr, "case %llu, line %u of the layout: %s\n", c->seed,
			error.line, error.why);
		exit(2);
	}
	free(text);
	c->plan = pmb_plan_alloc(c->lay);
	if (!c->plan)
		exit(2);
	use_ranges(c, given, n);
	return true;
}

/**
 * case_free - free what a case consists of
 * @c: the case, not freed itself
 */
void case_free(struct exact_case *c)
{
	pmb_plan_free(c->plan);
	pmb_layout_free(c->lay);
}
