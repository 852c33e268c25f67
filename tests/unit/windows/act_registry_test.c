/* SPDX-License-Identifier: MIT */
/* Steps of a plan in the registry of the running system. The hive of a user who is not logged
 * on is loaded and unloaded by a double that keeps to what RegLoadKeyW and RegUnLoadKeyW
 * promise: Wine's own write nothing back. The test starts itself for what is killed:
 *
 *	act_registry_test act      does every step there is to do */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>
#include <errno.h>

#include "act/act.h"
#include "base/mem.h"
#include "model/registered.h"
#include "mutate.h"
#include "planted.h"
#include "scratch.h"
#include "windows/look/names.h"
#include "windows/mutate/fault.h"
#include "windows/mutate/hives.h"

#define SID "S-1-5-21-7-7-7-1001"
#define SID_WIDE L"S-1-5-21-7-7-7-1001"
#define PROFILES L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\"
#define SECRET "abcdefgh"
enum { KILLED = 137, MOST_CHANGES = 200 };

/* ---- the double of a hive ---- */

/* TOP\stored\NAME stands for the file. */
static HKEY stored(void)
{
	return planted_key(L"stored");
}

static LSTATUS copy(HKEY from, HKEY to)
{
	LSTATUS error = RegCopyTreeW(from, NULL, to);
	RegCloseKey(from);
	RegCloseKey(to);
	return error;
}

static HKEY user(const wchar_t *name, bool make)
{
	HKEY key = NULL;
	if (make)
		RegCreateKeyExW(HKEY_USERS, name, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL);
	else
		RegOpenKeyExW(HKEY_USERS, name, 0, KEY_ALL_ACCESS, &key);
	return key;
}

static bool is_loaded(const wchar_t *name)
{
	HKEY key = user(name, false);
	if (key)
		RegCloseKey(key);
	return key != NULL;
}

static bool will_not_unload;
static wchar_t loaded_from[MAX_PATH];

/* The name is free, and the file is there. */
int hive_load(const wchar_t *name, const wchar_t *file)
{
	fault_point("RegLoadKey");
	assert_memory_equal(name, L"imgsan-", 14);
	assert_false(is_loaded(name));
	assert_true(GetFileAttributesW(file) != INVALID_FILE_ATTRIBUTES);
	wcsncpy(loaded_from, file, MAX_PATH - 1);
	return copy(stored(), user(name, true)) ? -EIO : 0;
}

/* Wine refuses to delete no key that is open, so this can not. */
int hive_unload(const wchar_t *name)
{
	fault_point("RegUnLoadKey");
	if (!is_loaded(name))
		return -ENOENT;
	if (will_not_unload)
		return -EACCES;
	HKEY old = planted_key(L"");
	assert_int_equal(RegDeleteTreeW(old, L"stored"), 0);
	RegCloseKey(old);
	if (copy(user(name, false), stored()))
		return -EIO;
	return RegDeleteTreeW(HKEY_USERS, name) ? -EIO : 0;
}

/* ---- plans ---- */

static const char *refuses_decoys(const void *context, enum action action, const char *path,
				  const struct plat_info *target)
{
	(void)context, (void)action, (void)target;
	return strstr(path, "refused") ? "refused by the guard" : NULL;
}

static struct step *plan_for(struct plan *plan, enum action action, const char *path)
{
	struct step *step = plan_add_step(plan, action, path);
	step->name = "test";
	(void)registered_look(path, &step->target);
	return step;
}

static struct step *with(struct step *step, const char *content)
{
	step->content = mem_strdup(content);
	step->content_len = strlen(content);
	return step;
}

static struct step *range(struct step *step, uint64_t offset, uint64_t length)
{
	*vec_add(&step->ranges) = (struct range){offset, length, {0}};
	return step;
}

static void run(struct plan *plan)
{
	struct guest *guest = guest_new("/");
	struct act_setup setup = {.guest = guest, .refuses = refuses_decoys};
	guest->live = guest->any_case = true;
	guest->os = GUEST_WINDOWS;
	assert_int_equal(act_run(&setup, plan), 0);
	guest_free(guest);
}

static void expect(const struct step *step, enum step_state state, const char *error)
{
	if (step->state != state || !!step->error != !!error ||
	    (error && strcmp(step->error, error) != 0))
		fail_msg("%s %s: %s, %s", action_name(step->action), step->path,
			 step_state_name(step->state), step->error ? step->error : "-");
}

