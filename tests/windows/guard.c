/* SPDX-License-Identifier: MIT */
/* Tries to change files outside its prefix in every way that Wine offers. For each way
 * to name a place (form) and each way to change a file (action) there is one victim,
 * /guard/FORM/ACTION outside. guard.py looks at what became of them: what a call says of
 * itself is printed, and counts for nothing. */
#include <windows.h>

#include <shellapi.h>
#include <shlobj.h>
#include <stdbool.h>
#include <stdio.h>
#include <wchar.h>

static const wchar_t other[] = L"C:\\users\\root\\Temp\\other";

static HANDLE open_as(const wchar_t *path, DWORD access, DWORD how, DWORD flags)
{
	return CreateFileW(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
			   NULL, how, flags, NULL);
}

static bool write_and_close(HANDLE file)
{
	DWORD done;
	if (file == INVALID_HANDLE_VALUE)
		return false;
	bool ok = WriteFile(file, "hurt", 4, &done, NULL);
	CloseHandle(file);
	return ok;
}

static bool put_other(void)
{
	return write_and_close(open_as(other, GENERIC_WRITE, CREATE_ALWAYS, 0));
}

static bool delete (const wchar_t *path)
{
	return DeleteFileW(path);
}

static bool overwrite(const wchar_t *path)
{
	return write_and_close(open_as(path, GENERIC_WRITE, OPEN_EXISTING, 0));
}

static bool truncate_it(const wchar_t *path)
{
	HANDLE file = open_as(path, GENERIC_WRITE, TRUNCATE_EXISTING, 0);
	return file != INVALID_HANDLE_VALUE && CloseHandle(file);
}

static bool rename_it(const wchar_t *path)
{
	wchar_t to[MAX_PATH];
	swprintf(to, MAX_PATH, L"%ls-renamed", path);
	return MoveFileW(path, to);
}

static bool move_out(const wchar_t *path)
{
	return MoveFileExW(path, L"C:\\users\\root\\Temp\\moved",
			   MOVEFILE_COPY_ALLOWED | MOVEFILE_REPLACE_EXISTING);
}

static bool move_over(const wchar_t *path)
{
	return put_other() &&
	       MoveFileExW(other, path, MOVEFILE_COPY_ALLOWED | MOVEFILE_REPLACE_EXISTING);
}

static bool copy_over(const wchar_t *path)
{
	return put_other() && CopyFileW(other, path, FALSE);
}

static bool on_close(const wchar_t *path)
{
	HANDLE file = open_as(path, DELETE, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE);
	return file != INVALID_HANDLE_VALUE && CloseHandle(file);
}

static bool dispose(const wchar_t *path)
{
	FILE_DISPOSITION_INFO info = {.DeleteFile = TRUE};
	HANDLE file = open_as(path, DELETE, OPEN_EXISTING, 0);
	if (file == INVALID_HANDLE_VALUE)
		return false;
	bool ok = SetFileInformationByHandle(file, FileDispositionInfo, &info, sizeof info);
	CloseHandle(file);
	return ok;
}

static bool attributes(const wchar_t *path)
{
	return SetFileAttributesW(path, FILE_ATTRIBUTE_READONLY);
}

static bool times(const wchar_t *path)
{
	FILETIME long_ago = {.dwHighDateTime = 29000000};
	HANDLE file = open_as(path, FILE_WRITE_ATTRIBUTES, OPEN_EXISTING, 0);
	if (file == INVALID_HANDLE_VALUE)
		return false;
	bool ok = SetFileTime(file, NULL, NULL, &long_ago);
	CloseHandle(file);
	return ok;
}

static bool hard_link(const wchar_t *path)
{
	wchar_t to[MAX_PATH];
	swprintf(to, MAX_PATH, L"%ls-linked", path);
	return CreateHardLinkW(to, path, NULL);
}

