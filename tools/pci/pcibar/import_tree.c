// SPDX-License-Identifier: GPL-2.0
/*
 * Who is behind whom: lspci -t, and what people draw.
 *
 *	-[0000:00]-+-00.0
 *	           +-01.0-[01-13]----00.0-[02-13]--+-01.0-[03]--
 *	           |                               \-02.0-[10]----00.0
 *	           \-1f.0
 *
 * A branch, '+' or '\', belongs to the bus that was opened in its column.
 *
 *	0000:06:00.0  root port
 *	 \-0000:07:00.0  upstream port of the switch
 *	   +-0000:08:08.0
 *	   | \-0000:09:00.0  card
 */
#include <ctype.h>
#include <string.h>
#include "report.h"

static bool take_devfn(const char **p, u16 *devfn)
{
	char text[8] = "00:";
	const char *s = text;
	struct bdf bdf;
	size_t n;

	for (n = 0; n < 4 && (*p)[n]; n++)
		text[3 + n] = (*p)[n];
	text[3 + n] = 0;
	if (!take_bdf(&s, &bdf) || isalnum((unsigned char)(*p)[4]))
		return false;
	*p += 4;
	*devfn = bdf.devfn;
	return true;
}

static void open_bus(struct import *im, u32 column, u32 domain, u8 bus)
{
	struct tree_state *t = &im->tree;

	if (t->depth == ARRAY_SIZE(t->level))
		return;
	t->level[t->depth++] = (struct tree_level){ column, domain, bus, 0 };
}

/* "[0000:00]", "[0000:00-fe]", and "[01-13]" behind a bridge @f */
static bool brackets(struct import *im, const char **p, struct function *f, u32 *domain, u8 *bus)
{
	const char *s = *p + 1, *end = strchr(*p, ']');
	struct host_fact *host;
	u64 first, last;

	if (!end)
		return false;
	if (take_bus(&s, domain, bus)) {
		host = builder_host(im->b, *domain, *bus);
		if (*s == '-' && (s++, take_hex(&s, &last)) && last <= 0xff && last >= *bus) {
			host->bus_told = true;
			host->bus_last = last;
		}
	} else if (take_hex(&s, &first) && first <= 0xff) {
		last = first;
		if (*s == '-' && (s++, !take_hex(&s, &last) || last > 0xff))
			return false;
		if (f) {
			builder_bus_range(im->b, f, first, last);
			*domain = f->domain;
		} else {
			*domain = 0;
			builder_host(im->b, 0, first);
		}
		*bus = first;
	} else {
		return false;
	}
	*p = end + 1;
	return true;
}

static bool is_tree(const char *line)
{
	const char *p = line;

	while (*p == ' ' || *p == '|')
		p++;
	return (*p == '-' && (p[1] == '[' || p[1] == '+')) ||
	       ((*p == '+' || *p == '\\') && p[1] == '-' &&
		(isxdigit((unsigned char)p[2]) || p[2] == '['));
}

/*
 * The level whose branches are in this column, or one beside it: mails shift
 * all lines but the first.  Deeper ones are closed.
 */
static bool find_level(struct tree_state *t, u32 column)
{
	while (t->depth && t->level[t->depth - 1].column > column + 1)
		t->depth--;
	if (t->depth > 1 && t->level[t->depth - 1].column == column + 1 &&
	    t->level[t->depth - 2].column == column)
		t->depth--;
	return t->depth && t->level[t->depth - 1].column + 1 >= column;
}

bool tree_line(struct import *im, const char *line)
{
	struct tree_state *t = &im->tree;
	struct function *f = NULL;
	const char *p = line;
	u32 domain = 0;
	bool here = false;
	u8 bus = 0;
	u16 devfn;

	if (!is_tree(line))
		return false;
	while (*p == ' ' || *p == '|')
		p++;
	if (*p == '-') {
		t->depth = 0;
	} else if (find_level(t, p - line)) {
		domain = t->level[t->depth - 1].domain;
		bus = t->level[t->depth - 1].bus;
		here = true;
		p++;
	} else if (p[2] != '[') {
		import_warn(im, "a branch without a beginning");
		return true;
	}

	while (*p) {
		if (*p == '-') {
			p++;
		} else if (*p == '+' || *p == '\\') {
			if (here)
				open_bus(im, p - line, domain, bus);
			p++;
		} else if (*p == '[') {
			if (!brackets(im, &p, f, &domain, &bus))
				break;
			here = true;
			f = NULL;
		} else if (here && take_devfn(&p, &devfn)) {
			f = builder_function(im->b, domain, bus, devfn);
		} else {
			break;
		}
	}
	return true;
}

/* Signs that lines are drawn with, of ASCII and of Unicode. */
static const char *skip_drawing(const char *p, u32 *column)
{
	for (*column = 0; *p; ++*column) {
		/* Box drawing: three bytes each. */
		if (p[0] == '\xe2' && (p[1] == '\x94' || p[1] == '\x95') && p[2])
			p += 3;
		else if (*p == ' ' || *p == '\t' || *p == '|' || *p == '+' || *p == '\\' ||
			 *p == '-' || *p == '`' || *p == '>')
			p++;
		else
			break;
	}
	return p;
}

/* It leads to the bus of what is drawn below it, if nobody has told otherwise. */
static void leads_to(struct import *im, const struct tree_level *up, u8 bus)
{
	struct function *f;

	if (up->bus >= bus)
		return;
	f = builder_function(im->b, up->domain, up->bus, up->devfn);
	if (!f->bus_told) {
		builder_bus_range(im->b, f, bus, bus);
		f->drawn = true;
	} else if (f->drawn && f->bus_last < bus) {
		f->bus_last = bus;
	}
}

/*
 * A function as it is drawn in a tree, with its domain. A message of the kernel
 * has a colon behind the address.
 */
bool drawing_line(struct import *im, const char *line)
{
	struct drawing *d = &im->drawing;
	struct tree_level *top;
	const char *start, *p;
	struct bdf bdf;
	u32 column;

	start = skip_drawing(line, &column);
	p = start;
	if (!take_bdf(&p, &bdf) || p - start < 12 || (*p && !isspace((unsigned char)*p)))
		return false;
	while (d->depth && d->level[d->depth - 1].column >= column)
		d->depth--;
	for (u32 i = 0; i < d->depth; i++)
		leads_to(im, &d->level[i], bdf.bus);
	if (d->depth)
		builder_function(im->b, bdf.domain, bdf.bus, bdf.devfn);
	if (d->depth < ARRAY_SIZE(d->level)) {
		top = &d->level[d->depth++];
		*top = (struct tree_level){ column, bdf.domain, bdf.bus, bdf.devfn };
	}
	return d->depth > 1;
}
