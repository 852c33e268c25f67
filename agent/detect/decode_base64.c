/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648, both alphabets) and hex, on one line or wrapped.
 *
 * A run is at least RUN_MIN characters of the alphabet. Words, paths and identifiers that are
 * long enough are told from encoded text by bits: in base64 of ASCII three bits of every four
 * characters are never set. Whatever is long, or begins like an archive, is decoded anyway. */
#include <string.h>

#include "detect/bytes.h"
#include "detect/encoded.h"

enum {
	RUN_MIN = 24,
	BINARY_MIN = 40, /* in a binary file */
	HEX_MIN = 32,
	LONG = 256,	 /* decoded whatever it looks like */
	LINE_MIN = 40,	 /* shorter lines are not joined, */
	LINE_MAX = 4096, /* and longer ones */
	INDENT_MAX = 64,
	PROBE = 32,  /* characters that are judged, */
	GLANCE = 12, /* and of hex first */
	CHUNK = 64 << 10,
};

enum { DIGIT = 0x40, HEX = 0xc0 /* a digit of both */ };

/* With the value in base64 below these bits. */
static const uint8_t digits[256] = {
	['A'] = HEX + 0,    ['B'] = HEX + 1,	['C'] = HEX + 2,    ['D'] = HEX + 3,
	['E'] = HEX + 4,    ['F'] = HEX + 5,	['G'] = DIGIT + 6,  ['H'] = DIGIT + 7,
	['I'] = DIGIT + 8,  ['J'] = DIGIT + 9,	['K'] = DIGIT + 10, ['L'] = DIGIT + 11,
	['M'] = DIGIT + 12, ['N'] = DIGIT + 13, ['O'] = DIGIT + 14, ['P'] = DIGIT + 15,
	['Q'] = DIGIT + 16, ['R'] = DIGIT + 17, ['S'] = DIGIT + 18, ['T'] = DIGIT + 19,
	['U'] = DIGIT + 20, ['V'] = DIGIT + 21, ['W'] = DIGIT + 22, ['X'] = DIGIT + 23,
	['Y'] = DIGIT + 24, ['Z'] = DIGIT + 25, ['a'] = HEX + 26,   ['b'] = HEX + 27,
	['c'] = HEX + 28,   ['d'] = HEX + 29,	['e'] = HEX + 30,   ['f'] = HEX + 31,
	['g'] = DIGIT + 32, ['h'] = DIGIT + 33, ['i'] = DIGIT + 34, ['j'] = DIGIT + 35,
	['k'] = DIGIT + 36, ['l'] = DIGIT + 37, ['m'] = DIGIT + 38, ['n'] = DIGIT + 39,
	['o'] = DIGIT + 40, ['p'] = DIGIT + 41, ['q'] = DIGIT + 42, ['r'] = DIGIT + 43,
	['s'] = DIGIT + 44, ['t'] = DIGIT + 45, ['u'] = DIGIT + 46, ['v'] = DIGIT + 47,
	['w'] = DIGIT + 48, ['x'] = DIGIT + 49, ['y'] = DIGIT + 50, ['z'] = DIGIT + 51,
	['0'] = HEX + 52,   ['1'] = HEX + 53,	['2'] = HEX + 54,   ['3'] = HEX + 55,
	['4'] = HEX + 56,   ['5'] = HEX + 57,	['6'] = HEX + 58,   ['7'] = HEX + 59,
	['8'] = HEX + 60,   ['9'] = HEX + 61,	['+'] = DIGIT + 62, ['/'] = DIGIT + 63,
	['-'] = DIGIT + 62, ['_'] = DIGIT + 63,
};

static bool is_digit(uint8_t c)
{
	return digits[c];
}

/* Of a digit, in base64 or hex; which of the latter are letters nobody can predict. */
static inline uint8_t value_of(uint8_t c, unsigned width)
{
	return width == 4 ? (uint8_t)((c & 15) + (c >> 6) * 9) : digits[c] & 0x3f;
}

static bool is_hex(uint8_t c)
{
	return digits[c] >= HEX;
}

/* ---- where a run is ---- */

/* A bit for each byte of a group that is no digit. Where a word ends nobody can predict. */
static unsigned others_in(const uint8_t *group)
{
	bytes16 v = {0};
	memcpy(&v, group, SIEVE_GROUP);
	/* + and / differ in one bit */
	bytes16 signs = bytes_are(v | ('+' ^ '/'), '/') | bytes_are(v, '-') | bytes_are(v, '_');
	bytes16 are = bytes_within(v, '0', '9') | bytes_within(v | 0x20, 'a', 'z') | signs;
	return ~bytes_mask(are) & 0xff;
}

