/* SPDX-License-Identifier: GPL-2.0 */
/* Topologies that several tests use, and what must hold after every event. */
#ifndef _PCI_MOVABLE_MOCK_SCENE_H
#define _PCI_MOVABLE_MOCK_SCENE_H

#include "mock_driver.h"
#include "mock_host.h"

#define SCENE_LOW	0x80000000ULL
#define SCENE_HIGH	0x1000000000ULL
#define SCENE_PORTS	0x4000ULL

/*
 * A switch whose windows are just large enough for what firmware found, with
 * room behind:
 *
 *    root    [---------------------- 256 MiB, and 1 GiB above 4 GiB -----]
 *    port      [-- 4 MiB --]     prefetchable [-- 8 MiB --]
 *    up        [-- 4 MiB --]                  [-- 8 MiB --]
 *    slots     [0][1][2][3]                   [0 ][1 ][2 ][3 ]
 *
 * The drive is in slot 0; the card, card 2 and a hub with a card of its own can
 * be plugged into the others.
 */
enum scene_switch {
	PORT, UP, SLOT0, SLOT1, SLOT2, SLOT3, DRIVE, CARD, CARD2, HUB, HUB_DOWN, HUB_CARD, NR
};

/*
 * One of two running devices has to move, so that there are 2 MiB in a row:
 *
 *    80000000    80100000    80200000    80300000    80400000
 *    | port, up -------------------------------------|       end of the root
 *    |           | slot0, A  | slot1, B  |           |       before
 *    | slot2, card           | slot1, B  | slot0, A  |       A moved
 *    | slot1, B  | slot0, A  | slot2, card           |       B moved
 *
 * With TIGHT_PORTS there is the same once more in I/O space, a page for a MiB.
 */
enum scene_tight { T_PORT, T_UP, T_SLOT0, T_SLOT1, T_SLOT2, T_A, T_B, T_CARD, T_NR };

#define T_VFS		4	/* virtual functions, T_NR and following */

/* What else A has */
#define TIGHT_PORTS	BIT(0)	/* and B, and the card: I/O ports */
#define TIGHT_ROM	BIT(1)
#define TIGHT_SRIOV	BIT(2)
#define TIGHT_MSIX	BIT(3)
#define TIGHT_FLR	BIT(4)
#define TIGHT_PM	BIT(5)
#define TIGHT_TABLE	BIT(6)	/* MSI-X with its table in another BAR, of 2 MiB, that can stay */

/* Events, and what was said about them */
u32 scene_begin(struct mock_host *host);
u32 scene_rescan(struct mock_host *host);
u32 scene_event(struct mock_host *host, const struct mock_fault *faults, u32 nr);
int scene_force(struct mock_host *host, u32 fn, u32 bars, u32 *from);
bool scene_log_has(const char *text);
long long scene_told(const char *key);

/* How things are */
u64 scene_start(struct mock_host *host, u32 fn, int bar);
bool scene_placed(struct mock_host *host, u32 fn, int bar);
void scene_attach(struct mock_host *host, u32 fn);
void scene_wait_detached(struct mock_host *host, u32 fn);
void scene_power_lost(struct mock_host *host, u32 top);
void scene_restore(struct mock_host *host, u32 top);
void scene_expect_sane(struct mock_host *host, u32 from);
void scene_expect_truth(struct mock_host *host, u32 from);
void scene_expect_all_work(struct mock_host *host);
void scene_expect_untouched(struct mock_host *host, u32 fn, u32 from, u64 start);

/* The switch */
struct mock_desc *scene_switch_desc(struct kunit *test);
struct mock_host *scene_switch_at(struct kunit *test, struct mock_desc *desc,
				  const struct pmb_root *roots, u32 nr_roots);
struct mock_host *scene_switch_of(struct kunit *test, struct mock_desc *desc);
struct mock_host *scene_switch(struct kunit *test);
struct mock_host *scene_switch_strict(struct kunit *test);

/* The tight one */
struct mock_host *scene_tight(struct kunit *test, u16 a, u16 b, u32 flags);
struct mock_host *scene_tight_moved(struct kunit *test, u32 flags);
void scene_expect_a_moves(struct mock_host *host);
void scene_expect_a_at(struct mock_host *host, u64 addr);
void scene_expect_a_moved(struct mock_host *host, u32 from);
void scene_expect_nothing_moved(struct mock_host *host, u32 from);
void scene_expect_in_vain(struct mock_host *host, u32 from, u32 prepared);

#endif /* _PCI_MOVABLE_MOCK_SCENE_H */
