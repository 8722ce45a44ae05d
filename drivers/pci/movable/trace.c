// SPDX-License-Identifier: GPL-2.0
/* The tracepoints of movable BARs: /sys/kernel/tracing/events/pci_movable. */
#define CREATE_TRACE_POINTS
#include <trace/events/pci_movable.h>
