/* SPDX-License-Identifier: MIT */
#include "after.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"

enum { MOST_TEXT = 1 << 20 };

/* Whether the step keeps a path or a directory above it that is still inside. */
static bool kept(const struct step *step, const char *path)
{
	_cleanup_free_ char *place = mem_strdup(path);
	for (size_t top = strlen(step->path); strlen(place) > top; *strrchr(place, '/') = 0)
		if (step_keeps(step, false, place, PLAT_FILE))
			return true;
	return false;
}

static bool takes_away(const struct step *step, const char *path)
{
	size_t len = strlen(step->path);
	if (step->action != STEP_REMOVE && step->action != STEP_EMPTY_TREE)
		return false;
	if (strcmp(step->path, path) == 0)
		return step->action == STEP_REMOVE;
	return strncmp(step->path, path, len) == 0 && path[len] == '/' && !kept(step, path);
}

/* The last step that decides what stands at a path, or NULL. */
static const struct step *step_on(const struct plan *plan, const char *path)
{
	const struct step *found = NULL;
	if (plan)
		vec_each(&plan->steps, step)
			if (takes_away(step, path) ||
			    (step->action >= STEP_TRUNCATE && strcmp(step->path, path) == 0))
				found = step;
	return found;
}

/* Where a path lies; for what is not there yet, the path itself. */
static void locate(const struct guest *guest, const char *path, struct buf *ret)
{
	if (guest_home_of(guest, path) || guest_resolve(guest, path, ret) < 0) {
		buf_cut(ret, 0);
		buf_puts(ret, path);
	}
}

bool after_has(const struct guest *guest, const struct plan *plan, const char *path)
{
	_cleanup_(buf_free) struct buf real = {0};
	locate(guest, path, &real);
	const struct step *step = step_on(plan, buf_text(&real));
	if (step && takes_away(step, buf_text(&real)))
		return false;
	return step || guest_has(guest, buf_text(&real));
}

int after_read(const struct guest *guest, const struct plan *plan, const char *path,
	       size_t most, struct buf *ret)
{
	_cleanup_(buf_free) struct buf real = {0};
	locate(guest, path, &real);
	const struct step *step = step_on(plan, buf_text(&real));
	if (!step || step->action == STEP_REDACT)
		return guest_read(guest, buf_text(&real), most, ret);
	if (takes_away(step, buf_text(&real)))
		return -ENOENT;
	if (step->action != STEP_TRUNCATE)
		buf_add(ret, step->content, step->content_len);
	return 0;
}

bool after_text(const struct guest *guest, const struct plan *plan, const char *path,
		struct buf *ret)
{
	return after_read(guest, plan, path, MOST_TEXT, ret) == 0;
}
