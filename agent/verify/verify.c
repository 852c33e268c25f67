/* SPDX-License-Identifier: MIT */
#include "verify/verify.h"

#include <string.h>

#include "base/sort.h"
#include "base/str.h"
#include "model/realm.h"

/* What became of each path, the last word last. */
typedef VEC(const struct step *) index_of_steps;

static int compare_steps(const void *a, const void *b)
{
	const struct step *x = *(const struct step *const *)a,
			  *y = *(const struct step *const *)b;
	int order = strcmp(x->path, y->path);
	return order ? order : x < y ? -1 : x > y;
}

static void index_steps(const struct plan *plan, index_of_steps *ret)
{
	vec_each(&plan->steps, step)
		*vec_add(ret) = step;
	if (ret->n)
		sort_stable(ret->v, ret->n, sizeof *ret->v, compare_steps);
}

static const struct step *step_at(const index_of_steps *all, const char *path)
{
	size_t low = 0, high = all->n; /* the first one behind path */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(all->v[middle]->path, path) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low && strcmp(all->v[low - 1]->path, path) == 0 ? all->v[low - 1] : NULL;
}

static void note_written(struct plan *left, const struct step *step, const char *how)
{
	char bytes[16];
	struct finding *finding = plan_add_finding(left, FINDING_NOTE, step->name, step->path);
	finding->class = step->class;
	finding->confidence = CONFIDENCE_HIGH;
	finding->text = mem_printf("%s (%s)", how, str_bytes(step->bytes, bytes));
	finding->target = step->target;
}

/* Turns the steps that `is_note` tells of into notes. */
static void make_notes(struct plan *left, const char *how,
		       bool (*is_note)(const struct step *step, const void *context),
		       const void *context)
{
	size_t kept = 0;
	for (size_t i = 0; i < left->steps.n; i++) {
		struct step *step = &left->steps.v[i];
		if (step->class == CLASS_TRACE && is_note(step, context)) {
			note_written(left, step, how);
			step_clear(step);
		} else {
			left->steps.v[kept++] = *step;
		}
	}
	left->steps.n = kept;
}

static bool was_done(const struct step *step, const void *context)
{
	const struct step *before = step_at(context, step->path);
	return before && before->state == STEP_DONE;
}

void verify_compare(const struct plan *done, struct plan *left, const struct guest *guest)
{
	index_of_steps all = {0};
	if (!guest->live)
		return;
	index_steps(done, &all);
	make_notes(left, "written again by a running program since it was cleaned", was_done,
		   &all);
	vec_free(&all);
}

struct running {
	const struct guest *guest;
	const struct writers *writers;
};

/* All that lies in the directory are files that are empty or being written. */
static bool only_written(const struct running *running, const char *path)
{
	struct plat_dir *dir;
	struct plat_info info;
	const char *name;
	enum plat_kind kind;
	bool only = true;
	if (guest_dir(running->guest, path, &dir, NULL) < 0)
		return false;
	while (only && plat_dir_next(dir, &name, &kind) > 0)
		only = !plat_info_at(dir, name, &info) && info.kind == PLAT_FILE &&
		       (!info.size || writers_have(running->writers, info.id));
	plat_dir_close(dir);
	return only;
}

static bool is_written(const struct step *step, const void *context)
{
	const struct running *running = context;
	if (realm_of(step->path) != REALM_FILES)
		return str_starts(step->path, "eventlog:");
	return step->target.kind == PLAT_DIR ? only_written(running, step->path)
					     : writers_have(running->writers, step->target.id);
}

void verify_running(struct plan *left, const struct guest *guest, const struct writers *writers)
{
	const struct running running = {guest, writers};
	if (!guest->live)
		return;
	make_notes(left, "being written by a running program", is_written, &running);
}

bool verify_wants_again(const struct plan *done, const struct plan *left)
{
	bool again = false;
	index_of_steps all = {0};
	index_steps(done, &all);
	vec_each(&left->steps, step) {
		const struct step *before = step_at(&all, step->path);
		again |= !before || before->state == STEP_SKIPPED;
	}
	vec_free(&all);
	return again;
}
