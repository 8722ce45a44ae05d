/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_SLAB_H
#define _SHIM_LINUX_SLAB_H

#include <stdlib.h>
#include <linux/overflow.h>
#include <linux/types.h>

#define GFP_KERNEL	1
#define GFP_NOIO	2
#define GFP_ATOMIC	3
#define __GFP_ZERO	0x100
#define __GFP_NOWARN	0x200

/*
 * A test may let an allocation fail: this many more succeed, then one fails
 * and the count is at -1 again: all succeed. Weak, so that every source can
 * include this header and a program has one of it.
 */
__weak long shim_allocs_left = -1;

static inline __maybe_unused void *shim_zalloc(size_t n, size_t size)
{
	if (shim_allocs_left >= 0 && !shim_allocs_left--)
		return NULL;
	return calloc(n ? n : 1, size ? size : 1);
}

#define kmalloc(size, gfp)		((void)(gfp), shim_zalloc(1, size))
#define kzalloc(size, gfp)		((void)(gfp), shim_zalloc(1, size))
#define kcalloc(n, size, gfp)		((void)(gfp), shim_zalloc(n, size))
#define kmalloc_array(n, size, gfp)	((void)(gfp), shim_zalloc(n, size))
#define kvmalloc(size, gfp)		((void)(gfp), shim_zalloc(1, size))
#define kvzalloc(size, gfp)		((void)(gfp), shim_zalloc(1, size))
#define kvcalloc(n, size, gfp)		((void)(gfp), shim_zalloc(n, size))
#define kvmalloc_array(n, size, gfp)	((void)(gfp), shim_zalloc(n, size))

static inline __maybe_unused void kfree(const void *p)
{
	free((void *)p);
}

static inline __maybe_unused void kvfree(const void *p)
{
	free((void *)p);
}

#endif /* _SHIM_LINUX_SLAB_H */
