/* SPDX-License-Identifier: MIT */
/* Where compressed streams end, and what budgets leave. (Every kind of container:
 * tests/e2e/containers.py.) */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "detect/container.h"
#include "detect/container_frames.h"
#include "finds.h"
#include "packing.h"

enum { MOST = 300000 };

static void pack_stream(const char *filter, const char *options, const void *bytes, size_t len,
			struct buf *out)
{
	struct packing p;
	packing_begin(&p, "raw", filter, options, len * 2 + 65536, out);
	packing_add(&p, "data", bytes, len);
	packing_end(&p);
}

static void noise(char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) /* some of it can be packed, some can not */
		bytes[i] = (char)(i % 7000 < 3000 ? rand() : 'x');
}

/* What the frames take of the bytes when they come `step` at a time. */
static size_t taken(enum container_kind kind, const struct buf *bytes, size_t step)
{
	struct frames frames;
	size_t at = 0;
	frames_begin(&frames, kind);
	while (at < bytes->len) {
		const uint8_t *next = (const uint8_t *)bytes->data + at;
		size_t left = bytes->len - at;
		if (!frames_go_on(&frames, next, left < FRAMES_LOOK ? left : FRAMES_LOOK))
			break;
		at += frames_take(&frames, next, left < step ? left : step);
	}
	return at;
}

static const struct {
	enum container_kind kind;
	const char *filter, *options;
} streams[] = {
	{CONTAINER_ZSTD, "zstd", ""},
	{CONTAINER_XZ, "xz", "compression-level=0"},
	{CONTAINER_LZ4, "lz4", "lz4:stream-checksum"},
	{CONTAINER_LZ4, "lz4", "lz4:block-checksum,lz4:!stream-checksum"},
};

static void ends_are_found(void **unused)
{
	(void)unused;
	static const size_t sizes[] = {0, 1, 100, 3000, 70000, MOST};
	static const size_t steps[] = {1, 2, 3, 7, 4096, SIZE_MAX};
	static const char behind[] = "\x50\x2a\x4dX what follows is something else";
	char *bytes = mem_alloc(MOST);
	srand(7);
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
		for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
			struct buf packed = {0};
			if (!sizes[s] && streams[i].kind == CONTAINER_LZ4)
				continue; /* libarchive 3.6.2 can not write it */
			noise(bytes, sizes[s]);
			for (size_t rounds = 1; rounds <= 2; rounds++) { /* two are one */
				pack_stream(streams[i].filter, streams[i].options, bytes,
					    sizes[s], &packed);
				size_t end = packed.len;
				buf_add(&packed, behind, sizeof behind);
				for (size_t k = 0; k < sizeof steps / sizeof *steps; k++)
					assert_int_equal(
						taken(streams[i].kind, &packed, steps[k]), end);
				buf_cut(&packed, end);
			}
			buf_free(&packed);
		}
	free(bytes);
}

/* Frames that nobody here writes: one to be skipped, with and without sizes. */
static void skipped_frames_belong_to_it(void **unused)
{
	(void)unused;
	struct buf bytes = {0};
	pack_stream("zstd", "", "data", 4, &bytes);
	buf_add(&bytes, "\x5a\x2a\x4d\x18\x05\0\0\0hello", 13);
	pack_stream("zstd", "", "data", 4, &bytes);
	size_t end = bytes.len;
	buf_puts(&bytes, "hello");
	assert_int_equal(taken(CONTAINER_ZSTD, &bytes, 5), end);
	assert_int_equal(taken(CONTAINER_ZSTD, &bytes, SIZE_MAX), end);
	buf_free(&bytes);
}

/* Streams of noise behind a signature end somewhere, and never behind the bytes. */
static void noise_ends_too(void **unused)
{
	(void)unused;
	static const enum container_kind kinds[] = {CONTAINER_ZSTD, CONTAINER_XZ, CONTAINER_LZ4,
						    CONTAINER_RPM};
	struct buf bytes = {0};
	buf_reserve(&bytes, 4096);
	bytes.len = 4096;
	for (unsigned seed = 0; seed < 4000; seed++) {
		srand(seed);
		for (size_t i = 0; i < bytes.len; i++)
			bytes.data[i] = (char)(seed & 1 ? rand() : rand() & 3);
		size_t whole = taken(kinds[seed % 4], &bytes, SIZE_MAX);
		assert_in_range(whole, 1, bytes.len);
		assert_int_equal(taken(kinds[seed % 4], &bytes, 1), whole);
	}
	buf_free(&bytes);
}

