/* SPDX-License-Identifier: MIT */
#include "detect/detect.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "detect/container.h"
#include "detect/history.h"
#include "detect/listing.h"
#include "detect/paths.h"
#include "detect/place.h"
#include "detect/pool.h"
#include "detect/samples.h"
#include "detect/texts.h"
#include "detect/worker.h"

enum {
	KEY_SIZE = 32,
	KEY_ID_SIZE = 8,
	JOBS_MAX = 12 /* what they hold open fits 1,024 files */
};

struct detect {
	const struct rules *rules;
	unsigned jobs;
	struct detect_limits limits;
	struct worker_context worker;
	box_list boxes;
	struct paths *paths, *any_case; /* the other for guests that ignore it, or NULL */
	struct plat_zygote *zygote;
	struct plat_zygote
		*lister; /* of the listing: it needs no rules, so it is ready first */
	struct pool *pool;
	struct listing listing;
	struct history_parent history;
	struct texts *texts; /* that wait for more, or NULL */
	VEC(char *) objects; /* folders of git repositories */
	detect_sink *sink;
	void *context;
	struct detect_stats stats;
	char key_id[2 * KEY_ID_SIZE + 1];
	uint8_t key[KEY_SIZE]; /* of the secrets' identities; no worker knows it */
};

static struct detect_limits filled_in(const struct detect_limits *limits)
{
	struct detect_limits l = limits ? *limits : (struct detect_limits){0};
	l.stall_ms = l.stall_ms ? l.stall_ms : 20000;
	l.memory = l.memory ? l.memory : 512u << 20;
	l.expand_bytes = l.expand_bytes ? l.expand_bytes : 1u << 30;
	l.expand_entries = l.expand_entries ? l.expand_entries : 1000000;
	l.expand_depth = l.expand_depth ? l.expand_depth : 8;
	l.per_file = l.per_file ? l.per_file : 4000;
	l.part_bytes = l.part_bytes ? l.part_bytes : 64u << 20;
	return l;
}

/* What is wrong with the rules that the zygote could not compile. They come from files
 * that only the administrator may write, so they may be compiled here as well; bytes of
 * the guest never meet them in this process. */
static void describe_fault(const struct rules *rules, struct buf *fault)
{
	_cleanup_(patterns_free_ptr) struct patterns *patterns = NULL;
	(void)patterns_new(rules, &patterns, fault);
}

int detect_prepare(const struct rules *rules, unsigned jobs, const struct detect_limits *limits,
		   struct detect **ret, struct buf *fault)
{
	struct detect *d = mem_alloc(sizeof *d);
	d->rules = rules;
	d->jobs = jobs < 1 ? 1 : jobs > JOBS_MAX ? JOBS_MAX : jobs;
	d->limits = filled_in(limits);
	d->limits.tell_paths = rules->gitleaks != NULL;
	(void)patterns_boxes(rules, &d->boxes); /* too many: the zygote says so */
	d->worker = (struct worker_context){
		.rules = rules, .limits = d->limits, .timed = d->limits.timed};
	struct plat_worker_limits walls = {.memory = d->limits.memory};
	int r = plat_zygote_start(worker_prepare, worker_run, &d->worker, &walls, &d->zygote);
	if (!r && !d->limits.later && (r = plat_zygote_await(d->zygote)) < 0)
		plat_zygote_stop(d->zygote);
	if (!r && (r = plat_zygote_start(NULL, worker_run, &d->worker, &walls, &d->lister)) < 0)
		plat_zygote_stop(d->zygote);
	if (r == -EINVAL)
		describe_fault(rules, fault);
	if (r < 0) {
		if (!fault->len)
			buf_printf(fault, "the process for the workers did not start: %s",
				   error_text(r));
		vec_free(&d->boxes);
		free(d);
		return r;
	}
	d->listing = (struct listing){
		.zygote = d->lister, .patience_ms = 3 * d->limits.stall_ms, .guards = ~0u};
	d->paths = paths_new(rules, &d->boxes, false);
	plat_memory_secret(d->key, sizeof d->key);
	d->history = (struct history_parent){d->zygote, &d->limits, rules->secrets.n,
					     NULL,	~0u,	    0};
	plat_random(d->key, sizeof d->key);
	*ret = d;
	return 0;
}

/* ---- answers become findings ---- */

/* The first bytes of HMAC-SHA256(key, digest): tells equal secrets apart from
 * others and tells nobody without the key what they are. */
