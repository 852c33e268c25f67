/* SPDX-License-Identifier: MIT */
/* Java key stores, PKCS#12 and keys in DER. */
#include "detect/keystore.h"
#include "examining.h"

static size_t size;

static void on_found(const struct found *found, const char *member, void *context)
{
	(void)member, (void)context;
	must(found->offset + found->length <= size);
}

static const struct patterns *make_patterns(void)
{
	static struct rules rules;
	for (const char *const *name = keystore_readers; *name; name++) {
		struct secret_rule *rule = vec_add(&rules.secrets);
		rule->name = mem_strdup(*name);
		rule->reader = mem_strdup(*name);
	}
	return fuzz_patterns(&rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static uint8_t enabled[MASK_SIZE] = {7};
	static struct examiner x = {.limits = {.per_file = 10},
				    .on_found = on_found,
				    .on_trouble = fuzz_no_trouble};
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
