/* SPDX-License-Identifier: MIT */
/* What becomes of a home whose account goes, and of files that two cleaners change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleaning.h"
#include "plan/apply_cleaners.h"
#include "plan/settle.h"
#include "scratch.h"

/* ---- the guard ---- */

static void homes_put(const char *passwd)
{
	scratch_put("/etc/passwd", passwd);
	scratch_put_dir("/root");
	scratch_put_dir("/home");
	scratch_put_dir("/home/a");
	scratch_put_dir("/home/a/b");
	scratch_put_dir("/home/c");
}

/* Whether the home may go when the account "a" does. */
static bool may_go(const char *passwd, const char *home)
{
	char name[] = "a";
	char *names[] = {name};
	const strings going = {names, 1, 1};
	struct plat_info info = {.kind = PLAT_DIR};
	homes_put(passwd);
	struct guest *guest = guest_with_accounts();
	struct guard *guard = guard_new(guest, NULL, 0);
	assert_non_null(guard_refuses(guard, STEP_REMOVE, home, &info));
	guard_let_go(guard, &going);
	bool may = !guard_refuses(guard, STEP_REMOVE, home, &info);
	assert_non_null(guard_refuses(guard, STEP_REMOVE, "/root", &info));
	assert_non_null(guard_refuses(guard, STEP_REMOVE, "/home/c", &info));
	guard_free(guard);
	guest_free(guest);
	return may;
}

static void only_his_home(void **state)
{
	(void)state;
	assert_true(may_go("a:x:7:7::/home/a:/bin/sh\nc:x:8:8::/home/c:/bin/sh\n", "/home/a"));
}

static void a_shared_home(void **state)
{
	(void)state;
	assert_false(may_go("a:x:7:7::/home/a:/bin/sh\nb:x:8:8::/home/a:/bin/sh\n", "/home/a"));
}

static void a_home_inside(void **state)
{
	(void)state;
	assert_false(
		may_go("a:x:7:7::/home/a:/bin/sh\nb:x:8:8::/home/a/b:/bin/sh\n", "/home/a"));
}

static void root_by_another_name(void **state)
{
	(void)state;
	assert_false(may_go("a:x:0:0::/home/a:/bin/sh\n", "/home/a"));
}

static void nobodys_home(void **state)
{
	(void)state;
	assert_false(may_go("b:x:8:8::/home/b:/bin/sh\n", "/home/a"));
}

/* ---- findings in what goes ---- */

static void add_secret(struct plan *plan, const char *path)
{
	struct finding *finding = plan_add_finding(plan, FINDING_SECRET, "rule", path);
	finding->confidence = CONFIDENCE_LOW;
	finding->severity = SEVERITY_HIGH;
	finding->length = 4;
}

static void findings_in_a_tree_that_goes(void **state)
{
	(void)state;
	struct rules rules = {0};
	const struct selection all = {0};
	for (int class = 0; class < CLASS_COUNT; class ++)
		rules.policy.by_class[class] = DISPOSE_REMOVE;
	rules.policy.redact_from = CONFIDENCE_MEDIUM;
	homes_put("a:x:7:7::/home/a:/bin/sh\n");
	struct guest *guest = guest_with_accounts();
	struct guard *guard = guard_new(guest, NULL, 0);
	struct plan *plan = plan_new();
	struct step *step = plan_add_step(plan, STEP_REMOVE, "/home/a");
	step->name = "test";
	step->target.kind = PLAT_DIR;
	add_secret(plan, "/home/a/b/file");
	add_secret(plan, "/home/ab/file");
	plan_add_finding(plan, FINDING_POSTURE, "test", "/home/a/data");
	plan_add_finding(plan, FINDING_POSTURE, "test", "/home/a");
	settle_findings(plan, guest, &rules, guard, &all, NULL);
	assert_int_equal(plan->steps.n, 1);
	assert_int_equal(plan->findings.n, 2);
	assert_string_equal(plan->findings.v[0].path, "/home/a");
	assert_string_equal(plan->findings.v[1].path, "/home/ab/file");
	plan_free(plan);
	guard_free(guard);
	guest_free(guest);
}

/* ---- two cleaners, one file ---- */

static struct plan *both(const char *accounts, const char *only)
{
	struct policy policy = {0};
	char name[] = "a", cleaner[] = "accounts";
	const char *chosen[] = {only, NULL};
	const struct selection selection = {only ? chosen : NULL, NULL};
	*vec_add(&policy.remove_accounts) = name;
	for (int class = 0; class < CLASS_COUNT; class ++)
		policy.by_class[class] = DISPOSE_REMOVE;
	if (accounts)
		*vec_add(&policy.items) = (struct policy_item){cleaner, DISPOSE_KEEP, 0};
	struct guest *guest = guest_with_accounts();
	struct guard *guard = guard_new(guest, NULL, 0);
	struct plan *plan = plan_new();
	const struct cleaning cleaning = {.guest = guest, .policy = &policy};
	cleaners_apply(cleaners, &cleaning, guard, &selection, plan);
	vec_free(&policy.items);
	vec_free(&policy.remove_accounts);
	guard_free(guard);
	guest_free(guest);
	return plan;
}

static void one_step_for_each_file(void **state)
{
	(void)state;
	char hash[48];
	if (!cleaner_find("accounts"))
		skip(); /* accounts stand in files on Linux alone */
	homes_put("root:x:0:0::/root:/bin/sh\na:x:7:7::/nowhere:/bin/sh\n");
	char *text = mem_printf("root:%s:1\na:%s:1\nc::1\n", hash_make(hash), hash);
	scratch_put("/etc/shadow", text);
	free(text);
	struct plan *plan = both(NULL, NULL);
	assert_int_equal(plan->steps.n, 2);
	const struct step *step = step_at(plan, STEP_REPLACE, "/etc/shadow");
	assert_string_equal(step->content, "root:!:1\nc::1\n");
	assert_non_null(strstr(step->why, "locked: 2; without the accounts"));
	assert_string_equal(step_at(plan, STEP_REPLACE, "/etc/passwd")->content,
			    "root:x:0:0::/root:/bin/sh\n");
	plan_free(plan);
	/* No step holds a hash that the policy keeps. */
	plan = both("keep", NULL);
	assert_int_equal(plan->steps.n, 0);
	assert_non_null(finding_with(plan, "userdel"));
	plan_free(plan);
	plan = both(NULL, "removed-accounts");
	assert_int_equal(plan->steps.n, 0);
	plan_free(plan);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_his_home),	      TEST(a_shared_home),
		TEST(a_home_inside),	      TEST(root_by_another_name),
		TEST(nobodys_home),	      TEST(findings_in_a_tree_that_goes),
		TEST(one_step_for_each_file),
	};
	return cmocka_run_group_tests_name("going", tests, NULL, NULL);
}
