// SPDX-License-Identifier: GPL-2.0
/*
 * The lower half of the reader of layouts: lines, tokens and numbers.
 *
 * The text need not end with a zero and may hold anything; nothing here reads
 * outside of it, allocates, or recurses.  Functions that return an int give
 * -EINVAL after they have said where and why in @s->error.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "text_scan.h"

/**
 * pmb_scan_fail - say what is wrong
 * @s: the position
 * @at: the character that is wrong, in the current line
 * @why: what is wrong with it, a constant string
 *
 * Return: -EINVAL.
 */
int pmb_scan_fail(struct pmb_scan *s, const char *at, const char *why)
{
	s->error->line = s->nr;
	s->error->column = at - s->line + 1;
	s->error->why = why;
	return -EINVAL;
}

/* Lines. */

static bool pmb_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What follows the mark, NULL: no mark. There is none in names and comments. */
static const char *pmb_after_mark(const char *p, const char *stop)
{
	const size_t len = sizeof(PMB_TEXT_MARK) - 1;

	for (; stop - p >= len; p++) {
		if (*p == '"' || *p == '#')
			return NULL;
		if (!memcmp(p, PMB_TEXT_MARK, len))
			return p + len;
	}
	return NULL;
}

/* 1: go to the next line, behind its mark; 0: there is none. */
static int pmb_any_line(struct pmb_scan *s, bool *marked)
{
	const char *p;

	s->line = s->next;
	s->p = s->next;
	s->stop = s->next;
	s->nr++;
	if (s->next == s->end)
		return 0;

	s->stop = memchr(s->next, '\n', s->end - s->next);
	if (!s->stop)
		return pmb_scan_fail(s, s->end, "the text ends within a line");
	s->next = s->stop + 1;
	if (s->stop > s->line && s->stop[-1] == '\r')
		s->stop--;

	p = pmb_after_mark(s->line, s->stop);
	*marked = p;
	if (p)
		s->p = p;
	return 1;
}

/**
 * pmb_scan_more - is there more in the line?
 * @s: the position, moved to the next token
 *
 * Return: false at the end of the line, or before a comment.
 */
bool pmb_scan_more(struct pmb_scan *s)
{
	while (s->p < s->stop && pmb_blank(*s->p))
		s->p++;
	return s->p < s->stop && *s->p != '#';
}

/**
 * pmb_scan_line - go to the next line that says something
 * @s: the position
 *
 * Return: 1; 0: there is none; -EINVAL: the text ends within a line.
 */
int pmb_scan_line(struct pmb_scan *s)
{
	bool marked;
	int ret;

	for (;;) {
		ret = pmb_any_line(s, &marked);
		if (ret <= 0)
			return ret;
		if ((marked || !s->log) && pmb_scan_more(s))
			return 1;
	}
}

/**
 * pmb_scan_header - find the header line, and learn what kind of text this is
 * @s: the start of the text; moved behind the header, with @s->log set
 *
 * When the header has the mark, the text is a log: whatever else is in it,
 * before, between and behind the lines of the layout, does not count.
 * Without, only blank lines and comments may come before it.
 *
 * Return: 0 or -EINVAL.
 */
int pmb_scan_header(struct pmb_scan *s)
{
	const size_t len = sizeof(PMB_TEXT_HEADER) - 1;
	struct pmb_scan first = {};
	bool marked;
	u64 version;
	int ret;

	for (;;) {
		ret = pmb_any_line(s, &marked);
		if (ret < 0)
			return ret;
		if (!ret)
			break;
		if (!pmb_scan_more(s))
			continue;
		if (s->stop - s->p >= len && !memcmp(s->p, PMB_TEXT_HEADER, len) &&
		    (s->stop - s->p == len || pmb_blank(s->p[len])) &&
		    (marked || !first.p)) {
			s->p += len;
			s->log = marked;
			ret = pmb_scan_number(s, U64_MAX, &version) ?:
			      pmb_scan_nothing(s);
			if (!ret && version != PMB_TEXT_VERSION)
				ret = pmb_scan_fail(s, s->line, "unknown version");
			return ret;
		}
		if (!first.p)
			first = *s;
	}

	/* The first line that is something else is to blame. */
	if (first.p)
		*s = first;
	return pmb_scan_fail(s, s->p, "'" PMB_TEXT_HEADER " 1' expected");
}

