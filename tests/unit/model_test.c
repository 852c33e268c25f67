/* SPDX-License-Identifier: MIT */
/* The order of steps, and the second look against the first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "model/guest.h"
#include "model/plan.h"
#include "scratch.h"
#include "verify/verify.h"

static void children_come_before_parents(void **state)
{
	(void)state;
	static const char *const in[] = {"/a",	 "/a/b/c", "/a-b", "/a/b",
					 "/a b", "/ab",	   "/new", "/a/\xff"};
	struct plan *plan = plan_new();
	for (size_t i = 0; i < 8; i++)
		plan_add_step(plan, i == 6 ? STEP_CREATE : STEP_REMOVE, in[i]);
	plan_add_step(plan, STEP_TRUNCATE, "/z/late")->last = true;
	plan_sort(plan);
	assert_string_equal(plan->steps.v[0].path, "/new");
	assert_string_equal(plan->steps.v[8].path, "/z/late");
	vec_each(&plan->steps, later)
		for (struct step *step = plan->steps.v; step < later; step++) {
			size_t len = strlen(step->path);
			assert_false(strncmp(later->path, step->path, len) == 0 &&
				     later->path[len] == '/');
		}
	plan_free(plan);
}

static void volumes_hold_the_paths_below_them(void **state)
{
	(void)state;
	struct guest *guest = guest_new("/x");
	static const char *const points[] = {"/", "/home", "/home/u/deep"};
	const char *inside;
	for (size_t i = 0; i < 3; i++)
		vec_add(&guest->volumes)->path = mem_strdup(points[i]);
	assert_ptr_equal(guest_volume(guest, "/homes", &inside), guest->volumes.v);
	assert_string_equal(inside, "/homes");
	assert_ptr_equal(guest_volume(guest, "/home/u/deeper", &inside), guest->volumes.v + 1);
	assert_string_equal(inside, "/u/deeper");
	assert_ptr_equal(guest_volume(guest, "/home/u/deep", &inside), guest->volumes.v + 2);
	assert_string_equal(inside, "/");
	guest_free(guest);
}

static struct step *add(struct plan *plan, const char *path, enum step_state state)
{
	struct step *step = plan_add_step(plan, STEP_REMOVE, path);
	step->name = "x";
	step->class = CLASS_TRACE;
	step->state = state;
	return step;
}

static void traces_written_again_are_notes(void **state)
{
	(void)state;
	struct guest *guest = guest_new("/");
	struct plan *done = plan_new(), *left = plan_new();
	add(done, "/log", STEP_SKIPPED);
	add(done, "/key", STEP_DONE)->class = CLASS_PERSONAL;
	add(done, "/log", STEP_DONE); /* the second round: the last word */
	add(done, "/skipped", STEP_SKIPPED);
	add(left, "/log", STEP_PLANNED);
	add(left, "/key", STEP_PLANNED)->class = CLASS_PERSONAL;
	add(left, "/skipped", STEP_PLANNED);
	assert_true(verify_wants_again(done, left));
	verify_compare(done, left, guest);
	assert_int_equal(left->steps.n, 2);
	assert_int_equal(left->findings.n, 1);
	assert_string_equal(left->findings.v[0].path, "/log");
	guest->live = false;
	add(left, "/log", STEP_PLANNED);
	verify_compare(done, left, guest);
	assert_int_equal(left->steps.n, 3); /* nothing runs in a tree: it is left */
	plan_free(done);
	plan_free(left);
	guest_free(guest);
}

/* Verify on a running system: journald writes its journal again, whatever was cleaned. */
static void traces_being_written_are_notes(void **state)
{
	(void)state;
	scratch_put("/journal/held", "xx");
	scratch_put("/journal/empty", "");
	scratch_put("/mixed/held", "xx");
	scratch_put("/mixed/old", "xx");
	struct guest *guest = scratch_guest();
	struct plan *left = plan_new();
	struct plat_id ids[2];
	static const char *const held[] = {"/journal/held", "/mixed/held"};
	static const char *const folders[] = {"/journal", "/mixed"};
	for (size_t i = 0; i < 2; i++) {
		struct plat_info info;
		assert_int_equal(guest_look(guest, held[i], &info), 0);
		ids[i] = info.id;
		assert_int_equal(guest_look(guest, folders[i], &info), 0);
		add(left, folders[i], STEP_PLANNED)->target = info;
	}
	add(left, "/key", STEP_PLANNED)->class = CLASS_PERSONAL;
	left->steps.v[2].target.id = ids[0];
	qsort(ids, 2, sizeof *ids, plat_id_compare);
	const struct writers writers = {ids, 2};
	verify_running(left, guest, &writers);
	assert_int_equal(left->steps.n, 3); /* nothing runs in a tree: it is left */
	guest->live = true;
	verify_running(left, guest, &writers);
	assert_int_equal(left->steps.n, 2);
	assert_string_equal(left->steps.v[0].path, "/mixed");
	assert_string_equal(left->findings.v[0].path, "/journal");
	plan_free(left);
	guest_free(guest);
}

static void a_second_round_is_for_drift(void **state)
{
	(void)state;
	struct plan *done = plan_new(), *left = plan_new();
	assert_false(verify_wants_again(done, left));
	add(done, "/failed", STEP_FAILED);
	add(left, "/failed", STEP_PLANNED);
	assert_false(verify_wants_again(done, left));
	add(left, "/new", STEP_PLANNED);
	assert_true(verify_wants_again(done, left));
	plan_free(done);
	plan_free(left);
}

static void many_steps_are_compared_fast(void **state)
{
	(void)state;
	struct guest *guest = guest_new("/x");
	struct plan *done = plan_new(), *left = plan_new();
	for (unsigned i = 0; i < 50000; i++) {
		char path[64];
		snprintf(path, sizeof path, "/a/rather/long/common/beginning/%u", i);
		add(done, path, STEP_FAILED);
		add(left, path, STEP_PLANNED);
	}
	uint64_t start = clock_ms();
	verify_compare(done, left, guest);
	assert_false(verify_wants_again(done, left));
	assert_int_equal(left->steps.n, 50000);
	assert_true(clock_ms() - start < 5000);
	plan_free(done);
	plan_free(left);
	guest_free(guest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(children_come_before_parents),
		cmocka_unit_test(volumes_hold_the_paths_below_them),
		cmocka_unit_test(traces_written_again_are_notes),
		cmocka_unit_test_setup_teardown(traces_being_written_are_notes, scratch_make,
						scratch_remove),
		cmocka_unit_test(a_second_round_is_for_drift),
		cmocka_unit_test(many_steps_are_compared_fast),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
