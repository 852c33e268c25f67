/* SPDX-License-Identifier: MIT */
/* Which ssh host keys go: the proofs of every family of systems, and what only looks like
 * one. */
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
#define ORDERED "[Unit]\nBefore=ssh.service\n[Service]\n"

static void drop(const char *path)
{
	assert_int_equal(unlink(scratch_at(path)), 0);
}

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
	/* sshd -t runs before the drop-in's command and fails without a key. */
	scratch_put("/etc/systemd/system/ssh.service.d/keys.conf",
		    "[Service]\nExecStartPre=/usr/bin/ssh-keygen -A\n");
	keys_go(false);
	scratch_put("/etc/systemd/system/ssh.service.d/keys.conf",
		    "[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\n"
		    "ExecStartPre=/usr/sbin/sshd -t\n");
	keys_go(true);
	scratch_put("/etc/systemd/system/ssh.service.d/keys.conf",
		    "[Service]\nExecStartPost=/usr/bin/ssh-keygen -A\n");
	keys_go(false);
	/* A unit of its own that Wants= pulls in. */
	scratch_put("/etc/systemd/system/ssh.service.d/keys.conf",
		    "[Unit]\nWants=new-keys.service\nAfter=new-keys.service\n");
	scratch_put("/etc/systemd/system/new-keys.service",
		    "[Service]\nType=oneshot\nExecStart=/usr/bin/ssh-keygen -A\n");
	keys_go(true);
}

/* A socket starts the server at the first connection. */
static void test_keys_ubuntu_socket(void **state)
{
	(void)state;
	keys_put();
	scratch_put(UNITS "ssh.socket", "[Socket]\nListenStream=22\n");
	scratch_put(UNITS "ssh.service",
		    "[Service]\nExecStartPre=/usr/sbin/sshd -t\nExecStart=/usr/sbin/sshd -D\n");
	scratch_put_link("/etc/systemd/system/sockets.target.wants/ssh.socket",
			 UNITS "ssh.socket");
	keys_go(false);
	scratch_put("/etc/systemd/system/ssh.service.d/keys.conf",
		    "[Unit]\nWants=keys.service\nAfter=keys.service\n");
	scratch_put("/etc/systemd/system/keys.service",
		    "[Service]\nExecStart=/usr/bin/ssh-keygen -A\n");
	keys_go(true);
}

static void test_keys_unit_of_ones_own(void **state)
{
	(void)state;
	keys_put();
	scratch_put("/etc/systemd/system/regen.service",
		    ORDERED " ExecStart=/bin/sh -c \"ssh-keygen -A -v\"\n");
	keys_go(false); /* not enabled */
	scratch_put_link(MULTI "regen.service", "../regen.service");
	keys_go(true);
	scratch_put("/etc/systemd/system/regen.service",
		    "[Service]\nExecStart=ssh-keygen -A\n");
	keys_go(false); /* beside sshd, perhaps too late */
	scratch_put("/etc/systemd/system/regen.service",
		    "[Unit]\nConditionFirstBoot=yes\n" ORDERED "ExecStart=ssh-keygen -A\n");
	keys_go(false);
	scratch_put("/etc/systemd/system/regen.service",
		    "[Unit]\nConditionPathExists=!/etc/ssh/moduli\n" ORDERED
		    "ExecStart=ssh-keygen -A\n");
	keys_go(false);
	scratch_put("/etc/systemd/system/regen.service",
		    "[Unit]\nConditionPathExists=!/etc/ssh/ssh_host_rsa_key\n" ORDERED
		    "ExecStart=dpkg-reconfigure -f noninteractive openssh-server\n");
	keys_go(true);
	scratch_put("/etc/systemd/system/regen.service",
		    ORDERED "#ExecStart=ssh-keygen -A\nExecStart=/bin/true\n");
	keys_go(false);
	/* What is only known at boot proves nothing; what holds anywhere does. */
	scratch_put("/etc/systemd/system/regen.service",
		    "[Unit]\nConditionKernelCommandLine=newkeys\n" ORDERED
		    "ExecStart=ssh-keygen -A\n");
	keys_go(false);
	scratch_put("/etc/systemd/system/regen.service",
		    "[Unit]\nConditionKernelCommandLine=!oldkeys\n"
		    "ConditionPathExists=/etc/ssh/moduli\n" ORDERED
		    "ExecStart=ssh-keygen -A\n");
	keys_go(true);
	drop("/etc/systemd/system/regen.service");
	scratch_put_link("/etc/systemd/system/regen.service", "/dev/null");
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
		    "[Unit]\nBefore=sshd-keygen.target\n"
		    "ConditionFileNotEmpty=|!/etc/ssh/ssh_host_%i_key\n[Service]\n"
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
	scratch_put("/etc/ssh/sshd_config", "HostKey /etc/ssh/ssh_host_rsa_key\n");
	keys_go(false); /* but sshd does not take its key */
	scratch_put("/etc/ssh/sshd_config", "HostKey /etc/ssh/ssh_host_rsa_key\n"
					    "HostKey /etc/ssh/ssh_host_ed25519_key\n");
	keys_go(true);
	scratch_put_link("/etc/systemd/system/sshd-keygen@ed25519.service", "/dev/null");
	keys_go(false);
}

