/* SPDX-License-Identifier: MIT */
#include "detect/value.h"

#include <string.h>

#include "base/ascii.h"
#include "detect/reference.h"
#include "detect/shape.h"
#include "detect/words.h"

/* Values that name a kind of thing, a state or a method. */
static const char *const plain_words[] = {
	"true",		 "false",	  "yes",	 "no",		"on",
	"off",		 "none",	  "null",	 "nil",		"nul",
	"undefined",	 "void",	  "string",	 "str",		"text",
	"int",		 "integer",	  "bool",	 "boolean",	"bytes",
	"byte",		 "char",	  "object",	 "any",		"optional",
	"required",	 "requisite",	  "sufficient",	 "include",	"substack",
	"enabled",	 "disabled",	  "enable",	 "disable",	"default",
	"prompt",	 "ask",		  "interactive", "always",	"never",
	"password",	 "passwd",	  "passphrase",	 "pass",	"secret",
	"token",	 "key",		  "user",	 "username",	"login",
	"root",		 "admin",	  "files",	 "compat",	"systemd",
	"sss",		 "ldap",	  "nis",	 "db",		"auto",
	"unknown",	 "empty",	  "blank",	 "plain",	"plaintext",
	"cleartext",	 "crypt",	  "hash",	 "hashed",	"sha1",
	"sha224",	 "sha256",	  "sha384",	 "sha512",	"md5",
	"md4",		 "blake2b",	  "bcrypt",	 "scrypt",	"argon2",
	"argon2i",	 "argon2id",	  "pbkdf2",	 "pkcs8",	"pkcs12",
	"base64",	 "base32",	  "utf8",	 "utf-8",	"latin1",
	"aes128",	 "aes256",	  "x509",	 "ntlm",	"ntlmv2",
	"kerberos",	 "gssapi",	  "oauth2",	 "http2",	"sasl",
	"self",		 "this",	  "value",	 "argv",	"stdin",
	"env",		 "file",	  "keyring",	 "memory",	"session",
	"master",	 "service",	  "server",	 "client",	"local",
	"public",	 "private",	  "static",	 "const",	"var",
	"let",		 "new",		  "return",	 "data",	"info",
	"test",		 "tests",	  "mixed",	 "function",	"callable",
	"pbkdf2_sha256", "bcrypt_sha256", "aes-256-cbc", "aes-128-cbc", "aes-256-gcm",
	"scram-sha-256", "scram-sha-1",	  "ed25519",	 "amd64",	"arm64",
	"i386",		 "i686",	  "x86_64",	 "armhf",	"armel",
	"ppc64el",	 "riscv64",	  "s390x",	 "mips64el",	NULL};

/* Bytes that values of real passwords hold rarely and code, patterns and
 * format strings hold nearly always. */
static const char *const code_marks[] = {
	"://",	       "->",   "::",	  "=>",	 "==",	"!=",	"&&",  "||",	     "\\n",
	"\\w",	       "\\s",  "\\d",	  "\\f", "\\-", "\\(",	"\\e", ".*",	     ".+",
	"[^",	       "(?",   "%s",	  "%d",	 "%u",	"%v",	"%r",  "%q",	     "&lt;",
	"&quot;",      "&#",   "\\\"",	  "\\u", "\\x", "/>",	"</",  "os.environ", "getenv",
	"process.env", "..0x", "params[", ",}",	 "{8,", "{24,", NULL};

/* What programs take members of. */
static const char *const objects[] = {"config.",  "self.",    "this.",	  "settings.",
				      "args.",	  "vars.",    "secrets.", "data.",
				      "request.", "options.", "opts.",	  NULL};

static bool is_hex_digit(uint8_t c)
{
	return ascii_is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static int hex_value(uint8_t c)
{
	return ascii_is_digit(c) ? c - '0' : (c | 32) - 'a' + 10;
}

/* ---- what can not be a value ---- */

bool value_is_uuid(struct span v)
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

/* "10.0.22-19-amd64", "^4.21.3" */
static bool is_version(struct span v)
{
	while (v.len && strchr("^~<>=v ", *v.at) && *v.at) {
		v.at++;
		v.len--;
	}
	size_t dots = 0, digits = 0;
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.at[i];
		dots += c == '.';
		digits += ascii_is_digit(c);
		if (!ascii_is_digit(c) && c != '.' && dots < 2)
			return false;
		if (!ascii_is_digit(c) && !ascii_is_letter(c) && (!c || !strchr(".-+~_", c)))
			return false;
	}
	return dots >= 2 && digits > 2 && v.len < 32;
}

/* An address of a host, an object identifier. */
static bool is_dotted_number(struct span v)
{
	size_t dots = 0;
	for (size_t i = 0; i < v.len; i++) {
		dots += v.at[i] == '.';
		if (v.at[i] != '.' && !ascii_is_digit(v.at[i]))
			return false;
	}
	return dots >= 3;
}

