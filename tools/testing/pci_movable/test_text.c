// SPDX-License-Identifier: GPL-2.0
/* Layouts as text: written and read back, by hand, from a log, damaged. */
#include <stdlib.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "layout_tools.h"
#include "tap.h"
#include "text.h"

#define TB	BIT_ULL(40)

/* Text in memory of just its size, so that a byte read beyond is noticed. */
static struct pmb_layout *read_exact(const char *text, size_t len,
				     struct pmb_text_error *error)
{
	struct pmb_layout *layout;
	char *copy = malloc(len);

	memcpy(copy, text, len);
	layout = pmb_text_read(copy, len, error);
	free(copy);
	return layout;
}

static struct pmb_layout *read_text(const char *text)
{
	struct pmb_text_error error;
	struct pmb_layout *layout = read_exact(text, strlen(text), &error);

	CHECK_MSG(layout, "%u:%u: %s", error.line, error.column,
		  error.why ?: "nothing said");
	CHECK(!layout || !error.why);
	return layout;
}

/* A text just as it is written: everything that can be in one. */
static const char everything[] =
	"pmb-layout 1\n"
	"host 0000:00\n"
	"host 0001:00 bus 01-7f\n"
	"root 0000:00 io 0x1000-0xffff\n"
	"root 0000:00 mem 0x80000000-0xbfffffff\n"
	"root 0000:00 pref 0x4000000000-0x7fffffffff\n"
	"root 0001:00 mem 0x600000000000-0x60003fffffff offset 0x5fff80000000\n"
	"hole 0000:00 mem 0x80000000-0x800fffff ECAM\n"
	"hole 0000:00 io 0x1800-0x18fe \"pnp 00:01\"\n"
	"hole 0001:00 mem 0x600000000000-0x600000000fff\n"
	"dev 0000:00:1c.0 on 0000:00 driver pcieport way live\n"
	"bridge 0000:00:1c.0 bus 01-05 hotplug pcie\n"
	"window 0000:00:1c.0 io closed align 1K max 0xffffffff\n"
	"window 0000:00:1c.0 mem 0x90000000-0x901fffff reserve 2M\n"
	"window 0000:00:1c.0 pref 0x4000000000-0x40001fffff\n"
	"dev 0000:01:00.0 behind 0000:00:1c.0 driver nvme way pause cost 7\n"
	"bar 0000:01:00.0 0 mem64 at 0x90000000-0x90003fff\n"
	"bar 0000:01:00.0 2 pref64 size 256M sizes 256M-8G,32G wanted\n"
	"bar 0000:01:00.0 6 mem size 128K rom optional\n"
	"bar 0000:01:00.0 7 pref64 at 0x4000000000-0x400003ffff align 64K reg 0x184 optional vf\n"
	"dev 0000:00:1f.0 on 0000:00 driver \"VIA IDE\"\n"
	"bar 0000:00:1f.0 4 io at 0x1c00-0x1c0f fixed driver\n"
	"dev fw-0 on 0000:00 way never\n"
	"bar fw-0 0 mem at 0x80100000-0x80101233 align 4K reg 0x0 fixed firmware\n"
	"dev 0001:00:00.0 on 0001:00\n"
	"bridge \"x 1\" dev 0001:00:00.0 bus 00-00 transparent\n"
	"bar 0001:00:00.0 0 pref at 0x600000100000-0x6000001fffff strict fixed p2p\n"
	"end 26\n";

static char *in_writers_order(const char *text)
{
	struct pmb_layout *layout = read_text(text);
	char *again = layout ? layout_text(layout) : NULL;

	pmb_layout_free(layout);
	return again;
}

static void test_write_everything(void)
{
	/* The order of the flags is the writer's. */
	static const char from[] = "rom optional", to[] = "optional rom";
	char want[sizeof(everything)], *p, *is;

	memcpy(want, everything, sizeof(want));
	p = strstr(want, from);
	memcpy(p, to, sizeof(to) - 1);
	is = in_writers_order(everything);
	CHECK_STR(is, want);
	free(is);
}

