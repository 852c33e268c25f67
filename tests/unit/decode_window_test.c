/* SPDX-License-Identifier: MIT */
/* Encoded secrets wherever windows, holes and pieces end. */
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

struct place {
	size_t offset, line, column;
};

static struct place place_of(const char *text, size_t at)
{
	struct place place = {at, 1, at + 1};
	for (size_t i = 0; i < at; i++)
		if (text[i] == '\n') {
			place.line++;
			place.column = at - i;
		}
	return place;
}

static struct seen look(const void *bytes, size_t len)
{
	struct source source;
	source_memory(&source, bytes, len);
	return encoding_look_small(&source);
}

static void plant(char *text, size_t len, size_t at, const struct buf *what, enum coding coding,
		  size_t secret, size_t length)
{
	_cleanup_free_ char *kept = mem_strndup(text + at, what->len);
	memcpy(text + at, what->data, what->len);
	struct place place = place_of(text, at + secret);
	struct seen seen = look(text, len);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.troubles, 0);
	assert_int_equal(seen.last.codings, coding);
	assert_int_equal(seen.last.offset, place.offset);
	assert_int_equal(seen.last.length, length);
	assert_int_equal(seen.last.line, place.line);
	assert_int_equal(seen.last.column, place.column);
	memcpy(text + at, kept, what->len);
}

/* The second window begins behind the first with what is kept of it. */
static void at_every_border(void **unused)
{
	(void)unused;
	enum { AHEAD = 20480, LEN = 4 * ROOM };
	static const size_t step = ROOM - AHEAD - 1664, first = ROOM - AHEAD;
	_cleanup_free_ char *text = mem_alloc(LEN);
	for (int lines = 0; lines < 2; lines++) {
		for (size_t i = 0; i < LEN; i++)
			text[i] = lines && i % 61 == 60 ? '\n' : '.';
		for (size_t border = first; border < first + 3 * step; border += step)
			for (size_t at = border - 60; at < border + 20; at++) {
				_cleanup_(buf_free) struct buf token = {0}, coded = {0};
				encoding_secret(&token, 0, 0);
				buf_add(&coded, token.data + 1, token.len - 1);
				encoding_apply(&coded, CODING_BASE64);
				plant(text, LEN, at, &token, CODING_NONE, 5, TOKEN);
				plant(text, LEN, at + ROOM - first, &token, CODING_NONE, 5,
				      TOKEN);
				plant(text, LEN, at, &coded, CODING_BASE64, 5, 33);
			}
	}
}

struct holed {
	const struct buf *text;
	size_t at;
	uint64_t hole; /* before the byte at `from` */
	size_t from;
};

/* A few bytes at a time, and a hole where two of them meet. */
static int64_t read_holed(struct source *source, void *out, size_t cap, uint64_t *hole)
{
	struct holed *h = source->context;
	size_t left = h->text->len - h->at;
	size_t n = h->at < h->from ? h->from - h->at : left;
	if (h->at == h->from)
		*hole = h->hole;
	n = n < 777 ? n : 777;
	n = n < cap ? n : cap;
	memcpy(out, h->text->data + h->at, n);
	h->at += n;
	return (int64_t)n;
}

static struct seen look_holed(struct holed *holed)
{
	struct source source = {.read = read_holed, .context = holed};
	return encoding_look_small(&source);
}

/* Offsets count a hole, lines do not; nothing goes on behind it. */
static void behind_a_hole(void **unused)
{
	(void)unused;
	for (size_t before = 9000; before < 60000; before += 1201)
		for (int coded = 0; coded < 2; coded++) {
			_cleanup_(buf_free) struct buf text = {0}, token = {0};
			uint64_t hole = 1u << 30;
			encoding_secret(&token, 0, 5);
			if (coded)
				encoding_apply(&token, CODING_BASE64);
			for (size_t i = 0; i < before; i++)
				buf_puts(&text, i % 61 == 60 ? "\n" : ".");
			buf_add(&text, token.data, token.len);
			buf_puts(&text, "\nmore\n");
			struct holed inside = {&text, 0, hole, before - 100};
			struct seen seen = look_holed(&inside);
			size_t at = before + (coded ? 6 : 5);
			struct place place = place_of(text.data, at);
			assert_int_equal(seen.count, 1);
			assert_int_equal(seen.last.codings, coded ? CODING_BASE64 : 0);
			assert_int_equal(seen.last.offset, at + hole);
			assert_int_equal(seen.last.line, place.line);
			struct holed amid = {&text, 0, hole, before + 15};
			assert_int_equal(look_holed(&amid).count, 0);
		}
}

/* A secret anywhere in a run that many windows share. */
static void within_a_long_run(void **unused)
{
	(void)unused;
	size_t len = 40000;
	for (size_t at = 100; at + 100 < len; at += 391) {
		_cleanup_(buf_free) struct buf text = {0};
		encoding_secret(&text, at, len - at);
		encoding_apply(&text, CODING_BASE64);
		if (at % 2)
			encoding_wrap(&text, 76, "\n");
		struct seen seen = look(text.data, text.len);
		size_t raw = (at + 5) * 4 / 3, line = at % 2 ? raw / 76 : 0;
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.troubles, 0);
		assert_int_equal(seen.last.offset, raw + line);
		assert_int_equal(seen.last.line, line + 1);
		assert_int_equal(seen.last.column, raw - line * 76 + 1);
	}
}

/* Longer than what is decoded at once: round the borders of the pieces. */
static void within_many_pieces(void **unused)
{
	(void)unused;
	size_t len = 20u << 20;
	_cleanup_(buf_free) struct buf plain = {0};
	memset(buf_reserve(&plain, len), 'w', len);
	plain.len = len;
	for (size_t i = 9; i < len; i += 10)
		plain.data[i] = ' ';
	size_t tokens = 0, last = 0;
	for (size_t at = 100; at + 100 < len; at += 397, tokens++) {
		char token[TOKEN + 1];
		token_make(token);
		plain.data[at] = plain.data[at + 1 + TOKEN] = ' ';
		memcpy(plain.data + at + 1, token, TOKEN);
		last = at + 1;
	}
	encoding_apply(&plain, CODING_BASE64);
	struct seen seen = finds_in(plain.data, plain.len);
	assert_int_equal(seen.count, tokens);
	assert_int_equal(seen.troubles, 0);
	assert_int_equal(seen.last.offset, last * 4 / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_every_border),
		cmocka_unit_test(behind_a_hole),
		cmocka_unit_test(within_a_long_run),
		cmocka_unit_test(within_many_pieces),
	};
	return cmocka_run_group_tests(tests, encoding_set_up, finds_end);
}
