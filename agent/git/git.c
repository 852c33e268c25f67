/* SPDX-License-Identifier: MIT */
#include "git/git.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "git/reader.h"

enum { LOOSE_HEAD = 32 };

int git_id_compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct git_id));
}

int git_id_compare_pointed(const void *a, const void *b)
{
	return git_id_compare(*(const struct git_id *const *)a,
			      *(const struct git_id *const *)b);
}

struct git *git_new(bool sha256, uint64_t expand_bytes, const struct git_sink *sink)
{
	struct git *git = mem_alloc(sizeof *git);
	git->sink = *sink;
	git->digest = sha256 ? EVP_sha256() : EVP_sha1();
	git->id_size = sha256 ? 32 : 20;
	git->hash = EVP_MD_CTX_new();
	git->may_expand = expand_bytes;
	return git;
}

void git_free(struct git *git)
{
	if (!git)
		return;
	cache_clear(git);
	vec_each(&git->packs, pack) {
		packed_clear(*pack);
		free(*pack);
	}
	vec_free(&git->packs);
	vec_each(&git->loose, loose)
		held_clear(&loose->held);
	vec_free(&git->loose);
	vec_free(&git->commits);
	inflow_clear(&git->in);
	EVP_MD_CTX_free(git->hash);
	free(git);
}

/* ---- bounds ---- */

void git_trouble(struct git *git, enum git_trouble trouble)
{
	if (!(git->told & 1u << trouble))
		git->sink.trouble(trouble, git->sink.context);
	git->told |= 1u << trouble;
}

bool git_over(struct git *git)
{
	if (!git->over && git->sink.tick && git->sink.tick(git->sink.context)) {
		git->over = true;
		git_trouble(git, GIT_OVER);
	}
	return git->over;
}

bool git_spend(struct git *git, uint64_t bytes)
{
	if (bytes > git->may_expand - git->expanded) {
		git_trouble(git, GIT_LARGE);
		git->over = true;
		return false;
	}
	git->expanded += bytes;
	return true;
}

static void allow(struct git *git, uint64_t size)
{
	uint64_t more = size > UINT64_MAX / EXPAND_FACTOR / 2 ? UINT64_MAX / 2
							      : size * EXPAND_FACTOR;
	git->may_expand += more < UINT64_MAX - git->may_expand ? more : 0;
}

bool git_knows(const struct git *git, const struct git_id *id, const struct pack *but)
{
	vec_each(&git->packs, pack)
		if (*pack != but && packed_find(*pack, id) != NONE)
			return true;
	return false;
}

/* ---- the cache ---- */

/* Clock: what was not asked for since the hand came by last goes. */
static void cache_drop(struct git *git)
{
	for (;; git->hand++) {
		struct slot *slot = &git->slots[git->hand % CACHE_SLOTS];
		if (!slot->pack)
			continue;
		if (!slot->used)
			break;
		slot->used = false;
	}
	struct slot *slot = &git->slots[git->hand % CACHE_SLOTS];
	slot->pack->entries[slot->entry].slot = NONE;
	git->cached -= slot->held.len;
	held_clear(&slot->held);
	slot->pack = NULL;
}

const struct held *cache_get(struct git *git, const struct pack *pack, uint32_t entry)
{
	uint32_t at = pack->entries[entry].slot;
	if (at == NONE)
		return NULL;
	git->slots[at].used = true;
	return &git->slots[at].held;
}

const struct held *cache_put(struct git *git, struct pack *pack, uint32_t entry,
			     struct held *held)
{
	while (git->cached && git->cached + held->len > CACHE_MAX)
		cache_drop(git);
	while (git->slots[git->hand % CACHE_SLOTS].pack)
		cache_drop(git);
	uint32_t at = (uint32_t)(git->hand++ % CACHE_SLOTS);
	git->slots[at] = (struct slot){pack, entry, true, *held};
	git->cached += held->len;
	pack->entries[entry].slot = at;
	return &git->slots[at].held;
}

void cache_clear(struct git *git)
{
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		held_clear(&git->slots[i].held);
}

/* ---- files ---- */

void git_add_pack(struct git *git, struct plat_file *file, uint64_t size)
{
	struct pack *pack = *vec_add(&git->packs) = mem_alloc(sizeof *pack);
	pack->file = file;
	pack->size = size;
	allow(git, size);
	if (!git_over(git) && packed_read(git, pack) < 0)
		git_trouble(git, GIT_DAMAGED);
	inflow_forget(&git->in);
	if (git->open++ >= PACKS_OPEN) {
		pack->file = plat_file_close(pack->file);
		git->forgot = true;
	}
}

/* "blob 123" and NUL; the type, 0 when it is something else. */
static enum git_type loose_head(const uint8_t *bytes, size_t len, size_t *ret_head,
				uint64_t *ret_size)
{
	static const struct {
		const char *name;
		enum git_type type;
	} types[] = {{"commit ", GIT_COMMIT},
		     {"tree ", GIT_TREE},
		     {"blob ", GIT_BLOB},
		     {"tag ", GIT_TAG}};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		size_t at = strlen(types[i].name);
		if (len <= at || memcmp(bytes, types[i].name, at) != 0)
			continue;
		uint64_t size = 0;
		for (; at < len && bytes[at] >= '0' && bytes[at] <= '9'; at++)
			size = size * 10 + (bytes[at] - '0');
		*ret_head = at + 1;
		*ret_size = size;
		return at < len && !bytes[at] && size < UINT64_MAX / 2 ? types[i].type : 0;
	}
	return 0;
}

static bool loose_take(struct git *git, enum git_type type, const uint8_t *begin, size_t have,
		       uint64_t size)
{
	if (have > size || !git_spend(git, size))
		return false;
	struct held held = held_new((size_t)size);
	if (have)
		memcpy(held_bytes(&held), begin, have);
	if (inflow_all(&git->in, held_bytes(&held) + have, held.len - have) < 0) {
		held_clear(&held);
		return false;
	}
	struct git_id id = object_id(git, type, &held);
	if (!git_knows(git, &id, NULL))
		object_tell(git, type, &id, &held);
	if (type == GIT_TREE && !git->walked && git->loose_bytes + held.len <= LOOSE_MAX) {
		git->loose_bytes += held.len + sizeof(struct loose);
		*vec_add(&git->loose) = (struct loose){id, held, false};
		return true;
	}
	git->forgot |= type == GIT_TREE;
	held_clear(&held);
	return true;
}

void git_add_loose(struct git *git, struct plat_file *file, uint64_t size)
{
	uint8_t begin[LOOSE_HEAD] = {0};
	size_t head = 0;
	uint64_t len = 0;
	if (git_over(git))
		return;
	allow(git, size);
	int64_t n = inflow_begin(&git->in, file, size, 0);
	if (!n)
		n = inflow_read(&git->in, begin, sizeof begin);
	enum git_type type = n > 0 ? loose_head(begin, (size_t)n, &head, &len) : 0;
	if (type == GIT_BLOB && len > OBJECT_MAX)
		object_tell_large(git, file, size, 0, head, len);
	else if (type && len > OBJECT_MAX)
		git_trouble(git, GIT_LARGE);
	else if (!type || !loose_take(git, type, begin + head, (size_t)n - head, len))
		git_trouble(git, GIT_DAMAGED);
	mem_wipe(begin, sizeof begin);
	inflow_forget(&git->in);
}
