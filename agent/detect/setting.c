/* SPDX-License-Identifier: MIT */
#include "detect/setting.h"

#include <string.h>

#include "base/ascii.h"
#include "detect/shape.h"

/* Behind "password", "secret", "token": the value is about it, not it. Each is a part of
 * a name: passwordFile, password_file, passwordfile. */
static const char *const about[] = {
	"file",	       "path",	    "field",	   "name",	  "names",	"length",
	"len",	       "size",	    "min",	   "max",	  "policy",	"prompt",
	"url",	       "uri",	    "expire",	   "expires",	  "expired",	"expiry",
	"expiration",  "expiring",  "timeout",	   "type",	  "regex",	"regexp",
	"pattern",     "label",	    "hint",	   "algorithm",	  "algo",	"alg",
	"placeholder", "encoding",  "charset",	   "format",	  "method",	"mode",
	"class",       "style",	    "input",	   "message",	  "msg",	"text",
	"title",       "help",	    "desc",	   "description", "error",	"errors",
	"age",	       "days",	    "change",	   "changed",	  "history",	"count",
	"limit",       "retry",	    "retries",	   "strength",	  "complexity", "quality",
	"rule",	       "rules",	    "valid",	   "validity",	  "validation", "validator",
	"check",       "checker",   "require",	   "required",	  "env",	"command",
	"cmd",	       "callback",  "func",	   "function",	  "agent",	"store",
	"storage",     "time",	    "date",	   "stamp",	  "timestamp",	"search",
	"encrypt",     "encrypted", "encryption",  "backend",	  "provider",	"manager",
	"module",      "source",    "dir",	   "directory",	  "folder",	"endpoint",
	"issuer",      "scope",	    "scopes",	   "header",	  "cookie",	"param",
	"parameter",   "attribute", "attr",	   "column",	  "selector",	"element",
	"generator",   "factory",   "handler",	   "lookup",	  "version",	"ttl",
	"lifetime",    "ref",	    "reference",   "arn",	  "status",	"state",
	"enabled",     "disabled",  "exists",	   "suffix",	  "separator",	"delimiter",
	"reset",       "service",   "template",	   "property",	  "view",	"form",
	"page",	       "icon",	    "color",	   "visible",	  "visibility", "toggle",
	"usage",       "index",	    "revision",	   "rev",	  "commit",	"checksum",
	"digest",      "integrity", "fingerprint", "thumbprint",  "prefix",	"kind",
	"schema",      "table",	    "alias",	   "invalid",	  "missing",	"incorrect",
	"mismatch",    "throttled", "failed",	   "failure",	  "warning",	"tooltip",
	NULL};

/* Words that make a name one of a secret. */
static const char *const secret_words[] = {"pass", "pwd",  "secret",	 "token",
					   "key",  "auth", "credential", NULL};

