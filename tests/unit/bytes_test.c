/* SPDX-License-Identifier: MIT */
/* Sixteen bytes at a time say what one at a time does. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "detect/bytes.h"
#include "detect/text.h"

enum { ROOM = 9000, ROUNDS = 300 };

static uint32_t state = 2463534242u;

static uint32_t next(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	return state ^= state << 5;
}

/* Few kinds of bytes or all of them. */
static size_t fill(uint8_t *bytes)
{
	static const uint8_t few[] = "\nab\n\x7f\x1b\x1f\xff";
	bool all = next() & 1;
	size_t len = next() & 1 ? next() % 70 : next() % ROOM;
	for (size_t i = 0; i < len; i++)
		bytes[i] = all ? (uint8_t)next() : few[next() % (sizeof few - 1)];
	return len;
}

static void compare(const uint8_t *bytes, size_t len)
{
	size_t lines = 0, odd = 0, last = SIZE_MAX, got = SIZE_MAX;
	bool beyond = false;
	for (size_t i = 0; i < len; i++) {
		lines += bytes[i] == '\n';
		last = bytes[i] == '\n' ? i + 1 : last;
		odd += bytes_is_odd(bytes[i]);
		beyond |= bytes[i] >= 0x80;
	}
	assert_int_equal(bytes_count(bytes, len, '\n'), lines);
	assert_int_equal(bytes_lines(bytes, len, &got), lines);
	assert_int_equal(got, last);
	assert_int_equal(bytes_odd(bytes, len), odd);
	assert_int_equal(bytes_beyond_ascii(bytes, len), beyond);
}

static void test_any_bytes(void **unused)
{
	(void)unused;
	static uint8_t bytes[ROOM];
	for (int i = 0; i < ROUNDS; i++)
		compare(bytes, fill(bytes));
}

static bool has_stray(const uint8_t *bytes, size_t len)
{
	size_t n = 1;
	for (size_t i = 0; n && i < len; i += n)
		n = utf8_length(bytes + i, len - i);
	return !n;
}

/* One character after the other, a stray byte among them or none, the end anywhere. */
static void test_kinds_of_text(void **unused)
{
	(void)unused;
	static const uint32_t firsts[] = {'a', 0xe4, 0x20ac, 0x1f600};
	for (int round = 0; round < 20 * ROUNDS; round++) {
		uint8_t bytes[200];
		size_t len = 0, stray = next() % 400, sorts = 1 + next() % 4;
		while (len < sizeof bytes - 4) {
			size_t sort = next() % 8 ? 0 : next() % sorts;
			len += utf8_put(firsts[sort] + next() % 20, bytes + len);
		}
		if (stray < len)
			bytes[stray] = (uint8_t)(0x80 | next());
		len -= next() % 20;
		assert_int_equal(text_kind_of(bytes, len),
				 has_stray(bytes, len) ? TEXT_UNSURE : TEXT_PLAIN);
	}
}

/* More of them than the lanes can count at once. */
static void test_the_same_byte(void **unused)
{
	(void)unused;
	static uint8_t bytes[ROOM];
	memset(bytes, '\n', sizeof bytes);
	for (size_t len = 4000; len < ROOM; len += 77)
		compare(bytes, len);
	memset(bytes, 0, sizeof bytes);
	for (size_t len = 0; len < 40; len++)
		compare(bytes, len);
}

static void test_each_byte(void **unused)
{
	(void)unused;
	for (unsigned c = 0; c < 256; c++) {
		bytes16 v = {(uint8_t)c};
		assert_int_equal(bytes_are(v, 'x')[0], c == 'x' ? 0xff : 0);
		assert_int_equal(bytes_within(v, '0', 'f')[0], c >= '0' && c <= 'f' ? 0xff : 0);
		assert_int_equal(bytes_any(v), c != 0);
		compare(&(uint8_t){(uint8_t)c}, 1);
	}
}

static void test_mask(void **unused)
{
	(void)unused;
	for (unsigned mask = 0; mask <= 0xffff; mask++) {
		uint8_t bytes[16];
		for (unsigned i = 0; i < sizeof bytes; i++)
			bytes[i] = mask >> i & 1 ? 'x' : (uint8_t)i;
		assert_int_equal(bytes_mask(bytes_are(bytes_at(bytes), 'x')), mask);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_bytes),     cmocka_unit_test(test_kinds_of_text),
		cmocka_unit_test(test_the_same_byte), cmocka_unit_test(test_each_byte),
		cmocka_unit_test(test_mask),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
