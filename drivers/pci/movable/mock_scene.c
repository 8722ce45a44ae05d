// SPDX-License-Identifier: GPL-2.0
/* Topologies that several tests use, and what must hold after every event. */
#include <linux/delay.h>
#include <linux/kmsg_dump.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "../pci.h"
#include "force.h"
#include "mock_scene.h"
#include "report.h"
#include "rescan.h"

/* Follows the kernel log from the beginning of an event. */
static struct kmsg_dump_iter log_begin;

static void log_mark(void)
{
	kmsg_dump_rewind(&log_begin);
	while (kmsg_dump_get_line(&log_begin, false, NULL, 0, NULL))
		;
}

/**
 * scene_log_has - has the engine said this since the last event began?
 * @text: part of a line
 *
 * Return: true if it has.
 */
bool scene_log_has(const char *text)
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
 * scene_told - what the last summary since the last event began says
 * @key: word before the equals sign; what is behind must be a number
 *
 * Return: the number; -1 without such a summary.
 */
long long scene_told(const char *key)
{
	struct kmsg_dump_iter iter = log_begin;
	static char line[512];
	long long told = -1;
	char word[32];
	size_t len;

	snprintf(word, sizeof(word), " %s=", key);
	while (kmsg_dump_get_line(&iter, false, line, sizeof(line) - 1, &len)) {
		const char *at;

		line[len] = 0;
		at = strstr(line, "pci_movable: event=") ? strstr(line, word) : NULL;
		if (at && sscanf(at + strlen(word), "%lld", &told) != 1)
			told = -1;
	}
	return told;
}

/**
 * scene_begin - an event begins
 * @host: the host
 *
 * Return: where the record of it begins.
 */
u32 scene_begin(struct mock_host *host)
{
	pmb_report_afresh();
	log_mark();
	return host->nr_writes;
}

/**
 * scene_rescan - an event
 * @host: the host
 *
 * Return: where the record of it begins.
 */
u32 scene_rescan(struct mock_host *host)
{
	u32 from = scene_begin(host);

	mock_rescan(host);
	return from;
}

/* From here on drivers use their BARs, and memory may run out. */
static void engine_begins(struct mock_host *host)
{
	mock_drivers_watch(host, true);
	mock_memory_fails(mock_knobs.memory_fails);
}

static void engine_ends(struct mock_host *host)
{
	mock_knobs.memory_left = mock_memory_left();
	mock_memory_fails(0);
	mock_drivers_watch(host, false);
}

/**
 * scene_event - an event, in which the engine meets faults and the core none
 * @host: the host
 * @faults: what goes wrong
 * @nr: entries in @faults
 *
 * Does what pci_rescan_bus() does.  Drivers use their BARs meanwhile, and memory may
 * run out: see mock_knobs.  Faults that have not happened by the end stay armed.
 *
 * Return: where the record of the event begins.
 */
u32 scene_event(struct mock_host *host, const struct mock_fault *faults, u32 nr)
{
	struct pci_bus *bus = host->bridge->bus;
	u32 from = scene_begin(host);

	pci_lock_rescan_remove();
	pci_scan_child_bus(bus);
	pci_movable_note(bus);
	pci_assign_unassigned_bus_resources(bus);
	while (nr--)
		mock_arm(host, faults++);
	engine_begins(host);
	pci_movable_assign(bus, PMB_TRIGGER_RESCAN);
	engine_ends(host);
	pci_bus_add_devices(bus);
	pci_unlock_rescan_remove();
	return from;
}

/**
 * scene_force - an event in which BARs move without need
 * @host: the host
 * @fn: index of their function
 * @bars: bitmap of their numbers; 0: all of its own that may move
 * @from: set to where the record of the event begins
 *
 * Return: as pmb_rescan_force().
 */
int scene_force(struct mock_host *host, u32 fn, u32 bars, u32 *from)
{
	struct pci_dev *dev = mock_dev(host, fn);
	struct pmb_force force = { .bars = bars, .asked = 1 };
	int err;

	pmb_name_set(force.dev, pci_name(dev));
	*from = scene_begin(host);
	pci_lock_rescan_remove();
	engine_begins(host);
	err = pmb_rescan_force(dev, &force);
	engine_ends(host);
	pci_unlock_rescan_remove();
	return err;
}

