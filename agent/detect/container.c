/* SPDX-License-Identifier: MIT */
/* libarchive reads what container_input.c gives it, and only the one format that
 * the first bytes speak for is switched on. A compressed stream is an archive of
 * one member; when that is a tar or cpio archive, the two are one step. */
#include "detect/container.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "detect/container_input.h"
#include "detect/container_name.h"

enum {
	HOLDING_MAX = 64 << 20, /* archives in archives that have to be held to be read */
	MEMBER_MAX = 1000,	/* bytes of a member's name that are told */
	RATIO_FREE = 64 << 20,
	RATIO_MAX = 1000,
	RPM_LEAD = 96,	/* says no more than that it is one */
	SIZE_MANY = 16, /* times its size a large file may unpack to */
};

/* One container being gone through. */
struct box {
	struct examiner *examiner;
	struct input *input;
	enum container_kind kind;
	const char *name; /* as members of it begin; NULL: of the file itself */
	unsigned depth;
	bool over; /* what is left of it can not be read */
};

/* ---- budgets ---- */

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static enum trouble spent(const struct examiner *x)
{
	uint64_t size = x->size < UINT64_MAX / RATIO_MAX ? x->size : UINT64_MAX / RATIO_MAX;
	if (x->expanded >= larger(x->limits.expand_bytes, size * SIZE_MANY))
		return TROUBLE_EXPANDED;
	if (x->expanded >= larger(RATIO_FREE, size * RATIO_MAX))
		return TROUBLE_RATIO;
	if (x->entries > x->limits.expand_entries)
		return TROUBLE_ENTRIES;
	return TROUBLE_NONE;
}

static bool is_over(struct examiner *x, const char *member)
{
	if (!x->stopped && x->tick && x->tick(x->context)) {
		x->stopped = true;
		examine_trouble(x, TROUBLE_TIME, member);
	}
	enum trouble trouble = spent(x);
	if (trouble)
		examine_trouble(x, trouble, member);
	return x->stopped || trouble || x->told & 1u << TROUBLE_TOO_MANY;
}

/* ---- what libarchive may use ---- */

static int allow_filter(struct archive *a, enum container_kind kind)
{
	static const int filters[] = {
		[CONTAINER_GZIP] = ARCHIVE_FILTER_GZIP,
		[CONTAINER_BZIP2] = ARCHIVE_FILTER_BZIP2,
		[CONTAINER_XZ] = ARCHIVE_FILTER_XZ,
		[CONTAINER_LZMA] = ARCHIVE_FILTER_LZMA,
		[CONTAINER_LZIP] = ARCHIVE_FILTER_LZIP,
		[CONTAINER_ZSTD] = ARCHIVE_FILTER_ZSTD,
		[CONTAINER_LZ4] = ARCHIVE_FILTER_LZ4,
	};
	archive_read_support_format_empty(a);
	archive_read_support_format_raw(a);
	/* libarchive 3.6.2 reads from it before there is anything to read. */
	if (kind == CONTAINER_COMPRESS)
		return archive_read_support_filter_compress(a);
	return archive_read_append_filter(a, filters[kind]);
}

static int allow(struct archive *a, enum container_kind kind)
{
	switch (kind) {
	case CONTAINER_TAR:
		return archive_read_support_format_tar(a);
	case CONTAINER_CPIO:
		return archive_read_support_format_cpio(a);
	case CONTAINER_AR:
		return archive_read_support_format_ar(a);
	case CONTAINER_ISO:
		return archive_read_support_format_iso9660(a);
	case CONTAINER_CAB:
		return archive_read_support_format_cab(a);
	case CONTAINER_LHA:
		return archive_read_support_format_lha(a);
	case CONTAINER_RAR:
		archive_read_support_format_rar5(a);
		return archive_read_support_format_rar(a);
	case CONTAINER_ZIP:
		return archive_read_support_format_zip(a);
	case CONTAINER_7Z:
		return archive_read_support_format_7zip(a);
	default:
		return allow_filter(a, kind);
	}
}

