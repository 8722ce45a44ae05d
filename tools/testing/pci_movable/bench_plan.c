// SPDX-License-Identifier: GPL-2.0
/*
 * How long does a plan take?
 *
 *	bench_plan [--max BARS] [--rounds N]
 *
 * Trees of 64 to 65,536 BARs, eight for each bridge: switches with 62 slots, and a
 * host bridge for every 16,384 BARs. Questions for each:
 *
 *	full	everything is to be placed
 *	half	every other device lost its place, in the tree which that gave
 *	hot-add	one more device is plugged into that tree
 *	no room	that device is too large for the tree
 *	misfit	everything is to be placed, and a quarter of the space is missing
 *
 * The best of several rounds counts. The exponent is that of the growth since the
 * line above.
 *
 * Asked for on one core: 4,096 BARs below 50 ms, hot-add below 1 ms. The exit
 * status says whether that has been reached.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/kernel.h>
#include "plan.h"
#include "verify.h"

#define KB		1024ull
#define MB		(KB * KB)
#define GB		(KB * MB)
#define SLOTS		62u	/* of one switch */
#define PER_SLOT	4u	/* devices with two BARs */
#define PER_HOST	16384u	/* BARs */
#define LOW		0xee000000ull

static u32 rounds = 5;

static u32 add_dev(struct pmb_layout *lay, u32 bridge)
{
	struct pmb_dev *d = &lay->devs[lay->nr_devs];

	snprintf(d->name, sizeof(d->name), "0000:%02x:%02x.%x", (bridge + 1) & 0xff,
		 lay->nr_devs >> 3 & 31, lay->nr_devs & 7);
	d->bridge = bridge;
	d->host = lay->nr_hosts - 1;
	return lay->nr_devs++;
}

static u32 add_bridge(struct pmb_layout *lay, u32 parent)
{
	struct pmb_bridge *b = &lay->bridges[lay->nr_bridges];

	b->dev = add_dev(lay, parent);
	b->parent = parent;
	b->host = lay->nr_hosts - 1;
	b->flags = PMB_BRIDGE_PCIE;
	pmb_name_set(b->name, lay->devs[b->dev].name);
	b->win[PMB_IO].align = 4 * KB;
	b->win[PMB_IO].max = 0xffff;
	b->win[PMB_MEM].align = MB;
	b->win[PMB_MEM].max = U32_MAX;
	b->win[PMB_PREF].align = MB;
	b->win[PMB_PREF].max = U64_MAX;
	return lay->nr_bridges++;
}

static void add_bar(struct pmb_layout *lay, u32 dev, u32 flags, u64 size)
{
	struct pmb_bar *b = &lay->bars[lay->nr_bars++];

	b->dev = dev;
	b->reg = 0x10;
	b->flags = flags | PMB_BAR_WANTED;
	b->size = size;
	b->align = size;
}

static void add_root(struct pmb_layout *lay, enum pmb_space space, u64 start, u64 size)
{
	struct pmb_root *r = &lay->roots[lay->nr_roots++];

	r->host = lay->nr_hosts - 1;
	r->space = space;
	r->range.start = start;
	r->range.size = size;
}

static void add_host(struct pmb_layout *lay, u64 low)
{
	struct pmb_host *host = &lay->hosts[lay->nr_hosts++];

	snprintf(host->name, sizeof(host->name), "%04x:00", lay->nr_hosts - 1);
	add_root(lay, PMB_IO, 0x1000, 0xf000);
	add_root(lay, PMB_MEM, 0x10000000, low);
	add_root(lay, PMB_MEM, 0x400000000000ull, 0x400000000000ull);
}

/*
 * A tree of switches without a single address; the last slot is empty. The 32-bit
 * memory of each host bridge has @low bytes.
 */
static struct pmb_layout *make_tree(u32 nr_bars, u64 low)
{
	const struct pmb_counts max = {
		.hosts = nr_bars / PER_HOST + 1, .roots = nr_bars / PER_HOST * 4 + 4,
		.holes = 1, .bridges = nr_bars / 4 + 8,
		.devs = 2 * nr_bars + 16, .bars = nr_bars + 2,
	};
	struct pmb_layout *lay = pmb_layout_alloc(&max);
	u32 up = PMB_NONE, slots = SLOTS, slot, i, d;

	while (lay->nr_bars < nr_bars) {
		if (!(lay->nr_bars % PER_HOST)) {
			add_host(lay, low);
			slots = SLOTS;
		}
		if (slots == SLOTS) {
			up = add_bridge(lay, add_bridge(lay, PMB_NONE));
			slots = 0;
		}
		slot = add_bridge(lay, up);
		slots++;
		for (i = 0; i < PER_SLOT; i++) {
			d = add_dev(lay, slot);
			add_bar(lay, d, 0, 16 * KB << (i & 1));
			add_bar(lay, d, PMB_BAR_64 | PMB_BAR_PREF,
				i & 1 ? MB : 64 * KB);
		}
	}
	add_bridge(lay, up);
	return lay;
}

