// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel log: one summary line per event, always with the same prefix and
 * the same keys; what moved, at debug level; and when there was no room, who
 * stood in the way, and the layout.
 */
#define pr_fmt(fmt) "pci_movable: " fmt

#include <linux/kobject.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <trace/events/pci_movable.h>

#include "../pci.h"
#include "answer.h"
#include "history.h"
#include "report.h"
#include "text.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "pci_movable."

#define DETAILS_INTERVAL	(300 * HZ)
#define DETAILS_BURST		32

static DEFINE_RATELIMIT_STATE(details_limit, DETAILS_INTERVAL, DETAILS_BURST);

static bool debug;
module_param(debug, bool, 0644);
MODULE_PARM_DESC(debug, "log the layout at every event");

/**
 * pci_movable_debug - log the layout at every event
 *
 * Context: boot, from the pci= parameter.
 */
void pci_movable_debug(void)
{
	debug = true;
}

static u64 us(u64 ns)
{
	return div_u64(ns, 1000);
}

/**
 * pmb_report_changes - name the BARs that got a place or another one
 * @snap: the snapshot before
 * @plan: what was carried out
 */
void pmb_report_changes(const struct pmb_snapshot *snap, const struct pmb_plan *plan)
{
	const struct pmb_layout *l = snap->layout;
	u32 i;

	for (i = 0; i < l->nr_bars; i++) {
		const struct pmb_bar *b = &l->bars[i];
		struct resource *res = pmb_snapshot_bar(snap, i);
		struct pci_dev *dev = snap->dev[b->dev];

		if (!res || !plan->bar[i].size)
			continue;
		if (!(b->flags & PMB_BAR_PLACED) || b->start != plan->bar[i].start)
			trace_pci_movable_bar(pci_name(dev), b->res, b->start,
					      plan->bar[i].start, b->size);
		if (!(b->flags & PMB_BAR_PLACED))
			pci_info(dev, "%s %pR: assigned\n", pci_resource_name(dev, b->res), res);
		else if (b->start != plan->bar[i].start)
			pci_info(dev, "%s %pR: moved from %#llx\n",
				 pci_resource_name(dev, b->res), res, b->start);
	}

	for (i = 0; i < plan->nr_wins; i++) {
		const struct pmb_bridge *br = &l->bridges[i / PMB_SPACES];
		const struct pmb_range *cur = &br->win[i % PMB_SPACES].cur;
		const struct pmb_range *new = &plan->win[i];

		if (cur->start == new->start && cur->size == new->size)
			continue;
		trace_pci_movable_window(pci_name(snap->dev[br->dev]),
					 pmb_space_key(i % PMB_SPACES), cur->start, cur->size,
					 new->start, new->size);
		pci_dbg(snap->dev[br->dev], "%s window %#llx+%#llx -> %#llx+%#llx\n",
			pmb_space_text(i % PMB_SPACES), cur->start, cur->size,
			new->start, new->size);
	}
}

static bool has_moved(const struct pmb_layout *l, const struct pmb_plan *plan, u32 bar)
{
	return (l->bars[bar].flags & PMB_BAR_PLACED) &&
	       l->bars[bar].start != plan->bar[bar].start;
}

/* "0:0x80000000-0x80003fff>0x90000000-0x90003fff", one for each BAR, with blanks between. */
static char *list_moves(const struct pmb_layout *l, const struct pmb_plan *plan, u32 dev)
{
	char *list = kasprintf(GFP_KERNEL, "PCI_MOVED_BARS=");
	const char *blank = "";
	u32 i;

	for (i = 0; list && i < l->nr_bars; i++) {
		const struct pmb_bar *b = &l->bars[i];
		char *more;

		if (b->dev != dev || !has_moved(l, plan, i))
			continue;
		more = kasprintf(GFP_KERNEL, "%s%s%u:%#llx-%#llx>%#llx-%#llx", list, blank, b->res,
				 b->start, b->start + b->size - 1, plan->bar[i].start,
				 pmb_last(&plan->bar[i]));
		kfree(list);
		list = more;
		blank = " ";
	}
	return list;
}

/**
 * pmb_report_uevents - tell user space which devices have moved, and where to
 * @snap: the snapshot before
 * @plan: what was carried out
 *
 * Context: may sleep.
 */
