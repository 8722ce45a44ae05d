// SPDX-License-Identifier: GPL-2.0
/*
 * A layout as windows in windows.
 *
 * First every root window, open window, BAR and hole becomes a node that knows
 * what is around it; sorted by that and by address, the ones inside of a node
 * are neighbours:
 *
 *	around:	  -   -   0       0       2      2
 *		[root0][root1][window][BAR]  [BAR]  [BAR]
 *
 * Then they are copied in the order of the picture, each before what is in it,
 * with the gaps between as nodes of their own.
 */
#include <stdlib.h>
#include <string.h>
#include "view.h"

struct maker {
	const struct pmb_layout *layout;
	const struct pmb_plan *plan;
	struct view_node *raw;		/* @up is an index in here */
	u32 nr_raw;
	u32 *sorted;			/* of all that is around something, by @up */
	u32 *first;			/* in @sorted, by node; one more at the end */
	u32 *win;			/* node of a window, [bridge * PMB_SPACES + space] */
	struct view *view;
	u32 room;
};

struct pmb_range view_bar(const struct pmb_layout *layout, const struct pmb_plan *plan, u32 nr)
{
	const struct pmb_bar *bar = &layout->bars[nr];
	struct pmb_range none = { 0, 0 };

	if (plan)
		return plan->bar[nr];
	if (bar->flags & PMB_BAR_PLACED)
		return (struct pmb_range){ bar->start, bar->size };
	return none;
}

struct pmb_range view_window(const struct pmb_layout *layout, const struct pmb_plan *plan,
			     u32 bridge, enum pmb_space space)
{
	if (plan)
		return plan->win[bridge * PMB_SPACES + space];
	return layout->bridges[bridge].win[space].cur;
}

bool view_fixed(const struct pmb_layout *layout, const struct pmb_bar *bar)
{
	return pmb_bar_fixed(bar) || layout->devs[bar->dev].way == PMB_WAY_NEVER;
}

char *view_state(const struct pmb_layout *layout, const struct pmb_bar *bar)
{
	static const char * const ways[PMB_WAYS] = {
		[PMB_WAY_FREE] = "movable",
		[PMB_WAY_LIVE] = "movable live",
		[PMB_WAY_PAUSE] = "movable by a pause",
		[PMB_WAY_NEVER] = "fixed",
	};
	const struct pmb_dev *dev = &layout->devs[bar->dev];
	const char *comma = *dev->driver ? ", " : "";

	if (pmb_bar_fixed(bar))
		return pcibar_print("%s%sfixed: %s", dev->driver, comma, pmb_why_text(bar->why));
	return pcibar_print("%s%s%s", dev->driver, comma, ways[dev->way]);
}

char *view_bar_name(const struct pmb_layout *layout, const struct pmb_bar *bar)
{
	const char *name = layout->devs[bar->dev].name;

	if (bar->flags & PMB_BAR_ROM)
		return pcibar_print("%s ROM", name);
	if (bar->flags & PMB_BAR_VF)
		return pcibar_print("%s VF BAR %d", name, bar->res - 7);
	return pcibar_print("%s BAR %u", name, bar->res);
}

static bool is_io(enum pmb_space space)
{
	return space == PMB_IO;
}

/* The window or root window around @range on the bus behind @bridge. */
static u32 around(const struct maker *m, u32 host, u32 bridge, bool io,
		  const struct pmb_range *range, bool *outside)
{
	u32 space, nr, i;

	*outside = false;
	for (; bridge != PMB_NONE; bridge = m->layout->bridges[bridge].parent) {
		for (space = 0; space < PMB_SPACES; space++) {
			nr = m->win[bridge * PMB_SPACES + space];
			if (nr != PMB_NONE && is_io(space) == io &&
			    pmb_range_holds(&m->raw[nr].range, range))
				return nr;
		}
		*outside = true;
	}
	for (i = 0; i < m->layout->nr_roots; i++) {
		const struct pmb_root *root = &m->layout->roots[i];

		if (root->host == host && is_io(root->space) == io &&
		    pmb_range_holds(&root->range, range))
			return i;
	}
	*outside = true;
	return PMB_NONE;
}

