// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that can be told to misbehave, and three of its devices in a row.
 *
 * It watches the contract from the driver's side: who calls, in which state.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/kmsg_dump.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "actor.h"

struct actor_play actor_play;

static int map(struct pci_dev *dev, struct actor *actor)
{
	if (!IS_ENABLED(CONFIG_INDIRECT_IOMEM))
		return 0;
	actor->regs = ioremap(pci_resource_start(dev, 0), SZ_4K);
	return actor->regs ? 0 : -ENOMEM;
}

static void unmap(struct actor *actor)
{
	if (actor->regs)
		iounmap(actor->regs);
	actor->regs = NULL;
}

static int actor_probe(struct pci_dev *dev, const struct pci_device_id *id)
{
	struct actor *actor;
	int err;

	actor_play.probes++;
	if (!pci_resource_len(dev, 0))
		return -ENODEV;
	err = pcim_enable_device(dev) ?: pcim_request_all_regions(dev, "actor");
	if (err)
		return err;
	actor = devm_kzalloc(&dev->dev, sizeof(*actor), GFP_KERNEL);
	if (!actor)
		return -ENOMEM;
	actor->refuse_after = U32_MAX;
	pci_set_drvdata(dev, actor);
	pci_save_state(dev);
	return map(dev, actor);
}

static void actor_remove(struct pci_dev *dev)
{
	unmap(pci_get_drvdata(dev));
}

/* What every hook may rely on. */
static void check_stage(struct pci_dev *dev)
{
	might_sleep();
	actor_play.calls++;
	if (!mutex_is_locked(&dev->dev.mutex) || !(current->flags & PF_MEMALLOC_NOIO) ||
	    pm_runtime_suspended(&dev->dev))
		actor_play.bad++;
}

/* Locks a device after the snapshot has seen it unlocked. */
static bool actor_bar_fixed(struct pci_dev *dev, int resno)
{
	struct actor *actor = pci_get_drvdata(dev);

	if (actor->lock)
		device_lock(&actor->lock->dev);
	actor->lock = NULL;
	return false;
}

static int actor_prepare(struct pci_dev *dev)
{
	struct actor *actor = pci_get_drvdata(dev);

	check_stage(dev);
	msleep(actor->slow_ms);
	if (actor->prepared >= actor->refuse_after)
		return -EBUSY;
	if (actor->paused)
		actor_play.bad++;
	actor->paused = true;
	actor->failed = 0;
	actor->prepared++;
	actor->prepared_as = actor_play.calls;
	actor_play.open++;
	unmap(actor);
	return 0;
}

static bool fails(struct pci_dev *dev, struct actor *actor)
{
	if (actor->fail_unless_at)
		return pci_resource_start(dev, 0) != actor->fail_unless_at;
	return actor->fail && actor->fail--;
}

static int actor_done(struct pci_dev *dev)
{
	struct actor *actor = pci_get_drvdata(dev);

	check_stage(dev);
	msleep(actor->slow_ms);
	if (!actor->paused)
		actor_play.bad++;
	if (fails(dev, actor)) {
		if (++actor->failed < PCI_RESCAN_DONE_TRIES)
			return -EIO;
		actor->paused = false;
		actor_play.open--;
		actor_play.lost++;
		return -EIO;
	}
	actor->paused = false;
	actor->resumed++;
	actor->resumed_as = actor_play.calls;
	actor_play.open--;
	return map(dev, actor);
}

static const struct pci_device_id ids[] = { { PCI_DEVICE(MOCK_VENDOR, ACTOR_ID) }, { } };

static struct pci_driver driver = {
	.name = "actor",
	.id_table = ids,
	.probe = actor_probe,
	.remove = actor_remove,
	.bar_fixed = actor_bar_fixed,
	.rescan_prepare = actor_prepare,
	.rescan_done = actor_done,
};

static void unregister(void *data)
{
	pci_unregister_driver(data);
}

/**
 * actor_register - have the driver while a test runs
 * @test: the test; call this before a host is made
 */
void actor_register(struct kunit *test)
{
	memset(&actor_play, 0, sizeof(actor_play));
	KUNIT_ASSERT_EQ(test, 0, pci_register_driver(&driver));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, unregister, &driver));
}

/* What does not depend on the test. */
static const struct mock_desc row[ROW_NR] = {
	[ROW_PORT] = {
		.name = "port", .up = PMB_NONE, .devfn = PCI_DEVFN(1, 0),
		.kind = MOCK_ROOT_PORT,
	},
	[ROW_UP] = { .name = "up", .up = ROW_PORT, .kind = MOCK_UPSTREAM },
	[ROW_SLOT] = {
		.name = "slot", .up = ROW_UP, .devfn = PCI_DEVFN(3, 0),
		.kind = MOCK_DOWNSTREAM,
	},
	[ROW_CARD] = {
		.name = "card", .up = ROW_SLOT, .flags = MOCK_EMPTY,
		.device = ACTOR_ID, .bar[0] = { SZ_2M },
	},
};

static void fill_slot(struct mock_desc *desc, u32 i, u64 at, u16 device)
{
	struct mock_desc *slot = &desc[ROW_SLOT_A + i];
	struct mock_desc *card = &desc[ROW_A + i];

	slot->name = "slot of one";
	slot->up = ROW_UP;
	slot->devfn = PCI_DEVFN(i, 0);
	slot->kind = MOCK_DOWNSTREAM;
	slot->win[PMB_MEM] = (struct pmb_range){ at, SZ_1M };

	card->name = "one";
	card->up = ROW_SLOT_A + i;
	card->device = device;
	card->bar[0] = (struct mock_bar){ SZ_1M, 0, at };
}

