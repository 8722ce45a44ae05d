// SPDX-License-Identifier: GPL-2.0
/*
 * The judge of plans: for each rule a plan which obeys it, and one which breaks
 * it and nothing else. The second judge has to be of the same opinion.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "checker.h"
#include "short_text.h"
#include "tap.h"
#include "verify.h"

#define MB	0x100000ull
#define PREF	0x4000000000ull		/* where prefetchable memory begins */

static struct pmb_layout *lay;
static struct pmb_options opt;
static struct pmb_plan plan;
static struct pmb_range wins[32], bars[32];
static char why[200];

/* The plan that changes nothing */
static void plan_nothing(void)
{
	u32 i;

	memset(&plan, 0, sizeof(plan));
	plan.win = wins;
	plan.bar = bars;
	plan.nr_wins = lay->nr_bridges * PMB_SPACES;
	plan.nr_bars = lay->nr_bars;
	plan.verdict = PMB_PLAN_NOT_FOUND;
	plan.lack.bar = PMB_NONE;
	plan.lack.bridge = PMB_NONE;
	for (i = 0; i < plan.nr_wins; i++)
		wins[i] = lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur;
	for (i = 0; i < plan.nr_bars; i++) {
		bars[i].start = lay->bars[i].start;
		bars[i].size = lay->bars[i].flags & PMB_BAR_PLACED ?
			       lay->bars[i].size : 0;
	}
	checker_count(lay, &plan);
}

static void begin(const char *text)
{
	pmb_layout_free(lay);
	lay = layout_from(text);
	memset(&opt, 0, sizeof(opt));
	plan_nothing();
}

static void put(u32 bar, u64 start)
{
	bars[bar].start = start;
	bars[bar].size = lay->bars[bar].size;
}

/* No place for a BAR */
static void leave(u32 bar)
{
	bars[bar].size = 0;
}

static void open_window(u32 bridge, enum pmb_space space, u64 start, u64 size)
{
	wins[bridge * PMB_SPACES + space] = (struct pmb_range){ start, size };
}

/* What the judges say, without setting the numbers of the plan right */
static bool accepted(void)
{
	char other[200];
	int err;
	bool ok;

	why[0] = '\0';
	err = pmb_verify(lay, &opt, &plan, why, sizeof(why));
	ok = checker_accepts(lay, &opt, &plan, other, sizeof(other));
	CHECK_MSG(err == 0 || err == -EINVAL, "%d", err);
	CHECK_MSG(!err == ok, "verify: \"%s\", checker: \"%s\"", why, ok ? "" : other);
	return !err;
}

#define GOOD() do {							\
	checker_count(lay, &plan);					\
	CHECK_MSG(accepted(), "%s", why);				\
} while (0)

/* Rejected, for a reason which has these words in it */
static void bad(int line, const char *words)
{
	if ((accepted() || !strstr(why, words)) && tap_complain(__FILE__, line))
		printf("\"%s\" and not \"%s\"\n", why, words);
}

#define BAD_NUMBERS(words)	bad(__LINE__, words)

#define BAD(words) do {							\
	checker_count(lay, &plan);					\
	bad(__LINE__, words);						\
} while (0)

/* Which BAR, window or bridge is which in usual[] */
enum { A, B };
enum {
	LIVE, FREE_MEM, FREE_PREF, WANT_MEM, WANT_PREF, WANT_IO, WANT_ROM, FIXED, NEVER,
	KNOWN, WANT_FIXED
};

