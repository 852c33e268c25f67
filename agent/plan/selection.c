/* SPDX-License-Identifier: MIT */
#include "plan/selection.h"

#include <string.h>

static bool names(const char *const *list, const char *name, enum class class,
		  const char *category)
{
	for (; *list; list++)
		if (strcmp(*list, name) == 0 || strcmp(*list, class_name(class)) == 0 ||
		    strcmp(*list, category) == 0)
			return true;
	return false;
}

bool selection_has(const struct selection *selection, const char *name, enum class class,
		   const char *category)
{
	if (selection->only && *selection->only &&
	    !names(selection->only, name, class, category))
		return false;
	return !selection->skip || !names(selection->skip, name, class, category);
}
