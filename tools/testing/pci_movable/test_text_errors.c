// SPDX-License-Identifier: GPL-2.0
/* Every fault of a text is refused, with its place and the right words. */
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "tap.h"
#include "text.h"

struct malformed {
	u32 line, column;
	const char *why;
	const char *text;
};

/* A good text, to which one line more is added before the end. */
static const char start[] =
	"pmb-layout 1\n"		/* 1 */
	"host H\n"			/* 2 */
	"root H mem 0x0-0xffffffff\n"	/* 3 */
	"dev A on H\n"			/* 4 */
	"bridge A bus 01-02\n"		/* 5 */
	"window A mem closed\n"		/* 6 */
	"dev D behind A driver foo\n"	/* 7 */
	"bar D 0 mem size 1M\n";	/* 8 */

static void refuse(const struct malformed *m, const char *before, const char *after)
{
	struct pmb_text_error error;
	struct pmb_layout *layout;
	size_t len = strlen(before) + strlen(m->text) + strlen(after);
	char *text = malloc(len + 1), *copy = malloc(len);

	sprintf(text, "%s%s%s", before, m->text, after);
	memcpy(copy, text, len);	/* without the zero */
	layout = pmb_text_read(copy, len, &error);
	CHECK_MSG(!layout, "%s", m->text);
	CHECK_MSG(layout || (error.line == m->line && error.column == m->column &&
			     !strcmp(error.why, m->why)),
		  "%s\n#   is  %u:%u: %s\n#   not %u:%u: %s", m->text,
		  error.line, error.column, error.why, m->line, m->column, m->why);
	pmb_layout_free(layout);
	free(copy);
	free(text);
}

static void refuse_lines(const struct malformed *m, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		refuse(&m[i], start, "\nend\n");
}

static void test_start_is_good(void)
{
	struct pmb_text_error error;
	struct pmb_layout *layout;
	char text[sizeof(start) + 4];

	sprintf(text, "%send\n", start);
	layout = pmb_text_read(text, strlen(text), &error);
	CHECK_MSG(layout, "%u:%u: %s", error.line, error.column, error.why);
	pmb_layout_free(layout);
}

