/* SPDX-License-Identifier: MIT */
/* From a tree to steps and to files that are examined, with rules of our own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cleaning.h"
#include "look.h"
#include "scratch.h"

/* dhclient holds its lease file open, so it is emptied and stays: no step again. */
static void what_its_writer_holds_empty_is_done(void **state)
{
	(void)state;
	scratch_put("/leases/held", "");
	scratch_put("/leases/full", "xx");
	scratch_put("/leases/free", "");
	struct look *look = look_new();
	rule(look, "lease", STEP_REMOVE, "/leases/*", NULL);
	struct plat_info held, full;
	assert_int_equal(guest_look(look->guest, "/leases/held", &held), 0);
	assert_int_equal(guest_look(look->guest, "/leases/full", &full), 0);
	struct plat_id ids[] = {held.id, full.id};
	qsort(ids, 2, sizeof *ids, plat_id_compare);
	look->writers = (struct writers){ids, 2};
	survey(look);
	assert_null(step_on(look->plan, "/leases/held"));
	assert_non_null(step_on(look->plan, "/leases/full"));
	assert_non_null(step_on(look->plan, "/leases/free"));
	look_free(look);
}

/* What is kept deep inside keeps the directories above it, which are then no reason
 * to plan the same again. */
static void directories_above_what_is_kept_are_not_counted(void **state)
{
	(void)state;
	scratch_put("/cache/a/b/c/keep", "xx");
	scratch_put("/cache/a/d/keep", "xx");
	struct look *look = look_new();
	rule(look, "cache", STEP_EMPTY_TREE, "/cache", "/cache/**/keep");
	survey(look);
	assert_int_equal(look->plan->steps.n, 0);
	look_free(look);
	scratch_put("/cache/a/b/e/go", "xx");
	scratch_put("/cache/f/go", "xx");
	look = look_new();
	rule(look, "cache", STEP_EMPTY_TREE, "/cache", "/cache/**/keep");
	survey(look);
	assert_int_equal(step_on(look->plan, "/cache")->files, 4); /* e, e/go, f, f/go */
	look_free(look);
}

/* Puppet's directory of keys is there before puppet has any. */
static void empty_trees_are_no_finding(void **state)
{
	(void)state;
	scratch_put("/keys/full/key", "xx");
	scratch_put_dir("/keys/empty");
	struct look *look = look_new();
	rule(look, "keys", STEP_EMPTY_TREE, "/keys/*", NULL)->class = CLASS_BUSINESS;
	look->rules.policy.by_class[CLASS_BUSINESS] = DISPOSE_REPORT;
	survey(look);
	assert_int_equal(look->plan->findings.n, 1);
	assert_string_equal(look->plan->findings.v[0].path, "/keys/full");
	look_free(look);
}

/* "A database stays" says little without how much of it. */
static void what_stays_is_measured(void **state)
{
	(void)state;
	scratch_put("/data/a", "12345");
	scratch_put("/data/in/b", "123");
	scratch_put("/other", "1234567");
	struct look *look = look_new();
	rule(look, "data", STEP_REMOVE, "/data", NULL)->report = true;
	survey(look);
	assert_int_equal(look->plan->findings.n, 1);
	assert_int_equal(look->plan->findings.v[0].files, 2);
	assert_int_equal(look->plan->findings.v[0].bytes, 8);
	look_free(look);
}

