// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mappings that follow a BAR.
 *
 * No device is needed: the "BARs" are physical addresses that nobody uses.
 * They are mapped, moved, and looked at through the page tables, but never
 * accessed.  One test does read through the mapping it moves: on x86 it sees
 * the firmware's ROM below 4 GiB, on QEMU's arm64 machine two devices.
 */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/of.h>
#include <linux/pgtable.h>
#include <linux/sizes.h>
#include <linux/stop_machine.h>
#include <linux/vmalloc.h>

#include <asm/pci_movable.h>
#ifdef CONFIG_X86
#include <asm/memtype.h>
#else
#include <asm/tlbflush.h>
#endif

#include "follow.h"

/* Memory types, recorded for ranges of addresses on x86 only. */
#ifdef CONFIG_X86
static bool types_tracked(void)
{
	return pat_enabled();
}

static int reserve_type(phys_addr_t start, unsigned long size, bool wc)
{
	return memtype_reserve(start, start + size,
			       wc ? _PAGE_CACHE_MODE_WC : _PAGE_CACHE_MODE_UC_MINUS, NULL);
}

static void free_type(phys_addr_t start, unsigned long size)
{
	memtype_free(start, start + size);
}

static bool cached(u64 entry)
{
	return pgprot2cachemode(__pgprot(entry & PTE_FLAGS_MASK)) == _PAGE_CACHE_MODE_WB;
}
#else
static bool types_tracked(void)
{
	return false;
}

static int reserve_type(phys_addr_t start, unsigned long size, bool wc)
{
	return 0;
}

static void free_type(phys_addr_t start, unsigned long size) { }

static bool cached(u64 entry)
{
	return true;
}
#endif

/* The entry behind a mapped address, of whatever level. */
static pte_t *entry_at(unsigned long addr)
{
	pud_t *pud = pud_offset(p4d_offset(pgd_offset_k(addr), addr), addr);
	pmd_t *pmd;

	if (pud_leaf(*pud))
		return (pte_t *)pud;
	pmd = pmd_offset(pud, addr);
	if (pmd_leaf(*pmd))
		return (pte_t *)pmd;
	return pte_offset_kernel(pmd, addr);
}

/* How a mapping looks like: its vm area, and one entry of its page table. */
struct look {
	phys_addr_t area;
	phys_addr_t phys;
	unsigned long size;
	u64 bits;
};

static struct look look_at(struct kunit *test, void __iomem *map, unsigned long offset)
{
	unsigned long addr = (unsigned long)map & PAGE_MASK;
	struct vm_struct *area = find_vm_area((void *)addr);
	struct look look;

	KUNIT_ASSERT_NOT_NULL(test, area);
	KUNIT_ASSERT_EQ(test, arch_pmb_leaf(addr + offset, &look.phys, &look.size), 0);
	look.bits = pte_val(*entry_at(addr + offset)) - look.phys;
	look.area = area->phys_addr;
	return look;
}

static void expect_moved(struct kunit *test, struct look before, struct look after,
			 phys_addr_t shift)
{
	KUNIT_EXPECT_EQ(test, after.area, before.area + shift);
	KUNIT_EXPECT_EQ(test, after.phys, before.phys + shift);
	KUNIT_EXPECT_EQ(test, after.size, before.size);
	KUNIT_EXPECT_EQ(test, after.bits, before.bits);
}

static void give_back(void *res)
{
	release_resource(res);
}

/* Physical addresses above 4 GiB that nobody uses. */
static phys_addr_t place(struct kunit *test, resource_size_t size)
{
	resource_size_t align = max_t(resource_size_t, size, PAGE_SIZE);
	struct resource *res = kunit_kzalloc(test, sizeof(*res), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, res);
	res->name = "follow test";
	res->flags = IORESOURCE_MEM;
	KUNIT_ASSERT_EQ(test, allocate_resource(&iomem_resource, res, align, SZ_4G,
						iomem_resource.end, align, NULL, NULL), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, give_back, res), 0);
	return res->start;
}

static void *plain(void __iomem *map)
{
	return (void __force *)map;
}

static void unmap(void *map)
{
	iounmap((void __force __iomem *)map);
}

static void __iomem *keep(struct kunit *test, void __iomem *map)
{
	KUNIT_ASSERT_NOT_NULL(test, plain(map));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unmap, plain(map)), 0);
	return map;
}

