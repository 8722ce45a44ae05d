// SPDX-License-Identifier: GPL-2.0
/*
 * The stop.
 *
 * All CPUs are brought together with interrupts off (stop_machine()).  Each
 * drains its store and write-combining buffers, which hold old addresses.  Then
 * one of them works, and the others wait:
 *
 *   1. ask live drivers once more; nobody can begin a reset or a remap now
 *   2. resource tree       -+
 *   3. registers            |  each can fail; then the ones
 *   4. kernel mappings     -+  before it are undone, in the same stop
 *   5. saved config space
 *
 * and at the end each CPU drops its stale translations.  No CPU ever sees a
 * state between, so it does not matter to anybody in which order windows and
 * BARs change, but for memory that others than CPUs reach (strict BARs).
 *
 * What may be used in there: nothing that sleeps, allocates or prints, and no lock
 * that one of the stopped CPUs can hold.  A CPU stops when its stopper thread is
 * scheduled in, so the task that it has displaced there was preemptible.  Hence:
 *
 * - Spinlocks, raw or not, and rwlocks are free: they are held with preemption
 *   disabled (Kconfig excludes PREEMPT_RT, where that is not so).  These are all
 *   that is taken: pci_lock and those of config accesses, that of the resource
 *   tree, those of vmap areas and of memory types.
 * - Mutexes and semaphores may be held by a task that cannot run now.  None is
 *   taken.  Those that are needed are taken before: CPU hotplug and the rmap of
 *   iomem in pmb_commit_run(), device locks and the lock of rescan by the callers.
 * - bar_fixed() is called by ask_again(); it must keep to the same rules.
 */
#include <linux/cpu.h>
#include <linux/fs.h>
#include <linux/ioport.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nmi.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>
#include <linux/timekeeping.h>

#include "commit.h"
#include "follow.h"
#include "script.h"
#include "tree.h"

/* A register that does not take its old value gets so many chances. */
#define UNDO_TRIES	3

/* What has become of a device */
#define GONE		BIT(0)	/* it does not answer any more */
#define SPOILT		BIT(1)	/* a BAR of it has not got its old address back */

struct pmb_commit {
	const struct pmb_snapshot *snap;
	const struct pmb_plan *plan;
	struct pmb_script *script;
	struct pmb_tree *tree;
	struct pmb_follow *follow;
	u32 *moving;			/* BARs by index in @follow */
	u32 *movers;			/* BARs that leave an address */
	u32 nr_movers;
	struct pmb_commit *undoes;	/* this one is its way back */
	u32 nr_off;			/* decode is switched off that often */
	u8 *state;			/* by device */
	struct pmb_outcome *outcome;
	unsigned int leader;
	int others;
	atomic_t ready;
	bool done;
};

static int read_reg(struct pci_dev *dev, u16 reg, u8 width, u32 *val)
{
	u16 word;
	u8 byte;
	int err;

	switch (width) {
	case 1:
		err = pci_bus_read_config_byte(dev->bus, dev->devfn, reg, &byte);
		*val = byte;
		break;
	case 2:
		err = pci_bus_read_config_word(dev->bus, dev->devfn, reg, &word);
		*val = word;
		break;
	default:
		err = pci_bus_read_config_dword(dev->bus, dev->devfn, reg, val);
	}
	return err;
}

static void write_reg(struct pci_dev *dev, u16 reg, u8 width, u32 val)
{
	switch (width) {
	case 1:
		pci_bus_write_config_byte(dev->bus, dev->devfn, reg, val);
		break;
	case 2:
		pci_bus_write_config_word(dev->bus, dev->devfn, reg, val);
		break;
	default:
		pci_bus_write_config_dword(dev->bus, dev->devfn, reg, val);
	}
}

static bool answers(struct pci_dev *dev)
{
	u32 id;

	return !pci_bus_read_config_dword(dev->bus, dev->devfn, PCI_VENDOR_ID, &id) &&
	       !PCI_POSSIBLE_ERROR(id);
}

