/* SPDX-License-Identifier: MIT */
/* The parent's end: which files a repository is made of, and what is said of them. */
#include "detect/history.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/stop.h"
#include "base/str.h"

enum {
	SLICE_MS = 200,
	REPOSITORY_MS = 60000, /* and one more for so many bytes: */
	BYTES_PER_MS = 4000,
	WALK_MS = 60000,	   /* on top, if need be, to say at least what was found */
	ALTERNATES_MAX = 64 << 10, /* bytes of that file */
	ALTERNATES_DEPTH = 5,	   /* git-config(1) and objects/info/alternates: as git */
	CONFIG_MAX = 1 << 20,
};

struct store { /* a folder with objects */
	char *objects;
	struct plat_info info;
};

/* One repository on its way to the worker. */
struct sending {
	struct history_parent *parent;
	const struct guest *guest;
	const struct history_sink *sink;
	struct history_question question;
	struct plat_file *files[PLAT_FILES_MAX];
	struct store stores[HISTORY_STORES];
	size_t store_count;
	size_t replies;
	uint64_t bytes, used_ms;
	bool asked;  /* loose objects are wanted again */
	bool late;   /* no more is sent */
	bool unread; /* was said */
};

typedef VEC(struct plat_id) id_list;

/* ---- answers ---- */

static char *place_of(const struct store *store)
{
	static const char leaf[] = "/objects";
	size_t len = strlen(store->objects);
	if (str_ends(store->objects, leaf) && len >= sizeof leaf)
		len -= sizeof leaf - 1;
	return mem_strndup(store->objects, len);
}

/* 1 when it was the last one to this question, 0, -EPROTO. */
static int take_reply(struct sending *s, const struct wire_reply *reply, size_t len)
{
	static const struct wire_file none;
	size_t most = s->parent->limits->per_file + TROUBLE_COUNT;
	if (reply->slot >= s->store_count || reply->type == WIRE_MEMBER ||
	    reply->type == WIRE_NAMED ||
	    !wire_reply_holds(reply, len, s->question.number, reply->slot, &none,
			      s->parent->rules) ||
	    (reply->type == WIRE_FOUND && !(reply->seen & SEEN_HISTORY)))
		return -EPROTO;
	if (reply->type == WIRE_DONE) {
		s->asked = reply->length > 0;
		return 1;
	}
	if (reply->type == WIRE_ALIVE)
		return 0;
	if (s->question.kind != HISTORY_END || ++s->replies > most)
		return -EPROTO;
	const struct store *store = &s->stores[reply->slot];
	_cleanup_free_ char *path = place_of(store);
	s->sink->reply(reply, path, &store->info, s->sink->context);
	return 0;
}

static int hear(struct sending *s)
{
	struct history_parent *parent = s->parent;
	uint64_t begun = clock_ms(), heard = begun, now = begun;
	unsigned patience = parent->limits->stall_ms;
	int r = 0;
	while (!r) {
		if (stop_asked())
			return -EINTR;
		bool came = plat_wait(&parent->channel, 1, SLICE_MS) >= 0;
		now = clock_ms();
		if (!came &&
		    (now - heard > patience || now - begun > s->question.ms + patience))
			return -ETIMEDOUT;
		if (!came)
			continue;
		struct wire_reply reply = {0};
		int64_t len = plat_receive(parent->channel, &reply, sizeof reply, NULL, NULL);
		r = len > 0	      ? take_reply(s, &reply, (size_t)len)
		    : len == -EBADMSG ? -EPROTO
				      : -EPIPE;
		mem_wipe(&reply, sizeof reply);
		heard = now;
	}
	s->used_ms += now - begun;
	return r < 0 ? r : 0;
}

/* ---- questions ---- */

static int start(struct history_parent *parent)
{
	unsigned guards;
	if (parent->channel)
		return 0;
	int r = plat_worker_start(parent->zygote, &parent->channel, &guards);
	if (!r)
		parent->guards &= guards;
	return r < 0 ? -EPIPE : 0;
}

static uint64_t time_left(const struct sending *s)
{
	uint64_t given = s->parent->limits->file_ms;
	given = given ? given : REPOSITORY_MS + s->bytes / BYTES_PER_MS;
	return given > s->used_ms ? given - s->used_ms : 0;
}

static int ask(struct sending *s, enum history_kind kind)
{
	struct history_question *question = &s->question;
	question->kind = kind;
	question->number = ++s->parent->number;
	question->ms = time_left(s) + (kind >= HISTORY_WALK ? WALK_MS : 0);
	int r = start(s->parent);
	if (!r && plat_send(s->parent->channel, question, sizeof *question, s->files,
			    question->count) < 0)
		r = -EPIPE;
	if (!r)
		r = hear(s);
	while (question->count)
		plat_file_close(s->files[--question->count]);
	s->late |= !time_left(s);
	return r;
}

static int flush(struct sending *s, enum history_kind kind)
{
	return s->question.count ? ask(s, kind) : 0;
}

