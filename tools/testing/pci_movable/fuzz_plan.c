// SPDX-License-Identifier: GPL-2.0
/*
 * Random layouts through the planner, and its plans through two judges.
 *
 *	fuzz_plan [--count N] [--seed S] [--class small|medium|large|tight|all]
 *		  [--keep-going] [--better] [--print]
 *
 * Layout number n is made from seed S + n, so one case is repeated with --seed
 * and --count 1. For each: the judges have to accept the plan; plans which have
 * been spoiled at random have to be accepted by both or rejected by both; the
 * script for the plan has to work on emulated config spaces, and its undoing
 * too. The first failure is printed with the layout, and ends the run
 * (--keep-going: it is counted). A spoiled plan can be better than the planner's,
 * with fewer BARs left over or cheaper; --better makes that a failure. --print
 * only shows the layouts.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "plan.h"
#include "verify.h"
#include "script.h"
#include "text.h"
#include "random_layout.h"
#include "checker.h"
#include "emul.h"

#define HANG_SECONDS	120	/* of CPU time, for one layout */
#define LOG_MAX		5	/* failures printed in full with --keep-going */

static const char * const class_names[] = { "small", "medium", "large", "tight" };

struct stats {
	u64 plans, verdicts[PMB_VERDICTS], steps, ns, ns_max;
	u64 moved, placed, wins, cost_free;
	u64 spoiled, spoiled_good, better;
	u64 bars, bars_placed, bars_wanted;
	u64 scripts, writes, busy;
	u64 failures;
};

static struct stats stats[RANDOM_CLASSES];
static bool keep_going, show_better;
static u64 now_seed;		/* for the signal handler */
static enum random_class now_class;

struct trial {
	u64 seed;
	enum random_class class;
	struct pmb_layout *lay;
	struct pmb_options opt;
	struct pmb_plan *plan;
};

static void to_stdout(void *data, const char *line)
{
	size_t len = strlen(line);

	(void)data;
	printf("%s%s", line, len && line[len - 1] == '\n' ? "" : "\n");
}

static void print_plan(const struct trial *t)
{
	const struct pmb_plan *p = t->plan;
	u32 i;

	printf("# plan: %s cost %llu moved %u placed %u wins %u ",
	       pmb_verdict_key(p->verdict), p->cost, p->bars_moved, p->bars_placed,
	       p->wins_changed);
	printf("live %u paused %u unplaced %u+%u\n", p->devs_live, p->devs_paused,
	       p->unplaced, p->unplaced_optional);
	for (i = 0; i < p->nr_wins; i++) {
		const struct pmb_range *r = &t->lay->bridges[i / 3].win[i % 3].cur;

		if (r->size != p->win[i].size ||
		    (r->size && r->start != p->win[i].start))
			printf("# window %u %s %s: %#llx+%#llx -> %#llx+%#llx\n", i,
			       t->lay->bridges[i / 3].name, pmb_space_key(i % 3),
			       r->start, r->size, p->win[i].start, p->win[i].size);
	}
	for (i = 0; i < p->nr_bars; i++) {
		const struct pmb_bar *b = &t->lay->bars[i];
		u64 size = b->flags & PMB_BAR_PLACED ? b->size : 0;

		if (size != p->bar[i].size || (size && b->start != p->bar[i].start))
			printf("# bar %u %s %u: %#llx+%#llx -> %#llx+%#llx\n", i,
			       t->lay->devs[b->dev].name, b->res, b->start, size,
			       p->bar[i].start, p->bar[i].size);
	}
}

static bool failed(const struct trial *t, const char *what, const char *why)
{
	static unsigned int logged;

	stats[t->class].failures++;
	if (logged++ < LOG_MAX) {
		printf("# FAILED: %s: %s\n", what, why);
		printf("# --class %s --seed %llu --count 1, relaxed_pref %d max_cost %llu\n",
		       class_names[t->class], t->seed, t->opt.relaxed_pref,
		       t->opt.max_cost);
		print_plan(t);
		pmb_text_write(t->lay, to_stdout, NULL);
	} else {
		printf("# FAILED: --class %s --seed %llu --count 1: %s: %s\n",
		       class_names[t->class], t->seed, what, why);
	}
	fflush(stdout);
	return false;
}

