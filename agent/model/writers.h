/* SPDX-License-Identifier: MIT */
/* The files that running processes hold open for writing. They are emptied and
 * stay: a removed one would be written on, on blocks that nobody sees. */
#ifndef MODEL_WRITERS_H
#define MODEL_WRITERS_H

#include "platform.h"

struct writers {
	struct plat_id *ids; /* sorted */
	size_t count;
};

/* Empty where it can not be known. Free with writers_free. */
void writers_read(struct writers *ret);
bool writers_have(const struct writers *writers, struct plat_id id);
void writers_free(struct writers *writers);

#endif
