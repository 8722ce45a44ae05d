// SPDX-License-Identifier: GPL-2.0
/*
 * What cannot be had becomes fixed, and the planner looks for another way.
 *
 * A bridge whose windows must not change has all that is behind it fixed.  And
 * as long as a window is full of something fixed, it can neither shrink nor move,
 * and has no reason to grow:
 *
 *    window       [----------------------------]
 *    BARs            [a]     [--b--]               fixed from now on
 *    filler       [----------------------------]   fixed
 *
 * That the filler overlaps what is there already does not matter: overlaps
 * which have been there before are let be.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "pin.h"

/**
 * pmb_pin_device - the BARs of a function stay, and it gets no new ones
 * @layout: the layout
 * @dev: index of the function
 * @why: the reason
 */
void pmb_pin_device(struct pmb_layout *layout, u32 dev, enum pmb_why why)
{
	u32 i;

	layout->devs[dev].way = PMB_WAY_NEVER;
	for (i = 0; i < layout->nr_bars; i++) {
		struct pmb_bar *b = &layout->bars[i];

		if (b->dev != dev)
			continue;
		b->flags &= ~PMB_BAR_WANTED;
		if (b->why == PMB_MAY_MOVE)
			b->why = why;
	}
}

static bool behind(const struct pmb_layout *l, u32 dev, u32 bridge)
{
	u32 up = l->devs[dev].bridge;

	/* Parents have smaller indices. */
	while (up != PMB_NONE && up > bridge)
		up = l->bridges[up].parent;
	return up == bridge;
}

static u64 natural_align(const struct pmb_range *range)
{
	u64 align = 1ULL << (fls64(range->size) - 1);

	return range->start ? min(align, 1ULL << __ffs64(range->start)) : align;
}

static void fill_window(struct pmb_layout *l, u32 dev, u32 bridge, enum pmb_space space,
			enum pmb_why why)
{
	static const u32 kind[] = {
		[PMB_IO] = PMB_BAR_IO,
		[PMB_MEM] = PMB_BAR_64,
		[PMB_PREF] = PMB_BAR_64 | PMB_BAR_PREF,
	};
	const struct pmb_range *cur = &l->bridges[bridge].win[space].cur;

	l->bars[l->nr_bars++] = (struct pmb_bar){
		.dev = dev,
		.res = space,
		.flags = PMB_BAR_PLACED | kind[space],
		.why = why,
		.size = cur->size,
		.align = natural_align(cur),
		.start = cur->start,
	};
}

/**
 * pmb_pin_bridge - the windows of a bridge stay, and all that is behind it
 * @layout: the layout; gets another function and up to three BARs, so plans and
 *	scripts for it have to be allocated again
 * @bridge: index of the bridge
 * @why: the reason
 *
 * Return: 0; -ENOSPC if the layout has no room left for that.
 */
int pmb_pin_bridge(struct pmb_layout *layout, u32 bridge, enum pmb_why why)
{
	u32 i, dev = layout->nr_devs;

	if (layout->nr_devs == layout->max.devs ||
	    layout->nr_bars + PMB_SPACES > layout->max.bars)
		return -ENOSPC;

	for (i = 0; i < layout->nr_devs; i++)
		if (behind(layout, i, bridge))
			pmb_pin_device(layout, i, why);

	layout->devs[layout->nr_devs++] = (struct pmb_dev){
		.host = layout->bridges[bridge].host,
		.bridge = bridge,
		.way = PMB_WAY_NEVER,
	};
	snprintf(layout->devs[dev].name, PMB_NAME_LEN, "busy@%.26s",
		 layout->bridges[bridge].name);
	for (i = 0; i < PMB_SPACES; i++)
		if (layout->bridges[bridge].win[i].cur.size)
			fill_window(layout, dev, bridge, i, why);
	return 0;
}