static u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* Both judges on one plan; they have to agree. */
static bool judge(struct trial *t, const char *what, bool *good)
{
	char one[256] = "", other[256] = "", both[700];
	int err = pmb_verify(t->lay, &t->opt, t->plan, one, sizeof(one));
	bool ok = checker_accepts(t->lay, &t->opt, t->plan, other, sizeof(other));

	*good = !err;
	if (err && err != -EINVAL)
		return failed(t, what, "pmb_verify() has an error of its own");
	if (!!err != !!one[0])
		return failed(t, what, "rejected without a reason, or accepted with one");
	if (ok == !err)
		return true;
	snprintf(both, sizeof(both), "verify: \"%s\", checker: \"%s\"", one, other);
	return failed(t, what, both);
}

static bool try_planner(struct trial *t)
{
	struct stats *s = &stats[t->class];
	char why[256] = "";
	u64 ns = now_ns();
	int err = pmb_plan_make(t->lay, &t->opt, t->plan), want;
	bool good;
	u32 i;

	ns = now_ns() - ns;
	for (i = 0; i < t->lay->nr_bars; i++) {
		s->bars_placed += !!(t->lay->bars[i].flags & PMB_BAR_PLACED);
		s->bars_wanted += !!(t->lay->bars[i].flags & PMB_BAR_WANTED);
	}
	s->bars += t->lay->nr_bars;
	s->plans++;
	s->ns += ns;
	s->ns_max = max(s->ns_max, ns);
	if (err != 0 && err != -ENOSPC)
		return failed(t, "pmb_plan_make()", strerror(-err));
	if (t->plan->verdict >= PMB_VERDICTS)
		return failed(t, "pmb_plan_make()", "no such verdict");
	want = t->plan->verdict <= PMB_PLAN_PARTIAL ? 0 : -ENOSPC;
	if (err != want)
		return failed(t, "pmb_plan_make()", "result and verdict do not fit");
	s->verdicts[t->plan->verdict]++;
	s->steps += t->plan->steps;
	s->moved += t->plan->bars_moved;
	s->placed += t->plan->bars_placed;
	s->wins += t->plan->wins_changed;
	s->cost_free += !t->plan->cost;
	if (!judge(t, "plan", &good))
		return false;
	if (good)
		return true;
	pmb_verify(t->lay, &t->opt, t->plan, why, sizeof(why));
	return failed(t, "both judges reject the plan", why);
}

/* The plan which changes nothing has to be good always. */
static bool try_nothing(struct trial *t)
{
	struct pmb_plan *p = t->plan;
	bool good;
	u32 i;

	for (i = 0; i < p->nr_wins; i++) {
		p->win[i] = t->lay->bridges[i / PMB_SPACES].win[i % PMB_SPACES].cur;
		if (!p->win[i].size)
			p->win[i].start = 0;
	}
	for (i = 0; i < p->nr_bars; i++) {
		p->bar[i].start = t->lay->bars[i].start;
		p->bar[i].size = t->lay->bars[i].flags & PMB_BAR_PLACED ?
				 t->lay->bars[i].size : 0;
	}
	p->verdict = PMB_PLAN_NOT_FOUND;
	p->lack = (struct pmb_lack){ .bar = PMB_NONE, .bridge = PMB_NONE };
	checker_count(t->lay, p);
	if (!judge(t, "empty plan", &good))
		return false;
	return good || failed(t, "empty plan", "both judges reject it");
}

/* Spoiling: each function does one thing that may or may not be wrong. */

/* Somewhere in what is above an object: a window of its bridge, or a root */
static bool random_home(const struct trial *t, struct rng *r, u32 host, u32 bridge,
			struct pmb_range *home)
{
	const struct pmb_root *root;

	if (bridge != PMB_NONE) {
		*home = t->plan->win[bridge * PMB_SPACES + rng_below(r, PMB_SPACES)];
		return home->size;
	}
	root = &t->lay->roots[rng_below(r, t->lay->nr_roots)];
	*home = root->range;
	return root->host == host;
}

static u64 random_place(struct rng *r, const struct pmb_range *home, u64 size,
			u64 align)
{
	u64 first = (home->start + align - 1) & ~(align - 1);
	u64 room = pmb_last(home) - first + 1;

	if (first < home->start || first > pmb_last(home) || room < size)
		return home->start;
	return first + rng_below(r, (room - size) / align + 1) * align;
}

