// SPDX-License-Identifier: GPL-2.0
/*
 * Bus numbers for bridges that are plugged in.
 *
 * A bridge owns the numbers from its secondary to its subordinate one, and the
 * bridges on the bus behind it own parts of that.  No number that is in use
 * ever changes.  What can change is the subordinate number of a bridge, upwards,
 * and with it those of the bridges above:
 *
 *	03 .. .. .. .. .. .. .. .. 0c		root port; 0d is the next one
 *	   04 .. .. .. .. .. .. 0b		switch behind it
 *	      05 06				slot 1: cannot grow, 07 is taken
 *	            07 08 -> -> -> ->		slot 2: 09 to 0c are free
 *
 * So a bridge can grow until the first number that belongs to somebody who is
 * not below it; numbers in which a bridge above ends are no obstacle, as that
 * one grows along.  All the way up that leaves a single limit, the lowest
 * number above its own which any such bridge has, or the end of the host.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include "buses.h"

static const struct pmb_bridge *pmb_bridge(const struct pmb_layout *layout, u32 nr)
{
	return &layout->bridges[nr];
}

static u32 pmb_parent(const struct pmb_layout *layout, u32 bridge)
{
	return layout->bridges[bridge].parent;
}

/* Numbers are given from 1 on, 0 is a root bus: a bridge with 0 has none. */
static bool pmb_has_buses(const struct pmb_bridge *bridge)
{
	return bridge->bus_first && bridge->bus_last >= bridge->bus_first;
}

/* Is a bridge @above, or somewhere behind it? */
static bool pmb_within(const struct pmb_layout *layout, u32 bridge, u32 above)
{
	while (bridge != PMB_NONE && bridge > above)
		bridge = pmb_parent(layout, bridge);
	return bridge == above;
}

static bool pmb_need_valid(const struct pmb_layout *layout, const struct pmb_bus_need *need)
{
	const struct pmb_bridge *bridge;

	if (need->host >= layout->nr_hosts || pmb_host_error(&layout->hosts[need->host]))
		return false;
	if (need->bridge == PMB_NONE)
		return true;
	if (need->bridge >= layout->nr_bridges)
		return false;
	bridge = pmb_bridge(layout, need->bridge);
	return bridge->host == need->host && pmb_has_buses(bridge);
}

/* The number up to which nobody at all has to grow. */
static u32 pmb_grows_from(const struct pmb_layout *layout, const struct pmb_bus_need *need)
{
	u32 last = layout->hosts[need->host].bus_last;
	u32 i;

	for (i = need->bridge; i != PMB_NONE; i = pmb_parent(layout, i))
		last = min_t(u32, last, pmb_bridge(layout, i)->bus_last);
	return last;
}

/* The bridge above that is on the same bus as the one in its way. */
static u32 pmb_beside(const struct pmb_layout *layout, u32 bridge, u32 sibling)
{
	u32 i;

	for (i = bridge; i != PMB_NONE; i = pmb_parent(layout, i)) {
		if (pmb_parent(layout, i) == pmb_parent(layout, sibling))
			return i;
	}
	return bridge;		/* firmware gave the same number twice */
}

static void pmb_stop_at(struct pmb_bus_answer *answer, u32 number, u32 ends_at, u32 sibling)
{
	if (number >= answer->stop)
		return;
	answer->stop = number;
	answer->ends_at = ends_at;
	answer->sibling = sibling;
}

