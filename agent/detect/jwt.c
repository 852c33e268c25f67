/* SPDX-License-Identifier: MIT */
#include "detect/jwt.h"

#include <string.h>

#include "base/mem.h"
#include "detect/shape.h"

static bool is_object_with(struct span json, const char *member)
{
	return json.len > 2 && json.at[0] == '{' && json.at[json.len - 1] == '}' &&
	       shape_has(json, member);
}

static struct span part_of(struct span token, size_t index)
{
	struct span part = token;
	for (;; index--) {
		const uint8_t *dot = memchr(part.at, '.', part.len);
		size_t len = dot ? (size_t)(dot - part.at) : part.len;
		if (index == 0 || !dot) {
			part.len = index ? 0 : len;
			return part;
		}
		part.at += len + 1;
		part.len -= len + 1;
	}
}

bool jwt_is(struct span token)
{
	uint8_t header[512];
	size_t len = shape_base64(part_of(token, 0), header, sizeof header);
	return is_object_with((struct span){header, len}, "\"alg\"");
}

/* The subject of the example that every tutorial shows, the issuer of that in RFC 7519, and
 * what else no service puts there. */
bool jwt_is_example(struct span token)
{
	static const char *const claims[] = {"\"1234567890\"",	"\"joe\"",	"\"John Doe\"",
					     "\"foo\":\"bar\"", "urn:example:", NULL};
	uint8_t body[2048];
	if (!shape_starts(token, "eyJ") || !jwt_is(token))
		return false;
	struct span coded = part_of(token, 1);
	size_t len = shape_base64(coded, body, sizeof body);
	bool example = shape_has_any((struct span){body, len}, claims);
	mem_wipe(body, sizeof body);
	return example || !coded.len || shape_placeholder(part_of(token, 2));
}
