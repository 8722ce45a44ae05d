/* SPDX-License-Identifier: GPL-2.0 */
/* What a machine tells of its PCI functions, in files. */
#ifndef _PCIBAR_SYSFS_H
#define _PCIBAR_SYSFS_H

#include "builder.h"

#define CONFIG_BYTES	4096

/**
 * struct config_space - as far as it can be read
 * @byte: the bytes; zero beyond @len
 * @len: how many there are; 64 without being root
 */
struct config_space {
	u8 byte[CONFIG_BYTES];
	size_t len;
};

/* sysfs.c: all below @root; an empty @root is this machine itself */

/* A small file, 0 behind its end; NULL: there is none, or it may not be read. */
char *sysfs_read(const char *root, const char *path, size_t *len);
/* The last part of what a link leads to; false: it is no link. */
bool sysfs_link(const char *root, const char *path, char *name, size_t size);
/* A line of a function's resource file. */
void sysfs_bar(struct function *f, u32 nr, u64 start, u64 last, u64 flags);
/* Every function there is. Return: how many; -1: no PCI here. */
int sysfs_functions(struct builder *b, const char *root);

/* config_space.c: what only the registers tell */
void config_facts(struct builder *b, struct function *f, const struct config_space *c);
/* Offsets of root windows, once all of these are known. */
void config_offsets(struct builder *b);

#endif /* _PCIBAR_SYSFS_H */
