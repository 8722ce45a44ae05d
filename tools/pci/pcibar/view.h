/* SPDX-License-Identifier: GPL-2.0 */
/* A layout as windows in windows, in the order of addresses. */
#ifndef _PCIBAR_VIEW_H
#define _PCIBAR_VIEW_H

#include "pcibar.h"

enum view_kind {
	VIEW_ROOT,		/* window of a host bridge */
	VIEW_WINDOW,		/* window of a bridge */
	VIEW_BAR,
	VIEW_HOLE,		/* nobody may use it */
	VIEW_FREE,		/* nobody uses it, between others */
};

/**
 * struct view_node - something with addresses
 * @kind: what it is
 * @space: of a root window, a window, or what is around
 * @nr: index of the root window, bridge, BAR or hole in the layout
 * @up: node around it; PMB_NONE: a root window, or nothing is around it
 * @depth: how many are around it
 * @end: the first node behind all that is in it
 * @range: where
 * @overlaps: shares addresses with the one before it
 * @outside: no window of its bridge is around it
 */
struct view_node {
	enum view_kind kind;
	enum pmb_space space;
	u32 nr;
	u32 up;
	u32 depth;
	u32 end;
	struct pmb_range range;
	bool overlaps;
	bool outside;
};

/**
 * struct view - nodes, each before what is in it
 * @layout: whose
 * @plan: where things are; NULL: where they are now
 * @node: the nodes
 * @nr: how many
 */
struct view {
	const struct pmb_layout *layout;
	const struct pmb_plan *plan;
	struct view_node *node;
	u32 nr;
};

struct view *view_make(const struct pmb_layout *layout, const struct pmb_plan *plan);
void view_free(struct view *view);

/* Where a BAR or window is; size 0: nowhere. @plan may be NULL. */
struct pmb_range view_bar(const struct pmb_layout *layout, const struct pmb_plan *plan, u32 nr);
struct pmb_range view_window(const struct pmb_layout *layout, const struct pmb_plan *plan,
			     u32 bridge, enum pmb_space space);

/* Free addresses directly in a node, and the largest piece. */
u64 view_unused(const struct view *view, u32 nr, u64 *largest);
bool view_empty(const struct view *view, u32 nr);

/* Nothing may move this BAR, neither its own reason nor the way of its device. */
bool view_fixed(const struct pmb_layout *layout, const struct pmb_bar *bar);
/* "nvme, fixed: its driver has no hooks for it", "live", ...; to be freed. */
char *view_state(const struct pmb_layout *layout, const struct pmb_bar *bar);
/* "0000:01:00.0 BAR 0", "0000:01:00.0 ROM"; to be freed. */
char *view_bar_name(const struct pmb_layout *layout, const struct pmb_bar *bar);

#endif /* _PCIBAR_VIEW_H */
