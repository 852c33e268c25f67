/* SPDX-License-Identifier: MIT */
/* Answer files: their build, and passwords that are left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "generalize/answers.h"

#define HEAD "<unattend xmlns=\"urn:schemas-microsoft-com:unattend\">"
#define SETTINGS HEAD "<settings pass=\"oobeSystem\">"
#define COMPONENT                                                                     \
	"<component name=\"a\" processorArchitecture=\"amd64\" publicKeyToken=\"b\" " \
	"language=\"neutral\" versionScope=\"nonSxS\">"
#define OPEN SETTINGS COMPONENT
#define END "</component></settings></unattend>"

struct checked {
	int r;
	struct buf copy, fault;
	struct generalized *into;
};

static struct checked check(const char *text)
{
	struct checked it = {.into = generalized_new()};
	it.r = answers_check(text, strlen(text), &it.copy, it.into, &it.fault);
	return it;
}

static void done(struct checked *it)
{
	buf_free(&it->copy);
	buf_free(&it->fault);
	generalized_free(it->into);
}

static void is_refused(const char *text, const char *why)
{
	struct checked it = check(text);
	if (it.r >= 0 || !strstr(buf_text(&it.fault), why))
		fail_msg("%s: %d, '%s', wanted '%s'", text, it.r, buf_text(&it.fault), why);
	assert_int_equal(it.copy.len, 0);
	done(&it);
}

static void becomes(const char *text, const char *copy, size_t passwords)
{
	struct checked it = check(text);
	if (it.r < 0)
		fail_msg("%s: %s", text, buf_text(&it.fault));
	assert_string_equal(buf_text(&it.copy) + strlen("<?xml version=\"1.0\" "
							"encoding=\"utf-8\"?>"),
			    copy);
	assert_int_equal(it.into->passwords.n, passwords);
	done(&it);
}

static void what_is_not_well_formed_is_refused(void **state)
{
	(void)state;
	is_refused("", "no element found");
	is_refused("plain", "syntax error");
	is_refused(OPEN, "an element has no end");
	is_refused(OPEN "</settings></component></unattend>", "mismatched tag");
	is_refused(OPEN END END, "not well-formed");
	is_refused(HEAD "</unattend>\n<a/>", "line 2: junk after document element");
	is_refused("<!DOCTYPE a [<!ENTITY x SYSTEM \"file\">]>" HEAD "&x;</unattend>",
		   "document type");
	is_refused("<!DOCTYPE a SYSTEM \"file\">" HEAD "</unattend>", "document type");
	is_refused(HEAD "&x;</unattend>", "undefined entity");
	is_refused(HEAD "&#0;</unattend>", "invalid character number");
	is_refused(HEAD "&#xd800;</unattend>", "invalid character number");
	is_refused(HEAD "a & b</unattend>", "not well-formed");
	is_refused(HEAD "]]></unattend>", "not well-formed");
	is_refused(HEAD "<!-- a -- b --></unattend>", "not well-formed");
	is_refused(HEAD "<a b=c/></unattend>", "not well-formed");
	is_refused(HEAD "<a b=\"<\"/></unattend>", "not well-formed");
	is_refused(HEAD "<a b=\"1\" b=\"2\"/></unattend>", "duplicate attribute");
	is_refused(HEAD "<a b=\"1\"c=\"2\"/></unattend>", "not well-formed");
	is_refused(" <?xml version=\"1.0\"?>" HEAD "</unattend>", "declaration not at start");
	is_refused(HEAD "\n\xff</unattend>", "line 2: a bad character: it is neither UTF-8");
	is_refused(HEAD "\xed\xa0\x80</unattend>", "neither UTF-8 nor UTF-16");
	is_refused(HEAD "\xef\xbf\xbe</unattend>", "neither UTF-8 nor UTF-16");
	is_refused(HEAD "\x01</unattend>", "not well-formed");
}

static void what_is_no_answer_file_is_refused(void **state)
{
	(void)state;
	is_refused("<unattend/>", "not an answer file");
	is_refused("<x:unattend xmlns=\"urn:schemas-microsoft-com:unattend\"/>",
		   "not an answer file");
	is_refused(HEAD "<settings/></unattend>", "without a pass");
	is_refused(HEAD "<settings pass=\"oobe\"/></unattend>", "a pass that there is not");
	is_refused(SETTINGS "<a/></settings></unattend>", "something but components");
	is_refused(SETTINGS "<component name=\"a\"/></settings></unattend>",
		   "without processorArchitecture");
	is_refused(OPEN "\n\n<CommandLine>net user ann hunter2</CommandLine>" END, "line 3: a "
										   "command");
	is_refused(OPEN "<Path>tool /password:x</Path>" END, "a command");
	is_refused(OPEN "<Path>tool /pass&#119;ord:x</Path>" END, "a command");
	is_refused(OPEN "<Path>tool /pass<![CDATA[word]]><!-- a -->:x</Path>" END, "a command");
	is_refused(OPEN "<Path>net user <Password>x</Password>a b</Path>" END, "a command");
}

static void what_needs_no_change_stays(void **state)
{
	(void)state;
	becomes(OPEN "<TimeZone>UTC</TimeZone>" END, OPEN "<TimeZone>UTC</TimeZone>" END, 0);
	/* without a value, and words that only look like it */
	becomes(OPEN "<Password><Value> </Value><PlainText>true</PlainText></Password>" END,
		OPEN "<Password><Value> </Value><PlainText>true</PlainText></Password>" END, 0);
	becomes(OPEN "<CommandLine>net user ann /active:yes</CommandLine>" END,
		OPEN "<CommandLine>net user ann /active:yes</CommandLine>" END, 0);
	becomes(OPEN "<!-- <Password>x</Password> --><![CDATA[<Password>x]]>" END,
		OPEN "<!-- <Password>x</Password> --><![CDATA[<Password>x]]>" END, 0);
	becomes("\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?>" HEAD "</unattend>",
		HEAD "</unattend>", 0);
}

