// SPDX-License-Identifier: GPL-2.0
/*
 * From a plan to the register writes which carry it out.
 *
 * The writes stand in four sections:
 *
 *	decode off	of every function with a BAR that is going to be written
 *			and that decodes right now
 *	windows		bridges above come before bridges below
 *	BARs
 *	decode on	the commands get their original values back
 *
 * A register which holds the right value already is not written; that goes for
 * each half of a 64-bit base address or limit, too.  No register but the command
 * is written twice.  Every write carries the value that undoes it: the writes
 * backwards, each with its old value, lead back to where things were.
 *
 * The order inside of a window
 * ----------------------------
 * Base and limit of a prefetchable window are spread over three registers: the
 * low halves of both share one, and each has an upper half of its own.  (I/O
 * windows are the same on a smaller scale.)  In between, the bridge decodes a
 * mixture of old and new.  The CPUs do not look meanwhile, but DMA goes on: if
 * the mixture covered RAM, the bridge would not pass requests from below on to
 * the RAM.  So this order is used:
 *
 *	1. upper halves which shrink the window: base goes up, limit goes down
 *	2. the low halves of both
 *	3. upper halves which grow the window: base goes down, limit goes up
 *
 * Until step 2 the window lies inside of the old one, from then on inside of
 * the new one (or it is closed), whatever the numbers are:
 *
 *	addresses -->
 *	old	      |------------|
 *	1.	        |----------|
 *	2.	                            |--|
 *	3. = new	                    |-----------|
 *
 * A strict window (one above a BAR which others than CPUs reach) only ever
 * grows, and must not lose a byte of the old range at any time.  There is no
 * step 1 then, and in step 2 both edges have to go outwards on their own:
 *
 *	old	               |--------|
 *	2.	            |--------------|
 *	3. = new     |-------------------------|
 *
 * That fails when an edge goes outwards across a multiple of 4 GiB while its
 * low half goes inwards (base from 0x1_0010_0000 down to 0x0_f000_0000: low
 * half from 0x0010 up to 0xf000).  No order is right in that case, and the
 * answer is -EBUSY.  The same answer is given when decoding would have to be
 * switched off for a function with a strict BAR, or for a bridge above one.
 */
#include <linux/types.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/kernel.h>
#include <linux/bits.h>
#include <linux/slab.h>
#include <linux/pci_regs.h>
#include "script.h"

/* The most writes that one object can need */
#define WRITES_PER_BRIDGE	7	/* I/O 3, memory 1, prefetchable 3 */
#define WRITES_PER_BAR		2	/* both halves */

/* struct pmb_draft.win */
#define WIN_STRICT	BIT(0)	/* holds a strict BAR */
#define WIN_PATH	BIT(1)	/* holds a BAR which is new there */

/**
 * struct pmb_cmd - what happens to the command register of a function
 * @strict: PCI_COMMAND_* bits which have to stay
 * @off: bits to be cleared in between, if they are set
 */
struct pmb_cmd {
	u16 strict;
	u16 off;
};

/**
 * struct pmb_section - the writes of one step, while the script is not finished
 * @first: index of the first
 * @nr: how many
 * @max: room for how many
 */
struct pmb_section {
	u32 first;
	u32 nr;
	u32 max;
};

/**
 * struct pmb_draft - a script, and what building it takes
 * @script: what the users see
 * @section: by enum pmb_step
 * @cmd: by function
 * @win: by window, WIN_*
 * @nr_devs: entries in @cmd
 * @nr_wins: entries in @win
 * @layout: where things are
 * @plan: where they shall be
 * @read: reads registers
 * @data: for @read
 */
struct pmb_draft {
	struct pmb_script script;
	struct pmb_section section[PMB_STEPS];
	struct pmb_cmd *cmd;
	u8 *win;
	u32 nr_devs;
	u32 nr_wins;
	const struct pmb_layout *layout;
	const struct pmb_plan *plan;
	pmb_read_reg read;
	void *data;
};

/**
 * struct pmb_window_regs - the registers of one kind of window
 * @low: low halves of base and limit
 * @base_up: upper half of the base
 * @limit_up: upper half of the limit
 * @low_width: bytes of @low, both halves
 * @up_width: bytes of @base_up, and of @limit_up; 0: never there
 * @up_shift: lowest address bit in the upper halves
 * @base_shift: address bit in bit 0 of the base in @low
 */
