/* SPDX-License-Identifier: MIT */
/* gitformat-pack(5), "Deltified representation". */
#include <errno.h>
#include <string.h>

#include "git/reader.h"

static size_t size_at(const uint8_t *delta, size_t len, uint64_t *ret)
{
	uint64_t size = 0;
	for (size_t i = 0; i < len && i < 9; i++) {
		size |= (uint64_t)(delta[i] & 0x7f) << 7 * i;
		if (delta[i] & 0x80)
			continue;
		*ret = size;
		return i + 1;
	}
	return 0;
}

size_t delta_sizes(const uint8_t *delta, size_t len, uint64_t *ret_from, uint64_t *ret_to)
{
	size_t first = size_at(delta, len, ret_from);
	size_t second = first ? size_at(delta + first, len - first, ret_to) : 0;
	return second ? first + second : 0;
}

/* The numbers behind a copy: only the bytes that are not zero stand there. */
static size_t copy_numbers(const uint8_t *at, size_t len, uint8_t which, size_t *from,
			   size_t *size)
{
	size_t used = 0, numbers[7] = {0};
	for (unsigned i = 0; i < 7; i++) {
		if (!(which >> i & 1))
			continue;
		if (used == len)
			return SIZE_MAX;
		numbers[i] = at[used++];
	}
	*from = numbers[0] | numbers[1] << 8 | numbers[2] << 16 | numbers[3] << 24;
	*size = numbers[4] | numbers[5] << 8 | numbers[6] << 16;
	*size = *size ? *size : 0x10000;
	return used;
}

int delta_apply(const uint8_t *base, size_t base_len, const uint8_t *delta, size_t len,
		uint8_t *out, size_t out_len)
{
	uint64_t from, to;
	size_t at = delta_sizes(delta, len, &from, &to), made = 0;
	if (!at || from != base_len || to != out_len)
		return -EBADMSG;
	while (at < len) {
		uint8_t order = delta[at++];
		size_t size = order, place = at;
		const uint8_t *source = delta;
		size_t limit = len;
		if (order & 0x80) {
			size_t used = copy_numbers(delta + at, len - at, order, &place, &size);
			if (used == SIZE_MAX)
				return -EBADMSG;
			at += used;
			source = base;
			limit = base_len;
		} else {
			at += size;
		}
		if (!size || place > limit || size > limit - place || size > out_len - made)
			return -EBADMSG;
		memcpy(out + made, source + place, size);
		made += size;
	}
	return made == out_len ? 0 : -EBADMSG;
}
