/* SPDX-License-Identifier: MIT */
/* Password hashes, accounts that go, and who is root without a password. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleaning.h"
#include "scratch.h"

static struct guest *guest_with_root(void)
{
	struct guest *guest = scratch_guest();
	*vec_add(&guest->accounts) = (struct account){.name = mem_strdup("root"),
						      .can_login = true};
	/* Locked from the start, and nobody whose shell is one. */
	*vec_add(&guest->accounts) = (struct account){.name = mem_strdup("svc"), .uid = 9};
	return guest;
}

static void test_accounts_lock(void **state)
{
	(void)state;
	char a[48], b[48], c[48];
	hash_make(a), hash_make(b), hash_make(c);
	char *text = mem_printf(
		"root:%s:19000:0:99999:7:::\r\n# old: %s\n#gone:%s:1\n\ndaemon:*:1::\n"
		"odd line without colons\nsvc:!:1::\nold:!!:1::\nlocked:!%s:1::\n"
		"des:ab01FAX.bQRSU:1\nlk:*LK*:1\nalice:%s:1:0:99999:7:::x:y",
		a, "none", b, c, b);
	scratch_put("/etc/shadow", text);
	free(text);
	struct plan *plan = plan_with(guest_with_root(), "accounts");
	steps_are(plan, 1, STEP_REPLACE, "/etc/shadow");
	const struct step *step = &plan->steps.v[0];
	const char *want =
		"root:!:19000:0:99999:7:::\r\n# old: none\n#gone:!:1\n\ndaemon:*:1::\n"
		"odd line without colons\nsvc:!:1::\nold:!!:1::\nlocked:!:1::\n"
		"des:!:1\nlk:*LK*:1\nalice:!:1:0:99999:7:::x:y";
	assert_int_equal(step->content_len, strlen(want));
	assert_string_equal(step->content, want);
	assert_null(strstr(step->why, a));
	assert_int_equal(plan->findings.n, 0);
	scratch_put_bytes("/etc/shadow", step->content, step->content_len);
	plan_free(plan);
	plan = plan_with(guest_with_root(), "accounts");
	assert_int_equal(plan->steps.n, 0);
	assert_int_equal(plan->findings.n, 0);
	plan_free(plan);
}

static void test_accounts_groups_and_bytes(void **state)
{
	(void)state;
	char a[48];
	char *text = mem_printf("wheel:%s:root:root\nusers:!::\nempty:::\n", hash_make(a));
	scratch_put("/etc/gshadow", text);
	free(text);
	scratch_put("/etc/group", "wheel:x:10:root\nusers:x:100:\n");
	scratch_put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n+::::::\n");
	static const char nul[] = "a:*:1\0:b\nc:!:\n";
	scratch_put_bytes("/etc/shadow", nul, sizeof nul - 1);
	struct plan *plan = plan_of("accounts");
	steps_are(plan, 1, STEP_REPLACE, "/etc/gshadow");
	assert_string_equal(plan->steps.v[0].content,
			    "wheel:!:root:root\nusers:!::\nempty:::\n");
	assert_int_equal(plan->findings.n, 0);
	plan_free(plan);
}

static void test_accounts_posture(void **state)
{
	(void)state;
	scratch_put("/etc/shadow", "root:*:1\nguest::1\n");
	struct guest *guest = scratch_guest();
	*vec_add(&guest->accounts) = (struct account){.name = mem_strdup("root")};
	*vec_add(&guest->accounts) = (struct account){.name = mem_strdup("to\nor")};
	*vec_add(&guest->accounts) = (struct account){.name = mem_strdup("guest"), .uid = 1000};
	struct plan *plan = plan_with(guest, "accounts");
	assert_int_equal(plan->steps.n, 0);
	assert_int_equal(plan->findings.n, 2);
	assert_non_null(finding_with(plan, "\"guest\" has an empty password"));
	assert_non_null(finding_with(plan, "\"to\\x0aor\" is root"));
	plan_free(plan);
}

/* ---- accounts that the policy removes ---- */

static uint32_t builder; /* its uid */

