/* SPDX-License-Identifier: MIT */
/* Messages with open files between the parent and its workers: a named pipe that keeps
 * message borders. Its name is random, it takes one client and that is opened here and
 * inherited, so nobody else ever has an end of it. A file goes along as a handle that was
 * duplicated into the worker with no right but to read; the message says what it is called
 * there. A parent takes no handle from anybody.
 *
 * Each side has at most one read under way, into the channel's own buffer, so that waiting
 * for many is looking at all and sleeping on the one event that every read sets. That holds
 * as long as one thread does it all (WaitForMultipleObjects takes 64 at most). */
#include "sandbox.h"

#include <sddl.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "errors.h"
#include "handles.h"

/* A worker that stopped reading must not hold its parent for ever. */
enum { SEND_PATIENCE_MS = 10000 };
/* As many messages wait in the pipe as on Linux. */
enum { PIPE_ROOM = 4 * FRAME_MOST };
/* What a worker gets of a file, whatever we have. */
#define FILE_RIGHTS (FILE_READ_DATA | FILE_READ_ATTRIBUTES | SYNCHRONIZE)

static HANDLE arrived, sent; /* events, made with the first channel */

/* ---- the pipe ---- */

static void name_make(wchar_t name[64])
{
	static const wchar_t digits[] = L"0123456789abcdef";
	uint8_t random[16];
	plat_random(random, sizeof random);
	wcscpy(name, L"\\\\.\\pipe\\imgsan-");
	wchar_t *at = name + wcslen(name);
	for (size_t i = 0; i < sizeof random; i++) {
		*at++ = digits[random[i] >> 4];
		*at++ = digits[random[i] & 15];
	}
	*at = 0;
}

static HANDLE server_open(const wchar_t *name)
{
	SECURITY_ATTRIBUTES who = {.nLength = sizeof who};
	/* Its owner, who is us, and nobody else. */
	if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(
		    L"D:P(A;;GA;;;OW)", SDDL_REVISION_1, &who.lpSecurityDescriptor, NULL))
		return INVALID_HANDLE_VALUE;
	HANDLE pipe = CreateNamedPipeW(
		name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
		PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_REJECT_REMOTE_CLIENTS, 1,
		PIPE_ROOM, PIPE_ROOM, 0, &who);
	DWORD error = GetLastError();
	LocalFree(who.lpSecurityDescriptor);
	SetLastError(error);
	return pipe;
}

/* FILE_WRITE_ATTRIBUTES is for the read mode. */
static HANDLE client_open(const wchar_t *name)
{
	SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
	DWORD mode = PIPE_READMODE_MESSAGE;
	HANDLE pipe = CreateFileW(
		name,
		FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES |
			FILE_WRITE_ATTRIBUTES | SYNCHRONIZE,
		0, &inherited, OPEN_EXISTING,
		FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS, NULL);
	if (pipe == INVALID_HANDLE_VALUE || SetNamedPipeHandleState(pipe, &mode, NULL, NULL))
		return pipe;
	DWORD error = GetLastError();
	CloseHandle(pipe);
	SetLastError(error);
	return INVALID_HANDLE_VALUE;
}

int channel_pair(HANDLE *ret_ours, HANDLE *ret_theirs)
{
	wchar_t name[64];
	name_make(name);
	HANDLE ours = server_open(name);
	if (ours == INVALID_HANDLE_VALUE)
		return error_last();
	HANDLE theirs = client_open(name);
	if (theirs == INVALID_HANDLE_VALUE) {
		int error = error_last();
		CloseHandle(ours);
		return error;
	}
	*ret_ours = ours;
	*ret_theirs = theirs;
	return 0;
}

static HANDLE event_make(void)
{
	HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (!event)
		abort(); /* the process has no handles left, or no memory */
	return event;
}

void channel_init(struct plat_channel *channel, HANDLE pipe)
{
	if (!arrived) {
		arrived = event_make();
		sent = event_make();
	}
	channel->pipe = pipe;
	channel->frame = mem_alloc(FRAME_MOST);
	channel->reading = READING_NOT;
}

