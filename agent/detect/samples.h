/* SPDX-License-Identifier: MIT */
/* The workers' work done in this process, on bytes that are ours: samples of
 * rules and unit tests. */
#ifndef DETECT_SAMPLES_H
#define DETECT_SAMPLES_H

#include "detect/examine.h"

typedef void samples_found(const struct found *found, const char *member, void *context);
typedef void samples_trouble(enum trouble trouble, const char *member, void *context);

/* only: the index of one rule, or -1 for all that want any path. */
void samples_examine(const struct patterns *patterns, long only, const void *bytes, size_t len,
		     samples_found *found, samples_trouble *trouble, void *context);

/* The failures, each a line in *out. */
int samples_check(const struct patterns *patterns, struct buf *out);

#endif