/* Mark what is in use, and find the first number that cannot be grown into. */
static void pmb_mark_used(const struct pmb_layout *layout, const struct pmb_bus_need *need,
			  bool used[PMB_BUSES], struct pmb_bus_answer *answer)
{
	const struct pmb_host *host = &layout->hosts[need->host];
	u32 from = pmb_grows_from(layout, need);
	const struct pmb_bridge *bridge;
	u32 i, n;

	answer->stop = PMB_BUSES + 1;
	pmb_stop_at(answer, host->bus_last + 1, PMB_NONE, PMB_NONE);
	used[host->bus_first] = true;

	for (i = 0; i < layout->nr_bridges; i++) {
		bridge = pmb_bridge(layout, i);
		if (bridge->host != need->host || !pmb_has_buses(bridge))
			continue;
		used[bridge->bus_first] = true;
		if (need->bridge != PMB_NONE && pmb_within(layout, need->bridge, i))
			continue;

		for (n = bridge->bus_first; n <= bridge->bus_last; n++)
			used[n] = true;
		if (need->bridge == PMB_NONE || bridge->bus_last <= from ||
		    pmb_within(layout, i, need->bridge))
			continue;
		pmb_stop_at(answer, bridge->bus_first,
			    pmb_beside(layout, need->bridge, i), i);
	}

	for (n = 0; need->taken && n < PMB_BUSES; n++) {
		if (!need->taken[n])
			continue;
		if (n > from && !used[n])
			pmb_stop_at(answer, n, need->bridge, PMB_NONE);
		used[n] = true;
	}
}

/**
 * pmb_buses_find - find bus numbers behind a bridge
 * @layout: the layout, which pmb_layout_check() accepts; bridges without a
 *	secondary number (0) use none
 * @need: how many, and where
 * @answer: which, or why not
 *
 * The lowest numbers are taken which are free in a row on that bus.  If they
 * are not within the range of the bridge, @answer->last tells to which number
 * it and those above must grow; pmb_buses_grows() lists them.  No number that
 * is in use changes.  Neither sleeps nor allocates; the time is in proportion
 * to the number of bridges and the depth of the tree.
 *
 * Return: 0; -ENOSPC when there are not enough, @answer then tells how many
 * are missing and who is in the way; -EINVAL for a need that makes no sense,
 * among them one behind a bridge which has no numbers itself.
 */
int pmb_buses_find(const struct pmb_layout *layout, const struct pmb_bus_need *need,
		   struct pmb_bus_answer *answer)
{
	u32 first, from, n, run = 0, longest = 0;
	bool used[PMB_BUSES] = {};

	*answer = (struct pmb_bus_answer){ .ends_at = PMB_NONE, .sibling = PMB_NONE };
	if (!need->least || !pmb_need_valid(layout, need))
		return -EINVAL;
	pmb_mark_used(layout, need, used, answer);

	first = need->bridge == PMB_NONE ? layout->hosts[need->host].bus_first :
					   pmb_bridge(layout, need->bridge)->bus_first;
	for (n = first + 1; n < answer->stop; n++) {
		run = used[n] ? 0 : run + 1;
		longest = max(longest, run);
		if (run == need->least)
			break;
	}
	if (n >= answer->stop) {
		answer->missing = need->least - longest;
		return -ENOSPC;
	}

	answer->first = n - need->least + 1;
	from = pmb_grows_from(layout, need);
	while (run < need->most && n != from && n + 1 < answer->stop && !used[n + 1]) {
		run++;
		n++;
	}
	answer->last = n;
	return 0;
}

/**
 * pmb_buses_grows - go through the bridges whose subordinate number grows
 * @layout: the layout
 * @bridge: index of the bridge behind which there are new numbers; PMB_NONE: on
 *	the root bus, where nobody grows
 * @last: the last of them; the subordinate number that each one gets
 * @after: the one returned before; PMB_NONE: none yet
 *
 * From the root downwards, so that no bridge ever has a number which the one
 * above it has not.
 *
 * Return: index of the next one; PMB_NONE: there is none.
 */
u32 pmb_buses_grows(const struct pmb_layout *layout, u32 bridge, u8 last, u32 after)
{
	u32 i, top = PMB_NONE;

	for (i = bridge; i != PMB_NONE && i != after; i = pmb_parent(layout, i)) {
		if (pmb_bridge(layout, i)->bus_last < last)
			top = i;
	}
	return top;
}

