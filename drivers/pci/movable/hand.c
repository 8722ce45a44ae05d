// SPDX-License-Identifier: GPL-2.0
/*
 * What the administrator has declared by hand, for a device or a host bridge.
 *
 *	bars_policy in sysfs	if something has been written there
 *	boot parameters		otherwise; also for devices that are not there yet
 *
 * "fixed" always counts.  "movable" overrides caution alone: firmware might use a
 * device on a root bus, or what it has placed at boot.  It never overrides what
 * is known: a driver that does not allow it, a mapping, a wire.
 */
#define pr_fmt(fmt) "pci_movable: " fmt

#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../pci.h"
#include "hand.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "pci_movable."

#define SEPARATORS	",;"

static char *fixed;
module_param(fixed, charp, 0444);
MODULE_PARM_DESC(fixed, "devices whose BARs may not move, as in pci=");

static char *movable;
module_param(movable, charp, 0444);
MODULE_PARM_DESC(movable, "devices whose BARs may move though firmware may use them, as in pci=");

static char *fixed_hosts;
module_param(fixed_hosts, charp, 0444);
MODULE_PARM_DESC(fixed_hosts, "host bridges, by domain:bus, below which nothing may move");

static bool names_dev(const char *word, void *dev)
{
	int ret = pci_dev_str_match(dev, word, &word);

	if (ret < 0 || *word)
		pr_warn_once("boot parameters: a device cannot be understood\n");
	return ret > 0 && !*word;
}

static bool names_host(const char *word, void *name)
{
	return !strcmp(word, name);
}

/* Without memory it is taken for named: fixed is the safe side. */
static bool is_listed(const char *list, bool (*names)(const char *word, void *what), void *what,
		      bool in_doubt)
{
	bool found = false;

	while (list && *list && !found) {
		size_t len = strcspn(list, SEPARATORS);
		char *word = kmemdup_nul(list, len, GFP_KERNEL);

		if (!word)
			return in_doubt;
		found = len && names(word, what);
		kfree(word);
		list += len;
		list += strspn(list, SEPARATORS);
	}
	return found;
}

/**
 * pmb_hand_of - what has been declared for a device
 * @dev: the device
 *
 * Context: may sleep.
 *
 * Return: never %PMB_HAND_BOOT.
 */
enum pmb_hand pmb_hand_of(struct pci_dev *dev)
{
	enum pmb_hand hand = READ_ONCE(dev->bars_policy);

	if (hand != PMB_HAND_BOOT)
		return hand;
	if (is_listed(fixed, names_dev, dev, true))
		return PMB_HAND_FIXED;
	if (is_listed(movable, names_dev, dev, false))
		return PMB_HAND_MOVABLE;
	return PMB_HAND_AUTO;
}

/**
 * pmb_hand_off - is the engine switched off below a host bridge?
 * @host: the host bridge
 *
 * Context: may sleep.
 *
 * Return: true if it is.
 */
bool pmb_hand_off(struct pci_host_bridge *host)
{
	enum pmb_hand hand = READ_ONCE(host->bars_policy);
	char name[16];

	if (hand != PMB_HAND_BOOT)
		return hand == PMB_HAND_FIXED;
	snprintf(name, sizeof(name), "%04x:%02x", pci_domain_nr(host->bus), host->bus->number);
	return is_listed(fixed_hosts, names_host, name, true);
}
