#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
pcibar import on reports of all kinds and ages: data/*.txt and pieces of them.

A test names lines that the layout must have; facts were worked out by hand.
"""

import random

from tool import Tap, data, read, run, scratch

tap = Tap()
ROOTS = """pci_bus 0000:00: root bus resource [mem 0x80000000-0xbfffffff window]
pci_bus 0000:00: root bus resource [mem 0x4000000000-0x7fffffffff window]
"""
PORT = """pci 0000:00:1c.0: [8086:0001] type 01 class 0x060400 PCIe Root Port
pci 0000:00:1c.0: PCI bridge to [bus 01-02]
pci 0000:00:1c.0:   bridge window [mem 0x80000000-0x800fffff]
pci 0000:00:1c.0:   bridge window [mem 0x4000000000-0x40000fffff 64bit pref]
"""


def lines_of(text):
    return [line for line in text.splitlines() if not line.startswith("#")]


def imported(name, *args, text=None, path=None):
    """The layout of a report; it must be one, and readable again, as it is."""
    done = run("import", *args, path or "-", stdin=text or "")
    if not tap.check(done.status == 0 and done.out.rstrip().rsplit("\n", 1)[-1].startswith("end "),
                     f"{name}: imported", done):
        return []
    again = run("import", "-", stdin=done.out)
    tap.same(lines_of(again.out), lines_of(done.out), f"{name}: its layout is taken as it is")
    return done.out.splitlines()


def expect(name, lines, *wanted, absent=()):
    missing = [w for w in wanted if w not in lines]
    tap.check(not missing, f"{name}: what must be there",
              "\n".join(["missing:"] + missing + ["in:"] + lines))
    bad = [a for a in absent if any(a in line for line in lines)]
    tap.check(not bad, f"{name}: what must not be there", "\n".join(bad + ["in:"] + lines))


# Whole reports.

expect("2.6.32", imported("2.6.32", path=data("data/dmesg-2.6.txt")),
       "root 0000:00 io 0x0-0xffff",
       "bridge 0000:00:1c.0 bus 01-01 pcie",
       "window 0000:00:1c.0 io 0xb000-0xbfff",
       "window 0000:00:1c.0 mem 0xfa000000-0xfbffffff",
       "window 0000:00:1c.0 pref 0xd0000000-0xdfffffff",
       "bridge 0000:00:1e.0 bus 02-02 transparent",
       "bar 0000:00:1f.2 4 io at 0xc080-0xc09f fixed driver",
       "bar 0000:01:00.0 1 pref64 at 0xd0000000-0xdfffffff fixed driver",
       "bar 0000:01:00.0 6 pref size 128K wanted optional rom",
       'hole 0000:00 io 0x0-0xfff "low addresses"')

expect("5.x in a mail", imported("5.x in a mail", path=data("data/dmesg-5.x-mail.txt")),
       "host 0000:00 bus 00-fe",
       "root 0000:00 mem 0x80000000-0xbfffffff",
       "bridge 0000:00:1d.0 bus 03-2c hotplug pcie",
       "window 0000:00:1d.0 pref 0x4000000000-0x401fffffff reserve 2M",
       "bridge 0000:03:00.0 bus 04-2c pcie",
       "bridge 0000:04:01.0 bus 05-05 pcie",
       "window 0000:04:01.0 pref closed",
       "window 0000:04:01.0 mem 0x90000000-0x900fffff",
       "dev 0000:05:00.0 behind 0000:04:01.0",
       "bar 0000:05:00.0 0 pref64 size 256M wanted",
       "bar 0000:05:00.0 2 pref64 size 2M wanted",
       "bar 0000:05:00.0 4 io size 256 align 1K wanted",
       "bar 0000:05:00.0 5 mem at 0x90000000-0x900fffff")

expect("6.x", imported("6.x", path=data("data/dmesg-6.x.txt")),
       "hole 0000:00 mem 0xe0000000-0xefffffff ECAM",
       "hole 0000:00 mem 0xdfc00000-0xdfffffff Reserved",
       "bar 0000:00:03.0 0 mem64 at 0xdd000000-0xdd00ffff fixed hardwired",
       "dev 0000:01:00.0 behind 0000:00:01.0 driver mlx5_core",
       "bar 0000:01:00.0 6 pref at 0xd0000000-0xd00fffff optional rom fixed driver",
       "bar 0000:01:00.0 7 pref64 size 1M align 64K reg 0x184 wanted optional vf",
       absent=("bar 0000:00:02.0 6",))

expect("lspci -vvv and -t", imported("lspci -vvv and -t", path=data("data/lspci-vvv.txt")),
       "bridge 0000:00:1c.0 bus 01-04 hotplug pcie",
       "window 0000:01:00.0 io closed",
       "window 0000:02:02.0 pref closed max 0xffffffff",
       "bar 0000:01:00.0 0 pref64 at 0x6010000000-0x60107fffff",
       "bar 0000:03:00.0 2 pref64 at 0x6000000000-0x600fffffff sizes 256M-8G fixed driver",
       "dev 0000:04:00.0 behind 0000:02:02.0",
       "bar 0000:04:00.0 0 mem64 at 0xa1000000-0xa1003fff",
       "bar 0000:04:00.0 2 mem size 4K wanted",
       "dev 0000:00:1f.0 on 0000:00")

expect("/proc/iomem alone", imported("/proc/iomem alone", path=data("data/iomem.txt")),
       "root 0000:00 mem 0xc0000000-0xfebfffff",
       "root 0000:00 io 0x1000-0xffff",
       'hole 0000:00 mem 0xfeb00000-0xfeb0ffff "pnp 00:02"',
       "bridge bridge-to-0000:02 bus 02-02 pcie",
       "window bridge-to-0000:02 io 0x2000-0x2fff",
       "window bridge-to-0000:02 pref 0x800000000-0x8001fffff",
       "dev 0000:02:00.0 behind bridge-to-0000:02 driver nvme way live",
       "bar 0000:02:00.0 0 mem at 0xfe000000-0xfe003fff")

# A log of QEMU with the kernel's own layout in it: both ways lead to the same.

log = read(data("data/qemu-too-big.txt"))
kernel = imported("the kernel's own layout", text=log)
said = imported("what it said before", text=log[:log.index("pci_movable: pmb-layout")])


def what_is_where(lines):
    """Without what a log does not tell: drivers of the chipset, ports of the board."""
    return sorted(line.split(" fixed ")[0] for line in lines
                  if line.split()[0] in ("host", "root", "bridge", "window", "bar"))


tap.check(len(kernel) > 40 and what_is_where(kernel) == what_is_where(said),
          "the same as the kernel's own layout",
          "\n".join(sorted(set(what_is_where(kernel)) ^ set(what_is_where(said)))))

# As mailers, loggers and web pages spoil it; lines are those of public reports.

expect("a raw mail", imported("a raw mail", path=data("data/mail-qp.txt")),
       "bridge 0000:65:00.0 bus 66-bc pcie",
       "window 0000:65:00.0 pref 0x8880000000-0x98800fffff",
       "window 0000:66:01.0 pref 0x9080000000-0x987fffffff",
       "window 0000:93:00.0 pref 0x8880000000-0x889bffffff",
       "bridge 0000:93:00.0 bus 94-bc pcie",
       "bridge 0000:94:03.0 bus b2-bc pcie",
       "dev 0000:97:00.0 behind 0000:94:00.0 driver amdgpu",
       "bar 0000:97:00.0 0 pref64 size 32G wanted",
       "bar 0000:97:00.0 2 pref64 at 0x8890000000-0x88901fffff fixed driver",
       "# a BAR could not be made larger; taken as wanted (--as-it-is): 0000:97:00.0")
expect("a raw mail, as it is", imported("a raw mail, as it is", "--as-it-is",
                                        path=data("data/mail-qp.txt")),
       "bar 0000:97:00.0 0 pref64 at 0x8880000000-0x888fffffff fixed driver",
       absent=("wanted (", "32G"))
# NXP T1042, amd-gfx, 2019-12-02
expect("broken between any words", imported("broken between any words", text=
       ">> pci_bus 0001:00: root bus resource [io\n"
       ">>  0x8000080000021000-0x8000080000030fff] (bus address [0x0000-0xffff])\n"
       ">> pci_bus 0001:00: root bus resource [mem 0xc10000000-0xc1fffffff] (bus\n"
       ">> address [0xe0000000-0xefffffff])\n"
       ">> pci 0001:00:00.0: PCI bridge to [bus 01]\n"
       ">> pci 0001:00:00.0:   bridge window [mem 0xc10000000-0xc1fffffff]\n"
       ">> pci 0001:01:00.0: BAR 2: no space for [mem size 0x00200000 64bit\n>> pref]\n"
       ">> pci 0001:01:00.0: BAR 5: no space\n>> for [mem size 0x00040000]\n"
       ">> with pci=realloc\n"),
       "root 0001:00 io 0x8000080000021000-0x8000080000030fff offset 0x8000080000021000",
       "root 0001:00 mem 0xc10000000-0xc1fffffff offset 0xb30000000",
       "bar 0001:01:00.0 2 pref64 size 2M wanted")
# kata-containers/runtime#1128, 2019-01-15
expect("a log in quotes", imported("a log in quotes", text="".join(
       f'level=info msg="[   67.4] {line}\\n" name=kata-proxy pid=1\n'
       for line in (ROOTS + PORT).splitlines() + [
           "pci 0000:01:00.0: [10de:15f8] type 00 class 0x030200",
           "pci 0000:01:00.0: BAR 1: no space for [mem size 0x400000000 64bit pref]"])),
       "window 0000:00:1c.0 pref 0x4000000000-0x40000fffff",
       "bar 0000:01:00.0 1 pref64 size 16G wanted")
stamps = ("[Tue Apr  7 22:32:33 2026] ", "oct. 10 18:26:39 host kernel: ", "<6>[    0.352832] ",
          "2026-04-07T22:32:33,123456+0200 host kernel: ", "[ 1234.567890][  T123] ",
          "Jan  6 16:33:05 host kernel: [    0.352832] ", "9793 [    0.938952] ", "=> ")
for stamp in stamps:
    expect(f"stamped {stamp}", imported(f"stamped {stamp}", text="".join(
           stamp + line + "\n" for line in (ROOTS + PORT).splitlines())),
           "window 0000:00:1c.0 pref 0x4000000000-0x40000fffff",
           "root 0000:00 mem 0x4000000000-0x7fffffffff")
expect("HTML", imported("HTML", text=ROOTS + PORT +
                        "&gt; pci 0000:01:00.0: BAR 0 [mem size 0x00010000]: can&#39;t assign\n"),
       "bar 0000:01:00.0 0 mem size 64K wanted")
expect("lspci -v, broken", imported("lspci -v, broken", text="""
> 00:01.0 PCI bridge: Intel Corporation Xeon E3-1200 v5/E3-1500 v5/6th Gen
> Core Processor PCIe Controller (x16) (rev 07) (prog-if 00 [Normal decode])
> 	Bus: primary=00, secondary=01,
> subordinate=02, sec-latency=0
> 	Memory behind bridge: de000000-df0fffff [size=17M]
> 	Prefetchable memory behind bridge:
> 00000000c0000000-00000000d1ffffff [size=288M]
>
> 01:00.0 VGA compatible controller: NVIDIA Corporation GP104 (prog-if 00 [VGA controller])
> 	Memory at de000000 (32-bit, non-prefetchable)
> [size=16M]
> 	Memory at c0000000 (64-bit, prefetchable) [size=256M]
> 	Memory at <unassigned> (64-bit, prefetchable)
> [disabled] [size=32M]
> 	Kernel driver in use: nvidia
"""),
       "bridge 0000:00:01.0 bus 01-02 pcie",
       "window 0000:00:01.0 pref 0xc0000000-0xd1ffffff",
       "bar 0000:01:00.0 0 mem at 0xde000000-0xdeffffff fixed driver",
       "bar 0000:01:00.0 3 pref64 size 32M")

# Events, one after the other.

BAR = "pci 0000:01:00.0: [1234:5678] type 00 class 0x020000 PCIe Endpoint\n" \
      "pci 0000:01:00.0: BAR 0 [mem 0x00000000-0x0000ffff]\n"
NOSPACE = "pci 0000:01:00.0: BAR 0 [mem size 0x00010000]: can't assign; no space\n"

expect("failed", imported("failed", text=ROOTS + PORT + BAR + NOSPACE),
       "bar 0000:01:00.0 0 mem size 64K wanted")
expect("assigned after it failed",
       imported("assigned after it failed", text=ROOTS + PORT + BAR + NOSPACE +
                "pci 0000:01:00.0: BAR 0 [mem 0x80000000-0x8000ffff]: assigned\n"),
       "bar 0000:01:00.0 0 mem at 0x80000000-0x8000ffff fixed driver")
expect("a driver after it failed",
       imported("a driver after it failed", text=ROOTS + PORT + BAR + NOSPACE +
                "foo 0000:01:00.0: no registers\n"),
       "dev 0000:01:00.0 behind 0000:00:1c.0", "bar 0000:01:00.0 0 mem size 64K wanted")
resize = """foo 0000:01:00.0: hello
foo 0000:01:00.0: BAR 0 [mem 0x80000000-0x8000ffff]: releasing
foo 0000:01:00.0: BAR 0 [mem size 0x10000000]: can't assign; no space
"""
expect("a resize that failed",
       imported("a resize that failed", text=ROOTS + PORT + BAR +
                "pci 0000:01:00.0: BAR 0 [mem 0x80000000-0x8000ffff]: assigned\n" + resize),
       "dev 0000:01:00.0 behind 0000:00:1c.0 driver foo",
       "bar 0000:01:00.0 0 mem size 256M wanted")
off = imported("the slot is switched off", text=ROOTS + PORT + BAR +
               "pcieport 0000:00:1c.0: pciehp: Slot(3): Link Down\nfoo 0000:01:00.0: bye\n")
expect("the slot is switched off", off, "bridge 0000:00:1c.0 bus 01-02 hotplug pcie",
       absent=("0000:01:00.0",))
expect("windows released, children named before",
       imported("windows released", text=ROOTS + PORT + BAR +
                "pci 0000:01:00.0: BAR 0: assigned [mem 0x80000000-0x8000ffff]\n"
                "release child resource [mem 0x80000000-0x8000ffff]\n"
                "pcieport 0000:00:1c.0: resource 14 [mem 0x80000000-0x800fffff] released\n"),
       "window 0000:00:1c.0 mem closed",
       "window 0000:00:1c.0 pref 0x4000000000-0x40000fffff",
       absent=("at 0x80000000-0x8000ffff",))
released = imported("released, and no more", text=ROOTS + PORT + BAR +
                    "pci 0000:01:00.0: BAR 0 [mem 0x80000000-0x8000ffff]: assigned\n"
                    "pci 0000:01:00.0: BAR 0 [mem 0x80000000-0x8000ffff]: releasing\n"
                    "pcieport 0000:00:1c.0: bridge window [mem 0x80000000-0x800fffff]: releasing\n")
expect("released, and no more", released, "window 0000:00:1c.0 mem closed",
       "# a window was released, and nothing said of it since; taken as closed: 0000:00:1c.0",
       "bar 0000:01:00.0 0 mem size 64K wanted")
expect("a list of windows tells what is closed",
       imported("a list of windows", text=ROOTS + PORT +
                "pcieport 0000:00:1c.0: PCI bridge to [bus 01-02]\n"
                "pcieport 0000:00:1c.0:   bridge window [mem 0x81000000-0x811fffff]\n"),
       "window 0000:00:1c.0 mem 0x81000000-0x811fffff", "window 0000:00:1c.0 pref closed")
expect("sizes on the way change nothing",
       imported("sizes on the way", text=ROOTS + PORT +
                "pci 0000:00:1c.0: bridge window [mem 0x00100000-0x001fffff] to [bus 01-02] "
                "add_size 200000 add_align 100000\n"
                "pci 0000:00:1c.0: bridge window [mem 0x80000000-0x800fffff]: "
                "failed to expand by 0x200000\n"
                "pci 0000:00:1c.0: bridge window [mem 0x80000000-0x800fffff]: was not released "
                "(still contains assigned resources)\n"),
       "window 0000:00:1c.0 mem 0x80000000-0x800fffff")
expect("a second boot replaces the first",
       imported("a second boot", text=ROOTS + PORT + BAR + ROOTS + PORT.replace("1c.0", "1d.0")),
       "bridge 0000:00:1d.0 bus 01-02 pcie", absent=("1c.0", "0000:01:00.0"))
expect("windows at reset are closed",
       imported("windows at reset", text=ROOTS + PORT +
                "pci 0000:01:00.0: [1234:1] type 01 class 0x060400 PCIe Switch Upstream Port\n"
                "pci 0000:01:00.0: PCI bridge to [bus 00]\n"
                "pci 0000:01:00.0:   bridge window [io  0x0000-0x0fff]\n"
                "pci 0000:01:00.0:   bridge window [mem 0x00000000-0x000fffff]\n"
                "pci 0000:01:00.0: bridge configuration invalid ([bus 00-00]), reconfiguring\n"
                "pci 0000:02:00.0: [1234:1] type 01 class 0x060400 PCIe Switch Downstream Port\n"),
       "bridge 0000:01:00.0 bus 02-02 pcie", "window 0000:01:00.0 mem closed",
       "dev 0000:02:00.0 behind 0000:01:00.0 driver pcieport way live")
expect("host bridges that translate",
       imported("host bridges that translate", text=
                "pci_bus 0030:00: root bus resource [mem 0x620c000000000-0x620c07ffeffff] "
                "(bus address [0x80000000-0xfffeffff])\n"
                "pci 0030:00:00.0: [1014:1] type 01 class 0x060400 PCIe Root Port\n"
                "pci 0030:00:00.0: PCI bridge to [bus 01]\n"
                "pci 0030:00:00.0:   bridge window [mem 0x620c000000000-0x620c0017fffff]\n"),
       "root 0030:00 mem 0x620c000000000-0x620c07ffeffff offset 0x620bf80000000",
       "window 0030:00:00.0 mem 0x620c000000000-0x620c0017fffff")
expect("kernels without SR-IOV count windows from 7",
       imported("no SR-IOV", text=ROOTS + PORT +
                "shpchp 0000:00:1c.0: BAR 8: no space for [mem size 0x0a000000]\n"),
       "window 0000:00:1c.0 mem closed reserve 2M",
       "dev 0000:00:1c.0 on 0000:00 driver shpchp")
expect("the BAR of virtual functions",
       imported("virtual functions", text=ROOTS + PORT + BAR +
                "pci 0000:01:00.0: reg 0x184: [mem 0x00000000-0x00003fff 64bit pref]\n"
                "pci 0000:01:00.0: VF(n) BAR0 space: [mem 0x00000000-0x000fffff 64bit pref] "
                "(contains BAR0 for 64 VFs)\n"
                "pci 0000:01:00.0: BAR 7: no space for [mem size 0x00100000 64bit pref]\n"),
       "bar 0000:01:00.0 7 pref64 size 1M align 16K reg 0x184 wanted optional vf")

E820 = "BIOS-e820: [mem 0x00000000a0000000-0x00000000afffffff] reserved\n"
expect("the memory map", imported("the memory map", text=E820 + ROOTS + PORT),
       "hole 0000:00 mem 0xa0000000-0xafffffff Reserved")
expect("the memory map is not believed",
       imported("the memory map is not believed", text=E820 +
                "PCI: Ignoring E820 reservations for host bridge windows\n" + ROOTS + PORT),
       absent=("hole",))

# Reports together, in the order of time.

expect("/proc/iomem after dmesg",
       imported("/proc/iomem after dmesg", text=ROOTS + PORT + BAR + NOSPACE +
                "80000000-bfffffff : PCI Bus 0000:00\n"
                "  90000000-901fffff : PCI Bus 0000:01\n"
                "    90000000-9000ffff : 0000:01:00.0\n"
                "      90000000-9000ffff : foo\n"
                "  a0000000-a0000fff : pnp 00:01\n"),
       "window 0000:00:1c.0 mem 0x90000000-0x901fffff",
       "window 0000:00:1c.0 pref 0x4000000000-0x40000fffff",
       "dev 0000:01:00.0 behind 0000:00:1c.0 driver foo",
       "bar 0000:01:00.0 0 mem at 0x90000000-0x9000ffff fixed driver",
       'hole 0000:00 mem 0xa0000000-0xa0000fff "pnp 00:01"')
expect("a window that /proc/iomem does not list",
       imported("a window that is not listed", text=ROOTS + PORT +
                "80000000-bfffffff : PCI Bus 0000:00\n"
                "  80000000-800fffff : PCI Bus 0000:01\n"
                "4000000000-7fffffffff : PCI Bus 0000:00\n"),
       "window 0000:00:1c.0 mem 0x80000000-0x800fffff", "window 0000:00:1c.0 pref closed")
expect("/proc/iomem of a host bridge that translates",
       imported("/proc/iomem of a host bridge that translates", text=
                "pci_bus 0030:00: root bus resource [mem 0x620c000000000-0x620c07ffeffff] "
                "(bus address [0x80000000-0xfffeffff])\n"
                "620c000000000-620c07ffeffff : pciex@620c3c0000000\n"
                "  620c000000000-620c0000fffff : PCI Bus 0030:01\n"),
       "root 0030:00 mem 0x620c000000000-0x620c07ffeffff offset 0x620bf80000000",
       "window bridge-to-0030:01 mem 0x620c000000000-0x620c0000fffff")
both = scratch("both.txt", ROOTS + PORT)
two = run("import", both, "-", stdin=BAR + NOSPACE)
tap.check("bar 0000:01:00.0 0 mem size 64K wanted" in two.out.splitlines(), "two files", two)

expect("a resource file",
       imported("a resource file", text=ROOTS + PORT + BAR +
                "$ cat /sys/bus/pci/devices/0000:01:00.0/resource\n"
                "0x0000000080000000 0x000000008000ffff 0x0000000000040200\n"
                "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
                "0x0000004000000000 0x00000040000fffff 0x000000000014220c\n"),
       "bar 0000:01:00.0 0 mem at 0x80000000-0x8000ffff fixed driver",
       "bar 0000:01:00.0 2 pref64 at 0x4000000000-0x40000fffff fixed driver")

# What was tried in vain.

# xCuri0/ReBarUEFI#361, shortened
SMALL = """xe 0000:01:00.0: [drm] Attempting to resize bar from 256MiB -> 16384MiB
xe 0000:01:00.0: BAR 2 [mem 0x4000000000-0x400fffffff 64bit pref]: releasing
pcieport 0000:00:1c.0: bridge window [mem 0x4000000000-0x40107fffff 64bit pref]: was not released (still contains assigned resources)
xe 0000:01:00.0: BAR 2 [mem size 0x400000000 64bit pref]: can't assign; no space
xe 0000:01:00.0: BAR 2 [mem size 0x400000000 64bit pref]: failed to assign
xe 0000:01:00.0: BAR 2 [mem 0x4000000000-0x400fffffff 64bit pref]: assigned
"""
expect("a BAR that could not be made larger",
       imported("a BAR that could not be made larger", text=ROOTS + PORT + SMALL),
       "dev 0000:01:00.0 behind 0000:00:1c.0 driver xe",
       "bar 0000:01:00.0 2 pref64 size 16G wanted",
       "window 0000:00:1c.0 pref 0x4000000000-0x40107fffff")
expect("one that could in the end",
       imported("one that could in the end", text=ROOTS + PORT + SMALL +
                "xe 0000:01:00.0: BAR 2 [mem 0x4400000000-0x47ffffffff 64bit pref]: assigned\n"),
       "bar 0000:01:00.0 2 pref64 at 0x4400000000-0x47ffffffff fixed driver", absent=("wanted",))
# linux-pci, 2024-04-17: two eGPUs, and what their owner tried
LSPCI = """
01:00.0 VGA compatible controller: NVIDIA Corporation GA102 [GeForce RTX 3090]
	Region 1: Memory at 4000000000 (64-bit, prefetchable) [size=256M]
	Region 3: Memory at <unassigned> (64-bit, prefetchable) [virtual]
	Capabilities: [bb0 v1] Physical Resizable BAR
		BAR 1: current size: 256MB, supported: 64MB 128MB 256MB 512MB 1GB
		BAR 3: current size: 32MB, supported: 32MB
	Kernel driver in use: nvidia
"""
expect("a size that somebody asked for",
       imported("a size that somebody asked for", text=ROOTS + PORT + LSPCI +
                "# echo 9 > /sys/bus/pci/devices/0000\\:01\\:00.0/resource1_resize\n"
                "-bash: echo: write error: No space left on device\n"),
       "bar 0000:01:00.0 1 pref64 size 512M sizes 64M-1G wanted",
       "bar 0000:01:00.0 3 pref64 size 32M sizes 32M")
expect("and got",
       imported("and got", text=ROOTS + PORT + LSPCI +
                "# echo 9 > /sys/bus/pci/devices/0000:01:00.0/resource1_resize\n"),
       "bar 0000:01:00.0 1 pref64 at 0x4000000000-0x400fffffff sizes 64M-1G fixed driver")
FITS_NOT = ("pcieport 0000:00:1c.0: Assigned bridge window [mem 0x4000000000-0x40000fffff 64bit "
            "pref] to [bus 01-02] cannot fit 0xc00000000 required for 0000:01:00.0 bridging to "
            "[bus 02]\npci 0000:01:00.0: bridge window [mem 0x4000000000-0x40000fffff 64bit "
            "pref]: assigned\n")
expect("a card of which only the window is known",
       imported("a card", text=ROOTS + PORT + FITS_NOT),
       "dev 0000:02:00.0 behind 0000:01:00.0", "bar 0000:02:00.0 0 pref64 size 32G wanted")
expect("no card where something else is wanted",
       imported("no card", text=ROOTS + PORT + FITS_NOT + BAR.replace("01:00.0", "00:03.0") +
                NOSPACE.replace("01:00.0", "00:03.0")), absent=("0000:02:00.0",))
expect("no card for the reserve of a slot",
       imported("no card for a reserve", text=ROOTS + PORT +
                "pci 0000:00:1c.0: bridge window [mem size 0x00200000]: can't assign; no space\n"),
       absent=("dev 0000:01:00.0", "wanted"))
expect("nor for a window that was made large enough",
       imported("a window that grew", text=ROOTS + PORT + FITS_NOT +
                "pci 0000:01:00.0: bridge window [mem 0x4000000000-0x4bffffffff 64bit pref]: "
                "assigned\n"), absent=("dev 0000:02:00.0", "wanted"))
vain = run("plan", "-", stdin=run("import", "-", stdin=SMALL).out)
tap.check(vain.status == 1 and "careful: that is so in the host bridge windows that were assumed"
          in vain.out, "root windows that were assumed prove nothing", vain)
vain = run("plan", "-", "--json", stdin=run("import", "-", stdin=SMALL).out)
tap.check('"roots_assumed": true' in vain.out, "as JSON, too", vain)

# Reports that people have put in order.

expect("sections about a kernel that works",
       imported("sections", text="==== dmesg, failing ====\n" + ROOTS + PORT + BAR + NOSPACE +
                "==== dmesg, good kernel ====\n"
                "pci 0000:01:00.0: BAR 0 [mem 0x90000000-0x9000ffff]: assigned\n"),
       "bar 0000:01:00.0 0 mem size 64K wanted")
expect("all sections",
       imported("all sections", "--all-sections",
                text="==== dmesg, failing ====\n" + ROOTS + PORT + BAR + NOSPACE +
                "==== dmesg, good kernel ====\n"
                "pci 0000:01:00.0: BAR 0 [mem 0x80000000-0x8000ffff]: assigned\n"),
       "bar 0000:01:00.0 0 mem at 0x80000000-0x8000ffff fixed driver")
expect("a table",
       imported("a table", text="root window 0xf0000000-0xfbffffff\n"
                "00:01.1 [bus 01-60]  io b000-efff  mem f4000000-fbffffff (128M)  "
                "pref 0x6000000000-0x7fffffffff (128G)\n"
                "01:00.0 BAR1 0x6000000000-0x63ffffffff (16G)\n"),
       "bridge 0000:00:01.1 bus 01-60 pcie", "root 0000:00 mem 0xf0000000-0xfbffffff",
       "window 0000:00:01.1 mem 0xf4000000-0xfbffffff",
       "window 0000:00:01.1 pref 0x6000000000-0x7fffffffff",
       "bar 0000:01:00.0 1 pref64 at 0x6000000000-0x63ffffffff fixed driver")
expect("another table",
       imported("another table", text="| 00:01.0 | [bus 01-0e] | pref 0x1000000000-0x1fffffffff |\n"
                "* 01:00.0 [02-0e] switch BAR0 256K pref at 0x1000000000, pref window "
                "0x1800000000-0x1fffffffff\n"),
       "bridge 0000:00:01.0 bus 01-0e pcie", "bridge 0000:01:00.0 bus 02-0e pcie",
       "window 0000:01:00.0 pref 0x1800000000-0x1fffffffff",
       "bar 0000:01:00.0 0 pref64 at 0x1000000000-0x100003ffff")
# exabit-io/resize-amdgpu-bars, README.md, shortened
expect("a tree that somebody has drawn",
       imported("a drawn tree", text="""0000:06:00.0  Intel root port           <- one window
|                                          shared by both
\\-0000:07:00.0  PLX PEX 8747 upstream port (the switch on the module)
  |
  +-0000:08:08.0  PLX downstream port
  | \\-0000:09:00.0  AMD bridge
  |     \\-0000:0b:00.0  Vega 20, die 0    (0b:00.1 is its HDMI audio)
  \\-0000:08:10.0  PLX downstream port
        \\-0000:0e:00.0  Vega 20, die 1    (0e:00.1 is its HDMI audio)

pci 0000:06:00.0: bridge window [mem 0x90000000000-0x910003fffff 64bit pref]: assigned
pci 0000:08:10.0: bridge window [mem size 0x800200000 64bit pref]: can't assign; no space
pci 0000:0e:00.0: BAR 0 [mem size 0x800000000 64bit pref]: can't assign; no space
"""),
       "host 0000:06 bus 06-ff", "bridge 0000:06:00.0 bus 07-0e pcie",
       "bridge 0000:08:08.0 bus 09-0b pcie", "bridge 0000:09:00.0 bus 0b-0b pcie",
       "dev 0000:0e:00.0 behind 0000:08:10.0", "bar 0000:0e:00.0 0 pref64 size 32G wanted")
expect("the bridge of a BAR, by its size",
       imported("by its size", text=ROOTS + PORT +
                "pci 0000:01:08.0: bridge window [mem 0x4000000000-0x47ffffffff 64bit pref]: "
                "assigned\n"
                "pci 0000:01:10.0: bridge window [mem size 0x800200000 64bit pref]: can't assign; "
                "no space\n"
                "pci 0000:0e:00.0: BAR 0 [mem size 0x800000000 64bit pref]: can't assign; no space\n"),
       "dev 0000:0e:00.0 behind 0000:01:10.0")
# linux-arm-kernel, 2019-06-21: the mail has shifted all lines but the first
expect("lspci -t, shifted",
       imported("lspci -t, shifted", text="""-[0000:00]---01.0-[01-06]----00.0-[02-06]--+-02.0-[03]----00.0
                                            +-03.0-[04]----00.0
                                            \\-05.0-[06]----00.0
"""),
       "bridge 0000:02:03.0 bus 04-04 pcie", "dev 0000:06:00.0 behind 0000:02:05.0")
# lspci before 3.7 on a host bridge that translates, raspberry-pi-pcie-devices#4
expect("bus addresses in lspci",
       imported("bus addresses in lspci", text=
                "pci_bus 0000:00: root bus resource [mem 0x600000000-0x63fffffff] "
                "(bus address [0xc0000000-0xffffffff])\n\n"
                "00:00.0 PCI bridge: Broadcom Limited Device 2711 (rev 20)\n"
                "\tBus: primary=00, secondary=01, subordinate=01, sec-latency=0\n"
                "\tMemory behind bridge: c0000000-c00fffff\n\n"
                "01:00.0 VGA compatible controller: AMD Caicos\n"
                "\tMemory at 600000000 (64-bit, non-prefetchable) [size=128K]\n"),
       "window 0000:00:00.0 mem 0x600000000-0x6000fffff")
two = ROOTS + "==== machine A ====\n" + PORT + "==== machine B ====\n" + PORT.replace("1c", "1d")
expect("one section of two", imported("one section of two", "--section", "machine B", text=two),
       "bridge 0000:00:1d.0 bus 01-02 pcie", "root 0000:00 mem 0x80000000-0xbfffffff",
       absent=("1c.0",))
expect("an address that is none",
       imported("an address that is none", text=ROOTS + PORT +
                "pci 0000:00:1c.0:   bridge window [mem 0x9000_0000-0x9fffffff]\n"),
       "window 0000:00:1c.0 mem 0x80000000-0x800fffff")
expect("failures before 3.6", imported("failures before 3.6", text=ROOTS + PORT +
                                       "pci 0000:01:00.0: BAR 0: can't assign mem pref (size "
                                       "0x4000000)\n"),
       "bar 0000:01:00.0 0 pref size 64M wanted")
expect("/proc/iomem of old kernels",
       imported("/proc/iomem of old kernels", text="d0000000-dfffffff : PCI Bus #01\n"
                "  d0000000-d0ffffff : 0000:01:00.0\n"),
       "window bridge-to-0000:01 mem 0xd0000000-0xdfffffff",
       "bar 0000:01:00.0 0 mem at 0xd0000000-0xd0ffffff fixed driver")
expect("lines of another kernel",
       imported("lines of another kernel", text=ROOTS + PORT +
                "// pci 0000:00:1c.0: BAR 14: assigned [mem 0x90000000-0x900fffff]\n"),
       "window 0000:00:1c.0 mem 0x80000000-0x800fffff")
expect("a layout in a log",
       imported("a layout in a log", text=ROOTS + "".join(
                f"[ 1.0] pci_movable: {line}\n" for line in read(data("tight.txt")).splitlines())),
       "pmb-layout 1", absent=("pci_bus",))
free = imported("drivers that are not told", "--no-driver-is-free", text=ROOTS + PORT + BAR +
                "pci 0000:01:00.0: BAR 0 [mem 0x80000000-0x8000ffff]: assigned\n")
expect("drivers that are not told", free, "bar 0000:01:00.0 0 mem at 0x80000000-0x8000ffff")

# What cannot be taken.

nothing = run("import", "-", stdin="Dear all,\nmy machine does not work.\n")
tap.check(nothing.status == 1 and not nothing.out and "no line of it" in nothing.err,
          "nothing of PCI in it", nothing)
none = run("import")
tap.check(none.status == 2 and not none.out, "no file named", none)
lost = run("import", scratch("is-not-there"))
tap.check(lost.status == 2 and "is-not-there" in lost.err, "a file that is not there", lost)
odd = run("import", "-", stdin=ROOTS + "90000000-8fffffff : PCI Bus 0000:01\n")
tap.check(odd.status == 0 and "standard input:3: range ends before it begins" in odd.err,
          "a range that is none is named with its line", odd)
cut = run("import", "-", stdin="pmb-layout 1\nhost 0000:00\nroot 0000:00 mem 0x1-\nend 2\n")
tap.check(cut.status == 1 and "standard input:3:" in cut.err, "a layout that is cut", cut)

# Reports are cut, wrapped and spoilt on the way; that must never kill.

rnd = random.Random(6)
base = b"\n".join(read(data(f"data/{name}.txt")).encode() for name in
                  ("dmesg-6.x", "lspci-vvv", "iomem", "dmesg-5.x-mail", "dmesg-2.6", "mail-qp")).split(b"\n")
died = []
for number in range(120):
    spoilt = [rnd.choice(base) for _ in range(rnd.randrange(1, 120))]
    for _ in range(rnd.randrange(12)):
        at = rnd.randrange(len(spoilt))
        line = spoilt[at]
        where = rnd.randrange(len(line) + 1)
        spoilt[at] = line[:where] + rnd.choice((b"", bytes([rnd.randrange(256)]), b"[mem 0x0-",
                                                b"0xffffffffffffffff", b"\n")) + line[where + 1:]
    report = b"\n".join(spoilt).decode("latin-1")
    done = run("import", "-", stdin=report)
    if done.status not in (0, 1) or "makes no layout" in done.err or "Sanitizer" in done.err:
        died.append(f"{done}{report}")
tap.check(not died, "spoilt reports", died[0] if died else None)
tap.end()
