/* SPDX-License-Identifier: MIT */
/* A big file in parts: whatever lies at a border is found once and in its place, and a
 * part whose worker dies costs one "could not be examined". */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "crew.h"
#include "detect/split.h"
#include "detect/worker.h"
#include "packing.h"
#include "own_rules.h"
#include "scratch_os.h"

enum {
	PART = 200 << 10,
	SIZE = 2 << 20,
	MOST = 1000,
	CRASH_PART = 4,
};

#define CRASHING "IMGSAN_TEST_CRASHING"
static bool crashing;

struct place {
	char member[48];
	uint64_t offset;
	unsigned line, column, seen;
};

struct want {
	VEC(struct place) places;
	unsigned strangers, unexamined;
	bool any_line; /* 0 is as good */
};

/* What was planted encoded. */
static struct place encoded[200];
static size_t encoded_count;

static void crash(struct plat_channel *channel, const struct wire_batch *batch, uint32_t slot)
{
	(void)channel;
	const struct wire_file *file = &batch->files[slot];
	uint64_t at = (uint64_t)CRASH_PART * PART + 1;
	if (crashing && file->to && file->from < at && at <= file->to)
		__builtin_trap();
}

static void on_finding(const struct finding *finding, void *context)
{
	struct want *want = context;
	if (finding->kind == FINDING_UNEXAMINED) {
		want->unexamined++;
		return;
	}
	vec_each(&want->places, place) {
		const char *member = finding->member ? finding->member : "";
		if (place->offset != finding->offset || strcmp(place->member, member) != 0)
			continue;
		place->seen++;
		if ((place->line == finding->line && place->column == finding->column) ||
		    (want->any_line && !finding->line && !finding->column))
			return;
		print_message("at %llu: %u:%u, not %u:%u\n",
			      (unsigned long long)finding->offset, finding->line,
			      finding->column, place->line, place->column);
	}
	want->strangers++;
}

