/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_LOG2_H
#define _SHIM_LINUX_LOG2_H

#include <linux/bitops.h>
#include <linux/types.h>

/* As in the kernel, an unsigned long: use hweight64() for an u64 on 32 bits. */
static inline __maybe_unused bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

#define ilog2(n)	(fls64(n) - 1)

static inline __maybe_unused
unsigned long roundup_pow_of_two(unsigned long n)
{
	return n > 1 ? 1UL << fls64(n - 1) : 1;
}

static inline __maybe_unused
unsigned long rounddown_pow_of_two(unsigned long n)
{
	return 1UL << (fls64(n) - 1);
}

#endif /* _SHIM_LINUX_LOG2_H */
