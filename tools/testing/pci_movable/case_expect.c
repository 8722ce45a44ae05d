// SPDX-License-Identifier: GPL-2.0
/*
 * What a case expects of its plan; cases/README lists it.
 *
 * Each expectation is a function that says what is wrong, in @e->why, or
 * nothing.  What is named and does not exist is wrong as well, so that a slip
 * of the pen in a case is not taken for a plan that is right.
 */
#include <stdarg.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "case_expect.h"
#include "text_scan.h"

struct expecting {
	const struct case_answer *answer;
	const struct pmb_layout *layout;
	const struct pmb_plan *plan;
	const struct case_words *words;
	char *why;
	size_t len;
};

static __printf(2, 3) bool wrong(struct expecting *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vscnprintf(e->why, e->len, format, args);
	va_end(args);
	return false;
}

/* Words that mean something. */

static struct pmb_scan scan_word(const char *word, struct pmb_text_error *error)
{
	return (struct pmb_scan){
		.line = word,
		.p = word,
		.stop = word + strlen(word),
		.nr = 1,
		.error = error,
	};
}

bool case_size(const char *word, u64 *size)
{
	struct pmb_text_error error;
	struct pmb_scan s = scan_word(word, &error);

	return !pmb_scan_size(&s, size) && !pmb_scan_nothing(&s);
}

bool case_range(const char *word, struct pmb_range *range)
{
	struct pmb_text_error error;
	struct pmb_scan s = scan_word(word, &error);

	return !pmb_scan_range(&s, range) && !pmb_scan_nothing(&s);
}

u32 case_find_bridge(const struct pmb_layout *layout, const char *name)
{
	u32 i;

	for (i = 0; i < layout->nr_bridges; i++) {
		if (!strcmp(layout->bridges[i].name, name))
			return i;
	}
	return PMB_NONE;
}

static const char *word(const struct expecting *e, u32 nr)
{
	return nr < e->words->nr ? e->words->word[nr] : "";
}

static bool get_dev(struct expecting *e, u32 nr, u32 *dev)
{
	for (*dev = 0; *dev < e->layout->nr_devs; (*dev)++) {
		if (!strcmp(e->layout->devs[*dev].name, word(e, nr)))
			return true;
	}
	return wrong(e, "no function '%s'", word(e, nr));
}

static bool get_bar(struct expecting *e, u32 nr, u32 *bar)
{
	u64 res;
	u32 dev;

	if (!get_dev(e, nr, &dev))
		return false;
	if (!case_size(word(e, nr + 1), &res))
		return wrong(e, "no number of a BAR: '%s'", word(e, nr + 1));
	for (*bar = 0; *bar < e->layout->nr_bars; (*bar)++) {
		if (e->layout->bars[*bar].dev == dev &&
		    e->layout->bars[*bar].res == res)
			return true;
	}
	return wrong(e, "%s has no BAR %s", word(e, nr), word(e, nr + 1));
}

static bool get_bridge(struct expecting *e, u32 nr, u32 *bridge)
{
	*bridge = case_find_bridge(e->layout, word(e, nr));
	return *bridge != PMB_NONE || wrong(e, "no bridge '%s'", word(e, nr));
}

static bool get_space(struct expecting *e, u32 nr, enum pmb_space *space)
{
	u32 i;

	for (i = 0; i < PMB_SPACES; i++) {
		if (!strcmp(word(e, nr), pmb_space_key(i))) {
			*space = i;
			return true;
		}
	}
	return wrong(e, "no space '%s'", word(e, nr));
}

static bool get_window(struct expecting *e, u32 nr, u32 *win)
{
	enum pmb_space space;
	u32 bridge;

	if (!get_bridge(e, nr, &bridge) || !get_space(e, nr + 1, &space))
		return false;
	*win = bridge * PMB_SPACES + space;
	return true;
}

/* What happened to a BAR or a window. */

static bool moved(const struct expecting *e, u32 bar)
{
	const struct pmb_range *now = &e->plan->bar[bar];

	return (e->layout->bars[bar].flags & PMB_BAR_PLACED) &&
	       (!now->size || now->start != e->layout->bars[bar].start);
}

static bool changed(const struct expecting *e, u32 win)
{
	const struct pmb_bridge *bridge = &e->layout->bridges[win / PMB_SPACES];
	const struct pmb_range *was = &bridge->win[win % PMB_SPACES].cur;
	const struct pmb_range *now = &e->plan->win[win];

	return was->size != now->size || (was->size && was->start != now->start);
}

