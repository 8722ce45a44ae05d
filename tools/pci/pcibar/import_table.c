// SPDX-License-Identifier: GPL-2.0
/*
 * Notes by people, one function a line, as they are written into mails:
 *
 *	00:01.1 [bus 01-60] io b000-efff mem c4000000-dbffffff (384M) pref 0x6000000000-...
 *	40:03.1 Root Port to [bus 41-47]  [mem 0xeb400000-0xeb5fffff] 2MB
 *	03:00.0 BAR1 0x800000000-0xbffffffff (16G)
 *	7d:00.0
 *	    bar0: 0x121000000-0x12100ffff 64k [64bit pref]
 *
 * Only what cannot be anything else is taken.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "report.h"

/* A word of letters at @p that is one of the two, in either case. */
static bool word_is(const char *p, const char *word)
{
	size_t len = strlen(word);

	return !strncasecmp(p, word, len) && !isalnum((unsigned char)p[len]);
}

/* What is said of a BAR up to the next one. */
static u32 kind_words(const char *p, const char *end)
{
	u32 kind = 0;

	for (; p < end; p++) {
		if (!strncasecmp(p, "io", 2) && word_is(p, "io") && p > end)
			continue;
		if (!strncasecmp(p, "64bit", 5) || !strncasecmp(p, "64-bit", 6) ||
		    !strncasecmp(p, "mem64", 5) || !strncasecmp(p, "pref64", 6))
			kind |= PMB_BAR_64;
		if (!strncasecmp(p, "non", 3))
			p += 6;
		else if (!strncasecmp(p, "pref", 4))
			kind |= PMB_BAR_PREF;
	}
	return kind;
}

static void table_bar(struct function *f, u64 nr, const char *p, const char *end)
{
	struct bar_fact *bar;
	u64 start, last, size;
	bool io = false;

	if (nr >= BUILDER_BARS)
		return;
	bar = &f->bar[nr];
	if (*p == ':' || *p == '=')
		p++;
	skip_blanks(&p);
	if (*p == '[' || *p == '(')
		p++;
	if (word_is(p, "io")) {
		io = true;
		p += 2;
	} else if (word_is(p, "mem")) {
		p += 3;
	}
	skip_blanks(&p);
	take_word(&p, "at ");
	if (take_span(&p, &start, &last)) {
		if (last <= start)
			return;
		bar_place(bar, start, last - start + 1, false);
	} else if (take_size(&p, &size) && size >= 4 && size <= 1ULL << 48 &&
		   !(size & (size - 1))) {
		bar->known = true;
		bar->size = size;
		if (find_hex(p, " at ", &start) && start >= 0x1000)
			bar_place(bar, start, size, false);
	} else {
		return;
	}
	bar->kind = io ? PMB_BAR_IO : kind_words(p, end);
	bar->kind_guessed = !io && !bar->kind;
	if (bar->placed && !io && pmb_last(&(struct pmb_range){ bar->start, bar->size }) > U32_MAX)
		bar->kind |= PMB_BAR_64 | (bar->kind_guessed ? PMB_BAR_PREF : 0);
}

static const char *find_bar(const char *p, u64 *nr, const char **behind)
{
	for (; *p; p++) {
		const char *s = p + 3;

		if (strncasecmp(p, "bar", 3))
			continue;
		if (*s == ' ')
			s++;
		if (isdigit((unsigned char)*s) && take_number(&s, nr)) {
			*behind = s;
			return p;
		}
	}
	return NULL;
}

/* Where the next function begins, or the end. */
static const char *next_function(const char *p)
{
	struct bdf bdf;

	for (; *p; p++) {
		const char *s = p;

		if (!isspace((unsigned char)*p) && *p != '(' && *p != '+')
			continue;
		s++;
		if (take_bdf(&s, &bdf))
			return p + 1;
	}
	return p;
}

static bool table_bars(struct function *f, const char *text, const char *stop)
{
	const char *at, *next, *behind, *then, *p;
	char part[512];
	bool any = false;
	u64 nr, other;

	snprintf(part, sizeof(part), "%.*s", (int)(stop - text < 511 ? stop - text : 511), text);
	p = part;

	for (at = find_bar(p, &nr, &behind); at; at = next) {
		next = find_bar(behind, &other, &then);
		table_bar(f, nr, behind, next ?: behind + strlen(behind));
		any |= nr < BUILDER_BARS && f->bar[nr].known;
		nr = other;
		behind = then;
	}
	return any;
}

static bool table_window(struct function *f, const char *word, enum pmb_space space, const char *p)
{
	u64 start, last;

	for (p = strcasestr(p, word); p; p = strcasestr(p + 1, word)) {
		const char *s = p + strlen(word);

		if (!isspace((unsigned char)*s) && *s != ':')
			continue;
		while (isspace((unsigned char)*s) || *s == ':' || *s == '[')
			s++;
		if (!take_span(&s, &start, &last) || last <= start)
			continue;
		window_open(&f->win[space], start, last - start + 1);
		return true;
	}
	return false;
}

