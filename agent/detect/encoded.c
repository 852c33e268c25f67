/* SPDX-License-Identifier: MIT */
#include "detect/encoded.h"

#include "detect/bytes.h"

enum { OVERLAP = 24 << 10 /* more than a match and what is before it take */ };

static const struct coder *const coders[CODERS] = {&coder_base64, &coder_percent,
						   &coder_escapes, &coder_wide};

/* Runs of one kind begin one behind the other: lines are counted once. */
static void count_lines(struct seeker *s, const struct view *view, size_t upto)
{
	if (s->counted >= view->base + upto)
		return;
	size_t from = (size_t)(s->counted - view->base), last = 0;
	s->lines += bytes_lines(view->at + from, upto - from, &last);
	if (last)
		s->line_start = s->counted + last;
	s->counted = view->base + upto;
}

/* The run that stands open, as far as it can be read now; where it ends. */
static size_t go_on(struct encoded *e, const struct coder *coder, struct seeker *s,
		    const struct view *view, size_t at)
{
	struct decoding *d = &s->run;
	bool ended = false;
	while (!e->stopped) {
		at = coder->take(d, view, at, &ended);
		if (!ended && !decoding_is_full(d))
			break;
		e->stopped = d->len && e->on_piece(d, ended, e->context);
		if (ended)
			break;
		decoding_drop(d, OVERLAP);
	}
	s->open = !ended && !e->stopped;
	if (!s->open)
		decoding_end(d);
	return at;
}

/* RFC 7468; inside a program or JSON quotes and escapes stand between the two. */
static bool is_labelled(const struct view *view, size_t at)
{
	static const char label[] = "KEY-----";
	size_t len = sizeof label - 1;
	for (; at; at--) {
		uint8_t c = view->at[at - 1];
		bool escape = (c == 'n' || c == 'r') && at > 1 && view->at[at - 2] == '\\';
		if (!escape && (!c || !strchr(" \t\r\n\"'+\\", c)))
			break;
	}
	return at >= len && !memcmp(view->at + at - len, label, len);
}

static void seek(struct encoded *e, const struct coder *coder, struct seeker *s,
		 const struct view *view, size_t upto)
{
	size_t at = s->next > view->base ? (size_t)(s->next - view->base) : 0;
	size_t low = s->low > view->base ? (size_t)(s->low - view->base) : 0;
	if (s->open) {
		at = low = go_on(e, coder, s, view, at);
	}
	while (!s->open && at < upto && !e->stopped) {
		enum coding coding = coder->find(view, &e->sieve, &at, low, upto);
		if (!coding)
			break;
		count_lines(s, view, at);
		decoding_begin(&s->run, coding, s->lines, s->line_start);
		s->run.labelled = coding == CODING_BASE64 && is_labelled(view, at);
		at = low = go_on(e, coder, s, view, at);
	}
	s->next = view->base + at;
	s->low = view->base + low;
}

void encoded_reset(struct encoded *e)
{
	e->stopped = false;
	e->sought = 0;
	for (size_t i = 0; i < CODERS; i++) {
		struct seeker *s = &e->seekers[i];
		decoding_begin(&s->run, CODING_NONE, 0, 0);
		s->next = s->low = s->lines = s->line_start = s->counted = 0;
		s->open = false;
	}
}

void encoded_seek(struct encoded *e, const struct view *view, size_t upto)
{
	size_t from = e->sought > view->base ? (size_t)(e->sought - view->base) : 0;
	while (from < upto && !e->stopped) {
		size_t to = upto - from < SIEVE_SPAN ? upto : from + SIEVE_SPAN;
		sieve_make(&e->sieve, view->at, from, to, view->len);
		for (size_t i = 0; i < CODERS && !e->stopped; i++)
			seek(e, coders[i], &e->seekers[i], view, to);
		from = to;
	}
	e->sought = view->base + from;
}

void encoded_keep(struct encoded *e, uint64_t lines, uint64_t line_start, uint64_t offset)
{
	for (size_t i = 0; i < CODERS; i++) {
		struct seeker *s = &e->seekers[i];
		if (s->counted >= offset)
			continue;
		s->lines = lines;
		s->line_start = line_start;
		s->counted = offset;
	}
}

void encoded_jump(struct encoded *e, uint64_t offset)
{
	e->sought = offset;
	for (size_t i = 0; i < CODERS; i++) {
		struct seeker *s = &e->seekers[i];
		s->open = false;
		s->next = s->low = offset;
	}
}

void encoded_free(struct encoded *e)
{
	for (size_t i = 0; i < CODERS; i++)
		decoding_free(&e->seekers[i].run);
}
