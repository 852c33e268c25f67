/* SPDX-License-Identifier: MIT */
/* A configuration of gitleaks and a text that its rules look at: what loads can be applied,
 * and what is found stands in the text. */
#include <string.h>

#include "base/cleanup.h"
#include "detect/allow.h"
#include "detect/samples.h"
#include "fuzz.h"
#include "rules/gitleaks.h"
#include "rules/pack.h"

static const char sample[] = "user=bob\nzq-abcdefgh12345678 # line\nkay=jay two\n";

static void on_found(const struct found *found, const char *member, void *context)
{
	(void)member;
	must(found->offset + found->length <= strlen(sample) || found->codings);
	must(found->length && found->rule < ((struct rules *)context)->secrets.n);
}

static void on_trouble(enum trouble trouble, const char *member, void *context)
{
	(void)trouble, (void)member, (void)context;
}

static void on_named(size_t rule, void *context)
{
	const struct rules *rules = context;
	must(rule < rules->secrets.n && !rules->secrets.v[rule].pattern);
}

static void apply(struct rules *rules, struct buf *fault)
{
	struct patterns *patterns = NULL;
	struct allow_place place = {.path = "/srv/app/a.conf", .member = "b/c.txt"};
	uint8_t mask[MASK_SIZE];
	if (patterns_new(rules, &patterns, fault) < 0) {
		must(fault->len);
		return;
	}
	memset(mask, 0xff, sizeof mask);
	samples_examine(patterns, -1, sample, strlen(sample), on_found, on_trouble, rules);
	if (patterns->allow) {
		allow_mask(patterns->allow, &place, mask);
		allow_named(patterns->allow, &place, on_named, rules);
	}
	patterns_free(patterns);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_(buf_free) struct buf fault = {0}, text = {0};
	_cleanup_(record_clear_strings) strings files = {0};
	struct rules rules = {0};
	buf_add(&text, bytes, len);
	/* Other files are none of an input. */
	if (strstr(buf_text(&text), "ext"))
		return 0;
	int r = gitleaks_take(&rules, &files, &text, "fuzz.toml", &fault);
	must((r < 0) == (fault.len > 0));
	if (!r)
		apply(&rules, &fault);
	vec_each(&rules.secrets, rule)
		secrets_clear(rule);
	vec_free(&rules.secrets);
	gitleaks_free(rules.gitleaks);
	return 0;
}
