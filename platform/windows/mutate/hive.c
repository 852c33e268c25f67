/* SPDX-License-Identifier: MIT */
/* hive:SID: the part of a user's registry that a run of ours borrowed and, because it was
 * killed, did not give back. To remove it is to unload it; nothing of it is lost. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "hives.h"
#include "objects.h"

int hive_give_back(const char *name, char **ret_why)
{
	_cleanup_free_ char *hive = mem_printf("HKU\\imgsan-%s", name);
	int r = strchr(name, '\\') ? -EINVAL : hives_give_back(hive);
	if (r == -EBUSY)
		*ret_why = mem_strdup("could not be unloaded, a program has a key of it open; "
				      "end it, or start Windows again");
	return r;
}