static const char usual[] =
	"host 0000:00\n"
	"root 0000:00 io 0x1000-0xffff\n"
	"root 0000:00 mem 0x80000000-0x8fffffff\n"
	"root 0000:00 pref 0x4000000000-0x40ffffffff\n"
	"hole 0000:00 mem 0x88000000-0x880fffff ECAM\n"
	"hole 0000:00 mem 0x8a000000-0x8affffff big\n"
	"hole 0000:00 mem 0x8a100000-0x8a1fffff inside\n"
	"hole 0000:00 mem 0x8a300000-0x8a3fffff inside\n"
	"dev 0000:00:01.0 on 0000:00\n"
	"bridge 0000:00:01.0 bus 01-01 pcie\n"
	"window 0000:00:01.0 io 0x2000-0x2fff\n"
	"window 0000:00:01.0 mem 0x80000000-0x801fffff\n"
	"window 0000:00:01.0 pref 0x4000000000-0x40001fffff\n"
	"dev 0000:01:00.0 behind 0000:00:01.0 driver nvme way live\n"
	"bar 0000:01:00.0 0 mem at 0x80000000-0x800fffff\n"
	"dev 0000:01:01.0 behind 0000:00:01.0\n"
	"bar 0000:01:01.0 0 mem at 0x80100000-0x8010ffff\n"
	"bar 0000:01:01.0 2 pref64 at 0x4000000000-0x40000fffff\n"
	"dev 0000:00:02.0 on 0000:00\n"
	"bridge 0000:00:02.0 bus 02-02 pcie\n"
	"window 0000:00:02.0 io closed\n"
	"window 0000:00:02.0 mem 0x80200000-0x802fffff\n"
	"window 0000:00:02.0 pref closed\n"
	"dev 0000:02:00.0 behind 0000:00:02.0\n"
	"bar 0000:02:00.0 0 mem64 size 1M wanted\n"
	"bar 0000:02:00.0 2 pref64 size 1M wanted\n"
	"bar 0000:02:00.0 4 io size 16 wanted\n"
	"bar 0000:02:00.0 6 mem size 64K wanted optional rom\n"
	"dev 0000:00:03.0 on 0000:00\n"
	"bar 0000:00:03.0 0 mem at 0x80400000-0x8040ffff fixed root-bus\n"
	"dev 0000:00:04.0 on 0000:00 driver vga way never\n"
	"bar 0000:00:04.0 0 mem at 0x80500000-0x8050ffff\n"
	"dev 0000:00:05.0 on 0000:00\n"
	"bar 0000:00:05.0 0 mem size 64K\n"
	"dev 0000:00:06.0 on 0000:00\n"
	"bar 0000:00:06.0 0 mem size 64K wanted fixed hardwired optional\n";

/* A good plan for it: everything has a place, nothing has moved. */
static void begin_usual(void)
{
	begin(usual);
	put(WANT_MEM, 0x80200000);
	open_window(B, PMB_PREF, PREF + 2 * MB, MB);
	put(WANT_PREF, PREF + 2 * MB);
	open_window(B, PMB_IO, 0x3000, 0x1000);
	put(WANT_IO, 0x3ff0);
	open_window(B, PMB_MEM, 0x80200000, 2 * MB);
	put(WANT_ROM, 0x80300000);
}

static void test_usual(void)
{
	begin(usual);
	GOOD();
	begin_usual();
	GOOD();
	CHECK_EQ(plan.verdict, PMB_PLAN_COMPLETE);
	CHECK_EQ(plan.bars_placed, 4);
	CHECK_EQ(plan.wins_changed, 3);
	CHECK_EQ(pmb_verify(lay, NULL, &plan, NULL, 0), 0);
	plan.nr_bars--;
	BAD_NUMBERS("another layout");
}

static void test_fixed_moves(void)
{
	begin_usual();
	put(FIXED, 0x80410000);
	BAD("0000:00:03.0 BAR 0 is fixed");
	begin_usual();
	put(NEVER, 0x80510000);
	BAD("0000:00:04.0 BAR 0 is fixed");
	begin_usual();
	put(WANT_FIXED, 0x80600000);
	BAD("0000:00:06.0 BAR 0 is fixed without a place");
	begin_usual();
	put(KNOWN, 0x80600000);
	BAD("0000:00:05.0 BAR 0 gets a place that nobody wants");
	begin_usual();
	put(FREE_MEM, 0x80110000);
	GOOD();
	CHECK_EQ(plan.bars_moved, 1);
	CHECK_EQ(plan.cost, 0);
}

static void test_placed_is_lost(void)
{
	begin_usual();
	leave(FREE_MEM);
	BAD("0000:01:01.0 BAR 0 loses its place");
	begin_usual();
	bars[FREE_MEM].size = 0x8000;
	BAD("changes its size");
	begin_usual();
	bars[WANT_MEM].size = 2 * MB;
	BAD("changes its size");
}

