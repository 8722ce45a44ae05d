// SPDX-License-Identifier: GPL-2.0
/* Layouts: what the check refuses and what it lets pass, ranges, words. */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "layout.h"
#include "tap.h"

#define GB	BIT_ULL(30)

/*
 * Two hosts. Host 0: root port (bridge 0) - switch port (bridge 1) - a card
 * with a placed and a wanted BAR. Host 1 has a card on its root bus.
 */
static struct pmb_layout *sample(void)
{
	const struct pmb_counts max = {
		.hosts = 2, .roots = 3, .holes = 1, .bridges = 2, .devs = 4, .bars = 3
	};
	struct pmb_layout *l = pmb_layout_alloc(&max);

	l->nr_hosts = 2;
	pmb_name_set(l->hosts[0].name, "0000:00");
	pmb_name_set(l->hosts[1].name, "0001:00");

	l->nr_roots = 3;
	l->roots[0] = (struct pmb_root){ .host = 0, .space = PMB_IO,
					 .range = { 0x1000, 0xf000 } };
	l->roots[1] = (struct pmb_root){ .host = 0, .space = PMB_MEM,
					 .range = { 0x80000000, 0x40000000 } };
	l->roots[2] = (struct pmb_root){ .host = 1, .space = PMB_MEM,
					 .range = { 0x4000000000, GB },
					 .offset = 0x3f80000000 };
	l->nr_holes = 1;
	l->holes[0] = (struct pmb_hole){ .range = { 0x80000000, 0x100000 } };
	pmb_name_set(l->holes[0].name, "ECAM");

	l->nr_devs = 4;
	l->devs[0] = (struct pmb_dev){ .name = "0000:00:1c.0", .bridge = PMB_NONE };
	l->devs[1] = (struct pmb_dev){ .name = "0000:01:00.0", .bridge = 0 };
	l->devs[2] = (struct pmb_dev){ .name = "0000:02:00.0", .bridge = 1 };
	l->devs[3] = (struct pmb_dev){ .name = "0001:00:00.0", .bridge = PMB_NONE,
				       .host = 1 };
	l->nr_bridges = 2;
	l->bridges[0] = (struct pmb_bridge){ .name = "0000:00:1c.0",
					     .parent = PMB_NONE, .dev = 0 };
	l->bridges[1] = (struct pmb_bridge){ .name = "0000:01:00.0",
					     .parent = 0, .dev = 1 };
	l->bridges[0].win[PMB_MEM] = (struct pmb_window){
		.cur = { 0x90000000, 0x200000 }, .align = 0x100000, .max = U32_MAX
	};
	l->bridges[1].win[PMB_MEM] = l->bridges[0].win[PMB_MEM];

	l->nr_bars = 3;
	l->bars[0] = (struct pmb_bar){ .dev = 2, .reg = 0x10, .size = 0x4000,
				       .align = 0x4000, .start = 0x90000000,
				       .flags = PMB_BAR_PLACED };
	l->bars[1] = (struct pmb_bar){ .dev = 2, .res = 2, .reg = 0x18,
				       .size = 0x100000, .align = 0x100000,
				       .flags = PMB_BAR_WANTED | PMB_BAR_64 };
	l->bars[2] = (struct pmb_bar){ .dev = 3, .reg = 0x10, .size = 0x4000,
				       .align = 0x4000, .start = 0x4000000000,
				       .flags = PMB_BAR_PLACED };
	return l;
}

/* The sample with a change must be refused with just these words. */
#define REFUSED(words, ...) do {					\
	struct pmb_layout *l = sample();				\
	char why[80] = "";						\
									\
	__VA_ARGS__;							\
	CHECK_MSG(pmb_layout_check(l, why, sizeof(why)) == -EINVAL,	\
		  "%s", #__VA_ARGS__);					\
	CHECK_STR(why, words);						\
	CHECK_EQ(pmb_layout_check(l, NULL, 0), -EINVAL);		\
	pmb_layout_free(l);						\
} while (0)

#define ACCEPTED(...) do {						\
	struct pmb_layout *l = sample();				\
	char why[80] = "";						\
									\
	__VA_ARGS__;							\
	CHECK_MSG(!pmb_layout_check(l, why, sizeof(why)), "%s: %s",	\
		  #__VA_ARGS__, why);					\
	pmb_layout_free(l);						\
} while (0)

