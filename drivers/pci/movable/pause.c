// SPDX-License-Identifier: GPL-2.0
/*
 * Before a plan is carried out, its devices are
 *
 *   woken    every device and bridge whose registers change,
 *   locked   the same: no probe, remove, reset, recovery or suspend runs, and
 *            none writes old addresses back, meanwhile,
 *   paused   every device with a driver, if that is the way it moves,
 *
 * and afterwards let go in reverse order.  A device that cannot be woken or
 * locked, or whose driver refuses, becomes fixed in the snapshot; all others
 * are let go, and the planner has to find another way.
 *
 * A driver that cannot go on (rescan_done() fails) is asked again, and stays
 * paused if that fails, too.  Then its device may get its old address back,
 * and it is asked for the last time:
 *
 *   prepare --> [move] --> done -fails-> done -fails-> [way back] --> done
 *                            |             |                            |
 *                            ok            ok                   ok, or detached
 */
#define pr_fmt(fmt) "pci_movable: " fmt

#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <trace/events/pci_movable.h>

#include "../pci.h"
#include "pause.h"
#include "pin.h"
#include "watch.h"

#define AWAKE	BIT(0)
#define LOCKED	BIT(1)
#define PAUSED	BIT(2)
#define CHANGES	BIT(3)	/* the plan has addresses for it */
#define MOVES	BIT(4)	/* and it has one already */
#define LOST	BIT(5)	/* its driver could not resume */
#define FAILED	BIT(6)	/* nor could it when it was asked twice */

/* The events that set ports up and down take a bridge's lock for a moment. */
#define BRIDGE_TRIES	50
#define BRIDGE_WAIT_MS	20

/**
 * struct pmb_pause - what has been done to which device
 * @snap: the snapshot; devices that cannot be had are made fixed in it
 * @policy: what the administrator allows
 * @state: by device
 * @since: by device, when its driver was asked to pause
 * @watch: looks at the hook that runs
 * @longest: longest pause of one driver, in ns
 * @returned: drivers that could resume at the last try only
 * @lost: drivers that could not resume
 */
struct pmb_pause {
	struct pmb_snapshot *snap;
	const struct pmb_policy *policy;
	u8 *state;
	u64 *since;
	struct pmb_watch watch;
	u64 longest;
	u32 returned;
	u32 lost;
};

/**
 * pmb_pause_alloc - get ready to hold devices
 * @snap: the snapshot
 * @policy: what the administrator allows
 *
 * Return: to be freed with pmb_pause_free(); NULL without memory.
 */
struct pmb_pause *pmb_pause_alloc(struct pmb_snapshot *snap, const struct pmb_policy *policy)
{
	struct pmb_pause *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	p->snap = snap;
	p->policy = policy;
	pmb_watch_init(&p->watch);
	/* Pinned bridges bring devices that are none. */
	p->state = kvcalloc(snap->layout->max.devs, sizeof(*p->state), GFP_KERNEL);
	p->since = kvcalloc(snap->layout->max.devs, sizeof(*p->since), GFP_KERNEL);
	if (p->state && p->since)
		return p;

	pmb_pause_free(p);
	return NULL;
}

/**
 * pmb_pause_free - release what pmb_pause_alloc() returned
 * @pause: holds no device any more; may be NULL
 */
void pmb_pause_free(struct pmb_pause *pause)
{
	if (!pause)
		return;
	kvfree(pause->since);
	kvfree(pause->state);
	kfree(pause);
}

/**
 * pmb_pause_longest_ns - how long the longest pause of a driver was
 * @pause: the pause
 *
 * Return: nanoseconds from before rescan_prepare() to after rescan_done(); 0 if
 * nobody was paused.
 */
u64 pmb_pause_longest_ns(const struct pmb_pause *pause)
{
	return pause->longest;
}

/**
 * pmb_pause_returned - how many drivers went on at the last try only
 * @pause: the pause
 *
 * Return: drivers whose rescan_done() failed twice, but not the third time.
 */
u32 pmb_pause_returned(const struct pmb_pause *pause)
{
	return pause->returned;
}

