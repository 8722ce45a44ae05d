/* SPDX-License-Identifier: GPL-2.0 */
/* Layouts in tests: written without the first and the last line of the text. */
#ifndef _PCI_MOVABLE_SHORT_TEXT_H
#define _PCI_MOVABLE_SHORT_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "text.h"

/* A layout; a test with a text that cannot be read has no sense and ends. */
static inline struct pmb_layout *layout_from(const char *objects)
{
	struct pmb_text_error error;
	struct pmb_layout *layout;
	unsigned int lines = 0;
	const char *p;
	char *text;

	for (p = objects; *p; p++)
		lines += *p == '\n';
	text = malloc(strlen(objects) + 40);
	if (!text)
		abort();
	sprintf(text, "pmb-layout 1\n%send %u\n", objects, lines);
	layout = pmb_text_read(text, strlen(text), &error);
	free(text);
	if (!layout) {
		printf("Bail out! line %u: %s\n", error.line, error.why);
		exit(1);
	}
	return layout;
}

#endif /* _PCI_MOVABLE_SHORT_TEXT_H */
