/* SPDX-License-Identifier: MIT */
/* What kind of place a path names. Steps and findings are about files as a rule; of Windows
 * there are two more realms, with the same actions, plan, guard and report:
 *
 *     /Users/ann/.ssh/id_rsa                             a file or directory
 *     HKLM\SOFTWARE\Vendor\Agent                         a key of the registry
 *     HKU\S-1-5-21-1-2-3-1001\Environment\\API_TOKEN     a value of it: two backslashes
 *                                                        in front of its name, which may
 *                                                        be empty or hold backslashes
 *     eventlog:Security                                  what only calls of the system
 *     account:bob                                        reach: KIND:NAME
 *
 * Names are WTF-8, as everywhere. */
#ifndef MODEL_REALM_H
#define MODEL_REALM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum realm {
	REALM_FILES,
	REALM_REGISTRY,
	REALM_OBJECTS,
};

/* Any text is a place of some realm; "" (the whole guest) counts as files. */
enum realm realm_of(const char *path);

/* What divides components there. */
char realm_separator(const char *path);

/* The name of the value that a place in the registry ends with, or NULL: it is a key.
 * *ret_key_len: bytes of the key's path. */
const char *realm_value(const char *path, size_t *ret_key_len);

/* Appends a place as printable ASCII on one line, each place in another way: as str_quote
 * does, but that backslashes in the registry stay what they are, and what has to be quoted
 * there is <NN>. */
void realm_quote(struct buf *out, const char *place);

/* Whether a place has the one spelling that lists of places compare. */
bool realm_is_plain(const char *path);

#endif
