// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: movable BARs
 *
 * When stock assignment has left a required BAR without a place:
 *
 *   snapshot -> plan -> verify -> pause -> commit -> resume -> report
 *                                            ^         |
 *                                            +-- back -+  a driver cannot go on
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
#include <trace/events/pci_movable.h>

#include "../pci.h"
#include "again.h"
#include "back.h"
#include "commit.h"
#include "enable.h"
#include "force.h"
#include "history.h"
#include "pause.h"
#include "plan.h"
#include "report.h"
#include "rescan.h"
#include "snapshot.h"
#include "stock.h"
#include "verify.h"
#include "wishes.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "pci_movable."

#define MAX_PLANS	16	/* per snapshot */
#define MAX_SNAPSHOTS	4	/* per event */
#define ENABLE_TRIES	3

static struct pmb_policy administrator;
module_param_named(force_pause, administrator.force_pause, bool, 0644);
MODULE_PARM_DESC(force_pause, "pause drivers that could be moved live");
module_param_named(root_bus, administrator.root_bus, bool, 0644);
MODULE_PARM_DESC(root_bus, "devices without driver on a root bus may move, though firmware may use them");

static u32 events;	/* under pci_lock_rescan_remove() */

static u32 count_wanted(const struct pmb_layout *l)
{
	u32 i, nr = 0;

	for (i = 0; i < l->nr_bars; i++)
		nr += !!(l->bars[i].flags & PMB_BAR_WANTED);
	return nr;
}

/* For a ROM alone nobody is disturbed. */
static bool worth_it(const struct pmb_layout *l)
{
	u32 i;

	for (i = 0; i < l->nr_bars; i++)
		if ((l->bars[i].flags & PMB_BAR_WANTED) &&
		    !(l->bars[i].flags & PMB_BAR_ROM))
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

	if (!worth_it(snap->layout))
		return -ENODEV;

	event->attempts++;
	err = pmb_plan_make(snap->layout, &options, plan);
	if (!err && !plan->bars_placed)		/* all that is wanted is optional */
		err = -ENOSPC;
	if (!err) {
		err = pmb_verify(snap->layout, &options, plan, why, sizeof(why));
		if (err)
			pr_err("plan rejected, nothing is touched: %s\n", why);
	}
	event->plan_ns = ktime_get_ns() - begin;
	trace_pci_movable_plan(event->id, err, plan->bars_placed, plan->unplaced,
			       plan->bars_moved, plan->wins_changed, plan->cost,
			       event->plan_ns);
	return err;
}

/* The layout may have grown since the last time, see pmb_pin_bridge(). */
static int plan_anew(const struct pmb_snapshot *snap, struct pmb_force *force,
		     struct pmb_plan **plan, struct pmb_event *event)
{
	int err = pmb_force_begin(force, snap->layout);
	int no_other;

	*plan = pmb_plan_alloc(snap->layout);
	if (!*plan)
		err = -ENOMEM;
	if (!err)
		err = make_plan(snap, *plan, event);
	no_other = pmb_force_end(force, snap->layout, *plan);
	return err ?: no_other;
}

/* What a bridge needs for windows that were closed before; 0: it has none such. */
static u16 opened(const struct pmb_layout *l, const struct pmb_plan *plan, u32 bridge)
{
	static const u16 bit[PMB_SPACES] = {
		[PMB_IO] = PCI_COMMAND_IO,
		[PMB_MEM] = PCI_COMMAND_MEMORY,
		[PMB_PREF] = PCI_COMMAND_MEMORY,
	};
	u16 need = 0;
	u32 i;

	for (i = 0; i < PMB_SPACES; i++)
		if (plan->win[bridge * PMB_SPACES + i].size &&
		    !l->bridges[bridge].win[i].cur.size)
			need |= bit[i];
	return need;
}

/* An access may get lost; the saved state must not be what was read then. */
static void enable_bridge(struct pci_dev *dev, u16 need)
{
	int tries = ENABLE_TRIES;
	u16 cmd;

	do {
		if (pci_reenable_device(dev))
			continue;
		pci_read_config_word(dev, PCI_COMMAND, &cmd);
		if (PCI_POSSIBLE_ERROR(cmd) || (cmd & need) != need)
			continue;

		/* So does it after an error recovery. */
		dev->saved_config_space[PCI_COMMAND / 4] &= 0xffff0000;
		dev->saved_config_space[PCI_COMMAND / 4] |= cmd;
		return;
	} while (--tries);

	pci_err(dev, "cannot be enabled again\n");
}

