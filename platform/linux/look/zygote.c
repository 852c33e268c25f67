/* SPDX-License-Identifier: MIT */
/* The zygote: a small process, forked before the agent holds anything worth
 * stealing, that sits in an empty root and forks workers on demand.
 *
 *     parent --- control (requests) ---> zygote --- fork ---> worker
 *        \________________ channel (messages, files) __________/
 *
 * The control socket carries requests one at a time: start (with the worker's
 * end of a channel; answered with the process id) and end (not answered). The
 * zygote reaps a worker only after the parent has asked for its end: until then
 * its process id can belong to nobody else, so a kill never hits a stranger.
 * A worker whose channel closes ends by itself; when the agent dies, the zygote
 * is killed by the kernel and the workers with it. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/vec.h"

enum {
	PREPARE_PATIENCE_MS = 60000,
	HELLO_PATIENCE_MS = 10000,
	STOP_PATIENCE_MS = 2000,
	REAP_EVERY_MS = 50,
	CONTROL_FD = 3, /* in the zygote */
};

enum request_kind { REQUEST_START = 1, REQUEST_END, REQUEST_KILL };

struct request {
	enum request_kind kind;
	pid_t worker;
};

/* The zygote's word that it is ready, and its answer to a start. */
struct answer {
	int error; /* negative errno, or 0 */
	pid_t worker;
};

/* The first message of every worker. */
struct hello {
	unsigned magic, guards;
};
enum { HELLO_MAGIC = 0x696d6773 };

struct plat_zygote {
	pid_t pid;
	int control;	/* -1 once it is stopped or has failed */
	int error;	/* of its preparation, -EINPROGRESS until it is known */
	unsigned users; /* channels that point here, and the caller */
	VEC(struct plat_channel *) asked; /* workers of which it has not answered yet */
};

/* ---- in the worker ---- */

struct nest {
	plat_worker_main *work;
	void *context;
	struct plat_worker_limits limits;
	uint64_t footprint;
	bool root_empty;
	VEC(pid_t) ending; /* asked to end, not reaped yet */
};

static _Noreturn void worker_run(const struct nest *nest, int fd, pid_t zygote)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != zygote) /* it died before the kernel could be told */
		_exit(1);
	struct hello hello = {HELLO_MAGIC, nest->root_empty ? PLAT_GUARD_ROOT : 0};
	hello.guards |= sandbox_lock(&nest->limits, nest->footprint, 0);
	struct plat_channel channel = {.fd = fd};
	if (channel_send(fd, &hello, sizeof hello, NULL, 0) == 0)
		nest->work(&channel, nest->context);
	_exit(0);
}

/* ---- in the zygote ---- */

/* Nothing of the parent's terminal reaches the workers: the parent decides when
 * they end. Handlers of the parent make no sense in here. */
