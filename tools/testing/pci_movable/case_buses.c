// SPDX-License-Identifier: GPL-2.0
/*
 * Expectations about bus numbers.  The new bridges, those with the secondary
 * number 0, get theirs in a copy of the layout, and that is looked at.
 */
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "buses.h"
#include "case_expect.h"
#include "layout_tools.h"
#include "text.h"

bool case_is_about_buses(const struct case_words *words)
{
	return words->nr && str_has_prefix(words->word[0], "buses-");
}

static struct pmb_layout *copy_of(const struct pmb_layout *layout)
{
	struct pmb_text_error error;
	struct pmb_layout *copy;
	char *text;

	text = layout_text(layout);
	copy = pmb_text_read(text, strlen(text), &error);
	free(text);
	if (!copy)
		abort();
	return copy;
}

static bool lack(const struct pmb_layout *layout, const struct pmb_bus_need *need,
		 const struct pmb_bus_answer *answer, const struct case_words *words,
		 char *why, size_t len)
{
	char name[PMB_NAME_LEN + 2];
	u64 missing;

	if (words->nr > 2 &&
	    (!case_size(words->word[2], &missing) || missing != answer->missing)) {
		scnprintf(why, len, "%u are missing", answer->missing);
		return false;
	}
	/* Whoever reads the reason must learn whose numbers they are. */
	pmb_buses_explain(layout, need, answer, why, len);
	scnprintf(name, sizeof(name), "%s:", words->word[1]);
	return str_has_prefix(why, name);
}

/* "FIRST-LAST", hexadecimal without 0x, as in a layout text */
static bool same_buses(const struct pmb_bridge *bridge, const char *word)
{
	char range[8];

	snprintf(range, sizeof(range), "%02x-%02x", bridge->bus_first, bridge->bus_last);
	return !strcmp(range, word);
}

static bool grow(const struct pmb_layout *before, const struct pmb_layout *after,
		 u32 bridge, const struct case_words *words, char *why, size_t len)
{
	const struct pmb_bridge *now = &after->bridges[bridge];

	if (now->bus_last == before->bridges[bridge].bus_last) {
		scnprintf(why, len, "its subordinate number stays %02x", now->bus_last);
		return false;
	}
	if (words->nr > 2 && !same_buses(now, words->word[2])) {
		scnprintf(why, len, "it has %02x-%02x", now->bus_first, now->bus_last);
		return false;
	}
	return true;
}

/* With room for what is plugged in later, this bridge has got these numbers. */
static bool share(const struct pmb_layout *after, const struct case_words *words,
		  char *why, size_t len)
{
	u32 bridge = case_find_bridge(after, words->word[2]);

	if (words->nr != 4 || bridge == PMB_NONE) {
		scnprintf(why, len, "a bridge and FIRST-LAST expected");
		return false;
	}
	if (same_buses(&after->bridges[bridge], words->word[3]))
		return true;
	scnprintf(why, len, "it has %02x-%02x", after->bridges[bridge].bus_first,
		  after->bridges[bridge].bus_last);
	return false;
}

static bool nobody_is_without(const struct pmb_layout *after, char *why, size_t len)
{
	u32 i;

	for (i = 0; i < after->nr_bridges; i++) {
		if (after->bridges[i].bus_first)
			continue;
		scnprintf(why, len, "%s has no number", after->bridges[i].name);
		return false;
	}
	return true;
}

static bool judge(const struct pmb_layout *layout, struct pmb_layout *after,
		  struct pmb_bus_need *need, const struct case_words *words,
		  char *why, size_t len)
{
	bool lacks = !strcmp(words->word[0], "buses-lack");
	bool shares = !strcmp(words->word[0], "buses-share");
	struct pmb_bus_answer answer;
	int ret;

	ret = pmb_buses_assign(after, need, shares, &answer);
	if (ret != (lacks ? -ENOSPC : 0)) {
		scnprintf(why, len, "pmb_buses_assign() returned %d", ret);
		return false;
	}
	if (lacks)
		return lack(layout, need, &answer, words, why, len);
	if (!nobody_is_without(after, why, len))
		return false;
	if (shares)
		return share(after, words, why, len);
	return grow(layout, after, need->bridge, words, why, len);
}

bool case_expect_buses(const struct pmb_layout *layout, const struct case_words *words,
		       char *why, size_t len)
{
	static const char * const keys[] = { "buses-lack", "buses-grow", "buses-share" };
	struct pmb_bus_need need = {};
	struct pmb_layout *after;
	bool good;
	u32 key;

	for (key = 0; key < ARRAY_SIZE(keys); key++) {
		if (!strcmp(words->word[0], keys[key]))
			break;
	}
	need.bridge = PMB_NONE;
	if (words->nr > 1)
		need.bridge = case_find_bridge(layout, words->word[1]);
	if (key == ARRAY_SIZE(keys) || need.bridge == PMB_NONE || words->nr > 4) {
		scnprintf(why, len, "unknown expectation, or no such bridge");
		return false;
	}
	need.host = layout->bridges[need.bridge].host;

	after = copy_of(layout);
	good = judge(layout, after, &need, words, why, len);
	pmb_layout_free(after);
	return good;
}
