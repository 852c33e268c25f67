/* SPDX-License-Identifier: MIT */
/* In this order: what can not be a value at all is dropped (a reference, a type
 * name, a path, a prompt); a key that speaks *about* a password drops its value;
 * then letters alone are weak evidence, letters with digits are enough, and a
 * comment, prose or program code round it lowers the confidence. */
#include "detect/password.h"

#include <string.h>

#include "detect/shape.h"

/* Values that name a kind of thing, a state or a method. */
static const char *const plain_words[] = {
	"true",		 "false",	"yes",	       "no",	   "on",
	"off",		 "none",	"null",	       "nil",	   "nul",
	"undefined",	 "void",	"string",      "str",	   "text",
	"int",		 "integer",	"bool",	       "boolean",  "bytes",
	"byte",		 "char",	"object",      "any",	   "optional",
	"required",	 "requisite",	"sufficient",  "include",  "substack",
	"enabled",	 "disabled",	"enable",      "disable",  "default",
	"prompt",	 "ask",		"interactive", "always",   "never",
	"password",	 "passwd",	"passphrase",  "pass",	   "secret",
	"token",	 "key",		"user",	       "username", "login",
	"root",		 "admin",	"files",       "compat",   "systemd",
	"sss",		 "ldap",	"nis",	       "db",	   "auto",
	"unknown",	 "empty",	"blank",       "plain",	   "plaintext",
	"cleartext",	 "crypt",	"hash",	       "hashed",   "sha1",
	"sha224",	 "sha256",	"sha384",      "sha512",   "md5",
	"md4",		 "blake2b",	"bcrypt",      "scrypt",   "argon2",
	"argon2i",	 "argon2id",	"pbkdf2",      "pkcs8",	   "pkcs12",
	"base64",	 "base32",	"utf8",	       "utf-8",	   "latin1",
	"aes128",	 "aes256",	"x509",	       "ntlm",	   "ntlmv2",
	"kerberos",	 "gssapi",	"oauth2",      "http2",	   "sasl",
	"self",		 "this",	"value",       "argv",	   "stdin",
	"env",		 "file",	"keyring",     "memory",   "session",
	"master",	 "service",	"server",      "client",   "local",
	"public",	 "private",	"static",      "const",	   "var",
	"let",		 "new",		"return",      "data",	   "info",
	"test",		 "tests",	"mixed",       "function", "callable",
	"scram-sha-256", "scram-sha-1", "ed25519",     "amd64",	   "arm64",
	"i386",		 "i686",	"x86_64",      "armhf",	   "armel",
	"ppc64el",	 "riscv64",	"s390x",       "mips64el", NULL};

/* Bytes that values of real passwords hold rarely and code, patterns and
 * format strings hold nearly always. */
static const char *const code_marks[] = {
	"://",	  "->",		 "::",	     "=>",	"==",	    "!=",	"&&",
	"||",	  "\\n",	 "\\w",	     "\\s",	"\\d",	    "\\f",	"\\-",
	"\\(",	  "\\e",	 ".*",	     ".+",	"[^",	    "(?",	"%s",
	"%d",	  "%u",		 "%v",	     "%r",	"%q",	    "&lt;",	"&quot;",
	"&#",	  "\\\"",	 "\\u",	     "\\x",	"/>",	    "</",	"os.environ",
	"getenv", "process.env", "params[",  "config.", "self.",    "this.",	"settings.",
	"args.",  "vars.",	 "secrets.", "data.",	"request.", "options.", "opts.",
	NULL};

/* Behind "password", "secret", "token": the value is about it, not it. */
static const char *const about[] = {
	"file",	     "path",	 "field",	"name",	    "length",  "len",	   "size",
	"min",	     "max",	 "policy",	"prompt",   "url",     "uri",	   "expire",
	"expir",     "timeout",	 "type",	"regex",    "pattern", "label",	   "hint",
	"algorithm", "algo",	 "placeholder", "encoding", "charset", "format",   "method",
	"mode",	     "class",	 "style",	"input",    "message", "msg",	   "text",
	"title",     "help",	 "desc",	"error",    "age",     "days",	   "change",
	"history",   "count",	 "limit",	"retry",    "retries", "strength", "complexity",
	"quality",   "rule",	 "valid",	"check",    "require", "env",	   "command",
	"cmd",	     "callback", "func",	"agent",    "store",   "storage",  "time",
	"date",	     "stamp",	 "search",	"encrypt",  "backend", "provider", "manager",
	"module",    "source",	 "dir",		"folder",   NULL};

