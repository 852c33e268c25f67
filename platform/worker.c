/* SPDX-License-Identifier: MIT */
/* The start of a worker in one step, by the two that each system has. */
#include "platform.h"

int plat_worker_start(struct plat_zygote *zygote, struct plat_channel **ret,
		      unsigned *ret_guards)
{
	struct plat_channel *channel;
	int error = plat_worker_ask(zygote, &channel);
	if (error)
		return error;
	error = plat_worker_await(channel, ret_guards);
	if (error)
		plat_worker_end(channel, true);
	else
		*ret = channel;
	return error;
}