/* Runs a plan of one step. */
static void run_one(enum action action, const char *path, enum step_state state,
		    const char *error)
{
	struct plan *plan = plan_new();
	struct step *step = plan_for(plan, action, path);
	run(plan);
	expect(step, state, error);
	plan_free(plan);
}

/* ---- values and keys ---- */

static void what_is_named_goes_and_nothing_else(void **state)
{
	(void)state;
	planted_text(L"a", L"goes", L"secret");
	planted_text(L"a", NULL, L"decoy");
	planted_text(L"a\\goes", L"v", L"secret");
	planted_text(L"b\\below", L"v", L"secret");
	planted_text(L"b", L"v", L"secret");
	run_one(STEP_REMOVE, TOP "\\a\\\\GOES", STEP_DONE, NULL);
	run_one(STEP_REMOVE, TOP "\\a\\goes", STEP_DONE, NULL);
	run_one(STEP_REMOVE, TOP "\\a\\\\goes", STEP_DONE, "was gone already");
	run_one(STEP_REMOVE, TOP "\\none\\\\goes", STEP_DONE, "was gone already");
	run_one(STEP_EMPTY_TREE, TOP "\\b", STEP_DONE, NULL);
	assert_false(planted_has(L"a", L"goes") || planted_has_key(L"a\\goes"));
	assert_true(planted_is_text(L"a", NULL, L"decoy"));
	assert_true(planted_has_key(L"b"));
	assert_false(planted_has(L"b", L"v") || planted_has_key(L"b\\below"));
}

static void what_is_kept_or_guarded_stays(void **state)
{
	(void)state;
	planted_text(L"a\\keep\\x", L"v", L"decoy");
	planted_text(L"a\\other\\x", L"v", L"secret");
	planted_text(L"a\\some", L"refused", L"decoy");
	planted_text(L"a\\some", L"v", L"secret");
	struct plan *plan = plan_new();
	struct step *step = plan_for(plan, STEP_REMOVE, TOP "\\a");
	*vec_add(&step->keep) = mem_strdup(TOP "\\?\\KEEP");
	run(plan);
	expect(step, STEP_DONE, "the key stays for what is kept in it");
	assert_true(planted_is_text(L"a\\keep\\x", L"v", L"decoy"));
	assert_true(planted_is_text(L"a\\some", L"refused", L"decoy"));
	assert_false(planted_has_key(L"a\\other") || planted_has(L"a\\some", L"v"));
	plan_free(plan);
}

static void a_link_goes_alone(void **state)
{
	(void)state;
	planted_text(L"target", L"v", L"decoy");
	planted_link(L"a\\link", L"\\Registry\\Machine\\SOFTWARE\\imgsan-test\\target");
	run_one(STEP_REMOVE, TOP "\\a\\link\\\\v", STEP_SKIPPED,
		"changed since it was planned: a link is in the way");
	run_one(STEP_EMPTY_TREE, TOP "\\a", STEP_DONE, NULL);
	assert_false(planted_has_key(L"a\\link"));
	planted_link(L"a\\link", L"\\Registry\\Machine\\SOFTWARE\\imgsan-test\\target");
	run_one(STEP_REMOVE, TOP "\\a\\link", STEP_DONE, NULL);
	assert_false(planted_has_key(L"a\\link"));
	assert_true(planted_is_text(L"target", L"v", L"decoy"));
}

