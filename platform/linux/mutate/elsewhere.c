/* SPDX-License-Identifier: MIT */
/* All that Linux keeps lies in files. */
#include <errno.h>

#include "mutate.h"

int plat_value_remove(const char *key, const char *name)
{
	(void)key, (void)name;
	return -ENOSYS;
}

int plat_value_set(const char *key, const char *name, uint32_t type, const void *data,
		   size_t len)
{
	(void)key, (void)name, (void)type, (void)data, (void)len;
	return -ENOSYS;
}

int plat_key_remove(const char *key)
{
	(void)key;
	return -ENOSYS;
}

int plat_hive_borrow(const char *key, char **ret_key)
{
	(void)key, (void)ret_key;
	return -ENOSYS;
}

int plat_registry_settle(void)
{
	return 0;
}

int plat_object_empty(const char *place, char **ret_why)
{
	(void)place, (void)ret_why;
	return -ENOSYS;
}

int plat_object_remove(const char *place, char **ret_why)
{
	(void)place, (void)ret_why;
	return -ENOSYS;
}

int plat_object_disable(const char *place, char **ret_why)
{
	(void)place, (void)ret_why;
	return -ENOSYS;
}
