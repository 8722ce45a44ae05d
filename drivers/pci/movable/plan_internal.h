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
	PMB_THOROUGH,			/* ... and what is fixed may change windows */
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
 * @last: the last CPU address that it can have, of all that are to be had
 * @twin: an earlier item that is just like this one; PMB_NONE: none
 * @next: packing: the next one in the same box
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
	u64 last;
	u32 twin;
	u32 next;
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
 * @last: the last CPU address that it can have, of all that are to be had
 * @cur: where it is now
 * @offset: of a top box: CPU minus bus address
 * @pins: events inside, still to come
 * @content: packing: first item in it
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
	u64 last;
	struct pmb_range cur;
	u64 offset;
	u32 pins;
	u32 content;
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
 * @order: among events at one address: lower ones first
 * @bus: of something that could be in other windows just as well: its bus
 * @into: BIT() of each kind of window that this may be; 0: only in @box
 * @depth: bridges between @bus and the scope
 */
struct pmb_event {
	u64 addr;
	u64 end;
	enum pmb_event_kind kind;
	u32 box;
	u32 order;
	u32 bus;
	u32 into;
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

/* Required BARs of a device that want a place. */
struct pmb_group {
	u32 dev;
	u32 obj;			/* this BAR alone; PMB_NONE: all memory BARs */
	u32 nr;
	u64 size;
	bool placed;
	bool fails;
};

/* What may be moved for BARs that want a place. */
enum pmb_moves {
	PMB_MOVE_WINDOWS,
	PMB_MOVE_FREE,			/* and BARs that cost nothing */
	PMB_MOVE_ALL,
};

/* How blocks are made of what has been unlocked, see plan_pack.c. */
enum pmb_packing {
	PMB_UNPACKED,
	PMB_PACKED,
	PMB_PACKED_RESERVE,		/* with room for their reserve */
};

/* Something inside of a block. */
struct pmb_packed {
	u32 obj;
	u32 up;				/* the block: a window */
	u64 offset;
	u64 size;
};

/* What is unlocked as one: all behind a bridge, the BARs of a device, or a single BAR. */
struct pmb_unit {
	u32 bus;			/* PMB_NONE: not all that is there */
	u32 dev;			/* PMB_NONE: the BAR alone */
	u32 obj;
	u64 cost;
	u64 near;			/* distance from what is wanted, in bytes */
	bool open;
	bool best;
};

#define PMB_MEMO_BITS	14
#define PMB_LENT	20000u	/* steps for what is optional */
#define PMB_LIST_MANY	40u	/* BARs; more are packed before they are placed */

/* Addresses on a bus that are taken, @hi is behind them. */
struct pmb_stretch {
	u64 lo;
	u64 hi;
};

/* The gap that suits best so far, see pmb_line_fit(). */
struct pmb_fit {
	u64 wish;
	u64 room;
	u64 at;
	bool found;
};

/* An object that takes addresses of a bus without being in a window for it. */
struct pmb_ghost {
	u32 bus;
	u32 obj;
};

/**
 * struct pmb_work - memory of the planner
 * @lay: the layout
 * @opt: what the plan may do
 * @memory: where all the arrays are
 * @nr_wins: number of windows; objects below are windows, the others BARs
 * @nr_objs: number of objects
 * @nr_buses: number of buses
 * @host: the host bridge that is being planned for
 * @io: and whether I/O ports are, or memory
 * @at: by object: where it is in the plan as far as it goes
 * @best: by object: where the last successful attempt wants it
 * @dirty: objects of which @best may differ from @at, in the order of change
 * @nr_dirty: entries in @dirty
 * @is_dirty: by object: it is in @dirty
 * @saved: @best of the objects in @saved_obj, of a successful attempt
 * @saved_obj: the objects
 * @nr_saved: entries in @saved and @saved_obj
 * @seat: by object: the window around it, nr_wins + n: root window n,
 *	PMB_NONE: none
 * @home: by object: the bus where it takes addresses
 * @free: by object: this BAR is to be placed
 * @keep: by object: this window must not change
 * @strict: by object: this window may only grow
 * @hull: by window: what it has to cover, at least
 * @hull_stale: @hull has to be found out again
 * @first: by bus, and one more: first entry in @by_bus
 * @by_bus: objects by @home
 * @order: scratch, as many as there are objects
 * @relock: windows which have changed
 * @tried: by window: it has been locked to see whether there is a way
 * @ghost: objects that take addresses on further buses
 * @nr_ghosts: entries in @ghost
 * @max_ghosts: room in @ghost
 * @dev_first: by device: its first BAR
 * @dev_next: by object: the next BAR of the same device
 * @dev_unit: by device: its entry in @unit
 * @dev_seen: by device: scratch, all false between uses
 * @dev_moved: by device: it has moved; once more costs nothing
 * @dev_fails: by device: some required memory BAR has no place
 * @group: required BARs that want a place, by what belongs together
 * @nr_groups: entries in @group
 * @size: by BAR: its size; of a wanted Resizable BAR the one that is tried
 * @nr_resizable: BARs that have a choice
 * @wanted: what is to be placed
 * @nr_wanted: entries in @wanted
 * @list: what is to be placed, and what has been unlocked
 * @nr_list: entries in @list; of each, @free is set
 * @unit: what might be moved
 * @nr_units: entries in @unit
 * @toward: by bus: the bus below on the way to what is wanted
 * @scope: bus below which things may change
 * @widest: the widest scope
 * @others: what happens to windows without anything to place
 * @latitude: how freely addresses are chosen
 * @packing: how much is packed beforehand
 * @proof: see pmb_prove()
 * @seen: by bus: scratch, the number of the pass that has been there
 * @pass: number of the last such pass
 * @came: by bus: something behind it has got a place
 * @mark: by bus: the attempt in which something is to be placed behind it
 * @stamp: number of the attempt
 * @bus_list: buses marked with @stamp, the scope first
 * @nr_bus_list: entries in @bus_list
 * @item: scene: what is to be placed
 * @nr_items: entries in @item
 * @box: scene: the windows where it may be
 * @nr_boxes: entries in @box
 * @box_of: by window, then by root window: its box
 * @event: scene: what is in the way
 * @nr_events: entries in @event
 * @max_events: room in @event
 * @room: by event: free bytes behind it
 * @low_last: items whose @last is not beyond this one have to be below it; 0: no
 *	item differs from the others in that
 * @low_event: the first event beyond @low_last
 * @lacking: bytes to be placed minus free bytes
 * @packed: scene: what is inside of blocks
 * @nr_packed: entries in @packed
 * @is_packed: by window: it is a block
 * @frame: sweep: the steps taken
 * @nr_frames: entries in @frame
 * @max_frames: room in @frame
 * @trail: sweep: how boxes were before
 * @nr_trail: entries in @trail
 * @max_trail: room in @trail
 * @path: sweep: boxes to be begun, inner first
 * @memo: sweep: where it has been in vain
 * @salt: sweep: makes the keys in @memo differ from those of other sweeps
 * @left: sweep: bytes without a place
 * @nr_left: sweep: items without a place
 * @line: what is on a bus, see plan_line.c
 * @nr_line: entries in @line
 * @on_bus: near: by bus: items to be placed there, the first one
 * @content: near: by window: items to be packed into it, the first one
 * @spare: near: bytes that were given for the future
 * @near: near: places do not come from a sweep
 * @patience: how many times as long as usual an attempt may take
 * @steps: steps so far
 * @budget: how many there may be
 * @loan: how many there may be besides, for what is not required
 * @limit: how many there may be in one attempt
 * @spent: cost of the devices in @dev_moved
 * @limit_cost: what they may cost in all
 * @unproved: groups without a place, though there may be one
 * @cut: the last attempt gave up
 * @odd: the layout breaks rules, so that nothing can be proved
 * @chaos: so much overlaps that nobody can say what is free
 * @what_if: what may not move is unlocked to see whether that would help
 * @limits_stale: with one of the two, @keep and @strict have to be found out again
 */
struct pmb_work {
	const struct pmb_layout *lay;
	const struct pmb_options *opt;
	void *memory;
	u32 nr_wins, nr_objs, nr_buses;
	u32 host;
	bool io;

