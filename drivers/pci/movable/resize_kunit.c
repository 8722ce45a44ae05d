// SPDX-License-Identifier: GPL-2.0
/*
 * A BAR that becomes larger beside a neighbour:
 *
 *	0       1M      2M      3M      4M      5M      6M	root window
 *	| GROWS | NEXT  |                               |	before
 *	| GROWS                         | NEXT  |       |	4 MiB fit at 0 only
 */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

#include "../pci.h"
#include "mock_scene.h"
#include "rescan.h"
#include "text.h"

enum { PORT_GROWS, GROWS, PORT_NEXT, NEXT };

#define PROBE_ID	0x1020		/* its driver resizes its BAR */

#define BASE		0x80000000ULL
#define SIZE_4M		2		/* as the capability has it */

/* The neighbour comes last, with or without a driver. */
#define SCENE									\
	"pmb-layout 1\n"							\
	"host 0000:10\n"							\
	"root 0000:10 mem 0x80000000-0x805fffff\n"				\
	"dev 0000:10:01.0 on 0000:10\n"						\
	"bridge 0000:10:01.0 bus 11-11 pcie\n"					\
	"window 0000:10:01.0 mem 0x80000000-0x800fffff\n"			\
	"dev 0000:11:00.0 behind 0000:10:01.0\n"				\
	"bar 0000:11:00.0 0 mem at 0x80000000-0x800fffff sizes 1M-4M\n"		\
	"dev 0000:10:02.0 on 0000:10\n"						\
	"bridge 0000:10:02.0 bus 12-12 pcie\n"					\
	"window 0000:10:02.0 mem 0x80100000-0x801fffff\n"			\
	"bar 0000:12:00.0 0 mem at 0x80100000-0x801fffff\n"			\
	"dev 0000:12:00.0 behind 0000:10:02.0"

static void free_layout(void *layout)
{
	pmb_layout_free(layout);
}

/* The names of the functions are the layout's. */
static struct mock_host *scene_of(struct kunit *test, const char *text)
{
	struct pmb_text_error error = { };
	struct pmb_layout *layout = pmb_text_read(text, strlen(text), &error);
	struct mock_host *host;

	KUNIT_ASSERT_NOT_NULL_MSG(test, layout, "line %u: %s", error.line, error.why);
	mock_drivers_register(test);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_layout, layout), 0);
	host = mock_host_from_layout(test, layout);
	return host;
}

/* As firmware does: registers that read 0 are windows of 1 MiB to the core. */
static void close_window(struct mock_host *host, u32 port, int space, u16 reg, u32 closed)
{
	struct resource *res = &mock_dev(host, port)->resource[PCI_BRIDGE_RESOURCES + space];

	mock_cfg_put(&host->fn[port], reg, space == PMB_IO ? 2 : 4, closed);
	res->start = 0;
	res->end = 0;
	res->flags = 0;
}

static void close_unused(struct mock_host *host, u32 port)
{
	close_window(host, port, PMB_IO, PCI_IO_BASE, 0x00f0);
	close_window(host, port, PMB_PREF, PCI_PREF_MEMORY_BASE, 0x0000fff0);
}

static struct mock_host *scene(struct kunit *test, const char *text)
{
	struct mock_host *host = scene_of(test, text);

	close_unused(host, PORT_GROWS);
	close_unused(host, PORT_NEXT);
	KUNIT_ASSERT_EQ(test, scene_start(host, GROWS, 0), BASE);
	KUNIT_ASSERT_EQ(test, scene_start(host, NEXT, 0), BASE + SZ_1M);
	return host;
}

static void decode(struct mock_host *host, u32 fn, bool on)
{
	struct pci_dev *dev = mock_dev(host, fn);
	u16 cmd;

	pci_read_config_word(dev, PCI_COMMAND, &cmd);
	pci_write_config_word(dev, PCI_COMMAND, on ? cmd | PCI_COMMAND_MEMORY :
						     cmd & ~PCI_COMMAND_MEMORY);
}

static void resize_moves_neighbour(struct kunit *test)
{
	struct mock_host *host = scene(test, SCENE "\nend\n");
	struct pci_dev *dev = mock_dev(host, GROWS);
	u32 from = scene_begin(host);
	u64 cpu;

	mock_save(host);
	decode(host, GROWS, false);
	KUNIT_EXPECT_EQ(test, pci_resize_resource(dev, 0, SIZE_4M, 0), 0);
	decode(host, GROWS, true);

	KUNIT_EXPECT_TRUE(test, scene_log_has("trigger=resize"));
	KUNIT_EXPECT_EQ(test, pci_resource_len(dev, 0), SZ_4M);
	KUNIT_EXPECT_EQ(test, pci_rebar_get_current_size(dev, 0), SIZE_4M);
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, GROWS, 0, &cpu));
	KUNIT_EXPECT_EQ(test, cpu, BASE);
	KUNIT_EXPECT_GE(test, scene_start(host, NEXT, 0), BASE + SZ_4M);
	scene_expect_sane(host, from);
}

