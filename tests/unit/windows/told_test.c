/* SPDX-License-Identifier: MIT */
/* Every line that the cleaners for credentials, certificates, WinRM and stored passwords say,
 * with doubles where Wine has nothing: other users' sessions, certificates of an authority,
 * refusals. A double refuses what the documentation of the calls behind it does not allow.
 * The registry and the files are real. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "cleaning.h"
#include "mutate.h"
#include "planted.h"
#include "scratch.h"
#include "windows/system/system.h"

#include <wincrypt.h>

/* ---- doubles ---- */

static char token_of_bob; /* its address is the token */

static struct {
	uint32_t users, bob, credentials, certificates, deletes; /* errors */
	struct sys_certificate *listed;
	size_t count;
	const char *store;
	bool telling; /* a token is good only meanwhile */
	char deleted[512];
} played;

/* WTSEnumerateSessionsW, WTSQueryUserToken: a token or an error. */
uint32_t sys_users(sys_user_tell *tell, void *context)
{
	struct sys_user caller = {"S-1-5-18", "the caller", NULL, 0};
	struct sys_user bob = {"S-1-5-21-1-2-3-1001", "bob", &token_of_bob, 0};
	if (played.bob)
		bob = (struct sys_user){"", "bob", NULL, played.bob};
	played.telling = true;
	tell(&caller, context);
	tell(&bob, context);
	played.telling = false;
	return played.users;
}

/* ImpersonateLoggedOnUser: the token of a session, and not after it was closed. */
static void check_user(const struct sys_user *user)
{
	assert_true(played.telling && !user->error);
	assert_true(!user->token || user->token == &token_of_bob);
}

/* CredEnumerateW */
uint32_t sys_credentials(const struct sys_user *user, sys_credential_tell *tell, void *context)
{
	static const struct sys_credential bobs[] = {
		{"Domain:target=server", 2, false},
		{"Domain:target=server", 5, false},
		{"LegacyGeneric:target=for this session", 1, true},
	};
	check_user(user);
	for (size_t i = 0; user->token && i < sizeof bobs / sizeof *bobs; i++)
		tell(&bobs[i], context);
	return user->token ? 0 : played.credentials;
}

/* CredDeleteW: a name, a type of those there are; TERMSRV and the like have no flags. */
uint32_t sys_act_credential_delete(const struct sys_user *user, const char *target,
				   uint32_t type)
{
	char line[128];
	check_user(user);
	assert_true(*target && type >= 1 && type <= 6);
	snprintf(line, sizeof line, "%s %s %u\n", user->name, target, type);
	strcat(played.deleted, line);
	return played.deletes;
}

/* CertOpenStore, CertEnumCertificatesInStore */
uint32_t sys_certificates(const char *store, sys_certificate_tell *tell, void *context)
{
	assert_true(strcmp(store, "Remote Desktop") == 0 || strcmp(store, "MY") == 0);
	for (size_t i = 0; strcmp(store, played.store) == 0 && i < played.count; i++)
		tell(&played.listed[i], context);
	return played.certificates;
}

/* CertDeleteCertificateFromStore of what was found by its SHA-1. */
uint32_t sys_act_certificate_delete(const char *store, const char *thumbprint)
{
	assert_true(strlen(store) && strlen(thumbprint) == 40);
	return played.deletes;
}

/* ---- what all tests do ---- */

static int start(void **state)
{
	memset(&played, 0, sizeof played);
	played.store = "";
	planted_make(state);
	return scratch_make(state);
}

static int end(void **state)
{
	planted_remove(state);
	return scratch_remove(state);
}

static struct plan *planned(const char *name)
{
	struct guest *guest = scratch_guest();
	guest->os = GUEST_WINDOWS;
	guest->any_case = guest->live = true;
	return plan_with(guest, name);
}

static void tells(const struct plan *plan, enum finding_kind kind, const char *path,
		  const char *text)
{
	vec_each(&plan->findings, finding)
		if (strcmp(finding->path, path) == 0 && finding->kind == kind &&
		    strcmp(finding->text, text) == 0)
			return;
	vec_each(&plan->findings, finding)
		print_error("%s: %s\n", finding->path, finding->text);
	fail_msg("not told: %s: %s", path, text);
}

static void fails(const char *place, int error, const char *text)
{
	char *why = NULL;
	assert_int_equal(plat_object_remove(place, &why), error);
	assert_string_equal(why, text);
	free(why);
}

