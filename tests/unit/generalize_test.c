/* SPDX-License-Identifier: MIT */
/* What logs of Sysprep say, what of them is quoted, and what speaks against a run. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "generalize/facts.h"
#include "generalize/log.h"

#define TIME "2026-03-20 15:23:14, "
#define INFO TIME "Info                  SYSPRP "
#define ERR TIME "Error      [0x0f0082] SYSPRP "
#define BEGIN INFO "===          Beginning of a new sysprep run          ===\r\n"

static void means(const char *log, const char *cause, bool gave_up, size_t lines)
{
	struct generalized *into = generalized_new();
	assert_int_equal(log_read(log, strlen(log), 0, into), gave_up);
	if (cause)
		assert_string_equal(into->cause ? into->cause : "none", cause);
	else
		assert_null(into->cause);
	assert_true(!cause || (into->meaning && into->remedy));
	assert_int_equal(into->errors.n, lines);
	generalized_free(into);
}

static void each_failure_has_its_cause(void **state)
{
	(void)state;
	means(ERR
	      "Package a_1 was installed for a user, but not provisioned for all users.\n" ERR
	      "Failed to remove apps for the current user: 0x80073cf2.\n",
	      "app-packages", false, 2);
	means(ERR "BitLocker-Sysprep: BitLocker is on for the OS volume. (0x80310039)\n",
	      "encryption", false, 1);
	means(ERR "Audit mode can't be turned on if there is an active scenario.; hr = "
		  "0x800F0975\n",
	      "updates", false, 1);
	means(ERR "RunExternalDlls: halting sysprep execution. dwRet = -1073425657\n", "rearm",
	      true, 1);
	means(ERR "Not running DLLs; either the machine is in an invalid state, dwRet = 31\n",
	      "interrupted", false, 1);
	means(ERR "Windows could not parse or process the unattend answer file\n",
	      "answer-file", false, 1);
	means(ERR "Sysprep will not run on an upgraded OS.\n", "upgraded", false, 1);
	means(ERR "RegDeleteValueW for senseGuid; dwRet = 0x5\n", "access", false, 1);
	means(ERR "User does not have the required privileges to sysprep machine\n", "access",
	      false, 1);
	means(ERR "Another instance of Sysprep is running\n", "running", false, 1);
	means(ERR "CopyFile: There is not enough space on the disk.; dwRet = 0x70[gle=0x0]\n",
	      "disk-space", false, 1);
}

static void a_number_is_all_of_its_digits(void **state)
{
	(void)state;
	means(ERR "Failed to queue; dwRet = 0x57\n", NULL, false, 1);
	means(ERR "Failed to queue; dwRet = 0x5a\n", NULL, false, 1);
	means(ERR "Failed to queue; dwRet = 310\n", NULL, false, 1);
	means(ERR "Failed to queue; dwRet = 0x57, then dwRet = 0x5.\n", "access", false, 1);
	means(ERR "Failed to queue; dwRet = 5\n", "access", false, 1);
}

/* One failure brings a row of lines, and the first cause is not always the first line. */
static void what_explains_most_counts(void **state)
{
	(void)state;
	means(ERR "DeleteValue; dwRet = 0x5\n" ERR "0x80310039\n", "encryption", false, 2);
}

static void what_is_no_error_means_nothing(void **state)
{
	(void)state;
	means("", NULL, false, 0);
	means("\n\r\n", NULL, false, 0);
	means(INFO "0x80310039 halting sysprep execution\n", NULL, false, 0);
	means(TIME "Warning SYSPRP WinMain: File operations pending\n", NULL, false, 0);
	means(ERR "setupdigetclassdevs failed with error 0", NULL, false, 1);
	means(ERR "one\n" ERR "one\n", NULL, false, 1);
}

static void only_the_last_run_counts(void **state)
{
	(void)state;
	means(BEGIN ERR "0x80310039, halting sysprep execution\r\n" BEGIN ERR "odd\r\n", NULL,
	      false, 1);
	static const char log[] = ERR "0x80310039\n" ERR "odd\n";
	struct generalized *into = generalized_new();
	log_read(log, strlen(log), strlen(ERR "0x80310039\n"), into);
	assert_null(into->cause);
	assert_string_equal(into->errors.v[0], "[0x0f0082] SYSPRP odd");
	generalized_free(into);
}

