/* SPDX-License-Identifier: MIT */
#include "detect/wire.h"

#include <stddef.h>
#include <string.h>

size_t wire_batch_size(size_t count)
{
	return offsetof(struct wire_batch, files) + count * sizeof(struct wire_file);
}

bool wire_batch_holds(const struct wire_batch *batch, size_t len, size_t files)
{
	if (len < wire_batch_size(0) || batch->magic != WIRE_MAGIC || files > WIRE_FILES)
		return false;
	if (batch->text > WIRE_TEXT_MAX || (batch->text && files))
		return false;
	files = batch->text ? 1 : files;
	if (batch->count != files || len < wire_batch_size(files))
		return false;
	const char *at = (const char *)batch + wire_batch_size(files);
	size_t left = len - wire_batch_size(files);
	for (size_t i = 0; i < files; i++) {
		size_t path = batch->files[i].path;
		if (path > left || path > WIRE_PATH_MAX || (path && at[path - 1]))
			return false;
		at += path;
		left -= path;
	}
	return left == batch->text && (!left || batch->files[0].size == left);
}

const char *wire_path(const struct wire_batch *batch, size_t index)
{
	const char *at = (const char *)batch + wire_batch_size(batch->count);
	for (size_t i = 0; i < index; i++)
		at += batch->files[i].path;
	return batch->files[index].path ? at : NULL;
}

const char *wire_text(const struct wire_batch *batch)
{
	const char *at = (const char *)batch + wire_batch_size(batch->count);
	for (size_t i = 0; i < batch->count; i++)
		at += batch->files[i].path;
	return at;
}

struct wire_reply wire_found(const struct found *found)
{
	struct wire_reply reply = {
		.type = WIRE_FOUND,
		.rule = found->rule,
		.seen = found->seen,
		.line = found->line,
		.column = found->column,
		.codings = found->codings,
		.lead = found->lead,
		.offset = found->offset,
		.length = found->length,
		.because = found->because,
	};
	memcpy(reply.digest, found->digest, sizeof reply.digest);
	return reply;
}

size_t wire_reply_size(const struct wire_reply *reply)
{
	return reply->member[0] ? sizeof *reply : offsetof(struct wire_reply, member);
}

static bool place_holds(const struct wire_reply *reply, const struct wire_file *file)
{
	if (!reply->length || reply->offset + reply->length < reply->offset)
		return false;
	return reply->member[0] || reply->offset + reply->length <= file->size;
}

static bool found_holds(const struct wire_reply *reply, const struct wire_file *file,
			size_t rules)
{
	return reply->rule < rules && reasons_hold(reply->because) &&
	       !(reply->seen & ~(uint32_t)WIRE_SEEN) && codings_hold(reply->codings) &&
	       reply->lead <= 4 && !!(reply->seen & SEEN_IN_CONTAINER) == !!reply->member[0] &&
	       (!(reply->seen & SEEN_HISTORY) || reply->member[0]) &&
	       (!(reply->seen & SEEN_VENDOR) || file->listed.known) && place_holds(reply, file);
}

/* A reply without member was received into zeroed memory: member is "". */
bool wire_reply_holds(const struct wire_reply *reply, size_t len, uint32_t batch, uint32_t slot,
		      const struct wire_file *file, size_t rules)
{
	if ((len != sizeof *reply && len != offsetof(struct wire_reply, member)) ||
	    reply->magic != WIRE_MAGIC || reply->batch != batch || reply->slot != slot ||
	    !memchr(reply->member, 0, sizeof reply->member) || len != wire_reply_size(reply))
		return false;
	switch (reply->type) {
	case WIRE_FOUND:
		return found_holds(reply, file, rules);
	case WIRE_MEMBER:
		return reply->rule < BOXES_MAX && file->boxes >> reply->rule & 1 &&
		       reply->member[0];
	case WIRE_NAMED: /* only who was told a path can tell of it */
		return reply->rule < rules && file->path;
	case WIRE_TROUBLE:
		return reply->trouble > TROUBLE_NONE && reply->trouble < TROUBLE_DIED;
	case WIRE_SPLIT:
		return file->may_split;
	case WIRE_LINES:
		return file->to && reply->length <= file->to && reply->offset <= file->to;
	case WIRE_DONE:
	case WIRE_ALIVE:
		return true;
	}
	return false;
}

