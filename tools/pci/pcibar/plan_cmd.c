// SPDX-License-Identifier: GPL-2.0
/* pcibar plan: what it would take to add, resize or remove something. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "answer.h"
#include "request.h"
#include "text.h"
#include "verify.h"

static const char help[] =
"usage: pcibar plan [LAYOUT] [REQUEST...] [OPTIONS]\n"
"\n"
"Says what it would take to give what is requested a place: what moves, which\n"
"windows change, whose driver is paused; or who stands in the way. Without a\n"
"request, what is wanted in the layout is planned. Nothing is touched. Requests\n"
"are applied in their order:\n"
"\n"
"  --add PORT:SIZE,KIND[:SIZE,KIND...]  a card behind bridge PORT, with such BARs;\n"
"                  KIND is io, mem, mem64, pref or pref64; \",optional\" may follow\n"
"  --resize BDF:BAR:SIZE   another size for this BAR\n"
"  --remove BDF            the device is gone, with all behind it\n"
"  --fix BDF:BAR           this BAR may not move\n"
"  --unfix BDF:BAR         it may, whatever its driver thinks\n"
"\n"
"Options:\n"
"  --relaxed-pref  64-bit BARs that are not prefetchable may use prefetchable windows\n"
"                  where the whole path is PCIe\n"
"  --no-reserve    spare no room for hot-plug\n"
"  --max-cost N    no plan that costs more; a pause costs 100000, a live move 1\n"
"  --resize-cost N what Resizable BARs may cost beyond what they cost at their least size\n"
"  --budget N      search steps before giving up\n"
"  --json          for programs; see pcibar(8)\n"
"  --svg FILE      draw before and after, too\n"
"  --layout        print the layout with the requests applied, and do not plan: for\n"
"                  pcibar qemu and pcibar kunit\n"
"  --result        print the layout after the plan\n"
"\n"
"For instance: pcibar plan dmesg.txt --add 0000:00:1c.0:16M,pref64:1M,mem\n"
"\n"
"Exit status: 0 all has a place, 1 something required has none, 2 bad input.\n";

/* Up to OPT_UNFIX: index in the table below; the name is the verb. */
enum { OPT_ADD = 1, OPT_RESIZE, OPT_REMOVE, OPT_FIX, OPT_UNFIX, OPT_RELAXED, OPT_NO_RESERVE,
	OPT_MAX_COST, OPT_RESIZE_COST, OPT_BUDGET, OPT_JSON, OPT_SVG, OPT_LAYOUT, OPT_RESULT };

static const struct option options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "add", required_argument, NULL, OPT_ADD },
	{ "resize", required_argument, NULL, OPT_RESIZE },
	{ "remove", required_argument, NULL, OPT_REMOVE },
	{ "fix", required_argument, NULL, OPT_FIX },
	{ "unfix", required_argument, NULL, OPT_UNFIX },
	{ "relaxed-pref", no_argument, NULL, OPT_RELAXED },
	{ "no-reserve", no_argument, NULL, OPT_NO_RESERVE },
	{ "max-cost", required_argument, NULL, OPT_MAX_COST },
	{ "resize-cost", required_argument, NULL, OPT_RESIZE_COST },
	{ "budget", required_argument, NULL, OPT_BUDGET },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "svg", required_argument, NULL, OPT_SVG },
	{ "layout", no_argument, NULL, OPT_LAYOUT },
	{ "result", no_argument, NULL, OPT_RESULT },
	{ }
};

/**
 * struct job - the command line
 * @layout: what to plan, requests applied
 * @before: without them
 * @opt: for the planner
 * @verb: of each request
 * @what: of each request
 * @nr: how many requests
 * @svg: file for the picture
 * @output: OPT_JSON, OPT_LAYOUT, OPT_RESULT; 0: text
 */
struct job {
	struct pmb_layout *layout;
	struct pmb_layout *before;
	struct pmb_options opt;
	const char **verb;
	const char **what;
	unsigned int nr;
	const char *svg;
	int output;
};

