// SPDX-License-Identifier: GPL-2.0
/*
 * A layout as a picture: before, and with a plan after, side by side. Same
 * addresses are at the same height, so that what moved is what is not level.
 *
 *	 address   | before          |      | after           |
 *	 80000000  | +- window ----+ |      | +- window ----+ |
 *	           | | BAR, fixed  | |      | | BAR, fixed  | |
 *	 80100000  | | BAR         |-----.  | | new BAR     | |
 *	           | +-------------+ |    \ | +-------------+ |
 *	 80200000  |                 |     `->  BAR           |
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include "svg_axis.h"

#define GUTTER		124		/* pixels: addresses */
#define PANEL		470
#define BETWEEN		64		/* arrows */
#define MARGIN		16
#define INSET		7		/* of a window in a window */
#define CHAR		6.05		/* pixels of a character of the font */
#define LINE		16

struct svg {
	FILE *to;
	const struct view *view[2];
	u32 nr;				/* of views: 1 or 2 */
	u32 inset;
	int y;
};

/* Text, for XML. */
static void put_escaped(FILE *to, const char *text, size_t max)
{
	for (; *text && max; text++, max--) {
		if (*text == '<')
			fputs("&lt;", to);
		else if (*text == '>')
			fputs("&gt;", to);
		else if (*text == '&')
			fputs("&amp;", to);
		else
			fputc(*text, to);
	}
}

/* A line of text no wider than @room pixels. */
static void put_text(struct svg *s, double x, double y, const char *class, int room,
		     const char *text)
{
	size_t max = room > 0 ? room / CHAR : 0;

	if (max < 4)
		return;
	fprintf(s->to, "<text class=\"%s\" x=\"%.0f\" y=\"%.0f\">", class, x, y);
	if (strlen(text) <= max) {
		put_escaped(s->to, text, max);
	} else {
		put_escaped(s->to, text, max - 1);
		fputs("\u2026", s->to);
	}
	fputs("</text>\n", s->to);
}

static void put_title(struct svg *s, const char *text)
{
	fputs("<title>", s->to);
	put_escaped(s->to, text, strlen(text));
	fputs("</title>", s->to);
}

static const char style[] =
"<style>\n"
"svg { background: #ffffff; color-scheme: light dark; }\n"
"text { font: 10px 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1b1f24; }\n"
".h { font-weight: bold; font-size: 12px; }\n"
".s { fill: #57606a; }\n"
".e { text-anchor: end; }\n"
".page { fill: #ffffff; }\n"
".root { fill: #f6f8fa; stroke: #8c959f; }\n"
".win { fill: #0969da; fill-opacity: .07; stroke: #0969da; }\n"
".chg { stroke-width: 2.5; }\n"
".fix { fill: #f3c4bd; stroke: #a40e26; stroke-width: 1.5; }\n"
".mov { fill: #bfe5c7; stroke: #1a7f37; }\n"
".new { fill: #ffe28a; stroke: #8a5a00; stroke-width: 2.5; }\n"
".free { fill: none; stroke: #8c959f; stroke-dasharray: 2 3; }\n"
".hole { fill: #d0d7de; stroke: #8c959f; }\n"
".hf { stroke: #a40e26; stroke-width: 1.2; }\n"
".hh { stroke: #8c959f; stroke-width: 1; }\n"
".arrow { fill: none; stroke: #8a5a00; stroke-width: 1.6; }\n"
".tip { fill: #8a5a00; }\n"
"@media (prefers-color-scheme: dark) {\n"
"svg { background: #0d1117; }\n"
"text { fill: #e6edf3; }\n"
".s { fill: #9aa4af; }\n"
".page { fill: #0d1117; }\n"
".root { fill: #161b22; stroke: #6e7681; }\n"
".win { fill: #58a6ff; fill-opacity: .1; stroke: #58a6ff; }\n"
".fix { fill: #4a1d20; stroke: #ff7b72; }\n"
".mov { fill: #143d22; stroke: #3fb950; }\n"
".new { fill: #4d3800; stroke: #e3b341; }\n"
".free { stroke: #6e7681; }\n"
".hole { fill: #30363d; stroke: #6e7681; }\n"
".hf { stroke: #ff7b72; }\n"
".hh { stroke: #6e7681; }\n"
".arrow { stroke: #e3b341; }\n"
".tip { fill: #e3b341; }\n"
"}\n"
"</style>\n"
"<defs>\n"
"<pattern id=\"fixed\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\"\n"
" patternTransform=\"rotate(45)\">\n"
"<path class=\"hf\" d=\"M0 0V7\" opacity=\".45\"/></pattern>\n"
"<pattern id=\"hole\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\">\n"
"<path class=\"hh\" d=\"M0 0L5 5M5 0L0 5\" opacity=\".6\"/></pattern>\n"
"<marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\"\n"
" orient=\"auto\"><path class=\"tip\" d=\"M0 0L8 4L0 8z\"/></marker>\n"
"</defs>\n";

