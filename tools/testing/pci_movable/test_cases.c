// SPDX-License-Identifier: GPL-2.0
/*
 * Replays the machines of bug reports: test_cases [-v] [-D DIR] [FILE...]
 *
 * One result for each plan that a file asks for.  Without a file all *.txt of
 * DIR, which is cases/ next to the source if it is not given.  -v prints what
 * the plans do.
 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "case_file.h"
#include "layout_tools.h"
#include "tap.h"
#include "text.h"

static struct case_file file;
static u32 group;

static void to_tap(const struct case_file *f, u32 line, const char *what)
{
	if (tap_complain(f->name, line))
		printf("%s\n", what);
}

/* Files. */

static char *read_all(const char *path, size_t *len)
{
	FILE *stream = fopen(path, "r");
	char *text = NULL;
	char buf[4096];
	size_t n;

	*len = 0;
	if (!stream)
		return NULL;
	while ((n = fread(buf, 1, sizeof(buf), stream)) > 0) {
		text = realloc(text, *len + n);
		if (!text)
			abort();
		memcpy(text + *len, buf, n);
		*len += n;
	}
	fclose(stream);
	return text;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* As it was written, the layout is what it says: nothing is lost on the way. */
static void check_round_trip(void)
{
	struct pmb_text_error error;
	struct pmb_layout *again;
	const char *what;
	char *text;

	text = layout_text(file.layout);
	again = pmb_text_read(text, strlen(text), &error);
	CHECK(again);
	if (again) {
		what = layout_difference(file.layout, again);
		CHECK_MSG(!what, "%s", what);
	}
	pmb_layout_free(again);
	free(text);
}

static void open_file(void)
{
	const char *path = file.name;
	size_t len;
	char *text = read_all(path, &len);

	file.name = base_name(path);
	CHECK_MSG(text, "cannot read %s", path);
	if (text && case_open(&file, text, len))
		check_round_trip();
	else
		file.nr_groups = 0;
	free(text);
}

static void run_group(void)
{
	case_run(&file, group);
}

static void replay(const char *path, bool verbose)
{
	char name[256];

	file = (struct case_file){
		.name = path, .complain = to_tap, .verbose = verbose,
	};
	tap_run(open_file, base_name(path));
	for (group = 0; group < file.nr_groups; group++) {
		snprintf(name, sizeof(name), "%s %u: %s", file.name, group + 1,
			 case_group_title(&file, group));
		/* A '#' would start a directive of TAP. */
		while (strchr(name, '#'))
			*strchr(name, '#') = '.';
		tap_run(run_group, name);
	}
	case_close(&file);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_case(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 4 &&
	       !strcmp(entry->d_name + len - 4, ".txt");
}

static void no_cases(void)
{
	CHECK_MSG(false, "no cases found");
}

static void replay_all(const char *dir, bool verbose)
{
	struct dirent **entry;
	char path[4096];
	int i, nr;

	nr = scandir(dir, &entry, is_case, by_name);
	if (nr <= 0)
		tap_run(no_cases, dir);
	for (i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry[i]->d_name);
		replay(path, verbose);
		free(entry[i]);
	}
	if (nr >= 0)
		free(entry);
}

/* Does the runner see what is wrong? A small machine, and slips of all kinds. */

#define SMALL_LAYOUT							\
	"pmb-layout 1\n"						\
	"host 0000:00\n"						\
	"root 0000:00 mem 0x80000000-0x803fffff\n"			\
	"dev 0000:00:01.0 on 0000:00 driver pcieport way live\n"	\
	"bridge 0000:00:01.0 bus 01-01\n"				\
	"window 0000:00:01.0 mem 0x80000000-0x800fffff\n"		\
	"dev 0000:01:00.0 behind 0000:00:01.0 way live driver nvme\n"	\
	"bar 0000:01:00.0 0 mem64 at 0x80000000-0x80003fff\n"		\
	"dev 0000:00:02.0 on 0000:00 driver other\n"			\
	"bar 0000:00:02.0 0 mem at 0x80200000-0x802fffff fixed driver\n" \
	"end\n"

#define HEAD	"#: source a test\n#: event a test\n"
#define ADD_1M	"#: request add 0000:00:01.0:1M,mem\n"
#define ADD_2M	"#: request add 0000:00:01.0:2M,mem\n"

static u32 complaints;
static char complaint[512];

static void to_memory(const struct case_file *f, u32 line, const char *what)
{
	if (!complaints++)
		snprintf(complaint, sizeof(complaint), "%s:%u: %s", f->name, line, what);
}

static void run_text(const char *directives, void (*damage)(struct pmb_plan *plan))
{
	struct case_file f = { .name = "text", .complain = to_memory, .damage = damage };
	char text[4096];
	u32 i;

	complaints = 0;
	complaint[0] = '\0';
	snprintf(text, sizeof(text), "%s%s", directives, SMALL_LAYOUT);
	if (case_open(&f, text, strlen(text))) {
		for (i = 0; i < f.nr_groups; i++)
			case_run(&f, i);
	}
	case_close(&f);
}

static void test_runner_passes(void)
{
	static const char * const good[] = {
		ADD_1M "#: expect complete\n#: expect paused 0\n#: expect live 0\n"
		"#: expect moved 0\n#: expect cost 0\n#: expect windows 1\n"
		"#: expect windows <= 2\n#: expect windows >= 1\n#: expect only\n"
		"#: expect placed 0000:01:00.1 0 size 1M in 0x80000000-0x801fffff\n"
		"#: expect untouched 0000:01:00.0\n#: expect open 0000:00:01.0 mem 2M\n",
		ADD_2M "#: expect impossible\n#: expect lack mem 0000:00:01.0\n"
		"#: expect lack-bar 0000:01:00.1 0\n#: expect unplaced 1\n"
		"#: expect blocker 0000:00:02.0 0\n#: expect proved\n"
		"#: expect unplaced 0000:01:00.1 0\n"
		"#: expect same-window 0000:00:01.0 mem\n"
		"#: expect untouched 0000:00:01.0\n"
		"#: again without the obstacle\n"
		"#: request remove 0000:00:02.0\n" ADD_2M
		"#: expect complete\n#: expect moved 0\n"
		"#: again\n#: request unfix 0000:00:02.0 0\n" ADD_2M
		"#: option max-cost 10\n#: expect not-found\n",
	};
	char text[2048];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		snprintf(text, sizeof(text), HEAD "%s", good[i]);
		run_text(text, NULL);
		CHECK_MSG(!complaints, "%u: %s", i, complaint);
	}
}