static bool is_alpha(uint8_t c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex_digit(uint8_t c)
{
	return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

/* ---- the value by itself ---- */

/* An identifier, with members, indices or a call: `self.pw`, `cfg[x]`, `get()`. */
static bool is_expression(struct span v)
{
	size_t i = 0;
	while (i < v.len && (is_alpha(v.at[i]) || is_digit(v.at[i]) || strchr("_.$:", v.at[i])))
		i++;
	if (i && i < v.len && (v.at[i] == '(' || v.at[i] == '['))
		return true;
	return false;
}

/* Words joined by one of -_.:/ as in some_name, kebab-case, module.member, a/b;
 * digits may end a word but not stand within it. */
static bool is_joined_words(struct span v)
{
	size_t joins = 0, letters = 0;
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.at[i];
		if (strchr("_-.:/", c)) {
			joins++;
		} else if (is_alpha(c)) {
			if (i && is_digit(v.at[i - 1]))
				return false;
			letters++;
		} else if (!is_digit(c)) {
			return false;
		}
	}
	return joins && letters * 4 >= (v.len - joins) * 3;
}

static bool is_path(struct span v)
{
	if (v.len > 1 && (v.at[0] == '/' || v.at[0] == '~') &&
	    (is_alpha(v.at[1]) || v.at[1] == '/' || v.at[1] == '.'))
		return memchr(v.at + 1, '/', v.len - 1) || v.at[0] == '~' ||
		       shape_of(v).digit == 0;
	return shape_starts(v, "./") || shape_starts(v, "../") ||
	       (v.len > 3 && is_alpha(v.at[0]) && v.at[1] == ':' &&
		(v.at[2] == '\\' || v.at[2] == '/'));
}

/* $name, %name%, @name@, :name, &name: something else stands there later. */
static bool is_reference(struct span v)
{
	if (v.len < 2 || !strchr("$%@:&*", v.at[0]))
		return false;
	for (size_t i = 1; i < v.len && !(v.at[0] == '$' && v.at[i] == ' '); i++)
		if (!is_alpha(v.at[i]) && v.at[i] != '_' && v.at[i] != '.' &&
		    !is_digit(v.at[i]))
			return false;
	/* "$ecret99!" is none, "$1" and "$pass" are. */
	return is_alpha(v.at[1]) || v.at[1] == '_' || v.len == 2;
}

static bool is_uuid(struct span v)
{
	if (v.len != 36)
		return false;
	for (size_t i = 0; i < v.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? v.at[i] != '-' : !is_hex_digit(v.at[i]))
			return false;
	}
	return true;
}

/* A version, a hexadecimal constant, a colour, a numbered item (T1134.001). */
static bool is_number(struct span v, const struct shape *shape)
{
	size_t i = v.at[0] == '#' ? 1 : 0;
	if (shape_starts(v, "0x"))
		i = 2;
	size_t hex = i;
	while (i && hex < v.len && is_hex_digit(v.at[hex]))
		hex++;
	if (i && hex == v.len)
		return true;
	for (i = 0; i < 2 && is_alpha(v.at[i]); i++)
		;
	for (hex = i; hex < v.len && (is_digit(v.at[hex]) || v.at[hex] == '.'); hex++)
		;
	return hex == v.len && shape->digit < v.len && shape->digit > 0 && v.len < 12;
}

static bool is_nothing(struct span v, const struct shape *shape)
{
	return v.len < 4 || shape_placeholder(v) || is_expression(v) || is_path(v) ||
	       is_reference(v) || is_uuid(v) || is_number(v, shape) ||
	       shape_equals_any(v, plain_words) || shape_has_any(v, code_marks) ||
	       shape->space * 6 > v.len || strchr(":?,([{", v.at[v.len - 1]) ||
	       (v.at[0] == '-' && v.len > 1 && v.at[1] == '-') || strchr("<>[({|", v.at[0]);
}

/* "password2", "value1": named after what it holds. */
static bool names_itself(struct span v)
{
	static const char *const words[] = {"passw", "passphrase", "secret", "token", NULL};
	static const char *const names[] = {
		"param", "string", "value", "buffer", "argument", "arg",  "key", "str", "foo",
		"bar",	 "buf",	   "data",  "line",   "test",	  "name", "var", NULL};
	struct shape shape = shape_of(v);
	struct span letters = v;
	while (letters.len && is_digit(letters.at[letters.len - 1]))
		letters.len--;
	return shape_equals_any(letters, names) ||
	       (shape_has_any(v, words) && shape.digit <= 1 && !shape.symbol);
}

static bool is_vowel(uint8_t c)
{
	return strchr("aeiouy", c | 32) != NULL;
}

/* Letters only: someName and SomeOtherName fall into words that can be spoken,
 * XqKzPbTv does not. Letters of one case show no sign of a machine's choice. */
static bool is_words(struct span v)
{
	size_t turns = 0, vowels = 0, bare = 0, low = 0;
	for (size_t i = 0; i < v.len; i++) {
		bool is_lower = v.at[i] & 32;
		bool turn = i && (v.at[i] & 32) != (v.at[i - 1] & 32);
		if (turn && !is_lower && low < 3)
			return false; /* no word has one or two letters */
		turns += turn;
		low = is_lower ? low + 1 : 0;
		vowels += is_vowel(v.at[i]);
		bare = is_vowel(v.at[i]) ? 0 : bare + 1;
		if (bare > 4 && turns > 1)
			return false;
	}
	return turns <= 1 || (turns * 3 <= v.len && vowels * 4 >= v.len);
}