struct pmb_plan *pcibar_plan(const struct pmb_layout *layout, const struct pmb_options *opt)
{
	struct pmb_plan *plan = pmb_plan_alloc(layout);
	char why[160] = "";
	int ret;

	if (!plan) {
		pcibar_fail("no memory");
		return NULL;
	}
	ret = pmb_plan_make(layout, opt, plan);
	if (ret && ret != -ENOSPC) {
		pcibar_fail("planner: error %d", -ret);
		goto fail;
	}
	if (pmb_verify(layout, opt, plan, why, sizeof(why))) {
		pcibar_fail("the plan was refused by the verifier, please report it: %s", why);
		goto fail;
	}
	return plan;
fail:
	pmb_plan_free(plan);
	return NULL;
}

/* "BDF:BAR:SIZE" is "BDF BAR SIZE" for the planner; there are colons in a BDF. */
static char *words_of(const char *verb, const char *what)
{
	unsigned int colons = !strcmp(verb, "resize") ? 2 : strstr(verb, "fix") ? 1 : 0;
	char *text = pcibar_print("%s %s", verb, what), *p;

	while (colons--) {
		p = strrchr(text, ':');
		if (p)
			*p = ' ';
	}
	return text;
}

/* Domain 0000 may be left out: once more with it. */
static struct pmb_layout *apply_one(const struct pmb_layout *layout, const char *verb,
				    const char *what)
{
	struct pmb_text_error error, second;
	struct pmb_layout *to;
	char *text, *full;

	text = words_of(verb, what);
	to = pmb_request_apply(layout, text, &error);
	free(text);
	if (to)
		return to;
	full = pcibar_print("0000:%s", what);
	text = words_of(verb, full);
	to = pmb_request_apply(layout, text, &second);
	free(text);
	free(full);
	if (to)
		return to;
	/* The one that was understood farther is what was meant. */
	if (second.column > error.column + 5) {
		error = second;
		error.column -= 5;
	}
	pcibar_fail("--%s %s: at character %zu: %s", verb, what,
		    (size_t)error.column - (error.column > strlen(verb) ? strlen(verb) + 1 : 0),
		    error.why);
	return NULL;
}

static int apply_all(struct job *job)
{
	unsigned int i;

	for (i = 0; i < job->nr; i++) {
		struct pmb_layout *next = apply_one(job->layout, job->verb[i], job->what[i]);

		if (!next)
			return PCIBAR_BAD;
		if (job->layout != job->before)
			pmb_layout_free(job->layout);
		job->layout = next;
	}
	return PCIBAR_OK;
}

/* Would everything have a place? */
static bool fits(const struct pmb_layout *layout, const struct pmb_options *opt)
{
	struct pmb_plan *plan = pcibar_plan(layout, opt);
	bool all = plan && !plan->unplaced;

	pmb_plan_free(plan);
	return all;
}

static struct pmb_layout *without_blockers(const struct pmb_layout *layout,
					   const struct pmb_lack *lack)
{
	struct pmb_text_error error;
	struct pmb_layout *next, *now = NULL;
	u32 i;

	for (i = 0; i < lack->nr_blockers; i++) {
		const struct pmb_bar *bar = &layout->bars[lack->blockers[i]];
		char *text = pcibar_print("unfix \"%s\" %u", layout->devs[bar->dev].name, bar->res);

		next = pmb_request_apply(now ? now : layout, text, &error);
		free(text);
		pmb_layout_free(now);
		now = next;
		if (!now)
			return NULL;
	}
	return now;
}

/* Not guessed: tried. */
static unsigned int hints(const struct job *job, const struct pmb_plan *plan)
{
	struct pmb_options relaxed = job->opt;
	struct pmb_layout *freed;
	unsigned int hint = 0;

	if (!plan->unplaced)
		return 0;
	freed = without_blockers(job->layout, &plan->lack);
	if (freed && fits(freed, &job->opt))
		hint |= HINT_UNFIX;
	pmb_layout_free(freed);
	relaxed.relaxed_pref = true;
	if (!job->opt.relaxed_pref && fits(job->layout, &relaxed))
		hint |= HINT_RELAXED;
	return hint;
}