/**
 * pmb_pause_lost - how many drivers could not resume
 * @pause: the pause
 *
 * Return: drivers that are detached, or will be in a moment.
 */
u32 pmb_pause_lost(const struct pmb_pause *pause)
{
	return pause->lost;
}

static int wake(struct pmb_pause *p, u32 d)
{
	struct pci_dev *dev = p->snap->dev[d];

	/* Without runtime PM nobody puts it to sleep. */
	if ((p->state[d] & AWAKE) || !pm_runtime_enabled(&dev->dev))
		return 0;
	if (pm_runtime_resume_and_get(&dev->dev) < 0) {
		pci_info(dev, "cannot be resumed\n");
		return -EBUSY;
	}
	p->state[d] |= AWAKE;
	return 0;
}

static bool may_still_move(struct pmb_pause *p, u32 d)
{
	const struct pmb_layout *l = p->snap->layout;
	struct pci_dev *dev = p->snap->dev[d];
	u32 i;

	if (pmb_way_of(dev, p->policy) != l->devs[d].way || pmb_used_by_others(dev) ||
	    pmb_out_of_action(dev))
		return false;
	for (i = 0; i < l->nr_bars; i++) {
		const struct pmb_bar *b = &l->bars[i];
		struct pci_driver *drv = dev->driver;

		if (b->dev != d || b->why != PMB_MAY_MOVE || !(b->flags & PMB_BAR_PLACED))
			continue;
		if (drv && dev != p->policy->owner && drv->bar_fixed &&
		    drv->bar_fixed(dev, b->res))
			return false;
	}
	return true;
}

static int lock(struct pmb_pause *p, u32 d)
{
	if ((p->state[d] & LOCKED) || p->snap->dev[d] == p->policy->owner)
		return 0;
	if (!device_trylock(&p->snap->dev[d]->dev))
		return -EBUSY;
	p->state[d] |= LOCKED;
	return 0;
}

/* To change its BARs. */
static int hold_device(struct pmb_pause *p, u32 d)
{
	struct pci_dev *dev = p->snap->dev[d];

	if (!wake(p, d) && !lock(p, d) && may_still_move(p, d))
		return 0;

	trace_pci_movable_busy(pci_name(dev), "device");
	pci_dbg(dev, "is busy, its BARs stay\n");
	pmb_pin_device(p->snap->layout, d, PMB_WHY_BUSY);
	return -EAGAIN;
}

static int lock_soon(struct pmb_pause *p, u32 d)
{
	int tries = BRIDGE_TRIES;

	while (lock(p, d)) {
		if (!--tries)
			return -EBUSY;
		msleep(BRIDGE_WAIT_MS);
	}
	return 0;
}

/*
 * To change its windows.  Its driver need not be asked, but what restores the
 * windows, after a reset or an error, holds its lock.
 */
static int hold_bridge(struct pmb_pause *p, u32 bridge)
{
	u32 d = p->snap->layout->bridges[bridge].dev;
	struct pci_dev *dev = p->snap->dev[d];

	if (!wake(p, d) && !lock_soon(p, d) && !pmb_out_of_action(dev))
		return 0;

	trace_pci_movable_busy(pci_name(dev), "bridge");
	pci_info(dev, "is busy, its windows stay\n");
	return pmb_pin_bridge(p->snap->layout, bridge, PMB_WHY_BUSY) ? -EBUSY : -EAGAIN;
}

static int ask(struct pmb_pause *p, u32 d, int (*hook)(struct pci_dev *dev), const char *what)
{
	int err;

	pmb_watch_begin(&p->watch, p->snap->dev[d], what);
	err = hook(p->snap->dev[d]);
	pmb_watch_end(&p->watch);
	return err;
}

static int pause_driver(struct pmb_pause *p, u32 d)
{
	struct pci_dev *dev = p->snap->dev[d];
	int err;

	p->since[d] = ktime_get_ns();
	err = ask(p, d, dev->driver->rescan_prepare, "pause");
	trace_pci_movable_pause(pci_name(dev), dev->driver->name, err,
				ktime_get_ns() - p->since[d]);
	if (err) {
		pci_info(dev, "%s does not let its BARs move now (%d)\n",
			 dev->driver->name, err);
		pmb_pin_device(p->snap->layout, d, PMB_WHY_REFUSED);
		return -EAGAIN;
	}
	p->state[d] |= PAUSED;
	return 0;
}

