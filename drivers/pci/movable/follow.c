// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel mappings follow a memory BAR that moves.
 *
 *	virtual		 |....[ driver ][ MSI-X table ]....|
 *				 |	     |
 *	before	 --------[ BAR, from ]-------+--------------------
 *	after	 ------------------------------[ BAR, to ]--------
 *
 * The driver keeps its pointers; the page table entries behind them get the
 * new physical address.  No CPU may use the mapping meanwhile: all of them are
 * stopped with interrupts off, one works.  It goes over all mappings three
 * times: finds and checks each, and changes nothing if one of them cannot
 * follow; moves the records of memory types; changes entries and vm areas.
 * Then every CPU flushes its own TLB.
 *
 * Which mappings there are is decided in the stop, not before, since they may
 * come and go until then.  A CPU stops between two tasks, that is, where
 * preemption is allowed.  So no spinlock is held, but a task may rest in the
 * middle of ioremap() or iounmap():
 *
 * - an area with a physical address, but without all of its entries: half
 *   made; try again later;
 * - all entries made, although ioremap() has not returned: moved like others,
 *   it returns the virtual address;
 * - an area no longer in the list of areas, but its entries still there:
 *   nobody uses it, nobody finds it, its entries are cleared later;
 * - ioremap() called, but no address in an area yet: cannot be seen here.  It
 *   will map the old place.  That a driver does not map a BAR while it says
 *   that the BAR may move is part of the contract with drivers.
 *
 * Each mapping is looked up by its old address once, all before the first is
 * changed.  So BARs may trade places.
 */
#include <linux/align.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <asm/pci_movable.h>

#include "follow.h"

/**
 * struct follower - a mapping that follows
 * @area: its vm area; it cannot go away while all CPUs are stopped
 * @shift: what to add to its physical address, modulo 2^64
 * @which: index of a move that it follows
 * @record: the architecture's record of it, while that is nowhere else
 */
struct follower {
	struct vm_struct *area;
	phys_addr_t shift;
	unsigned int which;
	void *record;
};

/**
 * struct pmb_follow - mappings on their way
 * @moves: the BARs
 * @nr_moves: entries in @moves
 * @nr: entries used in @follower; outside of the stop: mappings found
 * @max: entries there is room for
 * @which: index of the move that was looked at last: the one at fault
 * @follower: the mappings, valid only in the stop
 */
struct pmb_follow {
	const struct pmb_move *moves;
	unsigned int nr_moves;
	unsigned int nr;
	unsigned int max;
	unsigned int which;
	struct follower follower[] __counted_by(max);
};

/* Mappings are made of pages, so what counts is the pages that a BAR touches. */
static bool touches(phys_addr_t start, phys_addr_t end, phys_addr_t bar, resource_size_t size)
{
	return start < round_up(bar + size, PAGE_SIZE) && end > round_down(bar, PAGE_SIZE);
}

static bool covers_more(phys_addr_t start, phys_addr_t end, const struct pmb_move *m)
{
	return start < round_down(m->from, PAGE_SIZE) ||
	       end > round_up(m->from + m->size, PAGE_SIZE);
}

/*
 * Where does a mapping go?  It has to be the mapping of one BAR, or of a page
 * that several small BARs share, all of which move by the same whole pages.
 * Returns a negative errno if it cannot follow; @shift 0: it stays.
 *
 * A mapping that stays where a BAR comes to is one that somebody has forgotten:
 * nobody else's registers were there.  It harms only if its memory type differs,
 * and then the architecture refuses the BAR's record.
 */
static int find_shift(struct pmb_follow *f, const struct vm_struct *area, phys_addr_t *shift)
{
	phys_addr_t start = READ_ONCE(area->phys_addr);
	phys_addr_t end = start + get_vm_area_size(area);
	bool found = false;
	unsigned int i;

	*shift = 0;

	/* Not mapped yet, or the pages of vmap() and vmap_pfn(). */
	if (!start)
		return 0;

	for (i = 0; i < f->nr_moves; i++) {
		const struct pmb_move *m = &f->moves[i];
		phys_addr_t by = m->to - m->from;

		if (!touches(start, end, m->from, m->size))
			continue;
		if (by || !found)
			f->which = i;
		if (found && by != *shift)
			return -EBUSY;
		if (by && (covers_more(start, end, m) || !PAGE_ALIGNED(by)))
			return -EBUSY;
		*shift = by;
		found = true;
	}

	return 0;
}

static int count(struct vm_struct *area, void *data)
{
	struct pmb_follow *f = data;
	phys_addr_t shift;
	int ret = find_shift(f, area, &shift);

	if (shift && !ret)
		f->nr++;
	return ret;
}

static int collect(struct vm_struct *area, void *data)
{
	struct pmb_follow *f = data;
	phys_addr_t shift;
	int ret = find_shift(f, area, &shift);

	if (ret || !shift)
		return ret;
	if (f->nr == f->max)
		return -EAGAIN;

	f->follower[f->nr++] = (struct follower) {
		.area = area,
		.shift = shift,
		.which = f->which,
	};
	return 0;
}

