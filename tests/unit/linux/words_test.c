/* SPDX-License-Identifier: MIT */
/* Words of start files, as a shell would expand them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "linux/cleaners/words.h"
#include "base/cleanup.h"

#define UNKNOWN "\001"

static struct scope scope;

static int begin(void **state)
{
	(void)state;
	scope = (struct scope){.home = "/home/a", .user = "a"};
	return 0;
}

static int end(void **state)
{
	(void)state;
	scope_free(&scope);
	return 0;
}

static void gives(const char *text, const char *word, const char *rest)
{
	_cleanup_(buf_free) struct buf value = {0};
	const char *at = text;
	words_read(&scope, &at, &value);
	if (strcmp(buf_text(&value), word) != 0 || strcmp(at, rest) != 0)
		fail_msg("%s gives \"%s\" and leaves \"%s\"", text, buf_text(&value), at);
}

static void quotes_and_ends(void **state)
{
	(void)state;
	gives("plain rest", "plain", " rest");
	gives("a;b", "a", ";b");
	gives("'a b'\"c d\"e", "a bc de", "");
	gives("'$HOME ~'", "$HOME ~", "");
	gives("a\\ b", "a b", "");
	gives("\"a;b", "a;b", "");
	gives("'open", "open", "");
	gives("", "", "");
	gives("100$", "100$", "");
}

static void homes(void **state)
{
	(void)state;
	gives("~/x", "/home/a/x", "");
	gives("~a/x", "/home/a/x", "");
	gives("~bob/x", UNKNOWN "/x", "");
	gives("x~", "x~", "");
	gives("$HOME/x", "/home/a/x", "");
	gives("\"${HOME}\"/x", "/home/a/x", "");
	gives("/log/$USER.txt", "/log/a.txt", "");
}

static void variables(void **state)
{
	(void)state;
	scope_set(&scope, "KEEP", "/keep");
	scope_set(&scope, "EMPTY", "");
	gives("$KEEP/x", "/keep/x", "");
	gives("${KEEP:-$HOME}/x", "/keep/x", "");
	gives("${EMPTY:-/other}/x", "/other/x", "");
	gives("${XDG_STATE_HOME:-$HOME/.local/state}/x", "/home/a/.local/state/x", "");
	gives("${A:-${B:-/deep}}/x", "/deep/x", "");
	gives("$XDG_STATE_HOME/x", "/home/a/.local/state/x", "");
	gives("${ZDOTDIR}/x", "/home/a/x", "");
	gives("$NOBODY/x", UNKNOWN "/x", "");
	scope_set(&scope, "KEEP", "/new");
	gives("$KEEP", "/new", "");
}

static void what_differs(void **state)
{
	(void)state;
	gives("h-$$", "h-" UNKNOWN, "");
	gives("h-$(hostname -s (x))-e rest", "h-" UNKNOWN "-e", " rest");
	gives("h-`date +%Y`", "h-" UNKNOWN, "");
	gives("${KEEP##*/}", UNKNOWN, "");
	gives("$(open", UNKNOWN, "");
	gives("${open", UNKNOWN, "");
}

static void hostile_values_end(void **state)
{
	(void)state;
	_cleanup_free_ char *deep = mem_alloc(300001);
	for (size_t i = 0; i < 60000; i++)
		memcpy(deep + i * 5, "${A:-", 5);
	_cleanup_(buf_free) struct buf value = {0};
	const char *at = deep;
	words_read(&scope, &at, &value);
	assert_string_equal(buf_text(&value), UNKNOWN);
	scope_set(&scope, "A", "0123456789abcdef");
	for (int i = 0; i < 40; i++) {
		_cleanup_(buf_free) struct buf twice = {0};
		at = "$A$A";
		words_read(&scope, &at, &twice);
		assert_true(twice.len < 20000);
		scope_set(&scope, "A", buf_text(&twice));
	}
	for (int i = 0; i < 1000; i++) {
		char name[16];
		snprintf(name, sizeof name, "V%d", i);
		scope_set(&scope, name, "x");
	}
	assert_true(scope.variables.n < 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
		T(quotes_and_ends),    T(homes), T(variables), T(what_differs),
		T(hostile_values_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
