// SPDX-License-Identifier: GPL-2.0
/*
 * The view and the axis of pictures, on random layouts and on what the planner
 * makes of them: nothing is lost, nothing sticks out, all addresses are there.
 */
#include <stdlib.h>
#include <string.h>
#include "random_layout.h"
#include "svg_axis.h"
#include "tap.h"
#include "text.h"

#define LAYOUTS	300

/* Every BAR and every open window once, and nothing else. */
static void check_complete(const struct view *v, u64 seed)
{
	const struct pmb_layout *l = v->layout;
	u32 *bars = calloc(l->nr_bars + 1, sizeof(u32)), windows = 0, i, k;

	for (i = 0; i < v->nr; i++) {
		if (v->node[i].kind == VIEW_BAR)
			bars[v->node[i].nr]++;
		windows += v->node[i].kind == VIEW_WINDOW;
	}
	for (i = 0; i < l->nr_bars; i++)
		CHECK_MSG(bars[i] == !!view_bar(l, v->plan, i).size, "seed %llu, BAR %u: %u times",
			  seed, i, bars[i]);
	for (i = 0; i < l->nr_bridges; i++)
		for (k = 0; k < PMB_SPACES; k++)
			windows -= !!view_window(l, v->plan, i, k).size;
	CHECK_MSG(!windows, "seed %llu: windows are lost or twice", seed);
	free(bars);
}

/* Those in a node are in its range, in order, and fill it. */
static void check_nested(const struct view *v, u64 seed)
{
	u32 i, k;

	for (i = 0; i < v->nr; i++) {
		const struct view_node *node = &v->node[i];
		bool overlaps = false;
		u64 sum = 0;

		CHECK_MSG(node->end > i && node->end <= v->nr, "seed %llu, node %u", seed, i);
		for (k = i + 1; k < node->end; k = v->node[k].end) {
			CHECK_MSG(v->node[k].up == i && v->node[k].depth == node->depth + 1 &&
				  pmb_range_holds(&node->range, &v->node[k].range),
				  "seed %llu, node %u in %u", seed, k, i);
			overlaps |= v->node[k].overlaps;
			sum += v->node[k].range.size;
		}
		if (node->end > i + 1 && !overlaps)
			CHECK_MSG(sum == node->range.size, "seed %llu, node %u: %#llx of %#llx",
				  seed, i, sum, node->range.size);
	}
}

static void test_view(void)
{
	u64 seed;

	for (seed = 0; seed < LAYOUTS; seed++) {
		struct pmb_layout *l = random_layout(seed, seed % RANDOM_LARGE);
		struct view *v = view_make(l, NULL);

		check_complete(v, seed);
		check_nested(v, seed);
		view_free(v);
		pmb_layout_free(l);
	}
}

/* Pixels of a node, from the axis of its root window. */
static void check_places(const struct axis *axis, const struct view *v, u32 root, u64 seed)
{
	u32 i;

	for (i = root; i < v->node[root].end; i++) {
		int top, bottom, over, under;
		u32 up = v->node[i].up;

		axis_place(axis, v, i, &top, &bottom);
		CHECK_MSG(top < bottom && top >= 0 && bottom <= axis->height,
			  "seed %llu, node %u: %d to %d of %d", seed, i, top, bottom, axis->height);
		if (up == PMB_NONE)
			continue;
		axis_place(axis, v, up, &over, &under);
		/* The edges of a window are seen. */
		if (v->node[up].kind == VIEW_WINDOW)
			CHECK_MSG(top > over && bottom < under,
				  "seed %llu, node %u sticks out of %u", seed, i, up);
		else
			CHECK_MSG(top >= over && bottom <= under,
				  "seed %llu, node %u sticks out of %u", seed, i, up);
		if (v->node[i].kind == VIEW_BAR && bottom - top < 15)
			CHECK_MSG(false, "seed %llu, node %u has no room for its name", seed, i);
	}
}

