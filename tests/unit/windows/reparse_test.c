/* SPDX-License-Identifier: MIT */
/* Reparse points by their tags and by buffers laid out as [MS-FSCC] 2.1.2 says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "windows/look/reparse.h"

#define POINT FILE_ATTRIBUTE_REPARSE_POINT
#define FOLDER FILE_ATTRIBUTE_DIRECTORY

static void every_tag_has_its_kind(void **state)
{
	static const struct {
		ULONG attributes, tag;
		enum plat_kind kind;
	} cases[] = {
		{0, 0, PLAT_FILE},
		{FOLDER, 0, PLAT_DIR},
		{0, 0xa000000c, PLAT_FILE}, /* no reparse point: the number is something else */
		{POINT, 0xa000000c, PLAT_SYMLINK},
		{POINT | FOLDER, 0xa000000c, PLAT_SYMLINK},
		{POINT | FOLDER, 0xa0000003, PLAT_SYMLINK}, /* junction, mounted folder */
		{POINT, 0xa000001d, PLAT_SYMLINK},	    /* LX_SYMLINK */
		{POINT, 0x8000001b, PLAT_SYMLINK},	    /* APPEXECLINK */
		{POINT | FOLDER, 0x90001018, PLAT_SYMLINK}, /* WCI_1: a layer of a container */
		{POINT, 0x8000000a, PLAT_SYMLINK},	    /* DFS */
		{POINT, 0x12345678, PLAT_SYMLINK},	    /* nobody knows what */
		{POINT | FOLDER, 0x12345678, PLAT_SYMLINK},
		{POINT, 0x80000023, PLAT_SOCKET},
		{POINT, 0x80000024, PLAT_FIFO},
		{POINT, 0x80000025, PLAT_DEVICE},
		{POINT, 0x80000026, PLAT_DEVICE},
		{POINT, 0x80000013, PLAT_FILE}, /* deduplicated */
		{POINT, 0x80000017, PLAT_FILE}, /* compressed by the system */
		{POINT, 0x9000001a, PLAT_FILE}, /* cloud */
		{POINT, 0x9000f01a, PLAT_FILE}, /* of another provider */
		{POINT | FOLDER, 0x9000601a, PLAT_DIR},
		{POINT | FOLDER, 0x9000001c, PLAT_DIR}, /* PROJFS */
		{POINT, 0xa0000022, PLAT_SYMLINK},	/* what was there and was deleted */
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(reparse_kind(cases[i].attributes, cases[i].tag),
				 cases[i].kind);
	assert_true(reparse_has_content(0x80000013));
	assert_false(reparse_has_content(0xa0000003));
}

static void what_would_be_fetched_is_away(void **state)
{
	(void)state;
	assert_true(reparse_is_away(0x00400000));		  /* RECALL_ON_DATA_ACCESS */
	assert_true(reparse_is_away(0x00040000));		  /* RECALL_ON_OPEN */
	assert_true(reparse_is_away(0x00001000 | POINT));	  /* OFFLINE */
	assert_false(reparse_is_away(0x00001000));		  /* attrib +o hides nothing */
	assert_false(reparse_is_away(POINT | 0x00080000 | 0x20)); /* PINNED, ARCHIVE */
}

/* ---- targets ---- */

struct point {
	uint8_t data[600];
	size_t len;
};

static void put(struct point *point, const void *bytes, size_t len)
{
	memcpy(point->data + point->len, bytes, len);
	point->len += len;
}

static void put_number(struct point *point, ULONG value, size_t bytes)
{
	put(point, &value, bytes);
}

