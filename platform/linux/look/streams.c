/* SPDX-License-Identifier: MIT */
/* Named streams of NTFS as ntfs-3g(8) shows them: with streams_interface=windows the
 * attribute ntfs.streams.list has the names of all streams of a file, a NUL between them,
 * and "FILE:STREAM" can be opened. With its usual streams_interface=xattr they are attributes
 * of the name space user, which the kernel cuts at 64 KiB (xattr(7)): that is not told as
 * content. The kernel's own drivers show none. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "handles.h"

/* statfs(2); linux/magic.h has not all of them. */
enum { FUSE_MAGIC = 0x65735546, NTFS3_MAGIC = 0x7366746e, NTFS_MAGIC = 0x5346544e };

/* An open file of any kind, through which nothing but its attributes is asked for. */
struct handle {
	int fd;
	char path[32]; /* fgetxattr(2) refuses such a descriptor */
};

static int handle_open(struct plat_dir *dir, const char *member, struct handle *ret)
{
	ret->fd = openat(dir->fd, member, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (ret->fd < 0)
		return -errno;
	snprintf(ret->path, sizeof ret->path, "/proc/self/fd/%d", ret->fd);
	return 0;
}

/* Why the list could not be had. */
static int not_listed(const struct handle *handle)
{
	struct statfs st;
	if (fstatfs(handle->fd, &st) < 0)
		return -errno;
	unsigned long type = (unsigned long)st.f_type & 0xffffffffu;
	bool ntfs = type == NTFS3_MAGIC || type == NTFS_MAGIC ||
		    (type == FUSE_MAGIC &&
		     getxattr(handle->path, "system.ntfs_attrib", NULL, 0) >= 0);
	return ntfs ? -EOPNOTSUPP : -ENOSYS;
}

/* The names, each with a NUL behind it; their bytes. */
static int64_t list(const struct handle *handle, char **ret)
{
	static const char name[] = "ntfs.streams.list";
	ssize_t size = getxattr(handle->path, name, NULL, 0);
	if (size < 0)
		return errno == EOPNOTSUPP || errno == ENODATA ? not_listed(handle) : -errno;
	char *names = mem_alloc((size_t)size + 1);
	if (size)
		size = getxattr(handle->path, name, names, (size_t)size);
	if (size < 0) {
		int error = errno;
		free(names);
		return -error;
	}
	names[size] = 0;
	*ret = names;
	return size ? size + 1 : 0;
}

static int tell_one(struct plat_dir *dir, const char *member, const char *name,
		    plat_stream_tell *tell, void *context)
{
	_cleanup_free_ char *full = mem_printf("%s:%s", strcmp(member, ".") ? member : "",
					       name);
	struct plat_info info;
	if (strchr(name, '/')) /* Windows would not have made it, and nobody can open it */
		return -EILSEQ;
	int r = plat_stat(dir->fd, full, &info);
	return r < 0 ? r : tell(name, info.size, context);
}

int plat_streams(struct plat_dir *dir, const char *member, plat_stream_tell *tell,
		 void *context)
{
	_cleanup_free_ char *names = NULL;
	struct handle handle;
	int r = handle_open(dir, member, &handle);
	if (r < 0)
		return r;
	int64_t len = list(&handle, &names);
	close(handle.fd);
	r = len < 0 ? (int)len : 0;
	for (int64_t at = 0; !r && at < len; at += (int64_t)strlen(names + at) + 1)
		if (names[at])
			r = tell_one(dir, member, names + at, tell, context);
	return r;
}

int plat_profiles(plat_profile_tell *tell, void *context)
{
	(void)tell;
	(void)context;
	return -ENOSYS;
}
