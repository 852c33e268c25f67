/* SPDX-License-Identifier: MIT */
/* Stands in for wevtapi.dll, by C:\stand-in\wevtapi.txt:
 *
 *     channel|NAME|TYPE|ENABLED|EVENTS|FILE
 *
 * TYPE as in EVT_CHANNEL_TYPE. What fails is about a channel, EvtSaveChannelConfig about "on
 * NAME" or "off NAME", EvtGetChannelConfigProperty about "file NAME" and the like;
 * EvtOpenChannelEnum and EvtNextChannelPath are counted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <winevt.h>

#include "script.h"

enum { NAME = 1, TYPE, ENABLED, EVENTS, LOG_FILE };
enum kind { LIST = 0x4c495354, CHANNEL_CONFIG, LOG };

struct object {
	enum kind kind;
	int at; /* of a list */
	char name[TEXT];
	BOOL enabled; /* of a configuration: what was set and is not saved */
};

static struct script script = {.name = "wevtapi"};
static int open_objects;

static EVT_HANDLE make(enum kind kind, const char *name)
{
	struct object *object = calloc(1, sizeof *object);
	object->kind = kind;
	snprintf(object->name, TEXT, "%s", name);
	open_objects++;
	return object;
}

/* NULL with the error set: there is none, or the call is refused for it. */
static struct row *channel(const char *call, const WCHAR *name)
{
	char text[TEXT];
	script_narrow(name, text);
	if (script_refuses(&script, call, text))
		return NULL;
	struct row *row = script_row(&script, "channel", text);
	if (!row)
		SetLastError(ERROR_EVT_CHANNEL_NOT_FOUND);
	return row;
}

static BOOL fail(DWORD error)
{
	SetLastError(error);
	return FALSE;
}

EVT_HANDLE WINAPI EvtOpenChannelEnum(EVT_HANDLE session, DWORD flags)
{
	if (session || flags)
		return script_wrong("EvtOpenChannelEnum: a session or flags"), NULL;
	return script_refuses(&script, "EvtOpenChannelEnum", NULL) ? NULL : make(LIST, "");
}

static const struct row *channel_number(int number)
{
	for (int i = 0; i < script.count; i++)
		if (strcmp(script.rows[i].field[0], "channel") == 0 && number-- == 0)
			return &script.rows[i];
	return NULL;
}

BOOL WINAPI EvtNextChannelPath(EVT_HANDLE handle, DWORD room, LPWSTR out, PDWORD used)
{
	struct object *list = handle;
	WCHAR wide[TEXT];
	if (!list || list->kind != LIST || !used || (room && !out))
		return script_wrong("EvtNextChannelPath"), FALSE;
	*used = 2 * room; /* where ERROR_INSUFFICIENT_BUFFER is played */
	if (script_refuses(&script, "EvtNextChannelPath", NULL))
		return FALSE;
	const struct row *row = channel_number(list->at);
	if (!row)
		return fail(ERROR_NO_MORE_ITEMS);
	script_wide(row->field[NAME], wide);
	*used = (DWORD)wcslen(wide) + 1;
	if (room < *used)
		return fail(ERROR_INSUFFICIENT_BUFFER);
	wcscpy(out, wide);
	list->at++;
	return TRUE;
}

EVT_HANDLE WINAPI EvtOpenChannelConfig(EVT_HANDLE session, LPCWSTR name, DWORD flags)
{
	if (session || flags || !name)
		return script_wrong("EvtOpenChannelConfig"), NULL;
	const struct row *row = channel("EvtOpenChannelConfig", name);
	if (!row)
		return NULL;
	struct object *object = make(CHANNEL_CONFIG, row->field[NAME]);
	object->enabled = script_number(row, ENABLED) != 0;
	return object;
}

static BOOL give_text(const char *text, DWORD room, PEVT_VARIANT out, PDWORD used)
{
	WCHAR wide[TEXT];
	script_wide(text, wide);
	size_t bytes = (wcslen(wide) + 1) * sizeof *wide;
	*used = (DWORD)(sizeof *out + bytes);
	if (room < *used)
		return fail(ERROR_INSUFFICIENT_BUFFER);
	memcpy(out + 1, wide, bytes);
	out->StringVal = (LPCWSTR)(out + 1);
	out->Type = EvtVarTypeString;
	return TRUE;
}

static bool get_refused(EVT_CHANNEL_CONFIG_PROPERTY_ID which, const char *name)
{
	char who[TEXT + 16];
	snprintf(who, sizeof who, "%s %s",
		 which == EvtChannelConfigType	    ? "type"
		 : which == EvtChannelConfigEnabled ? "enabled"
						    : "file",
		 name);
	return script_refuses(&script, "EvtGetChannelConfigProperty", who);
}

