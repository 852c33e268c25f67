/* SPDX-License-Identifier: MIT */
/* What the cleaners decide, on small guests made here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/mem.h"
#include "plan/cleaner.h"
#include "scratch.h"

#define ID "0123456789abcdef0123456789abcdef"
#define OTHER_ID "fedcba9876543210fedcba9876543210"
#define UNITS "/usr/lib/systemd/system/"
#define MULTI "/etc/systemd/system/multi-user.target.wants/"

/* ---- guests ---- */

static void drop(const char *path)
{
	assert_int_equal(unlink(scratch_at(path)), 0);
}

static struct plan *plan_with(struct guest *guest, const char *name)
{
	struct plan *plan = plan_new();
	const struct cleaner *cleaner = cleaner_find(name);
	assert_non_null(cleaner);
	const struct policy policy = {0};
	const struct cleaning cleaning = {guest, &policy};
	assert_int_equal(cleaner->plan(&cleaning, plan), 0);
	guest_free(guest);
	return plan;
}

static struct plan *plan_of(const char *name)
{
	return plan_with(scratch_guest(), name);
}

static const struct step *step_at(const struct plan *plan, enum action action, const char *path)
{
	vec_each(&plan->steps, step)
		if (step->action == action && strcmp(step->path, path) == 0)
			return step;
	return NULL;
}

static const struct finding *finding_with(const struct plan *plan, const char *part)
{
	vec_each(&plan->findings, finding)
		if (finding->text && strstr(finding->text, part))
			return finding;
	return NULL;
}

/* Exactly these steps, each "action path". */
static void steps_are(struct plan *plan, size_t count, ...)
{
	va_list args;
	va_start(args, count);
	assert_int_equal(plan->steps.n, count);
	for (size_t i = 0; i < count; i++) {
		enum action action = va_arg(args, enum action);
		const char *path = va_arg(args, const char *);
		if (!step_at(plan, action, path))
			fail_msg("no step to %s %s", action_name(action), path);
	}
	va_end(args);
}

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

