/* SPDX-License-Identifier: MIT */
/* No driver tells the flags of a volume, so they are read where they lie: the boot sector
 * says where the master file table begins; its fourth record is the file $Volume, whose
 * attribute $VOLUME_INFORMATION (type 0x70) holds them. Linux-NTFS project, "NTFS
 * Documentation": $Boot, FILE record, $VOLUME_INFORMATION. The bytes may be anything. */
#include "ntfs.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"

enum {
	SECTOR = 512,
	RECORD_MAX = 4096,
	VOLUME_RECORD = 3,
	VOLUME_INFORMATION = 0x70,
	END = -1,
};

static int bytes(int fd, void *out, size_t len, uint64_t offset)
{
	if (offset > INT64_MAX - len)
		return -EBADMSG;
	ssize_t n = pread(fd, out, len, (off_t)offset);
	return n < 0 ? -errno : (size_t)n < len ? -EBADMSG : 0;
}

/* A size in clusters, or when negative a power of two in bytes. */
static uint64_t size_of(int8_t value, uint64_t cluster)
{
	if (value >= 0)
		return (uint64_t)value * cluster;
	return value > -31 ? UINT64_C(1) << -value : 0;
}

/* Where the record begins, and how long it is. */
static int find_record(int fd, uint64_t *ret_offset, size_t *ret_size)
{
	uint8_t boot[SECTOR];
	int r = bytes(fd, boot, sizeof boot, 0);
	if (r < 0 || memcmp(boot + 3, "NTFS    ", 8) != 0)
		return r < 0 && r != -EBADMSG ? r : -ENOSYS;
	uint32_t sector = le16(boot + 11);
	uint64_t cluster = boot[13] <= 128 ? (uint64_t)boot[13] * sector
					   : (uint64_t)sector << (256 - boot[13]) % 32;
	uint64_t table = (uint64_t)le32(boot + 52) << 32 | le32(boot + 48);
	uint64_t size = size_of((int8_t)boot[64], cluster);
	if (sector < 256 || sector > 4096 || !cluster || cluster > 1 << 26 || size < SECTOR ||
	    size > RECORD_MAX || table > (UINT64_C(1) << 62) / cluster)
		return -EBADMSG;
	*ret_offset = table * cluster + VOLUME_RECORD * size;
	*ret_size = (size_t)size;
	return 0;
}

/* The last two bytes of each sector stand elsewhere and are put back: a record of which
 * only a part was written shows by that. */
static int put_back(uint8_t *record, size_t size)
{
	size_t at = le16(record + 4), count = le16(record + 6);
	if (count < 1 || count - 1 != size / SECTOR || at + 2 * count > size)
		return -EBADMSG;
	for (size_t i = 1; i < count; i++) {
		uint8_t *end = record + i * SECTOR - 2;
		if (memcmp(end, record + at, 2) != 0)
			return -EBADMSG;
		memcpy(end, record + at + 2 * i, 2);
	}
	return 0;
}

/* The value of a resident attribute of that type. */
static const uint8_t *attribute(const uint8_t *record, size_t size, uint32_t type, size_t least)
{
	for (size_t at = le16(record + 20); at + 24 <= size;) {
		uint32_t kind = le32(record + at), len = le32(record + at + 4);
		if (kind == (uint32_t)END || len < 24 || len > size - at)
			return NULL;
		size_t value = le16(record + at + 20), value_len = le32(record + at + 16);
		if (kind == type && !record[at + 8])
			return value_len >= least && value <= len && value_len <= len - value
				       ? record + at + value
				       : NULL;
		at += len;
	}
	return NULL;
}

int ntfs_volume_flags(int fd, uint16_t *ret)
{
	uint8_t record[RECORD_MAX];
	uint64_t offset;
	size_t size;
	int r = find_record(fd, &offset, &size);
	if (!r)
		r = bytes(fd, record, size, offset);
	if (!r)
		r = memcmp(record, "FILE", 4) == 0 ? put_back(record, size) : -EBADMSG;
	if (r < 0)
		return r;
	const uint8_t *value = attribute(record, size, VOLUME_INFORMATION, 12);
	if (!value)
		return -EBADMSG;
	*ret = (uint16_t)le16(value + 10);
	return 0;
}