static int resume_driver(struct pmb_pause *p, u32 d)
{
	struct pci_dev *dev = p->snap->dev[d];
	u64 ns;
	int err;

	err = ask(p, d, dev->driver->rescan_done, "resume");
	ns = ktime_get_ns() - p->since[d];
	trace_pci_movable_resume(pci_name(dev), dev->driver->name, err, ns);
	if (err)
		return err;

	pci_dbg(dev, "%s was paused for %llu us\n", dev->driver->name, div_u64(ns, 1000));
	p->longest = max(p->longest, ns);
	p->state[d] &= ~(PAUSED | FAILED);
	return 0;
}

static void resume_or_fail(struct pmb_pause *p, u32 d)
{
	struct pci_dev *dev = p->snap->dev[d];
	int err = resume_driver(p, d);

	if (!err)
		return;
	pci_warn(dev, "%s did not resume (%d), trying once more\n", dev->driver->name, err);
	if (!resume_driver(p, d))
		return;
	p->state[d] |= FAILED;
	p->returned++;
}

/* Better to lose one device than a machine that waits for it. */
static void resume_or_lose(struct pmb_pause *p, u32 d)
{
	struct pci_dev *dev = p->snap->dev[d];
	int err = resume_driver(p, d);

	if (!err)
		return;
	pci_err(dev, "%s cannot resume (%d), detaching it\n", dev->driver->name, err);
	p->longest = max(p->longest, ktime_get_ns() - p->since[d]);
	p->state[d] &= ~(PAUSED | FAILED);
	p->state[d] |= LOST;
	p->returned--;
	p->lost++;
}

struct detach {
	struct work_struct work;
	struct pci_dev *dev;
};

static void detach(struct work_struct *work)
{
	struct detach *d = container_of(work, struct detach, work);

	device_release_driver(&d->dev->dev);
	pci_dev_put(d->dev);
	kfree(d);
}

/*
 * Not here: others who hold the device lock may wait for the lock of rescan and
 * removal, which our caller holds.
 */
static void detach_later(struct pci_dev *dev)
{
	struct detach *d = kzalloc(sizeof(*d), GFP_KERNEL | __GFP_NOFAIL);

	INIT_WORK(&d->work, detach);
	d->dev = pci_dev_get(dev);
	schedule_work(&d->work);
}

/* Which devices get an address, and which of them have one to lose. */
static void mark_devices(struct pmb_pause *p, const struct pmb_plan *plan)
{
	const struct pmb_layout *l = p->snap->layout;
	u32 i;

	for (i = 0; i < l->nr_bars; i++) {
		const struct pmb_bar *b = &l->bars[i];

		if (!plan->bar[i].size)
			continue;
		if (!(b->flags & PMB_BAR_PLACED))
			p->state[b->dev] |= CHANGES;
		else if (b->start != plan->bar[i].start)
			p->state[b->dev] |= CHANGES | MOVES;
	}
}

static bool windows_change(const struct pmb_layout *l, const struct pmb_plan *plan, u32 bridge)
{
	u32 i;

	for (i = 0; i < PMB_SPACES; i++) {
		const struct pmb_range *cur = &l->bridges[bridge].win[i].cur;
		const struct pmb_range *new = &plan->win[bridge * PMB_SPACES + i];

		if (cur->size != new->size || (cur->size && cur->start != new->start))
			return true;
	}
	return false;
}

/**
 * pmb_pause_hold - wake and lock all devices that a plan changes
 * @pause: holds no device yet
 * @plan: a verified plan of its snapshot
 *
 * Context: may sleep, and waits a second for a bridge in use; the caller holds
 * pci_lock_rescan_remove().
 *
 * Return: 0, and pmb_pause_release() has to be called; or nothing is held:
 * -EAGAIN if a device could not be had: it is fixed now, or its windows are; a
 * new plan is needed, and if the layout has grown, a new struct pmb_plan, too.
 * -EBUSY if a bridge could not be had and there is no way to plan without it.
 */
