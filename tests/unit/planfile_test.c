/* SPDX-License-Identifier: MIT */
/* Plan files, and whole runs that follow one. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stop.h"
#include "cleaning.h"
#include "engine.h"
#include "plan/planfile.h"
#include "scratch.h"

static struct rules *shipped;
static struct detect *detect;
static char root[80]; /* a plan lies beside it */

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

static bool there(const char *path)
{
	_cleanup_free_ char *place = host(path);
	return access(place, F_OK) == 0;
}

static int tree_make(void **state)
{
	if (scratch_make(state))
		return -1;
	snprintf(root, sizeof root, "%s/root", scratch_root);
	put("/etc/os-release", "ID=debian\n");
	return 0;
}

/* ---- the plan as a file ---- */

static int read_back(const char *text, size_t len, struct plan *plan, struct buf *fault)
{
	struct buf copy = {0};
	buf_add(&copy, text, len);
	int r = planfile_read(&copy, shipped, cleaners, plan, fault);
	buf_free(&copy);
	return r;
}

static struct plan *one_step(const char *path)
{
	struct plan *plan = plan_new();
	struct step *step = plan_add_step(plan, STEP_REMOVE, path);
	step->name = shipped->artefacts.v[0].name;
	step->why = mem_strdup("why \xfc");
	step->target = (struct plat_info){.id = {7, UINT64_MAX},
					  .kind = PLAT_FILE,
					  .size = 99,
					  .links = 1,
					  .mtime = -5,
					  .ctime = INT64_MAX};
	*vec_add(&step->keep) = mem_strdup("/k\\*\xff");
	return plan;
}

static void plans_come_back_byte_for_byte(void **state)
{
	(void)state;
	char path[260] = "/";
	for (int i = 1; i < 256; i++)
		path[i] = (char)(i == '/' ? 'x' : i);
	struct guest *guest = guest_new("/x\xff");
	struct plan *plan = one_step(path), *back = plan_new();
	struct step *create = plan_add_step(plan, STEP_CREATE, "/c");
	create->name = shipped->artefacts.v[0].name;
	create->why = mem_strdup("w");
	create->content = mem_alloc(3);
	memcpy(create->content, "a\0\xff", 3);
	create->content_len = 3;
	create->mode = 0440;
	struct buf text = {0}, fault = {0};
	planfile_write(plan, guest, &text);
	if (read_back(text.data, text.len, back, &fault) < 0)
		fail_msg("%s", fault.data);
	const struct step *a = plan->steps.v, *b = back->steps.v;
	assert_string_equal(a->path, b->path);
	assert_string_equal(a->why, b->why);
	assert_string_equal(a->keep.v[0], b->keep.v[0]);
	assert_true(plat_same(a->target.id, b->target.id));
	assert_int_equal(a->target.ctime, b->target.ctime);
	assert_int_equal(b[1].mode, 0440);
	assert_int_equal(b[1].content_len, 3);
	assert_memory_equal(b[1].content, "a\0\xff", 3);
	buf_free(&text);
	buf_free(&fault);
	plan_free(plan);
	plan_free(back);
	guest_free(guest);
}

static int read_changed(const char *from, const char *to)
{
	struct guest *guest = guest_new("/");
	struct plan *plan = one_step("/tmp/path"), *back = plan_new();
	struct buf text = {0}, changed = {0}, fault = {0};
	planfile_write(plan, guest, &text);
	const char *at = strstr(text.data, from);
	assert_non_null(at);
	buf_add(&changed, text.data, (size_t)(at - text.data));
	buf_puts(&changed, to);
	buf_puts(&changed, at + strlen(from));
	int r = read_back(changed.data, changed.len, back, &fault);
	assert_true(r == 0 || fault.len);
	buf_free(&text);
	buf_free(&changed);
	buf_free(&fault);
	plan_free(plan);
	plan_free(back);
	guest_free(guest);
	return r;
}

static void hostile_plans_are_refused(void **state)
{
	(void)state;
	static const char *const paths[] = {
		"",	   "tmp",   "/",  "//tmp", "/tmp/",	"/tmp//x",    "/tmp/./x",
		"/tmp/..", "/../x", "/.", "/..",   "/etc/../x", "/x\\u0000y", "/\\u0100"};
	assert_int_equal(read_changed("/tmp/path", "/tmp/..path/.x/..."), 0);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (read_changed("/tmp/path", paths[i]) != -EINVAL)
			fail_msg("accepted: %s", paths[i]);
	assert_int_equal(read_changed("\"remove\"", "\"format\""), -EINVAL);
	assert_int_equal(read_changed("\"remove\"", "\"redact\""), -EINVAL);
	assert_int_equal(read_changed("\"remove\"", "\"create\""), -EINVAL);
	assert_int_equal(read_changed("imgsan.plan/1", "imgsan.plan/2"), -EINVAL);
	assert_int_equal(read_changed(shipped->artefacts.v[0].name, "nobody-knows"), -EINVAL);
	assert_int_equal(read_changed("\"kind\": 1", "\"kind\": 99"), -EINVAL);
	assert_int_equal(read_changed("\"size\": 99", "\"size\": 99999999999999999999"),
			 -EINVAL);
	assert_int_equal(read_changed("\"files\": 0", "\"files\": -1"), -EINVAL);
	assert_int_equal(read_changed("\"files\": 0", "\"files\": 0, \"more\": 1"), -EINVAL);
	assert_int_equal(read_changed("\"ranges\": []", "\"ranges\": {}"), -EINVAL);
	assert_int_equal(read_changed("\"ranges\": []",
				      "\"ranges\": [[5,3,\"none\",0],[6,3,\"none\",0]]"),
			 -EINVAL);
	assert_int_equal(read_changed("\"ranges\": []", "\"ranges\": [[98,2,\"none\",0]]"),
			 -EINVAL);
	assert_int_equal(read_changed("\"ranges\": []", "\"ranges\": [[98,1,\"none\",0]]"), 0);
	_cleanup_(buf_free) struct buf deep = {0};
	for (int i = 0; i < 100000; i++)
		buf_puts(&deep, "[");
	assert_int_equal(read_changed("\"ranges\": []", deep.data), -EINVAL);
}

