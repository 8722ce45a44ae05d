/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_MINMAX_H
#define _SHIM_LINUX_MINMAX_H

#define __shim_cmp(x, y, op, ux, uy) ({					\
	__typeof__(x) ux = (x);						\
	__typeof__(y) uy = (y);						\
	ux op uy ? ux : uy; })
#define __shim_cmp1(x, y, op, n)	__shim_cmp2(x, y, op, n)
#define __shim_cmp2(x, y, op, n)	__shim_cmp(x, y, op, __ux##n, __uy##n)

#define min(x, y)		__shim_cmp1(x, y, <, __COUNTER__)
#define max(x, y)		__shim_cmp1(x, y, >, __COUNTER__)
#define min3(x, y, z)		min(x, min(y, z))
#define max3(x, y, z)		max(x, max(y, z))
#define min_t(type, x, y)	min((type)(x), (type)(y))
#define max_t(type, x, y)	max((type)(x), (type)(y))
#define clamp(val, lo, hi)	min(max(val, lo), hi)
#define clamp_t(type, val, lo, hi) \
	min_t(type, max_t(type, val, lo), hi)
#define clamp_val(val, lo, hi)	clamp_t(__typeof__(val), val, lo, hi)

#define swap(a, b) do {							\
	__typeof__(a) __swap_tmp = (a);					\
	(a) = (b);							\
	(b) = __swap_tmp;						\
} while (0)

#endif /* _SHIM_LINUX_MINMAX_H */
