/* SPDX-License-Identifier: GPL-2.0 */
/* What would an event do? */
#ifndef _PCI_MOVABLE_DRYRUN_H
#define _PCI_MOVABLE_DRYRUN_H

#include "text.h"

struct pci_bus;

u64 pmb_dryrun_fits(const struct pmb_layout *layout, const char *requests);
int pmb_dryrun(struct pmb_layout *layout, const char *requests, pmb_text_sink sink, void *data);

/* dryrun_bus.c */
int pmb_dryrun_host(struct pci_bus *root, const char *requests, pmb_text_sink sink,
		    void *data);
int pmb_dryrun_machine(const char *requests, pmb_text_sink sink, void *data);

#endif /* _PCI_MOVABLE_DRYRUN_H */
