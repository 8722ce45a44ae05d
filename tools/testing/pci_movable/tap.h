/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test results as TAP lines on stdout.
 *
 *	static void test_this(void) { CHECK(1 + 1 == 2); }
 *	int main(void) { RUN(test_this); return tap_end(); }
 *
 * A test that fails a CHECK goes on, so that all its failures are seen.
 */
#ifndef _PCI_MOVABLE_TAP_H
#define _PCI_MOVABLE_TAP_H

#include <stdio.h>

#define TAP_MAX_COMPLAINTS	20	/* of one test; the rest is only counted */

static unsigned int tap_tests, tap_failed, tap_complaints;
static const char *tap_skip;

/* One more complaint about the running test; true: there is room to print it. */
static inline int tap_complain(const char *file, int line)
{
	if (tap_complaints++ >= TAP_MAX_COMPLAINTS)
		return 0;
	printf("# %s:%d: ", file, line);
	return 1;
}

/* CHECK(condition) */
#define CHECK(cond) do {						\
	if (!(cond) && tap_complain(__FILE__, __LINE__))		\
		printf("failed: %s\n", #cond);				\
} while (0)

/* CHECK_MSG(condition, format, ...): says more, for instance which input */
#define CHECK_MSG(cond, ...) do {					\
	if (!(cond) && tap_complain(__FILE__, __LINE__)) {		\
		printf("failed: %s: ", #cond);				\
		printf(__VA_ARGS__);					\
		putchar('\n');						\
	}								\
} while (0)

/* CHECK_EQ(is, should be), for integers */
#define CHECK_EQ(a, b) do {						\
	long long __is = (long long)(a), __want = (long long)(b);	\
									\
	if (__is != __want && tap_complain(__FILE__, __LINE__))		\
		printf("failed: %s == %s: 0x%llx, not 0x%llx\n",	\
		       #a, #b, __is, __want);				\
} while (0)

/* CHECK_STR(is, should be) */
#define CHECK_STR(a, b) do {						\
	const char *__is = (a), *__want = (b);				\
	int __same = __is && __want && !__builtin_strcmp(__is, __want);	\
									\
	if (!__same && tap_complain(__FILE__, __LINE__))		\
		printf("failed: %s: \"%s\", not \"%s\"\n", #a,		\
		       __is ? __is : "(null)", __want ? __want : "(null)"); \
} while (0)

/* Leave the running test as neither passed nor failed. */
#define SKIP(reason) do { tap_skip = (reason); return; } while (0)

#define RUN(test)	tap_run(test, #test)

static inline void tap_run(void (*test)(void), const char *name)
{
	if (!tap_tests)
		printf("TAP version 13\n");
	tap_complaints = 0;
	tap_skip = NULL;
	test();
	if (tap_complaints > TAP_MAX_COMPLAINTS)
		printf("# %u complaints in all\n", tap_complaints);
	tap_failed += !!tap_complaints;
	printf("%sok %u - %s%s%s\n", tap_complaints ? "not " : "", ++tap_tests,
	       name, tap_skip ? " # SKIP " : "", tap_skip ? tap_skip : "");
	fflush(stdout);
}

/* Return: the exit status of the program. */
static inline int tap_end(void)
{
	printf("1..%u\n", tap_tests);
	return tap_failed || !tap_tests;
}

#endif /* _PCI_MOVABLE_TAP_H */
