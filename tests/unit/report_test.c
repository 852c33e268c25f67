/* SPDX-License-Identifier: MIT */
/* Report writers on outcomes made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include <jansson.h>

#include "base/str.h"
#include "report/report.h"
#include "rules/rules.h"

static bool describe(const struct rules *rules, const char *name, struct report_item *ret)
{
	(void)rules;
	if (strcmp(name, "token") != 0)
		return false;
	*ret = (struct report_item){"A token", "It opens the door.", "Revoke the token.",
				    "restart tokend"};
	return true;
}

static struct report_options options(size_t most)
{
	return (struct report_options){.version = "1.2.3", .item = describe, .most = most};
}

static struct step *add_step(struct plan *plan, enum action action, const char *path,
			     const char *name, enum severity severity)
{
	struct step *step = plan_add_step(plan, action, path);
	step->name = name;
	step->severity = severity;
	step->why = mem_strdup("Because.");
	step->files = 1;
	step->bytes = 1000;
	return step;
}

static struct finding *add_finding(struct plan *plan, enum finding_kind kind, const char *name,
				   const char *path, enum severity severity)
{
	struct finding *finding = plan_add_finding(plan, kind, name, path);
	finding->severity = severity;
	memcpy(finding->secret_id, &plan->findings.n, sizeof plan->findings.n); /* of its own */
	return finding;
}

static struct outcome make(enum engine_mode mode, enum exit_code code)
{
	struct outcome outcome = {
		.mode = mode, .code = code, .plan = plan_new(), .files = 12345};
	return outcome;
}

static void write_report(const char *format, const struct outcome *outcome, size_t most,
			 struct buf *out)
{
	struct report_options with = options(most);
	report_find(format)->write(outcome, &with, out);
}

static void assert_has(const struct buf *out, const char *what)
{
	if (!strstr(buf_text(out), what))
		fail_msg("no '%s' in:\n%s", what, buf_text(out));
}

static void assert_frame(const struct buf *out, const char *line)
{
	size_t len = strlen(line);
	if (out->len < 2 * len + 2 || memcmp(out->data, line, len) != 0 ||
	    out->data[len] != '\n' || memcmp(out->data + out->len - len - 1, line, len) != 0)
		fail_msg("not framed by '%s':\n%s", line, buf_text(out));
}

static void test_scan(void **state)
{
	struct outcome outcome = make(ENGINE_SCAN, EXIT_FINDINGS);
	_cleanup_(buf_free) struct buf out = {0};
	char path[32];
	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(path, sizeof path, "/var/log/l%d", i);
		add_step(outcome.plan, STEP_TRUNCATE, path, "logs", SEVERITY_LOW);
	}
	add_finding(outcome.plan, FINDING_SECRET, "token", "/srv/a", SEVERITY_HIGH)->line = 12;
	write_report("text", &outcome, 0, &out);
	assert_frame(
		&out,
		"imgsan scan: FINDINGS - 100 steps to do, 1 finding stays (1 high) [exit 1]");
	assert_has(&out, "/srv/a:12\n");
	assert_has(&out, "It opens the door.");
	assert_has(&out, "100 files, 100 kB");
	assert_has(&out, "... 97 more\n");
	assert_has(&out, "Revoke the token.");
	assert_has(&out, "imgsan clean");
	/* Worst first: what needs a human stands before what is done anyway. */
	assert_true(strstr(buf_text(&out), "/srv/a") < strstr(buf_text(&out), "/var/log"));
	assert_true(strstr(buf_text(&out), "NEXT STEPS") > strstr(buf_text(&out), "/var/log"));
	outcome_free(&outcome);
}