struct pmb_window_regs {
	u16 low;
	u16 base_up;
	u16 limit_up;
	u8 low_width;
	u8 up_width;
	u8 up_shift;
	u8 base_shift;
};

/*
 * The upper halves of an I/O window share a dword; they are written as two words
 * to leave the other one alone.  Base and limit of I/O windows are a word next
 * to the secondary status, which a dword write would clear.
 */
static const struct pmb_window_regs pmb_window_regs[PMB_SPACES] = {
	[PMB_IO] = {
		.low = PCI_IO_BASE, .low_width = 2, .base_shift = 8,
		.base_up = PCI_IO_BASE_UPPER16,
		.limit_up = PCI_IO_LIMIT_UPPER16, .up_width = 2, .up_shift = 16,
	},
	[PMB_MEM] = {
		.low = PCI_MEMORY_BASE, .low_width = 4, .base_shift = 16,
		.up_shift = 32,
	},
	[PMB_PREF] = {
		.low = PCI_PREF_MEMORY_BASE, .low_width = 4, .base_shift = 16,
		.base_up = PCI_PREF_BASE_UPPER32,
		.limit_up = PCI_PREF_LIMIT_UPPER32, .up_width = 4, .up_shift = 32,
	},
};

/**
 * struct pmb_image - what the registers of a window hold
 * @low: both low halves, type bits included
 * @base_up: upper half of the base; 0 without such a register
 * @limit_up: upper half of the limit; 0 without such a register
 */
struct pmb_image {
	u32 low;
	u32 base_up;
	u32 limit_up;
};

static bool pmb_space_io(enum pmb_space space)
{
	return space == PMB_IO;
}

static bool pmb_same(const struct pmb_range *a, const struct pmb_range *b)
{
	return a->size == b->size && (!a->size || a->start == b->start);
}

/* A BAR which gets another address than it has, or a first one */
static bool pmb_bar_is_new(const struct pmb_draft *d, u32 i)
{
	const struct pmb_bar *bar = &d->layout->bars[i];
	const struct pmb_range *then = &d->plan->bar[i];

	return then->size &&
	       (!(bar->flags & PMB_BAR_PLACED) || bar->start != then->start);
}

static int pmb_emit(struct pmb_draft *d, const struct pmb_write *write)
{
	struct pmb_section *s = &d->section[write->step];

	if (s->nr == s->max)
		return -ENOSPC;
	d->script.write[s->first + s->nr++] = *write;
	return 0;
}

/* A read; all ones in a register that cannot hold that: nobody is there. */
static int pmb_read(struct pmb_draft *d, u32 dev, u16 reg, u8 width, bool upper,
		    u32 *val)
{
	int err = d->read(d->data, dev, reg, width, val);

	if (err)
		return err;
	if (!upper && *val == (width == 4 ? U32_MAX : U16_MAX))
		return -ENODEV;
	return 0;
}

/*
 * What must not lose its decoding for a moment: functions with strict BARs, the
 * bridges above them, and those windows of these that hold them.
 */
static void pmb_mark_strict(struct pmb_draft *d, const struct pmb_bar *bar)
{
	const struct pmb_layout *lay = d->layout;
	struct pmb_range now = { bar->start, bar->size };
	bool io = bar->flags & PMB_BAR_IO;
	u16 cmd = io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
	u32 b = lay->devs[bar->dev].bridge;
	const struct pmb_bridge *bridge;
	enum pmb_space s;

	d->cmd[bar->dev].strict |= cmd;
	for (; b != PMB_NONE; b = bridge->parent) {
		bridge = &lay->bridges[b];
		if (bridge->dev != PMB_NONE)
			d->cmd[bridge->dev].strict |= cmd;
		for (s = 0; s < PMB_SPACES; s++) {
			if (pmb_space_io(s) == io &&
			    pmb_range_holds(&bridge->win[s].cur, &now))
				d->win[b * PMB_SPACES + s] |= WIN_STRICT;
		}
	}
}

