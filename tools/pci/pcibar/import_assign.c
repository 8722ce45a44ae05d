// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel prints when it gives addresses and takes them away:
 *
 *	BAR 0 [mem 0xdf000000-0xdf03ffff]: assigned	since 6.9
 *	BAR 0: assigned [mem 0xdf000000-0xdf03ffff]	before
 *	bridge window [mem size 0x00200000]: can't assign; no space
 *	BAR 14: no space for [mem size 0x00200000]
 *	resource 14 [mem 0xfe600000-0xfe7fffff] released
 *	  bridge window [mem 0xdf000000-0xdf0fffff]	all that is open, listed
 */
#include <stdlib.h>
#include <string.h>
#include "report.h"

enum event { EV_NONE, EV_PLACED, EV_HELD, EV_FAILED, EV_RELEASED, EV_LISTED, EV_ALIGN };

/* What a message is about. */
struct object {
	bool window;
	bool any_window;		/* the resource says which */
	enum pmb_space space;
	u32 bar;
	const char *rest;
};

static bool by_number(struct function *f, u64 nr, struct object *o)
{
	/*
	 * Windows come behind the BARs of virtual functions, 13 to 15; kernels
	 * without SR-IOV have them at 7 to 9.
	 */
	if (nr >= BUILDER_BARS && nr < BUILDER_BARS + PMB_SPACES) {
		f->bridge |= !f->cardbus;
		o->window = true;
		o->space = nr - BUILDER_BARS;
	} else if (f->bridge && nr >= BUILDER_VF && nr < BUILDER_VF + PMB_SPACES) {
		o->window = true;
		o->space = nr - BUILDER_VF;
	} else if (nr < BUILDER_BARS) {
		o->bar = nr;
	} else {
		return false;
	}
	return !f->cardbus || !o->window;
}

static bool find_object(struct function *f, const char *text, struct object *o)
{
	const char *p = text;
	u64 nr;

	memset(o, 0, sizeof(*o));
	skip_blanks(&p);
	take_word(&p, "can't claim ");
	if (take_word(&p, "disabling "))
		p = strstr(text, "bridge window ") ?: p;
	o->rest = p;
	if (take_word(&p, "bridge window") || take_word(&p, "Assigned bridge window")) {
		f->bridge |= !f->cardbus;
		o->window = true;
		o->any_window = true;
	} else if (take_word(&p, "VF BAR ")) {
		if (!take_number(&p, &nr) || nr >= BUILDER_VFS)
			return false;
		o->bar = BUILDER_VF + nr;
	} else if (take_word(&p, "BAR ") || take_word(&p, "resource ") || take_word(&p, "res[")) {
		if (!take_number(&p, &nr) || !by_number(f, nr, o))
			return false;
	} else if (take_word(&p, "ROM ")) {
		o->bar = BUILDER_ROM;
	} else if (take_word(&p, "IO window") || take_word(&p, "MEM window") ||
		   take_word(&p, "PREFETCH window") || take_word(&p, "bridge io port") ||
		   take_word(&p, "bridge 32bit mmio") || take_word(&p, "bridge 64bit mmio")) {
		f->bridge |= !f->cardbus;
		o->window = true;
		o->any_window = true;
	} else {
		return false;
	}
	return true;
}

