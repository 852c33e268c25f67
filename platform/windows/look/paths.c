/* SPDX-License-Identifier: MIT */
/* "File path formats on Windows systems" and "Naming Files, Paths, and Namespaces" at
 * learn.microsoft.com say what callers may write. The Win32 layer's other changes (NUL and
 * COM1 as devices, dots and blanks at the end dropped) are left out: each hides files. */
#include "paths.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <windows.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "names.h"

#define NATIVE "\\??\\"
#define VOLUME "Volume{"

char path_system_drive(void)
{
	wchar_t folder[MAX_PATH];
	UINT len = GetSystemWindowsDirectoryW(folder, MAX_PATH);
	bool known = len > 2 && len < MAX_PATH && folder[1] == L':' && folder[0] < 0x80;
	return known ? (char)toupper((int)folder[0]) : 'C';
}

static bool is_separator(char c)
{
	return c == '/' || c == '\\';
}

static bool is_end(char c)
{
	return !c || is_separator(c);
}

static bool is_drive(const char *at)
{
	return isalpha((unsigned char)at[0]) && at[1] == ':';
}

/* Adds the parts of a path; `base` bytes of out are its root and can not be left. */
static void add_parts(struct buf *out, size_t base, const char *at)
{
	while (*at) {
		size_t len = strcspn(at, "/\\");
		if (len == 2 && !memcmp(at, "..", 2)) {
			while (out->len > base && out->data[out->len - 1] != '\\')
				buf_cut(out, out->len - 1);
			if (out->len > base)
				buf_cut(out, out->len - 1);
		} else if (len && !(len == 1 && *at == '.')) {
			if (out->data[out->len - 1] != '\\')
				buf_puts(out, "\\");
			buf_add(out, at, len);
		}
		at += len + (at[len] != 0);
	}
}

static int add_drive(struct buf *out, char letter, const char *rest)
{
	buf_printf(out, NATIVE "%c:\\", toupper((unsigned char)letter));
	add_parts(out, out->len, rest);
	return 0;
}

/* \\server\share is the root. */
static int add_share(struct buf *out, const char *at)
{
	buf_puts(out, NATIVE "UNC");
	for (int i = 0; i < 2; i++) {
		at += is_separator(*at);
		size_t len = strcspn(at, "/\\");
		if (!len || (!i && len == 1 && (*at == '.' || *at == '?')))
			return -EINVAL;
		buf_puts(out, "\\");
		buf_add(out, at, len);
		at += len;
	}
	buf_puts(out, "\\");
	add_parts(out, out->len, at);
	return 0;
}

/* Behind one separator: what a guest calls its volumes, or something on the system drive. */
static int add_guest_path(struct buf *out, const char *at, char system_drive)
{
	if (is_drive(at) && is_end(at[2]))
		return add_drive(out, *at, at + 2);
	if (!str_starts(at, VOLUME))
		return add_drive(out, system_drive, at);
	size_t len = strcspn(at, "/\\");
	buf_puts(out, NATIVE);
	buf_add(out, at, len);
	buf_puts(out, "\\");
	add_parts(out, out->len, at + len);
	return 0;
}

/* How much of a path in the kernel's form is its root. */
static size_t root_of(const char *native)
{
	const char *at = native + strlen(NATIVE);
	int parts = str_starts(at, "UNC\\") ? 3 : 1;
	while (parts--) {
		at += strcspn(at, "\\");
		at += *at != 0;
	}
	return (size_t)(at - native);
}

static int add_relative(struct buf *out, const char *path, const char *here, char system_drive)
{
	_cleanup_(buf_free) struct buf base = {0};
	int r = here ? path_native(here, NULL, system_drive, &base) : -EINVAL;
	if (r)
		return r;
	if (is_drive(path)) {
		if (toupper((unsigned char)*path) != base.data[strlen(NATIVE)] ||
		    base.data[strlen(NATIVE) + 1] != ':')
			return -EINVAL;
		path += 2;
	}
	buf_add(out, base.data, base.len);
	add_parts(out, root_of(base.data), path);
	return 0;
}

int path_native(const char *host_path, const char *here, char system_drive, struct buf *out)
{
	const char *at = host_path;
	if (str_starts(at, "\\\\?\\") || str_starts(at, NATIVE)) {
		buf_puts(out, NATIVE);
		buf_puts(out, at + 4);
		return 0;
	}
	if (is_separator(at[0]))
		return is_separator(at[1]) ? add_share(out, at + 2)
					   : add_guest_path(out, at + 1, system_drive);
	if (is_drive(at) && is_end(at[2]))
		return add_drive(out, *at, at + 2);
	return *at ? add_relative(out, at, here, system_drive) : -ENOENT;
}

static void add_with_slashes(struct buf *out, const char *rest)
{
	while (*rest) {
		rest += strspn(rest, "/\\");
		size_t len = strcspn(rest, "/\\");
		if (len)
			buf_puts(out, "/");
		buf_add(out, rest, len);
		rest += len;
	}
}

int path_to_guest(const wchar_t *path, size_t units, char system_drive, struct buf *out)
{
	_cleanup_(buf_free) struct buf text = {0};
	name_from_wide(path, units, &text);
	const char *at = buf_text(&text);
	bool long_form = str_starts(at, NATIVE) || str_starts(at, "\\\\?\\");
	if (long_form)
		at += 4;
	size_t before = out->len;
	if (is_drive(at) && is_end(at[2])) {
		char letter = (char)toupper((unsigned char)*at);
		if (letter != system_drive)
			buf_printf(out, "/%c:", letter);
		add_with_slashes(out, at + 2);
		if (out->len == before)
			buf_puts(out, "/");
	} else if (long_form && str_starts(at, VOLUME)) {
		add_with_slashes(out, at);
	} else if (long_form ? str_starts(at, "UNC\\") : str_starts(at, "\\\\")) {
		buf_puts(out, "/");
		add_with_slashes(out, long_form ? at + 4 : at + 2);
	} else {
		return -EINVAL;
	}
	return 0;
}
