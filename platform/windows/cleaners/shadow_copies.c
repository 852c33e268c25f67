/* SPDX-License-Identifier: MIT */
/* Shadow copies keep every file as it was, also what is removed now; restore points are
 * such copies, too. One that belongs to a backup ends with it and is left alone. */
#include "../system/system.h"
#include "base/mem.h"
#include "base/cleanup.h"
#include "list.h"
#include "told.h"

struct looking {
	struct plan *plan;
	size_t told;
};

static void on_shadow(const struct sys_shadow *shadow, void *context)
{
	struct looking *looking = context;
	struct plan *plan = looking->plan;
	_cleanup_free_ char *place = mem_printf("shadow:%s", shadow->id);
	_cleanup_free_ char *why = mem_printf(
		"a copy of %s%s%s: every file as it was then, also those that go now",
		*shadow->volume ? shadow->volume : "a volume", *shadow->made ? ", made " : "",
		shadow->made);
	looking->told++;
	if (shadow->lasting)
		cleaner_step_at(plan, STEP_REMOVE, place, why);
	else
		told_posture(
			plan, SEVERITY_MEDIUM, place,
			mem_strdup("a shadow copy that a backup holds: wait for the backup to "
				   "end, then run imgsan clean again"));
}

static int plan_shadows(const struct cleaning *cleaning, struct plan *plan)
{
	struct looking looking = {plan, 0};
	if (!cleaning->guest->live)
		return 0;
	uint32_t error = sys_shadows(on_shadow, &looking);
	if (error && !looking.told)
		told_unexamined(plan, "", "the shadow copies could not be listed", error);
	else if (error)
		told_unexamined(plan, "", "not all shadow copies could be listed", error);
	return 0;
}

const struct cleaner shadow_copies_cleaner = {
	.name = "shadow-copies",
	.title = "Shadow copies and restore points",
	.why = "a shadow copy on the disk keeps everything that was removed since it was made",
	.advice = "list them with vssadmin list shadows; keep them with --treat "
		  "shadow-copies=report",
	.class = CLASS_TRACE,
	.severity = SEVERITY_HIGH,
	.os = GUEST_WINDOWS,
	.plan = plan_shadows,
};
