/* SPDX-License-Identifier: MIT */
#include "detect/examine.h"

#include <errno.h>
#include <magic.h>
#include <stdlib.h>
#include <string.h>

#include "base/stage.h"
#include "base/str.h"
#include "detect/container.h"
#include "detect/database.h"
#include "detect/keystore.h"
#include "detect/magic_inside.h"
#include "detect/text.h"

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
static bool is_text(struct examiner *x, const uint8_t *head, size_t len)
{
	if (!x->magic_tried)
		magic_prepare(x);
	const char *type = x->magic ? magic_buffer(x->magic, head, len) : NULL;
	return type && !strncmp(type, "text/", 5);
}

static void tell_found(struct examiner *x, const char *member, unsigned seen, unsigned scale)
{
	vec_each(&x->match.found, it) {
		it->seen |= seen | (member ? SEEN_IN_CONTAINER : 0);
		it->offset *= scale;
		it->length *= scale;
		x->on_found(it, member, x->context);
		x->count++;
	}
	mem_wipe(x->match.found.v, x->match.found.n * sizeof *x->match.found.v);
}

static void tell_troubles(struct examiner *x, int result, const char *member)
{
	if (result < 0)
		examine_trouble(x, member ? TROUBLE_DAMAGED : TROUBLE_READ, member);
	if (x->match.failed)
		examine_trouble(x, TROUBLE_PATTERN, member);
	if (x->match.too_many)
		examine_trouble(x, TROUBLE_TOO_MANY, member);
	if (x->match.stopped) {
		x->stopped = true;
		examine_trouble(x, TROUBLE_TIME, member);
	}
}

static void scan(struct examiner *x, struct source *source, const char *member,
		 const uint8_t *enabled)
{
	const uint8_t *head;
	int64_t len = source_peek(source, &head);
	if (len <= 0) {
		if (len < 0)
			tell_troubles(x, (int)len, member);
		return;
	}
	enum text_kind kind = text_kind_of(head, (size_t)len);
	bool wide = kind == TEXT_UTF16_LE || kind == TEXT_UTF16_BE;
	if (!member && !wide && x->wants_split && x->wants_split(x->context))
		return;
	struct source units;
	if (wide)
		source_utf16(&units, source, kind == TEXT_UTF16_BE);
	struct match *m = &x->match;
	m->patterns = x->patterns;
	m->enabled = enabled;
	m->binary = kind == TEXT_BINARY;
	m->most = x->count < x->limits.per_file ? x->limits.per_file - x->count : 0;
	m->tick = x->tick;
	m->tick_context = x->context;
	int r = match_stream(m, wide ? &units : source);
	bool blind = wide ||
		     (kind == TEXT_UNSURE && m->found.n && !is_text(x, head, (size_t)len));
	tell_found(x, member, blind ? SEEN_BINARY : 0, wide ? 2 : 1);
	tell_troubles(x, r, member);
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
	       is_database(x, source, member, depth) || keystore_expand(x, source, member);
}

void examine_plain(struct examiner *x, struct source *source, const char *member)
{
	uint8_t mask[MASK_SIZE];
	if (member)
		mask_for(x, member, mask);
	scan(x, source, member, member ? mask : x->enabled);
}

void examine_member(struct examiner *x, struct source *source, const char *member,
		    unsigned depth)
{
	if (!examine_inside(x, source, member, depth))
		examine_plain(x, source, member);
}

/* A key in an initial ramdisk can have any content: its name is what tells. */
void examine_name(struct examiner *x, const char *path, const char *member)
{
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
	return x->listed.known && sum_make(x->listed.algorithm, read_for_sum, both, &sum) &&
	       sum_same(&sum, &x->listed);
}

void examine_begin(struct examiner *x, const uint8_t *enabled, uint64_t size)
{
	x->enabled = enabled;
	x->size = size;
	x->expanded = x->entries = x->held = 0;
	x->count = x->told = 0;
	x->stopped = false;
}

void examine_file(struct examiner *x, struct source *source, const uint8_t *enabled,
		  unsigned flags)
{
	examine_begin(x, enabled, source->size);
	bool part = x->match.to > 0;
	if (part || (flags & DETECT_NO_CONTAINER) || !examine_inside(x, source, NULL, 0))
		scan(x, source, NULL, enabled);
}

void examine_clear(struct examiner *x)
{
	match_free(&x->match);
	if (x->magic)
		magic_close(x->magic);
	x->magic = NULL;
	free(x->magic_database);
	x->magic_database = NULL;
	x->magic_tried = false;
}
