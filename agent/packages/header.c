/* SPDX-License-Identifier: MIT */
/* The header of an installed RPM package, as its database keeps it: two counts,
 * the index (tag, type, offset, count; big-endian) and the data. A tag that was
 * added when the package was installed stands behind the one that it replaces. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/vec.h"
#include "packages/reader.h"

enum { ENTRY = 16 };
enum type { TYPE_INT32 = 4, TYPE_STRINGS = 8 };
enum tag {
	TAG_TIMES = 1034,
	TAG_DIGESTS = 1035,
	TAG_DIRINDEXES = 1116,
	TAG_BASENAMES = 1117,
	TAG_DIRNAMES = 1118,
	TAG_ALGORITHM = 5011,
};

struct header {
	const uint8_t *index, *data;
	size_t entries, size;
};

struct value {
	const uint8_t *at;
	size_t room; /* bytes to the end of the data */
	uint32_t count;
};

typedef VEC(const char *) strings;

static int open_header(const uint8_t *blob, size_t len, struct header *ret)
{
	if (len < 8)
		return -EBADMSG;
	ret->entries = be32(blob);
	ret->size = be32(blob + 4);
	if (ret->entries > (len - 8) / ENTRY || ret->size > len - 8 - ret->entries * ENTRY)
		return -EBADMSG;
	ret->index = blob + 8;
	ret->data = ret->index + ret->entries * ENTRY;
	return 0;
}

/* 1 when it is there. */
static int find(const struct header *header, enum tag tag, enum type type, struct value *ret)
{
	for (size_t i = header->entries; i-- > 0;) {
		const uint8_t *entry = header->index + i * ENTRY;
		if (be32(entry) != tag)
			continue;
		uint32_t offset = be32(entry + 8);
		if (be32(entry + 4) != type || offset > header->size)
			return -EBADMSG;
		*ret = (struct value){header->data + offset, header->size - offset,
				      be32(entry + 12)};
		return type == TYPE_INT32 && ret->count > ret->room / 4 ? -EBADMSG : 1;
	}
	return 0;
}

static int find_strings(const struct header *header, enum tag tag, strings *ret)
{
	struct value value;
	int r = find(header, tag, TYPE_STRINGS, &value);
	if (r <= 0)
		return r;
	const char *at = (const char *)value.at, *end = at + value.room;
	for (uint32_t i = 0; i < value.count; i++) {
		const char *stop = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
		if (!stop)
			return -EBADMSG;
		*vec_add(ret) = at;
		at = stop + 1;
	}
	return 1;
}

/* The numbers are OpenPGP's. */
static int algorithm_of(const struct header *header, enum packages_algorithm *ret)
{
	static const struct {
		uint32_t number;
		enum packages_algorithm algorithm;
	} known[] = {
		{1, PACKAGES_MD5},    {2, PACKAGES_SHA1},    {8, PACKAGES_SHA256},
		{9, PACKAGES_SHA384}, {10, PACKAGES_SHA512}, {11, PACKAGES_SHA224},
	};
	struct value value;
	int r = find(header, TAG_ALGORITHM, TYPE_INT32, &value);
	if (r < 0)
		return r;
	uint32_t number = r && value.count ? be32(value.at) : 1;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].number == number) {
			*ret = known[i].algorithm;
			return 0;
		}
	return -EBADMSG;
}

struct listing {
	strings names, folders, digests;
	struct value indexes, times;
	enum packages_algorithm algorithm;
};

/* 0 when the package has no files. */
static int find_listing(const struct header *header, struct listing *listing)
{
	int r = find_strings(header, TAG_BASENAMES, &listing->names);
	if (r > 0)
		r = find_strings(header, TAG_DIGESTS, &listing->digests);
	if (r > 0)
		r = find_strings(header, TAG_DIRNAMES, &listing->folders);
	if (r > 0)
		r = find(header, TAG_DIRINDEXES, TYPE_INT32, &listing->indexes);
	if (r <= 0)
		return r;
	if (listing->digests.n != listing->names.n ||
	    listing->indexes.count != listing->names.n)
		return -EBADMSG;
	if (find(header, TAG_TIMES, TYPE_INT32, &listing->times) <= 0 ||
	    listing->times.count != listing->names.n)
		listing->times.count = 0;
	r = algorithm_of(header, &listing->algorithm);
	return r < 0 ? r : 1;
}

static int join(char path[PACKAGES_PATH_MAX], const char *folder, const char *name)
{
	int len = snprintf(path, PACKAGES_PATH_MAX, "%s%s", folder, name);
	return len < 0 || len >= PACKAGES_PATH_MAX ? -EBADMSG : 0;
}

/* Directories, links and what the package only speaks for have no digest. */
static int tell_all(const struct reader *reader, const struct listing *listing)
{
	char path[PACKAGES_PATH_MAX];
	struct reader own = *reader;
	for (size_t i = 0; i < listing->names.n; i++) {
		own.built = listing->times.count ? be32(listing->times.at + 4 * i) : 0;
		uint32_t folder = be32(listing->indexes.at + 4 * i);
		const char *digest = listing->digests.v[i];
		if (!*digest)
			continue;
		if (folder >= listing->folders.n ||
		    join(path, listing->folders.v[folder], listing->names.v[i]) < 0 ||
		    !reader_tell_hex(&own, path, listing->algorithm, digest))
			return -EBADMSG;
	}
	return 0;
}

int header_read(const struct reader *reader, const uint8_t *blob, size_t len)
{
	struct header header;
	struct listing listing = {0};
	int r = open_header(blob, len, &header);
	if (!r)
		r = find_listing(&header, &listing);
	if (r > 0)
		r = tell_all(reader, &listing);
	vec_free(&listing.names);
	vec_free(&listing.folders);
	vec_free(&listing.digests);
	return r;
}
