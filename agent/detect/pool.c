/* SPDX-License-Identifier: MIT */
/* Each worker holds a queue of batches in the order they were sent. If it dies, hangs
 * or lies, the file that it had in hand pays and everything behind that goes back to
 * the front of the waiting line. Which file it was is known when the worker had said
 * so or only one is left; else all that are left of the first batch go out again, each
 * in a batch of its own, and the one that did it does it once more. */
#include "detect/pool_inside.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "detect/split.h"
#include "detect/texts.h"

enum {
	BATCH_BYTES = 4 << 20, /* a batch with more is sent at once */
	SLICE_MS = 200,	       /* how long we wait before looking at the clock */
	START_TRIES = 3,
};

/* ---- files and batches ---- */

static void file_clear(struct pool_file *file)
{
	if (file->split) {
		split_leave(file);
		return;
	}
	free(file->path);
	texts_free(file->texts);
	plat_file_close(file->file);
	*file = (struct pool_file){0};
}

static void batch_free(struct batch *batch)
{
	if (!batch)
		return;
	vec_each(&batch->files, file)
		file_clear(file);
	vec_free(&batch->files);
	free(batch);
}

void pool_end_file(struct pool *pool, struct pool_file *file, enum trouble trouble)
{
	if (file->split) {
		split_end(file, trouble, &pool->sink);
	} else {
		if (trouble != TROUBLE_NONE)
			pool->sink.trouble(file, trouble, NULL, pool->sink.context);
		pool->sink.done(file, pool->sink.context);
	}
	file_clear(file);
}

void pool_add_alone(struct pool *pool, const struct pool_file *file)
{
	struct batch *batch = mem_alloc(sizeof *batch);
	*vec_add(&batch->files) = *file;
	*vec_add(&pool->waiting) = batch;
}

/* ---- workers ---- */

static int hand_start(struct pool *pool, size_t index)
{
	struct hand *hand = &pool->hands[index];
	int r = -EIO;
	for (unsigned try = 0; try < START_TRIES && !hand->channel; try++) {
		unsigned guards = 0;
		r = hand->asked ? 0 : plat_worker_ask(pool->zygote, &hand->asked);
		if (!r)
			r = plat_worker_await(hand->asked, &guards);
		if (r < 0) {
			hand->asked = plat_worker_end(hand->asked, true);
			continue;
		}
		hand->channel = hand->asked;
		hand->asked = NULL;
		pool->guards &= guards;
	}
	pool->channels[index] = hand->channel;
	hand->started = clock_ms();
	memset(hand->times, 0, sizeof hand->times);
	return hand->channel ? 0 : r;
}

/* Drops the batch in hand's first place. */
void pool_shift(struct hand *hand)
{
	batch_free(hand->batches[0]);
	memmove(hand->batches, hand->batches + 1, --hand->count * sizeof *hand->batches);
}

/* What is left of a batch waits for another worker, the first file on top. */
static void put_back(struct pool *pool, struct batch *batch, bool alone)
{
	struct batch *rest = alone ? NULL : mem_alloc(sizeof *rest);
	for (size_t i = batch->files.n; alone && i-- > batch->next;) {
		pool_add_alone(pool, &batch->files.v[i]);
		batch->files.v[i] = (struct pool_file){0};
	}
	for (size_t i = batch->next; !alone && i < batch->files.n; i++) {
		*vec_add(&rest->files) = batch->files.v[i];
		batch->files.v[i] = (struct pool_file){0};
	}
	if (!alone && rest->files.n)
		*vec_add(&pool->waiting) = rest;
	else
		batch_free(rest);
}

/* A worker is lost: the file in hand pays, the others wait for another one. */
static void hand_lose(struct pool *pool, size_t index, enum trouble trouble)
{
	struct hand *hand = &pool->hands[index];
	hand->channel = plat_worker_end(hand->channel, true);
	pool->channels[index] = NULL;
	pool->replaced++;
	bool suspects = false;
	if (hand->count) {
		struct batch *batch = hand->batches[0];
		suspects = !hand->certain && batch->files.n - batch->next > 1;
		if (!suspects)
			pool_end_file(pool, &batch->files.v[batch->next++], trouble);
	}
	for (; hand->count; suspects = false) {
		put_back(pool, hand->batches[0], suspects);
		pool_shift(hand);
	}
	hand->certain = false;
}

/* The paths behind the files, where the workers are to know them; the length of all. */
static size_t add_paths(const struct pool *pool, struct batch *batch,
			struct wire_batch *message)
{
	size_t len = wire_batch_size(batch->files.n);
	for (size_t i = 0; i < batch->files.n; i++) {
		const char *path = batch->files.v[i].path;
		size_t size = pool->limits.tell_paths && path ? strlen(path) + 1 : 0;
		if (size > WIRE_PATH_MAX)
			size = 0;
		/* What is answered is held against it, too. */
		batch->files.v[i].wire.path = message->files[i].path = (uint32_t)size;
		if (size)
			memcpy((char *)message + len, path, size);
		len += size;
	}
	return len;
}