static void kept_trees_inside_emptied_ones_are_examined(void **state)
{
	(void)state;
	scratch_put("/spool/gone/a", "xx");
	scratch_put("/spool/kept/in/b", "xx");
	scratch_put("/spool/kept/in/c.log", "xx");
	scratch_put("/spool/kept/cache/d", "xx");
	scratch_put("/spool/kept/cache/e/f", "xx");
	scratch_put("/spool/kept/z", "xx");
	scratch_put("/spool/last", "xx");
	scratch_put("/spool/home/u/g", "xx");
	scratch_put("/etc/passwd", "u:x:5:5::/spool/home/u:/bin/sh\n");
	struct look *look = look_new();
	rule(look, "spool", STEP_EMPTY_TREE, "/spool", "/spool/kept");
	rule(look, "log", STEP_TRUNCATE, "/**/*.log", NULL);
	rule(look, "cache", STEP_REMOVE, "/spool/kept/cache", NULL);
	survey(look);
	assert_int_equal(look->plan->steps.n, 3);
	assert_non_null(step_on(look->plan, "/spool/kept/in/c.log"));
	assert_int_equal(step_on(look->plan, "/spool/kept/cache")->files, 3);
	assert_false(was_examined(look, "/spool/kept/cache/e/f"));
	assert_false(was_examined(look, "/spool/gone/a"));
	assert_false(was_examined(look, "/spool/last"));
	assert_true(was_examined(look, "/spool/kept/in/b"));
	assert_true(was_examined(look, "/spool/kept/z"));
	/* The guard lets no home go, so what is in it stays and is looked at. */
	assert_true(was_examined(look, "/spool/home/u/g"));
	assert_int_equal(step_on(look->plan, "/spool")->files, 3); /* gone, a, last */
	look_free(look);
}

static void hard_links_are_not_emptied(void **state)
{
	(void)state;
	scratch_put("/log/a", "xx");
	assert_true(os_hard_link(scratch_at("/log/a"), scratch_at("/other")));
	struct look *look = look_new();
	rule(look, "log", STEP_TRUNCATE, "/log/*", NULL);
	survey(look);
	assert_int_equal(look->plan->steps.n, 0);
	assert_int_equal(look->plan->findings.n, 1);
	assert_int_equal(look->plan->findings.v[0].kind, FINDING_POSTURE);
	assert_true(was_examined(look, "/log/a"));
	look_free(look);
}

static void allowances_and_selections_hold(void **state)
{
	(void)state;
	static const char *const skip[] = {"skipped", NULL}, *const only[] = {"secrets", NULL};
	scratch_put("/a", "x");
	scratch_put("/b", "x");
	scratch_put("/c", "x");
	struct look *look = look_new();
	rule(look, "allowed", STEP_REMOVE, "/a", NULL);
	rule(look, "expired", STEP_REMOVE, "/b", NULL);
	rule(look, "skipped", STEP_REMOVE, "/c", NULL);
	struct allowance *allow = vec_add(&look->rules.policy.allow);
	*allow = (struct allowance){.name = look->rules.artefacts.v[0].name,
				    .path = look->rules.artefacts.v[0].paths.v[0]};
	allow = vec_add(&look->rules.policy.allow);
	*allow = (struct allowance){.name = look->rules.artefacts.v[1].name,
				    .path = look->rules.artefacts.v[1].paths.v[0],
				    .expires = 1};
	look->selection.skip = skip;
	survey(look);
	assert_int_equal(look->plan->steps.n, 1);
	assert_string_equal(look->plan->steps.v[0].path, "/b");
	assert_true(was_examined(look, "/a") && was_examined(look, "/c"));
	look->selection = (struct selection){only, NULL};
	plan_free(look->plan);
	look->plan = plan_new();
	survey(look);
	assert_int_equal(look->plan->steps.n, 0);
	look_free(look);
}

static const struct finding *finding_at(const struct plan *plan, const char *path)
{
	vec_each(&plan->findings, finding)
		if (strcmp(finding->path, path) == 0)
			return finding;
	return NULL;
}

/* The scripts of one artefact, all of which run us. */
static struct look *look_at_runners(enum class class, const char *const *names, size_t count)
{
	struct look *look = look_new();
	_cleanup_free_ char **own = mem_alloc(count * sizeof *own);
	for (size_t i = 0; i < count; i++)
		own[i] = scratch_path(names[i]);
	guard_free(look->guard);
	look->guard = guard_new(look->guest, (const char *const *)own, count);
	for (size_t i = 0; i < count; i++)
		free(own[i]);
	rule(look, "scripts", STEP_REMOVE, "/work/*", NULL)->class = class;
	survey(look);
	return look;
}

