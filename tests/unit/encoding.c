/* SPDX-License-Identifier: MIT */
#include "encoding.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rules rules;
struct patterns *encoding_patterns;

static void add_rule(const char *name, const char *keyword, const char *pattern, bool in_binary)
{
	struct secret_rule *rule = vec_add(&rules.secrets);
	rule->name = mem_strdup(name);
	rule->confidence = CONFIDENCE_HIGH;
	*vec_add(&rule->keywords) = mem_strdup(keyword);
	rule->pattern = mem_strdup(pattern);
	rule->in_binary = in_binary;
}

int encoding_set_up(void **unused)
{
	(void)unused;
	struct buf fault = {0};
	add_rule("token", "tkn_", "(?<![a-z0-9])(?<secret>tkn_[a-z0-9]{20})(?![a-z0-9])", true);
	add_rule("setting", "letmein", "letmein[\"':= ]+(?<secret>[^\\s\"'%\\\\]{8,64})",
		 false);
	return patterns_new(&rules, &encoding_patterns, &fault);
}

int encoding_tear_down(void **unused)
{
	(void)unused;
	patterns_free(encoding_patterns);
	vec_each(&rules.secrets, rule) {
		free(rule->name);
		free(rule->pattern);
		free(rule->keywords.v[0]);
		vec_free(&rule->keywords);
	}
	vec_free(&rules.secrets);
	return 0;
}

void encoding_on_found(const struct found *found, const char *member, void *context)
{
	struct seen *seen = context;
	seen->count++;
	seen->last = *found;
	snprintf(seen->member, sizeof seen->member, "%s", member ? member : "");
}

void encoding_on_trouble(enum trouble trouble, const char *member, void *context)
{
	struct seen *seen = context;
	(void)member;
	seen->troubles++;
	seen->trouble = trouble;
}

struct seen encoding_look(const struct buf *text)
{
	struct seen seen = {0};
	samples_examine(encoding_patterns, -1, text->data, text->len, encoding_on_found,
			encoding_on_trouble, &seen);
	return seen;
}

/* The same through a window of ROOM bytes. */
struct seen encoding_look_small(const void *bytes, size_t len)
{
	struct seen seen = {0};
	uint8_t enabled[MASK_SIZE];
	struct examiner x = {
		.patterns = encoding_patterns,
		.limits = {.expand_bytes = 1u << 20, .expand_depth = 4, .per_file = 10},
		.on_found = encoding_on_found,
		.on_trouble = encoding_on_trouble,
		.context = &seen,
		.window = ROOM};
	struct source source;
	memset(enabled, 0xff, sizeof enabled);
	source_memory(&source, bytes, len);
	examine_file(&x, &source, enabled, 0);
	source_clear(&source);
	examine_clear(&x);
	return seen;
}

void encoding_token(char out[TOKEN + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	memcpy(out, "tkn_", 5);
	for (size_t i = 4; i < TOKEN; i++)
		out[i] = letters[rand() % 36];
	out[TOKEN] = 0;
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
	encoding_token(token);
	for (size_t i = 0; i < before; i++)
		buf_puts(text, i % 7 == 6 ? " " : "w");
	buf_printf(text, " key %s ", token);
	for (size_t i = 0; i < behind; i++)
		buf_puts(text, i % 7 == 6 ? " " : "w");
}
