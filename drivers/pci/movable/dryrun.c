// SPDX-License-Identifier: GPL-2.0
/*
 * What would an event do?  Requests as in request.c, one a line, are applied to a
 * layout, and the result is planned:
 *
 *	layout --> add, resize, remove, ... --> plan --> answer
 *
 * What is planned for is what the requests want, or, if they want nothing, what
 * has no place by now.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "answer.h"
#include "dryrun.h"
#include "plan.h"
#include "request.h"
#include "verify.h"

#define WHY_LEN	128

/**
 * struct dryrun - requests on their way through a layout
 * @layout: with all of them applied that have been understood; NULL: there was none
 * @line: how many these are
 * @error: what is wrong with the next one
 */
struct dryrun {
	struct pmb_layout *layout;
	u32 line;
	struct pmb_text_error error;
};

static __printf(3, 4) void say(pmb_text_sink sink, void *data, const char *format, ...)
{
	char line[PMB_TEXT_LINE];
	va_list args;

	va_start(args, format);
	vscnprintf(line, sizeof(line), format, args);
	va_end(args);
	sink(data, line);
}

static int apply_one(struct dryrun *run, const struct pmb_layout *base, const char *request)
{
	struct pmb_layout *next;

	next = pmb_request_apply(run->layout ?: base, request, &run->error);
	if (!next)
		return run->error.line ? -EINVAL : -ENOMEM;
	pmb_layout_free(run->layout);
	run->layout = next;
	run->line++;
	return 0;
}

static bool is_blank(const char *text, size_t len)
{
	return strspn(text, " \t\r") >= len;
}

/* Empty lines ask for nothing. */
static int apply_all(struct dryrun *run, const struct pmb_layout *base, const char *requests)
{
	int err = 0;

	while (!err && *requests) {
		size_t len = strcspn(requests, "\n");
		char *request = kzalloc(len + 1, GFP_KERNEL);

		if (!request)
			return -ENOMEM;
		memcpy(request, requests, len);
		if (!is_blank(request, len))
			err = apply_one(run, base, request);
		kfree(request);
		requests += len;
		requests += *requests == '\n';
	}
	return err;
}

static void drop(struct dryrun *run)
{
	pmb_layout_free(run->layout);
	*run = (struct dryrun){ };
}

static bool wants_any(const struct pmb_layout *l)
{
	u32 i;

	for (i = 0; i < l->nr_bars; i++)
		if (l->bars[i].flags & PMB_BAR_WANTED)
			return true;
	return false;
}

/* Takes away what is wanted now, or gives it back. */
static u32 *want_nothing(struct pmb_layout *l)
{
	u32 *flags = kvcalloc(l->nr_bars, sizeof(*flags), GFP_KERNEL);
	u32 i;

	for (i = 0; flags && i < l->nr_bars; i++) {
		flags[i] = l->bars[i].flags;
		l->bars[i].flags &= ~PMB_BAR_WANTED;
	}
	return flags;
}

static void want_again(struct pmb_layout *l, u32 *flags)
{
	u32 i;

	for (i = 0; i < l->nr_bars; i++)
		l->bars[i].flags = flags[i];
	kvfree(flags);
}

static int plan_and_tell(const struct pmb_layout *l, pmb_text_sink sink, void *data)
{
	struct pmb_plan *plan = pmb_plan_alloc(l);
	char why[WHY_LEN] = "";
	int err;

	if (!plan)
		return -ENOMEM;
	err = pmb_plan_make(l, NULL, plan);
	if (!err || err == -ENOSPC)
		err = pmb_verify(l, NULL, plan, why, sizeof(why));
	if (err == -EINVAL) {
		say(sink, data, "error: the plan is rejected: %s", why);
		err = -EIO;
	}
	if (!err)
		pmb_answer_plan(l, plan, sink, data);
	pmb_plan_free(plan);
	return err;
}

/**
 * pmb_dryrun_fits - how much of the requests can be understood with a layout?
 * @layout: the layout
 * @requests: as in request.c, one a line
 *
 * May sleep.
 *
 * Return: the more the better, U64_MAX: all of it.
 */
u64 pmb_dryrun_fits(const struct pmb_layout *layout, const char *requests)
{
	struct dryrun run = { };
	u64 far = U64_MAX;

	if (apply_all(&run, layout, requests))
		far = ((u64)run.line << 32) + run.error.column;
	drop(&run);
	return far;
}

/**
 * pmb_dryrun - what would an event do?
 * @layout: the layout; it is as before afterwards
 * @requests: as in request.c, one a line; there may be none
 * @sink: gets the lines of the answer, or what is wrong with the requests
 * @data: for @sink
 *
 * May sleep.
 *
 * Return: 0, also if nothing has room; -EINVAL if a request is not understood or
 * names what is not there, -ENOMEM, -EIO if the plan was no good.
 */
int pmb_dryrun(struct pmb_layout *layout, const char *requests, pmb_text_sink sink, void *data)
{
	u32 *wanted = want_nothing(layout);
	struct dryrun run = { };
	bool now;
	int err;

	if (!wanted)
		return -ENOMEM;
	err = apply_all(&run, layout, requests);
	now = !err && !(run.layout && wants_any(run.layout));
	want_again(layout, wanted);
	if (now) {
		drop(&run);
		err = apply_all(&run, layout, requests);
	}
	if (!err)
		err = plan_and_tell(run.layout ?: layout, sink, data);
	else if (err == -EINVAL)
		say(sink, data, "error: request %u, character %u: %s", run.line + 1,
		    run.error.column, run.error.why);
	drop(&run);
	return err;
}