/**
 * scene_start - where a BAR is
 * @host: the host
 * @fn: index of the function
 * @bar: number of the BAR
 *
 * Return: CPU address.
 */
u64 scene_start(struct mock_host *host, u32 fn, int bar)
{
	return mock_bar_res(host, fn, bar)->start;
}

/**
 * scene_placed - has a BAR an address?
 * @host: the host
 * @fn: index of the function
 * @bar: number of the BAR
 *
 * Return: true if it has.
 */
bool scene_placed(struct mock_host *host, u32 fn, int bar)
{
	return mock_dev(host, fn) && mock_bar_res(host, fn, bar)->parent;
}

/**
 * scene_attach - bind a driver whose first probe has failed: nobody else tries
 * @host: the host
 * @fn: index of the function
 */
void scene_attach(struct mock_host *host, u32 fn)
{
	KUNIT_EXPECT_EQ(host->test, device_attach(&mock_dev(host, fn)->dev), 1);
}

/**
 * scene_wait_detached - wait until a function has lost its driver
 * @host: the host
 * @fn: index of the function
 *
 * That is from a work item, without the locks of the event.
 */
void scene_wait_detached(struct mock_host *host, u32 fn)
{
	int tries;

	for (tries = 0; mock_driver_bound(host, fn) && tries < 100; tries++)
		msleep(20);
	KUNIT_EXPECT_FALSE(host->test, mock_driver_bound(host, fn));
}

/**
 * scene_power_lost - what is there of a function and all below it is reset
 * @host: the host
 * @top: index of the function
 */
void scene_power_lost(struct mock_host *host, u32 top)
{
	unsigned long flags;
	u32 i;

	raw_spin_lock_irqsave(&host->lock, flags);
	for (i = top; i < host->nr_fns; i++)
		if (mock_is_below(host, i, top))
			mock_cfg_init(host, i);
	raw_spin_unlock_irqrestore(&host->lock, flags);
}

/**
 * scene_restore - a function and all below it get back what was saved of them
 * @host: the host
 * @top: index of the function
 */
void scene_restore(struct mock_host *host, u32 top)
{
	u32 i;

	for (i = top; i < host->nr_fns; i++)
		if (mock_is_below(host, i, top) && mock_dev(host, i))
			pci_restore_state(mock_dev(host, i));
}

/**
 * scene_expect_sane - what must hold after every event, whatever went wrong
 * @host: the host
 * @from: where the record of the event begins
 *
 * Registers, resources and saved state agree, nobody answers for another, the
 * engine's writes are as they should be, fixed devices have seen none, every
 * paused driver was resumed or detached, no access was lost, and nothing is held
 * any more.
 */
