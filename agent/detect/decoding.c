/* SPDX-License-Identifier: MIT */
#include "detect/decoding.h"

#include "base/mem.h"
#include "base/number.h"

enum { SMALL = 64 << 10 };

void decoding_end(struct decoding *d)
{
	if (d->len)
		mem_wipe(d->plain, d->len);
	d->len = 0;
	d->stretches.n = 0;
	if (d->cap + d->stretches.cap * sizeof *d->stretches.v > SMALL)
		decoding_free(d);
}

void decoding_begin(struct decoding *d, enum coding coding, uint64_t offset)
{
	decoding_end(d);
	d->coding = coding;
	d->begun = (struct tally){.offset = offset};
	d->line_no = d->line_start = 0;
	d->continued = false;
	d->word = d->have = 0;
	d->units = d->rest = 0;
}

void decoding_stretch(struct decoding *d, uint64_t raw, unsigned bits, unsigned chars)
{
	int64_t bit = (int64_t)d->len * 8 + d->have;
	struct stretch *last = d->stretches.n ? &d->stretches.v[d->stretches.n - 1] : NULL;
	/* One unit more of the same kind needs no entry of its own. */
	if (last && last->bits == bits && last->chars == chars &&
	    last->line_start == d->line_start &&
	    raw - last->raw == (uint64_t)(bit - last->bit) / bits * chars)
		return;
	/* NOLINTNEXTLINE: v is NULL only with cap 0 */
	*vec_add(&d->stretches) = (struct stretch){
		.bit = bit,
		.raw = raw,
		.line_start = d->line_start,
		.line = narrowed(d->line_no),
		.bits = (uint8_t)bits,
		.chars = (uint8_t)chars,
	};
}

/* Not by realloc, which leaves copies behind. */
uint8_t *decoding_reserve(struct decoding *d, size_t more)
{
	if (d->cap - d->len < more) {
		size_t cap = d->cap ? d->cap : 1024;
		while (cap - d->len < more)
			cap *= 2;
		uint8_t *wider = mem_alloc(cap);
		if (d->len)
			memcpy(wider, d->plain, d->len);
		if (d->cap)
			mem_wipe(d->plain, d->len);
		free(d->plain);
		d->plain = wider;
		d->cap = cap;
	}
	return d->plain + d->len;
}

/* Mostly of single characters, for which a call takes longer. */
void decoding_add(struct decoding *d, const void *bytes, size_t len)
{
	enum { FEW = 4 };
	const uint8_t *from = bytes;
	uint8_t *to = decoding_reserve(d, len);
	if (len > FEW)
		memcpy(to, from, len);
	for (size_t i = 0; i < len && len <= FEW; i++)
		to[i] = from[i];
	d->len += len;
}

bool decoding_is_full(const struct decoding *d)
{
	return d->len >= DECODING_PIECE || d->stretches.n >= DECODING_PARTS;
}

/* The last stretch that begins at this bit or before it. */
static size_t stretch_at(const struct decoding *d, int64_t bit)
{
	size_t low = 0, high = d->stretches.n;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (d->stretches.v[mid].bit <= bit)
			low = mid;
		else
			high = mid;
	}
	return low;
}

void decoding_drop(struct decoding *d, size_t keep)
{
	size_t gone = d->len > keep ? d->len - keep : 0;
	if (!gone)
		return;
	size_t first = stretch_at(d, (int64_t)gone * 8);
	memmove(d->stretches.v, d->stretches.v + first,
		(d->stretches.n - first) * sizeof *d->stretches.v);
	d->stretches.n -= first;
	vec_each(&d->stretches, it)
		it->bit -= (int64_t)gone * 8;
	memmove(d->plain, d->plain + gone, d->len - gone);
	mem_wipe(d->plain + d->len - gone, gone);
	d->len -= gone;
	d->continued = true;
}

void decoding_free(struct decoding *d)
{
	if (d->len)
		mem_wipe(d->plain, d->len);
	free(d->plain);
	vec_free(&d->stretches);
	d->plain = NULL;
	d->len = d->cap = 0;
}

struct origin decoding_origin(const struct decoding *d, uint64_t start, uint64_t len)
{
	int64_t first = (int64_t)start * 8, last = (int64_t)(start + len) * 8 - 1;
	size_t from = stretch_at(d, first), to = stretch_at(d, last);
	const struct stretch *a = &d->stretches.v[from], *b = &d->stretches.v[to];
	uint64_t into = (uint64_t)(first - a->bit);
	uint64_t begin = a->raw + into / a->bits * a->chars;
	uint64_t end = b->raw + ((uint64_t)(last - b->bit) / b->bits + 1) * b->chars;
	uint64_t line_start = a->line ? a->line_start : d->begun.line_start;
	return (struct origin){
		.offset = begin,
		.length = end - begin,
		.line = narrowed(d->begun.lines + a->line + 1),
		.column = narrowed(begin - line_start + 1),
		.lead = (unsigned)(into % a->bits),
		.literal = from == to && a->bits == 8 && a->chars == 1,
	};
}
