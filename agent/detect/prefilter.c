/* SPDX-License-Identifier: MIT */
/* Nearly all bytes of a disk belong to no keyword, so what counts is how fast a
 * place can be passed over. From every keyword four bytes are chosen, its window,
 * and the windows are put into a few buckets (prefilter_windows.c). Then, for
 * each block of the text:
 *
 * 1. Sixteen to sixty-four places at once (ways.c): the last bits of a byte index a
 *    table, which an instruction or two do for all lanes; what stands there says in
 *    which buckets such a byte can be, and the intersection over the first three bytes in
 *    which a window can begin. The method is like Hyperscan's Teddy. Both cases of a letter
 *    have the same last five bits, so ignoring case costs nothing. What is left are the
 *    candidates.
 * 2. Those whose four bytes have a hash that no window has are dropped, without a
 *    branch, as there is no telling how it would go; a window of three bytes has the
 *    hashes of all that can follow it.
 * 3. So are those where the bytes round the window are not what all keywords with that
 *    hash, a row of them, have there.
 * 4. At the others the keywords of the row are compared whole.
 *
 * A window can lie anywhere in its keyword, so ends do not come in order: a hit
 * waits until no later place can have an earlier end. */
#include "detect/prefilter.h"

#include <errno.h>
#include <string.h>

#include "base/sort.h"
#include "base/str.h"
#include "detect/prefilter_windows.h"
#include "detect/ways.h"

enum {
	BLOCK = 4096, /* places; below 65536 */
	KEYWORDS_MAX = 60000,
	HASH_BITS = 17,
	HEAD_BITS = 12,
	AROUND = 2, /* bytes before a window that are compared with a row's */
};

/* Keywords whose windows have one hash. A place is none of theirs unless the eight bytes
 * from AROUND before it, masked and folded, are these. */
struct row {
	uint64_t bytes, fold, mask;
	uint16_t first; /* of the keywords */
};

struct prefilter {
	const struct way *way;
	struct lookup lookup;
	uint64_t windows[(1 << HASH_BITS) / 64]; /* by hash: whether there is one */
	uint64_t shorts[(1 << HEAD_BITS) / 64];	 /* those of three bytes alone, by theirs */
	/* Its row of keywords; windows of three bytes have their own, the second half. */
	uint16_t heads[2 << HEAD_BITS];
	VEC(struct row) rows; /* the first is nobody's: nothing is like it */
	VEC(struct keyword) keywords;
	VEC(uint16_t) rules;
	char *texts;
	size_t longest;
	bool at_words; /* all windows are the first three bytes */
};

static inline uint32_t hash_of_four(uint32_t all)
{
	return window_hash(all, HASH_BITS);
}

/* The fourth byte does not count. */
static inline uint32_t hash_of_three(uint32_t all)
{
	return window_hash(all << 8, HEAD_BITS);
}

static inline uint16_t head_of_four(const uint8_t *at)
{
	return hash_of_four(window_four(at)) & ((1 << HEAD_BITS) - 1);
}

static inline uint16_t head_of_three(const uint8_t *at)
{
	uint8_t bytes[4] = {at[0], at[1], at[2]};
	return (uint16_t)(1 << HEAD_BITS | hash_of_three(window_four(bytes)));
}

