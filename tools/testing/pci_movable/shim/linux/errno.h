/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_ERRNO_H
#define _SHIM_LINUX_ERRNO_H

/* <errno.h> of the libc includes <linux/errno.h>, so this must not include it. */
#include <asm/errno.h>

#endif /* _SHIM_LINUX_ERRNO_H */
