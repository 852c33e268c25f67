/* SPDX-License-Identifier: MIT */
/* The event logs of a running Windows: the service holds their files open, so they are
 * emptied by asking it. A file that no channel has stays with the packs, as does all of a
 * disk that is not running. */
#include <errno.h>
#include <string.h>

#include "../system/system.h"
#include "base/cleanup.h"
#include "base/fold.h"
#include "base/glob.h"
#include "base/str.h"
#include "list.h"
#include "told.h"

#define USUAL_FOLDER "/Windows/System32/winevt/Logs"

struct looking {
	const struct guest *guest;
	struct plan *plan;
	size_t logs, steps;
};

static char *why_of(const struct sys_log *log)
{
	char number[28];
	if (log->direct && log->enabled)
		return mem_strdup("an analytic or debug log that is enabled: it is disabled, "
				  "cleared and enabled again");
	if (!log->counted || (!log->records && log->error))
		return mem_strdup("a log whose events could not be counted");
	return mem_printf("%s event%s: sign-ins, commands, names of users, machines and "
			  "addresses",
			  str_count(log->records, number), log->records == 1 ? "" : "s");
}

static uint64_t size_of(const struct guest *guest, const char *file)
{
	struct plat_info info;
	return *file && guest_look(guest, file, &info) == 0 ? info.size : 0;
}

/* A channel that went away meanwhile has nothing to tell. Of the other settings nothing comes:
 * the log is cleared, whatever they are. */
static void doubt(struct plan *plan, const char *place, const struct sys_log *log)
{
	if (log->error && !*log->file && system_errno(log->error) != -ENOENT)
		told_unexamined(plan, place,
				"the settings of the log could not be read, so files that it "
				"was put aside to were looked for in the usual folder only",
				log->error);
}

/* The log's own records are not to be asked of a direct channel that is being written; one
 * whose settings are not known may be such. */
static bool holds_something(const struct sys_log *log)
{
	return !log->counted || log->records || log->error || (log->direct && log->enabled);
}

/* ---- files that a full log was put aside to ---- */

static void archive_take(const struct looking *looking, const char *folder, const char *name)
{
	struct step *step;
	_cleanup_free_ char *path = mem_printf("%s/%s", folder, name);
	vec_each(&looking->plan->steps, before)
		if (strcmp(before->path, path) == 0)
			return;
	(void)cleaner_step(looking->guest, looking->plan, STEP_REMOVE, path,
			   "a full log that was put aside", &step);
}

/* "Archive-LOG-TIME.evtx" beside the log; in the usual folder the packs see to them. */
static void archives_look(const struct looking *looking, const char *file)
{
	_cleanup_free_ char *folder = mem_strndup(file, (size_t)(str_leaf(file) - file - 1));
	_cleanup_(buf_free) struct buf pattern = {0};
	_cleanup_free_ char *real = NULL;
	struct plat_dir *dir;
	const char *name, *leaf = str_leaf(file), *dot = strrchr(leaf, '.');
	enum plat_kind kind;
	if (!*folder || fold_compare(folder, USUAL_FOLDER) == 0 ||
	    guest_dir(looking->guest, folder, &dir, &real) < 0)
		return;
	_cleanup_free_ char *stem = mem_strndup(leaf,
						dot ? (size_t)(dot - leaf) : strlen(leaf));
	buf_puts(&pattern, "/Archive-");
	glob_quote(&pattern, stem);
	buf_puts(&pattern, "-*.evtx");
	while (plat_dir_next(dir, &name, &kind) > 0) {
		_cleanup_free_ char *absolute = mem_printf("/%s", name);
		if (glob_path_in(true, buf_text(&pattern), absolute))
			archive_take(looking, real, name);
	}
	plat_dir_close(dir);
}

/* ---- channels ---- */

static void on_log(const struct sys_log *log, void *context)
{
	struct looking *looking = context;
	looking->logs++;
	if (*log->file == '/') {
		cleaner_claim(looking->plan, log->file);
		archives_look(looking, log->file);
	}
	if (!holds_something(log))
		return;
	_cleanup_free_ char *place = mem_printf("eventlog:%s", log->name);
	doubt(looking->plan, place, log);
	_cleanup_free_ char *why = why_of(log);
	struct step *step = cleaner_step_at(looking->plan, STEP_TRUNCATE, place, why);
	step->bytes = size_of(looking->guest, log->file);
	looking->steps++;
}

static int plan_logs(const struct cleaning *cleaning, struct plan *plan)
{
	struct looking looking = {cleaning->guest, plan, 0, 0};
	if (!cleaning->guest->live)
		return 0;
	uint32_t error = sys_logs(on_log, &looking);
	if (error && !looking.logs)
		told_unexamined(plan, "", "the event logs could not be listed", error);
	else if (error)
		told_unexamined(plan, "", "not all event logs could be listed", error);
	if (looking.steps)
		told_note(plan, "",
			  mem_strdup("Clearing a log leaves one event that says who did it and "
				     "when: 1102 in Security, 104 in System. To have neither, "
				     "clean the disk while it is not running."));
	return 0;
}

const struct cleaner event_logs_cleaner = {
	.name = "event-logs",
	.title = "Event logs of the running system",
	.why = "sign-ins, commands with their arguments, script texts, names of users, machines "
	       "and addresses",
	.advice = "clear what could not be cleared with wevtutil cl, or clean the disk offline",
	.class = CLASS_TRACE,
	.severity = SEVERITY_MEDIUM,
	.os = GUEST_WINDOWS,
	.held_by = (const char *const[]){"EventLog", NULL},
	/* What is done before writes events; clearing a log writes one to System. */
	.last = 2,
	.final = "eventlog:System",
	.plan = plan_logs,
};