static void identify(const uint8_t key[KEY_SIZE], const uint8_t *digest,
		     uint8_t ret[FINDING_ID_SIZE])
{
	uint8_t full[EVP_MAX_MD_SIZE];
	unsigned len = sizeof full;
	HMAC(EVP_sha256(), key, KEY_SIZE, digest, DIGEST_SIZE, full, &len);
	memcpy(ret, full, FINDING_ID_SIZE);
}

static void derive(const void *key, size_t len, const char *what, uint8_t ret[KEY_SIZE])
{
	unsigned size = KEY_SIZE;
	HMAC(EVP_sha256(), key, (int)len, (const unsigned char *)what, strlen(what), ret,
	     &size);
}

void detect_use_key(struct detect *d, const void *bytes, size_t len)
{
	uint8_t id[KEY_SIZE];
	derive(bytes, len, "imgsan identity of secrets", d->key);
	derive(d->key, KEY_SIZE, "imgsan identity of the key", id);
	for (size_t i = 0; i < KEY_ID_SIZE; i++)
		snprintf(d->key_id + 2 * i, 3, "%02x", id[i]);
}

const char *detect_key_id(const struct detect *d)
{
	return d->key_id;
}

static struct finding secret_of(const struct secret_rule *rule, const char *path,
				const char *member)
{
	return (struct finding){
		.kind = FINDING_SECRET,
		.name = rule->name,
		.class = rule->class,
		.severity = rule->severity,
		.path = (char *)(uintptr_t)path,
		.member = (char *)(uintptr_t)member,
		.shown = rule->shown,
		.only_id = rule->partner,
	};
}

static struct finding unexamined(enum trouble trouble, const char *path, const char *member)
{
	return (struct finding){
		.kind = FINDING_UNEXAMINED,
		.name = "unexamined-file",
		.class = CLASS_BUSINESS,
		.severity = wire_trouble_severity(trouble),
		.confidence = CONFIDENCE_HIGH,
		.path = (char *)(uintptr_t)path,
		.member = (char *)(uintptr_t)member,
		.text = (char *)(uintptr_t)wire_trouble_text(trouble),
		.seen = member ? SEEN_IN_CONTAINER : 0,
	};
}

/* A member that an artefact names, whatever is in it. */
static void on_member(struct detect *d, const struct pool_file *file,
		      const struct wire_reply *reply)
{
	static char remedy[] = "inside an archive: rebuild it without this member";
	const struct artefact *box = d->boxes.v[reply->rule];
	struct finding finding = {
		.kind = FINDING_POSTURE,
		.name = box->name,
		.class = box->class,
		.severity = box->severity,
		.confidence = CONFIDENCE_HIGH,
		.path = file->path,
		.member = (char *)(uintptr_t)reply->member,
		.text = remedy,
		.seen = SEEN_IN_CONTAINER,
		.target = file->info,
	};
	d->sink(&finding, d->context);
}

static void tell_secret(struct detect *d, const struct wire_reply *reply, const char *path,
			const struct plat_info *info)
{
	struct finding finding = secret_of(&d->rules->secrets.v[reply->rule], path,
					   reply->member[0] ? reply->member : NULL);
	finding.because = place_weigh_in(reply->because, path, finding.member);
	if (!weights_level(&d->rules->weights, finding.because, &finding.confidence))
		return;
	finding.offset = reply->offset;
	finding.length = reply->length;
	finding.line = reply->line;
	finding.column = reply->column;
	finding.codings = reply->codings;
	finding.lead = reply->lead;
	finding.seen = reply->seen;
	finding.target = *info;
	identify(d->key, reply->digest, finding.secret_id);
	d->sink(&finding, d->context);
}

/* What a rule about paths alone names: nobody knows what in it is the secret. */
static void on_named(struct detect *d, const struct pool_file *file,
		     const struct wire_reply *reply)
{
	static char remedy[] = "named by a rule about paths: look at it";
	struct finding finding = secret_of(&d->rules->secrets.v[reply->rule], file->path,
					   reply->member[0] ? reply->member : NULL);
	finding.kind = FINDING_POSTURE;
	finding.confidence = CONFIDENCE_HIGH;
	finding.text = remedy;
	finding.seen = SEEN_NAMED | (finding.member ? SEEN_IN_CONTAINER : 0);
	finding.target = file->info;
	d->sink(&finding, d->context);
}

