/* SPDX-License-Identifier: MIT */
#include "judging.h"

#include <string.h>

#include "base/cleanup.h"

struct rules *judging_rules;

int judging_begin(void **unused)
{
	(void)unused;
	_cleanup_(buf_free) struct buf fault = {0};
	return rules_load(&(struct rules_options){0}, &judging_rules, &fault);
}

int judging_end(void **unused)
{
	(void)unused;
	rules_free(judging_rules);
	return 0;
}

int judging_ask(const char *judge, const char *marked, struct verdict *ret)
{
	char text[4096];
	size_t len = 0, start = 0, end = 0;
	for (const char *c = marked; *c; c++) {
		if (*c == '\1')
			start = len;
		else if (*c == '\2')
			end = len;
		else
			text[len++] = *c;
	}
	struct evidence e = {
		.secret = {(uint8_t *)text + start, end - start},
		.match = {(uint8_t *)text, end},
		.line = {(uint8_t *)text, len},
		.around = {(uint8_t *)text, len},
	};
	struct verdict verdict;
	bool kept = judge_decide(judge_named(judge), &e, &judging_rules->weights, &verdict);
	if (ret)
		*ret = verdict;
	return kept ? (int)verdict.confidence : DROP;
}
