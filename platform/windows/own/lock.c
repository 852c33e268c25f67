/* SPDX-License-Identifier: MIT */
#include "../look/unsupported.h"
#include "platform.h"

UNSUPPORTED(int, plat_lock_take, struct plat_dir *, struct plat_lock **);
NOTHING_TO_CLOSE(struct plat_lock, plat_lock_drop, struct plat_lock *);
