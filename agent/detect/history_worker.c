/* SPDX-License-Identifier: MIT */
/* What is found is held until the end, when its commit and path are known. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "detect/history.h"
#include "git/git.h"

enum {
	ALIVE_MS = 500,
	RECORDS_MAX = 20000, /* before equal ones at one path become one */
	ID_SHOWN = 6,	     /* bytes */
};

/* The member that the examiner is given; what it says is inside follows it. */
static const char OUTER[] = "@";

struct record {
	enum trouble trouble; /* TROUBLE_NONE: a secret */
	struct found found;
	struct git_id object;
	enum git_type type;
	uint32_t store;
	char *inner; /* "!..." or "" */
	/* as of the end */
	char *path; /* or NULL: no commit was found */
	struct git_id commit;
	int64_t date;
};

struct history {
	struct plat_channel *channel;
	struct examiner *examiner;
	struct git *git;
	const struct git_object *object; /* in hand, or NULL */
	uint32_t number, store;
	unsigned told; /* bits of troubles */
	VEC(struct record) records;
	uint64_t last_sent, end; /* milliseconds */
	bool gone, too_many, all_trees;
};

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

static void on_found(const struct found *found, const char *member, void *context)
{
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

/* All rules: which of them want the path is known at the end. */
static void on_object(const struct git_object *object, void *context)
{
	struct history *h = context;
	struct examiner *x = h->examiner;
	struct source source;
	uint8_t all[MASK_SIZE];
	memset(all, 0xff, sizeof all);
	if (object->bytes)
		source_memory(&source, object->bytes, object->size);
	else
		source = (struct source){.read = read_large, .context = object->large};
	h->object = object;
	x->enabled = all;
	x->boxes = x->expanded = x->count = x->told = 0;
	x->stopped = false;
	examine_member(x, &source, OUTER, 0);
	source_clear(&source);
	h->object = NULL;
}

/* ---- where it stands ---- */

static int by_object(const void *a, const void *b)
{
	return git_id_compare(&((const struct record *)a)->object,
			      &((const struct record *)b)->object);
}

/* The records are sorted by their objects. */
static void on_place(const struct git_place *place, void *context)
{
	struct history *h = context;
	size_t from = 0, to = h->records.n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (git_id_compare(&h->records.v[middle].object, &place->blob) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < h->records.n; from++) {
		struct record *record = &h->records.v[from];
		if (git_id_compare(&record->object, &place->blob) != 0)
			return;
		record->path = mem_strdup(place->path);
		record->commit = place->commit;
		record->date = place->date;
	}
}

static void locate(struct history *h)
{
	VEC(struct git_id) blobs = {0};
	if (h->records.n)
		qsort(h->records.v, h->records.n, sizeof *h->records.v, by_object);
	vec_each(&h->records, record)
		if (record->type == GIT_BLOB &&
		    (!blobs.n || git_id_compare(&blobs.v[blobs.n - 1], &record->object) != 0))
			*vec_add(&blobs) = record->object;
	h->all_trees = !blobs.n || git_locate(h->git, blobs.v, blobs.n, on_place, h);
	vec_free(&blobs);
}

/* ---- what is told of it ---- */

/* A rule that asks for certain paths has to want the file's, in its repository or
 * from the guest's root, or that of the member inside it. */
static bool rule_wants(const struct history *h, const struct record *record, const char *base)
{
	const struct secret_rule *rule = h->examiner->patterns->each.v[record->found.rule].rule;
	const char *inner = strrchr(record->inner, '!');
	if (!rule->paths.n)
		return true;
	_cleanup_free_ char *plain = mem_printf("/%s", record->path ? record->path : "");
	_cleanup_free_ char *full = mem_printf("%s%s", base, plain);
	_cleanup_free_ char *member = mem_printf("/%s", inner ? inner + 1 : "");
	return patterns_want_path(rule, plain) || patterns_want_path(rule, full) ||
	       patterns_want_path(rule, member);
}

static int same_secret(const struct record *x, const struct record *y)
{
	int order = memcmp(x->found.digest, y->found.digest, DIGEST_SIZE);
	if (x->trouble != y->trouble)
		return x->trouble < y->trouble ? -1 : 1;
	if (x->found.rule != y->found.rule)
		return x->found.rule < y->found.rule ? -1 : 1;
	if (order)
		return order;
	if (!x->path != !y->path)
		return x->path ? -1 : 1;
	order = x->path ? strcmp(x->path, y->path) : 0;
	return order ? order : strcmp(x->inner, y->inner);
}

static int by_secret(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int order = same_secret(x, y);
	if (order)
		return order;
	if (x->date != y->date)
		return x->date > y->date ? -1 : 1;
	order = git_id_compare(&x->object, &y->object);
	return order				   ? order
	       : x->found.offset < y->found.offset ? -1
						   : x->found.offset > y->found.offset;
}

static char *member_of(const struct history *h, const struct record *record)
{
	char id[2 * ID_SHOWN + 1];
	const struct git_id *shown = record->path ? &record->commit : &record->object;
	for (size_t i = 0; i < ID_SHOWN; i++)
		snprintf(id + 2 * i, 3, "%02x", shown->bytes[i]);
	if (!record->type)
		return NULL;
	if (record->type != GIT_BLOB)
		return mem_printf("%s (%s)%s", id,
				  record->type == GIT_TAG ? "message of a tag" : "message",
				  record->inner);
	if (record->path)
		return mem_printf("%s:%s%s", id, record->path, record->inner);
	return mem_printf("blob %s (%s)%s", id,
			  h->all_trees ? "in no commit" : "commit not known", record->inner);
}

static void tell(struct history *h, const struct record *record)
{
	const struct found *found = &record->found;
	struct wire_reply reply = {
		.type = record->trouble ? WIRE_TROUBLE : WIRE_FOUND,
		.slot = record->store,
		.trouble = record->trouble,
		.rule = found->rule,
		.confidence = (uint32_t)found->confidence,
		.seen = found->seen,
		.line = found->line,
		.column = found->column,
		.codings = found->codings,
		.lead = found->lead,
		.offset = found->offset,
		.length = found->length,
	};
	_cleanup_free_ char *member = member_of(h, record);
	if (member)
		strncat(reply.member, member, sizeof reply.member - 1);
	if (!record->trouble)
		reply.seen |= SEEN_HISTORY;
	memcpy(reply.digest, found->digest, sizeof reply.digest);
	say(h, &reply);
}

static void tell_all(struct history *h, const char *base)
{
	const struct record *last = NULL;
	size_t told = 0;
	if (h->records.n)
		qsort(h->records.v, h->records.n, sizeof *h->records.v, by_secret);
	vec_each(&h->records, record) {
		bool again = last && same_secret(last, record) == 0;
		last = record;
		if (again || (!record->trouble && !rule_wants(h, record, base)))
			continue;
		h->too_many |= told == h->examiner->limits.per_file;
		if (told < h->examiner->limits.per_file || record->trouble)
			tell(h, record);
		told += !record->trouble;
	}
	if (h->too_many && !(h->told & 1u << TROUBLE_TOO_MANY))
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
		free(record->path);
	}
	vec_free(&h->records);
	git_free(h->git);
	free(h);
}

static void take(struct history *h, const struct history_question *question,
		 struct plat_file **files)
{
	for (uint32_t i = 0; i < question->count && !h->gone; i++) {
		if (question->kind == HISTORY_LOOSE) {
			git_add_loose(h->git, files[i], question->sizes[i]);
			continue;
		}
		git_add_pack(h->git, files[i], question->sizes[i]);
		files[i] = NULL;
	}
	if (question->kind != HISTORY_END)
		return;
	locate(h);
	tell_all(h, question->base);
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
	h->number = question->number;
	h->store = question->store;
	h->last_sent = clock_ms();
	h->end = h->last_sent + question->ms;
	take(h, question, files);
	x->on_found = others.on_found;
	x->on_trouble = others.on_trouble;
	x->tick = others.tick;
	x->context = others.context;
	say(h, &(struct wire_reply){.type = WIRE_DONE, .slot = h->store});
	bool heard = !h->gone;
	if (question->kind == HISTORY_END) {
		history_free(h);
		*history = NULL;
	}
	return heard;
}
