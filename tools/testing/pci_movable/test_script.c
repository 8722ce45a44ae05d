// SPDX-License-Identifier: GPL-2.0
/*
 * Scripts, run on emulated config spaces: forwards the registers have to hold
 * the plan, backwards what they held before. emul.c watches every write.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "emul.h"
#include "short_text.h"
#include "tap.h"

#define MB	0x100000ull
#define GB	0x40000000ull

static struct pmb_layout *lay;
static struct pmb_plan plan;
static struct pmb_range wins[32], bars[32];
static struct pmb_script *script;
static struct emul *e;

static void begin(const char *text)
{
	u32 i;

	pmb_script_free(script);
	emul_free(e);
	pmb_layout_free(lay);
	lay = layout_from(text);
	memset(&plan, 0, sizeof(plan));
	plan.win = wins;
	plan.bar = bars;
	plan.nr_wins = lay->nr_bridges * PMB_SPACES;
	plan.nr_bars = lay->nr_bars;
	for (i = 0; i < plan.nr_wins; i++)
		wins[i] = lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur;
	for (i = 0; i < plan.nr_bars; i++) {
		bars[i].start = lay->bars[i].start;
		bars[i].size = lay->bars[i].flags & PMB_BAR_PLACED ?
			       lay->bars[i].size : 0;
	}
	e = emul_new(lay);
	script = pmb_script_alloc(lay);
}

static void put(u32 bar, u64 start)
{
	bars[bar].start = start;
	bars[bar].size = lay->bars[bar].size;
}

static void open_window(u32 bridge, enum pmb_space space, u64 start, u64 size)
{
	wins[bridge * PMB_SPACES + space] = (struct pmb_range){ start, size };
}

static int build(void)
{
	return pmb_script_build(lay, &plan, emul_read, e, script);
}

/* Build, forwards, backwards */
static void run(u32 writes)
{
	CHECK_EQ(build(), 0);
	CHECK_EQ(script->nr, writes);
	CHECK_MSG(emul_run(e, &plan, script), "%s", e->why);
	CHECK_MSG(emul_undo(e, script), "%s", e->why);
}

static const struct pmb_write *write_to(u32 dev, u32 reg)
{
	static const struct pmb_write none;
	u32 i;

	for (i = 0; i < script->nr; i++) {
		if (script->write[i].dev == dev && script->write[i].reg == reg)
			return &script->write[i];
	}
	return &none;
}

/* Devices: 0, 1 the bridges; 2, 3 behind them; 4 on the root bus */
static const char two_bridges[] =
	"host 0000:00\n"
	"root 0000:00 io 0x1000-0xffff\n"
	"root 0000:00 mem 0x80000000-0x8fffffff\n"
	"root 0000:00 pref 0x4000000000-0x4fffffffff\n"
	"dev 0000:00:01.0 on 0000:00\n"
	"bridge 0000:00:01.0 bus 01-01\n"
	"window 0000:00:01.0 io 0x2000-0x2fff\n"
	"window 0000:00:01.0 mem 0x80000000-0x801fffff\n"
	"window 0000:00:01.0 pref 0x4000000000-0x40001fffff\n"
	"dev 0000:00:02.0 on 0000:00\n"
	"bridge 0000:00:02.0 bus 02-02\n"
	"window 0000:00:02.0 io closed\n"
	"window 0000:00:02.0 mem closed\n"
	"window 0000:00:02.0 pref closed\n"
	"dev 0000:01:00.0 behind 0000:00:01.0\n"
	"bar 0000:01:00.0 0 mem at 0x80000000-0x800fffff\n"
	"bar 0000:01:00.0 2 pref64 at 0x4000000000-0x40000fffff\n"
	"bar 0000:01:00.0 4 io at 0x2000-0x20ff\n"
	"dev 0000:02:00.0 behind 0000:00:02.0\n"
	"bar 0000:02:00.0 0 pref64 size 1M wanted\n"
	"bar 0000:02:00.0 2 io size 256 wanted\n"
	"bar 0000:02:00.0 3 mem size 64K wanted\n"
	"dev 0000:00:03.0 on 0000:00\n"
	"bar 0000:00:03.0 0 mem at 0x80400000-0x8040ffff\n";

enum { OLD_MEM, OLD_PREF, OLD_IO, NEW_PREF, NEW_IO, NEW_MEM, ROOT_MEM };

