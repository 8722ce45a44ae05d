// SPDX-License-Identifier: GPL-2.0
/* The last events, for those who come later. */
#define pr_fmt(fmt) "pci_movable: " fmt

#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>

#include "history.h"

static struct past {
	u64 ns;
	char *line;
} past[PMB_HISTORY];
static u32 next;			/* the oldest one, if there are enough */
static DEFINE_MUTEX(past_lock);

/**
 * pmb_history_info - log the summary line of an event, and keep it
 * @format: of the line, without a line break
 *
 * Without memory it is logged, but not kept.
 *
 * Context: may sleep; no driver is paused.
 */
void pmb_history_info(const char *format, ...)
{
	struct va_format va;
	va_list args;
	char *line;

	va_start(args, format);
	va.fmt = format;
	va.va = &args;
	pr_info("%pV\n", &va);
	line = kasprintf(GFP_KERNEL, "%pV", &va);
	va_end(args);
	if (!line)
		return;

	mutex_lock(&past_lock);
	kfree(past[next].line);
	past[next] = (struct past){ local_clock(), line };
	next = (next + 1) % PMB_HISTORY;
	mutex_unlock(&past_lock);
}

/**
 * pmb_history_show - go through the last events, oldest first
 * @show: called for each with its time since boot, as in the log, and its line;
 *	must not note another one
 * @data: for @show
 *
 * Context: may sleep.
 */
void pmb_history_show(void (*show)(void *data, u64 ns, const char *line), void *data)
{
	u32 i;

	mutex_lock(&past_lock);
	for (i = 0; i < PMB_HISTORY; i++) {
		const struct past *p = &past[(next + i) % PMB_HISTORY];

		if (p->line)
			show(data, p->ns, p->line);
	}
	mutex_unlock(&past_lock);
}