/**
 * actor_host - a switch with three devices, and a slot without a window
 * @test: the test
 * @span: size of the root window, and of the windows above the switch
 * @c_id: device ID of the third device, %ACTOR_ID or another
 *
 *    0       1M      2M      3M      4M      5M      6M      span
 *    |       | A     |       | B     |       | C     |       |
 *
 * A card, to be plugged into the slot, has a BAR of 2 MiB in its description.
 *
 * Return: the host; never NULL, the test fails instead.
 */
struct mock_host *actor_host(struct kunit *test, u64 span, u16 c_id)
{
	static const u64 at[] = { ROW_AT_A, ROW_AT_B, ROW_AT_C };
	struct pmb_root root = { .space = PMB_MEM, .range = { ROW_LOW, span } };
	struct mock_desc *desc = kunit_kmalloc(test, sizeof(row), GFP_KERNEL);
	struct mock_host *host;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, desc);
	memcpy(desc, row, sizeof(row));
	desc[ROW_PORT].win[PMB_MEM] = root.range;
	desc[ROW_UP].win[PMB_MEM] = root.range;
	for (i = 0; i < ARRAY_SIZE(at); i++)
		fill_slot(desc, i, at[i], i == 2 ? c_id : ACTOR_ID);
	host = mock_host_create(test, desc, ROW_NR, &root, 1);

	/* As portdrv does it. */
	for (i = ROW_PORT; i <= ROW_SLOT; i++)
		pci_save_state(mock_dev(host, i));
	KUNIT_ASSERT_TRUE(test, actor_works(host, ROW_A));
	KUNIT_ASSERT_TRUE(test, actor_works(host, ROW_B));
	mock_plug(host, ROW_CARD);
	mock_save(host);
	return host;
}

/**
 * actor_of - the driver of a function
 * @host: the host
 * @fn: index of the function
 *
 * Return: what it is told and tells; NULL if the function has no driver.
 */
struct actor *actor_of(struct mock_host *host, u32 fn)
{
	struct pci_dev *dev = mock_dev(host, fn);

	return dev && dev->driver == &driver ? pci_get_drvdata(dev) : NULL;
}

/**
 * actor_at - where BAR 0 of a function is
 * @host: the host
 * @fn: index of the function
 *
 * Return: the address; 0: nowhere.
 */
u64 actor_at(struct mock_host *host, u32 fn)
{
	return mock_dev(host, fn) && mock_bar_res(host, fn, 0)->parent ?
	       mock_bar_res(host, fn, 0)->start : 0;
}

/**
 * actor_works - does the driver of a function reach it?
 * @host: the host
 * @fn: index of the function
 *
 * Return: true if it does, and its hardware decodes where the PCI core says.
 */
bool actor_works(struct mock_host *host, u32 fn)
{
	struct actor *actor = actor_of(host, fn);
	u64 cpu;

	if (!actor || actor->paused || !mock_decoded(host, fn, 0, &cpu) ||
	    cpu != actor_at(host, fn))
		return false;
	return !IS_ENABLED(CONFIG_INDIRECT_IOMEM) ||
	       (actor->regs && readl(actor->regs) == host->fn[fn].magic);
}

/* Follows the kernel log from the beginning of an event. */
static struct kmsg_dump_iter log_begin;

/**
 * actor_rescan - an event
 * @host: the host
 *
 * Return: where its record of config writes begins.
 */
u32 actor_rescan(struct mock_host *host)
{
	u32 from = host->nr_writes;

	kmsg_dump_rewind(&log_begin);
	while (kmsg_dump_get_line(&log_begin, false, NULL, 0, NULL))
		;
	mock_rescan(host);
	return from;
}

/**
 * actor_log_has - has the engine said this in the last event?
 * @text: part of a line
 *
 * Return: true if it has.
 */
bool actor_log_has(const char *text)
{
	struct kmsg_dump_iter iter = log_begin;
	static char line[512];
	size_t len;

	while (kmsg_dump_get_line(&iter, false, line, sizeof(line) - 1, &len)) {
		line[len] = 0;
		if (strstr(line, "pci_movable") && strstr(line, text))
			return true;
	}
	return false;
}

/**
 * actor_expect_at_rest - nothing that was taken for an event is still held
 * @host: the host
 */
void actor_expect_at_rest(struct mock_host *host)
{
	struct kunit *test = host->test;
	u32 i;

	KUNIT_EXPECT_EQ(test, actor_play.open, 0);
	KUNIT_EXPECT_EQ(test, actor_play.bad, 0);
	KUNIT_EXPECT_FALSE(test, current->flags & PF_MEMALLOC_NOIO);
	for (i = 0; i < host->nr_fns; i++) {
		struct pci_dev *dev = mock_dev(host, i);

		if (!dev)
			continue;
		KUNIT_EXPECT_FALSE_MSG(test, mutex_is_locked(&dev->dev.mutex),
				       "%s is locked", host->fn[i].desc.name);
#ifdef CONFIG_PM
		/* Once since it was found, and once since its driver was bound. */
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&dev->dev.power.usage_count),
				    1 + !!dev->driver, "%s is kept awake",
				    host->fn[i].desc.name);
#endif
	}
}

/**
 * actor_expect_sane - hardware, PCI core and drivers agree, nothing is held
 * @host: the host
 * @from: where the record of the event begins
 */
void actor_expect_sane(struct mock_host *host, u32 from)
{
	struct kunit *test = host->test;
	char why[160] = "";

	KUNIT_EXPECT_TRUE_MSG(test, mock_check_decode(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_core(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_writes(host, from, why, sizeof(why)), "%s", why);
	actor_expect_at_rest(host);
}
