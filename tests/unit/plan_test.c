/* SPDX-License-Identifier: MIT */
/* From a tree to a plan, with rules of our own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "engine.h"
#include "plan/settle.h"
#include "plan/survey.h"
#include "scratch.h"

static char root[80];

/* ---- trees ---- */

static char *host(const char *path)
{
	return mem_printf("%s%s", root, path);
}

static void put(const char *path, const char *text)
{
	_cleanup_free_ char *place = mem_printf("/root%s", path);
	scratch_put(place, text);
}

static int tree_make(void **state)
{
	if (scratch_make(state))
		return -1;
	snprintf(root, sizeof root, "%s/root", scratch_root);
	put("/etc/os-release", "ID=debian\n");
	return 0;
}

/* ---- a survey with rules of our own ---- */

struct look {
	struct rules rules;
	struct guest *guest;
	struct guard *guard;
	struct plan *plan;
	struct selection selection;
	struct writers writers;
	struct buf examined; /* paths, one a line */
};

static struct artefact *rule(struct look *look, const char *name, enum action action,
			     const char *glob, const char *keep)
{
	struct artefact *artefact = vec_add(&look->rules.artefacts);
	artefact->name = mem_strdup(name);
	artefact->why = mem_strdup("because");
	artefact->os = 1u << GUEST_LINUX;
	artefact->action = action;
	artefact->class = CLASS_TRACE;
	artefact->severity = SEVERITY_MEDIUM;
	*vec_add(&artefact->paths) = mem_strdup(glob);
	if (keep)
		*vec_add(&artefact->keep) = mem_strdup(keep);
	return artefact;
}

static struct look *look_new(void)
{
	struct look *look = mem_alloc(sizeof *look);
	for (int class = 0; class < CLASS_COUNT; class ++)
		look->rules.policy.by_class[class] = DISPOSE_REMOVE;
	look->rules.policy.by_class[CLASS_SERVICE] = DISPOSE_REDACT;
	look->rules.policy.redact_from = CONFIDENCE_MEDIUM;
	assert_int_equal(discover_guest(root, GUEST_LINUX, NULL, &look->guest), 0);
	look->guard = guard_new(look->guest, NULL, 0);
	look->plan = plan_new();
	return look;
}

static void look_free(struct look *look)
{
	vec_each(&look->rules.artefacts, artefact) {
		free(artefact->name);
		free(artefact->why);
		vec_each(&artefact->paths, glob)
			free(*glob);
		vec_each(&artefact->keep, glob)
			free(*glob);
		vec_free(&artefact->paths);
		vec_free(&artefact->keep);
	}
	vec_free(&look->rules.artefacts);
	vec_free(&look->rules.policy.items);
	vec_free(&look->rules.policy.allow);
	buf_free(&look->examined);
	plan_free(look->plan);
	guard_free(look->guard);
	guest_free(look->guest);
	free(look);
}

static void examine(const struct discover_entry *entry, void *context)
{
	struct look *look = context;
	buf_printf(&look->examined, "%s\n", entry->path);
}

static void survey(struct look *look)
{
	struct survey_setup setup = {.guest = look->guest,
				     .rules = &look->rules,
				     .guard = look->guard,
				     .selection = &look->selection,
				     .writers = &look->writers,
				     .plan = look->plan,
				     .examine = examine,
				     .context = look};
	struct survey *survey = survey_new(&setup);
	const struct volume *volume = look->guest->volumes.v;
	assert_int_equal(discover_walk(volume, survey_visitor(survey, volume)), 0);
	survey_finish(survey);
	survey_free(survey);
}

static const struct step *step_at(const struct plan *plan, const char *path)
{
	vec_each(&plan->steps, step)
		if (strcmp(step->path, path) == 0)
			return step;
	return NULL;
}

static bool was_examined(const struct look *look, const char *path)
{
	_cleanup_free_ char *line = mem_printf("%s\n", path);
	return strstr(buf_text(&look->examined), line) != NULL;
}

