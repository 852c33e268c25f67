/* SPDX-License-Identifier: MIT */
/* MD5 (RFC 1321) of several messages side by side. One message keeps a processor
 * waiting for its own last step; eight in the lanes of a vector take hardly longer. */
#ifndef PACKAGES_MD5_H
#define PACKAGES_MD5_H

#include <stddef.h>
#include <stdint.h>

enum { MD5_SIZE = 16, MD5_LANES = 8 };

struct md5_message {
	const uint8_t *at;
	size_t len;
	uint8_t digest[MD5_SIZE]; /* set by md5_many */
};

/* Best with the longest first: the time is that of the longest lane. */
void md5_many(struct md5_message *messages, size_t count);

#endif
