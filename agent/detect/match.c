/* SPDX-License-Identifier: MIT */
/* The window holds BEFORE bytes that were scanned already, then new ones. The
 * prefilter only goes so far that each keyword still has AFTER bytes behind it
 * in the window, or the end of the stream; the rest is moved to the front and
 * read on. So each byte is scanned once, each keyword sees all of its
 * surroundings, and no border can cut a secret.
 *
 * A rule tries every starting point once: `done` remembers how far it came. Dense
 * keywords therefore cost no more than sparse ones. */
#include "detect/match.h"

#include <errno.h>
#include <string.h>

#include "base/number.h"
#include "base/stage.h"
#include "detect/allow.h"
#include "detect/bytes.h"
#include "detect/match_judge.h"
#include "detect/match_lines.h"
#include "detect/match_tidy.h"
#include "detect/runs.h"
#include "detect/text.h"

enum {
	WINDOW = 256 << 10,
	BEFORE = 576,		/* a match may begin so far before its keyword's end, */
	NEAR = 512,		/* or so far behind it, */
	AFTER = 20480,		/* and end so far behind it */
	GRAIN = SIEVE_SPAN,	/* bytes that the finders see in turn, and between two ticks, */
	EXPENSIVE_GRAIN = 4096, /* and between two for a rule without keyword */
};
_Static_assert((int)MATCH_KEEP >= 2 * BEFORE + 512, "look-behind and the line of a match");
_Static_assert((int)MATCH_KEEP >= KEYWORD_MAX, "the prefilter looks back so far");

static bool is_enabled(const struct match *m, size_t rule)
{
	return m->enabled[rule >> 3] >> (rule & 7) & 1 &&
	       (!m->binary || m->patterns->each.v[rule].rule->in_binary);
}

void match_add(struct match *m, const struct found *found)
{
	if (m->found.n >= m->most)
		m->too_many = true;
	else
		*vec_add(&m->found) = *found;
}

static void ask_beside(struct match *m, size_t rule, size_t start, size_t end);

/* All matches of a rule that begin from `start` to `limit` in the window, have not
 * been tried yet and end at most AFTER bytes behind `place`. */
static void try_rule(struct match *m, size_t rule, size_t start, size_t limit, size_t place)
{
	const struct patterns *p = m->patterns;
	size_t stop = (size_t)smaller(place + AFTER, m->len);
	if (m->done[rule] > m->base + start)
		start = (size_t)(m->done[rule] - m->base);
	uint32_t options = (m->begun ? PCRE2_NOTBOL : 0) |
			   (m->last && stop == m->len ? 0 : PCRE2_NOTEOL);
	while (start <= limit && !m->too_many) {
		pcre2_set_offset_limit(p->context, limit);
		int r = pcre2_match(p->each.v[rule].code, m->window, stop, start, options,
				    p->data, p->context);
		if (r < 0) {
			m->failed |= r != PCRE2_ERROR_NOMATCH;
			start = limit + 1;
			break;
		}
		const PCRE2_SIZE *at = pcre2_get_ovector_pointer(p->data);
		size_t begin = at[0], end = at[1];
		match_judge(m, rule, at);
		if (p->each.v[rule].has_beside)
			ask_beside(m, rule, begin, end);
		start = end > start ? end : start + 1;
	}
	if (m->base + start > m->done[rule])
		m->done[rule] = m->base + start;
	m->tried = true;
}

/* Nearly all places of a common keyword are done with here. */
static bool goes_on(struct match *m, size_t rule, size_t end)
{
	const struct patterns *p = m->patterns;
	size_t stop = (size_t)smaller(end + AFTER, m->len);
	if (!p->each.v[rule].then)
		return true;
	pcre2_set_offset_limit(p->context, PCRE2_UNSET);
	int r = pcre2_match(p->each.v[rule].then, m->window, stop, end, PCRE2_NOTBOL, p->data,
			    p->context);
	m->failed |= r < 0 && r != PCRE2_ERROR_NOMATCH;
	return r >= 0;
}

static void try_near(struct match *m, size_t rule, size_t end)
{
	unsigned known = m->patterns->each.v[rule].rule->before;
	unsigned before = known ? known : BEFORE;
	size_t limit = (size_t)smaller(known ? end : end + NEAR, m->len);
	bool ready = patterns_ready(m->patterns, rule);
	m->failed |= !ready;
	if (ready && goes_on(m, rule, end))
		try_rule(m, rule, end > before ? end - before : 0, limit, end);
}

