/* SPDX-License-Identifier: MIT */
/* The channels of the Windows Event Log ("Windows Event Log Functions", winevt.h). */
#include <stdlib.h>

#include <windows.h>

#include <userenv.h>
#include <winevt.h>

#include "../look/names.h"
#include "../look/paths.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "call.h"
#include "system.h"

/* wevtapi.dll, as far as it is used. */
static struct {
	EVT_HANDLE(WINAPI *open_enum)(EVT_HANDLE, DWORD);
	BOOL(WINAPI *next)(EVT_HANDLE, DWORD, LPWSTR, PDWORD);
	EVT_HANDLE(WINAPI *open_config)(EVT_HANDLE, LPCWSTR, DWORD);
	BOOL(WINAPI *get)
	(EVT_HANDLE, EVT_CHANNEL_CONFIG_PROPERTY_ID, DWORD, DWORD, PEVT_VARIANT, PDWORD);
	BOOL(WINAPI *set)(EVT_HANDLE, EVT_CHANNEL_CONFIG_PROPERTY_ID, DWORD, PEVT_VARIANT);
	BOOL(WINAPI *save)(EVT_HANDLE, DWORD);
	EVT_HANDLE(WINAPI *open_log)(EVT_HANDLE, LPCWSTR, DWORD);
	BOOL(WINAPI *log_info)
	(EVT_HANDLE, EVT_LOG_PROPERTY_ID, DWORD, PEVT_VARIANT, PDWORD);
	BOOL(WINAPI *clear)(EVT_HANDLE, LPCWSTR, LPCWSTR, DWORD);
	BOOL(WINAPI *close)(EVT_HANDLE);
} evt;

static const char *const evt_names[] = {
	"EvtOpenChannelEnum",
	"EvtNextChannelPath",
	"EvtOpenChannelConfig",
	"EvtGetChannelConfigProperty",
	"EvtSetChannelConfigProperty",
	"EvtSaveChannelConfig",
	"EvtOpenLog",
	"EvtGetLogInfo",
	"EvtClearLog",
	"EvtClose",
};

static DWORD evt_load(void)
{
	static DWORD error;
	if (!evt.close)
		error = call_load(L"wevtapi.dll", evt_names,
				  sizeof evt_names / sizeof *evt_names, &evt);
	return error;
}

static void evt_close(const EVT_HANDLE *handle)
{
	if (*handle)
		evt.close(*handle);
}

/* A property; the caller frees it, a text is inside (EvtGetChannelConfigProperty: without
 * room it says how much it wants). NULL with the error set. */
static EVT_VARIANT *property(EVT_HANDLE config, EVT_CHANNEL_CONFIG_PROPERTY_ID which,
			     DWORD type, DWORD *error)
{
	DWORD bytes = sizeof(EVT_VARIANT);
	for (int tries = 0; tries < 4; tries++) {
		DWORD used = 0;
		EVT_VARIANT *value = mem_alloc(bytes);
		bool good = evt.get(config, which, 0, bytes, value, &used);
		*error = good ? ERROR_SUCCESS : call_error();
		if (good && (value->Type & EVT_VARIANT_TYPE_MASK) == type)
			return value;
		free(value);
		if (*error != ERROR_INSUFFICIENT_BUFFER)
			break;
		bytes = used > bytes ? used : bytes * 2;
	}
	return NULL; /* of another type, or null: not known */
}

/* The same, with the error in the log's record. */
static EVT_VARIANT *setting(EVT_HANDLE config, EVT_CHANNEL_CONFIG_PROPERTY_ID which, DWORD type,
			    struct sys_log *log)
{
	DWORD error;
	EVT_VARIANT *value = property(config, which, type, &error);
	if (error)
		log->error = error;
	return value;
}

/* One that is true or false; false when it is not known. */
static bool flag(EVT_HANDLE config, EVT_CHANNEL_CONFIG_PROPERTY_ID which, struct sys_log *log)
{
	_cleanup_free_ EVT_VARIANT *value = setting(config, which, EvtVarTypeBoolean, log);
	return value && value->BooleanVal;
}

/* "%SystemRoot%\System32\Winevt\Logs\Application.evtx": without a token it is the system's
 * own variables that are put in (ExpandEnvironmentStringsForUserW). */