/* Is a range free for a memory type other than WC, or other than UC? */
static bool free_of(phys_addr_t start, unsigned long size, bool wc)
{
	if (reserve_type(start, size, !wc))
		return false;
	free_type(start, size);
	return true;
}

struct stop {
	struct pmb_follow *follow;
	u8 __iomem *peek;		/* read here before and after, if not NULL */
	unsigned int leader;
	int others;
	bool undo;
	int ret;
	atomic_t ready;
	bool done;
	atomic_t sum_before;
	atomic_t sum_after;
};

static int stopped(void *data)
{
	struct stop *s = data;

	if (s->peek)
		atomic_add(readb(s->peek), &s->sum_before);

	if (smp_processor_id() != s->leader) {
		atomic_inc(&s->ready);
		/* Pairs with smp_store_release() below. */
		while (!smp_load_acquire(&s->done))
			cpu_relax();
	} else {
		while (atomic_read_acquire(&s->ready) < s->others)
			cpu_relax();
		s->ret = pmb_follow_move(s->follow);
		if (s->undo)
			pmb_follow_undo(s->follow);
		/* The entries are changed before anybody flushes. */
		smp_store_release(&s->done, true);
	}

	pmb_follow_flush();
	if (s->peek)
		atomic_add(readb(s->peek), &s->sum_after);
	return 0;
}

static void stop(struct stop *s)
{
	cpus_read_lock();
	s->leader = cpumask_first(cpu_online_mask);
	s->others = num_online_cpus() - 1;
	stop_machine_cpuslocked(stopped, s, cpu_online_mask);
	cpus_read_unlock();
}

static int move_prepared(struct pmb_follow *follow)
{
	struct stop s = { .follow = follow };

	stop(&s);
	pmb_follow_finish(follow, s.ret >= 0);
	return s.ret;
}

static int move(struct kunit *test, const struct pmb_move *moves, unsigned int nr)
{
	struct pmb_follow *follow = pmb_follow_prepare(moves, nr);

	if (IS_ERR(follow))
		return PTR_ERR(follow);
	KUNIT_ASSERT_NOT_NULL(test, follow);
	return move_prepared(follow);
}

static void part_of_a_bar(struct kunit *test)
{
	phys_addr_t from = place(test, SZ_64K), to = place(test, SZ_64K);
	struct pmb_move m = { from, to, SZ_64K };
	void __iomem *table = keep(test, ioremap(from + 0x2010, 0x100));
	void __iomem *wc = keep(test, ioremap_wc(from + 0x4000, 0x3000));
	struct look table_was = look_at(test, table, 0);
	struct look wc_was = look_at(test, wc, 0x2000);

	KUNIT_EXPECT_EQ(test, table_was.phys, from + 0x2000);
	KUNIT_EXPECT_EQ(test, wc_was.phys, from + 0x6000);
	if (types_tracked() || !IS_ENABLED(CONFIG_X86))
		KUNIT_EXPECT_NE(test, wc_was.bits, table_was.bits);

	KUNIT_EXPECT_EQ(test, move(test, &m, 1), 2);
	expect_moved(test, table_was, look_at(test, table, 0), to - from);
	expect_moved(test, wc_was, look_at(test, wc, 0x2000), to - from);

	KUNIT_EXPECT_TRUE(test, free_of(from + 0x2000, SZ_4K, false));
	KUNIT_EXPECT_TRUE(test, free_of(from + 0x4000, 0x3000, true));
	if (types_tracked()) {
		KUNIT_EXPECT_FALSE(test, free_of(to + 0x2000, SZ_4K, false));
		KUNIT_EXPECT_FALSE(test, free_of(to + 0x6000, SZ_4K, true));
	}

	/* After all are gone, nothing is left of them. */
	kunit_release_action(test, unmap, plain(table));
	kunit_release_action(test, unmap, plain(wc));
	KUNIT_EXPECT_TRUE(test, free_of(to + 0x2000, SZ_4K, false));
	KUNIT_EXPECT_TRUE(test, free_of(to + 0x4000, 0x3000, true));
}

