/* SPDX-License-Identifier: MIT */
/* Page files are in use as long as the system runs, and it overwrites them when it shuts
 * down, if it is told to. */
#include "../system/system.h"
#include "base/mem.h"
#include "list.h"
#include "told.h"

#define SWAP_FILE "/swapfile.sys"

struct files {
	struct plan *plan;
	bool any;
};

static void on_file(const char *path, void *context)
{
	struct files *files = context;
	files->any = true;
	cleaner_claim(files->plan, path);
}

static int plan_files(const struct cleaning *cleaning, struct plan *plan)
{
	struct files files = {.plan = plan};
	bool cleared = false;
	if (!cleaning->guest->live)
		return 0;
	uint32_t error = sys_page_files(on_file, &files, &cleared);
	if (error)
		told_unexamined(plan, "", "the page files could not be asked for", error);
	if (!files.any)
		return 0;
	if (!cleared)
		cleaner_step_at(
			plan, STEP_TRUNCATE, "pagefile:all",
			"page files hold pages of memory; from now on Windows overwrites "
			"them when it shuts down");
	if (guest_has(cleaning->guest, SWAP_FILE)) {
		cleaner_claim(plan, SWAP_FILE);
		told_note(
			plan, SWAP_FILE,
			mem_strdup("the running system holds it open; nothing says that it is "
				   "overwritten at a shutdown"));
	}
	return 0;
}

const struct cleaner page_files_cleaner = {
	.name = "page-files",
	.title = "Page files of the running system",
	.why = "page files hold what was in memory, passwords and keys included",
	.advice =
		"shut the machine down before the capture; a clone that should shut down faster "
		"sets ClearPageFileAtShutdown to 0",
	.class = CLASS_TRACE,
	.severity = SEVERITY_HIGH,
	.os = GUEST_WINDOWS,
	.plan = plan_files,
};