void scene_expect_sane(struct mock_host *host, u32 from)
{
	struct kunit *test = host->test;
	char why[160] = "";

	KUNIT_EXPECT_TRUE_MSG(test, mock_check_decode(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_core(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_writes(host, from, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_fixed(host, from, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_held(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, mock_knobs.done + mock_knobs.detached);
	KUNIT_EXPECT_EQ(test, mock_knobs.bad_order, 0);
	KUNIT_EXPECT_EQ(test, mock_knobs.lost, 0);
}

/**
 * scene_expect_all_work - does everybody who is left reach his device?
 * @host: the host
 */
void scene_expect_all_work(struct mock_host *host)
{
	u32 i;

	for (i = 0; i < host->nr_fns; i++)
		if (mock_alive(host, i) && mock_driver_bound(host, i))
			KUNIT_EXPECT_TRUE_MSG(host->test, mock_driver_works(host, i),
					      "%s does not work", host->fn[i].desc.name);
}

/**
 * scene_expect_untouched - nothing was written to a function, and it works
 * @host: the host
 * @fn: index of the function
 * @from: where the record of the event begins
 * @start: where its first BAR was and is
 */
void scene_expect_untouched(struct mock_host *host, u32 fn, u32 from, u64 start)
{
	struct kunit *test = host->test;

	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, fn, false), 0);
	KUNIT_EXPECT_EQ(test, scene_start(host, fn, 0), start);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, fn));
}

static const struct mock_desc switch_desc[NR] = {
	[PORT] = {
		.name = "port",
		.up = PMB_NONE,
		.devfn = PCI_DEVFN(1, 0),
		.kind = MOCK_ROOT_PORT,
		.win = { [PMB_MEM] = { SCENE_LOW, SZ_4M }, [PMB_PREF] = { SCENE_HIGH, SZ_8M } },
	},
	[UP] = {
		.name = "up",
		.up = PORT,
		.kind = MOCK_UPSTREAM,
		.win = { [PMB_MEM] = { SCENE_LOW, SZ_4M }, [PMB_PREF] = { SCENE_HIGH, SZ_8M } },
	},
	[DRIVE] = {
		.name = "drive",
		.up = SLOT0,
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_16K, PMB_BAR_64, SCENE_LOW },
	},
	[CARD] = {
		.name = "card",
		.up = SLOT1,
		.flags = MOCK_EMPTY,
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_16M, PMB_BAR_64 | PMB_BAR_PREF },
	},
	[CARD2] = {
		.name = "card2",
		.up = SLOT2,
		.flags = MOCK_EMPTY,
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_2M },
		.bar[2] = { SZ_32M, PMB_BAR_64 | PMB_BAR_PREF },
	},
	[HUB] = {
		.name = "hub",
		.up = SLOT3,
		.kind = MOCK_UPSTREAM,
		.flags = MOCK_EMPTY,
	},
	[HUB_DOWN] = {
		.name = "hub down",
		.up = HUB,
		.kind = MOCK_DOWNSTREAM,
		.flags = MOCK_EMPTY,
	},
	[HUB_CARD] = {
		.name = "hub card",
		.up = HUB_DOWN,
		.flags = MOCK_EMPTY,
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_4M, PMB_BAR_64 | PMB_BAR_PREF },
		.bar[2] = { SZ_1M },
	},
};

static const struct pmb_root switch_roots[] = {
	{ .space = PMB_MEM, .range = { SCENE_LOW, SZ_256M } },
	{ .space = PMB_PREF, .range = { SCENE_HIGH, SZ_1G } },
};

/**
 * scene_switch_desc - the functions of the switch, to be changed at will
 * @test: the test
 *
 * Return: NR functions, never NULL.
 */
struct mock_desc *scene_switch_desc(struct kunit *test)
{
	struct mock_desc *desc = kunit_kcalloc(test, NR, sizeof(*desc), GFP_KERNEL);
	u32 n;

	KUNIT_ASSERT_NOT_NULL(test, desc);
	memcpy(desc, switch_desc, sizeof(switch_desc));
	for (n = 0; n < 4; n++)
		desc[SLOT0 + n] = (struct mock_desc){
			.name = "slot",
			.up = UP,
			.devfn = PCI_DEVFN(n, 0),
			.kind = MOCK_DOWNSTREAM,
			.flags = MOCK_SLOT,
			.spare = 4,
			.win = {
				[PMB_MEM] = { SCENE_LOW + n * SZ_1M, SZ_1M },
				[PMB_PREF] = { SCENE_HIGH + n * SZ_2M, SZ_2M },
			},
		};
	return desc;
}

/**
 * scene_switch_at - the switch, below another host bridge
 * @test: the test
 * @desc: its functions, from scene_switch_desc(); freed
 * @roots: windows of the host bridge
 * @nr_roots: entries in @roots
 *
 * Return: the host; drivers are registered.
 */
struct mock_host *scene_switch_at(struct kunit *test, struct mock_desc *desc,
				  const struct pmb_root *roots, u32 nr_roots)
{
	struct mock_host *host;

	mock_drivers_register(test);
	host = mock_host_create(test, desc, NR, roots, nr_roots);
	kunit_kfree(test, desc);
	mock_save(host);
	return host;
}

/**
 * scene_switch_of - the switch, with other functions
 * @test: the test
 * @desc: from scene_switch_desc(), changed; freed
 *
 * Return: the host; drivers are registered.
 */
