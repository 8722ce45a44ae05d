// SPDX-License-Identifier: GPL-2.0
/* What a plan says, for people and for programs. */
#include <stdlib.h>
#include "answer.h"
#include "json.h"
#include "view.h"

/* What becomes of a BAR. */
enum fate {
	FATE_STAYS,
	FATE_PLACED,
	FATE_MOVED,
	FATE_LACKS,		/* wanted, and has no place */
};

static enum fate fate_of(const struct answer *a, u32 nr)
{
	const struct pmb_bar *bar = &a->layout->bars[nr];
	const struct pmb_range *to = &a->plan->bar[nr];

	if (bar->flags & PMB_BAR_WANTED)
		return to->size ? FATE_PLACED : FATE_LACKS;
	if ((bar->flags & PMB_BAR_PLACED) && to->start != bar->start)
		return FATE_MOVED;
	return FATE_STAYS;
}

static bool window_changes(const struct answer *a, u32 nr)
{
	const struct pmb_range *cur = &a->layout->bridges[nr / PMB_SPACES].win[nr % PMB_SPACES].cur;
	const struct pmb_range *to = &a->plan->win[nr];

	return cur->size != to->size || (cur->size && cur->start != to->start);
}

static bool dev_moves(const struct answer *a, u32 dev)
{
	u32 i;

	for (i = 0; i < a->layout->nr_bars; i++)
		if (a->layout->bars[i].dev == dev && fate_of(a, i) == FATE_MOVED)
			return true;
	return false;
}

static const char *range_text(char buf[48], const struct pmb_range *range)
{
	if (range->size)
		snprintf(buf, 48, "0x%llx-0x%llx", range->start, pmb_last(range));
	else
		snprintf(buf, 48, "closed");
	return buf;
}

/* The size that it gets: of a Resizable BAR the planner may have chosen another one. */
static u64 size_of(const struct answer *a, u32 nr)
{
	return a->plan->bar[nr].size ? a->plan->bar[nr].size : a->layout->bars[nr].size;
}

static u32 count_wanted(const struct answer *a, bool optional)
{
	u32 i, nr = 0;

	for (i = 0; i < a->layout->nr_bars; i++)
		if ((a->layout->bars[i].flags & PMB_BAR_WANTED) &&
		    !(a->layout->bars[i].flags & PMB_BAR_OPTIONAL) == !optional)
			nr++;
	return nr;
}

/* Nothing has to be done that stock Linux does not do. */
static bool nothing_moves(const struct answer *a)
{
	return !a->plan->wins_changed && !a->plan->bars_moved;
}

/* Text */

static const char *plural(u32 nr)
{
	return nr == 1 ? "" : "s";
}

static void say_verdict(const struct answer *a)
{
	const struct pmb_plan *p = a->plan;
	u32 wanted = count_wanted(a, false);

	switch (p->verdict) {
	case PMB_PLAN_COMPLETE:
		printf("plan: %s\n", wanted || count_wanted(a, true) ? "complete" :
				     "nothing is wanted");
		break;
	case PMB_PLAN_PARTIAL:
		printf("plan: for a part only, %u of %u required BARs stay without a place\n",
		       p->unplaced, wanted);
		break;
	case PMB_PLAN_NOT_FOUND:
		puts("plan: none was found; there may be one");
		break;
	default:
		puts("plan: there is none, this is proved");
	}
	if (pcibar_roots_assumed() && p->unplaced)
		puts("      careful: that is so in the host bridge windows that were assumed;\n"
		     "      the report did not tell them, see the comments of the layout");
	printf("      %u BAR%s placed, %u moved, %u window%s changed, ", p->bars_placed,
	       plural(p->bars_placed), p->bars_moved, p->wins_changed, plural(p->wins_changed));
	printf("%u driver%s moved live, %u paused, cost %llu\n", p->devs_live,
	       plural(p->devs_live), p->devs_paused, p->cost);
	if (p->unplaced_optional)
		printf("      %u optional BAR%s without a place\n", p->unplaced_optional,
		       plural(p->unplaced_optional));
	if (p->bars_placed) {
		char io[24], mem[24], pref[24];

		printf("      largest free blocks left: I/O %s, 32-bit %s, 64-bit %s\n",
		       pcibar_size(io, p->slack[PMB_IO]), pcibar_size(mem, p->slack[PMB_MEM]),
		       pcibar_size(pref, p->slack[PMB_PREF]));
	}
	if (p->bars_placed && nothing_moves(a))
		puts("      nothing else changes: there is a free hole, no BAR has to be movable");
}

static void say_sizes(u64 sizes)
{
	char least[24], most[24];

	pcibar_size(least, 1ULL << (20 + __builtin_ctzll(sizes)));
	pcibar_size(most, 1ULL << (20 + 63 - __builtin_clzll(sizes)));
	printf(" (resizable, %s to %s)", least, most);
}

