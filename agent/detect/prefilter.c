/* SPDX-License-Identifier: MIT */
/* Aho-Corasick as one dense table: row = state, column = byte class, entry =
 * next state, so that a byte costs two loads and no branch. Bytes that occur in
 * no keyword share class 0. States that end a keyword are numbered last: one
 * comparison tells whether there is something to report. In the start state,
 * where nearly all bytes of a disk are met, the loop goes in steps of two: one of
 * two places next to each other is passed over with the other, if no keyword has
 * these three bytes at its beginning or behind its first. */
#include "detect/prefilter.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"

enum { STATES_MAX = 60000, KEYWORD_MIN = 3 };

typedef VEC(uint16_t) indices;

struct node {		     /* of the trie, while building */
	uint32_t child[256]; /* by class; 0: none */
	uint32_t fail, number;
	indices rules;
};
typedef VEC(struct node) nodes;

struct hits {
	uint32_t start, count; /* in `rules` */
};

/* Of hashes of three bytes. */
typedef uint64_t bitmap[65536 / 64];

struct prefilter {
	uint8_t class_of[256];
	unsigned classes, shift; /* a row has 1 << shift columns */
	uint32_t first_hit;	 /* states from here on end a keyword */
	uint16_t *next;
	struct hits *hits; /* by state - first_hit */
	indices rules;
	bitmap begins; /* three bytes that begin a keyword, */
	bitmap within; /* or stand behind its first */
};

