// SPDX-License-Identifier: GPL-2.0
/*
 * Switches are plugged in where there are too few bus numbers.
 *
 *	root, from 10
 *	  port A 11-11		dock A, a switch with one slot
 *	  port B 12-12		dock 1, with two slots; in the first one
 *	  (free)			dock 2, the same; in the first one
 *						dock 3, the same
 */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "../pci.h"
#include "mock_scene.h"

enum {
	PORT_A, PORT_B, DOCK_A, DOCK_A_SLOT,
	DOCK1, DOCK1_SLOT, DOCK1_NEXT,
	DOCK2, DOCK2_SLOT, DOCK2_NEXT,
	DOCK3, DOCK3_SLOT, DOCK3_NEXT,
	BRIDGES
};

#define NR_A	0x11		/* buses, as they are numbered at boot */
#define NR_B	0x12

static const struct mock_desc docks[BRIDGES] = {
	[PORT_A] = { "port A", PMB_NONE, PCI_DEVFN(1, 0), MOCK_ROOT_PORT, MOCK_SLOT },
	[PORT_B] = { "port B", PMB_NONE, PCI_DEVFN(2, 0), MOCK_ROOT_PORT, MOCK_SLOT },
	[DOCK_A] = { "dock A", PORT_A, 0, MOCK_UPSTREAM, MOCK_EMPTY },
	[DOCK_A_SLOT] = { "dock A slot", DOCK_A, 0, MOCK_DOWNSTREAM, MOCK_EMPTY | MOCK_SLOT },
	[DOCK1] = { "dock 1", PORT_B, 0, MOCK_UPSTREAM, MOCK_EMPTY },
	[DOCK1_SLOT] = { "dock 1 slot", DOCK1, PCI_DEVFN(0, 0), MOCK_DOWNSTREAM, MOCK_SLOT },
	[DOCK1_NEXT] = { "dock 1 next", DOCK1, PCI_DEVFN(1, 0), MOCK_DOWNSTREAM, MOCK_SLOT },
	[DOCK2] = { "dock 2", DOCK1_SLOT, 0, MOCK_UPSTREAM },
	[DOCK2_SLOT] = { "dock 2 slot", DOCK2, PCI_DEVFN(0, 0), MOCK_DOWNSTREAM, MOCK_SLOT },
	[DOCK2_NEXT] = { "dock 2 next", DOCK2, PCI_DEVFN(1, 0), MOCK_DOWNSTREAM, MOCK_SLOT },
	[DOCK3] = { "dock 3", DOCK2_SLOT, 0, MOCK_UPSTREAM },
	[DOCK3_SLOT] = { "dock 3 slot", DOCK3, PCI_DEVFN(0, 0), MOCK_DOWNSTREAM, MOCK_SLOT },
	[DOCK3_NEXT] = { "dock 3 next", DOCK3, PCI_DEVFN(1, 0), MOCK_DOWNSTREAM, MOCK_SLOT },
};

static const struct pmb_root root = {
	.space = PMB_MEM, .range = { SCENE_LOW, SZ_256M },
};

/* Nothing is plugged in; the host bridge has numbers up to @last. */
static struct mock_host *scene(struct kunit *test, u8 last)
{
	struct mock_host *host = mock_host_create(test, docks, BRIDGES, &root, 1);

	pci_lock_rescan_remove();
	KUNIT_ASSERT_EQ(test, pci_bus_update_busn_res_end(host->bridge->bus, last), 0);
	pci_unlock_rescan_remove();
	KUNIT_ASSERT_EQ(test, mock_dev(host, PORT_A)->subordinate->number, NR_A);
	KUNIT_ASSERT_EQ(test, mock_dev(host, PORT_B)->subordinate->number, NR_B);
	return host;
}

/* What stands in the slots of @dock arrives with it, but for @later. */
static void plug(struct mock_host *host, u32 dock, u32 later)
{
	u32 i;

	mock_plug(host, dock);
	for (i = later; i < BRIDGES; i++)
		if (mock_is_below(host, i, later))
			host->fn[i].present = false;
}

/* As pciehp does it. */
static u32 hot_add(struct mock_host *host, u32 dock)
{
	struct pci_dev *port = mock_dev(host, host->fn[dock].desc.up), *dev;
	u32 from = scene_begin(host);
	struct pci_bus *bus;

	KUNIT_ASSERT_NOT_NULL(host->test, port);
	bus = port->subordinate;
	KUNIT_ASSERT_NOT_NULL(host->test, bus);
	pci_lock_rescan_remove();
	pci_scan_slot(bus, PCI_DEVFN(0, 0));
	for_each_pci_bridge(dev, bus)
		pci_hp_add_bridge(dev);
	pci_movable_note(bus);
	pci_assign_unassigned_bridge_resources(port);
	pci_movable_assign(bus, PMB_TRIGGER_HOTPLUG);
	pci_bus_add_devices(bus);
	pci_unlock_rescan_remove();
	return from;
}