static void test_nothing(void)
{
	begin(two_bridges);
	run(0);
}

static void test_closed_to_open(void)
{
	begin(two_bridges);
	open_window(1, PMB_PREF, 0x4100000000, MB);
	put(NEW_PREF, 0x4100000000);
	/* base high, both low, limit high; the BAR's low half is 0 as it was */
	run(4);
	CHECK_EQ(script->write[0].reg, 0x28);
	CHECK_EQ(script->write[0].mask, 0xffffffff);
	CHECK_EQ(script->write[1].reg, 0x24);
	CHECK_EQ(script->write[1].new, 0x00010001);	/* type bits stay */
	CHECK_EQ(script->write[1].mask, 0xfff0fff0);
	CHECK_EQ(script->write[2].reg, 0x2c);
	CHECK_EQ(script->write[3].reg, 0x14);
	CHECK_EQ(script->write[3].bar, NEW_PREF);
	CHECK_EQ(script->write[3].step, PMB_BAR);

	begin(two_bridges);
	open_window(1, PMB_IO, 0x3000, 0x2000);
	put(NEW_IO, 0x4000);
	open_window(1, PMB_MEM, 0x80200000, MB);
	put(NEW_MEM, 0x80210000);
	run(4);
	CHECK_EQ(write_to(1, 0x1c)->new, 0x4030);
	CHECK_EQ(write_to(1, 0x1c)->width, 2);
	CHECK_EQ(write_to(1, 0x20)->new, 0x80208020);
	CHECK_EQ(write_to(3, 0x18)->new, 0x4001);
	CHECK_EQ(write_to(3, 0x1c)->new, 0x80210000);
	CHECK_EQ(write_to(3, 0x1c)->old, 0);
}

static void test_open_to_closed(void)
{
	begin(two_bridges);
	open_window(0, PMB_IO, 0, 0);
	open_window(0, PMB_MEM, 0, 0);
	open_window(0, PMB_PREF, 0, 0);
	run(5);
	CHECK_EQ(write_to(0, 0x1c)->new, 0x00f0);
	CHECK_EQ(write_to(0, 0x20)->new, 0x0000fff0);
	CHECK_EQ(write_to(0, 0x24)->new, 0x0001fff1);
	CHECK_EQ(write_to(0, 0x28)->new, 0);
	CHECK_EQ(write_to(0, 0x2c)->new, 0);
}

static void test_move(void)
{
	begin(two_bridges);
	put(OLD_MEM, 0x80100000);
	run(3);
	CHECK_EQ(script->write[0].reg, 4);
	CHECK_EQ(script->write[0].width, 2);
	CHECK_EQ(script->write[0].old, 7);
	CHECK_EQ(script->write[0].new, 5);		/* memory only */
	CHECK_EQ(script->write[0].mask, 2);
	CHECK_EQ(script->write[2].old, 5);
	CHECK_EQ(script->write[2].new, 7);
	CHECK_EQ(script->write[2].step, PMB_DECODE_ON);

	begin(two_bridges);				/* both kinds */
	put(OLD_MEM, 0x80100000);
	put(OLD_IO, 0x2100);
	run(4);
	CHECK_EQ(script->write[0].new, 4);

	begin(two_bridges);				/* it does not decode */
	emul_set(e, 2, 4, 2, 5);
	put(OLD_MEM, 0x80100000);
	run(1);
	begin(two_bridges);				/* nor this, though I/O does */
	emul_set(e, 2, 4, 2, 6);
	put(OLD_IO, 0x2100);
	run(1);
}

/* A half which stays the same is not written, whichever it is. */
static void test_halves(void)
{
	begin(two_bridges);
	open_window(0, PMB_PREF, 0x4000000000, 4 * MB);
	put(OLD_PREF, 0x4000200000);			/* low half only */
	run(4);
	CHECK_EQ(write_to(0, 0x28)->width, 0);
	CHECK_EQ(write_to(0, 0x2c)->width, 0);
	CHECK_EQ(write_to(2, 0x1c)->width, 0);
	begin(two_bridges);
	open_window(0, PMB_PREF, 0x4100000000, 2 * MB);
	put(OLD_PREF, 0x4100000000);			/* high half only */
	run(5);
	CHECK_EQ(write_to(0, 0x24)->width, 0);
	CHECK_EQ(write_to(2, 0x18)->width, 0);
	CHECK_EQ(write_to(2, 0x1c)->new, 0x41);
	CHECK_EQ(write_to(2, 0x1c)->old, 0x40);
}

