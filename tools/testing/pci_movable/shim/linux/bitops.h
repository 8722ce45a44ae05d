/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_BITOPS_H
#define _SHIM_LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/types.h>

static inline __maybe_unused int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline __maybe_unused int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

static inline __maybe_unused unsigned long __ffs(unsigned long x)
{
	return __builtin_ctzl(x);
}

static inline __maybe_unused unsigned int __ffs64(u64 x)
{
	return __builtin_ctzll(x);
}

static inline __maybe_unused unsigned int hweight32(u32 x)
{
	return __builtin_popcount(x);
}

static inline __maybe_unused unsigned int hweight64(u64 x)
{
	return __builtin_popcountll(x);
}

/* Not atomic here: the tests have one thread. */
static inline __maybe_unused
void __set_bit(unsigned long nr, unsigned long *map)
{
	map[nr / BITS_PER_LONG] |= BIT(nr % BITS_PER_LONG);
}

static inline __maybe_unused
void __clear_bit(unsigned long nr, unsigned long *map)
{
	map[nr / BITS_PER_LONG] &= ~BIT(nr % BITS_PER_LONG);
}

static inline __maybe_unused
bool test_bit(unsigned long nr, const unsigned long *map)
{
	return map[nr / BITS_PER_LONG] & BIT(nr % BITS_PER_LONG);
}

#define BITS_TO_LONGS(n)	(((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)

#endif /* _SHIM_LINUX_BITOPS_H */
