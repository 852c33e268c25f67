/* SPDX-License-Identifier: MIT */
/* The Credential Manager and the store of Remote Desktop as Wine really has them. A test of
 * the program itself plants by it and asks it what is left:
 *
 *	credentials_test plant NAME
 *	credentials_test left NAME      0: what goes is gone, and what stays is there
 *	credentials_test plant-all, left-all NAME      likewise, without what stays */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>
#include <errno.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "cleaning.h"
#include "mutate.h"
#include "scratch.h"
#include "windows/look/names.h"
#include "windows/system/system.h"

#include <windows.h> /* behind ours: it defines "far" and the like */

#include <wincred.h>
#include <wincrypt.h>

#define TASK L"Domain:batch=TaskScheduler:Task:{12345678-0000-0000-0000-000000000001}"

static void keep(const wchar_t *target, DWORD type, DWORD persist, const char *secret)
{
	CREDENTIALW credential = {
		.Type = type,
		.TargetName = (wchar_t *)target,
		.CredentialBlobSize = (DWORD)strlen(secret),
		.CredentialBlob = (BYTE *)secret,
		.Persist = persist,
		.UserName = L"here\\ann",
	};
	if (!CredWriteW(&credential, 0))
		exit(9);
}

static bool is_kept(const wchar_t *target, DWORD type)
{
	CREDENTIALW *found;
	if (!CredReadW(target, type, 0, &found))
		return false;
	CredFree(found);
	return true;
}

static void drop_all(void)
{
	CREDENTIALW **found;
	DWORD count;
	if (!CredEnumerateW(NULL, 0, &count, &found))
		return;
	for (DWORD i = 0; i < count; i++)
		CredDeleteW(found[i]->TargetName, found[i]->Type, 0);
	CredFree(found);
}

static struct guest *running(void)
{
	struct guest *guest = scratch_guest();
	guest->os = GUEST_WINDOWS;
	guest->any_case = guest->live = true;
	return guest;
}

/* Does what is planned; every step is done. */
static void act_on(const struct plan *plan)
{
	vec_each(&plan->steps, step) {
		char *why = NULL;
		int r = plat_object_remove(step->path, &why);
		if (r < 0)
			fail_msg("%s: %d, %s", step->path, r, why ? why : "-");
		assert_null(why);
	}
}

static int start(void **state)
{
	drop_all();
	return scratch_make(state);
}

static int end(void **state)
{
	drop_all();
	return scratch_remove(state);
}

/* ---- credentials ---- */

static void what_is_saved_for_servers_goes(void **state)
{
	(void)state;
	static const wchar_t odd[] = L"git:https://\xfc\xd83d\xde00\\x y";
	keep(odd, CRED_TYPE_GENERIC, CRED_PERSIST_LOCAL_MACHINE, "secret");
	keep(L"server", CRED_TYPE_GENERIC, CRED_PERSIST_ENTERPRISE, "secret");
	keep(L"server", CRED_TYPE_DOMAIN_PASSWORD, CRED_PERSIST_ENTERPRISE, "secret");
	keep(TASK, CRED_TYPE_DOMAIN_PASSWORD, CRED_PERSIST_LOCAL_MACHINE, "secret");
	struct plan *plan = plan_with(running(), "credential-manager");
	assert_int_equal(plan->steps.n, 2); /* both of "server" in one */
	assert_int_equal(plan->findings.n, 1);
	assert_string_equal(plan->findings.v->text,
			    "the password of the account that the scheduled task "
			    "{12345678-0000-0000-0000-000000000001} runs as is stored on this "
			    "disk, and every clone carries it");
	assert_int_equal(plan->findings.v->kind, FINDING_POSTURE);
	act_on(plan);
	assert_false(is_kept(odd, CRED_TYPE_GENERIC) || is_kept(L"server", CRED_TYPE_GENERIC) ||
		     is_kept(L"server", CRED_TYPE_DOMAIN_PASSWORD));
	assert_true(is_kept(TASK, CRED_TYPE_DOMAIN_PASSWORD));
	char *why = NULL;
	assert_int_equal(plat_object_remove(plan->steps.v->path, &why), -ENOENT);
	assert_int_equal(plat_object_remove("credential:S-1-5-99\\server", &why), -ENOENT);
	assert_int_equal(plat_object_remove("credential:server", &why), -EINVAL);
	assert_int_equal(plat_object_empty(plan->steps.v->path, &why), -EOPNOTSUPP);
	assert_null(why);
	plan_free(plan);
	plan = plan_with(running(), "credential-manager");
	assert_int_equal(plan->steps.n, 0);
	plan_free(plan);
}

static void a_disk_that_is_not_running_has_only_files(void **state)
{
	(void)state;
	struct guest *guest = running();
	guest->live = false;
	keep(L"server", CRED_TYPE_GENERIC, CRED_PERSIST_LOCAL_MACHINE, "secret");
	struct plan *plan = plan_with(guest, "credential-manager");
	assert_int_equal(plan->steps.n + plan->findings.n, 0);
	plan_free(plan);
}

/* ---- certificates ---- */

#define CONTAINER L"imgsan-test-key"

static HCERTSTORE store(const wchar_t *name)
{
	return CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_LOCAL_MACHINE,
			     name);
}

