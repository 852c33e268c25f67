/* SPDX-License-Identifier: MIT */
/* libarchive never sees a name or a descriptor: it reads through callbacks, and
 * only the formats that the first bytes speak for are switched on. */
#include "detect/container.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

enum {
	BLOCK = 64 << 10,
	NESTED_MAX = 64 << 20, /* a nested archive that has to be held to be read */
	SEGMENTS_MAX = 16,     /* archives one behind the other in one file */
	MEMBER_MAX = 1000,     /* bytes of a member's name that are told */
};

enum kind {
	KIND_NONE,
	KIND_PACKED,
	KIND_TAR,
	KIND_CPIO,
	KIND_ZIP,
	KIND_7Z,
	KIND_DEB,
	KIND_RPM
};

static const struct {
	enum kind kind;
	size_t at, len;
	const char *bytes;
} magics[] = {
	{KIND_PACKED, 0, 3, "\x1f\x8b\x08"},
	{KIND_PACKED, 0, 3, "BZh"},
	{KIND_PACKED, 0, 6,
	 "\xfd"
	 "7zXZ\0"},
	{KIND_PACKED, 0, 4, "\x28\xb5\x2f\xfd"},
	{KIND_PACKED, 0, 4, "\x04\x22\x4d\x18"},
	{KIND_PACKED, 0, 4, "\x02\x21\x4c\x18"},
	{KIND_TAR, 257, 5, "ustar"},
	{KIND_CPIO, 0, 6, "070701"},
	{KIND_CPIO, 0, 6, "070702"},
	{KIND_CPIO, 0, 6, "070707"},
	{KIND_ZIP, 0, 4, "PK\x03\x04"},
	{KIND_ZIP, 0, 4, "PK\x05\x06"},
	{KIND_7Z, 0, 6, "7z\xbc\xaf\x27\x1c"},
	{KIND_DEB, 0, 21, "!<arch>\ndebian-binary"},
	{KIND_RPM, 0, 4, "\xed\xab\xee\xdb"},
};

/* Short signatures that text may begin with need a second look. */
static bool is_plausible(const uint8_t *head, size_t len)
{
	if (head[0] == 0x1f)
		return len > 18 && !(head[3] & 0xe0);
	if (head[0] == 'B')
		return len > 10 && head[3] >= '1' && head[3] <= '9' &&
		       (head[4] == 0x31 || head[4] == 0x17);
	for (size_t i = 6; head[0] == '0' && i < 70; i++)
		if (len < 76 || !strchr("0123456789abcdefABCDEF", head[i]) || !head[i])
			return false;
	return true;
}

static enum kind kind_of(const uint8_t *head, size_t len)
{
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
		if (len >= magics[i].at + magics[i].len &&
		    !memcmp(head + magics[i].at, magics[i].bytes, magics[i].len))
			return is_plausible(head, len) ? magics[i].kind : KIND_NONE;
	return KIND_NONE;
}

/* ---- what libarchive reads ---- */

struct input {
	struct source *source;
	uint64_t base, at; /* the archive begins at base; at counts from there */
	uint64_t end;	   /* likewise: nothing of it lies behind; 0: not known */
	unsigned frames;   /* of zstd in front of it */
	uint8_t block[BLOCK];
};

static la_ssize_t on_read(struct archive *a, void *context, const void **ret)
{
	struct input *in = context;
	uint64_t hole = 0;
	size_t most = in->end && in->end - in->at < BLOCK ? (size_t)(in->end - in->at) : BLOCK;
	int64_t n = source_seekable(in->source)
			    ? source_pread(in->source, in->block, most, in->base + in->at)
			    : source_read(in->source, in->block, BLOCK, &hole);
	if (n < 0 || hole) { /* no archive holds a hole */
		archive_set_error(a, EIO, "read");
		return ARCHIVE_FATAL;
	}
	in->at += (uint64_t)n;
	*ret = in->block;
	return (la_ssize_t)n;
}