static void test_clean(void **state)
{
	struct outcome outcome = make(ENGINE_CLEAN, EXIT_STEPS_FAILED);
	_cleanup_(buf_free) struct buf out = {0};
	struct step *step;
	(void)state;
	add_step(outcome.plan, STEP_REMOVE, "/a", "keys", SEVERITY_HIGH)->state = STEP_DONE;
	step = add_step(outcome.plan, STEP_REMOVE, "/b", "keys", SEVERITY_HIGH);
	step->state = STEP_FAILED;
	step->error = mem_strdup("Read-only file system");
	add_step(outcome.plan, STEP_TRUNCATE, "/log", "token", SEVERITY_LOW)->held = true;
	outcome.plan->steps.v[outcome.plan->steps.n - 1].state = STEP_DONE;
	step = add_step(outcome.plan, STEP_REDACT, "/etc/tls.pem", "tls", SEVERITY_HIGH);
	step->state = STEP_DONE;
	step->provision = true;
	outcome.left = plan_new();
	add_finding(outcome.left, FINDING_UNEXAMINED, "stalled", "/c", SEVERITY_MEDIUM);
	write_report("text", &outcome, 0, &out);
	assert_frame(&out, "imgsan clean: FAILED - 3 steps done, 1 failed, 0 findings remain, "
			   "1 place not examined [exit 3]");
	assert_has(&out, "because: Read-only file system");
	assert_has(&out, "restart tokend");
	assert_has(&out, "TO PROVISION AGAIN ON THE CLONE");
	assert_has(&out, "high      tls  /etc/tls.pem\n");
	assert_has(&out, "COULD NOT BE EXAMINED");
	outcome_free(&outcome);
}

static void test_incomplete(void **state)
{
	struct outcome outcome = make(ENGINE_CLEAN, EXIT_STEPS_FAILED);
	_cleanup_(buf_free) struct buf out = {0};
	(void)state;
	outcome.stopped = STOP_DEADLINE;
	add_step(outcome.plan, STEP_REMOVE, "/a", "keys", SEVERITY_HIGH)->state = STEP_DONE;
	add_step(outcome.plan, STEP_REMOVE, "/b", "keys", SEVERITY_HIGH);
	write_report("text", &outcome, 0, &out);
	assert_frame(
		&out,
		"imgsan clean: INCOMPLETE - the deadline passed after 1 of 2 steps [exit 3]");
	assert_has(&out, "NOT DONE YET");
	assert_has(&out, "Do not capture");
	outcome_free(&outcome);
}

static void test_fatal_and_declined(void **state)
{
	struct outcome fatal = {.mode = ENGINE_CLEAN, .code = EXIT_FATAL};
	struct outcome declined = {.mode = ENGINE_CLEAN, .declined = true};
	_cleanup_(buf_free) struct buf out = {0}, other = {0};
	(void)state;
	fatal.fatal = mem_strdup("cannot open \x1b[2J");
	write_report("text", &fatal, 0, &out);
	assert_frame(&out, "imgsan clean: FAILED - cannot open \\x1b[2J [exit 4]");
	write_report("text", &declined, 0, &other);
	assert_frame(
		&other,
		"imgsan clean: NOT STARTED - the answer was no; nothing was changed [exit 0]");
	outcome_free(&fatal);
}

/* Places of the findings that stay, in rows and lists: "rule-7", "rule-7 (2)",
 * "rule-* (30)" and "... 40 more". */
static unsigned places(const struct buf *out)
{
	unsigned count = 0, number;
	const char *at = strstr(buf_text(out), "FINDINGS THAT STAY");
	const char *end = at ? strstr(at, "\n\n") : NULL;
	for (; at && at < end; at++) {
		if (sscanf(at, "\n  ... %u", &number) == 1)
			count += number;
		if (!str_starts(at, "rule-"))
			continue;
		at += strlen("rule-");
		at += strspn(at, "0123456789*");
		count += sscanf(at, " (%u)", &number) == 1 ? number : 1;
	}
	return count;
}

/* However much there is to say, it fits, keeps its frame and names what stays. */
static void test_fits(void **state)
{
	struct outcome outcome = make(ENGINE_SCAN, EXIT_FINDINGS);
	char path[64], name[300][16];
	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(path, sizeof path, "/some/where/number-%d", i);
		snprintf(name[i], sizeof name[i], "rule-%d", i);
		add_step(outcome.plan, STEP_REMOVE, path, name[i], (enum severity)(i % 5));
		add_finding(outcome.plan, FINDING_SECRET, name[i], path,
			    (enum severity)(1 + i % 4));
	}
	const char *line =
		"imgsan scan: FINDINGS - 300 steps to do, 300 findings stay (75 critical) [exit 1]";
	for (size_t most = 300; most < 60000; most += most / 7) {
		_cleanup_(buf_free) struct buf out = {0};
		write_report("text", &outcome, most, &out);
		assert_frame(&out, line);
		if (out.len > most)
			fail_msg("%zu bytes, %zu were asked for", out.len, most);
		if (most > 1500)
			assert_int_equal(places(&out), 300);
		if (most > 1500 && most < 20000)
			assert_has(&out, "Shortened");
	}
	outcome_free(&outcome);
}

