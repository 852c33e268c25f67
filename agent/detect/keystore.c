/* SPDX-License-Identifier: MIT */
#include "detect/keystore.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/str.h"
#include "detect/holding.h"
#include "detect/keys.h"
#include "detect/pkcs12.h"
#include "packages/reader.h"

enum {
	STORE_MAX = 16 << 20, /* larger ones are no key stores */
	KEY_MAX = 16 << 10,   /* of a single key in DER */
	JKS = 0xfeedfeed,
	JCEKS = 0xcececece,
	JKS_DIGEST = 20,
};

const char *const keystore_readers[] = {"java-keystore", "pkcs12-keystore", "der-private-key",
					NULL};
enum form { FORM_JAVA, FORM_PKCS12, FORM_DER, FORM_NONE };

/* ---- Java: sun.security.provider.JavaKeyStore, com.sun.crypto.provider.JceKeyStore ---- */

/* What is left of the store; each step takes its bytes off the front. */
static bool take(struct span *left, uint64_t n)
{
	if (n > left->len)
		return false;
	left->at += n;
	left->len -= (size_t)n;
	return true;
}

static bool take_number(struct span *left, uint32_t *ret)
{
	if (left->len < 4)
		return false;
	*ret = be32(left->at);
	return take(left, 4);
}

static bool take_text(struct span *left)
{
	return left->len >= 2 && take(left, 2 + (uint64_t)be16(left->at));
}

static bool take_bytes(struct span *left)
{
	uint32_t len;
	return take_number(left, &len) && take(left, len);
}

static bool take_certificate(struct span *left, uint32_t version)
{
	return (version == 1 || take_text(left)) && take_bytes(left);
}

static bool take_chain(struct span *left, uint32_t version)
{
	uint32_t count;
	if (!take_number(left, &count))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (!take_certificate(left, version))
			return false;
	return true;
}

/* The store's last bytes are SHA-1 of the password in UTF-16, a phrase and the rest:
 * whoever gets that right has the password. */
static bool java_opens(struct span store, const char *password)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = c && EVP_DigestInit_ex(c, EVP_sha1(), NULL);
	for (; good && *password; password++)
		good = EVP_DigestUpdate(c, (uint8_t[]){0, (uint8_t)*password}, 2);
	good = good && EVP_DigestUpdate(c, "Mighty Aphrodite", 16) &&
	       EVP_DigestUpdate(c, store.at, store.len - JKS_DIGEST) &&
	       EVP_DigestFinal_ex(c, digest, &len) && len == JKS_DIGEST &&
	       !memcmp(digest, store.at + store.len - JKS_DIGEST, JKS_DIGEST);
	EVP_MD_CTX_free(c);
	return good;
}

/* A secret key is a serialized Java object: where it ends is not told, so nothing
 * behind it is looked at. */
static struct store_facts read_java(struct span store)
{
	struct store_facts facts = {.damaged = true};
	struct span left = store;
	uint32_t magic, version, count, tag = 0;
	if (store.len < JKS_DIGEST)
		return facts;
	left.len -= JKS_DIGEST;
	if (!take_number(&left, &magic) || !take_number(&left, &version) ||
	    !take_number(&left, &count))
		return facts;
	for (uint32_t i = 0; i < count && tag != 3; i++) {
		if (!take_number(&left, &tag) || !tag || tag > 3 || !take_text(&left) ||
		    !take(&left, 8))
			return facts;
		facts.has_key |= tag != 2;
		if ((tag == 1 && (!take_bytes(&left) || !take_chain(&left, version))) ||
		    (tag == 2 && !take_certificate(&left, version)))
			return facts;
	}
	facts.damaged = left.len && tag != 3;
	facts.encrypted = true;
	for (const char *const *word = pkcs12_passwords; *word && !facts.damaged; word++)
		facts.encrypted &= !java_opens(store, *word);
	return facts;
}

/* ---- DER ---- */

/* How many bytes a value takes with its head; 0: it is none, or of no told length. */
static uint64_t der_size(const uint8_t *at, size_t len, size_t *ret_head)
{
	if (len < 2 || at[0] != 0x30)
		return 0;
	size_t more = at[1] & 0x80 ? at[1] & 0x7f : 0;
	uint64_t size = more ? 0 : at[1];
	if (more > 4 || (at[1] & 0x80 && !more) || len < 2 + more)
		return 0;
	for (size_t i = 0; i < more; i++)
		size = size << 8 | at[2 + i];
	*ret_head = 2 + more;
	return size + 2 + more;
}

