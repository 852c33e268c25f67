/* SPDX-License-Identifier: MIT */
/* One pass over every byte for the keywords of many rules at once; letters match
 * in both cases, but for keywords with a capital letter.
 *
 *     struct prefilter *pf;
 *     if (prefilter_new(rules, NULL, &pf, &fault) < 0) ...
 *     while (more bytes) {
 *             ... put them behind the KEYWORD_MAX bytes before them
 *             prefilter_scan(pf, bytes, scanned, len, on_hit, context);
 *     }
 *     prefilter_free(pf);
 *
 * Nothing is remembered between calls: a keyword that begins in what an earlier
 * call saw is found because it still lies before `from`. */
#ifndef DETECT_PREFILTER_H
#define DETECT_PREFILTER_H

#include "rules/rules.h"

struct prefilter;

/* `rule` is an index into the rules' secrets; `end` the offset in `bytes` just
 * behind one of its keywords. */
typedef void prefilter_hit(uint16_t rule, size_t end, void *context);

/* With the rules that `wanted` takes; NULL: all. The rules may go before the
 * prefilter. -EINVAL with a text in *fault: a rule without keyword that is not
 * expensive, a keyword of a wrong length, or too many. */
int prefilter_new(const struct rules *rules, bool (*wanted)(const struct secret_rule *rule),
		  struct prefilter **ret, struct buf *fault);
/* For keywords that are only looked for where a word begins (prefilter_try): however
 * many there are, a place takes the same time. */
int prefilter_new_at_words(const struct rules *rules,
			   bool (*wanted)(const struct secret_rule *rule),
			   struct prefilter **ret, struct buf *fault);
void prefilter_free(struct prefilter *pf);

/* A hit for each rule and each place in (from, to] where a keyword of it ends, in
 * the order of `end`. Reads bytes[0] to bytes[to - 1] and no other. */
void prefilter_scan(const struct prefilter *pf, const uint8_t *bytes, size_t from, size_t to,
		    prefilter_hit *hit, void *context);

/* Those of one that is made for words, and begin at bytes + at. */
void prefilter_try(const struct prefilter *pf, const uint8_t *bytes, size_t at, size_t to,
		   prefilter_hit *hit, void *context);

/* For tests and measurements: the instruction sets that this processor has for
 * it, the one that is used first, NULL-terminated; and to use another. False: it
 * has no such. */
const char *const *prefilter_ways(void);
bool prefilter_force(struct prefilter *pf, const char *way);

#endif
