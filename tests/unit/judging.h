/* SPDX-License-Identifier: MIT */
/* What a judge says of a value in a line, in the text between \1 and \2. */
#pragma once

#include "detect/judge.h"
#include "rules/rules.h"

enum answer { DROP = -1, LOW, MEDIUM, HIGH };

extern struct rules *judging_rules;

/* For cmocka's groups. */
int judging_begin(void **unused);
int judging_end(void **unused);

/* An answer, as far as is known without the path; the verdict, if it is asked for. */
int judging_ask(const char *judge, const char *marked, struct verdict *ret);
