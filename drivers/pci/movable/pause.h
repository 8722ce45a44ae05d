/* SPDX-License-Identifier: GPL-2.0 */
/* The driver contract: who is woken, locked, paused, and let go again. */
#ifndef _PCI_MOVABLE_PAUSE_H
#define _PCI_MOVABLE_PAUSE_H

#include "plan.h"
#include "snapshot.h"

struct pmb_pause;

struct pmb_pause *pmb_pause_alloc(struct pmb_snapshot *snap, const struct pmb_policy *policy);
void pmb_pause_free(struct pmb_pause *pause);
int pmb_pause_hold(struct pmb_pause *pause, const struct pmb_plan *plan);
int pmb_pause_drivers(struct pmb_pause *pause);
u32 pmb_pause_resume(struct pmb_pause *pause);
bool pmb_pause_failed(const struct pmb_pause *pause, u32 dev);
void pmb_pause_finish(struct pmb_pause *pause);
void pmb_pause_release(struct pmb_pause *pause);
u32 pmb_pause_returned(const struct pmb_pause *pause);
u32 pmb_pause_lost(const struct pmb_pause *pause);
u64 pmb_pause_longest_ns(const struct pmb_pause *pause);

#endif /* _PCI_MOVABLE_PAUSE_H */
