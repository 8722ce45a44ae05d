// SPDX-License-Identifier: GPL-2.0
/* Bus numbers: found, grown into, shared out, and refused by name. */
#include <stdio.h>
#include <stdlib.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "buses.h"
#include "layout_tools.h"
#include "tap.h"
#include "text.h"

#define NOT_SET	0xee	/* what an answer holds before the call */

static struct pmb_layout *lay;
static struct pmb_bus_answer answer;

/* One host bridge with all numbers but those above @last. */
static void begin(u8 last)
{
	const struct pmb_counts max = { .hosts = 2, .bridges = 64, .devs = 64 };

	lay = pmb_layout_alloc(&max);
	lay->nr_hosts = 1;
	pmb_name_set(lay->hosts[0].name, "0000:00");
	lay->hosts[0].bus_last = last;
	memset(&answer, NOT_SET, sizeof(answer));
}

static void end(void)
{
	char why[80] = "";

	CHECK_MSG(!pmb_layout_check(lay, why, sizeof(why)), "%s", why);
	pmb_layout_free(lay);
}

/* A bridge with its range; 0, 0: a new one. Named by its place in the array. */
static u32 bridge(u32 parent, u8 first, u8 last, u32 flags)
{
	u32 nr = lay->nr_bridges++, dev = lay->nr_devs++;
	struct pmb_bridge *b = &lay->bridges[nr];

	snprintf(b->name, sizeof(b->name), "b%u", nr);
	snprintf(lay->devs[dev].name, sizeof(lay->devs[dev].name), "b%u", nr);
	lay->devs[dev].bridge = parent;
	b->dev = dev;
	b->parent = parent;
	b->bus_first = first;
	b->bus_last = last;
	b->flags = flags;
	return nr;
}

static int find(u32 behind, u32 least, u32 most, const bool *taken)
{
	const struct pmb_bus_need need = {
		.bridge = behind, .least = least, .most = most, .taken = taken
	};

	return pmb_buses_find(lay, &need, &answer);
}

/* What find() refuses, and the words for it. */
static const char *refused(u32 behind, u32 least, const bool *taken)
{
	const struct pmb_bus_need need = {
		.bridge = behind, .least = least, .taken = taken
	};
	static char text[160];

	text[0] = '\0';
	if (pmb_buses_find(lay, &need, &answer) == -ENOSPC)
		pmb_buses_explain(lay, &need, &answer, text, sizeof(text));
	return text;
}

static int assign(u32 behind, bool spare)
{
	struct pmb_bus_need need = { .bridge = behind };

	return pmb_buses_assign(lay, &need, spare, &answer);
}

#define CHECK_FOUND(a, b) do {						\
	CHECK_EQ(answer.first, a);					\
	CHECK_EQ(answer.last, b);					\
	CHECK_EQ(answer.missing, 0);					\
} while (0)

/* The range of a bridge as one number: 0x0106 is 01-06. */
static u32 buses(u32 nr)
{
	return lay->bridges[nr].bus_first << 8 | lay->bridges[nr].bus_last;
}

#define CHECK_BUSES(nr, a, b)	CHECK_EQ(buses(nr), (a) << 8 | (b))

/* The bridges that grow, topmost first, as one number: 12 is b1, then b2. */
static u32 grown(u32 behind)
{
	u32 i, digits = 0;

	for (i = PMB_NONE;
	     (i = pmb_buses_grows(lay, behind, answer.last, i)) != PMB_NONE;)
		digits = digits * 10 + i;
	return digits;
}

static void test_within_the_range(void)
{
	u32 port;

	begin(0xff);
	port = bridge(PMB_NONE, 1, 9, 0);
	bridge(port, 2, 2, 0);
	bridge(port, 5, 6, 0);
	CHECK_EQ(find(port, 2, 0, NULL), 0);
	CHECK_FOUND(3, 4);
	CHECK_EQ(grown(port), 0);
	CHECK_EQ(find(port, 3, 0, NULL), 0);
	CHECK_FOUND(7, 9);
	CHECK_EQ(find(port, 1, 9, NULL), 0);
	CHECK_FOUND(3, 4);
	CHECK_EQ(find(port, 3, 9, NULL), 0);
	CHECK_FOUND(7, 9);
	CHECK_EQ(find(port, 4, 9, NULL), 0);
	CHECK_FOUND(7, 15);
	end();
}

