/* SPDX-License-Identifier: MIT */
#include "packages/packages.h"

#include <errno.h>

#include "packages/reader.h"

size_t packages_digest_size(enum packages_algorithm algorithm)
{
	static const size_t sizes[PACKAGES_ALGORITHMS] = {
		[PACKAGES_MD5] = 16,	[PACKAGES_SHA1] = 20,	[PACKAGES_SHA224] = 28,
		[PACKAGES_SHA256] = 32, [PACKAGES_SHA384] = 48, [PACKAGES_SHA512] = 64,
	};
	return sizes[algorithm];
}

int packages_read(enum packages_kind kind, const struct packages_file *files, size_t count,
		  packages_sink *sink, void *context)
{
	static int (*const readers[PACKAGES_KINDS])(const struct reader *reader,
						    const struct packages_file *file) = {
		[PACKAGES_DPKG_STATUS] = dpkg_status,
		[PACKAGES_DPKG_SUMS] = dpkg_sums,
		[PACKAGES_RPM_NDB] = ndb_read,
		[PACKAGES_RPM_BDB] = bdb_read,
		[PACKAGES_APK] = apk_read,
		[PACKAGES_PACMAN] = pacman_read,
	};
	struct reader reader = {sink, context, 0};
	int result = 0;
	for (size_t i = 0; i < count; i++)
		if (files[i].size > READER_FILE_MAX)
			return -EFBIG;
	if (kind == PACKAGES_RPM_SQLITE)
		return count ? sqlite_read(&reader, files, count > 1 ? files + 1 : NULL)
			     : -EINVAL;
	for (size_t i = 0; i < count; i++) {
		int r = readers[kind](&reader, &files[i]);
		if (!result)
			result = r;
	}
	return result;
}
