// SPDX-License-Identifier: GPL-2.0
/* Requests: what they do to a layout, and what is wrong with malformed ones. */
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "layout_tools.h"
#include "request.h"
#include "tap.h"

static const char machine[] =
	"pmb-layout 1\n"
	"host 0000:00\n"
	"root 0000:00 mem 0x80000000-0xbfffffff\n"
	"hole 0000:00 mem 0xb0000000-0xb0000fff pnp\n"
	/* A switch with two slots. */
	"dev 0000:00:01.0 on 0000:00 driver pcieport way live\n"
	"bridge 0000:00:01.0 bus 01-0f pcie\n"
	"window 0000:00:01.0 mem 0x80000000-0x803fffff\n"
	"dev 0000:01:00.0 behind 0000:00:01.0 driver pcieport way live\n"
	"bar 0000:01:00.0 0 mem at 0x80000000-0x8003ffff\n"
	"bridge 0000:01:00.0 bus 02-0f pcie\n"
	"window 0000:01:00.0 mem 0x80100000-0x803fffff\n"
	"dev 0000:02:00.0 behind 0000:01:00.0 driver pcieport way live\n"
	"bridge 0000:02:00.0 bus 03-07 pcie\n"
	"window 0000:02:00.0 mem 0x80100000-0x801fffff\n"
	"dev 0000:02:01.0 behind 0000:01:00.0 driver pcieport way live\n"
	"bridge 0000:02:01.0 bus 08-0f pcie\n"
	"window 0000:02:01.0 mem closed\n"
	/* In the first slot a card with BARs of all sorts. */
	"dev 0000:03:00.0 behind 0000:02:00.0 driver nic\n"
	"bar 0000:03:00.0 0 mem64 at 0x80100000-0x8010ffff fixed driver\n"
	"bar 0000:03:00.0 2 pref64 at 0x80110000-0x8011ffff sizes 1M-4M\n"
	"bar 0000:03:00.0 4 mem at 0x80120000-0x80120fff fixed hardwired\n"
	"bar 0000:03:00.0 5 mem at 0x80130000-0x80130fff reg 0 fixed firmware\n"
	"bar 0000:03:00.0 7 mem64 at 0x80140000-0x80157fff align 16K reg 0x184 vf optional\n"
	/* And something with an odd name. */
	"dev \"an odd one\" on 0000:00\n"
	"bar \"an odd one\" 0 mem at 0x90000000-0x90ffffff fixed root-bus\n"
	"end\n";

static struct pmb_layout *lay;		/* the machine */
static struct pmb_layout *got;		/* what has become of it */

static void begin(void)
{
	struct pmb_text_error error;

	lay = pmb_text_read(machine, sizeof(machine) - 1, &error);
	CHECK_MSG(lay, "%u:%u: %s", error.line, error.column, error.why);
}

static void end(void)
{
	pmb_layout_free(got);
	pmb_layout_free(lay);
	got = NULL;
	lay = NULL;
}

/* One more request; the first is made of the machine. */
static bool ask(const char *request)
{
	struct pmb_text_error error;
	struct pmb_layout *next;
	char why[128] = "";

	next = pmb_request_apply(got ?: lay, request, &error);
	CHECK_MSG(next, "%s: column %u: %s", request, error.column, error.why);
	if (!next)
		return false;
	CHECK_MSG(!pmb_layout_check(next, why, sizeof(why)), "%s: %s", request, why);
	pmb_layout_free(got);
	got = next;
	return true;
}

static const struct pmb_dev *dev(const char *name)
{
	u32 i;

	for (i = 0; i < got->nr_devs; i++) {
		if (!strcmp(got->devs[i].name, name))
			return &got->devs[i];
	}
	return NULL;
}

static const struct pmb_bar *bar(const char *name, u32 res)
{
	static const struct pmb_bar none;
	u32 i;

	for (i = 0; i < got->nr_bars; i++) {
		if (!strcmp(got->devs[got->bars[i].dev].name, name) &&
		    got->bars[i].res == res)
			return &got->bars[i];
	}
	CHECK_MSG(false, "no BAR %u of %s", res, name);
	return &none;
}