static void say_bars(const struct answer *a, enum fate which, const char *title)
{
	const struct pmb_layout *l = a->layout;
	char size[24], to[48];
	bool any = false;
	u32 i;

	for (i = 0; i < l->nr_bars; i++) {
		const struct pmb_bar *bar = &l->bars[i];
		struct pmb_range from = { bar->start, bar->size };
		char *name, *state, was[64] = "";

		if (fate_of(a, i) != which)
			continue;
		if (!any)
			printf("\n%s\n", title);
		any = true;
		name = view_bar_name(l, bar);
		state = view_state(l, bar);
		printf("  %s %s %s", name, pcibar_kind(bar), pcibar_size(size, size_of(a, i)));
		if (which != FATE_MOVED && bar->sizes)
			say_sizes(bar->sizes);
		if (which == FATE_MOVED)
			printf(" (%s): %s", state, range_text(was, &from));
		else if (which == FATE_LACKS && (bar->flags & PMB_BAR_OPTIONAL))
			printf(", optional");
		if (which != FATE_LACKS)
			printf(" -> %s", range_text(to, &a->plan->bar[i]));
		putchar('\n');
		free(name);
		free(state);
	}
}

static void say_windows(const struct answer *a)
{
	const struct pmb_layout *l = a->layout;
	char from[48], to[48];
	bool any = false;
	u32 i;

	for (i = 0; i < a->plan->nr_wins; i++) {
		const struct pmb_bridge *bridge = &l->bridges[i / PMB_SPACES];

		if (!window_changes(a, i))
			continue;
		if (!any)
			puts("\nwindows that change:");
		any = true;
		printf("  %s %s: %s -> %s\n", bridge->name, pmb_space_text(i % PMB_SPACES),
		       range_text(from, &bridge->win[i % PMB_SPACES].cur),
		       range_text(to, &a->plan->win[i]));
	}
}

static void say_devs(const struct answer *a, enum pmb_way way, const char *title)
{
	const struct pmb_layout *l = a->layout;
	bool any = false;
	u32 i;

	for (i = 0; i < l->nr_devs; i++) {
		if (l->devs[i].way != way || !dev_moves(a, i))
			continue;
		if (!any)
			printf("\n%s\n", title);
		any = true;
		printf("  %s %s (cost %u)\n", l->devs[i].name, l->devs[i].driver, l->devs[i].cost);
	}
}

static void say_blocker(const struct answer *a, u32 nr)
{
	const struct pmb_layout *l = a->layout;
	const struct pmb_bar *bar = &l->bars[nr];
	struct pmb_range at = { bar->start, bar->size };
	char *name = view_bar_name(l, bar), *state = view_state(l, bar);
	char range[48], size[24];

	printf("    %s at %s, %s: %s\n", name, range_text(range, &at),
	       pcibar_size(size, bar->size), state);
	free(name);
	free(state);
}

static void say_lack(const struct answer *a)
{
	const struct pmb_layout *l = a->layout;
	const struct pmb_lack *lack = &a->plan->lack;
	const struct pmb_bar *bar;
	char size[24], *name;
	u32 i;

	if (lack->bar == PMB_NONE)
		return;
	bar = &l->bars[lack->bar];
	name = view_bar_name(l, bar);
	printf("\nwhy, for the first of them:\n  %s %s %s: %s in the %s window%s %s\n", name,
	       pcibar_kind(bar), pcibar_size(size, bar->size),
	       lack->proved ? "no room" : "no room found", pmb_space_text(lack->space),
	       lack->bridge == PMB_NONE ? "s of host bridge" : " of",
	       lack->bridge == PMB_NONE ? l->hosts[l->devs[bar->dev].host].name :
					  l->bridges[lack->bridge].name);
	free(name);
	if (pmb_bar_fixed(bar))
		printf("  it may not be placed: %s\n", pmb_why_text(bar->why));
	if (lack->missing)
		printf("  missing: %s\n", pcibar_size(size, lack->missing));
	if (lack->nr_blockers)
		puts("  in the way:");
	for (i = 0; i < lack->nr_blockers; i++)
		say_blocker(a, lack->blockers[i]);
	if (lack->nr_blockers == PMB_MAX_BLOCKERS)
		puts("    and maybe more");
	if (a->hint & HINT_UNFIX)
		puts("  it would fit if these could move");
	if (a->hint & HINT_RELAXED)
		puts("  it would fit with --relaxed-pref");
}

void answer_text(const struct answer *a)
{
	say_verdict(a);
	say_bars(a, FATE_PLACED, "BARs that get a place:");
	say_bars(a, FATE_MOVED, "BARs that move:");
	say_windows(a);
	say_devs(a, PMB_WAY_LIVE, "drivers whose BARs move live:");
	say_devs(a, PMB_WAY_PAUSE, "drivers to be paused:");
	say_bars(a, FATE_LACKS, "BARs without a place:");
	say_lack(a);
}

/* JSON */

