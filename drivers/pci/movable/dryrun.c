// SPDX-License-Identifier: GPL-2.0
/*
 * What would an event do?  Requests as in request.c, one a line, are applied to a
 * snapshot, and the result is planned:
 *
 *	machine --> layout --> add, resize, remove, ... --> plan --> answer
 *
 * What is planned for is what the requests want, or, if they want nothing, what
 * has no place by now.  The machine does not notice.
 */
#include <linux/err.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "answer.h"
#include "dryrun.h"
#include "plan.h"
#include "request.h"
#include "rescan.h"
#include "snapshot.h"
#include "verify.h"

/**
 * struct dryrun - requests on their way through one layout
 * @layout: with all of them applied that have been understood
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

static int apply_one(struct dryrun *run, const char *request)
{
	struct pmb_layout *next = pmb_request_apply(run->layout, request, &run->error);

	if (!next)
		return run->error.line ? -EINVAL : -ENOMEM;
	pmb_layout_free(run->layout);
	run->layout = next;
	run->line++;
	return 0;
}

/* Empty lines ask for nothing. */
static int apply_all(struct dryrun *run, const char *requests)
{
	int err = 0;

	while (!err && *requests) {
		size_t len = strcspn(requests, "\n");
		char *request = kmemdup_nul(requests, len, GFP_KERNEL);

		if (!request)
			return -ENOMEM;
		if (*skip_spaces(request))
			err = apply_one(run, request);
		kfree(request);
		requests += len;
		requests += *requests == '\n';
	}
	return err;
}

static u32 count_wanted(const struct pmb_layout *l)
{
	u32 i, nr = 0;

	for (i = 0; i < l->nr_bars; i++)
		nr += !!(l->bars[i].flags & PMB_BAR_WANTED);
	return nr;
}

static void want_nothing(struct pmb_layout *l)
{
	u32 i;

	for (i = 0; i < l->nr_bars; i++)
		l->bars[i].flags &= ~PMB_BAR_WANTED;
}

static struct pmb_layout *layout_of(struct pci_bus *root)
{
	struct pmb_snapshot *snap;
	struct pmb_layout *layout;

	snap = pmb_snapshot_take(root, pmb_administrator());
	if (IS_ERR(snap))
		return ERR_CAST(snap);
	layout = snap->layout;
	snap->layout = NULL;
	pmb_snapshot_free(snap);
	return layout;
}

/* Without a request: what is wanted now. */
static int prepare(struct dryrun *run, struct pci_bus *root, const char *requests, bool now)
{
	run->line = 0;
	run->layout = layout_of(root);
	if (IS_ERR(run->layout))
		return PTR_ERR(run->layout);
	if (!now)
		want_nothing(run->layout);
	return apply_all(run, requests);
}

static int plan_and_tell(const struct pmb_layout *l, pmb_text_sink sink, void *data)
{
	struct pmb_plan *plan = pmb_plan_alloc(l);
	char why[128];
	int err;

	if (!plan)
		return -ENOMEM;
	err = pmb_plan_make(l, NULL, plan);
	if (err == -ENOSPC)
		err = 0;
	if (!err && pmb_verify(l, NULL, plan, why, sizeof(why))) {
		say(sink, data, "error: the plan is rejected: %s", why);
		err = -EIO;
	}
	if (!err)
		pmb_answer_plan(l, plan, sink, data);
	pmb_plan_free(plan);
	return err;
}

static void drop(struct dryrun *run)
{
	if (!IS_ERR_OR_NULL(run->layout))
		pmb_layout_free(run->layout);
	run->layout = NULL;
}

/**
 * pmb_dryrun_host - what would an event below one host bridge do?
 * @root: its root bus
 * @requests: as in request.c, one a line; there may be none
 * @sink: gets the lines of the answer, or what is wrong with the requests
 * @data: for @sink
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove().
 *
 * Return: 0, also if nothing has room; -EINVAL if a request is not understood or
 * names what is not below this host bridge, -ENOMEM, -E2BIG as
 * pmb_snapshot_take(), -EIO if the plan was no good.
 */
int pmb_dryrun_host(struct pci_bus *root, const char *requests, pmb_text_sink sink,
		    void *data)
{
	struct dryrun run = { };
	int err = prepare(&run, root, requests, false);

	if (!err && !count_wanted(run.layout)) {
		drop(&run);
		err = prepare(&run, root, requests, true);
	}
	if (!err)
		err = plan_and_tell(run.layout, sink, data);
	else if (err == -EINVAL)
		say(sink, data, "error: request %u, character %u: %s", run.line + 1,
		    run.error.column, run.error.why);
	drop(&run);
	return err;
}

/* The host bridge at which they are understood, or are so the farthest, is meant. */
static struct pci_bus *host_for(const char *requests)
{
	struct pci_bus *root = NULL, *best = NULL;
	u32 score, most = 0;

	while ((root = pci_find_next_bus(root))) {
		struct dryrun run = { };

		score = U32_MAX;
		if (prepare(&run, root, requests, false))
			score = run.line * PAGE_SIZE + run.error.column;
		drop(&run);
		if (!best || score > most) {
			best = root;
			most = score;
		}
	}
	return best;
}

/**
 * pmb_dryrun - what would an event do?
 * @requests: as in request.c, one a line, all for one host bridge; without any,
 *	each host bridge is planned for as it is
 * @sink: gets the lines of the answer, or what is wrong with the requests
 * @data: for @sink
 *
 * Context: as pmb_dryrun_host().
 *
 * Return: as pmb_dryrun_host(); -ENODEV if there is no PCI bus.
 */
int pmb_dryrun(const char *requests, pmb_text_sink sink, void *data)
{
	struct pci_bus *root = NULL;
	int err = -ENODEV;

	if (*skip_spaces(requests)) {
		root = host_for(requests);
		return root ? pmb_dryrun_host(root, requests, sink, data) : err;
	}
	while ((root = pci_find_next_bus(root))) {
		err = pmb_dryrun_host(root, requests, sink, data);
		if (err)
			return err;
	}
	return err;
}
