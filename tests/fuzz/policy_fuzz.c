/* SPDX-License-Identifier: MIT */
/* A policy: first what the command line adds to it, a line each, then a blank line
 * and the YAML. What was taken is asked for every class. */
#include "base/cleanup.h"
#include "fuzz.h"
#include "rules/pack.h"

static void add(struct policy *policy, const char *text)
{
	_cleanup_(buf_free) struct buf fault = {0};
	int r = *text == '@' ? policy_remove_account(policy, text + 1, &fault)
			     : policy_treat(policy, text, &fault);
	must((r < 0) == (fault.len > 0));
}

static void ask(const struct policy *policy)
{
	bool expired;
	must(policy->name && policy->fail_on <= SEVERITY_CRITICAL);
	must(policy->redact_from <= CONFIDENCE_HIGH);
	for (enum class class = 0; class < CLASS_COUNT; class ++)
		must(policy_for(policy, "accounts", class) <= DISPOSE_REMOVE);
	vec_each(&policy->allow, allowance) {
		must(allowance->name && allowance->path && allowance->reason);
		policy_allows(policy, allowance->name, "/home/a/.ssh/id_rsa", "/home/a", false,
			      &expired);
		policy_allows(policy, "x", allowance->path, NULL, false, NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct bytes rest = {bytes, len}, line;
	struct policy policy = {0};
	struct document doc;
	_cleanup_(buf_free) struct buf fault = {0};
	while ((line = bytes_until(&rest, '\n')).len) {
		_cleanup_free_ char *text = bytes_text(line);
		add(&policy, text);
	}
	policy_clear(&policy);
	policy = (struct policy){0};
	int r = document_parse(&doc, (const char *)rest.at, rest.len, "fuzz.yaml", &fault);
	if (!r)
		r = policy_read(&doc, &policy);
	must((r < 0) == (fault.len > 0));
	document_free(&doc);
	if (!r)
		ask(&policy);
	policy_clear(&policy);
	return 0;
}