/* Lines of all lengths; with `wide` one goes across several parts. */
static char *text_of(bool wide)
{
	char *text = mem_alloc(SIZE);
	for (size_t i = 0; i < SIZE; i++)
		text[i] = (char)(rand() % 40 ? 'a' + rand() % 20 : '\n');
	for (size_t i = 3 * PART + 77; wide && i < 7 * PART; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	return text;
}

static void plant(char *text, size_t at)
{
	char token[TOKEN + 1];
	token_make(token);
	text[at - 1] = ' ';
	memcpy(text + at, token, TOKEN);
	text[at + TOKEN] = ' ';
}

/* At each border, and where the lines of parts meet, a token; shifted by a byte more
 * at each. */
static void plant_all(char *text)
{
	plant(text, 50);
	for (size_t k = 1; k * PART < SIZE - PART / 2; k++)
		for (int i = -1; i <= 1; i++) {
			long shift = i * 60 - (long)k * 3;
			plant(text, (size_t)((long)(k * PART) + shift));
			plant(text, (size_t)((long)(k * PART - MATCH_LEAD) + shift));
		}
	plant(text, SIZE - TOKEN - 2);
}

/* A token among words in base64, or packed before. */
static void plant_encoded(char *text, size_t at, bool packed)
{
	enum { BEFORE = 30, WORDS = 90 };
	char words[WORDS + 1], base64[400];
	_cleanup_(buf_free) struct buf bytes = {0};
	struct place place = {.offset = packed ? BEFORE : at + BEFORE / 3 * 4};
	snprintf(words, sizeof words, "%-90s", "some words so that there is a line");
	plant(words, BEFORE);
	place.line = 1;
	place.column = packed ? BEFORE + 1 : 1;
	if (packed)
		snprintf(place.member, sizeof place.member, "base64@byte %zu!content", at);
	if (packed)
		packing_one("raw", "gzip", "", words, WORDS, &bytes);
	else
		buf_add(&bytes, words, WORDS);
	assert_true(bytes.len <= 256);
	int digits = EVP_EncodeBlock((uint8_t *)base64, (uint8_t *)bytes.data, (int)bytes.len);
	text[at - 1] = text[at + (size_t)digits] = ' ';
	memcpy(text + at, base64, (size_t)digits);
	assert_true(encoded_count < sizeof encoded / sizeof *encoded);
	encoded[encoded_count++] = place;
}

static void expect(const char *text, struct want *want)
{
	unsigned line = 1, column = 1;
	for (size_t i = 0; i + TOKEN < SIZE; i++) {
		if (memcmp(text + i, "tkn_", 4) == 0 && text[i + TOKEN - 1])
			*vec_add(&want->places) = (struct place){"", i, line, column, 0};
		column++;
		if (text[i] == '\n') {
			line++;
			column = 1;
		}
	}
	for (size_t k = 0; k < encoded_count; k++) {
		struct place *place = vec_add(&want->places);
		*place = encoded[k];
		for (size_t i = 0; i < place->offset && !*place->member; i++) {
			place->column = text[i] == '\n' ? 1 : place->column + 1;
			place->line += text[i] == '\n';
		}
	}
	assert_true(want->places.n > 20);
}

static struct plat_file *write_file(const char *text, bool sparse, struct plat_info *info)
{
	struct plat_file *file = os_file_of(text, SIZE, sparse);
	assert_non_null(file);
	assert_int_equal(plat_file_info(file, info), 0);
	return file;
}

static struct want run_on(struct detect *detect, const char *text, bool sparse, bool any_line)
{
	struct want want = {.any_line = any_line};
	struct plat_info info;
	struct detect_stats before, after;
	expect(text, &want);
	struct plat_file *file = write_file(text, sparse, &info);
	detect_get_stats(detect, &before);
	assert_int_equal(detect_start(detect, on_finding, &want), 0);
	assert_int_equal(detect_file(detect, "/big", &info, file, NULL, 0), 0);
	assert_int_equal(detect_finish(detect), 0);
	detect_get_stats(detect, &after);
	assert_int_equal(after.files - before.files, 1);
	assert_int_equal(after.bytes - before.bytes, SIZE);
	assert_int_equal(want.strangers, 0);
	return want;
}

static void everything_is_found_once(struct want *want)
{
	assert_int_equal(want->unexamined, 0);
	vec_each(&want->places, place)
		if (place->seen != 1)
			fail_msg("at %llu: found %u times", (unsigned long long)place->offset,
				 place->seen);
	vec_free(&want->places);
}

static void borders_hide_nothing(void **state)
{
	for (int round = 0; round < 4; round++) {
		char *text = text_of(round % 2);
		plant_all(text);
		struct want want = run_on(*state, text, false, false);
		everything_is_found_once(&want);
		free(text);
	}
}

/* A run is decoded by the part that it begins in, or by both that see all of it. */
static void borders_hide_nothing_encoded(void **state)
{
	for (int round = 0; round < 4; round++) {
		char *text = text_of(round % 2);
		encoded_count = 0;
		for (size_t k = 1; k * PART < SIZE - PART / 2; k++)
			for (size_t i = 0; i < 4; i++) {
				size_t border = k * PART - (i % 2 ? MATCH_LEAD : 0);
				size_t shift = i < 2 ? 1000 : 20 + k * 12;
				plant_encoded(text, border - shift, round >= 2);
			}
		struct want want = run_on(*state, text, false, false);
		everything_is_found_once(&want);
		encoded_count = 0;
		free(text);
	}
}

/* Holes count for nothing, but lines and columns go on behind them. */
static void holes_are_passed_over(void **state)
{
	char *text = text_of(false);
	plant_all(text);
	for (size_t at = 100 << 10; at < SIZE - (160 << 10); at += 320 << 10)
		memset(text + at, 0, 96 << 10);
	struct want want = run_on(*state, text, true, false);
	everything_is_found_once(&want);
	free(text);
}

/* What it had said is kept, what the others say as well. */
static void a_lost_part_costs_one_line(void **state)
{
	char *text = text_of(false);
	plant_all(text);
	struct want want = run_on(*state, text, false, true);
	assert_int_equal(want.unexamined, 1);
	/* A keyword also leads to what begins a little behind it. */
	uint64_t from = (uint64_t)CRASH_PART * PART, to = from + PART + 512;
	vec_each(&want.places, place) {
		bool inside = place->offset + TOKEN > from && place->offset < to;
		if (place->seen > 1 || (!place->seen && !inside))
			fail_msg("at %llu: found %u times", (unsigned long long)place->offset,
				 place->seen);
	}
	vec_free(&want.places);
	free(text);
}

static int set_up(void **state)
{
	const struct detect_limits limits = {.part_bytes = PART};
	const char *flag = getenv(CRASHING);
	worker_test_hook = crash;
	crashing = flag && *flag;
	*state = crew_start(&limits);
	return 0;
}

/* The flag is read in the workers: it has to be set before the zygote is forked, and where
 * a worker is this program started again it comes along with the environment; the second
 * one, and one in the place of a lost one, is started when there is work for it. */
static int set_up_crashing(void **state)
{
	static char on[] = CRASHING "=1";
	putenv(on);
	return set_up(state);
}

static int tear_down(void **state)
{
	static char off[] = CRASHING "=";
	putenv(off);
	crashing = false;
	crew_end(*state);
	return 0;
}

/* ---- answers that can not be true ---- */

static void parts_are_asked_for(void **unused)
{
	(void)unused;
	struct wire_file file = {.size = 100};
	struct wire_reply reply = {.magic = WIRE_MAGIC, .type = WIRE_SPLIT};
	size_t len = wire_reply_size(&reply);
	assert_false(wire_reply_holds(&reply, len, 0, 0, &file, 1));
	file.may_split = 1;
	assert_true(wire_reply_holds(&reply, len, 0, 0, &file, 1));
	reply.type = WIRE_LINES;
	reply.length = reply.offset = 9;
	assert_false(wire_reply_holds(&reply, len, 0, 0, &file, 1));
	file.to = 10;
	assert_true(wire_reply_holds(&reply, len, 0, 0, &file, 1));
	reply.length = 11;
	assert_false(wire_reply_holds(&reply, len, 0, 0, &file, 1));
}

static void a_part_tells_of_itself_only(void **unused)
{
	(void)unused;
	struct pool_file file = {.path = mem_strdup("/big"), .wire = {.size = SIZE}}, part;
	struct split *split = split_new(&file, PART, MOST);
	assert_int_equal(split_parts(split), SIZE / PART);
	split_part(split, 3, &part);
	struct wire_reply reply = {.type = WIRE_FOUND, .length = 1};
	reply.offset = 3 * PART - MATCH_LEAD;
	assert_true(split_take(&part, &reply));
	reply.offset--;
	assert_false(split_take(&part, &reply));
	split_leave(&part);
}

static void times_only_grow(void **unused)
{
	(void)unused;
	uint64_t before[STAGE_COUNT] = {5}, now[STAGE_COUNT];
	struct wire_times times = {.magic = WIRE_MAGIC, .type = WIRE_TIMES, .stages = {5, 4}};
	assert_true(wire_times_hold(&times, sizeof times, before, 9, now));
	assert_int_equal(now[1], 4);
	assert_false(wire_times_hold(&times, sizeof times, before, 8, now));
	assert_false(wire_times_hold(&times, sizeof times - 8, before, 9, now));
	before[0] = 6;
	assert_false(wire_times_hold(&times, sizeof times, before, 9, now));
	before[0] = 0;
	times.stages[2] = times.stages[3] = UINT64_MAX / 2 + 1;
	assert_false(wire_times_hold(&times, sizeof times, before, 9, now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(borders_hide_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(borders_hide_nothing_encoded, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(holes_are_passed_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_lost_part_costs_one_line, set_up_crashing,
						tear_down),
		cmocka_unit_test(parts_are_asked_for),
		cmocka_unit_test(a_part_tells_of_itself_only),
		cmocka_unit_test(times_only_grow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