/* A guest whose account "builder" has one of everything. */
static void builder_put(void)
{
	char hash[48], *text;
	builder = geteuid() ? geteuid() : 1234;
	scratch_put_dir("/home");
	text = mem_printf(
		"root:x:0:0::/root:/bin/bash\nbuilder:x:%u:%u::/home/builder:/bin/sh\n"
		"builder2:x:4000:4000::/home/builder2:/bin/sh\n",
		builder, builder);
	scratch_put("/etc/passwd", text);
	free(text);
	text = mem_printf("root:%s:1\nbuilder:!:1\nbuilder2:*:1\n", hash_make(hash));
	scratch_put("/etc/shadow", text);
	free(text);
	text = mem_printf("root:x:0:\nwheel:x:10:root,builder,builder2\nbuilder:x:%u:\n"
			  "builder2:x:4000:builder\n",
			  builder);
	scratch_put("/etc/group", text);
	free(text);
	scratch_put("/etc/gshadow", "wheel:!:builder:root,builder,builder2\nbuilder:!::\n");
	text = mem_printf("builder:100000:65536\nbuilder2:165536:65536\n%u:231072:65536\n",
			  builder);
	scratch_put("/etc/subuid", text);
	free(text);
	scratch_put("/etc/subgid", "builder:100000:65536\n");
	scratch_put("/home/builder/work/file", "x");
	scratch_put("/home/builder2/file", "decoy");
	assert_int_equal(lchown(scratch_at("/home/builder"), builder, (gid_t)-1), 0);
}

static struct plan *plan_without(const char *name)
{
	struct policy policy = {0};
	*vec_add(&policy.remove_accounts) = (char *)(uintptr_t)name;
	struct guest *guest = guest_with_accounts();
	struct plan *plan = plan_asked(guest, "removed-accounts",
				       (struct cleaning){.policy = &policy});
	vec_free(&policy.remove_accounts);
	return plan;
}

static void content_is(const struct plan *plan, const char *path, const char *wanted)
{
	const struct step *step = step_at(plan, STEP_REPLACE, path);
	assert_non_null(step);
	assert_int_equal(step->content_len, strlen(wanted));
	assert_string_equal(step->content, wanted);
}

static void test_removed(void **state)
{
	(void)state;
	builder_put();
	scratch_put("/etc/shadow", "root:*:1\nbuilder:!:1\nbuilder2:*:1\n");
	struct plan *plan = plan_without("builder");
	steps_are(plan, 7, STEP_REPLACE, "/etc/passwd", STEP_REPLACE, "/etc/shadow",
		  STEP_REPLACE, "/etc/group", STEP_REPLACE, "/etc/gshadow", STEP_REPLACE,
		  "/etc/subuid", STEP_REPLACE, "/etc/subgid", STEP_REMOVE, "/home/builder");
	assert_int_equal(plan->findings.n, 0);
	content_is(plan, "/etc/passwd",
		   "root:x:0:0::/root:/bin/bash\n"
		   "builder2:x:4000:4000::/home/builder2:/bin/sh\n");
	content_is(plan, "/etc/shadow", "root:*:1\nbuilder2:*:1\n");
	content_is(plan, "/etc/group",
		   "root:x:0:\nwheel:x:10:root,builder2\nbuilder2:x:4000:\n");
	content_is(plan, "/etc/gshadow", "wheel:!::root,builder2\n");
	content_is(plan, "/etc/subuid", "builder2:165536:65536\n");
	content_is(plan, "/etc/subgid", "");
	/* Behind everything else, so that a run that was cut off goes on. */
	plan_sort(plan);
	assert_string_equal(plan->steps.v[6].path, "/etc/passwd");
	plan_free(plan);
}

static void test_removed_places(void **state)
{
	(void)state;
	static const char *const files[] = {"/var/spool/cron/crontabs/builder",
					    "/var/spool/cron/builder",
					    "/var/mail/builder",
					    "/var/lib/systemd/linger/builder",
					    "/var/lib/AccountsService/users/builder",
					    "/etc/ssh/authorized_keys.d/builder",
					    "/var/lib/sudo/lectured/builder",
					    "/var/spool/cron/atjobs/a0001"};
	static const char *const decoys[] = {"/var/spool/cron/crontabs/builder2",
					     "/var/mail/root", "/var/lib/systemd/linger/root",
					     "/var/spool/cron/atjobs/a0002",
					     "/var/mail/builder.lock"};
	builder_put();
	scratch_put("/etc/shadow", "builder:!:1\n");
	for (size_t i = 0; i < sizeof decoys / sizeof *decoys; i++) {
		scratch_put(decoys[i], "decoy");
		if (!geteuid())
			assert_int_equal(lchown(scratch_at(decoys[i]), 77, 77), 0);
	}
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		scratch_put(files[i], "x");
		assert_int_equal(lchown(scratch_at(files[i]), builder, (gid_t)-1), 0);
	}
	scratch_put_dir("/var/spool/mail");
	scratch_put_link("/var/spool/mail/builder", "/etc/hosts");
	struct plan *plan = plan_without("builder");
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		assert_non_null(step_at(plan, STEP_REMOVE, files[i]));
	for (size_t i = 0; i < sizeof decoys / sizeof *decoys; i++)
		if (i != 3 || !geteuid()) /* for a plain user all files are builder's */
			assert_null(step_at(plan, STEP_REMOVE, decoys[i]));
	assert_null(step_at(plan, STEP_REMOVE, "/var/spool/mail/builder"));
	plan_free(plan);
}

