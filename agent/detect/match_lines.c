/* SPDX-License-Identifier: MIT */
#include "detect/match_lines.h"

#include "base/number.h"
#include "detect/bytes.h"

static void count_upto(struct match *m, size_t n)
{
	size_t last = 0;
	if (n <= m->counted)
		return;
	m->lines += bytes_lines(m->window + m->counted, n - m->counted, &last);
	if (last)
		m->line_start = m->base + m->counted + last;
	m->counted = n;
}

static void mark_lines(struct match *m)
{
	m->part.marked = true;
	m->part.lines = m->lines;
	m->part.line_start = m->line_start;
}

void match_count_lines(struct match *m, size_t n)
{
	const struct match_part *part = &m->part;
	uint64_t mark = part->to > MATCH_LEAD ? part->to - MATCH_LEAD : 0;
	if (part->to && !part->marked && mark <= m->base + n) {
		count_upto(m, mark > m->base ? (size_t)(mark - m->base) : 0);
		mark_lines(m);
	}
	count_upto(m, n);
}

/* Where a place before the counted ones stands. In a line longer than KEPT_MOST its
 * column is counted from there. */
static void place_before(const struct match *m, size_t at, uint64_t *line, uint64_t *start)
{
	enum { KEPT_MOST = 1 << 20 };
	size_t last = 0, begin = at;
	*line -= bytes_lines(m->window + at, m->counted - at, &last);
	while (last && begin && at - begin < KEPT_MOST && m->window[begin - 1] != '\n')
		begin--;
	*start = last ? m->base + begin : *start;
}

/* Lines are counted where something is found and before bytes go; what is before the
 * surroundings of the keyword in hand, for good. */
void match_place(struct match *m, struct found *found)
{
	size_t at = (size_t)(found->offset - m->base), last = 0;
	if (m->scanned > MATCH_KEEP)
		match_count_lines(m, m->scanned - MATCH_KEEP);
	uint64_t line = m->lines, start = m->line_start;
	if (at > m->counted) {
		line += bytes_lines(m->window + m->counted, at - m->counted, &last);
		if (last)
			start = m->base + m->counted + last;
	} else if (at < m->counted) {
		place_before(m, at, &line, &start);
	}
	uint64_t column = found->offset - start + 1;
	found->line = narrowed(line + 1);
	found->column = narrowed(column);
}

void match_end_lines(struct match *m)
{
	match_count_lines(m, m->len);
	if (!m->part.marked)
		mark_lines(m);
}
