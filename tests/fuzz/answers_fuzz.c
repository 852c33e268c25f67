/* SPDX-License-Identifier: MIT */
/* An answer file, or a log of Sysprep: what is taken is well-formed and holds no password any
 * more, and a log gives few lines. */
#include <string.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "generalize/answers.h"
#include "generalize/log.h"

/* The copy is taken once more, and there is nothing to leave out. */
static void check_answers(const struct bytes *bytes)
{
	_cleanup_(buf_free) struct buf copy = {0}, again = {0}, fault = {0};
	struct generalized *first = generalized_new(), *second = generalized_new();
	int r = answers_check(bytes->at, bytes->len, &copy, first, &fault);
	must((r < 0) == (fault.len > 0));
	if (!r) {
		must(!answers_check(copy.data, copy.len, &again, second, &fault));
		must(!second->passwords.n && second->ignored.n <= first->ignored.n);
		must(again.len == copy.len && !memcmp(again.data, copy.data, copy.len));
	}
	generalized_free(first);
	generalized_free(second);
}

static void check_log(const struct bytes *bytes)
{
	struct generalized *into = generalized_new();
	(void)log_read(bytes->at, bytes->len, bytes->len / 3, into);
	(void)log_read(bytes->at, bytes->len, 0, into);
	must(into->errors.n <= LOG_LINES_MOST);
	vec_each(&into->errors, line)
		must(strlen(*line) <= 4 * LOG_LINE_MOST);
	must(!into->cause == !into->remedy);
	generalized_free(into);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct bytes all = {bytes, len};
	check_answers(&all);
	check_log(&all);
	return 0;
}
