# SPDX-License-Identifier: GPL-2.0
"""The two kinds of machines: what is different between them, in one place."""

from typing import NamedTuple


class Platform(NamedTuple):
    name: str
    qemu: str
    machine: str
    cpu: str
    image: str          # the kernel, in build/NAME and build/NAME-stock
    guest: str          # where the guest's files are made
    cc: str
    busybox: str        # static; relative to build/ if it had to be fetched
    console: str        # the kernel's log
    tty: str            # the harness's shell
    shell: tuple        # QEMU arguments of it
    firmware: bool      # assigns addresses, and is asked by way of ACPI


X86_64 = Platform("x86_64", "qemu-system-x86_64", "q35", "qemu64", "bzImage", "guest", "gcc",
                  "/bin/busybox", "ttyS0", "ttyS1", ("-serial", "chardev:shell"), True)

# virt has one UART; a console on PCI would be part of what is tested
ARM64 = Platform("arm64", "qemu-system-aarch64", "virt,gic-version=3", "cortex-a57", "Image",
                 "guest-arm64", "aarch64-linux-gnu-gcc", "arm64/busybox", "ttyAMA0", "hvc0",
                 ("-device", "virtio-serial-device", "-device", "virtconsole,chardev=shell"), False)

PLATFORMS = {p.name: p for p in (X86_64, ARM64)}
