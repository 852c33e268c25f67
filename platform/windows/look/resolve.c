/* SPDX-License-Identifier: MIT */
#include "unsupported.h"
#include "platform.h"

UNSUPPORTED(int, plat_parent_open, struct plat_dir *, const char *, struct plat_dir **,
	    const char **);
