// SPDX-License-Identifier: GPL-2.0
/*
 * pcibar show: the addresses below each host bridge, as text.
 *
 * A root window is mostly empty, so that a scale for all of it would show
 * nothing.  It is cut at large gaps, and each piece has a strip to its own
 * scale that fits the terminal; what is in it follows, a line each.
 */
#include <stdlib.h>
#include <string.h>
#include "paint.h"
#include "view.h"

static const char help[] =
"usage: pcibar show [LAYOUT] [--plan] [--svg FILE] [--color WHEN] [--width N]\n"
"\n"
"Shows what is where: windows in windows, BARs, and what is free. LAYOUT is a file\n"
"or - for standard input; without it, this machine is shown.\n"
"\n"
"  --plan          show it as it would be when all that is wanted has a place\n"
"  --relaxed-pref  (with --plan) 64-bit BARs may use prefetchable windows\n"
"  --svg FILE      draw it instead; with --plan before and after, side by side\n"
"  --color WHEN    auto (default), always or never\n"
"  --width N       columns of the terminal\n"
"\n"
"# fixed   o movable   + new or moved by the plan   = empty window   . free in a window\n"
"x reserved\n";

struct show {
	const struct pmb_layout *layout;
	const struct pmb_plan *plan;
	struct view *view;
	struct paint paint;
	unsigned int digits;		/* of an address */
};

/* What one column of a strip, or a line, is about; the higher one is seen. */
enum mark {
	MARK_FREE,		/* in no window */
	MARK_INSIDE,		/* free in a window that is not empty */
	MARK_WINDOW,
	MARK_HOLE,
	MARK_MOVABLE,
	MARK_NEW,
	MARK_FIXED,
	MARKS
};

static const struct {
	char sign;
	enum paint_colour colour;
} marks[MARKS] = {
	[MARK_FREE] = { ' ', PAINT_FAINT },
	[MARK_INSIDE] = { '.', PAINT_WINDOW },
	[MARK_WINDOW] = { '=', PAINT_WINDOW },
	[MARK_HOLE] = { 'x', PAINT_FAINT },
	[MARK_MOVABLE] = { 'o', PAINT_MOVABLE },
	[MARK_NEW] = { '+', PAINT_NEW },
	[MARK_FIXED] = { '#', PAINT_FIXED },
};

static bool bar_changed(const struct show *s, u32 nr)
{
	const struct pmb_bar *bar = &s->layout->bars[nr];

	return s->plan && s->plan->bar[nr].size &&
	       (!(bar->flags & PMB_BAR_PLACED) || s->plan->bar[nr].start != bar->start);
}

static enum mark mark_of(const struct show *s, u32 nr)
{
	const struct view_node *node = &s->view->node[nr];

	switch (node->kind) {
	case VIEW_BAR:
		if (bar_changed(s, node->nr))
			return MARK_NEW;
		return view_fixed(s->layout, &s->layout->bars[node->nr]) ? MARK_FIXED :
									    MARK_MOVABLE;
	case VIEW_WINDOW:
		return view_empty(s->view, nr) ? MARK_WINDOW : MARK_INSIDE;
	case VIEW_HOLE:
		return MARK_HOLE;
	default:
		return MARK_FREE;
	}
}

/* Strips */

#define SCALE	22		/* columns: "  one column: 1024K" */

struct strip {
	u64 start, last;
	unsigned int shift;		/* a column is 2^shift bytes */
	unsigned int columns;
	unsigned char mark[PAINT_WIDTH_MAX];
};

/* The scale: the smallest power of two with which it fits. */
static void strip_scale(struct strip *strip, unsigned int columns)
{
	strip->shift = 0;
	while ((strip->last >> strip->shift) - (strip->start >> strip->shift) >= columns)
		strip->shift++;
	strip->columns = (strip->last >> strip->shift) - (strip->start >> strip->shift) + 1;
}