/* ---- budgets ---- */

static struct seen examine(const void *bytes, size_t len, const struct detect_limits *limits)
{
	struct source source;
	source_memory(&source, bytes, len);
	return finds_through((struct examiner){.limits = *limits}, &source);
}

static void pack_many(const char *format, const char *filter, size_t count, size_t size,
		      struct buf *out)
{
	_cleanup_free_ char *bytes = mem_alloc(size);
	struct packing p;
	packing_begin(&p, format, filter, NULL, count * (size + 2048) + 65536, out);
	for (size_t i = 0; i < count; i++) {
		_cleanup_free_ char *path = mem_printf("m%zu", i);
		packing_add(&p, path, bytes, size);
	}
	packing_end(&p);
}

static const struct detect_limits usual = {
	.expand_bytes = 1u << 30, .expand_entries = 1000, .expand_depth = 8, .per_file = 10};

static void budgets_end_in_words(void **unused)
{
	(void)unused;
	struct buf many = {0}, zeros = {0}, plain = {0};
	pack_many("paxr", NULL, 900, 10, &many);
	assert_int_equal(examine(many.data, many.len, &usual).troubles, 0);
	struct detect_limits limits = usual;
	limits.expand_entries = 899;
	struct seen seen = examine(many.data, many.len, &limits);
	assert_int_equal(seen.troubles, 1);
	assert_int_equal(seen.trouble, TROUBLE_ENTRIES);

	pack_many("paxr", "xz", 1, 80u << 20, &zeros);
	seen = examine(zeros.data, zeros.len, &usual);
	assert_int_equal(seen.troubles, 1);
	assert_int_equal(seen.trouble, TROUBLE_RATIO);
	assert_string_equal(seen.where, "m0");

	limits = usual;
	limits.expand_bytes = 1u << 20; /* but 16 times its size is fine */
	pack_many("paxr", NULL, 20, 1u << 20, &plain);
	assert_int_equal(examine(plain.data, plain.len, &limits).troubles, 0);
	seen = examine(zeros.data, zeros.len, &limits);
	assert_int_equal(seen.trouble, TROUBLE_EXPANDED);
	buf_free(&many);
	buf_free(&zeros);
	buf_free(&plain);
}

/* One that has to be held to be read is held up to 64 MiB. */
static void what_is_held_has_an_end(void **unused)
{
	(void)unused;
	struct buf inner = {0}, outer = {0};
	size_t len = 70u << 20;
	struct packing p;
	pack_many("7zip", NULL, 1, 3000, &inner);
	packing_begin(&p, "ustar", NULL, NULL, len + 65536, &outer);
	packing_add(&p, "small.7z", inner.data, inner.len);
	size_t small = inner.len;
	buf_reserve(&inner, len);
	memset(inner.data + small, 0, len - small);
	packing_add(&p, "large.7z", inner.data, len);
	packing_end(&p);
	struct seen seen = examine(outer.data, outer.len, &usual);
	assert_int_equal(seen.troubles, 1);
	assert_int_equal(seen.trouble, TROUBLE_NESTED_SIZE);
	assert_string_equal(seen.where, "large.7z");
	buf_free(&inner);
	buf_free(&outer);
}

static void names_lose_their_packing(void **unused)
{
	(void)unused;
	_cleanup_free_ char *gz = container_unpacked_name("/etc/shadow.gz");
	_cleanup_free_ char *old = container_unpacked_name("/var/log/x.Z");
	assert_string_equal(gz, "/etc/shadow");
	assert_string_equal(old, "/var/log/x");
	assert_null(container_unpacked_name("/etc/shadow"));
}

static int set_up(void **unused)
{
	(void)unused;
	return finds_begin(); /* without rules */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_are_found),
		cmocka_unit_test(skipped_frames_belong_to_it),
		cmocka_unit_test(noise_ends_too),
		cmocka_unit_test(budgets_end_in_words),
		cmocka_unit_test(what_is_held_has_an_end),
		cmocka_unit_test(names_lose_their_packing),
	};
	return cmocka_run_group_tests(tests, set_up, finds_end);
}
