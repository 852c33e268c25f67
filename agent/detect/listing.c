/* SPDX-License-Identifier: MIT */
#include "detect/listing.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"

enum {
	SLICE_MS = 200,		/* how long we wait before looking at the clock */
	MOST_ANSWERS = 1 << 14, /* to one question: 1 GB */
	RECORD_HEAD = 7,
};

void (*listing_test_hook)(struct plat_channel *channel, const struct packages_file *files);

/* ---- in the worker ---- */

struct speech {
	struct plat_channel *channel;
	struct listing_answer answer;
	bool gone;
};

bool listing_is_question(const void *message, size_t len, size_t files)
{
	const struct listing_question *question = message;
	return len == sizeof *question && question->magic == LISTING_MAGIC &&
	       question->kind < PACKAGES_KINDS && files > 0;
}

/* The parent may be busy with a file for long; only a closed channel ends us. */
static void say(struct speech *speech)
{
	int r;
	do
		r = plat_send(speech->channel, &speech->answer,
			      offsetof(struct listing_answer, records) + speech->answer.len,
			      NULL, 0);
	while (r == -ETIMEDOUT);
	speech->gone |= r < 0;
	speech->answer.len = 0;
}

static void on_record(const struct packages_record *record, void *context)
{
	struct speech *speech = context;
	size_t path = strlen(record->path), digest = packages_digest_size(record->algorithm);
	if (speech->gone)
		return;
	if (LISTING_ROOM - speech->answer.len < RECORD_HEAD + path + digest)
		say(speech);
	uint8_t *to = speech->answer.records + speech->answer.len;
	to[0] = (uint8_t)(path >> 8);
	to[1] = (uint8_t)path;
	to[2] = (uint8_t)record->algorithm;
	memcpy(to + 3, &record->built, sizeof record->built);
	memcpy(to + RECORD_HEAD, record->path, path);
	memcpy(to + RECORD_HEAD + path, record->digest, digest);
	speech->answer.len += (uint32_t)(RECORD_HEAD + path + digest);
}

bool listing_reply(struct plat_channel *channel, const struct listing_question *question,
		   struct plat_file *const *files, size_t count)
{
	_cleanup_free_ struct speech *speech = mem_alloc(sizeof *speech);
	struct packages_file asked[PLAT_FILES_MAX];
	for (size_t i = 0; i < count; i++)
		asked[i] = (struct packages_file){files[i], question->sizes[i],
						  question->written[i]};
	speech->channel = channel;
	speech->answer.magic = LISTING_MAGIC;
	if (listing_test_hook)
		listing_test_hook(channel, asked);
	int r = packages_read((enum packages_kind)question->kind, asked, count, on_record,
			      speech);
	speech->answer.done = true;
	speech->answer.error = (uint32_t)-r;
	say(speech);
	return !speech->gone;
}

/* ---- in the parent ---- */

/* Gives one record of an answer to the sink; its length, 0 when it can not be
 * one. */
static size_t take_record(const uint8_t *at, size_t len, packages_sink *sink, void *context)
{
	char path[PACKAGES_PATH_MAX];
	if (len < RECORD_HEAD || at[2] >= PACKAGES_ALGORITHMS)
		return 0;
	size_t name = (size_t)at[0] << 8 | at[1];
	enum packages_algorithm algorithm = at[2];
	size_t size = RECORD_HEAD + name + packages_digest_size(algorithm);
	if (!name || name >= sizeof path || size > len || at[RECORD_HEAD] != '/' ||
	    memchr(at + RECORD_HEAD, 0, name))
		return 0;
	memcpy(path, at + RECORD_HEAD, name);
	path[name] = 0;
	struct packages_record record = {path, algorithm, at + RECORD_HEAD + name, 0};
	memcpy(&record.built, at + 3, sizeof record.built);
	sink(&record, context);
	return size;
}

static bool take_records(const struct listing_answer *answer, packages_sink *sink,
			 void *context)
{
	for (size_t at = 0, size; at < answer->len; at += size) {
		size = take_record(answer->records + at, answer->len - at, sink, context);
		if (!size)
			return false;
	}
	return true;
}

/* That the run has to stop is for the parent to say, who then tells of no database. */
static bool answer_holds(const struct listing_answer *answer, size_t len)
{
	return len >= offsetof(struct listing_answer, records) &&
	       answer->magic == LISTING_MAGIC && answer->done <= 1 && answer->error < 4096 &&
	       answer->error != EINTR && (answer->done || !answer->error) &&
	       len - offsetof(struct listing_answer, records) == answer->len;
}

/* What it takes us to look at the files that are named does not count against
 * the worker. */
static int hear(struct listing *listing, struct listing_answer *answer, packages_sink *sink,
		void *context)
{
	uint64_t waited = 0;
	for (unsigned i = 0; i < MOST_ANSWERS;) {
		uint64_t begun = clock_ms();
		if (stop_asked())
			return -EINTR;
		int r = plat_wait(&listing->channel, 1, SLICE_MS);
		waited += clock_ms() - begun;
		if (r < 0) {
			if (waited > listing->patience_ms)
				return -ETIMEDOUT;
			continue;
		}
		int64_t len = plat_receive(listing->channel, answer, sizeof *answer, NULL,
					   NULL);
		if (len <= 0)
			return len == -EBADMSG ? -EPROTO : -EPIPE;
		if (!answer_holds(answer, (size_t)len) || !take_records(answer, sink, context))
			return -EPROTO;
		if (answer->done)
			return 0;
		i++;
	}
	return -EPROTO;
}

void listing_begin(struct listing *listing)
{
	if (!listing->channel && !listing->asked &&
	    plat_worker_ask(listing->zygote, &listing->asked) < 0)
		listing->asked = NULL;
}

static int start(struct listing *listing)
{
	unsigned guards;
	if (listing->channel)
		return 0;
	listing_begin(listing);
	int r = listing->asked ? plat_worker_await(listing->asked, &guards) : -ECHILD;
	if (r < 0) {
		listing->asked = plat_worker_end(listing->asked, true);
		return r;
	}
	listing->channel = listing->asked;
	listing->asked = NULL;
	listing->guards &= guards;
	return 0;
}

int listing_ask(struct listing *listing, enum packages_kind kind,
		const struct packages_file *files, size_t count, packages_sink *sink,
		void *context)
{
	struct listing_question question = {.magic = LISTING_MAGIC, .kind = kind};
	struct plat_file *sent[PLAT_FILES_MAX];
	_cleanup_free_ struct listing_answer *answer = mem_alloc(sizeof *answer);
	int r = start(listing);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		sent[i] = files[i].file;
		question.sizes[i] = files[i].size;
		question.written[i] = files[i].written;
	}
	r = plat_send(listing->channel, &question, sizeof question, sent, count);
	r = r < 0 ? -EPIPE : hear(listing, answer, sink, context);
	if (!r)
		return -(int)answer->error;
	listing->channel = plat_worker_end(listing->channel, true);
	return r;
}

void listing_end(struct listing *listing)
{
	listing->channel = plat_worker_end(listing->channel, false);
	listing->asked = plat_worker_end(listing->asked, false);
}