static void spoil_bar(const struct trial *t, struct rng *r)
{
	u32 i = rng_below(r, t->plan->nr_bars), j;
	const struct pmb_bar *bar = &t->lay->bars[i];
	const struct pmb_dev *dev = &t->lay->devs[bar->dev];
	struct pmb_range *at = &t->plan->bar[i], home;

	switch (rng_below(r, 10)) {
	case 0:
		at->start += bar->align * rng_from(r, 1, 4);
		break;
	case 1:
		at->start -= bar->align * rng_from(r, 1, 4);
		break;
	case 2:
		at->start += bar->align / 2;
		break;
	case 3:
	case 4:
	case 5:
		if (!random_home(t, r, dev->host, dev->bridge, &home))
			break;
		at->start = random_place(r, &home, bar->size, bar->align);
		at->size = bar->size;
		break;
	case 6:
		j = rng_below(r, t->plan->nr_bars);
		swap(at->start, t->plan->bar[j].start);
		break;
	case 7:
		at->size = 0;
		break;
	case 8:
		at->size = rng_percent(r, 50) ? at->size / 2 : at->size * 2;
		break;
	default:
		at->start = rng_percent(r, 50) ? rng_next(r) : -bar->size;
		at->size = bar->size;
	}
}

static void spoil_window(const struct trial *t, struct rng *r)
{
	u32 i = rng_below(r, t->plan->nr_wins);
	const struct pmb_bridge *b = &t->lay->bridges[i / PMB_SPACES];
	u64 step = b->win[i % PMB_SPACES].align * rng_from(r, 1, 3);
	struct pmb_range *w = &t->plan->win[i], home;

	switch (rng_below(r, 11)) {
	case 0:
		w->size += step;
		break;
	case 1:
		w->start -= step;
		w->size += step;
		break;
	case 2:
		w->size -= min(step, w->size);
		break;
	case 3:
		w->start += min(step, w->size);
		w->size -= min(step, w->size);
		break;
	case 4:
		w->start += step;
		break;
	case 5:
		w->start -= step;
		break;
	case 6:
		*w = (struct pmb_range){ 0, 0 };
		break;
	case 7:
	case 8:
		if (!random_home(t, r, b->host, b->parent, &home))
			break;
		w->size = w->size ? w->size : step;
		w->start = random_place(r, &home, w->size,
					b->win[i % PMB_SPACES].align ?: 1);
		break;
	case 9:
		w->size = step / 2;
		break;
	default:
		w->start = rng_percent(r, 50) ? 0 : -w->size;
	}
}

static void spoil_number(const struct trial *t, struct rng *r)
{
	u32 *numbers[] = {
		&t->plan->bars_moved, &t->plan->bars_placed, &t->plan->wins_changed,
		&t->plan->devs_live, &t->plan->devs_paused, &t->plan->unplaced,
		&t->plan->unplaced_optional,
	};
	u32 which = rng_below(r, ARRAY_SIZE(numbers) + 2);

	if (which < ARRAY_SIZE(numbers))
		*numbers[which] += rng_percent(r, 50) ? 1 : -1;
	else if (which == ARRAY_SIZE(numbers))
		t->plan->cost++;
	else
		t->plan->verdict = rng_below(r, PMB_VERDICTS);
}

/*
 * Does a plan place a required BAR in a way that counts?  I/O BARs do not as
 * long as the same function misses memory.
 */
static bool places_something(const struct trial *t)
{
	const struct pmb_bar *bar = t->lay->bars;
	const u32 which = PMB_BAR_WANTED | PMB_BAR_OPTIONAL;
	u32 i, j;

	for (i = 0; i < t->lay->nr_bars; i++) {
		if ((bar[i].flags & which) != PMB_BAR_WANTED || !t->plan->bar[i].size)
			continue;
		for (j = 0; j < t->lay->nr_bars; j++) {
			if (bar[j].dev == bar[i].dev && !t->plan->bar[j].size &&
			    (bar[j].flags & (which | PMB_BAR_IO)) == PMB_BAR_WANTED)
				break;
		}
		if (j == t->lay->nr_bars)
			return true;
	}
	return false;
}

/* By the rules, what matters more comes first. */
static bool is_better(const struct pmb_plan *a, const struct pmb_plan *b)
{
	if (a->unplaced != b->unplaced)
		return a->unplaced < b->unplaced;
	if (a->cost != b->cost)
		return a->cost < b->cost;
	return a->unplaced_optional < b->unplaced_optional;
}