static void strip_fill(const struct show *s, struct strip *strip, u32 from, u32 to)
{
	u32 i;

	memset(strip->mark, MARK_FREE, sizeof(strip->mark));
	for (i = from; i < to; i++) {
		const struct view_node *node = &s->view->node[i];
		u64 first = node->range.start >> strip->shift;
		u64 last = pmb_last(&node->range) >> strip->shift;
		enum mark mark = mark_of(s, i);

		for (first -= strip->start >> strip->shift, last -= strip->start >> strip->shift;
		     first <= last; first++)
			if (strip->mark[first] < mark)
				strip->mark[first] = mark;
	}
}

static void strip_print(const struct show *s, const struct strip *strip)
{
	enum paint_colour now = PAINT_PLAIN;
	unsigned int i, step = s->digits + 4, room = s->paint.width - s->digits - 3 - SCALE;
	char size[24];

	printf(" %0*llx |", s->digits, (strip->start >> strip->shift) << strip->shift);
	for (i = 0; i < strip->columns; i++) {
		enum paint_colour colour = marks[strip->mark[i]].colour;

		if (colour != now) {
			fputs(paint_off(&s->paint), stdout);
			fputs(paint_on(&s->paint, colour), stdout);
			now = colour;
		}
		putchar(marks[strip->mark[i]].sign);
	}
	printf("%s|\n", paint_off(&s->paint));

	/* The ruler: an address below each of its columns. */
	if (room > strip->columns)
		room = strip->columns;
	printf(" %*s  ", s->digits, "");
	for (i = step; i + s->digits < room; i += step)
		printf("%*s^%0*llx", i == step ? (int)step : (int)(step - s->digits - 1), "",
		       s->digits, ((strip->start >> strip->shift) + i) << strip->shift);
	printf("%sone column: %s\n", i > step ? "  " : "",
	       pcibar_size(size, 1ULL << strip->shift));
}

/*
 * The nodes @from..@to-1 are in one root window; a gap that is more than
 * half of it divides them.
 *
 *	[o=][##]                                      [oo]
 *	 piece                  gap                  piece
 */
static void strips(const struct show *s, u32 from, u32 to)
{
	const struct view_node *node = s->view->node;
	u32 i, gap = PMB_NONE;
	struct strip strip;

	while (from < to && node[from].kind == VIEW_FREE)
		from = node[from].end;
	for (i = from; i < to; i = node[i].end) {
		if (node[i].kind == VIEW_FREE && node[i].end < to &&
		    (gap == PMB_NONE || node[i].range.size > node[gap].range.size))
			gap = i;
		if (node[i].kind == VIEW_FREE && node[i].end == to) {
			to = i;
			break;
		}
	}
	if (from >= to)
		return;

	strip.start = node[from].range.start;
	strip.last = 0;
	for (i = from; i < to; i = node[i].end)
		if (pmb_last(&node[i].range) > strip.last)
			strip.last = pmb_last(&node[i].range);
	if (gap != PMB_NONE && node[gap].range.size > (strip.last - strip.start) / 2) {
		char size[24];

		strips(s, from, gap);
		printf(" %*s ~ %s free\n", s->digits, "",
		       pcibar_about(size, node[gap].range.size));
		strips(s, node[gap].end, to);
		return;
	}
	strip_scale(&strip, s->paint.width - s->digits - 4);
	strip_fill(s, &strip, from, to);
	strip_print(s, &strip);
}

/* Lines */

static char *bridge_words(const struct pmb_bridge *bridge)
{
	return pcibar_print("%s%s", bridge->flags & PMB_BRIDGE_HOTPLUG ? ", hot-plug" : "",
			    bridge->flags & PMB_BRIDGE_TRANSPARENT ? ", transparent" : "");
}

static char *window_words(const struct show *s, u32 nr)
{
	const struct view_node *node = &s->view->node[nr];
	const struct pmb_bridge *bridge = &s->layout->bridges[node->nr];
	const struct pmb_range *cur = &bridge->win[node->space].cur;
	char *more = bridge_words(bridge), *text;
	char was[64] = "";

	if (s->plan && !cur->size)
		snprintf(was, sizeof(was), "  (was closed)");
	else if (s->plan && (cur->start != node->range.start || cur->size != node->range.size))
		snprintf(was, sizeof(was), "  (was %llx-%llx)", cur->start, pmb_last(cur));
	text = pcibar_print("%s %s window%s%s%s", bridge->name, pmb_space_text(node->space), more,
			    view_empty(s->view, nr) ? ", empty" : "", was);
	free(more);
	return text;
}

