/* SPDX-License-Identifier: MIT */
/* The hands. Every call here changes a guest, works on one name below an open
 * directory and follows no link. */
#include "mutate.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "../look/handles.h"

static int result(int r)
{
	return r < 0 ? -errno : 0;
}

int plat_unlink(struct plat_dir *dir, const char *name)
{
	return result(unlinkat(dir->fd, name, 0));
}

int plat_rmdir(struct plat_dir *dir, const char *name)
{
	return result(unlinkat(dir->fd, name, AT_REMOVEDIR));
}

int plat_mkdir(struct plat_dir *dir, const char *name, uint32_t mode)
{
	/* At once with its mode, so that a kill leaves no other. */
	mode_t caller = umask(0);
	int r = result(mkdirat(dir->fd, name, (mode_t)mode));
	umask(caller);
	return r;
}

int plat_file_open_write(struct plat_dir *dir, const char *name, struct plat_file **ret)
{
	/* Opening a device or a FIFO can already do something to it. */
	struct stat st;
	if (fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISLNK(st.st_mode) ? -ELOOP : -ENXIO;
	int fd = openat(dir->fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -ENXIO;
	}
	*ret = plat_file_wrap(fd);
	return 0;
}

int plat_file_write(struct plat_file *file, const void *bytes, size_t len, uint64_t offset)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(file->fd, (const char *)bytes + done, len - done,
				   (off_t)(offset + done));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -EIO;
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}

int plat_file_truncate(struct plat_file *file)
{
	return result(ftruncate(file->fd, 0));
}

int plat_file_sync(struct plat_file *file)
{
	return result(fsync(file->fd));
}

int plat_dir_sync(struct plat_dir *dir)
{
	/* A few file systems have nothing to sync for a directory. */
	int r = result(fsync(dir->fd));
	return r == -EINVAL ? 0 : r;
}

int plat_file_create(struct plat_dir *dir, const char *name, uint32_t mode,
		     struct plat_file **ret)
{
	int fd = openat(dir->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);
	if (fd < 0)
		return -errno;
	if (fchmod(fd, mode) < 0) {
		int error = errno;
		close(fd);
		unlinkat(dir->fd, name, 0);
		return -error;
	}
	*ret = plat_file_wrap(fd);
	return 0;
}

static int copy_attribute(int from, int to, const char *name)
{
	ssize_t size = fgetxattr(from, name, NULL, 0);
	if (size < 0)
		return -errno;
	_cleanup_free_ char *value = mem_alloc((size_t)size);
	size = fgetxattr(from, name, value, (size_t)size);
	if (size < 0)
		return -errno;
	return result(fsetxattr(to, name, value, (size_t)size, 0));
}

static int copy_attributes(int from, int to)
{
	ssize_t size = flistxattr(from, NULL, 0);
	if (size < 0)
		return errno == ENOTSUP ? 0 : -errno;
	_cleanup_free_ char *names = mem_alloc((size_t)size + 1);
	size = flistxattr(from, names, (size_t)size);
	if (size < 0)
		return -errno;
	for (const char *name = names; name < names + size; name += strlen(name) + 1) {
		int r = copy_attribute(from, to, name);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What ntfs-3g keeps under names that it does not list: the security descriptor and the
 * attributes (hidden, system, archive, compressed). Elsewhere there is nothing of the name. */
static int copy_unlisted(int from, int to)
{
	static const char *const names[] = {"system.ntfs_acl", "system.ntfs_attrib"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		int r = copy_attribute(from, to, names[i]);
		if (r < 0 && r != -ENOTSUP && r != -ENODATA)
			return r;
	}
	return 0;
}

int plat_file_dress(struct plat_file *from, struct plat_file *to)
{
	struct stat st;
	if (fstat(from->fd, &st) < 0)
		return -errno;
	if (fchown(to->fd, st.st_uid, st.st_gid) < 0)
		return -errno;
	/* A default ACL of the directory may have given the new file one. */
	(void)fremovexattr(to->fd, "system.posix_acl_access");
	int r = copy_attributes(from->fd, to->fd);
	if (!r)
		r = copy_unlisted(from->fd, to->fd);
	if (r < 0)
		return r;
	/* Last: a change of owner drops set-id bits. */
	return result(fchmod(to->fd, st.st_mode & 07777));
}

int plat_rename(struct plat_dir *dir, const char *from, const char *to)
{
	return result(renameat(dir->fd, from, dir->fd, to));
}

/* Not every C library has a name for it. */
static int rename_exclusive(int dir, const char *from, const char *to)
{
#ifdef __GLIBC__
	return renameat2(dir, from, dir, to, RENAME_NOREPLACE);
#else
	return (int)syscall(SYS_renameat2, dir, from, dir, to, RENAME_NOREPLACE);
#endif
}

int plat_rename_new(struct plat_dir *dir, const char *from, const char *to)
{
	int r = result(rename_exclusive(dir->fd, from, to));
	if (r != -EINVAL && r != -ENOSYS)
		return r;
	/* Not every file system knows it; a second name is refused by all. */
	r = result(linkat(dir->fd, from, dir->fd, to, 0));
	return r ? r : plat_unlink(dir, from);
}

#define FORBIDS_CHANGE (FS_IMMUTABLE_FL | FS_APPEND_FL)

static int thaw_fd(int fd, uint32_t *ret_flags)
{
	int flags;
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 || !(flags & FORBIDS_CHANGE))
		return 0;
	int open_flags = flags & ~FORBIDS_CHANGE;
	if (ioctl(fd, FS_IOC_SETFLAGS, &open_flags) < 0)
		return -errno;
	*ret_flags = (uint32_t)flags;
	return 1;
}

static int freeze_fd(int fd, uint32_t flags)
{
	int value = (int)flags;
	return result(ioctl(fd, FS_IOC_SETFLAGS, &value));
}

int plat_file_thaw(struct plat_file *file, uint32_t *ret_flags)
{
	return thaw_fd(file->fd, ret_flags);
}

int plat_file_freeze(struct plat_file *file, uint32_t flags)
{
	return freeze_fd(file->fd, flags);
}

int plat_thaw_dir(struct plat_dir *dir, uint32_t *ret_flags)
{
	return thaw_fd(dir->fd, ret_flags);
}

int plat_freeze_dir(struct plat_dir *dir, uint32_t flags)
{
	return freeze_fd(dir->fd, flags);
}

int plat_times_get(struct plat_dir *dir, struct plat_times *ret)
{
	struct stat st;
	if (fstat(dir->fd, &st) < 0)
		return -errno;
	ret->atime = st.st_atim.tv_sec * 1000000000 + st.st_atim.tv_nsec;
	ret->mtime = st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	return 0;
}

static struct timespec timespec_of(int64_t nanoseconds)
{
	int64_t rest = nanoseconds % 1000000000;
	int64_t seconds = nanoseconds / 1000000000;
	if (rest < 0) {
		rest += 1000000000;
		seconds--;
	}
	return (struct timespec){seconds, rest};
}

int plat_times_set(struct plat_dir *dir, const struct plat_times *times)
{
	struct timespec both[2] = {timespec_of(times->atime), timespec_of(times->mtime)};
	return result(futimens(dir->fd, both));
}