static void test_aligned(void)
{
	begin_usual();
	put(FREE_MEM, 0x80118000);
	BAD("0000:01:01.0 BAR 0 at 0x80118000 (on the bus 0x80118000) is not aligned");
	begin_usual();
	put(WANT_IO, 0x3ff8);
	BAD("not aligned");
}

/* Behind a host bridge that translates, both addresses count. */
static const char translated[] =
	"host 0000:00\n"
	"root 0000:00 mem 0x600000000-0x6ffffffff offset 0x580080000\n"
	"dev 0000:00:01.0 on 0000:00\n"
	"bar 0000:00:01.0 0 mem size 64K wanted\n"
	"dev 0000:00:02.0 on 0000:00\n"
	"bar 0000:00:02.0 0 mem size 1M wanted\n"
	"dev 0000:00:03.0 on 0000:00\n"
	"bar 0000:00:03.0 0 mem64 size 64K wanted\n";

static void test_bus_address(void)
{
	begin(translated);
	put(0, 0x600000000);
	GOOD();
	put(0, 0x600000000 + 0x80080000 - 0x10000);	/* 4 GiB - 64 KiB on the bus */
	GOOD();
	put(0, 0x600000000 + 0x80080000);
	BAD("ends at bus address 0x10000ffff, its registers at 0xffffffff");
	begin(translated);
	put(2, 0x600000000 + 0x80080000);
	GOOD();
	begin(translated);
	put(1, 0x600100000);
	BAD("(on the bus 0x80080000) is not aligned");
	put(1, 0x600180000);
	BAD("(on the bus 0x80100000) is not aligned");
}

static void test_bar_in_window(void)
{
	begin_usual();
	put(WANT_MEM, 0x80600000);		/* between the windows */
	BAD("0000:02:00.0 BAR 0 at 0x80600000 is not inside");
	begin_usual();
	put(WANT_MEM, PREF + 3 * MB);		/* not for it */
	open_window(B, PMB_PREF, PREF + 2 * MB, 2 * MB);
	BAD("is not inside");
	opt.relaxed_pref = true;
	GOOD();
	lay->bridges[B].flags = 0;		/* not PCIe all the way */
	BAD("is not inside");
	lay->bridges[B].flags = PMB_BRIDGE_PCIE;
	lay->bars[WANT_MEM].flags &= ~PMB_BAR_64;
	BAD("registers at 0xffffffff");
	begin_usual();				/* a prefetchable window below 4 GiB */
	opt.relaxed_pref = true;
	lay->bridges[B].win[PMB_PREF].max = U32_MAX;
	open_window(B, PMB_PREF, 0x80600000, 2 * MB);
	put(WANT_PREF, 0x80600000);
	GOOD();
	put(WANT_MEM, 0x80700000);
	BAD("0000:02:00.0 BAR 0 at 0x80700000 is not inside");
	lay->bridges[B].win[PMB_PREF].max = U64_MAX;
	GOOD();
	lay->bars[WANT_MEM].flags &= ~PMB_BAR_64;
	BAD("0000:02:00.0 BAR 0 at 0x80700000 is not inside");
	begin_usual();
	put(WANT_IO, 0x2000);			/* the neighbour's window */
	BAD("0000:02:00.0 BAR 4 at 0x2000 is not inside");
	begin_usual();
	put(WANT_PREF, 0x80200000);		/* prefetchable in memory: fine */
	put(WANT_MEM, 0x80300000);
	leave(WANT_ROM);
	open_window(B, PMB_PREF, 0, 0);
	GOOD();
	put(WANT_MEM, 0x90000000);
	BAD("outside of every root window");
}

static const char on_the_root_bus[] =
	"host 0000:00\n"
	"host 0001:00\n"
	"root 0000:00 mem 0x80000000-0x8fffffff\n"
	"root 0000:00 pref 0x4000000000-0x40ffffffff\n"
	"root 0001:00 mem 0x90000000-0x9fffffff\n"
	"dev 0000:00:01.0 on 0000:00\n"
	"bar 0000:00:01.0 0 mem64 size 1M wanted\n"
	"dev 0000:00:02.0 on 0000:00\n"
	"bar 0000:00:02.0 0 pref64 size 1M wanted\n";

