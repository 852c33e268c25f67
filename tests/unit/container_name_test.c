/* SPDX-License-Identifier: MIT */
/* Names of members outside ASCII, in archives made by hand: ustar has bytes, pax and zip say
 * that theirs are UTF-8. They read the same whatever the system has for a locale. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "detect/container_name.h"

#define LATIN "gr\xc3\xbcn/na\xc3\xafve.txt"
#define ASIAN "\xe6\x97\xa5\xe6\x9c\xac/\xe8\xaa\x9e.txt"
#define BEYOND "smile-\xf0\x9f\x98\x80.txt"

/* POSIX, pax: "ustar Interchange Format" */
static void put_header(struct buf *out, const char *name, size_t size, char type)
{
	char head[512] = {0};
	unsigned sum = 0;
	snprintf(head, 100, "%s", name);
	memcpy(head + 100, "0000600\0000000000\0000000000", 24);
	snprintf(head + 124, 12, "%011o", (unsigned)size);
	memcpy(head + 136, "00000000000\0        ", 20);
	head[156] = type;
	memcpy(head + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof head; i++)
		sum += (uint8_t)head[i];
	snprintf(head + 148, 8, "%06o", sum);
	buf_add(out, head, sizeof head);
}

static void put_block(struct buf *out, const char *text)
{
	char block[512] = {0};
	snprintf(block, sizeof block, "%s", text);
	buf_add(out, block, sizeof block);
}

static void make_ustar(struct buf *out, const char *name)
{
	put_header(out, name, 4, '0');
	put_block(out, "data");
}

static void make_pax(struct buf *out, const char *name)
{
	char record[200];
	int len = snprintf(record, sizeof record, "%zu path=%s\n", strlen(name) + 9, name);
	assert_int_equal(len, strlen(name) + 9); /* two digits */
	put_header(out, "pax", (size_t)len, 'x');
	put_block(out, record);
	make_ustar(out, "short");
}

/* PKWARE's APPNOTE: 4.3.7, and bit 11 of the flags (4.4.4) */
static void make_zip(struct buf *out, const char *name)
{
	uint8_t head[30] = "PK\3\4\24";
	head[7] = 8;
	memcpy(head + 14, "\x63\xf3\xf3\xad", 4); /* CRC-32 of "data" */
	head[18] = head[22] = 4;
	head[26] = (uint8_t)strlen(name);
	buf_add(out, head, sizeof head);
	buf_puts(out, name);
	buf_puts(out, "data");
}

static void check(void (*make)(struct buf *, const char *), const char *name,
		  const char *expected, const char *other)
{
	struct buf bytes = {0}, room = {0};
	struct archive_entry *entry;
	struct archive *a = archive_read_new();
	make(&bytes, name);
	assert_int_equal(archive_read_support_format_tar(a), ARCHIVE_OK);
	assert_int_equal(archive_read_support_format_zip_streamable(a), ARCHIVE_OK);
	assert_int_equal(archive_read_open_memory(a, bytes.data, bytes.len), ARCHIVE_OK);
	assert_true(archive_read_next_header(a, &entry) >= ARCHIVE_WARN);
	const char *path = container_entry_path(entry, &room);
	assert_non_null(path);
	if (strcmp(path, expected) != 0)
		assert_string_equal(path, other);
	archive_read_free(a);
	buf_free(&bytes);
	buf_free(&room);
}

static void names_are_whole(void **unused)
{
	static void (*const makers[])(struct buf *, const char *) = {make_ustar, make_pax,
								     make_zip};
	static const char *const names[] = {"plain.txt", LATIN, ASIAN, BEYOND};
	(void)unused;
	for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
		for (size_t k = 0; k < sizeof names / sizeof *names; k++)
			check(makers[i], names[k], names[k], names[k]);
}

/* What is no UTF-8 stays as it is, or is taken for Latin-1 where libarchive does so. */
static void bytes_stay(void **unused)
{
	(void)unused;
	check(make_ustar, "gr\xfcn", "gr\xfcn", "gr\xc3\xbcn");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_whole),
		cmocka_unit_test(bytes_stay),
	};
	setlocale(LC_CTYPE, "C.UTF-8"); /* as a worker does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