static void passwords_go_with_what_needs_them(void **state)
{
	(void)state;
	becomes(OPEN "<AdministratorPassword><Value>x</Value></AdministratorPassword>" END,
		OPEN END, 1);
	becomes(OPEN "<Password>x</Password>a" END, OPEN "a" END, 1);
	becomes(OPEN
		"<LocalAccounts><LocalAccount><Name>a</Name><Password><Value>&#120;</Value>"
		"</Password></LocalAccount><LocalAccount><Name>b</Name></LocalAccount>"
		"</LocalAccounts>" END,
		OPEN
		"<LocalAccounts><LocalAccount><Name>b</Name></LocalAccount></LocalAccounts>" END,
		1);
	becomes(OPEN
		"<AutoLogon><Password><Value><![CDATA[x]]></Value></Password><Count>1"
		"</Count></AutoLogon>b<Credentials><Password>y</Password></Credentials>" END,
		OPEN "b" END, 2);
	becomes(OPEN "<MachinePassword>x</MachinePassword>" END, OPEN END, 1);
	becomes(OPEN "<Password><Value>&#32;</Value></Password>" END, OPEN END, 1);
	becomes(OPEN "]]<Password>x</Password>>" END, OPEN "]]<!---->>" END, 1);
}

static void what_is_told_has_its_place(void **state)
{
	(void)state;
	struct checked it = check(HEAD "<settings pass=\"windowsPE\"/>\n<settings "
				       "pass=\"specialize\">" COMPONENT
				       "\n<Password>x</Password></component></settings>"
				       "</unattend>");
	assert_int_equal(it.r, 0);
	assert_int_equal(it.into->ignored.n, 1);
	assert_string_equal(it.into->ignored.v[0], "windowsPE");
	assert_string_equal(it.into->passwords.v[0].pass, "specialize");
	assert_string_equal(it.into->passwords.v[0].element, "Password");
	assert_int_equal(it.into->passwords.v[0].line, 3);
	done(&it);
}