static void test_root_window(void)
{
	begin(on_the_root_bus);
	put(0, 0x80000000);
	put(1, 0x80100000);
	GOOD();
	put(1, PREF);
	GOOD();
	put(0, PREF + MB);
	BAD("0000:00:01.0 BAR 0 at 0x4000100000 is not inside");
	opt.relaxed_pref = true;
	GOOD();
	put(0, 0x90000000);			/* of the other host */
	BAD("outside of every root window");
}

static void test_window_shape(void)
{
	begin_usual();
	open_window(B, PMB_MEM, 0x80180000 + MB, 2 * MB);
	put(WANT_MEM, 0x80300000);
	put(WANT_ROM, 0x80400000 - 0x10000);
	BAD("not aligned to 0x100000");
	begin_usual();
	open_window(B, PMB_MEM, 0x80200000, 2 * MB + 0x10000);
	BAD("impossible size");
	begin_usual();
	lay->bridges[B].win[PMB_PREF].max = U32_MAX;
	BAD("0000:00:02.0 prefetchable window ends at bus address");
	begin_usual();
	lay->bridges[B].win[PMB_PREF].align = 0;
	BAD("0000:00:02.0 prefetchable window is opened, but the bridge has none");
	begin_usual();
	open_window(B, PMB_IO, 0x3000, 0x400);
	put(WANT_IO, 0x3000);
	BAD("impossible size");
	lay->bridges[B].win[PMB_IO].align = 0x400;
	GOOD();
	begin_usual();
	wins[B * PMB_SPACES + PMB_PREF] = (struct pmb_range){ PREF, 0 };
	leave(WANT_MEM);
	leave(WANT_PREF);
	BAD("closed, but not written as {0, 0}");
}

/* Windows in windows: C is behind A. */
static const char nested[] =
	"host 0000:00\n"
	"root 0000:00 mem 0x80000000-0x8fffffff\n"
	"dev 0000:00:01.0 on 0000:00\n"
	"bridge 0000:00:01.0 bus 01-02\n"
	"window 0000:00:01.0 mem 0x80000000-0x803fffff\n"
	"window 0000:00:01.0 pref 0x81000000-0x813fffff\n"
	"dev 0000:01:00.0 behind 0000:00:01.0\n"
	"bridge 0000:01:00.0 bus 02-02\n"
	"window 0000:01:00.0 mem 0x80000000-0x800fffff\n"
	"window 0000:01:00.0 pref 0x81000000-0x810fffff\n"
	"dev 0000:02:00.0 behind 0000:01:00.0\n"
	"bar 0000:02:00.0 0 mem at 0x80000000-0x8000ffff\n"
	"bar 0000:02:00.0 1 mem size 64K wanted\n";

static void test_window_in_window(void)
{
	begin(nested);
	put(1, 0x80010000);
	GOOD();
	open_window(1, PMB_MEM, 0x80000000, 4 * MB);
	GOOD();
	open_window(1, PMB_MEM, 0x80000000, 5 * MB);
	BAD("0000:01:00.0 memory window at 0x80000000 is not inside");
	begin(nested);
	put(1, 0x80010000);
	open_window(1, PMB_PREF, 0x80200000, MB);	/* prefetchable in memory */
	GOOD();
	open_window(1, PMB_MEM, 0x81100000, MB);	/* but not this */
	put(0, 0x81100000);
	put(1, 0x81110000);
	BAD("0000:01:00.0 memory window at 0x81100000 is not inside");
	begin(nested);
	put(1, 0x80010000);
	open_window(0, PMB_MEM, 0, 0);			/* leaves the lower one alone */
	BAD("0000:01:00.0 memory window stays at 0x80000000, but no window covers");
	begin(nested);
	open_window(1, PMB_MEM, 0x80100000, MB);
	put(1, 0x80100000);
	BAD("0000:02:00.0 BAR 0 stays at 0x80000000, but no window covers");
}

