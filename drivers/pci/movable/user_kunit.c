// SPDX-License-Identifier: GPL-2.0
/*
 * What user space sees, and what it has mapped: that stays under its mapping.
 *
 *	process	  [ page ]	mmap() of resource0 in sysfs
 *		      |
 *		[ BAR of A   ]	stays, whoever needs its place
 *
 * sysfs, /proc/bus/pci and /dev/mem share one address space, where the mapping is
 * found.  The first two also mark the device for good, before there is a mapping.
 */
#include <kunit/test.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/pci.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>

#include "../pci.h"
#include "mock_scene.h"

#define LOW	SCENE_LOW
#define OLD	(LOW + SZ_1M)
#define NEW	(LOW + 3 * SZ_1M)

/* A file of sysfs or /proc, as user space opens it. */
static struct file *open_file(struct kunit *test, const char *fs, const char *path, int flags)
{
	struct file_system_type *type = get_fs_type(fs);
	struct vfsmount *mnt;
	struct file *file;

	if (!type)
		kunit_skip(test, "no %s", fs);
	mnt = kern_mount(type);
	put_filesystem(type);
	KUNIT_ASSERT_FALSE(test, IS_ERR(mnt));
	file = file_open_root_mnt(mnt, path, flags, 0);
	/* The file holds it. */
	kern_unmount(mnt);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%s", path);
	return file;
}

static struct file *open_sysfs(struct mock_host *host, u32 fn, const char *name, int flags)
{
	struct kunit *test = host->test;
	char *dir = kobject_get_path(&mock_dev(host, fn)->dev.kobj, GFP_KERNEL);
	char path[256];

	KUNIT_ASSERT_NOT_NULL(test, dir);
	snprintf(path, sizeof(path), "%s/%s", dir + 1, name);
	kfree(dir);
	return open_file(test, "sysfs", path, flags);
}

static char *read_and_close(struct kunit *test, struct file *file)
{
	char *text = kunit_kzalloc(test, SZ_16K, GFP_KERNEL);
	loff_t pos = 0;

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_EXPECT_GT(test, kernel_read(file, text, SZ_16K - 1, &pos), 0);
	__fput_sync(file);
	return text;
}

static void user_sysfs(struct kunit *test)
{
	struct mock_host *host = scene_tight_moved(test, 0);
	struct file *file = open_sysfs(host, T_A, "resource", O_RDONLY);
	unsigned long long start = 0, end = 0;
	int nr;

	nr = sscanf(read_and_close(test, file), "%llx %llx", &start, &end);
	KUNIT_EXPECT_EQ(test, nr, 2);
	KUNIT_EXPECT_EQ(test, start, NEW);
	KUNIT_EXPECT_EQ(test, end, NEW + SZ_1M - 1);
}

static void user_proc(struct kunit *test)
{
	struct mock_host *host = scene_tight_moved(test, 0);
	struct file *file = open_file(test, "proc", "bus/pci/devices", O_RDONLY);
	struct pci_dev *dev = mock_dev(host, T_A);
	unsigned long long start = 0;
	char name[16], *line;
	int nr;

	snprintf(name, sizeof(name), "%02x%02x\t", dev->bus->number, dev->devfn);
	line = strstr(read_and_close(test, file), name);
	KUNIT_ASSERT_NOT_NULL(test, line);
	nr = sscanf(line, "%*x\t%*x\t%*x\t%llx", &start);
	KUNIT_EXPECT_EQ(test, nr, 1);
	KUNIT_EXPECT_EQ(test, start & PCI_BASE_ADDRESS_MEM_MASK, NEW);
}

/* The flag alone, as it is between the mark and the mapping. */
static void user_marks(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);

	pci_movable_user_maps(mock_dev(host, T_A));
	scene_expect_in_vain(host, scene_event(host, NULL, 0), 0);
}

/* It comes when A is paused already, too late for the plan, but not for the stop. */
static void user_marks_meanwhile(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);

	mock_knobs.meanwhile = pci_movable_user_maps;
	scene_expect_in_vain(host, scene_event(host, NULL, 0), 1);
}

/* kunit_vm_mmap() does the same, but never drops the mm. */
static void become_process(struct kunit *test)
{
	struct mm_struct *mm = mm_alloc();

	KUNIT_ASSERT_NOT_NULL(test, mm);
	mm->task_size = TASK_SIZE;
	arch_pick_mmap_layout(mm, &current->signal->rlim[RLIMIT_STACK]);
	kthread_use_mm(mm);
}

static void be_kthread_again(void)
{
	struct mm_struct *mm = current->mm;

	kthread_unuse_mm(mm);
	mmput(mm);
}

