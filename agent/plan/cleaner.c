/* SPDX-License-Identifier: MIT */
#include "plan/cleaner.h"

#include <string.h>

unsigned cleaner_last(const struct cleaner *cleaner, const char *path)
{
	enum { BEHIND_ALL = 100 };
	bool final = cleaner->final && strcmp(path, cleaner->final) == 0;
	return final ? BEHIND_ALL : cleaner->last;
}

void cleaner_claim(struct plan *plan, const char *path)
{
	*vec_add(&plan->claimed) = mem_strdup(path);
}

struct step *cleaner_step_at(struct plan *plan, enum action action, const char *place,
			     const char *why)
{
	struct step *step = plan_add_step(plan, action, place);
	step->why = mem_strdup(why);
	return step;
}

int cleaner_step(const struct guest *guest, struct plan *plan, enum action action,
		 const char *path, const char *why, struct step **ret)
{
	struct plat_info info;
	char *real = NULL;
	const char *slash = strrchr(path, '/');
	char *folder = mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
	struct plat_dir *dir;
	/* Where the directory really lies, so that act need not follow a link. */
	int r = guest_dir(guest, folder, &dir, &real);
	free(folder);
	if (r < 0)
		return r;
	plat_dir_close(dir);
	char *place = mem_printf("%s%s", real[1] ? real : "", slash);
	free(real);
	r = action == STEP_CREATE ? 0 : guest_look(guest, place, &info);
	if (!r) {
		*ret = plan_add_step(plan, action, place);
		(*ret)->why = mem_strdup(why);
		if (action != STEP_CREATE)
			(*ret)->target = info;
		(*ret)->files = 1;
		(*ret)->bytes = action == STEP_CREATE ? 0 : info.size;
	}
	free(place);
	return r;
}