static void test_overlap(void)
{
	begin_usual();
	put(FREE_MEM, 0x800f0000);
	BAD("0000:01:00.0 BAR 0 and 0000:01:01.0 BAR 0 overlap");
	begin_usual();
	open_window(B, PMB_PREF, PREF + MB, 2 * MB);
	BAD("overlap at 0x4000100000");
	begin_usual();				/* a window grows over a BAR on its bus */
	open_window(B, PMB_MEM, 0x80200000, 3 * MB);
	BAD("0000:00:02.0 memory window and 0000:00:03.0 BAR 0 overlap");
	begin_usual();				/* both windows of one bridge */
	open_window(B, PMB_PREF, 0x80300000, MB);
	put(WANT_PREF, 0x80300000);
	put(WANT_ROM, 0x80200000);
	leave(WANT_MEM);
	leave(WANT_PREF);
	BAD("0000:00:02.0 memory window and 0000:00:02.0 prefetchable window overlap");
	begin_usual();				/* not only the neighbour before it */
	open_window(A, PMB_MEM, 0x80000000, 8 * MB);
	BAD("overlap");
}

/* What firmware has left behind: overlaps, a BAR and a window out of place */
static const char broken[] =
	"host 0000:00\n"
	"root 0000:00 mem 0x80000000-0x8fffffff\n"
	"hole 0000:00 mem 0x80000000-0x80000fff ECAM\n"
	"dev 0000:00:01.0 on 0000:00\n"
	"bridge 0000:00:01.0 bus 01-01\n"
	"window 0000:00:01.0 mem 0x80000000-0x803fffff\n"
	"dev 0000:01:00.0 behind 0000:00:01.0\n"
	"bar 0000:01:00.0 0 mem at 0x80100000-0x801fffff\n"
	"bar 0000:01:00.0 1 mem at 0x80100000-0x8010ffff\n"
	"bar 0000:01:00.0 2 mem at 0x80500000-0x8050ffff fixed hardwired\n"
	"bar 0000:01:00.0 3 mem size 64K wanted\n"
	"dev 0000:01:01.0 behind 0000:00:01.0\n"
	"bridge 0000:01:01.0 bus 02-02\n"
	"window 0000:01:01.0 mem 0x80300000-0x804fffff\n"
	"dev 0000:02:00.0 behind 0000:01:01.0\n"
	"bar 0000:02:00.0 0 mem size 64K wanted\n";

static void test_broken_firmware(void)
{
	begin(broken);
	GOOD();
	put(3, 0x80200000);
	GOOD();
	put(3, 0x80100000);
	BAD("overlap");
	put(3, 0x80200000);
	put(1, 0x80110000);			/* moves, still over the other one */
	BAD("overlap");
	put(1, 0x80210000);
	GOOD();
	open_window(0, PMB_MEM, 0x80000000, 16 * MB);	/* changes on a hole */
	BAD("0000:00:01.0 memory window at 0x80000000 is put over the hole \"ECAM\"");
	begin(broken);				/* over the BAR that nothing covers */
	open_window(0, PMB_MEM, 0x80100000, 16 * MB);
	put(3, 0x80500000);
	BAD("overlap");
	put(3, 0x80600000);
	GOOD();
	begin(broken);				/* the lower window sticks out */
	put(4, 0x80300000);
	GOOD();
	put(4, 0x80400000);
	BAD("0000:02:00.0 BAR 0 at 0x80400000 is cut off");
}

static void test_hole(void)
{
	begin_usual();
	open_window(B, PMB_MEM, 0x87f00000, 3 * MB);
	put(WANT_MEM, 0x87f00000);
	put(WANT_ROM, 0x88100000);
	BAD("0000:00:02.0 memory window at 0x87f00000 is put over the hole \"ECAM\"");
	open_window(B, PMB_MEM, 0x87e00000, 2 * MB);
	put(WANT_ROM, 0x87e00000);
	GOOD();
	/* Behind a hole inside of a larger one */
	open_window(B, PMB_MEM, 0x8ac00000, 2 * MB);
	put(WANT_MEM, 0x8ac00000);
	put(WANT_ROM, 0x8ad00000);
	BAD("is put over the hole \"big\"");
}

static const char strict[] =
	"host 0000:00\n"
	"root 0000:00 mem 0x80000000-0x8fffffff\n"
	"dev 0000:00:01.0 on 0000:00\n"
	"bridge 0000:00:01.0 bus 01-01\n"
	"window 0000:00:01.0 mem 0x80100000-0x802fffff\n"
	"dev 0000:01:00.0 behind 0000:00:01.0\n"
	"bar 0000:01:00.0 0 mem at 0x80100000-0x8010ffff strict\n"
	"bar 0000:01:00.0 1 mem size 64K wanted\n";

