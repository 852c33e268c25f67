/* SPDX-License-Identifier: MIT */
#include "detect/reference.h"

#include <string.h>

#include "base/ascii.h"
#include "detect/shape.h"
#include "detect/words.h"

static bool is_name(uint8_t c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '_';
}

/* ---- expressions ---- */

/* An identifier, with members, indices or a call: `self.pw`, `cfg[x]`, `get()`. In quotes
 * it has to end as one: "Crystal(ball" is none. */
static bool is_call(struct span v, bool quoted)
{
	size_t i = 0;
	if (quoted && v.len > 4 && v.at[0] == '+' &&
	    ascii_is_letter(v.at[1])) { /* "&user="+f(x */
		v.at++;
		v.len--;
		quoted = false;
	}
	while (i < v.len && (is_name(v.at[i]) || (v.at[i] && strchr(".$:", v.at[i]))))
		i++;
	if (!i || i == v.len || (v.at[i] != '(' && v.at[i] != '['))
		return false;
	return !quoted || v.at[v.len - 1] == ')' || v.at[v.len - 1] == ']';
}

/* What picks members out of an answer, as JMESPath does: "Jobs[-1].JobId", "Items[].Token". */
static bool is_query(struct span v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!is_name(v.at[i]) && (!v.at[i] || !strchr(".[]-*", v.at[i])))
			return false;
	return ascii_is_letter(v.at[0]) && shape_has(v, "].");
}

static bool joins_strings(uint8_t c)
{
	return c == '+' || c == '.' || c == '&';
}

/* Between two strings: " + name + ", '.$name.' */
static bool is_between(struct span v)
{
	struct span inner = v;
	uint8_t first = v.at[0], last = v.at[v.len - 1];
	bool other = (first == '"' || first == '\'') && last == first;
	if (v.len < 5 || (!other && !(first == ' ' && (last == ' ' || joins_strings(last)))))
		return false;
	do {
		inner.at++;
		inner.len--;
	} while (inner.len > 2 && *inner.at == ' ');
	inner.len -= other;
	while (inner.len > 2 && inner.at[inner.len - 1] == ' ')
		inner.len--;
	return joins_strings(*inner.at) && joins_strings(inner.at[inner.len - 1]);
}

bool reference_is_expression(struct span v, bool quoted, bool drawn)
{
	return (!drawn && is_call(v, quoted)) || (quoted && (is_query(v) || is_between(v)));
}

/* ---- paths ---- */

/* "text/index.html#part", "server.key": a file by its name. */
static bool is_file(struct span v)
{
	static const char *const endings[] = {".html", ".htm", ".json", ".yaml", ".yml", ".xml",
					      ".txt",  ".php", ".conf", ".pem",	 ".key", ".crt",
					      ".cer",  ".p12", ".pfx",	".jks",	 NULL};
	const uint8_t *hash = memchr(v.at, '#', v.len);
	size_t joins = 0;
	if (hash)
		v.len = (size_t)(hash - v.at);
	for (size_t i = 0; i < v.len; i++) {
		joins += v.at[i] == '/' || v.at[i] == '.';
		if (!is_name(v.at[i]) && v.at[i] != '-' && v.at[i] != '.' && v.at[i] != '/')
			return false;
	}
	for (const char *const *end = endings; *end && joins; end++)
		if (v.len > strlen(*end) && shape_ends(v, *end))
			return true;
	return false;
}

bool reference_is_path(struct span v)
{
	if (v.len > 1 && (v.at[0] == '/' || v.at[0] == '~') &&
	    (ascii_is_letter(v.at[1]) || v.at[1] == '/' || v.at[1] == '.'))
		return memchr(v.at + 1, '/', v.len - 1) || shape_of(v).digit == 0;
	return shape_starts(v, "./") || shape_starts(v, "../") || is_file(v) ||
	       (v.len > 3 && ascii_is_letter(v.at[0]) && v.at[1] == ':' &&
		(v.at[2] == '\\' || v.at[2] == '/'));
}

/* ---- references ---- */