static bool named(const struct expecting *e, u32 dev)
{
	u32 i;

	for (i = 1; i < e->words->nr; i++) {
		if (!strcmp(e->layout->devs[dev].name, word(e, i)))
			return true;
	}
	return false;
}

/* Verdicts and figures. */

static bool is_verdict(const char *key, enum pmb_verdict *verdict)
{
	u32 i;

	for (i = 0; i < PMB_VERDICTS; i++) {
		if (!strcmp(key, pmb_verdict_key(i))) {
			*verdict = i;
			return true;
		}
	}
	return false;
}

bool case_is_verdict(const struct case_words *words)
{
	enum pmb_verdict verdict;

	return words->nr && is_verdict(words->word[0], &verdict);
}

static bool expect_verdict(struct expecting *e, enum pmb_verdict want)
{
	bool some = want == PMB_PLAN_COMPLETE || want == PMB_PLAN_PARTIAL;

	if (e->words->nr != 1)
		return wrong(e, "one word expected");
	if (e->plan->verdict != want)
		return wrong(e, "the plan is %s", pmb_verdict_key(e->plan->verdict));
	if (e->answer->ret != (some ? 0 : -ENOSPC))
		return wrong(e, "pmb_plan_make() returned %d", e->answer->ret);
	return true;
}

static bool figure(const struct expecting *e, const char *key, u64 *val)
{
	const struct {
		const char *key;
		u64 val;
	} all[] = {
		{ "paused", e->plan->devs_paused },
		{ "live", e->plan->devs_live },
		{ "moved", e->plan->bars_moved },
		{ "cost", e->plan->cost },
		{ "windows", e->plan->wins_changed },
		{ "unplaced", e->plan->unplaced },
		{ "unplaced-optional", e->plan->unplaced_optional },
		{ "steps", e->plan->steps },
		{ "missing", e->plan->lack.missing },
		{ "blockers", e->plan->lack.nr_blockers },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		if (!strcmp(key, all[i].key)) {
			*val = all[i].val;
			return true;
		}
	}
	return false;
}

/* "N", "<= N" or ">= N" */
static bool expect_figure(struct expecting *e, u64 is)
{
	bool less = !strcmp(word(e, 1), "<="), more = !strcmp(word(e, 1), ">=");
	u32 nr = less || more ? 2 : 1;
	u64 want;

	if (!case_size(word(e, nr), &want) || e->words->nr != nr + 1)
		return wrong(e, "N, <= N or >= N expected");
	if (less ? is <= want : more ? is >= want : is == want)
		return true;
	return wrong(e, "it is %llu", (unsigned long long)is);
}

/* Places. */

static bool expect_placed(struct expecting *e)
{
	const struct pmb_range *now;
	struct pmb_range range;
	u32 bar, nr;
	u64 size;

	if (!get_bar(e, 1, &bar))
		return false;
	now = &e->plan->bar[bar];
	if (!now->size)
		return wrong(e, "it has no place");
	for (nr = 3; nr < e->words->nr; nr += 2) {
		if (!strcmp(word(e, nr), "size") && case_size(word(e, nr + 1), &size)) {
			if (now->size != size)
				return wrong(e, "its size is 0x%llx",
					     (unsigned long long)now->size);
		} else if (!strcmp(word(e, nr), "in") &&
			   case_range(word(e, nr + 1), &range)) {
			if (!pmb_range_holds(&range, now))
				return wrong(e, "it is at 0x%llx-0x%llx",
					     (unsigned long long)now->start,
					     (unsigned long long)pmb_last(now));
		} else {
			return wrong(e, "'size SIZE' or 'in RANGE' expected");
		}
	}
	return true;
}

static bool expect_unplaced(struct expecting *e)
{
	u32 bar;

	if (!get_bar(e, 1, &bar))
		return false;
	return !e->plan->bar[bar].size || wrong(e, "it has a place");
}

static bool expect_untouched(struct expecting *e)
{
	u32 dev, i;

	if (!get_dev(e, 1, &dev))
		return false;
	for (i = 0; i < e->layout->nr_bars; i++) {
		if (e->layout->bars[i].dev == dev && moved(e, i))
			return wrong(e, "BAR %u has moved", e->layout->bars[i].res);
	}
	for (i = 0; i < e->plan->nr_wins; i++) {
		if (e->layout->bridges[i / PMB_SPACES].dev == dev && changed(e, i))
			return wrong(e, "its %s window has changed",
				     pmb_space_key(i % PMB_SPACES));
	}
	return true;
}

