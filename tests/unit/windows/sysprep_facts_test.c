/* SPDX-License-Identifier: MIT */
/* What Wine can not be brought to tell before Sysprep: that we are the system account, and
 * that it does not know how much room there is. The calls go through a layer here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>

#include "platform.h"

/* Where the program finds the calls of Windows. */
#define CALLS(on) on(GetTokenInformation) on(GetDiskFreeSpaceExW)
#define DECLARE(call)                          \
	extern __typeof__(call) *__imp_##call; \
	static __typeof__(call) *real_##call;  \
	static __typeof__(call) pretend_##call;
CALLS(DECLARE)

static WELL_KNOWN_SID_TYPE account;
static DWORD elevated;
static bool disk_fails;
static ULONGLONG room;

static BOOL WINAPI pretend_GetTokenInformation(HANDLE token, TOKEN_INFORMATION_CLASS what,
					       LPVOID out, DWORD size, PDWORD needed)
{
	TOKEN_USER *user = out;
	if (what == TokenElevation) {
		((TOKEN_ELEVATION *)out)->TokenIsElevated = elevated;
		return TRUE;
	}
	if (what != TokenUser)
		return real_GetTokenInformation(token, what, out, size, needed);
	DWORD left = size - (DWORD)sizeof *user;
	user->User.Sid = user + 1;
	return CreateWellKnownSid(account, NULL, user->User.Sid, &left);
}

static BOOL WINAPI pretend_GetDiskFreeSpaceExW(LPCWSTR directory, PULARGE_INTEGER ours,
					       PULARGE_INTEGER total, PULARGE_INTEGER all)
{
	(void)directory, (void)total, (void)all;
	ours->QuadPart = room;
	return !disk_fails;
}

struct told {
	enum plat_fact fact;
	enum plat_fact_state state;
	char detail[256];
};

static void on_fact(enum plat_fact fact, enum plat_fact_state state, const char *detail,
		    void *context)
{
	struct told *told = context;
	if (fact != told->fact)
		return;
	told->state = state;
	strncpy(told->detail, detail ? detail : "", sizeof told->detail - 1);
}

static struct told ask(enum plat_fact fact)
{
	struct told told = {.fact = fact, .state = PLAT_FACT_PASSES};
	assert_int_equal(plat_generalize_facts(on_fact, &told), 0);
	return told;
}

static int setup(void **state)
{
	(void)state;
	account = WinBuiltinAdministratorsSid;
	elevated = 1;
	disk_fails = false;
	room = 1ull << 40;
	return 0;
}

static void system_account_is_told(void **state)
{
	(void)state;
	assert_int_equal(ask(PLAT_FACT_ELEVATION).state, PLAT_FACT_PASSES);
	account = WinLocalSystemSid;
	struct told told = ask(PLAT_FACT_ELEVATION);
	assert_int_equal(told.state, PLAT_FACT_UNKNOWN);
	assert_non_null(strstr(told.detail, "system account"));
	account = WinLocalServiceSid;
	assert_int_equal(ask(PLAT_FACT_ELEVATION).state, PLAT_FACT_PASSES);
	elevated = 0;
	assert_int_equal(ask(PLAT_FACT_ELEVATION).state, PLAT_FACT_BLOCKS);
}

static void room_is_a_gigabyte(void **state)
{
	(void)state;
	assert_int_equal(ask(PLAT_FACT_SPACE).state, PLAT_FACT_PASSES);
	room = 1u << 30;
	assert_int_equal(ask(PLAT_FACT_SPACE).state, PLAT_FACT_PASSES);
	room--;
	assert_int_equal(ask(PLAT_FACT_SPACE).state, PLAT_FACT_BLOCKS);
	disk_fails = true;
	assert_int_equal(ask(PLAT_FACT_SPACE).state, PLAT_FACT_UNKNOWN);
}

static int begin_to_pretend(void **state)
{
	DWORD old;
	(void)state;
#define PUT(call)                                                                 \
	if (!VirtualProtect(&__imp_##call, sizeof(void *), PAGE_READWRITE, &old)) \
		return -1;                                                        \
	real_##call = __imp_##call;                                               \
	__imp_##call = pretend_##call;
	CALLS(PUT)
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(system_account_is_told, setup),
		cmocka_unit_test_setup(room_is_a_gigabyte, setup),
	};
	return cmocka_run_group_tests(tests, begin_to_pretend, NULL);
}
