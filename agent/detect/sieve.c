/* SPDX-License-Identifier: MIT */
#include "detect/sieve.h"

#include <string.h>

#include "base/mem.h"
#include "detect/ways.h"

/* The bytes behind the last are none of these. */
static void sift_rest(const struct way *way, const uint8_t *bytes, size_t len,
		      struct sieve *sieve)
{
	uint8_t block[SIEVE_BLOCK];
	memset(block, ' ', sizeof block);
	memcpy(block, bytes, len);
	way->sift(block, 1, sieve);
	mem_wipe(block, sizeof block);
}

static void end_groups(struct groups *groups, size_t blocks)
{
	memset(groups->blocks + blocks, 0, sizeof groups->blocks - SIEVE_BLOCKS);
}

void sieve_make(struct sieve *sieve, const uint8_t *bytes, size_t from, size_t to, size_t len)
{
	const struct way *way = way_here();
	size_t wanted = (to - from + SIEVE_BLOCK - 1) / SIEVE_BLOCK + 1;
	size_t there = (len - from) / SIEVE_BLOCK, rest = (len - from) % SIEVE_BLOCK;
	size_t whole = there < wanted ? there : wanted;
	sieve->start = from;
	sieve->blocks = 0;
	way->sift(bytes + from, whole, sieve);
	if (whole < wanted && rest)
		sift_rest(way, bytes + from + whole * SIEVE_BLOCK, rest, sieve);
	end_groups(&sieve->digits, sieve->blocks);
	end_groups(&sieve->percents, sieve->blocks);
	end_groups(&sieve->backslashes, sieve->blocks);
	end_groups(&sieve->gaps, sieve->blocks);
}