/* Where a program or its keeper has the value: "vault:secret/data/app", "env:TOKEN"; or it is
 * sealed, as SOPS writes "ENC[AES256_GCM,". */
static bool has_scheme(struct span v)
{
	static const char *const schemes[] = {
		"vault:", "arn:",     "ssm:",  "env:", "file:",
		"kms:",	  "keyring:", "sops:", "gcp:", "secretsmanager:",
		"enc[",	  NULL};
	for (const char *const *scheme = schemes; *scheme; scheme++)
		if (shape_starts(v, *scheme))
			return true;
	return false;
}

/* The id of a key with date, region and service, in a signed request: "Signature Version
 * 4" in the manual of AWS IAM, "Signatures" in that of Google Cloud Storage. */
static bool is_key_scope(struct span v)
{
	return shape_ends(v, "/aws4_request") || shape_ends(v, "%2Faws4_request") ||
	       shape_ends(v, "/goog4_request") || shape_ends(v, "%2Fgoog4_request");
}

/* YAML's "!vault |", "!Ref name" */
static bool is_tag(struct span v)
{
	size_t i = 1;
	while (i < v.len && (ascii_is_letter(v.at[i]) || v.at[i] == ':'))
		i++;
	return v.at[0] == '!' && i > 3 && (i == v.len || v.at[i] == ' ');
}

/* "$db_password$" of Icinga, "%1$s" of printf, "%{User-Password}" and "&User-Password" of
 * FreeRADIUS, the
 * "#login_password" of a style sheet. */
static bool is_macro(struct span v, bool quoted)
{
	size_t joins = 0, other = 0;
	if (v.len > 4 && v.at[0] == '$' && v.at[v.len - 1] == '$')
		v.len--;
	else if (v.at[0] == '%' &&
		 (v.at[1] == '{' || (ascii_is_digit(v.at[1]) && v.len > 2 && v.at[2] == '$')))
		return true;
	else if (!quoted ? v.at[0] != '&' : v.at[0] != '#')
		return false;
	for (size_t i = 1; i < v.len; i++) {
		bool join = v.at[i] == '_' || v.at[i] == '-' || v.at[i] == '.' ||
			    (v.at[i] == ':' && v.at[0] == '&');
		joins += join;
		other += !join && !is_name(v.at[i]);
	}
	return ascii_is_letter(v.at[1]) && !other && (joins || v.at[0] == '$');
}

/* "level-$authenticationLevel", "$name:$email:user" */
static bool has_variables(struct span v)
{
	unsigned met = 0;
	for (size_t i = 0; i + 1 < v.len; i++) {
		struct span name = {v.at + i + 1, 0};
		if (v.at[i] != '$' || !ascii_is_letter(*name.at) || (i && v.at[i - 1] == '$'))
			continue;
		while (i + 1 + name.len < v.len &&
		       (ascii_is_letter(name.at[name.len]) || name.at[name.len] == '_'))
			name.len++;
		if (name.len >= 8 && (memchr(name.at, '_', name.len) || words_identifier(name)))
			return true;
		met += name.len >= 4;
	}
	return met >= 2 && v.at[0] == '$';
}

/* $name, %name%, @name@, :name, &name: something else stands there later. In quotes a
 * password may begin with one of them. */
static bool is_variable(struct span v, bool quoted)
{
	if (!v.at[0] || !strchr("$%@:&*", v.at[0]))
		return false;
	for (size_t i = 1; i < v.len && !(v.at[0] == '$' && v.at[i] == ' '); i++)
		if (!is_name(v.at[i]) && v.at[i] != '.')
			return false;
	if (quoted && strchr("@&*", v.at[0]) && shape_of(v).digit)
		return false;
	/* "$ecret99!" is none, "$1" and "$pass" are. */
	return ascii_is_letter(v.at[1]) || v.at[1] == '_' || v.len == 2;
}

bool reference_is(struct span v, bool quoted)
{
	if (has_scheme(v) || is_key_scope(v) || (!quoted && (is_tag(v) || v.at[0] == '`')))
		return true;
	return v.len >= 2 &&
	       (is_variable(v, quoted) || is_macro(v, quoted) || has_variables(v));
}
