/* SPDX-License-Identifier: MIT */
/* To change the registry of a user who is not logged on, act/ loads the user's hive as
 * HKU\imgsan-SID and unloads it again. A run that is killed in between leaves it there, and
 * the user's registry can then neither be read as a file nor be used to log on. */
#include <errno.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "list.h"

#define OURS "imgsan-"

static int plan_borrowed_hives(const struct cleaning *cleaning, struct plan *plan)
{
	struct plat_key *users;
	const char *name;
	int r = cleaning->guest->live ? plat_key_open("HKU", &users) : -ENOSYS;
	if (r < 0)
		return r == -ENOSYS ? 0 : r;
	while ((r = plat_key_next(users, &name)) > 0) {
		if (!str_starts(name, OURS))
			continue;
		_cleanup_free_ char *place = mem_printf("hive:%s", name + strlen(OURS));
		plan_add_step(plan, STEP_REMOVE, place);
	}
	plat_key_close(users);
	return r;
}

const struct cleaner borrowed_hives_cleaner = {
	.name = "borrowed-hives",
	.title = "Registry of a user left loaded",
	.why = "an earlier run of imgsan was killed while it had this user's registry loaded; "
	       "it is unloaded, nothing in it is lost",
	.class = CLASS_TRACE,
	.severity = SEVERITY_MEDIUM,
	.os = GUEST_WINDOWS,
	.plan = plan_borrowed_hives,
};
