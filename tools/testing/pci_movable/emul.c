// SPDX-License-Identifier: GPL-2.0
/*
 * Config spaces in software: functions with a command register and BARs,
 * bridges with windows. Read-only bits are read-only, as in hardware.
 *
 * emul_run() carries a script out and watches each write: no BAR is written
 * while it decodes, nothing is written twice or unchanged, every window is
 * inside of its old or its new place at every moment, and the way to a strict
 * BAR is never closed. In the end the registers hold the plan and nothing else
 * has been touched.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/pci_regs.h>
#include <linux/string.h>
#include "emul.h"

/* By the PCI-to-PCI bridge and PCI specifications */
#define COMMAND		0x04
#define COMMAND_IO	0x1
#define COMMAND_MEM	0x2
#define IO_WINDOW	0x1c
#define SEC_STATUS	0x1e
#define MEM_WINDOW	0x20
#define PREF_WINDOW	0x24
#define PREF_BASE_HI	0x28
#define PREF_LIMIT_HI	0x2c
#define IO_BASE_HI	0x30
#define IO_LIMIT_HI	0x32

static bool fail(struct emul *e, const char *fmt, ...)
{
	va_list args;

	if (!e->why[0]) {
		va_start(args, fmt);
		vsnprintf(e->why, sizeof(e->why), fmt, args);
		va_end(args);
	}
	return false;
}

static bool is_io(int space)
{
	return space == PMB_IO;
}

static u32 get(const u8 *bytes, u32 reg, u32 width)
{
	u32 val = 0;

	while (width--)
		val = val << 8 | bytes[reg + width];
	return val;
}

static void put(u8 *bytes, u32 reg, u32 width, u32 val)
{
	for (; width--; val >>= 8)
		bytes[reg++] = val;
}

/**
 * emul_get - look at a register
 * @e: the machine
 * @dev: index of the function
 * @reg: offset
 * @width: bytes
 *
 * Return: its value.
 */
u32 emul_get(const struct emul *e, u32 dev, u32 reg, u32 width)
{
	return get(e->dev[dev].val, reg, width);
}

/**
 * emul_set - change a register behind the back of everybody
 * @e: the machine
 * @dev: index of the function
 * @reg: offset
 * @width: bytes
 * @val: the new value, read-only bits included
 */
void emul_set(struct emul *e, u32 dev, u32 reg, u32 width, u32 val)
{
	put(e->dev[dev].val, reg, width, val);
	put(e->dev[dev].first, reg, width, val);
}

/**
 * emul_read - a pmb_read_reg for the script builder
 * @data: struct emul
 * @dev: index of the function
 * @reg: offset
 * @width: bytes
 * @val: gets the value
 *
 * Return: 0, -ENODEV for a dead function.
 */
int emul_read(void *data, u32 dev, u16 reg, u8 width, u32 *val)
{
	const struct emul *e = data;

	if (dev == e->dead)
		return -ENODEV;
	*val = emul_get(e, dev, reg, width);
	return 0;
}

static void reg_init(struct emul_space *s, u32 reg, u32 width, u32 val, u32 mask)
{
	put(s->val, reg, width, val);
	put(s->mask, reg, width, mask);
}

static bool in_a_root(const struct pmb_layout *lay, u32 host, bool io,
		      const struct pmb_range *r)
{
	u64 offset;

	return !pmb_bus_offset(lay, host, io, r, &offset);
}

static u64 offset_of(const struct pmb_layout *lay, u32 host, bool io,
		     const struct pmb_range *r)
{
	u64 offset;

	pmb_bus_offset(lay, host, io, r, &offset);
	return offset;
}

