// SPDX-License-Identifier: GPL-2.0
/* pcibar: which command it is. */
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include "pcibar.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *args;
	const char *does;
} commands[] = {
	{ "capture", cmd_capture, "", "this machine's layout" },
	{ "import", cmd_import, "FILE...", "layout from dmesg, lspci -vv, /proc/iomem" },
	{ "show", cmd_show, "[LAYOUT]", "map of the addresses, as text or as a picture" },
	{ "plan", cmd_plan, "[LAYOUT]", "what it would take to add, resize or remove" },
	{ "diff", cmd_diff, "A B", "what moved between two layouts" },
	{ "qemu", cmd_qemu, "LAYOUT", "script that reproduces the case under QEMU" },
	{ "kunit", cmd_kunit, "LAYOUT", "the case as a KUnit test on the mock host" },
};

#define NR_COMMANDS ARRAY_SIZE(commands)

static void say_usage(FILE *to)
{
	size_t i;

	fputs("usage: pcibar COMMAND [ARGUMENTS]\n\n", to);
	for (i = 0; i < NR_COMMANDS; i++)
		fprintf(to, "  %-8s %-9s  %s\n", commands[i].name, commands[i].args,
			commands[i].does);
	fputs("\npcibar COMMAND --help says more. LAYOUT is a file, or - for standard input: text\n"
	      "made by pcibar capture or import, or a dmesg in which the kernel printed a layout.\n"
	      "Without LAYOUT it is this machine's.\n"
	      "\nExit status: 0 done, 1 no plan or differences, 2 wrong usage or bad input.\n", to);
}

int main(int argc, char **argv)
{
	int status;
	size_t i;

	if (argc < 2) {
		say_usage(stderr);
		return PCIBAR_BAD;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		say_usage(stdout);
		return PCIBAR_OK;
	}
	for (i = 0; i < NR_COMMANDS; i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		status = commands[i].run(argc - 1, argv + 1);
		/* A full disk or a closed pipe must not look like success. */
		if (fflush(stdout) || ferror(stdout))
			return pcibar_fail("standard output: write error");
		return status;
	}
	return pcibar_fail("unknown command %s; see pcibar --help", argv[1]);
}
