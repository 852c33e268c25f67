/* SPDX-License-Identifier: MIT */
/* sys_users() against a wtsapi32.dll that stands in: who has a session is told once, who can
 * not be asked is told with the reason, and nothing is asked that the calls do not allow. What
 * it can not show is another user's token: Wine has but one user. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <windows.h>

#include "windows/system/system.h"

static int failed;
static char told[1024];

static void expect(bool is, const char *what)
{
	if (is)
		return;
	printf("FAIL: %s\n", what);
	failed = 1;
}

static void on_user(const struct sys_user *user, void *context)
{
	size_t len = strlen(told);
	(void)context;
	snprintf(told + len, sizeof told - len, "%s %s %s %u\n", user->name,
		 *user->sid ? "known" : "unknown", user->token ? "token" : "-", user->error);
}

static void *of_stand_in(const char *name)
{
	return (void *)GetProcAddress(GetModuleHandleW(L"wtsapi32.dll"), name);
}

int main(void)
{
	DWORD own = 0;
	char *calls = of_stand_in("stand_in_calls");
	int *held = of_stand_in("stand_in_held"), *fails = of_stand_in("stand_in_fails");
	if (!calls || !held || !fails) {
		printf("FAIL: it is not ours that was loaded\n");
		return 1;
	}
	ProcessIdToSessionId(GetCurrentProcessId(), &own);
	expect(own == 1, "the session that Wine runs in");
	expect(sys_users(on_user, NULL) == 0, "all were told");
	/* The caller's own second session is no second user. */
	expect(strcmp(told, "the caller known - 0\neve unknown - 1314\n") == 0, told);
	expect(strstr(calls, "enumerate 1\n") &&
		       strstr(calls, "token 1\ntoken 3\ntoken 4\ntoken 5\n"),
	       calls);
	expect(!strstr(calls, "WRONG") && !strstr(calls, "token 0"), calls);
	expect(*held == 0, "what was given was freed");
	*told = 0;
	*fails = 1;
	expect(sys_users(on_user, NULL) == ERROR_ACCESS_DENIED, "a refusal is told");
	expect(strcmp(told, "the caller known - 0\n") == 0, told);
	expect(*held == 0, "what was given was freed");
	return failed;
}
