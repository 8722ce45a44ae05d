/* SPDX-License-Identifier: GPL-2.0 */
/* A driver that can be told to misbehave, and three of its devices in a row. */
#ifndef _PCI_MOVABLE_ACTOR_H
#define _PCI_MOVABLE_ACTOR_H

#include "mock_host.h"

#define ACTOR_ID	0x1010

/* Functions of the host that actor_host() makes. */
enum {
	ROW_PORT, ROW_UP, ROW_SLOT_A, ROW_SLOT_B, ROW_SLOT_C, ROW_SLOT,
	ROW_A, ROW_B, ROW_C, ROW_CARD, ROW_NR
};

#define ROW_LOW		0x80000000ULL
#define ROW_AT_A	(ROW_LOW + SZ_1M)
#define ROW_AT_B	(ROW_LOW + 3 * SZ_1M)
#define ROW_AT_C	(ROW_LOW + 5 * SZ_1M)

/**
 * struct actor - how the driver of one device behaves, and what it was asked
 * @regs: mapping of BAR 0; NULL while paused, or where MMIO is not emulated
 * @paused: between rescan_prepare() and the end of the pause
 * @refuse_after: rescan_prepare() refuses after so many; U32_MAX: never
 * @fail: so many calls of rescan_done() fail
 * @fail_unless_at: all fail but with BAR 0 at this address; 0: does not matter
 * @slow_ms: both hooks take so long
 * @lock: a device that somebody locks when bar_fixed() is called for this one,
 *	and that the test unlocks; NULL: none
 * @prepared: successful calls of rescan_prepare()
 * @resumed: successful calls of rescan_done()
 * @failed: failed calls of rescan_done() in this pause
 * @prepared_as: place of the last rescan_prepare() in the order of all calls
 * @resumed_as: the same of rescan_done()
 */
struct actor {
	void __iomem *regs;
	bool paused;
	u32 refuse_after;
	u32 fail;
	u64 fail_unless_at;
	u32 slow_ms;
	struct pci_dev *lock;
	u32 prepared;
	u32 resumed;
	u32 failed;
	u32 prepared_as;
	u32 resumed_as;
};

/**
 * struct actor_play - what all of them did
 * @calls: of hooks
 * @open: pauses that have not ended
 * @lost: pauses that ended with the last call allowed, which failed
 * @bad: calls against the contract
 * @probes: calls of probe()
 */
struct actor_play {
	u32 calls;
	u32 open;
	u32 lost;
	u32 bad;
	u32 probes;
};

extern struct actor_play actor_play;

void actor_register(struct kunit *test);
struct mock_host *actor_host(struct kunit *test, u64 span, u16 c_id);
struct actor *actor_of(struct mock_host *host, u32 fn);
bool actor_works(struct mock_host *host, u32 fn);
u64 actor_at(struct mock_host *host, u32 fn);
u32 actor_rescan(struct mock_host *host);
bool actor_log_has(const char *text);
void actor_expect_sane(struct mock_host *host, u32 from);
void actor_expect_at_rest(struct mock_host *host);

#endif /* _PCI_MOVABLE_ACTOR_H */
