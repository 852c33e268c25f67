/* SPDX-License-Identifier: MIT */
#include "system_double.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <windows.h>

#include <cmocka.h>

struct system_double double_is;

int double_reset(void **state)
{
	(void)state;
	buf_free(&double_is.calls);
	double_is = (struct system_double){0};
	return 0;
}

/* ---- event logs ---- */

uint32_t sys_logs(sys_log_tell *tell, void *context)
{
	for (size_t i = 0; i < double_is.log_count; i++)
		tell(&double_is.logs[i].log, context);
	return double_is.logs_end;
}

static struct double_log *log_named(const char *name)
{
	assert_true(name && *name);
	for (size_t i = 0; i < double_is.log_count; i++)
		if (strcmp(double_is.logs[i].log.name, name) == 0)
			return &double_is.logs[i];
	return NULL;
}

uint32_t sys_act_log_clear(const char *name)
{
	struct double_log *log = log_named(name);
	buf_printf(&double_is.calls, "clear %s;", name);
	if (!log)
		return ERROR_EVT_CHANNEL_NOT_FOUND;
	if (log->log.direct && log->log.enabled)
		return ERROR_EVT_INVALID_OPERATION_OVER_ENABLED_DIRECT_CHANNEL;
	if (!log->clear)
		log->log.records = 0;
	return log->clear;
}

/* EVT_CHANNEL_CONFIG_PROPERTY_ID: EvtChannelConfigEnabled of these can not be set. */
uint32_t sys_act_log_enable(const char *name, bool enabled)
{
	struct double_log *log = log_named(name);
	buf_printf(&double_is.calls, "%s %s;", enabled ? "enable" : "disable", name);
	if (strcmp(name, "Application") == 0 || strcmp(name, "System") == 0 ||
	    strcmp(name, "Security") == 0)
		fail_msg("%s can not be switched", name);
	if (!log)
		return ERROR_EVT_CHANNEL_NOT_FOUND;
	uint32_t error = enabled ? log->enable : log->disable;
	if (!error)
		log->log.enabled = enabled;
	return error;
}
