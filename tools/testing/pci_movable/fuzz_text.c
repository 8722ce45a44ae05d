// SPDX-License-Identifier: GPL-2.0
/*
 * A libFuzzer target: whatever the text, the reader neither crashes nor leaks;
 * what it refuses it places within the text; what it accepts is a good layout,
 * and the text of that gives the same layout again.
 *
 *	fuzz_text [corpus-dir]
 *
 * There need not be a corpus: what does not begin as a layout does is replaced
 * by a random layout, and changed from there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "layout_tools.h"
#include "libfuzzer.h"
#include "random_layout.h"
#include "text.h"

#define MUST(cond) do {							\
	if (!(cond)) {							\
		fprintf(stderr, "failed: %s\n", #cond);			\
		abort();						\
	}								\
} while (0)

static void check_error(const u8 *data, size_t size, const struct pmb_text_error *error)
{
	size_t line = 1, column = 1, i;

	MUST(error->why && strcmp(error->why, "inconsistent layout"));
	for (i = 0; i < size && line < error->line; i++)
		line += data[i] == '\n';
	MUST(error->line == line);
	for (; i < size && data[i] != '\n' && column < error->column; i++)
		column++;
	MUST(error->column == column);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct pmb_layout *layout, *again;
	struct pmb_text_error error;
	char *text;

	layout = pmb_text_read((const char *)data, size, &error);
	if (!layout) {
		check_error(data, size, &error);
		return 0;
	}
	MUST(!pmb_layout_check(layout, NULL, 0));
	MUST(!error.why);

	text = layout_text(layout);
	again = pmb_text_read(text, strlen(text), &error);
	MUST(again);
	MUST(!layout_difference(layout, again));

	free(text);
	pmb_layout_free(again);
	pmb_layout_free(layout);
	return 0;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	static const char start[] = "pmb-layout ";
	struct pmb_layout *layout;
	char *text;

	if (size >= sizeof(start) && !memcmp(data, start, strlen(start)) && seed % 64)
		return LLVMFuzzerMutate(data, size, max);
	layout = random_layout(seed, RANDOM_SMALL);
	text = layout_text(layout);
	size = min(strlen(text), max);
	memcpy(data, text, size);
	free(text);
	pmb_layout_free(layout);
	return size;
}
