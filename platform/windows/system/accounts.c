/* SPDX-License-Identifier: MIT */
/* Accounts ("Network Management Functions", lmaccess.h) and profiles ("User Profiles
 * Reference") of this machine. */
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <lm.h>
#include <sddl.h>
#include <userenv.h>

#include "../look/names.h"
#include "../look/paths.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "call.h"
#include "system.h"

/* ---- netapi32.dll and userenv.dll, as far as they are used ---- */

static struct {
	NET_API_STATUS(WINAPI *list)
	(LPCWSTR, DWORD, DWORD, LPBYTE *, DWORD, LPDWORD, LPDWORD, LPDWORD);
	NET_API_STATUS(WINAPI *get)(LPCWSTR, LPCWSTR, DWORD, LPBYTE *);
	NET_API_STATUS(WINAPI *set)(LPCWSTR, LPCWSTR, DWORD, LPBYTE, LPDWORD);
	NET_API_STATUS(WINAPI *del)(LPCWSTR, LPCWSTR);
	NET_API_STATUS(WINAPI *modals)(LPCWSTR, DWORD, LPBYTE *);
	NET_API_STATUS(WINAPI *free)(LPVOID);
} net;

static const char *const net_names[] = {"NetUserEnum", "NetUserGetInfo",   "NetUserSetInfo",
					"NetUserDel",  "NetUserModalsGet", "NetApiBufferFree"};

static struct {
	BOOL(WINAPI *delete)(LPCWSTR, LPCWSTR, LPCWSTR);
} env;

static const char *const env_names[] = {"DeleteProfileW"};

static DWORD net_load(void)
{
	return net.free ? ERROR_SUCCESS
			: call_load(L"netapi32.dll", net_names,
				    sizeof net_names / sizeof *net_names, &net);
}

static void net_free(void *at)
{
	void *buffer = *(void **)at;
	if (buffer)
		net.free(buffer);
}

/* ---- accounts ---- */

static void account_tell(const USER_INFO_3 *info, sys_account_tell *tell, void *context)
{
	_cleanup_(buf_free) struct buf name = {0};
	name_from_wide(info->usri3_name, wcslen(info->usri3_name), &name);
	const struct sys_account account = {
		.name = buf_text(&name),
		.rid = info->usri3_user_id,
		.disabled = info->usri3_flags & UF_ACCOUNTDISABLE,
		.needs_no_password = info->usri3_flags & UF_PASSWD_NOTREQD,
		.password_never_expires = info->usri3_flags & UF_DONT_EXPIRE_PASSWD,
	};
	tell(&account, context);
}

/* NetUserEnum: the buffer is freed also after ERROR_MORE_DATA, and the handle to go on by is
 * zero at the first call. */
uint32_t sys_accounts(sys_account_tell *tell, void *context)
{
	DWORD resume = 0, error = net_load();
	while (!error || error == ERROR_MORE_DATA) {
		_cleanup_(net_free) BYTE *buffer = NULL;
		DWORD count = 0, total = 0;
		error = net.list(NULL, 3, FILTER_NORMAL_ACCOUNT, &buffer, MAX_PREFERRED_LENGTH,
				 &count, &total, &resume);
		if (error && error != ERROR_MORE_DATA)
			break;
		const USER_INFO_3 *info = (const void *)buffer;
		for (DWORD i = 0; info && i < count; i++)
			account_tell(&info[i], tell, context);
		if (!error)
			break;
		if (!count)
			return ERROR_MORE_DATA; /* more, and it never comes */
	}
	return error;
}

/* NetUserModalsGet: level 0 about passwords, 3 about lockout. It may succeed and give NULL. */
uint32_t sys_password_rules(struct sys_password_rules *ret)
{
	_cleanup_(net_free) BYTE *passwords = NULL, *lockout = NULL;
	DWORD error = net_load();
	if (!error)
		error = net.modals(NULL, 0, &passwords);
	if (!error)
		error = net.modals(NULL, 3, &lockout);
	if (error)
		return error;
	if (!passwords || !lockout)
		return ERROR_NO_DATA;
	*ret = (struct sys_password_rules){
		((const USER_MODALS_INFO_0 *)(const void *)passwords)->usrmod0_min_passwd_len,
		((const USER_MODALS_INFO_3 *)(const void *)lockout)->usrmod3_lockout_threshold,
	};
	return ERROR_SUCCESS;
}

