/* SPDX-License-Identifier: MIT */
/* A package database: its kind, for SQLite how many times eight bytes at the end are
 * its log, then its bytes. One kind more is a bare RPM header. */
#include <string.h>

#include "fuzz.h"
#include "packages/reader.h"

static void on_record(const struct packages_record *record, void *context)
{
	(void)context;
	static uint8_t digest[PACKAGES_DIGEST_MAX];
	must(record->path[0] == '/' && strlen(record->path) < PACKAGES_PATH_MAX);
	must(record->algorithm < PACKAGES_ALGORITHMS);
	memcpy(digest, record->digest, packages_digest_size(record->algorithm));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct bytes rest = {bytes, len};
	unsigned kind = bytes_byte(&rest) % (PACKAGES_KINDS + 1);
	if (kind == PACKAGES_KINDS) {
		struct reader reader = {on_record, NULL, 0};
		header_read(&reader, rest.at, rest.len);
		return 0;
	}
	size_t log = kind == PACKAGES_RPM_SQLITE ? bytes_number(&rest) * 8 : 0;
	struct bytes database = bytes_take(&rest, log < rest.len ? rest.len - log : 0);
	struct packages_file files[2] = {
		{fuzz_file(0, database), database.len, 1},
		{fuzz_file(1, rest), rest.len, 1},
	};
	packages_read(kind, files, rest.len ? 2 : 1, on_record, NULL);
	return 0;
}
