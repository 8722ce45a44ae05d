// SPDX-License-Identifier: GPL-2.0
/* Dry runs: several requests in a row, and what is wrong with them. */
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "dryrun.h"
#include "layout_tools.h"
#include "tap.h"

/* Two slots. The first one has a card that may move, the second one nothing. */
static const char machine[] =
	"pmb-layout 1\n"
	"host 0000:00\n"
	"root 0000:00 mem 0x80000000-0x803fffff\n"
	"dev 0000:00:01.0 on 0000:00 driver pcieport way live\n"
	"bridge 0000:00:01.0 bus 01-01 pcie\n"
	"window 0000:00:01.0 mem 0x80100000-0x801fffff\n"
	"dev 0000:01:00.0 behind 0000:00:01.0 driver drive way pause\n"
	"bar 0000:01:00.0 0 mem at 0x80100000-0x801fffff\n"
	"dev 0000:00:02.0 on 0000:00 driver pcieport way live\n"
	"bridge 0000:00:02.0 bus 02-02 pcie\n"
	"window 0000:00:02.0 mem closed\n"
	/* Without a place by now; it is too large in any case. */
	"dev 0000:00:03.0 on 0000:00\n"
	"bar 0000:00:03.0 0 mem size 4M wanted\n"
	"dev 0000:00:04.0 on 0000:00 driver none\n"
	"bar 0000:00:04.0 0 mem at 0x80200000-0x802fffff fixed driver\n"
	"end\n";

static struct pmb_layout *lay;
static char told[16384];

static void keep(void *data, const char *line)
{
	size_t len = strlen(told);

	(void)data;
	snprintf(told + len, sizeof(told) - len, "%s\n", line);
}

static bool tells(const char *text)
{
	return strstr(told, text);
}

/* The layout is the same again afterwards, whatever came out. */
static int run(const char *requests)
{
	char *before, *after;
	int err;

	before = layout_text(lay);
	told[0] = 0;
	err = pmb_dryrun(lay, requests, keep, NULL);
	after = layout_text(lay);
	CHECK_STR(after, before);
	free(before);
	free(after);
	return err;
}

static void begin(void)
{
	struct pmb_text_error error;

	lay = pmb_text_read(machine, sizeof(machine) - 1, &error);
	CHECK_MSG(lay, "%u:%u: %s", error.line, error.column, error.why);
}

static void end(void)
{
	pmb_layout_free(lay);
	lay = NULL;
}

/* What is wanted now does not matter then. */
static void test_add(void)
{
	begin();
	CHECK_EQ(run("add 0000:00:02.0:2M,mem\n"), 0);
	CHECK_MSG(tells("host=0000:00 result=ok wanted=1 placed=1 "), "%s", told);
	CHECK_MSG(tells("moved=1 live=0 paused=1 cost=100000\n"), "%s", told);
	CHECK_MSG(tells("place 0000:02:00.0 BAR 0 size 0x200000 at 0x80000000-0x801fffff\n"),
		  "%s", told);
	CHECK_MSG(tells("move 0000:01:00.0 BAR 0 pause from 0x80100000-0x801fffff to 0x80300000-"),
		  "%s", told);
	CHECK_MSG(tells("pause 0000:01:00.0 driver drive cost 100000\n"), "%s", told);
	CHECK(!tells("0000:00:03.0"));
	end();
}

static void test_one_after_the_other(void)
{
	begin();
	CHECK_EQ(run("add 0000:00:02.0:2M,mem:1M,mem"), 0);
	CHECK_MSG(tells("result=no-space wanted=2 placed=0"), "%s", told);
	CHECK_MSG(tells("  missing: 0x100000 bytes\n"), "%s", told);
	CHECK_EQ(run("\n\t\nremove 0000:00:04.0\n\nadd 0000:00:02.0:2M,mem:1M,mem\n"), 0);
	CHECK_MSG(tells("result=ok wanted=2 placed=2"), "%s", told);
	CHECK_EQ(run("add 0000:00:02.0:1M,mem\nadd 0000:00:02.0:1M,mem"), 0);
	CHECK_MSG(tells("place 0000:02:00.0 ") && tells("place 0000:02:00.1 "), "%s", told);
	end();
}

/* Nothing is asked for: what lacks a place now. */
static void test_now(void)
{
	static const char * const nothing[] = { "", "\n", " \t\n\n", "fix 0000:01:00.0 0\n" };
	u32 i;

	begin();
	for (i = 0; i < ARRAY_SIZE(nothing); i++) {
		CHECK_EQ(run(nothing[i]), 0);
		CHECK_MSG(tells("result=no-space wanted=1 placed=0"), "%s", told);
		CHECK_MSG(tells("no-place 0000:00:03.0 BAR 0 size 0x400000\n"), "%s", told);
	}
	CHECK_EQ(run("remove 0000:00:03.0"), 0);
	CHECK_MSG(tells("result=ok wanted=0 placed=0 windows=0 moved=0"), "%s", told);
	end();
}

static void test_errors(void)
{
	static const struct {
		const char *requests;
		const char *answer;
	} bad[] = {
		{ "explode", "error: request 1, character 1: " },
		{ "add", "error: request 1, character 4: " },
		{ "\n\nremove nobody\n", "error: request 1, character 8: " },
		{ "remove 0000:00:04.0\nremove 0000:00:04.0", "error: request 2, character 8: " },
		{ "add 0000:00:02.0:3M,mem", "error: request 1, character 18: " },
		{ "fix 0000:01:00.0 3", "error: request 1, character 18: " },
		{ "resize 0000:01:00.0 0 3M", "error: request 1, character 23: " },
	};
	u32 i;

	begin();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_EQ(run(bad[i].requests), -EINVAL);
		CHECK_MSG(!strncmp(told, bad[i].answer, strlen(bad[i].answer)), "%s: %s",
			  bad[i].requests, told);
	}
	end();
}

/* Of two host bridges the one is meant that knows more of it. */
static void test_how_far(void)
{
	begin();
	CHECK(pmb_dryrun_fits(lay, "remove 0000:00:04.0\n") == U64_MAX);
	CHECK(pmb_dryrun_fits(lay, "remove 0000:00:04.0\nremove 1:0\n") >
	      pmb_dryrun_fits(lay, "remove 1:0\nremove 1:0\n"));
	CHECK(pmb_dryrun_fits(lay, "resize 0000:00:04.0 0 3M") >
	      pmb_dryrun_fits(lay, "resize 1:0 0 3M"));
	end();
}

static void test_no_memory(void)
{
	char *before, *after;
	int i, err = -ENOMEM;

	begin();
	before = layout_text(lay);
	for (i = 0; err == -ENOMEM && i < 1000; i++) {
		told[0] = 0;
		shim_allocs_left = i;
		err = pmb_dryrun(lay, "add 0000:00:02.0:2M,mem\n", keep, NULL);
		shim_allocs_left = -1;
		CHECK(!err || !told[0]);
	}
	CHECK_EQ(err, 0);
	CHECK(i > 5);
	after = layout_text(lay);
	CHECK_STR(after, before);
	free(before);
	free(after);
	end();
}

int main(void)
{
	RUN(test_add);
	RUN(test_one_after_the_other);
	RUN(test_now);
	RUN(test_errors);
	RUN(test_how_far);
	RUN(test_no_memory);
	return tap_end();
}