static void file_add(EVT_HANDLE config, struct sys_log *log, struct buf *out)
{
	enum { ROOM = 32768 };
	_cleanup_free_ EVT_VARIANT *value = setting(config, EvtChannelLoggingConfigLogFilePath,
						    EvtVarTypeString, log);
	_cleanup_free_ wchar_t *path = mem_alloc(ROOM * sizeof *path);
	if (value && value->StringVal &&
	    ExpandEnvironmentStringsForUserW(NULL, value->StringVal, path, ROOM))
		(void)path_to_guest(path, wcslen(path), path_system_drive(), out);
}

static void config_look(const wchar_t *name, struct sys_log *log, struct buf *file)
{
	_cleanup_(evt_close) EVT_HANDLE config = evt.open_config(NULL, name, 0);
	if (!config) {
		log->error = call_error();
		return;
	}
	_cleanup_free_ EVT_VARIANT *type = setting(config, EvtChannelConfigType,
						   EvtVarTypeUInt32, log);
	log->direct = type && (type->UInt32Val == EvtChannelTypeAnalytic ||
			       type->UInt32Val == EvtChannelTypeDebug);
	log->enabled = flag(config, EvtChannelConfigEnabled, log);
	file_add(config, log, file);
}

/* A channel that was never written to has no file. */
static bool is_unborn(DWORD error)
{
	return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
}

static void records_look(const wchar_t *name, struct sys_log *log)
{
	EVT_VARIANT value = {0};
	DWORD used = 0;
	_cleanup_(evt_close) EVT_HANDLE handle = evt.open_log(NULL, name, EvtOpenChannelPath);
	bool good = handle &&
		    evt.log_info(handle, EvtLogNumberOfLogRecords, sizeof value, &value, &used);
	DWORD error = good ? ERROR_SUCCESS : call_error();
	log->counted = is_unborn(error) ||
		       (good && (value.Type & EVT_VARIANT_TYPE_MASK) == EvtVarTypeUInt64);
	if (good && log->counted)
		log->records = value.UInt64Val;
}

static void log_tell(const wchar_t *name, size_t units, sys_log_tell *tell, void *context)
{
	_cleanup_(buf_free) struct buf text = {0}, file = {0};
	struct sys_log log = {0};
	name_from_wide(name, units, &text);
	config_look(name, &log, &file);
	records_look(name, &log);
	log.name = buf_text(&text);
	log.file = buf_text(&file);
	tell(&log, context);
}

/* EvtNextChannelPath, until it says ERROR_NO_MORE_ITEMS: sizes are in characters, with the
 * zero behind. */
uint32_t sys_logs(sys_log_tell *tell, void *context)
{
	DWORD error = evt_load(), room = 256;
	if (error)
		return error;
	_cleanup_(evt_close) EVT_HANDLE list = evt.open_enum(NULL, 0);
	if (!list)
		return call_error();
	_cleanup_free_ wchar_t *name = mem_alloc(room * sizeof *name);
	for (;;) {
		DWORD used = 0;
		error = evt.next(list, room, name, &used) ? ERROR_SUCCESS : call_error();
		if (error == ERROR_INSUFFICIENT_BUFFER && used > room) {
			free(name);
			room = used;
			name = mem_alloc(room * sizeof *name);
		} else if (error) {
			return error == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : error;
		} else {
			log_tell(name, wcsnlen(name, room), tell, context);
		}
	}
}

/* EvtClearLog: without a target file the events are not saved; flags are reserved. */
uint32_t sys_act_log_clear(const char *name)
{
	size_t units;
	_cleanup_free_ wchar_t *wide = name_to_wide(name, &units);
	DWORD error = wide ? evt_load() : ERROR_EVT_INVALID_CHANNEL_PATH;
	if (error)
		return error;
	return evt.clear(NULL, wide, NULL, 0) ? ERROR_SUCCESS : call_error();
}

/* EvtSetChannelConfigProperty changes only the copy that EvtSaveChannelConfig then saves. */
uint32_t sys_act_log_enable(const char *name, bool enabled)
{
	size_t units;
	EVT_VARIANT value = {.BooleanVal = enabled, .Type = EvtVarTypeBoolean};
	_cleanup_free_ wchar_t *wide = name_to_wide(name, &units);
	DWORD error = wide ? evt_load() : ERROR_EVT_INVALID_CHANNEL_PATH;
	if (error)
		return error;
	_cleanup_(evt_close) EVT_HANDLE config = evt.open_config(NULL, wide, 0);
	if (!config || !evt.set(config, EvtChannelConfigEnabled, 0, &value) ||
	    !evt.save(config, 0))
		return call_error();
	return ERROR_SUCCESS;
}
