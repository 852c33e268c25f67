/* SPDX-License-Identifier: MIT */
#include "../look/unsupported.h"
#include "platform.h"

UNSUPPORTED(int, plat_out_write, const char *, const void *, size_t);
