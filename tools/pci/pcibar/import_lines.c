// SPDX-License-Identifier: GPL-2.0
/*
 * Lines as they were, from what mailers, loggers and web pages make of them:
 *
 *	> > [    1.2] pci 0000:01:00.0: BAR 15: no space for [mem size
 *	> > 0x00200000 64bit pref]
 *	pci 0000:01:00.0: BAR 0 [mem size 0x800000000 64bit pref]: failed to ass=
 *	ign
 */
#include <ctype.h>
#include <string.h>
#include "report.h"

#define SOFT_BREAK_FROM	60	/* shorter lines that end in '=' are no broken ones */
#define PIECES		6	/* lines that one is broken into at most */

/* Quoted mails. A quoted lspci -t begins with a '-' or blanks, never with this. */
static const char *unquote(const char *line)
{
	const char *p = line;

	while (*p == '>') {
		p++;
		if (*p == ' ' && p[1] == '>')
			p++;
	}
	return p != line && *p == ' ' ? p + 1 : p;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Is a text in MIME's "quoted-printable"? Its '=' are "=3D". */
static bool is_quoted_printable(const char *text, size_t len)
{
	return memmem(text, len, "=3D", 3) &&
	       (memmem(text, len, "=\n", 2) || memmem(text, len, "=\r\n", 3));
}

/* "=3D", and what HTML writes for signs of its own: moves *p behind it. */
static char coded_sign(const struct report_text *text, const char **p, const char *end)
{
	static const struct {
		const char *name;
		char sign;
	} entities[] = {
		{ "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' },
		{ "&#39;", '\'' }, { "&nbsp;", ' ' },
	};
	const char *s = *p;

	if (*s == '=' && text->quoted_printable && end - s > 2 && hex_digit(s[1]) >= 0 &&
	    hex_digit(s[2]) >= 0) {
		*p += 3;
		return hex_digit(s[1]) << 4 | hex_digit(s[2]);
	}
	for (size_t i = 0; *s == '&' && i < ARRAY_SIZE(entities); i++) {
		size_t len = strlen(entities[i].name);

		if ((size_t)(end - s) >= len && !memcmp(s, entities[i].name, len)) {
			*p += len;
			return entities[i].sign;
		}
	}
	++*p;
	return *s;
}

/* One physical line, without control characters and colours. */
static size_t clean_line(struct report_text *text, char to[REPORT_LINE])
{
	const char *p = text->at, *nl = memchr(p, '\n', text->end - p) ?: text->end;
	size_t n = 0;
	char c;

	while (p < nl && n < REPORT_LINE - 1) {
		if (*p == '\x1b' && p + 1 < nl && p[1] == '[') {
			for (p += 2; p < nl && !isalpha((unsigned char)*p); p++)
				;
			p += p < nl;
			continue;
		}
		c = coded_sign(text, &p, nl);
		if (c == '\r')
			continue;
		to[n++] = c && (unsigned char)c != 0xa0 ? c : ' ';
	}
	to[n] = 0;
	text->at = nl < text->end ? nl + 1 : text->end;
	text->line++;
	return n;
}

static void trim(char *line)
{
	size_t n = strlen(line);
	const char *s;

	while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	line[n] = 0;
	s = unquote(line);
	memmove(line, s, strlen(s) + 1);
}

/* Broken in the middle of a word: nothing comes between the pieces. */
static void join_soft(struct report_text *text, char line[REPORT_LINE])
{
	char more[REPORT_LINE];
	size_t n = strlen(line);

	for (u32 i = 0; i < PIECES && text->at < text->end; i++) {
		if (n < SOFT_BREAK_FROM || line[n - 1] != '=' || line[n - 2] == '=')
			return;
		if (n - 1 + clean_line(text, more) >= REPORT_LINE)
			return;
		memcpy(line + n - 1, more, strlen(more) + 1);
		n = strlen(line);
	}
}

/* A message of the kernel about a function or a bus, anywhere in a line. */
static bool is_message(const char *line)
{
	struct bdf bdf;
	const char *p;

	for (p = line; *p; p++) {
		const char *s = p;

		if (p > line && !isspace((unsigned char)p[-1]))
			continue;
		if (take_bdf(&s, &bdf) && s - p >= 12 && *s == ':')
			return true;
	}
	return has(line, "pci_bus ") || has(line, "PCI: ") || has(line, "e820: ");
}

/* A line of lspci -v below a function. */
static bool is_detail(const char *line)
{
	return isspace((unsigned char)*line) &&
	       (has(line, "Memory at ") || has(line, " behind bridge:") || has(line, "Bus: ") ||
		has(line, "I/O ports at ") || has(line, "Expansion ROM at "));
}

/* Can what is in a line not be all? */
static bool is_open(const char *line)
{
	static const char * const ends[] = {
		" to", " window", " can't", " failed to", " size", " mem",
	};
	const char *open = strrchr(line, '['), *end = line + strlen(line);

	if (open && !strchr(open, ']'))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t len = strlen(ends[i]);

		if ((size_t)(end - line) > len && !strcmp(end - len, ends[i]))
			return true;
	}
	return false;
}

static bool starts_with_one(const char *line, const char * const *words, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (!strncmp(line, words[i], strlen(words[i])))
			return true;
	return false;
}

/* Words in the middle of a message, with which no message begins. */
static bool goes_on_message(const char *more)
{
	static const char * const words[] = {
		"0x", "to [bus ", "pref]", "64bit", "add_size ", "add_align ", "can't assign",
		"can't claim", "assign; ", "assigned", "no space", "space", "failed to assign",
		"bogus alignment", "released", "releasing", "restored", "window]", "(bus address",
		"address [", "[bus ", "[mem ", "[io ", "(still contains", "(contains BAR",
		"contains BAR", "assign", "bridging to", "required for", "cannot fit",
	};

	return starts_with_one(more, words, ARRAY_SIZE(words));
}

static bool goes_on_detail(const char *line, const char *more)
{
	static const char * const words[] = {
		"[size=", "[disabled]", "[virtual]", "[enhanced]", "subordinate=", "secondary=",
		"sec-latency=", "prefetchable)", "non-prefetchable)",
	};
	const char *end = line + strlen(line);
	u64 start, last;

	if (starts_with_one(more, words, ARRAY_SIZE(words)))
		return true;
	return end > line && end[-1] == ':' && take_span(&more, &start, &last);
}

/* Does a line start with a time stamp, a device or nothing: is it its own? */
static bool stands_alone(const char *line)
{
	const char *p = line;
	struct bdf bdf;

	skip_blanks(&p);
	if (!*p || *p == '<' || !strncmp(p, "pci", 3) || has(p, "kernel: ") || is_message(p))
		return true;
	if (*p == '[' && (isdigit((unsigned char)p[1]) || p[1] == ' '))
		return true;
	return take_bdf(&p, &bdf);
}

static bool goes_on(const char *line, const char *more)
{
	const char *p = more + strspn(more, " \t");

	if (stands_alone(more))
		return false;
	if (is_message(line))
		return is_open(line) || goes_on_message(p);
	return is_detail(line) && goes_on_detail(line, p);
}

/* Logs that were put into quotes: level=info msg="[   67.4] pci ...\n" name=... */
static void unpack(char *line)
{
	char *msg = strstr(line, "msg=\""), *end;

	if (!msg)
		return;
	msg += strlen("msg=\"");
	end = strstr(msg, "\\n\"") ?: strrchr(msg, '"');
	if (end)
		*end = 0;
	memmove(line, msg, strlen(msg) + 1);
}

void report_text_start(struct report_text *text, const char *at, size_t len)
{
	/* A byte order mark. */
	if (len >= 3 && !memcmp(at, "\xef\xbb\xbf", 3)) {
		at += 3;
		len -= 3;
	}
	*text = (struct report_text){
		.at = at,
		.end = at + len,
		.quoted_printable = is_quoted_printable(at, len),
	};
}

bool report_text_line(struct report_text *text, char line[REPORT_LINE])
{
	struct report_text before;
	char more[REPORT_LINE];

	if (text->at >= text->end)
		return false;
	clean_line(text, line);
	text->first = text->line;
	join_soft(text, line);
	trim(line);
	for (u32 i = 0; i < PIECES && text->at < text->end; i++) {
		before = *text;
		clean_line(text, more);
		join_soft(text, more);
		trim(more);
		if (!goes_on(line, more) || strlen(line) + strlen(more) + 2 > REPORT_LINE) {
			*text = before;
			break;
		}
		strcat(line, " ");
		strcat(line, more + strspn(more, " \t"));
	}
	unpack(line);
	return true;
}
