/* SPDX-License-Identifier: GPL-2.0 */
/* What a case of pcibar kunit uses of the mock host, never called. */
#ifndef _STUB_MOCK_HOST_H
#define _STUB_MOCK_HOST_H

#include <kunit/test.h>
#include <linux/pci.h>
#include "layout.h"

struct mock_host {
	u32 nr_writes;
};

static inline void mock_drivers_register(struct kunit *test)
{
	(void)test;
	abort();
}

static inline struct mock_host *mock_host_from_layout(struct kunit *test,
						      const struct pmb_layout *layout)
{
	(void)test;
	(void)layout;
	abort();
}

static inline void mock_rescan(struct mock_host *host)
{
	(void)host;
}

static inline struct resource *mock_bar_res(struct mock_host *host, u32 fn, int bar)
{
	(void)host;
	(void)fn;
	(void)bar;
	abort();
}

static inline bool mock_check(struct mock_host *host, char *why, size_t len)
{
	(void)host;
	(void)why;
	(void)len;
	return true;
}

#define mock_check_decode(host, why, len)	mock_check(host, why, len)
#define mock_check_core(host, why, len)		mock_check(host, why, len)
#define mock_check_writes(host, from, why, len)	((void)(from), mock_check(host, why, len))

#endif /* _STUB_MOCK_HOST_H */