/* "base64@12!x": where in all texts the encoded run begins; it becomes its place in one. */
static bool find_member(const struct texts *texts, struct wire_reply *reply,
			struct text_spot *ret)
{
	char *at = strchr(reply->member, '@');
	char *end = at ? at + 1 + strspn(at + 1, "0123456789") : NULL;
	if (!at || end == at + 1 || end - at > 10 ||
	    !texts_find(texts, strtoul(at + 1, NULL, 10), 1, ret))
		return false;
	_cleanup_free_ char *rest = mem_strdup(end);
	size_t room = sizeof reply->member - (size_t)(at + 1 - reply->member);
	snprintf(at + 1, room, "%llu%s", (unsigned long long)ret->offset, rest);
	return true;
}

/* What was found in one of many texts. */
static void tell_text(struct detect *d, const struct pool_file *file,
		      const struct wire_reply *reply)
{
	struct wire_reply own = *reply;
	struct text_spot spot;
	if (own.member[0] ? !find_member(file->texts, &own, &spot)
			  : !texts_find(file->texts, own.offset, own.length, &spot))
		return;
	if (!own.member[0]) {
		own.offset = spot.offset;
		own.length = spot.length;
		own.line = spot.line;
		own.column = 0;
	}
	own.seen &= ~(uint32_t)SEEN_WHOLE_FILE;
	tell_secret(d, &own, spot.piece->place, &spot.piece->info);
}

static void on_found(const struct pool_file *file, const struct wire_reply *reply,
		     void *context)
{
	if (file->texts) {
		tell_text(context, file, reply);
		return;
	}
	if (reply->type == WIRE_MEMBER)
		on_member(context, file, reply);
	else if (reply->type == WIRE_NAMED)
		on_named(context, file, reply);
	else
		tell_secret(context, reply, file->path, &file->info);
}

static void on_trouble(const struct pool_file *file, enum trouble trouble, const char *member,
		       void *context)
{
	struct detect *d = context;
	const char *path = file->texts ? file->texts->pieces.v[0].place : file->path;
	struct finding finding = unexamined(trouble, path, file->texts ? NULL : member);
	finding.target = file->info;
	d->sink(&finding, d->context);
}

static void on_done(const struct pool_file *file, void *context)
{
	struct detect *d = context;
	if (file->texts) /* its hive was counted */
		return;
	d->stats.files++;
	d->stats.bytes += file->info.size;
}

/* ---- the round of files ---- */

int detect_begin(struct detect *d)
{
	struct pool_sink inner = {on_found, on_trouble, on_done, d};
	if (d->pool)
		return 0;
	listing_begin(&d->listing); /* the first that is needed */
	return pool_new(d->zygote, d->jobs, d->rules->secrets.n, &d->limits, &inner, &d->pool);
}

int detect_start(struct detect *d, detect_sink *sink, void *context)
{
	d->sink = sink;
	d->context = context;
	int r = detect_begin(d);
	return r < 0 ? r : pool_ready(d->pool);
}

static const struct paths *paths_for(struct detect *d, unsigned flags)
{
	if (!(flags & DETECT_ANY_CASE))
		return d->paths;
	if (!d->any_case)
		d->any_case = paths_new(d->rules, &d->boxes, true);
	return d->any_case;
}

static void choose_rules(const struct paths *paths, const char *path, struct wire_file *wire)
{
	_cleanup_free_ char *inner = container_unpacked_name(path);
	wire->boxes = paths_boxes(paths, path);
	wire->packed = inner != NULL;
	paths_want(paths, path, wire->enabled);
	if (inner)
		paths_want(paths, inner, wire->enabled);
	paths_unlisted(paths, path, wire->flags & DETECT_AS_BUILT, wire->enabled);
}

/* The files of a git repository are read together, by detect_history. */
static bool note_objects(struct detect *d, const char *path, struct plat_file *file)
{
	size_t len = history_objects(path, file), n = d->objects.n;
	if (len &&
	    (!n || strncmp(d->objects.v[n - 1], path, len) != 0 || d->objects.v[n - 1][len]))
		*vec_add(&d->objects) = mem_strndup(path, len);
	return len != 0;
}

int detect_file(struct detect *d, const char *path, const struct plat_info *info,
		struct plat_file *file, const struct sum *listed, unsigned flags)
{
	struct pool_file one = {.info = *info, .file = file};
	bool sparse = info->allocated && info->allocated < info->size;
	uint64_t real = sparse ? info->allocated : info->size;
	if (!info->size || note_objects(d, path, file)) {
		on_done(&one, d);
		plat_file_close(file);
		return 0;
	}
	one.path = mem_strdup(path);
	one.wire = (struct wire_file){
		.size = info->size,
		.ms = d->limits.file_ms ? d->limits.file_ms : 60000 + real / 20000,
		.sparse = info->allocated < info->size,
		.flags = flags,
		.steady = info->owner == 0 && !(info->mode & 0022),
		.may_split = real >= 2 * d->limits.part_bytes,
	};
	if (listed)
		one.wire.listed = *listed;
	choose_rules(paths_for(d, flags), path, &one.wire);
	return pool_add(d->pool, &one);
}

