// SPDX-License-Identifier: GPL-2.0
/*
 * Layout, text, planner, verifier and script as they are built into the kernel.
 * Their own tests run in user space; these show that the same sources behave
 * the same here, and that a text brings a whole case back to life.
 */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "mock_driver.h"
#include "mock_host.h"
#include "plan.h"
#include "script.h"
#include "text.h"
#include "verify.h"

/*
 *   80000000   80100000   80200000   80300000   80400000
 *   |          | A        | B        |          |
 *
 * One of A and B must go to make room for 2 MiB behind the third slot.
 */
static const char tight[] =
	"pmb-layout 1\n"
	"host 0000:10\n"
	"root 0000:10 mem 0x80000000-0x803fffff\n"
	"dev 0000:10:01.0 on 0000:10 driver pcieport way live\n"
	"bridge 0000:10:01.0 bus 11-15 pcie\n"
	"window 0000:10:01.0 io closed\n"
	"window 0000:10:01.0 mem 0x80000000-0x803fffff\n"
	"window 0000:10:01.0 pref closed\n"
	"dev 0000:11:00.0 behind 0000:10:01.0 driver pcieport way live\n"
	"bridge 0000:11:00.0 bus 12-15 pcie\n"
	"window 0000:11:00.0 io closed\n"
	"window 0000:11:00.0 mem 0x80000000-0x803fffff\n"
	"window 0000:11:00.0 pref closed\n"
	"dev 0000:12:00.0 behind 0000:11:00.0 driver pcieport way live\n"
	"bridge 0000:12:00.0 bus 13-13 hotplug pcie\n"
	"window 0000:12:00.0 io closed\n"
	"window 0000:12:00.0 mem 0x80100000-0x801fffff\n"
	"window 0000:12:00.0 pref closed\n"
	"dev 0000:12:01.0 behind 0000:11:00.0 driver pcieport way live\n"
	"bridge 0000:12:01.0 bus 14-14 hotplug pcie\n"
	"window 0000:12:01.0 io closed\n"
	"window 0000:12:01.0 mem 0x80200000-0x802fffff\n"
	"window 0000:12:01.0 pref closed\n"
	"dev 0000:12:02.0 behind 0000:11:00.0 driver pcieport way live\n"
	"bridge 0000:12:02.0 bus 15-15 hotplug pcie\n"
	"window 0000:12:02.0 io closed\n"
	"window 0000:12:02.0 mem closed\n"
	"window 0000:12:02.0 pref closed\n"
	"dev 0000:13:00.0 behind 0000:12:00.0 driver a way pause\n"
	"bar 0000:13:00.0 0 mem64 at 0x80100000-0x801fffff\n"
	"dev 0000:14:00.0 behind 0000:12:01.0 driver b way pause cost 200000\n"
	"bar 0000:14:00.0 0 mem at 0x80200000-0x802fffff\n"
	"dev 0000:15:00.0 behind 0000:12:02.0\n"
	"bar 0000:15:00.0 0 mem size 2M wanted\n"
	"end\n";

enum { A = 5, B, CARD };	/* functions */
enum { BAR_A, BAR_B, BAR_CARD };

static void free_layout(void *layout)
{
	pmb_layout_free(layout);
}

static void free_plan(void *plan)
{
	pmb_plan_free(plan);
}

static void free_script(void *script)
{
	pmb_script_free(script);
}

static struct pmb_layout *read_text(struct kunit *test, const char *text, size_t len)
{
	struct pmb_text_error error = { };
	struct pmb_layout *layout = pmb_text_read(text, len, &error);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR_OR_NULL(layout), "line %u, column %u: %s",
			       error.line, error.column, error.why ?: "no memory");
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_layout, layout));
	return layout;
}

static struct pmb_layout *tight_layout(struct kunit *test)
{
	return read_text(test, tight, sizeof(tight) - 1);
}

static struct pmb_plan *make_plan(struct kunit *test, const struct pmb_layout *layout, int result)
{
	static const struct pmb_options options;
	struct pmb_plan *plan = pmb_plan_alloc(layout);
	char why[128] = "";

