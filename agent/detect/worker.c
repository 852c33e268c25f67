/* SPDX-License-Identifier: MIT */
#include "detect/worker.h"

#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <string.h>

#include "base/clock.h"
#include "detect/allow.h"
#include "detect/history.h"
#include "detect/keys.h"
#include "detect/listing.h"
#include "detect/shipped.h"

enum { ALIVE_MS = 500 };

static_assert(sizeof(struct wire_batch) >= sizeof(struct history_question),
	      "every question fits the room for a batch");

worker_hook *worker_test_hook;

struct talk {
	struct examiner *examiner;
	struct plat_channel *channel;
	uint32_t batch, slot;
	const struct wire_file *file; /* in hand */
	bool known, split;	      /* the parent knows of it; has to split it */
	struct source *source;	      /* its bytes */
	bool compared, shipped;	      /* with what a package lists; it is the same */
	uint64_t last_sent, file_end; /* milliseconds */
	struct history *history;      /* of the git repository in hand */
	struct shipped archives;      /* of the batch in hand */
	bool gone;
};

/* The parent may be busy elsewhere for long; only a closed channel ends us. */
static void send_to(struct talk *talk, const void *message, size_t len)
{
	int r;
	do
		r = plat_send(talk->channel, message, len, NULL, 0);
	while (r == -ETIMEDOUT);
	talk->gone |= r < 0;
}

static void say(struct talk *talk, struct wire_reply *reply)
{
	if (!talk->known && reply->type != WIRE_DONE && reply->type != WIRE_ALIVE)
		say(talk, &(struct wire_reply){.type = WIRE_ALIVE});
	reply->magic = WIRE_MAGIC;
	reply->batch = talk->batch;
	reply->slot = talk->slot;
	send_to(talk, reply, wire_reply_size(reply));
	talk->known = reply->type != WIRE_DONE && reply->type != WIRE_SPLIT;
	talk->last_sent = clock_ms();
	mem_wipe(reply->digest, sizeof reply->digest);
}

static void name_member(struct wire_reply *reply, const char *member)
{
	size_t len = member ? strlen(member) : 0;
	if (len >= WIRE_MEMBER_MAX)
		len = WIRE_MEMBER_MAX - 1;
	if (len)
		memcpy(reply->member, member, len);
	else if (member)
		reply->member[0] = '?';
}

/* Asked of the few files in which something is found. */
static bool is_shipped(struct talk *talk)
{
	if (!talk->compared)
		talk->shipped = !talk->file->to &&
				examine_unchanged(talk->examiner, talk->source);
	talk->compared = true;
	return talk->shipped;
}

static void on_found(const struct found *found, const char *member, void *context)
{
	struct wire_reply reply = wire_found(found);
	name_member(&reply, member);
	if (is_shipped(context))
		reply.seen |= SEEN_VENDOR;
	say(context, &reply);
}

static void on_member(unsigned box, const char *member, void *context)
{
	struct wire_reply reply = {.type = WIRE_MEMBER, .rule = box};
	name_member(&reply, member);
	say(context, &reply);
}

static void on_named(size_t rule, const char *member, void *context)
{
	struct wire_reply reply = {.type = WIRE_NAMED, .rule = (uint32_t)rule};
	name_member(&reply, member);
	say(context, &reply);
}

static void on_trouble(enum trouble trouble, const char *member, void *context)
{
	struct wire_reply reply = {.type = WIRE_TROUBLE, .trouble = trouble};
	name_member(&reply, member);
	say(context, &reply);
}

static bool on_tick(void *context)
{
	struct talk *talk = context;
	uint64_t now = clock_ms();
	if (now - talk->last_sent >= ALIVE_MS)
		say(talk, &(struct wire_reply){.type = WIRE_ALIVE});
	return talk->gone || now >= talk->file_end;
}

static bool on_split(void *context)
{
	struct talk *talk = context;
	talk->split = talk->file->may_split;
	return talk->split;
}

int worker_prepare(void *context)
{
	struct worker_context *c = context;
	struct examiner *x = &c->examiner;
	_cleanup_(buf_free) struct buf fault = {0};
	setlocale(LC_CTYPE, "C.UTF-8"); /* libarchive wants it for names, where there is one */
	int r = patterns_new(c->rules, (struct patterns **)(uintptr_t)&x->patterns, &fault);
	if (r < 0)
		return r;
	x->limits = c->limits;
	x->on_found = on_found;
	x->on_member = on_member;
	x->on_named = on_named;
	x->on_trouble = on_trouble;
	x->tick = on_tick;
	x->wants_split = on_split;
	return keys_warm_up();
}

/* Nothing is said of most files before their batch ends. */
static void conclude(struct talk *talk, const struct examiner *x, bool last)
{
	if (talk->split) {
		say(talk, &(struct wire_reply){.type = WIRE_SPLIT});
		return;
	}
	if (talk->file->to && x->part.marked)
		say(talk, &(struct wire_reply){.type = WIRE_LINES,
					       .length = x->part.lines,
					       .offset = x->part.line_start});
	if (last || talk->known || clock_ms() - talk->last_sent >= ALIVE_MS)
		say(talk, &(struct wire_reply){.type = WIRE_DONE});
}

