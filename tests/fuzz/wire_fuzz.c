/* SPDX-License-Identifier: MIT */
/* The parent against workers that say anything. The workers are made of the input:
 * this file stands in for the platform's part that starts them and carries messages.
 *
 *     a byte: how many files are handed over; then messages, each
 *     a byte: bit 0 magic, batch and place are put right, bit 1 so is its length
 *     the fields of a struct wire_reply, the member up to a zero byte
 *
 * or, for an answer about a package database, instead of the last line
 *     done, error, two bytes of length, and the records */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "detect/detect.h"
#include "detect/listing.h"
#include "detect/wire.h"
#include "fuzz.h"

enum { HEADER = 1, LENGTH = 2, FILE_SIZE = 1 << 20 };

static struct rules *rules;
static struct detect *detect;
static struct bytes speech;

/* ---- the platform's part ---- */

struct plat_channel {
	char unused;
};

static struct plat_channel wire;
static struct {
	uint32_t number, count;
} batches[4]; /* in the worker's hands */
static size_t held;
static uint32_t slot;
static bool asked; /* about a database */

int plat_zygote_start(plat_worker_prepare *prepare, plat_worker_main *work, void *context,
		      const struct plat_worker_limits *limits, struct plat_zygote **ret)
{
	(void)prepare, (void)work, (void)context, (void)limits;
	*ret = NULL;
	return 0;
}

int plat_zygote_await(struct plat_zygote *zygote)
{
	(void)zygote;
	return 0;
}

struct plat_zygote *plat_zygote_stop(struct plat_zygote *zygote)
{
	return zygote;
}

int plat_worker_ask(struct plat_zygote *zygote, struct plat_channel **ret)
{
	(void)zygote;
	*ret = &wire;
	return 0;
}

int plat_worker_await(struct plat_channel *channel, unsigned *ret_guards)
{
	(void)channel;
	*ret_guards = ~0u;
	return 0;
}

int plat_worker_start(struct plat_zygote *zygote, struct plat_channel **ret,
		      unsigned *ret_guards)
{
	plat_worker_ask(zygote, ret);
	return plat_worker_await(*ret, ret_guards);
}

struct plat_channel *plat_worker_end(struct plat_channel *channel, bool kill)
{
	(void)channel, (void)kill;
	held = slot = 0;
	asked = false;
	return NULL;
}

int plat_send(struct plat_channel *channel, const void *message, size_t len,
	      struct plat_file *const *files, size_t count)
{
	(void)channel, (void)files;
	if (listing_is_question(message, len, count)) {
		asked = true;
		return 0;
	}
	const struct wire_batch *batch = message;
	must(wire_batch_holds(batch, len, count) && held < sizeof batches / sizeof *batches);
	batches[held].number = batch->number;
	batches[held++].count = batch->count;
	return 0;
}

int plat_wait(struct plat_channel *const *channels, size_t count, int timeout_ms)
{
	(void)timeout_ms;
	for (size_t i = 0; i < count; i++)
		if (channels[i] && (held || asked || speech.len))
			return (int)i;
	return -EAGAIN;
}

static void fill(void *out, size_t len)
{
	struct bytes some = bytes_take(&speech, len);
	memset(out, 0, len);
	if (some.len)
		memcpy(out, some.at, some.len);
}

static int64_t say_answer(struct listing_answer *answer, unsigned how)
{
	answer->magic = LISTING_MAGIC + !(how & HEADER);
	answer->done = bytes_byte(&speech);
	answer->error = bytes_byte(&speech);
	answer->len = bytes_number(&speech);
	size_t len = answer->len < LISTING_ROOM ? answer->len : LISTING_ROOM;
	fill(answer->records, len);
	return (int64_t)(offsetof(struct listing_answer, records) + len + !(how & LENGTH));
}

