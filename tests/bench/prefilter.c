/* SPDX-License-Identifier: MIT */
/* prefilter_bench DIRECTORY...: the prefilter in each way that this processor has,
 * and Hyperscan's literal matcher, over the text files below, for the same
 * literals: those of any text, those of one that no package lists, and all, which are
 * never looked for at once. Each once in every round, one after the other;
 * processor time counts. The hits have to be the same. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "detect/prefilter.h"
#ifdef HAVE_HYPERSCAN
#include <hs.h>
#endif

enum {
	CORPUS = 256 << 20,
	FILE_MOST = 4 << 20,
	GRAIN = 64 << 10, /* as in detect/match.c */
	ROUNDS = 7,
	CONTESTANTS = 6,
};

static uint8_t *corpus;
static size_t corpus_len;

struct contestant {
	const char *name;
	struct prefilter *pf; /* or Hyperscan */
	double seconds[ROUNDS];
	uint64_t hits;
};

static int add_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)at;
	if (type != FTW_F || !S_ISREG(st->st_mode) || st->st_size > FILE_MOST ||
	    corpus_len + (size_t)st->st_size > CORPUS)
		return 0;
	FILE *file = fopen(path, "rb");
	if (!file)
		return 0;
	size_t n = fread(corpus + corpus_len, 1, (size_t)st->st_size, file);
	fclose(file);
	if (!memchr(corpus + corpus_len, 0, n))
		corpus_len += n;
	return 0;
}

static void add_literal(struct rules *rules, const char *text)
{
	vec_each(&rules->secrets, rule)
		if (strcmp(rule->keywords.v[0], text) == 0)
			return;
	struct secret_rule *rule = vec_add(&rules->secrets);
	rule->name = mem_strdup(text);
	*vec_add(&rule->keywords) = mem_strdup(text);
}

/* As detect/patterns.c has it: what any text is looked through for, what one is that no
 * package lists, and all that is looked for somewhere. */
static bool is_of_any(const struct secret_rule *rule)
{
	return !rule->paths.n && !rule->beside.n && !rule->token && !rule->unlisted;
}

static bool is_of_unlisted(const struct secret_rule *rule)
{
	return !rule->paths.n && !rule->beside.n && !rule->token;
}

static bool is_of_some(const struct secret_rule *rule)
{
	return rule;
}

static void literals_of(const struct rules *from, bool (*is_of)(const struct secret_rule *),
			struct rules *to)
{
	vec_each(&from->secrets, rule)
		if (is_of(rule))
			vec_each(&rule->keywords, keyword)
				add_literal(to, *keyword);
}

