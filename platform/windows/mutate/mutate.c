/* SPDX-License-Identifier: MIT */
#include "mutate.h"
#include "../look/unsupported.h"

UNSUPPORTED(int, plat_unlink, struct plat_dir *, const char *);
UNSUPPORTED(int, plat_rmdir, struct plat_dir *, const char *);
UNSUPPORTED(int, plat_mkdir, struct plat_dir *, const char *, uint32_t);
UNSUPPORTED(int, plat_file_open_write, struct plat_dir *, const char *, struct plat_file **);
UNSUPPORTED(int, plat_file_write, struct plat_file *, const void *, size_t, uint64_t);
UNSUPPORTED(int, plat_file_truncate, struct plat_file *);
UNSUPPORTED(int, plat_file_sync, struct plat_file *);
UNSUPPORTED(int, plat_dir_sync, struct plat_dir *);
UNSUPPORTED(int, plat_file_create, struct plat_dir *, const char *, uint32_t,
	    struct plat_file **);
UNSUPPORTED(int, plat_file_dress, struct plat_file *, struct plat_file *);
UNSUPPORTED(int, plat_rename, struct plat_dir *, const char *, const char *);
UNSUPPORTED(int, plat_rename_new, struct plat_dir *, const char *, const char *);
UNSUPPORTED(int, plat_file_thaw, struct plat_file *, uint32_t *);
UNSUPPORTED(int, plat_file_freeze, struct plat_file *, uint32_t);
UNSUPPORTED(int, plat_thaw_dir, struct plat_dir *, uint32_t *);
UNSUPPORTED(int, plat_freeze_dir, struct plat_dir *, uint32_t);
UNSUPPORTED(int, plat_times_get, struct plat_dir *, struct plat_times *);
UNSUPPORTED(int, plat_times_set, struct plat_dir *, const struct plat_times *);