static HCRYPTPROV container(DWORD flags)
{
	HCRYPTPROV provider = 0;
	CryptAcquireContextW(&provider, CONTAINER, MS_DEF_PROV_W, PROV_RSA_FULL,
			     CRYPT_MACHINE_KEYSET | flags);
	return provider;
}

/* A certificate for a key of its own, as the service makes it. */
static void make_certificate(const wchar_t *in)
{
	BYTE name[64];
	CERT_NAME_BLOB subject = {sizeof name, name};
	CRYPT_KEY_PROV_INFO where = {
		.pwszContainerName = (wchar_t *)CONTAINER,
		.pwszProvName = (wchar_t *)MS_DEF_PROV_W,
		.dwProvType = PROV_RSA_FULL,
		.dwFlags = CRYPT_MACHINE_KEYSET,
		.dwKeySpec = AT_SIGNATURE,
	};
	HCRYPTKEY key;
	container(CRYPT_DELETEKEYSET);
	HCRYPTPROV provider = container(CRYPT_NEWKEYSET);
	assert_true(provider && CryptGenKey(provider, AT_SIGNATURE, 1024 << 16, &key));
	assert_true(CertStrToNameW(X509_ASN_ENCODING, L"CN=WIN-BUILDER", CERT_X500_NAME_STR,
				   NULL, name, &subject.cbData, NULL));
	const CERT_CONTEXT *made = CertCreateSelfSignCertificate(provider, &subject, 0, &where,
								 NULL, NULL, NULL, NULL);
	assert_non_null(made);
	HCERTSTORE into = store(in);
	assert_true(CertAddCertificateContextToStore(into, made, CERT_STORE_ADD_ALWAYS, NULL));
	CertFreeCertificateContext(made);
	CertCloseStore(into, 0);
	CryptDestroyKey(key);
	CryptReleaseContext(provider, 0);
}

static bool has_any(const wchar_t *in)
{
	HCERTSTORE open = store(in);
	const CERT_CONTEXT *found = CertEnumCertificatesInStore(open, NULL);
	if (found)
		CertFreeCertificateContext(found);
	CertCloseStore(open, 0);
	return found != NULL;
}

static bool has_key(void)
{
	HCRYPTPROV provider = container(0);
	if (provider)
		CryptReleaseContext(provider, 0);
	return provider != 0;
}

static void remote_desktops_own_certificate_goes_with_its_key(void **state)
{
	(void)state;
	struct plan *plan = plan_with(running(), "rdp-certificate");
	assert_int_equal(plan->steps.n + plan->findings.n, 0); /* there is no such store */
	plan_free(plan);
	make_certificate(L"Remote Desktop");
	assert_true(has_any(L"Remote Desktop") && has_key());
	plan = plan_with(running(), "rdp-certificate");
	assert_int_equal(plan->steps.n, 1);
	assert_memory_equal(plan->steps.v->path, "certificate:Remote Desktop\\", 27);
	assert_int_equal(strlen(plan->steps.v->path), 27 + 40);
	act_on(plan);
	assert_false(has_any(L"Remote Desktop"));
	assert_false(has_key());
	char *why = NULL;
	assert_int_equal(plat_object_remove(plan->steps.v->path, &why), -ENOENT);
	assert_int_equal(plat_object_remove("certificate:None\\00", &why), -ENOENT);
	assert_int_equal(plat_object_remove("certificate:00", &why), -EINVAL);
	assert_null(why);
	plan_free(plan);
}

/* As after a kill between the two. */
static void a_certificate_whose_key_is_gone_goes(void **state)
{
	(void)state;
	make_certificate(L"Remote Desktop");
	container(CRYPT_DELETEKEYSET);
	assert_false(has_key());
	struct plan *plan = plan_with(running(), "rdp-certificate");
	act_on(plan);
	assert_int_equal(plan->steps.n, 1);
	assert_false(has_any(L"Remote Desktop"));
	plan_free(plan);
}

/* ---- for a test of the program ---- */

static int apart(const wchar_t *what, const wchar_t *name)
{
	wchar_t other[128];
	swprintf(other, 128, L"git:https://%ls", name);
	bool stays = !wcsstr(what, L"-all");
	if (wcsncmp(what, L"plant", 5) == 0) {
		keep(name, CRED_TYPE_GENERIC, CRED_PERSIST_LOCAL_MACHINE, "secret");
		keep(other, CRED_TYPE_GENERIC, CRED_PERSIST_ENTERPRISE, "secret");
		if (stays)
			keep(TASK, CRED_TYPE_DOMAIN_PASSWORD, CRED_PERSIST_LOCAL_MACHINE,
			     "secret");
		make_certificate(L"Remote Desktop");
		return 0;
	}
	return is_kept(name, CRED_TYPE_GENERIC) || is_kept(other, CRED_TYPE_GENERIC) ||
	       has_any(L"Remote Desktop") || has_key() ||
	       is_kept(TASK, CRED_TYPE_DOMAIN_PASSWORD) != stays;
}

#define each(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(int argc, char **argv)
{
	(void)argv;
	int count;
	wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &count);
	if (argc == 3)
		return apart(wide[1], wide[2]);
	const struct CMUnitTest tests[] = {
		each(what_is_saved_for_servers_goes),
		each(a_disk_that_is_not_running_has_only_files),
		each(remote_desktops_own_certificate_goes_with_its_key),
		each(a_certificate_whose_key_is_gone_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
