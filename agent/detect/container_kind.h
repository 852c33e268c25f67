/* SPDX-License-Identifier: MIT */
/* What a stream is, by its first bytes. Short signatures that other content may
 * begin with get a second look at the fields behind them. */
#ifndef DETECT_CONTAINER_KIND_H
#define DETECT_CONTAINER_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum container_kind {
	CONTAINER_NONE,
	/* one compressed stream */
	CONTAINER_GZIP,
	CONTAINER_BZIP2,
	CONTAINER_XZ,
	CONTAINER_LZMA,
	CONTAINER_LZIP,
	CONTAINER_COMPRESS,
	CONTAINER_ZSTD,
	CONTAINER_LZ4,
	/* a header, then one of the others */
	CONTAINER_RPM,
	/* members one behind the other */
	CONTAINER_TAR,
	CONTAINER_CPIO,
	CONTAINER_AR,
	CONTAINER_ISO,
	CONTAINER_CAB,
	CONTAINER_LHA,
	CONTAINER_RAR,
	/* a directory at the end */
	CONTAINER_ZIP,
	CONTAINER_7Z,
	/* known and not looked into; their bytes are scanned as they are */
	CONTAINER_SEALED,      /* encrypted with a key that is elsewhere */
	CONTAINER_DISK,	       /* of a virtual machine */
	CONTAINER_FILE_SYSTEM, /* squashfs and its like */
	CONTAINER_FOREIGN,     /* archives and compressions nobody here can read */
};

/* Where ISO 9660 says what it is: "CD001" (ECMA-119, 8.4). */
enum { CONTAINER_ISO_AT = 32769, CONTAINER_ISO_HEAD = CONTAINER_ISO_AT + 5 };

/* 512 bytes of head tell all kinds but ISO and the encrypted ones; an ISO needs
 * CONTAINER_ISO_HEAD. */
enum container_kind container_kind(const uint8_t *head, size_t len);
/* True: an ISO may begin like this, so a longer look is worth it. */
bool container_maybe_iso(const uint8_t *head, size_t len);
/* True: a program that may have an archive behind it. */
bool container_maybe_behind(const uint8_t *head, size_t len);

static inline bool container_is_packed(enum container_kind kind)
{
	return kind >= CONTAINER_GZIP && kind <= CONTAINER_LZ4;
}

#endif
