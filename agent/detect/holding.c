/* SPDX-License-Identifier: MIT */
#include "detect/holding.h"

#include <string.h>

#include "base/mem.h"

enum { BLOCK = 64 << 10 };

/* First what was kept, then the rest. */
static int64_t read_on(struct source *source, void *out, size_t cap, uint64_t *hole)
{
	struct holding *held = source->context;
	size_t left = held->bytes.len - held->at;
	if (!left)
		return source_read(held->from, out, cap, hole);
	if (cap > left)
		cap = left;
	memcpy(out, held->bytes.data + held->at, cap);
	held->at += cap;
	return (int64_t)cap;
}

bool holding_take(struct holding *held, struct source *source, size_t most, int *ret_error)
{
	*held = (struct holding){.from = source};
	if (source_seekable(source)) {
		held->source = *source;
		held->source.head = NULL;
		held->source.room = NULL;
		held->source.head_len = held->source.head_at = 0;
		return held->whole = true;
	}
	uint64_t hole = 0;
	int64_t n = 1;
	while (n > 0 && !hole && held->bytes.len <= most) {
		n = source_read(source, buf_reserve(&held->bytes, BLOCK), BLOCK, &hole);
		held->bytes.len += n > 0 ? (size_t)n : 0;
	}
	if (n < 0 && ret_error)
		*ret_error = (int)n;
	held->whole = held->bytes.len <= most && !hole;
	if (held->whole)
		source_memory(&held->source, held->bytes.data, held->bytes.len);
	else
		held->source = (struct source){.read = read_on, .context = held};
	return held->whole;
}

void holding_clear(struct holding *held)
{
	source_clear(&held->source);
	buf_wipe(&held->bytes);
}