	KUNIT_ASSERT_NOT_NULL(test, plan);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_plan, plan));
	KUNIT_EXPECT_EQ(test, pmb_plan_make(layout, &options, plan), result);
	KUNIT_EXPECT_EQ_MSG(test, pmb_verify(layout, &options, plan, why, sizeof(why)), 0,
			    "%s", why);
	return plan;
}

struct buffer {
	char text[4096];
	size_t len;
};

static void to_buffer(void *data, const char *line)
{
	struct buffer *b = data;

	b->len += scnprintf(b->text + b->len, sizeof(b->text) - b->len, "%s\n", line);
}

static void layout_text_and_back(struct kunit *test)
{
	struct buffer *once = kunit_kzalloc(test, sizeof(*once), GFP_KERNEL);
	struct buffer *twice = kunit_kzalloc(test, sizeof(*twice), GFP_KERNEL);
	struct pmb_text_error error;
	struct pmb_layout *layout;

	KUNIT_ASSERT_TRUE(test, once && twice);
	layout = tight_layout(test);
	KUNIT_EXPECT_EQ(test, layout->nr_devs, 8);
	KUNIT_EXPECT_EQ(test, layout->nr_bridges, 5);
	KUNIT_EXPECT_EQ(test, layout->nr_bars, 3);

	pmb_text_write(layout, to_buffer, once);
	layout = read_text(test, once->text, once->len);
	pmb_text_write(layout, to_buffer, twice);
	KUNIT_EXPECT_STREQ(test, once->text, twice->text);

	layout = pmb_text_read("pmb-layout 1\nhost\nend\n", 22, &error);
	KUNIT_EXPECT_TRUE(test, IS_ERR_OR_NULL(layout));
	KUNIT_EXPECT_EQ(test, error.line, 2);
}

static void plan_moves_the_cheaper(struct kunit *test)
{
	struct pmb_layout *layout = tight_layout(test);
	struct pmb_plan *plan = make_plan(test, layout, 0);

	KUNIT_EXPECT_EQ(test, plan->verdict, PMB_PLAN_COMPLETE);
	KUNIT_EXPECT_EQ(test, plan->bar[BAR_A].start, 0x80300000ULL);
	KUNIT_EXPECT_EQ(test, plan->bar[BAR_B].start, 0x80200000ULL);
	KUNIT_EXPECT_EQ(test, plan->bar[BAR_CARD].start, 0x80000000ULL);
	KUNIT_EXPECT_EQ(test, plan->cost, PMB_COST_PAUSE);
	KUNIT_EXPECT_EQ(test, plan->bars_moved, 1);
	KUNIT_EXPECT_EQ(test, plan->devs_paused, 1);

	/* One fixed: the other has to go, whatever it costs. */
	layout->bars[BAR_A].why = PMB_WHY_DRIVER_SAYS;
	plan = make_plan(test, layout, 0);
	KUNIT_EXPECT_EQ(test, plan->bar[BAR_B].start, 0x80000000ULL);
	KUNIT_EXPECT_EQ(test, plan->bar[BAR_CARD].start, 0x80200000ULL);

	/* Both fixed: nothing changes, and the fixed ones are named. */
	layout->bars[BAR_B].why = PMB_WHY_DRIVER_SAYS;
	plan = make_plan(test, layout, -ENOSPC);
	KUNIT_EXPECT_EQ(test, plan->bars_moved, 0);
	KUNIT_EXPECT_EQ(test, plan->wins_changed, 0);
	KUNIT_EXPECT_EQ(test, plan->lack.bar, BAR_CARD);
	KUNIT_EXPECT_GT(test, plan->lack.nr_blockers, 0);
}

static void verify_rejects(struct kunit *test)
{
	static const struct pmb_options options;
	struct pmb_layout *layout = tight_layout(test);
	struct pmb_plan *plan = make_plan(test, layout, 0);
	char why[128];

	plan->bar[BAR_CARD].start += SZ_1M;
	KUNIT_EXPECT_NE(test, pmb_verify(layout, &options, plan, why, sizeof(why)), 0);
	plan->bar[BAR_CARD].start -= SZ_1M;
	KUNIT_EXPECT_EQ(test, pmb_verify(layout, &options, plan, why, sizeof(why)), 0);

	/* A plan which moves what must not move */
	layout->bars[BAR_A].why = PMB_WHY_CONSOLE;
	KUNIT_EXPECT_NE(test, pmb_verify(layout, &options, plan, why, sizeof(why)), 0);
}

