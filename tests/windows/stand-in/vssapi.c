/* SPDX-License-Identifier: MIT */
/* Stands in for vssapi.dll, by C:\stand-in\vssapi.txt:
 *
 *     shadow|GUID|VOLUME|FILETIME|ATTRIBUTES
 *
 * Calls fail with HRESULTs. DeleteSnapshots is about a GUID, and InitializeForBackup,
 * SetContext and Query about the number of the object that they are called of; the others are
 * counted. Calls in another order than the documentation wants are wrong. */
#define COBJMACROS
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "script.h"

enum state { FRESH, INITIALIZED, IN_CONTEXT, USED };

struct list {
	IVssEnumObject object;
	int at;
};

static struct script script = {.name = "vssapi"};
static enum state state;
static int open_objects, open_texts, objects;

static HRESULT failure(const char *call)
{
	char number[16];
	snprintf(number, sizeof number, "%d", objects);
	return (HRESULT)script_fails(&script, call, number);
}

/* ---- the list ---- */

static ULONG STDMETHODCALLTYPE list_release(IVssEnumObject *list)
{
	open_objects--;
	free(list);
	return 0;
}

static WCHAR *text_make(const char *text)
{
	WCHAR *wide = calloc(TEXT, sizeof *wide);
	script_wide(text, wide);
	open_texts++;
	return wide;
}

static struct row *shadow_number(int number)
{
	for (int i = 0; i < script.count; i++)
		if (strcmp(script.rows[i].field[0], "shadow") == 0 && number-- == 0)
			return &script.rows[i];
	return NULL;
}

static void guid_read(const char *text, GUID *ret)
{
	unsigned long a;
	unsigned p[10];
	sscanf(text, "{%8lx-%4x-%4x-%2x%2x-%2x%2x%2x%2x%2x%2x}", &a, &p[0], &p[1], &p[2], &p[3],
	       &p[4], &p[5], &p[6], &p[7], &p[8], &p[9]);
	*ret = (GUID){a, (WORD)p[0], (WORD)p[1], {0}};
	for (int i = 0; i < 8; i++)
		ret->Data4[i] = (BYTE)p[2 + i];
}

static HRESULT STDMETHODCALLTYPE list_next(IVssEnumObject *this, ULONG wanted,
					   VSS_OBJECT_PROP *out, ULONG *fetched)
{
	struct list *list = (struct list *)this;
	if (wanted != 1 || !out || !fetched)
		return script_wrong("IVssEnumObject::Next"), E_INVALIDARG;
	*fetched = 0;
	HRESULT result = (HRESULT)script_fails(&script, "Next", NULL);
	if (result)
		return result;
	const struct row *row = shadow_number(list->at);
	if (!row)
		return S_FALSE;
	memset(out, 0, sizeof *out);
	out->Type = VSS_OBJECT_SNAPSHOT;
	guid_read(row->field[1], &out->Obj.Snap.m_SnapshotId);
	out->Obj.Snap.m_pwszOriginalVolumeName = text_make(row->field[2]);
	out->Obj.Snap.m_tsCreationTimestamp = strtoll(row->field[3], NULL, 0);
	out->Obj.Snap.m_lSnapshotAttributes = (LONG)script_number(row, 4);
	out->Obj.Snap.m_eStatus = VSS_SS_CREATED;
	list->at++;
	*fetched = 1;
	return S_OK;
}

static IVssEnumObjectVtbl list_calls = {.Release = list_release, .Next = list_next};

void WINAPI VssFreeSnapshotPropertiesInternal(VSS_SNAPSHOT_PROP *of)
{
	free(of->m_pwszOriginalVolumeName);
	open_texts--;
}

/* ---- the backup ---- */

static ULONG STDMETHODCALLTYPE backup_release(IVssBackupComponents *backup)
{
	open_objects--;
	free(backup);
	return 0;
}

