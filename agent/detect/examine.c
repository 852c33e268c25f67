/* SPDX-License-Identifier: MIT */
#include "detect/examine.h"

#include <errno.h>
#include <magic.h>
#include <stdlib.h>
#include <string.h>

#include "base/stage.h"
#include "base/str.h"
#include "detect/allow.h"
#include "detect/container.h"
#include "detect/container_kind.h"
#include "detect/database.h"
#include "detect/keystore.h"
#include "detect/layers.h"
#include "detect/magic_inside.h"
#include "detect/pages.h"

enum { ROOM = 256 << 10 /* nine files of ten fit it many times over */ };

void examine_trouble(struct examiner *x, enum trouble trouble, const char *member)
{
	if (x->told & 1u << trouble)
		return;
	x->told |= 1u << trouble;
	x->on_trouble(trouble, member, x->context);
}

/* Not before somebody asks: most runs never do, and the database takes 8 MB of
 * the worker that has it. */
static void magic_prepare(struct examiner *x)
{
	magic_t magic = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS |
				   MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_ELF |
				   MAGIC_NO_CHECK_CDF);
	void *database = magic_unpack();
	size_t size = magic_inside.full;
	if (magic && (!database || magic_load_buffers(magic, &database, &size, 1) < 0)) {
		magic_close(magic);
		magic = NULL;
	}
	x->magic = magic;
	x->magic_database = database;
	x->magic_tried = true;
}

/* libmagic costs more than the scan of a small file: it is asked only where its
 * answer decides whether something found may be redacted. Without it unsure
 * files count as binary. */
bool examine_is_text(struct examiner *x, const uint8_t *head, size_t len)
{
	if (!x->magic_tried)
		magic_prepare(x);
	const char *type = x->magic ? magic_buffer(x->magic, head, len) : NULL;
	return type && !strncmp(type, "text/", 5);
}

/* Where the archive keeps it; what was unpacked is where it would lie. */
static char *inner_path(const char *member)
{
	const char *end = member + strlen(member), *inner;
	if (str_ends(member, "!content"))
		end -= strlen("!content");
	for (inner = end; inner > member && inner[-1] != '!';)
		inner--;
	while (*inner == '/' || (inner[0] == '.' && inner[1] == '/'))
		inner++;
	char *path = mem_printf("/%.*s", (int)(end - inner), inner);
	char *unpacked = *end ? container_unpacked_name(path) : NULL;
	if (!unpacked)
		return path;
	free(path);
	return unpacked;
}

/* The rules for a member: those that want its own path, too. */
static void mask_for(const struct examiner *x, const char *member, uint8_t mask[MASK_SIZE])
{
	memcpy(mask, x->enabled, MASK_SIZE);
	_cleanup_free_ char *path = inner_path(member);
	for (size_t i = 0; i < x->patterns->each.n; i++)
		if (patterns_want_path(x->patterns->each.v[i].rule, path))
			mask[i >> 3] |= (uint8_t)(1u << (i & 7));
	struct allow_place place = {.path = x->path, .member = member};
	if (x->patterns->allow)
		allow_mask(x->patterns->allow, &place, mask);
}

static bool is_container(struct examiner *x, struct source *source, const char *member,
			 unsigned depth)
{
	enum stage before = stage_enter(STAGE_CONTAINER);
	bool is = container_expand(x, source, member, depth);
	stage_enter(before);
	return is;
}

static bool is_database(struct examiner *x, struct source *source, const char *member,
			unsigned depth)
{
	enum stage before = stage_enter(STAGE_DATABASE);
	bool is = database_expand(x, source, member, depth);
	stage_enter(before);
	return is;
}

bool examine_inside(struct examiner *x, struct source *source, const char *member,
		    unsigned depth)
{
	return is_container(x, source, member, depth) ||
	       is_database(x, source, member, depth) ||
	       keystore_expand(x, source, member, depth);
}

