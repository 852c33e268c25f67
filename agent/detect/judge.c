/* SPDX-License-Identifier: MIT */
#include "detect/judge.h"

#include <string.h>

#include "detect/jwt.h"
#include "detect/keys.h"
#include "detect/password.h"
#include "detect/published.h"
#include "detect/shape.h"
#include "detect/value.h"
#include "model/redaction.h"

/* A string of fixed shape that a machine drew at random. */
static bool judge_token(const struct evidence *e, struct verdict *ret)
{
	struct shape shape = shape_of(e->secret);
	if (shape_placeholder(e->secret))
		return judge_drop(ret, REASON_PLACEHOLDER);
	if (shape_sequence(e->secret) || (e->secret.len < 20 && !shape.digit && !shape.upper))
		return judge_drop(ret, REASON_DULL);
	/* 16 random digits of base 16 hold some 3 bits each, words and counters
	 * less; short tokens can not reach more than log2 of their length. */
	double least = e->secret.len >= 32   ? 3.0
		       : e->secret.len >= 16 ? 2.6
		       : e->secret.len >= 8  ? 1.8
					     : 1.5;
	return shape.entropy >= least || judge_drop(ret, REASON_DULL);
}

/* ---- GitHub: the last six characters are a checksum ---- */

static uint32_t crc32_of(struct span span)
{
	uint32_t crc = ~0u;
	for (size_t i = 0; i < span.len; i++) {
		crc ^= span.at[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static bool base62_holds(const uint8_t digits[6], uint32_t value)
{
	static const char alphabet[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	for (size_t i = 6; i-- > 0; value /= 62)
		if (digits[i] != (uint8_t)alphabet[value % 62])
			return false;
	return true;
}

static bool judge_github(const struct evidence *e, struct verdict *ret)
{
	struct span token = e->secret;
	/* github_pat_ tokens carry another checksum whose rule is not published. */
	if (shape_starts(token, "github_pat_"))
		return judge_token(e, ret);
	while (token.len && memchr(token.at, '_', token.len)) {
		token.at++;
		token.len--;
	}
	if (token.len <= 6)
		return judge_drop(ret, REASON_TOO_SHORT);
	struct span body = {token.at, token.len - 6};
	if (base62_holds(token.at + body.len, crc32_of(body))) {
		ret->seen |= SEEN_CHECKSUM;
		ret->because |= REASON_BIT(REASON_CHECKSUM);
		return true;
	}
	/* A typing error breaks the checksum, too, and the form alone is rare. */
	ret->because |= REASON_BIT(REASON_NO_CHECKSUM);
	return judge_token(e, ret);
}

/* ---- JWT ---- */

static bool judge_jwt(const struct evidence *e, struct verdict *ret)
{
	if (!jwt_is(e->secret))
		return judge_drop(ret, REASON_OTHER_FORM);
	if (jwt_is_example(e->secret))
		return judge_drop(ret, REASON_PLACEHOLDER);
	ret->because |= REASON_BIT(REASON_PARSED);
	return true;
}

/* ---- Authorization: Basic (RFC 7617) ---- */

static bool is_text(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] < ' ' || at[i] > '~')
			return false;
	return len > 0;
}

/* What follows the colon is judged as what it is, a password. */
static bool judge_authorization(const struct evidence *e, struct verdict *ret)
{
	uint8_t pair[512];
	struct span scheme = {e->match.at, (size_t)(e->secret.at - e->match.at)};
	size_t len = shape_has(scheme, "basic") ? shape_base64(e->secret, pair, sizeof pair)
						: 0;
	uint8_t *colon = len ? memchr(pair, ':', len) : NULL;
	bool good = true;
	if (colon && is_text(pair, len)) {
		struct span password = {colon + 1, len - (size_t)(colon + 1 - pair)};
		good = !value_is_none(password, true, &ret->dropped);
		ret->because |= good ? value_reasons(password) | REASON_BIT(REASON_PARSED) : 0;
	} else {
		good = jwt_is_example(e->secret) ? judge_drop(ret, REASON_PLACEHOLDER)
						 : judge_token(e, ret);
	}
	mem_wipe(pair, sizeof pair);
	return good;
}

/* ---- password hashes of crypt(3), htpasswd and LDAP ---- */

static const struct {
	const char *prefix;
	size_t least; /* characters of the whole */
} hash_forms[] = {
	{"$6$", 90},	    {"$5$", 47},     {"$y$", 50},    {"$gy$", 50},   {"$7$", 50},
	{"$2a$", 60},	    {"$2b$", 60},    {"$2x$", 60},   {"$2y$", 60},   {"$argon2", 40},
	{"$scrypt$", 40},   {"$pbkdf2", 40}, {"$1$", 26},    {"$apr1$", 30}, {"{SSHA", 30},
	{"{SHA}", 30},	    {"{CRYPT}", 15}, {"$sha1$", 40}, {"$md5", 30},   {"SCRAM-SHA-", 60},
	{"pbkdf2_sha", 40},
};

static bool judge_hash(const struct evidence *e, struct verdict *ret)
{
	struct span v = e->secret;
	while (v.len && (*v.at == '!' || *v.at == '*')) { /* a locked account */
		v.at++;
		v.len--;
	}
	for (size_t i = 0; i < sizeof hash_forms / sizeof *hash_forms; i++) {
		if (!shape_starts(v, hash_forms[i].prefix))
			continue;
		struct shape shape = shape_of(v);
		ret->because |= REASON_BIT(REASON_PARSED);
		return (v.len >= hash_forms[i].least && shape.distinct > 12 &&
			!redaction_is((const char *)v.at, v.len)) ||
		       judge_drop(ret, REASON_OTHER_FORM);
	}
	/* The 13 characters of the oldest crypt are no proof by themselves. */
	if (v.len != 13 || shape_placeholder(v))
		return judge_drop(ret, REASON_OTHER_FORM);
	ret->because |= REASON_BIT(REASON_UNREADABLE);
	return true;
}

/* ---- private keys ---- */

static bool judge_key(const struct evidence *e, struct verdict *ret)
{
	struct keys_facts facts;
	if (redaction_is((const char *)e->secret.at, e->secret.len))
		return judge_drop(ret, REASON_PLACEHOLDER);
	if (!keys_examine(e->match, &facts))
		return judge_drop(ret, REASON_OTHER_FORM);
	ret->because |= REASON_BIT(facts.parsed ? REASON_PARSED : REASON_UNREADABLE);
	if (facts.encrypted)
		ret->because |= REASON_BIT(REASON_ENCRYPTED);
	if (facts.published)
		ret->because |= REASON_BIT(REASON_PUBLISHED_KEY);
	ret->seen |= (facts.parsed ? SEEN_PARSED : 0) | (facts.encrypted ? SEEN_ENCRYPTED : 0);
	return true;
}

/* A name is as good as the secret that it is told with. */
static bool judge_id(const struct evidence *e, struct verdict *ret)
{
	(void)e, (void)ret;
	return true;
}

static const struct {
	const char *name;
	judge_function *judge;
} judges[] = {
	{"token", judge_token},	    {"password", password_judge},
	{"private-key", judge_key}, {"authorization", judge_authorization},
	{"jwt", judge_jwt},	    {"github", judge_github},
	{"hash", judge_hash},	    {"id", judge_id},
};

judge_function *judge_named(const char *name)
{
	for (size_t i = 0; i < sizeof judges / sizeof *judges; i++)
		if (!strcmp(judges[i].name, name ? name : "token"))
			return judges[i].judge;
	return NULL;
}

/* ---- what holds for all ---- */

uint64_t judge_rule_reason(const struct secret_rule *rule)
{
	enum confidence sure = rule ? rule->confidence : CONFIDENCE_MEDIUM;
	return REASON_BIT(sure == CONFIDENCE_HIGH  ? REASON_RULE_HIGH
			  : sure == CONFIDENCE_LOW ? REASON_RULE_LOW
						   : REASON_RULE_MEDIUM);
}

/* One long line that is full of what programs print without spaces. A long line alone is
 * also that of a configuration in JSON. */
static bool is_minified(struct span line)
{
	enum { LONG = 400, MANY = 3 };
	static const char *const marks[] = {
		"function(", "){",  "=>{", "return ", "}),", ");var ",
		",function", "===", "&&",  "!0,",     NULL};
	unsigned met = 0;
	for (const char *const *mark = marks; line.len >= LONG && *mark; mark++)
		met += shape_has(line, *mark);
	return met >= MANY;
}

bool judge_decide(judge_function *judge, const struct evidence *e,
		  const struct weights *weights, struct verdict *ret)
{
	*ret = (struct verdict){.because = judge_rule_reason(e->rule)};
	if (!judge(e, ret))
		return false;
	if (published_example(e->secret))
		return judge_drop(ret, REASON_PLACEHOLDER);
	if (published_default(e->secret))
		ret->because |= REASON_BIT(REASON_PUBLISHED_KEY);
	if (!e->binary && is_minified(e->line))
		ret->because |= REASON_BIT(REASON_MINIFIED);
	return weights_level(weights, ret->because, &ret->confidence) ||
	       judge_drop(ret, REASON_OUTWEIGHED);
}
