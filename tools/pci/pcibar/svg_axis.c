// SPDX-License-Identifier: GPL-2.0
/*
 * Where addresses of a root window are in a picture.
 *
 * Sizes differ by factors of a million, so that heights grow with the
 * logarithm of the size. Titles and edges of windows need room as well, and
 * the same address shall be at the same height before and after. So there is
 * one axis for both, with a point for each address at which something begins
 * or ends in one of them:
 *
 *	           |  BAR     |
 *	top      --+----------+   closes: lower edges, inner ones first
 *	           +----------+
 *	           +- window -+   opens: titles, outer ones first
 *	           |+- window-|
 *	bottom   --||  BAR    |   height: up to the next point
 */
#include <stdlib.h>
#include <string.h>
#include "svg_axis.h"

#define LEAF_MIN	15		/* pixels: a line of text */
#define LEAF_MAX	46
#define EMPTY_MIN	5
#define FREE_MIN	15

static int by_offset(const void *a, const void *b)
{
	const struct axis_point *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static struct axis_point *find(const struct axis *axis, u64 offset)
{
	struct axis_point key = { .offset = offset };

	return bsearch(&key, axis->point, axis->nr, sizeof(key), by_offset);
}

static u64 base(const struct view *view, u32 node)
{
	while (view->node[node].up != PMB_NONE)
		node = view->node[node].up;
	return view->node[node].range.start;
}

static struct axis_point *begin(const struct axis *axis, const struct view *view, u32 node)
{
	return find(axis, view->node[node].range.start - base(view, node));
}

static struct axis_point *end(const struct axis *axis, const struct view *view, u32 node)
{
	const struct pmb_range *range = &view->node[node].range;

	return find(axis, range->start - base(view, node) + range->size);
}

static void collect(struct axis *axis, const struct view *const *views, const u32 *roots, u32 nr)
{
	u32 v, i, kept = 0, room = 0;

	for (v = 0; v < nr; v++)
		room += 2 * (views[v]->node[roots[v]].end - roots[v]);
	axis->point = pcibar_alloc(room, sizeof(*axis->point));
	axis->nr = 0;
	for (v = 0; v < nr; v++) {
		u64 start = views[v]->node[roots[v]].range.start;

		for (i = roots[v]; i < views[v]->node[roots[v]].end; i++) {
			const struct pmb_range *range = &views[v]->node[i].range;

			axis->point[axis->nr++].offset = range->start - start;
			axis->point[axis->nr++].offset = range->start - start + range->size;
		}
	}
	qsort(axis->point, axis->nr, sizeof(*axis->point), by_offset);
	for (i = 0; i < axis->nr; i++)
		if (!i || axis->point[i].offset != axis->point[kept - 1].offset)
			axis->point[kept++] = axis->point[i];
	axis->nr = kept;
}

/* Windows around @node, and itself, that begin where it does. */
static u32 opened_before(const struct view *view, u32 node)
{
	u64 start = view->node[node].range.start;
	u32 count = 0;

	for (; node != PMB_NONE && view->node[node].range.start == start;
	     node = view->node[node].up)
		count += view->node[node].kind == VIEW_WINDOW;
	return count;
}

/* Windows in @node, and itself, that end where it does. */
static u32 closed_inside(const struct view *view, u32 node)
{
	u64 last = pmb_last(&view->node[node].range);
	u32 i, deepest = view->node[node].depth - 1;

	for (i = node; i < view->node[node].end; i++)
		if (view->node[i].kind == VIEW_WINDOW && pmb_last(&view->node[i].range) == last &&
		    view->node[i].depth > deepest)
			deepest = view->node[i].depth;
	return deepest + 1 - view->node[node].depth;
}

static void count_edges(struct axis *axis, const struct view *view, u32 root)
{
	u32 i;

	for (i = root + 1; i < view->node[root].end; i++) {
		struct axis_point *first, *last;
		u32 nr;

		if (view->node[i].kind != VIEW_WINDOW)
			continue;
		first = begin(axis, view, i);
		nr = opened_before(view, i);
		if (first->opens < nr)
			first->opens = nr;
		last = end(axis, view, i);
		nr = closed_inside(view, i);
		if (last->closes < nr)
			last->closes = nr;
	}
}

static unsigned int log2_of(u64 size)
{
	return 63 - __builtin_clzll(size | 1);
}

/* What a node without anything inside needs; 0: it has something inside. */
static int needed(const struct view *view, u32 node)
{
	const struct view_node *n = &view->node[node];
	int more = log2_of(n->range.size) - 12, min = LEAF_MIN;

	if (n->kind == VIEW_WINDOW && !view_empty(view, node))
		return 0;
	if (n->kind == VIEW_WINDOW)
		min = EMPTY_MIN;
	else if (n->kind == VIEW_FREE)
		min = FREE_MIN;
	min += more > 0 ? more : 0;
	return min < LEAF_MAX ? min : LEAF_MAX;
}

/* Points from the begin of a node to its end: what lacks is added to each. */
static void stretch(struct axis *axis, const struct view *view, u32 node)
{
	struct axis_point *p, *from = begin(axis, view, node), *to = end(axis, view, node);
	int have = 0, lack, share, nr = to - from;

	for (p = from; p < to; p++)
		have += p->height + (p == from ? 0 : p->opens * AXIS_HEADER +
						     p->closes * AXIS_FOOTER);
	lack = needed(view, node) - have;
	if (lack <= 0)
		return;
	for (p = from; p < to; p++, nr--) {
		share = lack / nr;
		p->height += share;
		lack -= share;
	}
}

void axis_make(struct axis *axis, const struct view *const *views, const u32 *roots, u32 nr)
{
	u32 v, i;
	int y = 0;

	collect(axis, views, roots, nr);
	for (i = 0; i + 1 < axis->nr; i++)
		axis->point[i].height = 2;
	for (v = 0; v < nr; v++)
		count_edges(axis, views[v], roots[v]);
	for (v = 0; v < nr; v++)
		for (i = roots[v]; i < views[v]->node[roots[v]].end; i++)
			if (i != roots[v] || views[v]->node[i].end == i + 1)
				stretch(axis, views[v], i);
	for (i = 0; i < axis->nr; i++) {
		struct axis_point *p = &axis->point[i];

		p->top = y;
		p->bottom = y + p->closes * AXIS_FOOTER + p->opens * AXIS_HEADER;
		y = p->bottom + p->height;
	}
	axis->height = y;
}

void axis_free(struct axis *axis)
{
	free(axis->point);
}

void axis_place(const struct axis *axis, const struct view *view, u32 node, int *top, int *bottom)
{
	const struct axis_point *first = begin(axis, view, node), *last = end(axis, view, node);

	*top = first->bottom;
	*bottom = last->top;
	if (view->node[node].kind == VIEW_ROOT) {
		*top = first->top;
		*bottom = last->bottom;
	}
	/* Nobody looks whether free space is level: it fills what room there is. */
	if (view->node[node].kind == VIEW_FREE)
		*top -= (first->opens - opened_before(view, node)) * AXIS_HEADER;
	if (view->node[node].kind != VIEW_WINDOW)
		return;
	/* Titles of outer windows come first, lower edges of inner ones. */
	*top = first->bottom - (first->opens - opened_before(view, node) + 1) * AXIS_HEADER;
	*bottom = last->top + closed_inside(view, node) * AXIS_FOOTER;
}
