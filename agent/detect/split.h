/* SPDX-License-Identifier: MIT */
/* A big file that several workers examine part by part, as the parent sees it. Lines
 * are counted from the start of each part; so what a part found waits until all parts
 * before it have told how many lines they hold.
 *
 *     struct split *split = split_new(&file, part_bytes, most);   takes the file
 *     for (i < split_parts(split)) split_part(split, i, &part)    a pool_file each
 *     split_take(part, reply)                      an answer about a part
 *     split_end(part, trouble, sink)               a part is done, or is lost
 *     split_leave(part)                            instead of freeing what it holds */
#ifndef DETECT_SPLIT_H
#define DETECT_SPLIT_H

#include "detect/pool.h"

struct split *split_new(const struct pool_file *file, uint64_t part_bytes, size_t most);
size_t split_parts(const struct split *split);
void split_part(struct split *split, size_t index, struct pool_file *ret);

/* Keeps a finding, a trouble or the lines of a part. False when it can not be true. */
bool split_take(const struct pool_file *part, const struct wire_reply *reply);
/* Hands on what can be told now; `done` for the file with its last part. */
void split_end(const struct pool_file *part, enum trouble trouble,
	       const struct pool_sink *sink);
/* The last part that leaves takes the split along. */
void split_leave(struct pool_file *part);

#endif