	/* where everything is */
	struct pmb_range *at, *best, *saved;
	u32 *dirty, *saved_obj;
	u32 nr_dirty, nr_saved;
	bool *is_dirty;
	u32 *seat;
	u32 *home;
	bool *free;
	bool *keep;
	bool *strict;
	struct pmb_range *hull;
	bool hull_stale;
	u32 *first;
	u32 *by_bus;
	u32 *order;
	u32 *relock;
	bool *tried;
	struct pmb_ghost *ghost;
	u32 nr_ghosts, max_ghosts;

	/* what is to be placed, and what may be moved for it */
	u32 *dev_first;
	u32 *dev_next;
	u32 *dev_unit;
	bool *dev_seen;
	bool *dev_moved;
	bool *dev_fails;
	struct pmb_group *group;
	u32 nr_groups;
	u64 *size;
	u32 nr_resizable;
	u32 *wanted;
	u32 nr_wanted;
	u32 *list;
	u32 nr_list;
	struct pmb_unit *unit;
	u32 nr_units;
	u32 *toward;

	/* an attempt */
	u32 scope, widest;
	enum pmb_others others;
	enum pmb_latitude latitude;
	enum pmb_packing packing;
	bool proof;
	u32 *seen;
	bool *came;
	u32 pass;
	u32 *mark;
	u32 stamp;
	u32 *bus_list;
	u32 nr_bus_list;

