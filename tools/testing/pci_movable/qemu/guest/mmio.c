// SPDX-License-Identifier: GPL-2.0
/*
 * mmio - accesses to registers of a device, each of which the device answers for.
 *
 *   mmio run REPORT ADDRESS[~] ...
 *
 * Each ADDRESS is the physical address of a 32-bit register that reads back what
 * was written, or, marked with ~, its complement. New values go into each in turn,
 * and are read back at once, until SIGTERM: a write or a read that does not reach
 * the device is counted as a mismatch. SIGUSR1 starts a new phase; REPORT is
 * replaced after each signal. Reached through /dev/mem, so that the kernel does not
 * know of it: what the device's driver says decides whether its BARs may move.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report.h"

#define MAX_PHASES	16
#define MAX_REGISTERS	8
#define PAGE		4096ull

struct reg {
	uint32_t *at;
	uint32_t flip;
};

/* The first access that did not reach the device */
static struct {
	uint64_t at_us;
	int reg;
	uint32_t wanted, found;
} bad = { .reg = -1 };

static struct stats stats[MAX_PHASES];
static struct reg regs[MAX_REGISTERS];
static int nr_regs, phase;
static atomic_int phases_asked, stop_asked;

static void die(const char *what)
{
	fprintf(stderr, "mmio: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void on_signal(int sig)
{
	if (sig == SIGUSR1)
		phases_asked++;
	else
		stop_asked = 1;
}

static void map(int fd, struct reg *r, char *text)
{
	char *end;
	uint64_t address = strtoull(text, &end, 0);
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			  (off_t)(address & ~(PAGE - 1)));

	if (page == MAP_FAILED || (*end && strcmp(end, "~")))
		die(text);
	r->at = (uint32_t *)(page + (address & (PAGE - 1)));
	r->flip = *end ? ~0u : 0;
}

static void access_once(const struct reg *r, uint32_t value, struct stats *s)
{
	uint64_t start = now_us();
	uint32_t found;

	/* one plain access each */
	__atomic_store_n(r->at, value, __ATOMIC_RELAXED);
	found = __atomic_load_n(r->at, __ATOMIC_RELAXED);
	if (found != (value ^ r->flip)) {
		s->mismatches++;
		if (bad.reg < 0) {
			bad.at_us = start;
			bad.reg = (int)(r - regs);
			bad.wanted = value ^ r->flip;
			bad.found = found;
		}
	}
	s->bytes += 2 * sizeof(value);
	stats_op(s, now_us() - start);
}

static void write_report(const char *path)
{
	char tmp[256];
	FILE *f;
	int i;

	snprintf(tmp, sizeof(tmp), "%s.new", path);
	f = fopen(tmp, "w");
	if (!f)
		die(tmp);
	fprintf(f, "{\"first_bad\":{\"us\":%llu,\"register\":%d,\"wanted\":%u,\"found\":%u},",
		(unsigned long long)bad.at_us, bad.reg, bad.wanted, bad.found);
	fprintf(f, "\"phases\":[");
	for (i = 0; i <= phase; i++) {
		fprintf(f, "%s{\"phase\":%d,", i ? "," : "", i);
		stats_json(f, &stats[i]);
		fprintf(f, "}");
	}
	fprintf(f, "]}\n");
	if (fclose(f) || rename(tmp, path))
		die(path);
}

static void run(const char *report)
{
	uint32_t value = 0;
	int i;

	while (!stop_asked) {
		/* an odd factor: no value comes twice */
		value += 0x9e3779b1u;
		for (i = 0; i < nr_regs; i++)
			access_once(&regs[i], value, &stats[phase]);
		if (phases_asked > phase && phase < MAX_PHASES - 1) {
			phase++;
			write_report(report);
		}
	}
	write_report(report);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	int fd, i;

	if (argc < 4 || argc > 3 + MAX_REGISTERS || strcmp(argv[1], "run")) {
		fprintf(stderr, "usage: mmio run REPORT ADDRESS[~] ...\n");
		return 2;
	}
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	fd = open("/dev/mem", O_RDWR | O_SYNC);
	if (fd < 0)
		die("/dev/mem");
	for (i = 3; i < argc; i++)
		map(fd, &regs[nr_regs++], argv[i]);
	/* leave the shell its share of the processors */
	if (nice(5) < 0)
		die("nice");
	puts("running");
	fflush(stdout);
	run(argv[2]);
	return 0;
}
