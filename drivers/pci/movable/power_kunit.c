// SPDX-License-Identifier: GPL-2.0
/*
 * Moves and sleep: what sleeps after a move, what sleeps when its turn comes, and
 * what must not be touched as the whole system goes to sleep.
 *
 * Out of D3hot the mock host's devices come with no register as it was.
 */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/sizes.h>

#include "../pci.h"
#include "mock_scene.h"

#define OLD	(SCENE_LOW + SZ_1M)
#define NEW	(SCENE_LOW + 3 * SZ_1M)

/* It sleeps without runtime power management: its driver has put it to sleep. */
static void power_asleep_by_driver(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, TIGHT_PM);
	struct pci_dev *dev = mock_dev(host, T_A);
	u32 from;

	pci_set_power_state(dev, PCI_D3hot);
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=ok"));
	KUNIT_EXPECT_EQ(test, scene_start(host, T_A, 0), NEW);
	KUNIT_EXPECT_TRUE(test, mock_asleep(&host->fn[T_A]));
	scene_expect_sane(host, from);

	pci_set_power_state(dev, PCI_D0);
	pci_restore_state(dev);
	scene_expect_a_at(host, NEW);
}

#ifdef CONFIG_PM
/* As a driver does it in its probe, and user space in sysfs. */
static void allow_sleep(struct mock_host *host, u32 fn)
{
	struct pci_dev *dev = mock_dev(host, fn);

	if (dev->driver)
		pm_runtime_put_noidle(&dev->dev);
	pm_runtime_allow(&dev->dev);
	mock_save(host);
}

static void forbid_sleep(struct mock_host *host, u32 fn)
{
	struct pci_dev *dev = mock_dev(host, fn);

	pm_runtime_forbid(&dev->dev);
	if (dev->driver)
		pm_runtime_get_noresume(&dev->dev);
}

static void expect_sleep(struct mock_host *host, u32 fn)
{
	struct pci_dev *dev = mock_dev(host, fn);

	pm_runtime_barrier(&dev->dev);
	pm_runtime_suspend(&dev->dev);
	KUNIT_EXPECT_TRUE(host->test, pm_runtime_suspended(&dev->dev));
}

static void expect_a_wakes_at(struct mock_host *host, struct pci_dev *a, u64 addr)
{
	KUNIT_EXPECT_EQ(host->test, pm_runtime_resume_and_get(&a->dev), 0);
	scene_expect_a_at(host, addr);
	pm_runtime_put_noidle(&a->dev);
}

static void power_runtime_after_move(struct kunit *test)
{
	struct mock_host *host = scene_tight_moved(test, TIGHT_PM);
	int i;

	allow_sleep(host, T_A);
	for (i = 0; i < 2; i++) {
		expect_sleep(host, T_A);
		KUNIT_EXPECT_TRUE(test, mock_asleep(&host->fn[T_A]));
		expect_a_wakes_at(host, mock_dev(host, T_A), NEW);
	}
	forbid_sleep(host, T_A);
}

/* Woken for the move, paused, moved, and asleep again; its port may sleep as well. */
static void runtime_at_move(struct kunit *test, bool port)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, TIGHT_PM);
	struct pci_dev *a = mock_dev(host, T_A);
	u32 from;

	allow_sleep(host, T_A);
	expect_sleep(host, T_A);
	if (port) {
		allow_sleep(host, T_SLOT0);
		expect_sleep(host, T_SLOT0);
	}
	KUNIT_EXPECT_TRUE(test, mock_asleep(&host->fn[T_A]));
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=ok"));
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 1);
	scene_expect_sane(host, from);
	scene_expect_truth(host, from);

	expect_sleep(host, T_A);
	KUNIT_EXPECT_TRUE(test, mock_asleep(&host->fn[T_A]));
	if (port) {
		/* What it loses in D3cold. */
		expect_sleep(host, T_SLOT0);
		scene_power_lost(host, T_SLOT0);
	}
	expect_a_wakes_at(host, a, NEW);

	if (port)
		forbid_sleep(host, T_SLOT0);
	forbid_sleep(host, T_A);
	mock_host_destroy(host);
}

static void power_runtime_at_move(struct kunit *test)
{
	runtime_at_move(test, false);
	runtime_at_move(test, true);
}

