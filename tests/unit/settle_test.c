/* SPDX-License-Identifier: MIT */
/* Findings become steps, or stay with the reason. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleaning.h"
#include "look.h"
#include "packaged.h"
#include "plan/settle.h"
#include "scratch.h"

static struct finding *secret(struct look *look, const char *path, uint64_t offset,
			      uint64_t length)
{
	struct finding *finding = plan_add_finding(look->plan, FINDING_SECRET, "token", path);
	finding->offset = offset;
	finding->length = length;
	finding->line = 1;
	finding->class = CLASS_PERSONAL;
	finding->severity = SEVERITY_HIGH;
	finding->confidence = CONFIDENCE_HIGH;
	finding->target = (struct plat_info){.kind = PLAT_FILE, .size = 1000, .links = 1};
	return finding;
}

static void settle(struct look *look)
{
	struct owned *owned = owned_here(look->guest);
	settle_findings(look->plan, look->guest, &look->rules, look->guard, &look->selection,
			owned);
	owned_free(owned);
}

/* A database's key lies in the home of its account; without it there is no TLS. */
static void keys_in_a_daemons_home_belong_to_the_service(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		enum class class;
	} cases[] = {
		{"/var/lib/db/main/server.key", CLASS_SERVICE},
		{"/var/lib/db/.ssh/work", CLASS_PERSONAL},
		{"/home/u/notes/key", CLASS_PERSONAL},
		{"/home/orphan/notes/key", CLASS_PERSONAL},
		{"/root/key", CLASS_PERSONAL},
		{"/srv/key", CLASS_SERVICE},
	};
	scratch_put("/etc/passwd",
		    "db:x:105:105::/var/lib/db:/bin/bash\nu:x:1000:5::/home/u:/bin/sh\n"
		    "root:x:0:0::/root:/bin/sh\n");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		scratch_put(cases[i].path, "xx");
	struct look *look = look_new();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		secret(look, cases[i].path, 0, 2);
	settle(look);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(step_on(look->plan, cases[i].path)->class, cases[i].class);
	look_free(look);
}

static void overlapping_secrets_are_one_range(void **state)
{
	(void)state;
	scratch_put("/root/x", "x");
	struct look *look = look_new();
	secret(look, "/root/f", 0, 10);
	plan_add_finding(look->plan, FINDING_POSTURE, "tz", "/root/f"); /* between by name */
	secret(look, "/root/f", 0, 4)->name = "zz";
	secret(look, "/root/f", 4, 30)->only_id = true; /* no secret: nothing of it counts */
	secret(look, "/root/f", 5, 20);
	secret(look, "/root/f", 25, 5);
	settle(look);
	assert_int_equal(look->plan->steps.n, 1);
	const struct step *step = look->plan->steps.v;
	assert_int_equal(step->action, STEP_REDACT);
	assert_int_equal(step->ranges.n, 2);
	assert_int_equal(step->taken.n, 2);
	assert_int_equal(step->ranges.v[0].length, 25);
	assert_int_equal(step->ranges.v[1].offset, 25);
	look_free(look);
}

/* Of two rules at the same bytes the one that knows the form, unless it doubts. */
static void the_narrower_rule_is_told(void **state)
{
	(void)state;
	static const struct {
		enum confidence word, form;
		const char *told;
	} cases[] = {
		{CONFIDENCE_HIGH, CONFIDENCE_MEDIUM, "form"},
		{CONFIDENCE_MEDIUM, CONFIDENCE_HIGH, "form"},
		{CONFIDENCE_LOW, CONFIDENCE_LOW, "form"},
		{CONFIDENCE_MEDIUM, CONFIDENCE_LOW, "word"},
	};
	char word[] = "word", judge[] = "password", form[] = "form";
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct look *look = look_new();
		*vec_add(&look->rules.secrets) = (struct secret_rule){.name = word,
								      .judge = judge};
		*vec_add(&look->rules.secrets) = (struct secret_rule){.name = form};
		struct finding *first = secret(look, "/srv/f", 4, 20);
		first->name = word;
		first->confidence = cases[i].word;
		first->because = REASON_BIT(REASON_QUOTED);
		struct finding *second = secret(look, "/srv/f", 4, 20);
		second->name = form;
		second->confidence = cases[i].form;
		second->seen = SEEN_BINARY; /* so that it stays */
		look->plan->findings.v[0].seen = SEEN_BINARY;
		settle(look);
		assert_int_equal(look->plan->findings.n, 1);
		assert_string_equal(look->plan->findings.v[0].name, cases[i].told);
		assert_int_equal(!look->plan->findings.v[0].because, cases[i].told[0] == 'f');
		vec_free(&look->rules.secrets);
		look_free(look);
	}
}