static void put_bar(struct json *json, const struct answer *a, u32 nr, enum fate which)
{
	const struct pmb_layout *l = a->layout;
	const struct pmb_bar *bar = &l->bars[nr];
	const struct pmb_dev *dev = &l->devs[bar->dev];
	struct pmb_range from = { bar->start, bar->size };

	json_open(json, NULL, '{');
	json_string(json, "device", dev->name);
	json_number(json, "bar", bar->res);
	json_string(json, "kind", pcibar_kind(bar));
	json_number(json, "size", size_of(a, nr));
	json_bool(json, "resizable", bar->sizes);
	json_string(json, "driver", dev->driver);
	if (which == FATE_LACKS || which == FATE_PLACED)
		json_bool(json, "optional", bar->flags & PMB_BAR_OPTIONAL);
	if (which == FATE_MOVED)
		json_string(json, "way", pmb_way_key(dev->way));
	if (which == FATE_MOVED || which == FATE_STAYS)
		json_range(json, "from", &from);
	if (which == FATE_MOVED || which == FATE_PLACED)
		json_range(json, "to", &a->plan->bar[nr]);
	if (which == FATE_STAYS)
		json_string(json, "why", bar->why ? pmb_why_key(bar->why) : "way");
	json_close(json);
}

static void put_bars(struct json *json, const struct answer *a, const char *key,
		     enum fate which)
{
	u32 i;

	json_open(json, key, '[');
	for (i = 0; i < a->layout->nr_bars; i++)
		if (fate_of(a, i) == which)
			put_bar(json, a, i, which);
	json_close(json);
}

static void put_windows(struct json *json, const struct answer *a)
{
	u32 i;

	json_open(json, "windows", '[');
	for (i = 0; i < a->plan->nr_wins; i++) {
		const struct pmb_bridge *bridge = &a->layout->bridges[i / PMB_SPACES];

		if (!window_changes(a, i))
			continue;
		json_open(json, NULL, '{');
		json_string(json, "bridge", bridge->name);
		json_string(json, "space", pmb_space_key(i % PMB_SPACES));
		json_range(json, "from", &bridge->win[i % PMB_SPACES].cur);
		json_range(json, "to", &a->plan->win[i]);
		json_close(json);
	}
	json_close(json);
}

static void put_devs(struct json *json, const struct answer *a, const char *key, enum pmb_way way)
{
	const struct pmb_layout *l = a->layout;
	u32 i;

	json_open(json, key, '[');
	for (i = 0; i < l->nr_devs; i++) {
		if (l->devs[i].way != way || !dev_moves(a, i))
			continue;
		json_open(json, NULL, '{');
		json_string(json, "device", l->devs[i].name);
		json_string(json, "driver", l->devs[i].driver);
		json_number(json, "cost", l->devs[i].cost);
		json_close(json);
	}
	json_close(json);
}

static void put_lack(struct json *json, const struct answer *a)
{
	const struct pmb_layout *l = a->layout;
	const struct pmb_lack *lack = &a->plan->lack;
	const struct pmb_bar *bar;
	u32 i;

	if (lack->bar == PMB_NONE)
		return;
	bar = &l->bars[lack->bar];
	json_open(json, "lack", '{');
	json_string(json, "device", l->devs[bar->dev].name);
	json_number(json, "bar", bar->res);
	json_string(json, "space", pmb_space_key(lack->space));
	if (lack->bridge == PMB_NONE)
		json_string(json, "host", l->hosts[l->devs[bar->dev].host].name);
	else
		json_string(json, "bridge", l->bridges[lack->bridge].name);
	json_number(json, "missing", lack->missing);
	json_bool(json, "proved", lack->proved);
	json_open(json, "blockers", '[');
	for (i = 0; i < lack->nr_blockers; i++)
		put_bar(json, a, lack->blockers[i], FATE_STAYS);
	json_close(json);
	json_bool(json, "fits_if_blockers_move", a->hint & HINT_UNFIX);
	json_bool(json, "fits_with_relaxed_pref", a->hint & HINT_RELAXED);
	json_close(json);
}

void answer_json(const struct answer *a)
{
	const struct pmb_plan *p = a->plan;
	struct json json = { .to = stdout };
	u32 i;

	json_open(&json, NULL, '{');
	json_string(&json, "verdict", pmb_verdict_key(p->verdict));
	json_number(&json, "wanted", count_wanted(a, false));
	json_number(&json, "wanted_optional", count_wanted(a, true));
	json_number(&json, "unplaced", p->unplaced);
	json_number(&json, "unplaced_optional", p->unplaced_optional);
	json_number(&json, "cost", p->cost);
	json_number(&json, "steps", p->steps);
	json_open(&json, "slack", '{');
	for (i = 0; i < PMB_SPACES; i++)
		json_number(&json, pmb_space_key(i), p->slack[i]);
	json_close(&json);
	json_bool(&json, "only_free_holes", p->bars_placed && nothing_moves(a));
	json_bool(&json, "roots_assumed", pcibar_roots_assumed());
	put_bars(&json, a, "placed", FATE_PLACED);
	put_bars(&json, a, "moved", FATE_MOVED);
	put_windows(&json, a);
	put_devs(&json, a, "live", PMB_WAY_LIVE);
	put_devs(&json, a, "paused", PMB_WAY_PAUSE);
	put_bars(&json, a, "without_place", FATE_LACKS);
	put_lack(&json, a);
	json_close(&json);
}
