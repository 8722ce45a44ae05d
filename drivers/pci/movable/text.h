/* SPDX-License-Identifier: GPL-2.0 */
/* Layouts as text, one line an object, for people and for programs. */
#ifndef _PCI_MOVABLE_TEXT_H
#define _PCI_MOVABLE_TEXT_H

#include "layout.h"

#define PMB_TEXT_LINE	256	/* no line is longer, terminator included */

/*
 * In a log every line of a layout begins with this; what stands before it (a
 * time stamp, the name of a machine) is skipped by the reader.
 */
#define PMB_TEXT_MARK	"pci_movable: "

/**
 * struct pmb_text_error - where and why a text was not understood
 * @line: counted from 1
 * @column: counted from 1
 * @why: what is wrong, a constant string
 */
struct pmb_text_error {
	u32 line;
	u32 column;
	const char *why;
};

typedef void (*pmb_text_sink)(void *data, const char *line);

void pmb_text_write(const struct pmb_layout *layout, pmb_text_sink sink, void *data);
struct pmb_layout *pmb_text_read(const char *text, size_t len,
				 struct pmb_text_error *error);

#endif /* _PCI_MOVABLE_TEXT_H */