static void carry_out(struct pmb_layout *lay, const struct pmb_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->nr_wins; i++)
		lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur = plan->win[i];
	for (i = 0; i < plan->nr_bars; i++) {
		lay->bars[i].start = plan->bar[i].start;
		lay->bars[i].flags &= ~PMB_BAR_WANTED;
		lay->bars[i].flags |= PMB_BAR_PLACED;
	}
	/* Half of them have drivers that could be paused. */
	for (i = 0; i < lay->nr_devs; i += 2) {
		lay->devs[i].way = PMB_WAY_PAUSE;
		lay->devs[i].cost = PMB_COST_PAUSE;
	}
}

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

/* Milliseconds for one plan. */
static double measure(struct pmb_layout *lay, struct pmb_plan *plan, u32 times)
{
	double best = 0, begin, took;
	char why[256] = "";
	u32 i;

	for (i = 0; i < times; i++) {
		begin = now_ms();
		pmb_plan_make(lay, NULL, plan);
		took = now_ms() - begin;
		best = i && best < took ? best : took;
	}
	if (pmb_verify(lay, NULL, plan, why, sizeof(why))) {
		printf("# rejected: %s\n", why);
		exit(1);
	}
	return best;
}

/* Every other device loses its place again. */
static void forget_half(struct pmb_layout *lay)
{
	u32 i;

	for (i = 0; i < lay->nr_bars; i++) {
		if (lay->bars[i].dev % 2)
			continue;
		lay->bars[i].flags &= ~PMB_BAR_PLACED;
		lay->bars[i].flags |= PMB_BAR_WANTED;
	}
}

enum column { FULL, HALF, ADD, NONE, MISFIT, COLUMNS };

static const char * const titles[COLUMNS] = {
	"full", "half", "hot-add", "no room", "misfit",
};

struct line {
	double ms[COLUMNS];
	enum pmb_verdict is[COLUMNS];
};

static void fill(struct line *line, enum column column, struct pmb_layout *lay,
		 u32 times)
{
	struct pmb_plan *plan = pmb_plan_alloc(lay);

	line->ms[column] = measure(lay, plan, times);
	line->is[column] = plan->verdict;
	if (column == FULL || column == HALF)
		carry_out(lay, plan);
	pmb_plan_free(plan);
}

static void fill_line(u32 nr, struct line *line)
{
	struct pmb_layout *lay = make_tree(nr, LOW);
	u32 d, times = nr > 8192 ? 2 : rounds;

	fill(line, FULL, lay, times);
	forget_half(lay);
	fill(line, HALF, lay, times);

	d = add_dev(lay, lay->nr_bridges - 1);
	add_bar(lay, d, PMB_BAR_64 | PMB_BAR_PREF, 16 * MB);
	add_bar(lay, d, 0, 16 * KB);
	fill(line, ADD, lay, 4 * times);

	lay->bars[lay->nr_bars - 1].size = 2 * GB;
	lay->bars[lay->nr_bars - 1].align = 2 * GB;
	fill(line, NONE, lay, 1);
	pmb_layout_free(lay);

	/* A window of 1 MiB for eight BARs */
	lay = make_tree(nr, min_t(u64, nr, PER_HOST) / 8 * MB * 3 / 4);
	fill(line, MISFIT, lay, 1);
	pmb_layout_free(lay);
}

/* The power of four by which the time has grown, as there are four times the BARs. */
static double exponent(double now, double before)
{
	double ratio = before > 0 ? now / before : 1, bit, sum = 0;

	for (; ratio >= 4; ratio /= 4)
		sum++;
	for (; ratio < 1; ratio *= 4)
		sum--;
	for (bit = 0.5; bit > 0.001; bit /= 2) {
		ratio *= ratio;
		if (ratio < 4)
			continue;
		ratio /= 4;
		sum += bit;
	}
	return sum;
}

int main(int argc, char **argv)
{
	struct line line = { 0 }, last = { 0 };
	bool good = true;
	u32 max = 65536, nr;
	int a, c;

	for (a = 1; a + 1 < argc; a += 2) {
		if (!strcmp(argv[a], "--max"))
			max = strtoul(argv[a + 1], NULL, 0);
		else if (!strcmp(argv[a], "--rounds"))
			rounds = max_t(u32, strtoul(argv[a + 1], NULL, 0), 1);
		else
			break;
	}
	if (a < argc) {
		fprintf(stderr, "bench_plan [--max BARS] [--rounds N]\n");
		return 2;
	}
	printf("%7s", "BARs");
	for (c = 0; c < COLUMNS; c++)
		printf(" %8s ms   exp %-10s", titles[c], "");
	for (nr = 64; nr <= max; nr *= 4, last = line) {
		fill_line(nr, &line);
		printf("\n%7u", nr);
		for (c = 0; c < COLUMNS; c++)
			printf(" %11.3f %5.2f %-10s", line.ms[c],
			       exponent(line.ms[c], last.ms[c]),
			       pmb_verdict_key(line.is[c]));
		fflush(stdout);
		if (nr <= 4096)
			good &= line.ms[FULL] < 50 && line.ms[HALF] < 50 &&
				line.ms[ADD] < 1 && !line.is[FULL] && !line.is[HALF] &&
				!line.is[ADD];
	}
	printf("\n");
	return !good;
}
