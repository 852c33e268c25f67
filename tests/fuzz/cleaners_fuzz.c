/* SPDX-License-Identifier: MIT */
/* A guest whose settings somebody wrote: all cleaners, and who may log in. An input is
 * files, each begun by 0xff and a byte that says which of `places` it is. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "discover/discover.h"
#include "fuzz.h"
#include "plan/apply_cleaners.h"

enum { BEGINS = 0xff };

/* seeds.py reads these: places are only added, at the end. */
static const char *const places[] = {
	"/etc/passwd",
	"/etc/shadow",
	"/etc/group",
	"/etc/gshadow",
	"/etc/subuid",
	"/etc/sudoers",
	"/etc/sudoers.d/90-cloud-init-users",
	"/etc/sudoers.d/more",
	"/etc/doas.conf",
	"/etc/polkit-1/rules.d/50-x.rules",
	"/etc/ssh/sshd_config",
	"/etc/ssh/sshd_config.d/50-x.conf",
	"/etc/cloud/cloud.cfg",
	"/etc/cloud/cloud.cfg.d/99-x.cfg",
	"/etc/default/grub",
	"/etc/os-release",
	"/etc/machine-id",
	"/etc/fstab",
	"/etc/crypttab",
	"/etc/profile",
	"/etc/environment",
	"/home/alice/.bashrc",
	"/home/alice/.zshrc",
	"/home/alice/.config/fish/config.fish",
	"/home/alice/.gdbinit",
	"/home/alice/.ssh/authorized_keys",
	"/root/.bashrc",
	"/root/.ssh/authorized_keys",
	"/etc/csh.cshrc",
	"/etc/postgresql-common/psqlrc",
	"/etc/systemd/system/sshd.service",
	"/etc/systemd/system/multi-user.target.wants/sshd.service",
	"/etc/systemd/system/x@.service",
	"/etc/systemd/system/getty@tty1.service.d/autologin.conf",
	"/etc/systemd/system/swapfile.swap",
	"/usr/lib/systemd/system/multi-user.target",
	"/usr/lib/systemd/system/sshd-keygen@.service",
	"/etc/sysconfig/network-scripts/ifcfg-eth0",
	"/etc/NetworkManager/system-connections/a.nmconnection",
	"/etc/systemd/network/10-x.network",
	"/etc/netplan/01-x.yaml",
	"/etc/network/interfaces",
	"/etc/iscsi/initiatorname.iscsi",
	"/etc/snapper/configs/root",
	"/etc/lvm/backup/vg0",
	"/etc/dracut.conf",
	"/etc/mkinitcpio.conf",
	"/etc/cryptsetup-initramfs/conf-hook",
	"/etc/systemd/journald.conf",
	"/etc/inittab",
	"/etc/init.d/sshd",
	"/etc/sysconfig/sshd",
	"/etc/pam.d/sshd",
	"/etc/nsswitch.conf",
};
enum { PLACES = sizeof places / sizeof *places };

/* Looked for, never read. */
static const char *const there[] = {
	"/usr/bin/cloud-init",
	"/usr/lib/systemd/system-generators/cloud-init-generator",
	"/usr/lib/systemd/systemd",
	"/usr/sbin/sshd",
	"/usr/sbin/agetty",
	"/usr/bin/ssh-keygen",
	"/usr/lib/open-iscsi/startup-checks.sh",
	"/etc/ssh/ssh_host_ed25519_key",
	"/var/spool/cron/crontabs/alice",
	"/var/mail/alice",
	"/srv/svc/.profile",
	"/home/alice/.bash_history",
	"/swapfile",
};

static char root[4096];

static char *place(const char *path)
{
	return mem_printf("%s%s", root, path);
}

static void make_folders(char *path)
{
	for (char *at = path + strlen(root) + 1; (at = strchr(at, '/')); at++) {
		*at = 0;
		must(!mkdir(path, 0755) || errno == EEXIST);
		*at = '/';
	}
}

static void put(const char *path, struct bytes content)
{
	_cleanup_free_ char *at = place(path);
	int fd = open(at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	must(fd >= 0 && write(fd, content.at, content.len) == (ssize_t)content.len);
	close(fd);
}

static void take_away(const char *path)
{
	_cleanup_free_ char *at = place(path);
	unlink(at);
	for (char *slash; (slash = strrchr(at, '/')) && slash > at + strlen(root);) {
		*slash = 0;
		if (rmdir(at))
			return;
	}
}

static void remove_all(void)
{
	for (size_t i = 0; i < PLACES; i++)
		take_away(places[i]);
	for (size_t i = 0; i < sizeof there / sizeof *there; i++)
		take_away(there[i]);
	rmdir(root);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	/* In the current directory, which is in the build tree. */
	must(getcwd(root, sizeof root - 32));
	strcat(root, "/cleaners-XXXXXX");
	must(mkdtemp(root));
	for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
		_cleanup_free_ char *at = place(there[i]);
		make_folders(at);
		put(there[i], (struct bytes){0});
	}
	for (size_t i = 0; i < PLACES; i++) {
		_cleanup_free_ char *at = place(places[i]);
		make_folders(at);
	}
	atexit(remove_all);
	return 0;
}

static void look(const struct plan *plan)
{
	vec_each(&plan->steps, step) {
		must(step->path[0] == '/' && !strstr(step->path, "/../"));
		must(step->why &&
		     (step->action < STEP_REPLACE || !step->content_len || step->content));
		for (size_t i = 1; i < step->ranges.n; i++)
			must(step->ranges.v[i - 1].offset + step->ranges.v[i - 1].length <=
			     step->ranges.v[i].offset);
	}
	vec_each(&plan->findings, finding)
		must(finding->path && (finding->kind == FINDING_SECRET || finding->text));
}

static void clean(bool names)
{
	static char alice[] = "alice", svc[] = "svc";
	static char *gone[] = {alice, svc};
	static const struct selection all;
	struct policy policy = {.by_class = {DISPOSE_REMOVE, DISPOSE_REMOVE, DISPOSE_REMOVE,
					     DISPOSE_REMOVE, DISPOSE_REPORT}};
	struct guest *guest;
	_cleanup_(plan_free_ptr) struct plan *plan = plan_new();
	if (names) {
		policy.remove_accounts.v = gone;
		policy.remove_accounts.n = 2;
	}
	must(!discover_guest(root, GUEST_LINUX, NULL, NULL, &guest));
	struct guard *guard = guard_new(guest, NULL, 0);
	struct cleaning cleaning = {.guest = guest, .policy = &policy};
	guard_let_go(guard, &policy.remove_accounts);
	cleaners_apply(cleaners, &cleaning, guard, &all, plan);
	look(plan);
	cleaners_check(cleaners, &cleaning, plan);
	look(plan);
	guard_free(guard);
	guest_free(guest);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct bytes rest = {bytes, len};
	bool written[PLACES] = {false};
	bool names = bytes_byte(&rest) & 1;
	bytes_until(&rest, BEGINS);
	while (rest.len) {
		size_t which = bytes_byte(&rest) % PLACES;
		written[which] = true;
		put(places[which], bytes_until(&rest, BEGINS));
	}
	clean(names);
	for (size_t i = 0; i < PLACES; i++) {
		_cleanup_free_ char *at = place(places[i]);
		if (written[i])
			must(!unlink(at));
	}
	return 0;
}
