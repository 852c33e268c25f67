/* SPDX-License-Identifier: MIT */
/* A pack as somebody wrote it: YAML, its fields, its samples, its expressions. */
#include "base/cleanup.h"
#include "detect/patterns.h"
#include "fuzz.h"
#include "rules/pack.h"

static struct rules rules;

static void forget(void)
{
	vec_each(&rules.secrets, rule)
		secrets_clear(rule);
	vec_each(&rules.artefacts, artefact)
		artefacts_clear(artefact);
	vec_free(&rules.secrets);
	vec_free(&rules.artefacts);
}

/* What the rest of the program takes for granted of a rule that was loaded. */
static void look(void)
{
	vec_each(&rules.secrets, rule) {
		must(rule->name && *rule->name);
		must(rule->reader || (rule->pattern && (rule->keywords.n || rule->expensive)));
	}
	vec_each(&rules.artefacts, artefact) {
		must(artefact->name && *artefact->name &&
		     (artefact->paths.n || artefact->registry.n));
		must(artefact->report || artefact->action < STEP_ACTION_COUNT);
		artefact_has_member(artefact, "etc/shadow");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	strings files = {0};
	_cleanup_(buf_free) struct buf fault = {0};
	struct pack_loader loader = {.rules = &rules, .files = &files, .fault = &fault};
	int r = pack_read(&loader, (const char *)bytes, len, "fuzz.yaml");
	must((r < 0) == (fault.len > 0));
	if (!r) {
		struct patterns *patterns = NULL;
		look();
		if (patterns_new(&rules, &patterns, &fault) < 0)
			must(fault.len);
		patterns_free(patterns);
	}
	forget();
	vec_free(&loader.names);
	return 0;
}
