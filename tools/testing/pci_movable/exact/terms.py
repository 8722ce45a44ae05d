# SPDX-License-Identifier: GPL-2.0
"""Terms of SMT-LIB 2, and how addresses and places become some.

A term is a string; True and False are terms, too. All addresses are bit vectors.
"""

from math import gcd


def text(term):
    return str(term).lower() if isinstance(term, bool) else term


def conj(*terms):
    terms = [t for t in terms if t is not True]
    if any(t is False for t in terms):
        return False
    return True if not terms else terms[0] if len(terms) == 1 else f"(and {' '.join(terms)})"


def disj(*terms):
    terms = [t for t in terms if t is not False]
    if any(t is True for t in terms):
        return True
    return False if not terms else terms[0] if len(terms) == 1 else f"(or {' '.join(terms)})"


def no(term):
    return not term if isinstance(term, bool) else f"(not {term})"


def at_most(a, b):
    return f"(bvule {a} {b})"


def inside(lo, hi, outer_lo, outer_hi):
    return conj(at_most(outer_lo, lo), at_most(hi, outer_hi))


def apart(a, b):
    return disj(at_most(a.hi, b.lo), at_most(b.hi, a.lo))


def weighted_sum(pairs, width):
    """The sum of the weights whose term holds."""
    terms = [f"(ite {text(term)} (_ bv{weight} {width}) (_ bv0 {width}))"
             for term, weight in pairs if term is not False]
    return f"(bvadd (_ bv0 {width}) {' '.join(terms)})" if terms else f"(_ bv0 {width})"


class Addresses:
    """One address space of one host bridge, made small: stretches in which
    there is nothing are cut out, by multiples of the largest alignment, and
    addresses are counted in the largest unit that divides all of them."""

    def __init__(self, ranges, aligns):
        coarse, used = max(aligns, default=1), []
        for lo, hi in sorted(ranges):
            lo, hi = lo // coarse * coarse, -(-hi // coarse) * coarse
            if used and lo <= used[-1][1]:
                used[-1][1] = max(used[-1][1], hi)
            else:
                used.append([lo, hi])
        self.unit = gcd(*aligns, *(edge for both in ranges for edge in both))
        self.runs, at = [], coarse
        for lo, hi in used:
            self.runs.append((lo, hi, at))
            at += hi - lo
        self.width = (at // self.unit).bit_length() + 1

    def units(self, size):
        return f"(_ bv{size // self.unit} {self.width})"

    def at(self, address):
        """The term for an address of the layout."""
        for lo, hi, new in self.runs:
            if lo <= address <= hi:
                return self.units(address - lo + new)
        raise ValueError(f"{address:#x} is nowhere")

    def back(self, lo, hi):
        """The addresses of the layout that a range of units stands for."""
        for first, last, new in self.runs:
            if new <= lo * self.unit < new + last - first:
                return lo * self.unit - new + first, hi * self.unit - new + first
        return None

    def free(self, name, align):
        """A multiple of align that may be chosen: (declaration, term). The
        highest bit is 0, so that no range wraps around."""
        zeros = (align // self.unit).bit_length() - 1
        word = f"(declare-const {name} (_ BitVec {self.width - 1 - zeros}))"
        return word, f"(concat #b0 {name}{f' (_ bv0 {zeros})' if zeros else ''})"

    def multiple(self, term, align):
        bits = (align // self.unit).bit_length() - 1
        return f"(= ((_ extract {bits - 1} 0) {term}) (_ bv0 {bits}))" if bits else True


class Thing:
    """A window (space and bridge are set) or a BAR (bar is set).

    It keeps the range that it had (keep), or is somewhere else or anew (new), or
    is nowhere; there: not nowhere. lo and hi say where; hi is the first address
    behind it. Where it was is (old_lo, old_hi)."""

    def __init__(self, name, host, bus, io, was):
        self.name, self.host, self.bus, self.io, self.was = name, host, bus, io, was
        self.space = self.bridge = self.bar = None
        self.may_be_new = self.may_go = True
        self.align, self.max, self.sizes = 1, (1 << 64) - 1, []

    def of_size(self, size):
        """R13: a Resizable BAR has this one of its sizes, not the smallest."""
        return f"{self.name}is{size.bit_length() - 1}" if len(self.sizes) > 1 else True

    def declare(self, space):
        """Names for what is open about it, and terms for where it is."""
        smt, self.new, self.keep = [], False, False
        if self.may_be_new:
            self.new = f"{self.name}new"
            word, self.lo = space.free(f"{self.name}lo", self.align)
            smt += [f"(declare-const {self.new} Bool)", word]
            smt += self.declare_end(space)
        if self.was:
            self.old_lo, self.old_hi = (space.at(edge) for edge in self.was)
            self.keep = no(self.new)
            if self.may_go:
                self.keep = f"{self.name}keep"
                smt += [f"(declare-const {self.keep} Bool)",
                        f"(assert (not (and {self.keep} {self.new})))"]
            if self.may_be_new:
                self.lo = f"(ite {self.new} {self.lo} {self.old_lo})"
                self.hi = f"(ite {self.new} {self.hi} {self.old_hi})"
            else:
                self.lo, self.hi = self.old_lo, self.old_hi
        self.there = disj(self.keep, self.new) if self.may_go else True
        return smt

    def declare_end(self, space):
        if not self.sizes:
            word, self.hi = space.free(f"{self.name}hi", self.align)
            return [word, f"(assert (bvult {self.lo} {self.hi}))"]
        smt, smallest = [], self.sizes[0]       # which it has unless another one is chosen
        self.hi = f"(bvadd {self.lo} {space.units(smallest)})"
        for size in self.sizes[1:]:
            name = self.of_size(size)
            smt += [f"(declare-const {name} Bool)",
                    f"(assert (=> {name} {text(space.multiple(self.lo, size))}))"]
            self.hi = f"(ite {name} (bvadd {self.lo} {space.units(size)}) {self.hi})"
        return smt