static void test_keys_el7(void **state)
{
	(void)state;
	keys_put();
	scratch_put(UNITS "sshd.service",
		    "[Unit]\nAfter=network.target sshd-keygen.service\n"
		    "Wants=sshd-keygen.service\n[Service]\nExecStart=/usr/sbin/sshd -D\n");
	scratch_put(UNITS "sshd-keygen.service",
		    "[Unit]\nConditionFileNotEmpty=|!/etc/ssh/ssh_host_rsa_key\n"
		    "ConditionFileNotEmpty=|!/etc/ssh/ssh_host_ed25519_key\n"
		    "[Service]\nType=oneshot\nExecStart=/usr/sbin/sshd-keygen\n");
	scratch_put_link(MULTI "sshd.service", UNITS "sshd.service");
	keys_go(true);
	scratch_put("/etc/sysconfig/sshd", "# AUTOCREATE_SERVER_KEYS=NO\n");
	keys_go(true);
	scratch_put("/etc/sysconfig/sshd", "AUTOCREATE_SERVER_KEYS=\"ED25519\"\n");
	keys_go(true);
	scratch_put("/etc/ssh/sshd_config", "HostKey /etc/ssh/ssh_host_rsa_key\n");
	keys_go(false);
	scratch_put("/etc/sysconfig/sshd", "AUTOCREATE_SERVER_KEYS=YES\n");
	keys_go(true);
	scratch_put("/etc/sysconfig/sshd", "AUTOCREATE_SERVER_KEYS=NO\n");
	keys_go(false);
}

static void test_keys_arch(void **state)
{
	(void)state;
	keys_put();
	scratch_put(UNITS "sshd.service",
		    "[Unit]\nWants=sshdgenkeys.service\nAfter=sshdgenkeys.service\n"
		    "[Service]\nExecStart=/usr/bin/sshd -D\n");
	scratch_put(UNITS "sshdgenkeys.service",
		    "[Unit]\nConditionPathExists=|!/etc/ssh/ssh_host_rsa_key\n"
		    "ConditionPathExists=|!/etc/ssh/ssh_host_rsa_key.pub\n"
		    "[Service]\nType=oneshot\nExecStart=/usr/bin/ssh-keygen -A\n");
	keys_go(false);
	scratch_put_link(MULTI "sshd.service", UNITS "sshd.service");
	keys_go(true);
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
	scratch_put("/etc/conf.d/sshd", "#sshd_disable_keygen=\"yes\"\n");
	keys_go(true);
	scratch_put("/etc/conf.d/sshd", "sshd_disable_keygen=\"yes\"\n");
	keys_go(false);
	scratch_put("/etc/conf.d/sshd", "key_types_to_generate=\"ed25519\"\n");
	keys_go(true);
	scratch_put("/etc/ssh/sshd_config", "HostKey /etc/ssh/ssh_host_rsa_key\n");
	keys_go(false);
	scratch_put("/etc/ssh/sshd_config", "");
	keys_go(true);
	scratch_put("/usr/lib/systemd/systemd", "elf");
	keys_go(false);
}

/* Devuan: the script only checks. */
static void test_keys_sysv(void **state)
{
	(void)state;
	keys_put();
	scratch_put("/etc/init.d/ssh", "#!/bin/sh\n/usr/sbin/sshd -t || exit 1\n");
	scratch_put_link("/etc/rc3.d/S03ssh", "../init.d/ssh");
	keys_go(false);
	scratch_put("/etc/init.d/sshd", "#!/bin/bash\nKEYGEN=/usr/bin/ssh-keygen\n"
					"RSA_KEY=/etc/ssh/ssh_host_rsa_key\n");
	keys_go(false);
	scratch_put_link("/etc/rc3.d/S55sshd", "../init.d/sshd");
	keys_go(true);
}

static void test_keys_runit(void **state)
{
	(void)state;
	keys_put();
	scratch_put("/etc/sv/sshd/run", "#!/bin/sh\nssh-keygen -A >/dev/null\nexec sshd -D\n");
	keys_go(false);
	scratch_put_link("/etc/runit/runsvdir/default/sshd", "/etc/sv/sshd");
	keys_go(true);
	scratch_put("/etc/sv/sshd/down", "");
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
	scratch_put("/etc/ssh/sshd_config", "HostKey /etc/ssh/ssh_host_rsa_key\n");
	keys_go(false);
	scratch_put("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n");
	scratch_put("/etc/ssh/sshd_config.d/keys.conf",
		    "HostKey /etc/ssh/ssh_host_ecdsa_key\n");
	keys_go(false);
	drop("/etc/ssh/sshd_config.d/keys.conf");
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keys_none),
		TEST(test_keys_debian_without_cloud_init),
		TEST(test_keys_ubuntu_socket),
		TEST(test_keys_unit_of_ones_own),
		TEST(test_keys_rpm_family),
		TEST(test_keys_el7),
		TEST(test_keys_arch),
		TEST(test_keys_rpm_family_with_cloud_init),
		TEST(test_keys_opensuse),
		TEST(test_keys_openrc),
		TEST(test_keys_sysv),
		TEST(test_keys_runit),
		TEST(test_keys_cloud_init),
		TEST(test_keys_cloud_init_module_lists),
		TEST(test_keys_cloud_init_switched_off),
		TEST(test_keys_cloud_init_masked),
		TEST(test_keys_behind_links),
	};
	return cmocka_run_group_tests_name("host_keys", tests, NULL, NULL);
}