/* A key of the machine outside of the test's own, for a while. */
static void put(const wchar_t *key, const wchar_t *name, DWORD type, const void *data,
		size_t bytes)
{
	assert_int_equal(
		RegSetKeyValueW(HKEY_LOCAL_MACHINE, key, name, type, data, (DWORD)bytes), 0);
}

static void drop(const wchar_t *key)
{
	assert_int_equal(RegDeleteTreeW(HKEY_LOCAL_MACHINE, key), 0);
}

/* ---- credentials ---- */

static void who_is_logged_on_is_looked_at(void **state)
{
	(void)state;
	struct plan *plan = planned("credential-manager");
	steps_are(plan, 1, STEP_REMOVE, "credential:S-1-5-21-1-2-3-1001\\Domain:target=server");
	assert_int_equal(plan->findings.n, 0);
	char *why = NULL;
	assert_int_equal(plat_object_remove(plan->steps.v->path, &why), 0);
	assert_string_equal(played.deleted,
			    "bob Domain:target=server 2\nbob Domain:target=server 5\n");
	played.deletes = ERROR_ACCESS_DENIED;
	fails(plan->steps.v->path, -EACCES,
	      "the credential could not be deleted: access is denied (Windows error 5)");
	plan_free(plan);
}

static void who_can_not_be_looked_at_is_told(void **state)
{
	(void)state;
	played.bob = ERROR_PRIVILEGE_NOT_HELD;
	played.credentials = ERROR_ACCESS_DENIED;
	played.users = ERROR_SERVICE_NOT_ACTIVE;
	struct plan *plan = planned("credential-manager");
	assert_int_equal(plan->steps.n, 0);
	tells(plan, FINDING_UNEXAMINED, "credential:bob",
	      "what the Credential Manager keeps for bob, who is logged on, could not be looked "
	      "at: the program lacks a privilege for it (Windows error 1314); log that session "
	      "off, or run as SYSTEM");
	tells(plan, FINDING_UNEXAMINED, "credential:S-1-5-18",
	      "what the Credential Manager keeps for the caller, who is logged on, could not be "
	      "looked at: access is denied (Windows error 5); log that session off, or run as "
	      "SYSTEM");
	tells(plan, FINDING_UNEXAMINED, "",
	      "who is logged on could not be told, so the Credential Manager was looked at for "
	      "the caller only: the service for it is not running (Windows error 1062)");
	plan_free(plan);
}

/* ---- certificates ---- */

#define ONE "00112233445566778899AABBCCDDEEFF00112233"
#define OTHER "FF112233445566778899AABBCCDDEEFF00112233"

static void only_what_windows_makes_again_goes(void **state)
{
	(void)state;
	struct sys_certificate listed[] = {
		{ONE, "WIN-BUILDER", true, true},
		{OTHER, "rdp.example", false, true},
		{OTHER, "no key", true, false},
	};
	played.listed = listed;
	played.count = 3;
	played.store = "Remote Desktop";
	struct plan *plan = planned("rdp-certificate");
	steps_are(plan, 1, STEP_REMOVE, "certificate:Remote Desktop\\" ONE);
	assert_int_equal(plan->findings.n, 1);
	tells(plan, FINDING_POSTURE, "certificate:Remote Desktop\\" OTHER,
	      "the certificate of rdp.example, which Windows did not make by itself, and its "
	      "private key stay: every clone shares them");
	plan_free(plan);
	played.deletes = (uint32_t)NTE_PERM;
	fails("certificate:Remote Desktop\\" ONE, -EIO,
	      "the certificate or its key could not be deleted: HRESULT 0x80090010");
	played.certificates = ERROR_ACCESS_DENIED;
	played.count = 0;
	plan = planned("rdp-certificate");
	tells(plan, FINDING_UNEXAMINED, "certificate:Remote Desktop",
	      "the certificates of Remote Desktop could not be looked at: access is denied "
	      "(Windows error 5)");
	plan_free(plan);
}

/* ---- WinRM ---- */

#define WSMAN L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WSMAN"
#define WSMAN_PATH "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WSMAN\\Service"
#define POLICY L"SOFTWARE\\Policies\\Microsoft\\Windows\\WinRM"
#define POLICY_PATH "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WinRM\\Service"

static const char basic[] =
	"WinRM accepts passwords by Basic authentication; switch it off unless clones are "
	"reached over HTTPS only (winrm set winrm/config/service/auth @{Basic=\"false\"})";
