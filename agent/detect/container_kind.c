/* SPDX-License-Identifier: MIT */
#include "detect/container_kind.h"

#include <string.h>

/* One of the checks below, or NULL. */
typedef bool second_look(const uint8_t *head, size_t len);

static uint64_t little(const uint8_t *at, size_t size)
{
	uint64_t value = 0;
	while (size)
		value = value << 8 | at[--size];
	return value;
}

static bool is_gzip(const uint8_t *head, size_t len)
{
	return len >= 18 && !(head[3] & 0xe0);
}

static bool is_bzip2(const uint8_t *head, size_t len)
{
	return len > 10 && head[3] >= '1' && head[3] <= '9' &&
	       (!memcmp(head + 4, "\x31\x41\x59\x26\x53\x59", 6) ||
		!memcmp(head + 4, "\x17\x72\x45\x38\x50\x90", 6));
}

/* An empty stream of the old form is nothing but its signature. */
static bool is_more(const uint8_t *head, size_t len)
{
	(void)head;
	return len > 8;
}

/* lzma alone has no signature: the usual properties, a dictionary of a power of
 * two or half of one more, a size that is believable or unknown, and the zero
 * that its range coder begins with (doc/lzma-file-format.txt of XZ Utils). */
static bool is_lzma(const uint8_t *head, size_t len)
{
	if (len < 18 || head[0] != 0x5d || head[13])
		return false;
	uint64_t dictionary = little(head + 1, 4), size = little(head + 5, 8);
	uint64_t low = dictionary & (0 - dictionary);
	return dictionary >= 4096 && (dictionary == low || dictionary == low * 3) &&
	       (size == UINT64_MAX || (size && size < (uint64_t)1 << 38));
}

static bool is_lzip(const uint8_t *head, size_t len)
{
	return len > 26 && head[4] <= 1 && (head[5] & 0x1f) >= 12 && (head[5] & 0x1f) <= 29;
}

static bool is_compress(const uint8_t *head, size_t len)
{
	return len > 5 && !(head[2] & 0x60) && (head[2] & 0x1f) >= 9 && (head[2] & 0x1f) <= 16;
}

static bool are_digits(const uint8_t *at, size_t count, const char *digits)
{
	while (count && *at && strchr(digits, *at))
		at++, count--;
	return !count;
}

static bool is_odc(const uint8_t *head, size_t len)
{
	return len >= 76 && are_digits(head + 6, 70, "01234567");
}

static bool is_newc(const uint8_t *head, size_t len)
{
	return len >= 110 && are_digits(head + 6, 104, "0123456789abcdefABCDEF");
}

/* The old binary form, in the byte order of the machine that made it. */
static bool is_binary_cpio(const uint8_t *head, size_t len)
{
	if (len < 28)
		return false;
	size_t high = head[0] == 0xc7 ? 1 : 0;
	unsigned type = head[6 + high] >> 4;
	size_t name = (size_t)(head[20 + high] << 8 | head[21 - high]);
	bool known = type == 1 || type == 2 || type == 4 || type == 6 || type == 8 ||
		     type == 10 || type == 12;
	return known && name > 1 && name <= 1024 && (head[12 + high] | head[13 - high]) &&
	       (26 + name > len || strnlen((const char *)head + 26, name) == name - 1);
}

static bool is_ar(const uint8_t *head, size_t len)
{
	return len >= 68 && head[66] == '`' && head[67] == '\n';
}

static bool is_lha(const uint8_t *head, size_t len)
{
	return len > 24 && head[6] == '-' && strchr("dhz", head[4]) && head[4] && head[20] <= 3;
}

/* A version, and folders and files of at least one. */
static bool is_cab(const uint8_t *head, size_t len)
{
	return len > 36 && head[24] <= 9 && head[25] == 1 && little(head + 26, 2) &&
	       little(head + 28, 2);
}

static bool is_vdi(const uint8_t *head, size_t len)
{
	return len >= 68 && little(head + 64, 4) == 0xbeda107f;
}

static bool is_squashfs(const uint8_t *head, size_t len)
{
	return len >= 96 && head[28] == 4 && !head[29];
}