/* Holes of others, and what touches one */
static const char holes[] =
	"host 0000:00\n"
	"host 0001:00\n"
	"host 0002:00\n"
	"root 0000:00 mem 0x80000000-0x8fffffff\n"
	"root 0001:00 io 0x0-0xffff\n"
	"root 0001:00 mem 0x80000000-0x8fffffff\n"
	"root 0002:00 mem 0x80000000-0x8fffffff\n"
	"hole 0002:00 mem 0x80100000-0x801fffff two\n"
	"hole 0000:00 mem 0x80000000-0x8fffffff zero\n"
	"hole 0001:00 mem 0x80400000-0x804fffff high\n"
	"hole 0001:00 mem 0x80100000-0x801fffff low\n"
	"hole 0001:00 io 0x8000-0xefff ports\n"
	"hole 0001:00 mem 0x80300000-0x803fffff middle\n"
	"dev 0001:00:01.0 on 0001:00\n"
	"bar 0001:00:01.0 0 mem size 1M wanted align 4K\n"
	"dev 0001:00:02.0 on 0001:00\n"
	"bar 0001:00:02.0 0 io size 4K wanted align 256\n";

static void test_holes(void)
{
	begin(holes);
	put(0, 0x80000000);
	GOOD();
	put(0, 0x80001000);
	BAD("the hole \"low\"");
	put(0, 0x801ff000);
	BAD("the hole \"low\"");
	put(0, 0x80200000);
	GOOD();
	put(0, 0x80201000);
	BAD("the hole \"middle\"");
	put(0, 0x804ff000);
	BAD("the hole \"high\"");
	lay->holes[3].range.size = 1;		/* "low" is one byte now */
	put(0, 0x80001000 + MB);
	GOOD();
	put(0, 0x80100000);
	BAD("the hole \"low\"");
	put(0, 0x80001000);
	BAD("the hole \"low\"");
	put(0, 0x80500000);
	GOOD();
	put(1, 0x7000);
	GOOD();
	put(1, 0x7100);
	BAD("the hole \"ports\"");
	put(1, 0xef00);
	BAD("the hole \"ports\"");
	put(1, 0xf000);
	GOOD();
}

static void test_strict(void)
{
	begin(strict);
	put(1, 0x80110000);
	GOOD();
	open_window(0, PMB_MEM, 0x80000000, 4 * MB);
	GOOD();
	open_window(0, PMB_MEM, 0x80100000, MB);	/* still covers the BAR */
	BAD("0000:00:01.0 memory window above the strict 0000:01:00.0 BAR 0 shrinks");
	open_window(0, PMB_MEM, 0x80100000, 2 * MB);
	put(0, 0x80120000);
	BAD("0000:01:00.0 BAR 0 is strict, but moves");
}

static const char transparent[] =
	"host 0000:00\n"
	"root 0000:00 mem 0x80000000-0x8fffffff\n"
	"dev 0000:00:01.0 on 0000:00\n"
	"bridge 0000:00:01.0 bus 01-02\n"
	"window 0000:00:01.0 mem 0x80000000-0x80ffffff\n"
	"dev 0000:01:00.0 behind 0000:00:01.0\n"
	"bridge 0000:01:00.0 bus 02-02 transparent\n"
	"window 0000:01:00.0 mem 0x80000000-0x800fffff\n"
	"dev 0000:02:00.0 behind 0000:01:00.0\n"
	"bar 0000:02:00.0 0 mem at 0x80800000-0x8080ffff\n"
	"bar 0000:02:00.0 1 mem at 0x80000000-0x8000ffff\n"
	"bar 0000:02:00.0 2 mem size 64K wanted\n"
	"dev 0000:01:01.0 behind 0000:00:01.0\n"
	"bar 0000:01:01.0 0 mem size 64K wanted\n";

