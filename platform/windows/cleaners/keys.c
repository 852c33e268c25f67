/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <errno.h>
#include <string.h>

#include <windows.h>

#include "../look/names.h"

static int value_of(const char *key, const char *name, struct plat_key **ret_key,
		    struct plat_value *ret)
{
	int r = plat_key_open(key, ret_key);
	if (r < 0)
		return r;
	r = plat_key_value(*ret_key, name, ret);
	if (r < 0)
		plat_key_close(*ret_key);
	return r;
}

char *keys_text(const char *key, const char *name)
{
	struct plat_key *open;
	struct plat_value value;
	struct buf text = {0};
	if (value_of(key, name, &open, &value) < 0)
		return NULL;
	if (value.type == REG_SZ || value.type == REG_EXPAND_SZ) {
		const wchar_t *wide = (const void *)value.data;
		size_t units = value.len / sizeof *wide;
		name_from_wide(wide, wcsnlen(wide, units), &text);
		buf_puts(&text, "");
	}
	plat_key_close(open);
	return text.data;
}

bool keys_number(const char *key, const char *name, uint32_t *ret)
{
	struct plat_key *open;
	struct plat_value value;
	if (value_of(key, name, &open, &value) < 0)
		return false;
	bool is = value.type == REG_DWORD && value.len == sizeof *ret;
	if (is)
		memcpy(ret, value.data, sizeof *ret);
	plat_key_close(open);
	return is;
}

bool keys_has(const char *key)
{
	struct plat_key *open;
	int r = plat_key_open(key, &open);
	if (!r)
		plat_key_close(open);
	return !r;
}

int keys_each(const char *key, keys_tell *tell, void *context)
{
	struct plat_key *open;
	const char *name;
	int r = plat_key_open(key, &open);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	while ((r = plat_key_next(open, &name)) > 0)
		if ((r = tell(name, context)))
			break;
	plat_key_close(open);
	return r;
}

void keys_say(struct plan *plan, enum finding_kind kind, const char *path, char *text)
{
	struct finding *finding = plan_add_finding(plan, kind, NULL, path);
	finding->text = text;
}
