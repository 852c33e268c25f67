/* SPDX-License-Identifier: MIT */
#include "detect/match_judge.h"

#define OPENSSL_SUPPRESS_DEPRECATED /* for SHA256_Init, see digest_of */
#include <openssl/sha.h>

#include "base/number.h"
#include "detect/allow.h"
#include "detect/match_lines.h"
#include "detect/text.h"

enum {
	LINE_SIDE = 256, /* of a line that a judge sees, each side */
	ROUND = 1024,	 /* bytes on each side that tell text from binary */
};

static struct span line_of(const struct match *m, size_t at)
{
	size_t start = at, end = at;
	while (start > 0 && at - start < LINE_SIDE && m->window[start - 1] != '\n')
		start--;
	while (end < m->len && end - at < LINE_SIDE && m->window[end] != '\n' &&
	       m->window[end] != '\r')
		end++;
	return (struct span){m->window + start, end - start};
}

static struct span around_of(const struct match *m, size_t start, size_t end)
{
	size_t from = start > LINE_SIDE ? start - LINE_SIDE : 0;
	return (struct span){m->window + from, (size_t)smaller(end + LINE_SIDE, m->len) - from};
}

/* A library archive or a database can begin like text: what counts is what
 * stands round the secret. */
static bool is_binary_round(const struct match *m, size_t start, size_t end)
{
	size_t from = start > ROUND ? start - ROUND : 0;
	size_t to = (size_t)smaller(end + ROUND, m->len);
	return text_kind_of(m->window + from, to - from) == TEXT_BINARY;
}

bool match_is_binary_at(const struct match *m, uint64_t offset)
{
	size_t at = offset > m->base ? (size_t)smaller(offset - m->base, m->len) : 0;
	return m->binary || is_binary_round(m, at, at);
}

/* SHA256() looks for the method by its name each time, which takes longer than a short
 * secret's digest. */
static void digest_of(const uint8_t *at, size_t len, uint8_t ret[DIGEST_SIZE])
{
	SHA256_CTX sum;
	SHA256_Init(&sum);
	SHA256_Update(&sum, at, len);
	SHA256_Final(ret, &sum);
	mem_wipe(&sum, sizeof sum);
}

void match_judge(struct match *m, size_t rule, const PCRE2_SIZE *at)
{
	const struct pattern *pattern = &m->patterns->each.v[rule];
	size_t group = pattern->group;
	if (at[2 * group] == PCRE2_UNSET)
		group = 0;
	size_t start = at[2 * group], end = at[2 * group + 1];
	if (pattern->rule->terms)
		allow_secret(m->patterns->allow, rule, m->window, at, &start, &end);
	bool binary = m->binary || is_binary_round(m, start, end);
	if (m->muted || start >= end || (binary && !pattern->rule->in_binary))
		return;
	struct evidence evidence = {
		.rule = pattern->rule,
		.secret = {m->window + start, end - start},
		.match = {m->window + at[0], at[1] - at[0]},
		.line = line_of(m, start),
		.around = around_of(m, start, end),
		.binary = binary,
	};
	struct verdict verdict;
	if (!judge_decide(pattern->judge, &evidence, &m->patterns->rules->weights, &verdict))
		return;
	struct found found = {
		.rule = (uint16_t)rule,
		.confidence = verdict.confidence,
		.because = verdict.because,
		.seen = verdict.seen | (binary ? SEEN_BINARY : 0),
		.offset = m->base + start,
		.length = end - start,
		.match_start = m->base + at[0],
		.match_end = m->base + at[1],
	};
	match_place(m, &found);
	struct allow_sight sight = {m->window, m->len, start, end, at[0], at[1], binary};
	if (!allow_takes(m->patterns, rule, &sight, &found))
		return;
	digest_of(m->window + start, end - start, found.digest);
	match_add(m, &found);
	mem_wipe(found.digest, sizeof found.digest);
}
