/* SPDX-License-Identifier: MIT */
#include "detect/published.h"

#include <openssl/sha.h>

/* The first eight bytes of the SHA-256 of every PEM block labelled PRIVATE KEY, its base64
 * undone, in these packages of Debian 12: cloud-init, golang-1.19-src, libgnutls30,
 * libio-socket-ssl-perl, libnet-ssleay-perl, libpython3.11-testsuite, libxmlsec1-dev,
 * python3-twisted. In order. */
static const uint64_t published[] = {
	0x0294b4406902e33b, 0x051848dd074db519, 0x09416ba3e0782523, 0x09f1c1a4680df80b,
	0x0a2752b0357bf66f, 0x0c94d1074880baff, 0x1de5ac5cb37d8d36, 0x2859ff03b44c8f0e,
	0x30325068603a16a0, 0x31761af00a5f2840, 0x431da096e9b17fdc, 0x458022ddcb5598b3,
	0x46b5bf2e6b6f2896, 0x47698284e7e71daf, 0x47921b0a6df31713, 0x4cfba72f445e7d7d,
	0x4e6af0221e03f890, 0x51f172e9fcd409db, 0x568ff063f1396d19, 0x5d9b829e08e7ccef,
	0x60c323abe4854b03, 0x7e38af7715bbb425, 0x83d4d09f6eb60626, 0x8547eb983f31a400,
	0x85f11ff5a5107ed9, 0x87e288dc7dbc29a2, 0x88f3145770d602b6, 0x88fe695fe42d8ecb,
	0x8c3458123cf70946, 0x8ffef375b96e9528, 0x929bd67eaab58257, 0x960280ab389c4a80,
	0x995b8d5b08ac126a, 0xa26741c999733d90, 0xa70f24304eba8198, 0xaa937c270bfefeac,
	0xae3695311b4c04f6, 0xbe57d489ad404436, 0xcf1db3df60313e91, 0xd245e52c341a7664,
	0xf022ad7b79455ba6, 0xf139e02d7543073f, 0xf4e80f54f0be5996, 0xfb7f6509e3ab7681,
	0xffdff0657e09322f,
};

static uint64_t beginning_of(const uint8_t digest[SHA256_DIGEST_LENGTH])
{
	uint64_t number = 0;
	for (size_t i = 0; i < sizeof number; i++)
		number = number << 8 | digest[i];
	return number;
}

bool published_has(struct span block)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256(block.at, block.len, digest);
	uint64_t wanted = beginning_of(digest);
	size_t low = 0, high = sizeof published / sizeof *published;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (published[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sizeof published / sizeof *published && published[low] == wanted;
}
