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
#include "generalize/xml.h"

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
	is_refused("", "there is no element");
	is_refused("plain", "outside of the outermost");
	is_refused(OPEN, "no end");
	is_refused(OPEN "</settings></component></unattend>", "another element's");
	is_refused(OPEN END END, "end without its begin");
	is_refused(HEAD "</unattend><a/>", "second outermost");
	is_refused("<!DOCTYPE a [<!ENTITY x SYSTEM \"file\">]>" HEAD "</unattend>",
		   "document type");
	is_refused(HEAD "&x;</unattend>", "bad reference");
	is_refused(HEAD "&#0;</unattend>", "bad reference");
	is_refused(HEAD "&#xd800;</unattend>", "bad reference");
	is_refused(HEAD "a & b</unattend>", "bad reference");
	is_refused(HEAD "]]></unattend>", "]]>");
	is_refused(HEAD "<!-- a -- b --></unattend>", "bad comment");
	is_refused(HEAD "<a b=c/></unattend>", "quotes");
	is_refused(HEAD "<a b=\"<\"/></unattend>", "bad character");
	is_refused(HEAD "<a b=\"1\" b=\"2\"/></unattend>", "stands twice");
	is_refused(HEAD "<a b=\"1\"c=\"2\"/></unattend>", "bad tag");
	is_refused(" <?xml version=\"1.0\"?>" HEAD "</unattend>",
		   "does not stand at the begin");
	is_refused(HEAD "\xff</unattend>", "neither UTF-8 nor UTF-16");
	is_refused(HEAD "\x01</unattend>", "neither UTF-8 nor UTF-16");
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

static void wide_text_is_read(void **state)
{
	(void)state;
	static const char plain[] = HEAD "<settings pass=\"generalize\"/></unattend>";
	for (int big = 0; big < 2; big++) {
		char wide[2 * sizeof plain] = {big ? '\xfe' : '\xff', big ? '\xff' : '\xfe'};
		for (size_t i = 0; i < sizeof plain - 1; i++)
			wide[2 + 2 * i + (size_t)big] = plain[i];
		struct checked it = {.into = generalized_new()};
		it.r = answers_check(wide, 2 * sizeof plain, &it.copy, it.into, &it.fault);
		assert_int_equal(it.r, 0);
		assert_non_null(strstr(buf_text(&it.copy), plain));
		done(&it);
		it = (struct checked){.into = generalized_new()};
		it.r = answers_check(wide, 2 * sizeof plain - 1, &it.copy, it.into, &it.fault);
		assert_true(it.r < 0);
		done(&it);
	}
}

static void too_deep_is_refused(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf text = {0};
	buf_puts(&text, HEAD);
	for (int i = 0; i < XML_DEPTH; i++)
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
		cmocka_unit_test(too_deep_is_refused),
		cmocka_unit_test(ours_is_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