/* "2015-05-01", with a time or without. */
static bool is_date(struct span v)
{
	for (size_t i = 0; i < 10; i++)
		if (v.len < 10 ||
		    (i == 4 || i == 7 ? v.at[i] != '-' : !ascii_is_digit(v.at[i])))
			return false;
	return v.len == 10 || ((v.at[10] == 'T' || v.at[10] == ' ') && v.len < 36);
}

/* "000102030405", "00112233": what counts up was not drawn. */
static bool counts_up(struct span v)
{
	size_t steps = 0, pairs = v.len / 2;
	int before = 0;
	for (size_t i = 0; i < pairs; i++) {
		if (!is_hex_digit(v.at[2 * i]) || !is_hex_digit(v.at[2 * i + 1]))
			return false;
		int now = hex_value(v.at[2 * i]) * 16 + hex_value(v.at[2 * i + 1]);
		int step = i ? now - before : 0;
		steps += step == 1 || step == -1 || step == 0x11;
		before = now;
	}
	return v.len % 2 == 0 && pairs >= 8 && steps * 4 >= (pairs - 1) * 3;
}

/* A version, a hexadecimal constant, a colour, a numbered item (T1134.001). Letters and digits
 * without a dot may be a password: initials and a birthday. */
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
	for (i = 0; i < 2 && ascii_is_letter(v.at[i]); i++)
		;
	for (hex = i; hex < v.len && (ascii_is_digit(v.at[hex]) || v.at[hex] == '.'); hex++)
		;
	return hex == v.len && hex > i + shape->digit && shape->digit > 0 && v.len < 12;
}

/* Subresource integrity, container images, lock files: "sha512-...", "sha256:...". */
static bool is_digest(struct span v)
{
	static const char *const forms[] = {"sha1-", "sha256-", "sha384-", "sha512-",
					    "sha1:", "sha256:", "sha384:", "sha512:",
					    "md5:",  "h1:",	NULL};
	for (const char *const *form = forms; *form; form++)
		if (shape_starts(v, *form))
			return true;
	return shape_starts(v, "ssh-rsa ") || shape_starts(v, "ssh-ed25519 ");
}

/* What even noise does not hold: a URL, a variable put into a string, a class of
 * characters in a pattern. */
static bool has_foreign_part(struct span v)
{
	static const char *const parts[] = {
		"://", "$pass", "$secret", "$token", "$key", "0-9]", "0-9_", "a-z",   "[^",
		"(?:", "(?=",	"(?!",	   "\\d+",   "\\d{", "\\w+", "\\s*", "/etc/", NULL};
	return shape_has_any(v, parts);
}

/* "data.x", "f(data.x", "appData.x", but not "mydata.x" */
static bool begins_name(struct span v, size_t at)
{
	uint8_t before = at ? v.at[at - 1] : ' ';
	bool capital = v.at[at] >= 'A' && v.at[at] <= 'Z';
	return !(ascii_is_letter(before) || ascii_is_digit(before)) ||
	       (capital && before >= 'a');
}

static bool has_member(struct span v)
{
	for (size_t i = 0; i < v.len; i++)
		for (const char *const *object = objects; *object; object++)
			if (shape_starts((struct span){v.at + i, v.len - i}, *object) &&
			    begins_name(v, i))
				return true;
	return false;
}

/* Padding of base64 is no operator. */
static bool has_marks(struct span v)
{
	while (v.len > 8 && v.at[v.len - 1] == '=')
		v.len--;
	return shape_has_any(v, code_marks);
}

/* "Password:", "Really?", "--prompt" */
static bool is_cut_off(struct span v, const struct shape *shape, bool quoted)
{
	uint8_t last = v.at[v.len - 1];
	if (strchr(":?,([{", last))
		return (!quoted && last != '?') || shape->space || !shape->digit || v.len < 8;
	return strchr("<>[({|", v.at[0]) || (v.len > 1 && v.at[0] == '-' && v.at[1] == '-');
}

/* What kubeseal made for a cluster's own key: two bytes of length, then noise. */
static bool is_sealed(struct span v)
{
	return v.len >= 300 && (shape_starts(v, "AgA") || shape_starts(v, "AgB"));
}

/* Base64 may begin with a slash, and what is drawn from all characters holds any mark. A name
 * of capitals is short of vowels, too, so a short value has to mix all kinds. */
static bool is_drawn(struct span v, const struct shape *shape)
{
	size_t least = shape_classes(shape) >= 4 ? 8 : 16;
	return v.len >= least && !shape->space && words_random(v) && !words_within(v);
}

/* Nobody filled it in. Among all characters a random value may hold what opens a field, but
 * hardly a whole one. */
