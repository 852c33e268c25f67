/* SPDX-License-Identifier: MIT */
/* Sysprep with its arguments ("Sysprep Command-Line Options"):
 *
 *     /generalize /oobe   what makes each clone a machine of its own
 *     /quit               no shutdown: who started us gets a report first, then we do it
 *     /quiet              no window asks anybody
 *     /unattend:FILE      and none by chance from a place where setup looks for one
 *
 * Not /mode:vm: it is for clones on the very same virtual hardware, and clouds start an image
 * on many kinds. The program runs from its own folder ("How Sysprep Works"). What it starts
 * belongs to one job, whose end is the end of all; the job is not tied to our life, for half
 * a run is worse than one that nobody watches. Where setup is still at work behind that, as
 * ImageState says ("Windows Setup States"), it is given a while to come to its end. */
#include <errno.h>
#include <string.h>

#include <windows.h>

#include "../look/errors.h"
#include "../look/names.h"
#include "../look/paths.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "mutate.h"
#include "place.h"
#include "platform.h"

enum { LINE_MOST = 1024, END_PATIENCE_MS = 10000, SETTLE_PATIENCE_MS = 15000 };

struct plat_generalizing {
	HANDLE process, job;
	ULONGLONG ended; /* when all had ended, or 0 */
};

static const wchar_t arguments[] = L" /generalize /oobe /quit /quiet /unattend:";

static void handle_close(const HANDLE *handle)
{
	if (*handle)
		CloseHandle(*handle);
}

/* C:\... of a path inside the guest. */
static int file_name(const char *path, struct buf *ret)
{
	_cleanup_(buf_free) struct buf native = {0};
	int r = path_native(path, NULL, path_system_drive(), &native);
	if (!r)
		buf_puts(ret, buf_text(&native) + 4); /* without \??\ */
	return r;
}

static int line_make(const wchar_t *program, const char *answer_file, wchar_t *out)
{
	_cleanup_(buf_free) struct buf name = {0};
	size_t units;
	int r = file_name(answer_file, &name);
	if (r < 0)
		return r;
	_cleanup_free_ wchar_t *wide = name_to_wide(buf_text(&name), &units);
	if (!wide || wcspbrk(wide, L" \"") ||
	    wcslen(program) + wcslen(arguments) + units + 3 > LINE_MOST)
		return -EINVAL;
	swprintf(out, LINE_MOST, L"\"%ls\"%ls%ls", program, arguments, wide);
	return 0;
}

/* Nobody is at its console, and its windows are nobody's. */
static int process_make(const wchar_t *program, wchar_t *line, const wchar_t *folder,
			PROCESS_INFORMATION *ret)
{
	STARTUPINFOW start = {
		.cb = sizeof start, .dwFlags = STARTF_USESHOWWINDOW, .wShowWindow = SW_HIDE};
	return CreateProcessW(program, line, NULL, NULL, FALSE,
			      CREATE_SUSPENDED | CREATE_NO_WINDOW, NULL, folder, &start, ret)
		       ? 0
		       : error_last();
}

/* Where we are in a job that allows no other, it goes without, and only its own end is
 * waited for. */
static int process_begin(PROCESS_INFORMATION *made, struct plat_generalizing *run)
{
	_cleanup_(handle_close) HANDLE thread = made->hThread;
	HANDLE job = CreateJobObjectW(NULL, NULL);
	if (job && !AssignProcessToJobObject(job, made->hProcess)) {
		CloseHandle(job);
		job = NULL;
	}
	*run = (struct plat_generalizing){.process = made->hProcess, .job = job};
	return ResumeThread(thread) == (DWORD)-1 ? error_last() : 0;
}

int plat_generalize_start(const char *answer_file, struct plat_generalizing **ret,
			  char **ret_line)
{
	wchar_t program[MAX_PATH], folder[MAX_PATH], line[LINE_MOST];
	_cleanup_(buf_free) struct buf text = {0};
	PROCESS_INFORMATION made;
	if (!place_in_windows(PLACE_PROGRAM, program, MAX_PATH) ||
	    !place_in_windows(PLACE_SYSPREP, folder, MAX_PATH))
		return -ENAMETOOLONG;
	int r = line_make(program, answer_file, line);
	if (r < 0)
		return r;
	name_from_wide(line, wcslen(line), &text); /* CreateProcessW may write into it */
	r = process_make(program, line, folder, &made);
	if (r < 0)
		return r;
	struct plat_generalizing *run = mem_alloc(sizeof *run);
	r = process_begin(&made, run);
	if (r < 0) {
		plat_generalize_end(run);
		return r;
	}
	*ret = run;
	*ret_line = mem_strdup(buf_text(&text));
	return 0;
}

static bool all_ended(const struct plat_generalizing *run)
{
	JOBOBJECT_BASIC_ACCOUNTING_INFORMATION seen = {0};
	return !run->job ||
	       !QueryInformationJobObject(run->job, JobObjectBasicAccountingInformation, &seen,
					  sizeof seen, NULL) ||
	       !seen.ActiveProcesses;
}

/* A phase that has not been completed: setup is at work, or it has failed. */
static bool in_between(void)
{
	_cleanup_(buf_free) struct buf state = {0};
	return !plat_generalize_state(&state) &&
	       strcmp(buf_text(&state), "IMAGE_STATE_UNDEPLOYABLE") == 0;
}

static bool has_settled(struct plat_generalizing *run)
{
	ULONGLONG now = GetTickCount64();
	if (!run->ended)
		run->ended = now;
	return now - run->ended > SETTLE_PATIENCE_MS || !in_between();
}

int plat_generalize_wait(struct plat_generalizing *run, unsigned timeout_ms, uint32_t *ret_exit)
{
	DWORD code;
	if (WaitForSingleObject(run->process, timeout_ms) != WAIT_OBJECT_0)
		return -EAGAIN;
	if (!all_ended(run) || !has_settled(run)) {
		Sleep(timeout_ms);
		return -EAGAIN;
	}
	if (!GetExitCodeProcess(run->process, &code))
		return error_last();
	*ret_exit = code;
	return 0;
}

struct plat_generalizing *plat_generalize_end(struct plat_generalizing *run)
{
	if (run->job)
		TerminateJobObject(run->job, ERROR_TIMEOUT);
	else
		TerminateProcess(run->process, ERROR_TIMEOUT);
	WaitForSingleObject(run->process, END_PATIENCE_MS);
	CloseHandle(run->process);
	if (run->job)
		CloseHandle(run->job);
	free(run);
	return NULL;
}
