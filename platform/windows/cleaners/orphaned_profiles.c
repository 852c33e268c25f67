/* SPDX-License-Identifier: MIT */
/* Profiles of local accounts that are no more, and folders among the profiles that none is.
 * Of accounts of a domain nobody here can tell whether they are still there. */
#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/str.h"
#include "list.h"
#include "people.h"
#include "told.h"

static bool is_of_machine(const struct people *people, const char *sid)
{
	size_t len = strlen(people->machine);
	return strncmp(sid, people->machine, len) == 0 && sid[len] == '-';
}

/* NetUserEnum leaves out accounts that the caller may not read, and those that are not normal
 * ones: what has no account is asked for once more. */
static bool has_nobody(struct plan *plan, const char *place, const char *sid)
{
	bool somebody = false;
	uint32_t error = sys_is_somebody(sid, &somebody);
	if (error)
		told_unexamined(plan, place,
				"whether its account is still there could not be asked for",
				error);
	return !error && !somebody;
}

static void profile_judge(const struct people *people, struct plan *plan,
			  const struct profile *profile)
{
	/* Beside a profile that could not be loaded there may be one more, "SID.bak". */
	_cleanup_free_ char *sid = mem_strndup(profile->sid, strcspn(profile->sid, "."));
	if (!is_of_machine(people, sid) || people_of_sid(people, sid))
		return;
	_cleanup_free_ char *place = mem_printf("profile:%s", profile->sid);
	if (!has_nobody(plan, place, sid))
		return;
	_cleanup_free_ char *why = mem_printf(
		"the profile of a local account that is no more, with the folder %s",
		*profile->folder ? profile->folder : "(not known)");
	cleaner_step_at(plan, STEP_REMOVE, place, why);
}

static bool is_shared(const char *path)
{
	static const char *const shared[] = {"/Users/Public", "/Users/Default",
					     "/Users/Default User", "/Users/All Users"};
	for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
		if (fold_compare(path, shared[i]) == 0)
			return true;
	return false;
}

static void folder_judge(const struct guest *guest, const struct people *people,
			 struct plan *plan, const char *home)
{
	static const char users[] = "/Users/";
	if (fold_compare_n(home, users, strlen(users)) != 0 ||
	    strchr(home + strlen(users), '/') || is_shared(home) || !guest_has(guest, home))
		return;
	vec_each(&people->profiles, profile)
		if (fold_compare(profile->folder, home) == 0)
			return;
	told_posture(
		plan, SEVERITY_LOW, home,
		mem_strdup("a folder among the profiles that is no account's: look what is "
			   "in it and remove it"));
}

static int plan_orphans(const struct cleaning *cleaning, struct plan *plan)
{
	_cleanup_(people_free) struct people people = {0};
	if (!cleaning->guest->live || !people_read(&people, plan))
		return 0;
	vec_each(&people.profiles, profile)
		profile_judge(&people, plan, profile);
	vec_each(&cleaning->guest->homes, home)
		folder_judge(cleaning->guest, &people, plan, *home);
	return 0;
}

const struct cleaner orphaned_profiles_cleaner = {
	.name = "orphaned-profiles",
	.title = "Profiles of accounts that are no more",
	.why = "files, keys and registry of somebody who has no account any more",
	.advice = "remove them with --treat orphaned-profiles=remove",
	.class = CLASS_BUSINESS,
	.severity = SEVERITY_MEDIUM,
	.os = GUEST_WINDOWS,
	.plan = plan_orphans,
};
