/* SPDX-License-Identifier: MIT */
/* What the contract's handles are on Linux. */
#ifndef LINUX_HANDLES_H
#define LINUX_HANDLES_H

#include "platform.h"

struct plat_dir {
	int fd;
	uint8_t *entries;     /* what getdents64(2) gave last; NULL: nobody asked */
	size_t at, len;	      /* of them: the next one, the end */
	uint64_t inode;	      /* of the member that was read last, as its directory says */
	bool asked, truthful; /* whether that is what stat says; asked once */
};

struct plat_file {
	int fd;
};

struct plat_file *plat_file_wrap(int fd);
struct plat_dir *plat_dir_wrap(int fd);

/* statx of an open file (name "") or of a member, itself not followed. */
int plat_stat(int fd, const char *name, struct plat_info *ret);

#endif