static void large_entries(struct kunit *test, unsigned long size, unsigned long entry)
{
	phys_addr_t from = place(test, size), to = place(test, size);
	struct pmb_move m = { from, to, size };
	void __iomem *map = keep(test, ioremap_wc(from, size));
	struct look first = look_at(test, map, 0), last = look_at(test, map, size - entry);

	if (first.size != entry)
		kunit_skip(test, "no entries of this size");

	KUNIT_EXPECT_EQ(test, move(test, &m, 1), 1);
	expect_moved(test, first, look_at(test, map, 0), to - from);
	expect_moved(test, last, look_at(test, map, size - entry), to - from);
}

static void entries_2m(struct kunit *test)
{
	large_entries(test, SZ_8M, SZ_2M);
}

static void entries_1g(struct kunit *test)
{
	large_entries(test, SZ_2G, SZ_1G);
}

/* A VF BAR is aligned to one VF, which may be less than an entry covers. */
static void large_entry_cannot(struct kunit *test)
{
	phys_addr_t from = place(test, SZ_4M), to = place(test, SZ_8M) + SZ_1M;
	struct pmb_move m = { from, to, SZ_4M };
	void __iomem *map = keep(test, ioremap(from, SZ_4M));
	struct look was = look_at(test, map, 0);

	if (was.size == PAGE_SIZE)
		kunit_skip(test, "no large entries");

	KUNIT_EXPECT_EQ(test, move(test, &m, 1), -EBUSY);
	expect_moved(test, was, look_at(test, map, 0), 0);
	if (types_tracked())
		KUNIT_EXPECT_FALSE(test, free_of(from, SZ_4M, false));
}

static void trade_places(struct kunit *test)
{
	phys_addr_t a = place(test, SZ_16K), b = place(test, SZ_16K);
	struct pmb_move m[] = { { a, b, SZ_16K }, { b, a, SZ_16K } };
	void __iomem *uc = keep(test, ioremap(a, SZ_16K));
	void __iomem *wc = keep(test, ioremap_wc(b, SZ_16K));
	struct look uc_was = look_at(test, uc, SZ_4K), wc_was = look_at(test, wc, SZ_4K);

	KUNIT_EXPECT_EQ(test, move(test, m, 2), 2);
	expect_moved(test, uc_was, look_at(test, uc, SZ_4K), b - a);
	expect_moved(test, wc_was, look_at(test, wc, SZ_4K), a - b);
}

static void undo(struct kunit *test)
{
	phys_addr_t a = place(test, SZ_16K), b = place(test, SZ_16K), c = place(test, SZ_16K);
	struct pmb_move m[] = { { a, b, SZ_16K }, { b, c, SZ_16K } };
	void __iomem *uc = keep(test, ioremap(a, SZ_16K));
	void __iomem *wc = keep(test, ioremap_wc(b, SZ_16K));
	struct look uc_was = look_at(test, uc, SZ_4K), wc_was = look_at(test, wc, SZ_4K);
	struct stop s = { .undo = true };

	s.follow = pmb_follow_prepare(m, 2);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s.follow);
	stop(&s);
	pmb_follow_finish(s.follow, false);

	KUNIT_EXPECT_EQ(test, s.ret, 2);
	expect_moved(test, uc_was, look_at(test, uc, SZ_4K), 0);
	expect_moved(test, wc_was, look_at(test, wc, SZ_4K), 0);
	KUNIT_EXPECT_TRUE(test, free_of(c, SZ_16K, true));
	KUNIT_EXPECT_EQ(test, move(test, m, 2), 2);
	expect_moved(test, wc_was, look_at(test, wc, SZ_4K), c - b);
}

/* The mapping belongs to more than what moves. */
static void covers_more(struct kunit *test)
{
	phys_addr_t from = place(test, SZ_32K), to = place(test, SZ_16K);
	phys_addr_t stays = place(test, SZ_4K);
	struct pmb_move m[] = { { stays, stays, SZ_4K }, { from, to, SZ_16K } };
	struct pmb_follow *follow = pmb_follow_prepare(m, 2);
	void __iomem *map = keep(test, ioremap(from, SZ_32K));
	struct look was = look_at(test, map, 0);
	struct stop s = { .follow = follow };

	KUNIT_EXPECT_EQ(test, PTR_ERR(pmb_follow_prepare(m, 2)), -EBUSY);
	KUNIT_EXPECT_EQ(test, pmb_follow_obstacle(m, 2), 1);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, follow);
	stop(&s);
	KUNIT_EXPECT_EQ(test, s.ret, -EBUSY);
	KUNIT_EXPECT_EQ(test, pmb_follow_culprit(follow), 1);
	pmb_follow_finish(follow, false);
	expect_moved(test, was, look_at(test, map, 0), 0);
}

