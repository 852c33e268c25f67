/* SPDX-License-Identifier: MIT */
/* Shadow copies, by the interface that backup programs use ("IVssBackupComponents",
 * vsbackup.h): it needs no script, no repository of WMI and nobody logged on, and is there on
 * clients and servers alike. An object of it serves for one query or removal: first
 * InitializeForBackup, then SetContext, then that. */
#define COBJMACROS
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "../look/names.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "call.h"
#include "system.h"

static struct {
	HRESULT(WINAPI *init)(LPVOID, DWORD);
	HRESULT(WINAPI *security)
	(PSECURITY_DESCRIPTOR, LONG, SOLE_AUTHENTICATION_SERVICE *, void *, DWORD, DWORD,
	 void *, DWORD, void *);
	void(WINAPI *done)(void);
} com;

static const char *const com_names[] = {"CoInitializeEx", "CoInitializeSecurity",
					"CoUninitialize"};

static struct {
	HRESULT(WINAPI *create)(IVssBackupComponents **);
	void(WINAPI *free)(VSS_SNAPSHOT_PROP *);
} vss;

/* What the inline functions of vsbackup.h call. */
static const char *const vss_names[] = {"CreateVssBackupComponentsInternal",
					"VssFreeSnapshotPropertiesInternal"};

/* HRESULT_FROM_WIN32 of what call_load says is not needed: both are told by their digits. */
static uint32_t load(void)
{
	DWORD error = ERROR_SUCCESS;
	if (!vss.free)
		error = call_load(L"vssapi.dll", vss_names, 2, &vss);
	if (!error && !com.done)
		error = call_load(L"ole32.dll", com_names, 3, &com);
	return error;
}

/* "Security Considerations for Requesters": COM's security is set before. Where somebody in
 * this process has done so, that holds. */
static uint32_t begin(bool *ret_com, IVssBackupComponents **ret)
{
	uint32_t error = load();
	*ret = NULL;
	if (error)
		return error;
	*ret_com = SUCCEEDED(com.init(NULL, COINIT_MULTITHREADED));
	(void)com.security(NULL, -1, NULL, NULL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
			   RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE, NULL);
	HRESULT result = vss.create(ret);
	if (SUCCEEDED(result))
		result = IVssBackupComponents_InitializeForBackup(*ret, NULL);
	if (SUCCEEDED(result))
		result = IVssBackupComponents_SetContext(*ret, (LONG)VSS_CTX_ALL);
	return FAILED(result) ? (uint32_t)result : 0;
}

static void end(bool has_com, IVssBackupComponents *backup)
{
	if (backup)
		IVssBackupComponents_Release(backup);
	if (has_com)
		com.done();
}

/* ---- texts ---- */

static void id_add(const GUID *id, struct buf *out)
{
	buf_printf(out, "{%08lx-%04x-%04x-", id->Data1, id->Data2, id->Data3);
	for (size_t i = 0; i < sizeof id->Data4; i++)
		buf_printf(out, "%s%02x", i == 2 ? "-" : "", id->Data4[i]);
	buf_puts(out, "}");
}

static bool id_parse(const char *text, GUID *ret)
{
	unsigned long first;
	unsigned parts[10];
	int end_at = 0;
	if (strlen(text) != 38 ||
	    sscanf(text, "{%8lx-%4x-%4x-%2x%2x-%2x%2x%2x%2x%2x%2x}%n", &first, &parts[0],
		   &parts[1], &parts[2], &parts[3], &parts[4], &parts[5], &parts[6], &parts[7],
		   &parts[8], &parts[9], &end_at) != 11 ||
	    end_at != 38)
		return false;
	*ret = (GUID){first, (WORD)parts[0], (WORD)parts[1], {0}};
	for (size_t i = 0; i < sizeof ret->Data4; i++)
		ret->Data4[i] = (uint8_t)parts[2 + i];
	return true;
}

/* A VSS_TIMESTAMP counts as a FILETIME does. */
static void time_add(VSS_TIMESTAMP stamp, struct buf *out)
{
	SYSTEMTIME time;
	FILETIME file = {(DWORD)(stamp & UINT32_MAX), (DWORD)((uint64_t)stamp >> 32)};
	if (stamp > 0 && FileTimeToSystemTime(&file, &time))
		buf_printf(out, "%04u-%02u-%02u %02u:%02u UTC", time.wYear, time.wMonth,
			   time.wDay, time.wHour, time.wMinute);
}

/* ---- the calls ---- */

static void shadow_tell(const VSS_SNAPSHOT_PROP *of, sys_shadow_tell *tell, void *context)
{
	_cleanup_(buf_free) struct buf id = {0}, volume = {0}, made = {0};
	const wchar_t *name = of->m_pwszOriginalVolumeName;
	id_add(&of->m_SnapshotId, &id);
	time_add(of->m_tsCreationTimestamp, &made);
	if (name)
		name_from_wide(name, wcslen(name), &volume);
	const struct sys_shadow shadow = {
		.id = buf_text(&id),
		.volume = buf_text(&volume),
		.made = buf_text(&made),
		.lasting = of->m_lSnapshotAttributes & VSS_VOLSNAP_ATTR_PERSISTENT,
	};
	tell(&shadow, context);
}

/* IVssEnumObject::Next gives S_FALSE behind the last. */
static uint32_t shadows_tell(IVssEnumObject *list, sys_shadow_tell *tell, void *context)
{
	for (;;) {
		VSS_OBJECT_PROP object = {0};
		ULONG count = 0;
		HRESULT result = IVssEnumObject_Next(list, 1, &object, &count);
		if (FAILED(result))
			return (uint32_t)result;
		if (!count)
			return 0;
		if (object.Type != VSS_OBJECT_SNAPSHOT)
			continue;
		shadow_tell(&object.Obj.Snap, tell, context);
		vss.free(&object.Obj.Snap);
	}
}

/* IVssBackupComponents::Query: the first two arguments can be only these. That nothing was
 * found is no failure of the search. */
static uint32_t list_make(IVssBackupComponents *backup, IVssEnumObject **ret)
{
	const GUID none = {0};
	HRESULT result = IVssBackupComponents_Query(backup, none, VSS_OBJECT_NONE,
						    VSS_OBJECT_SNAPSHOT, ret);
	return FAILED(result) && result != VSS_E_OBJECT_NOT_FOUND ? (uint32_t)result : 0;
}

uint32_t sys_shadows(sys_shadow_tell *tell, void *context)
{
	bool has_com = false;
	IVssBackupComponents *backup;
	IVssEnumObject *list = NULL;
	uint32_t error = begin(&has_com, &backup);
	if (!error)
		error = list_make(backup, &list);
	if (!error && list)
		error = shadows_tell(list, tell, context);
	if (list)
		IVssEnumObject_Release(list);
	end(has_com, backup);
	return error;
}

/* IVssBackupComponents::DeleteSnapshots; forced: also one that is shown somewhere. Success
 * without one that was removed is none, and nobody says why. */
uint32_t sys_act_shadow_remove(const char *id)
{
	bool has_com = false;
	IVssBackupComponents *backup;
	LONG removed = 0;
	GUID wanted, left = {0};
	if (!id_parse(id, &wanted))
		return (uint32_t)E_INVALIDARG;
	uint32_t error = begin(&has_com, &backup);
	if (!error) {
		HRESULT result = IVssBackupComponents_DeleteSnapshots(
			backup, wanted, VSS_OBJECT_SNAPSHOT, TRUE, &removed, &left);
		error = FAILED(result) ? (uint32_t)result : 0;
	}
	end(has_com, backup);
	return error || removed ? error : (uint32_t)E_FAIL;
}
