/* SPDX-License-Identifier: MIT */
/* Emptying an event log. An analytic or debug channel that is enabled refuses that
 * (ERROR_EVT_INVALID_OPERATION_OVER_ENABLED_DIRECT_CHANNEL): it is disabled, emptied, and
 * enabled again, whatever became of it in between. */
#include <windows.h>

#include <winevt.h>

#include "../system/system.h"
#include "objects.h"

static int clear_direct(const char *name, char **ret_why)
{
	uint32_t error = sys_act_log_enable(name, false);
	if (error)
		return object_result(error, "the channel could not be disabled to clear it",
				     ret_why);
	uint32_t cleared = sys_act_log_clear(name);
	error = sys_act_log_enable(name, true);
	if (error && !cleared)
		return object_result(
			error, "cleared, but the channel could not be enabled again", ret_why);
	if (error)
		return object_result(error,
				     "not cleared, and the channel could not be enabled again",
				     ret_why);
	return object_result(cleared, "the log could not be cleared", ret_why);
}

int eventlog_empty(const char *name, char **ret_why)
{
	uint32_t error = sys_act_log_clear(name);
	if (error == ERROR_EVT_INVALID_OPERATION_OVER_ENABLED_DIRECT_CHANNEL)
		return clear_direct(name, ret_why);
	return object_result(error, "the log could not be cleared", ret_why);
}
