/* SPDX-License-Identifier: MIT */
#include "unsupported.h"
#include "platform.h"

UNSUPPORTED(int, plat_file_open_at, struct plat_dir *, const char *, struct plat_file **);
UNSUPPORTED(int, plat_file_look_at, struct plat_dir *, const char *, struct plat_file **,
	    struct plat_info *);
UNSUPPORTED(int, plat_file_open, const char *, struct plat_file **);
UNSUPPORTED(int, plat_file_info, struct plat_file *, struct plat_info *);
UNSUPPORTED(int64_t, plat_file_read, struct plat_file *, void *, size_t, uint64_t);
NOTHING_TO_CLOSE(const uint8_t, plat_file_map, struct plat_file *, size_t);
UNSUPPORTED(int, plat_file_unmap, struct plat_file *);
UNSUPPORTED(int, plat_file_data, struct plat_file *, uint64_t, uint64_t, uint64_t *,
	    uint64_t *);
UNSUPPORTED(int, plat_file_slurp, struct plat_file *, size_t, struct buf *);
NOTHING_TO_CLOSE(struct plat_file, plat_file_close, struct plat_file *);
