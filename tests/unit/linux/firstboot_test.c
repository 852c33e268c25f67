/* SPDX-License-Identifier: MIT */
/* The unit that --install-firstboot-unit puts in place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "cleaning.h"
#include "scratch.h"

#define UNITS "/usr/lib/systemd/system/"
#define MULTI "/etc/systemd/system/multi-user.target.wants/"

static void drop(const char *path)
{
	assert_int_equal(unlink(scratch_at(path)), 0);
}

static void keys_put(void)
{
	scratch_put("/etc/ssh/ssh_host_rsa_key", "key");
	scratch_put("/etc/ssh/ssh_host_ed25519_key.pub", "key");
}

static void keys_go(bool go)
{
	struct plan *plan = plan_of("ssh-host-keys");
	assert_int_equal(plan->steps.n, go ? 2 : 0);
	assert_int_equal(plan->findings.n, go ? 0 : 1);
	plan_free(plan);
}

static void debian_put(void)
{
	keys_put();
	scratch_put("/usr/bin/ssh-keygen", "elf");
	scratch_put("/usr/sbin/sshd", "elf");
	scratch_put_dir("/etc/systemd");
	scratch_put(UNITS "ssh.service",
		    "[Unit]\nAfter=network.target auditd.service\n[Service]\n"
		    "ExecStartPre=/usr/sbin/sshd -t\nExecStart=/usr/sbin/sshd -D\n");
	scratch_put_link(MULTI "ssh.service", UNITS "ssh.service");
	scratch_put_link("/etc/systemd/system/sshd.service", UNITS "ssh.service");
}

#define FIRSTBOOT "/etc/systemd/system/imgsan-ssh-host-keys.service"
#define DROPIN "/etc/systemd/system/ssh.service.d/imgsan-ssh-host-keys.conf"

static struct plan *plan_firstboot(void)
{
	return plan_asked(scratch_guest(), "ssh-host-keys",
			  (struct cleaning){.firstboot_unit = true});
}

static void test_unit(void **state)
{
	(void)state;
	debian_put();
	keys_go(false);
	struct plan *plan = plan_firstboot();
	steps_are(plan, 4, STEP_CREATE, FIRSTBOOT, STEP_CREATE, DROPIN, STEP_REMOVE,
		  "/etc/ssh/ssh_host_rsa_key", STEP_REMOVE,
		  "/etc/ssh/ssh_host_ed25519_key.pub");
	assert_int_equal(plan->findings.n, 0);
	const struct step *unit = step_at(plan, STEP_CREATE, FIRSTBOOT);
	assert_int_equal(unit->mode, 0644);
	assert_int_equal(unit->content_len, strlen(unit->content));
	scratch_put(FIRSTBOOT, unit->content);
	scratch_put(DROPIN, step_at(plan, STEP_CREATE, DROPIN)->content);
	plan_free(plan);
	keys_go(true); /* the unit is a proof without the option, too */
	plan = plan_firstboot();
	assert_int_equal(plan->steps.n, 2);
	plan_free(plan);
}

/* The aim is a server that starts: also where its keys are gone already. */
static void test_unit_without_keys(void **state)
{
	(void)state;
	debian_put();
	drop("/etc/ssh/ssh_host_rsa_key");
	drop("/etc/ssh/ssh_host_ed25519_key.pub");
	struct plan *plan = plan_of("ssh-host-keys");
	assert_int_equal(plan->steps.n + plan->findings.n, 0);
	plan_free(plan);
	plan = plan_firstboot();
	steps_are(plan, 2, STEP_CREATE, FIRSTBOOT, STEP_CREATE, DROPIN);
	plan_free(plan);
}

static void test_unit_for_each_connection(void **state)
{
	(void)state;
	keys_put();
	scratch_put("/usr/bin/ssh-keygen", "elf");
	scratch_put(UNITS "ssh.socket", "[Socket]\nAccept=yes\n");
	scratch_put(UNITS "ssh@.service", "[Service]\nExecStart=-/usr/sbin/sshd -i\n");
	scratch_put_link("/etc/systemd/system/sockets.target.wants/ssh.socket",
			 UNITS "ssh.socket");
	struct plan *plan = plan_firstboot();
	const struct step *dropin = step_at(
		plan, STEP_CREATE,
		"/etc/systemd/system/ssh@.service.d/imgsan-ssh-host-keys.conf");
	assert_non_null(dropin);
	scratch_put(FIRSTBOOT, step_at(plan, STEP_CREATE, FIRSTBOOT)->content);
	scratch_put(dropin->path, dropin->content);
	plan_free(plan);
	keys_go(true);
}

static void no_unit(const char *because)
{
	struct plan *plan = plan_firstboot();
	assert_int_equal(plan->steps.n, 0);
	assert_non_null(finding_with(plan, because));
	plan_free(plan);
}

static void test_unit_not_possible(void **state)
{
	(void)state;
	keys_put();
	no_unit("no systemd");
	scratch_put(MULTI "x.service", "");
	no_unit("no /usr/bin/ssh-keygen");
	scratch_put("/usr/bin/ssh-keygen", "elf");
	no_unit("no boot starts");
	scratch_put("/usr/bin/cloud-init", "#!");
	scratch_put("/usr/lib/systemd/system-generators/cloud-init-generator", "#!");
	scratch_put("/etc/cloud/cloud.cfg", "cloud_init_modules: [ssh]\n");
	struct plan *plan = plan_firstboot();
	assert_int_equal(plan->steps.n, 2); /* the keys only: cloud-init does it */
	plan_free(plan);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unit),
		TEST(test_unit_without_keys),
		TEST(test_unit_for_each_connection),
		TEST(test_unit_not_possible),
	};
	return cmocka_run_group_tests_name("firstboot", tests, NULL, NULL);
}
