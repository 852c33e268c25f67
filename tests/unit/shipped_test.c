/* SPDX-License-Identifier: MIT */
/* What a package brought and nobody changed is no artefact's to take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "look.h"
#include "packaged.h"
#include "scratch.h"

static void put_both(void)
{
	static const char *const paths[] = {"/srv/mine/shipped", "/srv/trace/shipped"};
	scratch_put(paths[0], "as it was");
	scratch_put(paths[1], "log");
	ship(paths, 2);
}

/* By two artefacts that remove all of /srv/mine and all of /srv/trace. */
static struct look *surveyed(void)
{
	struct look *look = look_new();
	struct artefact *mine = rule(look, "mine", STEP_REMOVE, "/srv/mine/*", NULL);
	mine->class = CLASS_PERSONAL;
	mine->severity = SEVERITY_HIGH;
	rule(look, "trace", STEP_REMOVE, "/srv/trace/*", NULL)->severity = SEVERITY_HIGH;
	look->owned = owned_here(look->guest);
	survey(look);
	return look;
}

static void shipped_files_stay(void **state)
{
	(void)state;
	put_both();
	scratch_put("/srv/mine/own", "as it was");
	scratch_put("/srv/trace/own", "log");
	struct look *look = surveyed();
	const struct plan *plan = look->plan;
	assert_int_equal(plan->steps.n, 2);
	vec_each(&plan->steps, step)
		assert_non_null(strstr(step->path, "/own"));
	/* a trace that is on every machine says nothing */
	assert_int_equal(plan->findings.n, 1);
	assert_string_equal(plan->findings.v[0].path, "/srv/mine/shipped");
	assert_int_equal(plan->findings.v[0].severity, SEVERITY_LOW);
	look_free(look);
}

static void changed_files_go(void **state)
{
	(void)state;
	put_both();
	scratch_put("/srv/mine/shipped", "as it is");
	scratch_put("/srv/trace/shipped", "log of today");
	struct look *look = surveyed();
	const struct plan *plan = look->plan;
	assert_int_equal(plan->steps.n, 2);
	assert_int_equal(plan->findings.n, 0);
	look_free(look);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)
		T(shipped_files_stay),
		T(changed_files_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
