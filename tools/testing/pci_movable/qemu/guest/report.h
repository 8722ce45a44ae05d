/* SPDX-License-Identifier: GPL-2.0 */
/* Latency statistics and the phases they belong to, printed as JSON. */
#ifndef PCI_MOVABLE_REPORT_H
#define PCI_MOVABLE_REPORT_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

/*
 * Histogram: exact below 64 us, then 32 buckets an octave, so a median is
 * right to 3 per cent up to the largest bucket at 2^36 us.
 */
#define HIST_LINEAR	64
#define HIST_SUB	32
#define HIST_BUCKETS	(HIST_LINEAR + 30 * HIST_SUB)

/* The timeline has one slot per 50 ms, for the first ten minutes */
#define SLOT_US		50000
#define SLOTS		12000

struct stats {
	uint64_t ops;
	uint64_t errors;
	uint64_t mismatches;
	uint64_t longest_us;
	uint64_t bytes;
	int first_errno;
	uint32_t hist[HIST_BUCKETS];
};

struct slot {
	uint32_t ops;
	uint32_t longest_us;
};

static inline uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static inline unsigned int hist_bucket(uint64_t us)
{
	unsigned int octave;

	if (us < HIST_LINEAR)
		return (unsigned int)us;
	octave = 63 - (unsigned int)__builtin_clzll(us);
	if (octave > 35)
		return HIST_BUCKETS - 1;
	return HIST_LINEAR + (octave - 6) * HIST_SUB +
	       (unsigned int)((us >> (octave - 5)) & (HIST_SUB - 1));
}

static inline uint64_t hist_value(unsigned int bucket)
{
	unsigned int octave;

	if (bucket < HIST_LINEAR)
		return bucket;
	octave = 6 + (bucket - HIST_LINEAR) / HIST_SUB;
	return (1ull << octave) +
	       ((uint64_t)((bucket - HIST_LINEAR) % HIST_SUB) << (octave - 5));
}

/* Smallest latency that @permille of the operations did not exceed */
static inline uint64_t stats_quantile(const struct stats *s, unsigned int permille)
{
	uint64_t want, seen = 0, total = 0;
	unsigned int i;

	for (i = 0; i < HIST_BUCKETS; i++)
		total += s->hist[i];
	if (!total)
		return 0;
	want = (total * permille + 999) / 1000;
	for (i = 0; i < HIST_BUCKETS; i++) {
		seen += s->hist[i];
		if (seen >= want)
			break;
	}
	return hist_value(i);
}

static inline void stats_op(struct stats *s, uint64_t us)
{
	s->ops++;
	s->hist[hist_bucket(us)]++;
	if (us > s->longest_us)
		s->longest_us = us;
}

static inline void stats_add(struct stats *to, const struct stats *from)
{
	unsigned int i;

	to->ops += from->ops;
	to->errors += from->errors;
	to->mismatches += from->mismatches;
	to->bytes += from->bytes;
	if (!to->first_errno)
		to->first_errno = from->first_errno;
	if (from->longest_us > to->longest_us)
		to->longest_us = from->longest_us;
	for (i = 0; i < HIST_BUCKETS; i++)
		to->hist[i] += from->hist[i];
}

static inline void json_number(FILE *f, const char *name, uint64_t value)
{
	fprintf(f, "\"%s\":%llu,", name, (unsigned long long)value);
}

/* Members of an object, without its braces */
static inline void stats_json(FILE *f, const struct stats *s)
{
	json_number(f, "ops", s->ops);
	json_number(f, "errors", s->errors);
	json_number(f, "mismatches", s->mismatches);
	json_number(f, "bytes", s->bytes);
	json_number(f, "median_us", stats_quantile(s, 500));
	json_number(f, "p99_us", stats_quantile(s, 990));
	json_number(f, "longest_us", s->longest_us);
	fprintf(f, "\"first_errno\":%d", s->first_errno);
}

#endif