static bool is_unfilled(struct span v, const struct shape *shape, bool drawn)
{
	return (drawn ? shape_filler(v) || shape_field(v) : shape_placeholder(v)) ||
	       (v.len > 12 && shape_sequence(v)) || counts_up(v) ||
	       shape->symbol + shape->space == v.len;
}

bool value_is_none(struct span v, bool quoted, enum reason *ret)
{
	struct shape shape = shape_of(v);
	enum { LONG = 16 }; /* short names of folders look drawn, too */
	bool drawn = is_drawn(v, &shape);
	const struct {
		bool is;
		enum reason reason;
	} tests[] = {
		{v.len < 4, REASON_TOO_SHORT},
		{is_unfilled(v, &shape, drawn), REASON_PLACEHOLDER},
		{reference_is_expression(v, quoted, drawn), REASON_EXPRESSION},
		{reference_is_path(v) && !(drawn && v.len >= LONG), REASON_PATH},
		{is_sealed(v), REASON_DIGEST},
		{reference_is(v, quoted), REASON_REFERENCE},
		{is_digest(v), REASON_DIGEST},
		{is_number(v, &shape) || is_version(v) || is_date(v) || is_dotted_number(v),
		 REASON_NUMBER},
		{shape_equals_any(v, plain_words), REASON_PLAIN_WORD},
		{has_foreign_part(v) || has_member(v) ||
			 (!drawn && (has_marks(v) || is_cut_off(v, &shape, quoted))),
		 REASON_MARKUP},
		{shape.space * 6 > v.len, REASON_SENTENCE},
	};
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
		if (tests[i].is) {
			*ret = tests[i].reason;
			return true;
		}
	}
	return false;
}

/* ---- what its shape says ---- */

/* What a person without an account gives: "anonymous@example.com". */
static bool is_mail_address(struct span v)
{
	const uint8_t *at = memchr(v.at, '@', v.len);
	size_t end = v.len;
	while (end && ascii_is_letter(v.at[end - 1]))
		end--;
	for (size_t i = 0; i < v.len; i++)
		if (!ascii_is_letter(v.at[i]) && v.at[i] != '.' && v.at + i != at)
			return false;
	return at && at > v.at && end && v.at[end - 1] == '.' && v.at + end > at + 2 &&
	       v.len - end >= 2 && v.len - end <= 4;
}

/* Words joined by one of -_.:/ as in some_name, kebab-case, module.member, a/b, on|off;
 * digits may end a word but not stand within it, except in a long dotted name. */
static bool is_joined_words(struct span v)
{
	size_t joins = 0, dots = 0, letters = 0, digits = 0, inner = 0;
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.at[i];
		letters += ascii_is_letter(c);
		digits += ascii_is_digit(c);
		inner += i && ascii_is_letter(c) && ascii_is_digit(v.at[i - 1]);
		if (i && v.at[i - 1] == '\\' && c != '\\' && !(c >= 'A' && c <= 'Z'))
			return false; /* names of classes begin with a capital */
		if (c && strchr("_-.:/|\\", c)) {
			joins++;
			dots += c == '.';
		} else if (!ascii_is_letter(c) && !ascii_is_digit(c)) {
			return false;
		}
	}
	return joins && letters * 4 >= (v.len - joins) * 3 &&
	       (!inner || (dots > 1 && digits <= 2)) && words_joined(v);
}

/* "password2", "value1", "my_secret", "default/app-token-x4k2p": named after what it
 * holds. */
static bool names_itself(struct span v)
{
	static const char *const words[] = {"passw",  "passphrase", "secret",  "token",
					    "apikey", "api_key",    "api-key", NULL};
	static const char *const names[] = {
		"param", "string", "value", "buffer", "argument", "arg",  "key", "str", "foo",
		"bar",	 "buf",	   "data",  "line",   "test",	  "name", "var", NULL};
	static const char *const inner[] = {"-token-", "-secret-", NULL};
	struct shape shape = shape_of(v);
	struct span letters = v;
	size_t joins = 0;
	for (size_t i = 0; i < v.len; i++)
		joins += v.at[i] == '_' || v.at[i] == '-' || v.at[i] == '.' || v.at[i] == '/';
	while (letters.len && ascii_is_digit(letters.at[letters.len - 1]))
		letters.len--;
	if (shape_equals_any(letters, names) || shape_has_any(v, inner))
		return true;
	return shape_has_any(v, words) && shape.digit <= 1 && shape.symbol == joins &&
	       words_within(v);
}

/* "mysecretpassword1": who sets this means it, though the word is all there is to it. */
static bool is_guessable(struct span v, const struct shape *shape)
{
	return v.len >= 14 && shape->digit == 1 && shape->lower + 1 == v.len &&
	       ascii_is_digit(v.at[v.len - 1]) && shape_has(v, "pass") && words_within(v);
}

