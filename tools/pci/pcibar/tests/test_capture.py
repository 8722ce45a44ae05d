#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
pcibar capture on a machine that is made up, file by file:

    pci0000:00 -+- 00:1c.0 [01-02] slot -+- 01:00.0 nvme, BAR0, ROM without address
                |                        `- 01:00.1 no driver, BAR2 lost, BAR4 Resizable
                |- 00:1d.0 [03-03] no I/O window, pref of 32 bits
                |- 00:02.0 the console
                `- 00:1f.0 SR-IOV
    pci0001:40 --- 40:00.0 bus addresses differ
"""

import os
import struct

from tool import Tap, run, scratch

tap = Tap()
ROOT = scratch("root")
IO, MEM, PREF, M64, UNSET = 0x100, 0x200, 0x2000, 0x100000, 0x20000000
PORT, SLOT = 4 << 4, 1 << 8


def put(path, text):
    path = os.path.join(ROOT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())


def config(header=0, dwords=None, length=4096):
    """Config space with a PCIe capability at 0x40 and @dwords {offset: value}."""
    c = bytearray(4096)
    struct.pack_into("<HH", c, 0, 0x1234, 0x5678)
    c[0x0e] = header
    c[0x34] = 0x40
    struct.pack_into("<I", c, 0x40, 0x10)
    for at, value in (dwords or {}).items():
        struct.pack_into("<I", c, at, value)
    return bytes(c[:length])


def function(bdf, up, cls, resources, driver=None, lines=13, **files):
    real = f"sys/devices/{up}/{bdf}"
    rows = [(0, 0, 0)] * lines
    for nr, row in resources.items():
        rows[nr] = row
    put(f"{real}/resource", "".join(f"0x{a:016x} 0x{b:016x} 0x{f:016x}\n" for a, b, f in rows))
    put(f"{real}/class", f"0x{cls:06x}\n")
    for name, value in files.items():
        put(f"{real}/{name}", value)
    devices = os.path.join(ROOT, "sys/bus/pci/devices")
    os.makedirs(devices, exist_ok=True)
    os.symlink(f"../../../devices/{up}/{bdf}", os.path.join(devices, bdf))
    if driver:
        os.symlink(f"../../../../bus/pci/drivers/{driver}", os.path.join(ROOT, real, "driver"))


HOST = "pci0000:00"
function("0000:00:1c.0", HOST, 0x060400, {
    13: (0x2000, 0x2fff, IO), 14: (0x80000000, 0x801fffff, MEM),
    15: (0x4000000000, 0x40000fffff, MEM | PREF | M64)}, driver="pcieport", lines=17,
    secondary_bus_number="1\n", subordinate_bus_number="2\n", current_link_speed="8.0 GT/s\n",
    config=config(1, {0x40: 0x10 | (PORT | SLOT | 2) << 16, 0x54: 1 << 6, 0x1c: 0x2020,
                      0x20: 0x80108000, 0x24: 0x00010001}))
function("0000:00:1d.0", HOST, 0x060400, {14: (0, 0, 0)}, driver="pcieport", lines=17,
         secondary_bus_number="3\n", subordinate_bus_number="3\n",
         current_link_speed="8.0 GT/s\n",
         config=config(1, {0x40: 0x10 | (PORT | 2) << 16, 0x20: 0xfff0, 0x24: 0x0000fff0}))
function("0000:01:00.0", f"{HOST}/0000:00:1c.0", 0x010802, {
    0: (0x80000000, 0x80003fff, MEM | M64), 6: (0, 0xffff, MEM | PREF | UNSET)}, driver="nvme",
    current_link_speed="8.0 GT/s\n", config=config(0, {0x10: 0x80000004}))
function("0000:01:00.1", f"{HOST}/0000:00:1c.0", 0x118000, {
    0: (0x80010000, 0x8001ffff, MEM), 4: (0x4000000000, 0x40000fffff, MEM | PREF | M64)},
    current_link_speed="8.0 GT/s\n", resource4_resize="00000000000001c0\n",
    config=config(0, {0x10: 0x80010000, 0x18: 0x0000000c, 0x20: 0x0000000c, 0x24: 0x40}))
function("0000:00:02.0", HOST, 0x030000, {0: (0x90000000, 0x9fffffff, MEM | PREF)},
         boot_vga="1\n", config=config(0, {0x10: 0x90000008}))
function("0000:00:1f.0", HOST, 0x020000, {
    0: (0xa0000000, 0xa001ffff, MEM | M64), 7: (0xa0100000, 0xa01fffff, MEM | M64)},
    driver="igb", sriov_totalvfs="16\n", sriov_numvfs="0\n",
    config=config(0, {0x10: 0xa0000004, 0x100: 0x00010010, 0x10c: 16 << 16}))
function("0000:00:1f.1", HOST, 0x020000, {}, physfn="")
function("0001:40:00.0", "pci0001:40", 0x020000, {0: (0x900000000, 0x90000ffff, MEM)},
         config=config(0, {0x10: 0x80000000}))
put("proc/iomem", """00000000-0009ffff : System RAM
80000000-bfffffff : PCI Bus 0000:00
  80000000-801fffff : PCI Bus 0000:01
    80000000-80003fff : 0000:01:00.0
      80000000-80003fff : nvme
    80010000-8001ffff : 0000:01:00.1
      80010000-8001ffff : something
  90000000-9fffffff : 0000:00:02.0
  a0000000-a001ffff : 0000:00:1f.0
    a0000000-a001ffff : igb
  a0100000-a01fffff : 0000:00:1f.0
  bff00000-bfffffff : pnp 00:01
