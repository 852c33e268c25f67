/* SPDX-License-Identifier: MIT */
#include "detect/match_tidy.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"

enum {
	NEIGHBOURS = 32, /* findings that one is compared with */
	PAIR_LINES = 5,
};

static int by_place(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

static bool is_key(const struct match *m, const struct found *found)
{
	const char *judge = m->patterns->each.v[found->rule].rule->judge;
	return judge && strcmp(judge, "private-key") == 0;
}

/* Whether a key covers this place of the window. */
static bool in_key(const struct match *m, size_t at)
{
	vec_each(&m->found, it)
		if (is_key(m, it) && at >= it->match_start && at < it->match_end)
			return true;
	return false;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Nothing but keys, blank lines and comments; only asked of a stream that one
 * window holds. A line counts by its first character: that of the BEGIN and of the
 * END line lies within the match. */
static bool is_only_keys(const struct match *m)
{
	static const char putty[] = "PuTTY-User-Key-File-";
	if (m->len > sizeof putty && memcmp(m->window, putty, sizeof putty - 1) == 0)
		return true;
	for (size_t at = 0; at < m->len;) {
		const uint8_t *stop = memchr(m->window + at, '\n', m->len - at);
		size_t end = stop ? (size_t)(stop - m->window) : m->len;
		while (at < end && is_blank(m->window[at]))
			at++;
		if (at < end && m->window[at] != '#' && !in_key(m, at))
			return false;
		at = end + 1;
	}
	return true;
}

static void mark_whole(struct match *m)
{
	bool keys = false;
	vec_each(&m->found, it)
		keys |= is_key(m, it) && !it->codings;
	if (!keys || m->begun || !m->last || !is_only_keys(m))
		return;
	vec_each(&m->found, it)
		if (is_key(m, it) && !it->codings)
			it->seen |= SEEN_WHOLE_FILE;
}

static bool is_same(const struct found *a, const struct found *b)
{
	return a->rule == b->rule && a->offset == b->offset && a->length == b->length;
}

static bool is_plain_over(const struct found *plain, const struct found *coded)
{
	return !plain->codings && plain->rule == coded->rule &&
	       plain->offset < coded->offset + coded->length &&
	       coded->offset < plain->offset + plain->length;
}

/* A run that was decoded as part of a line, too, or in pieces that overlap, gives
 * the same once more; and what a rule sees as it stands needs no decoding. */
static bool is_told(const struct match *m, size_t kept, size_t i)
{
	const struct found *all = m->found.v, *it = &all[i];
	for (size_t k = kept; k-- && kept - k <= NEIGHBOURS;)
		if (is_same(&all[k], it) || (it->codings && is_plain_over(&all[k], it)))
			return true;
	for (size_t k = i + 1; it->codings && k < m->found.n && k - i <= NEIGHBOURS; k++)
		if (is_plain_over(&all[k], it))
			return true;
	return false;
}

static void sort_out(struct match *m)
{
	size_t kept = 0;
	sort_stable(m->found.v, m->found.n, sizeof *m->found.v, by_place);
	for (size_t i = 0; i < m->found.n; i++)
		if (!is_told(m, kept, i))
			m->found.v[kept++] = m->found.v[i];
	m->found.n = kept;
}

/* ---- an id and its secret ---- */

static bool is_pair(const struct match *m, const struct found *a, const struct found *b)
{
	const struct secret_rule *x = m->patterns->each.v[a->rule].rule;
	const struct secret_rule *y = m->patterns->each.v[b->rule].rule;
	uint32_t lines = a->line < b->line ? b->line - a->line : a->line - b->line;
	/* A name beside a password says nothing of either. */
	return !x->partner && !y->partner && lines <= PAIR_LINES &&
	       (secret_rule_is_id_of(x, y) || secret_rule_is_id_of(y, x));
}

static void add_pair(const struct match *m, struct found *found)
{
	found->because |= REASON_BIT(REASON_PAIR);
	(void)weights_level(&m->patterns->rules->weights, found->because, &found->confidence);
}

/* One alone can be an example or a typing error; both together are in use. */
static void mark_pairs(struct match *m)
{
	for (size_t i = 0; i < m->found.n; i++)
		for (size_t k = i + 1; k < m->found.n && k - i <= NEIGHBOURS; k++)
			if (is_pair(m, &m->found.v[i], &m->found.v[k])) {
				add_pair(m, &m->found.v[i]);
				add_pair(m, &m->found.v[k]);
			}
}

void match_tidy(struct match *m)
{
	sort_out(m);
	mark_pairs(m);
	mark_whole(m);
}
