// SPDX-License-Identifier: GPL-2.0
/* pcibar qemu: a shell script that starts QEMU with the case, and plugs in. */
#include <stdlib.h>
#include <string.h>
#include "qemu_pick.h"

static const char help[] =
"usage: pcibar qemu LAYOUT [--host HOST] [-o FILE]\n"
"\n"
"Prints a shell script that reproduces the case under QEMU: the tree of bridges, with\n"
"devices of QEMU standing for the real ones, and the hot-plug of what is wanted. What\n"
"differs from the machine is told in the head of the script.\n"
"\n"
"  --host HOST     host bridge, where there are several; default: the first one with\n"
"                  something wanted\n"
"  -o FILE         write there instead of standard output\n"
"\n"
"Then, with a kernel and an initramfs, or with the disk of an installed system:\n"
"\n"
"  sh FILE run -kernel bzImage -initrd initrd.gz -append console=ttyS0\n"
"  sh FILE run -drive file=debian.qcow2,if=virtio\n"
"\n"
"and from another terminal:\n"
"\n"
"  sh FILE plug    plug in what is wanted\n"
"  sh FILE look    what the machine decodes now\n";

static const char head[] =
"#!/bin/sh\n"
"# SPDX\x2dLicense-Identifier: GPL-2.0\n"
"# Made by pcibar qemu: reproduces a case of PCI address space under QEMU.\n"
"#\n"
"#\tsh THIS run [OPTIONS OF QEMU]	start the machine\n"
"#\tsh THIS plug			plug in what was wanted\n"
"#\tsh THIS look			what the machine decodes now\n"
"#\n"
"# QEMU is the program, ACCEL=kvm makes it faster where it works, SOCKET is where it\n"
"# listens for the other two commands.\n"
"#\n"
"# What differs from the machine:\n";

static const char body[] =
"\n"
": \"${QEMU:=qemu-system-x86_64}\" \"${ACCEL:=tcg}\" \"${SOCKET:=/tmp/pcibar-qemu.sock}\"\n"
"\n"
"start()\n"
"{\n"
"\texec \"$QEMU\" -machine q35 -accel \"$ACCEL\" -smp 2 -m 1G -nodefaults \\\n"
"\t-display none -serial mon:stdio -qmp \"unix:$SOCKET,server=on,wait=off\" \\\n"
"\t-global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off \\\n";

static const char talk[] =
"talk()\n"
"{\n"
"\tpython3 -c '\n"
"import json, socket, sys\n"
"\n"
"link = socket.socket(socket.AF_UNIX)\n"
"link.connect(sys.argv[1])\n"
"lines = link.makefile()\n"
"\n"
"def ask(command, **arguments):\n"
"    link.sendall(json.dumps({\"execute\": command, \"arguments\": arguments}).encode())\n"
"    while True:\n"
"        answer = json.loads(lines.readline())\n"
"        if \"error\" in answer:\n"
"            sys.exit(answer[\"error\"][\"desc\"])\n"
"        if \"return\" in answer:\n"
"            return answer[\"return\"]\n"
"\n"
"def show(devices, indent):\n"
"    for dev in devices:\n"
"        print(\"%s%02x:%02x.%x %s\" % (indent, dev[\"bus\"], dev[\"slot\"], dev[\"function\"], dev[\"qdev_id\"]))\n"
"        for r in dev[\"regions\"]:\n"
"            at = \"not decoded\" if r[\"address\"] in (-1, 2 ** 64 - 1) else \"at %#x\" % r[\"address\"]\n"
"            print(\"%s  BAR %d %s size %#x %s\" % (indent, r[\"bar\"], r[\"type\"], r[\"size\"], at))\n"
"        below = dev.get(\"pci_bridge\")\n"
"        if below:\n"
"            for kind in (\"io_range\", \"memory_range\", \"prefetchable_range\"):\n"
"                window = below[\"bus\"][kind]\n"
"                if window[\"limit\"] > window[\"base\"]:\n"
"                    print(\"%s  %s %#x-%#x\" % (indent, kind, window[\"base\"], window[\"limit\"]))\n"
"            show(below.get(\"devices\", []), indent + \"    \")\n"
"\n"
"lines.readline()\n"
"ask(\"qmp_capabilities\")\n"
"if len(sys.argv) == 2:\n"
"    for bus in ask(\"query-pci\"):\n"
"        show(bus[\"devices\"], \"\")\n"
"for line in sys.argv[2:]:\n"
"    answer = ask(\"human-monitor-command\", **{\"command-line\": line}).strip()\n"
"    print(line, answer)\n"
"    if answer:\n"
"        sys.exit(1)\n"
"' \"$SOCKET\" \"$@\"\n"
"}\n"
"\n";

