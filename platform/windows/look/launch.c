/* SPDX-License-Identifier: MIT */
/* One worker process: this program once more, with our command line. It gets two handles,
 * its end of the pipe and NUL for the three standard ones, and no console, so that nothing
 * from the keyboard reaches it. It lives in a job whose only handle is ours: however we end,
 * the system ends it. */
#include "sandbox.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "errors.h"

enum { END_PATIENCE_MS = 10000 };
#define LONGEST_PATH 32768 /* of Windows, in UTF-16 units */

static void handle_close(const HANDLE *handle)
{
	if (*handle)
		CloseHandle(*handle);
}

static HANDLE job_make(void)
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits;
	sandbox_limits_begin(&limits);
	HANDLE job = CreateJobObjectW(NULL, NULL);
	if (job && !SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits,
					    sizeof limits)) {
		CloseHandle(job);
		job = NULL;
	}
	return job;
}

/* No clipboard, no windows of others, no shutdown. A job with such limits can not be inside
 * another one, as ours is when we are in one ourselves: then it goes without. */
static void job_cut_desktop(HANDLE job)
{
	JOBOBJECT_BASIC_UI_RESTRICTIONS all = {
		JOB_OBJECT_UILIMIT_DESKTOP | JOB_OBJECT_UILIMIT_DISPLAYSETTINGS |
		JOB_OBJECT_UILIMIT_EXITWINDOWS | JOB_OBJECT_UILIMIT_GLOBALATOMS |
		JOB_OBJECT_UILIMIT_HANDLES | JOB_OBJECT_UILIMIT_READCLIPBOARD |
		JOB_OBJECT_UILIMIT_SYSTEMPARAMETERS | JOB_OBJECT_UILIMIT_WRITECLIPBOARD};
	(void)SetInformationJobObject(job, JobObjectBasicUIRestrictions, &all, sizeof all);
}

static HANDLE null_open(void)
{
	SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
	HANDLE null = CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE,
				  FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_EXISTING,
				  0, NULL);
	return null == INVALID_HANDLE_VALUE ? NULL : null;
}

/* `handles` has to outlive the list. */
static LPPROC_THREAD_ATTRIBUTE_LIST list_make(HANDLE handles[2])
{
	SIZE_T size = 0;
	InitializeProcThreadAttributeList(NULL, 1, 0, &size);
	LPPROC_THREAD_ATTRIBUTE_LIST list = mem_alloc(size);
	if (InitializeProcThreadAttributeList(list, 1, 0, &size) &&
	    UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles,
				      2 * sizeof *handles, NULL, NULL))
		return list;
	free(list);
	return NULL;
}

/* The process, not running yet. The call may write into the command line. */
static int process_make(const struct errand *errand, HANDLE token, HANDLE null,
			PROCESS_INFORMATION *ret)
{
	_cleanup_free_ wchar_t *program = mem_alloc(LONGEST_PATH * sizeof *program);
	_cleanup_free_ wchar_t *line = mem_alloc(LONGEST_PATH * sizeof *line);
	_cleanup_free_ wchar_t *environment = errand_environment(errand);
	HANDLE handles[2] = {errand->pipe, null};
	STARTUPINFOEXW start = {.StartupInfo = {.cb = sizeof start,
						.dwFlags = STARTF_USESTDHANDLES,
						.hStdInput = null,
						.hStdOutput = null,
						.hStdError = null}};
	const DWORD flags = CREATE_SUSPENDED | DETACHED_PROCESS | CREATE_UNICODE_ENVIRONMENT |
			    EXTENDED_STARTUPINFO_PRESENT;
	DWORD units = GetModuleFileNameW(NULL, program, LONGEST_PATH);
	if (!units || units == LONGEST_PATH || wcslen(GetCommandLineW()) >= LONGEST_PATH)
		return -EINVAL;
	wcscpy(line, GetCommandLineW());
	start.lpAttributeList = list_make(handles);
	if (!start.lpAttributeList)
		return error_last();
	BOOL made = token ? CreateProcessAsUserW(token, program, line, NULL, NULL, TRUE, flags,
						 environment, NULL, &start.StartupInfo, ret)
			  : CreateProcessW(program, line, NULL, NULL, TRUE, flags, environment,
					   NULL, &start.StartupInfo, ret);
	int error = made ? 0 : error_last();
	DeleteProcThreadAttributeList(start.lpAttributeList);
	free(start.lpAttributeList);
	return error;
}

/* Before its first instruction it is in the job and has the token of the start. */
static int process_begin(PROCESS_INFORMATION *made, HANDLE first, HANDLE *ret_job)
{
	_cleanup_(handle_close) HANDLE thread = made->hThread;
	HANDLE job = job_make();
	if (job && !AssignProcessToJobObject(job, made->hProcess)) {
		CloseHandle(job);
		job = NULL; /* of the jobs that we are in one allows no other */
	}
	if (job)
		job_cut_desktop(job);
	*ret_job = job;
	if ((first && !SetThreadToken(&thread, first)) || ResumeThread(thread) == (DWORD)-1)
		return error_last();
	return 0;
}

static int launch(const struct errand *errand, enum token_level level,
		  struct plat_channel *channel)
{
	_cleanup_(handle_close) HANDLE primary = NULL, first = NULL, null = null_open();
	PROCESS_INFORMATION made = {0};
	int error = null ? tokens_for(level, &primary, &first) : error_last();
	if (!error)
		error = process_make(errand, primary, null, &made);
	if (error)
		return error;
	channel->process = made.hProcess;
	error = process_begin(&made, first, &channel->job);
	if (error)
		launch_end(channel);
	return error;
}

int launch_worker(struct errand *errand, enum token_level level, struct plat_channel *channel)
{
	HANDLE ours;
	int error = channel_pair(&ours, &errand->pipe);
	if (error)
		return error;
	error = launch(errand, level, channel);
	CloseHandle(errand->pipe);
	errand->pipe = NULL;
	if (error) {
		CloseHandle(ours);
		return error;
	}
	channel_init(channel, ours);
	return 0;
}

void launch_end(struct plat_channel *channel)
{
	if (!channel->process)
		return;
	TerminateProcess(channel->process, 1);
	WaitForSingleObject(channel->process, END_PATIENCE_MS);
	CloseHandle(channel->process);
	if (channel->job)
		CloseHandle(channel->job);
	channel->process = channel->job = NULL;
}
