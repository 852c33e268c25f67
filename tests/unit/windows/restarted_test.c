/* SPDX-License-Identifier: MIT */
/* How workers live and end on Windows, and what they say and hear. A worker is this program
 * started again, so main comes to its zygote before anything else is done. */
#include <windows.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../platform/windows/look/handles.h"
#include "../../../platform/windows/look/sandbox.h"
#include "base/clock.h"
#include "base/mem.h"
#include "orders.h"

#define MIB ((uint64_t)1 << 20)

static const struct plat_worker_limits limits = {64 * MIB, 60};

enum {
	ORDER_READ = ORDER_ECHO + 1,
	ORDER_SPIN,
	ORDER_EAT,
	ORDER_CRASH,
	ORDER_HANDLES,
	ORDER_LIE,
	ORDER_LONG,
	ORDER_DEAF,
	ORDER_TRY,
};

/* ---- the worker ---- */

/* What no worker may be able to do, whoever stops it. */
struct sheet {
	bool reads_file, lists_root, makes_file, opens_parent, starts_program, has_console,
		has_variable;
	DWORD opens_registry;
};

static bool starts_program(void)
{
	STARTUPINFOW start = {.cb = sizeof start};
	PROCESS_INFORMATION made;
	wchar_t line[] = L"cmd.exe /c exit";
	if (!CreateProcessW(NULL, line, NULL, NULL, FALSE, CREATE_SUSPENDED, NULL, NULL, &start,
			    &made))
		return false;
	TerminateProcess(made.hProcess, 0);
	CloseHandle(made.hProcess);
	CloseHandle(made.hThread);
	return true;
}

static bool opens(const wchar_t *path, DWORD access, DWORD disposition)
{
	HANDLE handle = CreateFileW(path, access, FILE_SHARE_READ, NULL, disposition,
				    FILE_FLAG_BACKUP_SEMANTICS, NULL);
	if (handle != INVALID_HANDLE_VALUE)
		CloseHandle(handle);
	return handle != INVALID_HANDLE_VALUE;
}

static DWORD parent_of(HANDLE pipe)
{
	ULONG parent = 0;
	GetNamedPipeServerProcessId(pipe, &parent);
	return parent;
}

static void sheet_fill(struct sheet *sheet, HANDLE pipe)
{
	wchar_t program[MAX_PATH];
	GetModuleFileNameW(NULL, program, MAX_PATH);
	sheet->reads_file = opens(program, GENERIC_READ, OPEN_EXISTING);
	sheet->lists_root = opens(L"\\", GENERIC_READ, OPEN_EXISTING);
	sheet->makes_file = opens(L"\\made", GENERIC_WRITE, CREATE_ALWAYS);
	HANDLE parent = OpenProcess(PROCESS_VM_READ, FALSE, parent_of(pipe));
	sheet->opens_parent = parent != NULL;
	sheet->starts_program = starts_program();
	sheet->has_console = GetConsoleWindow() != NULL;
	sheet->has_variable = GetEnvironmentVariableW(L"IMGSAN_WORKER", NULL, 0) != 0;
}

static DWORD handles_now(void)
{
	DWORD count = 0;
	GetProcessHandleCount(GetCurrentProcess(), &count);
	return count;
}

/* Raw bytes where a frame is expected. */
static void write_raw(HANDLE pipe, const void *bytes, size_t length)
{
	OVERLAPPED overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
	DWORD done;
	WriteFile(pipe, bytes, (DWORD)length, NULL, &overlapped);
	GetOverlappedResult(pipe, &overlapped, &done, TRUE);
}

/* A frame that brings handles to a parent that wants none. */
static void lie(struct plat_channel *channel)
{
	uint8_t frame[16 + 2 * sizeof(uint64_t) + sizeof(uint32_t)] = {1};
	uint64_t handle = 4;
	uint32_t count = 2;
	memcpy(frame + 16, &handle, sizeof handle);
	memcpy(frame + 16 + 2 * sizeof handle, &count, sizeof count);
	write_raw(channel->pipe, frame, sizeof frame);
}