/* Somebody has forgotten a mapping at the new place. */
static void forgotten_there(struct kunit *test)
{
	phys_addr_t from = place(test, SZ_16K), to = place(test, SZ_16K);
	struct pmb_move there = { from, to, SZ_16K }, back = { to, from, SZ_16K };
	void __iomem *map = keep(test, ioremap(from, SZ_16K));
	void __iomem *same = keep(test, ioremap(to + SZ_8K, SZ_4K));
	struct look was = look_at(test, same, 0);
	void __iomem *other;

	KUNIT_EXPECT_EQ(test, pmb_follow_obstacle(&there, 1), 1);
	KUNIT_EXPECT_EQ(test, move(test, &there, 1), 1);
	KUNIT_EXPECT_EQ(test, look_at(test, map, 0).phys, to);
	expect_moved(test, was, look_at(test, same, 0), 0);

	/* With the way back it would follow as if it were the BAR's. */
	kunit_release_action(test, unmap, plain(same));
	KUNIT_EXPECT_EQ(test, move(test, &back, 1), 1);
	KUNIT_EXPECT_TRUE(test, free_of(to, SZ_16K, false));
	if (!types_tracked())
		return;

	/* Two types for one place would alias. */
	other = keep(test, ioremap_wc(to + SZ_8K, SZ_4K));
	KUNIT_EXPECT_NOT_NULL(test, plain(other));
	KUNIT_EXPECT_EQ(test, move(test, &there, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, look_at(test, map, 0).phys, from);
}

/* Two BARs of 256 bytes in one page. */
static void small_bars(struct kunit *test)
{
	phys_addr_t from = place(test, SZ_4K), to = place(test, SZ_4K);
	struct pmb_move together[] = { { from, to, 256 }, { from + 512, to + 512, 256 } };
	struct pmb_move one[] = { { from, to, 256 }, { from + 512, from + 512, 256 } };
	struct pmb_move aslant = { from, to + 256, 256 };
	void __iomem *map = keep(test, ioremap(from + 512, 256));
	struct look was = look_at(test, map, 0);

	KUNIT_EXPECT_EQ(test, move(test, one, 2), -EBUSY);
	KUNIT_EXPECT_EQ(test, move(test, &aslant, 1), -EBUSY);
	expect_moved(test, was, look_at(test, map, 0), 0);
	KUNIT_EXPECT_EQ(test, move(test, together, 2), 1);
	expect_moved(test, was, look_at(test, map, 0), to - from);
}

static void half_made(struct kunit *test)
{
	phys_addr_t from = place(test, SZ_16K), to = place(test, SZ_16K);
	struct pmb_move m = { from, to, SZ_16K };
	void __iomem *map = keep(test, ioremap(from, SZ_4K));
	struct vm_struct *area = get_vm_area(SZ_16K, VM_IOREMAP);
	pgprot_t prot = pgprot_noncached(PAGE_KERNEL);
	unsigned long addr;

	KUNIT_ASSERT_NOT_NULL(test, area);
	addr = (unsigned long)area->addr;
	area->phys_addr = from;
	KUNIT_EXPECT_EQ(test, move(test, &m, 1), -EAGAIN);
	KUNIT_EXPECT_EQ(test, vmap_page_range(addr, addr + SZ_8K, from, prot), 0);
	KUNIT_EXPECT_EQ(test, move(test, &m, 1), -EAGAIN);
	KUNIT_EXPECT_EQ(test, look_at(test, map, 0).phys, from);
	free_vm_area(area);
	KUNIT_EXPECT_EQ(test, move(test, &m, 1), 1);
}

/* Mappings that come and go after all has been prepared. */
static void come_and_go(struct kunit *test)
{
	phys_addr_t from = place(test, SZ_64K), to = place(test, SZ_64K);
	struct pmb_move m = { from, to, SZ_64K };
	struct pmb_follow *follow = pmb_follow_prepare(&m, 1);
	void __iomem *map[32];
	struct stop s = {};
	int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, follow);
	for (i = 0; i < ARRAY_SIZE(map); i++) {
		map[i] = ioremap(from, SZ_4K);
		KUNIT_ASSERT_NOT_NULL(test, plain(map[i]));
	}

	s.follow = follow;
	stop(&s);
	KUNIT_EXPECT_EQ(test, s.ret, -EAGAIN);
	KUNIT_EXPECT_EQ(test, look_at(test, map[0], 0).phys, from);

	for (i = 3; i < ARRAY_SIZE(map); i++)
		iounmap(map[i]);
	KUNIT_EXPECT_EQ(test, move_prepared(follow), 3);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, look_at(test, map[i], 0).phys, to);
		iounmap(map[i]);
	}
	KUNIT_EXPECT_TRUE(test, free_of(to, SZ_4K, false));
}

