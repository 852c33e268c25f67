/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/ascii.h"
#include "base/utf8.h"
#include "rules/toml_inside.h"

enum { WORD_MAX = 100 };

static int fault(const struct toml_reader *r, const char *what)
{
	return toml_fault(r->doc, r->line, "%s", what);
}

/* ---- strings ---- */

static bool is_three(const struct toml_reader *r, char quote)
{
	return r->end - r->at >= 3 && r->at[0] == quote && r->at[1] == quote &&
	       r->at[2] == quote;
}

static int read_code(struct toml_reader *r, size_t digits)
{
	uint32_t code = 0;
	for (size_t i = 0; i < digits; i++) {
		int digit = r->at < r->end ? hex_digit((uint8_t)*r->at) : -1;
		if (digit < 0)
			return fault(r, "an escape has too few digits");
		code = code << 4 | (uint32_t)digit;
		r->at++;
	}
	if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return fault(r, "an escape stands for no character");
	struct buf *texts = &r->doc->texts;
	texts->len += utf8_put(code, buf_reserve(texts, 4));
	return 0;
}

/* Behind the backslash. */
static int read_escape(struct toml_reader *r)
{
	static const char letters[] = "btnfr\"\\", meant[] = "\b\t\n\f\r\"\\";
	char c = r->at < r->end ? *r->at : 0;
	const char *known = c ? strchr(letters, c) : NULL;
	if (known)
		buf_add(&r->doc->texts, &meant[known - letters], 1);
	else if (c != 'u' && c != 'U')
		return fault(r, "a backslash stands before something unknown");
	r->at++;
	return known ? 0 : read_code(r, c == 'u' ? 4 : 8);
}

/* A backslash at the end of a line takes all white space away that follows it. */
static bool skip_fold(struct toml_reader *r)
{
	const char *at = r->at;
	while (at < r->end && (*at == ' ' || *at == '\t'))
		at++;
	if (at == r->end || (*at != '\n' && !(*at == '\r' && at[1] == '\n')))
		return false;
	for (; at < r->end && strchr(" \t\r\n", *at); at++)
		r->line += *at == '\n';
	r->at = at;
	return true;
}

/* One or two quotes may stand before the three that end it. */
static bool ends_lines(struct toml_reader *r, char quote)
{
	if (!is_three(r, quote))
		return false;
	for (int more = 0; more < 2 && r->end - r->at > 3 && r->at[3] == quote; more++)
		buf_add(&r->doc->texts, r->at++, 1);
	r->at += 3;
	return true;
}

static int read_plain(struct toml_reader *r, bool lines)
{
	unsigned char c = (unsigned char)*r->at;
	if (c == '\r' && r->at[1] == '\n' && lines)
		r->at++;
	c = (unsigned char)*r->at;
	if (c == '\n' && !lines)
		return fault(r, "a string does not end on its line");
	if ((c < ' ' && c != '\t' && c != '\n') || c == 0x7f)
		return fault(r, "a control character stands in a string");
	r->line += c == '\n';
	buf_add(&r->doc->texts, r->at++, 1);
	return 0;
}

static int read_lines(struct toml_reader *r, char quote)
{
	if (r->at < r->end && (*r->at == '\n' || (*r->at == '\r' && r->at[1] == '\n'))) {
		r->at += *r->at == '\r' ? 2 : 1;
		r->line++;
	}
	int fell = 0;
	while (!fell && r->at < r->end) {
		if (ends_lines(r, quote))
			return 0;
		if (*r->at != '\\' || quote == '\'') {
			fell = read_plain(r, true);
			continue;
		}
		r->at++;
		fell = skip_fold(r) ? 0 : read_escape(r);
	}
	return fell ? fell : fault(r, "a string does not end");
}

static int read_line(struct toml_reader *r, char quote)
{
	int fell = 0;
	while (!fell && r->at < r->end && *r->at != quote) {
		if (*r->at != '\\' || quote == '\'') {
			fell = read_plain(r, false);
			continue;
		}
		r->at++;
		fell = read_escape(r);
	}
	if (!fell && r->at == r->end)
		return fault(r, "a string does not end");
	r->at++;
	return fell;
}

