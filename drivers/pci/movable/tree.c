// SPDX-License-Identifier: GPL-2.0
/*
 * Moving resources in the resource tree, with their children.
 *
 * Requested regions below a BAR (request_region) keep their struct resource
 * and shift with it; windows keep the children that do not move:
 *
 *   before                          after
 *   window  e0000000-e00fffff       window  e0000000-e01fffff   grown
 *     BAR a e0000000-e0003fff         BAR a e0000000-e0003fff   stays linked
 *     BAR b e0004000-e0007fff         BAR b e0100000-e0103fff   moved
 *       nvme  (same range)              nvme  (same range)      shifted
 *
 * Every resource that changes is unlinked first, then gets its new range, then
 * is linked at its new place, where it must fit between its new siblings.  All
 * under one hold of the tree's lock, so nobody sees a state between, and
 * nobody's request can slip into a window that is away for a moment.
 *
 * Siblings are a list, sorted by address.  So the changes are gone through in
 * the order of addresses, and each search goes on where the last has ended.
 */
#include <linux/ioport.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "tree.h"

/**
 * struct change - one resource and its two states
 * @res: the resource
 * @is_bar: its children move along, by the same distance
 * @old: parent, range and flags before
 * @new: and after; no parent: not in the tree
 * @by_old: index of the change that comes at this place, by parent and address
 *	before; has nothing to do with the rest of this entry
 * @by_new: likewise, after
 */
struct change {
	struct resource *res;
	bool is_bar;
	struct state {
		struct resource *parent;
		resource_size_t start;
		resource_size_t end;
		unsigned long flags;
	} old, new;
	u32 by_old;
	u32 by_new;
};

struct pmb_tree {
	u32 nr;
	struct change change[];
};

/* Context of the preparation. */
struct survey {
	const struct pmb_snapshot *snap;
	const struct pmb_plan *plan;
	struct pmb_tree *tree;
};

static void set_range(struct state *state, const struct pmb_range *range)
{
	state->start = range->start;
	state->end = pmb_last(range);
}

static const struct pmb_range *new_window(const struct survey *s, u32 bridge, u32 space)
{
	return &s->plan->win[bridge * PMB_SPACES + space];
}

/* Where will the range of this resource be: a window's from the plan, a root's as is. */
static struct pmb_range range_after(const struct survey *s, const struct resource *res)
{
	const struct pmb_owned *o = pmb_snapshot_owner(s->snap, res);

	if (o && o->bridge != PMB_NONE)
		return *new_window(s, o->bridge, o->space);
	return (struct pmb_range){ res->start, resource_size(res) };
}

/* The windows which may hold an object, in the order in which the core asks. */
static struct resource *window_for(const struct survey *s, u32 bridge, bool io, bool pref,
				   const struct pmb_range *range)
{
	static const enum pmb_space order[2][2] = {
		{ PMB_MEM, PMB_PREF }, { PMB_PREF, PMB_MEM }
	};
	const struct pmb_layout *l = s->snap->layout;
	u32 i, pass;

	for (pass = 0; pass < 2; pass++) {
		enum pmb_space space = io ? PMB_IO : order[pref][pass];

		if (bridge != PMB_NONE) {
			if (pmb_range_holds(new_window(s, bridge, space), range))
				return pmb_snapshot_window(s->snap, bridge, space);
			continue;
		}
		for (i = 0; i < l->nr_roots; i++)
			if (l->roots[i].space == space &&
			    pmb_range_holds(&l->roots[i].range, range))
				return s->snap->root[i];
	}
	return NULL;
}

/* Behind a transparent bridge it may belong to the bus above. */
static struct resource *find_parent(const struct survey *s, u32 bridge, bool io, bool pref,
				    const struct pmb_range *range)
{
	const struct pmb_bridge *bridges = s->snap->layout->bridges;
	struct resource *parent = window_for(s, bridge, io, pref, range);

	while (!parent && bridge != PMB_NONE &&
	       (bridges[bridge].flags & PMB_BRIDGE_TRANSPARENT)) {
		bridge = bridges[bridge].parent;
		parent = window_for(s, bridge, io, pref, range);
	}
	return parent;
}

