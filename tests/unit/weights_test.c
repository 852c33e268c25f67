/* SPDX-License-Identifier: MIT */
/* The list of reasons, the weights inside, and packs that bring their own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "rules/rules.h"
#include "scratch.h"

static void reasons_are_named(void **unused)
{
	(void)unused;
	enum reason parsed;
	for (int i = 0; i < REASON_END; i++) {
		const char *name = reason_name((enum reason)i);
		if (i >= REASON_WEIGHED && i < REASON_REFERENCE) {
			assert_null(name);
			continue;
		}
		assert_non_null(name);
		assert_non_null(reason_text((enum reason)i));
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		for (int k = 0; k < i; k++)
			assert_true(!reason_name((enum reason)k) ||
				    strcmp(reason_name((enum reason)k), name) != 0);
		assert_int_equal(reason_parse(name, &parsed), i < REASON_WEIGHED);
		assert_true(i >= REASON_WEIGHED || (int)parsed == i);
	}
	assert_null(reason_name(REASON_END));
	assert_false(reason_parse("nobody", &parsed));
	assert_true(reasons_hold(REASON_BIT(REASON_WEIGHED) - 1));
	assert_false(reasons_hold(REASON_BIT(REASON_WEIGHED)));
}

static void a_sum_decides(void **unused)
{
	(void)unused;
	struct weights weights = {.low = 10, .medium = 40, .high = 75};
	weights.of[REASON_RULE_MEDIUM] = 50;
	weights.of[REASON_STRONG] = 25;
	weights.of[REASON_COMMENT] = -11;
	weights.of[REASON_LOCK_FILE] = -41;
	static const struct {
		uint64_t because;
		int sum;
		enum confidence level;
		bool told;
	} cases[] = {
		{0, 0, CONFIDENCE_LOW, false},
		{REASON_BIT(REASON_RULE_MEDIUM), 50, CONFIDENCE_MEDIUM, true},
		{REASON_BIT(REASON_RULE_MEDIUM) | REASON_BIT(REASON_STRONG), 75,
		 CONFIDENCE_HIGH, true},
		{REASON_BIT(REASON_RULE_MEDIUM) | REASON_BIT(REASON_COMMENT), 39,
		 CONFIDENCE_LOW, true},
		{REASON_BIT(REASON_RULE_MEDIUM) | REASON_BIT(REASON_LOCK_FILE), 9,
		 CONFIDENCE_LOW, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum confidence level;
		assert_int_equal(weights_sum(&weights, cases[i].because), cases[i].sum);
		assert_int_equal(weights_level(&weights, cases[i].because, &level),
				 cases[i].told);
		assert_int_equal(level, cases[i].level);
	}
}

/* ---- packs ---- */

/* All of them at 7, with `change` instead of the first one's line. */
static void write_weights(const char *change, const char *behind)
{
	_cleanup_free_ char *path = mem_printf("%s/weights.yaml", scratch_root);
	FILE *file = os_open(path, "wb");
	assert_non_null(file);
	fprintf(file, "weights:\n%s", change);
	for (int i = 1; i < REASON_WEIGHED; i++)
		fprintf(file, "  %s: 7\n", reason_name((enum reason)i));
	fputs(behind, file);
	assert_int_equal(fclose(file), 0);
	assert_true(os_let_write(path, false));
}

#define THRESHOLDS "thresholds: {low: 1, medium: 2, high: 3}\n"

static int load(struct rules **ret, struct buf *fault)
{
	const char *const dirs[] = {scratch_root, NULL};
	const struct rules_options options = {.pack_dirs = dirs};
	return rules_load(&options, ret, fault);
}

static void faults_are_told(void **unused)
{
	(void)unused;
	static const struct {
		const char *change, *behind, *words;
	} cases[] = {
		{"", THRESHOLDS, "rule-low is missing"},
		{"  rule-lwo: 7\n", THRESHOLDS, "yaml:2: unknown key \"rule-lwo\""},
		{"  reference: 7\n", THRESHOLDS, "unknown key \"reference\""},
		{"  rule-low: 7\n  rule-low: 7\n", THRESHOLDS, "stands here twice"},
		{"  rule-low: 1.5\n", THRESHOLDS, "whole number"},
		{"  rule-low: --5\n", THRESHOLDS, "whole number"},
		{"  rule-low: '-'\n", THRESHOLDS, "whole number"},
		{"  rule-low: 1001\n", THRESHOLDS, "whole number"},
		{"  rule-low: [7]\n", THRESHOLDS, "rule-low"},
		{"  rule-low: 7\n", "", "go together"},
		{"  rule-low: 7\n", "thresholds: {low: 1, medium: 2}\n", "high is missing"},
		{"  rule-low: 7\n", "thresholds: {low: 1, medium: 4, high: 3}\n", "rise"},
		{"  rule-low: 7\n", "thresholds: 3\n", "keys and values"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rules *rules = NULL;
		_cleanup_(buf_free) struct buf fault = {0};
		write_weights(cases[i].change, cases[i].behind);
		assert_int_equal(load(&rules, &fault), -EINVAL);
		if (!strstr(buf_text(&fault), cases[i].words))
			fail_msg("\"%s\" does not hold \"%s\"", buf_text(&fault),
				 cases[i].words);
	}
}

static void ones_own_stand_for_those_inside(void **unused)
{
	(void)unused;
	struct rules *rules;
	_cleanup_(buf_free) struct buf fault = {0};
	assert_int_equal(
		rules_load(&(struct rules_options){.check_inside = true}, &rules, &fault), 0);
	assert_true(rules->weights.of[REASON_CHECKSUM] > 0);
	assert_true(rules->weights.of[REASON_LOCK_FILE] < 0);
	assert_true(rules->weights.low < rules->weights.high);
	rules_free(rules);
	write_weights("  rule-low: -1000\n", THRESHOLDS);
	assert_int_equal(load(&rules, &fault), 0);
	assert_int_equal(rules->weights.of[REASON_RULE_LOW], -1000);
	assert_int_equal(rules->weights.of[REASON_LOCK_FILE], 7);
	assert_int_equal(rules->weights.medium, 2);
	rules_free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_are_named),
		cmocka_unit_test(a_sum_decides),
		cmocka_unit_test_setup_teardown(faults_are_told, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(ones_own_stand_for_those_inside, scratch_make,
						scratch_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