/* What the plan places is there already, or the register holds something else. */
static void test_registers_differ(void)
{
	begin(two_bridges);
	emul_set(e, 2, 0x10, 4, 0x80100000);
	put(OLD_MEM, 0x80100000);
	run(0);
	begin(two_bridges);
	emul_set(e, 2, 0x10, 4, 0x81000000);		/* not the plan's business */
	put(OLD_PREF, 0x4000100000);
	run(3);
	/* The kernel knows of a window which has not been written yet. */
	begin(two_bridges);
	emul_set(e, 0, 0x20, 4, 0x0000fff0);
	put(OLD_MEM, 0x80100000);
	run(4);
	CHECK_EQ(write_to(0, 0x20)->new, 0x80108000);
	/* Nothing new goes through this one, so it stays as it is. */
	begin(two_bridges);
	emul_set(e, 0, 0x24, 4, 0x0000fff0);
	put(OLD_MEM, 0x80100000);
	run(3);
}

static void test_decode_while_unplaced(void)
{
	begin(two_bridges);
	emul_set(e, 3, 4, 2, 2);
	open_window(1, PMB_MEM, 0x80200000, MB);
	put(NEW_MEM, 0x80200000);
	run(4);
	CHECK_EQ(script->write[0].dev, 3);
}

static const char own_bars[] =
	"host 0000:00\n"
	"root 0000:00 mem 0x80000000-0x8fffffff\n"
	"dev 0000:00:01.0 on 0000:00\n"
	"bridge 0000:00:01.0 bus 01-01\n"
	"window 0000:00:01.0 mem 0x80000000-0x801fffff\n"
	"bar 0000:00:01.0 0 mem64 at 0x80200000-0x80203fff\n"
	"bar 0000:00:01.0 6 mem at 0x80300000-0x8030ffff rom optional reg 0x38\n"
	"dev 0000:01:00.0 behind 0000:00:01.0\n"
	"bar 0000:01:00.0 0 mem at 0x80000000-0x800fffff\n"
	"bar 0000:01:00.0 6 mem at 0x80100000-0x8010ffff rom optional\n"
	"bar 0000:01:00.0 7 mem64 size 64K align 16K vf optional wanted reg 0x184\n";

static void test_bridge_bar(void)
{
	begin(own_bars);
	put(0, 0x80210000);
	run(3);
	CHECK_EQ(script->write[0].dev, 0);
	CHECK_EQ(script->write[0].reg, 4);
	CHECK_EQ(script->write[0].new, 5);
}

static void test_rom(void)
{
	begin(own_bars);				/* not enabled: no decoding */
	put(3, 0x80110000);
	run(1);
	CHECK_EQ(script->write[0].mask, 0);		/* may read as zero */
	begin(own_bars);
	emul_set(e, 1, 0x30, 4, 0x80100001);
	put(3, 0x80110000);
	run(3);
	CHECK_EQ(write_to(1, 0x30)->new, 0x80110001);
	CHECK_EQ(write_to(1, 0x30)->mask, 0xfffff800);
	begin(own_bars);
	put(1, 0x80310000);
	run(1);
	CHECK_EQ(script->write[0].reg, 0x38);
}

static void test_vf(void)
{
	begin(own_bars);
	put(4, 0x80110000);
	run(1);
	CHECK_EQ(script->write[0].reg, 0x184);
	CHECK_EQ(script->write[0].new, 0x80110004);
	CHECK_EQ(script->write[0].mask, 0xfffffff0);
}

static const char translated[] =
	"host 0000:00\n"
	"root 0000:00 io 0x3f000000-0x3f01ffff offset 0x3f000000\n"
	"root 0000:00 mem 0x600000000-0x60fffffff offset 0x580000000\n"
	"dev 0000:00:01.0 on 0000:00\n"
	"bridge 0000:00:01.0 bus 01-01\n"
	"window 0000:00:01.0 io closed align 1K max 0xffffffff\n"
	"window 0000:00:01.0 mem closed\n"
	"window 0000:00:01.0 pref closed max 0xffffffff\n"
	"dev 0000:01:00.0 behind 0000:00:01.0\n"
	"bar 0000:01:00.0 0 mem size 1M wanted\n"
	"bar 0000:01:00.0 1 pref size 1M wanted\n"
	"bar 0000:01:00.0 2 io size 256 wanted\n";

