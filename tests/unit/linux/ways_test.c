/* SPDX-License-Identifier: MIT */
/* Ways in to a clone: what counts as one, and what a plan does to the last. */
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

#define MULTI "/etc/systemd/system/multi-user.target.wants/"
#define KEY "ssh-ed25519 AAAA me@here\n"

static void drop(const char *path)
{
	assert_int_equal(unlink(scratch_at(path)), 0);
}

/* A server that somebody could log in to, if there were a way. */
static void server_put(void)
{
	scratch_put("/etc/passwd", "root:x:0:0::/root:/bin/bash\n"
				   "alice:x:1000:1000::/home/alice:/bin/sh\n"
				   "svc:x:9:9::/home/svc:/usr/sbin/nologin\n");
	scratch_put("/etc/shadow", "root:*:1\nalice:!:1\nsvc:*:1\n");
	scratch_put("/usr/sbin/sshd", "elf");
	scratch_put_dir("/home");
	scratch_put_dir("/home/alice");
	scratch_put_dir("/home/svc");
	scratch_put_dir("/root");
}

/* A plan that takes away these paths, judged. */
static struct plan *judge(bool allow, size_t count, ...)
{
	va_list args;
	va_start(args, count);
	struct plan *plan = plan_new();
	for (size_t i = 0; i < count; i++) {
		struct step *step = plan_add_step(plan, STEP_REMOVE, va_arg(args, char *));
		step->name = "test";
	}
	va_end(args);
	static const struct policy policy;
	struct guest *guest = guest_with_accounts();
	const struct cleaning asked = {
		.guest = guest, .policy = &policy, .allow_lockout = allow};
	cleaner_find("last-way-in")->check(&asked, plan);
	guest_free(guest);
	return plan;
}

/* Taking `path` away takes the last way in, the one with this name. */
static void last_is(const char *path, const char *name)
{
	struct plan *plan = judge(false, 1, path);
	assert_non_null(plan->refusal);
	assert_non_null(strstr(plan->refusal, name));
	assert_int_equal(plan->findings.n, 1);
	assert_int_equal(plan->findings.v[0].kind, FINDING_POSTURE);
	assert_int_equal(plan->findings.v[0].severity, SEVERITY_CRITICAL);
	plan_free(plan);
	plan = judge(true, 1, path);
	assert_null(plan->refusal);
	assert_int_equal(plan->findings.n, 1);
	assert_int_equal(plan->findings.v[0].kind, FINDING_NOTE);
	assert_non_null(strstr(plan->findings.v[0].text, "--allow-lockout"));
	plan_free(plan);
	plan = judge(false, 0);
	assert_int_equal(plan->findings.n, 0);
	plan_free(plan);
}

/* Whether there is a way in at all. */
static void is_way(bool way)
{
	struct plan *plan = judge(false, 0);
	assert_null(plan->refusal);
	assert_int_equal(plan->findings.n, way ? 0 : 1);
	if (!way)
		assert_int_equal(plan->findings.v[0].kind, FINDING_NOTE);
	plan_free(plan);
}

static void test_nothing_to_log_in_to(void **state)
{
	(void)state;
	struct plan *plan = judge(false, 0);
	assert_int_equal(plan->findings.n, 0);
	plan_free(plan);
	scratch_put("/etc/passwd", "root:x:0:0::/root:/bin/bash\n");
	plan = judge(false, 0);
	assert_int_equal(plan->findings.n, 0); /* no server, no console */
	plan_free(plan);
}

