/* SPDX-License-Identifier: MIT */
/* What this run stands on: the program, where its output goes, and the scripts that started
 * it. Every interpreter has a way of its own to name its script (cmd /c "a b.bat" x,
 * powershell -Command "& 'a.ps1'", python a.py), so whatever in a command line is the name
 * of a file counts, what stands in quotes as a whole and word by word, relative to the
 * directory of its process. Too many only means that a file is left alone. */
#include "handles.h"

#include <stdlib.h>
#include <string.h>
#include <tlhelp32.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/vec.h"
#include "names.h"
#include "paths.h"

enum { DEEPEST = 32, NAME_MOST = 32768 };

typedef VEC(struct plat_id) ids;

/* ---- files ---- */

static void add_handle(HANDLE handle, ids *found)
{
	struct plat_info info;
	if (GetFileType(handle) == FILE_TYPE_DISK && !handle_info(handle, &info) &&
	    info.kind == PLAT_FILE)
		*vec_add(found) = info.id;
}

/* Only what lies on a drive: no server and no device is asked. */
static void add_path(const char *name, const char *here, ids *found)
{
	const struct handle_how how = {.share = FILE_SHARE_READ | FILE_SHARE_WRITE |
						FILE_SHARE_DELETE,
				       .disposition = FILE_OPEN,
				       .at_once = true};
	_cleanup_(buf_free) struct buf native = {0};
	HANDLE handle;
	if (path_native(name, here, path_system_drive(), &native) < 0 || native.len < 7 ||
	    !ascii_is_letter((uint8_t)native.data[4]) || native.data[5] != ':' ||
	    handle_open_path(buf_text(&native), &how, &handle) < 0)
		return;
	add_handle(handle, found);
	CloseHandle(handle);
}

/* cmd.exe finds a batch file also without its ending. */
static void add_name(const char *at, size_t len, const char *here, ids *found)
{
	static const char *const endings[] = {"", ".bat", ".cmd"};
	if (!len || len > NAME_MOST)
		return;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		_cleanup_free_ char *name = mem_printf("%.*s%s", (int)len, at, endings[i]);
		add_path(name, here, found);
	}
}

static void add_names(const char *line, const char *breaks, const char *here, ids *found)
{
	for (const char *at = line; *at;) {
		size_t len = strcspn(at, breaks);
		add_name(at, len, here, found);
		at += len + (at[len] != 0);
	}
}

static void add_command(const char *line, const char *here, ids *found)
{
	add_names(line, "\"", here, found);
	add_names(line, "\"'", here, found);
	add_names(line, " \t\r\n\"'&|;(),=<>^", here, found);
}

/* ---- processes ---- */

static bool peek(HANDLE process, uint64_t at, void *out, size_t size)
{
	SIZE_T got;
	return ReadProcessMemory(process, (const void *)(uintptr_t)at, out, size, &got) &&
	       got == size;
}

/* In the memory of a process of 64 bits (those of 32 have it as well): the block of its
 * parameters, and in that the directory and the command line. winternl.h has the first;
 * where the others stand has not changed since the first Windows of 64 bits. */
enum { PEB_PARAMETERS = 0x20, PARAMETERS_DIRECTORY = 0x38, PARAMETERS_LINE = 0x70 };

static uint64_t parameters_of(HANDLE process)
{
	PROCESS_BASIC_INFORMATION basic = {0};
	uint64_t at = 0;
	if (NtQueryInformationProcess(process, ProcessBasicInformation, &basic, sizeof basic,
				      NULL) < 0 ||
	    !peek(process, (uintptr_t)basic.PebBaseAddress + PEB_PARAMETERS, &at, sizeof at))
		return 0;
	return at;
}

static void text_of(HANDLE process, uint64_t at, struct buf *out)
{
	UNICODE_STRING text;
	if (!peek(process, at, &text, sizeof text) || !text.Length)
		return;
	_cleanup_free_ wchar_t *wide = mem_alloc((size_t)text.Length + sizeof *wide);
	if (peek(process, (uintptr_t)text.Buffer, wide, text.Length))
		name_from_wide(wide, text.Length / sizeof *wide, out);
}

static void add_process(DWORD number, ids *found)
{
	_cleanup_(buf_free) struct buf line = {0}, here = {0};
	HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE,
				     number);
	if (!process)
		return;
	uint64_t parameters = parameters_of(process);
	if (parameters) {
		text_of(process, parameters + PARAMETERS_LINE, &line);
		text_of(process, parameters + PARAMETERS_DIRECTORY, &here);
	}
	CloseHandle(process);
	add_command(buf_text(&line), here.len ? buf_text(&here) : "C:\\", found);
}

static DWORD parent_of(HANDLE list, DWORD number)
{
	PROCESSENTRY32W entry = {.dwSize = sizeof entry};
	for (BOOL more = Process32FirstW(list, &entry); more;
	     more = Process32NextW(list, &entry))
		if (entry.th32ProcessID == number)
			return entry.th32ParentProcessID;
	return 0;
}

/* Numbers of processes that have ended are given away again: at worst a stranger's script is
 * left alone, too. */
static void add_ancestors(ids *found)
{
	HANDLE list = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
	DWORD number = GetCurrentProcessId();
	if (list == INVALID_HANDLE_VALUE)
		return;
	for (int depth = 0; number && depth < DEEPEST; depth++) {
		add_process(number, found);
		number = parent_of(list, number);
	}
	CloseHandle(list);
}

static void add_program(ids *found)
{
	_cleanup_free_ wchar_t *path = mem_alloc(NAME_MOST * sizeof *path);
	_cleanup_(buf_free) struct buf name = {0};
	DWORD units = GetModuleFileNameW(NULL, path, NAME_MOST);
	name_from_wide(path, units, &name);
	if (units)
		add_path(buf_text(&name), "C:\\", found);
}

int plat_own_files(struct plat_id **ret, size_t *ret_count)
{
	static const DWORD standard[] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};
	ids found = {0};
	add_program(&found);
	for (size_t i = 0; i < sizeof standard / sizeof *standard; i++)
		add_handle(GetStdHandle(standard[i]), &found);
	add_ancestors(&found);
	*ret = found.v;
	*ret_count = found.n;
	return 0;
}