static void assert_order(const struct buf *out, const char *first, const char *second)
{
	assert_has(out, first);
	assert_has(out, second);
	assert_true(strstr(buf_text(out), first) < strstr(buf_text(out), second));
}

/* With less room first the lines go, then rows, then names; the worst keep theirs
 * longest, and what was simply done is numbers. */
static void test_forms(void **state)
{
	struct outcome outcome = make(ENGINE_CLEAN, EXIT_FINDINGS);
	struct report_options with = options(0);
	char path[64];
	(void)state;
	for (int i = 0; i < 6; i++) {
		snprintf(path, sizeof path, "/srv/%d", i);
		add_finding(outcome.plan, FINDING_SECRET, i ? "token" : "worst", path,
			    i ? SEVERITY_HIGH : SEVERITY_CRITICAL);
		add_finding(outcome.plan, FINDING_SECRET, i % 2 ? "cloud-key" : "cloud-token",
			    path, SEVERITY_LOW);
		struct step *step = add_step(outcome.plan, STEP_REMOVE, path, "done-it",
					     SEVERITY_LOW);
		step->state = STEP_DONE;
		step->class = CLASS_TRACE;
	}
	_cleanup_(buf_free) struct buf all = {0}, rows = {0}, names = {0};
	report_find("text")->write(&outcome, &with, &all);
	assert_order(&all, "critical  worst  /srv/0\n", "high      token (5)  /srv/1\n");
	assert_order(&all, "/srv/2\n", "... 2 more\n");
	assert_order(&all, "Revoke the token.", "low       cloud-key (3)  /srv/1\n");
	assert_order(&all, "trace     6 steps: 6 files, 6.0 kB\n", "low       remove done-it");
	with.rows = 22;
	report_find("text")->write(&outcome, &with, &rows);
	assert_order(&rows, "high      token (5)  /srv/1\n",
		     "low       cloud-key (3)  /srv/1\n");
	assert_null(strstr(buf_text(&rows), "Revoke the token."));
	with.rows = 17;
	report_find("text")->write(&outcome, &with, &names);
	assert_order(&names, "critical  worst  /srv/0\n",
		     "low       cloud-key (3), cloud-token (3)\n");
	assert_null(strstr(buf_text(&names), "done-it"));
	assert_has(&names, "trace     6 steps");
	outcome_free(&outcome);
}

static void assert_narrow(const struct buf *out)
{
	for (const char *line = strchr(buf_text(out), '\n'); line && line[1];
	     line = strchr(line + 1, '\n'))
		if (!str_starts(line + 1, "imgsan") && strcspn(line + 1, "\n") > 80)
			fail_msg("too wide: %.200s", line + 1);
}

/* A row is cut in the middle of a path, a list between two names. */
static void test_width(void **state)
{
	struct outcome outcome = make(ENGINE_SCAN, EXIT_FINDINGS);
	struct report_options with = options(0);
	char path[300], name[40][24];
	(void)state;
	memset(path, 'x', sizeof path - 1);
	path[0] = '/';
	path[sizeof path - 1] = 0;
	for (int i = 0; i < 40; i++) {
		snprintf(name[i], sizeof name[i], "%c%c-some-rule", 'a' + i % 26, 'a' + i / 26);
		add_finding(outcome.plan, FINDING_SECRET, name[i], path, SEVERITY_HIGH);
	}
	for (with.rows = 0; with.rows < 60; with.rows += 20) {
		_cleanup_(buf_free) struct buf out = {0};
		report_find("text")->write(&outcome, &with, &out);
		assert_narrow(&out);
	}
	outcome_free(&outcome);
}

/* What a guest, a path or a mount is called can be as long as its owner wants: that
 * takes room from nothing else, and no line gets longer. */
