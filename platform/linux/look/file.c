/* SPDX-License-Identifier: MIT */
/* Regular files, opened so that nothing waits and no time changes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"
#include "handles.h"

#ifndef RWF_NOWAIT /* Linux 4.14 */
#define RWF_NOWAIT 8
#endif

enum { READ_AHEAD = 256 << 10 /* bytes; what follows the kernel reads ahead itself */ };

struct plat_file *plat_file_wrap(int fd)
{
	struct plat_file *file = mem_alloc(sizeof *file);
	file->fd = fd;
	return file;
}

static int open_quietly(int parent, const char *name, int flags)
{
	flags |= O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd = openat(parent, name, flags | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = openat(parent, name, flags);
	return fd < 0 ? -errno : fd;
}

static int open_regular(int parent, const char *name, int flags, struct plat_file **ret)
{
	int fd = open_quietly(parent, name, flags);
	if (fd < 0)
		return fd;
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -ENXIO;
	}
	*ret = plat_file_wrap(fd);
	return 0;
}

int plat_file_open_at(struct plat_dir *dir, const char *name, struct plat_file **ret)
{
	/* Opening a device can already do something to it. */
	struct stat st;
	if (fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISLNK(st.st_mode) ? -ELOOP : -ENXIO;
	return open_regular(dir->fd, name, O_NOFOLLOW, ret);
}

int plat_file_look_at(struct plat_dir *dir, const char *name, struct plat_file **ret,
		      struct plat_info *ret_info)
{
	int fd = open_quietly(dir->fd, name, O_NOFOLLOW);
	*ret = NULL;
	if (fd < 0)
		return plat_stat(dir->fd, name, ret_info);
	int r = plat_stat(fd, "", ret_info);
	if (r < 0 || ret_info->kind != PLAT_FILE)
		close(fd);
	else
		*ret = plat_file_wrap(fd);
	return r;
}

/* Whether a byte is in memory, or behind the end; no also where nobody can tell. */
static bool is_cached(int fd, uint64_t offset)
{
	char byte;
	struct iovec one = {&byte, 1};
	/* The offset in two halves, as the call takes it on every machine. */
	return syscall(SYS_preadv2, fd, &one, 1, (long)offset, (long)(offset >> 16 >> 16),
		       RWF_NOWAIT) >= 0;
}

/* To ask for bytes that are there already takes longer than to read a small file, so
 * where everything was, only one file in PROBES is asked about. */
void plat_file_fetch(struct plat_file *file)
{
	enum { PROBES = 16 };
	static unsigned cached; /* files in a row */
	if (cached >= PROBES && cached++ % PROBES)
		return;
	if (is_cached(file->fd, 0)) {
		cached++;
		return;
	}
	cached = 0;
	(void)posix_fadvise(file->fd, 0, READ_AHEAD, POSIX_FADV_WILLNEED);
}

/* ---- a file where it lies ---- */

static struct {
	uint8_t *start; /* NULL: there is none */
	size_t len;
	size_t page;
	volatile sig_atomic_t lost; /* 1 + the number of the first page that could not be had */
} mapped;

/* The kernel has no page for a place in the file: a page of zeros takes its place. */
static void on_bus_error(int number, siginfo_t *info, void *context)
{
	(void)context;
	size_t at = (size_t)((uintptr_t)info->si_addr - (uintptr_t)mapped.start);
	size_t page = at / mapped.page;
	if (mapped.start && at < mapped.len &&
	    mmap(mapped.start + page * mapped.page, mapped.page, PROT_READ,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
		mapped.lost = mapped.lost ? mapped.lost : (sig_atomic_t)page + 1;
	else
		signal(number, SIG_DFL);
}

/* The last byte stands for all: what was read lately was mostly read as a whole. */
const uint8_t *plat_file_map(struct plat_file *file, size_t len)
{
	if (mapped.start || !len || !is_cached(file->fd, len - 1))
		return NULL;
	void *start = mmap(NULL, len, PROT_READ, MAP_PRIVATE, file->fd, 0);
	if (start == MAP_FAILED)
		return NULL;
	struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};
	mapped.page = (size_t)sysconf(_SC_PAGESIZE);
	mapped.start = start;
	mapped.len = len;
	mapped.lost = 0;
	sigaction(SIGBUS, &action, NULL);
	return start;
}

int plat_file_unmap(struct plat_file *file)
{
	uint8_t byte;
	munmap(mapped.start, mapped.len);
	mapped.start = NULL;
	if (!mapped.lost)
		return 0;
	ssize_t n = pread(file->fd, &byte, 1, (off_t)((size_t)(mapped.lost - 1) * mapped.page));
	return n < 0 ? -errno : n ? -EIO : 0;
}

int plat_file_open(const char *host_path, struct plat_file **ret)
{
	return open_regular(AT_FDCWD, host_path, 0, ret);
}

int plat_file_info(struct plat_file *file, struct plat_info *ret)
{
	return plat_stat(file->fd, "", ret);
}

int64_t plat_file_read(struct plat_file *file, void *out, size_t len, uint64_t offset)
{
	size_t done = 0;
	while (done < len) {
		ssize_t n = pread(file->fd, (char *)out + done, len - done,
				  (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (int64_t)done;
}

int plat_file_data(struct plat_file *file, uint64_t offset, uint64_t size, uint64_t *ret_start,
		   uint64_t *ret_end)
{
	off_t start = lseek(file->fd, (off_t)offset, SEEK_DATA);
	if (start < 0 && errno == ENXIO)
		return 1;
	off_t end = start < 0 ? -1 : lseek(file->fd, start, SEEK_HOLE);
	*ret_start = start < 0 ? offset : (uint64_t)start;
	*ret_end = end < 0 ? size : (uint64_t)end;
	return 0;
}

struct plat_file *plat_file_close(struct plat_file *file)
{
	if (file)
		close(file->fd);
	free(file);
	return NULL;
}
