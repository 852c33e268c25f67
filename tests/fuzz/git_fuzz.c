/* SPDX-License-Identifier: MIT */
/* The reader of git objects. The first byte says what the others are: a pack, a
 * loose object, a delta as such, or the content of objects that are packed here,
 * since hardly a change to compressed bytes gets past zlib's own check. */
#include "../unit/packmaker.h"
#include "git/reader.h"

enum { BASE = 4096, OUT = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static uint64_t sum; /* so that what is told is looked at */

static void on_object(const struct git_object *object, void *context)
{
	uint8_t piece[4096];
	(void)context;
	for (uint64_t i = 0; object->bytes && i < object->size; i++)
		sum += object->bytes[i];
	while (object->large && git_stream_read(object->large, piece, sizeof piece) > 0)
		sum += piece[0];
}

static void on_trouble(enum git_trouble trouble, void *context)
{
	(void)context;
	sum += trouble;
}

struct places {
	struct git_id blobs[8];
	size_t count;
};

static void on_place(struct git *git, const struct git_place *place, void *context)
{
	struct places *places = context;
	sum += strlen(git_path(git)) + strlen(place->name);
	places->blobs[places->count++ % 8] = place->blob;
}

static bool on_tick(void *context)
{
	unsigned *ticks = context;
	return ++*ticks > 20000;
}

/* One object of the structured form: a byte of type, one of length, one that says
 * which base, content. */
static size_t put_one(struct buf *pack, size_t *starts, size_t count, const uint8_t *at,
		      size_t len)
{
	size_t size = at[1] < len - 3 ? at[1] : len - 3;
	struct buf content = {0};
	struct git_id base = {{0}};
	buf_add(&content, at + 3, size);
	starts[count] = pack->len;
	if (at[0] % 8 == OFS_DELTA && count) {
		put_ofs_delta(pack, starts[at[2] % count] + (at[0] & 0x80 ? 1 : 0), &content);
	} else if (at[0] % 8 == REF_DELTA && size >= 20) {
		memcpy(base.bytes, at + 3, 20);
		put_ref_delta(pack, &base, &content);
	} else {
		put_object(pack, at[0] % 4 + 1, content.data ? content.data : "", size);
	}
	buf_free(&content);
	return size + 3;
}

static void make_pack(struct buf *pack, const uint8_t *bytes, size_t len)
{
	size_t starts[256], count = 0;
	pack_begin(pack, 0);
	while (len > 3 && count < 256) {
		size_t used = put_one(pack, starts, count++, bytes, len);
		bytes += used;
		len -= used;
	}
	pack->data[11] = (char)count;
	pack_end(pack);
}

static void read_all(const struct buf *data, bool loose)
{
	unsigned ticks = 0;
	struct places places = {0};
	struct git_sink sink = {on_object, on_trouble, on_tick, &ticks};
	struct plat_file *file = file_of(data->data, data->len);
	if (!file)
		return;
	struct git *git = git_new(false, 1 << 20, &sink);
	if (loose) {
		git_add_loose(git, file, data->len);
		plat_file_close(file);
	} else {
		git_add_pack(git, file, data->len);
	}
	git_walk(git, on_place, &places);
	for (size_t i = 0, size = 0; i < places.count && i < 8; i++) {
		const uint8_t *blob = git_blob(git, &places.blobs[i], &size);
		sum += blob && size ? blob[size - 1] : 0;
	}
	git_free(git);
}

static void apply_delta(const uint8_t *bytes, size_t len)
{
	static uint8_t base[BASE], out[OUT];
	uint64_t from, to;
	uint8_t *copy = mem_alloc(len + 1);
	memcpy(copy, bytes, len);
	if (delta_sizes(copy, len, &from, &to) && from <= BASE && to <= OUT)
		sum += (uint64_t)delta_apply(base, (size_t)from, copy, len, out, (size_t)to);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct buf data = {0};
	if (!len || len > 1 << 16)
		return 0;
	uint8_t form = bytes[0] % 5;
	if (form == 0 || form == 1)
		buf_add(&data, bytes + 1, len - 1);
	else if (form == 2)
		put_deflated(&data, bytes + 1, len - 1);
	else if (form == 3)
		make_pack(&data, bytes + 1, len - 1);
	if (form == 4)
		apply_delta(bytes + 1, len - 1);
	else
		read_all(&data, form == 1 || form == 2);
	buf_free(&data);
	return 0;
}