static void test_translated(void)
{
	begin(translated);
	open_window(0, PMB_MEM, 0x600100000, MB);
	put(0, 0x600100000);
	open_window(0, PMB_PREF, 0x600200000, MB);	/* no upper halves */
	put(1, 0x600200000);
	run(4);
	CHECK_EQ(write_to(0, 0x20)->new, 0x80108010);
	CHECK_EQ(write_to(0, 0x24)->new, 0x80208020);
	CHECK_EQ(write_to(1, 0x10)->new, 0x80100000);
	CHECK_EQ(write_to(1, 0x14)->new, 0x80200008);
	/* What is not there is not written, whatever it says. */
	emul_set(e, 0, 0x28, 4, 0x12345678);
	CHECK_EQ(build(), 0);
	CHECK_EQ(script->nr, 4);
}

static void test_small_io(void)
{
	begin(translated);
	open_window(0, PMB_IO, 0x3f000400, 0x400);
	put(2, 0x3f000400);
	run(2);
	CHECK_EQ(write_to(0, 0x1c)->new, 0x0505);	/* type 1 below address 0x400 */
	CHECK_EQ(write_to(0, 0x1c)->mask, 0xfcfc);
	begin(translated);
	open_window(0, PMB_IO, 0x3f00f800, 0xc00);	/* across 64 KiB */
	put(2, 0x3f010000);
	run(3);
	CHECK_EQ(write_to(0, 0x30)->width, 0);
	CHECK_EQ(write_to(0, 0x32)->new, 1);
	begin(translated);
	open_window(0, PMB_IO, 0x3f010000, 0x400);
	put(2, 0x3f010000);
	run(4);
	CHECK_EQ(write_to(0, 0x30)->new, 1);
	CHECK_EQ(write_to(0, 0x30)->width, 2);
	CHECK_EQ(write_to(0, 0x30)->mask, 0xffff);
}

/* A window from every place to every other one, across lines of 4 GiB */
static const char wandering[] =
	"host 0000:00\n"
	"root 0000:00 pref 0x0-0xffffffffff\n"
	"dev 0000:00:01.0 on 0000:00\n"
	"bridge 0000:00:01.0 bus 01-01\n"
	"window 0000:00:01.0 pref 0x100000-0x1fffff\n";

static void test_wander(void)
{
	static const u64 at[] = {
		MB, GB, 4 * GB - MB, 4 * GB, 5 * GB, 8 * GB - 2 * MB, 9 * GB, 100 * GB,
	};
	static const u64 size[] = { MB, 2 * MB, 3 * GB, 4 * GB, 11 * GB };
	const u32 na = ARRAY_SIZE(at), n = na * ARRAY_SIZE(size);
	u32 from, to;

	/* One more than n: closed */
	for (from = 0; from <= n; from++) {
		for (to = 0; to <= n; to++) {
			begin(wandering);
			lay->bridges[0].win[PMB_PREF].cur = (struct pmb_range){
				from < n ? at[from % na] : 0, from < n ? size[from / na] : 0
			};
			emul_free(e);
			e = emul_new(lay);
			open_window(0, PMB_PREF, to < n ? at[to % na] : 0,
				    to < n ? size[to / na] : 0);
			CHECK_EQ(build(), 0);
			CHECK_MSG(emul_run(e, &plan, script), "%u to %u: %s", from, to,
				  e->why);
			CHECK_MSG(emul_undo(e, script), "%u to %u: %s", from, to, e->why);
		}
	}
}

static const char strict[] =
	"host 0000:00\n"
	"root 0000:00 pref 0x0-0xffffffffff\n"
	"dev 0000:00:01.0 on 0000:00\n"
	"bridge 0000:00:01.0 bus 01-01\n"
	"window 0000:00:01.0 pref 0x200000000-0x2000fffff\n"
	"bar 0000:00:01.0 0 mem at 0x80000000-0x80000fff\n"
	"dev 0000:01:00.0 behind 0000:00:01.0\n"
	"bar 0000:01:00.0 0 pref64 at 0x200000000-0x2000fffff strict fixed p2p\n"
	"bar 0000:01:00.0 6 pref size 64K wanted rom optional\n";