static void test_keys(void **state)
{
	(void)state;
	server_put();
	is_way(false);
	scratch_put("/home/alice/.ssh/authorized_keys", "# " KEY);
	is_way(false);
	scratch_put("/home/alice/.ssh/authorized_keys",
		    "command=\"echo no\",no-pty ssh-rsa AAAA x\n");
	is_way(false);
	scratch_put("/home/svc/.ssh/authorized_keys", KEY);
	is_way(false);
	scratch_put("/home/alice/.ssh/authorized_keys", "\n\nno-pty " KEY);
	last_is("/home/alice/.ssh/authorized_keys", "ssh key of \"alice\"");
	last_is("/home/alice/.ssh", "alice");
	last_is("/home/alice", "alice");
	scratch_put("/etc/ssh/sshd_config", "PubkeyAuthentication no\n");
	is_way(false);
	scratch_put("/etc/ssh/sshd_config",
		    "AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u\n");
	is_way(false);
	scratch_put("/etc/ssh/authorized_keys.d/alice", KEY);
	last_is("/etc/ssh/authorized_keys.d", "alice");
	scratch_put("/etc/ssh/sshd_config", "Match User bob\n PubkeyAuthentication no\n");
	last_is("/home/alice/.ssh/authorized_keys", "alice");
	drop("/usr/sbin/sshd");
	struct plan *plan = judge(false, 1, "/home/alice/.ssh/authorized_keys");
	assert_int_equal(plan->findings.n, 0);
	plan_free(plan);
}

static void test_keys_of_root(void **state)
{
	(void)state;
	server_put();
	scratch_put("/root/.ssh/authorized_keys2", "ecdsa-sha2-nistp256 AAAA x\n");
	last_is("/root/.ssh/authorized_keys2", "root");
	scratch_put("/etc/ssh/sshd_config",
		    "Include sshd_config.d/*.conf\nPermitRootLogin yes\n");
	last_is("/root/.ssh/authorized_keys2", "root");
	scratch_put("/etc/ssh/sshd_config.d/10.conf", "PermitRootLogin no\n");
	is_way(false);
}

static void test_sshd_masked(void **state)
{
	(void)state;
	server_put();
	scratch_put("/root/.ssh/authorized_keys", KEY);
	is_way(true);
	scratch_put_dir("/etc/systemd");
	scratch_put_dir("/etc/systemd/system");
	scratch_put_link("/etc/systemd/system/ssh.service", "/dev/null");
	scratch_put("/sbin/agetty", "elf"); /* so that a way in is expected */
	is_way(false);
}

/* One of two ways goes, or a tree goes of which the policy keeps the key. */
static void test_a_way_stays(void **state)
{
	(void)state;
	server_put();
	scratch_put("/root/.ssh/authorized_keys", KEY);
	scratch_put("/home/alice/.ssh/authorized_keys", KEY);
	struct plan *plan = judge(false, 1, "/root/.ssh/authorized_keys");
	assert_int_equal(plan->findings.n, 0);
	plan_free(plan);
	plan = judge(false, 2, "/root/.ssh/authorized_keys",
		     "/home/alice/.ssh/authorized_keys");
	assert_non_null(plan->refusal);
	assert_non_null(strstr(plan->refusal, "\"root\", ssh key of \"alice\""));
	plan_free(plan);
	drop("/home/alice/.ssh/authorized_keys");
	plan = plan_new();
	struct step *step = plan_add_step(plan, STEP_REMOVE, "/root/.ssh");
	step->name = "test";
	*vec_add(&step->keep) = mem_strdup("/root/.ssh/authorized_keys");
	struct guest *guest = guest_with_accounts();
	const struct cleaning asked = {.guest = guest};
	cleaner_find("last-way-in")->check(&asked, plan);
	assert_null(plan->refusal);
	guest_free(guest);
	plan_free(plan);
}

static void shadow_replace(struct plan *plan, const char *content)
{
	struct step *step = plan_add_step(plan, STEP_REPLACE, "/etc/shadow");
	step->name = "test";
	step->content = mem_strdup(content);
	step->content_len = strlen(content);
}

/* What a plan makes of /etc/shadow, judged: refused or not. */
static void shadow_refused(const char *content, bool refused)
{
	struct plan *plan = plan_new();
	struct guest *guest = guest_with_accounts();
	const struct cleaning asked = {.guest = guest};
	shadow_replace(plan, content);
	cleaner_find("last-way-in")->check(&asked, plan);
	assert_int_equal(plan->refusal != NULL, refused);
	guest_free(guest);
	plan_free(plan);
}

