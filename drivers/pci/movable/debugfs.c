// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/pci_movable/
 *
 *	snapshot	all host bridges as one layout
 *	plan		write requests, read what they would take
 *	events		the last summary lines
 *	force_move	write "DEVICE" or "DEVICE BAR", read what came out
 *
 * plan and force_move answer through the file descriptor that was written to, so
 * that two users do not mix.  See Documentation/ABI/testing/debugfs-pci-movable.
 */
#include <linux/bits.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/uaccess.h>

#include "../pci.h"
#include "dryrun.h"
#include "force.h"
#include "history.h"
#include "rescan.h"
#include "snapshot.h"
#include "sysfs.h"
#include "text.h"

#define REQUEST_MAX	4096		/* bytes written at once */
#define ANSWER_ROOM	SZ_64K		/* of a snapshot, at first; it grows */
#define SUMMARY_MAX	512		/* bytes of a summary line */

/* snapshot */

/**
 * struct joined - the layouts of several host bridges, written as one
 * @m: where to
 * @lines: lines with objects so far
 */
struct joined {
	struct seq_file *m;
	u32 lines;
};

/* Each layout has a first and a last line of its own: one of each is enough. */
static void join_line(void *data, const char *line)
{
	struct joined *joined = data;

	if (!strncmp(line, "pmb-layout ", 11)) {
		if (!joined->m->count)
			seq_printf(joined->m, "%s\n", line);
		return;
	}
	if (!strncmp(line, "end ", 4))
		return;
	joined->lines++;
	seq_printf(joined->m, "%s\n", line);
}

static int show_layouts(struct seq_file *m)
{
	struct joined joined = { .m = m };
	struct pci_bus *root = NULL;
	struct pmb_snapshot *snap;

	pci_assert_rescan_remove_locked();
	while ((root = pci_find_next_bus(root))) {
		snap = pmb_snapshot_take(root, pmb_administrator());
		if (IS_ERR(snap))
			return PTR_ERR(snap);
		pmb_text_write(snap->layout, join_line, &joined);
		pmb_snapshot_free(snap);
	}
	seq_printf(m, "end %u\n", joined.lines);
	return 0;
}

static int snapshot_show(struct seq_file *m, void *unused)
{
	int err;

	pci_lock_rescan_remove();
	err = show_layouts(m);
	pci_unlock_rescan_remove();
	return err;
}

static int snapshot_open(struct inode *inode, struct file *file)
{
	return single_open_size(file, snapshot_show, NULL, ANSWER_ROOM);
}

static const struct file_operations snapshot_fops = {
	.owner = THIS_MODULE,
	.open = snapshot_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

/* events */

static void show_event(void *data, u64 ns, const char *line)
{
	u32 rest;
	u64 s = div_u64_rem(ns, NSEC_PER_SEC, &rest);

	seq_printf(data, "[%5llu.%06u] %s\n", s, rest / (u32)NSEC_PER_USEC, line);
}

static int events_show(struct seq_file *m, void *unused)
{
	pmb_history_show(show_event, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(events);

/* plan and force_move: one question at a time for each open file */

/**
 * struct talk - a question and its answer
 * @lock: one at a time
 * @ask: what to do with a question; adds to the answer
 * @text: the answer; at first what can be asked
 * @len: its length
 * @room: its memory
 * @at: what has been read of it
 * @error: it has been cut for want of memory
 */
struct talk {
	struct mutex lock;	/* protects all of it */
	int (*ask)(struct talk *talk, const char *question);
	char *text;
	size_t len;
	size_t room;
	size_t at;
	bool error;
};

static bool make_room(struct talk *talk, size_t more)
{
	size_t room = talk->room ?: PAGE_SIZE;
	char *text;

	while (talk->len + more > room)
		room *= 2;
	if (room == talk->room)
		return true;
	text = kvmalloc(room, GFP_KERNEL);
	if (!text)
		return false;
	memcpy(text, talk->text, talk->len);
	kvfree(talk->text);
	talk->text = text;
	talk->room = room;
	return true;
}

static void add_line(void *data, const char *line)
{
	struct talk *talk = data;
	size_t len = strlen(line);

	if (talk->error || !make_room(talk, len + 1)) {
		talk->error = true;
		return;
	}
	memcpy(talk->text + talk->len, line, len);
	talk->len += len;
	talk->text[talk->len++] = '\n';
}

static __printf(2, 3) void add(struct talk *talk, const char *format, ...)
{
	char line[PMB_TEXT_LINE];
	va_list args;

	va_start(args, format);
	vscnprintf(line, sizeof(line), format, args);
	va_end(args);
	add_line(talk, line);
}

static int talk_open(struct file *file, int (*ask)(struct talk *talk, const char *question),
		     const char *usage)
{
	struct talk *talk = kzalloc(sizeof(*talk), GFP_KERNEL);

	if (!talk)
		return -ENOMEM;
	mutex_init(&talk->lock);
	talk->ask = ask;
	add_line(talk, usage);
	file->private_data = talk;
	return stream_open(file_inode(file), file);
}

static int talk_release(struct inode *inode, struct file *file)
{
	struct talk *talk = file->private_data;

	kvfree(talk->text);
	kfree(talk);
	return 0;
}

static ssize_t talk_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	struct talk *talk = file->private_data;
	char *question;
	int err;

	if (len > REQUEST_MAX)
		return -E2BIG;
	question = memdup_user_nul(buf, len);
	if (IS_ERR(question))
		return PTR_ERR(question);

	mutex_lock(&talk->lock);
	talk->len = 0;
	talk->at = 0;
	talk->error = false;
	err = talk->ask(talk, question);
	if (talk->error)
		err = -ENOMEM;
	mutex_unlock(&talk->lock);
	kfree(question);
	return err ?: len;
}

static ssize_t talk_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct talk *talk = file->private_data;
	loff_t at;
	ssize_t got;

	mutex_lock(&talk->lock);
	at = talk->at;
	got = simple_read_from_buffer(buf, len, &at, talk->text, talk->len);
	talk->at = at;
	mutex_unlock(&talk->lock);
	return got;
}

static int ask_plan(struct talk *talk, const char *requests)
{
	int err;

	pci_lock_rescan_remove();
	err = pmb_dryrun_machine(requests, add_line, talk);
	pci_unlock_rescan_remove();
	return err;
}

static int plan_open(struct inode *inode, struct file *file)
{
	return talk_open(file, ask_plan,
			 "write: add PORT:SIZE,KIND[:SIZE,KIND...] | resize DEVICE BAR SIZE | remove DEVICE | fix DEVICE BAR | unfix DEVICE BAR; one a line, none: what lacks a place now; then read");
}

static const struct file_operations plan_fops = {
	.owner = THIS_MODULE,
	.open = plan_open,
	.read = talk_read,
	.write = talk_write,
	.release = talk_release,
};

/* force_move */

static u32 count_placed(const struct pci_dev *dev)
{
	u32 i, nr = 0;

	for (i = 0; i < PMB_FORCE_OWN; i++)
		nr += !!dev->resource[i].parent;
	return nr;
}

/* "0000:03:00.0", or with a blank and the number of a BAR */
static struct pci_dev *parse_force(const char *text, struct pmb_force *force)
{
	unsigned int domain, bus, slot, func, bar, words;
	struct pci_dev *dev;
	char rest;

	words = sscanf(text, "%x:%x:%x.%x %u %c", &domain, &bus, &slot, &func, &bar, &rest);
	if ((words != 4 && words != 5) || bus > 0xff || slot > 0x1f || func > 7)
		return ERR_PTR(-EINVAL);
	if (words == 5 && (bar >= PMB_FORCE_BARS || bar == PMB_FORCE_ROM))
		return ERR_PTR(-EINVAL);
	dev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, func));
	if (!dev)
		return ERR_PTR(-ENODEV);
	force->bars = words == 5 ? BIT(bar) : 0;
	force->asked = words == 5 ? 1 : count_placed(dev);
	strscpy(force->dev, pci_name(dev));
	return dev;
}