static void test_alloc(void)
{
	const struct pmb_counts none = {}, huge = { .bars = U32_MAX };
	const struct pmb_counts some = { 1, 1, 1, 1, 1, 1 };
	struct pmb_layout *l;
	long n;

	l = pmb_layout_alloc(&none);
	CHECK(l);
	CHECK_EQ(pmb_layout_check(l, NULL, 0), 0);
	pmb_layout_free(l);
	CHECK(!pmb_layout_alloc(&huge));
	pmb_layout_free(NULL);

	/* Whichever allocation fails: no layout, and no leak (LeakSanitizer). */
	for (n = 0; n < 7; n++) {
		shim_allocs_left = n;
		l = pmb_layout_alloc(&some);
		CHECK_MSG(!l, "with %ld allocations", n);
		pmb_layout_free(l);
	}
	shim_allocs_left = 7;
	l = pmb_layout_alloc(&some);
	shim_allocs_left = -1;
	CHECK(l);
	pmb_layout_free(l);
}

static void test_check_accepts_sample(void)
{
	ACCEPTED((void)0);
}

static void test_check_counts(void)
{
	REFUSED("host 2: there is no room for it", l->nr_hosts = 3);
	REFUSED("root 3: there is no room for it", l->nr_roots = 4);
	REFUSED("hole 1: there is no room for it", l->nr_holes = U32_MAX);
	REFUSED("bridge 2: there is no room for it", l->nr_bridges = 3);
	REFUSED("dev 4: there is no room for it", l->nr_devs = 5);
	REFUSED("bar 3: there is no room for it", l->nr_bars = 4);
}

static void test_check_names(void)
{
	REFUSED("host 1: no name", l->hosts[1].name[0] = 0);
	REFUSED("host 1: last bus number below the first",
		l->hosts[1].bus_last = 0; l->hosts[1].bus_first = 1);
	REFUSED("host 1: name without an end",
		memset(l->hosts[1].name, 'x', PMB_NAME_LEN));
	REFUSED("bridge 1: bad character in a name", l->bridges[1].name[2] = '\n');
	REFUSED("dev 2: bad character in a name", l->devs[2].name[2] = '"');
	REFUSED("dev 2: bad character in a name", l->devs[2].driver[0] = '\\');
	REFUSED("dev 2: bad character in a name", l->devs[2].driver[0] = (char)0xe4);
	REFUSED("hole 0: name without an end",
		memset(l->holes[0].name, 'x', PMB_NAME_LEN));
	ACCEPTED(l->holes[0].name[0] = 0);
	ACCEPTED(strscpy(l->devs[2].driver, "two words #1"));
}

static void test_check_roots(void)
{
	REFUSED("root 2: no such host bridge", l->roots[2].host = 2);
	REFUSED("root 1: no such space", l->roots[1].space = PMB_SPACES);
	REFUSED("root 1: empty range", l->roots[1].range.size = 0);
	REFUSED("root 1: range ends beyond all addresses",
		l->roots[1].range.start = U64_MAX - 1);
	REFUSED("root 1: bus addresses wrap with this offset",
		l->roots[1].offset = 0x80000001);
	ACCEPTED(l->roots[1].offset = 0x80000000);
	ACCEPTED(l->roots[1].offset = 0 - GB);
	/* The last address there is. */
	ACCEPTED(l->roots[1].range.start = 0 - l->roots[1].range.size);
	/* Overlapping roots exist: Linux without _CRS. */
	ACCEPTED(l->roots[2] = l->roots[1]);
	REFUSED("root 2: overlaps another root window with another offset",
		l->roots[2] = l->roots[1]; l->roots[2].offset = GB);
}

static void test_check_holes(void)
{
	REFUSED("hole 0: no such host bridge", l->holes[0].host = 2);
	REFUSED("hole 0: empty range", l->holes[0].range.size = 0);
	REFUSED("hole 0: range ends beyond all addresses",
		l->holes[0].range.size = U64_MAX);
	ACCEPTED(l->holes[0].range.start = 0x12345);
}