/* The machine with one line replaced, or taken away, is what there is now. */
static void check_line(const char *old, const char *new)
{
	const char *at = strstr(machine, old);
	struct pmb_text_error error;
	struct pmb_layout *want;
	char text[4096];
	const char *what;

	CHECK(at);
	if (!at || !got)
		return;
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - machine), machine, new,
		 at + strlen(old));
	want = pmb_text_read(text, strlen(text), &error);
	CHECK_MSG(want, "%u:%u: %s", error.line, error.column, error.why);
	if (want) {
		what = layout_difference(got, want);
		CHECK_MSG(!what, "%s", what);
	}
	pmb_layout_free(want);
}

static void test_add(void)
{
	const struct pmb_dev *new;

	begin();
	if (!ask("add 0000:02:01.0:256K,mem:16M,pref64:32,io:2M,pref,rom,optional"))
		return;
	new = dev("0000:08:00.0");
	CHECK(new);
	if (new) {
		CHECK_STR(got->bridges[new->bridge].name, "0000:02:01.0");
		CHECK_EQ(new->way, PMB_WAY_FREE);
		CHECK_EQ(new->cost, 0);
		CHECK_STR(new->driver, "");
	}
	CHECK_EQ(bar("0000:08:00.0", 0)->size, 256 << 10);
	CHECK_EQ(bar("0000:08:00.0", 0)->align, 256 << 10);
	CHECK_EQ(bar("0000:08:00.0", 0)->reg, 0x10);
	CHECK_EQ(bar("0000:08:00.0", 0)->flags, PMB_BAR_WANTED);
	CHECK_EQ(bar("0000:08:00.0", 1)->size, 16 << 20);
	CHECK_EQ(bar("0000:08:00.0", 1)->reg, 0x14);
	CHECK_EQ(bar("0000:08:00.0", 1)->flags,
		 PMB_BAR_WANTED | PMB_BAR_PREF | PMB_BAR_64);
	CHECK_EQ(bar("0000:08:00.0", 3)->reg, 0x1c);
	CHECK_EQ(bar("0000:08:00.0", 3)->flags, PMB_BAR_WANTED | PMB_BAR_IO);
	CHECK_EQ(bar("0000:08:00.0", 6)->reg, 0x30);
	CHECK_EQ(bar("0000:08:00.0", 6)->flags,
		 PMB_BAR_WANTED | PMB_BAR_PREF | PMB_BAR_ROM | PMB_BAR_OPTIONAL);
	/* Nothing else is different. */
	CHECK_EQ(got->nr_devs, lay->nr_devs + 1);
	CHECK_EQ(got->nr_bars, lay->nr_bars + 4);
	got->nr_devs--;
	got->nr_bars -= 4;
	CHECK_STR(layout_difference(got, lay) ?: "none", "none");
	end();
}

static void test_add_resizable(void)
{
	begin();
	ask("add 0000:02:01.0:16M,mem64:256M-1G,pref64");
	CHECK_EQ(bar("0000:08:00.0", 0)->sizes, 0);
	CHECK_EQ(bar("0000:08:00.0", 2)->sizes, 0x700);
	CHECK_EQ(bar("0000:08:00.0", 2)->size, 256 << 20);
	CHECK_EQ(bar("0000:08:00.0", 2)->align, 256 << 20);
	end();
}

static void test_add_functions(void)
{
	u32 i;

	begin();
	/* Function 0 of this bus exists, seven are left. */
	for (i = 0; i < 7; i++)
		ask("add 0000:02:00.0:1M,mem64\n");
	CHECK(dev("0000:03:00.1"));
	CHECK(dev("0000:03:00.7"));
	CHECK_EQ(got->nr_devs, lay->nr_devs + 7);
	end();
}

/* A bridge may have a name that begins like that of another one. */
static void test_add_longest_name(void)
{
	static const char text[] =
		"pmb-layout 1\n"
		"host h\n"
		"dev a on h\n"
		"bridge a bus 01-01\n"
		"dev a:1 on h\n"
		"bridge a:1 bus 02-02\n"
		"dev b:1 on h\n"
		"bridge b:1 bus 03-03\n"
		"dev b on h\n"
		"bridge b bus 04-04\n"
		"end\n";
	struct pmb_text_error error;

	lay = pmb_text_read(text, sizeof(text) - 1, &error);
	CHECK(lay);
	ask("add a:1:2,io");
	ask("add a:4,io");
	CHECK(dev("h:02:00.0"));
	CHECK(dev("h:01:00.0"));
	CHECK_EQ(bar("h:02:00.0", 0)->size, 2);
	ask("add b:1:2,io");
	ask("add b:4,io");
	CHECK(dev("h:03:00.0"));
	CHECK(dev("h:04:00.0"));
	end();
}

