/* SPDX-License-Identifier: MIT */
/* Certificates of the machine and their keys (wincrypt.h, ncrypt.h). A certificate says in
 * CERT_KEY_PROV_INFO_PROP_ID where its private key is: with a provider type in a CSP, without
 * one (0) in a key storage provider. */
#include <string.h>

#include <windows.h>

#include <ncrypt.h>
#include <wincrypt.h>

#include "../look/names.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "call.h"
#include "system.h"

enum { THUMBPRINT = 20, DIGITS = 2 * THUMBPRINT + 1, MOST_SUBJECT = 256 };

static uint32_t open_store(const char *name, DWORD flags, HCERTSTORE *ret)
{
	size_t units;
	_cleanup_free_ wchar_t *wide = name_to_wide(name, &units);
	if (!wide)
		return ERROR_INVALID_PARAMETER;
	*ret = CertOpenStore(
		CERT_STORE_PROV_SYSTEM_W, 0, 0,
		CERT_SYSTEM_STORE_LOCAL_MACHINE | CERT_STORE_OPEN_EXISTING_FLAG | flags, wide);
	return *ret ? 0 : call_error();
}

static bool thumbprint_of(const CERT_CONTEXT *found, char ret[DIGITS])
{
	BYTE hash[THUMBPRINT];
	DWORD size = sizeof hash;
	if (!CertGetCertificateContextProperty(found, CERT_HASH_PROP_ID, hash, &size) ||
	    size != sizeof hash)
		return false;
	for (size_t i = 0; i < sizeof hash; i++) {
		ret[2 * i] = "0123456789ABCDEF"[hash[i] >> 4];
		ret[2 * i + 1] = "0123456789ABCDEF"[hash[i] & 15];
	}
	ret[DIGITS - 1] = 0;
	return true;
}

/* Names itself as its issuer, and its own key signed it. */
static bool is_self_signed(const CERT_CONTEXT *found)
{
	return CertCompareCertificateName(X509_ASN_ENCODING, &found->pCertInfo->Subject,
					  &found->pCertInfo->Issuer) &&
	       CryptVerifyCertificateSignatureEx(
		       0, X509_ASN_ENCODING, CRYPT_VERIFY_CERT_SIGN_SUBJECT_CERT, (void *)found,
		       CRYPT_VERIFY_CERT_SIGN_ISSUER_CERT, (void *)found, 0, NULL);
}

static void tell_one(const CERT_CONTEXT *found, sys_certificate_tell *tell, void *context)
{
	char thumbprint[DIGITS];
	wchar_t subject[MOST_SUBJECT];
	DWORD size = 0;
	_cleanup_(buf_free) struct buf name = {0};
	if (!thumbprint_of(found, thumbprint))
		return;
	/* It always ends with a zero, which counts. */
	DWORD units = CertGetNameStringW(found, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, subject,
					 MOST_SUBJECT);
	name_from_wide(subject, units ? units - 1 : 0, &name);
	struct sys_certificate certificate = {
		.thumbprint = thumbprint,
		.subject = buf_text(&name),
		.self_signed = is_self_signed(found),
		.has_key = CertGetCertificateContextProperty(found, CERT_KEY_PROV_INFO_PROP_ID,
							     NULL, &size),
	};
	tell(&certificate, context);
}

uint32_t sys_certificates(const char *store, sys_certificate_tell *tell, void *context)
{
	HCERTSTORE open;
	uint32_t error = open_store(store, CERT_STORE_READONLY_FLAG, &open);
	if (error)
		return error == ERROR_FILE_NOT_FOUND ? 0 : error;
	/* Each call frees what the one before gave. */
	for (const CERT_CONTEXT *found = NULL;
	     (found = CertEnumCertificatesInStore(open, found));)
		tell_one(found, tell, context);
	CertCloseStore(open, 0);
	return 0;
}

/* ---- taking away ---- */

static uint32_t delete_new_key(const CRYPT_KEY_PROV_INFO *where)
{
	NCRYPT_PROV_HANDLE provider;
	NCRYPT_KEY_HANDLE key;
	DWORD machine = where->dwFlags & CRYPT_MACHINE_KEYSET ? NCRYPT_MACHINE_KEY_FLAG : 0;
	SECURITY_STATUS status = NCryptOpenStorageProvider(&provider, where->pwszProvName, 0);
	if (status != ERROR_SUCCESS)
		return (uint32_t)status;
	status = NCryptOpenKey(provider, &key, where->pwszContainerName, where->dwKeySpec,
			       machine);
	if (status == ERROR_SUCCESS)
		status = NCryptDeleteKey(key, 0); /* frees the handle as well */
	NCryptFreeObject(provider);
	return (uint32_t)status;
}

/* CryptAcquireContext: with CRYPT_DELETEKEYSET the handle that it gives is none. */
static uint32_t delete_old_key(const CRYPT_KEY_PROV_INFO *where)
{
	HCRYPTPROV none;
	DWORD flags = CRYPT_DELETEKEYSET | (where->dwFlags & CRYPT_MACHINE_KEYSET);
	return CryptAcquireContextW(&none, where->pwszContainerName, where->pwszProvName,
				    where->dwProvType, flags)
		       ? 0
		       : call_error();
}

/* One that is gone already is no fault: a run may have been killed behind it. */
static uint32_t delete_key(const CERT_CONTEXT *found)
{
	DWORD size = 0;
	if (!CertGetCertificateContextProperty(found, CERT_KEY_PROV_INFO_PROP_ID, NULL, &size))
		return 0; /* it has none here */
	_cleanup_free_ CRYPT_KEY_PROV_INFO *where = mem_alloc(size);
	if (!CertGetCertificateContextProperty(found, CERT_KEY_PROV_INFO_PROP_ID, where, &size))
		return call_error();
	uint32_t error = where->dwProvType ? delete_old_key(where) : delete_new_key(where);
	return error == (uint32_t)NTE_BAD_KEYSET || error == (uint32_t)NTE_NOT_FOUND ? 0
										     : error;
}

/* The key first: what is left of a kill is then still found by its certificate. */
static uint32_t delete_one(const CERT_CONTEXT *found)
{
	uint32_t error = delete_key(found);
	/* The context is freed whatever comes of it, so it gets one of its own. */
	if (!error && !CertDeleteCertificateFromStore(CertDuplicateCertificateContext(found)))
		error = call_error();
	return error;
}

uint32_t sys_act_certificate_delete(const char *store, const char *thumbprint)
{
	HCERTSTORE open;
	char each[DIGITS];
	uint32_t error = open_store(store, 0, &open);
	if (error)
		return error;
	error = (uint32_t)CRYPT_E_NOT_FOUND;
	for (const CERT_CONTEXT *found = NULL;
	     (found = CertEnumCertificatesInStore(open, found));) {
		if (!thumbprint_of(found, each) || strcmp(each, thumbprint) != 0)
			continue;
		error = delete_one(found);
		CertFreeCertificateContext(found);
		break;
	}
	/* CertControlStore, CERT_STORE_CTRL_COMMIT: written now, and not when nobody is told.
	 */
	if (!error && !CertControlStore(open, 0, CERT_STORE_CTRL_COMMIT, NULL))
		error = call_error();
	CertCloseStore(open, 0);
	return error;
}
