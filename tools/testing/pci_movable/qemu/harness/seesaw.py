# SPDX-License-Identifier: GPL-2.0
"""
A machine on which cards push running devices to and fro, as often as needed.

What is below root port A, in MiB, between two walls that no card can shift:

     0   1   2   3   4   5   6   7   8   9  10
    |      long arm, 7          |pole| short, 3 |     wall: the root bus's own BARs
    ^wall: a BAR below switch B

Pole and wall are BARs of virtio-net, whose driver has no hooks. Each mover (a
function or several in one slot, 1 MiB) is in one of the arms.

  forth:  a card of 7 MiB fits into the long arm only, and needs all of it:
          the movers have to go to the short one.
  back:   without that card a filler takes as much of the long arm as leaves
          place for the movers; then a card of 3 MiB comes, which needs all of
          the short arm: the movers have to go back.

The cards are edu functions, 1 MiB of 32-bit memory each. A way forth or back is
one move of every BAR of the movers; no other way out exists.

WIDE has three slots of movers and 5 MiB in the short arm. There, too, all of them have to
go forth; back one may stay, as the filler can move instead.
"""

from typing import NamedTuple

from . import machine, pci


class Shape(NamedTuple):
    """Ports of switch A with their slots, what is in which, MiB in the arms."""
    ports: int
    pole: str
    movers: tuple
    filler: tuple = ("sa.2", 12)
    short: tuple = ("sa.0", 10)
    long_mib: int = 7
    short_mib: int = 3


NORMAL = Shape(5, "sa.1", ("sa.3", "sa.4"))
WIDE = Shape(6, "sa.2", ("sa.3", "sa.4", "sa.5"), filler=("sa.1", 11), short_mib=5)


def arguments(movers, shape=NORMAL):
    """QEMU arguments; @movers: those of the devices on the movers' ports, a list a port."""
    args = machine.root_port("rpa", slot=1, addr="4") + machine.root_port("rpb", slot=2, addr="5")
    args += machine.switch("sa", "rpa", slot=10, ports=shape.ports)
    args += machine.switch("sb", "rpb", slot=20, ports=shape.ports)
    args += machine.device("virtio-net-pci", id="pole", bus=shape.pole, romfile="")
    args += machine.device("virtio-net-pci", id="wall", bus="sb.0", romfile="")
    for words in movers:
        args += words
    return args


class Seesaw:
    """@ids: QEMU's names of the movers, @slots: how many slots they are in."""

    def __init__(self, ctx, vm, ids, slots=1, shape=NORMAL):
        self.shape = shape
        self.ctx, self.vm, self.ids, self.slots = ctx, vm, list(ids), slots
        self.cards = {}
        self.moves = 0
        self.events = []
        self.number = 0

    # Cards

    def _plug(self, port, slot, count):
        self.number += 1
        name = f"card{self.number}f"
        devices = machine.edu_functions(count, name)
        since = self.vm.plug(port, slot, devices)
        self.cards[slot] = [d["id"] for d in devices]
        return since

    def _unplug(self, slot):
        if slot in self.cards:
            self.vm.unplug(slot, self.cards.pop(slot))

    def places(self):
        tree = self.vm.tree()
        return {i: tree.bars(i) for i in self.ids}

    def unplaced(self):
        """BARs of the cards that are in and are not decoded."""
        ids = [i for some in self.cards.values() for i in some]
        tree = self.vm.tree()
        # one that was enabled without BARs has to be asked anew
        files = " ".join(f"/sys/bus/pci/devices/{tree.find(i).bdf}/enable" for i in ids)
        self.vm.sh(f"for f in {files}; do while [ $(cat $f) -gt 0 ]; do echo 0 > $f; done; "
                   "echo 1 > $f; done 2>/dev/null; true")
        tree = self.vm.tree()
        return [f"{i} {r}" for i in ids for r in tree.undecoded(i)]

    # Moves

    def push(self, way):
        """Plugs the card that leaves no other way; the position in the log before."""
        if way == "forth":
            since = self._plug(*self.shape.filler, self.shape.long_mib)
        else:
            since = self._plug(*self.shape.short, self.shape.short_mib)
        self.events += pci.summaries(self.vm.console(since))
        return since

    def _push_all(self, way):
        """The same; what is wrong afterwards, as a list."""
        before = self.places()
        events = pci.summaries(self.vm.console(self.push(way)))
        after = self.places()
        if not self.ctx.patched:
            return []
        wrong = self.unplaced()
        for i in self.ids:
            if any(after[i].get(n) in (None, old) for n, old in before[i].items()):
                wrong.append(f"{i}: {before[i]} -> {after[i]}")
        if len(events) != 1 or events[0].get("result") != "ok":
            wrong.append(f"{[e['line'] for e in events]}")
        if not wrong:
            self.moves += 1
        return wrong

    def clear(self):
        """All cards out."""
        for slot in list(self.cards):
            self._unplug(slot)

    def ready(self, way):
        """All that comes before the card which pushes."""
        self.clear()
        if way == "back":
            self._plug(*self.shape.filler, self.shape.long_mib - self.slots)

    def forth(self):
        self.ready("forth")
        return self._push_all("forth")

    def back(self):
        self.ready("back")
        return self._push_all("back")

    def swing(self, times):
        """@times ways, forth and back in turn; what was wrong."""
        wrong = []
        for i in range(times):
            wrong += [f"way {i}: {w}" for w in (self.back() if i & 1 else self.forth())]
        return wrong

    def paused(self, on):
        """Whether drivers that could be moved live are paused, from now on."""
        if self.ctx.patched:
            self.vm.sh(f"echo {'Y' if on else 'N'} > "
                       "/sys/module/pci_movable/parameters/force_pause")