/* dhclient holds its lease file open, so it is emptied and stays: no step again. */
static void what_its_writer_holds_empty_is_done(void **state)
{
	(void)state;
	put("/leases/held", "");
	put("/leases/full", "xx");
	put("/leases/free", "");
	struct look *look = look_new();
	rule(look, "lease", STEP_REMOVE, "/leases/*", NULL);
	struct plat_info held, full;
	assert_int_equal(guest_look(look->guest, "/leases/held", &held), 0);
	assert_int_equal(guest_look(look->guest, "/leases/full", &full), 0);
	struct plat_id ids[] = {held.id, full.id};
	qsort(ids, 2, sizeof *ids, plat_id_compare);
	look->writers = (struct writers){ids, 2};
	survey(look);
	assert_null(step_at(look->plan, "/leases/held"));
	assert_non_null(step_at(look->plan, "/leases/full"));
	assert_non_null(step_at(look->plan, "/leases/free"));
	look_free(look);
}

/* What is kept deep inside keeps the directories above it, which are then no reason
 * to plan the same again. */
static void directories_above_what_is_kept_are_not_counted(void **state)
{
	(void)state;
	put("/cache/a/b/c/keep", "xx");
	put("/cache/a/d/keep", "xx");
	struct look *look = look_new();
	rule(look, "cache", STEP_EMPTY_TREE, "/cache", "/cache/**/keep");
	survey(look);
	assert_int_equal(look->plan->steps.n, 0);
	look_free(look);
	put("/cache/a/b/e/go", "xx");
	put("/cache/f/go", "xx");
	look = look_new();
	rule(look, "cache", STEP_EMPTY_TREE, "/cache", "/cache/**/keep");
	survey(look);
	assert_int_equal(step_at(look->plan, "/cache")->files, 4); /* e, e/go, f, f/go */
	look_free(look);
}

/* Puppet's directory of keys is there before puppet has any. */
static void empty_trees_are_no_finding(void **state)
{
	(void)state;
	put("/keys/full/key", "xx");
	scratch_put_dir("/root/keys/empty");
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
	put("/data/a", "12345");
	put("/data/in/b", "123");
	put("/other", "1234567");
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
	put("/spool/gone/a", "xx");
	put("/spool/kept/in/b", "xx");
	put("/spool/kept/in/c.log", "xx");
	put("/spool/kept/cache/d", "xx");
	put("/spool/kept/cache/e/f", "xx");
	put("/spool/kept/z", "xx");
	put("/spool/last", "xx");
	put("/spool/home/u/g", "xx");
	put("/etc/passwd", "u:x:5:5::/spool/home/u:/bin/sh\n");
	struct look *look = look_new();
	rule(look, "spool", STEP_EMPTY_TREE, "/spool", "/spool/kept");
	rule(look, "log", STEP_TRUNCATE, "/**/*.log", NULL);
	rule(look, "cache", STEP_REMOVE, "/spool/kept/cache", NULL);
	survey(look);
	assert_int_equal(look->plan->steps.n, 3);
	assert_non_null(step_at(look->plan, "/spool/kept/in/c.log"));
	assert_int_equal(step_at(look->plan, "/spool/kept/cache")->files, 3);
	assert_false(was_examined(look, "/spool/kept/cache/e/f"));
	assert_false(was_examined(look, "/spool/gone/a"));
	assert_false(was_examined(look, "/spool/last"));
	assert_true(was_examined(look, "/spool/kept/in/b"));
	assert_true(was_examined(look, "/spool/kept/z"));
	/* The guard lets no home go, so what is in it stays and is looked at. */
	assert_true(was_examined(look, "/spool/home/u/g"));
	assert_int_equal(step_at(look->plan, "/spool")->files, 3); /* gone, a, last */
	look_free(look);
}

