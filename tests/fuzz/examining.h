/* SPDX-License-Identifier: MIT */
/* What targets of the detection engine share. */
#pragma once

#include "detect/examine.h"
#include "fuzz.h"

/* Kept until the program ends. */
const struct patterns *fuzz_patterns(const struct rules *rules);
/* Of all the rules that we ship. */
const struct patterns *fuzz_shipped_patterns(void);

/* A clock for an examiner: its context counts down how often it may be asked. */
bool fuzz_tick(void *left);

/* For targets to which it is all the same. */
void fuzz_no_trouble(enum trouble trouble, const char *member, void *context);
