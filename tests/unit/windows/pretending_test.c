/* SPDX-License-Identifier: MIT */
/* What Wine does not have: the calls of the kernel go through a layer here that says of
 * some files what NTFS would say ([MS-FSCC]), and remembers how they were opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "scratch.h"
#include "windows/look/handles.h"
#include "windows/look/listing.h"
#include "windows/look/native.h"
#include "windows/look/reparse.h"

CLEANUP_POINTER(struct plat_dir, plat_dir_close);
CLEANUP_POINTER(struct plat_file, plat_file_close);
#define _close_dir_ _cleanup_(plat_dir_close_ptr)
#define _close_file_ _cleanup_(plat_file_close_ptr)

/* Where the program finds the calls of ntdll.dll. */
#define CALLS(on) \
	on(NtCreateFile) on(NtQueryInformationFile) on(NtQueryDirectoryFile) on(NtFsControlFile)
#define DECLARE(call)                          \
	extern __typeof__(call) *__imp_##call; \
	static __typeof__(call) *real_##call;  \
	static __typeof__(call) pretend_##call;
CALLS(DECLARE)

/* ---- what is pretended, of files by their last name ---- */

static struct {
	const wchar_t *name;
	ULONG attributes, tag;
	const void *reparse;
	size_t reparse_len;
} point;

static struct {
	const wchar_t *name;
	FILE_ALLOCATED_RANGE_BUFFER runs[2]; /* of data */
	size_t n;
	bool backed; /* compressed by the system */
} sparse;

static struct {
	const wchar_t *name;
	const void *list;
	size_t len;
} streams;

static unsigned opened_itself, opened_content; /* what `point` is about */

static bool ends_with(const wchar_t *text, size_t units, const wchar_t *name)
{
	size_t len = name ? wcslen(name) : 0;
	return len && units >= len && !wmemcmp(text + units - len, name, len);
}

static bool is_called(HANDLE handle, const wchar_t *name)
{
	union {
		FILE_NAME_INFORMATION info;
		wchar_t room[600];
	} it;
	IO_STATUS_BLOCK io;
	return real_NtQueryInformationFile(handle, &io, &it, sizeof it, FileNameInformation) >=
		       0 &&
	       ends_with(it.info.FileName, it.info.FileNameLength / sizeof(wchar_t), name);
}

static NTSTATUS NTAPI pretend_NtCreateFile(PHANDLE handle, ACCESS_MASK access,
					   POBJECT_ATTRIBUTES at, PIO_STATUS_BLOCK io,
					   PLARGE_INTEGER size, ULONG attributes, ULONG share,
					   ULONG disposition, ULONG options, PVOID ea,
					   ULONG len)
{
	UNICODE_STRING *name = at->ObjectName;
	bool it = name->Length
			  ? ends_with(name->Buffer, name->Length / sizeof(wchar_t), point.name)
			  : is_called(at->RootDirectory, point.name);
	if (it && options & FILE_OPEN_REPARSE_POINT)
		opened_itself++;
	else if (it)
		opened_content++;
	return real_NtCreateFile(handle, access, at, io, size, attributes, share, disposition,
				 options, ea, len);
}

static NTSTATUS give(PIO_STATUS_BLOCK io, void *out, ULONG room, const void *what, size_t len)
{
	if (room < len)
		return OURS_BUFFER_OVERFLOW;
	memcpy(out, what, len);
	io->Information = len;
	return 0;
}

static NTSTATUS NTAPI pretend_NtQueryInformationFile(HANDLE file, PIO_STATUS_BLOCK io,
						     PVOID out, ULONG len,
						     FILE_INFORMATION_CLASS what)
{
	if (what == FileStreamInformation && is_called(file, streams.name))
		return give(io, out, len, streams.list, streams.len);
	NTSTATUS status = real_NtQueryInformationFile(file, io, out, len, what);
	bool is_point = is_called(file, point.name), has_holes = is_called(file, sparse.name);
	ULONG more = (is_point ? point.attributes : 0) |
		     (has_holes ? FILE_ATTRIBUTE_SPARSE_FILE : 0);
	if (what == FileAllInformation)
		((FILE_ALL_INFORMATION *)out)->BasicInformation.FileAttributes |= more;
	if (what == FileAttributeTagInformation) {
		((FILE_ATTRIBUTE_TAG_INFORMATION *)out)->FileAttributes |= more;
		if (is_point)
			((FILE_ATTRIBUTE_TAG_INFORMATION *)out)->ReparseTag = point.tag;
	}
	return status;
}

