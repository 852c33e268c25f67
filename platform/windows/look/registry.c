/* SPDX-License-Identifier: MIT */
/* Not there yet: every call says so. */
#include <errno.h>

#include "platform.h"

int plat_key_open(const char *path, struct plat_key **ret)
{
	(void)path, (void)ret;
	return -ENOSYS;
}

int plat_key_open_at(struct plat_key *parent, const char *name, struct plat_key **ret)
{
	(void)parent, (void)name, (void)ret;
	return -ENOSYS;
}

int plat_key_next(struct plat_key *key, const char **ret_name)
{
	(void)key, (void)ret_name;
	return -ENOSYS;
}

int plat_key_next_value(struct plat_key *key, struct plat_value *ret)
{
	(void)key, (void)ret;
	return -ENOSYS;
}

int plat_key_value(struct plat_key *key, const char *name, struct plat_value *ret)
{
	(void)key, (void)name, (void)ret;
	return -ENOSYS;
}

int plat_key_written(struct plat_key *key, int64_t *ret)
{
	(void)key, (void)ret;
	return -ENOSYS;
}

struct plat_key *plat_key_close(struct plat_key *key)
{
	(void)key;
	return NULL;
}
