/* SPDX-License-Identifier: MIT */
/* Secrets that stand encoded: each coding, several of them, windows, decoys. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "detect/samples.h"
#include "model/redaction.h"

enum { TOKEN = 24, ROOM = 24 << 10 /* of a small window */ };

static struct rules rules;
static struct patterns *patterns;

static void add_rule(const char *name, const char *keyword, const char *pattern, bool in_binary)
{
	struct secret_rule *rule = vec_add(&rules.secrets);
	rule->name = mem_strdup(name);
	rule->confidence = CONFIDENCE_HIGH;
	*vec_add(&rule->keywords) = mem_strdup(keyword);
	rule->pattern = mem_strdup(pattern);
	rule->in_binary = in_binary;
}

static int set_up(void **unused)
{
	(void)unused;
	struct buf fault = {0};
	add_rule("token", "tkn_", "(?<![a-z0-9])(?<secret>tkn_[a-z0-9]{20})(?![a-z0-9])", true);
	add_rule("setting", "letmein", "letmein[\"':= ]+(?<secret>[^\\s\"'%\\\\]{8,64})",
		 false);
	return patterns_new(&rules, &patterns, &fault);
}

static int tear_down(void **unused)
{
	(void)unused;
	patterns_free(patterns);
	vec_each(&rules.secrets, rule) {
		free(rule->name);
		free(rule->pattern);
		free(rule->keywords.v[0]);
		vec_free(&rule->keywords);
	}
	vec_free(&rules.secrets);
	return 0;
}

struct seen {
	size_t count, troubles;
	struct found last;
	char member[256];
	enum trouble trouble;
};

static void on_found(const struct found *found, const char *member, void *context)
{
	struct seen *seen = context;
	seen->count++;
	seen->last = *found;
	snprintf(seen->member, sizeof seen->member, "%s", member ? member : "");
}

static void on_trouble(enum trouble trouble, const char *member, void *context)
{
	struct seen *seen = context;
	(void)member;
	seen->troubles++;
	seen->trouble = trouble;
}

static struct seen look(const struct buf *text)
{
	struct seen seen = {0};
	samples_examine(patterns, -1, text->data, text->len, on_found, on_trouble, &seen);
	return seen;
}

/* The same through a window of ROOM bytes. */
static struct seen look_small(const void *bytes, size_t len)
{
	struct seen seen = {0};
	uint8_t enabled[MASK_SIZE];
	struct examiner x = {
		.patterns = patterns,
		.limits = {.expand_bytes = 1u << 20, .expand_depth = 4, .per_file = 10},
		.on_found = on_found,
		.on_trouble = on_trouble,
		.context = &seen,
		.window = ROOM};
	struct source source;
	memset(enabled, 0xff, sizeof enabled);
	source_memory(&source, bytes, len);
	examine_file(&x, &source, enabled, 0);
	source_clear(&source);
	examine_clear(&x);
	return seen;
}

