/* SPDX-License-Identifier: MIT */
#include "packages/sum.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"

#define PIECE 65536
#define MOST_BYTES (UINT64_C(4) << 30) /* no package brings a file of more */

static const EVP_MD *method(enum packages_algorithm algorithm)
{
	switch (algorithm) {
	case PACKAGES_MD5:
		return EVP_md5();
	case PACKAGES_SHA1:
		return EVP_sha1();
	case PACKAGES_SHA224:
		return EVP_sha224();
	case PACKAGES_SHA256:
		return EVP_sha256();
	case PACKAGES_SHA384:
		return EVP_sha384();
	default:
		return EVP_sha512();
	}
}

static struct sum cut(enum packages_algorithm algorithm, const uint8_t *digest)
{
	struct sum sum = {.known = true, .algorithm = algorithm};
	size_t size = packages_digest_size(algorithm);
	memcpy(sum.bytes, digest, size < SUM_SIZE ? size : SUM_SIZE);
	return sum;
}

struct sum sum_of_record(const struct packages_record *record)
{
	return cut(record->algorithm, record->digest);
}

bool sum_make(enum packages_algorithm algorithm, sum_read *read, void *context, struct sum *ret)
{
	_cleanup_free_ char *piece = mem_alloc(PIECE);
	uint8_t digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *sum = EVP_MD_CTX_new();
	int64_t n = -1;
	bool fine = sum && EVP_DigestInit_ex(sum, method(algorithm), NULL);
	for (uint64_t at = 0; fine; at += (uint64_t)n) {
		n = read(context, piece, PIECE, at);
		if (n <= 0 || at > MOST_BYTES)
			break;
		fine = EVP_DigestUpdate(sum, piece, (size_t)n);
	}
	fine = fine && n == 0 && EVP_DigestFinal_ex(sum, digest, NULL);
	if (fine)
		*ret = cut(algorithm, digest);
	mem_wipe(piece, PIECE);
	EVP_MD_CTX_free(sum);
	return fine;
}

bool sum_same(const struct sum *a, const struct sum *b)
{
	return a->known && b->known && a->algorithm == b->algorithm &&
	       memcmp(a->bytes, b->bytes, SUM_SIZE) == 0;
}