/*
 * Numbers for all new bridges behind one, in three passes.  Parents come before
 * their children in the array, which saves a recursion:
 *
 *	count	upwards: how many does each new bridge need, for its own bus and
 *		for all behind it?
 *	give	downwards: each bus hands out what it has.  A bridge gets what it
 *		needs.  With numbers to spare each hot-plug bridge gets an equal
 *		share, and so does what leads to them: a bridge that is alone on
 *		its bus (the upstream port of a switch) gets everything.
 *	trim	upwards: no bridge but a hot-plug one keeps what nobody behind it
 *		has got.
 */
struct pmb_bus_share {
	u32 need;		/* as a bridge: own bus and all behind it; 0: not new */
	u32 rest;		/* as a bus: what its bridges still need */
	u32 bridges;		/* new ones on it */
	u32 hotplug;		/* those with a slot among them */
	u32 all;		/* numbers to hand out */
	u32 left;		/* of these */
	u32 next;		/* the next one */
	u32 last;		/* the last one in use */
};

/* The bus that a bridge is on; the root bus has the last entry. */
static struct pmb_bus_share *pmb_share(const struct pmb_layout *layout,
				       struct pmb_bus_share *share, u32 bridge)
{
	return &share[bridge == PMB_NONE ? layout->nr_bridges : bridge];
}

/* Is a bridge to be given numbers? Only new ones are between it and the bus then. */
static bool pmb_is_new(const struct pmb_layout *layout, const struct pmb_bus_need *need,
		       u32 nr)
{
	if (pmb_bridge(layout, nr)->host != need->host)
		return false;
	while (nr != PMB_NONE && nr != need->bridge && !pmb_bridge(layout, nr)->bus_first)
		nr = pmb_parent(layout, nr);
	return nr == need->bridge;
}

static void pmb_count_needs(const struct pmb_layout *layout,
			    const struct pmb_bus_need *need,
			    struct pmb_bus_share *share)
{
	struct pmb_bus_share *bus;
	u32 i;

	for (i = layout->nr_bridges; i-- > 0;) {
		if (i == need->bridge || !pmb_is_new(layout, need, i))
			continue;
		bus = pmb_share(layout, share, pmb_parent(layout, i));
		share[i].need = share[i].rest + 1;
		bus->rest += share[i].need;
		bus->bridges++;
		bus->hotplug += !!(pmb_bridge(layout, i)->flags & PMB_BRIDGE_HOTPLUG);
	}
}

/* How many numbers a bridge gets of the bus it is on. */
static u32 pmb_part(const struct pmb_bus_share *bus, u32 need, bool hotplug)
{
	if (bus->bridges == 1 && !bus->hotplug)
		return bus->left;
	if (!hotplug)
		return need;
	return clamp(bus->all / bus->hotplug, need, bus->left - (bus->rest - need));
}

static void pmb_give(struct pmb_layout *layout, struct pmb_bus_share *share)
{
	struct pmb_bus_share *bus;
	struct pmb_bridge *bridge;
	u32 i, part;

	for (i = 0; i < layout->nr_bridges; i++) {
		if (!share[i].need)
			continue;
		bridge = &layout->bridges[i];
		bus = pmb_share(layout, share, bridge->parent);
		part = pmb_part(bus, share[i].need, bridge->flags & PMB_BRIDGE_HOTPLUG);

		bridge->bus_first = bus->next;
		bridge->bus_last = bus->next + part - 1;
		bus->next += part;
		bus->left -= part;
		bus->rest -= share[i].need;

		share[i].next = bridge->bus_first + 1;
		share[i].all = part - 1;
		share[i].left = part - 1;
	}
}

static void pmb_trim(struct pmb_layout *layout, struct pmb_bus_share *share)
{
	struct pmb_bus_share *bus;
	struct pmb_bridge *bridge;
	u32 i;

	for (i = layout->nr_bridges; i-- > 0;) {
		if (!share[i].need)
			continue;
		bridge = &layout->bridges[i];
		if (!(bridge->flags & PMB_BRIDGE_HOTPLUG))
			bridge->bus_last = max_t(u32, bridge->bus_first, share[i].last);
		bus = pmb_share(layout, share, bridge->parent);
		bus->last = max_t(u32, bus->last, bridge->bus_last);
	}
}