static void test_resize(void)
{
	begin();
	ask("resize 0000:03:00.0 0 0x100000");
	check_line("bar 0000:03:00.0 0 mem64 at 0x80100000-0x8010ffff fixed driver",
		   "bar 0000:03:00.0 0 mem64 size 1M wanted");
	end();

	begin();
	ask("resize 0000:03:00.0 2 4M");
	check_line("bar 0000:03:00.0 2 pref64 at 0x80110000-0x8011ffff sizes 1M-4M",
		   "bar 0000:03:00.0 2 pref64 size 4M wanted");
	/* And once more: it has no place any more. */
	ask("resize 0000:03:00.0 2 2M");
	check_line("bar 0000:03:00.0 2 pref64 at 0x80110000-0x8011ffff sizes 1M-4M",
		   "bar 0000:03:00.0 2 pref64 size 2M wanted");
	end();

	begin();
	ask("resize 0000:03:00.0 2 any");
	check_line("bar 0000:03:00.0 2 pref64 at 0x80110000-0x8011ffff",
		   "bar 0000:03:00.0 2 pref64 size 1M wanted");
	end();
}

/* Six virtual functions stay six, their alignment follows. */
static void test_resize_vfs(void)
{
	begin();
	ask("resize 0000:03:00.0 7 384K");
	check_line("mem64 at 0x80140000-0x80157fff align 16K reg 0x184 vf optional",
		   "mem64 size 384K align 64K reg 0x184 vf optional wanted");
	end();
}

/* Multiplied in 64 bits, this many functions of 1G would be 1G. */
static void test_resize_odd_vfs(void)
{
	static const char text[] =
		"pmb-layout 1\n"
		"host h\n"
		"dev a on h\n"
		"bar a 7 mem64 size 0x100000000010 align 16 reg 0x184 vf\n"
		"bar a 9 mem64 size 4M align 1M reg 0x18c vf sizes 1M-8M\n"
		"end\n";
	struct pmb_text_error error;

	lay = pmb_text_read(text, sizeof(text) - 1, &error);
	CHECK(lay);
	CHECK(!pmb_request_apply(lay, "resize a 7 1G", &error));
	CHECK_STR(error.why, "not a power of two for each virtual function");
	CHECK_EQ(error.column, 12);
	/* The sizes are those of one, and a plan does not know that. */
	CHECK(!pmb_request_apply(lay, "resize a 9 any", &error));
	CHECK_STR(error.why, "the sizes of this BAR are not known");
	ask("resize a 9 8M");
	CHECK_EQ(got->bars[1].align, 2 << 20);
	end();
}

static void test_resize_keeps_the_others(void)
{
	begin();
	ask("resize 0000:03:00.0 2 1M");
	CHECK_EQ(bar("0000:03:00.0", 0)->start, 0x80100000);
	CHECK_EQ(bar("0000:03:00.0", 0)->why, PMB_WHY_DRIVER);
	CHECK_EQ(dev("0000:03:00.0")->way, PMB_WAY_NEVER);
	end();
}

static void test_remove_function(void)
{
	begin();
	ask("remove \"an odd one\"");
	check_line("dev \"an odd one\" on 0000:00\n"
		   "bar \"an odd one\" 0 mem at 0x90000000-0x90ffffff fixed root-bus\n",
		   "");
	end();
}

/* A slot, with the card in it; then the switch. */
static void test_remove_bridge(void)
{
	const char *first = strstr(machine, "dev 0000:02:00.0");
	const char *second = strstr(machine, "dev 0000:02:01.0");
	const char *card = strstr(machine, "dev 0000:03:00.0");
	const char *odd = strstr(machine, "dev \"an odd");
	struct pmb_text_error error;
	struct pmb_layout *want;
	char text[4096];

	begin();
	ask("remove 0000:02:00.0");
	snprintf(text, sizeof(text), "%.*s%.*s%s", (int)(first - machine), machine,
		 (int)(card - second), second, odd);
	want = pmb_text_read(text, strlen(text), &error);
	CHECK(want);
	CHECK_STR(layout_difference(got, want) ?: "none", "none");
	pmb_layout_free(want);

	ask("remove 0000:01:00.0");
	CHECK_EQ(got->nr_bridges, 1);
	CHECK_EQ(got->nr_devs, 2);
	CHECK_EQ(got->nr_bars, 1);
	CHECK_EQ(got->bridges[0].win[PMB_MEM].cur.size, 0x400000);
	ask("remove 0000:00:01.0");
	ask("remove \"an odd one\"");
	CHECK_EQ(got->nr_devs + got->nr_bars + got->nr_bridges, 0);
	CHECK_EQ(got->nr_holes, 1);
	end();
}

