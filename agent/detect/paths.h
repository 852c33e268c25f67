/* SPDX-License-Identifier: MIT */
/* Which rules and boxes want a path: what patterns_want_path says of one rule, for
 * all at once. Asked for every file by the one process that all workers wait for, so
 * what a path can not match is told by its first and its last bytes.
 *
 *     struct paths *paths = paths_new(rules, &boxes);
 *     paths_want(paths, path, mask);         sets bits
 *     bits = paths_boxes(paths, path);
 *     paths_free(paths); */
#ifndef DETECT_PATHS_H
#define DETECT_PATHS_H

#include "detect/match.h"

struct paths;

/* `rules` and `boxes` are not needed afterwards. any_case: letters match in either case. */
struct paths *paths_new(const struct rules *rules, const box_list *boxes, bool any_case);
void paths_want(const struct paths *paths, const char *path, uint8_t mask[MASK_SIZE]);
/* Takes away those that are not asked of a file as a package built it, or that lists
 * packages. */
void paths_unlisted(const struct paths *paths, const char *path, bool as_built,
		    uint8_t mask[MASK_SIZE]);
uint64_t paths_boxes(const struct paths *paths, const char *path);
void paths_free(struct paths *paths); /* NULL is fine */

#endif