/* Where the digits from `at` on end. */
static size_t end_of(const struct view *view, size_t at)
{
	for (; at + SIEVE_GROUP <= view->len; at += SIEVE_GROUP) {
		unsigned others = others_in(view->at + at);
		if (others)
			return at + (size_t)__builtin_ctz(others);
	}
	while (at < view->len && is_digit(view->at[at]))
		at++;
	return at;
}

/* Where those before `at` begin, but not before `from`. */
static size_t start_of(const struct view *view, size_t at, size_t from)
{
	for (; at >= from + SIEVE_GROUP; at -= SIEVE_GROUP) {
		unsigned others = others_in(view->at + at - SIEVE_GROUP);
		if (others)
			return at - (size_t)__builtin_clz(others << (32 - SIEVE_GROUP));
	}
	while (at > from && is_digit(view->at[at - 1]))
		at--;
	return at;
}

static uint64_t two_full(uint64_t groups)
{
	return groups & groups >> 1;
}

static uint64_t three_full(uint64_t groups)
{
	return two_full(groups) & groups >> 2;
}

/* Of 24 digits in a row two groups are full, of 32 three. */
static size_t next_full(const struct sieve *sieve, size_t group, size_t least)
{
	return least < (size_t)4 * SIEVE_GROUP
		       ? sieve_next(sieve, &sieve->digits, group, two_full)
		       : sieve_next(sieve, &sieve->digits, group, three_full);
}

static size_t full_upto(const struct sieve *sieve, size_t group)
{
	uint64_t full = sieve_word(sieve->digits.blocks + group / 8) >> group % 8;
	group += (size_t)__builtin_ctzll(~full | (uint64_t)1 << 56);
	while (sieve_has(&sieve->digits, group))
		group++;
	return group;
}

/* The first run from `from` on that begins before `upto` and has `least` digits; else
 * `upto`. */
static size_t next_run(const struct view *view, const struct sieve *sieve, size_t from,
		       size_t upto, size_t least, size_t *ret_end)
{
	size_t group = sieve_group(sieve, from);
	while ((group = next_full(sieve, group, least)) != SIZE_MAX) {
		size_t start = sieve_at(sieve, group);
		size_t end = end_of(view, sieve_at(sieve, full_upto(sieve, group + 2)));
		start = start_of(view, start > from ? start : from, from);
		if (start >= upto)
			break;
		*ret_end = end;
		if (end - start >= least)
			return start;
		group = sieve_group(sieve, end);
	}
	return upto;
}

/* ---- whether it is one ---- */

/* The place among four at which ASCII begins, or -1; n is a multiple of four. */
static int text_phase(const uint8_t *at, size_t n)
{
	uint8_t any[4] = {0};
	for (size_t i = 0; i < n; i += 4)
		for (size_t k = 0; k < 4; k++)
			any[k] |= digits[at[i + k]];
	for (int phase = 0; phase < 4; phase++)
		if (!(any[phase] & 0x20) && !(any[(phase + 1) & 3] & 8) &&
		    !(any[(phase + 2) & 3] & 2))
			return phase;
	return -1;
}

static bool is_printable(uint8_t c)
{
	return (c >= ' ' && c < 0x7f) || c == '\t' || c == '\n' || c == '\r';
}

static bool may_be_text(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] && !is_printable(bytes[i]))
			return false;
	return true;
}

/* Text, or text with zeros between its letters. */
static bool is_text(const uint8_t *bytes, size_t n)
{
	size_t zeros = 0;
	for (size_t i = 0; i < n; i++)
		zeros += !bytes[i];
	return zeros * 4 <= n * 3 && (!zeros || zeros * 5 >= n * 2) && may_be_text(bytes, n);
}

static size_t peek(const uint8_t *at, size_t n, unsigned width, uint8_t *out)
{
	uint32_t word = 0;
	unsigned have = 0;
	size_t len = 0;
	for (size_t i = 0; i < n; i++) {
		word = word << width | value_of(at[i], width);
		have += width;
		if (have >= 8) {
			have -= 8;
			out[len++] = (uint8_t)(word >> have);
		}
	}
	return len;
}

