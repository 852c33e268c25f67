/* SPDX-License-Identifier: MIT */
/* The databases are read in a process of their own; what they say is kept as a
 * sorted list of hashes of paths. Two paths with one hash do no harm: the digest
 * of the one does not fit the other, and it had to be as old. */
#include "classify/owned.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sort.h"
#include "base/stop.h"
#include "base/str.h"
#include "classify/databases.h"

struct entry {
	uint64_t path; /* its hash */
	struct sum sum;
	uint32_t built;
};

struct unread {
	char *database;
	int error;
};

/* A search begins with these first bits of the hash. */
enum { ROW_BITS = 14, ROWS = 1 << ROW_BITS };

struct owned {
	const struct guest *guest;
	VEC(struct entry) entries; /* sorted by path */
	uint32_t rows[ROWS + 1];   /* where the entries of a row begin */
	VEC(struct unread) unread;
};

/* Like FNV-1a, but eight characters at a time. */
static uint64_t mix(const char *text, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325), eight;
	for (; len; len -= len < sizeof eight ? len : sizeof eight) {
		eight = 0;
		memcpy(&eight, text, len < sizeof eight ? len : sizeof eight);
		hash = (hash ^ eight) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
		text += sizeof eight;
	}
	return hash;
}

/* The folder above, the name below: what is asked for one after the other lies together. */
static uint64_t hash_of(const char *path)
{
	const char *leaf = str_leaf(path);
	return mix(path, (size_t)(leaf - path)) << 32 | mix(leaf, strlen(leaf)) >> 32;
}

static void on_record(const struct packages_record *record, void *context)
{
	struct owned *owned = context;
	*vec_add(&owned->entries) = (struct entry){hash_of(record->path), sum_of_record(record),
						   record->built};
}

static void on_unread(const char *database, int error, void *context)
{
	struct owned *owned = context;
	*vec_add(&owned->unread) = (struct unread){mem_strdup(database), error};
}

static int by_path(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	return x->path < y->path ? -1 : x->path > y->path;
}

static size_t row_of(uint64_t hash)
{
	return (size_t)(hash >> (64 - ROW_BITS));
}

/* Each entry goes to its row at once; only those of one row are compared. */
static void sort(struct owned *owned)
{
	struct entry *sorted = mem_alloc((owned->entries.n + 1) * sizeof *sorted);
	uint32_t *rows = owned->rows;
	vec_each(&owned->entries, entry)
		rows[row_of(entry->path)]++;
	for (size_t row = 0, end = 0; row <= ROWS; row++)
		rows[row] = (uint32_t)(end += row < ROWS ? rows[row] : 0);
	for (size_t i = owned->entries.n; i--;)
		sorted[--rows[row_of(owned->entries.v[i].path)]] = owned->entries.v[i];
	for (size_t row = 0; row < ROWS; row++)
		if (rows[row + 1] - rows[row] > 1)
			sort_stable(sorted + rows[row], rows[row + 1] - rows[row],
				    sizeof *sorted, by_path);
	free(owned->entries.v);
	owned->entries.v = sorted;
	owned->entries.cap = owned->entries.n + 1;
}

struct owned *owned_new(const struct guest *guest)
{
	struct owned *owned = mem_alloc(sizeof *owned);
	owned->guest = guest;
	return owned;
}

void owned_read(struct owned *owned, const struct packages_reader *reader)
{
	databases_read(owned->guest, reader, on_record, owned, on_unread, owned);
	sort(owned);
}

void owned_free(struct owned *owned)
{
	if (!owned)
		return;
	vec_each(&owned->unread, unread)
		free(unread->database);
	vec_free(&owned->unread);
	vec_free(&owned->entries);
	free(owned);
}

/* The first of the entries for a path, NULL if there is none. */
static const struct entry *first_of(const struct owned *owned, const char *path)
{
	struct entry wanted = {.path = hash_of(path)};
	const uint32_t *row = owned->rows + row_of(wanted.path);
	const struct entry *at = row[1] == row[0]
					 ? NULL
					 : bsearch(&wanted, owned->entries.v + row[0],
						   row[1] - row[0], sizeof wanted, by_path);
	while (at && at > owned->entries.v && at[-1].path == wanted.path)
		at--;
	return at;
}

/* Packages built before the merge of /usr still say lib/ for usr/lib/. */
static const char *before_merge(const char *path)
{
	bool merged = str_starts(path, "/usr/lib") || str_starts(path, "/usr/bin/") ||
		      str_starts(path, "/usr/sbin/");
	return merged ? path + strlen("/usr") : NULL;
}

bool owned_listed(const struct owned *owned, const char *path, int64_t mtime, struct sum *ret)
{
	const struct entry *entry = first_of(owned, path);
	if (!entry && (path = before_merge(path)))
		entry = first_of(owned, path);
	*ret = entry ? entry->sum : (struct sum){0};
	return entry && entry->built && mtime / 1000000000 <= entry->built;
}

/* ---- the file itself ---- */

static int open_at(const struct guest *guest, const char *path, struct plat_file **ret)
{
	const char *leaf = str_leaf(path);
	_cleanup_free_ char *folder = mem_strndup(path, (size_t)(leaf - path));
	struct plat_dir *dir;
	int r = guest_dir(guest, folder, &dir, NULL);
	if (r < 0)
		return r;
	r = plat_file_open_at(dir, leaf, ret);
	plat_dir_close(dir);
	return r;
}

static int64_t read_piece(void *context, void *out, size_t cap, uint64_t offset)
{
	return stop_asked() ? -EINTR : plat_file_read(context, out, cap, offset);
}

static bool has_sum(const struct owned *owned, const char *path, const struct sum *wanted)
{
	struct plat_file *file;
	struct sum sum;
	if (open_at(owned->guest, path, &file) < 0)
		return false;
	bool made = sum_make(wanted->algorithm, read_piece, file, &sum);
	plat_file_close(file);
	return made && sum_same(&sum, wanted);
}

/* Packages that share a file may each have said something. */
static bool any_fits(const struct owned *owned, const char *path, const char *listed)
{
	const struct entry *first = listed ? first_of(owned, listed) : NULL;
	const struct entry *end = first ? owned->entries.v + owned->entries.n : NULL;
	for (const struct entry *at = first; at && at < end && at->path == first->path; at++) {
		bool tried = at > first && sum_same(&at->sum, &at[-1].sum);
		if (!tried && has_sum(owned, path, &at->sum))
			return true;
	}
	return false;
}

bool owned_unchanged(const struct owned *owned, const char *path)
{
	return any_fits(owned, path, path) || any_fits(owned, path, before_merge(path));
}

void owned_tell_unread(const struct owned *owned, owned_unread *unread, void *context)
{
	vec_each(&owned->unread, one)
		unread(one->database, one->error, context);
}
