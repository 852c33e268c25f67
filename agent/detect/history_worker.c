/* SPDX-License-Identifier: MIT */
/* What is found is held until the end, when its commit and path are known. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/sort.h"
#include "detect/allow.h"
#include "detect/history.h"
#include "detect/history_places.h"

enum {
	ALIVE_MS = 500,
	RECORDS_MAX = 50000, /* before equal ones at one path become one */
	DOUBTS_MAX = 1 << 15,
	PLACES_MAX = 100000,
	ID_SHOWN = 6, /* bytes */
	SHA1_SIZE = 20,
};

/* The member that the examiner is given; what it says is inside follows it. */
static const char OUTER[] = "@";

struct record {
	enum trouble trouble; /* TROUBLE_NONE: a secret */
	struct found found;
	struct git_id object;
	enum git_type type;
	uint32_t store;
	char *inner;		   /* "!..." or "" */
	const struct place *place; /* as of the end; NULL: no commit was found */
};

struct history {
	struct plat_channel *channel;
	struct examiner *examiner;
	struct git *git;
	const struct git_object *object; /* in hand, or NULL */
	uint32_t number, store;
	unsigned told; /* bits of troubles */
	VEC(struct record) records;
	struct places places;
	uint64_t doubts[DOUBTS_MAX]; /* hashes of what was found with low confidence */
	size_t doubt_count;
	size_t asked; /* places that are still to be examined */
	char base[HISTORY_BASE_MAX];
	uint64_t last_sent, end; /* milliseconds */
	bool gone, too_many, all_trees, sha256;
	bool again; /* the loose objects come a second time */
};

void (*history_test_hook)(struct plat_channel *channel,
			  const struct history_question *question);

bool history_is_question(const void *message, size_t len, size_t files)
{
	const struct history_question *question = message;
	return len == sizeof *question && question->magic == HISTORY_MAGIC &&
	       question->kind < HISTORY_KINDS && question->count == files &&
	       files <= PLAT_FILES_MAX && question->store < HISTORY_STORES &&
	       memchr(question->base, 0, sizeof question->base);
}

/* ---- answers ---- */

static void say(struct history *h, struct wire_reply *reply)
{
	int r;
	reply->magic = WIRE_MAGIC;
	reply->batch = h->number;
	do
		r = plat_send(h->channel, reply, wire_reply_size(reply), NULL, 0);
	while (r == -ETIMEDOUT);
	h->gone |= r < 0;
	h->last_sent = clock_ms();
	mem_wipe(reply->digest, sizeof reply->digest);
}

static bool on_tick(void *context)
{
	struct history *h = context;
	uint64_t now = clock_ms();
	if (now - h->last_sent >= ALIVE_MS)
		say(h, &(struct wire_reply){.type = WIRE_ALIVE, .slot = h->store});
	return h->gone || now >= h->end;
}

/* ---- what is found ---- */

static struct record *add_record(struct history *h, const char *member)
{
	if (h->records.n >= RECORDS_MAX) {
		h->too_many = true;
		return NULL;
	}
	struct record *record = vec_add(&h->records);
	record->inner = mem_strdup(member && *member ? member + sizeof OUTER - 1 : "");
	record->store = h->store;
	if (h->object) {
		record->object = h->object->id;
		record->type = h->object->type;
	}
	return record;
}

/* What is hardly a secret stands in version after version: one is enough. */
static bool is_new_doubt(struct history *h, const struct found *found)
{
	uint64_t hash;
	memcpy(&hash, found->digest, sizeof hash);
	hash = (hash ^ found->rule) | 1;
	size_t at = (size_t)(hash >> 32) % DOUBTS_MAX;
	while (h->doubts[at] && h->doubts[at] != hash)
		at = (at + 1) % DOUBTS_MAX;
	if (h->doubts[at] == hash)
		return false;
	h->too_many |= h->doubt_count >= DOUBTS_MAX / 2;
	if (h->doubt_count >= DOUBTS_MAX / 2)
		return false;
	h->doubts[at] = hash;
	h->doubt_count++;
	return true;
}

static void on_found(const struct found *found, const char *member, void *context)
{
	if (found->confidence == CONFIDENCE_LOW && !is_new_doubt(context, found))
		return;
	struct record *record = add_record(context, member);
	if (record)
		record->found = *found;
}

static void on_trouble(enum trouble trouble, const char *member, void *context)
{
	struct history *h = context;
	if (h->told & 1u << trouble)
		return;
	h->told |= 1u << trouble;
	struct record *record = add_record(h, member);
	if (record)
		record->trouble = trouble;
}

static void on_git_trouble(enum git_trouble trouble, void *context)
{
	static const enum trouble troubles[] = {
		[GIT_DAMAGED] = TROUBLE_GIT_DAMAGED,
		[GIT_LARGE] = TROUBLE_GIT_LARGE,
		[GIT_OVER] = TROUBLE_TIME,
	};
	struct history *h = context;
	h->object = NULL;
	on_trouble(troubles[trouble], NULL, h);
}

static int64_t read_large(struct source *source, void *out, size_t cap, uint64_t *hole)
{
	(void)hole;
	return git_stream_read(source->context, out, cap);
}

