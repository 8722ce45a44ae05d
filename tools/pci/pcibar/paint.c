// SPDX-License-Identifier: GPL-2.0
/* What the terminal can do: colours, width, lines. */
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "paint.h"

#define WIDTH		80
#define WIDTH_MIN	40

static unsigned int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return columns && atoi(columns) > 0 ? atoi(columns) : WIDTH;
}

bool paint_init(struct paint *paint, const char *when, unsigned int width)
{
	bool terminal = isatty(STDOUT_FILENO);
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	setlocale(LC_CTYPE, "");
	paint->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	paint->cut = terminal || width;
	paint->width = width ? width : terminal_width();
	if (paint->width < WIDTH_MIN)
		paint->width = WIDTH_MIN;
	if (paint->width > PAINT_WIDTH_MAX)
		paint->width = PAINT_WIDTH_MAX;

	paint->colour = terminal && term && strcmp(term, "dumb") && !(no && *no);
	if (!strcmp(when, "auto"))
		return true;
	paint->colour = !strcmp(when, "always");
	return paint->colour || !strcmp(when, "never");
}

const char *paint_on(const struct paint *paint, enum paint_colour colour)
{
	static const char * const on[PAINT_COLOURS] = {
		[PAINT_PLAIN] = "",
		[PAINT_FIXED] = "\033[31m",
		[PAINT_MOVABLE] = "\033[32m",
		[PAINT_NEW] = "\033[1;33m",
		[PAINT_WINDOW] = "\033[36m",
		[PAINT_FAINT] = "\033[2m",
		[PAINT_BOLD] = "\033[1m",
	};

	return paint->colour ? on[colour] : "";
}

const char *paint_off(const struct paint *paint)
{
	return paint->colour ? "\033[0m" : "";
}

void paint_line(const struct paint *paint, enum paint_colour colour, const char *text)
{
	unsigned int columns = 0;
	size_t bytes = 0;

	/* A character of UTF-8 begins with a byte other than 10xxxxxx. */
	for (; text[bytes]; bytes++) {
		if ((text[bytes] & 0xc0) == 0x80)
			continue;
		if (paint->cut && columns == paint->width)
			break;
		columns++;
	}
	printf("%s%.*s%s\n", paint_on(paint, colour), (int)bytes, text, paint_off(paint));
}
