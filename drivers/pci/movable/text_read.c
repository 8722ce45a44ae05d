// SPDX-License-Identifier: GPL-2.0
/*
 * Layouts as text: the reader.
 *
 * An object may be named before the line that describes it, so the text is
 * gone over four times:
 *
 *	count	how many objects of each kind are there? Allocate them.
 *	name	read the names of hosts, bridges and functions; sort them.
 *	fill	read everything else; names become indices.
 *	link	a bridge is on the bus that its function is on.
 *
 * What is allocated is in proportion to the length of the text, and nothing
 * recurses.  Functions return 0 or a count, or -EINVAL after they have said
 * where and why in the caller's struct pmb_text_error.
 *
 * Documentation/PCI/movable-bars.rst has the grammar and an example.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "text.h"
#include "text_words.h"

/* The first words of lines. */
enum pmb_kind {
	PMB_K_HOST,
	PMB_K_ROOT,
	PMB_K_HOLE,
	PMB_K_BRIDGE,
	PMB_K_WINDOW,
	PMB_K_DEV,
	PMB_K_BAR,
	PMB_K_END,
	PMB_KINDS
};

static const char * const pmb_kinds[PMB_KINDS] = {
	"host", "root", "hole", "bridge", "window", "dev", "bar", "end"
};

/* A piece of a line between blanks, or what stands between two quotes. */
struct pmb_token {
	const char *at;
	u32 len;
	bool quoted;
};

/* Names of one kind of object, sorted. */
struct pmb_names {
	struct pmb_name {
		const char *name;
		u32 index;
	} *name;
	u32 nr;
};

/*
 *	text        line    mark        p                 stop  next
 *	|           |       |           |                 |     |
 *	...\n[ 1.23] pci_movable: bar 0000:01:00.0 0 mem ...\r\n...
 */
struct pmb_reader {
	const char *text;		/* the whole text */
	const char *end;		/* behind it */
	const char *body;		/* what follows the header line */
	const char *line;		/* current line, for columns */
	const char *p;			/* what has not been read of it */
	const char *stop;		/* its end */
	const char *next;		/* the next line */
	const char *key;		/* its first word */
	u32 nr;				/* current line, from 1 */
	u32 body_nr;			/* line number of the header */
	bool log;			/* skip lines without PMB_TEXT_MARK */
	u32 lines;			/* objects, windows included */
	struct pmb_counts at;		/* objects before the current line */
	struct pmb_names hosts, bridges, devs;
	u32 *given;			/* for each function: BARs seen, by number */
	struct pmb_layout *layout;
	struct pmb_text_error *error;
};

static int pmb_fail(struct pmb_reader *r, const char *at, const char *why)
{
	r->error->line = r->nr;
	r->error->column = at - r->line + 1;
	r->error->why = why;
	return -EINVAL;
}

/* Lines. */

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

static bool pmb_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void pmb_skip_blanks(struct pmb_reader *r)
{
	while (r->p < r->stop && pmb_blank(*r->p))
		r->p++;
}

/* 1: go to the next line, whatever is in it; 0: there is none. */
static int pmb_raw_line(struct pmb_reader *r)
{
	r->line = r->next;
	r->p = r->next;
	r->nr++;
	if (r->next == r->end)
		return 0;
	r->stop = memchr(r->next, '\n', r->end - r->next);
	if (!r->stop)
		return pmb_fail(r, r->end, "the text ends within a line");
	r->next = r->stop + 1;
	if (r->stop > r->line && r->stop[-1] == '\r')
		r->stop--;
	return 1;
}

/* 1: go to the next line that says something; 0: there is none. */
static int pmb_next_line(struct pmb_reader *r)
{
	const char *marked;
	int ret;

	for (;;) {
		ret = pmb_raw_line(r);
		if (ret <= 0)
			return ret;
		marked = pmb_after_mark(r->p, r->stop);
		if (!marked && r->log)
			continue;
		if (marked)
			r->p = marked;
		pmb_skip_blanks(r);
		if (r->p < r->stop && *r->p != '#')
			return 1;
	}
}