/* All indices behind the one that is gone are others now. */
static void test_remove_first_bridge(void)
{
	static const char before[] =
		"pmb-layout 1\n"
		"host h\n"
		"dev a on h\n"
		"bridge a bus 01-01\n"
		"dev b on h\n"
		"bridge b bus 02-03\n"
		"dev c behind b\n"
		"bridge c bus 03-03\n"
		"dev d behind c\n"
		"bar d 0 mem size 4K wanted\n"
		"end\n";
	static const char after[] =
		"pmb-layout 1\n"
		"host h\n"
		"dev b on h\n"
		"bridge b bus 02-03\n"
		"dev c behind b\n"
		"bridge c bus 03-03\n"
		"dev d behind c\n"
		"bar d 0 mem size 4K wanted\n"
		"end\n";
	struct pmb_text_error error;
	struct pmb_layout *want;

	lay = pmb_text_read(before, sizeof(before) - 1, &error);
	want = pmb_text_read(after, sizeof(after) - 1, &error);
	CHECK(lay && want);
	ask("remove a");
	CHECK_STR(layout_difference(got, want) ?: "none", "none");
	pmb_layout_free(want);
	end();
}

/* Only this one becomes movable, also where the whole function never was. */
static void test_unfix(void)
{
	begin();
	ask("unfix 0000:03:00.0 0");
	CHECK_EQ(bar("0000:03:00.0", 0)->why, PMB_MAY_MOVE);
	CHECK_EQ(bar("0000:03:00.0", 2)->why, PMB_WHY_DRIVER);
	CHECK_EQ(bar("0000:03:00.0", 4)->why, PMB_WHY_HARDWIRED);
	CHECK_EQ(dev("0000:03:00.0")->way, PMB_WAY_PAUSE);
	CHECK_EQ(dev("0000:03:00.0")->cost, PMB_COST_PAUSE);
	ask("unfix 0000:03:00.0 2");
	CHECK_EQ(bar("0000:03:00.0", 0)->why, PMB_MAY_MOVE);
	CHECK_EQ(bar("0000:03:00.0", 2)->why, PMB_MAY_MOVE);
	end();

	begin();
	ask("unfix \"an odd one\" 0");
	check_line("0x90000000-0x90ffffff fixed root-bus", "0x90000000-0x90ffffff");
	end();
}

static void test_fix(void)
{
	begin();
	ask("fix 0000:01:00.0 0");
	check_line("at 0x80000000-0x8003ffff", "at 0x80000000-0x8003ffff fixed admin");
	ask("fix 0000:03:00.0 5");
	CHECK_EQ(bar("0000:03:00.0", 5)->why, PMB_WHY_FIRMWARE);
	end();
}

/* A reservation with the number of a BAR is not the BAR. */
static void test_bar_before_reservation(void)
{
	static const char text[] =
		"pmb-layout 1\n"
		"host h\n"
		"dev a on h\n"
		"bar a 0 mem at 0x1000-0x1fff reg 0 fixed firmware\n"
		"bar a 0 mem at 0x2000-0x2fff\n"
		"end\n";
	struct pmb_text_error error;

	lay = pmb_text_read(text, sizeof(text) - 1, &error);
	CHECK(lay);
	ask("resize a 0 8K");
	CHECK_EQ(got->bars[1].size, 8 << 10);
	CHECK_EQ(got->bars[0].size, 4 << 10);
	end();
}