/* ---- an id and its secret ---- */

struct spot {
	const char *rule, *path;
	uint64_t offset;
	unsigned line;
};

/* What lies there is settled; "acme-" rules are of one provider. */
static struct look *settled(const struct spot *spots, size_t count, unsigned seen)
{
	static const char *const rules[][3] = {
		{"acme-id", "Acme", "access key ID"},
		{"acme-secret", "Acme", "secret access key"},
		{"other-id", "Other", "access key ID"},
	};
	struct look *look = look_new();
	for (size_t i = 0; i < 3; i++)
		*vec_add(&look->rules.secrets) = (struct secret_rule){
			.name = (char *)(uintptr_t)rules[i][0],
			.provider = (char *)(uintptr_t)rules[i][1],
			.kind = (char *)(uintptr_t)rules[i][2]};
	for (size_t i = 0; i < count; i++) {
		struct finding *finding = secret(look, spots[i].path, spots[i].offset, 20);
		finding->name = spots[i].rule;
		finding->line = spots[i].line;
		finding->seen = seen;
	}
	settle(look);
	vec_free(&look->rules.secrets);
	return look;
}

/* What stays is told with its id; each secret has one of its own. */
static void a_pair_is_one_finding(void **state)
{
	(void)state;
	static const struct spot spots[] = {
		{"acme-id", "/srv/a", 0, 1},	  {"acme-secret", "/srv/a", 30, 2},
		{"acme-id", "/srv/a", 60, 3},	  {"acme-secret", "/srv/a", 90, 4},
		{"acme-secret", "/srv/b", 0, 1},  {"acme-id", "/srv/b", 30, 6},
		{"acme-secret", "/srv/c", 0, 1},  {"acme-id", "/srv/c", 30, 7},
		{"acme-secret", "/srv/d", 0, 1},  {"acme-id", "/srv/d", 2000, 1},
		{"acme-secret", "/srv/e", 0, 1},  {"other-id", "/srv/e", 30, 2},
		{"acme-secret", "/srv/f", 0, 1},  {"acme-id", "/srv/g", 0, 1},
		{"acme-secret", "/srv/h", 0, 1},  {"acme-id", "/srv/h", 30, 2},
		{"acme-secret", "/srv/h", 60, 3},
	};
	static const struct {
		const char *path, *rule;
		unsigned line, of_id;
	} told[] = {
		{"/srv/a", "acme-secret", 2, 1}, {"/srv/a", "acme-secret", 4, 3},
		{"/srv/b", "acme-secret", 1, 6}, {"/srv/c", "acme-secret", 1, 0},
		{"/srv/c", "acme-id", 7, 0},	 {"/srv/d", "acme-secret", 1, 0},
		{"/srv/d", "acme-id", 1, 0},	 {"/srv/e", "acme-secret", 1, 0},
		{"/srv/e", "other-id", 2, 0},	 {"/srv/f", "acme-secret", 1, 0},
		{"/srv/g", "acme-id", 1, 0},	 {"/srv/h", "acme-secret", 1, 2},
		{"/srv/h", "acme-secret", 3, 0},
	};
	struct look *look = settled(spots, sizeof spots / sizeof *spots, SEEN_BINARY);
	assert_int_equal(look->plan->findings.n, sizeof told / sizeof *told);
	for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
		const struct finding *finding = &look->plan->findings.v[i];
		assert_string_equal(finding->path, told[i].path);
		assert_string_equal(finding->name, told[i].rule);
		assert_int_equal(finding->line, told[i].line);
		assert_int_equal(finding->partner.line, told[i].of_id);
		assert_int_equal(!finding->partner.name, !told[i].of_id);
	}
	look_free(look);
}

/* Both are overwritten, and told as one. */
static void a_pair_goes_as_one(void **state)
{
	(void)state;
	static const struct spot spots[] = {{"acme-id", "/srv/a", 0, 1},
					    {"acme-secret", "/srv/a", 30, 2}};
	struct look *look = settled(spots, 2, 0);
	const struct step *step = step_on(look->plan, "/srv/a");
	assert_int_equal(look->plan->findings.n, 0);
	assert_int_equal(step->ranges.n, 2);
	assert_int_equal(step->taken.n, 1);
	assert_string_equal(step->taken.v[0].rule, "acme-secret");
	assert_string_equal(step->taken.v[0].partner.name, "acme-id");
	assert_int_equal(step->taken.v[0].partner.line, 1);
	look_free(look);
}