int toml_read_string(struct toml_reader *r, bool lines, size_t *ret_text, size_t *ret_len)
{
	char quote = *r->at;
	size_t before = r->doc->texts.len;
	bool three = is_three(r, quote);
	if (three && !lines)
		return fault(r, "a key can not have several lines");
	r->at += three ? 3 : 1;
	int fell = three ? read_lines(r, quote) : read_line(r, quote);
	*ret_text = before;
	*ret_len = r->doc->texts.len - before;
	buf_add(&r->doc->texts, "", 1);
	return fell;
}

/* ---- numbers ---- */

/* Digits with single underscores between them; how many bytes, 0: none. They are
 * appended to `out` without underscores. */
static size_t digits_at(const char *at, unsigned base, char *out)
{
	size_t n = 0, to = strlen(out);
	for (;; n++) {
		int digit = hex_digit((uint8_t)at[n]);
		bool between = n && at[n] == '_' && at[n - 1] != '_';
		if (!between && (digit < 0 || (unsigned)digit >= base))
			break;
		if (!between)
			out[to++] = at[n];
	}
	out[to] = 0;
	return n && at[n - 1] == '_' ? 0 : n;
}

static bool to_integer(const char *digits, unsigned base, bool minus, int64_t *ret)
{
	uint64_t value = 0, most = (uint64_t)INT64_MAX + minus;
	for (; *digits; digits++) {
		unsigned digit = (unsigned)hex_digit((uint8_t)*digits);
		if (value > (most - digit) / base)
			return false;
		value = value * base + digit;
	}
	*ret = minus ? (int64_t)(0 - value) : (int64_t)value;
	return true;
}

static bool read_based(const char *word, struct toml_node *ret)
{
	char digits[WORD_MAX + 1] = "";
	unsigned base = word[1] == 'x' ? 16 : word[1] == 'o' ? 8 : word[1] == 'b' ? 2 : 0;
	if (word[0] != '0' || !base)
		return false;
	size_t n = digits_at(word + 2, base, digits);
	ret->kind = TOML_INTEGER;
	return n && !word[2 + n] && to_integer(digits, base, false, &ret->integer);
}

static bool read_special(const char *word, bool minus, struct toml_node *ret)
{
	bool inf = strcmp(word, "inf") == 0;
	if (!inf && strcmp(word, "nan") != 0)
		return false;
	ret->kind = TOML_FLOAT;
	ret->number = inf ? (minus ? -HUGE_VAL : HUGE_VAL) : (double)NAN;
	return true;
}

/* The locale's decimal point is not ours: the value is made by hand. */
static double to_number(const char *digits, int exponent)
{
	double value = 0;
	for (; *digits; digits++)
		value = value * 10 + (*digits - '0');
	for (; value != 0 && exponent < 0; exponent++)
		value /= 10;
	for (; value != 0 && exponent > 0 && value < HUGE_VAL; exponent--)
		value *= 10;
	return value;
}

static bool read_exponent(const char **at, int *exponent)
{
	char digits[WORD_MAX + 1] = "";
	int64_t value;
	bool minus = *++*at == '-';
	*at += **at == '-' || **at == '+';
	size_t n = digits_at(*at, 10, digits);
	*at += n;
	if (!n || !to_integer(digits, 10, minus, &value))
		return false;
	*exponent += value < -9999 ? -9999 : value > 9999 ? 9999 : (int)value;
	return true;
}

static bool read_decimal(const char *word, bool minus, struct toml_node *ret)
{
	char digits[WORD_MAX + 1] = "";
	int exponent = 0;
	size_t n = digits_at(word, 10, digits);
	const char *at = word + n;
	if (!n || (word[0] == '0' && n > 1))
		return false;
	ret->kind = *at ? TOML_FLOAT : TOML_INTEGER;
	if (!*at)
		return to_integer(digits, 10, minus, &ret->integer);
	if (*at == '.') {
		size_t before = strlen(digits), more = digits_at(at + 1, 10, digits);
		at += 1 + more;
		exponent = -(int)(strlen(digits) - before);
		if (!more)
			return false;
	}
	if ((*at == 'e' || *at == 'E') && !read_exponent(&at, &exponent))
		return false;
	ret->number = to_number(digits, exponent) * (minus ? -1 : 1);
	return !*at;
}