/* Texts go in a batch of their own, behind all else in it. */
static size_t add_text(const struct batch *batch, struct wire_batch *message, size_t len)
{
	const struct texts *texts = batch->files.v[0].texts;
	if (!texts)
		return len;
	message->text = (uint32_t)texts->bytes.len;
	memcpy((char *)message + len, texts->bytes.data, texts->bytes.len);
	return len + texts->bytes.len;
}

static int hand_give(struct pool *pool, size_t index, struct batch *batch)
{
	struct hand *hand = &pool->hands[index];
	struct wire_batch message; /* long, and mostly empty */
	struct plat_file *files[WIRE_FILES];
	memset(&message, 0, wire_batch_size(0));
	message.magic = WIRE_MAGIC;
	batch->number = message.number = ++pool->batch_number;
	message.count = (uint32_t)batch->files.n;
	for (size_t i = 0; i < batch->files.n; i++) {
		message.files[i] = batch->files.v[i].wire;
		files[i] = batch->files.v[i].file;
	}
	size_t len = add_text(batch, &message, add_paths(pool, batch, &message));
	if (!hand->count)
		hand->heard = hand->begun = clock_ms();
	size_t count = message.text ? 0 : batch->files.n;
	int r = plat_send(hand->channel, &message, len, count ? files : NULL, count);
	if (message.text)
		mem_wipe(&message, len);
	if (r == 0)
		hand->batches[hand->count++] = batch;
	return r;
}

/* ---- answers ---- */

static void receive(struct pool *pool, size_t index)
{
	struct wire_reply reply = {0};
	int64_t len = plat_receive(pool->channels[index], &reply, sizeof reply, NULL, NULL);
	if (len <= 0)
		hand_lose(pool, index, len == -EBADMSG ? TROUBLE_LIED : TROUBLE_DIED);
	else if (!pool_take(pool, &pool->hands[index], &reply, (size_t)len))
		hand_lose(pool, index, TROUBLE_LIED);
	mem_wipe(&reply, sizeof reply);
}

static int wait_for(struct pool *pool, int timeout_ms)
{
	enum stage before = stage_enter(timeout_ms ? STAGE_WAIT : STAGE_SEND);
	int index = plat_wait(pool->channels, pool->count, timeout_ms);
	stage_enter(before);
	return index;
}

/* Takes all answers that are there, waiting at most so long for the first. */
static void drain(struct pool *pool, int timeout_ms)
{
	int index;
	while (!stop_asked() && (index = wait_for(pool, timeout_ms)) >= 0) {
		receive(pool, (size_t)index);
		timeout_ms = 0;
	}
}

/* Only after all answers were taken: what waits unread is no silence. */
static void watch(struct pool *pool)
{
	uint64_t now = clock_ms();
	for (size_t i = 0; i < pool->count; i++) {
		struct hand *hand = &pool->hands[i];
		if (!hand->channel || !hand->count)
			continue;
		struct batch *batch = hand->batches[0];
		uint64_t most = batch->files.v[batch->next].wire.ms + pool->limits.stall_ms;
		if (now - hand->heard > pool->limits.stall_ms ||
		    (hand->certain && now - hand->begun > most))
			hand_lose(pool, i, TROUBLE_SILENT);
	}
}

/* ---- handing out ---- */

static size_t least_busy(const struct pool *pool)
{
	size_t best = 0;
	for (size_t i = 1; i < pool->count; i++)
		if (pool->hands[i].count < pool->hands[best].count)
			best = i;
	return best;
}

/* Gives a batch to a worker that has room, waiting for one. On an error the
 * batch is still the caller's. */
static int dispatch(struct pool *pool, struct batch *batch)
{
	for (unsigned lost = 0; lost < START_TRIES;) {
		if (stop_asked())
			return -EINTR;
		drain(pool, 0);
		watch(pool);
		size_t index = least_busy(pool);
		struct hand *hand = &pool->hands[index];
		if (hand->count >= pool->queue) {
			drain(pool, SLICE_MS);
			continue;
		}
		if (!hand->channel) {
			int r = hand_start(pool, index);
			if (r < 0)
				return r;
		}
		if (hand_give(pool, index, batch) == 0)
			return 0;
		/* It died. What it had answered before still waits to be read, and
		 * tells which file it had in hand. */
		drain(pool, 0);
		if (hand->channel)
			hand_lose(pool, index, TROUBLE_DIED);
		lost++;
	}
	return -EIO;
}

static int dispatch_waiting(struct pool *pool)
{
	while (pool->waiting.n) {
		struct batch *batch = pool->waiting.v[--pool->waiting.n];
		int r = dispatch(pool, batch);
		if (r < 0) {
			*vec_add(&pool->waiting) = batch;
			return r;
		}
	}
	return 0;
}