/* As mklink makes them: the name for people, then the one for the kernel. */
static struct point make_point(ULONG tag, ULONG flags, const wchar_t *target)
{
	static const wchar_t shown[] = L"as people read it";
	struct point point = {0};
	ULONG bytes = (ULONG)(wcslen(target) * 2), before = sizeof shown - 2;
	bool link = tag == 0xa000000c;
	put_number(&point, tag, 4);
	put_number(&point, 8 + (link ? 4u : 0) + before + bytes, 2);
	put_number(&point, 0, 2);
	put_number(&point, before, 2);
	put_number(&point, bytes, 2);
	put_number(&point, 0, 2);
	put_number(&point, before, 2);
	if (link)
		put_number(&point, flags, 4);
	put(&point, shown, before);
	put(&point, target, bytes);
	return point;
}

static const char *target(const struct point *point, struct buf *out)
{
	buf_cut(out, 0);
	int r = reparse_target(point->data, point->len, 'C', out);
	return r == -EINVAL ? "invalid" : r ? "?" : buf_text(out);
}

static void links_tell_where_they_lead(void **state)
{
	static const struct {
		ULONG tag, flags;
		const wchar_t *target;
		const char *inside;
	} cases[] = {
		{0xa000000c, 0, L"\\??\\C:\\Users\\ann", "/Users/ann"},
		{0xa000000c, 0, L"\\??\\D:\\x", "/D:/x"},
		{0xa000000c, 0, L"\\??\\UNC\\srv\\share\\x", "//srv/share/x"},
		{0xa000000c, 1, L"..\\b\\c", "../b/c"},
		{0xa000000c, 1, L"\\Users\\x", "/Users/x"},
		{0xa000000c, 1, L"l\xd800", "l\xed\xa0\x80"},
		{0xa0000003, 0, L"\\??\\C:\\ProgramData", "/ProgramData"},
		{0xa0000003, 0, L"\\??\\Volume{1-2}\\", "/Volume{1-2}"},
	};
	_cleanup_(buf_free) struct buf out = {0};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct point point = make_point(cases[i].tag, cases[i].flags, cases[i].target);
		assert_string_equal(target(&point, &out), cases[i].inside);
	}
}

static void a_link_of_wsl_has_utf_8(void **state)
{
	_cleanup_(buf_free) struct buf out = {0};
	struct point point = {0};
	(void)state;
	put_number(&point, 0xa000001d, 4);
	put_number(&point, 4 + 8, 2);
	put_number(&point, 0, 2);
	put_number(&point, 2, 4);
	put(&point, "/mnt/\xc3\xa9x", 8);
	assert_string_equal(target(&point, &out), "/mnt/\xc3\xa9x");
}

static void what_is_no_link_has_no_target(void **state)
{
	_cleanup_(buf_free) struct buf out = {0};
	struct point point = make_point(0x80000013, 0, L"\\??\\C:\\x");
	(void)state;
	assert_string_equal(target(&point, &out), "invalid");
}

/* Nothing is read behind the end: memory of exactly that size, for the sanitizers and for
 * what each prefix gives. */
static void a_damaged_point_is_refused(void **state)
{
	_cleanup_(buf_free) struct buf out = {0};
	struct point whole = make_point(0xa000000c, 0, L"\\??\\C:\\Users\\ann");
	(void)state;
	for (size_t len = 0; len < whole.len; len++) {
		struct point cut = whole;
		cut.len = len;
		assert_string_equal(target(&cut, &out), "invalid");
	}
	static const struct {
		size_t at;
		uint16_t value;
	} lies[] = {{8, 0xfffe}, {10, 0xfffe}, {10, 3}, {10, 0}, {4, 0xffff}};
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		struct point lie = whole;
		memcpy(lie.data + lies[i].at, &lies[i].value, 2);
		assert_string_equal(target(&lie, &out), "invalid");
	}
	assert_string_equal(target(&whole, &out), "/Users/ann");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_tag_has_its_kind),
		cmocka_unit_test(what_would_be_fetched_is_away),
		cmocka_unit_test(links_tell_where_they_lead),
		cmocka_unit_test(a_link_of_wsl_has_utf_8),
		cmocka_unit_test(what_is_no_link_has_no_target),
		cmocka_unit_test(a_damaged_point_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
