/* SPDX-License-Identifier: MIT */
#ifndef DETECT_CONTAINER_NAME_H
#define DETECT_CONTAINER_NAME_H

#include "base/buf.h"

struct archive_entry;

/* The path of a member as its archive has it, in UTF-8 where the archive says in what it is
 * written; NULL when it can not be told. It lies in the entry or in `room`. */
const char *container_entry_path(struct archive_entry *entry, struct buf *room);

#endif
