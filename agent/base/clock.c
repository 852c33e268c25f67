/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <time.h>

uint64_t clock_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t clock_ms(void)
{
	return clock_ns() / 1000000;
}

const char *clock_stamp(char out[24])
{
	time_t now = time(NULL);
	struct tm parts = *gmtime(&now);
	strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &parts);
	return out;
}
