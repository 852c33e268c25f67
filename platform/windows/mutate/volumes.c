/* SPDX-License-Identifier: MIT */
/* Shadow copies, change journals, and what of the memory lies on the disk. */
#include <errno.h>

#include "../system/system.h"
#include "base/ascii.h"
#include "objects.h"

int shadow_remove(const char *id, char **ret_why)
{
	return object_result(sys_act_shadow_remove(id), "the shadow copy could not be removed",
			     ret_why);
}

/* "C:" */
int journal_remove(const char *drive, char **ret_why)
{
	if (!ascii_is_letter((uint8_t)drive[0]) || drive[1] != ':' || drive[2])
		return -EINVAL;
	return object_result(sys_act_journal_remove(drive[0]),
			     "the change journal could not be removed", ret_why);
}

int hibernation_disable(const char *name, char **ret_why)
{
	(void)name;
	return object_result(sys_act_hibernation_off(), "hibernation could not be turned off",
			     ret_why);
}

int page_files_empty(const char *name, char **ret_why)
{
	(void)name;
	return object_result(sys_act_page_files_clear(),
			     "that page files are overwritten could not be set", ret_why);
}
