# SPDX-License-Identifier: GPL-2.0
"""QEMU arguments for the parts which the scenarios' machines are built of."""

# Native (pciehp) hot-plug instead of ACPI's
PCIEHP = ("ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off",)


def device(driver, **properties):
    words = [driver] + [f"{k.rstrip('_').replace('_', '-')}={v}" for k, v in properties.items()]
    return ["-device", ",".join(words)]


def root_port(name, slot, addr, **more):
    return device("pcie-root-port", id=name, bus="pcie.0", chassis=slot, slot=slot, addr=addr,
                  **more)


def switch(name, bus, slot, ports=4):
    """An upstream port and @ports downstream ports NAME.0.. with slots @slot.."""
    words = device("x3130-upstream", id=name, bus=bus)
    for i in range(ports):
        words += device("xio3130-downstream", id=f"{name}.{i}", bus=name, chassis=slot + i,
                        slot=slot + i, addr=i)
    return words


def drive(name, bus, image, **more):
    """An NVMe drive; its serial number is @name."""
    return ["-blockdev", f"driver=raw,node-name={name},read-only=on,file.driver=file,"
            f"file.filename={image},file.locking=off",
            *device("nvme", id=f"{name}-nvme", bus=bus, drive=name, serial=name, **more)]


def scratch(name, image):
    """A medium that can be written and is @image again the next time."""
    return ["-drive", f"if=none,id={name},format=raw,snapshot=on,file={image}"]


def scratch_drive(name, bus, image, **more):
    """An NVMe drive which can be written; its serial number is @name."""
    return [*scratch(name, image),
            *device("nvme", id=f"{name}-nvme", bus=bus, drive=name, serial=name, **more)]


def nic(model, name, bus, feed, mac, **more):
    """A network card; every connection to 10.0.2.100:80 gets what command @feed writes."""
    return ["-netdev", f"user,id={name}-net,restrict=on,ipv6=off,"
            f"guestfwd=tcp:10.0.2.100:80-cmd:{feed}",
            *device(model, id=name, bus=bus, netdev=f"{name}-net", mac=mac, romfile="", **more)]


def edu_functions(count=7, name="edu"):
    """device_add arguments for @count edu functions of 1 MiB each, function 0 last."""
    return [{"driver": "edu", "id": f"{name}{f}", "addr": f"0.{f}", "multifunction": True}
            for f in reversed(range(count))]