/* Tokens. */

/* 1: the next token of the line; 0: there is none, or a comment. */
static int pmb_token(struct pmb_reader *r, struct pmb_token *token)
{
	pmb_skip_blanks(r);
	token->at = r->p;
	if (r->p == r->stop || *r->p == '#')
		return 0;

	token->quoted = *r->p == '"';
	if (token->quoted)
		token->at = ++r->p;

	for (; r->p < r->stop; r->p++) {
		if (token->quoted ? *r->p == '"' : pmb_blank(*r->p))
			break;
		if (*r->p == '"')
			return pmb_fail(r, r->p, "quote within a word");
		if (*r->p < ' ' || *r->p > '~' || *r->p == '\\')
			return pmb_fail(r, r->p, "bad character");
	}
	token->len = r->p - token->at;

	if (token->quoted) {
		if (r->p == r->stop)
			return pmb_fail(r, token->at - 1, "quote without an end");
		r->p++;
		if (r->p < r->stop && !pmb_blank(*r->p))
			return pmb_fail(r, r->p, "blank expected");
	}
	return 1;
}

/* The next token, which must be there. */
static int pmb_need(struct pmb_reader *r, struct pmb_token *token, const char *what)
{
	int ret = pmb_token(r, token);

	return ret ?: pmb_fail(r, token->at, what);
}

static int pmb_need_nothing(struct pmb_reader *r)
{
	struct pmb_token token;
	int ret = pmb_token(r, &token);

	return ret > 0 ? pmb_fail(r, token.at, "end of line expected") : ret;
}

static bool pmb_is(const struct pmb_token *token, const char *key)
{
	return !token->quoted && strlen(key) == token->len &&
	       !memcmp(token->at, key, token->len);
}

/* Index of a token in a list of words, or -1. */
static int pmb_which(const struct pmb_token *token, const char * const *keys, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		if (pmb_is(token, keys[i]))
			return i;
	}
	return -1;
}

/*
 * The next option of a line, each of which may be there once: an index in
 * @keys, -ENOENT at the end of the line, or -EINVAL.
 */
static int pmb_option(struct pmb_reader *r, const char * const *keys, u32 nr, u32 *seen)
{
	struct pmb_token token;
	int ret;

	ret = pmb_token(r, &token);
	if (ret <= 0)
		return ret ?: -ENOENT;
	ret = pmb_which(&token, keys, nr);
	if (ret < 0)
		return pmb_fail(r, token.at, "unknown word");
	if (*seen & BIT(ret))
		return pmb_fail(r, token.at, "given twice");
	*seen |= BIT(ret);
	return ret;
}

/* Numbers. */

static int pmb_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Digits at @*p, which is moved behind them. */
static int pmb_digits(struct pmb_reader *r, const char **p, const char *stop,
		      u32 base, u64 *val)
{
	const char *start = *p;
	u32 digit;

	for (*val = 0; *p < stop; (*p)++) {
		digit = pmb_digit(**p);
		if (digit >= base)
			break;
		if (*val > (base == 16 ? U64_MAX >> 4 : U64_MAX / 10) ||
		    *val * base > U64_MAX - digit)
			return pmb_fail(r, start, "number too large");
		*val = *val * base + digit;
	}
	return *p == start ? pmb_fail(r, start, "number expected") : 0;
}

/* "0x" and hexadecimal digits, or decimal digits if the caller allows. */
static int pmb_digits_0x(struct pmb_reader *r, const char **p, const char *stop,
			 bool decimal, u64 *val)
{
	if (stop - *p >= 2 && (*p)[0] == '0' && (*p)[1] == 'x') {
		*p += 2;
		return pmb_digits(r, p, stop, 16, val);
	}
	if (!decimal)
		return pmb_fail(r, *p, "address without 0x");
	return pmb_digits(r, p, stop, 10, val);
}