static void a_secret_in_a_value_is_overwritten(void **state)
{
	(void)state;
	static const wchar_t lines[] = L"one\0abcdefgh\0";
	planted_text(L"a", L"plain", L"pw=" SECRET ";");
	planted_text(L"a", L"odd", L"\xfc\x20ac\xd83d\xde00=" SECRET);
	planted_put(L"a", L"lines", REG_MULTI_SZ, lines, sizeof lines);
	planted_put(L"a", L"bytes", REG_BINARY, "\1\2" SECRET "\3", 11);
	planted_text(L"a", L"base64", L"YWJjZGVmZ2g=");
	struct plan *plan = plan_new();
	range(plan_for(plan, STEP_REDACT, TOP "\\a\\\\plain"), 3, 8);
	range(plan_for(plan, STEP_REDACT, TOP "\\a\\\\odd"), 10, 8);
	range(plan_for(plan, STEP_REDACT, TOP "\\a\\\\lines"), 4, 8);
	range(plan_for(plan, STEP_REDACT, TOP "\\a\\\\bytes"), 2, 8);
	range(plan_for(plan, STEP_REDACT, TOP "\\a\\\\base64"), 0, 12)->ranges.v->coded.coding =
		CODING_BASE64;
	run(plan);
	vec_each(&plan->steps, step) /* the second is no drift: our own steps wrote the key */
		expect(step, STEP_DONE, NULL);
	assert_true(planted_is_text(L"a", L"plain", L"pw=REDACTED;"));
	assert_true(planted_is_text(L"a", L"odd", L"\xfc\x20ac\xd83d\xde00=REDACTED"));
	assert_true(planted_is(L"a", L"lines", REG_MULTI_SZ, L"one\0REDACTED\0", sizeof lines));
	assert_true(planted_is(L"a", L"bytes", REG_BINARY, "\1\2REDACTED\3", 11));
	assert_true(planted_is_text(L"a", L"base64", L"UkVEQUNURUQ="));
	plan_free(plan);
}

static void ranges_have_to_fit(void **state)
{
	(void)state;
	static const struct {
		uint64_t offset, length;
		enum step_state state;
		const char *error;
	} odd[] = {
		{4, 10, STEP_SKIPPED, "changed since it was planned"}, /* beyond the NUL */
		{1, 3, STEP_SKIPPED, "changed since it was planned"},  /* inside a character */
		{0, 0, STEP_FAILED, "the registry refused: Invalid argument"},
		{UINT64_MAX, 2, STEP_FAILED, "the registry refused: Invalid argument"},
	};
	planted_text(L"a", L"v", L"\x20ac=" SECRET);
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct plan *plan = plan_new();
		struct step *step = range(plan_for(plan, STEP_REDACT, TOP "\\a\\\\v"),
					  odd[i].offset, odd[i].length);
		run(plan);
		expect(step, odd[i].state, odd[i].error);
		plan_free(plan);
	}
	assert_true(planted_is_text(L"a", L"v", L"\x20ac=" SECRET));
}

static void a_value_gets_content_of_its_type(void **state)
{
	(void)state;
	planted_text(L"a", L"text", L"secret");
	planted_put(L"a", L"number", REG_DWORD, "\7\0\0", 4);
	planted_put(L"a", L"long", REG_QWORD, "\7\0\0\0\0\0\0", 8);
	planted_put(L"a", L"lines", REG_MULTI_SZ, L"x\0", 6);
	planted_put(L"a", L"bytes", REG_BINARY, "secret", 6);
	planted_text(L"a", L"log", L"secret");
	planted_put(L"a", L"bad", REG_DWORD, "\7\0\0", 4);
	struct plan *plan = plan_new();
	with(plan_for(plan, STEP_REPLACE, TOP "\\a\\\\text"), "n\xc3\xb6\xf0\x9f\x98\x80");
	with(plan_for(plan, STEP_REPLACE, TOP "\\a\\\\number"), "258");
	with(plan_for(plan, STEP_REPLACE, TOP "\\a\\\\long"), "4294967296");
	with(plan_for(plan, STEP_REPLACE, TOP "\\a\\\\lines"), "a\nb");
	with(plan_for(plan, STEP_REPLACE, TOP "\\a\\\\bytes"), "new");
	plan_for(plan, STEP_TRUNCATE, TOP "\\a\\\\log");
	struct step *fresh = with(plan_for(plan, STEP_CREATE, TOP "\\a\\\\fresh"), "1");
	fresh->mode = REG_DWORD;
	run(plan);
	vec_each(&plan->steps, step)
		expect(step, STEP_DONE, NULL);
	plan_free(plan);
	assert_true(planted_is_text(L"a", L"text", L"n\xf6\xd83d\xde00"));
	assert_true(planted_is(L"a", L"number", REG_DWORD, "\2\1\0", 4));
	assert_true(planted_is(L"a", L"long", REG_QWORD, "\0\0\0\0\1\0\0", 8));
	assert_true(planted_is(L"a", L"lines", REG_MULTI_SZ, L"a\0b\0", 10));
	assert_true(planted_is(L"a", L"bytes", REG_BINARY, "new", 3));
	assert_true(planted_is(L"a", L"log", REG_SZ, "", 0));
	assert_true(planted_is(L"a", L"fresh", REG_DWORD, "\1\0\0", 4));
	plan = plan_new();
	struct step *step = with(plan_for(plan, STEP_REPLACE, TOP "\\a\\\\bad"), "many");
	run(plan);
	expect(step, STEP_FAILED, "the registry refused: Invalid argument");
	plan_free(plan);
	assert_true(planted_is(L"a", L"bad", REG_DWORD, "\7\0\0", 4));
}

