/* SPDX-License-Identifier: MIT */
/* Lines of the text report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "report/line.h"

static void wraps(const char *text, unsigned width, const char *expected)
{
	_cleanup_(buf_free) struct buf out = {0};
	line_wrapped(&out, 2, "- ", text, width);
	assert_string_equal(buf_text(&out), expected);
}

static void text_goes_on_below_its_first_word(void **state)
{
	(void)state;
	wraps("one two three", 80, "  - one two three\n");
	wraps("one two three", 11, "  - one two\n    three\n");
}

/* A plan file may give no reason for a step, and a terminal can be very narrow. */
static void nothing_is_no_line_and_no_room_is_no_harm(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf out = {0};
	wraps("", 80, "  - \n");
	wraps(" ", 80, "  - \n");
	line_wrapped(&out, 2, "- ", "one two", 3);
	assert_true(out.len > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_goes_on_below_its_first_word),
		cmocka_unit_test(nothing_is_no_line_and_no_room_is_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
