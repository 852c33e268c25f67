/* SPDX-License-Identifier: MIT */
/* One pass over every byte for the keywords of all rules at once; letters match
 * in both cases.
 *
 *     struct prefilter *pf;
 *     if (prefilter_new(rules, &pf, &fault) < 0) ...
 *     uint32_t state = 0;                        once per stream
 *     while (more bytes)
 *             state = prefilter_scan(pf, state, bytes, len, on_hit, context);
 *     prefilter_free(pf);
 *
 * The state carries over, so a keyword cut by two calls is found. */
#ifndef DETECT_PREFILTER_H
#define DETECT_PREFILTER_H

#include "rules/rules.h"

struct prefilter;

/* `rules` holds `count` indices into the rules' secrets; `end` is the offset in
 * this call's bytes just behind the keyword. */
typedef void prefilter_hit(const uint16_t *rules, size_t count, size_t end, void *context);

/* -EINVAL with a text in *fault: a rule without keyword, or too many. */
int prefilter_new(const struct rules *rules, struct prefilter **ret, struct buf *fault);
uint32_t prefilter_scan(const struct prefilter *pf, uint32_t state, const uint8_t *bytes,
			size_t len, prefilter_hit *hit, void *context);
void prefilter_free(struct prefilter *pf);

#endif
