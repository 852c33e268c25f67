/* SPDX-License-Identifier: MIT */
/* Files that are nothing but keys in a binary form: Java's key stores (JKS, JCEKS),
 * PKCS#12, single keys in DER. What is told of them stands in the rules that name the
 * reader. */
#ifndef DETECT_KEYSTORE_H
#define DETECT_KEYSTORE_H

#include "detect/examine.h"

/* False: none, and what the source holds is still there. A store of certificates
 * alone is one; nothing is said about it. */
bool keystore_expand(struct examiner *examiner, struct source *source, const char *member,
		     unsigned depth);

/* Whether this begins a store, or is one key as a whole. */
bool keystore_begins(const uint8_t *head, size_t len);

/* The names that a rule may give, NULL-terminated. */
extern const char *const keystore_readers[];

#endif
