/* SPDX-License-Identifier: MIT */
/* Keys stand in their own bags, in the open or each sealed by itself, so that there is
 * one is seen without a password; certificates mostly are in a sealed part. What a
 * password costs to try is told by the store: a budget bounds it. */
#include "detect/pkcs12.h"

#include <openssl/asn1t.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <string.h>

enum {
	ROUNDS = 1000000, /* of key derivation for one store */
	DEEPEST = 4,	  /* bags in bags */
};

const char *const pkcs12_passwords[] = {"", "changeit", "changeme", "password", "secret", NULL};

struct opening {
	PKCS12 *store;
	const char *password; /* NULL: not known */
	long budget;
	struct store_facts facts;
	bool shut; /* a part could not be opened */
};

static bool affords(struct opening *o, const ASN1_INTEGER *rounds)
{
	long n = rounds ? ASN1_INTEGER_get(rounds) : 1;
	if (n <= 0 || n > o->budget)
		return false;
	o->budget -= n;
	return true;
}

/* ---- the password ---- */

/* PBMAC1 (RFC 9579) keeps its rounds elsewhere. */
static bool is_digest(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *object;
	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	switch (OBJ_obj2nid(object)) {
	case NID_sha1:
	case NID_sha224:
	case NID_sha256:
	case NID_sha384:
	case NID_sha512:
		return true;
	}
	return false;
}

static void find_password(struct opening *o)
{
	const X509_ALGOR *algorithm = NULL;
	const ASN1_INTEGER *rounds = NULL;
	PKCS12_get0_mac(NULL, &algorithm, NULL, &rounds, o->store);
	if (!algorithm || !is_digest(algorithm))
		return;
	for (const char *const *word = pkcs12_passwords; *word; word++) {
		if (!affords(o, rounds))
			return;
		if (PKCS12_verify_mac(o->store, *word, (int)strlen(*word)) ||
		    (!**word && PKCS12_verify_mac(o->store, NULL, 0))) {
			o->password = *word;
			return;
		}
	}
}

/* ---- sealed parts ---- */

static bool affords_pbkdf2(struct opening *o, const X509_ALGOR *function)
{
	const ASN1_OBJECT *object;
	const void *value;
	int type;
	X509_ALGOR_get0(&object, &type, &value, function);
	if (OBJ_obj2nid(object) != NID_id_pbkdf2 || type != V_ASN1_SEQUENCE)
		return false;
	PBKDF2PARAM *param = ASN1_item_unpack(value, ASN1_ITEM_rptr(PBKDF2PARAM));
	bool good = param && affords(o, param->iter);
	PBKDF2PARAM_free(param);
	return good;
}

static bool affords_sealed(struct opening *o, const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *object;
	const void *value;
	int type;
	X509_ALGOR_get0(&object, &type, &value, algorithm);
	if (type != V_ASN1_SEQUENCE)
		return false;
	bool good;
	if (OBJ_obj2nid(object) == NID_pbes2) {
		PBE2PARAM *param = ASN1_item_unpack(value, ASN1_ITEM_rptr(PBE2PARAM));
		good = param && affords_pbkdf2(o, param->keyfunc);
		PBE2PARAM_free(param);
	} else {
		PBEPARAM *param = ASN1_item_unpack(value, ASN1_ITEM_rptr(PBEPARAM));
		good = param && affords(o, param->iter);
		PBEPARAM_free(param);
	}
	return good;
}

static STACK_OF(PKCS12_SAFEBAG) * unseal(struct opening *o, PKCS7 *part)
{
	const PKCS7_ENCRYPT *sealed = part->d.encrypted;
	if (!sealed || !sealed->enc_data || !sealed->enc_data->algorithm || !o->password ||
	    !affords_sealed(o, sealed->enc_data->algorithm))
		return NULL;
	return PKCS12_unpack_p7encdata(part, o->password, (int)strlen(o->password));
}

/* ---- bags ---- */

static void look_into(struct opening *o, const STACK_OF(PKCS12_SAFEBAG) * bags, unsigned depth)
{
	for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
		const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
		int kind = PKCS12_SAFEBAG_get_nid(bag);
		o->facts.has_key |= kind == NID_keyBag || kind == NID_pkcs8ShroudedKeyBag ||
				    kind == NID_secretBag;
		o->facts.encrypted |= kind != NID_keyBag && !o->password;
		if (kind == NID_safeContentsBag && depth < DEEPEST)
			look_into(o, PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
	}
}

/* Where the password is right and only its cipher is not to be had (RC2 of 40 bits,
 * which older programs use for certificates), there are certificates. */
static void look_at_part(struct opening *o, PKCS7 *part)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
	if (PKCS7_type_is_data(part)) {
		bags = PKCS12_unpack_p7data(part);
		o->facts.damaged |= !bags;
	} else if (PKCS7_type_is_encrypted(part)) {
		bags = unseal(o, part);
		o->shut |= !bags && !o->password;
	} else {
		o->shut = true; /* sealed for somebody's public key */
	}
	look_into(o, bags, 0);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

struct store_facts pkcs12_read(struct span store)
{
	const uint8_t *at = store.at;
	struct opening o = {.budget = ROUNDS};
	o.store = d2i_PKCS12(NULL, &at, (long)store.len);
	STACK_OF(PKCS7) *parts = o.store ? PKCS12_unpack_authsafes(o.store) : NULL;
	o.facts.damaged = !parts;
	if (parts)
		find_password(&o);
	for (int i = 0; i < sk_PKCS7_num(parts); i++)
		look_at_part(&o, sk_PKCS7_value(parts, i));
	o.facts.sealed = o.shut && !o.facts.has_key;
	o.facts.encrypted &= o.facts.has_key;
	sk_PKCS7_pop_free(parts, PKCS7_free);
	PKCS12_free(o.store);
	return o.facts;
}