static NTSTATUS NTAPI pretend_NtQueryDirectoryFile(HANDLE file, HANDLE event,
						   PIO_APC_ROUTINE routine, PVOID context,
						   PIO_STATUS_BLOCK io, PVOID out, ULONG len,
						   FILE_INFORMATION_CLASS what, BOOLEAN single,
						   PUNICODE_STRING pattern, BOOLEAN restart)
{
	NTSTATUS status = real_NtQueryDirectoryFile(file, event, routine, context, io, out, len,
						    what, single, pattern, restart);
	struct listing_entry entry;
	assert_int_equal(what, listing_layouts[0].class);
	for (size_t at = 0, next = 0; status >= 0 && next < io->Information; at = next) {
		FILE_ID_FULL_DIR_INFORMATION *it = (void *)((char *)out + at);
		if (!listing_take(out, io->Information, listing_layouts, &next, &entry))
			break;
		if (!ends_with(entry.name, entry.units, point.name))
			continue;
		it->FileAttributes |= point.attributes;
		it->EaSize = point.tag;
	}
	return status;
}

static NTSTATUS runs_behind(const FILE_ALLOCATED_RANGE_BUFFER *asked, PIO_STATUS_BLOCK io,
			    FILE_ALLOCATED_RANGE_BUFFER *out)
{
	size_t found = 0;
	io->Information = 0;
	for (size_t i = 0; i < sparse.n; i++) {
		LONGLONG start = sparse.runs[i].FileOffset.QuadPart;
		if (start + sparse.runs[i].Length.QuadPart <= asked->FileOffset.QuadPart ||
		    start >= asked->FileOffset.QuadPart + asked->Length.QuadPart)
			continue;
		if (!found++)
			*out = sparse.runs[i];
		io->Information = sizeof *out;
	}
	return found > 1 ? OURS_BUFFER_OVERFLOW : 0;
}

static NTSTATUS NTAPI pretend_NtFsControlFile(HANDLE file, HANDLE event,
					      PIO_APC_ROUTINE routine, PVOID context,
					      PIO_STATUS_BLOCK io, ULONG code, PVOID in,
					      ULONG in_len, PVOID out, ULONG len)
{
	if (code == FSCTL_QUERY_ALLOCATED_RANGES && is_called(file, sparse.name))
		return runs_behind(in, io, out);
	if (code == OURS_FSCTL_GET_EXTERNAL_BACKING && is_called(file, sparse.name))
		return sparse.backed ? 0 : (NTSTATUS)0xc000046a; /* not externally backed */
	if (code == FSCTL_GET_REPARSE_POINT)
		return is_called(file, point.name)
			       ? give(io, out, len, point.reparse, point.reparse_len)
			       : OURS_NOT_A_REPARSE_POINT;
	return real_NtFsControlFile(file, event, routine, context, io, code, in, in_len, out,
				    len);
}

