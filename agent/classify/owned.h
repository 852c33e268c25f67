/* SPDX-License-Identifier: MIT */
/* Which files a package of the distribution (dpkg, RPM, apk, pacman) owns, and
 * whether they are as it brought them.
 *
 *     struct owned *owned = owned_new(guest);  once for each look
 *     owned_read(owned, reader);               once, before the others
 *     owned_listed(owned, path, mtime, &sum);  cheap: asked for every file
 *     owned_unchanged(owned, path);            reads the file
 *     owned_tell_unread(owned, on_unread, context);
 *     owned_free(owned);
 *
 * 40 bytes are kept for each file that a package lists, and 64 KiB to find them. */
#ifndef CLASSIFY_OWNED_H
#define CLASSIFY_OWNED_H

#include "base/cleanup.h"
#include "model/guest.h"
#include "packages/sum.h"

struct owned;

/* The guest must outlive the result. */
struct owned *owned_new(const struct guest *guest);
void owned_read(struct owned *owned, const struct packages_reader *reader);
void owned_free(struct owned *owned); /* NULL is fine */
CLEANUP_POINTER(struct owned, owned_free);

/* What a package says of the file; *ret is not known when none lists it. Whether a file
 * of that age (nanoseconds since 1970) can still be the one that was packed: to change
 * it later makes it younger than its package. */
bool owned_listed(const struct owned *owned, const char *path, int64_t mtime, struct sum *ret);

/* Whether a package lists the file and it still has that digest. */
bool owned_unchanged(const struct owned *owned, const char *path);

/* A package database that could not be read (fully), and why: -errno. */
typedef void owned_unread(const char *database, int error, void *context);
void owned_tell_unread(const struct owned *owned, owned_unread *unread, void *context);

#endif