static void what_changed_is_not_touched(void **state)
{
	(void)state;
	planted_text(L"a", L"v", L"x=" SECRET);
	planted_text(L"a", L"other", L"1");
	struct plan *plan = plan_new();
	struct step *redact = range(plan_for(plan, STEP_REDACT, TOP "\\a\\\\v"), 2, 8);
	struct step *key = plan_for(plan, STEP_EMPTY_TREE, TOP "\\a");
	key->target.kind = PLAT_FILE;
	struct step *odd = plan_for(plan, STEP_REDACT, TOP "\\a");
	struct step *there = with(plan_for(plan, STEP_CREATE, TOP "\\a\\\\v"), "1");
	struct step *gone = with(plan_for(plan, STEP_REPLACE, TOP "\\a\\\\gone"), "1");
	Sleep(20);
	planted_text(L"a", L"other", L"2"); /* by somebody else */
	run(plan);
	expect(redact, STEP_SKIPPED, "changed since it was planned");
	expect(key, STEP_SKIPPED, "changed since it was planned");
	expect(odd, STEP_SKIPPED, "not a kind of place that this can be done to");
	expect(there, STEP_SKIPPED, "there is already such a value");
	expect(gone, STEP_SKIPPED, "changed since it was planned");
	assert_true(planted_is_text(L"a", L"v", L"x=" SECRET));
	plan_free(plan);
}

/* ---- a user who is not logged on ---- */

static HKEY profile(void)
{
	HKEY key;
	assert_int_equal(RegCreateKeyExW(HKEY_LOCAL_MACHINE, PROFILES SID_WIDE, 0, NULL, 0,
					 KEY_ALL_ACCESS, NULL, &key, NULL),
			 0);
	return key;
}

static int hive_make(void **state)
{
	size_t units;
	scratch_make(state);
	planted_make(state);
	scratch_put("/NTUSER.DAT", "its hive");
	wchar_t *folder = name_to_wide(scratch_root, &units);
	for (wchar_t *at = folder; (at = wcschr(at, L'/'));)
		*at = L'\\';
	HKEY key = profile();
	assert_int_equal(RegSetValueExW(key, L"ProfileImagePath", 0, REG_EXPAND_SZ,
					(const BYTE *)folder,
					(DWORD)(units + 1) * sizeof *folder),
			 0);
	RegCloseKey(key);
	free(folder);
	planted_text(L"stored\\Environment", L"API_TOKEN", L"secret");
	planted_text(L"stored\\Environment", L"PATH", L"decoy");
	planted_text(L"stored\\Software\\MRU", L"a", L"secret");
	planted_text(L"stored\\Software\\Text", L"v", L"pw=" SECRET);
	will_not_unload = false;
	*loaded_from = 0;
	return 0;
}

static int hive_drop(void **state)
{
	RegDeleteTreeW(HKEY_USERS, L"imgsan-" SID_WIDE);
	RegDeleteTreeW(HKEY_USERS, SID_WIDE);
	RegDeleteTreeW(HKEY_LOCAL_MACHINE, PROFILES SID_WIDE);
	planted_remove(state);
	return scratch_remove(state);
}

static void plan_profile(struct plan *plan)
{
	plan_for(plan, STEP_REMOVE, "HKU\\" SID "\\Environment\\\\API_TOKEN");
	plan_for(plan, STEP_EMPTY_TREE, "HKU\\" SID "\\Software\\MRU");
	plan_for(plan, STEP_REMOVE, TOP "\\machine");
}

static bool is_clean(void)
{
	return planted_is_text(L"stored\\Environment", L"PATH", L"decoy") &&
	       planted_has_key(L"stored\\Software\\MRU") &&
	       !planted_has(L"stored\\Environment", L"API_TOKEN") &&
	       !planted_has(L"stored\\Software\\MRU", L"a") && !planted_has_key(L"machine") &&
	       !is_loaded(L"imgsan-" SID_WIDE);
}