/* The neighbour's driver has no hooks: everything is as it was. */
static void resize_finds_no_room(struct kunit *test)
{
	struct mock_host *host = scene(test, SCENE " driver fixed way never\nend\n");
	struct pci_dev *dev = mock_dev(host, GROWS);
	u32 from = scene_begin(host);
	char why[128] = "";
	u64 cpu;

	mock_save(host);
	decode(host, GROWS, false);
	KUNIT_EXPECT_EQ(test, pci_resize_resource(dev, 0, SIZE_4M, 0), -ENOSPC);
	decode(host, GROWS, true);

	KUNIT_EXPECT_TRUE(test, scene_log_has("result=no-space"));
	KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_EQ(test, pci_resource_len(dev, 0), SZ_1M);
	KUNIT_EXPECT_EQ(test, pci_rebar_get_current_size(dev, 0), 0);
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, GROWS, 0, &cpu));
	KUNIT_EXPECT_EQ(test, cpu, BASE);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, NEXT));
	scene_expect_sane(host, from);
}

/* A rescan is under way: stock's answer, and nothing has changed. */
static void resize_does_not_wait(struct kunit *test)
{
	struct mock_host *host = scene(test, SCENE "\nend\n");
	struct pci_dev *dev = mock_dev(host, GROWS);
	char why[128] = "";

	mock_save(host);
	decode(host, GROWS, false);
	pci_lock_rescan_remove();
	KUNIT_EXPECT_EQ(test, pci_resize_resource(dev, 0, SIZE_4M, 0), -ENOSPC);
	pci_unlock_rescan_remove();
	decode(host, GROWS, true);
	KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_EQ(test, scene_start(host, GROWS, 0), BASE);
}

/* The driver of GROWS, which may leave the resizing to another task. */
static struct resize_in_probe {
	struct work_struct work;
	struct pci_dev *dev;
	bool elsewhere;
	int err;
} in_probe;

static void do_resize(struct work_struct *work)
{
	in_probe.err = pci_resize_resource(in_probe.dev, 0, SIZE_4M, 0);
}

static int resizing_probe(struct pci_dev *dev, const struct pci_device_id *id)
{
	in_probe.dev = dev;
	if (in_probe.elsewhere) {
		INIT_WORK_ONSTACK(&in_probe.work, do_resize);
		schedule_work(&in_probe.work);
		flush_work(&in_probe.work);
		destroy_work_on_stack(&in_probe.work);
	} else {
		do_resize(NULL);
	}
	return in_probe.err ?: pci_enable_device_mem(dev);
}

static const struct pci_device_id resizing_ids[] = {
	{ PCI_DEVICE(MOCK_VENDOR, PROBE_ID) },
	{ }
};

static void resizing_remove(struct pci_dev *dev)
{
	pci_disable_device(dev);
}

static struct pci_driver resizing_driver = {
	.name = "pci_movable_resizing",
	.id_table = resizing_ids,
	.probe = resizing_probe,
	.remove = resizing_remove,
};

static void unregister(void *driver)
{
	pci_unregister_driver(driver);
}

/* GROWS goes, and comes back while a rescan holds the lock. */
static void resizes_in_probe(struct kunit *test, bool elsewhere)
{
	struct mock_host *host = scene(test, SCENE "\nend\n");
	u64 cpu;
	u32 from;

	KUNIT_ASSERT_EQ(test, pci_register_driver(&resizing_driver), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unregister, &resizing_driver), 0);
	in_probe = (struct resize_in_probe){ .elsewhere = elsewhere, .err = -ENODEV };
	mock_unplug(host, GROWS);
	host->fn[GROWS].desc.device = PROBE_ID;
	mock_plug(host, GROWS);
	mock_save(host);
	from = scene_rescan(host);

	KUNIT_EXPECT_EQ(test, in_probe.err, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("trigger=resize"));
	KUNIT_EXPECT_EQ(test, pci_resource_len(mock_dev(host, GROWS), 0), SZ_4M);
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, GROWS, 0, &cpu));
	KUNIT_EXPECT_GE(test, scene_start(host, NEXT, 0), BASE + SZ_4M);
	scene_expect_sane(host, from);
	mock_host_destroy(host);
}

static void resize_in_probe(struct kunit *test)
{
	resizes_in_probe(test, false);
}

/* As on a machine where probes run near the device. */
static void resize_in_probe_elsewhere(struct kunit *test)
{
	resizes_in_probe(test, true);
}

/*
 * A graphics card: behind a switch with a BAR of its own and an empty port.
 *
 *	0       1M      2M      3M      4M              8M
 *	| card  | empty | own   |                       |	before
 *	| card                          | own | ...     |	4 MiB fit at 0 or 4M
 */
enum { C_PORT, C_UP, C_DOWN, C_CARD, C_EMPTY };

