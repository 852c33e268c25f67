/* SPDX-License-Identifier: MIT */
/* Streams, windows, encodings and containers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "finds.h"
#include "packing.h"

enum { WINDOW = 256 << 10 };

static int set_up(void **unused)
{
	(void)unused;
	finds_token_rule();
	own_rule(&finds_rules, "setting", "letmein", "^letmein=(?<secret>[^\\s]{8,64})$");
	own_rule(&finds_rules, "key", "private key-----",
		 "-----BEGIN PRIVATE KEY-----\\s+(?<secret>[A-Za-z0-9+/=\\s]+)-----END ")
		->judge = mem_strdup("private-key");
	return finds_begin();
}

/* At every offset round the first window's borders: where the scan stops, where
 * the window ends, and both once more for the second window. */
static void found_once_at_every_border(void **unused)
{
	(void)unused;
	static const size_t borders[] = {0, WINDOW - 20480, WINDOW,
					 2 * WINDOW - 2 * 20480 - 1664,
					 2 * WINDOW - 20480 - 1664};
	size_t len = 3 * WINDOW;
	_cleanup_free_ char *text = mem_alloc(len);
	for (size_t i = 0; i < len; i++)
		text[i] = i % 61 == 60 ? '\n' : '.';
	for (size_t b = 0; b < sizeof borders / sizeof *borders; b++)
		for (size_t k = 0; k < 80; k++) {
			size_t at = borders[b] < 40 ? k : borders[b] - 40 + k;
			char token[TOKEN + 1], kept[24];
			token_make(token);
			memcpy(kept, text + at, 24);
			memcpy(text + at, token, 24);
			size_t lines = 1, start = 0;
			for (size_t i = 0; i < at; i++)
				if (text[i] == '\n') {
					lines++;
					start = i + 1;
				}
			struct seen seen = finds_in(text, len);
			assert_int_equal(seen.count, 1);
			assert_int_equal(seen.troubles, 0);
			assert_int_equal(seen.last.offset, at);
			assert_int_equal(seen.last.length, 24);
			assert_int_equal(seen.last.line, lines);
			assert_int_equal(seen.last.column, at - start + 1);
			memcpy(text + at, kept, 24);
		}
}

static void many_in_a_row(void **unused)
{
	(void)unused;
	struct buf text = {0};
	for (int i = 0; i < 20000; i++) {
		char token[TOKEN + 1];
		token_make(token);
		buf_printf(&text, "%s%s", token, i % 3 ? " " : "\n");
	}
	assert_int_equal(finds_in(text.data, text.len).count, 20000);
	buf_free(&text);
}

/* Keywords without a secret everywhere must not make the time square. */
static void dense_keywords_stay_cheap(void **unused)
{
	(void)unused;
	size_t len = 8 << 20;
	_cleanup_free_ char *text = mem_alloc(len);
	for (size_t i = 0; i < len; i++)
		text[i] = "letmein="[i % 8];
	uint64_t begun = clock_ms();
	assert_int_equal(finds_in(text, len).count, 0);
	assert_true(clock_ms() - begun < 10000);
}

static void line_ends_and_anchors(void **unused)
{
	(void)unused;
	const char *text = "x letmein=k3j9xq0bt7mz\nletmein=k3j9xq0bt7mz\n";
	struct seen seen = finds_in(text, strlen(text));
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.last.line, 2);
	assert_int_equal(seen.last.column, 9);
}

/* The first line begins behind a byte order mark, in a window of its own and where the
 * file lies. */
static void the_first_line_behind_a_mark(void **unused)
{
	(void)unused;
	static const size_t sizes[] = {60, 2 * WINDOW};
	for (size_t i = 0; i < 2; i++) {
		_cleanup_(buf_free) struct buf text = {0}, wide = {0};
		buf_puts(&text, "\xef\xbb\xbfletmein=k3j9xq0bt7mz\n");
		while (text.len < sizes[i])
			buf_puts(&text, "nothing\n");
		buf_puts(&wide, "\xff\xfe");
		for (size_t k = 3; k < text.len; k++)
			buf_add(&wide, (const char[]){text.data[k], 0}, 2);
		struct seen seen = finds_in(text.data, text.len);
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.last.offset, 3 + 8);
		assert_int_equal(seen.last.line, 1);
		assert_int_equal(seen.last.column, 9);
		seen = finds_in(wide.data, wide.len);
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.last.offset, 2 + 2 * 8);
		assert_int_equal(seen.last.column, 9);
	}
}

static void binary_by_ratio(void **unused)
{
	(void)unused;
	char text[400];
	memset(text, ' ', sizeof text);
	memcpy(text + 100, "\nletmein=k3j9xq0bt7mz\n", 22);
	text[300] = 0; /* one NUL makes no binary */
	struct seen seen = finds_in(text, sizeof text);
	assert_int_equal(seen.count, 1);
	assert_false(seen.last.seen & SEEN_BINARY);

	memset(text + 130, 0, 200);
	assert_int_equal(finds_in(text, sizeof text).count, 0);
	char token[TOKEN + 1];
	token_make(token);
	memcpy(text + 150, token, 24);
	seen = finds_in(text, sizeof text);
	assert_int_equal(seen.count, 1);
	assert_true(seen.last.seen & SEEN_BINARY);
}

