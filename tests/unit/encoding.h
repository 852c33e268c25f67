/* SPDX-License-Identifier: MIT */
/* What the tests of encoded secrets share: two rules of their own, the ways to encode
 * a text, and a look at it. */
#pragma once

#include "detect/samples.h"

enum { TOKEN = 24, ROOM = 24 << 10 /* of a small window */ };

struct seen {
	size_t count, troubles;
	struct found last;
	char member[256];
	enum trouble trouble;
};

extern struct patterns *encoding_patterns;
int encoding_set_up(void **unused);
int encoding_tear_down(void **unused);
struct seen encoding_look(const struct buf *text);
struct seen encoding_look_small(const void *bytes, size_t len);
void encoding_token(char out[TOKEN + 1]);
void encoding_apply(struct buf *text, enum coding coding);
void encoding_put_round(struct buf *text, const char *before, const char *behind);
void encoding_wrap(struct buf *text, size_t width, const char *end);
void encoding_secret(struct buf *text, size_t before, size_t behind);
void encoding_on_found(const struct found *found, const char *member, void *context);
void encoding_on_trouble(enum trouble trouble, const char *member, void *context);