/* What the parent left to be asked of the path here, where it may be parsed. */
static void ask_path(struct examiner *x, const struct wire_file *wire, uint8_t mask[MASK_SIZE])
{
	struct allow_place place = {.path = x->path};
	memcpy(mask, wire->enabled, MASK_SIZE);
	if (!x->patterns->allow)
		return;
	allow_mask(x->patterns->allow, &place, mask);
	if (!wire->to)
		examine_named(x, NULL);
}

static void examine_one(struct talk *talk, struct examiner *x, const struct wire_batch *batch,
			uint32_t slot, struct plat_file *file)
{
	const struct wire_file *wire = &batch->files[slot];
	uint8_t enabled[MASK_SIZE];
	struct source source;
	talk->source = &source;
	talk->file_end = clock_ms() + wire->ms;
	x->boxes = wire->boxes &
		   (x->patterns->boxes.n < BOXES_MAX ? ((uint64_t)1 << x->patterns->boxes.n) - 1
						     : ~(uint64_t)0);
	if (batch->text)
		source_memory(&source, wire_text(batch), batch->text);
	else
		examine_source(x, &source, file, wire->size, wire->sparse);
	if (wire->steady && !wire->to && !batch->text)
		source_map(&source);
	x->listed = wire->listed;
	x->path = wire_path(batch, slot);
	ask_path(x, wire, enabled);
	examine_file(x, &source, enabled, wire->flags);
	x->path = NULL;
	if (source_unmap(&source) < 0)
		examine_trouble(x, TROUBLE_READ, NULL);
	source_clear(&source);
	talk->source = NULL;
}

/* Nothing is asked of what a package brought, but what a user's own rules ask of names. */
static void look_at_archives(struct talk *talk, const struct wire_batch *batch,
			     struct plat_file *const *files)
{
	enum stage before = stage_enter(STAGE_CONTAINER);
	talk->slot = 0;
	talk->file_end = UINT64_MAX;
	shipped_look(&talk->archives, batch, files, on_tick, talk);
	stage_enter(before);
}

static void say_times(struct talk *talk)
{
	struct wire_times times = {.magic = WIRE_MAGIC, .type = WIRE_TIMES};
	stage_times(times.stages);
	send_to(talk, &times, sizeof times);
}

static void examine_batch(struct talk *talk, struct examiner *x, const struct wire_batch *batch,
			  struct plat_file *const *files)
{
	enum stage before = stage_enter(STAGE_EXAMINE);
	talk->batch = batch->number;
	talk->known = false;
	talk->last_sent = clock_ms();
	memset(talk->archives.known, 0, sizeof talk->archives.known);
	if (!x->patterns->allow && !batch->text)
		look_at_archives(talk, batch, files);
	for (uint32_t i = 0; i < batch->count && !talk->gone; i++) {
		talk->slot = i;
		if (worker_test_hook)
			worker_test_hook(talk->channel, batch, i);
		talk->file = &batch->files[i];
		talk->split = talk->compared = false;
		x->part = (struct match_part){.from = talk->file->from, .to = talk->file->to};
		if (!talk->archives.known[i])
			examine_one(talk, x, batch, i, batch->text ? NULL : files[i]);
		if (stage_on && i + 1 == batch->count)
			say_times(talk);
		conclude(talk, x, i + 1 == batch->count);
	}
	examine_wipe(x);
	stage_enter(before);
}

/* False when the message is nothing that is understood. */
static bool take_message(struct talk *talk, struct examiner *x, const struct wire_batch *batch,
			 size_t len, struct plat_file **files, size_t count)
{
	if (listing_is_question(batch, len, count))
		talk->gone = !listing_reply(talk->channel, (const void *)batch, files, count);
	else if (history_is_question(batch, len, count))
		talk->gone = !history_reply(&talk->history, talk->channel, x,
					    (const void *)batch, files);
	else if (wire_batch_holds(batch, len, count))
		examine_batch(talk, x, batch, files);
	else
		return false;
	return true;
}

/* Counted from the first question: a worker may be ready long before its parent looks, and
 * what it tells must not be more than the parent has seen of it. */
static void times_begin(const struct worker_context *c)
{
	if (c->timed)
		stage_start();
	stage_enter(STAGE_IDLE);
}

void worker_run(struct plat_channel *channel, void *context)
{
	struct worker_context *c = context;
	struct talk talk = {.channel = channel, .examiner = &c->examiner};
	struct wire_batch *batch = mem_alloc(sizeof *batch);
	bool asked = false;
	c->examiner.context = &talk;
	while (!talk.gone) {
		struct plat_file *files[PLAT_FILES_MAX];
		size_t count = 0;
		int64_t len = plat_receive(channel, batch, sizeof *batch, files, &count);
		if (!asked)
			times_begin(c);
		asked = true;
		if (len <= 0 ||
		    !take_message(&talk, &c->examiner, batch, (size_t)len, files, count))
			break;
		for (size_t i = 0; i < count; i++)
			plat_file_close(files[i]);
		if (batch->text)
			mem_wipe(batch, (size_t)len);
	}
	history_free(talk.history);
	shipped_free(&talk.archives);
	free(batch);
}