static void test_check_bridges(void)
{
	REFUSED("bridge 1: no such host bridge", l->bridges[1].host = 2);
	REFUSED("bridge 1: bridge above is of another host bridge",
		l->bridges[1].host = 1);
	REFUSED("bridge 1: comes before the bridge above", l->bridges[1].parent = 1);
	REFUSED("bridge 0: comes before the bridge above", l->bridges[0].parent = 1);
	REFUSED("bridge 1: comes before the bridge above", l->bridges[1].parent = 7);
	REFUSED("bridge 1: no such function", l->bridges[1].dev = 4);
	REFUSED("bridge 1: no such function", l->bridges[1].dev = PMB_NONE);
	REFUSED("bridge 1: its function is on another bus", l->bridges[1].dev = 2);
	REFUSED("bridge 0: its function is on another bus", l->bridges[0].dev = 3);
	REFUSED("bridge 1: unknown flag", l->bridges[1].flags = BIT(3));
	ACCEPTED(l->bridges[1].flags = PMB_BRIDGE_TRANSPARENT |
		 PMB_BRIDGE_HOTPLUG | PMB_BRIDGE_PCIE);
}

static void test_check_windows(void)
{
	REFUSED("bridge 1: open window without an alignment",
		l->bridges[1].win[PMB_MEM].align = 0);
	REFUSED("bridge 1: alignment is no power of two",
		l->bridges[1].win[PMB_MEM].align = 0x180000);
	REFUSED("bridge 1: window is not aligned",
		l->bridges[1].win[PMB_MEM].align = 0x400000);
	REFUSED("bridge 0: window is not aligned",
		l->bridges[0].win[PMB_MEM].cur.start += 0x1000);
	REFUSED("bridge 0: range ends beyond all addresses",
		l->bridges[0].win[PMB_MEM].cur.start = 0 - 0x100000ULL);
	/* Closed windows have no address, missing ones nothing at all. */
	ACCEPTED(l->bridges[0].win[PMB_IO].align = 0x1000,
		 l->bridges[0].win[PMB_IO].cur.start = 0x1234);
	/* A window may touch the end of all addresses. */
	ACCEPTED(l->bridges[0].win[PMB_MEM].cur.start = 0 - 0x200000ULL);
	/* Outside of the root window, and of the window above. */
	ACCEPTED(l->bridges[1].win[PMB_MEM].cur.start = 0x10000000);
}

static void test_check_devs(void)
{
	REFUSED("dev 3: no such host bridge", l->devs[3].host = 2);
	REFUSED("dev 2: no such bridge", l->devs[2].bridge = 2);
	REFUSED("dev 2: its bridge is of another host bridge", l->devs[2].host = 1);
	REFUSED("dev 2: no such way to move", l->devs[2].way = PMB_WAYS);
	REFUSED("dev 2: no such way to move", l->devs[2].way = (enum pmb_way)-1);
	REFUSED("dev 2: no name", l->devs[2].name[0] = 0);
}

static void test_check_bars(void)
{
	REFUSED("bar 0: no such function", l->bars[0].dev = 4);
	REFUSED("bar 0: unknown flag", l->bars[0].flags |= BIT(9));
	REFUSED("bar 0: placed and wanted at once",
		l->bars[0].flags |= PMB_BAR_WANTED);
	REFUSED("bar 0: I/O BAR with the flags of a memory BAR",
		l->bars[0].flags |= PMB_BAR_IO | PMB_BAR_64);
	REFUSED("bar 0: I/O BAR with the flags of a memory BAR",
		l->bars[0].flags |= PMB_BAR_IO | PMB_BAR_PREF);
	REFUSED("bar 0: no such reason", l->bars[0].why = PMB_WHYS);
	REFUSED("bar 0: no register, and yet not fixed", l->bars[0].reg = 0);
	REFUSED("bar 0: BAR without a size", l->bars[0].size = 0);
	REFUSED("bar 0: alignment is no power of two", l->bars[0].align = 0);
	REFUSED("bar 0: alignment is no power of two", l->bars[0].align = 0x6000);
	REFUSED("bar 0: no such size of a Resizable BAR", l->bars[0].sizes = BIT_ULL(44));
	REFUSED("bar 0: range ends beyond all addresses", l->bars[0].start = U64_MAX);
	ACCEPTED(l->bars[0].sizes = BIT_ULL(43) | 1);
	ACCEPTED(l->bars[0].reg = 0, l->bars[0].why = PMB_WHY_FIRMWARE);
	/* An address of a BAR without a place means nothing. */
	ACCEPTED(l->bars[1].start = U64_MAX);
	ACCEPTED(l->bars[1].flags = 0);
}

