/* SPDX-License-Identifier: MIT */
#include "detect/shipped.h"

#include <stdlib.h>
#include <string.h>

#include "detect/container_kind.h"
#include "packages/md5.h"

enum { ROOM = 4 << 20 };

struct look {
	struct md5_message messages[WIRE_FILES]; /* the longest first */
	uint32_t slots[WIRE_FILES];
	size_t count, used;
};

/* Its name lets an archive be expected, and its digest is one of those that are reckoned
 * together. */
static bool is_wanted(const struct wire_file *file)
{
	return file->packed && file->listed.known && file->listed.algorithm == PACKAGES_MD5 &&
	       !file->to && !file->sparse && !(file->flags & DETECT_NO_CONTAINER);
}

static void insert(struct look *look, const uint8_t *bytes, size_t len, uint32_t slot)
{
	size_t i = look->count++;
	for (; i && look->messages[i - 1].len < len; i--) {
		look->messages[i] = look->messages[i - 1];
		look->slots[i] = look->slots[i - 1];
	}
	look->messages[i] = (struct md5_message){.at = bytes, .len = len};
	look->slots[i] = slot;
}

static void take(struct look *look, uint8_t *room, struct plat_file *file, size_t size,
		 uint32_t slot)
{
	uint8_t *bytes = room + look->used;
	int64_t n = plat_file_read(file, bytes, size, 0);
	if (n != (int64_t)size) {
		mem_wipe(bytes, n > 0 ? (size_t)n : 0);
		return;
	}
	look->used += size;
	insert(look, bytes, size, slot);
}

/* From where on: one that is much longer than the others would be alone in the end, and
 * alone it takes longer in a lane than by itself. */
static size_t worth(const struct look *look)
{
	enum { MUCH = 4 };
	size_t first = 0;
	while (first + 1 < look->count &&
	       look->messages[first].len / MUCH > look->messages[first + 1].len)
		first++;
	return first + 1 < look->count ? first : look->count;
}

static bool is_listed(const struct md5_message *message, const struct sum *listed)
{
	size_t head = message->len < SOURCE_HEAD ? message->len : SOURCE_HEAD;
	return !memcmp(message->digest, listed->bytes, MD5_SIZE) &&
	       container_kind(message->at, head);
}

void shipped_look(struct shipped *shipped, const struct wire_batch *batch,
		  struct plat_file *const *files, bool (*tick)(void *context), void *context)
{
	struct look look = {0};
	memset(shipped->known, 0, sizeof shipped->known);
	for (uint32_t i = 0; i < batch->count; i++) {
		const struct wire_file *file = &batch->files[i];
		if (!is_wanted(file) || file->size > ROOM - look.used || tick(context))
			continue;
		if (!shipped->room)
			shipped->room = mem_alloc(ROOM);
		take(&look, shipped->room, files[i], (size_t)file->size, i);
	}
	size_t first = worth(&look);
	md5_many(look.messages + first, look.count - first);
	for (size_t i = 0; i < look.count; i++) {
		struct md5_message *message = &look.messages[i];
		uint32_t slot = look.slots[i];
		shipped->known[slot] = i >= first &&
				       is_listed(message, &batch->files[slot].listed);
		if (!shipped->known[slot]) /* nobody vouches for it */
			mem_wipe((uint8_t *)(uintptr_t)message->at, message->len);
	}
}

void shipped_free(struct shipped *shipped)
{
	free(shipped->room);
}
