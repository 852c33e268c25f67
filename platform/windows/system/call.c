/* SPDX-License-Identifier: MIT */
#include "call.h"

#include <string.h>

/* Only from the folder of the system (LoadLibraryExW, LOAD_LIBRARY_SEARCH_SYSTEM32): a DLL
 * beside the program could be anybody's. */
DWORD call_load(const wchar_t *dll, const char *const *names, size_t count, void *ret)
{
	FARPROC *out = ret;
	HMODULE module = LoadLibraryExW(dll, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
	if (!module)
		return call_error();
	for (size_t i = 0; i < count; i++) {
		out[i] = GetProcAddress(module, names[i]);
		if (!out[i])
			return call_error();
	}
	return ERROR_SUCCESS;
}

DWORD call_error(void)
{
	DWORD error = GetLastError();
	return error ? error : ERROR_GEN_FAILURE;
}
