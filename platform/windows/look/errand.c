/* SPDX-License-Identifier: MIT */
/* What a worker is told: one variable in its environment, taken out again as soon as it is
 * read. The rest of the environment is the parent's, as it is after a fork, since the worker
 * has to come the same way through the program. Whoever sets the variable by hand only gets
 * what he could do to this process anyway; still the pipe has to be one, and its other end
 * our parent's. */
#include "sandbox.h"

#include <winternl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"

#define VARIABLE L"IMGSAN_WORKER"
enum { VALUE_MOST = 128 };

uint64_t errand_place(const void *function)
{
	return function ? (uintptr_t)function - (uintptr_t)GetModuleHandleW(NULL) : 0;
}

/* ---- in the parent ---- */

static size_t environment_units(const wchar_t *block)
{
	size_t units = 0;
	while (block[units])
		units += wcslen(block + units) + 1;
	return units;
}

wchar_t *errand_environment(const struct errand *errand)
{
	wchar_t entry[VALUE_MOST];
	int units = swprintf(entry, VALUE_MOST, L"%ls=%llx:%llx:%llx:%x", VARIABLE,
			     (unsigned long long)(uintptr_t)errand->pipe,
			     (unsigned long long)errand->prepare,
			     (unsigned long long)errand->work, errand->terminals);
	wchar_t *ours = GetEnvironmentStringsW();
	size_t before = ours ? environment_units(ours) : 0,
	       more = units > 0 ? (size_t)units : 0;
	wchar_t *block = mem_alloc((before + more + 2) * sizeof *block);
	/* In front: the variables of the drives, which begin with '=', need no order. */
	memcpy(block, entry, more * sizeof *block);
	if (before)
		memcpy(block + more + 1, ours, before * sizeof *block);
	FreeEnvironmentStringsW(ours);
	return block;
}

/* ---- in the worker ---- */

static bool number_take(wchar_t **at, wchar_t end, uint64_t *ret)
{
	wchar_t *behind;
	*ret = wcstoull(*at, &behind, 16);
	bool good = behind != *at && *behind == end;
	*at = behind + (good && end);
	return good;
}

static bool errand_parse(wchar_t *text, struct errand *ret)
{
	uint64_t pipe, prepare, work, terminals;
	if (!number_take(&text, ':', &pipe) || !number_take(&text, ':', &prepare) ||
	    !number_take(&text, ':', &work) || !number_take(&text, 0, &terminals))
		return false;
	*ret = (struct errand){(HANDLE)(uintptr_t)pipe, prepare, work, (unsigned)terminals};
	return true;
}

/* NtQueryInformationProcess: the last field of what it tells is the parent's number. */
static ULONG parent_number(void)
{
	PROCESS_BASIC_INFORMATION basic = {0};
	if (NtQueryInformationProcess(GetCurrentProcess(), ProcessBasicInformation, &basic,
				      sizeof basic, NULL) < 0)
		return 0;
	return (ULONG)basic.InheritedFromUniqueProcessId;
}

static bool is_parents(HANDLE pipe)
{
	ULONG server = 0;
	return GetFileType(pipe) == FILE_TYPE_PIPE &&
	       GetNamedPipeServerProcessId(pipe, &server) && server == parent_number();
}

const struct errand *errand_here(void)
{
	static struct errand errand;
	static bool looked, found;
	wchar_t text[VALUE_MOST];
	if (looked)
		return found ? &errand : NULL;
	looked = true;
	DWORD units = GetEnvironmentVariableW(VARIABLE, text, VALUE_MOST);
	if (!units)
		return NULL;
	SetEnvironmentVariableW(VARIABLE, NULL);
	found = units < VALUE_MOST && errand_parse(text, &errand) && is_parents(errand.pipe);
	if (found)
		SetHandleInformation(errand.pipe, HANDLE_FLAG_INHERIT, 0);
	return found ? &errand : NULL;
}
