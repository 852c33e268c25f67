/* SPDX-License-Identifier: MIT */
/* From what a pattern has matched in the window to what is found, or is not. */
#ifndef DETECT_MATCH_JUDGE_H
#define DETECT_MATCH_JUDGE_H

#include "detect/match.h"

/* `at`: the places of the rule's match and groups, as PCRE2 gives them. */
void match_judge(struct match *match, size_t rule, const PCRE2_SIZE *at);

#endif
