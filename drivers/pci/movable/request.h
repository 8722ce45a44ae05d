/* SPDX-License-Identifier: GPL-2.0 */
/* "What if": one event applied to a layout, such as a card plugged in. */
#ifndef _PCI_MOVABLE_REQUEST_H
#define _PCI_MOVABLE_REQUEST_H

#include "text.h"

struct pmb_layout *pmb_request_apply(const struct pmb_layout *layout,
				     const char *request,
				     struct pmb_text_error *error);

#endif /* _PCI_MOVABLE_REQUEST_H */
