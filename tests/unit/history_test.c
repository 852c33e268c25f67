/* SPDX-License-Identifier: MIT */
/* The worker that reads git repositories crashes, hangs and lies: the repository in
 * hand pays with one finding, no other does. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "crew.h"
#include "detect/history.h"
#include "discover/discover.h"
#include "packmaker.h"
#include "scratch.h"
#include "own_rules.h"

enum { REPOSITORIES = 3, STALL_MS = 1500 };

static const char *const places[REPOSITORIES] = {"/a/.git", "/b.git", "/c/deep/.git/modules/d"};

enum misbehaviour {
	NONE_AT_ALL,
	CRASH,
	HANG,
	LIE_FOUND_EARLY,
	LIE_STORE,
	LIE_RULE,
	LIE_NO_MEMBER,
	LIE_NOT_HISTORY,
	LIE_NUMBER,
	LIE_MEMBER_OF_BOX,
	LIE_TROUBLE,
	MISBEHAVIOURS
};

static struct guest *guest;

struct seen {
	unsigned secrets[REPOSITORIES], unexamined[REPOSITORIES], others;
	char text[128], member[128];
};

static void on_finding(const struct finding *finding, void *context)
{
	struct seen *seen = context;
	int at = 0;
	while (at < REPOSITORIES && strcmp(finding->path, places[at]) != 0)
		at++;
	if (at == REPOSITORIES) {
		seen->others++;
	} else if (finding->kind == FINDING_SECRET) {
		seen->secrets[at]++;
		snprintf(seen->member, sizeof seen->member, "%s", finding->member);
	} else {
		seen->unexamined[at]++;
		snprintf(seen->text, sizeof seen->text, "%s", finding->text);
	}
}

static void lie(struct plat_channel *channel, const struct history_question *question,
		enum misbehaviour how)
{
	struct wire_reply reply = {
		.magic = WIRE_MAGIC,
		.type = how == LIE_MEMBER_OF_BOX ? WIRE_MEMBER
			: how == LIE_TROUBLE	 ? WIRE_TROUBLE
						 : WIRE_FOUND,
		.batch = question->number + (how == LIE_NUMBER),
		.slot = how == LIE_STORE ? 1 : 0,
		.rule = how == LIE_RULE ? 1 : 0,
		.trouble = how == LIE_TROUBLE ? TROUBLE_LIED : 0,
		.seen = SEEN_IN_CONTAINER | (how == LIE_NOT_HISTORY ? 0 : SEEN_HISTORY),
		.line = 1,
		.column = 1,
		.length = 8,
		.member = "0123:a",
	};
	if (how == LIE_NO_MEMBER)
		reply.member[0] = 0;
	plat_send(channel, &reply, wire_reply_size(&reply), NULL, 0);
}

/* What to do comes as the size of the object. */
static void misbehave(struct plat_channel *channel, const struct history_question *question)
{
	static enum misbehaviour how;
	if (question->kind == HISTORY_LOOSE)
		for (uint32_t i = 0; i < question->count; i++)
			if (question->sizes[i] > 1000)
				how = (enum misbehaviour)(question->sizes[i] - 1000);
	bool end = question->kind == HISTORY_END;
	if (how == CRASH && end) {
		signal(SIGILL, SIG_DFL); /* a handler of the tests is inherited */
#ifdef SIGTRAP
		signal(SIGTRAP, SIG_DFL);
#endif
		__builtin_trap();
	}
	for (volatile uint64_t i = 0; how == HANG && end; i++)
		;
	if (how == LIE_FOUND_EARLY ? question->kind == HISTORY_WALK : how > HANG && end)
		lie(channel, question, how);
	if (end)
		how = NONE_AT_ALL;
}

static void name_object(char out[160], int number)
{
	snprintf(out, 160, "%s/objects/ab/%038d", places[number], number);
}

/* One loose blob with a token; its file is made as long as is asked for by bytes
 * behind the stream, which nobody reads. */
static void write_object(int number, size_t size)
{
	char path[160], text[64], token[TOKEN + 1];
	_cleanup_(buf_free) struct buf loose = {0};
	token_make(token);
	snprintf(text, sizeof text, "key %s", token);
	put_loose(&loose, "blob", text, strlen(text));
	while (loose.len < size)
		buf_add(&loose, "", 1);
	name_object(path, number);
	scratch_put_bytes(path, loose.data, loose.len);
}

static void hand_over(struct detect *detect, int number)
{
	char path[160];
	name_object(path, number);
	crew_file(detect, scratch_at(path), path);
}

static void round_with(struct detect *detect, int odd, enum misbehaviour how, struct seen *seen)
{
	*seen = (struct seen){0};
	assert_int_equal(detect_start(detect, on_finding, seen), 0);
	for (int i = 0; i < REPOSITORIES; i++) {
		write_object(i, i == odd ? 1000 + (size_t)how : 0);
		hand_over(detect, i);
	}
	assert_int_equal(detect_finish(detect), 0);
	assert_int_equal(seen->secrets[0] + seen->secrets[1] + seen->secrets[2], 0);
	assert_int_equal(detect_history(detect, guest), 0);
	assert_int_equal(seen->others, 0);
}

static void all_is_found(void **state)
{
	struct seen seen;
	round_with(*state, 0, NONE_AT_ALL, &seen);
	for (int i = 0; i < REPOSITORIES; i++) {
		assert_int_equal(seen.secrets[i], 1);
		assert_int_equal(seen.unexamined[i], 0);
	}
	assert_non_null(strstr(seen.member, " (in no commit)"));
	round_with(*state, 0, NONE_AT_ALL, &seen); /* a second look is like the first */
	assert_int_equal(seen.secrets[2], 1);
}

static void a_bad_worker_costs_one_repository(void **state)
{
	for (int how = CRASH; how < MISBEHAVIOURS; how++)
		for (int odd = 0; odd < (how == HANG ? 1 : REPOSITORIES); odd++) {
			struct seen seen;
			round_with(*state, odd, (enum misbehaviour)how, &seen);
			for (int i = 0; i < REPOSITORIES; i++) {
				assert_int_equal(seen.unexamined[i], i == odd);
				assert_int_equal(seen.secrets[i], i != odd);
			}
			const char *wanted = how == CRASH  ? "died"
					     : how == HANG ? "in time"
							   : "can not be true";
			assert_non_null(strstr(seen.text, wanted));
		}
}

static int set_up(void **state)
{
	const struct detect_limits limits = {.stall_ms = STALL_MS};
	history_test_hook = misbehave;
	*state = crew_start(&limits);
	if (scratch_make(state))
		return -1;
	return discover_guest(scratch_root, GUEST_LINUX, NULL, NULL, &guest);
}

static int tear_down(void **state)
{
	crew_end(*state);
	guest_free(guest);
	return scratch_remove(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_found),
		cmocka_unit_test(a_bad_worker_costs_one_repository),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