static void test_passwords(void **state)
{
	(void)state;
	char hash[48];
	server_put();
	char *text = mem_printf("root:!%s:1\nalice:%s:1\n", hash_make(hash), hash);
	scratch_put("/etc/shadow", text);
	shadow_refused("root:*:1\nalice:!:1\n", true);
	shadow_refused(text, false);
	scratch_put("/etc/ssh/sshd_config", "PasswordAuthentication no\n");
	shadow_refused("root:*:1\nalice:!:1\n", false); /* it was no way */
	is_way(false);
	scratch_put("/sbin/agetty", "elf");
	shadow_refused("root:*:1\nalice:!:1\n", true);
	free(text);
	/* Root by ssh only with a key, unless the server says otherwise. */
	drop("/sbin/agetty");
	text = mem_printf("root:%s:1\n", hash);
	scratch_put("/etc/shadow", text);
	scratch_put("/etc/ssh/sshd_config", "");
	is_way(false);
	scratch_put("/etc/ssh/sshd_config", "permitrootlogin=yes\n");
	is_way(true);
	free(text);
}

/* Of many accounts, in files of megabytes, the last has a password; no minutes go by. */
static void test_many_accounts(void **state)
{
	(void)state;
	enum { MANY = 60000 };
	char hash[48];
	struct buf people = {0}, shadow = {0};
	server_put();
	for (int i = 0; i < MANY; i++) {
		buf_printf(&people, "u%d:x:%d:%d::/none:/bin/sh\n", i, i + 2000, i + 2000);
		buf_printf(&shadow, "u%d:!:1:0:99999:7:::\n", i);
	}
	buf_puts(&people, "alice:x:1000:1000::/home/alice:/bin/sh\n");
	buf_puts(&shadow, "alice:!:1\n");
	scratch_put("/etc/passwd", buf_text(&people));
	scratch_put("/etc/shadow", buf_text(&shadow));
	is_way(false);
	buf_cut(&shadow, shadow.len - strlen("!:1\n"));
	buf_printf(&shadow, "%s:1\n", hash_make(hash));
	scratch_put("/etc/shadow", buf_text(&shadow));
	is_way(true);
	shadow_refused("alice:!:1\n", true);
	buf_wipe(&people);
	buf_wipe(&shadow);
}

/* The account itself goes. */
static void test_account_goes(void **state)
{
	(void)state;
	char hash[48];
	server_put();
	char *text = mem_printf("alice:%s:1\n", hash_make(hash));
	scratch_put("/etc/shadow", text);
	free(text);
	struct plan *plan = plan_new();
	struct step *step = plan_add_step(plan, STEP_REPLACE, "/etc/passwd");
	step->name = "test";
	step->content = mem_strdup("root:x:0:0::/root:/bin/bash\n");
	step->content_len = strlen(step->content);
	struct guest *guest = guest_with_accounts();
	const struct cleaning asked = {.guest = guest};
	cleaner_find("last-way-in")->check(&asked, plan);
	assert_non_null(plan->refusal);
	guest_free(guest);
	plan_free(plan);
}

static void unit_start(const char *name)
{
	_cleanup_free_ char *unit = mem_printf("/usr/lib/systemd/system/%s", name);
	_cleanup_free_ char *link = mem_printf(MULTI "%s", name);
	scratch_put(unit, "[Service]\n");
	scratch_put_link(link, unit);
}

static void test_cloud(void **state)
{
	(void)state;
	server_put();
	scratch_put("/usr/local/share/aliyun-assist/version", "1");
	is_way(false); /* the directory alone runs nothing */
	unit_start("aliyun.service");
	is_way(true);
	drop(MULTI "aliyun.service");
	is_way(false);
	scratch_put_dir("/etc/runlevels");
	scratch_put_link("/etc/runlevels/default/aliyun-service", "/etc/init.d/aliyun-service");
	is_way(true);
	drop("/etc/runlevels/default/aliyun-service");
	unit_start("waagent.service");
	is_way(true);
}