/* No mapping, but a memory type at the new place that does not go with ours. */
static void other_type_there(struct kunit *test)
{
	phys_addr_t from = place(test, SZ_16K), to = place(test, SZ_16K);
	struct pmb_move m = { from, to, SZ_16K };
	void __iomem *first = keep(test, ioremap(from, SZ_4K));
	void __iomem *second = keep(test, ioremap(from + SZ_8K, SZ_4K));
	struct look was = look_at(test, second, 0);

	if (!types_tracked())
		kunit_skip(test, "memory types are not tracked");

	KUNIT_ASSERT_EQ(test, reserve_type(to + SZ_8K, SZ_8K, true), 0);
	KUNIT_EXPECT_EQ(test, move(test, &m, 1), -EBUSY);
	expect_moved(test, was, look_at(test, second, 0), 0);
	KUNIT_EXPECT_FALSE(test, free_of(from, SZ_4K, false));
	KUNIT_EXPECT_TRUE(test, free_of(to, SZ_4K, false));
	free_type(to + SZ_8K, SZ_8K);
	KUNIT_EXPECT_EQ(test, move(test, &m, 1), 2);
	KUNIT_EXPECT_EQ(test, look_at(test, first, 0).phys, to);
}

/* Its cache lines belong to the old place. */
static void cached_cannot(struct kunit *test)
{
	phys_addr_t from = place(test, SZ_16K), to = place(test, SZ_16K);
	struct pmb_move m = { from, to, SZ_16K };
	void __iomem *map = keep(test, ioremap_cache(from, SZ_4K));
	struct vm_struct *area = find_vm_area(plain(map));

	if (!cached(pte_val(*entry_at((unsigned long)map))))
		kunit_skip(test, "MTRRs make it uncached");

	KUNIT_EXPECT_EQ(test, move(test, &m, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, area->phys_addr, from);
}

/*
 * Two pages that may be read, and an offset where they differ.  The first one
 * must not be mapped by others, who would find themselves on the second.
 */
static bool find_two_pages(struct kunit *test, struct pmb_move *m, unsigned int *offset)
{
	const phys_addr_t rom = SZ_4G - SZ_64K;
	u8 __iomem *all;
	unsigned int at;

	if (!IS_ENABLED(CONFIG_X86)) {
		/* Identification registers of PL031 (clock) and PL011 (UART). */
		*m = (struct pmb_move) { 0x09010000, 0x09000000, PAGE_SIZE };
		*offset = 0xfe0;
		return of_machine_is_compatible("linux,dummy-virt");
	}

	all = keep(test, ioremap(rom, SZ_64K));
	for (at = PAGE_SIZE; at < SZ_64K; at++)
		if (readb(all + at) != readb(all + at % PAGE_SIZE))
			break;
	/* A mapping of the whole ROM would be in the way. */
	kunit_release_action(test, unmap, plain(all));
	*m = (struct pmb_move) { rom, rom + (at & PAGE_MASK), PAGE_SIZE };
	*offset = at % PAGE_SIZE;
	return at < SZ_64K;
}

/* Every CPU sees the new place, although it has just used the old one. */
static void every_cpu_sees_it(struct kunit *test)
{
	u8 __iomem *map, *from, *to;
	struct stop s = {};
	unsigned int at;
	struct pmb_move m;

	if (!find_two_pages(test, &m, &at))
		kunit_skip(test, "no two pages to read from");

	map = keep(test, ioremap(m.from, PAGE_SIZE));
	s.peek = map + at;
	s.follow = pmb_follow_prepare(&m, 1);
	if (s.follow == ERR_PTR(-EBUSY))
		kunit_skip(test, "somebody else has mapped more than the page");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s.follow);
	stop(&s);
	pmb_follow_finish(s.follow, false);
	KUNIT_ASSERT_EQ(test, s.ret, 1);

	from = keep(test, ioremap(m.from, PAGE_SIZE));
	to = keep(test, ioremap(m.to, PAGE_SIZE));
	KUNIT_EXPECT_NE(test, readb(from + at), readb(to + at));
	KUNIT_EXPECT_EQ(test, atomic_read(&s.sum_before),
			readb(from + at) * (int)num_online_cpus());
	KUNIT_EXPECT_EQ(test, atomic_read(&s.sum_after),
			readb(to + at) * (int)num_online_cpus());
}