static const struct signature {
	enum container_kind kind;
	size_t at, len;
	const char *bytes;
	second_look *look;
} signatures[] = {
	{CONTAINER_GZIP, 0, 3, "\x1f\x8b\x08", is_gzip},
	{CONTAINER_BZIP2, 0, 3, "BZh", is_bzip2},
	{CONTAINER_XZ, 0, 6, "\xfd\x37zXZ\0", NULL},
	{CONTAINER_LZMA, 0, 1, "\x5d", is_lzma},
	{CONTAINER_LZIP, 0, 4, "LZIP", is_lzip},
	{CONTAINER_COMPRESS, 0, 2, "\x1f\x9d", is_compress},
	{CONTAINER_ZSTD, 0, 4, "\x28\xb5\x2f\xfd", NULL},
	{CONTAINER_LZ4, 0, 4, "\x04\x22\x4d\x18", is_more},
	{CONTAINER_LZ4, 0, 4, "\x02\x21\x4c\x18", is_more},
	{CONTAINER_RPM, 0, 4, "\xed\xab\xee\xdb", NULL},
	{CONTAINER_TAR, 257, 5, "ustar", NULL},
	{CONTAINER_CPIO, 0, 6, "070701", is_newc},
	{CONTAINER_CPIO, 0, 6, "070702", is_newc},
	{CONTAINER_CPIO, 0, 6, "070707", is_odc},
	{CONTAINER_CPIO, 0, 2, "\xc7\x71", is_binary_cpio},
	{CONTAINER_CPIO, 0, 2, "\x71\xc7", is_binary_cpio},
	{CONTAINER_AR, 0, 8, "!<arch>\n", is_ar},
	{CONTAINER_ISO, CONTAINER_ISO_AT, 5, "CD001", NULL},
	{CONTAINER_CAB, 0, 8, "MSCF\0\0\0\0", is_cab},
	{CONTAINER_LHA, 2, 2, "-l", is_lha},
	{CONTAINER_RAR, 0, 7, "Rar!\x1a\x07\0", NULL},
	{CONTAINER_RAR, 0, 8, "Rar!\x1a\x07\1\0", NULL},
	{CONTAINER_ZIP, 0, 4, "PK\x03\x04", NULL},
	{CONTAINER_ZIP, 0, 4, "PK\x05\x06", NULL},
	{CONTAINER_ZIP, 0, 8, "PK00PK\x03\x04", NULL},
	{CONTAINER_7Z, 0, 6, "7z\xbc\xaf\x27\x1c", NULL},
	{CONTAINER_SEALED, 0, 8, "Salted__", NULL},
	{CONTAINER_SEALED, 0, 17, "$ANSIBLE_VAULT;1.", NULL},
	{CONTAINER_SEALED, 0, 22, "age-encryption.org/v1\n", NULL},
	{CONTAINER_SEALED, 0, 34, "-----BEGIN AGE ENCRYPTED FILE-----", NULL},
	{CONTAINER_SEALED, 0, 27, "-----BEGIN PGP MESSAGE-----", NULL},
	{CONTAINER_SEALED, 0, 6, "LUKS\xba\xbe", NULL},
	{CONTAINER_SEALED, 0, 4, "\x03\xd9\xa2\x9a", NULL}, /* KeePass */
	{CONTAINER_DISK, 0, 5, "QFI\xfb\0", NULL},
	{CONTAINER_DISK, 0, 5, "KDMV\1", NULL},
	{CONTAINER_DISK, 0, 5, "KDMV\3", NULL},
	{CONTAINER_DISK, 0, 5, "COWD\1", NULL},
	{CONTAINER_DISK, 0, 4, "<<< ", is_vdi},
	{CONTAINER_DISK, 0, 8, "conectix", NULL},
	{CONTAINER_DISK, 0, 8, "vhdxfile", NULL},
	{CONTAINER_DISK, 512, 8, "EFI PART", NULL},
	{CONTAINER_FILE_SYSTEM, 0, 4, "hsqs", is_squashfs},
	{CONTAINER_FILE_SYSTEM, 1024, 4, "\xe2\xe1\xf5\xe0", NULL}, /* EROFS */
	{CONTAINER_FILE_SYSTEM, 16, 16, "Compressed ROMFS", NULL},
	{CONTAINER_FOREIGN, 0, 8, "MSWIM\0\0\0", NULL},
	{CONTAINER_FOREIGN, 0, 9, "\x89LZO\0\r\n\x1a\n", NULL},
	{CONTAINER_FOREIGN, 0, 5, "LRZI\0", NULL},
	{CONTAINER_FOREIGN, 0, 10, "\xff\x06\0\0sNaPpY", NULL},
	{CONTAINER_FOREIGN, 7, 7, "**ACE**", NULL},
	{CONTAINER_FOREIGN, 0, 6, "xar!\0\x1c", NULL},
	{CONTAINER_FOREIGN, 20, 4, "\xdc\xa7\xc4\xfd", NULL}, /* zoo */
	{CONTAINER_FOREIGN, 0, 4, "7kSt", NULL},	      /* ZPAQ */
	{CONTAINER_FOREIGN, 0, 8, "BORG_SEG", NULL},
};

/* ---- tar without a signature ---- */