/* Ones from a device that is there: perhaps that read was lost, ask again. */
static bool read_surely(struct pci_dev *dev, u16 reg, u8 width, u32 *val)
{
	if (read_reg(dev, reg, width, val))
		return false;
	if (*val != U32_MAX >> (32 - 8 * width))
		return true;
	return answers(dev) && !read_reg(dev, reg, width, val);
}

/* What is below a bridge that has vanished has vanished, too. */
static void mark_gone(struct pmb_commit *c, u32 dev)
{
	const struct pmb_layout *l = c->snap->layout;
	u32 i, up;

	for (i = 0; i < l->nr_devs; i++) {
		for (up = l->devs[i].bridge; up != PMB_NONE; up = l->bridges[up].parent)
			if (l->bridges[up].dev == dev)
				break;
		if (i == dev || up != PMB_NONE)
			c->state[i] |= GONE;
	}
}

static u32 count_gone(const struct pmb_commit *c)
{
	u32 i, nr = 0;

	for (i = 0; i < c->snap->layout->nr_devs; i++)
		nr += c->snap->dev[i] && (c->state[i] & GONE);
	return nr;
}

/* What a restore would write, which is all that is known of who does not answer. */
static u32 saved_value(const struct pci_dev *dev, u16 reg, u8 width)
{
	if (reg >= PCI_STD_HEADER_SIZEOF)
		return 0;
	return dev->saved_config_space[reg / 4] >> (8 * (reg % 4)) & (U32_MAX >> (32 - 8 * width));
}

/* For the script builder: who does not answer drops out, the others go on. */
static int read_present(void *data, u32 dev, u16 reg, u8 width, u32 *val)
{
	struct pmb_commit *c = data;
	struct pci_dev *pdev = c->snap->dev[dev];

	if (!pdev)
		return -ENODEV;
	if (!read_surely(pdev, reg, width, val)) {
		mark_gone(c, dev);
		*val = saved_value(pdev, reg, width);
	}
	return 0;
}

static bool bar_moves(const struct pmb_snapshot *snap, const struct pmb_plan *plan, u32 bar)
{
	const struct pmb_bar *b = &snap->layout->bars[bar];

	return (b->flags & PMB_BAR_PLACED) && plan->bar[bar].start != b->start;
}

/* Once, so that the stop looks at nothing but what changes. */
static int list_movers(struct pmb_commit *c)
{
	u32 i;

	c->movers = kvcalloc(c->plan->bars_moved + 1, sizeof(*c->movers), GFP_KERNEL);
	if (!c->movers)
		return -ENOMEM;
	for (i = 0; i < c->snap->layout->nr_bars; i++) {
		if (!bar_moves(c->snap, c->plan, i))
			continue;
		if (WARN_ON_ONCE(c->nr_movers == c->plan->bars_moved))
			return -EINVAL;
		c->movers[c->nr_movers++] = i;
	}
	return 0;
}

/* A BAR that stays may share its page, and so a mapping, with one that moves. */
static bool follow_cares(const struct pmb_snapshot *snap, const struct pmb_plan *plan, u32 bar)
{
	const struct pmb_bar *b = &snap->layout->bars[bar];

	return (b->flags & PMB_BAR_PLACED) && !(b->flags & PMB_BAR_IO) &&
	       (b->size < PAGE_SIZE || bar_moves(snap, plan, bar));
}

static struct pmb_move move_of(const struct pmb_commit *c, u32 bar)
{
	const struct pmb_bar *b = &c->snap->layout->bars[bar];
	struct pmb_move move = { b->start, c->plan->bar[bar].start, b->size };

	if (c->undoes)
		swap(move.from, move.to);
	return move;
}

/* Lists the BARs whose mappings matter; returns how many. */
static unsigned int list_moves(struct pmb_commit *c, struct pmb_move *moves)
{
	const struct pmb_layout *l = c->snap->layout;
	unsigned int nr = 0;
	u32 i;

	for (i = 0; i < l->nr_bars; i++) {
		if (!follow_cares(c->snap, c->plan, i))
			continue;
		if (moves) {
			moves[nr] = move_of(c, i);
			c->moving[nr] = i;
		}
		nr++;
	}
	return nr;
}

