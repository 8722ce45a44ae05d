// SPDX-License-Identifier: GPL-2.0
/* Cases: directives are read and groups of them run; cases/README has both. */
#include <stdarg.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "case_expect.h"
#include "case_file.h"
#include "case_print.h"
#include "checker.h"
#include "request.h"
#include "verify.h"

enum case_kind {
	CASE_SOURCE,
	CASE_EVENT,
	CASE_ASSUMED,
	CASE_REQUEST,
	CASE_OPTION,
	CASE_EXPECT,
	CASE_AGAIN,
	CASE_KINDS
};

static const char * const case_kinds[CASE_KINDS] = {
	"source", "event", "assumed", "request", "option", "expect", "again"
};

/**
 * struct case_line - a directive
 * @kind: its first word
 * @group: the group it belongs to
 * @line: number of the line, from 1
 * @rest: what follows the first word
 */
struct case_line {
	enum case_kind kind;
	u32 group;
	u32 line;
	char *rest;
};

#define WHY_LEN	256

static __printf(3, 4) void complain(const struct case_file *file, u32 line,
				    const char *format, ...)
{
	char what[2 * WHY_LEN];
	va_list args;

	va_start(args, format);
	vscnprintf(what, sizeof(what), format, args);
	va_end(args);
	file->complain(file, line, what);
}

/* Reading. */

