/* SPDX-License-Identifier: MIT */
#include "verify/verify.h"

#include <string.h>

#include "base/str.h"

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
		qsort(ret->v, ret->n, sizeof *ret->v, compare_steps);
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

static void note_written_again(struct plan *left, const struct step *step)
{
	char bytes[16];
	struct finding *finding = plan_add_finding(left, FINDING_NOTE, step->name, step->path);
	finding->class = step->class;
	finding->confidence = CONFIDENCE_HIGH;
	finding->text = mem_printf(
		"written again by a running program since it was cleaned (%s)",
		str_bytes(step->bytes, bytes));
	finding->target = step->target;
}

void verify_compare(const struct plan *done, struct plan *left, const struct guest *guest)
{
	size_t kept = 0;
	index_of_steps all = {0};
	index_steps(done, &all);
	for (size_t i = 0; i < left->steps.n; i++) {
		struct step *step = &left->steps.v[i];
		const struct step *before = step_at(&all, step->path);
		if (guest->live && step->class == CLASS_TRACE && before &&
		    before->state == STEP_DONE) {
			note_written_again(left, step);
			step_clear(step);
		} else {
			left->steps.v[kept++] = *step;
		}
	}
	left->steps.n = kept;
	vec_free(&all);
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
