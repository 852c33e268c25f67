/* SPDX-License-Identifier: MIT */
#include "own_rules.h"

#include <stdlib.h>
#include <string.h>

void token_make(char out[TOKEN + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	memcpy(out, "tkn_", 4);
	for (size_t i = 4; i < TOKEN; i++)
		out[i] = letters[rand() % 36];
	out[TOKEN] = 0;
}

struct secret_rule *own_rule(struct rules *rules, const char *name, const char *keyword,
			     const char *pattern)
{
	struct secret_rule *rule = vec_add(&rules->secrets);
	rule->name = mem_strdup(name);
	rule->confidence = CONFIDENCE_HIGH;
	if (keyword)
		*vec_add(&rule->keywords) = mem_strdup(keyword);
	rule->pattern = pattern ? mem_strdup(pattern) : NULL;
	return rule;
}

struct artefact *own_artefact(struct rules *rules, const char *name, const char *glob)
{
	struct artefact *artefact = vec_add(&rules->artefacts);
	artefact->name = mem_strdup(name);
	artefact->os = 1u << GUEST_LINUX;
	*vec_add(&artefact->paths) = mem_strdup(glob);
	return artefact;
}

static void clear_strings(strings *list)
{
	vec_each(list, text)
		free(*text);
	vec_free(list);
}

void own_rules_clear(struct rules *rules)
{
	vec_each(&rules->secrets, rule) {
		clear_strings(&rule->keywords);
		clear_strings(&rule->beside);
		free(rule->name);
		free(rule->then);
		free(rule->pattern);
		free(rule->judge);
		free(rule->reader);
	}
	vec_each(&rules->artefacts, artefact) {
		clear_strings(&artefact->paths);
		clear_strings(&artefact->keep);
		free(artefact->name);
		free(artefact->why);
	}
	vec_free(&rules->secrets);
	vec_free(&rules->artefacts);
}