static int add(struct sending *s, struct plat_dir *dir, const char *name,
	       enum history_kind kind)
{
	struct history_question *question = &s->question;
	struct plat_file *file;
	struct plat_info info;
	int r = plat_file_open_at(dir, name, &file);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = plat_file_info(file, &info);
	if (r < 0) {
		plat_file_close(file);
		return r;
	}
	question->sizes[question->count] = info.size;
	s->files[question->count++] = file;
	s->bytes += info.allocated < info.size ? info.allocated : info.size; /* no holes */
	return question->count == PLAT_FILES_MAX ? ask(s, kind) : 0;
}

/* ---- the files of a store ---- */

static bool all_hex(const char *name, size_t len)
{
	return strspn(name, "0123456789abcdef") == len && !name[len];
}

/* Of a path below a folder with objects. */
static bool is_object(const char *inside)
{
	if (str_starts(inside, "pack/"))
		return str_ends(inside, ".pack") || str_starts(inside, "pack/tmp_pack_");
	const char *name = strchr(inside, '/');
	return name == inside + 2 && strspn(inside, "0123456789abcdef") == 2 &&
	       (all_hex(name + 1, 38) || all_hex(name + 1, 62));
}

/* Other stores have such names as well: a zlib stream or a pack begins like one. */
static bool begins_like_one(struct plat_file *file, bool pack)
{
	uint8_t head[4];
	if (plat_file_read(file, head, sizeof head, 0) != sizeof head)
		return false;
	return pack ? memcmp(head, "PACK", 4) == 0
		    : (head[0] & 15) == 8 && (head[0] << 8 | head[1]) % 31 == 0;
}

size_t history_objects(const char *path, struct plat_file *file)
{
	static const char above[] = "/objects/";
	const char *inside = strrchr(path, '/');
	while (inside && inside > path && *--inside != '/')
		;
	size_t len = inside ? (size_t)(inside + 1 - path) : 0;
	if (len < sizeof above - 1 ||
	    memcmp(inside + 2 - sizeof above, above, sizeof above - 1) != 0 ||
	    !is_object(inside + 1) || !begins_like_one(file, inside[1] == 'p'))
		return 0;
	return len - 1;
}

/* What can not be opened is said; only what ends the worker or the run is given. */
static int failed(struct sending *s, int error)
{
	if (error == -EPIPE || error == -ETIMEDOUT || error == -EPROTO || error == -EINTR)
		return error;
	if (error < 0 && !s->unread) {
		s->unread = true;
		_cleanup_free_ char *path = place_of(&s->stores[s->question.store]);
		s->sink->failed(TROUBLE_READ, path, s->sink->context);
	}
	return 0;
}

static bool is_named(const char *folder, const char *name)
{
	_cleanup_free_ char *inside = mem_printf("%s/%s", folder, name);
	return is_object(inside);
}

static int add_folder(struct sending *s, struct plat_dir *objects, const char *folder,
		      enum history_kind kind)
{
	struct plat_dir *dir;
	const char *name;
	enum plat_kind member;
	int r = plat_dir_open_at(objects, folder, &dir), more = 0;
	if (r < 0)
		return r == -ENOENT || r == -ENOTDIR || r == -ELOOP ? 0 : failed(s, r);
	while (!r && !s->late && (more = plat_dir_next(dir, &name, &member)) > 0)
		if (is_named(folder, name))
			r = failed(s, add(s, dir, name, kind));
	plat_dir_close(dir);
	return r ? r : failed(s, more);
}

static int add_loose(struct sending *s, struct plat_dir *objects, enum history_kind kind)
{
	char folder[3];
	int r = 0;
	for (unsigned i = 0; i < 256 && !r && !s->late; i++) {
		snprintf(folder, sizeof folder, "%02x", i);
		r = add_folder(s, objects, folder, kind);
	}
	return r ? r : flush(s, kind);
}

static int send_packs(struct sending *s, struct plat_dir *objects)
{
	int r = add_folder(s, objects, "pack", HISTORY_PACKS);
	return r ? r : flush(s, HISTORY_PACKS);
}

static int send_store(struct sending *s, size_t number, bool again)
{
	struct plat_dir *objects;
	s->question.store = (uint32_t)number;
	int r = guest_dir(s->guest, s->stores[number].objects, &objects, NULL);
	if (r < 0)
		return failed(s, r);
	r = again ? 0 : send_packs(s, objects);
	if (!r)
		r = add_loose(s, objects, again ? HISTORY_AGAIN : HISTORY_LOOSE);
	plat_dir_close(objects);
	return r;
}

static int send_stores(struct sending *s, bool again)
{
	int r = 0;
	for (size_t i = 0; i < s->store_count && !r && !s->late && (!again || s->asked); i++)
		r = send_store(s, i, again);
	while (s->question.count) /* not sent, since it is late */
		plat_file_close(s->files[--s->question.count]);
	return r;
}

/* ---- which stores ---- */

static bool is_new(id_list *done, struct plat_id id)
{
	vec_each(done, it)
		if (plat_same(*it, id))
			return false;
	*vec_add(done) = id;
	return true;
}