static void bar_init(struct emul *e, const struct pmb_bar *bar)
{
	struct emul_space *s = &e->dev[bar->dev];
	u32 type = 0, keep = ~0xfu, low;
	struct pmb_range r = { bar->start, bar->size };
	u64 bus = 0;

	if (!bar->reg)
		return;
	if (bar->flags & PMB_BAR_PLACED)
		bus = r.start - offset_of(e->lay, e->lay->devs[bar->dev].host,
					  bar->flags & PMB_BAR_IO, &r);
	if (bar->flags & PMB_BAR_ROM) {
		keep = ~0x7ffu;
	} else if (bar->flags & PMB_BAR_IO) {
		type = 1;
		keep = ~3u;
	} else {
		type |= bar->flags & PMB_BAR_PREF ? 8 : 0;
		type |= bar->flags & PMB_BAR_64 ? 4 : 0;
	}
	low = keep & (u32)-bar->align;
	if (bar->align >> 32)
		low = 0;
	reg_init(s, bar->reg, 4, ((u32)bus & low) | type,
		 low | (bar->flags & PMB_BAR_ROM ? 1 : 0));
	if (bar->flags & PMB_BAR_64 && !(bar->flags & PMB_BAR_IO))
		reg_init(s, bar->reg + 4, 4, bus >> 32,
			 (u32)((u64)-bar->align >> 32));
}

static void window_init(struct emul *e, const struct pmb_bridge *b, int space)
{
	struct emul_space *s = &e->dev[b->dev];
	const struct pmb_window *w = &b->win[space];
	struct pmb_range r = w->cur;
	u64 base, limit;
	u32 mask;
	bool wide;

	if (!w->align)
		return;
	if (r.size)
		r.start -= offset_of(e->lay, b->host, space == PMB_IO, &r);
	base = r.size ? r.start : 0xffffffff;
	limit = r.size ? pmb_last(&r) : 0;
	if (space == PMB_IO) {
		mask = w->align < 0x1000 ? 0xfc : 0xf0;
		wide = w->max > 0xffff;
		if (!r.size)
			base = 0xffff;
		reg_init(s, IO_WINDOW, 2,
			 ((base >> 8) & mask) | (((limit >> 8) & mask) << 8) |
			 (wide ? 0x0101 : 0), mask | mask << 8);
		if (wide) {
			reg_init(s, IO_BASE_HI, 2, base >> 16, 0xffff);
			reg_init(s, IO_LIMIT_HI, 2, limit >> 16, 0xffff);
		}
		return;
	}
	wide = space == PMB_PREF && w->max > 0xffffffff;
	reg_init(s, space == PMB_PREF ? PREF_WINDOW : MEM_WINDOW, 4,
		 ((base >> 16) & 0xfff0) | (limit & 0xfff00000) |
		 (wide ? 0x00010001 : 0), 0xfff0fff0);
	if (wide) {
		reg_init(s, PREF_BASE_HI, 4, r.size ? base >> 32 : 0, 0xffffffff);
		reg_init(s, PREF_LIMIT_HI, 4, limit >> 32, 0xffffffff);
	}
}

/**
 * emul_new - a machine whose registers hold what a layout says
 * @lay: the layout; it has to live as long as the machine
 *
 * Everything with a place decodes.
 *
 * Return: the machine, to be freed with emul_free(); NULL: no memory.
 */
struct emul *emul_new(const struct pmb_layout *lay)
{
	struct emul *e = calloc(1, sizeof(*e));
	u32 i, s;

