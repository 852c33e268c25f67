/* SPDX-License-Identifier: MIT */
/* Shadow copies, change journals, hibernation and page files, with a double in the place of
 * the system. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleaning.h"
#include "mutate.h"
#include "scratch.h"
#include "windows/system_double.h"

#include <windows.h> /* behind ours: it defines "far" and the like */

#define ID "{01234567-89ab-cdef-0123-456789abcdef}"
#define OTHER "{11234567-89ab-cdef-0123-456789abcdef}"

static struct guest *running(void)
{
	struct guest *guest = scratch_guest();
	guest->os = GUEST_WINDOWS;
	guest->any_case = guest->live = true;
	return guest;
}

/* Nothing is planned or told of a disk that is not running. */
static void idle_offline(const char *name)
{
	struct guest *guest = running();
	guest->live = false;
	struct plan *plan = plan_with(guest, name);
	assert_int_equal(plan->steps.n + plan->findings.n, 0);
	plan_free(plan);
}

static void lasting_shadow_copies_go(void **state)
{
	static const struct sys_shadow shadows[] = {
		{ID, "\\\\?\\Volume{1}\\", "2026-01-02 03:04 UTC", true},
		{OTHER, "", "", false},
	};
	(void)state;
	double_is.shadows = shadows;
	double_is.shadow_count = 2;
	struct plan *plan = plan_with(running(), "shadow-copies");
	steps_are(plan, 1, STEP_REMOVE, "shadow:" ID);
	assert_non_null(strstr(plan->steps.v[0].why, "made 2026-01-02 03:04 UTC"));
	assert_string_equal(finding_with(plan, "a backup holds")->path, "shadow:" OTHER);
	plan_free(plan);
	double_is.shadows_end = 0x80070422;
	plan = plan_with(running(), "shadow-copies");
	assert_non_null(finding_with(plan, "not all shadow copies could be listed: the service "
					   "for it is disabled (HRESULT 0x80070422)"));
	plan_free(plan);
	idle_offline("shadow-copies");
}

static void a_change_journal_goes(void **state)
{
	char place[] = "journal:C:";
	(void)state;
	double_is.journal = true;
	struct plan *plan = plan_with(running(), "change-journals");
	assert_int_equal(plan->steps.n, 1);
	memcpy(place, plan->steps.v[0].path, sizeof place); /* whatever drive this is */
	assert_true(strncmp(place, "journal:", 8) == 0 && place[9] == ':');
	plan_free(plan);
	double_is.controller = true;
	plan = plan_with(running(), "change-journals");
	assert_int_equal(plan->steps.n, 0);
	assert_non_null(finding_with(plan, "replication"));
	plan_free(plan);
	double_is.journal_error = ERROR_ACCESS_DENIED;
	plan = plan_with(running(), "change-journals");
	assert_non_null(
		finding_with(plan, "the change journal could not be asked for: access"));
	plan_free(plan);
	idle_offline("change-journals");
}

static void hibernation_is_turned_off(void **state)
{
	(void)state;
	double_is.hibernates = true;
	struct plan *plan = plan_with(running(), "hibernation");
	assert_int_equal(plan->steps.n, 0); /* there is no such file */
	plan_free(plan);
	scratch_put("/hiberfil.sys", "memory");
	plan = plan_with(running(), "hibernation");
	steps_are(plan, 1, STEP_DISABLE, "hibernation:C:");
	assert_string_equal(plan->claimed.v[0], "/hiberfil.sys");
	plan_free(plan);
	double_is.hibernates = false; /* left over: the packs remove it */
	plan = plan_with(running(), "hibernation");
	assert_int_equal(plan->steps.n + plan->claimed.n, 0);
	plan_free(plan);
	double_is.hibernation_error = ERROR_PROC_NOT_FOUND;
	plan = plan_with(running(), "hibernation");
	assert_non_null(finding_with(plan, "this Windows does not have the call for it"));
	plan_free(plan);
	idle_offline("hibernation");
}

static void page_files_are_overwritten_at_shutdown(void **state)
{
	(void)state;
	struct plan *plan = plan_with(running(), "page-files");
	assert_int_equal(plan->steps.n + plan->findings.n, 0); /* there is none */
	plan_free(plan);
	double_is.page_file = "/pagefile.sys";
	scratch_put("/swapfile.sys", "memory");
	plan = plan_with(running(), "page-files");
	steps_are(plan, 1, STEP_TRUNCATE, "pagefile:all");
	assert_int_equal(plan->claimed.n, 2);
	assert_string_equal(finding_with(plan, "at a shutdown")->path, "/swapfile.sys");
	plan_free(plan);
	double_is.cleared = true;
	plan = plan_with(running(), "page-files");
	assert_int_equal(plan->steps.n, 0);
	assert_int_equal(plan->claimed.n, 2);
	plan_free(plan);
	double_is.page_files_error = ERROR_ACCESS_DENIED;
	plan = plan_with(running(), "page-files");
	assert_non_null(finding_with(plan, "the page files could not be asked for"));
	plan_free(plan);
	idle_offline("page-files");
}

static void fails(int (*act)(const char *, char **), const char *place, int error,
		  const char *words)
{
	char *why = NULL;
	assert_int_equal(act(place, &why), error);
	assert_string_equal(why, words);
	free(why);
}

static void the_hands_act(void **state)
{
	char *why = NULL;
	(void)state;
	assert_int_equal(plat_object_remove("shadow:" ID, &why), 0);
	assert_int_equal(plat_object_remove("journal:D:", &why), 0);
	assert_int_equal(plat_object_disable("hibernation:C:", &why), 0);
	assert_int_equal(plat_object_empty("pagefile:all", &why), 0);
	assert_int_equal(plat_object_remove("journal:\\\\.\\PhysicalDrive0", &why), -EINVAL);
	assert_int_equal(plat_object_remove("pagefile:all", &why), -EOPNOTSUPP);
	assert_null(why);
	assert_string_equal(double_is.calls.data, "shadow " ID ";journal D;hibernation;pages;");
	double_is.shadow_remove = 0x80070005;
	double_is.journal_remove = ERROR_JOURNAL_DELETE_IN_PROGRESS;
	double_is.hibernation_off = ERROR_PRIVILEGE_NOT_HELD;
	double_is.page_files_clear = ERROR_ACCESS_DENIED;
	fails(plat_object_remove, "shadow:" ID, -EACCES,
	      "the shadow copy could not be removed: access is denied (HRESULT 0x80070005)");
	fails(plat_object_remove, "journal:D:", -EBUSY,
	      "the change journal could not be removed: it is being removed already (Windows "
	      "error 1178)");
	fails(plat_object_disable, "hibernation:C:", -EPERM,
	      "hibernation could not be turned off: the program lacks a privilege for it "
	      "(Windows error 1314)");
	fails(plat_object_empty, "pagefile:all", -EACCES,
	      "that page files are overwritten could not be set: access is denied (Windows "
	      "error 5)");
}

static int teardown(void **state)
{
	return double_reset(state) | scratch_remove(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lasting_shadow_copies_go),
		TEST(a_change_journal_goes),
		TEST(hibernation_is_turned_off),
		TEST(page_files_are_overwritten_at_shutdown),
		TEST(the_hands_act),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