static bool create(const wchar_t *path)
{
	wchar_t to[MAX_PATH];
	swprintf(to, MAX_PATH, L"%ls-created", path);
	return write_and_close(open_as(to, GENERIC_WRITE, CREATE_NEW, 0));
}

static bool rmdir_it(const wchar_t *path)
{
	return RemoveDirectoryW(path);
}

static bool recycle(const wchar_t *path)
{
	wchar_t list[MAX_PATH + 1] = {0}; /* ends with two zeros */
	wcsncpy(list, path, MAX_PATH - 1);
	SHFILEOPSTRUCTW how = {
		.wFunc = FO_DELETE, .pFrom = list, .fFlags = FOF_ALLOWUNDO | FOF_NO_UI};
	return SHFileOperationW(&how) == 0;
}

/* Wine starts programs of Linux, too. It waits at most so long. */
static bool start_native(const wchar_t *program, wchar_t *line, DWORD milliseconds)
{
	STARTUPINFOW how = {.cb = sizeof how};
	PROCESS_INFORMATION child;
	if (!CreateProcessW(program, line, NULL, NULL, FALSE, 0, NULL, NULL, &how, &child))
		return false;
	WaitForSingleObject(child.hProcess, milliseconds);
	CloseHandle(child.hThread);
	CloseHandle(child.hProcess);
	return true;
}

static bool native(const wchar_t *path)
{
	const wchar_t *inside = wcsstr(path, L"guard\\");
	wchar_t line[MAX_PATH];
	if (!inside)
		return false;
	swprintf(line, MAX_PATH, L"rm -f /%ls", inside);
	for (wchar_t *at = line; (at = wcschr(at, L'\\'));)
		*at = L'/';
	return start_native(L"\\\\?\\unix\\bin\\rm", line, 10000);
}

/* A process that nobody waits for; guard.py knows it by the number. */
static void leave_behind(void)
{
	wchar_t line[] = L"sleep 93710";
	if (!start_native(L"\\\\?\\unix\\bin\\sleep", line, 0))
		puts("nothing was left behind");
}

static const struct {
	const wchar_t *name;
	bool (*run)(const wchar_t *path);
} actions[] = {
	{L"delete", delete},	    {L"overwrite", overwrite},
	{L"truncate", truncate_it}, {L"rename", rename_it},
	{L"move-out", move_out},    {L"move-over", move_over},
	{L"copy-over", copy_over},  {L"delete-on-close", on_close},
	{L"dispose", dispose},	    {L"attributes", attributes},
	{L"times", times},	    {L"hard-link", hard_link},
	{L"create", create},	    {L"rmdir", rmdir_it},
	{L"recycle", recycle},	    {L"native", native},
};

static void try_all(const wchar_t *form, const wchar_t *place)
{
	wchar_t path[MAX_PATH];
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
		swprintf(path, MAX_PATH, L"%ls\\%ls", place, actions[i].name);
		SetLastError(0);
		bool said = actions[i].run(path);
		printf("%ls/%ls: %s %lu\n", form, actions[i].name, said ? "done" : "failed",
		       GetLastError());
	}
}

int wmain(void);
int wmain(void)
{
	wchar_t documents[MAX_PATH] = L"";
	SHGetFolderPathW(NULL, CSIDL_PERSONAL, NULL, SHGFP_TYPE_CURRENT, documents);
	try_all(L"drive", L"Z:\\guard\\drive");
	try_all(L"long", L"\\\\?\\Z:\\guard\\long");
	try_all(L"device", L"\\\\.\\Z:\\guard\\device");
	try_all(L"unix", L"\\\\?\\unix\\guard\\unix");
	try_all(L"documents", documents);
	try_all(L"leftover", L"C:\\leftover");
	SHEmptyRecycleBinW(NULL, NULL,
			   SHERB_NOCONFIRMATION | SHERB_NOPROGRESSUI | SHERB_NOSOUND);
	leave_behind();
	puts("tried all");
	return 0;
}
