/* SPDX-License-Identifier: MIT */
/* Directories by descriptor. Nothing here follows a link but plat_dir_open. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>
#ifndef STATX_BASIC_STATS /* a C library that does not know statx(2) */
#include <linux/stat.h>
#endif

#include "base/mem.h"
#include "handles.h"

/* The C library's struct statx ends before this field of statx(2), Linux 5.8. */
#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000U
#endif
#define OFFSET_OF_MOUNT_ID 144

struct plat_dir *plat_dir_wrap(int fd)
{
	struct plat_dir *dir = mem_alloc(sizeof *dir);
	dir->fd = fd;
	return dir;
}

/* O_NOATIME is for owners only; without it the kernel's relatime decides. */
static int open_quietly(int parent, const char *name, int flags)
{
	int fd = openat(parent, name, flags | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = openat(parent, name, flags);
	return fd < 0 ? -errno : fd;
}

int plat_dir_open(const char *host_path, struct plat_dir **ret)
{
	int fd = open_quietly(AT_FDCWD, host_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fd;
	*ret = plat_dir_wrap(fd);
	return 0;
}

int plat_dir_open_at(struct plat_dir *parent, const char *name, struct plat_dir **ret)
{
	int fd = open_quietly(parent->fd, name,
			      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -ENOTDIR) {
		struct stat st;
		if (!fstatat(parent->fd, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode))
			return -ELOOP;
	}
	if (fd < 0)
		return fd;
	*ret = plat_dir_wrap(fd);
	return 0;
}

static enum plat_kind kind_of_mode(unsigned mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return PLAT_FILE;
	case S_IFDIR:
		return PLAT_DIR;
	case S_IFLNK:
		return PLAT_SYMLINK;
	case S_IFIFO:
		return PLAT_FIFO;
	case S_IFSOCK:
		return PLAT_SOCKET;
	default:
		return PLAT_DEVICE;
	}
}

static enum plat_kind kind_of_entry(unsigned char type)
{
	return type == DT_UNKNOWN ? PLAT_UNKNOWN : kind_of_mode(DTTOIF((unsigned)type));
}

/* As getdents64(2) writes it; musl and glibc call it struct dirent64, or dirent. */
struct member {
	uint64_t inode;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};

/* Reads on where all was told; 0 at the end. By the call itself: a stream of the C library
 * asks the kernel three things more, of each directory, that are known here. */
static int fill(struct plat_dir *dir)
{
	enum { ROOM = 32 << 10 };
	if (!dir->entries)
		dir->entries = mem_grow(NULL, ROOM, 1);
	long n = syscall(SYS_getdents64, dir->fd, dir->entries, (size_t)ROOM);
	dir->at = 0;
	dir->len = n > 0 ? (size_t)n : 0;
	/* One that was removed meanwhile has no more members. */
	return n < 0 && errno != ENOENT ? -errno : n > 0;
}

int plat_dir_next(struct plat_dir *dir, const char **ret_name, enum plat_kind *ret_kind)
{
	for (;;) {
		int r = dir->at < dir->len ? 1 : fill(dir);
		if (r <= 0)
			return r;
		const struct member *member = (const void *)(dir->entries + dir->at);
		const char *name = member->name;
		dir->at += member->size;
		if (name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2])))
			continue;
		*ret_name = name;
		dir->inode = member->inode;
		*ret_kind = kind_of_entry(member->type);
		return 1;
	}
}

/* An overlay and many a network file system show numbers of their own making. */
static bool tells_true_inodes(int fd)
{
	static const unsigned long known[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
					      BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC, TMPFS_MAGIC};
	struct statfs st;
	if (fstatfs(fd, &st) < 0)
		return false;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if ((unsigned long)st.f_type == known[i])
			return true;
	return false;
}

uint64_t plat_dir_inode(struct plat_dir *dir)
{
	if (!dir->asked)
		dir->truthful = tells_true_inodes(dir->fd);
	dir->asked = true;
	return dir->truthful ? dir->inode : 0;
}

int plat_dir_rewind(struct plat_dir *dir)
{
	dir->at = dir->len = 0;
	return dir->entries && lseek(dir->fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

static int64_t nanoseconds(struct statx_timestamp at)
{
	return at.tv_sec * 1000000000 + at.tv_nsec;
}

/* Without mount ids another device is the best sign there is. */
static uint64_t mount_of(const struct statx *st)
{
	uint64_t id;
	if (!(st->stx_mask & STATX_MNT_ID))
		return makedev(st->stx_dev_major, st->stx_dev_minor);
	memcpy(&id, (const char *)st + OFFSET_OF_MOUNT_ID, sizeof id);
	return id;
}

/* Before Linux 4.11. */
static int stat_older(int fd, const char *name, int flags, struct plat_info *ret)
{
	struct stat st;
	if (fstatat(fd, name, &st, flags) < 0)
		return -errno;
	*ret = (struct plat_info){
		.id = {st.st_dev, st.st_ino},
		.kind = kind_of_mode(st.st_mode),
		.size = (uint64_t)st.st_size,
		.allocated = (uint64_t)st.st_blocks * 512,
		.links = st.st_nlink,
		.mount = st.st_dev,
		.mtime = st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
		.ctime = st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec,
		.mode = st.st_mode & 07777u,
		.owner = st.st_uid,
		.group = st.st_gid,
	};
	return 0;
}

int plat_stat(int fd, const char *name, struct plat_info *ret)
{
	struct statx st;
	int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);
	if (syscall(SYS_statx, fd, name, flags, STATX_BASIC_STATS | STATX_MNT_ID, &st) < 0)
		return errno == ENOSYS ? stat_older(fd, name, flags, ret) : -errno;
	*ret = (struct plat_info){
		.id = {makedev(st.stx_dev_major, st.stx_dev_minor), st.stx_ino},
		.kind = kind_of_mode(st.stx_mode),
		.size = st.stx_size,
		.allocated = st.stx_blocks * 512,
		.links = st.stx_nlink,
		.mount = mount_of(&st),
		.mtime = nanoseconds(st.stx_mtime),
		.ctime = nanoseconds(st.stx_ctime),
		.mode = st.stx_mode & 07777u,
		.owner = st.stx_uid,
		.group = st.stx_gid,
	};
	return 0;
}

int plat_dir_info(struct plat_dir *dir, struct plat_info *ret)
{
	return plat_stat(dir->fd, "", ret);
}

int plat_info_at(struct plat_dir *dir, const char *name, struct plat_info *ret)
{
	return plat_stat(dir->fd, name, ret);
}

struct plat_dir *plat_dir_close(struct plat_dir *dir)
{
	if (!dir)
		return NULL;
	close(dir->fd);
	free(dir->entries);
	free(dir);
	return NULL;
}

int plat_link_read(struct plat_dir *dir, const char *name, struct buf *out)
{
	char target[4096];
	ssize_t len = readlinkat(dir->fd, name, target, sizeof target);
	if (len < 0)
		return -errno;
	buf_add(out, target, (size_t)len);
	return 0;
}
