/* SPDX-License-Identifier: MIT */
/* Which guest it is: system and volumes. Who is at home there, the files of each system
 * say: guest_linux.c, guest_windows.c. */
#include <errno.h>
#include <string.h>

#include "base/ascii.h"
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

static bool is_new(const struct guest *guest, struct plat_dir *dir)
{
	struct plat_info info, known;
	if (plat_dir_info(dir, &info) < 0)
		return true;
	vec_each(&guest->volumes, volume)
		if (!plat_dir_info(volume->dir, &known) && plat_same(info.id, known.id))
			return false;
	return true;
}

/* host: where it lies on the machine we run on, or NULL for below the root. */
static int add_volume(struct guest *guest, const char *path, const char *host)
{
	struct volume volume = {.path = mem_strdup(path),
				.host = host ? mem_strdup(host) : NULL};
	_cleanup_free_ char *place = guest_volume_host(guest, &volume);
	int r = plat_volume_open(place, false, &volume.dir, &volume.detached);
	if (!r && host && !is_new(guest, volume.dir))
		r = -EEXIST;
	if (r < 0) {
		plat_dir_close(volume.dir);
		free(volume.path);
		free(volume.host);
		return r;
	}
	r = plat_streams(volume.dir, ".", pass_over, NULL);
	volume.streams = !r;
	*vec_add(&guest->volumes) = volume;
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
	int r = add_volume(guest, mount->path, NULL);
	if (r < 0)
		inside_miss(guest, mount->path, "could not be opened", r);
}

/* "/D:=DIR": a drive of a guest that is mounted somewhere else, as it has to be where the
 * system drive shows named streams and so can have no directory "D:". */
static void take_drive(struct guest *guest, const char *include)
{
	if (include[0] != '/' || !ascii_is_letter((uint8_t)include[1]) || include[2] != ':' ||
	    include[3] != '=')
		return;
	char path[] = {'/', (char)(include[1] & ~0x20), ':', 0};
	int r = guest->live ? -EOPNOTSUPP : add_volume(guest, path, include + 4);
	if (r < 0)
		inside_miss(guest, path, "could not be taken in from elsewhere", r);
}

static int open_volumes(struct guest *guest, const char *const *include)
{
	int r = add_volume(guest, "/", NULL);
	if (r < 0)
		return r;
	for (const char *const *one = include; one && *one; one++)
		take_drive(guest, *one);
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

static bool has_hive(const struct guest *guest, const char *path)
{
	struct plat_file *file;
	char head[4];
	if (guest_file(guest, path, &file) < 0)
		return false;
	int64_t n = plat_file_read(file, head, sizeof head, 0);
	plat_file_close(file);
	return n == sizeof head && memcmp(head, "regf", sizeof head) == 0;
}

/* By what a disk has that only such a system needs. The folders that Linux has are on many a
 * disk of Windows: programs bring them along. */
static enum guest_os by_marks(struct guest *guest)
{
	guest->any_case = true; /* Windows may spell its folders in any */
	bool windows = guest_has(guest, "/Windows/System32");
	bool hive = windows && has_hive(guest, "/Windows/System32/config/SYSTEM");
	guest->any_case = false;
	bool os_release = guest_has(guest, "/etc/os-release") ||
			  guest_has(guest, "/usr/lib/os-release");
	if (hive && (os_release || guest_has(guest, "/sbin/init"))) {
		guest->unfit = mem_strdup(
			"it has what only Linux has (os-release or /sbin/init) and what only "
			"Windows has (the hive SYSTEM): say which one it is (--os)");
		return GUEST_LINUX;
	}
	return hive || (windows && !os_release && !guest_has(guest, "/etc")) ? GUEST_WINDOWS
									     : GUEST_LINUX;
}

/* On a running Windows every user can make folders beside the system's: they do not decide. */
static bool is_windows(struct guest *guest, enum guest_os os)
{
	if (!os && guest->live)
		return strcmp(plat_system(), "windows") == 0;
	return (os ? os : by_marks(guest)) == GUEST_WINDOWS;
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
