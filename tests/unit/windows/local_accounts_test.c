/* SPDX-License-Identifier: MIT */
/* Which accounts and profiles go, and which never do, with a double in the place of the
 * system. */
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

#define MACHINE "S-1-5-21-1-2-3"

static struct double_account accounts[] = {
	{.account = {.name = "Administrator", .rid = 500, .password_never_expires = true}},
	{.account = {.name = "Guest", .rid = 501, .needs_no_password = true, .disabled = true}},
	{.account = {.name = "me", .rid = 1000}},
	{.account = {.name = "bob", .rid = 1001}},
	{.account = {.name = "eve", .rid = 1002, .needs_no_password = true}},
};

static struct sys_profile profiles[] = {
	{MACHINE "-1000", "/Users/me", true},	      {MACHINE "-1001", "/Users/bob", false},
	{MACHINE "-1002", "/Users/eve", true},	      {MACHINE "-1099", "/Users/old", false},
	{"S-1-5-21-9-9-9-1099", "/Users/far", false}, {"S-1-5-18", "/Windows/System32", true},
};

static int setup(void **state)
{
	double_is = (struct system_double){
		.accounts = accounts,
		.account_count = sizeof accounts / sizeof *accounts,
		.profiles = profiles,
		.profile_count = sizeof profiles / sizeof *profiles,
		.machine_sid = MACHINE,
		.own_sid = MACHINE "-1000",
		.rules = {14, 10},
	};
	return scratch_make(state);
}

static int teardown(void **state)
{
	return double_reset(state) | scratch_remove(state);
}

static struct guest *running(void)
{
	struct guest *guest = scratch_guest();
	guest->os = GUEST_WINDOWS;
	guest->any_case = guest->live = true;
	return guest;
}

static struct plan *removed(struct guest *guest, char *remove, char *disable)
{
	struct policy policy = {0};
	if (remove)
		*vec_add(&policy.remove_accounts) = remove;
	if (disable)
		*vec_add(&policy.disable_accounts) = disable;
	struct plan *plan = plan_asked(guest, "removed-accounts",
				       (struct cleaning){.policy = &policy});
	vec_free(&policy.remove_accounts);
	vec_free(&policy.disable_accounts);
	return plan;
}

static void an_account_goes_with_its_profile(void **state)
{
	(void)state;
	struct plan *plan = removed(running(), "BOB", NULL);
	steps_are(plan, 2, STEP_REMOVE, "profile:" MACHINE "-1001", STEP_REMOVE, "account:bob");
	plan_sort(plan);
	assert_string_equal(plan->steps.v[0].path, "profile:" MACHINE "-1001");
	assert_int_equal(plan->findings.n, 0);
	plan_free(plan);
	plan = removed(running(), NULL, "bob");
	steps_are(plan, 1, STEP_DISABLE, "account:bob");
	plan_free(plan);
	plan = removed(running(), NULL, NULL);
	assert_int_equal(plan->steps.n + plan->findings.n, 0);
	plan_free(plan);
	assert_int_equal(double_is.calls.len, 0); /* a plan changes nothing */
}

static void stays(char *name, const char *what)
{
	struct plan *plan = removed(running(), name, NULL);
	assert_int_equal(plan->steps.n, 0);
	assert_non_null(finding_with(plan, what));
	plan_free(plan);
}

static void some_never_go(void **state)
{
	(void)state;
	stays("Administrator", "Windows itself has");
	stays("Guest", "Windows itself has");
	stays("me", "runs this program");
	stays("eve", "is logged on");
	stays("nobody", "there is none of that name");
	double_is.own_sid = NULL;
	stays("bob", "runs this program"); /* nobody can tell */
	double_is.controller = true;
	stays("bob", "a domain controller");
	struct guest *guest = running();
	guest->live = false;
	struct plan *plan = removed(guest, "bob", NULL);
	assert_non_null(finding_with(plan, "on a running Windows only"));
	assert_int_equal(plan->steps.n, 0);
	plan_free(plan);
}

