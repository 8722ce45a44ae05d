// SPDX-License-Identifier: GPL-2.0
/*
 * The planner's steps are many, but not without end: a way that it knows of is not lost
 * in the search for a better one.  Found by random layouts (fuzz_plan), and cut down.
 */
#include "plan_bench.h"
#include "text.h"

/* Nine BARs could move, of devices with a cost and without one; seven have to. */
static const char many_movers[] =
	"pmb-layout 1\n"
	"host 0000:00\n"
	"root 0000:00 mem 0x90000000-0x957fffff\n"
	"dev 0000:00:00.0 on 0000:00 way live\n"
	"bridge 0000:00:00.0 bus 01-01 hotplug pcie\n"
	"window 0000:00:00.0 mem 0x90000000-0x910fffff\n"
	"window 0000:00:00.0 pref 0x95200000-0x956fffff\n"
	"dev 0000:01:00.0 behind 0000:00:00.0 way pause\n"
	"bridge 0000:01:00.0 bus 02-02\n"
	"window 0000:01:00.0 mem 0x90c00000-0x910fffff\n"
	"window 0000:01:00.0 pref 0x90000000-0x900fffff\n"
	"bar 0000:01:00.0 0 mem64 at 0x90a00000-0x90bfffff\n"
	"dev 0000:01:00.1 behind 0000:00:00.0 way live\n"
	"bridge 0000:01:00.1 bus 03-03 pcie\n"
	"window 0000:01:00.1 mem 0x90200000-0x906fffff\n"
	"window 0000:01:00.1 pref 0x95200000-0x953fffff\n"
	"dev 0000:02:00.0 behind 0000:01:00.0\n"
	"bar 0000:02:00.0 0 mem at 0x90c00000-0x90ffffff\n"
	"bar 0000:02:00.0 1 pref at 0x90000000-0x900fffff\n"
	"bar 0000:02:00.0 2 mem at 0x91000000-0x9103ffff\n"
	"dev 0000:03:00.0 behind 0000:01:00.1 way pause\n"
	"bar 0000:03:00.0 0 mem at 0x90200000-0x903fffff\n"
	"bar 0000:03:00.0 2 pref64 at 0x95200000-0x952fffff\n"
	"bar 0000:03:00.0 6 mem at 0x90600000-0x90601fff\n"
	"bar 0000:03:00.0 7 pref64 at 0x95300000-0x9539ffff align 64K reg 0x184\n"
	"dev 0000:03:00.1 behind 0000:01:00.1 way live\n"
	"bar 0000:03:00.1 0 mem64 at 0x90400000-0x905fffff\n"
	"dev 0000:03:00.3 behind 0000:01:00.1\n"
	"bar 0000:03:00.3 2 mem size 64M wanted\n"
	"bar 0000:03:00.3 0 mem64 size 512K wanted\n"
	"end 29\n";

/* What has to move is found, and then no window can stay as it is. */
static const char windows_last[] =
	"pmb-layout 1\n"
	"host 0000:00\n"
	"root 0000:00 mem 0x89100000-0x8f0fffff\n"
	"root 0000:00 mem 0x8f800000-0x915fffff\n"
	"root 0000:00 mem 0x4101800000-0x4101efffff\n"
	"dev 0000:00:00.0 on 0000:00 way live\n"
	"bridge 0000:00:00.0 bus 01-01 pcie\n"
	"window 0000:00:00.0 mem 0x8f800000-0x914fffff\n"
	"window 0000:00:00.0 pref 0x4101800000-0x4101efffff\n"
	"dev 0000:01:00.0 behind 0000:00:00.0 way live\n"
	"bridge 0000:01:00.0 bus 02-02\n"
	"window 0000:01:00.0 mem 0x8f800000-0x901fffff\n"
	"window 0000:01:00.0 pref 0x4101800000-0x4101bfffff\n"
	"dev 0000:02:00.0 behind 0000:01:00.0\n"
	"bridge 0000:02:00.0 bus 03-03\n"
	"window 0000:02:00.0 mem closed\n"
	"window 0000:02:00.0 pref 0x4101a00000-0x4101afffff\n"
	"dev 0000:01:00.1 behind 0000:00:00.0\n"
	"bar 0000:01:00.1 0 mem64 at 0x91000000-0x913fffff\n"
	"dev 0000:01:00.2 behind 0000:00:00.0 way live\n"
	"bar 0000:01:00.2 0 pref64 at 0x4101c00000-0x4101dfffff\n"
	"bar 0000:01:00.2 7 mem64 at 0x91400000-0x91477fff align 32K reg 0x184\n"
	"dev 0000:01:00.3 behind 0000:00:00.0 way live\n"
	"bar 0000:01:00.3 2 pref at 0x90800000-0x90ffffff\n"
	"dev 0000:02:00.1 behind 0000:01:00.0 way pause\n"
	"bar 0000:02:00.1 0 mem64 at 0x90000000-0x901fffff\n"
	"dev 0000:02:00.2 behind 0000:01:00.0 way pause cost 104491\n"
	"bar 0000:02:00.2 0 pref64 at 0x4101800000-0x41019fffff\n"
	"dev 0000:02:00.3 behind 0000:01:00.0 way live\n"
	"bar 0000:02:00.3 0 mem size 8M wanted\n"
	"dev 0000:03:00.0 behind 0000:02:00.0 way live\n"
	"bar 0000:03:00.0 0 pref64 at 0x4101a00000-0x4101afffff\n"
	"dev 0000:03:00.2 behind 0000:02:00.0\n"
	"bar 0000:03:00.2 2 pref64 size 16M wanted\n"
	"bar 0000:03:00.2 0 pref size 32M wanted\n"
	"end 34\n";

static void expect_complete(const char *text)
{
	struct pmb_text_error error;
	struct pmb_plan *plan;

	lay = pmb_text_read(text, strlen(text), &error);
	CHECK(lay);
	if (!lay)
		return;
	plan = plan_opt(NULL, 0);
	CHECK_EQ(plan->verdict, PMB_PLAN_COMPLETE);
	end(plan);
}

static void test_many_movers(void)
{
	expect_complete(many_movers);
}

static void test_windows_last(void)
{
	expect_complete(windows_last);
}

int main(void)
{
	RUN(test_many_movers);
	RUN(test_windows_last);
	return tap_end();
}
