/* SPDX-License-Identifier: MIT */
/* Key stores made here: Java's byte by byte, PKCS#12 and DER by OpenSSL. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "detect/keystore.h"
#include "finds.h"

static EVP_PKEY *key;
static X509 *certificate;

static X509 *make_certificate(void)
{
	X509 *made = X509_new();
	ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
	X509_gmtime_adj(X509_getm_notBefore(made), 0);
	X509_gmtime_adj(X509_getm_notAfter(made), 3600);
	X509_set_pubkey(made, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
				   (const uint8_t *)"test", -1, -1, 0);
	X509_set_issuer_name(made, X509_get_subject_name(made));
	X509_sign(made, key, EVP_sha256());
	return made;
}

static int set_up(void **unused)
{
	(void)unused;
	for (const char *const *name = keystore_readers; *name; name++)
		own_rule(&finds_rules, *name, NULL, NULL)->reader = mem_strdup(*name);
	key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	certificate = make_certificate();
	return finds_begin();
}

static int tear_down(void **unused)
{
	X509_free(certificate);
	EVP_PKEY_free(key);
	return finds_end(unused);
}

/* ---- what is found ---- */

static void expect_key(const void *bytes, size_t len, const char *name, bool encrypted)
{
	struct seen seen = finds_in(bytes, len);
	assert_int_equal(seen.troubles, 0);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.rule, name);
	assert_string_equal(seen.members, "\n");
	assert_int_equal(seen.last.offset, 0);
	assert_int_equal(seen.last.length, len);
	assert_true(seen.last.seen & SEEN_WHOLE_FILE);
	assert_int_equal(!!(seen.last.seen & SEEN_ENCRYPTED), encrypted);
}

static void expect_nothing(const void *bytes, size_t len)
{
	struct seen seen = finds_in(bytes, len);
	assert_int_equal(seen.count + seen.troubles, 0);
}

static void expect_trouble(const void *bytes, size_t len, enum trouble trouble)
{
	struct seen seen = finds_in(bytes, len);
	assert_int_equal(seen.troubles, 1);
	assert_int_equal(seen.trouble, trouble);
}

/* ---- Java ---- */

static void put(struct buf *out, uint64_t number, unsigned bytes)
{
	while (bytes--)
		buf_add(out, &(char){(char)(number >> 8 * bytes)}, 1);
}

static void put_text(struct buf *out, const char *text)
{
	put(out, strlen(text), 2);
	buf_puts(out, text);
}

static void put_bytes(struct buf *out, size_t len)
{
	put(out, len, 4);
	for (size_t i = 0; i < len; i++)
		put(out, (uint64_t)rand(), 1);
}

static void put_certificate(struct buf *out)
{
	put_text(out, "X.509");
	put_bytes(out, 700);
}

/* tags: of the entries, each a character '1' to '3'. */
static void make_java(struct buf *out, uint32_t magic, const char *tags, const char *password)
{
	put(out, magic, 4);
	put(out, 2, 4);
	put(out, strlen(tags), 4);
	for (; *tags; tags++) {
		put(out, (uint64_t)(*tags - '0'), 4);
		put_text(out, "mine");
		put(out, 1700000000000, 8);
		if (*tags == '1') {
			put_bytes(out, 1200);
			put(out, 1, 4);
		}
		if (*tags == '3')
			put_bytes(out, 500); /* as good as a serialized object */
		else
			put_certificate(out);
	}
	_cleanup_(buf_free) struct buf sealed = {0};
	for (; *password; password++)
		put(&sealed, (uint64_t)*password, 2);
	buf_puts(&sealed, "Mighty Aphrodite");
	buf_add(&sealed, out->data, out->len);
	uint8_t digest[SHA_DIGEST_LENGTH];
	SHA1((const uint8_t *)sealed.data, sealed.len, digest);
	buf_add(out, digest, sizeof digest);
}

