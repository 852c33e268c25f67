/* SPDX-License-Identifier: MIT */
/* Alpine's list of what is installed: "F:folder", then for each of its files
 * "R:name" and "Z:Q1" with the digest in base64; "t:" is when it was built. The digest of a
 * link is that of its target's name; who asks only opens regular files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "packages/reader.h"

struct apk {
	struct reader reader;
	bool packages; /* there were any */
	char folder[PACKAGES_PATH_MAX];
	char name[PACKAGES_PATH_MAX];
};

static int value_of(char c)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(letters, c) : NULL;
	return at ? (int)(at - letters) : -1;
}

/* The bytes that the text stands for; 0 when it is no base64 or too long. */
static size_t decode(const char *text, uint8_t out[PACKAGES_DIGEST_MAX])
{
	size_t len = strcspn(text, "="), n = 0;
	uint32_t bits = 0;
	if (len > 4 * PACKAGES_DIGEST_MAX / 3 || strspn(text + len, "=") != strlen(text + len))
		return 0;
	for (size_t i = 0; i < len; i++) {
		int value = value_of(text[i]);
		if (value < 0)
			return 0;
		bits = bits << 6 | (uint32_t)value;
		if (i % 4)
			out[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	return n;
}

static void take_digest(const struct apk *apk, const char *text)
{
	char path[2 * PACKAGES_PATH_MAX + 2];
	uint8_t digest[PACKAGES_DIGEST_MAX];
	size_t size = decode(text, digest);
	snprintf(path, sizeof path, "/%s%s%s", apk->folder, *apk->folder ? "/" : "", apk->name);
	if (size == packages_digest_size(PACKAGES_SHA1))
		reader_tell(&apk->reader, path, PACKAGES_SHA1, digest);
	else if (size == packages_digest_size(PACKAGES_SHA256))
		reader_tell(&apk->reader, path, PACKAGES_SHA256, digest);
}

static void take_line(char *line, void *context)
{
	struct apk *apk = context;
	apk->packages |= line[0] == 'P' && line[1] == ':';
	bool name = line[0] == 'R' && line[1] == ':', folder = line[0] == 'F' && line[1] == ':';
	if (name || folder) {
		char *to = name ? apk->name : apk->folder;
		size_t len = strlen(line + 2);
		if (len >= PACKAGES_PATH_MAX)
			len = 0;
		memcpy(to, line + 2, len);
		to[len] = 0;
	}
	if (folder || !*line)
		apk->name[0] = 0;
	if (strncmp(line, "t:", 2) == 0)
		apk->reader.built = (uint32_t)strtoul(line + 2, NULL, 10);
	if (!*line) { /* the next package */
		apk->folder[0] = 0;
		apk->reader.built = 0;
	}
	if (*apk->name && strncmp(line, "Z:Q", 3) == 0 && line[3])
		take_digest(apk, line + 4);
}

int apk_read(const struct reader *reader, const struct packages_file *file)
{
	_cleanup_free_ struct apk *apk = mem_alloc(sizeof *apk);
	apk->reader = *reader;
	int r = reader_lines(file, take_line, apk);
	return !r && file->size && !apk->packages ? -EBADMSG : r;
}
