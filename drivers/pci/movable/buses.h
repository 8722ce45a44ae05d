/* SPDX-License-Identifier: GPL-2.0 */
/* Bus numbers: which are free behind a bridge, and which bridges grow for them. */
#ifndef _PCI_MOVABLE_BUSES_H
#define _PCI_MOVABLE_BUSES_H

#include "layout.h"

#define PMB_BUSES	256	/* bus numbers of a domain */

/**
 * struct pmb_bus_need - bus numbers that are asked for
 * @host: index of the host bridge
 * @bridge: index of the bridge behind which they are needed, which has numbers
 *	already; PMB_NONE: on the root bus of @host
 * @least: how many, in a row; at least 1
 * @most: as many are taken if they are free; nobody grows only for these; below
 *	@least: no more than @least
 * @taken: PMB_BUSES entries, true: this number is in use by what is no bridge
 *	of the layout (virtual functions, another host bridge); NULL: none is
 */
struct pmb_bus_need {
	u32 host;
	u32 bridge;
	u32 least;
	u32 most;
	const bool *taken;
};

/**
 * struct pmb_bus_answer - what came out
 * @first: first of the numbers found
 * @last: last of them; bridges above grow until here, see pmb_buses_grows()
 * @missing: so many lack; 0: @first and @last hold, and the rest means nothing
 * @ends_at: index of the bridge which cannot grow any further; PMB_NONE: the
 *	host bridge has no number left
 * @sibling: index of the bridge whose numbers are in the way of @ends_at;
 *	PMB_NONE: none
 * @stop: the first number that cannot be had
 */
struct pmb_bus_answer {
	u8 first;
	u8 last;
	u32 missing;
	u32 ends_at;
	u32 sibling;
	u32 stop;
};

int pmb_buses_find(const struct pmb_layout *layout, const struct pmb_bus_need *need,
		   struct pmb_bus_answer *answer);
u32 pmb_buses_grows(const struct pmb_layout *layout, u32 bridge, u8 last, u32 after);
int pmb_buses_assign(struct pmb_layout *layout, struct pmb_bus_need *need, bool spare,
		     struct pmb_bus_answer *answer);
void pmb_buses_explain(const struct pmb_layout *layout, const struct pmb_bus_need *need,
		       const struct pmb_bus_answer *answer, char *text, size_t len);

#endif /* _PCI_MOVABLE_BUSES_H */
