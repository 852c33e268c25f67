/* SPDX-License-Identifier: MIT */
/* Steps at places that are no files: values and keys of the registry, and what only calls
 * of the system reach. */
#include <errno.h>

#include "act/hands.h"
#include "base/cleanup.h"
#include "model/realm.h"

static void object_done(struct step *step, int error, char *why)
{
	if (error == -ENOENT)
		hands_done(step, "was gone already");
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

static int registry_act(const struct step *step)
{
	size_t key_len;
	const char *name = realm_value(step->path, &key_len);
	_cleanup_free_ char *key = mem_strndup(step->path, key_len);
	if (step->action != STEP_REMOVE)
		return -EOPNOTSUPP;
	return name ? plat_value_remove(key, name) : plat_key_remove(key);
}

void hands_registry(const struct hands *hands, struct step *step)
{
	int error = hands->setup->guest->live ? registry_act(step) : -EOPNOTSUPP;
	object_done(step, error, NULL);
}