static inline uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* A keyword with a capital letter is compared as it stands. */
static bool is_exact(const char *text)
{
	return strpbrk(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL;
}

/* ---- building ---- */

struct pair {
	const char *text;
	uint16_t rule;
};
typedef VEC(struct pair) pairs;

static int fault_of(struct buf *fault, const struct secret_rule *rule, const char *what)
{
	buf_printf(fault, "%s:%u: rule %s %s", str_or(rule->file, "rule"), rule->line,
		   rule->name, what);
	return -EINVAL;
}

static int collect_rule(const struct secret_rule *rule, uint16_t index, pairs *all,
			struct buf *fault)
{
	if (!rule->keywords.n && !rule->expensive && !rule->reader)
		return fault_of(fault, rule, "has no keyword");
	vec_each(&rule->keywords, keyword) {
		size_t len = strlen(*keyword);
		if (len < KEYWORD_MIN || len > KEYWORD_MAX)
			return fault_of(fault, rule,
					"has a keyword of less than 3 or more than 200 bytes");
		if (all->n == KEYWORDS_MAX)
			return fault_of(fault, rule, "makes the keywords too many");
		*vec_add(all) = (struct pair){*keyword, index};
	}
	return 0;
}

static int by_text(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = strcmp(x->text, y->text);
	return order ? order : (x->rule > y->rule) - (x->rule < y->rule);
}

static void set_head(struct keyword *keyword)
{
	uint8_t head[8] = {0}, fold[8] = {0}, mask[8] = {0};
	for (size_t i = 0; i < sizeof head && i < keyword->len; i++) {
		uint8_t c = head[i] = keyword->text[i];
		fold[i] = !keyword->exact && c >= 'a' && c <= 'z' ? 'a' - 'A' : 0;
		mask[i] = 0xff;
	}
	memcpy(&keyword->head, head, sizeof head);
	memcpy(&keyword->fold, fold, sizeof fold);
	memcpy(&keyword->mask, mask, sizeof mask);
}

/* A keyword once, with all rules that have it. */
static void merge(struct prefilter *pf, pairs *all)
{
	size_t size = 0;
	if (all->n)
		sort_stable(all->v, all->n, sizeof *all->v, by_text);
	vec_each(all, pair)
		size += strlen(pair->text) + 1;
	char *to = pf->texts = mem_alloc(size ? size : 1);
	const char *last = NULL;
	vec_each(all, pair) {
		if (!last || strcmp(last, pair->text) != 0) {
			struct keyword *keyword = vec_add(&pf->keywords);
			last = pair->text;
			keyword->len = (uint8_t)strlen(last);
			keyword->text = memcpy(to, last, keyword->len);
			keyword->rules = (uint16_t)pf->rules.n;
			keyword->exact = is_exact(last);
			set_head(keyword);
			to += keyword->len + 1;
			if (keyword->len > pf->longest)
				pf->longest = keyword->len;
		}
		*vec_add(&pf->rules) = pair->rule;
		pf->keywords.v[pf->keywords.n - 1].rule_count++;
	}
}

/* Those that the same bytes can mean stand in a row. */
static int by_hash(const void *a, const void *b)
{
	const struct keyword *x = a, *y = b;
	return x->hash - y->hash;
}

static void mark(uint64_t *set, uint32_t hash)
{
	set[hash >> 6] |= (uint64_t)1 << (hash & 63);
}

static void index_keyword(struct prefilter *pf, struct keyword *keyword)
{
	uint8_t window[WINDOW_SIZE] = {0};
	size_t len = keyword->len < WINDOW_SIZE ? keyword->len : WINDOW_SIZE;
	memcpy(window, keyword->text + keyword->window, len);
	if (len == WINDOW_SIZE && !pf->at_words) {
		keyword->hash = head_of_four(window);
		mark(pf->windows, hash_of_four(window_four(window)));
		return;
	}
	keyword->hash = head_of_three(window);
	mark(pf->shorts, keyword->hash & ((1 << HEAD_BITS) - 1));
	for (unsigned byte = 0; byte <= UINT8_MAX && !pf->at_words; byte++) {
		window[WINDOW_MIN] = (uint8_t)byte;
		mark(pf->windows, hash_of_four(window_four(window)));
	}
}

/* The byte that a keyword has there, in lower case, or -1. */
static int byte_around(const struct keyword *keyword, size_t i)
{
	size_t at = keyword->window + i;
	return at >= AROUND && at - AROUND < keyword->len ? lower(keyword->text[at - AROUND])
							  : -1;
}

static void set_row(struct row *row, const struct keyword *keywords, size_t count)
{
	uint8_t bytes[8] = {0}, fold[8] = {0}, mask[8] = {0};
	for (size_t i = 0; i < sizeof bytes; i++) {
		int byte = byte_around(keywords, i);
		for (size_t k = 1; k < count; k++)
			if (byte_around(&keywords[k], i) != byte)
				byte = -1;
		if (byte < 0)
			continue;
		bytes[i] = (uint8_t)byte;
		fold[i] = byte >= 'a' && byte <= 'z' ? 'a' - 'A' : 0;
		mask[i] = 0xff;
	}
	memcpy(&row->bytes, bytes, sizeof bytes);
	memcpy(&row->fold, fold, sizeof fold);
	memcpy(&row->mask, mask, sizeof mask);
}

static void index_all(struct prefilter *pf)
{
	vec_each(&pf->keywords, keyword)
		index_keyword(pf, keyword);
	sort_stable(pf->keywords.v, pf->keywords.n, sizeof *pf->keywords.v, by_hash);
	vec_add(&pf->rows)->bytes = 1;
	for (size_t i = 0, end; i < pf->keywords.n; i = end) {
		const struct keyword *first = &pf->keywords.v[i];
		for (end = i; end < pf->keywords.n && pf->keywords.v[end].hash == first->hash;)
			end++;
		pf->heads[first->hash] = (uint16_t)pf->rows.n;
		struct row *row = vec_add(&pf->rows);
		row->first = (uint16_t)i;
		set_row(row, first, end - i);
	}
	vec_add(&pf->keywords)->hash = UINT16_MAX; /* ends the last row */
}

static void build(struct prefilter *pf, pairs *all)
{
	merge(pf, all);
	if (!pf->at_words)
		windows_choose(pf->keywords.v, pf->keywords.n, &pf->lookup);
	index_all(pf);
	pf->way = way_here();
}

static int make(const struct rules *rules, bool (*wanted)(const struct secret_rule *rule),
		bool at_words, struct prefilter **ret, struct buf *fault)
{
	pairs all = {0};
	int r = 0;
	for (size_t i = 0; i < rules->secrets.n && r == 0; i++)
		if (!wanted || wanted(&rules->secrets.v[i]))
			r = collect_rule(&rules->secrets.v[i], (uint16_t)i, &all, fault);
	if (r == 0) {
		*ret = mem_alloc(sizeof **ret);
		(*ret)->at_words = at_words;
		build(*ret, &all);
	}
	vec_free(&all);
	return r;
}

int prefilter_new(const struct rules *rules, bool (*wanted)(const struct secret_rule *rule),
		  struct prefilter **ret, struct buf *fault)
{
	return make(rules, wanted, false, ret, fault);
}

int prefilter_new_at_words(const struct rules *rules,
			   bool (*wanted)(const struct secret_rule *rule),
			   struct prefilter **ret, struct buf *fault)
{
	return make(rules, wanted, true, ret, fault);
}

void prefilter_free(struct prefilter *pf)
{
	if (!pf)
		return;
	vec_free(&pf->rows);
	vec_free(&pf->keywords);
	vec_free(&pf->rules);
	free(pf->texts);
	free(pf);
}

const char *const *prefilter_ways(void)
{
	static const char *names[8];
	size_t n = 0;
	for (const struct way *way = ways; way->name; way++)
		if (way->is_here())
			names[n++] = way->name;
	names[n] = NULL;
	return names;
}

bool prefilter_force(struct prefilter *pf, const char *name)
{
	for (const struct way *way = ways; way->name; way++)
		if (strcmp(way->name, name) == 0 && way->is_here()) {
			pf->way = way;
			return true;
		}
	return false;
}

/* ---- scanning ---- */

struct waiting {
	size_t end;
	uint16_t rule;
};

struct scan {
	const struct prefilter *pf;
	const uint8_t *bytes;
	size_t from, to;
	prefilter_hit *hit;
	void *context;
	VEC(struct waiting) waiting; /* by end */
};

/* Lets go of all hits that end before `end`. */
static void let_go(struct scan *s, size_t end)
{
	size_t n = 0;
	while (n < s->waiting.n && s->waiting.v[n].end < end) {
		s->hit(s->waiting.v[n].rule, s->waiting.v[n].end, s->context);
		n++;
	}
	if (!n)
		return;
	s->waiting.n -= n;
	memmove(s->waiting.v, s->waiting.v + n, s->waiting.n * sizeof *s->waiting.v);
}

/* Unless it waits already, by another keyword of its rule. */
static void wait(struct scan *s, uint16_t rule, size_t end)
{
	size_t i = s->waiting.n;
	for (; i > 0 && s->waiting.v[i - 1].end >= end; i--)
		if (s->waiting.v[i - 1].end == end && s->waiting.v[i - 1].rule == rule)
			return;
	vec_add(&s->waiting);
	memmove(s->waiting.v + i + 1, s->waiting.v + i,
		(s->waiting.n - 1 - i) * sizeof *s->waiting.v);
	s->waiting.v[i] = (struct waiting){end, rule};
}

/* A letter fits in both cases with the bit set that tells them apart. */
static bool stands_at(const struct scan *s, const struct keyword *keyword, size_t start)
{
	const uint8_t *at = s->bytes + start;
	size_t left = s->to - start, i = 0;
	if (left < keyword->len)
		return false;
	if (left >= sizeof keyword->head) {
		uint64_t head;
		memcpy(&head, at, sizeof head);
		if (((head & keyword->mask) | keyword->fold) != keyword->head)
			return false;
		i = sizeof head;
	}
	for (; i < keyword->len; i++)
		if ((keyword->exact ? at[i] : lower(at[i])) != keyword->text[i])
			return false;
	return true;
}

static void compare_row(struct scan *s, uint16_t row, size_t at)
{
	const struct prefilter *pf = s->pf;
	if (!row)
		return;
	const struct keyword *keyword = &pf->keywords.v[pf->rows.v[row].first];
	for (uint16_t hash = keyword->hash; keyword->hash == hash; keyword++) {
		if (at < keyword->window || !stands_at(s, keyword, at - keyword->window))
			continue;
		size_t end = at - keyword->window + keyword->len;
		for (uint32_t i = 0; end > s->from && i < keyword->rule_count; i++)
			wait(s, pf->rules.v[keyword->rules + i], end);
	}
}

static void compare(struct scan *s, size_t at, bool whole)
{
	const struct prefilter *pf = s->pf;
	const uint8_t *bytes = s->bytes + at;
	if (s->waiting.n)
		let_go(s, at + WINDOW_MIN);
	if (whole)
		compare_row(s, pf->heads[head_of_four(bytes)], at);
	compare_row(s, pf->heads[head_of_three(bytes)], at);
}

static size_t drop_others(const struct prefilter *pf, const uint8_t *bytes, uint16_t *places,
			  size_t count)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t all = window_four(bytes + places[i]);
		uint32_t hash = hash_of_four(all);
		places[n] = places[i];
		n += pf->windows[hash >> 6] >> (hash & 63) & 1;
	}
	return n;
}