static bool numbered(struct mock_host *host, u32 fn)
{
	struct pci_dev *dev = mock_dev(host, fn);

	return dev && dev->subordinate;
}

/* Register, resource and saved state agree; no two siblings have the same number. */
static void expect_numbers(struct mock_host *host)
{
	struct kunit *test = host->test;
	u32 i, k;

	for (i = 0; i < BRIDGES; i++) {
		const struct mock_fn *fn = &host->fn[i], *up;
		struct pci_dev *dev = mock_dev(host, i);
		u8 first = mock_cfg_get(fn, PCI_SECONDARY_BUS, 1);
		u8 last = mock_cfg_get(fn, PCI_SUBORDINATE_BUS, 1);

		if (!dev || !dev->subordinate)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, dev->subordinate->busn_res.start, first,
				    "%s", fn->desc.name);
		KUNIT_EXPECT_EQ_MSG(test, dev->subordinate->busn_res.end, last,
				    "%s", fn->desc.name);
		KUNIT_EXPECT_LE(test, first, last);
		if (fn->desc.up != PMB_NONE) {
			up = &host->fn[fn->desc.up];
			KUNIT_EXPECT_GT(test, first, mock_cfg_get(up, PCI_SECONDARY_BUS, 1));
			KUNIT_EXPECT_LE(test, last, mock_cfg_get(up, PCI_SUBORDINATE_BUS, 1));
		}
		for (k = 0; k < i; k++)
			if (numbered(host, k) && host->fn[k].desc.up == fn->desc.up)
				KUNIT_EXPECT_LT(test, mock_cfg_get(&host->fn[k],
								   PCI_SUBORDINATE_BUS, 1),
						first);
	}
}

static void buses_grow(struct kunit *test)
{
	struct mock_host *host = scene(test, 0x2f);
	struct pci_dev *port = mock_dev(host, PORT_B);
	u32 from;

	port->saved_config_space[PCI_PRIMARY_BUS / 4] = 0x99000000 | NR_B << 16 | NR_B << 8 | 0x10;
	plug(host, DOCK1, DOCK2);
	from = hot_add(host, DOCK1);

	KUNIT_EXPECT_TRUE(test, scene_log_has("buses: "));
	KUNIT_EXPECT_TRUE(test, numbered(host, DOCK1));
	KUNIT_EXPECT_TRUE(test, numbered(host, DOCK1_SLOT));
	KUNIT_EXPECT_TRUE(test, numbered(host, DOCK1_NEXT));
	KUNIT_EXPECT_EQ(test, port->subordinate->number, NR_B);
	KUNIT_EXPECT_EQ(test, port->subordinate->busn_res.end, 0x2f);
	KUNIT_EXPECT_EQ(test, port->saved_config_space[PCI_PRIMARY_BUS / 4],
			0x992f0010 | NR_B << 8);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, PORT_A, false), 0);
	expect_numbers(host);
}

/* The second and the third one of a chain get numbers, too, each in its own event. */
static void buses_of_a_chain(struct kunit *test)
{
	struct mock_host *host = scene(test, 0x2f);

	plug(host, DOCK1, DOCK2);
	hot_add(host, DOCK1);
	plug(host, DOCK2, DOCK3);
	hot_add(host, DOCK2);
	KUNIT_EXPECT_TRUE(test, numbered(host, DOCK2_NEXT));
	plug(host, DOCK3, BRIDGES);
	hot_add(host, DOCK3);
	KUNIT_EXPECT_TRUE(test, numbered(host, DOCK3_SLOT));
	KUNIT_EXPECT_TRUE(test, numbered(host, DOCK3_NEXT));
	expect_numbers(host);
}

static void buses_of_a_chassis(struct kunit *test)
{
	struct mock_host *host = scene(test, 0x2f);
	u32 i;

	plug(host, DOCK1, BRIDGES);
	hot_add(host, DOCK1);
	for (i = DOCK1; i < BRIDGES; i++)
		KUNIT_EXPECT_TRUE_MSG(test, numbered(host, i), "%s", docks[i].name);
	expect_numbers(host);
}