static u32 stuck_bar(const struct pmb_commit *c, unsigned int move, unsigned int nr)
{
	return move < nr ? c->moving[move] : PMB_NONE;
}

static int prepare_follow(struct pmb_commit *c, u32 *stuck)
{
	unsigned int nr = list_moves(c, NULL);
	struct pmb_move *moves;
	int err = 0;

	if (!c->plan->bars_moved || !nr)
		return 0;

	moves = kvcalloc(nr, sizeof(*moves), GFP_KERNEL);
	c->moving = kvcalloc(nr, sizeof(*c->moving), GFP_KERNEL);
	if (!moves || !c->moving) {
		err = -ENOMEM;
		goto out;
	}

	list_moves(c, moves);
	c->follow = pmb_follow_prepare(moves, nr);
	if (IS_ERR(c->follow)) {
		err = PTR_ERR(c->follow);
		c->follow = NULL;
		if (err == -EBUSY)
			*stuck = stuck_bar(c, pmb_follow_obstacle(moves, nr), nr);
	}
out:
	kvfree(moves);
	return err;
}

/**
 * pmb_commit_prepare - collect all that a plan needs to be carried out
 * @snap: the snapshot that the plan was made from
 * @plan: a verified plan
 * @stuck: set to the index of a BAR when one of its mappings cannot follow;
 *	%PMB_NONE otherwise
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove(), has woken all
 * devices and bridges that change, and locked those whose BARs move.
 *
 * Return: the commit, to be run and freed, or an ERR_PTR: -ENOMEM, -EBUSY if a
 * mapping cannot follow or a strict window cannot grow as it should.
 */
struct pmb_commit *pmb_commit_prepare(const struct pmb_snapshot *snap,
				      const struct pmb_plan *plan, u32 *stuck)
{
	struct pmb_commit *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err = -ENOMEM;

	*stuck = PMB_NONE;
	if (!c)
		return ERR_PTR(-ENOMEM);
	c->snap = snap;
	c->plan = plan;
	c->state = kvcalloc(snap->layout->nr_devs, sizeof(*c->state), GFP_KERNEL);
	c->script = pmb_script_alloc(snap->layout);
	if (!c->state || !c->script)
		goto fail;

	err = pmb_script_build(snap->layout, plan, read_present, c, c->script);
	if (err)
		goto fail;

	c->tree = pmb_tree_prepare(snap, plan);
	if (IS_ERR(c->tree)) {
		err = PTR_ERR(c->tree);
		c->tree = NULL;
		goto fail;
	}

	err = list_movers(c) ?: prepare_follow(c, stuck);
	if (!err)
		return c;

fail:
	pmb_commit_free(c);
	return ERR_PTR(err);
}

/* The writes backwards, each with its old value. */
static void reverse_script(struct pmb_script *to, const struct pmb_script *from)
{
	static const enum pmb_step step[] = {
		[PMB_DECODE_OFF] = PMB_DECODE_ON,
		[PMB_WINDOW] = PMB_WINDOW,
		[PMB_BAR] = PMB_BAR,
		[PMB_DECODE_ON] = PMB_DECODE_OFF,
	};

	for (to->nr = 0; to->nr < from->nr; to->nr++) {
		struct pmb_write *w = &to->write[to->nr];

		*w = from->write[from->nr - 1 - to->nr];
		w->step = step[w->step];
		swap(w->old, w->new);
	}
}

/**
 * pmb_commit_reverse - prepare the way back, in another stop
 * @done: a commit that has run well, after pmb_commit_settle(); to be freed
 *	after the one returned
 * @stuck: as for pmb_commit_prepare()
 *
 * Run like any other commit, it brings each register, resource and mapping back
 * to where it was before @done.  New BARs lose their places: nobody may use
 * them yet.
 *
 * Context: may sleep; the same devices are held, and those to be paused are.
 *
 * Return: the commit, or an ERR_PTR.
 */
