/* SPDX-License-Identifier: MIT */
/* The registry of the running system is read and changed as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>
#include <errno.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "mutate.h"
#include "planted.h"
#include "windows/look/names.h"
#include "windows/look/native_keys.h"

/* In the place of the one that does nothing: which changes were made. */
static char changes[4096];

void fault_point(const char *change);
void fault_point(const char *change)
{
	if (strlen(changes) + strlen(change) + 2 < sizeof changes)
		strcat(strcat(changes, change), " ");
}

static struct plat_key *opened(const char *path)
{
	struct plat_key *key;
	assert_int_equal(plat_key_open(path, &key), 0);
	return key;
}

static void one_value(const char *path, const char *name, uint32_t type, const void *data,
		      size_t len)
{
	struct plat_value value;
	struct plat_key *key = opened(path);
	assert_int_equal(plat_key_value(key, name, &value), 0);
	assert_int_equal(value.type, type);
	assert_int_equal(value.len, len);
	assert_memory_equal(value.data, data, len);
	plat_key_close(key);
}

/* The name that is told for the only value of a key. */
static char *only_name(const char *path)
{
	struct plat_value value;
	struct plat_key *key = opened(path);
	assert_int_equal(plat_key_next_value(key, &value), 1);
	char *name = mem_strdup(value.name);
	assert_int_equal(plat_key_next_value(key, &value), 0);
	plat_key_close(key);
	return name;
}

/* ---- looking ---- */

static void values_are_told_with_type_and_bytes(void **state)
{
	(void)state;
	uint8_t *much = mem_alloc(100000);
	memset(much, 7, 100000);
	planted_put(L"v", NULL, REG_SZ, L"default", 16);
	planted_put(L"v", L"empty", REG_BINARY, "", 0);
	planted_put(L"v", L"much", REG_BINARY, much, 100000);
	planted_put(L"v", L"odd", 0x1234, "abc", 3);
	one_value(TOP "\\v", "", REG_SZ, L"default", 16);
	one_value(TOP "\\v", "empty", REG_BINARY, "", 0);
	one_value(TOP "\\V", "MUCH", REG_BINARY, much, 100000);
	one_value(TOP "\\v", "odd", 0x1234, "abc", 3);
	struct plat_key *key = opened(TOP "\\v");
	struct plat_value value;
	unsigned told = 0;
	while (plat_key_next_value(key, &value) == 1)
		told++;
	assert_int_equal(told, 4);
	assert_int_equal(plat_key_value(key, "none", &value), -ENOENT);
	plat_key_close(key);
	free(much);
}

static void any_name_comes_back(void **state)
{
	(void)state;
	static wchar_t longest[16384];
	wmemset(longest, L'n', 16383);
	const wchar_t *const names[] = {L"a\\b\\\\c",  L"\\",		L" ",
					L"x\xd800y",   L"\xdc00\xd800", L"\xd83d\xde00",
					L"gr\xfc\xdf", longest};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct buf want = {0};
		planted_put(L"n", names[i], REG_BINARY, &i, sizeof i);
		name_from_wide(names[i], wcslen(names[i]), &want);
		char *name = only_name(TOP "\\n");
		assert_string_equal(name, buf_text(&want));
		one_value(TOP "\\n", name, REG_BINARY, &i, sizeof i);
		assert_int_equal(plat_value_remove(TOP "\\n", name), 0);
		assert_false(planted_has(L"n", names[i]));
		free(name);
		buf_free(&want);
	}
}

/* No Reg call can reach such a name. */
static void a_nul_is_part_of_a_name(void **state)
{
	(void)state;
	wchar_t text[] = {'a', 0, 'b'};
	UNICODE_STRING counted = {sizeof text, sizeof text, text};
	HKEY made = planted_key(L"nul");
	planted_put(L"nul", L"a", REG_SZ, L"decoy", 12);
	assert_true(NtSetValueKey(made, &counted, 0, REG_BINARY, "secret", 6) >= 0);
	RegCloseKey(made);
	one_value(TOP "\\nul",
		  "a\xc0\x80"
		  "b",
		  REG_BINARY, "secret", 6);
	assert_int_equal(plat_value_remove(TOP "\\nul", "a\xc0\x80"
							"b"),
			 0);
	char *left = only_name(TOP "\\nul");
	assert_string_equal(left, "a");
	free(left);
}

