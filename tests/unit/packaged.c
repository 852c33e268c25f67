/* SPDX-License-Identifier: MIT */
#include "packaged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "scratch.h"

void digest_text(const EVP_MD *how, const char *text, char out[DIGEST_TEXT])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len;
	assert_int_equal(EVP_Digest(text, strlen(text), sum, &len, how, NULL), 1);
	for (unsigned i = 0; i < len; i++)
		snprintf(out + (size_t)i * 2, 3, "%02x", sum[i]);
}

void ship(const char *const *paths, size_t count)
{
	_cleanup_(buf_free) struct buf list = {0};
	for (size_t i = 0; i < count; i++) {
		char sum[DIGEST_TEXT];
		digest_text(EVP_md5(), scratch_text(paths[i]), sum);
		buf_printf(&list, "%s  %s\n", sum, paths[i] + 1);
	}
	scratch_put("/var/lib/dpkg/info/a.md5sums", buf_text(&list));
}

static int read_here(enum packages_kind kind, const struct packages_file *files, size_t count,
		     packages_sink *sink, void *sink_context, void *context)
{
	(void)context;
	return packages_read(kind, files, count, sink, sink_context);
}

const struct packages_reader packages_here = {read_here, NULL};

struct owned *owned_here(const struct guest *guest)
{
	struct owned *owned = owned_new(guest);
	owned_read(owned, &packages_here);
	return owned;
}
