/* SPDX-License-Identifier: MIT */
/* A rule with one small fault in it, again and again: do its samples notice?
 *
 *     mutate_rule(rule, count, &counter);
 *
 * The rules have to be loaded with their samples (`check_inside`).
 *
 * What is changed: a letter at an end of each literal is dropped or another, a length is
 * one less or more, a class of characters takes any or lacks one range, a condition on
 * what stands round it is dropped, a keyword is another. */
#ifndef DETECT_MUTATE_H
#define DETECT_MUTATE_H

#include "rules/rules.h"

/* The mutant and `what` live as long as the call. False ends it. */
typedef bool mutate_try(const struct secret_rule *mutant, const char *what, void *context);

void mutate_rule(const struct secret_rule *rule, mutate_try *try, void *context);

/* The length of what stands here in an expression: one character, a class, an escape, a
 * repetition, or the head of a group. */
size_t mutate_token_length(const char *at);

/* Whether the rule's own samples hold with it as it is: all `match` found, no `nomatch`.
 * False as well when it does not compile. `all`: has the weights and the rules that it is
 * asked beside. */
bool mutate_holds(const struct rules *all, const struct secret_rule *rule);

#endif
