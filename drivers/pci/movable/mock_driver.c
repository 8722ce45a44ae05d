// SPDX-License-Identifier: GPL-2.0
/*
 * Test drivers: one without hooks, one to be moved live, one to be paused, and
 * one that hands its BARs to others than CPUs.
 *
 * All of them enable the device, request its regions and map its first memory
 * BAR, as drivers do.  What they read there tells whether the mapping still
 * leads to their device.  They read it all the time: between any two accesses
 * to config space, but for those in the stop, see mock_drivers_watch().
 */
#include <linux/io.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "../pci.h"
#include "mock_driver.h"

struct mock_driver_knobs mock_knobs;

/**
 * struct mock_priv - a bound device
 * @node: in the list of all
 * @dev: the device
 * @regs: mapping of its first memory BAR; NULL while paused, or where MMIO is
 *	not emulated
 * @bar: number of that BAR
 * @paused: between rescan_prepare() and rescan_done()
 * @failed: calls of rescan_done() that failed in this pause
 */
struct mock_priv {
	struct list_head node;
	struct pci_dev *dev;
	void __iomem *regs;
	int bar;
	bool paused;
	u32 failed;
};

static LIST_HEAD(bound);
static DEFINE_SPINLOCK(bound_lock);	/* protects the list */

static int first_memory_bar(struct pci_dev *dev)
{
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		if (pci_resource_flags(dev, i) & IORESOURCE_MEM && pci_resource_len(dev, i))
			return i;
	return -ENODEV;
}

static int map(struct pci_dev *dev, struct mock_priv *priv)
{
	resource_size_t len = pci_resource_len(dev, priv->bar);
	unsigned int nth;

	if (mock_mmio_parent(&dev->resource[priv->bar]) == &iomem_resource)
		return 0;	/* not emulated there: it does without */
	/* The emulation warns when it runs out of memory: it is not what is tested. */
	nth = mock_memory_left();
	mock_memory_fails(0);
	priv->regs = ioremap(pci_resource_start(dev, priv->bar), min_t(u64, len, SZ_4K));
	mock_memory_fails(nth);
	return priv->regs ? 0 : -ENOMEM;
}

static void unmap(struct mock_priv *priv)
{
	void __iomem *regs = priv->regs;

	/* Nobody touches it from here on. */
	spin_lock(&bound_lock);
	priv->regs = NULL;
	spin_unlock(&bound_lock);
	if (regs)
		iounmap(regs);
}

static void enlist(struct mock_priv *priv)
{
	spin_lock(&bound_lock);
	list_add_tail(&priv->node, &bound);
	spin_unlock(&bound_lock);
}

static void delist(struct mock_priv *priv)
{
	spin_lock(&bound_lock);
	list_del(&priv->node);
	spin_unlock(&bound_lock);
}

static int mock_probe(struct pci_dev *dev, const struct pci_device_id *id)
{
	struct mock_priv *priv;
	int err;

	err = pci_enable_device_mem(dev);
	if (err)
		return err;
	err = pci_request_regions(dev, dev->driver->name);
	if (err)
		goto disable;

	priv = kzalloc(sizeof(*priv), GFP_KERNEL);
	if (!priv) {
		err = -ENOMEM;
		goto release;
	}
	priv->bar = first_memory_bar(dev);
	err = priv->bar < 0 ? priv->bar : map(dev, priv);
	if (err)
		goto free;
	priv->dev = dev;
	pci_set_drvdata(dev, priv);
	pci_save_state(dev);
	enlist(priv);
	return 0;

free:
	kfree(priv);
release:
	pci_release_regions(dev);
disable:
	pci_disable_device(dev);
	return err;
}

static void mock_remove(struct pci_dev *dev)
{
	struct mock_priv *priv = pci_get_drvdata(dev);

	delist(priv);
	unmap(priv);
	kfree(priv);
	pci_release_regions(dev);
	pci_disable_device(dev);
}

static bool mock_bar_fixed(struct pci_dev *dev, int resno)
{
	return dev == mock_knobs.fixed;
}

static int mock_prepare(struct pci_dev *dev)
{
	struct mock_priv *priv = pci_get_drvdata(dev);

	might_sleep();
	if (dev == mock_knobs.refuse)
		return -EBUSY;
	if (mock_knobs.meanwhile)
		mock_knobs.meanwhile(dev);
	if (priv->paused || pm_runtime_suspended(&dev->dev))
		mock_knobs.bad_order++;
	priv->paused = true;
	priv->failed = 0;
	unmap(priv);
	mock_knobs.prepared++;
	return 0;
}

/* After the last failure but one the device is taken back to its old address. */
static bool fails(struct mock_priv *priv)
{
	if (!mock_knobs.done_fails)
		return false;
	mock_knobs.done_fails--;
	priv->failed++;
	if (priv->failed == PCI_RESCAN_DONE_TRIES - 1 && mock_knobs.back_fails)
		mock_memory_fails(mock_knobs.back_fails);
	if (priv->failed == PCI_RESCAN_DONE_TRIES)
		mock_knobs.detached++;
	return true;
}

static int mock_done(struct pci_dev *dev)
{
	struct mock_priv *priv = pci_get_drvdata(dev);
	int err;

	might_sleep();
	if (!priv->paused || pm_runtime_suspended(&dev->dev))
		mock_knobs.bad_order++;
	if (fails(priv))
		return -EIO;
	err = map(dev, priv);
	if (err)
		return err;
	priv->paused = false;
	mock_knobs.returned += priv->failed == PCI_RESCAN_DONE_TRIES - 1;
	mock_knobs.done++;
	return 0;
}