/* A digit before a letter: no word and hardly an identifier has that. */
static bool is_mixed(struct span v)
{
	for (size_t i = 1; i < v.len; i++)
		if (is_digit(v.at[i - 1]) && is_alpha(v.at[i]))
			return true;
	return false;
}

/* No word of prose: mixed, or letters that nobody could say. */
static bool looks_random(struct span v)
{
	size_t letters = 0;
	while (letters < v.len && is_alpha(v.at[letters]))
		letters++;
	return is_mixed(v) || (letters + 3 >= v.len && !is_words((struct span){v.at, letters}));
}

/* ---- what stands round it ---- */

static bool is_comment(struct span line)
{
	size_t i = 0;
	while (i < line.len && (line.at[i] == ' ' || line.at[i] == '\t'))
		i++;
	struct span rest = {line.at + i, line.len - i};
	static const char *const marks[] = {
		"#",	";", "//",  "/*",   "* ",  "<!--", "-- ",  "%",	  ".\\\"", "dnl ",
		"rem ", ">", ".B ", ".BR ", ".I ", ".IR ", ".IP ", ".PP", ".RB ",  NULL};
	for (const char *const *mark = marks; *mark; mark++)
		if (shape_starts(rest, *mark))
			return true;
	return false;
}

static uint8_t byte_behind(const struct evidence *e)
{
	const uint8_t *at = e->secret.at + e->secret.len;
	return at < e->line.at + e->line.len ? *at : '\n';
}

static uint8_t byte_before(const struct evidence *e)
{
	return e->secret.at > e->line.at ? e->secret.at[-1] : '\n';
}

/* "; Database=app": the next part of a connection string. */
static bool is_next_setting(const struct evidence *e)
{
	const uint8_t *at = e->secret.at + e->secret.len + 1;
	const uint8_t *end = e->line.at + e->line.len;
	while (at < end && (is_alpha(*at) || *at == ' ' || *at == '_'))
		at++;
	return at < end && *at == '=';
}

/* A bare word that a call, a member or the end of a statement follows, or that
 * holds such marks itself. */
static bool is_code(const struct evidence *e)
{
	uint8_t behind = byte_behind(e), before = byte_before(e);
	bool quoted = before == '"' || before == '\'' || before == '`';
	if (quoted || is_mixed(e->secret))
		return false;
	for (size_t i = 0; i < e->secret.len; i++)
		if (strchr("()[]{};,+=", e->secret.at[i]))
			return true;
	if (behind == '>' && e->secret.at[e->secret.len - 1] == '-')
		return true; /* $object-> */
	return behind && strchr(";,)([.{}+", behind) && !is_next_setting(e);
}

/* More words follow on the line: "password: the one you chose". */
static bool is_prose(const struct evidence *e)
{
	const uint8_t *at = e->secret.at + e->secret.len;
	const uint8_t *end = e->line.at + e->line.len;
	size_t words = 0;
	for (; at + 1 < end; at++)
		words += *at == ' ' && is_alpha(at[1]);
	return words >= 2 && byte_behind(e) == ' ' && !looks_random(e->secret);
}

/* "PASS: name of a test" */
static bool is_test_result(const struct evidence *e)
{
	return e->match.len > 5 && !memcmp(e->match.at, "PASS:", 5);
}

/* The key as far as the match shows it, from its last word for a secret on. */
static bool is_about(const struct evidence *e)
{
	static const char *const words[] = {"pass", "pwd",  "secret",	  "token",
					    "key",  "auth", "credential", NULL};
	size_t len = e->secret.at > e->match.at ? (size_t)(e->secret.at - e->match.at) : 0;
	struct span key = {e->match.at, len};
	size_t start = len;
	for (size_t i = 0; i < len; i++)
		for (const char *const *word = words; *word; word++)
			if (shape_starts((struct span){key.at + i, len - i}, *word))
				start = i + strlen(*word);
	return shape_has_any((struct span){key.at + start, len - start}, about);
}

/* ---- the verdict ---- */

static enum confidence by_strength(struct span v, const struct shape *shape)
{
	if (!shape->digit && !shape->symbol)
		return is_words(v) ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
	if (names_itself(v) || is_joined_words(v))
		return CONFIDENCE_LOW;
	if (shape->digit == v.len)
		return v.len >= 6 && v.len <= 20 ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	if (v.len >= 12 && shape_classes(shape) >= 3 && shape->entropy >= 3.2)
		return CONFIDENCE_HIGH;
	return shape->digit || v.len >= 8 ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

bool password_judge(const struct evidence *e, struct verdict *ret)
{
	struct shape shape = shape_of(e->secret);
	if (is_nothing(e->secret, &shape) || is_about(e) || is_test_result(e))
		return false;
	enum confidence sure = by_strength(e->secret, &shape);
	if (is_comment(e->line) || is_code(e) || is_prose(e)) {
		if (sure == CONFIDENCE_LOW)
			return false;
		sure = sure == CONFIDENCE_HIGH ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	}
	ret->confidence = sure;
	return true;
}
