/* SPDX-License-Identifier: MIT */
/* What targets of the detection engine share. */
#pragma once

#include "detect/examine.h"
#include "fuzz.h"

/* Kept until the program ends. */
const struct patterns *fuzz_patterns(const struct rules *rules);

/* A clock for an examiner: its context counts down how often it may be asked. */
bool fuzz_tick(void *left);

typedef void fuzz_found(const struct found *found, const char *member, void *context);
typedef void fuzz_trouble(enum trouble trouble, const char *member, void *context);

/* With all the rules that we ship; `left` is its clock. */
struct examiner fuzz_examiner(fuzz_found *found, fuzz_trouble *trouble, unsigned *left);

/* For targets to which it is all the same. */
fuzz_trouble fuzz_no_trouble;