/* The first page of it. */
static unsigned long map_bar(struct mock_host *host, u32 fn)
{
	struct file *file = open_sysfs(host, fn, "resource0", O_RDWR);
	struct kunit *test = host->test;
	unsigned long addr;

	addr = vm_mmap(file, 0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	fput(file);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
	return addr;
}

/* Where does it lead to? */
static u64 mapped_to(unsigned long addr)
{
	struct follow_pfnmap_args args = { .address = addr };
	u64 phys = 0;

	mmap_read_lock(current->mm);
	args.vma = vma_lookup(current->mm, addr);
	if (args.vma && !follow_pfnmap_start(&args)) {
		phys = PFN_PHYS(args.pfn);
		follow_pfnmap_end(&args);
	}
	mmap_read_unlock(current->mm);
	return phys;
}

static void user_maps_bar(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);
	struct pci_dev *dev = mock_dev(host, T_A);
	unsigned long addr;
	u32 from;

	become_process(test);
	addr = map_bar(host, T_A);
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("fixed mmap"));
	KUNIT_EXPECT_EQ(test, mock_knobs.prepared, 0);
	KUNIT_EXPECT_EQ(test, mapped_to(addr), OLD);
	scene_expect_nothing_moved(host, from);

	/* As by /dev/mem, which marks nobody: the mapping is found. */
	KUNIT_EXPECT_TRUE(test, dev->user_mapped);
	dev->user_mapped = false;
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("fixed mmap"));
	KUNIT_EXPECT_EQ(test, mapped_to(addr), OLD);
	scene_expect_nothing_moved(host, from);

	/* Without a mapping, the mark keeps it. */
	KUNIT_EXPECT_EQ(test, vm_munmap(addr, PAGE_SIZE), 0);
	dev->user_mapped = true;
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("fixed mmap"));
	scene_expect_nothing_moved(host, from);

	/* With neither it may move, and who maps it then gets the new place. */
	dev->user_mapped = false;
	scene_expect_a_moves(host);
	addr = map_bar(host, T_A);
	KUNIT_EXPECT_EQ(test, mapped_to(addr), NEW);
	be_kthread_again();
}

static struct mock_host *maps_meanwhile_of;
static unsigned long mapped_meanwhile;

static void map_meanwhile(struct pci_dev *dev)
{
	if (mapped_meanwhile)
		return;
	mapped_meanwhile = map_bar(maps_meanwhile_of, T_A);
	dev->user_mapped = false;
}

/* As user_marks_meanwhile(), with a mapping and without the mark. */
static void user_maps_meanwhile(struct kunit *test)
{
	struct mock_host *host = scene_tight(test, MOCK_ID_PAUSE, MOCK_ID_FIXED, 0);

	maps_meanwhile_of = host;
	mapped_meanwhile = 0;
	mock_knobs.meanwhile = map_meanwhile;
	become_process(test);
	scene_expect_in_vain(host, scene_event(host, NULL, 0), 1);
	KUNIT_ASSERT_NE(test, mapped_meanwhile, 0);
	KUNIT_EXPECT_EQ(test, mapped_to(mapped_meanwhile), OLD);
	be_kthread_again();
}

/* The windows around it may change: it does not notice. */
static void user_maps_behind_windows(struct kunit *test)
{
	struct mock_host *host = scene_switch(test);
	unsigned long addr;
	u64 cpu = 0;
	u32 from;

	become_process(test);
	addr = map_bar(host, DRIVE);
	mock_plug(host, CARD);
	from = scene_event(host, NULL, 0);
	KUNIT_EXPECT_TRUE(test, scene_log_has("result=ok"));
	KUNIT_EXPECT_GT(test, mock_count_writes(host, from, SLOT1, true), 0);
	KUNIT_EXPECT_TRUE(test, mock_decoded(host, DRIVE, 0, &cpu));
	KUNIT_EXPECT_EQ(test, cpu, mapped_to(addr));
	scene_expect_untouched(host, DRIVE, from, LOW);
	scene_expect_sane(host, from);
	be_kthread_again();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(user_sysfs),
	KUNIT_CASE(user_proc),
	KUNIT_CASE(user_marks),
	KUNIT_CASE(user_marks_meanwhile),
	KUNIT_CASE(user_maps_bar),
	KUNIT_CASE(user_maps_meanwhile),
	KUNIT_CASE(user_maps_behind_windows),
	{ }
};

static struct kunit_suite suite = {
	.name = "pci_movable_user",
	.test_cases = cases,
};

kunit_test_suite(suite);