bool examine_may_hold(const uint8_t *bytes, size_t len)
{
	size_t head = len < SOURCE_HEAD ? len : SOURCE_HEAD;
	return container_kind(bytes, head) || container_maybe_iso(bytes, head) ||
	       container_maybe_behind(bytes, head) || pages_form_of(bytes, head) ||
	       keystore_begins(bytes, len);
}

void examine_plain(struct examiner *x, struct source *source, const char *member,
		   unsigned depth)
{
	uint8_t mask[MASK_SIZE];
	if (member)
		mask_for(x, member, mask);
	layers_scan(x, source, member, member ? mask : x->enabled, depth);
}

void examine_member(struct examiner *x, struct source *source, const char *member,
		    unsigned depth)
{
	if (!examine_inside(x, source, member, depth))
		examine_plain(x, source, member, depth);
}

struct naming {
	struct examiner *examiner;
	const char *member;
};

static void tell_named(size_t rule, void *context)
{
	struct naming *naming = context;
	struct examiner *x = naming->examiner;
	if (x->count >= x->limits.per_file)
		examine_trouble(x, TROUBLE_TOO_MANY, naming->member);
	else
		x->on_named(rule, naming->member, x->context);
	x->count++;
}

void examine_named(struct examiner *x, const char *member)
{
	struct allow_place place = {.path = x->path, .member = member};
	struct naming naming = {x, member};
	if (x->patterns->allow && x->on_named)
		allow_named(x->patterns->allow, &place, tell_named, &naming);
}

/* A key in an initial ramdisk can have any content: its name is what tells. */
void examine_name(struct examiner *x, const char *path, const char *member)
{
	examine_named(x, member);
	for (unsigned box = 0; box < x->patterns->boxes.n; box++) {
		bool asked = x->boxes >> box & 1;
		if (!asked || !artefact_has_member(x->patterns->boxes.v[box], path))
			continue;
		if (x->count >= x->limits.per_file) {
			examine_trouble(x, TROUBLE_TOO_MANY, member);
			return;
		}
		x->count++;
		x->on_member(box, member, x->context);
		return;
	}
}

static int64_t read_for_sum(void *context, void *out, size_t cap, uint64_t offset)
{
	struct examiner *x = ((void **)context)[0];
	if (x->tick && x->tick(x->context))
		return -EINTR;
	return source_pread(((void **)context)[1], out, cap, offset);
}

bool examine_unchanged(struct examiner *x, struct source *file)
{
	struct sum sum = {0};
	void *both[] = {x, file};
	size_t len;
	if (!x->listed.known)
		return false;
	const uint8_t *all = source_all(file, &len);
	bool made = all ? sum_of_bytes(x->listed.algorithm, all, len, &sum)
			: sum_make(x->listed.algorithm, read_for_sum, both, &sum);
	return made && sum_same(&sum, &x->listed);
}

void examine_begin(struct examiner *x, const uint8_t *enabled, uint64_t size)
{
	x->enabled = enabled;
	x->size = size;
	x->flags = 0;
	x->expanded = x->entries = x->held = x->decoded = 0;
	x->count = x->told = 0;
	x->stopped = false;
}

void examine_file(struct examiner *x, struct source *source, const uint8_t *enabled,
		  unsigned flags)
{
	examine_begin(x, enabled, source->size);
	x->flags = flags;
	if (x->part.to || (flags & DETECT_NO_CONTAINER) || !examine_inside(x, source, NULL, 0))
		layers_scan(x, source, NULL, enabled, 0);
}

void examine_source(struct examiner *x, struct source *ret, struct plat_file *file,
		    uint64_t size, bool sparse)
{
	if (!x->room.bytes)
		source_room_make(&x->room, ROOM);
	source_file(ret, file, size, sparse);
	source_lend(ret, &x->room);
}

void examine_wipe(struct examiner *x)
{
	source_room_wipe(&x->room);
}

void examine_clear(struct examiner *x)
{
	layers_clear(x);
	source_room_free(&x->room);
	if (x->magic)
		magic_close(x->magic);
	x->magic = NULL;
	free(x->magic_database);
	x->magic_database = NULL;
	x->magic_tried = false;
}
