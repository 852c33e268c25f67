/* SPDX-License-Identifier: MIT */
#include "detect/words.h"

#include <string.h>

#include "base/ascii.h"
#include "detect/shape.h"

/* How often each second letter follows a first one in words: 6 is the mean of all 676
 * pairs, one more is twice as often, one less half as often. Counted over the 75,000
 * words of Debian's wamerican and the 48,000 parts of identifiers in Python's own
 * modules. Letters drawn at random come to 3.9 a pair and in one case of a hundred
 * beyond 6.9 when there are eight; of English words of eight one in a hundred stays
 * below 5.9. */
static const char pairs[26][27] = {
	/* by the second letter: abcdefghijklmnopqrstuvwxyz */
	"37874574726979272989665564", "75437322741732730653611040",
	"83548328707743942757621150", "74469553832644741664633141",
	"85897764624879575998566753", "63446622700632730645611040",
	"63328256701645630764612041", "83238312702443720546503050",
	"76878672324879863798471407", "50014000301000400020400000",
	"53237223612434430363313030", "84569443914844851476642171",
	"86338322802464770363622140", "84788694836546743489663242",
	"66775563625879771977867443", "83448326702733760866632050",
	"01010100000200001221600000", "95679564915666852787654061",
	"74748448815665774489735250", "84649537913654852887734263",
	"66656551603778460887120213", "72328211700222520232211020",
	"63236215602425620552101010", "31425302500231350225210220",
	"43435232501444450454213112", "50006001500210310001100023",
};

/* What people choose is short of these; published lists of leaked passwords agree on
 * them. Those that manuals use as examples ("password", "secret") are not here. */
static const char *const common[] = {
	"hunter2",  "letmein",	"qwerty",   "qwerty123", "qwertyuiop", "qazwsx",   "1q2w3e4r",
	"1qaz2wsx", "zaq12wsx", "asdfgh",   "asdfghjkl", "zxcvbn",     "zxcvbnm",  "iloveyou",
	"monkey",   "dragon",	"sunshine", "princess",	 "football",   "baseball", "superman",
	"batman",   "trustno1", "shadow",   "welcome1",	 "welcome123", "admin123", "admin1234",
	"root123",  "toor",	"passw0rd", "p@ssw0rd",	 "pa55word",   "p@ssword", "pa$$w0rd",
	"letmein1", "123qwe",	"qwe123",   "1q2w3e",	 "q1w2e3r4",   "starwars", "michael",
	"charlie",  "whatever", "freedom",  "master123", NULL};

enum { ENOUGH = 6 /* letters, to tell words from noise */ };

static bool is_lower(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

static unsigned pair_of(uint8_t a, uint8_t b)
{
	return (unsigned)(pairs[(a | 32) - 'a'][(b | 32) - 'a'] - '0');
}

/* Runs of letters, and in them words of camelCase: a capital behind a small letter
 * begins one. */
struct letters {
	size_t letters, runs, words, pairs, sum, digits, others, shortest;
};

static struct letters count_letters(struct span span)
{
	struct letters count = {.shortest = span.len};
	size_t run = 0;
	for (size_t i = 0; i < span.len; i++) {
		uint8_t c = span.at[i];
		bool letter = ascii_is_letter(c);
		count.letters += letter;
		count.digits += ascii_is_digit(c);
		count.others += !letter && !ascii_is_digit(c);
		if (letter && !run) {
			count.runs++;
			count.words++;
		} else if (letter && is_lower(span.at[i - 1]) && !is_lower(c)) {
			count.words++;
		} else if (letter) {
			count.pairs++;
			count.sum += pair_of(span.at[i - 1], c);
		}
		run = letter ? run + 1 : 0;
		bool ends = run && (i + 1 == span.len || !ascii_is_letter(span.at[i + 1]));
		if (ends && run < count.shortest)
			count.shortest = run;
	}
	return count;
}

static bool can_be_said(const struct letters *count)
{
	if (count->words > 1 && count->words * 3 > count->letters)
		return false; /* hardly a word has one or two letters */
	return count->letters < ENOUGH || count->sum * 10 >= count->pairs * 57;
}

bool words_are(struct span letters)
{
	struct letters count = count_letters(letters);
	return !count.digits && !count.others && can_be_said(&count);
}

bool words_joined(struct span span)
{
	struct letters count = count_letters(span);
	bool few = count.letters <
		   (size_t)2 * ENOUGH; /* an abbreviation among them weighs much */
	return can_be_said(&count) || (few && count.sum * 10 >= count.pairs * 45);
}

bool words_within(struct span span)
{
	struct letters count = count_letters(span);
	return can_be_said(&count);
}

static unsigned class_of(uint8_t c)
{
	return is_lower(c) ? 0 : ascii_is_letter(c) ? 1 : ascii_is_digit(c) ? 2 : 3;
}

/* "Summer" is one run, for a capital begins it. */
static size_t count_turns(struct span span)
{
	size_t turns = 0;
	for (size_t i = 1; i < span.len; i++) {
		unsigned before = class_of(span.at[i - 1]), now = class_of(span.at[i]);
		bool begins = before == 1 && now == 0 &&
			      (i == 1 || class_of(span.at[i - 2]) != 1);
		turns += before != now && !begins;
	}
	return turns;
}

bool words_random(struct span span)
{
	struct span run = {span.at, 0};
	if (span.len >= 8 && count_turns(span) * (span.len < 16 ? 3 : 4) >= span.len)
		return true;
	for (; run.len < span.len && ascii_is_letter(span.at[run.len]);)
		run.len++;
	return run.len >= ENOUGH && run.len + 4 >= span.len && !words_are(run);
}

/* Digits as programs have them: a width inside ("base64url"), a number behind long words
 * ("AbstractThing2"). Spoken passwords have one anywhere ("gieju2melu", "tahViem4"). */
static bool has_usual_digits(struct span span, const struct letters *count)
{
	static const char *const widths[] = {"16", "32", "64", "128", "256", "512", NULL};
	struct span run = {span.at, 0};
	if (!count->digits)
		return true;
	if (count->runs == 1)
		return ascii_is_digit(span.at[span.len - 1]) && count->digits <= 2 &&
		       count->letters >= 5 * count->words;
	while (!ascii_is_digit(*run.at))
		run.at++;
	while (run.len < count->digits && run.at + run.len < span.at + span.len)
		run.len++;
	return count->runs == 2 && shape_equals_any(run, widths);
}

bool words_identifier(struct span span)
{
	struct letters count = count_letters(span);
	return !count.others && count.words > 1 && count.shortest >= 3 && can_be_said(&count) &&
	       has_usual_digits(span, &count);
}

bool words_common_password(struct span span)
{
	return shape_equals_any(span, common);
}