static void add_unit(struct buf *ret, unsigned unit, bool big)
{
	const char low = (char)(unit & 0xff), high = (char)(unit >> 8);
	buf_add(ret, big ? &high : &low, 1);
	buf_add(ret, big ? &low : &high, 1);
}

/* Text of ASCII as UTF-16, with its mark or without. */
static void widen(const char *text, bool big, bool mark, struct buf *ret)
{
	if (mark)
		add_unit(ret, 0xfeff, big);
	while (*text)
		add_unit(ret, (unsigned char)*text++, big);
}

static void wide_text_is_read(void **state)
{
	(void)state;
	static const char text[] = "<?xml version='1.0' encoding='utf-8'?>" OPEN
				   "\n<Password>x</Password>y" END;
	for (int i = 0; i < 4; i++) {
		_cleanup_(buf_free) struct buf wide = {0};
		widen(text, i & 1, i & 2, &wide);
		struct checked it = {.into = generalized_new()};
		it.r = answers_check(wide.data, wide.len, &it.copy, it.into, &it.fault);
		assert_int_equal(it.r, 0);
		assert_non_null(strstr(buf_text(&it.copy), OPEN "\ny" END));
		assert_int_equal(it.into->passwords.v[0].line, 2);
		done(&it);
		it = (struct checked){.into = generalized_new()};
		it.r = answers_check(wide.data, wide.len - 1, &it.copy, it.into, &it.fault);
		assert_true(it.r < 0);
		done(&it);
	}
}

/* More than the parser gives at once, in both. */
static void long_text_is_kept(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf text = {0}, wide = {0};
	buf_puts(&text, OPEN "<!--");
	for (int i = 0; i < 5000; i++)
		buf_printf(&text, "%d,", i);
	buf_puts(&text, "--><a b='");
	for (int i = 0; i < 5000; i++)
		buf_printf(&text, "%d,", i);
	buf_puts(&text, "'/><c>");
	for (int i = 0; i < 5000; i++)
		buf_printf(&text, "%d\r\n&amp;", i);
	buf_puts(&text, "</c>" END);
	becomes(buf_text(&text), buf_text(&text), 0);
	widen(buf_text(&text), false, true, &wide);
	struct checked it = {.into = generalized_new()};
	it.r = answers_check(wide.data, wide.len, &it.copy, it.into, &it.fault);
	assert_int_equal(it.r, 0);
	assert_non_null(strstr(buf_text(&it.copy), buf_text(&text)));
	done(&it);
}

static void too_deep_is_refused(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf text = {0};
	buf_puts(&text, HEAD);
	for (int i = 0; i < ANSWERS_DEPTH; i++)
		buf_puts(&text, "<a>");
	is_refused(buf_text(&text), "too many levels");
}

/* What we make we would take. */
static void ours_is_one(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf ours = {0};
	answers_make("arm64", &ours);
	struct checked it = check(buf_text(&ours));
	assert_int_equal(it.r, 0);
	assert_int_equal(it.into->passwords.n + it.into->ignored.n, 0);
	assert_non_null(strstr(buf_text(&it.copy), "processorArchitecture=\"arm64\""));
	done(&it);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_well_formed_is_refused),
		cmocka_unit_test(what_is_no_answer_file_is_refused),
		cmocka_unit_test(what_needs_no_change_stays),
		cmocka_unit_test(passwords_go_with_what_needs_them),
		cmocka_unit_test(what_is_told_has_its_place),
		cmocka_unit_test(wide_text_is_read),
		cmocka_unit_test(long_text_is_kept),
		cmocka_unit_test(too_deep_is_refused),
		cmocka_unit_test(ours_is_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
