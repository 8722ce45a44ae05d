/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _PCIBAR_KUNIT_PLACE_H
#define _PCIBAR_KUNIT_PLACE_H

#include "pcibar.h"

/*
 * Give every function a place where the PCI core finds it on the mock host, by
 * another name if it must be. @moved: those, as lines of a comment, to be freed.
 * Return: how many.
 */
u32 kunit_place(struct pmb_layout *layout, char **moved);

#endif /* _PCIBAR_KUNIT_PLACE_H */
