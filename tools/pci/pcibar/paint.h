/* SPDX-License-Identifier: GPL-2.0 */
/* What the terminal can do: colours, width, lines. */
#ifndef _PCIBAR_PAINT_H
#define _PCIBAR_PAINT_H

#include <stdbool.h>

#define PAINT_WIDTH_MAX	400

enum paint_colour {
	PAINT_PLAIN,
	PAINT_FIXED,
	PAINT_MOVABLE,
	PAINT_NEW,
	PAINT_WINDOW,
	PAINT_FAINT,
	PAINT_BOLD,
	PAINT_COLOURS
};

/**
 * struct paint - how to print
 * @colour: with escape sequences
 * @utf8: with characters beyond ASCII
 * @width: columns of a map
 * @cut: lines longer than @width are cut: it is a terminal
 */
struct paint {
	bool colour;
	bool utf8;
	bool cut;
	unsigned int width;
};

/* @when: "auto", "always", "never"; false: it is none of them. */
bool paint_init(struct paint *paint, const char *when, unsigned int width);
const char *paint_on(const struct paint *paint, enum paint_colour colour);
const char *paint_off(const struct paint *paint);

/* Print a line of @text in a colour, cut where the terminal ends. */
void paint_line(const struct paint *paint, enum paint_colour colour, const char *text);

#endif /* _PCIBAR_PAINT_H */
