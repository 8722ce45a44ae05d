/* SPDX-License-Identifier: GPL-2.0 */
/* So much of KUnit that a case of pcibar kunit can be planned in user space. */
#ifndef _STUB_KUNIT_TEST_H
#define _STUB_KUNIT_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <linux/errno.h>
#include <linux/types.h>

struct kunit {
	int failed;
};

struct kunit_case {
	void (*run)(struct kunit *test);
	const char *name;
};

struct kunit_suite {
	const char *name;
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(function) { .run = function, .name = #function }

#define STUB_CHECK(test, good, stop) do {				\
	if (!(good)) {							\
		printf("line %d: %s\n", __LINE__, #good);		\
		(test)->failed++;					\
		if (stop)						\
			exit(1);					\
	}								\
} while (0)

#define KUNIT_ASSERT_EQ(test, a, b)		STUB_CHECK(test, (a) == (b), 1)
#define KUNIT_ASSERT_NOT_NULL(test, a)		STUB_CHECK(test, (a) != NULL, 1)
#define KUNIT_ASSERT_NOT_NULL_MSG(test, a, ...)	STUB_CHECK(test, (a) != NULL, 1)
#define KUNIT_EXPECT_EQ(test, a, b)		STUB_CHECK(test, (a) == (b), 0)
#define KUNIT_EXPECT_EQ_MSG(test, a, b, ...)	STUB_CHECK(test, (a) == (b), 0)
#define KUNIT_EXPECT_GT(test, a, b)		STUB_CHECK(test, (a) > (b), 0)
#define KUNIT_EXPECT_NOT_NULL(test, a)		STUB_CHECK(test, (a) != NULL, 0)
#define KUNIT_EXPECT_STREQ(test, a, b)		STUB_CHECK(test, !strcmp(a, b), 0)
#define KUNIT_EXPECT_TRUE_MSG(test, a, ...)	STUB_CHECK(test, (a), 0)

#define STUB_ACTIONS	16

static struct {
	void (*run)(void *data);
	void *data;
} stub_action[STUB_ACTIONS];
static int stub_actions;

static inline int kunit_add_action_or_reset(struct kunit *test, void (*action)(void *), void *data)
{
	(void)test;
	if (stub_actions == STUB_ACTIONS)
		return -ENOMEM;
	stub_action[stub_actions].run = action;
	stub_action[stub_actions++].data = data;
	return 0;
}

#define kunit_test_suite(suite) struct kunit_suite *stub_suite = &(suite)

extern struct kunit_suite *stub_suite;

/* The first case is the planner's; the other one needs the mock host. */
int main(void)
{
	struct kunit test = { 0 };

	printf("%s %s\n", stub_suite->name, stub_suite->test_cases[0].name);
	stub_suite->test_cases[0].run(&test);
	while (stub_actions--)
		stub_action[stub_actions].run(stub_action[stub_actions].data);
	return test.failed != 0;
}

#endif /* _STUB_KUNIT_TEST_H */