/* The windows which accesses to a BAR at its new place go through */
static void pmb_mark_path(struct pmb_draft *d, u32 i)
{
	const struct pmb_layout *lay = d->layout;
	const struct pmb_bar *bar = &lay->bars[i];
	bool io = bar->flags & PMB_BAR_IO;
	u32 b = lay->devs[bar->dev].bridge, w;
	enum pmb_space s;

	for (; b != PMB_NONE; b = lay->bridges[b].parent) {
		for (s = 0; s < PMB_SPACES; s++) {
			w = b * PMB_SPACES + s;
			if (pmb_space_io(s) == io &&
			    pmb_range_holds(&d->plan->win[w], &d->plan->bar[i]))
				d->win[w] |= WIN_PATH;
		}
	}
}

static void pmb_mark_all(struct pmb_draft *d)
{
	const struct pmb_bar *bar = d->layout->bars;
	u32 i;

	memset(d->cmd, 0, d->nr_devs * sizeof(*d->cmd));
	memset(d->win, 0, d->nr_wins * sizeof(*d->win));
	for (i = 0; i < d->layout->nr_bars; i++, bar++) {
		if ((bar->flags & PMB_BAR_STRICT) && (bar->flags & PMB_BAR_PLACED))
			pmb_mark_strict(d, bar);
		if (pmb_bar_is_new(d, i))
			pmb_mark_path(d, i);
	}
}

/*
 * Which command bit has to be off while a BAR is written?  Virtual functions
 * decode by a bit of the SR-IOV capability, which is off: the BARs of enabled
 * ones are fixed.  A ROM needs its own enable bit besides.
 */
static u16 pmb_bar_decodes(const struct pmb_bar *bar, u32 low)
{
	if (bar->flags & PMB_BAR_VF)
		return 0;
	if ((bar->flags & PMB_BAR_ROM) && !(low & PCI_ROM_ADDRESS_ENABLE))
		return 0;
	return bar->flags & PMB_BAR_IO ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
}

static u32 pmb_bar_mask(const struct pmb_bar *bar)
{
	if (bar->flags & PMB_BAR_IO)
		return (u32)PCI_BASE_ADDRESS_IO_MASK;
	if (bar->flags & PMB_BAR_ROM)
		return (u32)PCI_ROM_ADDRESS_MASK;
	return (u32)PCI_BASE_ADDRESS_MEM_MASK;
}

/* One half of a BAR; *wrote is set if it has to be written. */
static int pmb_bar_half(struct pmb_draft *d, u32 i, bool upper, u32 mask, u32 addr,
			u32 *old, bool *wrote)
{
	const struct pmb_bar *bar = &d->layout->bars[i];
	struct pmb_write w = {
		.dev = bar->dev, .bar = i, .step = PMB_BAR,
		.reg = bar->reg + (upper ? 4 : 0), .width = 4, .mask = mask,
	};
	int err = pmb_read(d, w.dev, w.reg, w.width, upper, &w.old);

	if (err)
		return err;
	*old = w.old;
	w.new = (w.old & ~mask) | (addr & mask);
	if (w.new == w.old)
		return 0;
	/* Some ROM BARs read as zero while they are disabled. */
	if ((bar->flags & PMB_BAR_ROM) && !(w.old & PCI_ROM_ADDRESS_ENABLE))
		w.mask = 0;
	*wrote = true;
	return pmb_emit(d, &w);
}

static int pmb_write_bar(struct pmb_draft *d, u32 i)
{
	const struct pmb_bar *bar = &d->layout->bars[i];
	const struct pmb_range *then = &d->plan->bar[i];
	bool wide = (bar->flags & PMB_BAR_64) && !(bar->flags & PMB_BAR_IO);
	bool wrote = false;
	u32 low, high;
	u64 offset;
	int err;

	if (!bar->reg)
		return -EINVAL;
	err = pmb_bus_offset(d->layout, d->layout->devs[bar->dev].host,
			     bar->flags & PMB_BAR_IO, then, &offset);
	if (err)
		return -EINVAL;
	if (!wide && upper_32_bits(then->start - offset))
		return -EINVAL;
	err = pmb_bar_half(d, i, false, pmb_bar_mask(bar),
			   lower_32_bits(then->start - offset), &low, &wrote);
	if (!err && wide)
		err = pmb_bar_half(d, i, true, U32_MAX,
				   upper_32_bits(then->start - offset), &high,
				   &wrote);
	if (!err && wrote)
		d->cmd[bar->dev].off |= pmb_bar_decodes(bar, low);
	return err;
}

