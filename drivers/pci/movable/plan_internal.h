/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the planner share among themselves. */
#ifndef _PCI_MOVABLE_PLAN_INTERNAL_H
#define _PCI_MOVABLE_PLAN_INTERNAL_H

#include <linux/bits.h>
#include <linux/types.h>
#include "plan.h"

/*
 * Buses are numbered like the bridges above them; the root bus of host h is
 * number nr_bridges + h.  Objects are numbered too: first all windows
 * (bridge * PMB_SPACES + space), then all BARs.
 */

/* How windows are treated in which no BAR has to be placed. */
enum pmb_others {
	PMB_OTHERS_STAY,		/* as they are */
	PMB_OTHERS_SLIDE,		/* empty ones move, others may shrink */
	PMB_OTHERS_SHRINK,		/* empty ones go, others shrink to what is inside */
	PMB_OTHERS
};

/* How freely addresses are chosen; each includes the ones before. */
enum pmb_latitude {
	PMB_GROW_UP,			/* windows begin where they begin now, or later */
	PMB_GROW_NEAR,			/* ... or a little before */
	PMB_ROAM,			/* ... or anywhere of the same kind */
	PMB_ANYWHERE,			/* every legal place */
	PMB_LATITUDES
};

/**
 * struct pmb_item - something that needs a place: a BAR, or an empty window
 * @obj: which object
 * @bus: where it is
 * @into: BIT() of each kind of window of the bridge above that it may be in
 * @size: bytes
 * @align: power of two
 * @max: highest bus address that it can have
 * @floor: no CPU address below
 * @depth: bridges between its bus and the scope
 * @twin: an earlier item that is just like this one; PMB_NONE: none
 * @placed: it has a place, for the time being
 * @at: the place
 */
struct pmb_item {
	u32 obj;
	u32 bus;
	u32 into;
	u64 size;
	u64 align;
	u64 max;
	u64 floor;
	u32 depth;
	u32 twin;
	bool placed;
	u64 at;
};

enum pmb_box_state {
	PMB_BOX_NEW,
	PMB_BOX_OPEN,
	PMB_BOX_DONE,
};

/**
 * struct pmb_box - a window in which items may be placed
 * @obj: which window; PMB_NONE: a root window
 * @root: which root window, if it is one
 * @space: its kind
 * @up0: the box around it at present, PMB_NONE: none
 * @top: nothing around it changes, and it does not change itself
 * @locked: it has to stay as it is
 * @align: granularity
 * @max: highest bus address
 * @low: no CPU address below, unless something fixed is there
 * @cur: where it is now
 * @offset: of a top box: CPU minus bus address
 * @pins: events inside, still to come
 * @state: search: not begun, begun, ended
 * @up: search: the box around it
 * @start: search: first address
 * @end: search: address behind it
 */
struct pmb_box {
	u32 obj;
	u32 root;
	enum pmb_space space;
	u32 up0;
	bool top;
	bool locked;
	u64 align;
	u64 max;
	u64 low;
	struct pmb_range cur;
	u64 offset;
	u32 pins;
	enum pmb_box_state state;
	u32 up;
	u64 start;
	u64 end;
};

/* What is met on the way from low to high addresses, in this order at one. */
enum pmb_event_kind {
	PMB_EV_END,			/* a locked box ends */
	PMB_EV_BEGIN,			/* a locked box begins */
	PMB_EV_BLOCK,			/* something fixed inside of a box */
};

/**
 * struct pmb_event - something with a fixed address
 * @addr: where it begins
 * @end: address behind it; @addr for others than PMB_EV_BLOCK
 * @kind: what
 * @box: in which box; the box itself for others than PMB_EV_BLOCK
 * @depth: boxes around @box
 */
struct pmb_event {
	u64 addr;
	u64 end;
	enum pmb_event_kind kind;
	u32 box;
	u32 depth;
};

/* A step of the search; what is needed to go back. */
struct pmb_frame {
	u64 x;
	u64 key;
	u32 ev;
	u32 box;
	u32 top;
	u32 trail;
	u32 item;
	u32 next;
	u32 path;
	u8 pass;
	bool entered;
};

/* A box as it was. */
struct pmb_trail {
	u32 box;
	enum pmb_box_state state;
	u32 up;
	u64 start;
	u64 end;
};

struct pmb_memo {
	u64 key;
	u64 x;
};

#define PMB_MEMO_BITS	14

/* An object that takes addresses of a bus without being in a window for it. */
struct pmb_ghost {
	u32 bus;
	u32 obj;
};

