// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "layout_tools.h"
#include "text.h"

static void to_stream(void *stream, const char *line)
{
	/* Both are promises of the writer. */
	if (strlen(line) >= PMB_TEXT_LINE || strchr(line, '\n'))
		abort();
	fprintf(stream, "%s\n", line);
}

char *layout_text(const struct pmb_layout *layout)
{
	char *text = NULL;
	size_t len;
	FILE *stream = open_memstream(&text, &len);

	if (!stream)
		abort();
	pmb_text_write(layout, to_stream, stream);
	fclose(stream);
	return text;
}

static char difference[80];

#define DIFFERS(kind, nr, field) do {					\
	snprintf(difference, sizeof(difference), "%s %u: %s", kind, nr, field); \
	return difference;						\
} while (0)

#define SAME(kind, nr, field) do {					\
	if (x->field != y->field)					\
		DIFFERS(kind, nr, #field);				\
} while (0)

#define SAME_NAME(kind, nr, field) do {					\
	if (strcmp(x->field, y->field))					\
		DIFFERS(kind, nr, #field);				\
} while (0)

static const char *counts_differ(const struct pmb_layout *x, const struct pmb_layout *y)
{
	SAME("layout", 0, nr_hosts);
	SAME("layout", 0, nr_roots);
	SAME("layout", 0, nr_holes);
	SAME("layout", 0, nr_bridges);
	SAME("layout", 0, nr_devs);
	SAME("layout", 0, nr_bars);
	return NULL;
}

static const char *host_differs(u32 i, const struct pmb_host *x, const struct pmb_host *y)
{
	SAME_NAME("host", i, name);
	SAME("host", i, bus_first);
	SAME("host", i, bus_last);
	return NULL;
}

static const char *root_differs(u32 i, const struct pmb_root *x, const struct pmb_root *y)
{
	SAME("root", i, host);
	SAME("root", i, space);
	SAME("root", i, range.start);
	SAME("root", i, range.size);
	SAME("root", i, offset);
	return NULL;
}

static const char *hole_differs(u32 i, const struct pmb_hole *x, const struct pmb_hole *y)
{
	SAME("hole", i, host);
	SAME("hole", i, io);
	SAME("hole", i, range.start);
	SAME("hole", i, range.size);
	SAME_NAME("hole", i, name);
	return NULL;
}

static const char *window_differs(u32 i, const struct pmb_window *x,
				  const struct pmb_window *y)
{
	SAME("bridge", i, align);
	if (!x->align)
		return NULL;
	SAME("bridge", i, cur.size);
	if (x->cur.size)
		SAME("bridge", i, cur.start);
	SAME("bridge", i, max);
	SAME("bridge", i, reserve);
	return NULL;
}

static const char *bridge_differs(u32 i, const struct pmb_bridge *x,
				  const struct pmb_bridge *y)
{
	const char *what = NULL;
	u32 space;

	SAME_NAME("bridge", i, name);
	SAME("bridge", i, host);
	SAME("bridge", i, parent);
	SAME("bridge", i, dev);
	SAME("bridge", i, flags);
	SAME("bridge", i, bus_first);
	SAME("bridge", i, bus_last);
	for (space = 0; space < PMB_SPACES && !what; space++)
		what = window_differs(i, &x->win[space], &y->win[space]);
	return what;
}

static const char *dev_differs(u32 i, const struct pmb_dev *x, const struct pmb_dev *y)
{
	SAME_NAME("dev", i, name);
	SAME_NAME("dev", i, driver);
	SAME("dev", i, host);
	SAME("dev", i, bridge);
	SAME("dev", i, way);
	SAME("dev", i, cost);
	return NULL;
}

static const char *bar_differs(u32 i, const struct pmb_bar *x, const struct pmb_bar *y)
{
	SAME("bar", i, dev);
	SAME("bar", i, res);
	SAME("bar", i, reg);
	SAME("bar", i, flags);
	SAME("bar", i, why);
	SAME("bar", i, size);
	SAME("bar", i, align);
	if (x->flags & PMB_BAR_PLACED)
		SAME("bar", i, start);
	SAME("bar", i, sizes);
	return NULL;
}

const char *layout_difference(const struct pmb_layout *a, const struct pmb_layout *b)
{
	const char *what = counts_differ(a, b);
	u32 i;

	if (what)
		return what;
	for (i = 0; i < a->nr_hosts && !what; i++)
		what = host_differs(i, &a->hosts[i], &b->hosts[i]);
	for (i = 0; i < a->nr_roots && !what; i++)
		what = root_differs(i, &a->roots[i], &b->roots[i]);
	for (i = 0; i < a->nr_holes && !what; i++)
		what = hole_differs(i, &a->holes[i], &b->holes[i]);
	for (i = 0; i < a->nr_bridges && !what; i++)
		what = bridge_differs(i, &a->bridges[i], &b->bridges[i]);
	for (i = 0; i < a->nr_devs && !what; i++)
		what = dev_differs(i, &a->devs[i], &b->devs[i]);
	for (i = 0; i < a->nr_bars && !what; i++)
		what = bar_differs(i, &a->bars[i], &b->bars[i]);
	return what;
}
