/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_STRING_H
#define _SHIM_LINUX_STRING_H

#include <string.h>
#include <linux/errno.h>
#include <linux/types.h>

static inline __maybe_unused
ssize_t shim_strscpy(char *dst, const char *src, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		dst[i] = src[i];
		if (!src[i])
			return i;
	}
	if (size)
		dst[size - 1] = '\0';
	return -E2BIG;
}

/* As in the kernel, the size may be left out when @dst is an array. */
#define __shim_strscpy2(dst, src)	shim_strscpy(dst, src, sizeof(dst))
#define __shim_strscpy3(dst, src, size)	shim_strscpy(dst, src, size)
#define __shim_pick(_1, _2, _3, name, ...)	name
#define strscpy(...) \
	__shim_pick(__VA_ARGS__, __shim_strscpy3, __shim_strscpy2, none)(__VA_ARGS__)

static inline __maybe_unused
size_t str_has_prefix(const char *str, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(str, prefix, len) ? 0 : len;
}

#endif /* _SHIM_LINUX_STRING_H */