static void print_line(void *data, const char *line)
{
	(void)data;
	puts(line);
}

/* What the plan makes of the layout, in the layout itself. */
static void carry_out(struct pmb_layout *layout, const struct pmb_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->nr_wins; i++)
		layout->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur = plan->win[i];
	for (i = 0; i < plan->nr_bars; i++) {
		if (!plan->bar[i].size)
			continue;
		/* Of a Resizable BAR the planner may have chosen the size. */
		if (layout->bars[i].size != plan->bar[i].size)
			layout->bars[i].align = plan->bar[i].size;
		layout->bars[i].size = plan->bar[i].size;
		layout->bars[i].start = plan->bar[i].start;
		layout->bars[i].flags &= ~PMB_BAR_WANTED;
		layout->bars[i].flags |= PMB_BAR_PLACED;
	}
}

static int run(struct job *job)
{
	struct answer answer = { .layout = job->layout, .opt = &job->opt };
	struct pmb_plan *plan;
	int status;

	if (job->output == OPT_LAYOUT) {
		pmb_text_write(job->layout, print_line, NULL);
		return PCIBAR_OK;
	}
	plan = pcibar_plan(job->layout, &job->opt);
	if (!plan)
		return PCIBAR_BAD;
	status = plan->unplaced ? PCIBAR_NO : PCIBAR_OK;
	if (job->svg && pcibar_svg(job->svg, job->before, job->layout, plan))
		status = PCIBAR_BAD;
	answer.plan = plan;
	answer.hint = job->output == OPT_RESULT ? 0 : hints(job, plan);
	if (job->output == OPT_RESULT) {
		carry_out(job->layout, plan);
		pmb_text_write(job->layout, print_line, NULL);
	} else if (job->output == OPT_JSON) {
		answer_json(&answer);
	} else {
		answer_text(&answer);
	}
	pmb_plan_free(plan);
	return status;
}

static int parse_number(const char *name, const char *text, u64 max, u64 *val)
{
	char *end;

	errno = 0;
	*val = strtoull(text, &end, 0);
	if (errno || *end || end == text || *text == '-' || *val > max)
		return pcibar_fail("plan: --%s: %s is no number up to %llu", name, text, max);
	return PCIBAR_OK;
}

static int parse(struct job *job, int argc, char **argv)
{
	int o, status;
	u64 val;

	while ((o = pcibar_option(argc, argv, options, help, &status)) != -1) {
		switch (o) {
		case OPT_ADD ... OPT_UNFIX:
			job->verb[job->nr] = options[o].name;
			job->what[job->nr++] = optarg;
			break;
		case OPT_RELAXED:
			job->opt.relaxed_pref = true;
			break;
		case OPT_NO_RESERVE:
			job->opt.no_reserve = true;
			break;
		case OPT_MAX_COST:
			if (parse_number("max-cost", optarg, U64_MAX, &job->opt.max_cost))
				return PCIBAR_BAD;
			break;
		case OPT_RESIZE_COST:
			if (parse_number("resize-cost", optarg, U64_MAX, &job->opt.resize_cost))
				return PCIBAR_BAD;
			break;
		case OPT_BUDGET:
			if (parse_number("budget", optarg, U32_MAX, &val))
				return PCIBAR_BAD;
			job->opt.budget = val;
			break;
		case OPT_SVG:
			job->svg = optarg;
			break;
		case '?':
			return status ? status : -1;
		default:
			job->output = o;
		}
	}
	return 0;
}

int cmd_plan(int argc, char **argv)
{
	struct job job = {
		.verb = pcibar_alloc(argc, sizeof(char *)),
		.what = pcibar_alloc(argc, sizeof(char *)),
	};
	int status = parse(&job, argc, argv);

	if (!status) {
		status = PCIBAR_BAD;
		job.before = pcibar_argument(argc, argv);
		job.layout = job.before;
		if (job.before && !apply_all(&job))
			status = run(&job);
		if (job.layout != job.before)
			pmb_layout_free(job.layout);
		pmb_layout_free(job.before);
	}
	free(job.verb);
	free(job.what);
	return status < 0 ? PCIBAR_OK : status;
}
