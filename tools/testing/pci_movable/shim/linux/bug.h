/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_BUG_H
#define _SHIM_LINUX_BUG_H

#include <stdio.h>
#include <stdlib.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>

/* A warning in the kernel is a failure of the test here. */
#define WARN_ON(cond) ({						\
	int __warn_on = !!(cond);					\
	if (unlikely(__warn_on)) {					\
		fprintf(stderr, "%s:%d: WARN_ON(%s)\n",			\
			__FILE__, __LINE__, #cond);			\
		abort();						\
	}								\
	__warn_on; })
#define WARN_ON_ONCE(cond)	WARN_ON(cond)

#endif /* _SHIM_LINUX_BUG_H */
