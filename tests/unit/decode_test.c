/* SPDX-License-Identifier: MIT */
/* Secrets that stand encoded: each coding, several of them, decoys. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "encoding.h"
#include "model/redaction.h"
#include "packing.h"

/* ---- each by itself ---- */

static void each_coding(void **unused)
{
	(void)unused;
	for (int coding = CODING_BASE64; coding < CODING_COUNT; coding++)
		for (size_t before = 10; before < 40; before++) {
			_cleanup_(buf_free) struct buf text = {0};
			encoding_secret(&text, before, 30);
			encoding_apply(&text, (enum coding)coding);
			if (coding < CODING_UTF16LE)
				encoding_put_round(&text, "one\ntwo \"", "\" three\n");
			struct seen seen = finds_in(text.data, text.len);
			assert_int_equal(seen.count, 1);
			assert_int_equal(seen.troubles, 0);
			assert_int_equal(seen.last.codings, coding);
			assert_false(seen.last.seen & SEEN_BINARY);
			assert_int_equal(seen.last.line, coding < CODING_UTF16LE ? 2 : 1);
		}
}

/* What is found is overwritten where it stands, and not found again. */
static void overwritten_and_gone(void **unused)
{
	(void)unused;
	static const enum coding codings[] = {CODING_BASE64, CODING_UTF16LE, CODING_UTF16BE,
					      CODING_PERCENT, CODING_ESCAPES};
	for (size_t before = 20; before < 90; before++) {
		_cleanup_(buf_free) struct buf text = {0};
		enum coding coding = codings[before % 5];
		encoding_secret(&text, before, 90);
		encoding_apply(&text, coding);
		if (coding == CODING_BASE64 && before % 2)
			encoding_wrap(&text, 64, before % 4 == 1 ? "\\n" : "\r\n  ");
		struct seen seen = finds_in(text.data, text.len);
		assert_int_equal(seen.count, 1);
		char *at = text.data + seen.last.offset;
		struct coded how = {coding, seen.last.lead};
		redaction_fill_coded(at, seen.last.length, how);
		assert_true(redaction_is_coded(at, seen.last.length, how));
		assert_int_equal(finds_in(text.data, text.len).count, 0);
	}
}

static void a_byte_order_mark(void **unused)
{
	(void)unused;
	for (int coding = CODING_UTF16LE; coding < CODING_COUNT; coding++) {
		_cleanup_(buf_free) struct buf text = {0};
		struct buf mark = {0};
		encoding_secret(&text, 0, 2);
		encoding_apply(&text, (enum coding)coding);
		unsigned size = source_unit((enum coding)coding);
		bool big = coding == CODING_UTF16BE || coding == CODING_UTF32BE;
		for (unsigned i = 0; i < size; i++)
			buf_add(&mark,
				&"\xff\xfe\0"[(big ? size - 1 - i : i) < 2
						      ? (big ? size - 1 - i : i)
						      : 2],
				1);
		buf_add(&mark, text.data, text.len);
		struct seen seen = finds_in(mark.data, mark.len);
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.last.codings, coding);
		assert_int_equal(seen.last.offset, size * 6);
		assert_int_equal(seen.last.length, size * TOKEN);
		assert_int_equal(seen.last.column, 6);
		buf_free(&mark);
	}
}

static void lines_of_base64(void **unused)
{
	(void)unused;
	static const char *const ends[] = {"\n", "\r\n", "\n    ", "\\n", "\\r\\n", "\\\n"};
	for (size_t i = 0; i < 6; i++)
		for (size_t before = 30; before < 200; before += 7) {
			_cleanup_(buf_free) struct buf text = {0};
			encoding_secret(&text, before, 100);
			encoding_apply(&text, CODING_BASE64);
			encoding_wrap(&text, 76, ends[i]);
			encoding_put_round(&text, "k: |\n    ", i == 3 ? "\"\n" : "\n");
			struct seen seen = finds_in(text.data, text.len);
			assert_int_equal(seen.count, 1);
			size_t line = (before + 5) * 4 / 3 / 76 + 2;
			assert_int_equal(seen.last.line, i == 3 || i == 4 ? 2 : line);
			assert_true(seen.last.column > 0 && seen.last.column < 700);
		}
}