static void test_machine_id_without_place_for_the_name(void **state)
{
	(void)state;
	scratch_put("/etc/machine-id", ID "\n");
	scratch_put("/efi/" ID "/6.1/linux", "kernel");
	struct plan *plan = plan_of("machine-id");
	assert_int_equal(plan->steps.n, 0);
	assert_non_null(finding_with(plan, "entry-token"));
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

/* ---- ssh host keys ---- */

/* Two keys and what only looks like one. */
static void keys_put(void)
{
	static const char *const decoys[] = {"revoked_keys",
					     "moduli",
					     "sshd_config",
					     "ssh_host_key.bak",
					     "ssh_host_rsa_key.old",
					     "ssh_host_rsa_key.pub.save",
					     "ssh_host__key",
					     "my_ssh_host_rsa_key",
					     "ssh_host_rsa_key-cert.pub"};
	for (size_t i = 0; i < sizeof decoys / sizeof *decoys; i++) {
		char path[96];
		snprintf(path, sizeof path, "/etc/ssh/%s", decoys[i]);
		scratch_put(path, "decoy");
	}
	scratch_put("/etc/ssh/ssh_host_rsa_key", "key");
	scratch_put("/etc/ssh/ssh_host_ed25519_key.pub", "key");
}

static void keys_go(bool go)
{
	struct plan *plan = plan_of("ssh-host-keys");
	if (go) {
		steps_are(plan, 2, STEP_REMOVE, "/etc/ssh/ssh_host_rsa_key", STEP_REMOVE,
			  "/etc/ssh/ssh_host_ed25519_key.pub");
		assert_int_equal(plan->findings.n, 0);
	} else {
		assert_int_equal(plan->steps.n, 0);
		const struct finding *said = finding_with(plan, "ssh_host_rsa_key");
		assert_non_null(said);
		assert_int_equal(said->severity, SEVERITY_HIGH);
		assert_int_equal(said->kind, FINDING_POSTURE);
		assert_null(strstr(said->text, "revoked_keys"));
	}
	plan_free(plan);
}

static void test_keys_none(void **state)
{
	(void)state;
	scratch_put("/etc/ssh/sshd_config", "");
	struct plan *plan = plan_of("ssh-host-keys");
	assert_int_equal(plan->steps.n + plan->findings.n, 0);
	plan_free(plan);
}

static void test_keys_debian_without_cloud_init(void **state)
{
	(void)state;
	keys_put();
	scratch_put(UNITS "ssh.service", "[Service]\nExecStartPre=/usr/sbin/sshd -t\n"
					 "ExecStart=/usr/sbin/sshd -D\n");
	scratch_put_link(MULTI "ssh.service", UNITS "ssh.service");
	keys_go(false);
	/* A drop-in of the admin's is proof enough. */
	scratch_put("/etc/systemd/system/ssh.service.d/keys.conf",
		    "[Service]\nExecStartPre=/usr/bin/ssh-keygen -A\n");
	keys_go(true);
}

static void test_keys_unit_of_ones_own(void **state)
{
	(void)state;
	keys_put();
	scratch_put("/etc/systemd/system/regen.service",
		    "[Service]\n ExecStart=/bin/sh -c \"ssh-keygen -A -v\"\n");
	keys_go(false); /* not enabled */
	scratch_put_link(MULTI "regen.service", "../regen.service");
	keys_go(true);
	scratch_put("/etc/systemd/system/regen.service",
		    "[Unit]\nConditionFirstBoot=yes\n[Service]\nExecStart=ssh-keygen -A\n");
	keys_go(false);
	scratch_put("/etc/systemd/system/regen.service",
		    "[Unit]\nConditionPathExists=!/etc/ssh/moduli\n[Service]\n"
		    "ExecStart=ssh-keygen -A\n");
	keys_go(false);
	scratch_put("/etc/systemd/system/regen.service",
		    "[Unit]\nConditionPathExists=!/etc/ssh/ssh_host_rsa_key\n[Service]\n"
		    "ExecStart=dpkg-reconfigure -f noninteractive openssh-server\n");
	keys_go(true);
	scratch_put("/etc/systemd/system/regen.service",
		    "[Service]\n#ExecStart=ssh-keygen -A\nExecStart=/bin/true\n");
	keys_go(false);
}

static void rpm_family_put(void)
{
	keys_put();
	scratch_put(UNITS "sshd.service", "[Unit]\nWants=sshd-keygen.target\n"
					  "[Service]\nExecStart=/usr/sbin/sshd -D\n");
	scratch_put(UNITS "sshd-keygen.target",
		    "[Unit]\nWants=sshd-keygen@rsa.service sshd-keygen@ed25519.service\n");
	scratch_put(UNITS "sshd-keygen@.service",
		    "[Unit]\nConditionFileNotEmpty=|!/etc/ssh/ssh_host_%i_key\n[Service]\n"
		    "ExecStart=/usr/libexec/openssh/sshd-keygen %i\n");
}

static void test_keys_rpm_family(void **state)
{
	(void)state;
	rpm_family_put();
	keys_go(false); /* sshd itself is not enabled */
	scratch_put_link(MULTI "sshd.service", UNITS "sshd.service");
	keys_go(true);
	scratch_put_link("/etc/systemd/system/sshd-keygen@rsa.service", "/dev/null");
	keys_go(true); /* the other instance still runs */
	scratch_put_link("/etc/systemd/system/sshd-keygen@ed25519.service", "/dev/null");
	keys_go(false);
}

static void cloud_init_put(const char *settings)
{
	scratch_put("/usr/bin/cloud-init", "#!");
	scratch_put("/usr/lib/systemd/system-generators/cloud-init-generator", "#!");
	scratch_put("/etc/cloud/cloud.cfg", settings);
}

#define MODULES "cloud_init_modules:\n  - seed_random\n  - ssh\n"

static void test_keys_rpm_family_with_cloud_init(void **state)
{
	(void)state;
	rpm_family_put();
	scratch_put_link(MULTI "sshd.service", UNITS "sshd.service");
	scratch_put(UNITS
		    "sshd-keygen@.service.d/disable-sshd-keygen-if-cloud-init-active.conf",
		    "[Unit]\nConditionPathExists=!/run/systemd/generator.early/"
		    "multi-user.target.wants/cloud-init.target\n");
	keys_go(true); /* the drop-in alone changes nothing */
	cloud_init_put("cloud_init_modules:\n - bootcmd\n");
	keys_go(false); /* now nobody makes keys */
	cloud_init_put(MODULES);
	keys_go(true);
}

static void test_keys_opensuse(void **state)
{
	(void)state;
	keys_put();
	scratch_put(UNITS "sshd.service",
		    "[Service]\nExecStartPre=/usr/sbin/sshd-gen-keys-start\n"
		    "ExecStart=/usr/sbin/sshd -D\n");
	scratch_put_link(MULTI "sshd.service", UNITS "sshd.service");
	keys_go(true);
}

static void test_keys_openrc(void **state)
{
	(void)state;
	keys_put();
	scratch_put("/etc/init.d/sshd", "#!/sbin/openrc-run\nssh-keygen -A\n");
	keys_go(false);
	scratch_put_link("/etc/runlevels/default/sshd", "/etc/init.d/sshd");
	keys_go(true);
	scratch_put("/usr/lib/systemd/systemd", "elf");
	keys_go(false);
}

static void test_keys_cloud_init(void **state)
{
	(void)state;
	keys_put();
	cloud_init_put(MODULES "cloud_config_modules:\n - locale\n");
	keys_go(true);
	scratch_put("/etc/cloud/cloud.cfg.d/90.cfg", "ssh_deletekeys: false\n");
	keys_go(true); /* missing keys are made all the same */
	scratch_put("/run/cloud-init/enabled", "");
	keys_go(true);
	scratch_put("/run/cloud-init/disabled", ""); /* no data source was found */
	keys_go(false);
	drop("/run/cloud-init/disabled");
	scratch_put("/etc/cloud/cloud.cfg.d/91.cfg", "ssh_genkeytypes: ~\n");
	keys_go(false);
	scratch_put("/etc/cloud/cloud.cfg.d/92.cfg", "ssh_genkeytypes:\n  - ed25519\n");
	keys_go(true);
	scratch_put("/etc/cloud/cloud.cfg.d/93.cfg", "ssh_keys:\n  rsa_private: |\n    x\n");
	keys_go(false);
}

static void test_keys_cloud_init_module_lists(void **state)
{
	(void)state;
	keys_put();
	cloud_init_put("cloud_init_modules:\n - ssh-import-id\n - ca-certs # ssh_\n");
	keys_go(false);
	cloud_init_put("cloud_final_modules:\n- [ssh, always]\n");
	keys_go(true);
	cloud_init_put("cloud_init_modules: [migrator, ssh]\n");
	keys_go(true);
	scratch_put("/etc/cloud/cloud.cfg.d/99.cfg", "cloud_init_modules: [migrator]\n");
	keys_go(false); /* lists are replaced, not joined */
	scratch_put("/etc/cloud/cloud.cfg.d/99.cfg", "#cloud_init_modules: [migrator]\n");
	keys_go(true);
}

static void test_keys_cloud_init_switched_off(void **state)
{
	(void)state;
	keys_put();
	cloud_init_put(MODULES);
	scratch_put("/etc/cloud/cloud-init.disabled", "");
	keys_go(false);
}

static void test_keys_cloud_init_masked(void **state)
{
	(void)state;
	keys_put();
	cloud_init_put(MODULES);
	scratch_put_link("/etc/systemd/system/cloud-init.service", "/dev/null");
	keys_go(false);
}

static void test_keys_behind_links(void **state)
{
	(void)state;
	cloud_init_put(MODULES);
	scratch_put("/persist/key", "key");
	scratch_put_link("/etc/ssh/ssh_host_rsa_key", "/persist/key");
	struct plan *plan = plan_of("ssh-host-keys");
	assert_int_equal(plan->steps.n, 0);
	assert_non_null(finding_with(plan, "no plain file"));
	plan_free(plan);
}

/* ---- accounts ---- */

/* Shaped like a hash, made afresh each time. */
static const char *hash_make(char out[48])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789./AB";
	uint8_t random[32];
	plat_random(random, sizeof random);
	strcpy(out, "$6$");
	for (size_t i = 0; i < sizeof random; i++)
		out[3 + i] = alphabet[random[i] % (sizeof alphabet - 1)];
	out[3 + sizeof random] = 0;
	return out;
}

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
	assert_non_null(finding_with(plan, "nobody could log in"));
	scratch_put_bytes("/etc/shadow", step->content, step->content_len);
	plan_free(plan);
	/* Nothing is left to do, but it stays true that nobody can log in. */
	plan = plan_with(guest_with_root(), "accounts");
	assert_int_equal(plan->steps.n, 0);
	assert_int_equal(plan->findings.n, 1);
	assert_non_null(finding_with(plan, "nobody could log in"));
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

