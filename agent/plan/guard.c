/* SPDX-License-Identifier: MIT */
#include "plan/guard.h"

#include <string.h>

#include "base/str.h"

struct guard {
	const struct guest *guest;
	VEC(struct plat_id) own;
	const strings *going; /* names of accounts, or NULL */
};

struct guard *guard_new(const struct guest *guest, const char *const *own_files, size_t count)
{
	struct guard *guard = mem_alloc(sizeof *guard);
	struct plat_id *ids;
	size_t found;
	guard->guest = guest;
	if (!plat_own_files(&ids, &found)) {
		for (size_t i = 0; i < found; i++)
			*vec_add(&guard->own) = ids[i];
		free(ids);
	}
	for (size_t i = 0; i < count; i++) {
		struct plat_file *file;
		struct plat_info info;
		if (!own_files[i] || plat_file_open(own_files[i], &file) < 0)
			continue;
		if (!plat_file_info(file, &info))
			*vec_add(&guard->own) = info.id;
		plat_file_close(file);
	}
	return guard;
}

void guard_let_go(struct guard *guard, const strings *accounts)
{
	guard->going = accounts;
}

void guard_free(struct guard *guard)
{
	if (!guard)
		return;
	vec_free(&guard->own);
	free(guard);
}

/* All paths here begin with '/': asked for every member of a tree, most are told
 * apart by the byte behind it. */
static bool in_list(const char *const *list, const char *path)
{
	for (; *list; list++)
		if ((*list)[1] == path[1] && strcmp(*list, path) == 0)
			return true;
	return false;
}

static bool lies_below(const char *path, const char *folder)
{
	if (path[1] != folder[1])
		return false;
	size_t len = strlen(folder);
	return strncmp(path, folder, len) == 0 && path[len] == '/';
}

/* The system's own directories: they stay whatever a pack says. */
static bool is_skeleton(const char *path)
{
	static const char *const folders[] = {"/",
					      "/bin",
					      "/boot",
					      "/dev",
					      "/etc",
					      "/home",
					      "/lib",
					      "/lib32",
					      "/lib64",
					      "/libx32",
					      "/media",
					      "/mnt",
					      "/opt",
					      "/proc",
					      "/root",
					      "/run",
					      "/sbin",
					      "/srv",
					      "/sys",
					      "/tmp",
					      "/usr",
					      "/usr/local",
					      "/var",
					      "/var/cache",
					      "/var/lib",
					      "/var/log",
					      "/var/spool",
					      "/var/tmp",
					      "/var/mail",
					      "/etc/ssh",
					      "/etc/pam.d",
					      "/etc/systemd",
					      "/var/lib/dpkg",
					      "/var/lib/rpm",
					      "/var/lib/pacman",
					      NULL};
	return in_list(folders, path);
}

/* Directories whose members come and go: these may be emptied. */
static bool is_transient(const char *path)
{
	static const char *const folders[] = {"/tmp", "/var/tmp", NULL};
	return in_list(folders, path);
}

/* Files without which the clone does not boot or nobody gets in. */
static bool is_vital_file(const char *path)
{
	static const char *const files[] = {
		"/etc/passwd",	      "/etc/group",	      "/etc/shadow",
		"/etc/gshadow",	      "/etc/fstab",	      "/etc/crypttab",
		"/etc/sudoers",	      "/etc/hosts",	      "/etc/ssh/sshd_config",
		"/etc/nsswitch.conf", "/etc/ld.so.cache",     "/etc/ld.so.conf",
		"/etc/ld.so.preload", "/var/lib/dpkg/status", NULL};
	return in_list(files, path);
}

static bool is_operating_system(const char *path)
{
	static const char *const folders[] = {"/bin",
					      "/sbin",
					      "/lib",
					      "/lib32",
					      "/lib64",
					      "/libx32",
					      "/usr",
					      "/boot",
					      "/dev",
					      "/proc",
					      "/sys",
					      "/var/lib/dpkg",
					      "/var/lib/rpm",
					      "/var/lib/pacman",
					      "/efi",
					      "/ostree/repo",
					      "/sysroot/ostree/repo",
					      "/nix/store",
					      "/gnu/store",
					      "/var/db/pkg",
					      "/var/db/xbps",
					      "/var/lib/snapd/snaps"};
	if (lies_below(path, "/usr/local") || str_ends(path, "/loader/random-seed"))
		return false;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (lies_below(path, folders[i]))
			return true;
	return false;
}

static bool is_mount_point(const struct guest *guest, const char *path)
{
	vec_each(&guest->volumes, volume)
		if (strcmp(volume->path, path) == 0)
			return true;
	vec_each(&guest->left_out, left)
		if (strcmp(left->path, path) == 0)
			return true;
	return false;
}

static bool is_going(const struct guard *guard, const struct account *account)
{
	if (guard->going && account->uid)
		vec_each(guard->going, name)
			if (strcmp(*name, account->name) == 0)
				return true;
	return false;
}

/* Home of accounts that go and of nobody else, and no other home lies in it. */
static bool goes_with_account(const struct guard *guard, const char *path)
{
	bool whose = false;
	vec_each(&guard->guest->accounts, account) {
		if (!account->home)
			continue;
		bool here = strcmp(account->home, path) == 0;
		bool going = is_going(guard, account);
		whose |= here && going;
		if (!going && (here || lies_below(account->home, path)))
			return false;
	}
	return whose;
}

/* The lists here compare text: one spelling for each place. */
static bool is_plain(const char *path)
{
	if (*path != '/')
		return false;
	if (!path[1])
		return true;
	for (const char *at = path; (at = strstr(at, "/.")); at++) {
		size_t dots = strspn(at + 1, ".");
		if (dots <= 2 && (!at[1 + dots] || at[1 + dots] == '/'))
			return false;
	}
	return !strstr(path, "//") && !str_ends(path, "/");
}

/* Of an action that takes away; the directories themselves may only be emptied
 * where members come and go. */
static const char *refuses_removal(const struct guard *guard, enum action action,
				   const char *path)
{
	if (is_skeleton(path) && !(action == STEP_EMPTY_TREE && is_transient(path)))
		return "a directory of the system itself";
	if (action == STEP_REMOVE && is_mount_point(guard->guest, path))
		return "something is mounted there";
	if (guest_is_home(guard->guest, path) && !goes_with_account(guard, path))
		return "the home of an account";
	if (is_vital_file(path))
		return "the clone needs this file";
	if (is_operating_system(path))
		return "a part of the operating system";
	return NULL;
}

bool guard_owns(const struct guard *guard, const struct plat_info *target)
{
	vec_each(&guard->own, id)
		if (plat_same(*id, target->id))
			return true;
	return false;
}

const char *guard_refuses(const struct guard *guard, enum action action, const char *path,
			  const struct plat_info *target)
{
	if (!is_plain(path))
		return "not a plain path";
	if (guard_owns(guard, target))
		return "belongs to this run (program, its caller's script or its report)";
	switch (action) {
	case STEP_CREATE:
	case STEP_REPLACE: /* also of vital files: a cleaner rewrites accounts */
		return is_operating_system(path) ? "a part of the operating system" : NULL;
	case STEP_REDACT:
		return is_vital_file(path) ? "the clone needs this file as it is" : NULL;
	default:
		return refuses_removal(guard, action, path);
	}
}