static const char *force_error(int err)
{
	switch (err) {
	case 0:
		return "moved";
	case -EPERM:
		return "error: fixed, or the engine is off";
	case -ENOENT:
		return "error: no such BAR with an address";
	case -ENOSPC:
		return "error: there is no other place; the log says why";
	case -EBUSY:
	case -EAGAIN:
		return "error: busy, or its driver refused";
	case -EIO:
		return "error: its driver could not go on, it is back";
	default:
		return "error: it went wrong, the log says how";
	}
}

static void keep_event(void *data, u64 ns, const char *line)
{
	strscpy(data, line, SUMMARY_MAX);
}

/* The caller holds the lock, so that it is that of this event. */
static void add_summary(struct talk *talk)
{
	char *line = kzalloc(SUMMARY_MAX, GFP_KERNEL);

	if (!line)
		return;
	pmb_history_show(keep_event, line);
	add_line(talk, line);
	kfree(line);
}

static void add_bars(struct talk *talk, struct pci_dev *dev)
{
	char *page = kmalloc(PAGE_SIZE, GFP_KERNEL);

	if (page && pmb_sysfs_bars(dev, page) > 0)
		add(talk, "bars_movable %s", strim(page));
	kfree(page);
}

static int ask_force(struct talk *talk, const char *text)
{
	struct pmb_force force = { };
	struct pci_dev *dev = parse_force(text, &force);
	int err;

	if (IS_ERR(dev)) {
		add_line(talk, PTR_ERR(dev) == -ENODEV ? "error: no such device" :
			 "error: DEVICE or DEVICE BAR expected, such as 0000:03:00.0 0");
		return PTR_ERR(dev);
	}
	pci_lock_rescan_remove();
	err = pmb_rescan_force(dev, &force);
	add_line(talk, force_error(err));
	add_summary(talk);
	pci_unlock_rescan_remove();
	add_bars(talk, dev);
	pci_dev_put(dev);
	return err;
}

static int force_move_open(struct inode *inode, struct file *file)
{
	return talk_open(file, ask_force, "write: DEVICE | DEVICE BAR; then read");
}

static const struct file_operations force_move_fops = {
	.owner = THIS_MODULE,
	.open = force_move_open,
	.read = talk_read,
	.write = talk_write,
	.release = talk_release,
};

static int __init make_files(void)
{
	struct dentry *dir = debugfs_create_dir("pci_movable", NULL);

	debugfs_create_file("snapshot", 0400, dir, NULL, &snapshot_fops);
	debugfs_create_file("plan", 0600, dir, NULL, &plan_fops);
	debugfs_create_file("events", 0400, dir, NULL, &events_fops);
	debugfs_create_file("force_move", 0600, dir, NULL, &force_move_fops);
	return 0;
}
late_initcall(make_files);
