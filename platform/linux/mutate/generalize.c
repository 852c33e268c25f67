/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "mutate.h"

int plat_generalize_start(const char *answer_file, struct plat_generalizing **ret,
			  char **ret_line)
{
	(void)answer_file;
	(void)ret;
	(void)ret_line;
	return -ENOSYS;
}

int plat_generalize_wait(struct plat_generalizing *run, unsigned timeout_ms, uint32_t *ret_exit)
{
	(void)run;
	(void)timeout_ms;
	(void)ret_exit;
	return -ENOSYS;
}

struct plat_generalizing *plat_generalize_end(struct plat_generalizing *run)
{
	(void)run;
	return NULL;
}

int plat_power_off(unsigned seconds)
{
	(void)seconds;
	return -ENOSYS;
}
