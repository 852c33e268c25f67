/* SPDX-License-Identifier: MIT */
/* What the cleaners decide, on small guests made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "cleaning.h"
#include "discover/discover.h"
#include "plan/apply_cleaners.h"
#include "plan/guard.h"
#include "scratch.h"

#define ID "0123456789abcdef0123456789abcdef"
#define OTHER_ID "fedcba9876543210fedcba9876543210"

/* ---- the list ---- */

static void test_list(void **state)
{
	(void)state;
	assert_null(cleaners_fault());
	assert_null(cleaner_find("nothing"));
	assert_string_equal(cleaner_find("journald")->name, "journald");
}

/* ---- machine-id ---- */

static void test_machine_id(void **state)
{
	(void)state;
	scratch_put("/etc/machine-id", ID "\n");
	scratch_put("/var/lib/dbus/machine-id", ID "\n");
	struct plan *plan = plan_of("machine-id");
	steps_are(plan, 2, STEP_TRUNCATE, "/etc/machine-id", STEP_REMOVE,
		  "/var/lib/dbus/machine-id");
	assert_int_equal(plan->findings.n, 0);
	plan_free(plan);
}

static void test_machine_id_nothing_to_do(void **state)
{
	(void)state;
	static const char *const idle[] = {"", "\n", "uninitialized\n"};
	struct plan *plan = plan_of("machine-id");
	assert_int_equal(plan->steps.n, 0);
	plan_free(plan);
	scratch_put_link("/var/lib/dbus/machine-id", "/etc/machine-id");
	for (size_t i = 0; i < 3; i++) {
		scratch_put("/etc/machine-id", idle[i]);
		plan = plan_of("machine-id");
		assert_int_equal(plan->steps.n, 0);
		plan_free(plan);
	}
}

static void test_machine_id_names_boot_entries(void **state)
{
	(void)state;
	scratch_put("/etc/machine-id", ID "\n");
	scratch_put("/etc/kernel/install.conf", "");
	scratch_put("/boot/loader/entries/" OTHER_ID "-6.1.conf", "decoy");
	struct plan *plan = plan_of("machine-id");
	steps_are(plan, 1, STEP_TRUNCATE, "/etc/machine-id");
	plan_free(plan);

	scratch_put("/boot/loader/entries/" ID "-6.1.conf", "entry");
	plan = plan_of("machine-id");
	steps_are(plan, 2, STEP_CREATE, "/etc/kernel/entry-token", STEP_TRUNCATE,
		  "/etc/machine-id");
	const struct step *step = step_at(plan, STEP_CREATE, "/etc/kernel/entry-token");
	assert_string_equal(step->content, ID "\n");
	assert_int_equal(step->content_len, 33);
	plan_sort(plan);
	assert_int_equal(plan->steps.v[0].action, STEP_CREATE);
	plan_free(plan);

	scratch_put("/etc/kernel/entry-token", "mine\n");
	plan = plan_of("machine-id");
	steps_are(plan, 1, STEP_TRUNCATE, "/etc/machine-id");
	plan_free(plan);
}

static void test_machine_id_makes_the_place_for_the_name(void **state)
{
	(void)state;
	scratch_put("/etc/machine-id", ID "\n");
	scratch_put("/efi/" ID "/6.1/linux", "kernel");
	struct plan *plan = plan_of("machine-id");
	steps_are(plan, 2, STEP_CREATE, "/etc/kernel/entry-token", STEP_TRUNCATE,
		  "/etc/machine-id");
	plan_free(plan);
}

static void test_machine_id_behind_a_link(void **state)
{
	(void)state;
	scratch_put("/var/lib/dbus/machine-id", ID "\n");
	scratch_put_link("/etc/machine-id", "/var/lib/dbus/machine-id");
	struct plan *plan = plan_of("machine-id");
	steps_are(plan, 1, STEP_TRUNCATE, "/var/lib/dbus/machine-id");
	plan_free(plan);
}

static void test_machine_id_behind_a_strange_link(void **state)
{
	(void)state;
	scratch_put("/data/id", ID "\n");
	scratch_put_link("/etc/machine-id", "/data/id");
	struct plan *plan = plan_of("machine-id");
	assert_int_equal(plan->steps.n, 0);
	assert_non_null(finding_with(plan, "link"));
	plan_free(plan);
}

/* Stateless: the id lives in memory, and the disk has only a link. */
static void test_machine_id_of_a_read_only_etc(void **state)
{
	(void)state;
	scratch_put_dir("/etc");
	scratch_put_link("/etc/machine-id", "/run/machine-id");
	struct plan *plan = plan_of("machine-id");
	assert_int_equal(plan->steps.n + plan->findings.n, 0);
	plan_free(plan);
}

/* rpm-ostree: entries have names of their own, and only an empty file is accepted. */
static void test_machine_id_of_ostree(void **state)
{
	(void)state;
	scratch_put("/etc/machine-id", ID "\n");
	scratch_put("/boot/loader/entries/ostree-1-fedora.conf", "entry");
	struct plan *plan = plan_of("machine-id");
	steps_are(plan, 1, STEP_TRUNCATE, "/etc/machine-id");
	plan_free(plan);
}

/* ---- what cloud-init writes again ---- */