/*
 * b0 01-0c: b1 02-0b: b2 03-04, b3 05-06; b4 20-20. Only b3 can grow, into
 * what b1 has, then what b0 has, then what nobody has.
 */
static void test_growing_up_to_the_host(void)
{
	u32 up, slot[2];

	begin(0x3f);
	bridge(PMB_NONE, 1, 0xc, 0);
	up = bridge(0, 2, 0xb, 0);
	slot[0] = bridge(up, 3, 4, PMB_BRIDGE_HOTPLUG);
	slot[1] = bridge(up, 5, 6, PMB_BRIDGE_HOTPLUG);

	CHECK_EQ(find(slot[1], 1, 0, NULL), 0);
	CHECK_FOUND(6, 6);
	CHECK_EQ(grown(slot[1]), 0);
	CHECK_EQ(find(slot[1], 2, 0, NULL), 0);
	CHECK_FOUND(6, 7);
	CHECK_EQ(grown(slot[1]), 3);
	CHECK_EQ(find(slot[1], 7, 0, NULL), 0);
	CHECK_FOUND(6, 0xc);
	CHECK_EQ(grown(slot[1]), 13);
	CHECK_EQ(find(slot[1], 8, 0, NULL), 0);
	CHECK_FOUND(6, 0xd);
	lay->bridges[up].bus_last = 0xc;
	CHECK_EQ(find(slot[1], 0x3a, 0, NULL), 0);
	CHECK_FOUND(6, 0x3f);
	CHECK_EQ(find(slot[1], 1, 256, NULL), 0);
	CHECK_FOUND(6, 6);
	CHECK_EQ(find(slot[1], 2, 256, NULL), 0);
	CHECK_FOUND(6, 0x3f);
	CHECK_STR(refused(slot[1], 0x3c, NULL),
		  "b3: 2 of 60 bus numbers missing: the host bridge ends at 3f");
	CHECK_EQ(answer.ends_at, PMB_NONE);
	CHECK_EQ(answer.sibling, PMB_NONE);

	/* the same with another root port behind it */
	bridge(PMB_NONE, 0x20, 0x20, 0);
	CHECK_EQ(find(slot[1], 0x1a, 0, NULL), 0);
	CHECK_FOUND(6, 0x1f);
	CHECK_STR(refused(slot[1], 0x1b, NULL),
		  "b3: 1 of 27 bus numbers missing: b0 cannot grow, b4 has 20-20");
	CHECK_EQ(answer.ends_at, 0);
	CHECK_EQ(answer.sibling, 4);
	end();
}

static void test_topmost_first(void)
{
	begin(0xff);
	bridge(PMB_NONE, 1, 3, 0);
	bridge(0, 2, 3, 0);
	bridge(1, 3, 3, 0);
	CHECK_EQ(find(2, 1, 0, NULL), 0);
	CHECK_FOUND(4, 4);
	CHECK_EQ(pmb_buses_grows(lay, 2, 4, PMB_NONE), 0);
	CHECK_EQ(pmb_buses_grows(lay, 2, 4, 0), 1);
	CHECK_EQ(pmb_buses_grows(lay, 2, 4, 1), 2);
	CHECK_EQ(pmb_buses_grows(lay, 2, 4, 2), PMB_NONE);
	CHECK_EQ(pmb_buses_grows(lay, 2, 3, PMB_NONE), PMB_NONE);
	CHECK_EQ(pmb_buses_grows(lay, PMB_NONE, 4, PMB_NONE), PMB_NONE);
	end();
}

