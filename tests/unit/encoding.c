/* SPDX-License-Identifier: MIT */
#include "encoding.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int encoding_set_up(void **unused)
{
	(void)unused;
	finds_token_rule();
	own_rule(&finds_rules, "setting", "letmein",
		 "letmein[\"':= ]+(?<secret>[^\\s\"'%\\\\]{8,64})");
	return finds_begin();
}

struct seen encoding_look_small(struct source *source)
{
	struct examiner x = {
		.limits = {.expand_bytes = 1u << 20, .expand_depth = 4, .per_file = 10},
		.window = ROOM};
	return finds_through(x, source);
}

/* ---- the way there ---- */

static void to_base64(struct buf *text)
{
	struct buf out = {0};
	int n = EVP_EncodeBlock((unsigned char *)buf_reserve(&out, text->len * 4 / 3 + 8),
				(const unsigned char *)text->data, (int)text->len);
	out.len = (size_t)n;
	buf_free(text);
	*text = out;
}

static void each_byte(struct buf *text, const char *format)
{
	struct buf out = {0};
	for (size_t i = 0; i < text->len; i++)
		buf_printf(&out, format, (unsigned char)text->data[i]);
	buf_free(text);
	*text = out;
}

static void to_wide(struct buf *text, enum coding coding)
{
	struct buf out = {0};
	unsigned size = source_unit(coding);
	bool big = coding == CODING_UTF16BE || coding == CODING_UTF32BE;
	for (size_t i = 0; i < text->len; i++)
		for (unsigned k = 0; k < size; k++)
			buf_add(&out, k == (big ? size - 1 : 0) ? text->data + i : "\0", 1);
	buf_free(text);
	*text = out;
}

void encoding_apply(struct buf *text, enum coding coding)
{
	switch (coding) {
	case CODING_BASE64:
		to_base64(text);
		break;
	case CODING_HEX:
		each_byte(text, "%02x");
		break;
	case CODING_PERCENT:
		each_byte(text, "%%%02X");
		break;
	case CODING_ESCAPES:
		each_byte(text, rand() % 2 ? "\\u%04x" : "\\x%02x");
		break;
	default:
		to_wide(text, coding);
	}
}

void encoding_put_round(struct buf *text, const char *before, const char *behind)
{
	struct buf out = {0};
	buf_puts(&out, before);
	buf_add(&out, text->data, text->len);
	buf_puts(&out, behind);
	buf_free(text);
	*text = out;
}

/* Lines of `width` with `end` between them. */
void encoding_wrap(struct buf *text, size_t width, const char *end)
{
	struct buf out = {0};
	for (size_t i = 0; i < text->len; i += width) {
		if (i)
			buf_puts(&out, end);
		buf_add(&out, text->data + i, text->len - i < width ? text->len - i : width);
	}
	buf_free(text);
	*text = out;
}

void encoding_secret(struct buf *text, size_t before, size_t behind)
{
	char token[TOKEN + 1];
	token_make(token);
	for (size_t i = 0; i < before; i++)
		buf_puts(text, i % 7 == 6 ? " " : "w");
	buf_printf(text, " key %s ", token);
	for (size_t i = 0; i < behind; i++)
		buf_puts(text, i % 7 == 6 ? " " : "w");
}