static void test_removed_sudoers(void **state)
{
	(void)state;
	builder_put();
	scratch_put("/etc/shadow", "");
	scratch_put("/etc/sudoers", "root ALL=(ALL) ALL\nbuilder ALL=(ALL) ALL\n");
	scratch_put("/etc/sudoers.d/builder", "# for the build\nDefaults:builder !requiretty\n"
					      "builder ALL=(ALL) \\\n NOPASSWD: ALL\n");
	scratch_put("/etc/sudoers.d/both", "builder ALL=ALL\n%wheel ALL=(ALL) ALL\n");
	scratch_put("/etc/sudoers.d/list", "root, builder ALL=ALL\n");
	scratch_put("/etc/sudoers.d/alias",
		    "User_Alias MAKERS = root, builder\nMAKERS ALL=ALL\n");
	scratch_put("/etc/sudoers.d/other", "builder2 ALL=(builder) ALL\n");
	struct plan *plan = plan_without("builder");
	assert_non_null(step_at(plan, STEP_REMOVE, "/etc/sudoers.d/builder"));
	content_is(plan, "/etc/sudoers.d/both", "%wheel ALL=(ALL) ALL\n");
	static const char *const stay[] = {"/etc/sudoers", "/etc/sudoers.d/list",
					   "/etc/sudoers.d/alias", "/etc/sudoers.d/other"};
	for (size_t i = 0; i < 4; i++)
		vec_each(&plan->steps, step)
			assert_string_not_equal(step->path, stay[i]);
	assert_int_equal(plan->findings.n, 3);
	assert_non_null(finding_with(plan, "visudo"));
	plan_free(plan);
}

static void refused(const char *name, const char *because)
{
	struct plan *plan = plan_without(name);
	assert_int_equal(plan->steps.n, 0);
	assert_non_null(finding_with(plan, because));
	plan_free(plan);
}

static void test_removed_not(void **state)
{
	(void)state;
	builder_put();
	scratch_put("/etc/shadow", "root:*:1\n");
	refused("root", "never removed");
	refused("nobody-here", "none of that name");
	scratch_put("/etc/systemd/system/build.service", "[Service]\nUser=builder\n");
	struct plan *plan = plan_without("builder");
	assert_true(plan->steps.n > 0); /* no boot starts it */
	plan_free(plan);
	scratch_put_link("/etc/systemd/system/multi-user.target.wants/build.service",
			 "../build.service");
	refused("builder", "build.service runs as it");
}