static uint8_t lower(char c)
{
	return (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static uint8_t upper(char c)
{
	return (uint8_t)(c >= 'a' && c <= 'z' ? c - 32 : c);
}

static void add_class(struct prefilter *pf, char c)
{
	if (pf->class_of[lower(c)])
		return;
	pf->class_of[lower(c)] = pf->class_of[upper(c)] = (uint8_t)pf->classes++;
}

/* Of three bytes, read with the one behind them. Setting the bit that tells lower
 * case throws some other bytes together: they are only looked at for nothing. */
static inline uint32_t triple_at(const uint8_t *at)
{
	uint32_t all;
	memcpy(&all, at, sizeof all);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	all >>= 8;
#endif
	return ((all & 0xffffff) | 0x202020) * 2654435761u >> 16;
}

static inline bool has(const bitmap map, const uint8_t *at)
{
	uint32_t triple = triple_at(at);
	return map[triple >> 6] >> (triple & 63) & 1;
}

static void add(bitmap map, uint8_t first, uint8_t second, uint8_t third)
{
	uint32_t triple = triple_at((uint8_t[]){first, second, third, 0});
	map[triple >> 6] |= (uint64_t)1 << (triple & 63);
}

static void add_triples(struct prefilter *pf, const char *keyword)
{
	const uint8_t *at = (const uint8_t *)keyword;
	add(pf->begins, at[0], at[1], at[2]);
	add(pf->within, at[0], at[1], at[2]);
	/* Behind a keyword of three bytes anything may stand. */
	for (unsigned next = 0; next < 256; next++)
		if (!at[3] || at[3] == next)
			add(pf->within, at[1], at[2], (uint8_t)next);
}

static void add_keyword(struct prefilter *pf, nodes *trie, const char *keyword, uint16_t rule)
{
	uint32_t at = 0;
	for (const char *c = keyword; *c; c++) {
		add_class(pf, *c);
		uint8_t class = pf->class_of[(uint8_t)*c];
		if (!trie->v[at].child[class]) {
			vec_add(trie);
			trie->v[at].child[class] = (uint32_t)(trie->n - 1);
		}
		at = trie->v[at].child[class];
	}
	*vec_add(&trie->v[at].rules) = rule;
	add_triples(pf, keyword);
}

static int fault_of(struct buf *fault, const struct secret_rule *rule, const char *what)
{
	buf_printf(fault, "%s:%u: rule %s %s", str_or(rule->file, "rule"), rule->line,
		   rule->name, what);
	return -EINVAL;
}

static int add_rules(struct prefilter *pf, nodes *trie, const struct rules *rules,
		     struct buf *fault)
{
	vec_add(trie); /* the start state */
	for (size_t i = 0; i < rules->secrets.n; i++) {
		const struct secret_rule *rule = &rules->secrets.v[i];
		if (!rule->keywords.n && !rule->reader)
			return fault_of(fault, rule, "has no keyword");
		vec_each(&rule->keywords, keyword) {
			if (strlen(*keyword) < KEYWORD_MIN)
				return fault_of(fault, rule,
						"has a keyword of less than 3 characters");
			add_keyword(pf, trie, *keyword, (uint16_t)i);
			if (trie->n > STATES_MAX)
				return fault_of(fault, rule, "makes the keywords too many");
		}
	}
	return 0;
}

static void add_all(indices *to, const indices *from)
{
	vec_each(from, rule) {
		bool there = false;
		vec_each(to, other)
			there |= *other == *rule;
		if (!there)
			*vec_add(to) = *rule;
	}
}

/* Breadth first: a node's fail link is done before its children need it. The
 * children of missing edges are filled in, so `child` becomes the automaton. */
static void link_failures(nodes *trie, unsigned classes)
{
	VEC(uint32_t) queue = {0};
	*vec_add(&queue) = 0;
	for (size_t head = 0; head < queue.n; head++) {
		uint32_t at = queue.v[head];
		struct node *node = &trie->v[at];
		for (unsigned class = 0; class < classes; class ++) {
			uint32_t beyond = at ? trie->v[node->fail].child[class] : 0;
			uint32_t child = node->child[class];
			if (!child) {
				node->child[class] = beyond;
				continue;
			}
			trie->v[child].fail = beyond;
			add_all(&trie->v[child].rules, &trie->v[beyond].rules);
			*vec_add(&queue) = child;
		}
	}
	vec_free(&queue);
}

static void number_states(struct prefilter *pf, nodes *trie)
{
	uint32_t number = 0;
	vec_each(trie, node)
		if (!node->rules.n)
			node->number = number++;
	pf->first_hit = number;
	pf->hits = mem_alloc((trie->n - number) * sizeof *pf->hits);
	vec_each(trie, node) {
		if (!node->rules.n)
			continue;
		pf->hits[number - pf->first_hit] = (struct hits){(uint32_t)pf->rules.n,
								 (uint32_t)node->rules.n};
		vec_each(&node->rules, rule)
			*vec_add(&pf->rules) = *rule;
		node->number = number++;
	}
}

static void fill_table(struct prefilter *pf, const nodes *trie)
{
	while (1u << pf->shift < pf->classes)
		pf->shift++;
	pf->next = mem_alloc((trie->n << pf->shift) * sizeof *pf->next);
	vec_each(trie, node) {
		uint16_t *row = pf->next + ((size_t)node->number << pf->shift);
		for (unsigned class = 0; class < pf->classes; class ++)
			row[class] = (uint16_t)trie->v[node->child[class]].number;
	}
}

int prefilter_new(const struct rules *rules, struct prefilter **ret, struct buf *fault)
{
	struct prefilter *pf = mem_alloc(sizeof *pf);
	pf->classes = 1;
	nodes trie = {0};
	int r = add_rules(pf, &trie, rules, fault);
	if (r == 0) {
		link_failures(&trie, pf->classes);
		number_states(pf, &trie);
		fill_table(pf, &trie);
		*ret = pf;
	} else {
		prefilter_free(pf);
	}
	vec_each(&trie, node)
		vec_free(&node->rules);
	vec_free(&trie);
	return r;
}

/* The first place from i on where a keyword may begin, or one of the last. */
static inline size_t pass_over(const struct prefilter *pf, const uint8_t *bytes, size_t i,
			       size_t len)
{
	for (; i + 4 < len; i += 2) {
		if (!has(pf->within, bytes + i + 1))
			continue;
		if (has(pf->begins, bytes + i))
			return i;
		if (has(pf->begins, bytes + i + 1))
			return i + 1;
	}
	return i;
}

uint32_t prefilter_scan(const struct prefilter *pf, uint32_t state, const uint8_t *bytes,
			size_t len, prefilter_hit *hit, void *context)
{
	const uint16_t *next = pf->next;
	const unsigned shift = pf->shift;
	const uint32_t first_hit = pf->first_hit;
	for (size_t i = 0; i < len;) {
		if (!state)
			i = pass_over(pf, bytes, i, len);
		state = next[((size_t)state << shift) + pf->class_of[bytes[i++]]];
		if (state >= first_hit) {
			const struct hits *hits = &pf->hits[state - first_hit];
			hit(pf->rules.v + hits->start, hits->count, i, context);
		}
	}
	return state;
}

void prefilter_free(struct prefilter *pf)
{
	if (!pf)
		return;
	free(pf->next);
	free(pf->hits);
	vec_free(&pf->rules);
	free(pf);
}
