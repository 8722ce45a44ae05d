// SPDX-License-Identifier: GPL-2.0
/*
 * What a plan would do, or why there is none, in words.
 *
 * The first line of a plan has the keys and values that the summary line of the
 * event would have.  Each other line begins with a word that tells its kind, or
 * with blanks, if it tells more about the one above.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "answer.h"

/**
 * struct answer - what is being told, and to whom
 * @l: the layout
 * @plan: the plan
 * @sink: gets the lines
 * @data: for @sink
 * @line: the line
 */
struct answer {
	const struct pmb_layout *l;
	const struct pmb_plan *plan;
	pmb_text_sink sink;
	void *data;
	char line[PMB_TEXT_LINE];
};

static __printf(2, 3) void say(struct answer *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vscnprintf(a->line, sizeof(a->line), format, args);
	va_end(args);
	a->sink(a->data, a->line);
}

/* What can be done so that a BAR may move; NULL: nothing that is known. */
static const char *remedy(enum pmb_why why)
{
	static const char * const text[PMB_WHYS] = {
		[PMB_WHY_DRIVER] = "if its driver supported it, or were unbound meanwhile",
		[PMB_WHY_DRIVER_SAYS] = "once its driver does not use it that way",
		[PMB_WHY_PRESERVE] = "with pci=realloc, which lets go of the firmware's layout",
		[PMB_WHY_CONSOLE] = "with another console",
		[PMB_WHY_MMAP] = "when it is not mapped, once the device is found anew",
		[PMB_WHY_CLAIMED] = "if nobody used it: see /proc/iomem, /proc/vmallocinfo",
		[PMB_WHY_P2P] = "without peer-to-peer memory",
		[PMB_WHY_VFS] = "with sriov_numvfs set to 0",
		[PMB_WHY_ROOT_BUS] = "with 'movable' in its bars_policy, or pci_movable.root_bus=1",
		[PMB_WHY_BUSY] = "later",
		[PMB_WHY_REFUSED] = "later, when it is idle",
		[PMB_WHY_ADMIN] = "with 'auto' in its bars_policy",
	};

	return (u32)why < PMB_WHYS ? text[why] : NULL;
}

static void say_blocker(struct answer *a, u32 bar)
{
	const struct pmb_bar *b = &a->l->bars[bar];
	const struct pmb_dev *dev = &a->l->devs[b->dev];
	const char *how = remedy(b->why);

	say(a, "  in the way: %s BAR %u at %#llx size %#llx%s%s: %s", dev->name, b->res,
	    b->start, b->size, *dev->driver ? " driver " : "", dev->driver,
	    pmb_why_text(b->why));
	if (how)
		say(a, "    it could move %s", how);
}

/* The same machine, in which some BARs may move that may not. */
static void unfix(struct pmb_layout *l, const struct pmb_lack *lack)
{
	u32 i, k;

	for (i = 0; i < lack->nr_blockers; i++) {
		struct pmb_bar *b = &l->bars[lack->blockers[i]];
		struct pmb_dev *dev = &l->devs[b->dev];

		/* A reservation, or wiring. */
		if (!b->reg || b->why == PMB_WHY_HARDWIRED)
			continue;
		if (dev->way == PMB_WAY_NEVER) {
			for (k = 0; k < l->nr_bars; k++)
				if (l->bars[k].dev == b->dev && !pmb_bar_fixed(&l->bars[k]))
					l->bars[k].why = PMB_WHY_DRIVER;
			dev->way = PMB_WAY_FREE;
		}
		b->why = PMB_MAY_MOVE;
	}
}

/* Not guessed: tried. */
static bool would_fit(const struct pmb_layout *l, const struct pmb_lack *lack)
{
	struct pmb_layout what_if = *l;
	struct pmb_plan *plan = NULL;
	bool fits = false;

	what_if.bars = kvmalloc_array(l->nr_bars, sizeof(*l->bars), GFP_KERNEL);
	what_if.devs = kvmalloc_array(l->nr_devs, sizeof(*l->devs), GFP_KERNEL);
	if (what_if.bars && what_if.devs) {
		memcpy(what_if.bars, l->bars, l->nr_bars * sizeof(*l->bars));
		memcpy(what_if.devs, l->devs, l->nr_devs * sizeof(*l->devs));
		unfix(&what_if, lack);
		plan = pmb_plan_alloc(&what_if);
	}
	if (plan)
		fits = !pmb_plan_make(&what_if, NULL, plan) && !plan->unplaced;
	pmb_plan_free(plan);
	kvfree(what_if.devs);
	kvfree(what_if.bars);
	return fits;
}

static void say_lack(struct answer *a)
{
	const struct pmb_lack *lack = &a->plan->lack;
	const struct pmb_layout *l = a->l;
	const struct pmb_bar *b;
	u32 i;

	if (lack->bar == PMB_NONE)
		return;

	b = &l->bars[lack->bar];
	say(a, "%s BAR %u size %#llx: %s in the %s window%s %s",
	    l->devs[b->dev].name, b->res, b->size,
	    lack->proved ? "no room" : "no room found",
	    pmb_space_text(lack->space),
	    lack->bridge == PMB_NONE ? "s of host bridge" : " of",
	    lack->bridge == PMB_NONE ? l->hosts[l->devs[b->dev].host].name :
				       l->bridges[lack->bridge].name);
	if (lack->missing)
		say(a, "  missing: %#llx bytes", lack->missing);
	for (i = 0; i < lack->nr_blockers; i++)
		say_blocker(a, lack->blockers[i]);
	if (lack->nr_blockers)
		say(a, "  it would %sfit if these could move",
		    would_fit(l, lack) ? "" : "still not ");
}