static void tell_broken(struct box *box, struct archive *a, const char *member)
{
	struct examiner *x = box->examiner;
	if (is_over(x, member))
		return;
	const char *why = str_or(archive_error_string(a), "");
	enum trouble trouble = TROUBLE_DAMAGED;
	/* Without a format libarchive 3.6.2 crashes when it is asked. */
	bool known = archive_format(a) != 0;
	if ((known && archive_read_has_encrypted_entries(a) > 0) || strstr(why, "ncrypt"))
		trouble = TROUBLE_ENCRYPTED;
	else if (archive_errno(a) == ENOMEM || strstr(why, "llocat"))
		trouble = TROUBLE_MEMORY;
	examine_trouble(x, trouble, member);
}

/* NULL: a trouble was told. */
static struct archive *open_archive(struct box *box)
{
	struct archive *a = archive_read_new();
	if (!a || allow(a, box->kind) < ARCHIVE_WARN) {
		examine_trouble(box->examiner, TROUBLE_MEMORY, box->name);
		archive_read_free(a);
		return NULL;
	}
	archive_read_set_read_callback(a, input_read);
	if (box->input->anywhere)
		archive_read_set_seek_callback(a, input_seek);
	archive_read_set_callback_data(a, box->input);
	/* A filter that fails at once looks like an empty stream but for its words. */
	bool open = archive_read_open1(a) >= ARCHIVE_WARN;
	if (open && !(container_is_packed(box->kind) && archive_error_string(a)))
		return a;
	tell_broken(box, a, box->name);
	archive_read_free(a);
	return NULL;
}

/* ---- members ---- */

struct member {
	struct box *box;
	struct archive *archive;
	const char *name;
	const uint8_t *block;
	size_t len, at;
	int64_t next; /* where the next block should begin */
	bool ended;   /* all of it was read */
};

/* Takes the next block; 1, 0 at the end (or where a trouble was told), -EIO. */
static int next_block(struct member *m, uint64_t *hole)
{
	const void *block = NULL;
	la_int64_t offset = m->next;
	m->at = m->len = 0;
	if (is_over(m->box->examiner, m->name))
		return 0;
	int r = archive_read_data_block(m->archive, &block, &m->len, &offset);
	if (r == ARCHIVE_EOF) {
		m->ended = true;
		return m->len = 0, 0;
	}
	if (r < ARCHIVE_WARN) {
		tell_broken(m->box, m->archive, m->name);
		/* libarchive before 3.8.6 crashes when it skips the rest of a bad block. */
		m->box->over = m->box->kind == CONTAINER_CAB;
		return m->len = 0, 0;
	}
	if (offset > m->next)
		*hole += (uint64_t)(offset - m->next);
	m->block = block;
	m->next = offset + (la_int64_t)m->len;
	m->box->examiner->expanded += m->len;
	return 1;
}

static int64_t read_member(struct source *source, void *out, size_t cap, uint64_t *hole)
{
	struct member *m = source->context;
	while (m->at == m->len) {
		int r = m->ended ? 0 : next_block(m, hole);
		if (r <= 0)
			return r;
	}
	if (cap > m->len - m->at)
		cap = m->len - m->at;
	memcpy(out, m->block + m->at, cap);
	m->at += cap;
	return (int64_t)cap;
}

/* outer!inner. What is too long loses its middle: both ends tell most. */
static char *name_within(const char *outer, const char *inner)
{
	char *full = mem_printf("%s%s%s", str_or(outer, ""), outer ? "!" : "", inner);
	size_t len = strlen(full), half = MEMBER_MAX / 2 - 3;
	if (len > MEMBER_MAX) {
		memset(full + half, '.', 3);
		memmove(full + half + 3, full + len - half, half + 1);
	}
	return full;
}

static char *entry_name(const struct box *box, const char *path)
{
	if (path && *path)
		return name_within(box->name, path);
	_cleanup_free_ char *number = mem_printf("entry-%zu", box->examiner->entries);
	return name_within(box->name, number);
}

static void examine_entry(struct box *box, struct archive *a, struct archive_entry *entry)
{
	struct examiner *x = box->examiner;
	if (archive_entry_size_is_set(entry) && archive_entry_size(entry) <= 0)
		return;
	_cleanup_(buf_free) struct buf room = {0};
	const char *path = container_entry_path(entry, &room);
	_cleanup_free_ char *name = entry_name(box, path);
	if (archive_entry_is_encrypted(entry) > 0) {
		examine_trouble(x, TROUBLE_ENCRYPTED, name);
		return;
	}
	bool asked = x->boxes || x->patterns->allow;
	if (asked && archive_entry_size(entry) > 0 && path)
		examine_name(x, path, name);
	struct member member = {.box = box, .archive = a, .name = name};
	struct source source = {.read = read_member, .context = &member};
	examine_member(x, &source, name, box->depth + 1);
	source_clear(&source);
}

