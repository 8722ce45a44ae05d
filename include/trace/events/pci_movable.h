/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pci_movable

#if !defined(_TRACE_PCI_MOVABLE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_PCI_MOVABLE_H

#include <linux/tracepoint.h>

/* Some BAR below a host bridge is without a place. */
TRACE_EVENT(pci_movable_begin,
	TP_PROTO(u32 event, const char *trigger, const char *host, u32 wanted),
	TP_ARGS(event, trigger, host, wanted),
	TP_STRUCT__entry(
		__field(u32, event)
		__string(trigger, trigger)
		__string(host, host)
		__field(u32, wanted)
	),
	TP_fast_assign(
		__entry->event = event;
		__assign_str(trigger);
		__assign_str(host);
		__entry->wanted = wanted;
	),
	TP_printk("event=%u trigger=%s host=%s wanted=%u", __entry->event,
		  __get_str(trigger), __get_str(host), __entry->wanted)
);

/* A plan, or that there is none (error). */
TRACE_EVENT(pci_movable_plan,
	TP_PROTO(u32 event, int error, u32 placed, u32 unplaced, u32 moved, u32 windows,
		 u64 cost, u64 ns),
	TP_ARGS(event, error, placed, unplaced, moved, windows, cost, ns),
	TP_STRUCT__entry(
		__field(u32, event)
		__field(int, error)
		__field(u32, placed)
		__field(u32, unplaced)
		__field(u32, moved)
		__field(u32, windows)
		__field(u64, cost)
		__field(u64, ns)
	),
	TP_fast_assign(
		__entry->event = event;
		__entry->error = error;
		__entry->placed = placed;
		__entry->unplaced = unplaced;
		__entry->moved = moved;
		__entry->windows = windows;
		__entry->cost = cost;
		__entry->ns = ns;
	),
	TP_printk("event=%u error=%d placed=%u unplaced=%u moved=%u windows=%u cost=%llu ns=%llu",
		  __entry->event, __entry->error, __entry->placed, __entry->unplaced,
		  __entry->moved, __entry->windows, __entry->cost, __entry->ns)
);

/* A device that the plan needs cannot be had: locked, asleep, in recovery. */
TRACE_EVENT(pci_movable_busy,
	TP_PROTO(const char *dev, const char *what),
	TP_ARGS(dev, what),
	TP_STRUCT__entry(
		__string(dev, dev)
		__string(what, what)
	),
	TP_fast_assign(
		__assign_str(dev);
		__assign_str(what);
	),
	TP_printk("dev=%s what=%s", __get_str(dev), __get_str(what))
);

DECLARE_EVENT_CLASS(pci_movable_hook,
	TP_PROTO(const char *dev, const char *driver, int error, u64 ns),
	TP_ARGS(dev, driver, error, ns),
	TP_STRUCT__entry(
		__string(dev, dev)
		__string(driver, driver)
		__field(int, error)
		__field(u64, ns)
	),
	TP_fast_assign(
		__assign_str(dev);
		__assign_str(driver);
		__entry->error = error;
		__entry->ns = ns;
	),
	TP_printk("dev=%s driver=%s error=%d ns=%llu", __get_str(dev), __get_str(driver),
		  __entry->error, __entry->ns)
);

/* rescan_prepare() has returned; an error is a refusal.  Time in the hook. */
DEFINE_EVENT(pci_movable_hook, pci_movable_pause,
	TP_PROTO(const char *dev, const char *driver, int error, u64 ns),
	TP_ARGS(dev, driver, error, ns)
);

/* rescan_done() has returned.  Time since rescan_prepare() was called. */
DEFINE_EVENT(pci_movable_hook, pci_movable_resume,
	TP_PROTO(const char *dev, const char *driver, int error, u64 ns),
	TP_ARGS(dev, driver, error, ns)
);

/* A BAR has a place, or another one; from 0: its first. */
TRACE_EVENT(pci_movable_bar,
	TP_PROTO(const char *dev, u32 bar, u64 from, u64 to, u64 size),
	TP_ARGS(dev, bar, from, to, size),
	TP_STRUCT__entry(
		__string(dev, dev)
		__field(u32, bar)
		__field(u64, from)
		__field(u64, to)
		__field(u64, size)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->bar = bar;
		__entry->from = from;
		__entry->to = to;
		__entry->size = size;
	),
	TP_printk("dev=%s bar=%u from=%#llx to=%#llx size=%#llx", __get_str(dev),
		  __entry->bar, __entry->from, __entry->to, __entry->size)
);

/* A window of a bridge has changed; size 0: closed. */
TRACE_EVENT(pci_movable_window,
	TP_PROTO(const char *dev, const char *space, u64 from, u64 from_size, u64 to,
		 u64 to_size),
	TP_ARGS(dev, space, from, from_size, to, to_size),
	TP_STRUCT__entry(
		__string(dev, dev)
		__string(space, space)
		__field(u64, from)
		__field(u64, from_size)
		__field(u64, to)
		__field(u64, to_size)
	),
	TP_fast_assign(
		__assign_str(dev);
		__assign_str(space);
		__entry->from = from;
		__entry->from_size = from_size;
		__entry->to = to;
		__entry->to_size = to_size;
	),
	TP_printk("dev=%s space=%s from=%#llx+%#llx to=%#llx+%#llx", __get_str(dev),
		  __get_str(space), __entry->from, __entry->from_size, __entry->to,
		  __entry->to_size)
);

/* What was done has been undone, or a driver is on its way back. */
TRACE_EVENT(pci_movable_roll_back,
	TP_PROTO(const char *dev, const char *what),
	TP_ARGS(dev, what),
	TP_STRUCT__entry(
		__string(dev, dev)
		__string(what, what)
	),
	TP_fast_assign(
		__assign_str(dev);
		__assign_str(what);
	),
	TP_printk("dev=%s what=%s", __get_str(dev), __get_str(what))
);

TRACE_EVENT(pci_movable_end,
	TP_PROTO(u32 event, const char *result, u32 writes, u64 held_ns, u64 stop_ns,
		 u64 pause_ns),
	TP_ARGS(event, result, writes, held_ns, stop_ns, pause_ns),
	TP_STRUCT__entry(
		__field(u32, event)
		__string(result, result)
		__field(u32, writes)
		__field(u64, held_ns)
		__field(u64, stop_ns)
		__field(u64, pause_ns)
	),
	TP_fast_assign(
		__entry->event = event;
		__assign_str(result);
		__entry->writes = writes;
		__entry->held_ns = held_ns;
		__entry->stop_ns = stop_ns;
		__entry->pause_ns = pause_ns;
	),
	TP_printk("event=%u result=%s writes=%u held_ns=%llu stop_ns=%llu pause_ns=%llu",
		  __entry->event, __get_str(result), __entry->writes, __entry->held_ns,
		  __entry->stop_ns, __entry->pause_ns)
);

#endif /* _TRACE_PCI_MOVABLE_H */

#include <trace/define_trace.h>
