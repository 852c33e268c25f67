/* SPDX-License-Identifier: MIT */
/* Stands in for netapi32.dll, by C:\stand-in\netapi32.txt:
 *
 *     account|NAME|RID|FLAGS
 *     rules|LENGTH|LOCKOUT|SID
 *     list|AT ONCE
 *     loaded|SID
 *     join|STATUS|NAME
 *
 * SID is the machine's, which those of its accounts begin with. A list gives AT ONCE accounts a
 * call (0: all), with ERROR_MORE_DATA until the last. Without rules their calls succeed and
 * give NULL. The profile of a SID that is loaded has its key below HKEY_USERS, which Wine does
 * not keep. What fails is about an account, of NetUserModalsGet about a level; NetUserEnum and
 * "NetUserGetInfo 23", which asks for a SID, are counted. STATUS of a join is a number of
 * NETSETUP_JOIN_STATUS; without a row it is a workgroup. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <lm.h>
#include <sddl.h>

#include "script.h"

enum { NAME = 1, RID, FLAGS };

static struct script script = {.name = "netapi32"};
static int open_buffers;

static void *give(size_t bytes)
{
	open_buffers++;
	return calloc(1, bytes);
}

NET_API_STATUS WINAPI NetApiBufferFree(LPVOID buffer)
{
	if (buffer)
		open_buffers--;
	free(buffer);
	return NERR_Success;
}

static struct row *account(LPCWSTR name)
{
	char text[TEXT];
	script_narrow(name, text);
	return script_row(&script, "account", text);
}

static DWORD fails(const char *call, LPCWSTR name)
{
	char text[TEXT];
	script_narrow(name, text);
	return script_fails(&script, call, text);
}

static struct row *account_number(DWORD number)
{
	for (int i = 0; i < script.count; i++)
		if (strcmp(script.rows[i].field[0], "account") == 0 && number-- == 0)
			return &script.rows[i];
	return NULL;
}

/* The texts lie behind the structures, as in a buffer of the system. */
static void *fill(DWORD from, DWORD count)
{
	USER_INFO_3 *info = give(count * (sizeof *info + TEXT * sizeof(WCHAR)) + 1);
	WCHAR *text = (WCHAR *)(info + count);
	for (DWORD i = 0; i < count; i++, text += TEXT) {
		const struct row *row = account_number(from + i);
		script_wide(row->field[NAME], text);
		info[i].usri3_name = text;
		info[i].usri3_flags = script_number(row, FLAGS);
		info[i].usri3_user_id = script_number(row, RID);
		info[i].usri3_acct_expires = TIMEQ_FOREVER;
	}
	return info;
}

static void load_profile(void)
{
	HKEY key;
	WCHAR sid[TEXT];
	const struct row *row = script_row(&script, "loaded", NULL);
	script_wide(row ? row->field[1] : "", sid);
	if (row && !RegCreateKeyExW(HKEY_USERS, sid, 0, NULL, REG_OPTION_VOLATILE, KEY_READ,
				    NULL, &key, NULL))
		RegCloseKey(key);
}

NET_API_STATUS WINAPI NetUserEnum(LPCWSTR server, DWORD level, DWORD filter, LPBYTE *buffer,
				  DWORD most, LPDWORD read, LPDWORD total, LPDWORD resume)
{
	if (server || level != 3 || filter != FILTER_NORMAL_ACCOUNT || !buffer || !read ||
	    !total || !resume || most != MAX_PREFERRED_LENGTH)
		return script_wrong("NetUserEnum");
	*buffer = NULL;
	DWORD count = 0, error = script_fails(&script, "NetUserEnum", NULL);
	load_profile();
	if (error)
		return error;
	DWORD at_once = script_number(script_row(&script, "list", NULL), 1);
	while (account_number(*resume + count))
		count++;
	*total = count;
	*read = at_once && at_once < count ? at_once : count;
	*buffer = fill(*resume, *read);
	*resume += *read;
	return *read < count ? ERROR_MORE_DATA : NERR_Success;
}