static void hard_links_are_not_emptied(void **state)
{
	(void)state;
	put("/log/a", "xx");
	_cleanup_free_ char *a = host("/log/a"), *b = host("/other");
	assert_int_equal(link(a, b), 0);
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
	put("/a", "x");
	put("/b", "x");
	put("/c", "x");
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
		own[i] = host(names[i]);
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
	static const char *const own[] = {"/work/a.sh", "/work/trap.sh", "/work/agent.sh",
					  "/work/talk.sh"};
	put("/work/a.sh", "#!/bin/sh\nimgsan clean --yes\n");
	put("/work/trap.sh", "#!/bin/sh\ntrap 'rm -f -- \"$0\"' EXIT\nimgsan clean --yes\n");
	put("/work/agent.sh", "# oos-secret: not kept by the agent\nimgsan clean --yes");
	put("/work/talk.sh", "# rm -f \"$0\" would do\nrm -f /tmp/x\necho $0\n");
	put("/work/old.sh", "#!/bin/sh\ntrap 'rm -f -- \"$0\"' EXIT\n");
	struct look *look = look_at_runners(CLASS_PERSONAL, own, 4);
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
	assert_false(was_examined(look, "/work/trap.sh"));
	look_free(look);
}

static void our_report_in_the_way_of_an_artefact_is_a_note(void **state)
{
	(void)state;
	static const char *const own[] = {"/work/report.json"};
	put("/work/report.json", "{}");
	struct look *look = look_at_runners(CLASS_TRACE, own, 1);
	assert_int_equal(look->plan->steps.n, 0);
	assert_int_equal(finding_at(look->plan, own[0])->kind, FINDING_NOTE);
	look_free(look);
}

static void allowances_hold_inside_emptied_trees(void **state)
{
	(void)state;
	put("/spool/a/allowed/x", "x");
	put("/spool/a/old/y", "x");
	struct look *look = look_new();
	char name[] = "spool", any[] = "*", path[] = "/spool/a/allowed", old[] = "/spool/a/old";
	rule(look, name, STEP_EMPTY_TREE, "/spool", NULL);
	*vec_add(&look->rules.policy.allow) = (struct allowance){.name = any, .path = path};
	*vec_add(&look->rules.policy.allow) = (struct allowance){
		.name = name, .path = old, .expires = 1};
	survey(look);
	const struct step *step = step_at(look->plan, "/spool");
	assert_true(step_keeps(step, "/spool/a/allowed", PLAT_DIR));
	assert_false(step_keeps(step, "/spool/a/old", PLAT_DIR));
	assert_true(was_examined(look, "/spool/a/allowed/x"));
	assert_false(was_examined(look, "/spool/a/old/y"));
	look_free(look);
}

/* ---- findings become steps ---- */

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

static int read_here(enum packages_kind kind, const struct packages_file *files, size_t count,
		     packages_sink *sink, void *sink_context, void *context)
{
	(void)context;
	return packages_read(kind, files, count, sink, sink_context);
}

static void settle(struct look *look)
{
	struct packages_reader packages = {read_here, NULL};
	struct owned *owned = owned_read(look->guest, &packages);
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
	put("/etc/passwd", "db:x:105:105::/var/lib/db:/bin/bash\nu:x:1000:5::/home/u:/bin/sh\n"
			   "root:x:0:0::/root:/bin/sh\n");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		put(cases[i].path, "xx");
	struct look *look = look_new();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		secret(look, cases[i].path, 0, 2);
	settle(look);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(step_at(look->plan, cases[i].path)->class, cases[i].class);
	look_free(look);
}

static void overlapping_secrets_are_one_range(void **state)
{
	(void)state;
	put("/root/x", "x");
	struct look *look = look_new();
	secret(look, "/root/f", 0, 10);
	plan_add_finding(look->plan, FINDING_POSTURE, "tz", "/root/f"); /* between by name */
	secret(look, "/root/f", 0, 4)->name = "zz";
	secret(look, "/root/f", 5, 20);
	secret(look, "/root/f", 25, 5);
	settle(look);
	assert_int_equal(look->plan->steps.n, 1);
	const struct step *step = look->plan->steps.v;
	assert_int_equal(step->action, STEP_REDACT);
	assert_int_equal(step->ranges.n, 2);
	assert_int_equal(step->ranges.v[0].length, 25);
	assert_int_equal(step->ranges.v[1].offset, 25);
	look_free(look);
}