struct mock_host *scene_switch_of(struct kunit *test, struct mock_desc *desc)
{
	return scene_switch_at(test, desc, switch_roots, ARRAY_SIZE(switch_roots));
}

/**
 * scene_switch - the switch
 * @test: the test
 *
 * Return: the host; drivers are registered.
 */
struct mock_host *scene_switch(struct kunit *test)
{
	return scene_switch_of(test, scene_switch_desc(test));
}

static const struct mock_desc tight_desc[T_NR] = {
	[T_PORT] = {
		.name = "port",
		.up = PMB_NONE,
		.devfn = PCI_DEVFN(1, 0),
		.kind = MOCK_ROOT_PORT,
		.win = { [PMB_MEM] = { SCENE_LOW, SZ_4M } },
	},
	[T_UP] = {
		.name = "up",
		.up = T_PORT,
		.kind = MOCK_UPSTREAM,
		.win = { [PMB_MEM] = { SCENE_LOW, SZ_4M } },
	},
	[T_SLOT0] = {
		.name = "slot0",
		.up = T_UP,
		.devfn = PCI_DEVFN(0, 0),
		.kind = MOCK_DOWNSTREAM,
		.win = { [PMB_MEM] = { SCENE_LOW + SZ_1M, SZ_1M } },
	},
	[T_SLOT1] = {
		.name = "slot1",
		.up = T_UP,
		.devfn = PCI_DEVFN(1, 0),
		.kind = MOCK_DOWNSTREAM,
		.win = { [PMB_MEM] = { SCENE_LOW + SZ_2M, SZ_1M } },
	},
	[T_SLOT2] = {
		.name = "slot2",
		.up = T_UP,
		.devfn = PCI_DEVFN(2, 0),
		.kind = MOCK_DOWNSTREAM,
	},
	[T_A] = {
		.name = "a",
		.up = T_SLOT0,
		.device = MOCK_ID_PAUSE,
		.bar[0] = { SZ_1M, PMB_BAR_64, SCENE_LOW + SZ_1M },
	},
	[T_B] = {
		.name = "b",
		.up = T_SLOT1,
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_1M, 0, SCENE_LOW + SZ_2M },
	},
	[T_CARD] = {
		.name = "card",
		.up = T_SLOT2,
		.flags = MOCK_EMPTY,
		.device = MOCK_ID_FIXED,
		.bar[0] = { SZ_2M },
	},
};

/* Functions that only some tests need */
static u32 count_fns(u32 flags)
{
	return flags & TIGHT_SRIOV ? T_NR + T_VFS : T_NR;
}

static const struct pmb_root tight_roots[] = {
	{ .space = PMB_MEM, .range = { SCENE_LOW, SZ_4M } },
	{ .space = PMB_IO, .range = { SCENE_PORTS, SZ_16K } },
	{ .space = PMB_PREF, .range = { SCENE_HIGH, SZ_2M } },
};

static u32 count_roots(u32 flags)
{
	if (flags & TIGHT_TABLE)
		return 3;
	return flags & TIGHT_PORTS ? 2 : 1;
}

/**
 * scene_switch_strict - the switch, with a drive that others than CPUs reach
 * @test: the test
 *
 * Its only BAR is in the prefetchable windows above it, and there is no room for
 * the card but in these.
 *
 * Return: the host; drivers are registered.
 */
struct mock_host *scene_switch_strict(struct kunit *test)
{
	static const struct pmb_root tight[] = {
		{ .space = PMB_MEM, .range = { SCENE_LOW, SZ_4M } },
		{ .space = PMB_PREF, .range = { SCENE_HIGH, SZ_1G } },
	};
	struct mock_desc *desc = scene_switch_desc(test);

	desc[DRIVE].device = MOCK_ID_STRICT;
	desc[DRIVE].bar[0] = (struct mock_bar){
		SZ_1M, PMB_BAR_64 | PMB_BAR_PREF, SCENE_HIGH + SZ_1M
	};
	return scene_switch_at(test, desc, tight, ARRAY_SIZE(tight));
}