/* 1: it is new; 0: it was read already. */
static int add_store(struct sending *s, id_list *done, const char *path)
{
	struct plat_dir *dir;
	struct store *store = &s->stores[s->store_count];
	if (s->store_count == HISTORY_STORES)
		return -ENOSPC;
	int r = guest_dir(s->guest, path, &dir, &store->objects);
	if (r < 0)
		return r;
	r = plat_dir_info(dir, &store->info);
	plat_dir_close(dir);
	bool fresh = !r && is_new(done, store->info.id);
	if (fresh)
		s->store_count++;
	else
		free(store->objects);
	return r ? r : fresh;
}

/* gitrepository-layout(5), "objects/info/alternates": a path in each line, from
 * the root or from the folder with the objects. */
static void add_alternates(struct sending *s, id_list *done, size_t of)
{
	_cleanup_(buf_free) struct buf text = {0};
	_cleanup_free_ char *path = mem_printf("%s/info/alternates", s->stores[of].objects);
	if (guest_read(s->guest, path, ALTERNATES_MAX, &text) < 0 || !text.data)
		return;
	char *rest;
	for (char *line = strtok_r(text.data, "\r\n", &rest); line;
	     line = strtok_r(NULL, "\r\n", &rest)) {
		_cleanup_free_ char *full = *line == '/'
						    ? mem_strdup(line)
						    : mem_printf("%s/%s", s->stores[of].objects,
								 line);
		if (*line != '#' && str_ends(full, "/objects"))
			(void)add_store(s, done, full); /* git goes on without it, too */
	}
}

static void gather(struct sending *s, id_list *done, const char *objects)
{
	size_t from = 0;
	if (add_store(s, done, objects) < 0)
		s->sink->failed(TROUBLE_READ, objects, s->sink->context);
	for (unsigned depth = 0; depth < ALTERNATES_DEPTH && from < s->store_count; depth++) {
		size_t to = s->store_count;
		for (; from < to; from++)
			add_alternates(s, done, from);
	}
}

/* ---- a repository ---- */

/* git-config(1), extensions.objectFormat. */
static bool is_sha256(const struct guest *guest, const char *place)
{
	_cleanup_(buf_free) struct buf text = {0};
	_cleanup_free_ char *path = mem_printf("%s/config", place);
	if (guest_read(guest, path, CONFIG_MAX, &text) < 0 || !text.data)
		return false;
	char *rest;
	for (char *line = strtok_r(text.data, "\r\n", &rest); line;
	     line = strtok_r(NULL, "\r\n", &rest)) {
		line += strspn(line, " \t");
		if (strncasecmp(line, "objectformat", 12) == 0)
			return strstr(line, "sha256") != NULL;
	}
	return false;
}

/* Paths in commits begin in the folder that holds .git, or in a bare repository. */
static void set_base(struct history_question *question, const char *place)
{
	size_t len = strlen(place);
	if (str_ends(place, "/.git"))
		len -= 5;
	if (len < sizeof question->base)
		memcpy(question->base, place, len);
}

static enum trouble trouble_of(int error)
{
	return error == -ETIMEDOUT ? TROUBLE_SILENT
	       : error == -EPROTO  ? TROUBLE_LIED
				   : TROUBLE_DIED;
}

static int send_all(struct sending *s)
{
	int r;
	_cleanup_free_ char *place = place_of(&s->stores[0]);
	s->question.magic = HISTORY_MAGIC;
	s->question.sha256 = is_sha256(s->guest, place);
	set_base(&s->question, place);
	r = send_stores(s, false);
	s->question.store = 0; /* what commits lead to counts for the repository itself */
	if (!r)
		r = ask(s, HISTORY_WALK);
	if (!r && s->asked)
		r = send_stores(s, true);
	if (!r)
		r = ask(s, HISTORY_END);
	if (r < 0)
		s->parent->channel = plat_worker_end(s->parent->channel, true);
	if (r < 0 && r != -EINTR)
		s->sink->failed(trouble_of(r), place, s->sink->context);
	return r == -EINTR ? r : 0;
}

static int read_one(struct history_parent *parent, const struct guest *guest, id_list *done,
		    const char *objects, const struct history_sink *sink)
{
	struct sending *s = mem_alloc(sizeof *s);
	s->parent = parent;
	s->guest = guest;
	s->sink = sink;
	gather(s, done, objects);
	int r = s->store_count ? send_all(s) : 0;
	for (size_t i = 0; i < s->store_count; i++)
		free(s->stores[i].objects);
	free(s);
	return r;
}

static bool has_alternates(const struct guest *guest, const char *objects)
{
	_cleanup_free_ char *path = mem_printf("%s/info/alternates", objects);
	return guest_has(guest, path);
}

/* Those with alternates first, which are then read along with them: so a blob is
 * looked for in the commits of both. */
int history_read(struct history_parent *parent, const struct guest *guest,
		 const char *const *objects, size_t count, const struct history_sink *sink)
{
	id_list done = {0};
	int r = 0;
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < count && !r; i++)
			if (has_alternates(guest, objects[i]) == (round == 0))
				r = read_one(parent, guest, &done, objects[i], sink);
	vec_free(&done);
	return r;
}

void history_end(struct history_parent *parent)
{
	parent->channel = plat_worker_end(parent->channel, false);
}
