/* SPDX-License-Identifier: MIT */
/* The cleaners' readers of one text: words of shells, lines of sudoers and of account
 * files, paths; and templates of samples. cleaners_fuzz has whole trees of them. */
#include <string.h>

#include "../../platform/linux/cleaners/account_lines.h"
#include "../../platform/linux/cleaners/sudo_lines.h"
#include "../../platform/linux/cleaners/words.h"
#include "base/cleanup.h"
#include "fuzz.h"
#include "rules/rules.h"

enum { WORD_MOST = 1 << 20, SAMPLE_MOST = 200 };

static void words(const char *text)
{
	struct scope scope = {.home = "/home/a", .user = "a"};
	for (const char *at = text; *at;) {
		_cleanup_(buf_free) struct buf word = {0};
		const char *begin = at, *equals;
		words_read(&scope, &at, &word);
		must(at >= begin && at <= begin + strlen(begin) && word.len < WORD_MOST);
		equals = strchr(buf_text(&word), '=');
		if (equals) {
			_cleanup_free_ char *name = mem_strndup(word.data,
								(size_t)(equals - word.data));
			scope_set(&scope, name, equals + 1);
		}
		at += *at != 0;
	}
	scope_free(&scope);
}

static void sudo(const char *text)
{
	struct sudo_line line;
	size_t all = 0;
	for (const char *at = text; sudo_next(&at, &line);) {
		must(line.raw == text + all && line.raw_len);
		all += line.raw_len;
		sudo_line_free(&line);
	}
	must(all == strlen(text));
}

static void accounts(struct bytes bytes)
{
	struct buf text = {(char *)(uintptr_t)bytes.at, bytes.len, bytes.len};
	struct span line, field;
	size_t all = 0;
	for (size_t at = 0; lines_next(&text, &at, &line); all += line.len) {
		must(line.len && line.at == text.data + all);
		line_has_hash(line);
		for (unsigned i = 0; line_field(line, i, &field); i++)
			must(field.at >= line.at && field.at + field.len <= line.at + line.len);
	}
	must(all == text.len);
}

static void path(const char *text)
{
	_cleanup_free_ char *straight = mem_printf("/%s", text);
	if (!peek_straighten(straight))
		return;
	must(straight[0] == '/' && !strstr(straight, "//") && !strstr(straight, "/./") &&
	     !strstr(straight, "/../"));
}

/* Sixteen bytes of a template can stand for 20,000 of a sample. */
static void sample(struct bytes bytes)
{
	_cleanup_(buf_free) struct buf out = {0};
	_cleanup_free_ char *text = bytes_text(bytes_take(&bytes, SAMPLE_MOST));
	if (!sample_expand(text, &out))
		must(out.len <= SAMPLE_MOST * 20000u);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct bytes all = {bytes, len};
	_cleanup_free_ char *text = bytes_text(all);
	words(text);
	sudo(text);
	accounts(all);
	path(text);
	sample(all);
	return 0;
}
