/* SPDX-License-Identifier: MIT */
#include "verify/verify.h"

#include <string.h>

#include "base/str.h"

static const struct step *step_at(const struct plan *plan, const char *path)
{
	vec_each(&plan->steps, step)
		if (strcmp(step->path, path) == 0)
			return step;
	return NULL;
}

static void note_written_again(struct plan *left, const struct step *step)
{
	char bytes[16];
	struct finding *finding =
		plan_add_finding(left, FINDING_NOTE, step->name, step->path);
	finding->class = step->class;
	finding->confidence = CONFIDENCE_HIGH;
	finding->text = mem_printf("written again by a running program since it was cleaned (%s)",
				   str_bytes(step->bytes, bytes));
	finding->target = step->target;
}

void verify_compare(const struct plan *done, struct plan *left, const struct guest *guest)
{
	size_t kept = 0;
	for (size_t i = 0; i < left->steps.n; i++) {
		struct step *step = &left->steps.v[i];
		const struct step *before = step_at(done, step->path);
		if (guest->live && step->class == CLASS_TRACE && before &&
		    before->state == STEP_DONE) {
			note_written_again(left, step);
			step_clear(step);
		} else {
			left->steps.v[kept++] = *step;
		}
	}
	left->steps.n = kept;
}

bool verify_wants_again(const struct plan *done, const struct plan *left)
{
	vec_each(&left->steps, step) {
		const struct step *before = step_at(done, step->path);
		if (!before || before->state == STEP_SKIPPED)
			return true;
	}
	return false;
}
