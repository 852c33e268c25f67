/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

void fuzz_fails(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
	abort();
}

struct bytes bytes_take(struct bytes *bytes, size_t len)
{
	struct bytes taken = {bytes->at, len < bytes->len ? len : bytes->len};
	bytes->at += taken.len;
	bytes->len -= taken.len;
	return taken;
}

uint8_t bytes_byte(struct bytes *bytes)
{
	struct bytes one = bytes_take(bytes, 1);
	return one.len ? *one.at : 0;
}

uint32_t bytes_number(struct bytes *bytes)
{
	uint32_t high = bytes_byte(bytes);
	return high << 8 | bytes_byte(bytes);
}

struct bytes bytes_until(struct bytes *bytes, uint8_t stop)
{
	const uint8_t *end = bytes->len ? memchr(bytes->at, stop, bytes->len) : NULL;
	struct bytes taken = bytes_take(bytes, end ? (size_t)(end - bytes->at) : bytes->len);
	bytes_take(bytes, end ? 1 : 0);
	return taken;
}

char *bytes_text(struct bytes bytes)
{
	char *text = mem_alloc(bytes.len + 1);
	if (bytes.len)
		memcpy(text, bytes.at, bytes.len);
	return text;
}

struct plat_file *fuzz_file(unsigned which, struct bytes content)
{
	static int fds[FUZZ_FILES];
	static struct plat_file *files[FUZZ_FILES];
	must(which < FUZZ_FILES);
	if (!files[which]) {
		char name[32];
		fds[which] = memfd_create("fuzz", MFD_CLOEXEC);
		must(fds[which] >= 0);
		snprintf(name, sizeof name, "/proc/self/fd/%d", fds[which]);
		must(!plat_file_open(name, &files[which]));
	}
	must(!ftruncate(fds[which], 0));
	must(pwrite(fds[which], content.at, content.len, 0) == (ssize_t)content.len);
	return files[which];
}