static void forget(struct rules *rules)
{
	vec_each(&rules->secrets, rule) {
		free(rule->name);
		free(rule->keywords.v[0]);
		vec_free(&rule->keywords);
	}
	vec_free(&rules->secrets);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void on_hit(uint16_t rule, size_t end, void *context)
{
	(void)rule;
	(void)end;
	++*(uint64_t *)context;
}

#ifdef HAVE_HYPERSCAN
/* A capital letter stands for itself only. */
static bool is_exact(const char *keyword)
{
	return strpbrk(keyword, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

static hs_database_t *database;
static hs_scratch_t *scratch;

static void hyperscan_make(const struct rules *rules)
{
	size_t n = rules->secrets.n;
	const char **texts = mem_alloc(n * sizeof *texts);
	size_t *lengths = mem_alloc(n * sizeof *lengths);
	unsigned *flags = mem_alloc(n * sizeof *flags), *ids = mem_alloc(n * sizeof *ids);
	for (size_t i = 0; i < n; i++) {
		texts[i] = rules->secrets.v[i].keywords.v[0];
		lengths[i] = strlen(texts[i]);
		flags[i] = is_exact(texts[i]) ? 0 : HS_FLAG_CASELESS;
		ids[i] = (unsigned)i;
	}
	hs_compile_error_t *error;
	if (hs_compile_lit_multi(texts, flags, ids, lengths, (unsigned)n, HS_MODE_BLOCK, NULL,
				 &database, &error) != HS_SUCCESS ||
	    hs_alloc_scratch(database, &scratch) != HS_SUCCESS) {
		fprintf(stderr, "Hyperscan refuses the literals\n");
		exit(1);
	}
	free(texts);
	free(lengths);
	free(flags);
	free(ids);
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
		    void *context)
{
	(void)id;
	(void)from;
	(void)to;
	(void)flags;
	++*(uint64_t *)context;
	return 0;
}

static void hyperscan_scan(uint64_t *hits)
{
	hs_scan(database, (const char *)corpus, (unsigned)corpus_len, 0, scratch, on_match,
		hits);
}

static void hyperscan_free(void)
{
	hs_free_scratch(scratch);
	hs_free_database(database);
	scratch = NULL;
}
#else
static void hyperscan_scan(uint64_t *hits)
{
	(void)hits;
}
#endif

static void run(struct contestant *one, int round)
{
	one->hits = 0;
	double start = now();
	for (size_t at = 0; one->pf && at < corpus_len; at += GRAIN) {
		size_t end = at + GRAIN < corpus_len ? at + GRAIN : corpus_len;
		prefilter_scan(one->pf, corpus, at, end, on_hit, &one->hits);
	}
	if (!one->pf)
		hyperscan_scan(&one->hits);
	one->seconds[round] = now() - start;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static size_t line_up(struct contestant *all, const struct rules *rules)
{
	size_t n = 0;
	struct buf fault = {0};
	for (const char *const *way = prefilter_ways(); *way; way++) {
		all[n].name = *way;
		double start = now();
		if (prefilter_new(rules, NULL, &all[n].pf, &fault) < 0 ||
		    !prefilter_force(all[n].pf, *way)) {
			fprintf(stderr, "%s\n", buf_text(&fault));
			exit(1);
		}
		if (!n)
			printf("%zu literals; made ready in %.1f ms\n", rules->secrets.n,
			       (now() - start) * 1e3);
		n++;
	}
#ifdef HAVE_HYPERSCAN
	hyperscan_make(rules);
	all[n++].name = "hyperscan";
#endif
	return n;
}

static int compare(const struct rules *rules)
{
	struct contestant all[CONTESTANTS] = {0};
	size_t n = line_up(all, rules);
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < n; i++)
			run(&all[i], round);
	double first = 0, gb = (double)corpus_len / 1e9;
	int result = 0;
	for (size_t i = 0; i < n; i++) {
		qsort(all[i].seconds, ROUNDS, sizeof *all[i].seconds, by_size);
		double median = all[i].seconds[ROUNDS / 2];
		first = i ? first : median;
		printf("  %-10s %5.2f GB/s (best %5.2f), %llu hits", all[i].name, gb / median,
		       gb / all[i].seconds[0], (unsigned long long)all[i].hits);
		printf(all[i].pf ? "\n" : "; %s has %.2f of its speed\n", all[0].name,
		       median / first);
		if (all[i].hits != all[0].hits) {
			printf("  the hits differ\n");
			result = 1;
		}
		prefilter_free(all[i].pf);
	}
#ifdef HAVE_HYPERSCAN
	hyperscan_free();
#endif
	return result;
}

int main(int argc, char **argv)
{
	struct rules *rules, literals = {0};
	struct buf fault = {0};
	if (rules_load(&(struct rules_options){0}, &rules, &fault) < 0) {
		fprintf(stderr, "%s\n", buf_text(&fault));
		return 1;
	}
	corpus = mem_alloc(CORPUS);
	for (int i = 1; i < argc; i++)
		nftw(argv[i], add_file, 32, FTW_PHYS);
	printf("%zu MB of text, %d rounds, median of processor time\n", corpus_len >> 20,
	       ROUNDS);
#ifndef HAVE_HYPERSCAN
	printf("no Hyperscan here (pkg-config libhs): not compared\n");
#endif
	literals_of(rules, is_of_any, &literals);
	int result = compare(&literals);
	literals_of(rules, is_of_unlisted, &literals);
	result |= compare(&literals);
	literals_of(rules, is_of_some, &literals);
	result |= compare(&literals);
	forget(&literals);
	rules_free(rules);
	free(corpus);
	return result;
}