static void signals_settle(void)
{
	static const int plain[] = {SIGTERM, SIGUSR1, SIGUSR2, SIGALRM,
				    SIGCHLD, SIGPIPE, SIGXCPU, SIGXFSZ};
	static const int deaf[] = {SIGINT, SIGQUIT, SIGHUP, SIGTSTP};
	sigset_t none;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		signal(plain[i], SIG_DFL);
	for (size_t i = 0; i < sizeof deaf / sizeof *deaf; i++)
		signal(deaf[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
}

static void close_from(unsigned first)
{
	struct rlimit most;
#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, ~0U, 0U) == 0)
		return;
#endif
	if (getrlimit(RLIMIT_NOFILE, &most) < 0 || most.rlim_cur > 1 << 20)
		most.rlim_cur = 1 << 20;
	for (unsigned fd = first; fd < most.rlim_cur; fd++)
		close((int)fd);
}

/* Only the control socket stays; the three standard places are taken by
 * /dev/null so that no received file ever becomes "stderr". */
static void descriptors_settle(int control)
{
	int last = SANDBOX_SANITIZED ? 1 : 2;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= last && null >= 0; fd++)
		dup2(null, fd);
	if (control != CONTROL_FD)
		dup2(control, CONTROL_FD);
	fcntl(CONTROL_FD, F_SETFD, FD_CLOEXEC);
	close_from(CONTROL_FD + 1);
}

static void reap(struct nest *nest)
{
	for (size_t i = 0; i < nest->ending.n;) {
		pid_t got = waitpid(nest->ending.v[i], NULL, WNOHANG);
		if (got == 0 || (got < 0 && errno == EINTR))
			i++;
		else
			nest->ending.v[i] = nest->ending.v[--nest->ending.n];
	}
}

static void worker_start(const struct nest *nest, int fd)
{
	pid_t self = getpid();
	struct answer answer = {0};
	answer.worker = fork();
	if (answer.worker == 0) {
		close(CONTROL_FD);
		worker_run(nest, fd, self);
	}
	if (answer.worker < 0)
		answer.error = -errno;
	close(fd);
	channel_send(CONTROL_FD, &answer, sizeof answer, NULL, 0);
}

static void request_serve(struct nest *nest, const struct request *request, int fd, size_t fds)
{
	if (request->kind == REQUEST_START && fds == 1) {
		worker_start(nest, fd);
		return;
	}
	if (fds)
		close(fd);
	if (request->kind == REQUEST_KILL)
		kill(request->worker, SIGKILL);
	if (request->kind != REQUEST_START)
		*vec_add(&nest->ending) = request->worker;
}

/* Serves until the parent closes the control socket. */
static void requests_serve(struct nest *nest)
{
	for (;;) {
		struct pollfd wanted = {.fd = CONTROL_FD, .events = POLLIN};
		int got = poll(&wanted, 1, nest->ending.n ? REAP_EVERY_MS : -1);
		if (got < 0 && errno != EINTR)
			return;
		if (got > 0) {
			struct request request;
			size_t fds = 0;
			int fd = -1;
			if (channel_receive(CONTROL_FD, &request, sizeof request, &fd, 1,
					    &fds) != sizeof request)
				return;
			request_serve(nest, &request, fd, fds);
		}
		reap(nest);
	}
}

static _Noreturn void zygote_run(struct nest *nest, plat_worker_prepare *prepare, int control,
				 pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	signals_settle();
	struct answer ready = {.error = prepare ? prepare(nest->context) : 0};
	descriptors_settle(control);
	nest->footprint = sandbox_footprint();
	prctl(PR_SET_DUMPABLE, 0);
	/* A network of its own with nothing in it; only root can have that. */
	(void)unshare(CLONE_NEWNET | CLONE_NEWIPC);
	nest->root_empty = sandbox_empty_root();
	if (channel_send(CONTROL_FD, &ready, sizeof ready, NULL, 0) == 0 && !ready.error)
		requests_serve(nest);
	/* Workers see their channels close and end; waiting for them keeps the
	 * death of their parent from cutting them off. */
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	_exit(0);
}

/* ---- in the parent ---- */

static void zygote_unuse(struct plat_zygote *zygote)
{
	if (--zygote->users)
		return;
	vec_free(&zygote->asked);
	free(zygote);
}

/* Once it hears nothing more from us it ends, and its end of the socket with it. */
static bool ended_within(const struct plat_zygote *zygote, int patience_ms)
{
	uint64_t end = clock_ms() + (uint64_t)patience_ms;
	struct pollfd gone = {.fd = zygote->control};
	int got;
	shutdown(zygote->control, SHUT_WR);
	do {
		uint64_t now = clock_ms();
		got = poll(&gone, 1, now < end ? (int)(end - now) : 0);
	} while (got < 0 && errno == EINTR);
	return got > 0;
}

/* With the zygote every worker goes that is still there. */
static void zygote_end(struct plat_zygote *zygote, int patience_ms)
{
	if (zygote->control < 0)
		return;
	if (!ended_within(zygote, patience_ms))
		kill(zygote->pid, SIGKILL);
	close(zygote->control);
	zygote->control = -1;
	while (waitpid(zygote->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int answer_await(int fd, int patience_ms, void *out, size_t size)
{
	size_t none = 0;
	int error = channel_await(fd, patience_ms);
	if (error)
		return error;
	int64_t got = channel_receive(fd, out, size, NULL, 0, &none);
	if (got == 0)
		return -ECHILD;
	return got == (int64_t)size ? 0 : got < 0 ? (int)got : -EBADMSG;
}

int plat_zygote_start(plat_worker_prepare *prepare, plat_worker_main *work, void *context,
		      const struct plat_worker_limits *limits, struct plat_zygote **ret)
{
	int ends[2];
	int error = channel_pair(ends);
	if (error)
		return error;
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0) {
		struct nest nest = {.work = work, .context = context, .limits = *limits};
		zygote_run(&nest, prepare, ends[1], parent);
	}
	error = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (error) {
		close(ends[0]);
		return error;
	}
	struct plat_zygote *zygote = mem_alloc(sizeof *zygote);
	*zygote = (struct plat_zygote){
		.pid = pid, .control = ends[0], .error = -EINPROGRESS, .users = 1};
	*ret = zygote;
	return 0;
}

int plat_zygote_await(struct plat_zygote *zygote)
{
	struct answer ready;
	if (zygote->error != -EINPROGRESS)
		return zygote->error;
	if (zygote->control < 0)
		return -ECHILD;
	int error = answer_await(zygote->control, PREPARE_PATIENCE_MS, &ready, sizeof ready);
	zygote->error = error ? error : ready.error;
	if (zygote->error)
		zygote_end(zygote, 0);
	return zygote->error;
}

struct plat_zygote *plat_zygote_stop(struct plat_zygote *zygote)
{
	if (zygote) {
		zygote_end(zygote, STOP_PATIENCE_MS);
		zygote_unuse(zygote);
	}
	return NULL;
}

/* Takes the answer about the worker that was asked for first. A zygote that does not
 * answer can not be asked again: its late answer would be taken for the next one. */
static int answer_take(struct plat_zygote *zygote)
{
	struct answer answer;
	int error = plat_zygote_await(zygote);
	if (!error && zygote->control < 0)
		error = -ECHILD;
	if (error)
		return error;
	error = answer_await(zygote->control, HELLO_PATIENCE_MS, &answer, sizeof answer);
	if (error) {
		zygote_end(zygote, 0);
		return error;
	}
	struct plat_channel **asked = zygote->asked.v;
	asked[0]->worker = answer.worker;
	asked[0]->error = answer.error;
	memmove(asked, asked + 1, --zygote->asked.n * sizeof *asked);
	return 0;
}

/* Until the zygote has said which process it is. */
static int worker_await(struct plat_channel *channel)
{
	while (channel->error == -EINPROGRESS) {
		int error = answer_take(channel->zygote);
		if (error)
			return error;
	}
	return channel->error;
}

int plat_worker_ask(struct plat_zygote *zygote, struct plat_channel **ret)
{
	int ends[2];
	if (zygote->control < 0)
		return -ECHILD;
	int error = channel_pair(ends);
	if (error)
		return error;
	struct request request = {.kind = REQUEST_START};
	error = channel_send(zygote->control, &request, sizeof request, &ends[1], 1);
	close(ends[1]);
	if (error) { /* it may have ended because of what it told us before */
		int told = plat_zygote_await(zygote);
		close(ends[0]);
		zygote_end(zygote, 0);
		return told ? told : error;
	}
	struct plat_channel *channel = mem_alloc(sizeof *channel);
	*channel = (struct plat_channel){
		.fd = ends[0], .zygote = zygote, .error = -EINPROGRESS};
	*vec_add(&zygote->asked) = channel;
	zygote->users++;
	*ret = channel;
	return 0;
}

int plat_worker_await(struct plat_channel *channel, unsigned *ret_guards)
{
	struct hello hello;
	int error = worker_await(channel);
	if (!error)
		error = answer_await(channel->fd, HELLO_PATIENCE_MS, &hello, sizeof hello);
	if (!error && hello.magic != HELLO_MAGIC)
		error = -EBADMSG;
	if (!error)
		*ret_guards = hello.guards;
	return error;
}

static void forget(struct plat_zygote *zygote, const struct plat_channel *channel)
{
	size_t kept = 0;
	vec_each(&zygote->asked, asked)
		if (*asked != channel)
			zygote->asked.v[kept++] = *asked;
	zygote->asked.n = kept;
}

struct plat_channel *plat_worker_end(struct plat_channel *channel, bool kill_it)
{
	if (!channel)
		return NULL;
	bool runs = worker_await(channel) == 0;
	struct request request = {kill_it ? REQUEST_KILL : REQUEST_END, channel->worker};
	close(channel->fd);
	forget(channel->zygote, channel);
	if (runs && channel->zygote->control >= 0)
		channel_send(channel->zygote->control, &request, sizeof request, NULL, 0);
	zygote_unuse(channel->zygote);
	free(channel);
	return NULL;
}
