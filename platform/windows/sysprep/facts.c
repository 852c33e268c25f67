/* SPDX-License-Identifier: MIT */
/* What speaks against Sysprep, as a running Windows tells it by calls that change nothing. */
#include <errno.h>
#include <string.h>

#include <windows.h>

#include <lm.h>
#include <tlhelp32.h>

#include "../look/names.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "packages.h"
#include "place.h"
#include "platform.h"
#include "settings.h"
#include "wmi.h"

#define CURRENT L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\"
#define CBS CURRENT L"Component Based Servicing\\"
#define UPDATE CURRENT L"WindowsUpdate\\"
#define CONTROL L"SYSTEM\\CurrentControlSet\\Control\\"
#define SERVICES L"SYSTEM\\CurrentControlSet\\Services\\"
#define STATUS L"SYSTEM\\Setup\\Status\\SysprepStatus"

enum { LEAST_FREE = 1 << 30 };

struct telling {
	plat_fact_tell *tell;
	void *context;
};

static void tell(const struct telling *to, enum plat_fact fact, enum plat_fact_state state,
		 const char *detail)
{
	to->tell(fact, state, detail, to->context);
}

/* ---- one look into the registry each ---- */

enum sign_kind {
	SIGN_KEY,    /* the key is there */
	SIGN_MEMBER, /* a key is below it */
	SIGN_VALUE,
	SIGN_TEXT,    /* a text that is not empty */
	SIGN_NUMBER,  /* a number that is not `number` */
	SIGN_SERVICE, /* a service that is there and not disabled (Start is not `number`) */
};

/* What each place means: CBS and Windows Update for updates, the session manager for files
 * that are renamed at the start, the rest for installers and for a name or a join that count
 * from the next start on. */
static const struct sign {
	enum plat_fact fact;
	enum sign_kind kind;
	const wchar_t *key, *value;
	DWORD number;
	const char *detail;
} signs[] = {
	{PLAT_FACT_REBOOT, SIGN_KEY, CBS L"RebootPending", NULL, 0, "CBS RebootPending"},
	{PLAT_FACT_REBOOT, SIGN_KEY, CBS L"RebootInProgress", NULL, 0, "CBS RebootInProgress"},
	{PLAT_FACT_REBOOT, SIGN_KEY, CBS L"PackagesPending", NULL, 0, "CBS PackagesPending"},
	{PLAT_FACT_REBOOT, SIGN_KEY, UPDATE L"Auto Update\\RebootRequired", NULL, 0,
	 "WindowsUpdate RebootRequired"},
	{PLAT_FACT_REBOOT, SIGN_KEY, UPDATE L"Auto Update\\PostRebootReporting", NULL, 0,
	 "WindowsUpdate PostRebootReporting"},
	{PLAT_FACT_REBOOT, SIGN_MEMBER, UPDATE L"Services\\Pending", NULL, 0,
	 "WindowsUpdate Services\\Pending"},
	{PLAT_FACT_REBOOT, SIGN_TEXT, CONTROL L"Session Manager",
	 L"PendingFileRenameOperations", 0, "PendingFileRenameOperations"},
	{PLAT_FACT_REBOOT, SIGN_TEXT, CONTROL L"Session Manager",
	 L"PendingFileRenameOperations2", 0, "PendingFileRenameOperations2"},
	{PLAT_FACT_REBOOT, SIGN_NUMBER, L"SOFTWARE\\Microsoft\\Updates", L"UpdateExeVolatile",
	 0, "UpdateExeVolatile"},
	{PLAT_FACT_REBOOT, SIGN_VALUE, CURRENT L"RunOnce", L"DVDRebootSignal", 0,
	 "RunOnce DVDRebootSignal"},
	{PLAT_FACT_REBOOT, SIGN_KEY,
	 L"SOFTWARE\\Microsoft\\ServerManager\\CurrentRebootAttempts", NULL, 0,
	 "ServerManager CurrentRebootAttempts"},
	{PLAT_FACT_REBOOT, SIGN_KEY, CURRENT L"Installer\\InProgress", NULL, 0,
	 "Installer InProgress"},
	{PLAT_FACT_REBOOT, SIGN_VALUE, SERVICES L"Netlogon", L"JoinDomain", 0,
	 "Netlogon JoinDomain"},
	{PLAT_FACT_REBOOT, SIGN_VALUE, SERVICES L"Netlogon", L"AvoidSpnSet", 0,
	 "Netlogon AvoidSpnSet"},

	{PLAT_FACT_DOMAIN, SIGN_MEMBER, CONTROL L"CloudDomainJoin\\JoinInfo", NULL, 0,
	 "joined to a directory of the cloud (CloudDomainJoin)"},

	/* Asked beside WMI, which not every caller may ask. */
	{PLAT_FACT_ENCRYPTION, SIGN_NUMBER, CONTROL L"BitLockerStatus", L"BootStatus", 0,
	 "BitLockerStatus BootStatus"},

	{PLAT_FACT_RUNNING, SIGN_NUMBER, L"SYSTEM\\Setup", L"SystemSetupInProgress", 0,
	 "SystemSetupInProgress"},
	{PLAT_FACT_RUNNING, SIGN_NUMBER, L"SYSTEM\\Setup", L"OOBEInProgress", 0,
	 "OOBEInProgress"},
	/* Sysprep sets them while it is at work: 2 and 7 mean that it is not. */
	{PLAT_FACT_STATE, SIGN_NUMBER, STATUS, L"CleanupState", 2,
	 "SysprepStatus CleanupState is not 2"},
	{PLAT_FACT_STATE, SIGN_NUMBER, STATUS, L"GeneralizationState", 7,
	 "SysprepStatus GeneralizationState is not 7"},

	/* "Sysprep Support for Server Roles"; a role is known by its service. */
	{PLAT_FACT_ROLES, SIGN_SERVICE, SERVICES L"CertSvc", L"Start", SERVICE_DISABLED,
	 "Active Directory Certificate Services"},
	{PLAT_FACT_ROLES, SIGN_SERVICE, SERVICES L"adfssrv", L"Start", SERVICE_DISABLED,
	 "Active Directory Federation Services"},
	{PLAT_FACT_ROLES, SIGN_SERVICE, SERVICES L"ADRMSLoggingService", L"Start",
	 SERVICE_DISABLED, "Active Directory Rights Management Services"},
	{PLAT_FACT_ROLES, SIGN_SERVICE, SERVICES L"DHCPServer", L"Start", SERVICE_DISABLED,
	 "DHCP Server"},
	{PLAT_FACT_ROLES, SIGN_SERVICE, SERVICES L"IAS", L"Start", SERVICE_DISABLED,
	 "Network Policy Server"},
	{PLAT_FACT_ROLES, SIGN_SERVICE, SERVICES L"WDSServer", L"Start", SERVICE_DISABLED,
	 "Windows Deployment Services"},
	{PLAT_FACT_ROLES, SIGN_SERVICE, SERVICES L"WsusService", L"Start", SERVICE_DISABLED,
	 "Windows Server Update Services"},
	{PLAT_FACT_ROLES, SIGN_KEY, L"Cluster", NULL, 0, "Failover Clustering"},
};

