/* SPDX-License-Identifier: MIT */
/* How a report tells of one secret in many places, and of a pair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/str.h"
#include "report/report.h"
#include "rules/rules.h"

static struct finding *add(struct plan *plan, const char *name, const char *path,
			   enum severity severity)
{
	struct finding *finding = plan_add_finding(plan, FINDING_SECRET, name, path);
	finding->severity = severity;
	return finding;
}

static void assert_has(const struct buf *out, const char *what)
{
	if (!strstr(buf_text(out), what))
		fail_msg("no '%s' in:\n%s", what, buf_text(out));
}

/* The same secret in three files is one secret, whoever tells of it; a pair is one finding
 * with two places. */
static void test_one_secret(void **state)
{
	struct outcome outcome = {
		.mode = ENGINE_SCAN, .code = EXIT_FINDINGS, .plan = plan_new(), .files = 4};
	const struct report_options options = {.version = "1.2.3"};
	_cleanup_(buf_free) struct buf out = {0}, json = {0};
	(void)state;
	add(outcome.plan, "token", "/a", SEVERITY_LOW);
	add(outcome.plan, "token", "/b", SEVERITY_HIGH);
	struct step *step = plan_add_step(outcome.plan, STEP_REDACT, "/c");
	step->name = "token";
	step->why = mem_strdup("why");
	*vec_add(&step->taken) = (struct taken){.rule = "token", .line = 7};
	struct finding *pair = add(outcome.plan, "key", "/d", SEVERITY_HIGH);
	vec_each(&outcome.plan->findings, it)
		it->secret_id[0] = it == pair;
	pair->line = 5;
	pair->partner = (struct partner){"key-id", "KID", 10, 20, 4, 3};
	report_find("text")->write(&outcome, &options, &out);
	assert_has(&out, "imgsan scan: FINDINGS - 1 step to do, 2 findings stay (2 high), "
			 "2 secrets in 5 places [exit 1]");
	assert_has(&out, "/d:5, its id KID... at line 4\n");
	outcome.mode = ENGINE_CLEAN;
	buf_cut(&out, 0);
	report_find("text")->write(&outcome, &options, &out);
	assert_has(&out, "remain (2 high), there were 2 secrets in 5 places");
	outcome.mode = ENGINE_SCAN;
	report_find("json")->write(&outcome, &options, &json);
	json_t *all = json_loads(buf_text(&json), 0, NULL);
	json_t *findings = json_object_get(all, "findings");
	const char *roles[2], *shown;
	int lines[2], secrets, places;
	assert_int_equal(json_unpack(json_array_get(findings, 2),
				     "{s:[{s:s, s:i}, {s:s, s:i, s:s}!]}", "places", "role",
				     &roles[0], "line", &lines[0], "role", &roles[1], "line",
				     &lines[1], "shown", &shown),
			 0);
	assert_string_equal(roles[0], "secret");
	assert_string_equal(roles[1], "id");
	assert_string_equal(shown, "KID");
	assert_int_equal(lines[0], 5);
	assert_int_equal(lines[1], 4);
	assert_int_equal(json_unpack(json_object_get(all, "counts"), "{s:i, s:i}", "secrets",
				     &secrets, "places", &places),
			 0);
	assert_int_equal(secrets, 2);
	assert_int_equal(places, 5);
	json_decref(all);
	outcome_free(&outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_secret)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
