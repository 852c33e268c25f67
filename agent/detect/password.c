/* SPDX-License-Identifier: MIT */
/* What can not be a value at all is dropped, and so is what stands under a key that
 * speaks *about* a password. Of the rest the value's shape, its key and what stands
 * round it are noted. */
#include "detect/password.h"

#include <string.h>

#include "base/ascii.h"
#include "detect/jwt.h"
#include "detect/setting.h"
#include "detect/shape.h"
#include "detect/value.h"
#include "detect/words.h"

static uint8_t byte_behind(const struct evidence *e)
{
	const uint8_t *at = e->secret.at + e->secret.len;
	return at < e->line.at + e->line.len ? *at : '\n';
}

static uint8_t byte_before(const struct evidence *e)
{
	return e->secret.at > e->line.at ? e->secret.at[-1] : '\n';
}

static bool is_quote(uint8_t c)
{
	return c == '"' || c == '\'' || c == '`';
}

/* "; Database=app": the next part of a connection string. */
static bool is_next_setting(const struct evidence *e)
{
	const uint8_t *at = e->secret.at + e->secret.len + 1;
	const uint8_t *end = e->line.at + e->line.len;
	while (at < end && (ascii_is_letter(*at) || *at == ' ' || *at == '_'))
		at++;
	return at < end && *at == '=';
}

/* "SHA1M_A" */
static bool is_constant(struct span v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!(v.at[i] >= 'A' && v.at[i] <= 'Z') &&
		    !(v.at[i] >= '0' && v.at[i] <= '9') && v.at[i] != '_')
			return false;
	return ascii_is_letter(v.at[0]) && memchr(v.at, '_', v.len);
}

/* A bare word that a call, a member or the end of a statement follows, or that
 * holds such marks itself. */
static bool is_code(const struct evidence *e)
{
	uint8_t behind = byte_behind(e);
	if (is_quote(byte_before(e)))
		return false;
	if (behind == ';' && is_constant(e->secret))
		return true;
	if (value_is_mixed(e->secret))
		return false;
	for (size_t i = 0; i < e->secret.len; i++)
		if (strchr("()[]{};,+=", e->secret.at[i]))
			return true;
	if (behind == '>' && e->secret.at[e->secret.len - 1] == '-')
		return true; /* $object-> */
	return behind && strchr(";,)([.{}+", behind) && !is_next_setting(e);
}

/* "abc" + x, "abc".format(x), "abc" % x: only a part of the value. */
static bool is_operand(const struct evidence *e)
{
	const uint8_t *at = e->secret.at + e->secret.len + 1;
	const uint8_t *end = e->line.at + e->line.len;
	if (!is_quote(byte_before(e)) || byte_behind(e) != byte_before(e))
		return false;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	struct span rest = {at, at < end ? (size_t)(end - at) : 0};
	return rest.len > 1 && (*at == '+' || *at == '%' || shape_starts(rest, ".format(") ||
				shape_starts(rest, ".replace("));
}

/* set_password("user1", "..."): the first string of several in a call is who, not what. */
static bool is_first_argument(const struct evidence *e)
{
	const uint8_t *at = e->secret.at + e->secret.len + 1;
	const uint8_t *end = e->line.at + e->line.len;
	const uint8_t *before = e->secret.at - 2;
	if (!is_quote(byte_before(e)) || before <= e->line.at || *before != '(' ||
	    !ascii_is_letter(before[-1]) || at >= end || *at != ',')
		return false;
	do
		at++;
	while (at < end && *at == ' ');
	return at < end && is_quote(*at);
}

/* ---- in a URL ---- */

static bool is_in_url(const struct evidence *e)
{
	struct span key = {e->match.at, (size_t)(e->secret.at - e->match.at)};
	return e->secret.at > e->match.at && shape_has(key, "://") && byte_behind(e) == '@';
}

/* RFC 2606 keeps such names for examples, and manuals have their own. A name below one
 * of them may be somebody's own network. */
static bool is_example_host(const struct evidence *e)
{
	static const char *const examples[] = {
		"example.com", "example.net", "example.org", "domain.com", "hostname",
		"host",	       "domain",      "yourhost",    "myhost",	   NULL};
	const uint8_t *at = e->secret.at + e->secret.len + 1;
	const uint8_t *end = e->line.at + e->line.len;
	struct span host = {at, 0};
	if (!is_in_url(e) || words_random(e->secret))
		return false;
	while (at + host.len < end &&
	       (ascii_is_letter(at[host.len]) || at[host.len] == '.' || at[host.len] == '-'))
		host.len++;
	return shape_equals_any(host, examples);
}

