/* SPDX-License-Identifier: MIT */
/* Stands in for platform/windows/system in unit tests: it plays what a test sets, writes
 * down what is changed, and fails the test at arguments that the documentation of the calls
 * below does not allow. */
#pragma once

#include "base/buf.h"
#include "windows/system/system.h"

struct double_log {
	struct sys_log log;
	uint32_t clear, disable, enable; /* errors */
};

struct system_double {
	struct double_log *logs;
	size_t log_count;
	uint32_t logs_end; /* how the list of them ends */
	struct buf calls;  /* "clear System;" and so on, in order */
};

extern struct system_double double_is;

/* Teardown of a test: all as at the start. */
int double_reset(void **state);