static bool is_over(struct match *m)
{
	m->stopped |= m->tick && m->tick(m->tick_context);
	return m->stopped;
}

/* Every place from `at` up to `end`. */
static void try_everywhere(struct match *m, size_t rule, size_t at, size_t end)
{
	while (at < end && !is_over(m)) {
		size_t next = (size_t)smaller(at + EXPENSIVE_GRAIN, end);
		m->muted = m->part.to && m->base + next <= m->part.from;
		try_rule(m, rule, at, next - 1, next);
		at = next;
	}
}

/* A keyword of such a rule stands for all that is near it. */
static bool is_asleep(const struct match *m, size_t rule)
{
	const struct secret_rule *r = m->patterns->each.v[rule].rule;
	return r->keywords.n && m->awake[rule] <= m->base + m->scanned;
}

static void wake(struct match *m, size_t rule, size_t end)
{
	size_t from = end > ALLOW_FAR ? end - ALLOW_FAR : 0;
	if (m->done[rule] > m->base + from)
		from = (size_t)(m->done[rule] - m->base);
	m->awake[rule] = m->base + end + ALLOW_FAR;
	try_everywhere(m, rule, from, end);
}

static void on_keyword(uint16_t rule, size_t end, void *context)
{
	struct match *m = context;
	if (m->stopped || !is_enabled(m, rule))
		return;
	enum stage stage = stage_enter(STAGE_PATTERNS);
	m->muted = m->part.to && m->base + end <= m->part.from;
	if (m->patterns->each.v[rule].rule->far)
		wake(m, rule, end);
	else
		try_near(m, rule, end);
	stage_enter(stage);
}

struct beside {
	struct match *match;
	size_t rule; /* that has matched */
};

static bool is_beside(const struct pattern *pattern, size_t rule)
{
	vec_each(&pattern->beside, other)
		if (*other == rule)
			return true;
	return false;
}

static void on_keyword_beside(uint16_t rule, size_t end, void *context)
{
	const struct beside *beside = context;
	struct match *m = beside->match;
	if (is_enabled(m, rule) && is_beside(&m->patterns->each.v[rule], beside->rule))
		try_near(m, rule, end);
}

/* What has a keyword only near matches of this rule. */
static void ask_beside(struct match *m, size_t rule, size_t start, size_t end)
{
	struct beside beside = {m, rule};
	prefilter_scan(m->patterns->beside, m->window, start > BEFORE ? start - BEFORE : 0, end,
		       on_keyword_beside, &beside);
}

/* The rules that have no keyword, and those awake, from `scanned` up to `end`. */
static void try_expensive(struct match *m, size_t end)
{
	for (size_t i = 0; i < m->patterns->expensive.n; i++) {
		size_t rule = m->patterns->expensive.v[i];
		if (is_enabled(m, rule) && !is_asleep(m, rule))
			try_everywhere(m, rule, m->scanned, end);
	}
}

static void seek_encoded(struct match *m, size_t limit, size_t upto)
{
	struct view view = {m->window, m->len, limit, m->base, m->binary};
	if (!m->encoded.on_piece)
		return;
	enum stage before = stage_enter(STAGE_DECODE);
	encoded_seek(&m->encoded, &view, upto);
	stage_enter(before);
}

/* Where letters and digits are; the decoders may have seen to it. */
static const struct sieve *sieve_of(struct match *m, size_t end)
{
	if (!encoded_has_sieve(&m->encoded, m->base + m->scanned, m->base + end))
		sieve_make(&m->encoded.sieve, m->window, m->scanned, end, m->len);
	return &m->encoded.sieve;
}

static void on_word(size_t at, void *context)
{
	struct match *m = context;
	prefilter_try(m->patterns->tokens, m->window, at, m->len, on_keyword, m);
}

static void seek_plain(struct match *m, size_t from, size_t to)
{
	if (from < to)
		prefilter_scan(m->prefilter, m->window, from, to, on_keyword, m);
	if (from < to && m->placed)
		prefilter_scan(m->placed, m->window, from, to, on_keyword, m);
}

/* The keywords that end in (scanned, end]. What stands in a binary has some fifteen
 * letters or digits in a row (patterns/README.md), and so one group of nothing else: a
 * cell without one, between two others, has no keyword that counts. Machine code is
 * mostly such cells. */
