/* SPDX-License-Identifier: MIT */
/* The zygote, which here is no process but what all its workers have in common. Each worker
 * is this program started again: it comes to plat_zygote_start() by itself, runs `prepare`
 * there, gives up its rights, says hello and works.
 *
 *     parent --- pipe (messages, files) ---> worker, in a job of its own
 *
 * Whether `prepare` succeeds the first worker tells; it is started with the zygote, gets
 * ready beside the parent and is given to the first who asks. Where the system does not let
 * the program start with the strongest token, the next one is tried, and what is missing
 * then is told with the guards. */
#include "sandbox.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/vec.h"

enum { HELLO_PATIENCE_MS = 70000 }; /* `prepare` and the start of a process */

/* The first message of every worker. */
struct hello {
	unsigned magic, guards;
	int error; /* of `prepare` */
};
enum { HELLO_MAGIC = 0x696d6773 };

struct plat_zygote {
	struct errand errand;
	struct plat_worker_limits limits;
	enum token_level level; /* with which the next one is started */
	int error;		/* of its preparation, -EINPROGRESS until it is known */
	bool proven;		/* one has started with it */
	bool stopped;
	unsigned users;		    /* channels that point here, and the caller */
	struct plat_channel *first; /* not asked for yet */
	VEC(struct plat_channel *) all;
};

/* ---- in the worker ---- */

/* Nothing opens the parent's working directory, and the system's random bytes are at hand:
 * afterwards its device can not be opened any more. */
static void surroundings_settle(void)
{
	uint8_t some;
	plat_random(&some, sizeof some);
	SetCurrentDirectoryW(L"\\");
}

static _Noreturn void worker_run(HANDLE pipe, plat_worker_prepare *prepare,
				 plat_worker_main *work, void *context)
{
	struct plat_channel channel = {0};
	struct hello hello = {.magic = HELLO_MAGIC};
	channel_init(&channel, pipe);
	hello.error = prepare ? prepare(context) : 0;
	surroundings_settle();
	hello.guards = sandbox_lock();
	if (plat_send(&channel, &hello, sizeof hello, NULL, 0) == 0 && !hello.error)
		work(&channel, context);
	/* No library has to clean up, and some could not any more. */
	TerminateProcess(GetCurrentProcess(), 0);
	abort();
}

/* ---- in the parent ---- */

static void zygote_unuse(struct plat_zygote *zygote)
{
	if (--zygote->users)
		return;
	vec_free(&zygote->all);
	free(zygote);
}

static void forget(struct plat_zygote *zygote, const struct plat_channel *channel)
{
	size_t kept = 0;
	vec_each(&zygote->all, one)
		if (*one != channel)
			zygote->all.v[kept++] = *one;
	zygote->all.n = kept;
}

/* Ends the worker; what it has said before stays to be read. */
static void worker_stop(struct plat_channel *channel, int error)
{
	launch_end(channel);
	if (channel->error == -EINPROGRESS)
		channel->error = error;
}

static int worker_launch(struct plat_channel *channel)
{
	struct plat_zygote *zygote = channel->zygote;
	int error = -ECHILD;
	if (channel->level < zygote->level)
		channel->level = zygote->level;
	for (; channel->level < TOKEN_LEVELS; channel->level++) {
		error = launch_worker(&zygote->errand, channel->level, channel);
		if (!error)
			break;
	}
	return error;
}

static int worker_new(struct plat_zygote *zygote, struct plat_channel **ret)
{
	struct plat_channel *channel = mem_alloc(sizeof *channel);
	*channel = (struct plat_channel){.zygote = zygote, .error = -EINPROGRESS};
	int error = worker_launch(channel);
	if (error) {
		free(channel);
		return error;
	}
	*vec_add(&zygote->all) = channel;
	zygote->users++;
	*ret = channel;
	return 0;
}

static int hello_take(struct plat_channel *channel)
{
	struct hello hello;
	int error = channel_await(channel, HELLO_PATIENCE_MS);
	if (error)
		return error;
	int64_t got = plat_receive(channel, &hello, sizeof hello, NULL, NULL);
	if (got <= 0)
		return got < 0 ? (int)got : -ECHILD;
	if (got != sizeof hello || hello.magic != HELLO_MAGIC || hello.error > 0)
		return -EBADMSG;
	channel->guards = hello.guards & ~(unsigned)PLAT_GUARD_LIMITS;
	return hello.error;
}

