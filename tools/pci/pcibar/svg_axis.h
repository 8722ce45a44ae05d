/* SPDX-License-Identifier: GPL-2.0 */
/* Where addresses of a root window are in a picture. */
#ifndef _PCIBAR_SVG_AXIS_H
#define _PCIBAR_SVG_AXIS_H

#include "view.h"

#define AXIS_HEADER	17	/* pixels: the title of a window */
#define AXIS_FOOTER	4	/* the lower edge of a window */

/**
 * struct axis_point - an address at which something begins or ends
 * @offset: from the start of the root window
 * @top: pixels: what ends here, ends here
 * @bottom: what begins here, begins here; between are edges and titles of windows
 * @closes: edges of windows that end here
 * @opens: titles of windows that begin here
 * @height: of the addresses up to the next point
 */
struct axis_point {
	u64 offset;
	int top;
	int bottom;
	u32 closes;
	u32 opens;
	int height;
};

/**
 * struct axis - one for a root window as it was, and as it will be
 * @point: by offset
 * @nr: how many
 * @height: pixels of the whole
 */
struct axis {
	struct axis_point *point;
	u32 nr;
	int height;
};

/* @roots: node of the root window in each of the @nr views. */
void axis_make(struct axis *axis, const struct view *const *views, const u32 *roots, u32 nr);
void axis_free(struct axis *axis);

/* Upper and lower edge of a node. */
void axis_place(const struct axis *axis, const struct view *view, u32 node, int *top, int *bottom);

#endif /* _PCIBAR_SVG_AXIS_H */
