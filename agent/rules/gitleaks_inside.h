/* SPDX-License-Identifier: MIT */
/* Inside of the reading of gitleaks' configurations. */
#ifndef RULES_GITLEAKS_INSIDE_H
#define RULES_GITLEAKS_INSIDE_H

#include "rules/gitleaks.h"
#include "rules/toml.h"

/* Typed members of a table; one that is not there leaves *ret as it is. 0, or -EINVAL
 * with a fault. Texts are copied. Theirs are read by viper, which takes a number or truth
 * value in quotes for itself, a whole number for a text, and the parts of a text between
 * commas for an array (spf13/viper viper.go, defaultDecoderConfig: WeaklyTypedInput and
 * stringToWeakSliceHookFunc(",")): so do these. */
int gitleaks_text(const struct toml *doc, unsigned table, const char *key, char **ret);
int gitleaks_texts(const struct toml *doc, unsigned table, const char *key, strings *ret);
int gitleaks_bool(const struct toml *doc, unsigned table, const char *key, bool *ret);
int gitleaks_number(const struct toml *doc, unsigned table, const char *key, double *ret);
int gitleaks_count(const struct toml *doc, unsigned table, const char *key, int64_t *ret);
/* Members that are expressions come out in PCRE2's syntax. */
int gitleaks_regexes(const struct toml *doc, unsigned table, const char *key, strings *ret);

/* Every key of a table has to be known; those that are not are noted. */
void gitleaks_note_unknown(const struct toml *doc, unsigned table, const char *what,
			   const char *const *known, strings *idle);

/* [[allowlists]], or the older [allowlist], of a table; their indices. */
int gitleaks_read_lists(const struct toml *doc, unsigned table, struct gitleaks *into,
			bool for_all, struct gitleaks_rule *rule);

/* Gives the rules of the configuration their places in rules->secrets. */
int gitleaks_link(struct rules *rules, struct buf *fault);

/* RE2's syntax, as Go has it, in PCRE2's. */
char *gitleaks_regex(const char *re2);

void gitleaks_rule_clear(struct gitleaks_rule *rule);
void gitleaks_list_clear(struct gitleaks_list *list);

#endif
