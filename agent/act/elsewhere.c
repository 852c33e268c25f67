/* SPDX-License-Identifier: MIT */
/* Steps at what only calls of the system reach. */
#include <errno.h>

#include "act/hands.h"
#include "base/cleanup.h"

static void object_done(struct step *step, int error, char *why)
{
	if (error == -ENOENT)
		hands_gone(step);
	else if (error && why)
		hands_refused(step, why);
	else if (error)
		hands_fail(step, "the system refused", error);
	else
		hands_done(step, NULL);
}

void hands_object(const struct hands *hands, struct step *step)
{
	_cleanup_free_ char *why = NULL;
	int error = -EOPNOTSUPP;
	if (hands->setup->guest->live && step->action == STEP_TRUNCATE)
		error = plat_object_empty(step->path, &why);
	else if (hands->setup->guest->live && step->action == STEP_REMOVE)
		error = plat_object_remove(step->path, &why);
	else if (hands->setup->guest->live && step->action == STEP_DISABLE)
		error = plat_object_disable(step->path, &why);
	object_done(step, error, why);
}