static size_t obey(struct plat_channel *channel, int order, uint8_t *room, size_t len,
		   struct plat_file **files, size_t count)
{
	static uint8_t huge[2 * FRAME_MOST];
	DWORD got = 0;
	switch (order) {
	case ORDER_READ:
		for (size_t i = 0; i < count; i++) {
			OVERLAPPED at = {0};
			if (!ReadFile(files[i]->handle, room, 100, &got, &at))
				return 1;
		}
		return got;
	case ORDER_SPIN:
		for (volatile int i = 0;; i = !i)
			;
	case ORDER_EAT:
		for (int i = 0; i < 1024; i++)
			if (!VirtualAlloc(NULL, MIB, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE))
				break;
			else
				room[1] = (uint8_t)(i / 4);
		return 2;
	case ORDER_CRASH:
		RaiseException(EXCEPTION_ACCESS_VIOLATION, EXCEPTION_NONCONTINUABLE, 0, NULL);
		break;
	case ORDER_HANDLES:
		got = handles_now();
		memcpy(room, &got, sizeof got);
		return sizeof got;
	case ORDER_LIE:
		lie(channel);
		break;
	case ORDER_LONG:
		write_raw(channel->pipe, huge, sizeof huge);
		break;
	case ORDER_DEAF:
		Sleep(INFINITE);
		break;
	case ORDER_TRY: {
		struct sheet sheet = {0};
		sheet_fill(&sheet, channel->pipe);
		memcpy(room, &sheet, sizeof sheet);
		return sizeof sheet;
	}
	}
	return len;
}

static void worker_serve(struct plat_channel *channel, void *context)
{
	(void)context;
	orders_serve(channel, obey);
}

static int prepare_fails(void *context)
{
	(void)context;
	return -ENOEXEC;
}

static int prepare_works(void *context)
{
	*(int *)context = 1;
	return 0;
}

/* ---- the parent's side ---- */

static struct plat_zygote *zygote_of(plat_worker_prepare *prepare)
{
	static int prepared;
	struct plat_zygote *zygote = NULL;
	assert_int_equal(plat_zygote_start(prepare, worker_serve, &prepared, &limits, &zygote),
			 0);
	assert_int_equal(prepared, 0); /* that is for the workers */
	return zygote;
}

static struct plat_channel *worker_ready(struct plat_zygote *zygote)
{
	struct plat_channel *channel = NULL;
	unsigned guards = 0;
	assert_int_equal(plat_worker_start(zygote, &channel, &guards), 0);
	return channel;
}

static bool ended(HANDLE process, DWORD within_ms)
{
	return WaitForSingleObject(process, within_ms) == WAIT_OBJECT_0;
}

/* A handle of our own, which outlives the channel's. */
static HANDLE process_of(const struct plat_channel *channel)
{
	HANDLE process = NULL;
	assert_true(DuplicateHandle(GetCurrentProcess(), channel->process, GetCurrentProcess(),
				    &process, SYNCHRONIZE | PROCESS_TERMINATE, FALSE, 0));
	return process;
}

static DWORD handles_of(struct plat_channel *channel)
{
	DWORD count = 0;
	order(channel, ORDER_HANDLES);
	assert_int_equal(plat_receive(channel, &count, sizeof count, NULL, NULL), sizeof count);
	return count;
}

