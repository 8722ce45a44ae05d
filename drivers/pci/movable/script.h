/* SPDX-License-Identifier: GPL-2.0 */
/* A plan as register writes in order, with the values that undo them. */
#ifndef _PCI_MOVABLE_SCRIPT_H
#define _PCI_MOVABLE_SCRIPT_H

#include "plan.h"

/* What a register write is for; scripts are ordered by it. */
enum pmb_step {
	PMB_DECODE_OFF,
	PMB_WINDOW,
	PMB_BAR,
	PMB_DECODE_ON,
	PMB_STEPS
};

/**
 * struct pmb_write - one config space write
 * @dev: index of the function in the layout
 * @bar: index of the BAR it belongs to, PMB_NONE: a window or a command register
 * @step: what it is for
 * @reg: offset in config space
 * @width: bytes: 1, 2 or 4
 * @old: what the register holds before
 * @new: what it shall hold
 * @mask: bits which must read back as @new; others are read-only or reserved
 */
struct pmb_write {
	u32 dev;
	u32 bar;
	enum pmb_step step;
	u16 reg;
	u8 width;
	u32 old;
	u32 new;
	u32 mask;
};

/**
 * struct pmb_script - all writes of a plan
 * @write: the writes, in order
 * @nr: how many
 * @max: room for how many
 */
struct pmb_script {
	struct pmb_write *write;
	u32 nr;
	u32 max;
};

/**
 * typedef pmb_read_reg - reads a config register of a function
 * @data: the caller's
 * @dev: index of the function in the layout
 * @reg: offset in config space
 * @width: bytes: 1, 2 or 4
 * @val: the value, zero-extended
 *
 * Return: 0, or a negative errno when the function does not answer.
 */
typedef int (*pmb_read_reg)(void *data, u32 dev, u16 reg, u8 width, u32 *val);

struct pmb_script *pmb_script_alloc(const struct pmb_layout *layout);
void pmb_script_free(struct pmb_script *script);
int pmb_script_build(const struct pmb_layout *layout, const struct pmb_plan *plan,
		     pmb_read_reg read, void *data, struct pmb_script *script);

#endif /* _PCI_MOVABLE_SCRIPT_H */
