// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: movable BARs
 *
 * When stock assignment has left a required BAR without a place:
 *
 *   snapshot -> plan -> verify -> pause -> commit -> resume -> report
 *
 * No plan: nothing has been touched, and the log says why.  A device that is
 * busy or refuses becomes fixed, and the planner looks for another way.  What
 * changes under our hands leads to a new snapshot.  Both are bounded.
 */
#define pr_fmt(fmt) "pci_movable: " fmt

#include <linux/cpu.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sched/mm.h>

#include "../pci.h"
#include "commit.h"
#include "enable.h"
#include "pause.h"
#include "plan.h"
#include "report.h"
#include "snapshot.h"
#include "stock.h"
#include "verify.h"
#include "wishes.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "pci_movable."

#define MAX_PLANS	16	/* per snapshot */
#define MAX_SNAPSHOTS	4	/* per event */

static struct pmb_policy policy;
module_param_named(force_pause, policy.force_pause, bool, 0644);
MODULE_PARM_DESC(force_pause, "pause drivers that could be moved live");
module_param_named(root_bus, policy.root_bus, bool, 0644);
MODULE_PARM_DESC(root_bus, "devices without driver on a root bus may move, though firmware may use them");

static u32 events;	/* under pci_lock_rescan_remove() */

static u32 count_wanted(const struct pmb_layout *l)
{
	u32 i, nr = 0;

	for (i = 0; i < l->nr_bars; i++)
		nr += !!(l->bars[i].flags & PMB_BAR_WANTED);
	return nr;
}

static bool wants_required(const struct pmb_layout *l)
{
	u32 i;

	for (i = 0; i < l->nr_bars; i++)
		if ((l->bars[i].flags & PMB_BAR_WANTED) &&
		    !(l->bars[i].flags & PMB_BAR_OPTIONAL))
			return true;
	return false;
}

/* A plan that the verifier has accepted, or an error. */
static int make_plan(const struct pmb_snapshot *snap, struct pmb_plan *plan,
		     struct pmb_event *event)
{
	static const struct pmb_options options;
	char why[128];
	u64 begin = ktime_get_ns();
	int err;

	if (!wants_required(snap->layout))
		return -ENODEV;

	event->attempts++;
	err = pmb_plan_make(snap->layout, &options, plan);
	if (!err) {
		err = pmb_verify(snap->layout, &options, plan, why, sizeof(why));
		if (err)
			pr_err("plan rejected, nothing is touched: %s\n", why);
	}
	event->plan_ns = ktime_get_ns() - begin;
	return err;
}

/* Bridges that were enabled without windows decode nothing yet. */
static void enable_bridges(const struct pmb_snapshot *snap, const struct pmb_plan *plan)
{
	const struct pmb_layout *l = snap->layout;
	u32 i, k;

	for (i = 0; i < l->nr_bridges; i++) {
		struct pci_dev *dev = snap->dev[l->bridges[i].dev];
		bool opened = false;
		u16 cmd;

		for (k = 0; k < PMB_SPACES; k++)
			opened |= plan->win[i * PMB_SPACES + k].size &&
				  !l->bridges[i].win[k].cur.size;
		if (!opened || !pci_is_enabled(dev))
			continue;
		if (pci_reenable_device(dev))
			pci_err(dev, "cannot be enabled again\n");

		/* So does it after an error recovery. */
		pci_read_config_word(dev, PCI_COMMAND, &cmd);
		dev->saved_config_space[PCI_COMMAND / 4] &= 0xffff0000;
		dev->saved_config_space[PCI_COMMAND / 4] |= cmd;
	}
}

/* The devices are held.  All that allocates is done before drivers pause. */
static int run_plan(struct pmb_snapshot *snap, struct pmb_pause *pause,
		    const struct pmb_plan *plan, struct pmb_outcome *outcome, u32 *stuck)
{
	struct pmb_commit *commit = pmb_commit_prepare(snap, plan, stuck);
	unsigned int noio;
	int err;

	if (IS_ERR(commit))
		return PTR_ERR(commit);

	/* A CPU that goes offline waits for I/O, which may be that of the paused. */
	cpu_hotplug_disable();
	noio = memalloc_noio_save();
	err = pmb_pause_drivers(pause);
	if (!err) {
		pmb_commit_run(commit, outcome);
		*stuck = outcome->stuck;
		err = outcome->error == -EAGAIN ? -ESTALE : outcome->error;
		pmb_pause_resume(pause);
	}
	memalloc_noio_restore(noio);
	cpu_hotplug_enable();

	pmb_commit_free(commit);
	return err;
}