static void seek_in_binary(struct match *m, const struct sieve *sieve, size_t end)
{
	static const size_t cell = sizeof(uint64_t) * SIEVE_BLOCK; /* a word of the sieve */
	static const uint64_t unknown = UINT64_MAX;
	const uint8_t *digits = sieve->digits.blocks;
	size_t from = m->scanned;
	uint64_t before = unknown, here = sieve_word(digits), behind;
	for (size_t at = from; at < end; at += cell, before = here, here = behind) {
		digits += sizeof here;
		behind = end - at > 2 * cell ? sieve_word(digits) : unknown;
		if (before | here | behind)
			continue;
		seek_plain(m, from, at);
		from = at + cell;
	}
	seek_plain(m, from, end);
}

static void seek_keywords(struct match *m, size_t end)
{
	const struct sieve *sieve = sieve_of(m, end);
	if (m->binary)
		seek_in_binary(m, sieve, end);
	else
		seek_plain(m, m->scanned, end);
	runs_each(sieve, m->window, 0, end, on_word, m);
}

/* In grains, so that a tick comes also where every keyword is costly. */
static void scan_window(struct match *m)
{
	size_t limit = m->last ? m->len : m->len > AFTER ? m->len - AFTER : 0;
	bool ends = m->part.to && m->part.to <= m->base + limit;
	if (ends)
		limit = m->part.to > m->base ? (size_t)(m->part.to - m->base) : 0;
	while (m->scanned < limit && !m->stopped && !m->too_many) {
		size_t end = (size_t)smaller(limit, m->scanned + GRAIN);
		/* What goes on behind a part is decoded as far as it can be seen. */
		seek_encoded(m, ends ? m->len : limit, end);
		enum stage before = stage_enter(STAGE_PREFILTER);
		seek_keywords(m, end);
		stage_enter(before);
		try_expensive(m, end);
		m->scanned = end;
		/* The mark of a part is wanted even if it is not scanned to its end. */
		if (m->part.to && m->scanned > MATCH_KEEP)
			match_count_lines(m, m->scanned - MATCH_KEEP);
		is_over(m);
	}
}

/* Forgets the first n bytes of the window, but not the lines they held. */
static void slide(struct match *m, size_t n)
{
	struct view view = {m->window, m->len, m->len, m->base, m->binary};
	match_count_lines(m, n);
	encoded_keep(&m->encoded, &view, &(struct tally){m->lines, m->line_start, m->base + n});
	memmove(m->buffer, m->buffer + n, m->len - n);
	m->base += n;
	m->begun |= n > 0;
	m->len -= n;
	m->scanned -= n;
	m->counted -= n;
}

/* Reads until the window is full, the stream ends (`last`) or a hole begins
 * (*hole); *behind then holds the bytes that follow the hole. */
static int fill(struct match *m, struct source *source, uint64_t *hole, struct span *behind)
{
	while (m->len < m->room) {
		int64_t n = source_read(source, m->buffer + m->len, m->room - m->len, hole);
		if (n < 0)
			return (int)n;
		m->bytes += (uint64_t)n;
		m->last = n == 0 || *hole;
		if (*hole) {
			*behind = (struct span){m->window + m->len, (size_t)n};
			return 0;
		}
		m->len += (size_t)n;
		m->stopped = m->tick && m->tick(m->tick_context);
		if (n == 0 || m->stopped)
			return 0;
	}
	return 0;
}

/* Nothing before a hole matters behind it. */
static void jump(struct match *m, uint64_t hole, struct span behind)
{
	slide(m, m->len);
	m->base += hole;
	m->begun = true;
	encoded_jump(&m->encoded, &(struct tally){m->lines, m->line_start, m->base});
	memmove(m->buffer, behind.at, behind.len);
	m->len = behind.len;
	m->scanned = 0;
	m->last = false;
}

static bool is_past_end(const struct match *m, uint64_t hole)
{
	return m->part.to && (m->base + m->scanned >= m->part.to ||
			      (hole && m->base + m->len + hole >= m->part.to));
}

/* Bytes before the scanned ones that stay in the window. */
static size_t kept(const struct match *m)
{
	size_t far = m->patterns->allow ? (size_t)smaller(ALLOW_FAR, m->room / 2) : 0;
	return far > MATCH_KEEP ? far : MATCH_KEEP;
}

/* How long the byte order mark is that a text begins with: its first line begins behind
 * it. Read as units it is one byte beyond ASCII. */