/* Of the lengths that keys and digests have. */
static bool is_hex(struct span v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!is_hex_digit(v.at[i]))
			return false;
	return v.len >= 32 && v.len % 8 == 0;
}

/* Who mixes all four kinds of characters does as a policy asks, though the words be such. */
static bool is_sample(struct span v, const struct shape *shape)
{
	static const char *const always[] = {"sample",	"demo",	     "fake",	  "mock",
					     "dummy",	"foobar",    "lorem",	  "wrong",
					     "invalid", "topsecret", "anonymous", NULL};
	static const char *const weak[] = {"test",    "default",  "temp",	 "whatever",
					   "12345",   "54321",	  "thepassword", "anything",
					   "abcd",    "abc123",	  "123abc",	 "secret123",
					   "pass123", "pass1234", "password1",	 NULL};
	/* Random letters hold such a word by chance when they are many. */
	return v.len <= 24 && (shape_has_any(v, always) ||
			       (shape_classes(shape) < 4 && shape_has_any(v, weak)));
}

/* But those of "$1", "%2" and "{0}", where something is put in. */
static size_t own_digits(struct span v)
{
	size_t digits = 0;
	for (size_t i = 0; i < v.len; i++)
		digits += ascii_is_digit(v.at[i]) && !(i && strchr("$%{", v.at[i - 1]));
	return digits;
}

/* "Mot de passe", "is too short (minimum is 8)", and what is not of ASCII without a digit
 * in it. */
static bool is_sentence(struct span v, const struct shape *shape)
{
	static const char *const words[] = {" is ", " to ", " the ", " a ",    " be ", " must ",
					    " or ", " (",   " and ", " your ", "is ",  NULL};
	return (shape->high || shape->space) &&
	       (!own_digits(v) || (shape->space > 1 && shape_has_any(v, words)));
}

static bool is_strong(struct span v, const struct shape *shape)
{
	return v.len >= 12 && shape_classes(shape) >= 3 && shape->entropy >= 3.2;
}

static uint64_t of_sentence(struct span v)
{
	return REASON_BIT(REASON_SENTENCE) |
	       (names_itself(v) ? REASON_BIT(REASON_NAMES_ITSELF) : 0);
}

static uint64_t of_letters(struct span v, const struct shape *shape)
{
	if (names_itself(v))
		return REASON_BIT(REASON_NAMES_ITSELF);
	uint64_t found = words_are(v) ? REASON_BIT(REASON_WORD) : REASON_BIT(REASON_RANDOM);
	if (!shape->lower || !shape->upper)
		found |= REASON_BIT(REASON_ONE_CASE);
	if (found & REASON_BIT(REASON_WORD) && words_identifier(v))
		found |= REASON_BIT(REASON_IDENTIFIER);
	return found;
}

static uint64_t of_mixture(struct span v, const struct shape *shape)
{
	uint64_t found = 0;
	if (names_itself(v))
		return REASON_BIT(REASON_NAMES_ITSELF);
	if (is_joined_words(v) || is_mail_address(v))
		return REASON_BIT(REASON_JOINED_WORDS);
	if (shape->digit == v.len)
		return REASON_BIT(REASON_DIGITS);
	if (words_identifier(v))
		return REASON_BIT(REASON_IDENTIFIER);
	if (is_strong(v, shape))
		found |= REASON_BIT(REASON_STRONG);
	if (words_random(v))
		found |= REASON_BIT(REASON_RANDOM);
	if (shape->digit && shape->symbol && (shape->lower || shape->upper))
		found |= REASON_BIT(REASON_SYMBOLS);
	return found;
}

uint64_t value_reasons(struct span v)
{
	struct shape shape = shape_of(v);
	if (value_is_uuid(v))
		return REASON_BIT(REASON_UUID);
	if (is_guessable(v, &shape))
		return REASON_BIT(REASON_GUESSABLE);
	bool letters = shape.lower + shape.upper == v.len;
	uint64_t found = is_sentence(v, &shape) ? of_sentence(v)
			 : letters		? of_letters(v, &shape)
						: of_mixture(v, &shape);
	const struct {
		bool is;
		enum reason reason;
	} tests[] = {
		{words_common_password(v), REASON_COMMON_PASSWORD},
		{is_hex(v), REASON_HEX},
		{v.len < 6 || (v.len < 8 && !shape.digit), REASON_SHORT},
		{is_sample(v, &shape), REASON_SAMPLE},
	};
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		if (tests[i].is)
			found |= REASON_BIT(tests[i].reason);
	return found;
}

bool value_is_mixed(struct span v)
{
	for (size_t i = 1; i < v.len; i++)
		if (ascii_is_digit(v.at[i - 1]) && ascii_is_letter(v.at[i]))
			return true;
	return false;
}