/* Growing is possible or refused, but never harms. */
static void test_strict_grows(void)
{
	static const struct {
		u64 from, to;		/* old window */
		u64 lo, hi;		/* new window */
		int err;
	} t[] = {
		{ 8 * GB, 8 * GB + MB, 8 * GB, 8 * GB + 2 * MB, 0 },
		{ 8 * GB + MB, 8 * GB + 2 * MB, 8 * GB, 8 * GB + 4 * MB, 0 },
		/* up over the line: the low half of the limit grows or shrinks */
		{ 8 * GB, 8 * GB + MB, 8 * GB, 12 * GB + 2 * MB, 0 },
		{ 8 * GB, 8 * GB + 2 * MB, 8 * GB, 12 * GB + MB, -EBUSY },
		{ 8 * GB, 8 * GB + 2 * MB, 8 * GB, 12 * GB + 2 * MB, 0 },
		/* down over it: the same for the base */
		{ 8 * GB + MB, 8 * GB + 2 * MB, 4 * GB, 8 * GB + 2 * MB, 0 },
		{ 8 * GB + MB, 8 * GB + 2 * MB, 4 * GB + MB, 8 * GB + 2 * MB, 0 },
		{ 8 * GB + MB, 8 * GB + 2 * MB, 8 * GB - MB, 8 * GB + 2 * MB, -EBUSY },
		/* both */
		{ 8 * GB + MB, 8 * GB + 2 * MB, 4 * GB, 16 * GB + 3 * MB, 0 },
		{ 8 * GB + MB, 8 * GB + 2 * MB, 4 * GB + 2 * MB, 16 * GB + 3 * MB, -EBUSY },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		begin(strict);
		lay->bars[1].start = t[i].from;
		put(1, t[i].from);
		lay->bridges[0].win[PMB_PREF].cur =
			(struct pmb_range){ t[i].from, t[i].to - t[i].from };
		emul_free(e);
		e = emul_new(lay);
		open_window(0, PMB_PREF, t[i].lo, t[i].hi - t[i].lo);
		CHECK_MSG(build() == t[i].err, "case %u", i);
		if (t[i].err) {
			CHECK_EQ(script->nr, 0);
			continue;
		}
		CHECK_MSG(emul_run(e, &plan, script), "case %u: %s", i, e->why);
		CHECK_MSG(emul_undo(e, script), "case %u: %s", i, e->why);
	}
}

static void test_strict_decodes(void)
{
	begin(strict);				/* the bridge would close for it */
	put(0, 0x80001000);
	CHECK_EQ(build(), -EBUSY);
	emul_set(e, 0, 4, 2, 4);		/* it is closed anyway */
	run(1);
	begin(strict);				/* a ROM which does not decode */
	open_window(0, PMB_PREF, 0x200000000, 2 * MB);
	put(2, 0x80100000);
	CHECK_EQ(build(), 0);
	emul_set(e, 1, 0x30, 4, 1);		/* but so it does */
	CHECK_EQ(build(), -EBUSY);
}

static void test_dead(void)
{
	begin(two_bridges);
	open_window(1, PMB_MEM, 0x80200000, MB);
	put(NEW_MEM, 0x80200000);
	put(ROOT_MEM, 0x80500000);
	for (e->dead = 0; e->dead < lay->nr_devs; e->dead++) {
		if (e->dead == 0 || e->dead == 2)	/* not concerned */
			continue;
		CHECK_EQ(build(), -ENODEV);
		CHECK_EQ(script->nr, 0);
	}
	e->dead = PMB_NONE;
	emul_set(e, 4, 4, 2, 0xffff);
	CHECK_EQ(build(), -ENODEV);
	emul_set(e, 4, 4, 2, 7);
	emul_set(e, 1, 0x20, 4, 0xffffffff);
	CHECK_EQ(build(), -ENODEV);
}

