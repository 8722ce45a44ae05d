/* SPDX-License-Identifier: GPL-2.0 */
/* What an event came to, in the kernel log. */
#ifndef _PCI_MOVABLE_REPORT_H
#define _PCI_MOVABLE_REPORT_H

#include "commit.h"
#include "plan.h"
#include "snapshot.h"

/**
 * struct pmb_event - one event, from trigger to result
 * @id: counted since boot
 * @trigger: word for what started it
 * @result: word for how it ended
 * @wanted: BARs without a place at the beginning
 * @plan_ns: time of the last planning
 * @pause_ns: longest pause of one driver
 * @attempts: plans that were tried
 * @earlier: what those of them did that are over
 * @returned: drivers that could resume at the last try only, see pmb_back()
 * @detached: drivers that could not resume and lost their device
 * @passes: what is left had to be left for reasons that pass
 */
struct pmb_event {
	u32 id;
	const char *trigger;
	const char *result;
	u32 wanted;
	u64 plan_ns;
	u64 pause_ns;
	u32 attempts;
	struct pmb_outcome earlier;
	u32 returned;
	u32 detached;
	bool passes;
};

void pmb_report_changes(const struct pmb_snapshot *snap, const struct pmb_plan *plan);
void pmb_report_uevents(const struct pmb_snapshot *snap, const struct pmb_plan *plan);
void pmb_report_details(const struct pmb_snapshot *snap, const struct pmb_plan *plan, int err);
#ifdef CONFIG_PCI_MOVABLE_KUNIT_TEST
void pmb_report_afresh(void);
#endif
void pmb_report_failure(const struct pmb_snapshot *snap, const struct pmb_outcome *outcome);
void pmb_report_summary(const struct pmb_snapshot *snap, const struct pmb_event *event,
			const struct pmb_plan *plan, const struct pmb_outcome *outcome,
			bool done);

#endif /* _PCI_MOVABLE_REPORT_H */
