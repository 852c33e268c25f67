/* SPDX-License-Identifier: MIT */
/* What a PKCS#12 store (RFC 7292) holds. */
#ifndef DETECT_PKCS12_H
#define DETECT_PKCS12_H

#include "detect/judge.h"

struct store_facts {
	bool has_key;	/* a private or secret key */
	bool encrypted; /* none of the well-known passwords opens it */
	bool sealed;	/* whether there is a key inside can not be told */
	bool damaged;
};

struct store_facts pkcs12_read(struct span store);

/* Those that programs give when nobody chooses one; NULL-terminated. */
extern const char *const pkcs12_passwords[];

#endif