/**
 * pmb_buses_assign - number the new bridges behind a bridge
 * @layout: the layout; bridges with the secondary number 0 are new. They get
 *	their numbers here, and the subordinate numbers of those above grow.
 * @need: where, and what is taken; how many is found out here
 * @spare: leave hot-plug bridges room for what is plugged in behind them later:
 *	each of them on a bus gets the same share of what is free
 * @answer: the numbers that were used, or why there are not enough; all 0 if
 *	there is no new bridge
 *
 * New bridges on the bus behind @need->bridge count, and new ones behind these;
 * one run of numbers is used for all.  @need->least is set to how many that
 * takes, and @need->most.  May sleep.
 *
 * Return: 0; -ENOSPC, -ENOMEM, or -EINVAL for a need that makes no sense;
 * nothing has changed then.
 */
int pmb_buses_assign(struct pmb_layout *layout, struct pmb_bus_need *need, bool spare,
		     struct pmb_bus_answer *answer)
{
	struct pmb_bus_share *share, *bus;
	int ret = 0;
	u32 i;

	*answer = (struct pmb_bus_answer){ .ends_at = PMB_NONE, .sibling = PMB_NONE };
	if (!pmb_need_valid(layout, need))
		return -EINVAL;
	share = kvcalloc(layout->nr_bridges + 1, sizeof(*share), GFP_KERNEL);
	if (!share)
		return -ENOMEM;

	bus = pmb_share(layout, share, need->bridge);
	pmb_count_needs(layout, need, share);
	need->least = bus->rest;
	need->most = spare ? PMB_BUSES : 0;
	if (need->least)
		ret = pmb_buses_find(layout, need, answer);
	if (need->least && !ret) {
		bus->next = answer->first;
		bus->all = answer->last - answer->first + 1;
		bus->left = bus->all;
		pmb_give(layout, share);
		pmb_trim(layout, share);
		answer->last = bus->last;
		for (i = need->bridge; i != PMB_NONE; i = pmb_parent(layout, i))
			layout->bridges[i].bus_last = max(layout->bridges[i].bus_last,
							  answer->last);
	}
	kvfree(share);
	return ret;
}

/**
 * pmb_buses_explain - say in words why there are no bus numbers
 * @layout: the layout
 * @need: what was asked for
 * @answer: of pmb_buses_find() or pmb_buses_assign(), which gave -ENOSPC
 * @text: where to put one line without an end-of-line character
 * @len: size of @text; 160 is enough
 */
void pmb_buses_explain(const struct pmb_layout *layout, const struct pmb_bus_need *need,
		       const struct pmb_bus_answer *answer, char *text, size_t len)
{
	const struct pmb_host *host = &layout->hosts[need->host];
	const struct pmb_bridge *sibling;
	size_t n;

	n = scnprintf(text, len, "%s: %u of %u bus numbers missing: ",
		      need->bridge == PMB_NONE ? host->name :
		      pmb_bridge(layout, need->bridge)->name,
		      answer->missing, need->least);
	if (answer->sibling != PMB_NONE) {
		sibling = pmb_bridge(layout, answer->sibling);
		scnprintf(text + n, len - n, "%s cannot grow, %s has %02x-%02x",
			  pmb_bridge(layout, answer->ends_at)->name, sibling->name,
			  sibling->bus_first, sibling->bus_last);
	} else if (answer->ends_at != PMB_NONE) {
		scnprintf(text + n, len - n, "%s cannot grow, %02x is in use",
			  pmb_bridge(layout, answer->ends_at)->name, answer->stop);
	} else {
		scnprintf(text + n, len - n, "the host bridge ends at %02x",
			  host->bus_last);
	}
}