static void test_read_everything(void)
{
	struct pmb_layout *l = read_text(everything);

	if (!l)
		return;
	CHECK_EQ(l->nr_hosts, 2);
	CHECK_EQ(l->nr_roots, 4);
	CHECK_EQ(l->nr_holes, 3);
	CHECK_EQ(l->nr_bridges, 2);
	CHECK_EQ(l->nr_devs, 5);
	CHECK_EQ(l->nr_bars, 7);

	CHECK_EQ(l->hosts[0].bus_first, 0);
	CHECK_EQ(l->hosts[0].bus_last, 0xff);
	CHECK_STR(l->hosts[1].name, "0001:00");
	CHECK_EQ(l->hosts[1].bus_first, 1);
	CHECK_EQ(l->hosts[1].bus_last, 0x7f);
	CHECK_EQ(l->roots[0].space, PMB_IO);
	CHECK_EQ(l->roots[2].space, PMB_PREF);
	CHECK_EQ(l->roots[2].range.size, 256ULL << 30);
	CHECK_EQ(l->roots[3].host, 1);
	CHECK_EQ(l->roots[3].offset, 0x5fff80000000);
	CHECK(!l->holes[0].io);
	CHECK(l->holes[1].io);
	CHECK_STR(l->holes[1].name, "pnp 00:01");
	CHECK_EQ(l->holes[1].range.size, 0xff);
	CHECK_EQ(l->holes[2].host, 1);
	CHECK_STR(l->holes[2].name, "");

	CHECK_EQ(l->bridges[0].parent, PMB_NONE);
	CHECK_EQ(l->bridges[0].dev, 0);
	CHECK_EQ(l->bridges[0].bus_first, 1);
	CHECK_EQ(l->bridges[0].bus_last, 5);
	CHECK_EQ(l->bridges[0].flags, PMB_BRIDGE_HOTPLUG | PMB_BRIDGE_PCIE);
	CHECK_EQ(l->bridges[0].win[PMB_IO].align, 1024);
	CHECK_EQ(l->bridges[0].win[PMB_IO].cur.size, 0);
	CHECK_EQ(l->bridges[0].win[PMB_IO].max, U32_MAX);
	CHECK_EQ(l->bridges[0].win[PMB_MEM].align, 0x100000);
	CHECK_EQ(l->bridges[0].win[PMB_MEM].max, U32_MAX);
	CHECK_EQ(l->bridges[0].win[PMB_MEM].cur.start, 0x90000000);
	CHECK_EQ(l->bridges[0].win[PMB_MEM].cur.size, 0x200000);
	CHECK_EQ(l->bridges[0].win[PMB_MEM].reserve, 0x200000);
	CHECK_EQ(l->bridges[0].win[PMB_PREF].max, U64_MAX);
	CHECK_EQ(l->bridges[1].host, 1);
	CHECK_EQ(l->bridges[1].dev, 4);
	CHECK_EQ(l->bridges[1].win[PMB_MEM].align, 0);

	CHECK_EQ(l->devs[0].way, PMB_WAY_LIVE);
	CHECK_EQ(l->devs[0].cost, PMB_COST_LIVE);
	CHECK_EQ(l->devs[1].bridge, 0);
	CHECK_EQ(l->devs[1].host, 0);
	CHECK_STR(l->devs[1].driver, "nvme");
	CHECK_EQ(l->devs[1].cost, 7);
	CHECK_EQ(l->devs[2].bridge, PMB_NONE);
	CHECK_EQ(l->devs[2].way, PMB_WAY_NEVER);
	CHECK_EQ(l->devs[4].way, PMB_WAY_FREE);
	CHECK_EQ(l->devs[4].host, 1);

	CHECK_EQ(l->bars[0].flags, PMB_BAR_64 | PMB_BAR_PLACED);
	CHECK_EQ(l->bars[0].size, 0x4000);
	CHECK_EQ(l->bars[0].align, 0x4000);
	CHECK_EQ(l->bars[0].reg, 0x10);
	CHECK_EQ(l->bars[1].flags, PMB_BAR_64 | PMB_BAR_PREF | PMB_BAR_WANTED);
	CHECK_EQ(l->bars[1].reg, 0x18);
	CHECK_EQ(l->bars[1].sizes, 0x3f << 8 | 1 << 15);
	CHECK_EQ(l->bars[2].reg, 0x30);
	CHECK_EQ(l->bars[2].flags, PMB_BAR_ROM | PMB_BAR_OPTIONAL);
	CHECK_EQ(l->bars[3].align, 0x10000);
	CHECK_EQ(l->bars[3].reg, 0x184);
	CHECK_EQ(l->bars[4].flags, PMB_BAR_IO | PMB_BAR_PLACED);
	CHECK_EQ(l->bars[4].why, PMB_WHY_DRIVER);
	CHECK_EQ(l->bars[5].reg, 0);
	CHECK_EQ(l->bars[5].size, 0x1234);
	CHECK_EQ(l->bars[6].why, PMB_WHY_P2P);
	CHECK_EQ(l->bars[6].flags, PMB_BAR_PREF | PMB_BAR_PLACED | PMB_BAR_STRICT);
	pmb_layout_free(l);
}

