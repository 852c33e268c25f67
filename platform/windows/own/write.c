/* SPDX-License-Identifier: MIT */
/* Writing a file of ours where another user may be able to write too. */
#include <errno.h>
#include <string.h>

#include "../look/errors.h"
#include "../look/handles.h"
#include "../look/private.h"
#include "../look/rename_order.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "folder.h"

static int write_all(HANDLE handle, const char *bytes, size_t len)
{
	while (len) {
		DWORD n, part = len > 1u << 20 ? 1u << 20 : (DWORD)len;
		if (!WriteFile(handle, bytes, part, &n, NULL))
			return error_last();
		bytes += n;
		len -= n;
	}
	return FlushFileBuffers(handle) ? 0 : error_last();
}

/* In one step also while somebody reads the old one, where Windows can. */
static int rename_over(HANDLE handle, HANDLE folder, const char *leaf)
{
	IO_STATUS_BLOCK io;
	_cleanup_free_ struct rename_order *order = rename_order_make(
		folder, leaf,
		FILE_RENAME_FLAG_REPLACE_IF_EXISTS | FILE_RENAME_FLAG_POSIX_SEMANTICS);
	if (!order)
		return -EINVAL;
	ULONG size = (ULONG)rename_order_size(order);
	NTSTATUS status = NtSetInformationFile(handle, &io, order, size,
					       (FILE_INFORMATION_CLASS)RENAME_EX);
	if (status < 0) {
		order->flags = FILE_RENAME_FLAG_REPLACE_IF_EXISTS;
		status = NtSetInformationFile(handle, &io, order, size, FileRenameInformation);
	}
	return error_of_status(status);
}

static void take_back(HANDLE handle)
{
	IO_STATUS_BLOCK io;
	FILE_DISPOSITION_INFORMATION gone = {TRUE};
	(void)NtSetInformationFile(handle, &io, &gone, sizeof gone, FileDispositionInformation);
}

static int create(HANDLE folder, const char *name, HANDLE *ret)
{
	struct handle_how how = {
		.access = FILE_GENERIC_WRITE | DELETE,
		.share = FILE_SHARE_READ | FILE_SHARE_DELETE,
		.disposition = FILE_CREATE,
		.options = FILE_NON_DIRECTORY_FILE,
		.attributes = FILE_ATTRIBUTE_NORMAL,
		.security = private_descriptor(false),
	};
	if (!how.security)
		return -EPERM;
	int r = handle_open_at(folder, name, &how, ret);
	LocalFree(how.security);
	return r;
}

static int replace(HANDLE folder, const char *leaf, const void *bytes, size_t len)
{
	uint64_t number;
	HANDLE handle;
	plat_random(&number, sizeof number);
	_cleanup_free_ char *temporary = mem_printf(".imgsan-%016llx",
						    (unsigned long long)number);
	int r = create(folder, temporary, &handle);
	if (r < 0)
		return r;
	r = write_all(handle, bytes, len);
	if (!r)
		r = rename_over(handle, folder, leaf);
	if (r < 0)
		take_back(handle);
	CloseHandle(handle);
	return r;
}

static bool is_folder(HANDLE folder, const char *leaf)
{
	static const struct handle_how how = {.share = FILE_SHARE_READ | FILE_SHARE_WRITE |
						       FILE_SHARE_DELETE,
					      .disposition = FILE_OPEN};
	struct plat_info info;
	HANDLE handle;
	if (handle_open_at(folder, leaf, &how, &handle) < 0)
		return false;
	int r = handle_info(handle, &info);
	CloseHandle(handle);
	return !r && info.kind == PLAT_DIR;
}

/* NUL, COM1.txt and their like are devices for most programs, which could not even remove
 * such a file ("Naming Files, Paths, and Namespaces", learn.microsoft.com). They are not
 * written to either: who wants no report asks for none. */
static bool is_device(const char *leaf)
{
	static const char *const names[] = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
	size_t len = strcspn(leaf, ".: ");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (len == strlen(names[i]) && _strnicmp(leaf, names[i], len) == 0)
			return true;
	return len == 4 && leaf[3] >= '0' && leaf[3] <= '9' &&
	       (_strnicmp(leaf, "COM", 3) == 0 || _strnicmp(leaf, "LPT", 3) == 0);
}

int plat_out_write(const char *host_path, const void *bytes, size_t len)
{
	const char *leaf;
	HANDLE folder;
	size_t end = strlen(host_path);
	if (!end || host_path[end - 1] == '/' || host_path[end - 1] == '\\')
		return -EISDIR;
	int r = folder_open(host_path, &folder, &leaf);
	if (r < 0)
		return r;
	if (is_device(leaf))
		r = -EINVAL;
	else if (is_folder(folder, leaf))
		r = -EISDIR;
	else
		r = replace(folder, leaf, bytes, len);
	CloseHandle(folder);
	return r;
}