static bool is_like(const struct row *row, uint64_t around)
{
	return ((around & row->mask) | row->fold) == row->bytes;
}

/* Of those from `at` on; without a branch, too. */
static size_t drop_unlike(const struct scan *s, size_t at, uint16_t *places, size_t count)
{
	const struct prefilter *pf = s->pf;
	const struct row *rows = pf->rows.v;
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		size_t place = at + places[i];
		uint64_t around;
		places[n] = places[i];
		if (place < AROUND || s->to - place < sizeof around) {
			n++;
			continue;
		}
		memcpy(&around, s->bytes + place - AROUND, sizeof around);
		n += is_like(&rows[pf->heads[head_of_four(s->bytes + place)]], around) |
		     is_like(&rows[pf->heads[head_of_three(s->bytes + place)]], around);
	}
	return n;
}

void prefilter_scan(const struct prefilter *pf, const uint8_t *bytes, size_t from, size_t to,
		    prefilter_hit *hit, void *context)
{
	struct scan s = {pf, bytes, from, to, hit, context, {0}};
	uint16_t places[BLOCK + WAY_SPARE];
	/* No keyword that ends behind `from` begins earlier. */
	size_t at = from >= pf->longest ? from - pf->longest + 1 : 0;
	if (!pf->longest || to < WINDOW_MIN || at > to - WINDOW_MIN)
		return;
	size_t last = to - WINDOW_MIN; /* has no whole window */
	while (at < last) {
		size_t count = last - at < BLOCK ? last - at : BLOCK;
		size_t n = pf->way->find(&pf->lookup, bytes + at, count, places);
		n = drop_others(pf, bytes + at, places, n);
		n = drop_unlike(&s, at, places, n);
		for (size_t i = 0; i < n; i++)
			compare(&s, at + places[i], true);
		at += count;
	}
	compare(&s, last, false);
	let_go(&s, SIZE_MAX);
	vec_free(&s.waiting);
}

void prefilter_try(const struct prefilter *pf, const uint8_t *bytes, size_t at, size_t to,
		   prefilter_hit *hit, void *context)
{
	if (to < WINDOW_MIN || at > to - WINDOW_MIN)
		return;
	uint16_t head = head_of_three(bytes + at), three = head & ((1 << HEAD_BITS) - 1);
	if (!(pf->shorts[three >> 6] >> (three & 63) & 1))
		return;
	struct scan s = {pf, bytes, 0, to, hit, context, {0}};
	compare_row(&s, pf->heads[head], at);
	let_go(&s, SIZE_MAX);
	vec_free(&s.waiting);
}
