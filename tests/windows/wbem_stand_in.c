/* SPDX-License-Identifier: MIT */
/* A stand-in for WMI's locator, which a test bed registers in the place of Wine's. It knows two
 * classes with a number each, which HKLM\SOFTWARE\imgsan-stand-in holds, and refuses calls that
 * the pages of IWbemLocator, IWbemServices and IEnumWbemClassObject do not allow. */
#define COBJMACROS
#define CINTERFACE
#define INITGUID
#include <stdbool.h>
#include <wchar.h>

#include <windows.h>

#include <wbemcli.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct known {
	const wchar_t *space, *query, *property;
} all_known[] = {
	{L"ROOT\\CIMV2", L"SELECT RemainingWindowsReArmCount FROM SoftwareLicensingService",
	 L"RemainingWindowsReArmCount"},
	{L"ROOT\\CIMV2\\Security\\MicrosoftVolumeEncryption",
	 L"SELECT * FROM Win32_EncryptableVolume WHERE DriveLetter = 'C:'",
	 L"ConversionStatus"},
};
static const struct known *asked; /* one question at a time */
static int told;

/* All objects here live as long as the DLL. */
static HRESULT WINAPI give_self(void *self, REFIID id, void **ret)
{
	/* No proxies: who asks them for their security gets nothing. */
	*ret = IsEqualIID(id, &IID_IClientSecurity) ? NULL : self;
	return *ret ? S_OK : E_NOINTERFACE;
}

static ULONG WINAPI count_nothing(void *self)
{
	(void)self;
	return 1;
}

#define UNKNOWN(type)                                                            \
	.QueryInterface = (HRESULT(WINAPI *)(type *, REFIID, void **))give_self, \
	.AddRef = (ULONG(WINAPI *)(type *))count_nothing,                        \
	.Release = (ULONG(WINAPI *)(type *))count_nothing

static bool known_number(const wchar_t *name, DWORD *ret)
{
	DWORD bytes = sizeof *ret;
	return RegGetValueW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\imgsan-stand-in", name,
			    RRF_RT_REG_DWORD, NULL, ret, &bytes) == ERROR_SUCCESS;
}

static HRESULT WINAPI get(IWbemClassObject *self, LPCWSTR name, LONG flags, VARIANT *ret,
			  CIMTYPE *type, LONG *flavor)
{
	DWORD number;
	(void)self;
	(void)type;
	(void)flavor;
	if (flags)
		return WBEM_E_INVALID_PARAMETER;
	if (wcscmp(name, asked->property) || !known_number(name, &number))
		return WBEM_E_NOT_FOUND;
	ret->vt = VT_I4; /* WMI gives uint32 as this */
	ret->lVal = (LONG)number;
	return WBEM_S_NO_ERROR;
}

static IWbemClassObjectVtbl object_calls = {UNKNOWN(IWbemClassObject), .Get = get};
static IWbemClassObject object = {&object_calls};

static HRESULT WINAPI next(IEnumWbemClassObject *self, LONG timeout, ULONG count,
			   IWbemClassObject **objects, ULONG *ret)
{
	(void)self;
	if (!count || timeout < (LONG)WBEM_INFINITE)
		return WBEM_E_INVALID_PARAMETER;
	*ret = !told++;
	*objects = *ret ? &object : NULL;
	return *ret == count ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

static IEnumWbemClassObjectVtbl rows_calls = {UNKNOWN(IEnumWbemClassObject), .Next = next};
static IEnumWbemClassObject rows = {&rows_calls};

static HRESULT WINAPI query(IWbemServices *self, const BSTR language, const BSTR text,
			    LONG flags, IWbemContext *context, IEnumWbemClassObject **ret)
{
	(void)self;
	if (wcscmp(language, L"WQL"))
		return WBEM_E_INVALID_QUERY_TYPE;
	if (flags & ~(WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY) || context)
		return WBEM_E_INVALID_PARAMETER;
	if (wcscmp(text, asked->query))
		return WBEM_E_INVALID_QUERY;
	told = 0;
	*ret = &rows;
	return WBEM_S_NO_ERROR;
}

static IWbemServicesVtbl services_calls = {UNKNOWN(IWbemServices), .ExecQuery = query};
static IWbemServices services = {&services_calls};

static HRESULT WINAPI connect_to(IWbemLocator *self, const BSTR space, const BSTR user,
				 const BSTR password, const BSTR locale, LONG flags,
				 const BSTR authority, IWbemContext *context,
				 IWbemServices **ret)
{
	(void)self;
	(void)locale;
	if (user || password || authority || context ||
	    (flags && flags != WBEM_FLAG_CONNECT_USE_MAX_WAIT))
		return WBEM_E_INVALID_PARAMETER;
	for (size_t i = 0; i < COUNT(all_known); i++) {
		if (wcscmp(space, all_known[i].space))
			continue;
		asked = &all_known[i];
		*ret = &services;
		return WBEM_S_NO_ERROR;
	}
	return WBEM_E_INVALID_NAMESPACE;
}

static IWbemLocatorVtbl locator_calls = {UNKNOWN(IWbemLocator), .ConnectServer = connect_to};
static IWbemLocator locator = {&locator_calls};

static HRESULT WINAPI make(IClassFactory *self, IUnknown *outer, REFIID id, void **ret)
{
	(void)self;
	if (outer || !IsEqualIID(id, &IID_IWbemLocator))
		return E_NOINTERFACE;
	*ret = &locator;
	return S_OK;
}

static IClassFactoryVtbl factory_calls = {UNKNOWN(IClassFactory), .CreateInstance = make};
static IClassFactory factory = {&factory_calls};

HRESULT WINAPI DllGetClassObject(REFCLSID class, REFIID id, void **ret)
{
	(void)id;
	if (!IsEqualCLSID(class, &CLSID_WbemLocator))
		return CLASS_E_CLASSNOTAVAILABLE;
	*ret = &factory;
	return S_OK;
}