static enum event event_of(const char *text, const struct object *o)
{
	static const struct {
		const char *word;
		enum event event;
	} words[] = {
		{ "was not released", EV_HELD },
		{ "failed to expand", EV_HELD },
		{ "failed to add", EV_NONE },
		{ "extended by", EV_NONE },
		{ "shrunken by", EV_NONE },
		{ "shrunk", EV_NONE },
		{ "ignoring failure", EV_NONE },
		{ "relaxed alignment", EV_NONE },
		{ "add_size", EV_NONE },
		{ "can't reserve", EV_HELD },
		{ "restor", EV_PLACED },
		{ "error updating", EV_NONE },
		{ "subtractive decode", EV_NONE },
		{ "trying firmware", EV_NONE },
		{ "requesting alignment", EV_ALIGN },
		{ "disabling", EV_RELEASED },
		{ "releasing", EV_RELEASED },
		{ "released", EV_RELEASED },
		{ "no space", EV_FAILED },
		{ "can't assign", EV_FAILED },
		{ "failed to assign", EV_FAILED },
		{ "can't allocate", EV_FAILED },
		{ "unable to allocate", EV_FAILED },
		{ "can't claim", EV_FAILED },
		{ "no compatible bridge window", EV_FAILED },
		{ "address conflict", EV_FAILED },
		{ "address space collision", EV_FAILED },
		{ "no parent found", EV_FAILED },
		{ "no initial claim", EV_FAILED },
		{ "Assigned bridge window", EV_LISTED },
		{ "assigned", EV_PLACED },
		{ "set to", EV_PLACED },
		{ "moved to", EV_PLACED },
		{ "got res", EV_PLACED },
		{ "resized", EV_PLACED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (has(text, words[i].word))
			return words[i].event;
	return o->any_window ? EV_LISTED : EV_NONE;
}

/* "BAR 14: can't assign mem (size 0x200000)": kernels before 3.6 */
static bool old_failure(const char *text, struct res_text *res)
{
	memset(res, 0, sizeof(*res));
	if (!find_hex(text, "(size ", &res->size))
		return false;
	res->kind = has(text, " io ") ? RES_IO : RES_MEM;
	res->pref = has(text, " pref ");
	return true;
}

/* Behind it is more than it has room for. */
static void window_wanted(struct window_fact *win, u64 size)
{
	win->wanted = size;
	win->required = true;
}

static void window_event(struct window_fact *win, enum event event,
			 const struct res_text *res, const char *text)
{
	if (event == EV_PLACED && !win->required)
		win->wanted = 0;
	if (event == EV_FAILED && res->size && !res->placed) {
		win->wanted = res->size;
		win->required = false;
	}
	if (res->typed && res->kind == RES_MEM && res->pref)
		win->wide = res->wide ? TOLD_YES : TOLD_NO;
	/* "was not released": it is still there */
	if ((event == EV_PLACED || event == EV_HELD) && res->placed && res->start) {
		window_open(win, res->start, res->size);
	} else if (event == EV_FAILED || event == EV_RELEASED) {
		/* A window that was tried and did not fit had been lost before. */
		bool released = event == EV_RELEASED && !has(text, "disabling");

		window_close(win);
		win->released = released;
	} else if (event == EV_LISTED) {
		/* Registers at reset read as the first megabyte; nothing is there. */
		if (res->placed && res->start && !res->disabled)
			window_open(win, res->start, res->size);
		else
			window_close(win);
	}
}

static void bar_event(struct import *im, struct bar_fact *bar, enum event event,
		      const struct res_text *res, const char *text)
{
	u64 align;

	bar->known = true;
	if (!res->typed && res->pref && !bar->kind)
		bar->kind = PMB_BAR_PREF;
	if (res->typed) {
		bar->kind = res_flags(res);
		bar->kind_guessed = false;
	}
	if ((event == EV_PLACED || event == EV_HELD) && res->placed && res->size && res->start) {
		bar_place(bar, res->start, res->size, false);
	} else if (event == EV_FAILED) {
		bar_fail(im->b, bar, res->size);
	} else if (event == EV_RELEASED) {
		if (res->size)
			bar->size = res->size;
		bar_drop(bar);
	} else if (event == EV_ALIGN && find_hex(text, "alignment to ", &align) && align &&
		   !(align & (align - 1))) {
		bar->align = align;
		if (res->size)
			bar->size = res->size;
	}
}

/* "cannot fit 0x200000 required for 0000:04:09.0 bridging to [bus 0a]" */
static void bus_of_other(struct import *im, const char *text, enum pmb_space space)
{
	const char *p = strstr(text, "required for ");
	struct function *f;
	struct bdf bdf;
	u8 first, last;
	u64 size;

	if (!p)
		return;
	p += strlen("required for ");
	if (!take_bdf(&p, &bdf) || !find_bus_range(p, &first, &last))
		return;
	f = builder_function(im->b, bdf.domain, bdf.bus, bdf.devfn);
	if (!f->bus_told)
		builder_bus_range(im->b, f, first, last);
	if (find_hex(text, "cannot fit ", &size))
		window_wanted(&f->win[space], size);
}

/* Children are named before the window that they were in. */
static void release_children(struct import *im, struct function *f)
{
	struct function *c;
	u32 i, n, r;

	for (r = 0; r < im->nr_released; r++) {
		u64 start = im->released[r].start, size = im->released[r].size;
		bool io = im->released[r].kind == RES_IO;

		for (i = 0; i < im->b->nr_funs; i++) {
			c = im->b->fun[i];
			if (c->gone || c->domain != f->domain || !f->bus_told ||
			    c->bus < f->bus_first || c->bus > f->bus_last)
				continue;
			for (n = 0; n < BUILDER_BARS; n++)
				if (c->bar[n].placed && c->bar[n].start == start &&
				    c->bar[n].size == size && !!(c->bar[n].kind & PMB_BAR_IO) == io)
					bar_drop(&c->bar[n]);
			for (n = 0; n < PMB_SPACES; n++)
				if (c->win[n].state == WINDOW_OPEN &&
				    c->win[n].range.start == start &&
				    c->win[n].range.size == size && space_is_io(n) == io)
					window_close(&c->win[n]);
		}
	}
	im->nr_released = 0;
}

/* A list of what is open tells, too, what is closed. */
void assign_listing_end(struct import *im)
{
	struct function *f = im->listed;
	u32 s;

	im->listed = NULL;
	if (!f || f->gone || !im->listed_any)
		return;
	for (s = 0; s < PMB_SPACES; s++)
		if (!im->listed_win[s] && f->win[s].state == WINDOW_OPEN)
			window_close(&f->win[s]);
}

static void listed(struct import *im, struct function *f, enum pmb_space space, const char *text)
{
	u8 first, last;

	if (has(text, "Assigned bridge window")) {
		if (find_bus_range(text, &first, &last) && !f->bus_told)
			builder_bus_range(im->b, f, first, last);
		bus_of_other(im, text, space);
		return;
	}
	if (im->listed != f)
		return;
	im->listed_any = true;
	im->listed_win[space] = true;
}

bool assign_message(struct import *im, struct function *f, const char *text)
{
	struct res_text res;
	enum event event;
	struct object o;
	u8 first, last;

	if (!find_object(f, text, &o)) {
		assign_listing_end(im);
		return false;
	}
	event = event_of(text, &o);
	if (!find_res(o.rest, &res) && !old_failure(text, &res)) {
		/* "can't claim BAR 0", "bridge window [??? ...]" */
		if (o.window || event == EV_NONE)
			return event != EV_NONE;
		memset(&res, 0, sizeof(res));
	}
	if (o.any_window)
		o.space = res_space(&res);
	/* Sizes on the way to a layout: "bridge window [...] to [bus 05] add_size 1000" */
	if (o.any_window && event != EV_RELEASED && !has(text, "Assigned") &&
	    has(text, "] to [bus ")) {
		if (find_bus_range(text, &first, &last) && !f->bus_told)
			builder_bus_range(im->b, f, first, last);
		return true;
	}
	if (event != EV_LISTED)
		assign_listing_end(im);
	if (o.window && has(text, " shrunken by "))
		window_wanted(&f->win[o.space], res.size);
	if (event == EV_NONE)
		return true;
	if (o.window) {
		if (event == EV_RELEASED && im->nr_released)
			release_children(im, f);
		if (event == EV_LISTED)
			listed(im, f, o.space, text);
		window_event(&f->win[o.space], event, &res, text);
	} else {
		bar_event(im, &f->bar[o.bar], event, &res, text);
	}
	return true;
}