static void new_token(char out[TOKEN + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	memcpy(out, "tkn_", 5);
	for (size_t i = 4; i < TOKEN; i++)
		out[i] = letters[rand() % 36];
	out[TOKEN] = 0;
}

/* ---- the way there ---- */

static void to_base64(struct buf *text)
{
	struct buf out = {0};
	int n = EVP_EncodeBlock((unsigned char *)buf_reserve(&out, text->len * 4 / 3 + 8),
				(const unsigned char *)text->data, (int)text->len);
	out.len = (size_t)n;
	buf_free(text);
	*text = out;
}

static void each_byte(struct buf *text, const char *format)
{
	struct buf out = {0};
	for (size_t i = 0; i < text->len; i++)
		buf_printf(&out, format, (unsigned char)text->data[i]);
	buf_free(text);
	*text = out;
}

static void to_wide(struct buf *text, enum coding coding)
{
	struct buf out = {0};
	unsigned size = source_unit(coding);
	bool big = coding == CODING_UTF16BE || coding == CODING_UTF32BE;
	for (size_t i = 0; i < text->len; i++)
		for (unsigned k = 0; k < size; k++)
			buf_add(&out, k == (big ? size - 1 : 0) ? text->data + i : "\0", 1);
	buf_free(text);
	*text = out;
}

static void encode(struct buf *text, enum coding coding)
{
	switch (coding) {
	case CODING_BASE64:
		to_base64(text);
		break;
	case CODING_HEX:
		each_byte(text, "%02x");
		break;
	case CODING_PERCENT:
		each_byte(text, "%%%02X");
		break;
	case CODING_ESCAPES:
		each_byte(text, rand() % 2 ? "\\u%04x" : "\\x%02x");
		break;
	default:
		to_wide(text, coding);
	}
}

static void put_round(struct buf *text, const char *before, const char *behind)
{
	struct buf out = {0};
	buf_puts(&out, before);
	buf_add(&out, text->data, text->len);
	buf_puts(&out, behind);
	buf_free(text);
	*text = out;
}

/* Lines of `width` with `end` between them. */
static void wrap(struct buf *text, size_t width, const char *end)
{
	struct buf out = {0};
	for (size_t i = 0; i < text->len; i += width) {
		if (i)
			buf_puts(&out, end);
		buf_add(&out, text->data + i, text->len - i < width ? text->len - i : width);
	}
	buf_free(text);
	*text = out;
}

static void secret_text(struct buf *text, size_t before, size_t behind)
{
	char token[TOKEN + 1];
	new_token(token);
	for (size_t i = 0; i < before; i++)
		buf_puts(text, i % 7 == 6 ? " " : "w");
	buf_printf(text, " key %s ", token);
	for (size_t i = 0; i < behind; i++)
		buf_puts(text, i % 7 == 6 ? " " : "w");
}

/* ---- each by itself ---- */

static void each_coding(void **unused)
{
	(void)unused;
	for (int coding = CODING_BASE64; coding < CODING_COUNT; coding++)
		for (size_t before = 10; before < 40; before++) {
			_cleanup_(buf_free) struct buf text = {0};
			secret_text(&text, before, 30);
			encode(&text, (enum coding)coding);
			if (coding < CODING_UTF16LE)
				put_round(&text, "one\ntwo \"", "\" three\n");
			struct seen seen = look(&text);
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
	static const enum coding codings[] = {CODING_BASE64, CODING_UTF16LE, CODING_UTF16BE};
	for (size_t before = 20; before < 90; before++) {
		_cleanup_(buf_free) struct buf text = {0};
		enum coding coding = codings[before % 3];
		secret_text(&text, before, 90);
		encode(&text, coding);
		if (coding == CODING_BASE64 && before % 2)
			wrap(&text, 64, before % 4 == 1 ? "\\n" : "\r\n  ");
		struct seen seen = look(&text);
		assert_int_equal(seen.count, 1);
		char *at = text.data + seen.last.offset;
		struct coded how = {coding, seen.last.lead};
		redaction_fill_coded(at, seen.last.length, how);
		assert_true(redaction_is_coded(at, seen.last.length, how));
		assert_int_equal(look(&text).count, 0);
	}
}

static void a_byte_order_mark(void **unused)
{
	(void)unused;
	for (int coding = CODING_UTF16LE; coding < CODING_COUNT; coding++) {
		_cleanup_(buf_free) struct buf text = {0};
		struct buf mark = {0};
		secret_text(&text, 0, 2);
		encode(&text, (enum coding)coding);
		unsigned size = source_unit((enum coding)coding);
		bool big = coding == CODING_UTF16BE || coding == CODING_UTF32BE;
		for (unsigned i = 0; i < size; i++)
			buf_add(&mark,
				&"\xff\xfe\0"[(big ? size - 1 - i : i) < 2
						      ? (big ? size - 1 - i : i)
						      : 2],
				1);
		buf_add(&mark, text.data, text.len);
		struct seen seen = look(&mark);
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.last.codings, coding);
		assert_int_equal(seen.last.offset, size * 6);
		assert_int_equal(seen.last.length, size * TOKEN);
		assert_int_equal(seen.last.column, 7);
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
			secret_text(&text, before, 100);
			encode(&text, CODING_BASE64);
			wrap(&text, 76, ends[i]);
			put_round(&text, "k: |\n    ", i == 3 ? "\"\n" : "\n");
			struct seen seen = look(&text);
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
	new_token(token);
	buf_printf(&text, "?>?>?>~~ %s ?>?>?>~~", token);
	encode(&text, CODING_BASE64);
	for (size_t i = 0; i < text.len; i++)
		text.data[i] = text.data[i] == '+'   ? '-'
			       : text.data[i] == '/' ? '_'
						     : text.data[i];
	while (text.len && text.data[text.len - 1] == '=')
		buf_cut(&text, text.len - 1);
	put_round(&text, "x=", "\n");
	assert_int_equal(look(&text).count, 1);

	struct buf path = {0};
	buf_printf(&path, "the words of %s and so on, long enough for the end of a run", token);
	encode(&path, CODING_BASE64);
	put_round(&path, "/srv/data/of/mine/", "\n");
	assert_int_equal(look(&path).count, 1);
	buf_free(&path);

	buf_printf(&path, "\xc3\xa4\xc3\xb6\xc3\xbc %s and so on, long enough for the end",
		   token);
	encode(&path, CODING_BASE64);
	assert_int_equal(look(&path).count, 1);
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
		struct seen seen = look(&text);
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
	new_token(token);
	buf_printf(&text, "some words?? then?? and %s more words?? behind??", token);
	encode(&text, CODING_BASE64);
	for (size_t i = 0; i < text.len; i++)
		buf_printf(&out, "%s%c", text.data[i] == '/' ? "\\" : "", text.data[i]);
	assert_true(out.len > text.len);
	put_round(&out, "{\"a\": \"", "\"}");
	assert_int_equal(look(&out).count, 1);
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
			secret_text(&text, 4, 2);
			encode(&text, (enum coding)coding);
			buf_add(&file, noise, at);
			buf_add(&file, text.data, text.len);
			buf_add(&file, "\1\1", 2);
			buf_add(&file, noise, before);
			struct seen seen = look(&file);
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
		secret_text(&text, 20, 40);
		for (unsigned i = 0; i < depth; i++) {
			enum coding coding = (enum coding)(1 + rand() % 6);
			/* Twice UTF-16 is like UTF-32. */
			if (coding >= CODING_UTF16LE && (path & 15) >= CODING_UTF16LE)
				coding = CODING_BASE64;
			encode(&text, coding);
			path = path << CODING_BITS | (uint32_t)coding;
		}
		struct seen seen = look(&text);
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
	secret_text(&text, 20, 40);
	for (unsigned i = 0; i <= CODINGS_MAX; i++)
		encode(&text, CODING_BASE64);
	struct seen seen = look(&text);
	assert_int_equal(seen.count, 0);
}

static void pack(struct buf *text)
{
	struct buf out = {0};
	size_t cap = text->len * 2 + (64 << 10), used = 0;
	struct archive *a = archive_write_new();
	archive_write_set_format_raw(a);
	archive_write_add_filter_gzip(a);
	archive_write_set_bytes_in_last_block(a, 1);
	archive_write_open_memory(a, buf_reserve(&out, cap), cap, &used);
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_write_header(a, entry);
	archive_write_data(a, text->data, text->len);
	archive_entry_free(entry);
	archive_write_close(a);
	archive_write_free(a);
	out.len = used;
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
		secret_text(&text, 4, 4);
		pack(&text);
		encode(&text, CODING_BASE64);
		encode(&text, CODING_BASE64);
		put_round(&text, "data:\n  release: ", "\n");
		struct seen seen = look(&text);
		assert_int_equal(seen.troubles, 0);
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.last.codings, 0);
		assert_string_equal(seen.member, "base64@2!base64@1!content");
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
	struct seen seen = look(&text);
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
			encode(&text, CODING_BASE64);
		assert_int_equal(look(&text).count, 0);
	}
	assert_true(clock_ms() - begun < 20000);
}