bool wire_times_hold(const void *message, size_t len, const uint64_t before[STAGE_COUNT],
		     uint64_t most, uint64_t ret[STAGE_COUNT])
{
	struct wire_times times;
	uint64_t sum = 0;
	if (len != sizeof times)
		return false;
	memcpy(&times, message, sizeof times);
	if (times.magic != WIRE_MAGIC || times.type != WIRE_TIMES)
		return false;
	for (int i = 0; i < STAGE_COUNT; i++) {
		if (times.stages[i] < before[i] || times.stages[i] > most)
			return false;
		sum += times.stages[i];
	}
	memcpy(ret, times.stages, sizeof times.stages);
	return sum <= most;
}

/* What only its owner's key opens, and the images that programs come in, are told
 * but keep nobody from a good exit code. */
enum severity wire_trouble_severity(enum trouble trouble)
{
	return trouble == TROUBLE_SEALED || trouble == TROUBLE_FILE_SYSTEM ? SEVERITY_INFO
									   : SEVERITY_MEDIUM;
}

const char *wire_trouble_text(enum trouble trouble)
{
	static const char *const texts[TROUBLE_COUNT] = {
		[TROUBLE_READ] = "It could not be read to its end.",
		[TROUBLE_PATTERN] =
			"A pattern reached its limit here; something may be overlooked.",
		[TROUBLE_TOO_MANY] = "It holds more secrets than are listed for one file.",
		[TROUBLE_TIME] = "It took too long to examine; the rest was left.",
		[TROUBLE_DAMAGED] =
			"This archive is damaged or of a kind that can not be read.",
		[TROUBLE_ENCRYPTED] = "This archive is encrypted.",
		[TROUBLE_SEALED] = "It is encrypted.",
		[TROUBLE_DISK] = "Disk images of this kind are not looked into.",
		[TROUBLE_FILE_SYSTEM] = "File system images of this kind are not looked into.",
		[TROUBLE_FOREIGN] = "Archives of this kind are not looked into.",
		[TROUBLE_DEPTH] = "Archives are packed into each other too deeply.",
		[TROUBLE_EXPANDED] = "This archive unpacks to more than is looked at.",
		[TROUBLE_NESTED_SIZE] =
			"An archive inside this one is too large to be unpacked.",
		[TROUBLE_RATIO] =
			"This archive unpacks to more than a thousand times its size.",
		[TROUBLE_ENTRIES] = "This archive has more members than are looked at.",
		[TROUBLE_MEMORY] = "Unpacking this archive takes more memory than is given.",
		[TROUBLE_TRAILING] = "Something unknown follows the end of this archive.",
		[TROUBLE_GIT_DAMAGED] =
			"A part of this git repository is damaged or of an unknown form.",
		[TROUBLE_GIT_LARGE] =
			"This git repository holds more, or larger, objects than are looked at.",
		[TROUBLE_DATABASE] =
			"This database is damaged or being written: read page by page.",
		[TROUBLE_KEYSTORE] = "This key store is damaged.",
		[TROUBLE_DECODED] = "It holds more encoded text than is decoded.",
		[TROUBLE_ENCODED_SIZE] =
			"An archive that is encoded in it is too large to be unpacked.",
		[TROUBLE_DIED] = "The process that examined it died.",
		[TROUBLE_SILENT] = "The process that examined it did not end in time.",
		[TROUBLE_LIED] =
			"The process that examined it gave an answer that can not be true.",
	};
	return texts[trouble];
}
