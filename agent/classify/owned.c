/* SPDX-License-Identifier: MIT */
/* Debian's package database, as dpkg(1) lays it out: info/PACKAGE.md5sums lists
 * "digest  path" for files, the Conffiles field of `status` " path digest". */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/stop.h"
#include "base/str.h"
#include "classify/classify.h"

#define DATABASE "/var/lib/dpkg"
#define MOST_BYTES (256u << 20)
#define DIGEST_TEXT 33
#define PIECE 65536

struct question {
	const struct guest *guest;
	const char *const *paths;
	size_t count;
	bool *owned;
};

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
static bool digest_of(struct plat_file *file, unsigned char ret[EVP_MAX_MD_SIZE])
{
	_cleanup_free_ char *piece = mem_alloc(PIECE);
	EVP_MD_CTX *sum = EVP_MD_CTX_new();
	int64_t n = -1;
	bool fine = sum && EVP_DigestInit_ex(sum, EVP_md5(), NULL);
	for (uint64_t at = 0; fine && !stop_asked(); at += (uint64_t)n) {
		n = plat_file_read(file, piece, PIECE, at);
		if (n <= 0)
			break;
		fine = EVP_DigestUpdate(sum, piece, (size_t)n);
	}
	fine = fine && n == 0 && EVP_DigestFinal_ex(sum, ret, NULL);
	mem_wipe(piece, PIECE);
	EVP_MD_CTX_free(sum);
	return fine;
}

static bool file_has_digest(const struct guest *guest, const char *path, const char *digest)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	char text[DIGEST_TEXT];
	struct plat_file *file;
	if (open_at(guest, path, &file) < 0)
		return false;
	bool known = digest_of(file, sum);
	plat_file_close(file);
	if (!known)
		return false;
	for (size_t i = 0; i < 16; i++)
		snprintf(text + i * 2, 3, "%02x", sum[i]);
	return strcmp(text, digest) == 0;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void answer(struct question *q, const char *path, const char *digest)
{
	const char *const *hit = bsearch(&path, q->paths, q->count, sizeof *q->paths,
					 compare_paths);
	if (hit && file_has_digest(q->guest, path, digest))
		q->owned[hit - q->paths] = true;
}

/* Packages built before the merge of /usr still say lib/ for usr/lib/. */
static void answer_merged(struct question *q, const char *path, const char *digest)
{
	answer(q, path, digest);
	if (str_starts(path, "/lib") || str_starts(path, "/bin/") ||
	    str_starts(path, "/sbin/")) {
		_cleanup_free_ char *merged = mem_printf("/usr%s", path);
		answer(q, merged, digest);
	}
}

static void each_line(struct buf *text, struct question *q,
		      void (*take)(char *line, struct question *q))
{
	if (!text->len)
		return;
	for (char *save, *line = strtok_r(text->data, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		take(line, q);
}

static void take_sum(char *line, struct question *q)
{
	size_t len = strcspn(line, " ");
	if (len != DIGEST_TEXT - 1 || !line[len])
		return;
	line[len] = 0;
	_cleanup_free_ char *path = mem_printf("/%s",
					       line + len + 1 + strspn(line + len + 1, " "));
	answer_merged(q, path, line);
}

static void take_conffile(char *line, struct question *q)
{
	char *blank = line[0] == ' ' && line[1] == '/' ? strchr(line + 1, ' ') : NULL;
	if (!blank)
		return;
	*blank = 0;
	char *digest = blank + 1;
	digest[strcspn(digest, " ")] = 0;
	if (strlen(digest) == DIGEST_TEXT - 1)
		answer_merged(q, line + 1, digest);
}

void classify_owned(const struct guest *guest, const char *const *paths, size_t count,
		    bool *ret_owned)
{
	struct question q = {guest, paths, count, ret_owned};
	struct plat_dir *dir;
	memset(ret_owned, 0, count * sizeof *ret_owned);
	if (!count)
		return;
	_cleanup_(buf_free) struct buf status = {0};
	if (!guest_read(guest, DATABASE "/status", MOST_BYTES, &status))
		each_line(&status, &q, take_conffile);
	if (guest_dir(guest, DATABASE "/info", &dir, NULL) < 0)
		return;
	const char *name;
	enum plat_kind kind;
	while (plat_dir_next(dir, &name, &kind) > 0) {
		_cleanup_(buf_free) struct buf sums = {0};
		struct plat_file *file;
		if (!str_ends(name, ".md5sums") || plat_file_open_at(dir, name, &file) < 0)
			continue;
		if (!plat_file_slurp(file, MOST_BYTES, &sums))
			each_line(&sums, &q, take_sum);
		plat_file_close(file);
	}
	plat_dir_close(dir);
}
