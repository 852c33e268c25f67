/* SPDX-License-Identifier: MIT */
/* Whether a package owns a file unchanged: the databases say path and digest, in
 * a process of their own; what the file's digest is, is found out here. */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/stop.h"
#include "base/str.h"
#include "classify/classify.h"
#include "classify/databases.h"

#define PIECE 65536
#define MOST_BYTES (UINT64_C(4) << 30) /* no package brings a file of more */

/* What was found out about one of the files: each sum is made once. */
struct file {
	unsigned tried; /* bits of algorithms */
	uint8_t sums[PACKAGES_ALGORITHMS][EVP_MAX_MD_SIZE];
	bool readable[PACKAGES_ALGORITHMS];
};

struct question {
	const struct guest *guest;
	const char *const *paths;
	size_t count;
	bool *owned;
	struct file *files;
};

static const EVP_MD *method(enum packages_algorithm algorithm)
{
	switch (algorithm) {
	case PACKAGES_MD5:
		return EVP_md5();
	case PACKAGES_SHA1:
		return EVP_sha1();
	case PACKAGES_SHA224:
		return EVP_sha224();
	case PACKAGES_SHA256:
		return EVP_sha256();
	case PACKAGES_SHA384:
		return EVP_sha384();
	default:
		return EVP_sha512();
	}
}

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

/* In pieces: a file of any size costs no memory. */
static bool digest_of(struct plat_file *file, const EVP_MD *how, uint8_t ret[EVP_MAX_MD_SIZE])
{
	_cleanup_free_ char *piece = mem_alloc(PIECE);
	EVP_MD_CTX *sum = EVP_MD_CTX_new();
	int64_t n = -1;
	bool fine = sum && EVP_DigestInit_ex(sum, how, NULL);
	for (uint64_t at = 0; fine && !stop_asked(); at += (uint64_t)n) {
		n = plat_file_read(file, piece, PIECE, at);
		if (n <= 0 || at > MOST_BYTES)
			break;
		fine = EVP_DigestUpdate(sum, piece, (size_t)n);
	}
	fine = fine && n == 0 && EVP_DigestFinal_ex(sum, ret, NULL);
	mem_wipe(piece, PIECE);
	EVP_MD_CTX_free(sum);
	return fine;
}

static bool has_digest(struct question *q, size_t at, const struct packages_record *record)
{
	enum packages_algorithm algorithm = record->algorithm;
	struct file *known = &q->files[at];
	if (!(known->tried & 1u << algorithm)) {
		struct plat_file *file;
		known->tried |= 1u << algorithm;
		if (open_at(q->guest, q->paths[at], &file) < 0)
			return false;
		known->readable[algorithm] = digest_of(file, method(algorithm),
						       known->sums[algorithm]);
		plat_file_close(file);
	}
	return known->readable[algorithm] && memcmp(known->sums[algorithm], record->digest,
						    packages_digest_size(algorithm)) == 0;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void answer(struct question *q, const char *path, const struct packages_record *record)
{
	const char *const *hit = bsearch(&path, q->paths, q->count, sizeof *q->paths,
					 compare_paths);
	size_t at = hit ? (size_t)(hit - q->paths) : 0;
	if (hit && !q->owned[at])
		q->owned[at] = has_digest(q, at, record);
}

/* Packages built before the merge of /usr still say lib/ for usr/lib/. */
static void on_record(const struct packages_record *record, void *context)
{
	char merged[PACKAGES_PATH_MAX + sizeof "/usr"];
	const char *path = record->path;
	answer(context, path, record);
	if (str_starts(path, "/lib") || str_starts(path, "/bin/") ||
	    str_starts(path, "/sbin/")) {
		snprintf(merged, sizeof merged, "/usr%s", path);
		answer(context, merged, record);
	}
}

void classify_owned(const struct guest *guest, const struct packages_reader *reader,
		    const char *const *paths, size_t count, bool *ret_owned,
		    classify_unread *unread, void *context)
{
	memset(ret_owned, 0, count * sizeof *ret_owned);
	if (!count)
		return;
	struct question q = {guest, paths, count, ret_owned, NULL};
	_cleanup_free_ struct file *files = q.files = mem_alloc(count * sizeof *files);
	databases_read(guest, reader, on_record, &q, unread, context);
}