/* PFX ::= SEQUENCE { version INTEGER (3), authSafe ContentInfo } (RFC 7292, 4) */
static bool is_pkcs12(const uint8_t *head, size_t len)
{
	static const char pkcs7[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07";
	size_t at = 0;
	bool open_ended = len > 2 && head[0] == 0x30 && head[1] == 0x80;
	if (!open_ended && !der_size(head, len, &at))
		return false;
	at = open_ended ? 2 : at;
	return len >= at + 32 && !memcmp(head + at, "\x02\x01\x03\x30", 4) &&
	       str_find(head + at, 24, pkcs7);
}

/* The head of a version, or of the OID of a way to seal: pkcs-5, pkcs-12PbeIds. */
static bool begins_key(const uint8_t *at)
{
	static const uint8_t number[] = {0x02, 0x01};
	static const uint8_t seal[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01};
	if (!memcmp(at, number, sizeof number))
		return at[2] <= 1 && (at[3] == 0x02 || at[3] == 0x04 || at[3] == 0x30);
	size_t oid = at[1] & 0x80 ? 2 + (at[1] & 0x7f) : 2;
	return at[0] == 0x30 && oid <= 4 && at[oid] == 0x06 &&
	       !memcmp(at + oid + 2, seal, sizeof seal) &&
	       (at[oid + 9] == 0x05 || (at[oid + 9] == 0x0c && at[oid + 10] == 0x01));
}

/* PKCS#1, SEC 1 and PKCS#8 begin with a version, behind which a number, the key or the
 * algorithm stands (RFC 8017, 5915, 5958); sealed PKCS#8 with how it is sealed. What a
 * certificate or a public key is, is not worth OpenSSL's time. */
static bool may_be_key(const uint8_t *head, size_t len, uint64_t size)
{
	size_t at;
	uint64_t told = der_size(head, len, &at);
	if (!told || told > KEY_MAX || told > len || (size && told != size))
		return false;
	return len >= at + 16 && begins_key(head + at);
}

static struct store_facts read_der(struct span der)
{
	size_t head;
	struct keys_facts key = {0};
	struct store_facts facts = {0};
	if (der_size(der.at, der.len, &head) == der.len)
		facts.has_key = keys_examine_der(der, &key);
	facts.encrypted = facts.has_key && key.encrypted;
	return facts;
}

/* ---- the whole ---- */

static enum form store_of(const uint8_t *head, size_t len)
{
	bool versioned = len >= 12 && (be32(head + 4) == 1 || be32(head + 4) == 2);
	if (versioned && (be32(head) == JKS || be32(head) == JCEKS))
		return FORM_JAVA;
	return is_pkcs12(head, len) ? FORM_PKCS12 : FORM_NONE;
}

static bool wants(const struct examiner *x, size_t rule)
{
	return x->enabled[rule >> 3] >> (rule & 7) & 1;
}

static void tell_key(struct examiner *x, size_t rule, struct span store, bool encrypted,
		     const char *member)
{
	if (x->count >= x->limits.per_file) {
		examine_trouble(x, TROUBLE_TOO_MANY, member);
		return;
	}
	struct found found = {
		.rule = (uint16_t)rule,
		.confidence = x->patterns->each.v[rule].rule->confidence,
		.because = judge_rule_reason(x->patterns->each.v[rule].rule) |
			   REASON_BIT(REASON_PARSED) |
			   (encrypted ? REASON_BIT(REASON_ENCRYPTED) : 0),
		.seen = SEEN_WHOLE_FILE | SEEN_PARSED | SEEN_BINARY |
			(encrypted ? SEEN_ENCRYPTED : 0) | (member ? SEEN_IN_CONTAINER : 0),
		.length = store.len,
		.line = 1,
		.column = 1,
		.match_end = store.len,
	};
	SHA256(store.at, store.len, found.digest);
	x->on_found(&found, member, x->context);
	x->count++;
}

static void tell(struct examiner *x, enum form form, struct span store,
		 const struct store_facts *facts, const char *member)
{
	for (size_t i = 0; facts->has_key && i < x->patterns->each.n; i++) {
		const char *reader = x->patterns->each.v[i].rule->reader;
		if (reader && !strcmp(reader, keystore_readers[form]) && wants(x, i))
			tell_key(x, i, store, facts->encrypted, member);
	}
	if (facts->damaged)
		examine_trouble(x, TROUBLE_KEYSTORE, member);
	else if (facts->sealed)
		examine_trouble(x, TROUBLE_ENCRYPTED, member);
}

/* False: something else, which is scanned as it is. A damaged store is, too. */
static bool examine_store(struct examiner *x, enum form form, struct source *source,
			  const char *member)
{
	struct buf bytes = {0};
	if (source->size > STORE_MAX)
		return false;
	size_t size = (size_t)source->size;
	int64_t n = source_pread(source, buf_reserve(&bytes, size), size, 0);
	bytes.len = n > 0 ? (size_t)n : 0;
	struct span store = {(const uint8_t *)buf_text(&bytes), bytes.len};
	struct store_facts facts = {.damaged = true};
	if (bytes.len == size)
		facts = form == FORM_JAVA     ? read_java(store)
			: form == FORM_PKCS12 ? pkcs12_read(store)
					      : read_der(store);
	tell(x, form, store, &facts, member);
	buf_wipe(&bytes);
	return form == FORM_DER ? facts.has_key : !facts.damaged;
}

bool keystore_begins(const uint8_t *head, size_t len)
{
	return store_of(head, len) != FORM_NONE || may_be_key(head, len, len);
}

bool keystore_expand(struct examiner *x, struct source *source, const char *member,
		     unsigned depth)
{
	const uint8_t *head;
	int64_t len = source_peek(source, &head);
	bool seekable = source_seekable(source);
	uint64_t size = seekable ? source->size : len < SOURCE_HEAD ? (uint64_t)len : 0;
	enum form form = len > 0 ? store_of(head, (size_t)len) : FORM_NONE;
	if (form == FORM_NONE && len > 0 && may_be_key(head, (size_t)len, size))
		form = FORM_DER;
	if (form == FORM_NONE)
		return false;
	struct holding held;
	bool whole = holding_take(&held, source, STORE_MAX, NULL);
	bool done = whole && examine_store(x, form, &held.source, member);
	if (!done && !seekable) /* the stream is used up: what was kept is examined */
		examine_plain(x, &held.source, member, depth);
	holding_clear(&held);
	return done || !seekable;
}