static void test_long_names(void **state)
{
	struct outcome outcome = make(ENGINE_SCAN, EXIT_FINDINGS);
	struct report_options with = options(6000);
	static char name[9000];
	(void)state;
	memset(name, 'x', sizeof name - 1);
	name[0] = '/';
	outcome.guest = guest_new("/mnt");
	outcome.guest->distribution = mem_strdup(name);
	for (int i = 0; i < 3; i++)
		*vec_add(&outcome.guest->left_out) = (struct left_out){
			mem_printf("/mnt%d%.3000s", i, name), "read-only", 0};
	add_finding(outcome.plan, FINDING_SECRET, "token", "/srv/a", SEVERITY_HIGH);
	struct step *step = add_step(outcome.plan, STEP_REMOVE, name, "tmp", SEVERITY_LOW);
	step->state = STEP_FAILED;
	step->error = mem_printf("%s: another mount", name);
	for (with.rows = 0; with.rows < 80; with.rows += 16) {
		_cleanup_(buf_free) struct buf out = {0};
		report_find("text")->write(&outcome, &with, &out);
		assert_narrow(&out);
		assert_true(out.len <= with.most);
		assert_has(&out, "/srv/a");
		if (!with.rows || with.rows > 40)
			assert_has(&out, "another mount");
	}
	outcome_free(&outcome);
}

/* Asked for more it says no less, and what is missing is told. */
static void test_verbose_fits(void **state)
{
	struct outcome outcome = make(ENGINE_SCAN, EXIT_FINDINGS);
	struct report_options with = options(6000);
	_cleanup_(buf_free) struct buf out = {0}, none = {0};
	char path[64];
	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(path, sizeof path, "/srv/where/it/stays/number-%d", i);
		add_finding(outcome.plan, FINDING_SECRET, "token", path, SEVERITY_HIGH);
	}
	with.verbosity = 1;
	report_find("text")->write(&outcome, &with, &out);
	assert_has(&out, "number-2\n");
	assert_has(&out, "... 297 more\n");
	assert_has(&out, "Revoke the token.");
	with.most = 370;
	report_find("text")->write(&outcome, &with, &none);
	assert_null(strstr(buf_text(&none), "Revoke the token."));
	assert_has(&none, "Shortened");
	outcome_free(&outcome);
}

/* An example in a package's own file hides nothing that somebody has to decide. */
static void test_slight(void **state)
{
	struct outcome outcome = make(ENGINE_SCAN, EXIT_CLEAN);
	(void)state;
	add_finding(outcome.plan, FINDING_SECRET, "slight-rule", "/usr/share/doc/x",
		    SEVERITY_INFO);
	_cleanup_(buf_free) struct buf out = {0};
	write_report("text", &outcome, 0, &out);
	assert_has(&out, "0 findings stay");
	assert_has(&out, "1 place in unchanged files");
	assert_null(strstr(buf_text(&out), "slight-rule"));
	outcome_free(&outcome);
}

/* What a guest holds can neither move a terminal nor break a line. */
/* Business data is always told, with its size, and never counts. */
static void test_data(void **state)
{
	struct outcome outcome = make(ENGINE_SCAN, EXIT_CLEAN);
	_cleanup_(buf_free) struct buf out = {0};
	struct finding *finding;
	(void)state;
	finding = add_finding(outcome.plan, FINDING_POSTURE, "shop-data", "/var/lib/shop",
			      SEVERITY_INFO);
	finding->class = CLASS_BUSINESS;
	finding->bytes = 2000;
	finding = add_finding(outcome.plan, FINDING_POSTURE, "shop-data", "/var/lib/shop2",
			      SEVERITY_INFO);
	finding->class = CLASS_BUSINESS;
	finding->bytes = 1500;
	write_report("text", &outcome, 0, &out);
	assert_frame(&out, "imgsan scan: CLEAN - 0 steps to do, 0 findings stay [exit 0]");
	assert_has(&out, "shop-data (2)  3.5 kB  /var/lib/shop");
	assert_null(strstr(buf_text(&out), "OF LITTLE WEIGHT"));
	outcome_free(&outcome);
}

static void test_hostile_names(void **state)
{
	struct outcome outcome = make(ENGINE_SCAN, EXIT_FINDINGS);
	_cleanup_(buf_free) struct buf text = {0}, json = {0};
	const char *evil = "/tmp/\x1b[2J\n\xff[exit 0]\xe2\x80\xae";
	(void)state;
	add_step(outcome.plan, STEP_REMOVE, evil, "tmp", SEVERITY_LOW);
	add_finding(outcome.plan, FINDING_UNEXAMINED, "x", evil, SEVERITY_LOW)->text =
		mem_strdup(evil);
	write_report("text", &outcome, 0, &text);
	write_report("json", &outcome, 0, &json);
	for (size_t i = 0; i < text.len; i++)
		assert_true(text.data[i] == '\n' ||
			    (text.data[i] >= 0x20 && text.data[i] < 0x7f));
	for (size_t i = 0; i < json.len; i++)
		assert_true(json.data[i] == '\n' ||
			    (json.data[i] >= 0x20 && json.data[i] < 0x7f));
	json_t *all = json_loads(buf_text(&json), 0, NULL);
	json_t *step = json_array_get(json_object_get(all, "steps"), 0);
	assert_true(json_is_true(json_object_get(step, "path_quoted")));
	json_decref(all);
	outcome_free(&outcome);
}