static void examine(struct history *h, struct source *source, uint64_t size,
		    const uint8_t *enabled)
{
	struct examiner *x = h->examiner;
	x->boxes = 0;
	examine_begin(x, enabled, size);
	examine_member(x, source, OUTER, 0);
	source_clear(source);
}

/* By the rules for any path; an examiner adds those. */
static void examine_anywhere(struct history *h, const struct git_object *object)
{
	static const uint8_t none[MASK_SIZE];
	struct source source = {.read = read_large, .context = object->large};
	if (object->bytes)
		source_memory(&source, object->bytes, object->size);
	examine(h, &source, object->size, none);
}

/* ---- where it stands ---- */

static void fill_place(struct place *to, const struct git_place *from, const char *path,
		       bool asked)
{
	to->blob = from->blob;
	to->commit = from->commit;
	to->date = from->date;
	to->path = mem_strdup(path);
	to->asked = asked;
}

static void on_blob(struct git *git, const struct git_place *at, void *context)
{
	struct history *h = context;
	struct examiner *x = h->examiner;
	uint8_t mask[MASK_SIZE];
	struct place *place = places_find(&h->places, &at->blob);
	const char *path = git_path(git);
	bool asked = !(place && place->asked) && places_rules(x->patterns, h->base, path, mask);
	if (place && !place->path)
		fill_place(place, at, path, asked);
	else if (asked && h->places.all.n < PLACES_MAX)
		fill_place(vec_add(&h->places.all), at, path, true);
	else if (asked)
		h->too_many = true;
}

static void examine_asked(struct history *h, struct place *place, const uint8_t *bytes,
			  size_t len)
{
	uint8_t mask[MASK_SIZE];
	struct git_object object = {GIT_BLOB, place->blob, bytes, len, NULL};
	struct source source;
	source_memory(&source, bytes, len);
	place->done = true;
	h->asked--;
	(void)places_rules(h->examiner->patterns, h->base, place->path, mask);
	h->object = &object;
	examine(h, &source, len, mask);
	h->object = NULL;
}

static void walk(struct history *h)
{
	vec_each(&h->records, record)
		if (record->type == GIT_BLOB)
			vec_add(&h->places.all)->blob = record->object;
	places_sort(&h->places);
	h->all_trees = git_walk(h->git, on_blob, h);
	places_sort(&h->places);
	h->asked = 0;
	for (size_t i = 0; i < h->places.sorted; i++)
		h->asked += h->places.all.v[i].asked;
	for (size_t i = 0; i < h->places.sorted; i++) {
		struct place *place = &h->places.all.v[i];
		size_t len;
		const uint8_t *bytes = place->asked ? git_blob(h->git, &place->blob, &len)
						    : NULL;
		if (bytes)
			examine_asked(h, place, bytes, len);
	}
}

static void on_object(const struct git_object *object, void *context)
{
	struct history *h = context;
	h->object = object;
	if (h->again) {
		struct place *place = places_find(&h->places, &object->id);
		if (place && place->asked && !place->done && object->bytes)
			examine_asked(h, place, object->bytes, object->size);
	} else {
		examine_anywhere(h, object);
	}
	h->object = NULL;
}

/* ---- what is told of it ---- */

static int same_secret(const struct record *x, const struct record *y)
{
	int order = memcmp(x->found.digest, y->found.digest, DIGEST_SIZE);
	if (x->trouble != y->trouble)
		return x->trouble < y->trouble ? -1 : 1;
	if (x->found.rule != y->found.rule)
		return x->found.rule < y->found.rule ? -1 : 1;
	if (order)
		return order;
	if (!x->place != !y->place)
		return x->place ? -1 : 1;
	order = x->place ? strcmp(x->place->path, y->place->path) : 0;
	return order ? order : strcmp(x->inner, y->inner);
}

static int by_secret(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int order = same_secret(x, y);
	if (order)
		return order;
	if (x->place && x->place->date != y->place->date)
		return x->place->date > y->place->date ? -1 : 1;
	order = git_id_compare(&x->object, &y->object);
	return order				   ? order
	       : x->found.offset < y->found.offset ? -1
						   : x->found.offset > y->found.offset;
}

static char *member_of(const struct history *h, const struct record *record)
{
	char id[2 * ID_SHOWN + 1];
	const struct git_id *shown = record->place ? &record->place->commit : &record->object;
	for (size_t i = 0; i < ID_SHOWN; i++)
		snprintf(id + 2 * i, 3, "%02x", shown->bytes[i]);
	if (!record->type)
		return NULL;
	if (record->type != GIT_BLOB)
		return mem_printf("%s (%s)%s", id,
				  record->type == GIT_TAG ? "message of a tag" : "message",
				  record->inner);
	if (record->place)
		return mem_printf("%s:%s%s", id, record->place->path, record->inner);
	return mem_printf("blob %s (%s)%s", id,
			  h->all_trees ? "in no commit" : "commit not known", record->inner);
}

