/* SPDX-License-Identifier: MIT */
/* No Linux is generalized by a program of its own: cleaners do what there is to do. */
#include <errno.h>

#include "platform.h"

int plat_generalize_facts(plat_fact_tell *tell, void *context)
{
	(void)tell;
	(void)context;
	return -ENOSYS;
}

int plat_generalize_place(struct buf *ret_folder, const char **ret_architecture)
{
	(void)ret_folder;
	(void)ret_architecture;
	return -ENOSYS;
}

int plat_generalize_state(struct buf *ret)
{
	(void)ret;
	return -ENOSYS;
}
