/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_BUILD_BUG_H
#define _SHIM_LINUX_BUILD_BUG_H

#ifndef static_assert
#define static_assert(expr, ...)	_Static_assert(expr, #expr)
#endif
#define BUILD_BUG_ON(cond)		_Static_assert(!(cond), #cond)

#endif /* _SHIM_LINUX_BUILD_BUG_H */