/*
 * From a plan to a new layout.  -EAGAIN: something is fixed now that was not,
 * plan again.  -ESTALE: the machine is not what the snapshot says.
 */
static int carry_out(struct pmb_snapshot *snap, struct pmb_pause *pause,
		     const struct pmb_plan *plan, struct pmb_outcome *outcome)
{
	u32 stuck = PMB_NONE;
	int err;

	memset(outcome, 0, sizeof(*outcome));
	outcome->bad_dev = PMB_NONE;
	err = pmb_pause_hold(pause, plan);
	if (err)
		return err;

	err = run_plan(snap, pause, plan, outcome, &stuck);
	if (!err)
		enable_bridges(snap, plan);
	pmb_pause_release(pause);

	if (stuck == PMB_NONE)
		return err;
	snap->layout->bars[stuck].why = PMB_WHY_MAPPING;
	return -EAGAIN;
}

static const char *result_of(int err, const struct pmb_plan *plan, u32 detached)
{
	switch (err) {
	case 0:
		return plan->verdict == PMB_PLAN_COMPLETE && !detached ? "ok" : "partial";
	case -ENOSPC:
		return "no-space";
	case -EAGAIN:
	case -EBUSY:
	case -ESTALE:
	case -ENODEV:
		return "refused";
	default:
		return "failed";
	}
}

static void finish(const struct pmb_snapshot *snap, const struct pmb_plan *plan,
		   struct pmb_event *event, const struct pmb_outcome *outcome, int err)
{
	event->result = result_of(err, plan, event->detached);
	if (!err) {
		pmb_report_changes(snap, plan);
		pmb_report_uevents(snap, plan);
	}
	if (outcome->error)
		pmb_report_failure(snap, outcome);
	if (!err || err == -ENOSPC)
		pmb_report_lack(snap, plan);
	if (err == -ENOSPC)
		pmb_report_layout(snap);
	pmb_report_summary(snap, event, plan, outcome, !err);
}

/* One snapshot, and as many plans as refusals make necessary. */
static int serve_once(struct pci_bus *bus, struct pmb_event *event, bool last)
{
	struct pmb_outcome outcome = { .bad_dev = PMB_NONE };
	struct pmb_pause *pause = NULL;
	struct pmb_plan *plan = NULL;
	struct pmb_snapshot *snap;
	int tries = MAX_PLANS;
	int err = -ENOMEM;

	snap = pmb_snapshot_take(bus, &policy);
	if (IS_ERR(snap))
		return PTR_ERR(snap);

	plan = pmb_plan_alloc(snap->layout);
	pause = pmb_pause_alloc(snap, &policy);
	if (!plan || !pause)
		goto out;

	event->wanted = count_wanted(snap->layout);
	do {
		err = make_plan(snap, plan, event);
		if (!err)
			err = carry_out(snap, pause, plan, &outcome);
	} while (err == -EAGAIN && --tries);

	event->pause_ns = pmb_pause_longest_ns(pause);
	event->detached = pmb_pause_lost(pause);
	if (err != -ESTALE || last)
		finish(snap, plan, event, &outcome, err);
out:
	pmb_pause_free(pause);
	pmb_plan_free(plan);
	pmb_snapshot_free(snap);
	return err;
}

static const char *trigger_name(enum pmb_trigger trigger)
{
	return trigger == PMB_TRIGGER_HOTPLUG ? "hotplug" : "rescan";
}

/**
 * pci_movable_assign - make room for what stock assignment has left out
 * @bus: BARs below it are served
 * @trigger: what has happened
 *
 * To be called after resources were assigned and before drivers bind.
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove() and no device
 * lock of a device that may have to move.
 *
 * Return: 0 if there is nothing left to do, or a negative errno: -ENOSPC when
 * no room was found.  The log has said why then.
 */
int pci_movable_assign(struct pci_bus *bus, enum pmb_trigger trigger)
{
	struct pmb_event event = { .trigger = trigger_name(trigger) };
	int tries = MAX_SNAPSHOTS;
	int err;

	if (!pmb_wishes_settle(bus) || !pmb_enabled(bus))
		return 0;

	pmb_stock_restore(bus);
	event.id = ++events;
	do {
		err = serve_once(bus, &event, tries == 1);
	} while (err == -ESTALE && --tries);

	if (err == -ENOMEM || err == -E2BIG)
		pr_err("event=%u trigger=%s result=failed error=%d\n",
		       event.id, event.trigger, err);
	pmb_wishes_settle(bus);
	return err;
}
