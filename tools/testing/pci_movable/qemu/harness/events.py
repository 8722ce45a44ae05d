# SPDX-License-Identifier: GPL-2.0
"""
Random events on a machine with slots: cards come and go, the tree is rescanned, drivers
leave and return, functions and buses are reset. One seed, one sequence.
"""

import random

from .vm import VmError

MIB = (1, 2, 4, 8, 16, 32, 64)
PLUG, UNPLUG = "plug", "unplug"
# Half of the events are about slots, for they are what moves things.
WEIGHTS = {PLUG: 30, UNPLUG: 22, "both": 6, "rescan": 10, "rescan_bus": 6, "rescan_device": 6,
           "again": 6, "driver": 8, "reset": 8, "pausing": 4, "forced": 12}
FORCE = "/sys/kernel/debug/pci_movable/force_move"


class Events:
    """
    @slots: slot number -> port, empty at first; @idle: names of devices nobody uses,
    whose drivers may leave; @busy: names of drives under I/O, that are reset only;
    @image: path of what hot-added drives contain.
    """

    def __init__(self, vm, seed, slots, idle, busy, image):
        self.vm, self.rng, self.slots = vm, random.Random(seed), slots
        self.idle, self.busy, self.image = list(idle), list(busy), image
        self.cards = {}         # slot -> names of its functions
        self.kind = {}          # name -> driver model in QEMU
        self.unbound = {}       # name -> driver to give back
        self.number = self.drives = 0
        self.paused = False

    # Parts

    def of_kind(self, *models):
        return [n for names in self.cards.values() for n in names if self.kind[n] in models]

    def driverless(self):
        return self.of_kind("pci-testdev", "edu")

    def path(self, name):
        return f"/sys/bus/pci/devices/{self.vm.tree().find(name).bdf}"

    def card(self):
        """device_add arguments of a random card, function 0 last; what it is."""
        self.number += 1
        name, rng = f"c{self.number}", self.rng
        pick = rng.random()
        if pick < 0.30:
            size = rng.choice(MIB)
            return [{"driver": "pci-testdev", "id": name, "membar": f"{size}M"}], f"{size} MiB"
        if pick < 0.75:
            count = rng.randrange(1, 8)
            return [{"driver": "edu", "id": f"{name}f{f}", "addr": f"0.{f}",
                     "multifunction": True} for f in reversed(range(count))], f"{count} edu"
        if pick < 0.87:
            return [{"driver": "e1000e", "id": name, "romfile": ""}], "network card"
        return [{"driver": "nvme", "id": name, "serial": name, "drive": self.medium()}], "drive"

    def medium(self):
        """A node of its own for a drive that comes; QEMU lets each be used once."""
        self.drives += 1
        node = f"hot{self.drives}"
        self.vm.qmp("blockdev-add", driver="raw", **{
            "node-name": node, "read-only": True,
            "file": {"driver": "file", "filename": self.image, "locking": "off",
                     "read-only": True}})
        return node

    def settle(self):
        """Cards without driver decode; one that was left out has to be asked anew."""
        names = self.driverless()
        if not names:
            return
        tree = self.vm.tree()
        poor = {n for n in names if tree.undecoded(n, io=False)}
        files = " ".join(f"/sys/bus/pci/devices/{tree.find(n).bdf}/enable" for n in poor)
        self.vm.sh(f"for f in {files}; do while [ $(cat $f) -gt 0 ]; do echo 0 > $f; done; "
                   "echo 1 > $f; done 2>/dev/null; true")

    # Events; each returns what it did, or None if it cannot be done now

    def free(self):
        return [s for s in self.slots if s not in self.cards]

    def insert(self, slot, devices):
        self.vm.plug(self.slots[slot], slot, devices)
        self.enter(slot, devices)

    def enter(self, slot, devices):
        self.cards[slot] = [d["id"] for d in devices]
        self.kind.update((d["id"], d["driver"]) for d in devices)

    def plug(self):
        if not self.free():
            return None
        slot = self.rng.choice(self.free())
        devices, what = self.card()
        self.insert(slot, devices)
        return f"slot {slot} in: {what}"

    def both(self):
        """Two slots are switched on at once, while all is rescanned."""
        if len(self.free()) < 2:
            return None
        pair = {slot: self.card() for slot in self.rng.sample(self.free(), 2)}
        for slot, (devices, _) in pair.items():
            for device in devices:
                self.vm.qmp("device_add", bus=self.slots[slot], **device)
        self.vm.sh("{ echo 1 > /sys/bus/pci/rescan & p=$!; for s in "
                   f"{' '.join(map(str, pair))}; do "
                   "echo 1 > /sys/bus/pci/slots/$s/power & p=\"$p $!\"; done; wait $p; } "
                   "2>/dev/null; true")
        for slot, (devices, _) in pair.items():
            self._powered(slot)
            self.enter(slot, devices)
        return ", ".join(f"slot {s} in: {what}" for s, (_, what) in pair.items()) + ", rescan"

    def _powered(self, slot):
        """Presses on until slot @slot is on."""
        for _ in range(60):
            if self.vm.sh(f"echo 1 > /sys/bus/pci/slots/{slot}/power 2>/dev/null; "
                          f"sleep 0.5; cat /sys/bus/pci/slots/{slot}/power").text.strip() == "1":
                return
        raise VmError(f"slot {slot} is not switched on")

    def unplug(self):
        if not self.cards:
            return None
        slot = self.rng.choice(sorted(self.cards))
        self.remove(slot)
        return f"slot {slot} out"

    def remove(self, slot):
        names = self.cards.pop(slot)
        for name in names:
            self.unbound.pop(name, None)
        self.vm.unplug(slot, names)

    def rescan(self):
        self.vm.sh("echo 1 > /sys/bus/pci/rescan")
        return "rescan of all"

    def rescan_bus(self):
        buses = self.vm.sh("ls -d /sys/class/pci_bus/*").text.split()
        bus = self.rng.choice(sorted(buses))
        self.vm.sh(f"echo 1 > {bus}/rescan")
        return f"rescan of bus {bus[-7:]}"

    def rescan_device(self):
        devices = sorted(self.vm.sh("ls /sys/bus/pci/devices").text.split())
        bdf = self.rng.choice(devices)
        self.vm.sh(f"echo 1 > /sys/bus/pci/devices/{bdf}/rescan")
        return f"rescan at {bdf}"

    def again(self):
        """A function is removed from the kernel's view and found once more."""
        names = [n for n in self.idle + self.driverless() if n not in self.unbound]
        if not names:
            return None
        name = self.rng.choice(sorted(names))
        self.vm.sh(f"echo 1 > {self.path(name)}/remove; echo 1 > /sys/bus/pci/rescan")
        return f"{name} removed and found again"

    def driver(self):
        """A driver leaves a device that nobody uses, or returns."""
        names = sorted(self.idle + self.of_kind("e1000e", "nvme"))
        if not names:
            return None
        name = self.rng.choice(names)
        if name in self.unbound:
            driver = self.unbound.pop(name)
            self.vm.sh(f"echo {self.path(name)[-12:]} > /sys/bus/pci/drivers/{driver}/bind")
            return f"{driver} returns to {name}"
        path = self.path(name)
        driver = self.vm.sh(f"basename $(readlink {path}/driver)").text.strip()
        self.vm.sh(f"echo {path[-12:]} > {path}/driver/unbind")
        self.unbound[name] = driver
        return f"{driver} leaves {name}"

    def reset(self):
        names = sorted(self.busy + self.idle + [n for some in self.cards.values() for n in some])
        name = self.rng.choice(names)
        path = self.path(name)
        methods = self.vm.sh(f"cat {path}/reset_method 2>/dev/null; true").text.split()
        if not methods:
            return None
        method = self.rng.choice(methods)
        # "bus" is listed by a function that was found first, and not for it alone
        if self.vm.sh(f"echo {method} > {path}/reset_method", check=False).code:
            return None
        self.vm.sh(f"echo 1 > {path}/reset; r=$?; echo default > {path}/reset_method; [ $r = 0 ]")
        return f"reset of {name}, {method}"

    def forced(self):
        """A drive under I/O moves without need, if there is another place for it."""
        name = self.rng.choice(self.busy)
        path = self.path(name)
        # while it is reset, its driver says fixed
        self.vm.sh(f"until grep -qx live {path}/nvme/nvme*/state; do sleep 0.1; done")
        before = self.vm.tree().bars(name)
        answer = self.vm.ask(FORCE, f"{path[-12:]} 0").text.split("\n")[0]
        moved = self.vm.tree().bars(name) != before
        if answer != ("moved" if moved else "error: there is no other place; the log says why"):
            raise VmError(f"{name} {'moved' if moved else 'stayed'}, force_move says: {answer}")
        return f"{name} forced: {'moved' if moved else 'no other place'}"

    def pausing(self):
        """From now on drivers are paused instead of moved live, or the other way round."""
        self.paused = not self.paused
        self.vm.sh(f"echo {'Y' if self.paused else 'N'} > "
                   "/sys/module/pci_movable/parameters/force_pause")
        return f"force_pause {self.paused}"

    def happen(self):
        """One event; what it was."""
        while True:
            kind = self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            what = getattr(self, kind)()
            if what:
                self.settle()
                return kind, what

    def calm(self):
        """All cards out, all drivers back."""
        for slot in list(self.cards):
            self.remove(slot)
        for name, driver in self.unbound.items():
            self.vm.sh(f"echo {self.path(name)[-12:]} > /sys/bus/pci/drivers/{driver}/bind")
        self.unbound.clear()
        if self.paused:
            self.pausing()
