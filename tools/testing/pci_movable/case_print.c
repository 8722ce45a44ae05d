// SPDX-License-Identifier: GPL-2.0
/* What a plan does, as comments between the lines of TAP. */
#include <linux/kernel.h>
#include "case_print.h"

static void print_range(const struct pmb_range *range)
{
	if (range->size)
		printf(" 0x%llx-0x%llx", (unsigned long long)range->start,
		       (unsigned long long)pmb_last(range));
	else
		printf(" none");
}

static void print_bars(const struct pmb_layout *layout, const struct pmb_plan *plan)
{
	const struct pmb_bar *bar = layout->bars;
	struct pmb_range was;
	u32 i;

	for (i = 0; i < layout->nr_bars; i++, bar++) {
		was.start = bar->start;
		was.size = bar->flags & PMB_BAR_PLACED ? bar->size : 0;
		if (!(bar->flags & PMB_BAR_WANTED) &&
		    (!was.size || was.start == plan->bar[i].start))
			continue;
		printf("#   bar %s %u:", layout->devs[bar->dev].name, bar->res);
		print_range(&was);
		printf(" ->");
		print_range(&plan->bar[i]);
		putchar('\n');
	}
}

static void print_windows(const struct pmb_layout *layout, const struct pmb_plan *plan)
{
	const struct pmb_bridge *bridge;
	const struct pmb_range *was;
	u32 i, space;

	for (i = 0; i < plan->nr_wins; i++) {
		bridge = &layout->bridges[i / PMB_SPACES];
		space = i % PMB_SPACES;
		was = &bridge->win[space].cur;
		if (was->size == plan->win[i].size &&
		    (!was->size || was->start == plan->win[i].start))
			continue;
		printf("#   window %s %s:", bridge->name, pmb_space_key(space));
		print_range(was);
		printf(" ->");
		print_range(&plan->win[i]);
		putchar('\n');
	}
}

static void print_lack(const struct pmb_layout *layout, const struct pmb_lack *lack)
{
	const struct pmb_bar *bar = &layout->bars[lack->bar];
	const char *where = "the root";
	u32 i;

	if (lack->bridge != PMB_NONE)
		where = layout->bridges[lack->bridge].name;
	printf("#   lack: bar %s %u, %s of %s, missing 0x%llx, %s\n",
	       layout->devs[bar->dev].name, bar->res, pmb_space_key(lack->space), where,
	       (unsigned long long)lack->missing, lack->proved ? "proved" : "not proved");
	for (i = 0; i < lack->nr_blockers; i++) {
		bar = &layout->bars[lack->blockers[i]];
		printf("#   blocker: %s %u\n", layout->devs[bar->dev].name, bar->res);
	}
}

void case_print(const struct pmb_layout *layout, const struct pmb_plan *plan)
{
	printf("#   %s, cost %llu, %u moved, %u live, %u paused,",
	       pmb_verdict_key(plan->verdict), (unsigned long long)plan->cost,
	       plan->bars_moved, plan->devs_live, plan->devs_paused);
	printf(" %u windows, %u unplaced, %u steps\n",
	       plan->wins_changed, plan->unplaced, plan->steps);
	print_bars(layout, plan);
	print_windows(layout, plan);
	if (plan->unplaced && plan->lack.bar != PMB_NONE)
		print_lack(layout, &plan->lack);
}