/* The URL's alphabet, no padding, behind a path, behind letters beyond ASCII. */
static void other_forms_of_base64(void **unused)
{
	(void)unused;
	_cleanup_(buf_free) struct buf text = {0};
	char token[TOKEN + 1];
	token_make(token);
	buf_printf(&text, "?>?>?>~~ %s ?>?>?>~~", token);
	encoding_apply(&text, CODING_BASE64);
	for (size_t i = 0; i < text.len; i++)
		text.data[i] = text.data[i] == '+'   ? '-'
			       : text.data[i] == '/' ? '_'
						     : text.data[i];
	while (text.len && text.data[text.len - 1] == '=')
		buf_cut(&text, text.len - 1);
	encoding_put_round(&text, "x=", "\n");
	assert_int_equal(finds_in(text.data, text.len).count, 1);

	struct buf path = {0};
	buf_printf(&path, "the words of %s and so on, long enough for the end of a run", token);
	encoding_apply(&path, CODING_BASE64);
	encoding_put_round(&path, "/srv/data/of/mine/", "\n");
	assert_int_equal(finds_in(path.data, path.len).count, 1);
	buf_free(&path);

	buf_printf(&path, "\xc3\xa4\xc3\xb6\xc3\xbc %s and so on, long enough for the end",
		   token);
	encoding_apply(&path, CODING_BASE64);
	assert_int_equal(finds_in(path.data, path.len).count, 1);
	buf_free(&path);
}

/* Some of the secret's own characters, or of what is round it. */
static void partly_escaped(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		enum coding coding;
		unsigned offset, length;
	} cases[] = {
		{"{\"letmein\": \"k3j\\u00409xq0bt7mz\"}", CODING_ESCAPES, 13, 18},
		{"{\"letmein\": \"k3j\\x409xq0bt7mz\"}", CODING_ESCAPES, 13, 16},
		{"GET /?letmein%3dk3j%409xq0bt7mz HTTP", CODING_PERCENT, 16, 15},
		/* What stands plain can be taken out, however it was noticed. */
		{"GET /?letmein%3dk3j9xq0bt7mz HTTP", CODING_NONE, 16, 12},
		{"{\"c\": \"\\x7b\\\"letmein\\\": \\\"k3j9xq0bt7mz\\\"}\"}", CODING_NONE, 26,
		 12},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		buf_printf(&text, "a\n%s\n", cases[i].text);
		struct seen seen = finds_in(text.data, text.len);
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.last.codings, cases[i].coding);
		assert_int_equal(seen.last.offset, 2 + cases[i].offset);
		assert_int_equal(seen.last.length, cases[i].length);
		assert_int_equal(seen.last.line, 2);
		assert_int_equal(seen.last.column, 1 + cases[i].offset);
	}
}

static void slashes_that_json_escapes(void **unused)
{
	(void)unused;
	_cleanup_(buf_free) struct buf text = {0}, out = {0};
	char token[TOKEN + 1];
	token_make(token);
	buf_printf(&text, "some words?? then?? and %s more words?? behind??", token);
	encoding_apply(&text, CODING_BASE64);
	for (size_t i = 0; i < text.len; i++)
		buf_printf(&out, "%s%c", text.data[i] == '/' ? "\\" : "", text.data[i]);
	assert_true(out.len > text.len);
	encoding_put_round(&out, "{\"a\": \"", "\"}");
	assert_int_equal(finds_in(out.data, out.len).count, 1);
}

static void wide_within_a_binary(void **unused)
{
	(void)unused;
	for (int coding = CODING_UTF16LE; coding < CODING_COUNT; coding++)
		for (size_t before = 3; before < 40; before++) {
			_cleanup_(buf_free) struct buf text = {0}, file = {0};
			unsigned unit = source_unit((enum coding)coding);
			size_t at = 2000 - before % unit;
			char noise[3000];
			for (size_t i = 0; i < sizeof noise; i++)
				noise[i] = (char)(rand() % 4 ? rand() : 1);
			noise[at - 1] = noise[at - 2] = 1;
			encoding_secret(&text, 4, 2);
			encoding_apply(&text, (enum coding)coding);
			buf_add(&file, noise, at);
			buf_add(&file, text.data, text.len);
			buf_add(&file, "\1\1", 2);
			buf_add(&file, noise, before);
			struct seen seen = finds_in(file.data, file.len);
			assert_int_equal(seen.count, 1);
			assert_int_equal(seen.last.codings, coding);
			assert_true(seen.last.seen & SEEN_BINARY);
			assert_int_equal(seen.last.offset, at + (size_t)unit * 9);
			assert_int_equal(seen.last.length, unit * TOKEN);
		}
}

/* ---- several ---- */