static bool expect_only(struct expecting *e)
{
	u32 i, dev;

	for (i = 1; i < e->words->nr; i++) {
		if (!get_dev(e, i, &dev))
			return false;
	}
	for (i = 0; i < e->layout->nr_bars; i++) {
		dev = e->layout->bars[i].dev;
		if (moved(e, i) && !named(e, dev))
			return wrong(e, "BAR %u of %s has moved",
				     e->layout->bars[i].res,
				     e->layout->devs[dev].name);
	}
	return true;
}

static bool expect_same_window(struct expecting *e)
{
	u32 win;

	if (!get_window(e, 1, &win))
		return false;
	return !changed(e, win) || wrong(e, "it has changed");
}

static bool expect_open(struct expecting *e)
{
	u64 size = 1;
	u32 win;

	if (!get_window(e, 1, &win))
		return false;
	if (e->words->nr > 3 && !case_size(word(e, 3), &size))
		return wrong(e, "no size: '%s'", word(e, 3));
	return e->plan->win[win].size >= size ||
	       wrong(e, "its size is 0x%llx",
		     (unsigned long long)e->plan->win[win].size);
}

/* Reasons. */

static bool expect_lack(struct expecting *e)
{
	const struct pmb_lack *lack = &e->plan->lack;
	enum pmb_space space;
	u32 bridge;

	if (!get_space(e, 1, &space))
		return false;
	if (lack->bar == PMB_NONE)
		return wrong(e, "nothing lacks");
	if (lack->space != space)
		return wrong(e, "it is the %s space", pmb_space_key(lack->space));
	if (e->words->nr < 3)
		return true;
	bridge = PMB_NONE;
	if (strcmp(word(e, 2), "root") && !get_bridge(e, 2, &bridge))
		return false;
	return lack->bridge == bridge ||
	       wrong(e, "it is that of %s", lack->bridge == PMB_NONE ? "the root" :
		     e->layout->bridges[lack->bridge].name);
}

static bool expect_lack_bar(struct expecting *e)
{
	u32 lack = e->plan->lack.bar, bar;

	if (!get_bar(e, 1, &bar))
		return false;
	if (lack == PMB_NONE)
		return wrong(e, "nothing lacks");
	return lack == bar ||
	       wrong(e, "it is %s BAR %u",
		     e->layout->devs[e->layout->bars[lack].dev].name,
		     e->layout->bars[lack].res);
}

static bool expect_blocker(struct expecting *e)
{
	const struct pmb_lack *lack = &e->plan->lack;
	u32 dev, bar = PMB_NONE, i;

	if (!get_dev(e, 1, &dev) || (e->words->nr > 2 && !get_bar(e, 1, &bar)))
		return false;
	for (i = 0; i < lack->nr_blockers; i++) {
		if (e->layout->bars[lack->blockers[i]].dev == dev &&
		    (bar == PMB_NONE || bar == lack->blockers[i]))
			return true;
	}
	return wrong(e, "it is not among the %u", lack->nr_blockers);
}

static bool expect_proved(struct expecting *e)
{
	return e->plan->lack.proved || wrong(e, "it is not");
}

static bool expect_unproved(struct expecting *e)
{
	return !e->plan->lack.proved || wrong(e, "it is proved");
}

bool case_expect(const struct case_answer *answer, const struct case_words *words,
		 char *why, size_t len)
{
	static const struct {
		const char *key;
		u32 least, most;
		bool (*meets)(struct expecting *e);
	} all[] = {
		{ "placed", 3, 7, expect_placed },
		{ "unplaced", 3, 3, expect_unplaced },
		{ "untouched", 2, 2, expect_untouched },
		{ "only", 1, CASE_WORDS, expect_only },
		{ "same-window", 3, 3, expect_same_window },
		{ "open", 3, 4, expect_open },
		{ "lack", 2, 3, expect_lack },
		{ "lack-bar", 3, 3, expect_lack_bar },
		{ "blocker", 2, 3, expect_blocker },
		{ "proved", 1, 1, expect_proved },
		{ "unproved", 1, 1, expect_unproved },
	};
	struct expecting e = { answer, answer->layout, answer->plan, words, why, len };
	enum pmb_verdict verdict;
	u64 val;
	u32 i;

	if (!words->nr)
		return wrong(&e, "nothing expected");
	if (is_verdict(word(&e, 0), &verdict))
		return expect_verdict(&e, verdict);
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		if (strcmp(word(&e, 0), all[i].key) ||
		    words->nr < all[i].least || words->nr > all[i].most)
			continue;
		return all[i].meets(&e);
	}
	/* "unplaced N" is a figure, "unplaced BDF BAR" was above. */
	if (figure(&e, word(&e, 0), &val))
		return expect_figure(&e, val);
	return wrong(&e, "unknown expectation, or not so many words");
}
