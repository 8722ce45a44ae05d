/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the judge share among themselves. */
#ifndef _PCI_MOVABLE_VERIFY_JUDGE_H
#define _PCI_MOVABLE_VERIFY_JUDGE_H

#include <linux/bits.h>
#include "verify.h"

/**
 * struct pmb_seat - an object that answers on a bus, or a hole
 * @bus: index of the bridge above the bus; a root bus: nr_bridges + host
 * @io: I/O ports rather than memory
 * @kept: it is where it was
 * @id: which object, see pmb_name_object(); holes: index
 * @start: first address
 * @last: last address; in the table of holes the highest last address of
 *	this and all earlier holes on the bus
 */
struct pmb_seat {
	u32 bus;
	bool io;
	bool kept;
	u32 id;
	u64 start;
	u64 last;
};

/**
 * struct pmb_judge - a trial
 * @lay: how it is now
 * @opt: what the plan may do
 * @plan: how it shall be then
 * @why: where the verdict is written to
 * @len: size of @why
 * @seat: everything that answers on a bus, then
 * @nr_seats: entries in @seat, or how many there will be while it is NULL
 * @hole: the holes
 * @nr_holes: entries in @hole
 * @dev: per function: what pmb_judge_books() remembers about it
 */
struct pmb_judge {
	const struct pmb_layout *lay;
	const struct pmb_options *opt;
	const struct pmb_plan *plan;
	char *why;
	size_t len;
	struct pmb_seat *seat;
	size_t nr_seats;
	struct pmb_seat *hole;
	u32 nr_holes;
	u8 *dev;
};

/*
 * Small words about ranges.  layout.c has some of them, too; the judge brings
 * its own, so that a mistake there is not made twice.
 */

static inline bool same(const struct pmb_range *a, const struct pmb_range *b)
{
	return a->size == b->size && (!a->size || a->start == b->start);
}

static inline u32 win_id(u32 bridge, enum pmb_space space)
{
	return bridge * PMB_SPACES + space;
}

static inline const struct pmb_range *win_now(const struct pmb_judge *j, u32 bridge,
					      enum pmb_space space)
{
	return &j->lay->bridges[bridge].win[space].cur;
}

static inline const struct pmb_range *win_then(const struct pmb_judge *j, u32 bridge,
					       enum pmb_space space)
{
	return &j->plan->win[win_id(bridge, space)];
}

static inline struct pmb_range bar_now(const struct pmb_bar *bar)
{
	struct pmb_range r = { 0, 0 };

	if (bar->flags & PMB_BAR_PLACED) {
		r.start = bar->start;
		r.size = bar->size;
	}
	return r;
}

static inline bool bar_kept(const struct pmb_judge *j, u32 bar)
{
	struct pmb_range now = bar_now(&j->lay->bars[bar]);

	return same(&now, &j->plan->bar[bar]);
}

static inline bool space_io(enum pmb_space space)
{
	return space == PMB_IO;
}

__printf(2, 3) int pmb_judge_guilty(struct pmb_judge *j, const char *fmt, ...);
int pmb_judge_books(struct pmb_judge *j);

#endif /* _PCI_MOVABLE_VERIFY_JUDGE_H */
