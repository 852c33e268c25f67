/* SPDX-License-Identifier: MIT */
/* Names between UTF-16 and WTF-8, and errors between Windows and errno. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "windows/look/errors.h"
#include "windows/look/names.h"

static void expect_same(const wchar_t *name, size_t units)
{
	_cleanup_(buf_free) struct buf text = {0};
	size_t back_units;
	name_from_wide(name, units, &text);
	_cleanup_free_ wchar_t *back = name_to_wide(text.data, &back_units);
	assert_non_null(back);
	assert_int_equal(back_units, units);
	assert_memory_equal(back, name, (units + 1) * sizeof *name);
}

static void every_name_of_windows_comes_back(void **state)
{
	(void)state;
	for (unsigned unit = 1; unit < 0x10000; unit++)
		expect_same((const wchar_t[]){(wchar_t)unit, 0}, 1);
	/* Halves before, behind and between each other. */
	static const wchar_t parts[] = {L'a', 0x00e9, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xffff};
	enum { N = sizeof parts / sizeof *parts };
	for (int i = 0; i < N * N * N; i++)
		expect_same(
			(const wchar_t[]){parts[i % N], parts[i / N % N], parts[i / N / N], 0},
			3);
}

static void names_are_written_as_others_write_them(void **state)
{
	static const wchar_t name[] = {0x00e9, 0x20ac, 0xd83d, 0xdd11, 0xdc00, 0xd800};
	_cleanup_(buf_free) struct buf text = {0};
	(void)state;
	name_from_wide(name, 6, &text);
	assert_string_equal(text.data, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91"
				       "\xed\xb0\x80\xed\xa0\x80");
}

static void what_is_no_wtf_8_is_refused(void **state)
{
	static const char *const texts[] = {
		"\x80",
		"\xff",
		"\xc3",
		"\xc0\xaf", /* longer than need be */
		"\xe0\x80\xaf",
		"\xf0\x80\x80\xaf",
		"\xe2\x82",
		"\xe2\x82z",
		"\xf4\x90\x80\x80",	    /* beyond the last */
		"\xed\xa0\xbd\xed\xb4\x91", /* a pair as two */
	};
	size_t units;
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_null(name_to_wide(texts[i], &units));
}

static void errors_have_one_meaning(void **state)
{
	static const struct {
		ULONG status;
		int error;
	} cases[] = {
		{0, 0},
		{0x00000104, 0},       /* a success that says something */
		{0xc0000034, -ENOENT}, /* no such name */
		{0xc000003a, -ENOENT}, /* nor the folder */
		{0xc0000056, -ENOENT}, /* it is being deleted */
		{0xc0000123, -ENOENT}, /* it was */
		{0xc0000022, -EACCES}, /* access denied */
		{0xc0000043, -EBUSY},  /* somebody shares it with nobody */
		{0xc0000054, -EBUSY},  /* a range is locked */
		{0xc0000035, -EEXIST}, /* the name is taken */
		{0xc0000101, -ENOTEMPTY},
		{0xc0000103, -ENOTDIR},
		{0xc00000ba, -EISDIR},
		{0xc00000a2, -EROFS},
		{0xc000007f, -ENOSPC},
		{0xc0000279, -ELOOP}, /* a tag that nobody handles */
		{0xc000003f, -EIO},   /* checksum */
		{0xcfffffff, -EIO},   /* what is unknown is no success */
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(error_of_status((NTSTATUS)cases[i].status), cases[i].error);
	SetLastError(ERROR_SUCCESS);
	assert_int_equal(error_last(), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_of_windows_comes_back),
		cmocka_unit_test(names_are_written_as_others_write_them),
		cmocka_unit_test(what_is_no_wtf_8_is_refused),
		cmocka_unit_test(errors_have_one_meaning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
