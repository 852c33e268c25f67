/* SPDX-License-Identifier: MIT */
/* The steps are those of "Creating a WMI Application Using C++": a locator, a connection, the
 * security of its proxy (CoSetProxyBlanket), a query whose objects come one by one. */
#define COBJMACROS
#define INITGUID
#include "wmi.h"

#include <windows.h>

#include <wbemcli.h>

enum { PATIENCE_MS = 20000 };

static bool number_of(const VARIANT *value, uint32_t *ret)
{
	if (value->vt == VT_I4 || value->vt == VT_UI4)
		*ret = (uint32_t)value->lVal;
	else
		return false;
	return true;
}

/* Who asks, told for each proxy: a process of ours has set nothing for all. */
static void name_ourselves(void *proxy)
{
	(void)CoSetProxyBlanket(proxy, RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, NULL,
				RPC_C_AUTHN_LEVEL_PKT_PRIVACY, RPC_C_IMP_LEVEL_IMPERSONATE,
				NULL, EOAC_NONE);
}

static bool first_number(IWbemServices *services, BSTR query, const wchar_t *property,
			 uint32_t *ret)
{
	IEnumWbemClassObject *rows;
	IWbemClassObject *row = NULL;
	ULONG count = 0;
	VARIANT value;
	bool known = false;
	BSTR language = SysAllocString(L"WQL");
	HRESULT hr = IWbemServices_ExecQuery(
		services, language, query,
		WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &rows);
	SysFreeString(language);
	if (FAILED(hr))
		return false;
	name_ourselves(rows);
	hr = IEnumWbemClassObject_Next(rows, PATIENCE_MS, 1, &row, &count);
	if (SUCCEEDED(hr) && count == 1) {
		VariantInit(&value);
		known = SUCCEEDED(IWbemClassObject_Get(row, property, 0, &value, NULL, NULL)) &&
			number_of(&value, ret);
		VariantClear(&value);
		IWbemClassObject_Release(row);
	}
	IEnumWbemClassObject_Release(rows);
	return known;
}

static bool ask(IWbemLocator *locator, const wchar_t *space, const wchar_t *query,
		const wchar_t *property, uint32_t *ret)
{
	IWbemServices *services;
	BSTR name = SysAllocString(space), text = SysAllocString(query);
	bool known = false;
	if (SUCCEEDED(IWbemLocator_ConnectServer(locator, name, NULL, NULL, NULL,
						 WBEM_FLAG_CONNECT_USE_MAX_WAIT, NULL, NULL,
						 &services))) {
		name_ourselves(services);
		known = first_number(services, text, property, ret);
		IWbemServices_Release(services);
	}
	SysFreeString(text);
	SysFreeString(name);
	return known;
}

bool wmi_number(const wchar_t *space, const wchar_t *query, const wchar_t *property,
		uint32_t *ret)
{
	IWbemLocator *locator;
	bool known = false;
	if (FAILED(CoInitializeEx(NULL, COINIT_MULTITHREADED)))
		return false;
	if (SUCCEEDED(CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER,
				       &IID_IWbemLocator, (void **)&locator))) {
		known = ask(locator, space, query, property, ret);
		IWbemLocator_Release(locator);
	}
	CoUninitialize();
	return known;
}