/* Decode off before, and on after the BARs of one function are written */
static int pmb_write_command(struct pmb_draft *d, u32 dev)
{
	struct pmb_write w = {
		.dev = dev, .bar = PMB_NONE, .step = PMB_DECODE_OFF,
		.reg = PCI_COMMAND, .width = 2,
	};
	int err = pmb_read(d, dev, w.reg, w.width, false, &w.old);

	if (err)
		return err;
	w.mask = w.old & d->cmd[dev].off;
	if (!w.mask)
		return 0;
	if (w.mask & d->cmd[dev].strict)
		return -EBUSY;
	w.new = w.old & ~w.mask;
	err = pmb_emit(d, &w);
	if (err)
		return err;
	w.step = PMB_DECODE_ON;
	swap(w.old, w.new);
	return pmb_emit(d, &w);
}

/* Which bits of the low halves are address bits; the others are types */
static u32 pmb_low_mask(enum pmb_space s, const struct pmb_window *win)
{
	if (s != PMB_IO)
		return 0xfff0fff0;
	return win->align < 0x1000 ? 0xfcfc : 0xf0f0;
}

static bool pmb_has_upper(enum pmb_space s, const struct pmb_window *win)
{
	const struct pmb_window_regs *r = &pmb_window_regs[s];

	return r->up_width && win->max >> r->up_shift;
}

static int pmb_read_image(struct pmb_draft *d, u32 dev, enum pmb_space s,
			  const struct pmb_window *win, struct pmb_image *image)
{
	const struct pmb_window_regs *r = &pmb_window_regs[s];
	int err;

	memset(image, 0, sizeof(*image));
	err = pmb_read(d, dev, r->low, r->low_width, false, &image->low);
	if (err || !pmb_has_upper(s, win))
		return err;
	err = pmb_read(d, dev, r->base_up, r->up_width, true, &image->base_up);
	if (err)
		return err;
	return pmb_read(d, dev, r->limit_up, r->up_width, true, &image->limit_up);
}

/*
 * What the registers shall hold for a range of bus addresses; @image has their
 * present content, for the type bits.
 */
static int pmb_make_image(enum pmb_space s, const struct pmb_window *win,
			  const struct pmb_range *bus, struct pmb_image *image)
{
	const struct pmb_window_regs *r = &pmb_window_regs[s];
	u32 half = r->low_width * 4, mask = pmb_low_mask(s, win);
	u32 part = GENMASK(half - 1, 0);
	u64 base, limit;

	if (bus->size) {
		base = bus->start;
		limit = pmb_last(bus);
		if (limit > win->max || base > limit)
			return -EINVAL;
	} else {
		/* Closed: the highest base without an upper half, and limit 0 */
		base = (u64)part << r->base_shift;
		limit = 0;
	}
	image->low &= ~mask;
	image->low |= (base >> r->base_shift & part) & mask;
	image->low |= (u32)(limit >> r->base_shift & part) << half & mask;
	if (!pmb_has_upper(s, win))
		return 0;
	image->base_up = bus->size ? base >> r->up_shift : 0;
	image->limit_up = bus->size ? limit >> r->up_shift : 0;
	return 0;
}

/* Which bus addresses a bridge decodes with these registers */
static struct pmb_range pmb_decode(enum pmb_space s, const struct pmb_window *win,
				   const struct pmb_image *image)
{
	const struct pmb_window_regs *r = &pmb_window_regs[s];
	u32 half = r->low_width * 4;
	u32 part = GENMASK(half - 1, 0);
	u32 low = image->low & pmb_low_mask(s, win);
	u64 gap = ~(u64)(pmb_low_mask(s, win) & part) & part;
	struct pmb_range bus = { 0, 0 };
	u64 base, limit;

	/* The limit ends with ones where it has no register bits. */
	gap = gap << r->base_shift | GENMASK(r->base_shift - 1, 0);
	base = (u64)image->base_up << r->up_shift |
	       (u64)(low & part) << r->base_shift;
	limit = (u64)image->limit_up << r->up_shift |
		(u64)(low >> half) << r->base_shift | gap;
	if (base <= limit) {
		bus.start = base;
		bus.size = limit - base + 1;
	}
	return bus;
}

/**
 * struct pmb_turn - one window on its way from old to new
 * @dev: function of the bridge
 * @space: which window
 * @win: it
 * @keep: what it has to hold at every moment; size 0: nothing
 * @at: what its registers hold after the writes so far
 */
