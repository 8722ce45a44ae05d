/* SPDX-License-Identifier: GPL-2.0 */
/* Layouts in tests: as one string, and compared. */
#ifndef _PCI_MOVABLE_LAYOUT_TOOLS_H
#define _PCI_MOVABLE_LAYOUT_TOOLS_H

#include "layout.h"

/* A layout as text, a line break behind each line; to be freed with free(). */
char *layout_text(const struct pmb_layout *layout);

/*
 * What differs between two layouts, in static memory; NULL: nothing. Fields
 * that mean nothing (the address of a closed window) do not count.
 */
const char *layout_difference(const struct pmb_layout *a, const struct pmb_layout *b);

#endif /* _PCI_MOVABLE_LAYOUT_TOOLS_H */