static void test_transparent(void)
{
	begin(transparent);
	put(2, 0x80010000);
	put(3, 0x80700000);
	GOOD();
	put(3, 0x80800000);			/* on the bus above, over the BAR */
	BAD("0000:02:00.0 BAR 0 and 0000:01:01.0 BAR 0 overlap");
	put(3, 0x80700000);
	put(2, 0x80800000);
	BAD("is not inside");
	put(2, 0x80810000);			/* new ones need a window */
	BAD("is not inside");
	put(2, 0x80010000);
	open_window(0, PMB_MEM, 0x80000000, 8 * MB);
	BAD("0000:02:00.0 BAR 0 stays at 0x80800000, but no window covers it");
	begin(transparent);			/* out of the window it was in */
	open_window(1, PMB_MEM, 0x80100000, MB);
	put(2, 0x80100000);
	put(3, 0x80700000);
	BAD("0000:02:00.0 BAR 1 stays at 0x80000000, but no window covers it");
}

/* The same on the root bus */
static const char transparent_root[] =
	"host 0000:00\n"
	"root 0000:00 mem 0x80000000-0x8fffffff\n"
	"dev 0000:00:01.0 on 0000:00\n"
	"bridge 0000:00:01.0 bus 01-01 transparent\n"
	"dev 0000:01:00.0 behind 0000:00:01.0\n"
	"bar 0000:01:00.0 0 mem at 0x80800000-0x8080ffff\n"
	"bar 0000:01:00.0 1 mem at 0x90800000-0x9080ffff\n"
	"dev 0000:00:02.0 on 0000:00\n"
	"bar 0000:00:02.0 0 mem size 64K wanted\n";

static void test_transparent_root(void)
{
	begin(transparent_root);
	GOOD();
	put(2, 0x80000000);
	GOOD();
	put(2, 0x80800000);
	BAD("0000:01:00.0 BAR 0 and 0000:00:02.0 BAR 0 overlap");
	put(2, 0x80000000);
	put(1, 0x80900000);			/* moves: into a window, please */
	BAD("is not inside");
}

static void test_whole_devices(void)
{
	begin_usual();
	leave(WANT_PREF);
	open_window(B, PMB_PREF, 0, 0);
	BAD("0000:02:00.0 gets only some");
	leave(WANT_MEM);
	GOOD();					/* I/O alone */
	CHECK_EQ(plan.verdict, PMB_PLAN_PARTIAL);
	begin_usual();
	leave(WANT_IO);
	open_window(B, PMB_IO, 0, 0);
	GOOD();					/* memory without I/O */
	CHECK_EQ(plan.verdict, PMB_PLAN_PARTIAL);
	CHECK_EQ(plan.unplaced, 1);
	leave(WANT_ROM);
	GOOD();
	CHECK_EQ(plan.unplaced_optional, 2);
}

static void test_proportion(void)
{
	begin(usual);
	open_window(B, PMB_MEM, 0x80200000, 2 * MB);
	BAD("0 BARs and 1 windows change for nothing");
	begin_usual();				/* the optional one only, at a cost */
	leave(WANT_MEM);
	leave(WANT_PREF);
	leave(WANT_IO);
	open_window(B, PMB_PREF, 0, 0);
	open_window(B, PMB_IO, 0, 0);
	GOOD();
	CHECK_EQ(plan.verdict, PMB_PLAN_NOT_FOUND);
	plan.verdict = PMB_PLAN_IMPOSSIBLE;
	CHECK(accepted());
	open_window(A, PMB_MEM, 0x80000000, 2 * MB);
	put(FREE_MEM, 0x80000000);
	put(LIVE, 0x80100000);
	BAD("optional BARs cost 1");
	begin_usual();				/* for all of them that is fine */
	put(FREE_MEM, 0x80000000);
	put(LIVE, 0x80100000);
	GOOD();
	opt.max_cost = 1;
	GOOD();
	lay->devs[lay->bars[LIVE].dev].cost = 2;
	BAD("the cost 2 is above the limit 1");
}

static void test_numbers(void)
{
	begin_usual();
	put(FREE_MEM, 0x80000000);
	put(LIVE, 0x80100000);
	GOOD();
	CHECK_EQ(plan.cost, PMB_COST_LIVE);
	lay->devs[lay->bars[FREE_MEM].dev].way = PMB_WAY_PAUSE;
	BAD_NUMBERS("devs_paused");
#define WRONG(number) do {						\
	checker_count(lay, &plan);					\
	(plan.number)++;						\
	BAD_NUMBERS("the plan says " #number);				\
} while (0)
	WRONG(cost);
	WRONG(bars_moved);
	WRONG(bars_placed);
	WRONG(wins_changed);
	WRONG(devs_live);
	WRONG(devs_paused);
	WRONG(unplaced);
	WRONG(unplaced_optional);
#undef WRONG
}