BOOL WINAPI EvtGetChannelConfigProperty(EVT_HANDLE handle, EVT_CHANNEL_CONFIG_PROPERTY_ID which,
					DWORD flags, DWORD room, PEVT_VARIANT out, PDWORD used)
{
	const struct object *object = handle;
	if (!object || object->kind != CHANNEL_CONFIG || flags || !used || !out)
		return script_wrong("EvtGetChannelConfigProperty"), FALSE;
	if (get_refused(which, object->name))
		return FALSE;
	const struct row *row = script_row(&script, "channel", object->name);
	if (which == EvtChannelLoggingConfigLogFilePath)
		return give_text(row->field[LOG_FILE], room, out, used);
	*used = sizeof *out;
	if (room < sizeof *out)
		return fail(ERROR_INSUFFICIENT_BUFFER);
	memset(out, 0, sizeof *out);
	out->Type = EvtVarTypeBoolean;
	if (which == EvtChannelConfigEnabled)
		out->BooleanVal = object->enabled;
	else if (which == EvtChannelConfigType) {
		out->UInt32Val = script_number(row, TYPE);
		out->Type = EvtVarTypeUInt32;
	} else
		return script_wrong("EvtGetChannelConfigProperty: nobody asks for that"), FALSE;
	return TRUE;
}

/* EVT_CHANNEL_CONFIG_PROPERTY_ID: that of three channels can not be set. */
static bool is_fixed(const char *name)
{
	return strcmp(name, "Application") == 0 || strcmp(name, "System") == 0 ||
	       strcmp(name, "Security") == 0;
}

BOOL WINAPI EvtSetChannelConfigProperty(EVT_HANDLE handle, EVT_CHANNEL_CONFIG_PROPERTY_ID which,
					DWORD flags, PEVT_VARIANT value)
{
	struct object *object = handle;
	if (!object || object->kind != CHANNEL_CONFIG || flags || !value ||
	    which != EvtChannelConfigEnabled || value->Type != EvtVarTypeBoolean ||
	    is_fixed(object->name))
		return script_wrong("EvtSetChannelConfigProperty"), FALSE;
	if (script_refuses(&script, "EvtSetChannelConfigProperty", object->name))
		return FALSE;
	object->enabled = value->BooleanVal;
	return TRUE;
}

BOOL WINAPI EvtSaveChannelConfig(EVT_HANDLE handle, DWORD flags)
{
	const struct object *object = handle;
	char who[TEXT + 8];
	if (!object || object->kind != CHANNEL_CONFIG || flags)
		return script_wrong("EvtSaveChannelConfig"), FALSE;
	snprintf(who, sizeof who, "%s %s", object->enabled ? "on" : "off", object->name);
	if (script_refuses(&script, "EvtSaveChannelConfig", who))
		return FALSE;
	struct row *row = script_row(&script, "channel", object->name);
	script_say("enabled %s %d", object->name, object->enabled);
	script_set(row, ENABLED, (DWORD)object->enabled);
	script_write(&script);
	return TRUE;
}

EVT_HANDLE WINAPI EvtOpenLog(EVT_HANDLE session, LPCWSTR path, DWORD flags)
{
	if (session || !path || flags != EvtOpenChannelPath)
		return script_wrong("EvtOpenLog"), NULL;
	const struct row *row = channel("EvtOpenLog", path);
	return row ? make(LOG, row->field[NAME]) : NULL;
}

BOOL WINAPI EvtGetLogInfo(EVT_HANDLE handle, EVT_LOG_PROPERTY_ID which, DWORD room,
			  PEVT_VARIANT out, PDWORD used)
{
	const struct object *object = handle;
	if (!object || object->kind != LOG || which != EvtLogNumberOfLogRecords || !out ||
	    !used || room < sizeof *out)
		return script_wrong("EvtGetLogInfo"), FALSE;
	if (script_refuses(&script, "EvtGetLogInfo", object->name))
		return FALSE;
	memset(out, 0, sizeof *out);
	*used = sizeof *out;
	out->UInt64Val = script_number(script_row(&script, "channel", object->name), EVENTS);
	out->Type = EvtVarTypeUInt64;
	return TRUE;
}

/* Security tells of itself, the System log of the others. */
static void cleared(struct row *row)
{
	bool own = strcmp(row->field[NAME], "Security") == 0;
	struct row *told = own ? row : script_row(&script, "channel", "System");
	script_set(row, EVENTS, 0);
	if (told)
		script_set(told, EVENTS, script_number(told, EVENTS) + 1);
}

BOOL WINAPI EvtClearLog(EVT_HANDLE session, LPCWSTR path, LPCWSTR target, DWORD flags)
{
	char name[TEXT];
	if (session || !path || target || flags)
		return script_wrong("EvtClearLog"), FALSE;
	script_narrow(path, name);
	script_read(&script);
	struct row *row = script_row(&script, "channel", name);
	if (!row)
		return fail(ERROR_EVT_CHANNEL_NOT_FOUND);
	DWORD type = script_number(row, TYPE);
	if (script_number(row, ENABLED) &&
	    (type == EvtChannelTypeAnalytic || type == EvtChannelTypeDebug))
		return fail(ERROR_EVT_INVALID_OPERATION_OVER_ENABLED_DIRECT_CHANNEL);
	if (!(row = channel("EvtClearLog", path)))
		return FALSE;
	script_say("clear %s", row->field[NAME]);
	cleared(row);
	script_write(&script);
	return TRUE;
}

BOOL WINAPI EvtClose(EVT_HANDLE handle)
{
	struct object *object = handle;
	if (!object || object->kind < LIST || object->kind > LOG)
		return script_wrong("EvtClose"), FALSE;
	object->kind = 0;
	free(object);
	open_objects--;
	return TRUE;
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
	(void)module, (void)reserved;
	if (reason == DLL_PROCESS_DETACH && open_objects)
		script_say("WRONG %d handles were not closed", open_objects);
	return TRUE;
}