/* ---- receiving ---- */

static void read_ended(struct plat_channel *channel, DWORD error, DWORD length)
{
	channel->length = length;
	channel->reading = !error		      ? READING_CAME
			   : error == ERROR_MORE_DATA ? READING_TOO_LONG
						      : READING_GONE;
}

static void read_begin(struct plat_channel *channel)
{
	if (channel->reading != READING_NOT)
		return;
	channel->overlapped = (OVERLAPPED){.hEvent = arrived};
	channel->reading = READING_NOW;
	if (!ReadFile(channel->pipe, channel->frame, FRAME_MOST, NULL, &channel->overlapped)) {
		DWORD error = GetLastError();
		if (error != ERROR_IO_PENDING && error != ERROR_MORE_DATA)
			read_ended(channel, error, 0);
	}
}

/* Whether there is something to be received: a message, or the end. */
static bool read_look(struct plat_channel *channel)
{
	DWORD length = 0;
	read_begin(channel);
	if (channel->reading == READING_NOW && HasOverlappedIoCompleted(&channel->overlapped)) {
		BOOL good = GetOverlappedResult(channel->pipe, &channel->overlapped, &length,
						FALSE);
		read_ended(channel, good ? 0 : GetLastError(), length);
	}
	return channel->reading != READING_NOW;
}

static int first_with_message(struct plat_channel *const *channels, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (channels[i] && read_look(channels[i]))
			return (int)i;
	return -EAGAIN;
}

/* The event is put back before all are looked at: what comes later sets it again. */
int plat_wait(struct plat_channel *const *channels, size_t count, int timeout_ms)
{
	uint64_t end = clock_ms() + (uint64_t)(timeout_ms < 0 ? 0 : timeout_ms);
	for (;;) {
		if (arrived)
			ResetEvent(arrived);
		int index = first_with_message(channels, count);
		if (index >= 0 || !arrived)
			return index;
		uint64_t now = clock_ms();
		DWORD left = timeout_ms < 0 ? INFINITE : now < end ? (DWORD)(end - now) : 0;
		if (WaitForSingleObject(arrived, left) == WAIT_TIMEOUT)
			return first_with_message(channels, count);
	}
}

int channel_await(struct plat_channel *channel, int timeout_ms)
{
	return plat_wait(&channel, 1, timeout_ms) < 0 ? -ETIMEDOUT : 0;
}

/* The buffer is the system's until the read has ended. */
void channel_clear(struct plat_channel *channel)
{
	if (channel->reading == READING_NOW) {
		CancelIoEx(channel->pipe, &channel->overlapped);
		plat_wait(&channel, 1, -1);
	}
	if (channel->pipe)
		CloseHandle(channel->pipe);
	if (channel->frame)
		mem_wipe(channel->frame, FRAME_MOST);
	free(channel->frame);
	channel->pipe = NULL;
	channel->frame = NULL;
	channel->reading = READING_GONE;
}

static void handles_close(const uint8_t *at, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t value;
		memcpy(&value, at + i * sizeof value, sizeof value);
		CloseHandle((HANDLE)(uintptr_t)value);
	}
}

/* The message's length and the number of its files; negative errno: no such frame. */
static int64_t frame_parse(const struct plat_channel *channel, size_t *ret_count)
{
	uint32_t count;
	if (channel->length <= sizeof count)
		return -EBADMSG;
	size_t rest = channel->length - sizeof count;
	memcpy(&count, channel->frame + rest, sizeof count);
	if (count > PLAT_FILES_MAX || rest <= count * sizeof(uint64_t))
		return -EBADMSG;
	*ret_count = count;
	return (int64_t)(rest - count * sizeof(uint64_t));
}