static void a_file_is_removed_once(void **state)
{
	(void)state;
	scratch_put("/root/x", "x");
	struct look *look = look_new();
	plan_add_step(look->plan, STEP_REMOVE, "/root/.histfile")->name = "artefact";
	plan_add_step(look->plan, STEP_EMPTY_TREE, "/root/.log")->name = "artefact";
	plan_add_step(look->plan, STEP_REMOVE, "/root/.histfile")->last = true;
	plan_add_step(look->plan, STEP_REMOVE, "/root/.log")->name = "cleaner";
	settle(look);
	assert_int_equal(look->plan->steps.n, 3);
	assert_string_equal(step_on(look->plan, "/root/.histfile")->name, "artefact");
	assert_true(step_on(look->plan, "/root/.histfile")->last);
	look_free(look);
}

static void dispositions_decide(void **state)
{
	(void)state;
	scratch_put("/root/x", "x");
	struct look *look = look_new();
	secret(look, "/root/key", 0, 9)->seen = SEEN_WHOLE_FILE;
	secret(look, "/srv/key", 0, 9)->seen = SEEN_WHOLE_FILE; /* service: REDACT */
	secret(look, "/srv/conf", 3, 9);
	secret(look, "/srv/linked", 3, 9)->target.links = 2;
	secret(look, "/srv/tar", 3, 9)->seen = SEEN_IN_CONTAINER;
	secret(look, "/srv/unsure", 3, 9)->confidence = CONFIDENCE_LOW;
	secret(look, "/etc/shadow", 3, 9);
	settle(look);
	assert_int_equal(look->plan->steps.n, 2);
	assert_int_equal(step_on(look->plan, "/root/key")->action, STEP_REMOVE);
	assert_int_equal(step_on(look->plan, "/srv/conf")->action, STEP_REDACT);
	assert_true(step_on(look->plan, "/srv/conf")->provision);
	assert_int_equal(look->plan->findings.n, 5);
	vec_each(&look->plan->findings, finding)
		assert_non_null(finding->text);
	look_free(look);
}

/* What can not be overwritten goes if the policy says so: but never a repository. */
static void a_file_goes_a_repository_stays(void **state)
{
	(void)state;
	scratch_put("/root/x", "x");
	struct look *look = look_new();
	look->rules.policy.remove_unredactable = true;
	secret(look, "/srv/data.db", 3, 9)->seen = SEEN_DATABASE;
	secret(look, "/boot/initrd", 3, 9)->seen = SEEN_IN_CONTAINER;
	secret(look, "/efi/0123/6.1/initrd", 3, 9)->seen = SEEN_IN_CONTAINER;
	secret(look, "/var/lib/rpm/rpmdb.sqlite", 3, 9)->seen = SEEN_DATABASE;
	struct finding *finding = secret(look, "/srv/repo/.git", 3, 9);
	finding->seen = SEEN_HISTORY | SEEN_IN_CONTAINER;
	finding->member = mem_strdup("0123:conf");
	finding->target.kind = PLAT_DIR;
	settle(look);
	assert_int_equal(look->plan->steps.n, 1);
	assert_int_equal(step_on(look->plan, "/srv/data.db")->action, STEP_REMOVE);
	assert_int_equal(look->plan->findings.n, 4);
	look_free(look);
}

/* A token's own form counts everywhere, a word like "password" not in a library, nor in
 * one that an archive holds. */
