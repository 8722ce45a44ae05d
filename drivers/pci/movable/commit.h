/* SPDX-License-Identifier: GPL-2.0 */
/* Carries a plan out while every CPU stands still, or leaves all as it was. */
#ifndef _PCI_MOVABLE_COMMIT_H
#define _PCI_MOVABLE_COMMIT_H

#include "plan.h"
#include "snapshot.h"

/**
 * struct pmb_outcome - what a commit did
 * @error: 0, or why everything is as it was before
 * @writes: config writes done
 * @mappings: kernel mappings that followed
 * @gone: devices that did not answer any more, with all below them
 * @undo_failed: registers that did not take their old value back; a device with
 *	a BAR among them decodes nothing any more
 * @bad_dev: device whose register did not take its new value, %PMB_NONE: none
 * @bad_reg: that register
 * @stuck: BAR with a mapping that could not follow, %PMB_NONE: none
 * @held_ns: how long all CPUs stood still
 * @stop_ns: the whole stop, with the time to bring the CPUs together
 */
struct pmb_outcome {
	int error;
	u32 writes;
	u32 mappings;
	u32 gone;
	u32 undo_failed;
	u32 bad_dev;
	u16 bad_reg;
	u32 stuck;
	u64 held_ns;
	u64 stop_ns;
};

struct pmb_commit;

struct pmb_commit *pmb_commit_prepare(const struct pmb_snapshot *snap,
				      const struct pmb_plan *plan, u32 *stuck);
struct pmb_commit *pmb_commit_reverse(struct pmb_commit *done, u32 *stuck);
void pmb_commit_settle(struct pmb_commit *commit);
void pmb_commit_run(struct pmb_commit *commit, struct pmb_outcome *outcome);
void pmb_commit_free(struct pmb_commit *commit);
void pmb_outcome_add(struct pmb_outcome *sum, const struct pmb_outcome *more);
bool pmb_save_windows(struct pci_dev *dev);

#endif /* _PCI_MOVABLE_COMMIT_H */