static void test_header(void)
{
	static const char expected[] = "'pmb-layout 1' expected";
	static const struct malformed all[] = {
		{ 1, 1, expected, "" },
		{ 2, 1, expected, "\n" },
		{ 1, 3, expected, "  host H\nend\n" },
		{ 2, 1, expected, "# x\nhost H\npmb-layout 1\nend\n" },
		{ 1, 1, expected, "pmb-layouts 1\nend\n" },
		{ 1, 6, "the text ends within a line", "hello" },
		{ 1, 13, "the text ends within a line", "pmb-layout 1" },
		{ 1, 11, "number expected", "pmb-layout\nend\n" },
		{ 1, 12, "number expected", "pmb-layout # 1\nend\n" },
		{ 1, 1, "unknown version", "pmb-layout 2\nend\n" },
		{ 1, 1, "unknown version", "pmb-layout 0\nend\n" },
		{ 1, 14, "end of line expected", "pmb-layout 1 2\nend\n" },
		{ 2, 1, "unknown kind of line", "pmb-layout 1\npmb-layout 1\nend\n" },
		/* a log: columns count from the start of the line all the same */
		{ 1, 14, expected, "pci_movable: hello\nxx\n" },
		{ 2, 16, "unknown kind of line",
		  "x pci_movable: pmb-layout 1\nx pci_movable: hello\n" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		refuse(&all[i], "", "");
}

static void test_end(void)
{
	static const char wrong[] = "not the number of lines above";
	static const struct malformed all[] = {
		{ 9, 1, "'end' expected", "" },
		{ 10, 1, "'end' expected", "# end\n" },
		{ 9, 4, "the text ends within a line", "end" },
		{ 9, 5, wrong, "end 6\n" },
		{ 9, 5, wrong, "end 8\n" },
		{ 9, 5, "number too large", "end 4294967296\n" },
		{ 9, 5, "number expected", "end x\n" },
		{ 9, 7, "end of line expected", "end 7 7\n" },
		{ 10, 1, "text after the end", "end 7\nhost I\n" },
		{ 10, 2, "text after the end", "end\n end\n" },
		{ 10, 2, "the text ends within a line", "end\n#" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		refuse(&all[i], start, "");
}

static void test_tokens(void)
{
	static const struct malformed all[] = {
		{ 9, 1, "unknown kind of line", "hosts I" },
		{ 9, 1, "unknown kind of line", "HOST I" },
		{ 9, 1, "unknown kind of line", "\"host\" I" },
		{ 9, 3, "unknown kind of line", "\t ?" },
		{ 9, 5, "name expected", "host" },
		{ 9, 7, "name expected", "host  # I" },
		{ 9, 7, "empty name", "host \"\"" },
		{ 9, 6, "quote without an end", "host \"I" },
		{ 9, 6, "quote without an end", "host \"" },
		{ 9, 7, "quote within a word", "host I\"" },
		{ 9, 9, "blank expected", "host \"I\"x" },
		{ 9, 7, "bad character", "host I\\" },
		{ 9, 7, "bad character", "host I\x01" },
		{ 9, 7, "bad character", "host I\x7f" },
		{ 9, 8, "bad character", "host \"I\xc3\xa4\"" },
		{ 9, 7, "bad character", "host I\r " },
		{ 9, 6, "name too long", "host 12345678901234567890123456789012" },
		{ 9, 8, "unknown word", "host I J" },
		{ 9, 11, "bus numbers expected", "host I bus" },
		{ 9, 12, "no bus numbers", "host I bus 00-100" },
		{ 9, 18, "given twice", "host I bus 00-ff bus 00-ff" },
		{ 9, 1, "last bus number below the first", "host I bus 10-0f" },
		{ 9, 5, "quote within a word", "host\"I\"" },
	};

	refuse_lines(all, ARRAY_SIZE(all));
}

static void test_names(void)
{
	static const struct malformed all[] = {
		{ 9, 6, "name given before", "host H" },
		{ 9, 6, "name given before", "host \"H\"" },
		{ 9, 5, "name given before", "dev D on H" },
		{ 9, 8, "name given before", "bridge A" },
		{ 9, 6, "no such host", "root A mem 0x0-0x1" },
		{ 9, 6, "no such host", "hole h mem 0x0-0x1" },
		{ 9, 10, "no such host", "dev E on HH" },
		{ 9, 14, "no such bridge", "dev E behind D" },
		{ 9, 8, "no such bridge", "window D mem closed" },
		{ 9, 5, "no such dev", "bar E 0 mem size 1M" },
		{ 9, 14, "no such dev", "bridge B dev B" },
		{ 9, 1, "no dev of the same name, and none given", "bridge B" },
	};

	refuse_lines(all, ARRAY_SIZE(all));
}

static void test_numbers(void)
{
	static const struct malformed all[] = {
		{ 9, 34, "number expected", "root H mem 0x10000-0x1ffff offset" },
		{ 9, 35, "number expected", "root H mem 0x10000-0x1ffff offset x" },
		{ 9, 37, "number expected", "root H mem 0x10000-0x1ffff offset 0x" },
		{ 9, 35, "number expected", "root H mem 0x10000-0x1ffff offset -1" },
		{ 9, 36, "end of the number expected",
		  "root H mem 0x10000-0x1ffff offset 0X1" },
		{ 9, 36, "end of the number expected",
		  "root H mem 0x10000-0x1ffff offset 1K" },
		{ 9, 37, "number too large",
		  "root H mem 0x10000-0x1ffff offset 0x10000000000000000" },
		{ 9, 35, "number too large",
		  "root H mem 0x10000-0x1ffff offset 18446744073709551616" },
		{ 9, 17, "number too large", "dev E on H cost 4294967296" },
		{ 9, 7, "number too large", "bar D 65536 mem size 1M reg 4" },
		{ 9, 26, "number too large", "bar D 1 mem size 1M reg  0x10000" },
	};

	refuse_lines(all, ARRAY_SIZE(all));
}

static void test_size_words(void)
{
	static const struct malformed all[] = {
		{ 9, 17, "size expected", "bar D 1 mem size" },
		{ 9, 18, "number expected", "bar D 1 mem size M" },
		{ 9, 19, "end of the size expected", "bar D 1 mem size 1m" },
		{ 9, 20, "end of the size expected", "bar D 1 mem size 1MB" },
		{ 9, 19, "end of the size expected", "bar D 1 mem size 1.5M" },
		{ 9, 18, "number too large", "bar D 1 mem size 16E" },
		{ 9, 18, "number too large", "bar D 1 mem size 18014398509481984K" },
		{ 9, 1, "BAR without a size", "bar D 1 mem size 0" },
		{ 9, 1, "alignment is no power of two", "bar D 1 mem size 3M" },
		{ 9, 1, "alignment is no power of two", "bar D 1 mem size 3M align 0" },
		{ 9, 1, "alignment is no power of two", "bar D 1 mem size 3M align 3M" },
		{ 9, 26, "sizes expected", "bar D 1 mem size 1M sizes" },
		{ 9, 27, "no such size of a Resizable BAR",
		  "bar D 1 mem size 1M sizes 512K" },
		{ 9, 27, "no such size of a Resizable BAR",
		  "bar D 1 mem size 1M sizes 3M" },
		{ 9, 30, "no such size of a Resizable BAR",
		  "bar D 1 mem size 1M sizes 1M,4M-2M" },
		{ 9, 30, "number expected", "bar D 1 mem size 1M sizes 1M," },
		{ 9, 30, "number expected", "bar D 1 mem size 1M sizes 1M-" },
		{ 9, 29, "end of the sizes expected", "bar D 1 mem size 1M sizes 1M;2M" },
		{ 9, 32, "end of the sizes expected",
		  "bar D 1 mem size 1M sizes 1M-2M-4M" },
		{ 9, 30, "end of the sizes expected", "bar D 1 mem size 1M sizes 0x1,2M" },
		{ 9, 1, "no such size of a Resizable BAR",
		  "bar D 1 mem size 1M sizes 0x100000000000" },
	};

	refuse_lines(all, ARRAY_SIZE(all));
}

static void test_ranges(void)
{
	static const struct malformed all[] = {
		{ 9, 11, "range expected", "root H mem" },
		{ 9, 12, "address without 0x", "root H mem 1000-0x1fff" },
		{ 9, 19, "address without 0x", "root H mem 0x1000-1fff" },
		{ 9, 18, "'-' and the last address expected", "root H mem 0x1000" },
		{ 9, 18, "'-' and the last address expected", "root H mem 0x1000+0x1000" },
		{ 9, 19, "address without 0x", "root H mem 0x1000-" },
		{ 9, 18, "'-' and the last address expected", "root H mem 0x1000 - 0x1fff" },
		{ 9, 25, "end of the range expected", "root H mem 0x1000-0x1fff," },
		{ 9, 12, "range ends before it begins", "root H mem 0x1000-0xfff" },
		{ 9, 12, "range too large", "root H mem 0x0-0xffffffffffffffff" },
		{ 9, 21, "number too large", "root H mem 0x1000-0x11112222333344445" },
		{ 9, 1, "empty range", "root H mem closed" },
		{ 9, 1, "empty range", "hole H mem closed" },
		{ 9, 1, "BAR without a size", "bar D 1 mem at closed" },
		{ 9, 1, "bus addresses wrap with this offset",
		  "root H mem 0x10000-0x1ffff offset 0x10001" },
		{ 9, 1, "overlaps another root window with another offset",
		  "root H pref 0x10000-0x1ffff offset 0x1000" },
		{ 9, 1, "window is not aligned", "window A pref 0x1000-0x1fff" },
		{ 9, 1, "window is not aligned", "window A pref 0x100000-0x1ffffe" },
		{ 9, 1, "window is not aligned", "window A pref 0x100000-0x1fffff align 2M" },
		{ 9, 1, "window is not aligned", "window A io 0x1000-0x17ff" },
		{ 9, 1, "alignment is no power of two", "window A pref closed align 0" },
		{ 9, 1, "alignment is no power of two", "window A pref closed align 3K" },
	};

	refuse_lines(all, ARRAY_SIZE(all));
}

static void test_words(void)
{
	static const struct malformed all[] = {
		{ 9, 7, "io, mem or pref expected", "root H" },
		{ 9, 8, "io, mem or pref expected", "root H IO 0x0-0x1" },
		{ 9, 8, "io, mem or pref expected", "root H \"io\" 0x0-0x1" },
		{ 9, 8, "io or mem expected", "hole H pref 0x0-0x1" },
		{ 9, 10, "io, mem or pref expected", "window A \"\" closed" },
		{ 9, 9, "io, mem, pref, mem64 or pref64 expected", "bar D 1 io64 size 16" },
		{ 9, 8, "io, mem, pref, mem64 or pref64 expected", "bar D 1" },
		{ 9, 16, "free, live, pause or never expected", "dev E on H way gone" },
		{ 9, 15, "free, live, pause or never expected", "dev E on H way" },
		{ 9, 27, "no such reason", "bar D 1 mem size 1M fixed movable" },
		{ 9, 27, "no such reason", "bar D 1 mem size 1M fixed \"\"" },
		{ 9, 26, "no such reason", "bar D 1 mem size 1M fixed" },
		{ 9, 21, "unknown word", "bar D 1 mem size 1M Wanted" },
		{ 9, 21, "unknown word", "bar D 1 mem size 1M \"wanted\"" },
		{ 9, 28, "unknown word", "root H mem 0x10000-0x1ffff prefetch" },
		{ 9, 12, "unknown word", "dev E on H fixed driver" },
		{ 9, 10, "unknown word", "bridge B strict" },
	};

	refuse_lines(all, ARRAY_SIZE(all));
}

static void test_options(void)
{
	static const struct malformed all[] = {
		{ 9, 1, "either 'on' or 'behind' expected", "dev E" },
		{ 9, 1, "either 'on' or 'behind' expected", "dev E on H behind A" },
		{ 9, 1, "either 'at' or 'size' expected", "bar D 1 mem" },
		{ 9, 1, "either 'at' or 'size' expected",
		  "bar D 1 mem size 1M at 0x100000-0x1fffff" },
		{ 9, 12, "given twice", "dev E on H on H" },
		{ 9, 28, "given twice", "bar D 1 mem size 1M wanted wanted" },
		{ 9, 21, "given twice", "bar D 1 mem size 1M size 1M" },
		{ 9, 1, "placed and wanted at once",
		  "bar D 1 mem at 0x100000-0x1fffff wanted" },
		{ 9, 1, "no register, and yet not fixed", "bar D 1 mem size 1M reg 0" },
		{ 9, 1, "no register, and yet not fixed", "bar D 9 mem size 1M" },
		{ 9, 1, "BAR given before", "bar D 0 pref size 2M" },
		{ 9, 1, "window given before", "window A mem closed" },
		{ 9, 22, "end of line expected", "hole H mem 0x0-0x1 a b" },
	};

	refuse_lines(all, ARRAY_SIZE(all));
}

static void test_buses(void)
{
	static const struct malformed all[] = {
		{ 10, 13, "bus numbers expected", "dev B on H\nbridge B bus" },
		{ 10, 14, "number expected", "dev B on H\nbridge B bus x" },
		{ 10, 16, "'-' and the last bus expected", "dev B on H\nbridge B bus 01" },
		{ 10, 17, "number expected", "dev B on H\nbridge B bus 01-" },
		{ 10, 14, "no bus numbers", "dev B on H\nbridge B bus 01-100" },
		{ 10, 14, "no bus numbers", "dev B on H\nbridge B bus 01-02-03" },
		{ 10, 15, "'-' and the last bus expected",
		  "dev B on H\nbridge B bus 0x1-2" },
	};

	refuse_lines(all, ARRAY_SIZE(all));
}

/* Bridges below themselves or below later ones. */
static void test_tree(void)
{
	static const struct malformed all[] = {
		{ 9, 1, "comes before the bridge above", "bridge E\ndev E behind E" },
		{ 9, 1, "comes before the bridge above",
		  "bridge E\nbridge F\ndev E behind F\ndev F on H" },
		{ 9, 1, "comes before the bridge above",
		  "bridge E\nbridge F\ndev E behind F\ndev F behind E" },
		/* the same, with a name of its own */
		{ 9, 1, "comes before the bridge above", "bridge X dev E\ndev E behind X" },
	};

	refuse_lines(all, ARRAY_SIZE(all));
}

int main(void)
{
	RUN(test_start_is_good);
	RUN(test_header);
	RUN(test_end);
	RUN(test_tokens);
	RUN(test_names);
	RUN(test_numbers);
	RUN(test_size_words);
	RUN(test_ranges);
	RUN(test_words);
	RUN(test_options);
	RUN(test_buses);
	RUN(test_tree);
	return tap_end();
}