static void test_cloud_init(void **state)
{
	(void)state;
	server_put();
	scratch_put("/usr/bin/cloud-init", "#!");
	scratch_put("/usr/lib/systemd/system-generators/cloud-init-generator", "#!");
	scratch_put("/etc/cloud/cloud.cfg", "cloud_init_modules:\n - growpart\n");
	is_way(false);
	scratch_put("/etc/cloud/cloud.cfg", "cloud_init_modules:\n - users-groups\n");
	is_way(true);
	scratch_put("/etc/cloud/cloud.cfg.d/90_dpkg.cfg",
		    "datasource_list: [ NoCloud, None ]\n");
	is_way(true);
	scratch_put("/etc/cloud/cloud.cfg.d/91.cfg", "datasource_list: [ None ]\n");
	is_way(false);
	drop("/etc/cloud/cloud.cfg.d/91.cfg");
	scratch_put("/etc/cloud/cloud-init.disabled", "");
	is_way(false);
}

static void test_ssh_asks_elsewhere(void **state)
{
	(void)state;
	server_put();
	scratch_put("/etc/ssh/sshd_config", "AuthorizedKeysCommand none\n");
	is_way(false);
	scratch_put("/etc/ssh/sshd_config",
		    "AuthorizedKeysCommand /usr/bin/google_authorized_keys\n");
	is_way(true);
	scratch_put("/etc/ssh/sshd_config", "TrustedUserCAKeys /etc/ssh/ca.pub\n");
	is_way(false);
	scratch_put("/etc/ssh/ca.pub", KEY);
	last_is("/etc/ssh/ca.pub", "certificates");
	drop("/etc/ssh/ca.pub");
	scratch_put("/usr/lib/systemd/system/ssh.service.d/ec2-instance-connect.conf",
		    "[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D -o "
		    "\"AuthorizedKeysCommand=/x %u\"\n");
	is_way(false); /* a drop-in of no unit */
	scratch_put("/usr/lib/systemd/system/ssh.service", "[Service]\n");
	is_way(true);
}

static void test_consoles(void **state)
{
	(void)state;
	static const char dropin[] = "/etc/systemd/system/serial-getty@ttyS0.service.d/a.conf";
	server_put();
	scratch_put("/sbin/agetty", "elf");
	scratch_put(dropin, "[Service]\nExecStart=-/sbin/agetty --noclear %I\n");
	is_way(false);
	scratch_put(dropin, "[Service]\nExecStart=-/sbin/agetty --autologin root %I\n");
	last_is(dropin, "console");
	drop(dropin);
	scratch_put("/etc/inittab", "#t1:1:respawn:/sbin/agetty --autologin root tty1\n");
	is_way(false);
	scratch_put("/etc/inittab", "t1:1:respawn:/sbin/agetty --autologin root tty1\n");
	is_way(true);
}

static void test_directories(void **state)
{
	(void)state;
	server_put();
	unit_start("sssd.service");
	scratch_put("/etc/sssd/sssd.conf", "[sssd]\nservices = nss\n");
	is_way(false);
	scratch_put("/etc/sssd/sssd.conf", "[domain/x]\nid_provider = ldap\n");
	last_is("/etc/sssd/sssd.conf", "sssd");
	scratch_put("/etc/sssd/sssd.conf", "[domain/x]\nid_provider = ad\n");
	is_way(false);
	scratch_put("/etc/krb5.keytab", "k");
	last_is("/etc/krb5.keytab", "sssd");
}

/* Whether the host may set a password through the QEMU agent is the host's choice. */
static void test_host_agent(void **state)
{
	(void)state;
	server_put();
	scratch_put("/root/.ssh/authorized_keys", KEY);
	scratch_put("/usr/lib/systemd/system/qemu-guest-agent.service", "[Service]\n");
	struct plan *plan = judge(false, 1, "/root/.ssh");
	assert_non_null(plan->refusal);
	plan_free(plan);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_to_log_in_to),
		TEST(test_keys),
		TEST(test_keys_of_root),
		TEST(test_sshd_masked),
		TEST(test_a_way_stays),
		TEST(test_passwords),
		TEST(test_many_accounts),
		TEST(test_account_goes),
		TEST(test_cloud),
		TEST(test_cloud_init),
		TEST(test_ssh_asks_elsewhere),
		TEST(test_consoles),
		TEST(test_directories),
		TEST(test_host_agent),
	};
	return cmocka_run_group_tests_name("ways", tests, NULL, NULL);
}