static int begin_to_pretend(void **state)
{
	DWORD old;
	(void)state;
#define REPLACE(call)                                                             \
	if (!VirtualProtect(&__imp_##call, sizeof(void *), PAGE_READWRITE, &old)) \
		return -1;                                                        \
	real_##call = __imp_##call;                                               \
	__imp_##call = pretend_##call;
	CALLS(REPLACE)
	return 0;
}

static int forget(void **state)
{
	memset(&point, 0, sizeof point);
	memset(&sparse, 0, sizeof sparse);
	memset(&streams, 0, sizeof streams);
	opened_itself = opened_content = 0;
	return scratch_make(state);
}

static struct plat_dir *open_root(void)
{
	struct plat_dir *dir;
	assert_int_equal(plat_dir_open(scratch_root, &dir), 0);
	return dir;
}

static enum plat_kind listed_kind(struct plat_dir *dir, const char *wanted)
{
	const char *name;
	enum plat_kind kind;
	while (plat_dir_next(dir, &name, &kind) > 0)
		if (strcmp(name, wanted) == 0)
			return kind;
	fail_msg("%s is not listed", wanted);
	return PLAT_UNKNOWN;
}

static void pretend_point(const wchar_t *name, ULONG attributes, ULONG tag)
{
	point.name = name;
	point.attributes = attributes | FILE_ATTRIBUTE_REPARSE_POINT;
	point.tag = tag;
}

/* ---- reparse points ---- */

static void a_link_is_told_and_not_followed(void **state)
{
	struct plat_info info;
	struct plat_dir *dir, *parent;
	struct plat_file *file;
	const char *leaf;
	(void)state;
	scratch_put("/dir/x", "x");
	scratch_put("/file", "x");
	_close_dir_ struct plat_dir *root = open_root();
	pretend_point(L"dir", 0, 0xa0000003);
	assert_int_equal(listed_kind(root, "dir"), PLAT_SYMLINK);
	assert_int_equal(plat_info_at(root, "dir", &info), 0);
	assert_int_equal(info.kind, PLAT_SYMLINK);
	assert_int_equal(plat_dir_open_at(root, "dir", &dir), -ELOOP);
	assert_int_equal(plat_file_open_at(root, "dir", &file), -ELOOP);
	assert_int_equal(plat_parent_open(root, "/dir/x", &parent, &leaf), -ELOOP);
	pretend_point(L"file", 0, 0xa000000c);
	assert_int_equal(plat_file_open_at(root, "file", &file), -ELOOP);
	assert_int_equal(plat_dir_open_at(root, "file", &dir), -ELOOP);
	assert_int_equal(plat_parent_open(root, "/file/x", &parent, &leaf), -ELOOP);
	assert_int_equal(opened_content, 0);
}

static void special_files_are_not_opened_as_files(void **state)
{
	static const ULONG tags[] = {0x80000023, 0x80000024, 0x80000025};
	struct plat_file *file;
	(void)state;
	scratch_put("/special", "");
	_close_dir_ struct plat_dir *root = open_root();
	for (size_t i = 0; i < 3; i++) {
		struct plat_info info;
		pretend_point(L"special", 0, tags[i]);
		assert_int_equal(plat_file_open_at(root, "special", &file), -ENXIO);
		assert_int_equal(plat_file_look_at(root, "special", &file, &info), 0);
		assert_null(file);
		assert_true(info.kind == PLAT_SOCKET || info.kind == PLAT_FIFO ||
			    info.kind == PLAT_DEVICE);
	}
}

static void what_a_filter_keeps_is_read_through_it(void **state)
{
	static const ULONG tags[] = {0x80000013, 0x80000017, 0x9000101a};
	char text[8] = {0};
	(void)state;
	scratch_put("/kept", "content");
	_close_dir_ struct plat_dir *root = open_root();
	for (size_t i = 0; i < 3; i++) {
		struct plat_file *file;
		pretend_point(L"kept", 0, tags[i]);
		opened_content = 0;
		assert_int_equal(plat_file_open_at(root, "kept", &file), 0);
		assert_int_equal(opened_content, 1);
		assert_int_equal(plat_file_read(file, text, 7, 0), 7);
		assert_string_equal(text, "content");
		plat_file_close(file);
	}
}

static void a_plain_file_is_opened_once(void **state)
{
	(void)state;
	scratch_put("/plain", "x");
	_close_dir_ struct plat_dir *root = open_root();
	_close_file_ struct plat_file *file = NULL;
	point.name = L"plain";
	assert_int_equal(plat_file_open_at(root, "plain", &file), 0);
	assert_int_equal(opened_itself, 1);
	assert_int_equal(opened_content, 0);
}

static void what_is_in_a_cloud_is_not_fetched(void **state)
{
	struct plat_file *file;
	struct plat_dir *dir;
	struct plat_info info;
	(void)state;
	scratch_put("/away", "123");
	scratch_put("/folder/x", "x");
	_close_dir_ struct plat_dir *root = open_root();
	pretend_point(L"away", FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS, 0x9000601a);
	assert_int_equal(listed_kind(root, "away"), PLAT_FILE);
	assert_int_equal(plat_file_look_at(root, "away", &file, &info), 0);
	assert_null(file);
	assert_int_equal(info.kind, PLAT_FILE);
	assert_int_equal(info.size, 3);
	assert_int_equal(plat_file_open_at(root, "away", &file), -ENODATA);
	assert_int_equal(opened_content, 0);
	pretend_point(L"folder", FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS, 0x9000601a);
	assert_int_equal(plat_dir_open_at(root, "folder", &dir), -ENODATA);
	pretend_point(L"folder", 0, 0x9000601a); /* it is all here */
	assert_int_equal(plat_dir_open_at(root, "folder", &dir), 0);
	assert_int_equal(listed_kind(dir, "x"), PLAT_FILE);
	plat_dir_close(dir);
}

/* To open it is to have it made. */
static void what_is_not_here_at_all_is_not_opened(void **state)
{
	struct plat_file *file;
	struct plat_dir *dir;
	struct plat_info info, here;
	(void)state;
	scratch_put("/virtual", "12345");
	scratch_put("/here", "1");
	_close_dir_ struct plat_dir *root = open_root();
	pretend_point(L"virtual", FILE_ATTRIBUTE_RECALL_ON_OPEN, 0x9000601a);
	assert_int_equal(listed_kind(root, "virtual"), PLAT_FILE);
	assert_int_equal(plat_info_at(root, "virtual", &info), 0);
	assert_int_equal(info.kind, PLAT_FILE);
	assert_int_equal(info.size, 5);
	assert_int_equal(plat_file_look_at(root, "virtual", &file, &info), 0);
	assert_null(file);
	assert_int_equal(plat_file_open_at(root, "virtual", &file), -ENODATA);
	assert_int_equal(plat_dir_open_at(root, "virtual", &dir), -ENODATA);
	assert_int_equal(opened_itself + opened_content, 0);
	/* Its neighbours are opened, and are on the same volume. */
	assert_int_equal(plat_info_at(root, "here", &here), 0);
	assert_int_equal(here.id.device, info.id.device);
}

static void a_link_tells_its_target(void **state)
{
	static const struct {
		ULONG tag;
		USHORT len, reserved, offset, bytes, shown_offset, shown_bytes;
		wchar_t target[8];
	} junction = {0xa0000003, 8 + 16, 0, 0, 16, 16, 0, L"\\??\\D:\\x"};
	_cleanup_(buf_free) struct buf target = {0};
	(void)state;
	scratch_put_dir("/junction");
	scratch_put_dir("/plain");
	_close_dir_ struct plat_dir *root = open_root();
	pretend_point(L"junction", 0, 0xa0000003);
	point.reparse = &junction;
	point.reparse_len = offsetof(__typeof__(junction), target) + 16;
	assert_int_equal(plat_link_read(root, "junction", &target), 0);
	assert_string_equal(target.data, "/D:/x");
	assert_int_equal(plat_link_read(root, "plain", &target), -EINVAL);
}

/* ---- holes ---- */

static void runs_of_data_are_told_between_holes(void **state)
{
	uint64_t start, end;
	(void)state;
	scratch_put("/sparse", "x");
	_close_file_ struct plat_file *file = NULL;
	assert_int_equal(plat_file_open(scratch_at("/sparse"), &file), 0);
	sparse.name = L"sparse";
	sparse.n = 2;
	sparse.runs[0] = (FILE_ALLOCATED_RANGE_BUFFER){{.QuadPart = 65536},
						       {.QuadPart = 65536}};
	sparse.runs[1] = (FILE_ALLOCATED_RANGE_BUFFER){{.QuadPart = 1 << 20},
						       {.QuadPart = 65536}};
	const uint64_t size = (1 << 20) + 100; /* the last run is longer than the file */
	assert_int_equal(plat_file_data(file, 0, size, &start, &end), 0);
	assert_true(start == 65536 && end == 131072);
	assert_int_equal(plat_file_data(file, 70000, size, &start, &end), 0);
	assert_true(start == 70000 && end == 131072);
	assert_int_equal(plat_file_data(file, 131072, size, &start, &end), 0);
	assert_true(start == 1 << 20 && end == size);
	assert_int_equal(plat_file_data(file, size, size, &start, &end), 1);
	sparse.n = 1;
	assert_int_equal(plat_file_data(file, 131072, size, &start, &end), 1);
}

/* The file system has but a hole where a filter has the content. */
static void holes_under_a_filter_are_no_holes(void **state)
{
	uint64_t start, end;
	(void)state;
	scratch_put("/sparse", "x");
	_close_file_ struct plat_file *file = NULL;
	assert_int_equal(plat_file_open(scratch_at("/sparse"), &file), 0);
	sparse.name = L"sparse";
	assert_int_equal(plat_file_data(file, 5, 1000, &start, &end), 1);
	sparse.backed = true;
	assert_int_equal(plat_file_data(file, 5, 1000, &start, &end), 0);
	assert_true(start == 5 && end == 1000);
	sparse.backed = false;
	pretend_point(L"sparse", 0, 0x80000013);
	assert_int_equal(plat_file_data(file, 5, 1000, &start, &end), 0);
	assert_true(start == 5 && end == 1000);
}

/* ---- streams ---- */

static int remember(const char *name, uint64_t size, void *context)
{
	buf_printf(context, "[%s %u]", name, (unsigned)size);
	return strcmp(name, "stop") == 0 ? 7 : 0;
}

/* As many as do not fit into the first buffer. */
static void streams_are_told_with_their_sizes(void **state)
{
	enum { MANY = 100, EACH = 64 };
	static _Alignas(8) uint8_t list[MANY * EACH];
	_cleanup_(buf_free) struct buf told = {0};
	(void)state;
	for (int i = 0; i < MANY; i++) {
		wchar_t name[20];
		int units = i == 0	    ? swprintf(name, 20, L"::$DATA")
			    : i == MANY - 1 ? swprintf(name, 20, L":stop:$DATA")
					    : swprintf(name, 20, L":s%02d:$DATA", i);
		FILE_STREAM_INFORMATION head = {
			.NextEntryOffset = i == MANY - 1 ? 0 : EACH,
			.StreamNameLength = (ULONG)units * 2,
			.StreamSize.QuadPart = i,
		};
		size_t start = offsetof(FILE_STREAM_INFORMATION, StreamName);
		memcpy(list + i * EACH, &head, start);
		memcpy(list + i * EACH + start, name, (size_t)units * 2);
	}
	scratch_put("/many", "x");
	_close_dir_ struct plat_dir *root = open_root();
	streams.name = L"many";
	streams.list = list;
	streams.len = sizeof list;
	assert_int_equal(plat_streams(root, "many", remember, &told), 7);
	assert_memory_equal(told.data, "[s01 1][s02 2]", 14);
	assert_non_null(strstr(told.data, "[s98 98][stop 99]"));
	streams.len = 0; /* a directory that has none */
	buf_cut(&told, 0);
	assert_int_equal(plat_streams(root, "many", remember, &told), 0);
	assert_int_equal(told.len, 0);
	assert_int_equal(plat_streams(root, "none", remember, &told), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, forget, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_link_is_told_and_not_followed),
		TEST(special_files_are_not_opened_as_files),
		TEST(what_a_filter_keeps_is_read_through_it),
		TEST(a_plain_file_is_opened_once),
		TEST(what_is_in_a_cloud_is_not_fetched),
		TEST(what_is_not_here_at_all_is_not_opened),
		TEST(a_link_tells_its_target),
		TEST(runs_of_data_are_told_between_holes),
		TEST(holes_under_a_filter_are_no_holes),
		TEST(streams_are_told_with_their_sizes),
	};
	return cmocka_run_group_tests(tests, begin_to_pretend, NULL);
}
