/* SPDX-License-Identifier: MIT */
#include "people.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/str.h"
#include "told.h"

static void on_account(const struct sys_account *account, void *context)
{
	struct people *people = context;
	struct person *person = vec_add(&people->persons);
	person->name = mem_strdup(account->name);
	person->sid = mem_printf("%s-%u", people->machine, account->rid);
	person->account = *account;
	person->account.name = person->name;
}

static void on_profile(const struct sys_profile *profile, void *context)
{
	struct people *people = context;
	*vec_add(&people->profiles) = (struct profile){
		mem_strdup(profile->sid), mem_strdup(profile->folder), profile->loaded};
}

bool people_read(struct people *people, struct plan *plan)
{
	if (sys_is_domain_controller())
		return false;
	people->own = sys_own_sid();
	uint32_t error = sys_machine_sid(&people->machine);
	if (!error)
		error = sys_accounts(on_account, people);
	if (error)
		told_unexamined(plan, "", "the local accounts could not be listed", error);
	if (!error && (error = sys_profiles(on_profile, people)))
		told_unexamined(plan, "", "the profiles could not be listed", error);
	return !error;
}

void people_free(struct people *people)
{
	vec_each(&people->persons, person) {
		free(person->name);
		free(person->sid);
	}
	vec_each(&people->profiles, profile) {
		free(profile->sid);
		free(profile->folder);
	}
	vec_free(&people->persons);
	vec_free(&people->profiles);
	free(people->machine);
	free(people->own);
}

const struct person *people_named(const struct people *people, const char *name)
{
	vec_each(&people->persons, person)
		if (fold_compare(person->name, name) == 0)
			return person;
	return NULL;
}

const struct person *people_of_sid(const struct people *people, const char *sid)
{
	vec_each(&people->persons, person)
		if (strcmp(person->sid, sid) == 0)
			return person;
	return NULL;
}

const struct profile *people_profile(const struct people *people, const char *sid)
{
	vec_each(&people->profiles, profile)
		if (strcmp(profile->sid, sid) == 0)
			return profile;
	return NULL;
}

char *people_text(const char *name, const char *what)
{
	struct buf text = {0};
	buf_puts(&text, "account \"");
	str_quote(&text, name);
	buf_printf(&text, "\"%s", what);
	return text.data;
}
