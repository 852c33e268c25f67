/* SPDX-License-Identifier: MIT */
/* Paths are given to Windows with \\\\?\\ before them, so that they may be of any length and
 * hold any name; the C library's own calls know the code page only. */
#include "../scratch_os.h"

#include <windows.h>

#include <sddl.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "windows/look/names.h"

bool os_make_root(char *out, size_t len)
{
	wchar_t base[MAX_PATH];
	struct buf name = {0};
	DWORD units = GetTempPathW(MAX_PATH, base); /* ends with a backslash */
	if (!units || units >= MAX_PATH)
		return false;
	name_from_wide(base, units, &name);
	static unsigned turn;
	int wanted = snprintf(out, len, "%simgsan-unit-%lu-%u", buf_text(&name),
			      GetCurrentProcessId(), turn++);
	buf_free(&name);
	return wanted > 0 && (size_t)wanted < len && os_make_dir(out);
}

/* Allocated. */
static wchar_t *wide(const char *path)
{
	size_t units;
	wchar_t *name = name_to_wide(path, &units);
	wchar_t *full = name ? calloc(units + 8, sizeof *full) : NULL;
	if (full) {
		wcscpy(full, L"\\\\?\\");
		wcscat(full, name);
		for (wchar_t *at = full; (at = wcschr(at, L'/'));)
			*at = L'\\';
	}
	free(name);
	return full;
}

static void remove_members(const wchar_t *folder);

static void remove_one(const wchar_t *path, DWORD attributes)
{
	SetFileAttributesW(path, FILE_ATTRIBUTE_NORMAL); /* what is read-only can not go */
	if (!(attributes & FILE_ATTRIBUTE_DIRECTORY)) {
		DeleteFileW(path);
		return;
	}
	if (!(attributes & FILE_ATTRIBUTE_REPARSE_POINT))
		remove_members(path);
	RemoveDirectoryW(path);
}

/* Allocated. */
static wchar_t *member(const wchar_t *folder, const wchar_t *name)
{
	size_t units = wcslen(folder) + wcslen(name) + 2;
	wchar_t *path = calloc(units, sizeof *path);
	if (path)
		swprintf(path, units, L"%ls\\%ls", folder, name);
	return path;
}

static void remove_members(const wchar_t *folder)
{
	WIN32_FIND_DATAW entry;
	wchar_t *all = member(folder, L"*");
	HANDLE listing = all ? FindFirstFileW(all, &entry) : INVALID_HANDLE_VALUE;
	free(all);
	if (listing == INVALID_HANDLE_VALUE)
		return;
	do {
		if (!wcscmp(entry.cFileName, L".") || !wcscmp(entry.cFileName, L".."))
			continue;
		wchar_t *path = member(folder, entry.cFileName);
		if (path)
			remove_one(path, entry.dwFileAttributes);
		free(path);
	} while (FindNextFileW(listing, &entry));
	FindClose(listing);
}

bool os_remove_tree(const char *path)
{
	wchar_t *place = wide(path);
	if (!place)
		return false;
	remove_one(place, FILE_ATTRIBUTE_DIRECTORY);
	bool gone = GetFileAttributesW(place) == INVALID_FILE_ATTRIBUTES;
	free(place);
	return gone;
}

bool os_make_dir(const char *path)
{
	wchar_t *place = wide(path);
	bool made = place && CreateDirectoryW(place, NULL);
	free(place);
	return made;
}

/* It takes a right that few have, and Wine only says that it did. */
bool os_make_link(const char *to, const char *path)
{
	(void)to, (void)path;
	return false;
}

FILE *os_open(const char *path, const char *mode)
{
	wchar_t *place = wide(path);
	wchar_t *how = name_to_wide(mode, &(size_t){0});
	FILE *file = place && how ? _wfopen(place, how) : NULL;
	free(how);
	free(place);
	return file;
}

bool os_hard_link(const char *from, const char *to)
{
	wchar_t *old = wide(from), *new = wide(to);
	bool made = old && new &&CreateHardLinkW(new, old, NULL);
	free(old);
	free(new);
	return made;
}

bool os_exists(const char *path)
{
	wchar_t *place = wide(path);
	bool there = place && GetFileAttributesW(place) != INVALID_FILE_ATTRIBUTES;
	free(place);
	return there;
}

bool os_rename(const char *from, const char *to)
{
	wchar_t *old = wide(from), *new = wide(to);
	bool done = old && new &&MoveFileExW(old, new, MOVEFILE_REPLACE_EXISTING);
	free(old);
	free(new);
	return done;
}