static void profiles_without_an_account_are_found(void **state)
{
	(void)state;
	struct plan *plan = plan_with(running(), "orphaned-profiles");
	steps_are(plan, 1, STEP_REMOVE, "profile:" MACHINE "-1099");
	assert_int_equal(plan->findings.n, 0);
	plan_free(plan);
	double_is.unlisted = MACHINE "-1099";
	plan = plan_with(running(), "orphaned-profiles");
	assert_int_equal(plan->steps.n + plan->findings.n, 0);
	plan_free(plan);
	double_is.unlisted = NULL;
	double_is.somebody_error = RPC_S_SERVER_UNAVAILABLE;
	plan = plan_with(running(), "orphaned-profiles");
	assert_int_equal(plan->steps.n, 0);
	assert_non_null(finding_with(plan, "whether its account is still there could not be "
					   "asked for: the service for it does not answer"));
	plan_free(plan);
	double_is.somebody_error = 0;
	/* With half of the accounts everybody's profile would look like one. */
	double_is.accounts_end = ERROR_ACCESS_DENIED;
	plan = plan_with(running(), "orphaned-profiles");
	assert_int_equal(plan->steps.n, 0);
	assert_non_null(finding_with(plan, "the local accounts could not be listed"));
	plan_free(plan);
}

static void weak_accounts_are_told(void **state)
{
	(void)state;
	struct plan *plan = plan_with(running(), "local-accounts");
	assert_non_null(
		finding_with(plan, "\"Administrator\" has a password that never expires"));
	assert_non_null(finding_with(plan, "\"eve\" may have an empty password"));
	assert_int_equal(plan->findings.n, 2); /* Guest is off */
	plan_free(plan);
	double_is.rules = (struct sys_password_rules){6, 0};
	plan = plan_with(running(), "local-accounts");
	assert_non_null(finding_with(plan, "passwords of 6 characters are allowed"));
	assert_non_null(finding_with(plan, "no account is locked after wrong passwords"));
	plan_free(plan);
	double_is.rules_error = ERROR_ACCESS_DENIED;
	plan = plan_with(running(), "local-accounts");
	assert_non_null(finding_with(plan, "the rules for passwords could not be read"));
	plan_free(plan);
	double_is.controller = true;
	plan = plan_with(running(), "local-accounts");
	assert_int_equal(plan->findings.n, 1);
	assert_non_null(finding_with(plan, "This is a domain controller"));
	plan_free(plan);
}

/* A plan that was edited may ask for anything. */
static void refused(int (*act)(const char *, char **), const char *place, int error)
{
	char *why = NULL;
	assert_int_equal(act(place, &why), error);
	assert_int_equal(double_is.calls.len, 0);
	assert_true(error == -ENOENT || why);
	free(why);
}

static void the_hands_refuse_too(void **state)
{
	(void)state;
	refused(plat_object_remove, "account:administrator", -EPERM);
	refused(plat_object_disable, "account:Administrator", -EPERM);
	refused(plat_object_remove, "account:me", -EPERM);
	refused(plat_object_remove, "account:nobody", -ENOENT);
	refused(plat_object_remove, "profile:S-1-5-18", -EPERM);
	refused(plat_object_remove, "profile:" MACHINE "-1000", -EPERM);
	refused(plat_object_remove, "profile:" MACHINE "-1002", -EPERM);
	refused(plat_object_remove, "profile:" MACHINE "-4711", -ENOENT);
	double_is.machine_sid = NULL;
	refused(plat_object_remove, "account:bob", -EPERM);
	double_is.controller = true;
	refused(plat_object_remove, "account:bob", -EPERM);
}

static void the_hands_act(void **state)
{
	char *why = NULL;
	(void)state;
	assert_int_equal(plat_object_remove("account:bob", &why), 0);
	assert_int_equal(plat_object_disable("account:bob", &why), 0);
	assert_int_equal(plat_object_remove("profile:" MACHINE "-1099", &why), 0);
	assert_string_equal(double_is.calls.data,
			    "remove bob;disable bob;profile " MACHINE "-1099;");
	assert_null(why);
	double_is.profile_remove = ERROR_SHARING_VIOLATION;
	assert_int_equal(plat_object_remove("profile:" MACHINE "-1099", &why), -EBUSY);
	assert_string_equal(why, "the profile could not be removed: a program holds it open "
				 "(Windows error 32)");
	free(why);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_account_goes_with_its_profile),
		TEST(some_never_go),
		TEST(profiles_without_an_account_are_found),
		TEST(weak_accounts_are_told),
		TEST(the_hands_refuse_too),
		TEST(the_hands_act),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
