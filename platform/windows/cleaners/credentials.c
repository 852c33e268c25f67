/* SPDX-License-Identifier: MIT */
/* What the Credential Manager keeps for the caller and for whoever is logged on. The vaults
 * of all others are files, which packs name; those of somebody who is logged on would be
 * written again from memory. */
#include <string.h>

#include "../system/system.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "keys.h"
#include "list.h"

/* As what the Task Scheduler keeps the password of a task, with the task's GUID behind it. */
#define TASK "Domain:batch=TaskScheduler:Task:"

struct looking {
	struct plan *plan;
	const struct sys_user *user; /* while it is told */
};

static void report_task(struct plan *plan, const char *place, const char *guid)
{
	_cleanup_free_ char *key = mem_printf(
		"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\"
		"Tasks\\%s",
		guid);
	_cleanup_free_ char *task = keys_text(key, "Path");
	keys_say(plan, FINDING_POSTURE, place,
		 mem_printf("the password of the account that the scheduled task %s runs as is "
			    "stored on this disk, and every clone carries it",
			    str_or(task, guid)));
}

static bool is_planned(const struct plan *plan, const char *place)
{
	vec_each(&plan->steps, step)
		if (strcmp(step->path, place) == 0)
			return true;
	return false;
}

static void on_credential(const struct sys_credential *credential, void *context)
{
	const struct looking *looking = context;
	_cleanup_free_ char *place = mem_printf("credential:%s\\%s", looking->user->sid,
						credential->target);
	if (credential->session || is_planned(looking->plan, place))
		return;
	if (str_starts(credential->target, TASK)) {
		report_task(looking->plan, place, credential->target + strlen(TASK));
		return;
	}
	struct step *step = plan_add_step(looking->plan, STEP_REMOVE, place);
	step->files = 1;
}

static void on_user(const struct sys_user *user, void *context)
{
	struct looking *looking = context;
	looking->user = user;
	uint32_t error = user->error;
	if (!error)
		error = sys_credentials(user, on_credential, looking);
	if (!error)
		return;
	_cleanup_free_ char *place = mem_printf("credential:%s",
						*user->sid ? user->sid : user->name);
	_cleanup_free_ char *words = system_words(error);
	keys_say(looking->plan, FINDING_UNEXAMINED, place,
		 mem_printf("what the Credential Manager keeps for %s, who is logged on, could "
			    "not be looked at: %s; log that session off, or run as SYSTEM",
			    user->name, words));
}

static int plan_credentials(const struct cleaning *cleaning, struct plan *plan)
{
	struct looking looking = {.plan = plan};
	if (!cleaning->guest->live)
		return 0;
	uint32_t error = sys_users(on_user, &looking);
	if (!error)
		return 0;
	_cleanup_free_ char *words = system_words(error);
	keys_say(plan, FINDING_UNEXAMINED, "",
		 mem_printf("who is logged on could not be told, so the Credential Manager was "
			    "looked at for the caller only: %s",
			    words));
	return 0;
}

const struct cleaner credentials_cleaner = {
	.name = "credential-manager",
	.title = "Credential Manager",
	.why = "a name and password, or a token, that somebody saved for a server or program",
	.class = CLASS_PERSONAL,
	.severity = SEVERITY_HIGH,
	.os = GUEST_WINDOWS,
	.plan = plan_credentials,
};
