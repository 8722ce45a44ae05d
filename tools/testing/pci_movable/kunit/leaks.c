// SPDX-License-Identifier: GPL-2.0
/*
 * The init of the UML kernel, after the KUnit tests: is memory left that nobody
 * refers to?  Asks kmemleak, prints what it has to say about the tests and what
 * they test, and powers off.
 *
 * The last line is "leaks: N", N < 0: it could not be found out.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME	"/d/kmemleak"
#define MIN_AGE		6	/* seconds before kmemleak takes an object for lost */

static int tell(const char *what)
{
	int fd = open(FILE_NAME, O_WRONLY);
	int good = fd >= 0 && write(fd, what, strlen(what)) == (ssize_t)strlen(what);

	if (fd >= 0)
		close(fd);
	return good;
}

/* What the first scan finds may only just have been moved: two agree. */
static int scan(void)
{
	return tell("scan") && tell("scan");
}

static int print_report(void)
{
	FILE *report = fopen(FILE_NAME, "r");
	char line[512];
	int nr = 0;

	if (!report)
		return -1;
	while (fgets(line, sizeof(line), report)) {
		nr += !strncmp(line, "unreferenced object", 19);
		fputs(line, stdout);
	}
	fclose(report);
	return nr;
}

int main(void)
{
	int nr = -1;

	mkdir("/d", 0700);
	if (!mount("debugfs", "/d", "debugfs", 0, NULL)) {
		sleep(MIN_AGE);
		if (scan())
			nr = print_report();
	}
	printf("leaks: %d\n", nr);
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 1;
}
