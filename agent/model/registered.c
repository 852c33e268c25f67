/* SPDX-License-Identifier: MIT */
#include "model/registered.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "model/realm.h"

static int look_at(struct plat_key *key, const char *name, struct plat_info *ret)
{
	struct plat_info info = {.kind = name ? PLAT_FILE : PLAT_DIR};
	struct plat_value value;
	int r = plat_key_written(key, &info.mtime);
	if (!r && name) {
		r = plat_key_value(key, name, &value);
		info.size = r < 0 ? 0 : value.len;
	}
	if (!r)
		*ret = info;
	return r;
}

int registered_look(const char *path, struct plat_info *ret)
{
	size_t len;
	const char *name = realm_value(path, &len);
	_cleanup_free_ char *place = mem_strndup(path, len);
	struct plat_key *key;
	int r = plat_key_open(place, &key);
	if (r == -ELOOP && !name) {
		*ret = (struct plat_info){.kind = PLAT_SYMLINK};
		return 0;
	}
	if (r < 0)
		return r;
	r = look_at(key, name, ret);
	plat_key_close(key);
	return r;
}