/* Objects may come in any order, with comments, blanks and CR-LF. */
static void test_read_by_hand(void)
{
	struct pmb_layout *l, *m;

	l = read_text("# a case\r\n"
		      "\n"
		      "  pmb-layout\t1   # version\n"
		      "bar B 0 mem size 0x4000 wanted\t# \xc3\xa4 \"\r\n"
		      "\tdev B behind A\r\n"
		      "window A mem closed # for now\n"
		      "bridge A\n"
		      "dev A on H # root port\n"
		      "root H mem 0x0-0xFFFF\n"
		      "   \t\x20\n"
		      "host \"H\"\n"
		      "end # no count\n"
		      "# over\n"
		      "\n");
	m = read_text("pmb-layout 1\n"
		      "host H\n"
		      "root H mem 0x0-0xffff\n"
		      "dev B behind A\n"
		      "bar B 0 mem size 16K wanted\n"
		      "dev A on H\n"
		      "bridge A\n"
		      "window A mem closed\n"
		      "end 7\n");
	if (l && m)
		CHECK_STR(layout_difference(l, m) ?: "the same", "the same");
	pmb_layout_free(l);
	pmb_layout_free(m);
}

static void test_read_log(void)
{
	static const char * const log =
		"[    0.000000] Linux version\n"
		"[    1.000000] pci_movable: event=hotplug result=none\n"
		"[    1.000001] pci_movable: pmb-layout 1\n"
		"[    1.000002] pci_movable: host 0000:00\n"
		"[    1.000003] nvme nvme0: \"unrelated\n"
		"Jan  1 00:00:00 box kernel: [    1.000004] pci_movable: root 0000:00 mem 0x0-0xffff\r\n"
		"end\n"
		"# pci_movable: rubbish\n"
		"pci_movable: hole 0000:00 mem 0x0-0xfff \"pci_movable: me\"\n"
		"[    1.000006] pci_movable: end 3\n"
		"[    1.000007] pci_movable: event=none\n"
		"cut off";
	struct pmb_layout *l = read_text(log);
	struct pmb_text_error error;
	char *holed;

	if (!l)
		return;
	CHECK_EQ(l->nr_hosts, 1);
	CHECK_EQ(l->nr_roots, 1);
	CHECK_EQ(l->nr_holes, 1);
	CHECK_STR(l->holes[0].name, "pci_movable: me");
	pmb_layout_free(l);

	/* A line that the log has lost is missed. */
	holed = strdup(log);
	memcpy(strstr(holed, "pci_movable: hole"), "XXX", 3);
	l = read_exact(holed, strlen(holed), &error);
	CHECK(!l);
	CHECK_STR(error.why, "not the number of lines above");
	CHECK_EQ(error.line, 10);
	free(holed);
}

static void test_sizes(void)
{
	static const struct {
		const char *text;
		u64 size;
		const char *again;
	} sizes[] = {
		{ "1", 1, "1" },
		{ "0x10", 16, "16" },
		{ "1023", 1023, "1023" },
		{ "1024", 1024, "1K" },
		{ "0x1001", 0x1001, "0x1001" },
		{ "3M", 3 << 20, "3M" },
		{ "0x300K", 3 << 18, "768K" },
		{ "1048576K", 1 << 30, "1G" },
		{ "1025K", 1025 << 10, "1025K" },
		{ "16T", 16 * TB, "16T" },
		{ "2P", 2048 * TB, "2P" },
		{ "8E", 8 * TB << 20, "8E" },
		{ "15E", 15 * TB << 20, "15E" },
		{ "18446744073709551615", U64_MAX, "0xffffffffffffffff" },
	};
	char text[200], want[60], *again;
	struct pmb_layout *l;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		snprintf(text, sizeof(text), "pmb-layout 1\nhost h\ndev d on h\n"
			 "bar d 0 mem64 size %s align 4K\nend\n", sizes[i].text);
		l = read_text(text);
		if (!l)
			continue;
		CHECK_EQ(l->bars[0].size, sizes[i].size);
		again = layout_text(l);
		snprintf(want, sizeof(want), "mem64 size %s align 4K\n", sizes[i].again);
		CHECK_MSG(strstr(again, want), "%s", again);
		free(again);
		pmb_layout_free(l);
	}
}