static phys_addr_t area_end(const struct vm_struct *area)
{
	return area->phys_addr + get_vm_area_size(area);
}

/* Is the mapping complete, does it map what it should, can each entry follow? */
static int check_leaves(const struct follower *follower)
{
	const struct vm_struct *area = follower->area;
	unsigned long addr = (unsigned long)area->addr;
	unsigned long end = addr + get_vm_area_size(area);
	phys_addr_t phys = area->phys_addr, at;
	unsigned long size;
	int ret;

	for (; addr < end; addr += size, phys += size) {
		ret = arch_pmb_leaf(addr, &at, &size);
		if (ret)
			return ret;
		if (at != phys || !IS_ALIGNED(addr, size) || size > end - addr ||
		    !arch_pmb_leaf_fits(phys + follower->shift, size))
			return -EBUSY;
	}
	return 0;
}

static void set_leaves(const struct follower *follower)
{
	struct vm_struct *area = follower->area;
	unsigned long addr = (unsigned long)area->addr;
	unsigned long end = addr + get_vm_area_size(area);
	phys_addr_t phys = area->phys_addr + follower->shift, old;
	unsigned long size;

	for (; addr < end; addr += size, phys += size) {
		if (WARN_ON_ONCE(arch_pmb_leaf(addr, &old, &size)))
			return;
		arch_pmb_set_leaf(addr, phys);
	}
	area->phys_addr += follower->shift;
}

static int detach(struct follower *follower, phys_addr_t shift)
{
	const struct vm_struct *area = follower->area;

	follower->record = arch_pmb_detach(area->phys_addr + shift, area_end(area) + shift);
	return PTR_ERR_OR_ZERO(follower->record);
}

static int attach(struct follower *follower, phys_addr_t shift)
{
	const struct vm_struct *area = follower->area;

	return arch_pmb_attach(follower->record, area->phys_addr + shift,
			       area_end(area) + shift);
}

/*
 * Moves the records of all mappings, or of none.  All leave before the first
 * arrives, since its place may be that of another.
 */
static int move_records(struct pmb_follow *f)
{
	struct follower *follower = f->follower;
	unsigned int i, j;
	int ret;

	for (i = 0; i < f->nr; i++) {
		ret = detach(&follower[i], 0);
		if (ret) {
			f->which = follower[i].which;
			goto put_back;
		}
	}

	for (j = 0; j < f->nr; j++) {
		ret = attach(&follower[j], follower[j].shift);
		if (ret) {
			f->which = follower[j].which;
			goto take_again;
		}
	}
	return 0;

take_again:
	while (j--)
		WARN_ON_ONCE(detach(&follower[j], follower[j].shift));
put_back:
	while (i--)
		WARN_ON_ONCE(attach(&follower[i], 0));
	return -EBUSY;
}

static int find_followers(struct pmb_follow *f)
{
	unsigned int i;
	int ret;

	f->nr = 0;
	ret = walk_vm_areas(VM_IOREMAP, collect, f);

	for (i = 0; i < f->nr && !ret; i++) {
		f->which = f->follower[i].which;
		ret = check_leaves(&f->follower[i]);
	}
	return ret;
}

/**
 * pmb_follow_supported - can kernel mappings follow a BAR on this machine?
 *
 * Return: true if they can.
 */
bool pmb_follow_supported(void)
{
	return arch_pmb_can_follow();
}

/**
 * pmb_follow_obstacle - which BAR could not be followed, if they moved now?
 * @moves: where memory BARs go, all of them, since they make room for each other
 * @nr: entries in @moves
 *
 * Context: any but interrupts.
 *
 * Return: index of a move for which pmb_follow_prepare() would return -EBUSY;
 * @nr: there is none.
 */
unsigned int pmb_follow_obstacle(const struct pmb_move *moves, unsigned int nr)
{
	struct pmb_follow found = { .moves = moves, .nr_moves = nr };

	if (pmb_follow_supported() && walk_vm_areas(VM_IOREMAP, count, &found))
		return found.which;
	return nr;
}

/**
 * pmb_follow_prepare - get ready to let kernel mappings follow BARs
 * @moves: where memory BARs go; copied
 * @nr: entries in @moves
 *
 * Context: may sleep.
 *
 * Return: what the other functions need, to be released with
 * pmb_follow_finish(); NULL if nothing can follow on this machine.
 * ERR_PTR(-EBUSY): a mapping cannot follow, because it covers more than the
 * BAR; pmb_follow_obstacle() tells which one.  ERR_PTR(-ENOMEM).
 */
struct pmb_follow *pmb_follow_prepare(const struct pmb_move *moves, unsigned int nr)
{
	struct pmb_follow found = { .moves = moves, .nr_moves = nr };
	struct pmb_follow *f;
	unsigned int max;
	int ret;

	if (!pmb_follow_supported())
		return NULL;

	ret = walk_vm_areas(VM_IOREMAP, count, &found);
	if (ret)
		return ERR_PTR(ret);

