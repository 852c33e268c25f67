/* SPDX-License-Identifier: MIT */
/* One line on the terminal for whatever takes longer than a second. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "engine.h"

/* For engine_options.progress; draws on standard error, which has to be a terminal. */
void progress_show(const struct engine_progress *progress, void *context);
void progress_erase(void);

/* The line alone, for `elapsed_ms` since the stage began. */
void progress_line(const struct engine_progress *progress, uint64_t elapsed_ms,
		   struct buf *out);

#endif