/* Paths and commits that are set aside are known only now. */
static bool counts(const struct history *h, const struct record *record)
{
	struct allow *allow = h->examiner->patterns->allow;
	char commit[2 * GIT_ID_SIZE + 1];
	struct allow_place place = {.commit = commit};
	if (!allow || !record->place)
		return true;
	for (size_t i = 0; i < (h->sha256 ? GIT_ID_SIZE : SHA1_SIZE); i++)
		snprintf(commit + 2 * i, 3, "%02x", record->place->commit.bytes[i]);
	place.path = record->place->path;
	place.member = *record->inner ? record->inner + 1 : NULL;
	return allow_counts(allow, &record->found, &place);
}

static void tell(struct history *h, const struct record *record)
{
	struct wire_reply reply = wire_found(&record->found);
	reply.slot = record->store;
	reply.trouble = record->trouble;
	if (record->trouble)
		reply.type = WIRE_TROUBLE;
	else
		reply.seen |= SEEN_HISTORY;
	_cleanup_free_ char *member = member_of(h, record);
	if (member)
		strncat(reply.member, member, sizeof reply.member - 1);
	say(h, &reply);
}

static void find_places(struct history *h)
{
	vec_each(&h->records, record) {
		const struct place *place = record->type == GIT_BLOB
						    ? places_find(&h->places, &record->object)
						    : NULL;
		record->place = place && place->path ? place : NULL;
	}
}

/* Of equal ones the first stays, which is of the newest commit. */
static void drop_equal(struct history *h)
{
	size_t kept = 0;
	sort_stable(h->records.v, h->records.n, sizeof *h->records.v, by_secret);
	vec_each(&h->records, record) {
		struct record *last = kept ? &h->records.v[kept - 1] : NULL;
		if (!last || same_secret(last, record) != 0) {
			h->records.v[kept++] = *record;
			continue;
		}
		if (record->found.confidence > last->found.confidence) {
			last->found.confidence = record->found.confidence;
			last->found.because = record->found.because;
		}
		free(record->inner);
	}
	h->records.n = kept;
}

/* The surest first, should there be too many. */
static void tell_all(struct history *h)
{
	size_t told = 0, most = h->examiner->limits.per_file;
	find_places(h);
	drop_equal(h);
	for (int confidence = CONFIDENCE_HIGH; confidence >= CONFIDENCE_LOW; confidence--)
		vec_each(&h->records, record)
			if (!record->trouble && (int)record->found.confidence == confidence &&
			    counts(h, record) && told++ < most)
				tell(h, record);
	vec_each(&h->records, record)
		if (record->trouble)
			tell(h, record);
	if ((h->too_many || told > most) && !(h->told & 1u << TROUBLE_TOO_MANY))
		tell(h, &(struct record){.trouble = TROUBLE_TOO_MANY, .inner = ""});
}

/* ---- a message ---- */

static struct history *history_new(struct plat_channel *channel, struct examiner *examiner,
				   bool sha256)
{
	struct history *h = mem_alloc(sizeof *h);
	struct git_sink sink = {on_object, on_git_trouble, on_tick, h};
	h->channel = channel;
	h->examiner = examiner;
	h->sha256 = sha256;
	h->git = git_new(sha256, examiner->limits.expand_bytes, &sink);
	return h;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	vec_each(&h->records, record) {
		mem_wipe(record->found.digest, sizeof record->found.digest);
		free(record->inner);
	}
	places_free(&h->places);
	vec_free(&h->records);
	mem_wipe(h->doubts, sizeof h->doubts);
	git_free(h->git);
	free(h);
}

static void take(struct history *h, const struct history_question *question,
		 struct plat_file **files)
{
	for (uint32_t i = 0; i < question->count && !h->gone; i++) {
		if (question->kind != HISTORY_PACKS) {
			git_add_loose(h->git, files[i], question->sizes[i]);
			continue;
		}
		git_add_pack(h->git, files[i], question->sizes[i]);
		files[i] = NULL;
	}
	if (question->kind == HISTORY_WALK)
		walk(h);
	if (question->kind == HISTORY_END)
		tell_all(h);
}

bool history_reply(struct history **history, struct plat_channel *channel, struct examiner *x,
		   const struct history_question *question, struct plat_file **files)
{
	if (!*history)
		*history = history_new(channel, x, question->sha256);
	struct history *h = *history;
	struct examiner others = *x;
	x->on_found = on_found;
	x->on_trouble = on_trouble;
	x->tick = on_tick;
	x->context = h;
	if (history_test_hook)
		history_test_hook(channel, question);
	h->number = question->number;
	h->store = question->store;
	h->again = question->kind == HISTORY_AGAIN;
	memcpy(h->base, question->base, sizeof h->base);
	h->last_sent = clock_ms();
	h->end = h->last_sent + question->ms;
	take(h, question, files);
	x->on_found = others.on_found;
	x->on_trouble = others.on_trouble;
	x->tick = others.tick;
	x->context = others.context;
	say(h, &(struct wire_reply){.type = WIRE_DONE, .slot = h->store, .length = h->asked});
	bool heard = !h->gone;
	if (question->kind == HISTORY_END) {
		history_free(h);
		*history = NULL;
	}
	return heard;
}
