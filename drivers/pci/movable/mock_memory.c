// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that runs out, for the task that says so and for nobody else.
 *
 * Uses the fault injection of the slab allocators, by the knobs that user space
 * has in debugfs and in /proc.
 */
#include <linux/debugfs.h>
#include <linux/sched.h>

#include "mock_host.h"

#if defined(CONFIG_FAILSLAB) && defined(CONFIG_FAULT_INJECTION_DEBUG_FS)
static void *knob(struct kunit *test, const char *name)
{
	struct dentry *dir = debugfs_lookup("failslab", NULL);
	struct dentry *file = dir ? debugfs_lookup(name, dir) : NULL;
	void *knob = file ? d_inode(file)->i_private : NULL;

	dput(file);
	dput(dir);
	KUNIT_ASSERT_NOT_NULL(test, knob);
	return knob;
}

/**
 * mock_memory_arm - get ready
 * @test: the test; it is skipped where memory cannot run out
 */
void mock_memory_arm(struct kunit *test)
{
	*(bool *)knob(test, "ignore-gfp-wait") = false;
	*(bool *)knob(test, "task-filter") = true;
	*(unsigned long *)knob(test, "verbose") = 0;
	*(unsigned long *)knob(test, "probability") = 100;
	atomic_set((atomic_t *)knob(test, "times"), -1);
}

/**
 * mock_memory_fails - from now on allocations of this task fail
 * @nth: one of them, counted from 1; 0: none; MOCK_ALL_MEMORY: all
 */
void mock_memory_fails(unsigned int nth)
{
	current->make_it_fail = nth == MOCK_ALL_MEMORY;
	WRITE_ONCE(current->fail_nth, nth == MOCK_ALL_MEMORY ? 0 : nth);
}

/**
 * mock_memory_left - is something still to fail?
 *
 * Return: what mock_memory_fails() would have to be told to go on; 0: nothing.
 */
unsigned int mock_memory_left(void)
{
	return current->make_it_fail ? MOCK_ALL_MEMORY : READ_ONCE(current->fail_nth);
}
#else
void mock_memory_arm(struct kunit *test)
{
	kunit_skip(test, "no CONFIG_FAILSLAB");
}

void mock_memory_fails(unsigned int nth) { }

unsigned int mock_memory_left(void)
{
	return 0;
}
#endif