/* Tokens. */

/**
 * pmb_scan_token - take the next token of the line
 * @s: the position
 * @token: where to put it
 *
 * Return: 1; 0: there is none, @token->at tells where; -EINVAL.
 */
int pmb_scan_token(struct pmb_scan *s, struct pmb_token *token)
{
	bool more = pmb_scan_more(s);

	token->at = s->p;
	token->len = 0;
	token->quoted = false;
	if (!more)
		return 0;

	if (*s->p == '"') {
		token->quoted = true;
		token->at = ++s->p;
	}
	for (; s->p < s->stop; s->p++) {
		if (token->quoted ? *s->p == '"' : pmb_blank(*s->p))
			break;
		if (*s->p == '"')
			return pmb_scan_fail(s, s->p, "quote within a word");
		if (*s->p < ' ' || *s->p > '~' || *s->p == '\\')
			return pmb_scan_fail(s, s->p, "bad character");
	}
	token->len = s->p - token->at;

	if (token->quoted) {
		if (s->p == s->stop)
			return pmb_scan_fail(s, token->at - 1, "quote without an end");
		s->p++;
		if (s->p < s->stop && !pmb_blank(*s->p))
			return pmb_scan_fail(s, s->p, "blank expected");
	}
	return 1;
}

/**
 * pmb_scan_need - take the next token, which must be there
 * @s: the position
 * @token: where to put it
 * @what: what to say if it is not there
 *
 * Return: 0 or -EINVAL.
 */
int pmb_scan_need(struct pmb_scan *s, struct pmb_token *token, const char *what)
{
	int ret = pmb_scan_token(s, token);

	if (ret > 0)
		return 0;
	return ret ?: pmb_scan_fail(s, token->at, what);
}

/**
 * pmb_scan_nothing - make sure that nothing but a comment follows in the line
 * @s: the position
 *
 * Return: 0 or -EINVAL.
 */
int pmb_scan_nothing(struct pmb_scan *s)
{
	if (pmb_scan_more(s))
		return pmb_scan_fail(s, s->p, "end of line expected");
	return 0;
}

static bool pmb_is(const struct pmb_token *token, const char *key)
{
	return !token->quoted && strlen(key) == token->len &&
	       !memcmp(token->at, key, token->len);
}

static int pmb_which(const struct pmb_token *token, const char * const *keys, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		if (pmb_is(token, keys[i]))
			return i;
	}
	return -ENOENT;
}

/**
 * pmb_scan_word - take a token which must be one of a few words
 * @s: the position
 * @keys: the words; empty ones never match
 * @nr: how many
 * @what: what to say if it is none of them
 *
 * Return: index in @keys, or -EINVAL.
 */
int pmb_scan_word(struct pmb_scan *s, const char * const *keys, u32 nr,
		  const char *what)
{
	struct pmb_token token;
	int ret;

	ret = pmb_scan_need(s, &token, what);
	if (ret < 0)
		return ret;
	ret = pmb_which(&token, keys, nr);
	return ret < 0 ? pmb_scan_fail(s, token.at - token.quoted, what) : ret;
}

/**
 * pmb_scan_option - go to the next option with an argument
 * @s: the position
 * @opt: what may be there; flags on the way are added to @opt->flags
 *
 * Return: index in @opt->keys; -ENOENT: end of the line; -EINVAL.
 */
int pmb_scan_option(struct pmb_scan *s, struct pmb_line_options *opt)
{
	struct pmb_token token;
	int ret, key;
	u32 i;

	for (;;) {
		ret = pmb_scan_token(s, &token);
		if (ret <= 0)
			return ret ?: -ENOENT;

		key = pmb_which(&token, opt->keys, opt->nr_keys);
		if (key >= 0) {
			if (opt->seen & BIT(key))
				return pmb_scan_fail(s, token.at, "given twice");
			opt->seen |= BIT(key);
			return key;
		}

		for (i = 0; i < opt->nr_words; i++) {
			if (pmb_is(&token, opt->words[i].key))
				break;
		}
		if (i == opt->nr_words)
			return pmb_scan_fail(s, token.at - token.quoted,
					     "unknown word");
		if (opt->flags & opt->words[i].flag)
			return pmb_scan_fail(s, token.at, "given twice");
		opt->flags |= opt->words[i].flag;
	}
}