struct pmb_turn {
	u32 dev;
	enum pmb_space space;
	const struct pmb_window *win;
	struct pmb_range keep;
	struct pmb_image at;
};

/* One write to a register of a window; @field is where it is in @turn->at. */
static int pmb_turn_reg(struct pmb_draft *d, struct pmb_turn *turn, u16 reg,
			u8 width, u32 mask, u32 *field, u32 val)
{
	struct pmb_write w = {
		.dev = turn->dev, .bar = PMB_NONE, .step = PMB_WINDOW,
		.reg = reg, .width = width, .mask = mask,
		.old = *field, .new = val,
	};
	struct pmb_range open;

	if (*field == val)
		return 0;
	*field = val;
	open = pmb_decode(turn->space, turn->win, &turn->at);
	if (turn->keep.size && !pmb_range_holds(&open, &turn->keep))
		return -EBUSY;
	return pmb_emit(d, &w);
}

/* The order which the head of this file explains */
static int pmb_turn_window(struct pmb_draft *d, struct pmb_turn *turn,
			   const struct pmb_image *to)
{
	const struct pmb_window_regs *r = &pmb_window_regs[turn->space];
	u32 all = r->up_width == 2 ? U16_MAX : U32_MAX;
	struct pmb_image *at = &turn->at;
	int err = 0;

	if (to->base_up > at->base_up)
		err = pmb_turn_reg(d, turn, r->base_up, r->up_width, all,
				   &at->base_up, to->base_up);
	if (!err && to->limit_up < at->limit_up)
		err = pmb_turn_reg(d, turn, r->limit_up, r->up_width, all,
				   &at->limit_up, to->limit_up);
	if (!err)
		err = pmb_turn_reg(d, turn, r->low, r->low_width,
				   pmb_low_mask(turn->space, turn->win),
				   &at->low, to->low);
	if (!err)
		err = pmb_turn_reg(d, turn, r->base_up, r->up_width, all,
				   &at->base_up, to->base_up);
	if (!err)
		err = pmb_turn_reg(d, turn, r->limit_up, r->up_width, all,
				   &at->limit_up, to->limit_up);
	return err;
}

/*
 * A window which changes; or which does not, but leads to a BAR that is new, so
 * that it matters whether the bridge has been told of it.
 */
static int pmb_write_window(struct pmb_draft *d, u32 b, enum pmb_space s)
{
	const struct pmb_bridge *bridge = &d->layout->bridges[b];
	const struct pmb_window *win = &bridge->win[s];
	u32 id = b * PMB_SPACES + s;
	struct pmb_range bus = d->plan->win[id];
	bool same = pmb_same(&win->cur, &bus);
	struct pmb_turn turn = { .dev = bridge->dev, .space = s, .win = win };
	struct pmb_image to;
	u64 offset;
	int err;

	if (same && !(d->win[id] & WIN_PATH))
		return 0;
	if (bridge->dev == PMB_NONE)
		return -EINVAL;
	if (bus.size) {
		err = pmb_bus_offset(d->layout, bridge->host, pmb_space_io(s),
				     &bus, &offset);
		/* Firmware's fault: nobody knows what the registers should hold. */
		if (err && same)
			return 0;
		if (err)
			return -EINVAL;
		bus.start -= offset;
	}
	err = pmb_read_image(d, bridge->dev, s, win, &turn.at);
	if (err)
		return err;
	to = turn.at;
	err = pmb_make_image(s, win, &bus, &to);
	if (err)
		return err;
	if (d->win[id] & WIN_STRICT)
		turn.keep = pmb_decode(s, win, &turn.at);
	return pmb_turn_window(d, &turn, &to);
}

/* Move the sections together. */
static void pmb_close_gaps(struct pmb_draft *d)
{
	struct pmb_write *write = d->script.write;
	struct pmb_section *s;

	d->script.nr = 0;
	for (s = d->section; s < d->section + PMB_STEPS; s++) {
		memmove(write + d->script.nr, write + s->first,
			s->nr * sizeof(*write));
		d->script.nr += s->nr;
	}
}

