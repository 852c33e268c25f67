/* SPDX-License-Identifier: MIT */
/* Which guest it is: system and volumes. Who is at home there, the files of each system
 * say: guest_linux.c, guest_windows.c. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "discover/discover.h"
#include "discover/inside.h"

bool inside_listed(const char *const *list, const char *text)
{
	for (; list && *list; list++)
		if (strcmp(*list, text) == 0)
			return true;
	return false;
}

static int pass_over(const char *name, uint64_t size, void *context)
{
	(void)name;
	(void)size;
	(void)context;
	return 0;
}

static int add_volume(struct guest *guest, const char *path)
{
	_cleanup_free_ char *host = mem_printf("%s%s", guest->live ? "" : guest->root, path);
	struct plat_dir *dir;
	bool detached;
	int r = plat_volume_open(host, false, &dir, &detached);
	if (r < 0)
		return r;
	r = plat_streams(dir, ".", pass_over, NULL);
	*vec_add(&guest->volumes) = (struct volume){mem_strdup(path), dir, detached, !r};
	if (r < 0 && r != -ENOSYS)
		inside_miss(guest, path,
			    "named streams of files can not be seen on this mount (mount it by "
			    "ntfs-3g with streams_interface=windows)",
			    r);
	return 0;
}

void inside_leave_out(struct guest *guest, const char *path, const char *why)
{
	*vec_add(&guest->left_out) = (struct left_out){mem_strdup(path), why, 0};
}

void inside_miss(struct guest *guest, const char *path, const char *why, int error)
{
	*vec_add(&guest->left_out) = (struct left_out){mem_strdup(path), why, error};
}

static void take_mount(struct guest *guest, const struct plat_mount *mount,
		       const char *const *include)
{
	switch (mount->kind) {
	case PLAT_MOUNT_PSEUDO: /* on no disk: it does not travel */
	case PLAT_MOUNT_AGAIN:	/* looked at where it comes from */
		return;
	case PLAT_MOUNT_NETWORK:
		inside_leave_out(guest, mount->path, "network file system");
		return;
	case PLAT_MOUNT_DISK:
		if (!inside_listed(include, mount->path)) {
			inside_leave_out(
				guest, mount->path,
				"not on the system disk (--include-mount takes it in)");
			return;
		}
		break;
	case PLAT_MOUNT_SYSTEM:
		break;
	}
	int r = add_volume(guest, mount->path);
	if (r < 0)
		inside_miss(guest, mount->path, "could not be opened", r);
}

static int open_volumes(struct guest *guest, const char *const *include)
{
	int r = add_volume(guest, "/");
	if (r < 0)
		return r;
	struct plat_mount *mounts;
	size_t count;
	r = plat_mounts(guest->root, &mounts, &count);
	if (r < 0) {
		inside_miss(guest, "/", "the list of mounts could not be read", r);
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		take_mount(guest, &mounts[i], include);
	plat_mounts_free(mounts, count);
	return 0;
}

/* By what is there; a system that ignores case may spell its directories in any. */
static bool is_windows(struct guest *guest, enum guest_os os)
{
	if (os)
		return os == GUEST_WINDOWS;
	guest->any_case = true;
	bool windows = guest_has(guest, "/Windows/System32");
	guest->any_case = false;
	return windows && !guest_has(guest, "/etc");
}

int discover_guest(const char *root, enum guest_os os, const char *const *include_mounts,
		   const struct registry_reader *registry, struct guest **ret)
{
	struct guest *guest = guest_new(root);
	int r = open_volumes(guest, include_mounts);
	if (r < 0) {
		guest_free(guest);
		return r;
	}
	if (is_windows(guest, os)) {
		guest->os = GUEST_WINDOWS;
		guest->any_case = true;
		inside_windows(guest, registry);
	} else {
		inside_linux(guest);
	}
	*ret = guest;
	return 0;
}
