// SPDX-License-Identifier: GPL-2.0
/* Words that reports have in common: numbers, addresses, resources. */
#include <ctype.h>
#include <string.h>
#include "report.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void skip_blanks(const char **p)
{
	while (**p == ' ' || **p == '\t')
		++*p;
}

bool take_word(const char **p, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*p, word, len))
		return false;
	*p += len;
	return true;
}

bool take_hex(const char **p, u64 *value)
{
	const char *s = *p;
	u32 n = 0;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		s += 2;
	for (*value = 0; digit(*s) >= 0; s++, n++)
		*value = *value << 4 | digit(*s);
	if (!n || n > 16)
		return false;
	*p = s;
	return true;
}

bool take_number(const char **p, u64 *value)
{
	const char *s = *p;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return take_hex(p, value);
	for (*value = 0; isdigit((unsigned char)*s) && s - *p < 19; s++)
		*value = *value * 10 + (*s - '0');
	if (s == *p || isdigit((unsigned char)*s))
		return false;
	*p = s;
	return true;
}

/* Exactly @digits hexadecimal digits, or up to as many with @less. */
static bool take_digits(const char **p, u32 digits, bool less, u32 *value)
{
	const char *s = *p;
	u32 n;

	for (n = 0, *value = 0; n < digits && digit(*s) >= 0; n++, s++)
		*value = *value << 4 | digit(*s);
	if (!n || (n < digits && !less) || digit(*s) >= 0)
		return false;
	*p = s;
	return true;
}

/* Domains have four digits, those that VMD makes up five. */
static bool take_domain(const char **p, u32 *domain)
{
	const char *s = *p;
	u32 n;

	for (n = 0; digit(s[n]) >= 0; n++)
		;
	if (n < 4 || n > 8 || s[n] != ':' || !take_digits(&s, n, false, domain))
		return false;
	*p = s + 1;
	return true;
}

bool take_bdf(const char **p, struct bdf *bdf)
{
	const char *s = *p;
	u32 bus, dev, fn;

	bdf->domain = 0;
	take_domain(&s, &bdf->domain);
	if (!take_digits(&s, 2, false, &bus) || *s++ != ':' ||
	    !take_digits(&s, 2, false, &dev) || *s++ != '.' ||
	    !take_digits(&s, 1, false, &fn) || dev > 31 || fn > 7)
		return false;
	bdf->bus = bus;
	bdf->devfn = dev << 3 | fn;
	*p = s;
	return true;
}

bool take_bus(const char **p, u32 *domain, u8 *bus)
{
	const char *s = *p;
	u32 nr;

	if (!take_domain(&s, domain) || !take_digits(&s, 2, false, &nr))
		return false;
	*bus = nr;
	*p = s;
	return true;
}

bool take_size(const char **p, u64 *size)
{
	static const char units[] = "kmgtpe";
	const char *s = *p, *unit;
	u64 n;

	if (!take_number(&s, &n))
		return false;
	unit = *s ? strchr(units, tolower((unsigned char)*s)) : NULL;
	if (unit && *unit) {
		u32 shift = 10 * (unit - units + 1);

		if (n << shift >> shift != n)
			return false;
		n <<= shift;
		s++;
		if (*s == 'i')
			s++;
		if (*s == 'B')
			s++;
	}
	if (isalnum((unsigned char)*s))
		return false;
	*p = s;
	*size = n;
	return true;
}

bool take_span(const char **p, u64 *start, u64 *last)
{
	const char *s = *p;

	if (!take_hex(&s, start))
		return false;
	if (*s == ' ')
		s++;
	if (!take_word(&s, "..") && !take_word(&s, "-") && !take_word(&s, ","))
		return false;
	if (*s == ' ')
		s++;
	if (!take_hex(&s, last) || isalnum((unsigned char)*s))
		return false;
	*p = s;
	return true;
}

static void set_span(struct res_text *res, u64 start, u64 last)
{
	res->placed = true;
	res->start = start;
	res->last = last;
	/* An empty range is how the kernel prints a window that is closed. */
	res->size = last >= start ? last - start + 1 : 0;
	if (!res->size && last >= start)
		res->size = -(u64)0x100000;
}

static bool bus_res(const char **p, struct res_text *res)
{
	u32 first, last;

	if (!take_digits(p, 2, true, &first))
		return false;
	last = first;
	if (take_word(p, "-") && !take_digits(p, 2, true, &last))
		return false;
	res->kind = RES_BUS;
	set_span(res, first, last);
	return true;
}

