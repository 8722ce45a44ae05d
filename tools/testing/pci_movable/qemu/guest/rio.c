// SPDX-License-Identifier: GPL-2.0
/*
 * rio - random reads of a patterned drive, each one checked.
 *
 *   rio fill FILE MIB SEED         write the pattern (on the host)
 *   rio verify DEVICE SEED         read everything once, print JSON
 *   rio run DEVICE SEED REPORT [THREADS [PAUSE]]
 *   rio write DEVICE SEED REPORT [THREADS [PAUSE]]
 *   rio memory MIB SEED REPORT [THREADS [PAUSE]]
 *
 * "run" reads 4 KiB blocks with O_DIRECT at random until SIGTERM. "write" also
 * writes them, every other time: a block gets the pattern of its next
 * generation, and each read has to find the last one; at the end all blocks
 * are read once more. "memory" does the same to MIB MiB of its own memory, which
 * is what swaps when there is less of it. SIGUSR1 starts a new phase; every phase
 * has its own numbers. After each signal REPORT (and REPORT.timeline, one line per
 * slot) is replaced by a new one, also when a read hangs: the report is written by
 * a thread that touches no drive, and tells how long the oldest read has been
 * under way.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/fs.h>

#include "pattern.h"
#include "report.h"

#define MAX_PHASES	16
#define MAX_THREADS	8

struct worker {
	pthread_t thread;
	int number;
	atomic_ullong since;	/* start of the operation under way, 0: none */
	atomic_int ended;
	struct stats phase[MAX_PHASES];
	struct slot slot[SLOTS];
};

static const char *device;
static uint64_t seed, blocks, t0;
static atomic_int phase, stopping;
static uint64_t phase_start[MAX_PHASES + 1];
static struct worker *workers;
static int threads = 1;
static useconds_t pause_us;

/* "write" and "memory": how often a block was written, mod 256 */
static uint8_t *generation;
static char *memory;

