/* SPDX-License-Identifier: MIT */
#include "detect/texts.h"

#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "detect/wire.h"
#include "model/realm.h"

enum { NAME_MOST = 200, PART_LEAST = 1024 };

/* Lines between texts of different keys: more than an id may be away from its secret. */
static const char apart[] = "\n\n\n\n\n\n\n\n";

/* The value's name, or that of the key whose default value it is. */
static const char *name_of(const char *place, size_t *ret_len)
{
	size_t key;
	const char *name = realm_value(place, &key);
	if (name && *name) {
		*ret_len = strlen(name);
		return name;
	}
	size_t at = key;
	while (at && place[at - 1] != '\\')
		at--;
	*ret_len = key - at;
	return place + at;
}

/* What would make a worker take the text for something else; places stay the same. */
static void add_plain(struct buf *out, const char *text, size_t len, bool lines)
{
	char *to = buf_reserve(out, len);
	memcpy(to, text, len);
	out->len += len;
	for (size_t i = 0; i < len;) {
		size_t n = utf8_length((uint8_t *)to + i, len - i);
		bool whole = n && n <= len - i;
		bool control = (unsigned char)to[i] < ' ' && to[i] != '\t' && to[i] != '\r' &&
			       !(lines && to[i] == '\n');
		if (!whole)
			to[i] = '?';
		else if (control)
			to[i] = ' ';
		i += whole ? n : 1;
	}
}

static bool is_beside(const struct texts *texts, const char *place)
{
	const struct text_piece *last = &texts->pieces.v[texts->pieces.n - 1];
	size_t key, other;
	(void)realm_value(place, &key);
	(void)realm_value(last->place, &other);
	return key == other && strncmp(place, last->place, key) == 0;
}

size_t texts_add(struct texts *texts, const char *place, const struct plat_info *info,
		 const char *text, size_t len, uint64_t skipped)
{
	size_t name_len, before = texts->bytes.len;
	const char *name = name_of(place, &name_len);
	name_len = name_len < NAME_MOST ? name_len : NAME_MOST;
	size_t head = sizeof apart + name_len + 2;
	size_t room = before + head < WIRE_TEXT_MAX ? WIRE_TEXT_MAX - before - head : 0;
	if (len > room && before)
		return 0;
	size_t part = len < room ? len : room;
	if (before && !is_beside(texts, place))
		buf_puts(&texts->bytes, apart);
	size_t at = texts->bytes.len;
	add_plain(&texts->bytes, name, name_len, false);
	buf_puts(&texts->bytes, "=");
	size_t prefix = texts->bytes.len - at;
	add_plain(&texts->bytes, text, part, true);
	buf_puts(&texts->bytes, "\n");
	*vec_add(&texts->pieces) = (struct text_piece){
		at, prefix, part, skipped, mem_strdup(place), *info};
	/* What stands across the border is seen whole in the next part. */
	return part == len ? len : part - PART_LEAST;
}

static uint32_t line_of(const struct texts *texts, const struct text_piece *piece, size_t upto)
{
	const char *text = texts->bytes.data + piece->at + piece->prefix;
	uint32_t line = 1;
	if (piece->skipped || !memchr(text, '\n', piece->len))
		return 0;
	for (size_t i = 0; i < upto; i++)
		line += text[i] == '\n';
	return line;
}

static const struct text_piece *piece_at(const struct texts *texts, uint64_t offset)
{
	const struct text_piece *found = NULL;
	vec_each(&texts->pieces, piece) {
		if (piece->at > offset)
			break;
		found = piece;
	}
	return found;
}

bool texts_find(const struct texts *texts, uint64_t offset, uint64_t length,
		struct text_spot *ret)
{
	const struct text_piece *piece = piece_at(texts, offset);
	if (!piece || length > texts->bytes.len || offset > texts->bytes.len)
		return false;
	uint64_t begin = piece->at + piece->prefix, end = offset + length;
	uint64_t last = begin + piece->len;
	offset = offset < begin ? begin : offset;
	end = end > last ? last : end;
	if (offset >= end)
		return false;
	*ret = (struct text_spot){piece, piece->skipped + offset - begin, end - offset,
				  line_of(texts, piece, (size_t)(offset - begin))};
	return true;
}

void texts_free(struct texts *texts)
{
	if (!texts)
		return;
	buf_wipe(&texts->bytes);
	vec_each(&texts->pieces, piece)
		free(piece->place);
	vec_free(&texts->pieces);
	free(texts);
}
