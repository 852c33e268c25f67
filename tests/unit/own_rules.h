/* SPDX-License-Identifier: MIT */
/* Rules of a test's own, and tokens, made anew each time, for one of them to find. */
#pragma once

#include "rules/rules.h"

enum { TOKEN = 24 }; /* bytes */

/* "tkn_" and letters and digits. */
void token_make(char out[TOKEN + 1]);

/* The rule begins with high confidence; keyword and pattern may be NULL. It moves when
 * another is added. All is freed by own_rules_clear(). */
struct secret_rule *own_rule(struct rules *rules, const char *name, const char *keyword,
			     const char *pattern);
/* Likewise; of Linux. */
struct artefact *own_artefact(struct rules *rules, const char *name, const char *glob);
void own_rules_clear(struct rules *rules);