static HRESULT step(enum state from, enum state to, const char *what)
{
	if (state != from)
		return script_wrong(what), VSS_E_BAD_STATE;
	HRESULT result = failure(what);
	if (!result)
		state = to;
	return result;
}

static HRESULT STDMETHODCALLTYPE initialize(IVssBackupComponents *backup, BSTR xml)
{
	(void)backup;
	return xml ? E_INVALIDARG : step(FRESH, INITIALIZED, "InitializeForBackup");
}

static HRESULT STDMETHODCALLTYPE set_context(IVssBackupComponents *backup, LONG context)
{
	(void)backup;
	if (context != (LONG)VSS_CTX_ALL)
		return script_wrong("SetContext"), E_INVALIDARG;
	return step(INITIALIZED, IN_CONTEXT, "SetContext");
}

static HRESULT STDMETHODCALLTYPE query(IVssBackupComponents *backup, VSS_ID of,
				       VSS_OBJECT_TYPE by, VSS_OBJECT_TYPE wanted,
				       IVssEnumObject **ret)
{
	static const GUID none;
	(void)backup;
	if (memcmp(&of, &none, sizeof of) || by != VSS_OBJECT_NONE ||
	    wanted != VSS_OBJECT_SNAPSHOT || !ret)
		return script_wrong("Query"), E_INVALIDARG;
	HRESULT result = step(IN_CONTEXT, USED, "Query");
	if (FAILED(result))
		return result;
	struct list *list = calloc(1, sizeof *list);
	list->object.lpVtbl = &list_calls;
	open_objects++;
	*ret = &list->object;
	return S_OK;
}

static HRESULT STDMETHODCALLTYPE delete_shadows(IVssBackupComponents *backup, VSS_ID id,
						VSS_OBJECT_TYPE type, WINBOOL force,
						LONG *removed, VSS_ID *left)
{
	(void)backup, (void)force;
	if (type != VSS_OBJECT_SNAPSHOT || !removed || !left)
		return script_wrong("DeleteSnapshots"), E_INVALIDARG;
	if (state != IN_CONTEXT)
		return script_wrong("DeleteSnapshots out of order"), VSS_E_BAD_STATE;
	state = USED;
	*removed = 0;
	*left = id;
	for (int i = 0; i < script.count; i++) {
		GUID have = {0};
		struct row *row = &script.rows[i];
		if (strcmp(row->field[0], "shadow") == 0)
			guid_read(row->field[1], &have);
		if (memcmp(&have, &id, sizeof id))
			continue;
		HRESULT result = (HRESULT)script_fails(&script, "DeleteSnapshots",
						       row->field[1]);
		if (result && result != VSS_E_OBJECT_NOT_FOUND)
			return result;
		if (!result) /* else somebody was quicker */
			script_say("remove %s", row->field[1]);
		*row = script.rows[--script.count];
		script_write(&script);
		if (result)
			return result;
		*removed = 1;
		memset(left, 0, sizeof *left);
		return S_OK;
	}
	return VSS_E_OBJECT_NOT_FOUND;
}

static IVssBackupComponentsVtbl backup_calls = {
	.Release = backup_release,
	.InitializeForBackup = initialize,
	.SetContext = set_context,
	.DeleteSnapshots = delete_shadows,
	.Query = query,
};

HRESULT WINAPI CreateVssBackupComponentsInternal(IVssBackupComponents **ret)
{
	objects++;
	HRESULT result = failure("CreateVssBackupComponents");
	if (result)
		return result;
	*ret = calloc(1, sizeof **ret);
	(*ret)->lpVtbl = &backup_calls;
	state = FRESH;
	open_objects++;
	return S_OK;
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
	(void)module, (void)reserved;
	if (reason == DLL_PROCESS_DETACH && (open_objects || open_texts))
		script_say("WRONG %d objects, %d texts were not freed", open_objects,
			   open_texts);
	return TRUE;
}
