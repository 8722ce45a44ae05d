/* SPDX-License-Identifier: GPL-2.0 */
/* The last events, for those who come later. */
#ifndef _PCI_MOVABLE_HISTORY_H
#define _PCI_MOVABLE_HISTORY_H

#include <linux/compiler_attributes.h>
#include <linux/types.h>

#define PMB_HISTORY	32	/* so many */

__printf(1, 2) void pmb_history_info(const char *format, ...);
void pmb_history_show(void (*show)(void *data, u64 ns, const char *line), void *data);

#endif /* _PCI_MOVABLE_HISTORY_H */