/* Only who has no worker at the other end takes handles: they are this process's own. */
static int64_t frame_take(const struct plat_channel *channel, void *out, size_t cap,
			  struct plat_file **files, size_t *ret_count)
{
	size_t count = 0;
	int64_t length = frame_parse(channel, &count);
	if (length < 0 || (count && channel->process))
		return -EBADMSG;
	const uint8_t *values = channel->frame + length;
	if ((size_t)length > cap || length > PLAT_MESSAGE_MAX || (count && !files)) {
		handles_close(values, count);
		return -EBADMSG;
	}
	for (size_t i = 0; i < count; i++) {
		uint64_t value;
		memcpy(&value, values + i * sizeof value, sizeof value);
		files[i] = plat_file_wrap((HANDLE)(uintptr_t)value);
	}
	memcpy(out, channel->frame, (size_t)length);
	*ret_count = count;
	return length;
}

/* `files` has room for PLAT_FILES_MAX; NULL takes none, and a message that brings one all
 * the same is a bad one. Behind one that is longer than any may be nothing is believed. */
int64_t plat_receive(struct plat_channel *channel, void *out, size_t cap,
		     struct plat_file **files, size_t *count)
{
	size_t came = 0;
	plat_wait(&channel, 1, -1);
	if (channel->reading == READING_GONE)
		return 0;
	bool too_long = channel->reading == READING_TOO_LONG;
	int64_t got = too_long ? -EBADMSG : frame_take(channel, out, cap, files, &came);
	mem_wipe(channel->frame, too_long ? FRAME_MOST : channel->length);
	channel->reading = too_long ? READING_GONE : READING_NOT;
	if (got >= 0 && count)
		*count = came;
	return got;
}

/* ---- sending ---- */

static int write_frame(HANDLE pipe, const void *frame, size_t length)
{
	OVERLAPPED overlapped = {.hEvent = sent};
	DWORD done = 0;
	bool late = false;
	if (!WriteFile(pipe, frame, (DWORD)length, NULL, &overlapped)) {
		if (GetLastError() != ERROR_IO_PENDING)
			return error_last();
		late = WaitForSingleObject(sent, SEND_PATIENCE_MS) == WAIT_TIMEOUT;
		if (late)
			CancelIoEx(pipe, &overlapped);
	}
	if (GetOverlappedResult(pipe, &overlapped, &done, TRUE))
		return 0; /* perhaps just before it was cancelled */
	return late ? -ETIMEDOUT : error_last();
}

/* Takes back what was duplicated into the worker for a message that never came. */
static void take_back(HANDLE process, const uint8_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t value;
		HANDLE back;
		memcpy(&value, values + i * sizeof value, sizeof value);
		if (DuplicateHandle(process, (HANDLE)(uintptr_t)value, GetCurrentProcess(),
				    &back, 0, FALSE,
				    DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE))
			CloseHandle(back);
	}
}

static int hand_over(HANDLE process, struct plat_file *const *files, size_t count,
		     uint8_t *values)
{
	for (size_t i = 0; i < count; i++) {
		HANDLE there;
		if (!DuplicateHandle(GetCurrentProcess(), files[i]->handle, process, &there,
				     FILE_RIGHTS, FALSE, 0)) {
			int error = error_last();
			take_back(process, values, i);
			return WaitForSingleObject(process, 0) == WAIT_OBJECT_0 ? -EPIPE
										: error;
		}
		uint64_t value = (uintptr_t)there;
		memcpy(values + i * sizeof value, &value, sizeof value);
	}
	return 0;
}

int plat_send(struct plat_channel *channel, const void *message, size_t len,
	      struct plat_file *const *files, size_t count)
{
	uint32_t number = (uint32_t)count;
	/* A message of no bytes would look like the end of the channel. */
	if (!len || len > PLAT_MESSAGE_MAX || count > PLAT_FILES_MAX ||
	    (count && !channel->process))
		return -EMSGSIZE;
	if (!channel->pipe)
		return -EPIPE;
	size_t values = count * sizeof(uint64_t), length = len + values + sizeof number;
	_cleanup_free_ uint8_t *frame = mem_alloc(length);
	memcpy(frame, message, len);
	memcpy(frame + len + values, &number, sizeof number);
	int error = hand_over(channel->process, files, count, frame + len);
	if (!error) {
		error = write_frame(channel->pipe, frame, length);
		if (error)
			take_back(channel->process, frame + len, count);
	}
	mem_wipe(frame, length);
	return error;
}
