/* SPDX-License-Identifier: MIT */
/* credential:SID\TARGET: what the Credential Manager keeps for somebody who is logged on. */
#include <errno.h>
#include <string.h>

#include <windows.h>

#include "../system/system.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "fault.h"
#include "objects.h"

struct removal {
	const char *sid, *target;
	uint32_t types[32]; /* of all that have this name */
	size_t count;
	uint32_t error;
	bool found;
};

/* Of a name there may be one of each type. */
static void on_credential(const struct sys_credential *credential, void *context)
{
	struct removal *removal = context;
	if (strcmp(credential->target, removal->target) == 0 &&
	    removal->count < sizeof removal->types / sizeof *removal->types)
		removal->types[removal->count++] = credential->type;
}

static void on_user(const struct sys_user *user, void *context)
{
	struct removal *removal = context;
	if (strcmp(user->sid, removal->sid) != 0)
		return;
	uint32_t error = sys_credentials(user, on_credential, removal);
	removal->found |= removal->count;
	for (size_t i = 0; !error && i < removal->count; i++) {
		fault_point("CredDelete");
		error = sys_act_credential_delete(user, removal->target, removal->types[i]);
	}
	removal->error = error;
}

int credential_remove(const char *name, char **ret_why)
{
	size_t len = strcspn(name, "\\");
	_cleanup_free_ char *sid = mem_strndup(name, len);
	struct removal removal = {.sid = sid, .target = name + len + (name[len] == '\\')};
	if (!len || !*removal.target)
		return -EINVAL;
	uint32_t error = sys_users(on_user, &removal);
	error = removal.error ? removal.error : removal.found ? 0 : error;
	if (!error && !removal.found)
		return -ENOENT;
	return object_result(error, "the credential could not be deleted", ret_why);
}
