/* SPDX-License-Identifier: MIT */
/* Debian's package database, as dpkg(1) lays it out: info/PACKAGE.md5sums lists
 * "digest  path" for files, the Conffiles field of `status` " path digest". */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "classify/classify.h"

#define DATABASE "/var/lib/dpkg"
#define MOST_BYTES (256u << 20)
#define DIGEST_TEXT 33

struct question {
	const struct guest *guest;
	const char *const *paths;
	size_t count;
	bool *owned;
};

static bool file_has_digest(const struct guest *guest, const char *path, const char *digest)
{
	_cleanup_(buf_wipe) struct buf bytes = {0};
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len;
	char text[DIGEST_TEXT];
	if (guest_read(guest, path, MOST_BYTES, &bytes) < 0 ||
	    !EVP_Digest(buf_text(&bytes), bytes.len, sum, &len, EVP_md5(), NULL))
		return false;
	for (unsigned i = 0; i < 16; i++)
		snprintf(text + i * 2, 3, "%02x", sum[i]);
	return strcmp(text, digest) == 0;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void answer(struct question *q, const char *path, const char *digest)
{
	const char *const *hit =
		bsearch(&path, q->paths, q->count, sizeof *q->paths, compare_paths);
	if (hit && file_has_digest(q->guest, path, digest))
		q->owned[hit - q->paths] = true;
}

/* Packages built before the merge of /usr still say lib/ for usr/lib/. */
static void answer_merged(struct question *q, const char *path, const char *digest)
{
	answer(q, path, digest);
	if (str_starts(path, "/lib") || str_starts(path, "/bin/") || str_starts(path, "/sbin/")) {
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
	_cleanup_free_ char *path = mem_printf("/%s", line + len + 1 + strspn(line + len + 1, " "));
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
