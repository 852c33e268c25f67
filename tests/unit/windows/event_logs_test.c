/* SPDX-License-Identifier: MIT */
/* Which event logs are cleared, and how, with a double in the place of the system. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleaning.h"
#include "mutate.h"
#include "plan/apply_cleaners.h"
#include "scratch.h"
#include "windows/system_double.h"

#include <windows.h> /* behind ours: it defines "far" and the like */

#include <winevt.h>

static void play(struct double_log *logs, size_t count)
{
	double_is.logs = logs;
	double_is.log_count = count;
}

#define LOGS "/Windows/System32/Winevt/Logs/"

static struct guest *running(void)
{
	struct guest *guest = scratch_guest();
	guest->os = GUEST_WINDOWS;
	guest->any_case = guest->live = true;
	return guest;
}

static void what_holds_events_is_cleared(void **state)
{
	struct double_log logs[] = {
		{.log = {.name = "System",
			 .file = LOGS "System.evtx",
			 .enabled = true,
			 .counted = true,
			 .records = 3}},
		{.log = {.name = "Empty", .file = "", .enabled = true, .counted = true}},
		{.log = {.name = "Unknown", .file = "", .enabled = true}},
		{.log = {.name = "Debug/On",
			 .file = "",
			 .enabled = true,
			 .direct = true,
			 .counted = true}},
		{.log = {.name = "Debug/Off", .file = "", .direct = true, .counted = true}},
	};
	(void)state;
	play(logs, 5);
	struct plan *plan = plan_with(running(), "event-logs");
	steps_are(plan, 3, STEP_TRUNCATE, "eventlog:System", STEP_TRUNCATE, "eventlog:Unknown",
		  STEP_TRUNCATE, "eventlog:Debug/On");
	assert_non_null(finding_with(plan, "1102 in Security, 104 in System"));
	assert_int_equal(plan->findings.n, 1);
	assert_int_equal(plan->claimed.n, 1);
	plan_free(plan);
	assert_int_equal(double_is.calls.len, 0); /* a plan changes nothing */
}

/* It may be a debug channel that is being written, whatever was counted. */
static void a_log_without_its_settings_is_cleared_and_told(void **state)
{
	struct double_log logs[] = {
		{.log = {.name = "Unread", .file = "", .counted = true, .error = 5}},
		{.log = {.name = "Gone",
			 .file = "",
			 .counted = true,
			 .error = ERROR_EVT_CHANNEL_NOT_FOUND}},
	};
	(void)state;
	play(logs, 2);
	struct plan *plan = plan_with(running(), "event-logs");
	steps_are(plan, 2, STEP_TRUNCATE, "eventlog:Unread", STEP_TRUNCATE, "eventlog:Gone");
	const struct finding *finding = finding_with(plan, "the settings of the log could not");
	assert_int_equal(finding->kind, FINDING_UNEXAMINED);
	assert_string_equal(finding->path, "eventlog:Unread");
	assert_int_equal(plan->findings.n, 2); /* and the event that clearing writes */
	plan_free(plan);
}

static void a_disk_that_is_not_running_has_only_files(void **state)
{
	struct double_log logs[] = {{.log = {.name = "System", .file = "", .records = 3}}};
	struct guest *guest = running();
	(void)state;
	guest->live = false;
	play(logs, 1);
	struct plan *plan = plan_with(guest, "event-logs");
	assert_int_equal(plan->steps.n + plan->findings.n, 0);
	plan_free(plan);
}

static void what_can_not_be_listed_is_told(void **state)
{
	struct double_log logs[] = {{.log = {.name = "System", .file = "", .counted = true}}};
	(void)state;
	double_is.logs_end = RPC_S_SERVER_UNAVAILABLE;
	struct plan *plan = plan_with(running(), "event-logs");
	const struct finding *finding = finding_with(
		plan, "the event logs could not be listed: the service for it "
		      "does not answer (Windows error 1722)");
	assert_non_null(finding);
	assert_int_equal(finding->kind, FINDING_UNEXAMINED);
	plan_free(plan);
	play(logs, 1);
	plan = plan_with(running(), "event-logs");
	assert_non_null(finding_with(plan, "not all event logs could be listed"));
	plan_free(plan);
}