/* ---- the engine ---- */

static enum exit_code run(enum engine_mode mode, const char *plan_file, struct outcome *ret)
{
	static const char *const none[] = {NULL};
	struct engine_options options = {.mode = mode,
					 .root = root,
					 .os = GUEST_LINUX,
					 .only = none,
					 .skip = none,
					 .include_mounts = none,
					 .fail_on = SEVERITY_LOW,
					 .jobs = 1,
					 .plan_file = plan_file};
	return engine_run(&options, shipped, detect, ret);
}

static void a_reviewed_plan_is_all_that_is_done(void **state)
{
	(void)state;
	put("/root/.bash_history", "ls\n");
	put("/root/.python_history", "1\n");
	put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
	_cleanup_free_ char *file = scratch_path("/plan.json");
	struct outcome outcome;
	assert_int_equal(run(ENGINE_SCAN, file, &outcome), EXIT_FINDINGS);
	struct plan *plan = outcome.plan;
	assert_non_null(step_on(plan, "/root/.python_history"));
	size_t kept = 0;
	vec_each(&plan->steps, step)
		if (strcmp(step->path, "/root/.python_history") == 0)
			step_clear(step);
		else
			plan->steps.v[kept++] = *step;
	plan->steps.n = kept;
	struct buf text = {0};
	planfile_write(plan, outcome.guest, &text);
	assert_int_equal(plat_out_write(file, text.data, text.len), 0);
	buf_free(&text);
	outcome_free(&outcome);
	assert_int_equal(run(ENGINE_CLEAN, file, &outcome), EXIT_FINDINGS);
	assert_false(there("/root/.bash_history"));
	assert_true(there("/root/.python_history"));
	assert_non_null(step_on(outcome.left, "/root/.python_history"));
	outcome_free(&outcome);
	assert_int_equal(run(ENGINE_CLEAN, NULL, &outcome), EXIT_CLEAN);
	assert_false(there("/root/.python_history"));
	outcome_free(&outcome);
}

static void stop_soon(const struct engine_progress *progress, void *context)
{
	(void)context;
	if (progress->files >= 64)
		stop_request(STOP_SIGNAL);
}

/* The last test: a request to stop is never taken back. */
static void a_stop_ends_the_scan_at_once(void **state)
{
	(void)state;
	_cleanup_free_ char *line = mem_alloc((4 << 20) + 1);
	_cleanup_free_ char *file = scratch_path("/plan.json");
	memset(line, 'a', 4 << 20);
	for (int i = 0; i < 100; i++) {
		char path[32];
		snprintf(path, sizeof path, "/srv/%d", i);
		put(path, line);
	}
	struct engine_options options = {.root = root,
					 .os = GUEST_LINUX,
					 .fail_on = SEVERITY_LOW,
					 .plan_file = file,
					 .progress = stop_soon};
	struct outcome outcome;
	uint64_t start = clock_ms();
	assert_int_equal(engine_run(&options, shipped, detect, &outcome), EXIT_UNDETERMINED);
	assert_int_equal(outcome.stopped, STOP_SIGNAL);
	assert_null(outcome.fatal);
	assert_true(outcome.stats.files < 100);
	assert_int_not_equal(access(file, F_OK), 0); /* half a plan is none */
	assert_true(clock_ms() - start < 20000);
	outcome_free(&outcome);
}

static int prepare(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf fault = {0};
	struct rules_options options = {.profile = "default"};
	if (rules_load(&options, &shipped, &fault) < 0)
		return -1;
	return detect_prepare(shipped, 1, NULL, &detect, &fault);
}

static int end(void **state)
{
	(void)state;
	detect_free(detect);
	rules_free(shipped);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, tree_make, scratch_remove)
		T(plans_come_back_byte_for_byte),
		T(hostile_plans_are_refused),
		T(a_reviewed_plan_is_all_that_is_done),
		T(a_stop_ends_the_scan_at_once),
	};
	return cmocka_run_group_tests(tests, prepare, end);
}
