/* SPDX-License-Identifier: MIT */
/* What is doubtful about the accounts of a running Windows. Nothing is changed: whether
 * somebody's password has to be one is for its owner to say. */
#include <inttypes.h>

#include "base/cleanup.h"
#include "list.h"
#include "people.h"
#include "told.h"

enum { GUEST_RID = 501, SHORT = 8 };

static void say(struct plan *plan, const struct person *person, enum severity severity,
		const char *what)
{
	_cleanup_free_ char *place = mem_printf("account:%s", person->name);
	told_posture(plan, severity, place, people_text(person->name, what));
}

static void account_judge(struct plan *plan, const struct person *person)
{
	const struct sys_account *account = &person->account;
	if (account->disabled)
		return;
	if (account->rid == GUEST_RID)
		say(plan, person, SEVERITY_MEDIUM,
		    " is Windows' own for guests and is enabled: net user NAME /active:no");
	if (account->needs_no_password)
		say(plan, person, SEVERITY_HIGH,
		    " may have an empty password: give it one, then net user NAME "
		    "/passwordreq:yes");
	if (account->password_never_expires)
		say(plan, person, SEVERITY_INFO, " has a password that never expires");
}

/* Of a machine that nobody set anything on these are as weak, so they only inform. */
static void rules_judge(struct plan *plan)
{
	struct sys_password_rules rules;
	uint32_t error = sys_password_rules(&rules);
	if (error) {
		told_unexamined(plan, "", "the rules for passwords could not be read", error);
		return;
	}
	if (!rules.least_length)
		told_posture(
			plan, SEVERITY_INFO, "",
			mem_strdup("an empty password is allowed: net accounts /minpwlen:14"));
	else if (rules.least_length < SHORT)
		told_posture(plan, SEVERITY_INFO, "",
			     mem_printf("passwords of %" PRIu32 " characters are allowed: net "
					"accounts /minpwlen:14",
					rules.least_length));
	if (!rules.lockout_after)
		told_posture(plan, SEVERITY_INFO, "",
			     mem_strdup("no account is locked after wrong passwords: net "
					"accounts /lockoutthreshold:10"));
}

static int plan_accounts(const struct cleaning *cleaning, struct plan *plan)
{
	_cleanup_(people_free) struct people people = {0};
	if (!cleaning->guest->live)
		return 0;
	if (sys_is_domain_controller())
		told_note(plan, "",
			  mem_strdup("This is a domain controller: its accounts are those of "
				     "the domain and were not looked at. Do not make an image "
				     "of one."));
	if (!people_read(&people, plan))
		return 0;
	vec_each(&people.persons, person)
		account_judge(plan, person);
	rules_judge(plan);
	return 0;
}

const struct cleaner local_accounts_cleaner = {
	.name = "local-accounts",
	.title = "Local accounts of the running system",
	.why = "a weak account is a way into every clone",
	.advice = "remove or disable accounts that no clone needs, by remove-accounts and "
		  "disable-accounts in the policy",
	.class = CLASS_PERSONAL,
	.severity = SEVERITY_INFO,
	.os = GUEST_WINDOWS,
	.plan = plan_accounts,
};