static void the_script_that_runs_us_travels_unless_it_removes_itself(void **state)
{
	(void)state;
	static const char *const own[] = {"/work/a.sh",	   "/work/trap.sh", "/work/agent.sh",
					  "/work/talk.sh", "/work/a.ps1",   "/work/b.ps1"};
	scratch_put("/work/a.sh", "#!/bin/sh\nimgsan clean --yes\n");
	scratch_put("/work/trap.sh",
		    "#!/bin/sh\ntrap 'rm -f -- \"$0\"' EXIT\nimgsan clean --yes\n");
	scratch_put("/work/agent.sh",
		    "# oos-secret: not kept by the agent\nimgsan clean --yes");
	scratch_put("/work/talk.sh", "# rm -f \"$0\" would do\nrm -f /tmp/x\necho $0\n");
	scratch_put("/work/a.ps1", "Remove-Item -LiteralPath $PSCommandPath\r\nimgsan\r\n");
	scratch_put("/work/b.ps1", "Remove-Item C:\\x\r\nWrite-Host $PSCommandPath\r\n");
	scratch_put("/work/old.sh", "#!/bin/sh\ntrap 'rm -f -- \"$0\"' EXIT\n");
	struct look *look = look_at_runners(CLASS_PERSONAL, own, 6);
	assert_int_equal(look->plan->steps.n, 1);
	assert_string_equal(look->plan->steps.v[0].path, "/work/old.sh");
	const struct finding *finding = finding_at(look->plan, "/work/a.sh");
	assert_int_equal(finding->kind, FINDING_POSTURE);
	assert_int_equal(finding->severity, SEVERITY_MEDIUM);
	assert_non_null(strstr(finding->text, "trap"));
	assert_true(was_examined(look, "/work/a.sh"));
	assert_int_equal(finding_at(look->plan, "/work/talk.sh")->kind, FINDING_POSTURE);
	assert_int_equal(finding_at(look->plan, "/work/trap.sh")->kind, FINDING_NOTE);
	assert_int_equal(finding_at(look->plan, "/work/agent.sh")->kind, FINDING_NOTE);
	assert_int_equal(finding_at(look->plan, "/work/a.ps1")->kind, FINDING_NOTE);
	assert_int_equal(finding_at(look->plan, "/work/b.ps1")->kind, FINDING_POSTURE);
	assert_false(was_examined(look, "/work/trap.sh"));
	look_free(look);
}

static void our_report_in_the_way_of_an_artefact_is_a_note(void **state)
{
	(void)state;
	static const char *const own[] = {"/work/report.json"};
	scratch_put("/work/report.json", "{}");
	struct look *look = look_at_runners(CLASS_TRACE, own, 1);
	assert_int_equal(look->plan->steps.n, 0);
	assert_int_equal(finding_at(look->plan, own[0])->kind, FINDING_NOTE);
	look_free(look);
}

static void allowances_hold_inside_emptied_trees(void **state)
{
	(void)state;
	scratch_put("/spool/a/allowed/x", "x");
	scratch_put("/spool/a/old/y", "x");
	struct look *look = look_new();
	char name[] = "spool", any[] = "*", path[] = "/spool/a/allowed", old[] = "/spool/a/old";
	rule(look, name, STEP_EMPTY_TREE, "/spool", NULL);
	*vec_add(&look->rules.policy.allow) = (struct allowance){.name = any, .path = path};
	*vec_add(&look->rules.policy.allow) = (struct allowance){
		.name = name, .path = old, .expires = 1};
	survey(look);
	const struct step *step = step_on(look->plan, "/spool");
	assert_true(step_keeps(step, false, "/spool/a/allowed", PLAT_DIR));
	assert_false(step_keeps(step, false, "/spool/a/old", PLAT_DIR));
	assert_true(was_examined(look, "/spool/a/allowed/x"));
	assert_false(was_examined(look, "/spool/a/old/y"));
	look_free(look);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)
		T(what_its_writer_holds_empty_is_done),
		T(directories_above_what_is_kept_are_not_counted),
		T(empty_trees_are_no_finding),
		T(what_stays_is_measured),
		T(kept_trees_inside_emptied_ones_are_examined),
		T(hard_links_are_not_emptied),
		T(allowances_and_selections_hold),
		T(the_script_that_runs_us_travels_unless_it_removes_itself),
		T(our_report_in_the_way_of_an_artefact_is_a_note),
		T(allowances_hold_inside_emptied_trees),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