static void wide_logs_are_read(void **state)
{
	(void)state;
	static const char plain[] = ERR "0x80310039\r\n";
	char wide[2 * sizeof plain] = {'\xff', '\xfe'};
	for (size_t i = 0; i < sizeof plain - 1; i++)
		wide[2 + 2 * i] = plain[i];
	struct generalized *into = generalized_new();
	log_read(wide, sizeof wide, 0, into);
	assert_string_equal(into->cause, "encryption");
	assert_string_equal(into->errors.v[0], "[0x0f0082] SYSPRP 0x80310039");
	generalized_free(into);
}

static void quoted(const char *line, const char *expected)
{
	_cleanup_(buf_free) struct buf out = {0};
	log_redact(line, strlen(line), &out);
	assert_string_equal(buf_text(&out), expected);
}

static void no_secret_is_quoted(void **state)
{
	(void)state;
	quoted("nothing to hide; hr = 0x80070005", "nothing to hide; hr = 0x80070005");
	quoted("Password=hunter2, user=ann", "Password=***, user=ann");
	quoted("PASSWORD : \"hunter2\" x", "PASSWORD : \"*** x");
	quoted("<AdministratorPassword>hunter2</AdministratorPassword>",
	       "<AdministratorPassword>***</AdministratorPassword>");
	quoted("the password is not shown", "the password is not shown");
	quoted("registry key HKLM\\a", "registry key HKLM\\a");
	quoted("got aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ1 there", "got *** there");
	quoted("", "");
	quoted("token=", "token=");
}

static int all_fine(plat_fact_tell *tell, void *context)
{
	tell(PLAT_FACT_REARM, PLAT_FACT_UNKNOWN, "nobody tells", context);
	return 0;
}

static int two_block(plat_fact_tell *tell, void *context)
{
	tell(PLAT_FACT_ROLES, PLAT_FACT_UNKNOWN, "one", context);
	tell(PLAT_FACT_ROLES, PLAT_FACT_BLOCKS, "two", context);
	tell(PLAT_FACT_ROLES, PLAT_FACT_BLOCKS, "three", context);
	tell(PLAT_FACT_ROLES, PLAT_FACT_PASSES, "four", context);
	tell(PLAT_FACT_ELEVATION, PLAT_FACT_BLOCKS, NULL, context);
	return 0;
}

static int can_not_look(plat_fact_tell *tell, void *context)
{
	(void)tell;
	(void)context;
	return -EIO;
}

static void facts_are_told_with_remedies(void **state)
{
	(void)state;
	struct generalized *into = generalized_new();
	assert_null(facts_look_at(all_fine, into));
	assert_int_equal(into->facts.n, PLAT_FACT_COUNT);
	vec_each(&into->facts, fact)
		assert_true(fact->name && fact->title && fact->remedy);
	assert_int_equal(into->facts.v[PLAT_FACT_REARM].state, PLAT_FACT_UNKNOWN);
	assert_string_equal(facts_look_at(two_block, into)->name, "elevation");
	assert_int_equal(into->facts.v[PLAT_FACT_REARM].state, PLAT_FACT_PASSES);
	assert_string_equal(buf_text(&into->facts.v[PLAT_FACT_ROLES].detail), "two; three");
	assert_non_null(facts_look_at(can_not_look, into));
	generalized_free(into);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_failure_has_its_cause),
		cmocka_unit_test(a_number_is_all_of_its_digits),
		cmocka_unit_test(what_explains_most_counts),
		cmocka_unit_test(what_is_no_error_means_nothing),
		cmocka_unit_test(only_the_last_run_counts),
		cmocka_unit_test(wide_logs_are_read),
		cmocka_unit_test(no_secret_is_quoted),
		cmocka_unit_test(facts_are_told_with_remedies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