/* Bridges that were enabled without windows decode nothing yet. */
static void enable_bridges(const struct pmb_snapshot *snap, const struct pmb_plan *plan)
{
	const struct pmb_layout *l = snap->layout;
	u32 i;

	for (i = 0; i < l->nr_bridges; i++) {
		struct pci_dev *dev = snap->dev[l->bridges[i].dev];
		u16 need = opened(l, plan, i);

		if (need && pci_is_enabled(dev))
			enable_bridge(dev, need);
	}
}

/* The devices are held.  All that allocates is done before drivers pause. */
static int run_plan(struct pmb_snapshot *snap, struct pmb_pause *pause,
		    struct pmb_plan *plan, struct pmb_outcome *outcome, u32 *stuck)
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
		if (pmb_pause_resume(pause) && !err)
			err = pmb_back(snap, plan, commit, pause, outcome);
	}
	pmb_pause_finish(pause);
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
		     struct pmb_plan *plan, struct pmb_outcome *outcome)
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
	case -EPERM:
	case -ENOENT:
		return "refused";
	default:
		return "failed";
	}
}

/* Was it the state of the moment that kept something from moving? */
static bool will_pass(const struct pmb_layout *l, const struct pmb_plan *plan, int err)
{
	u32 i;

	if (err == -EBUSY || err == -EAGAIN || err == -ESTALE)
		return true;
	if (err != -ENOSPC && err != -ENODEV && (err || !plan->unplaced))
		return false;
	for (i = 0; i < l->nr_bars; i++)
		if (l->bars[i].why == PMB_WHY_BUSY || l->bars[i].why == PMB_WHY_REFUSED ||
		    l->bars[i].why == PMB_WHY_DRIVER_SAYS)
			return true;
	return false;
}

static void finish(const struct pmb_snapshot *snap, const struct pmb_policy *policy,
		   const struct pmb_plan *plan, struct pmb_event *event,
		   const struct pmb_outcome *outcome, int err)
{
	event->result = result_of(err, plan, event->detached);
	if (!err) {
		pmb_report_changes(snap, plan);
		pmb_report_uevents(snap, plan);
	}
	if (outcome->error)
		pmb_report_failure(snap, outcome);
	if (!policy->again)
		pmb_report_details(snap, plan, err);
	pmb_report_summary(snap, event, plan, outcome, !err);
}

/* One snapshot, and as many plans as refusals make necessary. */
static int serve_once(struct pci_bus *bus, const struct pmb_policy *policy,
		      struct pmb_event *event, bool last)
{
	struct pmb_outcome outcome = { .bad_dev = PMB_NONE };
	struct pmb_pause *pause = NULL;
	struct pmb_plan *plan = NULL;
	struct pmb_snapshot *snap;
	int tries = MAX_PLANS;
	int err = -ENOMEM;

	pmb_outcome_add(&outcome, &event->earlier);
	snap = pmb_snapshot_take(bus, policy);
	if (IS_ERR(snap))
		return PTR_ERR(snap);

	pause = pmb_pause_alloc(snap, policy);
	if (!pause)
		goto out;

	event->wanted = policy->force ? policy->force->asked : count_wanted(snap->layout);
	trace_pci_movable_begin(event->id, event->trigger, snap->layout->hosts[0].name,
				event->wanted);
	do {
		pmb_plan_free(plan);
		err = plan_anew(snap, policy->force, &plan, event);
		if (err)
			continue;
		err = carry_out(snap, pause, plan, &outcome);
		pmb_outcome_add(&outcome, &event->earlier);
		event->earlier = outcome;
	} while (err == -EAGAIN && --tries);
	if (!plan)
		goto out;

	event->pause_ns = max(event->pause_ns, pmb_pause_longest_ns(pause));
	event->returned += pmb_pause_returned(pause);
	event->detached += pmb_pause_lost(pause);
	event->passes = will_pass(snap->layout, plan, err);
	if (err != -ESTALE || last)
		finish(snap, policy, plan, event, &outcome, err);
out:
	pmb_pause_free(pause);
	pmb_plan_free(plan);
	pmb_snapshot_free(snap);
	return err;
}