static void test_runner_sees_wrong_expectations(void)
{
	static const char * const bad[] = {
		ADD_1M "#: expect partial\n",
		ADD_1M "#: expect impossible\n",
		ADD_2M "#: expect not-found\n",
		ADD_2M "#: expect complete\n",
		ADD_1M "#: expect complete\n#: expect paused 1\n",
		ADD_1M "#: expect complete\n#: expect live >= 1\n",
		ADD_1M "#: expect complete\n#: expect windows <= 0\n",
		ADD_1M "#: expect complete\n#: expect windows\n",
		ADD_1M "#: expect complete\n#: expect windows 1 2\n",
		ADD_1M "#: expect complete\n#: expect unplaced 0000:01:00.1 0\n",
		ADD_1M "#: expect complete\n#: expect placed 0000:01:00.1 1\n",
		ADD_1M "#: expect complete\n#: expect placed 0000:01:00.1 0 size 2M\n",
		ADD_1M "#: expect complete\n"
		"#: expect placed 0000:01:00.1 0 in 0x80000000-0x801ffffe\n",
		ADD_1M "#: expect complete\n#: expect untouched 0000:00:01.0\n",
		ADD_1M "#: expect complete\n#: expect untouched 0000:07:00.0\n",
		ADD_1M "#: expect complete\n#: expect only 0000:07:00.0\n",
		ADD_1M "#: expect complete\n#: expect same-window 0000:00:01.0 mem\n",
		ADD_1M "#: expect complete\n#: expect same-window 0000:00:01.0 x\n",
		ADD_1M "#: expect complete\n#: expect open 0000:00:01.0 mem 3M\n",
		ADD_1M "#: expect complete\n#: expect open 0000:00:01.0 io\n",
		ADD_1M "#: expect complete\n#: expect lack mem\n",
		ADD_1M "#: expect complete\n#: expect proved\n",
		ADD_2M "#: expect impossible\n#: expect lack pref\n",
		ADD_2M "#: expect impossible\n#: expect lack mem root\n",
		ADD_2M "#: expect impossible\n#: expect lack-bar 0000:01:00.0 0\n",
		ADD_2M "#: expect impossible\n#: expect blocker 0000:01:00.0\n",
		ADD_2M "#: expect impossible\n#: expect unproved\n",
		ADD_2M "#: expect impossible\n#: expect placed 0000:01:00.1 0\n",
	};
	char text[2048];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof(text), HEAD "%s", bad[i]);
		run_text(text, NULL);
		CHECK_MSG(complaints == 1, "%u complaints: %s %s", complaints, bad[i],
			  complaint);
	}
}