static char *sid_text(PSID sid)
{
	wchar_t *wide;
	_cleanup_(buf_free) struct buf text = {0};
	if (!ConvertSidToStringSidW(sid, &wide))
		return NULL;
	name_from_wide(wide, wcslen(wide), &text);
	LocalFree(wide);
	return mem_strdup(buf_text(&text));
}

static void on_any(const struct sys_account *account, void *context)
{
	char **name = context;
	if (!*name)
		*name = mem_strdup(account->name);
}

/* NetUserGetInfo, USER_INFO_23. */
static DWORD sid_of(const char *name, char **ret)
{
	size_t units;
	_cleanup_free_ wchar_t *wide = name_to_wide(name, &units);
	_cleanup_(net_free) BYTE *buffer = NULL;
	DWORD error = wide ? net.get(NULL, wide, 23, &buffer) : NERR_UserNotFound;
	if (error)
		return error;
	if (!buffer)
		return ERROR_NO_DATA;
	*ret = sid_text(((const USER_INFO_23 *)(const void *)buffer)->usri23_user_sid);
	return *ret ? ERROR_SUCCESS : call_error();
}

/* The SID of any account without its last part. NetUserModalsGet knows it as well, but of its
 * level 2 its page says that a computer in no domain gets NULL, and another gets the domain's:
 * by that one, the profiles of all people of a domain would be nobody's. */
uint32_t sys_machine_sid(char **ret)
{
	_cleanup_free_ char *name = NULL, *sid = NULL;
	DWORD error = sys_accounts(on_any, &name);
	if (name)
		error = sid_of(name, &sid);
	else if (!error)
		error = NERR_UserNotFound;
	char *last = sid ? strrchr(sid, '-') : NULL;
	if (last)
		*ret = mem_strndup(sid, (size_t)(last - sid));
	return error;
}

/* LookupAccountSidW: ERROR_NONE_MAPPED says that there is none. That a name has no room says
 * that there is one. */
uint32_t sys_is_somebody(const char *sid, bool *ret)
{
	size_t units;
	PSID binary;
	SID_NAME_USE use;
	wchar_t name[257], domain[257];
	DWORD name_room = 257, domain_room = 257;
	_cleanup_free_ wchar_t *wide = name_to_wide(sid, &units);
	if (!wide || !ConvertStringSidToSidW(wide, &binary))
		return wide ? call_error() : ERROR_INVALID_SID;
	BOOL found = LookupAccountSidW(NULL, binary, name, &name_room, domain, &domain_room,
				       &use);
	DWORD error = found ? ERROR_SUCCESS : call_error();
	LocalFree(binary);
	*ret = !error || error == ERROR_INSUFFICIENT_BUFFER;
	return *ret || error == ERROR_NONE_MAPPED ? ERROR_SUCCESS : error;
}

char *sys_own_sid(void)
{
	union {
		TOKEN_USER user;
		char room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
	} own;
	DWORD size = sizeof own;
	HANDLE token;
	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return NULL;
	BOOL known = GetTokenInformation(token, TokenUser, &own, size, &size);
	CloseHandle(token);
	return known ? sid_text(own.user.User.Sid) : NULL;
}

/* "ProductOptions": WinNT, ServerNT, or LanmanNT of a controller. */
bool sys_is_domain_controller(void)
{
	wchar_t kind[32] = L"";
	DWORD bytes = sizeof kind;
	return RegGetValueW(HKEY_LOCAL_MACHINE,
			    L"SYSTEM\\CurrentControlSet\\Control\\ProductOptions",
			    L"ProductType", RRF_RT_REG_SZ, NULL, kind,
			    &bytes) == ERROR_SUCCESS &&
	       wcscmp(kind, L"LanmanNT") == 0;
}

