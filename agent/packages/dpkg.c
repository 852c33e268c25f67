/* SPDX-License-Identifier: MIT */
/* Debian's database, as dpkg(1) lays it out: info/PACKAGE.md5sums lists
 * "digest  path" for files, the Conffiles field of `status` " path digest". */
#include <string.h>

#include "packages/reader.h"

static void take_conffile(char *line, void *context)
{
	char *blank = line[0] == ' ' && line[1] == '/' ? strchr(line + 1, ' ') : NULL;
	if (!blank)
		return;
	*blank = 0;
	char *digest = blank + 1;
	digest[strcspn(digest, " ")] = 0; /* a word may follow: obsolete */
	reader_tell_hex(context, line + 1, PACKAGES_MD5, digest);
}

int dpkg_status(const struct reader *reader, const struct packages_file *file)
{
	return reader_lines(file, take_conffile, (void *)(uintptr_t)reader);
}

/* The path has no slash before it: one is put where the last blank was. */
static void take_sum(char *line, void *context)
{
	char *blank = strchr(line, ' ');
	if (!blank)
		return;
	char *path = blank + strspn(blank, " ");
	if (path - blank < 2)
		return;
	*blank = 0;
	*--path = '/';
	reader_tell_hex(context, path, PACKAGES_MD5, line);
}

/* The list is made when all files are, and keeps that time when it is unpacked. */
int dpkg_sums(const struct reader *reader, const struct packages_file *file)
{
	struct reader own = *reader;
	own.built = file->written;
	return reader_lines(file, take_sum, &own);
}