/* True when the archive's end was reached. */
static bool examine_entries(struct box *box, struct archive *a)
{
	struct archive_entry *entry;
	for (;;) {
		int r = archive_read_next_header(a, &entry);
		box->examiner->entries++;
		if (r == ARCHIVE_EOF)
			return true;
		if (is_over(box->examiner, box->name))
			return false;
		if (r == ARCHIVE_RETRY)
			continue;
		if (r < ARCHIVE_WARN) {
			tell_broken(box, a, box->name);
			return false;
		}
		mode_t type = archive_entry_filetype(entry);
		if ((type == AE_IFREG || type == 0) && !archive_entry_hardlink(entry))
			examine_entry(box, a, entry);
		if (box->over)
			return false;
	}
}

static void expand_stream(struct examiner *x, struct source *source, enum container_kind kind,
			  const char *name, unsigned depth);

/* True when the stream's end was reached. */
static bool examine_packed(struct box *box, struct archive *a)
{
	struct archive_entry *entry;
	const uint8_t *head;
	int r = archive_read_next_header(a, &entry);
	if (r == ARCHIVE_EOF)
		return true;
	if (r < ARCHIVE_WARN) {
		tell_broken(box, a, box->name);
		return false;
	}
	_cleanup_free_ char *name = name_within(box->name, "content");
	struct member member = {.box = box, .archive = a, .name = name};
	struct source source = {.read = read_member, .context = &member};
	int64_t len = source_peek(&source, &head);
	enum container_kind kind = len > 0 ? container_kind(head, (size_t)len) : CONTAINER_NONE;
	if (kind == CONTAINER_TAR || kind == CONTAINER_CPIO)
		expand_stream(box->examiner, &source, kind, box->name, box->depth);
	else
		examine_member(box->examiner, &source, name, box->depth + 1);
	source_clear(&source);
	return member.ended;
}

/* ---- one behind the other ---- */

/* The rest of the input, or of the frames, as a member of its own. */
static void examine_rest(struct box *box, const char *what)
{
	_cleanup_free_ char *name = name_within(box->name, what);
	struct source source;
	input_source(box->input, &source);
	examine_member(box->examiner, &source, name, box->depth + 1);
	source_clear(&source);
}

/* Gives where to go on behind it; false: the rest can not be had. */
static bool expand_one(struct box *box)
{
	if (box->kind == CONTAINER_RPM && !input_skip(box->input, RPM_LEAD)) {
		examine_trouble(box->examiner, TROUBLE_DAMAGED, box->name);
		return false;
	}
	input_begin(box->input, box->kind);
	if (box->kind == CONTAINER_RPM) {
		examine_rest(box, "rpm-header");
		return input_end(box->input, (int64_t)box->input->given);
	}
	struct archive *a = open_archive(box);
	if (!a)
		return false;
	bool whole = container_is_packed(box->kind) ? examine_packed(box, a)
						    : examine_entries(box, a);
	int64_t used = archive_filter_bytes(a, -1);
	archive_read_free(a);
	if (!whole || box->input->anywhere)
		return false;
	if (!input_end(box->input, used)) {
		examine_trouble(box->examiner, TROUBLE_TRAILING, box->name);
		return false;
	}
	return used > 0; /* of an empty zip nothing is taken */
}

/* An initial ramdisk is several archives with zeros between them, a log that was
 * rotated several streams. What is no archive is scanned as it is. */
static enum container_kind follower(struct box *box)
{
	const uint8_t *head;
	if (!input_skip_zeros(box->input))
		return CONTAINER_NONE;
	size_t len = input_peek(box->input, INPUT_BLOCK, &head);
	enum container_kind kind = container_kind(head, len);
	if (container_is_packed(kind) || (kind >= CONTAINER_RPM && kind < CONTAINER_ZIP))
		return kind;
	examine_rest(box, "behind-the-end");
	return CONTAINER_NONE;
}

static void expand_stream(struct examiner *x, struct source *source, enum container_kind kind,
			  const char *name, unsigned depth)
{
	struct box box = {.examiner = x, .kind = kind, .name = name, .depth = depth};
	box.input = input_new(x, source, false);
	while (box.kind && !is_over(x, name)) {
		x->entries++;
		box.kind = expand_one(&box) ? follower(&box) : CONTAINER_NONE;
	}
	input_free(box.input);
}