static struct view_node *add_raw(struct maker *m, enum view_kind kind, enum pmb_space space,
				 u32 nr, struct pmb_range range)
{
	struct view_node *node = &m->raw[m->nr_raw++];

	*node = (struct view_node){ .kind = kind, .space = space, .nr = nr, .up = PMB_NONE,
				    .range = range };
	return node;
}

static void add_windows(struct maker *m)
{
	const struct pmb_layout *l = m->layout;
	struct view_node *node;
	u32 i, space;

	for (i = 0; i < l->nr_bridges; i++) {
		/* Its windows are not around each other: entered when both are known. */
		u32 at = m->nr_raw;

		for (space = 0; space < PMB_SPACES; space++) {
			struct pmb_range range = view_window(l, m->plan, i, space);

			m->win[i * PMB_SPACES + space] = PMB_NONE;
			if (!range.size)
				continue;
			node = add_raw(m, VIEW_WINDOW, space, i, range);
			node->up = around(m, l->bridges[i].host, l->bridges[i].parent,
					  space == PMB_IO, &range, &node->outside);
		}
		for (; at < m->nr_raw; at++)
			m->win[i * PMB_SPACES + m->raw[at].space] = at;
	}
}

static void add_bars(struct maker *m)
{
	const struct pmb_layout *l = m->layout;
	struct view_node *node;
	u32 i;

	for (i = 0; i < l->nr_bars; i++) {
		const struct pmb_bar *bar = &l->bars[i];
		const struct pmb_dev *dev = &l->devs[bar->dev];
		struct pmb_range range = view_bar(l, m->plan, i);
		bool io = bar->flags & PMB_BAR_IO;

		if (!range.size)
			continue;
		node = add_raw(m, VIEW_BAR, io ? PMB_IO : PMB_MEM, i, range);
		node->up = around(m, dev->host, dev->bridge, io, &range, &node->outside);
	}
}

/* A hole is drawn as far as it is in a root window. */
static void add_holes(struct maker *m)
{
	const struct pmb_layout *l = m->layout;
	u32 i, k;

	for (i = 0; i < l->nr_holes; i++) {
		const struct pmb_hole *hole = &l->holes[i];

		for (k = 0; k < l->nr_roots; k++) {
			const struct pmb_root *root = &l->roots[k];
			struct pmb_range cut = hole->range;
			u64 last = pmb_last(&cut);

			if (root->host != hole->host || is_io(root->space) != hole->io ||
			    !pmb_ranges_overlap(&root->range, &hole->range))
				continue;
			if (cut.start < root->range.start)
				cut.start = root->range.start;
			if (last > pmb_last(&root->range))
				last = pmb_last(&root->range);
			cut.size = last - cut.start + 1;
			add_raw(m, VIEW_HOLE, root->space, i, cut)->up = k;
		}
	}
}

static const struct view_node *sorting;		/* qsort() passes nothing on */

static int by_place(const void *a, const void *b)
{
	const struct view_node *x = &sorting[*(const u32 *)a], *y = &sorting[*(const u32 *)b];

	if (x->up != y->up)
		return x->up < y->up ? -1 : 1;
	if (x->range.start != y->range.start)
		return x->range.start < y->range.start ? -1 : 1;
	if (x->range.size != y->range.size)
		return x->range.size > y->range.size ? -1 : 1;
	return x < y ? -1 : 1;
}

static void sort_raw(struct maker *m)
{
	u32 i, at = 0;

	m->sorted = pcibar_alloc(m->nr_raw, sizeof(u32));
	m->first = pcibar_alloc(m->nr_raw + 1, sizeof(u32));
	for (i = 0; i < m->nr_raw; i++)
		m->sorted[i] = i;
	sorting = m->raw;
	qsort(m->sorted, m->nr_raw, sizeof(u32), by_place);
	for (i = 0; i <= m->nr_raw; i++) {
		while (at < m->nr_raw && m->raw[m->sorted[at]].up < i)
			at++;
		m->first[i] = at;
	}
}

static struct view_node *put(struct maker *m, const struct view_node *from, u32 up)
{
	struct view *v = m->view;

