// SPDX-License-Identifier: GPL-2.0
/*
 * nvme_ns - attach a namespace to a controller, or detach it.
 *
 *   nvme_ns attach|detach /dev/nvmeN NSID
 *
 * The controller tells the driver by an event, the driver scans by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/nvme_ioctl.h>

#define ADMIN_IDENTIFY		0x06
#define ADMIN_NS_ATTACH		0x15
#define IDENTIFY_CONTROLLER	1
#define CNTLID_OFFSET		78

static _Alignas(4096) uint8_t data[4096];

static int admin(int fd, uint8_t opcode, uint32_t nsid, uint32_t cdw10)
{
	struct nvme_admin_cmd cmd = {
		.opcode = opcode,
		.nsid = nsid,
		.addr = (uintptr_t)data,
		.data_len = sizeof(data),
		.cdw10 = cdw10,
	};

	return ioctl(fd, NVME_IOCTL_ADMIN_CMD, &cmd);
}

int main(int argc, char **argv)
{
	int detach = argc == 4 && !strcmp(argv[1], "detach");
	uint16_t id;
	int fd, status;

	if (argc != 4 || (!detach && strcmp(argv[1], "attach"))) {
		fprintf(stderr, "usage: nvme_ns attach|detach /dev/nvmeN NSID\n");
		return 2;
	}
	fd = open(argv[2], O_RDWR);
	if (fd < 0) {
		perror(argv[2]);
		return 1;
	}
	status = admin(fd, ADMIN_IDENTIFY, 0, IDENTIFY_CONTROLLER);
	if (!status) {
		/* a list of controllers: how many, and which */
		memcpy(&id, data + CNTLID_OFFSET, sizeof(id));
		memset(data, 0, sizeof(data));
		data[0] = 1;
		memcpy(data + 2, &id, sizeof(id));
		status = admin(fd, ADMIN_NS_ATTACH, (uint32_t)atoi(argv[3]), (uint32_t)detach);
	}
	if (status)
		fprintf(stderr, "nvme_ns: status %#x %s\n", (unsigned int)status,
			status < 0 ? strerror(errno) : "");
	close(fd);
	return !!status;
}