static HANDLE content_open(void)
{
	wchar_t path[MAX_PATH], name[MAX_PATH];
	DWORD done;
	GetTempPathW(MAX_PATH, path);
	GetTempFileNameW(path, L"wrk", 0, name);
	HANDLE file = CreateFileW(name, GENERIC_READ | GENERIC_WRITE,
				  FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
				  CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
	assert_true(file != INVALID_HANDLE_VALUE);
	assert_true(WriteFile(file, "content", 7, &done, NULL));
	return file;
}

/* ---- tests ---- */

/* Whatever a guard is said to stop does not work. */
static void test_guards_hold_what_they_say(void **state)
{
	(void)state;
	struct plat_zygote *zygote = zygote_of(NULL);
	struct plat_channel *channel = NULL;
	unsigned guards = 0;
	struct sheet sheet;
	assert_int_equal(plat_worker_start(zygote, &channel, &guards), 0);
	order(channel, ORDER_TRY);
	assert_int_equal(plat_receive(channel, &sheet, sizeof sheet, NULL, NULL), sizeof sheet);
	print_message("guards: %x, token: %u\n", guards, channel->level);
	assert_false(sheet.has_console);
	assert_false(sheet.has_variable);
	if (guards & PLAT_GUARD_UID)
		assert_false(sheet.opens_parent);
	if (guards & PLAT_GUARD_ROOT) {
		assert_false(sheet.reads_file);
		assert_false(sheet.lists_root);
		assert_false(sheet.makes_file);
	}
	if (guards & PLAT_GUARD_LIMITS)
		assert_false(sheet.starts_program);
	plat_worker_end(channel, false);
	plat_zygote_stop(zygote);
}

static void test_files_are_closed(void **state)
{
	(void)state;
	char room[16];
	struct plat_zygote *zygote = zygote_of(NULL);
	struct plat_channel *channel = worker_ready(zygote);
	struct plat_file file = {.handle = content_open()}, *files[PLAT_FILES_MAX + 1];
	char message[2] = {ORDER_READ, 0};
	DWORD before = handles_of(channel);
	for (int i = 0; i <= PLAT_FILES_MAX; i++)
		files[i] = &file;
	assert_int_equal(plat_send(channel, message, 2, files, PLAT_FILES_MAX), 0);
	assert_int_equal(plat_receive(channel, room, sizeof room, NULL, NULL), 7);
	assert_int_equal(handles_of(channel), before);
	assert_int_equal(plat_send(channel, message, 2, files, PLAT_FILES_MAX + 1), -EMSGSIZE);
	CloseHandle(file.handle);
	plat_worker_end(channel, false);
	plat_zygote_stop(zygote);
}

/* How many handles of the content a worker has, each of which can not be written. */
static unsigned contents_held(const struct plat_channel *channel)
{
	unsigned found = 0;
	for (uintptr_t value = 4; value < 4096; value += 4) {
		HANDLE theirs = NULL;
		OVERLAPPED at = {0};
		DWORD done = 0;
		if (!DuplicateHandle(channel->process, (HANDLE)value, GetCurrentProcess(),
				     &theirs, 0, FALSE, DUPLICATE_SAME_ACCESS))
			continue;
		if (GetFileType(theirs) == FILE_TYPE_DISK && GetFileSize(theirs, NULL) == 7) {
			found++;
			assert_false(WriteFile(theirs, "x", 1, &done, &at));
			assert_int_equal(GetLastError(), ERROR_ACCESS_DENIED);
		}
		CloseHandle(theirs);
	}
	return found;
}

static void test_a_worker_can_not_write(void **state)
{
	(void)state;
	struct plat_zygote *zygote = zygote_of(NULL);
	struct plat_channel *channel = worker_ready(zygote);
	struct plat_file file = {.handle = content_open()}, *files[] = {&file};
	char message[2] = {ORDER_DEAF, 0};
	assert_int_equal(contents_held(channel), 0);
	assert_int_equal(plat_send(channel, message, 2, files, 1), 0);
	assert_int_equal(contents_held(channel), 1);
	CloseHandle(file.handle);
	plat_worker_end(channel, true);
	plat_zygote_stop(zygote);
}

static void test_lying_worker(void **state)
{
	(void)state;
	char room[64];
	struct plat_file *files[PLAT_FILES_MAX];
	size_t count = 0;
	struct plat_zygote *zygote = zygote_of(NULL);
	struct plat_channel *channel = worker_ready(zygote);
	order(channel, ORDER_LIE);
	assert_int_equal(plat_receive(channel, room, sizeof room, files, &count), -EBADMSG);
	assert_int_equal(plat_receive(channel, room, sizeof room, NULL, NULL), 2);
	order(channel, ORDER_LONG);
	assert_int_equal(plat_receive(channel, room, sizeof room, NULL, NULL), -EBADMSG);
	assert_int_equal(plat_receive(channel, room, sizeof room, NULL, NULL), 0);
	plat_worker_end(channel, true);
	plat_zygote_stop(zygote);
}

/* Of more than WaitForMultipleObjects can wait for, the one that answers. */
static void test_seventy_workers(void **state)
{
	(void)state;
	enum { MANY = 70 };
	struct plat_channel *channels[MANY + 1] = {NULL};
	struct plat_zygote *zygote = zygote_of(NULL);
	unsigned guards;
	for (int i = 1; i <= MANY; i++)
		assert_int_equal(plat_worker_ask(zygote, &channels[i]), 0);
	for (int i = 1; i <= MANY; i++)
		assert_int_equal(plat_worker_await(channels[i], &guards), 0);
	assert_int_equal(plat_wait(channels, MANY + 1, 20), -EAGAIN);
	for (int i = MANY; i > 0; i -= 23) {
		char back[2];
		order(channels[i], ORDER_ECHO);
		assert_int_equal(plat_wait(channels, MANY + 1, 5000), i);
		assert_int_equal(plat_receive(channels[i], back, 2, NULL, NULL), 2);
	}
	HANDLE process = process_of(channels[MANY]);
	TerminateProcess(process, 3);
	assert_int_equal(plat_wait(channels, MANY + 1, 5000), MANY);
	CloseHandle(process);
	for (int i = 1; i <= MANY; i++)
		plat_worker_end(channels[i], false);
	plat_zygote_stop(zygote);
}

static void test_rounds_leave_nothing(void **state)
{
	(void)state;
	struct plat_zygote *zygote = zygote_of(NULL);
	plat_worker_end(worker_ready(zygote), false);
	DWORD before = handles_now();
	for (int i = 0; i < 10; i++) {
		struct plat_channel *channel = worker_ready(zygote);
		HANDLE process = process_of(channel);
		if (i % 3 == 0)
			echo_works(channel);
		assert_null(plat_worker_end(channel, i % 2));
		assert_true(ended(process, 0));
		CloseHandle(process);
	}
	assert_int_equal(handles_now(), before);
	plat_zygote_stop(zygote);
}

static void test_killed_worker_is_noticed(void **state)
{
	(void)state;
	char byte[4];
	struct plat_zygote *zygote = zygote_of(NULL);
	struct plat_channel *first = worker_ready(zygote);
	struct plat_channel *second = worker_ready(zygote);
	struct plat_channel *both[] = {NULL, first, second};
	assert_int_equal(plat_wait(both, 3, 20), -EAGAIN);
	assert_true(TerminateProcess(second->process, 9));
	assert_int_equal(plat_wait(both, 3, 5000), 2);
	assert_int_equal(plat_receive(second, byte, sizeof byte, NULL, NULL), 0);
	assert_true(ended(second->process, 5000));
	assert_int_equal(plat_send(second, "x", 1, NULL, 0), -EPIPE);
	echo_works(first);
	order(first, ORDER_CRASH);
	assert_int_equal(plat_wait(both, 2, 20000), 1);
	assert_int_equal(plat_receive(first, byte, sizeof byte, NULL, NULL), 0);
	plat_worker_end(first, true);
	plat_worker_end(second, true);
	plat_zygote_stop(zygote);
}

static void test_spinning_and_eating(void **state)
{
	(void)state;
	uint8_t back[4] = {0};
	unsigned guards = 0;
	struct plat_zygote *zygote = zygote_of(NULL);
	struct plat_channel *channel = worker_ready(zygote);
	HANDLE process = process_of(channel);
	order(channel, ORDER_SPIN);
	assert_int_equal(plat_wait(&channel, 1, 100), -EAGAIN);
	plat_worker_end(channel, true);
	assert_true(ended(process, 0));
	CloseHandle(process);
	assert_int_equal(plat_worker_start(zygote, &channel, &guards), 0);
	if (guards & PLAT_GUARD_LIMITS) {
		order(channel, ORDER_EAT);
		assert_int_equal(plat_receive(channel, back, sizeof back, NULL, NULL), 2);
		assert_in_range(back[1], 4, 64 / 4); /* of four MiB each */
	} else {
		print_message("this system sets no limits: not shown\n");
	}
	plat_worker_end(channel, true);
	plat_zygote_stop(zygote);
}

/* What does not read holds nobody up for ever, and keeps no file that it did not get. */
static void test_deaf_worker(void **state)
{
	(void)state;
	static char full[PLAT_MESSAGE_MAX] = {ORDER_ECHO};
	struct plat_zygote *zygote = zygote_of(NULL);
	struct plat_channel *channel = worker_ready(zygote);
	struct plat_file file = {.handle = content_open()}, *files[] = {&file};
	order(channel, ORDER_DEAF);
	uint64_t begin = clock_ms();
	int error = 0, messages = 0;
	for (; !error && messages < 50; messages++)
		error = plat_send(channel, full, sizeof full, files, 1);
	assert_int_equal(error, -ETIMEDOUT);
	assert_in_range(messages, 2, 20);
	assert_in_range(clock_ms() - begin, 9000, 20000);
	assert_int_equal(contents_held(channel), messages - 1);
	CloseHandle(file.handle);
	plat_worker_end(channel, true);
	plat_zygote_stop(zygote);
}

static void test_stop_before_end(void **state)
{
	(void)state;
	struct plat_zygote *zygote = zygote_of(NULL);
	struct plat_channel *channel = worker_ready(zygote), *late = NULL;
	HANDLE process = process_of(channel);
	unsigned guards;
	order(channel, ORDER_SPIN);
	plat_zygote_stop(zygote);
	assert_true(ended(process, 0));
	assert_int_equal(plat_worker_start(channel->zygote, &late, &guards), -ECHILD);
	plat_worker_end(channel, true);
	CloseHandle(process);
}

/* A token with which nothing starts: the next one does. */
static void test_weaker_token(void **state)
{
	(void)state;
	struct plat_zygote *zygote = zygote_of(NULL);
	struct plat_channel *channel = NULL;
	unsigned guards = ~0u;
	assert_int_equal(plat_worker_ask(zygote, &channel), 0);
	unsigned level = channel->level;
	TerminateProcess(channel->process, 5);
	assert_int_equal(plat_worker_await(channel, &guards),
			 level + 1 < TOKEN_LEVELS ? 0 : -ECHILD);
	if (level + 1 < TOKEN_LEVELS) {
		assert_int_equal(channel->level, level + 1);
		echo_works(channel);
	}
	plat_worker_end(channel, true);
	plat_zygote_stop(zygote);
}

/* ---- however the agent dies, nothing of it stays behind ---- */

static const wchar_t agent_word[] = L"--be-an-agent";

/* Started again with one more word: has a worker spin, tells its number and waits. */
static int agent_main(void)
{
	struct plat_zygote *zygote = NULL;
	struct plat_channel *channel = NULL;
	unsigned guards;
	DWORD done;
	if (plat_zygote_start(NULL, worker_serve, NULL, &limits, &zygote) < 0 ||
	    plat_worker_start(zygote, &channel, &guards) < 0)
		return 1;
	order(channel, ORDER_SPIN);
	DWORD number = GetProcessId(channel->process);
	WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), &number, sizeof number, &done, NULL);
	Sleep(INFINITE);
	return 0;
}

