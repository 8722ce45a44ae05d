// SPDX-License-Identifier: GPL-2.0
/* Dry runs on the running machine, which does not notice. */
#include <linux/err.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "../pci.h"
#include "dryrun.h"
#include "rescan.h"
#include "snapshot.h"

/**
 * pmb_dryrun_host - what would an event below one host bridge do?
 * @root: its root bus
 * @requests: as in request.c, one a line; there may be none
 * @sink: gets the lines of the answer, or what is wrong with the requests
 * @data: for @sink
 *
 * Context: may sleep; the caller holds pci_lock_rescan_remove().
 *
 * Return: as pmb_dryrun(), and as pmb_snapshot_take().
 */
int pmb_dryrun_host(struct pci_bus *root, const char *requests, pmb_text_sink sink,
		    void *data)
{
	struct pmb_snapshot *snap;
	int err;

	pci_assert_rescan_remove_locked();
	snap = pmb_snapshot_take(root, pmb_administrator());
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	err = pmb_dryrun(snap->layout, requests, sink, data);
	pmb_snapshot_free(snap);
	return err;
}

/* The host bridge at which they are understood, or are so the farthest, is meant. */
static struct pci_bus *host_for(const char *requests)
{
	struct pci_bus *root = NULL, *best = NULL;
	struct pmb_snapshot *snap;
	u64 far, farthest = 0;

	while ((root = pci_find_next_bus(root))) {
		snap = pmb_snapshot_take(root, pmb_administrator());
		if (IS_ERR(snap))
			continue;
		far = pmb_dryrun_fits(snap->layout, requests);
		pmb_snapshot_free(snap);
		if (!best || far > farthest) {
			best = root;
			farthest = far;
		}
	}
	return best;
}

/**
 * pmb_dryrun_machine - what would an event do?
 * @requests: as in request.c, one a line, all for one host bridge; without any,
 *	each host bridge is planned for as it is
 * @sink: gets the lines of the answer, or what is wrong with the requests
 * @data: for @sink
 *
 * Context: as pmb_dryrun_host().
 *
 * Return: as pmb_dryrun_host(); -ENODEV if there is no PCI bus.
 */
int pmb_dryrun_machine(const char *requests, pmb_text_sink sink, void *data)
{
	struct pci_bus *root = NULL;
	int err = -ENODEV;

	if (*skip_spaces(requests)) {
		root = host_for(requests);
		return root ? pmb_dryrun_host(root, requests, sink, data) : err;
	}
	while ((root = pci_find_next_bus(root))) {
		err = pmb_dryrun_host(root, requests, sink, data);
		if (err)
			return err;
	}
	return err;
}
