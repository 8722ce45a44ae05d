/* SPDX-License-Identifier: GPL-2.0 */
/* Small layouts made by hand, planned and judged. */
#ifndef PLAN_BENCH_H
#define PLAN_BENCH_H

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "plan.h"
#include "verify.h"
#include "tap.h"

#define KB	1024ull
#define MB	(KB * KB)
#define GB	(KB * MB)

static const struct pmb_counts room = {
	.hosts = 2, .roots = 8, .holes = 8, .bridges = 600, .devs = 6000, .bars = 6000,
};

static struct pmb_layout *lay;

static inline void begin(void)
{
	lay = pmb_layout_alloc(&room);
	pmb_name_set(lay->hosts[lay->nr_hosts++].name, "0000:00");
}

static inline void root(enum pmb_space space, u64 start, u64 size, u64 offset)
{
	struct pmb_root *r = &lay->roots[lay->nr_roots++];

	r->space = space;
	r->range.start = start;
	r->range.size = size;
	r->offset = offset;
}

static inline void hole(bool io, u64 start, u64 size)
{
	struct pmb_hole *h = &lay->holes[lay->nr_holes++];

	h->io = io;
	h->range.start = start;
	h->range.size = size;
	pmb_name_set(h->name, "hole");
}

/* A device; the way says what it costs. */
static inline u32 dev(u32 bridge, enum pmb_way way)
{
	struct pmb_dev *d = &lay->devs[lay->nr_devs];

	snprintf(d->name, sizeof(d->name), "0000:%02x:%02x.0",
		 bridge == PMB_NONE ? 0 : (bridge + 1) & 0xff, lay->nr_devs & 0x1f);
	d->bridge = bridge;
	d->way = way;
	d->cost = way == PMB_WAY_LIVE ? PMB_COST_LIVE :
		  way == PMB_WAY_PAUSE ? PMB_COST_PAUSE : 0;
	return lay->nr_devs++;
}

static inline u32 bridge(u32 parent, u32 flags)
{
	struct pmb_bridge *b = &lay->bridges[lay->nr_bridges];

	b->parent = parent;
	b->dev = dev(parent, PMB_WAY_LIVE);
	pmb_name_set(b->name, lay->devs[b->dev].name);
	b->flags = flags;
	b->win[PMB_IO].align = 4 * KB;
	b->win[PMB_IO].max = 0xffff;
	b->win[PMB_MEM].align = MB;
	b->win[PMB_MEM].max = U32_MAX;
	b->win[PMB_PREF].align = MB;
	b->win[PMB_PREF].max = U64_MAX;
	return lay->nr_bridges++;
}

static inline void win(u32 nr, enum pmb_space space, u64 start, u64 size)
{
	lay->bridges[nr].win[space].cur.start = start;
	lay->bridges[nr].win[space].cur.size = size;
}

static inline u32 bar(u32 d, u32 flags, u64 size, u64 start)
{
	struct pmb_bar *b = &lay->bars[lay->nr_bars];

	b->dev = d;
	b->reg = 0x10;
	b->flags = flags;
	b->size = size;
	b->align = size;
	b->start = start;
	return lay->nr_bars++;
}

static inline u32 placed(u32 d, u32 flags, u64 size, u64 start)
{
	return bar(d, flags | PMB_BAR_PLACED, size, start);
}

static inline u32 wanted(u32 d, u32 flags, u64 size)
{
	return bar(d, flags | PMB_BAR_WANTED, size, 0);
}

static inline struct pmb_plan *plan_opt(const struct pmb_options *opt, int err)
{
	struct pmb_plan *plan = pmb_plan_alloc(lay);
	char why[256] = "";
	int got;

	CHECK(plan);
	if (!plan)
		return NULL;
	CHECK(!pmb_layout_check(lay, why, sizeof(why)));
	got = pmb_plan_make(lay, opt, plan);
	CHECK_EQ(got, err);
	CHECK_MSG(!pmb_verify(lay, opt, plan, why, sizeof(why)), "%s", why);
	/* And once more with the same memory. */
	CHECK_EQ(pmb_plan_make(lay, opt, plan), got);
	CHECK(!pmb_verify(lay, opt, plan, why, sizeof(why)));
	return plan;
}

static inline void end(struct pmb_plan *plan)
{
	pmb_plan_free(plan);
	pmb_layout_free(lay);
	lay = NULL;
}

static inline bool unchanged(const struct pmb_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->nr_wins; i++) {
		const struct pmb_range *cur =
			&lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur;

		if (cur->size != plan->win[i].size ||
		    (cur->size && cur->start != plan->win[i].start))
			return false;
	}
	return !plan->bars_moved && !plan->bars_placed;
}

static inline struct pmb_range at(const struct pmb_plan *plan, u32 nr, enum pmb_space space)
{
	return plan->win[nr * PMB_SPACES + space];
}

static inline bool in(const struct pmb_plan *plan, u32 b, u32 nr, enum pmb_space space)
{
	struct pmb_range w = at(plan, nr, space);

	return plan->bar[b].size && pmb_range_holds(&w, &plan->bar[b]);
}

#endif /* PLAN_BENCH_H */