static pci_ers_result_t mock_error_detected(struct pci_dev *dev, pci_channel_state_t state)
{
	return PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t mock_slot_reset(struct pci_dev *dev)
{
	mock_knobs.reset++;
	pci_restore_state(dev);
	pci_save_state(dev);
	return PCI_ERS_RESULT_RECOVERED;
}

static const struct pci_error_handlers err_handler = {
	.error_detected = mock_error_detected,
	.slot_reset = mock_slot_reset,
};

/* The PCI core does all that is to be done, if there is something like this. */
static const struct dev_pm_ops pm_ops;

static const struct pci_device_id fixed_ids[] = { { PCI_DEVICE(MOCK_VENDOR, MOCK_ID_FIXED) }, { } };
static const struct pci_device_id live_ids[] = { { PCI_DEVICE(MOCK_VENDOR, MOCK_ID_LIVE) }, { } };
static const struct pci_device_id pause_ids[] = { { PCI_DEVICE(MOCK_VENDOR, MOCK_ID_PAUSE) }, { } };
static const struct pci_device_id strict_ids[] = {
	{ PCI_DEVICE(MOCK_VENDOR, MOCK_ID_STRICT) }, { }
};

static struct pci_driver drivers[] = {
	{
		.name = "mock_fixed",
		.id_table = fixed_ids,
		.probe = mock_probe,
		.remove = mock_remove,
		.err_handler = &err_handler,
	}, {
		.name = "mock_live",
		.id_table = live_ids,
		.probe = mock_probe,
		.remove = mock_remove,
		.movable_live = true,
	}, {
		.name = "mock_pause",
		.id_table = pause_ids,
		.probe = mock_probe,
		.remove = mock_remove,
		.err_handler = &err_handler,
		.driver.pm = &pm_ops,
		.bar_fixed = mock_bar_fixed,
		.rescan_prepare = mock_prepare,
		.rescan_done = mock_done,
	}, {
		.name = "mock_strict",
		.id_table = strict_ids,
		.probe = mock_probe,
		.remove = mock_remove,
		.driver_managed_dma = true,	/* as vfio: a guest may reach it */
	},
};

static struct kunit *registered_for;

static void unregister(void *driver)
{
	pci_unregister_driver(driver);
	registered_for = NULL;
}

/**
 * mock_drivers_register - have the drivers while a test runs
 * @test: the test; call this before a host is made
 *
 * All knobs are reset, and that is all if it has been called before.
 */
void mock_drivers_register(struct kunit *test)
{
	u32 i;

	memset(&mock_knobs, 0, sizeof(mock_knobs));
	if (registered_for == test)
		return;
	for (i = 0; i < ARRAY_SIZE(drivers); i++) {
		KUNIT_ASSERT_EQ(test, 0, pci_register_driver(&drivers[i]));
		KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, unregister, &drivers[i]));
	}
	registered_for = test;
}

/**
 * mock_driver_bound - has a function a driver?
 * @host: the host
 * @fn: index of the function
 *
 * Return: true if it has.
 */
bool mock_driver_bound(struct mock_host *host, u32 fn)
{
	struct pci_dev *dev = mock_dev(host, fn);

	return dev && dev->driver;
}

/**
 * mock_driver_works - does the driver of a function reach it?
 * @host: the host
 * @fn: index of the function
 *
 * Return: true if what it reads through its mapping is its device's, or MMIO
 * cannot be tested here.
 */
bool mock_driver_works(struct mock_host *host, u32 fn)
{
	struct mock_priv *priv;

	if (!mock_driver_bound(host, fn))
		return false;
	priv = pci_get_drvdata(mock_dev(host, fn));
	if (!IS_ENABLED(CONFIG_INDIRECT_IOMEM))
		return !priv->paused;
	return priv->regs && readl(priv->regs) == host->fn[fn].magic + priv->bar;
}

/* What has gone away need not answer. */
static bool reaches(struct mock_host *host, const struct mock_priv *priv)
{
	u32 fn = mock_find(host, priv->dev->bus->number, priv->dev->devfn);

	return fn == PMB_NONE || readl(priv->regs) == host->fn[fn].magic + priv->bar;
}

static bool is_awake(struct pci_dev *dev)
{
	return dev->current_state == PCI_D0 && pm_runtime_active(&dev->dev);
}

static void touch_all(struct mock_host *host)
{
	struct mock_priv *priv;

	spin_lock(&bound_lock);
	list_for_each_entry(priv, &bound, node) {
		if (!priv->regs || pci_find_host_bridge(priv->dev->bus) != host->bridge ||
		    !is_awake(priv->dev))
			continue;
		mock_knobs.touched++;
		if (!reaches(host, priv))
			mock_knobs.lost++;
	}
	spin_unlock(&bound_lock);
}

/**
 * mock_drivers_watch - from now on drivers use their BARs all the time
 * @host: the host
 * @on: or no longer: what is done to a device now interrupts it rightly
 *
 * Does nothing where MMIO is not emulated.
 */
void mock_drivers_watch(struct mock_host *host, bool on)
{
	host->idle = on && IS_ENABLED(CONFIG_INDIRECT_IOMEM) ? touch_all : NULL;
}
