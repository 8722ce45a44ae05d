// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that does not come back from a hook cannot be helped, but the log can
 * tell who it is.  One that comes back late is named, too.
 *
 * A timer, because the disks of those who wait may be what memory for a worker
 * thread would have to be taken from.
 */
#define pr_fmt(fmt) "pci_movable: " fmt

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/pci.h>
#include <linux/time64.h>

#include "watch.h"

#define SLOW_MS		1000	/* longer than anybody should have to wait */

static u64 ms_since(u64 begin)
{
	return div_u64(ktime_get_ns() - begin, NSEC_PER_MSEC);
}

static const char *driver_of(const struct pci_dev *dev)
{
	return dev->driver ? dev->driver->name : "driver";
}

static void complain(struct timer_list *timer)
{
	struct pmb_watch *watch = container_of(timer, struct pmb_watch, timer);

	pr_warn("%s: waiting for %s to %s, for %llu ms so far\n", pci_name(watch->dev),
		driver_of(watch->dev), watch->what, ms_since(watch->begin));
	watch->wait *= 2;
	mod_timer(&watch->timer, jiffies + watch->wait);
}

/**
 * pmb_watch_init - get ready to watch
 * @watch: the watch
 */
void pmb_watch_init(struct pmb_watch *watch)
{
	timer_setup(&watch->timer, complain, 0);
}

/**
 * pmb_watch_begin - a driver is about to be asked for something
 * @watch: the watch, not in use
 * @dev: its device, which keeps its driver until pmb_watch_end()
 * @what: what it is asked to do; a verb, for the log
 */
void pmb_watch_begin(struct pmb_watch *watch, const struct pci_dev *dev, const char *what)
{
	watch->dev = dev;
	watch->what = what;
	watch->begin = ktime_get_ns();
	watch->wait = msecs_to_jiffies(SLOW_MS);
	mod_timer(&watch->timer, jiffies + watch->wait);
}

/**
 * pmb_watch_end - it has answered
 * @watch: the watch
 *
 * Context: may sleep.
 */
void pmb_watch_end(struct pmb_watch *watch)
{
	u64 ms = ms_since(watch->begin);

	timer_delete_sync(&watch->timer);
	if (ms >= SLOW_MS)
		pr_warn("%s: %s took %llu ms to %s\n", pci_name(watch->dev),
			driver_of(watch->dev), ms, watch->what);
}
