// SPDX-License-Identifier: GPL-2.0
/*
 * Everything that can go wrong goes wrong once, at every step at which it can:
 *
 *	for step = 0, 1, 2, ...
 *		build the host anew, let the fault happen at this step
 *		until no step was left for it
 *
 * and each time the same must hold: see after_fault().
 */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "../pci.h"
#include "mock_scene.h"

#define STEPS	2000	/* something is wrong if there are more */

/**
 * struct scene - a host, and a card that needs room in it
 * @name: for messages
 * @make: builds it, card plugged in, remembered by mock_save()
 * @card: the card
 * @bridges: those with indices up to this are to vanish; 0: none, it takes long
 */
struct scene {
	const char *name;
	struct mock_host *(*make)(struct kunit *test);
	u32 card;
	u32 bridges;
};

static struct mock_host *make_tight(struct kunit *test)
{
	return scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
}

static struct mock_host *make_ports(struct kunit *test)
{
	return scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, TIGHT_PORTS);
}

/* Nobody is to be paused; a ROM that is switched on moves, too. */
static struct mock_host *make_driverless(struct kunit *test)
{
	return scene_tight(test, MOCK_ID_NONE, MOCK_ID_STRICT, TIGHT_ROM);
}

static struct mock_host *make_switch(struct kunit *test)
{
	struct mock_host *host = scene_switch(test);

	mock_plug(host, CARD);
	mock_save(host);
	return host;
}

/* Windows above a BAR that others than CPUs use may only grow. */
static struct mock_host *make_strict(struct kunit *test)
{
	struct mock_host *host = scene_switch_strict(test);

	mock_plug(host, CARD);
	mock_save(host);
	return host;
}

static const struct scene scenes[] = {
	{ "tight", make_tight, T_CARD, T_SLOT2 },
	{ "ports", make_ports, T_CARD },
	{ "driverless", make_driverless, T_CARD },
	{ "switch", make_switch, CARD },
	{ "strict", make_strict, CARD, SLOT3 },
};

/* The engine reads command registers and writes them back, all but two bits. */
static void expect_commands_kept(struct mock_host *host)
{
	u32 i;

	for (i = 0; i < host->nr_fns; i++) {
		const struct mock_fn *fn = &host->fn[i];
		u16 was = fn->saved[PCI_COMMAND] | fn->saved[PCI_COMMAND + 1] << 8;
		u16 mask = U16_MAX;

		/* A bridge is enabled when its first window opens. */
		if (mock_is_bridge(fn))
			mask = ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
		if (mock_alive(host, i) && fn->users >= 0)
			KUNIT_EXPECT_EQ_MSG(host->test, mock_cfg_get(fn, PCI_COMMAND, 2) & mask,
					    was & mask, "%s", fn->desc.name);
	}
}

static bool said_done(void)
{
	return scene_log_has("result=ok") || scene_log_has("result=partial");
}

/*
 * Who is left works, at the old place or at the new one, and what the log says
 * is true.
 */
static void after_fault(struct mock_host *host, const struct scene *s, u32 from)
{
	struct kunit *test = host->test;

	scene_expect_all_work(host);
	scene_expect_sane(host, from);
	scene_expect_truth(host, from);
	expect_commands_kept(host);
	if (mock_alive(host, s->card))
		KUNIT_EXPECT_EQ(test, scene_placed(host, s->card, 0), said_done());
	KUNIT_EXPECT_FALSE(test, scene_log_has("did not take their old value"));
}

static void expect_as_before(struct mock_host *host, const struct scene *s)
{
	struct kunit *test = host->test;
	char why[128] = "";

	KUNIT_EXPECT_FALSE(test, scene_placed(host, s->card, 0));
	KUNIT_EXPECT_FALSE(test, said_done());
	KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);
}

/* It was not the end of the world. */
static void expect_next_event_serves(struct mock_host *host, const struct scene *s)
{
	struct kunit *test = host->test;
	u32 from = scene_event(host, NULL, 0);

	KUNIT_EXPECT_TRUE(test, scene_log_has("result=ok"));
	KUNIT_EXPECT_TRUE(test, scene_placed(host, s->card, 0));
	if (!mock_driver_bound(host, s->card))
		scene_attach(host, s->card);
	scene_expect_all_work(host);
	scene_expect_sane(host, from);
}

/* Returns false after the last step, or when a test has failed: one is enough. */
static bool more_steps(struct kunit *test, const struct scene *s, u32 step, bool happened)
{
	if (READ_ONCE(test->status) == KUNIT_FAILURE) {
		kunit_err(test, "%s, step %u", s->name, step);
		return false;
	}
	if (!happened)
		kunit_info(test, "%s: %u steps", s->name, step);
	KUNIT_ASSERT_LT(test, step, STEPS);
	return happened;
}

typedef bool (*try_step)(struct kunit *test, const struct scene *s, u32 step);

