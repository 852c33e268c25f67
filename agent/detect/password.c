/* SPDX-License-Identifier: MIT */
/* What can not be a value at all is dropped, and so is what stands under a key that
 * speaks *about* a password. Of the rest the value's shape, its key and what stands
 * round it are noted. */
#include "detect/password.h"

#include <string.h>

#include "base/ascii.h"
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

/* A bare word that a call, a member or the end of a statement follows, or that
 * holds such marks itself. */
static bool is_code(const struct evidence *e)
{
	uint8_t behind = byte_behind(e);
	if (is_quote(byte_before(e)) || value_is_mixed(e->secret))
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
		{is_quote(byte_before(e)), REASON_QUOTED}, {setting_is_bare(e), REASON_BARE},
		{setting_in_comment(e), REASON_COMMENT},   {is_code(e), REASON_CODE},
		{is_operand(e), REASON_BEHIND_CALL},	   {is_prose(e), REASON_PROSE},
		{setting_has_user(e), REASON_USER_BESIDE},
	};
	uint64_t found = 0;
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		if (tests[i].is)
			found |= REASON_BIT(tests[i].reason);
	return found;
}

bool password_judge(const struct evidence *e, struct verdict *ret)
{
	if (value_is_none(e->secret, is_quote(byte_before(e)), &ret->dropped))
		return false;
	if (setting_is_about(e))
		return judge_drop(ret, REASON_ABOUT);
	if (is_test_result(e))
		return judge_drop(ret, REASON_TEST_RESULT);
	ret->because |= value_reasons(e->secret) | setting_key_reasons(e) | surroundings(e);
	return true;
}