/**
 * pmb_answer_lack - why a BAR found no room, who stood in the way, what would help
 * @layout: the layout
 * @plan: the answer of the planner; nothing is said unless something lacks
 * @sink: gets the lines
 * @data: for @sink
 *
 * Plans once more, to find out what would help: takes as long as the first time.
 * May sleep.
 */
void pmb_answer_lack(const struct pmb_layout *layout, const struct pmb_plan *plan,
		     pmb_text_sink sink, void *data)
{
	struct answer a = { .l = layout, .plan = plan, .sink = sink, .data = data };

	say_lack(&a);
}

static bool is_wanted(const struct pmb_bar *b)
{
	return b->flags & PMB_BAR_WANTED;
}

static bool has_moved(const struct answer *a, u32 bar)
{
	return (a->l->bars[bar].flags & PMB_BAR_PLACED) &&
	       a->l->bars[bar].start != a->plan->bar[bar].start;
}

static void say_result(struct answer *a)
{
	static const char * const result[PMB_VERDICTS] = {
		[PMB_PLAN_COMPLETE] = "ok",
		[PMB_PLAN_PARTIAL] = "partial",
		[PMB_PLAN_NOT_FOUND] = "no-space",
		[PMB_PLAN_IMPOSSIBLE] = "no-space",
	};
	const struct pmb_plan *p = a->plan;
	char changes[96];
	u32 i, wanted = 0;

	for (i = 0; i < a->l->nr_bars; i++)
		wanted += is_wanted(&a->l->bars[i]);
	snprintf(changes, sizeof(changes), "windows=%u moved=%u live=%u paused=%u cost=%llu",
		 p->wins_changed, p->bars_moved, p->devs_live, p->devs_paused, p->cost);
	say(a, "host=%s result=%s wanted=%u placed=%u %s", a->l->hosts[0].name,
	    result[p->verdict], wanted, p->bars_placed, changes);
}

static void say_bar(struct answer *a, u32 bar)
{
	const struct pmb_bar *b = &a->l->bars[bar];
	const struct pmb_dev *dev = &a->l->devs[b->dev];
	const struct pmb_range *to = &a->plan->bar[bar];

	if (is_wanted(b) && to->size)
		say(a, "place %s BAR %u size %#llx at %#llx-%#llx", dev->name, b->res, to->size,
		    to->start, pmb_last(to));
	else if (is_wanted(b))
		say(a, "no-place %s BAR %u size %#llx%s", dev->name, b->res, b->size,
		    b->flags & PMB_BAR_OPTIONAL ? " optional" : "");
	else if (has_moved(a, bar))
		say(a, "move %s BAR %u %s from %#llx-%#llx to %#llx-%#llx", dev->name, b->res,
		    pmb_way_key(dev->way), b->start, b->start + b->size - 1, to->start,
		    pmb_last(to));
}

static void say_window(struct answer *a, u32 win)
{
	const struct pmb_bridge *bridge = &a->l->bridges[win / PMB_SPACES];
	const struct pmb_range *cur = &bridge->win[win % PMB_SPACES].cur;
	const struct pmb_range *to = &a->plan->win[win];
	char was[48] = "closed", is[48] = "closed";

	if (cur->size == to->size && (!cur->size || cur->start == to->start))
		return;
	if (cur->size)
		snprintf(was, sizeof(was), "%#llx-%#llx", cur->start, pmb_last(cur));
	if (to->size)
		snprintf(is, sizeof(is), "%#llx-%#llx", to->start, pmb_last(to));
	say(a, "window %s %s from %s to %s", bridge->name, pmb_space_key(win % PMB_SPACES),
	    was, is);
}

/* BARs of a device are neighbours. */
static void say_drivers(struct answer *a, enum pmb_way way, const char *word)
{
	const struct pmb_layout *l = a->l;
	u32 i, last = PMB_NONE;

	for (i = 0; i < l->nr_bars; i++) {
		const struct pmb_dev *dev = &l->devs[l->bars[i].dev];

		if (l->bars[i].dev == last || dev->way != way || !has_moved(a, i))
			continue;
		last = l->bars[i].dev;
		say(a, "%s %s driver %s cost %u", word, dev->name, dev->driver, dev->cost);
	}
}

/**
 * pmb_answer_plan - what a plan would do
 * @layout: the layout
 * @plan: the plan, or the reason why there is none
 * @sink: gets the lines
 * @data: for @sink
 *
 * As pmb_answer_lack() does, where something lacks.  May sleep.
 */
void pmb_answer_plan(const struct pmb_layout *layout, const struct pmb_plan *plan,
		     pmb_text_sink sink, void *data)
{
	struct answer a = { .l = layout, .plan = plan, .sink = sink, .data = data };
	u32 i;

	say_result(&a);
	for (i = 0; i < layout->nr_bars; i++)
		say_bar(&a, i);
	for (i = 0; i < plan->nr_wins; i++)
		say_window(&a, i);
	say_drivers(&a, PMB_WAY_LIVE, "live");
	say_drivers(&a, PMB_WAY_PAUSE, "pause");
	say_lack(&a);
}