void pmb_report_uevents(const struct pmb_snapshot *snap, const struct pmb_plan *plan)
{
	const struct pmb_layout *l = snap->layout;
	u32 i, told = PMB_NONE;

	for (i = 0; i < l->nr_bars; i++) {
		char *env[2] = { };

		/* The BARs of a device are neighbours. */
		if (l->bars[i].dev == told || !has_moved(l, plan, i))
			continue;
		told = l->bars[i].dev;
		env[0] = list_moves(l, plan, told);
		kobject_uevent_env(&snap->dev[told]->dev.kobj, KOBJ_CHANGE, env);
		kfree(env[0]);
	}
}

static void print_line(void *data, const char *line)
{
	pr_info("%s\n", line);
}

/* Not that there was nothing to do, or that it was forbidden. */
static bool is_trouble(const struct pmb_plan *plan, int err)
{
	return err ? err != -ENODEV && err != -EPERM && err != -ENOENT : plan->unplaced;
}

/**
 * pmb_report_details - why something has no place, and all that the planner knew
 * @snap: the snapshot before
 * @plan: the answer of the planner
 * @err: 0 if the plan was carried out, -ENOSPC: there is none, or why not
 *
 * The layout lets anybody plan the case again.  With pci=movable_debug for every
 * event, otherwise when there is trouble, and not too often.
 *
 * Context: may sleep.
 */
void pmb_report_details(const struct pmb_snapshot *snap, const struct pmb_plan *plan, int err)
{
	if (!debug && (!is_trouble(plan, err) || !__ratelimit(&details_limit)))
		return;
	if (!err || err == -ENOSPC)
		pmb_answer_lack(snap->layout, plan, print_line, NULL);
	pmb_text_write(snap->layout, print_line, NULL);
}

#ifdef CONFIG_PCI_MOVABLE_KUNIT_TEST
/**
 * pmb_report_afresh - as if pmb_report_details() had not said anything yet
 *
 * For tests, which have more trouble in a minute than a machine has in years.
 *
 * Context: any.
 */
void pmb_report_afresh(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&details_limit.lock, flags);
	details_limit.printed = 0;
	raw_spin_unlock_irqrestore(&details_limit.lock, flags);
}
#endif

/**
 * pmb_report_failure - what went wrong while a plan was carried out
 * @snap: the snapshot
 * @outcome: what the commit did
 */
void pmb_report_failure(const struct pmb_snapshot *snap, const struct pmb_outcome *outcome)
{
	const char *bad = "";

	if (outcome->bad_dev != PMB_NONE)
		bad = snap->layout->devs[outcome->bad_dev].name;
	trace_pci_movable_roll_back(bad, "called off");
	if (outcome->bad_dev != PMB_NONE)
		pr_warn("%s register %#x did not take its value\n",
			snap->layout->devs[outcome->bad_dev].name, outcome->bad_reg);
	if (outcome->undo_failed)
		pr_err("the move was called off (%d), but %u registers did not take their old value back\n",
		       outcome->error, outcome->undo_failed);
	else
		pr_warn("the move was called off (%d), all is as before\n", outcome->error);
}

/**
 * pmb_report_summary - the one line that says it all
 * @snap: the snapshot
 * @event: the event
 * @plan: the last plan
 * @outcome: what the commit did; all zero if there was none
 * @done: the plan was carried out
 */
void pmb_report_summary(const struct pmb_snapshot *snap, const struct pmb_event *event,
			const struct pmb_plan *plan, const struct pmb_outcome *outcome,
			bool done)
{
	trace_pci_movable_end(event->id, event->result, outcome->writes, outcome->held_ns,
			      outcome->stop_ns, event->pause_ns);
	pmb_history_info("event=%u trigger=%s host=%s result=%s wanted=%u placed=%u windows=%u moved=%u live=%u paused=%u returned=%u detached=%u gone=%u plan_us=%llu held_us=%llu stop_us=%llu pause_us=%llu writes=%u mappings=%u attempts=%u",
			 event->id, event->trigger, snap->layout->hosts[0].name, event->result,
			 event->wanted, done ? plan->bars_placed : 0, done ? plan->wins_changed : 0,
			 done ? plan->bars_moved : 0, done ? plan->devs_live : 0,
			 done ? plan->devs_paused : 0, event->returned, event->detached,
			 outcome->gone, us(event->plan_ns),
			 us(outcome->held_ns), us(outcome->stop_ns), us(event->pause_ns),
			 outcome->writes, outcome->mappings, event->attempts);
}