/* What goes leaves a hole in the numbers; what comes back fits into it. */
static void buses_with_holes(struct kunit *test)
{
	static const struct {
		u32 goes, later;
	} round[] = {
		{ DOCK2, BRIDGES }, { DOCK1, BRIDGES }, { DOCK2, DOCK3 }, { DOCK1, DOCK2 },
	};
	struct mock_host *host = scene(test, 0x2f);
	u32 r, i;
	u8 last;

	plug(host, DOCK1, BRIDGES);
	hot_add(host, DOCK1);
	last = mock_dev(host, PORT_B)->subordinate->busn_res.end;
	for (r = 0; r < ARRAY_SIZE(round); r++) {
		mock_unplug(host, round[r].goes);
		expect_numbers(host);
		plug(host, round[r].goes, round[r].later);
		hot_add(host, round[r].goes);
		expect_numbers(host);
		if (round[r].later < BRIDGES) {
			plug(host, round[r].later, BRIDGES);
			hot_add(host, round[r].later);
		}
		for (i = DOCK1; i < BRIDGES; i++)
			KUNIT_EXPECT_TRUE_MSG(test, numbered(host, i), "round %u, %s", r,
					      docks[i].name);
		KUNIT_EXPECT_EQ(test, mock_dev(host, PORT_B)->subordinate->busn_res.end, last);
		expect_numbers(host);
	}
}

/* It gets what there is, and is told what is missing. */
static void buses_run_out(struct kunit *test)
{
	struct mock_host *host = scene(test, NR_B + 2);

	plug(host, DOCK1, DOCK2);
	hot_add(host, DOCK1);
	KUNIT_EXPECT_TRUE(test, scene_log_has("1 of 2 bus numbers missing"));
	KUNIT_EXPECT_TRUE(test, scene_log_has("the host bridge ends at 14"));
	KUNIT_EXPECT_TRUE(test, numbered(host, DOCK1));
	KUNIT_EXPECT_TRUE(test, numbered(host, DOCK1_SLOT));
	KUNIT_EXPECT_EQ(test, mock_dev(host, PORT_B)->subordinate->busn_res.end, NR_B + 2);
}

/* Nobody is renumbered, and whoever is in the way is named. */
static void buses_taken_by_sibling(struct kunit *test)
{
	struct mock_host *host = scene(test, 0x2f);
	u32 from, before = mock_cfg_get(&host->fn[PORT_A], PCI_PRIMARY_BUS, 4);
	char why[160] = "";

	plug(host, DOCK_A, BRIDGES);
	from = hot_add(host, DOCK_A);
	KUNIT_EXPECT_TRUE(test, scene_log_has("1 of 1 bus numbers missing"));
	KUNIT_EXPECT_TRUE(test, scene_log_has("10:01.0 cannot grow"));
	KUNIT_EXPECT_TRUE(test, scene_log_has("10:02.0 has 12-12"));
	KUNIT_EXPECT_FALSE(test, numbered(host, DOCK_A));
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, PORT_B, false), 0);
	KUNIT_EXPECT_EQ(test, mock_dev(host, PORT_A)->subordinate->busn_res.end, NR_A);
	KUNIT_EXPECT_EQ(test, mock_cfg_get(&host->fn[PORT_A], PCI_PRIMARY_BUS, 4),
			before);
	host->fn[DOCK_A].present = false;
	expect_numbers(host);
	/* Stock assignment has opened windows of port A; they are saved as they are. */
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_core(host, why, sizeof(why)), "%s", why);
}

/* A port that does not take the number: those above it get theirs back. */
static void buses_do_not_stick(struct kunit *test)
{
	struct mock_host *host = scene(test, NR_B + 3);
	u8 last;

	plug(host, DOCK1, DOCK2);
	hot_add(host, DOCK1);
	last = mock_dev(host, DOCK1_NEXT)->subordinate->busn_res.end;
	KUNIT_ASSERT_EQ(test, last, NR_B + 3);

	/* Numbers have come, but the slot is the last one that cannot have them. */
	pci_lock_rescan_remove();
	pci_bus_update_busn_res_end(host->bridge->bus, 0x2f);
	pci_unlock_rescan_remove();
	mock_arm(host, &(struct mock_fault){
		.fn = DOCK1, .reg = PCI_SUBORDINATE_BUS, .times = 1,
	});
	host->fn[DOCK2].desc.up = DOCK1_NEXT;
	plug(host, DOCK2, DOCK3);
	hot_add(host, DOCK2);
	KUNIT_EXPECT_FALSE(test, mock_armed(host));
	KUNIT_EXPECT_TRUE(test, scene_log_has("does not take 2f"));
	KUNIT_EXPECT_FALSE(test, numbered(host, DOCK2));
	KUNIT_EXPECT_EQ(test, mock_dev(host, PORT_B)->subordinate->busn_res.end, last);
	expect_numbers(host);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(buses_grow),
	KUNIT_CASE(buses_of_a_chain),
	KUNIT_CASE(buses_of_a_chassis),
	KUNIT_CASE(buses_with_holes),
	KUNIT_CASE(buses_run_out),
	KUNIT_CASE(buses_taken_by_sibling),
	KUNIT_CASE(buses_do_not_stick),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_buses",
	.test_cases = cases,
};

kunit_test_suite(suite);