/* The phase at which PROBE characters from `at` on are text; -1. */
static int probe(const uint8_t *at, size_t len)
{
	uint8_t bytes[PROBE];
	size_t n = len < PROBE ? len & ~(size_t)3 : PROBE;
	int phase = text_phase(at, n);
	if (phase < 0)
		return -1;
	n = peek(at + phase, n - (size_t)phase, 6, bytes);
	return is_text(bytes, n) ? phase : -1;
}

static bool begins_with(const uint8_t *at, const char *begin)
{
	return memcmp(at, begin, strlen(begin)) == 0;
}

/* The signatures of container.c as they begin in base64. */
static bool begins_like_archive(const uint8_t *at)
{
	switch (at[0]) {
	case 'H':
		return begins_with(at, "H4sI");
	case 'Q':
		return begins_with(at, "QlpoO") || begins_with(at, "QlpoM") ||
		       begins_with(at, "QlpoN");
	case '/':
		return begins_with(at, "/Td6WF");
	case 'K':
		return begins_with(at, "KLUv/");
	case 'U':
		return begins_with(at, "UEsDB") || begins_with(at, "UEsFB");
	case 'N':
		return begins_with(at, "N3q8ry");
	case 'B':
		return begins_with(at, "BCJNG");
	case 'A':
		return begins_with(at, "AiFMG");
	case '7':
		return begins_with(at, "7avu2");
	default:
		return false;
	}
}

/* PrivateKeyInfo and ECPrivateKey in DER of less than 256 bytes (RFC 5958, RFC 5915): a
 * sequence whose first member is version 0 before a sequence, or 1 before octets. */
static bool begins_like_key(const uint8_t *at)
{
	if (*at != 'M')
		return false;
	const uint8_t *head = at + 3, *longer = at + 4;
	return memcmp(head, "CAQAw", 5) == 0 || memcmp(head, "CAQEE", 5) == 0 ||
	       (at[1] == 'I' && (at[2] == 'G' || at[2] == 'H') &&
		(memcmp(longer, "AgEAM", 5) == 0 || memcmp(longer, "AgEBB", 5) == 0));
}

struct wrap {
	size_t next; /* first digit of the next line */
	size_t line; /* where that line begins; 0: the line end only stood escaped */
};

/* A line end, real or escaped, and the indentation behind it. */
static bool wrap_at(const struct view *view, size_t at, struct wrap *ret)
{
	const uint8_t *text = view->at;
	size_t len = view->len, most;
	*ret = (struct wrap){0};
	if (at + 3 < len && memcmp(text + at, "\\r\\n", 4) == 0)
		return ret->next = at + 4, true;
	if (at + 1 < len && memcmp(text + at, "\\n", 2) == 0)
		return ret->next = at + 2, true;
	if (at < len && text[at] == '\\')
		at++;
	if (at < len && text[at] == '\r')
		at++;
	if (at >= len || text[at] != '\n')
		return false;
	ret->line = ++at;
	for (most = at + INDENT_MAX; at < len && at < most; at++)
		if (text[at] != ' ' && text[at] != '\t')
			break;
	ret->next = at;
	return true;
}

/* Whether a line of `width` digits that ends at `at` goes on, with a whole line. */
static bool goes_on(const struct view *view, size_t at, uint64_t width, bool hex,
		    struct wrap *ret)
{
	if (width < LINE_MIN || width > LINE_MAX || !wrap_at(view, at, ret))
		return false;
	size_t end = ret->next;
	while (end < view->len && end - ret->next <= width + 3 &&
	       (hex ? is_hex(view->at[end]) : is_digit(view->at[end])))
		end++;
	if (end == ret->next || end - ret->next > width + 3)
		return false;
	return end == view->len || strchr("\r\n=\"'\\<", view->at[end]);
}

static bool is_long(const struct view *view, size_t start, size_t end, bool hex)
{
	struct wrap wrap;
	return end - start >= LONG ||
	       (goes_on(view, end, end - start, hex, &wrap) && end < view->limit &&
		wrap.next + (end - start) <= view->len &&
		is_digit(view->at[wrap.next + (end - start) - 1]));
}

/* Hex digits that make up text; *start is moved to the first of a pair. */
static bool is_hex_run(const struct view *view, size_t *start, size_t end)
{
	const uint8_t *at = view->at + *start;
	uint8_t bytes[PROBE];
	for (size_t phase = 0; phase < 2; phase++) {
		size_t n = end - *start - phase;
		peek(at + phase, GLANCE, 4, bytes); /* random bytes are soon told */
		bool packed = memcmp(bytes, "\x1f\x8b\x08", 3) == 0;
		if (!packed && !may_be_text(bytes, GLANCE / 2))
			continue;
		n = peek(at + phase, n < (size_t)2 * PROBE ? n : (size_t)2 * PROBE, 4, bytes);
		if (!packed && !is_text(bytes, n))
			continue;
		*start += phase;
		return true;
	}
	return is_long(view, *start, end, true);
}

