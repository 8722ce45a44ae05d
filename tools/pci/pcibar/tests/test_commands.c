// SPDX-License-Identifier: GPL-2.0
/* Every command on random layouts: it ends, with a status that makes sense. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "pcibar.h"
#include "random_layout.h"
#include "tap.h"
#include "text.h"

#define LAYOUTS	150

static char *path, *after;

static void write_line(void *data, const char *line)
{
	fprintf(data, "%s\n", line);
}

static void write_layout(const struct pmb_layout *layout)
{
	FILE *file = fopen(path, "w");

	pmb_text_write(layout, write_line, file);
	fclose(file);
}

/* Output goes to @to; messages are not wanted either. */
static int run(const char *to, int (*cmd)(int argc, char **argv), const char *line)
{
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), argc = 0, status;
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char *copy = strdup(line), *argv[16], *word, *save = NULL;

	word = strtok_r(copy, " ", &save);
	for (; word && argc < 15; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	argv[argc] = NULL;
	optind = 0;
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	status = cmd(argc, argv);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(fd);
	close(out);
	close(err);
	free(copy);
	return status;
}

static int run_on(const char *to, int (*cmd)(int argc, char **argv), const char *format)
{
	char *line = pcibar_print(format, path, after);
	int status = run(to, cmd, line);

	free(line);
	return status;
}

static u32 unplaced(const struct pmb_layout *layout)
{
	struct pmb_options opt = { };
	struct pmb_plan *plan = pcibar_plan(layout, &opt);
	u32 nr = plan ? plan->unplaced : 0;

	CHECK(plan);
	pmb_plan_free(plan);
	return nr;
}

static void test_commands(void)
{
	u64 seed;

	for (seed = 0; seed < LAYOUTS; seed++) {
		const char *map = "show %s --plan --width 60 --color=always";
		enum random_class size = seed % 3 ? RANDOM_SMALL : RANDOM_TIGHT;
		struct pmb_layout *l = random_layout(seed, size);
		int no = unplaced(l) ? PCIBAR_NO : PCIBAR_OK, status;

		write_layout(l);
		CHECK_EQ(run_on("/dev/null", cmd_show, "show %s"), PCIBAR_OK);
		CHECK_EQ(run_on("/dev/null", cmd_show, map), no);
		CHECK_EQ(run_on("/dev/null", cmd_plan, "plan %s"), no);
		CHECK_EQ(run_on("/dev/null", cmd_plan, "plan %s --json --svg /dev/null"), no);
		CHECK_EQ(run_on("/dev/null", cmd_qemu, "qemu %s"), PCIBAR_OK);
		status = run_on("/dev/null", cmd_kunit, "kunit %s");
		CHECK_MSG(status == (pcibar_wants(l) ? PCIBAR_OK : PCIBAR_BAD),
			  "seed %llu: kunit: %d", seed, status);
		CHECK_EQ(run_on(after, cmd_plan, "plan %s --result"), no);
		CHECK_EQ(run_on("/dev/null", cmd_diff, "diff %s %s --json") == PCIBAR_BAD, 0);
		CHECK_EQ(run_on("/dev/null", cmd_diff, "diff %1$s %1$s"), PCIBAR_OK);
		pmb_layout_free(l);
	}
}

/* Text that is cut anywhere is refused or fine, and never more. */
static void test_cut(void)
{
	struct pmb_layout *l = random_layout(7, RANDOM_SMALL);
	long size, at;
	FILE *file;
	char *text;

	write_layout(l);
	pmb_layout_free(l);
	file = fopen(path, "r+");
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	text = malloc(size);
	rewind(file);
	CHECK_EQ(fread(text, 1, size, file), size);
	fclose(file);
	for (at = 0; at < size; at += 17) {
		CHECK_EQ(truncate(path, at), 0);
		CHECK_EQ(run_on("/dev/null", cmd_show, "show %s"), PCIBAR_BAD);
	}
	free(text);
}

int main(void)
{
	path = pcibar_print("/tmp/pcibar-test-XXXXXX");
	after = pcibar_print("%s", path);
	close(mkstemp(path));
	close(mkstemp(after));
	RUN(test_commands);
	RUN(test_cut);
	unlink(path);
	unlink(after);
	free(path);
	free(after);
	return tap_end();
}
