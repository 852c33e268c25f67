/* SPDX-License-Identifier: MIT */
/* Something that a rule matched: which rule (two bytes), where the secret begins in the
 * match, how long it is, where its line ends (a byte each), then the match. No judge may count
 * on what the rule's expression has made sure of. */
#include "detect/judge.h"
#include "base/cleanup.h"
#include "detect/keys.h"
#include "detect/shape.h"
#include "fuzz.h"

static struct rules *rules;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	_cleanup_(buf_free) struct buf fault = {0};
	must(!rules_load(&(struct rules_options){0}, &rules, &fault));
	return keys_warm_up();
}

static void judge(struct evidence *evidence, size_t which)
{
	const struct secret_rule *rule = &rules->secrets.v[which % rules->secrets.n];
	struct verdict verdict;
	evidence->rule = rule;
	bool kept = judge_decide(judge_named(rule->judge), evidence, &rules->weights, &verdict);
	must(verdict.confidence <= CONFIDENCE_HIGH && reasons_hold(verdict.because));
	must(kept != (verdict.dropped && reason_text(verdict.dropped)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static uint8_t out[4096];
	struct bytes rest = {bytes, len};
	struct keys_facts facts;
	size_t which = bytes_byte(&rest) * 256u;
	which += bytes_byte(&rest);
	size_t at = bytes_byte(&rest), size = bytes_byte(&rest), line = bytes_byte(&rest);
	bool binary = line & 1;
	struct span match = {rest.at, rest.len};
	bytes_take(&rest, at);
	struct span secret = {rest.at, size < rest.len && size ? size : rest.len};
	struct evidence evidence = {.secret = secret,
				    .match = match,
				    .line = match,
				    .around = match,
				    .binary = binary};
	if (line && at + line < match.len)
		evidence.line.len = at + line;
	if (secret.len)
		judge(&evidence, which);
	keys_examine(match, &facts);
	must(facts.parsed || !facts.encrypted || match.len);
	must(shape_base64(match, out, sizeof out) <= sizeof out);
	must(shape_base64(match, out, 3) <= 3);
	shape_placeholder(match);
	shape_sequence(match);
	return 0;
}