static char *skip_blanks(char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* The end of a word becomes the end of a string; where the next one starts. */
static char *cut_word(char *p)
{
	while (*p && *p != ' ' && *p != '\t')
		p++;
	if (*p)
		*p++ = '\0';
	return skip_blanks(p);
}

static void cut_blanks(char *p)
{
	size_t len = strlen(p);

	while (len && strchr(" \t\r", p[len - 1]))
		p[--len] = '\0';
}

/* "p" points behind "#:" */
static bool add_directive(struct case_file *file, char *p, u32 line)
{
	struct case_line *d;
	char *key, *rest;
	u32 kind;

	cut_blanks(p);
	key = skip_blanks(p);
	rest = cut_word(key);
	for (kind = 0; kind < CASE_KINDS; kind++) {
		if (!strcmp(key, case_kinds[kind]))
			break;
	}
	if (kind == CASE_KINDS) {
		complain(file, line, "unknown directive '%s'", key);
		return false;
	}
	if (!*rest && kind != CASE_AGAIN) {
		complain(file, line, "'%s' of what?", key);
		return false;
	}
	file->lines = realloc(file->lines, (file->nr_lines + 1) * sizeof(*file->lines));
	if (!file->lines)
		abort();
	if (kind == CASE_AGAIN)
		file->nr_groups++;
	d = &file->lines[file->nr_lines++];
	d->kind = kind;
	d->group = file->nr_groups - 1;
	d->line = line;
	d->rest = rest;
	return true;
}

static bool read_directives(struct case_file *file)
{
	char *p = file->text, *next;
	bool good = true;
	u32 line;

	file->nr_groups = 1;
	for (line = 1; p; p = next, line++) {
		next = strchr(p, '\n');
		if (next)
			*next++ = '\0';
		p = skip_blanks(p);
		if (p[0] == '#' && p[1] == ':')
			good &= add_directive(file, p + 2, line);
	}
	return good;
}

static bool has(const struct case_file *file, enum case_kind kind)
{
	u32 i;

	for (i = 0; i < file->nr_lines; i++) {
		if (file->lines[i].kind == kind)
			return true;
	}
	return false;
}

bool case_open(struct case_file *file, const char *text, size_t len)
{
	struct pmb_text_error error;

	file->layout = pmb_text_read(text, len, &error);
	if (!file->layout) {
		complain(file, error.line, "column %u: %s", error.column, error.why);
		return false;
	}
	file->text = strndup(text, len);
	if (!file->text)
		abort();
	if (!read_directives(file))
		return false;
	if (!has(file, CASE_SOURCE) || !has(file, CASE_EVENT)) {
		complain(file, 1, "a source and an event must be given");
		return false;
	}
	return true;
}

void case_close(struct case_file *file)
{
	pmb_layout_free(file->layout);
	free(file->text);
	free(file->lines);
	file->layout = NULL;
	file->text = NULL;
	file->lines = NULL;
}

const char *case_group_title(const struct case_file *file, u32 group)
{
	const char *title = "";
	u32 i;

	for (i = 0; i < file->nr_lines; i++) {
		if (file->lines[i].kind == CASE_AGAIN && file->lines[i].group == group)
			return file->lines[i].rest;
		if (file->lines[i].kind == CASE_EVENT)
			title = file->lines[i].rest;
	}
	return title;
}

/* Words, in a copy that is freed with @copy. */
static struct case_words split(const char *rest, char **copy)
{
	struct case_words words = {};
	char *p, *next;

	*copy = strdup(rest);
	if (!*copy)
		abort();
	for (p = *copy; *p && words.nr < CASE_WORDS; p = next) {
		next = cut_word(p);
		words.word[words.nr++] = p;
	}
	return words;
}

/* Running. */

static struct pmb_layout *apply_request(const struct case_file *file,
					struct pmb_layout *layout,
					const struct case_line *d)
{
	struct pmb_text_error error;
	struct pmb_layout *next;

	next = pmb_request_apply(layout ?: file->layout, d->rest, &error);
	if (!next)
		complain(file, d->line, "request %s: column %u: %s", d->rest,
			 error.column, error.why);
	pmb_layout_free(layout);
	return next;
}

static bool set_option(struct pmb_options *opt, const struct case_words *words)
{
	const char *key = words->word[0];
	u64 val = 0;

	if (words->nr == 2 && !case_size(words->word[1], &val))
		return false;
	if (words->nr == 1 && !strcmp(key, "relaxed-pref"))
		opt->relaxed_pref = true;
	else if (words->nr == 1 && !strcmp(key, "no-reserve"))
		opt->no_reserve = true;
	else if (words->nr == 2 && !strcmp(key, "budget"))
		opt->budget = val;
	else if (words->nr == 2 && !strcmp(key, "max-cost"))
		opt->max_cost = val;
	else if (words->nr == 2 && !strcmp(key, "resize-cost"))
		opt->resize_cost = val;
	else
		return false;
	return true;
}

static void judge(const struct case_file *file, u32 line, const struct pmb_layout *layout,
		  const struct pmb_options *opt, const struct pmb_plan *plan)
{
	char why[WHY_LEN] = "";

	if (pmb_verify(layout, opt, plan, why, sizeof(why)))
		complain(file, line, "pmb_verify(): %s", why);
	if (!checker_accepts(layout, opt, plan, why, sizeof(why)))
		complain(file, line, "checker: %s", why);
}

/* Expectations about bus numbers, or all others. */
static void meet(const struct case_file *file, u32 group, bool buses,
		 const struct case_answer *answer)
{
	const struct case_line *d = file->lines;
	struct case_words words;
	char why[WHY_LEN], *copy;
	bool good;
	u32 i;

	for (i = 0; i < file->nr_lines; i++, d++) {
		if (d->group != group || d->kind != CASE_EXPECT)
			continue;
		words = split(d->rest, &copy);
		why[0] = '\0';
		if (case_is_about_buses(&words) != buses)
			good = true;
		else if (buses)
			good = case_expect_buses(answer->layout, &words, why, sizeof(why));
		else
			good = case_expect(answer, &words, why, sizeof(why));
		if (!good)
			complain(file, d->line, "expected %s: %s", d->rest, why);
		free(copy);
	}
}

static void plan_and_judge(const struct case_file *file, u32 group, u32 line,
			   const struct pmb_layout *layout,
			   const struct pmb_options *opt)
{
	struct pmb_plan *plan = pmb_plan_alloc(layout);
	struct case_answer answer = { .layout = layout, .plan = plan };

	if (!plan)
		abort();
	answer.ret = pmb_plan_make(layout, opt, plan);
	if (file->damage)
		file->damage(plan);
	if (file->verbose)
		case_print(layout, plan);
	judge(file, line, layout, opt, plan);
	meet(file, group, false, &answer);
	pmb_plan_free(plan);
}

void case_run(const struct case_file *file, u32 group)
{
	bool verdict = false, buses = false, others = false;
	struct pmb_layout *layout = NULL;
	struct case_answer answer = {};
	struct pmb_options opt = {};
	const struct case_line *d;
	struct case_words words;
	u32 i, line = 1;
	char *copy;

	for (i = 0; i < file->nr_lines; i++) {
		d = &file->lines[i];
		if (d->group != group)
			continue;
		line = d->line;
		if (d->kind == CASE_REQUEST) {
			layout = apply_request(file, layout, d);
			if (!layout)
				return;
		}
		if (d->kind != CASE_OPTION && d->kind != CASE_EXPECT)
			continue;
		words = split(d->rest, &copy);
		if (d->kind == CASE_OPTION && !set_option(&opt, &words))
			complain(file, d->line, "unknown option '%s'", d->rest);
		if (d->kind == CASE_EXPECT) {
			verdict |= case_is_verdict(&words);
			buses |= case_is_about_buses(&words);
			others |= !case_is_about_buses(&words);
		}
		free(copy);
	}

	if (!verdict && (others || !buses))
		complain(file, line, "this group expects no verdict");
	answer.layout = layout ?: file->layout;
	if (buses)
		meet(file, group, true, &answer);
	if (others)
		plan_and_judge(file, group, line, answer.layout, &opt);
	pmb_layout_free(layout);
}
