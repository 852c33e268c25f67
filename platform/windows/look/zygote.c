/* SPDX-License-Identifier: MIT */
#include "unsupported.h"
#include "platform.h"

UNSUPPORTED(int, plat_zygote_start, plat_worker_prepare *, plat_worker_main *, void *,
	    const struct plat_worker_limits *, struct plat_zygote **);
UNSUPPORTED(int, plat_zygote_await, struct plat_zygote *);
UNSUPPORTED(int, plat_worker_ask, struct plat_zygote *, struct plat_channel **);
UNSUPPORTED(int, plat_worker_await, struct plat_channel *, unsigned *);
UNSUPPORTED(int, plat_worker_start, struct plat_zygote *, struct plat_channel **, unsigned *);
NOTHING_TO_CLOSE(struct plat_zygote, plat_zygote_stop, struct plat_zygote *);
NOTHING_TO_CLOSE(struct plat_channel, plat_worker_end, struct plat_channel *, bool);