static void test_malformed(void)
{
	static const struct {
		const char *request;
		u32 column;
		const char *why;
	} bad[] = {
#define VERB "add, resize, remove, unfix or fix expected"
		{ "", 1, VERB },
		{ "\t \r\n", 3, "bad character" },
		{ "# add", 1, VERB },
		{ "move 0000:03:00.0", 1, VERB },
		{ "\"add\" x", 1, VERB },
		{ "add", 4, "PORT:SIZE,KIND expected" },
		{ "add \"0000:02:01.0\"", 5, "PORT:SIZE,KIND expected" },
		{ "add 0000:02:01.0", 5, "no bridge with a ':' behind its name" },
		{ "add 0000:03:00.0:1M,mem", 5, "no bridge with a ':' behind its name" },
		{ "add 0000:02:01.0:", 18, "size expected" },
		{ "add 0000:02:01.0:1M", 20, "io, mem, pref, mem64 or pref64 expected" },
		{ "add 0000:02:01.0:1M,", 21, "io, mem, pref, mem64 or pref64 expected" },
		{ "add 0000:02:01.0:1M,rom", 21,
		  "io, mem, pref, mem64 or pref64 expected" },
		{ "add 0000:02:01.0:1M,mem,", 25, "optional or rom expected" },
		{ "add 0000:02:01.0:1M,mem,wanted", 25, "optional or rom expected" },
		{ "add 0000:02:01.0:1M,mem:", 25, "size expected" },
		{ "add 0000:02:01.0:1M,mem::1M,mem", 25, "size expected" },
		{ "add 0000:02:01.0:3M,mem", 18, "size is no power of two" },
		{ "add 0000:02:01.0:0,mem", 18, "size is no power of two" },
		{ "add 0000:02:01.0:1Mb,mem", 20, "end of the size expected" },
		{ "add 0000:02:01.0:16E,mem", 18, "number too large" },
		{ "add 0000:02:01.0:1M,mem64,rom", 18, "a ROM is mem or pref" },
		{ "add 0000:02:01.0:64,io,rom", 18, "a ROM is mem or pref" },
		{ "add 0000:02:01.0:1M,mem,rom:2M,mem,rom", 29,
		  "more than a function can have" },
		{ "add 0000:02:01.0:1M,mem64:1M,mem64:1M,mem:1M,mem64", 43,
		  "more than a function can have" },
		{ "add 0000:02:01.0:1,io:2,io:4,io:8,io:1,io:2,io:4,mem,rom:1,io", 58,
		  "more than a function can have" },
		{ "add 0000:02:01.0:1M,mem 2", 25, "end of line expected" },
		{ "add 0000:02:01.0:1M,m\"m", 22, "quote within a word" },
		{ "resize", 7, "name expected" },
		{ "resize 0000:07:00.0 0 1M", 8, "no such function" },
		{ "resize \"\" 0 1M", 9, "empty name" },
		{ "resize 0000:03:00.0", 20, "number expected" },
		{ "resize 0000:03:00.0 1 1M", 21, "no such BAR" },
		{ "resize 0000:03:00.0 65536 1M", 21, "number too large" },
		{ "resize 0000:03:00.0 4 1M", 21, "this BAR is hardwired" },
		{ "resize 0000:03:00.0 5 1M", 21, "this BAR has no register" },
		{ "add 0000:02:01.0:1M-3M,mem", 18,
		  "no such size of a Resizable BAR" },
		{ "add 0000:02:01.0:1M-,mem", 21, "number expected" },
		{ "add 0000:02:01.0:1M-2M,io", 18, "this has one size only" },
		{ "add 0000:02:01.0:1M-2M,mem,rom", 18, "this has one size only" },
		{ "resize 0000:03:00.0 0", 22, "size or 'any' expected" },
		{ "resize 0000:03:00.0 2 all", 23, "size or 'any' expected" },
		{ "resize 0000:03:00.0 0 any", 23, "the sizes of this BAR are not known" },
		{ "resize 0000:03:00.0 2 any 1M", 27, "end of line expected" },
		{ "resize 0000:03:00.0 0 0", 23, "size is no power of two" },
		{ "resize 0000:03:00.0 0 384K", 23, "size is no power of two" },
		{ "resize 0000:03:00.0 2 8M", 23, "not one of its sizes" },
		{ "resize 0000:03:00.0 2 64K", 23, "not one of its sizes" },
		{ "resize 0000:03:00.0 7 64K", 23,
		  "not a power of two for each virtual function" },
		{ "resize 0000:03:00.0 7 3", 23,
		  "not a power of two for each virtual function" },
		{ "resize 0000:03:00.0 0 1M 2M", 26, "end of line expected" },
		{ "remove", 7, "name expected" },
		{ "remove an odd one", 8, "no such function" },
		{ "remove \"an odd one", 8, "quote without an end" },
		{ "remove 0000:03:00.0 0", 21, "end of line expected" },
		{ "unfix 0000:03:00.0 5", 20, "this BAR has no register" },
		{ "fix 0000:03:00.0 9", 18, "no such BAR" },
		{ "fix 0000:03:00.0 0\nfix 0000:03:00.0 2", 19, "bad character" },
		{ "fix 0000:03:00.0 \x80", 18, "bad character" },
	};
	struct pmb_text_error error;
	u32 i;

	begin();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		got = pmb_request_apply(lay, bad[i].request, &error);
		CHECK_MSG(!got, "%s", bad[i].request);
		if (got) {
			pmb_layout_free(got);
			got = NULL;
			continue;
		}
		CHECK_MSG(error.line == 1, "%s: line %u", bad[i].request, error.line);
		CHECK_MSG(error.column == bad[i].column, "%s: column %u, not %u",
			  bad[i].request, error.column, bad[i].column);
		CHECK_MSG(!strcmp(error.why, bad[i].why), "%s: %s", bad[i].request,
			  error.why);
	}
	end();
}

