/* SPDX-License-Identifier: MIT */
/* Java key stores, PKCS#12 and keys in DER. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "detect/keystore.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static size_t size;

static void on_found(const struct found *found, const char *member, void *context)
{
	(void)member, (void)context;
	if (found->offset + found->length > size)
		abort();
}

static void on_trouble(enum trouble trouble, const char *member, void *context)
{
	(void)trouble, (void)member, (void)context;
}

static struct patterns *make_patterns(void)
{
	static struct rules rules;
	struct patterns *patterns = NULL;
	struct buf fault = {0};
	for (const char *const *name = keystore_readers; *name; name++) {
		struct secret_rule *rule = vec_add(&rules.secrets);
		rule->name = mem_strdup(*name);
		rule->reader = mem_strdup(*name);
	}
	if (patterns_new(&rules, &patterns, &fault) < 0)
		abort();
	return patterns;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static uint8_t enabled[MASK_SIZE] = {7};
	static struct examiner x = {
		.limits = {.per_file = 10}, .on_found = on_found, .on_trouble = on_trouble};
	if (!x.patterns)
		x.patterns = make_patterns();
	struct source source;
	source_memory(&source, bytes, len);
	size = len;
	x.enabled = enabled;
	x.count = x.told = 0;
	keystore_expand(&x, &source, NULL, 0);
	source_clear(&source);
	return 0;
}
