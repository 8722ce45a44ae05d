/* SPDX-License-Identifier: GPL-2.0 */
/* The config spaces of all functions in a layout, to run scripts on. */
#ifndef _PCI_MOVABLE_EMUL_H
#define _PCI_MOVABLE_EMUL_H

#include "script.h"

#define EMUL_SIZE	0x200

/**
 * struct emul_space - the config space of a function
 * @val: what it holds
 * @mask: bits that can be written
 * @first: what it held at the beginning
 * @written: bytes that have been written to
 * @bridge: it is one: where others have a BAR there are windows
 */
struct emul_space {
	u8 val[EMUL_SIZE];
	u8 mask[EMUL_SIZE];
	u8 first[EMUL_SIZE];
	bool written[EMUL_SIZE];
	bool bridge;
};

/**
 * struct emul - a machine
 * @lay: how it looks
 * @dev: by function
 * @dead: this function does not answer, PMB_NONE: all do
 * @why: the first thing that went wrong; empty: nothing did
 */
struct emul {
	const struct pmb_layout *lay;
	struct emul_space *dev;
	u32 dead;
	char why[256];
};

struct emul *emul_new(const struct pmb_layout *lay);
void emul_free(struct emul *e);
u32 emul_get(const struct emul *e, u32 dev, u32 reg, u32 width);
void emul_set(struct emul *e, u32 dev, u32 reg, u32 width, u32 val);
int emul_read(void *data, u32 dev, u16 reg, u8 width, u32 *val);
struct pmb_range emul_window(const struct emul *e, u32 bridge, int space);
u64 emul_bar(const struct emul *e, u32 bar);
bool emul_run(struct emul *e, const struct pmb_plan *plan,
	      const struct pmb_script *script);
bool emul_undo(struct emul *e, const struct pmb_script *script);

#endif /* _PCI_MOVABLE_EMUL_H */