static bool on_member(const wchar_t *name, void *context)
{
	(void)name;
	*(bool *)context = true;
	return false;
}

static bool has_member(const wchar_t *key)
{
	bool found = false;
	setting_each_key(key, on_member, &found);
	return found;
}

static bool is_seen(const struct sign *sign)
{
	_cleanup_(buf_free) struct buf text = {0};
	DWORD number;
	switch (sign->kind) {
	case SIGN_KEY:
		return setting_has_key(sign->key);
	case SIGN_MEMBER:
		return has_member(sign->key);
	case SIGN_VALUE:
		return setting_has_value(sign->key, sign->value);
	case SIGN_TEXT:
		return setting_text(sign->key, sign->value, &text);
	case SIGN_NUMBER:
	case SIGN_SERVICE:
		return setting_number(sign->key, sign->value, &number) &&
		       number != sign->number;
	}
	return false;
}

static void tell_signs(const struct telling *to)
{
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (is_seen(&signs[i]))
			tell(to, signs[i].fact, PLAT_FACT_BLOCKS, signs[i].detail);
}

/* ---- what needs more than one ---- */

/* A new name counts from the next start on. */
static void tell_name(const struct telling *to)
{
	_cleanup_(buf_free) struct buf now = {0}, next = {0};
	if (setting_text(CONTROL L"ComputerName\\ActiveComputerName", L"ComputerName", &now) &&
	    setting_text(CONTROL L"ComputerName\\ComputerName", L"ComputerName", &next) &&
	    strcmp(buf_text(&now), buf_text(&next)) != 0)
		tell(to, PLAT_FACT_REBOOT, PLAT_FACT_BLOCKS, "the computer has a new name");
}

