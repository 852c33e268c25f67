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

/* Likewise, but a single key is none: that of decoded text is the inside of PEM, and
 * told by the rule for that. */
bool keystore_expand_store(struct examiner *examiner, struct source *source, const char *member,
			   unsigned depth);

/* The names that a rule may give, NULL-terminated. */
extern const char *const keystore_readers[];

#endif
