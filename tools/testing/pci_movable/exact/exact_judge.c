// SPDX-License-Identifier: GPL-2.0
/*
 * What the judges say to plans for cases, and all plans for very small cases.
 *
 *	exact_judge
 *
 * For each case on standard input one line: "good COST UNPLACED" or "bad" and
 * why, of the plan that stands there.
 *
 *	exact_judge --brute UNIT
 *
 * For each case one line: "best UNPLACED COST", found by trying every plan with
 * the memory windows and memory BARs at every multiple of UNIT.
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "case_text.h"
#include "checker.h"
#include "verify.h"

static void judge(struct exact_case *c)
{
	char one[256] = "", other[256] = "";
	bool good;
	int err;

	c->plan->lack = (struct pmb_lack){ .bar = PMB_NONE, .bridge = PMB_NONE };
	checker_count(c->lay, c->plan);
	err = pmb_verify(c->lay, &c->opt, c->plan, one, sizeof(one));
	good = checker_accepts(c->lay, &c->opt, c->plan, other, sizeof(other));
	if (!err && good)
		printf("good %llu %u\n", c->plan->cost, c->plan->unplaced);
	else
		printf("bad verify: \"%s\", checker: \"%s\"\n", one, other);
	fflush(stdout);
}

/*
 * Brute force. The objects that can be somewhere else are numbered; each has a
 * list of places, the first one being where it is now. An odometer turns
 * through all combinations.
 */

#define MAX_OBJECTS	16
#define MAX_PLACES	400

struct object {
	struct pmb_range *target;
	struct pmb_range place[MAX_PLACES];
	u32 nr, at;
};

static struct object objects[MAX_OBJECTS];
static u32 nr_objects;

static struct object *new_object(struct pmb_range *target)
{
	struct object *o = &objects[nr_objects++];

	if (nr_objects > MAX_OBJECTS) {
		fprintf(stderr, "too many objects for brute force\n");
		exit(2);
	}
	memset(o, 0, sizeof(*o));
	o->target = target;
	o->place[o->nr++] = *target;
	return o;
}

static void may_be_at(struct object *o, u64 start, u64 size)
{
	if (o->nr == MAX_PLACES) {
		fprintf(stderr, "too many places for brute force\n");
		exit(2);
	}
	o->place[o->nr++] = (struct pmb_range){ start, size };
}

static void all_windows(struct exact_case *c, u32 id, u64 unit)
{
	struct object *o = new_object(&c->plan->win[id]);
	const struct pmb_root *root;
	u64 start, size;
	u32 i;

	if (o->target->size)
		may_be_at(o, 0, 0);
	for (i = 0; i < c->lay->nr_roots; i++) {
		root = &c->lay->roots[i];
		for (start = 0; start < root->range.size; start += unit) {
			for (size = unit; start + size <= root->range.size; size += unit)
				may_be_at(o, root->range.start + start, size);
		}
	}
}

static void all_places(struct exact_case *c, u32 nr, u64 unit)
{
	struct object *o = new_object(&c->plan->bar[nr]);
	const struct pmb_bar *bar = &c->lay->bars[nr];
	const struct pmb_root *root;
	u64 size, start;
	u32 i, log;

	for (log = 0; log < 63; log++) {
		size = 1ull << log;
		if (size != bar->size &&
		    (bar->flags & PMB_BAR_PLACED || log < 20 || !(bar->sizes >> (log - 20) & 1)))
			continue;
		for (i = 0; i < c->lay->nr_roots; i++) {
			root = &c->lay->roots[i];
			for (start = 0; start + size <= root->range.size; start += unit)
				may_be_at(o, root->range.start + start, size);
		}
	}
}

static void brute(struct exact_case *c, u64 unit)
{
	u64 cost = U64_MAX;
	u32 unplaced = U32_MAX, i;
	char why[256];

	nr_objects = 0;
	for (i = 0; i < c->plan->nr_wins; i++) {
		c->plan->win[i] = c->lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur;
		if (i % PMB_SPACES != PMB_IO &&
		    c->lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES].align)
			all_windows(c, i, unit);
	}
	for (i = 0; i < c->plan->nr_bars; i++) {
		const struct pmb_bar *bar = &c->lay->bars[i];

		c->plan->bar[i] = (struct pmb_range){ bar->start, bar->size };
		if (!(bar->flags & PMB_BAR_PLACED))
			c->plan->bar[i] = (struct pmb_range){ 0, 0 };
		if (bar->flags & (PMB_BAR_PLACED | PMB_BAR_WANTED) && !pmb_bar_fixed(bar))
			all_places(c, i, unit);
	}
	do {
		for (i = 0; i < nr_objects; i++)
			*objects[i].target = objects[i].place[objects[i].at];
		checker_count(c->lay, c->plan);
		if ((c->plan->unplaced < unplaced ||
		     (c->plan->unplaced == unplaced && c->plan->cost < cost)) &&
		    checker_accepts(c->lay, &c->opt, c->plan, why, sizeof(why))) {
			unplaced = c->plan->unplaced;
			cost = c->plan->cost;
		}
		for (i = 0; i < nr_objects && ++objects[i].at == objects[i].nr; i++)
			objects[i].at = 0;
	} while (i < nr_objects);
	printf("best %u %llu\n", unplaced, cost);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	u64 unit = 0;
	struct exact_case c;

	if (argc == 3 && !strcmp(argv[1], "--brute"))
		unit = strtoull(argv[2], NULL, 0);
	else if (argc != 1)
		return 2;
	while (case_read(&c)) {
		if (unit)
			brute(&c, unit);
		else
			judge(&c);
		case_free(&c);
	}
	return 0;
}