/**
 * struct pmb_work - memory of the planner
 * @lay: the layout
 * @opt: what the plan may do
 * @nr_wins: number of windows, so that objects are split
 * @nr_objs: number of objects
 * @nr_buses: number of buses
 * @at: by object: where it is in the plan as far as it goes
 * @best: by object: where the last successful attempt wants it
 * @seat: by object: the window around it, nr_wins + n: root window n,
 *	PMB_NONE: none
 * @home: by object: the bus where it takes addresses
 * @free: by object: this BAR is to be placed
 * @keep: by object: this window must not change
 * @strict: by object: this window may only grow
 * @hull: by object: what a window has to cover, at least
 * @first: by bus, one more: first entry in @by_bus
 * @by_bus: objects by bus
 * @mark: by bus: the attempt in which something is to be placed behind it
 * @stamp: number of the attempt
 * @ghost: objects that take addresses on further buses
 * @item: what is to be placed
 * @box: where
 * @box_of: by window, then by root window: its box
 * @event: and what is in the way
 * @frame: stack of the search
 * @trail: stack of the search
 * @path: boxes to be opened
 * @memo: where the search has been in vain
 * @list: the BARs to be placed
 * @cand: devices which might be moved
 * @dev_state: by device: what has been decided for it
 * @steps: search steps so far
 * @budget: how many there may be
 * @limit: how many there may be in one attempt
 * @scope: bus below which things may change
 * @io: I/O ports rather than memory
 * @cut: the last attempt gave up
 */
struct pmb_work {
	const struct pmb_layout *lay;
	const struct pmb_options *opt;
	u32 nr_wins, nr_objs, nr_buses;

	struct pmb_range *at;
	struct pmb_range *best;
	struct pmb_range *saved;
	u32 *seat;
	u32 *home;
	bool *free;
	bool *keep;
	bool *strict;
	struct pmb_range *hull;
	u32 *first;
	u32 *by_bus;
	u32 *order;
	u32 *mark;
	u32 stamp;
	struct pmb_ghost *ghost;
	u32 nr_ghosts, max_ghosts;

	struct pmb_item *item;
	struct pmb_box *box;
	u32 *box_of;
	struct pmb_event *event;
	u32 nr_items, nr_boxes, nr_events;
	u32 max_events;
	u64 *room;			/* by event: free bytes behind it */

	struct pmb_frame *frame;
	struct pmb_trail *trail;
	u32 nr_frames, nr_trail, max_frames, max_trail;
	u32 *path;
	struct pmb_memo *memo;
	u64 salt;
	u64 left;			/* bytes of items without a place */
	u32 nr_left;			/* and their number */

	u32 *list;
	u32 nr_list;
	u32 *cand;
	u32 nr_cand;
	u32 *pick;
	u8 *dev_state;

	u64 steps, budget, limit;
	u32 host;
	u32 scope;
	enum pmb_others others;
	enum pmb_latitude latitude;
	bool io;
	bool cut;
	bool odd;			/* not everything was tried that is legal */
};

static inline u32 pmb_bus(const struct pmb_layout *lay, u32 host, u32 bridge)
{
	return bridge == PMB_NONE ? lay->nr_bridges + host : bridge;
}

static inline bool pmb_is_root(const struct pmb_layout *lay, u32 bus)
{
	return bus >= lay->nr_bridges;
}

/* The bus above a bus which is not a root bus. */
static inline u32 pmb_bus_above(const struct pmb_layout *lay, u32 bus)
{
	return pmb_bus(lay, lay->bridges[bus].host, lay->bridges[bus].parent);
}

static inline const struct pmb_window *pmb_win(const struct pmb_layout *lay, u32 obj)
{
	return &lay->bridges[obj / PMB_SPACES].win[obj % PMB_SPACES];
}

static inline const struct pmb_bar *pmb_bar_of(const struct pmb_work *w, u32 obj)
{
	return &w->lay->bars[obj - w->nr_wins];
}

/* Behind a range; never 0, a range up to the last address loses one byte. */
static inline u64 pmb_end(const struct pmb_range *r)
{
	u64 last = r->start + r->size - 1;

	return last == U64_MAX ? last : last + 1;
}

/* Round up; U64_MAX if that is beyond all addresses. */
static inline u64 pmb_up(u64 x, u64 align)
{
	u64 up = (x + align - 1) & ~(align - 1);

	return up < x ? U64_MAX : up;
}

static inline u64 pmb_down(u64 x, u64 align)
{
	return x & ~(align - 1);
}

static inline bool pmb_same(const struct pmb_range *a, const struct pmb_range *b)
{
	return a->size == b->size && (!a->size || a->start == b->start);
}

/* plan_scene.c */
bool pmb_scene_build(struct pmb_work *w);
void pmb_scene_hulls(struct pmb_work *w);
u32 pmb_bar_into(const struct pmb_work *w, u32 obj);
bool pmb_behind(const struct pmb_work *w, u32 bus, u32 scope);

/* plan_sweep.c */
bool pmb_sweep(struct pmb_work *w);

/* plan_settle.c */
void pmb_settle(struct pmb_work *w);

#endif /* _PCI_MOVABLE_PLAN_INTERNAL_H */