/* What did not move is level in both. */
static void check_level(const struct axis *axis, const struct view *const *v, const u32 *roots,
			u64 seed)
{
	u32 i, k;

	for (i = roots[0]; i < v[0]->node[roots[0]].end; i++) {
		const struct view_node *a = &v[0]->node[i];

		if (a->kind != VIEW_BAR)
			continue;
		for (k = roots[1]; k < v[1]->node[roots[1]].end; k++) {
			const struct view_node *b = &v[1]->node[k];
			int top[2], bottom[2];

			if (b->kind != VIEW_BAR || b->nr != a->nr ||
			    b->range.start != a->range.start)
				continue;
			axis_place(axis, v[0], i, &top[0], &bottom[0]);
			axis_place(axis, v[1], k, &top[1], &bottom[1]);
			CHECK_MSG(top[0] == top[1] && bottom[0] == bottom[1],
				  "seed %llu, BAR %u: %d-%d, then %d-%d", seed, a->nr, top[0],
				  bottom[0], top[1], bottom[1]);
		}
	}
}

static void check_axis(const struct pmb_layout *l, const struct pmb_plan *plan, u64 seed)
{
	const struct view *v[2] = { view_make(l, NULL), view_make(l, plan) };
	u32 roots[2] = { 0, 0 };
	struct axis axis;

	check_complete(v[1], seed);
	check_nested(v[1], seed);
	while (roots[0] < v[0]->nr && v[0]->node[roots[0]].kind == VIEW_ROOT) {
		axis_make(&axis, v, roots, 2);
		check_places(&axis, v[0], roots[0], seed);
		check_places(&axis, v[1], roots[1], seed);
		check_level(&axis, v, roots, seed);
		axis_free(&axis);
		roots[0] = v[0]->node[roots[0]].end;
		roots[1] = v[1]->node[roots[1]].end;
	}
	view_free((struct view *)v[0]);
	view_free((struct view *)v[1]);
}

static void test_axis(void)
{
	struct pmb_options opt = { .budget = 2000 };
	u64 seed;

	for (seed = 0; seed < LAYOUTS; seed++) {
		struct pmb_layout *l = random_layout(seed, seed % RANDOM_LARGE);
		struct pmb_plan *plan = pcibar_plan(l, &opt);

		CHECK_MSG(plan, "seed %llu: no plan of the planner", seed);
		if (plan) {
			check_axis(l, plan, seed);
			CHECK_EQ(pcibar_svg("/dev/null", l, l, plan), PCIBAR_OK);
		}
		pmb_plan_free(plan);
		pmb_layout_free(l);
	}
}

/* Known by hand: 3 MiB, in it a window of 1 MiB with 64 KiB at its end. */
static void test_unused(void)
{
	static const char text[] =
		"pmb-layout 1\nhost h\nroot h mem 0x100000-0x3fffff\n"
		"dev b on h\nbridge b\nwindow b mem 0x200000-0x2fffff\n"
		"dev d behind b\nbar d 0 mem at 0x2f0000-0x2fffff\nend\n";
	struct pmb_text_error error;
	struct pmb_layout *l = pmb_text_read(text, strlen(text), &error);
	struct view *v = view_make(l, NULL);
	u64 largest;

	/* root, free, window, free, BAR, free */
	CHECK_EQ(v->nr, 6);
	CHECK_EQ(view_unused(v, 0, &largest), 0x200000);
	CHECK_EQ(largest, 0x100000);
	CHECK_EQ(v->node[2].kind, VIEW_WINDOW);
	CHECK_EQ(view_unused(v, 2, &largest), 0xf0000);
	CHECK_EQ(v->node[4].range.start, 0x2f0000);
	CHECK_EQ(v->node[4].depth, 2);
	view_free(v);
	pmb_layout_free(l);
}

static void test_sizes(void)
{
	char buf[24];

	CHECK_STR(pcibar_size(buf, 16384), "16K");
	CHECK_STR(pcibar_size(buf, 3 << 20), "3M");
	CHECK_STR(pcibar_size(buf, 0x1001), "4097");
	CHECK_STR(pcibar_size(buf, 0x12345), "0x12345");
	CHECK_STR(pcibar_size(buf, 1ULL << 60), "1E");
	CHECK_STR(pcibar_about(buf, 1536 << 20), "1.5G");
	CHECK_STR(pcibar_about(buf, 1004 << 20), "1004M");
	CHECK_STR(pcibar_about(buf, 32), "32");
}

int main(void)
{
	RUN(test_sizes);
	RUN(test_unused);
	RUN(test_view);
	RUN(test_axis);
	return tap_end();
}