static la_int64_t on_seek(struct archive *a, void *context, la_int64_t offset, int whence)
{
	struct input *in = context;
	la_int64_t size = (la_int64_t)(in->source->size - in->base);
	la_int64_t to = whence == SEEK_END   ? size + offset
			: whence == SEEK_CUR ? (la_int64_t)in->at + offset
					     : offset;
	(void)a;
	if (to < 0 || to > size)
		return ARCHIVE_FATAL;
	in->at = (uint64_t)to;
	return to;
}

static void allow_filters(struct archive *a)
{
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_filter_lz4(a);
}

static void allow(struct archive *a, enum kind kind)
{
	if (kind == KIND_PACKED || kind == KIND_RPM)
		allow_filters(a);
	if (kind == KIND_RPM)
		archive_read_support_filter_rpm(a);
	if (kind == KIND_PACKED || kind == KIND_TAR)
		archive_read_support_format_tar(a);
	if (kind == KIND_PACKED || kind == KIND_CPIO || kind == KIND_RPM)
		archive_read_support_format_cpio(a);
	if (kind == KIND_PACKED) {
		archive_read_support_format_raw(a);
		archive_read_support_format_empty(a);
	}
	if (kind == KIND_ZIP)
		archive_read_support_format_zip(a);
	if (kind == KIND_7Z)
		archive_read_support_format_7zip(a);
	if (kind == KIND_DEB)
		archive_read_support_format_ar(a);
}

static struct archive *open_archive(struct input *in, enum kind kind)
{
	struct archive *a = archive_read_new();
	if (!a)
		return NULL;
	allow(a, kind);
	archive_read_set_read_callback(a, on_read);
	if (source_seekable(in->source))
		archive_read_set_seek_callback(a, on_seek);
	archive_read_set_callback_data(a, in);
	if (archive_read_open1(a) >= ARCHIVE_WARN)
		return a;
	archive_read_free(a);
	return NULL;
}

/* ---- members ---- */

struct member {
	struct examiner *examiner;
	struct archive *archive;
	const uint8_t *block;
	size_t len, at;
	int64_t next; /* where the next block should begin */
};

/* Takes the next block; 1, 0 at the end, -EIO. */
static int next_block(struct member *m, uint64_t *hole)
{
	struct examiner *x = m->examiner;
	const void *block;
	la_int64_t offset;
	if (x->expanded >= x->limits.expand_bytes) {
		examine_trouble(x, TROUBLE_EXPANDED, NULL);
		return 0;
	}
	int r = archive_read_data_block(m->archive, &block, &m->len, &offset);
	m->at = 0;
	if (r == ARCHIVE_EOF)
		return m->len = 0, 0;
	if (r < ARCHIVE_WARN)
		return m->len = 0, -EIO;
	if (offset > m->next)
		*hole += (uint64_t)(offset - m->next);
	m->block = block;
	m->next = offset + (la_int64_t)m->len;
	x->expanded += m->len;
	return 1;
}

static int64_t read_member(struct source *source, void *out, size_t cap, uint64_t *hole)
{
	struct member *m = source->context;
	while (m->at == m->len) {
		int r = next_block(m, hole);
		if (r <= 0)
			return r;
	}
	if (cap > m->len - m->at)
		cap = m->len - m->at;
	memcpy(out, m->block + m->at, cap);
	m->at += cap;
	return (int64_t)cap;
}

static char *member_name(const char *outer, struct archive *a, struct archive_entry *entry)
{
	const char *name = archive_format(a) == ARCHIVE_FORMAT_RAW
				   ? "content"
				   : archive_entry_pathname(entry);
	char *full = mem_printf("%s%s%s", outer ? outer : "", outer ? "!" : "",
				name ? name : "?");
	if (strlen(full) > MEMBER_MAX)
		full[MEMBER_MAX] = 0;
	return full;
}