	/* its scene */
	struct pmb_item *item;
	u32 nr_items;
	struct pmb_box *box;
	u32 nr_boxes;
	u32 *box_of;
	struct pmb_event *event;
	u32 nr_events, max_events;
	u64 *room;
	u64 low_last;
	u32 low_event;
	u64 lacking;
	struct pmb_packed *packed;
	u32 nr_packed;
	bool *is_packed;

	/* and its sweep */
	struct pmb_frame *frame;
	u32 nr_frames, max_frames;
	struct pmb_trail *trail;
	u32 nr_trail, max_trail;
	u32 *path;
	struct pmb_memo *memo;
	u64 salt;
	u64 left;
	u32 nr_left;

	/* the way without a sweep */
	struct pmb_stretch *line;
	u32 nr_line;
	u32 *on_bus;
	u32 *content;
	u64 spare;
	bool near;

	u32 patience;
	u64 steps, budget, loan, limit;
	u64 spent, limit_cost;
	u32 unproved;
	bool cut;
	bool odd;
	bool chaos;
	bool what_if;
	bool limits_stale;
};

static inline u32 pmb_bus(const struct pmb_layout *lay, u32 host, u32 bridge)
{
	return bridge == PMB_NONE ? lay->nr_bridges + host : bridge;
}

static inline bool pmb_space_io(enum pmb_space space)
{
	return space == PMB_IO;
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

static inline bool pmb_obj_io(const struct pmb_work *w, u32 obj)
{
	if (obj < w->nr_wins)
		return obj % PMB_SPACES == PMB_IO;
	return pmb_bar_of(w, obj)->flags & PMB_BAR_IO;
}

static inline u32 pmb_obj_host(const struct pmb_work *w, u32 obj)
{
	if (obj < w->nr_wins)
		return w->lay->bridges[obj / PMB_SPACES].host;
	return w->lay->devs[pmb_bar_of(w, obj)->dev].host;
}

/* The bus on which an object is; where it takes addresses is w->home. */
static inline u32 pmb_obj_bus(const struct pmb_work *w, u32 obj)
{
	const struct pmb_dev *dev;

	if (obj < w->nr_wins)
		return pmb_bus_above(w->lay, obj / PMB_SPACES);
	dev = &w->lay->devs[pmb_bar_of(w, obj)->dev];
	return pmb_bus(w->lay, dev->host, dev->bridge);
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

/* Its size, or the one that has been chosen for it. */
static inline u64 pmb_bar_size(const struct pmb_work *w, u32 obj)
{
	return w->size[obj - w->nr_wins];
}

static inline u64 pmb_bar_align(const struct pmb_work *w, u32 obj)
{
	const struct pmb_bar *bar = pmb_bar_of(w, obj);

	return (bar->flags & PMB_BAR_WANTED) && bar->sizes ? pmb_bar_size(w, obj) :
							     bar->align;
}

/* Object @obj shall be at @r. */
static inline void pmb_set_best(struct pmb_work *w, u32 obj, const struct pmb_range *r)
{
	if (!w->is_dirty[obj]) {
		w->is_dirty[obj] = true;
		w->dirty[w->nr_dirty++] = obj;
	}
	w->best[obj] = *r;
}

/* plan_best.c */
void pmb_best_reset(struct pmb_work *w);
void pmb_best_save(struct pmb_work *w);
void pmb_best_restore(struct pmb_work *w);
void pmb_best_commit(struct pmb_work *w);

/* plan_index.c */
void pmb_index_again(struct pmb_work *w);
void pmb_index_places(struct pmb_work *w);
void pmb_index_start(struct pmb_work *w);
void pmb_index_seats(struct pmb_work *w);
void pmb_index_limits(struct pmb_work *w);
void pmb_index_hulls(struct pmb_work *w);
u32 pmb_index_ghosts(struct pmb_work *w);
u64 pmb_index_offset(const struct pmb_work *w, u32 obj, bool *found);

/* plan_ghosts.c */
bool pmb_ghost_bars(const struct pmb_work *w, u32 obj, const struct pmb_range *r);
bool pmb_ghosts_fine(const struct pmb_work *w);

/* plan_scene.c */
bool pmb_scene_build(struct pmb_work *w);
struct pmb_item *pmb_add_item(struct pmb_work *w, u32 obj);
bool pmb_behind(const struct pmb_work *w, u32 bus, u32 scope);

void pmb_scene_clear(struct pmb_work *w);
bool pmb_mark_buses(struct pmb_work *w);
u32 pmb_depth(const struct pmb_work *w, u32 bus);
u32 pmb_bar_into(const struct pmb_work *w, u32 obj);
struct pmb_item *pmb_add_bar(struct pmb_work *w, u32 obj, u64 high);

/* plan_pack.c */
int pmb_cmp_packed(const void *left, const void *right, const void *priv);
u64 pmb_pack_offsets(struct pmb_work *w, u32 nr);
bool pmb_pack(struct pmb_work *w, u64 high, bool reserve);
bool pmb_unpack(struct pmb_work *w);

/* plan_line.c */
void pmb_line_sort(struct pmb_work *w);
void pmb_line_note(struct pmb_work *w, const struct pmb_range *r);
void pmb_line_build(struct pmb_work *w, u32 bus);
void pmb_line_add(struct pmb_work *w, const struct pmb_range *r);
bool pmb_line_meets(const struct pmb_work *w, u64 lo, u64 hi);
bool pmb_line_span(const struct pmb_work *w, const struct pmb_range *in,
		   struct pmb_stretch *span);
void pmb_line_fit(const struct pmb_work *w, const struct pmb_range *in, u64 offset,
		  const struct pmb_item *item, struct pmb_fit *fit);

/* plan_room.c */
u64 pmb_line_block(const struct pmb_work *w, const struct pmb_range *in, u64 offset,
		   u64 max);
u64 pmb_room_block(const struct pmb_work *w, u32 obj);
bool pmb_room_never(struct pmb_work *w);
void pmb_room_left(struct pmb_work *w, struct pmb_plan *plan);

/* plan_near.c */
bool pmb_near(struct pmb_work *w);
bool pmb_near_reserve(struct pmb_work *w);

/* plan_reserve.c */
u64 pmb_reserve_size(const struct pmb_work *w, u32 obj);
void pmb_place_reserve(struct pmb_work *w);

/* plan_sweep.c */
bool pmb_sweep(struct pmb_work *w);

/* plan_settle.c */
void pmb_settle(struct pmb_work *w);

/* plan_search.c */
bool pmb_oracle(struct pmb_work *w);
void pmb_room_wanted(struct pmb_work *w);
bool pmb_prove(struct pmb_work *w);
bool pmb_find(struct pmb_work *w, enum pmb_moves moves, bool *proved);

/* plan_units.c */
bool pmb_may_move(const struct pmb_work *w, u32 obj);
bool pmb_find_units(struct pmb_work *w, bool dear, bool *proved);
u64 pmb_units_lack(struct pmb_work *w);
u32 pmb_find_blockers(struct pmb_work *w, u32 *nr);
void pmb_list_add(struct pmb_work *w, u32 obj);
void pmb_list_cut(struct pmb_work *w, u32 nr);

/* plan_groups.c */
void pmb_place_required(struct pmb_work *w);
void pmb_place_optional(struct pmb_work *w);
void pmb_commit(struct pmb_work *w);

/* plan_sizes.c */
void pmb_sizes_start(struct pmb_work *w);
u32 pmb_sizes_largest(struct pmb_work *w, bool largest);
void pmb_sizes_grow(struct pmb_work *w);

/* plan_explain.c */
void pmb_explain(struct pmb_work *w, struct pmb_plan *plan);

#endif /* _PCI_MOVABLE_PLAN_INTERNAL_H */