static int pmb_number(struct pmb_reader *r, u64 max, u64 *val)
{
	struct pmb_token token;
	const char *p;
	int ret;

	ret = pmb_need(r, &token, "number expected");
	if (ret < 0)
		return ret;
	p = token.at;
	ret = pmb_digits_0x(r, &p, token.at + token.len, true, val);
	if (ret < 0)
		return ret;
	if (p != token.at + token.len)
		return pmb_fail(r, p, "end of the number expected");
	return *val > max ? pmb_fail(r, token.at, "number too large") : 0;
}

/* "4096", "0x1000" or "4K" at @*p, which is moved behind it. */
static int pmb_size_at(struct pmb_reader *r, const char **p, const char *stop, u64 *val)
{
	const char *start = *p, *unit;
	u32 shift;
	int ret;

	ret = pmb_digits_0x(r, p, stop, true, val);
	if (ret < 0 || *p == stop)
		return ret;
	unit = strchr(PMB_UNITS, **p);
	if (!unit || !*unit)
		return 0;

	(*p)++;
	shift = 10 * (unit - PMB_UNITS + 1);
	if (*val > U64_MAX >> shift)
		return pmb_fail(r, start, "number too large");
	*val <<= shift;
	return 0;
}

static int pmb_size(struct pmb_reader *r, u64 *val)
{
	struct pmb_token token;
	const char *p;
	int ret;

	ret = pmb_need(r, &token, "size expected");
	if (ret < 0)
		return ret;
	p = token.at;
	ret = pmb_size_at(r, &p, token.at + token.len, val);
	if (ret < 0)
		return ret;
	return p == token.at + token.len ? 0 : pmb_fail(r, p, "end of the size expected");
}

/* Sizes of a Resizable BAR: "256M-8G,32G", or a mask that begins with 0x. */
static int pmb_sizes(struct pmb_reader *r, u64 *sizes)
{
	const char *p, *stop, *at;
	struct pmb_token token;
	u64 first, last;
	int ret;

	ret = pmb_need(r, &token, "sizes expected");
	if (ret < 0)
		return ret;
	p = token.at;
	stop = p + token.len;
	if (token.len > 1 && p[0] == '0' && p[1] == 'x') {
		ret = pmb_digits_0x(r, &p, stop, false, sizes);
		if (!ret && p != stop)
			ret = pmb_fail(r, p, "end of the sizes expected");
		return ret;
	}

	for (*sizes = 0;; p++) {
		at = p;
		ret = pmb_size_at(r, &p, stop, &first);
		if (ret < 0)
			return ret;
		last = first;
		if (p < stop && *p == '-') {
			p++;
			ret = pmb_size_at(r, &p, stop, &last);
			if (ret < 0)
				return ret;
		}
		if (first < BIT_ULL(20) || (first & (first - 1)) ||
		    (last & (last - 1)) || first > last)
			return pmb_fail(r, at, "no such size of a Resizable BAR");
		/* All powers of two from first to last. */
		*sizes |= ((last << 1) - first) >> 20;
		if (p == stop)
			return 0;
		if (*p != ',')
			return pmb_fail(r, p, "end of the sizes expected");
	}
}

/* "0x1000-0x1fff" */
static int pmb_range_token(struct pmb_reader *r, const struct pmb_token *token,
			   struct pmb_range *range)
{
	const char *p = token->at, *stop = p + token->len;
	u64 last;
	int ret;

	ret = pmb_digits_0x(r, &p, stop, false, &range->start);
	if (ret < 0)
		return ret;
	if (p == stop || *p != '-')
		return pmb_fail(r, p, "'-' and the last address expected");
	p++;
	ret = pmb_digits_0x(r, &p, stop, false, &last);
	if (ret < 0)
		return ret;
	if (p != stop)
		return pmb_fail(r, p, "end of the range expected");
	if (last < range->start)
		return pmb_fail(r, token->at, "range ends before it begins");
	range->size = last - range->start + 1;
	return range->size ? 0 : pmb_fail(r, token->at, "range too large");
}

static int pmb_range(struct pmb_reader *r, struct pmb_range *range)
{
	struct pmb_token token;
	int ret;

	ret = pmb_need(r, &token, "range expected");
	return ret < 0 ? ret : pmb_range_token(r, &token, range);
}

