/* SPDX-License-Identifier: MIT */
/* A line is "2026-03-20 15:23:14, Error      [0x0f0082] SYSPRP TEXT": time, level, number,
 * component, text ("Windows Setup Log Files and Event Logs"). A run that succeeds has lines
 * of level Error, too, so they alone mean nothing. */
#include "generalize/log.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "base/utf8.h"

/* ---- what is known of failures ---- */

/* Any of `signs` in an error's line, in lower case. In the order of how much they explain:
 * one failure brings a row of lines, from the cause to the last consequence. */
static const struct cause {
	const char *name, *meaning, *remedy;
	const char *signs[5];
} causes[] = {
	{"app-packages",
	 "An app package is installed for a user and not provisioned for all.",
	 "Remove the package of that name for all users (Remove-AppxPackage -AllUsers) or "
	 "provision it, and sign no user in before the next try.",
	 {"not provisioned for all users", "0x80073cf2", "0x3cf2"}},
	{"encryption",
	 "BitLocker has encrypted the system volume, also where its protection is off.",
	 "Decrypt it to the end (manage-bde -off), then try again.",
	 {"0x80310039", "bitlocker is on", "validatebitlockerstate"}},
	{"updates",
	 "Updates are being installed or wait for a restart.",
	 "Let Windows Update come to its end, restart, and try again.",
	 {"0x800f0975", "require a reboot", "requires a reboot", "active scenario",
	  "pending cbs operations"}},
	{"rearm",
	 "Windows can not be reset once more: the number of rearms is used up.",
	 "Begin with a newer image of Windows; slmgr /dlv shows how many are left.",
	 {"0xc004d307", "-1073425657", "rearm"}},
	{"upgraded",
	 "This Windows was upgraded from an older one.",
	 "Begin with a clean installation: Sysprep does not run on an upgraded one.",
	 {"upgraded os", "upgraded operating system"}},
	{"answer-file",
	 "The answer file could not be read or its settings could not be used.",
	 "Validate the file in Windows System Image Manager for this version of Windows.",
	 {"parse the unattend", "unattend answer file", "parse or process", "unattend file",
	  "answer file is invalid"}},
	{"interrupted",
	 "An earlier run of Sysprep was interrupted, and the machine is in between.",
	 "Take the image up again from its last good state; one in between can not be trusted.",
	 {"machine is in an invalid state", "dwret = 31", "dwret = 0x1f"}},
	{"running",
	 "Another Sysprep was running.",
	 "Wait until it has ended, or restart Windows, and try again.",
	 {"already running", "another instance"}},
	{"disk-space",
	 "The system volume had no room left.",
	 "Make room: one gigabyte at least.",
	 {"0x80070070", "dwret = 0x70", "dwret = 112", "not enough space"}},
	{"access",
	 "Something was denied to Sysprep.",
	 "Run it as an administrator, from an elevated prompt; look whether a protection of "
	 "endpoints forbids it.",
	 {"0x80070005", "dwret = 0x5", "dwret = 5", "required privileges"}},
	{"timeout",
	 "Sysprep had not ended when its time was over, and was ended.",
	 "The machine is in between: take it up again from its last good state. Give it more "
	 "time (--sysprep-timeout) if it was slow only.",
	 {NULL}},
	{"stopped",
	 "The run was told to stop while Sysprep was at work, and Sysprep was ended.",
	 "The machine is in between: take it up again from its last good state.",
	 {NULL}},
	{"not-started",
	 "Sysprep could not be started.",
	 "Repair the system's files (sfc /scannow).",
	 {NULL}},
	{"changed",
	 "Before the cleaning nothing spoke against Sysprep, now something does.",
	 "See what blocks it, put that right and try again.",
	 {NULL}},
	{"no-success",
	 "Sysprep has ended without its signs of success, and its logs name no cause that is "
	 "known here.",
	 "Read setupact.log and setuperr.log in System32\\Sysprep\\Panther.",
	 {NULL}},
};

/* Lines by which a run is given up. */
static const char *const given_up[] = {"halting sysprep execution", "hit failure while",
				       "failed while validating", "fatal error occurred"};

static void set_cause(const struct cause *cause, struct generalized *into)
{
	into->cause = cause->name;
	into->meaning = cause->meaning;
	into->remedy = cause->remedy;
}

void log_set_cause(const char *name, struct generalized *into)
{
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
		if (strcmp(causes[i].name, name) == 0)
			set_cause(&causes[i], into);
}

