/* SPDX-License-Identifier: MIT */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

/* The name that a mistyped word most likely meant, or NULL when none is near.
 * `names` ends with NULL. */
const char *nearest_find(const char *word, const char *const *names);

#endif