/* Names. */

static int pmb_name(struct pmb_reader *r, char name[PMB_NAME_LEN])
{
	struct pmb_token token;
	int ret;

	ret = pmb_need(r, &token, "name expected");
	if (ret < 0)
		return ret;
	if (!token.len)
		return pmb_fail(r, token.at, "empty name");
	if (token.len >= PMB_NAME_LEN)
		return pmb_fail(r, token.at, "name too long");
	memcpy(name, token.at, token.len);
	name[token.len] = '\0';
	return 0;
}

/* By name; the same name by index. */
static int pmb_cmp_names(const void *a, const void *b)
{
	const struct pmb_name *x = a, *y = b;

	return strcmp(x->name, y->name) ?: (x->index > y->index) - (x->index < y->index);
}

/* The lowest index of a name, or PMB_NONE. */
static u32 pmb_find_name(const struct pmb_names *names, const char *name)
{
	u32 lo = 0, hi = names->nr, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(names->name[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == names->nr || strcmp(names->name[lo].name, name))
		return PMB_NONE;
	return names->name[lo].index;
}

/* A name of something that is in the text: its index. */
static int pmb_ref(struct pmb_reader *r, const struct pmb_names *names,
		   const char *unknown, u32 *index)
{
	char name[PMB_NAME_LEN];
	const char *at;
	int ret;

	pmb_skip_blanks(r);
	at = r->p;
	ret = pmb_name(r, name);
	if (ret < 0)
		return ret;
	*index = pmb_find_name(names, name);
	return *index == PMB_NONE ? pmb_fail(r, at, unknown) : 0;
}

static int pmb_host_ref(struct pmb_reader *r, u32 *index)
{
	return pmb_ref(r, &r->hosts, "no host of this name", index);
}

static int pmb_bridge_ref(struct pmb_reader *r, u32 *index)
{
	return pmb_ref(r, &r->bridges, "no bridge of this name", index);
}

static int pmb_dev_ref(struct pmb_reader *r, u32 *index)
{
	return pmb_ref(r, &r->devs, "no dev of this name", index);
}

/* The name of the object that the current line describes. */
static int pmb_own_name(struct pmb_reader *r, const struct pmb_names *names, u32 index)
{
	u32 first;
	int ret;

	ret = pmb_ref(r, names, "no such name", &first);
	if (ret < 0)
		return ret;
	return first == index ? 0 : pmb_fail(r, r->key, "name given before");
}

/* Spaces: "io", "mem", "pref". */
static int pmb_space(struct pmb_reader *r, enum pmb_space *space)
{
	struct pmb_token token;
	u32 i;
	int ret;

	ret = pmb_need(r, &token, "io, mem or pref expected");
	if (ret < 0)
		return ret;
	for (i = 0; i < PMB_SPACES; i++) {
		if (pmb_is(&token, pmb_space_key(i))) {
			*space = i;
			return 0;
		}
	}
	return pmb_fail(r, token.at, "io, mem or pref expected");
}

/* The lines, by their first word, in the pass that fills the layout. */

static int pmb_fill_host(struct pmb_reader *r)
{
	int ret = pmb_own_name(r, &r->hosts, r->at.hosts);

	return ret ?: pmb_need_nothing(r);
}

static int pmb_fill_root(struct pmb_reader *r)
{
	static const char * const keys[] = { "offset" };
	struct pmb_root *root = &r->layout->roots[r->at.roots];
	const char *why;
	u32 seen = 0;
	int ret;

	ret = pmb_host_ref(r, &root->host) ?: pmb_space(r, &root->space) ?:
	      pmb_range(r, &root->range);
	while (ret >= 0) {
		ret = pmb_option(r, keys, ARRAY_SIZE(keys), &seen);
		if (ret == -ENOENT) {
			why = pmb_root_error(root);
			return why ? pmb_fail(r, r->key, why) : 0;
		}
		if (ret >= 0)
			ret = pmb_number(r, U64_MAX, &root->offset);
	}
	return ret;
}

static int pmb_fill_hole(struct pmb_reader *r)
{
	struct pmb_hole *hole = &r->layout->holes[r->at.holes];
	enum pmb_space space = PMB_IO;
	const char *at;
	int ret;

	ret = pmb_host_ref(r, &hole->host);
	if (ret < 0)
		return ret;
	pmb_skip_blanks(r);
	at = r->p;
	ret = pmb_space(r, &space);
	if (!ret && space == PMB_PREF)
		ret = pmb_fail(r, at, "io or mem expected");
	hole->io = space == PMB_IO;

	ret = ret ?: pmb_range(r, &hole->range);
	if (ret < 0)
		return ret;
	pmb_skip_blanks(r);
	if (r->p < r->stop && *r->p != '#')
		ret = pmb_name(r, hole->name);
	return ret ?: pmb_need_nothing(r);
}

static int pmb_way(struct pmb_reader *r, enum pmb_way *way)
{
	struct pmb_token token;
	u32 i;
	int ret;

	ret = pmb_need(r, &token, "way to move expected");
	if (ret < 0)
		return ret;
	for (i = 0; i < PMB_WAYS; i++) {
		if (pmb_is(&token, pmb_way_key(i))) {
			*way = i;
			return 0;
		}
	}
	return pmb_fail(r, token.at, "no such way to move");
}

static int pmb_fill_dev(struct pmb_reader *r)
{
	enum { ON, BEHIND, DRIVER, WAY, COST };
	static const char * const keys[] = { "on", "behind", "driver", "way", "cost" };
	struct pmb_dev *dev = &r->layout->devs[r->at.devs];
	u32 seen = 0;
	u64 cost;
	int ret;

	dev->bridge = PMB_NONE;
	for (ret = pmb_own_name(r, &r->devs, r->at.devs); ret >= 0;) {
		ret = pmb_option(r, keys, ARRAY_SIZE(keys), &seen);
		switch (ret) {
		case ON:
			ret = pmb_host_ref(r, &dev->host);
			break;
		case BEHIND:
			ret = pmb_bridge_ref(r, &dev->bridge);
			break;
		case DRIVER:
			ret = pmb_name(r, dev->driver);
			break;
		case WAY:
			ret = pmb_way(r, &dev->way);
			break;
		case COST:
			ret = pmb_number(r, U32_MAX, &cost);
			dev->cost = cost;
			break;
		}
	}
	if (ret != -ENOENT)
		return ret;

	if (!(seen & BIT(ON)) == !(seen & BIT(BEHIND)))
		return pmb_fail(r, r->key, "either 'on' or 'behind' expected");
	if (!(seen & BIT(WAY)))
		dev->way = pmb_default_way(dev);
	if (!(seen & BIT(COST)))
		dev->cost = pmb_default_cost(dev->way);
	return 0;
}

/* "01-05", hexadecimal without 0x, as in lspci and in kernel messages. */
static int pmb_buses(struct pmb_reader *r, u8 *first, u8 *last)
{
	struct pmb_token token;
	const char *p, *stop;
	u64 a, b;
	int ret;

	ret = pmb_need(r, &token, "bus numbers expected");
	if (ret < 0)
		return ret;
	p = token.at;
	stop = p + token.len;
	ret = pmb_digits(r, &p, stop, 16, &a);
	if (ret < 0)
		return ret;
	if (p == stop || *p != '-')
		return pmb_fail(r, p, "'-' and the last bus expected");
	p++;
	ret = pmb_digits(r, &p, stop, 16, &b);
	if (ret < 0)
		return ret;
	if (p != stop || a > 0xff || b > 0xff)
		return pmb_fail(r, token.at, "no bus numbers");
	*first = a;
	*last = b;
	return 0;
}

static int pmb_fill_bridge(struct pmb_reader *r)
{
	enum { DEV, BUS, FLAGS };
	static const char * const keys[FLAGS + PMB_BRIDGE_WORDS] = {
		"dev", "bus",
		pmb_bridge_words[0].key,
	};
	return 0;
}
