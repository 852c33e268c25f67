/* SPDX-License-Identifier: MIT */
/* What the tests of encoded secrets share: two rules of their own, and the ways to
 * encode a text. */
#pragma once

#include "finds.h"

enum { ROOM = 24 << 10 /* of a small window */ };

int encoding_set_up(void **unused);
/* Through a window of ROOM bytes; the source is closed. */
struct seen encoding_look_small(struct source *source);
void encoding_apply(struct buf *text, enum coding coding);
void encoding_put_round(struct buf *text, const char *before, const char *behind);
void encoding_wrap(struct buf *text, size_t width, const char *end);
void encoding_secret(struct buf *text, size_t before, size_t behind);