/* A process of the account: ourselves, or for root a child that becomes it. */
static pid_t run_as(uint32_t uid)
{
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (!child) {
		if (setuid(uid) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return child;
}

static void test_removed_while_it_runs(void **state)
{
	(void)state;
	char name[] = "builder";
	struct policy policy = {0};
	*vec_add(&policy.remove_accounts) = name;
	builder_put();
	scratch_put("/etc/shadow", "root:*:1\n");
	pid_t child = run_as(builder);
	for (int live = 0; live < 2; live++) {
		struct guest *guest = guest_with_accounts();
		guest->live = live;
		struct plan *plan = plan_asked(guest, "removed-accounts",
					       (struct cleaning){.policy = &policy});
		assert_int_equal(plan->steps.n == 0, live);
		assert_int_equal(finding_with(plan, "running processes") != NULL, live);
		plan_free(plan);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	vec_free(&policy.remove_accounts);
}

/* Hashes that the policy keeps would stand in the step. */
static void test_removed_beside_kept_hashes(void **state)
{
	(void)state;
	builder_put();
	struct plan *plan = plan_without("builder");
	assert_int_equal(plan->steps.n, 0);
	assert_non_null(finding_with(plan, "userdel"));
	plan_free(plan);
}

static void test_removed_shared_homes(void **state)
{
	(void)state;
	builder_put();
	char *text = mem_printf("builder:x:%u:7::/home/builder:/bin/sh\n"
				"inner:x:4001:7::/home/builder/work:/bin/sh\n",
				builder);
	scratch_put("/etc/passwd", text);
	free(text);
	scratch_put("/etc/shadow", "");
	struct plan *plan = plan_without("builder");
	assert_null(step_at(plan, STEP_REMOVE, "/home/builder"));
	assert_non_null(finding_with(plan, "home of another account"));
	/* Not its private group any more: the number is another's. */
	assert_non_null(
		strstr(step_at(plan, STEP_REPLACE, "/etc/group")->content, "\nbuilder:x:"));
	plan_free(plan);
}

static void test_removed_system_home(void **state)
{
	(void)state;
	builder_put();
	scratch_put_dir("/srv");
	char *text = mem_printf("builder:x:%u:7::/srv:/bin/sh\n", builder);
	scratch_put("/etc/passwd", text);
	free(text);
	struct plan *plan = plan_without("builder");
	assert_null(step_at(plan, STEP_REMOVE, "/srv"));
	plan_free(plan);
}

/* ---- root without a password ---- */

static const struct finding *said(const struct plan *plan, const char *path)
{
	vec_each(&plan->findings, finding)
		if (strcmp(finding->path, path) == 0)
			return finding;
	return NULL;
}

static void test_sudo_rules(void **state)
{
	(void)state;
	scratch_put("/etc/sudoers",
		    "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n"
		    "%sudo ALL=(ALL:ALL) ALL\n# x ALL=(ALL) NOPASSWD: ALL\n"
		    "root ALL=(ALL) NOPASSWD: ALL\n@includedir /etc/sudoers.d\n");
	scratch_put("/etc/sudoers.d/deploy",
		    "deploy, \\\n %ops ALL=(ALL) NOPASSWD: SETENV: ALL\n");
	scratch_put("/etc/sudoers.d/zabbix",
		    "zabbix ALL=(root) NOPASSWD: /usr/sbin/smartctl\n");
	scratch_put("/etc/sudoers.d/auth", "Defaults:ci !authenticate\n");
	scratch_put("/etc/sudoers.d/off.bak", "x ALL=(ALL) NOPASSWD: ALL\n");
	scratch_put("/etc/sudoers.d/README", "# y ALL=(ALL) NOPASSWD: ALL\n");
	scratch_put("/etc/sudoers.d/90-cloud-init-users", "debian ALL=(ALL) NOPASSWD:ALL\n");
	scratch_put("/etc/doas.conf", "permit persist :wheel\npermit nopass keepenv alice\n"
				      "permit nopass setenv { A=1 B } root\n"
				      "deny nopass bob\n");
	scratch_put("/etc/polkit-1/rules.d/10-all.rules",
		    "polkit.addRule(function(a, s) { return polkit.Result.YES; });\n");
	scratch_put("/etc/polkit-1/rules.d/20-one.rules",
		    "polkit.addRule(function(action, s) { if (action.id == \"x\")\n"
		    "return polkit.Result.YES; });\n");
	struct plan *plan = plan_of("sudo-rules");
	assert_int_equal(plan->steps.n, 0);
	assert_int_equal(plan->findings.n, 6);
	assert_non_null(finding_with(plan, "deploy, %ops may do everything"));
	assert_int_equal(said(plan, "/etc/sudoers.d/deploy")->kind, FINDING_POSTURE);
	assert_int_equal(said(plan, "/etc/sudoers.d/zabbix")->kind, FINDING_NOTE);
	assert_int_equal(said(plan, "/etc/sudoers.d/auth")->kind, FINDING_POSTURE);
	assert_int_equal(said(plan, "/etc/sudoers.d/90-cloud-init-users")->kind,
			 FINDING_POSTURE);
	assert_non_null(finding_with(plan, "alice may do everything with doas"));
	assert_non_null(said(plan, "/etc/polkit-1/rules.d/10-all.rules"));
	plan_free(plan);
	/* Where cloud-init runs, the rule is its own and comes on every clone. */
	scratch_put("/usr/bin/cloud-init", "#!");
	scratch_put("/usr/lib/systemd/system-generators/cloud-init-generator", "#!");
	scratch_put("/etc/cloud/cloud.cfg", "");
	plan = plan_of("sudo-rules");
	assert_int_equal(said(plan, "/etc/sudoers.d/90-cloud-init-users")->kind, FINDING_NOTE);
	plan_free(plan);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_accounts_lock),
		TEST(test_accounts_groups_and_bytes),
		TEST(test_accounts_posture),
		TEST(test_removed),
		TEST(test_removed_places),
		TEST(test_removed_sudoers),
		TEST(test_removed_not),
		TEST(test_removed_while_it_runs),
		TEST(test_removed_beside_kept_hashes),
		TEST(test_removed_shared_homes),
		TEST(test_removed_system_home),
		TEST(test_sudo_rules),
	};
	return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
