/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "git/reader.h"

enum { GRAIN = 64 << 10 };

struct held held_new(size_t len)
{
	return (struct held){mem_alloc(HEAD_ROOM + len), len};
}

void held_clear(struct held *held)
{
	if (held->room)
		mem_wipe(held->room, HEAD_ROOM + held->len);
	free(held->room);
	*held = (struct held){0};
}

/* ---- ids ---- */

static int head_of(enum git_type type, uint64_t size, char out[HEAD_ROOM])
{
	static const char *const names[] = {"", "commit", "tree", "blob", "tag"};
	return snprintf(out, HEAD_ROOM, "%s %llu", names[type], (unsigned long long)size) + 1;
}

static void hash_begin(struct git *git, enum git_type type, uint64_t size)
{
	char head[HEAD_ROOM];
	int len = head_of(type, size, head);
	EVP_DigestInit_ex(git->hash, git->digest, NULL);
	EVP_DigestUpdate(git->hash, head, (size_t)len);
}

static struct git_id hash_end(struct git *git)
{
	uint8_t full[EVP_MAX_MD_SIZE];
	struct git_id id = {{0}};
	EVP_DigestFinal_ex(git->hash, full, NULL);
	memcpy(id.bytes, full, git->id_size);
	return id;
}

struct git_id object_id(struct git *git, enum git_type type, const struct held *held)
{
	hash_begin(git, type, held->len);
	EVP_DigestUpdate(git->hash, held_bytes(held), held->len);
	return hash_end(git);
}

/* ---- commits and tags ---- */

static bool id_of_hex(const uint8_t *hex, size_t id_size, struct git_id *ret)
{
	*ret = (struct git_id){{0}};
	return hex_bytes(hex, id_size, ret->bytes);
}

/* "committer Name <mail> 1700000000 +0100" */
static int64_t date_of(const uint8_t *line, size_t len)
{
	int64_t date = 0;
	size_t at = len;
	while (at && line[at - 1] != '>')
		at--;
	for (at++; at && at < len && line[at] >= '0' && line[at] <= '9'; at++)
		if (date < INT64_MAX / 100)
			date = date * 10 + (line[at] - '0');
	return date;
}

/* Where the message begins; *date of the line that tells it. */
static size_t headers_end(const uint8_t *bytes, size_t len, int64_t *date)
{
	static const char wanted[] = "committer ";
	size_t at = 0;
	while (at < len && bytes[at] != '\n') {
		const uint8_t *stop = memchr(bytes + at, '\n', len - at);
		size_t end = stop ? (size_t)(stop - bytes) : len;
		if (end - at > sizeof wanted && !memcmp(bytes + at, wanted, sizeof wanted - 1))
			*date = date_of(bytes + at, end - at);
		at = end + 1;
	}
	return at < len ? at + 1 : len;
}

static void keep_commit(struct git *git, const struct git_id *id, const struct held *held,
			int64_t date)
{
	static const char tree[] = "tree ";
	const uint8_t *bytes = held_bytes(held);
	struct commit commit = {.id = *id, .date = date};
	size_t head = sizeof tree - 1;
	if (git->commits.n >= COMMITS_MAX)
		git->forgot = true;
	else if (held->len > head + 2 * git->id_size && !memcmp(bytes, tree, head) &&
		 id_of_hex(bytes + head, git->id_size, &commit.tree))
		*vec_add(&git->commits) = commit;
}

void object_tell(struct git *git, enum git_type type, const struct git_id *id,
		 const struct held *held)
{
	struct git_object object = {type, *id, held_bytes(held), held->len, NULL};
	int64_t date = 0;
	if (type == GIT_COMMIT || type == GIT_TAG) {
		size_t start = headers_end(object.bytes, held->len, &date);
		object.bytes += start;
		object.size -= start;
	}
	if (type == GIT_COMMIT && !git->walked)
		keep_commit(git, id, held, date);
	if (type != GIT_TREE && object.size)
		git->sink.object(&object, git->sink.context);
}

/* ---- large blobs ---- */

struct git_stream {
	struct git *git;
	uint64_t left;
	bool broken;
};

int64_t git_stream_read(struct git_stream *stream, void *out, size_t cap)
{
	if (cap > stream->left)
		cap = (size_t)stream->left;
	if (cap > GRAIN)
		cap = GRAIN;
	if (!cap || stream->broken)
		return stream->broken ? -EBADMSG : 0;
	if (git_over(stream->git) || !git_spend(stream->git, cap))
		return 0;
	int64_t n = inflow_read(&stream->git->in, out, cap);
	stream->broken = n <= 0;
	stream->left -= n > 0 ? (uint64_t)n : 0;
	return stream->broken ? -EBADMSG : n;
}

static bool large_begin(struct git *git, struct plat_file *file, uint64_t end, uint64_t offset,
			size_t skip)
{
	uint8_t head[HEAD_ROOM];
	return inflow_begin(&git->in, file, end, offset) == 0 && skip <= sizeof head &&
	       (!skip || inflow_read(&git->in, head, skip) == (int64_t)skip);
}

/* Its id tells whether it was seen already, so it is gone through twice. */
void object_tell_large(struct git *git, struct plat_file *file, uint64_t end, uint64_t offset,
		       size_t skip, uint64_t size)
{
	struct git_stream stream = {git, size, false};
	uint8_t *piece = mem_alloc(GRAIN);
	int64_t n = large_begin(git, file, end, offset, skip) ? 1 : -EBADMSG;
	hash_begin(git, GIT_BLOB, size);
	while (n > 0 && (n = git_stream_read(&stream, piece, GRAIN)) > 0)
		EVP_DigestUpdate(git->hash, piece, (size_t)n);
	bool whole = n == 0 && !stream.left && inflow_read(&git->in, piece, 1) == 0;
	mem_wipe(piece, GRAIN);
	free(piece);
	struct git_object object = {GIT_BLOB, hash_end(git), NULL, 0, &stream};
	if (n < 0 || (!whole && !stream.left))
		git_trouble(git, GIT_DAMAGED);
	if (whole && git_knows(git, &object.id, NULL))
		return;
	stream = (struct git_stream){git, size, false};
	uint64_t behind = inflow_where(&git->in);
	if (large_begin(git, file, end, offset, skip))
		git->sink.object(&object, git->sink.context);
	/* For who goes on behind it, however much of it was taken. */
	const uint8_t *next;
	(void)inflow_look(&git->in, file, end, behind, 1, &next);
}

/* ---- trees ---- */

/* "40000 name\0" and the id, as bytes. */
size_t tree_next(const uint8_t *tree, size_t len, size_t id_size, struct tree_entry *ret)
{
	const uint8_t *stop = len ? memchr(tree, 0, len) : NULL;
	size_t head = stop ? (size_t)(stop - tree) + 1 : 0;
	const uint8_t *blank = head ? memchr(tree, ' ', head) : NULL;
	if (!blank || len - head < id_size)
		return 0;
	size_t mode = (size_t)(blank - tree);
	*ret = (struct tree_entry){
		.folder = mode == 5 && !memcmp(tree, "40000", 5),
		.link = mode == 6 && !memcmp(tree, "160000", 6),
		.name = (const char *)blank + 1,
	};
	memcpy(ret->id.bytes, tree + head, id_size);
	return head + id_size;
}
