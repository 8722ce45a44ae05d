/* SPDX-License-Identifier: GPL-2.0 */
/* Random layouts of every shape, the same ones for the same seed. */
#ifndef _PCI_MOVABLE_RANDOM_LAYOUT_H
#define _PCI_MOVABLE_RANDOM_LAYOUT_H

#include "plan.h"

/* splitmix64: any seed is good, and neighbouring seeds have nothing in common */
struct rng {
	u64 state;
};

static inline u64 rng_next(struct rng *r)
{
	u64 z = r->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* 0 to @n - 1 */
static inline u64 rng_below(struct rng *r, u64 n)
{
	return n ? rng_next(r) % n : 0;
}

/* @lo to @hi, both included */
static inline u64 rng_from(struct rng *r, u64 lo, u64 hi)
{
	return lo + rng_below(r, hi - lo + 1);
}

static inline bool rng_percent(struct rng *r, unsigned int percent)
{
	return rng_below(r, 100) < percent;
}

enum random_class {
	RANDOM_SMALL,		/* up to 4 bridges, 3 levels, 12 BARs */
	RANDOM_MEDIUM,		/* up to 24 bridges, some 100 BARs */
	RANDOM_LARGE,		/* up to 300 bridges, some 1500 BARs */
	RANDOM_TIGHT,		/* as small ones, but hardly any room is left */
	RANDOM_CLASSES
};

struct pmb_layout *random_layout(u64 seed, enum random_class size);
void random_options(u64 seed, struct pmb_options *opt);

#endif /* _PCI_MOVABLE_RANDOM_LAYOUT_H */