static void examine_entry(struct examiner *x, struct archive *a, struct archive_entry *entry,
			  const char *outer, unsigned depth)
{
	_cleanup_free_ char *name = member_name(outer, a, entry);
	if (archive_entry_is_encrypted(entry) > 0) {
		examine_trouble(x, TROUBLE_ENCRYPTED, name);
		return;
	}
	if (x->boxes && archive_entry_size(entry) > 0 && archive_entry_pathname(entry))
		examine_name(x, archive_entry_pathname(entry), name);
	struct member member = {.examiner = x, .archive = a};
	struct source source = {.read = read_member, .context = &member};
	examine_member(x, &source, name, depth + 1);
	source_clear(&source);
}

static bool is_over(struct examiner *x, const char *member)
{
	if (!x->stopped && x->tick && x->tick(x->context)) {
		x->stopped = true;
		examine_trouble(x, TROUBLE_TIME, member);
	}
	return x->stopped || x->expanded >= x->limits.expand_bytes ||
	       x->told & 1u << TROUBLE_TOO_MANY;
}

static void tell_broken(struct examiner *x, struct archive *a, const char *member)
{
	bool sealed = archive_read_has_encrypted_entries(a) > 0;
	examine_trouble(x, sealed ? TROUBLE_ENCRYPTED : TROUBLE_DAMAGED, member);
}

static bool examine_entries(struct examiner *x, struct archive *a, const char *member,
			    unsigned depth)
{
	struct archive_entry *entry;
	while (!is_over(x, member)) {
		int r = archive_read_next_header(a, &entry);
		if (r == ARCHIVE_EOF)
			return true;
		if (r == ARCHIVE_RETRY)
			continue;
		if (r < ARCHIVE_WARN) {
			tell_broken(x, a, member);
			return false;
		}
		mode_t type = archive_entry_filetype(entry);
		bool has_data = (type == AE_IFREG || type == 0) &&
				!archive_entry_hardlink(entry);
		if (has_data)
			examine_entry(x, a, entry, member, depth);
	}
	return false;
}

/* ---- where a zstd stream ends ---- */

/* libarchive takes what follows the stream for a damaged frame, so it gets to see
 * no more than the frames (RFC 8878, section 3.1.1). */
static uint64_t frame_end(struct examiner *x, struct source *source, uint64_t at,
			  const char *member)
{
	static const uint8_t id_sizes[] = {0, 1, 2, 4}, size_sizes[] = {0, 2, 4, 8};
	uint8_t head[8];
	if (is_over(x, member) || source_pread(source, head, 8, at) != 8)
		return 0;
	if ((head[0] & 0xf0) == 0x50 && !memcmp(head + 1, "\x2a\x4d\x18", 3)) /* skipped */
		return at + 8 + (uint64_t)(head[4] | head[5] << 8 | head[6] << 16) +
		       ((uint64_t)head[7] << 24);
	if (memcmp(head, "\x28\xb5\x2f\xfd", 4) != 0)
		return 0;
	bool single = head[4] & 0x20, summed = head[4] & 4;
	unsigned sized = head[4] >> 6;
	at += 5u + !single + id_sizes[head[4] & 3] + (sized ? size_sizes[sized] : single);
	for (bool last = false; !last;) {
		/* A block may be of three bytes, and there may be a million million. */
		if (is_over(x, member) || source_pread(source, head, 3, at) != 3)
			return 0;
		last = head[0] & 1;
		uint64_t size = (uint64_t)(head[0] | head[1] << 8 | head[2] << 16) >> 3;
		at += 3 + ((head[0] >> 1 & 3) == 1 ? 1 : size); /* one byte, repeated */
	}
	return at + (summed ? 4 : 0);
}

static void find_end(struct examiner *x, struct input *in, enum kind kind, const char *member)
{
	in->end = in->frames = 0;
	if (kind != KIND_PACKED || !source_seekable(in->source))
		return;
	for (uint64_t at = in->base; (at = frame_end(x, in->source, at, member));) {
		in->end = at - in->base;
		in->frames++;
	}
}

