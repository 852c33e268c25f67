/* SPDX-License-Identifier: MIT */
/* Sample templates of packs: what they expand to, and what is nearly right. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "rules/rules.h"

/* ---- samples ---- */

static void test_samples(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf out = {0}, bad = {0}, plain = {0}, again = {0};
	assert_int_equal(sample_expand("a{digit:3}b{HEX:40}{word:4}", &out), 0);
	assert_int_equal(out.len, 49);
	assert_int_equal(strspn(out.data + 1, "0123456789"), 3);
	assert_int_equal(out.data[4], 'b');
	assert_int_equal(strspn(out.data + 5, "0123456789ABCDEF"), 40);
	assert_non_null(strchr("aeiou", out.data[46]));
	assert_null(strchr("aeiou", out.data[45]));

	assert_int_equal(sample_expand("${VAR} {{ x }} {a: 1} {\"b\":2} {", &plain), 0);
	assert_string_equal(buf_text(&plain), "${VAR} {{ x }} {a: 1} {\"b\":2} {");
	assert_int_equal(sample_expand("{nothing:4}", &bad), -EINVAL);
	assert_int_equal(sample_expand("{alnum:99999}", &bad), -EINVAL);

	assert_int_equal(sample_expand("{alnum:40}", &bad), 0);
	assert_int_equal(sample_expand("{alnum:40}", &again), 0);
	assert_string_not_equal(buf_text(&bad), buf_text(&again));
}

/* What a sample says that it is only just, and what is not so then. */
static void test_near_samples(void **state)
{
	(void)state;
	static const struct {
		const char *text, *near[6];
	} cases[] = {
		{"plain {digit:3}", {NULL}},
		{"a{must:bc}d{edge}e", {"a~cde", "ab~de", "abcdxe", NULL}},
		{"{must:=}{must:}", {"~", NULL}},
		{"a{must:b", {NULL}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t n = 0;; n++) {
			_cleanup_(buf_free) struct buf out = {0};
			bool made = cases[i].near[n] != NULL;
			assert_int_equal(sample_near(cases[i].text, n, &out), made);
			if (!made)
				break;
			assert_string_equal(buf_text(&out), cases[i].near[n]);
		}
	static const struct {
		const char *text;
		size_t len[4], foreign;
	} parts[] = {
		{"{hex:=8}", {7, 8, 9}, 1}, {"{hex:>=8}", {7, 8}, 1}, {"{hex:<=8}", {9}, 9}};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t n = 0;
		for (;; n++) {
			_cleanup_(buf_free) struct buf out = {0};
			if (!sample_near(parts[i].text, n, &out))
				break;
			assert_int_equal(out.len, parts[i].len[n]);
			assert_int_equal(strchr(buf_text(&out), '~') != NULL,
					 n == parts[i].foreign);
		}
		assert_int_equal(parts[i].len[n], 0);
		_cleanup_(buf_free) struct buf out = {0};
		assert_int_equal(sample_expand(parts[i].text, &out), 0);
		assert_int_equal(out.len, 8);
	}
}

static void test_sample_checksum(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf out = {0};
	/* The CRC32 of "123456789" is known to be cbf43926. */
	assert_int_equal(sample_expand("x_y_123456789{crc32b62}", &out), 0);
	uint64_t value = 0;
	for (const char *c = buf_text(&out) + strlen("x_y_123456789"); *c; c++)
		value = value * 62 + (uint64_t)(*c <= '9'   ? *c - '0'
						: *c <= 'Z' ? *c - 'A' + 10
							    : *c - 'a' + 36);
	assert_int_equal(value, 0xcbf43926);
	assert_int_equal(out.len, strlen("x_y_123456789") + 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_near_samples),
		cmocka_unit_test(test_sample_checksum),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