static void test_runner_sees_malformed_files(void)
{
	static const char * const bad[] = {
		"#: event x\n" ADD_1M "#: expect complete\n",
		"#: source x\n" ADD_1M "#: expect complete\n",
		HEAD ADD_1M,
		HEAD ADD_1M "#: expect paused 0\n",
		HEAD ADD_1M "#: expect complete\n#: again\n" ADD_1M,
		HEAD ADD_1M "#: expect complete\n#: expects paused 0\n",
		HEAD ADD_1M "#: expect complete\n#:\n",
		HEAD ADD_1M "#: expect\n#: expect complete\n",
		HEAD ADD_1M "#: expect complete\n#: expect joy\n",
		HEAD ADD_1M "#: expect complete\n#: option speed\n",
		HEAD ADD_1M "#: expect complete\n#: option budget\n",
		HEAD "#: request add 0000:07:00.0:1M,mem\n#: expect complete\n",
		HEAD "#: expect complete\nnonsense\n",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		run_text(bad[i], NULL);
		CHECK_MSG(complaints == 1, "%u complaints: %s %s", complaints, bad[i],
			  complaint);
	}
}

static void move_first_bar(struct pmb_plan *plan)
{
	plan->bar[0].start += plan->bar[0].size;
}

static void forget_last_bar(struct pmb_plan *plan)
{
	plan->bar[plan->nr_bars - 1].size = 0;
}

static void close_window(struct pmb_plan *plan)
{
	plan->win[PMB_MEM].size = 0;
}

static void miscount(struct pmb_plan *plan)
{
	plan->bars_placed++;
}

/* Both judges complain, whatever is expected. */
static void test_runner_sees_damaged_plans(void)
{
	static void (* const damage[])(struct pmb_plan *plan) = {
		move_first_bar, forget_last_bar, close_window, miscount,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(damage); i++) {
		run_text(HEAD ADD_1M "#: expect complete\n", damage[i]);
		CHECK_MSG(complaints == 2, "%u: %u complaints: %s", i, complaints,
			  complaint);
	}
}

int main(int argc, char **argv)
{
	const char *dir = CASES;
	bool verbose = false;
	int opt;

	while ((opt = getopt(argc, argv, "vD:")) != -1) {
		if (opt == 'v')
			verbose = true;
		else if (opt == 'D')
			dir = optarg;
		else
			return 2;
	}

	RUN(test_runner_passes);
	RUN(test_runner_sees_wrong_expectations);
	RUN(test_runner_sees_malformed_files);
	RUN(test_runner_sees_damaged_plans);
	if (optind == argc)
		replay_all(dir, verbose);
	for (; optind < argc; optind++)
		replay(argv[optind], verbose);
	return tap_end();
}