/* No jump over a sibling: what is behind it belongs to the bus above only. */
static void test_sibling_in_the_way(void)
{
	u32 port;

	begin(0xff);
	port = bridge(PMB_NONE, 1, 0x60, 0);
	bridge(port, 2, 2, PMB_BRIDGE_HOTPLUG);
	bridge(port, 3, 4, PMB_BRIDGE_HOTPLUG);
	bridge(2, 4, 4, 0);
	CHECK_STR(refused(1, 2, NULL),
		  "b1: 2 of 2 bus numbers missing: b1 cannot grow, b2 has 03-04");
	CHECK_EQ(answer.stop, 3);
	CHECK_EQ(find(2, 2, 0, NULL), 0);
	CHECK_FOUND(5, 6);
	CHECK_EQ(grown(2), 2);
	CHECK_EQ(find(port, 2, 0, NULL), 0);
	CHECK_FOUND(5, 6);
	end();
}

/* The best there is inside counts when it tells how many are missing. */
static void test_missing_from_the_longest_run(void)
{
	u32 port;

	begin(0xc);
	port = bridge(PMB_NONE, 1, 9, 0);
	bridge(port, 6, 8, 0);
	bridge(PMB_NONE, 0xb, 0xc, 0);
	CHECK_STR(refused(port, 5, NULL),
		  "b0: 1 of 5 bus numbers missing: b0 cannot grow, b2 has 0b-0c");
	end();
}

static void test_root_bus(void)
{
	begin(0x47);
	lay->hosts[0].bus_first = 0x40;
	bridge(PMB_NONE, 0x41, 0x43, 0);
	bridge(0, 0x42, 0x43, 0);
	CHECK_EQ(find(PMB_NONE, 2, 0, NULL), 0);
	CHECK_FOUND(0x44, 0x45);
	CHECK_EQ(find(PMB_NONE, 4, 0, NULL), 0);
	CHECK_FOUND(0x44, 0x47);
	CHECK_STR(refused(PMB_NONE, 5, NULL),
		  "0000:00: 1 of 5 bus numbers missing: the host bridge ends at 47");
	end();
}

/* Numbers that no bridge of the layout has: virtual functions, another host. */
static void test_taken(void)
{
	bool taken[PMB_BUSES] = {};
	u32 port;

	begin(0xff);
	port = bridge(PMB_NONE, 1, 6, 0);
	bridge(port, 2, 2, 0);
	memset(taken, true, 3);
	CHECK_EQ(find(port, 4, 0, taken), 0);
	CHECK_FOUND(3, 6);
	taken[3] = true;
	CHECK_EQ(find(port, 4, 0, taken), 0);
	CHECK_FOUND(4, 7);
	taken[8] = true;
	CHECK_EQ(find(port, 4, 9, taken), 0);
	CHECK_FOUND(4, 7);
	CHECK_STR(refused(port, 5, taken),
		  "b0: 1 of 5 bus numbers missing: b0 cannot grow, 08 is in use");
	end();
}

static void test_other_hosts_do_not_count(void)
{
	begin(0xff);
	lay->nr_hosts = 2;
	pmb_name_set(lay->hosts[1].name, "0001:00");
	bridge(PMB_NONE, 1, 1, 0);
	bridge(PMB_NONE, 2, 9, 0);
	lay->bridges[1].host = 1;
	lay->devs[1].host = 1;
	CHECK_EQ(find(0, 3, 0, NULL), 0);
	CHECK_FOUND(2, 4);
	end();
}

/* What firmware gets wrong: nothing is given twice on top of it. */
static void test_broken_numbers(void)
{
	begin(0xff);
	bridge(PMB_NONE, 1, 4, 0);
	bridge(0, 3, 8, 0);			/* ends behind the one above */
	bridge(PMB_NONE, 7, 7, 0);
	CHECK_EQ(find(1, 1, 0, NULL), 0);
	CHECK_FOUND(4, 4);
	CHECK_EQ(find(1, 3, 0, NULL), 0);
	CHECK_FOUND(4, 6);
	CHECK_EQ(grown(1), 0);
	CHECK_EQ(pmb_buses_grows(lay, 1, 6, PMB_NONE), 0);
	CHECK_STR(refused(1, 4, NULL),
		  "b1: 1 of 4 bus numbers missing: b0 cannot grow, b2 has 07-07");

	/* the same range twice, and one that has no end */
	lay->bridges[1].bus_last = 4;
	bridge(0, 3, 4, 0);
	bridge(0, 6, 2, 0);
	CHECK_STR(refused(1, 1, NULL), "");
	CHECK_EQ(find(1, 1, 0, NULL), 0);
	CHECK_FOUND(5, 5);
	CHECK_EQ(find(4, 1, 0, NULL), -EINVAL);

	/* beyond what the host bridge has */
	lay->hosts[0].bus_last = 2;
	CHECK_STR(refused(1, 1, NULL),
		  "b1: 1 of 1 bus numbers missing: the host bridge ends at 02");
	end();
}