static int flush(struct pool *pool)
{
	int r = dispatch_waiting(pool);
	if (r < 0 || !pool->filling)
		return r;
	r = dispatch(pool, pool->filling);
	if (r == 0) {
		pool->filling = NULL;
		pool->filling_bytes = 0;
	}
	return r;
}

static bool is_busy(const struct pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		if (pool->hands[i].count)
			return true;
	return false;
}

/* The run has to end: what is queued is dropped unsaid, since the whole run is
 * reported as cut off, and nobody waits for a worker. */
static int drop_all(struct pool *pool)
{
	for (size_t i = 0; i < pool->count; i++) {
		struct hand *hand = &pool->hands[i];
		if (hand->count)
			pool->channels[i] = hand->channel = plat_worker_end(hand->channel,
									    true);
		while (hand->count)
			pool_shift(hand);
	}
	batch_free(pool->filling);
	pool->filling = NULL;
	pool->filling_bytes = 0;
	vec_each(&pool->waiting, batch)
		batch_free(*batch);
	vec_free(&pool->waiting);
	return -EINTR;
}

/* No worker can be had any more: what is left is said, never parsed here. */
static void give_up(struct pool *pool)
{
	if (pool->filling)
		*vec_add(&pool->waiting) = pool->filling;
	pool->filling = NULL;
	pool->filling_bytes = 0;
	vec_each(&pool->waiting, batch) {
		vec_each(&(*batch)->files, file)
			pool_end_file(pool, file, TROUBLE_DIED);
		batch_free(*batch);
	}
	vec_free(&pool->waiting);
}

/* ---- the outside ---- */

int pool_new(struct plat_zygote *zygote, unsigned workers, size_t rules,
	     const struct detect_limits *limits, const struct pool_sink *sink,
	     struct pool **ret)
{
	struct pool *pool = mem_alloc(sizeof *pool);
	pool->zygote = zygote;
	pool->limits = *limits;
	pool->sink = *sink;
	pool->rules = rules;
	pool->count = workers;
	pool->queue = QUEUES_MOST / workers < QUEUE_MOST ? QUEUES_MOST / workers : QUEUE_MOST;
	pool->guards = ~0u;
	pool->hands = mem_alloc(workers * sizeof *pool->hands);
	pool->channels = mem_alloc(workers * sizeof(struct plat_channel *));
	int r = 0;
	for (size_t i = 0; i < workers && !r; i++)
		r = plat_worker_ask(zygote, &pool->hands[i].asked);
	if (r < 0)
		pool_free(pool);
	else
		*ret = pool;
	return r;
}

int pool_ready(struct pool *pool)
{
	return pool->hands[0].channel ? 0 : hand_start(pool, 0);
}

static int add_alone(struct pool *pool, const struct pool_file *file)
{
	pool_add_alone(pool, file);
	return dispatch_waiting(pool);
}

static int add_to_batch(struct pool *pool, const struct pool_file *file)
{
	if (!pool->filling)
		pool->filling = mem_alloc(sizeof *pool->filling);
	*vec_add(&pool->filling->files) = *file;
	pool->filling_bytes += file->info.allocated;
	if (pool->filling->files.n < WIRE_FILES && pool->filling_bytes < BATCH_BYTES)
		return 0;
	return flush(pool);
}

int pool_add(struct pool *pool, const struct pool_file *file)
{
	enum stage before = stage_enter(STAGE_SEND);
	int r = file->texts ? add_alone(pool, file) : add_to_batch(pool, file);
	stage_enter(before);
	if (r == -EINTR)
		return drop_all(pool);
	if (r < 0)
		give_up(pool);
	return r;
}

int pool_finish(struct pool *pool)
{
	int result = 0;
	do {
		int r = stop_asked() ? -EINTR : flush(pool);
		if (r == -EINTR)
			return drop_all(pool);
		if (r < 0) {
			give_up(pool);
			result = r;
		}
		drain(pool, is_busy(pool) ? SLICE_MS : 0);
		watch(pool);
	} while (is_busy(pool) || pool->waiting.n);
	return result;
}

void pool_times(const struct pool *pool, uint64_t stages[STAGE_COUNT])
{
	for (int i = 0; i < STAGE_COUNT; i++)
		stages[i] += pool->times[i];
}

uint64_t pool_replaced(const struct pool *pool)
{
	return pool->replaced;
}

unsigned pool_guards(const struct pool *pool)
{
	return pool->guards;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	for (size_t i = 0; i < pool->count; i++) {
		struct hand *hand = &pool->hands[i];
		bool busy = hand->count > 0;
		while (hand->count)
			pool_shift(hand);
		plat_worker_end(hand->channel, busy);
		plat_worker_end(hand->asked, false);
	}
	batch_free(pool->filling);
	vec_each(&pool->waiting, batch)
		batch_free(*batch);
	vec_free(&pool->waiting);
	free(pool->hands);
	free(pool->channels);
	free(pool);
}
