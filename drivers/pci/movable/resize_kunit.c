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

#include "../pci.h"
#include "mock_scene.h"
#include "text.h"

enum { PORT_GROWS, GROWS, PORT_NEXT, NEXT };

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

static struct mock_host *scene(struct kunit *test, const char *text)
{
	struct pmb_text_error error = { };
	struct pmb_layout *layout = pmb_text_read(text, strlen(text), &error);
	struct mock_host *host;

	KUNIT_ASSERT_NOT_NULL_MSG(test, layout, "line %u: %s", error.line, error.why);
	mock_drivers_register(test);
	host = mock_host_from_layout(test, layout);
	pmb_layout_free(layout);
	KUNIT_ASSERT_EQ(test, scene_start(host, GROWS, 0), BASE);
	KUNIT_ASSERT_EQ(test, scene_start(host, NEXT, 0), BASE + SZ_1M);
	return host;
}

static void decode(struct mock_host *host, bool on)
{
	struct pci_dev *dev = mock_dev(host, GROWS);
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
	decode(host, false);
	KUNIT_EXPECT_EQ(test, pci_resize_resource(dev, 0, SIZE_4M, 0), 0);
	decode(host, true);

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
	decode(host, false);
	KUNIT_EXPECT_EQ(test, pci_resize_resource(dev, 0, SIZE_4M, 0), -ENOSPC);
	decode(host, true);

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
	decode(host, false);
	pci_lock_rescan_remove();
	KUNIT_EXPECT_EQ(test, pci_resize_resource(dev, 0, SIZE_4M, 0), -ENOSPC);
	pci_unlock_rescan_remove();
	decode(host, true);
	KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_EQ(test, scene_start(host, GROWS, 0), BASE);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(resize_moves_neighbour),
	KUNIT_CASE(resize_finds_no_room),
	KUNIT_CASE(resize_does_not_wait),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_resize",
	.test_cases = cases,
};

kunit_test_suite(suite);