/* The same in I/O space. */
static void add_ports(struct mock_desc *desc)
{
	static const u32 shift = 20 - 12;
	u32 i;

	for (i = T_PORT; i <= T_SLOT1; i++)
		desc[i].win[PMB_IO] = (struct pmb_range){
			SCENE_PORTS + ((desc[i].win[PMB_MEM].start - SCENE_LOW) >> shift),
			desc[i].win[PMB_MEM].size >> shift
		};
	for (i = T_A; i <= T_CARD; i++)
		desc[i].bar[2] = (struct mock_bar){
			.size = desc[i].bar[0].size >> shift,
			.flags = PMB_BAR_IO,
			.addr = desc[i].bar[0].addr ?
				desc[desc[i].up].win[PMB_IO].start : 0,
		};
}

/* A's BAR gets smaller, to make room for another one in the same window. */
static void halve(struct mock_desc *a)
{
	a->bar[0].size = SZ_512K;
}

static void add_rom(struct mock_desc *a)
{
	halve(a);
	a->bar[PCI_ROM_RESOURCE] = (struct mock_bar){
		.size = SZ_512K, .addr = SCENE_LOW + SZ_1M + SZ_512K
	};
}

/* Prefetchable: nobody else has such a BAR. */
static void add_table(struct mock_desc *desc)
{
	u32 i;

	for (i = T_PORT; i <= T_SLOT0; i++)
		desc[i].win[PMB_PREF] = (struct pmb_range){ SCENE_HIGH, SZ_2M };
	desc[T_A].bar[2] = (struct mock_bar){
		SZ_2M, PMB_BAR_64 | PMB_BAR_PREF, SCENE_HIGH
	};
	desc[T_A].msix_bar = 2;
}

static void add_vfs(struct mock_desc *desc)
{
	u32 i;

	halve(&desc[T_A]);
	desc[T_A].vfs = T_VFS;
	desc[T_A].bar[MOCK_VF_BAR] = (struct mock_bar){
		.size = SZ_512K / T_VFS, .addr = SCENE_LOW + SZ_1M + SZ_512K
	};
	for (i = 0; i < T_VFS; i++)
		desc[T_NR + i] = (struct mock_desc){
			.name = "VF",
			.up = T_SLOT0,
			.kind = MOCK_VF,
			.pf = T_A,
			.devfn = MOCK_VF_OFFSET + i,
			.device = MOCK_ID_VF,
		};
}

/**
 * scene_tight - the tight one, with the card plugged in
 * @test: the test
 * @a: device ID of A
 * @b: device ID of B
 * @flags: TIGHT_*
 *
 * Return: the host, all of it remembered by mock_save(); drivers are registered,
 * and what they count begins at 0.
 */
struct mock_host *scene_tight(struct kunit *test, u16 a, u16 b, u32 flags)
{
	struct mock_desc *desc = kunit_kcalloc(test, count_fns(flags), sizeof(*desc), GFP_KERNEL);
	struct mock_host *host;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, desc);
	memcpy(desc, tight_desc, sizeof(tight_desc));
	mock_drivers_register(test);
	desc[T_A].device = a;
	desc[T_B].device = b;
	if (flags & TIGHT_PORTS)
		add_ports(desc);
	if (flags & TIGHT_ROM)
		add_rom(&desc[T_A]);
	if (flags & TIGHT_SRIOV)
		add_vfs(desc);
	if (flags & TIGHT_FLR)
		desc[T_A].flags |= MOCK_FLR;
	if (flags & TIGHT_PM)
		desc[T_A].flags |= MOCK_PM;
	if (flags & (TIGHT_MSIX | TIGHT_TABLE))
		desc[T_A].msix = 4;
	if (flags & TIGHT_TABLE)
		add_table(desc);
	host = mock_host_create(test, desc, count_fns(flags), tight_roots, count_roots(flags));
	kunit_kfree(test, desc);

	if (flags & TIGHT_ROM)
		mock_cfg_put(&host->fn[T_A], PCI_ROM_ADDRESS, 4,
			     mock_bar_range(&host->fn[T_A], PCI_ROM_RESOURCE).start |
			     PCI_ROM_ADDRESS_ENABLE);

	/* As portdrv does it. */
	for (i = T_PORT; i <= T_SLOT2; i++)
		pci_save_state(mock_dev(host, i));
	scene_expect_all_work(host);
	mock_plug(host, T_CARD);
	mock_save(host);
	mock_knobs = (struct mock_driver_knobs){ };
	return host;
}