/* What firmware leaves behind has to be representable. */
static void test_check_lets_broken_firmware_pass(void)
{
	/* two BARs at one place; a BAR outside of every window; misaligned */
	ACCEPTED(l->bars[1].flags = PMB_BAR_PLACED,
		 l->bars[1].start = l->bars[0].start);
	ACCEPTED(l->bars[0].start = 0);
	ACCEPTED(l->bars[0].start = 0x90000100);
	/* a reservation of any size; a BAR in the hole */
	ACCEPTED(l->bars[0].size = 0x1234, l->bars[0].align = 0x1000);
	ACCEPTED(l->bars[0].start = l->holes[0].range.start);
	/* windows that overlap their siblings' or nothing of the bridge above */
	ACCEPTED(l->bridges[1].win[PMB_PREF] = l->bridges[1].win[PMB_MEM]);
}

static void test_overlap(void)
{
	const struct pmb_range a = { 0x1000, 0x1000 }, none = { 0x1800, 0 };
	const struct pmb_range top = { 0 - 0x1000ULL, 0x1000 };
	const struct pmb_range last = { U64_MAX, 1 };
	struct pmb_range b;

	b = (struct pmb_range){ 0x2000, 0x1000 };
	CHECK(!pmb_ranges_overlap(&a, &b));
	CHECK(!pmb_ranges_overlap(&b, &a));
	b = (struct pmb_range){ 0x1fff, 1 };
	CHECK(pmb_ranges_overlap(&a, &b));
	CHECK(pmb_ranges_overlap(&b, &a));
	b = (struct pmb_range){ 0, 0x1000 };
	CHECK(!pmb_ranges_overlap(&a, &b));
	b = (struct pmb_range){ 0, U64_MAX };
	CHECK(pmb_ranges_overlap(&a, &b));
	CHECK(pmb_ranges_overlap(&a, &a));
	CHECK(!pmb_ranges_overlap(&a, &none));
	CHECK(!pmb_ranges_overlap(&none, &a));
	/* start + size is 2^64 */
	CHECK(pmb_ranges_overlap(&top, &last));
	CHECK(!pmb_ranges_overlap(&top, &a));
}

static void test_holds(void)
{
	const struct pmb_range outer = { 0x1000, 0x1000 }, none = { 0, 0 };
	const struct pmb_range top = { 0 - 0x1000ULL, 0x1000 };
	const struct pmb_range last = { U64_MAX, 1 };
	struct pmb_range inner;

	CHECK(pmb_range_holds(&outer, &outer));
	inner = (struct pmb_range){ 0x1fff, 1 };
	CHECK(pmb_range_holds(&outer, &inner));
	inner = (struct pmb_range){ 0x1fff, 2 };
	CHECK(!pmb_range_holds(&outer, &inner));
	inner = (struct pmb_range){ 0xfff, 2 };
	CHECK(!pmb_range_holds(&outer, &inner));
	inner = (struct pmb_range){ 0x2000, 1 };
	CHECK(!pmb_range_holds(&outer, &inner));
	CHECK(pmb_range_holds(&outer, &none));
	CHECK(pmb_range_holds(&none, &none));
	CHECK(!pmb_range_holds(&none, &outer));
	CHECK(pmb_range_holds(&top, &last));
	CHECK(!pmb_range_holds(&top, &outer));
}