static void test_verdict(void)
{
	enum pmb_verdict v;

	for (v = 0; v <= PMB_VERDICTS; v++) {
		begin_usual();
		checker_count(lay, &plan);
		plan.verdict = v;
		CHECK_EQ(!pmb_verify(lay, &opt, &plan, NULL, 0), v == PMB_PLAN_COMPLETE);
		begin(usual);
		plan.verdict = v;
		CHECK_EQ(!pmb_verify(lay, &opt, &plan, NULL, 0),
			 v == PMB_PLAN_NOT_FOUND || v == PMB_PLAN_IMPOSSIBLE);
		begin_usual();
		leave(WANT_IO);
		checker_count(lay, &plan);
		plan.verdict = v;
		CHECK_EQ(!pmb_verify(lay, &opt, &plan, NULL, 0), v == PMB_PLAN_PARTIAL);
	}
}

static void test_lack(void)
{
	begin(usual);
	plan.lack.bar = plan.nr_bars;
	CHECK_EQ(pmb_verify(lay, &opt, &plan, why, sizeof(why)), -EINVAL);
	plan.lack.bar = WANT_MEM;
	plan.lack.bridge = lay->nr_bridges;
	CHECK_EQ(pmb_verify(lay, &opt, &plan, why, sizeof(why)), -EINVAL);
	plan.lack.bridge = B;
	plan.lack.nr_blockers = 1;
	plan.lack.blockers[0] = FIXED;
	CHECK_EQ(pmb_verify(lay, &opt, &plan, why, sizeof(why)), 0);
	plan.lack.blockers[0] = plan.nr_bars;
	CHECK_EQ(pmb_verify(lay, &opt, &plan, why, sizeof(why)), -EINVAL);
	memset(plan.lack.blockers, 0, sizeof(plan.lack.blockers));
	plan.lack.nr_blockers = PMB_MAX_BLOCKERS;
	CHECK_EQ(pmb_verify(lay, &opt, &plan, why, sizeof(why)), 0);
	plan.lack.nr_blockers = PMB_MAX_BLOCKERS + 1;
	CHECK_EQ(pmb_verify(lay, &opt, &plan, why, sizeof(why)), -EINVAL);
}

/* Addresses at the very end, where sums wrap */
static void test_wrap(void)
{
	begin_usual();
	put(WANT_PREF, -MB);
	BAD("outside of every root window");
	bars[WANT_PREF].start = -(MB / 2);
	BAD("past the last address");
	begin_usual();
	open_window(B, PMB_PREF, -MB, 2 * MB);
	BAD("impossible size");
	begin_usual();
	lay->roots[2].range.size = -lay->roots[2].range.start;
	open_window(B, PMB_PREF, -MB, MB);
	put(WANT_PREF, -MB);
	GOOD();
}

static void test_no_memory(void)
{
	long i;
	int err;

	begin_usual();
	checker_count(lay, &plan);
	for (i = 0; i < 10; i++) {
		shim_allocs_left = i;
		err = pmb_verify(lay, &opt, &plan, why, sizeof(why));
		shim_allocs_left = -1;
		if (!err)
			break;
		CHECK_EQ(err, -ENOMEM);
	}
	CHECK_EQ(i, 3);
}

int main(void)
{
	RUN(test_usual);
	RUN(test_fixed_moves);
	RUN(test_placed_is_lost);
	RUN(test_aligned);
	RUN(test_bus_address);
	RUN(test_bar_in_window);
	RUN(test_root_window);
	RUN(test_window_shape);
	RUN(test_window_in_window);
	RUN(test_overlap);
	RUN(test_broken_firmware);
	RUN(test_hole);
	RUN(test_holes);
	RUN(test_strict);
	RUN(test_transparent);
	RUN(test_transparent_root);
	RUN(test_whole_devices);
	RUN(test_proportion);
	RUN(test_numbers);
	RUN(test_verdict);
	RUN(test_lack);
	RUN(test_wrap);
	RUN(test_no_memory);
	pmb_layout_free(lay);
	return tap_end();
}
