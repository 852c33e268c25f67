/* SPDX-License-Identifier: MIT */
/* What makes ssh host keys when a clone starts: the proof without which none goes. */
#ifndef CLEANERS_KEYGEN_H
#define CLEANERS_KEYGEN_H

#include "peek.h"

/* Why the clone will have a key that its sshd uses, or NULL: nothing makes one. */
const char *keygen_proof(const struct guest *guest);

/* Types of host keys as bits. */
enum {
	KEY_RSA = 1,
	KEY_ECDSA = 2,
	KEY_ED25519 = 4,
	KEY_DSA = 8,
	KEY_USUAL = KEY_RSA | KEY_ECDSA | KEY_ED25519,
};

/* The types that a text names as words, in any case. */
unsigned keygen_types(const char *text);

/* The sshd units that every boot starts, by their own names and not by an alias. */
void keygen_sshd_units(const struct guest *guest, peek_list *ret);

#endif