/* The SID lies behind the structure. */
static NET_API_STATUS give_sid(const struct row *row, LPBYTE *buffer)
{
	char text[2 * TEXT];
	WCHAR wide[2 * TEXT];
	PSID sid;
	const struct row *rules = script_row(&script, "rules", NULL);
	snprintf(text, sizeof text, "%s-%s",
		 rules && *rules->field[3] ? rules->field[3] : "S-1-5-21-1-2-3",
		 row->field[RID]);
	MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, 2 * TEXT);
	if (!ConvertStringSidToSidW(wide, &sid))
		return NERR_InternalError;
	DWORD bytes = GetLengthSid(sid);
	USER_INFO_23 *info = give(sizeof *info + bytes);
	CopySid(bytes, info + 1, sid);
	info->usri23_user_sid = info + 1;
	LocalFree(sid);
	*buffer = (LPBYTE)info;
	return NERR_Success;
}

NET_API_STATUS WINAPI NetUserGetInfo(LPCWSTR server, LPCWSTR name, DWORD level, LPBYTE *buffer)
{
	if (server || !name || (level != 1 && level != 23) || !buffer)
		return script_wrong("NetUserGetInfo");
	DWORD error = level == 23 ? script_fails(&script, "NetUserGetInfo 23", NULL)
				  : fails("NetUserGetInfo", name);
	if (error)
		return error;
	const struct row *row = account(name);
	if (!row)
		return NERR_UserNotFound;
	if (level == 23)
		return give_sid(row, buffer);
	USER_INFO_1 *info = give(sizeof *info);
	info->usri1_flags = script_number(row, FLAGS);
	*buffer = (LPBYTE)info;
	return NERR_Success;
}

NET_API_STATUS WINAPI NetUserSetInfo(LPCWSTR server, LPCWSTR name, DWORD level, LPBYTE buffer,
				     LPDWORD parameter)
{
	const USER_INFO_1008 *info = (const void *)buffer;
	if (server || !name || level != 1008 || !info || !parameter)
		return script_wrong("NetUserSetInfo");
	if (!(info->usri1008_flags & UF_SCRIPT))
		return script_wrong("NetUserSetInfo: UF_SCRIPT must be set");
	DWORD error = fails("NetUserSetInfo", name);
	if (error)
		return error;
	struct row *row = account(name);
	if (!row)
		return NERR_UserNotFound;
	script_say("flags %s 0x%lx", row->field[NAME], info->usri1008_flags);
	script_set(row, FLAGS, info->usri1008_flags);
	script_write(&script);
	return NERR_Success;
}

NET_API_STATUS WINAPI NetUserDel(LPCWSTR server, LPCWSTR name)
{
	if (server || !name)
		return script_wrong("NetUserDel");
	DWORD error = fails("NetUserDel", name);
	if (error && error != NERR_UserNotFound)
		return error;
	struct row *row = account(name);
	if (!row)
		return NERR_UserNotFound;
	if (!error) /* else somebody was quicker */
		script_say("delete %s", row->field[NAME]);
	*row = script.rows[--script.count];
	script_write(&script);
	return error;
}

NET_API_STATUS WINAPI NetUserModalsGet(LPCWSTR server, DWORD level, LPBYTE *buffer)
{
	if (server || !buffer || (level != 0 && level != 3))
		return script_wrong("NetUserModalsGet");
	DWORD error = script_fails(&script, "NetUserModalsGet", level ? "level 3" : "level 0");
	const struct row *row = script_row(&script, "rules", NULL);
	*buffer = NULL;
	if (error || !row)
		return error;
	*buffer = give(sizeof(USER_MODALS_INFO_0));
	if (level == 0)
		((USER_MODALS_INFO_0 *)(void *)*buffer)->usrmod0_min_passwd_len = script_number(
			row, 1);
	else
		((USER_MODALS_INFO_3 *)(void *)*buffer)->usrmod3_lockout_threshold =
			script_number(row, 2);
	return NERR_Success;
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
	(void)module, (void)reserved;
	if (reason == DLL_PROCESS_DETACH && open_buffers)
		script_say("WRONG %d buffers were not freed", open_buffers);
	return TRUE;
}

NET_API_STATUS WINAPI NetGetJoinInformation(LPCWSTR server, LPWSTR *name,
					    PNETSETUP_JOIN_STATUS status)
{
	if (server || !name || !status)
		return script_wrong("NetGetJoinInformation");
	DWORD error = script_fails(&script, "NetGetJoinInformation", NULL);
	if (error)
		return error;
	const struct row *row = script_row(&script, "join", NULL);
	*name = give(TEXT * sizeof **name);
	script_wide(row ? row->field[2] : "WORKGROUP", *name);
	*status = row ? (NETSETUP_JOIN_STATUS)script_number(row, 1) : NetSetupWorkgroupName;
	return NERR_Success;
}