/**
 * scene_expect_nothing_moved - all is as before, and both drivers are at work
 * @host: from scene_tight()
 * @from: where the record of the event begins
 */
void scene_expect_nothing_moved(struct mock_host *host, u32 from)
{
	struct kunit *test = host->test;
	char why[128] = "";

	KUNIT_EXPECT_FALSE(test, scene_placed(host, T_CARD, 0));
	KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_EQ(test, scene_start(host, T_A, 0), SCENE_LOW + SZ_1M);
	KUNIT_EXPECT_EQ(test, scene_start(host, T_B, 0), SCENE_LOW + SZ_2M);
	scene_expect_all_work(host);
	scene_expect_sane(host, from);
}

/**
 * scene_expect_in_vain - there was no plan, or it was called off before the stop
 * @host: from scene_tight()
 * @from: where the record of the event begins
 * @prepared: drivers that were paused for it
 */
void scene_expect_in_vain(struct mock_host *host, u32 from, u32 prepared)
{
	struct kunit *test = host->test;

	KUNIT_EXPECT_TRUE(test, scene_log_has("result=no-space"));
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, prepared);
	KUNIT_EXPECT_EQ(test, mock_count_writes(host, from, MOCK_ANY, true), 0);
	scene_expect_nothing_moved(host, from);
	scene_expect_truth(host, from);
}

/**
 * scene_expect_a_moved - A has made room, and was paused for it
 * @host: from scene_tight()
 * @from: where the record of the event begins
 */
void scene_expect_a_moved(struct mock_host *host, u32 from)
{
	struct kunit *test = host->test;

	KUNIT_EXPECT_EQ(test, scene_start(host, T_A, 0), SCENE_LOW + 3 * SZ_1M);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_A));
	KUNIT_EXPECT_EQ(test, scene_start(host, T_CARD, 0), SCENE_LOW);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, T_CARD));
	scene_expect_untouched(host, T_B, from, SCENE_LOW + SZ_2M);
	/* The region that the driver requested went along. */
	KUNIT_ASSERT_NOT_NULL(test, mock_bar_res(host, T_A, 0)->child);
	KUNIT_EXPECT_EQ(test, mock_bar_res(host, T_A, 0)->child->start, SCENE_LOW + 3 * SZ_1M);
	scene_expect_sane(host, from);
}

/**
 * scene_tight_moved - the tight one, after A has moved
 * @test: the test
 * @flags: TIGHT_*
 *
 * Return: as scene_tight().
 */
struct mock_host *scene_tight_moved(struct kunit *test, u32 flags)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, flags);

	scene_expect_a_moved(host, scene_event(host, NULL, 0));
	return host;
}

/**
 * scene_expect_a_moves - after an event in vain the next one moves A for the card
 * @host: from scene_tight()
 */
void scene_expect_a_moves(struct mock_host *host)
{
	u32 from = scene_event(host, NULL, 0);

	/* Its first probe has failed. */
	if (!mock_driver_bound(host, T_CARD))
		scene_attach(host, T_CARD);
	scene_expect_a_moved(host, from);
}

/**
 * scene_expect_a_at - A is there, for the core, the hardware and its driver
 * @host: from scene_tight()
 * @addr: where
 */
void scene_expect_a_at(struct mock_host *host, u64 addr)
{
	struct kunit *test = host->test;
	char why[128] = "";
	u64 cpu = 0;

	KUNIT_EXPECT_TRUE_MSG(test, mock_check_core(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_decode(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_EQ(test, scene_start(host, T_A, 0), addr);
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, T_A, 0, &cpu));
	KUNIT_EXPECT_EQ(test, cpu, addr);
	scene_expect_all_work(host);
}