static void resize_past_the_switch(struct kunit *test)
{
	struct mock_host *host = scene_of(test,
		"pmb-layout 1\n"
		"host 0000:10\n"
		"root 0000:10 mem 0x80000000-0x807fffff\n"
		"dev 0000:10:01.0 on 0000:10\n"
		"bridge 0000:10:01.0 bus 11-14 pcie\n"
		"window 0000:10:01.0 mem 0x80000000-0x802fffff\n"
		"dev 0000:11:00.0 behind 0000:10:01.0\n"
		"bar 0000:11:00.0 0 mem at 0x80200000-0x8020ffff\n"
		"bridge 0000:11:00.0 bus 12-14 pcie\n"
		"window 0000:11:00.0 mem 0x80000000-0x801fffff\n"
		"dev 0000:12:00.0 behind 0000:11:00.0\n"
		"bridge 0000:12:00.0 bus 13-13 pcie\n"
		"window 0000:12:00.0 mem 0x80000000-0x800fffff\n"
		"dev 0000:13:00.0 behind 0000:12:00.0\n"
		"bar 0000:13:00.0 0 mem at 0x80000000-0x800fffff sizes 1M-4M\n"
		"dev 0000:12:01.0 behind 0000:11:00.0\n"
		"bridge 0000:12:01.0 bus 14-14 pcie hotplug\n"
		"window 0000:12:01.0 mem 0x80100000-0x801fffff\n"
		"end\n");
	struct pci_dev *dev = mock_dev(host, C_CARD);
	u32 from = scene_begin(host);
	u64 cpu;

	KUNIT_ASSERT_EQ(test, scene_start(host, C_CARD, 0), BASE);
	KUNIT_ASSERT_EQ(test, scene_start(host, C_UP, 0), BASE + SZ_2M);
	mock_save(host);
	decode(host, C_CARD, false);
	KUNIT_EXPECT_EQ(test, pci_resize_resource(dev, 0, SIZE_4M, 0), 0);
	decode(host, C_CARD, true);
	KUNIT_EXPECT_EQ(test, pci_resource_len(dev, 0), SZ_4M);
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, C_CARD, 0, &cpu));
	KUNIT_EXPECT_TRUE(test, scene_placed(host, C_UP, 0));
	scene_expect_sane(host, from);
}

/* Reloaded, an FPGA comes back with 4 MiB, behind a port that is no slot. */
static void resize_by_reload(struct kunit *test)
{
	struct mock_host *host = scene(test, SCENE "\nend\n");
	u32 from;

	mock_unplug(host, GROWS);
	host->fn[GROWS].desc.bar[0].size = SZ_4M;
	host->fn[GROWS].desc.bar[0].sizes = 0;
	mock_plug(host, GROWS);
	mock_save(host);
	from = scene_rescan(host);
	KUNIT_EXPECT_TRUE(test, scene_log_has("trigger=rescan"));
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=ok"));
	KUNIT_EXPECT_TRUE(test, scene_placed(host, GROWS, 0));
	KUNIT_EXPECT_EQ(test, scene_start(host, GROWS, 0), BASE);
	KUNIT_EXPECT_GE(test, scene_start(host, NEXT, 0), BASE + SZ_4M);
	scene_expect_sane(host, from);
}

/* A new device may have its BAR as large as that disturbs nobody: 2 MiB here. */
static void resize_at_hotadd(struct kunit *test)
{
	struct mock_host *host = scene(test, SCENE " driver fixed way never\nend\n");
	bool was = pmb_largest_bars;
	u32 from;

	mock_unplug(host, GROWS);
	mock_plug(host, GROWS);
	mock_save(host);
	from = scene_rescan(host);
	KUNIT_EXPECT_EQ(test, pci_resource_len(mock_dev(host, GROWS), 0), SZ_1M);
	mock_unplug(host, GROWS);
	mock_plug(host, GROWS);
	pmb_largest_bars = true;
	from = scene_rescan(host);
	pmb_largest_bars = was;

	KUNIT_EXPECT_TRUE(test, scene_log_has("2 MiB instead of 1 MiB"));
	KUNIT_EXPECT_EQ(test, pci_resource_len(mock_dev(host, GROWS), 0), SZ_2M);
	KUNIT_EXPECT_EQ(test, pci_rebar_get_current_size(mock_dev(host, GROWS), 0), 1);
	scene_expect_untouched(host, NEXT, from, BASE + SZ_1M);
	scene_expect_sane(host, from);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(resize_moves_neighbour),
	KUNIT_CASE(resize_finds_no_room),
	KUNIT_CASE(resize_does_not_wait),
	KUNIT_CASE(resize_in_probe),
	KUNIT_CASE(resize_in_probe_elsewhere),
	KUNIT_CASE(resize_past_the_switch),
	KUNIT_CASE(resize_by_reload),
	KUNIT_CASE(resize_at_hotadd),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_resize",
	.test_cases = cases,
};

kunit_test_suite(suite);
