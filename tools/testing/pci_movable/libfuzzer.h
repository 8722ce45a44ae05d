/* SPDX-License-Identifier: GPL-2.0 */
/* What libFuzzer calls, and what it has to offer. */
#ifndef _PCI_MOVABLE_LIBFUZZER_H
#define _PCI_MOVABLE_LIBFUZZER_H

#include <linux/types.h>

/* Try these bytes. -1: they are of no use, 0: else; what is wrong ends the program. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Change @data, which has room for @max bytes, in its own way; its new size. */
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed);

/* The same in libFuzzer's way. */
size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max);

#endif /* _PCI_MOVABLE_LIBFUZZER_H */
