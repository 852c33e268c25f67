/* SPDX-License-Identifier: MIT */
/* Removing and disabling accounts and profiles. Whatever the plan says, none that Windows
 * itself has goes, nor the one that we run as, nor a profile that is in use. */
#include <errno.h>
#include <string.h>

#include "../system/system.h"
#include "base/cleanup.h"
#include "base/fold.h"
#include "base/mem.h"
#include "base/str.h"
#include "objects.h"

enum { FIRST_MADE = 1000 }; /* RIDs below are given by Windows ("Security Identifiers") */

struct wanted {
	const char *name;
	bool found;
	uint32_t rid;
};

static void on_account(const struct sys_account *account, void *context)
{
	struct wanted *wanted = context;
	if (fold_compare(account->name, wanted->name) != 0)
		return;
	wanted->found = true;
	wanted->rid = account->rid;
}

static bool is_own(uint32_t rid)
{
	_cleanup_free_ char *own = sys_own_sid();
	_cleanup_free_ char *machine = NULL;
	if (!own || sys_machine_sid(&machine))
		return true; /* nobody can tell */
	_cleanup_free_ char *sid = mem_printf("%s-%u", machine, rid);
	return strcmp(sid, own) == 0;
}

static int refuse(const char *what, char **ret_why)
{
	*ret_why = mem_strdup(what);
	return -EPERM;
}

/* 0: it may be touched. */
static int check(const char *name, char **ret_why)
{
	struct wanted wanted = {.name = name};
	uint32_t error = sys_accounts(on_account, &wanted);
	if (sys_is_domain_controller())
		return refuse("the accounts of a domain controller are the domain's", ret_why);
	if (error && !wanted.found)
		return object_result(error, "the accounts could not be listed", ret_why);
	if (!wanted.found)
		return -ENOENT;
	if (wanted.rid < FIRST_MADE)
		return refuse("an account that Windows itself has stays as it is", ret_why);
	if (is_own(wanted.rid))
		return refuse("the account that runs this program stays as it is", ret_why);
	return 0;
}

int account_remove(const char *name, char **ret_why)
{
	int r = check(name, ret_why);
	return r ? r
		 : object_result(sys_act_account_remove(name),
				 "the account could not be removed", ret_why);
}

int account_disable(const char *name, char **ret_why)
{
	int r = check(name, ret_why);
	return r ? r
		 : object_result(sys_act_account_disable(name),
				 "the account could not be disabled", ret_why);
}

/* ---- profiles ---- */

struct sought {
	const char *sid;
	bool found, loaded;
};

static void on_profile(const struct sys_profile *profile, void *context)
{
	struct sought *sought = context;
	if (strcmp(profile->sid, sought->sid) == 0) {
		sought->found = true;
		sought->loaded = profile->loaded;
	}
}

int profile_remove(const char *sid, char **ret_why)
{
	struct sought sought = {.sid = sid};
	_cleanup_free_ char *own = sys_own_sid();
	uint32_t error = sys_profiles(on_profile, &sought);
	if (error)
		return object_result(error, "the profiles could not be listed", ret_why);
	if (!sought.found)
		return -ENOENT;
	if (!str_starts(sid, "S-1-5-21-"))
		return refuse("it is the profile of a service of Windows", ret_why);
	if (!own || strcmp(sid, own) == 0)
		return refuse("it is the profile of the account that runs this program",
			      ret_why);
	if (sought.loaded)
		return refuse("the profile is in use: log its account out", ret_why);
	return object_result(sys_act_profile_remove(sid), "the profile could not be removed",
			     ret_why);
}