/* ---- texts without a file ---- */

static int send_texts(struct detect *d)
{
	struct pool_file one = {.texts = d->texts};
	if (!d->texts)
		return 0;
	d->texts = NULL;
	one.wire = (struct wire_file){.size = one.texts->bytes.len,
				      .ms = d->limits.file_ms ? d->limits.file_ms : 60000,
				      .flags = DETECT_NO_CONTAINER};
	/* No rule names such a place. */
	paths_want(paths_for(d, DETECT_ANY_CASE), "/", one.wire.enabled);
	return pool_add(d->pool, &one);
}

int detect_text(struct detect *d, const char *place, const struct plat_info *info,
		const char *text, size_t len)
{
	size_t taken = 0;
	int r = 0;
	while (!r && taken < len) {
		if (!d->texts)
			d->texts = mem_alloc(sizeof *d->texts);
		size_t n = texts_add(d->texts, place, info, text + taken, len - taken, taken);
		taken += n;
		if (taken < len)
			r = send_texts(d);
	}
	return r;
}

int detect_finish(struct detect *d)
{
	enum stage before = stage_enter(STAGE_SEND);
	int sent = send_texts(d);
	int r = pool_finish(d->pool);
	stage_enter(before);
	return sent < 0 ? sent : r;
}

static void on_history(const struct wire_reply *reply, const char *path,
		       const struct plat_info *info, void *context)
{
	struct detect *d = context;
	if (reply->type == WIRE_FOUND) {
		tell_secret(d, reply, path, info);
		return;
	}
	struct finding finding = unexamined((enum trouble)reply->trouble, path,
					    reply->member[0] ? reply->member : NULL);
	finding.target = *info;
	d->sink(&finding, d->context);
}

static void on_history_failed(enum trouble trouble, const char *path, void *context)
{
	struct detect *d = context;
	struct finding finding = unexamined(trouble, path, NULL);
	d->sink(&finding, d->context);
}

static void forget_objects(struct detect *d)
{
	vec_each(&d->objects, path)
		free(*path);
	vec_free(&d->objects);
}

int detect_history(struct detect *d, const struct guest *guest)
{
	struct history_sink sink = {on_history, on_history_failed, d};
	int r = history_read(&d->history, guest, (const char *const *)d->objects.v,
			     d->objects.n, &sink);
	forget_objects(d);
	return r;
}

int detect_packages(struct detect *d, enum packages_kind kind,
		    const struct packages_file *files, size_t count, packages_sink *sink,
		    void *context)
{
	return listing_ask(&d->listing, kind, files, count, sink, context);
}

void detect_get_stats(const struct detect *d, struct detect_stats *ret)
{
	*ret = d->stats;
	if (d->limits.timed && d->pool) {
		stage_times(ret->stages);
		pool_times(d->pool, ret->stages);
	}
	memcpy(ret->key_id, d->key_id, sizeof ret->key_id);
	ret->replaced = d->pool ? pool_replaced(d->pool) : 0;
	ret->guards = d->pool ? pool_guards(d->pool) & d->listing.guards & d->history.guards
			      : 0;
}

void detect_free(struct detect *d)
{
	if (!d)
		return;
	texts_free(d->texts);
	pool_free(d->pool);
	listing_end(&d->listing);
	history_end(&d->history);
	forget_objects(d);
	plat_zygote_stop(d->lister);
	plat_zygote_stop(d->zygote);
	vec_free(&d->boxes);
	paths_free(d->paths);
	paths_free(d->any_case);
	mem_wipe(d->key, sizeof d->key);
	free(d);
}

/* ---- samples of rules ---- */

int detect_check_samples(const struct rules *rules, struct buf *out)
{
	_cleanup_(patterns_free_ptr) struct patterns *patterns = NULL;
	_cleanup_(buf_free) struct buf fault = {0};
	if (patterns_new(rules, &patterns, &fault) < 0) {
		buf_printf(out, "%s\n", buf_text(&fault));
		return 1;
	}
	return samples_check(patterns, out);
}