	if (!e)
		return NULL;
	e->dev = calloc(lay->nr_devs + 1, sizeof(*e->dev));
	if (!e->dev) {
		free(e);
		return NULL;
	}
	e->lay = lay;
	e->dead = PMB_NONE;
	for (i = 0; i < lay->nr_devs; i++)
		reg_init(&e->dev[i], COMMAND, 2, 4, 0x0547);
	for (i = 0; i < lay->nr_bars; i++) {
		bar_init(e, &lay->bars[i]);
		if (lay->bars[i].flags & PMB_BAR_PLACED)
			e->dev[lay->bars[i].dev].val[COMMAND] |=
				lay->bars[i].flags & PMB_BAR_IO ? 1 : 2;
	}
	for (i = 0; i < lay->nr_bridges; i++) {
		e->dev[lay->bridges[i].dev].val[COMMAND] |= 7;
		e->dev[lay->bridges[i].dev].bridge = true;
		for (s = 0; s < PMB_SPACES; s++)
			window_init(e, &lay->bridges[i], s);
		/* Error bits in the secondary status: writing clears them. */
		reg_init(&e->dev[lay->bridges[i].dev], SEC_STATUS, 2, 0xf900, 0);
	}
	for (i = 0; i < lay->nr_devs; i++)
		memcpy(e->dev[i].first, e->dev[i].val, EMUL_SIZE);
	return e;
}

/**
 * emul_free - free a machine
 * @e: the machine, or NULL
 */
void emul_free(struct emul *e)
{
	if (e)
		free(e->dev);
	free(e);
}

/**
 * emul_window - what a bridge decodes
 * @e: the machine
 * @bridge: index of the bridge
 * @space: which window
 *
 * Return: bus addresses; size 0: nothing.
 */
struct pmb_range emul_window(const struct emul *e, u32 bridge, int space)
{
	const struct pmb_bridge *b = &e->lay->bridges[bridge];
	const struct emul_space *s = &e->dev[b->dev];
	struct pmb_range r = { 0, 0 };
	u64 base, limit;
	u32 grain;

	if (!b->win[space].align)
		return r;
	if (space == PMB_IO) {
		grain = b->win[space].align < 0x1000 ? 0x400 : 0x1000;
		base = (get(s->val, IO_WINDOW, 1) << 8 & ~(grain - 1)) |
			get(s->val, IO_BASE_HI, 2) << 16;
		limit = (get(s->val, IO_WINDOW + 1, 1) << 8 | (grain - 1)) |
			get(s->val, IO_LIMIT_HI, 2) << 16;
	} else if (space == PMB_MEM) {
		base = (u64)(get(s->val, MEM_WINDOW, 2) & 0xfff0) << 16;
		limit = (u64)(get(s->val, MEM_WINDOW + 2, 2) | 0xf) << 16 | 0xffff;
	} else {
		base = (u64)(get(s->val, PREF_WINDOW, 2) & 0xfff0) << 16;
		limit = (u64)(get(s->val, PREF_WINDOW + 2, 2) | 0xf) << 16 | 0xffff;
		base |= (u64)get(s->val, PREF_BASE_HI, 4) << 32;
		limit |= (u64)get(s->val, PREF_LIMIT_HI, 4) << 32;
	}
	if (base <= limit) {
		r.start = base;
		r.size = limit - base + 1;
	}
	return r;
}

/**
 * emul_bar - where a BAR is by its register
 * @e: the machine
 * @bar: index of the BAR
 *
 * Return: bus address.
 */
u64 emul_bar(const struct emul *e, u32 bar)
{
	const struct pmb_bar *b = &e->lay->bars[bar];
	u32 low = emul_get(e, b->dev, b->reg, 4);

	if (b->flags & PMB_BAR_IO)
		return low & ~3u;
	if (b->flags & PMB_BAR_ROM)
		return low & ~0x7ffu;
	low &= ~0xfu;
	if (!(b->flags & PMB_BAR_64))
		return low;
	return low | (u64)emul_get(e, b->dev, b->reg + 4, 4) << 32;
}

static bool holds(struct pmb_range outer, struct pmb_range inner)
{
	return !inner.size || (outer.size && inner.start >= outer.start &&
			       pmb_last(&inner) <= pmb_last(&outer));
}

static bool is_new(const struct emul *e, const struct pmb_plan *plan, u32 bar)
{
	const struct pmb_bar *b = &e->lay->bars[bar];

	return plan->bar[bar].size && (!(b->flags & PMB_BAR_PLACED) ||
				       b->start != plan->bar[bar].start);
}