static char *bar_words(const struct show *s, u32 nr)
{
	const struct pmb_bar *bar = &s->layout->bars[nr];
	char *name = view_bar_name(s->layout, bar), *state = view_state(s->layout, bar);
	char was[64] = "";
	char *text;

	if (bar_changed(s, nr) && !(bar->flags & PMB_BAR_PLACED))
		snprintf(was, sizeof(was), "  (new)");
	else if (bar_changed(s, nr))
		snprintf(was, sizeof(was), "  (was %llx)", bar->start);
	text = pcibar_print("%s %s, %s%s", name, pcibar_kind(bar), state, was);
	free(name);
	free(state);
	return text;
}

static char *node_words(const struct show *s, u32 nr)
{
	const struct view_node *node = &s->view->node[nr];

	switch (node->kind) {
	case VIEW_WINDOW:
		return window_words(s, nr);
	case VIEW_BAR:
		return bar_words(s, node->nr);
	case VIEW_HOLE:
		return pcibar_print("reserved: %s", s->layout->holes[node->nr].name);
	default:
		return pcibar_print("free");
	}
}

static void print_node(const struct show *s, u32 nr)
{
	const struct view_node *node = &s->view->node[nr];
	const char *guide = s->paint.utf8 ? "\u2502 " : "| ";
	char *words = node_words(s, nr), *line, size[24], guides[1024] = "";
	enum mark mark = mark_of(s, nr);
	u32 i;

	for (i = 1; i < node->depth && i < 256; i++)
		strcat(guides, guide);
	line = pcibar_print(" %0*llx-%0*llx %7s  %s%c %s%s%s", s->digits, node->range.start,
			    s->digits, pmb_last(&node->range), pcibar_about(size, node->range.size),
			    guides, mark == MARK_INSIDE ? '[' : marks[mark].sign, words,
			    node->overlaps ? "  OVERLAPS the one above" : "",
			    node->outside ? "  OUTSIDE of its bridge's windows" : "");
	paint_line(&s->paint, marks[mark].colour, line);
	free(line);
	free(words);
}

static unsigned int digits_of(const struct pmb_range *range)
{
	unsigned int digits = 4;

	while (digits < 16 && pmb_last(range) >> (4 * digits))
		digits++;
	return digits;
}

static void print_root(struct show *s, u32 nr)
{
	const struct view_node *node = &s->view->node[nr];
	const struct pmb_root *root = &s->layout->roots[node->nr];
	char size[24], unused[24], piece[24];
	u64 largest, sum = view_unused(s->view, nr, &largest);
	char *line;
	u32 i;

	line = pcibar_print("%s %s %llx-%llx: %s, %s free, the largest piece %s",
			    s->layout->hosts[root->host].name, pmb_space_text(root->space),
			    root->range.start, pmb_last(&root->range),
			    pcibar_about(size, root->range.size), pcibar_about(unused, sum),
			    pcibar_about(piece, largest));
	paint_line(&s->paint, PAINT_BOLD, line);
	free(line);
	s->digits = digits_of(&node->range);
	strips(s, nr + 1, node->end);
	for (i = nr + 1; i < node->end; i++)
		print_node(s, i);
	putchar('\n');
}

/* Which windows of a bridge are closed, as a mask. */
static u32 closed_windows(const struct show *s, u32 bridge)
{
	u32 k, mask = 0;

	for (k = 0; k < PMB_SPACES; k++)
		if (s->layout->bridges[bridge].win[k].align &&
		    !view_window(s->layout, s->plan, bridge, k).size)
			mask |= 1U << k;
	return mask;
}

static void print_closed(const struct show *s)
{
	u32 i, mask;
	bool any;

	for (mask = 1; mask < 1U << PMB_SPACES; mask++) {
		any = false;
		for (i = 0; i < s->layout->nr_bridges; i++) {
			if (closed_windows(s, i) != mask)
				continue;
			if (!any)
				printf("closed windows,%s%s%s:", mask & 1 ? " I/O" : "",
				       mask & 2 ? " memory" : "", mask & 4 ? " prefetchable" : "");
			any = true;
			printf(" %s", s->layout->bridges[i].name);
		}
		if (any)
			putchar('\n');
	}
}

