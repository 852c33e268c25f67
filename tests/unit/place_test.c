/* SPDX-License-Identifier: MIT */
/* What paths say of a match. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "detect/place.h"

#define B(reason) REASON_BIT(REASON_##reason)

static const struct {
	const char *path, *member;
	uint64_t reasons;
} cases[] = {
	{"/srv/app/config.ini", NULL, B(CONFIG_FILE)},
	{"/srv/app/.env", NULL, B(CONFIG_FILE)},
	{"/srv/app/.env.production", NULL, B(CONFIG_FILE)},
	{"/srv/app/.env.example", NULL, B(CONFIG_FILE) | B(EXAMPLE_FILE)},
	{"/etc/app/secret", NULL, B(CONFIG_FILE)},
	{"/srv/etc/app/secret", NULL, 0},
	{"/srv/app/login.py", NULL, B(SOURCE_CODE)},
	{"/srv/app/Login.JAVA", NULL, B(SOURCE_CODE)},
	{"/srv/app/src/LoginTest.java", NULL, B(SOURCE_CODE) | B(TEST_FILE)},
	{"/srv/app/test_login.py", NULL, B(SOURCE_CODE) | B(TEST_FILE)},
	{"/srv/app/login.spec.ts", NULL, B(SOURCE_CODE) | B(TEST_FILE)},
	{"/srv/app/Tests/data", NULL, B(TEST_FILE)},
	{"/srv/app/latest/data", NULL, 0},
	{"/srv/attest", NULL, 0},
	{"/srv/app/README.md", NULL, B(NOTES)},
	{"/srv/app/docs/README.md", NULL, B(NOTES) | B(DOCUMENTATION)},
	{"/usr/share/man/man1/x.1", NULL, B(DOCUMENTATION)},
	{"/usr/lib/libx.so.30.3", NULL, 0},
	{"/home/man/x", NULL, 0},
	{"/srv/app/node_modules/a/lib/b.js", NULL, B(LIBRARY) | B(SOURCE_CODE)},
	{"/srv/node_modules.txt", NULL, 0},
	{"/usr/lib/python3.11/x", NULL, B(LIBRARY)},
	{"/srv/python3/x", NULL, 0},
	{"/home/a/go/pkg/mod/x", NULL, B(LIBRARY)},
	{"/home/a/pkg/x", NULL, 0},
	{"/srv/app/vendor/github.com/a/b.txt", NULL, B(LIBRARY)},
	{"/srv/app/vendor/a/b/src/c.txt", NULL, B(LIBRARY)},
	{"/etc/vendor/app.txt", NULL, B(CONFIG_FILE)},
	{"/srv/app/package-lock.json", NULL, B(LOCK_FILE) | B(CONFIG_FILE)},
	{"/srv/app/go.sum", NULL, B(LOCK_FILE)},
	{"/srv/app/site.min.js", NULL, B(MINIFIED) | B(SOURCE_CODE)},
	{"/srv/app/i18n/de.json", NULL, B(TRANSLATION) | B(CONFIG_FILE)},
	{"/root/.bash_history", NULL, B(SHELL_HISTORY)},
	{"/root/.bashrc", NULL, B(SHELL_HISTORY) | B(CONFIG_FILE)},
	/* what is inside, as if it were unpacked there */
	{"/srv/a.tar", "tests/b.py", B(TEST_FILE) | B(SOURCE_CODE)},
	{"/srv/a.tgz", "content!app/c.yaml", B(CONFIG_FILE)},
	{"/srv/c.yaml.gz", "content", B(CONFIG_FILE)},
	{"/srv/node_modules/a.zip", "b.txt", B(LIBRARY)},
	{"/srv/app/.git", "0123456789ab:docs/x.rb", B(DOCUMENTATION) | B(SOURCE_CODE)},
	{"/srv/a.tar", "tests/a:b.py", B(TEST_FILE) | B(SOURCE_CODE)},
	{"/", NULL, 0},
	{"", NULL, 0},
	{"/srv/a", "", 0},
};

static void paths_say(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t got = place_reasons(cases[i].path, cases[i].member);
		if (got != cases[i].reasons)
			fail_msg("%s > %s: %llx, not %llx", cases[i].path,
				 cases[i].member ? cases[i].member : "",
				 (unsigned long long)got, (unsigned long long)cases[i].reasons);
	}
}

static void bare_values_of_source_are_expressions(void **unused)
{
	(void)unused;
	const uint64_t mark = B(BARE_IN_SOURCE);
	assert_true(place_weigh_in(B(BARE), "/a.py", NULL) & mark);
	assert_false(place_weigh_in(B(QUOTED), "/a.py", NULL) & mark);
	assert_false(place_weigh_in(B(BARE) | B(COMMENT), "/a.py", NULL) & mark);
	assert_false(place_weigh_in(B(BARE), "/a.yaml", NULL) & mark);
	assert_true(place_weigh_in(B(BARE), "/a.git", "0123:b/a.py") & mark);
	assert_true(place_weigh_in(B(BARE), "/a.yaml", NULL) & B(BARE));
}

/* A file that is named for a language is a translation for what reads as text alone. */
static void texts_in_files_of_languages(void **unused)
{
	(void)unused;
	const uint64_t mark = B(TRANSLATION), word = B(WORD) | B(KEY_PASSWORD);
	static const char *const translated[] = {
		"/srv/nl.json",	    "/srv/pt-BR.json",
		"/srv/zh_Hans.yml", "/srv/strings_sv.properties",
		"/srv/app.de.php",  "/srv/DE.json"};
	static const char *const others[] = {
		"/srv/nl.conf",	    "/srv/db.json", "/srv/app_db.json",
		"/srv/mode.json",   "/srv/n.json",  "/srv/.json",
		"/srv/de/app.json", "/srv/de",	    "/srv/app.xde.json"};
	for (size_t i = 0; i < sizeof translated / sizeof *translated; i++) {
		assert_true(place_weigh_in(word, translated[i], NULL) & mark);
		assert_false(place_weigh_in(B(RANDOM), translated[i], NULL) & mark);
		assert_false(place_weigh_in(0, translated[i], NULL) & mark);
		assert_false(place_weigh_in(word | B(COMMON_PASSWORD), translated[i], NULL) &
			     mark);
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (place_weigh_in(word, others[i], NULL) & mark)
			fail_msg("%s is taken for a translation", others[i]);
	assert_true(place_weigh_in(word, "/srv/a.tar", "app/nl.json") & mark);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_say),
		cmocka_unit_test(texts_in_files_of_languages),
		cmocka_unit_test(bare_values_of_source_are_expressions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
