/* SPDX-License-Identifier: MIT */
/* What speaks for and against a match: a closed list. The judges of detect/ note which
 * hold; a report carries them; the weights of rules/ make a level of confidence of them.
 * None tells anything of the secret's bytes that its rule and place do not. */
#ifndef MODEL_REASON_H
#define MODEL_REASON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum reason {
	/* what the rule says before any judge */
	REASON_RULE_LOW,
	REASON_RULE_MEDIUM,
	REASON_RULE_HIGH,
	/* proofs, and their absence */
	REASON_CHECKSUM,
	REASON_NO_CHECKSUM,
	REASON_PARSED,
	REASON_UNREADABLE,
	REASON_ENCRYPTED,
	REASON_PUBLISHED_KEY,
	REASON_PAIR,
	REASON_USER_BESIDE,
	/* the name that the value stands under */
	REASON_KEY_PASSWORD,
	REASON_KEY_SECRET,
	REASON_KEY_WEAK,
	/* the value */
	REASON_STRONG,
	REASON_RANDOM,
	REASON_SYMBOLS,
	REASON_COMMON_PASSWORD,
	REASON_GUESSABLE,
	REASON_QUOTED,
	REASON_BARE,
	REASON_HEX,
	REASON_UUID,
	REASON_WORD,
	REASON_ONE_CASE,
	REASON_JOINED_WORDS,
	REASON_IDENTIFIER,
	REASON_DIGITS,
	REASON_SHORT,
	REASON_NAMES_ITSELF,
	REASON_SAMPLE,
	REASON_SENTENCE,
	/* where it stands */
	REASON_COMMENT,
	REASON_PROSE,
	REASON_CODE,
	REASON_BEHIND_CALL,
	REASON_BARE_IN_SOURCE,
	REASON_TEST_FILE,
	REASON_EXAMPLE_FILE,
	REASON_DOCUMENTATION,
	REASON_NOTES,
	REASON_TRANSLATION,
	REASON_LOCK_FILE,
	REASON_LIBRARY,
	REASON_MINIFIED,
	REASON_SOURCE_CODE,
	REASON_CONFIG_FILE,
	REASON_SHELL_HISTORY,
	REASON_WEIGHED, /* how many have a weight */
	/* those that drop a match outright; they are never told of a finding */
	REASON_REFERENCE = 64,
	REASON_EXPRESSION,
	REASON_PLAIN_WORD,
	REASON_PATH,
	REASON_NUMBER,
	REASON_DIGEST,
	REASON_PLACEHOLDER,
	REASON_MARKUP,
	REASON_ABOUT,
	REASON_TEST_RESULT,
	REASON_TOO_SHORT,
	REASON_DULL,
	REASON_OTHER_FORM,
	REASON_OUTWEIGHED,
	REASON_END
};
_Static_assert(REASON_WEIGHED <= 64, "a mask has a bit for each");

#define REASON_BIT(reason) ((uint64_t)1 << (reason))

/* "key-password"; NULL for a number that is none. */
const char *reason_name(enum reason reason);
/* A few words: "the key says password". */
const char *reason_text(enum reason reason);
/* One that has a weight, by its name. */
bool reason_parse(const char *name, enum reason *ret);
/* Whether every bit of a mask is a reason's. */
bool reasons_hold(uint64_t mask);

#endif