static HANDLE agent_start(HANDLE out)
{
	wchar_t program[MAX_PATH], line[MAX_PATH + 32];
	STARTUPINFOW start = {
		.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES, .hStdOutput = out};
	PROCESS_INFORMATION made;
	GetModuleFileNameW(NULL, program, MAX_PATH);
	swprintf(line, MAX_PATH + 32, L"\"%ls\" %ls", program, agent_word);
	assert_true(
		CreateProcessW(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, &made));
	CloseHandle(made.hThread);
	return made.hProcess;
}

static void test_nothing_outlives_the_parent(void **state)
{
	(void)state;
	SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
	HANDLE in, out;
	DWORD number = 0, got = 0;
	assert_true(CreatePipe(&in, &out, &inherited, 0));
	HANDLE agent = agent_start(out);
	CloseHandle(out);
	assert_true(ReadFile(in, &number, sizeof number, &got, NULL));
	HANDLE worker = OpenProcess(SYNCHRONIZE, FALSE, number);
	assert_non_null(worker);
	assert_false(ended(worker, 0));
	assert_true(TerminateProcess(agent, 9));
	assert_true(ended(worker, 5000));
	CloseHandle(worker);
	CloseHandle(agent);
	CloseHandle(in);
}

/* ---- who are we? ---- */

/* In a worker the zygote that it is for does not return. */
static int worker_main(void)
{
	static plat_worker_prepare *const all[] = {NULL, prepare_fails, prepare_works};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct plat_zygote *zygote = NULL;
		int prepared = 0;
		if (plat_zygote_start(all[i], worker_serve, &prepared, &limits, &zygote) == 0)
			plat_zygote_stop(zygote);
	}
	return 9;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guards_hold_what_they_say),
		cmocka_unit_test(test_files_are_closed),
		cmocka_unit_test(test_a_worker_can_not_write),
		cmocka_unit_test(test_lying_worker),
		cmocka_unit_test(test_seventy_workers),
		cmocka_unit_test(test_rounds_leave_nothing),
		cmocka_unit_test(test_killed_worker_is_noticed),
		cmocka_unit_test(test_spinning_and_eating),
		cmocka_unit_test(test_deaf_worker),
		cmocka_unit_test(test_stop_before_end),
		cmocka_unit_test(test_weaker_token),
		cmocka_unit_test(test_nothing_outlives_the_parent),
	};
	plat_process_setup();
	if (errand_here())
		return worker_main();
	if (wcsstr(GetCommandLineW(), agent_word))
		return agent_main();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