static int64_t say_reply(struct wire_reply *reply, unsigned how)
{
	fill(reply, offsetof(struct wire_reply, member));
	struct bytes member = bytes_until(&speech, 0);
	member.len = member.len < WIRE_MEMBER_MAX ? member.len : WIRE_MEMBER_MAX;
	if (member.len)
		memcpy(reply->member, member.at, member.len);
	if (how & HEADER) {
		reply->magic = WIRE_MAGIC;
		reply->batch = batches[0].number;
		reply->slot = slot;
		if (held && reply->type == WIRE_DONE && ++slot == batches[0].count) {
			memmove(batches, batches + 1, --held * sizeof *batches);
			slot = 0;
		}
	}
	return (int64_t)(how & LENGTH ? wire_reply_size(reply)
				      : bytes_number(&speech) % (sizeof *reply + 1));
}

int64_t plat_receive(struct plat_channel *channel, void *out, size_t cap,
		     struct plat_file **files, size_t *count)
{
	(void)channel, (void)files, (void)count;
	if (!speech.len)
		return 0;
	unsigned how = bytes_byte(&speech);
	int64_t len = cap == sizeof(struct listing_answer) ? say_answer(out, how)
							   : say_reply(out, how);
	return len > (int64_t)cap ? -EBADMSG : len;
}

/* ---- what has to be true of what the parent made of it ---- */

static void on_finding(const struct finding *finding, void *context)
{
	(void)context;
	must(!strcmp(finding->path, "/file") && finding->confidence <= CONFIDENCE_HIGH);
	must(finding->name && finding->class < CLASS_COUNT);
	must(!finding->member || strlen(finding->member) < WIRE_MEMBER_MAX);
	switch (finding->kind) {
	case FINDING_SECRET:
		must(finding->length && codings_hold(finding->codings) && finding->lead <= 4);
		must(finding->member || (finding->offset < FILE_SIZE &&
					 finding->length <= FILE_SIZE - finding->offset));
		return;
	case FINDING_UNEXAMINED:
		must(finding->text);
		return;
	case FINDING_POSTURE:
		must(finding->member &&
		     !(finding->seen & SEEN_NAMED)); /* no path is told here */
		return;
	default:
		must(false);
	}
}

static void on_record(const struct packages_record *record, void *context)
{
	static uint8_t digest[PACKAGES_DIGEST_MAX];
	(void)context;
	must(record->path[0] == '/' && strlen(record->path) < PACKAGES_PATH_MAX);
	memcpy(digest, record->digest, packages_digest_size(record->algorithm));
}

static void ask_files(unsigned count)
{
	struct plat_info info = {.size = FILE_SIZE, .allocated = FILE_SIZE};
	struct detect_stats before, after;
	detect_get_stats(detect, &before);
	must(!detect_start(detect, on_finding, NULL));
	for (unsigned i = 0; i < count; i++)
		must(!detect_file(detect, "/file", &info, NULL, NULL, 0));
	must(!detect_finish(detect));
	detect_get_stats(detect, &after);
	must(after.files - before.files == count);
}

static void ask_database(void)
{
	struct packages_file file = {NULL, FILE_SIZE, 1};
	int r = detect_packages(detect, PACKAGES_APK, &file, 1, on_record, NULL);
	must(r <= 0 && r != -EINTR);
	asked = false;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	_cleanup_(buf_free) struct buf fault = {0};
	must(!rules_load(&(struct rules_options){0}, &rules, &fault));
	must(!detect_prepare(rules, 2, NULL, &detect, &fault));
	must(!detect_start(detect, on_finding, NULL));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	speech = (struct bytes){bytes, len};
	/* In the worker: a batch that is none. */
	static struct wire_batch batch;
	memset(&batch, 0, sizeof batch);
	if (len)
		memcpy(&batch, bytes, len < sizeof batch ? len : sizeof batch);
	if (len <= sizeof batch && wire_batch_holds(&batch, len, batch.count))
		must(batch.count <= WIRE_FILES && len >= wire_batch_size(batch.count));
	unsigned count = bytes_byte(&speech);
	if (count & 0x80)
		ask_database();
	else
		ask_files(1 + count % 40);
	return 0;
}
