/* SPDX-License-Identifier: MIT */
#include "model/writers.h"

#include <stdlib.h>

void writers_read(struct writers *ret)
{
	*ret = (struct writers){0};
	(void)plat_writers(&ret->ids, &ret->count);
}

bool writers_have(const struct writers *writers, struct plat_id id)
{
	return writers->count && bsearch(&id, writers->ids, writers->count,
					 sizeof *writers->ids, plat_id_compare);
}

void writers_free(struct writers *writers)
{
	free(writers->ids);
	*writers = (struct writers){0};
}
