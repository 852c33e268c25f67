/* SPDX-License-Identifier: MIT */
#include "model/plan.h"

#include <string.h>

#include "base/glob.h"
#include "base/sort.h"
#include "model/keyglob.h"
#include "model/realm.h"

static const char *const actions[] = {"remove",		 "empty-tree", "truncate", "redact",
				      "replace-content", "create",     "disable"};
static const char *const states[] = {"planned", "done", "skipped", "failed"};

const char *action_name(enum action action)
{
	return actions[action];
}

bool action_parse(const char *text, enum action *ret)
{
	for (size_t i = 0; i < STEP_ACTION_COUNT; i++) {
		if (strcmp(actions[i], text) == 0) {
			*ret = (enum action)i;
			return true;
		}
	}
	return false;
}

const char *step_state_name(enum step_state state)
{
	return states[state];
}

bool step_keeps(const struct step *step, bool any_case, const char *path, enum plat_kind kind)
{
	if (step->keep_sockets && kind == PLAT_SOCKET)
		return true;
	bool registry = realm_of(step->path) == REALM_REGISTRY;
	vec_each(&step->keep, glob)
		if (registry ? keyglob_fits(*glob, path) : glob_path_in(any_case, *glob, path))
			return true;
	return false;
}

struct plan *plan_new(void)
{
	return mem_alloc(sizeof(struct plan));
}

void step_clear(struct step *step)
{
	free(step->path);
	free(step->why);
	free(step->content);
	free(step->error);
	vec_each(&step->keep, glob)
		free(*glob);
	vec_free(&step->keep);
	vec_free(&step->ranges);
	vec_free(&step->taken);
	*step = (struct step){0};
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	vec_each(&plan->steps, step)
		step_clear(step);
	vec_each(&plan->findings, finding)
		finding_clear(finding);
	vec_each(&plan->known, finding)
		finding_clear(finding);
	vec_free(&plan->steps);
	vec_free(&plan->findings);
	vec_free(&plan->known);
	vec_each(&plan->claimed, path)
		free(*path);
	vec_free(&plan->claimed);
	free(plan->refusal);
	free(plan);
}

struct step *plan_add_step(struct plan *plan, enum action action, const char *path)
{
	struct step *step = vec_add(&plan->steps);
	step->action = action;
	step->path = mem_strdup(path);
	return step;
}

struct finding *plan_add_finding(struct plan *plan, enum finding_kind kind, const char *name,
				 const char *path)
{
	struct finding *finding = vec_add(&plan->findings);
	finding->kind = kind;
	finding->name = name;
	finding->path = mem_strdup(path);
	return finding;
}

static unsigned rank(const struct step *step)
{
	return step->action == STEP_CREATE ? 0 : 1 + step->last;
}

/* What is created is what a later step relies on. Then descending with what
 * divides names before every other byte: what lies below a directory or a key stands
 * right before it. */
static int compare_steps(const void *a, const void *b)
{
	const struct step *first = a, *second = b;
	if (rank(first) != rank(second))
		return rank(first) < rank(second) ? -1 : 1;
	const unsigned char *x = (const unsigned char *)second->path;
	const unsigned char *y = (const unsigned char *)first->path;
	while (*x && *x == *y) {
		x++;
		y++;
	}
	int left = *x == (uint8_t)realm_separator(second->path) ? 1 : *x ? *x + 1 : 0;
	int right = *y == (uint8_t)realm_separator(first->path) ? 1 : *y ? *y + 1 : 0;
	return left - right;
}

static int compare_findings(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	int order = strcmp(x->path, y->path);
	if (order)
		return order;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

void plan_sort(struct plan *plan)
{
	sort_stable(plan->steps.v, plan->steps.n, sizeof *plan->steps.v, compare_steps);
	sort_stable(plan->findings.v, plan->findings.n, sizeof *plan->findings.v,
		    compare_findings);
	sort_stable(plan->known.v, plan->known.n, sizeof *plan->known.v, compare_findings);
}

static int compare_targets(const void *a, const void *b)
{
	return strcmp(((const struct step *)a)->path, ((const struct step *)b)->path);
}

void plan_take_over(struct plan *to, struct plan *from)
{
	size_t kept = 0;
	sort_stable(from->steps.v, from->steps.n, sizeof *from->steps.v, compare_targets);
	vec_each(&to->steps, step) {
		if (step->state != STEP_DONE && from->steps.n &&
		    bsearch(step, from->steps.v, from->steps.n, sizeof *step, compare_targets))
			step_clear(step);
		else
			to->steps.v[kept++] = *step;
	}
	to->steps.n = kept;
	vec_each(&from->steps, step)
		*vec_add(&to->steps) = *step;
	from->steps.n = 0;
}

bool plan_has_failed(const struct plan *plan)
{
	vec_each(&plan->steps, step)
		if (step->state == STEP_FAILED)
			return true;
	return false;
}
