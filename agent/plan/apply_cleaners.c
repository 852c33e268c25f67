/* SPDX-License-Identifier: MIT */
#include "plan/apply_cleaners.h"

#include <string.h>

#include "base/error.h"
#include "base/fold.h"
#include "model/realm.h"

static void dress_finding(struct finding *finding, const struct cleaner *cleaner)
{
	if (!finding->name)
		finding->name = cleaner->name;
	if (finding->severity == SEVERITY_INFO && finding->kind != FINDING_NOTE)
		finding->severity = cleaner->severity;
	finding->class = cleaner->class;
	finding->confidence = CONFIDENCE_HIGH;
}

static void dress_step(struct step *step, const struct cleaner *cleaner)
{
	if (!step->name)
		step->name = cleaner->name;
	if (!step->why)
		step->why = mem_strdup(cleaner->why);
	step->class = cleaner->class;
	step->severity = cleaner->severity;
	unsigned last = cleaner_last(cleaner, step->path);
	if (last > step->last)
		step->last = last;
}

static void stay(struct plan *plan, const struct step *step, enum finding_kind kind,
		 const char *reason)
{
	struct finding *finding = plan_add_finding(plan, kind, step->name, step->path);
	finding->class = step->class;
	finding->severity = kind == FINDING_NOTE ? SEVERITY_INFO : step->severity;
	finding->confidence = CONFIDENCE_HIGH;
	finding->text = mem_strdup(reason);
	finding->target = step->target;
}

static bool is_allowed(const struct cleaning *cleaning, const struct cleaner *cleaner,
		       const char *path)
{
	const struct policy *policy = cleaning->policy;
	const char *home = guest_home_of(cleaning->guest, path);
	return policy_for(policy, cleaner->name, cleaner->class) == DISPOSE_KEEP ||
	       policy_allows(policy, cleaner->name, path, home, cleaning->guest->any_case,
			     NULL);
}

/* Whether the policy and the guard let a cleaner's step into the plan. */
static bool admit(struct plan *plan, struct step *step, const struct cleaner *cleaner,
		  const struct cleaning *cleaning, const struct guard *guard)
{
	enum disposition wanted = policy_for(cleaning->policy, cleaner->name, cleaner->class);
	if (is_allowed(cleaning, cleaner, step->path))
		return false;
	if (wanted == DISPOSE_REPORT) {
		stay(plan, step, FINDING_POSTURE,
		     "kept by the policy; the clone will carry it");
		return false;
	}
	const char *refusal = guard_refuses(guard, step->action, step->path, &step->target);
	if (refusal)
		stay(plan, step, FINDING_NOTE, refusal);
	return !refusal;
}

/* A later cleaner's new content was made from an earlier one's. */
static void put(struct plan *plan, struct step *step)
{
	vec_each(&plan->steps, before) {
		if (step->action != STEP_REPLACE || before->action != STEP_REPLACE ||
		    strcmp(before->path, step->path) != 0)
			continue;
		char *why = mem_printf("%s; %s", before->why, step->why);
		free(step->why);
		step->why = why;
		if (before->severity > step->severity)
			step->severity = before->severity;
		if (before->last > step->last)
			step->last = before->last;
		step_clear(before);
		*before = *step;
		return;
	}
	*vec_add(&plan->steps) = *step;
}

static bool is_claimed(const struct plan *own, const struct step *step)
{
	if (realm_of(step->path) == REALM_FILES)
		vec_each(&own->claimed, path)
			if (fold_compare(*path, step->path) == 0)
				return true;
	return false;
}

/* What is held open by the system goes by its own calls; what is found in it goes along. */
static void give_way(struct plan *plan, const struct plan *own)
{
	size_t kept = 0;
	for (size_t i = 0; i < plan->steps.n && own->claimed.n; i++) {
		struct step *step = &plan->steps.v[i];
		if (!is_claimed(own, step)) {
			plan->steps.v[kept++] = *step;
			continue;
		}
		*vec_add(&plan->claimed) = mem_strdup(step->path);
		step_clear(step);
	}
	if (own->claimed.n)
		plan->steps.n = kept;
}

static void apply(const struct cleaner *cleaner, const struct cleaning *cleaning,
		  const struct guard *guard, struct plan *plan)
{
	struct plan *own = plan_new();
	int r = cleaner->plan(cleaning, own);
	give_way(plan, own);
	if (r < 0) {
		struct finding *finding = plan_add_finding(own, FINDING_UNEXAMINED,
							   cleaner->name, "");
		finding->text = mem_printf("could not be examined: %s", error_text(r));
	}
	vec_each(&own->findings, finding) {
		dress_finding(finding, cleaner);
		if (is_allowed(cleaning, cleaner, finding->path))
			finding_clear(finding);
		else
			*vec_add(&plan->findings) = *finding;
	}
	vec_each(&own->steps, step) {
		dress_step(step, cleaner);
		if (admit(plan, step, cleaner, cleaning, guard))
			put(plan, step);
		else
			step_clear(step);
	}
	own->findings.n = own->steps.n = 0;
	plan_free(own);
}

void cleaners_apply(const struct cleaner *const *list, const struct cleaning *cleaning,
		    const struct guard *guard, const struct selection *selection,
		    struct plan *plan)
{
	struct cleaning so_far = *cleaning;
	so_far.plan = plan;
	for (; *list; list++)
		if ((*list)->os == cleaning->guest->os && (*list)->plan &&
		    selection_has(selection, (*list)->name, (*list)->class, "cleaners"))
			apply(*list, &so_far, guard, plan);
}

void cleaners_check(const struct cleaner *const *list, const struct cleaning *cleaning,
		    struct plan *plan)
{
	for (; *list; list++)
		if ((*list)->os == cleaning->guest->os && (*list)->check)
			(*list)->check(cleaning, plan);
}