static bool is_lower(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_word(uint8_t c)
{
	return ascii_is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

/* ---- the key ---- */

/* All of the match before the value. */
static struct span key_of(const struct evidence *e)
{
	size_t len = e->secret.at > e->match.at ? (size_t)(e->secret.at - e->match.at) : 0;
	return (struct span){e->match.at, len};
}

/* Takes the next part of a name: letters up to a capital or another character. */
static bool next_part(struct span *rest, struct span *ret)
{
	while (rest->len && !ascii_is_letter(*rest->at)) {
		rest->at++;
		rest->len--;
	}
	*ret = (struct span){rest->at, 0};
	while (ret->len < rest->len && ascii_is_letter(rest->at[ret->len]) &&
	       !(ret->len && is_lower(rest->at[ret->len - 1]) && !is_lower(rest->at[ret->len])))
		ret->len++;
	rest->at += ret->len;
	rest->len -= ret->len;
	return ret->len != 0;
}

static bool has_part(struct span name, const char *const *words)
{
	struct span part;
	while (next_part(&name, &part))
		if (shape_equals_any(part, words))
			return true;
	return false;
}

/* From behind the last of the words on, to where the name ends. */
static struct span behind_words(struct span key)
{
	size_t start = key.len, end;
	for (size_t i = 0; i < key.len; i++)
		for (const char *const *word = secret_words; *word; word++)
			if (shape_starts((struct span){key.at + i, key.len - i}, *word))
				start = i + strlen(*word);
	static const char *const longer[] = {"word", "wd", "phrase", "code", "s", NULL};
	for (const char *const *more = longer; *more; more++) {
		struct span rest = {key.at + start, key.len - start};
		size_t len = strlen(*more);
		if (shape_starts(rest, *more) &&
		    (len > 1 || rest.len < 2 || !ascii_is_letter(rest.at[1]))) {
			start += len;
			break;
		}
	}
	for (end = start; end < key.len && is_word(key.at[end]);)
		end++;
	return (struct span){key.at + start, end - start};
}

/* "arn:aws:secretsmanager:us-east-1:123456789012:secret:name": what seems to be a key is a
 * part of a longer word. */
static bool is_inside_word(const struct evidence *e)
{
	const uint8_t *at = e->secret.at;
	while (at > e->line.at && at[-1] != ' ' && at[-1] != '"' && at[-1] != '\'')
		at--;
	if (at < e->line.at || e->secret.at < e->line.at)
		return false;
	struct span word = {at, (size_t)(e->secret.at - at)};
	if (shape_has(word, ":secretsmanager:"))
		return true;
	/* a style sheet's input[type=password]:focus */
	size_t last = word.len < 24 ? word.len : 24;
	return shape_has((struct span){e->secret.at - last, last}, "[type=");
}

bool setting_is_about(const struct evidence *e)
{
	/* Where the next page of a long answer begins. */
	static const char *const paging[] = {"next", "cursor", "continuation", "pagination",
					     NULL};
	static const char *const open[] = {"public", "publickeytoken", NULL};
	struct span key = key_of(e);
	if (is_inside_word(e))
		return true;
	if (shape_has(e->line, "pkcs11:")) /* RFC 7512: a token is a device there */
		return true;
	return has_part(behind_words(key), about) || has_part(key, open) ||
	       (shape_has(key, "token") && has_part(key, paging));
}

uint64_t setting_key_reasons(const struct evidence *e)
{
	static const char *const passwords[] = {"pass", "pwd", NULL};
	static const char *const weak[] = {"salt",	   "nonce", "seed",	"csrf",
					   "xsrf",	   "id",    "next",	"cursor",
					   "continuation", "sync",  "page",	"cancel",
					   "etag",	   "max",   "min",	"error",
					   "invalid",	   "wrong", "expected", "prompt",
					   "label",	   "hint",  "msg",	"message",
					   "placeholder",  "help",  NULL};
	struct span key = key_of(e);
	uint64_t found = 0;
	if (shape_has_any(key, passwords))
		found |= REASON_BIT(REASON_KEY_PASSWORD);
	else if (shape_has_any(key, secret_words))
		found |= REASON_BIT(REASON_KEY_SECRET);
	if (has_part(key, weak))
		found |= REASON_BIT(REASON_KEY_WEAK);
	return found;
}

bool setting_ends_in_password(const struct evidence *e)
{
	struct span key = key_of(e), behind = behind_words(key);
	const uint8_t *end = e->secret.at;
	while (end > behind.at && strchr(" \t\"'=:", end[-1]) && end[-1])
		end--;
	return shape_has(key, "pass") && !behind.len && end == behind.at &&
	       !shape_has(key, "://");
}

bool setting_is_of_secret(const struct evidence *e)
{
	static const char *const words[] = {
		"pass",	   "pwd",      "secret",  "token",   "api_key", "api-key",    "apikey",
		"authkey", "auth_key", "license", "private", "access",	"credential", NULL};
	uint64_t key = setting_key_reasons(e);
	return !(key & REASON_BIT(REASON_KEY_WEAK)) && shape_has_any(key_of(e), words);
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 32 : c;
}

/* Takes the next letter of either case; 0 at the end. What joins words and numbers them is
 * passed over, *ret_other counts the rest. */
static uint8_t next_letter(struct span *rest, size_t *ret_other)
{
	while (rest->len) {
		uint8_t c = *rest->at++;
		rest->len--;
		if (ascii_is_letter(c))
			return lower(c);
		*ret_other += !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.';
	}
	return 0;
}

/* The name that ends, or whose type begins, where the last secret word is. */
static struct span name_of(struct span key)
{
	struct span behind = behind_words(key);
	const uint8_t *start = behind.at;
	while (start > key.at && is_word(start[-1]))
		start--;
	return (struct span){start, (size_t)(behind.at + behind.len - start)};
}

/* Of "dbpassword" many a password begins with the last letters. */
enum { WHOLE_NAME = 9 };

bool setting_repeats_key(const struct evidence *e)
{
	struct span name = name_of(key_of(e)), value = e->secret;
	size_t letters = 0, other = 0, ignored = 0;
	uint8_t a, b;
	do {
		a = next_letter(&name, &ignored);
		b = next_letter(&value, &other);
		letters += a && a == b;
	} while (a && a == b);
	bool password = shape_has(key_of(e), "pass") || shape_has(key_of(e), "pwd");
	return !a && !b && !other && letters >= (password ? WHOLE_NAME : 5);
}

/* ---- the line ---- */

/* Quotes that are open where the value begins. */
static bool in_quotes(struct span line, const uint8_t *at)
{
	uint8_t open = 0;
	for (const uint8_t *c = line.at; c < at; c++) {
		if (*c == '\\')
			c++;
		else if (open ? *c == open : *c == '"' || *c == '\'' || *c == '`')
			open = open ? 0 : *c;
	}
	return open != 0;
}

bool setting_is_bare(const struct evidence *e)
{
	const uint8_t *at = e->secret.at;
	if (at < e->line.at || shape_has(key_of(e), "://"))
		return false;
	while (at > e->line.at && (at[-1] == ' ' || at[-1] == '\t'))
		at--;
	bool arrow = at > e->line.at + 1 && at[-1] == '>' && at[-2] == '=';
	if (at == e->line.at || (!arrow && !strchr("=:", at[-1])))
		return false;
	return !in_quotes(e->line, e->secret.at);
}

/* Behind code on the same line: " # ...", " // ...". */
static bool follows_comment(struct span before)
{
	for (size_t i = 1; i + 1 < before.len; i++) {
		bool spaced = before.at[i - 1] == ' ' || before.at[i - 1] == '\t';
		bool mark = before.at[i] == '#'
				    ? before.at[i + 1] == ' '
				    : before.at[i] == '/' && before.at[i + 1] == '/';
		if (spaced && mark)
			return true;
	}
	return false;
}

bool setting_in_comment(const struct evidence *e)
{
	struct span line = e->line;
	size_t i = 0;
	while (i < line.len && (line.at[i] == ' ' || line.at[i] == '\t'))
		i++;
	struct span rest = {line.at + i, line.len - i};
	if (shape_starts(rest, "#define"))
		return false;
	static const char *const marks[] = {
		"#",	";", "//",  "/*",   "* ",  "<!--", "-- ",  "%",	  ".\\\"", "dnl ",
		"rem ", ">", ".B ", ".BR ", ".I ", ".IR ", ".IP ", ".PP", ".RB ",  NULL};
	for (const char *const *mark = marks; *mark; mark++)
		if (shape_starts(rest, *mark))
			return true;
	if (e->secret.at < line.at)
		return false;
	struct span before = {line.at, (size_t)(e->secret.at - line.at)};
	return !in_quotes(line, e->secret.at) && follows_comment(before);
}

bool setting_has_user(const struct evidence *e)
{
	static const char *const words[] = {"user", "login", "host", "account", NULL};
	struct span all = e->around;
	for (size_t i = 0; i < all.len; i++) {
		struct span rest = {all.at + i, all.len - i};
		uint8_t first = *rest.at | 32;
		if (first != 'u' && first != 'l' && first != 'h' && first != 'a')
			continue;
		for (const char *const *word = words; *word; word++) {
			if (!shape_starts(rest, *word))
				continue;
			size_t at = strlen(*word);
			while (at < rest.len && at < 16 && is_word(rest.at[at]))
				at++;
			while (at < rest.len && strchr("\"' \t]", rest.at[at]))
				at++;
			if (at < rest.len && (rest.at[at] == ':' || rest.at[at] == '='))
				return true;
		}
	}
	return false;
}