static void try_all_steps(struct kunit *test, try_step try)
{
	u32 i, step;

	for (i = 0; i < ARRAY_SIZE(scenes); i++)
		for (step = 0; more_steps(test, &scenes[i], step, try(test, &scenes[i], step));
		     step++)
			;
}

static bool write_does_not_stick(struct kunit *test, const struct scene *s, u32 step)
{
	struct mock_fault fault = {
		.fn = MOCK_ANY, .stopped = true, .after = step, .times = 1
	};
	struct mock_host *host = s->make(test);
	u32 from = scene_event(host, &fault, 1);
	bool happened = !mock_armed(host);

	mock_disarm(host);
	after_fault(host, s, from);
	if (happened) {
		expect_as_before(host, s);
		KUNIT_EXPECT_TRUE(test, scene_log_has("result=failed"));
		expect_next_event_serves(host, s);
	} else {
		KUNIT_EXPECT_TRUE(test, scene_placed(host, s->card, 0));
	}
	mock_host_destroy(host);
	return happened;
}

static void fault_write_does_not_stick(struct kunit *test)
{
	try_all_steps(test, write_does_not_stick);
}

/* Steps count the writes after the one that fails: step 0 is the first undone. */
static bool undo_fails_once(struct kunit *test, const struct scene *s, u32 bad, u32 step)
{
	struct mock_fault fault[] = {
		{ .fn = MOCK_ANY, .stopped = true, .after = bad, .times = 1 },
		{ .fn = MOCK_ANY, .stopped = true, .after = bad + 1 + step, .times = 1 },
	};
	struct mock_host *host = s->make(test);
	u32 from = scene_event(host, fault, 2);
	bool happened = !mock_armed(host);

	mock_disarm(host);
	after_fault(host, s, from);
	if (happened)
		expect_as_before(host, s);
	mock_host_destroy(host);
	return happened;
}

static u32 count_writes(struct kunit *test, const struct scene *s)
{
	struct mock_host *host = s->make(test);
	u32 from = scene_event(host, NULL, 0);
	u32 nr = mock_count_writes(host, from, MOCK_ANY, true);

	mock_host_destroy(host);
	return nr;
}

static void fault_undo_fails_once(struct kunit *test)
{
	u32 i, bad, step, nr;

	for (i = 0; i < ARRAY_SIZE(scenes); i++) {
		nr = count_writes(test, &scenes[i]);
		KUNIT_EXPECT_GT(test, nr, 2);
		for (bad = 0; bad < nr; bad++)
			for (step = 0; step <= bad && more_steps(test, &scenes[i], step, true);
			     step++)
				undo_fails_once(test, &scenes[i], bad, step);
	}
}

/* The writes of the engine, as they are when nothing goes wrong. */
static struct mock_write *record(struct kunit *test, const struct scene *s, u32 *nr)
{
	struct mock_host *host = s->make(test);
	u32 i, from = scene_event(host, NULL, 0);
	struct mock_write *w;

	*nr = 0;
	w = kunit_kcalloc(test, host->nr_writes - from, sizeof(*w), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, w);
	for (i = from; i < host->nr_writes; i++)
		if (host->writes[i].stopped)
			w[(*nr)++] = host->writes[i];
	mock_host_destroy(host);
	return w;
}

/*
 * The last write fails, and then the register of another one never takes its old
 * value back.  The device may be lost, others must not suffer, and the log has to
 * say so.
 */
