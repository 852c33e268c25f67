/* SPDX-License-Identifier: MIT */
/* The change journal of a volume names every file that was made, renamed or removed. */
#include "../look/paths.h"
#include "../system/system.h"
#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "list.h"
#include "told.h"

/* The letter of a volume of the guest: "/" is the system's, "/D:" is D. 0: it has none. */
static char drive_of(const struct volume *volume)
{
	const char *path = volume->path;
	if (!path[1])
		return path_system_drive();
	return ascii_is_letter((uint8_t)path[1]) && path[2] == ':' && !path[3] ? path[1] : 0;
}

static void journal_look(struct plan *plan, char drive)
{
	_cleanup_free_ char *place = mem_printf("journal:%c:", drive);
	bool present = false;
	uint32_t error = sys_journal(drive, &present);
	if (present && sys_is_domain_controller())
		told_note(plan, place,
			  mem_strdup("stays: the replication of a domain controller needs it"));
	else if (present)
		cleaner_step_at(plan, STEP_REMOVE, place,
				"the names of files that were made, renamed and removed");
	else if (error)
		told_unexamined(plan, place, "the change journal could not be asked for",
				error);
}

static int plan_journals(const struct cleaning *cleaning, struct plan *plan)
{
	if (cleaning->guest->live)
		vec_each(&cleaning->guest->volumes, volume)
			if (drive_of(volume))
				journal_look(plan, drive_of(volume));
	return 0;
}

const struct cleaner change_journals_cleaner = {
	.name = "change-journals",
	.title = "Change journals of volumes",
	.why = "the journal names every file that was made, renamed or removed",
	.advice =
		"what reads the journal (search, replication, backup) begins anew on the clone",
	.class = CLASS_TRACE,
	.severity = SEVERITY_LOW,
	.os = GUEST_WINDOWS,
	.last = 1, /* every removal is written to it */
	.plan = plan_journals,
};
