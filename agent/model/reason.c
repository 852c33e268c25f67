/* SPDX-License-Identifier: MIT */
#include "model/reason.h"

#include <string.h>

/* clang-format off: one a line */
static const struct {
	const char *name, *text;
} reasons[REASON_END] = {
	[REASON_RULE_LOW] = {"rule-low", "the rule's form is a common one"},
	[REASON_RULE_MEDIUM] = {"rule-medium", "the rule's form is seldom anything else"},
	[REASON_RULE_HIGH] = {"rule-high", "the rule's form is that of a credential alone"},
	[REASON_CHECKSUM] = {"checksum", "the format's own checksum holds"},
	[REASON_NO_CHECKSUM] = {"no-checksum", "the format's own checksum does not hold"},
	[REASON_PARSED] = {"parsed", "it could be read as what it seems to be"},
	[REASON_UNREADABLE] = {"unreadable", "only its frame tells what it is"},
	[REASON_ENCRYPTED] = {"encrypted", "it is behind a passphrase"},
	[REASON_PUBLISHED_KEY] = {"published-key", "a test key that everybody has"},
	[REASON_PAIR] = {"pair", "an id and its secret stand together"},
	[REASON_USER_BESIDE] = {"user-beside", "a user name or a host stands beside it"},
	[REASON_KEY_PASSWORD] = {"key-password", "the key says password"},
	[REASON_KEY_SECRET] = {"key-secret", "the key says secret, token or key"},
	[REASON_KEY_WEAK] = {"key-weak", "the key says salt, nonce, seed, id or the like"},
	[REASON_STRONG] = {"strong", "long, and of many kinds of characters"},
	[REASON_RANDOM] = {"random", "no words: looks random"},
	[REASON_SYMBOLS] = {"symbols", "letters, digits and other characters mixed"},
	[REASON_COMMON_PASSWORD] = {"common-password", "a password that many people choose"},
	[REASON_GUESSABLE] = {"guessable", "what anybody tries first"},
	[REASON_QUOTED] = {"quoted", "stands in quotes"},
	[REASON_BARE] = {"bare", "stands without quotes behind = or :"},
	[REASON_HEX] = {"hex", "hexadecimal digits of a key's length"},
	[REASON_UUID] = {"uuid", "a UUID"},
	[REASON_WORD] = {"word", "can be said like a word"},
	[REASON_ONE_CASE] = {"one-case", "letters of one case only"},
	[REASON_JOINED_WORDS] = {"joined-words", "words joined by - _ . : or /"},
	[REASON_IDENTIFIER] = {"identifier", "looks like a name in a program"},
	[REASON_DIGITS] = {"digits", "digits only"},
	[REASON_SHORT] = {"short", "short"},
	[REASON_NAMES_ITSELF] = {"names-itself", "named after what it holds"},
	[REASON_SAMPLE] = {"sample", "holds test, sample, demo or the like"},
	[REASON_SENTENCE] = {"sentence", "holds spaces, as a sentence does"},
	[REASON_COMMENT] = {"comment", "in a comment"},
	[REASON_PROSE] = {"prose", "more words follow on its line"},
	[REASON_CODE] = {"code", "stands as program code does"},
	[REASON_BEHIND_CALL] = {"behind-call", "an argument or an operand of something"},
	[REASON_BARE_IN_SOURCE] = {"bare-in-source",
				   "without quotes in program source: an expression"},
	[REASON_TEST_FILE] = {"test-file", "in a test"},
	[REASON_EXAMPLE_FILE] = {"example-file", "in an example or a template"},
	[REASON_DOCUMENTATION] = {"documentation", "in documentation"},
	[REASON_NOTES] = {"notes", "in a text that people read"},
	[REASON_TRANSLATION] = {"translation", "in a translation"},
	[REASON_LOCK_FILE] = {"lock-file", "in a list of versions and digests"},
	[REASON_LIBRARY] = {"library", "in a library that others publish"},
	[REASON_MINIFIED] = {"minified", "in generated or minified code"},
	[REASON_SOURCE_CODE] = {"source-code", "in program source"},
	[REASON_CONFIG_FILE] = {"config-file", "in a configuration file"},
	[REASON_SHELL_HISTORY] = {"shell-history", "in a shell's history or start file"},
	[REASON_REFERENCE] = {"reference", "names a variable or a place where the value is"},
	[REASON_EXPRESSION] = {"expression", "an expression or a call"},
	[REASON_PLAIN_WORD] = {"plain-word", "names a kind of thing, a state or a method"},
	[REASON_PATH] = {"path", "a path"},
	[REASON_NUMBER] = {"number", "a number, a version or a colour"},
	[REASON_DIGEST] = {"digest", "a digest that proves what something is"},
	[REASON_PLACEHOLDER] = {"placeholder", "nobody filled it in"},
	[REASON_MARKUP] = {"markup", "holds marks of code, patterns or format strings"},
	[REASON_ABOUT] = {"about", "the key speaks about a secret"},
	[REASON_TEST_RESULT] = {"test-result", "the name of a test"},
	[REASON_TOO_SHORT] = {"too-short", "too short"},
	[REASON_DULL] = {"dull", "not drawn at random"},
	[REASON_OTHER_FORM] = {"other-form", "not of the form that it would have to be"},
	[REASON_OUTWEIGHED] = {"outweighed", "more speaks against it than for it"},
};
/* clang-format on */

const char *reason_name(enum reason reason)
{
	return (unsigned)reason < REASON_END ? reasons[reason].name : NULL;
}

const char *reason_text(enum reason reason)
{
	return (unsigned)reason < REASON_END ? reasons[reason].text : NULL;
}

bool reason_parse(const char *name, enum reason *ret)
{
	for (int i = 0; i < REASON_WEIGHED; i++) {
		if (strcmp(reasons[i].name, name) == 0) {
			*ret = (enum reason)i;
			return true;
		}
	}
	return false;
}

bool reasons_hold(uint64_t mask)
{
	return REASON_WEIGHED == 64 || mask >> REASON_WEIGHED == 0;
}