	if (v->nr == m->room) {
		m->room *= 2;
		v->node = realloc(v->node, m->room * sizeof(*v->node));
		if (!v->node)
			exit(pcibar_fail("no memory"));
	}
	v->node[v->nr] = *from;
	v->node[v->nr].up = up;
	v->node[v->nr].depth = up == PMB_NONE ? 0 : v->node[up].depth + 1;
	v->node[v->nr].end = v->nr + 1;
	return &v->node[v->nr++];
}

static void put_free(struct maker *m, u32 up, u64 start, u64 last)
{
	struct view_node free = {
		.kind = VIEW_FREE,
		.space = m->view->node[up].space,
		.range = { start, last - start + 1 },
	};

	put(m, &free, up);
}

/* As deep as bridges are nested, 256 at most. */
static void put_tree(struct maker *m, u32 raw, u32 up, bool overlaps)
{
	const struct pmb_range range = m->raw[raw].range;
	u32 i, me = m->view->nr, from = m->first[raw], to = m->first[raw + 1];
	u64 next = range.start;
	bool full = false;			/* @next is behind the last address */

	put(m, &m->raw[raw], up)->overlaps = overlaps;
	for (i = from; i < to; i++) {
		const struct pmb_range *in = &m->raw[m->sorted[i]].range;

		if (!full && in->start > next)
			put_free(m, me, next, in->start - 1);
		put_tree(m, m->sorted[i], me, full || in->start < next);
		if (!full && pmb_last(in) >= next) {
			next = pmb_last(in) + 1;
			full = pmb_last(in) == pmb_last(&range);
		}
	}
	if (from < to && !full)
		put_free(m, me, next, pmb_last(&range));
	m->view->node[me].end = m->view->nr;
}

struct view *view_make(const struct pmb_layout *layout, const struct pmb_plan *plan)
{
	size_t max = layout->nr_roots + layout->nr_bridges * PMB_SPACES + layout->nr_bars +
		     (size_t)layout->nr_holes * layout->nr_roots;
	struct maker m = { .layout = layout, .plan = plan };
	u32 i;

	m.raw = pcibar_alloc(max, sizeof(*m.raw));
	m.win = pcibar_alloc((size_t)layout->nr_bridges * PMB_SPACES, sizeof(u32));
	for (i = 0; i < layout->nr_roots; i++)
		add_raw(&m, VIEW_ROOT, layout->roots[i].space, i, layout->roots[i].range);
	add_windows(&m);
	add_bars(&m);
	add_holes(&m);
	sort_raw(&m);

	m.room = 2 * m.nr_raw + 1;
	m.view = pcibar_alloc(1, sizeof(*m.view));
	m.view->layout = layout;
	m.view->plan = plan;
	m.view->node = pcibar_alloc(m.room, sizeof(*m.view->node));
	for (i = 0; i < layout->nr_roots; i++)
		put_tree(&m, i, PMB_NONE, false);
	/* What nothing is around comes last. */
	for (i = 0; i < m.nr_raw; i++)
		if (m.raw[i].up == PMB_NONE && m.raw[i].kind != VIEW_ROOT)
			put_tree(&m, i, PMB_NONE, false);
	free(m.raw);
	free(m.win);
	free(m.sorted);
	free(m.first);
	return m.view;
}

void view_free(struct view *view)
{
	if (view)
		free(view->node);
	free(view);
}

u64 view_unused(const struct view *view, u32 nr, u64 *largest)
{
	const struct view_node *node = &view->node[nr];
	u64 sum = 0;
	u32 i;

	if (largest)
		*largest = 0;
	if (view_empty(view, nr)) {
		if (largest)
			*largest = node->range.size;
		return node->range.size;
	}
	for (i = nr + 1; i < node->end; i = view->node[i].end) {
		if (view->node[i].kind != VIEW_FREE)
			continue;
		sum += view->node[i].range.size;
		if (largest && view->node[i].range.size > *largest)
			*largest = view->node[i].range.size;
	}
	return sum;
}

bool view_empty(const struct view *view, u32 nr)
{
	return view->node[nr].end == nr + 1 &&
	       (view->node[nr].kind == VIEW_ROOT || view->node[nr].kind == VIEW_WINDOW);
}