/**
 * pmb_scan_name - take a name, between quotes or not
 * @s: the position
 * @name: where to put it
 *
 * Return: 0 or -EINVAL.
 */
int pmb_scan_name(struct pmb_scan *s, char name[PMB_NAME_LEN])
{
	struct pmb_token token;
	int ret;

	ret = pmb_scan_need(s, &token, "name expected");
	if (ret < 0)
		return ret;
	if (!token.len)
		return pmb_scan_fail(s, token.at, "empty name");
	if (token.len >= PMB_NAME_LEN)
		return pmb_scan_fail(s, token.at, "name too long");
	memcpy(name, token.at, token.len);
	name[token.len] = '\0';
	return 0;
}

/* Numbers. These take the place in the token, and move it. */

static u32 pmb_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return U32_MAX;
}

static int pmb_digits(struct pmb_scan *s, const char **p, const char *stop,
		      u32 base, u64 *val)
{
	const u64 max = base == 16 ? U64_MAX / 16 : U64_MAX / 10;
	const char *start = *p;
	u32 digit;

	for (*val = 0; *p < stop; (*p)++) {
		digit = pmb_digit(**p);
		if (digit >= base)
			break;
		if (*val > max || *val * base > U64_MAX - digit)
			return pmb_scan_fail(s, start, "number too large");
		*val = *val * base + digit;
	}
	return *p == start ? pmb_scan_fail(s, start, "number expected") : 0;
}

static bool pmb_has_0x(const char *p, const char *stop)
{
	return stop - p >= 2 && p[0] == '0' && p[1] == 'x';
}

static int pmb_address(struct pmb_scan *s, const char **p, const char *stop, u64 *val)
{
	if (!pmb_has_0x(*p, stop))
		return pmb_scan_fail(s, *p, "address without 0x");
	*p += 2;
	return pmb_digits(s, p, stop, 16, val);
}

static int pmb_any_base(struct pmb_scan *s, const char **p, const char *stop, u64 *val)
{
	if (pmb_has_0x(*p, stop))
		return pmb_address(s, p, stop, val);
	return pmb_digits(s, p, stop, 10, val);
}

/* "256", "0x100" or "4K" */
static int pmb_with_unit(struct pmb_scan *s, const char **p, const char *stop, u64 *val)
{
	static const char units[] = PMB_UNITS;
	const char *start = *p;
	u32 shift = 10, i;
	int ret;

	ret = pmb_any_base(s, p, stop, val);
	if (ret < 0 || *p == stop)
		return ret;
	for (i = 0; units[i] && units[i] != **p; i++)
		shift += 10;
	if (!units[i])
		return 0;
	(*p)++;
	if (*val > U64_MAX >> shift)
		return pmb_scan_fail(s, start, "number too large");
	*val <<= shift;
	return 0;
}

/**
 * pmb_scan_number - take a number, decimal or hexadecimal with 0x
 * @s: the position
 * @max: the largest that is allowed
 * @val: where to put it
 *
 * Return: 0 or -EINVAL.
 */
int pmb_scan_number(struct pmb_scan *s, u64 max, u64 *val)
{
	struct pmb_token token;
	const char *p, *stop;
	int ret;

	ret = pmb_scan_need(s, &token, "number expected");
	if (ret < 0)
		return ret;
	p = token.at;
	stop = p + token.len;
	ret = pmb_any_base(s, &p, stop, val);
	if (ret < 0)
		return ret;
	if (p != stop)
		return pmb_scan_fail(s, p, "end of the number expected");
	if (*val > max)
		return pmb_scan_fail(s, token.at, "number too large");
	return 0;
}

/**
 * pmb_scan_size - take a size: a number that may have a unit, K to E
 * @s: the position
 * @val: where to put the bytes
 *
 * Return: 0 or -EINVAL.
 */
int pmb_scan_size(struct pmb_scan *s, u64 *val)
{
	struct pmb_token token;
	const char *p, *stop;
	int ret;

	ret = pmb_scan_need(s, &token, "size expected");
	if (ret < 0)
		return ret;
	p = token.at;
	stop = p + token.len;
	ret = pmb_with_unit(s, &p, stop, val);
	if (ret < 0)
		return ret;
	return p == stop ? 0 : pmb_scan_fail(s, p, "end of the size expected");
}

