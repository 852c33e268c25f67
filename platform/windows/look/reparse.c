/* SPDX-License-Identifier: MIT */
#include "reparse.h"

#include <errno.h>
#include <string.h>

#include "names.h"
#include "paths.h"

/* Numbers of [MS-FSCC] 2.1.2.1, since no SDK has all. */
enum {
	CLOUD_ANY = 0x0000f000, /* in the tags of cloud files: which provider */
};

static const struct {
	ULONG tag;
	enum plat_kind kind; /* PLAT_FILE: there is content behind it */
} known[] = {
	{0x80000023, PLAT_SOCKET}, /* AF_UNIX, of Windows and of WSL */
	{0x80000024, PLAT_FIFO},   /* LX_FIFO */
	{0x80000025, PLAT_DEVICE}, /* LX_CHR */
	{0x80000026, PLAT_DEVICE}, /* LX_BLK */
	{0x80000013, PLAT_FILE},   /* DEDUP: data deduplication of servers */
	{0x80000017, PLAT_FILE},   /* WOF: compact.exe, CompactOS, WIMBoot */
	{0x80000008, PLAT_FILE},   /* WIM */
	{0x80000007, PLAT_FILE},   /* SIS: single instance storage */
	{0x80000012, PLAT_FILE},   /* DFSR: replicated folders */
	{0x80000015, PLAT_FILE},   /* FILE_PLACEHOLDER: OneDrive of Windows 8.1 */
	{0x80000021, PLAT_FILE},   /* ONEDRIVE */
	{0x8000001e, PLAT_FILE},   /* STORAGE_SYNC: Azure File Sync */
	{0x90000027, PLAT_FILE},   /* STORAGE_SYNC_FOLDER */
	{0x9000001c, PLAT_FILE},   /* PROJFS */
	{0xc0000004, PLAT_FILE},   /* HSM */
	{0x80000006, PLAT_FILE},   /* HSM2 */
	{0xc0000014, PLAT_FILE},   /* APPXSTRM: files of packages while they are fetched */
	{0x9000001a, PLAT_FILE},   /* CLOUD, with any provider */
};

/* What is not in the table stands for something else or is nobody knows what. */
static enum plat_kind kind_of_tag(ULONG tag)
{
	if ((tag & ~(ULONG)CLOUD_ANY) == 0x9000001a)
		tag = 0x9000001a;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].tag == tag)
			return known[i].kind;
	return PLAT_SYMLINK;
}

enum plat_kind reparse_kind(ULONG attributes, ULONG tag)
{
	bool folder = attributes & FILE_ATTRIBUTE_DIRECTORY;
	enum plat_kind kind = attributes & FILE_ATTRIBUTE_REPARSE_POINT ? kind_of_tag(tag)
									: PLAT_FILE;
	return kind == PLAT_FILE && folder ? PLAT_DIR : kind;
}

bool reparse_has_content(ULONG tag)
{
	return kind_of_tag(tag) == PLAT_FILE;
}

bool reparse_is_away(ULONG attributes)
{
	const ULONG recall = FILE_ATTRIBUTE_RECALL_ON_OPEN |
			     FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS;
	const ULONG moved = FILE_ATTRIBUTE_OFFLINE | FILE_ATTRIBUTE_REPARSE_POINT;
	return attributes & recall || (attributes & moved) == moved;
}

/* ---- targets ---- */

#define TAG_MOUNT_POINT 0xa0000003
#define TAG_SYMLINK 0xa000000c
#define TAG_LX_SYMLINK 0xa000001d
enum {
	HEADER = 8, /* tag, length, reserved */
	NAMES = 8,  /* offsets and lengths of both names */
	IS_RELATIVE = 1,
	LX_VERSION = 4,
};

static ULONG number(const uint8_t *at, size_t bytes)
{
	ULONG value = 0;
	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

static int add_name(const uint8_t *name, size_t bytes, bool relative, char system_drive,
		    struct buf *out)
{
	wchar_t wide[16 * 1024 / sizeof(wchar_t)];
	size_t units = bytes / sizeof *wide, before = out->len;
	if (!units || bytes % sizeof *wide || bytes > sizeof wide)
		return -EINVAL;
	memcpy(wide, name, bytes);
	if (!relative)
		return path_to_guest(wide, units, system_drive, out);
	name_from_wide(wide, units, out);
	for (char *c = out->data + before; *c; c++)
		if (*c == '\\')
			*c = '/';
	return 0;
}

/* The name that the kernel goes by, not the one for people. */
static int target_of_names(const uint8_t *data, size_t len, bool flags, char system_drive,
			   struct buf *out)
{
	size_t head = NAMES + (flags ? 4 : 0);
	if (len < head)
		return -EINVAL;
	size_t offset = number(data, 2), bytes = number(data + 2, 2);
	bool relative = flags && number(data + NAMES, 4) & IS_RELATIVE;
	if (offset > len - head || bytes > len - head - offset)
		return -EINVAL;
	return add_name(data + head + offset, bytes, relative, system_drive, out);
}

int reparse_target(const void *data, size_t len, char system_drive, struct buf *out)
{
	const uint8_t *at = data;
	if (len < HEADER)
		return -EINVAL;
	ULONG tag = number(at, 4);
	size_t content = number(at + 4, 2);
	if (content > len - HEADER)
		return -EINVAL;
	at += HEADER;
	if (tag == TAG_SYMLINK || tag == TAG_MOUNT_POINT)
		return target_of_names(at, content, tag == TAG_SYMLINK, system_drive, out);
	if (tag != TAG_LX_SYMLINK || content <= LX_VERSION)
		return -EINVAL;
	buf_add(out, at + LX_VERSION, content - LX_VERSION); /* UTF-8, as Linux wrote it */
	return 0;
}
