/* SPDX-License-Identifier: MIT */
/* What workers say of the files that they hold. */
#include <string.h>

#include "base/clock.h"
#include "detect/pool_inside.h"
#include "detect/split.h"

enum { TIMES_SLACK_MS = 100 /* between two clocks' readings */ };

/* The next file of the first batch has come to its end, or is in other hands. */
static void shift_file(struct hand *hand)
{
	struct batch *batch = hand->batches[0];
	hand->findings = 0;
	hand->certain = false;
	hand->begun = hand->heard;
	if (++batch->next == batch->files.n)
		pool_shift(hand);
}

static void next_file(struct pool *pool, struct hand *hand)
{
	struct batch *batch = hand->batches[0];
	pool_end_file(pool, &batch->files.v[batch->next], TROUBLE_NONE);
	shift_file(hand);
}

/* The parts wait like other files; the first is on top. */
static void split_file(struct pool *pool, struct hand *hand)
{
	struct batch *batch = hand->batches[0];
	struct pool_file *file = &batch->files.v[batch->next];
	struct split *split = split_new(file, pool->limits.part_bytes, pool->limits.per_file);
	*file = (struct pool_file){0};
	for (size_t i = split_parts(split); i-- > 0;) {
		struct pool_file part;
		split_part(split, i, &part);
		pool_add_alone(pool, &part);
	}
	shift_file(hand);
}

/* Whether an answer about the file in hand is possible. */
static bool is_due(const struct pool *pool, struct hand *hand, const struct wire_reply *reply)
{
	if (reply->type == WIRE_DONE || reply->type == WIRE_ALIVE)
		return true;
	return hand->certain && ++hand->findings <= pool->limits.per_file + TROUBLE_COUNT;
}

static bool take_about(struct pool *pool, struct hand *hand, struct pool_file *file,
		       const struct wire_reply *reply)
{
	if (reply->type == WIRE_SPLIT)
		split_file(pool, hand);
	else if (file->split)
		return split_take(file, reply);
	else if (reply->type == WIRE_TROUBLE)
		pool->sink.trouble(file, (enum trouble)reply->trouble,
				   reply->member[0] ? reply->member : NULL, pool->sink.context);
	else
		pool->sink.found(file, reply, pool->sink.context);
	return true;
}

/* False when it can not be true. */
static bool take_answer(struct pool *pool, struct hand *hand, const struct wire_reply *reply,
			size_t len)
{
	struct batch *batch = hand->count ? hand->batches[0] : NULL;
	if (!batch)
		return false;
	bool passes = reply->type == WIRE_DONE || reply->type == WIRE_ALIVE;
	size_t slot = passes && reply->slot >= batch->next && reply->slot < batch->files.n
			      ? reply->slot
			      : batch->next;
	struct pool_file *file = &batch->files.v[slot];
	if (!wire_reply_holds(reply, len, batch->number, (uint32_t)slot, &file->wire,
			      pool->rules) ||
	    !is_due(pool, hand, reply))
		return false;
	hand->heard = clock_ms();
	while (batch->next < slot)
		next_file(pool, hand);
	if (!hand->certain)
		hand->begun = hand->heard;
	hand->certain = true;
	if (!passes)
		return take_about(pool, hand, file, reply);
	if (reply->type == WIRE_DONE)
		next_file(pool, hand);
	return true;
}

static bool take_times(struct pool *pool, struct hand *hand, const void *message, size_t len)
{
	uint64_t now[STAGE_COUNT];
	uint64_t most = (clock_ms() - hand->started + TIMES_SLACK_MS) * 1000000;
	if (!wire_times_hold(message, len, hand->times, most, now))
		return false;
	for (int i = 0; i < STAGE_COUNT; i++)
		pool->times[i] += now[i] - hand->times[i];
	memcpy(hand->times, now, sizeof now);
	return true;
}

bool pool_take(struct pool *pool, struct hand *hand, const struct wire_reply *reply, size_t len)
{
	return reply->type == WIRE_TIMES ? take_times(pool, hand, reply, len)
					 : take_answer(pool, hand, reply, len);
}
