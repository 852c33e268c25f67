/* SPDX-License-Identifier: MIT */
/* The hibernation file is an image of the memory, which Fast Startup writes at every
 * shutdown. The running system holds it open and removes it itself. */
#include "../system/system.h"
#include "list.h"
#include "told.h"

#define HIBERNATION_FILE "/hiberfil.sys"

static int plan_hibernation(const struct cleaning *cleaning, struct plan *plan)
{
	bool present = false;
	if (!cleaning->guest->live || !guest_has(cleaning->guest, HIBERNATION_FILE))
		return 0;
	uint32_t error = sys_hibernation(&present);
	if (error)
		told_unexamined(plan, HIBERNATION_FILE,
				"whether the system hibernates could not be asked for", error);
	if (!present)
		return 0; /* nobody holds it: the packs remove it */
	cleaner_claim(plan, HIBERNATION_FILE);
	cleaner_step_at(
		plan, STEP_DISABLE, "hibernation:C:",
		"hibernation and Fast Startup write the memory to the disk; turned off, "
		"their file goes");
	return 0;
}

const struct cleaner hibernation_cleaner = {
	.name = "hibernation",
	.title = "Hibernation of the running system",
	.why = "the hibernation file holds what was in memory, passwords and keys included",
	.advice = "powercfg /h on, on a clone that has to hibernate",
	.class = CLASS_TRACE,
	.severity = SEVERITY_HIGH,
	.os = GUEST_WINDOWS,
	.plan = plan_hibernation,
};
