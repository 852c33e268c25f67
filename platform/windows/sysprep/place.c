/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <errno.h>

#include <windows.h>

#include "../look/paths.h"
#include "platform.h"
#include "settings.h"

/* GetSystemWindowsDirectoryW: the one of the system, also in a session of terminal services. */
bool place_in_windows(const wchar_t *tail, wchar_t *out, size_t room)
{
	UINT len = GetSystemWindowsDirectoryW(out, (UINT)room);
	if (!len || len + wcslen(tail) + 1 > room)
		return false;
	wcscpy(out + len, tail);
	return true;
}

int plat_generalize_place(struct buf *ret_folder, const char **ret_architecture)
{
	wchar_t folder[MAX_PATH];
	SYSTEM_INFO info;
	if (!place_in_windows(L"", folder, MAX_PATH))
		return -EINVAL;
	/* What runs here may run on another processor than it was made for. */
	GetNativeSystemInfo(&info);
	*ret_architecture = info.wProcessorArchitecture == PROCESSOR_ARCHITECTURE_ARM64
				    ? "arm64"
				    : "amd64";
	return path_to_guest(folder, wcslen(folder), path_system_drive(), ret_folder);
}

/* "Windows Setup States". */
int plat_generalize_state(struct buf *ret)
{
	(void)setting_text(L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State",
			   L"ImageState", ret);
	return 0;
}
