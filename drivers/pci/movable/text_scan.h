/* SPDX-License-Identifier: GPL-2.0 */
/* Lines, tokens and numbers of a text, with the place of the first error. */
#ifndef _PCI_MOVABLE_TEXT_SCAN_H
#define _PCI_MOVABLE_TEXT_SCAN_H

#include "text.h"
#include "text_words.h"

/**
 * struct pmb_scan - a position in a text
 * @end: end of the text
 * @line: current line; columns are counted from here
 * @p: what has not been read of it
 * @stop: its end
 * @next: the next line
 * @nr: number of the current line, from 1
 * @log: skip lines without PMB_TEXT_MARK
 * @error: where to say what is wrong
 *
 *	line        mark         p                    stop   next
 *	|           |            |                    |      |
 *	[    1.234] pci_movable: host 0000:00  # blanks \r\n root ...
 */
struct pmb_scan {
	const char *end;
	const char *line;
	const char *p;
	const char *stop;
	const char *next;
	u32 nr;
	bool log;
	struct pmb_text_error *error;
};

/**
 * struct pmb_token - what stands between blanks, or between quotes
 * @at: first character, behind the quote if there is one
 * @len: characters
 * @quoted: it stands between quotes, and so is a name for certain
 */
struct pmb_token {
	const char *at;
	u32 len;
	bool quoted;
};

/**
 * struct pmb_line_options - what may follow in a line, each once, in any order
 * @keys: words that an argument follows; 32 at most
 * @nr_keys: how many
 * @words: words that are a flag by themselves
 * @nr_words: how many
 * @seen: bit n: @keys[n] has been there
 * @flags: of the @words that have been there
 */
struct pmb_line_options {
	const char * const *keys;
	u32 nr_keys;
	const struct pmb_word *words;
	u32 nr_words;
	u32 seen;
	u32 flags;
};

int pmb_scan_fail(struct pmb_scan *s, const char *at, const char *why);
int pmb_scan_header(struct pmb_scan *s);
int pmb_scan_line(struct pmb_scan *s);
bool pmb_scan_more(struct pmb_scan *s);
int pmb_scan_token(struct pmb_scan *s, struct pmb_token *token);
int pmb_scan_need(struct pmb_scan *s, struct pmb_token *token, const char *what);
int pmb_scan_nothing(struct pmb_scan *s);
int pmb_scan_word(struct pmb_scan *s, const char * const *keys, u32 nr,
		  const char *what);
int pmb_scan_option(struct pmb_scan *s, struct pmb_line_options *opt);
int pmb_scan_name(struct pmb_scan *s, char name[PMB_NAME_LEN]);
int pmb_scan_number(struct pmb_scan *s, u64 max, u64 *val);
int pmb_scan_size(struct pmb_scan *s, u64 *val);
int pmb_scan_sizes(struct pmb_scan *s, u64 *sizes);
int pmb_scan_range(struct pmb_scan *s, struct pmb_range *range);
int pmb_scan_buses(struct pmb_scan *s, u8 *first, u8 *last);

#endif /* _PCI_MOVABLE_TEXT_SCAN_H */
