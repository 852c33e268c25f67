/* SPDX-License-Identifier: MIT */
#include "detect/keys.h"

#define OPENSSL_SUPPRESS_DEPRECATED /* for keys of one kind, see is_plain_key */
#include <errno.h>
#include <openssl/dsa.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/str.h"
#include "detect/published.h"
#include "detect/shape.h"
#include "model/redaction.h"

enum { KEY_MIN = 40 /* base64 characters of an Ed25519 key in PKCS#8: 64 */ };

static const uint8_t *find(struct span in, const char *text)
{
	return in.len ? str_find(in.at, in.len, text) : NULL;
}

static struct span from(struct span in, const uint8_t *at)
{
	return (struct span){at, (size_t)(in.at + in.len - at)};
}

/* The label between "-----BEGIN " and "-----"; *ret_rest is what follows. */
static bool begin_label(struct span block, struct span *ret_label, struct span *ret_rest)
{
	const uint8_t *begin = find(block, "-----BEGIN ");
	if (!begin)
		return false;
	struct span rest = from(block, begin + 11);
	const uint8_t *end = find(rest, "-----");
	if (!end)
		return false;
	*ret_label = (struct span){rest.at, (size_t)(end - rest.at)};
	*ret_rest = from(rest, end + 5);
	const uint8_t *stop = find(*ret_rest, "-----END");
	if (stop)
		ret_rest->len = (size_t)(stop - ret_rest->at);
	return true;
}

/* Passes over "Name: value" lines; the base64 begins behind them. Line ends may
 * stand escaped, as in JSON. */
static struct span skip_headers(struct span body)
{
	for (;;) {
		const uint8_t *colon = find(body, ": ");
		if (!colon)
			return body;
		struct span rest = from(body, colon);
		const uint8_t *end = memchr(rest.at, '\n', rest.len);
		const uint8_t *escaped = find(rest, "\\n");
		if (escaped && (!end || escaped < end))
			end = escaped + 1;
		if (!end)
			return body;
		body = from(rest, end + 1);
	}
}

static bool is_openssh(const uint8_t *der, size_t len, bool *ret_encrypted)
{
	static const char magic[] = "openssh-key-v1"; /* its NUL counts */
	size_t at = sizeof magic;
	if (len < at + 8 || memcmp(der, magic, sizeof magic) != 0)
		return false;
	size_t cipher = (size_t)der[at] << 24 | (size_t)der[at + 1] << 16 |
			(size_t)der[at + 2] << 8 | der[at + 3];
	if (cipher == 0 || cipher > 64 || cipher > len - at - 4)
		return false;
	*ret_encrypted = cipher != 4 || memcmp(der + at + 4, "none", 4) != 0;
	return true;
}

static bool is_encrypted_pkcs8(const uint8_t *der, size_t len)
{
	X509_SIG *sealed = d2i_X509_SIG(NULL, &der, (long)len);
	X509_SIG_free(sealed);
	return sealed != NULL;
}

/* By its structure: to make a key of it takes a hundred times as long, and there are
 * programs that hold many. */
static bool is_plain_key(const uint8_t *der, size_t len)
{
	const uint8_t *at[4] = {der, der, der, der};
	PKCS8_PRIV_KEY_INFO *any = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at[0], (long)len);
	RSA *rsa = any ? NULL : d2i_RSAPrivateKey(NULL, &at[1], (long)len);
	EC_KEY *ec = any || rsa ? NULL : d2i_ECPrivateKey(NULL, &at[2], (long)len);
	DSA *dsa = any || rsa || ec ? NULL : d2i_DSAPrivateKey(NULL, &at[3], (long)len);
	bool is = any || rsa || ec || dsa;
	PKCS8_PRIV_KEY_INFO_free(any);
	RSA_free(rsa);
	EC_KEY_free(ec);
	DSA_free(dsa);
	return is;
}

static void examine_der(struct span label, const uint8_t *der, size_t len,
			struct keys_facts *facts)
{
	if (shape_equals(label, "OPENSSH PRIVATE KEY"))
		facts->parsed = is_openssh(der, len, &facts->encrypted);
	else if (shape_equals(label, "ENCRYPTED PRIVATE KEY"))
		facts->parsed = facts->encrypted = is_encrypted_pkcs8(der, len);
	else
		facts->parsed = !is_encrypted_pkcs8(der, len) && is_plain_key(der, len);
}

static bool examine_pem(struct span label, struct span body, struct keys_facts *facts)
{
	static uint8_t der[24 << 10]; /* more than a matching window holds */
	bool sealed = find(body, "Proc-Type: 4,ENCRYPTED") != NULL;
	struct span base64 = skip_headers(body);
	if (redaction_is((const char *)base64.at, base64.len))
		return false;
	size_t len = shape_base64(base64, der, sizeof der);
	if (len * 4 / 3 < KEY_MIN)
		return false;
	struct shape shape = shape_of((struct span){der, len});
	bool random = shape.distinct > 16;
	facts->published = published_has((struct span){der, len});
	facts->encrypted = sealed;
	if (sealed)
		facts->parsed = find(body, "DEK-Info: ") != NULL;
	else
		examine_der(label, der, len, facts);
	mem_wipe(der, len);
	return random;
}

static bool examine_putty(struct span block, struct keys_facts *facts)
{
	const uint8_t *line = find(block, "Encryption: ");
	const uint8_t *lines = find(block, "Private-Lines: ");
	if (!lines)
		return false;
	struct span body = from(block, lines);
	const uint8_t *text = memchr(body.at, '\n', body.len);
	const uint8_t *mac = find(body, "Private-MAC");
	if (text && mac && text < mac && redaction_is((const char *)text, (size_t)(mac - text)))
		return false;
	facts->parsed = line != NULL;
	facts->encrypted = line && !shape_starts(from(block, line), "Encryption: none");
	return true;
}

bool keys_examine(struct span block, struct keys_facts *ret)
{
	struct span label, body;
	*ret = (struct keys_facts){0};
	if (find(block, "PuTTY-User-Key-File-"))
		return examine_putty(block, ret);
	return begin_label(block, &label, &body) && examine_pem(label, body, ret);
}

/* The same form is used for digests in signatures. */
static bool is_sealed_by_password(const uint8_t *der, size_t len)
{
	const X509_ALGOR *algorithm = NULL;
	const ASN1_OCTET_STRING *sealed;
	const ASN1_OBJECT *object = NULL;
	X509_SIG *form = d2i_X509_SIG(NULL, &der, (long)len);
	if (form) {
		X509_SIG_get0(form, &algorithm, &sealed);
		X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	}
	bool known = object &&
		     EVP_PBE_find(EVP_PBE_TYPE_OUTER, OBJ_obj2nid(object), NULL, NULL, NULL);
	X509_SIG_free(form);
	return known;
}

bool keys_examine_der(struct span der, struct keys_facts *ret)
{
	ret->encrypted = is_sealed_by_password(der.at, der.len);
	ret->parsed = ret->encrypted || is_plain_key(der.at, der.len);
	return ret->parsed;
}

int keys_warm_up(void)
{
	/* PKCS#8 of an Ed25519 key, for which any 32 bytes will do (RFC 8410). */
	uint8_t der[48] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
			   0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
	uint8_t digest[SHA256_DIGEST_LENGTH];
	struct keys_facts facts;
	bool read = RAND_priv_bytes(der + 16, 32) == 1 &&
		    keys_examine_der((struct span){der, sizeof der}, &facts) &&
		    SHA256(der, sizeof der, digest);
	mem_wipe(der, sizeof der);
	return read ? 0 : -EIO;
}
