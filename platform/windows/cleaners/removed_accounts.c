/* SPDX-License-Identifier: MIT */
/* The accounts that the policy removes, with their profiles, and those that it disables.
 * The profile goes first: a run that was cut off finds the account again. */
#include <string.h>

#include "base/cleanup.h"
#include "list.h"
#include "people.h"
#include "told.h"

static void say(struct plan *plan, const char *name, const char *what)
{
	_cleanup_free_ char *place = mem_printf("account:%s", name);
	told_posture(plan, SEVERITY_HIGH, place, people_text(name, what));
}

/* Why it is left alone, or NULL. */
static const char *stays_because(const struct people *people, const struct person *person,
				 const struct profile *profile)
{
	if (person->account.rid < PEOPLE_FIRST_MADE)
		return " is one that Windows itself has: it stays as it is";
	if (!people->own || strcmp(people->own, person->sid) == 0)
		return " runs this program, so it stays as it is";
	if (profile && profile->loaded)
		return " is logged on, or a service runs as it, so it stays: end that and run "
		       "imgsan clean again";
	return NULL;
}

static void account_remove(const struct people *people, struct plan *plan, const char *name)
{
	const struct person *person = people_named(people, name);
	if (!person) {
		_cleanup_free_ char *place = mem_printf("account:%s", name);
		told_note(
			plan, place,
			people_text(name, " is to be removed, but there is none of that name"));
		return;
	}
	const struct profile *profile = people_profile(people, person->sid);
	const char *reason = stays_because(people, person, profile);
	if (reason) {
		say(plan, person->name, reason);
		return;
	}
	_cleanup_free_ char *place = mem_printf("account:%s", person->name);
	_cleanup_free_ char *home = mem_printf("profile:%s", person->sid);
	_cleanup_free_ char *why = mem_printf(
		"the profile, with the folder %s, of an account that the policy removes",
		profile && *profile->folder ? profile->folder : "(not known)");
	if (profile)
		cleaner_step_at(plan, STEP_REMOVE, home, why);
	cleaner_step_at(plan, STEP_REMOVE, place, "an account that the policy removes");
}

static void account_disable(const struct people *people, struct plan *plan, const char *name)
{
	const struct person *person = people_named(people, name);
	if (!person) {
		_cleanup_free_ char *place = mem_printf("account:%s", name);
		told_note(plan, place,
			  people_text(name,
				      " is to be disabled, but there is none of that name"));
		return;
	}
	const char *reason = stays_because(people, person, NULL);
	_cleanup_free_ char *place = mem_printf("account:%s", person->name);
	if (reason)
		say(plan, person->name, reason);
	else if (!person->account.disabled)
		cleaner_step_at(plan, STEP_DISABLE, place,
				"an account that the policy disables");
}

static void say_all(const struct cleaning *cleaning, struct plan *plan, const char *what)
{
	vec_each(&cleaning->policy->remove_accounts, name)
		say(plan, *name, what);
	vec_each(&cleaning->policy->disable_accounts, name)
		say(plan, *name, what);
}

static bool is_listed(const strings *list, const char *name)
{
	vec_each(list, other)
		if (strcmp(*other, name) == 0)
			return true;
	return false;
}

static int plan_removed(const struct cleaning *cleaning, struct plan *plan)
{
	const struct policy *policy = cleaning->policy;
	_cleanup_(people_free) struct people people = {0};
	if (!policy->remove_accounts.n && !policy->disable_accounts.n)
		return 0;
	if (!cleaning->guest->live) {
		say_all(cleaning, plan,
			" is to be removed or disabled, which is done on a running Windows only");
		return 0;
	}
	if (sys_is_domain_controller()) {
		say_all(cleaning, plan,
			" stays: accounts of a domain controller are the domain's");
		return 0;
	}
	if (!people_read(&people, plan))
		return 0;
	vec_each(&policy->remove_accounts, name)
		account_remove(&people, plan, *name);
	vec_each(&policy->disable_accounts, name)
		if (!is_listed(&policy->remove_accounts, *name))
			account_disable(&people, plan, *name);
	return 0;
}

const struct cleaner removed_accounts_cleaner = {
	.name = "removed-accounts",
	.title = "Accounts that the policy removes or disables",
	.why = "an account that was only for making the image is a way into every clone",
	.advice = "look for files that the account has outside its profile",
	.class = CLASS_PERSONAL,
	.severity = SEVERITY_HIGH,
	.os = GUEST_WINDOWS,
	.plan = plan_removed,
};