/* Nothing to do if the range stays and the parent still covers it. */
static bool stays(const struct survey *s, const struct resource *res,
		  const struct pmb_range *range)
{
	struct pmb_range now = { res->start, resource_size(res) };
	struct pmb_range up;

	if (!res->parent || now.start != range->start || now.size != range->size)
		return false;
	up = range_after(s, res->parent);
	return pmb_range_holds(&up, range);
}

static int add_change(struct survey *s, struct resource *res, bool is_bar,
		      const struct pmb_range *range, struct resource *parent,
		      unsigned long flags)
{
	struct change *c = &s->tree->change[s->tree->nr];

	if (range->size && !parent)
		return -ENXIO;

	c->res = res;
	c->is_bar = is_bar;
	c->old = (struct state){ res->parent, res->start, res->end, res->flags };
	c->new = (struct state){ .flags = 0 };
	if (range->size) {
		c->new.parent = parent;
		c->new.flags = flags & ~(IORESOURCE_UNSET | IORESOURCE_DISABLED |
					 IORESOURCE_STARTALIGN | IORESOURCE_SIZEALIGN);
		if (is_bar)
			c->new.flags |= flags & IORESOURCE_SIZEALIGN;
		set_range(&c->new, range);
	}
	s->tree->nr++;
	return 0;
}

static unsigned long window_flags(const struct pci_dev *bridge, enum pmb_space space)
{
	unsigned long flags = IORESOURCE_MEM;

	if (space == PMB_IO)
		return IORESOURCE_IO;
	if (space == PMB_PREF) {
		flags |= IORESOURCE_PREFETCH;
		if (bridge->pref_64_window)
			flags |= IORESOURCE_MEM_64 | PCI_PREF_RANGE_TYPE_64;
	}
	return flags;
}

static int survey_window(struct survey *s, u32 bridge, enum pmb_space space)
{
	const struct pmb_bridge *br = &s->snap->layout->bridges[bridge];
	const struct pmb_range *range = new_window(s, bridge, space);
	struct resource *res = pmb_snapshot_window(s->snap, bridge, space);

	if (!br->win[space].align)
		return 0;
	if (!range->size && !br->win[space].cur.size)
		return 0;
	if (range->size && stays(s, res, range))
		return 0;
	return add_change(s, res, false, range,
			  find_parent(s, br->parent, space == PMB_IO, space == PMB_PREF, range),
			  res->flags | window_flags(s->snap->dev[br->dev], space));
}

static int survey_bar(struct survey *s, u32 bar)
{
	const struct pmb_layout *l = s->snap->layout;
	const struct pmb_bar *b = &l->bars[bar];
	const struct pmb_range *range = &s->plan->bar[bar];
	struct resource *res = pmb_snapshot_bar(s->snap, bar);
	struct pci_dev *dev = s->snap->dev[b->dev];
	unsigned long flags;

	if (!res || !range->size || stays(s, res, range))
		return 0;

	flags = b->flags & PMB_BAR_PLACED ? res->flags : dev->wishes->bar[b->res].flags;
	return add_change(s, res, true, range,
			  find_parent(s, l->devs[b->dev].bridge, b->flags & PMB_BAR_IO,
				      b->flags & PMB_BAR_PREF, range), flags);
}

static int cmp_states(const struct state *a, const struct state *b)
{
	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return 0;
}

static int cmp_old(const void *a, const void *b, const void *tree)
{
	const struct change *change = ((const struct pmb_tree *)tree)->change;

	return cmp_states(&change[*(const u32 *)a].old, &change[*(const u32 *)b].old);
}

static int cmp_new(const void *a, const void *b, const void *tree)
{
	const struct change *change = ((const struct pmb_tree *)tree)->change;

	return cmp_states(&change[*(const u32 *)a].new, &change[*(const u32 *)b].new);
}

