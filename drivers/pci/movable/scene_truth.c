// SPDX-License-Identifier: GPL-2.0
/*
 * Does the summary of an event say what has happened?  The mock host has seen it:
 * its record has every write of a stop, with the register before and after.
 *
 * Who vanishes in the middle is lost for the record, but not for the plan.  So
 * with such devices the record is a lower bound of what the summary says.
 */
#include <linux/bits.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "mock_scene.h"

/**
 * struct seen - what the stops have changed of one function
 * @bars: those written, and not with their old value in the end
 * @wins: such windows, by enum pmb_space
 */
struct seen {
	u32 bars;
	u32 wins;
};

static int space_of(u16 reg)
{
	switch (reg) {
	case PCI_IO_BASE:
	case PCI_IO_BASE_UPPER16 ... PCI_IO_LIMIT_UPPER16:
		return PMB_IO;
	case PCI_MEMORY_BASE:
		return PMB_MEM;
	case PCI_PREF_MEMORY_BASE:
	case PCI_PREF_BASE_UPPER32:
	case PCI_PREF_LIMIT_UPPER32:
		return PMB_PREF;
	}
	return -ENOENT;
}

/* Either half of it; -ENOENT: the register is none of a BAR. */
static int bar_of(const struct mock_fn *fn, u16 reg)
{
	int bar;

	for (bar = 0; bar < MOCK_RES; bar++) {
		const struct mock_bar *b = &fn->desc.bar[bar];
		u16 low = b->size ? mock_bar_reg(fn, bar) : 0;

		if (b->size && (reg == low || (b->flags & PMB_BAR_64 && reg == low + 4)))
			return bar;
	}
	return -ENOENT;
}

/* Undone, or taken back in another stop, which does not reach who has vanished. */
static bool undone(const struct mock_host *host, const struct mock_write *w)
{
	const struct mock_fn *fn = &host->fn[w->fn];

	return !memcmp(&fn->cfg[w->reg], &fn->saved[w->reg], w->width) ||
	       (mock_knobs.returned + mock_knobs.detached && !mock_alive(host, w->fn));
}

static struct seen *look(struct mock_host *host, u32 from)
{
	struct seen *seen = kunit_kcalloc(host->test, host->nr_fns, sizeof(*seen), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(host->test, seen);
	for (i = from; i < host->nr_writes; i++) {
		const struct mock_write *w = &host->writes[i];
		const struct mock_fn *fn = &host->fn[w->fn];
		int space = mock_is_bridge(fn) ? space_of(w->reg) : -ENOENT;
		int bar = bar_of(fn, w->reg);

		if (!w->stopped || undone(host, w))
			continue;
		if (space >= 0)
			seen[w->fn].wins |= BIT(space);
		else if (bar >= 0)
			seen[w->fn].bars |= BIT(bar);
	}
	return seen;
}

/* The BAR had an address at mock_save(). */
static bool had_place(const struct mock_fn *fn, int bar)
{
	u16 reg = mock_bar_reg(fn, bar);
	u32 k, any = fn->saved[reg] & 0xf0;

	for (k = 1; k < (fn->desc.bar[bar].flags & PMB_BAR_64 ? 8 : 4); k++)
		any |= fn->saved[reg + k];
	return any;
}

static void count(const struct mock_host *host, const struct seen *seen, u32 *moved, u32 *placed,
		  u32 *windows)
{
	u32 i;
	int bar;

	for (i = 0; i < host->nr_fns; i++) {
		*windows += hweight32(seen[i].wins);
		for (bar = 0; bar < MOCK_RES; bar++) {
			if (!(seen[i].bars & BIT(bar)))
				continue;
			if (had_place(&host->fn[i], bar))
				++*moved;
			else
				++*placed;
		}
	}
}

static u32 count_vanished(struct mock_host *host)
{
	u32 i, nr = 0;

	for (i = 0; i < host->nr_fns; i++)
		nr += mock_dev(host, i) && !mock_alive(host, i);
	return nr;
}

static bool all_placed(struct mock_host *host)
{
	u32 i;
	int bar;

	for (i = 0; i < host->nr_fns; i++)
		for (bar = 0; bar < PCI_ROM_RESOURCE; bar++)
			if (mock_alive(host, i) && mock_dev(host, i) &&
			    host->fn[i].desc.bar[bar].size && !scene_placed(host, i, bar))
				return false;
	return true;
}

/* As many as the summary says; with devices that vanished perhaps fewer. */
static void expect_told(struct mock_host *host, const char *key, u32 seen, bool exact)
{
	struct kunit *test = host->test;
	long long told = scene_told(key);

	if (exact)
		KUNIT_EXPECT_EQ_MSG(test, told, seen, "%s", key);
	else
		KUNIT_EXPECT_GE_MSG(test, told, seen, "%s", key);
}

/**
 * scene_expect_truth - is the summary of the last event true?
 * @host: the host, after mock_save()
 * @from: where the record of the event begins
 */
void scene_expect_truth(struct mock_host *host, u32 from)
{
	bool done = scene_log_has(" result=ok ") || scene_log_has(" result=partial ");
	u32 moved = 0, placed = 0, windows = 0, vanished = count_vanished(host);
	struct kunit *test = host->test;
	struct seen *seen;

	if (scene_told("gone") < 0)
		return;		/* it never came to a plan */
	KUNIT_EXPECT_LE(test, scene_told("gone"), vanished);
	KUNIT_EXPECT_EQ(test, scene_told("detached"), mock_knobs.detached);
	KUNIT_EXPECT_EQ(test, scene_told("returned"), mock_knobs.returned);
	KUNIT_EXPECT_LE(test, scene_told("placed"), scene_told("wanted"));

	seen = look(host, from);
	count(host, seen, &moved, &placed, &windows);
	kunit_kfree(test, seen);
	if (done) {
		expect_told(host, "moved", moved, !vanished);
		expect_told(host, "placed", placed, !vanished);
		expect_told(host, "windows", windows, !vanished);
		expect_told(host, "writes", mock_count_writes(host, from, MOCK_ANY, true),
			    !vanished);
		if (scene_told("attempts") == 1)
			KUNIT_EXPECT_EQ(test, scene_told("paused"), mock_knobs.prepared);
	} else {
		KUNIT_EXPECT_EQ(test, scene_told("moved"), 0);
		KUNIT_EXPECT_EQ(test, scene_told("placed"), 0);
		KUNIT_EXPECT_EQ(test, scene_told("windows"), 0);
	}
	if (scene_log_has(" result=ok ") && !vanished)
		KUNIT_EXPECT_TRUE(test, all_placed(host));
}
