/* SPDX-License-Identifier: MIT */
/* Workers that crash, hang and lie: the file in hand pays, no other does. Real
 * workers of the platform, made to misbehave by the size of a file. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "crew.h"
#include "detect/detect.h"
#include "detect/worker.h"
#include "scratch.h"
#include "own_rules.h"

enum {		     /* sizes that make a worker misbehave */
       TRUTH = 5000, /* said once more by the hook */
       CRASH,
       HANG,
       LIE_SLOT,
       LIE_RULE,
       LIE_PLACE,
       LIE_TYPE,
       LIE_LENGTH,
       LIE_SEEN,
       LIE_MEMBER,
       LIE_REASON,
       MEMORY,
       SIZES_END
};
enum { FILES = 100, STALL_MS = 3000 };

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif

struct seen {
	unsigned secrets[FILES], unexamined[FILES], others;
	char text[256];
};

static void on_finding(const struct finding *finding, void *context)
{
	struct seen *seen = context;
	size_t index = (size_t)atoi(finding->path + 1);
	if (index >= FILES) {
		seen->others++;
	} else if (finding->kind == FINDING_SECRET) {
		seen->secrets[index]++;
	} else {
		seen->unexamined[index]++;
		snprintf(seen->text, sizeof seen->text, "%s", finding->text);
	}
}

static void lie(struct plat_channel *channel, const struct wire_batch *batch, uint32_t slot)
{
	struct wire_reply reply = {
		.magic = WIRE_MAGIC,
		.type = WIRE_FOUND,
		.batch = batch->number,
		.slot = slot,
		.offset = 1,
		.length = 8,
		.line = 1,
		.column = 1,
	};
	size_t len = wire_reply_size(&reply);
	/* Before it has a file for certain, nothing that a worker says of one is taken. */
	struct wire_reply alive = reply;
	alive.type = WIRE_ALIVE;
	plat_send(channel, &alive, wire_reply_size(&alive), NULL, 0);
	switch (batch->files[slot].size) {
	case LIE_SLOT:
		reply.slot++;
		break;
	case LIE_RULE:
		reply.rule = 1;
		break;
	case LIE_PLACE:
		reply.offset = UINT64_MAX - 3;
		break;
	case LIE_TYPE:
		reply.type = 77;
		break;
	case LIE_LENGTH:
		len -= 8;
		break;
	case LIE_SEEN:
		reply.seen = SEEN_VENDOR;
		break;
	case LIE_MEMBER:
		memset(reply.member, 'm', sizeof reply.member);
		reply.seen = SEEN_IN_CONTAINER;
		len = sizeof reply;
		break;
	case LIE_REASON:
		reply.because = ~UINT64_C(0);
		break;
	}
	plat_send(channel, &reply, len, NULL, 0);
}

static void misbehave(struct plat_channel *channel, const struct wire_batch *batch,
		      uint32_t slot)
{
	uint64_t size = batch->files[slot].size;
	if (size == CRASH)
		__builtin_trap();
	for (volatile uint64_t i = 0; size == HANG; i++)
		;
	for (size_t i = 0; size == MEMORY; i++)
		memset(mem_alloc(1 << 20), 1, 1 << 20);
	if (size == TRUTH || (size > HANG && size < MEMORY))
		lie(channel, batch, slot);
}

/* A token among lines that make it so long. */
static void put_file(const char *path, size_t size)
{
	_cleanup_(buf_free) struct buf text = {0};
	char token[TOKEN + 1];
	token_make(token);
	buf_printf(&text, "key %s", token);
	while (text.len < size)
		buf_puts(&text, "\n");
	scratch_put_bytes(path, text.data, text.len);
}

/* FILES small files; the one at `odd` has the size that makes trouble. */
static void feed(struct detect *detect, int odd, size_t size)
{
	for (int i = 0; i < FILES; i++) {
		char name[16];
		snprintf(name, sizeof name, "/%d", i);
		put_file(name, i == odd ? size : 100);
		crew_file(detect, scratch_at(name), name);
		remove(scratch_at(name));
	}
	assert_int_equal(detect_finish(detect), 0);
}

static int set_up(void **state)
{
	const struct detect_limits limits = {.stall_ms = STALL_MS};
	worker_test_hook = misbehave;
	*state = crew_start(&limits);
	return scratch_make(state);
}

static int tear_down(void **state)
{
	crew_end(*state);
	return scratch_remove(state);
}

