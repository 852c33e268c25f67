/* SPDX-License-Identifier: MIT */
/* Texts without a file on their way to real workers: what is in one is found there, at its
 * place, once; what crosses its borders is not in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "crew.h"
#include "detect/texts.h"
#include "detect/wire.h"
#include "own_rules.h"

enum { MANY = 700, LONG = 200 << 10 };

static struct detect *detect;

static struct {
	unsigned found[MANY], longs, others, lines;
	uint64_t long_at[64];
	char member[64];
} seen;

static void on_finding(const struct finding *finding, void *context)
{
	unsigned number;
	(void)context;
	if (finding->kind == FINDING_SECRET && finding->member) {
		snprintf(seen.member, sizeof seen.member, "%s", finding->member);
	} else if (finding->kind == FINDING_SECRET &&
		   sscanf(finding->path, "HKLM\\SOFTWARE\\K%*u\\\\v%u", &number) == 1 &&
		   number < MANY && finding->offset == 9 && finding->length == TOKEN &&
		   finding->target.mtime == (int64_t)number) {
		seen.found[number]++;
		seen.lines += finding->line == 2;
	} else if (finding->kind == FINDING_SECRET && strstr(finding->path, "long") &&
		   seen.longs < 64) {
		seen.long_at[seen.longs++] = finding->offset;
	} else {
		seen.others++;
	}
}

static void add(const char *place, int64_t written, const char *text, size_t len)
{
	struct plat_info info = {.kind = PLAT_FILE, .size = 2 * len, .mtime = written};
	assert_int_equal(detect_text(detect, place, &info, text, len), 0);
}

static void begin(void)
{
	memset(&seen, 0, sizeof seen);
	assert_int_equal(detect_start(detect, on_finding, NULL), 0);
}

static void each_is_found_in_its_place(void **state)
{
	char token[TOKEN + 1];
	(void)state;
	begin();
	for (unsigned i = 0; i < MANY; i++) {
		_cleanup_free_ char *place = mem_printf("HKLM\\SOFTWARE\\K%u\\\\v%u", i / 5, i);
		token_make(token);
		_cleanup_free_ char *text = mem_printf(
			"\xc3\xa9\x01\x02 key%c%s\n\xed\xa0\x80", '\n',
			i % 3 ? "nothing here, no token" : token);
		add(place, i, text, strlen(text));
	}
	assert_int_equal(detect_finish(detect), 0);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(seen.found[i], i % 3 == 0);
	assert_int_equal(seen.others, 0);
	assert_int_equal(seen.lines, (MANY + 2) / 3);
}

/* A token at every thousandth byte, so that some lie across each border between parts. */
static void long_ones_go_in_parts(void **state)
{
	enum { STEP = 4001 };
	_cleanup_free_ char *text = mem_alloc(LONG + 1);
	unsigned wanted = 0;
	(void)state;
	begin();
	memset(text, ' ', LONG);
	for (size_t at = 0; at + TOKEN < LONG; at += STEP, wanted++) {
		char token[TOKEN + 1];
		token_make(token);
		memcpy(text + at, token, TOKEN);
	}
	add("HKLM\\SOFTWARE\\long\\\\v", 1, text, LONG);
	assert_int_equal(detect_finish(detect), 0);
	for (size_t at = 0, found; at + TOKEN < LONG; at += STEP) {
		found = 0;
		for (unsigned i = 0; i < seen.longs; i++)
			found += seen.long_at[i] == at;
		assert_in_range(found, 1, 2); /* parts overlap */
	}
	assert_true(wanted <= seen.longs && seen.others == 0);
}

/* A name that looks like the end of one, and a text that the next one seems to go on with. */
static void borders_hold(void **state)
{
	char token[TOKEN + 1];
	(void)state;
	begin();
	token_make(token);
	_cleanup_free_ char *head = mem_strndup(token, 10);
	_cleanup_free_ char *named = mem_printf("HKLM\\SOFTWARE\\A\\\\%s", token);
	add("HKLM\\SOFTWARE\\A\\\\a", 0, head, 10);
	add("HKLM\\SOFTWARE\\A\\\\b", 0, token + 10, TOKEN - 10);
	add(named, 0, "not in the text", 15);
	assert_int_equal(detect_finish(detect), 0);
	assert_int_equal(seen.others, 0);
}

static void batches_of_texts_are_checked(void **state)
{
	struct wire_batch *batch = calloc(1, sizeof *batch);
	size_t head = wire_batch_size(1);
	(void)state;
	batch->magic = WIRE_MAGIC;
	batch->count = 1;
	batch->text = 10;
	batch->files[0].size = 10;
	memcpy((char *)batch + head, "0123456789", 10);
	assert_true(wire_batch_holds(batch, head + 10, 0));
	assert_memory_equal(wire_text(batch), "0123456789", 10);
	assert_false(wire_batch_holds(batch, head + 9, 0));
	assert_false(wire_batch_holds(batch, head + 11, 0));
	assert_false(wire_batch_holds(batch, head + 10, 1));
	batch->files[0].size = 9;
	assert_false(wire_batch_holds(batch, head + 10, 0));
	batch->files[0].size = batch->text = WIRE_TEXT_MAX + 1;
	assert_false(wire_batch_holds(batch, head + WIRE_TEXT_MAX + 1, 0));
	batch->text = 0;
	assert_false(wire_batch_holds(batch, head, 0));
	free(batch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_found_in_its_place),
		cmocka_unit_test(long_ones_go_in_parts),
		cmocka_unit_test(borders_hold),
		cmocka_unit_test(batches_of_texts_are_checked),
	};
	detect = crew_start(NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crew_end(detect);
	return failed;
}