static size_t mark_len(const struct match *m, const uint8_t *bytes, size_t len)
{
	if (m->begun || m->base || !len)
		return 0;
	return len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : bytes[0] == 0xff;
}

static void skip_mark(struct match *m, size_t len)
{
	m->base = m->line_start = len;
	encoded_jump(&m->encoded, &(struct tally){0, len, len});
}

static void drop_mark(struct match *m)
{
	size_t mark = mark_len(m, m->window, m->len);
	if (!mark)
		return;
	memmove(m->buffer, m->buffer + mark, m->len - mark);
	m->len -= mark;
	skip_mark(m, mark);
}

static int run(struct match *m, struct source *source)
{
	for (;;) {
		uint64_t hole = 0;
		struct span behind = {0};
		int r = fill(m, source, &hole, &behind);
		if (r < 0 || m->stopped)
			return r;
		drop_mark(m);
		scan_window(m);
		if (m->stopped || m->too_many || (m->last && !hole) || is_past_end(m, hole))
			return 0;
		if (hole)
			jump(m, hole, behind);
		else if (m->scanned > kept(m))
			slide(m, m->scanned - kept(m));
	}
}

/* ---- a stream ---- */

static bool is_any_enabled(const struct match *m, const uint8_t rules[MASK_SIZE])
{
	uint8_t any = 0;
	for (size_t i = 0; i < MASK_SIZE; i++)
		any |= rules[i] & m->enabled[i];
	return any;
}

static void choose_prefilters(struct match *m)
{
	const struct patterns *p = m->patterns;
	enum scope text = is_any_enabled(m, p->unlisted) ? SCOPE_ANYWHERE : SCOPE_LISTED;
	bool placed = !m->binary && is_any_enabled(m, p->placed);
	m->prefilter = p->prefilters[m->binary ? SCOPE_BINARY : text];
	m->placed = placed ? p->prefilters[SCOPE_PLACED] : NULL;
}

static void reset(struct match *m)
{
	size_t rules = m->patterns->each.n;
	m->room = m->room ? m->room : WINDOW;
	if (!m->done)
		m->done = mem_alloc((rules ? rules : 1) * sizeof *m->done);
	if (m->tried)
		memset(m->done, 0, rules * sizeof *m->done);
	m->tried = false;
	if (m->patterns->allow && !m->awake)
		m->awake = mem_alloc((rules ? rules : 1) * sizeof *m->awake);
	if (m->awake)
		memset(m->awake, 0, rules * sizeof *m->awake);
	choose_prefilters(m);
	m->found.n = 0;
	m->too_many = m->failed = m->stopped = m->last = m->muted = false;
	m->lines = m->bytes = 0;
	m->base = m->line_start = m->part.from > MATCH_LEAD ? m->part.from - MATCH_LEAD : 0;
	m->begun = m->base > 0;
	m->len = m->scanned = m->counted = 0;
	m->part.marked = false;
	encoded_reset(&m->encoded);
	encoded_jump(&m->encoded, &(struct tally){0, m->base, m->base});
}

static void scan_memory(struct match *m, const uint8_t *bytes, size_t len)
{
	size_t mark = mark_len(m, bytes, len);
	m->bytes = len;
	m->window = bytes + mark;
	m->len = len - mark;
	if (mark)
		skip_mark(m, mark);
	scan_window(m);
	match_tidy(m);
}

int match_stream(struct match *m, struct source *source)
{
	size_t len = 0;
	const uint8_t *all = m->part.to ? NULL : source_all(source, &len);
	reset(m);
	if (all && (len <= m->room || source->mapped)) {
		m->last = true;
		scan_memory(m, all, len);
		return 0;
	}
	if (!m->buffer) {
		m->buffer = mem_alloc(m->room);
		plat_memory_secret(m->buffer, m->room);
	}
	m->window = m->buffer;
	if (m->part.to)
		source_seek(source, m->base);
	int r = run(m, source);
	if (m->part.to && r == 0 && !m->stopped && !m->too_many)
		match_end_lines(m);
	match_tidy(m);
	mem_wipe(m->buffer, (size_t)smaller(m->bytes, m->room));
	return r;
}

void match_memory(struct match *m, const void *bytes, size_t len, bool first, bool last)
{
	reset(m);
	m->begun = !first;
	m->last = last;
	scan_memory(m, bytes, len);
}

void match_free(struct match *m)
{
	free(m->buffer);
	free(m->done);
	free(m->awake);
	encoded_free(&m->encoded);
	vec_free(&m->found);
}
