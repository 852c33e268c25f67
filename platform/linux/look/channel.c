/* SPDX-License-Identifier: MIT */
/* Messages with open files between the parent, the zygote and the workers. */
#include "sandbox.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "handles.h"

/* A worker that stopped reading must not hold its parent for ever. */
enum { SEND_PATIENCE_SECONDS = 10 };

union control {
	char bytes[CMSG_SPACE(PLAT_FILES_MAX * sizeof(int))];
	struct cmsghdr align;
};

int channel_pair(int ret[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) < 0)
		return -errno;
	int room = 4 * (int)PLAT_MESSAGE_MAX;
	struct timeval patience = {.tv_sec = SEND_PATIENCE_SECONDS};
	for (int i = 0; i < 2; i++) {
		setsockopt(ret[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
		setsockopt(ret[i], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	}
	return 0;
}

int channel_await(int fd, int timeout_ms)
{
	uint64_t end = clock_ms() + (uint64_t)timeout_ms;
	for (;;) {
		uint64_t now = clock_ms();
		struct pollfd wanted = {.fd = fd, .events = POLLIN};
		int got = poll(&wanted, 1, now < end ? (int)(end - now) : 0);
		if (got > 0)
			return 0;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return -ETIMEDOUT;
	}
}

int channel_send(int fd, const void *message, size_t len, const int *fds, size_t count)
{
	/* A message of no bytes would look like the end of the channel. */
	if (!len || len > PLAT_MESSAGE_MAX || count > PLAT_FILES_MAX)
		return -EMSGSIZE;
	union control control = {0};
	struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = len};
	struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};
	if (count) {
		head.msg_control = control.bytes;
		head.msg_controllen = (socklen_t)CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *rights = CMSG_FIRSTHDR(&head);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = (socklen_t)CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
	}
	ssize_t sent;
	do
		sent = sendmsg(fd, &head, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return 0;
	return errno == EAGAIN ? -ETIMEDOUT : -errno;
}

/* Every descriptor that came along, of whatever header. */
static size_t rights_of(struct msghdr *head, int *fds, size_t room)
{
	size_t count = 0;
	for (struct cmsghdr *at = CMSG_FIRSTHDR(head); at; at = CMSG_NXTHDR(head, at)) {
		if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS)
			continue;
		size_t here = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < here; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(at) + i * sizeof fd, sizeof fd);
			if (count < room)
				fds[count++] = fd;
			else
				close(fd);
		}
	}
	return count;
}

int64_t channel_receive(int fd, void *out, size_t cap, int *fds, size_t most, size_t *ret_count)
{
	union control control = {0};
	struct iovec part = {.iov_base = out, .iov_len = cap};
	struct msghdr head = {.msg_iov = &part,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = sizeof control.bytes};
	ssize_t got;
	/* unix(7): a peer that ended with unread messages is told once as a reset;
	 * what it sent before still waits behind that. */
	do
		got = recvmsg(fd, &head, MSG_CMSG_CLOEXEC);
	while (got < 0 && (errno == EINTR || errno == ECONNRESET));
	if (got < 0)
		return -errno;
	int all[PLAT_FILES_MAX];
	size_t count = rights_of(&head, all, PLAT_FILES_MAX);
	if ((head.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || count > most) {
		while (count)
			close(all[--count]);
		return -EBADMSG;
	}
	if (count)
		memcpy(fds, all, count * sizeof *fds);
	*ret_count = count;
	return got;
}

int plat_send(struct plat_channel *channel, const void *message, size_t len,
	      struct plat_file *const *files, size_t count)
{
	int fds[PLAT_FILES_MAX];
	if (count > PLAT_FILES_MAX)
		return -EMSGSIZE;
	for (size_t i = 0; i < count; i++)
		fds[i] = files[i]->fd;
	return channel_send(channel->fd, message, len, fds, count);
}

/* `files` has room for PLAT_FILES_MAX; NULL takes none, and a message that
 * brings one all the same is a bad one. */
int64_t plat_receive(struct plat_channel *channel, void *out, size_t cap,
		     struct plat_file **files, size_t *count)
{
	int fds[PLAT_FILES_MAX];
	size_t came = 0;
	int64_t got = channel_receive(channel->fd, out, cap, fds, files ? PLAT_FILES_MAX : 0,
				      &came);
	if (got < 0)
		return got;
	for (size_t i = 0; files && i < came; i++)
		files[i] = plat_file_wrap(fds[i]);
	if (count)
		*count = came;
	return got;
}

int plat_wait(struct plat_channel *const *channels, size_t count, int timeout_ms)
{
	_cleanup_free_ struct pollfd *wanted = mem_alloc(count * sizeof *wanted);
	for (size_t i = 0; i < count; i++) {
		wanted[i].fd = channels[i] ? channels[i]->fd : -1;
		wanted[i].events = POLLIN;
	}
	int got = poll(wanted, (nfds_t)count, timeout_ms);
	if (got < 0)
		return -errno;
	for (size_t i = 0; i < count && got; i++)
		if (wanted[i].revents)
			return (int)i;
	return -EAGAIN;
}