static void test_broken_order(void)
{
	/* a bridge behind one that ends beyond the one above */
	begin(0xff);
	bridge(PMB_NONE, 1, 4, 0);
	bridge(0, 3, 8, 0);
	bridge(1, 5, 6, 0);
	CHECK_EQ(find(1, 2, 0, NULL), 0);
	CHECK_FOUND(7, 8);
	end();

	/* a bridge with numbers below those of the one above, and of its host */
	begin(0xff);
	lay->hosts[0].bus_first = 4;
	bridge(PMB_NONE, 5, 9, 0);
	bridge(0, 3, 8, 0);
	CHECK_EQ(find(1, 1, 0, NULL), 0);
	CHECK_FOUND(6, 6);

	/* overlapping siblings */
	lay->hosts[0].bus_first = 0;
	lay->bridges[1].bus_first = 6;
	bridge(0, 7, 9, 0);
	CHECK_STR(refused(1, 1, NULL),
		  "b1: 1 of 1 bus numbers missing: b1 cannot grow, b2 has 07-09");
	end();
}

static void test_bad_input(void)
{
	const struct pmb_bus_need no_host = { .host = 1, .bridge = PMB_NONE, .least = 1 };
	struct pmb_bus_need need;
	u32 port;

	begin(0xff);
	port = bridge(PMB_NONE, 1, 1, 0);
	bridge(port, 0, 0, 0);
	CHECK_EQ(find(port, 0, 1, NULL), -EINVAL);
	CHECK_EQ(find(1, 1, 0, NULL), -EINVAL);
	CHECK_EQ(find(2, 1, 0, NULL), -EINVAL);
	CHECK_EQ(find(PMB_NONE - 1, 1, 0, NULL), -EINVAL);
	CHECK_EQ(pmb_buses_find(lay, &no_host, &answer), -EINVAL);
	need = no_host;
	need.bridge = port;
	lay->nr_hosts = 2;
	pmb_name_set(lay->hosts[1].name, "0001:00");
	CHECK_EQ(pmb_buses_find(lay, &need, &answer), -EINVAL);
	CHECK_EQ(assign(1, true), -EINVAL);
	CHECK_EQ(assign(7, true), -EINVAL);
	CHECK_EQ(find(port, U32_MAX, U32_MAX, NULL), -ENOSPC);
	CHECK_EQ(answer.missing, U32_MAX - 254);
	CHECK_EQ(find(port, 254, U32_MAX, NULL), 0);
	CHECK_FOUND(2, 0xff);
	lay->hosts[0].bus_first = 9;
	lay->hosts[0].bus_last = 8;
	CHECK_EQ(find(port, 1, 0, NULL), -EINVAL);
	CHECK_EQ(find(PMB_NONE, 1, 0, NULL), -EINVAL);
	lay->hosts[0].bus_first = 0;
	end();
}

/* A line that does not fit is cut, whatever the size. */
static void test_explain_in_little_room(void)
{
	const struct pmb_bus_need need = { .bridge = 0, .least = 3 };
	char text[160], small[160];
	size_t len;

	begin(1);
	bridge(PMB_NONE, 1, 1, 0);
	CHECK_EQ(pmb_buses_find(lay, &need, &answer), -ENOSPC);
	pmb_buses_explain(lay, &need, &answer, text, sizeof(text));
	for (len = 1; len < sizeof(text); len++) {
		memset(small, '?', sizeof(small));
		pmb_buses_explain(lay, &need, &answer, small, len);
		CHECK_EQ(strlen(small), min(len - 1, strlen(text)));
		CHECK(!strncmp(small, text, len - 1));
	}
	end();
}