static int find_orders(struct pmb_tree *tree)
{
	u32 *order = kvcalloc(tree->nr + 1, sizeof(*order), GFP_KERNEL);
	u32 i;

	if (!order)
		return -ENOMEM;
	for (i = 0; i < tree->nr; i++)
		order[i] = i;
	sort_r(order, tree->nr, sizeof(*order), cmp_old, NULL, tree);
	for (i = 0; i < tree->nr; i++)
		tree->change[i].by_old = order[i];
	sort_r(order, tree->nr, sizeof(*order), cmp_new, NULL, tree);
	for (i = 0; i < tree->nr; i++)
		tree->change[i].by_new = order[i];
	kvfree(order);
	return 0;
}

/**
 * pmb_tree_prepare - what a plan changes in the resource tree
 * @snap: the snapshot that the plan was made from
 * @plan: a verified plan
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove().
 *
 * Return: the changes, to be freed with pmb_tree_free(), or an ERR_PTR:
 * -ENOMEM, -ENXIO if a place of the plan is in no window.
 */
struct pmb_tree *pmb_tree_prepare(const struct pmb_snapshot *snap, const struct pmb_plan *plan)
{
	const struct pmb_layout *l = snap->layout;
	struct survey s = { snap, plan };
	u32 i, max = l->nr_bars + l->nr_bridges * PMB_SPACES;
	int err = 0;

	s.tree = kvzalloc(struct_size(s.tree, change, max), GFP_KERNEL);
	if (!s.tree)
		return ERR_PTR(-ENOMEM);

	for (i = 0; !err && i < l->nr_bridges * PMB_SPACES; i++)
		err = survey_window(&s, i / PMB_SPACES, i % PMB_SPACES);
	for (i = 0; !err && i < l->nr_bars; i++)
		err = survey_bar(&s, i);
	if (!err)
		err = find_orders(s.tree);
	if (!err)
		return s.tree;

	kvfree(s.tree);
	return ERR_PTR(err);
}

/**
 * pmb_tree_reverse - the same changes the other way round
 * @tree: the changes, applied before
 *
 * Context: may sleep.
 *
 * Return: to be freed with pmb_tree_free(); NULL without memory.
 */
struct pmb_tree *pmb_tree_reverse(const struct pmb_tree *tree)
{
	struct pmb_tree *back = kvzalloc(struct_size(back, change, tree->nr), GFP_KERNEL);
	u32 i;

	if (!back)
		return NULL;
	for (i = 0; i < tree->nr; i++) {
		back->change[i] = tree->change[i];
		swap(back->change[i].old, back->change[i].new);
		swap(back->change[i].by_old, back->change[i].by_new);
	}
	back->nr = tree->nr;
	return back;
}

/**
 * pmb_tree_free - release what pmb_tree_prepare() returned
 * @tree: the changes, may be NULL
 */
void pmb_tree_free(struct pmb_tree *tree)
{
	kvfree(tree);
}

/**
 * struct cursor - where the last search has ended
 * @parent: in whose list
 * @at: there
 * @last: what has just been linked before it; NULL: nothing
 */
struct cursor {
	struct resource *parent;
	struct resource **at;
	const struct resource *last;
};

static void begin_at(struct cursor *c, struct resource *parent)
{
	if (c->parent == parent)
		return;
	c->parent = parent;
	c->at = &parent->child;
	c->last = NULL;
}

static bool unlink_from(struct resource **p, struct resource *res, struct cursor *c)
{
	while (*p && *p != res)
		p = &(*p)->sibling;
	if (!*p)
		return false;
	*p = res->sibling;
	c->at = p;
	return true;
}

static void unlink(struct resource *res, struct cursor *c)
{
	if (!res->parent)
		return;
	begin_at(c, res->parent);
	if (!unlink_from(c->at, res, c))
		unlink_from(&res->parent->child, res, c);
	res->parent = NULL;
	res->sibling = NULL;
}