/* A library archive begins with a table of names; what follows is no text. */
static void binary_behind_a_text_head(void **unused)
{
	(void)unused;
	static char bytes[40000];
	char token[TOKEN + 1];
	memset(bytes, 'a', 20000);
	memset(bytes + 20000, 0, 20000);
	memcpy(bytes + 30000, "\nletmein=k3j9xq0bt7mz\n", 22);
	assert_int_equal(finds_in(bytes, sizeof bytes).count, 0);
	token_make(token);
	memcpy(bytes + 35000, token, 24);
	struct seen seen = finds_in(bytes, sizeof bytes);
	assert_int_equal(seen.count, 1);
	assert_true(seen.last.seen & SEEN_BINARY);
}

/* Whether the cells that are passed over lie before, behind or on both sides of it. */
static void binary_at_every_place(void **unused)
{
	(void)unused;
	static char bytes[3 * 16384];
	char token[TOKEN + 1];
	token_make(token);
	memset(bytes, 1, sizeof bytes);
	for (size_t at = 16384 - 600; at < 16384 + 1200; at++) {
		memcpy(bytes + at, token, TOKEN);
		struct seen seen = finds_in(bytes, sizeof bytes);
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.last.offset, at);
		memset(bytes + at, 1, TOKEN);
	}
}

/* Neither UTF-8 nor full of controls: libmagic decides, by the database inside. */
static void unsure_text_is_asked_about(void **unused)
{
	(void)unused;
	static const struct {
		const char *head;
		bool binary;
	} cases[] = {{"gr\xfc\xdf dich\n", false}, {"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", true}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char token[TOKEN + 1];
		token_make(token);
		_cleanup_free_ char *text = mem_printf("%s%s\n", cases[i].head, token);
		struct seen seen = finds_in(text, strlen(text));
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.last.seen & SEEN_BINARY,
				 cases[i].binary ? SEEN_BINARY : 0);
	}
}

/* The END line lies only partly in what the pattern matches. */
static void whole_key_files(void **unused)
{
	(void)unused;
	static const char *const frames[][3] = {
		{"", "", "whole"},	    {"# a comment\n\n", "\n \r\n", "whole"},
		{"user = x\n", "", "part"}, {"", "more = text\n", "part"},
		{"key: ", "", "part"},
	};
	char body[3][65];
	for (int i = 0; i < 3; i++)
		for (int c = 0; c < 64; c++)
			snprintf(body[i] + c, 2, "%c", "ABCDabcdWXYZ0189"[rand() % 16]);
	for (size_t i = 0; i < 5; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		buf_printf(&text, "%s-----BEGIN PRIVATE KEY-----\n%s\n%s\n%s\n", frames[i][0],
			   body[0], body[1], body[2]);
		buf_printf(&text, "-----END PRIVATE KEY-----\n%s", frames[i][1]);
		struct seen seen = finds_in(text.data, text.len);
		assert_int_equal(seen.count, 1);
		bool whole = seen.last.seen & SEEN_WHOLE_FILE;
		assert_int_equal(whole, strcmp(frames[i][2], "whole") == 0);
	}
}

static void utf16(void **unused)
{
	(void)unused;
	for (int big = 0; big < 2; big++) {
		char token[TOKEN + 1];
		uint8_t wide[200] = {0};
		token_make(token);
		wide[0] = big ? 0xfe : 0xff;
		wide[1] = big ? 0xff : 0xfe;
		for (size_t i = 0; i < 24; i++)
			wide[20 + 2 * i + (size_t)big] = (uint8_t)token[i];
		for (size_t i = 2; i < 20; i += 2)
			wide[i + (size_t)big] = ' ';
		struct seen seen = finds_in(wide, 68);
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.last.offset, 20);
		assert_int_equal(seen.last.length, 48);
		assert_int_equal(seen.last.codings, big ? CODING_UTF16BE : CODING_UTF16LE);
		assert_false(seen.last.seen & SEEN_BINARY);
	}
}

/* ---- containers ---- */

static const struct kind {
	const char *format, *filter;
} kinds[] = {
	{"ustar", NULL},   {"ustar", "gzip"},  {"ustar", "xz"},
	{"ustar", "zstd"}, {"ustar", "bzip2"}, {"ustar", "lz4"},
	{"newc", NULL},	   {"zip", NULL},      {"7zip", NULL},
};

static void pack(const struct kind *kind, const char *name, const struct buf *bytes,
		 struct buf *out)
{
	packing_one(kind->format, kind->filter, name, bytes->data, bytes->len, out);
}

static void token_text(struct buf *out)
{
	char token[TOKEN + 1];
	token_make(token);
	buf_printf(out, "first line\nkey %s\n", token);
	for (int i = 0; i < 500; i++)
		buf_printf(out, "%d\n", rand());
}