/* ---- the whole ---- */

/* An initial ramdisk is several archives with zeros between them. Moves base to
 * the next one and gives its kind. */
static enum kind next_segment(struct examiner *x, struct input *in, uint64_t used,
			      const char *member)
{
	in->base += used;
	in->at = 0;
	for (;;) {
		int64_t n = source_pread(in->source, in->block, BLOCK, in->base);
		if (n <= 0)
			return KIND_NONE;
		size_t zeros = 0;
		while (zeros < (size_t)n && !in->block[zeros])
			zeros++;
		in->base += zeros;
		if (zeros == (size_t)n)
			continue;
		n = source_pread(in->source, in->block, BLOCK, in->base);
		enum kind kind = n > 0 ? kind_of(in->block, (size_t)n) : KIND_NONE;
		if (!kind)
			examine_trouble(x, TROUBLE_TRAILING, member);
		return kind;
	}
}

static bool holds_cpio(struct archive *a)
{
	return (archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_CPIO;
}

/* What follows the archive that was just gone through. Of the compressed ones
 * only zstd tells where it ends; and whether the frames behind the first belong
 * to the archive or hold another, can not be told. */
static enum kind follower(struct examiner *x, struct input *in, struct archive *a,
			  enum kind kind, const char *member)
{
	if (!source_seekable(in->source))
		return KIND_NONE;
	if (in->frames > 1 && holds_cpio(a))
		examine_trouble(x, TROUBLE_TRAILING, member);
	uint64_t used = kind == KIND_CPIO ? (uint64_t)archive_filter_bytes(a, 0) : in->end;
	return used ? next_segment(x, in, used, member) : KIND_NONE;
}

static void expand(struct examiner *x, struct source *source, enum kind kind,
		   const char *member, unsigned depth)
{
	struct input *in = mem_alloc(sizeof *in);
	in->source = source;
	for (unsigned i = 0; kind && i < SEGMENTS_MAX; i++) {
		find_end(x, in, kind, member);
		if (x->stopped)
			break;
		struct archive *a = open_archive(in, kind);
		if (!a) {
			examine_trouble(x, TROUBLE_DAMAGED, member);
			break;
		}
		bool whole = examine_entries(x, a, member, depth);
		kind = whole ? follower(x, in, a, kind, member) : KIND_NONE;
		archive_read_free(a);
	}
	mem_wipe(in, sizeof *in);
	free(in);
}

/* 7-Zip keeps its directory at the end: a nested one has to be held. */
static void expand_held(struct examiner *x, struct source *source, enum kind kind,
			const char *member, unsigned depth)
{
	struct buf held = {0};
	uint64_t hole = 0;
	int64_t n = 1;
	while (n > 0 && !hole && held.len <= NESTED_MAX) {
		n = source_read(source, buf_reserve(&held, BLOCK), BLOCK, &hole);
		held.len += n > 0 ? (size_t)n : 0;
	}
	struct source memory;
	source_memory(&memory, held.data, held.len);
	if (held.len > NESTED_MAX)
		examine_trouble(x, TROUBLE_NESTED_SIZE, member);
	else if (n < 0 || hole)
		examine_trouble(x, TROUBLE_DAMAGED, member);
	else
		expand(x, &memory, kind, member, depth);
	buf_wipe(&held);
}

bool container_expand(struct examiner *x, struct source *source, const char *member,
		      unsigned depth)
{
	const uint8_t *head;
	int64_t len = source_peek(source, &head);
	enum kind kind = len > 0 ? kind_of(head, (size_t)len) : KIND_NONE;
	if (!kind || (!member && examine_unchanged(x, source)))
		return false;
	if (depth >= x->limits.expand_depth)
		examine_trouble(x, TROUBLE_DEPTH, member);
	else if (kind == KIND_7Z && !source_seekable(source))
		expand_held(x, source, kind, member, depth);
	else
		expand(x, source, kind, member, depth);
	return true;
}