/* A worker that ends before it has said anything could perhaps not start with its token. */
static int hello_await(struct plat_channel *channel)
{
	for (;;) {
		int error = hello_take(channel);
		if (error != -ECHILD || channel->zygote->proven ||
		    channel->level + 1 >= TOKEN_LEVELS)
			return error;
		channel_clear(channel);
		launch_end(channel);
		channel->level++;
		error = worker_launch(channel);
		if (error)
			return error;
	}
}

/* Until the worker is ready; what it says of `prepare` holds for the zygote. */
static int worker_ready(struct plat_channel *channel)
{
	struct plat_zygote *zygote = channel->zygote;
	if (channel->error != -EINPROGRESS)
		return channel->error;
	int error = hello_await(channel);
	channel->error = error;
	if (error) {
		launch_end(channel);
	} else {
		zygote->level = channel->level;
		zygote->proven = true;
		if (sandbox_limit(channel, &zygote->limits))
			channel->guards |= PLAT_GUARD_LIMITS;
	}
	if (zygote->error == -EINPROGRESS)
		zygote->error = error;
	return error;
}

static void zygote_end(struct plat_zygote *zygote)
{
	zygote->stopped = true;
	zygote->first = plat_worker_end(zygote->first, true);
	vec_each(&zygote->all, channel)
		worker_stop(*channel, -ECHILD);
}

static unsigned terminals_here(void)
{
	unsigned bits = 0;
	for (int i = 0; i < 3; i++)
		bits |= (unsigned)plat_is_terminal(i) << i;
	return bits;
}

int plat_zygote_start(plat_worker_prepare *prepare, plat_worker_main *work, void *context,
		      const struct plat_worker_limits *limits, struct plat_zygote **ret)
{
	const struct errand *ours = errand_here();
	struct plat_zygote *zygote = mem_alloc(sizeof *zygote);
	zygote->errand = (struct errand){.prepare = errand_place((const void *)prepare),
					 .work = errand_place((const void *)work),
					 .terminals = terminals_here()};
	zygote->limits = *limits;
	zygote->users = 1;
	zygote->error = prepare ? -EINPROGRESS : 0;
	if (ours && ours->prepare == zygote->errand.prepare &&
	    ours->work == zygote->errand.work)
		worker_run(ours->pipe, prepare, work, context);
	/* A worker that is meant for another zygote passes by. */
	zygote->stopped = ours != NULL;
	int error = prepare && !ours ? worker_new(zygote, &zygote->first) : 0;
	if (error)
		zygote_unuse(zygote);
	else
		*ret = zygote;
	return error;
}

int plat_zygote_await(struct plat_zygote *zygote)
{
	int error = 0;
	if (zygote->error != -EINPROGRESS)
		return zygote->error;
	if (zygote->stopped)
		return errand_here() ? 0 : -ECHILD;
	if (!zygote->all.n)
		error = worker_new(zygote, &zygote->first);
	if (!error)
		error = worker_ready(zygote->all.v[0]);
	zygote->error = error;
	if (error)
		zygote_end(zygote);
	return error;
}

struct plat_zygote *plat_zygote_stop(struct plat_zygote *zygote)
{
	if (zygote) {
		zygote_end(zygote);
		zygote_unuse(zygote);
	}
	return NULL;
}

int plat_worker_ask(struct plat_zygote *zygote, struct plat_channel **ret)
{
	if (zygote->stopped)
		return -ECHILD;
	if (!zygote->first)
		return worker_new(zygote, ret);
	*ret = zygote->first;
	zygote->first = NULL;
	return 0;
}

int plat_worker_await(struct plat_channel *channel, unsigned *ret_guards)
{
	int error = worker_ready(channel);
	if (!error)
		*ret_guards = channel->guards;
	return error;
}

/* A worker holds nothing that it would have to put away: it need not be asked to end. */
struct plat_channel *plat_worker_end(struct plat_channel *channel, bool kill_it)
{
	(void)kill_it;
	if (!channel)
		return NULL;
	launch_end(channel);
	channel_clear(channel);
	forget(channel->zygote, channel);
	zygote_unuse(channel->zygote);
	free(channel);
	return NULL;
}
