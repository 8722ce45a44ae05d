/* SPDX-License-Identifier: GPL-2.0 */
/* What the writer and the reader of layouts have to agree on. */
#ifndef _PCI_MOVABLE_TEXT_WORDS_H
#define _PCI_MOVABLE_TEXT_WORDS_H

#include "layout.h"

#define PMB_TEXT_HEADER		"pmb-layout"
#define PMB_TEXT_VERSION	1

#define PMB_UNITS		"KMGTPE"	/* 2^10, 2^20, ... 2^60 bytes */

/**
 * struct pmb_word - a flag and the word for it
 * @flag: the flag
 * @key: the word
 */
struct pmb_word {
	u32 flag;
	const char *key;
};

#define PMB_BRIDGE_WORDS	3
#define PMB_BAR_WORDS		5

extern const struct pmb_word pmb_bridge_words[PMB_BRIDGE_WORDS];
extern const struct pmb_word pmb_bar_words[PMB_BAR_WORDS];

/* What a line means which does not say it. */
u64 pmb_default_align(u32 space);
u64 pmb_default_max(u32 space);
enum pmb_way pmb_default_way(const struct pmb_dev *dev);
u32 pmb_default_cost(enum pmb_way way);
u16 pmb_default_reg(u16 res);
u64 pmb_default_bar_align(u64 size);

#endif /* _PCI_MOVABLE_TEXT_WORDS_H */
