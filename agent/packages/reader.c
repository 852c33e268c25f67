/* SPDX-License-Identifier: MIT */
#include "packages/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"

enum { PIECE = 16 << 10 };

int reader_bytes(const struct packages_file *file, void *out, size_t len, uint64_t offset)
{
	int64_t n = plat_file_read(file->file, out, len, offset);
	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EBADMSG;
}

void visits_make(struct visits *visits, uint32_t count)
{
	visits->bits = mem_alloc(count / 8 + 1);
	visits->count = count;
}

int visits_add(struct visits *visits, uint32_t number)
{
	uint8_t bit = (uint8_t)(1u << number % 8);
	if (number >= visits->count || visits->bits[number / 8] & bit)
		return -EBADMSG;
	visits->bits[number / 8] |= bit;
	return 0;
}

void visits_free(struct visits *visits)
{
	free(visits->bits);
	visits->bits = NULL;
}

static void line_done(struct lines *lines)
{
	lines->line[lines->len] = 0;
	if (!lines->overlong && !memchr(lines->line, 0, lines->len))
		lines->take(lines->line, lines->context);
	lines->len = 0;
	lines->overlong = false;
}

void lines_add(struct lines *lines, const char *bytes, size_t len)
{
	while (len) {
		const char *end = memchr(bytes, '\n', len);
		size_t part = end ? (size_t)(end - bytes) : len;
		if (part < sizeof lines->line - lines->len) {
			memcpy(lines->line + lines->len, bytes, part);
			lines->len += part;
		} else {
			lines->overlong = true;
		}
		if (!end)
			return;
		line_done(lines);
		bytes = end + 1;
		len -= part + 1;
	}
}

void lines_end(struct lines *lines)
{
	if (lines->len)
		line_done(lines);
}

int reader_lines(const struct packages_file *file, reader_line *take, void *context)
{
	_cleanup_free_ struct lines *lines = mem_alloc(sizeof *lines);
	_cleanup_free_ char *piece = mem_alloc(PIECE);
	int r = 0;
	lines->take = take;
	lines->context = context;
	for (uint64_t at = 0; !r;) {
		int64_t n = plat_file_read(file->file, piece, PIECE, at);
		if (n < 0)
			r = (int)n;
		if (n <= 0)
			break;
		lines_add(lines, piece, (size_t)n);
		at += (uint64_t)n;
	}
	lines_end(lines);
	return r;
}

void reader_tell(const struct reader *reader, const char *path,
		 enum packages_algorithm algorithm, const uint8_t *digest)
{
	struct packages_record record = {path, algorithm, digest, reader->built};
	if (path[0] == '/' && strnlen(path, PACKAGES_PATH_MAX) < PACKAGES_PATH_MAX)
		reader->sink(&record, reader->context);
}

bool reader_tell_hex(const struct reader *reader, const char *path,
		     enum packages_algorithm algorithm, const char *hex)
{
	uint8_t digest[PACKAGES_DIGEST_MAX];
	size_t size = packages_digest_size(algorithm);
	if (strlen(hex) != 2 * size || !hex_bytes(hex, size, digest))
		return false;
	reader_tell(reader, path, algorithm, digest);
	return true;
}
