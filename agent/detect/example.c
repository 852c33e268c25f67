/* SPDX-License-Identifier: MIT */
#include "detect/example.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "detect/mutate.h"

enum { DEEPEST = 64, LONGEST = 4096 };

struct example {
	struct buf *out;
	size_t starts[DEEPEST]; /* of the groups that are open */
	size_t depth;
	size_t skipped; /* depth whose further alternatives are passed over; 0: none */
	size_t last;	/* start of what a repetition repeats */
};

/* Letters first: they are in most classes. What fits none of these is left out. */
static const char tried[] =
	"a0A-_ =\"'/+.:,;\n\t!#$%&()*<>?@[\\]^`{|}~bcdefghijklmnopqrstuvwxyz"
	"BCDEFGHIJKLMNOPQRSTUVWXYZ123456789";

/* One character that the class or escape stands for. */
static void add_one_of(const char *atom, size_t len, struct buf *out)
{
	_cleanup_free_ char *text = mem_printf("\\A(?s:%.*s)\\z", (int)len, atom);
	int error;
	PCRE2_SIZE at;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
					 PCRE2_NEVER_BACKSLASH_C, &error, &at, NULL);
	pcre2_match_data *data = code ? pcre2_match_data_create(1, NULL) : NULL;
	for (const char *one = tried; code && *one; one++)
		if (pcre2_match(code, (PCRE2_SPTR)one, 1, 0, 0, data, NULL) >= 0) {
			buf_add(out, one, 1);
			break;
		}
	pcre2_match_data_free(data);
	pcre2_code_free(code);
}

static void open_group(struct example *e, const char *head, size_t len)
{
	if (head[1] == '?' && head[len - 1] == ')') /* flags alone */
		return;
	e->depth++;
	if (e->depth < DEEPEST)
		e->starts[e->depth] = e->out->len;
}

static void close_group(struct example *e)
{
	if (e->skipped == e->depth)
		e->skipped = 0;
	e->last = e->depth < DEEPEST ? e->starts[e->depth] : e->out->len;
	e->depth -= e->depth > 1;
}

static void repeat(struct example *e, const char *count)
{
	size_t len = e->out->len - e->last;
	unsigned long times = strtoul(count, NULL, 10);
	for (; times > 1 && e->out->len + len <= LONGEST; times--) {
		buf_reserve(e->out, len);
		buf_add(e->out, e->out->data + e->last, len);
	}
}

static void add_part(struct example *e, const char *at, size_t len)
{
	if (strchr("^$*+?", *at))
		return;
	if (*at == '{' && len > 1) {
		repeat(e, at + 1);
		return;
	}
	e->last = e->out->len;
	if (strchr("\\[.", *at))
		add_one_of(at, len, e->out);
	else
		buf_add(e->out, at, 1);
}

void example_add(const char *regex, struct buf *out)
{
	struct example e = {.out = out, .depth = 1, .last = out->len};
	e.starts[1] = out->len;
	for (size_t len; *regex && out->len < LONGEST; regex += len) {
		len = mutate_token_length(regex);
		if (*regex == '(')
			open_group(&e, regex, len);
		else if (*regex == ')')
			close_group(&e);
		else if (*regex == '|')
			e.skipped = e.skipped ? e.skipped : e.depth;
		else if (!e.skipped)
			add_part(&e, regex, len);
	}
}
