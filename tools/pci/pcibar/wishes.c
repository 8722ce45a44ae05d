// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel has tried in vain.  A report is about that, but at its end
 * the machine may be back where it was: the driver lives with a small BAR, and
 * a window that is too small has nothing in it that anybody speaks of.
 */
#include "builder.h"

#define RESERVE_SIZE	0x200000ULL	/* what an empty slot asks for */

static bool wants_something(const struct builder *b)
{
	u32 i, n;

	for (i = 0; i < b->nr_funs; i++)
		for (n = 0; n < BUILDER_ROM; n++)
			if (settle_counts(&b->fun[i]->bar[n]) && settle_wanted(b->fun[i], n))
				return true;
	return false;
}

/* A driver that could not make its BAR larger wants it no less than before. */
static void want_larger(struct builder *b, struct function *f)
{
	u32 n;

	for (n = 0; n < BUILDER_ROM; n++) {
		struct bar_fact *bar = &f->bar[n];

		if (!settle_counts(bar) || bar->asked <= bar->size || bar->hardwired ||
		    bar->asked & (bar->asked - 1))
			continue;
		bar_drop(bar);
		bar->size = bar->asked;
		bar->align = 0;
		bar->failed = true;
		note_function(b, NOTE_RESIZE, f);
	}
}

static bool is_empty(const struct builder *b, const struct function *bridge)
{
	const struct function *f;
	u32 i;

	for (i = 0; i < b->nr_funs; i++) {
		f = b->fun[i];
		if (f->domain == bridge->domain && f->bus >= bridge->bus_first &&
		    f->bus <= bridge->bus_last)
			return false;
	}
	return true;
}

static u64 missing(const struct function *bridge, u32 space)
{
	const struct window_fact *win = &bridge->win[space];

	return win->wanted > RESERVE_SIZE ? win->wanted : 0;
}

static void add_bar(struct bar_fact *bar, u32 kind, u64 size)
{
	if (!size)
		return;
	*bar = (struct bar_fact){
		.known = true,
		.failed = true,
		.kind = kind,
		.size = 1ULL << (63 - __builtin_clzll(size)),
	};
}

/* A window for a BAR has a size just above it, a window for two less than twice that. */
static void add_card(struct builder *b, struct function *bridge)
{
	u64 pref = missing(bridge, PMB_PREF), mem = missing(bridge, PMB_MEM);
	struct function *f;
	char name[PMB_NAME_LEN], size[24];

	if (!pref && !mem)
		return;
	if (!bridge->bus_told) {
		builder_name(bridge, name);
		note_text(b, "not known: what needs a window of %s behind %s",
			  pcibar_size(size, pref ?: mem), name);
		return;
	}
	if (!is_empty(b, bridge))
		return;
	f = builder_function(b, bridge->domain, bridge->bus_first, 0);
	f->up = bridge;
	f->host = bridge->host;
	f->bound = TOLD_NO;
	add_bar(&f->bar[0], PMB_BAR_64 | PMB_BAR_PREF, pref);
	add_bar(&f->bar[2], 0, mem);
	note_function(b, NOTE_CARD, f);
}

void wishes_make(struct builder *b)
{
	u32 i, nr = b->nr_funs;

	for (i = 0; i < nr; i++)
		want_larger(b, b->fun[i]);
	if (wants_something(b))
		return;
	for (i = 0; i < nr; i++)
		if (b->fun[i]->bridge)
			add_card(b, b->fun[i]);
}