static const char foot[] =
"case ${1:-} in\n"
"run)\n"
"\tshift\n"
"\tstart \"$@\"\n"
"\t;;\n"
"plug)\n"
"\tplug\n"
"\t;;\n"
"look)\n"
"\ttalk\n"
"\t;;\n"
"*)\n"
"\techo \"usage: $0 run [OPTIONS OF QEMU] | plug | look\" >&2\n"
"\texit 2\n"
"\t;;\n"
"esac\n";

/* "pci-testdev,id=d03-00.0,bus=b02-01.0,addr=0.0,membar=16M" */
static void put_device(FILE *to, const struct qemu_case *c, const struct qemu_fn *fn)
{
	fprintf(to, "%s,id=%s,bus=%s,addr=%x.%x%s%s", fn->driver, fn->id,
		fn->bus == PMB_NONE ? "pcie.0" : c->bus[fn->bus], fn->slot, fn->fn,
		fn->multi ? ",multifunction=on" : "", fn->more);
	if (fn->drive)
		fprintf(to, ",drive=%s-disk", fn->id);
}

static void put_run(FILE *to, const struct qemu_case *c)
{
	u32 i;

	fputs(body, to);
	for (i = 0; i < c->nr; i++)
		if (c->fn[i].drive)
			fprintf(to, "\t-blockdev driver=null-co,node-name=%s-disk,size=%u,%s \\\n",
				c->fn[i].id, 1U << 30, "read-zeroes=on");
	for (i = 0; i < c->nr; i++) {
		if (c->fn[i].plug)
			continue;
		fputs("\t-device ", to);
		put_device(to, c, &c->fn[i]);
		fputs(" \\\n", to);
	}
	fputs("\t\"$@\"\n}\n\n", to);
}

/* Of the functions in a slot, function 0 comes last: it tells the slot. */
static void put_plug(FILE *to, const struct qemu_case *c)
{
	u32 i, pass, nr = 0;

	fputs("plug()\n{\n", to);
	for (i = 0; i < c->nr; i++)
		nr += c->fn[i].plug;
	if (!nr) {
		fputs("\techo nothing is wanted behind a port >&2\n\treturn 1\n}\n\n", to);
		return;
	}
	fputs("\ttalk", to);
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < c->nr; i++) {
			if (!c->fn[i].plug || !c->fn[i].fn == !pass)
				continue;
			fputs(" \\\n\t\t\"device_add ", to);
			put_device(to, c, &c->fn[i]);
			fputc('"', to);
		}
	}
	fputs(" || return 1\n", to);
	for (i = 0; i < c->nr; i++) {
		if (!c->fn[i].plug || c->fn[i].fn)
			continue;
		fprintf(to, "\techo 'The guest waits five seconds for slot %u. To press on:'\n",
			c->fn[i].bus + 1);
		fprintf(to, "\techo 'echo 1 > /sys/bus/pci/slots/%u/power'\n", c->fn[i].bus + 1);
	}
	fputs("}\n\n", to);
}

static int write_script(const struct pmb_layout *layout, const char *path, u32 left_out)
{
	FILE *to = pcibar_create(path);
	struct qemu_case c;
	u32 i;

	if (!to)
		return PCIBAR_BAD;
	qemu_pick(&c, layout);
	if (left_out)
		qemu_note(&c, "%u more host bridges of the machine are not there", left_out);
	fputs(head, to);
	for (i = 0; i < c.nr_notes; i++)
		fprintf(to, "#  - %s\n", c.note[i]);
	put_run(to, &c);
	fputs(talk, to);
	put_plug(to, &c);
	fputs(foot, to);
	qemu_free(&c);
	return pcibar_close(to, path);
}

static const struct option options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "host", required_argument, NULL, 'H' },
	{ "output", required_argument, NULL, 'o' },
	{ }
};

int cmd_qemu(int argc, char **argv)
{
	const char *path = "-", *host = NULL;
	struct pmb_layout *all, *one;
	int o, status;

	while ((o = pcibar_option(argc, argv, options, help, &status)) != -1) {
		if (o == 'H')
			host = optarg;
		else if (o == 'o')
			path = optarg;
		else
			return status;
	}
	all = pcibar_argument(argc, argv);
	if (!all)
		return PCIBAR_BAD;
	one = pcibar_one_host(all, host);
	status = one ? write_script(one, path, all->nr_hosts - 1) : PCIBAR_BAD;
	pmb_layout_free(one);
	pmb_layout_free(all);
	return status;
}