static void java_stores_with_keys(void **unused)
{
	(void)unused;
	static const struct {
		uint32_t magic;
		const char *tags, *password;
		bool encrypted;
	} cases[] = {
		{0xfeedfeed, "1", "changeit", false}, {0xfeedfeed, "21", "other", true},
		{0xcececece, "212", "", false},	      {0xcececece, "3", "changeit", false},
		{0xcececece, "23", "other", true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		_cleanup_(buf_free) struct buf store = {0};
		make_java(&store, cases[i].magic, cases[i].tags, cases[i].password);
		expect_key(store.data, store.len, "java-keystore", cases[i].encrypted);
	}
}

static void java_stores_of_certificates(void **unused)
{
	(void)unused;
	static const char *const tags[] = {"", "2", "2222"};
	for (size_t i = 0; i < 3; i++) {
		_cleanup_(buf_free) struct buf store = {0};
		make_java(&store, 0xfeedfeed, tags[i], "other");
		expect_nothing(store.data, store.len);
	}
	expect_nothing("\xfe\xed\xfe\xed\0\0\0\7and something else", 26);
}

static void broken_java_stores_are_told(void **unused)
{
	(void)unused;
	_cleanup_(buf_free) struct buf store = {0};
	make_java(&store, 0xfeedfeed, "22", "other");
	expect_trouble(store.data, store.len - 1, TROUBLE_KEYSTORE);
	expect_trouble(store.data, 400, TROUBLE_KEYSTORE);
	expect_trouble("\xfe\xed\xfe\xed\0\0\0\2\0\0\0", 12, TROUBLE_KEYSTORE);
	memset(store.data + 8, 0xff, 4); /* so many entries */
	expect_trouble(store.data, store.len, TROUBLE_KEYSTORE);
	buf_cut(&store, 0);
	make_java(&store, 0xfeedfeed, "1", "other");
	memset(store.data + 30, 0xff, 4); /* so long a key */
	struct seen seen = finds_in(store.data, store.len);
	assert_int_equal(seen.trouble, TROUBLE_KEYSTORE);
	assert_int_equal(seen.count, 1); /* that there is one was clear before */
}

/* ---- PKCS#12 ---- */

struct der {
	uint8_t *at;
	int len;
};

static struct der make_pkcs12(bool with_key, const char *password, int rounds)
{
	struct der der = {0};
	PKCS12 *store = PKCS12_create(password, NULL, with_key ? key : NULL, certificate, NULL,
				      0, 0, rounds, 1, 0);
	assert_non_null(store);
	PKCS12_set_mac(store, password, -1, NULL, 0, rounds, EVP_sha256());
	der.len = i2d_PKCS12(store, &der.at);
	PKCS12_free(store);
	return der;
}

static void pkcs12_stores(void **unused)
{
	(void)unused;
	struct der der = make_pkcs12(true, "changeit", 100);
	expect_key(der.at, (size_t)der.len, "pkcs12-keystore", false);
	expect_trouble(der.at, (size_t)der.len - 9, TROUBLE_KEYSTORE);
	OPENSSL_free(der.at);
	der = make_pkcs12(true, "", 100);
	expect_key(der.at, (size_t)der.len, "pkcs12-keystore", false);
	OPENSSL_free(der.at);
	der = make_pkcs12(true, "not known", 100);
	expect_key(der.at, (size_t)der.len, "pkcs12-keystore", true);
	OPENSSL_free(der.at);
	der = make_pkcs12(false, "changeit", 100);
	expect_nothing(der.at, (size_t)der.len);
	OPENSSL_free(der.at);
	der = make_pkcs12(false, "not known", 100); /* a key can be in there */
	expect_trouble(der.at, (size_t)der.len, TROUBLE_ENCRYPTED);
	OPENSSL_free(der.at);
}

/* A store may ask for a thousand million: more than some are not tried. */
static void rounds_are_bounded(void **unused)
{
	(void)unused;
	struct der der = make_pkcs12(true, "changeit", 1200000);
	expect_key(der.at, (size_t)der.len, "pkcs12-keystore", true);
	OPENSSL_free(der.at);
}

/* ---- DER ---- */

static void expect_forms_of(EVP_PKEY *one)
{
	static const int seals[] = {-1, NID_pbe_WithSHA1And3_Key_TripleDES_CBC};
	uint8_t *at = NULL;
	int len = i2d_PrivateKey(one, &at);
	expect_key(at, (size_t)len, "der-private-key", false);
	expect_nothing(at, (size_t)len - 1);
	OPENSSL_free(at);
	PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(one);
	len = i2d_PKCS8_PRIV_KEY_INFO(plain, (at = NULL, &at));
	expect_key(at, (size_t)len, "der-private-key", false);
	OPENSSL_free(at);
	for (size_t i = 0; i < 2; i++) {
		const EVP_CIPHER *cipher = i ? NULL : EVP_aes_256_cbc();
		X509_SIG *sealed = PKCS8_encrypt(seals[i], cipher, "secret", 6, NULL, 0, 10,
						 plain);
		len = i2d_X509_SIG(sealed, (at = NULL, &at));
		expect_key(at, (size_t)len, "der-private-key", true);
		OPENSSL_free(at);
		X509_SIG_free(sealed);
	}
	PKCS8_PRIV_KEY_INFO_free(plain);
}

static void keys_in_der(void **unused)
{
	(void)unused;
	expect_forms_of(key);
	EVP_PKEY *curve = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	expect_forms_of(curve);
	EVP_PKEY_free(curve);
	curve = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	expect_forms_of(curve);
	EVP_PKEY_free(curve);
}

static void other_der_is_nothing(void **unused)
{
	(void)unused;
	uint8_t *at = NULL;
	int len = i2d_X509(certificate, &at);
	expect_nothing(at, (size_t)len);
	OPENSSL_free(at);
	len = i2d_PUBKEY(key, (at = NULL, &at));
	expect_nothing(at, (size_t)len);
	OPENSSL_free(at);
	expect_nothing("0\0", 2);
	expect_nothing("00000 and more\n", 15);
}

/* ---- in text ---- */

static struct seen look_encoded(const uint8_t *bytes, size_t len, const char *head)
{
	_cleanup_(buf_free) struct buf text = {0};
	buf_puts(&text, head);
	char *base64 = mem_alloc(len * 2 + 8);
	EVP_EncodeBlock((uint8_t *)base64, bytes, (int)len);
	buf_puts(&text, base64);
	buf_puts(&text, "\n");
	free(base64);
	return finds_in(text.data, text.len);
}

/* As Kubernetes keeps files in its secrets. */
static void stores_in_text(void **unused)
{
	(void)unused;
	static const char head[] = "kind: Secret\ndata:\n  keystore: ";
	struct der der = make_pkcs12(true, "changeit", 100);
	struct seen seen = look_encoded(der.at, (size_t)der.len, head);
	OPENSSL_free(der.at);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.rule, "pkcs12-keystore");
	assert_string_equal(seen.members, "base64@3\n");
	_cleanup_(buf_free) struct buf store = {0};
	make_java(&store, 0xfeedfeed, "1", "changeit");
	seen = look_encoded((uint8_t *)store.data, store.len, head);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.rule, "java-keystore");
}