/* Room for the worst case; see WRITES_PER_*. */
static u32 pmb_make_sections(struct pmb_section *section,
			     const struct pmb_layout *layout)
{
	const u32 max[PMB_STEPS] = {
		[PMB_DECODE_OFF] = layout->nr_devs,
		[PMB_WINDOW] = layout->nr_bridges * WRITES_PER_BRIDGE,
		[PMB_BAR] = layout->nr_bars * WRITES_PER_BAR,
		[PMB_DECODE_ON] = layout->nr_devs,
	};
	enum pmb_step step;
	u32 first = 0;

	for (step = 0; step < PMB_STEPS; step++) {
		section[step].first = first;
		section[step].nr = 0;
		section[step].max = max[step];
		first += max[step];
	}
	return first;
}

/**
 * pmb_script_alloc - get memory for the script of any plan for a layout
 * @layout: the layout
 *
 * Context: process context, may sleep.
 * Return: an empty script, to be freed with pmb_script_free(); NULL: no memory.
 */
struct pmb_script *pmb_script_alloc(const struct pmb_layout *layout)
{
	struct pmb_draft *d = kvzalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return NULL;
	d->nr_devs = layout->nr_devs;
	d->nr_wins = layout->nr_bridges * PMB_SPACES;
	d->script.max = pmb_make_sections(d->section, layout);
	d->script.write = kvcalloc(d->script.max + 1, sizeof(*d->script.write),
				   GFP_KERNEL);
	d->cmd = kvcalloc(d->nr_devs + 1, sizeof(*d->cmd), GFP_KERNEL);
	d->win = kvcalloc(d->nr_wins + 1, sizeof(*d->win), GFP_KERNEL);
	if (d->script.write && d->cmd && d->win)
		return &d->script;
	pmb_script_free(&d->script);
	return NULL;
}

/**
 * pmb_script_free - free a script
 * @script: from pmb_script_alloc(), or NULL
 *
 * Context: process context, may sleep.
 */
void pmb_script_free(struct pmb_script *script)
{
	struct pmb_draft *d;

	if (!script)
		return;
	d = container_of(script, struct pmb_draft, script);
	kvfree(d->win);
	kvfree(d->cmd);
	kvfree(d->script.write);
	kvfree(d);
}

static int pmb_build(struct pmb_draft *d)
{
	const struct pmb_layout *lay = d->layout;
	enum pmb_space s;
	int err = 0;
	u32 i;

	pmb_mark_all(d);
	for (i = 0; i < lay->nr_bridges && !err; i++) {
		for (s = 0; s < PMB_SPACES && !err; s++)
			err = pmb_write_window(d, i, s);
	}
	for (i = 0; i < lay->nr_bars && !err; i++) {
		if (pmb_bar_is_new(d, i))
			err = pmb_write_bar(d, i);
	}
	/* Now it is known who must not decode meanwhile. */
	for (i = 0; i < lay->nr_devs && !err; i++) {
		if (d->cmd[i].off)
			err = pmb_write_command(d, i);
	}
	return err;
}

/**
 * pmb_script_build - work out the register writes for a plan
 * @layout: how things are
 * @plan: how they shall be; pmb_verify() has accepted it
 * @read: reads registers; all of them answer with what is in force
 * @data: handed to @read
 * @script: from pmb_script_alloc() for a layout of the same size; what it held
 *	before is forgotten
 *
 * Nothing is written, and nothing allocated. The script is right as long as
 * nobody else writes to the registers in it.
 *
 * Context: any that @read allows.
 * Return: 0; -EBUSY when a strict BAR would be unreachable for a moment (see
 * the head of this file); -ENODEV when a function seems to be gone; what @read
 * returned when it failed; -EINVAL when the plan does not fit the registers;
 * -ENOSPC when @script is for a smaller layout. The script is empty after a
 * failure.
 */
int pmb_script_build(const struct pmb_layout *layout, const struct pmb_plan *plan,
		     pmb_read_reg read, void *data, struct pmb_script *script)
{
	struct pmb_draft *d = container_of(script, struct pmb_draft, script);
	int err;

	script->nr = 0;
	if (plan->nr_bars != layout->nr_bars ||
	    plan->nr_wins != layout->nr_bridges * PMB_SPACES)
		return -EINVAL;
	if (layout->nr_devs > d->nr_devs || plan->nr_wins > d->nr_wins ||
	    pmb_make_sections(d->section, layout) > script->max)
		return -ENOSPC;
	d->layout = layout;
	d->plan = plan;
	d->read = read;
	d->data = data;
	err = pmb_build(d);
	if (!err)
		pmb_close_gaps(d);
	return err;
}