/* The file that the service holds open gets no step, one that no channel has keeps its. */
static void files_give_way(void **state)
{
	struct double_log logs[] = {{.log = {.name = "System",
					     .file = LOGS "System.evtx",
					     .counted = true,
					     .records = 3}}};
	const struct cleaner *list[] = {cleaner_find("event-logs"), NULL};
	static const struct policy all = {.by_class = {[CLASS_TRACE] = DISPOSE_REMOVE}};
	struct guest *guest = running();
	struct selection everything = {0};
	(void)state;
	play(logs, 1);
	struct plan *plan = plan_new();
	plan_add_step(plan, STEP_REMOVE, "/windows/system32/winevt/logs/System.evtx")->name =
		"windows-event-logs";
	plan_add_step(plan, STEP_REMOVE, LOGS "Orphan.evtx")->name = "windows-event-logs";
	struct guard *guard = guard_new(guest, NULL, 0);
	cleaners_apply(list, &(struct cleaning){.guest = guest, .policy = &all}, guard,
		       &everything, plan);
	steps_are(plan, 2, STEP_REMOVE, LOGS "Orphan.evtx", STEP_TRUNCATE, "eventlog:System");
	assert_string_equal(plan->claimed.v[0], "/windows/system32/winevt/logs/System.evtx");
	plan_free(plan);
	guard_free(guard);
	guest_free(guest);
}

static void system_goes_last(void **state)
{
	const struct cleaner *cleaner = cleaner_find("event-logs");
	static const char *const places[] = {"eventlog:System", "eventlog:Zebra",
					     "eventlog:Application"};
	struct plan *plan = plan_new();
	(void)state;
	for (size_t i = 0; i < 3; i++)
		plan_add_step(plan, STEP_TRUNCATE, places[i])->last = cleaner_last(cleaner,
										   places[i]);
	plan_add_step(plan, STEP_REMOVE, "/a/log")->last = 1;
	plan_sort(plan);
	assert_string_equal(plan->steps.v[0].path, "/a/log");
	assert_string_equal(plan->steps.v[3].path, "eventlog:System");
	plan_free(plan);
}

static int empty(const char *place, char **ret_why)
{
	*ret_why = NULL;
	buf_cut(&double_is.calls, 0);
	return plat_object_empty(place, ret_why);
}

static void a_direct_channel_is_switched_off_meanwhile(void **state)
{
	struct double_log logs[] = {
		{.log = {.name = "Plain", .enabled = true, .records = 1}},
		{.log = {.name = "D", .enabled = true, .direct = true}},
		{.log = {.name = "Full", .enabled = true, .direct = true},
		 .clear = ERROR_DISK_FULL},
	};
	char *why;
	(void)state;
	play(logs, 3);
	assert_int_equal(empty("eventlog:Plain", &why), 0);
	assert_string_equal(double_is.calls.data, "clear Plain;");
	assert_int_equal(empty("eventlog:D", &why), 0);
	assert_string_equal(double_is.calls.data, "clear D;disable D;clear D;enable D;");
	assert_null(why);
	assert_int_equal(empty("eventlog:Full", &why), -ENOSPC);
	assert_string_equal(double_is.calls.data,
			    "clear Full;disable Full;clear Full;enable Full;");
	assert_string_equal(why, "the log could not be cleared: the disk is full (Windows "
				 "error 112)");
	free(why);
	assert_true(logs[1].log.enabled && logs[2].log.enabled);
}

static void refusals_are_told(void **state)
{
	struct double_log logs[] = {
		{.log = {.name = "Denied", .enabled = true}, .clear = ERROR_ACCESS_DENIED},
		{.log = {.name = "Off", .enabled = true, .direct = true},
		 .disable = ERROR_ACCESS_DENIED},
		{.log = {.name = "On", .enabled = true, .direct = true},
		 .enable = ERROR_ACCESS_DENIED},
		{.log = {.name = "Odd", .enabled = true}, .clear = 4711},
	};
	char *why;
	(void)state;
	play(logs, 4);
	assert_int_equal(empty("eventlog:Denied", &why), -EACCES);
	free(why);
	assert_int_equal(empty("eventlog:Off", &why), -EACCES);
	assert_string_equal(double_is.calls.data, "clear Off;disable Off;");
	free(why);
	assert_int_equal(empty("eventlog:On", &why), -EACCES);
	assert_string_equal(why, "cleared, but the channel could not be enabled again: access "
				 "is denied (Windows error 5)");
	free(why);
	assert_int_equal(empty("eventlog:None", &why), -ENOENT);
	free(why);
	assert_int_equal(empty("eventlog:Odd", &why), -EIO);
	assert_string_equal(why, "the log could not be cleared: Windows error 4711");
	free(why);
	assert_int_equal(empty("nothing:Odd", &why), -EOPNOTSUPP);
	assert_int_equal(plat_object_remove("eventlog:Plain", &why), -EOPNOTSUPP);
}

static int teardown(void **state)
{
	return double_reset(state) | scratch_remove(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_holds_events_is_cleared),
		TEST(a_log_without_its_settings_is_cleared_and_told),
		TEST(a_disk_that_is_not_running_has_only_files),
		TEST(what_can_not_be_listed_is_told),
		TEST(files_give_way),
		TEST(system_goes_last),
		TEST(a_direct_channel_is_switched_off_meanwhile),
		TEST(refusals_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
