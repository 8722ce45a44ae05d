/* SPDX-License-Identifier: GPL-2.0 */
/* Devices of QEMU that stand for those of a layout. */
#ifndef _PCIBAR_QEMU_PICK_H
#define _PCIBAR_QEMU_PICK_H

#include "pcibar.h"

/**
 * struct qemu_fn - a function that QEMU shall have
 * @id: of QEMU
 * @driver: of QEMU: "pci-testdev"
 * @more: its properties, but for id, bus, addr and multifunction: ",membar=16M"
 * @drive: needs a block device of the same name
 * @bus: index of the bridge above; PMB_NONE: pcie.0
 * @slot: device number
 * @fn: function number
 * @multi: there are others in the slot
 * @plug: it is plugged in later
 * @bridge: index of the bridge that it is; PMB_NONE: none
 * @dev: index of the function in the layout
 */
struct qemu_fn {
	char *id;
	const char *driver;
	char *more;
	bool drive;
	u32 bus;
	unsigned int slot;
	unsigned int fn;
	bool multi;
	bool plug;
	u32 bridge;
	u32 dev;
};

/**
 * struct qemu_case - the machine
 * @layout: of one host bridge
 * @fn: its functions, bridges before what is behind
 * @nr: how many
 * @note: what differs
 * @nr_notes: how many
 * @bus: QEMU's name of the bus behind each bridge; NULL: there is none
 */
struct qemu_case {
	const struct pmb_layout *layout;
	struct qemu_fn *fn;
	u32 nr;
	char **note;
	u32 nr_notes;
	const char **bus;
};

void qemu_pick(struct qemu_case *c, const struct pmb_layout *layout);
void qemu_free(struct qemu_case *c);
void qemu_note(struct qemu_case *c, const char *format, ...) __printf(2, 3);

#endif /* _PCIBAR_QEMU_PICK_H */