static bool try_spoiled(struct trial *t, struct rng *r, bool planned)
{
	struct stats *s = &stats[t->class];
	struct pmb_plan *p = t->plan, copy = *p;
	struct pmb_range *win = calloc(p->nr_wins + 1, sizeof(*win));
	struct pmb_range *bar = calloc(p->nr_bars + 1, sizeof(*bar));
	u32 n = 1 + rng_below(r, 3) * rng_below(r, 2);
	bool ok, good;

	memcpy(win, p->win, p->nr_wins * sizeof(*win));
	memcpy(bar, p->bar, p->nr_bars * sizeof(*bar));
	while (n--) {
		if (p->nr_wins && rng_percent(r, 45))
			spoil_window(t, r);
		else if (p->nr_bars)
			spoil_bar(t, r);
	}
	p->lack = (struct pmb_lack){ .bar = PMB_NONE, .bridge = PMB_NONE };
	checker_count(t->lay, p);
	if (rng_percent(r, 8))
		spoil_number(t, r);
	ok = judge(t, "spoiled plan", &good);
	s->spoiled++;
	s->spoiled_good += good;
	if (good && copy.verdict == PMB_PLAN_IMPOSSIBLE && places_something(t))
		ok = failed(t, "called impossible", "but this is possible");
	if (good && planned && places_something(t) && is_better(p, &copy)) {
		s->better++;
		if (show_better)
			ok = failed(t, "not the best", "this is better");
	}

	memcpy(p->win, win, p->nr_wins * sizeof(*win));
	memcpy(p->bar, bar, p->nr_bars * sizeof(*bar));
	*p = copy;
	free(win);
	free(bar);
	return ok;
}

static bool has_strict(const struct pmb_layout *lay)
{
	u32 i;

	for (i = 0; i < lay->nr_bars; i++) {
		if (lay->bars[i].flags & PMB_BAR_STRICT)
			return true;
	}
	return false;
}

/* Writing sizes is not the script's business. */
static bool resizes(const struct trial *t)
{
	u32 i;

	for (i = 0; i < t->lay->nr_bars; i++) {
		if (t->plan->bar[i].size && t->plan->bar[i].size != t->lay->bars[i].size)
			return true;
	}
	return false;
}

static bool run_script(struct trial *t, struct pmb_script *script, struct emul *e)
{
	struct stats *s = &stats[t->class];
	int err = pmb_script_build(t->lay, t->plan, emul_read, e, script);

	if (err == -EBUSY && has_strict(t->lay)) {
		s->busy++;
		return true;
	}
	if (err)
		return failed(t, "pmb_script_build()", strerror(-err));
	s->scripts++;
	s->writes += script->nr;
	if (!emul_run(e, t->plan, script))
		return failed(t, "script", e->why);
	if (!emul_undo(e, script))
		return failed(t, "script backwards", e->why);
	return true;
}

static bool try_script(struct trial *t, struct rng *r)
{
	struct pmb_script *script = pmb_script_alloc(t->lay);
	struct emul *e = emul_new(t->lay);
	bool ok = false;
	u32 i, cmd;

	/* Some do not decode, and some that have no place yet do. */
	for (i = 0; i < t->lay->nr_devs; i++) {
		cmd = emul_get(e, i, 4, 2);
		if (rng_percent(r, 20))
			emul_set(e, i, 4, 2, cmd ^ rng_from(r, 1, 3));
	}
	if (script && e)
		ok = run_script(t, script, e);
	emul_free(e);
	pmb_script_free(script);
	return ok;
}

static bool try_layout(struct trial *t)
{
	static const u32 rounds[RANDOM_CLASSES] = { 8, 4, 1, 8 };
	struct rng r = { t->seed ^ 0x5151515151515151ull };
	char why[256] = "";
	u32 i;

	if (pmb_layout_check(t->lay, why, sizeof(why)))
		return failed(t, "pmb_layout_check()", why);
	if (!try_planner(t))
		return false;
	if ((t->class != RANDOM_LARGE || rng_percent(&r, 10)) && !resizes(t) &&
	    !try_script(t, &r))
		return false;
	for (i = 0; i < rounds[t->class]; i++) {
		if (!try_spoiled(t, &r, true))
			return false;
	}
	if (!try_nothing(t))
		return false;
	return try_spoiled(t, &r, false);
}

