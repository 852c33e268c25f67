/* SPDX-License-Identifier: MIT */
/* Arch's list of one package's files: mtree(5), gzip. A line is a path beginning
 * with "./", in which other bytes than plain letters are written as \ooo, and its
 * attributes. */
#include <archive.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "packages/reader.h"

enum { PIECE = 64 << 10, MOST_TEXT = 256 << 20 };

struct input {
	const struct packages_file *file;
	uint64_t at;
	uint8_t piece[PIECE];
};

static la_ssize_t on_read(struct archive *a, void *context, const void **ret)
{
	struct input *in = context;
	int64_t n = plat_file_read(in->file->file, in->piece, PIECE, in->at);
	if (n < 0) {
		archive_set_error(a, EIO, "read");
		return ARCHIVE_FATAL;
	}
	in->at += (uint64_t)n;
	*ret = in->piece;
	return (la_ssize_t)n;
}

static bool is_octal(const char *text)
{
	return text[0] >= '0' && text[0] <= '3' && text[1] >= '0' && text[1] <= '7' &&
	       text[2] >= '0' && text[2] <= '7';
}

static void unescape(char *text)
{
	char *to = text;
	for (; *text; to++) {
		if (*text == '\\' && is_octal(text + 1)) {
			*to = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 |
				     (text[3] - '0'));
			text += 4;
		} else {
			*to = *text++;
		}
	}
	*to = 0;
}

static void take_line(char *line, void *context)
{
	char *save, *path = strtok_r(line, " ", &save);
	if (!path || path[0] != '.' || path[1] != '/')
		return;
	unescape(++path);
	struct reader own = *(const struct reader *)context;
	for (char *word; (word = strtok_r(NULL, " ", &save));) {
		if (strncmp(word, "time=", 5) == 0)
			own.built = (uint32_t)strtoul(word + 5, NULL, 10);
		else if (strncmp(word, "sha256digest=", 13) == 0)
			reader_tell_hex(&own, path, PACKAGES_SHA256, word + 13);
		else if (strncmp(word, "md5digest=", 10) == 0)
			reader_tell_hex(&own, path, PACKAGES_MD5, word + 10);
	}
}

static int take_text(struct archive *a, struct lines *lines)
{
	char piece[8192];
	la_ssize_t n;
	for (size_t sum = 0; (n = archive_read_data(a, piece, sizeof piece)) > 0;) {
		sum += (size_t)n;
		if (sum > MOST_TEXT)
			return -EFBIG;
		lines_add(lines, piece, (size_t)n);
	}
	lines_end(lines);
	return n < 0 ? -EBADMSG : 0;
}

int pacman_read(const struct reader *reader, const struct packages_file *file)
{
	_cleanup_free_ struct input *in = mem_alloc(sizeof *in);
	_cleanup_free_ struct lines *lines = mem_alloc(sizeof *lines);
	struct archive_entry *entry;
	struct archive *a = archive_read_new();
	in->file = file;
	lines->take = take_line;
	lines->context = (void *)(uintptr_t)reader;
	archive_read_support_filter_gzip(a);
	archive_read_support_format_raw(a);
	int r = archive_read_open2(a, in, NULL, on_read, NULL, NULL) == ARCHIVE_OK &&
				archive_read_next_header(a, &entry) == ARCHIVE_OK &&
				archive_filter_code(a, 0) == ARCHIVE_FILTER_GZIP
			? take_text(a, lines)
			: -EBADMSG;
	archive_read_free(a);
	return r;
}