int pmb_pause_hold(struct pmb_pause *pause, const struct pmb_plan *plan)
{
	const struct pmb_layout *l = pause->snap->layout;
	u32 i, nr_devs = l->nr_devs;
	int err = 0;

	mark_devices(pause, plan);
	for (i = 0; !err && i < l->nr_bridges; i++)
		if (windows_change(l, plan, i))
			err = hold_bridge(pause, i);

	for (i = 0; !err && i < nr_devs; i++)
		if (pause->state[i] & CHANGES)
			err = hold_device(pause, i);

	if (err)
		pmb_pause_release(pause);
	return err;
}

static bool to_be_paused(const struct pmb_pause *p, u32 d)
{
	return (p->state[d] & MOVES) && !(p->state[d] & PAUSED) &&
	       p->snap->layout->devs[d].way == PMB_WAY_PAUSE;
}

/**
 * pmb_pause_drivers - pause the drivers which have to be
 * @pause: holds its devices
 *
 * From here to pmb_pause_finish() nobody must wait for I/O.  Drivers which are
 * paused already stay so.
 *
 * Context: may sleep; calls rescan_prepare(); locks as for pmb_pause_hold(), CPU
 * hotplug disabled: a CPU that goes offline waits for the I/O of paused disks.
 *
 * Return: 0; -EAGAIN if a driver has refused: its device is fixed now.  Those
 * before it are paused all the same.
 */
int pmb_pause_drivers(struct pmb_pause *pause)
{
	u32 i;
	int err = 0;

	for (i = 0; !err && i < pause->snap->layout->nr_devs; i++)
		if (to_be_paused(pause, i))
			err = pause_driver(pause, i);
	return err;
}

/**
 * pmb_pause_resume - let paused drivers go on, in reverse order
 * @pause: holds its devices
 *
 * Each is asked twice, if it has to be.  Those that have failed before are not
 * asked here.
 *
 * Context: may sleep; calls rescan_done(); as for pmb_pause_drivers().
 *
 * Return: how many are still paused.
 */
u32 pmb_pause_resume(struct pmb_pause *pause)
{
	u32 d = pause->snap->layout->nr_devs;
	u32 failed = 0;

	while (d--) {
		if ((pause->state[d] & PAUSED) && !(pause->state[d] & FAILED))
			resume_or_fail(pause, d);
		failed += !!(pause->state[d] & FAILED);
	}
	return failed;
}

/**
 * pmb_pause_failed - is a driver still paused, though it was asked to go on?
 * @pause: the pause
 * @dev: index of its device
 *
 * Return: true if it is.
 */
bool pmb_pause_failed(const struct pmb_pause *pause, u32 dev)
{
	return pause->state[dev] & FAILED;
}

/**
 * pmb_pause_finish - let all go on that are still paused, or detach them
 * @pause: holds its devices
 *
 * Context: as pmb_pause_resume().
 */
void pmb_pause_finish(struct pmb_pause *pause)
{
	u32 d = pause->snap->layout->nr_devs;

	pmb_pause_resume(pause);
	while (d--)
		if (pause->state[d] & FAILED)
			resume_or_lose(pause, d);
}

/**
 * pmb_pause_release - unlock all devices and let them sleep
 * @pause: after pmb_pause_finish(), if a driver was paused
 *
 * Context: may sleep; locks as for pmb_pause_hold().
 */
void pmb_pause_release(struct pmb_pause *pause)
{
	u32 d = pause->snap->layout->nr_devs;

	while (d--) {
		struct pci_dev *dev = pause->snap->dev[d];

		if (pause->state[d] & LOST)
			detach_later(dev);
		if (pause->state[d] & LOCKED)
			device_unlock(&dev->dev);
		if (pause->state[d] & AWAKE)
			pm_runtime_put(&dev->dev);
		pause->state[d] = 0;
	}
}
