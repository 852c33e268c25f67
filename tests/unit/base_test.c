/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/glob.h"
#include "base/mem.h"
#include "base/sort.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"

struct glob_case {
	const char *pattern, *text;
	bool hit;
};

static void check_globs(const struct glob_case *cases, size_t count,
			bool (*match)(const char *, const char *))
{
	for (size_t i = 0; i < count; i++)
		if (match(cases[i].pattern, cases[i].text) != cases[i].hit)
			fail_msg("%s with %s: expected %d", cases[i].pattern, cases[i].text,
				 cases[i].hit);
}

static void letters(void **state)
{
	char text[] = "[AZ az\xc4`@{";
	(void)state;
	ascii_lower_all(text);
	assert_string_equal(text, "[az az\xc4`@{");
	for (unsigned c = 0; c < 256; c++) {
		bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
		assert_int_equal(ascii_is_letter((uint8_t)c), upper || lower);
		assert_int_equal(ascii_is_digit((uint8_t)c), c >= '0' && c <= '9');
		assert_int_equal(ascii_lower((uint8_t)c), upper ? c + 32 : c);
	}
	assert_int_equal(ascii_compare("aBc", "AbC"), 0);
	assert_true(ascii_compare("abc", "ABCD") < 0 && ascii_compare("B", "a") > 0);
	assert_int_not_equal(ascii_compare("a@", "a`"), 0);
	assert_true(ascii_holds("xxKeY", 5, "key") && ascii_holds("Key", 3, "key"));
	assert_false(ascii_holds("xxKeY", 4, "key") || ascii_holds("k@y", 3, "k`y"));
	assert_false(ascii_holds("", 0, "k") || ascii_holds("k", 1, ""));
}

