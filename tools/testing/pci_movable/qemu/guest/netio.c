// SPDX-License-Identifier: GPL-2.0
/*
 * netio - an endless download whose every byte is checked.
 *
 *   netio feed SEED [KIB]             write the pattern to stdout (on the host),
 *                                     at most KIB KiB a second
 *   netio run ADDRESS PORT SEED REPORT
 *
 * "run" connects once and reads until SIGTERM; SIGUSR1 starts a new phase.
 * REPORT is replaced after each signal. A latency is the time between two
 * arrivals of data, so the longest one is the outage of the link.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pattern.h"
#include "report.h"

#define MAX_PHASES	16

static struct stats stats[MAX_PHASES];
static int phase, ended;

static void die(const char *what)
{
	fprintf(stderr, "netio: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int feed(uint64_t seed, uint64_t kib)
{
	uint64_t buf[PATTERN_BLOCK / 8], block, start = now_us(), due, now;

	for (block = 0;; block++) {
		size_t done = 0;

		pattern_fill(buf, seed, block);
		if (kib) {
			due = start + block * PATTERN_BLOCK / 1024 * 1000000 / kib;
			now = now_us();
			if (due > now)
				usleep((useconds_t)(due - now));
		}
		while (done < sizeof(buf)) {
			ssize_t n = write(1, (char *)buf + done, sizeof(buf) - done);

			if (n <= 0)
				return 0;
			done += (size_t)n;
		}
	}
}

static void write_report(const char *path, uint64_t since)
{
	char tmp[256];
	FILE *f;
	int i;

	snprintf(tmp, sizeof(tmp), "%s.new", path);
	f = fopen(tmp, "w");
	if (!f)
		die(tmp);
	fprintf(f, "{\"ended\":%d,\"under_way_us\":%llu,\"phases\":[", ended,
		(unsigned long long)since);
	for (i = 0; i <= phase; i++) {
		fprintf(f, "%s{\"phase\":%d,", i ? "," : "", i);
		stats_json(f, &stats[i]);
		fprintf(f, "}");
	}
	fprintf(f, "]}\n");
	if (fclose(f) || rename(tmp, path))
		die(path);
}

static int run(const char *address, const char *port, uint64_t seed, const char *report)
{
	static uint64_t buf[PATTERN_BLOCK / 8];
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct signalfd_siginfo info;
	struct pollfd p[2];
	uint64_t block = 0, last, now;
	size_t have = 0;
	sigset_t set;

	to.sin_port = htons((uint16_t)atoi(port));
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		die(address);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p[0].fd = signalfd(-1, &set, 0);
	p[1].fd = socket(AF_INET, SOCK_STREAM, 0);
	if (p[0].fd < 0 || p[1].fd < 0)
		die("socket");
	if (connect(p[1].fd, (struct sockaddr *)&to, sizeof(to)))
		die("connect");
	p[0].events = POLLIN;
	p[1].events = POLLIN;
	/* leave the shell its share of the processors */
	if (nice(5) < 0)
		die("nice");
	puts("running");
	fflush(stdout);
	last = now_us();
	for (;;) {
		if (poll(p, ended ? 1 : 2, -1) < 0)
			die("poll");
		if (p[0].revents & POLLIN) {
			if (read(p[0].fd, &info, sizeof(info)) != sizeof(info))
				die("signalfd");
			if (info.ssi_signo == SIGUSR1 && phase < MAX_PHASES - 1)
				phase++;
			write_report(report, now_us() - last);
			if (info.ssi_signo == SIGTERM)
				return 0;
		}
		if (!ended && p[1].revents) {
			ssize_t n = read(p[1].fd, (char *)buf + have, sizeof(buf) - have);

			if (n <= 0) {
				stats[phase].errors++;
				stats[phase].first_errno = n < 0 ? errno : EPIPE;
				ended = 1;
				continue;
			}
			now = now_us();
			stats_op(&stats[phase], now - last);
			last = now;
			stats[phase].bytes += (uint64_t)n;
			have += (size_t)n;
			if (have == sizeof(buf)) {
				stats[phase].mismatches += !!pattern_diff(buf, seed, block);
				block++;
				have = 0;
			}
		}
	}
}

int main(int argc, char **argv)
{
	if ((argc == 3 || argc == 4) && !strcmp(argv[1], "feed"))
		return feed(strtoull(argv[2], NULL, 0), argc == 4 ? strtoull(argv[3], NULL, 0) : 0);
	if (argc == 6 && !strcmp(argv[1], "run"))
		return run(argv[2], argv[3], strtoull(argv[4], NULL, 0), argv[5]);
	fprintf(stderr, "usage: netio feed SEED [KIB]\n");
	fprintf(stderr, "       netio run ADDRESS PORT SEED REPORT\n");
	return 2;
}
