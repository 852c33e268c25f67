/* SPDX-License-Identifier: MIT */
/* A whole file, by what each system has for a part of it. */
#include <errno.h>

#include "base/cleanup.h"
#include "platform.h"

int plat_file_slurp(struct plat_file *file, size_t most, struct buf *ret)
{
	enum { FIRST = 4000, MORE = 65536 }; /* most are small, and all is wiped */
	_cleanup_(buf_wipe) struct buf all = {0};
	for (;;) {
		size_t piece = all.len ? MORE : FIRST;
		char *room = buf_reserve(&all, piece);
		int64_t n = plat_file_read(file, room, piece, all.len);
		if (n < 0)
			return (int)n;
		if (!n)
			break;
		all.len += (size_t)n;
		if (all.len > most)
			return -EFBIG;
	}
	buf_add(ret, all.data, all.len);
	return 0;
}