static void test_rebar_sizes(void)
{
	static const struct {
		const char *text;
		u64 sizes;
		const char *again;
	} sizes[] = {
		{ "1M", 1, "1M" },
		{ "1M,4M", 5, "1M,4M" },
		{ "4M,1M", 5, "1M,4M" },
		{ "1M-4M", 7, "1M-4M" },
		{ "1M,2M", 3, "1M-2M" },
		{ "1M-2M,2M-4M", 7, "1M-4M" },
		{ "1M-8E", (1ULL << 44) - 1, "1M-8E" },
		{ "8E", 1ULL << 43, "8E" },
		{ "0x7", 7, "1M-4M" },
		{ "1M,4M,16M", 0x15, "1M,4M,16M" },
		{ "1M,4M,16M,64M", 0x55, "0x55" },
		{ "256M-8G,32G", 0x3f << 8 | 1 << 15, "256M-8G,32G" },
	};
	char text[200], want[60], *again;
	struct pmb_layout *l;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		snprintf(text, sizeof(text), "pmb-layout 1\nhost h\ndev d on h\n"
			 "bar d 0 mem64 size 1M sizes %s\nend\n", sizes[i].text);
		l = read_text(text);
		if (!l)
			continue;
		CHECK_EQ(l->bars[0].sizes, sizes[i].sizes);
		again = layout_text(l);
		snprintf(want, sizeof(want), " sizes %s\n", sizes[i].again);
		CHECK_MSG(strstr(again, want), "%s", again);
		free(again);
		pmb_layout_free(l);
	}
}

/* splitmix64 */
static u64 seed;