static const char unencrypted[] =
	"WinRM accepts traffic that is not encrypted; switch it off (winrm set "
	"winrm/config/service @{AllowUnencrypted=\"false\"})";

static void what_winrm_allows_is_told(void **state)
{
	(void)state;
	DWORD on = 1, off = 0;
	struct plan *plan = planned("winrm");
	assert_int_equal(plan->findings.n, 0);
	plan_free(plan);
	put(WSMAN L"\\Service", L"auth_basic", REG_DWORD, &on, 4);
	put(WSMAN L"\\Service", L"allow_unencrypted", REG_DWORD, &on, 4);
	plan = planned("winrm");
	assert_int_equal(plan->findings.n, 2);
	tells(plan, FINDING_POSTURE, WSMAN_PATH "\\\\auth_basic", basic);
	tells(plan, FINDING_POSTURE, WSMAN_PATH "\\\\allow_unencrypted", unencrypted);
	plan_free(plan);
	put(POLICY L"\\Service", L"AllowBasic", REG_DWORD, &off, 4);
	put(POLICY L"\\Service", L"AllowUnencryptedTraffic", REG_DWORD, &on, 4);
	plan = planned("winrm");
	assert_int_equal(plan->findings.n, 1);
	tells(plan, FINDING_POSTURE, POLICY_PATH "\\\\AllowUnencryptedTraffic", unencrypted);
	plan_free(plan);
	drop(POLICY);
	drop(WSMAN);
}

static void certificates_of_listeners_are_told(void **state)
{
	(void)state;
	struct sys_certificate listed[] = {
		{ONE, "WIN-BUILDER", true, true},
		{OTHER, "winrm.example", false, true},
	};
	played.listed = listed;
	played.count = 2;
	played.store = "MY";
	/* As it is copied from a window, and in small letters. */
	static const wchar_t one[] =
		L"00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff 00 11 22 33";
	static const wchar_t other[] = L"FF112233445566778899AABBCCDDEEFF00112233";
	static const wchar_t gone[] = L"0000000000000000000000000000000000000000";
	put(WSMAN L"\\Listener\\*+HTTPS", L"certThumbprint", REG_SZ, one, sizeof one);
	put(WSMAN L"\\Listener\\IP:10.0.0.1+HTTPS", L"certThumbprint", REG_SZ, other,
	    sizeof other);
	put(WSMAN L"\\Listener\\IP:10.0.0.2+HTTPS", L"certThumbprint", REG_SZ, gone,
	    sizeof gone);
	put(WSMAN L"\\Listener\\*+HTTP", L"certThumbprint", REG_SZ, L"", 2);
	struct plan *plan = planned("winrm");
	assert_int_equal(plan->findings.n, 2);
	assert_int_equal(plan->steps.n, 0);
	tells(plan, FINDING_POSTURE, "certificate:MY\\00112233445566778899aabbccddeeff00112233",
	      "the self-signed certificate of WinRM's listener *+HTTPS and its private key stay, "
	      "and every clone shares them: Windows makes no new one; take it away and give each "
	      "clone its own");
	tells(plan, FINDING_POSTURE, "certificate:MY\\" OTHER,
	      "the certificate of WinRM's listener IP:10.0.0.1+HTTPS and its private key stay, "
	      "and every clone shares them: Windows makes no new one; take it away and give each "
	      "clone its own");
	plan_free(plan);
	drop(WSMAN);
}

/* ---- stored passwords ---- */

#define SERVICES L"SYSTEM\\CurrentControlSet\\Services\\"
#define SECRETS L"SECURITY\\Policy\\Secrets"

static void service(const wchar_t *name, const wchar_t *account)
{
	wchar_t key[128];
	swprintf(key, 128, SERVICES L"%ls", name);
	put(key, L"ObjectName", REG_SZ, account, (wcslen(account) + 1) * sizeof *account);
}

