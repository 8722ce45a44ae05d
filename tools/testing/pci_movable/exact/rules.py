# SPDX-License-Identifier: GPL-2.0
"""The rules that a plan obeys, as constraints for an SMT solver.

They stand here once. Nothing here knows how a plan is found: whatever is not
forbidden below is a plan. R1 to R13 are explained at the bottom. See terms.py for
what a Thing is, a window or a BAR, and what a term is.
"""

from terms import Addresses, Thing, apart, at_most, conj, disj, inside, no, text, weighted_sum

SPACES = ("io", "mem", "pref")
GIB4 = 1 << 32


class Rules:
    """All constraints for a layout: smt. Those BARs in unlocked may move whatever
    else is said about them, for nothing."""

    def __init__(self, layout, relaxed=False, unlocked=()):
        self.layout, self.relaxed, self.unlocked = layout, relaxed, set(unlocked)
        self.things, self.windows, self.bars, self.smt = [], {}, {}, []
        for bridge in layout.bridges.values():
            for window in bridge.windows.values():
                self.add_window(bridge, window)
        for bar in layout.bars:
            self.add_bar(bar)
        self.spaces = {key: self.addresses(*key)
                       for key in {(t.host, t.io) for t in self.things}}
        for thing in self.things:
            self.smt += thing.declare(self.spaces[thing.host, thing.io])
        for thing in self.things:
            self.rule(thing.keep, self.still_covered(thing),
                      no(self.prefetched(thing, thing.bus)))
            self.rule(thing.new, self.well_placed(thing))
            self.strict(thing)
        self.no_overlaps()
        self.whole_devices()

    def rule(self, condition, *terms):
        term = disj(no(condition), conj(*terms)) if condition is not False else True
        if term is not True:
            self.smt.append(f"(assert {text(term)})")

    # Who there is

    def add_window(self, bridge, window):
        thing = Thing(f"w{bridge.nr}{window.space}", bridge.dev.host, bridge.dev.above,
                      window.space == "io", window.was)
        thing.bridge, thing.space = bridge, window.space
        thing.align, thing.max = window.align, window.max               # R5
        self.things.append(thing)
        self.windows[bridge.name, window.space] = thing

    def add_bar(self, bar):
        thing = Thing(f"b{bar.nr}", bar.dev.host, bar.dev.above, bar.io, bar.was)
        thing.bar, thing.align, thing.sizes = bar, bar.align, [bar.size]
        if bar.io or not bar.is64:
            thing.max = GIB4 - 1                                        # R3
        if bar.wanted and bar.sizes:                                    # R13
            thing.sizes = [1 << n + 20 for n in range(44) if bar.sizes >> n & 1]
            thing.align = thing.sizes[0]
        thing.may_go = bar.was is None                                  # R2
        thing.may_be_new = bar.wanted and not bar.fixed                 # R1
        if bar.was:                                                     # R1, R8
            thing.may_be_new = bar.nr in self.unlocked or not (
                bar.fixed or bar.dev.way == "never" or "strict" in bar.words)
        if bar.was or thing.may_be_new:
            self.things.append(thing)
            self.bars[bar.nr] = thing

    # Where things may be

    def roots(self, host, io, spaces=SPACES):
        return [r for r in self.layout.roots
                if r.host == host and (r.space == "io") == io and r.space in spaces]

    def holes(self, host, io):
        """(lo, hi) of holes, as far as they are in root windows"""
        return [(max(h.lo, r.lo), min(h.hi, r.hi))
                for r in self.roots(host, io) for h in self.layout.holes
                if (h.host, h.io) == (host, io) and h.lo < r.hi and r.lo < h.hi]

    def addresses(self, host, io):
        here = [t for t in self.things if (t.host, t.io) == (host, io)]
        ranges = [t.was for t in here if t.was] + self.holes(host, io)
        ranges += [(r.lo, r.hi) for r in self.roots(host, io)]
        sizes = [size for t in here if t.may_be_new and len(t.sizes) > 1 for size in t.sizes]
        return Addresses(ranges, [t.align for t in here] + sizes)

    def window_holds(self, bridge, io, lo, hi, spaces=SPACES):
        """A window of a bridge is there, and around this range."""
        windows = [self.windows.get((bridge.name, space)) for space in spaces]
        return disj(*(conj(w.there, inside(lo, hi, w.lo, w.hi))
                      for w in windows if w and w.io == io))

    @staticmethod
    def window_held(bridge, thing):
        """The same of the layout as it was."""
        return any(w.was and (w.space == "io") == thing.io and w.was[0] <= thing.was[0] and
                   thing.was[1] <= w.was[1] for w in bridge.windows.values())

    def was_covered(self, thing, bridge):
        if bridge is None:
            return any(r.lo <= thing.was[0] and thing.was[1] <= r.hi
                       for r in self.roots(thing.host, thing.io))
        return self.window_held(bridge, thing) or (
            "transparent" in bridge.flags and self.was_covered(thing, bridge.dev.above))

    def is_covered(self, thing, bridge):
        """A thing is where it was. By R4 and R5 it may be outside of a transparent
        bridge's windows if it was before."""
        if bridge is None:
            return self.was_covered(thing, None)
        held = self.window_holds(bridge, thing.io, thing.old_lo, thing.old_hi)
        if "transparent" not in bridge.flags or self.window_held(bridge, thing):
            return held
        return disj(held, self.is_covered(thing, bridge.dev.above))

    def still_covered(self, thing):
        """R4, R5: whoever was reached is reached."""
        if not thing.was or not self.was_covered(thing, thing.bus):
            return True
        return self.is_covered(thing, thing.bus)

    def prefetched(self, thing, bridge):
        """D1: a thing that is not prefetchable is in a prefetchable window of the
        first bridge with a window around it, and was not."""
        if thing.io or not thing.was or not bridge or (
                thing.bar.pref if thing.bar else thing.space == "pref"):
            return False
        place, pref = (thing.old_lo, thing.old_hi), bridge.windows.get("pref")
        may = self.may_relax(thing, bridge) or (
            pref and pref.was and pref.was[0] <= thing.was[0] and thing.was[1] <= pref.was[1])
        here = not may and self.window_holds(bridge, False, *place, ["pref"])
        if "transparent" not in bridge.flags or self.window_held(bridge, thing):
            return conj(here, no(self.window_holds(bridge, False, *place, ["mem"])))
        return conj(no(self.window_holds(bridge, False, *place, ["mem"])), disj(
            here, conj(no(self.window_holds(bridge, False, *place)),
                       self.prefetched(thing, bridge.dev.above))))

    def may_relax(self, thing, bridge):
        """R4: 64-bit BARs in 64-bit prefetchable windows, if the option says so."""
        if not self.relaxed or not thing.bar or not thing.bar.is64:
            return False
        pref = bridge and bridge.windows.get("pref")
        return not bridge or bool(pref and pref.max >= GIB4 and "pcie" in bridge.flags)

    def suitable(self, thing):
        """R4, R5: kinds of windows that take this thing."""
        space = thing.space
        if thing.bar:
            space = "io" if thing.io else "pref" if thing.bar.pref else "mem"
            if space == "mem" and self.may_relax(thing, thing.bus):
                space = "pref"
        return {"io": ["io"], "mem": ["mem"], "pref": ["mem", "pref"]}[space]

    def well_placed(self, thing):
        """R3, R4, R5, R7: of a thing that is where it was not."""
        if thing.new is False:
            return False
        space = self.spaces[thing.host, thing.io]
        rules = [disj(at_most(thing.hi, space.at(lo)), at_most(space.at(hi), thing.lo))
                 for lo, hi in self.holes(thing.host, thing.io)]
        if thing.bus is None:
            return conj(*rules, self.in_root(thing, self.suitable(thing)))
        rules.append(self.window_holds(thing.bus, thing.io, thing.lo, thing.hi,
                                       self.suitable(thing)))
        bridge = thing.bus if thing.bar else None
        while bridge:                   # nobody further up may cut a BAR off
            if "transparent" not in bridge.flags:
                rules.append(self.window_holds(bridge, thing.io, thing.lo, thing.hi))
            bridge = bridge.dev.above
        return conj(*rules, self.in_root(thing, SPACES))

    def in_root(self, thing, spaces):
        """The root window tells the bus address, which is aligned and not too high."""
        space, found = self.spaces[thing.host, thing.io], []
        for root in self.roots(thing.host, thing.io, spaces):
            top = min(root.hi, root.lo + thing.max + 1 - (root.lo - root.offset) % (1 << 64))
            if top <= root.lo or root.offset % thing.align:
                continue
            found.append(conj(inside(thing.lo, thing.hi, space.at(root.lo), space.at(top)),
                              *(no(thing.of_size(size)) for size in thing.sizes[1:]
                                if root.offset % size)))
        return disj(*found)

    def strict(self, thing):
        """R8: windows around a strict BAR hold what they held."""
        bridge = thing.bus if thing.was and thing.bar and "strict" in thing.bar.words else None
        while bridge:
            for window in bridge.windows.values():
                if (window.space == "io") == thing.io and window.was and \
                   window.was[0] <= thing.was[0] and thing.was[1] <= window.was[1]:
                    now = self.windows[bridge.name, window.space]
                    self.rule(thing.keep, now.there,
                              inside(now.old_lo, now.old_hi, now.lo, now.hi))
            bridge = bridge.dev.above

    def no_overlaps(self):
        """R6: whoever answers on a bus is apart from the others, unless both are
        as they were. What is outside of the windows of a transparent bridge
        answers on the next bus, too."""
        buses = {}
        for thing in self.things:
            bus, there = thing.bus, thing.there
            while there is not False:
                key = thing.host, thing.io, bus.name if bus else None
                buses.setdefault(key, []).append((there, thing))
                if bus is None or thing.keep is False or "transparent" not in bus.flags:
                    break
                there = conj(there, thing.keep, self.is_covered(thing, thing.bus),
                             no(self.window_holds(bus, thing.io, thing.old_lo, thing.old_hi)))
                bus = bus.dev.above
        for present in buses.values():
            for i, (there, thing) in enumerate(present):
                for also_there, other in present[:i]:
                    self.rule(conj(there, also_there, disj(no(thing.keep), no(other.keep))),
                              apart(thing, other))
                    both = conj(there, also_there, thing.keep, other.keep)
                    self.no_shadow(both, thing, other)
                    self.no_shadow(both, other, thing)

    def no_shadow(self, both, window, other):
        """D2: where a window and something else overlap as they did, there is
        nothing new behind that window."""
        if not window.space or not window.was or not other.was:
            return
        lo, hi = (f(a, b) for f, a, b in zip((max, min), window.was, other.was))
        if lo >= hi:
            return
        space = self.spaces[window.host, window.io]
        for thing in self.things:
            bridge = thing.bus
            while bridge and bridge is not window.bridge:
                bridge = bridge.dev.above
            if bridge and thing.io == window.io:
                self.rule(conj(both, thing.new), disj(at_most(thing.hi, space.at(lo)),
                                                      at_most(space.at(hi), thing.lo)))

    def whole_devices(self):
        """R9: all wanted memory BARs of a device, or none; I/O BARs after them."""
        for dev in self.layout.devs.values():
            wanted = [bar for bar in self.layout.bars if bar.dev is dev and bar.wanted]
            memory = [self.placed(bar) for bar in wanted if not bar.io]
            for one in memory:
                self.rule(one, *memory)
            for bar in wanted:
                if bar.io:
                    self.rule(self.placed(bar), *memory)

    # What a plan is judged by

    def placed(self, bar):
        return self.bars[bar.nr].there if bar.nr in self.bars else False

    def unplaced(self):
        """R9: how many required BARs have no place, in 32 bits"""
        return weighted_sum([(no(self.placed(bar)), 1) for bar in self.layout.bars
                             if bar.wanted], 32)

    def cost(self):
        """R10: the sum of the costs of all devices with a moved BAR, in 40 bits"""
        moved = [(disj(*(self.bars[bar.nr].new for bar in self.layout.bars
                         if bar.dev is dev and bar.was and bar.nr not in self.unlocked)),
                  dev.cost) for dev in self.layout.devs.values()]
        return weighted_sum(moved, 40)


# R1  fixed BARs, and those of devices that never move, stay; wanted ones get no place
# R2  nothing that has a place loses it or changes its size
# R3  a BAR is aligned, as CPUs and as the bus see it, and within reach of its register
# R4  kinds of windows a BAR may be in
# R5  windows: granularity, highest address, inside of which window above
# R6  nobody overlaps anybody on one bus
# D1  nothing gets into a prefetchable window by staying where it is
# D2  nothing new where others overlap further up
# R7  nothing new on a hole
# R8  strict BARs stay, and their windows only grow
# R9  whole devices
# R10 the cost
# R13 a wanted Resizable BAR has one of its sizes, aligned to it