static void inside_each_container(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
			struct buf text = {0}, inner = {0}, outer = {0};
			token_text(&text);
			pack(&kinds[i], "a/in.txt", &text, &inner);
			pack(&kinds[k], "b/packed", &inner, &outer);
			struct seen seen = finds_in(outer.data, outer.len);
			assert_int_equal(seen.count, 1);
			assert_int_equal(seen.troubles, 0);
			assert_string_equal(seen.members, "b/packed!a/in.txt\n");
			assert_int_equal(seen.last.line, 2);
			assert_true(seen.last.seen & SEEN_IN_CONTAINER);
			buf_free(&text);
			buf_free(&inner);
			buf_free(&outer);
		}
}

static void cut_containers_are_told(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct buf text = {0}, packed = {0};
		token_text(&text);
		pack(&kinds[i], "in.txt", &text, &packed);
		/* tar and cpio end in padding: cut well into the data */
		struct seen seen = finds_in(packed.data,
					    packed.len < 4000 ? packed.len / 2 : 3000);
		assert_true(seen.troubles > 0);
		buf_free(&text);
		buf_free(&packed);
	}
}

static void flipped_containers_do_no_harm(void **unused)
{
	(void)unused;
	for (unsigned seed = 1; seed <= 300; seed++) {
		struct buf text = {0}, packed = {0};
		srand(seed);
		token_text(&text);
		pack(&kinds[seed % 9], "in.txt", &text, &packed);
		for (int i = 0; i < 8; i++)
			packed.data[(size_t)rand() % packed.len] ^= (char)(1 << (rand() % 8));
		struct seen seen = finds_in(packed.data, packed.len);
		assert_true(seen.count <= 1);
		buf_free(&text);
		buf_free(&packed);
	}
}

static void too_deep_is_told(void **unused)
{
	(void)unused;
	struct buf text = {0};
	token_text(&text);
	for (int i = 0; i < 9; i++) {
		struct buf outer = {0};
		pack(&kinds[0], "in", &text, &outer);
		buf_free(&text);
		text = outer;
	}
	struct seen seen = finds_in(text.data, text.len);
	assert_int_equal(seen.count, 0);
	assert_int_equal(seen.trouble, TROUBLE_DEPTH);
	buf_free(&text);
}

static void a_bomb_is_told(void **unused)
{
	(void)unused;
	size_t len = 300u << 20; /* samples may expand 256 MiB */
	_cleanup_free_ char *zeros = mem_alloc(len);
	struct buf packed = {0};
	packing_one("ustar", "gzip", "zeros", zeros, len, &packed);
	struct seen seen = finds_in(packed.data, packed.len);
	assert_int_equal(seen.trouble, TROUBLE_EXPANDED);
	buf_free(&packed);
}

struct watched {
	struct seen seen; /* first: what is told goes there */
	unsigned left;
};

static bool is_late(void *context)
{
	struct watched *watched = context;
	return !watched->left || !--watched->left;
}

/* A block of zstd can be of three bytes and hold nothing: looking for the end of
 * the frame asks the clock, however many there are. */
static void empty_blocks_take_no_longer_than_allowed(void **unused)
{
	(void)unused;
	size_t len = 30u << 20;
	static const uint8_t enabled[MASK_SIZE];
	struct watched watched = {.left = 100};
	struct examiner x = {.patterns = finds_patterns,
			     .limits = {.expand_bytes = 1u << 20,
					.expand_entries = 1000,
					.expand_depth = 4,
					.per_file = 10},
			     .on_found = finds_on_found,
			     .on_trouble = finds_on_trouble,
			     .tick = is_late,
			     .context = &watched};
	struct source source;
	_cleanup_free_ char *bytes = mem_alloc(len);
	memcpy(bytes, "\x28\xb5\x2f\xfd\x20\x00", 6);
	source_memory(&source, bytes, len);
	examine_file(&x, &source, enabled, 0);
	source_clear(&source);
	examine_clear(&x);
	assert_int_equal(watched.seen.troubles, 1);
	assert_int_equal(watched.seen.trouble, TROUBLE_TIME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_once_at_every_border),
		cmocka_unit_test(many_in_a_row),
		cmocka_unit_test(dense_keywords_stay_cheap),
		cmocka_unit_test(line_ends_and_anchors),
		cmocka_unit_test(the_first_line_behind_a_mark),
		cmocka_unit_test(binary_by_ratio),
		cmocka_unit_test(binary_behind_a_text_head),
		cmocka_unit_test(binary_at_every_place),
		cmocka_unit_test(unsure_text_is_asked_about),
		cmocka_unit_test(whole_key_files),
		cmocka_unit_test(utf16),
		cmocka_unit_test(inside_each_container),
		cmocka_unit_test(cut_containers_are_told),
		cmocka_unit_test(flipped_containers_do_no_harm),
		cmocka_unit_test(too_deep_is_told),
		cmocka_unit_test(a_bomb_is_told),
		cmocka_unit_test(empty_blocks_take_no_longer_than_allowed),
	};
	return cmocka_run_group_tests(tests, set_up, finds_end);
}