struct pmb_commit *pmb_commit_reverse(struct pmb_commit *done, u32 *stuck)
{
	struct pmb_commit *c = kzalloc(sizeof(*c), GFP_KERNEL);
	const struct pmb_layout *l = done->snap->layout;
	int err = -ENOMEM;

	*stuck = PMB_NONE;
	if (!c)
		return ERR_PTR(-ENOMEM);
	c->snap = done->snap;
	c->plan = done->plan;
	c->undoes = done;
	c->state = kvmemdup(done->state, l->nr_devs * sizeof(*c->state), GFP_KERNEL);
	c->script = pmb_script_alloc(l);
	c->tree = pmb_tree_reverse(done->tree);
	if (!c->state || !c->script || !c->tree)
		goto fail;

	reverse_script(c->script, done->script);
	err = list_movers(c) ?: prepare_follow(c, stuck);
	if (!err)
		return c;

fail:
	pmb_commit_free(c);
	return ERR_PTR(err);
}

/**
 * pmb_commit_settle - a commit that has run needs not be watched any more
 * @commit: the commit
 *
 * Warns of late mappings.  To be called before one of the places which are free
 * now is given away; pmb_commit_free() does it otherwise.
 *
 * Context: may sleep.
 */
void pmb_commit_settle(struct pmb_commit *commit)
{
	pmb_follow_finish(commit->follow, commit->done && !commit->outcome->error);
	commit->follow = NULL;
}

/**
 * pmb_commit_free - release a commit, run or not
 * @commit: the commit
 *
 * Context: may sleep.
 */
void pmb_commit_free(struct pmb_commit *commit)
{
	pmb_commit_settle(commit);
	kvfree(commit->movers);
	kvfree(commit->moving);
	pmb_tree_free(commit->tree);
	pmb_script_free(commit->script);
	kvfree(commit->state);
	kfree(commit);
}

/* Races with nobody: all CPUs stand still. */
static int ask_again(struct pmb_commit *c)
{
	const struct pmb_layout *l = c->snap->layout;
	u32 i;

	for (i = 0; i < c->nr_movers; i++) {
		const struct pmb_bar *b = &l->bars[c->movers[i]];
		struct pci_driver *drv;

		if (pmb_used_by_others(c->snap->dev[b->dev]))
			return -EAGAIN;
		if (l->devs[b->dev].way != PMB_WAY_LIVE)
			continue;
		drv = c->snap->dev[b->dev]->driver;
		if (!drv || (drv->bar_fixed && drv->bar_fixed(c->snap->dev[b->dev], b->res)))
			return -EAGAIN;
	}
	return 0;
}

/*
 * Others change bits of a command register or the enable bit of a ROM without
 * a lock that we could hold.  So what was read for the script is old by now;
 * only the bits that it is about count.  Decode which has been switched off
 * meanwhile is not switched on again: ON writes are the last, in the order of
 * the OFF writes, which are the first.
 */
static void refresh_write(struct pmb_commit *c, u32 i)
{
	struct pmb_write *w = &c->script->write[i];
	bool rom = w->bar != PMB_NONE &&
		   (c->snap->layout->bars[w->bar].flags & PMB_BAR_ROM);
	u32 keep, cur;

	if (w->reg != PCI_COMMAND && !rom)
		return;
	if (read_reg(c->snap->dev[w->dev], w->reg, w->width, &cur) ||
	    cur == U32_MAX >> (32 - 8 * w->width))
		return;		/* a read that failed: no register is all ones */

	keep = rom ? (u32)~PCI_ROM_ADDRESS_MASK : ~w->mask;
	w->new = (cur & keep) | (w->new & ~keep);
	w->old = (cur & keep) | (w->old & ~keep);
	if (w->step == PMB_DECODE_OFF) {
		w->old = cur;
		c->script->write[c->script->nr - c->nr_off + i].mask &= cur;
	}
}

static u32 count_off(const struct pmb_script *script)
{
	u32 nr = 0;

	while (nr < script->nr && script->write[nr].step == PMB_DECODE_OFF)
		nr++;
	return nr;
}