uint32_t sys_act_account_remove(const char *name)
{
	size_t units;
	_cleanup_free_ wchar_t *wide = name_to_wide(name, &units);
	DWORD error = wide ? net_load() : NERR_UserNotFound;
	return error ? error : net.del(NULL, wide);
}

/* USER_INFO_1008: the flags as a whole, of which UF_SCRIPT must be set. */
uint32_t sys_act_account_disable(const char *name)
{
	size_t units;
	_cleanup_free_ wchar_t *wide = name_to_wide(name, &units);
	_cleanup_(net_free) BYTE *buffer = NULL;
	DWORD error = wide ? net_load() : NERR_UserNotFound, parameter = 0;
	if (!error)
		error = net.get(NULL, wide, 1, &buffer);
	if (error)
		return error;
	USER_INFO_1008 flags = {((const USER_INFO_1 *)(const void *)buffer)->usri1_flags |
				UF_ACCOUNTDISABLE | UF_SCRIPT};
	return net.set(NULL, wide, 1008, (LPBYTE)&flags, &parameter);
}

/* ---- profiles ---- */

#define PROFILE_LIST L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"

static bool is_loaded(const wchar_t *sid)
{
	HKEY key;
	LSTATUS error = RegOpenKeyExW(HKEY_USERS, sid, 0, KEY_QUERY_VALUE, &key);
	if (error == ERROR_SUCCESS)
		RegCloseKey(key);
	return error != ERROR_FILE_NOT_FOUND;
}

static void folder_add(HKEY list, const wchar_t *sid, struct buf *out)
{
	enum { ROOM = 32768 };
	_cleanup_free_ wchar_t *raw = mem_alloc(ROOM * sizeof *raw);
	_cleanup_free_ wchar_t *path = mem_alloc(ROOM * sizeof *path);
	DWORD bytes = ROOM * sizeof *raw;
	if (RegGetValueW(list, sid, L"ProfileImagePath",
			 RRF_RT_REG_SZ | RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND, NULL, raw,
			 &bytes) == ERROR_SUCCESS &&
	    ExpandEnvironmentStringsForUserW(NULL, raw, path, ROOM))
		(void)path_to_guest(path, wcslen(path), path_system_drive(), out);
}

static void profile_tell(HKEY list, const wchar_t *sid, sys_profile_tell *tell, void *context)
{
	_cleanup_(buf_free) struct buf text = {0}, folder = {0};
	name_from_wide(sid, wcslen(sid), &text);
	folder_add(list, sid, &folder);
	const struct sys_profile profile = {buf_text(&text), buf_text(&folder), is_loaded(sid)};
	tell(&profile, context);
}

uint32_t sys_profiles(sys_profile_tell *tell, void *context)
{
	HKEY list;
	wchar_t sid[256]; /* no key has a longer name */
	LSTATUS error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, PROFILE_LIST, 0,
				      KEY_READ | KEY_WOW64_64KEY, &list);
	if (error != ERROR_SUCCESS)
		return (uint32_t)error;
	for (DWORD i = 0; error == ERROR_SUCCESS; i++) {
		DWORD units = sizeof sid / sizeof *sid;
		error = RegEnumKeyExW(list, i, sid, &units, NULL, NULL, NULL, NULL);
		if (error == ERROR_SUCCESS)
			profile_tell(list, sid, tell, context);
	}
	RegCloseKey(list);
	return error == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : (uint32_t)error;
}

/* DeleteProfileW: without a path it takes the registry's; since Vista no other computer. */
uint32_t sys_act_profile_remove(const char *sid)
{
	size_t units;
	_cleanup_free_ wchar_t *wide = name_to_wide(sid, &units);
	DWORD error = wide ? ERROR_SUCCESS : ERROR_INVALID_NAME;
	if (!error && !env.delete)
		error = call_load(L"userenv.dll", env_names, 1, &env);
	if (error)
		return error;
	return env.delete(wide, NULL, NULL) ? ERROR_SUCCESS : call_error();
}
