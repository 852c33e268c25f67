/* SPDX-License-Identifier: MIT */
/* What packages own in the scratch tree, read in this process. */
#pragma once

#include <openssl/evp.h>

#include "classify/owned.h"

enum { DIGEST_TEXT = 2 * EVP_MAX_MD_SIZE + 1 };

/* In hexadecimal. */
void digest_text(const EVP_MD *how, const char *text, char out[DIGEST_TEXT]);

/* Debian's package "a" has these files, of at most 255 bytes, as they are now. */
void ship(const char *const *paths, size_t count);

extern const struct packages_reader packages_here;
/* Freed by the caller. */
struct owned *owned_here(const struct guest *guest);