/* The driver does not go on; so it is awake for longer, and sleeps at the old place. */
static void power_runtime_way_back(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, TIGHT_PM);
	u32 from;

	allow_sleep(host, T_A);
	expect_sleep(host, T_A);
	mock_knobs.done_fails = PCI_RESCAN_DONE_TRIES - 1;
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_EQ(test, mock_knobs.returned, 1);
	scene_expect_sane(host, from);
	expect_sleep(host, T_A);
	expect_a_wakes_at(host, mock_dev(host, T_A), OLD);
	forbid_sleep(host, T_A);
}
#else
static void power_runtime_after_move(struct kunit *test)
{
	kunit_skip(test, "no CONFIG_PM");
}

static void power_runtime_at_move(struct kunit *test)
{
	kunit_skip(test, "no CONFIG_PM");
}

static void power_runtime_way_back(struct kunit *test)
{
	kunit_skip(test, "no CONFIG_PM");
}
#endif

#ifdef CONFIG_PM_SLEEP
/* As the PM core does it; the callbacks are those of the PCI core. */
static void call(struct kunit *test, struct pci_dev *dev, int (*callback)(struct device *dev))
{
	device_lock(&dev->dev);
	KUNIT_EXPECT_EQ(test, callback(&dev->dev), 0);
	device_unlock(&dev->dev);
}

/* Children before their parents. */
static void suspend_all(struct kunit *test, struct pci_dev **dev,
			int (*callback)(struct device *dev))
{
	u32 i = T_NR;

	while (i--)
		call(test, dev[i], callback);
}

static void resume_all(struct kunit *test, struct pci_dev **dev,
		       int (*callback)(struct device *dev))
{
	u32 i;

	for (i = 0; i < T_NR; i++)
		call(test, dev[i], callback);
}

/* Some firmware cuts the power, some leaves it on. */
static void power_system_after_move(struct kunit *test)
{
	struct mock_host *host = scene_tight_moved(test, TIGHT_PM);
	const struct dev_pm_ops *pm = pci_bus_type.pm;
	struct pci_dev *dev[T_NR];
	u32 i;

	/* Without power for the ports, nobody finds them by their bus. */
	for (i = 0; i < T_NR; i++)
		dev[i] = mock_dev(host, i);
	for (i = 0; i < 3; i++) {
		suspend_all(test, dev, pm->suspend);
		suspend_all(test, dev, pm->suspend_late);
		suspend_all(test, dev, pm->suspend_noirq);
		KUNIT_EXPECT_TRUE(test, mock_asleep(&host->fn[T_A]));
		if (i)
			scene_power_lost(host, T_PORT);
		resume_all(test, dev, pm->resume_noirq);
		resume_all(test, dev, pm->resume_early);
		resume_all(test, dev, pm->resume);
		scene_expect_a_at(host, NEW);
	}
}
#else
static void power_system_after_move(struct kunit *test)
{
	kunit_skip(test, "no CONFIG_PM_SLEEP");
}
#endif

/*
 * The system is about to sleep, and a card arrives.  Drivers that are suspended
 * already must not be asked for anything, and their devices not be touched.
 */
static void suspended_stays(struct kunit *test, u32 first, u32 last)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	u32 i, from;

	for (i = first; i <= last; i++)
		mock_dev(host, i)->dev.power.is_suspended = true;
	from = scene_event(host, NULL, 0);
	for (i = first; i <= last; i++)
		mock_dev(host, i)->dev.power.is_suspended = false;
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 0);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	scene_expect_nothing_moved(host, from);

	/* Later it may. */
	scene_expect_a_moves(host);
	mock_host_destroy(host);
}

static void power_suspended_stays(struct kunit *test)
{
	suspended_stays(test, T_A, T_A);
	suspended_stays(test, T_SLOT0, T_SLOT0);
	suspended_stays(test, T_PORT, T_B);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(power_asleep_by_driver),
	KUNIT_CASE(power_runtime_after_move),
	KUNIT_CASE(power_runtime_at_move),
	KUNIT_CASE(power_runtime_way_back),
	KUNIT_CASE(power_system_after_move),
	KUNIT_CASE_SLOW(power_suspended_stays),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_power",
	.test_cases = cases,
};

kunit_test_suite(suite);
