/* SPDX-License-Identifier: MIT */
/* Reading the registry of the running system. Nothing is loaded for it: a profile that is
 * not in use has its hive in a file, and is read from there. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "errors.h"
#include "handles.h"
#include "keys.h"
#include "platform.h"

#define READ (KEY_QUERY_VALUE | KEY_ENUMERATE_SUB_KEYS)

struct plat_key {
	HANDLE handle;
	ULONG next_key, next_value;
	struct buf name, room; /* of what was told last */
};

static int wrap(int r, HANDLE handle, struct plat_key **ret)
{
	if (r < 0)
		return r;
	*ret = mem_alloc(sizeof **ret);
	(*ret)->handle = handle;
	return 0;
}

int plat_key_open(const char *path, struct plat_key **ret)
{
	HANDLE handle;
	int r = key_open(path, READ, &handle);
	return wrap(r, handle, ret);
}

int plat_key_open_at(struct plat_key *parent, const char *name, struct plat_key **ret)
{
	_cleanup_(key_name_free) UNICODE_STRING wide = {0};
	HANDLE handle;
	bool link;
	int r = !*name || strchr(name, '\\') ? -EINVAL : key_name_to_wide(name, &wide);
	if (!r)
		r = key_open_below(parent->handle, &wide, READ, &handle, &link);
	if (!r && link) {
		NtClose(handle);
		r = -ELOOP;
	}
	return wrap(r, handle, ret);
}

int plat_key_next(struct plat_key *key, const char **ret_name)
{
	int r = key_query_subkey(key->handle, key->next_key, &key->room);
	if (r < 0)
		return r == -ENODATA ? 0 : r;
	const struct native_key *found = (const void *)key->room.data;
	key->next_key++;
	buf_cut(&key->name, 0);
	key_name_from_wide(found->name, found->name_bytes, &key->name);
	*ret_name = buf_text(&key->name);
	return 1;
}

static void tell(struct plat_key *key, struct plat_value *ret)
{
	const struct native_value *found = (const void *)key->room.data;
	buf_cut(&key->name, 0);
	key_name_from_wide(found->name, found->name_bytes, &key->name);
	*ret = (struct plat_value){
		.name = buf_text(&key->name),
		.type = found->type,
		.data = (const uint8_t *)key->room.data + found->data_at,
		.len = found->data_bytes,
	};
}

int plat_key_next_value(struct plat_key *key, struct plat_value *ret)
{
	int r = key_query_value_at(key->handle, key->next_value, &key->room);
	if (r < 0)
		return r == -ENODATA ? 0 : r;
	key->next_value++;
	tell(key, ret);
	return 1;
}

int plat_key_value(struct plat_key *key, const char *name, struct plat_value *ret)
{
	_cleanup_(key_name_free) UNICODE_STRING wide = {0};
	int r = key_name_to_wide(name, &wide);
	if (!r)
		r = key_query_value(key->handle, &wide, &key->room);
	if (!r)
		tell(key, ret);
	return r;
}

static NTSTATUS ask_basic(HANDLE key, const void *nothing, void *room, ULONG size,
			  ULONG *ret_size)
{
	(void)nothing;
	return NtQueryKey(key, OURS_KEY_BASIC, room, size, ret_size);
}

int plat_key_written(struct plat_key *key, int64_t *ret)
{
	int r = key_query(key->handle, ask_basic, NULL, &key->room);
	if (!r)
		*ret = handle_time(
			((const struct native_key *)(void *)key->room.data)->written);
	return r;
}

struct plat_key *plat_key_close(struct plat_key *key)
{
	if (!key)
		return NULL;
	NtClose(key->handle);
	buf_free(&key->name);
	buf_wipe(&key->room); /* values may be secrets */
	free(key);
	return NULL;
}