/* The hive SECURITY of a real system opens for SYSTEM, or with the privilege to back up. */
static void passwords_of_services_are_told(void **state)
{
	(void)state;
	static const wchar_t *const names[] = {L"imgsan-a", L"imgsan-b", L"imgsan-c",
					       L"imgsan-d", L"imgsan-e"};
	static const wchar_t *const accounts[] = {
		L".\\builder", L"nt authority\\NetworkService", L"DOMAIN\\managed$",
		L"\\Driver\\x", L"LocalSystem"};
	for (size_t i = 0; i < 5; i++)
		service(names[i], accounts[i]);
	struct plan *plan = planned("stored-passwords");
	assert_int_equal(plan->findings.n, 1);
	tells(plan, FINDING_POSTURE,
	      "HKLM\\SYSTEM\\CurrentControlSet\\Services\\imgsan-a\\\\ObjectName",
	      "the service imgsan-a runs as .\\builder, and the password of that account is most "
	      "likely stored on this disk (LSA secret _SC_imgsan-a): every clone carries it");
	plan_free(plan);
	put(SECRETS L"\\DefaultPassword\\CurrVal", NULL, REG_BINARY, "x", 1);
	plan = planned("stored-passwords");
	assert_int_equal(plan->findings.n, 1); /* no secret of the service */
	tells(plan, FINDING_POSTURE, "HKLM\\SECURITY\\Policy\\Secrets\\DefaultPassword",
	      "a password with which this machine logs somebody on by itself is stored (LSA "
	      "secret DefaultPassword): every clone carries it; switch that off with the tool "
	      "that set it");
	plan_free(plan);
	drop(SECRETS L"\\DefaultPassword");
	put(SECRETS L"\\_SC_imgsan-a\\CurrVal", NULL, REG_BINARY, "x", 1);
	plan = planned("stored-passwords");
	tells(plan, FINDING_POSTURE,
	      "HKLM\\SYSTEM\\CurrentControlSet\\Services\\imgsan-a\\\\ObjectName",
	      "the service imgsan-a runs as .\\builder, and the password of that account is "
	      "stored on this disk (LSA secret _SC_imgsan-a): every clone carries it");
	assert_int_equal(plan->findings.n, 1);
	plan_free(plan);
	drop(L"SECURITY\\Policy");
	for (size_t i = 0; i < 5; i++) {
		wchar_t key[128];
		swprintf(key, 128, SERVICES L"%ls", names[i]);
		drop(key);
	}
}

/* UTF-16 with its mark, as the Task Scheduler writes it. */
static void task(const char *path, const char *user, const char *logon)
{
	char text[512] = "\xff\xfe";
	char *xml = mem_printf("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task>"
			       "<RegistrationInfo><UserId>nobody</UserId></RegistrationInfo>"
			       "<Principals><Principal id=\"Author\"><UserId>%s</UserId>"
			       "<LogonType>%s</LogonType></Principal></Principals></Task>",
			       user, logon);
	size_t len = 2;
	for (const char *at = xml; *at && len < sizeof text - 2; at++, len += 2)
		text[len] = *at;
	scratch_put_bytes(path, text, len);
	free(xml);
}

static void passwords_of_tasks_are_told(void **state)
{
	(void)state;
	task("/Windows/System32/Tasks/Backup", "HERE\\ann", "Password");
	task("/Windows/System32/Tasks/Vendor/Deep/Sync", "S-1-5-21-1-2-3-1001",
	     "InteractiveTokenOrPassword");
	task("/Windows/System32/Tasks/Clean", "S-1-5-18", "ServiceAccount");
	task("/Windows/System32/Tasks/Mine", "HERE\\ann", "S4U");
	scratch_put("/Windows/System32/Tasks/odd", "<LogonType>Password");
	struct guest *guest = scratch_guest(); /* not running: files all the same */
	guest->os = GUEST_WINDOWS;
	guest->any_case = true;
	struct plan *plan = plan_with(guest, "stored-passwords");
	tells(plan, FINDING_POSTURE, "/Windows/System32/Tasks/Backup",
	      "the scheduled task runs as HERE\\ann with a password that is stored on this disk: "
	      "every clone carries it");
	tells(plan, FINDING_POSTURE, "/Windows/System32/Tasks/Vendor/Deep/Sync",
	      "the scheduled task runs as S-1-5-21-1-2-3-1001 with a password that is stored on "
	      "this disk: every clone carries it");
	tells(plan, FINDING_POSTURE, "/Windows/System32/Tasks/odd",
	      "the scheduled task runs as an account with a password that is stored on this "
	      "disk: every clone carries it");
	assert_int_equal(plan->findings.n, 3);
	plan_free(plan);
}

#define each(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		each(who_is_logged_on_is_looked_at),
		each(who_can_not_be_looked_at_is_told),
		each(only_what_windows_makes_again_goes),
		each(what_winrm_allows_is_told),
		each(certificates_of_listeners_are_told),
		each(passwords_of_services_are_told),
		each(passwords_of_tasks_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
