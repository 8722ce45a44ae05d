/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _STUB_LINUX_PCI_H
#define _STUB_LINUX_PCI_H

#include <linux/string.h>

struct resource {
	struct resource *parent;
};

#endif /* _STUB_LINUX_PCI_H */