static void print_unplaced(const struct show *s)
{
	const struct pmb_layout *l = s->layout;
	char size[24], *name;
	bool any = false;
	u32 i;

	for (i = 0; i < l->nr_bars; i++) {
		const struct pmb_bar *bar = &l->bars[i];

		if (view_bar(l, s->plan, i).size)
			continue;
		if (!any)
			puts("without a place:");
		any = true;
		name = view_bar_name(l, bar);
		printf("  %s %s, %s%s%s\n", name, pcibar_kind(bar), pcibar_size(size, bar->size),
		       bar->flags & PMB_BAR_WANTED ? ", wanted" : "",
		       bar->flags & PMB_BAR_OPTIONAL ? ", optional" : "");
		free(name);
	}
	if (any)
		putchar('\n');
}

static void print_all(struct show *s)
{
	bool outside = false;
	u32 i;

	s->view = view_make(s->layout, s->plan);
	for (i = 0; i < s->view->nr; i = s->view->node[i].end)
		if (s->view->node[i].kind == VIEW_ROOT)
			print_root(s, i);
	for (i = 0; i < s->view->nr; i++) {
		if (s->view->node[i].kind == VIEW_ROOT) {
			i = s->view->node[i].end - 1;
			continue;
		}
		if (!outside)
			puts("outside of all windows of the host bridges:");
		outside = true;
		s->digits = 8;
		print_node(s, i);
	}
	if (outside)
		putchar('\n');
	print_closed(s);
	print_unplaced(s);
	printf("# fixed  o movable  %s= empty window  . free in a window  x reserved\n",
	       s->plan ? "+ new or moved  " : "");
	view_free(s->view);
}

enum { OPT_PLAN = 1, OPT_RELAXED, OPT_SVG, OPT_COLOR, OPT_WIDTH };

static const struct option options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "plan", no_argument, NULL, OPT_PLAN },
	{ "relaxed-pref", no_argument, NULL, OPT_RELAXED },
	{ "svg", required_argument, NULL, OPT_SVG },
	{ "color", required_argument, NULL, OPT_COLOR },
	{ "colour", required_argument, NULL, OPT_COLOR },
	{ "width", required_argument, NULL, OPT_WIDTH },
	{ }
};

static int show_layout(struct show *s, const char *svg, bool planned,
		       const struct pmb_options *opt)
{
	struct pmb_plan *plan = NULL;
	int status = PCIBAR_OK;

	if (planned) {
		plan = pcibar_plan(s->layout, opt);
		if (!plan)
			return PCIBAR_BAD;
		s->plan = plan;
		if (plan->unplaced)
			status = PCIBAR_NO;
	}
	if (svg) {
		int ret = pcibar_svg(svg, s->layout, s->layout, plan);

		status = ret ? ret : status;
	} else {
		print_all(s);
	}
	pmb_plan_free(plan);
	return status;
}

int cmd_show(int argc, char **argv)
{
	const char *svg = NULL, *color = "auto";
	struct pmb_options opt = { };
	struct pmb_layout *layout;
	unsigned int width = 0;
	struct show s = { };
	bool plan = false;
	int o, status;

	while ((o = pcibar_option(argc, argv, options, help, &status)) != -1) {
		switch (o) {
		case OPT_PLAN:
			plan = true;
			break;
		case OPT_RELAXED:
			opt.relaxed_pref = true;
			break;
		case OPT_SVG:
			svg = optarg;
			break;
		case OPT_COLOR:
			color = optarg;
			break;
		case OPT_WIDTH:
			width = atoi(optarg);
			if (!width)
				return pcibar_fail("show: --width: %s is no number", optarg);
			break;
		default:
			return status;
		}
	}
	if (!paint_init(&s.paint, color, width))
		return pcibar_fail("show: --color: auto, always or never, not %s", color);
	layout = pcibar_argument(argc, argv);
	if (!layout)
		return PCIBAR_BAD;
	s.layout = layout;
	status = show_layout(&s, svg, plan, &opt);
	pmb_layout_free(layout);
	return status;
}