/* ---- the rest of the line ---- */

/* More words follow on the line: "password: the one you chose". */
static bool is_prose(const struct evidence *e)
{
	const uint8_t *at = e->secret.at + e->secret.len;
	const uint8_t *end = e->line.at + e->line.len;
	size_t words = 0;
	for (; at + 1 < end; at++)
		words += *at == ' ' && ascii_is_letter(at[1]);
	return words >= 2 && byte_behind(e) == ' ' && !value_is_mixed(e->secret) &&
	       !words_random(e->secret);
}

/* "PASS: name of a test" */
static bool is_test_result(const struct evidence *e)
{
	return e->match.len > 5 && !memcmp(e->match.at, "PASS:", 5);
}

static uint64_t surroundings(const struct evidence *e)
{
	const struct {
		bool is;
		enum reason reason;
	} tests[] = {
		{is_quote(byte_before(e)), REASON_QUOTED},
		{setting_is_bare(e), REASON_BARE},
		{setting_in_comment(e), REASON_COMMENT},
		{is_code(e), REASON_CODE},
		{is_operand(e) || is_first_argument(e), REASON_BEHIND_CALL},
		{is_prose(e), REASON_PROSE},
		{is_example_host(e), REASON_SAMPLE},
		{setting_repeats_key(e), REASON_NAMES_ITSELF},
		{setting_has_user(e), REASON_USER_BESIDE},
	};
	uint64_t found = 0;
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		if (tests[i].is)
			found |= REASON_BIT(tests[i].reason);
	return found;
}

/* What only a password may be: a short number, and words of a grammar or a module. */
static uint64_t of_token(const struct evidence *e, uint64_t because, bool *ret_number)
{
	bool named = because & REASON_BIT(REASON_KEY_SECRET), join = false;
	struct span v = e->secret, key = {e->match.at, (size_t)(v.at - e->match.at)};
	*ret_number = named && because & REASON_BIT(REASON_DIGITS) && v.len < 10 &&
		      shape_has(key, "token");
	for (size_t i = 0; i < v.len; i++) {
		bool joins = v.at[i] == '.' || v.at[i] == '-' || v.at[i] == '_' ||
			     v.at[i] == ':';
		join |= joins;
		if (!joins && !(v.at[i] >= 'a' && v.at[i] <= 'z'))
			return 0;
	}
	return named && join ? REASON_BIT(REASON_JOINED_WORDS) : 0;
}

/* Set where a person is to sign in: ADMIN_PASSWORD=admin. In other settings these words name
 * an account or a kind of thing. */
static bool is_default(const struct evidence *e)
{
	static const char *const defaults[] = {"admin", "root", NULL};
	return shape_equals_any(e->secret, defaults) && setting_ends_in_password(e);
}

static bool judge_default(const struct evidence *e, struct verdict *ret)
{
	if (setting_is_about(e))
		return judge_drop(ret, REASON_ABOUT);
	ret->because |= REASON_BIT(REASON_GUESSABLE) | setting_key_reasons(e) |
			(surroundings(e) & ~REASON_BIT(REASON_USER_BESIDE));
	return true;
}

bool password_judge(const struct evidence *e, struct verdict *ret)
{
	bool number;
	if (is_default(e))
		return judge_default(e, ret);
	if (value_is_uuid(e->secret) && !setting_is_of_secret(e))
		return judge_drop(ret, REASON_UUID);
	if (value_is_none(e->secret, is_quote(byte_before(e)), &ret->dropped))
		return false;
	if (setting_is_about(e))
		return judge_drop(ret, REASON_ABOUT);
	if (is_test_result(e))
		return judge_drop(ret, REASON_TEST_RESULT);
	if (jwt_is_example(e->secret))
		return judge_drop(ret, REASON_PLACEHOLDER);
	ret->because |= value_reasons(e->secret) | setting_key_reasons(e) | surroundings(e);
	ret->because |= of_token(e, ret->because, &number);
	return !number || judge_drop(ret, REASON_NUMBER);
}
