/* SPDX-License-Identifier: MIT */
/* Private keys: PEM, PKCS#8, OpenSSH, PuTTY. Nobody is asked for a passphrase. */
#ifndef DETECT_KEYS_H
#define DETECT_KEYS_H

#include "detect/judge.h"

struct keys_facts {
	bool parsed;	/* its structure was understood, not only its frame */
	bool encrypted; /* behind a passphrase */
	bool published; /* a test suite or a manual ships it */
};

/* What a block that begins like a key is; false: no key (too short, redacted). */
bool keys_examine(struct span block, struct keys_facts *ret);

/* Bytes that are one key in DER: PKCS#8, sealed PKCS#8 (RFC 5958), PKCS#1, SEC 1. */
bool keys_examine_der(struct span der, struct keys_facts *ret);

/* Parses a key made for it once, so that OpenSSL has loaded all it wants before
 * the worker is locked. 0 or -EIO. */
int keys_warm_up(void);

#endif
