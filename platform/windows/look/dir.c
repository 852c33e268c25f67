/* SPDX-License-Identifier: MIT */
#include "unsupported.h"
#include "platform.h"

UNSUPPORTED(int, plat_dir_open, const char *, struct plat_dir **);
UNSUPPORTED(int, plat_dir_open_at, struct plat_dir *, const char *, struct plat_dir **);
UNSUPPORTED(int, plat_dir_next, struct plat_dir *, const char **, enum plat_kind *);
uint64_t plat_dir_inode(struct plat_dir *dir)
{
	(void)dir;
	return 0;
}
UNSUPPORTED(int, plat_dir_rewind, struct plat_dir *);
UNSUPPORTED(int, plat_dir_info, struct plat_dir *, struct plat_info *);
UNSUPPORTED(int, plat_info_at, struct plat_dir *, const char *, struct plat_info *);
UNSUPPORTED(int, plat_link_read, struct plat_dir *, const char *, struct buf *);
NOTHING_TO_CLOSE(struct plat_dir, plat_dir_close, struct plat_dir *);