static int read_mock(void *data, u32 dev, u16 reg, u8 width, u32 *val)
{
	struct mock_host *host = data;

	if (!host->fn[dev].present)
		return -ENODEV;
	*val = mock_cfg_get(&host->fn[dev], reg, width);
	return 0;
}

/* The script on the registers, without the rest of the engine. */
static void script_on_registers(struct kunit *test)
{
	struct pmb_layout *layout = tight_layout(test);
	struct pmb_plan *plan = make_plan(test, layout, 0);
	struct pmb_script *script = pmb_script_alloc(layout);
	struct mock_host *host;
	char why[128] = "";
	u32 i, k;

	KUNIT_ASSERT_NOT_NULL(test, script);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_script, script));
	host = mock_host_from_layout(test, layout);
	mock_save(host);
	KUNIT_ASSERT_EQ(test, pmb_script_build(layout, plan, read_mock, host, script), 0);
	KUNIT_ASSERT_GT(test, script->nr, 4);

	for (i = 0; i < script->nr; i++) {
		const struct pmb_write *w = &script->write[i];

		KUNIT_EXPECT_EQ(test, mock_cfg_get(&host->fn[w->dev], w->reg, w->width), w->old);
		KUNIT_EXPECT_NE(test, w->old, w->new);
		mock_cfg_put(&host->fn[w->dev], w->reg, w->width, w->new);
		KUNIT_EXPECT_EQ(test, (mock_cfg_get(&host->fn[w->dev], w->reg, w->width) ^
				       w->new) & w->mask, 0);
	}
	for (i = 0; i < layout->nr_bars; i++)
		KUNIT_EXPECT_EQ(test, plan->bar[i].start,
				mock_bar_range(&host->fn[layout->bars[i].dev], 0).start);
	for (i = 0; i < layout->nr_bridges; i++)
		for (k = 0; k < PMB_SPACES; k++) {
			struct pmb_range win;

			win = mock_window_range(&host->fn[layout->bridges[i].dev], k);
			KUNIT_EXPECT_EQ(test, win.size, plan->win[i * PMB_SPACES + k].size);
			if (win.size)
				KUNIT_EXPECT_EQ(test, win.start,
						plan->win[i * PMB_SPACES + k].start);
		}
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_decode(host, why, sizeof(why)), "%s", why);

	for (i = script->nr; i--;) {
		const struct pmb_write *w = &script->write[i];

		mock_cfg_put(&host->fn[w->dev], w->reg, w->width, w->old);
	}
	KUNIT_EXPECT_TRUE_MSG(test, mock_same(host, why, sizeof(why)), "%s", why);
}

/* A case from a log: bring it up, and have the engine solve it. */
static void text_comes_alive(struct kunit *test)
{
	struct pmb_layout *layout = tight_layout(test);
	struct mock_host *host;
	char why[128] = "";
	u32 from;

	mock_drivers_register(test);
	host = mock_host_from_layout(test, layout);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, A));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, B));
	KUNIT_EXPECT_FALSE(test, mock_driver_bound(host, CARD));

	from = host->nr_writes;
	mock_rescan(host);
	KUNIT_EXPECT_NOT_NULL(test, mock_bar_res(host, CARD, 0)->parent);
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 1);
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, A));
	KUNIT_EXPECT_TRUE(test, mock_driver_works(host, B));
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_decode(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_core(host, why, sizeof(why)), "%s", why);
	KUNIT_EXPECT_TRUE_MSG(test, mock_check_writes(host, from, why, sizeof(why)), "%s", why);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(layout_text_and_back),
	KUNIT_CASE(plan_moves_the_cheaper),
	KUNIT_CASE(verify_rejects),
	KUNIT_CASE(script_on_registers),
	KUNIT_CASE(text_comes_alive),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_plan",
	.test_cases = cases,
};

kunit_test_suite(suite);
