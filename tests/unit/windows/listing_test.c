/* SPDX-License-Identifier: MIT */
/* Lists of members and of streams in buffers laid out as [MS-FSCC] 2.4 says: Wine has no
 * streams, and no file system gives damaged lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <stddef.h>

#include "base/cleanup.h"
#include "windows/look/listing.h"
#include "windows/look/names.h"

struct list {
	_Alignas(8) uint8_t data[2048];
	size_t len, last; /* where the last entry begins */
};

/* Begins an entry: the one before it leads to it. */
static uint8_t *begin(struct list *list)
{
	size_t at = (list->len + 7) & ~(size_t)7;
	ULONG next = (ULONG)(at - list->last);
	if (list->len)
		memcpy(list->data + list->last, &next, sizeof next);
	list->last = at;
	return list->data + at;
}

static void put_entry(struct list *list, const struct listing_layout *layout,
		      const wchar_t *name, size_t units, ULONG attributes, ULONG ea,
		      uint64_t id)
{
	uint8_t *at = begin(list);
	FILE_FULL_DIR_INFORMATION head = {
		.EndOfFile.QuadPart = 5000,
		.AllocationSize.QuadPart = 8192,
		.LastWriteTime.QuadPart = 77,
		.ChangeTime.QuadPart = 78,
		.FileAttributes = attributes,
		.FileNameLength = (ULONG)(units * sizeof *name),
		.EaSize = ea,
	};
	memcpy(at, &head, offsetof(FILE_FULL_DIR_INFORMATION, FileName));
	if (layout->id)
		memcpy(at + layout->id, &id, sizeof id);
	memcpy(at + layout->name, name, units * sizeof *name);
	list->len = list->last + layout->name + units * sizeof *name;
}

/* The offsets in [MS-FSCC] 2.4.23, 2.4.22 and 2.4.14. */
static void the_layouts_are_those_that_are_documented(void **state)
{
	static const unsigned wanted[][3] = {{38, 72, 80}, {37, 96, 104}, {2, 0, 68}};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(listing_layouts[i].class, wanted[i][0]);
		assert_int_equal(listing_layouts[i].id, wanted[i][1]);
		assert_int_equal(listing_layouts[i].name, wanted[i][2]);
	}
	assert_int_equal(listing_layouts[3].class, 0);
}

static void members_are_told_in_every_layout(void **state)
{
	(void)state;
	for (size_t i = 0; listing_layouts[i].class; i++) {
		const struct listing_layout *layout = &listing_layouts[i];
		struct list list = {.len = 0};
		struct listing_entry entry;
		size_t at = 0;
		put_entry(&list, layout, L"a.txt", 5, 0x20, 9, 0x1000000000007);
		put_entry(&list, layout, L"l", 1, 0x410, 0xa0000003, UINT64_MAX);
		assert_true(listing_take(list.data, list.len, layout, &at, &entry));
		assert_int_equal(entry.units, 5);
		assert_memory_equal(entry.name, L"a.txt", 10);
		assert_int_equal(entry.tag, 0); /* extended attributes are no tag */
		assert_int_equal(entry.size, 5000);
		assert_int_equal(entry.allocated, 8192);
		assert_int_equal(entry.mtime.QuadPart, 77);
		assert_int_equal(entry.ctime.QuadPart, 78);
		assert_int_equal(entry.id, layout->id ? 0x1000000000007 : 0);
		assert_true(listing_take(list.data, list.len, layout, &at, &entry));
		assert_int_equal(entry.tag, 0xa0000003);
		assert_int_equal(entry.attributes, 0x410);
		assert_int_equal(entry.id, 0); /* ReFS has no such number for it */
		assert_int_equal(at, list.len);
	}
}

/* Every prefix ends, with no more members than there are and nothing from behind it. */
static void a_list_that_is_cut_off_is_refused(void **state)
{
	const struct listing_layout *layout = listing_layouts;
	struct list list = {.len = 0};
	(void)state;
	put_entry(&list, layout, L"first", 5, 0, 0, 1);
	put_entry(&list, layout, L"second", 6, 0, 0, 2);
	for (size_t len = 1; len < list.len; len++) {
		struct listing_entry entry;
		size_t at = 0, n = 0;
		bool good = true;
		while (at < len && (good = listing_take(list.data, len, layout, &at, &entry)))
			n++;
		assert_false(good);
		assert_true(n <= 1);
	}
}