static void keys_below_are_told(void **state)
{
	(void)state;
	const char *name;
	RegCloseKey(planted_key(L"k\\one"));
	RegCloseKey(planted_key(L"k\\tw\xf6"));
	struct plat_key *key = opened(TOP "\\k"), *below;
	assert_int_equal(plat_key_next(key, &name), 1);
	assert_string_equal(name, "one");
	assert_int_equal(plat_key_open_at(key, name, &below), 0);
	plat_key_close(below);
	assert_int_equal(plat_key_next(key, &name), 1);
	assert_string_equal(name, "tw\xc3\xb6");
	assert_int_equal(plat_key_next(key, &name), 0);
	assert_int_equal(plat_key_open_at(key, "one\\two", &below), -EINVAL);
	assert_int_equal(plat_key_open_at(key, "none", &below), -ENOENT);
	plat_key_close(key);
	assert_int_equal(plat_key_open(TOP "\\none\\below", &key), -ENOENT);
	assert_int_equal(plat_key_open("HKCR\\a", &key), -EINVAL);
	assert_int_equal(plat_key_open(TOP "\\\\k", &key), -EINVAL);
}

static void a_key_knows_when_it_was_written(void **state)
{
	(void)state;
	int64_t before, after;
	FILETIME now;
	planted_text(L"w", L"a", L"1");
	struct plat_key *key = opened(TOP "\\w");
	assert_int_equal(plat_key_written(key, &before), 0);
	GetSystemTimeAsFileTime(&now);
	int64_t today = ((int64_t)now.dwHighDateTime << 32 | now.dwLowDateTime) -
			INT64_C(116444736000000000);
	assert_true(llabs(today * 100 - before) < INT64_C(3600000000000));
	Sleep(30);
	planted_text(L"w", L"a", L"2");
	assert_int_equal(plat_key_written(key, &after), 0);
	assert_true(after > before);
	plat_key_close(key);
}

/* ---- links ---- */

static void a_link_is_never_followed(void **state)
{
	(void)state;
	struct plat_key *key, *top = opened(TOP);
	planted_text(L"target\\below", L"v", L"decoy");
	planted_link(L"link", L"\\Registry\\Machine\\SOFTWARE\\imgsan-test\\target");
	assert_int_equal(plat_key_open(TOP "\\link", &key), -ELOOP);
	assert_int_equal(plat_key_open(TOP "\\link\\below", &key), -ELOOP);
	assert_int_equal(plat_key_open_at(top, "link", &key), -ELOOP);
	assert_int_equal(plat_value_remove(TOP "\\link\\below", "v"), -ELOOP);
	assert_int_equal(plat_value_set(TOP "\\link", "v", REG_SZ, "", 0), -ELOOP);
	assert_int_equal(plat_key_remove(TOP "\\link\\below"), -ELOOP);
	plat_key_close(top);
	assert_int_equal(plat_key_remove(TOP "\\link"), 0);
	assert_false(planted_has_key(L"link"));
	assert_true(planted_is_text(L"target\\below", L"v", L"decoy"));
}

static void a_link_goes_with_its_parent_and_alone(void **state)
{
	(void)state;
	planted_text(L"target", L"v", L"decoy");
	planted_text(L"goes\\deeper", L"v", L"1");
	planted_link(L"goes\\link", L"\\Registry\\Machine\\SOFTWARE\\imgsan-test\\target");
	planted_link(L"goes\\nowhere", L"\\Registry\\Machine\\SOFTWARE\\imgsan-test\\none");
	assert_int_equal(plat_key_remove(TOP "\\goes"), 0);
	assert_false(planted_has_key(L"goes"));
	assert_true(planted_is_text(L"target", L"v", L"decoy"));
}

/* Nobody hides a key by a value. */
static void what_only_looks_like_a_link_is_none(void **state)
{
	(void)state;
	wchar_t to[] = L"\\Registry\\Machine\\SOFTWARE";
	planted_put(L"plain", L"SymbolicLinkValue", REG_LINK, to, sizeof to - sizeof *to);
	planted_text(L"plain", L"v", L"x");
	one_value(TOP "\\plain", "v", REG_SZ, L"x", 4);
}

/* Wine has a plain key there: following the link was not seen. */
static void the_control_set_in_use_is_found(void **state)
{
	(void)state;
	struct plat_key *key;
	HKEY link;
	plat_key_close(opened("HKLM\\SYSTEM\\CurrentControlSet\\Control"));
	plat_key_close(opened("HKLM\\system\\currentcontrolset\\Control"));
	assert_int_equal(RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet",
				       REG_OPTION_OPEN_LINK, KEY_READ, &link),
			 0);
	bool is_link = !RegQueryValueExW(link, L"SymbolicLinkValue", NULL, NULL, NULL, NULL);
	RegCloseKey(link);
	struct plat_key *system = opened("HKLM\\SYSTEM");
	int r = plat_key_open_at(system, "CurrentControlSet", &key);
	assert_int_equal(r, is_link ? -ELOOP : 0);
	if (!r)
		plat_key_close(key);
	plat_key_close(system);
}