static bool link_at(struct resource *res, struct resource *parent, struct cursor *c)
{
	struct resource **p;

	begin_at(c, parent);
	if (res->start < parent->start || res->end > parent->end)
		return false;
	if (c->last && c->last->end >= res->start)
		return false;
	for (p = c->at; *p && (*p)->start <= res->end; p = &(*p)->sibling)
		if ((*p)->end >= res->start)
			return false;
	res->sibling = *p;
	*p = res;
	res->parent = parent;
	c->at = &res->sibling;
	c->last = res;
	return true;
}

/* All below a BAR, in tree order, without recursion. */
static void shift_children(struct resource *top, resource_size_t by)
{
	struct resource *c = top->child;

	while (c) {
		c->start += by;
		c->end += by;
		if (c->child) {
			c = c->child;
			continue;
		}
		while (!c->sibling && c->parent != top)
			c = c->parent;
		c = c->sibling;
	}
}

/* Children which stay in a window must still be inside of it. */
static bool children_fit(const struct resource *res)
{
	const struct resource *c;

	for (c = res->child; c; c = c->sibling)
		if (c->start < res->start || c->end > res->end)
			return false;
	return true;
}

static void set_state(struct change *c, const struct state *from, const struct state *to)
{
	c->res->start = to->start;
	c->res->end = to->end;
	c->res->flags = to->flags;
	if (c->is_bar && to->parent)
		shift_children(c->res, to->start - from->start);
}

static void put_back(struct pmb_tree *tree)
{
	struct cursor out = { }, in = { };
	struct change *c;
	u32 i;

	for (i = 0; i < tree->nr; i++)
		unlink(tree->change[tree->change[i].by_new].res, &out);
	for (i = 0; i < tree->nr; i++)
		set_state(&tree->change[i], &tree->change[i].new, &tree->change[i].old);
	for (i = 0; i < tree->nr; i++) {
		c = &tree->change[tree->change[i].by_old];
		if (c->old.parent)
			link_at(c->res, c->old.parent, &in);
	}
}

static int apply(void *data)
{
	struct cursor out = { }, in = { };
	struct pmb_tree *tree = data;
	bool fits = true;
	u32 i;

	/* Somebody took a resource out of the tree since the survey. */
	for (i = 0; i < tree->nr; i++)
		if (tree->change[i].res->parent != tree->change[i].old.parent ||
		    tree->change[i].res->start != tree->change[i].old.start ||
		    tree->change[i].res->end != tree->change[i].old.end)
			return -EAGAIN;

	for (i = 0; i < tree->nr; i++)
		unlink(tree->change[tree->change[i].by_old].res, &out);
	for (i = 0; i < tree->nr; i++)
		set_state(&tree->change[i], &tree->change[i].old, &tree->change[i].new);
	for (i = 0; fits && i < tree->nr; i++) {
		struct change *c = &tree->change[tree->change[i].by_new];

		fits = (c->is_bar || children_fit(c->res)) &&
		       (!c->new.parent || link_at(c->res, c->new.parent, &in));
	}
	if (fits)
		return 0;

	put_back(tree);
	return -EAGAIN;
}

static int undo(void *data)
{
	put_back(data);
	return 0;
}

/**
 * pmb_tree_apply - bring all resources to their new places
 * @tree: the changes
 *
 * Context: may be called with every CPU stopped and interrupts off: no CPU can
 * have been stopped inside of the tree's lock, which disables preemption.
 *
 * Return: 0; -EAGAIN if the tree is not as it was at the survey, or something
 * new is in the way.  Nothing has changed then.
 */
int pmb_tree_apply(struct pmb_tree *tree)
{
	return resource_tree_edit(apply, tree);
}

/**
 * pmb_tree_undo - bring all resources back to where they were
 * @tree: the changes, applied before
 *
 * Context: as pmb_tree_apply(), in the same stop.
 */
void pmb_tree_undo(struct pmb_tree *tree)
{
	resource_tree_edit(undo, tree);
}