/* Writes one register, with all that hardware does about it. */
static bool do_write(struct emul *e, const struct pmb_write *w, u32 val)
{
	struct emul_space *s = &e->dev[w->dev];
	u32 i, old = get(s->val, w->reg, w->width), mask, cmd;

	for (i = 0; i < e->lay->nr_bars; i++) {
		const struct pmb_bar *b = &e->lay->bars[i];
		u32 wide = b->flags & PMB_BAR_64 && !(b->flags & PMB_BAR_IO);

		if (b->dev != w->dev || w->reg < b->reg || w->reg > b->reg + 4 * wide)
			continue;
		cmd = get(s->val, COMMAND, 2);
		if (b->flags & PMB_BAR_VF ||
		    (b->flags & PMB_BAR_ROM && !(s->val[b->reg] & 1)))
			continue;
		if (cmd & (b->flags & PMB_BAR_IO ? COMMAND_IO : COMMAND_MEM))
			return fail(e, "BAR %u of dev %u is written while it decodes",
				    b->res, b->dev);
	}
	if (s->bridge && w->reg <= SEC_STATUS + 1 && w->reg + w->width > SEC_STATUS)
		return fail(e, "dev %u: secondary status is written", w->dev);
	mask = get(s->mask, w->reg, w->width);
	put(s->val, w->reg, w->width, (old & ~mask) | (val & mask));
	return true;
}

/* The place of a window by its registers at the beginning */
static struct pmb_range first_window(struct emul *e, u32 bridge, int space)
{
	struct emul_space *s = &e->dev[e->lay->bridges[bridge].dev], now = *s;
	struct pmb_range r;

	memcpy(s->val, s->first, EMUL_SIZE);
	r = emul_window(e, bridge, space);
	*s = now;
	return r;
}

static struct pmb_range plan_window(struct emul *e, const struct pmb_plan *plan,
				    u32 bridge, int space)
{
	struct pmb_range r = plan->win[bridge * PMB_SPACES + space];

	if (r.size)
		r.start -= offset_of(e->lay, e->lay->bridges[bridge].host,
				     space == PMB_IO, &r);
	return r;
}

/* Is the way to all strict BARs behind a function still what it was? */
static bool strict_kept(struct emul *e, u32 dev)
{
	const struct pmb_layout *lay = e->lay;
	u32 i, b, s, cmd;

	for (i = 0; i < lay->nr_bars; i++) {
		const struct pmb_bar *bar = &lay->bars[i];
		struct pmb_range at = { bar->start, bar->size };

		if (!(bar->flags & PMB_BAR_STRICT) || !(bar->flags & PMB_BAR_PLACED))
			continue;
		cmd = bar->flags & PMB_BAR_IO ? COMMAND_IO : COMMAND_MEM;
		if (bar->dev == dev && (e->dev[dev].first[COMMAND] & cmd) &&
		    !(e->dev[dev].val[COMMAND] & cmd))
			return fail(e, "dev %u has a strict BAR, decoding is off", dev);
		for (b = lay->devs[bar->dev].bridge; b != PMB_NONE;
		     b = lay->bridges[b].parent) {
			if (lay->bridges[b].dev != dev)
				continue;
			if ((e->dev[dev].first[COMMAND] & cmd) &&
			    !(e->dev[dev].val[COMMAND] & cmd))
				return fail(e, "bridge %u above a strict BAR: off", b);
			for (s = 0; s < PMB_SPACES; s++) {
				if (is_io(s) == !!(bar->flags & PMB_BAR_IO) &&
				    holds(lay->bridges[b].win[s].cur, at) &&
				    !holds(emul_window(e, b, s), first_window(e, b, s)))
					return fail(e, "window %u.%u above a strict BAR shrinks",
						    b, s);
			}
		}
	}
	return true;
}