static void put_box(struct svg *s, const char *class, int x, int y, int width, int height,
		    const char *title)
{
	fprintf(s->to, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\">",
		class, x, y, width, height > 1 ? height : 1);
	if (title)
		put_title(s, title);
	fputs("</rect>\n", s->to);
}

static void put_hatch(struct svg *s, const char *pattern, int x, int y, int width, int height)
{
	fprintf(s->to, "<rect fill=\"url(#%s)\" x=\"%d\" y=\"%d\" ", pattern, x, y);
	fprintf(s->to, "width=\"%d\" height=\"%d\" rx=\"2\"/>\n", width, height > 1 ? height : 1);
}

static int panel_x(u32 which)
{
	return MARGIN + GUTTER + which * (PANEL + BETWEEN);
}

static int page_width(const struct svg *s)
{
	return panel_x(s->nr - 1) + PANEL + MARGIN;
}

/* The same BAR in the picture before; PMB_NONE: it was not there. */
static u32 same_bar(const struct svg *s, u32 nr)
{
	const struct pmb_layout *old = s->view[0]->layout, *new = s->view[s->nr - 1]->layout;
	const struct pmb_bar *bar = &new->bars[nr];
	u32 i;

	if (old == new)
		return nr;
	for (i = 0; i < old->nr_bars; i++)
		if (old->bars[i].res == bar->res && old->bars[i].reg == bar->reg &&
		    !strcmp(old->devs[old->bars[i].dev].name, new->devs[bar->dev].name))
			return i;
	return PMB_NONE;
}

/* Where it was; size 0: nowhere. */
static struct pmb_range bar_was(const struct svg *s, u32 nr)
{
	u32 old = same_bar(s, nr);
	struct pmb_range none = { 0, 0 };

	return old == PMB_NONE ? none : view_bar(s->view[0]->layout, NULL, old);
}

static struct pmb_range window_was(const struct svg *s, u32 bridge, enum pmb_space space)
{
	const struct pmb_layout *old = s->view[0]->layout, *new = s->view[s->nr - 1]->layout;

	if (old != new)
		bridge = pcibar_find_bridge(old, new->bridges[bridge].name);
	return view_window(old, NULL, bridge, space);
}

static bool same(const struct pmb_range *a, const struct pmb_range *b)
{
	return a->size == b->size && (!a->size || a->start == b->start);
}

static void draw_bar(struct svg *s, u32 which, const struct view_node *node, int x, int y,
		     int width, int height)
{
	const struct pmb_layout *l = s->view[which]->layout;
	const struct pmb_bar *bar = &l->bars[node->nr];
	const struct pmb_dev *dev = &l->devs[bar->dev];
	char *name = view_bar_name(l, bar), *state = view_state(l, bar), *text, size[24];
	const char *class = view_fixed(l, bar) ? "fix" : "mov", *word;

	word = dev->way == PMB_WAY_LIVE ? "movable (live)" :
	       dev->way == PMB_WAY_PAUSE ? "movable (pause)" : "movable";
	if (view_fixed(l, bar))
		word = "fixed";
	if (which) {
		struct pmb_range was = bar_was(s, node->nr);

		if (!same(&was, &node->range)) {
			class = "new";
			word = !was.size ? "new" :
			       was.size != node->range.size ? "resized" : "moved";
		}
	}
	text = pcibar_print("%s %s %s, 0x%llx-0x%llx, %s", name, pcibar_kind(bar),
			    pcibar_size(size, node->range.size), node->range.start,
			    pmb_last(&node->range), state);
	put_box(s, class, x, y, width, height, text);
	free(text);
	if (!strcmp(class, "fix"))
		put_hatch(s, "fixed", x, y, width, height);
	text = pcibar_print("%s  %s%s%s", name, pcibar_about(size, node->range.size),
			    *dev->driver ? "  " : "", dev->driver);
	y += height / 2 + 4;
	put_text(s, x + 5, y, "t", width - 10 - (strlen(word) + 2) * CHAR, text);
	put_text(s, x + width - 5, y, "t e", width, word);
	free(text);
	free(name);
	free(state);
}

