/* SPDX-License-Identifier: GPL-2.0 */
/* Reports as text: words that many kinds of report have in common. */
#ifndef _PCIBAR_REPORT_H
#define _PCIBAR_REPORT_H

#include "builder.h"

/**
 * struct bdf - where a function is
 * @domain: PCI domain, 0 if the text has none
 * @bus: bus number
 * @devfn: device and function number
 */
struct bdf {
	u32 domain;
	u8 bus;
	u16 devfn;
};

enum res_kind { RES_NONE, RES_IO, RES_MEM, RES_BUS };

/**
 * struct res_text - a resource as the kernel prints it
 * @kind: what it is
 * @placed: it has an address, @start
 * @start: first address, or bus number
 * @size: bytes; 0: not told, or none
 * @last: last address, as printed; it may be less than @start
 * @pref: prefetchable
 * @wide: 64bit
 * @disabled: it is switched off
 * @typed: @pref and @wide have been told
 */
struct res_text {
	enum res_kind kind;
	bool placed;
	bool pref;
	bool wide;
	bool disabled;
	bool typed;
	u64 start;
	u64 size;
	u64 last;
};

/*
 * Each takes something at the start of *p and moves *p behind it, or returns
 * false and leaves *p alone.
 */
bool take_hex(const char **p, u64 *value);	/* with or without 0x */
bool take_number(const char **p, u64 *value);	/* decimal, or hex with 0x */
bool take_bdf(const char **p, struct bdf *bdf);	/* 0000:01:00.0, 01:00.0 */
bool take_bus(const char **p, u32 *domain, u8 *bus);	/* 0000:01 */
bool take_word(const char **p, const char *word);
bool take_size(const char **p, u64 *size);	/* 256K, 16M, 16MB, 64k, 512 */
/* Two addresses with "-", ", " or ".." between. */
bool take_span(const char **p, u64 *start, u64 *last);
/* "[mem 0x1000-0x1fff 64bit pref]", "[io  size 0x1000]", "[bus 01-03]" */
bool take_res(const char **p, struct res_text *res);
void skip_blanks(const char **p);

/* The first resource in a text, also one in the words of old kernels. */
bool find_res(const char *text, struct res_text *res);
/* The number behind the first occurrence of a word, hexadecimal. */
bool find_hex(const char *text, const char *word, u64 *value);
/* "[bus 01-03]" anywhere in a text. */
bool find_bus_range(const char *text, u8 *first, u8 *last);
bool has(const char *text, const char *word);

u32 res_flags(const struct res_text *res);
enum pmb_space res_space(const struct res_text *res);

#define REPORT_LINE	4096	/* longer lines are cut */

/**
 * struct report_text - a text that is read line by line
 * @at: what comes next
 * @end: its end
 * @quoted_printable: signs are coded as in mails
 * @line: physical lines that were read
 * @first: number of the first physical line of the last line
 */
struct report_text {
	const char *at;
	const char *end;
	bool quoted_printable;
	u32 line;
	u32 first;
};

/* import_lines.c */
void report_text_start(struct report_text *text, const char *at, size_t len);
/* The next line, with what was broken off it; false: there is none. */
bool report_text_line(struct report_text *text, char line[REPORT_LINE]);

/**
 * struct import - a report that is being read
 * @b: what is known by now
 * @file: name of the file
 * @line: line in it
 * @facts: lines that told something
 * @warnings: lines that made no sense
 * @all_sections: also those of a kernel that works
 * @section: only sections whose heading has this in it; NULL: all
 * @skip: this section is left out
 * @may_skip: there are others
 * @lspci: what the current lines of lspci belong to
 * @tree: where the branches of lspci -t are
 * @drawing: what is above in a tree that somebody has drawn
 * @blocks: /proc/iomem or /proc/ioports as far as it has come
 * @bus_of: bus numbers of the host bridge that was spoken of last
 */
struct import {
	struct builder *b;
	const char *file;
	u32 line;
	u32 facts;
	u32 warnings;
	bool all_sections;
	const char *section;
	bool may_skip;
	bool skip;
	struct lspci_state {
		struct function *f;
		bool verbose;
		bool driver_lines;
		bool in_capability;
		bool sriov;
		bool rebar;
		bool slot;
		u32 next_bar;
		bool table;
	} lspci;
	struct tree_state {
		bool open;
		u32 depth;
		struct tree_level {
			u32 column;
			u32 domain;
			u8 bus;
			u16 devfn;
		} level[256];
	} tree;
	struct drawing {
		u32 depth;
		struct tree_level level[32];
	} drawing;
	struct function *file_of;	/* whose resource file it is */
	u32 file_line;
	struct function *resize_of;	/* of whose BAR another size was asked for */
	u32 resize_bar;
	u64 resize_size;
	struct iomem_block *block;
	bool ioports;
	bool host_told;
	u32 acpi_domain;
	u8 acpi_bus;
	struct function *vf;		/* whose virtual function's BAR it was */
	struct res_text vf_res;
	u16 vf_reg;
	struct function *listed;	/* bridge whose windows are being listed */
	bool listed_any;
	bool listed_win[PMB_SPACES];
	struct res_text *released;	/* children whose parent is not told yet */
	u32 nr_released;
};

/* Something in a line that cannot be right: said on stderr. */
__printf(2, 3)
void import_warn(struct import *im, const char *format, ...);

/* Each returns true if the line was of its kind. */
bool dmesg_line(struct import *im, const char *line);
bool lspci_line(struct import *im, const char *line);
bool tree_line(struct import *im, const char *line);
bool drawing_line(struct import *im, const char *line);
bool iomem_line(struct import *im, const char *line);
bool table_line(struct import *im, const char *line);
bool sysfs_line(struct import *im, const char *line);

/* What is known at the end of a run of lines, or of the file. */
void dmesg_end(struct import *im);
void iomem_end(struct import *im);

/* import_dmesg.c -> import_scan.c, import_assign.c: messages about one function */
bool scan_message(struct import *im, struct function *f, const char *text);
bool assign_message(struct import *im, struct function *f, const char *text);
void assign_listing_end(struct import *im);
/* import_host.c: host bridges, buses, reservations; no function */
bool host_message(struct import *im, const char *line);

/* All the text of one file into the builder. */
void import_text(struct import *im, const char *text, size_t len);

#endif /* _PCIBAR_REPORT_H */
