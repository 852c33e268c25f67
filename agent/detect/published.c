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

/* The same of what manuals show in place of a secret, without the = at its end: examples of
 * RFC 5849, 6238, 6455, 6749, 6750, 7617 and its predecessor, OAuth Core 1.0, OpenID Connect
 * Core, Google's "Key Uri Format"; the accounts of Microsoft's Azurite and Cosmos DB emulator
 * and of MinIO's public play server; MD5, SHA-1 and SHA-256 of "password", "secret", "test",
 * "admin", "123456" and of nothing. In order. */
static const uint64_t examples[] = {
	0x00cf4c781dc37003, 0x07e23ede2756aa3f, 0x0d287772dfced309, 0x113459eb7bb31bdd,
	0x168601827c50b370, 0x1bbb9293c38acc5e, 0x293257ab6495ebb1, 0x299bbc6453f96d5c,
	0x2ff8b0fb93aca981, 0x3d91b58504a6cc3a, 0x3e6099e82cea8b70, 0x3f2cd8e57b096fe7,
	0x465c194afb65670f, 0x49dc52e6bf2abe5e, 0x4c20e6f5cc11b937, 0x52bbea75ee75a6f1,
	0x549c9390539efcfa, 0x649e1f5c769e718b, 0x6aa14267d94944e6, 0x6c96130f130ab0d6,
	0x6d31c4c9c005c3fd, 0x738f8bd02ea2fbf9, 0x7b3d979ca8330a94, 0x80f8b7c904d4a43f,
	0x8be5d113c0871ce1, 0x998ed4d621742d0c, 0x9e309cccd311ea64, 0x9f9dd1d2e3f189e7,
	0xa35b81a7d7927b70, 0xa71b359a87afde13, 0xad71fb4165536675, 0xb5a04226bda8fc65,
	0xb87dad10a32a2d81, 0xb8e148545b13c78b, 0xbb9b1163338b2a51, 0xc20fbc2b96183894,
	0xca7459e2b26776de, 0xcb87c87e4a138d9a, 0xcd372fb85148700f, 0xcdf4a007e2b02a0c,
	0xd05f6bb1aa2e4ccd, 0xd16eedf622d61fda, 0xda1bdd7b73490f4e, 0xdf452eef23e8cf2c,
	0xe9974c507d2a8021, 0xeaa6a9190faf5587, 0xeb543dc490df6d05, 0xed967197261c16a9,
	0xf215faf9d88b7f0a,
};

/* The same of what programs have where nobody set another: secret_key in Grafana's
 * conf/defaults.ini. In order. */
static const uint64_t defaults[] = {
	0xf3c3964ca854e172,
};

static uint64_t beginning_of(const uint8_t digest[SHA256_DIGEST_LENGTH])
{
	uint64_t number = 0;
	for (size_t i = 0; i < sizeof number; i++)
		number = number << 8 | digest[i];
	return number;
}

static bool is_among(const uint64_t *known, size_t count, struct span span)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256(span.at, span.len, digest);
	uint64_t wanted = beginning_of(digest);
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (known[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && known[low] == wanted;
}

bool published_has(struct span block)
{
	return is_among(published, sizeof published / sizeof *published, block);
}

bool published_default(struct span value)
{
	enum { LENGTH = 20 }; /* of those that are known */
	return value.len == LENGTH &&
	       is_among(defaults, sizeof defaults / sizeof *defaults, value);
}

bool published_example(struct span value)
{
	enum { LEAST = 10, MOST = 86 }; /* of those that are known */
	while (value.len && value.at[value.len - 1] == '=')
		value.len--;
	return value.len >= LEAST && value.len <= MOST &&
	       is_among(examples, sizeof examples / sizeof *examples, value);
}