static bool one(u64 seed, enum random_class class, bool print)
{
	static const struct itimerval limit = { .it_value.tv_sec = HANG_SECONDS };
	struct trial t = { .seed = seed, .class = class };
	bool ok = true;

	now_seed = seed;
	now_class = class;
	setitimer(ITIMER_VIRTUAL, &limit, NULL);
	t.lay = random_layout(seed, class);
	random_options(seed, &t.opt);
	t.plan = pmb_plan_alloc(t.lay);
	if (!t.lay || !t.plan) {
		printf("# no memory\n");
		exit(2);
	}
	if (print)
		pmb_text_write(t.lay, to_stdout, NULL);
	else
		ok = try_layout(&t);
	pmb_plan_free(t.plan);
	pmb_layout_free(t.lay);
	return ok;
}

static void on_alarm(int sig)
{
	char buf[120];
	int n = snprintf(buf, sizeof(buf), "# HANGS: --class %s --seed %llu --count 1\n",
			 class_names[now_class], now_seed);

	(void)sig;
	if (write(1, buf, n) < 0)
		_exit(2);
	_exit(1);
}

static void print_stats(enum random_class class)
{
	const struct stats *s = &stats[class];
	double n = s->plans;

	if (!s->plans)
		return;
	printf("%s: %llu layouts: %llu complete, %llu partial, %llu not found, ",
	       class_names[class], s->plans, s->verdicts[PMB_PLAN_COMPLETE],
	       s->verdicts[PMB_PLAN_PARTIAL], s->verdicts[PMB_PLAN_NOT_FOUND]);
	printf("%llu impossible; %llu failures\n", s->verdicts[PMB_PLAN_IMPOSSIBLE],
	       s->failures);
	printf("  a layout: %.1f BARs, %.1f placed, %.1f wanted\n", s->bars / n,
	       s->bars_placed / n, s->bars_wanted / n);
	printf("  a plan: %.1f steps, %.1f us (longest %.1f us), ", s->steps / n,
	       s->ns / n / 1e3, s->ns_max / 1e3);
	printf("%.2f BARs placed, %.2f moved, %.2f windows changed; %.1f %% free of cost\n",
	       s->placed / n, s->moved / n, s->wins / n, 100 * s->cost_free / n);
	printf("  %llu spoiled plans, %llu of them good, %llu better\n", s->spoiled,
	       s->spoiled_good, s->better);
	printf("  %llu scripts with %.1f writes, %llu busy\n", s->scripts,
	       s->scripts ? (double)s->writes / s->scripts : 0, s->busy);
}

/* Mostly small layouts, since these get into all corners; large ones take long. */
static enum random_class random_class(u64 seed)
{
	struct rng r = { seed + 77 };
	u32 n = rng_below(&r, 1000);

	return n < 850 ? RANDOM_SMALL : n < 995 ? RANDOM_MEDIUM : RANDOM_LARGE;
}

static void usage(void)
{
	fprintf(stderr, "fuzz_plan [--count N] [--seed S]\n");
	fprintf(stderr, "          [--class small|medium|large|tight|all]\n");
	fprintf(stderr, "          [--keep-going] [--better] [--print]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	enum random_class class = RANDOM_CLASSES;
	u64 count = 10000, seed = 1, i, bad = 0;
	bool print = false;
	int a, c;

	for (a = 1; a < argc; a++) {
		if (!strcmp(argv[a], "--keep-going")) {
			keep_going = true;
		} else if (!strcmp(argv[a], "--better")) {
			show_better = true;
		} else if (!strcmp(argv[a], "--print")) {
			print = true;
		} else if (a + 1 == argc) {
			usage();
		} else if (!strcmp(argv[a], "--count")) {
			count = strtoull(argv[++a], NULL, 0);
		} else if (!strcmp(argv[a], "--seed")) {
			seed = strtoull(argv[++a], NULL, 0);
		} else if (!strcmp(argv[a], "--class")) {
			a++;
			for (c = 0; c < RANDOM_CLASSES; c++) {
				if (!strcmp(argv[a], class_names[c]))
					class = c;
			}
			if (class == RANDOM_CLASSES && strcmp(argv[a], "all"))
				usage();
		} else {
			usage();
		}
	}
	signal(SIGVTALRM, on_alarm);
	for (i = 0; i < count; i++) {
		c = class == RANDOM_CLASSES ? random_class(seed + i) : class;
		if (one(seed + i, c, print))
			continue;
		bad++;
		if (!keep_going)
			break;
	}
	for (c = 0; c < RANDOM_CLASSES; c++)
		print_stats(c);
	return !!bad;
}
