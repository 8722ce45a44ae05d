// SPDX-License-Identifier: GPL-2.0
/*
 * Where everything shall be: w->best, which differs from w->at only in objects
 * that are listed as dirty.  So an attempt costs what it changes, however large
 * the tree is.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include "plan_internal.h"

/**
 * pmb_best_reset - everything shall be where it is
 * @w: the planner's memory
 */
void pmb_best_reset(struct pmb_work *w)
{
	u32 obj;

	while (w->nr_dirty) {
		obj = w->dirty[--w->nr_dirty];
		w->best[obj] = w->at[obj];
		w->is_dirty[obj] = false;
	}
}

/**
 * pmb_best_save - remember where everything shall be
 * @w: the planner's memory; what has been remembered before is lost
 */
void pmb_best_save(struct pmb_work *w)
{
	u32 i;

	for (i = 0; i < w->nr_dirty; i++) {
		w->saved_obj[i] = w->dirty[i];
		w->saved[i] = w->best[w->dirty[i]];
	}
	w->nr_saved = w->nr_dirty;
}

/**
 * pmb_best_restore - go back to what has been remembered
 * @w: the planner's memory
 */
void pmb_best_restore(struct pmb_work *w)
{
	u32 i;

	pmb_best_reset(w);
	for (i = 0; i < w->nr_saved; i++)
		pmb_set_best(w, w->saved_obj[i], &w->saved[i]);
}

/**
 * pmb_best_commit - what shall be becomes the base for what follows
 * @w: the planner's memory
 */
void pmb_best_commit(struct pmb_work *w)
{
	u32 i;

	w->steps += 1 + w->nr_dirty / 8;
	for (i = 0; i < w->nr_dirty; i++)
		w->at[w->dirty[i]] = w->best[w->dirty[i]];
	w->hull_stale = true;
	w->limits_stale = true;
	pmb_index_again(w);
	pmb_best_reset(w);
}
