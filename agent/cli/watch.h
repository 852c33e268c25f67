/* SPDX-License-Identifier: MIT */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdint.h>

/* From now on stop_asked also knows when the deadline (in seconds, 0: none) has
 * passed and when the process that started us is gone. */
void watch_start(uint64_t deadline);

#endif