static void test_does_not_fit(void)
{
	struct pmb_layout *small;
	struct pmb_script *other;

	begin(two_bridges);
	put(ROOT_MEM, 0x4000000000);		/* a BAR of 32 bits */
	CHECK_EQ(build(), -EINVAL);
	put(ROOT_MEM, 0x70000000);		/* outside of the root windows */
	CHECK_EQ(build(), -EINVAL);
	begin(two_bridges);
	open_window(1, PMB_MEM, 0x4000200000, MB);
	CHECK_EQ(build(), -EINVAL);
	open_window(1, PMB_MEM, 0x70000000, MB);
	CHECK_EQ(build(), -EINVAL);
	begin(two_bridges);
	lay->bars[NEW_MEM].reg = 0;
	put(NEW_MEM, 0x80400000);
	CHECK_EQ(build(), -EINVAL);
	begin(two_bridges);
	plan.nr_bars--;
	CHECK_EQ(build(), -EINVAL);
	plan.nr_bars++;
	small = layout_from("host 0000:00\n");
	other = pmb_script_alloc(small);
	CHECK_EQ(pmb_script_build(lay, &plan, emul_read, e, other), -ENOSPC);
	pmb_script_free(other);
	pmb_layout_free(small);
}

/* Every register that there is, so that the room is just enough */
static void test_room(void)
{
	begin(two_bridges);
	lay->bridges[0].win[PMB_IO].max = U32_MAX;
	lay->bridges[0].win[PMB_IO].cur = (struct pmb_range){ 0x12000, 0x1000 };
	lay->roots[0].range.size = 0x100000;
	lay->bars[OLD_IO].start = 0x12000;
	emul_free(e);
	e = emul_new(lay);
	open_window(0, PMB_IO, 0x23000, 0x2000);
	put(OLD_IO, 0x23000);
	open_window(0, PMB_PREF, 0x4100100000, MB);
	put(OLD_PREF, 0x4100100000);
	open_window(0, PMB_MEM, 0x81000000, 2 * MB);
	put(OLD_MEM, 0x81000000);
	run(7 + 2 + 1 + 1 + 2);
	CHECK_EQ(script->max, 2 * 5 + 7 * 2 + 2 * 7);
}

static void test_again(void)
{
	u32 first;

	begin(two_bridges);
	put(OLD_MEM, 0x80100000);
	run(3);
	first = script->write[1].new;
	run(3);					/* the same script, anew */
	CHECK_EQ(script->write[1].new, first);
	bars[OLD_MEM].start = 0x80000000;
	run(0);

	begin(strict);				/* nothing is left of the last one */
	open_window(0, PMB_PREF, 0x200000000, 2 * MB);
	run(1);
	open_window(0, PMB_PREF, 0x200100000, MB);
	CHECK_EQ(build(), -EBUSY);
	CHECK_EQ(script->nr, 0);
	lay->bars[1].flags &= ~PMB_BAR_STRICT;
	run(1);
}

/* The last addresses that a window of 32 bits can have */
static void test_end(void)
{
	begin(two_bridges);
	lay->roots[1].range.size = 0x80000000;
	open_window(1, PMB_MEM, 0xfff00000, MB);
	put(NEW_MEM, 0xffff0000);
	run(2);
	CHECK_EQ(write_to(1, 0x20)->new, 0xfff0fff0);
}

static void test_no_memory(void)
{
	struct pmb_script *s = NULL;
	long i;

	begin(two_bridges);
	for (i = 0; i < 10 && !s; i++) {
		shim_allocs_left = i;
		s = pmb_script_alloc(lay);
		shim_allocs_left = -1;
	}
	CHECK_EQ(i, 5);
	pmb_script_free(s);
	pmb_script_free(NULL);
}

int main(void)
{
	RUN(test_nothing);
	RUN(test_closed_to_open);
	RUN(test_open_to_closed);
	RUN(test_move);
	RUN(test_halves);
	RUN(test_registers_differ);
	RUN(test_decode_while_unplaced);
	RUN(test_bridge_bar);
	RUN(test_rom);
	RUN(test_vf);
	RUN(test_translated);
	RUN(test_small_io);
	RUN(test_wander);
	RUN(test_strict_grows);
	RUN(test_strict_decodes);
	RUN(test_dead);
	RUN(test_does_not_fit);
	RUN(test_room);
	RUN(test_again);
	RUN(test_end);
	RUN(test_no_memory);
	pmb_script_free(script);
	emul_free(e);
	pmb_layout_free(lay);
	return tap_end();
}