/**
 * pmb_scan_sizes - take the sizes of a Resizable BAR
 * @s: the position
 * @sizes: where to put them, as in struct pmb_bar
 *
 * Sizes with units and ranges of them, as in "256M-8G,32G", or the mask, which
 * begins with 0x.
 *
 * Return: 0 or -EINVAL.
 */
int pmb_scan_sizes(struct pmb_scan *s, u64 *sizes)
{
	const char *p, *stop, *at;
	struct pmb_token token;
	u64 first, last;
	int ret;

	ret = pmb_scan_need(s, &token, "sizes expected");
	if (ret < 0)
		return ret;
	p = token.at;
	stop = p + token.len;

	if (pmb_has_0x(p, stop)) {
		ret = pmb_address(s, &p, stop, sizes);
		if (ret < 0)
			return ret;
		return p == stop ? 0 : pmb_scan_fail(s, p, "end of the sizes expected");
	}

	for (*sizes = 0;; p++) {
		at = p;
		ret = pmb_with_unit(s, &p, stop, &first);
		if (ret < 0)
			return ret;
		last = first;
		if (p < stop && *p == '-') {
			p++;
			ret = pmb_with_unit(s, &p, stop, &last);
			if (ret < 0)
				return ret;
		}
		if (first < BIT_ULL(20) || first > last ||
		    (first & (first - 1)) || (last & (last - 1)))
			return pmb_scan_fail(s, at, "no such size of a Resizable BAR");
		/* All powers of two from first to last; 2^64 is 0. */
		*sizes |= ((last << 1) - first) >> 20;
		if (p == stop)
			return 0;
		if (*p != ',')
			return pmb_scan_fail(s, p, "end of the sizes expected");
	}
}

/**
 * pmb_scan_range - take a range of addresses, "0x1000-0x1fff", or "closed"
 * @s: the position
 * @range: where to put it; closed: size 0
 *
 * Return: 0 or -EINVAL.
 */
int pmb_scan_range(struct pmb_scan *s, struct pmb_range *range)
{
	struct pmb_token token;
	const char *p, *stop;
	u64 last;
	int ret;

	ret = pmb_scan_need(s, &token, "range expected");
	if (ret < 0)
		return ret;
	range->start = 0;
	range->size = 0;
	if (pmb_is(&token, "closed"))
		return 0;

	p = token.at;
	stop = p + token.len;
	ret = pmb_address(s, &p, stop, &range->start);
	if (ret < 0)
		return ret;
	if (p == stop || *p != '-')
		return pmb_scan_fail(s, p, "'-' and the last address expected");
	p++;
	ret = pmb_address(s, &p, stop, &last);
	if (ret < 0)
		return ret;
	if (p != stop)
		return pmb_scan_fail(s, p, "end of the range expected");
	if (last < range->start)
		return pmb_scan_fail(s, token.at, "range ends before it begins");
	range->size = last - range->start + 1;
	return range->size ? 0 : pmb_scan_fail(s, token.at, "range too large");
}

/**
 * pmb_scan_buses - take bus numbers, as in "01-05"
 * @s: the position
 * @first: where to put the first one
 * @last: where to put the last one
 *
 * Hexadecimal without 0x, as in lspci and in kernel messages.
 *
 * Return: 0 or -EINVAL.
 */
int pmb_scan_buses(struct pmb_scan *s, u8 *first, u8 *last)
{
	struct pmb_token token;
	const char *p, *stop;
	u64 a, b;
	int ret;

	ret = pmb_scan_need(s, &token, "bus numbers expected");
	if (ret < 0)
		return ret;
	p = token.at;
	stop = p + token.len;
	ret = pmb_digits(s, &p, stop, 16, &a);
	if (ret < 0)
		return ret;
	if (p == stop || *p != '-')
		return pmb_scan_fail(s, p, "'-' and the last bus expected");
	p++;
	ret = pmb_digits(s, &p, stop, 16, &b);
	if (ret < 0)
		return ret;
	if (p != stop || a > 0xff || b > 0xff)
		return pmb_scan_fail(s, token.at, "no bus numbers");
	*first = a;
	*last = b;
	return 0;
}
