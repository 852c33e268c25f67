/* SPDX-License-Identifier: MIT */
#include "packages/sum.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/mem.h"

#define PIECE 65536
#define MOST_BYTES (UINT64_C(4) << 30) /* no package brings a file of more */

/* Fetched once: to look one up takes longer than the digest of a small file. */
static const EVP_MD *method(enum packages_algorithm algorithm)
{
	static const char *const names[] = {
		[PACKAGES_MD5] = "MD5",	      [PACKAGES_SHA1] = "SHA1",
		[PACKAGES_SHA224] = "SHA224", [PACKAGES_SHA256] = "SHA256",
		[PACKAGES_SHA384] = "SHA384", [PACKAGES_SHA512] = "SHA512",
	};
	static EVP_MD *fetched[sizeof names / sizeof *names];
	if (algorithm >= PACKAGES_ALGORITHMS)
		return NULL;
	if (!fetched[algorithm])
		fetched[algorithm] = EVP_MD_fetch(NULL, names[algorithm], NULL);
	return fetched[algorithm];
}

/* NULL: the digest can not be had. There is one sum at a time, and no thread. */
static EVP_MD_CTX *begin(enum packages_algorithm algorithm)
{
	static EVP_MD_CTX *sum;
	const EVP_MD *how = method(algorithm);
	if (!sum)
		sum = EVP_MD_CTX_new();
	return sum && how && EVP_DigestInit_ex(sum, how, NULL) ? sum : NULL;
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

/* The sum may be NULL. */
static bool finish(EVP_MD_CTX *sum, bool fine, enum packages_algorithm algorithm,
		   struct sum *ret)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	fine = sum && fine && EVP_DigestFinal_ex(sum, digest, NULL);
	if (fine)
		*ret = cut(algorithm, digest);
	return fine;
}

bool sum_make(enum packages_algorithm algorithm, sum_read *read, void *context, struct sum *ret)
{
	static uint8_t piece[PIECE];
	EVP_MD_CTX *sum = begin(algorithm);
	size_t used = 0;
	int64_t n = -1;
	bool fine = sum;
	for (uint64_t at = 0; fine; at += (uint64_t)n) {
		n = read(context, piece, PIECE, at);
		if (n <= 0 || at > MOST_BYTES)
			break;
		used = (size_t)n > used ? (size_t)n : used;
		fine = EVP_DigestUpdate(sum, piece, (size_t)n);
	}
	mem_wipe(piece, used);
	return finish(sum, fine && n == 0, algorithm, ret);
}

bool sum_of_bytes(enum packages_algorithm algorithm, const void *bytes, size_t len,
		  struct sum *ret)
{
	EVP_MD_CTX *sum = begin(algorithm);
	return finish(sum, sum && EVP_DigestUpdate(sum, bytes, len), algorithm, ret);
}

bool sum_same(const struct sum *a, const struct sum *b)
{
	return a->known && b->known && a->algorithm == b->algorithm &&
	       memcmp(a->bytes, b->bytes, SUM_SIZE) == 0;
}