/* Every character there is, and what is none. */
static void characters(void **state)
{
	static const char *const wrong[] = {"\x80",
					    "\xc1\xbf",
					    "\xe0\x9f\xbf",
					    "\xed\xa0\x80",
					    "\xf0\x8f\xbf\xbf",
					    "\xf4\x90\x80\x80",
					    "\xf5\x80\x80\x80",
					    "\xc3(",
					    "\xe2\x82(",
					    "\xf0\x9f\x98("};
	static const size_t ends[] = {0x80, 0x800, 0x10000, 0x110000};
	uint8_t text[4] = {0};
	(void)state;
	for (uint32_t c = 0; c < 0x110000; c++) {
		size_t len = 1;
		while (c >= ends[len - 1])
			len++;
		assert_int_equal(utf8_put(c, text), len);
		bool surrogate = c >= 0xd800 && c < 0xe000;
		if (utf8_length(text, 4) != (surrogate ? 0 : len))
			fail_msg("U+%04X: %zu", c, utf8_length(text, 4));
		for (size_t left = 1; left < len && !surrogate; left++)
			if (utf8_length(text, left) != len)
				fail_msg("U+%04X cut at %zu", c, left);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (utf8_length((const uint8_t *)wrong[i], strlen(wrong[i])))
			fail_msg("%zu is taken for a character", i);
	assert_memory_equal((utf8_put(0x20ac, text), text), "\xe2\x82\xac", 3);
}

static void names(void **state)
{
	static const struct glob_case cases[] = {
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", ".hidden", true},
		{"?", "", false},
		{"a?c", "abc", true},
		{"id_*", "id_rsa", true},
		{"id_*", "xid_rsa", false},
		{"*.pem", "a.pem", true},
		{"*.pem", "a.pem.old", false},
		{"*a*b", "xaab", true},
		{"*a*b", "xaabc", false},
		{"[a-c]x", "bx", true},
		{"[a-c]x", "dx", false},
		{"[!a-c]x", "dx", true},
		{"[^a-c]x", "ax", false},
		{"[]]", "]", true},
		{"[!]]", "]", false},
		{"[a-]", "-", true},
		{"[a-]", "b", false},
		{"[*]", "*", true},
		{"[*]", "x", false},
		{"\\*", "*", true},
		{"\\*", "x", false},
		{"a\\", "a", false},
		{"\xff?", "\xff\xfe", true},
		{"[\x80-\xff]", "\xc3", true},
		{"[\x80-\xff]", "a", false},
	};
	(void)state;
	check_globs(cases, sizeof cases / sizeof *cases, glob_name);
}

static void paths(void **state)
{
	static const struct glob_case cases[] = {
		{"/etc/passwd", "/etc/passwd", true},
		{"/etc/passwd", "/etc/passwd/x", false},
		{"/etc/*", "/etc/ssh", true},
		{"/etc/*", "/etc/ssh/x", false},
		{"/etc/*", "/etc", false},
		{"/*/x", "/a/b/x", false},
		{"/var/log/**", "/var/log/a/b/c", true},
		{"/var/log/**", "/var/log/a", true},
		{"/var/log/**", "/var/logs", false},
		{"**/*.pem", "/a/b/c.pem", true},
		{"**/*.pem", "c.pem", true},
		{"/**/x", "/x", true},
		{"/**/x", "/a/b/c/x", true},
		{"/**/x", "/a/b/c/xy", false},
		{"/a/**/b/**/c", "/a/b/c", true},
		{"/a/**/b/**/c", "/a/1/b/2/3/c", true},
		{"/a/**/b/**/c", "/a/1/c/2/b", false},
		{"/a[b/]c", "/ab/c", false},
		{"/a?c", "/a/c", false},
		{"/a", "/a/", false},
		{"/", "/", true},
	};
	(void)state;
	check_globs(cases, sizeof cases / sizeof *cases, glob_path);
}

/* A pattern and a path made to make matching slow must not: names are given by
 * whoever may write to the disk. */
static void hostile(void **state)
{
	(void)state;
	char name[4001];
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = 0;
	uint64_t start = clock_ms();
	assert_false(glob_name("*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
	for (size_t i = 0; i < sizeof name - 1; i += 2)
		name[i] = '/';
	assert_false(glob_path("**/a/**/a/**/a/**/a/**/a/**/b", name));
	assert_true(clock_ms() - start < 2000);
}

static void faults(void **state)
{
	static const char *const good[] = {"/",	   "/a",    "~/.ssh/*", "**/x",	 "/a/**",
					   "/[]]", "/a\\[", "/..a",	"/a*.b", NULL};
	static const char *const bad[] = {"",	   "/a\\",  "/[a",  "/[a/]", "/[!]",
					  "//a",   "/a//b", "/a**", "/**a",  "/./a",
					  "/a/..", "..",    NULL};
	(void)state;
	for (const char *const *p = good; *p; p++)
		if (glob_fault(*p))
			fail_msg("%s: %s", *p, glob_fault(*p));
	for (const char *const *p = bad; *p; p++)
		if (!glob_fault(*p))
			fail_msg("%s was taken", *p);
	assert_true(glob_literal("/etc/a.b", 8));
	assert_false(glob_literal("/etc/*", 6));
	assert_true(glob_literal("/etc/*", 5));
}

static void quoting(void **state)
{
	(void)state;
	struct buf out = {0};
	str_quote(&out, "a b\n\t\x1b[31m\\\xff~\x7f");
	assert_string_equal(buf_text(&out), "a b\\x0a\\x09\\x1b[31m\\\\\\xff~\\x7f");
	buf_free(&out);
	assert_string_equal(buf_text(&out), "");
}

static void numbers(void **state)
{
	(void)state;
	char size[16], count[28];
	static const struct {
		uint64_t value;
		const char *text;
	} sizes[] = {
		{0, "0 B"},
		{999, "999 B"},
		{1000, "1.0 kB"},
		{1234567, "1.2 MB"},
		{9960000, "10 MB"},
		{999600, "1.0 MB"},
		{UINT64_MAX, "18 EB"},
	};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		assert_string_equal(str_bytes(sizes[i].value, size), sizes[i].text);
	assert_string_equal(str_count(0, count), "0");
	assert_string_equal(str_count(999, count), "999");
	assert_string_equal(str_count(12345, count), "12,345");
	assert_string_equal(str_count(UINT64_MAX, count), "18,446,744,073,709,551,615");

	uint64_t number = 7;
	static const char *const wrong[] = {"",
					    "-1",
					    "+1",
					    " 1",
					    "1 ",
					    "0x1",
					    "1.0",
					    "99999999999999999999",
					    "18446744073709551616"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(str_number(wrong[i], &number));
	assert_int_equal(number, 7);
	assert_true(str_number("0012", &number));
	assert_int_equal(number, 12);
	assert_true(str_number("18446744073709551615", &number));
	assert_true(number == UINT64_MAX);
}

static void text(void **state)
{
	(void)state;
	assert_true(str_starts("abc", "ab") && str_starts("abc", ""));
	assert_false(str_starts("ab", "abc"));
	assert_true(str_ends("abc", "bc") && str_ends("abc", ""));
	assert_false(str_ends("bc", "abc"));
	assert_string_equal(str_leaf("/a/b"), "b");
	assert_string_equal(str_leaf("b"), "b");
	assert_string_equal(str_leaf("/a/"), "");
}

static void buffers(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf buf = {0};
	buf_add(&buf, "", 0);
	assert_null(buf.data);
	for (int i = 0; i < 1000; i++)
		buf_printf(&buf, "%03d", i);
	assert_int_equal(buf.len, 3000);
	assert_int_equal(strlen(buf.data), 3000);
	assert_memory_equal(buf.data + 2997, "999", 3);
	buf_cut(&buf, 5000);
	assert_int_equal(buf.len, 3000);
	buf_cut(&buf, 3);
	assert_string_equal(buf_text(&buf), "000");
	memcpy(buf_reserve(&buf, 2), "ab", 2);
	buf.len += 2;
	buf_add(&buf, "\0x", 2);
	assert_memory_equal(buf.data, "000ab\0x", 8);
	buf_wipe(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.len + buf.cap, 0);
}

static void vectors(void **state)
{
	(void)state;
	VEC(int) vec = {0};
	size_t seen = 0;
	vec_each(&vec, none)
		seen += (size_t)*none + 1;
	assert_int_equal(seen, 0);
	for (int i = 0; i < 100; i++) {
		int *fresh = vec_add(&vec);
		assert_int_equal(*fresh, 0);
		*fresh = i;
	}
	vec_each(&vec, it)
		assert_int_equal(*it, seen++);
	assert_int_equal(seen, 100);
	vec_free(&vec);
	assert_null(vec.v);
	assert_int_equal(vec.n, 0);
}

static void stamps(void **state)
{
	(void)state;
	char stamp[24];
	assert_true(glob_name("[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T"
			      "[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z",
			      clock_stamp(stamp)));
}

static void deadline_passes(void)
{
	stop_request(STOP_DEADLINE);
}

static void stopping(void **state)
{
	(void)state;
	assert_int_equal(stop_asked(), STOP_NOT);
	stop_set_watch(deadline_passes);
	assert_int_equal(stop_asked(), STOP_DEADLINE);
	stop_request(STOP_SIGNAL);
	assert_int_equal(stop_asked(), STOP_DEADLINE);
	assert_string_equal(stop_text(STOP_DEADLINE), "the deadline passed");
}

static void finding_words(void **state)
{
	static const char text[] = "abacab\0aba";
	(void)state;
	assert_ptr_equal(str_find(text, sizeof text, "ab"), text);
	assert_ptr_equal(str_find(text, sizeof text, "cab"), text + 3);
	assert_ptr_equal(str_find(text + 1, sizeof text - 1, "aba"), text + 7);
	assert_ptr_equal(str_find(text, 3, "aba"), text);
	assert_null(str_find(text, 2, "aba"));
	assert_null(str_find(text, 6, "abb"));
	assert_null(str_find(text, 0, "a"));
	assert_null(str_find(NULL, 0, "a"));
	assert_null(str_find(text, 6, ""));
}

struct sortable {
	uint8_t key;
	uint32_t place;
	char fill[7];
};

static int by_sort_key(const void *a, const void *b)
{
	return ((const struct sortable *)a)->key - ((const struct sortable *)b)->key;
}

/* What is equal stays in the order it was in, whatever the number. */
static void sorting(void **state)
{
	static struct sortable items[700];
	uint32_t random = 1;
	(void)state;
	sort_stable(NULL, 0, sizeof *items, by_sort_key);
	for (size_t count = 1; count <= 700; count += count < 40 ? 1 : 37) {
		for (size_t i = 0; i < count; i++) {
			random = random * 1664525 + 1013904223;
			items[i] = (struct sortable){(uint8_t)(random >> 28), (uint32_t)i, {0}};
			memset(items[i].fill, (int)i, sizeof items[i].fill);
		}
		sort_stable(items, count, sizeof *items, by_sort_key);
		uint64_t sum = items[0].place;
		for (size_t i = 1; i < count; i++) {
			const struct sortable *x = &items[i - 1], *y = &items[i];
			assert_true(x->key < y->key ||
				    (x->key == y->key && x->place < y->place));
			assert_int_equal(y->fill[6], (char)y->place);
			sum += y->place;
		}
		assert_int_equal(sum, count * (count - 1) / 2);
	}
}

/* Every error of the contract has words of its own. */
static void error_words(void **state)
{
	static const int errors[] = {EPERM,  ENOENT,  ENXIO,	EACCES, EBUSY,	    EEXIST,
				     EXDEV,  ENOTDIR, EINVAL,	EFBIG,	EROFS,	    ENOSYS,
				     ELOOP,  EBADMSG, EMSGSIZE, EPROTO, EOPNOTSUPP, ETIMEDOUT,
				     EILSEQ, EINTR,   ECANCELED};
	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		assert_false(str_starts(error_text(-errors[i]), "Unknown"));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(error_text(-errors[i]), error_text(-errors[k]));
	}
	assert_string_equal(error_text(-ELOOP), "Too many levels of symbolic links");
	assert_string_equal(error_text(-EACCES), "Permission denied");
	assert_string_equal(error_text(-12345), strerror(12345)); /* its own words */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),      cmocka_unit_test(paths),
		cmocka_unit_test(hostile),    cmocka_unit_test(faults),
		cmocka_unit_test(quoting),    cmocka_unit_test(numbers),
		cmocka_unit_test(text),	      cmocka_unit_test(buffers),
		cmocka_unit_test(vectors),    cmocka_unit_test(letters),
		cmocka_unit_test(characters), cmocka_unit_test(stamps),
		cmocka_unit_test(stopping),   cmocka_unit_test(finding_words),
		cmocka_unit_test(sorting),    cmocka_unit_test(error_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