static void a_file_is_removed_once(void **state)
{
	(void)state;
	put("/root/x", "x");
	struct look *look = look_new();
	plan_add_step(look->plan, STEP_REMOVE, "/root/.histfile")->name = "artefact";
	plan_add_step(look->plan, STEP_EMPTY_TREE, "/root/.log")->name = "artefact";
	plan_add_step(look->plan, STEP_REMOVE, "/root/.histfile")->last = true;
	plan_add_step(look->plan, STEP_REMOVE, "/root/.log")->name = "cleaner";
	settle(look);
	assert_int_equal(look->plan->steps.n, 3);
	assert_string_equal(step_at(look->plan, "/root/.histfile")->name, "artefact");
	assert_true(step_at(look->plan, "/root/.histfile")->last);
	look_free(look);
}

static void dispositions_decide(void **state)
{
	(void)state;
	put("/root/x", "x");
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
	assert_int_equal(step_at(look->plan, "/root/key")->action, STEP_REMOVE);
	assert_int_equal(step_at(look->plan, "/srv/conf")->action, STEP_REDACT);
	assert_true(step_at(look->plan, "/srv/conf")->provision);
	assert_int_equal(look->plan->findings.n, 5);
	vec_each(&look->plan->findings, finding)
		assert_non_null(finding->text);
	look_free(look);
}

/* A token's own form counts everywhere, a word like "password" not in a library. */
static void examples_in_libraries_stay(void **state)
{
	(void)state;
	struct look *look = look_new();
	char word[] = "word", judge[] = "password", form[] = "form";
	*vec_add(&look->rules.secrets) = (struct secret_rule){.name = word, .judge = judge};
	*vec_add(&look->rules.secrets) = (struct secret_rule){.name = form};
	secret(look, "/srv/app/node_modules/a.js", 3, 9)->name = word;
	secret(look, "/srv/app/node_modules/b.js", 3, 9)->name = form;
	secret(look, "/srv/app/config.js", 3, 9)->name = word;
	struct finding *unsure = secret(look, "/srv/app/tests/c.py", 3, 9);
	unsure->name = word;
	unsure->confidence = CONFIDENCE_MEDIUM;
	settle(look);
	assert_int_equal(look->plan->steps.n, 2);
	assert_non_null(step_at(look->plan, "/srv/app/node_modules/b.js"));
	assert_non_null(step_at(look->plan, "/srv/app/config.js"));
	assert_int_equal(look->plan->findings.n, 2);
	assert_int_equal(look->plan->findings.v[0].severity, SEVERITY_HIGH);
	assert_int_equal(look->plan->findings.v[1].severity, SEVERITY_INFO);
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
#define T(name) cmocka_unit_test_setup_teardown(name, tree_make, scratch_remove)
		T(what_its_writer_holds_empty_is_done),
		T(what_stays_is_measured),
		T(empty_trees_are_no_finding),
		T(directories_above_what_is_kept_are_not_counted),
		T(kept_trees_inside_emptied_ones_are_examined),
		T(hard_links_are_not_emptied),
		T(allowances_and_selections_hold),
		T(the_script_that_runs_us_travels_unless_it_removes_itself),
		T(our_report_in_the_way_of_an_artefact_is_a_note),
		T(allowances_hold_inside_emptied_trees),
		T(keys_in_a_daemons_home_belong_to_the_service),
		T(overlapping_secrets_are_one_range),
		T(a_file_is_removed_once),
		T(dispositions_decide),
		T(examples_in_libraries_stay),
		T(a_secret_that_goes_is_not_told_twice),
		T(a_weighty_remark_outlives_a_slight_secret),
		T(only_keeps_what_the_guard_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