/* A chain of Thunderbolt devices, plugged in one by one: each is a switch. */
static void test_chain_with_spare(void)
{
	u32 port = 0, up, end_of_chain[2], i;

	begin(0xff);
	bridge(PMB_NONE, 6, 0x1f, PMB_BRIDGE_HOTPLUG);
	for (i = 0; i < 2; i++) {
		up = bridge(port, 0, 0, 0);
		bridge(up, 0, 0, 0);
		port = bridge(up, 0, 0, PMB_BRIDGE_HOTPLUG);
		end_of_chain[i] = port;
		CHECK_EQ(assign(i ? end_of_chain[0] : 0, true), 0);
	}
	CHECK_BUSES(0, 6, 0x1f);
	CHECK_BUSES(1, 7, 0x1f);
	CHECK_BUSES(2, 8, 8);
	CHECK_BUSES(3, 9, 0x1f);
	CHECK_BUSES(4, 0xa, 0x1f);
	CHECK_BUSES(5, 0xb, 0xb);
	CHECK_BUSES(6, 0xc, 0x1f);
	end();
}

/* The same without: everybody has just what there is to number. */
static void test_chain_without_spare(void)
{
	u32 up;

	begin(0xff);
	bridge(PMB_NONE, 6, 6, PMB_BRIDGE_HOTPLUG);
	up = bridge(0, 0, 0, 0);
	bridge(up, 0, 0, 0);
	bridge(up, 0, 0, PMB_BRIDGE_HOTPLUG);
	CHECK_EQ(assign(0, false), 0);
	CHECK_FOUND(7, 9);
	CHECK_BUSES(0, 6, 9);
	CHECK_BUSES(1, 7, 9);
	CHECK_BUSES(2, 8, 8);
	CHECK_BUSES(3, 9, 9);
	end();
}

static void test_all_above_grow(void)
{
	begin(0xff);
	bridge(PMB_NONE, 1, 3, 0);
	bridge(0, 2, 3, 0);
	bridge(1, 3, 3, PMB_BRIDGE_HOTPLUG);
	bridge(2, 0, 0, 0);
	bridge(3, 0, 0, 0);
	CHECK_EQ(assign(2, false), 0);
	CHECK_BUSES(0, 1, 5);
	CHECK_BUSES(1, 2, 5);
	CHECK_BUSES(2, 3, 5);
	CHECK_BUSES(3, 4, 5);
	CHECK_BUSES(4, 5, 5);
	end();
}

/* A dock: 4 ports with a slot share what the port has, one has none. */
static void test_shares(void)
{
	u32 up, i;

	begin(0xff);
	bridge(PMB_NONE, 0x10, 0x20, PMB_BRIDGE_HOTPLUG);
	bridge(PMB_NONE, 0x21, 0x21, 0);
	up = bridge(0, 0, 0, 0);
	bridge(up, 0, 0, 0);
	for (i = 0; i < 4; i++)
		bridge(up, 0, 0, PMB_BRIDGE_HOTPLUG);
	/* 16 numbers: one for the switch, one for b3, 15 / 4 for each slot */
	CHECK_EQ(assign(0, true), 0);
	CHECK_BUSES(2, 0x11, 0x1e);
	CHECK_BUSES(3, 0x12, 0x12);
	CHECK_BUSES(4, 0x13, 0x15);
	CHECK_BUSES(5, 0x16, 0x18);
	CHECK_BUSES(6, 0x19, 0x1b);
	CHECK_BUSES(7, 0x1c, 0x1e);
	CHECK_BUSES(0, 0x10, 0x20);
	CHECK_BUSES(1, 0x21, 0x21);
	end();
}

