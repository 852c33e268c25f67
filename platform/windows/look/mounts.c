/* SPDX-License-Identifier: MIT */
#include "unsupported.h"
#include "platform.h"

UNSUPPORTED(int, plat_mounts, const char *, struct plat_mount **, size_t *);

/* plat_mounts never gives a list yet. */
void plat_mounts_free(struct plat_mount *mounts, size_t count)
{
	(void)mounts;
	(void)count;
}
