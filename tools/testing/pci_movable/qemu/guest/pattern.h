/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The test pattern: what byte N of stream SEED is. Drives and downloads both
 * carry it, each with a seed of its own, so that data of another drive, another
 * block or an older read is told from the right one.
 */
#ifndef PCI_MOVABLE_PATTERN_H
#define PCI_MOVABLE_PATTERN_H

#include <stdint.h>
#include <stddef.h>

#define PATTERN_BLOCK 4096

/* splitmix64: one multiply-xor round per word, no state to carry */
static inline uint64_t pattern_word(uint64_t seed, uint64_t index)
{
	uint64_t z = seed * 0xd1342543de82ef95ull + index * 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* Fill one block; its first word is the block number in clear */
static inline void pattern_fill(uint64_t *buf, uint64_t seed, uint64_t block)
{
	const size_t words = PATTERN_BLOCK / sizeof(*buf);
	size_t i;

	buf[0] = block;
	for (i = 1; i < words; i++)
		buf[i] = pattern_word(seed, block * words + i);
}

/* Number of words of a block that are wrong */
static inline unsigned int pattern_diff(const uint64_t *buf, uint64_t seed, uint64_t block)
{
	const size_t words = PATTERN_BLOCK / sizeof(*buf);
	unsigned int bad = buf[0] != block;
	size_t i;

	for (i = 1; i < words; i++)
		bad += buf[i] != pattern_word(seed, block * words + i);
	return bad;
}

#endif