/* Whoever needs more than a share gets that first. */
static void test_needs_before_shares(void)
{
	u32 up, i;

	begin(0x0b);
	bridge(PMB_NONE, 1, 1, PMB_BRIDGE_HOTPLUG);
	up = bridge(0, 0, 0, PMB_BRIDGE_HOTPLUG);
	bridge(0, 0, 0, PMB_BRIDGE_HOTPLUG);
	up = bridge(up, 0, 0, 0);
	for (i = 0; i < 5; i++)
		bridge(up, 0, 0, 0);
	bridge(0, 0, 0, 0);
	/* b1 needs 7, b2 and b9 one each: 02 to 0a; 0b is spare */
	CHECK_EQ(assign(0, true), 0);
	CHECK_BUSES(1, 2, 8);
	CHECK_BUSES(3, 3, 8);
	CHECK_BUSES(8, 8, 8);
	CHECK_BUSES(2, 9, 0xa);
	CHECK_BUSES(9, 0xb, 0xb);
	CHECK_BUSES(0, 1, 0xb);
	end();
}

/* Too few: nothing is numbered at all, and the answer has names. */
static void test_assign_all_or_nothing(void)
{
	struct pmb_bus_need need = { .bridge = 1 };
	char text[160], *before, *after;
	u32 up, i;

	begin(0xff);
	bridge(PMB_NONE, 1, 0x60, 0);
	bridge(0, 2, 2, PMB_BRIDGE_HOTPLUG);
	bridge(0, 5, 5, PMB_BRIDGE_HOTPLUG);
	up = bridge(1, 0, 0, 0);
	for (i = 0; i < 5; i++)
		bridge(up, 0, 0, 0);
	before = layout_text(lay);
	CHECK_EQ(pmb_buses_assign(lay, &need, true, &answer), -ENOSPC);
	after = layout_text(lay);
	CHECK_STR(after, before);
	free(before);
	free(after);
	CHECK_EQ(answer.missing, 4);
	CHECK_EQ(answer.ends_at, 1);
	CHECK_EQ(answer.sibling, 2);
	pmb_buses_explain(lay, &need, &answer, text, sizeof(text));
	CHECK_STR(text, "b1: 4 of 6 bus numbers missing: b1 cannot grow, b2 has 05-05");

	/* the port behind it has room */
	lay->bridges[up].parent = 2;
	lay->devs[up].bridge = 2;
	need.bridge = 2;
	shim_allocs_left = 0;
	CHECK_EQ(pmb_buses_assign(lay, &need, false, &answer), -ENOMEM);
	shim_allocs_left = -1;
	CHECK_EQ(pmb_buses_assign(lay, &need, false, &answer), 0);
	CHECK_FOUND(6, 0xb);
	CHECK_BUSES(2, 5, 0xb);
	CHECK_BUSES(3, 6, 0xb);
	CHECK_BUSES(8, 0xb, 0xb);
	CHECK_BUSES(0, 1, 0x60);
	CHECK_BUSES(1, 2, 2);
	end();
}

/* New bridges on other buses are none of its business. */
static void test_assign_one_bus_only(void)
{
	begin(0xff);
	bridge(PMB_NONE, 1, 4, 0);
	bridge(0, 2, 2, 0);
	bridge(1, 0, 0, 0);
	bridge(0, 0, 0, 0);
	CHECK_EQ(assign(PMB_NONE, true), 0);
	CHECK_EQ(answer.last, 0);
	CHECK_EQ(assign(0, false), 0);
	CHECK_BUSES(2, 0, 0);
	CHECK_BUSES(3, 3, 3);
	CHECK_EQ(assign(1, false), -ENOSPC);
	CHECK_EQ(answer.sibling, 3);
	CHECK_EQ(assign(0, true), 0);
	CHECK_EQ(answer.first, 0);
	end();
}

/* A machine that nobody has numbered yet. */
static void test_assign_from_the_root(void)
{
	begin(0x0a);
	bridge(PMB_NONE, 0, 0, 0);
	bridge(PMB_NONE, 0, 0, PMB_BRIDGE_HOTPLUG);
	bridge(0, 0, 0, 0);
	CHECK_EQ(assign(PMB_NONE, true), 0);
	CHECK_BUSES(0, 1, 2);
	CHECK_BUSES(2, 2, 2);
	CHECK_BUSES(1, 3, 0xa);
	end();
}

/* Against what a tree of bus numbers must obey, read from its definition. */

static u32 seed = 1;