/* Behind the addresses. */
static void res_words(const char *s, const char *end, struct res_text *res)
{
	const char *w;

	for (; s < end; s = w) {
		while (s < end && *s == ' ')
			s++;
		for (w = s; w < end && *w != ' '; w++)
			;
		if (w - s == 4 && !strncmp(s, "pref", 4))
			res->pref = true;
		else if (w - s == 5 && !strncmp(s, "64bit", 5))
			res->wide = true;
		else if (w - s == 8 && !strncmp(s, "disabled", 8))
			res->disabled = true;
	}
}

bool take_res(const char **p, struct res_text *res)
{
	const char *s = *p, *end;
	u64 start, last;

	memset(res, 0, sizeof(*res));
	if (*s++ != '[')
		return false;
	end = strchr(s, ']');
	/* A line that was cut: what is there of it counts if it is enough. */
	if (!end)
		end = s + strlen(s);

	if (take_word(&s, "mem")) {
		res->kind = RES_MEM;
	} else if (take_word(&s, "io")) {
		res->kind = RES_IO;
	} else if (take_word(&s, "bus ")) {
		if (!bus_res(&s, res) || *s != ']')
			return false;
		*p = s + 1;
		return true;
	} else {
		return false;
	}
	if (*s != ' ' && *s != '\t')
		return false;
	skip_blanks(&s);
	res->typed = true;

	if (take_word(&s, "size ")) {
		if (!take_hex(&s, &res->size))
			return false;
	} else if (take_span(&s, &start, &last)) {
		set_span(res, start, last);
	} else if (take_hex(&s, &start)) {
		set_span(res, start, start);
	} else if (take_word(&s, "disabled")) {
		res->disabled = true;
	} else {
		return false;
	}
	if (s > end || (s < end && *s != ' '))
		return false;
	res_words(s, end, res);
	*p = *end ? end + 1 : end;
	return true;
}

/* "64bit mmio pref: [0xf0000000-0xf7ffffff]", "IO window: 0x2000-0x2fff" */
static bool old_res(const char *text, struct res_text *res)
{
	const char *colon, *s;
	u64 start, last;

	for (colon = strchr(text, ':'); colon; colon = strchr(colon + 1, ':')) {
		s = colon + 1;
		skip_blanks(&s);
		if (*s == '[')
			s++;
		if (!take_span(&s, &start, &last))
			continue;
		memset(res, 0, sizeof(*res));
		if (memmem(text, colon - text, "mmio", 4) || memmem(text, colon - text, "mem", 3) ||
		    memmem(text, colon - text, "MEM", 3) || memmem(text, colon - text, "PREF", 4))
			res->kind = RES_MEM;
		else if (memmem(text, colon - text, "io", 2) || memmem(text, colon - text, "IO", 2))
			res->kind = RES_IO;
		else
			continue;
		set_span(res, start, last);
		res->pref = memmem(text, colon - text, "pref", 4) ||
			    memmem(text, colon - text, "PREF", 4);
		res->wide = memmem(text, colon - text, "64bit", 5) || last > U32_MAX;
		res->typed = !memmem(text, colon - text, "PREF", 4);
		return true;
	}
	return false;
}

bool find_res(const char *text, struct res_text *res)
{
	const char *p;

	for (p = strchr(text, '['); p; p = strchr(p + 1, '[')) {
		const char *s = p;

		if (take_res(&s, res) && res->kind != RES_BUS)
			return true;
	}
	return old_res(text, res);
}

bool find_bus_range(const char *text, u8 *first, u8 *last)
{
	struct res_text res;
	const char *p;

	for (p = strstr(text, "[bus "); p; p = strstr(p + 1, "[bus ")) {
		const char *s = p;

		if (!take_res(&s, &res))
			continue;
		*first = res.start;
		*last = res.last;
		return true;
	}
	return false;
}

bool find_hex(const char *text, const char *word, u64 *value)
{
	const char *p = strstr(text, word);

	if (!p)
		return false;
	p += strlen(word);
	skip_blanks(&p);
	return take_hex(&p, value);
}

bool has(const char *text, const char *word)
{
	return strstr(text, word);
}

u32 res_flags(const struct res_text *res)
{
	if (res->kind == RES_IO)
		return PMB_BAR_IO;
	return (res->pref ? PMB_BAR_PREF : 0) | (res->wide ? PMB_BAR_64 : 0);
}

enum pmb_space res_space(const struct res_text *res)
{
	if (res->kind == RES_IO)
		return PMB_IO;
	return res->pref ? PMB_PREF : PMB_MEM;
}