900000000-9ffffffff : PCI Bus 0001:40
  900000000-90000ffff : 0001:40:00.0
4000000000-7fffffffff : PCI Bus 0000:00
  4000000000-40000fffff : PCI Bus 0000:01
    4000000000-40000fffff : 0000:01:00.1
""")
put("proc/ioports", "0000-ffff : PCI Bus 0000:00\n  2000-2fff : PCI Bus 0000:01\n")
put("dmesg", """pci_bus 0000:00: root bus resource [mem 0x80000000-0xbfffffff window]
pci_bus 0000:00: root bus resource [bus 00-7f]
pci 0000:01:00.1: BAR 2 [mem 0x00000000-0x0fffffff 64bit pref]
pci 0000:01:00.1: BAR 2 [mem size 0x10000000 64bit pref]: can't assign; no space
""")

done = run("capture", "--root", ROOT)
tap.same(done.status, 0, "it is captured")
lines = done.out.splitlines()


def expect(name, *wanted, absent=()):
    missing = [w for w in wanted if w not in lines]
    bad = [a for a in absent if any(a in line for line in lines)]
    tap.check(not missing and not bad, name, "\n".join(missing + bad + ["in:"] + lines))


expect("host bridges", "host 0000:00 bus 00-7f", "host 0001:40 bus 40-ff",
       "root 0000:00 mem 0x80000000-0xbfffffff", "root 0000:00 mem 0x4000000000-0x7fffffffff",
       "root 0000:00 io 0x0-0xffff",
       "root 0001:40 mem 0x900000000-0x9ffffffff offset 0x880000000",
       'hole 0000:00 mem 0xbff00000-0xbfffffff "pnp 00:01"')
expect("a port with a slot", "dev 0000:00:1c.0 on 0000:00 driver pcieport way live",
       "bridge 0000:00:1c.0 bus 01-02 hotplug pcie",
       "window 0000:00:1c.0 io 0x2000-0x2fff reserve 4K",
       "window 0000:00:1c.0 mem 0x80000000-0x801fffff reserve 2M",
       "window 0000:00:1c.0 pref 0x4000000000-0x40000fffff reserve 2M")
expect("a port without I/O", "bridge 0000:00:1d.0 bus 03-03 pcie", "window 0000:00:1d.0 mem closed",
       "window 0000:00:1d.0 pref closed max 0xffffffff", absent=("window 0000:00:1d.0 io",))
expect("a drive", "dev 0000:01:00.0 behind 0000:00:1c.0 driver nvme way live",
       "bar 0000:01:00.0 0 mem64 at 0x80000000-0x80003fff",
       "bar 0000:01:00.0 6 pref size 64K optional rom")
expect("without a driver, and yet claimed", "dev 0000:01:00.1 behind 0000:00:1c.0",
       "bar 0000:01:00.1 0 mem at 0x80010000-0x8001ffff fixed claimed",
       "bar 0000:01:00.1 4 pref64 at 0x4000000000-0x40000fffff sizes 64M-256M fixed claimed")
expect("a BAR that was lost has its size from the log",
       "bar 0000:01:00.1 2 pref64 size 256M wanted")
expect("the console", "bar 0000:00:02.0 0 pref at 0x90000000-0x9fffffff fixed console")
expect("virtual functions", "bar 0000:00:1f.0 0 mem64 at 0xa0000000-0xa001ffff fixed driver",
       "bar 0000:00:1f.0 7 mem64 at 0xa0100000-0xa01fffff align 64K reg 0x124 optional vf "
       "fixed driver", absent=("0000:00:1f.1",))
expect("on the root bus", "bar 0001:40:00.0 0 mem at 0x900000000-0x90000ffff fixed root-bus")

os.remove(os.path.join(ROOT, "dmesg"))
nolog = run("capture", "--root", ROOT)
tap.check(nolog.status == 0 and "size of a BAR, left out: 0000:01:00.1" in nolog.err,
          "without the log it says what it does not know", nolog)
put("proc/iomem", "00000000-00000000 : PCI Bus 0000:00\n")
user = run("capture", "--root", ROOT)
tap.check(user.status == 0 and "without being root" in user.err and
          "root 0000:00 mem 0x80000000-" in user.out, "without being root", user)
none = run("capture", "--root", scratch("nowhere"))
tap.check(none.status == 1 and "nowhere/sys/bus/pci/devices" in none.err, "no PCI there", none)
odd = run("capture", "now")
tap.check(odd.status == 2 and not odd.out, "an argument too many", odd)
tap.end()
