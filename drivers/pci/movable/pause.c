// SPDX-License-Identifier: GPL-2.0
/*
 * Before a plan is carried out, its devices are
 *
 *   woken    every device and bridge whose registers change,
 *   locked   every device with a BAR that moves or gets its first place: no
 *            probe, remove, reset or suspend runs meanwhile,
 *   paused   if that is the way it moves,
 *
 * and afterwards let go in reverse order.  A device that cannot be woken or
 * locked, or whose driver refuses, becomes fixed in the snapshot; all others
 * are let go, and the planner has to find another way.
 */
#define pr_fmt(fmt) "pci_movable: " fmt

#include <linux/ktime.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "../pci.h"
#include "pause.h"

#define AWAKE	BIT(0)
#define LOCKED	BIT(1)
#define PAUSED	BIT(2)
#define CHANGES	BIT(3)	/* the plan has addresses for it */
#define MOVES	BIT(4)	/* and it has one already */
#define LOST	BIT(5)	/* its driver could not resume */

/**
 * struct pmb_pause - what has been done to which device
 * @snap: the snapshot; devices that cannot be had are made fixed in it
 * @policy: what the administrator allows
 * @state: by device
 * @since: by device, when its driver was asked to pause
 * @longest: longest pause of one driver, in ns
 * @lost: drivers that could not resume
 */
struct pmb_pause {
	struct pmb_snapshot *snap;
	const struct pmb_policy *policy;
	u8 *state;
	u64 *since;
	u64 longest;
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
	p->state = kvcalloc(snap->layout->nr_devs, sizeof(*p->state), GFP_KERNEL);
	p->since = kvcalloc(snap->layout->nr_devs, sizeof(*p->since), GFP_KERNEL);
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
 * pmb_pause_lost - how many drivers could not resume
 * @pause: the pause
 *
 * Return: drivers that are detached, or will be in a moment.
 */
u32 pmb_pause_lost(const struct pmb_pause *pause)
{
	return pause->lost;
}

static void make_fixed(struct pmb_pause *p, u32 d, enum pmb_why why)
{
	struct pmb_layout *l = p->snap->layout;
	u32 i;

	l->devs[d].way = PMB_WAY_NEVER;
	for (i = 0; i < l->nr_bars; i++) {
		if (l->bars[i].dev != d)
			continue;
		l->bars[i].flags &= ~PMB_BAR_WANTED;
		if (l->bars[i].why == PMB_MAY_MOVE)
			l->bars[i].why = why;
	}
}

static int wake(struct pmb_pause *p, u32 d)
{
	struct pci_dev *dev = p->snap->dev[d];

	/* Without runtime PM nobody puts it to sleep. */
	if ((p->state[d] & AWAKE) || !pm_runtime_enabled(&dev->dev))
		return 0;
	if (pm_runtime_resume_and_get(&dev->dev) < 0) {
		pci_info(dev, "cannot be resumed, its BARs stay\n");
		make_fixed(p, d, PMB_WHY_BUSY);
		return -EAGAIN;
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
	    dev->error_state != pci_channel_io_normal)
		return false;
	for (i = 0; i < l->nr_bars; i++) {
		const struct pmb_bar *b = &l->bars[i];
		struct pci_driver *drv = dev->driver;

		if (b->dev != d || b->why != PMB_MAY_MOVE || !(b->flags & PMB_BAR_PLACED))
			continue;
		if (drv && drv->bar_fixed && drv->bar_fixed(dev, b->res))
			return false;
	}
	return true;
}

static int lock(struct pmb_pause *p, u32 d)
{
	struct pci_dev *dev = p->snap->dev[d];

	if (!device_trylock(&dev->dev)) {
		make_fixed(p, d, PMB_WHY_BUSY);
		return -EAGAIN;
	}
	p->state[d] |= LOCKED;
	if (may_still_move(p, d))
		return 0;

	make_fixed(p, d, PMB_WHY_BUSY);
	return -EAGAIN;
}

static int pause_driver(struct pmb_pause *p, u32 d)
{
	struct pci_dev *dev = p->snap->dev[d];
	int err;

	p->since[d] = ktime_get_ns();
	err = dev->driver->rescan_prepare(dev);
	if (err) {
		pci_info(dev, "%s does not let its BARs move now (%d)\n",
			 dev->driver->name, err);
		make_fixed(p, d, PMB_WHY_REFUSED);
		return -EAGAIN;
	}
	p->state[d] |= PAUSED;
	return 0;
}

/*
 * A driver that cannot go on is asked once more, and then loses its device:
 * better one device than a machine that waits for it.
 */
static void resume_driver(struct pmb_pause *p, u32 d)
{
	struct pci_dev *dev = p->snap->dev[d];
	int err = dev->driver->rescan_done(dev);

	if (err) {
		pci_warn(dev, "%s did not resume (%d), trying once more\n",
			 dev->driver->name, err);
		err = dev->driver->rescan_done(dev);
	}
	p->longest = max(p->longest, ktime_get_ns() - p->since[d]);
	if (!err)
		return;

	pci_err(dev, "%s cannot resume (%d), detaching it\n", dev->driver->name, err);
	p->state[d] |= LOST;
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
 * Context: may sleep; the caller holds pci_lock_rescan_remove().
 *
 * Return: 0, and pmb_pause_release() has to be called; or nothing is held:
 * -EAGAIN if a device could not be had: it is fixed now, a new plan is needed;
 * -EBUSY if a bridge does not wake up: no plan can do without it.
 */
int pmb_pause_hold(struct pmb_pause *pause, const struct pmb_plan *plan)
{
	const struct pmb_layout *l = pause->snap->layout;
	int err = 0;
	u32 i;

	mark_devices(pause, plan);
	for (i = 0; !err && i < l->nr_bridges; i++)
		if (windows_change(l, plan, i) && wake(pause, l->bridges[i].dev))
			err = -EBUSY;

	for (i = 0; !err && i < l->nr_devs; i++)
		if (pause->state[i] & CHANGES)
			err = wake(pause, i) ?: lock(pause, i);

	if (err)
		pmb_pause_release(pause);
	return err;
}

/**
 * pmb_pause_drivers - pause the drivers which have to be
 * @pause: holds its devices
 *
 * From here to pmb_pause_resume() nobody must wait for I/O.
 *
 * Context: may sleep; calls rescan_prepare(); locks as for pmb_pause_hold(), CPU
 * hotplug disabled: a CPU that goes offline waits for the I/O of paused disks.
 *
 * Return: 0; -EAGAIN if a driver has refused: all are resumed, its device is
 * fixed now, a new plan is needed.
 */
int pmb_pause_drivers(struct pmb_pause *pause)
{
	const struct pmb_layout *l = pause->snap->layout;
	int err = 0;
	u32 i;

	for (i = 0; !err && i < l->nr_devs; i++)
		if ((pause->state[i] & MOVES) && l->devs[i].way == PMB_WAY_PAUSE)
			err = pause_driver(pause, i);
	if (err)
		pmb_pause_resume(pause);
	return err;
}

/**
 * pmb_pause_resume - let paused drivers go on, in reverse order
 * @pause: holds its devices
 *
 * Context: may sleep; calls rescan_done(); as for pmb_pause_drivers().
 */
void pmb_pause_resume(struct pmb_pause *pause)
{
	u32 d = pause->snap->layout->nr_devs;

	while (d--) {
		if (pause->state[d] & PAUSED)
			resume_driver(pause, d);
		pause->state[d] &= ~PAUSED;
	}
}

/**
 * pmb_pause_release - unlock all devices and let them sleep
 * @pause: no driver is paused any more
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