/* Behind a label the rule for PEM tells it. */
static void single_key_in_text_is_told_once(void **unused)
{
	(void)unused;
	uint8_t *at = NULL;
	int len = i2d_PrivateKey(key, &at);
	struct seen bare = look_encoded(at, (size_t)len, "key: ");
	struct seen labelled = look_encoded(at, (size_t)len, "PRIVATE KEY-----\n");
	OPENSSL_free(at);
	assert_int_equal(bare.count, 1);
	assert_string_equal(bare.rule, "der-private-key");
	assert_int_equal(labelled.count + labelled.troubles, 0);
}

static void any_damage_ends(void **unused)
{
	(void)unused;
	struct der der = make_pkcs12(true, "changeit", 10);
	_cleanup_(buf_free) struct buf java = {0};
	make_java(&java, 0xcececece, "2132", "changeit");
	_cleanup_free_ uint8_t *copy = mem_alloc(java.len + (size_t)der.len);
	for (unsigned round = 0; round < 600; round++) {
		srand(round);
		bool is_java = round % 2;
		size_t len = is_java ? java.len : (size_t)der.len;
		memcpy(copy, is_java ? (uint8_t *)java.data : der.at, len);
		for (unsigned i = 0; i < 1 + round % 7; i++)
			copy[(size_t)rand() % (i % 2 ? len : 100)] = (uint8_t)rand();
		finds_in(copy, round % 5 ? len : (size_t)rand() % len);
	}
	OPENSSL_free(der.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(java_stores_with_keys),
		cmocka_unit_test(java_stores_of_certificates),
		cmocka_unit_test(broken_java_stores_are_told),
		cmocka_unit_test(pkcs12_stores),
		cmocka_unit_test(rounds_are_bounded),
		cmocka_unit_test(keys_in_der),
		cmocka_unit_test(other_der_is_nothing),
		cmocka_unit_test(stores_in_text),
		cmocka_unit_test(single_key_in_text_is_told_once),
		cmocka_unit_test(any_damage_ends),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
