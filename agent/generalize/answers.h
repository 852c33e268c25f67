/* SPDX-License-Identifier: MIT */
/* Answer files of Windows setup (Unattended Windows Setup Reference): made, or checked
 * before they are used. What is used is always a copy without the passwords, so that none
 * can stay behind wherever setup copies it to, whatever happens. */
#ifndef GENERALIZE_ANSWERS_H
#define GENERALIZE_ANSWERS_H

#include "model/generalized.h"

#define ANSWERS_MOST_BYTES (4u << 20)
#define ANSWERS_DEPTH 64 /* levels of elements */

/* Checks a file of `len` bytes, at most ANSWERS_MOST_BYTES, in UTF-8 or UTF-16. Appends the
 * copy to `ret`, and to `into` the passwords that were left out (an account or a logon goes
 * with its password: without one it would be open to anybody) and the passes that nothing
 * runs after generalizing. -EINVAL with the reason in `fault`; the reason never holds
 * anything of the file. */
int answers_check(const void *bytes, size_t len, struct buf *ret, struct generalized *into,
		  struct buf *fault);

/* A file that asks for no more than generalizing needs: devices stay installed, so that the
 * clone finds its disk and network and the cloud's agent can reach it, and no page of the
 * first start waits for somebody. */
void answers_make(const char *architecture, struct buf *ret);

#endif
