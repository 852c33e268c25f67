/* SPDX-License-Identifier: MIT */
#include "../look/unsupported.h"
#include "platform.h"

UNSUPPORTED(int, plat_trusted_read, const char *, size_t, struct buf *);