static void test_json(void **state)
{
	struct outcome outcome = make(ENGINE_CLEAN, EXIT_FINDINGS);
	_cleanup_(buf_free) struct buf out = {0};
	(void)state;
	add_step(outcome.plan, STEP_REMOVE, "/caf\xc3\xa9", "keys", SEVERITY_HIGH)->state =
		STEP_DONE;
	outcome.left = plan_new();
	struct finding *finding = add_finding(outcome.left, FINDING_SECRET, "token", "/x",
					      SEVERITY_HIGH);
	finding->secret_id[0] = 0xab;
	finding->seen = SEEN_CHECKSUM | SEEN_BINARY;
	write_report("json", &outcome, 0, &out);
	json_t *all = json_loads(buf_text(&out), 0, NULL);
	assert_non_null(all);
	const char *schema, *path, *state_name, *secret, *title;
	int complete, code;
	assert_int_equal(json_unpack(all, "{s:s, s:b, s:i, s:[{s:s, s:s}], s:{s:[{s:s, s:s}]}}",
				     "schema", &schema, "complete", &complete, "exit_code",
				     &code, "steps", "path", &path, "state", &state_name,
				     "left", "findings", "secret", &secret, "title", &title),
			 0);
	assert_string_equal(schema, "imgsan.report/1");
	assert_string_equal(path, "/caf\xc3\xa9");
	assert_string_equal(state_name, "done");
	assert_string_equal(secret, "ab000000000000000000000000000000");
	assert_string_equal(title, "A token");
	assert_true(complete);
	assert_int_equal(code, 1);
	json_decref(all);
	outcome_free(&outcome);
}

static void test_json_fits(void **state)
{
	struct outcome outcome = make(ENGINE_SCAN, EXIT_FINDINGS);
	_cleanup_(buf_free) struct buf out = {0};
	(void)state;
	for (int i = 0; i < 200; i++)
		add_step(outcome.plan, STEP_REMOVE, "/x", "keys", SEVERITY_HIGH);
	add_finding(outcome.plan, FINDING_SECRET, "token", "/x", SEVERITY_HIGH);
	write_report("json", &outcome, 3000, &out);
	assert_true(out.len <= 3000);
	json_t *all = json_loads(buf_text(&out), 0, NULL);
	assert_int_equal(json_array_size(json_object_get(all, "steps")), 0);
	assert_int_equal(json_array_size(json_object_get(all, "findings")), 1);
	assert_int_equal(json_array_size(json_object_get(all, "omitted")), 1);
	json_decref(all);
	outcome_free(&outcome);
}

static void test_exit_zero(void **state)
{
	struct outcome outcome = make(ENGINE_SCAN, EXIT_FINDINGS);
	struct report_options with = options(0);
	_cleanup_(buf_free) struct buf one = {0}, five = {0};
	(void)state;
	with.exit_zero = true;
	with.verbosity = -1;
	report_find("text")->write(&outcome, &with, &one);
	assert_string_equal(
		buf_text(&one),
		"imgsan scan: FINDINGS - 0 steps to do, 0 findings stay [exit 0]\n");
	outcome.code = EXIT_UNDETERMINED;
	report_find("text")->write(&outcome, &with, &five);
	assert_has(&five, "UNDETERMINED");
	assert_has(&five, "[exit 5]");
	outcome_free(&outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan),	     cmocka_unit_test(test_clean),
		cmocka_unit_test(test_incomplete),   cmocka_unit_test(test_fatal_and_declined),
		cmocka_unit_test(test_fits),	     cmocka_unit_test(test_slight),
		cmocka_unit_test(test_data),	     cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_json),	     cmocka_unit_test(test_json_fits),
		cmocka_unit_test(test_exit_zero),    cmocka_unit_test(test_forms),
		cmocka_unit_test(test_width),	     cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_verbose_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