static u32 below(u32 n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* Children within their parent and apart from each other, no number twice. */
static bool tree_valid(u32 bridges)
{
	const struct pmb_bridge *b, *c;
	u32 i, k, low, high;

	for (i = 0; i < bridges; i++) {
		b = &lay->bridges[i];
		low = b->parent == PMB_NONE ? 0 : lay->bridges[b->parent].bus_first;
		high = b->parent == PMB_NONE ? lay->hosts[0].bus_last :
					       lay->bridges[b->parent].bus_last;
		if (b->bus_first <= low || b->bus_last > high || b->bus_first > b->bus_last)
			return false;
		for (k = 0; k < i; k++) {
			c = &lay->bridges[k];
			if (c->parent == b->parent && c->bus_first <= b->bus_last &&
			    b->bus_first <= c->bus_last)
				return false;
		}
	}
	return true;
}

static void random_tree(void)
{
	u32 i, nr, parent, first, last, tries = 1 + below(30);

	for (i = 0; i < tries; i++) {
		nr = lay->nr_bridges;
		parent = nr && below(4) ? below(nr) : PMB_NONE;
		first = 1 + below(lay->hosts[0].bus_last);
		last = min(first + below(6), 0xffu);
		bridge(parent, first, last, 0);
		if (!tree_valid(nr + 1)) {
			lay->nr_bridges--;
			lay->nr_devs--;
		}
	}
}

/* Can a new bridge with these numbers be there, if all above grow for it? */
static bool fits(u32 behind, u32 first, u32 last)
{
	u8 was[64];
	bool good;
	u32 i;

	for (i = 0; i < lay->nr_bridges; i++)
		was[i] = lay->bridges[i].bus_last;
	for (i = behind; i != PMB_NONE; i = lay->bridges[i].parent)
		lay->bridges[i].bus_last = max_t(u32, lay->bridges[i].bus_last, last);
	bridge(behind, first, last, 0);
	good = tree_valid(lay->nr_bridges);
	lay->nr_bridges--;
	lay->nr_devs--;
	for (i = 0; i < lay->nr_bridges; i++)
		lay->bridges[i].bus_last = was[i];
	return good;
}

static void try_random(u32 round)
{
	u32 behind, least, first, best = 0;
	int ret;

	begin(8 + below(24));
	random_tree();
	behind = lay->nr_bridges && below(8) ? below(lay->nr_bridges) : PMB_NONE;
	least = 1 + below(12);
	for (first = 1; first + least - 1 <= 0xff && !best; first++) {
		if (fits(behind, first, first + least - 1))
			best = first;
	}
	ret = find(behind, least, 0, NULL);
	CHECK_MSG(ret == (best ? 0 : -ENOSPC), "round %u: %d, %u", round, ret, best);
	if (!ret)
		CHECK_MSG(answer.first == best && answer.last == best + least - 1,
			  "round %u: %u-%u, not %u", round, answer.first, answer.last, best);
	if (ret == -ENOSPC && answer.missing < least) {
		/* so many fewer, and it goes */
		least -= answer.missing;
		CHECK_MSG(!find(behind, least, 0, NULL), "round %u: missing", round);
		CHECK_MSG(fits(behind, answer.first, answer.last), "round %u: run", round);
	}
	end();
}

static void test_random_trees(void)
{
	u32 round;

	for (round = 0; round < 20000; round++)
		try_random(round);
}

int main(void)
{
	RUN(test_within_the_range);
	RUN(test_growing_up_to_the_host);
	RUN(test_topmost_first);
	RUN(test_sibling_in_the_way);
	RUN(test_missing_from_the_longest_run);
	RUN(test_root_bus);
	RUN(test_taken);
	RUN(test_other_hosts_do_not_count);
	RUN(test_broken_numbers);
	RUN(test_broken_order);
	RUN(test_bad_input);
	RUN(test_explain_in_little_room);
	RUN(test_chain_with_spare);
	RUN(test_chain_without_spare);
	RUN(test_all_above_grow);
	RUN(test_shares);
	RUN(test_needs_before_shares);
	RUN(test_assign_all_or_nothing);
	RUN(test_assign_one_bus_only);
	RUN(test_assign_from_the_root);
	RUN(test_random_trees);
	return tap_end();
}