static bool octal(const uint8_t *at, size_t size, uint64_t *ret)
{
	size_t i = 0, digits = 0;
	*ret = 0;
	while (i < size && at[i] == ' ')
		i++;
	for (; i < size && at[i] >= '0' && at[i] <= '7'; i++, digits++)
		*ret = *ret << 3 | (uint64_t)(at[i] - '0');
	return digits && (i == size || at[i] == ' ' || !at[i]);
}

/* As tar wrote before POSIX: the sum over the header, its own field as blanks. */
static bool is_old_tar(const uint8_t *head, size_t len)
{
	uint64_t told, size, mode, sum = UINT64_C(8) * ' ';
	if (len < 512 || !head[0] || !octal(head + 148, 8, &told) ||
	    !octal(head + 124, 12, &size) || !octal(head + 100, 8, &mode))
		return false;
	for (size_t i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? 0 : head[i];
	return sum == told;
}

/* ---- OpenPGP ---- */

/* Moves *at to a packet's body and gives its tag; 0 when it has no such header
 * (RFC 4880, section 4.2). */
static unsigned packet(const uint8_t *head, size_t len, size_t *at, uint64_t *size)
{
	if (*at + 6 > len || !(head[*at] & 0x80))
		return 0;
	const uint8_t *p = head + *at;
	bool is_new = p[0] & 0x40;
	unsigned tag = is_new ? p[0] & 0x3f : p[0] >> 2 & 0xf, count = p[0] & 3;
	if (is_new) {
		*size = p[1] < 192 ? p[1] : p[1] < 224 ? (p[1] - 192u) * 256 + p[2] + 192 : 0;
		*at += p[1] < 192 ? 2 : p[1] < 224 ? 3 : p[1] == 255 ? 6 : 2;
		return tag;
	}
	*size = count == 0 ? p[1] : count == 1 ? (uint64_t)(p[1] << 8 | p[2]) : 0;
	*at += count == 0 ? 2 : count == 1 ? 3 : count == 2 ? 5 : 1;
	return tag;
}

/* Session keys, for a key or a passphrase, then encrypted data. */
static bool is_openpgp(const uint8_t *head, size_t len)
{
	bool keyed = false;
	for (size_t at = 0; at + 6 <= len;) {
		uint64_t size;
		unsigned tag = packet(head, len, &at, &size);
		if (keyed && (tag == 9 || tag == 18 || tag == 20))
			return true;
		bool session = (tag == 1 && at < len && head[at] == 3 && size > 20) ||
			       (tag == 3 && at < len && head[at] >= 4 && head[at] <= 6 &&
				size >= 4 && size < 256);
		if (!session || size > len)
			return false;
		keyed = true;
		at += (size_t)size;
	}
	return false;
}

enum { SIGNATURES = sizeof signatures / sizeof *signatures };
_Static_assert((int)SIGNATURES <= 64, "a bit for each");

/* The signatures, a bit for each, that are asked for where this is the first byte: of most
 * only those that do not stand at the beginning. */
static uint64_t asked(uint8_t first)
{
	static uint64_t all[256];
	static bool ready;
	for (size_t i = 0; !ready && i < SIGNATURES; i++)
		for (unsigned byte = 0; byte < 256; byte++)
			if (signatures[i].at || (uint8_t)signatures[i].bytes[0] == byte)
				all[byte] |= (uint64_t)1 << i;
	ready = true;
	return all[first];
}

enum container_kind container_kind(const uint8_t *head, size_t len)
{
	for (uint64_t left = len ? asked(head[0]) : 0; left; left &= left - 1) {
		const struct signature *s = &signatures[__builtin_ctzll(left)];
		if (len < s->at + s->len || head[s->at] != (uint8_t)s->bytes[0] ||
		    memcmp(head + s->at, s->bytes, s->len) != 0)
			continue;
		if (!s->look || s->look(head, len))
			return s->kind;
	}
	if (is_old_tar(head, len))
		return CONTAINER_TAR;
	return is_openpgp(head, len) ? CONTAINER_SEALED : CONTAINER_NONE;
}

/* What lies before the volume descriptor is left to the system: zeros or the
 * sectors that a machine boots from. */
bool container_maybe_iso(const uint8_t *head, size_t len)
{
	if (len < 512)
		return false;
	if (head[510] == 0x55 && head[511] == 0xaa)
		return true;
	for (size_t i = 0; i < 512; i++)
		if (head[i])
			return false;
	return true;
}

bool container_maybe_behind(const uint8_t *head, size_t len)
{
	return len >= 4 && (!memcmp(head, "#!", 2) || !memcmp(head, "MZ", 2) ||
			    !memcmp(head,
				    "\x7f"
				    "ELF",
				    4));
}
