/* SPDX-License-Identifier: MIT */
#include "unsupported.h"
#include "platform.h"

UNSUPPORTED(int, plat_send, struct plat_channel *, const void *, size_t,
	    struct plat_file *const *, size_t);
UNSUPPORTED(int64_t, plat_receive, struct plat_channel *, void *, size_t, struct plat_file **,
	    size_t *);
UNSUPPORTED(int, plat_wait, struct plat_channel *const *, size_t, int);