static bool find_hex(const struct view *view, size_t *start, size_t end)
{
	size_t first = *start, last = end;
	while (first < end && is_hex(view->at[first]))
		first++;
	if (first - *start >= HEX_MIN)
		return is_hex_run(view, start, first);
	while (last > *start && is_hex(view->at[last - 1]))
		last--;
	if (end - last < HEX_MIN || !is_hex_run(view, &last, end))
		return false;
	*start = last;
	return true;
}

static enum coding judge(const struct view *view, size_t *start, size_t end)
{
	const uint8_t *at = view->at + *start;
	size_t len = end - *start;
	if (len >= HEX_MIN && find_hex(view, start, end))
		return CODING_HEX;
	if (len < (view->binary ? BINARY_MIN : RUN_MIN))
		return CODING_NONE;
	int phase = probe(at, len);
	if (phase < 0 && len >= (size_t)2 * PROBE) {
		/* What begins beyond ASCII or behind a path may end as text. */
		phase = probe(view->at + end - PROBE, PROBE);
		phase = phase < 0 ? -1 : (int)((len - PROBE + (size_t)phase) & 3);
	}
	if (phase < 0 && !begins_like_archive(at) && !begins_like_key(at) &&
	    !is_long(view, *start, end, false))
		return CODING_NONE;
	*start += phase < 0 ? 0 : (size_t)phase;
	return CODING_BASE64;
}

static enum coding find(const struct view *view, const struct sieve *sieve, size_t *at,
			size_t low, size_t upto)
{
	size_t i = *at, end = i, least = view->binary ? HEX_MIN : RUN_MIN;
	(void)low;
	while (i < upto && (i = next_run(view, sieve, i, upto, least, &end)) < upto) {
		size_t start = i;
		enum coding coding = judge(view, &start, end);
		if (coding) {
			*at = start;
			return coding;
		}
		i = end;
	}
	*at = i < upto ? upto : i;
	return CODING_NONE;
}

/* ---- decoding ---- */

/* Digits from `at` on; how many there were. */
static size_t take_digits(struct decoding *d, const struct view *view, size_t at)
{
	unsigned width = d->coding == CODING_HEX ? 4 : 6;
	size_t n = 0, most = at < view->limit ? view->limit - at : 0;
	if (most > CHUNK)
		most = CHUNK;
	while (n < most && (width == 4 ? is_hex(view->at[at + n]) : is_digit(view->at[at + n])))
		n++;
	uint8_t *out = decoding_reserve(d, n + 1);
	const uint8_t *from = view->at + at;
	for (size_t i = 0; i < n; i++) {
		d->word = d->word << width | value_of(from[i], width);
		d->have += width;
		if (d->have >= 8) {
			d->have -= 8;
			*out++ = (uint8_t)(d->word >> d->have);
		}
	}
	d->len = (size_t)(out - d->plain);
	return n;
}

/* `units`: digits of the first line; `rest`: of this one so far. */
static bool next_line(struct decoding *d, const struct view *view, size_t *at)
{
	struct wrap wrap;
	if (!d->units)
		d->units = d->rest;
	if (d->rest + 3 < d->units ||
	    !goes_on(view, *at, d->units, d->coding == CODING_HEX, &wrap))
		return false;
	if (wrap.line) {
		d->line_no++;
		d->line_start = view->base + wrap.line;
	}
	d->rest = 0;
	*at = wrap.next;
	return true;
}

static size_t take(struct decoding *d, const struct view *view, size_t at, bool *ret_ended)
{
	*ret_ended = false;
	while (!decoding_is_full(d)) {
		decoding_stretch(d, view->base + at, d->coding == CODING_HEX ? 4 : 6, 1);
		size_t n = take_digits(d, view, at);
		at += n;
		d->rest += n;
		if (n == CHUNK)
			continue;
		if (at >= view->limit) {
			*ret_ended = view->limit == view->len;
			break;
		}
		if (!next_line(d, view, &at)) {
			*ret_ended = true;
			break;
		}
	}
	return at;
}

const struct coder coder_base64 = {find, take};