static void draw_window(struct svg *s, u32 which, u32 nr, int x, int y, int width, int height)
{
	const struct view_node *node = &s->view[which]->node[nr];
	const struct pmb_bridge *bridge = &s->view[which]->layout->bridges[node->nr];
	const char *class = "win", *more = "";
	char *text, *title, size[24];

	if (which) {
		struct pmb_range was = window_was(s, node->nr, node->space);

		if (!same(&was, &node->range)) {
			class = "win chg";
			more = !was.size ? " opened" : was.size == node->range.size ? " moved" :
			       was.size < node->range.size ? " larger" : " smaller";
		}
	}
	title = pcibar_print("%s %s window 0x%llx-0x%llx", bridge->name,
			     pmb_space_text(node->space), node->range.start,
			     pmb_last(&node->range));
	put_box(s, class, x, y, width, height, title);
	free(title);
	text = pcibar_print("%s %s %s%s%s", bridge->name, pmb_space_key(node->space),
			    pcibar_about(size, node->range.size),
			    bridge->flags & PMB_BRIDGE_HOTPLUG ? " slot" : "",
			    view_empty(s->view[which], nr) ? ", empty" : "");
	put_text(s, x + 5, y + 12, "t", width - 10 - strlen(more) * CHAR, text);
	put_text(s, x + width - 5, y + 12, "t e", width, more);
	free(text);
}

static void draw_leaf(struct svg *s, const char *class, const char *what, int x, int y, int width,
		      int height, u64 bytes)
{
	char size[24], *text = pcibar_print("%s %s", what, pcibar_about(size, bytes));

	put_box(s, class, x, y, width, height, text);
	if (!strcmp(class, "hole"))
		put_hatch(s, "hole", x, y, width, height);
	if (height >= 9)
		put_text(s, x + 5, y + height / 2.0 + 3.5, "s", width - 10, text);
	free(text);
}

static void draw_node(struct svg *s, const struct axis *axis, u32 which, u32 nr)
{
	const struct view *view = s->view[which];
	const struct view_node *node = &view->node[nr];
	int top, bottom, x = panel_x(which) + node->depth * s->inset;
	int width = PANEL - 2 * node->depth * s->inset;

	axis_place(axis, view, nr, &top, &bottom);
	top += s->y;
	bottom += s->y;
	if (node->kind == VIEW_ROOT) {
		put_box(s, "root", x, top - 2, width, bottom - top + 4, NULL);
		if (view_empty(view, nr))
			draw_leaf(s, "free", "free", x + s->inset, top, width - 2 * s->inset,
				  bottom - top - 1, node->range.size);
	}
	if (node->kind == VIEW_WINDOW)
		draw_window(s, which, nr, x, top, width, bottom - top);
	else if (node->kind == VIEW_BAR)
		draw_bar(s, which, node, x, top, width, bottom - top - 1);
	else if (node->kind == VIEW_HOLE)
		draw_leaf(s, "hole", view->layout->holes[node->nr].name, x, top, width,
			  bottom - top - 1, node->range.size);
	else if (node->kind == VIEW_FREE)
		draw_leaf(s, "free", "free", x, top, width, bottom - top - 1, node->range.size);
}

static void put_arrow(struct svg *s, int x1, int y1, int x2, int y2)
{
	int middle = panel_x(1) - BETWEEN / 2;

	fprintf(s->to, "<path class=\"arrow\" marker-end=\"url(#tip)\" ");
	fprintf(s->to, "d=\"M%d %dC%d %d %d %d %d %d\"/>\n", x1, y1, middle, y1, middle, y2,
		x2, y2);
}