/* ---- changing ---- */

static void a_value_is_written_over_before_it_goes(void **state)
{
	(void)state;
	planted_text(L"r", L"goes", L"secret");
	planted_text(L"r", L"stays", L"decoy");
	planted_put(L"r", L"none", REG_BINARY, "", 0);
	*changes = 0;
	assert_int_equal(plat_value_remove(TOP "\\r", "GOES"), 0);
	assert_string_equal(changes, "NtSetValueKey NtDeleteValueKey ");
	assert_int_equal(plat_value_remove(TOP "\\r", "goes"), -ENOENT);
	assert_int_equal(plat_value_remove(TOP "\\r\\no", "goes"), -ENOENT);
	*changes = 0;
	assert_int_equal(plat_value_remove(TOP "\\r", "none"), 0);
	assert_string_equal(changes, "NtDeleteValueKey ");
	assert_true(planted_is_text(L"r", L"stays", L"decoy"));
}

static void new_content_takes_the_old_ones_place(void **state)
{
	(void)state;
	planted_put(L"s", L"v", REG_EXPAND_SZ, L"secret", 14);
	*changes = 0;
	assert_int_equal(plat_value_set(TOP "\\s", "v", REG_EXPAND_SZ, L"REDACT", 14), 0);
	assert_string_equal(changes, "NtSetValueKey ");
	assert_true(planted_is(L"s", L"v", REG_EXPAND_SZ, L"REDACT", 14));
	*changes = 0;
	assert_int_equal(plat_value_set(TOP "\\s", "v", REG_DWORD, "\1\0\0", 4), 0);
	assert_string_equal(changes, "NtSetValueKey NtSetValueKey ");
	assert_true(planted_is(L"s", L"v", REG_DWORD, "\1\0\0", 4));
	assert_int_equal(plat_value_set(TOP "\\s", "new", REG_SZ, L"x", 4), 0);
	assert_true(planted_is_text(L"s", L"new", L"x"));
	assert_int_equal(plat_value_set(TOP "\\s\\none", "v", REG_SZ, "", 0), -ENOENT);
	assert_false(planted_has_key(L"s\\none"));
}

static void a_key_goes_with_all_below_it(void **state)
{
	(void)state;
	enum { DEEP = 200 };
	wchar_t path[DEEP * 4] = L"deep";
	for (int i = 0; i < DEEP; i += 10) {
		for (int k = 0; k < 10; k++)
			wcscat(path, L"\\k");
		planted_text(path, L"v", L"secret");
	}
	for (int i = 0; i < 50; i++) {
		swprintf(path, 64, L"deep\\wide%d", i);
		planted_text(path, NULL, L"x");
		swprintf(path, 64, L"value%d", i);
		planted_text(L"deep", path, L"x");
	}
	planted_text(L"deeper", L"v", L"decoy");
	*changes = 0;
	assert_int_equal(plat_key_remove(TOP "\\deep"), 0);
	assert_non_null(strstr(changes, "NtSetValueKey NtDeleteValueKey NtDeleteKey"));
	assert_false(planted_has_key(L"deep"));
	assert_true(planted_is_text(L"deeper", L"v", L"decoy"));
	assert_int_equal(plat_key_remove(TOP "\\deep"), -ENOENT);
}

static void a_path_through_many_keys_opens(void **state)
{
	(void)state;
	wchar_t path[1024] = L"way";
	char spelled[1024] = TOP "\\way";
	for (int i = 0; i < 100; i++) {
		wcscat(path, L"\\k");
		strcat(spelled, "\\k");
		if (i % 20 == 19)
			RegCloseKey(planted_key(path));
	}
	plat_key_close(opened(spelled));
}

#define each(test) cmocka_unit_test_setup_teardown(test, planted_make, planted_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		each(values_are_told_with_type_and_bytes),
		each(any_name_comes_back),
		each(a_nul_is_part_of_a_name),
		each(keys_below_are_told),
		each(a_key_knows_when_it_was_written),
		each(a_link_is_never_followed),
		each(a_link_goes_with_its_parent_and_alone),
		each(what_only_looks_like_a_link_is_none),
		each(the_control_set_in_use_is_found),
		each(a_value_is_written_over_before_it_goes),
		each(new_content_takes_the_old_ones_place),
		each(a_key_goes_with_all_below_it),
		each(a_path_through_many_keys_opens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
