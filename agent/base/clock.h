/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds of a clock that only goes forward. */
uint64_t clock_ms(void);
uint64_t clock_ns(void); /* nanoseconds of the same */

/* Now in UTC as YYYY-MM-DDTHH:MM:SSZ. */
const char *clock_stamp(char out[24]);

#endif