/* Are the windows of a bridge inside of their old or new places? */
static bool windows_sane(struct emul *e, const struct pmb_plan *plan, u32 dev)
{
	struct pmb_range is;
	u32 b, s;

	for (b = 0; b < e->lay->nr_bridges; b++) {
		if (e->lay->bridges[b].dev != dev)
			continue;
		for (s = 0; s < PMB_SPACES; s++) {
			is = emul_window(e, b, s);
			if (is.size && !holds(first_window(e, b, s), is) &&
			    !holds(plan_window(e, plan, b, s), is))
				return fail(e, "window %u.%u is at %#llx+%#llx for a moment",
					    b, s, is.start, is.size);
		}
	}
	return true;
}

/* A ROM that is not enabled need not read back what was written. */
static bool is_closed_rom(const struct pmb_layout *l, const struct pmb_write *w)
{
	return w->bar != PMB_NONE && (l->bars[w->bar].flags & PMB_BAR_ROM) &&
	       !(w->old & PCI_ROM_ADDRESS_ENABLE);
}

static bool mask_is_right(const struct pmb_layout *l, const struct pmb_write *w)
{
	if (is_closed_rom(l, w))
		return !w->mask;
	return ((w->old ^ w->new) & w->mask) && !((w->old ^ w->new) & ~w->mask);
}

/* One write of a script, forwards */
static bool step(struct emul *e, const struct pmb_plan *plan, const struct pmb_write *w)
{
	struct emul_space *s = &e->dev[w->dev];
	u32 i, now;

	if (w->reg + w->width > EMUL_SIZE || w->reg % w->width)
		return fail(e, "dev %u: bad register %#x", w->dev, w->reg);
	if (get(s->val, w->reg, w->width) != w->old)
		return fail(e, "dev %u register %#x: %#x is not the old value", w->dev,
			    w->reg, w->old);
	if (!mask_is_right(e->lay, w))
		return fail(e, "dev %u register %#x: %#x to %#x with mask %#x", w->dev,
			    w->reg, w->old, w->new, w->mask);
	for (i = 0; i < w->width; i++) {
		if (s->written[w->reg + i] && w->reg != COMMAND)
			return fail(e, "dev %u register %#x is written twice", w->dev,
				    w->reg);
		s->written[w->reg + i] = true;
	}
	if (!do_write(e, w, w->new))
		return false;
	now = get(s->val, w->reg, w->width);
	if ((now ^ w->new) & w->mask)
		return fail(e, "dev %u register %#x: %#x does not stick, it is %#x", w->dev,
			    w->reg, w->new, now);
	return strict_kept(e, w->dev) && (!plan || windows_sane(e, plan, w->dev));
}

static void allow(struct emul_space *s, u32 reg, u32 width)
{
	memset(s->written + reg, false, width);
}

static void allow_window(struct emul *e, u32 bridge, int space)
{
	struct emul_space *s = &e->dev[e->lay->bridges[bridge].dev];

	if (space == PMB_MEM) {
		allow(s, MEM_WINDOW, 4);
	} else if (space == PMB_PREF) {
		allow(s, PREF_WINDOW, 12);
	} else {
		allow(s, IO_WINDOW, 2);
		allow(s, IO_BASE_HI, 4);
	}
}