static bool table_bracket(struct function *f, const char *text)
{
	struct res_text res;
	const char *p;
	bool any = false;

	for (p = strchr(text, '['); p; p = strchr(p + 1, '[')) {
		const char *s = p;

		if (!take_res(&s, &res) || res.kind == RES_BUS || !res.placed || !res.size)
			continue;
		window_open(&f->win[res_space(&res)], res.start, res.size);
		any = true;
	}
	return any;
}

/* "06:00.0 [07-0e]", as in lspci -t */
static bool short_range(const char *p, u8 *first, u8 *last)
{
	u64 a, b;

	skip_blanks(&p);
	if (!take_word(&p, "[") || !take_hex(&p, &a) || a > 0xff)
		return false;
	b = a;
	if (take_word(&p, "-") && (!take_hex(&p, &b) || b > 0xff))
		return false;
	*first = a;
	*last = b;
	return *p == ']';
}

static bool table_windows(struct import *im, struct function *f, const char *p)
{
	u8 first, last;
	bool any = false;

	if ((find_bus_range(p, &first, &last) || short_range(p, &first, &last)) &&
	    first > f->bus) {
		builder_bus_range(im->b, f, first, last);
		any = true;
	}
	if (!any && !f->bridge && !has(p, "window") && !has(p, "behind bridge"))
		return false;
	any |= table_bracket(f, p);
	any |= table_window(f, "io", PMB_IO, p);
	any |= table_window(f, "pref window", PMB_PREF, p) ||
	       table_window(f, "pref", PMB_PREF, p) ||
	       table_window(f, "prefetchable memory behind bridge", PMB_PREF, p);
	any |= table_window(f, "mem", PMB_MEM, p) || table_window(f, "mem window", PMB_MEM, p);
	if (any)
		f->bridge = true;
	return any;
}

/* Words that tell of nothing else than a function. */
static void table_words(struct function *f, const char *p)
{
	static const char * const bridges[] = {
		"witch", "pstream", "ownstream", "ridge", "PEX", "PLX",
	};

	if (has(p, "Root Port") || has(p, "root port")) {
		f->bridge = true;
		f->root_port = true;
		f->pcie = TOLD_YES;
	}
	for (size_t i = 0; i < ARRAY_SIZE(bridges); i++)
		f->bridge |= has(p, bridges[i]);
	if (!f->driver[0] && has(p, "NVMe") && !f->bridge) {
		f->class = 0x010802;
		f->class_told = true;
	}
}

/* "02:00.0 [bus 03] GPU 03:00.0 (BAR1 16G, BAR3 32M) + 03:00.1 audio" */
static bool table_others(struct import *im, const char *p)
{
	bool any = false;
	struct bdf bdf;

	for (p = next_function(p); *p; p = next_function(p)) {
		take_bdf(&p, &bdf);
		any |= table_bars(builder_function(im->b, bdf.domain, bdf.bus, bdf.devfn), p,
				  next_function(p));
	}
	return any;
}

bool table_line(struct import *im, const char *line)
{
	struct function *f = im->lspci.table ? im->lspci.f : NULL;
	const char *p = line;
	struct bdf bdf;
	u8 first, last;
	bool any;

	/* Lists and tables have marks in front. */
	while (*p == ' ' || *p == '\t' || *p == '*' || *p == '|' || (*p == '-' && p[1] == ' '))
		p++;
	if (take_word(&p, "bridge ") || take_word(&p, "port "))
		skip_blanks(&p);
	if (!take_bdf(&p, &bdf)) {
		/* "bar0: ..." below "7d:00.0" */
		if (!f || f->gone || !isspace((unsigned char)*line))
			return false;
		return table_bars(f, p, next_function(p)) || table_windows(im, f, p);
	}
	if (*p && *p != ' ' && *p != '\t')
		return false;
	/* A line of lspci has a class behind the address; all else is judged as a note. */
	if (!*p || has(p, "[bus ") || strcasestr(p, " bar") || has(p, " window ") ||
	    has(p, "Root Port") || short_range(p, &first, &last)) {
		f = builder_find(im->b, bdf.domain, bdf.bus, bdf.devfn);
		if (!f && !*p && !im->lspci.table && !isspace((unsigned char)*line))
			return false;
		if (has(p, "controller:") || has(p, "bridge:") || has(p, "bridge ["))
			return false;
		f = builder_function(im->b, bdf.domain, bdf.bus, bdf.devfn);
		memset(&im->lspci, 0, sizeof(im->lspci));
		im->lspci.f = f;
		im->lspci.table = true;
		table_words(f, p);
		any = table_bars(f, p, next_function(p));
		any |= table_others(im, p);
		return table_windows(im, f, p) || any || f->bridge;
	}
	return false;
}