static void examples_in_libraries_stay(void **state)
{
	(void)state;
	static const struct {
		const char *member;
		enum reason place;
		enum confidence confidence;
		enum severity severity;
	} members[] = {
		{"tests/c.py", REASON_TEST_FILE, CONFIDENCE_LOW, SEVERITY_INFO},
		{"b.tgz!content!node_modules/c.js", REASON_LIBRARY, CONFIDENCE_MEDIUM,
		 SEVERITY_HIGH},
		{"etc/conf", REASON_CONFIG_FILE, CONFIDENCE_MEDIUM, SEVERITY_HIGH},
	};
	struct look *look = look_new();
	char word[] = "word", judge[] = "password", form[] = "form";
	*vec_add(&look->rules.secrets) = (struct secret_rule){.name = word, .judge = judge};
	*vec_add(&look->rules.secrets) = (struct secret_rule){.name = form};
	for (size_t i = 0; i < 3; i++) {
		char path[32];
		snprintf(path, sizeof path, "/srv/tar-%zu", i);
		struct finding *inside = secret(look, path, 3, 9);
		inside->name = word;
		inside->confidence = members[i].confidence;
		inside->because = REASON_BIT(members[i].place);
		inside->seen = SEEN_IN_CONTAINER;
		inside->member = mem_strdup(members[i].member);
	}
	struct finding *in_library = secret(look, "/srv/app/node_modules/a.js", 3, 9);
	in_library->name = word;
	in_library->because = REASON_BIT(REASON_LIBRARY);
	struct finding *by_form = secret(look, "/srv/app/node_modules/b.js", 3, 9);
	by_form->name = form;
	by_form->because = REASON_BIT(REASON_LIBRARY);
	secret(look, "/srv/app/config.js", 3, 9)->name = word;
	struct finding *unsure = secret(look, "/srv/app/tests/c.py", 3, 9);
	unsure->name = word;
	unsure->because = REASON_BIT(REASON_TEST_FILE);
	unsure->confidence = CONFIDENCE_LOW;
	settle(look);
	assert_int_equal(look->plan->steps.n, 2);
	assert_non_null(step_on(look->plan, "/srv/app/node_modules/b.js"));
	assert_non_null(step_on(look->plan, "/srv/app/config.js"));
	assert_int_equal(look->plan->findings.n, 5);
	assert_int_equal(look->plan->findings.v[0].severity, SEVERITY_HIGH);
	assert_int_equal(look->plan->findings.v[1].severity, SEVERITY_INFO);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(look->plan->findings.v[2 + i].severity, members[i].severity);
	vec_free(&look->rules.secrets);
	look_free(look);
}

static void a_secret_that_goes_is_not_told_twice(void **state)
{
	(void)state;
	struct look *look = look_new();
	plan_add_step(look->plan, STEP_REMOVE, "/b");
	plan_add_step(look->plan, STEP_TRUNCATE, "/a");
	secret(look, "/a", 0, 9);
	secret(look, "/b", 0, 9)->seen = SEEN_IN_CONTAINER;
	secret(look, "/c", 0, 9)->seen = SEEN_BINARY;
	settle(look);
	assert_int_equal(look->plan->steps.n, 2);
	assert_int_equal(look->plan->findings.n, 1);
	assert_string_equal(look->plan->findings.v[0].path, "/c");
	look_free(look);
}

static void a_weighty_remark_outlives_a_slight_secret(void **state)
{
	(void)state;
	struct look *look = look_new();
	plan_add_finding(look->plan, FINDING_POSTURE, "p", "/a")->severity = SEVERITY_HIGH;
	secret(look, "/a", 0, 9)->confidence = CONFIDENCE_LOW; /* becomes INFO */
	plan_add_finding(look->plan, FINDING_POSTURE, "p", "/b")->severity = SEVERITY_HIGH;
	secret(look, "/b", 0, 9)->seen = SEEN_BINARY;
	settle(look);
	assert_int_equal(look->plan->findings.n, 3);
	look_free(look);
}

static void only_keeps_what_the_guard_said(void **state)
{
	(void)state;
	static const char *const only[] = {"artefacts", NULL};
	struct look *look = look_new();
	look->selection.only = only;
	plan_add_finding(look->plan, FINDING_NOTE, "some-artefact", "/a");
	plan_add_finding(look->plan, FINDING_UNEXAMINED, "unexamined-file", "/b");
	secret(look, "/c", 0, 9);
	settle(look);
	assert_int_equal(look->plan->findings.n, 2);
	assert_int_equal(look->plan->steps.n, 0);
	look_free(look);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)
		T(keys_in_a_daemons_home_belong_to_the_service),
		T(overlapping_secrets_are_one_range),
		T(the_narrower_rule_is_told),
		T(a_pair_is_one_finding),
		T(a_pair_goes_as_one),
		T(a_file_is_removed_once),
		T(dispositions_decide),
		T(a_file_goes_a_repository_stays),
		T(examples_in_libraries_stay),
		T(a_secret_that_goes_is_not_told_twice),
		T(a_weighty_remark_outlives_a_slight_secret),
		T(only_keeps_what_the_guard_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
