/* SPDX-License-Identifier: MIT */
#include "detect/encoded.h"

#include "detect/bytes.h"

enum {
	OVERLAP = 24 << 10, /* more than a match and what is before it take */
	REACH = 1024,	    /* a run does not begin further before its first mark */
};

static const struct coder *const coders[CODERS] = {&coder_base64, &coder_percent,
						   &coder_escapes, &coder_wide};

static void go_to(struct tally *tally, const struct view *view, uint64_t offset)
{
	if (tally->offset >= offset)
		return;
	size_t last = 0;
	tally->lines += bytes_lines(view->at + (tally->offset - view->base),
				    (size_t)(offset - tally->offset), &last);
	if (last)
		tally->line_start = tally->offset + last;
	tally->offset = offset;
}

/* Runs of one kind begin one behind the other, but not those of two: what lies behind
 * all is counted for all. */
static void place(struct encoded *e, struct seeker *s, const struct view *view)
{
	if (s->placed)
		return;
	go_to(&e->common, view, e->behind);
	if (s->counted.offset < e->common.offset)
		s->counted = e->common;
	go_to(&s->counted, view, s->run.begun.offset);
	s->run.begun.lines = s->counted.lines;
	s->run.begun.line_start = s->counted.line_start;
	s->placed = true;
}

void encoded_place(struct encoded *e, const struct decoding *run)
{
	for (size_t i = 0; i < CODERS; i++)
		if (&e->seekers[i].run == run)
			place(e, &e->seekers[i], e->view);
}

/* Before it can not be counted any more. */
static void place_open(struct encoded *e, const struct view *view)
{
	for (size_t i = 0; i < CODERS; i++)
		if (e->seekers[i].open)
			place(e, &e->seekers[i], view);
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
		decoding_begin(&s->run, coding, view->base + at);
		s->placed = false;
		s->run.labelled = coding == CODING_BASE64 && is_labelled(view, at);
		at = low = go_on(e, coder, s, view, at);
	}
	s->next = view->base + at;
	s->low = view->base + low;
}

void encoded_reset(struct encoded *e)
{
	e->stopped = false;
	e->sought = e->behind = 0;
	e->sieved = UINT64_MAX;
	e->common = (struct tally){0};
	for (size_t i = 0; i < CODERS; i++) {
		struct seeker *s = &e->seekers[i];
		decoding_begin(&s->run, CODING_NONE, 0);
		s->next = s->low = 0;
		s->counted = (struct tally){0};
		s->open = false;
	}
}

void encoded_seek(struct encoded *e, const struct view *view, size_t upto)
{
	size_t from = e->sought > view->base ? (size_t)(e->sought - view->base) : 0;
	e->view = view;
	while (from < upto && !e->stopped) {
		place_open(e, view);
		size_t to = upto - from < SIEVE_SPAN ? upto : from + SIEVE_SPAN;
		uint64_t here = view->base + from;
		e->behind = here > REACH ? here - REACH : 0;
		sieve_make(&e->sieve, view->at, from, to, view->len);
		e->sieved = here;
		for (size_t i = 0; i < CODERS && !e->stopped; i++)
			seek(e, coders[i], &e->seekers[i], view, to);
		from = to;
	}
	e->sought = view->base + from;
}

bool encoded_has_sieve(const struct encoded *e, uint64_t from, uint64_t to)
{
	return e->sieved == from && e->sought >= to;
}

void encoded_keep(struct encoded *e, const struct view *view, const struct tally *tally)
{
	place_open(e, view);
	if (e->common.offset < tally->offset)
		e->common = *tally;
}

void encoded_jump(struct encoded *e, const struct tally *tally)
{
	e->common = *tally;
	e->sought = tally->offset;
	for (size_t i = 0; i < CODERS; i++) {
		struct seeker *s = &e->seekers[i];
		s->open = false;
		s->next = s->low = tally->offset;
	}
}

void encoded_free(struct encoded *e)
{
	for (size_t i = 0; i < CODERS; i++)
		decoding_free(&e->seekers[i].run);
}