static void a_hive_is_borrowed_and_given_back(void **state)
{
	(void)state;
	struct plan *plan = plan_new();
	plan_profile(plan);
	run(plan);
	expect(&plan->steps.v[0], STEP_DONE, NULL);
	expect(&plan->steps.v[1], STEP_DONE, NULL);
	assert_true(is_clean());
	size_t end = wcslen(loaded_from) - wcslen(L"\\NTUSER.DAT");
	assert_memory_equal(loaded_from + end, L"\\NTUSER.DAT", 22);
	plan_free(plan);
}

/* What is planned was read from the hive's file, with the key's own time. */
static void a_value_in_a_borrowed_hive_is_redacted(void **state)
{
	(void)state;
	struct plan *plan = plan_new();
	struct step *step = range(
		plan_for(plan, STEP_REDACT, "HKU\\" SID "\\Software\\Text\\\\v"), 3, 8);
	*loaded_from = 0;
	char *place;
	assert_int_equal(plat_hive_borrow(step->path, &place), 0);
	assert_int_equal(registered_look(place, &step->target), 0);
	free(place);
	run(plan);
	expect(step, STEP_DONE, NULL);
	assert_true(planted_is_text(L"stored\\Software\\Text", L"v", L"pw=REDACTED"));
	assert_false(is_loaded(L"imgsan-" SID_WIDE));
	plan_free(plan);
}

/* As of what new accounts begin with: no account has it, its folder is its name. */
static void a_folder_without_an_account_has_a_hive(void **state)
{
	(void)state;
	char *folder = mem_strdup(strchr(scratch_root, ':') + 1);
	for (char *at = folder; (at = strchr(at, '\\'));)
		*at = '/';
	char *place = mem_printf("HKU\\%s\\Environment\\\\API_TOKEN", folder);
	run_one(STEP_REMOVE, place, STEP_DONE, NULL);
	size_t end = wcslen(loaded_from) - wcslen(L"\\NTUSER.DAT");
	assert_memory_equal(loaded_from + end, L"\\NTUSER.DAT", 22);
	assert_false(planted_has(L"stored\\Environment", L"API_TOKEN"));
	assert_true(planted_is_text(L"stored\\Environment", L"PATH", L"decoy"));
	free(place);
	free(folder);
}

static void a_failure_gives_it_back_too(void **state)
{
	(void)state;
	struct plan *plan = plan_new();
	struct step *step = with(
		plan_for(plan, STEP_REPLACE, "HKU\\" SID "\\Environment\\\\none"), "1");
	run(plan);
	expect(step, STEP_SKIPPED, "changed since it was planned");
	assert_true(*loaded_from && !is_loaded(L"imgsan-" SID_WIDE));
	assert_true(planted_is_text(L"stored\\Environment", L"API_TOKEN", L"secret"));
	plan_free(plan);
}

static void what_can_not_be_given_back_is_told(void **state)
{
	(void)state;
	struct plan *plan = plan_new();
	struct step *step = plan_for(plan, STEP_REMOVE,
				     "HKU\\" SID "\\Environment\\\\API_TOKEN");
	will_not_unload = true;
	run(plan);
	expect(step, STEP_FAILED,
	       "done, but its part of the registry could not be written and unloaded: "
	       "Device or resource busy");
	assert_true(is_loaded(L"imgsan-" SID_WIDE));
	plan_free(plan);
	/* As an object of the system, by the next run. */
	char *why = NULL;
	assert_int_equal(plat_object_remove("hive:" SID, &why), -EBUSY);
	assert_non_null(strstr(why, "has a key of it open"));
	free(why);
	will_not_unload = false;
	run_one(STEP_REMOVE, "hive:" SID, STEP_DONE, NULL);
	assert_false(is_loaded(L"imgsan-" SID_WIDE));
	assert_false(planted_has(L"stored\\Environment", L"API_TOKEN"));
	assert_int_equal(plat_registry_settle(), 0);
	run_one(STEP_REMOVE, "hive:" SID, STEP_DONE, "was gone already");
}

static void no_profile_no_hive(void **state)
{
	(void)state;
	run_one(STEP_REMOVE, "HKU\\S-1-5-21-7-7-7-1002\\Environment\\\\A", STEP_DONE,
		"was gone already");
	struct plan *plan = plan_new();
	struct step *step = with(
		plan_for(plan, STEP_CREATE, "HKU\\S-1-5-21-7-7-7-1002\\Environment\\\\A"), "1");
	run(plan);
	expect(step, STEP_FAILED,
	       "the registry of this user could not be loaded: No such file or directory");
	plan_free(plan);
	assert_false(*loaded_from);
}