static bool is_hex(char c)
{
	return ascii_is_digit((uint8_t)c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* A number is all of its digits: 0x5 is not in 0x57. */
static bool has_sign(const char *line, size_t len, const char *sign)
{
	size_t units = strlen(sign);
	bool number = strpbrk(sign, "0123456789") != NULL;
	for (size_t i = 0; i + units <= len; i++)
		if (ascii_holds(line + i, units, sign) &&
		    !(number && i + units < len && is_hex(line[i + units])))
			return true;
	return false;
}

static const struct cause *cause_of(const char *line, size_t len)
{
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
		for (size_t j = 0;
		     j < sizeof causes[i].signs / sizeof *causes[i].signs && causes[i].signs[j];
		     j++)
			if (has_sign(line, len, causes[i].signs[j]))
				return &causes[i];
	return NULL;
}

static void weigh_cause(const char *line, size_t len, const struct cause **best)
{
	const struct cause *cause = cause_of(line, len);
	if (cause && (!*best || cause < *best))
		*best = cause;
}

/* ---- what may be a secret ---- */

static const char *const secret_words[] = {"password", "passwd", "pwd", "passphrase",
					   "secret",   "token",	 "key", "credential"};

static bool ends_value(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == ';' || c == '<' || c == ']' ||
	       c == ')';
}

/* The length of a word of the list that begins here, or 0. */
static size_t secret_word(const char *at, size_t left)
{
	for (size_t i = 0; i < sizeof secret_words / sizeof *secret_words; i++) {
		size_t len = strlen(secret_words[i]);
		if (left >= len && ascii_holds(at, len, secret_words[i]))
			return len;
	}
	return 0;
}

/* What stands between such a word and its value: =, :, quotes, >, blanks. */
static size_t between(const char *at, size_t left)
{
	size_t len = 0;
	bool said = false;
	while (len < left && strchr("=:\"'>[( ", at[len])) {
		said |= at[len] != ' ';
		len++;
	}
	return said ? len : 0;
}

static bool is_plain(char c)
{
	return ascii_is_letter((uint8_t)c) || ascii_is_digit((uint8_t)c) || c == '+' ||
	       c == '=' || c == '-';
}

/* A run of letters and digits that is longer than any word. */
static size_t long_run(const char *at, size_t left)
{
	size_t len = 0, digits = 0;
	while (len < left && is_plain(at[len]))
		digits += ascii_is_digit((uint8_t)at[len++]);
	return len >= 24 && digits ? len : 0;
}

void log_redact(const char *line, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len;) {
		size_t word = secret_word(line + i, len - i);
		size_t gap = word ? between(line + i + word, len - i - word) : 0;
		size_t run = !i || !is_plain(line[i - 1]) ? long_run(line + i, len - i) : 0;
		if (gap) {
			buf_add(out, line + i, word + gap);
			i += word + gap;
			size_t from = i;
			while (i < len && !ends_value(line[i]))
				i++;
			buf_puts(out, i > from ? "***" : "");
		} else if (run) {
			buf_puts(out, "***");
			i += run;
		} else {
			buf_add(out, line + i++, 1);
		}
	}
}

/* ---- lines ---- */

/* UTF-16 becomes UTF-8; what is not, is left as it is. */
static void to_bytes(const void *bytes, size_t len, size_t from, struct buf *ret)
{
	const uint8_t *at = bytes;
	if (len < 2 || at[0] != 0xff || at[1] != 0xfe) {
		buf_add(ret, at + from, len - from);
		return;
	}
	for (size_t i = from < 2 ? 2 : from & ~(size_t)1; i + 1 < len; i += 2) {
		uint8_t units[4];
		buf_add(ret, units, utf8_put((uint32_t)(at[i] | at[i + 1] << 8), units));
	}
}

/* The text of a line of level Error, behind its time and level; NULL: another level. */
static const char *error_text_of(const char *line, size_t len, size_t *ret_len)
{
	static const char level[] = ", Error ";
	const char *found = str_find(line, len < 40 ? len : 40, level);
	if (!found)
		return NULL;
	found += sizeof level - 1;
	const char *end = line + len;
	while (found < end && *found == ' ')
		found++;
	*ret_len = (size_t)(end - found);
	return found;
}

static void add_error(const char *text, size_t len, struct generalized *into)
{
	_cleanup_(buf_free) struct buf line = {0};
	log_redact(text, len < LOG_LINE_MOST ? len : LOG_LINE_MOST, &line);
	vec_each(&into->errors, old)
		if (strcmp(*old, buf_text(&line)) == 0)
			return;
	if (into->errors.n < LOG_LINES_MOST && line.len)
		*vec_add(&into->errors) = mem_strdup(buf_text(&line));
}

static bool is_given_up(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof given_up / sizeof *given_up; i++)
		if (ascii_holds(text, len, given_up[i]))
			return true;
	return false;
}

static size_t line_length(const char *at, const char *end)
{
	const char *stop = memchr(at, '\n', (size_t)(end - at));
	size_t len = (size_t)((stop ? stop : end) - at);
	return len && at[len - 1] == '\r' ? len - 1 : len;
}

static const char *next_line(const char *at, const char *end)
{
	const char *stop = memchr(at, '\n', (size_t)(end - at));
	return stop ? stop + 1 : end;
}

/* Where the last run begins: logs go on from run to run. */
static const char *last_run(const char *at, const char *end)
{
	const char *begin = at;
	for (; at < end; at = next_line(at, end))
		if (str_find(at, line_length(at, end), "Beginning of a new sysprep run"))
			begin = at;
	return begin;
}

bool log_read(const void *bytes, size_t len, size_t from, struct generalized *into)
{
	_cleanup_(buf_free) struct buf text = {0};
	const struct cause *best = NULL;
	bool gave_up = false;
	to_bytes(bytes, len, from, &text);
	const char *end = buf_text(&text) + text.len;
	for (const char *at = last_run(buf_text(&text), end); at < end;
	     at = next_line(at, end)) {
		size_t error_len;
		const char *error = error_text_of(at, line_length(at, end), &error_len);
		if (!error)
			continue;
		weigh_cause(error, error_len, &best);
		gave_up |= is_given_up(error, error_len);
		add_error(error, error_len, into);
	}
	if (best && !into->cause)
		set_cause(best, into);
	return gave_up;
}