/* ---- with a directory at the end ---- */

static void expand_anywhere(struct examiner *x, struct source *source, enum container_kind kind,
			    const char *name, unsigned depth)
{
	struct box box = {.examiner = x, .kind = kind, .name = name, .depth = depth};
	box.input = input_new(x, source, true);
	expand_one(&box);
	input_free(box.input);
}

/* One inside another archive has to be held. */
static void expand_held(struct examiner *x, struct source *source, enum container_kind kind,
			const char *member, unsigned depth)
{
	struct buf held = {0};
	uint64_t hole = 0;
	int64_t n = 1;
	while (n > 0 && !hole && x->held + held.len <= HOLDING_MAX) {
		n = source_read(source, buf_reserve(&held, INPUT_BLOCK), INPUT_BLOCK, &hole);
		held.len += n > 0 ? (size_t)n : 0;
	}
	size_t mine = held.len;
	struct source memory;
	source_memory(&memory, held.data, mine);
	x->held += mine;
	if (x->held > HOLDING_MAX)
		examine_trouble(x, TROUBLE_NESTED_SIZE, member);
	else if (n < 0 || hole)
		examine_trouble(x, TROUBLE_DAMAGED, member);
	else
		expand_anywhere(x, &memory, kind, member, depth);
	x->held -= mine;
	buf_wipe(&held);
}

/* ---- the whole ---- */

static bool has_zip_behind(struct source *source)
{
	uint8_t end[22]; /* the end of its directory, without a comment */
	return source->size > sizeof end &&
	       source_pread(source, end, sizeof end, source->size - sizeof end) ==
		       (int64_t)sizeof end &&
	       !memcmp(end, "PK\x05\x06", 4) && !end[20] && !end[21];
}

/* *behind: the archive stands behind something else. */
static enum container_kind kind_of(struct source *source, bool *behind)
{
	const uint8_t *head;
	int64_t len = source_peek(source, &head);
	if (len <= 0)
		return CONTAINER_NONE;
	enum container_kind kind = container_kind(head, (size_t)len);
	if ((!kind || kind == CONTAINER_DISK) && len == SOURCE_HEAD &&
	    container_maybe_iso(head, (size_t)len)) {
		len = source_peek_more(source, CONTAINER_ISO_HEAD, &head);
		kind = len > 0 ? container_kind(head, (size_t)len) : CONTAINER_NONE;
	}
	if (!kind && source_seekable(source) && container_maybe_behind(head, (size_t)len) &&
	    has_zip_behind(source)) {
		*behind = true;
		kind = CONTAINER_ZIP;
	}
	return kind;
}

static enum trouble trouble_of(enum container_kind kind)
{
	return kind == CONTAINER_SEALED	       ? TROUBLE_SEALED
	       : kind == CONTAINER_DISK	       ? TROUBLE_DISK
	       : kind == CONTAINER_FILE_SYSTEM ? TROUBLE_FILE_SYSTEM
	       : kind == CONTAINER_FOREIGN     ? TROUBLE_FOREIGN
					       : TROUBLE_NONE;
}

bool container_expand(struct examiner *x, struct source *source, const char *member,
		      unsigned depth)
{
	bool behind = false;
	enum container_kind kind = kind_of(source, &behind);
	enum trouble closed = trouble_of(kind);
	if (!kind)
		return false;
	if (!member && examine_unchanged(x, source))
		return !behind;
	if (closed) {
		examine_trouble(x, closed, member);
		return false;
	}
	if (depth >= x->limits.expand_depth)
		examine_trouble(x, TROUBLE_DEPTH, member);
	else if (kind < CONTAINER_ZIP || (kind == CONTAINER_ZIP && !source_seekable(source)))
		expand_stream(x, source, kind, member, depth);
	else if (source_seekable(source))
		expand_anywhere(x, source, kind, member, depth);
	else
		expand_held(x, source, kind, member, depth);
	return !behind;
}

char *container_unpacked_name(const char *path)
{
	static const char *const endings[] = {".gz",  ".xz",   ".bz2", ".zst",
					      ".lz4", ".lzma", ".lz",  ".Z"};
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (str_ends(path, endings[i]))
			return mem_strndup(path, strlen(path) - strlen(endings[i]));
	return NULL;
}