static void draw_arrows(struct svg *s, const struct axis *axis, const u32 *roots)
{
	const struct view *old = s->view[0], *new = s->view[1];
	int from[2], to[2];
	u32 i, k;

	for (i = roots[1]; i < new->node[roots[1]].end; i++) {
		struct pmb_range was;
		u32 bar;

		if (new->node[i].kind != VIEW_BAR)
			continue;
		was = bar_was(s, new->node[i].nr);
		if (!was.size || same(&was, &new->node[i].range))
			continue;
		bar = same_bar(s, new->node[i].nr);
		for (k = roots[0]; k < old->node[roots[0]].end; k++)
			if (old->node[k].kind == VIEW_BAR && old->node[k].nr == bar)
				break;
		if (k == old->node[roots[0]].end)
			continue;
		axis_place(axis, old, k, &from[0], &from[1]);
		axis_place(axis, new, i, &to[0], &to[1]);
		put_arrow(s, panel_x(0) + PANEL - (int)(old->node[k].depth * s->inset),
			  s->y + (from[0] + from[1]) / 2,
			  panel_x(1) + (int)(new->node[i].depth * s->inset) - 1,
			  s->y + (to[0] + to[1]) / 2);
	}
}

static void draw_addresses(struct svg *s, const struct axis *axis, u64 start)
{
	int last = -100;
	char text[24];
	u32 i;

	for (i = 0; i + 1 < axis->nr; i++) {
		int y = axis->point[i].bottom;

		if (axis->point[i].opens)
			y = axis->point[i].top + axis->point[i].closes * AXIS_FOOTER;
		if (y - last < 10)
			continue;
		last = y;
		snprintf(text, sizeof(text), "%llx", start + axis->point[i].offset);
		put_text(s, panel_x(0) - 8, s->y + y + 9, "s e", GUTTER, text);
	}
}

static void draw_root(struct svg *s, const u32 *roots)
{
	const struct view_node *node = &s->view[0]->node[roots[0]];
	const struct pmb_layout *l = s->view[0]->layout;
	char *text, size[24], unused[24], piece[24];
	struct axis axis;
	u64 largest;
	u32 v, i;

	text = pcibar_print("%s  %s  0x%llx-0x%llx  %s", l->hosts[l->roots[node->nr].host].name,
			    pmb_space_text(node->space), node->range.start, pmb_last(&node->range),
			    pcibar_about(size, node->range.size));
	s->y += LINE + 10;
	put_text(s, MARGIN, s->y, "h", page_width(s), text);
	free(text);
	s->y += LINE;
	for (v = 0; v < s->nr; v++) {
		u64 sum = view_unused(s->view[v], roots[v], &largest);

		if (view_empty(s->view[v], roots[v]))
			text = pcibar_print("%s free, all of it", size);
		else
			text = pcibar_print("%s free, the largest piece %s",
					    pcibar_about(unused, sum),
					    pcibar_about(piece, largest));
		put_text(s, panel_x(v), s->y, "s", PANEL, text);
		free(text);
	}
	s->y += 8;
	axis_make(&axis, s->view, roots, s->nr);
	draw_addresses(s, &axis, node->range.start);
	for (v = 0; v < s->nr; v++)
		for (i = roots[v]; i < s->view[v]->node[roots[v]].end; i++)
			draw_node(s, &axis, v, i);
	if (s->nr == 2)
		draw_arrows(s, &axis, roots);
	s->y += axis.height + 6;
	axis_free(&axis);
}

/* BARs that are nowhere, and so in no map. */
static void draw_unplaced(struct svg *s)
{
	int low = s->y, y;
	char *name, *text, size[24];
	u32 v, i;

	for (v = 0; v < s->nr; v++) {
		const struct pmb_layout *l = s->view[v]->layout;
		bool any = false;

		y = s->y + LINE + 10;
		for (i = 0; i < l->nr_bars; i++) {
			const struct pmb_bar *bar = &l->bars[i];

			if (view_bar(l, s->view[v]->plan, i).size)
				continue;
			if (!any)
				put_text(s, panel_x(v), y, "h", PANEL, "without a place");
			any = true;
			y += LINE;
			name = view_bar_name(l, bar);
			text = pcibar_print("%s  %s %s%s%s", name, pcibar_kind(bar),
					    pcibar_size(size, bar->size),
					    bar->flags & PMB_BAR_WANTED ? ", wanted" : "",
					    bar->flags & PMB_BAR_OPTIONAL ? ", optional" : "");
			put_text(s, panel_x(v), y, "t", PANEL, text);
			free(text);
			free(name);
		}
		if (any && y > low)
			low = y;
	}
	s->y = low;
}