/* Does the script's end result hold the plan, and is nothing else touched? */
static bool windows_right(struct emul *e, const struct pmb_plan *plan)
{
	const struct pmb_layout *lay = e->lay;
	struct pmb_range want, is, *cur;
	u32 b, s, i, up;
	bool path;

	for (b = 0; b < lay->nr_bridges; b++) {
		for (s = 0; s < PMB_SPACES; s++) {
			want = plan->win[b * PMB_SPACES + s];
			path = false;
			for (i = 0; i < lay->nr_bars; i++) {
				if (!is_new(e, plan, i) || !want.size ||
				    is_io(s) != !!(lay->bars[i].flags & PMB_BAR_IO) ||
				    !holds(want, plan->bar[i]))
					continue;
				for (up = lay->devs[lay->bars[i].dev].bridge;
				     up != PMB_NONE; up = lay->bridges[up].parent)
					path |= up == b;
			}
			cur = &lay->bridges[b].win[s].cur;
			if (cur->size == want.size &&
			    (!want.size || cur->start == want.start) &&
			    (!path || !in_a_root(lay, lay->bridges[b].host, s == PMB_IO,
						 cur)))
				continue;
			allow_window(e, b, s);
			want = plan_window(e, plan, b, s);
			is = emul_window(e, b, s);
			if (is.size != want.size || (is.size && is.start != want.start))
				return fail(e, "window %u.%u: %#llx+%#llx, not %#llx+%#llx",
					    b, s, is.start, is.size, want.start,
					    want.size);
		}
	}
	return true;
}

static bool result_right(struct emul *e, const struct pmb_plan *plan)
{
	const struct pmb_layout *lay = e->lay;
	struct emul_space *s;
	u64 offset;
	u32 i, j;

	if (!windows_right(e, plan))
		return false;
	for (i = 0; i < lay->nr_bars; i++) {
		const struct pmb_bar *b = &lay->bars[i];

		if (!is_new(e, plan, i))
			continue;
		s = &e->dev[b->dev];
		offset = offset_of(lay, lay->devs[b->dev].host, b->flags & PMB_BAR_IO,
				   &plan->bar[i]);
		if (emul_bar(e, i) != plan->bar[i].start - offset)
			return fail(e, "BAR %u: %#llx, not %#llx", i, emul_bar(e, i),
				    plan->bar[i].start - offset);
		allow(s, b->reg, b->flags & PMB_BAR_64 ? 8 : 4);
		allow(s, COMMAND, 2);
	}
	for (i = 0; i < lay->nr_devs; i++) {
		s = &e->dev[i];
		if (get(s->val, COMMAND, 2) != get(s->first, COMMAND, 2))
			return fail(e, "dev %u: the command is not as before", i);
		for (j = 0; j < EMUL_SIZE; j++) {
			if (s->written[j])
				return fail(e, "dev %u: register %#x is written for nothing",
					    i, j);
		}
	}
	return true;
}

/**
 * emul_run - carry a script out
 * @e: the machine
 * @plan: what it shall look like then
 * @script: the writes
 *
 * Return: true: all went as it has to; otherwise e->why says what did not.
 */
bool emul_run(struct emul *e, const struct pmb_plan *plan,
	      const struct pmb_script *script)
{
	u32 i;

	for (i = 0; i < e->lay->nr_devs; i++)
		memset(e->dev[i].written, 0, EMUL_SIZE);
	for (i = 0; i < script->nr; i++) {
		if (i && script->write[i].step < script->write[i - 1].step)
			return fail(e, "write %u is out of order", i);
		if (!step(e, plan, &script->write[i]))
			return false;
	}
	return result_right(e, plan);
}

/**
 * emul_undo - carry a script out backwards
 * @e: the machine, after emul_run()
 * @script: the writes
 *
 * Return: true: all is as in the beginning; otherwise e->why says what is not.
 */
bool emul_undo(struct emul *e, const struct pmb_script *script)
{
	struct pmb_write w;
	u32 i;

	for (i = 0; i < e->lay->nr_devs; i++)
		memset(e->dev[i].written, 0, EMUL_SIZE);
	for (i = script->nr; i--;) {
		w = script->write[i];
		swap(w.old, w.new);
		if (!step(e, NULL, &w))
			return false;
	}
	for (i = 0; i < e->lay->nr_devs; i++) {
		if (memcmp(e->dev[i].val, e->dev[i].first, EMUL_SIZE))
			return fail(e, "dev %u is not as before", i);
	}
	return true;
}
