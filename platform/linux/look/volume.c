/* SPDX-License-Identifier: MIT */
/* A mount without what is mounted below it: open_tree(2) clones one mount, so
 * the files hidden under mount points show, and mount_setattr(2) makes the
 * clone read-only, so that a scan could not change a byte if it tried. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "handles.h"
#include "mounts.h"
#include "ntfs.h"

/* From linux/mount.h, which older C libraries can not include with sys/mount.h. */
#define TREE_CLONE 1
#define ATTR_RDONLY 0x01
#define ATTR_NOATIME 0x10
#define ATTR_ATIME_MASK 0x70
struct attributes {
	uint64_t set, clear, propagation, user_namespace;
};

#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

static int clone_mount(const char *path, bool writable)
{
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, path, TREE_CLONE | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	struct attributes quiet = {.set = ATTR_NOATIME, .clear = ATTR_ATIME_MASK};
	if (!writable)
		quiet.set |= ATTR_RDONLY;
	(void)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &quiet, sizeof quiet);
	return fd;
}

int plat_volume_open(const char *host_path, bool writable, struct plat_dir **ret,
		     bool *ret_detached)
{
	int tree = clone_mount(host_path, writable);
	if (tree < 0) {
		*ret_detached = false;
		return plat_dir_open(host_path, ret);
	}
	int fd = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = errno;
	close(tree);
	if (fd < 0)
		return -error;
	*ret = plat_dir_wrap(fd);
	*ret_detached = true;
	return 0;
}

static bool holds_ntfs(const char *type)
{
	/* ntfs-3g says "fuse" where it has an image file, "fuseblk" where it has a device. */
	return str_starts(type, "ntfs") || str_starts(type, "fuse");
}

/* 1: it is no NTFS. */
static int flags_behind(const char *path, uint16_t *ret)
{
	_cleanup_free_ char *source = NULL, *type = NULL;
	struct plat_info info;
	struct plat_dir *dir;
	int r = plat_dir_open(path, &dir);
	if (r < 0)
		return r;
	r = plat_dir_info(dir, &info);
	plat_dir_close(dir);
	if (!r)
		r = mounts_source(info.mount, &source, &type);
	if (r < 0 || !holds_ntfs(type) || *source != '/')
		return r < 0 ? r : 1;
	int fd = open(source, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return str_starts(type, "ntfs") || strcmp(type, "fuseblk") == 0 ? -errno : 1;
	r = ntfs_volume_flags(fd, ret);
	close(fd);
	return r == -ENOSYS ? 1 : r;
}

int plat_volume_state(const char *host_path, unsigned *ret)
{
	struct statvfs st;
	uint16_t flags = 0;
	if (statvfs(host_path, &st) < 0)
		return -errno;
	*ret = st.f_flag & ST_RDONLY ? PLAT_VOLUME_READ_ONLY : 0;
	int r = flags_behind(host_path, &flags);
	if (flags & NTFS_DIRTY)
		*ret |= PLAT_VOLUME_DIRTY;
	return r < 0 ? r : 0;
}

uint64_t plat_used_bytes(struct plat_dir *dir)
{
	struct statvfs st;
	if (fstatvfs(dir->fd, &st) < 0)
		return 0;
	return (uint64_t)(st.f_blocks - st.f_bfree) * st.f_frsize;
}