static void test_no_function_left(void)
{
	struct pmb_text_error error;
	u32 i;

	begin();
	for (i = 0; i < 8; i++)
		ask("add 0000:02:01.0:1M,mem");
	CHECK(!pmb_request_apply(got, "add 0000:02:01.0:1M,mem", &error));
	CHECK_STR(error.why, "no free function behind this bridge");
	end();
}

/* Every line, cut off anywhere and with any byte in any place: no accident. */
static void test_mangled(void)
{
	static const char * const lines[] = {
		"add 0000:02:01.0:256K,mem:16M,pref64:32,io:2M,pref,rom,optional",
		"resize 0000:03:00.0 7 384K",
		"resize 0000:03:00.0 2 any",
		"add 0000:02:01.0:1M-16M,mem64",
		"remove \"an odd one\" # comment",
		"unfix 0000:03:00.0 0\n",
	};
	static const char bytes[] = "\x01 \t#:,\"\\0x9MEz\x7f\xff\n";
	struct pmb_text_error error;
	char *line, why[128];
	size_t len, at;
	u32 i, b;

	begin();
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		len = strlen(lines[i]);
		for (at = 0; at <= len; at++) {
			for (b = 0; b < sizeof(bytes); b++) {
				line = strdup(lines[i]);
				line[at] = bytes[b];
				/* An array of just that size: no read behind it. */
				if (at == len)
					line[at] = '\0';
				got = pmb_request_apply(lay, line, &error);
				if (got)
					CHECK(!pmb_layout_check(got, why, sizeof(why)));
				else
					CHECK(error.line == 1 && error.why &&
					      error.column <= len + 1);
				pmb_layout_free(got);
				free(line);
			}
		}
	}
	got = NULL;
	end();
}

static void test_no_memory(void)
{
	struct pmb_text_error error;
	long fails;

	begin();
	for (fails = 0; fails < 20; fails++) {
		shim_allocs_left = fails;
		got = pmb_request_apply(lay, "remove 0000:01:00.0", &error);
		if (got)
			break;
		CHECK_EQ(error.line, 0);
		CHECK_STR(error.why, "no memory");
	}
	shim_allocs_left = -1;
	CHECK(fails > 5);
	CHECK(got);
	end();
}

int main(void)
{
	RUN(test_add);
	RUN(test_add_resizable);
	RUN(test_add_functions);
	RUN(test_add_longest_name);
	RUN(test_resize);
	RUN(test_resize_vfs);
	RUN(test_resize_odd_vfs);
	RUN(test_resize_keeps_the_others);
	RUN(test_remove_function);
	RUN(test_remove_bridge);
	RUN(test_remove_first_bridge);
	RUN(test_unfix);
	RUN(test_fix);
	RUN(test_bar_before_reservation);
	RUN(test_malformed);
	RUN(test_no_function_left);
	RUN(test_mangled);
	RUN(test_no_memory);
	return tap_end();
}