bool os_remove(const char *path)
{
	wchar_t *place = wide(path);
	bool done = place && (DeleteFileW(place) || RemoveDirectoryW(place));
	free(place);
	return done;
}

bool os_make_pipe(const char *path)
{
	(void)path;
	return false;
}

/* Each is made by its whole path, which Wine goes through name by name. */
unsigned os_make_deep(const char *path, const char *name, unsigned levels)
{
	enum { MOST = 250 };
	levels = levels < MOST ? levels : MOST;
	size_t len = strlen(path), more = strlen(name) + 1;
	char *deep = malloc(len + levels * more + 1);
	unsigned made = 0;
	if (!deep)
		return 0;
	strcpy(deep, path);
	for (bool done = true; done && made < levels; made += done) {
		sprintf(deep + len + made * more, "/%s", name);
		done = os_make_dir(deep);
	}
	free(deep);
	return made;
}

/* For each new name Wine goes through all that are there. */
unsigned os_make_many(const char *path, unsigned count)
{
	enum { MOST = 1000 };
	char *name = malloc(strlen(path) + 16);
	unsigned made = 0;
	for (bool done = name; done && made < count && made < MOST; made += done) {
		sprintf(name, "%s/%u", path, made);
		FILE *file = os_open(name, "wb");
		done = file && fclose(file) == 0;
	}
	free(name);
	return made;
}

/* Windows can be asked to (platform/windows/look/quiet.c), Wine can not. */
bool os_keeps_access(void)
{
	return false;
}

unsigned os_may_open(unsigned wanted)
{
	return wanted; /* 16 million handles, as the page "Kernel Objects" has it */
}

/* From 1601 to 1970, in units of 100 ns. */
#define EPOCH INT64_C(116444736000000000)

static HANDLE open_times(const char *path, DWORD access)
{
	wchar_t *place = wide(path);
	HANDLE handle = CreateFileW(place, access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
				    OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
	free(place);
	return handle;
}

bool os_set_times(const char *path, int64_t access, int64_t change)
{
	FILE_BASIC_INFO info = {.LastAccessTime.QuadPart = access / 100 + EPOCH,
				.LastWriteTime.QuadPart = change / 100 + EPOCH};
	HANDLE handle = open_times(path, FILE_WRITE_ATTRIBUTES);
	bool done = SetFileInformationByHandle(handle, FileBasicInfo, &info, sizeof info);
	CloseHandle(handle);
	return done;
}

bool os_times(const char *path, int64_t *ret_access, int64_t *ret_change)
{
	FILE_BASIC_INFO info;
	HANDLE handle = open_times(path, FILE_READ_ATTRIBUTES);
	bool done = GetFileInformationByHandleEx(handle, FileBasicInfo, &info, sizeof info);
	CloseHandle(handle);
	if (done) {
		*ret_access = (info.LastAccessTime.QuadPart - EPOCH) * 100;
		*ret_change = (info.LastWriteTime.QuadPart - EPOCH) * 100;
	}
	return done;
}

bool os_give_away(const char *path)
{
	(void)path;
	return false;
}

/* Ours and the system's alone, or everybody's (the words are those of the page "Security
 * Descriptor String Format"). */
bool os_let_write(const char *path, bool everybody)
{
	const wchar_t *who = everybody ? L"D:P(A;;FA;;;WD)"
				       : L"D:P(A;;FA;;;OW)(A;;FA;;;SY)(A;;FA;;;BA)";
	PSECURITY_DESCRIPTOR rights;
	wchar_t *place = wide(path);
	bool done = false;
	if (place && ConvertStringSecurityDescriptorToSecurityDescriptorW(who, SDDL_REVISION_1,
									  &rights, NULL)) {
		done = SetFileSecurityW(place, DACL_SECURITY_INFORMATION, rights);
		LocalFree(rights);
	}
	free(place);
	return done;
}

struct plat_file *os_file_of(const void *bytes, size_t len, bool holes)
{
	static unsigned number;
	char path[MAX_PATH];
	struct plat_file *file = NULL;
	(void)holes;
	if (!os_make_root(path, sizeof path - 16))
		return NULL;
	snprintf(path + strlen(path), 16, "/%u", number++);
	FILE *out = os_open(path, "wb");
	bool filled = out && fwrite(bytes, 1, len, out) == len;
	if (out)
		filled &= fclose(out) == 0;
	if (!filled || plat_file_open(path, &file) < 0)
		file = NULL;
	*strrchr(path, '/') = 0;
	os_remove_tree(path); /* what is open goes when it is closed */
	return file;
}

bool os_hide_mounts(void)
{
	return false;
}