static void test_accounts_way_in(void **state)
{
	(void)state;
	char a[48];
	char *text = mem_printf("root:%s:1\n", hash_make(a));
	scratch_put("/etc/shadow", text);
	free(text);
	scratch_put("/usr/local/share/aliyun-assist/version", "1");
	struct plan *plan = plan_with(guest_with_root(), "accounts");
	assert_int_equal(plan->steps.n, 1);
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
	scratch_put("/var/log/journal/22222222222222222222222222222222/a", "");
	char *empty = mem_printf("%s/var/log/journal/%032d/a", scratch_root, 0);
	memset(empty + strlen(empty) - 34, '2', 32);
	unlink(empty);
	free(empty);
	struct plan *plan = plan_of("journald");
	steps_are(plan, 2, STEP_EMPTY_TREE, "/var/log/journal/" ID, STEP_EMPTY_TREE,
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		TEST(test_machine_id),
		TEST(test_machine_id_nothing_to_do),
		TEST(test_machine_id_names_boot_entries),
		TEST(test_machine_id_without_place_for_the_name),
		TEST(test_machine_id_behind_a_link),
		TEST(test_machine_id_behind_a_strange_link),
		TEST(test_keys_none),
		TEST(test_keys_debian_without_cloud_init),
		TEST(test_keys_unit_of_ones_own),
		TEST(test_keys_rpm_family),
		TEST(test_keys_rpm_family_with_cloud_init),
		TEST(test_keys_opensuse),
		TEST(test_keys_openrc),
		TEST(test_keys_cloud_init),
		TEST(test_keys_cloud_init_module_lists),
		TEST(test_keys_cloud_init_switched_off),
		TEST(test_keys_cloud_init_masked),
		TEST(test_keys_behind_links),
		TEST(test_accounts_lock),
		TEST(test_accounts_groups_and_bytes),
		TEST(test_accounts_way_in),
		TEST(test_accounts_posture),
		TEST(test_journald),
		TEST(test_empty_guest),
	};
	return cmocka_run_group_tests_name("cleaners", tests, NULL, NULL);
}
