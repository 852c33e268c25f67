/* SPDX-License-Identifier: MIT */
#include "../look/unsupported.h"
#include "platform.h"

UNSUPPORTED(int, plat_lock_take, struct plat_dir *, struct plat_lock **);

void plat_cleaned_mark(struct plat_dir *root)
{
	(void)root;
}

bool plat_cleaned_since_boot(struct plat_dir *root)
{
	(void)root;
	return false;
}

NOTHING_TO_CLOSE(struct plat_lock, plat_lock_drop, struct plat_lock *);