static void test_bus_offset(void)
{
	struct pmb_layout *l = sample();
	struct pmb_range r;
	u64 offset;

	r = (struct pmb_range){ 0x4000100000, 0x1000 };
	CHECK_EQ(pmb_bus_offset(l, 1, false, &r, &offset), 0);
	CHECK_EQ(offset, 0x3f80000000);
	/* another host, another space */
	CHECK_EQ(pmb_bus_offset(l, 0, false, &r, &offset), -ENOENT);
	CHECK_EQ(offset, 0);
	CHECK_EQ(pmb_bus_offset(l, 1, true, &r, &offset), -ENOENT);
	/* up to the last byte, and not beyond; empty */
	r = (struct pmb_range){ 0x403ffff000, 0x1000 };
	CHECK_EQ(pmb_bus_offset(l, 1, false, &r, &offset), 0);
	r.size++;
	CHECK_EQ(pmb_bus_offset(l, 1, false, &r, &offset), -ENOENT);
	r.size = 0;
	CHECK_EQ(pmb_bus_offset(l, 1, false, &r, &offset), -ENOENT);
	/* a prefetchable root window is memory */
	l->roots[2].space = PMB_PREF;
	r.size = 0x1000;
	CHECK_EQ(pmb_bus_offset(l, 1, false, &r, &offset), 0);
	/* I/O ports and memory of the same numbers */
	r = (struct pmb_range){ 0x2000, 0x10 };
	CHECK_EQ(pmb_bus_offset(l, 0, true, &r, &offset), 0);
	CHECK_EQ(pmb_bus_offset(l, 0, false, &r, &offset), -ENOENT);
	pmb_layout_free(l);
}

static void test_name_set(void)
{
	char name[PMB_NAME_LEN];

	memset(name, 'x', sizeof(name));
	pmb_name_set(name, "0000:00:1f.3");
	CHECK_STR(name, "0000:00:1f.3");
	pmb_name_set(name, "a \"b\"\\\n\xc3\xa4~");
	CHECK_STR(name, "a ?b?????~");
	pmb_name_set(name, "0123456789012345678901234567890123456789");
	CHECK_STR(name, "0123456789012345678901234567890");
	pmb_name_set(name, "");
	CHECK_STR(name, "");
}

/* Words are there for every value, differ, and are in range. */
static void test_words(void)
{
	u32 i, j;

	for (i = 0; i < PMB_WHYS; i++) {
		CHECK_MSG(pmb_why_key(i) && pmb_why_key(i)[0], "reason %u", i);
		CHECK_MSG(pmb_why_text(i) && pmb_why_text(i)[0], "reason %u", i);
		CHECK(strlen(pmb_why_key(i)) <= 12);
		for (j = 0; j < i; j++) {
			CHECK(strcmp(pmb_why_key(i), pmb_why_key(j)));
			CHECK(strcmp(pmb_why_text(i), pmb_why_text(j)));
		}
	}
	CHECK_STR(pmb_why_key(PMB_WHY_DRIVER), "driver");
	CHECK_STR(pmb_why_text(PMB_WHY_DRIVER), "its driver has no hooks for it");
	CHECK_STR(pmb_why_key(PMB_WHYS), "?");
	CHECK_STR(pmb_why_text((enum pmb_why)-1), "?");
	CHECK_STR(pmb_way_key(PMB_WAY_FREE), "free");
	CHECK_STR(pmb_way_key(PMB_WAY_LIVE), "live");
	CHECK_STR(pmb_way_key(PMB_WAY_PAUSE), "pause");
	CHECK_STR(pmb_way_key(PMB_WAY_NEVER), "never");
	CHECK_STR(pmb_way_key(PMB_WAYS), "?");
	CHECK_STR(pmb_space_key(PMB_IO), "io");
	CHECK_STR(pmb_space_key(PMB_MEM), "mem");
	CHECK_STR(pmb_space_key(PMB_PREF), "pref");
	CHECK_STR(pmb_space_key(PMB_SPACES), "?");
}

int main(void)
{
	RUN(test_alloc);
	RUN(test_check_accepts_sample);
	RUN(test_check_counts);
	RUN(test_check_names);
	RUN(test_check_roots);
	RUN(test_check_holes);
	RUN(test_check_bridges);
	RUN(test_check_windows);
	RUN(test_check_devs);
	RUN(test_check_bars);
	RUN(test_check_lets_broken_firmware_pass);
	RUN(test_overlap);
	RUN(test_holds);
	RUN(test_bus_offset);
	RUN(test_name_set);
	RUN(test_words);
	return tap_end();
}