/* ---- windows ---- */

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

static void plant(char *text, size_t len, size_t at, const struct buf *what, enum coding coding,
		  size_t secret, size_t length)
{
	_cleanup_free_ char *kept = mem_strndup(text + at, what->len);
	memcpy(text + at, what->data, what->len);
	struct place place = place_of(text, at + secret);
	struct seen seen = look_small(text, len);
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
				secret_text(&token, 0, 0);
				buf_add(&coded, token.data + 1, token.len - 1);
				encode(&coded, CODING_BASE64);
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
	struct seen seen = {0};
	uint8_t enabled[MASK_SIZE];
	struct examiner x = {
		.patterns = patterns,
		.limits = {.expand_bytes = 1u << 20, .expand_depth = 4, .per_file = 10},
		.on_found = on_found,
		.on_trouble = on_trouble,
		.context = &seen,
		.window = ROOM};
	struct source source = {.read = read_holed, .context = holed};
	memset(enabled, 0xff, sizeof enabled);
	examine_file(&x, &source, enabled, 0);
	source_clear(&source);
	examine_clear(&x);
	return seen;
}

/* Offsets count a hole, lines do not; nothing goes on behind it. */
static void behind_a_hole(void **unused)
{
	(void)unused;
	for (size_t before = 9000; before < 60000; before += 1201)
		for (int coded = 0; coded < 2; coded++) {
			_cleanup_(buf_free) struct buf text = {0}, token = {0};
			uint64_t hole = 1u << 30;
			secret_text(&token, 0, 5);
			if (coded)
				encode(&token, CODING_BASE64);
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
		secret_text(&text, at, len - at);
		encode(&text, CODING_BASE64);
		if (at % 2)
			wrap(&text, 76, "\n");
		struct seen seen = look_small(text.data, text.len);
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
		new_token(token);
		plain.data[at] = plain.data[at + 1 + TOKEN] = ' ';
		memcpy(plain.data + at + 1, token, TOKEN);
		last = at + 1;
	}
	encode(&plain, CODING_BASE64);
	struct seen seen = look(&plain);
	assert_int_equal(seen.count, tokens);
	assert_int_equal(seen.troubles, 0);
	assert_int_equal(seen.last.offset, last * 4 / 3);
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
		cmocka_unit_test(at_every_border),
		cmocka_unit_test(behind_a_hole),
		cmocka_unit_test(within_a_long_run),
		cmocka_unit_test(within_many_pieces),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