static void die(const char *what)
{
	fprintf(stderr, "rio: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t device_blocks(int fd)
{
	struct stat st;
	uint64_t bytes;

	if (fstat(fd, &st))
		die("fstat");
	bytes = (uint64_t)st.st_size;
	if (S_ISBLK(st.st_mode) && ioctl(fd, BLKGETSIZE64, &bytes))
		die("BLKGETSIZE64");
	return bytes / PATTERN_BLOCK;
}

static int fill(const char *path, uint64_t mib)
{
	uint64_t buf[PATTERN_BLOCK / 8];
	uint64_t i, n = mib * (1048576 / PATTERN_BLOCK);
	FILE *f = fopen(path, "w");

	if (!f)
		die(path);
	for (i = 0; i < n; i++) {
		pattern_fill(buf, seed, i);
		if (fwrite(buf, sizeof(buf), 1, f) != 1)
			die(path);
	}
	if (fclose(f))
		die(path);
	return 0;
}

static uint64_t block_seed(uint64_t block)
{
	return generation ? seed + ((uint64_t)generation[block] << 40) : seed;
}

/* What a transfer of @n bytes has to be counted as: 0, or 1 if it failed */
static int count_transfer(ssize_t n, struct stats *s)
{
	if (n != PATTERN_BLOCK) {
		s->errors++;
		if (!s->first_errno)
			s->first_errno = n < 0 ? errno : EIO;
		return 1;
	}
	s->bytes += PATTERN_BLOCK;
	return 0;
}

/* One checked read: 0, or 1 after having counted what was wrong with it */
static int read_block(int fd, void *buf, uint64_t block, struct stats *s)
{
	off_t at = (off_t)(block * PATTERN_BLOCK);

	if (memory) {
		buf = memory + at;
		s->bytes += PATTERN_BLOCK;
	} else if (count_transfer(pread(fd, buf, PATTERN_BLOCK, at), s)) {
		return 1;
	}
	if (pattern_diff(buf, block_seed(block), block)) {
		s->mismatches++;
		return 1;
	}
	return 0;
}

static int write_block(int fd, void *buf, uint64_t block, struct stats *s)
{
	off_t at = (off_t)(block * PATTERN_BLOCK);

	generation[block]++;
	if (memory) {
		pattern_fill((uint64_t *)(memory + at), block_seed(block), block);
		s->bytes += PATTERN_BLOCK;
		return 0;
	}
	pattern_fill(buf, block_seed(block), block);
	return count_transfer(pwrite(fd, buf, PATTERN_BLOCK, at), s);
}

static int open_direct(void)
{
	int fd;

	if (memory)
		return -1;
	fd = open(device, (generation ? O_RDWR : O_RDONLY) | O_DIRECT);
	if (fd < 0)
		die(device);
	return fd;
}

static void *block_buffer(void)
{
	void *buf;

	if (posix_memalign(&buf, PATTERN_BLOCK, PATTERN_BLOCK))
		die("posix_memalign");
	/* what an earlier read left must not pass for this one */
	memset(buf, 0xee, PATTERN_BLOCK);
	return buf;
}

static int verify(void)
{
	static struct stats s;
	void *buf = block_buffer();
	int fd = open_direct();
	uint64_t i, start;

	blocks = device_blocks(fd);
	for (i = 0; i < blocks; i++) {
		start = now_us();
		memset(buf, 0xee, 64);
		if (!read_block(fd, buf, i, &s))
			stats_op(&s, now_us() - start);
	}
	printf("{");
	stats_json(stdout, &s);
	printf(",\"blocks\":%llu}\n", (unsigned long long)blocks);
	return s.errors || s.mismatches;
}

/* Only its own thread writes a block, so that it knows what is in it */
static uint64_t pick_block(const struct worker *w, uint64_t n)
{
	uint64_t random = pattern_word(~seed - (uint64_t)w->number, n);
	uint64_t share = blocks / (uint64_t)threads;

	if (!generation)
		return random % blocks;
	return random % share * (uint64_t)threads + (uint64_t)w->number;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	void *buf = block_buffer();
	int fd = open_direct();
	uint64_t n = 0, start, us, at;
	struct stats *s;
	int bad;

	while (!stopping) {
		uint64_t block = pick_block(w, n++);

		memset(buf, 0xee, 64);
		start = now_us();
		w->since = start;
		s = &w->phase[phase];
		if (generation && n & 1)
			bad = write_block(fd, buf, block, s);
		else
			bad = read_block(fd, buf, block, s);
		us = now_us() - start;
		w->since = 0;
		stats_op(s, us);
		at = (start - t0) / SLOT_US;
		if (at < SLOTS) {
			w->slot[at].ops++;
			if (us > w->slot[at].longest_us)
				w->slot[at].longest_us = (uint32_t)us;
		}
		if (bad || pause_us)
			usleep(pause_us ? pause_us : 1000);
	}
	w->ended = 1;
	return NULL;
}

/* All blocks that were written, as the last writes left them */
static void check_all(void)
{
	void *buf = block_buffer();
	int fd = open_direct();
	uint64_t i;

	for (i = 0; i < blocks; i++) {
		memset(buf, 0xee, 64);
		read_block(fd, buf, i, &workers[0].phase[phase]);
	}
}

static int all_ended(void)
{
	int i;

	for (i = 0; i < threads; i++)
		if (!workers[i].ended)
			return 0;
	return 1;
}

static void write_phase(FILE *f, int p, uint64_t now)
{
	static struct stats sum;
	int i;

	memset(&sum, 0, sizeof(sum));
	for (i = 0; i < threads; i++)
		stats_add(&sum, &workers[i].phase[p]);
	fprintf(f, "%s{\"phase\":%d,\"from_us\":%llu,\"to_us\":%llu,", p ? "," : "", p,
		(unsigned long long)(phase_start[p] - t0),
		(unsigned long long)((p < phase ? phase_start[p + 1] : now) - t0));
	stats_json(f, &sum);
	fprintf(f, "}");
}

/* Slots in which something happened: start in us, operations begun, longest us */
static void write_timeline(const char *report, uint64_t now)
{
	uint64_t last = (now - t0) / SLOT_US, i;
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s.timeline", report);
	f = fopen(path, "w");
	if (!f)
		die(path);
	for (i = 0; i <= last && i < SLOTS; i++) {
		uint32_t ops = 0, longest = 0;
		int t;

		for (t = 0; t < threads; t++) {
			ops += workers[t].slot[i].ops;
			if (workers[t].slot[i].longest_us > longest)
				longest = workers[t].slot[i].longest_us;
		}
		if (!ops)
			continue;
		fprintf(f, "%llu %u %u\n", (unsigned long long)i * SLOT_US, ops, longest);
	}
	fclose(f);
}

/* For how long the oldest operation has been under way, 0: there is none */
static uint64_t oldest_operation(void)
{
	uint64_t now = now_us(), oldest = 0, since;
	int i;

	for (i = 0; i < threads; i++) {
		since = workers[i].since;
		if (since && now > since && now - since > oldest)
			oldest = now - since;
	}
	return oldest;
}

static void write_report(const char *path)
{
	uint64_t now = now_us(), oldest = oldest_operation();
	char tmp[256];
	FILE *f;
	int i;

	snprintf(tmp, sizeof(tmp), "%s.new", path);
	f = fopen(tmp, "w");
	if (!f)
		die(tmp);
	fprintf(f, "{\"device\":\"%s\",\"running_us\":%llu,\"under_way_us\":%llu,\"phases\":[",
		device, (unsigned long long)(now - t0), (unsigned long long)oldest);
	for (i = 0; i <= phase; i++)
		write_phase(f, i, now);
	fprintf(f, "]}\n");
	write_timeline(path, now);
	if (fclose(f) || rename(tmp, path))
		die(path);
}

/* Blocks of the device, or of as much memory as its "name" says */
static void prepare(int to_memory, int writing)
{
	uint64_t i;

	if (to_memory) {
		blocks = strtoull(device, NULL, 0) * (1048576 / PATTERN_BLOCK);
		memory = mmap(NULL, blocks * PATTERN_BLOCK, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (memory == MAP_FAILED)
			die("mmap");
		for (i = 0; i < blocks; i++)
			pattern_fill((uint64_t *)(memory + i * PATTERN_BLOCK), seed, i);
	} else {
		int fd = open_direct();

		blocks = device_blocks(fd);
		close(fd);
	}
	if (writing || to_memory)
		generation = calloc(blocks, 1);
	workers = calloc((size_t)threads, sizeof(*workers));
	if (blocks < (uint64_t)threads || !workers || (writing && !generation))
		die(device);
}

static int run(const char *report)
{
	sigset_t set;
	int i, sig;

	/* leave the shell its share of the processors */
	if (nice(5) < 0)
		die("nice");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	t0 = now_us();
	phase_start[0] = t0;
	for (i = 0; i < threads; i++) {
		workers[i].number = i;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			die("pthread_create");
	}
	puts("running");
	fflush(stdout);
	do {
		if (sigwait(&set, &sig))
			die("sigwait");
		if (sig == SIGUSR1 && phase < MAX_PHASES - 1) {
			phase_start[phase + 1] = now_us();
			phase++;
		}
		if (sig == SIGTERM) {
			stopping = 1;
			/* operations under way get a second to end */
			for (i = 0; i < 100 && !all_ended(); i++)
				usleep(10000);
			if (generation && all_ended())
				check_all();
		}
		write_report(report);
	} while (sig != SIGTERM);
	_exit(0);
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "fill")) {
		seed = strtoull(argv[4], NULL, 0);
		return fill(argv[2], strtoull(argv[3], NULL, 0));
	}
	if (argc >= 4) {
		device = argv[2];
		seed = strtoull(argv[3], NULL, 0);
	}
	if (argc == 4 && !strcmp(argv[1], "verify"))
		return verify();
	if (argc >= 5 && argc <= 7) {
		int to_memory = !strcmp(argv[1], "memory");
		int writing = !strcmp(argv[1], "write");

		if (argc >= 6)
			threads = atoi(argv[5]);
		if (argc == 7)
			pause_us = (useconds_t)atoi(argv[6]);
		if (threads >= 1 && threads <= MAX_THREADS &&
		    (to_memory || writing || !strcmp(argv[1], "run"))) {
			prepare(to_memory, writing);
			return run(argv[4]);
		}
	}
	fprintf(stderr, "usage: rio fill FILE MIB SEED\n");
	fprintf(stderr, "       rio verify DEVICE SEED\n");
	fprintf(stderr, "       rio run|write DEVICE SEED REPORT [THREADS [PAUSE]]\n");
	fprintf(stderr, "       rio memory MIB SEED REPORT [THREADS [PAUSE]]\n");
	return 2;
}
