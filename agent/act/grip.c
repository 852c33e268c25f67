/* SPDX-License-Identifier: MIT */
#include "act/grip.h"

#include <errno.h>

int grip_thaw(struct plat_dir *dir, const char *name, const struct plat_info *planned,
	      struct grip *ret)
{
	struct grip grip = {0};
	int r = plat_file_open_at(dir, name, &grip.handle);
	if (r < 0)
		return r;
	r = plat_file_info(grip.handle, &grip.info);
	if (!r && !plat_same(grip.info.id, planned->id))
		r = -ECANCELED;
	if (!r)
		r = plat_file_thaw(grip.handle, &grip.flags);
	if (r < 0) {
		plat_file_close(grip.handle);
		return r;
	}
	grip.frozen = r > 0;
	*ret = grip;
	return r;
}

int grip_take(struct plat_dir *dir, const char *name, const struct plat_info *planned,
	      struct grip *ret)
{
	struct grip grip;
	struct plat_info now;
	int r = grip_thaw(dir, name, planned, &grip);
	if (r < 0)
		return r;
	r = plat_file_open_write(dir, name, &grip.file);
	if (!r)
		r = plat_file_info(grip.file, &now);
	if (!r && !plat_same(now.id, planned->id))
		r = -ECANCELED;
	if (r < 0) {
		grip_drop(&grip);
		return r;
	}
	*ret = grip;
	return 0;
}

void grip_drop(struct grip *grip)
{
	grip->file = plat_file_close(grip->file);
	if (grip->frozen)
		(void)plat_file_freeze(grip->handle, grip->flags);
	grip->handle = plat_file_close(grip->handle);
}