static void a_list_that_lies_is_refused(void **state)
{
	const struct listing_layout *layout = listing_layouts;
	static const struct {
		size_t at;
		ULONG value;
	} lies[] = {
		{0, 1}, {0, 79}, {0, 0xffffff00}, {0, 2041}, {60, 0xffffffff}, {60, 7}, {60, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		struct list list = {.len = 0};
		struct listing_entry entry;
		size_t at = 0;
		put_entry(&list, layout, L"first", 5, 0, 0, 1);
		put_entry(&list, layout, L"second", 6, 0, 0, 2);
		memcpy(list.data + lies[i].at, &lies[i].value, 4);
		assert_false(listing_take(list.data, list.len, layout, &at, &entry));
	}
}

/* It would be opened as what stands before the zero. */
static void a_name_with_a_zero_is_refused(void **state)
{
	struct list list = {.len = 0};
	struct listing_entry entry;
	size_t at = 0;
	(void)state;
	put_entry(&list, listing_layouts, L"a\0b", 3, 0, 0, 1);
	assert_false(listing_take(list.data, list.len, listing_layouts, &at, &entry));
}

/* ---- streams ---- */

static void put_stream(struct list *list, const wchar_t *name, uint64_t size)
{
	uint8_t *at = begin(list);
	size_t bytes = wcslen(name) * sizeof *name;
	FILE_STREAM_INFORMATION head = {
		.StreamNameLength = (ULONG)bytes,
		.StreamSize.QuadPart = (LONGLONG)size,
	};
	const size_t start = offsetof(FILE_STREAM_INFORMATION, StreamName);
	memcpy(at, &head, start);
	memcpy(at + start, name, bytes);
	list->len = list->last + start + bytes;
}

static const char *streams_text(const struct list *list, size_t len, struct buf *out)
{
	buf_cut(out, 0);
	for (size_t at = 0; at < len;) {
		const wchar_t *name;
		size_t units;
		uint64_t size;
		if (!listing_take_stream(list->data, len, &at, &name, &units, &size))
			return "damaged";
		if (!units)
			continue;
		name_from_wide(name, units, out);
		buf_printf(out, "=%u ", (unsigned)size);
	}
	return buf_text(out);
}

static void streams_beside_the_content_are_told(void **state)
{
	_cleanup_(buf_free) struct buf out = {0};
	struct list list = {.len = 0};
	(void)state;
	put_stream(&list, L"::$DATA", 100);
	put_stream(&list, L":Zone.Identifier:$DATA", 26);
	put_stream(&list, L":\x00e9\xd800:$DATA", 3);
	put_stream(&list, L":$I30:$INDEX_ALLOCATION", 4096); /* holds no data of anybody */
	put_stream(&list, L":x:$DATA", 0);
	assert_string_equal(streams_text(&list, list.len, &out),
			    "Zone.Identifier=26 \xc3\xa9\xed\xa0\x80=3 x=0 ");
}

static void damaged_streams_are_refused(void **state)
{
	_cleanup_(buf_free) struct buf out = {0};
	static const wchar_t *const names[] = {L"", L"x:$DATA", L"$DATA"};
	struct list list = {.len = 0};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct list bad = {.len = 0};
		put_stream(&bad, names[i], 1);
		assert_string_equal(streams_text(&bad, bad.len, &out), "damaged");
	}
	put_stream(&list, L":a:$DATA", 1);
	put_stream(&list, L":b:$DATA", 2);
	for (size_t len = 1; len < list.len; len++)
		assert_string_equal(streams_text(&list, len, &out), "damaged");
	assert_string_equal(streams_text(&list, list.len, &out), "a=1 b=2 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_layouts_are_those_that_are_documented),
		cmocka_unit_test(members_are_told_in_every_layout),
		cmocka_unit_test(a_list_that_is_cut_off_is_refused),
		cmocka_unit_test(a_list_that_lies_is_refused),
		cmocka_unit_test(a_name_with_a_zero_is_refused),
		cmocka_unit_test(streams_beside_the_content_are_told),
		cmocka_unit_test(damaged_streams_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