static int serve(struct pci_bus *bus, const struct pmb_policy *policy, const char *trigger)
{
	struct pmb_event event = { .trigger = trigger, .id = ++events };
	int tries = MAX_SNAPSHOTS;
	int err;

	do {
		err = serve_once(bus, policy, &event, tries == 1);
	} while (err == -ESTALE && --tries);

	if (err == -ENOMEM || err == -E2BIG)
		pmb_history_info("event=%u trigger=%s result=failed error=%d",
				 event.id, event.trigger, err);
	/* It is fixed since then: no other plan was looked for */
	if (policy->force && err == -EBUSY && (event.returned || event.detached))
		err = -EIO;
	if (policy->persist && event.passes)
		pmb_again_later(bus, !policy->again);
	else if (policy->again)
		pmb_again_needless(bus);
	return err;
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
	static const char * const names[] = {
		[PMB_TRIGGER_HOTPLUG]	= "hotplug",
		[PMB_TRIGGER_RESCAN]	= "rescan",
		[PMB_TRIGGER_BOOT]	= "boot",
		[PMB_TRIGGER_REALLOC]	= "boot",
	};
	bool added = trigger == PMB_TRIGGER_HOTPLUG || trigger == PMB_TRIGGER_RESCAN;
	struct pmb_policy policy = administrator;
	u32 open = pmb_wishes_settle(bus);
	int err = 0;

	pci_assert_rescan_remove_locked();
	if (!pmb_enabled(bus))
		return 0;

	policy.keep = trigger == PMB_TRIGGER_BOOT;
	policy.persist = added;
	if (open) {
		pmb_stock_restore(bus);
		err = serve(bus, &policy, names[trigger]);
		pmb_wishes_settle(bus);
	}
	if (added)
		pmb_sizes_choose(bus);
	return err;
}

/**
 * pmb_rescan_again - try what an earlier event had to leave
 * @root: the root bus
 *
 * Context: as pci_movable_assign().
 */
void pmb_rescan_again(struct pci_bus *root)
{
	struct pmb_policy policy = administrator;

	pci_assert_rescan_remove_locked();
	if (!pmb_wishes_settle(root) || !pmb_enabled(root)) {
		pmb_again_needless(root);
		return;
	}
	policy.persist = true;
	policy.again = true;
	serve(root, &policy, "retry");
	pmb_wishes_settle(root);
}

/**
 * pci_movable_boot - make room for what is missing after boot
 * @bus: a root bus, to which stock assignment has done what it can
 * @may_move: what the firmware has placed may move (pci=realloc); otherwise only
 *	bridge windows change
 *
 * Context: may sleep; takes pci_lock_rescan_remove().
 */
void pci_movable_boot(struct pci_bus *bus, bool may_move)
{
	pci_lock_rescan_remove();
	pci_movable_assign(bus, may_move ? PMB_TRIGGER_REALLOC : PMB_TRIGGER_BOOT);
	pci_unlock_rescan_remove();
}

/**
 * pmb_rescan_resize - make room for what a device that is being resized wants
 * @dev: the device; its BARs may move, whoever its driver is
 * @exclude: bitmap of those that must not
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove(), or acts for the
 * one who does; and the device's lock, if anybody does.
 *
 * Return: as pci_movable_assign(); -EPERM if the engine is turned off.
 */
int pmb_rescan_resize(struct pci_dev *dev, unsigned long exclude)
{
	struct pmb_policy policy = administrator;

	if (!pmb_enabled(dev->bus))
		return -EPERM;

	policy.owner = dev;
	policy.exclude = exclude;
	return serve(dev->bus, &policy, "resize");
}

/**
 * pmb_rescan_force - move BARs without need
 * @dev: their device
 * @force: which; its name is @dev's
 *
 * Context: as pci_movable_assign().
 *
 * Return: 0 if they have moved, or a negative errno, and nothing has: -EPERM if they
 * are fixed, or the engine is turned off, -ENOENT if there are none, -ENOSPC if there
 * is no other place, -EBUSY or -EAGAIN if devices were busy or a driver refused, -EIO
 * if the driver could not go on there, or what went wrong.
 */
int pmb_rescan_force(struct pci_dev *dev, struct pmb_force *force)
{
	struct pmb_policy policy = administrator;
	resource_size_t was[PMB_FORCE_BARS];
	int i, err;

	pci_assert_rescan_remove_locked();
	if (!pmb_enabled(dev->bus))
		return -EPERM;

	for (i = 0; i < PMB_FORCE_BARS; i++)
		was[i] = dev->resource[i].start;
	policy.force = force;
	err = serve(dev->bus, &policy, "forced");
	for (i = 0; !err && i < PMB_FORCE_BARS; i++)
		if (dev->resource[i].start != was[i])
			return 0;
	return err ?: -EIO;
}

/**
 * pmb_administrator - what the administrator allows, by parameters
 *
 * Return: the policy of an event of which nothing else is known.
 */
const struct pmb_policy *pmb_administrator(void)
{
	return &administrator;
}