static void draw_legend(struct svg *s)
{
	static const struct {
		const char *class, *pattern, *text;
	} items[] = {
		{ "fix", "fixed", "fixed" },
		{ "mov", NULL, "movable" },
		{ "new", NULL, "new or moved" },
		{ "win", NULL, "window" },
		{ "win chg", NULL, "changed window" },
		{ "hole", "hole", "reserved" },
		{ "free", NULL, "free" },
	};
	int x = panel_x(0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(items); i++) {
		if (s->nr == 1 && (!strcmp(items[i].class, "new") ||
				   !strcmp(items[i].class, "win chg")))
			continue;
		put_box(s, items[i].class, x, s->y - 10, 20, 12, NULL);
		if (items[i].pattern)
			put_hatch(s, items[i].pattern, x, s->y - 10, 20, 12);
		put_text(s, x + 25, s->y, "t", 200, items[i].text);
		x += 25 + (strlen(items[i].text) + 3) * CHAR;
	}
	s->y += LINE;
	put_text(s, panel_x(0), s->y, "s", 2 * PANEL,
		 "Addresses grow downwards; heights grow with the logarithm of the size.");
}

static void draw_summary(struct svg *s)
{
	const struct pmb_plan *p = s->view[1]->plan;
	char *text;

	text = pcibar_print("%u placed, %u moved, %u windows changed, %u live, %u paused%s",
			    p->bars_placed, p->bars_moved, p->wins_changed, p->devs_live,
			    p->devs_paused, p->unplaced ? ", some have no place" : "");
	s->y += LINE + 8;
	put_text(s, panel_x(0), s->y, "h", PANEL, "before");
	put_text(s, panel_x(1), s->y, "h", PANEL, "after");
	s->y += LINE;
	put_text(s, panel_x(1), s->y, "s", PANEL, text);
	free(text);
}

/* Drawn twice: once for its height, which is in the first line. */
static void draw(struct svg *s)
{
	const struct view_node *node[2];
	u32 roots[2] = { 0, 0 }, v, i, depth = 1;

	for (v = 0; v < s->nr; v++)
		for (i = 0; i < s->view[v]->nr; i++)
			if (s->view[v]->node[i].depth > depth)
				depth = s->view[v]->node[i].depth;
	s->inset = depth * INSET > 120 ? 120 / depth : INSET;
	s->y = MARGIN + 12;
	draw_legend(s);
	if (s->nr == 2)
		draw_summary(s);
	for (;;) {
		for (v = 0; v < s->nr; v++)
			node[v] = roots[v] < s->view[v]->nr ? &s->view[v]->node[roots[v]] : NULL;
		if (!node[0] || node[0]->kind != VIEW_ROOT)
			break;
		draw_root(s, roots);
		for (v = 0; v < s->nr; v++)
			roots[v] = node[v]->end;
	}
	draw_unplaced(s);
	s->y += MARGIN;
}

static int draw_all(struct svg *s, const char *path)
{
	FILE *null = fopen("/dev/null", "w"), *to = pcibar_create(path);
	int height;

	if (!null || !to) {
		if (null)
			fclose(null);
		return PCIBAR_BAD;
	}
	s->to = null;
	draw(s);
	fclose(null);
	height = s->y;
	s->to = to;
	fprintf(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"\n"
		" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n"
		"<title>PCI address map%s</title>\n", page_width(s), height,
		page_width(s), height, s->nr == 2 ? ", before and after" : "");
	fputs(style, to);
	fputs("<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n", to);
	draw(s);
	fputs("</svg>\n", to);
	return pcibar_close(to, path);
}

int pcibar_svg(const char *path, const struct pmb_layout *before,
	       const struct pmb_layout *after, const struct pmb_plan *plan)
{
	struct view *old = view_make(before, NULL), *new = plan ? view_make(after, plan) : NULL;
	struct svg s = { .view = { old, new }, .nr = plan ? 2 : 1 };
	int ret = draw_all(&s, path);

	view_free(old);
	view_free(new);
	return ret;
}
