/* SPDX-License-Identifier: MIT */
#include "made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "scratch.h"

bool made_copy(const char *name, const char *to)
{
	_cleanup_free_ char *from = mem_printf("%s/%s", IMGSAN_MADE, name);
	_cleanup_(buf_free) struct buf bytes = {0};
	struct plat_file *file;
	if (plat_file_open(from, &file) < 0)
		return false;
	assert_int_equal(plat_file_slurp(file, 16 << 20, &bytes), 0);
	plat_file_close(file);
	scratch_put_bytes(to, buf_text(&bytes), bytes.len);
	return true;
}