static bool write_back(struct pci_dev *dev, const struct pmb_write *w)
{
	int tries = UNDO_TRIES;
	u32 val;

	while (tries--) {
		write_reg(dev, w->reg, w->width, w->old);
		if (!read_reg(dev, w->reg, w->width, &val) && !((val ^ w->old) & w->mask))
			return true;
	}
	return false;
}

/*
 * Decode stays off where a BAR is not back at its place: better one device that
 * does not answer than one which answers for others.
 */
static void undo_writes(struct pmb_commit *c, u32 done)
{
	while (done--) {
		const struct pmb_write *w = &c->script->write[done];
		u8 *state = &c->state[w->dev];

		if (*state & GONE)
			continue;
		if (!((*state & SPOILT) && w->step == PMB_DECODE_OFF) &&
		    write_back(c->snap->dev[w->dev], w))
			continue;
		if (!answers(c->snap->dev[w->dev])) {
			mark_gone(c, w->dev);
			continue;
		}
		if (w->step == PMB_BAR)
			*state |= SPOILT;
		c->outcome->undo_failed++;
	}
}

/*
 * A device that vanishes drops out and the rest goes on: whatever is written
 * to it is lost, and nobody will miss it.
 */
static int do_writes(struct pmb_commit *c)
{
	u32 i, val;

	c->nr_off = count_off(c->script);
	for (i = 0; i < c->script->nr; i++) {
		const struct pmb_write *w = &c->script->write[i];
		struct pci_dev *dev = c->snap->dev[w->dev];

		if (c->state[w->dev] & GONE)
			continue;
		refresh_write(c, i);
		write_reg(dev, w->reg, w->width, w->new);
		c->outcome->writes++;
		if (!read_reg(dev, w->reg, w->width, &val) && !((val ^ w->new) & w->mask))
			continue;
		if (!answers(dev)) {
			mark_gone(c, w->dev);
			continue;
		}
		c->outcome->bad_dev = w->dev;
		c->outcome->bad_reg = w->reg;
		undo_writes(c, i + 1);
		return -EIO;
	}
	return 0;
}

/**
 * pmb_save_windows - save the windows of a bridge as they are
 * @dev: the bridge, in D0
 *
 * They are restored as one, and what is saved of them may be older than the last
 * change.
 *
 * Context: any, in the stop, too.
 *
 * Return: false if the bridge does not answer any more.
 */
bool pmb_save_windows(struct pci_dev *dev)
{
	u32 val;
	int reg;

	for (reg = PCI_MEMORY_BASE; reg <= PCI_IO_BASE_UPPER16; reg += 4) {
		if (!read_surely(dev, reg, 4, &val))
			return false;
		dev->saved_config_space[reg / 4] = val;
	}
	if (!read_surely(dev, PCI_IO_BASE, 2, &val))
		return false;
	dev->saved_config_space[PCI_IO_BASE / 4] =
		(dev->saved_config_space[PCI_IO_BASE / 4] & 0xffff0000) | val;
	return true;
}

/*
 * An error recovery or a resume must not write old addresses back.  That goes for
 * who has vanished, too: it may have been reset, and what comes back is restored.
 */
static void update_saved_state(struct pmb_commit *c)
{
	u32 last = PMB_NONE;
	bool saved_all = false;
	u32 i;

	for (i = 0; i < c->script->nr; i++) {
		const struct pmb_write *w = &c->script->write[i];
		u32 shift = 8 * (w->reg % 4);
		u32 mask = (U32_MAX >> (32 - 8 * w->width)) << shift;
		u32 *saved;

		if (w->reg >= PCI_STD_HEADER_SIZEOF || w->reg == PCI_COMMAND)
			continue;
		if (w->step == PMB_WINDOW) {
			if (w->dev != last)
				saved_all = !(c->state[w->dev] & GONE) &&
					    pmb_save_windows(c->snap->dev[w->dev]);
			last = w->dev;
			if (saved_all)
				continue;
		}
		saved = &c->snap->dev[w->dev]->saved_config_space[w->reg / 4];
		*saved = (*saved & ~mask) | (w->new << shift & mask);
	}
}