static u64 rnd(void)
{
	u64 z = seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static u64 below(u64 n)
{
	return rnd() % n;
}

static bool one_in(u32 n)
{
	return !below(n);
}

/* A number of any length in bits, often just beside a power of two. */
static u64 odd_number(void)
{
	u64 n = rnd() >> below(64);

	return one_in(2) ? n : BIT_ULL(below(64)) - below(2);
}

static struct pmb_range odd_range(u64 align)
{
	struct pmb_range r;

	r.start = odd_number() & ~(align - 1);
	r.size = (odd_number() & ~(align - 1)) ?: align;
	if (r.start + r.size - 1 < r.start)
		r.size = 0 - r.start;
	return r;
}

/* A name which no other object of the kind has. */
static void odd_name(char *name, u32 nr)
{
	static const char chars[] = "az09AZ:._-+/ #()'!~|=,;*?";
	u32 len = below(PMB_NAME_LEN), i;

	for (i = 0; i < len; i++)
		name[i] = chars[below(sizeof(chars) - 1)];
	name[len] = '\0';
	if (nr != PMB_NONE)
		snprintf(name + min(len, 20U), 12, "%s%u", one_in(2) ? "." : " ", nr);
}

/* Any layout that the check accepts, however senseless. */
static struct pmb_layout *odd_layout(void)
{
	const struct pmb_counts max = {
		.hosts = 1 + below(3), .roots = below(5), .holes = below(5),
		.bridges = below(8), .devs = 8 + below(12), .bars = below(30)
	};
	struct pmb_layout *l = pmb_layout_alloc(&max);
	u32 i, s, first = below(max.devs - max.bridges + 1);

	l->nr_hosts = max.hosts;
	l->nr_roots = max.roots;
	l->nr_holes = max.holes;
	l->nr_bridges = max.bridges;
	l->nr_devs = max.devs;
	l->nr_bars = max.bars;

	for (i = 0; i < max.hosts; i++) {
		odd_name(l->hosts[i].name, i);
		if (one_in(3))
			continue;
		l->hosts[i].bus_last = below(256);
		l->hosts[i].bus_first = below(l->hosts[i].bus_last + 1);
	}
	for (i = 0; i < max.roots; i++) {
		struct pmb_root *root = &l->roots[i];

		root->host = below(max.hosts);
		root->space = below(PMB_SPACES);
		root->range = odd_range(1);
		root->offset = one_in(2) ? 0 : odd_number();
		if (pmb_root_error(root))
			root->offset = root->range.start;
		if (pmb_root_clash(l, i))
			*root = l->roots[0];	/* the same twice is no contradiction */
	}
	for (i = 0; i < max.holes; i++) {
		l->holes[i].host = below(max.hosts);
		l->holes[i].io = one_in(2);
		l->holes[i].range = odd_range(1);
		odd_name(l->holes[i].name, PMB_NONE);
	}
	for (i = 0; i < max.devs; i++) {
		struct pmb_dev *dev = &l->devs[i];

		odd_name(dev->name, i);
		if (one_in(2))
			odd_name(dev->driver, PMB_NONE);
		dev->host = below(max.hosts);
		dev->bridge = PMB_NONE;
		dev->way = below(PMB_WAYS);
		dev->cost = one_in(2) ? odd_number() : below(2) * PMB_COST_PAUSE;
	}
	for (i = 0; i < max.bridges; i++) {
		struct pmb_bridge *bridge = &l->bridges[i];
		/* forwards or backwards through the functions */
		u32 d = max.bars & 1 ? first + i : first + max.bridges - 1 - i;
		struct pmb_dev *dev = &l->devs[d];

		bridge->dev = d;
		bridge->parent = i && one_in(2) ? below(i) : PMB_NONE;
		if (bridge->parent != PMB_NONE)
			dev->host = l->bridges[bridge->parent].host;
		dev->bridge = bridge->parent;
		bridge->host = dev->host;
		if (one_in(3))
			odd_name(bridge->name, 100 + i);
		else
			strscpy(bridge->name, dev->name);
		bridge->flags = below(8);
		bridge->bus_first = rnd();
		bridge->bus_last = rnd();
		for (s = 0; s < PMB_SPACES; s++) {
			struct pmb_window *win = &bridge->win[s];

			if (one_in(4))
				continue;
			win->align = one_in(2) ? 0x1000 << (s ? 8 : 0) : BIT_ULL(below(64));
			if (one_in(3))
				win->cur.start = rnd();	/* closed */
			else
				win->cur = odd_range(win->align);
			win->max = one_in(2) ? odd_number() : s ? U32_MAX : U16_MAX;
			win->reserve = one_in(2) ? odd_number() : 0;
		}
	}
	for (i = 0; i < max.devs; i++) {
		u32 b = max.bridges ? below(max.bridges) : 0;

		if (i - first < max.bridges || !max.bridges || one_in(3))
			continue;
		l->devs[i].bridge = b;
		l->devs[i].host = l->bridges[b].host;
	}
	for (i = 0; i < max.bars; i++) {
		static const u32 kinds[] = {
			PMB_BAR_IO, 0, PMB_BAR_PREF, PMB_BAR_64, PMB_BAR_64 | PMB_BAR_PREF
		};
		struct pmb_bar *bar = &l->bars[i];
		struct pmb_range range = odd_range(1);

		bar->dev = one_in(2) ? below(max.devs) : i * max.devs / max.bars;
		bar->res = i;	/* no two of a device have the same */
		bar->flags = kinds[below(ARRAY_SIZE(kinds))] |
			(rnd() & (PMB_BAR_OPTIONAL | PMB_BAR_ROM | PMB_BAR_VF |
				  PMB_BAR_STRICT));
		switch (below(3)) {
		case 0:
			bar->flags |= PMB_BAR_PLACED;
			break;
		case 1:
			bar->flags |= PMB_BAR_WANTED;
			break;
		}
		bar->why = one_in(2) ? PMB_MAY_MOVE : below(PMB_WHYS);
		bar->reg = one_in(2) ? 0x10 + 4 * i : rnd();
		if (one_in(4) && bar->why)
			bar->reg = 0;
		bar->reg += !bar->reg && !bar->why;
		bar->size = one_in(2) ? BIT_ULL(below(64)) : range.size;
		bar->align = one_in(2) ? BIT_ULL(below(64)) : bar->size & (0 - bar->size);
		bar->start = min(range.start, 0 - bar->size);
		bar->sizes = one_in(2) ? 0 : odd_number() & (BIT_ULL(44) - 1);
	}
	return l;
}

/* Written and read back, nothing is lost; written again, it is the same text. */
static void test_round_trip(void)
{
	struct pmb_text_error error;
	struct pmb_layout *l, *m;
	const char *differs;
	char *text, *again, why[80];
	u32 i;

	for (i = 0; i < 5000; i++) {
		seed = i;
		l = odd_layout();
		why[0] = '\0';
		CHECK_MSG(!pmb_layout_check(l, why, sizeof(why)), "seed %u: %s", i, why);
		text = layout_text(l);
		m = read_exact(text, strlen(text), &error);
		CHECK_MSG(m, "seed %u: %u:%u %s in\n%s", i, error.line,
			  error.column, error.why, text);
		if (m) {
			differs = layout_difference(l, m);
			CHECK_MSG(!differs, "seed %u: %s in\n%s", i, differs, text);
			again = layout_text(m);
			CHECK_MSG(!strcmp(text, again), "seed %u", i);
			free(again);
		}
		free(text);
		pmb_layout_free(m);
		pmb_layout_free(l);
	}
}

/* The longest lines there can be; layout_text() looks at their length. */
static void test_longest_lines(void)
{
	const struct pmb_counts max = { 1, 1, 1, 1, 1, 1 };
	struct pmb_layout *l = pmb_layout_alloc(&max), *m;
	char name[PMB_NAME_LEN], *text;
	u32 s;

	memset(name, '#', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	l->nr_hosts = 1;
	l->nr_roots = 1;
	l->nr_holes = 1;
	l->nr_bridges = 1;
	l->nr_devs = 1;
	l->nr_bars = 1;
	strscpy(l->hosts[0].name, name);
	l->roots[0].space = PMB_PREF;
	l->roots[0].range = (struct pmb_range){ 1ULL << 63, 1ULL << 63 };
	l->roots[0].offset = 1ULL << 63;
	l->holes[0].range = l->roots[0].range;
	strscpy(l->holes[0].name, name);
	strscpy(l->devs[0].name, name);
	strscpy(l->devs[0].driver, name);
	l->devs[0].bridge = PMB_NONE;
	l->devs[0].way = PMB_WAY_PAUSE;
	l->devs[0].cost = U32_MAX;
	strscpy(l->bridges[0].name, name);
	l->bridges[0].name[0] = '*';
	l->bridges[0].parent = PMB_NONE;
	l->bridges[0].flags = 7;
	for (s = 0; s < PMB_SPACES; s++)
		l->bridges[0].win[s] = (struct pmb_window){
			.cur = l->roots[0].range, .align = 512, .max = U64_MAX - 1,
			.reserve = U64_MAX
		};
	l->bars[0] = (struct pmb_bar){
		.res = U16_MAX, .reg = U16_MAX, .size = BIT_ULL(60) + 1, .align = 512,
		.start = 0xf000000000000000 - 1, .why = PMB_WHY_DRIVER_SAYS,
		.flags = PMB_BAR_PREF | PMB_BAR_64 | PMB_BAR_PLACED | PMB_BAR_OPTIONAL |
			 PMB_BAR_ROM | PMB_BAR_VF | PMB_BAR_STRICT,
		.sizes = 0x3ULL << 7 | 0x3 << 17 | 0x3 << 27,
	};
	for (s = 0; s < 2; s++) {
		CHECK_EQ(pmb_layout_check(l, NULL, 0), 0);
		text = layout_text(l);
		m = read_text(text);
		if (m)
			CHECK_STR(layout_difference(l, m) ?: "the same", "the same");
		pmb_layout_free(m);
		free(text);
		l->bars[0].sizes = 0x55555555555;	/* as a mask */
	}
	pmb_layout_free(l);
}

/* Cut off behind any byte, a text is refused, and the place is within it. */
static void test_truncated(void)
{
	struct pmb_text_error error;
	size_t len, lines = 1, column = 1;

	for (len = 0; len < strlen(everything); len++) {
		CHECK_MSG(!read_exact(everything, len, &error), "%zu bytes", len);
		CHECK_MSG(error.why, "%zu bytes", len);
		CHECK_MSG(error.line >= 1 && error.line <= lines, "%zu bytes", len);
		if (error.line == lines)
			CHECK_MSG(error.column >= 1 && error.column <= column,
				  "%zu bytes: %u, %zu", len, error.column, column);
		column++;
		if (everything[len] == '\n') {
			lines++;
			column = 1;
		}
	}
}

/* A line that is missing, or there twice, is noticed: there is the count. */
static void test_lost_lines(void)
{
	const char *line, *next;
	char text[2 * sizeof(everything)];
	struct pmb_text_error error;

	for (line = everything; *line; line = next) {
		next = strchr(line, '\n') + 1;
		sprintf(text, "%.*s%s", (int)(line - everything), everything, next);
		CHECK_MSG(!read_exact(text, strlen(text), &error), "without %.*s",
			  (int)(next - line), line);
		sprintf(text, "%.*s%s", (int)(next - everything), everything, line);
		CHECK_MSG(!read_exact(text, strlen(text), &error), "twice %.*s",
			  (int)(next - line), line);
	}
}

/* Some bytes changed: refused, or a layout that can be written and read. */
static void test_mutated(void)
{
	static const char chars[] = "\n \t\r\"#0189afxKMG-,:.=\\\x7f\x80\xff";
	struct pmb_text_error error;
	struct pmb_layout *l, *m;
	u32 i, accepted = 0;
	char *text, *again;

	text = strdup(everything);
	for (i = 0; i < 40000; i++) {
		u64 n = 1 + below(3);
		size_t len = strlen(everything);

		seed = i;
		memcpy(text, everything, len);
		while (n--)
			text[below(len)] = one_in(3) ? text[below(len)] :
					   chars[below(sizeof(chars))];
		l = pmb_text_read(text, len, &error);
		if (!l) {
			CHECK_MSG(error.why && error.line && error.column,
				  "mutation %u", i);
			CHECK_MSG(strcmp(error.why, "inconsistent layout"),
				  "mutation %u", i);
			continue;
		}
		accepted++;
		CHECK_MSG(!pmb_layout_check(l, NULL, 0), "mutation %u", i);
		again = layout_text(l);
		m = pmb_text_read(again, strlen(again), &error);
		CHECK_MSG(m && !layout_difference(l, m), "mutation %u", i);
		free(again);
		pmb_layout_free(l);
		pmb_layout_free(m);
	}
	free(text);
	CHECK_MSG(accepted > 100, "only %u", accepted);
}

static void test_no_memory(void)
{
	struct pmb_text_error error;
	struct pmb_layout *l;
	long n;

	for (n = 0; n < 11; n++) {
		shim_allocs_left = n;
		l = pmb_text_read(everything, strlen(everything), &error);
		CHECK_MSG(!l, "with %ld allocations", n);
		CHECK_EQ(error.line, 0);
		CHECK_STR(error.why, "no memory");
		pmb_layout_free(l);
	}
	shim_allocs_left = 11;
	l = pmb_text_read(everything, strlen(everything), &error);
	shim_allocs_left = -1;
	CHECK(l);
	pmb_layout_free(l);
}

static void test_nothing(void)
{
	struct pmb_text_error error;

	CHECK(!pmb_text_read(NULL, 0, &error));
	CHECK_EQ(error.line, 1);
	CHECK_EQ(error.column, 1);
	CHECK_STR(error.why, "'pmb-layout 1' expected");
	/* Nothing in it is no error. */
	pmb_layout_free(read_text("pmb-layout 1\nend\n"));
}

/* The example in the documentation, and its table of reasons. */
static void test_documentation(void)
{
	char line[200], text[8000] = "", want[100];
	FILE *doc = fopen(DOCUMENTATION, "r");
	bool example = false;
	u32 whys = 0;

	if (!doc)
		SKIP("no " DOCUMENTATION);
	while (fgets(line, sizeof(line), doc)) {
		example |= !strcmp(line, "    pmb-layout 1\n");
		if (example && strlen(text) + strlen(line) < sizeof(text))
			strcat(text, line);
		example &= !!strncmp(line, "    end", 7);
		if (whys + 1 < PMB_WHYS) {
			snprintf(want, sizeof(want), "    ``%s``%*s  %s\n",
				 pmb_why_key(whys + 1),
				 11 - (int)strlen(pmb_why_key(whys + 1)), "",
				 pmb_why_text(whys + 1));
			whys += !strcmp(line, want);
		}
	}
	fclose(doc);
	CHECK_EQ(whys, PMB_WHYS - 1);
	CHECK(text[0]);
	pmb_layout_free(read_text(text));
}

int main(void)
{
	RUN(test_nothing);
	RUN(test_read_everything);
	RUN(test_write_everything);
	RUN(test_read_by_hand);
	RUN(test_read_log);
	RUN(test_sizes);
	RUN(test_rebar_sizes);
	RUN(test_round_trip);
	RUN(test_longest_lines);
	RUN(test_truncated);
	RUN(test_lost_lines);
	RUN(test_mutated);
	RUN(test_no_memory);
	RUN(test_documentation);
	return tap_end();
}