static void a_user_who_is_logged_on_has_it_loaded(void **state)
{
	(void)state;
	HKEY key = user(SID_WIDE, true);
	assert_int_equal(RegSetValueExW(key, L"v", 0, REG_SZ, (const BYTE *)L"x", 4), 0);
	RegCloseKey(key);
	run_one(STEP_REMOVE, "HKU\\" SID "\\\\v", STEP_DONE, NULL);
	assert_false(*loaded_from);
	key = user(SID_WIDE, false);
	assert_int_not_equal(RegQueryValueExW(key, L"v", NULL, NULL, NULL, NULL), 0);
	RegCloseKey(key);
}

/* ---- killed ---- */

/* Ends with the exit code of `act`; at: which change it dies at. */
static DWORD act_apart(unsigned at)
{
	wchar_t self[MAX_PATH], command[MAX_PATH + 8], number[16];
	STARTUPINFOW start = {.cb = sizeof start};
	PROCESS_INFORMATION process;
	DWORD code = 0;
	assert_true(GetModuleFileNameW(NULL, self, MAX_PATH));
	swprintf(command, MAX_PATH + 8, L"\"%ls\" act", self);
	swprintf(number, 16, L"%u", at);
	SetEnvironmentVariableW(L"IMGSAN_FAULT_AT", number);
	assert_true(CreateProcessW(self, command, NULL, NULL, FALSE, 0, NULL, NULL, &start,
				   &process));
	SetEnvironmentVariableW(L"IMGSAN_FAULT_AT", NULL);
	WaitForSingleObject(process.hProcess, INFINITE);
	assert_true(GetExitCodeProcess(process.hProcess, &code));
	CloseHandle(process.hThread);
	CloseHandle(process.hProcess);
	return code;
}

/* Plans as a run does: what an earlier one left loaded is there to be given back. */
static int act_all(void)
{
	struct plan *plan = plan_new();
	plan_profile(plan);
	if (is_loaded(L"imgsan-" SID_WIDE))
		plan_for(plan, STEP_REMOVE, "hive:" SID);
	run(plan);
	int r = 0;
	vec_each(&plan->steps, step) {
		if (step->state != STEP_DONE)
			printf("%s: %s\n", step->path, step->error);
		r |= step->state != STEP_DONE;
	}
	plan_free(plan);
	return r;
}

static void any_kill_is_made_good_by_the_next_run(void **state)
{
	unsigned at, while_loaded = 0;
	for (at = 1; at < MOST_CHANGES; at++) {
		planted_text(L"machine", L"v", L"secret");
		DWORD code = act_apart(at);
		if (code != KILLED) {
			assert_int_equal(code, 0);
			assert_true(is_clean());
			break;
		}
		while_loaded += is_loaded(L"imgsan-" SID_WIDE);
		assert_int_equal(act_all(), 0);
		if (!is_clean())
			fail_msg("killed at change %u", at);
		hive_drop(state);
		hive_make(state);
	}
	print_message("%u changes, %u while a hive was loaded\n", at - 1, while_loaded);
	assert_true(at > 8 && at < MOST_CHANGES && while_loaded >= 5);
}

#define each(test) cmocka_unit_test_setup_teardown(test, planted_make, planted_remove)
#define hive(test) cmocka_unit_test_setup_teardown(test, hive_make, hive_drop)

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "act") == 0)
		return act_all();
	const struct CMUnitTest tests[] = {
		each(what_is_named_goes_and_nothing_else),
		each(what_is_kept_or_guarded_stays),
		each(a_link_goes_alone),
		each(a_secret_in_a_value_is_overwritten),
		each(ranges_have_to_fit),
		each(a_value_gets_content_of_its_type),
		each(what_changed_is_not_touched),
		hive(a_hive_is_borrowed_and_given_back),
		hive(a_value_in_a_borrowed_hive_is_redacted),
		hive(a_folder_without_an_account_has_a_hive),
		hive(a_failure_gives_it_back_too),
		hive(what_can_not_be_given_back_is_told),
		hive(no_profile_no_hive),
		hive(a_user_who_is_logged_on_has_it_loaded),
		hive(any_kill_is_made_good_by_the_next_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