static int work(struct pmb_commit *c)
{
	int err;

	err = ask_again(c);
	if (err)
		return err;

	err = pmb_tree_apply(c->tree);
	if (err)
		return err;

	err = do_writes(c);
	if (err)
		goto undo_tree;

	if (c->follow) {
		err = pmb_follow_move(c->follow);
		if (err == -EBUSY)
			c->outcome->stuck = c->moving[pmb_follow_culprit(c->follow)];
		if (err < 0)
			goto undo_registers;
		c->outcome->mappings = err;
	}

	update_saved_state(c);
	return 0;

undo_registers:
	undo_writes(c, c->script->nr);
undo_tree:
	pmb_tree_undo(c->tree);
	return err;
}

static int stopped(void *data)
{
	struct pmb_commit *c = data;
	u64 begin = ktime_get_mono_fast_ns();

	mb();	/* drain store and write-combining buffers */

	if (smp_processor_id() != c->leader) {
		atomic_inc(&c->ready);
		/* Pairs with the release below: its work is seen. */
		while (!smp_load_acquire(&c->done)) {
			cpu_relax();
			touch_nmi_watchdog();
		}
	} else {
		while (atomic_read_acquire(&c->ready) < c->others)
			cpu_relax();
		c->outcome->error = work(c);
		/* Pairs with the acquire above. */
		smp_store_release(&c->done, true);
	}

	if (c->follow && !c->outcome->error)
		pmb_follow_flush();
	if (smp_processor_id() == c->leader)
		c->outcome->held_ns = ktime_get_mono_fast_ns() - begin;
	return 0;
}

/* Holds off new mappings by /dev/mem; pmb_used_by_others() knows the others. */
static bool mapped_meanwhile(struct pmb_commit *c, struct address_space *mapping)
{
	u32 i;

	for (i = 0; i < c->nr_movers; i++) {
		struct pmb_move m = move_of(c, c->movers[i]);

		if (!(c->snap->layout->bars[c->movers[i]].flags & PMB_BAR_IO) &&
		    vma_interval_tree_iter_first(&mapping->i_mmap, m.from >> PAGE_SHIFT,
						 (m.from + m.size - 1) >> PAGE_SHIFT))
			return true;
	}
	return false;
}

/**
 * pmb_commit_run - stop the machine and carry the plan out
 * @commit: what pmb_commit_prepare() returned; runs once
 * @outcome: filled in; on an error in there, everything is as it was
 *
 * Context: may sleep; locks as for pmb_commit_prepare().
 */
void pmb_commit_run(struct pmb_commit *commit, struct pmb_outcome *outcome)
{
	struct address_space *mapping = iomem_get_mapping();
	u64 begin = ktime_get_mono_fast_ns();

	memset(outcome, 0, sizeof(*outcome));
	outcome->bad_dev = PMB_NONE;
	outcome->stuck = PMB_NONE;
	commit->outcome = outcome;

	cpus_read_lock();
	commit->leader = cpumask_first(cpu_online_mask);
	commit->others = num_online_cpus() - 1;
	if (mapping)
		i_mmap_lock_read(mapping);
	if (mapping && mapped_meanwhile(commit, mapping))
		outcome->error = -EAGAIN;
	else
		stop_machine_cpuslocked(stopped, commit, cpu_online_mask);
	if (mapping)
		i_mmap_unlock_read(mapping);
	cpus_read_unlock();

	outcome->gone = count_gone(commit);
	outcome->stop_ns = ktime_get_mono_fast_ns() - begin;
}

/**
 * pmb_outcome_add - what several stops of one event come to
 * @sum: what one of them did; the numbers of @more are added, the longest times count
 * @more: what another one did; who is gone in both counts once
 */
void pmb_outcome_add(struct pmb_outcome *sum, const struct pmb_outcome *more)
{
	sum->writes += more->writes;
	sum->gone = max(sum->gone, more->gone);
	sum->undo_failed += more->undo_failed;
	sum->held_ns = max(sum->held_ns, more->held_ns);
	sum->stop_ns = max(sum->stop_ns, more->stop_ns);
}
