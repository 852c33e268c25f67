/* SPDX-License-Identifier: MIT */
#include "unsupported.h"
#include "platform.h"

UNSUPPORTED(int, plat_volume_open, const char *, bool, struct plat_dir **, bool *);

uint64_t plat_used_bytes(struct plat_dir *dir)
{
	(void)dir;
	return 0;
}