#ifdef CONFIG_ARM64
/* A TLB may hold the entries of a contiguous group as one: they move as one. */
static void contiguous_group(struct kunit *test)
{
	phys_addr_t from = place(test, CONT_PTE_SIZE), to = place(test, CONT_PTE_SIZE);
	struct pmb_move m = { from, to, CONT_PTE_SIZE };
	void __iomem *map = keep(test, ioremap(from, CONT_PTE_SIZE));
	unsigned long addr = (unsigned long)map;
	unsigned int i;
	pte_t *entry;

	KUNIT_ASSERT_TRUE(test, IS_ALIGNED(addr, CONT_PTE_SIZE));
	entry = entry_at(addr);
	for (i = 0; i < CONT_PTES; i++) {
		pte_t cont = pte_mkcont(entry[i]);

		__set_pte(&entry[i], __pte(0));
		flush_tlb_kernel_range(addr + i * PAGE_SIZE, addr + (i + 1) * PAGE_SIZE);
		__set_pte(&entry[i], cont);
	}

	KUNIT_EXPECT_EQ(test, look_at(test, map, 0).size, CONT_PTE_SIZE);
	KUNIT_EXPECT_EQ(test, look_at(test, map, 3 * PAGE_SIZE).phys, from);
	KUNIT_EXPECT_EQ(test, move(test, &m, 1), 1);
	for (i = 0; i < CONT_PTES; i++) {
		KUNIT_EXPECT_TRUE(test, pte_valid_cont(entry[i]));
		KUNIT_EXPECT_EQ(test, PFN_PHYS(pte_pfn(entry[i])), to + i * PAGE_SIZE);
	}
}
#endif

static void listed(struct kunit *test)
{
	phys_addr_t at = place(test, SZ_16K);
	void __iomem *map = keep(test, ioremap(at + 0x1100, 0x1000));
	struct pmb_mapping *list;
	unsigned int nr, i, hits = 0;

	KUNIT_ASSERT_NOT_NULL(test, plain(map));
	KUNIT_ASSERT_EQ(test, pmb_follow_list(&list, &nr), 0);
	for (i = 0; i < nr; i++) {
		if (i)
			KUNIT_EXPECT_LE(test, list[i - 1].phys, list[i].phys);
		if (list[i].phys == at + SZ_4K && list[i].size == SZ_8K)
			hits++;
	}
	KUNIT_EXPECT_EQ(test, hits, 1);
	kvfree(list);
}

static int follow_init(struct kunit *test)
{
	if (!pmb_follow_supported())
		kunit_skip(test, "mappings cannot follow here");
	return 0;
}

static struct kunit_case follow_cases[] = {
	KUNIT_CASE(part_of_a_bar),
	KUNIT_CASE(entries_2m),
	KUNIT_CASE(entries_1g),
	KUNIT_CASE(large_entry_cannot),
	KUNIT_CASE(trade_places),
	KUNIT_CASE(undo),
	KUNIT_CASE(covers_more),
	KUNIT_CASE(forgotten_there),
	KUNIT_CASE(small_bars),
	KUNIT_CASE(half_made),
	KUNIT_CASE(come_and_go),
	KUNIT_CASE(other_type_there),
	KUNIT_CASE(cached_cannot),
	KUNIT_CASE(every_cpu_sees_it),
#ifdef CONFIG_ARM64
	KUNIT_CASE(contiguous_group),
#endif
	KUNIT_CASE(listed),
	{}
};

static struct kunit_suite follow_suite = {
	.name = "pci_movable_follow",
	.init = follow_init,
	.test_cases = follow_cases,
};

kunit_test_suite(follow_suite);

MODULE_DESCRIPTION("Tests of kernel mappings that follow a PCI BAR");
MODULE_LICENSE("GPL");