/* ---- dates and times (RFC 3339) ---- */

static bool number_at(const char **at, int digits, int least, int most, int *ret)
{
	*ret = 0;
	for (int i = 0; i < digits; i++) {
		if (!ascii_is_digit((uint8_t)(*at)[i]))
			return false;
		*ret = *ret * 10 + ((*at)[i] - '0');
	}
	*at += digits;
	return *ret >= least && *ret <= most;
}

static bool sign_at(const char **at, char sign)
{
	return **at == sign && (*at)++;
}

static bool date_at(const char **at)
{
	static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day;
	if (!number_at(at, 4, 0, 9999, &year) || !sign_at(at, '-') ||
	    !number_at(at, 2, 1, 12, &month) || !sign_at(at, '-') ||
	    !number_at(at, 2, 1, days[month - 1], &day))
		return false;
	bool leap = (year % 4 == 0 && year % 100) || year % 400 == 0;
	return month != 2 || day < 29 || leap;
}

static bool time_at(const char **at)
{
	int unused;
	if (!number_at(at, 2, 0, 23, &unused) || !sign_at(at, ':') ||
	    !number_at(at, 2, 0, 59, &unused) || !sign_at(at, ':') ||
	    !number_at(at, 2, 0, 60, &unused))
		return false;
	if (**at != '.')
		return true;
	const char *fraction = ++*at;
	while (ascii_is_digit((uint8_t) * *at))
		++*at;
	return *at > fraction;
}

static bool offset_at(const char **at)
{
	int unused;
	if (sign_at(at, 'Z') || sign_at(at, 'z'))
		return true;
	return (sign_at(at, '+') || sign_at(at, '-')) && number_at(at, 2, 0, 23, &unused) &&
	       sign_at(at, ':') && number_at(at, 2, 0, 59, &unused);
}

static bool is_date(const char *word)
{
	const char *at = word;
	if (ascii_is_digit((uint8_t)word[0]) && ascii_is_digit((uint8_t)word[1]) &&
	    word[2] == ':')
		return time_at(&at) && !*at;
	if (!date_at(&at))
		return false;
	if (!*at)
		return true;
	if (!sign_at(&at, 'T') && !sign_at(&at, 't') && !sign_at(&at, ' '))
		return false;
	return time_at(&at) && (!*at || (offset_at(&at) && !*at));
}

/* ---- any of them ---- */

static bool ends_word(char c)
{
	return !c || strchr(" \t\r\n,]}#=", c);
}

/* A space may stand between a date and its time. */
static size_t word_length(const struct toml_reader *r)
{
	size_t n = 0, left = (size_t)(r->end - r->at);
	while (n < left && !ends_word(r->at[n]))
		n++;
	if (n != 10 || r->at[4] != '-' || r->at[n] != ' ' ||
	    !ascii_is_digit((uint8_t)r->at[n + 1]))
		return n;
	while (++n < left && !ends_word(r->at[n]))
		;
	return n;
}

static bool read_number(const char *word, struct toml_node *ret)
{
	bool minus = *word == '-', sign = minus || *word == '+';
	if (!sign && word[0] == '0' && word[1] && strchr("xob", word[1]))
		return read_based(word, ret);
	return read_special(word + sign, minus, ret) || read_decimal(word + sign, minus, ret);
}

bool toml_number(const char *word, struct toml_node *ret)
{
	return strlen(word) <= WORD_MAX && read_number(word, ret);
}

int toml_read_word(struct toml_reader *r, struct toml_node *ret)
{
	char word[WORD_MAX + 1] = "";
	size_t n = word_length(r);
	if (!n || n > WORD_MAX)
		return fault(r, "a value is missing or none that is known");
	memcpy(word, r->at, n);
	bool yes = strcmp(word, "true") == 0;
	if (yes || strcmp(word, "false") == 0) {
		ret->kind = TOML_BOOL;
		ret->integer = yes;
	} else if (is_date(word)) {
		ret->kind = TOML_DATE;
		ret->text = r->doc->texts.len;
		ret->text_len = n;
		buf_add(&r->doc->texts, word, n + 1);
	} else if (!read_number(word, ret)) {
		return fault(r, "a value is missing or none that is known");
	}
	r->at += n;
	return 0;
}