static void codings_in_codings(void **unused)
{
	(void)unused;
	for (unsigned seed = 1; seed < 400; seed++) {
		_cleanup_(buf_free) struct buf text = {0};
		uint32_t path = 0;
		unsigned depth = 1 + seed % CODINGS_MAX;
		srand(seed);
		encoding_secret(&text, 20, 40);
		for (unsigned i = 0; i < depth; i++) {
			enum coding coding = (enum coding)(1 + rand() % 6);
			/* Twice UTF-16 is like UTF-32. */
			if (coding >= CODING_UTF16LE && (path & 15) >= CODING_UTF16LE)
				coding = CODING_BASE64;
			encoding_apply(&text, coding);
			path = path << CODING_BITS | (uint32_t)coding;
		}
		struct seen seen = finds_in(text.data, text.len);
		assert_int_equal(seen.troubles, 0);
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.last.codings, path);
		assert_int_equal(seen.last.line, 1);
	}
}

static void one_coding_too_many(void **unused)
{
	(void)unused;
	_cleanup_(buf_free) struct buf text = {0};
	encoding_secret(&text, 20, 40);
	for (unsigned i = 0; i <= CODINGS_MAX; i++)
		encoding_apply(&text, CODING_BASE64);
	struct seen seen = finds_in(text.data, text.len);
	assert_int_equal(seen.count, 0);
}

static void pack(struct buf *text)
{
	struct buf out = {0};
	packing_one("raw", "gzip", "", text->data, text->len, &out);
	buf_free(text);
	*text = out;
}

/* As Helm keeps a release in a Kubernetes Secret. */
static void a_container_inside(void **unused)
{
	(void)unused;
	for (size_t size = 100; size < 2000000; size *= 10) {
		_cleanup_(buf_free) struct buf text = {0};
		for (size_t i = 0; i < size; i++)
			buf_printf(&text, "%d ", rand() % 10);
		encoding_secret(&text, 4, 4);
		pack(&text);
		encoding_apply(&text, CODING_BASE64);
		encoding_apply(&text, CODING_BASE64);
		encoding_put_round(&text, "data:\n  release: ", "\n");
		struct seen seen = finds_in(text.data, text.len);
		assert_int_equal(seen.troubles, 0);
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.last.codings, 0);
		assert_string_equal(seen.members, "base64@2!base64@1!content\n");
	}
}

/* ---- what is nothing ---- */

static void decoys(void **unused)
{
	(void)unused;
	_cleanup_(buf_free) struct buf text = {0};
	for (int i = 0; i < 200000; i++)
		buf_printf(&text, "%c", "ABCDEFGHabcdefgh0123456789+/\n"[rand() % 29]);
	for (int i = 0; i < 20000; i++)
		buf_printf(&text, "%%%02x\\x%02x", rand() % 256, rand() % 256);
	for (int i = 0; i < 20000; i++)
		buf_printf(&text, "%08x%08x\n", (unsigned)rand(), (unsigned)rand());
	struct seen seen = finds_in(text.data, text.len);
	assert_int_equal(seen.count, 0);
	assert_int_equal(seen.troubles, 0);
}

/* Everything is a run, in a run, in a run. */
static void hostile_text_stays_cheap(void **unused)
{
	(void)unused;
	static const char *const parts[] = {
		"%41",	"\\x41", "41414141",
		"QUFB", "%2541", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\n"};
	uint64_t begun = clock_ms();
	for (size_t i = 0; i < 7; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		while (text.len < 2u << 20)
			buf_puts(&text, parts[i < 6 ? i : (size_t)rand() % 6]);
		for (int k = 0; k < 2; k++)
			encoding_apply(&text, CODING_BASE64);
		assert_int_equal(finds_in(text.data, text.len).count, 0);
	}
	assert_true(clock_ms() - begun < 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_coding),
		cmocka_unit_test(overwritten_and_gone),
		cmocka_unit_test(a_byte_order_mark),
		cmocka_unit_test(lines_of_base64),
		cmocka_unit_test(other_forms_of_base64),
		cmocka_unit_test(partly_escaped),
		cmocka_unit_test(slashes_that_json_escapes),
		cmocka_unit_test(wide_within_a_binary),
		cmocka_unit_test(codings_in_codings),
		cmocka_unit_test(one_coding_too_many),
		cmocka_unit_test(a_container_inside),
		cmocka_unit_test(decoys),
		cmocka_unit_test(hostile_text_stays_cheap),
	};
	return cmocka_run_group_tests(tests, encoding_set_up, finds_end);
}
