// SPDX-License-Identifier: GPL-2.0
/*
 * bars_movable and bars_policy in sysfs.
 * See Documentation/ABI/testing/sysfs-bus-pci-movable.
 */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/pci.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "../pci.h"
#include "enable.h"
#include "hand.h"
#include "rescan.h"
#include "snapshot.h"
#include "sysfs.h"

#define RETRY_MS	5

static const char * const words[] = {
	[PMB_HAND_AUTO] = "auto",
	[PMB_HAND_FIXED] = "fixed",
	[PMB_HAND_MOVABLE] = "movable",
};

/* Which of the first @nr words a text is, or -EINVAL. */
static int hand_from(const char *text, u32 nr)
{
	int found = __sysfs_match_string(words + PMB_HAND_AUTO, nr, text);

	return found < 0 ? found : found + PMB_HAND_AUTO;
}

/* How a BAR moves, or why it does not. */
static const char *word_of(struct pci_dev *dev, int resno, const struct pmb_uses *uses)
{
	const struct pmb_policy *policy = pmb_administrator();
	enum pmb_way way = pmb_way_of(dev, policy);
	enum pmb_why why;

	if (!pmb_enabled(dev->bus))
		return "off";
	why = pmb_why_fixed(dev, resno, way, uses, policy);
	return why == PMB_MAY_MOVE ? pmb_way_key(way) : pmb_why_key(why);
}

/**
 * pmb_sysfs_bars - which BARs of a device may move
 * @dev: the device
 * @buf: a page, for the words "NUMBER:WORD"
 *
 * Context: may sleep; takes the device lock; calls the driver's bar_fixed().
 *
 * Return: characters written, or -ENOMEM.
 */
int pmb_sysfs_bars(struct pci_dev *dev, char *buf)
{
	struct pmb_uses *uses = pmb_uses_find();
	int i, len = 0;

	if (!uses)
		return -ENOMEM;
	device_lock(&dev->dev);
	for (i = 0; i < PCI_BRIDGE_RESOURCES; i++) {
		const struct resource *res = &dev->resource[i];

		if (res->parent && (res->flags & (IORESOURCE_IO | IORESOURCE_MEM)))
			len += sysfs_emit_at(buf, len, "%s%d:%s", len ? " " : "", i,
					     word_of(dev, i, uses));
	}
	device_unlock(&dev->dev);
	pmb_uses_free(uses);
	len += sysfs_emit_at(buf, len, "\n");
	return len;
}

static ssize_t bars_movable_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return pmb_sysfs_bars(to_pci_dev(dev), buf);
}
static DEVICE_ATTR_RO(bars_movable);

/*
 * An event that is under way sees what was declared before or after it.  It cannot
 * be waited for here: who removes the device waits for the readers of its files.
 */
static int declare(u8 *policy, enum pmb_hand hand)
{
	if (!pci_trylock_rescan_remove()) {
		msleep(RETRY_MS);
		return restart_syscall();
	}
	WRITE_ONCE(*policy, hand);
	pci_unlock_rescan_remove();
	return 0;
}

static ssize_t bars_policy_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", words[pmb_hand_of(to_pci_dev(dev))]);
}

static ssize_t bars_policy_store(struct device *dev, struct device_attribute *attr,
				 const char *buf, size_t count)
{
	int hand = hand_from(buf, 3);

	if (hand < 0)
		return -EINVAL;
	return declare(&to_pci_dev(dev)->bars_policy, hand) ?: count;
}
static DEVICE_ATTR_RW(bars_policy);

static struct attribute *dev_attrs[] = {
	&dev_attr_bars_movable.attr,
	&dev_attr_bars_policy.attr,
	NULL,
};

const struct attribute_group pci_movable_dev_group = {
	.attrs = dev_attrs,
};

static struct pci_host_bridge *host_of(struct device *dev)
{
	return to_pci_host_bridge(to_pci_bus(dev)->bridge);
}

static ssize_t bus_policy_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  words[pmb_hand_off(host_of(dev)) ? PMB_HAND_FIXED : PMB_HAND_AUTO]);
}

static ssize_t bus_policy_store(struct device *dev, struct device_attribute *attr,
				const char *buf, size_t count)
{
	int hand = hand_from(buf, 2);

	if (hand < 0)
		return -EINVAL;
	return declare(&host_of(dev)->bars_policy, hand) ?: count;
}

static struct device_attribute dev_attr_bus_policy =
	__ATTR(bars_policy, 0644, bus_policy_show, bus_policy_store);

static struct attribute *bus_attrs[] = {
	&dev_attr_bus_policy.attr,
	NULL,
};

static umode_t bus_attr_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	return pci_is_root_bus(to_pci_bus(kobj_to_dev(kobj))) ? attr->mode : 0;
}

const struct attribute_group pci_movable_bus_group = {
	.attrs = bus_attrs,
	.is_visible = bus_attr_visible,
};