static void undo_fails_for_good(struct kunit *test, const struct scene *s,
				const struct mock_write *w, u32 nr, u32 k)
{
	struct mock_fault fault[] = {
		{ .fn = MOCK_ANY, .stopped = true, .after = nr - 1, .times = 1 },
		{ .fn = w[k].fn, .reg = w[k].reg, .stopped = true, .times = U32_MAX },
	};
	struct mock_host *host = s->make(test);
	char why[128] = "";
	u32 i, from;

	for (i = 0; i < nr; i++)
		fault[1].after += w[i].fn == w[k].fn && w[i].reg == w[k].reg;
	from = scene_event(host, fault, 2);
	mock_disarm(host);

	KUNIT_EXPECT_TRUE(test, scene_log_has("did not take their old value"));
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=failed"));
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_fixed(host, from, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_held(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, mock_knobs.done);
	/* A window that does not close again is nobody's fault but the bridge's. */
	if (!mock_is_bridge(&host->fn[w[k].fn]))
		KUNIT_EXPECT_TRUE_MSG(test, mock_check_decode(host, why, sizeof(why)), "%s", why);
	mock_host_destroy(host);
}

static void fault_undo_fails_for_good(struct kunit *test)
{
	u32 i, k, nr;

	for (i = 0; i < ARRAY_SIZE(scenes); i++) {
		struct mock_write *w = record(test, &scenes[i], &nr);

		for (k = 0; k + 1 < nr && more_steps(test, &scenes[i], k, true); k++)
			undo_fails_for_good(test, &scenes[i], w, nr, k);
	}
}

static bool vanishes(struct kunit *test, const struct scene *s, u32 step, u32 victim)
{
	struct mock_fault fault = {
		.fn = MOCK_ANY, .reads = true, .after = step, .times = 1,
		.vanish = true, .victim = victim,
	};
	struct mock_host *host = s->make(test);
	u32 from = scene_event(host, &fault, 1);
	bool happened = !mock_armed(host);

	mock_disarm(host);
	after_fault(host, s, from);
	mock_host_destroy(host);
	return happened;
}

static bool device_vanishes(struct kunit *test, const struct scene *s, u32 step)
{
	return vanishes(test, s, step, 0);
}

static void fault_device_vanishes(struct kunit *test)
{
	try_all_steps(test, device_vanishes);
}

/* Not the device that is just accessed, but a bridge, one after the other. */
static void fault_bridge_vanishes(struct kunit *test)
{
	u32 i, top, step;

	for (i = 0; i < ARRAY_SIZE(scenes); i++)
		for (top = 0; scenes[i].bridges && top <= scenes[i].bridges; top++)
			for (step = 0; more_steps(test, &scenes[i], step,
						  vanishes(test, &scenes[i], step, 1 + top));
			     step++)
				;
}

/* A read that returns all ones, although the device is there; or a write is lost. */
static bool access_fails(struct kunit *test, const struct scene *s, u32 step)
{
	struct mock_fault fault = {
		.fn = MOCK_ANY, .reads = true, .after = step, .times = 1
	};
	struct mock_host *host = s->make(test);
	u32 from = scene_event(host, &fault, 1);
	bool happened = !mock_armed(host);

	mock_disarm(host);
	/* Bridges are enabled after the stop, by the core: it does not look twice. */
	if (!host->cfg_stopped || host->cfg_failed < host->cfg_stopped) {
		after_fault(host, s, from);
		if (!scene_placed(host, s->card, 0)) {
			expect_as_before(host, s);
			expect_next_event_serves(host, s);
		}
	}
	mock_host_destroy(host);
	return happened;
}

static void fault_access_fails(struct kunit *test)
{
	try_all_steps(test, access_fails);
}

/* Memory runs out once: in the engine, in the core not. */
static bool no_memory(struct kunit *test, const struct scene *s, u32 step)
{
	struct mock_host *host = s->make(test);
	bool happened;
	u32 from;

	mock_knobs.memory_fails = step + 1;
	from = scene_event(host, NULL, 0);
	happened = !mock_knobs.memory_left;
	mock_knobs.memory_fails = 0;
	after_fault(host, s, from);
	if (!scene_placed(host, s->card, 0)) {
		expect_as_before(host, s);
		expect_next_event_serves(host, s);
	}
	mock_host_destroy(host);
	return happened;
}

static void fault_no_memory(struct kunit *test)
{
	mock_memory_arm(test);
	try_all_steps(test, no_memory);
}

/* What the note of a BAR's size costs is lost with the BAR, and nothing else. */
static bool no_memory_for_note(struct kunit *test, const struct scene *s, u32 step)
{
	struct mock_host *host = s->make(test);
	struct pci_bus *bus = host->bridge->bus;
	u32 from = scene_begin(host);
	bool happened;

	pci_lock_rescan_remove();
	pci_scan_child_bus(bus);
	mock_memory_fails(step + 1);
	pci_movable_note(bus);
	happened = !mock_memory_left();
	mock_memory_fails(0);
	pci_assign_unassigned_bus_resources(bus);
	pci_movable_assign(bus, PMB_TRIGGER_RESCAN);
	pci_bus_add_devices(bus);
	pci_unlock_rescan_remove();

	scene_expect_all_work(host);
	scene_expect_sane(host, from);
	mock_host_destroy(host);
	return happened;
}

static void fault_no_memory_for_note(struct kunit *test)
{
	mock_memory_arm(test);
	try_all_steps(test, no_memory_for_note);
}

/* Who has gone before the stop counts, too, with all below: those who stay also. */
static void fault_gone_are_counted(struct kunit *test)
{
	struct mock_host *host = make_tight(test);
	struct mock_fault fault = {
		.fn = T_UP, .reads = true, .reg = PCI_MEMORY_BASE, .times = 1, .vanish = true
	};
	u32 from = scene_event(host, &fault, 1);

	KUNIT_EXPECT_FALSE(test, mock_armed(host));
	KUNIT_EXPECT_TRUE(test, scene_log_has("gone=7 "));
	scene_expect_all_work(host);
	scene_expect_sane(host, from);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(fault_write_does_not_stick),
	KUNIT_CASE_SLOW(fault_undo_fails_once),
	KUNIT_CASE(fault_undo_fails_for_good),
	KUNIT_CASE_SLOW(fault_device_vanishes),
	KUNIT_CASE_SLOW(fault_bridge_vanishes),
	KUNIT_CASE_SLOW(fault_access_fails),
	KUNIT_CASE_SLOW(fault_no_memory),
	KUNIT_CASE(fault_no_memory_for_note),
	KUNIT_CASE(fault_gone_are_counted),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_fault",
	.test_cases = cases,
};

kunit_test_suite(suite);