static bool has_file(const wchar_t *tail)
{
	wchar_t path[MAX_PATH];
	return place_in_windows(tail, path, MAX_PATH) &&
	       GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static void tell_files(const struct telling *to)
{
	if (has_file(L"\\WinSxS\\pending.xml"))
		tell(to, PLAT_FACT_REBOOT, PLAT_FACT_BLOCKS, "WinSxS\\pending.xml");
	if (!has_file(PLACE_PROGRAM))
		tell(to, PLAT_FACT_PROGRAM, PLAT_FACT_BLOCKS, "System32\\Sysprep\\sysprep.exe");
}

/* NetGetJoinInformation: the name is the domain's or the workgroup's. */
static void tell_domain(const struct telling *to)
{
	_cleanup_(buf_free) struct buf text = {0};
	LPWSTR name = NULL;
	NETSETUP_JOIN_STATUS status = NetSetupUnknownStatus;
	NET_API_STATUS error = NetGetJoinInformation(NULL, &name, &status);
	if (error == NERR_Success && name)
		name_from_wide(name, wcslen(name), &text);
	if (error != NERR_Success || status == NetSetupUnknownStatus)
		tell(to, PLAT_FACT_DOMAIN, PLAT_FACT_UNKNOWN,
		     "Windows does not say whether it belongs to one");
	else if (status == NetSetupDomainName)
		tell(to, PLAT_FACT_DOMAIN, PLAT_FACT_BLOCKS,
		     text.len ? buf_text(&text) : "without a name");
	if (name)
		NetApiBufferFree(name);
}

/* "Sysprep (System Preparation) Overview": from Windows 10, version 1607, on, whose build is
 * this one, also what was upgraded can be generalized. */
static void tell_upgrade(const struct telling *to)
{
	enum { VERSION_1607 = 14393 };
	_cleanup_(buf_free) struct buf build = {0};
	uint64_t number = 0;
	DWORD upgraded;
	if (!setting_number(L"SYSTEM\\Setup", L"Upgrade", &upgraded) || !upgraded)
		return;
	(void)setting_text(L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion",
			   L"CurrentBuildNumber", &build);
	if (!str_number(buf_text(&build), &number) || number < VERSION_1607)
		tell(to, PLAT_FACT_UPGRADE, PLAT_FACT_BLOCKS, "Setup Upgrade");
}

/* Each instance of AD LDS is a service of its own: ADAM_ and its name. */
static bool on_service(const wchar_t *name, void *context)
{
	bool *found = context;
	*found = _wcsnicmp(name, L"ADAM_", wcslen(L"ADAM_")) == 0;
	return !*found;
}

/* What is not told by one service alone. ProductType: "WinNT" is no server, "LanmanNT" a
 * domain controller. Any Windows may have the service that sends faxes, the role a server. */
static void tell_roles(const struct telling *to)
{
	_cleanup_(buf_free) struct buf type = {0};
	bool lightweight = false;
	DWORD start = SERVICE_DISABLED;
	(void)setting_text(CONTROL L"ProductOptions", L"ProductType", &type);
	if (strcmp(buf_text(&type), "LanmanNT") == 0)
		tell(to, PLAT_FACT_ROLES, PLAT_FACT_BLOCKS, "domain controller");
	setting_each_key(L"SYSTEM\\CurrentControlSet\\Services", on_service, &lightweight);
	if (lightweight)
		tell(to, PLAT_FACT_ROLES, PLAT_FACT_BLOCKS,
		     "Active Directory Lightweight Directory Services");
	if (type.len && strcmp(buf_text(&type), "WinNT") != 0 &&
	    setting_number(SERVICES L"Fax", L"Start", &start) && start != SERVICE_DISABLED)
		tell(to, PLAT_FACT_ROLES, PLAT_FACT_BLOCKS, "Fax Server");
}

static void tell_packages(const struct telling *to)
{
	_cleanup_(buf_free) struct buf found = {0};
	packages_of_users_alone(&found);
	if (found.len)
		tell(to, PLAT_FACT_PACKAGES, PLAT_FACT_BLOCKS, buf_text(&found));
}

/* Win32_EncryptableVolume: ConversionStatus (Windows 10) is 0 where nothing is encrypted,
 * also without protection, which is what Sysprep asks for; else ProtectionStatus is all that
 * is known. */
static void tell_encryption(const struct telling *to)
{
	static const wchar_t space[] = L"ROOT\\CIMV2\\Security\\MicrosoftVolumeEncryption";
	static const wchar_t query[] =
		L"SELECT * FROM Win32_EncryptableVolume WHERE DriveLetter = 'C:'";
	wchar_t ours[sizeof query / sizeof *query], windows[MAX_PATH];
	uint32_t number;
	wcscpy(ours, query);
	if (place_in_windows(L"", windows, MAX_PATH))
		*wcsrchr(ours, L'C') = windows[0];
	if (!wmi_number(space, ours, L"ConversionStatus", &number) &&
	    !wmi_number(space, ours, L"ProtectionStatus", &number))
		tell(to, PLAT_FACT_ENCRYPTION, PLAT_FACT_UNKNOWN,
		     "WMI knows no Win32_EncryptableVolume here");
	else if (number)
		tell(to, PLAT_FACT_ENCRYPTION, PLAT_FACT_BLOCKS, "Win32_EncryptableVolume");
}

/* SoftwareLicensingService: RemainingWindowsReArmCount. */
static void tell_rearm(const struct telling *to)
{
	uint32_t left;
	if (!wmi_number(L"ROOT\\CIMV2",
			L"SELECT RemainingWindowsReArmCount FROM SoftwareLicensingService",
			L"RemainingWindowsReArmCount", &left))
		tell(to, PLAT_FACT_REARM, PLAT_FACT_UNKNOWN,
		     "WMI does not tell how many are left");
	else if (!left)
		tell(to, PLAT_FACT_REARM, PLAT_FACT_BLOCKS, NULL);
}

/* "Windows Setup States": set up to the end, or in audit mode, from where most images are
 * generalized. */
static void tell_state(const struct telling *to)
{
	static const char *const fine[] = {"IMAGE_STATE_COMPLETE",
					   "IMAGE_STATE_SPECIALIZE_RESEAL_TO_AUDIT"};
	_cleanup_(buf_free) struct buf state = {0};
	plat_generalize_state(&state);
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
		if (strcmp(buf_text(&state), fine[i]) == 0)
			return;
	if (state.len)
		tell(to, PLAT_FACT_STATE, PLAT_FACT_BLOCKS, buf_text(&state));
	else
		tell(to, PLAT_FACT_STATE, PLAT_FACT_UNKNOWN, "ImageState says nothing");
}

static void tell_running(const struct telling *to)
{
	PROCESSENTRY32W entry = {.dwSize = sizeof entry};
	HANDLE list = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
	if (list == INVALID_HANDLE_VALUE)
		return;
	for (BOOL more = Process32FirstW(list, &entry); more;
	     more = Process32NextW(list, &entry))
		if (_wcsicmp(entry.szExeFile, L"sysprep.exe") == 0)
			tell(to, PLAT_FACT_RUNNING, PLAT_FACT_BLOCKS, "sysprep.exe");
	CloseHandle(list);
}

static void tell_space(const struct telling *to)
{
	wchar_t windows[MAX_PATH];
	ULARGE_INTEGER room;
	if (!place_in_windows(L"", windows, MAX_PATH) ||
	    !GetDiskFreeSpaceExW(windows, &room, NULL, NULL))
		tell(to, PLAT_FACT_SPACE, PLAT_FACT_UNKNOWN, "Windows does not tell it");
	else if (room.QuadPart < LEAST_FREE)
		tell(to, PLAT_FACT_SPACE, PLAT_FACT_BLOCKS, NULL);
}

static bool is_system(void)
{
	HANDLE token;
	DWORD size;
	union {
		TOKEN_USER user;
		BYTE room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
	} us;
	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return false;
	BOOL known = GetTokenInformation(token, TokenUser, &us, sizeof us, &size);
	CloseHandle(token);
	return known && IsWellKnownSid(us.user.User.Sid, WinLocalSystemSid);
}

/* "Sysprep (System Preparation) Overview" names the system account, which agents of clouds
 * are, as not supported, and no check that refuses it: what Sysprep says decides. */
static void tell_caller(const struct telling *to)
{
	if (!plat_is_admin())
		tell(to, PLAT_FACT_ELEVATION, PLAT_FACT_BLOCKS, NULL);
	else if (is_system())
		tell(to, PLAT_FACT_ELEVATION, PLAT_FACT_UNKNOWN,
		     "this is the system account, as which Microsoft does not support "
		     "Sysprep; where it fails, use an administrator's");
}

int plat_generalize_facts(plat_fact_tell *tell_fact, void *context)
{
	struct telling to = {tell_fact, context};
	tell_caller(&to);
	tell_signs(&to);
	tell_name(&to);
	tell_files(&to);
	tell_domain(&to);
	tell_upgrade(&to);
	tell_roles(&to);
	tell_packages(&to);
	tell_encryption(&to);
	tell_rearm(&to);
	tell_state(&to);
	tell_running(&to);
	tell_space(&to);
	return 0;
}
