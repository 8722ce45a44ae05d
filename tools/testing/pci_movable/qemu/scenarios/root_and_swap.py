# SPDX-License-Identifier: GPL-2.0
"""
The root file system's and the swap's drives move while programs depend on them.

Two functions in one slot of the machine in harness/seesaw.py: an ext4, from which
a shell in a chroot runs programs, compares files and writes some, the page cache
being dropped all the time; and the swap, with more memory in use than there is.

A pause which waited for memory, or for a program's page, would wait for itself.

Not run on stock: it loses both drives there (see verified-writes), and with them the
shell that would tell.
"""

from harness import load, machine, seesaw
from . import verified_writes

ORDER = 21
KERNELS = ("patched",)
SEED = 42
DRIVES = ("root-nvme", "swap-nvme")
MEMORY_MIB = 160
OVER_MIB = 8

# a thread touches a page that often, so that the rest gets its share of time and swap
PAUSE_US = 1000

# each turn: known data right, a program with sixty libraries runs, a file comes and goes
LOOP = r"""
n=0
while :; do
	md5sum -c /sums >/dev/null 2>&1 || echo sums >> /tmp/wrong
	fio --version >/dev/null || echo fio >> /tmp/wrong
	cp /bin/busybox /copy && sync && cmp /bin/busybox /copy || echo copy >> /tmp/wrong
	rm /copy
	echo 5 > /proc/sys/vm/drop_caches
	n=$((n + 1))
	echo $n > /tmp/turns
	sleep 0.1
done
"""


def boot(ctx):
    slot = machine.scratch_drive("swap", "sa.3", ctx.image("swap", SEED, mib=96), addr="0.1",
                                 multifunction="on")
    slot += machine.scratch_drive("root", "sa.3", ctx.root_image(), addr="0.0",
                                  multifunction="on")
    return ctx.vm(seesaw.arguments([slot]), globals_=machine.PCIEHP, memory=MEMORY_MIB,
                  threads="single")


class Counters:
    """What has been done so far; differences tell about a phase."""

    def __init__(self, vm, root):
        text = vm.sh(f"cat {root}/tmp/turns; grep -E '^pswp(in|out) ' /proc/vmstat").text.split()
        self.turns = int(text[0])
        self.swapped_in, self.swapped_out = int(text[2]), int(text[4])

    def since(self, old):
        return {k: v - getattr(old, k) for k, v in vars(self).items()}


def start_swap(vm):
    """Swap on; more memory in use than there is from now on."""
    node = load.node(vm, "swap")
    vm.sh(f"mkswap {node} >/dev/null && swapon {node}")
    free = int(vm.sh("grep MemAvailable /proc/meminfo").text.split()[1]) >> 10
    return load.Memory(vm, free + OVER_MIB, SEED, 2, PAUSE_US)


def start_loop(vm, root):
    vm.sh(f"mkdir -p {root}/tmp; mount -t tmpfs none {root}/tmp; echo 0 > {root}/tmp/turns")
    vm.sh(f"cat > {root}/tmp/loop <<'END'\n{LOOP}END\n")
    vm.sh(f"PATH=/bin chroot {root} /bin/sh /tmp/loop >/tmp/loop.out 2>&1 & echo $! > /tmp/loop.pid")


def phase(ctx, vm, see, root, memory, paused, ways):
    text = "paused" if paused else "live"
    see.paused(paused)
    see.events.clear()
    memory.phase(90)
    old = Counters(vm, root)
    wrong = see.swing(ways)
    # a turn that began after the last way has to come to its end
    turn = Counters(vm, root).turns
    vm.sh(f"n=0; while [ $(cat {root}/tmp/turns) -lt {turn + 2} ] && [ $n -lt 400 ]; do "
          "n=$((n + 1)); sleep 0.1; done")
    done = Counters(vm, root).since(old)
    pages = memory.phase(90)["phases"][-2]
    ctx.comment(f"{text}: {done}; memory: {load.describe(pages)}")
    ctx.check(Counters(vm, root).turns >= turn + 2, f"{text}: programs go on", done)
    ctx.check(done["swapped_in"] > 10 and done["swapped_out"] > 10, f"{text}: swap was used", done)
    ctx.check_load(pages, f"{text}: memory, partly swapped out")
    ctx.check(not wrong, f"{text}: {ways} ways, both drives moved, all cards decoded",
              "\n".join(wrong))
    verified_writes.judge_events(ctx, see.events, len(DRIVES), paused, text)


def run(ctx):
    with boot(ctx) as vm:
        root = verified_writes.mount_root(vm)
        vm.sh("echo 20 > /proc/sys/kernel/hung_task_timeout_secs")
        since = vm.mark()
        see = seesaw.Seesaw(ctx, vm, DRIVES)
        start_loop(vm, root)
        memory = start_swap(vm)
        for paused in (False, True):
            phase(ctx, vm, see, root, memory, paused, 2)
        wrong = vm.sh(f"cat {root}/tmp/wrong 2>/dev/null; kill $(cat /tmp/loop.pid)",
                      check=False).text
        last = memory.stop(timeout=90)["phases"][-1]
        ctx.check(not last["mismatches"], "memory: every page is right at the end", last)
        ctx.check(not wrong, "every program ran, every file was right", wrong)
        errors = vm.sh("cat /sys/fs/ext4/nvme*/errors_count").text.split()
        ctx.check(errors == ["0"], "ext4 counted no error", errors)
        ctx.check_nvme_log(vm, since)
        ctx.check_tree(vm)
        ctx.check_log(vm)