/* Steps of the artefact for its network settings and its sudo rule: how many the check
 * leaves in the plan. */
static size_t generated_left(void)
{
	struct plan *plan = plan_new();
	struct guest *guest = scratch_guest();
	const struct cleaning asked = {.guest = guest};
	static const char *const paths[] = {"/etc/netplan/50-cloud-init.yaml",
					    "/etc/sudoers.d/90-cloud-init-users"};
	for (size_t i = 0; i < 2; i++)
		plan_add_step(plan, STEP_REMOVE, paths[i])->name = "cloud-init-generated";
	plan_add_step(plan, STEP_REMOVE, "/etc/netplan/60-mine.yaml")->name = "other";
	cleaner_find("cloud-init-settings")->check(&asked, plan);
	size_t left = plan->steps.n - 1;
	assert_int_equal(plan->findings.n, 2 - left);
	assert_non_null(step_at(plan, STEP_REMOVE, "/etc/netplan/60-mine.yaml"));
	plan_free(plan);
	guest_free(guest);
	return left;
}

static void test_cloudinit_settings(void **state)
{
	(void)state;
	scratch_put_dir("/etc");
	assert_int_equal(generated_left(), 0); /* no cloud-init: both stay */
	scratch_put("/usr/bin/cloud-init", "#!");
	scratch_put("/usr/lib/systemd/system-generators/cloud-init-generator", "#!");
	scratch_put("/etc/cloud/cloud.cfg", "cloud_init_modules:\n - users-groups\n");
	assert_int_equal(generated_left(), 2);
	scratch_put("/etc/cloud/cloud.cfg.d/99.cfg", "network: {config: disabled}\n");
	assert_int_equal(generated_left(), 1); /* only the rule comes again */
	scratch_put("/etc/cloud/cloud.cfg.d/99.cfg", "network:\n  config: disabled\n");
	assert_int_equal(generated_left(), 1);
	scratch_put("/etc/cloud/cloud.cfg.d/99.cfg", "#network: {config: disabled}\n");
	assert_int_equal(generated_left(), 2);
	scratch_put("/etc/cloud/cloud-init.disabled", "");
	assert_int_equal(generated_left(), 0);
}

/* ---- journald ---- */

static void test_journald(void **state)
{
	(void)state;
	scratch_put("/var/log/journal/" ID "/system.journal", "j");
	scratch_put("/var/log/journal/" OTHER_ID ".web/system.journal", "j");
	scratch_put("/var/log/journal/remote/remote.journal", "decoy");
	scratch_put("/var/log/journal/" ID "00/x", "decoy");
	scratch_put("/var/log/journal/0123456789abcdef0123456789abcdeX/x", "decoy");
	scratch_put("/var/log/journal/11111111111111111111111111111111", "a file");
	struct plan *plan = plan_of("journald");
	steps_are(plan, 2, STEP_REMOVE, "/var/log/journal/" ID, STEP_REMOVE,
		  "/var/log/journal/" OTHER_ID ".web");
	plan_free(plan);
}

static void test_empty_guest(void **state)
{
	(void)state;
	for (size_t i = 0; cleaners[i]; i++) {
		struct plan *plan = plan_of(cleaners[i]->name);
		assert_int_equal(plan->steps.n + plan->findings.n, 0);
		plan_free(plan);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

/* Cleaners know one system: not one of Linux has a say about a Windows guest, though all
 * that they look for is there. */
static void test_a_windows_guest(void **state)
{
	struct rules rules = {0};
	struct selection all = {0};
	(void)state;
	scratch_put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
	scratch_put("/etc/shadow", "root:$6$abcdefgh$ijklmnopqrstuvwx:1::::::\n");
	scratch_put("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	scratch_put("/Windows/System32/kernel32.dll", "x");
	for (enum class class = 0; class < CLASS_COUNT; class ++)
		rules.policy.by_class[class] = DISPOSE_REMOVE;
	for (enum guest_os os = GUEST_LINUX; os <= GUEST_WINDOWS; os++) {
		struct guest *guest;
		assert_int_equal(discover_guest(scratch_root, os, NULL, NULL, &guest), 0);
		struct guard *guard = guard_new(guest, NULL, 0);
		struct plan *plan = plan_new();
		struct cleaning cleaning = {.guest = guest, .policy = &rules.policy};
		cleaners_apply(cleaners, &cleaning, guard, &all, plan);
		cleaners_check(cleaners, &cleaning, plan);
		assert_int_equal(plan->steps.n + plan->findings.n > 0, os == GUEST_LINUX);
		plan_free(plan);
		guard_free(guard);
		guest_free(guest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		TEST(test_machine_id),
		TEST(test_machine_id_nothing_to_do),
		TEST(test_machine_id_names_boot_entries),
		TEST(test_machine_id_makes_the_place_for_the_name),
		TEST(test_machine_id_behind_a_link),
		TEST(test_machine_id_behind_a_strange_link),
		TEST(test_machine_id_of_a_read_only_etc),
		TEST(test_machine_id_of_ostree),
		TEST(test_cloudinit_settings),
		TEST(test_journald),
		TEST(test_empty_guest),
		TEST(test_a_windows_guest),
	};
	return cmocka_run_group_tests_name("cleaners", tests, NULL, NULL);
}
