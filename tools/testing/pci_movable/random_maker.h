/* SPDX-License-Identifier: GPL-2.0 */
/* What the makers of random layouts share. */
#ifndef _PCI_MOVABLE_RANDOM_MAKER_H
#define _PCI_MOVABLE_RANDOM_MAKER_H

#include "random_layout.h"

#define KB	1024ull
#define MB	(KB * KB)
#define GB	(KB * MB)

/* How large the layouts of a class get */
struct shape {
	u32 bridges, depth, devs_per_bus, bars_per_dev, bars;
	u64 mem_min, mem_max;		/* sizes of memory BARs */
	bool tight;
};

/* What gets packed into a window */
struct item {
	u32 id;			/* window: bridge * PMB_SPACES + space; then BARs */
	u64 size;
	u64 align;
	u64 rel;		/* start, relative to the window around it */
};

struct maker {
	struct rng rng;
	const struct shape *shape;
	struct pmb_layout *lay;
	u32 *up;		/* per object: the window it is packed into */
	u64 *rel;		/* per object: where in there */
	u64 *align;		/* per window: what its start is aligned to */
	bool *low;		/* per window: has to be below 4 GiB on the bus */
	struct item *items;
	u32 nr_wins;
	u32 spare;		/* so many BARs are to come later */
};

#define UP_ROOT		PMB_NONE
#define UP_NOWHERE	(PMB_NONE - 1)

static inline bool is_io(enum pmb_space s)
{
	return s == PMB_IO;
}

static inline u64 round_to(u64 n, u64 align)
{
	return (n + align - 1) & ~(align - 1);
}

static inline void place_bar(struct pmb_bar *bar, u64 at)
{
	bar->start = at;
	bar->flags |= PMB_BAR_PLACED;
}

u32 random_dev(struct maker *m, u32 host, u32 bridge);
void random_bars(struct maker *m, u32 dev);
void random_history(struct maker *m);

#endif /* _PCI_MOVABLE_RANDOM_MAKER_H */