static struct seen round_with(struct detect *detect, int odd, size_t size)
{
	struct seen seen = {0};
	assert_int_equal(detect_start(detect, on_finding, &seen), 0);
	feed(detect, odd, size);
	assert_int_equal(seen.others, 0);
	for (int i = 0; i < FILES; i++) {
		bool paid = i == odd && size > 100;
		assert_int_equal(seen.unexamined[i], paid);
		assert_int_equal(seen.secrets[i], !paid);
	}
	return seen;
}

static void all_is_found(void **state)
{
	struct detect_stats stats;
	round_with(*state, 0, 100);
	detect_get_stats(*state, &stats);
	assert_int_equal(stats.files, FILES);
	assert_int_equal(stats.replaced, 0);
}

/* The lies below differ from it in one thing each. */
static void a_true_answer_is_taken(void **state)
{
	struct seen seen = {0};
	assert_int_equal(detect_start(*state, on_finding, &seen), 0);
	feed(*state, 31, TRUTH);
	for (int i = 0; i < FILES; i++) {
		assert_int_equal(seen.unexamined[i], 0);
		assert_int_equal(seen.secrets[i], i == 31 ? 2 : 1);
	}
}

static void a_bad_worker_costs_one_file(void **state)
{
	static const int places[] = {0, 31, 32, 57, FILES - 1};
	/* A sanitizer needs the address space that the limit would take; without a limit
	 * (Wine) the worker would take the machine's. */
	struct detect_stats stats;
	detect_get_stats(*state, &stats);
	bool limited = !SANITIZED && (stats.guards & PLAT_GUARD_LIMITS);
	size_t end = limited ? SIZES_END : MEMORY;
	for (size_t size = CRASH; size < end; size++)
		for (size_t i = 0; i < 5; i++) {
			if (size == HANG && i > 0)
				continue; /* takes twice as long as the patience */
			struct seen seen = round_with(*state, places[i], size);
			const char *want = size == HANG ? "did not end in time"
					   : size == CRASH || size == MEMORY
						   ? "died"
						   : "can not be true";
			if (!strstr(seen.text, want))
				fail_msg("size %zu gives: %s", size, seen.text);
		}
}

static void hanging_ends_in_time(void **state)
{
	uint64_t begun = clock_ms();
	round_with(*state, 3, HANG);
	assert_true(clock_ms() - begun < 10 * STALL_MS);
}

static void places_stay_inside_the_file(void **unused)
{
	(void)unused;
	struct wire_file file = {.size = 100};
	struct wire_reply reply = {.magic = WIRE_MAGIC,
				   .type = WIRE_FOUND,
				   .batch = 4,
				   .slot = 2,
				   .offset = 90,
				   .length = 10};
	size_t len = wire_reply_size(&reply);
	assert_true(wire_reply_holds(&reply, len, 4, 2, &file, 1));
	reply.length = 11;
	assert_false(wire_reply_holds(&reply, len, 4, 2, &file, 1));
	reply.length = 0;
	assert_false(wire_reply_holds(&reply, len, 4, 2, &file, 1));
	reply.length = 10;
	reply.seen = SEEN_HISTORY; /* then there is a member that tells the commit */
	assert_false(wire_reply_holds(&reply, len, 4, 2, &file, 1));
}

/* A member is only told for a file that was asked about that box. */
static void members_were_asked_for(void **unused)
{
	(void)unused;
	struct wire_file file = {.size = 100, .boxes = 4};
	struct wire_reply reply = {
		.magic = WIRE_MAGIC, .type = WIRE_MEMBER, .rule = 2, .member = "etc/key"};
	size_t len = wire_reply_size(&reply);
	assert_true(wire_reply_holds(&reply, len, 0, 0, &file, 1));
	static const uint32_t others[] = {0, 1, 3, 63, 64, 66, UINT32_MAX};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		reply.rule = others[i];
		assert_false(wire_reply_holds(&reply, len, 0, 0, &file, 1));
	}
	reply.rule = 2;
	reply.member[0] = 0;
	assert_false(wire_reply_holds(&reply, wire_reply_size(&reply), 0, 0, &file, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_found),
		cmocka_unit_test(a_true_answer_is_taken),
		cmocka_unit_test(a_bad_worker_costs_one_file),
		cmocka_unit_test(hanging_ends_in_time),
		cmocka_unit_test(places_stay_inside_the_file),
		cmocka_unit_test(members_were_asked_for),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
