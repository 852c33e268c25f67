/* SPDX-License-Identifier: MIT */
/* What is overwritten where a secret stands as something else: after it, the
 * decoded text has the filling, its neighbours are as before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "model/redaction.h"

static const char plain[] = "user:\xf0\x9f\x98\x80/Zq8-line one\nline two\xf3, more";

/* Every place and length of a secret, so every phase of both ends. */
static void check_base64(size_t from, size_t len)
{
	char wanted[sizeof plain], text[128], back[128];
	memcpy(wanted, plain, sizeof plain);
	redaction_fill(wanted + from, len);
	EVP_EncodeBlock((uint8_t *)text, (const uint8_t *)plain, sizeof plain - 1);
	size_t first = from * 8 / 6, last = ((from + len) * 8 - 1) / 6;
	struct coded how = {CODING_BASE64, (unsigned)(from * 8 % 6)};
	size_t chars = last - first + 1;
	assert_false(redaction_is_coded(text + first, chars, how));
	redaction_fill_coded(text + first, chars, how);
	assert_true(redaction_is_coded(text + first, chars, how));
	EVP_DecodeBlock((uint8_t *)back, (const uint8_t *)text, (int)strlen(text));
	assert_memory_equal(back, wanted, sizeof plain - 1);
}

static void base64_keeps_its_neighbours(void **state)
{
	(void)state;
	for (size_t from = 0; from < sizeof plain - 1; from++)
		for (size_t len = 1; from + len < sizeof plain; len++)
			if (!redaction_is(plain + from, len))
				check_base64(from, len);
}

static void base64_may_be_wrapped_and_escaped(void **state)
{
	(void)state;
	char lines[] = "c2VjcmV0\r\n  c2VjcmV0\\nc2VjcmV0", kept[sizeof lines];
	struct coded how = {CODING_BASE64, 0};
	memcpy(kept, lines, sizeof lines);
	redaction_fill_coded(lines, sizeof lines - 1, how);
	assert_true(redaction_is_coded(lines, sizeof lines - 1, how));
	assert_memory_equal(lines + 8, "\r\n  ", 4);
	assert_memory_equal(lines + 20, "\\n", 2);
	assert_memory_equal(lines, "UkVEQUNU", 8);
}

static void the_url_alphabet_stays(void **state)
{
	(void)state;
	/* The byte 0xfb behind the secret makes a digit of each alphabet. */
	char standard[] = "QUFB+/+/", url[] = "QUFB-_-_";
	struct coded how = {CODING_BASE64, 0};
	redaction_fill_coded(standard, 6, how);
	redaction_fill_coded(url, 6, how);
	assert_non_null(strpbrk(standard, "+/"));
	assert_null(strpbrk(url, "+/"));
}

static void wide_text_stays_wide(void **state)
{
	(void)state;
	char little[] = "p\0=\0a\0 \0b\0;", big[] = "\0p\0=\0a\0 \0b\0;";
	redaction_fill_coded(little + 4, 6, (struct coded){CODING_UTF16LE, 0});
	assert_memory_equal(little, "p\0=\0R\0 \0E\0;", 12);
	redaction_fill_coded(big + 4, 6, (struct coded){CODING_UTF16BE, 0});
	assert_memory_equal(big, "\0p\0=\0R\0 \0E\0;", 12);
	assert_true(redaction_is_coded(big + 4, 6, (struct coded){CODING_UTF16BE, 0}));
}

static void joined_lines_stay_joined(void **state)
{
	char text[] = "ab\\\n  cd\\e";
	(void)state;
	redaction_fill(text, sizeof text - 1);
	assert_string_equal(text, "RE\\\n  DACT");
	assert_true(redaction_is(text, sizeof text - 1));
	text[2] = 'x';
	assert_false(redaction_is(text, sizeof text - 1));
}

static void a_path_of_codings_is_checked(void **state)
{
	(void)state;
	struct buf text = {0};
	uint32_t path = codings_add(codings_add(0, CODING_BASE64), CODING_UTF16LE);
	codings_text(path, &text);
	assert_string_equal(buf_text(&text), "base64, utf-16le");
	assert_true(codings_hold(path));
	assert_false(codings_hold(path << 4));
	assert_false(codings_hold(15));
	assert_false(codings_hold(0x111111));
	for (unsigned i = 0; i < CODINGS_MAX - 2; i++)
		path = codings_add(path, CODING_HEX);
	assert_int_equal(codings_add(path, CODING_HEX), 0);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_keeps_its_neighbours),
		cmocka_unit_test(base64_may_be_wrapped_and_escaped),
		cmocka_unit_test(the_url_alphabet_stays),
		cmocka_unit_test(wide_text_stays_wide),
		cmocka_unit_test(joined_lines_stay_joined),
		cmocka_unit_test(a_path_of_codings_is_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