	/* Some more, since mappings may be made until the stop. */
	max = 2 * found.nr + 16;
	f = kvzalloc(struct_size(f, follower, max), GFP_KERNEL);
	if (!f)
		return ERR_PTR(-ENOMEM);

	f->max = max;
	f->nr_moves = nr;
	f->moves = kvmemdup(moves, array_size(nr, sizeof(*moves)), GFP_KERNEL);
	if (!f->moves) {
		kvfree(f);
		return ERR_PTR(-ENOMEM);
	}
	return f;
}

/**
 * pmb_follow_move - point all kernel mappings of moved BARs at their new place
 * @follow: from pmb_follow_prepare(), may be NULL
 *
 * All or nothing.  The last step which can fail: registers are written and
 * have been read back before.  Every CPU has to call pmb_follow_flush()
 * afterwards, before it leaves the stop.
 *
 * Context: in stop_machine(), interrupts off, all other CPUs wait.  Does not
 *	sleep, allocate or print.
 *
 * Return: number of mappings that have followed.  -EAGAIN: a mapping is just
 * being made, or there are more than room was made for: prepare and stop again.
 * -EBUSY: a mapping cannot follow, see pmb_follow_prepare(), or because of the
 * memory types of the new place.  pmb_follow_culprit() tells which BAR it is.
 * Nothing has changed then.
 */
int pmb_follow_move(struct pmb_follow *follow)
{
	unsigned int i;
	int ret;

	lockdep_assert_irqs_disabled();
	if (!follow)
		return 0;

	ret = find_followers(follow);
	if (!ret)
		ret = move_records(follow);
	if (ret) {
		follow->nr = 0;
		return ret;
	}

	for (i = 0; i < follow->nr; i++)
		set_leaves(&follow->follower[i]);
	return follow->nr;
}

/**
 * pmb_follow_culprit - which BAR has made pmb_follow_move() fail?
 * @follow: as given to it, not NULL
 *
 * Return: index of the move.
 */
unsigned int pmb_follow_culprit(const struct pmb_follow *follow)
{
	return follow->which;
}

/**
 * pmb_follow_undo - point the mappings back, in the same stop
 * @follow: what pmb_follow_move() has moved, may be NULL
 *
 * In a later stop, prepare and move with @from and @to swapped instead.  Every
 * CPU has to call pmb_follow_flush() after it, too.
 *
 * Context: as pmb_follow_move().
 */
void pmb_follow_undo(struct pmb_follow *follow)
{
	unsigned int i;

	lockdep_assert_irqs_disabled();
	if (!follow)
		return;

	for (i = 0; i < follow->nr; i++)
		follow->follower[i].shift = -follow->follower[i].shift;

	/* Nobody else has run: there is room where they were. */
	WARN_ON_ONCE(move_records(follow));
	for (i = 0; i < follow->nr; i++)
		set_leaves(&follow->follower[i]);
	follow->nr = 0;
}

/**
 * pmb_follow_flush - make the own CPU forget the old places
 *
 * The caller orders it after pmb_follow_move() on the other CPU.
 *
 * Context: in stop_machine(), on every CPU, interrupts off.  Waits for nobody.
 */
void pmb_follow_flush(void)
{
	lockdep_assert_irqs_disabled();
	if (pmb_follow_supported())
		arch_pmb_flush();
}

/* A place which a BAR has left, and to which none has come. */
static bool deserted(const struct pmb_follow *f, const struct pmb_move *left)
{
	unsigned int i;

	if (left->to == left->from || left->size < PAGE_SIZE)
		return false;

	for (i = 0; i < f->nr_moves; i++) {
		const struct pmb_move *m = &f->moves[i];

		if (touches(left->from, left->from + left->size, m->to, m->size))
			return false;
	}
	return true;
}

static int warn_if_late(struct vm_struct *area, void *data)
{
	struct pmb_follow *f = data;
	phys_addr_t start = READ_ONCE(area->phys_addr);
	phys_addr_t end = start + get_vm_area_size(area);
	unsigned int i;

	for (i = 0; start && i < f->nr_moves; i++) {
		const struct pmb_move *m = &f->moves[i];

		if (touches(start, end, m->from, m->size) && deserted(f, m))
			pr_warn("PCI: %pS has mapped a BAR at %pa while it moved to %pa\n",
				area->caller, &m->from, &m->to);
	}
	return 0;
}

/**
 * pmb_follow_finish - release what pmb_follow_prepare() returned
 * @follow: it, may be NULL
 * @moved: the BARs are at their new place
 *
 * Warns of a driver that has mapped a BAR in the very moment when it moved, so
 * that it has got the old place.  To be called before anything new gets one of
 * the places that are free now.
 *
 * Context: may sleep.
 */
void pmb_follow_finish(struct pmb_follow *follow, bool moved)
{
	if (!follow)
		return;
	if (moved)
		walk_vm_areas(VM_IOREMAP, warn_if_late, follow);
	kvfree(follow->moves);
	kvfree(follow);
}
