/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_SORT_H
#define _SHIM_LINUX_SORT_H

#include <linux/types.h>

typedef int (*cmp_func_t)(const void *a, const void *b);
typedef int (*cmp_r_func_t)(const void *a, const void *b, const void *priv);
typedef void (*swap_func_t)(void *a, void *b, int size);
typedef void (*swap_r_func_t)(void *a, void *b, int size, const void *priv);

static inline void shim_swap(char *a, char *b, size_t size)
{
	while (size--) {
		char t = *a;

		*a++ = *b;
		*b++ = t;
	}
}

/*
 * A heap sort as in the kernel, and not the libc's: code that counts on a
 * stable order must fail here, too.
 */
static inline __maybe_unused
void sort_r(void *base, size_t num, size_t size, cmp_r_func_t cmp,
	    swap_r_func_t swap_func, const void *priv)
{
	size_t start = num / 2, end = num, root, child;
	char *b = base;

	while (end > 1) {
		if (start) {
			start--;
		} else {
			end--;
			if (swap_func)
				swap_func(b, b + end * size, size, priv);
			else
				shim_swap(b, b + end * size, size);
		}
		for (root = start; (child = 2 * root + 1) < end; root = child) {
			if (child + 1 < end &&
			    cmp(b + child * size, b + (child + 1) * size, priv) < 0)
				child++;
			if (cmp(b + root * size, b + child * size, priv) >= 0)
				break;
			if (swap_func)
				swap_func(b + root * size, b + child * size,
					  size, priv);
			else
				shim_swap(b + root * size, b + child * size,
					  size);
		}
	}
}

static inline int shim_cmp_plain(const void *a, const void *b, const void *priv)
{
	cmp_func_t const *cmp = priv;

	return (*cmp)(a, b);
}

static inline __maybe_unused
void sort(void *base, size_t num, size_t size, cmp_func_t cmp,
	  swap_func_t swap_func)
{
	(void)swap_func;	/* how it swaps is of no consequence here */
	sort_r(base, num, size, shim_cmp_plain, NULL, &cmp);
}

#endif /* _SHIM_LINUX_SORT_H */
